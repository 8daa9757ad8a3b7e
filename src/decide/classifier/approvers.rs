//! Whether the stages of workflows can have enough different people.

use std::sync::OnceLock;

use jiff::{Timestamp, civil::Date};

use super::people::{NOBODY, People};
use crate::{
    decide::{
        approvers::needed,
        condition::holds_for,
        engine::Engine,
        policy::Offer,
        principals::{self, Subject},
        stages::deadline,
    },
    model::{
        Entry, Principal, Role,
        workflow::{Need, OnTimeout, Workflow},
    },
};

/// The most people that are needed, and looked at for one stage.
const SEATS: usize = 8;
/// The most stages.
const STAGES: usize = 8;

/// The workflows of a rulebook.
#[derive(Debug)]
pub(super) struct Workflows<'a> {
    entries: Vec<&'a Entry<Workflow>>,
    /// The people whom the conditions of the stages find, by workflow; none when nobody can say.
    by_condition: Vec<OnceLock<Option<Vec<Vec<u32>>>>>,
}

/// The stages of a workflow about one entitlement.
#[derive(Debug)]
pub(super) struct Steps {
    distinct: bool,
    stages: Box<[Step]>,
}

#[derive(Debug)]
struct Step {
    named: Group,
    fallback: Option<Group>,
    need: Need,
    /// Who can act as well once the time is up.
    escalation: Option<Group>,
}

/// People who are known, and how many levels above the beneficiary others are.
#[derive(Debug)]
struct Group {
    people: Box<[u32]>,
    managers: Box<[u8]>,
}

/// Whether enough different people can act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Enough {
    Yes,
    No,
    /// Nobody knows here.
    Ask,
}

/// Who asks on which day: nobody of `own` can act.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asker<'c> {
    pub(super) today: Date,
    pub(super) beneficiary: u32,
    pub(super) own: [&'c [u32]; 3],
}

impl<'a> Workflows<'a> {
    pub(super) fn new(engine: &Engine<'a>) -> Self {
        let entries: Vec<&'a Entry<Workflow>> = engine.rulebook().workflows.iter().collect();
        let by_condition = entries.iter().map(|_| OnceLock::new()).collect();
        Self { entries, by_condition }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn place(&self, id: &str) -> Option<u32> {
        let place = self.entries.binary_search_by(|entry| entry.id.as_str().cmp(id)).ok()?;
        u32::try_from(place).ok()
    }

    /// The stages of a workflow about an entitlement; none when the full engine has to be asked.
    pub(super) fn steps(
        &self,
        engine: &Engine<'a>,
        people: &People<'a>,
        offer: &Offer<'a>,
        workflow: u32,
    ) -> Option<Steps> {
        let place = workflow as usize;
        let entry = *self.entries.get(place)?;
        let found = self.by_condition.get(place)?.get_or_init(|| by_condition(engine, people, entry));
        let by_condition = found.as_ref()?;
        let mut stages = Vec::new();
        for (index, (stage, more)) in entry.value.stage.iter().zip(by_condition).enumerate() {
            deadline(engine, entry, index, stage, Timestamp::UNIX_EPOCH).ok()?;
            let group =
                |principals: &[Principal], more: &[u32]| group(engine, people, offer, principals, more);
            let escalation = match &stage.on_timeout {
                Some(OnTimeout::Escalate(to)) => Some(group(to, &[])?),
                Some(OnTimeout::Deny) | None => None,
            };
            stages.push(Step {
                named: group(&stage.approvers, more)?,
                fallback: if stage.fallback.is_empty() { None } else { Some(group(&stage.fallback, &[])?) },
                need: stage.need,
                escalation,
            });
        }
        Some(Steps { distinct: entry.distinct, stages: stages.into() })
    }
}

fn by_condition<'a>(
    engine: &Engine<'a>,
    people: &People<'a>,
    workflow: &Entry<Workflow>,
) -> Option<Vec<Vec<u32>>> {
    let of_stage = |stage: &crate::model::workflow::Stage| {
        let mut found = Vec::new();
        if let Some(condition) = &stage.approvers_when {
            for (place, person) in people.iter() {
                if holds_for(engine, condition, workflow.origin, person).ok()? {
                    found.push(place);
                }
            }
        }
        Some(found)
    };
    workflow.value.stage.iter().map(of_stage).collect()
}

/// The people whom principals name; none when that depends on more than the entitlement and the beneficiary's
/// managers.
fn group<'a>(
    engine: &Engine<'a>,
    people: &People<'a>,
    offer: &Offer<'a>,
    principals: &[Principal],
    more: &[u32],
) -> Option<Group> {
    let plain = |owner: Option<&Principal>| {
        owner.is_none_or(|owner| matches!(owner, Principal::Person(_) | Principal::Team(_)))
    };
    let mut managers = Vec::new();
    for principal in principals {
        let covered = match principal {
            Principal::Person(_)
            | Principal::Team(_)
            | Principal::Role(Role::TeamLead | Role::Requester | Role::ChangeOwner) => true,
            Principal::OnCall(_) => false,
            Principal::Role(Role::Manager) => {
                managers.push(1);
                true
            }
            Principal::Role(Role::ManagerLevel(level)) => {
                managers.push(*level);
                true
            }
            Principal::Role(Role::ServiceOwner) => plain(offer.service.owner.as_ref()),
            Principal::Role(Role::EntitlementOwner) => {
                plain(offer.entitlement.owner.as_ref().or(offer.service.owner.as_ref()))
            }
            Principal::Role(Role::CategoryOwner) => {
                let category = offer.service.category.as_ref();
                let entry = category.and_then(|id| engine.rulebook().categories.get(id.as_str()));
                plain(entry.and_then(|category| category.owner.as_ref()))
            }
        };
        if !covered {
            return None;
        }
    }
    // Managers are looked up for each beneficiary; with nobody to have one they add nobody.
    let subject = Subject {
        beneficiary: None,
        offer: Some(*offer),
        service: Some(offer.service),
        instant: Timestamp::UNIX_EPOCH,
        change_owner: None,
    };
    let named = principals::people(engine, &subject, principals).ok()?;
    let mut found: Vec<u32> = named.iter().filter_map(|person| people.place(person.id.as_str())).collect();
    found.extend(more);
    found.sort_unstable();
    found.dedup();
    Some(Group { people: found.into(), managers: managers.into() })
}

