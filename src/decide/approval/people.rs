//! Who may act, and for whom: the people whom the stages name, their delegates, and who is kept out.

use std::collections::{BTreeSet, HashMap};

use jiff::{Timestamp, civil::Date};

use super::outcome::Why;
use crate::{
    decide::{
        engine::Engine,
        principals::{self, Exclusion, unable},
        stages::Asking,
    },
    model::{
        Entry,
        approval::{Delegation, Event, Vote},
        person::Person,
    },
};

/// Everybody who could have a say, each with a number.
#[derive(Debug)]
pub(super) struct People<'a> {
    numbers: HashMap<&'a str, usize>,
    /// The people, by their number.
    pub(super) entries: Vec<&'a Entry<Person>>,
    /// The stages that ask somebody from the start.
    pub(super) named: Vec<Vec<usize>>,
    /// The stages that ask somebody once their time is up.
    pub(super) escalation: Vec<Vec<usize>>,
    /// The stages that ask somebody once nobody else can act.
    pub(super) standby: Vec<Vec<usize>>,
    /// Who asks, and who it is for.
    requester: String,
    beneficiary: String,
    /// Who answers for software that asks for it or would get it.
    owners: BTreeSet<String>,
    /// Who widened the request.
    amenders: BTreeSet<String>,
    /// From when to when somebody may act on behalf of somebody.
    delegations: HashMap<(usize, usize), Vec<(Timestamp, Timestamp)>>,
    /// From whom somebody has a delegation.
    delegators: HashMap<usize, Vec<usize>>,
}

/// Who a vote comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Voter {
    /// Who is named.
    pub(super) seat: usize,
    /// Who acted.
    pub(super) actor: usize,
}

