//! Whether different people can be found for every stage of an approval.
//!
//! One person counts for one stage, so counting per stage is not enough: two stages of two people each
//! cannot both be met by the same pair. It is a flow from stages to people. People who can act in the same stages
//! are one node with so many places, so that a stage that needs very many of very many people costs no more than
//! looking at each of them once. When there is no flow, the stages that are met from the one that lacks somebody
//! show why (Hall's theorem).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

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
    let mut groups = groups(stages);
    for (stage, (need, _)) in stages.iter().enumerate() {
        let mut missing = *need;
        while missing > 0 {
            match augment(&mut groups, stage, missing) {
                Ok(placed) => missing -= placed,
                Err(met) => return Err(shortfall(stages, &met)),
            }
        }
    }
    Ok(())
}

/// People who can act in the same stages.
struct Group {
    /// The stages, in order.
    stages: Vec<usize>,
    /// How many of them are in no stage yet.
    free: usize,
    /// How many of them are in each stage.
    placed: BTreeMap<usize, usize>,
}

fn groups<P: Copy + Ord>(stages: &[(usize, BTreeSet<P>)]) -> Vec<Group> {
    let mut of_person: BTreeMap<P, Vec<usize>> = BTreeMap::new();
    for (stage, (_, people)) in stages.iter().enumerate() {
        for person in people {
            of_person.entry(*person).or_default().push(stage);
        }
    }
    let mut counts: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
    for stages in of_person.into_values() {
        *counts.entry(stages).or_default() += 1;
    }
    let group = |(stages, free)| Group { stages, free, placed: BTreeMap::new() };
    counts.into_iter().map(group).collect()
}

/// Finds people for a stage, moving others who were already placed: as many as one way of moving gives, and at
/// most so many. Without a way, the stages that were met.
fn augment(groups: &mut [Group], stage: usize, most: usize) -> Result<usize, BTreeSet<usize>> {
    // By which group a stage is reached, and from which stage; the shortest way first.
    let mut reached: BTreeMap<usize, Option<(usize, usize)>> = BTreeMap::from([(stage, None)]);
    let mut waiting = VecDeque::from([stage]);
    while let Some(at) = waiting.pop_front() {
        for (index, group) in groups.iter().enumerate().filter(|(_, group)| group.stages.contains(&at)) {
            if group.free > 0 {
                return Ok(place(groups, &reached, (at, index), most));
            }
            for (other, placed) in &group.placed {
                if *placed > 0 && !reached.contains_key(other) {
                    reached.insert(*other, Some((index, at)));
                    waiting.push_back(*other);
                }
            }
        }
    }
    Err(reached.into_keys().collect())
}

/// Takes free people of a group into the last stage of a way, and moves as many from each stage of it into the one
/// before. How many.
fn place(
    groups: &mut [Group],
    reached: &BTreeMap<usize, Option<(usize, usize)>>,
    (last, free): (usize, usize),
    most: usize,
) -> usize {
    let from = |stage: usize| reached.get(&stage).copied().flatten();
    let mut amount = groups.get(free).map_or(0, |group| group.free).min(most);
    let mut at = last;
    while let Some((group, into)) = from(at) {
        let placed = groups.get(group).and_then(|group| group.placed.get(&at)).copied();
        amount = amount.min(placed.unwrap_or_default());
        at = into;
    }
    if let Some(group) = groups.get_mut(free) {
        group.free -= amount;
        *group.placed.entry(last).or_default() += amount;
    }
    at = last;
    while let Some((group, into)) = from(at) {
        if let Some(group) = groups.get_mut(group) {
            *group.placed.entry(at).or_default() -= amount;
            *group.placed.entry(into).or_default() += amount;
        }
        at = into;
    }
    amount
}

fn shortfall<P: Copy + Ord>(stages: &[(usize, BTreeSet<P>)], met: &BTreeSet<usize>) -> Shortfall<P> {
    let short = || met.iter().filter_map(|stage| stages.get(*stage));
    let people: BTreeSet<P> = short().flat_map(|(_, people)| people.iter().copied()).collect();
    Shortfall {
        stages: met.iter().copied().collect(),
        people: people.into_iter().collect(),
        needed: short().map(|(need, _)| need).sum(),
    }
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

    /// A company that asks everybody is slow to answer, and not slow to count.
    #[test]
    fn very_many_people_are_looked_at_once() {
        let names: Vec<String> = (0..100_000).map(|number| format!("p{number:06}")).collect();
        let all: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let half: BTreeSet<&str> = all.iter().take(50_000).copied().collect();
        assert_eq!(satisfy(&[(100_000, all.clone())]), Ok(()));
        // The first stage has to make room for the second.
        assert_eq!(satisfy(&[(50_000, all.clone()), (50_000, half.clone())]), Ok(()));
        let short = satisfy(&[(50_001, all.clone()), (50_000, half)]).unwrap_err();
        assert_eq!((short.stages, short.people.len(), short.needed), (vec![0, 1], 100_000, 100_001));
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
