//! What a merge did by itself: what neither of its parents has so, what it left out, and what it took back.
//!
//! A merge is made once more, object by object and field by field: what it says should be what one side said where only
//! that side changed something. What it says is held against both of its parents, and each of them against the commit from
//! which both went out.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    compare::Comparer,
    missing::{About, Missing},
    touched::{Atom, atoms, changes},
};
use crate::{
    impact::semantic::{Change, Subject, What},
    source::{Ancestry, Commit, GitError, ObjectId},
};

/// Something that a merge did by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeNote {
    /// What it did.
    pub did: Deed,
    /// What it did it to, with the fields: one object, but for a merge that cannot be made once more, of which it is
    /// everything that one of its parents has otherwise; nothing where that is not known either.
    pub about: Vec<Change>,
}

/// What a merge did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// It changed something that neither parent has so: what is told is the change.
    Made,
    /// It left out what the merged side had changed: what is told is what that side had changed.
    Dropped,
    /// It took back what the side it went into had changed: what is told is the change.
    Undone,
    /// Both sides had changed it, and somebody decided: what is told is what the merged side had changed.
    Resolved,
    /// It has more than two parents, they have none or several merge bases, or something of it cannot be read, so that nobody
    /// knows what it should be.
    NotRepeated,
}

/// What is different about a merge from what its sides say, and what of that is not known.
pub(super) fn notes(
    ancestry: &mut Ancestry<'_>,
    comparer: &Comparer<'_>,
    commit: &Commit,
    arrived: &[Change],
) -> Result<(Vec<MergeNote>, Vec<Missing>), GitError> {
    let mut missing = Vec::new();
    match repeated(ancestry, comparer, commit, arrived, &mut missing) {
        Ok(notes) if missing.is_empty() => return Ok((notes, missing)),
        Ok(_) => {}
        Err(error) => missing.push(Missing::because(About::Merge, error)?),
    }
    Ok((vec![MergeNote { did: Deed::NotRepeated, about: Vec::new() }], missing))
}

fn repeated(
    ancestry: &mut Ancestry<'_>,
    comparer: &Comparer<'_>,
    commit: &Commit,
    arrived: &[Change],
    missing: &mut Vec<Missing>,
) -> Result<Vec<MergeNote>, GitError> {
    let objects = comparer.trees.objects();
    let tree = |id: ObjectId| objects.commit(id).map(|commit| commit.tree);
    let mut compare = |before: ObjectId, after: ObjectId| {
        let found = comparer.compare(Some(before), Some(after))?;
        missing.extend(found.missing.into_iter().map(|one| Missing { about: About::Merge, ..one }));
        Ok::<_, GitError>(found.changes)
    };
    let [one, other] = commit.parents.as_slice() else {
        let mut about = arrived.to_vec();
        for parent in commit.parents.iter().skip(1) {
            about.extend(compare(tree(*parent)?, commit.tree)?);
        }
        return Ok(not_repeated(about));
    };
    let (into, merged) = (tree(*one)?, tree(*other)?);
    let against = compare(merged, commit.tree)?;
    let bases = ancestry.bases(*one, *other)?;
    let [base] = bases.as_slice() else {
        return Ok(not_repeated([arrived, &against].concat()));
    };
    let base = tree(*base)?;
    if into == commit.tree && merged == base {
        return Ok(Vec::new());
    }
    let (brought, meanwhile) = (compare(base, merged)?, compare(base, into)?);
    Ok(Sides { arrived, against: &against, brought: &brought, meanwhile: &meanwhile }.notes())
}

/// Where all parents say the same as the merge, it did nothing, whatever it should have been.
fn not_repeated(about: Vec<Change>) -> Vec<MergeNote> {
    if about.is_empty() { Vec::new() } else { vec![MergeNote { did: Deed::NotRepeated, about }] }
}

/// What the commits of a merge say differently.
struct Sides<'c> {
    /// The merge, from its first parent.
    arrived: &'c [Change],
    /// The merge, from its other parent.
    against: &'c [Change],
    /// The other parent, from the merge base.
    brought: &'c [Change],
    /// The first parent, from the merge base.
    meanwhile: &'c [Change],
}

impl Sides<'_> {
    fn notes(&self) -> Vec<MergeNote> {
        // Everything is called as in the merge, whatever it was called on the side.
        let (in_first, in_other) = (names(self.arrived), names(self.against));
        let arrived = atoms(self.arrived, &BTreeMap::new());
        let against = atoms(self.against, &BTreeMap::new());
        let brought = atoms(self.brought, &in_other);
        let meanwhile = atoms(self.meanwhile, &in_first);
        // What the side that it went into calls otherwise now, and the other side changed under the name of before.
        let renamed = names(self.meanwhile);
        let subjects: BTreeSet<&Subject> = arrived.keys().chain(against.keys()).collect();
        let mut notes = Vec::new();
        for subject in subjects {
            let of = |side: &BTreeMap<Subject, Vec<Atom>>| side.get(subject).cloned().unwrap_or_default();
            let (arrived, against) = (of(&arrived), of(&against));
            let (brought, meanwhile) = (of(&brought), of(&meanwhile));
            let touched = |side: &[Atom], atom: &Atom| side.iter().any(|other| other.touches(atom));
            let mut found: BTreeMap<Deed, Vec<Atom>> = BTreeMap::new();
            for atom in &arrived {
                let (one, other) = (touched(&meanwhile, atom), touched(&brought, atom));
                let own = touched(&against, atom);
                let did = match (one, other) {
                    (true, true) => Deed::Resolved,
                    (_, _) if own => Deed::Made,
                    (false, true) => continue,
                    (true, false) => Deed::Undone,
                    (false, false) => Deed::Made,
                };
                found.entry(did).or_default().push(atom.clone());
            }
            for atom in against.iter().filter(|atom| !touched(&arrived, atom)) {
                let did = match (touched(&meanwhile, atom), touched(&brought, atom)) {
                    (true, true) => Deed::Resolved,
                    (true, false) => continue,
                    (false, true) => Deed::Dropped,
                    (false, false) => Deed::Made,
                };
                found.entry(did).or_default().push(atom.clone());
            }
            for (did, atoms) in found {
                // Of what was left out, what the other side had changed says what is not there now.
                let lost: Vec<Atom> = match did {
                    Deed::Dropped | Deed::Resolved => {
                        brought.iter().filter(|theirs| touched(&atoms, theirs)).cloned().collect()
                    }
                    _ => Vec::new(),
                };
                let told = if lost.is_empty() { atoms } else { lost };
                notes.push(MergeNote { did, about: changes(renamed.get(subject).unwrap_or(subject), told) });
            }
        }
        notes
    }
}

/// What objects of a parent are called in the merge, where it is something else.
fn names(changes: &[Change]) -> BTreeMap<Subject, Subject> {
    let renamed = changes.iter().filter_map(|change| match (&change.what, &change.subject) {
        (What::Renamed { from }, Subject::Object(kind, _)) => {
            Some((Subject::Object(*kind, from.clone()), change.subject.clone()))
        }
        _ => None,
    });
    renamed.collect()
}
