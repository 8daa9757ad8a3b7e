//! What holds for every target of an SLA: when its clock runs, when people are warned, and how many tickets must
//! meet their targets.
//!
//! Which way each of these goes follows from what it does to the time that is counted for a ticket, whatever happens to
//! it: more states that pause or stop the clock never count more of it, more states that start it never count less.

use super::{Because, Case, Change, Direction, Term, Topic, case::Both};
use crate::model::{
    Percent, Selector,
    sla::{Reopen, Sla},
};

/// Adds the terms that differ between two SLAs, one case for each direction.
pub(super) fn compare(
    [before, after]: [&Sla; 2],
    subjects: &[Selector],
    because: &[Because],
    cases: &mut Vec<Case>,
) {
    let terms = terms(before, after);
    for direction in [Direction::Weaker, Direction::Mixed, Direction::Stronger] {
        let of_it = terms.iter().filter(|(_, way)| *way == direction);
        let changes: Vec<Change> = of_it.map(|(term, _)| Change::Term(term.clone())).collect();
        if !changes.is_empty() {
            cases.push(Case::new(Topic::Terms, direction, subjects.to_vec(), changes, because.to_vec()));
        }
    }
}

/// The terms that differ, and which way each goes.
fn terms(before: &Sla, after: &Sla) -> Vec<(Term, Direction)> {
    let pause = Both::of(&before.pause_in, &after.pause_in);
    let start = Both::of(&before.start_in, &after.start_in);
    let stop = Both::of(&before.stop_in, &after.stop_in);
    let at_risk = Both::of(&before.at_risk, &after.at_risk);
    let new_cycle = [before.reopen, after.reopen].contains(&Reopen::NewCycle);
    // A ticket that is reopened into a new cycle has to meet every target once more.
    let stopped = if new_cycle { Direction::Mixed } else { stop.direction().opposite() };
    let reopened = match (before.reopen, after.reopen) {
        (Reopen::Accumulate, Reopen::RunThrough) => Direction::Stronger,
        (Reopen::RunThrough, Reopen::Accumulate) => Direction::Weaker,
        (one, other) if one == other => Direction::Neutral,
        _ => Direction::Mixed,
    };
    let all = [
        (!pause.is_empty(), pause.direction().opposite(), Term::Pause(pause)),
        (!start.is_empty(), start.direction(), Term::Start(start)),
        (!stop.is_empty(), stopped, Term::Stop(stop)),
        (before.reopen != after.reopen, reopened, Term::Reopen([before.reopen, after.reopen])),
        (
            before.retroactive_start != after.retroactive_start,
            Direction::of_more(&before.retroactive_start, &after.retroactive_start),
            Term::RetroactiveStart(after.retroactive_start),
        ),
        (
            before.retroactive_pause != after.retroactive_pause,
            Direction::of_more(&before.retroactive_pause, &after.retroactive_pause).opposite(),
            Term::RetroactivePause(after.retroactive_pause),
        ),
        (!at_risk.is_empty(), warned(before, after, &at_risk), Term::AtRisk(at_risk)),
        (
            before.attainment != after.attainment,
            Direction::of_more(&before.attainment, &after.attainment),
            Term::Attainment([before.attainment, after.attainment]),
        ),
    ];
    all.into_iter().filter(|(differs, ..)| *differs).map(|(_, way, term)| (term, way)).collect()
}

/// Which way it goes with the shares at which people are warned: by the first warning, else by how many there are.
fn warned(before: &Sla, after: &Sla, shares: &Both<Percent>) -> Direction {
    // Without a share nobody is ever warned, which is later than any share.
    let first = |sla: &Sla| {
        let least = sla.at_risk.iter().min();
        least.map_or(u32::MAX, |share| share.parts_per_million())
    };
    match Direction::of_more(&first(after), &first(before)) {
        Direction::Neutral => shares.direction(),
        way => way,
    }
}
