//! Tiers: an order of criticality that agrees with what downtime costs.

use std::collections::{BTreeMap, BTreeSet};

use super::service::in_use;
use crate::{
    diag::{Code, code},
    lint::Context,
    model::{Entry, tier::Tier},
};

/// Two tiers of one rank.
pub(super) static RANK: Code =
    code!("GS2021", "same-tier-rank", Error, "two tiers have the same rank, so neither is more critical");
/// A tier without a promise.
pub(super) static SLA: Code = code!(
    "GS2022",
    "tier-without-sla",
    Note,
    "a tier promises nothing for services that have no SLA of their own"
);
/// Equal cost, different promise.
pub(super) static COST: Code = code!(
    "GS2023",
    "same-cost-different-sla",
    Warning,
    "downtime costs the same in two tiers that promise different things"
);
/// More cost, less critical.
pub(super) static COSTLIER: Code = code!(
    "GS2024",
    "costlier-tier-ranked-lower",
    Warning,
    "downtime costs more in a tier that is ranked as less critical"
);

/// Costs that cannot be compared.
pub(super) static CURRENCIES: Code = code!(
    "GS2025",
    "costs-in-several-currencies",
    Warning,
    "what downtime costs is said in several currencies, so tiers cannot be compared"
);

pub(super) fn rank(context: &mut Context<'_>) {
    let mut first: BTreeMap<u32, &Entry<Tier>> = BTreeMap::new();
    for tier in &context.rulebook.tiers {
        let Some(other) = first.get(&tier.rank) else {
            first.insert(tier.rank, tier);
            continue;
        };
        context
            .report(
                tier.at("/rank"),
                format!("the tiers `{}` and `{}` have the same rank {}", other.id, tier.id, tier.rank),
            )
            .label("taken")
            .related(other.at("/rank"), "by this one")
            .help("give each tier a rank of its own: 1 is the most critical");
    }
}

pub(super) fn sla(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    // A service that is left without a promise is the finding; otherwise this is advice.
    let reported: BTreeSet<&str> = rulebook
        .services
        .iter()
        .filter(|service| in_use(service) && service.sla.is_none())
        .filter_map(|service| Some(service.tier.as_ref()?.as_str()))
        .collect();
    for tier in &rulebook.tiers {
        if tier.sla.is_none() && !reported.contains(tier.id.as_str()) {
            context
                .report(tier.at("/sla"), format!("the tier `{}` has no SLA", tier.id))
                .label("no `sla`")
                .help("write `sla = \"…\"`: services that name none get it");
        }
    }
}

/// Pairs of tiers whose costs can be compared, each pair once.
fn pairs<'a>(context: &Context<'a>) -> Vec<(&'a Entry<Tier>, &'a Entry<Tier>)> {
    let tiers: Vec<&Entry<Tier>> = context.rulebook.tiers.iter().collect();
    let mut pairs = Vec::new();
    for (index, one) in tiers.iter().enumerate() {
        for other in tiers.iter().skip(index + 1) {
            let currencies =
                (one.downtime_cost.map(|cost| cost.currency), other.downtime_cost.map(|cost| cost.currency));
            if currencies.0.is_some() && currencies.0 == currencies.1 {
                pairs.push((*one, *other));
            }
        }
    }
    pairs
}

pub(super) fn currencies(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let costs = || rulebook.tiers.iter().filter_map(|tier| Some((tier, tier.downtime_cost?)));
    let own = rulebook.settings.project.currency.as_deref();
    let is_own = |currency: &[u8; 3]| own.is_some_and(|own| own.as_bytes() == currency);
    // The tiers whose cost is in the currency of the project are right, or else the first.
    let first = costs().find(|(_, cost)| is_own(&cost.currency)).or_else(|| costs().next());
    let Some((first, known)) = first else { return };
    for (tier, cost) in costs().filter(|(_, cost)| cost.currency != known.currency) {
        context
            .report(
                tier.at("/downtime-cost"),
                format!("what downtime costs in `{}` cannot be compared with `{}`", tier.id, first.id),
            )
            .label(format!("in {}", String::from_utf8_lossy(&cost.currency)))
            .related(first.at("/downtime-cost"), format!("in {}", String::from_utf8_lossy(&known.currency)))
            .help("say all of them in one currency");
    }
}

pub(super) fn cost(context: &mut Context<'_>) {
    for (one, other) in pairs(context) {
        if one.downtime_cost == other.downtime_cost
            && one.sla != other.sla
            && one.sla.is_some()
            && other.sla.is_some()
        {
            context
                .report(
                    other.at("/downtime-cost"),
                    format!(
                        "downtime costs the same in `{}` and `{}`, which promise different things",
                        one.id, other.id
                    ),
                )
                .label("the same cost")
                .related(one.at("/downtime-cost"), "as here")
                .related(other.at("/sla"), "another SLA")
                .help("give both the same SLA, or say what the downtime of each really costs");
        }
    }
}

pub(super) fn costlier(context: &mut Context<'_>) {
    for (one, other) in pairs(context) {
        let cost = |tier: &Entry<Tier>| tier.downtime_cost.map_or(0, |cost| cost.hundredths);
        let (critical, lesser) = if one.rank < other.rank { (one, other) } else { (other, one) };
        if critical.rank != lesser.rank && cost(lesser) > cost(critical) {
            context
                .report(
                    lesser.at("/rank"),
                    format!(
                        "the tier `{}` is ranked below `{}` and its downtime costs more",
                        lesser.id, critical.id
                    ),
                )
                .label("less critical")
                .related(lesser.at("/downtime-cost"), "costs more")
                .related(critical.at("/downtime-cost"), "costs less")
                .help("exchange the ranks, or mend the costs");
        }
    }
}