impl<'a> People<'a> {
    /// The people of some stages.
    pub(super) fn new(
        engine: &Engine<'a>,
        stages: &[Asking<'a>],
        requester: &str,
        beneficiary: &str,
    ) -> Self {
        let mut people = Self {
            numbers: HashMap::new(),
            entries: Vec::new(),
            named: Vec::new(),
            escalation: Vec::new(),
            standby: Vec::new(),
            requester: requester.to_owned(),
            beneficiary: beneficiary.to_owned(),
            owners: [requester, beneficiary]
                .into_iter()
                .filter_map(|id| engine.rulebook().people.get(id))
                .flat_map(|account| principals::owners_of_account(engine.rulebook(), account))
                .map(str::to_owned)
                .collect(),
            amenders: BTreeSet::new(),
            delegations: HashMap::new(),
            delegators: HashMap::new(),
        };
        for (stage, asking) in stages.iter().enumerate() {
            for person in &asking.approvers {
                let number = people.number(person);
                push(&mut people.named, number, stage);
            }
            for person in &asking.escalation {
                let number = people.number(person);
                push(&mut people.escalation, number, stage);
            }
            for person in &asking.standby {
                let number = people.number(person);
                push(&mut people.standby, number, stage);
            }
        }
        people
    }

    fn number(&mut self, person: &'a Entry<Person>) -> usize {
        let next = self.entries.len();
        let number = *self.numbers.entry(person.id.as_str()).or_insert(next);
        if number == next {
            self.entries.push(person);
            self.named.push(Vec::new());
            self.escalation.push(Vec::new());
            self.standby.push(Vec::new());
        }
        number
    }

    /// Notes a delegation. Why it covers nothing, if it does not.
    pub(super) fn delegate(&mut self, engine: &Engine<'a>, delegation: &Delegation) -> Result<(), Why> {
        let starts = delegation.at.map_or(delegation.starts, |at| at.max(delegation.starts));
        if delegation.from == delegation.to || starts >= delegation.ends {
            return Err(Why::EmptyDelegation);
        }
        if delegation.by.as_ref().is_some_and(|by| *by != delegation.from) {
            // Nobody gives away the say of somebody else.
            return Err(Why::NoDelegation);
        }
        let people = &engine.rulebook().people;
        let (Some(from), Some(to)) =
            (people.get(delegation.from.as_str()), people.get(delegation.to.as_str()))
        else {
            return Err(Why::UnknownPerson);
        };
        let (from, to) = (self.number(from), self.number(to));
        self.delegations.entry((from, to)).or_default().push((starts.0, delegation.ends.0));
        self.delegators.entry(to).or_default().push(from);
        Ok(())
    }

    /// Keeps whoever widened the request from approving it.
    pub(super) fn amended_by(&mut self, person: &str) {
        self.amenders.insert(person.to_owned());
    }

    /// Why somebody cannot act on this request on a day.
    pub(super) fn kept_out(&self, person: &Entry<Person>, today: Date) -> Option<Why> {
        let id = person.id.as_str();
        if id == self.requester {
            Some(Why::Excluded(Exclusion::Requester))
        } else if id == self.beneficiary {
            Some(Why::Excluded(Exclusion::Beneficiary))
        } else if self.owners.contains(id) {
            Some(Why::Excluded(Exclusion::Owner))
        } else if self.amenders.contains(id) {
            Some(Why::Amender)
        } else {
            unable(person, today).map(Why::Excluded)
        }
    }

    /// Who a vote comes from, or why they have no say.
    pub(super) fn voter(&self, engine: &Engine<'a>, vote: &Vote) -> Result<Voter, Why> {
        let today = engine.date(vote.at.0);
        let person = |id: &str| match self.numbers.get(id).and_then(|number| self.entries.get(*number)) {
            Some(person) => Ok(*person),
            None => engine.rulebook().people.get(id).ok_or(Why::UnknownPerson),
        };
        let actor = person(vote.by.as_str())?;
        if let Some(why) = self.kept_out(actor, today) {
            return Err(why);
        }
        let number = self.numbers.get(vote.by.as_str()).copied();
        let Some(delegator) = vote.on_behalf_of.as_ref().filter(|delegator| **delegator != vote.by) else {
            // Somebody who forgot to say on whose behalf they act is not named either: it is not guessed.
            let seat = number.filter(|number| self.is_asked(*number)).ok_or(Why::NotNamed)?;
            return Ok(Voter { seat, actor: seat });
        };
        let named = person(delegator.as_str())?;
        match self.kept_out(named, today) {
            Some(Why::Amender) => return Err(Why::DelegatorAmender),
            Some(Why::Excluded(why)) => return Err(Why::DelegatorExcluded(why)),
            _ => {}
        }
        let seat = self.numbers.get(delegator.as_str()).copied();
        let (Some(actor), Some(seat)) = (number, seat) else { return Err(Why::NoDelegation) };
        let Some(spans) = self.delegations.get(&(seat, actor)) else {
            return Err(self.why_not_delegated(seat, actor));
        };
        if !spans.iter().any(|(starts, ends)| *starts <= vote.at.0 && vote.at.0 < *ends) {
            return Err(Why::DelegationNotInForce);
        }
        if !self.is_asked(seat) {
            // They may have been asked to stand in for somebody themselves: that goes no further.
            return Err(if self.stands_in_for_somebody(seat) {
                Why::DelegateOfDelegate
            } else {
                Why::NotNamed
            });
        }
        Ok(Voter { seat, actor })
    }

    /// Whether somebody reaches another through a delegate, or not at all.
    fn why_not_delegated(&self, seat: usize, actor: usize) -> Why {
        let between = self.delegators.get(&actor).into_iter().flatten();
        if between.into_iter().any(|middle| self.delegations.contains_key(&(seat, *middle))) {
            Why::DelegateOfDelegate
        } else {
            Why::NoDelegation
        }
    }

    fn stands_in_for_somebody(&self, number: usize) -> bool {
        let from = self.delegators.get(&number);
        from.is_some_and(|from| from.iter().any(|from| self.is_asked(*from)))
    }

    /// Whether any stage names somebody.
    fn is_asked(&self, number: usize) -> bool {
        let any = |stages: &[Vec<usize>]| stages.get(number).is_some_and(|stages| !stages.is_empty());
        any(&self.named) || any(&self.escalation) || any(&self.standby)
    }

    /// The number of somebody.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.numbers.get(id).copied()
    }

    /// The id of somebody.
    pub(super) fn id(&self, number: usize) -> &'a str {
        self.entries.get(number).map_or("", |person| person.id.as_str())
    }
}

/// Notes every delegation. Those that cover nothing come back, with the reason.
pub(super) fn delegations<'a>(
    people: &mut People<'a>,
    engine: &Engine<'a>,
    events: &[Event],
    order: &[usize],
    now: Timestamp,
) -> Vec<(usize, Why)> {
    let mut refused = Vec::new();
    for place in order {
        let Some(Event::Delegation(delegation)) = events.get(*place) else { continue };
        let unknown_yet = delegation.at.is_some_and(|at| at.0 > now);
        let noted = if unknown_yet { Err(Why::InTheFuture) } else { people.delegate(engine, delegation) };
        if let Err(why) = noted {
            refused.push((*place, why));
        }
    }
    refused
}

fn push(lists: &mut [Vec<usize>], place: usize, value: usize) {
    if let Some(list) = lists.get_mut(place)
        && list.last() != Some(&value)
    {
        list.push(value);
    }
}
