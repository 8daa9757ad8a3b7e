//! Change models.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, Id, LocalDate, Parts, Principal, Ref,
    article::Article,
    calendar::Calendar,
    choice::choice,
    condition::{ChangeScope, When},
    quantity::Instant,
    service::Risk,
    workflow::Workflow,
};

/// How a type of change is assessed, approved and scheduled. Changes of a kind that is known to go well are
/// approved beforehand; others are authorised each time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Change model", example = serde_json::json!({
    "name": "Normal change", "type": "normal", "owner": "team:change-management",
    "risk": [{ "id": "production", "when": { "change": { "environment": "production" } }, "risk": "high" }],
    "authority": { "low": "peer-review", "high": "change-advisory-board" }
}))]
pub struct ChangeModel {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// When to use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Standard: approved beforehand, low risk, by a written procedure. Normal: authorised each time.
    /// Emergency: cannot wait, authorised fast and looked at afterwards.
    #[serde(rename = "type")]
    pub change_type: ChangeType,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// When a change follows this model rather than another of its type. Without it, always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<When<ChangeScope>>,
    /// How risky a change is: the first rule that matches decides; without a match, the highest risk.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risk: Vec<RiskRule>,
    /// Who authorises, by risk. A standard change needs nobody; otherwise a risk without an authority
    /// cannot be authorised.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub authority: BTreeMap<Risk, Ref<Workflow>>,
    /// The states that a change passes through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<ChangeState>,
    /// The written procedure; a standard change needs one, and is authorised for that alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procedure: Option<Ref<Article>>,
    /// How many times the procedure went well before it became a standard change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proven: Option<u32>,
    /// The hours in which the change may be carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintenance_window: Option<Ref<Calendar>>,
    /// Periods in which no change is carried out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<Freeze>,
    /// Whether it must have been tested in staging.
    #[serde(default)]
    pub staging_test: bool,
    /// Whether there must be a way back.
    #[serde(default)]
    pub rollback_plan: bool,
    /// How long after an emergency change it is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_within: Option<Duration>,
    /// How long before its start a change must be asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_time: Option<Duration>,
    /// How soon an emergency change begins once it is asked for: what can wait longer is no emergency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begins_within: Option<Duration>,
}

choice! {
    /// A type of change.
    pub enum ChangeType {
        /// Pre-approved, low risk, with a procedure that is known to work.
        Standard = "standard",
        /// Assessed and authorised each time.
        Normal = "normal",
        /// Cannot wait; authorised fast and looked at afterwards.
        Emergency = "emergency",
    }
}

choice! {
    /// What is changed.
    pub enum ChangeCategory {
        /// Machines, networks and platforms.
        Infrastructure = "infrastructure",
        /// A new version of software.
        Deployment = "deployment",
        /// A setting.
        Configuration = "configuration",
        /// Data.
        Data = "data",
        /// Buildings and equipment.
        Facility = "facility",
    }
}

choice! {
    /// A state of a change.
    pub enum ChangeState {
        /// Written down.
        New = "new",
        /// Risk and impact are looked at.
        Assess = "assess",
        /// Waits for the change authority.
        Authorize = "authorize",
        /// Has its time.
        Scheduled = "scheduled",
        /// Is being carried out.
        Implement = "implement",
        /// Is looked back on.
        Review = "review",
        /// Finished.
        Closed = "closed",
        /// Withdrawn.
        Cancelled = "cancelled",
    }
}

/// A rule about the risk of a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RiskRule {
    /// The id, unique in the model.
    pub id: Id,
    /// When it matches. Without it, always.
    #[serde(default)]
    pub when: When<ChangeScope>,
    /// The risk of such a change.
    pub risk: Risk,
}

/// A period in which no change is carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Freeze {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// The first instant of the freeze.
    pub from: Instant,
    /// The first instant after the freeze.
    pub until: Instant,
    /// Who may authorise a change in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<Ref<Workflow>>,
    /// The last day on which the dates were confirmed with the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_on: Option<LocalDate>,
}

impl Parts for ChangeModel {
    fn parts(&self) -> Vec<&Id> {
        self.risk.iter().map(|rule| &rule.id).collect()
    }
}
