//! The stages that are asked about an entitlement, with everybody who is known before somebody asks.

use std::{collections::HashMap, hash::Hash};

use super::people::People;
use crate::{
    decide::{
        person::Directory,
        policy::Offer,
        principals::{self, Subject},
    },
    model::{
        Entry, Principal, Ref, Role, Rulebook,
        workflow::{Need, OnTimeout, Stage, Workflow},
    },
};

/// How deep an owner may name an owner.
const MOST_STEPS: u8 = 4;

/// People who can act: those who are known, and managers of whoever asks, by how many levels they are above.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Group {
    pub(super) people: Vec<u32>,
    pub(super) levels: Vec<u8>,
}

/// A stage of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Step<'a> {
    /// The workflow.
    pub(super) workflow: &'a str,
    /// The place of the stage in it.
    pub(super) index: usize,
    /// Whether those who act here act nowhere else.
    pub(super) distinct: bool,
    pub(super) need: Need,
    pub(super) named: Group,
    /// Who stands in when nobody who is named can act.
    pub(super) fallback: Option<Group>,
    /// Who can act as well once the time is up.
    pub(super) escalation: Group,
}

/// The stages of workflows about entitlements. Entitlements whose owners are the same have the same.
pub(super) struct Panels<'d, 'a> {
    directory: &'d Directory<'a>,
    people: &'d People<'a>,
    /// The owners of entitlements, by what they are asked as.
    owners: HashMap<Owners<'a>, u32>,
    /// The stages of a workflow for some owners; none when nobody can say who that is.
    known: HashMap<(u32, &'a str), Option<Vec<Step<'a>>>>,
    by_condition: HashMap<(&'a str, usize), Option<Vec<u32>>>,
}

/// Everybody who answers for something about an entitlement.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Owners<'a> {
    service: Option<&'a Principal>,
    entitlement: Option<&'a Principal>,
    category: Option<&'a Principal>,
    team: Option<&'a str>,
}

impl<'d, 'a> Panels<'d, 'a> {
    pub(super) fn new(directory: &'d Directory<'a>, people: &'d People<'a>) -> Self {
        let (owners, known, by_condition) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { directory, people, owners, known, by_condition }
    }

    /// A number for everybody who answers for something about an entitlement.
    pub(super) fn owners(&mut self, offer: &Offer<'a>) -> u32 {
        let rulebook = self.directory.vocabulary().rulebook();
        let subject = subject(offer);
        let owner = |role| principals::owner(rulebook, &subject, role);
        let owners = Owners {
            service: owner(Role::ServiceOwner),
            entitlement: owner(Role::EntitlementOwner),
            category: owner(Role::CategoryOwner),
            team: offer.service.value.support_team.as_ref().map(Ref::as_str),
        };
        let next = u32::try_from(self.owners.len()).unwrap_or(u32::MAX);
        *self.owners.entry(owners).or_insert(next)
    }

    /// The stages of a workflow about an entitlement with some owners. None when the workflow does not exist or
    /// has no stages, or nobody can say who is asked: then the request is denied for another reason.
    pub(super) fn steps(&mut self, owners: u32, offer: &Offer<'a>, workflow: &'a str) -> Option<&[Step<'a>]> {
        if !self.known.contains_key(&(owners, workflow)) {
            let steps = self.look_up(offer, workflow);
            self.known.insert((owners, workflow), steps);
        }
        self.known.get(&(owners, workflow))?.as_deref()
    }

