//! What every service must say about itself.

use std::collections::BTreeSet;

use crate::{
    diag::{Code, code},
    lint::{Context, graph},
    model::{
        Entry, Percent, Ref, Rulebook,
        service::{Lifecycle, Service},
        sla::Sla,
        tier::Tier,
    },
};

/// A service nobody answers for.
pub(super) static OWNER: Code =
    code!("GS2001", "service-without-owner", Error, "nobody answers for a service");
/// A service of unknown criticality. Access rules test the tier as something that is always there.
pub(super) static TIER: Code =
    code!("GS2002", "service-without-tier", fixed Error, "a service does not say how critical it is");
/// A service in an unknown state. Access rules test the state as something that is always there.
pub(super) static LIFECYCLE: Code = code!("GS2003", "service-without-lifecycle", fixed Error, "a service does not say where it is in its life");
/// A service without a promise.
pub(super) static SLA: Code = code!(
    "GS2004",
    "service-without-sla",
    Warning,
    "nothing is promised about a service, neither by itself nor by its tier"
);
/// A service without support.
pub(super) static SUPPORT: Code =
    code!("GS2005", "service-without-support-team", Warning, "no team supports a service");
/// Services that need each other.
pub(super) static CYCLE: Code =
    code!("GS2008", "service-dependency-cycle", Error, "services depend on each other in a circle");
/// A critical service on a less critical one.
pub(super) static LESS_CRITICAL: Code =
    code!("GS2009", "depends-on-less-critical", Warning, "a service depends on one of a less critical tier");
/// A promise that the dependencies do not allow.
pub(super) static AVAILABILITY: Code = code!(
    "GS2010",
    "availability-beyond-dependencies",
    Warning,
    "a service promises more availability than the services it depends on allow"
);

/// Whether a service is in use, so that people can be hurt by what it lacks.
pub(super) fn in_use(service: &Service) -> bool {
    !matches!(service.lifecycle, Some(Lifecycle::Proposed | Lifecycle::Retired))
}

/// The tier of a service.
pub(super) fn tier_of<'a>(rulebook: &'a Rulebook, service: &Service) -> Option<&'a Entry<Tier>> {
    rulebook.tiers.get(service.tier.as_ref()?.as_str())
}

/// The SLA of a service: its own, else that of its tier.
pub(super) fn sla_of<'a>(rulebook: &'a Rulebook, service: &'a Service) -> Option<&'a Ref<Sla>> {
    service.sla.as_ref().or_else(|| tier_of(rulebook, service)?.value.sla.as_ref())
}

pub(super) fn owner(context: &mut Context<'_>) {
    for service in &context.rulebook.services {
        if service.owner.is_none() {
            context
                .report(service.at("/owner"), format!("the service `{}` has no owner", service.id))
                .label("no `owner`")
                .help("name the team that answers for it: `owner = \"team:…\"`");
        }
    }
}

pub(super) fn tier(context: &mut Context<'_>) {
    for service in &context.rulebook.services {
        if service.tier.is_none() {
            context
                .report(service.at("/tier"), format!("the service `{}` has no tier", service.id))
                .label("no `tier`")
                .help("name how critical it is: `tier = \"…\"`");
        }
    }
}

pub(super) fn lifecycle(context: &mut Context<'_>) {
    for service in &context.rulebook.services {
        if service.lifecycle.is_none() {
            context
                .report(
                    service.at("/lifecycle"),
                    format!("the service `{}` does not say where it is in its life", service.id),
                )
                .label("no `lifecycle`")
                .help(format!("write one of `{}`", Lifecycle::NAMES.join("`, `")));
        }
    }
}

pub(super) fn sla(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for service in rulebook.services.iter().filter(|service| in_use(service)) {
        // A service without a tier, or with one that is not there or could not be read, has a finding about
        // that already, and mending it may mend this.
        if tier_of(rulebook, service).is_none() || sla_of(rulebook, service).is_some() {
            continue;
        }
        context
            .report(service.at("/sla"), format!("nothing is promised about the service `{}`", service.id))
            .label("no `sla`, and its tier has none")
            .help("write `sla = \"…\"` here, or in the tier for all of its services");
    }
}

