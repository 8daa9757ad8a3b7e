//! Separation of duties.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EntitlementRef, Parts, Principal, Ref, access::Mode, service::Risk, workflow::Workflow};

/// Separation of duties: entitlements that nobody may hold together, because together they allow fraud or a
/// mistake that nobody else sees.
///
/// `entitlements` lists entitlements of which nobody may hold two. With `against`, holding one of
/// `entitlements` together with one of `against` is the conflict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Separation of duties", example = serde_json::json!({
    "description": "whoever creates suppliers must not pay them", "owner": "team:finance",
    "entitlements": ["erp/supplier-create"], "against": ["erp/payment-release"], "risk": "high", "decision": "deny"
}))]
pub struct Sod {
    /// Why these do not go together; people who are denied read it.
    #[schemars(regex(pattern = r"\S"))]
    pub description: String,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// The entitlements; without `against`, nobody may hold two of them.
    #[schemars(length(min = 1))]
    pub entitlements: Vec<EntitlementRef>,
    /// The other side of the conflict: one of these together with one of `entitlements` is too much for one
    /// person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<EntitlementRef>,
    /// How much harm can be done by somebody who holds both.
    pub risk: Risk,
    /// What happens to a request that would bring both together.
    pub decision: SodDecision,
    /// Whether the rule changes decisions, warns, or is only written down.
    #[serde(default)]
    pub mode: Mode,
}

/// What happens to a request that would bring conflicting entitlements together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SodDecision {
    /// Denied.
    Deny,
    /// Decided by people: `decision.workflow = "risk-owner"`.
    Workflow(Ref<Workflow>),
}

impl Sod {
    /// Whether somebody may not hold both.
    #[must_use]
    pub fn conflicts(&self, one: &EntitlementRef, other: &EntitlementRef) -> bool {
        if one == other {
            return false;
        }
        if self.against.is_empty() {
            return self.entitlements.contains(one) && self.entitlements.contains(other);
        }
        let across = |left, right| self.entitlements.contains(left) && self.against.contains(right);
        across(one, other) || across(other, one)
    }

    /// Two that nobody may hold together, the one that is written first in the front: whichever of them is asked for, the
    /// same is said.
    #[must_use]
    pub fn in_order<'e>(
        &self,
        one: &'e EntitlementRef,
        other: &'e EntitlementRef,
    ) -> (&'e EntitlementRef, &'e EntitlementRef) {
        let place = |wanted: &EntitlementRef| {
            let all = self.entitlements.iter().chain(&self.against);
            all.take_while(|known| *known != wanted).count()
        };
        if place(other) < place(one) { (other, one) } else { (one, other) }
    }
}

impl Parts for Sod {}
