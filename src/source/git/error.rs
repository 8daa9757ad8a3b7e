//! What can be wrong with a Git repository.

use super::object::ObjectId;

/// A Git repository, revision or object that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no Git repository at or above a folder.
    #[error("`{folder}` lies in no Git repository, and only one has revisions: `git init` makes it one")]
    NoRepository {
        /// The folder.
        folder: String,
    },
    /// Files of somebody else decide where objects are read from.
    #[error(
        "the Git repository `{folder}` belongs to another user, whose files would say what is read: \
         `git config --global --add safe.directory {folder}` trusts them"
    )]
    Owner {
        /// The folder that holds the repository.
        folder: String,
    },
    /// A format that cannot be read.
    #[error("the Git repository `{folder}` {what}: {help}")]
    Unsupported {
        /// The folder that holds the repository.
        folder: String,
        /// What it is or does.
        what: String,
        /// What to do about it.
        help: &'static str,
    },
    /// A graft makes parents out of what are none.
    #[error(
        "`{path}` pretends that commits have other parents than they have, so no history can be relied upon: remove it"
    )]
    Grafts {
        /// The file.
        path: String,
    },
    /// There is no such revision.
    #[error("there is no revision `{revision}`{}", shallow_hint(*.shallow))]
    Unknown {
        /// What was written.
        revision: String,
        /// The names of the branches and tags that there are.
        names: Vec<String>,
        /// Whether the clone is shallow, so that there may be more elsewhere.
        shallow: bool,
    },
    /// Several things have this name.
    #[error("`{revision}` can be {}: write more of it", candidates.join(" or "))]
    Ambiguous {
        /// What was written.
        revision: String,
        /// What it can be.
        candidates: Vec<String>,
    },
    /// A revision that is written in a way that nobody understands.
    #[error("the revision `{revision}` {problem}")]
    Grammar {
        /// What was written.
        revision: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The branch has no commit yet.
    #[error("the branch `{branch}` has no commit yet")]
    Unborn {
        /// The branch.
        branch: String,
    },
    /// The revision is there, but it is no commit.
    #[error("`{revision}` is a {kind}, not a commit")]
    NotACommit {
        /// What was written.
        revision: String,
        /// What it is.
        kind: &'static str,
    },
    /// Fewer ancestors than were asked for.
    #[error("`{revision}` goes back further than the history, which begins with {id}")]
    BeforeHistory {
        /// What was written.
        revision: String,
        /// The commit without the parent.
        id: ObjectId,
    },
    /// An object is not in this clone.
    #[error("the {kind} {id} is missing from this clone: {help}")]
    Missing {
        /// What the object is.
        kind: &'static str,
        /// Its name.
        id: ObjectId,
        /// What gets it.
        help: &'static str,
    },
    /// An object whose bytes are not those that its name stands for, or that cannot be decompressed.
    #[error(
        "the {kind} {id} is damaged ({problem}): `git fsck` names what else is, and a fresh clone mends it"
    )]
    Damaged {
        /// What the object is.
        kind: &'static str,
        /// Its name.
        id: ObjectId,
        /// What was found.
        problem: String,
    },
    /// An object that programs read differently.
    #[error("the {kind} {id} {problem}, and programs read that differently: nothing is decided by it")]
    Malformed {
        /// What the object is.
        kind: &'static str,
        /// Its name.
        id: ObjectId,
        /// What is wrong with it.
        problem: String,
    },
    /// A merge that is not finished.
    #[error("`{path}` has a conflict in the index: finish the merge first")]
    Conflict {
        /// The path.
        path: String,
    },
    /// No commit is an ancestor of both.
    #[error("`{one}` and `{other}` have no common history{}", shallow_hint(*.shallow))]
    NoMergeBase {
        /// One revision.
        one: String,
        /// The other.
        other: String,
        /// Whether the clone is shallow.
        shallow: bool,
    },
    /// Several commits are the newest that both have.
    #[error(
        "`{one}` and `{other}` have {count} merge bases: write the one that is meant, `{first}..{other}`"
    )]
    ManyMergeBases {
        /// One revision.
        one: String,
        /// The other.
        other: String,
        /// How many there are.
        count: usize,
        /// One of them.
        first: ObjectId,
    },
    /// A name that no branch can have.
    #[error("`{branch}` is no name that a branch can have")]
    BranchName {
        /// The name.
        branch: String,
    },
    /// A branch that somebody works on.
    #[error(
        "the branch `{branch}` is checked out, so it is left where it is: `git switch` to another one first"
    )]
    CheckedOut {
        /// The branch.
        branch: String,
    },
    /// Nobody said who commits.
    #[error("nobody says who commits: `git config user.name \"…\"` and `git config user.email …` do")]
    NoCommitter,
    /// A branch that cannot be written.
    #[error("the branch `{branch}` cannot be written: {message}")]
    NotWritten {
        /// The branch.
        branch: String,
        /// What libgit2 says.
        message: String,
    },
    /// Anything else that libgit2 says.
    #[error("the Git repository `{folder}` cannot be read: {message}")]
    Other {
        /// The folder that holds the repository.
        folder: String,
        /// What libgit2 says.
        message: String,
    },
}

impl GitError {
    /// Whether it is about one object, so that others can be read.
    #[must_use]
    pub const fn is_of_an_object(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::Damaged { .. } | Self::Malformed { .. })
    }
}

const fn shallow_hint(shallow: bool) -> &'static str {
    if shallow { " in this clone, which is shallow: `git fetch --unshallow` gets the rest" } else { "" }
}
