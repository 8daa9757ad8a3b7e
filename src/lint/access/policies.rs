//! Access policies as a whole: order, scope, blanket approvals, caps and evidence.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    analysis::Considered,
    effective::{Effective, Listed, first, listed, plan, reduced, rules},
    entitlements::weak,
    sites::is_about_something,
    unclear::Unclear,
};
use crate::{
    decide::{
        policy::{Offer, for_offer, offers, scope_name},
        scopes::offers_about,
        space::{Set, Unsure},
        vocabulary::Vocabulary,
    },
    diag::{Code, code},
    lint::Context,
    load::words::list,
    model::{
        Duration, Entry, Id,
        access::{Access, AppliesTo, Decision, Mode},
        condition::Condition,
        service::{Lifecycle, Risk},
        settings::DefaultDecision,
    },
};

/// Everything is approved without asking.
pub(super) static BLANKET: Code = code!(
    "GS4022",
    "blanket-approval",
    Error,
    "a rule without a condition approves medium risk without asking"
);
/// Two policies of one scope have no order.
pub(super) static NO_ORDER: Code = code!("GS4023", "policies-without-order", fixed Error, "two access policies are about the same thing and nothing says which is read first");
/// A policy is about nothing.
pub(super) static ABOUT_NOTHING: Code =
    code!("GS4024", "policy-about-nothing", Warning, "an access policy or guardrail is about no entitlement");
/// An entitlement can never be granted.
pub(super) static NEVER_GRANTED: Code =
    code!("GS4025", "never-granted", Warning, "people can ask for an entitlement that no rule can grant");
/// A cap has no effect.
pub(super) static IDLE_CAP: Code =
    code!("GS4026", "cap-without-effect", Note, "a rule allows longer than every entitlement that it is for");
/// A denial asks for something.
pub(super) static DEMANDING_DENIAL: Code =
    code!("GS4027", "denial-with-terms", Warning, "a rule denies and names terms as if it granted");
/// A policy has too many rules.
pub(super) static TOO_MANY: Code =
    code!("GS4028", "too-many-rules", Warning, "an access policy has more rules than the budget allows");
/// A policy has no rules.
pub(super) static NO_RULES: Code =
    code!("GS4029", "policy-without-rules", Error, "an access policy has no rule that decides");

/// Whether a policy approves by a rule whose condition holds for everything that the policy is about.
fn approves_everything(vocabulary: &Vocabulary<'_>, listed: &Listed<'_>) -> bool {
    if listed.rule.decision != Decision::AutoApprove {
        return false;
    }
    let (rulebook, when) = (vocabulary.rulebook(), &listed.rule.when);
    let scope = &listed.policy.applies_to;
    // Only the ids: a rule that names a risk says what it approves.
    let holds = |offer: &Offer<'_>| matches!(for_offer(vocabulary, offer, when, true), Condition::All(parts) if parts.is_empty());
    when.is_always() || offers_about(rulebook, scope).all(|offer| holds(&offer))
}

