//! Whether a commit loosened or tightened what is decided.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    cli::diff::consequences,
    impact::{decisions::Budget, history::Step},
    lint,
    load::{self, LoadError, Loaded},
    report::{history::Decided, impact::Consequences},
    source::{Commit, ObjectId, Repository, Revision},
};

/// Compares how commits decide with how their first parents do.
pub(super) struct Decisions<'r> {
    repository: &'r Repository,
    /// The instant as of which both sides decide, so that only the rulebook makes a difference.
    now: Timestamp,
    /// The rulebook that was read last, by its tree: what a commit is held against is the next one of a walk.
    last: Option<(ObjectId, Loaded)>,
}

impl<'r> Decisions<'r> {
    pub(super) fn new(repository: &'r Repository, now: Option<Timestamp>) -> Self {
        Self { repository, now: now.unwrap_or_else(Timestamp::now), last: None }
    }

    /// What a commit decides otherwise than its first parent.
    pub(super) fn of(&mut self, step: &Step) -> Decided {
        let consequences = self.compare(step).unwrap_or_else(Consequences::NotCompared);
        Decided::new(&consequences)
    }

    fn compare(&mut self, step: &Step) -> Result<Consequences, String> {
        let said = |error: &dyn std::error::Error| error.to_string();
        let parent = step.commit.parents.first();
        let parent = parent.map(|parent| self.repository.commit(*parent)).transpose();
        let parent = parent.map_err(|error| said(&error))?;
        let after = self.read(Some(&step.commit))?;
        let before = self.read(parent.as_ref())?;
        let found = consequences::decisions(&before, &after, Some(self.now), (Budget::default(), false));
        self.last = parent.map(|parent| (parent.tree, before));
        Ok(found)
    }

    /// The rulebook of a commit with its findings; an empty one where there is none.
    fn read(&mut self, commit: Option<&Commit>) -> Result<Loaded, String> {
        let Some(commit) = commit else { return Ok(Loaded::default()) };
        if let Some((_, known)) = self.last.take_if(|(tree, _)| *tree == commit.tree) {
            return Ok(known);
        }
        let source = Revision::new(self.repository, commit.clone(), self.repository.below());
        let source = source.map_err(|error| error.to_string())?;
        match load::load(&source) {
            Ok(mut loaded) => {
                let zone = loaded.rulebook.settings.project.time_zone.resolve().unwrap_or(TimeZone::UTC);
                lint::run(&mut loaded, self.now.to_zoned(zone).date());
                Ok(loaded)
            }
            Err(LoadError::NotARepository { .. }) => Ok(Loaded::default()),
            Err(error @ LoadError::Source(_)) => Err(format!("{:#}", anyhow::Error::new(error))),
        }
    }
}
