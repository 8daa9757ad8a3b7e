//! What people of one tenant could get, or agree to, of another tenant by rules and workflows that both share.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{
    analysis::Considered,
    effective::{Listed, Plan, listed, reduced},
    unclear::Unclear,
};
use crate::{
    decide::{
        policy::Offer,
        principals::{self, Subject},
        space::{BUDGET, Space, Unsure},
        vocabulary::Vocabulary,
    },
    diag::Place,
    lint::{Context, Location},
    model::{
        Entry, Id, Kind, Principal, Ref, Role, Rulebook,
        access::Decision,
        condition::{Condition, Literal, Operator, Test},
        person::Person,
        service::{Lifecycle, Service},
        settings::DefaultDecision,
        sod::SodDecision,
        workflow::{OnTimeout, Workflow},
    },
};

/// How deep an owner may name an owner, as where requests are decided.
const MOST_STEPS: u8 = 4;

/// Reports rules by which somebody of one tenant could get what belongs to another, and stages of workflows in which they
/// could agree to it.
pub(in crate::lint) fn shared(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let vocabulary = context.vocabulary;
    let mut unclear = Unclear::new(vocabulary);
    let mut asked = Asked::default();
    let mut told: BTreeSet<(&Id, usize, &Id)> = BTreeSet::new();
    let mut known: HashSet<(u32, &Id)> = HashSet::new();
    for &Considered { offer, case, .. } in context.analysis.considered() {
        let Some(here) = offer.service.tenant.as_ref().map(Ref::id) else { continue };
        if matches!(offer.service.lifecycle, Some(Lifecycle::Retired)) {
            continue;
        }
        let plans = plans(context, offer);
        for plan in &plans {
            asked.add(rulebook, plan, offer);
        }
        // Exceptions are about single entitlements: with some, none is like another.
        let alike = rulebook.exceptions.is_empty() && !known.insert((case, here));
        if alike || rulebook.tenants.len() < 2 {
            continue;
        }
        for plan in &plans {
            match reaches_strangers(vocabulary, plan, here) {
                Ok(found) => {
                    for way in found {
                        let (policy, index) = way.rule();
                        if told.insert((policy.unwrap_or(here), index, here)) {
                            report_way(context, &way, &offer, here);
                        }
                    }
                }
                Err(why) => unclear.offer(offer, why),
            }
        }
    }
    unclear.report(context);
    for request in &rulebook.request_types {
        let service = request.service.as_ref().and_then(|id| rulebook.services.get(id.as_str()));
        if let (Some(service), Some(workflow)) = (service, &request.workflow) {
            asked.note(workflow, service, None);
        }
    }
    asked.report(context);
}

/// What is decided about an entitlement: without the guardrails that an exception waives, and once more without the rules
/// that one does.
fn plans<'a>(context: &Context<'a>, offer: Offer<'a>) -> Vec<Plan<'a>> {
    let (rulebook, vocabulary) = (context.rulebook, context.vocabulary);
    let mut plan = reduced(vocabulary, offer, listed(vocabulary, &offer));
    plan.leave_out_waived(rulebook, context.today);
    let without = plan.without_waived_rules(rulebook, context.today).map(|(plan, _)| plan);
    std::iter::once(plan).chain(without).collect()
}

/// What lets somebody of another tenant have something.
enum Way<'a> {
    /// A rule.
    Rule(Listed<'a>),
    /// The default of the project, by people.
    Default,
}

impl<'a> Way<'a> {
    /// The policy and the place of the rule in it.
    fn rule(&self) -> (Option<&'a Id>, usize) {
        match self {
            Self::Rule(listed) => (Some(&listed.policy.id), listed.index),
            Self::Default => (None, usize::MAX),
        }
    }

    fn at(&self) -> Location {
        match self {
            Self::Rule(listed) => listed.policy.at(format!("/rule/{}/id", listed.index)),
            Self::Default => super::in_settings("/decision/default"),
        }
    }
}

/// That somebody is of one of the tenants besides `here`. People of no tenant are shared, as everything without one is.
fn is_stranger(rulebook: &Rulebook, here: &Id) -> Condition {
    let others = rulebook.tenants.iter().filter(|tenant| tenant.id != *here);
    Condition::Test(Test {
        namespace: "subject".into(),
        name: "tenant".into(),
        operator: Operator::In,
        operands: others.map(|tenant| Literal::Text(tenant.id.as_str().into())).collect(),
        key: Place::default(),
        place: Place::default(),
    })
}

