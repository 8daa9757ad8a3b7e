//! How far approvals have come, for people and for programs.

pub mod human;
pub mod view;
pub(in crate::report) mod words;

pub use human::render;
pub use view::{Input, View};
