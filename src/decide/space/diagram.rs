//! Decision diagrams over variables with a few classes each.
//!
//! A node asks for the class of one variable; below it stand only later variables, and no node has all
//! children alike. Equal sets are therefore the same node.

use std::collections::HashMap;

use super::Unsure;

/// A set of elements of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set(u32);

impl Set {
    /// The empty set.
    pub const NOTHING: Self = Self(0);
    /// The set of everything.
    pub const EVERYTHING: Self = Self(1);

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

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Node {
    level: u32,
    children: Box<[Set]>,
}

/// The nodes of a space.
#[derive(Debug)]
pub(super) struct Diagram {
    /// The nodes from number 2 on.
    nodes: Vec<Node>,
    known: HashMap<Node, Set>,
    both: HashMap<(Set, Set), Set>,
    opposite: HashMap<Set, Set>,
    budget: usize,
}

impl Diagram {
    pub(super) fn new(budget: usize) -> Self {
        Self {
            nodes: Vec::new(),
            known: HashMap::new(),
            both: HashMap::new(),
            opposite: HashMap::new(),
            budget,
        }
    }

    /// The set in which a variable has one of the accepted classes.
    pub(super) fn choose(&mut self, level: u32, accepted: Vec<bool>) -> Result<Set, Unsure> {
        let end = |accepted| if accepted { Set::EVERYTHING } else { Set::NOTHING };
        self.node(level, accepted.into_iter().map(end).collect())
    }

    fn node(&mut self, level: u32, children: Box<[Set]>) -> Result<Set, Unsure> {
        let Some(first) = children.first().copied() else { return Ok(Set::NOTHING) };
        if children.iter().all(|child| *child == first) {
            return Ok(first);
        }
        let node = Node { level, children };
        if let Some(known) = self.known.get(&node) {
            return Ok(*known);
        }
        if self.nodes.len() >= self.budget {
            return Err(Unsure::Budget);
        }
        let set = Set(u32::try_from(self.nodes.len() + 2).map_err(|_| Unsure::Budget)?);
        self.nodes.push(node.clone());
        self.known.insert(node, set);
        Ok(set)
    }

    fn get(&self, set: Set) -> Option<&Node> {
        self.nodes.get((set.0 as usize).checked_sub(2)?)
    }

    pub(super) fn not(&mut self, set: Set) -> Result<Set, Unsure> {
        let Some(node) = self.get(set) else {
            return Ok(if set.is_empty() { Set::EVERYTHING } else { Set::NOTHING });
        };
        if let Some(known) = self.opposite.get(&set) {
            return Ok(*known);
        }
        let node = node.clone();
        let mut children = Vec::with_capacity(node.children.len());
        for child in &node.children {
            children.push(self.not(*child)?);
        }
        let result = self.node(node.level, children.into())?;
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
        let (Some(left), Some(right)) = (self.get(one).cloned(), self.get(other).cloned()) else {
            return Ok(Set::NOTHING);
        };
        let level = left.level.min(right.level);
        let width = if left.level == level { left.children.len() } else { right.children.len() };
        let mut children = Vec::with_capacity(width);
        let child = |node: &Node, set: Set, class: usize| {
            if node.level == level { node.children.get(class).copied().unwrap_or(Set::NOTHING) } else { set }
        };
        for class in 0..width {
            children.push(self.and(child(&left, one, class), child(&right, other, class))?);
        }
        let result = self.node(level, children.into())?;
        // What is remembered counts as well: it is most of the memory.
        if self.both.len() >= self.budget.saturating_mul(8) {
            return Err(Unsure::Budget);
        }
        self.both.insert(key, result);
        Ok(result)
    }

    pub(super) fn holds(&self, set: Set, classes: &[u32]) -> bool {
        let mut at = set;
        while let Some(node) = self.get(at) {
            let class = classes.get(node.level as usize).copied().unwrap_or_default();
            at = node.children.get(class as usize).copied().unwrap_or(Set::NOTHING);
        }
        at.is_everything()
    }

    /// The choices that lead to an element of the set. The last class that does is taken: that is "any
    /// other" where there is one, so that the element does not fit special cases by accident.
    pub(super) fn path(&self, set: Set) -> Option<Vec<(u32, u32)>> {
        let mut at = set;
        let mut chosen = Vec::new();
        while let Some(node) = self.get(at) {
            let (class, child) =
                node.children.iter().enumerate().rev().find(|(_, child)| !child.is_empty())?;
            chosen.push((node.level, u32::try_from(class).ok()?));
            at = *child;
        }
        at.is_everything().then_some(chosen)
    }
}
