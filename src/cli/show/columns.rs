//! The columns of lists: one row for each kind.

use serde_json::Value;

use super::words;
use crate::model::Kind;

/// What a column holds, as a JSON pointer into the object.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell {
    /// The value itself.
    Value(&'static str),
    /// How many elements or keys the value has.
    Count(&'static str),
    /// The keys of the value, or the ids of its elements.
    Names(&'static str),
    /// A word when the value is true.
    Flag(&'static str, &'static str),
}

use Cell::{Count, Flag, Names, Value as Field};

/// Heading and content.
type Column = (&'static str, Cell);

/// The columns of each kind after the id. What helps most to tell objects apart comes first.
static COLUMNS: [(Kind, &[Column]); Kind::ALL.len()] = [
    (
        Kind::Person,
        &[
            ("name", Field("/name")),
            ("department", Field("/department")),
            ("title", Field("/title")),
            ("employment", Field("/employment")),
            ("status", Field("/status")),
        ],
    ),
    (
        Kind::Team,
        &[
            ("name", Field("/name")),
            ("lead", Field("/lead")),
            ("members", Count("/members")),
            ("level", Field("/support-level")),
            ("function", Field("/function")),
        ],
    ),
    (Kind::Tenant, &[("name", Field("/name")), ("owner", Field("/owner"))]),
    (
        Kind::Channel,
        &[
            ("name", Field("/name")),
            ("medium", Field("/medium")),
            ("in", Flag("/intake", "in")),
            ("out", Flag("/notify", "out")),
        ],
    ),
    (
        Kind::Tier,
        &[
            ("name", Field("/name")),
            ("rank", Field("/rank")),
            ("hourly cost", Field("/downtime-cost")),
            ("sla", Field("/sla")),
            ("availability", Field("/availability")),
        ],
    ),
    (
        Kind::Category,
        &[
            ("name", Field("/name")),
            ("function", Field("/function")),
            ("owner", Field("/owner")),
            ("part of", Field("/parent")),
        ],
    ),
    (
        Kind::Service,
        &[
            ("name", Field("/name")),
            ("owner", Field("/owner")),
            ("tier", Field("/tier")),
            ("lifecycle", Field("/lifecycle")),
            ("access", Count("/entitlement")),
        ],
    ),
    (
        Kind::ConfigurationItem,
        &[
            ("name", Field("/name")),
            ("class", Field("/class")),
            ("owner", Field("/owner")),
            ("environment", Field("/environment")),
        ],
    ),
    (
        Kind::RequestType,
        &[
            ("name", Field("/name")),
            ("event", Field("/event")),
            ("workflow", Field("/workflow")),
            ("sla", Field("/sla")),
            ("risk", Field("/risk")),
        ],
    ),
    (
        Kind::Bundle,
        &[("name", Field("/name")), ("when", Field("/when")), ("entitlements", Count("/entitlements"))],
    ),
    (
        Kind::Article,
        &[
            ("title", Field("/title")),
            ("owner", Field("/owner")),
            ("review", Field("/review-date")),
            ("state", Field("/state")),
        ],
    ),
    (
        Kind::Automation,
        &[
            ("name", Field("/name")),
            ("owner", Field("/owner")),
            ("starts when", Field("/starts-when")),
            ("risk", Field("/risk")),
        ],
    ),
    (
        Kind::Calendar,
        &[
            ("name", Field("/name")),
            ("time zone", Field("/time-zone")),
            ("weekly", Names("/weekly")),
            ("holidays", Count("/holidays")),
        ],
    ),
    (
        Kind::Sla,
        &[
            ("name", Field("/name")),
            ("calendar", Field("/calendar")),
            ("priorities", Names("/target")),
            ("at risk", Field("/at-risk")),
            ("rests on", Count("/supported-by")),
        ],
    ),
    (
        Kind::Ola,
        &[
            ("name", Field("/name")),
            ("provider", Field("/provider")),
            ("consumer", Field("/consumer")),
            ("calendar", Field("/calendar")),
        ],
    ),
    (
        Kind::SupplierContract,
        &[
            ("name", Field("/name")),
            ("supplier", Field("/supplier")),
            ("owner", Field("/owner")),
            ("end", Field("/end")),
        ],
    ),
    (Kind::Workflow, &[("name", Field("/name")), ("stages", Names("/stage")), ("owner", Field("/owner"))]),
    (
        Kind::Access,
        &[
            ("name", Field("/name")),
            ("applies to", Field("/applies-to")),
            ("rules", Count("/rule")),
            ("owner", Field("/owner")),
        ],
    ),
    (
        Kind::Guardrail,
        &[
            ("deny", Flag("/deny", "denies")),
            ("adds", Field("/require-approval")),
            ("at most", Field("/max-duration")),
            ("mode", Field("/mode")),
        ],
    ),
    (
        Kind::Sod,
        &[
            ("description", Field("/description")),
            ("risk", Field("/risk")),
            ("decision", Field("/decision")),
            ("mode", Field("/mode")),
        ],
    ),
    (
        Kind::ChangeModel,
        &[
            ("name", Field("/name")),
            ("type", Field("/type")),
            ("risk rules", Count("/risk")),
            ("window", Field("/maintenance-window")),
            ("freezes", Count("/freeze")),
        ],
    ),
    (
        Kind::PriorityMatrix,
        &[("name", Field("/name")), ("rows", Field("/rows")), ("columns", Field("/columns"))],
    ),
    (
        Kind::MajorIncident,
        &[("name", Field("/name")), ("when", Field("/when")), ("commander", Field("/commander"))],
    ),
    (
        Kind::Escalation,
        &[("name", Field("/name")), ("calendar", Field("/calendar")), ("steps", Names("/step"))],
    ),
    (
        Kind::Routing,
        &[
            ("name", Field("/name")),
            ("for", Field("/for")),
            ("rules", Count("/rule")),
            ("otherwise", Field("/default")),
        ],
    ),
    (
        Kind::Exception,
        &[
            ("rule", Field("/rule")),
            ("owner", Field("/owner")),
            ("people", Count("/people")),
            ("expires", Field("/expires")),
        ],
    ),
    (
        Kind::Control,
        &[
            ("framework", Field("/framework")),
            ("version", Field("/version")),
            ("control", Field("/control")),
            ("rules", Count("/rules")),
        ],
    ),
    (Kind::Governance, &[("rules", Names("/rule")), ("owner", Field("/owner"))]),
    (
        Kind::AiPolicy,
        &[
            ("name", Field("/name")),
            ("agents", Field("/agents")),
            ("data", Field("/data")),
            ("hand-off", Field("/hand-off")),
        ],
    ),
    (
        Kind::Metric,
        &[
            ("name", Field("/name")),
            ("measure", Field("/measure")),
            ("target", Field("/target")),
            ("within", Field("/target-time")),
        ],
    ),
    (
        Kind::Grant,
        &[
            ("beneficiary", Field("/beneficiary")),
            ("entitlement", Field("/entitlement")),
            ("end", Field("/end")),
            ("state", Field("/state")),
        ],
    ),
    (
        Kind::Review,
        &[
            ("name", Field("/name")),
            ("reviewer", Field("/reviewer")),
            ("opens", Field("/opens")),
            ("closes", Field("/closes")),
            ("decided", Count("/decision")),
        ],
    ),
    (Kind::Scenario, &[("description", Field("/description")), ("verdict", Field("/expect/verdict"))]),
];

/// The columns of a kind after the id.
#[must_use]
pub(super) fn of(kind: Kind) -> &'static [Column] {
    COLUMNS.iter().find(|(of, _)| *of == kind).map_or(&[], |(_, columns)| columns)
}

impl Cell {
    /// The text of the cell for an object; empty when the object does not say.
    #[must_use]
    pub(super) fn text(self, object: &Value) -> String {
        match self {
            Self::Value(pointer) => object.pointer(pointer).map(words::value).unwrap_or_default(),
            Self::Count(pointer) => match object.pointer(pointer) {
                Some(Value::Array(items)) => items.len().to_string(),
                Some(Value::Object(fields)) => fields.len().to_string(),
                _ => "0".to_owned(),
            },
            Self::Names(pointer) => match object.pointer(pointer) {
                Some(Value::Array(items)) => {
                    let ids = items.iter().filter_map(|item| item.get("id")).map(words::value);
                    ids.collect::<Vec<_>>().join(", ")
                }
                Some(Value::Object(fields)) => fields.keys().cloned().collect::<Vec<_>>().join(", "),
                _ => String::new(),
            },
            Self::Flag(pointer, word) => match object.pointer(pointer) {
                Some(Value::Bool(true)) => word.to_owned(),
                _ => String::new(),
            },
        }
    }

    /// Where the column looks.
    #[must_use]
    #[cfg(test)]
    pub(super) const fn pointer(self) -> &'static str {
        match self {
            Self::Value(pointer) | Self::Count(pointer) | Self::Names(pointer) | Self::Flag(pointer, _) => {
                pointer
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::schema;

    #[test]
    fn every_kind_has_one_row() {
        // There are as many rows as kinds, so that none is there twice either.
        assert_eq!(COLUMNS.map(|(kind, _)| kind), Kind::ALL);
    }

    #[test]
    fn every_column_names_a_field_of_its_kind() {
        for kind in Kind::ALL {
            let schema = schema::object(kind);
            let columns = of(kind);
            assert!(!columns.is_empty(), "{} has no columns", kind.name());
            for (heading, cell) in columns {
                let field = cell.pointer().split('/').nth(1).unwrap();
                let pointer = format!("/properties/{field}");
                assert!(schema.pointer(&pointer).is_some(), "{}: {heading} looks at {field}", kind.name());
            }
        }
    }
}
