//! The fields in which two versions of an object differ.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    Edit, EditKind,
    content::{Content, is_set},
    objects::pair,
    ordered::moved,
};
use crate::load::tree::escape;

/// Tables whose keys are ids of parts.
const PARTS: &[&str] = &["entitlement", "field", "target"];

/// The fields in which two versions of an object differ, in the order of their paths.
#[must_use]
pub fn compare(before: &Content, after: &Content) -> Vec<Edit> {
    let mut walk = Walk { path: Vec::new(), before: String::new(), after: String::new(), edits: Vec::new() };
    walk.value(
        Both { written: Some(&before.written), meaning: before.meaning.as_ref() },
        Both { written: Some(&after.written), meaning: after.meaning.as_ref() },
    );
    walk.edits
}

/// A value as it was written and as it is understood, as far as the two have the same shape.
#[derive(Debug, Clone, Copy)]
struct Both<'v> {
    written: Option<&'v Value>,
    meaning: Option<&'v Value>,
}

impl<'v> Both<'v> {
    fn key(self, key: &str) -> Self {
        let get = |value: Option<&'v Value>| value?.get(key);
        Self { written: get(self.written), meaning: get(self.meaning) }
    }

    fn index(self, index: usize) -> Self {
        let get = |value: Option<&'v Value>| value?.get(index);
        Self { written: get(self.written), meaning: get(self.meaning) }
    }
}

struct Walk {
    path: Vec<String>,
    before: String,
    after: String,
    edits: Vec<Edit>,
}

impl Walk {
    fn value(&mut self, before: Both<'_>, after: Both<'_>) {
        let same = |one: Option<&Value>, other: Option<&Value>| one.is_some() && one == other;
        if before.written == after.written || same(before.meaning, after.meaning) {
            return;
        }
        match (before.written, after.written) {
            (Some(Value::Object(one)), Some(Value::Object(other))) => {
                self.table((one, before), (other, after));
            }
            (Some(Value::Array(one)), Some(Value::Array(other))) => match (ids(one), ids(other)) {
                (Some(old), Some(new)) => self.parts((&old, before), (&new, after)),
                _ if is_set(&self.path) => self.entries(one, other),
                _ => self.set(before.written, after.written, None),
            },
            (one, other) => self.set(one, other, None),
        }
    }

