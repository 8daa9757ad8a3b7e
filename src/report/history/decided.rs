//! Whether a commit loosened or tightened what is decided.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    impact::decisions::Direction,
    report::{
        consequence::{self, Counts},
        impact::Consequences,
        summary::plural,
    },
};

/// What a commit decides otherwise than its first parent, both as of one instant, or why nobody can say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decided {
    /// What differs.
    Compared(Otherwise),
    /// Why the decisions cannot be compared. Nothing is known about them.
    NotCompared(String),
}

/// How many cases are decided otherwise, and which way they go together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Otherwise {
    /// Which way the commit goes: `loosens` or `tightens` where all of it does; `incomparable` where some of it does one and
    /// some the other, or nobody can show which; `neutral` where the same votes lead to the same access; `none` where
    /// everything is decided as before.
    pub direction: &'static str,
    /// How many cases go which way.
    pub counts: Counts,
    /// How many entitlements were compared.
    pub compared: usize,
    /// How many entitlements could not be compared. Nothing is known about them.
    pub unknown: usize,
    /// How many things that rules read by name changed without its being seen in the cases.
    pub unseen: usize,
    /// How many things bind access less than before, besides the decisions about it.
    pub eased: usize,
    /// The same in words.
    pub summary: String,
}

impl Decided {
    /// What is said about a comparison.
    #[must_use]
    pub fn new(consequences: &Consequences) -> Self {
        let view = match consequences {
            Consequences::Compared(view) => view,
            Consequences::NotCompared(why) => return Self::NotCompared(why.clone()),
        };
        let unknown = view.unknown.iter().map(|one| one.entitlements.len().max(1)).sum();
        let (unseen, eased) = (view.unseen.len(), view.eased.len());
        let mut summary = if view.cases.is_empty() { Vec::new() } else { vec![consequence::summary(view)] };
        if unknown > 0 {
            summary.push(format!("{} not compared", plural(unknown, "entitlement")));
        }
        if unseen > 0 {
            summary.push(format!("{} read by rules changed", plural(unseen, "thing")));
        }
        if eased > 0 {
            summary.push(format!("{} less than before", plural_binds(eased)));
        }
        if summary.is_empty() {
            summary.push("as before".to_owned());
        }
        Self::Compared(Otherwise {
            direction: direction(view.counts, unknown + unseen + eased).map_or("none", Direction::name),
            counts: view.counts,
            compared: view.compared,
            unknown,
            unseen,
            eased,
            summary: summary.join("; "),
        })
    }

    /// Whether everything was compared.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        matches!(self, Self::Compared(Otherwise { unknown: 0, .. }))
    }
}

/// How many things bind access.
fn plural_binds(number: usize) -> String {
    format!("{} {} access", plural(number, "thing"), if number == 1 { "binds" } else { "bind" })
}

/// Which way all cases go together; none where there is none.
fn direction(counts: Counts, not_seen: usize) -> Option<Direction> {
    let Counts { loosens, incomparable, tightens, neutral } = counts;
    if incomparable > 0 || not_seen > 0 || (loosens > 0 && tightens > 0) {
        Some(Direction::Incomparable)
    } else if loosens > 0 {
        Some(Direction::Loosens)
    } else if tightens > 0 {
        Some(Direction::Tightens)
    } else {
        (neutral > 0).then_some(Direction::Neutral)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_both_ways_or_is_not_known_is_incomparable() {
        let way = |loosens, incomparable, tightens, neutral, not_seen| {
            direction(Counts { loosens, incomparable, tightens, neutral }, not_seen)
        };
        assert_eq!(way(0, 0, 0, 0, 0), None);
        assert_eq!(way(0, 0, 0, 2, 0), Some(Direction::Neutral));
        assert_eq!(way(2, 0, 0, 2, 0), Some(Direction::Loosens));
        assert_eq!(way(0, 0, 1, 2, 0), Some(Direction::Tightens));
        for (loosens, incomparable, tightens, not_seen) in
            [(1, 0, 1, 0), (1, 1, 0, 0), (0, 1, 0, 0), (0, 0, 1, 1), (0, 0, 0, 1)]
        {
            assert_eq!(way(loosens, incomparable, tightens, 0, not_seen), Some(Direction::Incomparable));
        }
    }
}
