//! The newest commits that two commits both have.
//!
//! Parents are those that the commits themselves name. The commit graph that a repository can hold is not looked at, since
//! it can lie. Dates say what is looked at first, and never what is found: anybody can write any date.

use std::collections::{BinaryHeap, HashMap, HashSet};

use super::{GitError, ObjectId, Objects};

/// Reached from the one.
const ONE: u8 = 1;
/// Reached from the other.
const OTHER: u8 = 2;
/// Reached from both.
const BOTH: u8 = ONE | OTHER;
/// Reached from a commit that was reached from both, so that it is not the newest.
const OLDER: u8 = 4;

/// Looks for merge bases, and remembers the commits that it read.
#[derive(Debug)]
pub struct Ancestry<'r> {
    objects: &'r Objects<'r>,
    known: HashMap<ObjectId, Option<Node>>,
}

/// What matters of a commit.
#[derive(Debug, Clone)]
struct Node {
    parents: Vec<ObjectId>,
    date: i64,
}

impl<'r> Ancestry<'r> {
    /// Among the commits of a repository.
    #[must_use]
    pub fn new(objects: &'r Objects<'r>) -> Self {
        Self { objects, known: HashMap::new() }
    }

    /// The commits that both have and that are not older than another such commit, in the order of their names.
    ///
    /// # Errors
    /// When a commit cannot be read. A commit that is missing is an error where there may be one of these before it, unless
    /// none was found at all.
    pub fn bases(&mut self, one: ObjectId, other: ObjectId) -> Result<Vec<ObjectId>, GitError> {
        let mut reached: HashMap<ObjectId, u8> = HashMap::new();
        let mut queue: BinaryHeap<(i64, ObjectId)> = BinaryHeap::new();
        // What is in the queue and could still lead to something.
        let mut open: HashSet<ObjectId> = HashSet::new();
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for (id, side) in [(one, ONE), (other, OTHER)] {
            *reached.entry(id).or_default() |= side;
            open.insert(id);
            queue.push((self.date(id)?, id));
        }
        while let Some((_, id)) = queue.pop().filter(|_| !open.is_empty()) {
            open.remove(&id);
            let mut from = reached.get(&id).copied().unwrap_or_default();
            if from == BOTH {
                found.push(id);
                from |= OLDER;
            }
            let Some(node) = self.node(id)? else {
                missing.push(id);
                continue;
            };
            for parent in node.parents {
                let known = reached.entry(parent).or_default();
                if *known & from == from {
                    continue;
                }
                *known |= from;
                if *known & OLDER == 0 {
                    open.insert(parent);
                } else {
                    open.remove(&parent);
                }
                queue.push((self.date(parent)?, parent));
            }
        }
        let is = |id: &ObjectId| reached.get(id).copied().unwrap_or_default();
        found.retain(|id| is(id) & OLDER == 0);
        found.sort();
        found.dedup();
        if let Some(id) = missing.iter().find(|id| matches!(is(id), ONE | OTHER) && !found.is_empty()) {
            return Err(self.objects.missing_commit(*id));
        }
        self.newest(found)
    }

    /// Those that are not before another one. Dates can hide it until everything before each was looked at.
    fn newest(&mut self, found: Vec<ObjectId>) -> Result<Vec<ObjectId>, GitError> {
        let mut older: HashSet<ObjectId> = HashSet::new();
        if found.len() > 1 {
            for base in &found {
                let (mut before, mut next) = (HashSet::new(), vec![*base]);
                while let Some(id) = next.pop() {
                    let parents = self.node(id)?.map(|node| node.parents).unwrap_or_default();
                    next.extend(parents.into_iter().filter(|parent| before.insert(*parent)));
                }
                older.extend(found.iter().filter(|other| before.contains(other)));
            }
        }
        Ok(found.into_iter().filter(|base| !older.contains(base)).collect())
    }

    fn date(&mut self, id: ObjectId) -> Result<i64, GitError> {
        Ok(self.node(id)?.map_or(i64::MIN, |node| node.date))
    }

    /// A commit; none when it is missing.
    fn node(&mut self, id: ObjectId) -> Result<Option<Node>, GitError> {
        if let Some(known) = self.known.get(&id) {
            return Ok(known.clone());
        }
        let node = if self.objects.has(id) {
            let commit = self.objects.commit(id)?;
            Some(Node { parents: commit.parents, date: commit.committer.seconds.unwrap_or_default() })
        } else {
            None
        };
        self.known.insert(id, node.clone());
        Ok(node)
    }
}
