//! Decision diagrams over variables with some classes each.
//!
//! The class of a variable is asked for bit by bit, the highest first, so that every node has two children,
//! however many classes there are: of a thousand ids a rule names one or two, and a node for all thousand would
//! be copied for each rule. Numbers beyond the last class stand for the last class. Below a node stand only
//! later bits, and no node has both children alike. Equal sets are therefore the same node.

mod exact;
mod questions;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
};

use super::Unsure;

/// The most bits of all variables together: the depth of a diagram, and of the recursion over it.
const MAX_BITS: usize = 4_000;

/// A set of elements of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set(u32);

impl Set {
    /// The empty set.
    pub const NOTHING: Self = Self(0);
    /// The set of everything.
    pub const EVERYTHING: Self = Self(1);

    /// Its number. Equal sets of one space have the same.
    pub(crate) const fn number(self) -> u32 {
        self.0
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::NOTHING
    }

    /// Whether everything is in it.
    #[must_use]
    pub fn is_everything(self) -> bool {
        self == Self::EVERYTHING
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Node {
    /// The place of its bit among those of all variables.
    level: u32,
    /// What is left when the bit is not set, and when it is.
    children: [Set; 2],
}

/// A bit of the number of a class.
#[derive(Debug, Clone, Copy)]
struct Bit {
    variable: u32,
    /// How far the bit is shifted.
    shift: u32,
}

/// A variable and its bits.
#[derive(Debug, Clone, Copy)]
struct Variable {
    /// How many classes it has.
    width: usize,
    /// The level of its highest bit.
    first: u32,
    bits: u32,
}

/// The keys are numbers that are given one after the other, so spreading them is enough.
#[derive(Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }
    fn write_u32(&mut self, number: u32) {
        let mixed = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }
}

type Table<K> = HashMap<K, Set, BuildHasherDefault<Spread>>;
type Members<K> = HashSet<K, BuildHasherDefault<Spread>>;

/// The nodes of a space.
#[derive(Debug)]
pub(super) struct Diagram {
    variables: Vec<Variable>,
    bits: Vec<Bit>,
    /// The nodes from number 2 on.
    nodes: Vec<Node>,
    known: Table<Node>,
    both: Table<(Set, Set)>,
    opposite: Table<Set>,
    budget: usize,
}

impl Diagram {
    /// A diagram over variables that have so many classes each.
    ///
    /// # Errors
    /// When all of them together are too many.
    pub(super) fn new(widths: impl Iterator<Item = usize>, budget: usize) -> Result<Self, Unsure> {
        let mut variables = Vec::new();
        let mut bits = Vec::new();
        for (number, width) in (0..).zip(widths) {
            let first = u32::try_from(bits.len()).map_err(|_| Unsure::Budget)?;
            let count = width.saturating_sub(1).checked_ilog2().map_or(0, |highest| highest + 1);
            bits.extend((0..count).rev().map(|shift| Bit { variable: number, shift }));
            variables.push(Variable { width, first, bits: count });
        }
        if bits.len() > MAX_BITS {
            return Err(Unsure::Budget);
        }
        Ok(Self {
            variables,
            bits,
            nodes: Vec::new(),
            known: Table::default(),
            both: Table::default(),
            opposite: Table::default(),
            budget,
        })
    }

    /// The set in which a variable has one of the accepted classes.
    pub(super) fn choose(&mut self, variable: usize, accepted: &[bool]) -> Result<Set, Unsure> {
        let variable = *self.variables.get(variable).ok_or(Unsure::Budget)?;
        let Some(first) = accepted.first() else { return Ok(Set::NOTHING) };
        debug_assert_eq!(accepted.len(), variable.width, "each class is accepted or not");
        // The classes before which it changes whether they are accepted.
        let pairs = accepted.iter().zip(accepted.iter().skip(1)).zip(1..);
        let changes: Vec<usize> = pairs.filter(|((one, next), _)| one != next).map(|(_, at)| at).collect();
        self.classes(variable.first, 0, variable.bits, *first, &changes)
    }

