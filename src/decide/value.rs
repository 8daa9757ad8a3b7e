//! Values of attributes, and whether one passes a test.

use std::str::FromStr;

use super::{
    glob,
    vocabulary::{Member, Type},
};
use crate::model::{
    Duration, Instant, LocalDate,
    condition::{Literal, Operator, Test},
};

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// There is none.
    Absent,
    /// A text, a word or an id.
    Text(&'a str),
    /// A number: of something, of seconds, of the place of a word in its order, of days since 1970-01-01,
    /// or of seconds since then for a point in time. See [`number`].
    Number(i64),
    /// True or false.
    Boolean(bool),
    /// Members of a set.
    Set(Vec<&'a str>),
    /// Something that cannot be compared.
    Something,
}

/// A literal as the number by which values of an ordered type are compared; `None` when the literal is not
/// of that type or the type has no order.
#[must_use]
pub fn number(literal: &Literal, values: &Type<'_>) -> Option<i64> {
    match (values, literal) {
        (Type::Integer { .. }, Literal::Integer(number)) => Some(*number),
        (Type::Duration, Literal::Text(text)) => match Duration::from_str(text).ok()? {
            Duration::Elapsed { seconds } => Some(seconds),
            Duration::BusinessDays { .. } => None,
        },
        (Type::Date, Literal::Date(text) | Literal::Text(text)) => {
            Some(days(LocalDate::from_str(text).ok()?))
        }
        (Type::Instant, Literal::Date(text) | Literal::Text(text)) => {
            Some(Instant::from_str(text).ok()?.0.as_second())
        }
        (Type::Ordered(words), Literal::Text(text)) => {
            let place = words.iter().position(|word| *word == &**text)?;
            i64::try_from(place).ok()
        }
        _ => None,
    }
}

/// A date as the number of days since 1970-01-01.
#[must_use]
pub fn days(date: LocalDate) -> i64 {
    let since = jiff::civil::date(1970, 1, 1).until(date.0);
    since.map_or(0, |span| i64::from(span.get_days()))
}

/// Whether a value passes a test. `None` when the test makes no sense for the type, or needs a calendar.
#[must_use]
pub fn passes(test: &Test, values: &Type<'_>, value: &Value<'_>) -> Option<bool> {
    let wanted = test.operands.first();
    if test.operator == Operator::Exists {
        let Some(Literal::Boolean(expected)) = wanted else { return None };
        return Some((*value != Value::Absent) == *expected);
    }
    if *value == Value::Absent {
        return Some(false);
    }
    let any_equal = || {
        let mut any = false;
        for literal in &test.operands {
            any |= equal(literal, values, value)?;
        }
        Some(any)
    };
    let compare = |fits: fn(i64, i64) -> bool| {
        let Value::Number(actual) = value else { return None };
        Some(fits(*actual, number(wanted?, values)?))
    };
    match test.operator {
        Operator::Is | Operator::In => any_equal(),
        Operator::NotIn => any_equal().map(|equal| !equal),
        Operator::Min => compare(|actual, bound| actual >= bound),
        Operator::Max => compare(|actual, bound| actual <= bound),
        Operator::Above => compare(|actual, bound| actual > bound),
        Operator::Below => compare(|actual, bound| actual < bound),
        Operator::Glob => match (value, values, wanted?) {
            (Value::Text(text), _, Literal::Text(pattern)) => Some(glob::matches(pattern, text)),
            (Value::Number(place), Type::Ordered(words), Literal::Text(pattern)) => {
                let word = words.get(usize::try_from(*place).ok()?)?;
                Some(glob::matches(pattern, word))
            }
            _ => None,
        },
        Operator::Contains => {
            let (Value::Set(members), Type::Set(_)) = (value, values) else { return None };
            let holds =
                |literal: &Literal| matches!(literal, Literal::Text(text) if members.contains(&&**text));
            Some(test.operands.iter().all(holds))
        }
        Operator::Exists | Operator::Within => None,
    }
}

fn equal(literal: &Literal, values: &Type<'_>, value: &Value<'_>) -> Option<bool> {
    match (value, literal) {
        (Value::Text(actual), Literal::Text(wanted)) => Some(*actual == &**wanted),
        (Value::Boolean(actual), Literal::Boolean(wanted)) => Some(actual == wanted),
        (Value::Number(actual), literal) => Some(*actual == number(literal, values)?),
        _ => None,
    }
}

/// Whether an operator makes sense for a type.
#[must_use]
pub fn fits(operator: Operator, values: &Type<'_>) -> bool {
    use Operator::{Above, Below, Contains, Exists, Glob, In, Is, Max, Min, NotIn, Within};
    match operator {
        Exists => !matches!(values, Type::Set(Member::Id(_) | Member::Entitlement)),
        Is | In | NotIn => !matches!(values, Type::Set(_) | Type::Opaque | Type::Instant),
        Min | Max | Above | Below => matches!(
            values,
            Type::Integer { .. } | Type::Date | Type::Instant | Type::Duration | Type::Ordered(_)
        ),
        Glob => matches!(
            values,
            Type::Text | Type::Choice(_) | Type::Ordered(_) | Type::Id(_) | Type::Entitlement
        ),
        Contains => matches!(values, Type::Set(_)),
        Within => matches!(values, Type::Instant),
    }
}

/// Whether a literal can be a value of a type, whatever the words and objects are that exist. Patterns,
/// `exists` and `within` take other literals and are not asked about here.
#[must_use]
pub fn is_of(literal: &Literal, values: &Type<'_>) -> bool {
    match values {
        Type::Text | Type::Choice(_) | Type::Ordered(_) | Type::Id(_) | Type::Entitlement | Type::Set(_) => {
            matches!(literal, Literal::Text(_))
        }
        Type::Boolean => matches!(literal, Literal::Boolean(_)),
        Type::Integer { .. } | Type::Date | Type::Instant | Type::Duration => {
            number(literal, values).is_some()
        }
        Type::Opaque => false,
    }
}
