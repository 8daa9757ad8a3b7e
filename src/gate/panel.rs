//! What one rulebook says about a change of the repository: which rules apply, who has to agree, and who did.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    contributors::{Contributors, Part},
    facts::Facts,
    identity::Directory,
    rules::{self, Applies},
    touch::Touch,
    votes::{Known, Refused, Votes, last_moved},
};
use crate::{
    decide::{
        approval::{self, outcome},
        considered::Step,
        decision::{Decision, Denial},
        engine::Engine,
        principals::Exclusion,
        stages::{self, Asking, Demand, Matter},
        undecidable::Undecidable,
    },
    model::{
        Entry, Id, Instant, Origin, Ref, Rulebook, Selector,
        approval::{Choice, Event},
        person::Person,
        request::Request,
        scenario::Verdict,
    },
};

/// What one rulebook says about a change.
#[derive(Debug)]
pub struct Panel {
    /// The rules that apply.
    pub rules: Vec<RuleApplies>,
    /// How far the agreement has come; none when nobody has to agree.
    pub state: Option<outcome::State>,
    /// Who has to agree, in this order.
    pub stages: Vec<StageState>,
    /// The reviews that count for nothing.
    pub refused: Vec<Refused>,
    /// Reviews of people who may agree that are worth nothing all the same.
    pub not_counted: Vec<NotCounted>,
    /// Whoever made the change, by the directory of this rulebook.
    pub contributors: Contributors,
}

/// A rule that applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleApplies {
    /// The rule.
    pub rule: Selector,
    /// Why it exists.
    pub description: Option<String>,
    /// Who has to agree.
    pub workflow: Id,
}

impl RuleApplies {
    fn of(applies: &Applies<'_>) -> Self {
        Self {
            rule: applies.rule.clone(),
            description: applies.description.map(str::to_owned),
            workflow: applies.workflow.id.clone(),
        }
    }
}

/// How far a stage has come.
#[derive(Debug, Clone)]
pub struct StageState {
    /// Its name: `workflow/stage`.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// The rules that ask for it.
    pub because: Vec<Selector>,
    /// How many have to agree.
    pub needed: usize,
    /// The approvals that count for it: who, and the number of the review.
    pub counted: Vec<(String, u64)>,
    /// Who can agree still.
    pub can_act: Vec<String>,
    /// Who is named and cannot agree, and why.
    pub excluded: Vec<(String, Exclusion)>,
    /// Until when there is time.
    pub due: Option<Instant>,
    /// When enough had agreed.
    pub satisfied: Option<Instant>,
}

/// A review of somebody who may agree that is worth nothing.
#[derive(Debug, Clone)]
pub struct NotCounted {
    /// The number of the review.
    pub review: u64,
    /// Who gave it.
    pub person: String,
    /// Why it is worth nothing.
    pub why: outcome::Why,
}

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'q> {
    /// What the change touches.
    pub touch: &'q Touch,
    /// What was recorded about the pull request; none when nothing was.
    pub facts: Option<&'q Facts>,
    /// Whoever made the change by the directories of both rulebooks.
    pub made_by: &'q Contributors,
    /// The rulebook whose directory says who reviewed it and could agree, where the one that asks is not to be trusted with
    /// that: the one that is changed, when the change brings the first rules.
    pub known_by: Option<&'q Rulebook>,
    /// The instant that is asked about.
    pub now: Timestamp,
}

/// An id that nobody in the directory has, for an opener whom nobody knows.
fn nobody(rulebook: &Rulebook) -> Option<Entry<Person>> {
    let free = |id: &Id| rulebook.people.get(id.as_str()).is_none();
    // One more than there are people, so that one of these is free.
    let names = (0..=rulebook.people.len()).map(|number| format!("nobody-{number}"));
    let id = names.filter_map(|id| Id::new(&id)).find(free)?;
    Some(Entry {
        id,
        value: Person::named("somebody who is not known".to_owned()),
        origin: Origin::default(),
    })
}

