//! Revisions: files as Git objects hold them, never as a checkout has them.
//!
//! Only objects, references and the index of a repository are read. Nothing of its configuration decides what is read:
//! not a work tree elsewhere, no filter, no hook, no monitor, no program. The variables `GIT_…` of the environment are
//! not looked at, and neither is a commit graph. Each object is held against its name when it is read, so that borrowed
//! objects (`alternates`) can be missing but not be others; where they are borrowed from is said. Grafts are refused;
//! replaced objects (`refs/replace`) are read as they were named, which is said, since `git` itself shows others. Nothing
//! is ever fetched, and nothing is written but the branches of gitsm's own proposals, on request.
//!
//! A repository of another user is refused as by `git`: its owner could write it anew while it is read.

mod ancestry;
mod branch;
mod error;
mod merged;
mod names;
mod object;
mod revision;
mod staged;
mod store;

pub use ancestry::Ancestry;
pub use branch::Proposal;
pub use error::GitError;
pub use merged::{Merged, is_commit_id};
pub use object::{Commit, Mode, ObjectId, Signature, Signed, TreeEntry, digest};
pub use revision::Revision;
pub use staged::Staged;

use std::path::{Component, Path, PathBuf};

use git2::{ErrorClass, ErrorCode, ObjectType, RepositoryOpenFlags};

use self::store::{Loose, Store, borrowed_from};
use super::Cache;

/// A Git repository, opened to read objects from it.
pub struct Repository {
    git: git2::Repository,
    /// The folder that holds it, as it is shown.
    shown: String,
    /// Where the folder that was asked for lies below the top of the work tree: `desk/`, or nothing.
    below: String,
    shallow: bool,
    /// What gets an object that is missing.
    missing: &'static str,
    /// The objects that are in no pack.
    loose: Loose,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Repository").field("folder", &self.shown).finish_non_exhaustive()
    }
}

impl Repository {
    /// Opens the repository that a folder lies in, or that it is if it is a bare one.
    ///
    /// # Errors
    /// When there is none, it belongs to somebody else, or it is of a sort that cannot be relied upon or read.
    pub fn open(folder: &Path) -> Result<Self, GitError> {
        let shown = folder.display().to_string();
        let none = || GitError::NoRepository { folder: shown.clone() };
        let full = folder.canonicalize().map_err(|_| none())?;
        // Searched here: libgit2 would let the configuration say where the work tree is.
        let bare = ["HEAD", "objects", "refs"].iter().all(|part| full.join(part).exists());
        let top = if bare && !full.join(".git").exists() {
            full.clone()
        } else {
            full.ancestors()
                .find(|above| above.join(".git").exists())
                .map(Path::to_path_buf)
                .ok_or_else(none)?
        };
        let below = below(&top, &full).ok_or_else(none)?;
        let top_shown = if top == full { shown.clone() } else { top.display().to_string() };
        let no_ceiling: [&Path; 0] = [];
        let git = git2::Repository::open_ext(&top, RepositoryOpenFlags::NO_SEARCH, no_ceiling)
            .map_err(|error| unopened(&top_shown, &top, &error))?;
        let shallow = git.is_shallow();
        let missing = if shallow {
            "`git fetch --unshallow` gets it"
        } else if is_partial(&git) {
            "the clone is partial, and `git fetch --refetch --no-filter` gets it"
        } else {
            "`git fetch --refetch` gets it"
        };
        let loose = Loose::new(&git.commondir().join("objects"));
        let repository = Self { git, shown: top_shown, below, shallow, missing, loose };
        repository.refuse_grafts()?;
        Ok(repository)
    }

    /// Where the folder that was asked for lies in the repository: `desk/`, or nothing.
    #[must_use]
    pub fn below(&self) -> &str {
        &self.below
    }

    /// Whether commits are missing on purpose.
    #[must_use]
    pub const fn is_shallow(&self) -> bool {
        self.shallow
    }

