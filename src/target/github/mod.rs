//! The `github` target: GitHub over its REST interface.
//!
//! Labels and teams are known by a mark at the end of their description, such as `[gitsm team/network]`, so that they can
//! be renamed and are never mistaken for others. Issue forms and code owners are files of the repository: they are
//! written into a folder, and go in by a pull request like every other change.

mod desired;
mod error;
mod files;
mod forms;
mod hub;
mod inventory;
mod owners;
mod rulesets;
mod sort;
mod support;
mod write;
mod yaml;

/// The label that issues of a request type have.
#[must_use]
pub fn request_label(id: &str) -> String {
    sort::label_name("request", id)
}

use super::{Capabilities, Row, reader, writer};
use crate::model::settings::TargetType;

/// What is known about the target.
pub(super) const ROW: Row = Row {
    target_type: TargetType::Github,
    about: "GitHub: teams with their members, labels, issue forms, code owners and a ruleset",
    capabilities: Capabilities {
        key: "a mark at the end of the description; for files their path",
        update: "the fields that differ, each read back",
        delete: "the object is removed for good; issues lose a label that is removed",
        lock: "what changed since the plan is not overwritten; GitHub itself has no versions",
        simulate: false,
        comment: false,
    },
    page: include_str!("page.md"),
    desired: desired::desired,
    support: support::of,
    reader: reader::<hub::Hub>,
    writer: writer::<hub::Hub>,
    // No object there holds all of a document: a team knows nothing of a rota, a form nothing of a workflow.
    document: None,
    export: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_that_can_have_limits_are_those_that_are_made() {
        let mut kinds: Vec<&str> = sort::Sort::ALL.into_iter().map(sort::Sort::kind).collect();
        kinds.push("member");
        kinds.sort_unstable();
        assert_eq!(TargetType::Github.kinds(), Some(kinds.as_slice()));
    }
}
