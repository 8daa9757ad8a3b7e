//! Rows in, tickets counted: one after the other, so that memory does not grow with the file.

use std::io;

use jiff::Timestamp;
use rayon::prelude::*;

use super::{
    flips::Flips,
    group::{Groups, Rowed, Scattered},
    row::Plan,
    tally::Tally,
    work::{Desk, count},
};
use crate::{
    decide::calendars::Calendars,
    load::rows::{ColumnError, Row, Rows, RowsError},
    model::Rulebook,
    simulate::replay::{
        Observer, Reject, Rejects,
        batch::{Batch, CHUNK},
    },
};

/// How tickets are replayed.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// When clocks are read that did not stop.
    pub now: Timestamp,
    /// How many threads work. What comes out does not depend on it.
    pub jobs: usize,
    /// Whether every column was named, so that one that no row has is a mistake.
    pub named: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many rows were read.
    pub rows: u64,
    /// Rows that could not be used: each for itself, and all rows of a ticket that cannot be worked out.
    pub rejects: Rejects,
    /// What was counted.
    pub tally: Tally,
    /// What another rulebook says otherwise, if there is one.
    pub flips: Option<Flips>,
}

/// Why a replay ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The rows cannot be read to their end.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// A column that should be read was in no row.
    #[error(transparent)]
    Column(#[from] ColumnError),
    /// The rows of a ticket do not stand together.
    #[error(
        "row {row} is about the ticket `{id}`, others of whose rows stand further up: sort the file by ticket, so that the rows of each stand together"
    )]
    Scattered {
        /// The ticket.
        id: String,
        /// The row.
        row: u64,
    },
    /// Rows that were rejected cannot be written down.
    #[error("rejected rows cannot be written down")]
    Rejects(#[source] io::Error),
    /// Threads cannot be started.
    #[error("{0} threads cannot be started")]
    Threads(usize),
}

impl From<Scattered> for ReplayError {
    fn from(scattered: Scattered) -> Self {
        Self::Scattered { id: scattered.id, row: scattered.row }
    }
}

/// A rulebook by which tickets are worked out, with the rows that were read by it.
struct Side<'a> {
    rulebook: &'a Rulebook,
    desk: Desk<'a>,
    groups: Groups<'a>,
}

/// Works every ticket out. The first rulebook is the one that is asked about; the second, if there is one, is the one that it
/// is held against.
///
/// # Errors
/// When the rows cannot be read to their end, or those of a ticket do not stand together: what was counted so far is
/// then not handed out.
pub fn replay(
    rows: &mut Rows,
    plan: &Plan,
    (rulebook, against): (&Rulebook, Option<&Rulebook>),
    options: Options,
    observer: &mut (dyn Observer + Send),
) -> Result<Outcome, ReplayError> {
    let rulebooks: Vec<&Rulebook> = [Some(rulebook), against].into_iter().flatten().collect();
    let calendars: Vec<Calendars<'_>> = rulebooks.iter().map(|rulebook| Calendars::new(rulebook)).collect();
    let sides = rulebooks.iter().zip(&calendars).map(|(rulebook, calendars)| Side {
        rulebook,
        desk: Desk { calendars, sla: plan.sla(rulebook), now: options.now },
        groups: Groups::default(),
    });
    let mut sides: Vec<Side<'_>> = sides.collect();
    let mut outcome = Outcome { flips: against.map(|_| Flips::default()), ..Outcome::default() };
    let threads = rayon::ThreadPoolBuilder::new().num_threads(options.jobs.max(1)).build();
    let threads = threads.map_err(|_| ReplayError::Threads(options.jobs))?;
    threads.install(|| {
        let (mut current, mut next) = (Batch::default(), Batch::default());
        current.fill(rows)?;
        while current.length > 0 {
            let (read, counted) = rayon::join(
                || next.fill(rows),
                || batch(current.rows(), plan, &mut sides, &mut outcome, observer),
            );
            counted?;
            read?;
            std::mem::swap(&mut current, &mut next);
        }
        let last: Vec<Vec<Rowed<'_>>> =
            sides.iter_mut().map(|side| side.groups.finish().into_iter().collect()).collect();
        let rejects = work(&last, &sides, &mut outcome);
        note(rejects, &[], &mut outcome, observer)
    })?;
    plan.finish(options.named)?;
    Ok(outcome)
}

