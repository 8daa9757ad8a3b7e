//! Whether the approvals that workflows ask for can be given by the people that there are.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{
    decide::{
        approvers::{Eligible, eligible, manager, needed, of_stage},
        matching::satisfy,
        person::Directory,
    },
    diag::{Code, code},
    lint::{Context, organisation::identity::is_in_doubt},
    load::words::list,
    model::{
        Entry, Principal, Role, Rulebook,
        person::Person,
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
/// People have nobody who can approve for them.
pub(super) static STUCK: Code = code!(
    "GS4050",
    "people-without-approver",
    Warning,
    "requests of some people have no approver and are denied"
);

/// A stage with the people who can act in it.
struct Known<'a> {
    index: usize,
    stage: &'a Stage,
    /// Those who are named for it.
    eligible: Eligible<'a>,
    /// Those who act when nobody else can.
    fallback: Eligible<'a>,
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

    /// The field that names those who act first.
    fn field(&self) -> String {
        let field = match (self.eligible.is_nobody(), self.stage.approvers.is_empty()) {
            (true, _) => "fallback",
            (false, true) => "approvers-when",
            (false, false) => "approvers",
        };
        format!("/stage/{}/{field}", self.index)
    }
}

fn known<'a>(directory: &Directory<'a>, workflow: &'a Entry<Workflow>) -> Vec<Known<'a>> {
    let stages = workflow.value.stage.iter().enumerate();
    stages
        .filter_map(|(index, stage)| {
            let eligible = of_stage(directory, stage)?;
            let escalated = match &stage.on_timeout {
                Some(OnTimeout::Escalate(to)) => self::eligible(directory, to),
                Some(OnTimeout::Deny) | None => Eligible::default(),
            };
            let fallback = self::eligible(directory, &stage.fallback);
            Some(Known { index, stage, eligible, fallback, escalated })
        })
        .collect()
}

fn name(workflow: &Entry<Workflow>, stage: &Stage) -> String {
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
            let requester_only = one.eligible.roles.iter().all(|role| *role == Role::Requester);
            let asks_requester = one.stage.approvers.contains(&Principal::Role(Role::Requester));
            let nobody = one.eligible.people.is_empty() && requester_only && !asks_requester;
            if !names_somebody(one.stage) || !nobody || !one.fallback.is_nobody() {
                continue;
            }
            let field = if one.stage.approvers.is_empty() { "approvers-when" } else { "approvers" };
            let finding = context.report(
                workflow.at(format!("/stage/{}/{field}", one.index)),
                format!("nobody can approve {}", name(workflow, one.stage)),
            );
            finding.label("nobody of these works here now");
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
            let ever = one.ever();
            let most = ever.most();
            let Need::Count(need) = one.stage.need else { continue };
            // Roles of owners may be teams of any size, and nobody at all is another finding.
            if most == 0 || !ever.is_bounded() || need as usize <= most {
                continue;
            }
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
            let first = one.first();
            let people = &first.people;
            let others = |more: &Eligible<'_>| {
                more.people.difference(people).next().is_some() || !more.roles.is_empty()
            };
            let (Some(sole), true) = (people.first(), first.roles.is_empty()) else { continue };
            if names_in_doubt(directory, one.stage) {
                continue;
            }
            let stage = name(workflow, one.stage);
            if people.len() == 1 && !others(&one.fallback) {
                let at = workflow.at(one.field());
                if others(&one.escalated) {
                    context
                        .report(at, format!("only `{sole}` can approve {stage} until it escalates"))
                        .label("one person")
                        .note("nobody approves their own request: theirs has no approver and is denied")
                        .help("name a team or a second approver, or a `fallback`");
                } else {
                    context
                        .report(at, format!("only `{sole}` can approve {stage}"))
                        .label("one person")
                        .note("nobody approves their own request, so theirs is denied; so is every request while they are away")
                        .help("name a team or a second approver, or a `fallback`");
                }
            } else if people.len() > 1
                && matches!(one.stage.need, Need::Count(need) if need as usize == people.len())
                && !others(&one.escalated)
            {
                context
                    .report(
                        workflow.at(format!("/stage/{}/need", one.index)),
                        format!("{stage} needs every one of its {} approvers", people.len()),
                    )
                    .label("one who asks or is away blocks it")
                    .note("nobody approves their own request, and a `fallback` only counts when nobody else can act")
                    .help("name one approver more than are needed, or more in `on-timeout.escalate`");
            }
        }
    }
}

pub(super) fn too_few(context: &mut Context<'_>) {
    let directory = context.analysis.directory();
    for workflow in &context.rulebook.workflows {
        if !workflow.distinct || workflow.stage.len() < 2 {
            continue;
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
            continue;
        }
        let Err(short) = satisfy(&stages) else { continue };
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

/// Whether the manager of somebody may or may not have left.
fn has_manager_in_doubt(directory: &Directory<'_>, person: &Entry<Person>) -> bool {
    let people = &directory.vocabulary().rulebook().people;
    let manager = person.manager.as_ref().and_then(|manager| people.get(manager.as_str()));
    manager.is_some_and(|manager| is_in_doubt(manager, directory.today()))
}

pub(super) fn stuck(context: &mut Context<'_>) {
    let directory = context.analysis.directory();
    for workflow in &context.rulebook.workflows {
        for one in known(directory, workflow) {
            let levels: Option<Vec<u8>> = one
                .eligible
                .roles
                .iter()
                .map(|role| match role {
                    Role::Manager => Some(1),
                    Role::ManagerLevel(level) => Some(*level),
                    _ => None,
                })
                .collect();
            let Some(levels) = levels.filter(|levels| !levels.is_empty()) else { continue };
            if !one.eligible.people.is_empty() || !one.fallback.is_nobody() {
                continue;
            }
            let without: Vec<&str> = directory
                .present()
                .filter(|person| person.employment.is_human())
                .filter(|person| levels.iter().all(|level| manager(directory, person, *level).is_none()))
                .filter(|person| !has_manager_in_doubt(directory, person))
                .map(|person| person.id.as_str())
                .collect();
            let Some(first) = without.first() else { continue };
            let count = without.len();
            let (people, have) = if count == 1 { ("person", "has") } else { ("people", "have") };
            context
                .report(
                    workflow.at(format!("/stage/{}/approvers", one.index)),
                    format!("{count} {people} {have} nobody who can approve {}", name(workflow, one.stage)),
                )
                .label("nobody for some, and no `fallback`")
                .note(format!(
                    "no active manager: {}{}",
                    list(without.iter().take(3).copied()),
                    if count > 3 { format!(" and {} more", count - 3) } else { String::new() }
                ))
                .help(format!("add a `fallback`, or give `{first}` a manager"));
        }
    }
}
