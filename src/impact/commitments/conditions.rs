//! Which incidents or changes a condition holds for on one side only, over all values that attributes can have.

use super::{side::Side, times::Times};
use crate::{
    decide::{
        facts::of_service,
        policy,
        space::{BUDGET, Set, Space, Unsure},
        value::{self, Value},
    },
    impact::decisions::{Told as Requests, tell},
    model::{
        Entry,
        condition::{Condition, Literal, Operator, Test},
        service::Service,
    },
};

/// Some incidents or changes in words, and a name of exactly these: what is not described any more is in it as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    lines: Vec<String>,
    exact: String,
}

impl Described {
    /// What one sentence says by itself.
    pub(super) fn by(line: &str) -> Self {
        Self { lines: vec![line.to_owned()], exact: String::new() }
    }

    const fn nothing() -> Self {
        Self { lines: Vec::new(), exact: String::new() }
    }
}

impl std::ops::Deref for Described {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.lines
    }
}

/// A space that the conditions of both sides tell apart.
pub(super) fn space<'a, 'c>(
    times: &Times<'_, 'a>,
    before: impl IntoIterator<Item = &'c Condition>,
    after: impl IntoIterator<Item = &'c Condition>,
) -> Result<Space<'a>, Unsure> {
    let [old, new] = times.sides;
    let before = before.into_iter().map(|condition| (old.engine.vocabulary(), condition));
    let after = after.into_iter().map(|condition| (new.engine.vocabulary(), condition));
    Space::of_several(before.chain(after), &|_| true, BUDGET)
}

/// A set in words.
pub(super) fn words(space: &mut Space<'_>, set: Set) -> Described {
    let told = tell(space, set);
    Described { lines: lines(&told), exact: told.exact().to_owned() }
}

fn lines(told: &Requests) -> Vec<String> {
    let line = |all: &Vec<crate::decide::space::Words>| {
        if all.is_empty() {
            return "always".to_owned();
        }
        let parts: Vec<String> = all.iter().map(|one| format!("{} {}", one.attribute, one.said)).collect();
        parts.join(", ")
    };
    let mut lines: Vec<String> = told.any.iter().map(line).collect();
    if told.more {
        lines.push("in other cases that are not described here".to_owned());
    }
    lines
}

/// For what two conditions hold on one side only: what is gone and what is new, in words.
pub(super) fn differ(
    times: &Times<'_, '_>,
    before: Option<&Condition>,
    after: Option<&Condition>,
) -> Result<[Described; 2], Unsure> {
    let mut space = space(times, before, after)?;
    let [old, new] = times.sides.each_ref().map(|side| side.engine.vocabulary());
    let was = before.map_or(Ok(Set::EVERYTHING), |condition| space.set_of(old, condition))?;
    let is = after.map_or(Ok(Set::EVERYTHING), |condition| space.set_of(new, condition))?;
    let (gone, new) = (space.minus(was, is)?, space.minus(is, was)?);
    Ok([gone, new].map(|set| if set.is_empty() { Described::nothing() } else { words(&mut space, set) }))
}

/// What is left of a condition about an incident once it is known which service it is about, or that it is about none.
pub(super) fn about(side: &Side<'_>, service: Option<&Entry<Service>>, when: &Condition) -> Condition {
    policy::given(when, &|test| answer(side, service, test))
}

/// A condition in which no item is named any more that an incident cannot name: it would be about another service.
pub(super) fn without_items(when: &Condition, cannot: &impl Fn(&str) -> bool) -> Condition {
    let all = |parts: &[Condition]| parts.iter().map(|part| without_items(part, cannot)).collect();
    match when {
        Condition::All(parts) => Condition::All(all(parts)),
        Condition::Any(parts) => Condition::Any(all(parts)),
        Condition::Not(part) => Condition::Not(Box::new(without_items(part, cannot))),
        Condition::Test(test) => {
            let names_items = (&*test.namespace, &*test.name) == ("incident", "configuration-item");
            let holds_for_others = test.operator == Operator::NotIn;
            let compares = holds_for_others || matches!(test.operator, Operator::Is | Operator::In);
            if !names_items || !compares {
                return when.clone();
            }
            let mut test = test.clone();
            test.operands.retain(|item| !matches!(item, Literal::Text(item) if cannot(item)));
            match (test.operands.is_empty(), holds_for_others) {
                (false, _) => Condition::Test(test),
                (true, true) => Condition::All(Vec::new()),
                (true, false) => Condition::Any(Vec::new()),
            }
        }
    }
}

/// The answer to a test of the service that an incident is about.
fn answer(side: &Side<'_>, service: Option<&Entry<Service>>, test: &Test) -> Option<bool> {
    if &*test.namespace != "service" {
        return None;
    }
    let known = side.engine.vocabulary().known(test);
    let resolved = known.filter(|known| value::fits(test.operator, &known.values))?;
    let value =
        service.map_or(Value::Absent, |service| of_service(side.rulebook(), service, test, &resolved.values));
    value::passes(test, &resolved.values, &value)
}