/// A row, its line, and why it cannot be used.
type Bad = (u64, u64, Reject);

fn batch<'a>(
    rows: &[Row],
    plan: &'a Plan,
    sides: &mut [Side<'a>],
    outcome: &mut Outcome,
    observer: &mut (dyn Observer + Send),
) -> Result<(), ReplayError> {
    let mut rejects: Vec<Bad> = Vec::new();
    let mut complete: Vec<Vec<Rowed<'a>>> = Vec::new();
    for (place, side) in sides.iter_mut().enumerate() {
        let rulebook = side.rulebook;
        let read: Vec<_> = rows.par_iter().with_min_len(CHUNK).map(|row| plan.said(row, rulebook)).collect();
        let mut whole = Vec::new();
        for (row, said) in rows.iter().zip(read) {
            // What the other rulebook has no word for is no mistake of the file.
            if let (0, Err((_, reject))) = (place, &said) {
                rejects.push((row.number, row.line, reject.clone()));
            }
            whole.extend(side.groups.add(row.number, row.line, said)?);
        }
        complete.push(whole);
    }
    rejects.extend(work(&complete, sides, outcome));
    outcome.rows += rows.len() as u64;
    note(rejects, rows, outcome, observer)?;
    observer.read(outcome.rows);
    Ok(())
}

/// Works tickets out, by each rulebook, and hands back those that cannot be by the first.
fn work<'a>(complete: &[Vec<Rowed<'a>>], sides: &[Side<'a>], outcome: &mut Outcome) -> Vec<Bad> {
    let ([tickets, others @ ..], [side, against @ ..]) = (complete, sides) else { return Vec::new() };
    let desk = side.desk;
    let against = against.first().map(|side| side.desk).zip(others.first());
    let parts = tickets.par_iter().enumerate().with_min_len(CHUNK).fold(
        || (Tally::default(), Flips::default(), Vec::new()),
        |(mut part, mut flips, mut rejects), (place, ticket)| {
            let after = count(ticket, desk, &mut part);
            if let Some((desk, others)) = against {
                // The rows of a ticket belong together by either rulebook, so that the tickets come in the same order.
                let other = others.get(place).filter(|other| other.id == ticket.id);
                let before = other.and_then(|other| count(other, desk, &mut Tally::default()).ok());
                flips.add(ticket, &before, &after.as_ref().ok().cloned());
            }
            if let Err(reject) = after {
                // Rows that cannot be used have said so already; the others go with their ticket, so that every row is
                // either counted or rejected.
                rejects.extend(ticket.said.iter().map(|(row, line, _)| (*row, *line, reject.clone())));
            }
            (part, flips, rejects)
        },
    );
    let mut all = Vec::new();
    for (part, flips, rejects) in parts.collect::<Vec<_>>() {
        outcome.tally.merge(part);
        if let Some(own) = &mut outcome.flips {
            own.merge(flips);
        }
        all.extend(rejects);
    }
    all
}

/// Counts rows that cannot be used and writes them down. Of a ticket whose rows are gone, only their place is left.
fn note(
    mut rejects: Vec<Bad>,
    rows: &[Row],
    outcome: &mut Outcome,
    observer: &mut (dyn Observer + Send),
) -> Result<(), ReplayError> {
    rejects.sort_by_key(|(row, ..)| *row);
    for (number, line, reject) in rejects {
        let gone = Row { number, line, last_line: line, ..Row::default() };
        let place = rows.binary_search_by_key(&number, |row| row.number);
        let row = place.ok().and_then(|place| rows.get(place)).unwrap_or(&gone);
        observer.rejected(row, &reject).map_err(ReplayError::Rejects)?;
        outcome.rejects.add(number, line, reject);
    }
    Ok(())
}
