//! What was recorded about a pull request: everything that Git itself does not know.
//!
//! The facts are evidence. They are written down once, and whoever has them and the repository comes to the same verdict
//! on another machine, later and without a network. A list that was not read to its end is said to be so, and nothing is
//! concluded from what is missing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Instant, choice::choice};

/// The version of the format.
pub const FORMAT_VERSION: u32 = 1;

/// What was recorded about a pull request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "The facts of a pull request")]
pub struct Facts {
    /// The version of this format.
    pub format_version: u32,
    /// When the facts were recorded. What happened later is not in them.
    pub recorded_at: Instant,
    /// Who recorded them: the name of a server, such as `github.com`.
    pub forge: String,
    /// The repository that the pull request is about.
    pub repository: Repository,
    /// The pull request.
    pub pull_request: PullRequest,
    /// The commits of it, with the accounts that the forge takes them to be from.
    pub commits: Listed<CommitFact>,
    /// Every time that its branch was moved.
    pub pushes: Listed<Push>,
    /// The reviews.
    pub reviews: Listed<Review>,
}

/// A repository at a forge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Repository {
    /// The number that it keeps when it is renamed.
    pub id: u64,
    /// Its name: `example/rulebook`.
    pub name: String,
    /// The branch whose rulebook is in force.
    pub default_branch: String,
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// Whether it is still open.
    pub state: PullRequestState,
    /// Whether its author says that it is not ready.
    #[serde(default)]
    pub draft: bool,
    /// Who opened it.
    pub opened_by: Account,
    /// When it was opened.
    pub opened_at: Instant,
    /// Where it goes.
    pub base: Branch,
    /// Where it comes from.
    pub head: Branch,
}

choice! {
    /// Whether a pull request is open.
    pub enum PullRequestState {
        /// It is open.
        Open = "open",
        /// It was closed and not merged.
        Closed = "closed",
        /// It was merged.
        Merged = "merged",
    }
}

/// A branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Branch {
    /// Its name.
    pub branch: String,
    /// The commit that it was at when the facts were recorded, as 40 hexadecimal digits.
    pub commit: String,
}

/// An account at the forge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Account {
    /// The name of the account. It can be given up, and taken by somebody else.
    pub login: String,
    /// The number that the account keeps.
    pub id: u64,
    /// Who uses it.
    #[serde(default)]
    pub kind: AccountKind,
}

choice! {
    /// Who uses an account.
    pub enum AccountKind default User {
        /// A person, as far as the forge knows.
        User = "user",
        /// A program.
        Bot = "bot",
    }
}

/// A list as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Listed<T> {
    /// Whether it was read to its end.
    pub complete: bool,
    /// How many entries the forge says that there are, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// The entries.
    pub entries: Vec<T>,
}

/// A commit with the accounts that the forge takes it to be from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CommitFact {
    /// The commit, as 40 hexadecimal digits.
    pub commit: String,
    /// The account of whoever wrote it; none when the address belongs to no account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<Account>,
    /// The account of whoever committed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committer: Option<Account>,
}

/// A branch was moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Push {
    /// By whom.
    pub by: Account,
    /// When, by the clock of the forge.
    pub at: Instant,
    /// The commit that the branch was at afterwards.
    pub commit: String,
}

/// Somebody looked at the pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Review {
    /// The number of the review.
    pub id: u64,
    /// Who.
    pub by: Account,
    /// What they say.
    pub state: ReviewState,
    /// The commit that they looked at; none when the forge does not know any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// When they said so, by the clock of the forge.
    pub at: Instant,
    /// What it was before it was dismissed, and by whom; none when nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dismissed: Option<Dismissal>,
}

/// A review was dismissed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Dismissal {
    /// What it said.
    pub was: ReviewState,
    /// By whom; none when nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Account>,
}

choice! {
    /// What a review says.
    pub enum ReviewState {
        /// The change may be merged.
        Approved = "approved",
        /// It must not be merged like this.
        ChangesRequested = "changes-requested",
        /// Neither.
        Commented = "commented",
        /// It was taken back, by whoever gave it or by somebody else.
        Dismissed = "dismissed",
        /// It was begun and not sent.
        Pending = "pending",
    }
}

impl<T> Listed<T> {
    /// Whether there is nothing that was not read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.complete && self.total.is_none_or(|total| total == self.entries.len() as u64)
    }
}