pub(super) fn blanket(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let vocabulary = context.vocabulary;
    let directory = context.analysis.directory();
    let blanket: BTreeSet<(&Id, usize)> = rulebook
        .access
        .iter()
        .flat_map(rules)
        .filter(|listed| approves_everything(vocabulary, listed))
        .map(|listed| (&listed.policy.id, listed.index))
        .collect();
    if blanket.is_empty() {
        return;
    }
    let is_blanket = |listed: &Listed<'_>| blanket.contains(&(&listed.policy.id, listed.index));
    let mut found: Vec<(&Entry<Access>, usize, Vec<String>)> = Vec::new();
    let mut unclear = Unclear::new(vocabulary);
    // What is risky needs people in every case, which is another finding.
    let medium = |offer: &Offer<'_>| offer.entitlement.risk == Risk::Medium && !offer.entitlement.privileged;
    for offer in offers(rulebook).filter(medium) {
        let Some(mut plan) = plan(vocabulary, offer, is_blanket) else { continue };
        plan.leave_out_waived(rulebook, context.today);
        let mut effective = match plan.decide(vocabulary, |_| false) {
            Ok(effective) => effective,
            Err(why) => {
                unclear.offer(offer, why);
                continue;
            }
        };
        let name = effective.offer.reference().to_string();
        for (listed, set) in effective.outcomes.clone() {
            if !is_blanket(&listed) {
                continue;
            }
            match weak(&mut effective, set, 1, directory) {
                Ok(Some(_)) => {}
                Ok(None) => continue,
                Err(why) => {
                    unclear.offer(offer, why);
                    continue;
                }
            }
            let same = |known: &&mut (&Entry<Access>, usize, Vec<String>)| {
                known.0.id == listed.policy.id && known.1 == listed.index
            };
            match found.iter_mut().find(same) {
                Some((_, _, names)) => names.push(name.clone()),
                None => found.push((listed.policy, listed.index, vec![name.clone()])),
            }
        }
    }
    unclear.report(context);
    for (policy, index, names) in found {
        let Some(rule) = policy.rule.get(index) else { continue };
        context
            .report(
                policy.at(format!("/rule/{index}/decision")),
                format!("the rule `{}` approves everything that is left without asking", rule.id),
            )
            .label(format!("also {}", list(names.iter().map(String::as_str))))
            .help("add `when.entitlement.risk = \"low\"`, or let people decide");
    }
}

pub(super) fn no_order(context: &mut Context<'_>) {
    let mut scopes: HashMap<&AppliesTo, Vec<&Entry<Access>>> = HashMap::new();
    for policy in &context.rulebook.access {
        let same_order = |other: &&&Entry<Access>| {
            policy.order.is_none() || other.order.is_none() || other.order == policy.order
        };
        let before = scopes.entry(&policy.value.applies_to).or_default();
        let rival = before.iter().find(same_order).copied();
        before.push(policy);
        let Some(rival) = rival else { continue };
        let scope = scope_name(&policy.applies_to);
        context
            .report(
                policy.at("/applies-to"),
                format!(
                    "the access policies `{}` and `{}` are about {scope} and have no order",
                    rival.id, policy.id
                ),
            )
            .label("which is read first?")
            .related(rival.at("/applies-to"), "the same scope")
            .help("give each an `order` of its own: the lower number is read first; or join them into one");
    }
}

pub(super) fn about_nothing(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for policy in &rulebook.access {
        if !is_about_something(rulebook, &policy.applies_to) {
            let scope = scope_name(&policy.applies_to);
            context
                .report(
                    policy.at("/applies-to"),
                    format!("the access policy `{}` decides about nothing", policy.id),
                )
                .label(format!("there is no entitlement in {scope}"))
                .help("define an entitlement there, or remove the policy");
        }
    }
    for guardrail in &rulebook.guardrails {
        let Some(scope) = &guardrail.applies_to else { continue };
        if !is_about_something(rulebook, scope) {
            context
                .report(
                    guardrail.at("/applies-to"),
                    format!("the guardrail `{}` protects nothing", guardrail.id),
                )
                .label(format!("there is no entitlement in {}", scope_name(scope)))
                .help("define an entitlement there, or remove the guardrail");
        }
    }
}

/// Whether any request for an entitlement can be granted, by a rule or by people.
///
/// # Errors
/// When the conditions make no sense or are too complicated together.
fn can_be_granted<'a>(vocabulary: &Vocabulary<'a>, offer: Offer<'a>) -> Result<bool, Unsure> {
    let rulebook = vocabulary.rulebook();
    if first(vocabulary, offer, Listed::grants)?.is_some() {
        return Ok(true);
    }
    if rulebook.settings.decision.default == DefaultDecision::Deny {
        return Ok(false);
    }
    let plan = reduced(vocabulary, offer, listed(vocabulary, &offer));
    Ok(!plan.decide(vocabulary, |_| false)?.default.is_empty())
}

