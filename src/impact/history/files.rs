//! The files of the rulebook that differ between two trees. Trees that are the same are never looked into.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use crate::{
    load::{is_document, settings::FILE},
    model::settings::Settings,
    source::{GitError, Mode, ObjectId, Objects, TreeEntry},
};

/// How many trees are kept before they are all forgotten.
const KEPT: usize = 4_096;

/// Reads trees, each once as long as it is kept.
#[derive(Debug)]
pub(super) struct Trees<'r> {
    objects: &'r Objects<'r>,
    kept: Mutex<HashMap<ObjectId, Arc<Vec<TreeEntry>>>>,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Changed {
    /// The path below the folder of the repository.
    pub(super) path: String,
    /// What it held before; none when it was not there.
    pub(super) before: Option<ObjectId>,
    /// What it holds afterwards; none when it is not there.
    pub(super) after: Option<ObjectId>,
}

impl<'r> Trees<'r> {
    pub(super) fn new(objects: &'r Objects<'r>) -> Self {
        Self { objects, kept: Mutex::new(HashMap::new()) }
    }

    /// The objects that trees are read from.
    pub(super) const fn objects(&self) -> &'r Objects<'r> {
        self.objects
    }

    pub(super) fn tree(&self, id: ObjectId) -> Result<Arc<Vec<TreeEntry>>, GitError> {
        if let Some(tree) = self.kept.lock().ok().and_then(|kept| kept.get(&id).cloned()) {
            return Ok(tree);
        }
        let tree = Arc::new(self.objects.tree(id)?);
        if let Ok(mut kept) = self.kept.lock() {
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(id, Arc::clone(&tree));
        }
        Ok(tree)
    }

    /// What lies at a path; none when there is nothing.
    pub(super) fn find(&self, root: ObjectId, path: &str) -> Result<Option<(Mode, ObjectId)>, GitError> {
        let mut at = (Mode::Folder, root);
        for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
            if at.0 != Mode::Folder {
                return Ok(None);
            }
            let tree = self.tree(at.1)?;
            let Some(entry) = tree.iter().find(|entry| *entry.name == *part.as_bytes()) else {
                return Ok(None);
            };
            entry.is_usual(at.1)?;
            at = (entry.mode, entry.id);
        }
        Ok(Some(at))
    }

    /// The file at a path; none when there is none.
    pub(super) fn file(&self, root: Option<ObjectId>, path: &str) -> Result<Option<ObjectId>, GitError> {
        let Some(root) = root else { return Ok(None) };
        Ok(self.find(root, path)?.filter(|(mode, _)| *mode == Mode::File).map(|(_, id)| id))
    }

    /// The documents and people files that differ, in the order of their paths, where both sides have the same settings.
    pub(super) fn changed(
        &self,
        before: ObjectId,
        after: ObjectId,
        layout: &Layout,
    ) -> Result<Vec<Changed>, GitError> {
        let mut found = Vec::new();
        self.walk(Some(before), Some(after), layout, &mut found)?;
        found.sort();
        Ok(found)
    }

    /// All documents and people files of a side, as if the other had none.
    pub(super) fn all(
        &self,
        root: ObjectId,
        layout: &Layout,
    ) -> Result<BTreeMap<String, ObjectId>, GitError> {
        let mut found = Vec::new();
        self.walk(None, Some(root), layout, &mut found)?;
        Ok(found.into_iter().filter_map(|file| Some((file.path, file.after?))).collect())
    }

    /// Folders wait in a list and not on the stack: a history can nest them as deep as it likes.
    fn walk(
        &self,
        before: Option<ObjectId>,
        after: Option<ObjectId>,
        layout: &Layout,
        found: &mut Vec<Changed>,
    ) -> Result<(), GitError> {
        let mut next = vec![(before, after, String::new())];
        while let Some((before, after, folder)) = next.pop() {
            self.folder([before, after], &folder, layout, found, &mut next)?;
        }
        Ok(())
    }

    /// What differs in one folder, and the folders in it that do.
    fn folder(
        &self,
        sides: [Option<ObjectId>; 2],
        folder: &str,
        layout: &Layout,
        found: &mut Vec<Changed>,
        next: &mut Vec<(Option<ObjectId>, Option<ObjectId>, String)>,
    ) -> Result<(), GitError> {
        let read = |id: Option<ObjectId>| id.map(|id| self.tree(id)).transpose();
        let [before, after] = sides;
        let (before, after) = (read(before)?, read(after)?);
        let (before, after) = (before.as_deref(), after.as_deref());
        let (before, after) = unlike(before.map_or(&[], Vec::as_slice), after.map_or(&[], Vec::as_slice));
        let mut names: BTreeMap<&[u8], [Option<&TreeEntry>; 2]> = BTreeMap::new();
        for entry in before {
            names.entry(&entry.name).or_default()[0] = Some(entry);
        }
        for entry in after {
            names.entry(&entry.name).or_default()[1] = Some(entry);
        }
        for (name, [one, other]) in names {
            if one.zip(other).is_some_and(|(one, other)| one.id == other.id && one.mode == other.mode) {
                continue;
            }
            let name = String::from_utf8_lossy(name);
            let path = if folder.is_empty() { name.into_owned() } else { format!("{folder}/{name}") };
            let (is_file, is_folder) = (layout.file(&path), layout.folder(&path));
            if is_file || is_folder {
                for (tree, entry) in sides.into_iter().zip([one, other]) {
                    if let Some((tree, entry)) = tree.zip(entry) {
                        entry.is_usual(tree)?;
                    }
                }
            }
            let of = |entry: Option<&TreeEntry>, mode: Mode| {
                entry.filter(|entry| entry.mode == mode).map(|entry| entry.id)
            };
            let files = (of(one, Mode::File), of(other, Mode::File));
            let folders = (of(one, Mode::Folder), of(other, Mode::Folder));
            if folders.0 != folders.1 && is_folder {
                next.push((folders.0, folders.1, path.clone()));
            }
            if files.0 != files.1 && is_file {
                found.push(Changed { path, before: files.0, after: files.1 });
            }
        }
        Ok(())
    }
}

