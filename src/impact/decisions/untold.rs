//! What changed that decisions read and that is not told as cases: it is named, and may have made anything looser.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    side::Side,
    unseen::{Unseen, What},
};
use crate::{
    decide::{
        hands::Hands, person::Directory, principals::owners_of_account, value::Value, vocabulary::Type,
    },
    impact::differing::differing,
    model::{
        Entry, Id, Kind, Principal, Ref, Rulebook, Selector,
        access::{Decision, Mode},
        condition::Condition,
        grant::Grant,
        person::Person,
        request_type::{Field, RequestType},
        settings::{CustomAttribute, DefaultDecision},
        sod::SodDecision,
        workflow::OnTimeout,
    },
};

/// What changed without being told otherwise.
pub(super) fn untold(sides: &[Side<'_>; 2]) -> Vec<Unseen> {
    let [old, new] = sides.each_ref().map(|side| side.engine.rulebook());
    // Stages that a type and the access ask alike are one stage of a request for both.
    let merged = types(old, new, |one, other| are_merged([old, new], one, other));
    let all = [
        (What::Attributes, attributes(old, new)),
        (What::Grants, grants(sides)),
        (What::Exceptions, exceptions(sides)),
        (What::Forms, types(old, new, |one, other| asks(one) != asks(other))),
        (What::Merged, merged),
        (What::Presence, presence(sides)),
        (What::Offered, offered(sides)),
    ];
    let named = all.into_iter().filter(|(_, rules)| !rules.is_empty());
    named
        .map(|(what, rules)| {
            let covers = match &what {
                What::Attributes => Redeclared::of(old, new).said(),
                What::Grants => differing(old, new, &[Kind::Grant]),
                What::Exceptions => differing(old, new, &[Kind::Exception]),
                What::Forms => differing(old, new, &[Kind::RequestType]),
                What::Merged => differing(old, new, &[Kind::RequestType, Kind::Workflow, Kind::Team]),
                What::Presence => days(old, new) + &elsewhere(sides),
                _ => differing(old, new, &[Kind::Person, Kind::Team, Kind::RequestType]),
            };
            Unseen::unbounded(what, rules, covers)
        })
        .collect()
}

/// From when until when people are here, and who answers for them, where that is another on both sides.
fn days(old: &Rulebook, new: &Rulebook) -> String {
    let said = |person: &Entry<Person>| {
        format!("{:?} {:?} {:?}", person.value.start, person.value.end, person.value.owner)
    };
    let all = both(old, new).map(|(before, after)| (&after.id, [said(before), said(after)]));
    format!("{:?}", all.filter(|(_, [before, after])| before != after).collect::<Vec<_>>())
}

/// What is another about the records of people who have several; nothing of others.
fn elsewhere(sides: &[Side<'_>; 2]) -> String {
    let [old, new] = sides.each_ref().map(|side| {
        let (rulebook, hands) = (side.engine.rulebook(), side.engine.hands());
        let mut grants = grants_by_holder(rulebook);
        let several = rulebook.people.iter().filter(|person| hands.has_several(person.id.as_str()));
        several
            .map(|person| (person.id.as_str(), (&person.value, grants.remove(person.id.as_str()))))
            .collect::<BTreeMap<_, _>>()
    });
    let all: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let other = all.into_iter().filter(|id| old.get(id) != new.get(id));
    format!("{:?}", other.map(|id| (id, old.get(id), new.get(id))).collect::<Vec<_>>())
}

fn whole(kind: Kind, id: &Id) -> Selector {
    Selector { kind, id: id.clone(), part: None }
}

/// The attributes that are declared otherwise: their order and values are what conditions are about.
fn attributes(old: &Rulebook, new: &Rulebook) -> Vec<Selector> {
    let other = Redeclared::of(old, new);
    readers(new).into_iter().filter(|(_, when)| other.are_read(when)).map(|(reader, _)| reader).collect()
}

/// The attributes that are declared otherwise on both sides, whatever is said about them in words.
pub(in crate::impact) struct Redeclared(BTreeMap<(String, String), String>);

impl Redeclared {
    /// What two rulebooks declare otherwise.
    pub(in crate::impact) fn of(old: &Rulebook, new: &Rulebook) -> Self {
        let declared = |rulebook: &Rulebook| {
            let mut all = BTreeMap::new();
            for (namespace, attributes) in &rulebook.settings.attribute {
                for (name, attribute) in attributes {
                    let attribute = CustomAttribute { description: None, ..attribute.clone() };
                    all.insert((namespace.to_string(), name.to_string()), attribute);
                }
            }
            all
        };
        let (before, after) = (declared(old), declared(new));
        let names = before.keys().chain(after.keys());
        let other = names.filter(|name| before.get(*name) != after.get(*name));
        let said = other.map(|name| (name.clone(), format!("{:?} {:?}", before.get(name), after.get(name))));
        Self(said.collect())
    }

    /// What they were and what they are, as data.
    fn said(&self) -> String {
        format!("{:?}", self.0)
    }

    /// Whether a condition reads one of them.
    pub(in crate::impact) fn are_read(&self, condition: &Condition) -> bool {
        let mut are_read = false;
        condition.tests(&mut |test, _| {
            // What is declared about people is known about those who ask as well.
            let namespace = if &*test.namespace == "requester" { "subject" } else { &*test.namespace };
            are_read |= self.0.keys().any(|(of, name)| of == namespace && **name == *test.name);
        });
        are_read
    }
}

/// What a form asks, without how it says so, and without what must be answered, which is told.
fn asks(request_type: &RequestType) -> Vec<(&Id, Field)> {
    let plain = |field: &Field| Field { label: String::new(), help: None, required: false, ..field.clone() };
    request_type.field.iter().map(|(id, field)| (id, plain(field))).collect()
}

/// Whether the workflow of a type is another one, and one of both is asked for access as well.
fn are_merged(sides: [&Rulebook; 2], before: &RequestType, after: &RequestType) -> bool {
    let own = [&before.workflow, &after.workflow];
    before.workflow != after.workflow
        && own.into_iter().flatten().any(|workflow| {
            sides.iter().any(|rulebook| asked_for_access(rulebook).contains(workflow.as_str()))
        })
}

/// The workflows that are asked for access, by whatever rule.
fn asked_for_access(rulebook: &Rulebook) -> BTreeSet<&str> {
    let rules = rulebook.access.iter().flat_map(|policy| &policy.value.rule);
    let by_rules = rules.filter_map(|rule| match &rule.decision {
        Decision::Workflow(workflow) => Some(workflow),
        Decision::AutoApprove | Decision::Deny => None,
    });
    let by_duties = rulebook.sods.iter().filter_map(|sod| match &sod.value.decision {
        SodDecision::Workflow(workflow) => Some(workflow),
        SodDecision::Deny => None,
    });
    let by_default = match &rulebook.settings.decision.default {
        DefaultDecision::Workflow(workflow) => Some(workflow),
        DefaultDecision::Deny => None,
    };
    let guardrails = rulebook.guardrails.iter().filter_map(|one| one.value.require_approval.as_ref());
    by_rules.chain(by_duties).chain(by_default).chain(guardrails).map(Ref::as_str).collect()
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

/// The duties and rules that read what people will hold one day, and the rules that read what their colleagues hold, when
/// grants are others. What people hold now is told for each of them.
fn grants(sides: &[Side<'_>; 2]) -> Vec<Selector> {
    let [old, new] = sides.each_ref().map(|side| side.engine.rulebook());
    let (mut are_same, mut are_ahead) = (true, false);
    for (one, other, side) in [(old, new, &sides[0]), (new, old, &sides[1])] {
        for grant in &one.grants {
            if other.grants.get(grant.id.as_str()).is_none_or(|known| known.value != grant.value) {
                are_same = false;
                are_ahead |= grant.value.start.0 > side.today();
            }
        }
    }
    if are_same {
        return Vec::new();
    }
    let reads_grants = |condition: &Condition| {
        reads_of(condition, if are_ahead { &["grants", "peers"] } else { &["peers"] })
    };
    let sods = new.sods.iter().filter(|_| are_ahead);
    let mut found: Vec<Selector> = sods.map(|sod| whole(Kind::Sod, &sod.id)).collect();
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

/// The rules that exceptions waive which begin later and are others: today they waive nothing, which is all that is told.
fn exceptions(sides: &[Side<'_>; 2]) -> Vec<Selector> {
    let [old, new] = sides.each_ref().map(|side| side.engine.rulebook());
    let mut found = BTreeSet::new();
    for (one, other, side) in [(old, new, &sides[0]), (new, old, &sides[1])] {
        for exception in &one.exceptions {
            let known = other.exceptions.get(exception.id.as_str());
            let is_ahead = exception.value.from.is_some_and(|from| from.0 > side.today());
            if is_ahead && known.is_none_or(|known| known.value != exception.value) {
                found.insert(exception.value.rule.clone());
            }
        }
    }
    found.into_iter().collect()
}

fn reads_of(condition: &Condition, namespaces: &[&str]) -> bool {
    let mut reads = false;
    condition.tests(&mut |test, _| reads |= namespaces.contains(&&*test.namespace));
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

/// The accounts for which others answer, the people who have other records or of whom something else is known or held
/// under these, and those who may approve something and are here from or until another day: today they can, or cannot, as
/// before, which is all that is told.
fn presence(sides: &[Side<'_>; 2]) -> Vec<Selector> {
    let [old, new] = sides.each_ref().map(|side| side.engine.rulebook());
    let [old_hands, new_hands] = sides.each_ref().map(|side| side.engine.hands());
    let owners = |rulebook: &Rulebook, person: &Entry<Person>| -> BTreeSet<String> {
        owners_of_account(rulebook, &person.value).into_iter().map(str::to_owned).collect()
    };
    let records = |hands: &Hands<'_>, person: &Entry<Person>| -> BTreeSet<String> {
        hands.others(person.id.as_str()).map(str::to_owned).collect()
    };
    // What is held under one record of somebody is held against what they ask for with another.
    let [old_grants, new_grants] = [old, new].map(grants_by_holder);
    let differs = |record: &str| {
        let known = |rulebook: &Rulebook| rulebook.people.get(record).map(|person| person.value.clone());
        known(old) != known(new) || old_grants.get(record) != new_grants.get(record)
    };
    let mut acting: BTreeSet<&str> = BTreeSet::new();
    for rulebook in [old, new] {
        acting.extend(named(rulebook));
    }
    both(old, new)
        .filter(|(before, after)| {
            let days = |person: &Entry<Person>| (person.value.start, person.value.end);
            before.value.owner != after.value.owner
                || owners(old, before) != owners(new, after)
                || records(old_hands, before) != records(new_hands, after)
                || records(new_hands, after).iter().any(|record| differs(record))
                || (days(before) != days(after) && acting.contains(after.id.as_str()))
        })
        .map(|(_, after)| whole(Kind::Person, &after.id))
        .collect()
}

/// What each record of the directory was granted or asked for, by the id of the grant.
fn grants_by_holder(rulebook: &Rulebook) -> HashMap<&str, BTreeMap<&str, &Grant>> {
    let mut found: HashMap<&str, BTreeMap<&str, &Grant>> = HashMap::new();
    for grant in &rulebook.grants {
        found.entry(grant.value.beneficiary.as_str()).or_default().insert(grant.id.as_str(), &grant.value);
    }
    found
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
    for (reader, condition) in readers(new).into_iter().filter(|(reader, _)| reader.kind == Kind::RequestType)
    {
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
