//! What changed that decisions read and that is not told as cases: it is named, and may have made anything looser.

use std::collections::BTreeSet;

use super::{
    side::Side,
    unseen::{Unseen, What},
};
use crate::{
    decide::{person::Directory, value::Value, vocabulary::Type},
    model::{
        Entry, Id, Kind, Principal, Ref, Rulebook, Selector,
        access::Mode,
        condition::Condition,
        person::Person,
        request_type::RequestType,
        workflow::OnTimeout,
    },
};

/// What changed without being told otherwise.
pub(super) fn untold(sides: &[Side<'_>; 2]) -> Vec<Unseen> {
    let [old, new] = sides.each_ref().map(|side| side.engine.rulebook());
    let mut found = vec![
        Unseen { what: What::Attributes, rules: attributes(old, new) },
        Unseen { what: What::Grants, rules: grants(old, new) },
        Unseen { what: What::Forms, rules: types(old, new, |one, other| one.field != other.field) },
        // Stages that a type and the access ask alike are one stage of a request for both.
        Unseen { what: What::Merged, rules: types(old, new, |one, other| one.workflow != other.workflow) },
        Unseen { what: What::Presence, rules: presence(old, new) },
    ];
    found.push(Unseen { what: What::Offered, rules: offered(sides) });
    found.retain(|unseen| !unseen.rules.is_empty());
    found
}

fn whole(kind: Kind, id: &Id) -> Selector {
    Selector { kind, id: id.clone(), part: None }
}

/// The attributes that are declared otherwise: their order and values are what conditions are about.
fn attributes(old: &Rulebook, new: &Rulebook) -> Vec<Selector> {
    if old.settings.attribute == new.settings.attribute {
        return Vec::new();
    }
    readers(new).into_iter().map(|(reader, _)| reader).collect()
}

/// Everything with a condition about people that is read when something is given or offered.
fn readers(rulebook: &Rulebook) -> Vec<(Selector, &Condition)> {
    let bundles =
        rulebook.bundles.iter().map(|bundle| (whole(Kind::Bundle, &bundle.id), &*bundle.value.when));
    let types = rulebook.request_types.iter().filter_map(|one| {
        let when = one.value.available_when.as_ref()?;
        Some((whole(Kind::RequestType, &one.id), &**when))
    });
    bundles.chain(types).collect()
}

/// The duties and rules that read what people hold, when grants are others.
fn grants(old: &Rulebook, new: &Rulebook) -> Vec<Selector> {
    let are_same =
        old.grants.iter().map(|grant| &grant.value).eq(new.grants.iter().map(|grant| &grant.value));
    if are_same {
        return Vec::new();
    }
    let mut found: Vec<Selector> = new.sods.iter().map(|sod| whole(Kind::Sod, &sod.id)).collect();
    for policy in &new.access {
        for rule in policy.value.rule.iter().filter(|rule| rule.mode == Mode::Enforce) {
            if reads_grants(&rule.when) {
                let part = Some(rule.id.clone());
                found.push(Selector { kind: Kind::Access, id: policy.id.clone(), part });
            }
        }
    }
    let guardrails = new.guardrails.iter().filter(|guardrail| reads_grants(&guardrail.value.when));
    found.extend(guardrails.map(|guardrail| whole(Kind::Guardrail, &guardrail.id)));
    found
}

fn reads_grants(condition: &Condition) -> bool {
    let mut reads = false;
    condition.tests(&mut |test, _| reads |= matches!(&*test.namespace, "grants" | "peers"));
    reads
}

/// The request types of both sides in which something is another.
fn types(
    old: &Rulebook,
    new: &Rulebook,
    differ: impl Fn(&RequestType, &RequestType) -> bool,
) -> Vec<Selector> {
    let both =
        new.request_types.iter().filter_map(|after| Some((old.request_types.get(after.id.as_str())?, after)));
    both.filter(|(before, after)| differ(&before.value, &after.value))
        .map(|(_, after)| whole(Kind::RequestType, &after.id))
        .collect()
}

/// The accounts for which somebody else answers, and the people who may approve something and are here from or until
/// another day: today they can, or cannot, as before, which is all that is told.
fn presence(old: &Rulebook, new: &Rulebook) -> Vec<Selector> {
    let mut acting: BTreeSet<&str> = BTreeSet::new();
    for rulebook in [old, new] {
        acting.extend(named(rulebook));
    }
    both(old, new)
        .filter(|(before, after)| {
            let days = |person: &Entry<Person>| (person.value.start, person.value.end);
            before.value.owner != after.value.owner
                || (days(before) != days(after) && acting.contains(after.id.as_str()))
        })
        .map(|(_, after)| whole(Kind::Person, &after.id))
        .collect()
}

/// The people who are named somewhere so that they may be asked.
fn named(rulebook: &Rulebook) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for team in &rulebook.teams {
        let rota = team.value.on_call.iter().flat_map(|rota| &rota.rotation);
        found.extend(team.value.members.iter().chain(&team.value.lead).chain(rota).map(Ref::as_str));
    }
    found.extend(rulebook.people.iter().filter_map(|person| Some(person.value.manager.as_ref()?.as_str())));
    let mut principals: Vec<&Principal> = Vec::new();
    for workflow in &rulebook.workflows {
        for stage in &workflow.value.stage {
            principals.extend(stage.approvers.iter().chain(&stage.fallback));
            if let Some(OnTimeout::Escalate(later)) = &stage.on_timeout {
                principals.extend(later);
            }
            if stage.approvers_when.is_some() {
                found.extend(rulebook.people.iter().map(|person| person.id.as_str()));
            }
        }
    }
    for service in &rulebook.services {
        let own = service.value.entitlement.values().filter_map(|one| one.owner.as_ref());
        principals.extend(service.value.owner.iter().chain(own));
    }
    principals.extend(rulebook.categories.iter().filter_map(|category| category.value.owner.as_ref()));
    found.extend(principals.into_iter().filter_map(|principal| match principal {
        Principal::Person(id) => Some(id.as_str()),
        Principal::Team(_) | Principal::OnCall(_) | Principal::Role(_) => None,
    }));
    found
}

