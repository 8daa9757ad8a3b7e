//! Entitlements: what an approval grants, until when, and how it is given and taken away.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{
    analysis::Considered,
    effective::{Effective, Listed, first, listed, plan, reduced},
    unclear::Unclear,
};
use crate::{
    decide::{
        approvers::{needed, of_stage},
        person::Directory,
        policy::{Offer, offers},
        space::{Set, Unsure},
    },
    diag::{Code, code},
    lint::{Context, Finding, Location, governance::exception::is_in_force},
    model::{
        Duration, EntitlementRef, Kind, Rulebook,
        access::Decision,
        exception::Exception,
        service::{Lifecycle, Method, Risk},
        settings::DefaultDecision,
        workflow::{Need, Workflow},
    },
};

/// Risky access has no end.
pub(super) static NO_END: Code = code!(
    "GS4060",
    "risky-access-without-end",
    Error,
    "high-risk or privileged access is granted without end"
);
/// Risky access is never looked at again.
pub(super) static NO_RECERTIFICATION: Code = code!(
    "GS4061",
    "risky-access-without-recertification",
    Error,
    "nobody looks at whether holders of high-risk or privileged access still need it"
);
/// An approval grants nothing.
pub(super) static GRANTS_NOTHING: Code = code!(
    "GS4062",
    "entitlement-grants-nothing",
    Error,
    "an entitlement names no licence tier, role or group"
);
/// It is not said how access is given.
pub(super) static NO_PROVISIONING: Code =
    code!("GS4063", "entitlement-without-provisioning", Error, "an entitlement does not say how it is given");
/// It is not said how access is taken away.
pub(super) static NO_REMOVAL: Code =
    code!("GS4064", "entitlement-without-removal", Error, "an entitlement does not say how it is taken away");
/// A method lacks what it needs.
pub(super) static NO_MEANS: Code = code!(
    "GS4065",
    "method-without-means",
    Error,
    "access is given or taken by a machine or team that is not named"
);
/// Too few people approve.
pub(super) static TOO_LITTLE_APPROVAL: Code = code!(
    "GS4066",
    "too-little-approval",
    Error,
    "high-risk or privileged access can be had with too few approvals"
);
/// People are asked for nothing.
pub(super) static NEEDLESS_APPROVAL: Code =
    code!("GS4067", "needless-approval", Note, "people approve every request for low-risk access");
/// Access ends before it is given.
pub(super) static ENDS_EARLY: Code =
    code!("GS4068", "ends-before-it-begins", Error, "access lasts no longer than it takes to give it");
/// Nobody can get the entitlement.
pub(super) static NO_WAY_IN: Code = code!(
    "GS4069",
    "no-way-to-get-it",
    Warning,
    "an entitlement can neither be asked for nor comes with a bundle"
);
/// Removal is not verified.
pub(super) static UNVERIFIED: Code =
    code!("GS4071", "removal-not-verified", Warning, "nobody looks whether high-risk access is really gone");

fn at(offer: &Offer<'_>, field: &str) -> Location {
    let at = offer.service.at(format!("/entitlement/{}{field}", offer.id));
    if field.is_empty() { at.key() } else { at }
}

fn is_risky(offer: &Offer<'_>) -> bool {
    offer.entitlement.risk >= Risk::High || offer.entitlement.privileged
}

/// Why an entitlement is looked at more closely.
fn risk(offer: &Offer<'_>) -> String {
    if offer.entitlement.risk >= Risk::High {
        format!("of {} risk", offer.entitlement.risk)
    } else {
        "privileged".to_owned()
    }
}

pub(super) fn no_end(context: &mut Context<'_>) {
    for offer in offers(context.rulebook).filter(is_risky) {
        if offer.entitlement.max_duration.is_none() {
            context
                .report(at(&offer, ""), format!("`{}` is granted without end", offer.reference()))
                .label(format!("{}, and no `max-duration`", risk(&offer)))
                .help("add `max-duration`, such as `max-duration = \"90d\"`");
        }
    }
}

pub(super) fn no_recertification(context: &mut Context<'_>) {
    for offer in offers(context.rulebook).filter(is_risky) {
        if offer.entitlement.recertify.is_none() {
            context
                .report(
                    at(&offer, ""),
                    format!("holders of `{}` are never looked at again", offer.reference()),
                )
                .label(format!("{}, and no `recertify`", risk(&offer)))
                .help("add `recertify`, such as `recertify = \"90d\"`");
        }
    }
}

