//! Coverage: what no scenario reaches.

use std::collections::{BTreeMap, BTreeSet};

use super::scenario::{Decided, Outcome};
use crate::{
    decide::policy::offers,
    model::{EntitlementRef, Id, Kind, Location, Rulebook, Selector, routing::TicketKind},
};

/// What scenarios reach, and what they do not.
#[derive(Debug)]
pub struct Coverage {
    /// Every rule with how it was reached, in the order of kinds and ids; rules of a policy in their order.
    pub rules: Vec<Reached>,
    /// Entitlements that no scenario asks for.
    pub entitlements: Vec<EntitlementRef>,
    /// How many entitlements can be asked for.
    pub of_entitlements: usize,
    /// Cells of the priority matrices of incidents that no scenario takes a priority from.
    pub cells: Vec<Cell>,
    /// How many cells there are.
    pub of_cells: usize,
}

/// A combination of a priority matrix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The matrix.
    pub matrix: Id,
    /// The row.
    pub row: String,
    /// The column.
    pub column: String,
}

/// A rule and how scenarios reached it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The rule.
    pub rule: Selector,
    /// Where it was written.
    pub at: Location,
    /// How many scenarios it matched in.
    pub matched: usize,
    /// How many it was considered in and did not match.
    pub passed_over: usize,
    /// Whether it has a condition; without one it is never passed over.
    pub conditional: bool,
}

impl Reached {
    /// Whether it matched in no scenario.
    #[must_use]
    pub const fn is_unreached(&self) -> bool {
        self.matched == 0
    }

    /// Whether no scenario shows a request that is just not meant by it.
    #[must_use]
    pub const fn is_never_passed_over(&self) -> bool {
        self.conditional && self.passed_over == 0
    }
}

impl Coverage {
    /// How many rules are reached both ways, as far as they can be.
    #[must_use]
    pub fn covered(&self) -> usize {
        self.rules.iter().filter(|rule| !rule.is_unreached() && !rule.is_never_passed_over()).count()
    }
}

