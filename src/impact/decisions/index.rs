//! The rules of a policy by what they can be about, so that not each of them is tried for each entitlement.

use crate::{
    decide::{hashing::Names, policy::Offer},
    model::{
        access::{Mode, Rule},
        condition::{Condition, Literal, Operator, Test},
    },
};

/// The rules of a policy that decide, by what they can be about.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    /// By `service/entitlement`, the places of those that name it.
    entitlements: Names<Box<str>, Vec<usize>>,
    services: Names<Box<str>, Vec<usize>>,
    /// The places of those that may be about anything.
    others: Vec<usize>,
    rules: Vec<&'a Rule>,
}

impl<'a> Index<'a> {
    pub(super) fn new(rules: &'a [Rule]) -> Self {
        let mut index = Self::default();
        for rule in rules.iter().filter(|rule| rule.mode == Mode::Enforce) {
            let place = index.rules.len();
            index.rules.push(rule);
            let Some(test) = named(&rule.when) else {
                index.others.push(place);
                continue;
            };
            let map =
                if &*test.namespace == "entitlement" { &mut index.entitlements } else { &mut index.services };
            for operand in &test.operands {
                if let Literal::Text(text) = operand {
                    let places = map.entry(text.clone()).or_default();
                    if places.last() != Some(&place) {
                        places.push(place);
                    }
                }
            }
        }
        index
    }

    /// The rules that may be about an entitlement, in order: all others surely are not.
    pub(super) fn about(&self, offer: &Offer<'_>) -> impl Iterator<Item = &'a Rule> {
        let mut places = self.others.clone();
        places.extend(self.services.get(offer.service.id.as_str()).into_iter().flatten());
        if !self.entitlements.is_empty() {
            places.extend(self.entitlements.get(&*offer.reference().to_string()).into_iter().flatten());
        }
        places.sort_unstable();
        places.into_iter().filter_map(|place| self.rules.get(place).copied())
    }
}

/// A test without which a condition does not hold, and which names what it is about.
fn named(condition: &Condition) -> Option<&Test> {
    match condition {
        Condition::All(parts) => parts.iter().find_map(named),
        Condition::Test(test) => {
            let texts = test.operands.iter().all(|operand| matches!(operand, Literal::Text(_)));
            let names = &*test.name == "id" && matches!(&*test.namespace, "entitlement" | "service");
            (names && texts && matches!(test.operator, Operator::Is | Operator::In)).then_some(test)
        }
        Condition::Any(_) | Condition::Not(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::decide::{policy::offers, testing::rulebook};

    use super::*;

    #[test]
    fn rules_that_name_something_else_are_left_out_and_the_order_stays() {
        let rulebook = rulebook(
            r#"
service.mail = { name = "Mail", lifecycle = "active", owner = "person:ana", entitlement.read = { name = "Read", risk = "low" }, entitlement.admin = { name = "Admin", risk = "low" } }
person.ana = { name = "Ana" }
[access.all]
applies-to = "everything"
rule = [
  { id = "b", when.entitlement.id = ["mail/admin", "wiki/read"], decision = "deny" },
  { id = "a", when.subject.department = "it", decision = "auto-approve" },
  { id = "wiki", when.service.id = "wiki", decision = "auto-approve" },
  { id = "tried", mode = "record", decision = "deny" },
  { id = "not", when.not.service.id = "mail", decision = "auto-approve" },
  { id = "mail", when.all = [{ service.id = "mail" }, { request.emergency = true }], decision = "deny" },
]
"#,
        );
        let index = Index::new(&rulebook.access.get("all").unwrap().value.rule);
        let about = |offer: &Offer<'_>| -> Vec<String> {
            index.about(offer).map(|rule| rule.id.to_string()).collect()
        };
        let found: Vec<(String, Vec<String>)> =
            offers(&rulebook).map(|offer| (offer.id.to_string(), about(&offer))).collect();
        let expect = |id: &str, rules: &[&str]| {
            assert!(
                found.iter().any(|(known, found)| known == id && found == rules),
                "{id}: {rules:?} in {found:?}"
            );
        };
        expect("read", &["a", "not", "mail"]);
        expect("admin", &["b", "a", "not", "mail"]);
    }
}
