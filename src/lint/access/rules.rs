//! Rules that never decide, or decide what would be decided anyway.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    analysis::Analysis,
    apart::Exact,
    candidates::{Answer, Candidate, Lists, answers, repeat},
    effective::{Listed, listed, rules},
    unclear::Unclear,
};
use crate::{
    decide::{
        policy::{Offer, for_offer, policies},
        scopes::offers_about,
        space::{BUDGET, Set, Space, Unsure},
        vocabulary::Vocabulary,
    },
    diag::{Code, code},
    lint::{
        Context,
        first_match::{Reach, reach, sets},
    },
    load::words::list,
    model::{
        Entry, Id,
        access::{Access, Decision, Mode, Rule},
        condition::Condition,
    },
};

/// A rule is never reached.
pub(super) static UNREACHABLE: Code =
    code!("GS4020", "unreachable-rule", Error, "earlier rules decide every request that a rule is for");
/// A rule changes nothing.
pub(super) static REDUNDANT: Code =
    code!("GS4021", "redundant-rule", Note, "without a rule, later rules would decide the same");
/// A denial is partly bypassed.
pub(super) static BYPASSED: Code =
    code!("GS4030", "denial-partly-bypassed", Note, "an earlier approval takes requests away from a denial");

pub(super) fn unreachable(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let vocabulary = context.vocabulary;
    let analysis = context.analysis;
    let mut unclear = Unclear::new(vocabulary);
    let mut alone: HashMap<Option<u32>, Vec<Answer>> = HashMap::new();
    let mut lists = Lists::default();
    for policy in &rulebook.access {
        let mut candidates: Vec<Candidate<'_>> = rules(policy)
            .filter(|listed| listed.rule.mode == Mode::Enforce)
            .map(|listed| Candidate { listed, by: Vec::new(), reached: false, empty: false })
            .collect();
        // What the policy covers by itself is covered everywhere; only the rest depends on other policies.
        let sort = analysis.sort(policy);
        if let Some(known) = alone.get(&sort) {
            repeat(known, &[policy], &mut candidates);
        } else {
            match look(vocabulary, None, &mut candidates) {
                Ok(()) => {
                    alone.insert(sort, answers(&candidates, &[policy]));
                }
                Err(why) => unclear.policy(policy, why),
            }
        }
        candidates.retain(|candidate| !candidate.empty);
        let (mut found, mut open): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|candidate| !candidate.by.is_empty());
        elsewhere(analysis, policy, &mut open, &mut lists, &mut unclear);
        found.append(&mut open);
        found.sort_by_key(|candidate| candidate.listed.index);
        for candidate in found.iter().filter(|candidate| !candidate.reached && !candidate.by.is_empty()) {
            report_unreachable(context, policy, candidate);
        }
    }
    unclear.report(context);
}

