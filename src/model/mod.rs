//! The typed documents of a rulebook.
//!
//! One file per kind; [`kind`] is the registry. Types hold what was written, without I/O. Where
//! it was written is known of objects and of tests in conditions; other places are looked up when asked for.

pub mod access;
pub mod ai_policy;
pub mod approval;
pub mod article;
pub mod attribute;
pub mod automation;
pub mod bundle;
pub mod calendar;
pub mod category;
pub mod change;
pub mod change_model;
pub mod channel;
pub(crate) mod choice;
pub mod condition;
mod condition_read;
mod condition_schema;
pub mod condition_written;
pub mod configuration_item;
pub mod control;
pub mod coverage;
pub mod currency;
pub mod escalation;
pub mod exception;
pub mod expectation;
pub mod governance;
pub mod grant;
pub mod guardrail;
pub mod id;
pub mod import_map;
pub mod incident;
pub mod kind;
pub mod limits;
pub mod location;
pub mod major_incident;
pub mod metric;
pub mod person;
pub mod priority_matrix;
pub mod quantity;
pub mod replay_map;
pub mod request;
pub mod request_type;
pub mod review;
pub mod routing;
pub mod scenario;
pub mod schema;
pub mod selector;
pub mod service;
pub mod settings;
pub mod sla;
pub mod sod;
mod target_folders;
mod target_kinds;
pub mod team;
pub mod tenant;
pub mod tier;
pub mod workflow;

pub use crate::time::Duration;
pub use id::{EntitlementRef, Id, Priority, Ref};
pub use kind::{
    AnyDocument, Document, Entry, Group, Kind, Objects, Origin, Parts, Reference, Rulebook, Target, Visitor,
};
pub use location::Location;
pub use quantity::{Instant, LocalDate, Money, Percent};
pub use selector::{Principal, Role, Selector};
pub use target_kinds::Part;
