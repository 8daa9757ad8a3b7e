//! The same again, slowly: hour by hour, everything computed anew, every assignment tried.

mod voters;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    super::outcome::State,
    assign::{Edge, assign, human},
};
use crate::{
    decide::{
        approvers::needed,
        decision::Decision,
        engine::Engine,
        matching::satisfy,
        person::is_able,
        stages::{Asking, deadline},
    },
    model::{
        Entry,
        approval::{Amendment, Change, Choice, Delegation, Event, Vote},
        person::Person,
        request::Request,
        scenario::Verdict,
        workflow::{Evidence, OnTimeout},
    },
};

/// What came out, in a form that does not depend on which of several people counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) state: State,
    pub(super) since: Timestamp,
    /// Of each stage.
    pub(super) stages: Vec<Course>,
}

/// When a stage opened, was satisfied and escalated, what it needs and has.
type Course = (Option<Timestamp>, Option<Timestamp>, Option<Timestamp>, usize, usize);

struct Slow<'r, 'a> {
    engine: &'r Engine<'a>,
    stages: &'r [Asking<'a>],
    requester: String,
    beneficiary: String,
    /// Who answers for software that asks or gets it.
    owners: BTreeSet<String>,
    amenders: BTreeSet<String>,
    /// How long it is asked for, in hours, and when that or the last day of who it is for is over.
    hours: i64,
    last_day: Option<Timestamp>,
    made: Timestamp,
    edges: BTreeSet<Edge>,
    brought: BTreeSet<Evidence>,
    owed: Vec<Evidence>,
    delegations: Vec<Delegation>,
    opened: Vec<Option<Timestamp>>,
    due: Vec<Option<Timestamp>>,
    satisfied: Vec<Option<Timestamp>>,
    escalated: Vec<Option<Timestamp>>,
    stand_in: Vec<bool>,
    need: Vec<usize>,
    started: Timestamp,
    exposed: Timestamp,
    frontier: usize,
    end: Option<(State, Timestamp)>,
}

pub(super) fn reference<'a>(
    engine: &Engine<'a>,
    decision: &Decision<'a>,
    request: &Request,
    events: &[Event],
    now: Timestamp,
) -> Summary {
    let count = decision.stages.len();
    let made = decision.instant;
    let delegations = events.iter().filter_map(|event| match event {
        Event::Delegation(delegation)
            if delegation.at.is_some_and(|at| at.0 <= now)
                && human(delegation.from.as_str()) != human(delegation.to.as_str())
                && delegation
                    .by
                    .as_ref()
                    .is_some_and(|by| human(by.as_str()) == human(delegation.from.as_str())) =>
        {
            Some(delegation.clone())
        }
        _ => None,
    });
    let beneficiary = request.beneficiary.as_ref().unwrap_or(&request.requester).to_string();
    let last_day = engine.rulebook().people.get(&beneficiary).unwrap().end;
    let answers = |account: &str| (account == "robot").then(|| "ana".to_owned());
    let mut slow = Slow {
        engine,
        stages: &decision.stages,
        requester: request.requester.to_string(),
        owners: answers(&beneficiary).into_iter().collect(),
        beneficiary,
        amenders: BTreeSet::new(),
        hours: 30 * 24,
        last_day: last_day.and_then(|day| engine.end_of(day.0)),
        made,
        edges: BTreeSet::new(),
        brought: decision.obligations.iter().filter(|one| one.met).map(|one| one.evidence).collect(),
        owed: decision.obligations.iter().map(|one| one.evidence).collect(),
        delegations: delegations.collect(),
        opened: vec![None; count],
        due: vec![None; count],
        satisfied: vec![None; count],
        escalated: vec![None; count],
        stand_in: vec![false; count],
        need: decision.stages.iter().map(|asking| asking.needed).collect(),
        started: made,
        exposed: made,
        frontier: 0,
        end: None,
    };
    if decision.verdict == Verdict::Denied {
        slow.end = Some((State::NoApprover, made));
    } else {
        slow.settle(made);
    }
    let mut at = made;
    while at <= now {
        slow.time(at);
        slow.events(events, at);
        slow.time(at);
        at += jiff::SignedDuration::from_hours(1);
    }
    let counts = slow.counts();
    let stages = (0..count)
        .map(|stage| {
            (
                slow.opened[stage],
                slow.satisfied[stage],
                slow.escalated[stage],
                slow.need[stage],
                counts[stage],
            )
        })
        .collect();
    let (state, since) = slow.end.unwrap_or((State::Pending, slow.started));
    Summary { state, since, stages }
}

