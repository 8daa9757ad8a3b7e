//! What is decided about a change, for people and for programs.

mod human;
mod view;
mod words;

pub use human::render;
pub use view::View;
