//! Two lists of lines, read side by side: the exact set of requests for which they come to something else.
//!
//! The lists are walked down together, bit by bit of the attributes, and each branch is left as soon as what is
//! left of both lists is the same. So the work follows what differs, not how long the lists are.

use std::{collections::HashMap, rc::Rc};

use crate::decide::space::{Set, Space, Unsure};

/// The old rulebook, as an index of pairs.
pub(super) const OLD: usize = 0;
/// The new one.
pub(super) const NEW: usize = 1;

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
    /// The place of the line in the old and in the new list; none where it does not stand there.
    pub(super) lines: [Option<u32>; 2],
    /// Whether its effect denies.
    pub(super) denies: bool,
}

impl Element {
    const fn is_common(&self) -> bool {
        let [old, new] = self.lines;
        old.is_some() && new.is_some()
    }
}

/// How a request is decided by both lists, where that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Change {
    /// What it comes to before and after, as numbers given by [`Compare`].
    pub(super) outcomes: [u32; 2],
    /// The lines that decide.
    pub(super) decides: [Option<u32>; 2],
    /// The lines that add something that the other list does not.
    pub(super) adds: [Vec<u32>; 2],
}

/// Tells what effects come to together.
pub(super) trait Compare {
    /// The outcome of these effects, the one that decides last. Equal outcomes have the same number.
    fn outcome(&mut self, effects: &[u32]) -> u32;
}

/// What is left of both lists in a part of the space.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct State {
    elements: Vec<Element>,
    /// The effects that are added already on each side, with their lines, in order.
    added: [Vec<(u32, u32)>; 2],
}

/// The changes in a part of the space.
type Changes = Rc<[(Change, Set)]>;

/// Compares two lists.
pub(super) struct Kernel<'s, 'a, C> {
    space: &'s mut Space<'a>,
    compare: C,
    known: HashMap<State, Changes>,
    /// How many states may still be looked at.
    budget: usize,
}

impl<'s, 'a, C: Compare> Kernel<'s, 'a, C> {
    pub(super) fn new(space: &'s mut Space<'a>, compare: C, budget: usize) -> Self {
        Self { space, compare, known: HashMap::new(), budget }
    }

    /// The requests that are decided otherwise, by how; every request is in at most one of the sets.
    ///
    /// # Errors
    /// When it is too complicated: nothing is said about what was not looked at.
    pub(super) fn changes(&mut self, elements: Vec<Element>) -> Result<Changes, Unsure> {
        self.expand(State { elements, added: Default::default() })
    }

    /// How many states may still be looked at.
    pub(super) const fn left(&self) -> usize {
        self.budget
    }

    fn expand(&mut self, state: State) -> Result<Changes, Unsure> {
        let state = match self.reduce(state) {
            Reduced::Same => return Ok(Rc::new([])),
            Reduced::Decided(change) => return Ok(Rc::new([(change, Set::EVERYTHING)])),
            Reduced::Open(state) => state,
        };
        if let Some(known) = self.known.get(&state) {
            return Ok(Rc::clone(known));
        }
        self.budget = self.budget.checked_sub(1).ok_or(Unsure::Budget)?;
        let level = state.elements.iter().filter_map(|element| self.space.top(element.set)).min();
        // Only elements that hold for everything are left; then it would have been decided.
        let Some(level) = level else { return Err(Unsure::Budget) };
        let (mut low, mut high) = (state.clone(), state.clone());
        for (place, element) in state.elements.iter().enumerate() {
            let [without, with] = self.space.halves(element.set, level);
            if let (Some(low), Some(high)) = (low.elements.get_mut(place), high.elements.get_mut(place)) {
                low.set = without;
                high.set = with;
            }
        }
        let (low, high) = (self.expand(low)?, self.expand(high)?);
        let joined = self.join(level, &low, &high)?;
        self.known.insert(state, Rc::clone(&joined));
        Ok(joined)
    }

    fn join(&mut self, level: u32, low: &Changes, high: &Changes) -> Result<Changes, Unsure> {
        let mut joined = Vec::with_capacity(low.len().max(high.len()));
        for (change, set) in low.iter() {
            let other = high.iter().find(|(known, _)| known == change).map_or(Set::NOTHING, |(_, set)| *set);
            joined.push((change.clone(), self.space.join(level, [*set, other])?));
        }
        for (change, set) in high.iter() {
            if !low.iter().any(|(known, _)| known == change) {
                joined.push((change.clone(), self.space.join(level, [Set::NOTHING, *set])?));
            }
        }
        Ok(joined.into())
    }