pub(super) fn grants_nothing(context: &mut Context<'_>) {
    for offer in offers(context.rulebook) {
        let entitlement = offer.entitlement;
        if entitlement.licence_tier.is_none() && entitlement.role.is_none() && entitlement.groups.is_empty() {
            context
                .report(at(&offer, ""), format!("an approval of `{}` grants nothing", offer.reference()))
                .label("no `licence-tier`, no `role`, no `groups`")
                .help("say what is granted, such as `role = \"user\"` or `groups = [\"mail-users\"]`");
        }
    }
}

pub(super) fn no_provisioning(context: &mut Context<'_>) {
    for offer in offers(context.rulebook).filter(|offer| offer.entitlement.provision.is_none()) {
        context
            .report(at(&offer, ""), format!("it is not said how `{}` is given", offer.reference()))
            .label("no `provision`")
            .help("add for example `provision = { method = \"manual\", team = \"…\" }`");
    }
}

pub(super) fn no_removal(context: &mut Context<'_>) {
    for offer in offers(context.rulebook).filter(|offer| offer.entitlement.remove.is_none()) {
        context
            .report(at(&offer, ""), format!("it is not said how `{}` is taken away", offer.reference()))
            .label("no `remove`")
            .note("access that nobody can take away stays when people move or leave")
            .help("add for example `remove = { method = \"manual\", team = \"…\" }`");
    }
}

pub(super) fn no_means(context: &mut Context<'_>) {
    for offer in offers(context.rulebook) {
        let provision = offer.entitlement.provision.as_ref();
        let remove = offer.entitlement.remove.as_ref();
        let ways = [
            ("provision", provision.map(|way| (way.method, way.automation.is_some(), way.team.is_some()))),
            ("remove", remove.map(|way| (way.method, way.automation.is_some(), way.team.is_some()))),
        ];
        for (field, way) in ways {
            let missing = match way {
                Some((Method::Automatic, false, _)) => "automation",
                Some((Method::Manual, _, false)) => "team",
                _ => continue,
            };
            let verb = if field == "provision" { "given" } else { "taken away" };
            let who = if missing == "team" { "by hand" } else { "automatically" };
            context
                .report(
                    at(&offer, &format!("/{field}")),
                    format!("`{}` is {verb} {who}, and not said by whom", offer.reference()),
                )
                .label(format!("no `{missing}`"))
                .help(format!("add `{missing}`, or change the method"));
        }
    }
}

/// How many different people approve at least, when a workflow is passed.
///
/// All or a share of the approvers are counted once who asks is taken out, who may be one of them. Roles may
/// all be one person, who may be one of the named people as well.
pub(in crate::lint) fn approvals(directory: &Directory<'_>, workflow: &Workflow) -> usize {
    let each = workflow.stage.iter().map(|stage| match stage.need {
        Need::Count(count) => count as usize,
        need => of_stage(directory, stage)
            .map_or(1, |who| needed(need, who.once(directory).people.len().saturating_sub(1))),
    });
    if workflow.distinct { each.sum() } else { each.max().unwrap_or_default() }
}

/// The requests of a decision for which guardrails do not bring it to enough approvals.
pub(super) fn weak(
    effective: &mut Effective<'_>,
    decided: Set,
    missing: usize,
    directory: &Directory<'_>,
) -> Result<Option<Set>, Unsure> {
    let rulebook = directory.vocabulary().rulebook();
    // A workflow that several guardrails ask for is passed once.
    let mut asked: BTreeMap<&str, (usize, Set)> = BTreeMap::new();
    for (workflow, set) in effective.approvals.clone() {
        let Some(adds) = rulebook.workflows.get(workflow.as_str()).map(|one| approvals(directory, one))
        else {
            continue;
        };
        let known = asked.entry(workflow.as_str()).or_insert((adds, Set::NOTHING));
        known.1 = effective.space.or(known.1, set)?;
    }
    // The requests that guardrails together bring to at least so many more approvals.
    let mut reached = vec![Set::NOTHING; missing];
    for (adds, set) in asked.into_values() {
        for had in (0..missing).rev() {
            let before = match had.checked_sub(1) {
                None => Set::EVERYTHING,
                Some(index) => reached.get(index).copied().unwrap_or(Set::NOTHING),
            };
            let more = effective.space.and(before, set)?;
            let most = (had + adds).min(missing);
            for slot in reached.iter_mut().take(most).skip(had) {
                *slot = effective.space.or(*slot, more)?;
            }
        }
    }
    let enough = reached.last().copied().unwrap_or(Set::EVERYTHING);
    let left = effective.space.minus(decided, enough)?;
    Ok((!left.is_empty()).then_some(left))
}

