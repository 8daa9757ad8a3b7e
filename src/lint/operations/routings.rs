//! Routing: no ticket without a team that has people in it.

use std::collections::BTreeMap;

use crate::{
    diag::{Code, code},
    lint::{Context, Location, service_levels::shared::is_offered},
    load::shape::list,
    model::{
        Entry, Id, Ref, Rulebook,
        condition::{Literal, Operator, Test},
        routing::{Destination, TicketKind},
        service::{Lifecycle, Service},
    },
};

use super::shared::{after_the_last_word, constant, partly};

/// Tickets that no rule matches.
pub(super) static ROUTING_WITHOUT_DEFAULT: Code =
    code!("GS5040", "routing-without-default", Error, "a ticket that no rule matches is without a team");
/// A rule that leads nowhere, or to two places.
pub(super) static RULE_DESTINATION: Code =
    code!("GS5041", "rule-destination", Error, "a routing rule names no destination, or two");
/// Tickets to a destination that does not exist for some of them.
pub(super) static ROUTING_TO_NOBODY: Code =
    code!("GS5042", "routing-to-nobody", Error, "the destination of a rule does not exist for some tickets");
/// A rule that is never reached.
pub(super) static UNREACHABLE_RULE: Code = code!(
    "GS5043",
    "unreachable-ticket-rule",
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

/// What a test says about a service, when that can be read off the catalogue.
fn about_service(rulebook: &Rulebook, test: &Test, service: &Entry<Service>) -> Option<bool> {
    if &*test.namespace != "service" {
        return None;
    }
    let value = match &*test.name {
        "id" => Some(service.id.as_str()),
        "tier" => service.tier.as_ref().map(Ref::as_str),
        "category" => service.category.as_ref().map(Ref::as_str),
        "tenant" => service.tenant.as_ref().map(Ref::as_str),
        "lifecycle" => service.lifecycle.map(Lifecycle::name),
        "function" => {
            let category = service.category.as_ref().and_then(|id| rulebook.categories.get(id.as_str()));
            category.map(|category| category.function.name())
        }
        _ => return None,
    };
    let listed = test.operands.iter().any(|operand| match operand {
        Literal::Text(operand) => value == Some(&**operand),
        _ => false,
    });
    match test.operator {
        Operator::Is | Operator::In => Some(listed),
        // A comparison with something that is not there is false.
        Operator::NotIn => Some(value.is_some() && !listed),
        _ => None,
    }
}

/// What a test says about the configuration item that failed.
fn about_item(test: &Test, item: &Id) -> Option<bool> {
    if (&*test.namespace, &*test.name) != ("incident", "configuration-item") {
        return None;
    }
    let listed = test.operands.contains(&Literal::Text(item.as_str().into()));
    match test.operator {
        Operator::Is | Operator::In => Some(listed),
        Operator::NotIn => Some(!listed),
        _ => None,
    }
}

pub(super) fn routing_to_nobody(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for routing in &rulebook.routings {
        for (index, rule) in routing.rule.iter().enumerate() {
            let lost: Vec<(&str, Location)> = match rule.to {
                Some(Destination::OnCall) => rulebook
                    .services
                    .iter()
                    .filter(|service| is_offered(service))
                    .filter(|service| {
                        partly(&rule.when, &|test| about_service(rulebook, test, service)) != Some(false)
                    })
                    .filter_map(|service| {
                        let team = rulebook.teams.get(service.support_team.as_ref()?.as_str())?;
                        team.on_call.is_none().then(|| (service.id.as_str(), service.at("/support-team")))
                    })
                    .collect(),
                Some(Destination::ConfigurationItemTeam) => rulebook
                    .configuration_items
                    .iter()
                    .filter(|item| item.support_team.is_none())
                    .filter(|item| partly(&rule.when, &|test| about_item(test, &item.id)) != Some(false))
                    .map(|item| (item.id.as_str(), item.at("/support-team")))
                    .collect(),
                _ => continue,
            };
            let (Some((_, at)), Some(to)) = (lost.first(), rule.to) else { continue };
            let (of, lacks) = match to {
                Destination::OnCall => ("the service", "a support team without an on-call rota"),
                _ => ("the configuration item", "no support team"),
            };
            let names = list(lost.iter().map(|(id, _)| *id));
            context
                .report(
                    routing.at(format!("/rule/{index}/to")),
                    format!("the rule `{}` routes to `{to}`, but {of} {names} has {lacks}", rule.id),
                )
                .related(at.clone(), "for example")
                .help("add what is missing, or leave these tickets to another rule with `when`");
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diag::Place, model::Origin};

    #[test]
    fn what_the_catalogue_says_about_a_service_decides_a_test() {
        let mut rulebook = Rulebook::default();
        let category = Entry {
            id: Id::new("buildings").unwrap(),
            value: serde_json::from_str(r#"{"name": "Buildings", "function": "facilities"}"#).unwrap(),
            origin: Origin::default(),
        };
        rulebook.categories.insert(category).unwrap();
        let service = Entry {
            id: Id::new("lift").unwrap(),
            value: serde_json::from_str(r#"{"name": "Lift", "category": "buildings"}"#).unwrap(),
            origin: Origin::default(),
        };
        let of = |name: &str, operator: Operator, value: &str| {
            let test = Test {
                namespace: "service".into(),
                name: name.into(),
                operator,
                operands: vec![Literal::Text(value.into())],
                place: Place::default(),
            };
            about_service(&rulebook, &test, &service)
        };
        assert_eq!(of("id", Operator::Is, "lift"), Some(true));
        assert_eq!(of("id", Operator::NotIn, "lift"), Some(false));
        assert_eq!(of("function", Operator::In, "facilities"), Some(true));
        assert_eq!(of("function", Operator::In, "hr"), Some(false));
        assert_eq!(of("tier", Operator::Is, "gold"), Some(false), "a comparison with nothing is false");
        assert_eq!(of("tier", Operator::NotIn, "gold"), Some(false), "a comparison with nothing is false");
        assert_eq!(of("clearance", Operator::Is, "high"), None);
    }
}
