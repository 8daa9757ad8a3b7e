//! Whether different people can be found for every stage of an approval.
//!
//! One person counts for one stage, so counting per stage is not enough: two stages of two people each
//! cannot both be met by the same pair. It is a matching in a graph of stages and people, found by
//! augmenting paths; when there is none, the stages and people met on the way show why (Hall's theorem).

use std::collections::{BTreeMap, BTreeSet};

/// Stages that have too few people between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall<P> {
    /// The stages, by their place.
    pub stages: Vec<usize>,
    /// All the people who can act in any of them.
    pub people: Vec<P>,
    /// How many different people the stages need together.
    pub needed: usize,
}

/// Checks that each stage can have as many people as it needs, nobody being counted twice.
///
/// # Errors
/// Stages that have too few people between them.
pub fn satisfy<P: Copy + Ord>(stages: &[(usize, BTreeSet<P>)]) -> Result<(), Shortfall<P>> {
    let mut taken: BTreeMap<P, usize> = BTreeMap::new();
    for (stage, (need, _)) in stages.iter().enumerate() {
        for _ in 0..*need {
            let mut met = BTreeSet::new();
            if !augment(stages, stage, &mut taken, &mut met) {
                return Err(shortfall(stages, stage, &met, &taken));
            }
        }
    }
    Ok(())
}

/// Finds a person for a stage, moving others who were already placed.
fn augment<P: Copy + Ord>(
    stages: &[(usize, BTreeSet<P>)],
    stage: usize,
    taken: &mut BTreeMap<P, usize>,
    met: &mut BTreeSet<P>,
) -> bool {
    let Some((_, people)) = stages.get(stage) else { return false };
    for person in people {
        if !met.insert(*person) {
            continue;
        }
        let free = match taken.get(person).copied() {
            None => true,
            // Somebody already in this stage cannot be moved in favour of this stage.
            Some(other) if other == stage => false,
            Some(other) => augment(stages, other, taken, met),
        };
        if free {
            taken.insert(*person, stage);
            return true;
        }
    }
    false
}

fn shortfall<P: Copy + Ord>(
    stages: &[(usize, BTreeSet<P>)],
    stage: usize,
    met: &BTreeSet<P>,
    taken: &BTreeMap<P, usize>,
) -> Shortfall<P> {
    let mut short: BTreeSet<usize> = met.iter().filter_map(|person| taken.get(person).copied()).collect();
    short.insert(stage);
    let people: BTreeSet<P> = short
        .iter()
        .filter_map(|stage| stages.get(*stage))
        .flat_map(|(_, people)| people.iter().copied())
        .collect();
    let needed = short.iter().filter_map(|stage| stages.get(*stage)).map(|(need, _)| need).sum();
    Shortfall { stages: short.into_iter().collect(), people: people.into_iter().collect(), needed }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn people(names: &'static [&'static str]) -> BTreeSet<&'static str> {
        names.iter().copied().collect()
    }

    #[test]
    fn the_same_pair_cannot_satisfy_three() {
        let both = people(&["ana", "ben"]);
        assert_eq!(satisfy(&[(1, both.clone()), (1, both.clone())]), Ok(()));
        let short = satisfy(&[(1, both.clone()), (1, both.clone()), (1, both)]).unwrap_err();
        assert_eq!(short.stages, vec![0, 1, 2]);
        assert_eq!(short.people, vec!["ana", "ben"]);
        assert_eq!(short.needed, 3);
    }

    #[test]
    fn people_are_moved_to_make_room() {
        let stages = [(1, people(&["ana", "ben"])), (1, people(&["ana"])), (1, people(&["ben", "cleo"]))];
        assert_eq!(satisfy(&stages), Ok(()));
    }

    #[test]
    fn stages_that_are_not_to_blame_are_left_out() {
        let stages = [(2, people(&["cleo", "dan"])), (1, people(&["ana"])), (1, people(&["ana"]))];
        assert_eq!(satisfy(&stages).unwrap_err().stages, vec![1, 2]);
    }

    const NAMES: [&str; 4] = ["ana", "ben", "cleo", "dan"];

    /// Tries every way to give each person to one stage or none.
    fn brute(stages: &[(usize, BTreeSet<&str>)]) -> bool {
        let choices = stages.len() + 1;
        (0..choices.pow(4)).any(|mut code| {
            let mut counts = vec![0; stages.len()];
            for name in NAMES {
                let choice = code % choices;
                code /= choices;
                if choice < stages.len() {
                    if !stages[choice].1.contains(name) {
                        return false;
                    }
                    counts[choice] += 1;
                }
            }
            counts.iter().zip(stages).all(|(count, (need, _))| count >= need)
        })
    }

    proptest! {
        #[test]
        fn agrees_with_trying_everything(
            drawn in proptest::collection::vec((0usize..3, proptest::bits::u8::masked(0b1111)), 0..4)
        ) {
            let stages: Vec<(usize, BTreeSet<&str>)> = drawn
                .iter()
                .map(|(need, mask)| {
                    let of = NAMES.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
                    (*need, of.map(|(_, name)| *name).collect())
                })
                .collect();
            let found = satisfy(&stages);
            prop_assert_eq!(found.is_ok(), brute(&stages));
            if let Err(short) = found {
                // The witness proves itself: fewer people than are needed.
                prop_assert!(short.people.len() < short.needed);
            }
        }
    }
}
