//! One of the two rulebooks, with what is worked out once for all entitlements.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use jiff::{Timestamp, civil::Date};

use super::{
    index::Index,
    lines::Waiver,
    meaning::{Effect, Ruling},
    panels::panels,
};
use crate::{
    decide::{
        engine::Engine,
        policy::Offer,
        principals::{Subject, owner, owners_of_account},
        waiver::agreed_by,
    },
    model::{
        EntitlementRef, Entry, Principal, Ref, Role, Selector,
        access::{Access, Mode, Rule},
        exception::Exception,
        sod::Sod,
        workflow::{OnTimeout, Workflow},
    },
};

/// A workflow, and the service that a request is about.
type WorkflowAndService<'a> = (&'a str, Option<&'a str>);

/// One of the two rulebooks that are compared.
#[derive(Debug)]
pub(super) struct Side<'a> {
    pub(super) engine: Engine<'a>,
    pub(super) instant: Timestamp,
    today: Date,
    /// What workflows come to, by workflow and by what its people follow from.
    asked: RefCell<HashMap<(&'a str, Depends<'a>), Rc<Effect>>>,
    /// What workflows come to that are asked about a request as a whole, by workflow and service.
    pub(super) asked_whole: RefCell<HashMap<WorkflowAndService<'a>, Rc<Effect>>>,
    /// What rules do, by rule and by what its people follow from.
    ruled: RefCell<HashMap<(*const Rule, Depends<'a>), Rc<Effect>>>,
    /// What the people of workflows depend on.
    roles: RefCell<HashMap<&'a str, Roles>>,
    /// The rules of policies, by what they can be about.
    indexes: RefCell<HashMap<*const Entry<Access>, Rc<Index<'a>>>>,
    /// The duties that decide, by the entitlements that they name.
    duties: BTreeMap<&'a EntitlementRef, Vec<&'a Entry<Sod>>>,
    /// The exceptions in force that somebody agreed to, and whom each is for.
    exceptions: Vec<(&'a Entry<Exception>, Waiver<'a>)>,
}

/// What the people of a workflow follow from, besides the workflow itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Depends<'a> {
    /// Nothing: they are the same for everything that is asked for.
    Nothing,
    /// Who answers for the service, the entitlement and the category.
    Owners([Option<&'a Principal>; 3]),
    /// What is asked for.
    Offer(EntitlementRef),
}

/// The roles that a workflow names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Roles {
    /// None but managers.
    Managers,
    /// Those who answer for something.
    Owners,
    /// Others.
    Others,
}

impl Roles {
    const fn of(principal: &Principal) -> Self {
        match principal {
            Principal::Role(Role::Manager | Role::ManagerLevel(_))
            | Principal::Person(_)
            | Principal::Team(_)
            | Principal::OnCall(_) => Self::Managers,
            Principal::Role(Role::ServiceOwner | Role::EntitlementOwner | Role::CategoryOwner) => {
                Self::Owners
            }
            Principal::Role(Role::TeamLead | Role::ChangeOwner | Role::Requester) => Self::Others,
        }
    }
}

impl<'a> Side<'a> {
    pub(super) fn new(engine: Engine<'a>, instant: Timestamp) -> Self {
        let today = engine.date(instant);
        let mut duties: BTreeMap<&EntitlementRef, Vec<&Entry<Sod>>> = BTreeMap::new();
        for sod in engine.rulebook().sods.iter().filter(|sod| sod.mode == Mode::Enforce) {
            for named in sod.value.entitlements.iter().chain(&sod.value.against) {
                let known = duties.entry(named).or_default();
                if known.last().is_none_or(|last| last.id != sod.id) {
                    known.push(sod);
                }
            }
        }
        let exceptions = in_force(&engine, today);
        Self {
            engine,
            instant,
            today,
            asked: RefCell::default(),
            asked_whole: RefCell::default(),
            ruled: RefCell::default(),
            roles: RefCell::default(),
            indexes: RefCell::default(),
            duties,
            exceptions,
        }
    }

    /// The day on which both are looked at, in the zone of this one.
    pub(super) const fn today(&self) -> Date {
        self.today
    }

    /// The exceptions in force that somebody agreed to, and whom each is for.
    pub(super) fn exceptions(&self) -> &[(&'a Entry<Exception>, Waiver<'a>)] {
        &self.exceptions
    }

    /// The duties that decide and name an entitlement.
    pub(super) fn duties_of(&self, entitlement: &EntitlementRef) -> &[&'a Entry<Sod>] {
        self.duties.get(entitlement).map_or(&[], Vec::as_slice)
    }

