//! Services and their entitlements.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, Id, LocalDate, Money, Parts, Percent, Principal, Ref, article::Article, automation::Automation,
    calendar::Calendar, category::Category, channel::Channel, choice::choice, condition::Literal,
    configuration_item::ConfigurationItem, sla::Sla, team::Team, tenant::Tenant, tier::Tier,
};

/// Something that is offered: "VPN", "payroll", "meeting rooms". It says who owns it, how critical it is,
/// what is promised about it, and what access to it can be asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Service", example = serde_json::json!({
    "name": "Salesforce", "owner": "team:sales-systems", "tier": "business-critical", "lifecycle": "active",
    "support-team": "service-desk", "sla": "gold", "category": "crm"
}))]
pub struct Service {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it is, in words that a requester understands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who is accountable for it: a team or a role rather than one person's inbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// Who answers for the application behind it, when that is somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_owner: Option<Principal>,
    /// How critical it is for the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<Ref<Tier>>,
    /// Where it is in its life. A retired service cannot be requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,
    /// The team that supports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_team: Option<Ref<Team>>,
    /// What is promised; without it, the SLA of the tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sla: Option<Ref<Sla>>,
    /// The hours in which support can be had, when they are not those of the SLA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_hours: Option<Ref<Calendar>>,
    /// How much of the time it must work, when that is not the figure of the tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<Percent>,
    /// The category it belongs to: tickets about the service are counted and routed by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Ref<Category>>,
    /// Whether it is for people in the company, for customers, or for other services.
    #[serde(default)]
    pub audience: Audience,
    /// The services that it cannot work without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Ref<Service>>,
    /// The components that it runs on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configuration_items: Vec<Ref<ConfigurationItem>>,
    /// Who does what, by activity: `raci.incident.accountable = "team:network"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub raci: BTreeMap<Id, Raci>,
    /// What there is to read about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub articles: Vec<Ref<Article>>,
    /// The channels by which it can be asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Ref<Channel>>,
    /// People of the business who have a say in its priorities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stakeholders: Vec<Principal>,
    /// When it stops being offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retire_on: Option<LocalDate>,
    /// What to use instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replacement: Option<Ref<Service>>,
    /// The next day on which somebody looks at whether all of this is still so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_date: Option<LocalDate>,
    /// What data it holds and how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<DataHandling>,
    /// The client or company that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Ref<Tenant>>,
    /// Attributes declared in `gitsm.toml` under `[attribute.service]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Id, Literal>,
    /// The access that can be asked for: `[service.salesforce.entitlement.sales-standard]`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub entitlement: IndexMap<Id, Entitlement>,
}

choice! {
    /// Where a service is in its life.
    pub enum Lifecycle {
        /// Planned; cannot be requested yet.
        Proposed = "proposed",
        /// In use.
        Active = "active",
        /// Still works, but new users should take something else.
        Deprecated = "deprecated",
        /// Switched off; cannot be requested.
        Retired = "retired",
    }
}

impl Lifecycle {
    /// Whether it can be had: from when it is in use until it is switched off.
    #[must_use]
    pub const fn is_offered(self) -> bool {
        !matches!(self, Self::Retired | Self::Proposed)
    }
}

choice! {
    /// Who a service is for.
    pub enum Audience default Internal {
        /// People inside the organisation.
        Internal = "internal",
        /// Customers outside the organisation.
        Customer = "customer",
        /// Other services; nobody asks for it directly.
        Supporting = "supporting",
    }
}

/// Who does what in an activity. Exactly one is accountable, at least one responsible.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Raci {
    /// Those who do the work.
    #[schemars(length(min = 1))]
    pub responsible: Vec<Principal>,
    /// The one who answers for the result.
    pub accountable: Principal,
    /// Those who are asked first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consulted: Vec<Principal>,
    /// Those who are told afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub informed: Vec<Principal>,
}

/// What data a service holds and how long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DataHandling {
    /// How sensitive the data is.
    pub classification: Classification,
    /// Whether it holds data about people.
    #[serde(default)]
    pub personal_data: bool,
    /// The country or region in which it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residency: Option<String>,
    /// How long it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<Duration>,
    /// Names of fields that are blacked out in evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redact: Vec<String>,
}

choice! {
    /// How sensitive data is.
    pub enum Classification {
        /// Anybody may know.
        Public = "public",
        /// Anybody inside may know.
        Internal = "internal",
        /// Only those who need it.
        Confidential = "confidential",
        /// Harm if it gets out.
        Restricted = "restricted",
    }
}

/// Access that can be asked for, and exactly what an approval of it grants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Entitlement")]
pub struct Entitlement {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it lets people do, in words that an approver understands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How much harm can be done with it.
    pub risk: Risk,
    /// Whether it gives administrative power.
    #[serde(default)]
    pub privileged: bool,
    /// The environment that it gives access to.
    #[serde(default)]
    pub environment: Environment,
    /// Who answers for it; approves as `role:entitlement-owner`. Without it, the owner of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// The licence that it uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence_tier: Option<String>,
    /// The role or permission level in the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The groups that membership is given in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The longest time that it is granted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_duration: Option<Duration>,
    /// How often somebody looks at whether holders still need it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recertify: Option<Duration>,
    /// How the access is given once it is approved: by an automation or by a team, and how fast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provision: Option<Provision>,
    /// How it is taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove: Option<Removal>,
    /// What it costs each month for each holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_per_month: Option<Money>,
    /// A training that holders must have done: whoever asks for the entitlement has to show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training: Option<String>,
    /// Attributes declared in `gitsm.toml` under `[attribute.entitlement]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Id, Literal>,
    /// Whether people may ask for it. Hidden ones are only granted through bundles.
    #[serde(default = "yes")]
    pub requestable: bool,
}

const fn yes() -> bool {
    true
}

choice! {
    /// How much harm can be done.
    pub enum Risk {
        /// Little: public or easily undone.
        Low = "low",
        /// Some: internal data, or work to undo.
        Medium = "medium",
        /// Much: confidential data, money, production.
        High = "high",
        /// The organisation itself is in danger.
        Critical = "critical",
    }
}

choice! {
    /// An environment.
    pub enum Environment default Production {
        /// Where the business runs.
        Production = "production",
        /// A copy of production to try things in.
        Staging = "staging",
        /// Where things are tested.
        Test = "test",
        /// Where things are made.
        Development = "development",
    }
}

/// How access is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Provision {
    /// Whether an automation gives it, or a team by hand.
    pub method: Method,
    /// The automation that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automation: Option<Ref<Automation>>,
    /// The team that does it by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Ref<Team>>,
    /// The longest that giving it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
}

/// How access is taken away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Removal {
    /// Whether an automation takes it away, or a team by hand.
    pub method: Method,
    /// The automation that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automation: Option<Ref<Automation>>,
    /// The team that does it by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Ref<Team>>,
    /// How long it may take after the access ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// Whether somebody or something looks that it is really gone.
    #[serde(default = "yes")]
    pub verify: bool,
}

choice! {
    /// Who carries something out.
    pub enum Method {
        /// A machine does it.
        Automatic = "automatic",
        /// A person does it.
        Manual = "manual",
    }
}

impl Parts for Service {
    fn parts(&self) -> Vec<&Id> {
        self.entitlement.keys().collect()
    }
}
