//! Agreements about time: SLAs, and the OLAs and supplier contracts that they rest on, one after another.

use std::collections::BTreeMap;

use crate::model::{
    Duration, Entry, Kind, Location, Origin, Priority, Rulebook,
    sla::{Sla, TargetKind, Targets},
};

/// An SLA, an OLA or a supplier contract: what they have in common.
#[derive(Debug, Clone, Copy)]
pub struct Agreement<'a> {
    /// Which of the three.
    pub kind: Kind,
    /// Its id.
    pub id: &'a str,
    origin: Origin,
    /// The hours in which its clocks run.
    pub calendar: &'a str,
    /// What it promises.
    pub target: &'a BTreeMap<Priority, Targets>,
}

impl<'a> Agreement<'a> {
    /// An SLA.
    #[must_use]
    pub fn sla(entry: &'a Entry<Sla>) -> Self {
        Self {
            kind: Kind::Sla,
            id: entry.id.as_str(),
            origin: entry.origin,
            calendar: entry.calendar.as_str(),
            target: &entry.value.target,
        }
    }

    /// The agreement of a kind with an id; none when there is no such agreement.
    #[must_use]
    pub fn find(rulebook: &'a Rulebook, kind: Kind, id: &str) -> Option<Self> {
        match kind {
            Kind::Sla => rulebook.slas.get(id).map(Self::sla),
            Kind::Ola => rulebook.olas.get(id).map(|entry| Self {
                kind,
                id: entry.id.as_str(),
                origin: entry.origin,
                calendar: entry.calendar.as_str(),
                target: &entry.value.target,
            }),
            Kind::SupplierContract => rulebook.supplier_contracts.get(id).map(|entry| Self {
                kind,
                id: entry.id.as_str(),
                origin: entry.origin,
                calendar: entry.calendar.as_str(),
                target: &entry.value.target,
            }),
            _ => None,
        }
    }

    /// Every agreement.
    #[must_use]
    pub fn all(rulebook: &'a Rulebook) -> Vec<Self> {
        [Kind::Sla, Kind::Ola, Kind::SupplierContract]
            .into_iter()
            .flat_map(|kind| {
                rulebook.ids(kind).into_iter().filter_map(move |id| Self::find(rulebook, kind, id))
            })
            .collect()
    }

    /// A field of it.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Location {
        Location::field(self.kind, self.id, self.origin, pointer)
    }

    /// The agreement in words, such as "the SLA" and its id.
    #[must_use]
    pub fn name(&self) -> String {
        let kind = match self.kind {
            Kind::Sla => "SLA",
            Kind::Ola => "OLA",
            _ => "supplier contract",
        };
        format!("the {kind} `{}`", self.id)
    }
}

/// A duration in the seconds of the calendar with an id; none when nobody can count on that calendar.
pub type Seconds<'s> = &'s dyn Fn(Duration, &str) -> Option<i64>;

/// The chains below the `respond` and `resolve` targets of an SLA.
#[must_use]
pub fn chains<'a>(sla: &'a Entry<Sla>, supports: &[Agreement<'a>], seconds: Seconds<'_>) -> Vec<Chain<'a>> {
    let mut chains = responding(seconds, sla, supports);
    chains.extend(resolving(sla, supports));
    chains
}

/// The agreements below an SLA, with their place in it; none when one of them is not an agreement.
#[must_use]
pub fn supports<'a>(rulebook: &'a Rulebook, sla: &Sla) -> Option<Vec<Agreement<'a>>> {
    let agreement = |support: &crate::model::Selector| {
        matches!(support.kind, Kind::Ola | Kind::SupplierContract)
            .then(|| Agreement::find(rulebook, support.kind, support.id.as_str()))
            .flatten()
    };
    sla.supported_by.iter().map(agreement).collect()
}

/// A target of an SLA with the agreements that it rests on.
#[derive(Debug, Clone)]
pub struct Chain<'a> {
    /// Which target: `respond` or `resolve`.
    pub field: TargetKind,
    /// The priority.
    pub priority: &'a Priority,
    /// What the SLA promises.
    pub target: Duration,
    /// The agreements, one after the other, with what each may take.
    pub steps: Vec<(Agreement<'a>, Duration)>,
}

/// The chains of the `resolve` targets that are complete.
#[must_use]
pub fn resolving<'a>(sla: &'a Entry<Sla>, supports: &[Agreement<'a>]) -> Vec<Chain<'a>> {
    let resolved = sla.value.target.iter().filter_map(|(id, targets)| Some((id, targets.resolve?)));
    resolved
        .filter_map(|(priority, target)| {
            let step = |support: &Agreement<'a>| Some((*support, support.target.get(priority)?.resolve?));
            let steps: Option<Vec<_>> = supports.iter().map(step).collect();
            let steps = steps.filter(|steps| !steps.is_empty())?;
            Some(Chain { field: TargetKind::Resolve, priority, target, steps })
        })
        .collect()
}

/// The chains of the `respond` targets: until somebody answers who can help, each hands over to the next. An
/// agreement that does not say how long that takes, or responds after it resolved, which is a finding of its
/// own, is left out: the others take their time all the same.
fn responding<'a>(seconds: Seconds<'_>, sla: &'a Entry<Sla>, supports: &[Agreement<'a>]) -> Vec<Chain<'a>> {
    let respond = |support: &Agreement<'a>, priority: &Priority| {
        let targets = support.target.get(priority)?;
        let seconds = |duration| seconds(duration, support.calendar);
        let resolve = targets.resolve.and_then(seconds);
        targets.respond.filter(|respond| {
            !matches!((seconds(*respond), resolve), (Some(respond), Some(resolve)) if respond >= resolve)
        })
    };
    let responds = sla.value.target.iter().filter_map(|(id, targets)| Some((id, targets.respond?)));
    responds
        .map(|(priority, target)| {
            let step = |support: &Agreement<'a>| Some((*support, respond(support, priority)?));
            let steps = supports.iter().filter_map(step).collect();
            Chain { field: TargetKind::Respond, priority, target, steps }
        })
        .filter(|chain| !chain.steps.is_empty())
        .collect()
}