/// Those of a group who can act, as many as there is room for, and how many they are.
struct Able {
    count: usize,
    first: [u32; SEATS],
}

impl Able {
    fn add(&mut self, place: u32) {
        if let Some(slot) = self.first.get_mut(self.count) {
            *slot = place;
        }
        self.count += 1;
    }
}

fn able(people: &People<'_>, group: &Group, asker: &Asker<'_>) -> Result<Able, ()> {
    // Whoever has several records counts once, and is kept out with all of them: the full engine knows them.
    if group.people.iter().any(|place| people.has_several(*place)) {
        return Err(());
    }
    let mut found = Able { count: 0, first: [NOBODY; SEATS] };
    let can_act =
        |place: u32| people.is_able(place, asker.today) && !asker.own.iter().any(|own| own.contains(&place));
    for place in group.people.iter().filter(|place| can_act(**place)) {
        found.add(*place);
    }
    for (index, levels) in group.managers.iter().enumerate() {
        let Some(manager) = above(people, asker.beneficiary, *levels)? else { continue };
        if people.has_several(manager) {
            return Err(());
        }
        let mut known = group.people.binary_search(&manager).is_ok();
        for earlier in group.managers.iter().take(index) {
            known |= above(people, asker.beneficiary, *earlier)? == Some(manager);
        }
        if !known && can_act(manager) {
            found.add(manager);
        }
    }
    Ok(found)
}

fn above(people: &People<'_>, beneficiary: u32, levels: u8) -> Result<Option<u32>, ()> {
    let mut at = beneficiary;
    for _ in 0..levels {
        match people.manager(at)? {
            Some(manager) => at = manager,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

/// Whether all stages of workflows can have their people, nobody acting twice where that is not wanted.
pub(super) fn enough<'s>(
    people: &People<'_>,
    workflows: impl Iterator<Item = Option<&'s Steps>>,
    asker: &Asker<'_>,
) -> Enough {
    let mut apart: [(usize, [u32; SEATS]); STAGES] = [(0, [NOBODY; SEATS]); STAGES];
    let (mut stages, mut seats, mut escalates, mut is_apart) = (0, 0, false, false);
    // What one workflow says no to another one may still be too complicated for; both deny.
    let mut short = false;
    for workflow in workflows {
        let Some(steps) = workflow else { return Enough::Ask };
        for step in &steps.stages {
            let Ok(mut found) = able(people, &step.named, asker) else { return Enough::Ask };
            if let Some(fallback) = step.fallback.as_ref().filter(|_| found.count == 0) {
                let Ok(others) = able(people, fallback, asker) else { return Enough::Ask };
                found = others;
            }
            if let Some(others) = &step.escalation
                && able(people, others, asker).is_err()
            {
                return Enough::Ask;
            }
            let needed = needed(step.need, found.count);
            if found.count == 0 || found.count < needed && step.escalation.is_none() {
                short = true;
            } else if found.count < needed {
                return Enough::Ask;
            }
            is_apart |= steps.distinct;
            escalates |= step.escalation.is_some();
            if let Some(slot) = apart.get_mut(stages) {
                *slot = (needed, found.first);
            }
            stages += 1;
            seats += needed;
        }
    }
    if short {
        return Enough::No;
    }
    if stages < 2 || !is_apart {
        return Enough::Yes;
    }
    let Some(apart) = apart.get(..stages).filter(|_| seats <= SEATS) else { return Enough::Ask };
    if seat(apart, &mut [NOBODY; SEATS], 0, 0) {
        Enough::Yes
    } else if escalates {
        Enough::Ask
    } else {
        Enough::No
    }
}

/// Finds a different person for each seat. A stage that knows more people than there are seats can always
/// have its own last, so that those who were left out are not missed.
fn seat(stages: &[(usize, [u32; SEATS])], taken: &mut [u32; SEATS], count: usize, own: usize) -> bool {
    let Some(((needed, people), rest)) = stages.split_first() else { return true };
    if own == *needed {
        return seat(rest, taken, count, 0);
    }
    for person in people.iter().filter(|person| **person != NOBODY) {
        if taken.iter().take(count).any(|known| known == person) {
            continue;
        }
        let Some(slot) = taken.get_mut(count) else { return false };
        *slot = *person;
        if seat(stages, taken, count + 1, own + 1) {
            return true;
        }
    }
    false
}
