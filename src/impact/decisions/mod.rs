//! What a change of the rulebook does to decisions: the exact set of requests that are decided otherwise.
//!
//! For every entitlement the lines that are read about it (guardrails, duties, policies, the default) are put
//! side by side, and both lists are walked down together over all values that attributes can have, whether or
//! not anybody has them. What comes out is a few cases: who asks for what, how it was decided and how it would
//! be, and which way that goes.
//!
//! Stages are compared by the people who can act in them today; the managers of whoever asks are known only then
//! and stand for themselves. Shares of a stage count those who can act today.

mod apart;
mod birthright;
mod by_person;
mod cases;
mod directory;
mod eased;
mod facts;
mod given;
mod index;
mod kernel;
mod lines;
mod meaning;
mod moved;
mod named;
mod names;
mod numbers;
mod openings;
mod panels;
mod peers;
mod people;
mod readings;
mod requests;
mod sets;
mod side;
mod strictness;
mod stuck;
mod unseen;
mod untold;
mod whole;
mod witness;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

pub(in crate::impact) use self::{
    cases::tell,
    meaning::{Hours, in_order},
    panels::{hours, panels},
    untold::Redeclared,
};
pub use self::{
    cases::{Case, Cause, Told},
    eased::{Bond, Eased},
    meaning::{Approver, Granted, Needed, Outcome, Panel, Silence, Time},
    moved::Move,
    names::Names,
    people::Touched,
    strictness::{Direction, direction, is_as_strict, missing},
    unseen::{Bounds, Unseen, What},
    witness::Witness,
};
use self::{
    kernel::{Change, Compare, Kernel, Known, NEW, OLD},
    lines::{Lines, Which},
    numbers::Numbers,
    readings::{Differ, Readings},
    sets::{Parts, Sets},
    side::Side,
    witness::Wanted,
};
use crate::{
    decide::{
        engine::Engine,
        policy::{self, Offer},
        space::{Set, Space, Unsure},
        undecidable::Undecidable,
    },
    impact::hours::HoursChange,
    model::{EntitlementRef, Id, Rulebook, Selector},
};

/// How much work a comparison may be.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// The most nodes of decision diagrams.
    pub nodes: usize,
    /// The most pairs of lists that are looked at.
    pub states: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { nodes: 2_000_000, states: 2_000_000 }
    }
}

/// What a change does to decisions.
#[derive(Debug)]
pub struct Decisions {
    /// The cases, those that loosen first.
    pub cases: Vec<Case>,
    /// How many entitlements there are, of both rulebooks together.
    pub compared: usize,
    /// How many request types there are, of both rulebooks together.
    pub types: usize,
    /// What could not be compared, and why. Nothing is known about these: they are not unchanged.
    pub unknown: Vec<Unknown>,
    /// What rules read that changed without its being seen in the cases.
    pub unseen: Vec<Unseen>,
    /// What binds access less than before, whoever asks for it.
    pub eased: Vec<Eased>,
    /// The calendars that have other hours.
    pub hours: Vec<HoursChange>,
}

impl Decisions {
    /// Whether everything was compared.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.unknown.is_empty()
    }
}

/// Something that could not be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Requests for which access.
    pub entitlements: Vec<EntitlementRef>,
    /// Requests of which types.
    pub types: Vec<Id>,
    /// Why not.
    pub why: Unsure,
}

/// Compares how two rulebooks decide at an instant.
///
/// # Errors
/// When one of them cannot decide anything: its time zone does not exist.
pub fn compare(
    before: &Rulebook,
    after: &Rulebook,
    instant: Timestamp,
    budget: Budget,
) -> Result<Decisions, Undecidable> {
    let sides = [Side::new(Engine::new(before)?, instant), Side::new(Engine::new(after)?, instant)];
    let mut found = Decisions {
        cases: Vec::new(),
        compared: 0,
        types: 0,
        unknown: Vec::new(),
        unseen: unseen::unseen(&sides),
        eased: Vec::new(),
        hours: openings::others(&sides),
    };
    found.unseen.extend(named::unseen(&sides));
    found.unseen.extend(untold::untold(&sides));
    let mut comparison = Comparison::new(&sides, budget);
    comparison.rules(&mut found);
    requests::compare(&mut comparison, &mut found);
    let moved = moved::moved(&sides);
    directory::compare(&mut comparison, &moved, &mut found);
    openings::compare(&mut comparison, &mut found);
    birthright::compare(&sides, &moved, budget, &mut found);
    by_person::of_people(&sides, &moved, &mut found);
    found.cases.sort_by(Case::order);
    found.eased = eased::eased(&sides, &found.cases);
    Ok(found)
}

