//! What a replay of tickets found.

mod human;
mod view;

pub use human::render;
pub use view::{Asked, Report};
