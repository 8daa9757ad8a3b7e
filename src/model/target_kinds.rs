//! The kinds of objects that sorts of targets have, so that a limit of a kind that there is not is found. Each target has a
//! test that it makes these and no others.

use super::settings::TargetType;

/// Entries of a list of objects that limits count like objects of a kind of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The kind under which they are counted.
    pub kind: &'static str,
    /// The kind of the objects that hold them.
    pub of: &'static str,
    /// The field that lists them: texts, or objects with an `id`.
    pub field: &'static str,
}

impl TargetType {
    /// The kinds of objects that a target of this sort has, by name; none where nobody knows yet.
    #[must_use]
    pub const fn kinds(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Static => Some(&[
                "access",
                "article",
                "bundle",
                "calendar",
                "category",
                "change-model",
                "channel",
                "escalation",
                "guardrail",
                "index",
                "major-incident",
                "ola",
                "person",
                "priority-matrix",
                "request-type",
                "routing",
                "schema",
                "service",
                "sla",
                "sod",
                "team",
                "tier",
                "who-can-approve",
                "workflow",
            ]),
            Self::RequestTracker => Some(&[
                "article",
                "class",
                "configuration",
                "field",
                "group",
                "member",
                "request-queue",
                "team-queue",
                "user",
            ]),
            Self::Github => Some(&[
                "code-owners",
                "issue-form",
                "member",
                "priority-label",
                "request-label",
                "ruleset",
                "service-label",
                "team",
            ]),
            Self::ServiceNow => Some(&[
                "article", "category", "criteria", "group", "item", "member", "offering", "schedule",
                "service", "sla", "variable",
            ]),
            Self::Scim => Some(&["account", "bundle", "entitlement", "group", "member"]),
            Self::JiraServiceManagement => None,
        }
    }

    /// What objects of this sort of target consist of that limits count as well, so that a change of one object does not hide
    /// that much goes with it.
    #[must_use]
    pub const fn parts(self) -> &'static [Part] {
        match self {
            Self::Scim => &[
                Part { kind: "member", of: "bundle", field: "members" },
                Part { kind: "member", of: "entitlement", field: "members" },
                Part { kind: "member", of: "group", field: "members" },
            ],
            Self::RequestTracker => &[Part { kind: "member", of: "group", field: "Members" }],
            Self::Github => &[Part { kind: "member", of: "team", field: "Members" }],
            Self::ServiceNow => &[Part { kind: "member", of: "group", field: "members" }],
            Self::Static | Self::JiraServiceManagement => &[],
        }
    }
}
