//! People about whom something else is known: who come or leave, are in another department or team, have another
//! manager, or are here until another day.
//!
//! Whoever is not there can be given nothing, which is what their requests are compared with.
//! The rules of the new rulebook are applied to what was and to what is known about them, so that what the rules
//! change is not told twice: to them as those for whom it is, whoever asks; and where rules read who asks, to them
//! as those who ask, for themselves and for others.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Alike, Case, Cause, Comparison, Decisions, Grouped, Touched, Unknown, cases,
    facts::{Asks, known, known_of_requester},
    kernel::{Known as Found, NEW, OLD},
    lines::{Lines, Which},
    meaning::{Approver, Effect, Ruling},
    moved::{Move, Moved, hold_the_same, managers},
    people::People,
    sets::{self, Elements, Sets},
    stuck::stuck,
    unseen::{Unseen, What},
    whole::With,
    witness::Wanted,
};
use jiff::civil::Date;

use crate::{
    decide::{
        policy::{self, Offer},
        space::{Space, Unsure, Words},
    },
    impact::differing::differing,
    model::{EntitlementRef, Entry, Id, Kind, Ref, Selector, person::Person},
};

/// How many requests of people who come or leave are looked at one by one, as groups of people times what can be asked
/// for; beyond that it is only said how many they are.
const MOST_REQUESTS: usize = 400_000;

/// Who asks, in relation to somebody about whom something else is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    /// Whoever it is: no rule reads it.
    Anybody,
    /// Somebody else.
    Others,
    /// They themselves.
    Themselves,
    /// Somebody who is, or was, their manager.
    Manager(Id),
    /// They, for somebody else.
    ForOthers,
}

/// What was and is known about some people who are alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    /// The classes of what is known about requests, by who asks.
    classes: Vec<(By, [Vec<Option<u32>>; 2])>,
    /// Their managers who can act, by level; none where these stay the same.
    managers: Option<[Vec<Option<Approver>>; 2]>,
    /// Whether they come or leave.
    way: Move,
    /// Their last days, where these differ.
    until: [Option<Date>; 2],
}

/// What is read about one entitlement, or by one request type, in the new rulebook.
pub(super) struct Read {
    pub(super) entitlement: Option<EntitlementRef>,
    pub(super) request_type: Option<Id>,
    elements: Elements,
    /// The variables that matter.
    pub(super) matters: BTreeSet<usize>,
    /// Whether it matters who asks.
    reads_requester: bool,
    asks_managers: bool,
    /// What is read about somebody who is not there.
    nothing: Elements,
    /// Whether there was such access, or such a type, before.
    was_there: bool,
}

/// What something is read about: an entitlement, or requests of a type.
type Of<'a> = (Option<Offer<'a>>, Option<&'a Id>);
/// Whether it is about what a request type decides, and who asks.
type Way = (Option<Id>, By);

/// What is decided otherwise because of what is known about people.
pub(super) fn compare<'a>(comparison: &mut Comparison<'_, 'a>, moved: &[Moved<'a>], found: &mut Decisions) {
    if moved.is_empty() {
        return;
    }
    if let Err(why) = tell(comparison, moved, found) {
        let [_, new] = comparison.sides;
        let entitlements = policy::offers(new.engine.rulebook()).map(|offer| offer.reference()).collect();
        let types = new.engine.rulebook().request_types.iter().map(|one| one.id.clone()).collect();
        found.unknown.push(Unknown { entitlements, types, why });
    }
}

