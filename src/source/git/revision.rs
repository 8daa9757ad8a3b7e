//! The files of a commit.

use git2::{ErrorCode, ObjectType, OdbObject};

use super::{
    Commit, GitError, Mode, ObjectId, Repository, TreeEntry, object,
    store::{Store, Unread},
};
use crate::source::{Found, Sort, Source, SourceError};

/// The files of a commit, read from its objects.
pub struct Revision<'r> {
    store: Store<'r>,
    /// What gets an object that is missing.
    missing: &'static str,
    /// The commit.
    pub commit: Commit,
    /// The folder of the repository in the tree of the commit; none when the commit has no such folder.
    root: Option<ObjectId>,
    /// What stands before paths to find them in the repository: `1a2b3c4d5e6f:desk/`.
    pub prefix: String,
}

impl std::fmt::Debug for Revision<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Revision").field("commit", &self.commit.id).finish_non_exhaustive()
    }
}

/// An entry on the way to a path.
enum Step {
    /// There is nothing.
    Nothing,
    /// What the path leads to.
    Entry(Mode, ObjectId),
    /// The path leads through something that is no folder.
    Through {
        /// The path so far.
        path: String,
        /// What it is.
        mode: Mode,
    },
}

impl<'r> Revision<'r> {
    /// The files of a commit, those below `folder` in it.
    ///
    /// # Errors
    /// When the trees on the way cannot be read.
    pub fn new(repository: &'r Repository, commit: Commit, folder: &str) -> Result<Self, GitError> {
        let prefix = format!("{}:{folder}", commit.id.short());
        let store = repository.store()?;
        let tree = commit.tree;
        let mut revision = Self { store, missing: repository.missing, commit, root: Some(tree), prefix };
        let folder = folder.trim_end_matches('/');
        if !folder.is_empty() {
            revision.root = match revision.find(tree, folder)? {
                Step::Entry(Mode::Folder, id) => Some(id),
                _ => None,
            };
        }
        Ok(revision)
    }

    /// The tree of the folder; none when the commit has no such folder.
    #[must_use]
    pub const fn root(&self) -> Option<ObjectId> {
        self.root
    }

    fn tree(&self, id: ObjectId) -> Result<Vec<TreeEntry>, GitError> {
        let object = object(&self.store, id, "tree", ObjectType::Tree, self.missing)?;
        object::tree(object.data()).map_err(|problem| GitError::Malformed { kind: "tree", id, problem })
    }

    fn find(&self, from: ObjectId, path: &str) -> Result<Step, GitError> {
        let mut at = (Mode::Folder, from);
        let mut walked = String::new();
        for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
            let (mode, id) = at;
            if mode != Mode::Folder {
                return Ok(Step::Through { path: walked, mode });
            }
            let entries = self.tree(id)?;
            let Some(entry) = entries.into_iter().find(|entry| *entry.name == *part.as_bytes()) else {
                return Ok(Step::Nothing);
            };
            if !walked.is_empty() {
                walked.push('/');
            }
            walked.push_str(part);
            at = (usual(entry.mode, id, &entry.name)?, entry.id);
        }
        Ok(Step::Entry(at.0, at.1))
    }

    /// What lies below a folder, however deep: folders wait in a list and not on the stack.
    fn walk(&self, tree: ObjectId, folder: &str, found: &mut Vec<Found>) -> Result<(), SourceError> {
        let mut next = vec![(tree, folder.to_owned())];
        while let Some((tree, folder)) = next.pop() {
            for entry in self.tree(tree)? {
                let Ok(name) = std::str::from_utf8(&entry.name) else {
                    let name = String::from_utf8_lossy(&entry.name);
                    return Err(SourceError::NotUnicode { path: join(&folder, &name).into() });
                };
                let path = join(&folder, name);
                match usual(entry.mode, tree, &entry.name)? {
                    Mode::Folder => next.push((entry.id, path)),
                    mode => found.push(self.found(path, mode, entry.id)),
                }
            }
        }
        Ok(())
    }

    fn found(&self, path: String, mode: Mode, id: ObjectId) -> Found {
        // A blob that is missing is said to be so when it is read.
        let length =
            if mode == Mode::File { self.store.length(id.0).map_or(0, |length| length as u64) } else { 0 };
        Found { path, sort: sort(mode), length }
    }
}

