//! Rows in, counts out: batch by batch, so that memory does not grow with the file.

use std::io;

use jiff::Timestamp;
use rayon::prelude::*;

use super::{
    flips::Flips,
    history::{Record, depends_on_history},
    memo::{Decided, Memo},
    row::{Past, Plan},
    tally::{Tally, Told},
};
use crate::{
    decide::{
        access::decide, asked::Problem, decision::Decision, engine::Engine, guests::Guests, peers::History,
        undecidable::Undecidable,
    },
    load::rows::{ColumnError, Row, Rows, RowsError},
    model::{Rulebook, replay_map::Recorded, scenario::Verdict},
    simulate::replay::{
        Observer, Reject, RejectKind, Rejects,
        batch::{Batch, CHUNK},
    },
};

/// How requests are replayed.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The instant of requests whose rows do not say when they were made.
    pub now: Timestamp,
    /// How many threads decide. What comes out does not depend on it.
    pub jobs: usize,
    /// How many rows at the beginning are only learned from, and not counted.
    pub warm_up: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many rows were read.
    pub rows: u64,
    /// How many requests were only learned from.
    pub learned: u64,
    /// Those that could not be used.
    pub rejects: Rejects,
    /// What the rulebook decides.
    pub tally: Tally,
    /// What it decides otherwise than another one.
    pub flips: Option<Flips>,
    /// What the other one decides.
    pub before: Option<Tally>,
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
    /// The rulebook cannot decide anything.
    #[error(transparent)]
    Rulebook(#[from] Undecidable),
    /// A row that was rejected cannot be written down.
    #[error("rejected rows cannot be written down")]
    Rejects(#[source] io::Error),
    /// Threads cannot be started.
    #[error("{0} threads cannot be started")]
    Threads(usize),
}

/// Decides about every request. The first rulebook is the one that is asked about; the second, if there is one, is
/// the one that it is held against.
///
/// # Errors
/// When the rows cannot be read to their end: what was counted so far is then not handed out.
pub fn replay(
    rows: &mut Rows,
    plan: &Plan,
    (rulebook, against): (&Rulebook, Option<&Rulebook>),
    options: Options,
    observer: &mut (dyn Observer + Send),
) -> Result<Outcome, ReplayError> {
    let rulebooks: Vec<&Rulebook> = [Some(rulebook), against].into_iter().flatten().collect();
    let learns = rulebooks.iter().any(|rulebook| depends_on_history(rulebook));
    let standing = rulebooks.iter().map(|rulebook| Engine::new(rulebook)).collect::<Result<Vec<_>, _>>()?;
    let memo = standing.first().filter(|_| against.is_none()).and_then(Memo::new);
    let mut run = Run {
        plan,
        before: Vec::new(),
        rulebooks,
        options,
        records: learns.then(|| [Record::default(), Record::default()]),
        outcome: Outcome {
            flips: against.map(|_| Flips::default()),
            before: against.map(|_| Tally::default()),
            ..Outcome::default()
        },
    };
    let threads = rayon::ThreadPoolBuilder::new().num_threads(options.jobs.max(1)).build();
    let threads = threads.map_err(|_| ReplayError::Threads(options.jobs))?;
    threads.install(|| {
        let (mut current, mut next) = (Batch::default(), Batch::default());
        current.fill(rows)?;
        while current.length > 0 {
            // The next rows are read while these are decided.
            let (read, decided) = rayon::join(
                || next.fill(rows),
                || run.batch(current.rows(), &standing, memo.as_ref(), observer),
            );
            decided?;
            read?;
            std::mem::swap(&mut current, &mut next);
        }
        Ok::<_, ReplayError>(())
    })?;
    for (gist, count) in memo.iter().flat_map(Memo::gists).zip(&run.before) {
        run.outcome.tally.add_many(&gist, *count);
    }
    plan.finish()?;
    Ok(run.outcome)
}

struct Run<'p> {
    plan: &'p Plan,
    rulebooks: Vec<&'p Rulebook>,
    options: Options,
    /// What was decided so far, by each rulebook; none when nothing depends on it.
    records: Option<[Record; 2]>,
    /// How often each decision was made that the memory holds.
    before: Vec<u64>,
    outcome: Outcome,
}

/// What came of some rows.
#[derive(Default)]
struct Part {
    learned: u64,
    /// The places of the decisions that had been made before.
    again: Vec<usize>,
    tally: Tally,
    before: Tally,
    flips: Flips,
    rejects: Vec<(usize, Reject)>,
}

