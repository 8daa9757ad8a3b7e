//! What bundles give on one side: the sets of those who get something in them without anybody's agreeing to it.
//!
//! A bundle is one request. Whoever is denied one thing in it is given none of it, so that each thing is looked at
//! together with all the others in its bundle.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    lines::{Line, Lines, When},
    meaning::{Outcome, Ruling, together},
    sets::{Elements, Parts, Sets},
    side::Side,
};
use crate::{
    decide::{
        policy::Offer,
        space::{Facet, Set, Space, Unsure},
        value::Value,
    },
    model::{EntitlementRef, Entry, Id, Kind, Selector, bundle::Bundle},
};

/// Some people, and the rule because of which it is about them; none for what no rule says.
pub(super) type Piece = (Option<Selector>, Set);

/// A bundle of one side, with the lines that are read about everything in it.
pub(super) struct Bundled<'a> {
    pub(super) bundle: &'a Entry<Bundle>,
    things: Vec<(&'a EntitlementRef, Option<Offer<'a>>, Lines<'a>)>,
    whom: Lines<'a>,
}

/// What is decided about one thing of a bundle.
#[derive(Debug, Default)]
struct Decided {
    /// For whom it is approved, with nothing but that.
    approved: Vec<Piece>,
    /// For whom somebody has to agree to it.
    asked: Vec<Piece>,
    /// For whom it is denied, and all of its bundle with it.
    denied: Vec<Piece>,
}

/// What a bundle gives to whom.
#[derive(Debug, Default)]
pub(super) struct Gives {
    /// Who gets each thing.
    given: BTreeMap<EntitlementRef, Vec<Piece>>,
    /// Who has to be asked about it, or is denied it or something else in the bundle.
    withheld: BTreeMap<EntitlementRef, Vec<Piece>>,
    /// Whether it can depend on more about people than sets say: their managers, their last day, what else they hold.
    pub(super) depends: bool,
}

impl<'a> Bundled<'a> {
    pub(super) fn new(side: &Side<'a>, bundle: &'a Entry<Bundle>) -> Self {
        let all = &bundle.value.entitlements;
        let things = all.iter().map(|entitlement| {
            let offer = side.engine.offer(entitlement);
            let lines = offer.as_ref().map_or_else(Lines::none, |offer| side.birthright(offer, all));
            (entitlement, offer, lines)
        });
        Self { bundle, things: things.collect(), whom: Lines::when(&bundle.value.when) }
    }

    /// Everything that is read about it.
    pub(super) fn lines(&self) -> impl Iterator<Item = &Lines<'a>> {
        self.things.iter().map(|(_, _, lines)| lines).chain([&self.whom])
    }

    /// Whom it gives what.
    pub(super) fn gives(
        &self,
        space: &mut Space<'a>,
        sets: &mut Sets<'a>,
        parts: &mut Parts,
        (number, side): (usize, &Side<'a>),
    ) -> Result<Gives, Unsure> {
        let whom = space.set_of(side.engine.vocabulary(), &self.bundle.value.when)?;
        let unsaid = unsaid(space);
        let mut found = Gives::default();
        let mut all = Vec::new();
        for (entitlement, offer, lines) in &self.things {
            let mut elements = sets.elements(space, parts, (number, side), offer.as_ref(), lines)?;
            for element in elements.all_mut() {
                element.set = space.given(element.set, &unsaid)?;
                element.set = space.and(element.set, whom)?;
            }
            let (decided, needs_end) = decided(space, parts, whom, &elements)?;
            found.depends |= needs_end || !decided.asked.is_empty() || lines.all.iter().any(depends);
            all.push((*entitlement, decided));
        }
        let denied: Vec<Piece> = all.iter().flat_map(|(_, decided)| decided.denied.iter().cloned()).collect();
        let nobody = union(space, &denied)?;
        for (entitlement, decided) in all {
            let asked = union(space, &decided.asked)?;
            let without = space.or(nobody, asked)?;
            let own = minus(space, &decided.approved, without)?;
            found.given.insert(entitlement.clone(), own);
            let withheld = decided.asked.into_iter().chain(denied.iter().cloned()).collect();
            found.withheld.insert(entitlement.clone(), withheld);
        }
        Ok(found)
    }
}

impl Gives {
    /// Who gets something, by the rule that approves it.
    pub(super) fn given(&self, entitlement: &EntitlementRef) -> &[Piece] {
        self.given.get(entitlement).map_or(&[], Vec::as_slice)
    }

    /// Who does not get something, by what stands against it.
    pub(super) fn withheld(&self, entitlement: &EntitlementRef) -> &[Piece] {
        self.withheld.get(entitlement).map_or(&[], Vec::as_slice)
    }
}

