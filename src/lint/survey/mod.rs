//! Whole-directory checks: for everybody who can ask, and everything that they can ask for, who is asked, and
//! whether enough people can agree.
//!
//! Nobody is looked at pair by pair. Entitlements of one case are decided about alike; people of one class are
//! decided about alike, and the same others can approve for them. For each case, the requests that a workflow
//! decides are a set; who can make such a request is asked of each kind of people; and whether the stages can
//! have their people is asked of each class.
//!
//! What is looked at are requests that people, not software, make for themselves, for one entitlement and without a form. The
//! answer is the one that [`decide`](crate::decide::access::decide) gives, with what everybody is known to be
//! today. Taken as free, so that an approval that could exist is not said to be missing: who of a rota is on call,
//! what peers hold, and the time of day. Separation of duties is left out; it only adds to what is asked.

mod cases;
mod enough;
mod panels;
mod people;
mod sections;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::civil::Date;

use self::{
    sections::Sections,
    tally::{Soles, Tally},
};
use super::access::{Analysis, effective::Listed};
use crate::{
    decide::{person::is_able, policy::Offer, space::Unsure},
    model::{Entry, Rulebook, person::Person, service::Risk, workflow::Workflow},
};

/// A stage of a workflow.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The workflow.
    pub workflow: &'a Entry<Workflow>,
    /// The place of the stage in it.
    pub index: usize,
}

/// Stages that can never have enough people for some requests.
#[derive(Debug)]
pub struct Stuck<'a> {
    /// The stages; several when they share too few people.
    pub stages: Vec<Place<'a>>,
    /// How many people can make such requests.
    pub people: usize,
    /// For how many entitlements.
    pub entitlements: usize,
    /// One of them: who asks, for what, and the rule that decides.
    pub example: Example<'a>,
}

/// A request that somebody can make.
#[derive(Debug, Clone, Copy)]
pub struct Example<'a> {
    /// Who asks.
    pub person: &'a Entry<Person>,
    /// What they ask for.
    pub offer: Offer<'a>,
    rule: Option<Listed<'a>>,
}

impl Example<'_> {
    /// The rule that decides, as `policy/rule`; none when the project's default does.
    #[must_use]
    pub fn rule(&self) -> Option<String> {
        self.rule.map(|listed| format!("{}/{}", listed.policy.id, listed.rule.id))
    }
}

/// Somebody without whom nobody can have something: a single point of failure.
#[derive(Debug)]
pub struct Sole<'a> {
    /// The stage that would lack people.
    pub stage: Place<'a>,
    /// Who it is.
    pub person: &'a Entry<Person>,
    /// How many people can ask for one of the entitlements, at most.
    pub people: usize,
    /// For how many entitlements.
    pub entitlements: usize,
    /// One of these, with power if one of them has.
    pub example: Offer<'a>,
}

impl Sole<'_> {
    /// Whether one of the entitlements has power: it is privileged, or its risk is high.
    #[must_use]
    pub fn has_power(&self) -> bool {
        has_power(&self.example)
    }
}

fn has_power(offer: &Offer<'_>) -> bool {
    offer.entitlement.privileged || offer.entitlement.risk >= Risk::High
}

/// What was found about a whole directory.
#[derive(Debug, Default)]
pub struct Survey<'a> {
    /// How many people can ask.
    pub people: usize,
    /// How many entitlements can be asked for.
    pub entitlements: usize,
    /// The stages that can never have enough people for some requests, in the order of their workflows.
    pub stuck: Vec<Stuck<'a>>,
    /// Those without whom nobody can have something, in the order of the workflows and of their ids.
    pub soles: Vec<Sole<'a>>,
    /// The workflows that some request for an entitlement is sent to.
    pub workflows: BTreeSet<&'a str>,
    /// The entitlements about which nothing can be said, one for each case.
    pub unsure: Vec<(Offer<'a>, Unsure)>,
}

/// Looks at a rulebook as it is on a day.
#[must_use]
pub fn survey(rulebook: &Rulebook, today: Date) -> Survey<'_> {
    Survey::new(&Analysis::new(rulebook, today), &|person| is_able(person, today))
}

impl<'a> Survey<'a> {
    /// Looks at a rulebook as it is on a day. `able` says who can approve on that day.
    pub(super) fn new(analysis: &Analysis<'a>, able: &dyn Fn(&Person) -> bool) -> Self {
        let rulebook = analysis.directory().vocabulary().rulebook();
        let (mut tally, mut unsure) = (Tally::default(), Vec::new());
        let sections = Sections::new(analysis, able, &mut unsure);
        let answers = sections.answers();
        sections.stuck(&answers, &mut |found| tally.note(&found));
        let mut soles = Soles::default();
        sections.soles(&answers, &mut |found| soles.note(&found));
        let stuck = tally.stuck(rulebook, &sections.people, &soles.alone);
        Self {
            people: sections.kinds.people(),
            entitlements: sections.entitlements,
            stuck,
            soles: soles.list(rulebook),
            workflows: sections.signatures.iter().flatten().map(|step| step.workflow).collect(),
            unsure,
        }
    }
}
