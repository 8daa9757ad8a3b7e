//! What changes about a request after it was made: how long it is asked for, what was brought, and when it is over.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    outcome::{Delegate, Lapse, State, Why},
    run::Run,
};
use crate::{
    decide::{access::decide, decision::Decision, engine::Engine},
    model::{
        Id,
        approval::{Amendment, Brought},
        request::Request,
        workflow::Evidence,
    },
};

impl<'a> Run<'_, 'a> {
    /// Whether somebody is in the directory. Where nobody is named, nobody is unknown.
    pub(super) fn knows(&self, who: Option<&Id>) -> bool {
        who.is_none_or(|who| self.engine.rulebook().people.get(who.as_str()).is_some())
    }

    /// Notes evidence of whoever asks for it or gets it: what others say about them is no evidence.
    pub(super) fn bring(&mut self, brought: &Brought) -> Result<(), Why> {
        if !self.knows(Some(&brought.by)) {
            return Err(Why::UnknownPerson);
        }
        if !self.people.is_theirs(brought.by.as_str()) {
            return Err(Why::NotTheirs);
        }
        self.brought.insert(brought.evidence);
        Ok(())
    }

    /// Whether somebody can change what is asked for: those whose request it is, and those who can decide about it.
    fn can_amend(&self, by: &Id, at: Timestamp) -> Result<(), Why> {
        if !self.knows(Some(by)) {
            return Err(Why::UnknownPerson);
        }
        if self.people.is_theirs(by.as_str()) || self.people.has_amended(by.as_str()) {
            return Ok(());
        }
        let number = self.people.find(by.as_str()).ok_or(Why::NotTheirs)?;
        let person = self.people.entries.get(number).ok_or(Why::NotTheirs)?;
        let is_able = self.people.kept_out(person, self.engine.date(at)).is_none();
        let is_asked = !self.asked(number, at).is_empty();
        if is_able && is_asked { Ok(()) } else { Err(Why::NotTheirs) }
    }

    pub(super) fn amend(&mut self, place: usize, at: Timestamp, amendment: &Amendment) -> Result<(), Why> {
        self.can_amend(&amendment.by, at)?;
        let longer = match (amendment.duration, self.duration) {
            (Some(new), Some(old)) => new.seconds(0) > old.seconds(0),
            // Nothing is longer than what has no end, and what is not written is as it was.
            (_, None) | (None, _) => false,
        };
        let widens = amendment.voids() || longer;
        let goes_on = !amendment.is_another_request() && self.is_decided_alike(amendment);
        if widens || !goes_on {
            let worthless = self.standing.clear();
            self.not_counted.extend(worthless.into_iter().map(|event| (event, Why::BeforeAmendment)));
            self.people.amended_by(self.engine, amendment.by.as_str());
            self.amended = Some(at);
            self.started = at;
            self.close_from(0);
        }
        if !goes_on {
            self.finish(State::Replaced, at, Some(place), None);
        }
        Ok(())
    }

    /// Who can act on behalf of some people.
    pub(super) fn delegates(&self, people: &[usize], now: Timestamp) -> Vec<Delegate<'a>> {
        let today = self.engine.date(now);
        let mut found = Vec::new();
        for seat in people {
            for (to, until) in self.people.delegates(*seat, now, today) {
                if let (Some(delegator), Some(person)) =
                    (self.people.entries.get(*seat), self.people.entries.get(to))
                {
                    found.push(Delegate { person, delegator, until });
                }
            }
        }
        found
    }

    /// Whether the rules ask the same people the same when it is asked for another time, which it then is.
    fn is_decided_alike(&mut self, amendment: &Amendment) -> bool {
        let Some(duration) = amendment.duration else { return true };
        let request = Request { duration: Some(duration), ..self.request.clone() };
        let decision = decide(self.engine, &request, self.decision.instant, None);
        if !asks_alike(&decision, self.decision) {
            return false;
        }
        self.duration = Some(duration);
        self.lapses = lapses(self.engine, &decision);
        self.amended_to = Some(Arc::new(decision));
        true
    }
}

/// When what a decision gives is over, and why: the first end of anything in it, and the last day of who it is for.
pub(super) fn lapses(engine: &Engine<'_>, decision: &Decision<'_>) -> Option<(Timestamp, Lapse)> {
    let left = decision.beneficiary.and_then(|person| engine.end_of(person.end?.0));
    let ends = decision.items.iter().filter_map(|item| item.expires);
    left.into_iter()
        .map(|left| (left, Lapse::HolderLeft))
        .chain(ends.map(|end| (end, Lapse::AccessOver)))
        .min()
}

/// Whether two decisions ask the same people the same, and demand the same of whoever asks.
fn asks_alike(one: &Decision<'_>, other: &Decision<'_>) -> bool {
    let demands = |decision: &Decision<'_>| -> Vec<(Evidence, bool)> {
        decision.obligations.iter().map(|obligation| (obligation.evidence, obligation.met)).collect()
    };
    one.verdict == other.verdict
        && one.denials.is_empty()
        && one.problems.is_empty()
        && one.stages.len() == other.stages.len()
        && one.stages.iter().zip(&other.stages).all(|(one, other)| one.is_alike(other))
        && demands(one) == demands(other)
}
