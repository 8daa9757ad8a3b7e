//! Words that have an order, of which two rulebooks know other ones, or know them in another order.
//!
//! A space of several rulebooks has every word that one of them knows. Each of them compares words by the order that it has
//! itself, and a word that it does not know is one that nobody has there: it is none of the words that are named, it is neither
//! more nor less than any of them, and a pattern fits it as it fits any text.

use super::{
    Set, Space, Unsure,
    atoms::{Class, Facet, Variable},
};
use crate::{
    decide::{
        glob,
        value::{self, Value},
        vocabulary::{Type, Vocabulary},
    },
    model::condition::{Condition, Literal, Operator, Test},
};

impl<'a> Space<'a> {
    /// The set of everything for which a condition of one of the rulebooks holds.
    ///
    /// # Errors
    /// As [`Space::set`].
    pub fn set_of(&mut self, vocabulary: &Vocabulary<'a>, condition: &Condition) -> Result<Set, Unsure> {
        self.held(condition, Some(vocabulary))
    }

    /// The class of a variable that a value of one of the rulebooks belongs to; `None` when the value is not of its type.
    #[must_use]
    pub fn class_in(&self, vocabulary: &Vocabulary<'a>, variable: usize, value: &Value<'_>) -> Option<u32> {
        let found = self.variables.get(variable)?;
        let (Type::Ordered(all), Value::Number(place)) = (&found.values, value) else {
            return found.class_of(value);
        };
        let own = vocabulary.resolve(&found.key.namespace, &found.key.name)?;
        let Type::Ordered(own) = own.values else { return None };
        let word = own.get(usize::try_from(*place).ok()?)?;
        let place = all.iter().position(|known| known == word)?;
        found.class_of(&Value::Number(i64::try_from(place).ok()?))
    }

    /// The words that a rulebook itself knows, where it matters which they are.
    pub(super) fn own_words(
        &self,
        vocabulary: Option<&Vocabulary<'a>>,
        test: &Test,
    ) -> Result<Option<Vec<&'a str>>, Unsure> {
        if !self.divided.contains(&(test.namespace.clone(), test.name.clone())) {
            return Ok(None);
        }
        // Without the rulebook nobody knows by which order the test compares.
        match vocabulary.ok_or(Unsure::Types)?.of(test).map(|resolved| resolved.values) {
            Some(Type::Ordered(own)) => Ok(Some(own)),
            _ => Err(Unsure::Types),
        }
    }
}

impl Variable<'_> {
    /// Which classes pass a test that knows only some of the words, in an order of its own; `None` when the test makes no sense.
    pub(super) fn accepted_by(&self, test: &Test, own: &[&str]) -> Option<Vec<bool>> {
        let (Type::Ordered(all), Facet::Value) = (&self.values, &self.key.facet) else { return None };
        let values = Type::Ordered(own.to_vec());
        let passes = |class: &Class| {
            let Class::Numbers(place, _) = class else {
                return value::passes(test, &values, &Value::Absent);
            };
            let word = *all.get(usize::try_from(*place).ok()?)?;
            match own.iter().position(|known| *known == word) {
                Some(place) => value::passes(test, &values, &Value::Number(i64::try_from(place).ok()?)),
                None => unknown(test, &values, word),
            }
        };
        self.classes.iter().map(passes).collect()
    }
}

/// Whether a word that a rulebook does not know passes a test of it.
fn unknown(test: &Test, values: &Type<'_>, word: &str) -> Option<bool> {
    let all_known = || test.operands.iter().all(|literal| value::number(literal, values).is_some());
    match test.operator {
        Operator::Exists => value::passes(test, values, &Value::Something),
        Operator::Glob => match test.operands.first()? {
            Literal::Text(pattern) => Some(glob::matches(pattern, word)),
            _ => None,
        },
        Operator::NotIn => all_known().then_some(true),
        Operator::Is | Operator::In | Operator::Min | Operator::Max | Operator::Above | Operator::Below => {
            all_known().then_some(false)
        }
        Operator::Contains | Operator::Within => None,
    }
}
