//! Conditions that surely never hold together, found out from how they are written.
//!
//! Most rules have nothing to do with the few that a change is about: somebody else's department, another country.
//! Those are left out before any set of requests is made for them.

use crate::{
    decide::{
        facts::declared,
        value::{Value, number, passes},
        vocabulary::{Type, Vocabulary},
    },
    model::condition::{Condition, Literal, Operator, Test},
};

/// How many literals are held against a test for one pair of conditions; whoever writes more is not left out.
const MOST: usize = 4_096;

/// Whether two conditions surely hold for no request together. Where that takes too long to find out they are not.
pub(super) fn are_apart(vocabulary: &Vocabulary<'_>, one: &Condition, other: &Condition) -> bool {
    Pair { vocabulary, left: MOST }.are_apart(one, other)
}

struct Pair<'v, 'a> {
    vocabulary: &'v Vocabulary<'a>,
    left: usize,
}

impl Pair<'_, '_> {
    fn are_apart(&mut self, one: &Condition, other: &Condition) -> bool {
        match (one, other) {
            // Each alternative may be apart for a reason of its own.
            (Condition::Any(parts), other) | (other, Condition::Any(parts)) => {
                parts.iter().all(|part| self.are_apart(part, other))
            }
            (Condition::All(parts), other) | (other, Condition::All(parts)) => {
                parts.iter().any(|part| self.are_apart(part, other))
            }
            (Condition::Test(one), Condition::Test(other)) => self.are_tests_apart(one, other),
            (Condition::Not(_), _) | (_, Condition::Not(_)) => false,
        }
    }

    fn are_tests_apart(&mut self, one: &Test, other: &Test) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        if one.name != other.name || one.namespace != other.namespace {
            return false;
        }
        let Some(resolved) = self.vocabulary.known(one) else { return false };
        let values = &resolved.values;
        // Who holds several things at once passes tests of each of them.
        if matches!(values, Type::Set(_)) {
            return false;
        }
        self.is_none(one, other, values) || self.is_none(other, one, values) || between(one, other, values)
    }

    /// Whether a test is passed by some values only, none of which passes the other.
    fn is_none(&mut self, one: &Test, other: &Test, values: &Type<'_>) -> bool {
        if !matches!(one.operator, Operator::Is | Operator::In) {
            return false;
        }
        one.operands.iter().all(|literal| {
            let Some(left) = self.left.checked_sub(other.operands.len().max(1)) else { return false };
            self.left = left;
            let value = match literal {
                // A declared word is blank where nothing is declared; a test of it means just that word.
                Literal::Text(text) if text.trim().is_empty() => return false,
                literal => declared(literal, values),
            };
            !matches!(value, Value::Absent | Value::Something | Value::Set(_))
                && passes(other, values, &value) == Some(false)
        })
    }
}

/// Whether a number would have to be at least one number and at most a lesser one.
fn between(one: &Test, other: &Test, values: &Type<'_>) -> bool {
    let of = |test: &Test| {
        let bound = number(test.operands.first()?, values)?;
        Some(match test.operator {
            Operator::Min => (bound, i64::MAX),
            Operator::Above => (bound.saturating_add(1), i64::MAX),
            Operator::Max => (i64::MIN, bound),
            Operator::Below => (i64::MIN, bound.saturating_sub(1)),
            _ => return None,
        })
    };
    let (Some((one_least, one_greatest)), Some((other_least, other_greatest))) = (of(one), of(other)) else {
        return false;
    };
    one_least > other_greatest || other_least > one_greatest
}

#[cfg(test)]
mod tests {
    use crate::decide::{engine::Engine, testing::rulebook};

    use super::*;

    /// Whether two conditions of a policy are apart.
    fn apart(one: &str, other: &str) -> bool {
        let rulebook = rulebook(&format!(
            r#"
[access.all]
applies-to = "everything"
rule = [
  {{ id = "one", {one}, decision = "deny" }},
  {{ id = "other", {other}, decision = "deny" }},
]
"#
        ));
        let rules = &rulebook.access.get("all").unwrap().value.rule;
        let engine = Engine::new(&rulebook).unwrap();
        let found = are_apart(engine.vocabulary(), &rules[0].when, &rules[1].when);
        assert_eq!(found, are_apart(engine.vocabulary(), &rules[1].when, &rules[0].when));
        found
    }

    #[test]
    fn what_no_request_passes_is_apart_and_its_nearest_neighbour_is_not() {
        for (one, other, neighbour) in [
            (
                r#"when.subject.department = "it""#,
                r#"when.subject.department = ["hr", "legal"]"#,
                r#"when.subject.department = ["hr", "it"]"#,
            ),
            (
                r#"when.subject.department = ["it", "it-ops"]"#,
                r#"when.subject.department.glob = "hr*""#,
                r#"when.subject.department.glob = "it-*""#,
            ),
            (
                r#"when.subject.department = "it""#,
                r#"when.subject.department.not-in = ["it", "hr"]"#,
                r#"when.subject.department.not-in = ["hr"]"#,
            ),
            (
                r#"when.subject.department = "it""#,
                r"when.subject.department.exists = false",
                r"when.subject.department.exists = true",
            ),
            (
                r#"when.request.duration.max = "30d""#,
                r#"when.request.duration.above = "30d""#,
                r#"when.request.duration.min = "30d""#,
            ),
            (
                r"when.request.emergency = true",
                r"when.request.emergency = false",
                r"when.requester.is-manager = false",
            ),
            (
                r#"when.subject = { department = "it", employment = "agent" }"#,
                r#"when.any = [{ subject.department = "hr" }, { subject.employment = "employee" }]"#,
                r#"when.any = [{ subject.department = "hr" }, { subject.employment = "agent" }]"#,
            ),
        ] {
            assert!(apart(one, other), "{one} and {other}");
            assert!(!apart(one, neighbour), "{one} and {neighbour}");
        }
    }

    #[test]
    fn somebody_may_hold_two_things_and_what_is_not_so_may_be_anything() {
        let holds = r#"when.grants.entitlements.contains = "mail/read""#;
        assert!(!apart(holds, r#"when.grants.entitlements.contains = "wiki/read""#));
        assert!(!apart(r#"when.subject.department = "it""#, r#"when.not.subject.department = "it""#));
    }
}
