//! The kinds of objects that sorts of targets have, so that a limit of a kind that there is not is found. Each target has a
//! test that it makes these and no others.

use super::settings::TargetType;

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
                "request-queue",
                "team-queue",
                "user",
            ]),
            Self::Github => Some(&[
                "code-owners",
                "issue-form",
                "priority-label",
                "request-label",
                "ruleset",
                "service-label",
                "team",
            ]),
            Self::ServiceNow => Some(&[
                "article", "category", "criteria", "group", "item", "offering", "schedule", "service", "sla",
                "variable",
            ]),
            Self::JiraServiceManagement | Self::Scim => None,
        }
    }
}
