//! What rules read and what changed without its being seen in the cases: conditions name it, and what is behind
//! the name is another.

use crate::model::{
    Id, Kind, Rulebook, Selector,
    access::Mode,
    condition::{Condition, Operator, Test},
};

use super::{openings::opening, panels::hours, side::Side};

/// Something behind a name that changed, and the rules that read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// What.
    pub what: What,
    /// The rules.
    pub rules: Vec<Selector>,
}

/// What changed behind a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The hours of a calendar.
    Calendar(Id),
    /// The hours of support of some services.
    SupportHours,
    /// By what colleagues are alike.
    Peers,
    /// The time zone of the project, in which dates are meant.
    Zone,
    /// What holds for requests of these types that name one of these services themselves and ask for no access.
    NamedServices(Vec<Id>),
    /// The attributes that the project declares.
    Attributes,
    /// What people hold.
    Grants,
    /// What is waived from a later day on.
    Exceptions,
    /// The questions of forms.
    Forms,
    /// The workflows of request types, next to those of the access that comes with them.
    Merged,
    /// Whether people are here, from when until when, and who answers for accounts.
    Presence,
    /// What decides whom something is offered to or given.
    Offered,
    /// So many people come or leave who are not told one by one.
    Directory(usize),
}

/// What changed behind the names that the rules of the new rulebook read.
pub(super) fn unseen(sides: &[Side<'_>; 2]) -> Vec<Unseen> {
    let [old, new] = sides.each_ref().map(|side| side.engine.rulebook());
    let mut found: Vec<Unseen> = Vec::new();
    let mut add = |what: What, rule: &Selector| match found.iter_mut().find(|known| known.what == what) {
        Some(known) if known.rules.contains(rule) => {}
        Some(known) => known.rules.push(rule.clone()),
        None => found.push(Unseen { what, rules: vec![rule.clone()] }),
    };
    let other_hours = |test: &Test| -> Vec<Id> {
        let named = test.operands.iter().filter_map(|literal| Id::new(&literal.to_string()));
        // What such a change does within two years is told.
        named.filter(|id| changed(old, new, id) && opening(sides, id).is_none()).collect()
    };
    let support = support_hours_differ(old, new);
    let peers = old.settings.decision.peers_by != new.settings.decision.peers_by;
    let zone = old.settings.project.time_zone != new.settings.project.time_zone;
    for (rule, condition) in conditions(new) {
        condition.tests(&mut |test, _| {
            if test.operator == Operator::Within {
                for id in other_hours(test) {
                    add(What::Calendar(id), &rule);
                }
            }
            match (&*test.namespace, &*test.name) {
                ("request", "outside-hours") if support => add(What::SupportHours, &rule),
                ("peers", _) if peers => add(What::Peers, &rule),
                ("subject" | "requester", "start" | "end") if zone => add(What::Zone, &rule),
                _ => {}
            }
        });
    }
    found
}

fn changed(old: &Rulebook, new: &Rulebook, calendar: &Id) -> bool {
    let reference = crate::model::Ref::new(calendar.clone());
    // One that is only there now is read by rules that are new as well, or was not valid before.
    old.calendars.get(calendar.as_str()).is_some() && hours(old, &reference) != hours(new, &reference)
}

/// Whether a service that there was is supported in other hours.
fn support_hours_differ(old: &Rulebook, new: &Rulebook) -> bool {
    let of = |rulebook: &Rulebook, id: &str| {
        let service = rulebook.services.get(id)?;
        hours(rulebook, crate::decide::service_level::hours(rulebook, service)?)
    };
    new.services.iter().any(|service| {
        let id = service.id.as_str();
        old.services.get(id).is_some() && of(old, id) != of(new, id)
    })
}

/// The conditions of rules, guardrails and request types that decide.
fn conditions(rulebook: &Rulebook) -> impl Iterator<Item = (Selector, &Condition)> {
    let guardrails = rulebook.guardrails.iter().filter(|guardrail| guardrail.mode == Mode::Enforce);
    let guardrails = guardrails.map(|guardrail| {
        let selector = Selector { kind: Kind::Guardrail, id: guardrail.id.clone(), part: None };
        (selector, &*guardrail.value.when)
    });
    let rules = rulebook.access.iter().flat_map(|policy| {
        policy.value.rule.iter().filter(|rule| rule.mode == Mode::Enforce).map(|rule| {
            let part = Some(rule.id.clone());
            (Selector { kind: Kind::Access, id: policy.id.clone(), part }, &*rule.when)
        })
    });
    let types = rulebook.request_types.iter().filter_map(|one| {
        let when = one.value.available_when.as_ref()?;
        Some((Selector { kind: Kind::RequestType, id: one.id.clone(), part: None }, &**when))
    });
    guardrails.chain(rules).chain(types)
}
