//! In which order operations are done.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Key, Operation};

/// Puts operations into order: what is needed comes before what needs it, and deletions come last, with what refers
/// to others before these. Otherwise by name, so that the same plan is always the same.
///
/// `needs` are those of the desired and observed objects, where `kind/*` stands for all operations of a kind. They
/// are written into the operations, as far as they are operations themselves. In a circle one need is dropped.
#[must_use]
pub(super) fn ordered(operations: Vec<Operation>, needs: &BTreeMap<Key, &[Key]>) -> Vec<Operation> {
    let (deletes, others): (Vec<Operation>, Vec<Operation>) =
        operations.into_iter().partition(|operation| operation.action == Action::Delete);
    let mut names: BTreeSet<Key> = others.iter().map(|operation| operation.object.clone()).collect();
    let mut sorted = sort(others, needs, &names);
    names.extend(deletes.iter().map(|operation| operation.object.clone()));
    sorted.extend(sort(deletes, needs, &names));
    sorted
}

/// How far an operation is on its way into the order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Waiting,
    Open,
    Placed,
}

fn sort(operations: Vec<Operation>, needs: &BTreeMap<Key, &[Key]>, names: &BTreeSet<Key>) -> Vec<Operation> {
    let mut waiting: BTreeMap<Key, Operation> =
        operations.into_iter().map(|operation| (operation.object.clone(), operation)).collect();
    let mut marks: BTreeMap<Key, Mark> = waiting.keys().map(|key| (key.clone(), Mark::Waiting)).collect();
    let mut sorted = Vec::with_capacity(waiting.len());
    let keys: Vec<Key> = waiting.keys().cloned().collect();
    for key in keys {
        // Its own stack: a chain of needs can be as long as the plan. Each entry holds the needs that are left.
        let mut stack: Vec<(Key, Vec<Key>, Vec<Key>)> = Vec::new();
        if marks.get(&key) == Some(&Mark::Waiting) {
            marks.insert(key.clone(), Mark::Open);
            let wanted = expanded(&key, needs, names);
            stack.push((key, wanted, Vec::new()));
        }
        while let Some((key, left, kept)) = stack.last_mut() {
            if let Some(need) = left.pop() {
                match marks.get(&need) {
                    // A circle: somebody has to be first.
                    Some(Mark::Open) => {}
                    Some(Mark::Waiting) => {
                        kept.push(need.clone());
                        marks.insert(need.clone(), Mark::Open);
                        let wanted = expanded(&need, needs, names);
                        stack.push((need, wanted, Vec::new()));
                    }
                    // Placed already, or an operation that comes before all of these.
                    Some(Mark::Placed) | None => kept.push(need),
                }
                continue;
            }
            marks.insert(key.clone(), Mark::Placed);
            if let Some(mut operation) = waiting.remove(key) {
                kept.sort();
                operation.needs.append(kept);
                sorted.push(operation);
            }
            stack.pop();
        }
    }
    sorted
}

/// The operations that one needs, in reverse order of their names.
fn expanded(key: &Key, needs: &BTreeMap<Key, &[Key]>, names: &BTreeSet<Key>) -> Vec<Key> {
    let mut all = BTreeSet::new();
    for need in needs.get(key).copied().unwrap_or_default() {
        if &*need.id == "*" {
            let first = Key::new(&need.kind, "");
            all.extend(names.range(first..).take_while(|name| name.kind == need.kind).cloned());
        } else if names.contains(need) {
            all.insert(need.clone());
        }
    }
    all.remove(key);
    all.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::Cause;

    fn operation(name: &str, action: Action) -> Operation {
        Operation {
            object: Key::parse(name).unwrap(),
            name: None,
            action,
            cause: Cause::NotAppliedYet,
            before: None,
            after: None,
            changes: Vec::new(),
            changes_not_listed: 0,
            needs: Vec::new(),
            derived: false,
        }
    }

    fn order(operations: &[(&str, Action)], needs: &[(&str, &[&str])]) -> Vec<String> {
        let parse = |name: &str| Key::parse(name).unwrap();
        let lists: Vec<(Key, Vec<Key>)> = needs
            .iter()
            .map(|(name, needs)| (parse(name), needs.iter().map(|need| parse(need)).collect()))
            .collect();
        let needs = lists.iter().map(|(key, needs)| (key.clone(), needs.as_slice())).collect();
        let operations = operations.iter().map(|(name, action)| operation(name, *action)).collect();
        let sorted = ordered(operations, &needs);
        sorted
            .iter()
            .map(|operation| {
                let needs: Vec<String> = operation.needs.iter().map(ToString::to_string).collect();
                format!("{} [{}]", operation.object, needs.join(" "))
            })
            .collect()
    }

    use Action::{Create, Delete, Update};

    #[test]
    fn what_is_needed_comes_first_and_deletions_last() {
        let operations =
            [("a/1", Create), ("b/1", Create), ("b/2", Update), ("c/1", Delete), ("i/b", Update)];
        let needs: &[(&str, &[&str])] = &[("a/1", &["i/b", "z/none"]), ("i/b", &["b/*"]), ("c/1", &["a/1"])];
        assert_eq!(
            order(&operations, needs),
            ["b/1 []", "b/2 []", "i/b [b/1 b/2]", "a/1 [i/b]", "c/1 [a/1]"]
        );
    }

    #[test]
    fn a_circle_is_cut_at_the_same_place_every_time() {
        let operations = [("a/1", Create), ("a/2", Create), ("a/3", Create)];
        let needs: &[(&str, &[&str])] = &[("a/1", &["a/2", "a/1"]), ("a/2", &["a/3"]), ("a/3", &["a/1"])];
        assert_eq!(order(&operations, needs), ["a/3 []", "a/2 [a/3]", "a/1 [a/2]"]);
    }

    proptest! {
        #[test]
        fn every_operation_comes_once_and_after_what_it_needs(
            edges in proptest::collection::vec((0_u8..12, 0_u8..12), 0..40),
        ) {
            let name = |number: u8| Key::new("k", &format!("{number:02}"));
            let mut lists: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
            for (from, to) in &edges {
                lists.entry(name(*from)).or_default().push(name(*to));
            }
            let needs = lists.iter().map(|(key, needs)| (key.clone(), needs.as_slice())).collect();
            let operations = (0..12).map(|number| operation(&name(number).to_string(), Create)).collect();
            let sorted = ordered(operations, &needs);
            let mut seen = BTreeSet::new();
            for operation in &sorted {
                prop_assert!(operation.needs.iter().all(|need| seen.contains(need)));
                prop_assert!(seen.insert(operation.object.clone()));
                // Where there is no circle, nothing is dropped.
                if edges.iter().all(|(from, to)| from > to) {
                    let wanted: BTreeSet<&Key> = lists.get(&operation.object).into_iter().flatten().collect();
                    prop_assert_eq!(operation.needs.iter().collect::<BTreeSet<_>>(), wanted);
                }
            }
            prop_assert_eq!(seen.len(), 12);
        }
    }
}
