//! Teams.

use std::collections::BTreeSet;

use super::identity::{can_act, has_left, is_gone, is_ownership, somebody_can_act, team_named};
use crate::{
    diag::{Code, code},
    lint::{Context, graph},
    model::{Kind, Ref, Target, person::Person},
};

/// A team of nobody.
pub(super) static EMPTY: Code = code!("GS2121", "team-of-nobody", Warning, "a team has no active member");
/// A lead from outside.
pub(super) static LEAD: Code =
    code!("GS2122", "lead-not-a-member", Warning, "the lead of a team is not one of its members");
/// The lead has left.
pub(super) static LEAD_LEFT: Code = code!("GS2123", "lead-has-left", Warning, "the lead of a team has left");
/// A member has left.
pub(super) static MEMBER_LEFT: Code =
    code!("GS2124", "member-has-left", Warning, "a member of a team has left");
/// One member twice.
pub(super) static MEMBER_TWICE: Code =
    code!("GS2125", "member-twice", Warning, "somebody is listed in a team twice");
/// Teams inside each other.
pub(super) static CYCLE: Code =
    code!("GS2126", "team-cycle", Error, "teams are part of each other in a circle");
/// A team nobody can write to.
pub(super) static MAILBOX: Code =
    code!("GS2127", "team-without-mailbox", Note, "a team that supports services has no shared address");

pub(super) fn empty(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    // Owners and approvers that cannot act are reported where they are named, with what hangs on them.
    let elsewhere: BTreeSet<&str> = rulebook
        .references
        .iter()
        .filter(|reference| is_ownership(reference) || matches!(reference.from, Some((Kind::Workflow, _))))
        .filter_map(|reference| team_named(rulebook, reference))
        .map(|team| team.id.as_str())
        .collect();
    for team in &rulebook.teams {
        if !elsewhere.contains(team.id.as_str()) && !somebody_can_act(rulebook, team, today) {
            context
                .report(team.at("/members"), format!("nobody in the team `{}` is active", team.id))
                .label("work that goes here is done by nobody")
                .help("list its members, `members = [\"…\"]`, or remove the team");
        }
    }
}

pub(super) fn lead(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    for team in &rulebook.teams {
        let Some(lead) = &team.lead else { continue };
        let left = rulebook.people.get(lead.as_str()).is_some_and(|person| has_left(person, today));
        // A team without a list of members has a finding about that already.
        // One of a member that does not exist may be who was meant.
        let is_known = |person: &Ref<Person>| rulebook.people.get(person.as_str()).is_some();
        let all_known = is_known(lead) && team.members.iter().all(is_known);
        if !team.members.is_empty() && all_known && !team.members.contains(lead) && !left {
            context
                .report(
                    team.at("/lead"),
                    format!("`{lead}` leads the team `{}` without being a member", team.id),
                )
                .label("not a member")
                .related(team.at("/members"), "the members")
                .help("list the lead among the members, or name a member");
        }
    }
}

pub(super) fn lead_left(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for team in &rulebook.teams {
        let lead = team.lead.as_ref().and_then(|lead| rulebook.people.get(lead.as_str()));
        if let Some(lead) = lead.filter(|lead| is_gone(lead)) {
            context
                .report(
                    team.at("/lead"),
                    format!("`{}`, the lead of the team `{}`, has left", lead.id, team.id),
                )
                .label("no longer active")
                .related(lead.at(""), "defined here")
                .help("name whoever took over: nobody approves as `role:team-lead`");
        }
    }
}

pub(super) fn member_left(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    for team in &rulebook.teams {
        // When nobody is left, that is the finding.
        if !somebody_can_act(rulebook, team, today) {
            continue;
        }
        for (index, member) in team.members.iter().enumerate() {
            let Some(person) = rulebook.people.get(member.as_str()) else { continue };
            if is_gone(person) && team.lead.as_ref() != Some(member) {
                context
                    .report(
                        team.at(format!("/members/{index}")),
                        format!("`{member}` has left and is still in the team `{}`", team.id),
                    )
                    .label("no longer active")
                    .related(person.at(""), "defined here")
                    .help("remove them: a quorum of all members can no longer be met");
            }
        }
    }
}

pub(super) fn member_twice(context: &mut Context<'_>) {
    for team in &context.rulebook.teams {
        let mut seen = BTreeSet::new();
        for (index, member) in team.members.iter().enumerate() {
            if !seen.insert(member.as_str()) {
                context
                    .report(
                        team.at(format!("/members/{index}")),
                        format!("`{member}` is listed twice in the team `{}`", team.id),
                    )
                    .label("again")
                    .help("remove one of the two");
            }
        }
    }
}

pub(super) fn cycle(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let edges =
        rulebook.teams.iter().filter_map(|team| Some((team.id.as_str(), team.parent.as_ref()?.as_str())));
    for cycle in graph::cycles(edges) {
        let Some(team) = cycle.first().and_then(|id| rulebook.teams.get(id)) else { continue };
        context
            .report(
                team.at("/parent"),
                format!("the team `{}` is part of itself: {}", team.id, graph::path(&cycle)),
            )
            .label("leads back here")
            .help("remove the `parent` of the team at the top: an escalation must end");
    }
}

pub(super) fn mailbox(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    let supporting: BTreeSet<&str> = rulebook
        .references
        .iter()
        .filter(|reference| reference.field.ends_with("/support-team"))
        .filter_map(|reference| match &reference.to {
            Target::Object { kind: Kind::Team, id, .. } => Some(&**id),
            _ => None,
        })
        .collect();
    for team in &rulebook.teams {
        let works = team
            .members
            .iter()
            .any(|member| rulebook.people.get(member.as_str()).is_some_and(|person| can_act(person, today)));
        if works && team.mailbox.is_none() && supporting.contains(team.id.as_str()) {
            context
                .report(
                    team.at("/mailbox"),
                    format!("the team `{}` supports services and has no mailbox", team.id),
                )
                .label("no `mailbox`")
                .help("write the shared address that questions go to: `mailbox = \"…\"`");
        }
    }
}
