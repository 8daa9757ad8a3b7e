//! Conditions that never hold, always hold, or hold for people about whom nothing is known.

use super::{
    attributes::place,
    sites::{Holds, Site},
};
use crate::{
    decide::{
        policy::{for_offer, offer},
        scopes::offers_about,
        space::{BUDGET, Set, Space, Unsure},
        vocabulary::Vocabulary,
    },
    diag::{Code, Place, code},
    lint::{Context, Location},
    model::{
        EntitlementRef, Rulebook,
        access::AppliesTo,
        condition::{Condition, Literal, Operator, Test},
    },
};

/// A condition never holds.
pub(super) static NEVER: Code = code!("GS4010", "condition-never-true", Error, "a condition cannot hold");
/// A condition holds always.
pub(super) static ALWAYS: Code =
    code!("GS4011", "condition-always-true", Warning, "a condition is written and holds in every case");
/// A negation holds for what is absent.
pub(super) static ABSENT: Code = code!("GS4012", "negation-holds-when-absent", fixed Error, "a rule that gives something holds when an optional attribute is absent");
/// A condition is too complicated to analyse.
pub(in crate::lint) static NOT_ANALYSED: Code = code!("GS4013", "condition-too-complicated", fixed Error, "a condition or the rules of a policy together are too complicated to be analysed exactly");

pub(super) fn never(context: &mut Context<'_>) {
    let vocabulary = context.vocabulary;
    for site in context.analysis.sites() {
        if site.condition.is_always() || matches!(site.holds, Holds::Unsure(_)) {
            continue;
        }
        let in_question =
            site.holds == Holds::Never || site.given.is_some() || has_alternatives(site.condition);
        if !in_question {
            if let Some(scope) = site.applies_to
                && names_ids(site.condition)
            {
                outside_scope(context, vocabulary, site, scope);
            }
            continue;
        }
        let given = site.given.as_ref().map(|(given, _)| given);
        let Ok(mut space) = Space::new(vocabulary, std::iter::once(site.condition).chain(given), BUDGET)
        else {
            continue;
        };
        let Ok(set) = space.set(site.condition) else { continue };
        // What makes no sense or is too complicated elsewhere excludes nothing here.
        let given = given.and_then(|given| space.set(given).ok()).filter(|given| !given.is_empty());
        let given = given.unwrap_or(Set::EVERYTHING);
        if space.and(set, given).is_ok_and(Set::is_empty) {
            report_never(context, &mut space, site, set);
            continue;
        }
        dead_branches(context, &mut space, site, site.condition, given);
        if let Some(scope) = site.applies_to {
            outside_scope(context, vocabulary, site, scope);
        }
    }
}

/// Whether a part of a condition could be dead although the whole is not.
fn has_alternatives(condition: &Condition) -> bool {
    match condition {
        Condition::Any(_) => true,
        Condition::All(parts) => parts.iter().any(has_alternatives),
        Condition::Not(_) | Condition::Test(_) => false,
    }
}

/// Whether a condition tests the id of a service or entitlement: only those can lie outside a scope.
fn names_ids(condition: &Condition) -> bool {
    let mut found = false;
    condition.tests(&mut |test, _| {
        found |= &*test.name == "id" && matches!(&*test.namespace, "service" | "entitlement");
    });
    found
}

fn report_never(context: &mut Context<'_>, space: &mut Space<'_>, site: &Site<'_>, set: Set) {
    let message = format!("the condition of {} never holds", site.what);
    if let (false, Some((_, why))) = (set.is_empty(), &site.given) {
        let at = first_place(site.condition);
        let at = at.map_or(site.at.clone(), |at| Location::place(site.origin, at));
        let help = "correct the values, or remove what it is the condition of";
        context.report(at, message).label(*why).help(help);
        return;
    }
    match contradiction(space, site.condition) {
        Some((first, second)) if first.place.0 != second.place.0 => context
            .report(place(site, second), message)
            .label(format!("no `{}` passes this and the other test", second.attribute()))
            .related(place(site, first), "the other test"),
        Some((first, _)) => context
            .report(place(site, first), message)
            .label(format!("no `{}` passes all of this", first.attribute())),
        None => context.report(site.at.clone(), message).label("no request fits all of this"),
    }
    .help("correct the bounds or values, or remove what it is the condition of");
}

