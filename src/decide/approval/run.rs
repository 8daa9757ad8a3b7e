//! The life of a request: stages open one after the other, time runs out, people vote, and it ends once.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    amend::lapses,
    outcome::{Lapse, State, Why},
    people::{Cast, People},
    standing::Standing,
};
use crate::{
    decide::{
        approvers,
        decision::Decision,
        engine::Engine,
        matching::satisfy,
        stages::{Asking, are_apart, deadline},
        undecidable::Undecidable,
    },
    model::{
        Duration,
        approval::{Choice, Event, Vote},
        request::Request,
        workflow::{Evidence, OnTimeout},
    },
};

/// A request between its events.
#[derive(Debug)]
pub(super) struct Run<'r, 'a> {
    pub(super) engine: &'r Engine<'a>,
    pub(super) asking: &'r [Asking<'a>],
    pub(super) people: People<'a>,
    pub(super) standing: Standing,
    pub(super) stages: Vec<Progress>,
    /// The stages that a name stands for.
    names: HashMap<String, Vec<usize>>,
    /// What is asked for, and what was decided about it.
    pub(super) request: &'r Request,
    pub(super) decision: &'r Decision<'a>,
    /// How long it is asked for now.
    pub(super) duration: Option<Duration>,
    /// What is decided about it for that time, once it is another one.
    pub(super) amended_to: Option<Arc<Decision<'a>>>,
    /// When it is over, whatever anybody says, and why.
    pub(super) lapses: Option<(Timestamp, Lapse)>,
    /// What has to be brought, by the request as a whole, and what was.
    owed: Vec<Evidence>,
    pub(super) brought: BTreeSet<Evidence>,
    /// When approvals were last made worthless.
    pub(super) amended: Option<Timestamp>,
    /// When a seat was last cleared by an actor.
    withdrawn: HashMap<(usize, usize), Timestamp>,
    /// Since when the request is what it is now.
    pub(super) started: Timestamp,
    /// How far time has been followed.
    clock: Timestamp,
    /// The first stage that is not satisfied.
    pub(super) frontier: usize,
    /// When people leave who could have acted, or stand in no more; the first so many have been looked at.
    leaves: Vec<Timestamp>,
    leaves_seen: usize,
    pub(super) end: Option<End>,
    pub(super) not_counted: Vec<(usize, Why)>,
    pub(super) withdrawals: Vec<usize>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) state: State,
    pub(super) at: Timestamp,
    pub(super) event: Option<usize>,
    pub(super) stage: Option<usize>,
}

/// How far a stage is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    pub(super) opened: Option<Timestamp>,
    pub(super) due: Option<Timestamp>,
    pub(super) satisfied: Option<Timestamp>,
    pub(super) escalated: Option<Timestamp>,
    pub(super) stand_in: bool,
    pub(super) needed: usize,
}

impl Progress {
    const fn closed(needed: usize) -> Self {
        Self { opened: None, due: None, satisfied: None, escalated: None, stand_in: false, needed }
    }

    /// Whether its time was up before an instant.
    pub(super) fn is_late(&self, at: Timestamp) -> bool {
        self.due.is_some_and(|due| due < at)
    }
}

impl<'r, 'a> Run<'r, 'a> {
    pub(super) fn new(
        engine: &'r Engine<'a>,
        decision: &'r Decision<'a>,
        request: &'r Request,
        people: People<'a>,
    ) -> Self {
        let (asking, made) = (decision.stages.as_slice(), decision.instant);
        let owed = decision.obligations.iter().map(|obligation| obligation.evidence).collect();
        let met = decision.obligations.iter().filter(|obligation| obligation.met);
        let brought = met.map(|obligation| obligation.evidence).collect();
        let mut names: HashMap<String, Vec<usize>> = HashMap::new();
        for (stage, asking) in asking.iter().enumerate() {
            names.entry(asking.name()).or_default().push(stage);
            names.entry(asking.stage.id.to_string()).or_default().push(stage);
        }
        let leave = people.entries.iter().filter_map(|person| engine.end_of(person.end?.0));
        let leaves: BTreeSet<Timestamp> =
            leave.chain(people.returns()).filter(|leave| *leave > made).collect();
        Self {
            standing: Standing::new(asking, people.entries.len()),
            stages: asking.iter().map(|asking| Progress::closed(asking.needed)).collect(),
            engine,
            asking,
            people,
            names,
            request,
            decision,
            duration: request.duration,
            amended_to: None,
            lapses: lapses(engine, decision),
            owed,
            brought,
            amended: None,
            withdrawn: HashMap::new(),
            started: made,
            clock: made,
            frontier: 0,
            leaves: leaves.into_iter().collect(),
            leaves_seen: 0,
            end: None,
            not_counted: Vec::new(),
            withdrawals: Vec::new(),
        }
    }