/// Reads what the new rulebook says about every entitlement.
pub(super) fn read<'a>(comparison: &mut Comparison<'_, 'a>) -> Result<(Space<'a>, Vec<Read>), Unsure> {
    let [_, new] = comparison.sides;
    let mut of: Vec<Of<'a>> = Vec::new();
    let mut lines = Vec::new();
    for offer in policy::offers(new.engine.rulebook()) {
        lines.push([Lines::none(), new.lines(&offer, Which::Possible)]);
        of.push((Some(offer), None));
    }
    for request_type in &new.engine.rulebook().request_types {
        let single = request_type.value.entitlements.first();
        let offer = single.and_then(|single| policy::offer(new.engine.rulebook(), single));
        // What a type decides about access, it decides about one thing as about the other.
        let with = offer.map_or(With::Nothing, With::Access);
        lines.push([Lines::none(), new.whole(request_type, with)]);
        of.push((None, Some(&request_type.id)));
    }
    let mut space = sets::space(comparison.sides, lines.iter(), comparison.budget.nodes)?;
    let requester: BTreeSet<usize> = space
        .variables()
        .enumerate()
        .filter(|(_, key)| &*key.namespace == "requester")
        .map(|(variable, _)| variable)
        .collect();
    let mut sets = Sets::new();
    let mut all = Vec::new();
    for ((offer, request_type), [_, lines]) in of.into_iter().zip(lines) {
        let side = (NEW, new);
        let elements = sets.elements(&mut space, &mut comparison.parts, side, offer.as_ref(), &lines)?;
        let none = Lines::none();
        let nothing = sets.elements(&mut space, &mut comparison.parts, side, None, &none)?;
        let [old, _] = comparison.sides;
        let was_there = match (&offer, request_type) {
            (Some(offer), _) => policy::offer(old.engine.rulebook(), &offer.reference()).is_some(),
            (None, Some(id)) => old.engine.rulebook().request_types.get(id.as_str()).is_some(),
            (None, None) => false,
        };
        let matters: BTreeSet<usize> =
            elements.all().flat_map(|element| space.matters(element.set)).collect();
        all.push(Read {
            entitlement: offer.map(|offer| offer.reference()),
            request_type: request_type.cloned(),
            reads_requester: !matters.is_disjoint(&requester),
            asks_managers: lines.all.iter().any(|line| line.effect.asks_managers()),
            elements,
            matters,
            nothing,
            was_there,
        });
    }
    Ok((space, all))
}

fn tell<'a>(
    comparison: &mut Comparison<'_, 'a>,
    moved: &[Moved<'a>],
    found: &mut Decisions,
) -> Result<(), Unsure> {
    let (mut space, read) = read(comparison)?;
    let reads_requester = read.iter().any(|read| read.reads_requester);
    let mut looked_at = Found::default();
    let [_, new] = comparison.sides;
    let everybody = new.engine.rulebook().people.iter().enumerate();
    let places: HashMap<&Id, usize> = everybody.map(|(place, person)| (&person.id, place)).collect();
    let mut alike: BTreeMap<Known, Vec<Id>> = BTreeMap::new();
    for one in moved {
        let Some(id) = one.id() else { continue };
        let known = known_about(comparison, &space, one, reads_requester);
        alike.entry(known).or_default().push(id.clone());
    }
    let mut comers_and_leavers: Vec<usize> = Vec::new();
    alike.retain(|known, people| {
        let is_told =
            known.way == Move::Stays || comers_and_leavers.len().saturating_mul(read.len()) < MOST_REQUESTS;
        if known.way != Move::Stays {
            comers_and_leavers.push(people.len());
        }
        is_told
    });
    if comers_and_leavers.len().saturating_mul(read.len()) >= MOST_REQUESTS {
        let count = comers_and_leavers.iter().sum();
        let policies = new.engine.rulebook().access.iter();
        let rules = policies.map(|policy| Selector { kind: Kind::Access, id: policy.id.clone(), part: None });
        let [old, new] = comparison.sides.each_ref().map(|side| side.engine.rulebook());
        let covers = differing(old, new, &[Kind::Person, Kind::Team, Kind::Grant]);
        found.unseen.push(Unseen::unbounded(What::Directory(count), rules.collect(), covers));
    }
    let lookup = People::new(comparison.sides);
    for (known, people) in alike {
        let mut grouped: BTreeMap<Way, Grouped> = BTreeMap::new();
        for (by, classes) in &known.classes {
            let [before, after] = classes;
            let differing = before.iter().zip(after).enumerate().filter(|(_, (one, other))| one != other);
            let differing: BTreeSet<usize> = differing.map(|(place, _)| place).collect();
            let managers = known.managers.as_ref().filter(|_| *by != By::ForOthers);
            for read in read.iter().filter(|read| read.reads_requester == (*by != By::Anybody)) {
                let is_dated = read.entitlement.is_some() && known.until != [None, None];
                let is_other = !differing.is_disjoint(&read.matters)
                    || (read.asks_managers && managers.is_some())
                    || (is_dated && *by != By::ForOthers);
                // What is new altogether is told for whoever asks.
                if if known.way == Move::Stays { !is_other } else { !read.was_there } {
                    continue;
                }
                let mut of = |side: usize| {
                    if !known.is_here(side) {
                        return Ok(read.nothing.clone().on(side));
                    }
                    let until = known.until.get(side).copied().flatten();
                    let until = until.filter(|_| read.entitlement.is_some() && *by != By::ForOthers);
                    let classes = classes.get(side).map(Vec::as_slice).unwrap_or_default();
                    let managers = managers.and_then(|managers| managers.get(side)).map(Vec::as_slice);
                    personal(comparison, &mut space, read, classes, (managers, until))
                        .map(|made| made.on(side))
                };
                let (was, is) = (of(OLD)?, of(NEW)?);
                let changes = comparison.differ(&mut space, &mut looked_at, was, is)?;
                let grouped = grouped.entry((read.request_type.clone(), by.clone())).or_default();
                grouped.add(read.entitlement.as_ref(), &changes, &comparison.parts);
            }
        }
        for ((request_type, by), alike, entitlements) in together(&mut space, grouped, &known)? {
            let outcomes = alike.outcomes.map(|number| comparison.outcome(number));
            let mut who = cases::tell(&mut space, alike.set);
            if let Some(words) = words(&by) {
                who = who.that(&words, "");
            }
            let held = |person: &Id| {
                let held =
                    new.engine.ledger().of(person.as_str()).iter().filter(|held| held.is_at(new.instant));
                held.filter(|held| entitlements.contains(held.entitlement)).count()
            };
            let grants = if by == By::ForOthers { 0 } else { people.iter().map(held).sum() };
            let touched = Touched::these(
                new.engine.rulebook().people.len(),
                people.iter().filter_map(|id| Some((*places.get(id)?, id))),
                grants,
            );
            let cause = match (&by, known.way) {
                (By::ForOthers, _) => Cause::Requesters(people.clone()),
                (_, Move::Stays) => Cause::People(people.clone()),
                (_, way) => Cause::Presence(way, people.clone()),
            };
            let wanted = Wanted { entitlement: entitlements.first(), request_type: request_type.as_ref() };
            let somebody = people.first().filter(|_| by != By::ForOthers);
            let somebody = somebody.and_then(|id| person_of(comparison, id));
            let witness = somebody.and_then(|person| {
                lookup.witness_of(&mut space, alike.set, wanted, person, outcomes.each_ref())
            });
            let made = Case::new(cause, entitlements, outcomes, alike.rules, who);
            let asking = people.iter().filter(|_| by != By::ForOthers);
            let asking = asking.filter_map(|id| new.engine.rulebook().people.get(id.as_str()));
            let stuck = stuck(comparison.sides, [&made.before.0, &made.after.0], asking);
            let made = made.of_type(request_type, false).touching(touched, witness);
            found.cases.push(made.stuck_for(stuck));
        }
    }
    Ok(())
}

