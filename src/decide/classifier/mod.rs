//! Verdict and deciding rule of a request without the reasons, as fast as a table can be looked up.
//!
//! A [`Classifier`] is made once from an engine. The values of each attribute are divided into the classes that
//! the tests of all rules tell apart; each class has one bit for each rule, which says whether the rule accepts
//! it. The rules that match a request are then what the bits of its classes have in common, and the first of
//! them decides. What never changes about a person or an entitlement is found out once.
//!
//! An answer is always the one that [`decide`](super::access::decide) gives, with guardrails, exceptions in
//! force on the day, rules that only record or warn, attributes that are absent though they must not be, missing
//! evidence, access that would have no end, and whether enough different people can approve. It covers requests
//! for exactly one entitlement by people of the directory. What it does not cover is said as [`NotCovered`],
//! and then the full engine has to be asked, which [`Classifier::decide`] does by itself:
//!
//! - requests for a bundle, by type, for several entitlements or none, with pending ones, or with anything that
//!   makes them invalid;
//! - entitlements kept apart from something that the beneficiary holds at any time;
//! - conditions that have no meaning, and values about which a test can say nothing;
//! - workflows that ask whoever is on call or an owner who is a role, and stages that can have enough people
//!   only with those to whom they escalate or that need more than eight people together.
//!
//! Peer figures, what is held, support hours and calendars are looked up for each request whose rules read them.

mod approvers;
pub(crate) mod bits;
mod classify;
mod columns;
mod cubes;
mod intern;
mod offers;
mod people;
mod reasons;
mod table;
#[cfg(test)]
mod tests;
mod waivers;

use std::{
    collections::{BTreeMap, HashMap},
    sync::OnceLock,
};

use self::{
    approvers::Workflows,
    classify::{Applied, Asks, Decides},
    columns::{Column, Columns},
    cubes::{Cube, cubes, reads},
    offers::{Part, is_sane},
    people::People,
    reasons::Meaning,
    table::{Action, Rows, Table},
};
pub use self::{
    classify::{Outcome, RuleId, Short},
    intern::{Class, Interned, NotCovered},
    reasons::{Came, Considered, Reasons, Subject},
};
use super::{
    asked::MaybeHistory,
    engine::Engine,
    hashing::Names,
    policy::{self, Offer},
    space::Facet,
};
use crate::model::{
    Entry, Kind, Ref, Rulebook, Selector,
    access::{Access, AppliesTo, Decision, Mode},
    condition::Condition,
    settings::DefaultDecision,
    workflow::{Evidence, Workflow},
};

/// The access rules of a rulebook, made ready to be looked up.
#[derive(Debug)]
pub struct Classifier<'e, 'a> {
    engine: &'e Engine<'a>,
    columns: Columns<'a>,
    /// What each column is read from.
    reads: Vec<Reads>,
    /// The columns that are about a person, in the order of their slots.
    slots: Vec<usize>,
    table: Table,
    guardrails: Vec<Applied<'a>>,
    guardrail_parts: Vec<Part>,
    rules: Vec<(Selector, Applied<'a>, Decides)>,
    /// The rows and the rules of each policy.
    policy_parts: HashMap<&'a str, (Part, std::ops::Range<usize>)>,
    default: Decides,
    people: People<'a>,
    offers: Vec<(Offer<'a>, OnceLock<offers::Known<'a>>)>,
    offer_places: Names<(&'a str, &'a str), u32>,
    workflows: Workflows<'a>,
}

/// What a column is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reads {
    /// The beneficiary or, when it says so, the requester; with the slot.
    Person {
        requester: bool,
        slot: usize,
    },
    IsBeneficiary,
    IsManager,
    /// The entitlement and its service.
    Offer,
    /// A field of the request.
    Field,
    OutsideHours,
    /// Whether a calendar is open when the request is made.
    Within(Box<str>),
    Grants,
    Peers,
    /// Nothing that a request has.
    Nothing,
}

