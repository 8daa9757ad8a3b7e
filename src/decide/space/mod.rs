//! Conditions as exact sets of requests.
//!
//! A [`Space`] is built for some conditions. For each attribute that they test, the values are divided into
//! the fewest classes that the tests tell apart: the words of a closed vocabulary, intervals between the
//! numbers that are mentioned, the texts that are mentioned and "any other", and the absence of a value. A
//! member of a set and the opening hours of a calendar are a yes or no each. A condition is then a set of
//! combinations of classes, held as a decision diagram in which equal sets are the same number; questions
//! such as "is it empty" and "is it covered by these" have exact answers.
//!
//! Attributes are taken to be independent of each other. In truth they are not (one entitlement has one
//! risk), so a space may hold combinations that never occur: what is empty here is empty in fact, and what
//! is covered here is covered in fact. Facts that narrow a space down are added as conditions.
//!
//! Ids are open: "any other" stands for objects that may be added later.

mod atoms;
mod diagram;
mod exact;
mod sides;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use self::atoms::{Draft, Variable};
pub use self::{
    atoms::{Facet, Key},
    diagram::Set,
    words::Words,
};
use super::{
    value::{self, Value},
    vocabulary::{Type, Vocabulary},
};
use crate::model::condition::{Condition, Operator, Test};

/// How many nodes a diagram may have before the analysis gives up, and a quarter of the steps that it may take.
pub const BUDGET: usize = 500_000;

/// The most attributes and members of sets that a space may tell apart.
const MAX_VARIABLES: usize = 1_000;

/// Why a question has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsure {
    /// A test makes no sense: its attribute is unknown or its operator or value does not fit.
    #[error("a condition is not valid")]
    Invalid,
    /// The patterns on one attribute are too many to divide all texts into classes.
    #[error("the patterns on one attribute are too many")]
    Patterns,
    /// The conditions together are too complicated.
    #[error("the conditions are too complicated together")]
    Budget,
    /// An attribute has values of one sort in one rulebook and of another sort in the other.
    #[error("an attribute is of another type in the other rulebook")]
    Types,
}

/// All requests, people, incidents or changes that some conditions can tell apart.
#[derive(Debug)]
pub struct Space<'a> {
    variables: Vec<Variable<'a>>,
    places: BTreeMap<Key, usize>,
    types: BTreeMap<(Box<str>, Box<str>), Type<'a>>,
    /// The attributes of which several rulebooks know other words, or the same in another order.
    divided: BTreeSet<(Box<str>, Box<str>)>,
    diagram: diagram::Diagram,
}

/// One element of a space: a class of values for each variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point(Vec<u32>);

impl Point {
    /// The class of each variable, by place.
    #[must_use]
    pub fn classes(&self) -> &[u32] {
        &self.0
    }
}

