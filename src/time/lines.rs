//! Instants that depend on where a clock starts, as lines over stretches of starts: why that is exact stands in
//! [`feasibility`](super::feasibility).

use super::feasibility::Commitment;
use super::intervals::OpenIntervals;

/// An instant that depends on the start of the work, linear over a stretch of starts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// The instant for the first start of the stretch.
    pub(super) at: i64,
    /// Whether it rises with the start, second by second, or stands still.
    pub(super) moves: bool,
    /// How many seconds after the first start this holds; 0 for that start alone.
    pub(super) length: i64,
}

/// An open interval of a calendar and the business seconds before it, counted from the first start.
#[derive(Debug, Clone, Copy)]
struct Opening {
    start: i64,
    end: i64,
    before: i64,
}

/// A commitment with the intervals of its calendar as far as they were needed. Inputs never decrease, so the positions
/// only move forward.
pub(super) struct Stage<'c> {
    seconds: i64,
    source: OpenIntervals<'c>,
    limit: i64,
    openings: Vec<Opening>,
    input: usize,
    output: usize,
}

impl<'c> Stage<'c> {
    pub(super) fn new(commitment: Commitment<'c>, from: i64, limit: i64) -> Self {
        Self {
            // The upper bound only keeps sums in range: it is far beyond the horizon.
            seconds: commitment.seconds.clamp(0, i64::MAX / 4),
            source: OpenIntervals::new(commitment.calendar, from),
            limit,
            openings: Vec::new(),
            input: 0,
            output: 0,
        }
    }

    /// When the commitment is used up for an input; none if never within the limit.
    pub(super) fn run(&mut self, input: Line) -> Option<Line> {
        while self.opening(self.input)?.end <= input.at {
            self.input += 1;
        }
        let own = self.opening(self.input)?;
        let is_open = own.start <= input.at;
        let counted = own.before + (input.at - own.start).max(0);
        let goal = counted + self.seconds;
        let (at, until_jump) = if self.seconds == 0 {
            (input.at.max(own.start), own.end - 1 - input.at)
        } else {
            self.output = self.output.max(self.input);
            let mut done = self.opening(self.output)?;
            while done.before + (done.end - done.start) < goal {
                self.output += 1;
                done = self.opening(self.output)?;
            }
            let at = done.start + (goal - done.before);
            (at, (own.end - input.at).min(done.end - at))
        };
        if at > self.limit {
            return None;
        }
        let moves = input.moves && is_open;
        let length = match (input.moves, is_open) {
            (false, _) => input.length,
            (true, true) => input.length.min(until_jump),
            (true, false) => input.length.min(own.start - input.at),
        };
        Some(Line { at, moves, length })
    }

    /// The last instant at which no more than the target is used up, when it is used up at `due`.
    pub(super) fn late(&mut self, due: i64) -> i64 {
        let index = if self.seconds == 0 { self.input } else { self.output };
        match self.opening(index) {
            Some(opening) if due < opening.end => due,
            _ => self.opening(index + 1).map_or(i64::MAX, |next| next.start),
        }
    }

    fn opening(&mut self, index: usize) -> Option<Opening> {
        while self.openings.len() <= index {
            let (start, end) = self.source.next_span().filter(|&(start, _)| start < self.limit)?;
            let before = self.openings.last().map_or(0, |last| last.before + (last.end - last.start));
            self.openings.push(Opening { start, end, before });
        }
        self.openings.get(index).copied()
    }
}
