//! Whose approval would bring a request further.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{people::Voter, run::Run};

impl Run<'_, '_> {
    /// Who can approve a stage still.
    ///
    /// A stage that is satisfied needs nobody. But where somebody counts for it who could count for the stage that the
    /// request waits in, whoever approves in their place lets them.
    pub(super) fn can_act(&self, stage: usize, now: Timestamp) -> Vec<usize> {
        let (Some(asking), Some(progress)) = (self.asking.get(stage), self.stages.get(stage)) else {
            return Vec::new();
        };
        if self.end.is_some() || (progress.satisfied.is_some() && !self.could_move(stage)) {
            return Vec::new();
        }
        let today = self.engine.date(now);
        let escalation = asking.escalation.iter().filter(|_| progress.is_late(now));
        let standby = asking.standby.iter().filter(|_| progress.stand_in);
        let people = asking.approvers.iter().chain(escalation).chain(standby);
        let numbers: BTreeSet<(&str, usize)> = people
            .filter(|person| self.people.kept_out(person, today).is_none())
            .filter_map(|person| Some((person.id.as_str(), self.people.find(person.id.as_str())?)))
            .filter(|(_, number)| !self.standing.approves(self.people.first(*number), stage))
            .filter(|(_, number)| progress.satisfied.is_none() || self.moves(*number, stage))
            .collect();
        numbers.into_iter().map(|(_, number)| number).collect()
    }

    /// Whether it could matter who counts for a stage that is satisfied: another one waits for people.
    fn could_move(&self, stage: usize) -> bool {
        let waits = self.current().filter(|current| !self.standing.is_filled(*current));
        waits.is_some_and(|current| stage < current)
    }

    /// Whether the stage that the request waits in has more approvals once somebody approves another one.
    fn moves(&self, number: usize, stage: usize) -> bool {
        let Some(current) = self.current() else { return false };
        let mut tried = self.standing.clone();
        let seat = self.people.first(number);
        tried.approve(Voter { seat, actor: seat }, &[stage], usize::MAX);
        tried.filled(current) > self.standing.filled(current)
    }
}
