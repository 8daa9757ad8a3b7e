//! What is left of a set for each class of a variable, wherever the variable stands in the order.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    rc::Rc,
};

use super::{Diagram, Set, Unsure, Variable};

/// Runs of classes for which the same is left: how many, and what.
type Runs = Rc<[(usize, Set)]>;

impl Diagram {
    /// The variables that matter for a set, and how many nodes it has.
    pub(in crate::decide::space) fn extent(&self, set: Set) -> (BTreeSet<usize>, usize) {
        let (mut variables, mut seen, mut open) = (BTreeSet::new(), HashSet::new(), vec![set]);
        while let Some(at) = open.pop() {
            let Some(node) = self.get(at) else { continue };
            if seen.insert(at) {
                variables.extend(self.bits.get(node.level as usize).map(|bit| bit.variable as usize));
                open.extend(node.children);
            }
        }
        (variables, seen.len())
    }

    /// The nodes of a set as text: each with the variable and bit that it asks for and what is left on both sides. The
    /// nodes are numbered in the order in which they are met, so that equal sets of one space give the same text.
    pub(in crate::decide::space) fn as_built(&self, set: Set) -> String {
        let mut numbers: HashMap<Set, usize> = HashMap::new();
        let mut open = vec![set];
        let mut order = Vec::new();
        while let Some(at) = open.pop() {
            let Some(node) = self.get(at) else { continue };
            if numbers.contains_key(&at) {
                continue;
            }
            numbers.insert(at, numbers.len() + 2);
            order.push(node);
            let [low, high] = node.children;
            open.extend([high, low]);
        }
        let number = |of: Set| numbers.get(&of).copied().unwrap_or(usize::from(of.is_everything()));
        let lines = order.iter().map(|node| {
            let bit = self.bits.get(node.level as usize).map(|bit| (bit.variable, bit.shift));
            format!("{bit:?}{:?}", node.children.map(number))
        });
        format!("{}{}", number(set), lines.collect::<String>())
    }

    /// What is left of a set for each class of a variable.
    ///
    /// # Errors
    /// When the answer is too complicated.
    pub(in crate::decide::space) fn left(&mut self, set: Set, variable: usize) -> Result<Vec<Set>, Unsure> {
        let variable = *self.variables.get(variable).ok_or(Unsure::Budget)?;
        let runs = self.runs(set, variable, &mut HashMap::new())?;
        let classes = runs.iter().flat_map(|(count, set)| std::iter::repeat_n(*set, *count));
        Ok(classes.take(variable.width).collect())
    }

    fn runs(&mut self, set: Set, variable: Variable, done: &mut HashMap<Set, Runs>) -> Result<Runs, Unsure> {
        let all = 1_usize << variable.bits;
        let Some(node) = self.get(set) else { return Ok([(all, set)].into()) };
        if let Some(done) = done.get(&set) {
            return Ok(Rc::clone(done));
        }
        let found: Runs = if node.level < variable.first {
            let [low, high] = node.children;
            let (low, high) = (self.runs(low, variable, done)?, self.runs(high, variable, done)?);
            self.both(node.level, &low, &high)?.into()
        } else {
            let mut runs = Vec::new();
            self.below(set, variable.first, variable.bits, &mut runs);
            runs.into()
        };
        done.insert(set, Rc::clone(&found));
        Ok(found)
    }

    /// The runs of the bits from a level on, of which there are `bits` more.
    fn below(&self, set: Set, level: u32, bits: u32, runs: &mut Vec<(usize, Set)>) {
        let node = self.get(set).filter(|node| node.level < level + bits);
        match (node, bits.checked_sub(1)) {
            (Some(_), Some(rest)) => {
                for half in self.halves(set, level) {
                    self.below(half, level + 1, rest, runs);
                }
            }
            _ => push(runs, 1_usize << bits, set),
        }
    }

    /// The runs of a node above the variable, from those of its two halves.
    fn both(
        &mut self,
        level: u32,
        low: &[(usize, Set)],
        high: &[(usize, Set)],
    ) -> Result<Vec<(usize, Set)>, Unsure> {
        let mut runs = Vec::with_capacity(low.len().max(high.len()));
        let (mut low, mut high) = (low.iter().copied(), high.iter().copied());
        let (mut one, mut other) = (low.next(), high.next());
        while let (Some((first, left)), Some((second, right))) = (one, other) {
            let count = first.min(second);
            let joined = self.node(level, [left, right])?;
            push(&mut runs, count, joined);
            one = if first > count { Some((first - count, left)) } else { low.next() };
            other = if second > count { Some((second - count, right)) } else { high.next() };
        }
        Ok(runs)
    }
}

fn push(runs: &mut Vec<(usize, Set)>, count: usize, set: Set) {
    match runs.last_mut() {
        Some((known, last)) if *last == set => *known += count,
        _ => runs.push((count, set)),
    }
}
