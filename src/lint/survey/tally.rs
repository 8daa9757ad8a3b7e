//! What was found for many classes of people and entitlements, counted.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    Example, Place, Sole, Stuck, has_power,
    people::{Class, NOBODY, People},
    sections::{Found, FoundSole},
};
use crate::{
    decide::policy::Offer,
    model::{Entry, Principal, Rulebook, person::Person},
};

/// What is counted about stages that lack people.
#[derive(Default)]
pub(super) struct Tally<'a> {
    by_stages: BTreeMap<Vec<(&'a str, usize)>, Counted<'a>>,
}

#[derive(Default)]
struct Counted<'a> {
    /// People who have nothing to do with the approvals.
    others: Share<'a>,
    /// Those who could approve something themselves.
    approvers: BTreeMap<u32, Share<'a>>,
}

/// Some people and what they cannot have.
#[derive(Default)]
struct Share<'a> {
    /// The classes of people, with how many they are.
    classes: HashMap<u32, usize>,
    entitlements: HashSet<(&'a str, &'a str)>,
    example: Option<Example<'a>>,
}

impl<'a> Tally<'a> {
    pub(super) fn note(&mut self, found: &Found<'_, 'a>) {
        let stages = found.short.iter().map(|step| (step.workflow, step.index)).collect();
        let counted = self.by_stages.entry(stages).or_default();
        for number in found.classes {
            let Some(class) = found.sections.classes.all.get(*number as usize) else { continue };
            let share = match class.own {
                NOBODY => &mut counted.others,
                person => counted.approvers.entry(person).or_default(),
            };
            share.classes.insert(*number, class.people.len());
            share.entitlements.extend(found.offers.iter().map(name));
            if share.example.is_none() {
                share.example = example(found, class);
            }
        }
    }

    /// What was found. That somebody on whom everything hangs cannot agree to their own request is said of them.
    pub(super) fn stuck(
        self,
        rulebook: &'a Rulebook,
        people: &People<'a>,
        alone: &BTreeSet<Alone<'a>>,
    ) -> Vec<Stuck<'a>> {
        let place = |(workflow, index): &(&str, usize)| {
            Some(Place { workflow: rulebook.workflows.get(workflow)?, index: *index })
        };
        let mut found = Vec::new();
        for (stages, counted) in self.by_stages {
            let is_sole = |person: u32| {
                let id = people.entry(person).map(|entry| entry.id.as_str());
                id.is_some_and(|id| stages.iter().any(|stage| alone.contains(&(*stage, id))))
            };
            let mut all = counted.others;
            for (_, share) in counted.approvers.into_iter().filter(|(person, _)| !is_sole(*person)) {
                all.classes.extend(share.classes);
                all.entitlements.extend(share.entitlements);
                all.example = all.example.or(share.example);
            }
            let Some(example) = all.example else { continue };
            found.push(Stuck {
                stages: stages.iter().filter_map(place).collect(),
                people: all.classes.values().sum(),
                entitlements: all.entitlements.len(),
                example,
            });
        }
        found
    }
}

/// The first of the people of a class, and the first of the entitlements.
fn example<'a>(found: &Found<'_, 'a>, class: &Class) -> Option<Example<'a>> {
    Some(Example {
        person: found.sections.people.entry(*class.people.first()?)?,
        offer: *found.offers.first()?,
        rule: found.rule,
    })
}

/// What is counted about those without whom nobody can have something.
#[derive(Default)]
pub(super) struct Soles<'a> {
    by_stage: BTreeMap<Alone<'a>, CountedSole<'a>>,
    /// Everybody without whom somebody cannot have something, also where that is said elsewhere.
    pub(super) alone: BTreeSet<Alone<'a>>,
}

/// A stage, by its workflow and its place in it, and somebody without whom it lacks people.
type Alone<'a> = ((&'a str, usize), &'a str);

struct CountedSole<'a> {
    person: &'a Entry<Person>,
    people: usize,
    entitlements: HashSet<(&'a str, &'a str)>,
    example: Offer<'a>,
}

impl<'a> Soles<'a> {
    pub(super) fn note(&mut self, found: &FoundSole<'_, 'a>) {
        let stage = (found.stage.workflow, found.stage.index);
        let key = (stage, found.person.id.as_str());
        self.alone.insert(key);
        // That a service belongs to one person is a finding there.
        let person = Principal::Person(found.person.id.clone());
        let belongs = |offer: &&Offer<'a>| offer.service.value.owner.as_ref() == Some(&person);
        let offers: Vec<&Offer<'a>> = found.offers.iter().filter(|offer| !belongs(offer)).collect();
        let powerful = offers.iter().find(|offer| has_power(offer));
        let Some(example) = powerful.or(offers.first()).map(|offer| **offer) else { return };
        let counted = self.by_stage.entry(key).or_insert_with(|| CountedSole {
            person: found.person,
            people: 0,
            entitlements: HashSet::new(),
            example,
        });
        counted.people = counted.people.max(found.people);
        counted.entitlements.extend(offers.into_iter().map(name));
        if has_power(&example) && !has_power(&counted.example) {
            counted.example = example;
        }
    }

    pub(super) fn list(self, rulebook: &'a Rulebook) -> Vec<Sole<'a>> {
        let sole = |(((workflow, index), _), counted): (Alone<'_>, CountedSole<'a>)| {
            Some(Sole {
                stage: Place { workflow: rulebook.workflows.get(workflow)?, index },
                person: counted.person,
                people: counted.people,
                entitlements: counted.entitlements.len(),
                example: counted.example,
            })
        };
        self.by_stage.into_iter().filter_map(sole).collect()
    }
}

fn name<'a>(offer: &Offer<'a>) -> (&'a str, &'a str) {
    (offer.service.id.as_str(), offer.id.as_str())
}
