//! What a merge did by itself: what neither side of it brought, and what it left out.
//!
//! A merge is made once more, object by object and field by field: what it says should be what one side said where only
//! that side changed something.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::Comparer;
use crate::{
    impact::semantic::{Change, Subject, What},
    source::{Ancestry, Commit, GitError},
};

/// Something that a merge did by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeNote {
    /// It changed something that neither side had so.
    Made(Subject),
    /// It left out what the merged side had changed.
    Dropped(Subject),
    /// Both sides had changed it, and somebody decided.
    Resolved(Subject),
    /// It has more than two parents, or they have none or several merge bases, so that nobody knows what it should be.
    NotRepeated,
}

/// What is different about a merge from what its sides say.
pub(super) fn notes(
    ancestry: &mut Ancestry<'_>,
    comparer: &Comparer<'_>,
    commit: &Commit,
    arrived: &[Change],
) -> Result<Vec<MergeNote>, GitError> {
    let (one, other) = match commit.parents.as_slice() {
        [] | [_] => return Ok(Vec::new()),
        [one, other] => (*one, *other),
        _ => return Ok(vec![MergeNote::NotRepeated]),
    };
    let objects = comparer.trees.objects();
    if !objects.has(other) || !objects.has(one) {
        return Ok(vec![MergeNote::NotRepeated]);
    }
    // A commit on the way that cannot be read is no reason to show nothing of the history.
    let bases = ancestry.bases(one, other).unwrap_or_default();
    let [base] = bases.as_slice() else { return Ok(vec![MergeNote::NotRepeated]) };
    let tree = |id| objects.commit(id).map(|commit| Some(commit.tree));
    let (base, into, merged) = (tree(*base)?, tree(one)?, tree(other)?);
    if into == Some(commit.tree) && merged == base {
        return Ok(Vec::new());
    }
    let brought = comparer.compare(base, merged)?.changes;
    let meanwhile = comparer.compare(base, into)?.changes;
    let (arrived, brought, meanwhile) = (prints(arrived), prints(&brought), prints(&meanwhile));
    let mut notes = Vec::new();
    let subjects: BTreeSet<&Subject> = arrived.keys().chain(brought.keys()).copied().collect();
    let none = BTreeSet::new();
    for subject in subjects {
        let of = |side: &BTreeMap<&Subject, BTreeSet<String>>| side.get(subject).cloned().unwrap_or_default();
        let (arrived, brought, meanwhile) = (of(&arrived), of(&brought), of(&meanwhile));
        let expected: BTreeSet<String> = brought.difference(&meanwhile).cloned().collect();
        if arrived == expected {
            continue;
        }
        let subject = subject.clone();
        notes.push(if brought == none {
            MergeNote::Made(subject)
        } else if meanwhile != none {
            MergeNote::Resolved(subject)
        } else if arrived == none {
            MergeNote::Dropped(subject)
        } else {
            MergeNote::Made(subject)
        });
    }
    Ok(notes)
}

/// The changes of each subject, by their fingerprints.
fn prints(changes: &[Change]) -> BTreeMap<&Subject, BTreeSet<String>> {
    let all = |change: &Change| match &change.what {
        What::Changed(edits) => edits.iter().map(|edit| edit.fingerprint(&change.subject)).collect(),
        _ => change.fingerprint().into_iter().collect(),
    };
    changes.iter().map(|change| (&change.subject, all(change))).collect()
}
