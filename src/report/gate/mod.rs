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

use crate::gate::{Gap, Reason, Refused};

/// What is missing, so that nobody knows who agreed, and what to do about it.
#[must_use]
pub fn gap(gap: &Gap) -> String {
    reason(&Reason::Gap(gap.clone()))
}

/// Why nothing comes of a pull request, and what to do about it.
#[must_use]
pub fn reason(reason: &Reason) -> String {
    let said = words::reason(reason);
    format!("{}: {}", said.message, said.help)
}

/// Which review counts for nothing, and why.
#[must_use]
pub fn refused(refused: &Refused) -> String {
    let said = words::refused(refused);
    format!("the review {} by `{}` does not count: {}", said.review, said.by, said.why)
}
