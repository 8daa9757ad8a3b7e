//! Requests that somebody can make and nobody can agree to, for the whole directory.

use super::{
    quorum::{self, name, told},
    unclear::Unclear,
};
use crate::{
    decide::{approvers::manager, person::Directory},
    diag::{Code, code},
    lint::{
        Context, Location,
        organisation::identity::is_in_doubt,
        survey::{Example, Place, Sole, Stuck},
    },
    load::words::list,
    model::{
        Entry, Role,
        person::Person,
        workflow::{Need, Stage},
    },
};

/// Requests that nobody can agree to.
pub(super) static STUCK: Code = code!(
    "GS4050",
    "people-without-approver",
    Warning,
    "requests of some people have too few approvers and are denied"
);
/// One person without whom nobody gets access with power.
pub(super) static POWERFUL_SOLE: Code = code!(
    "GS4057",
    "single-point-of-failure",
    Warning,
    "without one person nobody can get access that is privileged or of high risk"
);
/// One person without whom nobody gets other access.
pub(super) static SOLE: Code =
    code!("GS4058", "single-approver-of-access", Note, "without one person nobody can get some access");

/// How many people are named in a finding.
const SHOWN: usize = 3;

pub(super) fn stuck(context: &mut Context<'_>) {
    let (analysis, vocabulary) = (context.analysis, context.vocabulary);
    let told = told(analysis.directory());
    let survey = analysis.survey();
    for stuck in &survey.stuck {
        if stuck.stages.iter().any(|place| told.contains(&(place.workflow.id.as_str(), place.index))) {
            continue;
        }
        report_stuck(context, stuck, survey.people);
    }
    without_manager(context);
    let mut unclear = Unclear::new(vocabulary);
    for (offer, why) in &survey.unsure {
        unclear.offer(*offer, *why);
    }
    unclear.report(context);
}

fn stage_of<'a>(place: &Place<'a>) -> Option<&'a Stage> {
    place.workflow.value.stage.get(place.index)
}

fn of_all(count: usize, all: usize) -> String {
    format!("{count} of {}", if all == 1 { "1 person".to_owned() } else { format!("{all} people") })
}

fn report_stuck(context: &mut Context<'_>, stuck: &Stuck<'_>, all: usize) {
    let [first, others @ ..] = stuck.stages.as_slice() else { return };
    let Some(stage) = stage_of(first) else { return };
    let (at, message) = if others.is_empty() {
        let who = if matches!(stage.need, Need::Count(0 | 1)) { "nobody" } else { "too few people" };
        let have = if stuck.people == 1 { "has" } else { "have" };
        let stage = name(first.workflow, stage);
        let field = if first.workflow.stage.get(first.index).is_some_and(|one| one.approvers.is_empty()) {
            "approvers-when"
        } else {
            "approvers"
        };
        (
            first.workflow.at(format!("/stage/{}/{field}", first.index)),
            format!("{} {have} {who} who can approve {stage}", of_all(stuck.people, all)),
        )
    } else {
        let ids: Vec<String> = stuck
            .stages
            .iter()
            .filter_map(|place| Some(format!("{}/{}", place.workflow.id, stage_of(place)?.id)))
            .collect();
        let ids = list(ids.iter().map(String::as_str));
        let people = of_all(stuck.people, all);
        (
            first.workflow.at("/stage"),
            format!("the stages {ids} have too few different approvers for {people}"),
        )
    };
    let help = help_for(context.analysis.directory(), stage, &stuck.example, others.is_empty());
    // Where it is so whoever asks, the stage is the mistake and not what is written about people.
    let code = match (stuck.people == all, others.is_empty(), stage.need) {
        (false, ..) => &STUCK,
        (true, false, _) => &quorum::TOO_FEW,
        (true, true, Need::Count(0 | 1)) => &quorum::NOBODY,
        (true, true, _) => &quorum::OUT_OF_REACH,
    };
    let finding = context.report_as(code, at, message);
    finding.label("their requests are denied");
    for other in others.iter().filter(|other| other.workflow.id != first.workflow.id) {
        finding.related(other.workflow.at(format!("/stage/{}", other.index)), "asks the same people");
    }
    finding.note(described(&stuck.example, stuck.entitlements));
    finding.help(help);
}

/// What to do for people who have nobody.
fn help_for(directory: &Directory<'_>, stage: &Stage, example: &Example<'_>, alone: bool) -> String {
    let asks_manager = stage.approvers.contains(&crate::model::Principal::Role(Role::Manager));
    if alone && asks_manager && manager(directory, example.person, 1).is_none() {
        return format!("add a `fallback`, or give `{}` a manager", example.person.id);
    }
    if alone && matches!(stage.need, Need::Count(0 | 1)) {
        return "add a `fallback`, or name more approvers: nobody approves their own request".to_owned();
    }
    "name more approvers, or more in `on-timeout.escalate`: one person counts for one stage".to_owned()
}