    /// The set for the classes from `start` on that the bits from `level` on tell apart, of which there are
    /// `bits` more. `value` is that of the first of them, and it changes before each of `changes`, which lie
    /// after it.
    fn classes(
        &mut self,
        level: u32,
        start: usize,
        bits: u32,
        value: bool,
        changes: &[usize],
    ) -> Result<Set, Unsure> {
        if changes.is_empty() {
            return Ok(if value { Set::EVERYTHING } else { Set::NOTHING });
        }
        let Some(rest) = bits.checked_sub(1) else { return Err(Unsure::Budget) };
        let middle = start + (1_usize << rest);
        let below = changes.partition_point(|change| *change < middle);
        let upto = changes.partition_point(|change| *change <= middle);
        let low = self.classes(level + 1, start, rest, value, changes.get(..below).unwrap_or_default())?;
        let there = value ^ (upto % 2 == 1);
        let high = self.classes(level + 1, middle, rest, there, changes.get(upto..).unwrap_or_default())?;
        self.node(level, [low, high])
    }

    /// The node of a bit, with what is left when it is not set and when it is.
    pub(super) fn node(&mut self, level: u32, children: [Set; 2]) -> Result<Set, Unsure> {
        let [low, high] = children;
        if low == high {
            return Ok(low);
        }
        let node = Node { level, children };
        if let Some(known) = self.known.get(&node) {
            return Ok(*known);
        }
        if self.nodes.len() >= self.budget {
            return Err(Unsure::Budget);
        }
        let set = Set(u32::try_from(self.nodes.len() + 2).map_err(|_| Unsure::Budget)?);
        self.nodes.push(node);
        self.known.insert(node, set);
        Ok(set)
    }

    fn get(&self, set: Set) -> Option<Node> {
        self.nodes.get((set.0 as usize).checked_sub(2)?).copied()
    }

    pub(super) fn not(&mut self, set: Set) -> Result<Set, Unsure> {
        let Some(Node { level, children: [low, high] }) = self.get(set) else {
            return Ok(if set.is_empty() { Set::EVERYTHING } else { Set::NOTHING });
        };
        if let Some(known) = self.opposite.get(&set) {
            return Ok(*known);
        }
        let children = [self.not(low)?, self.not(high)?];
        let result = self.node(level, children)?;
        self.opposite.insert(set, result);
        self.opposite.insert(result, set);
        Ok(result)
    }

    pub(super) fn and(&mut self, one: Set, other: Set) -> Result<Set, Unsure> {
        if one.is_empty() || other.is_empty() {
            return Ok(Set::NOTHING);
        }
        if one == other || other.is_everything() {
            return Ok(one);
        }
        if one.is_everything() {
            return Ok(other);
        }
        let key = if one < other { (one, other) } else { (other, one) };
        if let Some(known) = self.both.get(&key) {
            return Ok(*known);
        }
        let (Some(left), Some(right)) = (self.get(one), self.get(other)) else {
            return Ok(Set::NOTHING);
        };
        let level = left.level.min(right.level);
        let of = |node: Node, set: Set| if node.level == level { node.children } else { [set, set] };
        let ([low, high], [other_low, other_high]) = (of(left, one), of(right, other));
        let children = [self.and(low, other_low)?, self.and(high, other_high)?];
        let result = self.node(level, children)?;
        // What is remembered counts as well: it is most of the memory, and each is one step of work.
        if self.both.len() >= self.budget.saturating_mul(4) {
            return Err(Unsure::Budget);
        }
        self.both.insert(key, result);
        Ok(result)
    }

    pub(super) fn top(&self, set: Set) -> Option<u32> {
        self.get(set).map(|node| node.level)
    }

    /// What is left of a set when a bit that is not below its first one is not set, and when it is.
    pub(super) fn halves(&self, set: Set, level: u32) -> [Set; 2] {
        match self.get(set) {
            Some(node) if node.level == level => node.children,
            _ => [set, set],
        }
    }

    /// The bit of a variable's class, where the class is known.
    fn known_bit(&self, level: u32, known: &[Option<u32>]) -> Option<bool> {
        let bit = self.bits.get(level as usize)?;
        let class = (*known.get(bit.variable as usize)?)?;
        Some(class >> bit.shift & 1 == 1)
    }

    pub(super) fn matters(&self, set: Set) -> Vec<usize> {
        let mut found = BTreeSet::new();
        let (mut seen, mut open) = (Members::default(), vec![set]);
        while let Some(at) = open.pop() {
            let Some(node) = self.get(at) else { continue };
            if seen.insert(at) {
                found.extend(self.bits.get(node.level as usize).map(|bit| bit.variable as usize));
                open.extend(node.children);
            }
        }
        found.into_iter().collect()
    }

