//! Who can act in a stage, and whether different people can be found for all of them.

use std::collections::BTreeSet;

use super::{
    conditions::{holds, of_person},
    steps::{Asked, Case},
};
use crate::model::{
    Entry, Id, Principal, Role,
    person::{Person, PersonStatus},
    workflow::{Need, OnTimeout, Stage},
};

type People = BTreeSet<String>;

/// Who can act, who can act later as well, and how many have to.
pub(super) fn who(case: &Case<'_>, stage: &Stage, item: Option<&str>) -> (People, People, usize) {
    let mut named = People::new();
    for principal in &stage.approvers {
        named.extend(behind(case, principal, item, 0));
    }
    if let Some(when) = &stage.approvers_when {
        let all = case.book.people.iter();
        let them = all.filter(|person| holds(when, &|_, name| of_person(case, person, name)));
        named.extend(them.map(|person| person.id.to_string()));
    }
    let mut people =
        once_each(case, People::new(), named.into_iter().filter(|name| can_act(case, name)).collect());
    if people.is_empty() {
        let others: People =
            stage.fallback.iter().flat_map(|principal| behind(case, principal, item, 0)).collect();
        people = once_each(case, people, others.into_iter().filter(|name| can_act(case, name)).collect());
    }
    let count = people.len();
    let needed = match stage.need {
        Need::Count(needed) => needed as usize,
        Need::All => count,
        Need::Share(share) => (count * share.parts_per_million() as usize).div_ceil(1_000_000),
    };
    let mut pool = people.clone();
    if let Some(OnTimeout::Escalate(to)) = &stage.on_timeout {
        let later: People = to.iter().flat_map(|principal| behind(case, principal, item, 0)).collect();
        pool = once_each(case, pool, later.into_iter().filter(|name| can_act(case, name)).collect());
    }
    (people, pool, needed.max(1))
}

/// Some people and more of them, but nobody under a second name.
fn once_each(case: &Case<'_>, mut known: People, more: People) -> People {
    for name in more {
        if records(case, &name).is_disjoint(&known) {
            known.insert(name);
        }
    }
    known
}

/// All the names that one human being has in the directory.
pub(super) fn records(case: &Case<'_>, name: &str) -> People {
    let low = |text: &str| text.trim().to_lowercase();
    let shows = |person: &Person| -> BTreeSet<String> {
        let accounts = person.accounts.iter().map(|(of, account)| format!("{of} {}", low(account)));
        accounts.chain(person.email.iter().map(|email| format!("mail to {}", low(email)))).collect()
    };
    let mut found = People::from([name.to_owned()]);
    if shows(case.book.people.get(name).unwrap()).is_empty() {
        return found;
    }
    loop {
        let known: BTreeSet<String> =
            found.iter().flat_map(|name| shows(case.book.people.get(name).unwrap())).collect();
        let all = case.book.people.iter().filter(|one| !shows(one).is_disjoint(&known));
        let more: People = all.map(|one| one.id.to_string()).chain(found.iter().cloned()).collect();
        if more == found {
            return found;
        }
        found = more;
    }
}

/// The people whom a principal names.
fn behind(case: &Case<'_>, principal: &Principal, item: Option<&str>, depth: usize) -> People {
    let offer = item.map(|item| case.offer(item));
    let service = offer.map(|(service, _)| service);
    let owner = |owner: Option<&Principal>| {
        owner.filter(|_| depth < 5).map_or_else(People::new, |owner| behind(case, owner, item, depth + 1))
    };
    match principal {
        Principal::Person(id) => People::from([id.to_string()]),
        Principal::Team(id) => case
            .book
            .teams
            .get(id.as_str())
            .unwrap()
            .members
            .iter()
            .map(|member| member.as_str().to_owned())
            .collect(),
        Principal::Role(Role::Manager) => manager(case, 1),
        Principal::Role(Role::ManagerLevel(level)) => manager(case, *level),
        Principal::Role(Role::ServiceOwner) => owner(service.and_then(|service| service.owner.as_ref())),
        Principal::Role(Role::EntitlementOwner) => owner(
            offer.and_then(|(service, entitlement)| entitlement.owner.as_ref().or(service.owner.as_ref())),
        ),
        Principal::Role(Role::TeamLead) => {
            let team = service.and_then(|service| service.support_team.as_ref());
            let team = team.and_then(|team| case.book.teams.get(team.as_str()));
            team.and_then(|team| team.lead.as_ref())
                .map(|lead| lead.as_str().to_owned())
                .into_iter()
                .collect()
        }
        Principal::Role(Role::CategoryOwner) => {
            let category = service.and_then(|service| service.category.as_ref());
            let category = category.and_then(|of| case.book.categories.get(of.as_str()));
            owner(category.and_then(|category| category.owner.as_ref()))
        }
        Principal::OnCall(id) => on_call(case, id.as_str()).into_iter().collect(),
        Principal::Role(Role::Requester | Role::ChangeOwner) => panic!("not drawn"),
    }
}

