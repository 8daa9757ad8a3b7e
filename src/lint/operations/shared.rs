//! What the lints about operations share: who can act, and conditions that need no ticket to be decided.

use jiff::civil::Date;

use crate::model::{
    Entry, Id, Principal, Role, Rulebook,
    condition::{Condition, Operator, Test},
    person::{Person, PersonStatus},
    service::Service,
    tier::Tier,
};

/// Whether a person can be reached at work: active, begun, and not gone.
pub(super) fn works(person: &Person, today: Date) -> bool {
    person.status == PersonStatus::Active
        && person.start.is_none_or(|start| start.0 <= today)
        && person.end.is_none_or(|end| end.0 >= today)
}

/// Why somebody who is named cannot be reached; none when they can, or when it is told elsewhere: a team
/// without members is a finding about that team.
pub(super) fn unreachable(rulebook: &Rulebook, who: &Principal, today: Date) -> Option<String> {
    match who {
        Principal::Person(id) => {
            let person = rulebook.people.get(id.as_str())?;
            (!works(person, today)).then(|| format!("`{who}` does not work here today"))
        }
        Principal::OnCall(id) => {
            let team = rulebook.teams.get(id.as_str())?;
            team.on_call.is_none().then(|| format!("the team `{id}` has no on-call rota"))
        }
        Principal::Team(_) | Principal::Role(_) => None,
    }
}

/// Whether somebody can answer for what happens next: a role with authority, a person, or a team. Whoever
/// asked answers for nothing.
pub(super) fn can_answer(who: &Principal) -> bool {
    !matches!(who, Principal::Role(Role::Requester))
}

/// What a condition is whatever the ticket or change: true, false, or not to be said without one.
///
/// Exact for what is written as nothing (`{}`, empty lists); a condition over attributes is not decided here.
pub(super) fn constant(condition: &Condition) -> Option<bool> {
    partly(condition, &|test| (test.operator == Operator::In && test.operands.is_empty()).then_some(false))
}

/// What a condition is when only some of its tests can be decided.
pub(super) fn partly(condition: &Condition, decide: &impl Fn(&Test) -> Option<bool>) -> Option<bool> {
    match condition {
        Condition::All(parts) => {
            let known: Vec<Option<bool>> = parts.iter().map(|part| partly(part, decide)).collect();
            if known.contains(&Some(false)) {
                Some(false)
            } else {
                known.iter().all(|part| *part == Some(true)).then_some(true)
            }
        }
        Condition::Any(parts) => {
            let known: Vec<Option<bool>> = parts.iter().map(|part| partly(part, decide)).collect();
            if known.contains(&Some(true)) {
                Some(true)
            } else {
                known.iter().all(|part| *part == Some(false)).then_some(false)
            }
        }
        Condition::Not(part) => partly(part, decide).map(|value| !value),
        Condition::Test(test) => decide(test),
    }
}

/// The rules after the first one that always matches, with that one.
pub(super) fn after_the_last_word<'a, R>(
    rules: &'a [R],
    parts: impl Fn(&'a R) -> (&'a Id, &'a Condition),
) -> Vec<(usize, &'a Id, &'a Id)> {
    let always = rules.iter().position(|rule| constant(parts(rule).1) == Some(true));
    let Some((position, last)) = always.and_then(|at| Some((at, parts(rules.get(at)?).0))) else {
        return Vec::new();
    };
    rules.iter().enumerate().skip(position + 1).map(|(index, rule)| (index, parts(rule).0, last)).collect()
}

/// The tier of a service, when it is one of the two most critical ranks.
pub(super) fn critical_tier<'a>(rulebook: &'a Rulebook, service: &Service) -> Option<&'a Entry<Tier>> {
    rulebook.tiers.get(service.tier.as_ref()?.as_str()).filter(|tier| tier.rank <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(json: serde_json::Value) -> Condition {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn conditions_of_nothing_are_decided_and_others_are_not() {
        let json = |text: &str| condition(serde_json::from_str(text).unwrap());
        for (text, expected) in [
            ("{}", Some(true)),
            (r#"{"all": []}"#, Some(true)),
            (r#"{"any": []}"#, Some(false)),
            (r#"{"any": [{}]}"#, Some(true)),
            (r#"{"not": {}}"#, Some(false)),
            (r#"{"not": {"any": []}}"#, Some(true)),
            (r#"{"all": [{}, {"any": []}]}"#, Some(false)),
        ] {
            assert_eq!(constant(&json(text)), expected, "{text}");
        }
        let test = Condition::Test(crate::model::condition::Test {
            namespace: "incident".into(),
            name: "security".into(),
            operator: Operator::Is,
            operands: vec![crate::model::condition::Literal::Boolean(true)],
            place: crate::diag::Place::default(),
        });
        assert_eq!(constant(&test), None);
        assert_eq!(constant(&Condition::All(vec![test.clone(), Condition::All(Vec::new())])), None);
        assert_eq!(constant(&Condition::Any(vec![test, Condition::All(Vec::new())])), Some(true));
    }

    #[test]
    fn people_work_between_their_first_and_last_day() {
        let today = "2026-11-20".parse().unwrap();
        let person = |json: serde_json::Value| serde_json::from_value::<Person>(json).unwrap();
        for (extra, expected) in [
            (serde_json::json!({ "name": "A" }), true),
            (serde_json::json!({ "name": "A", "end": "2026-11-20" }), true),
            (serde_json::json!({ "name": "A", "end": "2026-11-19" }), false),
            (serde_json::json!({ "name": "A", "start": "2026-11-21" }), false),
            (serde_json::json!({ "name": "A", "status": "on-leave" }), false),
        ] {
            assert_eq!(works(&person(extra.clone()), today), expected, "{extra}");
        }
    }
}
