//! Rules that plainly have no request in common: they want different values of one attribute.
//!
//! Most rules of a long policy are so. Seeing it without sets keeps the comparison of each with each fast.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    decide::vocabulary::{Type, Vocabulary},
    model::condition::{Condition, Literal, Operator},
};

/// The attributes that must have one of some values for a condition to hold.
#[derive(Default)]
pub(super) struct Exact<'a>(BTreeMap<(&'a str, &'a str), BTreeSet<&'a str>>);

impl<'a> Exact<'a> {
    /// Those of a condition. Tests that make no sense or are not of texts are left out.
    pub(super) fn of(vocabulary: &Vocabulary<'_>, condition: &'a Condition) -> Self {
        let mut exact = Self::default();
        exact.add(vocabulary, condition);
        exact
    }

    fn add(&mut self, vocabulary: &Vocabulary<'_>, condition: &'a Condition) {
        match condition {
            Condition::All(parts) => parts.iter().for_each(|part| self.add(vocabulary, part)),
            Condition::Test(test) if matches!(test.operator, Operator::Is | Operator::In) => {
                let is_text = |values: &Type<'_>| {
                    matches!(values, Type::Text | Type::Choice(_) | Type::Id(_) | Type::Entitlement)
                };
                if !vocabulary.of(test).is_some_and(|resolved| is_text(&resolved.values)) {
                    return;
                }
                let word = |literal: &'a Literal| match literal {
                    Literal::Text(word) => Some(&**word),
                    _ => None,
                };
                let values: Option<BTreeSet<&str>> = test.operands.iter().map(word).collect();
                if let Some(values) = values {
                    // Of two tests of one attribute either would do.
                    self.0.entry((&*test.namespace, &*test.name)).or_insert(values);
                }
            }
            Condition::Any(_) | Condition::Not(_) | Condition::Test(_) => {}
        }
    }

    /// Whether nothing can hold both conditions.
    pub(super) fn is_apart_from(&self, other: &Self) -> bool {
        self.0.iter().any(|(attribute, values)| {
            other.0.get(attribute).is_some_and(|others| values.is_disjoint(others))
        })
    }
}