impl Slow<'_, '_> {
    fn may(&self, id: &str, at: Timestamp) -> bool {
        let person = self.engine.rulebook().people.get(id);
        let human = human(id);
        let is = |other: &String| human == self::human(other);
        !is(&self.requester)
            && !is(&self.beneficiary)
            && !self.owners.contains(&human)
            && !self.amenders.contains(&human)
            && person.is_some_and(|person| is_able(person, self.engine.date(at)))
    }

    /// Time that is up, people who have left, and access that would be over.
    fn time(&mut self, at: Timestamp) {
        if self.end.is_none()
            && self.frontier < self.stages.len()
            && let (Some(due), Some(then)) =
                (self.due[self.frontier], &self.stages[self.frontier].stage.on_timeout)
            && due < at
            && self.escalated[self.frontier].is_none()
        {
            let since = due.max(self.exposed);
            match then {
                OnTimeout::Deny => self.end = Some((State::TimedOut, since)),
                OnTimeout::Escalate(_) => self.escalated[self.frontier] = Some(since),
            }
        }
        if self.end.is_none_or(|(state, _)| state == State::Approved) && at >= self.over() {
            self.end = Some((State::Lapsed, at));
        }
        self.enough(at);
    }

    /// The first instant at which nobody would have the access any more: an entitlement is given for 90 days at most.
    fn over(&self) -> Timestamp {
        let end = self.made + jiff::SignedDuration::from_hours(self.hours.min(90 * 24));
        self.last_day.map_or(end, |last_day| last_day.min(end))
    }

    /// Ends it when nobody can help any more.
    fn enough(&mut self, at: Timestamp) {
        if self.end.is_some() || self.frontier >= self.stages.len() {
            return;
        }
        loop {
            let pools: Vec<BTreeSet<String>> =
                (0..=self.frontier).map(|stage| self.pool(stage, at)).collect();
            let edges = pools
                .iter()
                .enumerate()
                .flat_map(|(stage, pool)| pool.iter().map(move |id| (id.clone(), id.clone(), stage)));
            let possible = self.reaches(&edges.collect(), &self.need[..=self.frontier]);
            let short = self.short(&pools);
            assert_eq!(possible, short.is_empty(), "too few are found exactly when there is no assignment");
            if possible {
                return;
            }
            let more: Vec<usize> = short
                .into_iter()
                .filter(|stage| !self.stages[*stage].standby.is_empty() && !self.stand_in[*stage])
                .filter(|stage| !self.has_named(*stage, at))
                .collect();
            if more.is_empty() {
                self.end = Some((State::NoApprover, at));
                return;
            }
            for stage in more {
                self.stand_in[stage] = true;
            }
        }
    }

    /// Whether anybody who is named for a stage can approve it, or has.
    fn has_named(&self, stage: usize, at: Timestamp) -> bool {
        self.stages[stage].approvers.iter().any(|person| {
            let id = person.id.as_str();
            self.may(id, at) || self.edges.iter().any(|edge| edge.0 == human(id) && edge.2 == stage)
        })
    }

    /// Who can approve a stage, or has.
    fn pool(&self, stage: usize, at: Timestamp) -> BTreeSet<String> {
        let asking = &self.stages[stage];
        let standby = asking.standby.iter().filter(|_| self.stand_in[stage]);
        let people = asking.approvers.iter().chain(&asking.escalation).chain(standby);
        let ids = people.map(|person| person.id.to_string());
        ids.filter(|id| {
            self.may(id, at) || self.edges.iter().any(|edge| edge.0 == human(id) && edge.2 == stage)
        })
        .map(|id| human(&id))
        .collect()
    }

