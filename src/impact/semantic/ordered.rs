//! Lists whose order decides.

use std::collections::BTreeMap;

/// The fewest ids whose move turns the order of one list into that of the other; both hold the same ids.
#[must_use]
pub(super) fn moved(before: &[&str], after: &[&str]) -> Vec<String> {
    let places: BTreeMap<&str, usize> = before.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let order: Vec<usize> = after.iter().filter_map(|id| places.get(id).copied()).collect();
    let stay = longest_ascending(&order);
    after
        .iter()
        .zip(0..)
        .filter(|(_, at)| stay.binary_search(at).is_err())
        .map(|(id, _)| (*id).to_owned())
        .collect()
}

/// The places of a longest ascending selection, in order.
fn longest_ascending(values: &[usize]) -> Vec<usize> {
    // The last place of the best selection of each length, and what came before each place.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        let length = ends.partition_point(|end| values.get(*end).is_some_and(|last| last < value));
        previous.push(length.checked_sub(1).and_then(|before| ends.get(before).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut chosen = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(place) = at {
        chosen.push(place);
        at = previous.get(place).copied().flatten();
    }
    chosen.reverse();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_move_is_one_move() {
        assert_eq!(moved(&["a", "b", "c", "d"], &["b", "c", "d", "a"]), ["a"]);
        assert_eq!(moved(&["a", "b"], &["b", "a"]).len(), 1);
        assert_eq!(moved(&["a", "b", "c"], &["a", "b", "c"]), Vec::<String>::new());
        assert_eq!(moved(&["a", "b", "c"], &["c", "b", "a"]).len(), 2);
        assert_eq!(moved(&[], &[]), Vec::<String>::new());
    }
}
