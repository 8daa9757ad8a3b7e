//! What becomes earlier and what later, whenever the clock starts, when commitments change.
//!
//! Two numbers say nothing about which of two commitments is used up first when their calendars differ. So both are
//! followed over every second of a period at which a clock can start. Over a stretch of starts each of them is a line
//! of slope 0 or 1 (why, and why looking at the ends of these stretches is exact, stands in `feasibility`), so their
//! difference is a line too, and what is most is at one of its ends.
//!
//! A commitment may be a chain of steps, one after another, and several chains may lead to the same thing: then the
//! earliest counts. Where two chains cross, a stretch ends.

use jiff::Timestamp;

use super::clock::HORIZON_SECONDS;
use super::feasibility::Commitment;
use super::lines::{Line, Stage};
use super::offsets::{clamped, seconds_of};

/// The starts that are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Starts {
    /// The first.
    pub from: Timestamp,
    /// The first instant after the last.
    pub to: Timestamp,
    /// Of starts that show the same, one from here on is named as an example, if there is one.
    pub prefer: Timestamp,
}

/// How a change moves what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shift {
    /// The starts from which it is due earlier.
    pub earlier: Option<Moved>,
    /// The starts from which it is due later.
    pub later: Option<Moved>,
    /// How many seconds of the period are starts from which nothing moves.
    pub same: i64,
}

/// Starts from which something is due earlier, or later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// How many seconds of the period are such starts.
    pub starts: i64,
    /// The first of them.
    pub first: Timestamp,
    /// The last of them.
    pub last: Timestamp,
    /// The one from which it moves most.
    pub most: Instance,
}

/// A start, and when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instance {
    /// Where the clock starts.
    pub start: Timestamp,
    /// When it was due; none for never.
    pub before: Option<Timestamp>,
    /// When it is due; none for never.
    pub after: Option<Timestamp>,
}

/// Steps, one after another; of several such chains the first to be done counts.
pub type Chains<'c, 'k> = &'c [Vec<Commitment<'k>>];

/// Compares what is due before a change and after it, for every second at which a clock can start. Without any chain,
/// nothing is ever due.
///
/// A due instant is looked for up to [`HORIZON_SECONDS`] after the period.
#[must_use]
pub fn shift(before: Chains<'_, '_>, after: Chains<'_, '_>, starts: Starts) -> Shift {
    let (from, to, prefer) = (seconds_of(starts.from), seconds_of(starts.to), seconds_of(starts.prefer));
    let limit = to.saturating_add(HORIZON_SECONDS);
    let (mut before, mut after) = (Earliest::new(before, from, limit), Earliest::new(after, from, limit));
    let mut found = Found { prefer, ..Found::default() };
    let mut start = from;
    while start < to {
        let end = if start < prefer { to.min(prefer) } else { to };
        let all = Line { at: start, moves: true, length: end - 1 - start };
        let was = before.run(all);
        let is = after.run(Line { length: was.map_or(all.length, |line| line.length), ..all });
        let length = is.or(was).map_or(all.length, |line| line.length);
        found.stretch(start, length, was, is);
        start += length + 1;
    }
    found.shift()
}

/// The chains of one side.
struct Earliest<'c> {
    chains: Vec<Vec<Stage<'c>>>,
}

impl<'c> Earliest<'c> {
    fn new(chains: Chains<'_, 'c>, from: i64, limit: i64) -> Self {
        let stages = |chain: &Vec<Commitment<'c>>| {
            chain.iter().map(|step| Stage::new(*step, from, limit)).collect::<Vec<_>>()
        };
        Self { chains: chains.iter().map(stages).collect() }
    }

    /// The chain that is done first, over a stretch on which it is the same one; none when none is ever done.
    fn run(&mut self, input: Line) -> Option<Line> {
        let mut lines: Vec<Line> = Vec::with_capacity(self.chains.len());
        for chain in &mut self.chains {
            let done = chain.iter_mut().try_fold(input, |line, stage| stage.run(line));
            lines.extend(done);
        }
        let first = lines.iter().copied().min_by_key(|line| (line.at, line.moves))?;
        let mut length = lines.iter().map(|line| line.length).min().unwrap_or(0).min(input.length);
        if first.moves {
            // One that stands still is overtaken after as many seconds as it is later now.
            let still = lines.iter().filter(|line| !line.moves).map(|line| line.at - first.at);
            length = still.min().map_or(length, |lead| length.min(lead));
        }
        Some(Line { length, ..first })
    }
}

