//! From lines to elements: the sets of requests that lines apply to, for one entitlement.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{
    kernel::{Element, Kind, NEW, OLD},
    lines::{Lines, Waiver, When},
    meaning::{Effect, Ruling},
    numbers::Numbers,
    side::Side,
};
use crate::{
    decide::{
        policy::{self, Offer},
        space::{Set, Space, Unsure},
    },
    model::{
        Selector,
        condition::{Condition, Test},
    },
};

/// What elements are made of, with a number each, the same on both sides.
#[derive(Debug, Default)]
pub(super) struct Parts {
    effects: Numbers<Effect>,
    /// The numbers of effects that several lines share.
    shared: HashMap<*const Effect, (Rc<Effect>, u32)>,
    rules: Numbers<Option<Selector>>,
}

impl Parts {
    /// The number of an effect.
    ///
    /// # Errors
    /// When there are more than can be counted.
    pub(super) fn effect(&mut self, effect: &Effect) -> Result<u32, Unsure> {
        self.effects.number(effect)
    }

    /// An element that adds an effect to every request, whatever the rules say.
    ///
    /// # Errors
    /// When there are more than can be counted.
    pub(super) fn adding(&mut self, effect: u32) -> Result<Element, Unsure> {
        let rule = self.rules.number(&None)?;
        let rules = [Some(rule), None];
        Ok(Element { set: Set::EVERYTHING, kind: Kind::Adds, effect, rules, denies: false })
    }

    fn shared(&mut self, effect: &Rc<Effect>) -> Result<u32, Unsure> {
        if let Some((_, number)) = self.shared.get(&Rc::as_ptr(effect)) {
            return Ok(*number);
        }
        let number = self.effects.number(effect)?;
        self.shared.insert(Rc::as_ptr(effect), (Rc::clone(effect), number));
        Ok(number)
    }

    /// The effect of a number.
    pub(super) fn get(&self, number: u32) -> Option<&Effect> {
        self.effects.get(number)
    }

    /// The rule of a number; none for what no rule says.
    pub(super) fn rule(&self, number: u32) -> Option<&Selector> {
        self.rules.get(number)?.as_ref()
    }
}

/// Whether a test is about the request rather than about what is asked for.
pub(super) fn is_open(test: &Test) -> bool {
    !matches!(&*test.namespace, "service" | "entitlement")
}

/// The space that the lines of both sides tell apart.
pub(super) fn space<'l, 'a: 'l>(
    sides: &[Side<'a>; 2],
    lines: impl Iterator<Item = &'l [Lines<'a>; 2]>,
    budget: usize,
) -> Result<Space<'a>, Unsure> {
    space_of(sides, lines.flat_map(|pair| pair.iter().enumerate()), budget)
}

/// The space that lines tell apart, each with the side on which it stands.
pub(super) fn space_of<'l, 'a: 'l>(
    sides: &[Side<'a>; 2],
    lines: impl Iterator<Item = (usize, &'l Lines<'a>)>,
    budget: usize,
) -> Result<Space<'a>, Unsure> {
    let mut made: Vec<(usize, Condition)> = Vec::new();
    // In the order in which they are met, so that the same change always reads the same.
    let mut written: Vec<(usize, &Condition)> = Vec::new();
    let mut seen: HashSet<*const Condition> = HashSet::new();
    for (side, lines) in lines {
        for line in &lines.all {
            match &line.when {
                When::Always => {}
                When::Holds(condition) => {
                    if seen.insert(std::ptr::from_ref(*condition)) {
                        written.push((side, *condition));
                    }
                }
                When::Made(condition) => made.push((side, condition.clone())),
            }
            for waiver in &line.waivers {
                let (named, except) = waiver.conditions();
                made.extend(named.into_iter().chain(except).map(|condition| (side, condition)));
            }
        }
    }
    let made = made.iter().map(|(side, condition)| (*side, condition));
    // Both sides are there, also where one of them has no condition.
    let always = Condition::All(Vec::new());
    let conditions = written.into_iter().chain(made).chain([(OLD, &always), (NEW, &always)]);
    let with_side =
        conditions.filter_map(|(side, condition)| Some((sides.get(side)?.engine.vocabulary(), condition)));
    Space::of_several(with_side, &is_open, budget)
}

/// The elements of one side.
#[derive(Debug, Clone, Default)]
pub(super) struct Elements {
    /// Those that apply whatever their order is.
    pub(super) unordered: Vec<Element>,
    /// The others.
    pub(super) ordered: Vec<Element>,
}

