//! What policies are about, the other way round: from an entitlement to its policies, and from a scope to
//! its entitlements. Looking through everything for each would take the square of the time.

use std::collections::HashMap;

use super::policy::{Offer, ancestors, nearness, offer, offers, offers_of};
use crate::model::{
    Entry, Rulebook,
    access::{Access, AppliesTo},
};

type Policies<'a> = Vec<&'a Entry<Access>>;

/// The policies of a rulebook, by what they are about.
#[derive(Debug, Default)]
pub(super) struct Scopes<'a> {
    /// By service and entitlement.
    entitlements: HashMap<(&'a str, &'a str), Policies<'a>>,
    services: HashMap<&'a str, Policies<'a>>,
    categories: HashMap<&'a str, Policies<'a>>,
    everything: Policies<'a>,
}

impl<'a> Scopes<'a> {
    pub(super) fn new(rulebook: &'a Rulebook) -> Self {
        let mut scopes = Self::default();
        for policy in &rulebook.access {
            let same = match &policy.value.applies_to {
                AppliesTo::Entitlement(reference) => {
                    let name = (reference.service.as_str(), reference.entitlement.as_str());
                    scopes.entitlements.entry(name).or_default()
                }
                AppliesTo::Service(service) => scopes.services.entry(service.as_str()).or_default(),
                AppliesTo::Category(category) => scopes.categories.entry(category.as_str()).or_default(),
                AppliesTo::Everything => &mut scopes.everything,
            };
            same.push(policy);
        }
        scopes
    }

    /// The policies that are about an entitlement, each with how near it is: less is more specific.
    pub(super) fn about(&self, rulebook: &Rulebook, offer: &Offer<'_>) -> Vec<(usize, &'a Entry<Access>)> {
        let mut found = Vec::new();
        let mut add = |policies: Option<&Policies<'a>>| {
            for policy in policies.into_iter().flatten() {
                found.extend(nearness(rulebook, &policy.applies_to, offer).map(|near| (near, *policy)));
            }
        };
        let service = offer.service.id.as_str();
        add(self.entitlements.get(&(service, offer.id.as_str())));
        add(self.services.get(service));
        if let Some(of) = &offer.service.category
            && !self.categories.is_empty()
        {
            let mut seen: Vec<&str> = Vec::new();
            for category in ancestors(rulebook, of) {
                // Where a circle closes everything was seen.
                if seen.contains(&category.as_str()) {
                    break;
                }
                seen.push(category.as_str());
                add(self.categories.get(category.as_str()));
            }
        }
        add(Some(&self.everything));
        found
    }
}

/// The entitlements that a scope is about, in the order of [`offers`].
pub fn offers_about<'a>(
    rulebook: &'a Rulebook,
    scope: &'a AppliesTo,
) -> Box<dyn Iterator<Item = Offer<'a>> + 'a> {
    match scope {
        AppliesTo::Entitlement(reference) => Box::new(offer(rulebook, reference).into_iter()),
        AppliesTo::Service(service) => {
            Box::new(rulebook.services.get(service.as_str()).into_iter().flat_map(offers_of))
        }
        AppliesTo::Category(_) => {
            Box::new(offers(rulebook).filter(move |offer| nearness(rulebook, scope, offer).is_some()))
        }
        AppliesTo::Everything => Box::new(offers(rulebook)),
    }
}
