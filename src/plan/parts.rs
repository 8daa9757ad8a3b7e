//! Entries of lists that limits count like objects of a kind of their own, such as the members of groups: without that, one
//! update could take away as much as many deletions.
//!
//! An entry counts once, in however many lists it comes and goes: somebody who leaves is one member that goes, and everybody
//! who is taken out of one group is as many as they are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Desired, Key, Ledger, Observed, file::Counts};
use crate::model::Part;

/// What becomes of the entries of a kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Entries {
    /// How many come to a list, how many go from one, and how many do neither.
    pub(super) counts: Counts,
    /// How many there are in the lists of objects that the plan is about.
    pub(super) existing: usize,
}

/// What becomes of the entries of each kind, in objects that are wanted and in those that gitsm made.
#[must_use]
pub(super) fn count(
    parts: &'static [Part],
    desired: &Desired,
    observed: &Observed,
    ledger: &Ledger,
) -> BTreeMap<&'static str, Entries> {
    let mut kinds: BTreeMap<&'static str, [BTreeSet<String>; 3]> = BTreeMap::new();
    for part in parts {
        let is_of = |key: &&Key| *key.kind == *part.of;
        let wanted = desired.objects.keys().filter(is_of);
        let own = ledger.objects.keys().filter(is_of);
        let [all, come, go] = kinds.entry(part.kind).or_default();
        for key in wanted.chain(own).collect::<BTreeSet<_>>() {
            let after = desired.objects.get(key).map(|wanted| listed(wanted.content.text(), part.field));
            let after = after.unwrap_or_default();
            let before = match observed.objects.get(key) {
                Some(found) => {
                    found.content.as_deref().map_or_else(|| after.clone(), |text| listed(text, part.field))
                }
                None => BTreeSet::new(),
            };
            come.extend(after.difference(&before).cloned());
            go.extend(before.difference(&after).cloned());
            all.extend(before);
        }
    }
    let count = |[all, come, go]: [BTreeSet<String>; 3]| Entries {
        counts: Counts {
            create: come.len(),
            delete: go.len(),
            unchanged: all.iter().filter(|entry| !come.contains(*entry) && !go.contains(*entry)).count(),
            ..Counts::default()
        },
        existing: all.len(),
    };
    kinds.into_iter().map(|(kind, sets)| (kind, count(sets))).collect()
}

/// The entries of a list: texts, or objects with an id.
fn listed(text: &str, field: &str) -> BTreeSet<String> {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let entries = value.get(field).and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry.get("id").unwrap_or(entry).as_str().map(ToOwned::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Content, Found, Wanted};

    const PARTS: &[Part] = &[Part { kind: "member", of: "group", field: "members" }];

    fn text(members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| serde_json::json!({ "id": id })).collect();
        serde_json::json!({ "members": members }).to_string()
    }

    #[test]
    fn entries_come_go_and_stay_whatever_becomes_of_what_holds_them() {
        let mut desired = Desired::default();
        let mut observed = Observed::default();
        let mut ledger = Ledger::default();
        let mut add = |kind: &str, id: &str, wanted: Option<&[&str]>, found: Option<&[&str]>, own: bool| {
            let key = Key::new(kind, id);
            if let Some(wanted) = wanted {
                let content = Content::from_text(&text(wanted));
                let wanted = Wanted { name: None, content, needs: Vec::new(), derived: false };
                desired.objects.insert(key.clone(), wanted);
            }
            if let Some(found) = found {
                let content = text(found);
                let found = Found {
                    name: id.to_owned(),
                    digest: String::new(),
                    content: Some(content),
                    derived: false,
                    marked: false,
                    referred_by: Vec::new(),
                };
                observed.objects.insert(key.clone(), found);
            }
            if own {
                ledger.objects.insert(key, String::new());
            }
        };
        add("group", "updated", Some(&["a", "b"]), Some(&["b", "c", "d"]), true);
        add("group", "made", Some(&["a"]), None, false);
        add("group", "deleted", None, Some(&["a", "b"]), true);
        add("group", "same", Some(&["s"]), Some(&["s"]), true);
        add("group", "stranger", None, Some(&["x"]), false);
        add("group", "taken-over", Some(&[]), Some(&["x"]), false);
        add("other", "kind", Some(&["a"]), None, false);
        let entries = count(PARTS, &desired, &observed, &ledger)["member"];
        let counts = entries.counts;
        // `a` comes to one and goes from another, `c`, `d` and `x` go, and `b` goes from one only.
        assert_eq!((counts.create, counts.delete, counts.unchanged), (1, 5, 1));
        assert_eq!(entries.existing, 6);
    }
}
