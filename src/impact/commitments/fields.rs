//! Fields that say by themselves which way they go.

use std::collections::BTreeMap;

use super::{Change, Direction, case::Both};
use crate::model::{Duration, LocalDate};

/// A field with what it said and says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it is about, in words.
    pub what: &'static str,
    /// What it said; none for nothing.
    pub before: Option<String>,
    /// What it says.
    pub after: Option<String>,
}

impl Field {
    /// Something that has to be the case; asking for more is stronger.
    pub(super) fn flag(what: &'static str, before: bool, after: bool) -> Option<(Direction, Self)> {
        let word = |is: bool| Some(if is { "yes" } else { "no" }.to_owned());
        let field = Self { what, before: word(before), after: word(after) };
        (before != after).then(|| (Direction::of_more(&before, &after), field))
    }

    /// An amount that is promised; more is stronger, none is weakest.
    pub(super) fn more<T: Ord + ToString>(
        what: &'static str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Option<(Direction, Self)> {
        let way = Direction::of_more(&before, &after);
        let field = Self { what, before: shown(before), after: shown(after) };
        (before != after).then_some((way, field))
    }

    /// A time by which something is done; sooner is stronger, never is weakest.
    pub(super) fn sooner(
        what: &'static str,
        before: Option<Duration>,
        after: Option<Duration>,
    ) -> Option<(Direction, Self)> {
        let (way, field) = Self::longer(what, before, after)?;
        let appears = before.is_none() || after.is_none();
        Some((if appears { way } else { way.opposite() }, field))
    }

    /// A day until which something holds; later is stronger, without end is strongest. Of the day from which it holds the
    /// opposite is true.
    pub(super) fn until(
        what: &'static str,
        before: Option<LocalDate>,
        after: Option<LocalDate>,
    ) -> Option<(Direction, Self)> {
        let way = match (before, after) {
            (None, None) => return None,
            (None, Some(_)) => Direction::Weaker,
            (Some(_), None) => Direction::Stronger,
            (Some(before), Some(after)) => Direction::of_more(&before, &after),
        };
        let field = Self { what, before: shown(before.as_ref()), after: shown(after.as_ref()) };
        (before != after).then_some((way, field))
    }

    /// A time that has to pass; longer is stronger, none is weakest.
    pub(super) fn longer(
        what: &'static str,
        before: Option<Duration>,
        after: Option<Duration>,
    ) -> Option<(Direction, Self)> {
        if before == after {
            return None;
        }
        let way = match (before, after) {
            (None, _) => Direction::Stronger,
            (_, None) => Direction::Weaker,
            (Some(before), Some(after)) => match (before, after) {
                (Duration::Elapsed { seconds: one }, Duration::Elapsed { seconds: other }) => {
                    Direction::of_more(&one, &other)
                }
                (Duration::BusinessDays { days: one }, Duration::BusinessDays { days: other }) => {
                    Direction::of_more(&one, &other)
                }
                // Business days and hours have no order between them.
                _ => Direction::Mixed,
            },
        };
        let text = |duration: Option<Duration>| duration.map(|duration| duration.to_string());
        Some((way, Self { what, before: text(before), after: text(after) }))
    }

    /// Something of which nobody can say which is stronger, unless there is none on one side.
    pub(super) fn other(
        what: &'static str,
        before: Option<String>,
        after: Option<String>,
    ) -> Option<(Direction, Self)> {
        if before == after {
            return None;
        }
        let way = match (&before, &after) {
            (None, _) => Direction::Stronger,
            (_, None) => Direction::Weaker,
            _ => Direction::Mixed,
        };
        Some((way, Self { what, before, after }))
    }

    /// Several of something; more of them is stronger.
    pub(super) fn list<T: PartialEq + Clone + ToString>(
        what: &'static str,
        before: &[T],
        after: &[T],
    ) -> Option<(Direction, Self)> {
        let both = Both::of(before, after);
        let text = |all: &[T]| {
            let names: Vec<String> = all.iter().map(ToString::to_string).collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        let field = Self { what, before: text(before), after: text(after) };
        (!both.is_empty()).then(|| (both.direction(), field))
    }
}

/// A value in words, if there is one.
pub(super) fn shown<T: ToString>(value: Option<&T>) -> Option<String> {
    value.map(ToString::to_string)
}

/// Changes by the way they go; what changes nothing is left out.
pub(super) fn sorted(changes: Vec<(Direction, Change)>) -> BTreeMap<Direction, Vec<Change>> {
    let mut sorted: BTreeMap<Direction, Vec<Change>> = BTreeMap::new();
    for (way, change) in changes {
        sorted.entry(way).or_default().push(change);
    }
    sorted
}