impl<'e, 'a> Classifier<'e, 'a> {
    /// Makes the access rules of an engine ready.
    #[must_use]
    pub fn new(engine: &'e Engine<'a>) -> Self {
        let rulebook = engine.rulebook();
        let conditions = rulebook.guardrails.iter().map(|guardrail| &*guardrail.value.when);
        let of_policies = rulebook.access.iter().flat_map(|policy| &policy.value.rule);
        let columns =
            Columns::new(engine.vocabulary(), conditions.chain(of_policies.map(|rule| &*rule.when)));
        let mut slots = Vec::new();
        let reads = columns.iter().map(|(place, column)| reads_of(place, column, &mut slots)).collect();
        let people = People::new(engine);
        let workflows = Workflows::new(engine);
        let mut made = Making { columns: &columns, rows: Rows::default() };
        let mut guardrails = Vec::new();
        let mut guardrail_parts = Vec::new();
        for (place, guardrail) in (0..).zip(&rulebook.guardrails) {
            let guardrail: &'a Entry<crate::model::guardrail::Guardrail> = guardrail;
            let selector = Selector { kind: Kind::Guardrail, id: guardrail.id.clone(), part: None };
            let workflow = guardrail.require_approval.as_ref();
            guardrails.push(Applied {
                denies: guardrail.deny,
                asks: workflow
                    .map_or(Asks::Nobody, |workflow| Asks::Workflow(workflow_place(&workflows, workflow))),
                required: bits_of(&guardrail.require),
                ends: guardrail.max_duration.is_some(),
                ask: guardrail.max_duration.is_some_and(|longest| !is_sane(longest)),
                mode: guardrail.mode,
                meaning: Meaning::new(&columns, &guardrail.value.when),
                waivers: waivers::of_rule(engine, &people, &selector),
            });
            let (start, mut seen) = (made.rows.len(), BTreeMap::new());
            let enforced = (guardrail.mode == Mode::Enforce).then_some(Action::Guardrail(place));
            made.rule(&guardrail.value.when, enforced, &mut seen);
            guardrail_parts.push(Part::since(start, &made.rows, seen.into_keys().collect()));
        }
        let mut rules = Vec::new();
        let mut policy_parts = HashMap::new();
        for policy in in_order(rulebook) {
            let (start, mut seen, first) = (made.rows.len(), BTreeMap::new(), rules.len());
            for rule in &policy.value.rule {
                let selector =
                    Selector { kind: Kind::Access, id: policy.id.clone(), part: Some(rule.id.clone()) };
                let place = u32::try_from(rules.len()).unwrap_or(u32::MAX);
                let decides = match &rule.decision {
                    Decision::AutoApprove => Decides::Approve,
                    Decision::Deny => Decides::Deny,
                    Decision::Workflow(workflow) => Decides::Workflow(workflow_place(&workflows, workflow)),
                };
                let applied = Applied {
                    denies: false,
                    asks: Asks::Nobody,
                    required: bits_of(&rule.require),
                    ends: rule.max_duration.is_some(),
                    ask: rule.max_duration.is_some_and(|longest| !is_sane(longest)),
                    mode: rule.mode,
                    meaning: Meaning::new(&columns, &rule.when),
                    waivers: waivers::of_rule(engine, &people, &selector),
                };
                rules.push((selector, applied, decides));
                let enforced = (rule.mode == Mode::Enforce).then_some(Action::Rule(place));
                made.rule(&rule.when, enforced, &mut seen);
            }
            let part = Part::since(start, &made.rows, seen.into_keys().collect());
            policy_parts.insert(policy.id.as_str(), (part, first..rules.len()));
        }
        let table = Table::new(&columns, &made.rows);
        let offers: Vec<_> = policy::offers(rulebook).map(|offer| (offer, OnceLock::new())).collect();
        let of = |(place, (offer, _)): (u32, &(Offer<'a>, _))| {
            ((offer.service.id.as_str(), offer.id.as_str()), place)
        };
        let offer_places = (0..).zip(&offers).map(of).collect();
        let default = match &rulebook.settings.decision.default {
            DefaultDecision::Deny => Decides::Deny,
            DefaultDecision::Workflow(workflow) => Decides::Workflow(workflow_place(&workflows, workflow)),
        };
        Self {
            engine,
            columns,
            reads,
            slots,
            table,
            guardrails,
            guardrail_parts,
            rules,
            policy_parts,
            default,
            people,
            offers,
            offer_places,
            workflows,
        }
    }

    /// How many rows the rules have become, each of which is a conjunction.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.table.rows()
    }

    /// The bytes that the table of all classes takes.
    #[must_use]
    pub fn table_bytes(&self) -> usize {
        self.table.bytes()
    }

