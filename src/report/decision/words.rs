//! What the parts of a decision are called.

use crate::{
    decide::decision::{Denial, Effect},
    model::{
        Location, Selector,
        condition::{Operator, Test},
        routing::Destination,
        scenario::Verdict,
        service::Lifecycle,
    },
};

/// More people who cannot act are counted.
const MOST_EXCLUDED: usize = 8;

/// A verdict, as people say it.
#[must_use]
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approved => "approved",
        Verdict::NeedsApproval => "needs approval",
        Verdict::Denied => "denied",
        Verdict::Invalid => "not a valid request",
    }
}

/// An entitlement by its selector, as `service/entitlement`.
#[must_use]
pub fn entitlement(selector: &Selector) -> String {
    selector.part.as_ref().map_or_else(|| selector.id.to_string(), |part| format!("{}/{part}", selector.id))
}

/// Why a request is denied.
#[must_use]
pub fn denial(denial: &Denial) -> String {
    match denial {
        Denial::Lifecycle { service, lifecycle: Lifecycle::Retired } => {
            format!("the service `{service}` is retired")
        }
        Denial::Lifecycle { service, lifecycle } => {
            format!("the service `{service}` is {lifecycle}, so it cannot be asked for")
        }
        Denial::TypeLifecycle { request_type, lifecycle } => {
            format!("the request type `{request_type}` is {lifecycle}")
        }
        Denial::NotRequestable(of) => {
            format!("`{}` cannot be asked for: it only comes with a bundle", entitlement(of))
        }
        Denial::NotAvailable(of) => format!("the request type `{}` is not available to them", of.id),
        Denial::Inactive { person, is_beneficiary: true } => {
            format!("`{person}`, who it is for, is inactive or has left")
        }
        Denial::Inactive { person, is_beneficiary: false } => {
            format!("`{person}`, who asks, is inactive or has left")
        }
        Denial::Rule { rule, why: Some(why), .. } => format!("{rule}: {why}"),
        Denial::Rule { rule, why: None, .. } => format!("{rule} denies it"),
        Denial::Duties { rule, why, pair: (one, other), record } => {
            let elsewhere = record.as_ref();
            let elsewhere = elsewhere.map(|record| format!(" of `{record}`, who is the same person"));
            format!("{rule}: {why} (`{one}` with `{other}`{})", elsewhere.unwrap_or_default())
        }
        Denial::NotStarted { person, is_beneficiary: true } => {
            format!("`{person}`, who it is for, has not started, and no first day is known")
        }
        Denial::NotStarted { person, is_beneficiary: false } => {
            format!("`{person}`, who asks, has not started yet")
        }
        Denial::Default(Some(entitlement)) => {
            format!("no rule matches `{entitlement}`, and what no rule allows is denied")
        }
        Denial::Default(None) => "the request type asks nobody, and what no rule allows is denied".to_owned(),
        Denial::NoApprover { stages, needed, people, excluded, .. } => {
            let stages = stages.join("`, `");
            let text = match (people, needed) {
                (0, _) => format!("nobody can approve `{stages}`"),
                _ => format!("`{stages}` need {needed} different people, and {people} can act"),
            };
            let cannot: Vec<String> = excluded
                .iter()
                .take(MOST_EXCLUDED)
                .map(|(person, why)| format!("`{person}` {}", why.words()))
                .collect();
            let more = excluded.len().saturating_sub(MOST_EXCLUDED);
            match (cannot.as_slice(), people) {
                ([], 0) => format!("{text}: it names nobody"),
                ([], _) => text,
                (all, _) if more > 0 => format!("{text}: {}, and {more} more cannot", all.join(", ")),
                (all, _) => format!("{text}: {}", all.join(", ")),
            }
        }
        Denial::NoEnd(of) => format!(
            "`{}` would have no end, which is only possible for low risk: ask for it with a duration",
            entitlement(of)
        ),
        Denial::MissingEvidence { evidence, .. } => {
            format!("{evidence} is missing: bring it and ask again")
        }
        Denial::Undecidable(why) => format!("it cannot be decided: {why}"),
    }
}

/// Where the reason of a denial was written, when the trace does not say so.
#[must_use]
pub fn denial_place(denial: &Denial) -> Option<Location> {
    match denial {
        Denial::Undecidable(why) => why.place().cloned(),
        Denial::NoApprover { at, .. } => Some(at.clone()),
        _ => None,
    }
}

/// What a rule does.
#[must_use]
pub fn effect(effect: &Effect) -> String {
    match effect {
        Effect::AutoApprove => "approves without asking".to_owned(),
        Effect::Deny => "denies".to_owned(),
        Effect::Workflow(workflow) => format!("asks workflow:{workflow}"),
        Effect::MaxDuration(longest) => format!("at most {longest}"),
        Effect::Require(evidence) => format!("demands {evidence}"),
        Effect::Apart(one, other) => format!("{one} does not go with {other}"),
        Effect::Team(team) => format!("goes to team:{team}"),
        Effect::Destination(Destination::SupportTeam) => {
            "goes to the team that supports the service".to_owned()
        }
        Effect::Destination(Destination::ConfigurationItemTeam) => {
            "goes to the team that supports the configuration item".to_owned()
        }
        Effect::Destination(Destination::OnCall) => {
            "goes to whoever of the team that supports the service is on call".to_owned()
        }
        Effect::Major => "makes it a major incident".to_owned(),
        Effect::Model => "is the model that it follows".to_owned(),
        Effect::Risk(risk) => format!("gives it {risk} risk"),
    }
}

/// What an attribute had to be.
#[must_use]
pub fn wanted(test: &Test) -> String {
    let operands: Vec<String> = test.operands.iter().map(ToString::to_string).collect();
    let all = operands.join(", ");
    match test.operator {
        Operator::Is => format!("is {all}"),
        Operator::In => format!("is one of {all}"),
        Operator::NotIn => format!("is none of {all}"),
        Operator::Min => format!("is at least {all}"),
        Operator::Max => format!("is at most {all}"),
        Operator::Above => format!("is more than {all}"),
        Operator::Below => format!("is less than {all}"),
        Operator::Glob => format!("matches {all}"),
        Operator::Exists if all == "true" => "is there".to_owned(),
        Operator::Exists => "is not there".to_owned(),
        Operator::Contains => format!("contains {all}"),
        Operator::Within => format!("lies in the hours of {all}"),
    }
}
