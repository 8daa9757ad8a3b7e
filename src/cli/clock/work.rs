//! From questions to answers.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    answer::{
        Agreement, ClockShown, DueAnswer, DueShown, DueTarget, ElapsedAnswer, Moment, PauseShown, State,
        StatusAnswer, Threshold,
    },
    book::{Book, Found, Hours, word},
    history,
    problem::Problem,
    question::{Due, Elapsed, Pause, Status, instant, pauses, required, required_instant},
};
use crate::{
    decide::ticket::{End, Terms, TicketClock},
    model::{
        Duration, Percent,
        sla::{TargetKind, Targets},
    },
    time::{self, Clock, ClockState, Pauses, ReadAt},
};

/// Answers when something is due.
pub(super) fn due(book: &Book<'_>, question: &Due) -> Result<DueAnswer, Problem> {
    let start = required_instant(question.start.as_ref(), "start")?;
    let (given, union) = pauses(&question.pause)?;
    let (hours, found, wanted) = if let Some(id) = &question.calendar {
        for (field, other) in
            [("sla", &question.sla), ("service", &question.service), ("target", &question.target)]
        {
            if other.is_some() {
                let why = "an SLA counts in its own hours";
                return Err(Problem::Conflict { field, other: "calendar", why });
            }
        }
        let within = required(question.within.as_ref(), "within", "write a duration, such as `4h`")?;
        (book.calendar(id)?, None, vec![(None, within.parse::<Duration>()?)])
    } else {
        if question.within.is_some() {
            let why = "an SLA has targets of its own";
            return Err(Problem::Conflict { field: "within", other: "sla", why });
        }
        let found =
            book.terms(question.sla.as_ref(), question.service.as_ref(), question.priority.as_ref())?;
        let wanted = targets(&found.terms, question.target.as_deref())?;
        (book.hours_of(found.terms.sla)?, Some(found), wanted)
    };
    let zone = hours.clock.zone();
    let due = wanted.into_iter().map(|(kind, within)| {
        let business_seconds = within.seconds(hours.clock.business_day_seconds());
        let due = time::due(hours.clock, start, business_seconds, &union);
        let line = |terms: Terms<'_>, kind: TargetKind| book.place(&line_of(terms, kind));
        DueTarget {
            target: kind.map(TargetKind::name),
            within: hours.clock.written(within),
            business_seconds,
            due: DueShown::new(due, zone),
            place: found.as_ref().zip(kind).map(|(found, kind)| line(found.terms, kind)),
        }
    });
    Ok(DueAnswer {
        due: due.collect(),
        start: hours.moment(start),
        pauses: shown(&given, zone),
        calendar: book.used(hours),
        agreement: found.map(|found| agreement(book, &found)),
    })
}

/// Answers how much business time has passed.
pub(super) fn elapsed(book: &Book<'_>, question: &Elapsed) -> Result<ElapsedAnswer, Problem> {
    let start = required_instant(question.start.as_ref(), "start")?;
    // What ended before it started has taken no time.
    let end = required_instant(question.end.as_ref(), "end")?;
    let (given, union) = pauses(&question.pause)?;
    let instead = "name the hours in which time counts";
    let hours = book.calendar(required(question.calendar.as_ref(), "calendar", instead)?)?;
    Ok(ElapsedAnswer {
        business_seconds: time::elapsed(hours.clock, start, end, &union),
        wall_seconds: end.as_second() - start.as_second(),
        start: hours.moment(start),
        end: hours.moment(end),
        pauses: shown(&given, hours.clock.zone()),
        calendar: book.used(hours),
    })
}

/// Answers where the clocks of a ticket stand.
pub(super) fn status(book: &Book<'_>, question: &Status, now: Timestamp) -> Result<StatusAnswer, Problem> {
    let now = match &question.now {
        Some(text) if question.stop.is_none() => super::question::now(text)?,
        Some(_) => {
            let why = "a clock that has stopped is read where it stopped";
            return Err(Problem::Conflict { field: "now", other: "stop", why });
        }
        None => now,
    };
    let found = book.terms(question.sla.as_ref(), question.service.as_ref(), question.priority.as_ref())?;
    if let Some(events) = &question.events {
        return history::status(book, question, &found, events, now);
    }
    let start = required_instant(question.start.as_ref(), "start")?;
    let stop = question.stop.as_deref().map(|text| instant(text, "stop")).transpose()?;
    let (field, read_at) = stop.map_or(("now", now), |stop| ("stop", stop));
    if read_at < start {
        return Err(Problem::Backwards { field, start, end: read_at });
    }
    let (given, _) = pauses(&question.pause)?;
    let clocks =
        targets(&found.terms, question.target.as_deref())?.into_iter().filter_map(|(target, within)| {
            Some(TicketClock {
                terms: found.terms,
                target: target?,
                within,
                cycle: 1,
                round: 1,
                attached: start,
                start,
                pauses: given.clone(),
                end: stop.map_or(End::Open, End::Stopped),
            })
        });
    let clocks: Vec<ClockShown> =
        clocks.map(|clock| read(book, &clock, read_at)).collect::<Result<_, _>>()?;
    let hours = book.hours_of(found.terms.sla)?;
    Ok(StatusAnswer {
        verdict: verdict(&clocks),
        read_at: hours.moment(read_at),
        later_events: 0,
        clocks,
        trace: Vec::new(),
        calendars: vec![book.used(hours)],
        agreement: agreement(book, &found),
    })
}