impl Source for Revision<'_> {
    fn list(&self, folder: &str) -> Result<Option<Vec<Found>>, SourceError> {
        let Some(root) = self.root else { return Ok(None) };
        let folder = normal(folder);
        let mut found = Vec::new();
        match self.find(root, &folder)? {
            Step::Nothing => return Ok(None),
            Step::Entry(Mode::Folder, id) => self.walk(id, &folder, &mut found)?,
            Step::Entry(mode, id) => found.push(self.found(folder, mode, id)),
            Step::Through { path, mode: Mode::File } => {
                return Err(SourceError::NotAFile { path });
            }
            Step::Through { path, mode } => found.push(Found { path, sort: sort(mode), length: 0 }),
        }
        found.sort();
        Ok(Some(found))
    }

    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(root) = self.root else { return Ok(None) };
        match self.find(root, &normal(path))? {
            Step::Nothing => Ok(None),
            Step::Entry(Mode::File, id) => match blob(&self.store, id, limit, self.missing)? {
                Some(bytes) => Ok(Some(bytes)),
                None => Err(SourceError::TooLarge { path: path.to_owned(), limit }),
            },
            Step::Entry(..) => Err(SourceError::NotAFile { path: path.to_owned() }),
            Step::Through { path, .. } => Err(SourceError::NotAFile { path }),
        }
    }

    fn describe(&self) -> String {
        self.prefix.trim_end_matches('/').to_owned()
    }
}

/// What an entry is in a listing.
pub(super) const fn sort(mode: Mode) -> Sort {
    match mode {
        Mode::File => Sort::File,
        Mode::Link => Sort::Link,
        Mode::Submodule => Sort::Submodule,
        Mode::Folder | Mode::Odd(_) => Sort::Special,
    }
}

/// A mode that is read, or that a listing names.
fn usual(mode: Mode, tree: ObjectId, name: &[u8]) -> Result<Mode, GitError> {
    match mode {
        Mode::Odd(bits) => {
            let name = String::from_utf8_lossy(name).escape_debug().to_string();
            let problem = format!("has `{name}` with the mode {bits:o}, which Git does not write");
            Err(GitError::Malformed { kind: "tree", id: tree, problem })
        }
        mode => Ok(mode),
    }
}

impl TreeEntry {
    /// Looks whether an entry of a tree is one that is read, or that a listing names.
    ///
    /// # Errors
    /// When its mode is one that Git does not write, or its name is not Unicode, so that no path can lead to it.
    pub fn is_usual(&self, tree: ObjectId) -> Result<(), GitError> {
        usual(self.mode, tree, &self.name)?;
        if std::str::from_utf8(&self.name).is_ok() {
            return Ok(());
        }
        let name = String::from_utf8_lossy(&self.name).escape_debug().to_string();
        let problem = format!("has an entry whose name is not Unicode (`{name}`)");
        Err(GitError::Malformed { kind: "tree", id: tree, problem })
    }
}

fn normal(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// An object of the kind that is expected, held against its name.
pub(super) fn object<'s>(
    store: &'s Store<'_>,
    id: ObjectId,
    kind: &'static str,
    wanted: ObjectType,
    missing: &'static str,
) -> Result<OdbObject<'s>, GitError> {
    let object = store.read(id.0).map_err(|why| unread(id, kind, missing, &why))?;
    if object.kind() == wanted {
        return Ok(object);
    }
    let problem = format!("it is a {}", object.kind().str());
    Err(GitError::Damaged { kind, id, problem })
}

/// The bytes of a file; none when there are more than `limit`.
pub(super) fn blob(
    store: &Store<'_>,
    id: ObjectId,
    limit: u64,
    missing: &'static str,
) -> Result<Option<Vec<u8>>, GitError> {
    let length = store.length(id.0).map_err(|error| unread(id, "file", missing, &error.into()))?;
    if length as u64 > limit {
        return Ok(None);
    }
    object(store, id, "file", ObjectType::Blob, missing).map(|object| Some(object.data().to_vec()))
}

/// Why an object was not read, in the words of gitsm.
pub(super) fn unread(id: ObjectId, kind: &'static str, missing: &'static str, why: &Unread) -> GitError {
    match why {
        Unread::CutOff => GitError::Damaged { kind, id, problem: "its file was cut off".to_owned() },
        Unread::Other(error) if error.code() == ErrorCode::NotFound => {
            GitError::Missing { kind, id, help: missing }
        }
        Unread::Other(error) => GitError::Damaged { kind, id, problem: super::plain(error) },
    }
}
