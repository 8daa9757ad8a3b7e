//! Workflows: stages that wait for ever, ask the wrong people or ask too much.

use std::collections::BTreeSet;

use crate::{
    decide::{
        person::Directory,
        space::{BUDGET, Set, Space},
    },
    diag::{Code, code},
    lint::{Context, Location},
    model::{
        Duration, Entry, Kind, Principal, Role, Target,
        condition::Condition,
        workflow::{OnTimeout, Stage, Workflow},
    },
};

/// A workflow has no stages.
pub(super) static NO_STAGES: Code =
    code!("GS4040", "workflow-without-stages", fixed Error, "a workflow has no stages, so nobody approves");
/// A workflow that asks nobody decides.
pub(super) static AUTOMATIC: Code = code!("GS4055", "nobody-asked", fixed Error, "a workflow that asks nobody is named where somebody must be asked");
/// Anybody may approve.
pub(super) static ANYBODY: Code =
    code!("GS4056", "anybody-may-approve", Warning, "everybody in the directory may approve a stage");
/// A stage names nobody.
pub(super) static NO_APPROVERS: Code = code!("GS4041", "stage-without-approvers", fixed Error, "a stage of a workflow names nobody who may approve");
/// A stage never ends.
pub(super) static WAITS: Code =
    code!("GS4046", "stage-waits-forever", Warning, "a request can wait for an approval without end");
/// A timeout never comes.
pub(super) static NO_LIMIT: Code = code!(
    "GS4047",
    "timeout-without-limit",
    Error,
    "a stage says what happens when its time is up and gives no time"
);
/// Business days without a calendar.
pub(super) static NO_CALENDAR: Code = code!("GS4049", "business-days-without-calendar", fixed Error, "a stage counts business days without a calendar");
/// A workflow has too many stages.
pub(super) static TOO_MANY: Code =
    code!("GS4051", "too-many-stages", Warning, "a workflow has more stages than the budget allows");
/// One person may approve several stages.
pub(super) static NOT_DISTINCT: Code =
    code!("GS4052", "approvers-not-distinct", Note, "one person can satisfy several stages of a workflow");
/// The requester is an approver.
pub(super) static OWN_APPROVER: Code = code!("GS4053", "requester-as-approver", fixed Error, "a stage asks the requester to approve their own request");
/// An approver is named twice.
pub(super) static TWICE: Code =
    code!("GS4054", "repeated-approver", Warning, "a stage names an approver twice");

fn stages<'a>(
    context: &Context<'a>,
) -> impl Iterator<Item = (&'a Entry<Workflow>, usize, &'a Stage)> + use<'a> {
    context.rulebook.workflows.iter().flat_map(|workflow| {
        workflow.value.stage.iter().enumerate().map(move |(index, stage)| (workflow, index, stage))
    })
}

fn name(workflow: &Entry<Workflow>, stage: &Stage) -> String {
    format!("the stage `{}` of the workflow `{}`", stage.id, workflow.id)
}

/// The lists of principals of a stage, with the field of each.
fn lists(stage: &Stage) -> Vec<(&'static str, &[Principal])> {
    let mut lists: Vec<(&str, &[Principal])> =
        vec![("approvers", &stage.approvers), ("fallback", &stage.fallback)];
    if let Some(OnTimeout::Escalate(to)) = &stage.on_timeout {
        lists.push(("on-timeout/escalate", to));
    }
    lists
}

pub(super) fn no_stages(context: &mut Context<'_>) {
    for workflow in &context.rulebook.workflows {
        if workflow.stage.is_empty() && !workflow.automatic {
            context
                .report(workflow.at("/stage"), format!("the workflow `{}` has no stages", workflow.id))
                .label("nobody approves")
                .help("add a stage with approvers; what really needs nobody says `automatic = true`");
        } else if workflow.automatic && !workflow.stage.is_empty() {
            context
                .report(
                    workflow.at("/automatic"),
                    format!("the workflow `{}` is automatic and has stages", workflow.id),
                )
                .label("nobody is asked")
                .related(workflow.at("/stage"), "and yet somebody is asked here")
                .help("remove `automatic`, or the stages");
        }
    }
}

/// Only a request type may name a workflow that asks nobody: whatever grants access, waives a rule or
/// authorises a change asks somebody, or says `auto-approve` where a reviewer sees it.
pub(super) fn automatic(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for reference in &rulebook.references {
        let Target::Object { kind: Kind::Workflow, id, .. } = &reference.to else { continue };
        let from_request =
            matches!(reference.from, Some((Kind::RequestType | Kind::Control | Kind::Article, _)));
        let workflow = rulebook.workflows.get(id).filter(|workflow| workflow.automatic);
        if let (Some(workflow), false) = (workflow, from_request) {
            context
                .report(Location::of(reference), format!("the workflow `{id}` asks nobody"))
                .label("somebody must be asked here")
                .related(workflow.at("/automatic"), "it says so here")
                .help(
                    "name a workflow with stages, or write `decision = \"auto-approve\"` where that is meant",
                );
        }
    }
}

