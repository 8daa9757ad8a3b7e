//! The ledger of access.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, EntitlementRef, Id, LocalDate, Parts, Ref, choice::choice, condition::Literal, person::Person,
    quantity::Instant, review::Review, service::Environment, workflow::Evidence,
};

/// Access that was given: to whom, what, on whose decision, and until when. It outlives the ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Grant", example = serde_json::json!({
    "beneficiary": "ana.silva", "entitlement": "salesforce/sales-standard", "start": "2026-01-01", "end": "2026-06-30",
    "request": "REQ-1042", "decision": { "verdict": "approved", "rules": ["access:salesforce/sales"] }
}))]
pub struct Grant {
    /// The person or account that has the access.
    pub beneficiary: Ref<Person>,
    /// Who asked for it, when that was somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requester: Option<Ref<Person>>,
    /// What they have.
    pub entitlement: EntitlementRef,
    /// The first day on which the access is in force.
    pub start: LocalDate,
    /// The last day. Only low-risk access may be without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<LocalDate>,
    /// The instant at which it ends, when that is before its last day is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// The grant that it goes on from, when it was renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renews: Option<Ref<Grant>>,
    /// The project that it ends with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Why it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    /// The number of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// What was asked for, as far as the grant does not say it anyway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<GrantRequest>,
    /// The decision behind it: what was decided, and by which rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<GrantDecision>,
    /// Who agreed, stage by stage of the workflow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approval: Vec<Approval>,
    /// What was given exactly, by name: licence tier, role, groups as a list.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub provisioned: BTreeMap<Id, Provided>,
    /// Where it is in its life.
    #[serde(default)]
    pub state: GrantState,
    /// What has to follow when it was given in an emergency, past people who agree otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency: Option<Emergency>,
    /// When and why it ended, once it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<GrantEnd>,
}

/// What was given under one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Provided {
    /// One thing. Of `groups` a text is the names of several, with commas between them: names that have commas
    /// themselves stand in a list.
    One(String),
    /// Several things.
    Several(Vec<String>),
}

/// What was asked for, as far as a grant does not say it anyway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GrantRequest {
    /// When it was asked for.
    pub at: Instant,
    /// How long it was asked for; without it, without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Duration>,
    /// The ticket that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The environment that it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// What the requester brought besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// The request type that was filled in.
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_type: Option<Id>,
    /// The answers in its form.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub form: BTreeMap<Id, Literal>,
}

/// Access that was given in an emergency. Somebody looks at it afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Emergency {
    /// The last day on which somebody can look at it.
    pub review_by: LocalDate,
    /// The stages that would have been asked otherwise, as `workflow/stage`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
    /// What somebody found who looked at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<EmergencyReview>,
}

/// What somebody found who looked at access that was given in an emergency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EmergencyReview {
    /// Who looked; never who asked for it or has it.
    pub by: Ref<Person>,
    /// When.
    pub at: Instant,
    /// Whether it was right.
    pub found: EmergencyFinding,
    /// What there is to say about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

choice! {
    /// What somebody found who looked at access that was given in an emergency.
    pub enum EmergencyFinding {
        /// There was an emergency, and the access was used for it.
        Justified = "justified",
        /// There was none, or the access was used for something else.
        NotJustified = "not-justified",
    }
}

/// When and why a grant ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GrantEnd {
    /// When.
    pub at: Instant,
    /// Why.
    pub why: EndReason,
    /// Who took it away, when somebody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Ref<Person>>,
    /// The campaign in which it was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Ref<Review>>,
    /// More about it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

choice! {
    /// Why a grant ended.
    pub enum EndReason {
        /// Its last day has passed.
        Expired = "expired",
        /// Its holder has left.
        HolderLeft = "holder-left",
        /// Somebody took it away.
        Revoked = "revoked",
        /// Somebody who looked at it said that it is not needed.
        NotNeeded = "not-needed",
        /// Nobody said that it is still needed.
        NotAnswered = "not-answered",
        /// Those who were asked did not agree.
        Rejected = "rejected",
    }
}

/// The decision behind a grant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GrantDecision {
    /// What was decided.
    pub verdict: GrantVerdict,
    /// The rules that decided, as `kind:id` or `kind:id/rule`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The commit of the policy that decided.
    #[schemars(regex(pattern = "^[0-9a-f]{7,64}$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_commit: Option<String>,
    /// The stages in which people have to agree, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<GrantStage>,
    /// A digest of what was asked for and decided, so that a change by hand is noticed. It is no protection from
    /// somebody who makes it anew.
    #[schemars(regex(pattern = "^[0-9a-f]{40}$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// A stage in which people have to agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GrantStage {
    /// The stage, as `workflow/stage`.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*$"))]
    pub stage: String,
    /// How many different people have to agree.
    #[schemars(range(min = 1))]
    pub need: u32,
}

choice! {
    /// What was decided about a grant.
    pub enum GrantVerdict {
        /// Approved by rule.
        AutoApproved = "auto-approved",
        /// Approved by people.
        Approved = "approved",
        /// Asked for, and people have to agree: nobody has anything by it yet.
        NeedsApproval = "needs-approval",
        /// Comes with a role or department.
        Birthright = "birthright",
        /// Was there before gitsm.
        Imported = "imported",
    }
}

/// One person's approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Approval {
    /// The stage.
    pub stage: Id,
    /// Who approved.
    pub by: Ref<Person>,
    /// On whose behalf, when they stood in for somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Ref<Person>>,
    /// When.
    pub at: Instant,
}

choice! {
    /// Where a grant is in its life.
    pub enum GrantState default Active {
        /// Asked for, and not everybody agreed yet: it gives nothing.
        Requested = "requested",
        /// In force, or will be on its first day.
        Active = "active",
        /// Over: it gives nothing any more, and what nothing else gives is to be taken away.
        Ended = "ended",
        /// Ended, and seen to be gone.
        Removed = "removed",
        /// Taken away before its end.
        Revoked = "revoked",
    }
}

impl Parts for Grant {}
