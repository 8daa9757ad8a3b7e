//! On-call rotas of teams whose services are promised around the clock.

use crate::{
    decide::calendars::Calendars,
    diag::{Code, code},
    lint::{
        Context,
        service_levels::shared::{is_offered, local, period, promised},
    },
};

/// A promise around the clock with hours in which nobody is on call.
pub(super) static ON_CALL_GAP: Code = code!(
    "GS5030",
    "on-call-gap",
    Warning,
    "support is promised around the clock, but at some hours nobody is on call"
);

pub(super) fn on_call_gap(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let today = context.today;
    let calendars = Calendars::new(rulebook);
    for service in rulebook.services.iter().filter(|service| is_offered(service)) {
        let (hours, at) = match (&service.support_hours, promised(rulebook, service)) {
            (Some(own), _) => (own.as_str(), service.at("/support-hours")),
            (None, Some(sla)) => (sla.value.calendar.as_str(), sla.at("/calendar")),
            (None, None) => continue,
        };
        let Some(promise) = calendars.find(hours).filter(|calendar| calendar.is_always_open()) else {
            continue;
        };
        let Some(team) = service.support_team.as_ref().and_then(|team| rulebook.teams.get(team.as_str()))
        else {
            continue;
        };
        let (place, reason, gap) = match &team.on_call {
            None => (team.at(""), format!("the team `{}` has no on-call rota", team.id), None),
            Some(rota) => {
                let Some(covered) = calendars.find(rota.calendar.as_str()) else { continue };
                let Some((from, to)) = period(today, covered.zone()) else { continue };
                if let Some(gap) = covered.first_uncovered(promise, from, to) {
                    let reason = format!("nobody of the team `{}` is on call at some hours", team.id);
                    (team.at("/on-call/calendar"), reason, Some(local(gap, covered.zone())))
                } else {
                    continue;
                }
            }
        };
        let finding = context.report(
            service.at("/support-team"),
            format!("support of `{}` is promised around the clock, but {reason}", service.id),
        );
        finding.related(at, "the promise").related(place, "the team");
        if let Some(gap) = gap {
            finding.note(format!("nobody is on call on {gap}, for example"));
        }
        finding.help(
            "give the team an on-call rota on a calendar that is always open, or promise support in its hours",
        );
    }
}
