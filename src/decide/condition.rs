//! Whether a condition holds for a request, and which tests decided that.

use super::{
    engine::Engine,
    undecidable::Undecidable,
    value::{self, Value},
    vocabulary::{Resolved, Type},
};
use crate::model::{
    Entry, Instant, Location, Origin,
    condition::{Condition, Literal, Operator, Test},
    person::Person,
};

/// A test that decided whether a condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because<'a> {
    /// The test.
    pub test: &'a Test,
    /// Where it was written.
    pub at: Location,
    /// The value that the attribute had, as it would be written; none when it was absent.
    pub actual: Option<String>,
    /// Whether the test passed.
    pub passed: bool,
}

/// Whether a condition holds for a person, as it is used by bundles and approvers by attribute.
///
/// # Errors
/// When it makes no sense.
pub fn holds_for(
    engine: &Engine<'_>,
    condition: &Condition,
    origin: Origin,
    person: &Entry<Person>,
) -> Result<bool, Undecidable> {
    engine.directory().holds(condition, person).map_or_else(|| Err(objection(engine, condition, origin)), Ok)
}

/// What is wrong with a condition over one person that cannot be decided.
fn objection(engine: &Engine<'_>, condition: &Condition, origin: Origin) -> Undecidable {
    let mut found = None;
    condition.tests(&mut |test, _| {
        let at = Location::place(origin, test.place);
        let problem = match resolved(engine, test, &at) {
            Err(problem) => Some(problem),
            Ok(resolved) => (!value::fits(test.operator, &resolved.values) || &*test.namespace != "subject")
                .then(|| Undecidable::meaningless(test, &resolved.values, at)),
        };
        found = found.take().or(problem);
    });
    found.unwrap_or(Undecidable::OutOfTime)
}

fn resolved<'e, 'a>(
    engine: &'e Engine<'a>,
    test: &Test,
    at: &Location,
) -> Result<&'e Resolved<'a>, Undecidable> {
    let unknown = || Undecidable::UnknownAttribute { attribute: test.attribute(), at: at.clone() };
    engine.vocabulary().known(test).ok_or_else(unknown)
}

/// Something of which the values of attributes are known: a request, an incident, a change.
pub trait Known<'a> {
    /// The rulebook that it is looked at with.
    fn engine(&self) -> &Engine<'a>;

    /// The value of the attribute that a test is about.
    ///
    /// # Errors
    /// When nobody knows it and it is not just absent.
    fn value<'f>(
        &'f self,
        test: &Test,
        values: &Type<'_>,
        at: &dyn Fn() -> Location,
    ) -> Result<Value<'f>, Undecidable>;

    /// Whether there is anything that attributes of a namespace could belong to: a request for no access has no
    /// entitlement, so that nothing about one is true of it.
    fn is_about(&self, namespace: &str) -> bool;

    /// Whether a condition holds. Each of its tests must make sense, also where the rest would decide it.
    ///
    /// # Errors
    /// When a test makes no sense or reads a value that nobody knows.
    fn holds(&self, condition: &Condition, origin: Origin) -> Result<bool, Undecidable> {
        match condition {
            Condition::All(parts) => {
                let mut all = true;
                for part in parts {
                    all &= self.holds(part, origin)?;
                }
                Ok(all)
            }
            Condition::Any(parts) => {
                let mut any = false;
                for part in parts {
                    any |= self.holds(part, origin)?;
                }
                Ok(any)
            }
            Condition::Not(part) => self.holds(part, origin).map(|holds| !holds),
            Condition::Test(test) => Ok(evaluate(self, test, origin)?.0),
        }
    }

    /// The tests that decided whether a condition holds: for a condition that holds every one that it
    /// needs, for one that does not the first that stood in the way.
    ///
    /// # Errors
    /// As for [`Known::holds`].
    fn because<'c>(&self, condition: &'c Condition, origin: Origin) -> Result<Vec<Because<'c>>, Undecidable> {
        let mut found = Vec::new();
        explain(self, condition, origin, &mut found)?;
        Ok(found)
    }
}