    pub(super) fn given(&mut self, set: Set, known: &[Option<u32>]) -> Result<Set, Unsure> {
        self.given_with(set, known, &mut Table::default())
    }

    fn given_with(&mut self, set: Set, known: &[Option<u32>], done: &mut Table<Set>) -> Result<Set, Unsure> {
        let Some(Node { level, children: [low, high] }) = self.get(set) else { return Ok(set) };
        if let Some(done) = done.get(&set) {
            return Ok(*done);
        }
        let result = match self.known_bit(level, known) {
            Some(false) => self.given_with(low, known, done)?,
            Some(true) => self.given_with(high, known, done)?,
            None => {
                let halves = [self.given_with(low, known, done)?, self.given_with(high, known, done)?];
                self.node(level, halves)?
            }
        };
        done.insert(set, result);
        Ok(result)
    }

    pub(super) fn is_possible(&self, set: Set, known: &[Option<u32>]) -> bool {
        let (mut seen, mut open) = (Members::default(), vec![set]);
        while let Some(at) = open.pop() {
            let Some(Node { level, children: [low, high] }) = self.get(at) else {
                if at.is_everything() {
                    return true;
                }
                continue;
            };
            if !seen.insert(at) {
                continue;
            }
            match self.known_bit(level, known) {
                Some(false) => open.push(low),
                Some(true) => open.push(high),
                None => open.extend([low, high]),
            }
        }
        false
    }

    pub(super) fn holds(&self, set: Set, classes: &[u32]) -> bool {
        let mut at = set;
        while let Some(node) = self.get(at) {
            let set = self.bits.get(node.level as usize).is_some_and(|bit| {
                let class = classes.get(bit.variable as usize).copied().unwrap_or_default();
                class >> bit.shift & 1 == 1
            });
            let [low, high] = node.children;
            at = if set { high } else { low };
        }
        at.is_everything()
    }

