//! Requests that name a service themselves, ask for no access and are of a type that is about no service: too many
//! combinations to tell one by one, so that it is only said that something about them changed.

use std::collections::BTreeSet;

use super::{
    lines::{Line, When},
    panels::panels,
    side::Side,
    unseen::Unseen,
    unseen::What,
};
use crate::{
    decide::{facts::of_service, value},
    model::{
        Entry, Id, Kind, Selector,
        condition::Test,
        request_type::RequestType,
        service::{Lifecycle, Service},
    },
};

/// What changed for such requests without its being seen in the cases.
pub(super) fn unseen(sides: &[Side<'_>; 2]) -> Option<Unseen> {
    let [old, new] = sides;
    let types = new.engine.rulebook().request_types.iter();
    let open: Vec<&Entry<RequestType>> = types.filter(|one| one.value.service.is_none()).collect();
    if open.is_empty() {
        return None;
    }
    // What is read about requests that name no service is told.
    let told = only_on_one(&old.guards(None, None), &new.guards(None, None));
    let (mut services, mut rules) = (BTreeSet::new(), BTreeSet::new());
    let mut covers: Vec<String> = Vec::new();
    for service in &new.engine.rulebook().services {
        let before = old.engine.rulebook().services.get(service.id.as_str());
        let Some(before) = before else { continue };
        let differing = only_on_one(&old.guards(None, Some(before)), &new.guards(None, Some(service)));
        let differing =
            differing.into_iter().filter(|(line, _)| !told.iter().any(|(known, _)| known == line));
        let mut found: BTreeSet<Selector> = BTreeSet::new();
        for (line, side) in differing {
            covers.push(format!("{} {side} {}", service.id, said(&line)));
            found.extend(line.rule);
        }
        for one in &open {
            if let Some(otherwise) = otherwise(sides, one, [before, service]) {
                covers.push(format!("{} {} {otherwise}", service.id, one.id));
                found.insert(Selector { kind: Kind::RequestType, id: one.id.clone(), part: None });
            }
        }
        if !found.is_empty() {
            services.insert(service.id.clone());
            rules.extend(found);
        }
    }
    let services: Vec<Id> = services.into_iter().collect();
    let rules = rules.into_iter().collect();
    let covers = format!("{covers:?}");
    (!services.is_empty()).then(|| Unseen::unbounded(What::NamedServices(services), rules, covers))
}

/// What a type reads about a service, or asks because of it, on both sides, where that is another.
fn otherwise<'a>(
    sides: &[Side<'a>; 2],
    after: &Entry<RequestType>,
    services: [&'a Entry<Service>; 2],
) -> Option<String> {
    let [old, new] = sides;
    let before = old.engine.rulebook().request_types.get(after.id.as_str())?;
    let [was, is] = services;
    let mut found = Vec::new();
    // Nothing can be asked for that names a service that is gone.
    let lifecycles = services.map(|service| service.lifecycle.unwrap_or(Lifecycle::Proposed));
    let [is_gone, gone] = lifecycles.map(|one| !one.is_offered());
    if is_gone != gone {
        found.push(format!("{lifecycles:?}"));
    }
    let asked = |side: &Side<'a>, one: &Entry<RequestType>, service: &'a Entry<Service>| {
        let workflow = side.engine.rulebook().workflows.get(one.value.workflow.as_ref()?.as_str())?;
        Some(panels(&side.engine, workflow, None, Some(service), side.instant))
    };
    // A workflow that names nobody by the service is told without one.
    let by_service = |side: &Side<'a>, one: &Entry<RequestType>| {
        one.value.workflow.as_ref().is_some_and(|workflow| side.names_owners(workflow.as_str()))
    };
    if by_service(old, before) || by_service(new, after) {
        let both = [asked(old, before, was), asked(new, after, is)];
        let [one, other] = &both;
        if one != other {
            found.push(format!("{both:?}"));
        }
    }
    let read = |side: &Side<'a>, one: &Entry<RequestType>, service: &'a Entry<Service>| {
        let mut read = Vec::new();
        if let Some(condition) = &one.value.available_when {
            condition.tests(&mut |test, _| read.extend(value(side, service, test)));
        }
        if read.is_empty() {
            None
        } else {
            Some((read, serde_json::to_string(&one.value.available_when).ok()))
        }
    };
    let both = [read(old, before, was), read(new, after, is)];
    let [one, other] = &both;
    if one != other {
        found.push(format!("{both:?}"));
    }
    (!found.is_empty()).then(|| found.join(" "))
}

/// What a test reads about a service; none when it reads something else.
fn value<'a>(side: &Side<'a>, service: &'a Entry<Service>, test: &Test) -> Option<String> {
    if &*test.namespace != "service" {
        return None;
    }
    let known = side.engine.vocabulary().known(test);
    let value = known
        .filter(|known| value::fits(test.operator, &known.values))
        .map(|known| format!("{:?}", of_service(side.engine.rulebook(), service, test, &known.values)));
    Some(format!("{} {value:?}", test.name))
}

/// A line as data, without where it was written.
fn said(line: &Line<'_>) -> String {
    let when = match &line.when {
        When::Always => None,
        When::Holds(condition) => serde_json::to_string(condition).ok(),
        When::Made(condition) => serde_json::to_string(condition).ok(),
    };
    format!("{:?} {when:?} {:?} {:?}", line.rule, line.waivers, &*line.effect)
}

/// The lines that are only on one of two sides, and on which.
fn only_on_one<'a>(old: &[Line<'a>], new: &[Line<'a>]) -> Vec<(Line<'a>, &'static str)> {
    let gone = old.iter().filter(|line| !new.contains(line)).map(|line| (line.clone(), "gone"));
    gone.chain(new.iter().filter(|line| !old.contains(line)).map(|line| (line.clone(), "new"))).collect()
}
