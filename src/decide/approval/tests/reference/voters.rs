//! Who has a say in what, slowly.

use jiff::Timestamp;

use super::{Slow, human};
use crate::{
    decide::stages::Asking,
    model::{
        Entry,
        approval::{Delegation, Vote},
        person::Person,
    },
};

impl Slow<'_, '_> {
    pub(super) fn is_theirs(&self, id: &str) -> bool {
        human(id) == human(&self.requester) || human(id) == human(&self.beneficiary)
    }

    pub(super) fn can_amend(&self, id: &str, at: Timestamp) -> bool {
        self.is_theirs(id)
            || self.amenders.contains(&human(id))
            || (self.may(id, at) && !self.stages_of(id, at).is_empty())
    }

    pub(super) fn is_called(&self, vote: &Vote, stage: usize) -> bool {
        let name = vote.stage.as_deref().unwrap_or_default();
        name == self.stages[stage].name() || name == self.stages[stage].stage.id.as_str()
    }

    /// The record that is named, and who a vote comes from, if they have a say.
    pub(super) fn voter(&self, vote: &Vote) -> Option<(String, String, String)> {
        let at = vote.at.0;
        let actor = vote.by.to_string();
        let seat = vote.on_behalf_of.as_ref().unwrap_or(&vote.by).to_string();
        if !self.may(&actor, at) || !self.may(&seat, at) || self.all_of(&seat).is_empty() {
            return None;
        }
        let covers = |one: &Delegation| {
            one.from.as_str() == seat
                && one.to.as_str() == actor
                && one.starts.0 <= at
                && at < one.ends.0
                && one.at.is_some_and(|written| written.0 <= at)
        };
        (seat == actor || self.delegations.iter().any(covers))
            .then(|| (seat.clone(), human(&seat), human(&actor)))
    }

    /// The stages that could ever ask somebody.
    pub(super) fn all_of(&self, id: &str) -> Vec<usize> {
        let among = |people: &[&Entry<Person>]| people.iter().any(|person| person.id.as_str() == id);
        let asks = |asking: &Asking<'_>| {
            among(&asking.approvers) || among(&asking.escalation) || among(&asking.standby)
        };
        (0..self.stages.len()).filter(|stage| asks(&self.stages[*stage])).collect()
    }

    pub(super) fn stages_of(&self, id: &str, at: Timestamp) -> Vec<usize> {
        let among = |people: &[&Entry<Person>]| people.iter().any(|person| person.id.as_str() == id);
        let asks = |stage: usize| {
            let asking = &self.stages[stage];
            let more = self.due[stage].is_some_and(|due| due < at);
            among(&asking.approvers)
                || (more && among(&asking.escalation))
                || (self.stand_in[stage] && among(&asking.standby))
        };
        (0..self.stages.len()).filter(|stage| asks(*stage)).collect()
    }
}