impl<'a> Space<'a> {
    /// The space that `conditions` tell apart. Tests that make no sense are left out; a condition that holds
    /// one is [`Unsure::Invalid`] later.
    ///
    /// # Errors
    /// When there are too many patterns or variables.
    pub fn new<'c>(
        vocabulary: &Vocabulary<'a>,
        conditions: impl IntoIterator<Item = &'c Condition>,
        budget: usize,
    ) -> Result<Self, Unsure> {
        let conditions = conditions.into_iter().map(|condition| (vocabulary, condition));
        Self::of_several(conditions, &|_| true, budget)
    }

    /// The space that conditions of several rulebooks tell apart together. An attribute that has more words or
    /// wider bounds in one of them has all of them. Tests for which `relevant` is false are left out.
    ///
    /// # Errors
    /// As [`Space::new`], and [`Unsure::Types`].
    pub fn of_several<'v, 'c>(
        conditions: impl IntoIterator<Item = (&'v Vocabulary<'a>, &'c Condition)>,
        relevant: &dyn Fn(&Test) -> bool,
        budget: usize,
    ) -> Result<Self, Unsure>
    where
        'a: 'v,
    {
        let mut drafts: BTreeMap<Key, Draft<'a>> = BTreeMap::new();
        let mut types: BTreeMap<(Box<str>, Box<str>), Type<'a>> = BTreeMap::new();
        let mut tests: Vec<(&Test, Vec<Key>)> = Vec::new();
        let mut fits = true;
        let mut vocabularies: Vec<&'v Vocabulary<'a>> = Vec::new();
        for (vocabulary, condition) in conditions {
            if !vocabularies.iter().any(|known| std::ptr::eq(*known, vocabulary)) {
                vocabularies.push(vocabulary);
            }
            condition.tests(&mut |test, _| {
                let Some(resolved) = vocabulary.of(test).filter(|_| relevant(test)) else { return };
                let keys = keys(test, &resolved.values);
                for key in &keys {
                    let draft = drafts.entry(key.clone()).or_insert_with(|| Draft::new(&resolved));
                    fits &= draft.widen(&resolved);
                    draft.mention(test);
                }
                let name = (test.namespace.clone(), test.name.clone());
                let widened = keys.first().and_then(|key| drafts.get(key)).map(|draft| draft.values.clone());
                types.insert(name, widened.unwrap_or(resolved.values));
                tests.push((test, keys));
            });
        }
        if !fits {
            return Err(Unsure::Types);
        }
        if drafts.len() > MAX_VARIABLES {
            return Err(Unsure::Budget);
        }
        // Words that only a rulebook knows in which nothing reads them are words all the same.
        for (key, draft) in &mut drafts {
            for vocabulary in &vocabularies {
                draft.widen_words(vocabulary.resolve(&key.namespace, &key.name));
            }
            types.insert((key.namespace.clone(), key.name.clone()), draft.values.clone());
        }
        let divided = drafts.iter().filter(|(_, draft)| draft.divided);
        let divided = divided.map(|(key, _)| (key.namespace.clone(), key.name.clone())).collect();
        let mut variables = BTreeMap::new();
        for (key, draft) in drafts {
            variables.insert(key.clone(), (0, draft.finish(key)?));
        }
        // Attributes that divide most come first: the order decides how large the diagrams get.
        for (test, keys) in tests {
            for key in &keys {
                if let Some((weight, variable)) = variables.get_mut(key) {
                    *weight += variable.weight(test);
                }
            }
        }
        let mut variables: Vec<(usize, Variable<'a>)> = variables.into_values().collect();
        variables.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let variables: Vec<Variable<'a>> = variables.into_iter().map(|(_, variable)| variable).collect();
        let places =
            variables.iter().enumerate().map(|(place, variable)| (variable.key.clone(), place)).collect();
        let diagram = diagram::Diagram::new(variables.iter().map(Variable::width), budget)?;
        Ok(Self { variables, places, types, divided, diagram })
    }

    /// The set of everything for which a condition holds. Where rulebooks know other words, [`Space::set_of`] says whose
    /// condition it is.
    ///
    /// # Errors
    /// When the condition is not valid or too complicated.
    pub fn set(&mut self, condition: &Condition) -> Result<Set, Unsure> {
        self.held(condition, None)
    }

    fn held(&mut self, condition: &Condition, of: Option<&Vocabulary<'a>>) -> Result<Set, Unsure> {
        match condition {
            Condition::All(parts) => {
                let mut all = Set::EVERYTHING;
                for part in parts {
                    let part = self.held(part, of)?;
                    all = self.diagram.and(all, part)?;
                }
                Ok(all)
            }
            Condition::Any(parts) => {
                let mut any = Set::NOTHING;
                for part in parts {
                    let part = self.held(part, of)?;
                    any = self.or(any, part)?;
                }
                Ok(any)
            }
            Condition::Not(part) => {
                let part = self.held(part, of)?;
                self.diagram.not(part)
            }
            Condition::Test(test) => self.test(test, of),
        }
    }

    fn test(&mut self, test: &Test, of: Option<&Vocabulary<'a>>) -> Result<Set, Unsure> {
        let name = (test.namespace.clone(), test.name.clone());
        let values = self.types.get(&name).filter(|values| value::fits(test.operator, values));
        let keys = keys(test, values.ok_or(Unsure::Invalid)?);
        let own = self.own_words(of, test)?;
        let mut all = Set::EVERYTHING;
        for key in keys {
            let place = *self.places.get(&key).ok_or(Unsure::Invalid)?;
            let variable = self.variables.get(place).ok_or(Unsure::Invalid)?;
            let accepted = match &own {
                Some(own) => variable.accepted_by(test, own),
                None => variable.accepted(test),
            };
            let one = self.diagram.choose(place, &accepted.ok_or(Unsure::Invalid)?)?;
            all = self.diagram.and(all, one)?;
        }
        Ok(all)
    }

    /// What is in both.
    ///
    /// # Errors
    /// When the answer is too complicated.
    pub fn and(&mut self, one: Set, other: Set) -> Result<Set, Unsure> {
        self.diagram.and(one, other)
    }

    /// For each class of a variable, whether something in a set has it.
    #[must_use]
    pub fn possible_classes(&self, set: Set, variable: usize) -> Vec<bool> {
        self.diagram.possible_classes(set, variable)
    }

    /// Whether something is in both; none when it takes more steps than are left to find out.
    #[must_use]
    pub fn overlap(&self, one: Set, other: Set, left: &mut usize) -> Option<bool> {
        self.diagram.overlap(one, other, left)
    }

    /// What is in one of them.
    ///
    /// # Errors
    /// When the answer is too complicated.
    pub fn or(&mut self, one: Set, other: Set) -> Result<Set, Unsure> {
        let (one, other) = (self.diagram.not(one)?, self.diagram.not(other)?);
        let neither = self.diagram.and(one, other)?;
        self.diagram.not(neither)
    }

    /// What is not in it.
    ///
    /// # Errors
    /// When the answer is too complicated.
    pub fn not(&mut self, set: Set) -> Result<Set, Unsure> {
        self.diagram.not(set)
    }

    /// What is in the first and not in the second.
    ///
    /// # Errors
    /// When the answer is too complicated.
    pub fn minus(&mut self, set: Set, without: Set) -> Result<Set, Unsure> {
        let outside = self.diagram.not(without)?;
        self.diagram.and(set, outside)
    }

    /// The highest level at which a set is divided; `None` for nothing and everything.
    #[must_use]
    pub fn top(&self, set: Set) -> Option<u32> {
        self.diagram.top(set)
    }

    /// What is left of a set in each half of the space below a level.
    #[must_use]
    pub fn halves(&self, set: Set, level: u32) -> [Set; 2] {
        self.diagram.halves(set, level)
    }

    /// The set that is one in one half of the space and another in the other.
    ///
    /// # Errors
    /// When the answer is too complicated.
    pub fn join(&mut self, level: u32, halves: [Set; 2]) -> Result<Set, Unsure> {
        self.diagram.node(level, halves)
    }

    /// The variables, in the order in which they are asked for; a variable is named by its place.
    pub fn variables(&self) -> impl Iterator<Item = &Key> {
        self.variables.iter().map(|variable| &variable.key)
    }

    /// How many classes a variable has.
    #[must_use]
    pub fn width(&self, variable: usize) -> usize {
        self.variables.get(variable).map_or(0, Variable::width)
    }

    /// The class of a variable that a value belongs to; `None` when the value is not of its type.
    #[must_use]
    pub fn class_of(&self, variable: usize, value: &Value<'_>) -> Option<u32> {
        self.variables.get(variable)?.class_of(value)
    }

    /// A value that stands for a class.
    #[must_use]
    pub fn sample(&self, variable: usize, class: u32) -> Option<Value<'_>> {
        self.variables.get(variable)?.sample(class)
    }

    /// The least and the greatest number of a class; none for a class of anything else.
    #[must_use]
    pub fn bounds(&self, variable: usize, class: u32) -> Option<(i64, i64)> {
        self.variables.get(variable)?.bounds(class)
    }

    /// Some classes of a variable in words.
    #[must_use]
    pub fn words(&self, variable: usize, accepted: &[bool]) -> Option<Words> {
        Some(self.variables.get(variable)?.words(accepted))
    }

    /// The set in which a variable has one of the accepted classes.
    ///
    /// # Errors
    /// When the answer is too complicated.
    pub fn choose(&mut self, variable: usize, accepted: &[bool]) -> Result<Set, Unsure> {
        self.diagram.choose(variable, accepted)
    }

    /// The variables that matter for a set, by place.
    #[must_use]
    pub fn matters(&self, set: Set) -> Vec<usize> {
        self.diagram.matters(set)
    }

    /// What is left of a set when the classes of some variables are known.
    ///
    /// # Errors
    /// When the answer is too complicated.
    pub fn given(&mut self, set: Set, known: &[Option<u32>]) -> Result<Set, Unsure> {
        self.diagram.given(set, known)
    }

    /// Whether a set holds an element with these classes of some variables, whatever the others are.
    #[must_use]
    pub fn is_possible(&self, set: Set, known: &[Option<u32>]) -> bool {
        self.diagram.is_possible(set, known)
    }

    /// Some element of a set; `None` when it is empty. The same set always gives the same element.
    #[must_use]
    pub fn point(&self, set: Set) -> Option<Point> {
        let mut point: Vec<u32> = vec![0; self.variables.len()];
        let chosen = self.diagram.path(set)?;
        for (level, class) in chosen {
            if let Some(slot) = point.get_mut(level as usize) {
                *slot = class;
            }
        }
        Some(Point(point))
    }

    /// Whether a set holds an element.
    #[must_use]
    pub fn holds(&self, set: Set, point: &Point) -> bool {
        self.diagram.holds(set, &point.0)
    }

    /// An element of a set in words, as `attribute = value`, with only the attributes that matter for it.
    #[must_use]
    pub fn example(&self, set: Set) -> Option<Vec<String>> {
        let mut words: Vec<(&Key, String)> = self
            .diagram
            .path(set)?
            .into_iter()
            .filter_map(|(level, class)| {
                let variable = self.variables.get(level as usize)?;
                Some((&variable.key, variable.describe(class)?))
            })
            .collect();
        words.sort();
        Some(words.into_iter().map(|(_, text)| text).collect())
    }

    /// The element whose attributes have these values. `None` when a value is not of its attribute's type.
    pub fn locate<'v>(&self, value: impl Fn(&Key) -> Value<'v>) -> Option<Point> {
        let classes: Option<Vec<u32>> =
            self.variables.iter().map(|variable| variable.class_of(&value(&variable.key))).collect();
        classes.map(Point)
    }
}

/// The variables that a test is about: one for most, one for each member of a set.
fn keys(test: &Test, values: &Type<'_>) -> Vec<Key> {
    let key = |facet| Key { namespace: test.namespace.clone(), name: test.name.clone(), facet };
    let side = |literal: &crate::model::condition::Literal| Box::from(literal.to_string());
    match (values, test.operator) {
        (Type::Set(_), Operator::Contains) => {
            test.operands.iter().map(|literal| key(Facet::Member(side(literal)))).collect()
        }
        (Type::Instant, Operator::Within) => {
            test.operands.iter().map(|literal| key(Facet::Within(side(literal)))).collect()
        }
        _ => vec![key(Facet::Value)],
    }
}
