//! What a branch would hold once another one is merged into it, made in memory: nothing is written to the repository.

use std::collections::{BTreeSet, HashSet};

use git2::ObjectType;

use super::{Ancestry, Commit, GitError, Mode, ObjectId, Objects, Repository, TreeEntry, object, revision};

/// Objects in memory come before those of the repository: a merge is written there.
const FIRST: i32 = 1_000;

/// What comes of merging one commit into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// What the merge would hold.
    Tree(ObjectId),
    /// Both changed these files, and nobody knows what was meant.
    Conflicts(Vec<String>),
    /// The two have none or several merge bases, so that what comes of it depends on who merges.
    Unclear,
}

impl Repository {
    /// What `into` would hold once `other` is merged.
    ///
    /// # Errors
    /// When a commit or tree on the way cannot be read.
    pub fn merged(&self, into: &Commit, other: &Commit) -> Result<Merged, GitError> {
        let objects = self.objects()?;
        let bases = Ancestry::new(&objects).bases(into.id, other.id)?;
        let [base] = bases.as_slice() else { return Ok(Merged::Unclear) };
        if *base == into.id {
            return Ok(Merged::Tree(other.tree));
        }
        if *base == other.id {
            return Ok(Merged::Tree(into.tree));
        }
        let base = self.commit(*base)?;
        let store = self.store()?;
        // What is merged goes there and is gone with the process.
        store.add_new_mempack_backend(FIRST).map_err(|error| self.other(&error))?;
        let tree = |id: ObjectId| self.git.find_tree(id.0).map_err(|error| self.other(&error));
        let (base, into, other) = (tree(base.tree)?, tree(into.tree)?, tree(other.tree)?);
        let merged = self.git.merge_trees(&base, &into, &other, None);
        let mut merged = merged.map_err(|error| self.other(&error))?;
        if merged.has_conflicts() {
            let conflicts = merged.conflicts().map_err(|error| self.other(&error))?;
            let mut paths = BTreeSet::new();
            for conflict in conflicts {
                let conflict = conflict.map_err(|error| self.other(&error))?;
                let sides = [conflict.ancestor, conflict.our, conflict.their];
                let path = |entry: git2::IndexEntry| String::from_utf8_lossy(&entry.path).into_owned();
                paths.extend(sides.into_iter().flatten().map(path));
            }
            return Ok(Merged::Conflicts(paths.into_iter().collect()));
        }
        let tree = merged.write_tree_to(&self.git).map_err(|error| self.other(&error))?;
        Ok(Merged::Tree(ObjectId(tree)))
    }
}

impl Objects<'_> {
    /// The commits that one commit has before it, itself included, and another has not, the later ones first.
    ///
    /// Parents are those that the commits themselves name. A commit that is missing ends what the other one has; on the
    /// way from the first nothing may be missing.
    ///
    /// # Errors
    /// When a commit cannot be read.
    pub fn beyond(&self, from: ObjectId, other: ObjectId) -> Result<Vec<Commit>, GitError> {
        let mut known = HashSet::from([other]);
        let mut next = vec![other];
        while let Some(id) = next.pop() {
            if self.has(id) {
                let parents = self.commit(id)?.parents;
                next.extend(parents.into_iter().filter(|parent| known.insert(*parent)));
            }
        }
        let (mut found, mut next) = (Vec::new(), vec![from]);
        while let Some(id) = next.pop() {
            if known.insert(id) {
                let commit = self.commit(id)?;
                next.extend(commit.parents.iter().copied());
                found.push(commit);
            }
        }
        Ok(found)
    }

    /// The paths of the files that two trees hold otherwise, or only one of them holds. A name that is not Unicode is
    /// shown as far as it can be.
    ///
    /// # Errors
    /// When a tree cannot be read.
    pub fn changed(&self, before: ObjectId, after: ObjectId) -> Result<BTreeSet<String>, GitError> {
        let mut found = BTreeSet::new();
        self.compare(Some(before), Some(after), "", &mut found)?;
        Ok(found)
    }

    fn compare(
        &self,
        before: Option<ObjectId>,
        after: Option<ObjectId>,
        folder: &str,
        found: &mut BTreeSet<String>,
    ) -> Result<(), GitError> {
        if before == after {
            return Ok(());
        }
        let entries = |id: Option<ObjectId>| id.map(|id| self.tree(id)).transpose();
        let (old, new) = (entries(before)?.unwrap_or_default(), entries(after)?.unwrap_or_default());
        let names: BTreeSet<&[u8]> = old.iter().chain(&new).map(|entry| &*entry.name).collect();
        for name in names {
            let of = |entries: &[TreeEntry]| entries.iter().find(|entry| *entry.name == *name).cloned();
            let (old, new) = (of(&old), of(&new));
            if old == new {
                continue;
            }
            let path = format!("{folder}{}", String::from_utf8_lossy(name));
            let is_folder = |entry: &&TreeEntry| entry.mode == Mode::Folder;
            let folders =
                [old.as_ref(), new.as_ref()].map(|entry| entry.filter(is_folder).map(|entry| entry.id));
            let [old_folder, new_folder] = folders;
            if old_folder.is_some() || new_folder.is_some() {
                self.compare(old_folder, new_folder, &format!("{path}/"), found)?;
            }
            if [old, new].iter().flatten().any(|entry| entry.mode != Mode::Folder) {
                found.insert(path);
            }
        }
        Ok(())
    }
}

impl<'r> revision::Revision<'r> {
    /// The files of a tree, those below `folder` in it, called as the commit that it is nearest to.
    ///
    /// # Errors
    /// When the trees on the way cannot be read.
    pub fn of_tree(
        repository: &'r Repository,
        commit: Commit,
        tree: ObjectId,
        folder: &str,
    ) -> Result<Self, GitError> {
        // It is there, and a tree, before anything is read from it.
        let store = repository.store()?;
        revision::object(&store, tree, "tree", ObjectType::Tree, repository.missing)?;
        drop(store);
        Self::new(repository, Commit { tree, ..commit }, folder)
    }
}

/// Whether a text is the full name of a commit.
#[must_use]
pub fn is_commit_id(text: &str) -> bool {
    object::ObjectId::from_hex(text.as_bytes()).is_some()
}