    pub(super) fn finish(
        &mut self,
        state: State,
        at: Timestamp,
        event: Option<usize>,
        within: Option<usize>,
    ) {
        self.end.get_or_insert(End { state, at, event, stage: within });
    }

    /// Lets time pass. What is due at `to` itself is not over yet: people are in time until then.
    pub(super) fn advance(&mut self, to: Timestamp) {
        self.lapse(to);
        while self.end.is_none() {
            let leave = self.leaves.get(self.leaves_seen).copied().filter(|leave| *leave <= to);
            let due = self.runs_out().filter(|due| *due < to);
            let lapse = self.lapses.map(|(at, _)| at).filter(|at| *at <= to);
            if let Some(lapse) = lapse
                && leave.is_none_or(|leave| lapse <= leave)
                && due.is_none_or(|due| lapse <= due)
            {
                self.finish(State::Lapsed, lapse.max(self.clock), None, self.current());
                break;
            }
            match (leave, due) {
                (Some(leave), due) if due.is_none_or(|due| leave <= due) => {
                    self.leaves_seen += 1;
                    self.clock = self.clock.max(leave);
                    if self.frontier < self.asking.len() {
                        self.check(leave);
                    }
                }
                (_, Some(due)) => self.expire(due.max(self.clock)),
                (_, None) => break,
            }
        }
        self.clock = self.clock.max(to);
    }

    /// What was approved is over once it would have ended: the one thing that a final state does not keep.
    fn lapse(&mut self, to: Timestamp) {
        let is_approved = self.end.is_some_and(|end| end.state == State::Approved);
        if let Some((at, _)) = self.lapses.filter(|(at, _)| is_approved && *at <= to) {
            self.end = Some(End { state: State::Lapsed, at: at.max(self.clock), event: None, stage: None });
        }
    }

    /// When something happens because nobody acted.
    fn runs_out(&self) -> Option<Timestamp> {
        let progress = self.stages.get(self.frontier)?;
        self.asking.get(self.frontier)?.stage.on_timeout.as_ref()?;
        progress.due.filter(|_| progress.escalated.is_none())
    }

    fn expire(&mut self, at: Timestamp) {
        let asking = self.asking.get(self.frontier);
        match asking.and_then(|asking| asking.stage.on_timeout.as_ref()) {
            Some(OnTimeout::Escalate(_)) => {
                if let Some(progress) = self.stages.get_mut(self.frontier) {
                    progress.escalated = Some(at);
                }
            }
            Some(OnTimeout::Deny) | None => self.finish(State::TimedOut, at, None, Some(self.frontier)),
        }
    }

    /// Everything that happens at one instant, and then what follows from it.
    pub(super) fn happen(
        &mut self,
        at: Timestamp,
        events: &[Event],
        places: &[usize],
    ) -> Result<(), Undecidable> {
        let mut changed = false;
        for place in places {
            let Some(event) = events.get(*place) else { continue };
            let worth = if self.end.is_some() {
                Err(Why::AfterDecision)
            } else {
                match event {
                    Event::Delegation(_) => Ok(()),
                    // Whoever wrote it: what stands against a request counts, also of somebody who came since.
                    Event::Cancellation(_) => {
                        self.finish(State::Cancelled, at, Some(*place), self.current());
                        Ok(())
                    }
                    Event::Vote(vote) => self.vote(*place, vote),
                    Event::Amendment(amendment) => self.amend(*place, at, amendment),
                    Event::Evidence(brought) => self.bring(brought),
                }
            };
            match worth {
                Ok(()) => changed = true,
                Err(why) => self.not_counted.push((*place, why)),
            }
        }
        if changed && self.end.is_none() { self.follow(at) } else { Ok(()) }
    }

