//! Scenarios.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Id, Parts, Ref,
    change::Change,
    choice::choice,
    condition::Literal,
    expectation::Expectation,
    incident::Incident,
    person::{Employment, Person},
    quantity::Instant,
    request::Request,
};

/// A test: something that happens at a fixed time, and what must come of it. It is exactly one of a request, an
/// incident, a change, a joiner, a mover and a leaver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Scenario", example = serde_json::json!({
    "description": "sales gets Salesforce without asking", "now": "2026-03-02T09:00:00Z",
    "request": { "requester": "ana.silva", "entitlements": ["salesforce/sales-standard"], "duration": "90d" },
    "expect": { "verdict": "approved", "rules": ["access:salesforce/sales"] }
}), example = serde_json::json!({
    "description": "mail for everybody is an emergency", "now": "2026-03-02T09:00:00Z",
    "incident": { "service": "mail", "impact": "high", "urgency": "high" },
    "expect": {
        "priority": "p1", "team": "messaging", "rules": ["routing:incidents/mail"],
        "due": { "resolve": "2026-03-02T13:00:00Z" }
    }
}), example = serde_json::json!({
    "description": "nobody works on mail while the books are closed", "now": "2026-12-01T09:00:00Z",
    "change": {
        "requester": "ben.okoro", "type": "normal", "service": "mail",
        "start": "2026-12-20T06:00:00Z", "end": "2026-12-20T07:00:00Z"
    },
    "expect": { "verdict": "denied", "reasons": ["frozen"], "freezes": ["Year end"], "rules": ["change-model:normal"] }
}))]
pub struct Scenario {
    /// What the test shows.
    #[schemars(regex(pattern = r"\S"))]
    pub description: String,
    /// The time at which it happens.
    pub now: Instant,
    /// What is asked for: access, a bundle, or a request type with its form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
    /// The incident that is reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<Incident>,
    /// The change that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Who joins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joiner: Option<Ref<Person>>,
    /// Who moves, and what is otherwise about them in the new job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mover: Option<Mover>,
    /// Who leaves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaver: Option<Ref<Person>>,
    /// What must come out.
    pub expect: Expectation,
}

/// Somebody who moves, and what is otherwise about them in the new job. What is not written stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mover {
    /// Who.
    pub person: Ref<Person>,
    /// The new department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The new job title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where they work then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The person they report to then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<Ref<Person>>,
    /// How they are employed then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employment: Option<Employment>,
    /// Attributes declared in `gitsm.toml` under `[attribute.subject]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Id, Literal>,
}

impl Mover {
    /// Somebody as they are in the new job.
    #[must_use]
    pub fn moved(&self, was: &Person) -> Person {
        let mut is = was.clone();
        let over = |new: &Option<String>, old: &mut Option<String>| {
            if new.is_some() {
                old.clone_from(new);
            }
        };
        over(&self.department, &mut is.department);
        over(&self.title, &mut is.title);
        over(&self.location, &mut is.location);
        if self.manager.is_some() {
            is.manager.clone_from(&self.manager);
        }
        is.employment = self.employment.unwrap_or(is.employment);
        is.attributes.extend(self.attributes.clone());
        is
    }
}

/// What happens in a scenario.
#[derive(Debug, Clone, Copy)]
pub enum Case<'s> {
    /// Somebody asks for something.
    Request(&'s Request),
    /// Something is broken.
    Incident(&'s Incident),
    /// Somebody wants to change something.
    Change(&'s Change),
    /// Somebody joins.
    Joiner(&'s Ref<Person>),
    /// Somebody moves.
    Mover(&'s Mover),
    /// Somebody leaves.
    Leaver(&'s Ref<Person>),
}

choice! {
    /// What can happen in a scenario.
    pub enum CaseKind {
        /// Somebody asks for something.
        Request = "request",
        /// Something is broken.
        Incident = "incident",
        /// Somebody wants to change something.
        Change = "change",
        /// Somebody joins.
        Joiner = "joiner",
        /// Somebody moves.
        Mover = "mover",
        /// Somebody leaves.
        Leaver = "leaver",
    }
}

impl Case<'_> {
    /// What it is, without what is in it.
    #[must_use]
    pub const fn kind(&self) -> CaseKind {
        match self {
            Self::Request(_) => CaseKind::Request,
            Self::Incident(_) => CaseKind::Incident,
            Self::Change(_) => CaseKind::Change,
            Self::Joiner(_) => CaseKind::Joiner,
            Self::Mover(_) => CaseKind::Mover,
            Self::Leaver(_) => CaseKind::Leaver,
        }
    }
}

impl Scenario {
    /// Everything that happens in it; exactly one thing, unless it was written wrongly.
    #[must_use]
    pub fn cases(&self) -> Vec<Case<'_>> {
        let each = [
            self.request.as_ref().map(Case::Request),
            self.incident.as_ref().map(Case::Incident),
            self.change.as_ref().map(Case::Change),
            self.joiner.as_ref().map(Case::Joiner),
            self.mover.as_ref().map(Case::Mover),
            self.leaver.as_ref().map(Case::Leaver),
        ];
        each.into_iter().flatten().collect()
    }
}

choice! {
    /// What is decided about a request.
    pub enum Verdict {
        /// Granted.
        Approved = "approved",
        /// People are asked.
        NeedsApproval = "needs-approval",
        /// Not granted.
        Denied = "denied",
        /// The request makes no sense.
        Invalid = "invalid",
    }
}

impl Parts for Scenario {}
