//! When the clocks of an SLA start, stand still, stop and warn.

use std::collections::BTreeSet;

use crate::{
    diag::{Code, Safety, code},
    lint::{Context, Location},
    load::words::list,
    model::{
        Percent,
        sla::{Sla, TicketState},
    },
};

/// An at-risk threshold that says nothing.
pub(super) static AT_RISK_RANGE: Code =
    code!("GS3026", "at-risk-range", Error, "an at-risk threshold is 0 % or 100 %");
/// At-risk thresholds that are not ascending.
pub(super) static AT_RISK_ORDER: Code =
    code!("GS3027", "at-risk-order", Warning, "the at-risk thresholds are not ascending");
/// An SLA without a warning.
pub(super) static NO_AT_RISK: Code =
    code!("GS3028", "no-at-risk", Note, "an SLA warns nobody before a target is missed");
/// A promise of perfection.
pub(super) static VANITY_TARGET: Code =
    code!("GS3029", "vanity-target", Note, "100 % is promised, which nobody can keep");
/// A clock that never counts.
pub(super) static CLOCK_NEVER_STARTS: Code = code!(
    "GS3030",
    "clock-never-starts",
    Error,
    "the clock of an SLA starts in no state, or in one that stops it"
);
/// A pause that is no pause.
pub(super) static PAUSE_NEVER_HAPPENS: Code = code!(
    "GS3031",
    "pause-never-happens",
    Error,
    "a pause state is a start or stop state, or comes before the clock starts"
);
/// A clock that never stops.
pub(super) static CLOCK_NEVER_STOPS: Code =
    code!("GS3032", "clock-never-stops", Error, "the clock of an SLA runs on after the end of a ticket");
/// Settings of a clock without effect.
pub(super) static RETROACTIVE_PAUSE: Code = code!(
    "GS3033",
    "retroactive-pause-alone",
    Warning,
    "a clock takes over earlier pauses but not the time in which they lay"
);

pub(super) fn at_risk_range(context: &mut Context<'_>) {
    for sla in &context.rulebook.slas {
        for (index, share) in sla.at_risk.iter().enumerate() {
            let message = match share.parts_per_million() {
                0 => "every ticket is at risk as soon as it is opened",
                1_000_000 => "100 % of the target is not at risk: it is the last moment before the breach",
                _ => continue,
            };
            context
                .report(sla.at(format!("/at-risk/{index}")), message)
                .help("write a share that leaves time to act, such as `75%`");
        }
    }
}

pub(super) fn at_risk_order(context: &mut Context<'_>) {
    for sla in &context.rulebook.slas {
        if sla.at_risk.iter().zip(sla.at_risk.iter().skip(1)).all(|(one, next)| one < next) {
            continue;
        }
        let sorted: BTreeSet<Percent> = sla.at_risk.iter().copied().collect();
        let sorted: Vec<String> = sorted.iter().map(|share| format!("\"{share}\"")).collect();
        let sorted = format!("[{}]", sorted.join(", "));
        context
            .report(sla.at("/at-risk"), format!("the at-risk thresholds of `{}` are not ascending", sla.id))
            .help(format!("write `{sorted}`"))
            .replace_with("put the thresholds in order", sorted, Safety::Safe);
    }
}

pub(super) fn no_at_risk(context: &mut Context<'_>) {
    for sla in context.rulebook.slas.iter().filter(|sla| sla.at_risk.is_empty()) {
        context
            .report(
                sla.at("/at-risk"),
                format!("the SLA `{}` warns nobody before a target is missed", sla.id),
            )
            .help("add `at-risk = [\"75%\"]`");
    }
}

