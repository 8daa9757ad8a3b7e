//! Conditions as alternatives, each of which is a set of classes for some columns.

use super::{bits::Bits, columns::Columns};
use crate::model::condition::{Condition, Operator, Test};

/// The most alternatives of one condition. What has more is left to the full engine.
const MOST: usize = 64;

/// The classes of some columns that are accepted; all others accept everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Cube(pub(super) Vec<(usize, Bits)>);

impl Cube {
    /// What is in both; none when that is nothing.
    fn and(&self, other: &Self) -> Option<Self> {
        let mut both = self.clone();
        for (column, accepted) in &other.0 {
            match both.0.iter_mut().find(|(known, _)| known == column) {
                Some((_, known)) => {
                    known.keep(accepted);
                    if known.is_empty() {
                        return None;
                    }
                }
                None => both.0.push((*column, accepted.clone())),
            }
        }
        Some(both)
    }

    /// Takes in another one that accepts something else of a single column, the same one.
    fn absorb(&mut self, other: &Self) -> bool {
        match (self.0.as_mut_slice(), other.0.as_slice()) {
            ([(column, accepted)], [(same, more)]) if column == same => {
                accepted.join(more);
                true
            }
            _ => false,
        }
    }
}

/// The alternatives of a condition, or of its opposite; none when they are too many or a test makes no sense.
pub(super) fn cubes(columns: &Columns<'_>, condition: &Condition, negated: bool) -> Option<Vec<Cube>> {
    match condition {
        Condition::Not(part) => cubes(columns, part, !negated),
        Condition::All(parts) if !negated => every(columns, parts, negated),
        Condition::Any(parts) if negated => every(columns, parts, negated),
        Condition::All(parts) | Condition::Any(parts) => {
            let mut any: Vec<Cube> = Vec::new();
            for part in parts {
                for cube in cubes(columns, part, negated)? {
                    add(&mut any, cube);
                }
                if any.len() > MOST {
                    return None;
                }
            }
            Some(any)
        }
        Condition::Test(test) => of_test(columns, test, negated),
    }
}

fn add(any: &mut Vec<Cube>, cube: Cube) {
    if !any.iter_mut().any(|known| known.absorb(&cube)) {
        any.push(cube);
    }
}

fn every(columns: &Columns<'_>, parts: &[Condition], negated: bool) -> Option<Vec<Cube>> {
    let mut all = vec![Cube::default()];
    for part in parts {
        // Each part is looked at, also where the rest decides: it may make no sense.
        let part = cubes(columns, part, negated)?;
        let mut next = Vec::new();
        for cube in &all {
            for other in &part {
                next.extend(cube.and(other));
            }
            if next.len() > MOST {
                return None;
            }
        }
        all = next;
    }
    Some(all)
}

fn of_test(columns: &Columns<'_>, test: &Test, negated: bool) -> Option<Vec<Cube>> {
    let accepted = columns.accepted(test)?;
    if !negated {
        let full = accepted.into_iter().map(|one| Cube(vec![one])).try_fold(Cube::default(), |all, one| {
            if one.0.iter().any(|(_, accepted)| accepted.is_empty()) { None } else { all.and(&one) }
        });
        return Some(full.into_iter().collect());
    }
    let mut any = Vec::new();
    for (place, accepted) in accepted {
        let column = columns.get(place)?;
        let mut refused = Bits::none(column.width());
        (0..=column.absent()).filter(|class| !accepted.has(*class)).for_each(|class| refused.add(class));
        if !refused.is_empty() {
            any.push(Cube(vec![(place, refused)]));
        }
    }
    Some(any)
}

/// The columns that the tests of a condition read, each with whether some test needs a value there: any but
/// `exists`.
pub(super) fn reads(columns: &Columns<'_>, condition: &Condition) -> Vec<(usize, bool)> {
    let mut found: Vec<(usize, bool)> = Vec::new();
    condition.tests(&mut |test, _| {
        let needs = test.operator != Operator::Exists;
        for (place, _) in columns.accepted(test).into_iter().flatten() {
            match found.iter_mut().find(|(known, _)| *known == place) {
                Some((_, known)) => *known |= needs,
                None => found.push((place, needs)),
            }
        }
    });
    found
}
