//! Whether the approvals that workflows ask for can be given by the people that there are.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::tenants::is_about_access;
use crate::{
    decide::{
        approvers::{Eligible, eligible, manager, needed, of_stage},
        matching::{Shortfall, satisfy},
        person::Directory,
    },
    diag::{Code, code},
    lint::{Context, organisation::identity::is_in_doubt},
    load::words::list,
    model::{
        Entry, Kind, Principal, Role, Rulebook, Target,
        workflow::{Need, OnTimeout, Stage, Workflow},
    },
};

/// Nobody can approve a stage.
pub(super) static NOBODY: Code =
    code!("GS4042", "nobody-can-approve", fixed Error, "nobody who works here now can approve a stage");
/// More approvals are needed than there are people.
pub(super) static OUT_OF_REACH: Code =
    code!("GS4043", "quorum-out-of-reach", Error, "a stage needs more approvals than people can give");
/// Only one person can approve.
pub(super) static SINGLE: Code = code!(
    "GS4044",
    "single-approver",
    Warning,
    "only one person can approve a stage, and their own request or absence blocks it"
);
/// The stages need more different people than there are.
pub(super) static TOO_FEW: Code = code!(
    "GS4045",
    "too-few-different-people",
    Error,
    "the stages of a workflow need more different people than there are"
);
/// An escalation reaches nobody new.
pub(super) static ESCALATES_TO_SAME: Code = code!(
    "GS4048",
    "escalation-to-the-same",
    Warning,
    "a stage escalates to nobody, or to people who could approve it all along"
);
/// A stage with the people who can act in it.
pub(super) struct Known<'a> {
    pub(super) index: usize,
    pub(super) stage: &'a Stage,
    /// Those who are named for it.
    pub(super) eligible: Eligible<'a>,
    /// Those who act when nobody else can.
    pub(super) fallback: Eligible<'a>,
    /// Those who may act as well once the time is up.
    escalated: Eligible<'a>,
}

impl<'a> Known<'a> {
    /// Who can act from the start: a fallback counts only when nobody else can.
    fn first(&self) -> &Eligible<'a> {
        if self.eligible.is_nobody() { &self.fallback } else { &self.eligible }
    }

    /// Who can act sooner or later. Nobody comes later to a stage in which nobody can act: it is denied.
    fn ever(&self) -> Eligible<'a> {
        let first = self.first();
        if first.is_nobody() { first.clone() } else { first.with(&self.escalated) }
    }

    /// Whether somebody is named and nobody can act, now or later.
    fn has_nobody(&self) -> bool {
        let requester_only = self.eligible.roles.iter().all(|role| *role == Role::Requester);
        let asks_requester = self.stage.approvers.contains(&Principal::Role(Role::Requester));
        let nobody = self.eligible.people.is_empty() && requester_only && !asks_requester;
        names_somebody(self.stage) && nobody && self.fallback.is_nobody()
    }

    /// How many are needed and how many there are at most, when these are too few.
    fn out_of_reach(&self) -> Option<(u32, usize)> {
        let ever = self.ever();
        let most = ever.most();
        let Need::Count(need) = self.stage.need else { return None };
        // Roles of owners may be teams of any size, and nobody at all is another finding.
        (most > 0 && ever.is_bounded() && need as usize > most).then_some((need, most))
    }

    /// Whether one who asks or is away blocks the stage.
    fn few(&self, directory: &Directory<'_>) -> Option<Few<'a>> {
        let first = self.first();
        let people = &first.people;
        let others =
            |more: &Eligible<'_>| more.people.difference(people).next().is_some() || !more.roles.is_empty();
        let who = people.first().copied().filter(|_| first.roles.is_empty())?;
        if names_in_doubt(directory, self.stage) {
            return None;
        }
        if people.len() == 1 {
            let sole = Few::Sole { who, until_escalation: others(&self.escalated) };
            return (!others(&self.fallback)).then_some(sole);
        }
        let every_one = matches!(self.stage.need, Need::Count(need) if need as usize == people.len());
        (every_one && !others(&self.escalated)).then_some(Few::EveryOne(people.len()))
    }

    /// The field that names those who act first.
    pub(super) fn field(&self) -> String {
        let field = match (self.eligible.is_nobody(), self.stage.approvers.is_empty()) {
            (true, _) => "fallback",
            (false, true) => "approvers-when",
            (false, false) => "approvers",
        };
        format!("/stage/{}/{field}", self.index)
    }
}