/// Judges a change by a rulebook.
///
/// # Errors
/// When it cannot be said who has to agree.
pub(super) fn judge(rulebook: &Rulebook, own: Contributors, asked: &Asked<'_>) -> Result<Panel, Undecidable> {
    let applying = rules::applying(rulebook, asked.touch)?;
    let directory = Directory::new(asked.known_by.unwrap_or(rulebook));
    let known = match asked.known_by {
        Some(base) => Some(Known { base, today: Engine::new(base)?.date(asked.now) }),
        None => None,
    };
    let votes = asked
        .facts
        .map(|facts| Votes::of(&directory, (asked.made_by, &[]), facts, known.as_ref(), asked.now))
        .unwrap_or_default();
    let mut panel = Panel {
        rules: applying.iter().map(RuleApplies::of).collect(),
        state: None,
        stages: Vec::new(),
        refused: votes.refused.clone(),
        not_counted: Vec::new(),
        contributors: own,
    };
    if applying.is_empty() {
        return Ok(panel);
    }
    let stranger = nobody(rulebook);
    let engine = Engine::new(rulebook)?;
    let opener = asked.made_by.opener.as_deref().and_then(|id| rulebook.people.get(id));
    let Some(requester) = opener.or(stranger.as_ref()) else { return Err(Undecidable::OutOfTime) };
    let people = asked.made_by.people.iter();
    let made_by: Vec<&Entry<Person>> = people
        .filter(|(_, parts)| parts.iter().any(|part| part.is_known()))
        .filter_map(|(id, _)| rulebook.people.get(id))
        .filter(|person| person.id != requester.id)
        .collect();
    // Every push asks anew: the time of a stage runs from then.
    let instant = asked.facts.map_or(asked.now, |facts| last_moved(facts).0);
    let matter = Matter {
        requester,
        beneficiary: requester,
        service: None,
        instant,
        change_owner: None,
        implementers: &made_by,
    };
    let (stages, short) = stages::resolve(&engine, &matter, demands(&applying))?;
    let denials: Vec<Denial> = short.into_iter().collect();
    let decision = Decision {
        verdict: if denials.is_empty() { Verdict::NeedsApproval } else { Verdict::Denied },
        instant,
        starts: None,
        // A change stays one when whoever proposed it has left: nobody is given anything by it.
        beneficiary: None,
        asks_for: Vec::new(),
        denials,
        problems: Vec::new(),
        stages,
        obligations: Vec::new(),
        items: Vec::new(),
        delivery: None,
        trace: Vec::new(),
    };
    let request = Request::of(Ref::new(requester.id.clone()));
    let status = approval::status(&engine, &decision, &request, &votes.events, asked.now.max(instant))?;
    let review = |event: usize| votes.reviews.get(event).copied().unwrap_or_default();
    // What was agreed is not final before it is merged, whatever time was for it: an objection that comes later stops it
    // as well, and so does one of somebody who is kept from approving by what a commit says.
    let is_one =
        |one: &str, other: &str| directory.hands().same(one, other) || engine.hands().same(one, other);
    let named = |person: &str| {
        status.stages.iter().any(|stage| can_object(stage.asking, |record| is_one(record, person)))
    };
    let objects =
        |event: &Event| matches!(event, Event::Vote(vote) if is_objection(event) && named(vote.by.as_str()));
    let objected = votes.events.iter().any(objects);
    let stops = |event: usize| votes.events.get(event).is_some_and(objects);
    let is_newcomer =
        |person: &Entry<Person>| known.is_some_and(|known| !known.can_agree(person.id.as_str()));
    let state = |stage| state_of(stage, &asked.made_by.people, review, is_newcomer);
    panel.stages = status.stages.iter().map(state).collect();
    let is_stuck = |stage: &StageState| {
        stage.satisfied.is_none() && stage.counted.len() + stage.can_act.len() < stage.needed
    };
    let later = status.stages.iter().flat_map(|stage| &stage.asking.escalation);
    let nobody_comes = later.copied().all(is_newcomer);
    panel.state = Some(match status.state {
        _ if objected => outcome::State::Rejected,
        outcome::State::Pending if nobody_comes && panel.stages.iter().any(is_stuck) => {
            outcome::State::NoApprover
        }
        state => state,
    });
    panel.not_counted = status
        .not_counted
        .iter()
        .filter(|one| !stops(one.event))
        .map(|one| NotCounted {
            review: review(one.event),
            person: votes.voter(one.event).unwrap_or_default(),
            why: one.why,
        })
        .collect();
    Ok(panel)
}

/// How far a stage has come. Whoever made a part of the change cannot agree in it, whoever says that they did.
fn state_of(
    stage: &outcome::StageStatus<'_, '_>,
    made_by: &BTreeMap<String, BTreeSet<Part>>,
    review: impl Fn(usize) -> u64,
    is_newcomer: impl Fn(&Entry<Person>) -> bool,
) -> StageState {
    let counted = stage.counted.iter();
    let excluded_by_change = |person: &Entry<Person>| {
        let is_own = made_by.contains_key(person.id.as_str());
        let newcomer = is_newcomer(person).then_some(Exclusion::Newcomer);
        if is_own { Some(Exclusion::Implementer) } else { newcomer }
    };
    let own = stage.can_act.iter().filter_map(|person| Some((person, excluded_by_change(person)?)));
    let can_act = stage.can_act.iter().filter(|person| excluded_by_change(person).is_none());
    let excluded = stage.asking.excluded.iter().map(|one| (one.person.to_owned(), one.why));
    let own = own.map(|(person, why)| (person.id.to_string(), why));
    StageState {
        name: stage.asking.name(),
        title: stage.asking.stage.name.clone(),
        because: stage.asking.because.clone(),
        needed: stage.needed,
        counted: counted.map(|counted| (counted.person.to_owned(), review(counted.event))).collect(),
        can_act: can_act.map(|person| person.id.to_string()).collect(),
        excluded: excluded.chain(own).collect(),
        due: stage.due.map(Instant),
        satisfied: stage.satisfied.map(Instant),
    }
}

/// Whether an objection of somebody counts in a stage: whoever is asked in it, now or later, or would be if they were not
/// away, or had not made a part of the change. Which records are theirs is for whoever asks to say: people object, not
/// accounts.
#[must_use]
pub fn can_object(asking: &Asking<'_>, is_theirs: impl Fn(&str) -> bool) -> bool {
    let people = asking.approvers.iter().chain(&asking.escalation).chain(&asking.standby).chain(&asking.away);
    let made = |why: Exclusion| matches!(why, Exclusion::Implementer | Exclusion::Owner);
    people.into_iter().any(|known| is_theirs(known.id.as_str()))
        || asking.excluded.iter().any(|excluded| is_theirs(excluded.person) && made(excluded.why))
}

/// Whether somebody says no.
fn is_objection(event: &Event) -> bool {
    matches!(event, Event::Vote(vote) if vote.decision == Choice::Reject)
}

/// The workflows that rules ask for, each once for all the rules that ask for it.
fn demands<'a>(applying: &[Applies<'a>]) -> Vec<Demand<'a>> {
    let demand = |one: &Applies<'a>| Demand {
        workflow: one.workflow,
        because: Some(one.rule.clone()),
        about: None,
        step: Step::Governance,
    };
    applying.iter().map(demand).collect()
}
