//! Requests that name a service themselves, ask for no access and are of a type that is about no service: too many
//! combinations to tell one by one, so that it is only said that something about them changed.

use std::collections::BTreeSet;

use super::{lines::Line, panels::panels, sets, side::Side, unseen::Unseen, unseen::What};
use crate::model::{Entry, Id, Kind, Selector, request_type::RequestType, service::Service};

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
    for service in &new.engine.rulebook().services {
        let before = old.engine.rulebook().services.get(service.id.as_str());
        let Some(before) = before else { continue };
        let differing = only_on_one(&old.guards(None, Some(before)), &new.guards(None, Some(service)));
        let mut found: BTreeSet<Selector> =
            differing.into_iter().filter(|line| !told.contains(line)).filter_map(|line| line.rule).collect();
        for one in &open {
            if is_otherwise(sides, one, [before, service]) {
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
    (!services.is_empty()).then_some(Unseen { what: What::NamedServices(services), rules })
}

/// Whether a type reads what service is named, and one of both is another.
fn is_otherwise<'a>(
    sides: &[Side<'a>; 2],
    after: &Entry<RequestType>,
    services: [&'a Entry<Service>; 2],
) -> bool {
    let [old, new] = sides;
    let Some(before) = old.engine.rulebook().request_types.get(after.id.as_str()) else { return false };
    let asked = |side: &Side<'a>, one: &Entry<RequestType>, service: &'a Entry<Service>| {
        let workflow = side.engine.rulebook().workflows.get(one.value.workflow.as_ref()?.as_str())?;
        Some(panels(&side.engine, workflow, None, Some(service), side.instant))
    };
    let [was, is] = services;
    // A workflow that names nobody by the service is told without one.
    let by_service =
        after.value.workflow.as_ref().is_some_and(|workflow| new.names_owners(workflow.as_str()));
    if by_service && asked(old, before, was) != asked(new, after, is) {
        return true;
    }
    let mut reads = by_service;
    if let Some(condition) = &after.value.available_when {
        condition.tests(&mut |test, _| reads |= !sets::is_open(test));
    }
    reads && (was.value != is.value || before.value != after.value)
}

/// The lines that are only on one of two sides.
fn only_on_one<'a>(old: &[Line<'a>], new: &[Line<'a>]) -> Vec<Line<'a>> {
    let gone = old.iter().filter(|line| !new.contains(line));
    gone.chain(new.iter().filter(|line| !old.contains(line))).cloned().collect()
}
