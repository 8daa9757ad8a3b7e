//! What an SLA rests on: whether the agreements below it leave enough time, whenever the work starts.

use jiff::tz::TimeZone;

use crate::{
    decide::{
        agreement::{Chain, chains, resolving, supports},
        calendars::Calendars,
    },
    diag::{Code, code},
    lint::{Context, Finding},
    model::{Entry, Kind, sla::Sla},
    time::{Case, Feasibility},
};

use super::shared::{Comparisons, hours, local, period};

/// A support that is no agreement.
pub(super) static NOT_AN_AGREEMENT: Code = code!(
    "GS3040",
    "not-an-agreement",
    Error,
    "an SLA rests on something that is neither an OLA nor a supplier contract"
);
/// A chain that takes too long.
pub(super) static INFEASIBLE: Code = code!(
    "GS3041",
    "infeasible",
    Error,
    "the agreements below an SLA take longer than it promises, for some start of the work"
);
/// A chain with a hole.
pub(super) static UNSUPPORTED_PRIORITY: Code = code!(
    "GS3042",
    "unsupported-priority",
    Warning,
    "an agreement below an SLA has no resolve target for a priority that the SLA promises"
);
/// A supplier with shorter hours.
pub(super) static SUPPLIER_HOURS: Code = code!(
    "GS3043",
    "supplier-hours",
    Note,
    "a supplier works shorter hours than the SLA that rests on it, although there is time enough"
);
/// A team that promises itself something.
pub(super) static OLA_WITH_ITSELF: Code =
    code!("GS3044", "ola-with-itself", Warning, "a team has an agreement with itself");

pub(super) fn not_an_agreement(context: &mut Context<'_>) {
    for sla in &context.rulebook.slas {
        for (index, support) in sla.supported_by.iter().enumerate() {
            if matches!(support.kind, Kind::Ola | Kind::SupplierContract) {
                continue;
            }
            context
                .report(
                    sla.at(format!("/supported-by/{index}")),
                    format!("the SLA `{}` rests on `{support}`, which promises it nothing", sla.id),
                )
                .label(support.kind.with_article())
                .help("name agreements: `ola:…` or `supplier-contract:…`");
        }
    }
}

fn compare<'a>(
    comparisons: &mut Comparisons<'a>,
    sla: &'a Entry<Sla>,
    chain: &Chain<'a>,
) -> Option<Feasibility> {
    let steps: Vec<_> = chain.steps.iter().map(|(step, duration)| (step.calendar, *duration)).collect();
    comparisons.compare((sla.calendar.as_str(), chain.target), &steps)
}

pub(super) fn infeasible(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let calendars = Calendars::new(rulebook);
    let mut comparisons = Comparisons::new(&calendars, context.today);
    for sla in &rulebook.slas {
        let Some(supports) = supports(rulebook, sla) else { continue };
        let seconds = |duration, calendar: &str| calendars.seconds(duration, calendar);
        for chain in chains(sla, &supports, &seconds) {
            let Some(zone) = calendars.find(sla.calendar.as_str()).map(|calendar| calendar.zone().clone())
            else {
                continue;
            };
            let at = sla.at(format!("/target/{}/{}", chain.priority, chain.field));
            let what = format!("`{}` of `{}` in `{}` cannot be kept", chain.field, chain.priority, sla.id);
            let finding = match compare(&mut comparisons, sla, &chain) {
                Some(Feasibility::Measured { breach: Some(case), .. }) => {
                    let finding = context.report(at, format!("{what}: {}", in_words(case, &zone)));
                    finding.note(format!(
                        "that is {} over the target of {} (times of {})",
                        hours(case.overrun_seconds),
                        chain.target,
                        zone.iana_name().unwrap_or("UTC")
                    ));
                    finding
                }
                Some(Feasibility::NeverDone { start }) => {
                    context.report(at, format!("{what}: work that starts {} never ends", local(start, &zone)))
                }
                _ => continue,
            };
            explain(finding, &chain);
        }
    }
}

/// The case that is worst, for people.
pub(super) fn in_words(case: Case, zone: &TimeZone) -> String {
    let text = |instant| local(instant, zone);
    format!(
        "work that starts {} ends {} and is due {}",
        text(case.start),
        text(case.completion),
        text(case.due)
    )
}

fn explain(finding: &mut Finding, chain: &Chain<'_>) {
    for (step, duration) in &chain.steps {
        finding.related(
            step.at(&format!("/target/{}/{}", chain.priority, chain.field)),
            format!("takes {duration} of `{}`", step.calendar),
        );
    }
    finding.help("promise more time, agree on less below, or on hours that cover those of the SLA");
}

pub(super) fn unsupported_priority(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for sla in &rulebook.slas {
        let Some(supports) = supports(rulebook, sla) else { continue };
        // An agreement without any target is a finding of its own.
        for (index, support) in supports.iter().enumerate().filter(|(_, support)| !support.target.is_empty())
        {
            let missing: Vec<&str> = sla
                .value
                .target
                .iter()
                .filter(|(_, targets)| targets.resolve.is_some())
                .map(|(priority, _)| priority.as_str())
                .filter(|id| support.target.get(*id).and_then(|targets| targets.resolve).is_none())
                .collect();
            let Some(first) = missing.first() else { continue };
            context
                .report(
                    sla.at(format!("/supported-by/{index}")),
                    format!(
                        "{} has no `resolve` target for {}",
                        support.name(),
                        crate::load::words::list(missing.iter().copied())
                    ),
                )
                .label("nobody knows how long this part takes")
                .related(support.at("/target"), "its targets")
                .help(format!("agree on one: `{first} = {{ resolve = \"…\" }}`"));
        }
    }
}

pub(super) fn supplier_hours(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let calendars = Calendars::new(rulebook);
    let mut comparisons = Comparisons::new(&calendars, context.today);
    for sla in &rulebook.slas {
        let Some(supports) = supports(rulebook, sla) else { continue };
        let Some(own) = calendars.find(sla.calendar.as_str()) else { continue };
        let Some((from, to)) = period(context.today, own.zone()) else { continue };
        let chains = resolving(sla, &supports);
        let feasible = chains
            .iter()
            .all(|chain| compare(&mut comparisons, sla, chain).is_some_and(|result| result.is_feasible()));
        if !feasible {
            continue;
        }
        for (index, support) in supports.iter().enumerate() {
            if support.kind != Kind::SupplierContract || support.calendar == sla.calendar.as_str() {
                continue;
            }
            let Some(calendar) = calendars.find(support.calendar) else { continue };
            let Some(gap) = calendar.first_uncovered(own, from, to) else { continue };
            let finding = context.report(
                sla.at(format!("/supported-by/{index}")),
                format!(
                    "the supplier of `{}` works only in the hours of `{}`, the SLA counts in those of `{}`",
                    support.id, support.calendar, sla.calendar
                ),
            );
            finding.related(support.at("/calendar"), "the hours of the supplier").note(format!(
                "the clock of the SLA runs without the supplier on {}, for example",
                local(gap, own.zone())
            ));
            if !chains.is_empty() {
                finding
                    .note("the targets leave enough time for that")
                    .help("nothing has to change as long as the targets stay");
            }
        }
    }
}

pub(super) fn ola_with_itself(context: &mut Context<'_>) {
    for ola in &context.rulebook.olas {
        if ola.consumer.as_ref() == Some(&ola.provider) {
            context
                .report(ola.at("/consumer"), format!("the team `{}` promises itself something", ola.provider))
                .related(ola.at("/provider"), "the team that promises")
                .help("name the team that relies on the promise");
        }
    }
}
