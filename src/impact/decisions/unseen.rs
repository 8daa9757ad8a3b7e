//! What rules read and what changed without its being seen in the cases: conditions name it, and what is behind
//! the name is another.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{meaning::Hours, openings::opening, panels::hours, peers, side::Side};
use crate::{
    impact::{differing::differing, fingerprint, hours::HoursChange},
    model::{
        EntitlementRef, Id, Kind, LocalDate, Rulebook, Selector,
        access::Mode,
        condition::{Condition, Operator, Test},
    },
};

/// Something behind a name that changed, and the rules that read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// What.
    pub what: What,
    /// The rules.
    pub rules: Vec<Selector>,
    /// What was there before and is there now, as data.
    pub(super) covers: String,
    /// Whom it can be about, and what they ask for; none where that is not known, so that it is about everything.
    pub bounds: Option<Bounds>,
}

/// Whom something can be about, and what they ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The people and accounts of the directory.
    pub people: BTreeSet<Id>,
    /// What they ask for.
    pub entitlements: BTreeSet<EntitlementRef>,
}

impl Bounds {
    /// Takes in what another one holds.
    pub(super) fn join(&mut self, other: Self) {
        self.people.extend(other.people);
        self.entitlements.extend(other.entitlements);
    }
}

impl Unseen {
    /// Something that can be about everything.
    pub(super) const fn unbounded(what: What, rules: Vec<Selector>, covers: String) -> Self {
        Self { what, rules, covers, bounds: None }
    }

    /// A name that stays the same as long as what was there and what is there now does, wherever it is written.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let rules: Vec<String> = self.rules.iter().map(ToString::to_string).collect();
        fingerprint(&["named", &format!("{:?}", self.what), &rules.join(" "), &self.covers])
    }
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
    /// What comes with bundles, where that cannot be said for everybody.
    Roles,
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
        None => found.push(Unseen::unbounded(what, vec![rule.clone()], String::new())),
    };
    let other_hours = |test: &Test| -> Vec<Id> {
        let named = test.operands.iter().filter_map(|literal| Id::new(&literal.to_string()));
        // What such a change does within two years is told.
        named.filter(|id| changed(old, new, id) && opening(sides, id).is_none()).collect()
    };
    let support = support_hours(old, new);
    let moved = peers::moved(sides);
    let zone = old.settings.project.time_zone != new.settings.project.time_zone;
    if zone {
        for dated in dated(sides) {
            add(What::Zone, &dated);
        }
    }
    for (rule, condition) in conditions(new) {
        condition.tests(&mut |test, _| {
            if test.operator == Operator::Within {
                for id in other_hours(test) {
                    add(What::Calendar(id), &rule);
                }
            }
            match (&*test.namespace, &*test.name) {
                ("request", "outside-hours") if !support.is_empty() => add(What::SupportHours, &rule),
                ("subject" | "requester", "start" | "end") if zone => add(What::Zone, &rule),
                _ => {}
            }
        });
    }
    for unseen in &mut found {
        unseen.covers = match &unseen.what {
            What::Calendar(id) => {
                format!("{:?}", HoursChange::between([old, new], [id.as_str(), id.as_str()]))
            }
            What::SupportHours => format!("{support:?}"),
            What::Zone => format!("{} {}", old.settings.project.time_zone, new.settings.project.time_zone),
            _ => differing(old, new, &Kind::ALL),
        };
    }
    found.extend(colleagues(sides, &moved));
    found
}

/// The rules about colleagues that hold for somebody, and did not, or the other way round, because people have others.
fn colleagues(sides: &[Side<'_>; 2], moved: &[peers::Colleague]) -> Option<Unseen> {
    if moved.is_empty() {
        return None;
    }
    let [_, new] = sides;
    let (mut rules, mut bounds) = (Vec::new(), Some(Bounds::default()));
    let mut left = peers::MOST_COUNTED;
    for (rule, condition) in conditions(new.engine.rulebook()) {
        match peers::reach(sides, moved, &rule, condition, &mut left) {
            peers::Reach::Nobody => continue,
            peers::Reach::Some(more) => {
                if let Some(known) = &mut bounds {
                    known.join(more);
                }
            }
            peers::Reach::Anybody => bounds = None,
        }
        rules.push(rule);
    }
    // Also whom it is about: what people hold or will hold decides that.
    let covers = format!("{moved:?} {bounds:?}");
    (!rules.is_empty()).then_some(Unseen { what: What::Peers, rules, covers, bounds })
}

/// What has dates that are not over: people, exceptions and grants.
fn dated(sides: &[Side<'_>; 2]) -> BTreeSet<Selector> {
    let [old, new] = sides;
    // In one zone or the other it may be the day before.
    let first = old.today().min(new.today()).yesterday().unwrap_or(Date::MIN);
    let ahead = |dates: [Option<LocalDate>; 2]| dates.into_iter().flatten().any(|date| date.0 >= first);
    let mut found = BTreeSet::new();
    let mut add = |kind, id: &Id, dates| {
        if ahead(dates) {
            found.insert(Selector { kind, id: id.clone(), part: None });
        }
    };
    for rulebook in sides.each_ref().map(|side| side.engine.rulebook()) {
        for person in &rulebook.people {
            add(Kind::Person, &person.id, [person.value.start, person.value.end]);
        }
        for exception in &rulebook.exceptions {
            add(Kind::Exception, &exception.id, [exception.value.from, exception.value.expires]);
        }
        for grant in &rulebook.grants {
            add(Kind::Grant, &grant.id, [Some(grant.value.start), grant.value.end]);
        }
    }
    found
}

fn changed(old: &Rulebook, new: &Rulebook, calendar: &Id) -> bool {
    let reference = crate::model::Ref::new(calendar.clone());
    // One that is only there now is read by rules that are new as well, or was not valid before.
    old.calendars.get(calendar.as_str()).is_some() && hours(old, &reference) != hours(new, &reference)
}

/// The services that there were and that are supported in other hours, with the hours before and after.
fn support_hours(old: &Rulebook, new: &Rulebook) -> Vec<(Id, [Option<Hours>; 2])> {
    let of = |rulebook: &Rulebook, id: &str| {
        let service = rulebook.services.get(id)?;
        hours(rulebook, crate::decide::service_level::hours(rulebook, service)?)
    };
    let both = new.services.iter().filter(|service| old.services.get(service.id.as_str()).is_some());
    let hours = both.map(|service| {
        let id = service.id.as_str();
        (service.id.clone(), [of(old, id), of(new, id)])
    });
    hours.filter(|(_, [before, after])| before != after).collect()
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
