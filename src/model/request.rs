//! Requests: what people ask for.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, EntitlementRef, Id, Instant, Ref,
    bundle::Bundle,
    condition::Literal,
    person::Person,
    request_type::RequestType,
    service::{Environment, Service},
    workflow::Evidence,
};

/// What somebody asks for: access, a bundle, or a request type with its form filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Request {
    /// Who asks.
    pub requester: Ref<Person>,
    /// Who it is for, when that is somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beneficiary: Option<Ref<Person>>,
    /// The access that is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<EntitlementRef>,
    /// The bundle that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<Ref<Bundle>>,
    /// The request type that is filled in.
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_type: Option<Ref<RequestType>>,
    /// The service that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Ref<Service>>,
    /// How long it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Duration>,
    /// The environment that it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    /// The ticket that is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The project that is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// What the requester brought besides: proof of a training, a signed agreement, a second factor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// What else they have asked for and what is not decided yet; duties are kept apart from it as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<EntitlementRef>,
    /// Whether it is marked as an emergency.
    #[serde(default)]
    pub emergency: bool,
    /// The answers in the form.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub form: BTreeMap<Id, Literal>,
}

impl Request {
    /// A request of somebody for themselves that asks for nothing yet.
    #[must_use]
    pub fn of(requester: Ref<Person>) -> Self {
        Self {
            requester,
            beneficiary: None,
            entitlements: Vec::new(),
            bundle: None,
            request_type: None,
            service: None,
            duration: None,
            environment: None,
            justification: None,
            ticket: None,
            project: None,
            evidence: Vec::new(),
            pending: Vec::new(),
            emergency: false,
            form: BTreeMap::new(),
        }
    }
}

/// A request with the instant at which it is made, as files and streams of requests hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Request", example = serde_json::json!({
    "now": "2026-03-02T09:00:00Z",
    "request": { "requester": "ana.silva", "entitlements": ["salesforce/sales-standard"], "duration": "90d" }
}))]
pub struct DatedRequest {
    /// A name for the request; it comes back with the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it is made. Without it, the `--now` of the command, or now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Instant>,
    /// The commit of the rulebook under which it was made: a decision stays one of that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_commit: Option<String>,
    /// What is asked for.
    pub request: Request,
}
