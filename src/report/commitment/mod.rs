//! What a change does to promises, for people and for programs.

mod groups;
mod human;
mod markdown;
mod more;
mod reach;
mod view;
mod words;

pub use groups::GroupView;
pub use human::{human, title};
pub use markdown::markdown;
pub use view::{CaseView, Counts, ExampleView, TargetView, TicketView, UnknownView, View, view};