/// Looks at rules in the lists of the entitlements that their policy is about, until all are reached.
fn elsewhere<'a>(
    analysis: &Analysis<'a>,
    policy: &'a Entry<Access>,
    candidates: &mut [Candidate<'a>],
    lists: &mut Lists,
    unclear: &mut Unclear<'_, 'a>,
) {
    let vocabulary = analysis.directory().vocabulary();
    let rulebook = vocabulary.rulebook();
    let names_ids = |policy: &Entry<Access>| {
        let mut found = false;
        for rule in policy.rule.iter().filter(|rule| rule.mode == Mode::Enforce) {
            rule.when.tests(&mut |test, _| {
                found |= &*test.name == "id" && matches!(&*test.namespace, "service" | "entitlement");
            });
        }
        found
    };
    let mut seen = BTreeSet::new();
    for (count, offer) in offers_about(rulebook, &policy.value.applies_to).enumerate() {
        if count == 0 {
            for candidate in &mut *candidates {
                candidate.reached = false;
            }
        }
        if candidates.iter().all(|candidate| candidate.reached) {
            break;
        }
        let policies = policies(vocabulary, &offer);
        let naming = policies
            .iter()
            .any(|one| *lists.naming.entry(analysis.sort(one)).or_insert_with(|| names_ids(one)));
        if naming {
            if let Err(why) = look(vocabulary, Some(&offer), candidates) {
                unclear.offer(offer, why);
            }
            continue;
        }
        // Lists that do not speak of single services or entitlements are the same for all of them.
        let ids: Vec<&Id> = policies.iter().map(|policy| &policy.id).collect();
        if !seen.insert(ids) {
            continue;
        }
        let sorts = policies.iter().map(|policy| analysis.sort(policy)).collect();
        let own = policies.iter().position(|one| one.id == policy.id).unwrap_or(usize::MAX);
        let before = candidates.iter().map(|candidate| (candidate.listed.index, candidate.reached));
        let key = (sorts, own, before.collect());
        if let Some(known) = lists.known.get(&key) {
            repeat(known, &policies, candidates);
            continue;
        }
        // What this list adds is found for itself, so that it can be repeated.
        let earlier: Vec<Vec<Listed<'a>>> =
            candidates.iter_mut().map(|candidate| std::mem::take(&mut candidate.by)).collect();
        let looked = look(vocabulary, Some(&offer), candidates);
        let found = answers(candidates, &policies);
        for (candidate, earlier) in candidates.iter_mut().zip(earlier) {
            let added = std::mem::replace(&mut candidate.by, earlier);
            for listed in added {
                candidate.cover(listed);
            }
        }
        match looked {
            Ok(()) => {
                lists.known.insert(key, found);
            }
            Err(why) => unclear.offer(offer, why),
        }
    }
}

/// Looks at the rules that were not reached yet in the list of one entitlement, or of their policy alone.
/// Of the entitlement only the ids are taken as known: what is covered stays so when its risk is changed.
///
/// # Errors
/// When the rules are too complicated together; those that it is not sure about count as reached.
fn look<'a>(
    vocabulary: &Vocabulary<'a>,
    offer: Option<&Offer<'_>>,
    candidates: &mut [Candidate<'a>],
) -> Result<(), Unsure> {
    let list: Vec<Listed<'a>> = match offer {
        Some(offer) => listed(vocabulary, offer),
        None => candidates.iter().map(|candidate| candidate.listed).collect(),
    };
    let when: Vec<Condition> = list
        .iter()
        .map(|listed| match offer {
            Some(offer) => for_offer(vocabulary, offer, &listed.rule.when, true),
            None => Condition::clone(&listed.rule.when),
        })
        .collect();
    let here = |listed: &Listed<'_>, candidate: &Candidate<'_>| {
        listed.policy.id == candidate.listed.policy.id && listed.index == candidate.listed.index
    };
    // Nothing after the last rule in question matters, and nothing at all where none of them can match.
    let mut both = list.iter().zip(&when);
    let in_question = both.rposition(|(listed, when)| {
        !when.is_never() && candidates.iter().any(|candidate| !candidate.reached && here(listed, candidate))
    });
    let Some(end) = in_question else { return Ok(()) };
    let when = when.get(..=end).unwrap_or_default();
    let (mut space, sets) = match sets(vocabulary, when) {
        Ok(found) => found,
        Err(why) => {
            for candidate in candidates {
                candidate.reached = true;
            }
            return Err(why);
        }
    };
    let mut sure = Ok(());
    for candidate in candidates.iter_mut().filter(|candidate| !candidate.reached) {
        let place = list.iter().position(|listed| here(listed, candidate));
        let Some(place) = place.filter(|place| *place <= end) else { continue };
        match reach(&mut space, &sets, place) {
            Ok(Reach::Covered(by)) => {
                let by = by.into_iter().filter_map(|index| list.get(index).copied());
                by.for_each(|listed| candidate.cover(listed));
            }
            Ok(Reach::Empty) => candidate.empty = offer.is_none(),
            Ok(Reach::Reached) | Err(Unsure::Invalid) => candidate.reached = true,
            Err(why) => {
                candidate.reached = true;
                sure = Err(why);
            }
        }
    }
    sure
}

