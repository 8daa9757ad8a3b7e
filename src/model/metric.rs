//! Metrics.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, Parts, Percent, Principal, Ref, calendar::Calendar, choice::choice, service::Service};

/// A measure: how it is counted, what is aimed for, and which decision it drives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Metric", example = serde_json::json!({
    "name": "Breach rate", "measure": "breach-rate", "by": ["tier"], "target": "5%", "decides": "where to add people"
}))]
pub struct Metric {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// How it is counted: what is measured, and of which tickets.
    pub measure: Measure,
    /// The service that it is about. Without it, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Ref<Service>>,
    /// What it is broken down by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Breakdown>,
    /// The share that is aimed for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Percent>,
    /// The time that is aimed for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_time: Option<Duration>,
    /// The hours in which time counts. Without it, all hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Ref<Calendar>>,
    /// The decision that it drives. A number that decides nothing is not worth counting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decides: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// How often somebody looks at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_every: Option<Duration>,
}

choice! {
    /// How something is counted.
    pub enum Measure {
        /// Mean time from opening to the first answer.
        TimeToAcknowledge = "time-to-acknowledge",
        /// Mean and median time from opening to resolution.
        TimeToResolve = "time-to-resolve",
        /// Clocks that missed their target, of all that ended or ran over.
        BreachRate = "breach-rate",
        /// Done as promised, of all that was promised: what service standards publish.
        ComplianceRate = "compliance-rate",
        /// Solved with one contact, of all solved.
        FirstContactResolution = "first-contact-resolution",
        /// Reopened at least once, of all solved.
        ReopenRate = "reopen-rate",
        /// Opened again soon after by the same person about the same thing.
        RepeatRate = "repeat-rate",
        /// Open tickets at an instant.
        Backlog = "backlog",
        /// Mean time from request to decision by people.
        ApprovalLatency = "approval-latency",
        /// Decided with an exception, of all decided.
        ExceptionRate = "exception-rate",
        /// Decided without a person, of all decided.
        AutomationRate = "automation-rate",
        /// Grants without holder, owner, end or approval, of all grants.
        OrphanedAccess = "orphaned-access",
        /// Removed and seen to be gone, of all that ended.
        DeprovisioningCompletion = "deprovisioning-completion",
        /// Decided by the end of the campaign, of all in scope.
        RecertificationCompletion = "recertification-completion",
        /// Changes that went well, of all carried out.
        ChangeSuccess = "change-success",
        /// Time that services worked.
        Availability = "availability",
        /// What people say afterwards.
        Satisfaction = "satisfaction",
        /// Articles whose review date has not passed.
        KnowledgeFreshness = "knowledge-freshness",
    }
}

choice! {
    /// What a measure is broken down by.
    pub enum Breakdown {
        /// The tier of the service.
        Tier = "tier",
        /// The service.
        Service = "service",
        /// The category.
        Category = "category",
        /// The priority.
        Priority = "priority",
        /// The team.
        Team = "team",
        /// The request type.
        RequestType = "request-type",
        /// The department of the requester.
        Department = "department",
        /// The tenant.
        Tenant = "tenant",
    }
}

impl Parts for Metric {}