    fn vote(&mut self, place: usize, vote: &Vote) -> Result<(), Why> {
        let cast = self.people.voter(self.engine, vote)?;
        let named = match &vote.stage {
            None => None,
            Some(name) => Some(self.names.get(&**name)),
        };
        match vote.decision {
            Choice::Reject => self.reject(place, cast, vote.at.0),
            Choice::Withdraw => {
                let stages = named.map(|named| named.ok_or(Why::UnknownStage)).transpose()?.cloned();
                self.withdraw(place, cast, stages.as_deref(), vote.at.0)
            }
            Choice::Approve => {
                let named = named.map(|named| named.ok_or(Why::UnknownStage)).transpose()?.cloned();
                self.approve(place, cast, named.as_deref(), vote.at.0)
            }
        }
    }

    /// One rejection ends it, whichever stage is open, and whatever stage it names.
    fn reject(&mut self, place: usize, cast: Cast, at: Timestamp) -> Result<(), Why> {
        let stage = self.can_reject(cast.named, at).into_iter().next().ok_or(Why::NotAskedYet)?;
        let voter = cast.voter;
        if voter.seat != voter.actor && self.standing.has_own(voter.seat) {
            return Err(Why::DelegatorVoted);
        }
        self.finish(State::Rejected, at, Some(place), Some(stage));
        Ok(())
    }

    /// The people who are named take back whatever was said for them; a delegate only what they said.
    fn withdraw(
        &mut self,
        place: usize,
        Cast { voter, .. }: Cast,
        stages: Option<&[usize]>,
        at: Timestamp,
    ) -> Result<(), Why> {
        // At one instant, taking back beats giving, also where nothing was given before.
        self.withdrawn.insert((voter.seat, voter.actor), at);
        let actor = (voter.seat != voter.actor).then_some(voter.actor);
        let worthless = self.standing.withdraw(voter.seat, actor, stages).ok_or(Why::NothingToWithdraw)?;
        self.not_counted.extend(worthless.into_iter().map(|event| (event, Why::Withdrawn)));
        self.withdrawals.push(place);
        Ok(())
    }

    fn approve(
        &mut self,
        place: usize,
        cast: Cast,
        named: Option<&[usize]>,
        at: Timestamp,
    ) -> Result<(), Why> {
        let voter = cast.voter;
        if self.amended == Some(at) {
            return Err(Why::BeforeAmendment);
        }
        let taken_back = |actor: usize| self.withdrawn.get(&(voter.seat, actor)) == Some(&at);
        if taken_back(voter.actor) || taken_back(voter.seat) {
            return Err(Why::Withdrawn);
        }
        let mut stages = self.asked(cast.named, at);
        if stages.is_empty() {
            return Err(self.why_not_asked(cast.named, None));
        }
        if let Some(named) = named {
            stages.retain(|stage| named.contains(stage));
            if stages.is_empty() {
                return Err(self.why_not_asked(cast.named, Some(named)));
            }
        }
        if self.standing.approve(voter, &stages, place) { Ok(()) } else { Err(Why::Duplicate) }
    }

    /// Closes stages: they are asked anew when those before them are satisfied again.
    pub(super) fn close_from(&mut self, first: usize) {
        let mut changed = Vec::new();
        for (stage, (progress, asking)) in self.stages.iter_mut().zip(self.asking).enumerate().skip(first) {
            if progress.opened.is_some() {
                *progress = Progress::closed(asking.needed);
                changed.push((stage, asking.needed));
            }
        }
        if !changed.is_empty() {
            self.standing.set_needs(changed);
        }
    }

