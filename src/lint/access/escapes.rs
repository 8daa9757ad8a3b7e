//! Denials and guardrails that a request escapes by leaving something out.

use super::attributes::place;
use super::sites::Site;
use crate::{
    decide::{
        space::{BUDGET, Space, Unsure},
        vocabulary::Vocabulary,
    },
    diag::{Code, code},
    lint::Context,
    model::{
        access::AppliesTo,
        condition::{Condition, Literal, Operator, Test},
    },
};

/// A request without end escapes.
pub(super) static WITHOUT_END: Code = code!("GS4015", "endless-request-escapes", fixed Error, "a denial or guardrail about the length of access misses requests without end");
/// What is absent escapes.
pub(super) static ABSENT: Code = code!(
    "GS4016",
    "absent-value-escapes",
    Warning,
    "a denial or guardrail misses requests for which an optional attribute is absent"
);

pub(super) fn without_end(context: &mut Context<'_>) {
    let is_duration = |test: &Test| (&*test.namespace, &*test.name) == ("request", "duration");
    each(context, is_duration, |context, site, test| {
        context
            .report(place(site, test), format!("a request without end escapes {}", site.what))
            .label("a comparison with what is absent is false")
            .help("say it for these too: `when.any = [{ request.duration.above = \"…\" }, { request.duration.exists = false }]`");
    });
}

pub(super) fn absent(context: &mut Context<'_>) {
    // The length has a finding of its own; what services and entitlements have is known beforehand.
    let other = |test: &Test| match &*test.namespace {
        "service" | "entitlement" => false,
        "request" => &*test.name != "duration",
        _ => true,
    };
    each(context, other, |context, site, test| {
        let attribute = test.attribute();
        context
            .report(
                place(site, test),
                format!("a request for which `{attribute}` is absent escapes {}", site.what),
            )
            .label("a comparison with what is absent is false")
            .help(format!(
                "say what happens then: add `{attribute}.exists = true`, or an alternative of an `any` with `{attribute}.exists = false`"
            ));
    });
}

/// Calls `visit` for every attribute whose absence escapes something that tightens.
fn each(
    context: &mut Context<'_>,
    wanted: impl Fn(&Test) -> bool,
    visit: impl Fn(&mut Context<'_>, &Site<'_>, &Test),
) {
    let vocabulary = context.vocabulary;
    let sites: Vec<&Site<'_>> = context.analysis.sites().iter().filter(|site| site.tightens).collect();
    for site in &sites {
        let mut tested: Vec<&Test> = Vec::new();
        site.condition.tests(&mut |test, under_not| {
            let optional = vocabulary.of(test).is_some_and(|resolved| resolved.optional);
            let seen = tested.iter().any(|known| is_same(known, test));
            if !under_not && optional && !seen && wanted(test) && test.operator != Operator::Exists {
                tested.push(test);
            }
        });
        for test in tested {
            // A condition that cannot be analysed is another finding.
            let escapes = fails_when_absent(vocabulary, site.condition, test).unwrap_or(false);
            if escapes && !speaks_of_absence(&sites, site, test) {
                visit(context, site, test);
            }
        }
    }
}

fn is_same(one: &Test, other: &Test) -> bool {
    one.namespace == other.namespace && one.name == other.name
}

/// Whether a condition, or another one that tightens the same, says what happens when an attribute is absent.
fn speaks_of_absence(sites: &[&Site<'_>], site: &Site<'_>, about: &Test) -> bool {
    let covers = |scope: Option<&AppliesTo>| {
        scope == site.applies_to || scope.is_none_or(|scope| *scope == AppliesTo::Everything)
    };
    sites.iter().filter(|other| covers(other.applies_to)).any(|other| {
        let mut said = false;
        other
            .condition
            .tests(&mut |test, _| said |= is_same(test, about) && test.operator == Operator::Exists);
        said
    })
}

/// Whether a condition fails for something only because an attribute that it compares is absent there.
///
/// It is compared with the same condition in which the absence passes every comparison.
fn fails_when_absent(
    vocabulary: &Vocabulary<'_>,
    condition: &Condition,
    about: &Test,
) -> Result<bool, Unsure> {
    let loose = with_absence(condition, about, false);
    let mut space = Space::new(vocabulary, [condition, &loose], BUDGET)?;
    let (strict, loose) = (space.set(condition)?, space.set(&loose)?);
    Ok(!space.minus(loose, strict)?.is_empty())
}

fn with_absence(condition: &Condition, about: &Test, negated: bool) -> Condition {
    let each = |parts: &[Condition]| parts.iter().map(|part| with_absence(part, about, negated)).collect();
    match condition {
        Condition::All(parts) => Condition::All(each(parts)),
        Condition::Any(parts) => Condition::Any(each(parts)),
        Condition::Not(part) => Condition::Not(Box::new(with_absence(part, about, !negated))),
        Condition::Test(test) => {
            if negated || !is_same(test, about) || test.operator == Operator::Exists {
                return condition.clone();
            }
            let absent =
                Test { operator: Operator::Exists, operands: vec![Literal::Boolean(false)], ..test.clone() };
            Condition::Any(vec![condition.clone(), Condition::Test(absent)])
        }
    }
}
