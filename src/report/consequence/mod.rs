//! What a change does to decisions, for people and for programs.

mod human;
mod markdown;
mod themes;
mod view;
mod words;

pub use human::human;
pub(super) use human::summary;
pub use markdown::markdown;
pub use themes::ThemeView;
pub use view::{CaseView, Counts, OutcomeView, StageView, UnknownView, UnseenView, View, WitnessView, view};