/// The ways in which somebody of another tenant than `here` could get an entitlement.
fn reaches_strangers<'a>(
    vocabulary: &Vocabulary<'a>,
    plan: &Plan<'a>,
    here: &Id,
) -> Result<Vec<Way<'a>>, Unsure> {
    let stranger = is_stranger(vocabulary.rulebook(), here);
    let conditions = plan.rules.iter().map(|(_, when)| when);
    let conditions = conditions.chain(plan.guardrails.iter().map(|(_, when)| when));
    let mut space = Space::new(vocabulary, conditions.chain([&stranger]), BUDGET)?;
    let mut left = space.set(&stranger)?;
    for (_, when) in plan.guardrails.iter().filter(|(guardrail, _)| guardrail.deny) {
        let set = space.set(when)?;
        left = space.minus(left, set)?;
    }
    let mut found = Vec::new();
    for (listed, when) in &plan.rules {
        let set = space.set(when)?;
        if listed.grants() && !space.and(left, set)?.is_empty() {
            found.push(Way::Rule(*listed));
        }
        left = space.minus(left, set)?;
    }
    let by_default = vocabulary.rulebook().settings.decision.default != DefaultDecision::Deny;
    if by_default && !left.is_empty() {
        found.push(Way::Default);
    }
    Ok(found)
}

fn report_way(context: &mut Context<'_>, way: &Way<'_>, offer: &Offer<'_>, here: &Id) {
    let what = match way {
        Way::Rule(listed) => format!("the rule `{}` of `{}`", listed.rule.id, listed.policy.id),
        Way::Default => "the default of the project".to_owned(),
    };
    let how = match way {
        Way::Rule(listed) if listed.rule.decision == Decision::AutoApprove => "gives people of other tenants",
        _ => "lets people of other tenants ask for",
    };
    context
        .report(way.at(), format!("{what} {how} `{}`, which belongs to `{here}`", offer.reference()))
        .label("whatever tenant they are of")
        .related(offer.service.at("/tenant"), "said here")
        .help(format!(
            "add `when.subject.tenant = \"{here}\"` to the rule, or deny everybody else before it"
        ));
}

/// A service, and the entitlement of it that something is about; none for a request that gives no access.
type About<'a> = (&'a Entry<Service>, Option<Offer<'a>>);

/// The workflows that are asked about what belongs to a tenant.
#[derive(Default)]
struct Asked<'a> {
    /// By workflow, service and entitlement: what its roles stand for depends on them.
    found: BTreeMap<(&'a str, &'a str, Option<&'a str>), About<'a>>,
}

impl<'a> Asked<'a> {
    fn note(&mut self, workflow: &'a Ref<Workflow>, service: &'a Entry<Service>, offer: Option<Offer<'a>>) {
        if service.tenant.is_some() {
            let key = (workflow.as_str(), service.id.as_str(), offer.map(|offer| offer.id.as_str()));
            self.found.insert(key, (service, offer));
        }
    }

    fn add(&mut self, rulebook: &'a Rulebook, plan: &Plan<'a>, offer: Offer<'a>) {
        let by_rules = plan.rules.iter().filter_map(|(listed, _)| match &listed.rule.decision {
            Decision::Workflow(workflow) => Some(workflow),
            Decision::AutoApprove | Decision::Deny => None,
        });
        let by_guardrails =
            plan.guardrails.iter().filter_map(|(guardrail, _)| guardrail.value.require_approval.as_ref());
        let by_default = match &rulebook.settings.decision.default {
            DefaultDecision::Workflow(workflow) => Some(workflow),
            DefaultDecision::Deny => None,
        };
        let reference = offer.reference();
        let by_duties = rulebook.sods.iter().filter_map(|sod| match &sod.decision {
            SodDecision::Workflow(workflow)
                if sod.entitlements.contains(&reference) || sod.against.contains(&reference) =>
            {
                Some(workflow)
            }
            SodDecision::Workflow(_) | SodDecision::Deny => None,
        });
        for workflow in by_rules.chain(by_guardrails).chain(by_default).chain(by_duties) {
            self.note(workflow, offer.service, Some(offer));
        }
    }

    fn report(self, context: &mut Context<'a>) {
        let mut told: BTreeSet<(&Id, String, &Id)> = BTreeSet::new();
        for ((workflow, ..), (service, offer)) in self.found {
            let Some(workflow) = context.rulebook.workflows.get(workflow) else { continue };
            let Some(here) = service.tenant.as_ref().map(Ref::id) else { continue };
            for (pointer, stranger) in strangers(context, workflow, service, offer, here) {
                let at = workflow.at(&pointer);
                if !told.insert((&workflow.id, pointer, here)) {
                    continue;
                }
                let Stranger { who, tenant } = stranger;
                context
                    .report(
                        at,
                        format!(
                            "{who} of `{tenant}` could agree to requests for `{}`, which belongs to `{here}`",
                            service.id
                        ),
                    )
                    .label(format!("belongs to `{tenant}`"))
                    .related(service.at("/tenant"), "said here")
                    .help(format!(
                        "let the rules of `{}` ask a workflow whose approvers are of `{here}` or of no tenant",
                        service.id
                    ));
            }
        }
    }
}