/// Whether a test passes, with the value of its attribute and what its values can be.
fn evaluate<'f, 'a: 'f>(
    known: &'f (impl Known<'a> + ?Sized),
    test: &Test,
    origin: Origin,
) -> Result<(bool, Value<'f>, &'f Type<'a>), Undecidable> {
    let at = || Location::place(origin, test.place);
    let engine = known.engine();
    let resolved = resolved(engine, test, &at())?;
    if !value::fits(test.operator, &resolved.values) {
        return Err(Undecidable::meaningless(test, &resolved.values, at()));
    }
    let actual = known.value(test, &resolved.values, &at)?;
    if actual == Value::Absent
        && !resolved.optional
        && test.operator != Operator::Exists
        && known.is_about(&test.namespace)
    {
        // What must be there and is not is a gap, and a gap is no answer.
        let why = "it has no value, and it is not declared optional".to_owned();
        return Err(Undecidable::Unknown { attribute: test.attribute(), why, at: at() });
    }
    let passed = if test.operator == Operator::Within {
        within(engine, test, &actual, at)?
    } else {
        value::passes(test, &resolved.values, &actual)
            .ok_or_else(|| Undecidable::meaningless(test, &resolved.values, at()))?
    };
    Ok((passed, actual, &resolved.values))
}

fn within(
    engine: &Engine<'_>,
    test: &Test,
    actual: &Value<'_>,
    at: impl Fn() -> Location,
) -> Result<bool, Undecidable> {
    let Some(Literal::Text(calendar)) = test.operands.first() else {
        return Err(Undecidable::meaningless(test, &Type::Instant, at()));
    };
    let calendar = engine.calendars().get(calendar, at)?;
    let Value::Number(second) = actual else { return Ok(false) };
    let instant = jiff::Timestamp::from_second(*second).map_err(|_| Undecidable::OutOfTime)?;
    Ok(calendar.is_open(instant))
}

/// Adds the reasons of one condition and says whether it holds.
fn explain<'a, 'c>(
    known: &(impl Known<'a> + ?Sized),
    condition: &'c Condition,
    origin: Origin,
    found: &mut Vec<Because<'c>>,
) -> Result<bool, Undecidable> {
    let (parts, decisive) = match condition {
        Condition::All(parts) => (parts, false),
        Condition::Any(parts) => (parts, true),
        Condition::Not(part) => return explain(known, part, origin, found).map(|holds| !holds),
        Condition::Test(test) => {
            let (passed, actual, values) = evaluate(known, test, origin)?;
            let actual = written(&actual, values);
            found.reserve_exact(1);
            found.push(Because { test, at: Location::place(origin, test.place), actual, passed });
            return Ok(passed);
        }
    };
    for part in parts {
        if known.holds(part, origin)? == decisive {
            // This part alone decides; what the parts before it said does not matter.
            return explain(known, part, origin, found);
        }
    }
    found.reserve_exact(parts.len());
    for part in parts {
        explain(known, part, origin, found)?;
    }
    Ok(!decisive)
}

/// A value as it would be written in a rulebook; none when there is none.
pub(super) fn written(value: &Value<'_>, values: &Type<'_>) -> Option<String> {
    Some(match (value, values) {
        (Value::Absent, _) => return None,
        (Value::Text(text), _) => (*text).to_owned(),
        (Value::Boolean(value), _) => value.to_string(),
        (Value::Set(members), _) => {
            let most = 8;
            let text = members.iter().take(most).copied().collect::<Vec<_>>().join(", ");
            match members.len().saturating_sub(most) {
                0 => text,
                more => format!("{text} and {more} more"),
            }
        }
        (Value::Number(place), Type::Ordered(words)) => {
            let word = usize::try_from(*place).ok().and_then(|place| words.get(place));
            word.map_or_else(|| place.to_string(), |word| (*word).to_owned())
        }
        (Value::Number(seconds), Type::Duration) => {
            crate::model::Duration::Elapsed { seconds: *seconds }.to_string()
        }
        (Value::Number(second), Type::Instant) => {
            let instant = jiff::Timestamp::from_second(*second).map(Instant);
            instant.map_or_else(|_| second.to_string(), |instant| instant.to_string())
        }
        (Value::Number(days), Type::Date) => {
            let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(*days));
            date.map_or_else(|_| days.to_string(), |date| date.to_string())
        }
        (Value::Number(number), _) => number.to_string(),
        (Value::Something, _) => "something".to_owned(),
    })
}