/// Too few people who can approve a stage to do without one of them.
enum Few<'a> {
    /// Only one can.
    Sole {
        who: &'a str,
        /// Whether others can as well once the time is up.
        until_escalation: bool,
    },
    /// Each of so many is needed.
    EveryOne(usize),
}

pub(super) fn known<'a>(directory: &Directory<'a>, workflow: &'a Entry<Workflow>) -> Vec<Known<'a>> {
    let stages = workflow.value.stage.iter().enumerate();
    stages
        .filter_map(|(index, stage)| {
            let someone = |mut found: Eligible<'a>| {
                found.roles.retain(|role| is_ever_somebody(directory, workflow, *role));
                found.once(directory)
            };
            let eligible = someone(of_stage(directory, stage)?);
            let escalated = match &stage.on_timeout {
                Some(OnTimeout::Escalate(to)) => someone(self::eligible(directory, to)),
                Some(OnTimeout::Deny) | None => Eligible::default(),
            };
            let fallback = someone(self::eligible(directory, &stage.fallback));
            Some(Known { index, stage, eligible, fallback, escalated })
        })
        .collect()
}

/// Whether a role can be somebody for any request at all.
fn is_ever_somebody(directory: &Directory<'_>, workflow: &Entry<Workflow>, role: Role) -> bool {
    match role {
        Role::Manager => has_managers(directory, 1),
        Role::ManagerLevel(level) => has_managers(directory, level),
        // Only changes have an owner. A workflow that nothing names is another finding.
        Role::ChangeOwner => {
            let rulebook = directory.vocabulary().rulebook();
            let mut named = false;
            for reference in &rulebook.references {
                let Target::Object { kind: Kind::Workflow, id, .. } = &reference.to else { continue };
                if **id != *workflow.id.as_str() {
                    continue;
                }
                if reference.from.as_ref().is_some_and(|(kind, _)| !is_about_access(*kind)) {
                    return true;
                }
                named = true;
            }
            !named
        }
        Role::Requester
        | Role::ServiceOwner
        | Role::EntitlementOwner
        | Role::CategoryOwner
        | Role::TeamLead => true,
    }
}

/// Whether anybody has a manager so many levels up who can act. Without people there is nothing to tell.
fn has_managers(directory: &Directory<'_>, levels: u8) -> bool {
    let mut people = directory.present().filter(|person| person.employment.is_human()).peekable();
    people.peek().is_none() || people.any(|person| manager(directory, person, levels).is_some())
}

pub(super) fn name(workflow: &Entry<Workflow>, stage: &Stage) -> String {
    format!("the stage `{}` of the workflow `{}`", stage.id, workflow.id)
}

/// Whether a stage names anybody; without, that is another finding.
fn names_somebody(stage: &Stage) -> bool {
    !stage.approvers.is_empty() || stage.approvers_when.is_some()
}

pub(super) fn nobody(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    let directory = context.analysis.directory();
    for workflow in &rulebook.workflows {
        for one in known(directory, workflow) {
            if !one.has_nobody() {
                continue;
            }
            let field = if one.stage.approvers.is_empty() { "approvers-when" } else { "approvers" };
            let finding = context.report(
                workflow.at(format!("/stage/{}/{field}", one.index)),
                format!("nobody can approve {}", name(workflow, one.stage)),
            );
            finding.label("nobody of these can ever act");
            for reason in reasons(rulebook, one.stage, today) {
                finding.note(reason);
            }
            finding.help("name people who are active, a team that has some, or a `fallback`");
        }
    }
}