/// How many people have to agree to an entitlement; `None` when nobody has to.
fn wanted(offer: &Offer<'_>) -> Option<usize> {
    match offer.entitlement.risk {
        Risk::Critical => Some(2),
        _ => is_risky(offer).then_some(1),
    }
}

/// Whether an exception waives some guardrail or access rule today.
fn waives_something(context: &Context<'_>) -> bool {
    let waives = |exception: &Exception| {
        matches!(exception.rule.kind, Kind::Guardrail | Kind::Access) && is_in_force(exception, context.today)
    };
    context.rulebook.exceptions.iter().any(|exception| waives(exception))
}

pub(super) fn too_little_approval(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let directory = context.analysis.directory();
    let vocabulary = directory.vocabulary();
    let mut unclear = Unclear::new(vocabulary);
    // How many approvals a decision gives; `None` when it grants nothing or its workflow is another finding.
    let given = |decision: &Decision| match decision {
        Decision::Deny => None,
        Decision::AutoApprove => Some(0),
        Decision::Workflow(workflow) => {
            let workflow = rulebook.workflows.get(workflow.as_str())?;
            (!workflow.stage.is_empty()).then(|| approvals(directory, workflow))
        }
    };
    let default = match &rulebook.settings.decision.default {
        DefaultDecision::Deny => None,
        DefaultDecision::Workflow(workflow) => given(&Decision::Workflow(workflow.clone())),
    };
    let waivers = waives_something(context);
    // The cases in which enough people approve, with how many that is.
    let mut fine: HashSet<(u32, usize)> = HashSet::new();
    for &Considered { offer, case, .. } in context.analysis.considered() {
        let Some(wanted) = wanted(&offer) else { continue };
        // A waiver can be for one entitlement of a case.
        if !waivers && fine.contains(&(case, wanted)) {
            continue;
        }
        let too_few = |listed: &Listed<'_>| given(&listed.rule.decision).filter(|given| *given < wanted);
        let default = default.filter(|given| *given < wanted);
        let plan = if default.is_some() {
            Some(reduced(vocabulary, offer, listed(vocabulary, &offer)))
        } else {
            plan(vocabulary, offer, |listed| too_few(listed).is_some())
        };
        let Some(mut plan) = plan else {
            fine.insert((case, wanted));
            continue;
        };
        let waived = plan.leave_out_waived(rulebook, context.today);
        // For those whom an exception frees of a rule, the rules after it decide.
        let freed = plan.without_waived_rules(rulebook, context.today);
        let mut told: Vec<Location> = Vec::new();
        let mut enough = true;
        let freed = freed.map(|(plan, more)| (plan, waived.iter().copied().chain(more).collect()));
        for (plan, waived) in std::iter::once((plan, waived)).chain(freed) {
            let mut effective = match plan.decide(vocabulary, |_| false) {
                Ok(effective) => effective,
                Err(why) => {
                    enough = false;
                    unclear.offer(offer, why);
                    continue;
                }
            };
            let mut decisions: Vec<(Location, String, usize, Set)> = effective
                .outcomes
                .iter()
                .filter_map(|(listed, set)| {
                    let at = listed.policy.at(format!("/rule/{}/decision", listed.index));
                    Some((at, format!("the rule `{}`", listed.rule.id), too_few(listed)?, *set))
                })
                .collect();
            if let Some(given) = default {
                let at = super::in_settings("/decision/default");
                decisions.push((at, "the default".to_owned(), given, effective.default));
            }
            for (place, what, given, set) in decisions {
                let left = match weak(&mut effective, set, wanted - given, directory) {
                    Ok(Some(left)) => left,
                    Ok(None) => continue,
                    Err(why) => {
                        enough = false;
                        unclear.offer(offer, why);
                        continue;
                    }
                };
                enough = false;
                if told.contains(&place) {
                    continue;
                }
                told.push(place.clone());
                let finding = report_too_little(context, place, &offer, (&what, given, wanted));
                for exception in &waived {
                    let text = format!("waives `{}`, which is not counted", exception.rule);
                    finding.related(exception.at("/rule"), text);
                }
                if let Some(example) = effective.space.example(left).filter(|example| !example.is_empty()) {
                    finding.note(format!("for example {}", example.join(", ")));
                }
            }
        }
        if enough {
            fine.insert((case, wanted));
        }
    }
    unclear.report(context);
}

