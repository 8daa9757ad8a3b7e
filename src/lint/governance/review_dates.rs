//! Days on which somebody was to look at something.

use crate::{
    diag::{Code, code},
    lint::{
        Context, Location,
        organisation::days::{days_between, whole_days},
    },
    model::{Document, LocalDate, Objects, article::ArticleState, service::Lifecycle},
};

/// A review that did not happen.
pub(super) static OVERDUE: Code = code!(
    "GS6001",
    "review-overdue",
    Warning,
    "the day on which somebody was to look at something has passed"
);
/// A review that is due.
pub(super) static SOON: Code = code!(
    "GS6002",
    "review-due-soon",
    Note,
    "a review date or the end of an exception or contract comes close"
);

/// A day, what happens on it, and where it is written.
struct Due {
    day: LocalDate,
    what: String,
    place: Location,
}

/// Every review date of something that is in use.
fn reviews(context: &Context<'_>) -> Vec<Due> {
    fn add<T: Document>(due: &mut Vec<Due>, objects: &Objects<T>, date: fn(&T) -> Option<LocalDate>) {
        due.extend(objects.iter().filter_map(|entry| {
            let what = format!("the review of the {} `{}`", T::KIND.name(), entry.id);
            Some(Due { day: date(&entry.value)?, what, place: entry.at("/review-date") })
        }));
    }
    let book = context.rulebook;
    let mut due = Vec::new();
    add(&mut due, &book.services, |value| {
        value.review_date.filter(|_| value.lifecycle != Some(Lifecycle::Retired))
    });
    add(&mut due, &book.request_types, |value| {
        value.review_date.filter(|_| value.lifecycle != Lifecycle::Retired)
    });
    add(&mut due, &book.articles, |value| {
        value.review_date.filter(|_| value.state == ArticleState::Published)
    });
    add(&mut due, &book.bundles, |value| value.review_date);
    add(&mut due, &book.slas, |value| value.review_date);
    add(&mut due, &book.olas, |value| value.review_date);
    add(&mut due, &book.access, |value| value.review_date);
    add(&mut due, &book.controls, |value| value.review_date);
    add(&mut due, &book.ai_policies, |value| value.review_date);
    due
}

/// Every end that has to be prepared.
fn ends(context: &Context<'_>) -> Vec<Due> {
    let book = context.rulebook;
    let exceptions = book.exceptions.iter().filter_map(|exception| {
        let what = format!("the end of the exception `{}`", exception.id);
        Some(Due { day: exception.expires?, what, place: exception.at("/expires") })
    });
    let contracts = book.supplier_contracts.iter().filter_map(|contract| {
        let what = format!("the end of the supplier contract `{}`", contract.id);
        Some(Due { day: contract.end?, what, place: contract.at("/end") })
    });
    exceptions.chain(contracts).collect()
}

pub(super) fn overdue(context: &mut Context<'_>) {
    let today = context.today;
    for due in reviews(context).into_iter().filter(|due| due.day.0 < today) {
        let late = days_between(due.day, today);
        context
            .report(due.place, format!("{} was due on {}", due.what, due.day))
            .label(format!("{late} {} ago", if late == 1 { "day" } else { "days" }))
            .help("look at it, mend what is no longer so, and write the next day");
    }
}

pub(super) fn soon(context: &mut Context<'_>) {
    let Some(remind) = context.rulebook.settings.lints.remind else { return };
    let (today, ahead) = (LocalDate(context.today), whole_days(remind));
    for due in reviews(context).into_iter().chain(ends(context)).filter(|due| due.day >= today) {
        let left = days_between(today, due.day.0);
        if left <= ahead {
            context
                .report(due.place, format!("{} comes on {}", due.what, due.day))
                .label(match left {
                    0 => "today".to_owned(),
                    1 => "tomorrow".to_owned(),
                    days => format!("in {days} days"),
                })
                .help("`lints.remind` in gitsm.toml says how early this is told");
        }
    }
}
