//! The rows of one ticket, put together.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use super::row::Said;
use crate::simulate::replay::Reject;

/// The rows of one ticket.
#[derive(Debug)]
pub(super) struct Rowed<'a> {
    pub(super) id: String,
    /// What its rows say, with the row and line of each.
    pub(super) said: Vec<(u64, u64, Said<'a>)>,
    /// A row of it that cannot be used.
    pub(super) broken: Option<u64>,
}

/// A ticket whose rows do not stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scattered {
    pub(super) id: String,
    pub(super) row: u64,
}

/// Puts rows together as they come. Of each ticket that is done only a hash is kept, so that it is noticed when more of
/// its rows come later.
#[derive(Debug, Default)]
pub(super) struct Groups<'a> {
    open: Option<Rowed<'a>>,
    done: HashSet<u64>,
    /// A row that is no row, and may belong to the ticket around it.
    doubtful: Option<u64>,
}

impl<'a> Groups<'a> {
    /// Adds a row. The ticket before it is handed out when it is complete.
    pub(super) fn add(
        &mut self,
        row: u64,
        line: u64,
        said: Result<Said<'a>, (Option<String>, Reject)>,
    ) -> Result<Option<Rowed<'a>>, Scattered> {
        let (id, said) = match said {
            Ok(said) => (said.ticket.clone(), Some(said)),
            Err((Some(id), _)) => (id, None),
            Err((None, _)) => {
                self.doubtful = Some(row);
                return Ok(None);
            }
        };
        let doubtful = self.doubtful.take();
        let same = self.open.as_ref().is_some_and(|open| open.id == id);
        let complete = if same { None } else { self.open.take() };
        if !same && !self.done.insert(hash(&id)) {
            return Err(Scattered { id, row });
        }
        let open = self.open.get_or_insert_with(|| Rowed { id, said: Vec::new(), broken: None });
        match said {
            Some(said) => open.said.push((row, line, said)),
            None => open.broken = open.broken.or(Some(row)),
        }
        if same {
            open.broken = open.broken.or(doubtful);
        }
        Ok(complete)
    }

    /// The last ticket.
    pub(super) fn finish(&mut self) -> Option<Rowed<'a>> {
        self.open.take()
    }
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
