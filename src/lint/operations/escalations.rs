//! Escalations: their steps in time, whom they reach, and who has none.

use std::collections::BTreeMap;

use crate::{
    decide::{
        calendars::Calendars,
        timeline::{is_about, is_for, says_what_for},
    },
    diag::{Code, code},
    lint::{
        Context,
        service_levels::shared::{is_offered, promised},
    },
    load::words::list,
    model::{
        Duration, Entry, Id, Principal, Priority,
        escalation::{Escalation, EscalationKind, EscalationStep},
    },
};

use super::shared::{can_answer, critical_tier, unreachable};

/// A step without a time, or with two.
pub(super) static STEP_TIME: Code =
    code!("GS5020", "step-time", Error, "an escalation step has no time, or two");
/// Steps that are not in order.
pub(super) static STEP_ORDER: Code =
    code!("GS5021", "step-order", Error, "an escalation step is not later than the one before it");
/// A last step that reaches nobody with authority.
pub(super) static LAST_STEP: Code = code!(
    "GS5022",
    "last-step",
    Warning,
    "the last step of an escalation reaches nobody who can decide more than those told before"
);
/// A step to nobody.
pub(super) static STEP_TO_NOBODY: Code =
    code!("GS5023", "step-to-nobody", Error, "an escalation step reaches nobody");
/// A step that is repeated without end at once.
pub(super) static REPEAT_ZERO: Code =
    code!("GS5024", "repeat-zero", Error, "an escalation step is repeated every 0 seconds");
/// A critical service without an escalation.
pub(super) static NO_ESCALATION: Code = code!(
    "GS5025",
    "no-escalation",
    Warning,
    "a critical service has a priority whose tickets are never escalated"
);

pub(super) fn step_time(context: &mut Context<'_>) {
    for escalation in &context.rulebook.escalations {
        for (index, step) in escalation.step.iter().enumerate() {
            let place = |field: &str| escalation.at(format!("/step/{index}/{field}"));
            let is_twice = match (step.after, step.at) {
                (None, None) => false,
                (Some(_), Some(_)) => true,
                _ => continue,
            };
            let finding = if is_twice {
                let message = format!("the step `{}` of `{}` says twice when", step.id, escalation.id);
                context
                    .report(place("at"), message)
                    .label("the second time")
                    .related(place("after"), "the first")
            } else {
                let message = format!("the step `{}` of `{}` does not say when", step.id, escalation.id);
                context.report(place("id"), message).label("neither `after` nor `at`")
            };
            finding.help("write either `after = \"30m\"` or `at = \"75%\"`, the share of the target");
        }
    }
}

/// When a step is due, with what is measured the same way: comparable within one key only.
fn due(
    step: &EscalationStep,
    escalation: &Entry<Escalation>,
    calendars: &Calendars<'_>,
) -> Option<(bool, i64)> {
    match (step.after, step.at) {
        (Some(Duration::Elapsed { seconds }), None) => Some((true, seconds)),
        (Some(after), None) => {
            let calendar = calendars.find(escalation.calendar.as_str())?;
            Some((true, after.seconds(calendar.business_day_seconds())))
        }
        (None, Some(at)) => Some((false, i64::from(at.parts_per_million()))),
        _ => None,
    }
}

pub(super) fn step_order(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let calendars = Calendars::new(rulebook);
    for escalation in &rulebook.escalations {
        let mut before: BTreeMap<(crate::model::escalation::Trigger, bool), (i64, usize, &EscalationStep)> =
            BTreeMap::new();
        for (index, step) in escalation.value.step.iter().enumerate() {
            let Some((counted, due)) = due(step, escalation, &calendars) else { continue };
            let field = if counted { "after" } else { "at" };
            // Steps with another trigger start from another moment.
            let earlier = before.insert((step.trigger, counted), (due, index, step));
            let Some((other, other_index, first)) = earlier.filter(|(other, ..)| due <= *other) else {
                continue;
            };
            let how = if due == other { "at the same time as" } else { "earlier than" };
            context
                .report(
                    escalation.at(format!("/step/{index}/{field}")),
                    format!("the step `{}` comes {how} `{}`, which stands before it", step.id, first.id),
                )
                .related(escalation.at(format!("/step/{other_index}/{field}")), "the step before")
                .help("order the steps by time, and let those told first have some");
        }
    }
}

