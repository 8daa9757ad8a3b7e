//! Conditions, by the book: an absent value passes no comparison.

use super::steps::Case;
use crate::model::{
    Entry,
    category::Category,
    condition::{Condition, Literal, Operator, Test},
    person::Person,
    service::Risk,
};

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Absent,
    Text(String),
    Number(i64),
    Boolean(bool),
    Set(Vec<String>),
}

pub(super) fn text(text: Option<&str>) -> Value {
    match text {
        Some(text) if !text.trim().is_empty() => Value::Text(text.to_owned()),
        _ => Value::Absent,
    }
}

/// Whether a condition holds when the values of attributes are these.
pub(super) fn holds(condition: &Condition, value: &dyn Fn(&str, &str) -> Value) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| holds(part, value)),
        Condition::Any(parts) => parts.iter().any(|part| holds(part, value)),
        Condition::Not(part) => !holds(part, value),
        Condition::Test(test) => passes(test, &value(&test.namespace, &test.name)),
    }
}

fn passes(test: &Test, value: &Value) -> bool {
    if test.operator == Operator::Exists {
        return test.operands == [Literal::Boolean(*value != Value::Absent)];
    }
    let compare = |operand: &Literal| match (value, operand) {
        (Value::Number(number), operand) => Some(number.cmp(&as_number(test, operand))),
        (Value::Text(value), Literal::Text(operand)) => Some(value.as_str().cmp(operand)),
        (Value::Boolean(value), Literal::Boolean(operand)) => Some(value.cmp(operand)),
        _ => None,
    };
    let is = |operand: &Literal| compare(operand).is_some_and(std::cmp::Ordering::is_eq);
    let first = test.operands.first().unwrap();
    match test.operator {
        _ if *value == Value::Absent => false,
        Operator::Is => is(first),
        Operator::In => test.operands.iter().any(is),
        Operator::NotIn => !test.operands.iter().any(is),
        Operator::Min => compare(first).unwrap().is_ge(),
        Operator::Max => compare(first).unwrap().is_le(),
        Operator::Above => compare(first).unwrap().is_gt(),
        Operator::Below => compare(first).unwrap().is_lt(),
        Operator::Contains => match value {
            Value::Set(members) => test.operands.iter().all(|operand| members.contains(&operand.to_string())),
            _ => panic!("only sets contain"),
        },
        Operator::Glob => match value {
            Value::Text(value) => test
                .operands
                .iter()
                .any(|pattern| matches_glob(&characters(&pattern.to_string()), &characters(value))),
            _ => panic!("only texts have patterns"),
        },
        Operator::Within | Operator::Exists => panic!("not drawn"),
    }
}

