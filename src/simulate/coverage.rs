//! Coverage: what no scenario reaches.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    rules::{self, Rule},
    scenario::{Decided, Outcome},
};
use crate::{
    decide::{engine::Engine, policy::offers},
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
pub fn coverage(engine: &Engine<'_>, outcomes: &[Outcome<'_>]) -> Coverage {
    let rulebook = engine.rulebook();
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
        for (rule, is_match) in outcome.looked_at(engine) {
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
    let reached = |one: Rule<'_>| {
        let Rule { rule, at, conditional, .. } = one;
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
        rules: rules::all(rulebook).into_iter().map(reached).collect(),
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

/// The rules that decide about requests for access, where they were written, and whether they have a condition.
#[must_use]
pub fn of_requests(rulebook: &Rulebook) -> Vec<(Selector, Location, bool)> {
    let kinds = [Kind::Access, Kind::Guardrail, Kind::Sod, Kind::RequestType];
    let rules = kinds.into_iter().flat_map(|kind| rules::of(rulebook, kind));
    rules.map(|rule| (rule.rule, rule.at, rule.conditional)).collect()
}
