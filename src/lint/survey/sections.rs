//! What is decided about everything for everybody, by cases of entitlements and classes of people.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    cases::{Case, Leaf, Terms},
    enough::{self, Answers},
    panels::{Panels, Step},
    people::{Classes, Kinds, People, Sorter},
};
use crate::{
    decide::{
        engine::Engine,
        policy::{Offer, nearness},
        space::Unsure,
    },
    lint::access::{Analysis, Considered, effective::Listed},
    model::{Entry, Rulebook, access::Access, person::Person},
};

/// People who cannot have some entitlements, because some stages lack people for them.
pub(super) struct Found<'f, 'a> {
    pub(super) offers: &'f [Offer<'a>],
    pub(super) rule: Option<Listed<'a>>,
    /// The stages that lack people.
    pub(super) short: Vec<&'f Step<'a>>,
    /// The classes of people, by their numbers.
    pub(super) classes: &'f [u32],
    pub(super) sections: &'f Sections<'a>,
}

/// Somebody without whom people cannot have some entitlements.
pub(super) struct FoundSole<'f, 'a> {
    pub(super) offers: &'f [Offer<'a>],
    /// The stage that would lack people.
    pub(super) stage: &'f Step<'a>,
    pub(super) person: &'a Entry<Person>,
    pub(super) people: usize,
}

/// Requests that are decided about by one rule and asked about in the same stages.
struct Asked<'a> {
    rule: Option<Listed<'a>>,
    /// Whether people of each kind can make one.
    possible: Vec<bool>,
    /// The entitlements with the same owners, and the number of the stages for these.
    owned: Vec<(Vec<Offer<'a>>, u32)>,
}

/// Everything that is asked, before it is known whether it can be answered.
pub(super) struct Sections<'a> {
    pub(super) people: People<'a>,
    pub(super) kinds: Kinds<'a>,
    pub(super) classes: Classes,
    pub(super) entitlements: usize,
    asked: Vec<Asked<'a>>,
    /// Stages in the order in which they are asked, each once.
    pub(super) signatures: Vec<Vec<Step<'a>>>,
}

/// Entitlements that are decided about alike, by a number for their owners.
struct Alike<'a> {
    terms: Terms,
    by_owners: BTreeMap<u32, Vec<Offer<'a>>>,
}

impl<'a> Sections<'a> {
    pub(super) fn new(
        analysis: &Analysis<'a>,
        able: &dyn Fn(&Person) -> bool,
        unsure: &mut Vec<(Offer<'a>, Unsure)>,
    ) -> Self {
        let directory = analysis.directory();
        let vocabulary = directory.vocabulary();
        let people = People::new(directory, able);
        let engine = Engine::new(vocabulary.rulebook()).ok();
        let kinds = Kinds::new(directory, &people, Sorter::new(vocabulary), engine.as_ref());
        let mut panels = Panels::new(directory, &people);
        let alike = alike(vocabulary.rulebook(), analysis.considered(), &kinds, &mut panels);
        let entitlements = alike.iter().flat_map(|one| one.by_owners.values()).map(Vec::len).sum();
        let mut signatures = Signatures::default();
        let mut all = Vec::new();
        for alike in alike {
            let Some(first) = alike.by_owners.values().flatten().next().copied() else { continue };
            for (waives, numbers) in by_waivers(&kinds, &alike.terms) {
                let case = match Case::new(vocabulary, &kinds, first, &alike.terms, &waives) {
                    Ok(case) => case,
                    Err(why) => {
                        unsure.push((first, why));
                        break;
                    }
                };
                let possible = case.possible(&kinds.all, &numbers);
                let asked = case.leaves.iter().zip(possible);
                let asked = asked.map(|(leaf, possible)| Asked {
                    rule: leaf.rule,
                    possible,
                    owned: signatures.of(leaf, &alike.by_owners, &mut panels),
                });
                all.extend(asked);
            }
        }
        drop(panels);
        let signatures = signatures.all;
        let classes = classes(&people, &kinds, &signatures);
        Self { people, kinds, classes, entitlements, asked: all, signatures }
    }

    /// What is known about the approvals of all stages.
    pub(super) fn answers(&self) -> Vec<Answers> {
        self.signatures.iter().map(|steps| Answers::new(steps, &self.classes)).collect()
    }

    /// Finds all people and entitlements for which stages lack people.
    pub(super) fn stuck(&self, answers: &[Answers], found: &mut dyn FnMut(Found<'_, 'a>)) {
        for asked in &self.asked {
            for (offers, signature) in &asked.owned {
                let place = *signature as usize;
                let (Some(steps), Some(answers)) = (self.signatures.get(place), answers.get(place)) else {
                    continue;
                };
                for (short, mut numbers) in answers.short(&self.classes) {
                    numbers.retain(|number| self.can(asked, *number));
                    if numbers.is_empty() {
                        continue;
                    }
                    found(Found {
                        offers,
                        rule: asked.rule,
                        short: short.iter().filter_map(|place| steps.get(*place)).collect(),
                        classes: &numbers,
                        sections: self,
                    });
                }
            }
        }
    }

    /// Finds those without whom people cannot have entitlements, whoever asks.
    pub(super) fn soles(&self, answers: &[Answers], found: &mut dyn FnMut(FoundSole<'_, 'a>)) {
        for asked in &self.asked {
            let mut people = vec![0; self.classes.patterns.len()];
            for (number, class) in (0..).zip(&self.classes.all) {
                if self.can(asked, number)
                    && let Some(count) = people.get_mut(class.pattern as usize)
                {
                    *count += class.people.len();
                }
            }
            for (offers, signature) in &asked.owned {
                let place = *signature as usize;
                let (Some(steps), Some(answers)) = (self.signatures.get(place), answers.get(place)) else {
                    continue;
                };
                for sole in &answers.soles {
                    let mut stages = sole.patterns.iter().flatten().flatten();
                    let stage = stages.find_map(|place| steps.get(*place));
                    let count = self.count(asked, sole, &people);
                    let person = self.people.entry(sole.person);
                    if let (Some(stage), Some(person), true) = (stage, person, count > 0) {
                        found(FoundSole { offers, stage, person, people: count });
                    }
                }
            }
        }
    }

    /// How many people cannot have something without somebody; `people` are those of each pattern who can ask.
    fn count(&self, asked: &Asked<'_>, sole: &enough::Sole, people: &[usize]) -> usize {
        let needed = sole.patterns.iter().zip(people).filter(|(short, _)| short.is_some());
        let mut count: usize = needed.map(|(_, people)| people).sum();
        for (number, short) in sole.near.iter().filter(|(number, _)| self.can(asked, *number)) {
            let Some(class) = self.classes.all.get(*number as usize) else { continue };
            let as_others = sole.patterns.get(class.pattern as usize).is_some_and(Option::is_some);
            match (as_others, short.is_some()) {
                (true, false) => count = count.saturating_sub(class.people.len()),
                (false, true) => count += class.people.len(),
                _ => {}
            }
        }
        count
    }

    /// Whether people of a class can make such a request.
    fn can(&self, asked: &Asked<'_>, class: u32) -> bool {
        let class = self.classes.all.get(class as usize);
        class.and_then(|class| asked.possible.get(class.kind as usize)).copied().unwrap_or_default()
    }
}

/// The entitlements that people can ask for, those together that are decided about alike.
fn alike<'a>(
    rulebook: &Rulebook,
    considered: &[Considered<'a>],
    kinds: &Kinds<'a>,
    panels: &mut Panels<'_, 'a>,
) -> Vec<Alike<'a>> {
    let mut places: HashMap<(u32, Terms), usize> = HashMap::new();
    let mut all: Vec<Alike<'a>> = Vec::new();
    for one in considered {
        if !has_order(rulebook, one) {
            continue;
        }
        let Some(terms) = Terms::new(&one.offer, &one.policies, &kinds.exceptions) else { continue };
        let place = *places.entry((one.case, terms.clone())).or_insert(all.len());
        if place == all.len() {
            all.push(Alike { terms, by_owners: BTreeMap::new() });
        }
        let owners = panels.owners(&one.offer);
        if let Some(alike) = all.get_mut(place) {
            alike.by_owners.entry(owners).or_default().push(one.offer);
        }
    }
    all
}

