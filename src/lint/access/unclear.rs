//! What the analysis gave up on. A lint that cannot tell says so here, so that silence means that nothing
//! was found; it is one finding however many lints gave up.

use std::collections::BTreeMap;

use super::{
    effective::{listed, rules},
    logic::NOT_ANALYSED,
};
use crate::{
    decide::{
        policy::{Offer, nearness, policies},
        space::{BUDGET, Set, Space, Unsure},
        vocabulary::Vocabulary,
    },
    lint::{Context, Location},
    model::{
        Entry, Id,
        access::{Access, Mode},
        condition::Condition,
    },
};

/// What can be said about the rules of a policy without looking at other policies.
#[derive(Clone, Copy)]
enum Alone {
    /// They can be analysed.
    Clear,
    /// One of them is too complicated already, which is found at its condition.
    OneRule,
    /// Each can be analysed, all together cannot.
    Together(Unsure),
}

/// The policies and entitlements about which a lint could not tell.
pub(super) struct Unclear<'v, 'a> {
    vocabulary: &'v Vocabulary<'a>,
    alone: BTreeMap<&'a Id, Alone>,
    /// By message, so that each is said once.
    found: BTreeMap<String, (Location, Vec<Location>)>,
}

/// Whether a condition can be analysed for itself. That it makes no sense is another finding.
pub(in crate::lint) fn is_too_complicated(vocabulary: &Vocabulary<'_>, condition: &Condition) -> bool {
    let result = Space::new(vocabulary, [condition], BUDGET).and_then(|mut space| space.set(condition));
    matches!(result, Err(Unsure::Budget | Unsure::Patterns))
}

/// What each rule of a policy decides, or why that cannot be told. Rules that make no sense are left out.
fn chain<'a>(vocabulary: &Vocabulary<'a>, policy: &'a Entry<Access>) -> Result<(), Unsure> {
    let conditions = || rules(policy).filter(|listed| listed.rule.mode == Mode::Enforce);
    let mut space = Space::new(vocabulary, conditions().map(|listed| &*listed.rule.when), BUDGET)?;
    let mut left = Set::EVERYTHING;
    for listed in conditions() {
        match space.set(&listed.rule.when) {
            Ok(set) => left = space.minus(left, set)?,
            Err(Unsure::Invalid) => {}
            Err(why) => return Err(why),
        }
    }
    Ok(())
}

impl<'v, 'a> Unclear<'v, 'a> {
    /// Nothing yet.
    pub(super) fn new(vocabulary: &'v Vocabulary<'a>) -> Self {
        Self { vocabulary, alone: BTreeMap::new(), found: BTreeMap::new() }
    }

    fn alone(&mut self, policy: &'a Entry<Access>) -> Alone {
        let vocabulary = self.vocabulary;
        *self.alone.entry(&policy.id).or_insert_with(|| {
            let enforced = |listed: &super::effective::Listed<'_>| listed.rule.mode == Mode::Enforce;
            match chain(vocabulary, policy) {
                Ok(()) | Err(Unsure::Invalid) => Alone::Clear,
                Err(_)
                    if rules(policy)
                        .filter(enforced)
                        .any(|listed| is_too_complicated(vocabulary, &listed.rule.when)) =>
                {
                    Alone::OneRule
                }
                Err(why) => Alone::Together(why),
            }
        })
    }

    /// The rules of a policy could not be analysed.
    pub(super) fn policy(&mut self, policy: &'a Entry<Access>, why: Unsure) {
        let why = match self.alone(policy) {
            _ if why == Unsure::Invalid => return,
            Alone::OneRule => return,
            Alone::Together(why) => why,
            Alone::Clear => why,
        };
        let message =
            format!("the rules of the access policy `{}` cannot be analysed together: {why}", policy.id);
        self.found.entry(message).or_insert_with(|| (policy.at(""), Vec::new()));
    }

    /// What is decided about an entitlement could not be analysed.
    pub(super) fn offer(&mut self, offer: Offer<'a>, why: Unsure) {
        // What makes no sense is a finding where it stands.
        if why == Unsure::Invalid {
            return;
        }
        let rulebook = self.vocabulary.rulebook();
        let about = |scope| nearness(rulebook, scope, &offer).is_some();
        let mut guardrails = rulebook
            .guardrails
            .iter()
            .filter(|one| one.mode == Mode::Enforce && one.applies_to.as_ref().is_none_or(about));
        let mut told = guardrails.any(|one| is_too_complicated(self.vocabulary, &one.when));
        let policies = policies(self.vocabulary, &offer);
        for policy in &policies {
            match self.alone(policy) {
                Alone::Clear => {}
                Alone::OneRule => told = true,
                Alone::Together(why) => {
                    told = true;
                    self.policy(policy, why);
                }
            }
        }
        if told {
            return;
        }
        // It is the rules of several policies, or guardrails with them. The most specific policy stands for
        // all: entitlements that share it share the others.
        let deciding = !listed(self.vocabulary, &offer).is_empty();
        let (what, at) = match policies.split_first() {
            Some((first, [])) => (format!("the access policy `{}` and guardrails", first.id), first.at("")),
            Some((first, _)) if deciding => {
                (format!("the access policy `{}` and less specific ones", first.id), first.at(""))
            }
            _ => {
                let at = offer.service.at(format!("/entitlement/{}", offer.id)).key();
                (format!("the guardrails of `{}`", offer.reference()), at)
            }
        };
        let others = policies.iter().skip(1).take(3).map(|policy| policy.at("")).collect();
        let message = format!("the rules of {what} cannot be analysed together: {why}");
        self.found.entry(message).or_insert((at, others));
    }

    /// Reports what was not clear.
    pub(super) fn report(self, context: &mut Context<'_>) {
        for (message, (at, others)) in self.found {
            let finding = context.report_as(&NOT_ANALYSED, at, message);
            for other in others {
                finding.related(other, "is read after it");
            }
            finding
                .note("what they decide for everybody could then only be guessed")
                .help("use fewer patterns, or list the values that are meant");
        }
    }
}
