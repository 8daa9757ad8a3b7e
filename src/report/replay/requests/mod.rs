//! What a replay of requests found.

mod human;
mod make;
mod view;

pub use human::render;
pub use view::{Asked, Report};
