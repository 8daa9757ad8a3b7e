//! The verdict of the gate, and who has to agree.

mod github;
mod human;
pub mod markdown;
mod plans;
mod view;
mod words;

pub use github::github;
pub use human::render;
pub use plans::PlanView;
pub use view::{FORMAT_VERSION, Input, Report, Scenarios};