impl Elements {
    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Element> {
        self.unordered.iter().chain(&self.ordered)
    }

    /// All of them, to be changed.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Element> {
        self.unordered.iter_mut().chain(&mut self.ordered)
    }

    /// The same elements on a side.
    pub(super) fn on(mut self, side: usize) -> Self {
        for element in self.all_mut() {
            let rule = element.rules.into_iter().flatten().next();
            element.rules = if side == OLD { [rule, None] } else { [None, rule] };
        }
        self
    }
}

/// The sets of lines, remembered for all entitlements about which the same is known.
pub(super) struct Sets<'a> {
    /// The tests of a condition whose answers are known once the entitlement is.
    known: HashMap<*const Condition, Vec<&'a Test>>,
    sets: HashMap<(*const Condition, Vec<Option<bool>>), Set>,
}

impl<'a> Sets<'a> {
    pub(super) fn new() -> Self {
        Self { known: HashMap::new(), sets: HashMap::new() }
    }

    fn written(
        &mut self,
        space: &mut Space<'a>,
        side: &Side<'a>,
        offer: &Offer<'a>,
        condition: &'a Condition,
    ) -> Result<Set, Unsure> {
        let key = std::ptr::from_ref(condition);
        let tests = self.known.entry(key).or_insert_with(|| {
            let mut tests = Vec::new();
            condition.tests(&mut |test, _| {
                if !is_open(test) {
                    tests.push(test);
                }
            });
            tests
        });
        let vocabulary = side.engine.vocabulary();
        let answers: Vec<Option<bool>> =
            tests.iter().map(|test| policy::answer(vocabulary, offer, test)).collect();
        if answers.contains(&None) {
            return Err(Unsure::Invalid);
        }
        if let Some(known) = self.sets.get(&(key, answers.clone())) {
            return Ok(*known);
        }
        let left = policy::given(condition, &|test| policy::answer(vocabulary, offer, test));
        let set = space.set_of(vocabulary, &left)?;
        self.sets.insert((key, answers), set);
        Ok(set)
    }

    /// The requests for whom an exception waives a line.
    fn waived(space: &mut Space<'a>, side: &Side<'a>, waiver: &Waiver<'a>) -> Result<Set, Unsure> {
        let vocabulary = side.engine.vocabulary();
        let (named, except) = waiver.conditions();
        let mut set = match named {
            Some(named) => space.set_of(vocabulary, &named)?,
            None => Set::EVERYTHING,
        };
        for condition in &except {
            let except = space.set_of(vocabulary, condition)?;
            set = space.minus(set, except)?;
        }
        Ok(set)
    }

