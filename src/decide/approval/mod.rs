//! How far an approval has come: a pure function of the decision, what happened since, and an instant.
//!
//! - Events count in the order of their instants. At the same instant: a cancellation, rejections, withdrawals,
//!   amendments, evidence, then approvals; an approval at the very instant of an amendment or of the same
//!   person's withdrawal is not later than it and counts as given before it.
//! - A stage opens when those before it are satisfied. Its time runs from then, and its quorum is that of the
//!   people who are here on that day. Approvals of later stages can be given before, and count once it opens.
//! - At its deadline a stage can still be approved; after it, it escalates, or the request is denied. A stage
//!   that does neither waits. A withdrawal gives no new time.
//! - The deadline is the instant at which business time has used up `within`: at closing time, the closing instant and not
//!   the next opening. People are told that instant, so whoever votes in the evening after it is late, although no business
//!   time has passed: unlike an SLA, where the same evening is no breach, this ends or widens who may agree, and what is in
//!   doubt is not approved.
//! - Approvals are never counted stage by stage: see [`flow`]. The one exception is a request of which every
//!   workflow says `distinct = false`.
//! - The people of a stage are those of the decision; whether they can act is looked at on the day of their
//!   vote. When those who are left can never satisfy the open stages, the request ends with no approver.
//! - Somebody who is on leave is asked by whoever stands in for them, as long as somebody does. Who left is not.
//! - Evidence that is missing keeps the stage that demands it from being satisfied, and the request from being
//!   approved.
//! - An amendment to another duration that is written is asked about anew: it goes on when the rules ask the same people
//!   the same. After any other the request is another one, which nobody decided about, and it ends.
//! - Once the access would have ended, or who it is for has left, the request is over.
//! - A state that is final never changes, but what was approved is over as well one day.

mod amend;
mod asked;
mod can_act;
mod flow;
mod order;
pub mod outcome;
mod people;
mod run;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;

use self::{
    outcome::{Counted, NotCounted, StageStatus, State, Status, Why},
    people::People,
    run::{End, Run},
    standing::Worth,
};
use super::{
    decision::{Decision, Denial},
    engine::Engine,
    undecidable::Undecidable,
};
use crate::model::{approval::Event, request::Request, scenario::Verdict};

/// How far a request has come at `now`, given what was decided about it when it was made and what happened
/// since. Events after `now` are not looked at.
///
/// # Errors
/// When the deadline of a stage cannot be computed, because its calendar cannot be counted on.
pub fn status<'d, 'a>(
    engine: &Engine<'a>,
    decision: &'d Decision<'a>,
    request: &Request,
    events: &[Event],
    now: Timestamp,
) -> Result<Status<'d, 'a>, Undecidable> {
    let requester = request.requester.as_str();
    let beneficiary = decision.beneficiary.map_or(requester, |person| person.id.as_str());
    let mut people = People::new(engine, &decision.stages, requester, beneficiary);
    let order = order::order(events);
    let mut refused = people::delegations(&mut people, engine, events, &order, now);
    let mut run = Run::new(engine, decision, request, people);
    match decision.verdict {
        Verdict::Approved | Verdict::NeedsApproval => run.follow(decision.instant)?,
        Verdict::Denied | Verdict::Invalid => {
            let state = denied(decision);
            run.end = Some(End { state, at: decision.instant, event: None, stage: None });
        }
    }
    let instant = |place: usize| events.get(place).and_then(Event::at).map(|at| at.0);
    let timed: Vec<usize> = order.iter().copied().filter(|place| instant(*place).is_some()).collect();
    for together in timed.chunk_by(|one, other| instant(*one) == instant(*other)) {
        let Some(at) = together.first().and_then(|place| instant(*place)) else { continue };
        let why = if at > now {
            Some(Why::InTheFuture)
        } else if at < decision.instant {
            Some(Why::BeforeRequest)
        } else {
            run.advance(at);
            run.end.is_some().then_some(Why::AfterDecision)
        };
        match why {
            Some(why) => refused.extend(together.iter().map(|place| (*place, why))),
            None => run.happen(at, events, together)?,
        }
    }
    run.advance(now);
    run.not_counted.append(&mut refused);
    Ok(result(&run, decision, &order, now))
}

/// The state of a request that nobody is asked about.
fn denied(decision: &Decision<'_>) -> State {
    let nobody = |denial: &Denial| matches!(denial, Denial::NoApprover { .. });
    if !decision.denials.is_empty() && decision.denials.iter().all(nobody) {
        State::NoApprover
    } else {
        State::Denied
    }
}

fn result<'d, 'a>(
    run: &Run<'_, 'a>,
    decision: &'d Decision<'a>,
    order: &[usize],
    now: Timestamp,
) -> Status<'d, 'a> {
    let mut positions = vec![0; order.len()];
    for (position, place) in order.iter().enumerate() {
        if let Some(slot) = positions.get_mut(*place) {
            *slot = position;
        }
    }
    let position = |event: usize| positions.get(event).copied().unwrap_or(usize::MAX);
    let mut not_counted = run.not_counted.clone();
    let mut counted: BTreeMap<usize, Vec<Counted<'a>>> = BTreeMap::new();
    for (event, worth) in run.standing.votes() {
        let why = match worth {
            Worth::Counts(stage, voter) => {
                let delegate = (voter.actor != voter.seat).then(|| run.people.id(voter.actor));
                let person = run.people.id(voter.seat);
                counted.entry(stage).or_default().push(Counted { event, person, delegate });
                continue;
            }
            Worth::SeatTaken(true) => Why::DelegatorVoted,
            Worth::SeatTaken(false) => Why::Duplicate,
            Worth::Elsewhere => Why::CountedElsewhere,
            Worth::NotNeeded => Why::NotNeeded,
        };
        not_counted.push((event, why));
    }
    not_counted.sort_by_key(|(event, _)| position(*event));
    let mut stages = Vec::new();
    for (index, (asking, progress)) in decision.stages.iter().zip(&run.stages).enumerate() {
        let mut counted = counted.remove(&index).unwrap_or_default();
        counted.sort_by_key(|counted| position(counted.event));
        let can_act = run.can_act(index, now);
        let delegates = run.delegates(&[can_act.as_slice(), &run.away(index)].concat(), now);
        stages.push(StageStatus {
            asking,
            opened: progress.opened,
            due: progress.due,
            satisfied: progress.satisfied,
            needed: progress.needed,
            counted,
            can_act: can_act
                .into_iter()
                .filter_map(|person| run.people.entries.get(person).copied())
                .collect(),
            delegates,
            escalated: progress.escalated,
            stand_in: progress.stand_in || asking.fallback,
            missing: run.missing(index),
        });
    }
    let mut withdrawals = run.withdrawals.clone();
    withdrawals.sort_by_key(|event| position(*event));
    Status {
        state: run.end.map_or(State::Pending, |end| end.state),
        since: run.end.map_or(run.started, |end| end.at),
        lapse: run
            .lapses
            .filter(|_| run.end.is_some_and(|end| end.state == State::Lapsed))
            .map(|(_, why)| why),
        decided_by: run.end.and_then(|end| end.event),
        stage: run.end.map_or_else(|| run.current(), |end| end.stage),
        stages,
        missing: run.still_owed(),
        not_counted: not_counted.into_iter().map(|(event, why)| NotCounted { event, why }).collect(),
        withdrawals,
        amended: run.amended_to.clone(),
    }
}