    /// The choices that lead to an element of the set. The last class that does is taken: that is "any
    /// other" where there is one, so that the element does not fit special cases by accident.
    pub(super) fn path(&self, set: Set) -> Option<Vec<(u32, u32)>> {
        let mut at = set;
        let mut chosen: Vec<(u32, u32)> = Vec::new();
        while let Some(node) = self.get(at) {
            let bit = self.bits.get(node.level as usize)?;
            let [low, high] = node.children;
            if chosen.last().is_none_or(|(variable, _)| *variable != bit.variable) {
                chosen.push((bit.variable, u32::MAX));
            }
            at = high;
            if high.is_empty() {
                at = low;
                if let Some((_, class)) = chosen.last_mut() {
                    *class &= !(1 << bit.shift);
                }
            }
        }
        for (variable, class) in &mut chosen {
            // A bit that was not asked for could be either; it was taken as set.
            let variable = self.variables.get(*variable as usize)?;
            let numbers = 1_u32.checked_shl(variable.bits).map_or(u32::MAX, |count| count - 1);
            *class = (*class & numbers).min(u32::try_from(variable.width.saturating_sub(1)).ok()?);
        }
        at.is_everything().then_some(chosen)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// What can be said about variables, and the sets of it as diagrams and as tables of all elements.
    #[derive(Debug, Clone)]
    enum Term {
        Choose(usize, Vec<bool>),
        And(Box<Term>, Box<Term>),
        Not(Box<Term>),
    }

    fn term() -> impl Strategy<Value = Term> {
        let leaf = (0..3_usize, vec(any::<bool>(), 9))
            .prop_map(|(variable, accepted)| Term::Choose(variable, accepted));
        leaf.prop_recursive(6, 48, 2, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(one, other)| Term::And(one.into(), other.into())),
                inner.prop_map(|one| Term::Not(one.into())),
            ]
        })
    }

    fn elements(widths: &[usize]) -> Vec<Vec<u32>> {
        widths.iter().fold(vec![Vec::new()], |all, width| {
            let longer = |element: &Vec<u32>| {
                let element = element.clone();
                (0..u32::try_from(*width).unwrap()).map(move |class| [element.as_slice(), &[class]].concat())
            };
            all.iter().flat_map(longer).collect()
        })
    }

    fn build(term: &Term, widths: &[usize], diagram: &mut Diagram) -> Set {
        match term {
            Term::Choose(variable, accepted) => {
                diagram.choose(*variable, &accepted[..widths[*variable]]).unwrap()
            }
            Term::And(one, other) => {
                let (one, other) = (build(one, widths, diagram), build(other, widths, diagram));
                diagram.and(one, other).unwrap()
            }
            Term::Not(one) => {
                let one = build(one, widths, diagram);
                diagram.not(one).unwrap()
            }
        }
    }

    fn is_in(term: &Term, element: &[u32]) -> bool {
        match term {
            Term::Choose(variable, accepted) => accepted[element[*variable] as usize],
            Term::And(one, other) => is_in(one, element) && is_in(other, element),
            Term::Not(one) => !is_in(one, element),
        }
    }

    /// The path through a table of all elements: each variable on which it depends, with its last class.
    fn slow_path(term: &Term, widths: &[usize]) -> Option<Vec<(u32, u32)>> {
        let mut left: Vec<Vec<u32>> = elements(widths);
        let mut chosen = Vec::new();
        for (place, width) in widths.iter().enumerate() {
            let of_class = |class: u32| -> Vec<Vec<u32>> {
                left.iter().filter(|element| element[place] == class).cloned().collect()
            };
            let answers = |class: u32| of_class(class).iter().map(|one| is_in(term, one)).collect::<Vec<_>>();
            let classes = 0..u32::try_from(*width).unwrap();
            let depends = classes.clone().any(|class| answers(class) != answers(0));
            let last = classes.rev().find(|class| answers(*class).contains(&true))?;
            if depends {
                chosen.push((u32::try_from(place).unwrap(), last));
            }
            left = of_class(last);
        }
        Some(chosen)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn diagrams_are_the_tables_of_all_elements(
            widths in vec(1..=9_usize, 3),
            one in term(),
            other in term(),
        ) {
            let mut diagram = Diagram::new(widths.iter().copied(), 100_000).unwrap();
            let (set, second) = (build(&one, &widths, &mut diagram), build(&other, &widths, &mut diagram));
            let elements = elements(&widths);
            for element in &elements {
                prop_assert_eq!(diagram.holds(set, element), is_in(&one, element), "{:?}", element);
            }
            let same = elements.iter().all(|element| is_in(&one, element) == is_in(&other, element));
            prop_assert_eq!(set == second, same);
            let overlap = elements.iter().any(|element| is_in(&one, element) && is_in(&other, element));
            let (mut all, mut few) = (usize::MAX, 1);
            prop_assert_eq!(diagram.overlap(set, second, &mut all), Some(overlap));
            let found = diagram.overlap(set, second, &mut few);
            prop_assert!(found.is_none_or(|found| found == overlap));
            for (variable, width) in widths.iter().enumerate() {
                let has = |class: usize| {
                    let of_class = |element: &&Vec<u32>| element[variable] as usize == class;
                    elements.iter().filter(of_class).any(|element| is_in(&one, element))
                };
                let classes: Vec<bool> = (0..*width).map(has).collect();
                prop_assert_eq!(diagram.possible_classes(set, variable), classes);
            }
            prop_assert_eq!(diagram.path(set), slow_path(&one, &widths));
        }
    }

    #[test]
    fn a_thousand_single_classes_take_few_nodes() {
        let mut diagram = Diagram::new([1_000, 3].into_iter(), 20_000).unwrap();
        let mut left = Set::EVERYTHING;
        for class in 0..999 {
            let accepted: Vec<bool> = (0..1_000).map(|other| other == class).collect();
            let one = diagram.choose(0, &accepted).unwrap();
            let also = diagram.choose(1, &[true, false, class % 2 == 0]).unwrap();
            let rule = diagram.and(one, also).unwrap();
            let outside = diagram.not(rule).unwrap();
            left = diagram.and(left, outside).unwrap();
        }
        assert!(
            diagram.holds(left, &[3, 2]) && !diagram.holds(left, &[4, 2]) && diagram.holds(left, &[999, 0])
        );
    }

    #[test]
    fn what_is_too_deep_is_refused() {
        assert!(Diagram::new(std::iter::repeat_n(2, MAX_BITS), 10).is_ok());
        assert!(matches!(Diagram::new(std::iter::repeat_n(2, MAX_BITS + 1), 10), Err(Unsure::Budget)));
    }
}
