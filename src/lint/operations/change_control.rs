//! Change models: states, windows, freezes, tests and reviews.

use crate::{
    decide::{
        space::{BUDGET, Set, Space},
        vocabulary::Vocabulary,
    },
    diag::{Code, code},
    lint::{
        Context,
        tickets::{changes_in, changes_of},
    },
    model::{
        Entry,
        change_model::{ChangeModel, ChangeState, ChangeType},
        condition::Condition,
        service::Environment,
    },
};

/// A production change without a test or a window.
pub(super) static PRODUCTION_WITHOUT_CARE: Code = code!(
    "GS5058",
    "production-without-care",
    Warning,
    "normal changes of production need no test in staging, or have no maintenance window"
);
/// A freeze of no time.
pub(super) static EMPTY_FREEZE: Code =
    code!("GS5059", "empty-freeze", Error, "a freeze ends before it starts");
/// Freezes that overlap.
pub(super) static OVERLAPPING_FREEZES: Code =
    code!("GS5060", "overlapping-freezes", Warning, "two freezes of a change model overlap");
/// A freeze that is over.
pub(super) static PAST_FREEZE: Code = code!("GS5061", "past-freeze", Note, "a freeze is over");
/// States that are missing or out of order.
pub(super) static CHANGE_STATES: Code = code!(
    "GS5062",
    "change-states",
    Error,
    "the states of a change model lack one that its type needs, or are out of order"
);
/// An emergency change that nobody looks back on.
pub(super) static EMERGENCY_WITHOUT_REVIEW: Code =
    code!("GS5063", "emergency-without-review", Error, "emergency changes are not reviewed by a deadline");
/// A lead time that cannot be meant.
pub(super) static LEAD_TIME: Code = code!(
    "GS5064",
    "lead-time",
    Warning,
    "a lead time is 0, or times of emergencies and other changes are mixed up"
);

/// Whether a change of production can follow a model. What cannot be worked out is taken to be possible.
fn is_for_production(vocabulary: &Vocabulary<'_>, model: &ChangeModel) -> bool {
    let both = Condition::All(vec![changes_of(model), changes_in(Environment::Production)]);
    let set = Space::new(vocabulary, [&both], BUDGET).and_then(|mut space| space.set(&both));
    !set.is_ok_and(Set::is_empty)
}

fn of_type<'a>(context: &Context<'a>, change_type: ChangeType) -> Vec<&'a Entry<ChangeModel>> {
    let models = context.rulebook.change_models.iter();
    models.filter(|model| model.change_type == change_type).collect()
}

pub(super) fn production_without_care(context: &mut Context<'_>) {
    let vocabulary = context.vocabulary;
    let normal = of_type(context, ChangeType::Normal).into_iter();
    for model in normal.filter(|model| is_for_production(vocabulary, model)) {
        let (what, keys, field) = match (model.staging_test, model.maintenance_window.is_some()) {
            (true, true) => continue,
            (false, true) => ("need no test in staging", "`staging-test = true`", "/staging-test"),
            (true, false) => {
                ("may be carried out at any hour", "`maintenance-window = \"…\"`", "/maintenance-window")
            }
            (false, false) => (
                "need no test in staging and may be carried out at any hour",
                "`staging-test = true` and `maintenance-window = \"…\"`",
                "",
            ),
        };
        context
            .report(model.at(field), format!("normal changes of production {what} by `{}`", model.id))
            .help(format!("add {keys}, or leave production out with `when.change.environment`"));
    }
}

pub(super) fn empty_freeze(context: &mut Context<'_>) {
    for model in &context.rulebook.change_models {
        for (index, freeze) in model.freeze.iter().enumerate() {
            if freeze.until > freeze.from {
                continue;
            }
            context
                .report(
                    model.at(format!("/freeze/{index}/until")),
                    format!("the freeze `{}` ends no later than it starts", freeze.name),
                )
                .label("nothing is frozen")
                .related(model.at(format!("/freeze/{index}/from")), "its start")
                .help("swap the two, or mend the year");
        }
    }
}

pub(super) fn overlapping_freezes(context: &mut Context<'_>) {
    for model in &context.rulebook.change_models {
        for (index, second) in model.freeze.iter().enumerate() {
            let overlap = model
                .freeze
                .iter()
                .enumerate()
                .take(index)
                .find(|(_, first)| first.from < second.until && second.from < first.until);
            let Some((other, first)) = overlap else { continue };
            context
                .report(
                    model.at(format!("/freeze/{index}/from")),
                    format!("the freezes `{}` and `{}` overlap", first.name, second.name),
                )
                .related(model.at(format!("/freeze/{other}/until")), "the end of the other one")
                .note("in both of them nothing says whose authority counts")
                .help("end one where the other begins, or write one freeze");
        }
    }
}

