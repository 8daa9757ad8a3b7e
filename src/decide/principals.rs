//! From teams, rotas and roles to the people behind them, and who of these cannot act.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};

use super::{engine::Engine, hands::are_one, policy::Offer, undecidable::Undecidable};
use crate::model::{
    Duration, Entry, Kind, Principal, Ref, Role, Rulebook,
    person::{Person, PersonStatus},
    service::Service,
    team::{OnCall, Team},
};

/// What roles are resolved for.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Whose manager is meant; nobody's for an incident that nobody reported.
    pub beneficiary: Option<&'a Entry<Person>>,
    /// What is asked for.
    pub offer: Option<Offer<'a>>,
    /// The service that it is about.
    pub service: Option<&'a Entry<Service>>,
    /// When.
    pub instant: Timestamp,
    /// Who is responsible for the change; none for what is no change.
    pub change_owner: Option<&'a Entry<Person>>,
}

/// Somebody who is named and cannot act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excluded<'a> {
    /// Who.
    pub person: &'a str,
    /// Why.
    pub why: Exclusion,
}

/// Why somebody cannot approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exclusion {
    /// They ask for it themselves.
    Requester,
    /// It is for them.
    Beneficiary,
    /// They answer for the software that asks for it or would get it.
    Owner,
    /// They are responsible for the change.
    ChangeOwner,
    /// They carry the change out.
    Implementer,
    /// They are switched off or have left.
    Inactive,
    /// They are away.
    OnLeave,
    /// They have not started yet.
    NotStarted,
    /// It is software.
    NotHuman,
    /// They are somebody who could agree only because of what they would agree to.
    Newcomer,
    /// Another record of theirs can act already.
    Again,
}

impl Exclusion {
    /// Why, in a few words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Requester => "asks for it themselves",
            Self::Beneficiary => "would get it themselves",
            Self::Owner => "answers for the account that it is about",
            Self::ChangeOwner => "is responsible for the change",
            Self::Implementer => "carries the change out",
            Self::Inactive => "is inactive",
            Self::OnLeave => "is on leave",
            Self::NotStarted => "has not started yet",
            Self::NotHuman => "is not a person",
            Self::Newcomer => "could agree only because of what is agreed to",
            Self::Again => "is the same person as another who is asked",
        }
    }
}

/// Why an identity cannot act on a day, whatever it is about.
#[must_use]
pub fn unable(person: &Person, today: Date) -> Option<Exclusion> {
    if !person.employment.is_human() {
        return Some(Exclusion::NotHuman);
    }
    // Whoever has left is not away, whatever was written last.
    if person.status == PersonStatus::Inactive || person.end.is_some_and(|end| end.0 < today) {
        return Some(Exclusion::Inactive);
    }
    if person.status == PersonStatus::Joining || person.start.is_some_and(|start| start.0 > today) {
        return Some(Exclusion::NotStarted);
    }
    (person.status == PersonStatus::OnLeave).then_some(Exclusion::OnLeave)
}

/// Those who answer for a service account or agent: its owner, everybody of a team that owns it, and whoever answers for
/// an owner that is software itself. In their hands they are all the same principal.
#[must_use]
pub fn owners_of_account<'a>(rulebook: &'a Rulebook, account: &'a Person) -> Vec<&'a str> {
    let (mut owners, mut seen, mut open) = (Vec::new(), BTreeSet::new(), vec![account]);
    while let Some(at) = open.pop().filter(|at| !at.employment.is_human()) {
        for id in at.owner.iter().flat_map(|owner| behind(rulebook, owner)) {
            if seen.insert(id) {
                owners.push(id);
                open.extend(
                    rulebook
                        .people
                        .get(id)
                        .map(|owner| &owner.value)
                        .filter(|owner| !owner.employment.is_human()),
                );
            }
        }
    }
    owners
}

/// Everybody who acts for the owner of an account: the person, or whoever belongs to the team, leads it or is on its rota.
fn behind<'a>(rulebook: &'a Rulebook, owner: &'a Principal) -> Vec<&'a str> {
    match owner {
        Principal::Person(id) => vec![id.as_str()],
        Principal::Team(id) | Principal::OnCall(id) => {
            let Some(team) = rulebook.teams.get(id.as_str()) else { return Vec::new() };
            let rota = team.on_call.iter().flat_map(|rota| &rota.rotation);
            team.value.members.iter().chain(&team.value.lead).chain(rota).map(Ref::as_str).collect()
        }
        // An account has no manager and no service: nobody follows from a role.
        Principal::Role(_) => Vec::new(),
    }
}