/// Whether somebody knows which policy comes first. That nobody does is a finding, and everything is denied.
fn has_order(rulebook: &Rulebook, one: &Considered<'_>) -> bool {
    one.policies.windows(2).all(|pair| {
        let [first, second] = pair else { return true };
        let near = |policy: &Entry<Access>| nearness(rulebook, &policy.applies_to, &one.offer);
        near(first) != near(second) || first.order.is_some() && first.order != second.order
    })
}

/// The kinds of people by the exceptions about entitlements that hold for them.
fn by_waivers(kinds: &Kinds<'_>, terms: &Terms) -> BTreeMap<Vec<u32>, Vec<u32>> {
    let mut found: BTreeMap<Vec<u32>, Vec<u32>> = BTreeMap::new();
    for (number, kind) in (0..).zip(&kinds.all) {
        let about = |exception: &&u32| terms.exceptions.iter().any(|(place, _)| place == *exception);
        let waives = kind.exceptions.iter().filter(about).copied().collect();
        found.entry(waives).or_default().push(number);
    }
    found
}

/// The stages that are asked for entitlements, each list once.
#[derive(Default)]
struct Signatures<'a> {
    all: Vec<Vec<Step<'a>>>,
    places: HashMap<Vec<Step<'a>>, u32>,
}

impl<'a> Signatures<'a> {
    /// The entitlements with the number of the stages that are asked about them.
    fn of(
        &mut self,
        leaf: &Leaf<'a>,
        by_owners: &BTreeMap<u32, Vec<Offer<'a>>>,
        panels: &mut Panels<'_, 'a>,
    ) -> Vec<(Vec<Offer<'a>>, u32)> {
        let mut by_stages: BTreeMap<u32, Vec<Offer<'a>>> = BTreeMap::new();
        for (owners, offers) in by_owners {
            let Some(first) = offers.first() else { continue };
            let mut steps = Vec::new();
            let mut known = true;
            for workflow in &leaf.workflows {
                match panels.steps(*owners, first, workflow.as_str()) {
                    Some(more) => steps.extend(more.iter().cloned()),
                    None => known = false,
                }
            }
            if known {
                by_stages.entry(self.number(steps)).or_default().extend(offers);
            }
        }
        by_stages.into_iter().map(|(number, offers)| (offers, number)).collect()
    }

    fn number(&mut self, steps: Vec<Step<'a>>) -> u32 {
        if let Some(known) = self.places.get(&steps) {
            return *known;
        }
        let next = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(steps.clone());
        self.places.insert(steps, next);
        next
    }
}

/// The classes of people that some stages can tell apart.
fn classes(people: &People<'_>, kinds: &Kinds<'_>, signatures: &[Vec<Step<'_>>]) -> Classes {
    let mut levels: Vec<u8> = Vec::new();
    let mut approves: HashSet<u32> = HashSet::new();
    for step in signatures.iter().flatten() {
        for group in [&step.named, &step.escalation].into_iter().chain(&step.fallback) {
            levels.extend(&group.levels);
            approves.extend(&group.people);
        }
    }
    levels.sort_unstable();
    levels.dedup();
    Classes::new(people, kinds, levels, &|person| approves.contains(&person))
}
