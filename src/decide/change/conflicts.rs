//! Which other changes get in the way of a change.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::asked::Named;
use crate::{
    decide::{
        engine::Engine,
        items::{needed_services, needs, services_on},
    },
    model::{Ref, Rulebook, change::OtherChange},
};

/// Another change that gets in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Its number.
    pub id: String,
    /// What the two have in common.
    pub kind: ConflictKind,
    /// What they have in common: the item or service of the other one, or who carries both out.
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
    /// Somebody who carries both out.
    SamePerson,
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
            Self::SamePerson => "assignee-busy",
        }
    }
}

/// The other changes that happen at the same time to what belongs together, in the order of time.
pub(super) fn of(engine: &Engine<'_>, named: &Named<'_, '_>) -> Vec<Conflict> {
    let rulebook = engine.rulebook();
    let mut own = named.item.map(|item| services_on(rulebook, item.id.as_str())).unwrap_or_default();
    own.extend(named.service.map(|service| service.id.as_str()));
    let conflicts = |other: &OtherChange| -> Vec<Conflict> {
        let start = named.start().max(other.start.0);
        let end = named.end().min(other.end.0);
        if start >= end {
            return Vec::new();
        }
        let both = in_common(rulebook, named, &own, other).into_iter().chain(busy(engine, named, other));
        both.map(|(kind, with)| Conflict { id: other.id.clone(), kind, with, start, end }).collect()
    };
    let mut found: Vec<Conflict> = named.change.others.iter().flat_map(conflicts).collect();
    found.sort_by(|one, other| one.start.cmp(&other.start).then_with(|| one.id.cmp(&other.id)));
    found
}

/// Who carries both changes out, under whichever record: nobody is in two places at once. Software can be.
fn busy(engine: &Engine<'_>, named: &Named<'_, '_>, other: &OtherChange) -> Option<(ConflictKind, String)> {
    let hands = engine.hands();
    let people = named.implementers.iter().filter(|person| person.employment.is_human());
    let theirs = |id: &str| {
        other.implementers.iter().find(|person| hands.same(person.as_str(), id)).map(Ref::to_string)
    };
    let busy = people.filter_map(|person| theirs(person.id.as_str())).min()?;
    Some((ConflictKind::SamePerson, busy))
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
