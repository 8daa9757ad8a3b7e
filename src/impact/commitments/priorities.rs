//! How urgent incidents are: which combinations of impact and urgency get another priority, and what that does to what
//! is promised about each service.

use std::collections::BTreeMap;

use super::{
    Case, Change, Commitments, Direction, Topic, Unknown,
    case::CellTarget,
    levels::{self, Group, urgency},
    times::Times,
};
use crate::{
    decide::{incident, undecidable::Undecidable},
    model::{Id, Kind, Priority, Rulebook, Selector, priority_matrix::PriorityMatrix, sla::TargetKind},
    time::Shift,
};

/// The priorities by impact and urgency.
type Cells = BTreeMap<(String, String), Priority>;

/// Adds the combinations that get another priority.
pub(super) fn compare<'a>(times: &Times<'_, 'a>, groups: &[Group<'a>], found: &mut Commitments) {
    let [old, new] = times.sides;
    let matrices = [old.rulebook(), new.rulebook()].map(matrix);
    let (before, after) = match &matrices {
        [Ok(before), Ok(after)] => (*before, *after),
        [Ok(gone), Err(Undecidable::Missing { .. })] => {
            found.cases.push(exists(&gone.id, Direction::Weaker, false));
            return;
        }
        [Err(Undecidable::Missing { .. }), Ok(new)] => {
            found.cases.push(exists(&new.id, Direction::Stronger, true));
            return;
        }
        // Where neither side has one, there was no priority and there is none.
        [Err(Undecidable::Missing { .. }), Err(Undecidable::Missing { .. })] => return,
        [Err(why), _] | [_, Err(why)] => {
            found.unknown.push(Unknown { subjects: Vec::new(), why: why.to_string() });
            return;
        }
    };
    let (was, is) = (cells(before), cells(after));
    let mut keys: Vec<&(String, String)> = was.keys().chain(is.keys()).collect();
    keys.sort();
    keys.dedup();
    let none = vec![Selector { kind: Kind::PriorityMatrix, id: after.id.clone(), part: None }];
    for key in keys {
        let priorities = [was.get(key), is.get(key)];
        if priorities[0] == priorities[1] {
            continue;
        }
        match cell(times, groups, priorities) {
            Ok((mut direction, targets, subjects)) => {
                if targets.is_empty() {
                    direction = match priorities {
                        [Some(before), Some(after)] => {
                            Direction::of_more(&urgency(times, after), &urgency(times, before))
                        }
                        [None, _] => Direction::Stronger,
                        [_, None] => Direction::Weaker,
                    };
                }
                let (impact, urgency) = key.clone();
                let [before, after] = priorities.map(Option::<&Priority>::cloned);
                let change = Change::Cell { impact, urgency, before, after, targets };
                let subjects = if subjects.is_empty() { none.clone() } else { subjects };
                found.cases.push(Case::new(Topic::Priority, direction, subjects, vec![change], Vec::new()));
            }
            Err(why) => found.unknown.push(Unknown { subjects: none.clone(), why: why.to_string() }),
        }
    }
}

/// The case of a matrix that is there on one side only.
fn exists(id: &Id, direction: Direction, is: bool) -> Case {
    let subjects = vec![Selector { kind: Kind::PriorityMatrix, id: id.clone(), part: None }];
    Case::new(Topic::Priority, direction, subjects, vec![Change::Exists(is)], Vec::new())
}

fn matrix(rulebook: &Rulebook) -> Result<&crate::model::Entry<PriorityMatrix>, Undecidable> {
    incident::priority_matrix(rulebook)
}

fn cells(matrix: &PriorityMatrix) -> Cells {
    let swapped = matrix.row_axis == "urgency" || matrix.column_axis == "impact";
    let mut cells = Cells::new();
    for row in &matrix.rows {
        for column in &matrix.columns {
            let key = if swapped { (column, row) } else { (row, column) };
            if let Some(priority) = matrix.priority(row, column) {
                cells.insert((key.0.clone(), key.1.clone()), priority.clone());
            }
        }
    }
    cells
}

/// What another priority does to what is promised about each service.
fn cell<'a>(
    times: &Times<'_, 'a>,
    groups: &[Group<'a>],
    priorities: [Option<&Priority>; 2],
) -> Result<(Direction, Vec<CellTarget>, Vec<Selector>), Undecidable> {
    let (mut ways, mut targets, mut subjects) = (Vec::new(), Vec::new(), Vec::new());
    for group in groups {
        let services: Vec<&Selector> =
            group.subjects.iter().filter(|subject| subject.kind == Kind::Service).collect();
        let ([Some(old), Some(new)], false) = (group.slas, services.is_empty()) else { continue };
        let [old_priority, new_priority] = priorities;
        let mut moved = false;
        for target in TargetKind::ALL {
            let before = old_priority.and_then(|priority| old.value.target.get(priority)?.of(*target));
            let after = new_priority.and_then(|priority| new.value.target.get(priority)?.of(*target));
            let (way, shift) = match (before, after) {
                (None, None) => continue,
                (Some(_), None) => (Direction::Weaker, Shift::default()),
                (None, Some(_)) => (Direction::Stronger, Shift::default()),
                (Some(before), Some(after)) => {
                    let shift = levels::due(
                        times,
                        [old, new].map(|sla| sla.value.calendar.as_str()),
                        [before, after],
                    )?;
                    (Direction::of(&shift), shift)
                }
            };
            if way == Direction::Neutral {
                continue;
            }
            moved = true;
            ways.push(way);
            targets.push(CellTarget { sla: new.id.clone(), target: *target, before, after, shift });
        }
        if moved {
            subjects.extend(services.into_iter().cloned());
        }
    }
    Ok((Direction::together(ways), targets, subjects))
}