/// A row that tells of a request, with the place of the engines that know whom it names.
struct Ready<'p> {
    index: usize,
    told: Told<'p>,
    layer: usize,
}

impl Run<'_> {
    fn batch(
        &mut self,
        rows: &[Row],
        standing: &[Engine<'_>],
        memo: Option<&Memo<'_, '_>>,
        observer: &mut (dyn Observer + Send),
    ) -> Result<(), ReplayError> {
        let Some(rulebook) = self.rulebooks.first() else { return Ok(()) };
        let plan = self.plan;
        let read: Vec<Result<Past, Reject>> =
            rows.par_iter().with_min_len(CHUNK).map(|row| plan.past(row, rulebook)).collect();
        let mut rejects = Vec::new();
        let mut ready: Vec<Ready<'_>> = Vec::with_capacity(rows.len());
        for (index, (row, read)) in rows.iter().zip(&read).enumerate() {
            match read {
                Ok(past) => {
                    let told = Told { row: row.number, line: row.line, past };
                    ready.push(Ready { index, told, layer: 0 });
                }
                Err(reject) => rejects.push((index, reject.clone())),
            }
        }
        let part = if ready.iter().any(|ready| plan.has_guests(ready.told.past)) {
            let guests = welcome(plan, &self.rulebooks, &mut ready);
            let engines = guests.iter().map(|layer| engines(&self.rulebooks, layer));
            let engines: Vec<Vec<Engine<'_>>> = engines.collect::<Result<_, _>>()?;
            let layers: Vec<&[Engine<'_>]> = engines.iter().map(Vec::as_slice).collect();
            self.decide(&layers, None, &ready)
        } else {
            self.decide(&[standing], memo, &ready)
        };
        rejects.extend(part.rejects);
        rejects.sort_by_key(|(index, _)| *index);
        for (index, reject) in rejects {
            let Some(row) = rows.get(index) else { continue };
            observer.rejected(row, &reject).map_err(ReplayError::Rejects)?;
            self.outcome.rejects.add(row.number, row.line, reject);
        }
        self.outcome.rows += rows.len() as u64;
        self.outcome.learned += part.learned;
        for place in part.again {
            if self.before.len() <= place {
                self.before.resize(place + 1, 0);
            }
            if let Some(count) = self.before.get_mut(place) {
                *count += 1;
            }
        }
        self.outcome.tally.merge(part.tally);
        if let Some(flips) = &mut self.outcome.flips {
            flips.merge(part.flips);
        }
        if let Some(before) = &mut self.outcome.before {
            before.merge(part.before);
        }
        observer.read(self.outcome.rows);
        Ok(())
    }

    fn decide(&mut self, layers: &[&[Engine<'_>]], memo: Option<&Memo<'_, '_>>, ready: &[Ready<'_>]) -> Part {
        let options = self.options;
        let Some(records) = &mut self.records else {
            let parts = ready.par_chunks(CHUNK).map(|chunk| {
                let mut part = Part::default();
                for ready in chunk {
                    match memo {
                        Some(memo) => remember(memo, ready, options, &mut part),
                        None => {
                            decide_one(layers, ready, options, [None, None], &mut part);
                        }
                    }
                }
                part
            });
            return parts.collect::<Vec<Part>>().into_iter().fold(Part::default(), Part::merge);
        };
        let mut part = Part::default();
        for ready in ready {
            let [new, old] = &*records;
            let decisions = decide_one(layers, ready, options, [Some(new), Some(old)], &mut part);
            let Some(engines) = layers.get(ready.layer) else { continue };
            for ((decision, record), engine) in
                decisions.iter().flatten().zip(records.iter_mut()).zip(*engines)
            {
                let approved = match (ready.told.past.recorded, decision.verdict) {
                    (Some(Recorded::Approved | Recorded::AutoApproved), _) | (None, Verdict::Approved) => {
                        true
                    }
                    (Some(Recorded::Denied), _) | (None, Verdict::Denied) => false,
                    (None, Verdict::NeedsApproval | Verdict::Invalid) => continue,
                };
                let Some(person) = decision.beneficiary else { continue };
                record.add(engine, person, &decision.asks_for, approved);
            }
        }
        part
    }
}

impl Part {
    fn merge(mut self, other: Self) -> Self {
        self.learned += other.learned;
        self.again.extend(other.again);
        self.tally.merge(other.tally);
        self.before.merge(other.before);
        self.flips.merge(other.flips);
        self.rejects.extend(other.rejects);
        self
    }
}

/// Finds room for everybody whom the rows name and no rulebook holds. Somebody who was different in two rows is in
/// two layers.
fn welcome(plan: &Plan, rulebooks: &[&Rulebook], ready: &mut [Ready<'_>]) -> Vec<Vec<Guests>> {
    let mut layers: Vec<Vec<Guests>> = Vec::new();
    let mut there: Vec<std::collections::HashMap<crate::model::Id, &super::subject::Subject>> = Vec::new();
    for one in ready {
        let past: &Past = one.told.past;
        if let Some(subject) = &past.subject {
            let same = |known: &super::subject::Subject| *known == *subject;
            let free = there.iter().position(|layer| layer.get(&subject.id).is_none_or(|known| same(known)));
            one.layer = free.unwrap_or(there.len());
        }
        while layers.len() <= one.layer {
            layers.push(rulebooks.iter().map(|_| Guests::default()).collect());
            there.push(std::collections::HashMap::new());
        }
        if let (Some(subject), Some(layer)) = (&past.subject, there.get_mut(one.layer)) {
            layer.insert(subject.id.clone(), subject);
        }
        let Some(layer) = layers.get_mut(one.layer) else { continue };
        for (guests, rulebook) in layer.iter_mut().zip(rulebooks) {
            plan.welcome(past, rulebook, guests);
        }
    }
    layers
}

fn engines<'a>(rulebooks: &[&'a Rulebook], guests: &'a [Guests]) -> Result<Vec<Engine<'a>>, Undecidable> {
    let made = rulebooks.iter().zip(guests);
    made.map(|(rulebook, guests)| Ok(Engine::new(rulebook)?.with_guests(guests))).collect()
}

/// Decides about one request under each rulebook and counts it. Nothing is handed out for a request that makes no
/// sense under any.
fn decide_one<'e>(
    layers: &[&[Engine<'e>]],
    ready: &Ready<'_>,
    Options { now, warm_up, .. }: Options,
    records: [Option<&Record>; 2],
    part: &mut Part,
) -> [Option<Decision<'e>>; 2] {
    let told = &ready.told;
    let at = told.past.at.unwrap_or(now);
    let engines = layers.get(ready.layer).copied().unwrap_or_default();
    let one = |side: usize| {
        let record = records.get(side).copied().flatten().map(|record| record as &dyn History);
        Some(decide(engines.get(side)?, &told.past.request, at, record))
    };
    let (Some(new), old) = (one(0), one(1)) else { return [None, None] };
    let sensible = |decision: &Decision<'_>| decision.verdict != Verdict::Invalid;
    if !sensible(&new) && !old.as_ref().is_some_and(sensible) {
        part.rejects.push((ready.index, senseless(&new)));
        return [None, None];
    }
    if told.row <= warm_up {
        part.learned += 1;
        return [Some(new), old];
    }
    part.tally.add(told, &new);
    if let Some(old) = &old {
        part.before.add(told, old);
        part.flips.add(told, old, &new);
    }
    [Some(new), old]
}

/// Decides about one request, with what was decided before, and counts it.
fn remember(memo: &Memo<'_, '_>, ready: &Ready<'_>, options: Options, part: &mut Part) {
    let told = &ready.told;
    let at = told.past.at.unwrap_or(options.now);
    let request = &told.past.request;
    let decision = match memo.decide(request, at, None) {
        Decided::Anew(decision) => decision,
        Decided::Before(place, gist) => match gist.latency(memo.engine(), at) {
            Ok(_) if told.row <= options.warm_up => {
                part.learned += 1;
                return;
            }
            Ok(latency) => {
                let witness = || told.witness(&decide(memo.engine(), request, at, None));
                part.tally.add_row(told, gist.verdict, latency, witness);
                part.again.push(place);
                return;
            }
            Err(_) => Box::new(decide(memo.engine(), request, at, None)),
        },
    };
    if decision.verdict == Verdict::Invalid {
        part.rejects.push((ready.index, senseless(&decision)));
    } else if told.row <= options.warm_up {
        part.learned += 1;
    } else {
        part.tally.add(told, &decision);
    }
}

/// Why a request makes no sense.
fn senseless(decision: &Decision<'_>) -> Reject {
    let unknown =
        |problem: &Problem| matches!(problem, Problem::Unknown { .. } | Problem::UnknownEntitlement { .. });
    let kind = if decision.problems.iter().any(unknown) { RejectKind::Unknown } else { RejectKind::Invalid };
    let words: Vec<String> = decision.problems.iter().map(ToString::to_string).collect();
    Reject::new(kind, words.join("; "))
}
