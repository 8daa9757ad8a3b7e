//! The governance rules that apply to a change.

use globset::{GlobBuilder, GlobMatcher};

use super::touch::{Touch, TouchedObject};
use crate::{
    decide::undecidable::Undecidable,
    impact::semantic::Subject,
    model::{
        Entry, Id, Kind, Rulebook, Selector,
        governance::{Governance, GovernanceRule},
        workflow::Workflow,
    },
};

/// A rule that applies to a change.
#[derive(Debug, Clone)]
pub(super) struct Applies<'a> {
    /// The rule.
    pub rule: Selector,
    /// Why the rule exists.
    pub description: Option<&'a str>,
    /// Who must approve.
    pub workflow: &'a Entry<Workflow>,
}

/// The rules of a rulebook that apply to a change, in the order in which they are written.
///
/// What a rule says about objects and files must hold for one and the same object or file. What it says about effects,
/// people, tiers and risk is about the change as a whole, since nobody can say which object of a change has which effect:
/// a rule rather applies too often than too seldom.
///
/// # Errors
/// When a rule names a workflow or a tier that does not exist.
pub(super) fn applying<'a>(rulebook: &'a Rulebook, touch: &Touch) -> Result<Vec<Applies<'a>>, Undecidable> {
    let mut found = Vec::new();
    if touch.is_nothing() {
        return Ok(found);
    }
    for governance in &rulebook.governances {
        for (index, rule) in governance.rule.iter().enumerate() {
            if !applies(rulebook, governance, index, rule, touch)? {
                continue;
            }
            let at = || governance.at(format!("/rule/{index}/workflow"));
            let workflow = rulebook.workflows.get(rule.workflow.as_str()).ok_or_else(|| {
                Undecidable::Missing { kind: Kind::Workflow, id: rule.workflow.to_string(), at: at() }
            })?;
            let description = rule.description.as_deref();
            found.push(Applies { rule: selector(&governance.id, &rule.id), description, workflow });
        }
    }
    Ok(found)
}

fn selector(governance: &Id, rule: &Id) -> Selector {
    Selector { kind: Kind::Governance, id: governance.clone(), part: Some(rule.clone()) }
}

fn applies(
    rulebook: &Rulebook,
    governance: &Entry<Governance>,
    index: usize,
    rule: &GovernanceRule,
    touch: &Touch,
) -> Result<bool, Undecidable> {
    let glob = |pattern: &String| GlobBuilder::new(pattern).literal_separator(true).build();
    let patterns: Result<Vec<GlobMatcher>, _> =
        rule.paths.iter().map(|pattern| glob(pattern).map(|glob| glob.compile_matcher())).collect();
    // A pattern that cannot be read is an error of the rulebook; whoever meant something by it is asked.
    if patterns.is_ok_and(|patterns| !is_about(rule, &patterns, touch)) {
        return Ok(false);
    }
    if !touch.has(rule.effect.unwrap_or(crate::model::governance::Effect::Any)) {
        return Ok(false);
    }
    let enough = |least: u32| touch.people.is_none_or(|people| people >= least as usize);
    if !rule.people_min.is_none_or(enough) || rule.risk_min.is_some_and(|least| touch.risk < Some(least)) {
        return Ok(false);
    }
    let Some(tier) = &rule.tier else { return Ok(true) };
    let Some(services) = &touch.services else { return Ok(true) };
    let missing = || Undecidable::Missing {
        kind: Kind::Tier,
        id: tier.to_string(),
        at: governance.at(format!("/rule/{index}/tier")),
    };
    let rank = rulebook.tiers.get(tier.as_str()).ok_or_else(missing)?.rank;
    Ok(services.iter().any(|id| {
        // A service that is new here, or says nothing about its tier, may be of any.
        let tier = rulebook.services.get(id).and_then(|service| service.tier.as_ref());
        let known = tier.and_then(|tier| rulebook.tiers.get(tier.as_str()));
        known.is_none_or(|known| known.rank <= rank)
    }))
}

/// Whether a rule is about an object or a file that changes.
fn is_about(rule: &GovernanceRule, patterns: &[GlobMatcher], touch: &Touch) -> bool {
    let named = |path: &str| patterns.is_empty() || patterns.iter().any(|pattern| pattern.is_match(path));
    let of_kind = |object: &TouchedObject| match (&object.subject, rule.kinds.is_empty()) {
        (_, true) => true,
        (Subject::Settings, false) => false,
        (Subject::Object(kind, _), false) => rule.kinds.iter().any(|known| known == kind.name()),
    };
    // An object may be moved to another file: both are looked at.
    let objects = touch.objects.iter();
    let mut about = objects.filter(|object| of_kind(object) && object.paths.iter().any(|path| named(path)));
    about.next().is_some() || (rule.kinds.is_empty() && touch.files.iter().any(|file| named(file)))
}