/// The request types that read something about people which is another for somebody, and about access as well, so that
/// it is not told for each thing that can be asked for.
fn offered(sides: &[Side<'_>; 2]) -> Vec<Selector> {
    let [old, new] = sides.each_ref().map(|side| side.engine.rulebook());
    let is_other = |name: &str| {
        both(old, new).any(|(before, after)| {
            let [one, other] = sides.each_ref().map(|side| side.engine.directory());
            known(one, before, name) != known(other, after, name)
        })
    };
    let mut found = Vec::new();
    for (reader, condition) in readers(new).into_iter().filter(|(reader, _)| reader.kind == Kind::RequestType) {
        let mut is_open = true;
        condition.tests(&mut |test, _| is_open &= super::sets::is_open(test));
        if is_open {
            continue;
        }
        let mut reads = false;
        condition.tests(&mut |test, _| {
            reads |= !reads && matches!(&*test.namespace, "subject" | "requester") && is_other(&test.name);
        });
        if reads {
            found.push(reader);
        }
    }
    found
}

/// The people who are in both rulebooks.
fn both<'a>(
    old: &'a Rulebook,
    new: &'a Rulebook,
) -> impl Iterator<Item = (&'a Entry<Person>, &'a Entry<Person>)> {
    new.people.iter().filter_map(|after| Some((old.people.get(after.id.as_str())?, after)))
}

/// What is known about somebody under a name.
fn known<'a>(directory: &'a Directory<'_>, person: &'a Entry<Person>, name: &str) -> Value<'a> {
    let values = directory.vocabulary().resolve("subject", name).map_or(Type::Opaque, |found| found.values);
    directory.value(person, name, &values)
}
