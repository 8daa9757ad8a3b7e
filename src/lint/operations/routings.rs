//! Routing: no ticket without a team that has people in it.

use std::collections::BTreeMap;

use crate::{
    decide::{policy::given, space::Unsure},
    diag::{Code, code},
    lint::{
        Context, Location,
        service_levels::shared::is_offered,
        tickets::{changes_of, tickets_of},
    },
    load::words::list,
    model::{
        Entry, Id, Ref, Rulebook,
        condition::{Condition, Literal, Operator, Test},
        routing::{Destination, Routing, TicketKind},
        service::{Lifecycle, Service},
    },
};

use super::ordered::{Ordered, covered_by, not_analysed};

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
    "earlier rules decide every ticket or change that a rule is for"
);
/// Two routings for the same tickets.
pub(super) static TWO_ROUTINGS: Code =
    code!("GS5044", "two-routings", Error, "two routings are for the same tickets");

/// The rules of a routing, as sets of tickets.
fn ordered<'a>(context: &Context<'a>, routing: &Routing) -> Result<Ordered<'a>, Unsure> {
    let rules = routing.rule.iter().map(|rule| &*rule.when);
    Ordered::new(context.vocabulary, tickets_of(context.rulebook, routing), rules)
}

pub(super) fn routing_without_default(context: &mut Context<'_>) {
    for routing in context.rulebook.routings.iter().filter(|routing| routing.default.is_none()) {
        if routing.rule.iter().any(|rule| rule.when.is_always()) {
            continue;
        }
        // What cannot be worked out is taken for a ticket that no rule matches.
        let unmatched = ordered(context, routing).and_then(|mut ordered| ordered.unmatched());
        let Some(example) = unmatched.unwrap_or_else(|_| Some(Vec::new())) else { continue };
        let finding = context.report(
            routing.at("/default"),
            format!("{}s that no rule of `{}` matches are without a team", routing.tickets, routing.id),
        );
        finding.note("nobody would see them until somebody complains");
        if !example.is_empty() {
            finding.note(format!("for example with {}", example.join(", ")));
        }
        finding.help("add `default = \"…\"` with the team that looks at what is left");
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
pub(super) fn about_service(rulebook: &Rulebook, test: &Test, service: &Entry<Service>) -> Option<bool> {
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
                        !given(&rule.when, &|test| about_service(rulebook, test, service)).is_never()
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
                    .filter(|item| !given(&rule.when, &|test| about_item(test, &item.id)).is_never())
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
        let rules: Vec<(&Id, &Condition)> =
            routing.value.rule.iter().map(|rule| (&rule.id, &*rule.when)).collect();
        let what = format!("the routing `{}`", routing.id);
        unreachable_rules(context, tickets_of(rulebook, routing), &rules, &what, |field| {
            routing.at(format!("/rule{field}"))
        });
    }
    for model in &rulebook.change_models {
        let rules: Vec<(&Id, &Condition)> =
            model.value.risk.iter().map(|rule| (&rule.id, &*rule.when)).collect();
        let what = format!("the change model `{}`", model.id);
        unreachable_rules(context, changes_of(model), &rules, &what, |field| {
            model.at(format!("/risk{field}"))
        });
    }
}

fn unreachable_rules(
    context: &mut Context<'_>,
    given: Condition,
    rules: &[(&Id, &Condition)],
    what: &str,
    at: impl Fn(&str) -> Location,
) {
    let conditions = || rules.iter().map(|(_, when)| *when);
    let mut ordered = match Ordered::new(context.vocabulary, given, conditions()) {
        Ok(ordered) => ordered,
        Err(why) => return not_analysed(context, at(""), what, conditions(), why),
    };
    for (index, (id, _)) in rules.iter().enumerate() {
        let by = match ordered.reach(index) {
            Ok(reach) => covered_by(reach),
            Err(why) => return not_analysed(context, at(""), what, conditions(), why),
        };
        let Some(by) = by else { continue };
        let names: Vec<&str> =
            by.iter().filter_map(|place| rules.get(*place)).map(|(id, _)| id.as_str()).collect();
        let always = by.iter().find(|place| ordered.is_everything(**place));
        let last = always.and_then(|place| rules.get(*place)).map(|(id, _)| *id);
        let place = at(&format!("/{index}"));
        let finding = if let Some(last) = last {
            context
                .report(place, format!("the rule `{id}` is never reached: `{last}` before it always matches"))
                .help(format!("move `{last}` to the end, give it a condition, or remove `{id}`"))
        } else {
            let verb = if names.len() == 1 { "decides" } else { "decide" };
            context
                .report(place, format!("the rule `{id}` is never reached"))
                .label(format!("{} {verb} everything that it is for", list(names.iter().copied())))
                .help("put it before the rules that cover it, narrow those, or remove it")
        };
        if last.is_none() {
            for place in by.iter().take(3) {
                finding.related(at(&format!("/{place}/id")), "decides first");
            }
        }
    }
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
                key: Place::default(),
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
