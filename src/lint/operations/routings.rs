//! Routing: no ticket without a team that has people in it.

use std::collections::BTreeMap;

use crate::{
    diag::{Code, code},
    lint::{Context, Location},
    model::{Ref, routing::TicketKind, team::Team},
};

use super::shared::{after_the_last_word, constant, is_staffed};

/// Tickets that no rule matches.
pub(super) static ROUTING_WITHOUT_DEFAULT: Code =
    code!("GS5040", "routing-without-default", Error, "a ticket that no rule matches is without a team");
/// A rule that leads nowhere, or to two places.
pub(super) static RULE_DESTINATION: Code =
    code!("GS5041", "rule-destination", Error, "a routing rule names no destination, or two");
/// Tickets to a team without people.
pub(super) static ROUTING_TO_NOBODY: Code =
    code!("GS5042", "routing-to-nobody", Error, "tickets are routed to a team in which nobody works");
/// A rule that is never reached.
pub(super) static UNREACHABLE_RULE: Code = code!(
    "GS5043",
    "unreachable-rule",
    Warning,
    "a rule comes after one that always matches, or can never match"
);
/// Two routings for the same tickets.
pub(super) static TWO_ROUTINGS: Code =
    code!("GS5044", "two-routings", Error, "two routings are for the same tickets");

pub(super) fn routing_without_default(context: &mut Context<'_>) {
    for routing in context.rulebook.routings.iter().filter(|routing| routing.default.is_none()) {
        if routing.rule.iter().any(|rule| constant(&rule.when) == Some(true)) {
            continue;
        }
        context
            .report(
                routing.at("/default"),
                format!("{}s that no rule of `{}` matches are without a team", routing.tickets, routing.id),
            )
            .note("nobody would see them until somebody complains")
            .help("add `default = \"…\"` with the team that looks at what is left");
    }
}

pub(super) fn rule_destination(context: &mut Context<'_>) {
    for routing in &context.rulebook.routings {
        for (index, rule) in routing.rule.iter().enumerate() {
            let message = match (&rule.team, rule.to) {
                (None, None) => format!("the rule `{}` of `{}` leads nowhere", rule.id, routing.id),
                (Some(team), Some(to)) => format!(
                    "the rule `{}` of `{}` leads to the team `{team}` and to `{to}`",
                    rule.id, routing.id
                ),
                _ => continue,
            };
            context
                .report(routing.at(format!("/rule/{index}")), message)
                .help("write either `team = \"…\"` or `to = \"support-team\"`");
        }
    }
}

pub(super) fn routing_to_nobody(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for routing in &rulebook.routings {
        let rules = routing.rule.iter().enumerate();
        let targets = rules
            .filter_map(|(index, rule)| Some((format!("/rule/{index}/team"), rule.team.as_ref()?)))
            .chain(routing.default.as_ref().map(|team| ("/default".to_owned(), team)));
        for (pointer, team) in targets {
            to_nobody(context, routing.at(pointer), team);
        }
    }
}

fn to_nobody(context: &mut Context<'_>, at: Location, team: &Ref<Team>) {
    let Some(entry) = context.rulebook.teams.get(team.as_str()) else { return };
    if is_staffed(context.rulebook, entry, context.today) {
        return;
    }
    context
        .report(at, format!("tickets go to the team `{team}`, in which nobody works"))
        .related(entry.at("/members"), "no active member")
        .help("add members, or route to another team");
}

pub(super) fn unreachable_rule(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for routing in &rulebook.routings {
        for (index, id, last) in after_the_last_word(&routing.rule, |rule| (&rule.id, &*rule.when)) {
            never(context, routing.at(format!("/rule/{index}")), id.as_str(), last.as_str());
        }
        for (index, rule) in
            routing.rule.iter().enumerate().filter(|(_, rule)| constant(&rule.when) == Some(false))
        {
            context
                .report(
                    routing.at(format!("/rule/{index}/when")),
                    format!("the rule `{}` can never match", rule.id),
                )
                .help("complete the condition, or remove the rule");
        }
    }
    for model in &rulebook.change_models {
        for (index, id, last) in after_the_last_word(&model.risk, |rule| (&rule.id, &*rule.when)) {
            never(context, model.at(format!("/risk/{index}")), id.as_str(), last.as_str());
        }
    }
}

fn never(context: &mut Context<'_>, at: Location, id: &str, last: &str) {
    context
        .report(at, format!("the rule `{id}` is never reached: `{last}` before it always matches"))
        .help(format!("move `{last}` to the end, give it a condition, or remove `{id}`"));
}

pub(super) fn two_routings(context: &mut Context<'_>) {
    let mut first: BTreeMap<TicketKind, (Location, String)> = BTreeMap::new();
    for routing in &context.rulebook.routings {
        if let Some((location, id)) = first.get(&routing.tickets) {
            let (location, id) = (location.clone(), id.clone());
            context
                .report(
                    routing.at("/for"),
                    format!("`{id}` and `{}` are both for {}s", routing.id, routing.tickets),
                )
                .related(location, "the other one")
                .note("nothing says which of them a ticket follows")
                .help("move the rules into one of them, in the order in which they are to be read");
        } else {
            first.insert(routing.tickets, (routing.at("/for"), routing.id.to_string()));
        }
    }
}