/// Whether two identities are in the hands of one person: they are the same or two records of one, one answers for the
/// other, or the same one answers for both.
#[must_use]
pub fn same_hands(rulebook: &Rulebook, one: &str, other: &str) -> bool {
    let hands = |id: &str| -> Vec<String> {
        let account = rulebook.people.get(id);
        let owners = account.map(|account| owners_of_account(rulebook, &account.value)).unwrap_or_default();
        std::iter::once(id).chain(owners).map(str::to_owned).collect()
    };
    if one == other {
        return true;
    }
    let are_one = |one: &str, other: &str| match (rulebook.people.get(one), rulebook.people.get(other)) {
        (Some(one), Some(other)) => are_one(one, other),
        _ => false,
    };
    let of_other = hands(other);
    hands(one).iter().any(|one| of_other.iter().any(|other| one == other || are_one(one, other)))
}

/// How deep an owner may name an owner.
const MOST_STEPS: u8 = 4;

/// Everybody whom principals name, whether or not they can act.
///
/// # Errors
/// When something that is referred to does not exist: who is missing might have been needed.
pub fn people<'a>(
    engine: &Engine<'a>,
    subject: &Subject<'a>,
    principals: &[Principal],
) -> Result<Vec<&'a Entry<Person>>, Undecidable> {
    let mut found = Vec::new();
    for principal in principals {
        add(engine, subject, principal, MOST_STEPS, &mut found)?;
    }
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found.dedup_by(|one, other| one.id == other.id);
    Ok(found)
}

fn missing(kind: Kind, id: &str) -> Undecidable {
    let at = crate::model::Location::settings();
    Undecidable::Missing { kind, id: id.to_owned(), at }
}

fn person<'a>(engine: &Engine<'a>, id: &str) -> Result<&'a Entry<Person>, Undecidable> {
    engine.rulebook().people.get(id).ok_or_else(|| missing(Kind::Person, id))
}

fn team<'a>(engine: &Engine<'a>, id: &str) -> Result<&'a Entry<Team>, Undecidable> {
    engine.rulebook().teams.get(id).ok_or_else(|| missing(Kind::Team, id))
}

fn add<'a>(
    engine: &Engine<'a>,
    subject: &Subject<'a>,
    principal: &Principal,
    steps: u8,
    found: &mut Vec<&'a Entry<Person>>,
) -> Result<(), Undecidable> {
    match principal {
        Principal::Person(id) => found.push(person(engine, id.as_str())?),
        Principal::Team(id) => {
            for member in &team(engine, id.as_str())?.value.members {
                found.push(person(engine, member.as_str())?);
            }
        }
        Principal::OnCall(id) => {
            let team = team(engine, id.as_str())?;
            if let Some(rota) = &team.value.on_call
                && let Some(id) = on_call(engine, team, rota, subject.instant)?
            {
                found.push(person(engine, id)?);
            }
        }
        Principal::Role(role) => {
            match role {
                Role::Manager => return manager(engine, subject.beneficiary, 1, found),
                Role::ManagerLevel(level) => return manager(engine, subject.beneficiary, *level, found),
                Role::TeamLead => found.extend(team_lead(engine, subject)?),
                Role::ChangeOwner => found.extend(subject.change_owner),
                // The one who asks never approves.
                Role::Requester | Role::ServiceOwner | Role::EntitlementOwner | Role::CategoryOwner => {}
            }
            let owner = owner(engine.rulebook(), subject, *role);
            if let (Some(owner), Some(steps)) = (owner, steps.checked_sub(1)) {
                add(engine, subject, owner, steps, found)?;
            }
        }
    }
    Ok(())
}