pub(super) fn last_step(context: &mut Context<'_>) {
    for escalation in &context.rulebook.escalations {
        let Some((last, earlier)) = escalation.step.split_last() else { continue };
        let index = earlier.len();
        let told: Vec<&Principal> = earlier.iter().flat_map(|step| &step.to).collect();
        let fresh = |who: &&Principal| can_answer(who) && !told.contains(who);
        let (field, message) = if last.kind != EscalationKind::Hierarchical {
            (
                "kind",
                format!("the last step of `{}` goes to more skill, not to more authority", escalation.id),
            )
        } else if !last.to.iter().any(|who| fresh(&who)) {
            ("to", format!("the last step of `{}` reaches only those who were told before", escalation.id))
        } else {
            continue;
        };
        context
            .report(escalation.at(format!("/step/{index}/{field}")), message)
            .note("when nothing else helped, somebody has to decide about money and people")
            .help("end with a hierarchical step to somebody who answers for the service");
    }
}

pub(super) fn step_to_nobody(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let today = context.today;
    for escalation in &rulebook.escalations {
        for (index, step) in escalation.step.iter().enumerate() {
            let reasons: Option<Vec<String>> =
                step.to.iter().map(|who| unreachable(rulebook, who, today)).collect();
            let Some(reasons) = reasons.filter(|reasons| !reasons.is_empty()) else { continue };
            context
                .report(
                    escalation.at(format!("/step/{index}/to")),
                    format!("the step `{}` of `{}` reaches nobody", step.id, escalation.id),
                )
                .label(reasons.join("; "))
                .help("name somebody who works here, or give the team an on-call rota");
        }
    }
}

pub(super) fn repeat_zero(context: &mut Context<'_>) {
    for escalation in &context.rulebook.escalations {
        for (index, step) in escalation.step.iter().enumerate() {
            if step.repeat_every.is_some_and(|every| every.is_zero()) {
                context
                    .report(
                        escalation.at(format!("/step/{index}/repeat-every")),
                        format!("the step `{}` would be repeated without a pause", step.id),
                    )
                    .help("write how long to wait, such as `30m`, or leave it out");
            }
        }
    }
}

pub(super) fn no_escalation(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for service in rulebook.services.iter().filter(|service| is_offered(service)) {
        let Some(tier) = critical_tier(rulebook, service) else { continue };
        let sla = promised(rulebook, service);
        let named = [sla.and_then(|sla| sla.escalation.as_ref()), tier.escalation.as_ref()];
        let is_named = |escalation: &Entry<Escalation>| {
            named.into_iter().flatten().any(|reference| *reference.id() == escalation.id)
        };
        // An escalation with a list of services or tiers is for these alone, whoever names it.
        let applicable: Vec<&Entry<Escalation>> = rulebook
            .escalations
            .iter()
            .filter(|escalation| is_named(escalation) || says_what_for(escalation))
            .filter(|escalation| is_about(escalation, Some(&service.id), Some(&tier.id)))
            .collect();
        let covered = |priority: &Id| {
            let priority = Priority(priority.clone());
            let is_for =
                |one: &&Entry<Escalation>| is_for(one, Some(&priority), Some(&service.id), Some(&tier.id));
            applicable.iter().any(is_for)
        };
        let priorities = rulebook.settings.project.priorities.iter();
        let open: Vec<&str> = priorities.filter(|priority| !covered(priority)).map(Id::as_str).collect();
        if open.is_empty() {
            continue;
        }
        let message = if applicable.is_empty() {
            format!("the service `{}` of rank {} has no escalation", service.id, tier.rank)
        } else {
            format!(
                "tickets of the service `{}` with the priority {} are never escalated",
                service.id,
                list(open.iter().copied())
            )
        };
        let finding = context.report(service.at(""), message);
        finding.related(tier.at(""), format!("its tier has the rank {}", tier.rank));
        for escalation in &applicable {
            finding.related(escalation.at("/priorities"), "for these priorities only");
        }
        finding.help(
            "name an escalation in its SLA or tier, or list the service in `services` of an escalation, or its tier in `tiers`",
        );
    }
}
