//! What of a history cannot be read, so that nobody knows what was changed there.
//!
//! One object that is missing or damaged is no reason to say nothing about the rest: the commits that it matters to are named,
//! and nothing is taken for unchanged because of it.

use crate::{
    load::settings::FILE,
    model::Kind,
    source::{GitError, ObjectId, Objects},
};

/// Something that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What is not known because of it.
    pub about: About,
    /// Why, and what gets it.
    pub why: String,
}

/// What is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Everything that a commit changed.
    Commit,
    /// What it changed in a file.
    File {
        /// The path below the folder of the repository.
        path: String,
        /// Whether it holds people alone.
        people: bool,
    },
    /// What a merge did by itself.
    Merge,
}

impl Missing {
    /// What is not known because of an error; the error itself when it is about more than an object.
    pub(super) fn because(about: About, error: GitError) -> Result<Self, GitError> {
        if error.is_of_an_object() { Ok(Self { about, why: error.to_string() }) } else { Err(error) }
    }

    /// Whether an object of a kind may have changed, or the settings.
    #[must_use]
    pub fn may_be(&self, kind: Option<Kind>) -> bool {
        match &self.about {
            About::Commit | About::Merge => true,
            About::File { path, people } => match kind {
                Some(kind) => path != FILE && (!people || kind == Kind::Person),
                None => path == FILE,
            },
        }
    }
}

/// Why a parent of a commit is not known; none when it is.
pub(super) fn parent(objects: &Objects<'_>, id: ObjectId) -> Result<Option<Missing>, GitError> {
    match objects.commit(id) {
        Ok(_) => Ok(None),
        Err(error) => Missing::because(About::Commit, error).map(Some),
    }
}
