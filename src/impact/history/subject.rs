//! What somebody asks the history about, under the names that it had over time.

use crate::{
    impact::semantic::{Change, Edit, EditKind, Subject, What},
    model::Kind,
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