/// Two tests that must both hold and cannot, or one that cannot hold alone (given twice).
fn contradiction<'c>(space: &mut Space<'_>, condition: &'c Condition) -> Option<(&'c Test, &'c Test)> {
    let mut needed = Vec::new();
    conjuncts(condition, &mut needed);
    for (index, second) in needed.iter().enumerate() {
        let set = space.set(&Condition::Test((*second).clone())).ok()?;
        if set.is_empty() {
            return Some((second, second));
        }
        for first in needed.iter().take(index) {
            let other = space.set(&Condition::Test((*first).clone())).ok()?;
            if space.and(set, other).ok()?.is_empty() {
                return Some((first, second));
            }
        }
    }
    None
}

fn conjuncts<'c>(condition: &'c Condition, found: &mut Vec<&'c Test>) {
    match condition {
        Condition::All(parts) => parts.iter().for_each(|part| conjuncts(part, found)),
        Condition::Test(test) => found.push(test),
        Condition::Any(_) | Condition::Not(_) => {}
    }
}

/// Parts of an `any` that never hold, in a condition that otherwise may.
fn dead_branches(
    context: &mut Context<'_>,
    space: &mut Space<'_>,
    site: &Site<'_>,
    condition: &Condition,
    given: Set,
) {
    match condition {
        Condition::Any(parts) => {
            for part in parts {
                let set = space.set(part).and_then(|set| space.and(set, given));
                if let Err(why) = set {
                    report_not_analysed(context, site, why);
                } else if set.is_ok_and(Set::is_empty) {
                    let at = first_place(part).map_or(site.at.clone(), |at| Location::place(site.origin, at));
                    context
                        .report(at, format!("one of the alternatives of {} never holds", site.what))
                        .label("nothing fits all of this")
                        .help("correct it, or remove the alternative");
                } else {
                    dead_branches(context, space, site, part, given);
                }
            }
        }
        Condition::All(parts) => {
            for part in parts {
                dead_branches(context, space, site, part, given);
            }
        }
        Condition::Not(_) | Condition::Test(_) => {}
    }
}

fn first_place(condition: &Condition) -> Option<Place> {
    let mut first = None;
    condition.tests(&mut |test, _| {
        first.get_or_insert(test.place);
    });
    first
}

/// A condition that holds for no entitlement that its policy is about.
fn outside_scope(context: &mut Context<'_>, vocabulary: &Vocabulary<'_>, site: &Site<'_>, scope: &AppliesTo) {
    let rulebook = context.rulebook;
    let mut any = false;
    for offer in offers_about(rulebook, scope) {
        any = true;
        if !for_offer(vocabulary, &offer, site.condition, true).is_never() {
            return;
        }
    }
    if any && mentions_existing(rulebook, site.condition) {
        context
            .report(site.at.clone(), format!("the condition of {} never holds for what it is about", site.what))
            .label(format!("it is about {}", crate::decide::policy::scope_name(scope)))
            .help("remove the test of the service or entitlement, or move the rule to the policy of that service");
    }
}

/// Whether the ids that a condition tests exist; when they do not, that is the mistake to speak about.
fn mentions_existing(rulebook: &Rulebook, condition: &Condition) -> bool {
    let mut exist = true;
    condition.tests(&mut |test, _| {
        if (&*test.namespace, &*test.name) == ("service", "id") {
            let known = |literal: &Literal| rulebook.services.get(&literal.to_string()).is_some();
            exist &= test.operator == Operator::Glob || test.operands.iter().all(known);
        }
        if (&*test.namespace, &*test.name) == ("entitlement", "id") {
            let known = |literal: &Literal| {
                EntitlementRef::parse(&literal.to_string()).is_some_and(|one| offer(rulebook, &one).is_some())
            };
            exist &= test.operator == Operator::Glob || test.operands.iter().all(known);
        }
    });
    exist
}