/// The first full hour, quarter, or minute between two instants, else the first instant.
fn round(from: i64, to: i64) -> i64 {
    let units = [3_600, 900, 60];
    let next = |unit: i64| (from + unit - 1).div_euclid(unit) * unit;
    units.into_iter().map(next).find(|at| *at <= to).unwrap_or(from)
}

/// A start with both due instants, in seconds.
#[derive(Debug, Clone, Copy)]
struct Point {
    start: i64,
    before: Option<i64>,
    after: Option<i64>,
}

/// The starts that move one way, so far.
#[derive(Debug, Clone, Copy)]
struct Extreme {
    starts: i64,
    first: i64,
    last: i64,
    /// By how many seconds it moves at most, and from which start.
    by: i64,
    most: Point,
}

#[derive(Debug, Default)]
struct Found {
    prefer: i64,
    earlier: Option<Extreme>,
    later: Option<Extreme>,
    same: i64,
}

impl Found {
    /// Takes in a stretch of starts over which both are lines.
    fn stretch(&mut self, start: i64, length: i64, was: Option<Line>, is: Option<Line>) {
        let rise = |line: Line| i64::from(line.moves);
        let (by, slope) = match (was, is) {
            (Some(was), Some(is)) => (is.at - was.at, rise(is) - rise(was)),
            // What is never due any more moves further than anything else.
            (Some(_), None) => (i64::MAX, 0),
            (None, Some(_)) => (-i64::MAX, 0),
            (None, None) => (0, 0),
        };
        let mut rest = length + 1;
        for way in [-1, 1] {
            // The starts of the stretch that move this way: the difference, turned that way, is above 0.
            let (by, slope) = (by * way, slope * way);
            let (first, last) = match slope {
                0 if by > 0 => (0, length),
                1 => ((1 - by).max(0), length),
                -1 => (0, (by - 1).min(length)),
                _ => continue,
            };
            if first > last {
                continue;
            }
            rest -= last - first + 1;
            // Where all of them move as far, one at a full hour is the easiest to read.
            let ends =
                if slope == 0 { [round(start + first, start + last) - start; 2] } else { [first, last] };
            for at in ends {
                let due = |line: Option<Line>| line.map(|line| line.at + rise(line) * at);
                let point = Point { start: start + at, before: due(was), after: due(is) };
                self.keep(way, by + slope * at, point);
            }
            if let Some(kept) = self.extreme(way) {
                kept.starts += last - first + 1;
                kept.first = kept.first.min(start + first);
                kept.last = start + last;
            }
        }
        self.same += rest;
    }

    fn extreme(&mut self, way: i64) -> &mut Option<Extreme> {
        if way < 0 { &mut self.earlier } else { &mut self.later }
    }

    /// Keeps the start from which it moves most; of several one that is preferred, and of these the first.
    fn keep(&mut self, way: i64, by: i64, point: Point) {
        let prefer = self.prefer;
        match self.extreme(way) {
            none @ None => {
                *none = Some(Extreme { starts: 0, first: point.start, last: point.start, by, most: point });
            }
            Some(kept) => {
                if by > kept.by || (by == kept.by && kept.most.start < prefer && point.start >= prefer) {
                    (kept.by, kept.most) = (by, point);
                }
            }
        }
    }

    fn shift(&self) -> Shift {
        let instance = |point: Point| Instance {
            start: clamped(point.start),
            before: point.before.map(clamped),
            after: point.after.map(clamped),
        };
        let moved = |extreme: Extreme| Moved {
            starts: extreme.starts,
            first: clamped(extreme.first),
            last: clamped(extreme.last),
            most: instance(extreme.most),
        };
        Shift { earlier: self.earlier.map(moved), later: self.later.map(moved), same: self.same }
    }
}