    /// Leaves out what cannot matter any more.
    fn reduce(&mut self, state: State) -> Reduced {
        let State { elements, mut added } = state;
        let mut left: Vec<Element> = Vec::with_capacity(elements.len());
        // Which lists have come to an element that certainly decides.
        let mut closed = [false, false];
        // Where an element stands before that may decide, so that what comes after it may not be read.
        let mut open = [false, false];
        for mut element in elements {
            if element.set.is_empty() {
                continue;
            }
            for side in [OLD, NEW] {
                if is(closed, side)
                    && let Some(line) = element.lines.get_mut(side)
                {
                    *line = None;
                }
            }
            if element.lines == [None, None] {
                continue;
            }
            if element.set.is_everything() {
                match element.kind {
                    Kind::Adds => {
                        for (side, slot) in element.lines.iter_mut().enumerate() {
                            if !is(open, side)
                                && let Some(line) = slot.take()
                                && let Some(added) = added.get_mut(side)
                            {
                                added.push((element.effect, line));
                            }
                        }
                        if element.lines == [None, None] {
                            continue;
                        }
                    }
                    Kind::Decides | Kind::Guards => {
                        for (side, line) in element.lines.iter().enumerate() {
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
                for (open, line) in open.iter_mut().zip(&element.lines) {
                    *open |= line.is_some();
                }
            }
            left.push(element);
            if closed == [true, true] {
                break;
            }
        }
        for added in &mut added {
            added.sort_unstable();
            added.dedup_by_key(|(effect, _)| *effect);
        }
        self.judge(State { elements: left, added })
    }

    fn judge(&mut self, mut state: State) -> Reduced {
        let [old, new] = &state.added;
        let even = old.len() == new.len() && old.iter().zip(new).all(|(one, other)| one.0 == other.0);
        let decides = |element: &&Element| element.kind != Kind::Adds;
        if state.elements.iter().filter(decides).all(|element| element.denies) {
            return Reduced::Same;
        }
        if even && state.elements.iter().all(Element::is_common) {
            return Reduced::Same;
        }
        if even && state.elements.iter().all(|element| element.kind != Kind::Adds || element.is_common()) {
            guard(&mut state.elements);
        }
        let all_decided = state.elements.iter().all(|element| element.set.is_everything());
        if !all_decided {
            return Reduced::Open(state);
        }
        if state.elements.iter().any(|element| element.kind == Kind::Guards) {
            return Reduced::Same;
        }
        self.decided(&state)
    }

    /// Every request that is left is decided alike.
    fn decided(&mut self, state: &State) -> Reduced {
        let mut change = Change { outcomes: [0, 0], decides: [None, None], adds: [Vec::new(), Vec::new()] };
        for side in [OLD, NEW] {
            let decides = state
                .elements
                .iter()
                .find_map(|element| Some((element.effect, (*element.lines.get(side)?)?)));
            let empty = Vec::new();
            let added = state.added.get(side).unwrap_or(&empty);
            let other = state.added.get(1 - side).unwrap_or(&empty);
            let effects: Vec<u32> = added.iter().chain(&decides).map(|(effect, _)| *effect).collect();
            let outcome = self.compare.outcome(&effects);
            let only_here = |one: &&(u32, u32)| !other.iter().any(|known| known.0 == one.0);
            let adds: Vec<u32> = added.iter().filter(only_here).map(|(_, line)| *line).collect();
            if let (Some(outcomes), Some(slot), Some(own)) =
                (change.outcomes.get_mut(side), change.decides.get_mut(side), change.adds.get_mut(side))
            {
                *outcomes = outcome;
                *slot = decides.map(|(_, line)| line);
                *own = adds;
            }
        }
        let [before, after] = change.outcomes;
        if before == after { Reduced::Same } else { Reduced::Decided(change) }
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
fn guard(elements: &mut Vec<Element>) {
    let first = elements.iter().position(|element| !element.is_common()).unwrap_or(elements.len());
    let mut guards: Vec<Element> = elements.drain(..first).collect();
    let mut kept: Vec<Element> = guards.extract_if(.., |element| element.kind == Kind::Adds).collect();
    for guard in &mut guards {
        *guard = Element {
            set: guard.set,
            kind: Kind::Guards,
            effect: 0,
            lines: [Some(0), Some(0)],
            denies: false,
        };
    }
    guards.sort_unstable();
    guards.dedup();
    kept.extend(guards);
    elements.splice(..0, kept);
}

fn is(flags: [bool; 2], side: usize) -> bool {
    flags.get(side).copied().unwrap_or_default()
}