pub(super) fn vanity_target(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let mut tell = |at: Location, what: &str| {
        context
            .report(at, format!("{what} of 100 % is promised"))
            .note("a single miss breaks it for good, and from then on it steers nothing")
            .help("write what is needed and can be kept, such as `99.5%`");
    };
    let perfect = |share: Option<Percent>| share.is_some_and(|share| share.parts_per_million() == 1_000_000);
    for sla in rulebook.slas.iter().filter(|sla| perfect(sla.attainment)) {
        tell(sla.at("/attainment"), "an attainment");
    }
    for tier in rulebook.tiers.iter().filter(|tier| perfect(tier.availability)) {
        tell(tier.at("/availability"), "an availability");
    }
    for service in rulebook.services.iter().filter(|service| perfect(service.availability)) {
        tell(service.at("/availability"), "an availability");
    }
}

fn stops(sla: &Sla, state: TicketState) -> bool {
    sla.stop_in.contains(&state)
}

fn names(states: &[TicketState]) -> String {
    list(states.iter().map(|state| state.name()))
}

pub(super) fn clock_never_starts(context: &mut Context<'_>) {
    for sla in &context.rulebook.slas {
        if sla.start_in.is_empty() {
            context
                .report(sla.at("/start-in"), format!("the clocks of the SLA `{}` never start", sla.id))
                .help("name the states that start them, such as `start-in = [\"new\"]`");
        }
        for (index, state) in sla.start_in.iter().enumerate().filter(|(_, state)| stops(sla, **state)) {
            context
                .report(
                    sla.at(format!("/start-in/{index}")),
                    format!("`{state}` starts the clock and stops it at once"),
                )
                .related(sla.at("/stop-in"), format!("stops in {}", names(&sla.stop_in)))
                .help(format!("take `{state}` out of one of the two"));
        }
    }
}

pub(super) fn pause_never_happens(context: &mut Context<'_>) {
    for sla in &context.rulebook.slas {
        for (index, state) in sla.pause_in.iter().enumerate() {
            let (message, other) = if stops(sla, *state) {
                (
                    format!("the clock is stopped in `{state}`, so that it cannot stand still there"),
                    "/stop-in",
                )
            } else if sla.start_in.contains(state) {
                (format!("`{state}` starts the clock, so that it cannot stand still there"), "/start-in")
            } else if *state == TicketState::New {
                ("a ticket is never `new` again once the clock has started".to_owned(), "/start-in")
            } else {
                continue;
            };
            context
                .report(sla.at(format!("/pause-in/{index}")), message)
                .related(
                    sla.at(other),
                    if other == "/stop-in" {
                        format!("stops in {}", names(&sla.stop_in))
                    } else {
                        format!("starts in {}", names(&sla.start_in))
                    },
                )
                .help(format!(
                    "take `{state}` out of `pause-in`, or out of `{}`",
                    other.trim_start_matches('/')
                ));
        }
    }
}

pub(super) fn clock_never_stops(context: &mut Context<'_>) {
    for sla in &context.rulebook.slas {
        let mut missing = Vec::new();
        if !stops(sla, TicketState::Resolved) && !stops(sla, TicketState::Closed) {
            missing.push(TicketState::Closed.name());
        }
        if !stops(sla, TicketState::Cancelled) {
            missing.push(TicketState::Cancelled.name());
        }
        if missing.is_empty() {
            continue;
        }
        context
            .report(
                sla.at("/stop-in"),
                format!(
                    "the clocks of the SLA `{}` run on when a ticket is {}",
                    sla.id,
                    list(missing.clone())
                ),
            )
            .note("a ticket that is finished would be counted as a breach some day")
            .help(format!("add {} to `stop-in`", list(missing)));
    }
}

pub(super) fn retroactive_pause(context: &mut Context<'_>) {
    for sla in context.rulebook.slas.iter().filter(|sla| sla.retroactive_pause && !sla.retroactive_start) {
        context
            .report(
                sla.at("/retroactive-pause"),
                "earlier pauses are taken over, but the clock starts after them",
            )
            .help("add `retroactive-start = true`, or leave `retroactive-pause` out");
    }
}