impl Known {
    /// Whether they are here on a side.
    const fn is_here(&self, side: usize) -> bool {
        !matches!((self.way, side), (Move::Comes, OLD) | (Move::Leaves, NEW))
    }
}

/// Somebody as they are now, or as they were.
fn person_of<'a>(comparison: &Comparison<'_, 'a>, id: &Id) -> Option<&'a Entry<Person>> {
    let [old, new] = comparison.sides.each_ref().map(|side| side.engine.rulebook().people.get(id.as_str()));
    new.or(old)
}

/// What was and is known about the requests of somebody and for them. On a side on which they are not here nothing is.
fn known_about<'a>(
    comparison: &Comparison<'_, 'a>,
    space: &Space<'a>,
    moved: &Moved<'a>,
    reads_requester: bool,
) -> Known {
    let [old, new] = comparison.sides;
    let (Some(was), Some(is)) = (moved.was.or(moved.is), moved.is.or(moved.was)) else {
        return Known { classes: Vec::new(), managers: None, way: Move::Stays, until: [None, None] };
    };
    let way = moved.way();
    // They hold what they hold now; with what they may hold one day it would be told over and over.
    let held = new.engine.ledger().of(is.id.as_str());
    let same = hold_the_same(comparison.sides, &is.id);
    let had = if same { held } else { old.engine.ledger().of(was.id.as_str()) };
    let of = |asks: [Asks<'a>; 2]| {
        let [before, after] = asks;
        let nothing = || vec![None; space.variables().count()];
        [
            if way == Move::Comes { nothing() } else { known(old, space, was, had, before) },
            if way == Move::Leaves { nothing() } else { known(new, space, is, held, after) },
        ]
    };
    let mut classes = vec![(By::Anybody, of([Asks::Anybody, Asks::Anybody]))];
    if reads_requester {
        classes.push((By::Others, of([Asks::Others, Asks::Others])));
        classes.push((By::Themselves, of([Asks::Person(was), Asks::Person(is)])));
        let for_others = [known_of_requester(old, space, was), known_of_requester(new, space, is)];
        if way == Move::Stays {
            classes.push((By::ForOthers, for_others));
        }
        if way == Move::Stays && was.value.manager != is.value.manager {
            for manager in was.value.manager.iter().chain(&is.value.manager).map(Ref::as_str) {
                let on = comparison.sides.each_ref().map(|side| side.engine.rulebook().people.get(manager));
                if let [Some(before), Some(after)] = on {
                    let asks = of([Asks::Person(before), Asks::Person(after)]);
                    classes.push((By::Manager(after.id.clone()), asks));
                }
            }
        }
    }
    let (before, after) = match way {
        Move::Stays => (managers(old, was), managers(new, is)),
        // Who has a manager asks whoever it is.
        Move::Comes => (Vec::new(), managers(new, is)),
        Move::Leaves => (managers(old, was), Vec::new()),
    };
    let is_told = match way {
        Move::Stays => before != after,
        Move::Comes | Move::Leaves => {
            let first = before.first().or(after.first());
            first.is_some_and(|first| !first.as_ref().is_some_and(Approver::is_able))
        }
    };
    let [one, other] = [moved.was, moved.is].map(|person| person?.end.map(|end| end.0));
    Known {
        classes,
        managers: is_told.then_some([before, after]),
        way,
        until: if one == other { [None, None] } else { [one, other] },
    }
}