    /// Stages that have too few people: which of several choices is named is not computed in a second way,
    /// since those who stand in are asked for them.
    fn short(&self, pools: &[BTreeSet<String>]) -> Vec<usize> {
        if let Some(stage) = (0..pools.len()).find(|stage| pools[*stage].len() < self.need[*stage]) {
            return vec![stage];
        }
        let apart: Vec<usize> = if self.is_apart() { (0..pools.len()).collect() } else { Vec::new() };
        let wanted: Vec<(usize, BTreeSet<&str>)> = apart
            .iter()
            .map(|stage| (self.need[*stage], pools[*stage].iter().map(String::as_str).collect()))
            .collect();
        let short = satisfy(&wanted).err().map(|short| short.stages).unwrap_or_default();
        short.into_iter().map(|index| apart[index]).collect()
    }

    #[allow(
        clippy::too_many_lines,
        reason = "every sort of event stands once, in the order in which it counts"
    )]
    fn events(&mut self, events: &[Event], at: Timestamp) {
        let now: Vec<&Event> =
            events.iter().filter(|event| event.at().is_some_and(|instant| instant.0 == at)).collect();
        if now.is_empty() || self.end.is_some() {
            return;
        }
        if now.iter().any(|event| matches!(event, Event::Cancellation(_))) {
            self.end = Some((State::Cancelled, at));
            return;
        }
        let votes: Vec<&Vote> = now
            .iter()
            .filter_map(|event| if let Event::Vote(vote) = event { Some(vote) } else { None })
            .collect();
        let of = |choice: Choice| votes.iter().copied().filter(move |vote| vote.decision == choice);
        for vote in of(Choice::Reject) {
            if let Some((named, seat, actor)) = self.voter(vote)
                && !self.stages_of(&named, at).is_empty()
                && (seat == actor || !self.edges.iter().any(|edge| edge.0 == seat && edge.1 == seat))
            {
                self.end = Some((State::Rejected, at));
                return;
            }
        }
        let mut taken_back: BTreeSet<(String, String)> = BTreeSet::new();
        for vote in of(Choice::Withdraw) {
            let Some((_, seat, actor)) = self.voter(vote) else { continue };
            let meant: BTreeSet<usize> = (0..self.stages.len())
                .filter(|stage| vote.stage.is_none() || self.is_called(vote, *stage))
                .collect();
            let gone: Vec<Edge> = self
                .edges
                .iter()
                .filter(|edge| {
                    edge.0 == seat && (seat == actor || edge.1 == actor) && meant.contains(&edge.2)
                })
                .cloned()
                .collect();
            for edge in gone {
                self.edges.remove(&edge);
            }
            // A name that no stage has is a mistake, and takes nothing back.
            if !meant.is_empty() {
                taken_back.insert((seat, actor));
            }
        }
        let mut amended = false;
        let mut another = false;
        let mut amendments: Vec<&Amendment> = now
            .iter()
            .filter_map(|event| if let Event::Amendment(one) = event { Some(one) } else { None })
            .collect();
        amendments.sort_by_key(|one| {
            (one.by.to_string(), one.changed.clone(), one.duration.map(|duration| duration.to_string()))
        });
        for amendment in amendments {
            if !self.can_amend(amendment.by.as_str(), at) {
                continue;
            }
            let hours = amendment.duration.map(|duration| duration.seconds(0) / 3_600);
            let longer = hours.is_some_and(|hours| hours > self.hours);
            let says_enough = match amendment.changed[..] {
                [Change::ShorterDuration] => true,
                [Change::LongerDuration] => hours.is_some(),
                _ => false,
            };
            let widens = longer || amendment.changed != [Change::ShorterDuration];
            another = !says_enough;
            if !another {
                // The rules of these worlds say the same about every duration.
                self.hours = hours.unwrap_or(self.hours);
            }
            if widens || another {
                amended = true;
                self.edges.clear();
                self.amenders.insert(human(amendment.by.as_str()));
                if amendment.by.as_str() == "robot" {
                    self.amenders.insert("ana".to_owned());
                }
                self.started = at;
                self.close(0);
            }
            if another {
                break;
            }
        }
        if another {
            self.end = Some((State::Replaced, at));
            return;
        }
        for event in &now {
            if let Event::Evidence(brought) = event
                && self.is_theirs(brought.by.as_str())
            {
                self.brought.insert(brought.evidence);
            }
        }
        for vote in of(Choice::Approve).filter(|_| !amended) {
            let Some((named, seat, actor)) = self.voter(vote) else { continue };
            let again = [actor.clone(), seat.clone()].map(|who| (seat.clone(), who));
            if again.iter().any(|pair| taken_back.contains(pair)) {
                continue;
            }
            for stage in self.stages_of(&named, at) {
                if vote.stage.is_none() || self.is_called(vote, stage) {
                    self.edges.insert((seat.clone(), actor.clone(), stage));
                }
            }
        }
        self.settle(at);
    }

    fn close(&mut self, first: usize) {
        for stage in first..self.stages.len() {
            self.opened[stage] = None;
            self.due[stage] = None;
            self.satisfied[stage] = None;
            self.escalated[stage] = None;
            self.stand_in[stage] = false;
            self.need[stage] = self.stages[stage].needed;
        }
    }

    /// Opens and closes stages until nothing changes.
    fn settle(&mut self, at: Timestamp) {
        let before = self.frontier;
        for stage in 0..self.stages.len() {
            self.frontier = stage;
            if self.opened[stage].is_none() {
                self.open(stage, at);
                self.enough(at);
            }
            if self.end.is_some() {
                return;
            }
            let evidence =
                self.stages[stage].stage.require.iter().all(|evidence| self.brought.contains(evidence));
            if !self.reaches(&self.edges, &self.need[..=stage]) || !evidence {
                self.satisfied[stage] = None;
                self.close(stage + 1);
                if stage != before {
                    self.exposed = at;
                }
                return;
            }
            self.satisfied[stage].get_or_insert(at);
        }
        self.frontier = self.stages.len();
        if self.owed.iter().all(|evidence| self.brought.contains(evidence)) {
            self.end = Some((State::Approved, at));
        }
    }

    fn open(&mut self, stage: usize, at: Timestamp) {
        let asking = &self.stages[stage];
        let counts = |people: &[&Entry<Person>]| {
            let counts = |id: &str| {
                self.may(id, at) || self.edges.iter().any(|edge| edge.0 == human(id) && edge.2 == stage)
            };
            people.iter().filter(|person| counts(person.id.as_str())).count()
        };
        let here = counts(&asking.approvers);
        let stand_in = here == 0 && !asking.standby.is_empty();
        self.need[stage] = if stand_in {
            needed(asking.stage.need, counts(&asking.standby))
        } else {
            needed(asking.stage.need, here).min(asking.needed)
        };
        self.stand_in[stage] = stand_in;
        self.opened[stage] = Some(at);
        self.due[stage] = deadline(self.engine, asking.workflow, asking.index, asking.stage, at).unwrap();
    }

    /// How many approvals each stage has: the first as many as it can, then the second, and so on.
    fn counts(&self) -> Vec<usize> {
        let mut counts = Vec::new();
        for stage in 0..self.stages.len() {
            let most = (0..=self.need[stage]).rev().find(|count| {
                let wanted: Vec<usize> = counts.iter().copied().chain([*count]).collect();
                self.reaches(&self.edges, &wanted)
            });
            counts.push(most.unwrap());
        }
        counts
    }

    /// Whether one workflow at least keeps people apart.
    fn is_apart(&self) -> bool {
        self.stages.iter().any(|stage| stage.workflow.distinct)
    }

    /// Whether the first stages can have so many approvals each.
    fn reaches(&self, edges: &BTreeSet<Edge>, wanted: &[usize]) -> bool {
        let mut apart = Vec::new();
        for (stage, count) in wanted.iter().enumerate() {
            let places = std::iter::repeat_n(stage, *count);
            if self.is_apart() {
                apart.extend(places);
            } else if !assign(edges, &places.collect::<Vec<_>>(), &mut Vec::new()) {
                return false;
            }
        }
        assign(edges, &apart, &mut Vec::new())
    }
}
