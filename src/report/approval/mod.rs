//! How far approvals have come, for people and for programs.

pub mod human;
pub mod view;
mod words;

pub use human::render;
pub use view::{Input, View};
