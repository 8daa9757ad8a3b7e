//! Changes: which model, how risky, who has to agree, whether the time is right, and what gets in the way.

mod asked;
mod conflicts;
mod denial;
mod facts;
mod procedure;
mod schedule;

use jiff::Timestamp;

pub use asked::ChangeProblem;
pub use conflicts::{Conflict, ConflictKind};
pub use denial::ChangeDenial;

use self::{asked::Named, facts::Facts, procedure::NotFollowed};
use super::{
    access::found,
    considered::{Considered, Effect, Outcome, Step},
    engine::Engine,
    principals::{Exclusion, unable},
    stages::{self, Asking, Demand, Matter},
    undecidable::Undecidable,
};
use crate::model::{
    Entry, Id, Kind, Location, Selector,
    access::Mode,
    calendar::Calendar,
    change::{Change, ChangeVerdict},
    change_model::{ChangeModel, ChangeType, Freeze},
    configuration_item::ConfigurationItem,
    service::{Risk, Service},
    workflow::Evidence,
};

/// What is decided about a change.
#[derive(Debug)]
pub struct ChangeDecision<'a> {
    /// Authorised, to be asked, not to be carried out like this, or no change at all.
    pub verdict: ChangeVerdict,
    /// When it was asked for.
    pub instant: Timestamp,
    /// When it begins.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
    /// Its type.
    pub change_type: ChangeType,
    /// The service that is changed.
    pub service: Option<&'a Entry<Service>>,
    /// The item that is changed.
    pub item: Option<&'a Entry<ConfigurationItem>>,
    /// Why it makes no sense.
    pub problems: Vec<ChangeProblem>,
    /// Why it may not be carried out like this.
    pub denials: Vec<ChangeDenial>,
    /// The model that it follows.
    pub model: Option<&'a Entry<ChangeModel>>,
    /// How risky it is.
    pub assessed: Option<Assessed>,
    /// Who is asked, in this order.
    pub stages: Vec<Asking<'a>>,
    /// How it lies to the maintenance window; none when the model has no window.
    pub window: Option<Window<'a>>,
    /// The freezes that it overlaps.
    pub freezes: Vec<Frozen<'a>>,
    /// How early it has to be asked for.
    pub lead: Option<Deadline<'a>>,
    /// What has to be brought.
    pub obligations: Vec<ChangeObligation>,
    /// Other changes that get in the way.
    pub conflicts: Vec<Conflict>,
    /// By when somebody has looked back on it.
    pub review: Option<Deadline<'a>>,
    /// The models of its type and the risk rules that were looked at.
    pub trace: Vec<Considered<'a>>,
}

impl ChangeDecision<'_> {
    /// What decided: the model, and the rule that gives the risk.
    #[must_use]
    pub fn rules(&self) -> Vec<Selector> {
        let mut rules: Vec<Selector> = self.model.map(whole).into_iter().collect();
        rules.extend(self.assessed.as_ref().and_then(|assessed| assessed.rule.clone()));
        rules
    }
}

/// A model as a whole.
fn whole(model: &Entry<ChangeModel>) -> Selector {
    Selector { kind: Kind::ChangeModel, id: model.id.clone(), part: None }
}

/// How risky a change is.
#[derive(Debug, Clone)]
pub struct Assessed {
    /// The risk.
    pub risk: Risk,
    /// The rule that says so; none when no rule matched, which is the highest risk.
    pub rule: Option<Selector>,
}

/// How a change lies to its maintenance window.
#[derive(Debug)]
pub struct Window<'a> {
    /// The calendar of the window.
    pub calendar: &'a Entry<Calendar>,
    /// The first instant of the change that lies outside.
    pub outside: Option<Timestamp>,
    /// Where the model names it.
    pub at: Location,
}

/// A freeze that a change overlaps.
#[derive(Debug)]
pub struct Frozen<'a> {
    /// The freeze.
    pub freeze: &'a Freeze,
    /// Where it was written.
    pub at: Location,
}

/// An instant that a model sets by a duration.
#[derive(Debug)]
pub struct Deadline<'a> {
    /// The duration.
    pub within: crate::model::Duration,
    /// The calendar whose business days were counted; none around the clock.
    pub calendar: Option<&'a str>,
    /// The instant; none when the calendar never opens for so long.
    pub instant: Option<Timestamp>,
    /// Where the duration was written.
    pub at: Location,
}

/// What has to be brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeObligation {
    /// What it is.
    pub what: Needed,
    /// Whether it was brought.
    pub met: bool,
    /// The model and the stages that demand it.
    pub because: Vec<Selector>,
}

/// What has to be brought for a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// A test in staging.
    StagingTest,
    /// A way back.
    RollbackPlan,
    /// What a stage of the change authority demands.
    Evidence(Evidence),
}

impl Needed {
    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StagingTest => "staging-test",
            Self::RollbackPlan => "rollback-plan",
            Self::Evidence(evidence) => evidence.name(),
        }
    }
}

