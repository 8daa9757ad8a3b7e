//! The clocks of a ticket, worked out from what happened to it. Nothing is stored: the same history always gives
//! the same clocks.
//!
//! - A clock is for one target of one SLA at one priority. When the SLA or the priority changes, the clock ends as
//!   cancelled and the new terms attach clocks of their own; `retroactive-start` lets these count from where the
//!   ticket started, `retroactive-pause` lets them take over the pauses before they were attached.
//! - It starts when the ticket is in one of the states `start-in`, stands still in those of `pause-in`, and stops in
//!   those of `stop-in`; where a state is in several of these, stopping comes first.
//! - A ticket that leaves a state of `stop-in` is reopened. With `accumulate` the clock goes on and the time in
//!   between is a pause, with `run-through` that time counts, with `new-cycle` every target gets a new clock.
//! - Terms that change while the ticket is stopped attach nothing until it is reopened.

mod trace;

pub use trace::{Effect, Happening, Step, trace};

use jiff::Timestamp;

use crate::model::{
    Duration, Entry, Priority,
    sla::{Reopen, Sla, TargetKind, Targets, TicketState},
};

/// States that show that somebody who can help has looked at the ticket: they end the clock of `respond`.
pub const ANSWERED: [TicketState; 7] = [
    TicketState::InProgress,
    TicketState::AwaitingRequester,
    TicketState::AwaitingSupplier,
    TicketState::AwaitingChange,
    TicketState::Scheduled,
    TicketState::Resolved,
    TicketState::Closed,
];

/// What holds for a ticket: an SLA, read at a priority.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The agreement.
    pub sla: &'a Entry<Sla>,
    /// The priority.
    pub priority: &'a Priority,
}

impl<'a> Terms<'a> {
    /// What is promised, if anything is promised at that priority.
    #[must_use]
    pub fn targets(&self) -> Option<&'a Targets> {
        self.sla.value.target.get(self.priority)
    }
}

impl PartialEq for Terms<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.sla.id == other.sla.id && self.priority == other.priority
    }
}

/// Something that happened to a ticket. Several things at one instant count as one step: terms first, then the
/// state, then what was done.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// When.
    pub at: Timestamp,
    /// The terms that hold from then on.
    pub terms: Option<Terms<'a>>,
    /// The state that the ticket is in from then on.
    pub state: Option<TicketState>,
    /// A target that was reached: the requester has an answer, news, or a workaround.
    pub done: Option<TargetKind>,
}

/// The history of a ticket.
#[derive(Debug, Clone)]
pub struct Ticket<'a> {
    /// When it was opened; it is `new` then.
    opened: Timestamp,
    /// What holds from its opening.
    terms: Terms<'a>,
    /// What happened to it, in the order of time.
    events: Vec<Event<'a>>,
}

/// Why a list of events is no history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// An event before the one that stands before it.
    #[error(
        "event {number} is at {at}, before the one that it follows, at {before}: write events in the order of time"
    )]
    Order {
        /// Which one, from 1.
        number: usize,
        /// When it was.
        at: Timestamp,
        /// When the one before it was.
        before: Timestamp,
    },
    /// An event before the ticket was opened.
    #[error("event {number} is at {at}, before the ticket was opened at {opened}")]
    BeforeOpening {
        /// Which one, from 1.
        number: usize,
        /// When it was.
        at: Timestamp,
        /// When the ticket was opened.
        opened: Timestamp,
    },
}

/// How a clock ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It has not: it runs, or stands still.
    Open,
    /// What was promised was done.
    Stopped(Timestamp),
    /// Other terms took its place.
    Cancelled(Timestamp),
}