/// The requests that are decided otherwise.
struct Regions<'a> {
    /// The space of their sets; none when it could not be made.
    space: Option<Space<'a>>,
    /// The entitlements about which the two sides do not read the same.
    differing: Vec<Differing<'a>>,
    /// How many entitlements there are.
    compared: usize,
    unknown: Vec<Unknown>,
}

/// An entitlement about which both sides may read something else, and what comes of it.
struct Differing<'a> {
    entitlement: EntitlementRef,
    offers: [Option<Offer<'a>>; 2],
    /// The requests that are decided otherwise, by how.
    changes: Vec<(Change, Set)>,
}

struct Comparison<'s, 'a> {
    sides: &'s [Side<'a>; 2],
    budget: Budget,
    parts: Parts,
    outcomes: Numbers<Outcome>,
}

/// Effects and outcomes, as the kernel asks for them.
struct Asked<'c> {
    parts: &'c Parts,
    outcomes: &'c mut Numbers<Outcome>,
    known: HashMap<Vec<u32>, u32>,
}

impl Compare for Asked<'_> {
    fn outcome(&mut self, effects: &[u32]) -> Result<u32, Unsure> {
        if let Some(known) = self.known.get(effects) {
            return Ok(*known);
        }
        let outcome = meaning::together(effects.iter().filter_map(|one| self.parts.get(*one)));
        let number = self.outcomes.number(&outcome)?;
        self.known.insert(effects.to_vec(), number);
        Ok(number)
    }
}

/// What makes cases of several entitlements one case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    outcomes: [u32; 2],
    rules: [Vec<Selector>; 2],
    set: Set,
}

/// Entitlements for which the same requests are decided otherwise in the same way.
#[derive(Debug, Default)]
struct Grouped(BTreeMap<Alike, Vec<EntitlementRef>>);

impl Grouped {
    /// Adds what changes about an entitlement, or about requests that ask for none.
    fn add(&mut self, entitlement: Option<&EntitlementRef>, changes: &[(Change, Set)], parts: &Parts) {
        for (change, set) in changes {
            let rules = [rules(change, OLD, parts), rules(change, NEW, parts)];
            let alike = Alike { outcomes: change.outcomes, rules, set: *set };
            self.0.entry(alike).or_default().extend(entitlement.cloned());
        }
    }
}

