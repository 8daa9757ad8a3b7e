//! What somebody asks the history about, under the names that it had over time.

use std::collections::HashMap;

use serde_json::Value;

use super::{Deed, MergeNote, Missing, Step, Walk, touched};
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
                let mut found = named(changes, *kind, id);
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

    /// Whether something is asked about.
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

    /// Whether what is not known can be something that is asked about.
    fn may_be(&self, missing: &Missing) -> bool {
        match self {
            Self::All => true,
            Self::Settings => missing.may_be(None),
            Self::Kind(kind) | Self::Object { kind, .. } => missing.may_be(Some(*kind)),
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
    /// What a merge did by itself to what is asked about.
    pub merge: Vec<MergeNote>,
    /// What is not known, and can be about what is asked.
    pub missing: Vec<Missing>,
    /// What was asked about, under the names before the commit and after it.
    asked: Vec<Wanted>,
}

impl Selected {
    /// Whether something is asked about.
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
            for (parent, difference) in &others {
                let mut there = wanted.clone();
                there.select(difference.changes.clone());
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
            let open = step.merge.iter().any(|note| note.did == Deed::NotRepeated);
            let own: Vec<&Change> = step.merge.iter().flat_map(|note| &note.about).collect();
            changes = changes.into_iter().filter_map(|change| touched::within(change, &own, open)).collect();
        }
        let mut merge: Vec<MergeNote> = Vec::new();
        for note in &step.merge {
            let found = if note.about.is_empty() { Some(note.clone()) } else { about(&asked, note) };
            merge.extend(found.filter(|found| !merge.contains(found)));
        }
        let others = others.into_iter().flat_map(|(_, difference)| difference.missing);
        let mut missing: Vec<Missing> = step.difference.missing.iter().cloned().chain(others).collect();
        missing.retain(|one| asked.iter().any(|wanted| wanted.may_be(one)));
        Ok(Selected { changes, merge, missing, asked })
    }

    fn follow(&mut self, parent: ObjectId, wanted: Wanted) {
        let names = self.names.entry(parent).or_default();
        if !names.contains(&wanted) {
            names.push(wanted);
        }
    }
}

/// What an object is called where a walk begins that had another name earlier, along all names that it was given since;
/// none where nothing took that name over, or what was called so is gone.
///
/// # Errors
/// When an object of the repository cannot be read.
pub fn called_now(walk: &mut Walk<'_>, kind: Kind, id: &str) -> Result<Option<String>, GitError> {
    // The walk goes back in time: what became of a name later is known before it is given.
    let mut later: HashMap<String, String> = HashMap::new();
    while let Some(step) = walk.step()? {
        for change in step.difference.changes {
            let Subject::Object(of, name) = change.subject else { continue };
            if of != kind {
                continue;
            }
            match change.what {
                What::Renamed { from } => {
                    let end = later.get(&name).cloned().unwrap_or(name);
                    if from == id {
                        return Ok(Some(end));
                    }
                    later.insert(from, end);
                }
                // Something else is called so, or was: also where what it says cannot be read as a whole.
                What::Removed | What::Added if name == id => return Ok(None),
                // What was called so before that is something else.
                What::Added => {
                    later.remove(&name);
                }
                What::Removed | What::Changed(_) => {}
            }
        }
    }
    Ok(None)
}

fn of(changes: Vec<Change>, wanted: impl Fn(&Subject) -> bool) -> Vec<Change> {
    changes.into_iter().filter(|change| wanted(&change.subject)).collect()
}

/// The changes of an object: of what is called so afterwards, or else of what was called so before.
fn named(changes: Vec<Change>, kind: Kind, id: &str) -> Vec<Change> {
    let subject = Subject::Object(kind, id.to_owned());
    let left = |change: &Change| {
        change.subject.kind() == Some(kind) && matches!(&change.what, What::Renamed { from } if from == id)
    };
    let there = changes.iter().any(|change| change.subject == subject);
    let wanted = |change: &Change| if there { change.subject == subject } else { left(change) };
    changes.into_iter().filter(wanted).collect()
}

/// A note without what nobody asked about; none when nothing is left.
fn about(asked: &[Wanted], note: &MergeNote) -> Option<MergeNote> {
    let mut about: Vec<Change> = Vec::new();
    for wanted in asked {
        let found = wanted.clone().select(note.about.clone());
        about.extend(found.into_iter().filter(|change| !about.contains(change)).collect::<Vec<_>>());
    }
    (!about.is_empty()).then(|| MergeNote { did: note.did, about })
}

/// Whether an edit is about a part: it stands in its path or in what is new or gone as a whole, is or was its name, or is among
/// those whose order changed.
fn concerns(edit: &Edit, part: &str) -> bool {
    let inside = edit.path.get(1).is_some_and(|id| id == part);
    inside
        || match &edit.what {
            EditKind::Order { moved, .. } => moved.iter().any(|moved| moved == part),
            EditKind::Renamed { from } => from == part,
            EditKind::Value { before, after, .. } => {
                let of =
                    |value: &Option<Value>| value.as_ref().and_then(|value| part_of(value, part)).cloned();
                edit.path.len() == 1 && of(before) != of(after)
            }
            EditKind::Entries { .. } => false,
        }
}

/// A part of a list or a table of parts.
fn part_of<'v>(parts: &'v Value, part: &str) -> Option<&'v Value> {
    match parts {
        Value::Array(parts) => parts.iter().find(|one| one.get("id").is_some_and(|id| id == part)),
        parts => parts.get(part),
    }
}
