//! Groups that several entitlements give: what an entitlement is protected by can be walked round through
//! another one.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    decide::policy::{Offer, offer, offers, offers_of},
    diag::{Code, code},
    lint::{Context, Location},
    load::words::list,
    model::{EntitlementRef, Entry, Id, Rulebook, access::Mode, service::Risk, sod::Sod},
};

/// A group can be had more easily elsewhere.
pub(super) static AT_LOWER_RISK: Code = code!(
    "GS4073",
    "group-at-lower-risk",
    Warning,
    "an entitlement gives a group that another service gives only at a higher risk"
);
/// A separation of duties can be walked round.
pub(super) static WAY_ROUND: Code = code!(
    "GS4090",
    "separation-by-name-only",
    Warning,
    "an entitlement gives the groups of one that may not be held together with others, and is not named"
);

/// How much care an entitlement asks for.
fn care(offer: &Offer<'_>) -> (Risk, bool) {
    (offer.entitlement.risk, offer.entitlement.privileged)
}

fn groups<'a>(offer: &Offer<'a>) -> BTreeSet<&'a str> {
    offer.entitlement.groups.iter().map(String::as_str).collect()
}

fn at(offer: &Offer<'_>) -> Location {
    offer.service.at(format!("/entitlement/{}/groups", offer.id))
}

/// The entitlements that give each group.
fn givers(rulebook: &Rulebook) -> BTreeMap<&str, Vec<Offer<'_>>> {
    let mut givers: BTreeMap<&str, Vec<Offer<'_>>> = BTreeMap::new();
    for offer in offers(rulebook) {
        for group in groups(&offer) {
            givers.entry(group).or_default().push(offer);
        }
    }
    givers
}

pub(super) fn at_lower_risk(context: &mut Context<'_>) {
    for (group, givers) in givers(context.rulebook) {
        // A service that gives a group to everybody and more to a few asks for no more care than the first.
        let mut least: BTreeMap<&Id, Offer<'_>> = BTreeMap::new();
        for offer in &givers {
            let known = least.entry(&offer.service.id).or_insert(*offer);
            if care(offer) < care(known) {
                *known = *offer;
            }
        }
        let mut least: Vec<Offer<'_>> = least.into_values().collect();
        least.sort_by_key(|offer| (std::cmp::Reverse(care(offer)), &offer.service.id));
        for offer in &givers {
            let elsewhere = least.iter().find(|other| other.service.id != offer.service.id);
            let Some(elsewhere) = elsewhere.filter(|other| care(offer) < care(other)) else { continue };
            let (here, there) = (offer.reference(), elsewhere.reference());
            let word = |offer: &Offer<'_>| {
                let privileged = if offer.entitlement.privileged { ", privileged" } else { "" };
                format!("{} risk{privileged}", offer.entitlement.risk)
            };
            context
                .report(
                    at(offer),
                    format!("`{here}` gives the group `{group}` at a {} risk", offer.entitlement.risk),
                )
                .label(word(offer))
                .related(at(elsewhere), format!("`{there}`: {}", word(elsewhere)))
                .note(format!("who is refused `{there}` can ask for `{here}`"))
                .help("give a group of its own, or both the risk of what the group lets people do");
        }
    }
}

/// Whether somebody with one entitlement has all that another gives: it gives nothing but groups.
pub(super) fn includes(one: &Offer<'_>, other: &Offer<'_>) -> bool {
    let only_groups = other.entitlement.role.is_none() && other.entitlement.licence_tier.is_none();
    only_groups && !other.entitlement.groups.is_empty() && groups(other).is_subset(&groups(one))
}

/// The entitlements that may not be held together with one of a separation of duties.
fn opposite<'a>(sod: &'a Sod, entitlement: &EntitlementRef) -> Vec<&'a EntitlementRef> {
    sod.entitlements.iter().chain(&sod.against).filter(|other| sod.conflicts(entitlement, other)).collect()
}

pub(super) fn way_round(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let givers = givers(rulebook);
    for sod in rulebook.sods.iter().filter(|sod| sod.mode == Mode::Enforce) {
        let named: Vec<&EntitlementRef> = sod.value.entitlements.iter().chain(&sod.value.against).collect();
        for (index, reference) in named.iter().enumerate() {
            let Some(one) = offer(rulebook, reference) else { continue };
            let mut found: BTreeMap<EntitlementRef, Offer<'_>> = BTreeMap::new();
            for group in groups(&one) {
                for other in givers.get(group).into_iter().flatten() {
                    let reference = other.reference();
                    if !named.contains(&&reference) && gives_what(sod, &one, other, group) {
                        found.insert(reference, *other);
                    }
                }
            }
            let Some((_, first)) = found.first_key_value() else { continue };
            let place = match index.checked_sub(sod.entitlements.len()) {
                None => format!("/entitlements/{index}"),
                Some(index) => format!("/against/{index}"),
            };
            let others: Vec<String> = found.keys().map(ToString::to_string).collect();
            let verb = if others.len() == 1 { "gives" } else { "give" };
            let message = format!(
                "{} {verb} groups of `{reference}` and {} not part of the separation of duties `{}`",
                list(others.iter().map(String::as_str)),
                if others.len() == 1 { "is" } else { "are" },
                sod.id
            );
            context
                .report(sod.at(place), message)
                .label("can be had by another name")
                .related(at(first), "the same group")
                .help("name them here as well, or give them groups of their own");
        }
    }
}

