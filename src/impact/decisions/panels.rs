//! From the stages of a workflow to the people who can act in them, as far as that is known before somebody asks.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};

use super::meaning::{Approver, Hours, Needed, Panel, Silence, Time, in_order};
use crate::{
    decide::{
        condition::holds_for,
        engine::Engine,
        policy::Offer,
        principals::{self, Exclusion, Subject, unable},
        undecidable::Undecidable,
    },
    model::{
        Duration, Entry, Kind, Location, Principal, Ref, Role, Rulebook,
        calendar::Calendar,
        person::Person,
        service::Service,
        workflow::{OnTimeout, Stage, Workflow},
    },
};

/// How deep an owner may name an owner.
const MOST_STEPS: u8 = 4;

/// The panels of a workflow for requests for one entitlement, or for no access but about a service, or about none.
///
/// # Errors
/// When something that is referred to does not exist: such requests are denied.
pub(in crate::impact) fn panels<'a>(
    engine: &Engine<'a>,
    workflow: &'a Entry<Workflow>,
    offer: Option<Offer<'a>>,
    service: Option<&'a Entry<Service>>,
    instant: Timestamp,
) -> Result<Vec<Panel>, Undecidable> {
    let subject = Subject {
        beneficiary: None,
        offer,
        service: offer.map(|offer| offer.service).or(service),
        instant,
        change_owner: None,
    };
    let stages = workflow.value.stage.iter();
    let mut panels: Vec<Panel> =
        stages.map(|stage| panel(engine, workflow, stage, &subject)).collect::<Result<_, _>>()?;
    in_order(&mut panels);
    Ok(panels)
}

/// Somebody who is named, as far as they can act today or may one day without anybody's changing anything but that they
/// are back. Accounts never can, nor those who have left.
pub(super) fn approver(person: &Entry<Person>, today: Date) -> Option<Approver> {
    match unable(person, today) {
        None => Some(Approver::Person(person.id.clone())),
        Some(Exclusion::OnLeave | Exclusion::NotStarted) => Some(Approver::Away(person.id.clone())),
        Some(_) => None,
    }
}

fn panel<'a>(
    engine: &Engine<'a>,
    workflow: &'a Entry<Workflow>,
    stage: &'a Stage,
    subject: &Subject<'a>,
) -> Result<Panel, Undecidable> {
    let mut approvers = approvers(engine, subject, &stage.approvers)?;
    if let Some(condition) = &stage.approvers_when {
        let today = engine.date(subject.instant);
        for person in &engine.rulebook().people {
            let Some(named) = approver(person, today) else { continue };
            if holds_for(engine, condition, workflow.origin, person)? {
                approvers.insert(named);
            }
        }
    }
    let silence = match &stage.on_timeout {
        None => Silence::Waits,
        Some(OnTimeout::Deny) => Silence::Denies,
        Some(OnTimeout::Escalate(to)) => Silence::Escalates(self::approvers(engine, subject, to)?),
    };
    Ok(Panel {
        approvers,
        needed: Needed::from(stage.need),
        // What is wrong with those who stand in denies only where they are needed.
        fallback: self::approvers(engine, subject, &stage.fallback).unwrap_or_default(),
        time: stage.within.map(|within| time(engine, stage, within)).transpose()?,
        silence,
        evidence: stage.require.iter().copied().collect(),
        distinct: workflow.value.distinct,
        after: BTreeSet::new(),
    })
}

fn time(engine: &Engine<'_>, stage: &Stage, within: Duration) -> Result<Time, Undecidable> {
    let missing = |id: &Ref<Calendar>| Undecidable::Missing {
        kind: Kind::Calendar,
        id: id.to_string(),
        at: Location::settings(),
    };
    let (day, hours) = match &stage.calendar {
        Some(id) => {
            let calendar = engine.calendars().get(id.as_str(), Location::settings)?;
            (calendar.business_day_seconds(), Some(hours(engine.rulebook(), id).ok_or_else(|| missing(id))?))
        }
        None => (engine.calendars().always().business_day_seconds(), None),
    };
    Ok(Time { within: within.to_string(), seconds: within.seconds(day), hours })
}

/// The hours of a calendar as data, without what only people read.
pub(in crate::impact) fn hours(rulebook: &Rulebook, id: &Ref<Calendar>) -> Option<Hours> {
    let calendar = &rulebook.calendars.get(id.as_str())?.value;
    let closed = calendar.closed_dates(rulebook).ok()?;
    let open = serde_json::to_string(&(&calendar.time_zone, &calendar.weekly, &calendar.overrides)).ok()?;
    Some(Hours { open, closed })
}

fn approvers<'a>(
    engine: &Engine<'a>,
    subject: &Subject<'a>,
    principals: &[Principal],
) -> Result<BTreeSet<Approver>, Undecidable> {
    let mut found = BTreeSet::new();
    for principal in principals {
        add(engine, subject, principal, MOST_STEPS, &mut found)?;
    }
    Ok(found)
}

fn add<'a>(
    engine: &Engine<'a>,
    subject: &Subject<'a>,
    principal: &Principal,
    steps: u8,
    found: &mut BTreeSet<Approver>,
) -> Result<(), Undecidable> {
    match principal {
        Principal::Role(Role::Manager) => drop(found.insert(Approver::Manager(1))),
        Principal::Role(Role::ManagerLevel(level)) => drop(found.insert(Approver::Manager(*level))),
        Principal::Role(role @ (Role::ServiceOwner | Role::EntitlementOwner | Role::CategoryOwner)) => {
            let owner = principals::owner(engine.rulebook(), subject, *role);
            if let (Some(owner), Some(steps)) = (owner, steps.checked_sub(1)) {
                add(engine, subject, owner, steps, found)?;
            }
        }
        Principal::OnCall(id) => {
            let rulebook = engine.rulebook();
            let team = rulebook.teams.get(id.as_str()).and_then(|team| team.value.on_call.as_ref());
            if let Some(rota) = team {
                let hours = hours(rulebook, &rota.calendar).map(|hours| format!("{hours:?}"));
                let today = engine.date(subject.instant);
                // Whoever has a turn and cannot act then is not reached.
                let people = rota.rotation.iter().filter_map(|id| rulebook.people.get(id.as_str()));
                let away: Vec<_> =
                    people.filter(|one| unable(one, today).is_some()).map(|one| one.id.to_string()).collect();
                let data = (rota, hours, away);
                let rota = serde_json::to_string(&data).unwrap_or_default();
                found.insert(Approver::OnCall { team: id.clone(), rota });
            }
        }
        Principal::Person(_) | Principal::Team(_) | Principal::Role(_) => {
            let today = engine.date(subject.instant);
            let people = principals::people(engine, subject, std::slice::from_ref(principal))?;
            found.extend(people.into_iter().filter_map(|person| approver(person, today)));
        }
    }
    Ok(())
}
