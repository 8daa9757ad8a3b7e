//! Tiers against each other, and services against their tier.

use jiff::tz::TimeZone;

use crate::{
    decide::calendars::Calendars,
    diag::{Code, code},
    lint::Context,
    model::{Duration, Entry, Kind, Rulebook, tier::Tier},
    time::{Case, Feasibility},
};

use super::shared::{Agreement, Comparisons, by_urgency, fields, hours, is_offered, local};

/// A more critical tier with looser targets.
pub(super) static TIER_INVERSION: Code = code!(
    "GS3050",
    "tier-inversion",
    Error,
    "a more critical tier is promised less than a less critical one"
);
/// A service with looser targets than its tier.
pub(super) static LOOSER_THAN_TIER: Code =
    code!("GS3051", "looser-than-tier", Warning, "a service is promised less than its tier");

/// A target of one agreement that can be due later than the same target of another one.
struct Looser<'a> {
    priority: &'a str,
    field: &'static str,
    own: Duration,
    other: Duration,
    /// The start for which the difference is largest; none when both run on one calendar.
    worst: Option<Case>,
    /// Whether it is due earlier for another start.
    sometimes_tighter: bool,
}

/// Compares every target of two agreements for every start: what is due later than it should be.
fn looser<'a>(
    rulebook: &'a Rulebook,
    calendars: &Calendars<'a>,
    comparisons: &mut Comparisons<'a>,
    own: Agreement<'a>,
    other: Agreement<'a>,
) -> Vec<Looser<'a>> {
    let mut found = Vec::new();
    for (priority, targets) in by_urgency(rulebook, own.target) {
        let Some(others) = other.target.get(priority) else { continue };
        for ((field, mine), (_, theirs)) in fields(targets).into_iter().zip(fields(others)) {
            let (Some(mine), Some(theirs)) = (mine, theirs) else { continue };
            let mut looser =
                Looser { priority, field, own: mine, other: theirs, worst: None, sometimes_tighter: false };
            if own.calendar == other.calendar {
                let seconds = |value| calendars.seconds(value, own.calendar);
                if matches!((seconds(mine), seconds(theirs)), (Some(mine), Some(theirs)) if mine > theirs) {
                    found.push(looser);
                }
                continue;
            }
            // A due instant is the completion of work that takes exactly the target.
            let later = worst(comparisons.compare((other.calendar, theirs), &[(own.calendar, mine)]));
            if let Some(case) = later.filter(|case| case.slack_seconds < 0) {
                let back = worst(comparisons.compare((own.calendar, mine), &[(other.calendar, theirs)]));
                looser.worst = Some(case);
                looser.sometimes_tighter = back.is_some_and(|case| case.slack_seconds < 0);
                found.push(looser);
            }
        }
    }
    found
}

fn worst(result: Option<Feasibility>) -> Option<Case> {
    match result? {
        Feasibility::Measured { worst, .. } => Some(worst),
        _ => None,
    }
}

impl Looser<'_> {
    /// The facts behind it, as notes.
    fn notes(&self, zone: Option<&TimeZone>) -> Vec<String> {
        let mut notes = Vec::new();
        if let (Some(case), Some(zone)) = (self.worst, zone) {
            notes.push(format!(
                "opened {}, it is due {} instead of {}: {} later",
                local(case.start, zone),
                local(case.completion, zone),
                local(case.due, zone),
                hours(-case.slack_seconds)
            ));
            if self.sometimes_tighter {
                notes.push("for other starts it is due earlier; the calendars decide which".to_owned());
            }
        }
        notes
    }
}

pub(super) fn tier_inversion(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let calendars = Calendars::new(rulebook);
    let mut comparisons = Comparisons::new(&calendars, context.today);
    let mut tiers: Vec<&Entry<Tier>> = rulebook.tiers.iter().collect();
    tiers.sort_by_key(|tier| tier.rank);
    for critical in &tiers {
        // The nearest less critical tiers say it best; their neighbours are compared in their own turn.
        let next = tiers.iter().map(|tier| tier.rank).find(|rank| *rank > critical.rank);
        for other in tiers.iter().filter(|tier| Some(tier.rank) == next) {
            recovery(context, critical, other);
            let sla = |tier: &Tier| Agreement::find(rulebook, Kind::Sla, tier.sla.as_ref()?.as_str());
            let (Some(own), Some(theirs)) = (sla(critical), sla(other)) else { continue };
            if own.id == theirs.id {
                continue;
            }
            let mut found = looser(rulebook, &calendars, &mut comparisons, own, theirs);
            if own.calendar != theirs.calendar {
                // The calendars are the reason for all of them: the worst one says it.
                found.sort_by_key(|looser| looser.worst.map(|case| case.slack_seconds));
                let others = found.len().saturating_sub(1);
                found.truncate(1);
                if let Some(worst) = found.first() {
                    let zone = calendars.find(theirs.calendar).map(crate::time::Calendar::zone);
                    let mut notes = worst.notes(zone);
                    if others > 0 {
                        notes.push(format!("other targets that are looser: {others}"));
                    }
                    inversion(context, (critical, own), (other, theirs), worst, notes);
                }
                continue;
            }
            for looser in &found {
                inversion(context, (critical, own), (other, theirs), looser, Vec::new());
            }
        }
    }
}