/// One clock of a ticket.
#[derive(Debug, Clone)]
pub struct TicketClock<'a> {
    /// The terms that attached it.
    pub terms: Terms<'a>,
    /// What it measures.
    pub target: TargetKind,
    /// How long that may take.
    pub within: Duration,
    /// 1, or more after the ticket was reopened into a new cycle.
    pub cycle: u32,
    /// 1, or more after news for the requester: the clock of `update` starts again each time.
    pub round: u32,
    /// When it was attached.
    pub attached: Timestamp,
    /// The instant from which it counts; before `attached` when the start is retroactive.
    pub start: Timestamp,
    /// Where it stands still; the last may be open.
    pub pauses: Vec<(Timestamp, Option<Timestamp>)>,
    /// How it ended.
    pub end: End,
}

/// A stretch of time; without an end while it lasts.
type Stretch = (Timestamp, Option<Timestamp>);

impl<'a> Ticket<'a> {
    /// A ticket that was opened at an instant.
    ///
    /// # Errors
    /// When an event lies before the opening, or before the event that it follows.
    pub fn new(opened: Timestamp, terms: Terms<'a>, events: Vec<Event<'a>>) -> Result<Self, HistoryError> {
        let mut before = opened;
        for (event, number) in events.iter().zip(1..) {
            let at = event.at;
            if at < opened {
                return Err(HistoryError::BeforeOpening { number, at, opened });
            }
            if at < before {
                return Err(HistoryError::Order { number, at, before });
            }
            before = at;
        }
        Ok(Self { opened, terms, events })
    }

    /// The clocks at an instant, in the order in which they were attached. What happened later is not looked at.
    #[must_use]
    pub fn clocks(&self, now: Timestamp) -> Vec<TicketClock<'a>> {
        let spans = self.spans(now);
        let done: Vec<(Timestamp, TargetKind)> =
            self.until(now).filter_map(|event| Some((event.at, event.done?))).collect();
        let all = self.terms_in_force(now);
        let mut clocks = Vec::new();
        for (index, &(from, terms)) in all.iter().enumerate() {
            let Some(targets) = terms.targets() else { continue };
            let attachment = Attachment {
                terms,
                from,
                until: all.get(index + 1).map(|(at, _)| *at),
                first: index == 0,
                opened: self.opened,
                stops: stretches(&spans, &terms.sla.value.stop_in, &[]),
                spans: &spans,
                done: &done,
            };
            attachment.attach(targets, &mut clocks);
        }
        clocks
    }

    /// How many events lie after an instant.
    #[must_use]
    pub fn later_than(&self, now: Timestamp) -> usize {
        self.events.iter().filter(|event| event.at > now).count()
    }

    fn until(&self, now: Timestamp) -> impl Iterator<Item = &Event<'a>> {
        self.events.iter().filter(move |event| event.at <= now)
    }

    /// The states of the ticket one after the other; the last lasts.
    fn spans(&self, now: Timestamp) -> Vec<(TicketState, Stretch)> {
        let mut spans = vec![(TicketState::New, (self.opened, None))];
        for event in self.until(now) {
            let Some(state) = event.state else { continue };
            if let Some((last, stretch)) = spans.last_mut() {
                if *last == state {
                    continue;
                }
                stretch.1 = Some(event.at);
            }
            spans.push((state, (event.at, None)));
        }
        spans
    }

    /// The terms with the instants from which they hold. Several changes at one instant are one.
    fn terms_in_force(&self, now: Timestamp) -> Vec<(Timestamp, Terms<'a>)> {
        let mut all = vec![(self.opened, self.terms)];
        for event in self.until(now) {
            let Some(terms) = event.terms else { continue };
            if all.last().is_some_and(|(at, _)| *at == event.at) {
                all.pop();
            }
            if all.last().is_none_or(|(_, held)| *held != terms) {
                all.push((event.at, terms));
            }
        }
        all
    }
}

/// The stretches in which the ticket is in some states and not in others; those that follow each other are one.
fn stretches(
    spans: &[(TicketState, Stretch)],
    within: &[TicketState],
    except: &[TicketState],
) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    let mut before = false;
    for (state, stretch) in spans {
        let now = within.contains(state) && !except.contains(state);
        match all.last_mut() {
            Some(last) if now && before => last.1 = stretch.1,
            _ if now => all.push(*stretch),
            _ => {}
        }
        before = now;
    }
    all
}

