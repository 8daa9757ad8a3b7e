//! Whether enough different people can act in some stages, for all classes of people who ask at once.
//!
//! Stages that name more people than all stages need together never lack anybody, so only the others are looked
//! at. What is true of people who have nothing to do with those approvers is worked out once for each pattern of
//! missing managers; only the approvers themselves and those whom they manage are looked at one by one.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    panels::{Group, Step},
    people::{Classes, NOBODY},
};
use crate::{
    decide::{approvers::needed, matching::satisfy},
    model::workflow::Need,
};

/// Stages that have too few people, by their place among those that were asked about.
pub(super) type Short = Vec<usize>;

/// Who asks, as far as approvals need it.
#[derive(Debug, Clone, Copy)]
struct Asker<'c> {
    own: u32,
    /// The levels of managers, and who can act at each.
    levels: &'c [u8],
    managers: &'c [u32],
    /// Somebody who is away; nobody when all are here.
    away: u32,
}

impl Asker<'_> {
    fn able(&self, group: &Group) -> BTreeSet<u32> {
        let place = |level: &u8| self.levels.iter().position(|known| known == level);
        let managers = group.levels.iter().filter_map(|level| self.managers.get(place(level)?).copied());
        let all = group.people.iter().copied().chain(managers);
        all.filter(|one| ![self.own, self.away, NOBODY].contains(one)).collect()
    }
}

/// Whether all stages can have their people, as requests are decided: see [`crate::decide::stages`].
///
/// While somebody is away, those to whom a stage escalates are waited for, also where nobody else is left.
fn check(steps: &[&Step<'_>], are_apart: bool, asker: &Asker<'_>) -> Result<(), Short> {
    let (mut places, mut apart) = (Vec::new(), Vec::new());
    for (place, step) in steps.iter().enumerate() {
        let mut pool = asker.able(&step.named);
        if let Some(fallback) = step.fallback.as_ref().filter(|_| pool.is_empty()) {
            pool = asker.able(fallback);
        }
        let wanted = needed(step.need, pool.len());
        if pool.is_empty() && asker.away == NOBODY {
            return Err(vec![place]);
        }
        pool.extend(asker.able(&step.escalation));
        if are_apart {
            places.push(place);
            apart.push((wanted, pool));
        } else if pool.len() < wanted {
            return Err(vec![place]);
        }
    }
    let short = satisfy(&apart).map_err(|short| short.stages);
    short.map_err(|short| short.iter().filter_map(|at| places.get(*at).copied()).collect())
}

/// What is known about the approvals of some stages.
pub(super) struct Answers {
    /// For each pattern of managers, what lacks people who have nothing to do with the approvers.
    patterns: Vec<Option<Short>>,
    /// The same for the classes that are near to them, by the number of the class.
    near: Vec<(u32, Option<Short>)>,
    /// Without whom requests that could be approved cannot.
    pub(super) soles: Vec<Sole>,
}

/// Somebody without whom requests cannot be approved.
pub(super) struct Sole {
    pub(super) person: u32,
    /// For each pattern, the stages that would lack people; none where they are not needed.
    pub(super) patterns: Vec<Option<Short>>,
    /// The same for the classes that are near.
    pub(super) near: Vec<(u32, Option<Short>)>,
}

impl Answers {
    /// Works out which classes of people some stages lack people for.
    pub(super) fn new(steps: &[Step<'_>], classes: &Classes) -> Self {
        let scarce: Vec<usize> = scarce(steps);
        // One workflow that keeps people apart does so for the whole request, scarce or not.
        let are_apart = steps.iter().any(|step| step.distinct);
        let looked_at: Vec<&Step<'_>> = scarce.iter().filter_map(|place| steps.get(*place)).collect();
        let mut people: Vec<u32> = looked_at.iter().flat_map(|step| everybody(step)).collect();
        people.sort_unstable();
        people.dedup();
        let place_of =
            |short: Short| -> Short { short.iter().filter_map(|at| scarce.get(*at).copied()).collect() };
        let of_pattern = |managers: &[u32], away| {
            let asker = Asker { own: NOBODY, levels: &classes.levels, managers, away };
            check(&looked_at, are_apart, &asker).err().map(place_of)
        };
        let of_class = |number: u32, away| {
            let class = classes.all.get(number as usize)?;
            let asker = Asker { own: class.own, levels: &classes.levels, managers: &class.managers, away };
            check(&looked_at, are_apart, &asker).err().map(place_of)
        };
        let patterns: Vec<Option<Short>> =
            classes.patterns.iter().map(|managers| of_pattern(managers, NOBODY)).collect();
        let near = classes.near(&people);
        let near: Vec<(u32, Option<Short>)> =
            near.into_iter().map(|number| (number, of_class(number, NOBODY))).collect();
        let mut soles = Vec::new();
        // Approvers who are needed whoever asks. A manager is always needed by those whom they manage.
        for person in people {
            let without = |managers: &[u32], before: &Option<Short>| match before {
                None => of_pattern(managers, person),
                Some(_) => None,
            };
            let patterns: Vec<Option<Short>> = classes
                .patterns
                .iter()
                .zip(&patterns)
                .map(|(managers, before)| without(managers, before))
                .collect();
            if patterns.iter().all(Option::is_none) {
                continue;
            }
            let near = near.iter().map(|(number, before)| {
                let short = if before.is_none() { of_class(*number, person) } else { None };
                (*number, short)
            });
            let near = near.collect();
            soles.push(Sole { person, patterns, near });
        }
        Self { patterns, near, soles }
    }

    /// The stages that lack people, each with the classes of people for whom they do.
    pub(super) fn short(&self, classes: &Classes) -> BTreeMap<&Short, Vec<u32>> {
        let mut found: BTreeMap<&Short, Vec<u32>> = BTreeMap::new();
        for (number, short) in &self.near {
            if let Some(short) = short {
                found.entry(short).or_default().push(*number);
            }
        }
        if self.patterns.iter().any(Option::is_some) {
            for (number, class) in (0..).zip(&classes.all) {
                let near = || self.near.binary_search_by_key(&number, |(near, _)| *near).is_ok();
                if let Some(Some(short)) = self.patterns.get(class.pattern as usize)
                    && !near()
                {
                    found.entry(short).or_default().push(number);
                }
            }
        }
        found
    }
}

/// Everybody whom a stage names.
fn everybody(step: &Step<'_>) -> impl Iterator<Item = u32> {
    let fallback = step.fallback.iter().flat_map(|group| &group.people);
    step.named.people.iter().chain(fallback).chain(&step.escalation.people).copied()
}

/// The stages that could lack people. The others name so many that they have enough left whoever asks, is away
/// and acts elsewhere.
fn scarce(steps: &[Step<'_>]) -> Vec<usize> {
    let most = |step: &Step<'_>| {
        let size = |group: &Group| group.people.len() + group.levels.len();
        let named = size(&step.named).max(step.fallback.as_ref().map_or(0, size));
        needed(step.need, named)
    };
    let seats = steps.iter().map(most).fold(0, usize::saturating_add);
    let ample = |step: &Step<'_>| {
        // Whoever asks and somebody who is away are not counted.
        matches!(step.need, Need::Count(_)) && step.named.people.len() >= seats.saturating_add(2)
    };
    steps.iter().enumerate().filter(|(_, step)| !ample(step)).map(|(place, _)| place).collect()
}