/// Two lists without the entries with which both begin and those with which both end.
fn unlike<'t>(before: &'t [TreeEntry], after: &'t [TreeEntry]) -> (&'t [TreeEntry], &'t [TreeEntry]) {
    let alike = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let (before, after) = (before.get(alike..).unwrap_or_default(), after.get(alike..).unwrap_or_default());
    let alike = before.iter().rev().zip(after.iter().rev()).take_while(|(one, other)| one == other).count();
    let rest = |entries: &'t [TreeEntry]| entries.get(..entries.len() - alike).unwrap_or_default();
    (rest(before), rest(after))
}

/// Which files belong to a rulebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    roots: Vec<String>,
    people: BTreeSet<String>,
}

impl Layout {
    pub(super) fn of(settings: &Settings) -> Self {
        let plain = |path: &str| {
            let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
            parts.join("/")
        };
        Self {
            roots: settings.project.roots.iter().map(|root| plain(root)).collect(),
            people: settings.people.iter().map(|people| plain(&people.file)).collect(),
        }
    }

    /// Whether a path is that of a people file.
    pub(super) fn is_people(&self, path: &str) -> bool {
        self.people.contains(path)
    }

    fn file(&self, path: &str) -> bool {
        let inside = self.roots.iter().any(|root| is_inside(path, root));
        (inside && is_document(path) && path != FILE) || self.is_people(path)
    }

    fn folder(&self, path: &str) -> bool {
        let leads_to = |wanted: &str| is_inside(path, wanted) || is_inside(wanted, path);
        self.roots.iter().any(|root| leads_to(root)) || self.people.iter().any(|file| is_inside(file, path))
    }
}

fn is_inside(path: &str, folder: &str) -> bool {
    folder.is_empty() || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