impl<'s, 'a> Comparison<'s, 'a> {
    fn new(sides: &'s [Side<'a>; 2], budget: Budget) -> Self {
        Self { sides, budget, parts: Parts::default(), outcomes: Numbers::default() }
    }

    /// What the rules decide otherwise, whoever asks.
    fn rules(&mut self, found: &mut Decisions) {
        let mut regions = self.regions();
        found.compared = regions.compared;
        found.unknown.append(&mut regions.unknown);
        let mut grouped = Grouped::default();
        for one in &regions.differing {
            grouped.add(Some(&one.entitlement), &one.changes, &self.parts);
        }
        if grouped.0.is_empty() {
            return;
        }
        if let Some(space) = &mut regions.space {
            let people = people::People::new(self.sides);
            for (alike, entitlements) in grouped.0 {
                let outcomes = alike.outcomes.map(|number| self.outcome(number));
                let touched = people.touched(space, alike.set, &entitlements);
                let wanted = Wanted { entitlement: entitlements.first(), request_type: None };
                let witness = people.witness(space, alike.set, wanted, outcomes.each_ref());
                let who = cases::tell(space, alike.set);
                let case = Case::new(Cause::Rules, entitlements, outcomes, alike.rules, who);
                let stuck = people.stuck(space, alike.set, [&case.before.0, &case.after.0]);
                found.cases.push(case.touching(touched, witness).stuck_for(stuck));
            }
        }
    }

    /// What a number stands for.
    fn outcome(&self, number: u32) -> Outcome {
        self.outcomes.get(number).cloned().unwrap_or(Outcome::Denied)
    }

    /// The requests that are decided otherwise, for each entitlement by itself.
    fn regions(&mut self) -> Regions<'a> {
        let mut found = Regions { space: None, differing: Vec::new(), compared: 0, unknown: Vec::new() };
        let mut readings = Readings::new(self.sides);
        let mut lines = Vec::new();
        for one in self.offers() {
            found.compared += 1;
            let differ = readings.differ(&one.offers);
            if !matches!(differ, Differ::Nowhere) {
                lines.push(self.lines(&one.offers, &differ));
                found.differing.push(one);
            }
        }
        if lines.is_empty() {
            return found;
        }
        let mut space = match sets::space(self.sides, lines.iter(), self.budget.nodes) {
            Ok(space) => space,
            Err(why) => {
                let entitlements = found.differing.drain(..).map(|one| one.entitlement).collect();
                found.unknown.push(Unknown { entitlements, types: Vec::new(), why });
                return found;
            }
        };
        let (mut sets, mut known) = (Sets::new(), Known::default());
        for (one, lines) in found.differing.iter_mut().zip(&lines) {
            match self.changes(&mut space, (&mut sets, &mut known), one, lines) {
                Ok(changes) => one.changes = changes,
                Err(why) => {
                    let entitlement = one.entitlement.clone();
                    match found.unknown.iter_mut().find(|known| known.why == why) {
                        Some(known) => known.entitlements.push(entitlement),
                        None => found.unknown.push(Unknown {
                            entitlements: vec![entitlement],
                            types: Vec::new(),
                            why,
                        }),
                    }
                }
            }
        }
        found.space = Some(space);
        found
    }

    /// Every entitlement of either side.
    fn offers(&self) -> impl Iterator<Item = Differing<'a>> + use<'a> {
        let mut all: BTreeMap<EntitlementRef, [Option<Offer<'a>>; 2]> = BTreeMap::new();
        for (number, side) in self.sides.iter().enumerate() {
            for offer in policy::offers(side.engine.rulebook()) {
                let offers = all.entry(offer.reference()).or_default();
                if let Some(slot) = offers.get_mut(number) {
                    *slot = Some(offer);
                }
            }
        }
        let differing = |(entitlement, offers)| Differing { entitlement, offers, changes: Vec::new() };
        all.into_iter().map(differing)
    }

    /// The lines that are read on both sides, as far as what differs can have to do with them.
    fn lines(&self, offers: &[Option<Offer<'a>>; 2], differ: &Differ<'a>) -> [Lines<'a>; 2] {
        let [old, new] = self.sides;
        let [of_old, of_new] = offers;
        let of = |side: &Side<'a>, offer: &Option<Offer<'a>>| {
            let which = match differ {
                Differ::Where(conditions) => Which::With(conditions),
                Differ::Nowhere | Differ::Anywhere => Which::Possible,
            };
            offer.as_ref().map_or_else(Lines::none, |offer| side.lines(offer, which))
        };
        [of(old, of_old), of(new, of_new)]
    }

    fn changes(
        &mut self,
        space: &mut Space<'a>,
        (sets, known): (&mut Sets<'a>, &mut Known),
        one: &Differing<'a>,
        lines: &[Lines<'a>; 2],
    ) -> Result<Vec<(Change, Set)>, Unsure> {
        let [old, new] = self.sides;
        let [old_offer, new_offer] = &one.offers;
        let [old_lines, new_lines] = lines;
        let of_old = sets.elements(space, &mut self.parts, (OLD, old), old_offer.as_ref(), old_lines)?;
        let of_new = sets.elements(space, &mut self.parts, (NEW, new), new_offer.as_ref(), new_lines)?;
        self.differ(space, known, of_old, of_new)
    }

    /// The requests for which two lists of elements come to something else.
    fn differ(
        &mut self,
        space: &mut Space<'a>,
        known: &mut Known,
        old: sets::Elements,
        new: sets::Elements,
    ) -> Result<Vec<(Change, Set)>, Unsure> {
        let merged = sets::merge(space, old, new)?;
        let asked = Asked { parts: &self.parts, outcomes: &mut self.outcomes, known: HashMap::new() };
        let mut kernel = Kernel::new(space, asked, known, self.budget.states);
        let found = kernel.changes(&merged);
        self.budget.states = kernel.left();
        found
    }
}

/// The rules behind a change: those that add something that the other side does not, and the one that decides.
fn rules(change: &Change, side: usize, parts: &Parts) -> Vec<Selector> {
    let adds = change.adds.get(side).map(Vec::as_slice).unwrap_or_default();
    let decides = change.decides.get(side).copied().flatten();
    let found: BTreeSet<Selector> =
        adds.iter().copied().chain(decides).filter_map(|rule| parts.rule(rule).cloned()).collect();
    found.into_iter().collect()
}
