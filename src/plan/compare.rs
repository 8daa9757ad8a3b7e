//! In what two plans differ: the one that was reviewed, and the one that would be made now.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bound, Commit, Key, Operation, Plan, file::Target};

/// The most differences that are named.
const MOST: usize = 10;

/// What is otherwise than when a plan was made, in words; nothing when the plan still holds.
///
/// With `done`, the plan was begun before: what it says of those objects may have been done already.
#[must_use]
pub fn differences(reviewed: &Plan, now: &Plan, done: Option<&dyn Fn(&Operation) -> bool>) -> Vec<String> {
    let tie = Tie {
        repository: &now.repository,
        commit: now.commit.as_ref(),
        target: &now.target,
        configuration: &now.made_from.configuration,
    };
    let mut found = tie.differences(reviewed);
    if !found.is_empty() {
        // Of another repository, target or commit nothing else is worth comparing.
        return found;
    }
    operations(reviewed, now, done, &mut found);
    let desired = reviewed.made_from.desired != now.made_from.desired;
    let observed = reviewed.made_from.observed != now.made_from.observed && done.is_none();
    if found.is_empty() && done.is_none() {
        found.extend(said(reviewed, now).map(|what| format!("the plan says something else about {what}")));
    }
    if found.is_empty() && desired {
        found.push("the rulebook says something else".to_owned());
    }
    if found.is_empty() && observed {
        found.push("the target holds something else".to_owned());
    }
    if found.len() > MOST {
        let more = found.len() - MOST;
        found.truncate(MOST);
        found.push(format!("and {more} more"));
    }
    found
}

/// The same, of what can be compared before anything is read: the repository, the commit, the target and its settings.
#[must_use]
pub fn bound(reviewed: &Plan, now: &Bound<'_>) -> Vec<String> {
    let tie = Tie {
        repository: now.repository,
        commit: now.commit.as_ref(),
        target: &now.target,
        configuration: &now.configuration,
    };
    tie.differences(reviewed)
}

/// What a plan is for.
struct Tie<'a> {
    repository: &'a str,
    commit: Option<&'a Commit>,
    target: &'a Target,
    /// The digest of the settings of the target.
    configuration: &'a str,
}

impl Tie<'_> {
    fn differences(&self, reviewed: &Plan) -> Vec<String> {
        let mut found = Vec::new();
        let mut differ = |what: &str, before: &str, after: &str| {
            if before != after {
                found.push(format!("{what} was `{before}` and is `{after}`"));
            }
        };
        let (was, is) = (&reviewed.target, self.target);
        differ("the repository", &reviewed.repository, self.repository);
        differ("the target", &was.name, &is.name);
        differ("the sort of the target", &was.target_type, &is.target_type);
        differ("the place of the target", &was.place, &is.place);
        let id = |commit: Option<&Commit>| {
            commit.map_or_else(|| "the files of a folder".to_owned(), |commit| commit.id.clone())
        };
        differ("the rulebook", &id(reviewed.commit.as_ref()), &id(self.commit));
        let subject =
            |commit: Option<&Commit>| commit.map_or_else(String::new, |commit| commit.subject.clone());
        differ("the subject of the commit", &subject(reviewed.commit.as_ref()), &subject(self.commit));
        if reviewed.made_from.configuration != self.configuration {
            found.push(format!("the settings of the target `{}` in gitsm.toml are others", is.name));
        }
        found
    }
}

/// What a plan says beside its operations, and would not say now. What belongs to others may change while it waits.
fn said(reviewed: &Plan, now: &Plan) -> Option<&'static str> {
    let order = |plan: &Plan| -> Vec<Key> {
        plan.operations.iter().map(|operation| operation.object.clone()).collect()
    };
    if order(reviewed) != order(now) {
        Some("the order of what is done")
    } else if reviewed.summary.total != now.summary.total || reviewed.summary.kinds != now.summary.kinds {
        Some("how much is done")
    } else if reviewed.constructs != now.constructs {
        Some("what becomes of the rulebook at the target")
    } else {
        None
    }
}

fn operations(
    reviewed: &Plan,
    now: &Plan,
    done: Option<&dyn Fn(&Operation) -> bool>,
    found: &mut Vec<String>,
) {
    let (before, after) = (by_key(reviewed), by_key(now));
    let keys: BTreeSet<&Key> = before.keys().chain(after.keys()).copied().collect();
    for key in keys {
        match (before.get(key), after.get(key)) {
            (Some(old), Some(new)) if is_same(old, new, done.is_some()) => {}
            (Some(old), Some(new)) => found.push(if old.action == new.action {
                let side = match (old.before == new.before, old.after == new.after) {
                    (true, false) => "the rulebook says something else about it",
                    (false, true) => "the target holds something else",
                    _ => "the rulebook and the target say something else about it",
                };
                format!("`{key}`: {} as before, but {side}", old.action.name())
            } else {
                format!(
                    "`{key}`: {} was planned, and now it would be {}",
                    old.action.name(),
                    new.action.name()
                )
            }),
            (Some(old), None) => {
                if !done.is_some_and(|done| done(old)) {
                    found.push(format!(
                        "`{key}`: {} was planned, and there is nothing to do now",
                        old.action.name()
                    ));
                }
            }
            (None, Some(new)) => {
                found
                    .push(format!("`{key}`: nothing was planned, and now it would be {}", new.action.name()));
            }
            (None, None) => {}
        }
    }
}

fn by_key(plan: &Plan) -> BTreeMap<&Key, &Operation> {
    plan.operations.iter().map(|operation| (&operation.object, operation)).collect()
}

/// Whether the same would be done. In a plan that was begun, others may not be needed any more.
fn is_same(old: &Operation, new: &Operation, begun: bool) -> bool {
    let Operation { object, name, action, cause, before, after, changes, changes_not_listed, needs, derived } =
        old;
    *object == new.object
        && *name == new.name
        && *action == new.action
        && *cause == new.cause
        && *before == new.before
        && *after == new.after
        && *changes == new.changes
        && *changes_not_listed == new.changes_not_listed
        && *derived == new.derived
        && (*needs == new.needs || begun && new.needs.iter().all(|need| needs.contains(need)))
}
