//! Approval workflows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Duration, Id, Parts, Percent, Principal, Ref,
    calendar::Calendar,
    choice::choice,
    condition::{PersonScope, When},
};

/// An approval workflow: ordered stages, each of which must be satisfied by other people. One rejection rejects. Nobody
/// approves their own request, and silence never approves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Workflow", example = serde_json::json!({
    "name": "Manager, then owner",
    "stage": [
        { "id": "manager", "approvers": ["role:manager"], "within": "2bd", "on-timeout": { "escalate": ["role:manager-2"] } },
        { "id": "owner", "approvers": ["role:entitlement-owner"], "fallback": ["team:service-desk"] }
    ]
}))]
pub struct Workflow {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// When to use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// Whether nobody is asked. A workflow without stages must say so; access is never granted by one.
    #[serde(default)]
    pub automatic: bool,
    /// The stages, one after the other: the next one opens when enough people have agreed in the one
    /// before.
    pub stage: Vec<Stage>,
    /// Whether everybody counts for one stage only. Turning it off loosens the workflow, as long as no other workflow
    /// that keeps people apart is asked about the same request.
    #[serde(default = "yes")]
    pub distinct: bool,
}

const fn yes() -> bool {
    true
}

/// A stage of an approval workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Stage {
    /// The id, unique in the workflow.
    pub id: Id,
    /// The name that people know it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who may approve: any mix of roles, teams, people and on-call rotas.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<Principal>,
    /// Who may approve, by attribute: everybody in the directory for whom this holds, besides `approvers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approvers_when: Option<When<PersonScope>>,
    /// How many of them are needed: a number, `"all"`, or a share such as `"40%"`, rounded up.
    #[serde(default)]
    pub need: Need,
    /// How long they have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// The hours in which that time runs. Without it, all hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Ref<Calendar>>,
    /// What happens when the time is up: `"deny"`, or more approvers. Silence never approves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_timeout: Option<OnTimeout>,
    /// Who approves when nobody else can. Without it, such a request is denied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<Principal>,
    /// What the requester must bring before the stage can be approved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub require: Vec<Evidence>,
}

/// What happens when the time of a stage is up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnTimeout {
    /// The request is denied.
    Deny,
    /// These may approve as well; the earlier ones still may. How many have to agree stays what it was, also with `all`: then
    /// those who are asked later take the place of earlier ones who are silent.
    Escalate(Vec<Principal>),
}

/// How many approvers are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// So many.
    Count(u32),
    /// As many as there are of them who can act when the stage opens.
    All,
    /// This share of them, rounded up, at least one.
    Share(Percent),
}

impl Default for Need {
    fn default() -> Self {
        Self::Count(1)
    }
}

impl std::fmt::Display for Need {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => write!(formatter, "{count}"),
            Self::All => formatter.write_str("all"),
            Self::Share(share) => write!(formatter, "{share}"),
        }
    }
}

impl Serialize for Need {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_u32(*count),
            Self::All | Self::Share(_) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Need {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Need;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a number, `\"all\"` or a share such as `\"40%\"`")
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Need, E> {
                u32::try_from(number)
                    .map(Need::Count)
                    .map_err(|_| E::custom("the number must not be negative"))
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Need, E> {
                u32::try_from(number).map(Need::Count).map_err(|_| E::custom("the number is too large"))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Need, E> {
                if text == "all" {
                    return Ok(Need::All);
                }
                let share: Percent = text.parse().map_err(E::custom)?;
                if share.parts_per_million() == 0 {
                    return Err(E::custom("a share of nobody would need no approver: write at least `1%`"));
                }
                Ok(Need::Share(share))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Need {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Need".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "How many approvers are needed: a number, `\"all\"`, or a share such as `\"40%\"`, rounded up.",
            "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": 100 },
                { "type": "string", "examples": ["all", "40%"], "pattern": "^(all|(100|[1-9][0-9]?(\\.[0-9]{1,4})?)%)$" },
            ],
        })
    }
}

choice! {
    /// What a requester must bring.
    pub enum Evidence {
        /// A reason in words.
        Justification = "justification",
        /// The number of a ticket.
        Ticket = "ticket",
        /// Proof of a training.
        Training = "training",
        /// A project with an end.
        Project = "project",
        /// A signed agreement.
        Agreement = "agreement",
        /// A second factor at the time of the request.
        Mfa = "mfa",
    }
}

impl Parts for Workflow {
    fn parts(&self) -> Vec<&Id> {
        self.stage.iter().map(|stage| &stage.id).collect()
    }
}
