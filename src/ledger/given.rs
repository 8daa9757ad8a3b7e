//! What a grant gives exactly: access, a licence, a role, groups.

use std::{collections::BTreeSet, fmt};

use crate::{
    decide::policy,
    model::{
        EntitlementRef, Id, Rulebook,
        grant::{Grant, Provided},
        service::Entitlement,
    },
};

/// Something that somebody has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Given {
    /// The access itself, whatever it consists of.
    Access(EntitlementRef),
    /// A licence of a service.
    Licence {
        /// The service.
        service: Id,
        /// The tier.
        tier: String,
    },
    /// A role in a service.
    Role {
        /// The service.
        service: Id,
        /// The role.
        role: String,
    },
    /// Membership of a group. Groups have one name wherever they are used.
    Group(String),
    /// Something else that is written down with a grant.
    Other {
        /// The service.
        service: Id,
        /// What it is called there.
        name: Id,
        /// Its value.
        value: String,
    },
}

impl fmt::Display for Given {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Access(entitlement) => write!(formatter, "access {entitlement}"),
            Self::Licence { service, tier } => write!(formatter, "licence {tier} of {service}"),
            Self::Role { service, role } => write!(formatter, "role {role} of {service}"),
            Self::Group(name) => write!(formatter, "group {name}"),
            Self::Other { service, name, value } => write!(formatter, "{name} {value} of {service}"),
        }
    }
}

/// The names under which a grant keeps what it gives.
pub(super) const LICENCE: &str = "licence-tier";
pub(super) const ROLE: &str = "role";
pub(super) const GROUPS: &str = "groups";

/// What an entitlement gives today.
#[must_use]
pub fn of_entitlement(reference: &EntitlementRef, entitlement: &Entitlement) -> BTreeSet<Given> {
    let service = || reference.service.clone();
    let mut given = BTreeSet::from([Given::Access(reference.clone())]);
    given.extend(
        entitlement.licence_tier.iter().map(|tier| Given::Licence { service: service(), tier: tier.clone() }),
    );
    given.extend(entitlement.role.iter().map(|role| Given::Role { service: service(), role: role.clone() }));
    given.extend(entitlement.groups.iter().map(|group| Given::Group(group.clone())));
    given
}

/// What a grant gives: what was written down when it was given, or else what its entitlement gives today.
#[must_use]
pub fn of_grant(rulebook: &Rulebook, grant: &Grant) -> BTreeSet<Given> {
    let reference = &grant.entitlement;
    if grant.provisioned.is_empty() {
        return match policy::offer(rulebook, reference) {
            Some(offer) => of_entitlement(reference, offer.entitlement),
            None => BTreeSet::from([Given::Access(reference.clone())]),
        };
    }
    let service = || reference.service.clone();
    let mut given = BTreeSet::from([Given::Access(reference.clone())]);
    for (name, value) in &grant.provisioned {
        let values: Vec<String> = match value {
            Provided::Several(values) => values.clone(),
            Provided::One(text) if name.as_str() == GROUPS => groups_of(rulebook, reference, text),
            Provided::One(text) => vec![text.clone()],
        };
        given.extend(values.into_iter().map(|value| match name.as_str() {
            LICENCE => Given::Licence { service: service(), tier: value },
            ROLE => Given::Role { service: service(), role: value },
            GROUPS => Given::Group(value),
            _ => Given::Other { service: service(), name: name.clone(), value },
        }));
    }
    given
}

/// The groups that a text names: those of the entitlement when it is exactly these, with their commas, and otherwise what
/// stands between commas.
fn groups_of(rulebook: &Rulebook, reference: &EntitlementRef, text: &str) -> Vec<String> {
    let offered = policy::offer(rulebook, reference).map(|offer| &offer.entitlement.groups);
    if let Some(groups) = offered.filter(|groups| groups.join(", ") == text) {
        return groups.clone();
    }
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