/// Whether somebody who holds `other` has what makes `one` dangerous: all of its groups, or one that the
/// service gives with nothing else. What both sides of the separation give is harmless.
fn gives_what(sod: &Entry<Sod>, one: &Offer<'_>, other: &Offer<'_>, group: &str) -> bool {
    let is_harmless = |group: &str| {
        let opposite = opposite(sod, &one.reference());
        opposite.iter().any(|entitlement| {
            one.service
                .entitlement
                .get(entitlement.entitlement.as_str())
                .filter(|_| entitlement.service == one.service.id)
                .is_some_and(|entitlement| entitlement.groups.iter().any(|known| known == group))
        })
    };
    if is_harmless(group) {
        return false;
    }
    if other.service.id == one.service.id {
        return groups(one).is_subset(&groups(other));
    }
    let given_with_others = offers_of(one.service).any(|sibling| {
        sibling.id != one.id && groups(&sibling).contains(group) && care(&sibling) < care(one)
    });
    !given_with_others
}

#[cfg(test)]
mod tests {
    use crate::lint::access::tests::messages;

    /// Two services with groups, and a separation of duties between entitlements of the first.
    fn with_groups(mine: &str, sod: &str) -> String {
        format!(
            r#"
category.software = {{ name = "Software", function = "it" }}
[service.erp]
name = "ERP"
entitlement.read = {{ name = "Read", risk = "low", groups = ["users"] }}
entitlement.create = {{ name = "Create", risk = "high", groups = ["users", "creators"] }}
entitlement.pay = {{ name = "Pay", risk = "high", groups = ["users", "payers"] }}
{mine}
[sod.x]
description = "d"
{sod}
risk = "high"
decision = "deny"
"#
        )
    }

    const CREATE_AND_PAY: &str = r#"entitlements = ["erp/create", "erp/pay"]"#;

    #[test]
    fn a_group_that_makes_an_entitlement_dangerous_belongs_to_the_separation() {
        let elsewhere = |groups: &str| {
            let other = format!(
                "[service.wiki]\nname = \"Wiki\"\nentitlement.editor = {{ name = \"E\", risk = \"high\", groups = [{groups}] }}"
            );
            messages("GS4090", &with_groups(&other, CREATE_AND_PAY))
        };
        assert_eq!(
            elsewhere("\"payers\", \"editors\""),
            ["`wiki/editor` gives groups of `erp/pay` and is not part of the separation of duties `x`"]
        );
        // Everybody is in this one.
        assert_eq!(elsewhere("\"users\""), Vec::<String>::new());
        let more = |groups: &str| {
            let other =
                format!("entitlement.more = {{ name = \"M\", risk = \"high\", groups = [{groups}] }}");
            messages("GS4090", &with_groups(&other, CREATE_AND_PAY)).len()
        };
        assert_eq!(more("\"users\", \"payers\", \"auditors\""), 1);
        assert_eq!(more("\"users\", \"auditors\""), 0);
    }

    #[test]
    fn an_entitlement_that_includes_the_other_side_is_the_conflict_itself() {
        let all = |rest: &str| {
            let all = format!(
                "entitlement.all = {{ name = \"A\", risk = \"high\", groups = [\"users\", \"payers\", \"creators\"]{rest} }}"
            );
            messages("GS4086", &with_groups(&all, r#"entitlements = ["erp/pay", "erp/all"]"#))
        };
        assert_eq!(all(""), ["`erp/all` gives all that `erp/pay` gives, and `x` separates them"]);
        assert_eq!(messages("GS4086", &with_groups("", CREATE_AND_PAY)), Vec::<String>::new());
        // A role in the application may be what makes the difference.
        let role = with_groups("", CREATE_AND_PAY)
            .replace(r#"groups = ["users", "creators"]"#, r#"groups = ["users"], role = "creator""#);
        assert_eq!(messages("GS4086", &role), Vec::<String>::new());
    }

    #[test]
    fn a_group_is_as_risky_as_the_least_risk_at_which_its_service_gives_it() {
        let wiki = |risk: &str, group: &str| {
            let other = format!(
                "[service.wiki]\nname = \"Wiki\"\nentitlement.editor = {{ name = \"E\", risk = \"{risk}\", groups = [\"{group}\"] }}"
            );
            messages("GS4073", &with_groups(&other, CREATE_AND_PAY))
        };
        assert_eq!(wiki("medium", "payers"), ["`wiki/editor` gives the group `payers` at a medium risk"]);
        assert_eq!(wiki("high", "payers"), Vec::<String>::new());
        assert_eq!(wiki("low", "users"), Vec::<String>::new());
    }
}