/// Decides about a change that is asked for at an instant.
///
/// What cannot be decided is denied, with the reason.
#[must_use]
pub fn decide<'a>(engine: &Engine<'a>, change: &Change, instant: Timestamp) -> ChangeDecision<'a> {
    let mut decision = ChangeDecision {
        verdict: ChangeVerdict::Denied,
        instant,
        start: change.start.0,
        end: change.end.0,
        change_type: change.change_type,
        service: None,
        item: None,
        problems: Vec::new(),
        denials: Vec::new(),
        model: None,
        assessed: None,
        stages: Vec::new(),
        window: None,
        freezes: Vec::new(),
        lead: None,
        obligations: Vec::new(),
        conflicts: Vec::new(),
        review: None,
        trace: Vec::new(),
    };
    match asked::resolve(engine, change, instant) {
        Err(problems) => {
            decision.verdict = ChangeVerdict::Invalid;
            decision.problems = problems;
        }
        Ok(named) => {
            (decision.service, decision.item) = (named.service, named.item);
            if let Err(why) = evaluate(engine, &named, &mut decision) {
                decision.denials.push(ChangeDenial::Undecidable(why));
            }
            decision.verdict = if !decision.denials.is_empty() {
                decision.stages.clear();
                ChangeVerdict::Denied
            } else if decision.stages.is_empty() {
                ChangeVerdict::Authorised
            } else {
                ChangeVerdict::NeedsApproval
            };
        }
    }
    decision
}

fn evaluate<'a>(
    engine: &Engine<'a>,
    named: &Named<'_, 'a>,
    decision: &mut ChangeDecision<'a>,
) -> Result<(), Undecidable> {
    decision.conflicts = conflicts::of(engine, named);
    people(engine, named, decision);
    let Some(model) = model(engine, named, decision)? else { return Ok(()) };
    decision.model = Some(model);
    let facts = Facts { engine, named, model };
    schedule::check(&facts, decision)?;
    let assessed = assess(&facts, decision)?;
    let mut demands = Vec::new();
    demands.extend(authority(&facts, &assessed, decision)?);
    decision.assessed = Some(assessed);
    for (index, freeze) in facts.freezes() {
        let at = model.at(format!("/freeze/{index}/authority"));
        if let Some(workflow) = &freeze.authority {
            let because = Some(whole(model));
            let workflow = found(engine.rulebook(), workflow, at)?;
            demands.push(Demand { workflow, because, about: None, step: Step::Guardrails });
        }
    }
    bring(&facts, decision);
    if !decision.denials.is_empty() {
        return Ok(());
    }
    let matter = Matter {
        requester: named.requester,
        beneficiary: named.requester,
        service: named.service,
        instant: named.instant,
        change_owner: Some(named.owner),
        implementers: &named.implementers,
    };
    let (asking, short) = stages::resolve(engine, &matter, demands)?;
    decision.denials.extend(short.map(ChangeDenial::NoApprover));
    decision.stages = asking;
    if decision.stages.is_empty() && decision.denials.is_empty() {
        unweighed(decision);
    }
    bring_to_stages(named, decision);
    Ok(())
}

/// Whoever asks, is responsible or carries it out has to be here. Software can do all of these, except to be
/// responsible.
fn people(engine: &Engine<'_>, named: &Named<'_, '_>, decision: &mut ChangeDecision<'_>) {
    let today = engine.date(named.instant);
    let mut seen: Vec<&Id> = Vec::new();
    let others = named.implementers.iter().copied();
    for person in [named.requester, named.owner].into_iter().chain(others) {
        if seen.contains(&&person.id) {
            continue;
        }
        seen.push(&person.id);
        let person_id = person.id.clone();
        match unable(person, today) {
            Some(why @ (Exclusion::Inactive | Exclusion::NotStarted)) => {
                decision.denials.push(ChangeDenial::Unable { person: person_id, why });
            }
            Some(why @ Exclusion::NotHuman) if person.id == named.owner.id => {
                decision.denials.push(ChangeDenial::Unable { person: person_id, why });
            }
            _ => {}
        }
    }
}

/// The model that a change follows: the one whose condition holds, else the one for every change of the type. A standard
/// change was authorised for one procedure, so that a model of it is for changes that follow that.
fn model<'a>(
    engine: &Engine<'a>,
    named: &Named<'_, 'a>,
    decision: &mut ChangeDecision<'a>,
) -> Result<Option<&'a Entry<ChangeModel>>, Undecidable> {
    let mut special = Vec::new();
    let mut general = Vec::new();
    let mut not_followed = NotFollowed::default();
    for model in &engine.rulebook().change_models {
        if model.change_type != named.change.change_type {
            continue;
        }
        let Some(when) = model.value.when.as_ref().filter(|when| !when.is_always()) else {
            if not_followed.follows(engine, model, named) {
                general.push(model);
            } else {
                decision.trace.push(plainly(model, Outcome::NotMatched));
            }
            continue;
        };
        let facts = Facts { engine, named, model };
        let place = (whole(model), model.at(""));
        let condition = (&**when, model.origin);
        let mut considered =
            Considered::plain(Step::ChangeModel, place, &facts, condition, vec![Effect::Model])?;
        if considered.decides() {
            if not_followed.follows(engine, model, named) {
                special.push(model);
            } else {
                considered.outcome = Outcome::NotMatched;
            }
        }
        decision.trace.push(considered);
    }
    let (candidates, is_general) = if special.is_empty() { (general, true) } else { (special, false) };
    let mut each = candidates.into_iter();
    match (each.next(), each.next()) {
        (Some(one), Some(other)) => {
            Err(Undecidable::ChangeModels { one: one.id.clone(), other: other.id.clone(), at: other.at("") })
        }
        (Some(only), None) => {
            if is_general {
                decision.trace.push(plainly(only, Outcome::Matched));
            }
            Ok(Some(only))
        }
        (None, _) => {
            decision.denials.push(not_followed.denial(named));
            Ok(None)
        }
    }
}

