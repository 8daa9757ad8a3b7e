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
        // What libgit2 reads by itself.
        for tree in [base.tree, into.tree, other.tree] {
            objects.whole(tree)?;
        }
        let store = self.store()?;
        // What is merged goes there and is gone with the process.
        store.as_they_are().add_new_mempack_backend(FIRST).map_err(|error| self.other(&error))?;
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
        let entries = |id: Option<ObjectId>| id.map(|id| self.tree(id)).transpose();
        // Folders wait in a list and not on the stack, which is soon full.
        let mut next = vec![(Some(before), Some(after), String::new())];
        while let Some((before, after, folder)) = next.pop() {
            if before == after {
                continue;
            }
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
                    next.push((old_folder, new_folder, format!("{path}/")));
                }
                if [old, new].iter().flatten().any(|entry| entry.mode != Mode::Folder) {
                    found.insert(path);
                }
            }
        }
        Ok(found)
    }

    /// Looks whether a tree, all trees below it, and the files of those end where they say.
    fn whole(&self, tree: ObjectId) -> Result<(), GitError> {
        let mut next = vec![tree];
        let mut known = HashSet::from([tree]);
        while let Some(tree) = next.pop() {
            for entry in self.tree(tree)? {
                match entry.mode {
                    Mode::Folder if known.insert(entry.id) => next.push(entry.id),
                    Mode::Folder | Mode::Submodule => {}
                    Mode::File | Mode::Link | Mode::Odd(_) => {
                        let is_whole = self.store.whole(entry.id.0);
                        is_whole.map_err(|why| revision::unread(entry.id, "file", self.missing, &why))?;
                    }
                }
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
