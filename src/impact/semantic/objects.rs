//! Objects of two versions, by their subjects.

use std::collections::BTreeMap;

use super::{Change, Content, Subject, What, fields};
use crate::model::Origin;

/// An object with what it says.
#[derive(Debug, Clone)]
pub struct Object {
    /// What it is.
    pub subject: Subject,
    /// What it says.
    pub content: Content,
    /// Where it is written.
    pub origin: Origin,
}

/// Compares some objects before and after a change, each of which is there once at most on each side.
#[must_use]
pub fn compare(before: &BTreeMap<&Subject, &Object>, after: &BTreeMap<&Subject, &Object>) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for (subject, one) in before {
        match after.get(subject) {
            None => gone.push(*one),
            Some(other) if one.content.same(&other.content) => {}
            Some(other) => {
                let edits = fields::compare(&one.content, &other.content);
                if !edits.is_empty() {
                    changes.push(change(subject, What::Changed(edits), Some(one), Some(other)));
                }
            }
        }
    }
    new.extend(after.iter().filter(|(subject, _)| !before.contains_key(*subject)).map(|(_, other)| *other));
    let mut renamed: BTreeMap<&Subject, &Object> = BTreeMap::new();
    if !gone.is_empty() && !new.is_empty() {
        let text = |object: &&Object| {
            object.subject.kind().map(|kind| format!("{} {}", kind.name(), object.content.text()))
        };
        let pairs = |objects: &[&Object]| {
            objects.iter().enumerate().map(|(at, object)| (at, text(object))).collect::<Vec<_>>()
        };
        for (to, from) in pair(&pairs(&gone), &pairs(&new)) {
            if let (Some(to), Some(from)) = (new.get(to), gone.get(from)) {
                renamed.insert(&to.subject, *from);
            }
        }
    }
    for other in new {
        match (renamed.get(&other.subject), &other.subject) {
            (Some(one), _) => {
                let Subject::Object(_, from) = &one.subject else { continue };
                let what = What::Renamed { from: from.clone() };
                changes.push(change(&other.subject, what, Some(one), Some(other)));
            }
            (None, subject) => changes.push(change(subject, What::Added, None, Some(other))),
        }
    }
    let kept = |one: &&Object| renamed.values().any(|old| old.subject == one.subject);
    let removed = gone.into_iter().filter(|one| !kept(one));
    changes.extend(removed.map(|one| change(&one.subject, What::Removed, Some(one), None)));
    changes.sort_by(|one, other| one.subject.cmp(&other.subject));
    changes
}

fn change(subject: &Subject, what: What, before: Option<&Object>, after: Option<&Object>) -> Change {
    let origin = |object: &Object| object.origin;
    Change { subject: subject.clone(), what, before: before.map(origin), after: after.map(origin) }
}

/// Pairs what is new with what is gone and said the same, where there is one of each only.
#[must_use]
pub(super) fn pair<K: Copy + Ord>(
    gone: &[(K, Option<String>)],
    new: &[(K, Option<String>)],
) -> BTreeMap<K, K> {
    let mut texts: BTreeMap<&str, (Vec<K>, Vec<K>)> = BTreeMap::new();
    for (key, text) in gone {
        if let Some(text) = text {
            texts.entry(text).or_default().0.push(*key);
        }
    }
    for (key, text) in new {
        if let Some(text) = text {
            texts.entry(text).or_default().1.push(*key);
        }
    }
    let one_of_each = texts.into_values().filter_map(|(gone, new)| match (gone.as_slice(), new.as_slice()) {
        ([from], [to]) => Some((*to, *from)),
        _ => None,
    });
    one_of_each.collect()
}