    /// What somebody has to know who compares this with what `git` shows.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.shallow {
            remarks.push(
                "the clone is shallow, so its history ends early: `git fetch --unshallow` gets the rest"
                    .to_owned(),
            );
        }
        for path in self.borrowed() {
            remarks.push(format!(
                "objects are also read from `{path}` (`objects/info/alternates`), each held against its name"
            ));
        }
        let replaced = self.git.references_glob("refs/replace/*").map_or(0, Iterator::count);
        if replaced > 0 {
            remarks.push(format!(
                "`git` shows {replaced} replaced object{} of this repository as something else (`refs/replace`); here each is read as it was named",
                if replaced == 1 { "" } else { "s" }
            ));
        }
        remarks
    }

    /// What is remembered about this repository and the folder that was asked for; none when nothing can be.
    #[must_use]
    pub fn cache(&self) -> Option<Cache> {
        let place = format!("{}\n{}", self.git.commondir().display(), self.below);
        Cache::open(&format!("history-{}", digest(place.as_bytes())))
    }

    /// Reads a commit.
    ///
    /// # Errors
    /// When it is not there, damaged, or written in a way that programs read differently.
    pub fn commit(&self, id: ObjectId) -> Result<Commit, GitError> {
        self.objects()?.commit(id)
    }

    /// The commits that are the newest that both have.
    ///
    /// # Errors
    /// As [`Ancestry::bases`].
    pub fn merge_bases(&self, one: ObjectId, other: ObjectId) -> Result<Vec<ObjectId>, GitError> {
        Ancestry::new(&self.objects()?).bases(one, other)
    }

    /// What reads objects from several threads at once.
    ///
    /// # Errors
    /// When the objects cannot be opened.
    pub fn objects(&self) -> Result<Objects<'_>, GitError> {
        Ok(Objects { store: self.store()?, missing: self.missing })
    }

    fn store(&self) -> Result<Store<'_>, GitError> {
        let objects = self.git.odb().map_err(|error| self.other(&error))?;
        Ok(Store::new(objects, &self.loose))
    }

    /// The folders that objects are borrowed from, as the repository names them.
    fn borrowed(&self) -> Vec<String> {
        borrowed_from(&self.git.commondir().join("objects"))
    }

    fn refuse_grafts(&self) -> Result<(), GitError> {
        let path = self.git.commondir().join("info/grafts");
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.len() > 0 => {
                Err(GitError::Grafts { path: self.readable(&path).display().to_string() })
            }
            _ => Ok(()),
        }
    }

    /// A path of the repository as somebody follows it from where the command runs.
    fn readable(&self, path: &Path) -> PathBuf {
        let top = Path::new(&self.shown);
        let full = top.canonicalize().unwrap_or_default();
        let shown = path.strip_prefix(&full).map_or_else(|_| path.to_owned(), |rest| top.join(rest));
        shown.strip_prefix(".").map_or_else(|_| shown.clone(), Path::to_path_buf)
    }

    fn other(&self, error: &git2::Error) -> GitError {
        GitError::Other { folder: self.shown.clone(), message: plain(error) }
    }
}

/// The objects of a repository.
pub struct Objects<'r> {
    store: Store<'r>,
    missing: &'static str,
}

impl std::fmt::Debug for Objects<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Objects").finish_non_exhaustive()
    }
}

impl Objects<'_> {
    /// Reads a commit.
    ///
    /// # Errors
    /// As [`Repository::commit`].
    pub fn commit(&self, id: ObjectId) -> Result<Commit, GitError> {
        let object = revision::object(&self.store, id, "commit", ObjectType::Commit, self.missing)?;
        object::commit(id, object.data()).map_err(|problem| GitError::Malformed {
            kind: "commit",
            id,
            problem,
        })
    }

    /// Reads a tree.
    ///
    /// # Errors
    /// As [`Repository::commit`].
    pub fn tree(&self, id: ObjectId) -> Result<Vec<TreeEntry>, GitError> {
        let object = revision::object(&self.store, id, "tree", ObjectType::Tree, self.missing)?;
        object::tree(object.data()).map_err(|problem| GitError::Malformed { kind: "tree", id, problem })
    }

    /// Reads a file; none when it has more than `limit` bytes.
    ///
    /// # Errors
    /// When it is not there or damaged.
    pub fn blob(&self, id: ObjectId, limit: u64) -> Result<Option<Vec<u8>>, GitError> {
        revision::blob(&self.store, id, limit, self.missing)
    }

    /// What to say about a commit that is not in this clone.
    fn missing_commit(&self, id: ObjectId) -> GitError {
        GitError::Missing { kind: "commit", id, help: self.missing }
    }

    /// Whether an object is in this clone.
    #[must_use]
    pub fn has(&self, id: ObjectId) -> bool {
        self.store.as_they_are().exists(id.0)
    }
}

/// Whether a server promised the objects that are missing. Its promise is a file beside a pack.
fn is_partial(git: &git2::Repository) -> bool {
    let packs = std::fs::read_dir(git.commondir().join("objects/pack"));
    packs.is_ok_and(|packs| {
        packs.flatten().any(|file| file.path().extension().is_some_and(|end| end == "promisor"))
    })
}

/// A folder as seen from one above it, with a slash at its end; none when a part of it is not Unicode.
fn below(top: &Path, folder: &Path) -> Option<String> {
    let mut below = String::new();
    for part in folder.strip_prefix(top).ok()?.components() {
        let Component::Normal(name) = part else { return None };
        below.push_str(name.to_str()?);
        below.push('/');
    }
    Some(below)
}

/// Why a repository was not opened.
fn unopened(shown: &str, top: &Path, error: &git2::Error) -> GitError {
    if error.code() == ErrorCode::Owner {
        return GitError::Owner { folder: top.display().to_string() };
    }
    let message = error.message().to_lowercase();
    let unsupported = |what: String, help| GitError::Unsupported { folder: shown.to_owned(), what, help };
    if message.contains("object format") || message.contains("objectformat") {
        return unsupported("names its objects by SHA-256".to_owned(), "only SHA-1 can be read so far");
    }
    if message.contains("refstorage") || message.contains("reftable") {
        return unsupported(
            "keeps its references in a reftable".to_owned(),
            "`git refs migrate --ref-format=files` writes them as files",
        );
    }
    if message.contains("partialclone") {
        return unsupported(
            "is a partial clone, which lacks objects".to_owned(),
            "clone it without `--filter`",
        );
    }
    if message.contains("extension") || error.class() == ErrorClass::Repository && message.contains("version")
    {
        return unsupported(format!("needs what cannot be read here ({})", plain(error)), "clone it anew");
    }
    GitError::Other { folder: shown.to_owned(), message: plain(error) }
}

/// What libgit2 says, as part of a message.
fn plain(error: &git2::Error) -> String {
    error.message().trim_end_matches('.').to_owned()
}
