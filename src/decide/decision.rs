//! What is decided about a request: the verdict, who is asked, what is given until when, and why.

use jiff::Timestamp;

pub use super::considered::{Considered, Effect, Outcome, Step};

use super::{
    asked::Problem, clocks::Clock, policy::Offer, principals::Exclusion, stages::Asking,
    undecidable::Undecidable,
};
use crate::model::{
    Duration, EntitlementRef, Entry, Id, Location, Priority, Selector,
    category::Category,
    exception::Exception,
    grant::Grant,
    person::Person,
    request_type::RequestType,
    scenario::Verdict,
    service::Lifecycle,
    sla::{Sla, TicketState},
    workflow::Evidence,
};

/// What is decided about a request.
#[derive(Debug)]
pub struct Decision<'a> {
    /// Granted, to be asked, not granted, or no request at all.
    pub verdict: Verdict,
    /// When it was decided.
    pub instant: Timestamp,
    /// When access begins, where that is later: on the first day of the beneficiary.
    pub starts: Option<Timestamp>,
    /// Who it is for; none for a request that makes no sense.
    pub beneficiary: Option<&'a Entry<Person>>,
    /// The entitlements that are asked for; none for a request that makes no sense.
    pub asks_for: Vec<EntitlementRef>,
    /// Why it is denied, in the order of the evaluation.
    pub denials: Vec<Denial>,
    /// Why the request makes no sense.
    pub problems: Vec<Problem>,
    /// Who is asked, in this order.
    pub stages: Vec<Asking<'a>>,
    /// What the requester must bring.
    pub obligations: Vec<Obligation>,
    /// What is decided about each thing that is asked for.
    pub items: Vec<Item<'a>>,
    /// How what is asked for is delivered, for a request by type.
    pub delivery: Option<Delivery<'a>>,
    /// What holds for the request as a whole: the workflow of its type.
    pub trace: Vec<Considered<'a>>,
}

/// How a request is delivered once everybody agreed.
#[derive(Debug)]
pub struct Delivery<'a> {
    /// The request type, with its steps.
    pub request_type: &'a Entry<RequestType>,
    /// The class that it belongs to.
    pub category: Option<&'a Entry<Category>>,
    /// What was answered in the form, in its order: the field, its question and the answer.
    pub answers: Vec<(Id, &'a str, String)>,
    /// The SLA that is attached.
    pub sla: Option<&'a Entry<Sla>>,
    /// When it is due at each priority, the most urgent first; no instant while its time does not run.
    pub due: Vec<(&'a Priority, Clock)>,
    /// Whether the time does not run before everybody agreed.
    pub waits_for_approval: bool,
}

impl Delivery<'_> {
    /// Notes that people are asked first: an SLA can pause until they agreed, and nobody knows when that is.
    pub(super) fn wait_for_approval(&mut self) {
        let pauses = |sla: &&Entry<Sla>| sla.value.pause_in.contains(&TicketState::AwaitingApproval);
        if self.sla.as_ref().is_none_or(|sla| !pauses(sla)) {
            return;
        }
        self.waits_for_approval = true;
        for (_, clock) in &mut self.due {
            clock.due = None;
            for (_, at) in &mut clock.at_risk {
                *at = None;
            }
        }
    }
}

/// What is decided about one thing that is asked for.
#[derive(Debug)]
pub struct Item<'a> {
    /// The entitlement.
    pub offer: Offer<'a>,
    /// What is decided about it alone.
    pub verdict: Verdict,
    /// The rule of an access policy that decided; none when the default did, or when nothing had to be decided
    /// any more.
    pub rule: Option<Selector>,
    /// When the access ends; none without end.
    pub expires: Option<Timestamp>,
    /// What limits it, the tightest first.
    pub caps: Vec<Cap>,
    /// The grants that give it to the beneficiary already.
    pub held: Vec<&'a Entry<Grant>>,
    /// Every rule that was considered, in the order of the evaluation.
    pub trace: Vec<Considered<'a>>,
}

/// Something that limits how long access lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cap {
    /// What limits it.
    pub by: CapBy,
    /// When the access ends at the latest because of it.
    pub until: Timestamp,
    /// Where it was written, if it was written in the rulebook.
    pub at: Option<Location>,
}

/// What limits how long access lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CapBy {
    /// The request itself.
    Request(Duration),
    /// A rule or guardrail.
    Rule(Selector, Duration),
    /// The entitlement.
    Entitlement(Duration),
    /// The last day of the beneficiary.
    LastDay(jiff::civil::Date),
    /// The last day of an exception that waived a rule.
    Exception(Id),
}

/// What the requester must bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// What it is.
    pub evidence: Evidence,
    /// Whether it was brought.
    pub met: bool,
    /// The rules, stages and entitlements that demand it.
    pub because: Vec<Selector>,
}