/// All people of some pieces.
pub(super) fn union(space: &mut Space<'_>, pieces: &[Piece]) -> Result<Set, Unsure> {
    pieces.iter().try_fold(Set::NOTHING, |all, (_, set)| space.or(all, *set))
}

/// What is left of pieces without some people.
pub(super) fn minus(space: &mut Space<'_>, pieces: &[Piece], without: Set) -> Result<Vec<Piece>, Unsure> {
    let mut left = Vec::with_capacity(pieces.len());
    for (rule, set) in pieces {
        let set = space.minus(*set, without)?;
        if !set.is_empty() {
            left.push((rule.clone(), set));
        }
    }
    Ok(left)
}

/// Whether a line follows from more about people than the tests of conditions.
fn depends(line: &Line<'_>) -> bool {
    let of_duty = line.rule.as_ref().is_some_and(|rule| rule.kind == Kind::Sod);
    let mut of_grants = false;
    if let When::Holds(condition) = &line.when {
        condition.tests(&mut |test, _| of_grants |= &*test.namespace == "grants");
    }
    of_duty || of_grants || !line.waivers.is_empty()
}

/// What everybody to whom a bundle belongs does not say: it is no request that somebody wrote, and asks for themselves.
fn unsaid(space: &Space<'_>) -> Vec<Option<u32>> {
    let value = |namespace: &str, name: &str| match (namespace, name) {
        (
            "request",
            "duration" | "environment" | "event" | "justification" | "project" | "ticket" | "type",
        ) => Some(Value::Absent),
        ("request", "emergency") | ("requester", "is-manager") => Some(Value::Boolean(false)),
        ("requester", "is-beneficiary") => Some(Value::Boolean(true)),
        _ => None,
    };
    let known = space.variables().enumerate().map(|(variable, key)| {
        let value = value(&key.namespace, &key.name).filter(|_| key.facet == Facet::Value)?;
        space.class_of(variable, &value)
    });
    known.collect()
}

/// What the lines about one thing come to for those whom a bundle belongs to, and whether it needs an end for some of them
/// that no line gives.
fn decided(
    space: &mut Space<'_>,
    parts: &Parts,
    whom: Set,
    elements: &Elements,
) -> Result<(Decided, bool), Unsure> {
    let mut found = Decided::default();
    let (mut left, mut ends, mut must_end) = (whom, Set::NOTHING, false);
    let mut evidence: Vec<Piece> = Vec::new();
    for element in elements.all() {
        let set = space.and(element.set, left)?;
        let Some(effect) = parts.get(element.effect).filter(|_| !set.is_empty()) else { continue };
        let rule = element.rules.into_iter().flatten().next().and_then(|rule| parts.rule(rule)).cloned();
        if effect.ruling != Ruling::Nothing {
            left = space.minus(left, set)?;
        }
        if effect.ruling == Ruling::Deny {
            found.denied.push((rule, set));
            continue;
        }
        if !effect.panels.is_empty() {
            let mut alone = effect.clone();
            alone.ruling = Ruling::Ask;
            let nobody = together([&alone]) == Outcome::Nobody;
            let into = if nobody { &mut found.denied } else { &mut found.asked };
            into.push((rule.clone(), set));
        }
        if !effect.evidence.is_empty() {
            evidence.push((rule.clone(), set));
        }
        if effect.longest.is_some() || effect.until.is_some() {
            ends = space.or(ends, set)?;
        }
        must_end |= effect.own.as_ref().is_some_and(|(needs_end, _)| *needs_end);
        if effect.ruling == Ruling::Approve {
            found.approved.push((rule, set));
        }
    }
    if !left.is_empty() {
        found.denied.push((None, left));
    }
    // Whoever is asked can wait for what is missing.
    let asked = union(space, &found.asked)?;
    let missing = minus(space, &evidence, asked)?;
    found.denied.extend(missing);
    let endless = if must_end { space.minus(whom, ends)? } else { Set::NOTHING };
    if !endless.is_empty() {
        found.denied.push((None, endless));
    }
    Ok((found, !endless.is_empty()))
}

/// The bundles of a side that hold one of some things, with everything that is read about them.
pub(super) fn bundled<'a>(side: &Side<'a>, compared: &BTreeSet<&'a EntitlementRef>) -> Vec<Bundled<'a>> {
    let all = side.engine.rulebook().bundles.iter();
    let holds = |bundle: &&Entry<Bundle>| bundle.entitlements.iter().any(|one| compared.contains(one));
    all.filter(holds).map(|bundle| Bundled::new(side, bundle)).collect()
}

/// A bundle as the rule that gives something.
pub(super) fn selector(id: &Id) -> Selector {
    Selector { kind: Kind::Bundle, id: id.clone(), part: None }
}
