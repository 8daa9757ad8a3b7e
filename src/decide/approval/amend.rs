//! What changes about a request after it was made: how long it is asked for, what was brought, and when it is over.

use jiff::Timestamp;

use super::{
    outcome::{Lapse, State, Why},
    run::Run,
};
use crate::{
    decide::{access::decide, decision::Decision, engine::Engine},
    model::{
        approval::{Amendment, Brought},
        request::Request,
        workflow::Evidence,
    },
};

impl Run<'_, '_> {
    /// Notes evidence of somebody who is known, as a request is one of somebody who is.
    pub(super) fn bring(&mut self, brought: &Brought) -> Result<(), Why> {
        self.engine.rulebook().people.get(brought.by.as_str()).ok_or(Why::UnknownPerson)?;
        self.brought.insert(brought.evidence);
        Ok(())
    }

    pub(super) fn amend(&mut self, place: usize, at: Timestamp, amendment: &Amendment) {
        let longer = match (amendment.duration, self.duration) {
            (Some(new), Some(old)) => new.seconds(0) > old.seconds(0),
            // Nothing is longer than what has no end, and what is not written is as it was.
            (_, None) | (None, _) => false,
        };
        let is_known = self.engine.rulebook().people.get(amendment.by.as_str()).is_some();
        let widens = amendment.voids() || longer;
        let goes_on =
            !amendment.is_another_request() && (is_known || !widens) && self.is_decided_alike(amendment);
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