    /// The rules of a policy, by what they can be about.
    pub(super) fn index(&self, policy: &'a Entry<Access>) -> Rc<Index<'a>> {
        let key = std::ptr::from_ref(policy);
        if let Some(known) = self.indexes.borrow().get(&key) {
            return Rc::clone(known);
        }
        let made = Rc::new(Index::new(&policy.value.rule));
        self.indexes.borrow_mut().insert(key, Rc::clone(&made));
        made
    }

    /// What a rule does, made once for all entitlements for which it asks the same people.
    pub(super) fn ruled(
        &self,
        rule: &'a Rule,
        workflow: Option<&'a Ref<Workflow>>,
        offer: &Offer<'a>,
        make: impl FnOnce() -> Effect,
    ) -> Rc<Effect> {
        let depends = workflow.map_or(Depends::Nothing, |workflow| self.depends(workflow, offer));
        let key = (std::ptr::from_ref(rule), depends);
        if let Some(known) = self.ruled.borrow().get(&key) {
            return Rc::clone(known);
        }
        let effect = Rc::new(make());
        self.ruled.borrow_mut().insert(key, Rc::clone(&effect));
        effect
    }

    /// What asking the people of a workflow comes to. Where it cannot be said who they are, nobody can agree.
    pub(super) fn ask(&self, workflow: &'a Ref<Workflow>, offer: &Offer<'a>) -> Rc<Effect> {
        let key = (workflow.as_str(), self.depends(workflow, offer));
        if let Some(known) = self.asked.borrow().get(&key) {
            return Rc::clone(known);
        }
        let found = self.engine.rulebook().workflows.get(workflow.as_str());
        let panels =
            found.and_then(|found| panels(&self.engine, found, Some(*offer), None, self.instant).ok());
        let effect = match (found, panels) {
            (Some(found), Some(panels)) if !panels.is_empty() => {
                let mut effect = Effect::of(Ruling::Ask);
                let placed = panels.into_iter().enumerate();
                effect.panels = placed.map(|(index, panel)| (found.id.clone(), index, panel)).collect();
                effect
            }
            _ => Effect::of(Ruling::Deny),
        };
        let effect = Rc::new(effect);
        self.asked.borrow_mut().insert(key, Rc::clone(&effect));
        effect
    }

    /// What the people of a workflow follow from when something is asked for.
    pub(super) fn depends(&self, workflow: &'a Ref<Workflow>, offer: &Offer<'a>) -> Depends<'a> {
        match self.roles(workflow) {
            Roles::Managers => Depends::Nothing,
            Roles::Others => Depends::Offer(offer.reference()),
            Roles::Owners => {
                let subject = Subject {
                    beneficiary: None,
                    offer: Some(*offer),
                    service: Some(offer.service),
                    instant: self.instant,
                    change_owner: None,
                };
                let owners = [Role::ServiceOwner, Role::EntitlementOwner, Role::CategoryOwner]
                    .map(|role| owner(self.engine.rulebook(), &subject, role));
                if owners.iter().flatten().any(|owner| Roles::of(owner) == Roles::Others) {
                    return Depends::Offer(offer.reference());
                }
                Depends::Owners(owners)
            }
        }
    }

    /// Whether a workflow names those who answer for something, or somebody else whom the service tells.
    pub(super) fn names_owners(&self, workflow: &str) -> bool {
        self.named_roles(workflow) > Roles::Managers
    }

    fn roles(&self, workflow: &'a Ref<Workflow>) -> Roles {
        if let Some(known) = self.roles.borrow().get(workflow.as_str()) {
            return *known;
        }
        let roles = self.named_roles(workflow.as_str());
        self.roles.borrow_mut().insert(workflow.as_str(), roles);
        roles
    }

    fn named_roles(&self, workflow: &str) -> Roles {
        let found = self.engine.rulebook().workflows.get(workflow);
        let named = found.into_iter().flat_map(|found| &found.value.stage).flat_map(|stage| {
            let later: &[Principal] = match &stage.on_timeout {
                Some(OnTimeout::Escalate(later)) => later,
                Some(OnTimeout::Deny) | None => &[],
            };
            stage.approvers.iter().chain(&stage.fallback).chain(later)
        });
        named.map(Roles::of).max().unwrap_or(Roles::Managers)
    }

    /// The exceptions in force that waive a rule for requests for these entitlements.
    pub(super) fn waivers(&self, rule: &Selector, about: &[&EntitlementRef]) -> Vec<Waiver<'a>> {
        let waives = |exception: &Entry<Exception>| {
            let listed = |entitlement: &&EntitlementRef| exception.entitlements.contains(entitlement);
            // A request that asks for no access is none of the entitlements that an exception names.
            let named = !about.is_empty() && about.iter().all(listed);
            is_about(exception, rule) && (exception.entitlements.is_empty() || named)
        };
        let found = self.exceptions.iter().filter(|(exception, _)| waives(exception));
        found.map(|(_, waiver)| waiver.clone()).collect()
    }
}

/// Whether an exception is about a rule.
fn is_about(exception: &Exception, rule: &Selector) -> bool {
    let whole = exception.rule.kind == rule.kind && exception.rule.id == rule.id;
    whole && (exception.rule.part.is_none() || exception.rule.part == rule.part)
}

/// The exceptions in force that a human being agreed to.
fn in_force<'a>(engine: &Engine<'a>, today: Date) -> Vec<(&'a Entry<Exception>, Waiver<'a>)> {
    let rulebook = engine.rulebook();
    let mut found = Vec::new();
    for exception in &rulebook.exceptions {
        let (Some(by), Some(expires)) = (agreed_by(rulebook, exception, today), exception.expires) else {
            continue;
        };
        let hands = engine.hands();
        let is_theirs = |id: &str| hands.same(id, by.id.as_str());
        let own = rulebook.people.iter().filter(|account| {
            is_theirs(account.id.as_str()) || owners_of_account(rulebook, account).into_iter().any(is_theirs)
        });
        let except = own.map(|person| person.id.as_str()).collect();
        let waiver = Waiver { people: &exception.value.people, except, until: expires.0 };
        found.push((exception, waiver));
    }
    found
}
