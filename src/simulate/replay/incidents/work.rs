//! What an SLA says about one ticket.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    flips::State,
    group::Rowed,
    tally::{Breach, Key, Tally},
};
use crate::{
    decide::{
        calendars::Calendars,
        ticket::{End, Event, Terms, Ticket, TicketClock},
        undecidable::Undecidable,
    },
    model::{
        Entry,
        replay_map::Kept,
        service::Service,
        sla::{Sla, TargetKind, TicketState},
    },
    simulate::replay::{Reject, RejectKind},
    time::{Pauses, elapsed},
};

/// What is needed to work tickets out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Desk<'a> {
    pub(super) calendars: &'a Calendars<'a>,
    /// The SLA of tickets whose rows name none.
    pub(super) sla: Option<&'a Entry<Sla>>,
    /// When clocks are read that did not stop.
    pub(super) now: Timestamp,
}

/// What became of each target, with the seconds that it took and might have taken.
type Known = BTreeMap<TargetKind, Vec<(State, i64, i64)>>;

/// Works a ticket out and counts it, or says why that is not possible. Hands back what became of each target.
pub(super) fn count<'a>(rowed: &Rowed<'a>, desk: Desk<'a>, tally: &mut Tally) -> Result<Known, Reject> {
    let invalid = |why: String| Reject::new(RejectKind::Invalid, why);
    if let Some(row) = rowed.broken {
        return Err(invalid(format!("the ticket `{}` has a row that cannot be used: row {row}", rowed.id)));
    }
    let mut said: Vec<_> = rowed.said.iter().map(|(row, line, said)| (*row, *line, said)).collect();
    let in_order = said.is_sorted_by_key(|(_, _, said)| said.at.or(said.opened));
    said.sort_by_key(|(_, _, said)| said.at.or(said.opened));
    let Some((row, line, first)) = said.first().copied() else { return Ok(Known::new()) };
    let opened = said.iter().find_map(|(_, _, said)| said.opened).or(first.at);
    let Some(opened) = opened else { return Err(Reject::missing("opened")) };
    let resolved = rowed.said.iter().rev().find_map(|(_, _, said)| said.resolved);
    if let Some(resolved) = resolved.filter(|resolved| *resolved < opened) {
        return Err(invalid(format!("it was solved at {resolved}, before it was opened at {opened}")));
    }
    let sla = said.iter().find_map(|(_, _, said)| said.sla).or(desk.sla);
    let Some(sla) = sla else { return Err(Reject::missing("sla")) };
    let priority = said.iter().find_map(|(_, _, said)| said.priority);
    let Some(priority) = priority else { return Err(Reject::missing("priority")) };
    let service = said.iter().find_map(|(_, _, said)| said.service);
    let mut terms = Terms { sla, priority };
    let first_terms = terms;
    let mut events: Vec<Event<'a>> = Vec::with_capacity(said.len() + 1);
    let mut early = false;
    for (_, _, said) in &said {
        let Some(at) = said.at else { continue };
        if resolved.is_some_and(|resolved| at > resolved) {
            continue;
        }
        early |= at < opened;
        terms =
            Terms { sla: said.sla.unwrap_or(terms.sla), priority: said.priority.unwrap_or(terms.priority) };
        events.push(Event { at: at.max(opened), terms: Some(terms), state: said.state, done: said.done });
    }
    if let Some(at) = resolved {
        events.push(Event { at, terms: None, state: Some(TicketState::Resolved), done: None });
    }
    let ticket = Ticket::new(opened, first_terms, events).map_err(|why| invalid(why.to_string()))?;
    let clocks = ticket.clocks(desk.now.max(opened));
    tally.tickets += 1;
    tally.remarks.out_of_order += u64::from(!in_order);
    tally.remarks.before_opening += u64::from(early);
    tally.add_period(opened);
    let promised = clocks.iter().any(|clock| !matches!(clock.end, End::Cancelled(_)));
    tally.remarks.nothing_promised += u64::from(!promised);
    let mut kept = None;
    let mut fates = Known::new();
    for clock in &clocks {
        let about = About { id: &rowed.id, row, line, service };
        let fate = read(clock, &about, desk, tally).map_err(|why| invalid(why.to_string()))?;
        let Some(fate) = fate else { continue };
        fates.entry(clock.target).or_default().push(fate);
        let breached = fate.0.is_breached();
        if clock.target == TargetKind::Resolve && matches!(clock.end, End::Stopped(_)) {
            kept = Some(if breached { Kept::Breached } else { Kept::Met });
        }
    }
    let recorded = rowed.said.iter().rev().find_map(|(_, _, said)| said.recorded);
    if let (Some(kept), Some(recorded)) = (kept, recorded) {
        *tally.recorded.entry((kept, recorded)).or_default() += 1;
    }
    Ok(fates)
}

/// A ticket, for those who want to see it.
struct About<'r, 'a> {
    id: &'r str,
    row: u64,
    line: u64,
    service: Option<&'a Entry<Service>>,
}

/// Reads a clock and counts it: what became of its target, with the pauses; nothing of a clock that others took the place of.
fn read(
    clock: &TicketClock<'_>,
    about: &About<'_, '_>,
    desk: Desk<'_>,
    tally: &mut Tally,
) -> Result<Option<(State, i64, i64)>, Undecidable> {
    let sla = clock.terms.sla;
    let calendar = desk.calendars.get(sla.calendar.as_str(), || sla.at("/calendar"))?;
    let (until, is_open) = match clock.end {
        End::Cancelled(_) => return Ok(None),
        End::Stopped(at) => (at, false),
        End::Open => (desk.now.max(clock.start), true),
    };
    let most = clock.within.seconds(calendar.business_day_seconds());
    // Pauses of a ticket come one after the other, so that they always have a union.
    let pauses = Pauses::new(clock.pauses.iter().copied()).unwrap_or_else(|_| Pauses::NONE.clone());
    let without = elapsed(calendar, clock.start, until, Pauses::NONE);
    let with = elapsed(calendar, clock.start, until, &pauses);
    let key = Key {
        tier: about.service.and_then(|service| service.value.tier.as_ref()).map(|tier| tier.id().clone()),
        sla: sla.id.clone(),
        priority: clock.terms.priority.clone(),
        target: clock.target,
    };
    let breached = with > most;
    let group = tally.groups.entry(key).or_default();
    if is_open {
        group.open += 1;
        group.open_breached += u64::from(breached);
        let state = if breached { State::OpenBreached } else { State::Open };
        return Ok(Some((state, with, most)));
    }
    group.finished += 1;
    group.breached += u64::from(breached);
    group.breached_without_pauses += u64::from(without > most);
    group.took.add(with);
    if breached {
        group.first.add(|| Breach {
            row: about.row,
            line: about.line,
            ticket: about.id.to_owned(),
            seconds: with,
            most,
        });
    }
    let state = if breached { State::Breached } else { State::Met };
    Ok(Some((state, with, most)))
}
