//! Whom a stage asks: those who are named, those who come later, and whoever stands in for somebody who is away.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    outcome::Why,
    run::{Progress, Run},
};
use crate::model::{Entry, person::Person, workflow::Need};

impl<'a> Run<'_, 'a> {
    /// The stages that ask somebody at an instant.
    ///
    /// After its time, a stage asks the people whom it escalates to even if it had been satisfied in time: whoever satisfied
    /// it may be the only one who can act in a later stage.
    pub(super) fn asked(&self, person: usize, at: Timestamp) -> Vec<usize> {
        let of = |lists: &[Vec<usize>]| lists.get(person).cloned().unwrap_or_default();
        let is = |stage: &usize, test: &dyn Fn(&Progress) -> bool| self.stages.get(*stage).is_some_and(test);
        let mut stages = of(&self.people.named);
        let escalation = of(&self.people.escalation).into_iter();
        stages.extend(escalation.filter(|stage| is(stage, &|progress| progress.is_late(at))));
        stages.extend(
            of(&self.people.standby).into_iter().filter(|stage| is(stage, &|progress| progress.stand_in)),
        );
        stages.extend(of(&self.people.away).into_iter().filter(|stage| self.lets_stand_in(person, *stage)));
        stages.sort_unstable();
        stages.dedup();
        stages
    }

    /// The stages that somebody can say no to: a share of those who were here is a reason against more approvals alone.
    pub(super) fn can_reject(&self, person: usize, at: Timestamp) -> Vec<usize> {
        let mut stages = self.asked(person, at);
        stages.extend(self.people.away.get(person).into_iter().flatten());
        stages.sort_unstable();
        stages.dedup();
        stages
    }

    /// Why none of some stages, or of all, asks somebody yet.
    pub(super) fn why_not_asked(&self, person: usize, named: Option<&[usize]>) -> Why {
        let is_named = |stage: &usize| named.is_none_or(|named| named.contains(stage));
        let any = |lists: &[Vec<usize>]| lists.get(person).is_some_and(|stages| stages.iter().any(is_named));
        if any(&self.people.away) {
            Why::NotStoodInFor
        } else if named.is_none() || any(&self.people.escalation) {
            Why::NotAskedYet
        } else {
            Why::OtherStage
        }
    }

    /// Whether somebody can approve a stage from that instant on, in person or by whoever stands in for them, or has.
    pub(super) fn can_count(&self, id: &str, stage: usize, at: Timestamp) -> bool {
        let Some(number) = self.people.find(id) else { return false };
        self.people.has_a_say(number, at, self.engine.date(at))
            || self.standing.approves(self.people.first(number), stage)
    }

    /// Whether a stage that is open lets anybody stand in for somebody who is away.
    pub(super) fn can_stand_in(&self, person: &Entry<Person>, stage: usize) -> bool {
        self.people.find(person.id.as_str()).is_some_and(|number| self.lets_stand_in(number, stage))
    }

    /// A share of those who were here is no smaller because somebody stands in later: who was not among them then is not
    /// one of them.
    fn lets_stand_in(&self, number: usize, stage: usize) -> bool {
        let (Some(asking), Some(progress)) = (self.asking.get(stage), self.stages.get(stage)) else {
            return false;
        };
        matches!(asking.stage.need, Need::Count(_))
            || progress.opened.is_none_or(|opened| {
                self.people.is_stood_in_for(number, opened, self.engine.date(opened))
                    || self.standing.approves(self.people.first(number), stage)
            })
    }

    /// Who is away and was not stood in for yet in a stage.
    pub(super) fn away(&self, stage: usize) -> Vec<usize> {
        let away = self.asking.get(stage).map_or(&[][..], |asking| &asking.away);
        self.not_yet(away.iter().filter(|person| self.can_stand_in(person, stage)), stage)
    }

    /// Those of some people whose approval a stage still waits for.
    fn not_yet<'p>(&self, people: impl Iterator<Item = &'p &'a Entry<Person>>, stage: usize) -> Vec<usize>
    where
        'a: 'p,
    {
        if self.end.is_some() || self.stages.get(stage).is_none_or(|progress| progress.satisfied.is_some()) {
            return Vec::new();
        }
        let numbers: BTreeSet<(&str, usize)> = people
            .filter_map(|person| Some((person.id.as_str(), self.people.find(person.id.as_str())?)))
            .filter(|(_, number)| !self.standing.approves(self.people.first(*number), stage))
            .collect();
        numbers.into_iter().map(|(_, number)| number).collect()
    }
}
