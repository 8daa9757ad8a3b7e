//! Which commit gave each field its present meaning.

use std::collections::HashMap;

use serde_json::Value;

use super::{About, Walk};
use crate::{
    impact::semantic::{Change, Content, Edit, EditKind, Subject, What},
    model::Kind,
    source::{Commit, GitError, ObjectId},
};

/// A field of an object in force, down to where there is nothing below.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// The keys that lead to it; parts with an id are named by it.
    pub path: Vec<String>,
    /// What it says. Of a list in which only the presence of an entry matters, each entry is a leaf.
    pub value: Value,
    /// Whether it is an entry of such a list.
    pub entry: bool,
}

/// A field with the commit that gave it its meaning.
#[derive(Debug, Clone)]
pub struct Attribution {
    /// The field.
    pub leaf: Leaf,
    /// The commit; none when the history does not go back far enough, or the field was changed by no commit yet.
    pub commit: Option<Commit>,
}

/// The fields of an object with their commits.
#[derive(Debug, Clone)]
pub struct Blame {
    /// The fields.
    pub fields: Vec<Attribution>,
    /// The commits of which nobody knows what they changed, with the reason, so that no field is followed through them.
    pub unknown: Vec<(Commit, String)>,
}

/// A leaf that no commit was found for yet, under the names that it had.
#[derive(Debug, Clone)]
struct Open {
    at: usize,
    id: String,
    path: Vec<String>,
}

/// Finds the commits that gave the fields of an object their meaning, on a walk that begins at a commit. What a merge took
/// from a side that the walk follows was given there. A field is not followed through a commit of which nobody knows whether it
/// gave the meaning.
///
/// # Errors
/// When an object of the repository cannot be read.
pub fn blame(
    walk: &mut Walk<'_>,
    from: ObjectId,
    (kind, id): (Kind, &str),
    content: &Content,
) -> Result<Blame, GitError> {
    let leaves = leaves(content);
    let mut found: Vec<Attribution> =
        leaves.iter().map(|leaf| Attribution { leaf: leaf.clone(), commit: None }).collect();
    let all = leaves.iter().enumerate();
    let all = all.map(|(at, leaf)| Open { at, id: id.to_owned(), path: leaf.path.clone() });
    let mut unknown = Vec::new();
    let mut open: HashMap<ObjectId, Vec<Open>> = HashMap::from([(from, all.collect())]);
    while !open.is_empty() {
        let Some(step) = walk.step()? else { break };
        let Some(here) = open.remove(&step.commit.id) else { continue };
        let first = step.commit.parents.first().copied();
        let into = first.map(|parent| (parent, step.difference.clone()));
        let others = walk.other_parents(&step.commit, true)?;
        let mut sides: Vec<(ObjectId, Vec<Change>)> = Vec::new();
        let mut why = None;
        for (parent, mut difference) in into.into_iter().chain(others) {
            difference.missing.retain(|missing| missing.may_be(Some(kind)) && missing.about != About::Merge);
            match difference.missing.pop() {
                Some(missing) => why = Some(missing.why),
                None => sides.push((parent, difference.changes)),
            }
        }
        if let Some(why) = &why {
            unknown.push((step.commit.clone(), why.clone()));
        }
        for one in here {
            let Some(leaf) = leaves.get(one.at) else { continue };
            let passed = sides
                .iter()
                .find_map(|(parent, changes)| Some((*parent, before(changes, kind, &one, leaf)?)));
            match passed {
                Some((parent, before)) => open.entry(parent).or_default().push(before),
                // Without a parent, what is not new is in a file that cannot be read.
                None if first.is_none() && before(&step.difference.changes, kind, &one, leaf).is_some() => {}
                None if why.is_some() => {}
                None => {
                    if let Some(slot) = found.get_mut(one.at) {
                        slot.commit = Some(step.commit.clone());
                    }
                }
            }
        }
    }
    Ok(Blame { fields: found, unknown })
}

/// The leaf under the names that it had before some changes; none when one of them gave it its meaning.
fn before(changes: &[Change], kind: Kind, one: &Open, leaf: &Leaf) -> Option<Open> {
    let subject =
        |change: &&Change| matches!(&change.subject, Subject::Object(of, id) if *of == kind && *id == one.id);
    let Some(change) = changes.iter().find(subject) else { return Some(one.clone()) };
    let mut before = one.clone();
    match &change.what {
        What::Added | What::Removed => return None,
        What::Renamed { from } => before.id.clone_from(from),
        What::Changed(edits) if edits.iter().any(|edit| gives(edit, one, leaf)) => return None,
        What::Changed(edits) => {
            for edit in edits.iter().filter(|edit| one.path.starts_with(&edit.path)) {
                let name = before.path.get_mut(edit.path.len().saturating_sub(1));
                if let (Some(name), EditKind::Renamed { from }) = (name, &edit.what) {
                    name.clone_from(from);
                }
            }
        }
    }
    Some(before)
}

/// Whether an edit gives a leaf its meaning.
fn gives(edit: &Edit, one: &Open, leaf: &Leaf) -> bool {
    match &edit.what {
        EditKind::Value { .. } => one.path.starts_with(&edit.path) || edit.path.starts_with(&one.path),
        EditKind::Entries { added, .. } => {
            one.path == edit.path && (!leaf.entry || added.contains(&leaf.value))
        }
        EditKind::Order { moved, .. } => {
            one.path.len() == edit.path.len() + 2
                && one.path.starts_with(&edit.path)
                && one.path.last().is_some_and(|key| key == PLACE)
                && one.path.get(edit.path.len()).is_some_and(|id| moved.contains(id))
        }
        EditKind::Renamed { .. } => false,
    }
}

/// What stands for the place of a part among the others.
pub const PLACE: &str = "(place)";

/// The fields of an object.
fn leaves(content: &Content) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    push(&mut Vec::new(), content.written(), &mut leaves);
    leaves
}

fn push(path: &mut Vec<String>, value: &Value, leaves: &mut Vec<Leaf>) {
    let leaf =
        |path: &[String], value: &Value, entry| Leaf { path: path.to_vec(), value: value.clone(), entry };
    match value {
        Value::Object(table) if !table.is_empty() => {
            for (key, inner) in table {
                path.push(key.clone());
                push(path, inner, leaves);
                path.pop();
            }
        }
        Value::Array(items) => match part_ids(items) {
            Some(ids) if !ids.is_empty() => {
                for (at, (id, item)) in ids.iter().zip(items).enumerate() {
                    path.push((*id).to_owned());
                    for (key, inner) in item.as_object().into_iter().flatten().filter(|(key, _)| *key != "id")
                    {
                        path.push(key.clone());
                        push(path, inner, leaves);
                        path.pop();
                    }
                    path.push(PLACE.to_owned());
                    leaves.push(leaf(path, &Value::from(at + 1), false));
                    path.pop();
                    path.pop();
                }
            }
            _ if crate::impact::semantic::is_set(path) && !items.is_empty() => {
                leaves.extend(items.iter().map(|item| leaf(path, item, true)));
            }
            _ => leaves.push(leaf(path, value, false)),
        },
        _ => leaves.push(leaf(path, value, false)),
    }
}

/// The ids of parts; none unless each has one.
fn part_ids(items: &[Value]) -> Option<Vec<&str>> {
    items.iter().map(|item| item.get("id")?.as_str()).collect()
}