fn characters(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// `*` stands for any text and `?` for one character.
fn matches_glob(pattern: &[char], value: &[char]) -> bool {
    match (pattern, value) {
        ([], _) => value.is_empty(),
        (['*', rest @ ..], _) => (0..=value.len()).any(|at| matches_glob(rest, &value[at..])),
        ([first, rest @ ..], [found, others @ ..]) => {
            (*first == '?' || first == found) && matches_glob(rest, others)
        }
        (_, []) => false,
    }
}

/// What a number of this attribute is compared with.
fn as_number(test: &Test, operand: &Literal) -> i64 {
    match operand {
        Literal::Integer(number) => *number,
        Literal::Date(date) if &*test.name == "instant" => {
            date.parse::<jiff::Timestamp>().unwrap().as_second()
        }
        Literal::Date(date) => days(date.parse().unwrap()),
        Literal::Text(word) if &*test.name == "risk" => rank(word),
        Literal::Text(length) => length.parse::<crate::model::Duration>().unwrap().seconds(0),
        Literal::Boolean(_) => panic!("no number"),
    }
}

pub(super) fn days(date: jiff::civil::Date) -> i64 {
    i64::from((date - jiff::civil::date(1970, 1, 1)).get_days())
}

fn rank(word: &str) -> i64 {
    let words = [Risk::Low, Risk::Medium, Risk::High, Risk::Critical].map(Risk::name);
    i64::try_from(words.iter().position(|known| *known == word).unwrap()).unwrap()
}

/// An attribute of a person.
pub(super) fn of_person(case: &Case<'_>, person: &Entry<Person>, name: &str) -> Value {
    match name {
        "id" => Value::Text(person.id.to_string()),
        "department" => text(person.department.as_deref()),
        "title" => text(person.title.as_deref()),
        "location" => text(person.location.as_deref()),
        "employment" => text(Some(person.employment.name())),
        "status" => text(Some(person.status.name())),
        "manager" => text(person.manager.as_ref().map(crate::model::Ref::as_str)),
        "teams" => {
            let teams = case.book.teams.iter();
            let of = teams.filter(|team| team.members.iter().any(|member| *member.id() == person.id));
            Value::Set(of.map(|team| team.id.to_string()).collect())
        }
        "start" => person.start.map_or(Value::Absent, |date| Value::Number(days(date.0))),
        "end" => person.end.map_or(Value::Absent, |date| Value::Number(days(date.0))),
        "level" => match person.attributes.get("level") {
            Some(Literal::Integer(level)) => Value::Number(*level),
            _ => Value::Absent,
        },
        _ => panic!("{name} is not drawn"),
    }
}

/// An attribute of a request for one entitlement.
pub(super) fn of_request(case: &Case<'_>, item: &str, namespace: &str, name: &str) -> Value {
    let (service, entitlement) = case.offer(item);
    let request = case.request;
    let held = || case.held_now();
    let number = |count: usize| Value::Number(i64::try_from(count).unwrap());
    match (namespace, name) {
        ("requester", "is-beneficiary") => {
            Value::Boolean(case.is_one(&case.requester.id, &case.beneficiary.id))
        }
        ("requester", "is-manager") => Value::Boolean(
            !case.is_one(&case.requester.id, &case.beneficiary.id)
                && case
                    .beneficiary
                    .manager
                    .as_ref()
                    .is_some_and(|it| case.is_one(it.id(), &case.requester.id)),
        ),
        ("subject", name) => of_person(case, case.beneficiary, name),
        ("requester", name) => of_person(case, case.requester, name),
        ("service", "id") => text(Some(service.id.as_str())),
        ("service", "category") => text(service.category.as_ref().map(crate::model::Ref::as_str)),
        ("service", "function") => {
            let category =
                service.category.as_ref().and_then(|category| case.book.categories.get(category.as_str()));
            text(category.map(|category: &Entry<Category>| category.function.name()))
        }
        ("service", "lifecycle") => text(service.lifecycle.map(crate::model::service::Lifecycle::name)),
        ("entitlement", "id") => text(Some(item)),
        ("entitlement", "risk") => Value::Number(rank(entitlement.risk.name())),
        ("entitlement", "privileged") => Value::Boolean(entitlement.privileged),
        ("entitlement", "environment") => text(Some(entitlement.environment.name())),
        ("entitlement", "role") => text(entitlement.role.as_deref()),
        ("request", "duration") => {
            request.duration.map_or(Value::Absent, |found| Value::Number(found.seconds(0)))
        }
        ("request", "environment") => text(request.environment.map(crate::model::service::Environment::name)),
        ("request", "justification") => text(request.justification.as_deref()),
        ("request", "ticket") => text(request.ticket.as_deref()),
        ("request", "instant") => Value::Number(case.now.as_second()),
        ("request", "emergency") => Value::Boolean(request.emergency),
        ("peers", "share") => number(case.share_of_peers(item)),
        ("grants", "entitlements") => Value::Set(held().into_iter().collect()),
        ("grants", "services") => {
            Value::Set(held().iter().map(|held| held.split('/').next().unwrap().to_owned()).collect())
        }
        ("grants", "count") => number(held().len()),
        _ => panic!("{namespace}.{name} is not drawn"),
    }
}
