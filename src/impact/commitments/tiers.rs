//! What a service or its tier promises besides its SLA: how much of the time a service works, how soon it works again
//! after a disaster, and how much of its data can be lost then.

use std::collections::BTreeMap;

use super::{
    Case, Change, Commitments, Topic,
    fields::{Field, sorted},
    side::Side,
    times::Times,
};
use crate::model::{Duration, Entry, Kind, Percent, Selector, service::Service};

/// What is promised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Promise {
    availability: Option<Percent>,
    recovery_time: Option<Duration>,
    recovery_point: Option<Duration>,
}

/// Adds the services of which something else is promised.
pub(super) fn compare(times: &Times<'_, '_>, found: &mut Commitments) {
    let [old, new] = times.sides;
    // The same change of several services is one case.
    let mut groups: BTreeMap<String, ([Promise; 2], Vec<Selector>)> = BTreeMap::new();
    for service in &new.rulebook().services {
        let Some(before) = old.rulebook().services.get(service.id.as_str()) else { continue };
        let promises = [promise(old, before), promise(new, service)];
        let [was, is] = promises;
        if was != is {
            let subject = Selector { kind: Kind::Service, id: service.id.clone(), part: None };
            groups.entry(format!("{promises:?}")).or_insert((promises, Vec::new())).1.push(subject);
        }
    }
    for ([was, is], services) in groups.into_values() {
        let fields = [
            Field::more("available at least", was.availability.as_ref(), is.availability.as_ref()),
            Field::sooner("works again after a disaster within", was.recovery_time, is.recovery_time),
            Field::sooner("data that can be lost in a disaster", was.recovery_point, is.recovery_point),
        ];
        let changes = fields.into_iter().flatten().map(|(way, field)| (way, Change::Field(field)));
        for (direction, changes) in sorted(changes.collect()) {
            found.cases.push(Case::new(Topic::Terms, direction, services.clone(), changes, Vec::new()));
        }
    }
}

fn promise(side: &Side<'_>, service: &Entry<Service>) -> Promise {
    let tier = service.value.tier.as_ref().and_then(|tier| side.rulebook().tiers.get(tier.as_str()));
    let of_tier = tier.map_or_else(Promise::default, |tier| Promise {
        availability: tier.value.availability,
        recovery_time: tier.value.recovery_time,
        recovery_point: tier.value.recovery_point,
    });
    // What a service says about itself comes before what its tier says.
    Promise { availability: service.value.availability.or(of_tier.availability), ..of_tier }
}
