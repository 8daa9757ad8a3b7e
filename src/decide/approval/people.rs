//! Who may act, and for whom: the people whom the stages name, their delegates, and who is kept out.

use std::collections::{BTreeSet, HashMap};

use jiff::{Timestamp, civil::Date};

use super::outcome::Why;
use crate::{
    decide::{
        engine::Engine,
        hands::Hands,
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
    /// The number that stands for each of them: that of the first record of the same person.
    firsts: Vec<usize>,
    /// The number of the first record of each person.
    seats: HashMap<&'a str, usize>,
    hands: Hands<'a>,
    /// The stages that ask somebody from the start.
    pub(super) named: Vec<Vec<usize>>,
    /// The stages that ask somebody once their time is up.
    pub(super) escalation: Vec<Vec<usize>>,
    /// The stages that ask somebody once nobody else can act.
    pub(super) standby: Vec<Vec<usize>>,
    /// The stages that name somebody who is away: only whoever stands in for them is asked.
    pub(super) away: Vec<Vec<usize>>,
    /// Who asks, and who it is for: the first record of each, as for all that follow.
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

/// A vote of somebody: as the person that counts, and as the record of them that a stage names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cast {
    /// Who it comes from, each person once.
    pub(super) voter: Voter,
    /// The record that is named: what it is asked about is not what another one is.
    pub(super) named: usize,
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
            firsts: Vec::new(),
            seats: HashMap::new(),
            hands: engine.hands().clone(),
            named: Vec::new(),
            escalation: Vec::new(),
            standby: Vec::new(),
            away: Vec::new(),
            requester: engine.hands().of(requester).to_owned(),
            beneficiary: engine.hands().of(beneficiary).to_owned(),
            owners: [requester, beneficiary]
                .into_iter()
                .filter_map(|id| engine.rulebook().people.get(id))
                .flat_map(|account| principals::owners_of_account(engine.rulebook(), account))
                .map(|owner| engine.hands().of(owner).to_owned())
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
            for person in &asking.away {
                let number = people.number(person);
                push(&mut people.away, number, stage);
            }
        }
        people
    }

    fn number(&mut self, person: &'a Entry<Person>) -> usize {
        let next = self.entries.len();
        let number = *self.numbers.entry(person.id.as_str()).or_insert(next);
        if number == next {
            self.entries.push(person);
            self.firsts.push(*self.seats.entry(self.hands.of(person.id.as_str())).or_insert(next));
            self.named.push(Vec::new());
            self.escalation.push(Vec::new());
            self.standby.push(Vec::new());
            self.away.push(Vec::new());
        }
        number
    }

    /// Notes a delegation. Why it covers nothing, if it does not.
    pub(super) fn delegate(&mut self, engine: &Engine<'a>, delegation: &Delegation) -> Result<(), Why> {
        let (Some(at), Some(by)) = (delegation.at, &delegation.by) else {
            return Err(Why::UnsignedDelegation);
        };
        // It never covers what was done before it was written down.
        let starts = at.max(delegation.starts);
        // Nor does anybody stand in for themselves, under whichever record.
        let is_own = self.hands.same(delegation.from.as_str(), delegation.to.as_str());
        if is_own || starts >= delegation.ends {
            return Err(Why::EmptyDelegation);
        }
        let people = &engine.rulebook().people;
        let (Some(from), Some(to)) =
            (people.get(delegation.from.as_str()), people.get(delegation.to.as_str()))
        else {
            return Err(Why::UnknownPerson);
        };
        if !self.hands.same(by.as_str(), delegation.from.as_str()) {
            // Nobody gives away the say of somebody else.
            return Err(Why::NoDelegation);
        }
        // A record that is switched off writes nothing down any more.
        let writer = people.get(by.as_str()).ok_or(Why::UnknownPerson)?;
        if unable(writer, engine.date(at.0)) == Some(Exclusion::Inactive) {
            return Err(Why::Excluded(Exclusion::Inactive));
        }
        let (from, to) = (self.number(from), self.number(to));
        self.delegations.entry((from, to)).or_default().push((starts.0, delegation.ends.0));
        self.delegators.entry(to).or_default().push(from);
        Ok(())
    }

    /// Whether somebody asks for it, or it is for them.
    pub(super) fn is_theirs(&self, id: &str) -> bool {
        let id = self.hands.of(id);
        id == self.requester || id == self.beneficiary
    }

    /// Whether somebody asks for it by now because they widened it.
    pub(super) fn has_amended(&self, id: &str) -> bool {
        self.amenders.contains(self.hands.of(id))
    }

    /// Who can act on behalf of somebody at an instant, until when.
    pub(super) fn delegates(&self, seat: usize, now: Timestamp, today: Date) -> Vec<(usize, Timestamp)> {
        let of_seat = self.delegations.iter().filter(|((from, _), _)| *from == seat);
        let mut found: Vec<(usize, Timestamp)> = of_seat
            .filter_map(|((_, to), spans)| {
                let able = self.kept_out(self.entries.get(*to)?, today).is_none();
                let spans = spans.iter().filter(|(starts, ends)| able && *starts <= now && now < *ends);
                Some((*to, spans.map(|(_, ends)| *ends).max()?))
            })
            .collect();
        found.sort_unstable_by_key(|(to, _)| self.id(*to));
        found
    }

    /// Whether somebody can act on a day, or is away and somebody who can stands in for them.
    pub(super) fn has_a_say(&self, number: usize, at: Timestamp, today: Date) -> bool {
        match self.entries.get(number).map(|person| self.kept_out(person, today)) {
            Some(None) => true,
            Some(Some(Why::Excluded(Exclusion::OnLeave))) => self.is_stood_in_for(number, at, today),
            _ => false,
        }
    }

    /// Whether somebody who can act stands in for somebody at an instant.
    pub(super) fn is_stood_in_for(&self, number: usize, at: Timestamp, today: Date) -> bool {
        !self.delegates(number, at, today).is_empty()
    }

    /// When nobody stands in any more for somebody who is away.
    pub(super) fn returns(&self) -> impl Iterator<Item = Timestamp> {
        let is_away = |number: &usize| self.away.get(*number).is_some_and(|stages| !stages.is_empty());
        let spans = self.delegations.iter().filter(move |((from, _), _)| is_away(from));
        spans.flat_map(|(_, spans)| spans).map(|(_, ends)| *ends)
    }

    /// Keeps whoever widened the request from approving it, and whoever answers for the account that did.
    pub(super) fn amended_by(&mut self, engine: &Engine<'a>, person: &str) {
        let rulebook = engine.rulebook();
        let account = rulebook.people.get(person);
        let owners = account
            .map(|account| principals::owners_of_account(rulebook, &account.value))
            .unwrap_or_default();
        let all = std::iter::once(person).chain(owners).map(|id| self.hands.of(id).to_owned());
        self.amenders.extend(all);
    }

    /// Why somebody cannot act on this request on a day.
    pub(super) fn kept_out(&self, person: &Entry<Person>, today: Date) -> Option<Why> {
        let id = self.hands.of(person.id.as_str());
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
    pub(super) fn voter(&self, engine: &Engine<'a>, vote: &Vote) -> Result<Cast, Why> {
        let today = engine.date(vote.at.0);
        let person = |id: &str| match self.numbers.get(id).and_then(|number| self.entries.get(*number)) {
            Some(person) => Ok(*person),
            None => engine.rulebook().people.get(id).ok_or(Why::UnknownPerson),
        };
        let cast = |seat: usize, actor: usize| Cast {
            voter: Voter { seat: self.first(seat), actor: self.first(actor) },
            named: seat,
        };
        let actor = person(vote.by.as_str())?;
        if let Some(why) = self.kept_out(actor, today) {
            return Err(why);
        }
        let number = self.numbers.get(vote.by.as_str()).copied();
        let Some(delegator) = vote.on_behalf_of.as_ref().filter(|delegator| **delegator != vote.by) else {
            // Somebody who forgot to say on whose behalf they act is not named either: it is not guessed.
            let seat = number.filter(|number| self.is_asked(*number));
            let seat = seat.ok_or_else(|| self.why_not_named(vote.by.as_str()))?;
            return Ok(cast(seat, seat));
        };
        let named = person(delegator.as_str())?;
        match self.kept_out(named, today) {
            Some(Why::Amender) => return Err(Why::DelegatorAmender),
            // To be away is what somebody stands in for.
            Some(Why::Excluded(Exclusion::OnLeave)) => {}
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
        Ok(cast(seat, actor))
    }

    /// Whether nobody is asked, or somebody under another record that they have.
    fn why_not_named(&self, id: &str) -> Why {
        let several = self.hands.has_several(id);
        let seat = self.seats.get(self.hands.of(id)).filter(|_| several);
        let is_theirs = |(number, first): (usize, &usize)| seat == Some(first) && self.is_asked(number);
        if self.firsts.iter().enumerate().filter(|_| seat.is_some()).any(is_theirs) {
            Why::Excluded(Exclusion::Again)
        } else {
            Why::NotNamed
        }
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
        any(&self.named) || any(&self.escalation) || any(&self.standby) || any(&self.away)
    }

    /// The number that stands for the person that a record is of.
    pub(super) fn first(&self, number: usize) -> usize {
        self.firsts.get(number).copied().unwrap_or(number)
    }

    /// The record that stands for the person that a record is of.
    pub(super) fn person<'s>(&'s self, id: &'s str) -> &'s str {
        self.hands.of(id)
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
