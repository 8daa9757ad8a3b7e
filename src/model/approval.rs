//! What happens to a request after it was made: votes, and what changes what they are worth.

use std::{cmp::Ordering, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, Id, Instant, choice::choice, workflow::Evidence};

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
    /// When it was written down: it never covers what was done before, and counts for nothing without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// Who wrote it down: nobody but who is stood in for can, and it counts for nothing without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Id>,
}

/// The request was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, try_from = "WrittenAmendment")]
pub struct Amendment {
    /// When.
    pub at: Instant,
    /// Who changed it. Whoever widens a request asks for it, and does not approve it from then on.
    pub by: Id,
    /// What is otherwise now. Nothing written is taken for everything.
    pub changed: Vec<Change>,
    /// How long it is asked for now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Duration>,
}

impl Ord for Amendment {
    fn cmp(&self, other: &Self) -> Ordering {
        // Durations have no order: it only has to be the same each time.
        let key = |one: &Self| {
            (one.at, one.by.clone(), one.changed.clone(), one.duration.map(|one| one.to_string()))
        };
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Amendment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// An amendment as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Amendment")]
struct WrittenAmendment {
    /// When.
    at: Instant,
    /// Who changed it; always written. Whoever widens a request asks for it, and does not approve it from then on.
    by: Option<Id>,
    /// What is otherwise now. Nothing written is taken for everything. After anything but another duration, it is another
    /// request, which nobody decided about: ask anew.
    changed: Vec<Change>,
    /// How long it is asked for now. It has to be written, so that the rules can be asked about it; a request that is asked
    /// for longer without it is another one.
    duration: Option<Duration>,
}

/// Why an event says too little or too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventProblem {
    /// Nobody knows who changed a request.
    #[error("the amendment does not say who changed the request: write `\"by\": \"…\"`")]
    NoAmender,
    /// A duration that was not changed.
    #[error(
        "the amendment has a `duration`, and `changed` names neither `longer-duration` nor `shorter-duration`"
    )]
    OtherDuration,
    /// A shorter time that is not written.
    #[error(
        "the amendment says `shorter-duration` and not how long it is asked for now, so that it changes nothing: write \
         `\"duration\": \"…\"`"
    )]
    NoDuration,
    /// Nobody knows who brought evidence.
    #[error("the evidence does not say who brought it: write `\"by\": \"…\"`")]
    NoBringer,
    /// Evidence that says nothing.
    #[error("`{0}` is evidence by what it says, as in a request: write `\"text\": \"…\"`")]
    NoText(Evidence),
    /// Evidence that has no text in a request either.
    #[error("`{0}` has no text, in a request neither: leave `text` out")]
    NeedlessText(Evidence),
    /// A text that is too long.
    #[error("the evidence has more than {MOST_CHARACTERS} characters")]
    TooLong,
}

/// Longer reasons are cut off by the systems that keep them.
pub const MOST_CHARACTERS: usize = 4_096;

impl TryFrom<WrittenAmendment> for Amendment {
    type Error = EventProblem;

    fn try_from(written: WrittenAmendment) -> Result<Self, EventProblem> {
        let WrittenAmendment { at, by, changed, duration } = written;
        let by = by.ok_or(EventProblem::NoAmender)?;
        let is_about_time =
            |change: &Change| matches!(change, Change::LongerDuration | Change::ShorterDuration);
        if duration.is_some() && !changed.iter().any(is_about_time) {
            return Err(EventProblem::OtherDuration);
        }
        if duration.is_none() && changed.contains(&Change::ShorterDuration) {
            return Err(EventProblem::NoDuration);
        }
        Ok(Self { at, by, changed, duration })
    }
}

impl Amendment {
    /// Whether approvals that were given before are worth nothing any more.
    #[must_use]
    pub fn voids(&self) -> bool {
        self.changed.is_empty() || self.changed.iter().any(|change| *change != Change::ShorterDuration)
    }

    /// Whether it makes another request of it, of which nobody knows what it is: another thing, another person, or a
    /// longer time that is not written.
    #[must_use]
    pub fn is_another_request(&self) -> bool {
        let is_told = |change: &Change| match change {
            Change::Item | Change::Role | Change::Beneficiary => false,
            Change::LongerDuration => self.duration.is_some(),
            Change::ShorterDuration => true,
        };
        self.changed.is_empty() || !self.changed.iter().all(is_told)
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
#[serde(rename_all = "kebab-case", deny_unknown_fields, try_from = "WrittenEvidence")]
pub struct Brought {
    /// When.
    pub at: Instant,
    /// Who brought it.
    pub by: Id,
    /// What.
    pub evidence: Evidence,
    /// What it says: the justification, the number of the ticket or the name of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Box<str>>,
}

/// Evidence as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Brought")]
struct WrittenEvidence {
    /// When.
    at: Instant,
    /// Who brought it; always written.
    by: Option<Id>,
    /// What.
    evidence: Evidence,
    /// What it says: the justification, the number of the ticket or the name of the project. These three are nothing
    /// without it; other evidence has none.
    text: Option<Box<str>>,
}

impl TryFrom<WrittenEvidence> for Brought {
    type Error = EventProblem;

    fn try_from(written: WrittenEvidence) -> Result<Self, EventProblem> {
        let WrittenEvidence { at, by, evidence, text } = written;
        let by = by.ok_or(EventProblem::NoBringer)?;
        let is_said = matches!(evidence, Evidence::Justification | Evidence::Ticket | Evidence::Project);
        let says_nothing = |text: &str| text.chars().all(|one| one.is_whitespace() || one.is_control());
        match text.as_deref() {
            Some(text) if is_said && text.chars().count() > MOST_CHARACTERS => Err(EventProblem::TooLong),
            Some(text) if is_said && !says_nothing(text) => Ok(()),
            None if !is_said => Ok(()),
            _ if is_said => Err(EventProblem::NoText(evidence)),
            _ => Err(EventProblem::NeedlessText(evidence)),
        }?;
        Ok(Self { at, by, evidence, text })
    }
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