pub(super) fn past_freeze(context: &mut Context<'_>) {
    let today = context.today;
    for model in &context.rulebook.change_models {
        for (index, freeze) in model.freeze.iter().enumerate() {
            // The zone of the reader is not known; a day later it is over everywhere.
            let over = freeze.until.0.to_zoned(jiff::tz::TimeZone::UTC).date();
            if freeze.until <= freeze.from || over.tomorrow().is_ok_and(|day| day >= today) {
                continue;
            }
            context
                .report(
                    model.at(format!("/freeze/{index}")),
                    format!("the freeze `{}` ended on {over}", freeze.name),
                )
                .help("remove it; add the next one, with `confirmed-on` once the business agreed");
        }
    }
}

/// The states that a type of change must pass through, in order.
fn required(change_type: ChangeType) -> &'static [ChangeState] {
    use ChangeState::{Assess, Authorize, Closed, Implement, New, Review, Scheduled};
    match change_type {
        ChangeType::Standard => &[New, Scheduled, Implement, Review, Closed],
        ChangeType::Normal => &[New, Assess, Authorize, Scheduled, Implement, Review, Closed],
        ChangeType::Emergency => &[New, Authorize, Scheduled, Implement, Review, Closed],
    }
}

pub(super) fn change_states(context: &mut Context<'_>) {
    for model in context.rulebook.change_models.iter().filter(|model| !model.states.is_empty()) {
        let required = required(model.change_type);
        let missing: Vec<&str> =
            required.iter().filter(|state| !model.states.contains(state)).map(|state| state.name()).collect();
        let order = required.iter().map(|state| format!("`{state}`")).collect::<Vec<_>>().join(", ");
        if !missing.is_empty() {
            context
                .report(
                    model.at("/states"),
                    format!(
                        "the {} change model `{}` lacks the state {}",
                        model.change_type,
                        model.id,
                        crate::load::words::list(missing)
                    ),
                )
                .help(format!("a {} change passes through {order}", model.change_type));
        }
        let late = model.states.iter().zip(model.states.iter().skip(1)).enumerate();
        for (index, (before, state)) in late.filter(|(_, (before, state))| state <= before) {
            let what = if before == state { "stands twice" } else { "comes too late" };
            context
                .report(
                    model.at(format!("/states/{}", index + 1)),
                    format!("the state `{state}` {what} in `{}`", model.id),
                )
                .related(model.at(format!("/states/{index}")), "the state before it")
                .help(format!("a {} change passes through {order}", model.change_type));
        }
    }
}

pub(super) fn emergency_without_review(context: &mut Context<'_>) {
    for model in of_type(context, ChangeType::Emergency) {
        let none = model.review_within.is_none_or(|within| within.is_zero());
        if none {
            context
                .report(
                    model.at("/review-within"),
                    format!("the emergency changes of `{}` are not reviewed by a deadline", model.id),
                )
                .note("what was done in haste was authorised by few: somebody has to look at it afterwards")
                .help("add `review-within = \"3bd\"`");
        }
    }
}

pub(super) fn lead_time(context: &mut Context<'_>) {
    for model in &context.rulebook.change_models {
        if model.begins_within.is_some() && model.change_type != ChangeType::Emergency {
            context
                .report(
                    model.at("/begins-within"),
                    format!(
                        "`begins-within` does nothing for the {} changes of `{}`",
                        model.change_type, model.id
                    ),
                )
                .note("only emergency changes have to begin soon: what can wait is a normal change")
                .help("leave it out, or write it in the model of emergency changes");
        }
        let Some(lead_time) = model.lead_time else { continue };
        let message = if lead_time.is_zero() {
            format!("the lead time of `{}` is 0", model.id)
        } else if model.change_type == ChangeType::Emergency {
            format!("emergency changes of `{}` have to wait {lead_time}", model.id)
        } else {
            continue;
        };
        context
            .report(model.at("/lead-time"), message)
            .help("leave it out, or write how long before its start a change must be asked for");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_every_type_are_in_the_order_of_the_vocabulary() {
        for change_type in ChangeType::ALL {
            assert!(required(*change_type).is_sorted(), "{change_type}");
        }
    }
}
