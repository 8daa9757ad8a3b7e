//! Request types.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, EntitlementRef, Id, LocalDate, Parts, Principal, Ref,
    article::Article,
    automation::Automation,
    category::Category,
    channel::Channel,
    choice::choice,
    condition::{AccessScope, When},
    service::{Lifecycle, Raci, Risk, Service},
    sla::Sla,
    team::Team,
    workflow::Workflow,
};

/// What people ask for: "reset my password", "a laptop for a new colleague". It says what the form asks,
/// who agrees, how long it takes and what is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Request type", example = serde_json::json!({
    "name": "VPN access", "event": "provision", "owner": "team:network", "workflow": "manager", "sla": "requests",
    "field": { "reason": { "label": "What do you need it for?", "type": "text", "required": true } }
}))]
pub struct RequestType {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it gets you, in words that a requester understands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The class it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Ref<Category>>,
    /// The service that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Ref<Service>>,
    /// Whether access is given, changed or taken away, or none of these.
    pub event: EventClass,
    /// Who answers for the request type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// Who agrees. Access that the request asks for is decided by the access policies as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<Ref<Workflow>>,
    /// How long it may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sla: Option<Ref<Sla>>,
    /// How much harm can be done with what is asked for.
    #[serde(default = "low")]
    pub risk: Risk,
    /// Where it is in its life.
    #[serde(default = "active")]
    pub lifecycle: Lifecycle,
    /// Ways in. Without any, every channel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Ref<Channel>>,
    /// Who may ask for it; without it, everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_when: Option<When<AccessScope>>,
    /// Whether people get it without a person on the other side.
    #[serde(default)]
    pub self_service: bool,
    /// How much of the work a machine does.
    #[serde(default)]
    pub automation_level: AutomationLevel,
    /// What the form asks, in this order.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub field: IndexMap<Id, Field>,
    /// The access that can be asked for with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<EntitlementRef>,
    /// What is done once everybody agreed, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub step: Vec<Step>,
    /// What there is to read about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub articles: Vec<Ref<Article>>,
    /// The next day on which somebody looks at whether all of this is still so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_date: Option<LocalDate>,
}

const fn low() -> Risk {
    Risk::Low
}

const fn active() -> Lifecycle {
    Lifecycle::Active
}

choice! {
    /// What a request does to access.
    pub enum EventClass {
        /// Gives something that was not there.
        Provision = "provision",
        /// Changes something that was there.
        Change = "change",
        /// Takes something away.
        Deprovision = "deprovision",
        /// Answers a question.
        Information = "information",
    }
}

choice! {
    /// How much of the work a machine does.
    pub enum AutomationLevel default Manual {
        /// People do it.
        Manual = "manual",
        /// A person starts it or finishes it.
        Assisted = "assisted",
        /// No person is needed.
        Automatic = "automatic",
    }
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Field {
    /// The question, as whoever fills in the form reads it.
    #[schemars(regex(pattern = r"\S"))]
    pub label: String,
    /// What sort of answer is expected.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// A sentence that helps to answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Whether there must be an answer.
    #[serde(default)]
    pub required: bool,
    /// The answers to choose from, for `choice` and `choices`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The attribute that the answer becomes, such as `request.duration`. Without it, `request.form.` and
    /// the id of the field.
    #[schemars(regex(pattern = r"^request\.[a-z0-9._-]+$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
}

choice! {
    /// What sort of answer a field takes.
    pub enum FieldType {
        /// One line.
        Text = "text",
        /// Several lines.
        LongText = "long-text",
        /// A whole number.
        Number = "number",
        /// Yes or no.
        Boolean = "boolean",
        /// A date.
        Date = "date",
        /// A length of time, such as `30d`.
        Duration = "duration",
        /// An amount of money.
        Money = "money",
        /// One of the options.
        Choice = "choice",
        /// Some of the options.
        Choices = "choices",
        /// A person.
        Person = "person",
        /// A team.
        Team = "team",
        /// A service.
        Service = "service",
        /// An entitlement.
        Entitlement = "entitlement",
        /// A file.
        Attachment = "attachment",
    }
}

/// Work that is done once everybody agreed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Step {
    /// The id, unique in the request type.
    pub id: Id,
    /// What is done in this step, in a few words.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// The team that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Ref<Team>>,
    /// The automation that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automation: Option<Ref<Automation>>,
    /// How long it may take, in the hours of the SLA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// RACI: who does the step (responsible), answers for it (accountable, exactly one), is asked
    /// (consulted) and is told (informed).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raci: Option<Raci>,
}

impl Parts for RequestType {
    fn parts(&self) -> Vec<&Id> {
        self.step.iter().map(|step| &step.id).collect()
    }
}