/// Whether some request for an entitlement is granted without anybody agreeing to it.
///
/// # Errors
/// When the conditions make no sense or are too complicated together.
pub(in crate::lint) fn is_given_unasked<'a>(
    vocabulary: &Vocabulary<'a>,
    offer: Offer<'a>,
) -> Result<bool, Unsure> {
    let plan = reduced(vocabulary, offer, listed(vocabulary, &offer));
    let Effective { outcomes, approvals, mut space, .. } = plan.decide(vocabulary, |_| false)?;
    for (listed, set) in outcomes {
        if listed.rule.decision != Decision::AutoApprove {
            continue;
        }
        let mut left = set;
        for (_, asked) in &approvals {
            left = space.minus(left, *asked)?;
        }
        if !left.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn never_granted(context: &mut Context<'_>) {
    let vocabulary = context.vocabulary;
    let mut unclear = Unclear::new(vocabulary);
    let mut granted: HashSet<u32> = HashSet::new();
    for &Considered { offer, case, .. } in context.analysis.considered() {
        // What is proposed is not offered yet; GS2046 finds the request types that do all the same.
        if !offer.entitlement.requestable || offer.service.lifecycle == Some(Lifecycle::Proposed) {
            continue;
        }
        if offer.service.lifecycle == Some(Lifecycle::Retired) {
            report_retired(context, &offer);
            continue;
        }
        if granted.contains(&case) {
            continue;
        }
        match can_be_granted(vocabulary, offer) {
            Ok(true) => {
                granted.insert(case);
                continue;
            }
            Ok(false) => {}
            Err(why) => {
                unclear.offer(offer, why);
                continue;
            }
        }
        let has_policy = !listed(vocabulary, &offer).is_empty();
        let name = offer.reference();
        let finding = context.report(
            offer.service.at(format!("/entitlement/{}", offer.id)).key(),
            format!("`{name}` can be asked for and is always denied"),
        );
        finding.label(if has_policy {
            "no rule that can grant it is ever reached"
        } else {
            "no access policy is about it"
        });
        finding.help("write a rule that grants it to somebody, or set `requestable = false`");
    }
    unclear.report(context);
}

fn report_retired(context: &mut Context<'_>, offer: &Offer<'_>) {
    let service = offer.service;
    context
        .report(
            service.at(format!("/entitlement/{}", offer.id)).key(),
            format!("`{}` can be asked for and is always denied", offer.reference()),
        )
        .label("its service is retired")
        .related(service.at("/lifecycle"), "retired here")
        .help("set `requestable = false`, or remove the entitlement");
}

fn seconds(duration: Option<Duration>) -> Option<i64> {
    match duration? {
        Duration::Elapsed { seconds } => Some(seconds),
        Duration::BusinessDays { .. } => None,
    }
}

/// A rule with a cap, as it is for every entitlement of a case.
struct Capped {
    /// The place of the policy and the place of the rule in it.
    at: (usize, usize),
    cap: i64,
    /// Whether it decides some request; also where that cannot be told.
    decides: bool,
}

/// The rules with a cap that can match, and why it cannot be told what they decide.
fn capped<'a>(
    vocabulary: &Vocabulary<'a>,
    one: &Considered<'a>,
    cap: impl Fn(&Listed<'a>) -> Option<i64>,
) -> (Vec<Capped>, Option<Unsure>) {
    let Some(plan) = plan(vocabulary, one.offer, |listed| cap(listed).is_some()) else {
        return (Vec::new(), None);
    };
    let candidates: Vec<Listed<'a>> = plan.rules.iter().map(|(listed, _)| *listed).collect();
    let effective = plan.decide(vocabulary, |_| false);
    let capped = |listed: Listed<'a>| {
        let same =
            |(one, _): &(Listed<'_>, Set)| one.policy.id == listed.policy.id && one.index == listed.index;
        let policy = one.policies.iter().position(|policy| policy.id == listed.policy.id)?;
        let decides = effective.as_ref().map_or(true, |effective| effective.outcomes.iter().any(same));
        Some(Capped { at: (policy, listed.index), cap: cap(&listed)?, decides })
    };
    (candidates.into_iter().filter_map(capped).collect(), effective.err())
}

pub(super) fn idle_cap(context: &mut Context<'_>) {
    let vocabulary = context.vocabulary;
    let cap = |listed: &Listed<'_>| seconds(listed.rule.max_duration).filter(|_| listed.grants());
    let mut unclear = Unclear::new(vocabulary);
    let mut cases: HashMap<u32, (Vec<Capped>, Option<Unsure>)> = HashMap::new();
    // For each rule with a cap, whether every entitlement that it decides about ends sooner.
    let mut idle: HashMap<(&Id, usize), (Listed<'_>, bool)> = HashMap::new();
    for one in context.analysis.considered() {
        let (capped, unsure) = cases.entry(one.case).or_insert_with(|| capped(vocabulary, one, cap));
        if let Some(why) = unsure {
            unclear.offer(one.offer, *why);
        }
        let limit = seconds(one.offer.entitlement.max_duration);
        for Capped { at: (policy, index), cap, .. } in capped.iter().filter(|capped| capped.decides) {
            let Some(policy) = one.policies.get(*policy).copied() else { continue };
            let Some(rule) = policy.value.rule.get(*index) else { continue };
            let listed = Listed { policy, index: *index, rule };
            let ends_sooner = limit.is_some_and(|limit| limit < *cap);
            let entry = idle.entry((&policy.id, *index)).or_insert((listed, true));
            // Where it is not sure what is decided, the cap may have an effect.
            entry.1 &= ends_sooner && unsure.is_none();
        }
    }
    unclear.report(context);
    let mut idle: Vec<Listed<'_>> =
        idle.into_values().filter(|(_, idle)| *idle).map(|(listed, _)| listed).collect();
    idle.sort_unstable_by_key(|listed| (&listed.policy.id, listed.index));
    for listed in idle {
        context
            .report(
                listed.policy.at(format!("/rule/{}/max-duration", listed.index)),
                format!("the cap of the rule `{}` never has an effect", listed.rule.id),
            )
            .label("every entitlement that it decides about ends sooner")
            .help("write a shorter time, or remove it: the least of all caps counts");
    }
}

pub(super) fn demanding_denial(context: &mut Context<'_>) {
    for policy in &context.rulebook.access {
        for (index, rule) in policy.rule.iter().enumerate() {
            if rule.decision != Decision::Deny || (rule.max_duration.is_none() && rule.require.is_empty()) {
                continue;
            }
            let field = if rule.max_duration.is_some() { "max-duration" } else { "require" };
            context
                .report(
                    policy.at(format!("/rule/{index}/{field}")),
                    format!("the rule `{}` denies, so `{field}` means nothing", rule.id),
                )
                .label("terms of something that is not granted")
                .help("remove it, or decide something else than `deny`");
        }
    }
}

pub(super) fn too_many(context: &mut Context<'_>) {
    let budget = context.rulebook.settings.lints.budget.rules;
    for policy in &context.rulebook.access {
        let count = policy.rule.len();
        if count > budget as usize {
            context
                .report(
                    policy.at("/rule"),
                    format!("the access policy `{}` has {count} rules; the budget is {budget}", policy.id),
                )
                .help("join rules that decide the same, or split the policy by entitlement; `lints.budget.rules` in gitsm.toml sets the budget");
        }
    }
}

pub(super) fn no_rules(context: &mut Context<'_>) {
    for policy in &context.rulebook.access {
        if policy.rule.iter().any(|rule| rule.mode == Mode::Enforce) {
            continue;
        }
        let finding =
            context.report(policy.at(""), format!("the access policy `{}` decides nothing", policy.id));
        if policy.rule.is_empty() {
            finding.label("no rules");
        } else {
            finding.label("none of its rules is in the mode `enforce`");
        }
        finding.help(
            "write a rule that decides; what no rule decides falls to less specific policies and the default",
        );
    }
}
