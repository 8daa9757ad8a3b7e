//! Lists of rules of which the first that matches decides: which rules are reached, and what is left.

use std::collections::BTreeSet;

use crate::{
    decide::{
        space::{BUDGET, Set, Space, Unsure},
        vocabulary::Vocabulary,
    },
    model::condition::Condition,
};

/// What earlier rules leave of a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Something: it is reached.
    Reached,
    /// Nothing: these rules, by their place in the list, decide all of it.
    Covered(BTreeSet<usize>),
    /// The rule itself matches nothing.
    Empty,
}

/// Whether the rule at `place` of a list is reached.
///
/// Something that the rule is for is looked at, and the first rule that decides it; what that rule decides
/// is taken away, and so on until something is left to the rule or nothing is left. This looks only at the
/// rules that matter and ends with the few that cover it.
///
/// # Errors
/// When the rule makes no sense, or it is too complicated with the others.
pub(super) fn reach(space: &mut Space<'_>, sets: &[Option<Set>], place: usize) -> Result<Reach, Unsure> {
    let Some(Some(set)) = sets.get(place).copied() else { return Err(Unsure::Invalid) };
    let mut left = set;
    let mut by = BTreeSet::new();
    while let Some(point) = space.point(left) {
        let earlier = sets.iter().take(place).enumerate();
        let decides = earlier
            .filter_map(|(index, set)| Some((index, (*set)?)))
            .find(|(_, earlier)| space.holds(*earlier, &point));
        let Some((index, earlier)) = decides else { return Ok(Reach::Reached) };
        by.insert(index);
        left = space.minus(left, earlier)?;
    }
    Ok(if by.is_empty() { Reach::Empty } else { Reach::Covered(by) })
}

/// The sets of some conditions. One that makes no sense has none, and covers nothing.
///
/// # Errors
/// When they are too complicated together.
pub(super) fn sets<'a>(
    vocabulary: &Vocabulary<'a>,
    when: &[Condition],
) -> Result<(Space<'a>, Vec<Option<Set>>), Unsure> {
    let mut space = Space::new(vocabulary, when, BUDGET)?;
    let mut sets = Vec::new();
    for when in when {
        sets.push(match space.set(when) {
            Ok(set) => Some(set),
            Err(Unsure::Invalid) => None,
            Err(why) => return Err(why),
        });
    }
    Ok((space, sets))
}
