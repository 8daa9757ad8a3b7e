//! Where files come from: a work tree, a work tree with changes that are not written yet, a revision, or the index.

mod bounded;
mod cache;
pub mod directory;
mod git;
mod overlay;
mod stamp;
mod stream;
mod work_tree;

pub use bounded::{open, read_bounded};
pub use cache::{About, Cache};
pub use directory::Directory;
pub use git::{
    Ancestry, Commit, GitError, Merged, Mode, ObjectId, Objects, Proposal, Repository, Revision, Signature,
    Signed, Staged, TreeEntry, digest, is_commit_id,
};
pub use overlay::Overlay;
pub use stamp::Stamp;
pub use stream::{Stream, stream, unpacked};
pub use work_tree::WorkTree;

use std::path::PathBuf;

/// A place that holds the files of a repository.
pub trait Source: Sync {
    /// Everything below `folder`, in the order of the paths; `None` when there is no such folder.
    ///
    /// # Errors
    /// When the folder cannot be read to its end: a gap is never taken for "there is nothing".
    fn list(&self, folder: &str) -> Result<Option<Vec<Found>>, SourceError>;

    /// The bytes of a file, at most `limit` of them; `None` when there is no such file.
    ///
    /// # Errors
    /// When the file is there and cannot be read, is larger, or is a link or a device.
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError>;

    /// How the place is called in messages.
    fn describe(&self) -> String;
}

/// Something that was found in a source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The path below the repository, with `/` between its parts.
    pub path: String,
    /// What it is.
    pub sort: Sort,
    /// The length in bytes.
    pub length: u64,
}

/// What something in a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A file with bytes.
    File,
    /// A symbolic link, which is never followed.
    Link,
    /// A folder that is a repository of its own.
    Submodule,
    /// A pipe, a device or something else that is not read.
    Special,
    /// A file whose name is not UTF-8, of which the path is only what can be shown of it.
    Nameless,
}

/// A source that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A link or a device in the place of a file. Links are never followed.
    #[error("`{path}` is a link or a device, not a file")]
    NotAFile {
        /// The path: below the repository, or as it was named.
        path: String,
    },
    /// A file that is larger than it may be.
    #[error("`{path}` has more than the {limit} bytes that it may have")]
    TooLarge {
        /// The path: below the repository, or as it was named.
        path: String,
        /// The most bytes that it may have.
        limit: u64,
    },
    /// A Git repository that cannot be read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A path that is not Unicode has no place in a rulebook.
    #[error("the path `{}` is not valid Unicode: rename it", path.display())]
    NotUnicode {
        /// The path.
        path: PathBuf,
    },
    /// A folder that lies outside the repository.
    #[error("the path `{path}` leads out of the repository")]
    Outside {
        /// The path as written.
        path: String,
    },
}
