//! Service tiers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, Money, Parts, Percent, Ref, escalation::Escalation, sla::Sla};

/// A level of business criticality: how much it hurts when a service of the tier is down. The most critical
/// tier has rank 1 and never the looser targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Tier", example = serde_json::json!({
    "name": "Mission critical", "rank": 1, "downtime-cost": "50000 EUR", "sla": "platinum", "availability": "99.95%"
}))]
pub struct Tier {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What belongs in the tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The order of criticality: 1 is the most critical.
    #[schemars(range(min = 1))]
    pub rank: u32,
    /// What an hour of downtime costs the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downtime_cost: Option<Money>,
    /// The SLA of services that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sla: Option<Ref<Sla>>,
    /// How much of the time services of the tier must work, over a month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<Percent>,
    /// Recovery time objective: how long after a disaster the service works again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_time: Option<Duration>,
    /// Recovery point objective: how much of the latest data may be lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_point: Option<Duration>,
    /// The escalation of tickets for services of the tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Ref<Escalation>>,
}

impl Parts for Tier {}
