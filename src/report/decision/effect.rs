//! What rules do and what limits access, as data for programs and as a sentence for people.

use schemars::JsonSchema;
use serde::Serialize;

use super::words;
use crate::{
    decide::{
        considered,
        decision::{Cap, CapBy},
    },
    model::{Instant, LocalDate},
    report::lines::Lines,
};

/// What a rule does.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Effect {
    /// What it does, as data.
    #[serde(flatten)]
    pub does: Does,
    /// The same in words.
    pub text: String,
}

/// What a rule does, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Does {
    /// Approves without asking anybody.
    AutoApprove,
    /// Denies.
    Deny,
    /// Adds the stages of a workflow.
    Workflow {
        /// The workflow.
        workflow: String,
    },
    /// Limits how long access lasts.
    MaxDuration {
        /// The longest that it lasts, such as `90d`.
        duration: String,
    },
    /// Demands evidence.
    Require {
        /// What has to be brought.
        evidence: &'static str,
    },
    /// Keeps two things apart.
    Apart {
        /// What is asked for.
        one: String,
        /// What it does not go with.
        other: String,
    },
    /// Sends an incident to a team.
    Team {
        /// The team.
        team: String,
    },
    /// Sends an incident to a team that depends on the incident.
    Destination {
        /// `support-team`, `configuration-item-team` or `on-call`.
        destination: &'static str,
    },
    /// Makes an incident a major one.
    MajorIncident,
    /// Is the model that a change follows.
    ChangeModel,
    /// Gives a change its risk.
    Risk {
        /// The risk.
        risk: &'static str,
    },
}

/// What a rule does, with its sentence.
pub(super) fn effect(effect: &considered::Effect) -> Effect {
    use considered::Effect as Decided;
    let does = match effect {
        Decided::AutoApprove => Does::AutoApprove,
        Decided::Deny => Does::Deny,
        Decided::Workflow(workflow) => Does::Workflow { workflow: workflow.to_string() },
        Decided::MaxDuration(duration) => Does::MaxDuration { duration: duration.to_string() },
        Decided::Require(evidence) => Does::Require { evidence: evidence.name() },
        Decided::Apart(one, other) => Does::Apart { one: one.clone(), other: other.clone() },
        Decided::Team(team) => Does::Team { team: team.to_string() },
        Decided::Destination(destination) => Does::Destination { destination: destination.name() },
        Decided::Major => Does::MajorIncident,
        Decided::Model => Does::ChangeModel,
        Decided::Risk(risk) => Does::Risk { risk: risk.name() },
    };
    Effect { does, text: words::effect(effect) }
}

/// Something that limits how long access lasts.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Limit {
    /// What limits it, as data.
    #[serde(flatten)]
    pub because: LimitedBy,
    /// The same in words.
    pub by: String,
    /// When the access ends at the latest because of it.
    pub until: Instant,
    /// Where it was written, if it was written in the rulebook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// What limits how long access lasts, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum LimitedBy {
    /// The request itself.
    Request {
        /// How long it was asked for.
        duration: String,
    },
    /// A rule of an access policy or a guardrail.
    Rule {
        /// The rule.
        rule: String,
        /// The longest that it lets access last.
        duration: String,
    },
    /// The entitlement.
    Entitlement {
        /// The longest that it is given for.
        duration: String,
    },
    /// The last day of who the access is for.
    LastDay {
        /// The day.
        date: LocalDate,
    },
    /// The end of an exception that waived a rule.
    Exception {
        /// The exception.
        exception: String,
    },
}

/// Something that limits how long access lasts, with its sentence.
pub(super) fn limit(cap: &Cap, lines: &Lines<'_>) -> Limit {
    let (because, by) = match &cap.by {
        CapBy::Request(duration) => {
            (LimitedBy::Request { duration: duration.to_string() }, format!("{duration} were asked for"))
        }
        CapBy::Rule(rule, longest) => (
            LimitedBy::Rule { rule: rule.to_string(), duration: longest.to_string() },
            format!("{rule} gives {longest} at most"),
        ),
        CapBy::Entitlement(longest) => (
            LimitedBy::Entitlement { duration: longest.to_string() },
            format!("the entitlement lasts {longest} at most"),
        ),
        CapBy::Exception(exception) => {
            (LimitedBy::Exception { exception: exception.to_string() }, format!("exception:{exception} ends"))
        }
        CapBy::LastDay(date) => (
            LimitedBy::LastDay { date: LocalDate(*date) },
            format!("the last day of the beneficiary is {date}"),
        ),
    };
    Limit { because, by, until: Instant(cap.until), place: cap.at.as_ref().map(|at| lines.line(at)) }
}
