//! Two lists of lines, read side by side: the exact set of requests for which they come to something else.
//!
//! The lists are walked down together, bit by bit of the attributes, and each branch is left as soon as what is
//! left of both lists is the same. So the work follows what differs, not how long the lists are.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hash, Hasher},
    iter::Peekable,
    rc::Rc,
    slice,
};

use super::numbers::Numbers;
use crate::decide::{
    hashing::Short,
    space::{Set, Space, Unsure},
};

/// The old rulebook, as an index of pairs.
pub(super) const OLD: usize = 0;
/// The new one.
pub(super) const NEW: usize = 1;
/// How many steps are taken at most, for all lists together, to leave lines out that do not matter.
const MOST_STEPS: usize = 20_000_000;

/// What happens to a request in the set of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// Its effect is added, and the next element is read.
    Adds,
    /// It decides.
    Decides,
    /// It decides alike on both sides, so that it only matters for whom.
    Guards,
}

/// A line of one list, or one that both have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Element {
    pub(super) set: Set,
    pub(super) kind: Kind,
    /// What it does. Elements that do the same on both sides have the same number.
    pub(super) effect: u32,
    /// The number of its rule in the old and in the new list; none where it does not stand there.
    pub(super) rules: [Option<u32>; 2],
    /// Whether its effect denies.
    pub(super) denies: bool,
}

impl Element {
    const fn is_common(&self) -> bool {
        let [old, new] = self.rules;
        old.is_some() && new.is_some()
    }
}

/// How a request is decided by both lists, where that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Change {
    /// What it comes to before and after, as numbers given by [`Compare`].
    pub(super) outcomes: [u32; 2],
    /// The rules that decide.
    pub(super) decides: [Option<u32>; 2],
    /// The rules that add something that the other list does not.
    pub(super) adds: [Vec<u32>; 2],
}

/// Tells what effects come to together.
pub(super) trait Compare {
    /// The outcome of these effects, the one that decides last. Equal outcomes have the same number.
    ///
    /// # Errors
    /// When there are more outcomes than can be counted.
    fn outcome(&mut self, effects: &[u32]) -> Result<u32, Unsure>;
}

/// What an element does, whomever it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Part {
    kind: Kind,
    effect: u32,
    rules: [Option<u32>; 2],
    denies: bool,
}

/// A set, and the number of what happens to the requests in it. There are many states, and each holds many of these.
type Piece = (Set, u32);

/// What is left of both lists in a part of the space.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct State {
    elements: Vec<Piece>,
    /// The effects that are added already on each side, with their lines, in order.
    added: [Vec<(u32, u32)>; 2],
}

/// A state that was looked at, with its hash: lists are long, and a table that grows hashes all of its keys again.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    hash: u64,
    state: State,
}

impl Seen {
    fn new(state: State) -> Self {
        let mut hasher = Short::default();
        for (set, part) in &state.elements {
            hasher.write_u64(u64::from(set.number()) << 32 | u64::from(*part));
        }
        for added in &state.added {
            added.hash(&mut hasher);
        }
        Self { hash: hasher.finish(), state }
    }
}

impl Hash for Seen {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.hash);
    }
}

/// The changes in a part of the space, by their numbers, in order.
type Changes = Rc<[(u32, Set)]>;

/// Compares two lists.
pub(super) struct Kernel<'s, 'a, C> {
    space: &'s mut Space<'a>,
    compare: C,
    known: &'s mut Known,
    /// How many states may still be looked at.
    budget: usize,
}

/// What was found out about states of a space, for all lists that are compared in it.
#[derive(Debug)]
pub(super) struct Known {
    parts: Numbers<Part>,
    changes: Numbers<Change>,
    states: HashMap<Seen, Changes, BuildHasherDefault<Short>>,
    /// How many steps may still be taken to leave lines out that do not matter.
    steps: usize,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            parts: Numbers::default(),
            changes: Numbers::default(),
            states: HashMap::default(),
            steps: MOST_STEPS,
        }
    }
}

impl Known {
    fn piece(&mut self, element: &Element) -> Result<Piece, Unsure> {
        let Element { set, kind, effect, rules, denies } = *element;
        Ok((set, self.parts.number(&Part { kind, effect, rules, denies })?))
    }

    fn element(&self, (set, part): Piece) -> Option<Element> {
        let Part { kind, effect, rules, denies } = *self.parts.get(part)?;
        Some(Element { set, kind, effect, rules, denies })
    }
}

impl<'s, 'a, C: Compare> Kernel<'s, 'a, C> {
    pub(super) fn new(space: &'s mut Space<'a>, compare: C, known: &'s mut Known, budget: usize) -> Self {
        Self { space, compare, known, budget }
    }

