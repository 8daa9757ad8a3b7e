//! The approvals that stand, and what they count for.

use std::collections::BTreeMap;

use super::{flow::Flow, people::Voter};
use crate::decide::stages::{Asking, are_apart};

/// The approvals that were given and neither taken back nor made worthless.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    /// By seat and actor.
    records: BTreeMap<(usize, usize), Record>,
    /// The first is of the stages if they need different people; else each stage has one of its own.
    flows: Vec<Flow>,
    /// The flow of each stage, and its place there.
    homes: Vec<(usize, usize)>,
}

/// What somebody approved from a seat.
#[derive(Debug, Clone, Default)]
struct Record {
    /// The stages, in order.
    stages: Vec<usize>,
    /// The votes, each with the stages that no vote before it was for.
    votes: Vec<(usize, Vec<usize>)>,
}

/// What a vote that stands is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    /// It counts for a stage.
    Counts(usize, Voter),
    /// The seat counts through somebody else; whether through the person who is named.
    SeatTaken(bool),
    /// The actor, or the seat, counts somewhere else.
    Elsewhere,
    /// Enough others count.
    NotNeeded,
}

impl Standing {
    /// No approval yet.
    pub(super) fn new(stages: &[Asking<'_>], people: usize) -> Self {
        let mut homes = Vec::new();
        let mut apart = Vec::new();
        let mut alone = Vec::new();
        let is_apart = are_apart(stages);
        for asking in stages {
            if is_apart {
                homes.push((0, apart.len()));
                apart.push(asking.needed);
            } else {
                alone.push(Flow::new(vec![asking.needed], people));
                homes.push((alone.len(), 0));
            }
        }
        let mut flows = vec![Flow::new(apart, people)];
        flows.append(&mut alone);
        Self { records: BTreeMap::new(), flows, homes }
    }

    /// Adds an approval. `false` when everything in it was said before.
    pub(super) fn approve(&mut self, voter: Voter, stages: &[usize], event: usize) -> bool {
        let record = self.records.entry((voter.seat, voter.actor)).or_default();
        let new: Vec<usize> =
            stages.iter().copied().filter(|stage| record.stages.binary_search(stage).is_err()).collect();
        if new.is_empty() {
            return false;
        }
        record.stages.extend(&new);
        record.stages.sort_unstable();
        for (flow, places) in by_flow(&self.homes, &new) {
            if let Some(flow) = self.flows.get_mut(flow) {
                flow.add(voter.seat, voter.actor, &places);
            }
        }
        record.votes.push((event, new));
        true
    }

    /// Takes approvals of a seat back, those by one actor or by all; for some stages or for all. The votes that
    /// are worth nothing any more.
    pub(super) fn withdraw(
        &mut self,
        seat: usize,
        actor: Option<usize>,
        stages: Option<&[usize]>,
    ) -> Option<Vec<usize>> {
        let (first, last) = actor.map_or((0, usize::MAX), |actor| (actor, actor));
        let gone = |stage: &usize| stages.is_none_or(|stages| stages.contains(stage));
        let mut worthless = Vec::new();
        let mut changed = false;
        for record in self.records.range_mut((seat, first)..=(seat, last)).map(|(_, record)| record) {
            changed |= record.stages.iter().any(gone);
            record.stages.retain(|stage| !gone(stage));
            for (_, stages) in &mut record.votes {
                stages.retain(|stage| !gone(stage));
            }
            worthless
                .extend(record.votes.iter().filter(|(_, stages)| stages.is_empty()).map(|(event, _)| *event));
            record.votes.retain(|(_, stages)| !stages.is_empty());
        }
        if !changed {
            return None;
        }
        self.records.retain(|_, record| !record.stages.is_empty());
        self.count_again();
        Some(worthless)
    }

    /// Takes everything back. The votes that are worth nothing any more.
    pub(super) fn clear(&mut self) -> Vec<usize> {
        let records = std::mem::take(&mut self.records);
        self.flows.iter_mut().for_each(Flow::clear);
        records.into_values().flat_map(|record| record.votes).map(|(event, _)| event).collect()
    }

    /// Changes how many approvals stages need.
    pub(super) fn set_needs(&mut self, needs: impl IntoIterator<Item = (usize, usize)>) {
        for (stage, needed) in needs {
            if let Some((flow, place)) = self.homes.get(stage).copied()
                && let Some(flow) = self.flows.get_mut(flow)
            {
                flow.set_need(place, needed);
            }
        }
        self.flows.iter_mut().for_each(Flow::fill);
    }

    fn count_again(&mut self) {
        self.flows.iter_mut().for_each(Flow::clear);
        for ((seat, actor), record) in &self.records {
            for (flow, places) in by_flow(&self.homes, &record.stages) {
                if let Some(flow) = self.flows.get_mut(flow) {
                    flow.connect(*seat, *actor, &places);
                }
            }
        }
        self.flows.iter_mut().for_each(Flow::fill);
    }

    /// Whether a stage has all the approvals that it needs.
    pub(super) fn is_filled(&self, stage: usize) -> bool {
        let home = self.homes.get(stage).copied();
        home.is_some_and(|(flow, place)| self.flows.get(flow).is_some_and(|flow| flow.is_filled(place)))
    }

    /// How many approvals a stage has of those that it needs.
    pub(super) fn filled(&self, stage: usize) -> usize {
        let home = self.homes.get(stage).copied();
        home.and_then(|(flow, place)| Some(self.flows.get(flow)?.filled(place))).unwrap_or_default()
    }

    /// Whether somebody has spoken themselves.
    pub(super) fn has_own(&self, seat: usize) -> bool {
        self.records.contains_key(&(seat, seat))
    }

    /// Whether an approval of a stage stands from a seat.
    pub(super) fn approves(&self, seat: usize, stage: usize) -> bool {
        let mut records = self.records.range((seat, 0)..=(seat, usize::MAX));
        records.any(|(_, record)| record.stages.binary_search(&stage).is_ok())
    }

    /// Every vote that stands, with what it is worth, and that of a repeated vote again for each stage.
    pub(super) fn votes(&self) -> Vec<(usize, Worth)> {
        let mut found = Vec::new();
        for ((seat, actor), record) in &self.records {
            let voter = Voter { seat: *seat, actor: *actor };
            for (event, stages) in &record.votes {
                let before = found.len();
                for one in stages {
                    if self.counts_for(voter, *one) {
                        found.push((*event, Worth::Counts(*one, voter)));
                    }
                }
                if found.len() == before {
                    found.push((*event, self.worth(voter, stages)));
                }
            }
        }
        found
    }

    fn counts_for(&self, voter: Voter, stage: usize) -> bool {
        let Some((flow, place)) = self.homes.get(stage).copied() else { return false };
        let counts = self.flows.get(flow).and_then(|flow| flow.counts(voter.seat));
        counts == Some((place, voter.actor))
    }

    /// Why a vote counts for none of its stages.
    fn worth(&self, voter: Voter, stages: &[usize]) -> Worth {
        let mut worth = Worth::NotNeeded;
        for (flow, _) in by_flow(&self.homes, stages) {
            let Some(flow) = self.flows.get(flow) else { continue };
            match flow.counts(voter.seat) {
                Some((_, actor)) if actor != voter.actor => return Worth::SeatTaken(actor == voter.seat),
                Some(_) => worth = Worth::Elsewhere,
                None if flow.seat_of(voter.actor).is_some() => worth = Worth::Elsewhere,
                None => {}
            }
        }
        worth
    }
}

/// Stages by the flow that they belong to, with their places there.
fn by_flow(homes: &[(usize, usize)], stages: &[usize]) -> BTreeMap<usize, Vec<usize>> {
    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (flow, place) in stages.iter().filter_map(|stage| homes.get(*stage)) {
        found.entry(*flow).or_default().push(*place);
    }
    found
}
