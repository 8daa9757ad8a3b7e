//! Which other changes get in the way of a change.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::asked::{Named, needs};
use crate::{
    decide::engine::Engine,
    model::{Document, Ref, Rulebook, change::OtherChange},
};

/// Another change that gets in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Its number.
    pub id: String,
    /// What the two have in common.
    pub kind: ConflictKind,
    /// What they have in common: the item or service of the other one.
    pub with: String,
    /// When both happen at once: the first instant ...
    pub start: Timestamp,
    /// ... and the first instant after it.
    pub end: Timestamp,
}

/// What two changes have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictKind {
    /// The same item.
    SameItem,
    /// An item or service without which this one cannot work.
    DependsOn,
    /// An item or service that cannot work without this one.
    NeededBy,
    /// The same service.
    SameService,
}

impl ConflictKind {
    /// A short name that never changes, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameItem => "same-item",
            Self::DependsOn => "depends-on",
            Self::NeededBy => "needed-by",
            Self::SameService => "same-service",
        }
    }
}

/// The other changes that happen at the same time to what belongs together, in the order of time.
pub(super) fn of(engine: &Engine<'_>, named: &Named<'_, '_>) -> Vec<Conflict> {
    let rulebook = engine.rulebook();
    let mut own = named.item.map(|item| services_on(rulebook, item.id.as_str())).unwrap_or_default();
    own.extend(named.service.map(|service| service.id.as_str()));
    let conflict = |other: &OtherChange| {
        let start = named.start().max(other.start.0);
        let end = named.end().min(other.end.0);
        if start >= end {
            return None;
        }
        let (kind, with) = in_common(rulebook, named, &own, other)?;
        Some(Conflict { id: other.id.clone(), kind, with, start, end })
    };
    let mut found: Vec<Conflict> = named.change.others.iter().filter_map(conflict).collect();
    found.sort_by(|one, other| one.start.cmp(&other.start).then_with(|| one.id.cmp(&other.id)));
    found
}

fn in_common(
    rulebook: &Rulebook,
    named: &Named<'_, '_>,
    own: &BTreeSet<&str>,
    other: &OtherChange,
) -> Option<(ConflictKind, String)> {
    let theirs = other.configuration_item.as_ref().map(Ref::as_str);
    if let (Some(item), Some(theirs)) = (named.item, theirs) {
        let item = item.id.as_str();
        let kind = if item == theirs {
            Some(ConflictKind::SameItem)
        } else if needs(rulebook, item, theirs) {
            Some(ConflictKind::DependsOn)
        } else if needs(rulebook, theirs, item) {
            Some(ConflictKind::NeededBy)
        } else {
            None
        };
        if let Some(kind) = kind {
            return Some((kind, theirs.to_owned()));
        }
    }
    let mut services = theirs.map(|item| services_on(rulebook, item)).unwrap_or_default();
    services.extend(other.service.as_ref().map(Ref::as_str));
    let find = |kind, is: &dyn Fn(&str, &str) -> bool| {
        let met = |theirs: &&&str| own.iter().any(|own| is(own, theirs));
        services.iter().find(met).map(|theirs| (kind, (*theirs).to_owned()))
    };
    find(ConflictKind::SameService, &|own, theirs| own == theirs)
        .or_else(|| {
            find(ConflictKind::DependsOn, &|own, theirs| needed_services(rulebook, own).contains(theirs))
        })
        .or_else(|| {
            find(ConflictKind::NeededBy, &|own, theirs| needed_services(rulebook, theirs).contains(own))
        })
}

/// An item and everything that it cannot work without. Items that need each other end it, too.
pub(super) fn reach<'r>(rulebook: &'r Rulebook, item: &'r str) -> BTreeSet<&'r str> {
    let items = &rulebook.configuration_items;
    closure(item, |item| items.get(item).map_or(&[][..], |entry| &entry.value.depends_on))
}

/// A service and every service that it cannot work without.
fn needed_services<'r>(rulebook: &'r Rulebook, service: &'r str) -> BTreeSet<&'r str> {
    closure(service, |service| {
        rulebook.services.get(service).map_or(&[][..], |entry| &entry.value.depends_on)
    })
}

/// Something and everything that it needs, directly or by what it needs.
fn closure<'r, T: Document + 'r>(first: &'r str, needs: impl Fn(&str) -> &'r [Ref<T>]) -> BTreeSet<&'r str> {
    let mut found = BTreeSet::from([first]);
    let mut left = vec![first];
    while let Some(one) = left.pop() {
        for needed in needs(one) {
            if found.insert(needed.as_str()) {
                left.push(needed.as_str());
            }
        }
    }
    found
}

/// The services that run on an item, or on something that cannot work without it.
pub(super) fn services_on<'r>(rulebook: &'r Rulebook, item: &str) -> BTreeSet<&'r str> {
    let on = |known: &&'r crate::model::Entry<crate::model::service::Service>| {
        known.value.configuration_items.iter().any(|own| needs(rulebook, own.as_str(), item))
    };
    rulebook.services.iter().filter(on).map(|service| service.id.as_str()).collect()
}