/// Why a request is denied.
#[derive(Debug, Clone, PartialEq)]
pub enum Denial {
    /// The service is not offered now.
    Lifecycle {
        /// The service.
        service: Id,
        /// Where it is in its life.
        lifecycle: Lifecycle,
    },
    /// The request type is not offered now.
    TypeLifecycle {
        /// The request type.
        request_type: Id,
        /// Where it is in its life.
        lifecycle: Lifecycle,
    },
    /// The entitlement cannot be asked for.
    NotRequestable(Selector),
    /// The request type is not for this requester.
    NotAvailable(Selector),
    /// Somebody has left, or is switched off.
    Inactive {
        /// Who.
        person: Id,
        /// Whether it is who the access is for, rather than who asks.
        is_beneficiary: bool,
    },
    /// A rule says so.
    Rule {
        /// The rule.
        rule: Selector,
        /// Why the rule exists.
        why: Option<String>,
        /// What it denies; none for the request as a whole.
        about: Option<Selector>,
    },
    /// Duties that are kept apart.
    Duties {
        /// The rule.
        rule: Selector,
        /// Why these do not go together.
        why: String,
        /// What is asked for, and what it does not go with.
        pair: (String, String),
        /// The other record of the same person under which that is held or asked for; none for this one.
        record: Option<String>,
    },
    /// Somebody has not started yet.
    NotStarted {
        /// Who.
        person: Id,
        /// Whether it is who the access is for, rather than who asks.
        is_beneficiary: bool,
    },
    /// No rule matched; the entitlement, or none for a request that asks for no access.
    Default(Option<EntitlementRef>),
    /// Nobody can approve a stage.
    NoApprover {
        /// The stages, as `workflow/stage`; several when they share too few people.
        stages: Vec<String>,
        /// How many different people are needed.
        needed: usize,
        /// How many there are.
        people: usize,
        /// Who is named and cannot act, and why.
        excluded: Vec<(Id, Exclusion)>,
        /// What they are asked about, if it is one thing.
        about: Option<Selector>,
        /// Where the first of the stages was written.
        at: Location,
    },
    /// Access of more than low risk would have no end.
    NoEnd(Selector),
    /// Evidence is missing, and nobody is asked who could wait for it.
    MissingEvidence {
        /// What is missing.
        evidence: Evidence,
        /// What it is missing for, if it is one thing.
        about: Option<Selector>,
    },
    /// Something cannot be decided. Nothing is granted on a guess.
    Undecidable(Undecidable),
}

impl Denial {
    /// A short name that never changes, for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Lifecycle { .. } => "service-not-offered",
            Self::TypeLifecycle { .. } => "request-type-not-offered",
            Self::NotRequestable(_) => "not-requestable",
            Self::NotAvailable(_) => "not-available",
            Self::Inactive { .. } => "inactive",
            Self::Rule { .. } => "rule",
            Self::Duties { .. } => "separation-of-duties",
            Self::NotStarted { .. } => "not-started",
            Self::Default(_) => "no-rule-matched",
            Self::NoApprover { .. } => "no-approver",
            Self::NoEnd(_) => "no-end",
            Self::MissingEvidence { .. } => "missing-evidence",
            Self::Undecidable(_) => "undecidable",
        }
    }

    /// The one thing that it is about, of several that can be asked for at once.
    #[must_use]
    pub const fn about(&self) -> Option<&Selector> {
        match self {
            Self::Rule { about, .. }
            | Self::NoApprover { about, .. }
            | Self::MissingEvidence { about, .. } => about.as_ref(),
            _ => None,
        }
    }

    /// Who is named and cannot act, and why.
    #[must_use]
    pub fn excluded(&self) -> &[(Id, Exclusion)] {
        match self {
            Self::NoApprover { excluded, .. } => excluded,
            _ => &[],
        }
    }
}

impl<'a> Decision<'a> {
    /// The rules that decided, each once, in the order of the evaluation.
    #[must_use]
    pub fn rules(&self) -> Vec<&Selector> {
        let mut rules: Vec<&Selector> = Vec::new();
        for considered in self.considered().filter(|considered| considered.decides()) {
            if !rules.contains(&&considered.rule) {
                rules.push(&considered.rule);
            }
        }
        rules
    }

    /// Every rule that was considered.
    pub fn considered(&self) -> impl Iterator<Item = &Considered<'a>> {
        self.trace.iter().chain(self.items.iter().flat_map(|item| &item.trace))
    }

    /// When the last of the access ends that is asked for; none when there is none or some has no end.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        let ends: Option<Vec<Timestamp>> = self.items.iter().map(|item| item.expires).collect();
        ends?.into_iter().max()
    }

    /// The exceptions that waived a rule, each once.
    #[must_use]
    pub fn exceptions(&self) -> Vec<&'a Entry<Exception>> {
        let mut found: Vec<&'a Entry<Exception>> = Vec::new();
        for considered in self.considered() {
            if let Outcome::Waived(exception) = considered.outcome
                && !found.iter().any(|known| known.id == exception.id)
            {
                found.push(exception);
            }
        }
        found
    }
}
