//! What must come out of a scenario.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    EntitlementRef, Priority, Ref, change_model::ChangeModel, choice::choice, person::Person,
    quantity::Instant, scenario::CaseKind, service::Risk, team::Team,
};

/// What must come out of a scenario. What is not written is not checked; an empty list says that there is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Expectation {
    /// What is decided about a request or a change; one of them needs it. An incident can only be `invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<ExpectedVerdict>,
    /// Rules that decide, as `kind:id` or `kind:id/rule`. Others may decide, too; an empty list says that none does.
    ///
    /// Of an incident: the priority matrix, the routing rule or else the routing, the SLA, definitions of a major
    /// incident. Of a change: the change model and its risk rule. Of a joiner, mover or leaver: the bundles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<String>>,
    /// Why a request or change is denied, by the short names of the JSON output, such as `no-approver` or `frozen`:
    /// all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Vec<String>>,
    /// The stages of a request or change that are asked, as `workflow/stage`: all of them, in their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stages: Option<Vec<String>>,
    /// The people who can approve, by stage.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub approvers: BTreeMap<String, Vec<Ref<Person>>>,
    /// When the access that is asked for ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Instant>,
    /// When things are due.
    #[serde(default, skip_serializing_if = "Dues::is_empty")]
    pub due: Dues,
    /// The priority of an incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The team that an incident goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Ref<Team>>,
    /// The queue that an incident goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// Who of the team is on call when an incident is reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_call: Option<Ref<Person>>,
    /// Whether an incident is major. Which definition says so is one of the `rules`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub major: Option<bool>,
    /// The steps by which an incident escalates if nothing happens, as `escalation/step`: all of them, in the order of
    /// time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Vec<String>>,
    /// Who is told when, by the step of the escalation.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub told: BTreeMap<String, Told>,
    /// The model that a change follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Ref<ChangeModel>>,
    /// How risky a change is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// How a change lies to the maintenance window of its model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<InWindow>,
    /// The names of the freezes that a change overlaps: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freezes: Option<Vec<String>>,
    /// When a change can begin at the earliest because of the lead time of its model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest: Option<Instant>,
    /// What somebody is given who joins or moves: all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<Vec<EntitlementRef>>,
    /// What is taken from somebody who leaves or moves: all of it. Of somebody who moves, what came with the old job and what
    /// would be denied in the new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed: Option<Vec<EntitlementRef>>,
    /// What somebody holds who moves, and what people have to agree to anew: all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_anew: Option<Vec<EntitlementRef>>,
}

/// When things are due.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Dues {
    /// When the last stage of a request or change has to have answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Instant>,
    /// When a request by type is delivered by its SLA, by priority: `due.delivery.p3 = …`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub delivery: BTreeMap<Priority, Instant>,
    /// When somebody who can help has to have answered an incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respond: Option<Instant>,
    /// When the requester of an incident has to hear news for the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<Instant>,
    /// When there has to be a workaround for an incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workaround: Option<Instant>,
    /// When an incident has to be solved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolve: Option<Instant>,
    /// When somebody has to have looked back on a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Instant>,
}

impl Dues {
    /// Whether nothing is expected to be due.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Who is told at a step of an escalation, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Told {
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// Who: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<Vec<Ref<Person>>>,
}

choice! {
    /// What is decided about a request or a change, or that it makes no sense.
    pub enum ExpectedVerdict {
        /// A request that is granted; nobody is asked.
        Approved = "approved",
        /// A change that may be carried out; nobody is asked.
        Authorised = "authorised",
        /// People are asked.
        NeedsApproval = "needs-approval",
        /// Not granted, or not to be carried out like this.
        Denied = "denied",
        /// It makes no sense.
        Invalid = "invalid",
    }
}

choice! {
    /// How a change lies to its maintenance window.
    pub enum InWindow {
        /// The whole change lies in it.
        Inside = "inside",
        /// Some of the change lies outside.
        Outside = "outside",
        /// The model has no window, or nothing was decided.
        None = "none",
    }
}

impl ExpectedVerdict {
    /// Whether such a thing can come to this.
    #[must_use]
    pub const fn is_about(self, kind: CaseKind) -> bool {
        match kind {
            CaseKind::Request => !matches!(self, Self::Authorised),
            CaseKind::Change => !matches!(self, Self::Approved),
            CaseKind::Incident => matches!(self, Self::Invalid),
            CaseKind::Joiner | CaseKind::Mover | CaseKind::Leaver => false,
        }
    }
}

impl Expectation {
    /// Whether a thing of this kind has a verdict, so that a scenario about it has to expect one.
    #[must_use]
    pub const fn needs_verdict(kind: CaseKind) -> bool {
        matches!(kind, CaseKind::Request | CaseKind::Change)
    }

    /// The fields that are written and that nothing of this kind has, as JSON pointers below `expect`.
    #[must_use]
    pub fn misplaced(&self, kind: CaseKind) -> Vec<&'static str> {
        use CaseKind::{Change, Incident, Joiner, Leaver, Mover, Request};
        let due = &self.due;
        let fields: [(&'static str, bool, &[CaseKind]); 27] = [
            ("verdict", self.verdict.is_some(), &[Request, Change, Incident]),
            ("reasons", self.reasons.is_some(), &[Request, Change]),
            ("stages", self.stages.is_some(), &[Request, Change]),
            ("approvers", !self.approvers.is_empty(), &[Request, Change]),
            ("expires", self.expires.is_some(), &[Request]),
            ("due/approval", due.approval.is_some(), &[Request, Change]),
            ("due/delivery", !due.delivery.is_empty(), &[Request]),
            ("due/respond", due.respond.is_some(), &[Incident]),
            ("due/update", due.update.is_some(), &[Incident]),
            ("due/workaround", due.workaround.is_some(), &[Incident]),
            ("due/resolve", due.resolve.is_some(), &[Incident]),
            ("due/review", due.review.is_some(), &[Change]),
            ("priority", self.priority.is_some(), &[Incident]),
            ("team", self.team.is_some(), &[Incident]),
            ("queue", self.queue.is_some(), &[Incident]),
            ("on-call", self.on_call.is_some(), &[Incident]),
            ("major", self.major.is_some(), &[Incident]),
            ("escalation", self.escalation.is_some(), &[Incident]),
            ("told", !self.told.is_empty(), &[Incident]),
            ("model", self.model.is_some(), &[Change]),
            ("risk", self.risk.is_some(), &[Change]),
            ("window", self.window.is_some(), &[Change]),
            ("freezes", self.freezes.is_some(), &[Change]),
            ("earliest", self.earliest.is_some(), &[Change]),
            ("given", self.given.is_some(), &[Joiner, Mover]),
            ("removed", self.removed.is_some(), &[Mover, Leaver]),
            ("asked-anew", self.asked_anew.is_some(), &[Mover]),
        ];
        let misplaced = fields.iter().filter(|(_, written, kinds)| *written && !kinds.contains(&kind));
        misplaced.map(|(name, ..)| *name).collect()
    }
}
