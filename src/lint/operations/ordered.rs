//! The rules of a routing or a change model, of which the first that matches decides.

use std::collections::BTreeSet;

use crate::{
    decide::{
        space::{Set, Space, Unsure},
        vocabulary::Vocabulary,
    },
    lint::{
        Context, Location,
        access::{NOT_ANALYSED, is_too_complicated},
        first_match::{Reach, reach, sets},
    },
    model::condition::Condition,
};

/// Conditions in order, as sets of what they are asked about.
pub(super) struct Ordered<'a> {
    space: Space<'a>,
    /// What each of them matches; none for one that makes no sense, which is a finding of its own.
    sets: Vec<Option<Set>>,
    /// Everything that they are asked about.
    all: Set,
}

impl<'a> Ordered<'a> {
    /// Conditions that are asked about what `given` holds for.
    ///
    /// # Errors
    /// When they are too complicated together, or what they are asked about makes no sense.
    pub(super) fn new<'c>(
        vocabulary: &Vocabulary<'a>,
        given: Condition,
        rules: impl IntoIterator<Item = &'c Condition>,
    ) -> Result<Self, Unsure> {
        let mut conditions = vec![given];
        conditions.extend(rules.into_iter().cloned());
        let (mut space, sets) = sets(vocabulary, &conditions)?;
        let mut sets = sets.into_iter();
        let all = sets.next().flatten().ok_or(Unsure::Invalid)?;
        let mut inside = Vec::new();
        for set in sets {
            inside.push(set.map(|set| space.and(set, all)).transpose()?);
        }
        Ok(Self { space, sets: inside, all })
    }

    /// Whether something is left to a rule by those before it. A rule that makes no sense may match anything.
    ///
    /// # Errors
    /// When it is too complicated.
    pub(super) fn reach(&mut self, place: usize) -> Result<Reach, Unsure> {
        if self.sets.get(place).is_some_and(Option::is_none) {
            return Ok(Reach::Reached);
        }
        reach(&mut self.space, &self.sets, place)
    }

    /// Whether a rule decides everything by itself.
    pub(super) fn is_everything(&self, place: usize) -> bool {
        self.sets.get(place).copied().flatten() == Some(self.all)
    }

    /// An example of what no rule matches; `None` when they match everything. Rules that make no sense match
    /// nothing.
    ///
    /// # Errors
    /// When it is too complicated.
    pub(super) fn unmatched(&mut self) -> Result<Option<Vec<String>>, Unsure> {
        let mut left = self.all;
        for set in self.sets.iter().copied().flatten() {
            left = self.space.minus(left, set)?;
        }
        Ok(self.space.example(left))
    }
}

/// The rules before one that leave nothing to it.
pub(super) fn covered_by(reach: Reach) -> Option<BTreeSet<usize>> {
    match reach {
        Reach::Covered(by) => Some(by),
        // That a condition can never hold is said about it where it stands.
        Reach::Reached | Reach::Empty => None,
    }
}

/// Says that the rules of something cannot be analysed, unless one of them is already said to be too
/// complicated or to make no sense.
pub(super) fn not_analysed<'c>(
    context: &mut Context<'_>,
    at: Location,
    what: &str,
    rules: impl IntoIterator<Item = &'c Condition>,
    why: Unsure,
) {
    let vocabulary = context.vocabulary;
    if why == Unsure::Invalid || rules.into_iter().any(|rule| is_too_complicated(vocabulary, rule)) {
        return;
    }
    context
        .report_as(&NOT_ANALYSED, at, format!("the rules of {what} cannot be analysed together: {why}"))
        .note("which of them decides could then only be guessed")
        .help("use fewer patterns, or list the values that are meant");
}