fn described(example: &Example<'_>, entitlements: usize) -> String {
    let more = match entitlements {
        0 | 1 => String::new(),
        count => format!("; there are {} more such entitlements", count - 1),
    };
    let rule = match example.rule() {
        Some(rule) => format!("the rule `{rule}`"),
        None => "the default of the project".to_owned(),
    };
    format!(
        "for example `{}`, whose requests for `{}` are decided by {rule}{more}",
        example.person.id,
        example.offer.reference()
    )
}

/// The same for workflows that no rule about access names: only managers can be told beforehand.
fn without_manager(context: &mut Context<'_>) {
    let analysis = context.analysis;
    let directory = analysis.directory();
    for workflow in &context.rulebook.workflows {
        if analysis.survey().workflows.contains(workflow.id.as_str()) {
            continue;
        }
        for one in quorum::known(directory, workflow) {
            // A fallback that asks managers as well is none for those who have none.
            let levels: Option<Vec<u8>> = one
                .eligible
                .roles
                .iter()
                .chain(&one.fallback.roles)
                .map(|role| match role {
                    Role::Manager => Some(1),
                    Role::ManagerLevel(level) => Some(*level),
                    _ => None,
                })
                .collect();
            let Some(levels) = levels.filter(|levels| !levels.is_empty()) else { continue };
            if !one.eligible.people.is_empty() || !one.fallback.people.is_empty() {
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
            let have = if count == 1 { "has" } else { "have" };
            context
                .report(
                    workflow.at(format!("/stage/{}/approvers", one.index)),
                    format!("{} {have} nobody who can approve {}", people(count), name(workflow, one.stage)),
                )
                .label("nobody for some, and no `fallback`")
                .note(format!("no active manager: {}", shown(&without)))
                .help(format!("add a `fallback`, or give `{first}` a manager"));
        }
    }
}

fn people(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

/// The first of some names, and how many more there are.
fn shown(names: &[&str]) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let first = list(names.iter().copied().take(SHOWN));
    if more == 0 { first } else { format!("{first} and {more} more") }
}

/// Whether the manager of somebody may or may not have left.
fn has_manager_in_doubt(directory: &Directory<'_>, person: &Entry<Person>) -> bool {
    let people = &directory.vocabulary().rulebook().people;
    let manager = person.manager.as_ref().and_then(|manager| people.get(manager.as_str()));
    manager.is_some_and(|manager| is_in_doubt(manager, directory.today()))
}

pub(super) fn powerful_sole(context: &mut Context<'_>) {
    soles(context, true);
}

pub(super) fn sole(context: &mut Context<'_>) {
    soles(context, false);
}

/// Says of each stage which people nobody can do without, once for all of them.
fn soles(context: &mut Context<'_>, power: bool) {
    let analysis = context.analysis;
    let told = told(analysis.directory());
    let wanted = |sole: &&Sole<'_>| {
        let stage = (sole.stage.workflow.id.as_str(), sole.stage.index);
        sole.has_power() == power && !told.contains(&stage)
    };
    let wanted: Vec<&Sole<'_>> = analysis.survey().soles.iter().filter(wanted).collect();
    let same = |one: &&Sole<'_>, other: &&Sole<'_>| {
        one.stage.workflow.id == other.stage.workflow.id && one.stage.index == other.stage.index
    };
    for soles in wanted.chunk_by(same) {
        let Some(first) = soles.first() else { continue };
        let Some(stage) = stage_of(&first.stage) else { continue };
        let at: Location = first.stage.workflow.at(format!("/stage/{}", first.stage.index));
        let stage = name(first.stage.workflow, stage);
        let message = match soles {
            [only] => format!("without `{}` nobody can approve {stage}", only.person.id),
            _ => format!("{stage} hangs on {} people, each of them alone for something", soles.len()),
        };
        let finding = context.report(at, message);
        finding.label("no `fallback` and no escalation when they are away");
        for sole in soles.iter().take(SHOWN) {
            let more = match sole.entitlements {
                0 | 1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            finding.note(format!(
                "`{}`: {} could not get `{}`{more}",
                sole.person.id,
                people(sole.people),
                sole.example.reference()
            ));
        }
        if soles.len() > SHOWN {
            finding.note(format!("and {} more", people(soles.len() - SHOWN)));
        }
        finding.help("add a `fallback`, escalate to somebody else, or let a team own what they own");
    }
}
