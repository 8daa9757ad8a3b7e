//! Decisions, for people and for programs.

pub mod delivery;
pub mod effect;
pub mod human;
pub mod view;
pub mod words;

pub use view::View;