    fn look_up(&mut self, offer: &Offer<'a>, workflow: &'a str) -> Option<Vec<Step<'a>>> {
        let rulebook = self.directory.vocabulary().rulebook();
        let workflow = rulebook.workflows.get(workflow)?;
        let mut steps = Vec::new();
        for (index, stage) in workflow.value.stage.iter().enumerate() {
            let mut named = self.group(rulebook, offer, &stage.approvers)?;
            named.people.extend(self.by_condition(workflow, index, stage)?);
            named.people.sort_unstable();
            named.people.dedup();
            let escalation = match &stage.on_timeout {
                Some(OnTimeout::Escalate(to)) => self.group(rulebook, offer, to)?,
                Some(OnTimeout::Deny) | None => Group::default(),
            };
            let fallback = match stage.fallback.as_slice() {
                [] => None,
                fallback => Some(self.group(rulebook, offer, fallback)?),
            };
            steps.push(Step {
                workflow: workflow.id.as_str(),
                index,
                distinct: workflow.distinct,
                need: stage.need,
                named,
                fallback,
                escalation,
            });
        }
        (!steps.is_empty()).then_some(steps)
    }

    /// Who can act because of a condition.
    fn by_condition(
        &mut self,
        workflow: &Entry<Workflow>,
        index: usize,
        stage: &'a Stage,
    ) -> Option<Vec<u32>> {
        let Some(condition) = &stage.approvers_when else { return Some(Vec::new()) };
        let rulebook = self.directory.vocabulary().rulebook();
        let workflow = rulebook.workflows.get(workflow.id.as_str())?;
        let (directory, people) = (self.directory, self.people);
        let found = self.by_condition.entry((workflow.id.as_str(), index)).or_insert_with(|| {
            let mut found = Vec::new();
            for (place, person) in people.iter().filter(|(place, _)| people.is_able(*place)) {
                if directory.holds(condition, person)? {
                    found.push(people.first(place));
                }
            }
            Some(found)
        });
        found.clone()
    }

    fn group(&self, rulebook: &'a Rulebook, offer: &Offer<'a>, principals: &[Principal]) -> Option<Group> {
        let mut group = Group::default();
        for principal in principals {
            self.add(rulebook, offer, principal, MOST_STEPS, &mut group)?;
        }
        group.people.retain(|place| self.people.is_able(*place));
        group.people.iter_mut().for_each(|place| *place = self.people.first(*place));
        group.people.sort_unstable();
        group.people.dedup();
        group.levels.sort_unstable();
        group.levels.dedup();
        Some(group)
    }

    fn add(
        &self,
        rulebook: &'a Rulebook,
        offer: &Offer<'a>,
        principal: &Principal,
        steps: u8,
        group: &mut Group,
    ) -> Option<()> {
        let team = |id: &str| rulebook.teams.get(id).map(|team| &team.value);
        match principal {
            Principal::Person(id) => group.people.push(self.people.place(id.as_str())?),
            Principal::Team(id) => {
                for member in &team(id.as_str())?.members {
                    group.people.push(self.people.place(member.as_str())?);
                }
            }
            // Whoever has a turn can act some day.
            Principal::OnCall(id) => {
                for member in team(id.as_str())?.on_call.iter().flat_map(|rota| &rota.rotation) {
                    group.people.push(self.people.place(member.as_str())?);
                }
            }
            Principal::Role(Role::Manager) => group.levels.push(1),
            Principal::Role(Role::ManagerLevel(level)) => group.levels.push(*level),
            Principal::Role(Role::TeamLead) => {
                if let Some(support) = &offer.service.value.support_team
                    && let Some(lead) = &team(support.as_str())?.lead
                {
                    group.people.push(self.people.place(lead.as_str())?);
                }
            }
            Principal::Role(role) => {
                let owner = principals::owner(rulebook, &subject(offer), *role);
                if let (Some(owner), Some(steps)) = (owner, steps.checked_sub(1)) {
                    self.add(rulebook, offer, owner, steps, group)?;
                }
            }
        }
        Some(())
    }
}

/// What roles are resolved for: an entitlement, and nobody in particular who asks.
fn subject<'a>(offer: &Offer<'a>) -> Subject<'a> {
    Subject {
        beneficiary: None,
        offer: Some(*offer),
        service: Some(offer.service),
        instant: jiff::Timestamp::UNIX_EPOCH,
        change_owner: None,
    }
}