    /// Opens what can be opened, and ends what is at its end.
    pub(super) fn follow(&mut self, at: Timestamp) -> Result<(), Undecidable> {
        let mut frontier = 0;
        while frontier < self.asking.len() {
            if self.stages.get(frontier).is_some_and(|progress| progress.opened.is_none()) {
                self.frontier = frontier;
                self.open(frontier, at)?;
                if self.end.is_some() {
                    return Ok(());
                }
            }
            if !self.standing.is_filled(frontier) || !self.missing(frontier).is_empty() {
                break;
            }
            if let Some(progress) = self.stages.get_mut(frontier) {
                progress.satisfied.get_or_insert(at);
            }
            frontier += 1;
        }
        self.frontier = frontier;
        if let Some(progress) = self.stages.get_mut(frontier) {
            progress.satisfied = None;
            self.close_from(frontier + 1);
        } else if self.still_owed().is_empty() {
            self.finish(State::Approved, at, None, None);
        }
        Ok(())
    }

    /// Opens a stage: from now its time runs, and those who are here today are its quorum.
    fn open(&mut self, stage: usize, at: Timestamp) -> Result<(), Undecidable> {
        let Some(asking) = self.asking.get(stage) else { return Ok(()) };
        let count = |people: &[&'a crate::model::Entry<crate::model::person::Person>]| {
            people.iter().filter(|person| self.can_count(person.id.as_str(), stage, at)).count()
        };
        let here = count(&asking.approvers) + count(&asking.away);
        let stand_in = here == 0 && !asking.standby.is_empty();
        let needed =
            approvers::needed(asking.stage.need, if stand_in { count(&asking.standby) } else { here });
        let due = deadline(self.engine, asking.workflow, asking.index, asking.stage, at)?;
        if let Some(progress) = self.stages.get_mut(stage) {
            *progress = Progress { opened: Some(at), due, stand_in, ..Progress::closed(needed) };
        }
        self.standing.set_needs([(stage, needed)]);
        self.check(at);
        Ok(())
    }

    /// Ends the request when the stages that are open can never be satisfied by different people, not even
    /// by those who stand in: as at the request, for a stage in which nobody who is named can act.
    fn check(&mut self, at: Timestamp) {
        while let Some(short) = self.too_few(at) {
            let mut more = false;
            for stage in &short {
                let has_standby = self.asking.get(*stage).is_some_and(|asking| {
                    let mut named = asking.approvers.iter().map(|person| person.id.as_str());
                    !asking.standby.is_empty() && !named.any(|id| self.can_count(id, *stage, at))
                });
                if let Some(progress) = self.stages.get_mut(*stage) {
                    more |= has_standby && !progress.stand_in;
                    progress.stand_in |= has_standby;
                }
            }
            if !more {
                self.finish(State::NoApprover, at, None, short.last().copied());
                return;
            }
        }
    }

    /// Open stages that have too few people between them.
    fn too_few(&self, at: Timestamp) -> Option<Vec<usize>> {
        let is_apart = are_apart(self.asking);
        let mut apart = Vec::new();
        for (stage, (asking, progress)) in
            self.asking.iter().zip(&self.stages).enumerate().take(self.frontier + 1)
        {
            let standby = asking.standby.iter().filter(|_| progress.stand_in);
            let named = asking.approvers.iter().chain(&asking.escalation).chain(standby);
            let named = named.chain(asking.away.iter().filter(|person| self.can_stand_in(person, stage)));
            let can = named.map(|person| person.id.as_str()).filter(|id| self.can_count(id, stage, at));
            // Each person once, whichever of their records is named.
            let can: BTreeSet<&str> = can.map(|id| self.people.person(id)).collect();
            if can.len() < progress.needed {
                return Some(vec![stage]);
            }
            if is_apart {
                apart.push((progress.needed, can));
            }
        }
        // The open stages are the first ones, so that their places are those of all.
        Some(satisfy(&apart).err()?.stages)
    }

    /// What has to be brought before a stage is satisfied.
    pub(super) fn missing(&self, stage: usize) -> Vec<Evidence> {
        let required = self.asking.get(stage).map(|asking| &asking.stage.require);
        let missing = required.into_iter().flatten().filter(|evidence| !self.brought.contains(evidence));
        missing.copied().collect()
    }

    /// What the request as a whole has to bring.
    pub(super) fn still_owed(&self) -> Vec<Evidence> {
        self.owed.iter().filter(|evidence| !self.brought.contains(evidence)).copied().collect()
    }

    /// The stage that the request waits in.
    pub(super) fn current(&self) -> Option<usize> {
        (self.frontier < self.asking.len()).then_some(self.frontier)
    }
}
