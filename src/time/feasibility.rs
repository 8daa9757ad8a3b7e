//! Whether the agreements under an SLA leave enough time for it, whenever the work starts.
//!
//! The steps (operational level agreements, supplier contracts) run one after another, each on its own calendar. Adding
//! their minutes proves nothing unless all calendars agree, so the chain is compared with the target for every second
//! at which work can start.
//!
//! # Why looking at breakpoints is exact
//!
//! Let `f(x)` be the instant at which a step that starts at `x` is done: the earliest at which its calendar has counted
//! its duration. Counted time is a function of the instant that rises by one second each open second and rests
//! otherwise. Hence, over whole seconds, `f` never decreases, and:
//!
//! - while `x` is closed, up to and including the opening instant, `f(x)` stays the same, for nothing is counted;
//! - while `x` goes from an open instant up to and including the closing instant, and `f(x)` has not passed the closing
//!   instant of the interval it lies in, both rise together, second by second. Beyond it `f` jumps to the next opening.
//!
//! So from any `x` there is a number of seconds over which `f` is linear with slope 0 or 1, and it ends where `x` or
//! `f(x)` meets an opening or a closing. A chain of such functions is linear as long as each of them is (an input that
//! stands still keeps all after it still), so the same holds for the completion, and for the due instant of the SLA,
//! which is one more such function. Over that stretch of starts the slack, due minus completion, is linear too, and least
//! at one of its ends. The stretches follow each other without gap or overlap; the ends of all of them contain the worst
//! start. A target of 0 is the exception to the second rule: the result is the open instant itself, up to before closing.
//!
//! A breach is counted in business time: the work may end after the due instant as long as the SLA's calendar is closed in
//! between, that is, up to its next opening. That *late* instant equals the due instant except where the due instant is a
//! closing instant, which it can be only at the last second of a stretch over which it rises. Late minus completion is
//! thus linear except for a jump upwards at that last second, so it is least at the same ends.

use jiff::Timestamp;

use super::calendar::Calendar;
use super::clock::HORIZON_SECONDS;
use super::duration::Duration;
use super::lines::{Line, Stage};
use super::offsets::{clamped, seconds_of};

/// A duration on a calendar: the target of an SLA, or one step of the work under it.
#[derive(Debug, Clone, Copy)]
pub struct Commitment<'a> {
    /// The calendar on which the duration counts.
    pub calendar: &'a Calendar,
    /// The duration in business seconds; less than 0 counts as 0.
    pub seconds: i64,
}

impl<'a> Commitment<'a> {
    /// A duration as a rulebook writes it; business days are those of the calendar.
    #[must_use]
    pub fn new(calendar: &'a Calendar, duration: Duration) -> Self {
        Self { calendar, seconds: duration.seconds(calendar.business_day_seconds()) }
    }
}

/// One start of the work and what comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// When the work starts.
    pub start: Timestamp,
    /// When the last step is done, if every step takes all of its time.
    pub completion: Timestamp,
    /// When the target is used up.
    pub due: Timestamp,
    /// Seconds from completion to due; negative when the work ends later.
    pub slack_seconds: i64,
    /// Business seconds beyond the target at completion; more than 0 is a breach.
    pub overrun_seconds: i64,
}

/// What a chain of steps means for a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feasibility {
    /// Every start has a completion and a due instant.
    Measured {
        /// The start with the least slack, the earliest of several.
        worst: Case,
        /// The start at which the work ends longest after the target was exceeded; none if no start breaches.
        breach: Option<Case>,
    },
    /// Work that starts then is never done, although the target is due: a step's calendar has not enough business time.
    NeverDone {
        /// The first such start.
        start: Timestamp,
    },
    /// The target never falls due, because its calendar has not enough business time; nothing can breach it.
    NeverDue,
    /// The period has no start in it.
    NoStart,
}

impl Feasibility {
    /// Whether no start breaches the target.
    #[must_use]
    pub fn is_feasible(&self) -> bool {
        match self {
            Self::Measured { breach, .. } => breach.is_none(),
            Self::NeverDone { .. } => false,
            Self::NeverDue | Self::NoStart => true,
        }
    }
}

/// Compares a target with the steps under it for every second from `from` to before `to` at which work can start.
///
/// A completion or due instant is looked for up to [`HORIZON_SECONDS`] after the period.
#[must_use]
pub fn feasibility(
    target: Commitment<'_>,
    steps: &[Commitment<'_>],
    from: Timestamp,
    to: Timestamp,
) -> Feasibility {
    let (from, to) = (seconds_of(from), seconds_of(to));
    let limit = to.saturating_add(HORIZON_SECONDS);
    let mut sla = Stage::new(target, from, limit);
    let mut chain: Vec<Stage<'_>> = steps.iter().map(|&step| Stage::new(step, from, limit)).collect();
    let mut worst: Option<Candidate> = None;
    let mut latest: Option<Candidate> = None;
    let mut start = from;
    while start < to {
        // Due instants never decrease: when there is none for this start, there is none for later ones.
        let Some(due) = sla.run(Line { at: start, moves: true, length: to - 1 - start }) else { break };
        let mut completion = Line { at: start, ..due };
        completion.moves = true;
        for step in &mut chain {
            let Some(done) = step.run(completion) else {
                return Feasibility::NeverDone { start: clamped(start) };
            };
            completion = done;
        }
        let length = completion.length;
        let late = sla.late(due.at);
        let first =
            Candidate { start, completion: completion.at, due: due.at, margin: due.at - completion.at };
        let rises = |line: Line| if line.moves { length } else { 0 };
        let last = Candidate {
            start: start + length,
            completion: completion.at + rises(completion),
            due: due.at + rises(due),
            margin: first.margin + rises(due) - rises(completion),
        };
        for candidate in [first, last] {
            keep_least(&mut worst, candidate);
        }
        let grace = late.saturating_sub(due.at);
        keep_least(&mut latest, Candidate { margin: first.margin.saturating_add(grace), ..first });
        // Where the due instant rises, the margin does not shrink, so the first start stands for all.
        if !due.moves {
            keep_least(&mut latest, Candidate { margin: last.margin.saturating_add(grace), ..last });
        }
        start += length + 1;
    }
    match worst {
        Some(worst) => Feasibility::Measured {
            worst: worst.case(target),
            breach: latest.filter(|case| case.margin < 0).map(|case| case.case(target)),
        },
        None if from < to => Feasibility::NeverDue,
        None => Feasibility::NoStart,
    }
}

/// A start that may be the worst.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    start: i64,
    completion: i64,
    due: i64,
    /// What is compared.
    margin: i64,
}

impl Candidate {
    fn case(self, target: Commitment<'_>) -> Case {
        let counted = if self.start < self.completion {
            target.calendar.advance(self.start, self.completion, i64::MAX).used
        } else {
            0
        };
        Case {
            start: clamped(self.start),
            completion: clamped(self.completion),
            due: clamped(self.due),
            slack_seconds: self.due - self.completion,
            overrun_seconds: (counted - target.seconds.max(0)).max(0),
        }
    }
}

/// Keeps the candidate with the smaller margin, the earlier one of equals.
fn keep_least(kept: &mut Option<Candidate>, candidate: Candidate) {
    if kept.is_none_or(|kept| candidate.margin < kept.margin) {
        *kept = Some(candidate);
    }
}
