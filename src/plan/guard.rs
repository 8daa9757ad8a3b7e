//! What a plan may not do, however it came about.

use super::{
    Action, Key, Operation,
    file::{KindCounts, Refusal, Summary},
};
use crate::model::{Percent, settings::Limits};

/// So many updates of a kind are never too large a share of it.
const FEW_UPDATES: usize = 10;
/// So many deletions of a kind are never too large a share of it.
const FEW_DELETES: usize = 1;

/// What of a plan goes beyond the limits of its target. `existing` says how many objects of gitsm's own there are of a
/// kind.
#[must_use]
pub(super) fn refusals(
    operations: &[Operation],
    summary: &Summary,
    existing: &dyn Fn(&str) -> usize,
    limits: &Limits,
    target: &str,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for operation in operations.iter().filter(|operation| operation.action == Action::Delete) {
        if let Some(pattern) = limits.protect.iter().find(|pattern| operation.object.matches(pattern)) {
            refusals.push(Refusal {
                message: format!("it would delete `{}`, which is protected", operation.object),
                help: format!(
                    "put it back into the rulebook, or take `{pattern}` out of `target.{target}.limits.protect` in gitsm.toml"
                ),
            });
        }
    }
    for KindCounts { kind, counts } in &summary.kinds {
        let derived = |operation: &&Operation| *operation.object.kind == **kind && operation.derived;
        if operations.iter().any(|operation| derived(&operation)) {
            continue;
        }
        let taken = operations.iter().filter(|one| *one.object.kind == **kind && one.action == Action::Adopt);
        // What is taken over is overwritten where it differs, like what is updated.
        let overwritten = taken.clone().filter(|one| one.before != one.after).count();
        let of = existing(kind);
        let own = limits.kind.get(kind).cloned().unwrap_or_default();
        let deletes = Limit {
            number: counts.delete,
            taken: 0,
            of,
            few: FEW_DELETES,
            most: (own.deletes.unwrap_or(limits.deletes), own.deletes.is_some()),
            share: (own.delete_share.unwrap_or(limits.delete_share), own.delete_share.is_some()),
            verb: "delete",
            key: ["deletes", "delete-share"],
            flag: ["--max-deletes", "--max-delete-share"],
        };
        let updates = Limit {
            number: counts.update + overwritten,
            taken: overwritten,
            of: of + taken.count(),
            few: FEW_UPDATES,
            most: (own.updates.unwrap_or(limits.updates), own.updates.is_some()),
            share: (own.update_share.unwrap_or(limits.update_share), own.update_share.is_some()),
            verb: "update",
            key: ["updates", "update-share"],
            flag: ["--max-updates", "--max-update-share"],
        };
        refusals.extend([deletes, updates].into_iter().filter_map(|limit| limit.refusal(kind, target)));
    }
    refusals
}

/// A limit on what is done with the objects of a kind.
struct Limit {
    number: usize,
    /// How many of them are taken over.
    taken: usize,
    of: usize,
    few: usize,
    /// The most, and whether that is a limit of this kind.
    most: (u32, bool),
    /// The largest share, and whether that is a limit of this kind.
    share: (Percent, bool),
    verb: &'static str,
    key: [&'static str; 2],
    flag: [&'static str; 2],
}

impl Limit {
    fn refusal(&self, kind: &str, target: &str) -> Option<Refusal> {
        let Self { number, of, verb, most: (most, most_is_own), share: (share, share_is_own), .. } = *self;
        let help = |which: usize, is_own: bool| {
            let (key, flag) = (self.key.get(which)?, self.flag.get(which)?);
            let (flag, key) = if is_own {
                (format!("{flag} {kind}=…"), format!("kind.{kind}.{key}"))
            } else {
                ((*flag).to_owned(), (*key).to_owned())
            };
            Some(format!(
                "look at what is {verb}d; when all of it is meant, plan and apply with a higher `{flag}`, or raise `target.{target}.limits.{key}` in gitsm.toml"
            ))
        };
        let taken = match self.taken {
            0 => String::new(),
            taken => format!(", {taken} of which it would take over"),
        };
        if number > usize::try_from(most).unwrap_or(usize::MAX) {
            let message =
                format!("it would {verb} {number} objects of kind `{kind}`{taken}, and the limit is {most}");
            return Some(Refusal { message, help: help(0, most_is_own)? });
        }
        let parts = u128::from(share.parts_per_million());
        let beyond = number as u128 * 1_000_000 > of as u128 * parts;
        // A few are never too large a share, unless none may be.
        let few = if parts == 0 { 0 } else { self.few };
        if number > few && beyond {
            let message = format!(
                "it would {verb} {number} of the {of} objects of kind `{kind}`{taken}, and the limit is {share}"
            );
            return Some(Refusal { message, help: help(1, share_is_own)? });
        }
        None
    }
}

/// An object that is protected and not there, so that the protection is of nothing.
#[must_use]
pub(super) fn protects_nothing(pattern: &str, near: Option<&str>, target: &str) -> Refusal {
    Refusal {
        message: format!("`target.{target}.limits.protect` names `{pattern}`, and there is no such object"),
        help: match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                "write the name of an object as the plan shows it, or take it out of gitsm.toml".to_owned()
            }
        },
    }
}

/// An object that may be taken over, and that the target need not hold.
#[must_use]
pub(super) fn adopts_nothing(pattern: &str, near: Option<&str>) -> Refusal {
    Refusal {
        message: format!("`--adopt {pattern}` names nothing that the target has to hold"),
        help: match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write the name of an object as the plan shows it".to_owned(),
        },
    }
}