/// Why principals of a stage are nobody.
fn reasons(rulebook: &Rulebook, stage: &Stage, today: Date) -> Vec<String> {
    let reason = |who: &Principal| match who {
        Principal::Person(id) => {
            let person = rulebook.people.get(id.as_str())?;
            if let Some(end) = person.end.filter(|end| end.0 < today) {
                return Some(format!("the last day of `{who}` was {end}"));
            }
            if let Some(start) = person.start.filter(|start| start.0 > today) {
                return Some(format!("the first day of `{who}` is {start}"));
            }
            let why =
                if person.employment.is_human() { person.status.name() } else { person.employment.name() };
            Some(format!("`{who}` is {why}"))
        }
        Principal::Team(id) => {
            let team = rulebook.teams.get(id.as_str())?;
            let members = team.members.len();
            Some(match members {
                0 => format!("`{who}` has no members"),
                _ => format!("none of the {members} members of `{who}` is an active person"),
            })
        }
        Principal::OnCall(id) => {
            let team = rulebook.teams.get(id.as_str())?;
            let rota = team.on_call.is_some();
            Some(if rota {
                format!("nobody on the rota of `{who}` is an active person")
            } else {
                format!("the team of `{who}` has no on-call rota")
            })
        }
        Principal::Role(Role::Manager) => Some("nobody has a manager who can act".to_owned()),
        Principal::Role(Role::ManagerLevel(level)) => {
            Some(format!("nobody has a manager who can act {level} levels up"))
        }
        Principal::Role(Role::ChangeOwner) => {
            Some("only changes have an owner, and requests have none".to_owned())
        }
        Principal::Role(_) => None,
    };
    let mut reasons: Vec<String> = stage.approvers.iter().filter_map(reason).collect();
    if stage.approvers_when.is_some() {
        reasons.push("the condition `approvers-when` holds for no active person".to_owned());
    }
    reasons
}

pub(super) fn out_of_reach(context: &mut Context<'_>) {
    let directory = context.analysis.directory();
    for workflow in &context.rulebook.workflows {
        for one in known(directory, workflow) {
            let Some((need, most)) = one.out_of_reach() else { continue };
            let ever = one.ever();
            let finding = context.report(
                workflow.at(format!("/stage/{}/need", one.index)),
                format!(
                    "{} needs {need} approvals and at most {most} can be given",
                    name(workflow, one.stage)
                ),
            );
            finding.label("never met");
            if !ever.people.is_empty() {
                finding.note(format!("these can approve: {}", list(ever.people.iter().copied())));
            }
            finding
                .help("need fewer, or name more approvers; `fallback` only counts when nobody else can act");
        }
    }
}

pub(super) fn single(context: &mut Context<'_>) {
    let directory = context.analysis.directory();
    for workflow in &context.rulebook.workflows {
        for one in known(directory, workflow) {
            let stage = name(workflow, one.stage);
            match one.few(directory) {
                Some(Few::Sole { who, until_escalation: true }) => {
                    context
                        .report(
                            workflow.at(one.field()),
                            format!("only `{who}` can approve {stage} until it escalates"),
                        )
                        .label("one person")
                        .note("nobody approves their own request: theirs has no approver and is denied")
                        .help("name a team or a second approver, or a `fallback`");
                }
                Some(Few::Sole { who, until_escalation: false }) => {
                    context
                        .report(workflow.at(one.field()), format!("only `{who}` can approve {stage}"))
                        .label("one person")
                        .note("nobody approves their own request, so theirs is denied; so is every request while they are away")
                        .help("name a team or a second approver, or a `fallback`");
                }
                Some(Few::EveryOne(count)) => {
                    context
                        .report(
                            workflow.at(format!("/stage/{}/need", one.index)),
                            format!("{stage} needs every one of its {count} approvers"),
                        )
                        .label("one who asks or is away blocks it")
                        .note("nobody approves their own request, and a `fallback` only counts when nobody else can act")
                        .help("name one approver more than are needed, or more in `on-timeout.escalate`");
                }
                None => {}
            }
        }
    }
}

/// The stages of known people in a workflow that have too few of them between them.
fn shortfall<'a>(
    directory: &Directory<'a>,
    workflow: &'a Entry<Workflow>,
) -> Option<(Vec<Known<'a>>, Shortfall<&'a str>)> {
    if !workflow.distinct || workflow.stage.len() < 2 {
        return None;
    }
    // A role can be somebody else each time, so only stages of known people say something.
    let concrete: Vec<Known<'_>> = known(directory, workflow)
        .into_iter()
        .filter(|one| one.ever().roles.is_empty() && !one.first().people.is_empty())
        .collect();
    let stages: Vec<(usize, BTreeSet<&str>)> = concrete
        .iter()
        .map(|one| {
            // Those who come later make no more approvals necessary than those who are asked first.
            let need = needed(one.stage.need, one.first().people.len());
            let mut people = one.ever().people;
            people.extend(one.fallback.people.iter().copied());
            (need, people)
        })
        .collect();
    // A stage that cannot be met by itself is another finding.
    if stages.iter().any(|(need, people)| *need > people.len()) {
        return None;
    }
    let short = satisfy(&stages).err()?;
    Some((concrete, short))
}

