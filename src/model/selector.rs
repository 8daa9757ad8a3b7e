//! Selectors: fields that can name several kinds, written `kind:id`.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    Kind,
    id::{Id, Newtype, SELECTOR},
};

/// Somebody who can act: named people, the members of a team, whoever is on call, or a role that is
/// resolved for each request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// `person:ana`.
    Person(Id),
    /// `team:network`: every active member.
    Team(Id),
    /// `on-call:network`: whoever of the team is on call at the time.
    OnCall(Id),
    /// `role:manager`: resolved for each request.
    Role(Role),
}

/// A role that is resolved for each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// `manager`: the manager of the beneficiary.
    Manager,
    /// `manager-2`: the manager's manager, and so on up to `manager-9`.
    ManagerLevel(u8),
    /// `service-owner`: the owner of the service asked for.
    ServiceOwner,
    /// `entitlement-owner`: the owner of the entitlement, or of its service when it has none.
    EntitlementOwner,
    /// `team-lead`: the lead of the team that supports the service.
    TeamLead,
    /// `category-owner`: the owner of the category.
    CategoryOwner,
    /// `requester`: whoever asked. Never an approver of their own request; used to notify.
    Requester,
    /// `change-owner`: whoever is responsible for the change.
    ChangeOwner,
}

impl Role {
    /// Every role by its name; `manager-2` stands for all levels.
    pub const NAMES: [&'static str; 8] = [
        "manager",
        "manager-2",
        "service-owner",
        "entitlement-owner",
        "team-lead",
        "category-owner",
        "requester",
        "change-owner",
    ];

    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "manager" => Self::Manager,
            "service-owner" => Self::ServiceOwner,
            "entitlement-owner" => Self::EntitlementOwner,
            "team-lead" => Self::TeamLead,
            "category-owner" => Self::CategoryOwner,
            "requester" => Self::Requester,
            "change-owner" => Self::ChangeOwner,
            _ => match text.strip_prefix("manager-")?.as_bytes() {
                [digit @ b'2'..=b'9'] => Self::ManagerLevel(digit - b'0'),
                _ => return None,
            },
        })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Manager => "manager",
            Self::ManagerLevel(level) => return write!(formatter, "manager-{level}"),
            Self::ServiceOwner => "service-owner",
            Self::EntitlementOwner => "entitlement-owner",
            Self::TeamLead => "team-lead",
            Self::CategoryOwner => "category-owner",
            Self::Requester => "requester",
            Self::ChangeOwner => "change-owner",
        })
    }
}

impl Principal {
    /// Reads `team:network`, `person:ana`, `on-call:network` or `role:manager`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, rest) = text.split_once(':')?;
        Some(match prefix {
            "person" => Self::Person(Id::new(rest)?),
            "team" => Self::Team(Id::new(rest)?),
            "on-call" => Self::OnCall(Id::new(rest)?),
            "role" => Self::Role(Role::parse(rest)?),
            _ => return None,
        })
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(formatter, "person:{id}"),
            Self::Team(id) => write!(formatter, "team:{id}"),
            Self::OnCall(id) => write!(formatter, "on-call:{id}"),
            Self::Role(role) => write!(formatter, "role:{role}"),
        }
    }
}
impl Serialize for Principal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Principal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_newtype_struct(SELECTOR, Newtype)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format_args!(
                "`{text}` names nobody: write `team:…`, `person:…`, `on-call:…` or one of the roles `role:{}`",
                Role::NAMES.join("`, `role:")
            ))
        })
    }
}
impl JsonSchema for Principal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Principal".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "title": "who",
            "description": "Who can act: a team, a person, whoever of a team is on call, or a role. `team:network` means its active members; a role is resolved for each request: `role:manager`, `role:manager-2` (their manager), `role:service-owner`, `role:entitlement-owner`, `role:team-lead`, `role:category-owner`, `role:requester`, `role:change-owner`.",
            "pattern": "^((team|person|on-call):[a-z0-9][a-z0-9._-]{0,63}|role:(manager(-[2-9])?|service-owner|entitlement-owner|team-lead|category-owner|requester|change-owner))$",
            "examples": ["team:network", "person:ana.silva", "on-call:network", "role:manager"],
        })
    }
}

/// An object of any kind, or a part of one: `sod:payments`, `access:salesforce/sales-standard`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector {
    /// The kind of the object.
    pub kind: Kind,
    /// The object.
    pub id: Id,
    /// A rule, stage or entitlement of the object.
    pub part: Option<Id>,
}

impl Selector {
    /// Reads `kind:id` or `kind:id/part`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        let (id, part) = rest.split_once('/').map_or((rest, None), |(id, part)| (id, Some(part)));
        Some(Self {
            kind: Kind::from_name(kind)?,
            id: Id::new(id)?,
            part: match part {
                Some(part) => Some(Id::new(part)?),
                None => None,
            },
        })
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.kind.name(), self.id)?;
        self.part.as_ref().map_or(Ok(()), |part| write!(formatter, "/{part}"))
    }
}
impl Serialize for Selector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Selector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_newtype_struct(SELECTOR, Newtype)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format_args!(
                "`{text}` names no object: write `kind:id` or `kind:id/part`, such as `access:salesforce/sales-standard`"
            ))
        })
    }
}
impl JsonSchema for Selector {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Selector".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "title": "object",
            "description": "An object of any kind, written `kind:id`, or a rule, stage or entitlement of one, written `kind:id/part`.",
            "pattern": format!(
                "^({}):[a-z0-9][a-z0-9._-]{{0,63}}(/[a-z0-9][a-z0-9._-]{{0,63}})?$",
                Kind::ALL.map(Kind::name).join("|")
            ),
            "examples": ["sod:payments", "access:salesforce/sales-standard"],
        })
    }
}