    /// The engine that is asked where this says nothing.
    #[must_use]
    pub fn engine(&self) -> &'e Engine<'a> {
        self.engine
    }

    /// The verdict and the rule that decided a request made at an instant. `history` says how earlier requests
    /// were decided; without it, only the ledger does.
    ///
    /// # Errors
    /// When the full engine has to be asked.
    pub fn verdict(
        &self,
        request: &crate::model::request::Request,
        instant: jiff::Timestamp,
        history: MaybeHistory<'_>,
    ) -> Result<Outcome, NotCovered> {
        self.classify(&self.intern(request, instant, history)?)
    }

    /// Whether rules say something about a class of a column.
    fn is_said(&self, place: usize, class: usize) -> bool {
        self.columns.get(place).is_some_and(|column| {
            let lacks = class == column.absent() && !column.optional && !column.may_lack;
            class < column.unknown() && !lacks
        })
    }
}

/// What a column is read from; columns about a person get a slot.
fn reads_of(place: usize, column: &Column<'_>, slots: &mut Vec<usize>) -> Reads {
    match (&*column.key.namespace, &*column.key.name, &column.key.facet) {
        ("request", "instant", Facet::Within(calendar)) => Reads::Within(calendar.clone()),
        (_, _, Facet::Within(_)) => Reads::Nothing,
        ("requester", "is-beneficiary", _) => Reads::IsBeneficiary,
        ("requester", "is-manager", _) => Reads::IsManager,
        (namespace @ ("subject" | "requester"), ..) => {
            slots.push(place);
            Reads::Person { requester: namespace == "requester", slot: slots.len() - 1 }
        }
        ("service" | "entitlement", ..) => Reads::Offer,
        ("request", "outside-hours", _) => Reads::OutsideHours,
        ("request", ..) => Reads::Field,
        ("grants", ..) => Reads::Grants,
        ("peers", ..) => Reads::Peers,
        _ => Reads::Nothing,
    }
}

/// Rules on their way to becoming rows.
struct Making<'m, 'a> {
    columns: &'m Columns<'a>,
    rows: Rows,
}

impl Making<'_, '_> {
    /// Adds the rows of one rule; with no action it only has to make sense. `seen` holds the columns that were
    /// read before, with whether a value was needed there.
    fn rule(&mut self, condition: &Condition, action: Option<Action>, seen: &mut BTreeMap<usize, bool>) {
        for (place, needs) in reads(self.columns, condition) {
            let known = seen.entry(place).or_default();
            let Some(column) = self.columns.get(place) else { continue };
            if needs && !*known {
                *known = true;
                if column.may_lack {
                    let mut absent = bits::Bits::none(column.width());
                    absent.add(column.absent());
                    self.rows.add(Cube(vec![(place, absent)]), Action::Undecidable);
                }
            }
        }
        match (cubes(self.columns, condition, false), action) {
            (None, _) => self.rows.add(Cube::default(), offers::ASK),
            (Some(cubes), Some(action)) => cubes.into_iter().for_each(|cube| self.rows.add(cube, action)),
            (Some(_), None) => {}
        }
    }
}

/// The policies in an order in which every entitlement reads those that are about it.
fn in_order(rulebook: &Rulebook) -> Vec<&Entry<Access>> {
    let rank = |policy: &Entry<Access>| match &policy.applies_to {
        AppliesTo::Entitlement(_) => 0,
        AppliesTo::Service(_) => 1,
        // The deeper inside, the nearer to what is in it.
        AppliesTo::Category(category) => usize::MAX - 1 - policy::ancestors(rulebook, category).count(),
        AppliesTo::Everything => usize::MAX,
    };
    let mut policies: Vec<&Entry<Access>> = rulebook.access.iter().collect();
    policies.sort_by_key(|policy| (rank(policy), policy.order, &policy.id));
    policies
}

fn workflow_place(workflows: &Workflows<'_>, workflow: &Ref<Workflow>) -> Option<u32> {
    workflows.place(workflow.as_str())
}

/// Evidence as bits.
fn bits_of(evidence: &[Evidence]) -> u8 {
    let bit = |one: &Evidence| Evidence::ALL.iter().position(|known| known == one).map_or(0, |at| 1 << at);
    evidence.iter().map(bit).fold(0, |all, bit| all | bit)
}