fn inversion(
    context: &mut Context<'_>,
    (critical, own): (&Entry<Tier>, Agreement<'_>),
    (other, theirs): (&Entry<Tier>, Agreement<'_>),
    looser: &Looser<'_>,
    notes: Vec<String>,
) {
    let Looser { priority, field, own: mine, other: less, .. } = looser;
    let pointer = format!("/target/{priority}/{field}");
    let finding = context.report(
        critical.at("/sla"),
        format!(
            "the tier `{}` is more critical than `{}`, but its `{field}` of `{priority}` is looser",
            critical.id, other.id
        ),
    );
    finding
        .related(own.at(&pointer), format!("{mine} of `{}` for `{}`", own.calendar, critical.id))
        .related(theirs.at(&pointer), format!("{less} of `{}` for `{}`", theirs.calendar, other.id));
    for note in notes {
        finding.note(note);
    }
    finding.help("tighten the SLA of the more critical tier, or swap the ranks");
}

/// Availability and recovery of a more critical tier against a less critical one.
fn recovery(context: &mut Context<'_>, critical: &Entry<Tier>, other: &Entry<Tier>) {
    let mut tell = |field: &str, mine: String, less: String| {
        context
            .report(
                critical.at(format!("/{field}")),
                format!(
                    "the tier `{}` is more critical than `{}`, but its `{field}` is looser",
                    critical.id, other.id
                ),
            )
            .label(mine)
            .related(other.at(format!("/{field}")), less)
            .help(format!("tighten the `{field}` of `{}`, or swap the ranks", critical.id));
    };
    if let (Some(mine), Some(less)) = (critical.availability, other.availability)
        && mine < less
    {
        tell("availability", mine.to_string(), less.to_string());
    }
    for (field, mine, less) in [
        ("recovery-time", critical.recovery_time, other.recovery_time),
        ("recovery-point", critical.recovery_point, other.recovery_point),
    ] {
        let longer = match (mine, less) {
            (Some(Duration::Elapsed { seconds: mine }), Some(Duration::Elapsed { seconds: less })) => {
                mine > less
            }
            (Some(Duration::BusinessDays { days: mine }), Some(Duration::BusinessDays { days: less })) => {
                mine > less
            }
            // Business days of no calendar in particular cannot be compared with hours.
            _ => false,
        };
        if let (true, Some(mine), Some(less)) = (longer, mine, less) {
            tell(field, mine.to_string(), less.to_string());
        }
    }
}

pub(super) fn looser_than_tier(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let calendars = Calendars::new(rulebook);
    let mut comparisons = Comparisons::new(&calendars, context.today);
    for service in rulebook.services.iter().filter(|service| is_offered(service)) {
        let Some(tier) = service.tier.as_ref().and_then(|tier| rulebook.tiers.get(tier.as_str())) else {
            continue;
        };
        if let (Some(own), Some(wanted)) = (service.availability, tier.availability)
            && own < wanted
        {
            context
                .report(
                    service.at("/availability"),
                    format!("the service `{}` promises {own}, its tier {wanted}", service.id),
                )
                .related(tier.at("/availability"), format!("the tier `{}`", tier.id))
                .help("leave it out to promise what the tier does, or give the service another tier");
        }
        let find = |sla: &crate::model::Ref<_>| Agreement::find(rulebook, Kind::Sla, sla.as_str());
        let (Some(own), Some(wanted)) =
            (service.sla.as_ref().and_then(find), tier.sla.as_ref().and_then(find))
        else {
            continue;
        };
        if own.id == wanted.id {
            continue;
        }
        let found = looser(rulebook, &calendars, &mut comparisons, own, wanted);
        // One finding says it: the SLA as a whole is the wrong one.
        let Some(first) = found.first() else { continue };
        let pointer = format!("/target/{}/{}", first.priority, first.field);
        let finding = context.report(
            service.at("/sla"),
            format!(
                "the SLA `{}` of the service `{}` is looser than `{}` of its tier `{}`",
                own.id, service.id, wanted.id, tier.id
            ),
        );
        finding
            .related(own.at(&pointer), format!("{} of `{}`", first.own, own.calendar))
            .related(wanted.at(&pointer), format!("{} of `{}`", first.other, wanted.calendar));
        for note in first.notes(calendars.find(wanted.calendar).map(crate::time::Calendar::zone)) {
            finding.note(note);
        }
        if found.len() > 1 {
            finding.note(format!("other targets that are looser: {}", found.len() - 1));
        }
        finding.help("leave `sla` out to promise what the tier does, or give the service another tier");
    }
}
