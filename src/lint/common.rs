//! What lints of several families have in common.

use super::Context;
use crate::model::{Document, Entry};

/// Whether a text is left out or says nothing.
pub(super) fn blank(text: Option<&String>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

/// Reports every object of a kind that lacks a field that it should have.
pub(super) fn lacking<T: Document>(
    context: &mut Context<'_>,
    field: &str,
    lacks: impl Fn(&T) -> bool,
    message: impl Fn(&Entry<T>) -> String,
    help: &str,
) {
    for object in T::objects(context.rulebook) {
        if lacks(object) {
            context
                .report(object.at(format!("/{field}")), message(object))
                .label(format!("no `{field}`"))
                .help(help);
        }
    }
}

/// Reports every object of a kind whose last day lies before its first. The fields are named in the same
/// order as `days` gives them, and `message` gets them: the first day, then the last.
pub(super) fn backwards<T: Document, D: PartialOrd>(
    context: &mut Context<'_>,
    [first, last]: [&str; 2],
    days: impl Fn(&T) -> Option<(D, D)>,
    message: impl Fn(&Entry<T>, D, D) -> String,
) {
    for object in T::objects(context.rulebook) {
        if let Some((start, end)) = days(object).filter(|(start, end)| end < start) {
            context
                .report(object.at(format!("/{last}")), message(object, start, end))
                .label("the last day")
                .related(object.at(format!("/{first}")), "the first day")
                .help("mend one of the days");
        }
    }
}