fn report_unreachable(context: &mut Context<'_>, policy: &Entry<Access>, candidate: &Candidate<'_>) {
    let rule = candidate.listed.rule;
    let name = |listed: &Listed<'_>| {
        if listed.policy.id == policy.id {
            listed.rule.id.to_string()
        } else {
            format!("{}/{}", listed.policy.id, listed.rule.id)
        }
    };
    let names: Vec<String> = candidate.by.iter().map(name).collect();
    let finding = context.report(
        policy.at(format!("/rule/{}/id", candidate.listed.index)),
        format!("the rule `{}` is never reached", rule.id),
    );
    let verb = if names.len() == 1 { "decides" } else { "decide" };
    finding.label(format!("{} {verb} everything that it is for", list(names.iter().map(String::as_str))));
    for listed in candidate.by.iter().take(3) {
        let at = listed.policy.at(format!("/rule/{}/id", listed.index));
        finding.related(
            at,
            if listed.rule.when.is_always() { "this rule has no condition" } else { "decides first" },
        );
    }
    if rule.decision == Decision::Deny {
        finding.note("it is a denial: what it should stop is not stopped");
    }
    finding.help("put it before the rules that cover it, narrow those, or remove it");
}

/// Whether two rules decide the same.
fn same_outcome(one: &Rule, other: &Rule) -> bool {
    let sorted = |rule: &Rule| rule.require.iter().copied().collect::<BTreeSet<_>>();
    one.decision == other.decision && one.max_duration == other.max_duration && sorted(one) == sorted(other)
}

/// A rule with the set of its requests.
struct Own<'a> {
    listed: Listed<'a>,
    set: Set,
    exact: Exact<'a>,
}

/// The sets of the enforced rules of one policy.
fn own<'a>(
    vocabulary: &Vocabulary<'a>,
    policy: &'a Entry<Access>,
) -> Result<(Space<'a>, Vec<Own<'a>>), Unsure> {
    let list: Vec<Listed<'a>> = rules(policy).filter(|listed| listed.rule.mode == Mode::Enforce).collect();
    let mut space = Space::new(vocabulary, list.iter().map(|listed| &*listed.rule.when), BUDGET)?;
    let mut sets = Vec::new();
    for listed in list {
        let set = space.set(&listed.rule.when)?;
        sets.push(Own { listed, set, exact: Exact::of(vocabulary, &listed.rule.when) });
    }
    Ok((space, sets))
}

/// Looks at the sets of the rules of each policy. What `look` reports nothing about is looked at once for all
/// policies of a sort; `look` says whether it had nothing to say.
fn each_policy<'a>(
    context: &mut Context<'a>,
    look: impl Fn(&mut Context<'a>, &mut Unclear<'a, 'a>, &'a Entry<Access>, &mut Space<'a>, &[Own<'a>]) -> bool,
) {
    let vocabulary = context.vocabulary;
    let mut unclear = Unclear::new(vocabulary);
    // The sorts of policies about which there is nothing to say.
    let mut fine: HashSet<Option<u32>> = HashSet::new();
    for policy in &context.rulebook.access {
        let sort = context.analysis.sort(policy);
        if fine.contains(&sort) {
            continue;
        }
        match own(vocabulary, policy) {
            Ok((mut space, sets)) => {
                if look(context, &mut unclear, policy, &mut space, &sets) {
                    fine.insert(sort);
                }
            }
            Err(why) => unclear.policy(policy, why),
        }
    }
    unclear.report(context);
}

pub(super) fn redundant(context: &mut Context<'_>) {
    each_policy(context, |context, unclear, policy, space, sets| {
        let mut silent = true;
        for (place, own) in sets.iter().enumerate() {
            let listed = own.listed;
            let later = sets.get(place + 1..).unwrap_or_default();
            let by = match instead(space, own, later) {
                Ok(Some(by)) => by,
                Ok(None) => continue,
                Err(why) => {
                    silent = false;
                    unclear.policy(policy, why);
                    continue;
                }
            };
            silent = false;
            let names: Vec<&str> = by.iter().map(|listed| listed.rule.id.as_str()).collect();
            let rule = listed.rule;
            let finding = context.report(
                policy.at(format!("/rule/{}/id", listed.index)),
                format!("without the rule `{}` the same would be decided", rule.id),
            );
            finding.label(format!("later, {} does the same", list(names)));
            for other in by.iter().take(3) {
                finding.related(policy.at(format!("/rule/{}/id", other.index)), "does the same");
            }
            finding.help("remove it, unless it is there to stay when the later rule is changed");
        }
        silent
    });
}