/// Somebody of another tenant.
struct Stranger<'a> {
    who: String,
    tenant: &'a Id,
}

/// Those of other tenants whom the stages of a workflow name, by the field that names them.
fn strangers<'a>(
    context: &Context<'a>,
    workflow: &'a Entry<Workflow>,
    service: &'a Entry<Service>,
    offer: Option<Offer<'a>>,
    here: &Id,
) -> Vec<(String, Stranger<'a>)> {
    let rulebook = context.rulebook;
    let look = Look { rulebook, here, service, offer };
    let mut found = Vec::new();
    for (index, stage) in workflow.value.stage.iter().enumerate() {
        let escalation: &[Principal] = match &stage.on_timeout {
            Some(OnTimeout::Escalate(to)) => to,
            Some(OnTimeout::Deny) | None => &[],
        };
        let fields = [
            ("approvers", stage.approvers.as_slice()),
            ("on-timeout/escalate", escalation),
            ("fallback", stage.fallback.as_slice()),
        ];
        for (field, principals) in fields {
            for (place, principal) in principals.iter().enumerate() {
                if let Some(stranger) = look.stranger(principal, MOST_STEPS) {
                    found.push((format!("/stage/{index}/{field}/{place}"), stranger));
                }
            }
        }
        let Some(condition) = &stage.approvers_when else { continue };
        let directory = context.analysis.directory();
        let by_condition = directory.able().find_map(|person| {
            let stranger = look.person(person)?;
            directory.holds(condition, person).unwrap_or(true).then_some(stranger)
        });
        found.extend(by_condition.map(|stranger| (format!("/stage/{index}/approvers-when"), stranger)));
    }
    found
}

/// What a stage is asked about.
struct Look<'a, 'h> {
    rulebook: &'a Rulebook,
    here: &'h Id,
    service: &'a Entry<Service>,
    offer: Option<Offer<'a>>,
}

impl<'a> Look<'a, '_> {
    fn person(&self, person: &'a Entry<Person>) -> Option<Stranger<'a>> {
        let tenant = person.tenant.as_ref().map(Ref::id).filter(|tenant| *tenant != self.here)?;
        Some(Stranger { who: format!("`{}`", person.id), tenant })
    }

    fn people(&self, mut people: impl Iterator<Item = &'a Ref<Person>>) -> Option<Stranger<'a>> {
        people.find_map(|id| self.person(self.rulebook.people.get(id.as_str())?))
    }

    /// Somebody of another tenant behind a principal.
    fn stranger(&self, principal: &'a Principal, steps: u8) -> Option<Stranger<'a>> {
        match principal {
            Principal::Person(id) => self.person(self.rulebook.people.get(id.as_str())?),
            Principal::Team(id) | Principal::OnCall(id) => {
                let team = self.rulebook.teams.get(id.as_str())?;
                if let Some(tenant) = team.tenant.as_ref().map(Ref::id).filter(|id| *id != self.here) {
                    return Some(Stranger { who: format!("the team `{}`", team.id), tenant });
                }
                match (principal, &team.value.on_call) {
                    (Principal::OnCall(_), Some(rota)) => self.people(rota.rotation.iter()),
                    _ => self.people(team.value.members.iter()),
                }
            }
            Principal::Role(Role::TeamLead) => {
                let team = self.rulebook.teams.get(self.service.support_team.as_ref()?.as_str())?;
                self.people(team.value.lead.iter())
            }
            Principal::Role(role) => {
                let subject = Subject {
                    beneficiary: None,
                    offer: self.offer,
                    service: Some(self.service),
                    instant: jiff::Timestamp::UNIX_EPOCH,
                    change_owner: None,
                };
                // Managers are named by the people themselves, which is looked at where they are written.
                let owner = principals::owner(self.rulebook, &subject, *role)?;
                self.stranger(owner, steps.checked_sub(1)?)
            }
        }
    }
}

/// The kinds of objects that a workflow is named by when it is asked about access.
pub(super) const fn is_about_access(kind: Kind) -> bool {
    matches!(kind, Kind::Access | Kind::Guardrail | Kind::Sod | Kind::RequestType | Kind::Grant)
}
