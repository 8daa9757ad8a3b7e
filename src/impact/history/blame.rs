//! Which commit gave each field its present meaning.

use serde_json::Value;

use super::{Walk, Wanted};
use crate::{
    impact::semantic::{Content, EditKind, What},
    source::{Commit, GitError},
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

/// A leaf that no commit was found for yet, under the names that it had.
struct Open {
    at: usize,
    path: Vec<String>,
}

/// Finds the commits that gave the fields of an object their meaning.
///
/// # Errors
/// When an object of the repository cannot be read.
pub fn blame(
    walk: &mut Walk<'_>,
    mut wanted: Wanted,
    content: &Content,
) -> Result<Vec<Attribution>, GitError> {
    let leaves = leaves(content);
    let mut found: Vec<Attribution> =
        leaves.iter().map(|leaf| Attribution { leaf: leaf.clone(), commit: None }).collect();
    let mut open: Vec<Open> =
        leaves.iter().enumerate().map(|(at, leaf)| Open { at, path: leaf.path.clone() }).collect();
    while !open.is_empty() {
        let Some(step) = walk.step()? else { break };
        for change in wanted.select(step.difference.changes) {
            let mut give = |open: &mut Vec<Open>, matches: &dyn Fn(&Open) -> bool| {
                open.retain(|one| {
                    let given = matches(one);
                    if let Some(slot) = found.get_mut(one.at).filter(|_| given) {
                        slot.commit = Some(step.commit.clone());
                    }
                    !given
                });
            };
            let What::Changed(edits) = &change.what else {
                if change.what == What::Added {
                    give(&mut open, &|_| true);
                }
                continue;
            };
            for edit in edits {
                match &edit.what {
                    EditKind::Value { .. } => give(&mut open, &|one| {
                        one.path.starts_with(&edit.path) || edit.path.starts_with(&one.path)
                    }),
                    EditKind::Entries { added, .. } => give(&mut open, &|one| {
                        let leaf = leaves.get(one.at);
                        one.path == edit.path
                            && leaf.is_some_and(|leaf| !leaf.entry || added.contains(&leaf.value))
                    }),
                    EditKind::Order { moved, .. } => give(&mut open, &|one| {
                        one.path.len() == edit.path.len() + 2
                            && one.path.starts_with(&edit.path)
                            && one.path.last().is_some_and(|key| key == PLACE)
                            && one.path.get(edit.path.len()).is_some_and(|id| moved.contains(id))
                    }),
                    EditKind::Renamed { from } => {
                        for one in open.iter_mut().filter(|one| one.path.starts_with(&edit.path)) {
                            if let Some(id) = one.path.get_mut(edit.path.len().saturating_sub(1)) {
                                id.clone_from(from);
                            }
                        }
                    }
                }
            }
        }
    }
    Ok(found)
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
