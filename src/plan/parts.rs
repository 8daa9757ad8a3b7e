//! Entries of lists that limits count like objects of a kind of their own, such as the members of groups: without that, one
//! update could take away as much as many deletions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Desired, Key, Ledger, Observed, file::Counts};
use crate::model::Part;

/// What becomes of the entries of a kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Entries {
    /// How many come, go and stay.
    pub(super) counts: Counts,
    /// How many there are in objects that the plan is about.
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
    let mut kinds: BTreeMap<&'static str, Entries> = BTreeMap::new();
    for part in parts {
        let is_of = |key: &&Key| *key.kind == *part.of;
        let wanted = desired.objects.keys().filter(is_of);
        let own = ledger.objects.keys().filter(is_of);
        let entries = kinds.entry(part.kind).or_default();
        for key in wanted.chain(own).collect::<BTreeSet<_>>() {
            let after = desired.objects.get(key).map(|wanted| listed(wanted.content.text(), part.field));
            let after = after.unwrap_or_default();
            let before = match observed.objects.get(key) {
                Some(found) => found.content.as_deref().map_or_else(|| after.clone(), |text| listed(text, part.field)),
                None => BTreeSet::new(),
            };
            entries.existing += before.len();
            entries.counts.create += after.difference(&before).count();
            entries.counts.delete += before.difference(&after).count();
            entries.counts.unchanged += before.intersection(&after).count();
        }
    }
    kinds
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
        add("group", "stranger", None, Some(&["x"]), false);
        add("group", "taken-over", Some(&[]), Some(&["x"]), false);
        add("other", "kind", Some(&["a"]), None, false);
        let entries = count(PARTS, &desired, &observed, &ledger)["member"];
        let counts = entries.counts;
        assert_eq!((counts.create, counts.delete, counts.unchanged), (2, 5, 1));
        assert_eq!(entries.existing, 6);
    }
}