pub(super) fn too_few(context: &mut Context<'_>) {
    let directory = context.analysis.directory();
    for workflow in &context.rulebook.workflows {
        let Some((concrete, short)) = shortfall(directory, workflow) else { continue };
        let names: Vec<&str> = short
            .stages
            .iter()
            .filter_map(|place| concrete.get(*place))
            .map(|one| one.stage.id.as_str())
            .collect();
        let finding = context.report(
            workflow.at("/stage"),
            format!("the workflow `{}` can never be satisfied by different people", workflow.id),
        );
        finding.label(format!("{} need {} different people", list(names.iter().copied()), short.needed));
        finding.note(format!("together they have {}", list(short.people.iter().copied())));
        finding.help("name more approvers, or join the stages: one person counts for one stage");
    }
}

/// The stages of which it is said that they lack people, whoever asks: what follows from that for somebody is not
/// said as well. By the workflow and the place of the stage in it.
pub(super) fn told<'a>(directory: &Directory<'a>) -> BTreeSet<(&'a str, usize)> {
    let mut told = BTreeSet::new();
    for workflow in &directory.vocabulary().rulebook().workflows {
        let id = workflow.id.as_str();
        let requester = Principal::Role(Role::Requester);
        for (index, stage) in workflow.value.stage.iter().enumerate() {
            if !names_somebody(stage) || stage.approvers.contains(&requester) {
                told.insert((id, index));
            }
        }
        for one in known(directory, workflow) {
            if one.has_nobody() || one.out_of_reach().is_some() || one.few(directory).is_some() {
                told.insert((id, one.index));
            }
        }
        if let Some((concrete, short)) = shortfall(directory, workflow) {
            let places = short.stages.iter().filter_map(|place| concrete.get(*place));
            told.extend(places.map(|one| (id, one.index)));
        }
    }
    told
}

/// Whether a stage names somebody who may or may not have left: that is the finding.
fn names_in_doubt(directory: &Directory<'_>, stage: &Stage) -> bool {
    let rulebook = directory.vocabulary().rulebook();
    let in_doubt =
        |id: &str| rulebook.people.get(id).is_some_and(|person| is_in_doubt(person, directory.today()));
    stage.approvers.iter().chain(&stage.fallback).any(|principal| match principal {
        Principal::Person(id) => in_doubt(id.as_str()),
        Principal::Team(id) | Principal::OnCall(id) => {
            let team = rulebook.teams.get(id.as_str());
            team.is_some_and(|team| team.value.members.iter().any(|member| in_doubt(member.as_str())))
        }
        Principal::Role(_) => false,
    })
}

/// An escalation that adds nobody to those who could act all along.
pub(super) fn escalates_to_same(context: &mut Context<'_>) {
    let directory = context.analysis.directory();
    for workflow in &context.rulebook.workflows {
        for one in known(directory, workflow) {
            let Some(OnTimeout::Escalate(to)) = &one.stage.on_timeout else { continue };
            let at = workflow.at(format!("/stage/{}/on-timeout/escalate", one.index));
            let stage = name(workflow, one.stage);
            let again = to.iter().find(|to| one.stage.approvers.contains(to));
            let first = one.first();
            // A rota says whose turn it is, which is more than being one of a team.
            let pages = to.iter().any(|to| matches!(to, Principal::OnCall(_)));
            if let Some(again) = again {
                context
                    .report(at, format!("{stage} escalates to `{again}` again"))
                    .label("could approve from the start")
                    .related(workflow.at(format!("/stage/{}/approvers", one.index)), "named here")
                    .help("escalate to others: the earlier approvers stay eligible anyway");
            } else if one.escalated.is_nobody() {
                let finding = context.report(at, format!("{stage} escalates to nobody"));
                if !to.is_empty() {
                    finding.label("nobody of these works here now");
                }
                finding.help("name more approvers, or write `on-timeout = \"deny\"`");
            } else if !pages && !first.is_nobody() && first.with(&one.escalated) == *first {
                let names = list(one.escalated.people.iter().copied());
                context
                    .report(at, format!("{stage} escalates to people who could approve it all along"))
                    .label(format!("only {names}, by another name"))
                    .related(workflow.at(one.field()), "they are among these")
                    .help("escalate to others: the earlier approvers stay eligible anyway");
            }
        }
    }
}