/// An object that is in the way of one that has to be made.
#[must_use]
pub(super) fn in_the_way(key: &Key, target: &str) -> Refusal {
    Refusal {
        message: format!("`{key}` is there, holds something else, and was not made by gitsm"),
        help: format!(
            "take it away, or have it taken over and overwritten: plan for `{target}` and apply with `--adopt {key}`"
        ),
    }
}

/// An object whose place belongs to another owner.
#[must_use]
pub(super) fn taken(key: &Key, owner: &str, target: &str) -> Refusal {
    Refusal {
        message: format!("what `{key}` would be called is there, and belongs to `{owner}`"),
        help: format!(
            "give it another name, or leave it to `{owner}`; when this rulebook is `{owner}`, and was renamed, write `owner = \"{owner}\"` under `[target.{target}]` in gitsm.toml"
        ),
    }
}

/// A desired state without an object.
#[must_use]
pub(super) fn nothing_desired() -> Refusal {
    Refusal {
        message: "the target would hold nothing at all, which is never meant".to_owned(),
        help: "look at the rulebook: `gitsm show` counts what it says".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::settings::KindLimits,
        plan::{Cause, file::Counts},
    };

    fn refused(deletes: usize, updates: usize, of: usize, limits: &Limits) -> Vec<String> {
        let make = |number: usize, action| Operation {
            object: Key::new(
                "service",
                &format!("{}{number}", if action == Action::Delete { "d" } else { "u" }),
            ),
            name: None,
            action,
            cause: Cause::NotAppliedYet,
            before: None,
            after: None,
            changes: Vec::new(),
            changes_not_listed: 0,
            needs: Vec::new(),
            derived: false,
        };
        let mut operations: Vec<Operation> =
            (0..deletes).map(|number| make(number, Action::Delete)).collect();
        operations.extend((0..updates).map(|number| make(number, Action::Update)));
        let counts = Counts { delete: deletes, update: updates, ..Counts::default() };
        let summary =
            Summary { kinds: vec![KindCounts { kind: "service".to_owned(), counts }], ..Summary::default() };
        let refusals = refusals(&operations, &summary, &|_| of, limits, "site");
        refusals.into_iter().map(|refusal| refusal.message).collect()
    }

    #[test]
    fn each_limit_has_its_nearest_plan_that_keeps_it() {
        let percent = |text: &str| text.parse().unwrap();
        let limits = Limits {
            deletes: 3,
            delete_share: percent("10%"),
            updates: 20,
            update_share: percent("50%"),
            ..Limits::default()
        };
        let none: [&str; 0] = [];
        assert_eq!(refused(3, 20, 40, &limits), none);
        assert_eq!(
            refused(4, 0, 40, &limits),
            ["it would delete 4 objects of kind `service`, and the limit is 3"]
        );
        assert_eq!(
            refused(3, 0, 29, &limits),
            ["it would delete 3 of the 29 objects of kind `service`, and the limit is 10%"]
        );
        assert_eq!(refused(3, 0, 30, &limits), none);
        assert_eq!(refused(1, 0, 1, &limits), none, "one object can always be deleted");
        assert_eq!(refused(2, 0, 2, &limits).len(), 1, "a small catalogue is guarded as well");
        assert_eq!(refused(0, 21, 100, &limits).len(), 1);
        assert_eq!(refused(0, 11, 21, &limits).len(), 1);
        assert_eq!(refused(0, 11, 22, &limits), none);
        assert_eq!(refused(0, 10, 10, &limits), none);
        let nothing = Limits { deletes: 0, ..limits.clone() };
        assert_eq!(refused(1, 0, 100, &nothing).len(), 1);
        // A share of nothing leaves no few, and the smallest share of something does.
        for (share, expected) in [("0%", 1), ("0.0001%", 0)] {
            let nothing =
                Limits { delete_share: percent(share), update_share: percent(share), ..limits.clone() };
            assert_eq!(refused(1, 0, 100, &nothing).len(), expected);
            assert_eq!(refused(0, 1, 100, &nothing).len(), expected);
            assert_eq!(refused(0, 0, 100, &nothing), none);
        }
    }

    #[test]
    fn a_kind_has_limits_of_its_own_and_the_others_do_not() {
        let own = KindLimits { deletes: Some(0), ..KindLimits::default() };
        let of = |kind: &str| Limits { kind: [(kind.to_owned(), own.clone())].into(), ..Limits::default() };
        assert_eq!(
            refused(1, 0, 100, &of("service")),
            ["it would delete 1 objects of kind `service`, and the limit is 0"]
        );
        assert_eq!(refused(0, 1, 100, &of("service")).len() + refused(1, 0, 100, &of("team")).len(), 0);
    }

    #[test]
    fn what_is_protected_is_not_deleted() {
        let protect = |pattern: &str| Limits { protect: vec![pattern.to_owned()], ..Limits::default() };
        assert_eq!(
            refused(1, 0, 9, &protect("service/d0")),
            ["it would delete `service/d0`, which is protected"]
        );
        assert_eq!(refused(1, 0, 9, &protect("service/*")).len(), 1);
        let none: [&str; 0] = [];
        assert_eq!(refused(1, 1, 9, &protect("service/u0")), none, "updating is not deleting");
    }
}
