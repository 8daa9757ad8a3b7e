//! How a rulebook came to say what it says: the commits that changed its meaning, from the newest to the oldest.
//!
//! Of each commit only the files are read that it changed. Parents are those that the commits name; dates are shown and
//! never decide an order.

mod blame;
mod compare;
mod files;
mod merge;
mod remembered;
mod subject;
mod topology;

pub use blame::{Attribution, Leaf, PLACE, blame};
pub use compare::Difference;
pub use merge::MergeNote;
pub use subject::{Following, Selected, Wanted};

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::{
    impact::semantic::{Change, Side},
    source::{Ancestry, Cache, Commit, GitError, ObjectId, Objects, Repository},
};
use compare::Comparer;
use files::Trees;
use topology::Topology;

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

/// Which parents a walk follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parents {
    /// The first of each commit: what a merge went into.
    First,
    /// All of them, so that what a merge brought is shown with the commits that made it; without those that lead to a commit,
    /// and it.
    All {
        /// The commit.
        since: Option<ObjectId>,
    },
}

/// Walks from a commit to the beginning.
#[derive(Debug)]
pub struct Walk<'r> {
    comparer: Comparer<'r>,
    ancestry: Ancestry<'r>,
    order: Order,
    ready: std::vec::IntoIter<Step>,
}

/// The commits that are still to come.
#[derive(Debug)]
enum Order {
    First(Option<ObjectId>),
    All(Topology),
}

impl<'r> Walk<'r> {
    /// A walk that begins at a commit. What is in the cache is not worked out again.
    ///
    /// # Errors
    /// When a commit cannot be read: where all parents are followed, every commit is looked at before the first is given.
    pub fn new(
        repository: &Repository,
        objects: &'r Objects<'r>,
        (from, parents): (ObjectId, Parents),
        cache: Option<&'r Cache>,
    ) -> Result<Self, GitError> {
        let comparer = Comparer::new(Trees::new(objects), repository.below(), cache);
        let order = match parents {
            Parents::First => Order::First(Some(from)),
            Parents::All { since } => Order::All(Topology::new(objects, from, since)?),
        };
        Ok(Self { comparer, ancestry: Ancestry::new(objects), order, ready: Vec::new().into_iter() })
    }

    /// The next commit, whether it changed something or not.
    ///
    /// # Errors
    /// When an object cannot be read.
    pub fn step(&mut self) -> Result<Option<Step>, GitError> {
        if let Some(step) = self.ready.next() {
            return Ok(Some(step));
        }
        let objects = self.comparer.trees.objects();
        let mut commits = Vec::new();
        while let Some(commit) = self.order.next(objects)? {
            commits.push(commit);
            if commits.len() == AT_ONCE {
                break;
            }
        }
        let pairs: Result<Vec<(Commit, Option<ObjectId>)>, GitError> = commits
            .iter()
            .enumerate()
            .map(|(at, commit)| Ok((commit.clone(), before(objects, commit, commits.get(at + 1))?)))
            .collect();
        let comparer = &self.comparer;
        let steps: Result<Vec<Step>, GitError> =
            pairs?.into_par_iter().map(|(commit, before)| step(comparer, commit, before)).collect();
        let mut steps = steps?;
        for step in &mut steps {
            if step.commit.parents.len() > 1 {
                let changes = &step.difference.changes;
                step.merge = merge::notes(&mut self.ancestry, comparer, &step.commit, changes)?;
                let all = matches!(self.order, Order::All(_));
                step.cut_off |= all && !step.commit.parents.iter().all(|parent| objects.has(*parent));
            }
        }
        self.ready = steps.into_iter();
        Ok(self.ready.next())
    }

    /// The parents of a commit but the first that the walk follows, as far as they are in the clone, with what the commit says
    /// otherwise than each where names have to be followed.
    fn other_parents(&self, commit: &Commit, names: bool) -> Result<Vec<(ObjectId, Vec<Change>)>, GitError> {
        if matches!(self.order, Order::First(_)) {
            return Ok(Vec::new());
        }
        let objects = self.comparer.trees.objects();
        let others = commit.parents.iter().skip(1).filter(|parent| objects.has(**parent));
        others
            .map(|parent| {
                let changes = if names {
                    let before = objects.commit(*parent)?.tree;
                    self.comparer.compare(Some(before), Some(commit.tree))?.changes
                } else {
                    Vec::new()
                };
                Ok((*parent, changes))
            })
            .collect()
    }
}

impl Order {
    fn next(&mut self, objects: &Objects<'_>) -> Result<Option<Commit>, GitError> {
        match self {
            Self::First(next) => {
                let commit = next.take().map(|id| objects.commit(id)).transpose()?;
                let parent = commit.as_ref().and_then(|commit| commit.parents.first().copied());
                *next = parent.filter(|parent| objects.has(*parent));
                Ok(commit)
            }
            Self::All(topology) => topology.next().map(|id| objects.commit(id)).transpose(),
        }
    }
}

/// The tree of the first parent of a commit, which often is the commit that comes next; none when there is none or it is
/// missing.
fn before(
    objects: &Objects<'_>,
    commit: &Commit,
    next: Option<&Commit>,
) -> Result<Option<ObjectId>, GitError> {
    match commit.parents.first() {
        Some(parent) if next.is_some_and(|next| next.id == *parent) => Ok(next.map(|next| next.tree)),
        Some(parent) if objects.has(*parent) => Ok(Some(objects.commit(*parent)?.tree)),
        _ => Ok(None),
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
