//! What happens to a request after it was made: votes, and what changes what they are worth.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Id, Instant, choice::choice, workflow::Evidence};

/// Something that happened to a request after it was made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[schemars(title = "Event of an approval", example = serde_json::json!({
    "event": "vote", "at": "2026-03-02T10:00:00Z", "by": "ana.silva", "decision": "approve"
}))]
pub enum Event {
    /// Somebody approves, rejects, or takes their approval back.
    Vote(Vote),
    /// Somebody may act on behalf of somebody else for a while.
    Delegation(Delegation),
    /// The request was changed.
    Amendment(Amendment),
    /// The requester brought something.
    Evidence(Brought),
    /// The request was taken back.
    Cancellation(Cancellation),
}

/// Something that happened to a grant that was asked for: an event, and which grant it is about as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct GrantEvent {
    /// The grant.
    #[serde(default)]
    pub grant: Option<Id>,
    /// The digest of what was asked for and decided, as `decision.digest` of the grant has it.
    #[serde(default)]
    pub digest: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Somebody approves, rejects, or takes their approval back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Vote {
    /// When.
    pub at: Instant,
    /// Who acted.
    pub by: Id,
    /// Whose delegate they act as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Id>,
    /// What they say.
    pub decision: Choice,
    /// The stage that it is meant for, as `stage` or `workflow/stage`. Without it, any that they can act in.
    /// A rejection is one of the whole request, whatever stage it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<Box<str>>,
    /// What they wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

choice! {
    /// What a vote says.
    pub enum Choice {
        /// The request may go on.
        Approve = "approve",
        /// The request ends.
        Reject = "reject",
        /// An earlier approval does not count any more.
        Withdraw = "withdraw",
    }
}

/// Somebody may act on behalf of somebody else for a while.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Delegation {
    /// Who is stood in for.
    pub from: Id,
    /// Who stands in.
    pub to: Id,
    /// The first instant of it.
    pub starts: Instant,
    /// The first instant after it.
    pub ends: Instant,
    /// When it was written down: it never covers what was done before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// Who wrote it down: nobody but who is stood in for can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Id>,
}

/// The request was changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Amendment {
    /// When.
    pub at: Instant,
    /// Who changed it. Whoever widens a request asks for it, and does not approve it from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Id>,
    /// What is otherwise now. Nothing written is taken for everything.
    pub changed: Vec<Change>,
}

impl Amendment {
    /// Whether approvals that were given before are worth nothing any more.
    #[must_use]
    pub fn voids(&self) -> bool {
        self.changed.is_empty() || self.changed.iter().any(|change| *change != Change::ShorterDuration)
    }
}

choice! {
    /// What an amendment changes.
    pub enum Change {
        /// What is asked for.
        Item = "item",
        /// The role or tier of what is asked for.
        Role = "role",
        /// Who it is for.
        Beneficiary = "beneficiary",
        /// It is asked for longer, or without end.
        LongerDuration = "longer-duration",
        /// It is asked for a shorter time: who agreed to more agreed to this.
        ShorterDuration = "shorter-duration",
    }
}

/// The requester brought something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Brought {
    /// When.
    pub at: Instant,
    /// What.
    pub evidence: Evidence,
}

/// The request was taken back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cancellation {
    /// When.
    pub at: Instant,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Id>,
}

impl Event {
    /// When it happened; none for a delegation, which says itself from when to when it holds.
    #[must_use]
    pub fn at(&self) -> Option<Instant> {
        match self {
            Self::Vote(vote) => Some(vote.at),
            Self::Delegation(_) => None,
            Self::Amendment(amendment) => Some(amendment.at),
            Self::Evidence(brought) => Some(brought.at),
            Self::Cancellation(cancellation) => Some(cancellation.at),
        }
    }
}

impl fmt::Display for Vote {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} by {}", self.decision, self.by)?;
        if let Some(delegator) = &self.on_behalf_of {
            write!(formatter, " on behalf of {delegator}")?;
        }
        Ok(())
    }
}
