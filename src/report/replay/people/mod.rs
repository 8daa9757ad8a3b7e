//! What a replay of joiners, movers and leavers found.

mod human;
mod view;

pub use human::render;
pub use view::{Asked, Report};
