//! The `request-tracker` target: Request Tracker 5 over its REST 2.0.
//!
//! Objects are known by a mark at the end of their description, such as `[gitsm group/network]`, so that they can be
//! renamed, are found when they are disabled, and are never mistaken for others. What the interface cannot write goes
//! into files of configuration.

mod api;
mod desired;
mod error;
mod files;
mod inventory;
mod levels;
mod sort;
mod support;
mod tracker;
mod write;

use super::{Capabilities, Row, reader, writer};
use crate::model::settings::TargetType;

/// What is known about the target.
pub(super) const ROW: Row = Row {
    target_type: TargetType::RequestTracker,
    about: "Request Tracker 5: groups, queues, custom fields and articles",
    capabilities: Capabilities {
        key: "a mark at the end of the description",
        update: "the fields that differ, each read back",
        delete: "the object is disabled, and taken back into use when it is needed again",
        lock: "a version for each object, so that nobody else's change is overwritten",
        simulate: false,
        comment: false,
    },
    page: include_str!("page.md"),
    desired: desired::desired,
    support: support::of,
    reader: reader::<tracker::Tracker>,
    writer: writer::<tracker::Tracker>,
    // No object there holds all of a document: a group knows nothing of a rota, a queue nothing of a workflow.
    document: None,
    export: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_that_can_have_limits_are_those_that_are_made() {
        let mut kinds: Vec<&str> = sort::Sort::ALL.into_iter().map(|sort| sort.about().kind).collect();
        kinds.push(desired::CONFIGURATION);
        kinds.push("member");
        kinds.sort_unstable();
        assert_eq!(TargetType::RequestTracker.kinds(), Some(kinds.as_slice()));
    }
}
