//! Rules that were considered on the way to a decision: whether they matched, why, and what they do.

use super::condition::{Because, Known};
use super::undecidable::Undecidable;
use crate::model::{
    Duration, Entry, Id, Location, Origin, Selector, access::Mode, condition::Condition,
    exception::Exception, routing::Destination, service::Risk, workflow::Evidence,
};

/// A rule that was considered.
#[derive(Debug)]
pub struct Considered<'a> {
    /// The step of the evaluation.
    pub step: Step,
    /// The rule.
    pub rule: Selector,
    /// Where it was written.
    pub at: Location,
    /// What came of it.
    pub outcome: Outcome<'a>,
    /// Whether it decides, or only says what it would do.
    pub mode: Mode,
    /// The tests that made it match or not.
    pub because: Vec<Because<'a>>,
    /// What it does, or would do.
    pub effects: Vec<Effect>,
}

impl<'a> Considered<'a> {
    /// A rule that nothing can waive and that is never only tried out, with what comes of it.
    ///
    /// # Errors
    /// When its condition makes no sense.
    pub(super) fn plain(
        step: Step,
        (rule, at): (Selector, Location),
        facts: &impl Known<'a>,
        (when, origin): (&'a Condition, Origin),
        effects: Vec<Effect>,
    ) -> Result<Self, Undecidable> {
        let outcome = if facts.holds(when, origin)? { Outcome::Matched } else { Outcome::NotMatched };
        let because = facts.because(when, origin)?;
        Ok(Self { step, rule, at, outcome, mode: Mode::Enforce, because, effects })
    }

    /// Whether it has a part in the decision.
    #[must_use]
    pub fn decides(&self) -> bool {
        matches!(self.outcome, Outcome::Matched) && self.mode == Mode::Enforce
    }
}

/// A step of the evaluation, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The request type.
    RequestType,
    /// Guardrails: all that match.
    Guardrails,
    /// Duties that are kept apart.
    Duties,
    /// Access policies: the first rule that matches.
    Policies,
    /// Rules about where an incident goes: the first that matches.
    Routing,
    /// Definitions of a major incident: all that match.
    MajorIncident,
    /// Change models of a type.
    ChangeModel,
    /// Rules about the risk of a change: the first that matches.
    Risk,
    /// Rules about changes of the repository: all that apply.
    Governance,
}

/// What came of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome<'a> {
    /// It matched.
    Matched,
    /// It did not.
    NotMatched,
    /// It matched and is waived by an exception in force.
    Waived(&'a Entry<Exception>),
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Approves without asking.
    AutoApprove,
    /// Denies.
    Deny,
    /// Asks the people of a workflow.
    Workflow(Id),
    /// Limits the duration.
    MaxDuration(Duration),
    /// Demands evidence.
    Require(Evidence),
    /// Holds two things apart.
    Apart(String, String),
    /// Sends an incident to a team.
    Team(Id),
    /// Sends an incident to a team that depends on the incident.
    Destination(Destination),
    /// Makes an incident a major one.
    Major,
    /// Is the model that a change follows.
    Model,
    /// Gives a change its risk.
    Risk(Risk),
}