/// Terms, while they hold.
struct Attachment<'t, 'a> {
    terms: Terms<'a>,
    from: Timestamp,
    until: Option<Timestamp>,
    /// Whether they hold from the opening on.
    first: bool,
    opened: Timestamp,
    /// When the ticket was stopped, as these terms mean it.
    stops: Vec<Stretch>,
    spans: &'t [(TicketState, Stretch)],
    done: &'t [(Timestamp, TargetKind)],
}

/// The part of an attachment that ends when the ticket is reopened into a new cycle.
struct Cycle {
    number: u32,
    /// Where the ticket, or this round of it, began.
    origin: Timestamp,
    attached: Timestamp,
    start: Timestamp,
    until: Option<Timestamp>,
    /// Whether what was done before the clock was attached counts.
    retroactive: bool,
}

impl<'a> Attachment<'_, 'a> {
    fn attach(&self, targets: &Targets, clocks: &mut Vec<TicketClock<'a>>) {
        let Some(from) = self.attached() else { return };
        for cycle in self.cycles(from) {
            for kind in TargetKind::ALL {
                let Some(within) = targets.of(*kind) else { continue };
                match kind {
                    TargetKind::Update => self.updates(&cycle, within, clocks),
                    _ => clocks.extend(self.clock(&cycle, *kind, within)),
                }
            }
        }
    }

    /// The instant at which clocks are attached: not while the ticket is stopped.
    fn attached(&self) -> Option<Timestamp> {
        let stopped = self.stops.iter().find(|(stop, reopened)| {
            !self.first && *stop <= self.from && reopened.is_none_or(|reopened| self.from < reopened)
        });
        match stopped {
            None => Some(self.from),
            Some((_, reopened)) => reopened.filter(|at| self.until.is_none_or(|until| *at < until)),
        }
    }

    fn cycles(&self, from: Timestamp) -> Vec<Cycle> {
        let sla = &self.terms.sla.value;
        let starts = stretches(self.spans, &sla.start_in, &sla.stop_in);
        let Some((mut started, _)) = starts.first().copied() else { return Vec::new() };
        // A ticket that is reopened need not pass through the states that start the clock once more.
        let reopened = self.stops.iter().filter_map(|(_, reopened)| *reopened);
        let reopenings: Vec<Timestamp> =
            reopened.filter(|at| sla.reopen == Reopen::NewCycle && *at > started).collect();
        let mut number = 1;
        let mut origin = self.opened;
        for reopened in reopenings.iter().filter(|at| **at <= from) {
            number += 1;
            (origin, started) = (*reopened, *reopened);
        }
        let mut later = reopenings.iter().copied().filter(|at| *at > from).peekable();
        let inside = |at: &Timestamp| self.until.is_none_or(|until| *at < until);
        let mut cycles = Vec::new();
        let until = later.peek().copied().filter(inside).or(self.until);
        let start = if sla.retroactive_start { started } else { started.max(from) };
        if until.is_none_or(|until| start < until) {
            let retroactive = sla.retroactive_start || self.first;
            cycles.push(Cycle { number, origin, attached: from, start, until, retroactive });
        }
        while let Some(at) = later.next().filter(inside) {
            number += 1;
            let until = later.peek().copied().filter(inside).or(self.until);
            cycles.push(Cycle { number, origin: at, attached: at, start: at, until, retroactive: true });
        }
        cycles
    }

    /// The clock of a target that is reached once; none where it was reached before the clock was attached.
    fn clock(&self, cycle: &Cycle, target: TargetKind, within: Duration) -> Option<TicketClock<'a>> {
        let done = self.reached(cycle, target);
        if done.is_some_and(|done| done < cycle.attached) && !cycle.retroactive {
            return None;
        }
        let end = match done {
            Some(done) if cycle.until.is_none_or(|until| done <= until) => {
                End::Stopped(done.max(cycle.start))
            }
            _ => self.end(cycle),
        };
        Some(self.made(cycle, target, within, 1, cycle.start, end))
    }

    /// The clocks of news for the requester: each piece of news ends one and starts the next.
    fn updates(&self, cycle: &Cycle, within: Duration, clocks: &mut Vec<TicketClock<'a>>) {
        let stopped = |at: Timestamp| {
            self.stops
                .iter()
                .any(|(stop, reopened)| *stop <= at && reopened.is_none_or(|reopened| at < reopened))
        };
        let news = self.done.iter().filter(|(at, done)| {
            *done == TargetKind::Update
                && *at > cycle.start
                && cycle.until.is_none_or(|until| *at <= until)
                && !stopped(*at)
        });
        let (mut start, mut round) = (cycle.start, 1);
        for (at, _) in news {
            if *at > cycle.attached {
                let end = End::Stopped(*at);
                clocks.push(self.made(cycle, TargetKind::Update, within, round, start, end));
                round += 1;
            }
            // News from before the clock was attached was for other terms to measure.
            start = *at;
        }
        let end = self.end(cycle);
        clocks.push(self.made(cycle, TargetKind::Update, within, round, start, end));
    }

    /// When a target was reached, in this cycle.
    fn reached(&self, cycle: &Cycle, target: TargetKind) -> Option<Timestamp> {
        let said = self.done.iter().find(|(at, done)| *done == target && *at >= cycle.origin);
        let said = said.map(|(at, _)| *at);
        let answered = (target == TargetKind::Respond).then(|| {
            let mut states = self.spans.iter();
            states.find(|(state, (from, _))| *from >= cycle.origin && ANSWERED.contains(state))
        });
        let answered = answered.flatten().map(|(_, (from, _))| *from);
        said.into_iter().chain(answered).min()
    }

    /// How a clock ends that nothing but the state of the ticket ends.
    fn end(&self, cycle: &Cycle) -> End {
        let stop = self.stops.iter().find(|(stop, reopened)| match cycle.until {
            Some(until) => *stop <= until && reopened.is_none_or(|reopened| reopened >= until),
            None => reopened.is_none(),
        });
        match (stop, cycle.until) {
            (Some((stop, _)), _) if *stop >= cycle.start => End::Stopped(*stop),
            (_, Some(until)) => End::Cancelled(until),
            (_, None) => End::Open,
        }
    }

    fn made(
        &self,
        cycle: &Cycle,
        target: TargetKind,
        within: Duration,
        round: u32,
        start: Timestamp,
        end: End,
    ) -> TicketClock<'a> {
        TicketClock {
            terms: self.terms,
            target,
            within,
            cycle: cycle.number,
            round,
            attached: cycle.attached,
            start,
            pauses: self.pauses(cycle, start, end),
            end,
        }
    }

    /// Where a clock stands still: not before it counts, and before it was attached only where the SLA says so.
    fn pauses(&self, cycle: &Cycle, start: Timestamp, end: End) -> Vec<Stretch> {
        let sla = &self.terms.sla.value;
        let mut pauses = stretches(self.spans, &sla.pause_in, &sla.stop_in);
        if sla.reopen == Reopen::Accumulate {
            pauses.extend(self.stops.iter().filter(|(_, reopened)| reopened.is_some()));
        }
        pauses.sort_unstable();
        let first = if sla.retroactive_pause { start } else { start.max(cycle.attached) };
        let ended = match end {
            End::Open => None,
            End::Stopped(at) | End::Cancelled(at) => Some(at),
        };
        pauses
            .into_iter()
            .map(|(from, to)| (from.max(first), to))
            .filter(|(from, to)| to.is_none_or(|to| *from < to) && ended.is_none_or(|ended| *from < ended))
            .collect()
    }
}

#[cfg(test)]
mod tests;
