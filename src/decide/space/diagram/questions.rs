//! Questions about sets that are answered without building any.

use super::{Diagram, Members, Node, Set};

impl Diagram {
    /// Whether something is in both; none when it takes more steps than are left to find out. Nothing is built for it, and
    /// nothing has to be remembered.
    pub(in crate::decide::space) fn overlap(&self, one: Set, other: Set, steps: &mut usize) -> Option<bool> {
        let (mut seen, mut open) = (Members::default(), vec![(one, other)]);
        while let Some((one, other)) = open.pop() {
            if one.is_empty() || other.is_empty() {
                continue;
            }
            let (Some(left), Some(right)) = (self.get(one), self.get(other)) else { return Some(true) };
            if one == other {
                return Some(true);
            }
            *steps = steps.checked_sub(1)?;
            if !seen.insert((one, other)) {
                continue;
            }
            let level = left.level.min(right.level);
            let of = |node: Node, set: Set| if node.level == level { node.children } else { [set, set] };
            let ([low, high], [other_low, other_high]) = (of(left, one), of(right, other));
            open.extend([(low, other_low), (high, other_high)]);
        }
        Some(false)
    }

    /// For each class of a variable, whether something in a set has it.
    pub(in crate::decide::space) fn possible_classes(&self, set: Set, variable: usize) -> Vec<bool> {
        let Some(variable) = self.variables.get(variable) else { return Vec::new() };
        let mut possible = vec![false; variable.width];
        let end = variable.first + variable.bits;
        // A set, and the classes for which it is left: from the first on, and how many bits more tell them apart.
        let (mut seen, mut open) = (Members::default(), vec![(set, 0_usize, variable.bits)]);
        while let Some((at, start, bits)) = open.pop() {
            if at.is_empty() || !seen.insert((at, u32::try_from(start).unwrap_or(u32::MAX), bits)) {
                continue;
            }
            let level = end - bits;
            match self.get(at) {
                Some(node) if node.level < variable.first => {
                    open.extend(node.children.map(|child| (child, start, bits)));
                }
                Some(node) if node.level == level && bits > 0 => {
                    let [low, high] = node.children;
                    open.extend([(low, start, bits - 1), (high, start + (1 << (bits - 1)), bits - 1)]);
                }
                // Whatever is decided below: no set but the empty one is without elements.
                Some(node) if node.level < end && bits > 0 => {
                    let half = 1 << (bits - 1);
                    open.extend([(at, start, bits - 1), (at, start + half, bits - 1)]);
                }
                _ => {
                    let classes = possible.iter_mut().skip(start).take(1 << bits);
                    classes.for_each(|class| *class = true);
                }
            }
        }
        possible
    }
}
