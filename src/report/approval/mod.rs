//! How far approvals have come, for people and for programs.

mod human;
mod view;
mod words;

pub use human::render;
pub use view::{Input, View};
