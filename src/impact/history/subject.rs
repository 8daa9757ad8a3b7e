//! What somebody asks the history about, under the names that it had over time.

use std::collections::HashMap;

use super::{MergeNote, Step, Walk};
use crate::{
    impact::semantic::{Change, Edit, EditKind, Subject, What},
    model::Kind,
    source::{GitError, ObjectId},
};

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Everything.
    All,
    /// The settings.
    Settings,
    /// Every object of a kind.
    Kind(Kind),
    /// An object, or a part of it such as a rule, under the names that they have now.
    Object {
        /// The kind.
        kind: Kind,
        /// The id.
        id: String,
        /// The id of the part.
        part: Option<String>,
    },
}

impl Wanted {
    /// The changes among these that are asked about, each with the fields that are. Names are followed: what a change
    /// renamed is afterwards looked for under the name that it had before, since the walk goes back in time.
    pub fn select(&mut self, changes: Vec<Change>) -> Vec<Change> {
        match self {
            Self::All => changes,
            Self::Settings => of(changes, |subject| *subject == Subject::Settings),
            Self::Kind(kind) => {
                let kind = *kind;
                of(changes, |subject| subject.kind() == Some(kind))
            }
            Self::Object { kind, id, part } => {
                let subject = Subject::Object(*kind, id.clone());
                let mut found = of(changes, |other| *other == subject);
                if let Some(part) = part {
                    for change in &mut found {
                        if let What::Changed(edits) = &mut change.what {
                            edits.retain(|edit| concerns(edit, part));
                            let renamed = edits.iter().find_map(|edit| match &edit.what {
                                EditKind::Renamed { from } if edit.path.last() == Some(part) => {
                                    Some(from.clone())
                                }
                                _ => None,
                            });
                            if let Some(from) = renamed {
                                *part = from;
                            }
                        }
                    }
                    found.retain(|change| !matches!(&change.what, What::Changed(edits) if edits.is_empty()));
                }
                if let Some(Change { what: What::Renamed { from }, .. }) = found.first() {
                    id.clone_from(from);
                }
                found
            }
        }
    }

    /// Whether it is one object, whose name can change.
    const fn is_object(&self) -> bool {
        matches!(self, Self::Object { .. })
    }

    /// Whether something that a note is about is asked about.
    #[must_use]
    pub fn wants(&self, subject: &Subject) -> bool {
        match self {
            Self::All => true,
            Self::Settings => *subject == Subject::Settings,
            Self::Kind(kind) => subject.kind() == Some(*kind),
            Self::Object { kind, id, .. } => {
                matches!(subject, Subject::Object(of, other) if of == kind && other == id)
            }
        }
    }
}

/// What is asked about, under the names that it had at each commit that is still to come: on one side of a merge it can
/// have had another one than on the other.
#[derive(Debug)]
pub struct Following {
    names: HashMap<ObjectId, Vec<Wanted>>,
}

/// What a commit has to do with what is asked about.
#[derive(Debug)]
pub struct Selected {
    /// The changes of it that are shown.
    pub changes: Vec<Change>,
    /// What was asked about, under the names before the commit and after it.
    asked: Vec<Wanted>,
}

impl Selected {
    /// Whether something that a note is about is asked about.
    #[must_use]
    pub fn wants(&self, subject: &Subject) -> bool {
        self.asked.iter().any(|wanted| wanted.wants(subject))
    }
}

impl Following {
    /// Begins with the names that things have at a commit.
    #[must_use]
    pub fn new(from: ObjectId, wanted: Wanted) -> Self {
        Self { names: HashMap::from([(from, vec![wanted])]) }
    }

    /// Looks at the next commit of a walk. Of a merge whose sides are shown as well, only what it did by itself is.
    ///
    /// # Errors
    /// When an object of the repository cannot be read.
    pub fn select(&mut self, walk: &Walk<'_>, step: &Step) -> Result<Selected, GitError> {
        let names = self.names.remove(&step.commit.id).unwrap_or_default();
        let others = walk.other_parents(&step.commit, names.iter().any(Wanted::is_object))?;
        let mut changes: Vec<Change> = Vec::new();
        let mut asked = names.clone();
        for mut wanted in names {
            for (parent, changes) in &others {
                let mut there = wanted.clone();
                there.select(changes.clone());
                self.follow(*parent, there);
            }
            let found = wanted.select(step.difference.changes.clone());
            // Two names at one commit lead to two objects, so that there is little to hold against each other.
            let new = |change: &Change| changes.is_empty() || !changes.contains(change);
            let found: Vec<Change> = found.into_iter().filter(new).collect();
            changes.extend(found);
            asked.push(wanted.clone());
            if let Some(parent) = step.commit.parents.first() {
                self.follow(*parent, wanted);
            }
        }
        if !others.is_empty() {
            let own = |change: &Change| {
                step.merge.iter().any(|note| match note {
                    MergeNote::Made(subject) | MergeNote::Dropped(subject) | MergeNote::Resolved(subject) => {
                        *subject == change.subject
                    }
                    MergeNote::NotRepeated => true,
                })
            };
            changes.retain(own);
        }
        Ok(Selected { changes, asked })
    }

    fn follow(&mut self, parent: ObjectId, wanted: Wanted) {
        let names = self.names.entry(parent).or_default();
        if !names.contains(&wanted) {
            names.push(wanted);
        }
    }
}

fn of(changes: Vec<Change>, wanted: impl Fn(&Subject) -> bool) -> Vec<Change> {
    changes.into_iter().filter(|change| wanted(&change.subject)).collect()
}

/// Whether an edit is about a part: it stands in its path, or among those whose order changed.
fn concerns(edit: &Edit, part: &str) -> bool {
    let order = match &edit.what {
        EditKind::Order { moved, .. } => moved.iter().any(|moved| moved == part),
        _ => false,
    };
    order || edit.path.get(1).is_some_and(|id| id == part)
}
