//! The order in which events count: by their instant, and at the same instant what stops before what lets
//! through.

use std::cmp::Ordering;

use jiff::Timestamp;

use crate::model::approval::{Choice, Event};

/// What is looked at first among events of the same instant.
///
/// A request that is taken back has nothing to reject; one that is rejected has nothing to approve. What
/// makes approvals worthless comes before approvals, which must be given later than it to count.
fn rank(event: &Event) -> u8 {
    match event {
        Event::Delegation(_) => 0,
        Event::Cancellation(_) => 1,
        Event::Vote(vote) if vote.decision == Choice::Reject => 2,
        Event::Vote(vote) if vote.decision == Choice::Withdraw => 3,
        Event::Amendment(_) => 4,
        Event::Evidence(_) => 5,
        // Own votes before those of delegates.
        Event::Vote(vote) if vote.on_behalf_of.is_none() => 6,
        Event::Vote(_) => 7,
    }
}

/// Which of two events counts first. Only events with the same content are equal, so the order in which they
/// were written down never matters.
fn compare(one: &Event, other: &Event) -> Ordering {
    let instant = |event: &Event| event.at().map_or(Timestamp::MIN, |at| at.0);
    instant(one).cmp(&instant(other)).then_with(|| rank(one).cmp(&rank(other))).then_with(|| one.cmp(other))
}

/// The places of the events, in the order in which they count.
pub(super) fn order(events: &[Event]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..events.len()).collect();
    places.sort_by(|one, other| match (events.get(*one), events.get(*other)) {
        (Some(one), Some(other)) => compare(one, other),
        _ => Ordering::Equal,
    });
    places
}
