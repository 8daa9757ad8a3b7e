//! How much one plan may change at a target.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Percent;

/// How much one plan may change at a target, for each kind of object. A plan that would change more is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Limits {
    /// The most objects of a kind that are deleted.
    pub deletes: u32,
    /// The largest share of the objects of a kind that is deleted. One object can always be deleted, except where the share
    /// is `0%`.
    pub delete_share: Percent,
    /// The most objects of a kind that are updated.
    pub updates: u32,
    /// The largest share of the objects of a kind that is updated, once there are more than ten updates, or where it is `0%`.
    pub update_share: Percent,
    /// For how many hours after it was made a plan can be applied at most.
    #[schemars(range(min = 1, max = 720))]
    pub plan_hours: u16,
    /// Objects that are never deleted, by the names that plans show: `service/mail`, `sla/gold/p1/resolve`, or `team/*` for all
    /// teams.
    #[schemars(inner(regex(
        pattern = "^[a-z0-9-]+/([a-z0-9][a-z0-9._-]{0,63}(/[a-z0-9][a-z0-9._-]{0,63})*|[*])$"
    )))]
    pub protect: Vec<String>,
    /// Limits of a kind of objects, in the place of those of all kinds: `kind.service.deletes = 0`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kind: BTreeMap<String, KindLimits>,
}

/// How much one plan may change of a kind of objects. What is not said is as for all kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct KindLimits {
    /// The most objects of the kind that are deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletes: Option<u32>,
    /// The largest share of the objects of the kind that is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_share: Option<Percent>,
    /// The most objects of the kind that are updated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updates: Option<u32>,
    /// The largest share of the objects of the kind that is updated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_share: Option<Percent>,
}

impl Default for Limits {
    fn default() -> Self {
        let percent =
            |whole: u32| Percent::from_parts_per_million(whole * 10_000).unwrap_or(Percent::NOTHING);
        Self {
            deletes: 10,
            delete_share: percent(25),
            updates: 1_000,
            update_share: percent(75),
            plan_hours: 168,
            protect: Vec::new(),
            kind: BTreeMap::new(),
        }
    }
}
