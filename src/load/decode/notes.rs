//! Which value is being read, and the references on the way.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    fmt::Write as _,
};

use super::Seen;
use crate::{
    diag::Span,
    load::tree::escape,
    model::{
        Kind, Target,
        id::{self, ENTITLEMENT_REFERENCE, PRIORITY, SELECTOR},
    },
};

/// What is known while an object is read.
#[derive(Debug, Default)]
pub(super) struct Notes {
    path: RefCell<Vec<Segment>>,
    /// The references so far.
    pub(super) seen: RefCell<Vec<Seen>>,
    /// Values that are read as if they were not there, as JSON pointers below the object.
    pub(super) left_out: BTreeSet<Box<str>>,
    /// How many values were read.
    pub(super) values: Cell<usize>,
}

/// A step from a table or list to a value in it.
#[derive(Debug, Clone)]
pub(super) enum Segment {
    Key(String),
    Index(usize),
}

impl Notes {
    /// Does something inside of a value.
    pub(super) fn within<T>(&self, segment: Segment, read: impl FnOnce() -> T) -> T {
        self.values.set(self.values.get() + 1);
        self.path.borrow_mut().push(segment);
        let result = read();
        self.path.borrow_mut().pop();
        result
    }

    /// Whether the value at a step from here is read as if it were not there.
    pub(super) fn leaves_out(&self, segment: impl FnOnce() -> Segment) -> bool {
        !self.left_out.is_empty() && self.within(segment(), || self.left_out.contains(&self.pointer()))
    }

    /// The value that is being read.
    pub(super) fn pointer(&self) -> Box<str> {
        let mut pointer = String::new();
        for segment in self.path.borrow().iter() {
            // Writing to a string cannot fail.
            let _ = match segment {
                Segment::Key(key) => write!(pointer, "/{}", escape(key)),
                Segment::Index(index) => write!(pointer, "/{index}"),
            };
        }
        pointer.into()
    }

    /// Notes what a text refers to that is read through a newtype.
    pub(super) fn see(&self, newtype: &str, text: &str, span: Span) {
        if let Some(to) = target(newtype, text) {
            self.seen.borrow_mut().push(Seen { field: self.pointer(), span, to });
        }
    }
}

/// What a string read through a reserved newtype refers to.
fn target(newtype: &str, text: &str) -> Option<Target> {
    let object = |kind, id: &str, part: Option<&str>| Target::Object {
        kind,
        id: id.into(),
        part: part.map(Into::into),
    };
    match newtype {
        PRIORITY => Some(Target::Priority(text.into())),
        ENTITLEMENT_REFERENCE => {
            let (service, entitlement) = text.split_once('/')?;
            Some(object(Kind::Service, service, Some(entitlement)))
        }
        SELECTOR => {
            let (prefix, rest) = text.split_once(':')?;
            let (id, part) = rest.split_once('/').map_or((rest, None), |(id, part)| (id, Some(part)));
            match prefix {
                "role" => None,
                "on-call" => Some(object(Kind::Team, id, None)),
                _ => Some(object(Kind::from_name(prefix)?, id, part)),
            }
        }
        _ => Some(object(Kind::from_name(newtype.strip_prefix(id::REFERENCE)?)?, text, None)),
    }
}