    /// The requests that are decided otherwise, by how; every request is in at most one of the sets.
    ///
    /// # Errors
    /// When it is too complicated: nothing is said about what was not looked at.
    pub(super) fn changes(&mut self, elements: &[Element]) -> Result<Vec<(Change, Set)>, Unsure> {
        let elements: Result<_, _> =
            self.differing(elements)?.into_iter().map(|element| self.known.piece(element)).collect();
        let found = self.expand(State { elements: elements?, added: Default::default() })?;
        let named = found.iter().map(|(change, set)| Some((self.known.changes.get(*change)?.clone(), *set)));
        named.collect::<Option<_>>().ok_or(Unsure::Budget)
    }

    /// Leaves out the lines of both lists that hold for nobody for whom a line of only one does: for others the lists are
    /// the same, whatever stands in them.
    fn differing<'e>(&mut self, elements: &'e [Element]) -> Result<Vec<&'e Element>, Unsure> {
        let mut differing = Set::NOTHING;
        for element in elements.iter().filter(|element| !element.is_common()) {
            differing = self.space.or(differing, element.set)?;
        }
        // What cannot be left out in time is read: that is only more work.
        let mut matters = |element: &Element| {
            !element.is_common()
                || self.space.overlap(element.set, differing, &mut self.known.steps).unwrap_or(true)
        };
        Ok(elements.iter().filter(|element| matters(element)).collect())
    }

    /// How many states may still be looked at.
    pub(super) const fn left(&self) -> usize {
        self.budget
    }

    fn expand(&mut self, state: State) -> Result<Changes, Unsure> {
        let state = match self.reduce(state)? {
            Reduced::Same => return Ok(Rc::new([])),
            Reduced::Decided(change) => {
                let change = self.known.changes.number(&change)?;
                return Ok(Rc::new([(change, Set::EVERYTHING)]));
            }
            Reduced::Open(state) => Seen::new(state),
        };
        if let Some(known) = self.known.states.get(&state) {
            return Ok(Rc::clone(known));
        }
        let of = &state.state;
        self.budget = self.budget.checked_sub(1).ok_or(Unsure::Budget)?;
        let level = of.elements.iter().filter_map(|(set, _)| self.space.top(*set)).min();
        // Only elements that hold for everything are left; then it would have been decided.
        let Some(level) = level else { return Err(Unsure::Budget) };
        let half = |which: usize| {
            let left =
                |(set, part): &Piece| Some((self.space.halves(*set, level).get(which).copied()?, *part));
            let mut elements = Vec::with_capacity(of.elements.len());
            elements.extend(of.elements.iter().filter_map(left).filter(|(set, _)| !set.is_empty()));
            State { elements, added: of.added.clone() }
        };
        let (low, high) = (half(0), half(1));
        let (low, high) = (self.expand(low)?, self.expand(high)?);
        let joined = self.join(level, &low, &high)?;
        self.known.states.insert(state, Rc::clone(&joined));
        Ok(joined)
    }

    /// What changes in both halves, put together.
    fn join(&mut self, level: u32, low: &Changes, high: &Changes) -> Result<Changes, Unsure> {
        let mut joined = Vec::with_capacity(low.len().max(high.len()));
        let (mut low, mut high) = (low.iter().peekable(), high.iter().peekable());
        loop {
            let next = match (low.peek(), high.peek()) {
                (Some((one, _)), Some((other, _))) => *one.min(other),
                (Some((one, _)), None) | (None, Some((one, _))) => *one,
                (None, None) => break,
            };
            let half = |of: &mut Peekable<slice::Iter<'_, (u32, Set)>>| {
                of.next_if(|(change, _)| *change == next).map_or(Set::NOTHING, |(_, set)| *set)
            };
            let halves = [half(&mut low), half(&mut high)];
            joined.push((next, self.space.join(level, halves)?));
        }
        Ok(joined.into())
    }

    /// Leaves out what cannot matter any more.
    fn reduce(&mut self, state: State) -> Result<Reduced, Unsure> {
        let State { elements, mut added } = state;
        // What is left, each with the number of what it does while that is as it was.
        let mut left: Vec<(Element, Option<u32>)> = Vec::with_capacity(elements.len());
        // Which lists have come to an element that certainly decides.
        let mut closed = [false, false];
        // Where an element stands before that may decide, so that what comes after it may not be read.
        let mut open = [false, false];
        for piece in elements {
            let mut element = self.known.element(piece).ok_or(Unsure::Budget)?;
            if element.set.is_empty() {
                continue;
            }
            let rules = element.rules;
            for side in [OLD, NEW] {
                if is(closed, side)
                    && let Some(line) = element.rules.get_mut(side)
                {
                    *line = None;
                }
            }
            if element.rules == [None, None] {
                continue;
            }
            if element.set.is_everything() {
                match element.kind {
                    Kind::Adds => {
                        for (side, slot) in element.rules.iter_mut().enumerate() {
                            if !is(open, side)
                                && let Some(line) = slot.take()
                                && let Some(added) = added.get_mut(side)
                            {
                                added.push((element.effect, line));
                            }
                        }
                        if element.rules == [None, None] {
                            continue;
                        }
                    }
                    Kind::Decides | Kind::Guards => {
                        for (side, line) in element.rules.iter().enumerate() {
                            if line.is_some()
                                && let Some(closed) = closed.get_mut(side)
                            {
                                *closed = true;
                            }
                        }
                    }
                }
            }
            // What is denied has nothing added, and guards only say that nothing differs.
            if element.kind == Kind::Decides && !element.denies && !element.set.is_everything() {
                for (open, line) in open.iter_mut().zip(&element.rules) {
                    *open |= line.is_some();
                }
            }
            left.push((element, (element.rules == rules).then_some(piece.1)));
            if closed == [true, true] {
                break;
            }
        }
        for added in &mut added {
            added.sort_unstable();
            added.dedup_by_key(|(effect, _)| *effect);
        }
        self.judge(left, added)
    }

    fn judge(
        &mut self,
        mut left: Vec<(Element, Option<u32>)>,
        added: [Vec<(u32, u32)>; 2],
    ) -> Result<Reduced, Unsure> {
        let [old, new] = &added;
        let even = old.len() == new.len() && old.iter().zip(new).all(|(one, other)| one.0 == other.0);
        let each = |left: &[(Element, Option<u32>)], holds: &dyn Fn(&Element) -> bool| {
            left.iter().all(|(element, _)| holds(element))
        };
        if each(&left, &|element| element.kind == Kind::Adds || element.denies) {
            return Ok(Reduced::Same);
        }
        if even && each(&left, &Element::is_common) {
            return Ok(Reduced::Same);
        }
        if even && each(&left, &|element| element.kind != Kind::Adds || element.is_common()) {
            guard(&mut left);
        }
        if !each(&left, &|element| element.set.is_everything()) {
            let mut elements = Vec::with_capacity(left.len());
            for (element, part) in &left {
                elements.push(match part {
                    Some(part) => (element.set, *part),
                    None => self.known.piece(element)?,
                });
            }
            return Ok(Reduced::Open(State { elements, added }));
        }
        let elements: Vec<Element> = left.into_iter().map(|(element, _)| element).collect();
        if elements.iter().any(|element| element.kind == Kind::Guards) {
            return Ok(Reduced::Same);
        }
        self.decided(&elements, &added)
    }

    /// Every request that is left is decided alike.
    fn decided(&mut self, elements: &[Element], added: &[Vec<(u32, u32)>; 2]) -> Result<Reduced, Unsure> {
        let mut change = Change { outcomes: [0, 0], decides: [None, None], adds: [Vec::new(), Vec::new()] };
        for side in [OLD, NEW] {
            let decides =
                elements.iter().find_map(|element| Some((element.effect, (*element.rules.get(side)?)?)));
            let empty = Vec::new();
            let own = added.get(side).unwrap_or(&empty);
            let other = added.get(1 - side).unwrap_or(&empty);
            let effects: Vec<u32> = own.iter().chain(&decides).map(|(effect, _)| *effect).collect();
            let outcome = self.compare.outcome(&effects)?;
            let only_here = |one: &&(u32, u32)| !other.iter().any(|known| known.0 == one.0);
            let adds: Vec<u32> = own.iter().filter(only_here).map(|(_, line)| *line).collect();
            if let (Some(outcomes), Some(slot), Some(own)) =
                (change.outcomes.get_mut(side), change.decides.get_mut(side), change.adds.get_mut(side))
            {
                *outcomes = outcome;
                *slot = decides.map(|(_, line)| line);
                *own = adds;
            }
        }
        let [before, after] = change.outcomes;
        Ok(if before == after { Reduced::Same } else { Reduced::Decided(change) })
    }
}

enum Reduced {
    /// Both lists come to the same.
    Same,
    /// Every request is decided in one way.
    Decided(Change),
    /// It depends.
    Open(State),
}

/// What both lists have before the first line that only one has decides alike; whom it is about is all that
/// matters, in whatever order.
fn guard(elements: &mut Vec<(Element, Option<u32>)>) {
    let first = elements.iter().position(|(element, _)| !element.is_common()).unwrap_or(elements.len());
    let mut guards: Vec<_> = elements.drain(..first).collect();
    let mut kept: Vec<_> = guards.extract_if(.., |(element, _)| element.kind == Kind::Adds).collect();
    for (element, part) in guards.iter_mut().filter(|(element, _)| element.kind != Kind::Guards) {
        let set = element.set;
        *element = Element { set, kind: Kind::Guards, effect: 0, rules: [Some(0), Some(0)], denies: false };
        *part = None;
    }
    guards.sort_unstable_by_key(|(element, _)| element.set);
    guards.dedup_by_key(|(element, _)| element.set);
    kept.extend(guards);
    elements.splice(..0, kept);
}

fn is(flags: [bool; 2], side: usize) -> bool {
    flags.get(side).copied().unwrap_or_default()
}