    fn table(
        &mut self,
        (one, before): (&Map<String, Value>, Both<'_>),
        (other, after): (&Map<String, Value>, Both<'_>),
    ) {
        let mut renamed = BTreeMap::new();
        if self.path.last().is_some_and(|key| PARTS.contains(&key.as_str())) {
            let lacks =
                |from: &Map<String, Value>, into: &Map<String, Value>| -> Vec<(String, Option<String>)> {
                    let left = from.iter().filter(|(key, _)| !into.contains_key(*key));
                    left.map(|(key, value)| (key.clone(), Some(value.to_string()))).collect()
                };
            let (gone, new) = (lacks(one, other), lacks(other, one));
            let keys = |pairs: &[(String, Option<String>)]| -> Vec<(usize, Option<String>)> {
                pairs.iter().enumerate().map(|(at, (_, text))| (at, text.clone())).collect()
            };
            for (to, from) in pair(&keys(&gone), &keys(&new)) {
                if let (Some((to, _)), Some((from, _))) = (new.get(to), gone.get(from)) {
                    renamed.insert(to.clone(), from.clone());
                }
            }
        }
        let mut keys: Vec<&String> =
            one.keys().chain(other.keys().filter(|key| !one.contains_key(*key))).collect();
        keys.sort();
        for key in keys {
            if renamed.values().any(|from| from == key) {
                continue;
            }
            let old = renamed.get(key).unwrap_or(key);
            self.inside(key, &escape(old), &escape(key), |walk| {
                if old == key {
                    walk.value(before.key(key), after.key(key));
                } else {
                    walk.push(EditKind::Renamed { from: old.clone() });
                }
            });
        }
    }

    /// Lists of parts with ids: rules, stages, steps.
    fn parts(&mut self, (one, before): (&[&str], Both<'_>), (other, after): (&[&str], Both<'_>)) {
        let place = |ids: &[&str], id: &str| ids.iter().position(|known| *known == id);
        let lacks = |from: &[&str], into: &[&str], both: Both<'_>| -> Vec<(usize, Option<String>)> {
            let left = from.iter().enumerate().filter(|(_, id)| place(into, id).is_none());
            left.map(|(at, _)| (at, both.index(at).written.map(without_id))).collect()
        };
        let renamed = pair(&lacks(one, other, before), &lacks(other, one, after));
        for (to, id) in other.iter().enumerate() {
            let from = place(one, id).or_else(|| renamed.get(&to).copied());
            let old = from.unwrap_or(to);
            self.inside(id, &old.to_string(), &to.to_string(), |walk| match from {
                Some(from) if one.get(from) == Some(id) => walk.value(before.index(from), after.index(to)),
                Some(from) => {
                    let from = one.get(from).copied().unwrap_or_default().to_owned();
                    walk.push(EditKind::Renamed { from });
                }
                None => walk.set(None, after.index(to).written, Some((to + 1, other.len()))),
            });
        }
        for (from, id) in one.iter().enumerate() {
            if place(other, id).is_none() && !renamed.values().any(|old| *old == from) {
                let at = from.to_string();
                self.inside(id, &at, &at, |walk| {
                    walk.set(before.index(from).written, None, Some((from + 1, one.len())));
                });
            }
        }
        // What has a new id keeps its place in the comparison.
        let named = |from: usize| {
            let to = renamed.iter().find(|(_, old)| **old == from).map(|(to, _)| *to);
            to.and_then(|to| other.get(to)).copied()
        };
        let old: Vec<&str> = one
            .iter()
            .enumerate()
            .filter_map(|(at, id)| if place(other, id).is_some() { Some(*id) } else { named(at) })
            .collect();
        let new: Vec<&str> = other.iter().filter(|id| old.contains(*id)).copied().collect();
        if old != new {
            let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
            self.push(EditKind::Order { before: owned(&old), after: owned(&new), moved: moved(&old, &new) });
        }
    }

    /// Lists in which only the presence of an entry matters.
    fn entries(&mut self, one: &[Value], other: &[Value]) {
        let mut counts: BTreeMap<String, (i64, &Value)> = BTreeMap::new();
        for value in one {
            counts.entry(value.to_string()).or_insert((0, value)).0 -= 1;
        }
        for value in other {
            counts.entry(value.to_string()).or_insert((0, value)).0 += 1;
        }
        let of = |sign: i64| -> Vec<Value> {
            counts.values().filter(|(count, _)| count * sign > 0).map(|(_, value)| (*value).clone()).collect()
        };
        let (added, removed) = (of(1), of(-1));
        if !added.is_empty() || !removed.is_empty() {
            self.push(EditKind::Entries { added, removed });
        }
    }

    fn set(&mut self, before: Option<&Value>, after: Option<&Value>, position: Option<(usize, usize)>) {
        self.push(EditKind::Value { before: before.cloned(), after: after.cloned(), position });
    }

    fn push(&mut self, what: EditKind) {
        let (before, after) = (self.before.clone(), self.after.clone());
        self.edits.push(Edit { path: self.path.clone(), before, after, what });
    }

    /// Goes one step down, and back.
    fn inside(&mut self, name: &str, before: &str, after: &str, walk: impl FnOnce(&mut Self)) {
        let lengths = (self.before.len(), self.after.len());
        self.path.push(name.to_owned());
        self.before.push('/');
        self.before.push_str(before);
        self.after.push('/');
        self.after.push_str(after);
        walk(self);
        self.path.pop();
        self.before.truncate(lengths.0);
        self.after.truncate(lengths.1);
    }
}

/// The ids of the parts in a list; none unless each has one of its own.
fn ids(items: &[Value]) -> Option<Vec<&str>> {
    let ids: Vec<&str> = items.iter().map(|item| item.get("id")?.as_str()).collect::<Option<_>>()?;
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    (sorted.len() == ids.len()).then_some(ids)
}

/// What a part says but for its id.
fn without_id(part: &Value) -> String {
    let mut part = part.clone();
    if let Some(table) = part.as_object_mut() {
        table.shift_remove("id");
    }
    part.to_string()
}