pub(super) fn always(context: &mut Context<'_>) {
    for site in context.analysis.sites() {
        if site.condition.is_always() || site.always_elsewhere || site.holds != Holds::Always {
            continue;
        }
        let at = first_place(site.condition);
        let at = at.map_or(site.at.clone(), |at| Location::place(site.origin, at));
        context
            .report(at, format!("the condition of {} holds in every case", site.what))
            .label("nothing is excluded by this")
            .help("remove the condition if everything is meant; otherwise correct it");
    }
}

pub(super) fn absent(context: &mut Context<'_>) {
    let vocabulary = context.vocabulary;
    for site in context.analysis.sites().iter().filter(|site| site.grants) {
        let mut negated: Vec<&Test> = Vec::new();
        site.condition.tests(&mut |test, under_not| {
            let optional = vocabulary.of(test).is_some_and(|resolved| resolved.optional);
            let seen =
                negated.iter().any(|known| known.namespace == test.namespace && known.name == test.name);
            if under_not && optional && !seen && test.operator != Operator::Exists {
                negated.push(test);
            }
        });
        for test in negated {
            match passes_when_absent(vocabulary, site.condition, test) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(why) => {
                    report_not_analysed(context, site, why);
                    continue;
                }
            }
            let attribute = test.attribute();
            context
                .report(place(site, test), format!("{} holds when `{attribute}` is absent", site.what))
                .label("a comparison with what is absent is false, and `not` makes it true")
                .help(format!("add `{attribute}.exists = true`, or list the values that are meant"));
        }
    }
}

/// Whether a condition holds for something only because an attribute that it negates is absent there.
///
/// It is compared with the same condition in which the absence never passes a negation.
fn passes_when_absent(
    vocabulary: &Vocabulary<'_>,
    condition: &Condition,
    about: &Test,
) -> Result<bool, Unsure> {
    let strict = without_absence(condition, about, false);
    let mut space = Space::new(vocabulary, [condition, &strict], BUDGET)?;
    let (loose, strict) = (space.set(condition)?, space.set(&strict)?);
    Ok(!space.minus(loose, strict)?.is_empty())
}

fn without_absence(condition: &Condition, about: &Test, negated: bool) -> Condition {
    let each = |parts: &[Condition]| parts.iter().map(|part| without_absence(part, about, negated)).collect();
    match condition {
        Condition::All(parts) => Condition::All(each(parts)),
        Condition::Any(parts) => Condition::Any(each(parts)),
        Condition::Not(part) => Condition::Not(Box::new(without_absence(part, about, !negated))),
        Condition::Test(test) => {
            let same = test.namespace == about.namespace && test.name == about.name;
            if !negated || !same || test.operator == Operator::Exists {
                return condition.clone();
            }
            let absent =
                Test { operator: Operator::Exists, operands: vec![Literal::Boolean(false)], ..test.clone() };
            Condition::Any(vec![condition.clone(), Condition::Test(absent)])
        }
    }
}

pub(super) fn not_analysed(context: &mut Context<'_>) {
    for site in context.analysis.sites() {
        if let Holds::Unsure(why) = site.holds {
            report_not_analysed(context, site, why);
        }
    }
}

/// Says that a condition cannot be analysed, whichever lint found that out. That it makes no sense is
/// another finding.
fn report_not_analysed(context: &mut Context<'_>, site: &Site<'_>, why: Unsure) {
    if why == Unsure::Invalid {
        return;
    }
    context
        .report_as(
            &NOT_ANALYSED,
            site.at.clone(),
            format!("the condition of {} cannot be analysed: {why}", site.what),
        )
        .note("what it means for everybody could then only be guessed")
        .help("use fewer patterns, or list the values that are meant");
}