/// The later rules that decide everything that a rule is for, when they decide the same.
fn instead<'a>(
    space: &mut Space<'_>,
    own: &Own<'a>,
    later: &[Own<'a>],
) -> Result<Option<Vec<Listed<'a>>>, Unsure> {
    let mut left = own.set;
    let mut by = Vec::new();
    // The request that is looked at first is nearly always decided otherwise, or by none: then that is all.
    let Some(point) = space.point(own.set) else { return Ok(None) };
    let decides = later.iter().find(|other| space.holds(other.set, &point));
    if decides.is_none_or(|other| !same_outcome(own.listed.rule, other.listed.rule)) {
        return Ok(None);
    }
    for other in later.iter().filter(|other| !own.exact.is_apart_from(&other.exact)) {
        let overlap = space.and(left, other.set)?;
        if overlap.is_empty() {
            continue;
        }
        if !same_outcome(own.listed.rule, other.listed.rule) {
            return Ok(None);
        }
        by.push(other.listed);
        left = space.minus(left, other.set)?;
        if left.is_empty() {
            return Ok(Some(by));
        }
    }
    Ok(None)
}

pub(super) fn bypassed(context: &mut Context<'_>) {
    let vocabulary = context.vocabulary;
    each_policy(context, |context, unclear, policy, space, sets| {
        let mut silent = true;
        for (place, own) in sets.iter().enumerate() {
            let denial = own.listed;
            // A denial without a condition closes the list: everything before it is meant to come first.
            if denial.rule.decision != Decision::Deny || own.set.is_everything() {
                continue;
            }
            for other in sets.iter().take(place) {
                let approval = other.listed;
                if approval.rule.decision != Decision::AutoApprove || own.exact.is_apart_from(&other.exact) {
                    continue;
                }
                let overlap = space.and(own.set, other.set).and_then(|overlap| {
                    // One inside the other is a special case before the general one.
                    if overlap.is_empty() || overlap == other.set || overlap == own.set {
                        return Ok(None);
                    }
                    silent = false;
                    in_fact(vocabulary, approval, denial)
                });
                match overlap {
                    Ok(Some(example)) => report_bypassed(context, denial, approval, &example),
                    Ok(None) => {}
                    Err(why) => {
                        silent = false;
                        unclear.policy(policy, why);
                    }
                }
            }
        }
        silent
    });
}

fn report_bypassed(context: &mut Context<'_>, denial: Listed<'_>, approval: Listed<'_>, example: &str) {
    context
        .report(
            denial.policy.at(format!("/rule/{}/id", denial.index)),
            format!("the rule `{}` does not deny what `{}` approves first", denial.rule.id, approval.rule.id),
        )
        .label("a denial that comes second")
        .related(approval.policy.at(format!("/rule/{}/id", approval.index)), "approves without asking")
        .note(format!("for example {example}"))
        .help("put the denial first, or make it a guardrail, which nothing can undo");
}

/// A request for an entitlement that there is, which the first rule approves and the second would deny.
fn in_fact(
    vocabulary: &Vocabulary<'_>,
    approval: Listed<'_>,
    denial: Listed<'_>,
) -> Result<Option<String>, Unsure> {
    let rulebook = vocabulary.rulebook();
    for offer in offers_about(rulebook, &approval.policy.value.applies_to) {
        let reduce = |listed: Listed<'_>| for_offer(vocabulary, &offer, &listed.rule.when, false);
        let both = Condition::All(vec![reduce(approval), reduce(denial)]);
        let mut space = Space::new(vocabulary, [&both], BUDGET)?;
        let set = space.set(&both)?;
        let Some(example) = space.example(set) else { continue };
        let of = if example.is_empty() { String::new() } else { format!(" with {}", example.join(", ")) };
        return Ok(Some(format!("`{}`{of}", offer.reference())));
    }
    Ok(None)
}