/// Says that a decision gives too few approvals for an entitlement: what decides, how many it gives, and how
/// many are wanted.
fn report_too_little<'f>(
    context: &'f mut Context<'_>,
    place: Location,
    offer: &Offer<'_>,
    (what, given, wanted): (&str, usize, usize),
) -> &'f mut Finding {
    let how = if given == 0 { "without asking anybody" } else { "with one approval" };
    let finding = context.report(place, format!("{what} grants `{}` {how}", offer.reference()));
    let plural = if wanted == 1 { "person" } else { "people" };
    let (needs, field, why) = if offer.entitlement.risk >= Risk::High {
        (format!("{} risk", offer.entitlement.risk), "/risk", "the risk")
    } else {
        ("privileged access".to_owned(), "/privileged", "privileged")
    };
    finding
        .label(format!("{needs} needs {wanted} {plural} to agree"))
        .related(at(offer, field), why)
        .help("let a workflow with enough stages decide, or narrow the rule to less risk")
}

pub(super) fn needless_approval(context: &mut Context<'_>) {
    let vocabulary = context.vocabulary;
    let mut unclear = Unclear::new(vocabulary);
    // The cases in which some request is approved by rule, or none is granted at all.
    let mut fine: HashSet<u32> = HashSet::new();
    for &Considered { offer, case, .. } in context.analysis.considered() {
        let entitlement = offer.entitlement;
        if entitlement.risk != Risk::Low || entitlement.privileged || !entitlement.requestable {
            continue;
        }
        if fine.contains(&case) {
            continue;
        }
        let automatic = |listed: &Listed<'_>| listed.rule.decision == Decision::AutoApprove;
        let asks = first(vocabulary, offer, automatic).and_then(|automatic| match automatic {
            Some(_) => Ok(None),
            None => first(vocabulary, offer, Listed::grants),
        });
        let first = match asks {
            Ok(Some(first)) => first,
            Ok(None) => {
                fine.insert(case);
                continue;
            }
            Err(why) => {
                unclear.offer(offer, why);
                continue;
            }
        };
        context
            .report(at(&offer, "/risk"), format!("people approve every request for `{}`", offer.reference()))
            .label("low risk")
            .related(first.policy.at(format!("/rule/{}/decision", first.index)), "asks people")
            .help("approve some of these by rule, with `decision = \"auto-approve\"`, or raise the risk if it is not low");
    }
    unclear.report(context);
}

fn seconds(duration: Option<Duration>) -> Option<i64> {
    match duration? {
        Duration::Elapsed { seconds } => Some(seconds),
        Duration::BusinessDays { .. } => None,
    }
}

pub(super) fn ends_early(context: &mut Context<'_>) {
    for offer in offers(context.rulebook) {
        let lasts = offer.entitlement.max_duration;
        let takes = offer.entitlement.provision.as_ref().and_then(|provision| provision.within);
        let (Some(lasts), Some(takes)) = (seconds(lasts), seconds(takes)) else { continue };
        if lasts <= takes {
            context
                .report(
                    at(&offer, "/max-duration"),
                    format!("`{}` can end before it is given", offer.reference()),
                )
                .label("lasts no longer than this")
                .related(at(&offer, "/provision"), "takes so long to give")
                .help("grant it for longer, or give it faster");
        }
    }
}

/// The entitlements that come with a bundle.
pub(super) fn in_bundles(rulebook: &Rulebook) -> BTreeSet<&EntitlementRef> {
    rulebook.bundles.iter().flat_map(|bundle| &bundle.value.entitlements).collect()
}

pub(super) fn no_way_in(context: &mut Context<'_>) {
    let given = in_bundles(context.rulebook);
    for offer in offers(context.rulebook) {
        // Nobody shall get anything of a service that is retired.
        let is_retired = offer.service.value.lifecycle == Some(Lifecycle::Retired);
        if !offer.entitlement.requestable && !given.contains(&offer.reference()) && !is_retired {
            context
                .report(at(&offer, "/requestable"), format!("nobody can get `{}`", offer.reference()))
                .label("not requestable, and in no bundle")
                .help("put it into a bundle, make it requestable, or remove it");
        }
    }
}

pub(super) fn unverified(context: &mut Context<'_>) {
    for offer in offers(context.rulebook).filter(is_risky) {
        if offer.entitlement.remove.as_ref().is_some_and(|removal| !removal.verify) {
            context
                .report(
                    at(&offer, "/remove/verify"),
                    format!("nobody looks whether `{}` was really taken away", offer.reference()),
                )
                .label(risk(&offer))
                .help("remove `verify = false`: a removal that failed unnoticed leaves the access in place");
        }
    }
}