/// Looks at what the outcomes of scenarios reached.
#[must_use]
pub fn coverage(rulebook: &Rulebook, outcomes: &[Outcome<'_>]) -> Coverage {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut asked: BTreeSet<EntitlementRef> = BTreeSet::new();
    let mut taken: BTreeSet<Cell> = BTreeSet::new();
    for outcome in outcomes {
        match &outcome.decided {
            Some(Decided::Request(decision)) => asked.extend(decision.asks_for.iter().cloned()),
            Some(Decided::Incident(decision)) => {
                let (row, column) = decision.cell;
                taken.insert(cell(&decision.matrix.id, row, column));
            }
            _ => {}
        }
        // A scenario counts once for each rule, however many things it asks for.
        let mut seen: BTreeMap<String, (bool, bool)> = BTreeMap::new();
        for (rule, is_match) in outcome.looked_at() {
            let (matched, passed_over) = seen.entry(rule.to_string()).or_default();
            *matched |= is_match;
            *passed_over |= !is_match;
        }
        for (rule, (matched, passed_over)) in seen {
            let count = counts.entry(rule).or_default();
            count.0 += usize::from(matched);
            count.1 += usize::from(passed_over);
        }
    }
    let reached = |(rule, at, conditional): (Selector, Location, bool)| {
        let (matched, passed_over) = counts.get(&rule.to_string()).copied().unwrap_or_default();
        Reached { rule, at, matched, passed_over, conditional }
    };
    let requestable: Vec<EntitlementRef> = offers(rulebook)
        .filter(|offer| offer.entitlement.requestable)
        .map(|offer| offer.reference())
        .collect();
    let cells = cells(rulebook);
    Coverage {
        of_cells: cells.len(),
        cells: cells.into_iter().filter(|cell| !taken.contains(cell)).collect(),
        rules: rules(rulebook).into_iter().map(reached).collect(),
        of_entitlements: requestable.len(),
        entitlements: requestable.into_iter().filter(|reference| !asked.contains(reference)).collect(),
    }
}

fn cell(matrix: &Id, row: &str, column: &str) -> Cell {
    Cell { matrix: matrix.clone(), row: row.to_owned(), column: column.to_owned() }
}

/// Every cell of the matrices that incidents take their priority from.
fn cells(rulebook: &Rulebook) -> Vec<Cell> {
    let named = |id: &str| {
        let mut routings = rulebook.routings.iter().filter(|routing| routing.tickets == TicketKind::Incident);
        routings.any(|routing| routing.priority_matrix.as_ref().is_none_or(|matrix| matrix.as_str() == id))
    };
    let mut cells = Vec::new();
    for matrix in rulebook.priority_matrices.iter().filter(|matrix| named(matrix.id.as_str())) {
        for row in &matrix.rows {
            cells.extend(matrix.columns.iter().map(|column| cell(&matrix.id, row, column)));
        }
    }
    cells
}

/// Every rule that decides about requests, incidents and changes, where it was written, and whether it has a condition.
#[must_use]
pub fn rules(rulebook: &Rulebook) -> Vec<(Selector, Location, bool)> {
    let mut rules = of_requests(rulebook);
    rules.extend(of_changes(rulebook));
    rules.extend(of_incidents(rulebook));
    rules
}

/// Every rule that decides about requests, in the same form.
#[must_use]
pub fn of_requests(rulebook: &Rulebook) -> Vec<(Selector, Location, bool)> {
    let mut rules = Vec::new();
    for policy in &rulebook.access {
        for (index, rule) in policy.value.rule.iter().enumerate() {
            let selector =
                Selector { kind: Kind::Access, id: policy.id.clone(), part: Some(rule.id.clone()) };
            rules.push((selector, policy.at(format!("/rule/{index}")), !rule.when.is_always()));
        }
    }
    let whole = |kind: Kind, id: &Id| Selector { kind, id: id.clone(), part: None };
    for guardrail in &rulebook.guardrails {
        let selector = whole(Kind::Guardrail, &guardrail.id);
        rules.push((selector, guardrail.at(""), !guardrail.value.when.is_always()));
    }
    for sod in &rulebook.sods {
        rules.push((whole(Kind::Sod, &sod.id), sod.at(""), true));
    }
    for request_type in &rulebook.request_types {
        let selector = whole(Kind::RequestType, &request_type.id);
        let conditional = request_type.available_when.as_ref().is_some_and(|when| !when.is_always());
        rules.push((selector, request_type.at(""), conditional));
    }
    rules
}

/// The change models, each with its rules about risk.
fn of_changes(rulebook: &Rulebook) -> Vec<(Selector, Location, bool)> {
    let mut rules = Vec::new();
    for model in &rulebook.change_models {
        let selector = |part: Option<&Id>| Selector {
            kind: Kind::ChangeModel,
            id: model.id.clone(),
            part: part.cloned(),
        };
        let conditional = model.value.when.as_ref().is_some_and(|when| !when.is_always());
        rules.push((selector(None), model.at(""), conditional));
        for (index, rule) in model.value.risk.iter().enumerate() {
            let at = model.at(format!("/risk/{index}"));
            rules.push((selector(Some(&rule.id)), at, !rule.when.is_always()));
        }
    }
    rules
}

/// The rules of the routing of incidents with its default, and the definitions of a major incident.
fn of_incidents(rulebook: &Rulebook) -> Vec<(Selector, Location, bool)> {
    let mut rules = Vec::new();
    for definition in &rulebook.major_incidents {
        let selector = Selector { kind: Kind::MajorIncident, id: definition.id.clone(), part: None };
        rules.push((selector, definition.at(""), !definition.value.when.is_always()));
    }
    for routing in rulebook.routings.iter().filter(|routing| routing.tickets == TicketKind::Incident) {
        let selector =
            |part: Option<&Id>| Selector { kind: Kind::Routing, id: routing.id.clone(), part: part.cloned() };
        for (index, rule) in routing.value.rule.iter().enumerate() {
            let at = routing.at(format!("/rule/{index}"));
            rules.push((selector(Some(&rule.id)), at, !rule.when.is_always()));
        }
        // After a rule that always matches, nothing is left for the default.
        let is_left =
            routing.value.default.is_some() && !routing.value.rule.iter().any(|rule| rule.when.is_always());
        if is_left {
            rules.push((selector(None), routing.at("/default"), false));
        }
    }
    rules
}
