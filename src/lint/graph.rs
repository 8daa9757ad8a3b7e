//! Cycles in what refers to what.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// The cycles of a graph of ids, each a list of ids that starts at its smallest one.
///
/// Ids that can all reach each other are one knot and give one cycle, the shortest through the smallest id
/// of the knot: mending it and looking again finds the next. The answer depends only on the edges, and the
/// cost is linear in their number, however deep the graph is.
pub(super) fn cycles<'a>(edges: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Vec<&'a str>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut before: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in near_cycles(edges.into_iter().collect()) {
        next.entry(from).or_default().insert(to);
        before.entry(to).or_default().insert(from);
    }
    let mut cycles: Vec<Vec<&str>> =
        knots(&next, &before).iter().filter_map(|knot| shortest(knot, &next)).collect();
    cycles.sort_unstable();
    cycles
}

/// The edges between nodes from which a cycle can be reached. Most graphs have none, and no node of a cycle is
/// lost by taking away what leads nowhere, over and over.
fn near_cycles<'a>(edges: Vec<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    let mut leads: HashMap<&str, usize> = HashMap::with_capacity(edges.len());
    let mut before: HashMap<&str, Vec<&str>> = HashMap::new();
    for (from, to) in &edges {
        *leads.entry(from).or_default() += 1;
        before.entry(to).or_default().push(from);
    }
    let mut ends: Vec<&str> = before.keys().filter(|to| !leads.contains_key(**to)).copied().collect();
    while let Some(end) = ends.pop() {
        for from in before.get(end).into_iter().flatten() {
            let Some(count) = leads.get_mut(from) else { continue };
            *count -= 1;
            if *count == 0 {
                leads.remove(from);
                ends.push(from);
            }
        }
    }
    edges.into_iter().filter(|(from, to)| leads.contains_key(from) && leads.contains_key(to)).collect()
}

/// A cycle in words: `a` -> `b` -> `a`.
pub(super) fn path(cycle: &[&str]) -> String {
    let around = cycle.iter().chain(cycle.first());
    around.map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" -> ")
}

type Edges<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// The strongly connected parts, by the method of Kosaraju with stacks of its own: a chain of managers may
/// be as long as the directory.
fn knots<'a>(next: &Edges<'a>, before: &Edges<'a>) -> Vec<BTreeSet<&'a str>> {
    let mut seen = BTreeSet::new();
    let mut finished = Vec::new();
    for start in next.keys() {
        if !seen.insert(*start) {
            continue;
        }
        let mut stack = vec![(*start, next.get(start).into_iter().flatten())];
        while let Some((node, rest)) = stack.last_mut() {
            let node = *node;
            match rest.next() {
                Some(to) if seen.insert(*to) => stack.push((*to, next.get(to).into_iter().flatten())),
                Some(_) => {}
                None => {
                    finished.push(node);
                    stack.pop();
                }
            }
        }
    }
    let mut placed = BTreeSet::new();
    let mut knots = Vec::new();
    for start in finished.into_iter().rev() {
        if !placed.insert(start) {
            continue;
        }
        let mut knot = BTreeSet::from([start]);
        let mut stack = vec![start];
        while let Some(node) = stack.pop() {
            for from in before.get(node).into_iter().flatten() {
                if placed.insert(*from) {
                    knot.insert(*from);
                    stack.push(*from);
                }
            }
        }
        knots.push(knot);
    }
    knots
}

/// The shortest way from the smallest id of a knot back to itself; none when nothing leads back.
fn shortest<'a>(knot: &BTreeSet<&'a str>, next: &Edges<'a>) -> Option<Vec<&'a str>> {
    let start = *knot.first()?;
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for to in next.get(node).into_iter().flatten().filter(|to| knot.contains(*to)) {
            if *to == start {
                let mut cycle = vec![node];
                let mut at = node;
                while let Some(from) = came_from.get(at) {
                    cycle.push(from);
                    at = from;
                }
                cycle.reverse();
                return Some(cycle);
            }
            if !came_from.contains_key(to) {
                came_from.insert(to, node);
                queue.push_back(to);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_is_reported_once_at_its_smallest_id() {
        assert_eq!(cycles([("c", "a"), ("b", "c"), ("a", "b")]), [["a", "b", "c"]]);
        assert_eq!(cycles([("x", "x")]), [["x"]]);
        assert_eq!(path(&["a", "b"]), "`a` -> `b` -> `a`");
    }

    #[test]
    fn what_leads_into_or_out_of_a_cycle_is_not_part_of_it() {
        assert_eq!(cycles([("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")]), [["b", "c"]]);
        assert_eq!(cycles([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]), Vec::<Vec<&str>>::new());
    }

    #[test]
    fn two_cycles_are_two_findings_in_the_order_of_their_ids() {
        assert_eq!(cycles([("d", "c"), ("c", "d"), ("b", "a"), ("a", "b")]), [["a", "b"], ["c", "d"]]);
    }

    #[test]
    fn of_a_knot_the_shortest_cycle_is_shown() {
        assert_eq!(cycles([("a", "b"), ("b", "c"), ("c", "a"), ("b", "a")]), [["a", "b"]]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let names: Vec<String> = (0..100_000).map(|number| format!("n{number:06}")).collect();
        let chain = names.iter().zip(names.iter().skip(1)).map(|(from, to)| (from.as_str(), to.as_str()));
        assert!(cycles(chain.clone()).is_empty());
        let closed = chain.chain([(names.last().unwrap().as_str(), names.first().unwrap().as_str())]);
        assert_eq!(cycles(closed).first().map(Vec::len), Some(100_000));
    }

    #[test]
    fn small_graphs_agree_with_reachability() {
        let ids = ["a", "b", "c", "d"];
        for bits in 0_u32..1 << 16 {
            // Every sixteenth graph keeps the test fast and still covers all edges.
            if bits % 16 != bits / 4096 {
                continue;
            }
            let pairs = ids.iter().flat_map(|from| ids.iter().map(move |to| (*from, *to)));
            let edges: Vec<(&str, &str)> =
                pairs.enumerate().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, edge)| edge).collect();
            let reaches = |from: &str, to: &str| {
                let mut reached: BTreeSet<&str> = BTreeSet::new();
                let mut stack = vec![from];
                while let Some(node) = stack.pop() {
                    stack.extend(
                        edges.iter().filter(|(a, b)| *a == node && reached.insert(b)).map(|(_, b)| *b),
                    );
                }
                reached.contains(to)
            };
            let smallest: Vec<&str> = ids
                .into_iter()
                .filter(|id| reaches(id, id))
                .filter(|id| !ids.iter().any(|other| other < id && reaches(id, other) && reaches(other, id)))
                .collect();
            let found = cycles(edges.iter().copied());
            assert_eq!(found.iter().map(|cycle| cycle[0]).collect::<Vec<_>>(), smallest, "{edges:?}");
            for cycle in &found {
                let around = cycle.iter().zip(cycle.iter().cycle().skip(1));
                assert!(around.clone().all(|(from, to)| edges.contains(&(from, to))), "{cycle:?}");
            }
        }
    }
}