/// Reads one clock.
pub(super) fn read(book: &Book<'_>, clock: &TicketClock<'_>, now: Timestamp) -> Result<ClockShown, Problem> {
    let sla = clock.terms.sla;
    let hours = book.hours_of(sla)?;
    let zone = hours.clock.zone();
    let business_seconds = clock.within.seconds(hours.clock.business_day_seconds());
    let union = Pauses::new(clock.pauses.iter().copied())?;
    let shares = &sla.value.at_risk;
    let at = |share: Option<Percent>| Clock {
        calendar: hours.clock,
        start: clock.start,
        target_seconds: business_seconds,
        at_risk_parts_per_million: share.map_or(time::percent(100), Percent::parts_per_million),
        pauses: &union,
    };
    let (read_at, ended) = match clock.end {
        End::Open => (ReadAt::Running(now), None),
        End::Stopped(at) | End::Cancelled(at) => (ReadAt::Stopped(at), Some(at)),
    };
    let reading = at(shares.iter().min().copied()).read(read_at);
    let state = match (clock.end, reading.state) {
        (End::Cancelled(_), _) => State::Cancelled,
        // Without a share at which it is at risk, a target that is just used up is still kept.
        (_, ClockState::AtRisk) if shares.is_empty() => State::OnTrack,
        (_, ClockState::AtRisk) => State::AtRisk,
        (_, ClockState::OnTrack) => State::OnTrack,
        (_, ClockState::Met) => State::Met,
        (_, ClockState::Breached) => State::Breached,
    };
    let at_risk = shares.iter().map(|share| {
        let clock = at(Some(*share));
        Threshold {
            share: share.to_string(),
            due: DueShown::new(clock.at_risk(), zone),
            reached: reading.elapsed_seconds >= clock.at_risk_seconds(),
        }
    });
    Ok(ClockShown {
        target: clock.target.name(),
        state,
        paused: reading.paused,
        due: DueShown::new(reading.due, zone),
        at_risk: at_risk.collect(),
        elapsed_seconds: reading.elapsed_seconds,
        remaining_seconds: reading.remaining_seconds,
        wall_seconds: reading.calendar_seconds,
        within: hours.clock.written(clock.within),
        business_seconds,
        start: hours.moment(clock.start),
        attached: (clock.attached != clock.start).then(|| hours.moment(clock.attached)),
        ended: ended.map(|at| hours.moment(at)),
        pauses: shown(&clock.pauses, zone),
        cycle: clock.cycle,
        round: clock.round,
        sla: sla.id.to_string(),
        priority: clock.terms.priority.to_string(),
        calendar: hours.entry.id.to_string(),
        place: book.place(&line_of(clock.terms, clock.target)),
    })
}

/// How the clock fares that fares worst. Cancelled clocks fare no way at all.
pub(super) fn verdict(clocks: &[ClockShown]) -> Option<State> {
    clocks.iter().map(|clock| clock.state).filter(|state| *state != State::Cancelled).max()
}

/// The agreement as an answer names it.
pub(super) fn agreement(book: &Book<'_>, found: &Found<'_>) -> Agreement {
    let sla = found.terms.sla;
    Agreement {
        sla: sla.id.to_string(),
        name: sla.value.name.clone(),
        through: found.through.clone(),
        priority: found.terms.priority.to_string(),
        place: book.place(&sla.at(format!("/target/{}", found.terms.priority))),
    }
}

/// The targets that are asked about: the one that is named, or all that there are.
fn targets(terms: &Terms<'_>, name: Option<&str>) -> Result<Vec<(Option<TargetKind>, Duration)>, Problem> {
    let promised = |kind: TargetKind| terms.targets().and_then(|targets: &Targets| targets.of(kind));
    let all = || TargetKind::ALL.iter().filter_map(|kind| Some((Some(*kind), promised(*kind)?)));
    let Some(name) = name else { return Ok(all().collect()) };
    let kind = TargetKind::ALL.iter().copied().find(|kind| kind.name() == name);
    let kind = kind.ok_or_else(|| word("target", "target", name, TargetKind::NAMES.iter().copied()))?;
    let within = promised(kind).ok_or_else(|| Problem::NoTarget {
        sla: terms.sla.id.to_string(),
        priority: terms.priority.to_string(),
        target: kind.name(),
        known: all().filter_map(|(kind, _)| Some(kind?.name().to_owned())).collect(),
    })?;
    Ok(vec![(Some(kind), within)])
}

/// Reads the name of a target.
pub(super) fn target_kind(name: &str) -> Result<TargetKind, Problem> {
    let kind = TargetKind::ALL.iter().copied().find(|kind| kind.name() == name);
    kind.ok_or_else(|| word("target", "target", name, TargetKind::NAMES.iter().copied()))
}

/// The line of a target.
fn line_of(terms: Terms<'_>, kind: TargetKind) -> crate::model::Location {
    terms.sla.at(format!("/target/{}/{kind}", terms.priority))
}

fn shown(pauses: &[Pause], zone: &TimeZone) -> Vec<PauseShown> {
    let moment = |at: Timestamp| Moment::new(at, zone);
    pauses.iter().map(|(from, to)| PauseShown { from: moment(*from), to: to.map(moment) }).collect()
}

/// The hours of several SLAs, each once, in the order of ids.
pub(super) fn used<'b>(
    book: &Book<'_>,
    hours: impl IntoIterator<Item = Hours<'b>>,
) -> Vec<super::answer::CalendarUsed> {
    let mut used: Vec<_> = hours.into_iter().map(|hours| book.used(hours)).collect();
    used.sort_by(|one, other| one.id.cmp(&other.id));
    used.dedup_by(|next, kept| next.id == kept.id);
    used
}
