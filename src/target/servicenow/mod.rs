//! The `servicenow` target: an instance of `ServiceNow` over its Table API, or a project for the SDK of its vendor.
//!
//! Objects are known by their `sys_id`, which a committed map of ids holds: see [`ids`].

mod api;
mod desired;
mod error;
mod fluent;
mod forms;
mod ids;
mod instance;
mod inventory;
mod lookups;
mod sort;
mod support;
mod times;
mod write;

use super::{Capabilities, Row, reader, writer};
use crate::model::settings::TargetType;

/// What is known about the target.
pub(super) const ROW: Row = Row {
    target_type: TargetType::ServiceNow,
    about: "ServiceNow: groups, catalogue items with variables, services, schedules, SLA definitions and articles",
    capabilities: Capabilities {
        key: "its sys_id, in a committed map of ids",
        update: "the columns that differ, each row read back",
        delete: "the row is deactivated, and taken back into use when it is needed again; schedules are deleted",
        lock: "what changed since the plan is not overwritten; the Table API itself has no versions",
        simulate: false,
        comment: false,
    },
    page: include_str!("page.md"),
    desired: desired::desired,
    support: support::of,
    reader: reader::<instance::Instance>,
    writer: writer::<instance::Instance>,
    // No row there holds all of a document: a group knows nothing of a rota, an item nothing of a workflow.
    document: None,
    export: Some(("fluent", fluent::export)),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_that_can_have_limits_are_those_that_are_made() {
        let mut kinds: Vec<&str> = sort::Sort::ALL.into_iter().map(|sort| sort.about().kind).collect();
        kinds.push("member");
        kinds.sort_unstable();
        assert_eq!(TargetType::ServiceNow.kinds(), Some(kinds.as_slice()));
    }
}