/// Who of a team is on call: the turn of as many as have passed since the first one began, on the clock of the wall.
fn on_call(case: &Case<'_>, team: &str) -> Option<String> {
    let rota = case.book.teams.get(team).unwrap().on_call.as_ref()?;
    let local = case.now.to_zoned(jiff::tz::TimeZone::get("Europe/Berlin").unwrap());
    let is_weekend = matches!(local.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
    if rota.calendar.as_str() == "ko" && (is_weekend || !(9..17).contains(&local.hour())) {
        return None;
    }
    let since = local.datetime().duration_since(rota.start.0.to_datetime(jiff::civil::Time::midnight()));
    let turn = usize::try_from(since.as_secs()).ok()? / usize::try_from(rota.shift.seconds(0)).unwrap();
    Some(rota.rotation[turn % rota.rotation.len()].to_string())
}

fn manager(case: &Case<'_>, level: u8) -> People {
    let mut at = case.beneficiary;
    for _ in 0..level {
        let Some(next) = at.manager.as_ref() else { return People::new() };
        at = case.book.people.get(next.as_str()).unwrap();
    }
    People::from([at.id.to_string()])
}

/// Whether somebody is here, human, and has nothing to do with the request.
fn can_act(case: &Case<'_>, name: &str) -> bool {
    let person = case.book.people.get(name).unwrap();
    let here = person.status == PersonStatus::Active
        && person.start.is_none_or(|start| start.0 <= case.today)
        && person.end.is_none_or(|end| end.0 >= case.today);
    let involved = [case.requester, case.beneficiary].into_iter().any(|one| involves(case, one, name));
    here && person.employment.is_human() && !involved
}

/// Whether what is asked by or for somebody is asked by or for a person: it is them, under whatever name, or they answer
/// for the software that it is.
pub(super) fn involves(case: &Case<'_>, one: &Entry<Person>, name: &str) -> bool {
    let mut behind_it = People::new();
    responsible(case, one, &mut behind_it);
    !records(case, name).is_disjoint(&behind_it)
}

/// Adds everybody who answers for software, through software that answers for software, and the software itself.
fn responsible(case: &Case<'_>, account: &Entry<Person>, found: &mut People) {
    if !found.insert(account.id.to_string()) || account.employment.is_human() {
        return;
    }
    let owners: People = match &account.owner {
        Some(Principal::Person(owner)) => People::from([owner.to_string()]),
        Some(Principal::Team(team)) => {
            let team = case.book.teams.get(team.as_str()).unwrap();
            let rota = team.on_call.iter().flat_map(|rota| &rota.rotation);
            team.members.iter().chain(&team.lead).chain(rota).map(ToString::to_string).collect()
        }
        Some(_) => panic!("not drawn"),
        None => People::new(),
    };
    for owner in owners {
        responsible(case, case.book.people.get(&owner).unwrap(), found);
    }
}

/// Whether every stage can have its people, nobody counting twice: tries every way.
pub(super) fn enough(case: &Case<'_>, stages: &[Asked]) -> bool {
    // Silence never brings the first approver.
    if stages.iter().any(|stage| stage.people.is_empty() || stage.pool.len() < stage.needed) {
        return false;
    }
    let apart = if stages.iter().any(|stage| stage.distinct) { stages } else { &[] };
    // The least name of somebody stands for them.
    let human = |name: &String| records(case, name).into_iter().min().unwrap();
    let pools: Vec<(People, usize)> =
        apart.iter().map(|stage| (stage.pool.iter().map(human).collect(), stage.needed)).collect();
    let all: BTreeSet<&String> = pools.iter().flat_map(|(pool, _)| pool).collect();
    let seats: Vec<&People> =
        pools.iter().flat_map(|(pool, needed)| std::iter::repeat_n(pool, *needed)).collect();
    seats.len() <= all.len() && seat(&seats, &mut BTreeSet::new())
}

fn seat<'a>(seats: &[&'a People], taken: &mut BTreeSet<&'a str>) -> bool {
    let Some((first, rest)) = seats.split_first() else { return true };
    first.iter().any(|person| {
        if taken.contains(person.as_str()) {
            return false;
        }
        taken.insert(person);
        let fits = seat(rest, taken);
        taken.remove(person.as_str());
        fits
    })
}

impl Case<'_> {
    /// Whether two records are of one human being.
    pub(super) fn is_one(&self, one: &Id, other: &Id) -> bool {
        records(self, one.as_str()).contains(other.as_str())
    }
}
