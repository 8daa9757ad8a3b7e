//! Who agreed to a grant, and whether they could.

use std::collections::BTreeSet;

use crate::{
    decide::engine::Engine,
    diag::{Code, code},
    ledger::standing::was_absent,
    lint::Context,
    model::{
        Entry, Ref, Rulebook,
        grant::{Approval, Grant, GrantStage},
        person::Person,
    },
};

/// An approval that is none.
pub(super) static NO_APPROVAL: Code = code!(
    "GS6079",
    "grant-approval-impossible",
    Error,
    "somebody is said to have approved access who could not, or when they could not"
);

/// The name of a stage without its workflow, as approvals have it.
fn own_name(stage: &GrantStage) -> &str {
    stage.stage.rsplit('/').next().unwrap_or_default()
}

/// Whether one person may count for several stages of a grant: every workflow says so.
fn may_repeat(rulebook: &Rulebook, grant: &Grant) -> bool {
    let mut stages = grant.decision.iter().flat_map(|decision| &decision.stages).peekable();
    let says_so = |stage: &GrantStage| {
        let workflow = stage.stage.split('/').next().unwrap_or_default();
        rulebook.workflows.get(workflow).is_some_and(|workflow| !workflow.distinct)
    };
    stages.peek().is_some() && stages.all(says_so)
}

/// The approvals of a grant that count: nobody counts twice, neither in person nor as a delegate.
fn counted<'g>(rulebook: &Rulebook, grant: &'g Grant) -> Vec<&'g Approval> {
    let repeat = may_repeat(rulebook, grant);
    let mut used: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut found = Vec::new();
    for approval in &grant.approval {
        let stage = if repeat { approval.stage.as_str() } else { "" };
        let people: BTreeSet<&str> =
            std::iter::once(&approval.by).chain(&approval.on_behalf_of).map(Ref::as_str).collect();
        if people.iter().any(|person| used.contains(&(stage, *person))) {
            continue;
        }
        used.extend(people.into_iter().map(|person| (stage, person)));
        found.push(approval);
    }
    found
}

/// Whether as many different people agreed in each stage as it needs.
pub(super) fn agreed(rulebook: &Rulebook, grant: &Grant) -> bool {
    let stages: Vec<&GrantStage> = grant.decision.iter().flat_map(|decision| &decision.stages).collect();
    let counted = counted(rulebook, grant);
    // What was asked for with the tool was decided with it: an approval has stages.
    if stages.is_empty() && grant.asked.is_some() {
        return false;
    }
    // Without stages it is only known that each who is named counts.
    if stages.is_empty() {
        return counted.len() == grant.approval.len();
    }
    stages.iter().all(|stage| {
        let name = own_name(stage);
        let needed: usize = stages
            .iter()
            .filter(|other| own_name(other) == name)
            .map(|other| usize::try_from(other.need).unwrap_or(usize::MAX))
            .fold(0, usize::saturating_add);
        counted.iter().filter(|approval| approval.stage.as_str() == name).count() >= needed
    })
}

pub(super) fn no_approval(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let Ok(engine) = Engine::new(rulebook) else { return };
    for grant in &rulebook.grants {
        for (index, approval) in grant.approval.iter().enumerate() {
            let Some((field, message)) = impossible(&engine, context.today, grant, approval) else {
                continue;
            };
            context
                .report(grant.at(format!("/approval/{index}/{field}")), message)
                .label("does not count")
                .help("take the access away, or have somebody decide who can");
        }
    }
}

/// Why somebody cannot have approved a grant as it says, and the field that says so.
fn impossible(
    engine: &Engine<'_>,
    today: jiff::civil::Date,
    grant: &Entry<Grant>,
    approval: &Approval,
) -> Option<(&'static str, String)> {
    let (id, at) = (&grant.id, approval.at);
    let day = engine.date(at.0);
    if day > today {
        return Some(("at", format!("the grant `{id}` was approved at {at}, which is still to come")));
    }
    if let Some(asked) = grant.asked.as_ref().filter(|asked| at < asked.at) {
        let asked = asked.at;
        return Some((
            "at",
            format!("the grant `{id}` was approved at {at}, before it was asked for at {asked}"),
        ));
    }
    let absent = |who: &Ref<Person>| {
        let person = engine.rulebook().people.get(who.as_str())?;
        was_absent(&person.value, day).then(|| {
            if person.employment.is_human() {
                format!("`{who}` was not here on {day}, when they approved the grant `{id}`")
            } else {
                format!("`{who}` is not a person, and approved the grant `{id}`")
            }
        })
    };
    if let Some(message) = absent(&approval.by) {
        return Some(("by", message));
    }
    approval.on_behalf_of.as_ref().and_then(absent).map(|message| ("on-behalf-of", message))
}