/// Cases by who asks. What is the same whether they ask themselves or somebody else does is told once.
fn together(
    space: &mut Space<'_>,
    grouped: BTreeMap<Way, Grouped>,
    known: &Known,
) -> Result<Vec<(Way, Alike, Vec<EntitlementRef>)>, Unsure> {
    let own = known.classes.iter().find(|(by, _)| *by == By::Themselves);
    let own = own.map(|(_, [_, after])| after.as_slice()).unwrap_or_default();
    let (mut themselves, others): (BTreeMap<Way, Grouped>, BTreeMap<Way, Grouped>) =
        grouped.into_iter().partition(|((_, by), _)| *by == By::Themselves);
    let mut all = Vec::new();
    for ((request_type, by), cases) in others {
        let mut same =
            themselves.get_mut(&(request_type.clone(), By::Themselves)).filter(|_| by == By::Others);
        for (alike, entitlements) in cases.0 {
            // What is left of it when it is they who ask.
            let left = Alike { set: space.given(alike.set, own)?, ..alike.clone() };
            let known = same.as_mut().filter(|known| known.0.get(&left) == Some(&entitlements));
            let is_told = known.is_some_and(|known| known.0.remove(&left).is_some());
            let by = if is_told { By::Anybody } else { by.clone() };
            all.push(((request_type.clone(), by), alike, entitlements));
        }
    }
    for (way, cases) in themselves {
        all.extend(cases.0.into_iter().map(|(alike, entitlements)| (way.clone(), alike, entitlements)));
    }
    Ok(all)
}

/// Who asks, in words.
fn words(by: &By) -> Option<Words> {
    let said = |attribute: &str, said: String| Some(Words { attribute: attribute.to_owned(), said });
    match by {
        By::Anybody | By::ForOthers => None,
        By::Others => said("requester.is-beneficiary", "is false".to_owned()),
        By::Themselves => said("requester.is-beneficiary", "is true".to_owned()),
        By::Manager(id) => said("requester.id", format!("is `{id}`")),
    }
}

/// What is read about an entitlement, for people about whom this was known, or is.
pub(super) fn personal<'a>(
    comparison: &mut Comparison<'_, 'a>,
    space: &mut Space<'a>,
    read: &Read,
    classes: &[Option<u32>],
    (managers, until): (Option<&[Option<Approver>]>, Option<Date>),
) -> Result<Elements, Unsure> {
    let mut elements = read.elements.clone();
    if let Some(until) = until {
        let mut effect = Effect::of(Ruling::Nothing);
        effect.until = Some(until);
        let effect = comparison.parts.effect(&effect)?;
        elements.unordered.push(comparison.parts.adding(effect)?);
    }
    for element in elements.all_mut() {
        element.set = space.given(element.set, classes)?;
        let Some(managers) = managers else { continue };
        let Some(effect) = comparison.parts.get(element.effect).filter(|effect| effect.asks_managers())
        else {
            continue;
        };
        let manager = |level: u8| managers.get(usize::from(level).checked_sub(1)?).cloned().flatten();
        let effect = effect.personal(&manager);
        element.effect = comparison.parts.effect(&effect)?;
    }
    Ok(elements)
}
