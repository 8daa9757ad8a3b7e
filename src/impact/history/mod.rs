//! How a rulebook came to say what it says: the commits that changed its meaning, from the newest to the oldest.
//!
//! Of each commit only the files are read that it changed. Parents are those that the commits name; dates are shown and
//! never decide an order.

mod blame;
mod compare;
mod files;
mod merge;
mod subject;

pub use blame::{Attribution, Leaf, PLACE, blame};
pub use compare::Difference;
pub use merge::MergeNote;
pub use subject::Wanted;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::{
    impact::semantic::Side,
    source::{Commit, GitError, ObjectId, Objects, Repository},
};
use compare::Comparer;
use files::Trees;

/// How many commits are compared at once.
const AT_ONCE: usize = 256;
/// How far back a version of a file is looked for that can be read.
const FAR_BACK: usize = 1_000;

/// A commit with what it changed.
#[derive(Debug, Clone)]
pub struct Step {
    /// The commit.
    pub commit: Commit,
    /// What it says otherwise than its first parent.
    pub difference: Difference,
    /// What a merge did by itself.
    pub merge: Vec<MergeNote>,
    /// Whether its first parent is missing, so that nobody knows what it changed.
    pub cut_off: bool,
}

/// Walks from a commit to the beginning along first parents.
#[derive(Debug)]
pub struct Walk<'r> {
    repository: &'r Repository,
    comparer: Comparer<'r>,
    next: Option<ObjectId>,
    ready: std::vec::IntoIter<Step>,
}

impl<'r> Walk<'r> {
    /// A walk that begins at a commit. The rulebook lies in the folder `below` of the repository.
    #[must_use]
    pub fn new(repository: &'r Repository, objects: &'r Objects<'r>, from: ObjectId, below: &str) -> Self {
        let comparer = Comparer::new(Trees::new(objects), below);
        Self { repository, comparer, next: Some(from), ready: Vec::new().into_iter() }
    }

    /// The next commit, whether it changed something or not.
    ///
    /// # Errors
    /// When an object cannot be read.
    pub fn step(&mut self) -> Result<Option<Step>, GitError> {
        if let Some(step) = self.ready.next() {
            return Ok(Some(step));
        }
        let mut commits = Vec::new();
        while let Some(id) = self.next.filter(|_| commits.len() < AT_ONCE) {
            let commit = self.comparer.trees.objects().commit(id)?;
            let parent = commit.parents.first().copied();
            self.next = parent.filter(|parent| self.comparer.trees.objects().has(*parent));
            commits.push(commit);
        }
        let trees: Vec<ObjectId> = commits.iter().map(|commit| commit.tree).collect();
        let after_last = match self.next {
            Some(id) => Some(self.comparer.trees.objects().commit(id)?.tree),
            None => None,
        };
        let before = trees.iter().skip(1).copied().map(Some).chain([after_last]);
        let pairs: Vec<(Commit, Option<ObjectId>)> = commits.into_iter().zip(before).collect();
        let comparer = &self.comparer;
        let steps: Result<Vec<Step>, GitError> =
            pairs.into_par_iter().map(|(commit, before)| step(comparer, commit, before)).collect();
        let mut steps = steps?;
        for step in &mut steps {
            if step.commit.parents.len() > 1 {
                step.merge = merge::notes(self.repository, comparer, &step.commit, &step.difference.changes)?;
            }
        }
        self.ready = steps.into_iter();
        Ok(self.ready.next())
    }
}

/// What a commit changed.
fn step(comparer: &Comparer<'_>, commit: Commit, before: Option<ObjectId>) -> Result<Step, GitError> {
    let cut_off = before.is_none() && !commit.parents.is_empty();
    if cut_off {
        return Ok(Step { commit, difference: Difference::default(), merge: Vec::new(), cut_off });
    }
    let mut difference = comparer.compare(before, Some(commit.tree))?;
    // A file that is mended is held against what it said before it could not be read.
    let mended: Vec<String> = difference
        .unread
        .iter()
        .filter(|(path, side)| {
            *side == Side::Before && !difference.unread.contains(&(path.clone(), Side::After))
        })
        .map(|(path, _)| path.clone())
        .collect();
    let mut instead = BTreeMap::new();
    for path in mended {
        if let Some(id) = readable(comparer, &commit, &path)? {
            instead.insert(path, id);
        }
    }
    if !instead.is_empty() {
        difference = comparer.compare_with(before, Some(commit.tree), &instead)?;
    }
    Ok(Step { commit, difference, merge: Vec::new(), cut_off })
}

/// The newest version of a file before a commit that can be read.
fn readable(comparer: &Comparer<'_>, commit: &Commit, path: &str) -> Result<Option<ObjectId>, GitError> {
    let objects = comparer.trees.objects();
    let mut next = commit.parents.first().copied();
    for _ in 0..FAR_BACK {
        let Some(id) = next.filter(|id| objects.has(*id)) else { return Ok(None) };
        let commit = objects.commit(id)?;
        match comparer.file_of(commit.tree, path)? {
            Some(file) if comparer.is_readable(file)? => return Ok(Some(file)),
            Some(_) => next = commit.parents.first().copied(),
            None => return Ok(None),
        }
    }
    Ok(None)
}