pub(super) fn support(context: &mut Context<'_>) {
    for service in context.rulebook.services.iter().filter(|service| in_use(service)) {
        if service.support_team.is_none() {
            context
                .report(service.at("/support-team"), format!("no team supports the service `{}`", service.id))
                .label("no `support-team`")
                .help("name the team that gets its tickets: `support-team = \"…\"`");
        }
    }
}

pub(super) fn cycle(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let edges = rulebook
        .services
        .iter()
        .flat_map(|service| service.depends_on.iter().map(|needed| (service.id.as_str(), needed.as_str())));
    for cycle in graph::cycles(edges) {
        let Some(service) = cycle.first().and_then(|id| rulebook.services.get(id)) else { continue };
        context
            .report(
                service.at("/depends-on"),
                format!("the service `{}` depends on itself: {}", service.id, graph::path(&cycle)),
            )
            .label("leads back here")
            .help(
                "remove the dependency that the service can do without: nobody can say which to start first",
            );
    }
}

pub(super) fn less_critical(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for service in rulebook.services.iter().filter(|service| in_use(service)) {
        let Some(tier) = tier_of(rulebook, service) else { continue };
        for (index, needed) in service.depends_on.iter().enumerate() {
            let Some(needed) = rulebook.services.get(needed.as_str()) else { continue };
            let Some(lower) = tier_of(rulebook, needed) else { continue };
            if tier.rank < lower.rank {
                context
                    .report(
                        service.at(format!("/depends-on/{index}")),
                        format!("the service `{}` depends on the less critical `{}`", service.id, needed.id),
                    )
                    .label(format!("of tier `{}`, rank {}", lower.id, lower.rank))
                    .related(service.at("/tier"), format!("this one has rank {}", tier.rank))
                    .help(format!(
                        "put `{}` into the tier `{}`: when it is down, both are",
                        needed.id, tier.id
                    ));
            }
        }
    }
}

/// The availability that a service promises.
fn promised(rulebook: &Rulebook, service: &Service) -> Option<Percent> {
    service.availability.or_else(|| tier_of(rulebook, service)?.value.availability)
}

/// What services in series allow together, in parts per million, rounded up: 99.9 % and 99.5 % give 99.4005 %.
fn in_series(parts: impl Iterator<Item = Percent>) -> u32 {
    // A million times finer than the parts, so that rounding never makes a promise look too high.
    let scale = 1_000_000_u64;
    let product = parts.fold(scale * scale, |product, part| {
        let exact = u128::from(product) * u128::from(part.parts_per_million());
        u64::try_from(exact.div_ceil(u128::from(scale))).unwrap_or(product)
    });
    u32::try_from(product.div_ceil(scale)).unwrap_or(u32::MAX)
}

pub(super) fn availability(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for service in rulebook.services.iter().filter(|service| in_use(service)) {
        let Some(promise) = promised(rulebook, service) else { continue };
        // What is listed twice fails once.
        let needed: BTreeSet<&str> = service.depends_on.iter().map(Ref::as_str).collect();
        let needed = needed.into_iter().filter_map(|needed| rulebook.services.get(needed));
        let allowed = in_series(needed.filter_map(|needed| promised(rulebook, needed)));
        let Some(allowed) = Percent::from_parts_per_million(allowed) else { continue };
        if promise > allowed {
            context
                .report(
                    service.at("/depends-on"),
                    format!(
                        "the service `{}` promises {promise} and its dependencies allow {allowed}",
                        service.id
                    ),
                )
                .label(format!("together they work {allowed} of the time"))
                .note("the shares of services that are all needed multiply")
                .help("promise less with `availability`, or ask more of the dependencies");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::in_series;
    use crate::model::Percent;

    #[test]
    fn availability_in_series_multiplies() {
        let series =
            |shares: &[&str]| in_series(shares.iter().map(|share| share.parse::<Percent>().unwrap()));
        assert_eq!(series(&[]), 1_000_000);
        assert_eq!(series(&["99.5%"]), 995_000);
        assert_eq!(series(&["99.9%", "99.5%"]), 994_005);
        assert_eq!(series(&["99.9%", "0%"]), 0);
        assert_eq!(series(&["50%"; 20]), 1);
    }
}