pub(super) fn no_approvers(context: &mut Context<'_>) {
    for (workflow, index, stage) in stages(context) {
        if stage.approvers.is_empty() && stage.approvers_when.is_none() {
            context
                .report(
                    workflow.at(format!("/stage/{index}")),
                    format!("{} names nobody", name(workflow, stage)),
                )
                .label("no `approvers` and no `approvers-when`")
                .help("name who may approve, such as `approvers = [\"role:manager\"]`");
        }
    }
}

pub(super) fn anybody(context: &mut Context<'_>) {
    let directory = context.analysis.directory();
    let total = directory.able().count();
    for (workflow, index, stage) in stages(context) {
        let Some(condition) = &stage.approvers_when else { continue };
        let holds = |person| directory.holds(condition, person) == Some(true);
        // That a condition is written and always holds is another finding.
        if total < 2 || !directory.able().all(holds) || excludes_nothing(directory, condition) {
            continue;
        }
        context
            .report(
                workflow.at(format!("/stage/{index}/approvers-when")),
                format!("anybody may approve {}", name(workflow, stage)),
            )
            .label(format!("holds for all {total} people who work here now"))
            .note("a friend will do: whoever asks chooses who agrees")
            .help("narrow the condition to those who can judge it, such as by `subject.teams.contains`");
    }
}

/// Whether a condition is written and excludes nobody, whoever they are.
fn excludes_nothing(directory: &Directory<'_>, condition: &Condition) -> bool {
    let set =
        Space::new(directory.vocabulary(), [condition], BUDGET).and_then(|mut space| space.set(condition));
    set.is_ok_and(Set::is_everything)
}

pub(super) fn waits(context: &mut Context<'_>) {
    for (workflow, index, stage) in stages(context) {
        if stage.on_timeout.is_some() {
            continue;
        }
        let (field, label) = match stage.within {
            Some(_) => ("within", "nothing happens when this time is up"),
            None => ("id", "no `within` and no `on-timeout`"),
        };
        context
            .report(
                workflow.at(format!("/stage/{index}/{field}")),
                format!("a request can wait for ever in {}", name(workflow, stage)),
            )
            .label(label)
            .help("add `within` and `on-timeout = \"deny\"`, or `on-timeout.escalate` with more approvers");
    }
}

pub(super) fn no_limit(context: &mut Context<'_>) {
    for (workflow, index, stage) in stages(context) {
        if stage.on_timeout.is_some() && stage.within.is_none() {
            context
                .report(
                    workflow.at(format!("/stage/{index}/on-timeout")),
                    format!("the time of {} is never up", name(workflow, stage)),
                )
                .label("there is no `within`")
                .help("add `within`, such as `within = \"2d\"`");
        }
    }
}

pub(super) fn no_calendar(context: &mut Context<'_>) {
    for (workflow, index, stage) in stages(context) {
        if matches!(stage.within, Some(Duration::BusinessDays { .. })) && stage.calendar.is_none() {
            context
                .report(
                    workflow.at(format!("/stage/{index}/within")),
                    format!("{} counts business days of no calendar", name(workflow, stage)),
                )
                .label("how long is a business day?")
                .help("add `calendar`, or write days of 24 hours, such as `2d`");
        }
    }
}

pub(super) fn too_many(context: &mut Context<'_>) {
    let budget = context.rulebook.settings.lints.budget.stages;
    for workflow in &context.rulebook.workflows {
        let count = workflow.stage.len();
        if count > budget as usize {
            context
                .report(
                    workflow.at("/stage"),
                    format!("the workflow `{}` has {count} stages; the budget is {budget}", workflow.id),
                )
                .note("each stage adds its waiting time, and approvers rely on those after them")
                .help("join stages whose approvers look at the same thing; `lints.budget.stages` in gitsm.toml sets the budget");
        }
    }
}

pub(super) fn not_distinct(context: &mut Context<'_>) {
    for workflow in &context.rulebook.workflows {
        if !workflow.distinct && workflow.stage.len() > 1 {
            context
                .report(
                    workflow.at("/distinct"),
                    format!("one person can approve several stages of `{}`", workflow.id),
                )
                .label("loosens the workflow")
                .help("remove it, so that every stage is approved by somebody else");
        }
    }
}

pub(super) fn own_approver(context: &mut Context<'_>) {
    for (workflow, index, stage) in stages(context) {
        for (field, principals) in lists(stage) {
            if let Some(place) = principals.iter().position(|who| *who == Principal::Role(Role::Requester)) {
                context
                    .report(
                        workflow.at(format!("/stage/{index}/{field}/{place}")),
                        format!("{} asks the requester", name(workflow, stage)),
                    )
                    .label("nobody approves their own request")
                    .help("name somebody else, such as `role:manager`");
            }
        }
    }
}

pub(super) fn twice(context: &mut Context<'_>) {
    for (workflow, index, stage) in stages(context) {
        for (field, principals) in lists(stage) {
            let mut seen = BTreeSet::new();
            for (place, who) in principals.iter().enumerate() {
                if !seen.insert(who) {
                    context
                        .report(
                            workflow.at(format!("/stage/{index}/{field}/{place}")),
                            format!("{} names `{who}` twice", name(workflow, stage)),
                        )
                        .label("once is enough: one person counts once")
                        .help("remove it, or name whom you meant");
                }
            }
        }
    }
}