    /// The elements of one side. A line that is waived for some applies to the others; access that a waiver
    /// makes possible ends with it.
    pub(super) fn elements(
        &mut self,
        space: &mut Space<'a>,
        parts: &mut Parts,
        side: (usize, &Side<'a>),
        offer: Option<&Offer<'a>>,
        lines: &Lines<'a>,
    ) -> Result<Elements, Unsure> {
        let (number, side) = side;
        let mut elements = Elements::default();
        for (place, line) in lines.all.iter().enumerate() {
            let rule = parts.rules.number(&line.rule)?;
            let into = if place < lines.unordered { &mut elements.unordered } else { &mut elements.ordered };
            let mut set = match (&line.when, offer) {
                (When::Always, _) => Set::EVERYTHING,
                (When::Made(condition), _) => space.set_of(side.engine.vocabulary(), condition)?,
                (When::Holds(condition), Some(offer)) => self.written(space, side, offer, condition)?,
                (When::Holds(_), None) => return Err(Unsure::Invalid),
            };
            // The exception that lasts longest waives it.
            let mut waivers: Vec<&Waiver<'a>> = line.waivers.iter().collect();
            waivers.sort_by_key(|waiver| std::cmp::Reverse(waiver.until));
            for waiver in waivers {
                let waived = Self::waived(space, side, waiver)?;
                let waived = space.and(set, waived)?;
                set = space.minus(set, waived)?;
                let mut effect = Effect::of(Ruling::Nothing);
                effect.until = Some(waiver.until);
                let effect = (parts.effect(&effect)?, &effect);
                into.push(element(number, rule, waived, effect));
            }
            let effect = (parts.shared(&line.effect)?, &*line.effect);
            into.push(element(number, rule, set, effect));
        }
        Ok(elements)
    }
}

fn element(side: usize, rule: u32, set: Set, (number, effect): (u32, &Effect)) -> Element {
    let mut rules = [None, None];
    if let Some(slot) = rules.get_mut(side) {
        *slot = Some(rule);
    }
    Element {
        set,
        kind: if effect.ruling == Ruling::Nothing { Kind::Adds } else { Kind::Decides },
        effect: number,
        rules,
        denies: effect.ruling == Ruling::Deny,
    }
}

/// Both sides as one list, in which what both have stands once.
pub(super) fn merge(space: &mut Space<'_>, old: Elements, new: Elements) -> Result<Vec<Element>, Unsure> {
    let mut merged = unordered(old.unordered, new.unordered);
    merged.extend(ordered(&old.ordered, &new.ordered));
    clip(space, merged)
}

fn key(element: &Element) -> (Set, Kind, u32) {
    (element.set, element.kind, element.effect)
}

fn common(old: &Element, new: &Element) -> Element {
    let mut both = *old;
    if let (Some(slot), Some(rule)) = (both.rules.get_mut(NEW), new.rules.get(NEW)) {
        *slot = *rule;
    }
    both
}

fn unordered(old: Vec<Element>, mut new: Vec<Element>) -> Vec<Element> {
    let mut merged = Vec::with_capacity(old.len());
    for element in old {
        match new.iter().position(|other| key(other) == key(&element)) {
            Some(place) => merged.push(common(&element, &new.swap_remove(place))),
            None => merged.push(element),
        }
    }
    merged.append(&mut new);
    merged
}

fn ordered(old: &[Element], new: &[Element]) -> Vec<Element> {
    let keys = |elements: &[Element]| elements.iter().map(key).collect::<Vec<_>>();
    let mut merged = Vec::with_capacity(old.len());
    for step in capture_diff_slices(Algorithm::Myers, &keys(old), &keys(new)) {
        let (_, of_old, of_new) = step.as_tag_tuple();
        let (of_old, of_new) = (old.get(of_old).unwrap_or_default(), new.get(of_new).unwrap_or_default());
        if let DiffOp::Equal { .. } = step {
            merged.extend(of_old.iter().zip(of_new).map(|(old, new)| common(old, new)));
        } else {
            merged.extend(of_old.iter().chain(of_new));
        }
    }
    merged
}

/// Leaves out what both have and what has nothing to do with what only one has.
fn clip(space: &mut Space<'_>, elements: Vec<Element>) -> Result<Vec<Element>, Unsure> {
    let mut differs = Set::NOTHING;
    for element in elements.iter().filter(|element| element.rules.contains(&None)) {
        differs = space.or(differs, element.set)?;
        if differs.is_everything() {
            break;
        }
    }
    let mut kept = Vec::new();
    for mut element in elements {
        let shared = space.and(element.set, differs)?;
        if shared.is_empty() {
            continue;
        }
        if shared == differs && !element.rules.contains(&None) {
            // It holds wherever something differs.
            element.set = Set::EVERYTHING;
        }
        kept.push(element);
    }
    together(space, kept)
}

/// What both have before the first line that only one has decides alike: all of it is one set of requests that are
/// left out, unless something is added to what is decided.
fn together(space: &mut Space<'_>, mut elements: Vec<Element>) -> Result<Vec<Element>, Unsure> {
    let is_common = |element: &Element| !element.rules.contains(&None);
    if elements.iter().any(|element| element.kind == Kind::Adds && !is_common(element)) {
        return Ok(elements);
    }
    let first = elements.iter().position(|element| !is_common(element)).unwrap_or(elements.len());
    let mut before: Vec<Element> = elements.drain(..first).collect();
    let mut guards: Vec<Set> =
        before.extract_if(.., |element| element.kind == Kind::Decides).map(|guard| guard.set).collect();
    // Two at a time, so that none of them grows before it has to.
    while guards.len() > 1 {
        let mut joined = Vec::with_capacity(guards.len().div_ceil(2));
        for pair in guards.chunks(2) {
            joined.push(match pair {
                [one, other] => space.or(*one, *other)?,
                [one] => *one,
                _ => continue,
            });
        }
        guards = joined;
    }
    let guard =
        |set| Element { set, kind: Kind::Guards, effect: 0, rules: [Some(0), Some(0)], denies: false };
    before.extend(guards.into_iter().map(guard));
    before.append(&mut elements);
    Ok(before)
}
