//! How a rulebook came to say what it says: the commits that changed its meaning, from the newest to the oldest.
//!
//! Of each commit only the files are read that it changed. Parents are those that the commits name; dates are shown and
//! never decide an order.

mod blame;
mod compare;
mod files;
mod merge;
mod missing;
mod remembered;
mod subject;
mod topology;
mod touched;

pub use blame::{Attribution, Blame, Leaf, PLACE, blame};
pub use compare::Difference;
pub use merge::{Deed, MergeNote};
pub use missing::{About, Missing};
pub use subject::{Following, Selected, Wanted, called_now};

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::{
    impact::semantic::Side,
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
        let pairs: Vec<(Commit, Before)> = commits
            .iter()
            .enumerate()
            .map(|(at, commit)| Ok((commit.clone(), before(objects, commit, commits.get(at + 1))?)))
            .collect::<Result<_, GitError>>()?;
        let comparer = &self.comparer;
        let mut steps: Vec<Step> = pairs
            .into_par_iter()
            .map(|(commit, before)| step(comparer, commit, before))
            .collect::<Result<_, GitError>>()?;
        for step in &mut steps {
            if step.commit.parents.len() > 1 {
                let changes = &step.difference.changes;
                let (notes, missing) = merge::notes(&mut self.ancestry, comparer, &step.commit, changes)?;
                step.merge = notes;
                step.difference.missing.extend(missing);
                if matches!(self.order, Order::All(_)) {
                    for id in step.commit.parents.iter().skip(1) {
                        let missing = missing::parent(objects, *id)?;
                        step.cut_off |= missing.is_some();
                        step.difference.missing.extend(missing);
                    }
                }
            }
        }
        self.ready = steps.into_iter();
        Ok(self.ready.next())
    }

    /// The parents of a commit but the first that the walk follows, as far as they are in the clone, with what the commit says
    /// otherwise than each where names have to be followed.
    fn other_parents(&self, commit: &Commit, names: bool) -> Result<Vec<(ObjectId, Difference)>, GitError> {
        if matches!(self.order, Order::First(_)) {
            return Ok(Vec::new());
        }
        let objects = self.comparer.trees.objects();
        let compared = |parent: ObjectId| {
            if names {
                self.comparer.compare(Some(objects.commit(parent)?.tree), Some(commit.tree))
            } else {
                Ok(Difference::default())
            }
        };
        let mut others = Vec::new();
        for parent in commit.parents.iter().skip(1).filter(|parent| objects.has(**parent)) {
            let difference = match compared(*parent) {
                Ok(difference) => difference,
                Err(error) => {
                    let missing = vec![Missing::because(About::Commit, error)?];
                    Difference { missing, ..Difference::default() }
                }
            };
            others.push((*parent, difference));
        }
        Ok(others)
    }
}

impl Order {
    fn next(&mut self, objects: &Objects<'_>) -> Result<Option<Commit>, GitError> {
        match self {
            Self::First(next) => {
                let commit = next.take().map(|id| known(objects, id)).transpose()?.flatten();
                let parent = commit.as_ref().and_then(|commit| commit.parents.first().copied());
                *next = parent.filter(|parent| objects.has(*parent));
                Ok(commit)
            }
            Self::All(topology) => {
                while let Some(id) = topology.next() {
                    if let Some(commit) = known(objects, id)? {
                        return Ok(Some(commit));
                    }
                }
                Ok(None)
            }
        }
    }
}

/// A commit; none when it cannot be read, which is said about those that name it as their parent.
fn known(objects: &Objects<'_>, id: ObjectId) -> Result<Option<Commit>, GitError> {
    match objects.commit(id) {
        Ok(commit) => Ok(Some(commit)),
        Err(error) if error.is_of_an_object() => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a commit is held against.
enum Before {
    /// The tree of its first parent; none when it has none.
    Tree(Option<ObjectId>),
    /// Its first parent cannot be read.
    Unknown(Missing),
}

/// What a commit is held against: the tree of its first parent, which often is the commit that comes next.
fn before(objects: &Objects<'_>, commit: &Commit, next: Option<&Commit>) -> Result<Before, GitError> {
    let Some(parent) = commit.parents.first() else { return Ok(Before::Tree(None)) };
    if let Some(next) = next.filter(|next| next.id == *parent) {
        return Ok(Before::Tree(Some(next.tree)));
    }
    match objects.commit(*parent) {
        Ok(parent) => Ok(Before::Tree(Some(parent.tree))),
        Err(error) => Missing::because(About::Commit, error).map(Before::Unknown),
    }
}

/// What a commit changed. What cannot be read of it is named, and ends nothing.
fn step(comparer: &Comparer<'_>, commit: Commit, before: Before) -> Result<Step, GitError> {
    let mut step = Step { commit, difference: Difference::default(), merge: Vec::new(), cut_off: false };
    let found = match before {
        Before::Unknown(missing) => {
            step.cut_off = true;
            step.difference.missing.push(missing);
            return Ok(step);
        }
        Before::Tree(before) => difference(comparer, &step.commit, before),
    };
    match found {
        Ok(found) => step.difference = found,
        Err(error) => step.difference.missing.push(Missing::because(About::Commit, error)?),
    }
    Ok(step)
}

/// What a commit says otherwise than a tree.
fn difference(
    comparer: &Comparer<'_>,
    commit: &Commit,
    before: Option<ObjectId>,
) -> Result<Difference, GitError> {
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
        if let Some(id) = readable(comparer, commit, &path)? {
            instead.insert(path, id);
        }
    }
    if !instead.is_empty() {
        difference = comparer.compare_with(before, Some(commit.tree), &instead)?;
    }
    Ok(difference)
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