/// A model for every change of its type that was looked at.
fn plainly<'a>(model: &Entry<ChangeModel>, outcome: Outcome<'a>) -> Considered<'a> {
    Considered {
        step: Step::ChangeModel,
        rule: whole(model),
        at: model.at(""),
        outcome,
        mode: Mode::Enforce,
        because: Vec::new(),
        effects: vec![Effect::Model],
    }
}

/// The risk by the first rule that matches; the highest when none does.
fn assess<'a>(facts: &Facts<'_, '_, 'a>, decision: &mut ChangeDecision<'a>) -> Result<Assessed, Undecidable> {
    let model: &'a Entry<ChangeModel> = facts.model;
    for (index, rule) in model.value.risk.iter().enumerate() {
        let selector =
            Selector { kind: Kind::ChangeModel, id: model.id.clone(), part: Some(rule.id.clone()) };
        let place = (selector.clone(), model.at(format!("/risk/{index}")));
        let condition = (&*rule.when, model.origin);
        let considered =
            Considered::plain(Step::Risk, place, facts, condition, vec![Effect::Risk(rule.risk)])?;
        let matched = considered.decides();
        decision.trace.push(considered);
        if matched {
            return Ok(Assessed { risk: rule.risk, rule: Some(selector) });
        }
    }
    Ok(Assessed { risk: Risk::Critical, rule: None })
}

/// Who authorises a change of this risk: nobody a standard change, the workflow of the risk any other.
fn authority<'a>(
    facts: &Facts<'_, '_, 'a>,
    assessed: &Assessed,
    decision: &mut ChangeDecision<'a>,
) -> Result<Option<Demand<'a>>, Undecidable> {
    let (model, risk) = (facts.model, assessed.risk);
    if model.change_type == ChangeType::Standard {
        // It was authorised once and for all because it is of low risk.
        if risk != Risk::Low {
            decision.denials.push(ChangeDenial::StandardRisk(risk));
        }
        return Ok(None);
    }
    let Some(workflow) = model.value.authority.get(&risk) else {
        decision.denials.push(ChangeDenial::NoAuthority { model: model.id.clone(), risk });
        return Ok(None);
    };
    Ok(Some(Demand {
        workflow: found(facts.engine.rulebook(), workflow, model.at(format!("/authority/{risk}")))?,
        because: Some(assessed.rule.clone().unwrap_or_else(|| whole(model))),
        about: None,
        step: Step::Policies,
    }))
}

/// What the model demands.
fn bring(facts: &Facts<'_, '_, '_>, decision: &mut ChangeDecision<'_>) {
    let (model, change) = (facts.model, facts.named.change);
    let each = [
        (Needed::StagingTest, model.staging_test, change.tested),
        (Needed::RollbackPlan, model.rollback_plan, change.rollback_plan),
    ];
    for (what, wanted, met) in each {
        if wanted {
            let because = vec![whole(model)];
            decision.obligations.push(ChangeObligation { what, met, because });
        }
    }
}

/// What the stages demand as well.
fn bring_to_stages(named: &Named<'_, '_>, decision: &mut ChangeDecision<'_>) {
    for (evidence, because) in decision.stages.iter().flat_map(Asking::required) {
        let what = Needed::Evidence(evidence);
        match decision.obligations.iter_mut().find(|known| known.what == what) {
            Some(known) if known.because.contains(&because) => {}
            Some(known) => known.because.push(because),
            None => {
                let met = named.change.evidence.contains(&evidence);
                decision.obligations.push(ChangeObligation { what, met, because: vec![because] });
            }
        }
    }
}

/// Where nobody is asked, nobody can wait for what is missing or weigh what gets in the way.
fn unweighed(decision: &mut ChangeDecision<'_>) {
    let missing = decision.obligations.iter().filter(|obligation| !obligation.met);
    decision.denials.extend(missing.map(|obligation| ChangeDenial::Missing(obligation.what)));
    let mut conflicts: Vec<&str> = decision.conflicts.iter().map(|conflict| conflict.id.as_str()).collect();
    conflicts.dedup();
    decision.denials.extend(conflicts.into_iter().map(|id| ChangeDenial::Conflict(id.to_owned())));
}
