//! Who is called, where that depends on who reports it or is about a major incident: somebody whose manager is another
//! one, and teams and owners that major incidents call.
//!
//! Whoever is named on one side only is told as a step or field that differs. Who is on call is told with the rotas.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, Change, Commitments, Direction, Topic, Unknown, side::Side, times::Times};
use crate::{
    decide::{
        principals::{self, Subject, unable},
        timeline::says_what_for,
        undecidable::Undecidable,
    },
    model::{
        Entry, Id, Kind, Principal, Role, Rulebook, Selector, major_incident::MajorIncident, person::Person,
        service::Service,
    },
};

/// Others who are called by the same words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// The words: who is named.
    pub who: Principal,
    /// For tickets of these people, or about these services; whoever reports it and whatever it is about when there are
    /// none.
    pub about: Vec<Selector>,
    /// Who was called.
    pub before: Vec<Id>,
    /// Who is called.
    pub after: Vec<Id>,
}

impl Called {
    fn direction(&self) -> Direction {
        let within = |one: &[Id], other: &[Id]| one.iter().all(|id| other.contains(id));
        match (within(&self.after, &self.before), within(&self.before, &self.after)) {
            (true, false) => Direction::Weaker,
            (false, true) => Direction::Stronger,
            _ => Direction::Mixed,
        }
    }
}

/// What names somebody to call, and whom.
type Named = BTreeMap<Selector, BTreeSet<Principal>>;

/// Who is called, before and after.
type Both = [Vec<Id>; 2];

/// Adds the escalations and definitions that call others by the same words.
pub(super) fn compare(times: &Times<'_, '_>, found: &mut Commitments) {
    let [old, new] = times.sides.each_ref().map(|side| named(side.rulebook()));
    for (object, principals) in &new {
        let before = old.get(object);
        let kept = principals.iter().filter(|who| before.is_some_and(|before| before.contains(*who)));
        let mut changes: BTreeMap<Direction, Vec<Change>> = BTreeMap::new();
        for who in kept {
            match of_principal(times, who) {
                Ok(all) => {
                    for called in all {
                        changes.entry(called.direction()).or_default().push(Change::Called(called));
                    }
                }
                Err(why) => {
                    found.unknown.push(Unknown { subjects: vec![object.clone()], why: why.to_string() });
                }
            }
        }
        let topic = if object.kind == Kind::Escalation { Topic::Escalation } else { Topic::MajorIncident };
        for (direction, changes) in changes {
            found.cases.push(Case::new(topic, direction, vec![object.clone()], changes, Vec::new()));
        }
    }
}

/// What names somebody whom nothing else tells: escalations that something starts, and definitions of major incidents.
fn named(rulebook: &Rulebook) -> Named {
    let of_slas = rulebook.slas.iter().filter_map(|sla| sla.value.escalation.as_ref());
    let of_tiers = rulebook.tiers.iter().filter_map(|tier| tier.value.escalation.as_ref());
    let of_majors = rulebook.major_incidents.iter().filter_map(|major| major.value.escalation.as_ref());
    let mut found = Named::new();
    let referred = of_slas.chain(of_tiers).chain(of_majors);
    let named = referred.filter_map(|escalation| rulebook.escalations.get(escalation.as_str()));
    let listing = rulebook.escalations.iter().filter(|escalation| says_what_for(escalation));
    for escalation in named.chain(listing) {
        let object = Selector { kind: Kind::Escalation, id: escalation.id.clone(), part: None };
        let all = escalation.value.step.iter().flat_map(|step| &step.to);
        // Everybody else of an escalation is told with its steps.
        found.entry(object).or_default().extend(all.filter(|who| is_of_reporter(who)).cloned());
    }
    for major in &rulebook.major_incidents {
        let object = Selector { kind: Kind::MajorIncident, id: major.id.clone(), part: None };
        let all = calls(&major.value).filter(|who| !matches!(who, Principal::OnCall(_)));
        found.entry(object).or_default().extend(all.cloned());
    }
    found
}

fn calls(major: &MajorIncident) -> impl Iterator<Item = &Principal> {
    major.commander.iter().chain(&major.responders)
}

fn is_of_reporter(who: &Principal) -> bool {
    matches!(who, Principal::Role(Role::Manager | Role::ManagerLevel(_)))
}

/// The changes of one principal, by who it stands for.
fn of_principal(times: &Times<'_, '_>, who: &Principal) -> Result<Vec<Called>, Undecidable> {
    let [old, new] = times.sides;
    let mut moved: BTreeMap<Both, Vec<Selector>> = BTreeMap::new();
    let mut note = |about: Option<Selector>, both: Both| {
        let [was, is] = &both;
        if was != is {
            moved.entry(both).or_default().extend(about);
        }
    };
    let selector = |kind, id: &Id| Some(Selector { kind, id: id.clone(), part: None });
    match who {
        Principal::Role(_) if is_of_reporter(who) => {
            let today = new.engine.date(new.instant);
            // Somebody who is not here reports nothing.
            let here = new.rulebook().people.iter().filter(|person| unable(person, today).is_none());
            for person in here {
                let Some(before) = old.rulebook().people.get(person.id.as_str()) else { continue };
                let both = [people(old, Some(before), None, who)?, people(new, Some(person), None, who)?];
                note(selector(Kind::Person, &person.id), both);
            }
        }
        Principal::Role(_) => {
            for service in &new.rulebook().services {
                let Some(before) = old.rulebook().services.get(service.id.as_str()) else { continue };
                let both = [people(old, None, Some(before), who)?, people(new, None, Some(service), who)?];
                note(selector(Kind::Service, &service.id), both);
            }
        }
        _ => note(None, [people(old, None, None, who)?, people(new, None, None, who)?]),
    }
    let called = |([before, after], about): (Both, _)| Called { who: who.clone(), about, before, after };
    Ok(moved.into_iter().map(called).collect())
}

/// The people of a principal who can act, as of the comparison.
fn people<'a>(
    side: &Side<'a>,
    reporter: Option<&'a Entry<Person>>,
    service: Option<&'a Entry<Service>>,
    who: &Principal,
) -> Result<Vec<Id>, Undecidable> {
    let subject =
        Subject { beneficiary: reporter, offer: None, service, instant: side.instant, change_owner: None };
    let today = side.engine.date(side.instant);
    let found = match principals::people(&side.engine, &subject, std::slice::from_ref(who)) {
        Ok(found) => found,
        // A team that is new on the other side has nobody on this one.
        Err(Undecidable::Missing { .. }) => Vec::new(),
        Err(why) => return Err(why),
    };
    let able = found.into_iter().filter(|person| unable(person, today).is_none());
    Ok(able.map(|person| person.id.clone()).collect())
}
