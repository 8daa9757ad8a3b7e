//! The `scim` target: any system with a SCIM 2.0 interface (RFC 7643 and 7644).
//!
//! Users and groups are known by their external id, such as `gitsm:entitlement/mail/user`, so that they can be renamed,
//! are found when they are disabled, and are never mistaken for others. Who is in a group follows from the ledger of
//! access on the day of the plan.

mod api;
mod desired;
mod error;
mod inventory;
mod service;
mod sort;
mod support;
mod write;

use super::{Capabilities, Row, reader, writer};
use crate::model::settings::TargetType;

/// What is known about the target.
pub(super) const ROW: Row = Row {
    target_type: TargetType::Scim,
    about: "SCIM 2.0: entitlements and bundles as groups, people as users, members from the grants in force",
    capabilities: Capabilities {
        key: "the external id",
        update: "the fields that differ and the members that come and go, each read back",
        delete: "users are disabled, and taken back into use when they are needed again; groups are deleted",
        lock: "a version for each object where the service has them, so that nobody else's change is overwritten",
        simulate: false,
        comment: false,
    },
    page: include_str!("page.md"),
    desired: desired::desired,
    support: support::of,
    reader: reader::<service::Service>,
    writer: writer::<service::Service>,
    // No object there holds all of a document: a member of a group does not say since when, until when or on whose decision.
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
        assert_eq!(TargetType::Scim.kinds(), Some(kinds.as_slice()));
    }
}