/// Who answers for what a role is about: the service, the entitlement or the category. `None` for roles that
/// are not about ownership, and where nobody answers for it.
pub(crate) fn owner<'a>(rulebook: &'a Rulebook, subject: &Subject<'a>, role: Role) -> Option<&'a Principal> {
    let of_service = || subject.service.and_then(|service| service.value.owner.as_ref());
    match role {
        Role::ServiceOwner => of_service(),
        Role::EntitlementOwner => {
            subject.offer.and_then(|offer| offer.entitlement.owner.as_ref()).or_else(of_service)
        }
        Role::CategoryOwner => {
            let category = subject.service.and_then(|service| service.value.category.as_ref());
            let entry = category.and_then(|id| rulebook.categories.get(id.as_str()));
            entry.and_then(|category| category.value.owner.as_ref())
        }
        Role::Manager | Role::ManagerLevel(_) | Role::TeamLead | Role::ChangeOwner | Role::Requester => None,
    }
}

/// The lead of the team that supports the service.
fn team_lead<'a>(
    engine: &Engine<'a>,
    subject: &Subject<'a>,
) -> Result<Option<&'a Entry<Person>>, Undecidable> {
    let support = subject.service.and_then(|service| service.value.support_team.as_ref());
    let Some(support) = support else { return Ok(None) };
    let lead = team(engine, support.as_str())?.value.lead.as_ref();
    lead.map(|lead| person(engine, lead.as_str())).transpose()
}

fn manager<'a>(
    engine: &Engine<'a>,
    of: Option<&'a Entry<Person>>,
    levels: u8,
    found: &mut Vec<&'a Entry<Person>>,
) -> Result<(), Undecidable> {
    let Some(mut at) = of else { return Ok(()) };
    for _ in 0..levels {
        let Some(manager) = &at.value.manager else { return Ok(()) };
        at = person(engine, manager.as_str())?;
    }
    found.push(at);
    Ok(())
}

/// Who of a rota is on call at an instant; nobody outside the hours of its calendar or before it starts.
///
/// # Errors
/// When the calendar does not exist or cannot be counted on.
pub fn on_call<'a>(
    engine: &Engine<'a>,
    team: &'a Entry<Team>,
    rota: &'a OnCall,
    instant: Timestamp,
) -> Result<Option<&'a str>, Undecidable> {
    let calendar = engine.calendars().get(rota.calendar.as_str(), || team.at("/on-call/calendar"))?;
    let people = i64::try_from(rota.rotation.len()).unwrap_or(i64::MAX);
    if people == 0 || !calendar.is_open(instant) {
        return Ok(None);
    }
    let Some(turns) = turns_since(calendar, rota, instant).filter(|turns| *turns >= 0) else {
        return Ok(None);
    };
    let place = usize::try_from(turns.rem_euclid(people)).unwrap_or(0);
    Ok(rota.rotation.get(place).map(crate::model::Ref::as_str))
}

/// Whose turn it is to be on call, and why they cannot be reached.
pub type Turn<'a> = (&'a Entry<Person>, Option<Exclusion>);

/// The same, with why whoever it is cannot be reached: they left, are on leave, or have not started. Then nobody is: a
/// rota does not say who stands in.
///
/// # Errors
/// When the calendar does not exist or cannot be counted on.
pub fn turn<'a>(
    engine: &Engine<'a>,
    team: &'a Entry<Team>,
    instant: Timestamp,
) -> Result<Option<Turn<'a>>, Undecidable> {
    let Some(rota) = &team.value.on_call else { return Ok(None) };
    let id = on_call(engine, team, rota, instant)?;
    let person = id.and_then(|id| engine.rulebook().people.get(id));
    let today = engine.date(instant);
    Ok(person.map(|person| (person, unable(person, today))))
}

/// How many turns have ended since a rota started. Turns of whole days end at midnight, also in a week in
/// which the clock changes.
fn turns_since(calendar: &crate::time::Calendar, rota: &OnCall, instant: Timestamp) -> Option<i64> {
    const DAY: i64 = 86_400;
    let Duration::Elapsed { seconds } = rota.shift else { return None };
    let local = instant.to_zoned(calendar.zone().clone());
    if seconds % DAY == 0 {
        let days = rota.start.0.until((jiff::Unit::Day, local.date())).ok()?.get_days();
        return Some(i64::from(days).div_euclid((seconds / DAY).max(1)));
    }
    // Counted in local time, so that turns begin at the same hours in summer and in winter.
    let start = rota.start.0.to_datetime(jiff::civil::Time::midnight());
    let since = start.until((jiff::Unit::Second, local.datetime())).ok()?.get_seconds();
    Some(since.div_euclid(seconds.max(1)))
}
