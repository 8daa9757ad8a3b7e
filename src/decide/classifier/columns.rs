//! Attributes with the classes into which the tests of all rules divide their values.
//!
//! Two values of a class pass the same tests. Every column has two classes more: for an attribute that has no
//! value, and for a value of which no test can say anything.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::bits::Bits;
use crate::{
    decide::{
        glob::{self, Shape},
        space::{Facet, Key},
        value::{self, Value},
        vocabulary::{Resolved, Type, Vocabulary},
    },
    model::condition::{Condition, Literal, Operator, Test},
};

/// The most patterns that one attribute is compared with.
const MOST_PATTERNS: usize = 64;

/// An attribute, or a side of one, with its classes.
#[derive(Debug)]
pub(super) struct Column<'a> {
    pub(super) key: Key,
    /// A test of it, by which its value is asked for.
    pub(super) test: Test,
    pub(super) values: Type<'a>,
    /// Whether it may be absent.
    pub(super) optional: bool,
    /// Whether it can be absent although it must not be.
    pub(super) may_lack: bool,
    classes: Classes,
    /// How many classes of real values there are.
    real: usize,
}

#[derive(Debug)]
enum Classes {
    /// No, then yes.
    Yes,
    /// The first number of each interval.
    Numbers(Vec<i64>),
    /// Words in the order of their type.
    Places,
    Words(HashMap<Box<str>, usize>),
    Texts(Texts),
    /// All values are alike.
    Something,
}

/// The texts that are mentioned, each a class of its own, then one class for each set of patterns that others
/// match.
#[derive(Debug)]
struct Texts {
    exact: HashMap<Box<str>, usize>,
    patterns: Vec<Box<str>>,
    by_pattern: HashMap<u64, usize>,
}

impl Texts {
    fn matched(&self, text: &str) -> u64 {
        let mut matched = 0;
        for (bit, pattern) in self.patterns.iter().enumerate() {
            matched |= u64::from(glob::matches(pattern, text)) << bit;
        }
        matched
    }
}

/// All columns that some conditions need.
#[derive(Debug)]
pub(super) struct Columns<'a> {
    columns: Vec<Column<'a>>,
    places: HashMap<Key, usize>,
}

#[derive(Default)]
struct Draft {
    texts: BTreeSet<Box<str>>,
    patterns: BTreeSet<Box<str>>,
    /// The first numbers of intervals.
    cuts: BTreeSet<i64>,
}

impl Draft {
    fn mention(&mut self, test: &Test, values: &Type<'_>) {
        for literal in &test.operands {
            if let Literal::Text(text) = literal {
                let same = if test.operator == Operator::Glob { &mut self.patterns } else { &mut self.texts };
                same.insert(text.clone());
            }
            if let Some(number) = value::number(literal, values) {
                let next = number.checked_add(1);
                match test.operator {
                    Operator::Min | Operator::Below => self.cuts.extend([number]),
                    Operator::Max | Operator::Above => self.cuts.extend(next),
                    _ => self.cuts.extend([Some(number), next].into_iter().flatten()),
                }
            }
        }
    }

    /// The classes and how many they are; none when nobody can say.
    fn finish(self, facet: &Facet, values: &Type<'_>) -> Option<(Classes, usize)> {
        if *facet != Facet::Value {
            return Some((Classes::Yes, 2));
        }
        Some(match values {
            Type::Boolean => (Classes::Yes, 2),
            Type::Integer { .. } | Type::Duration | Type::Date | Type::Instant => {
                let mut starts = vec![i64::MIN];
                starts.extend(self.cuts.into_iter().filter(|cut| *cut > i64::MIN));
                let real = starts.len();
                (Classes::Numbers(starts), real)
            }
            Type::Ordered(words) => (Classes::Places, words.len()),
            Type::Choice(words) => {
                let places = words.iter().enumerate().map(|(place, word)| (Box::from(*word), place));
                (Classes::Words(places.collect()), words.len())
            }
            Type::Text | Type::Id(_) | Type::Entitlement => self.texts()?,
            Type::Set(_) | Type::Opaque => (Classes::Something, 1),
        })
    }

    fn texts(self) -> Option<(Classes, usize)> {
        if self.patterns.len() > MOST_PATTERNS {
            return None;
        }
        let exact: HashMap<Box<str>, usize> =
            self.texts.into_iter().enumerate().map(|(place, text)| (text, place)).collect();
        let shapes: BTreeSet<Shape> = self.patterns.iter().cloned().map(Shape::Pattern).collect();
        let patterns = self.patterns.into_iter().collect();
        let mut texts = Texts { exact, patterns, by_pattern: HashMap::new() };
        for example in glob::classes(&shapes)? {
            let place = texts.exact.len() + texts.by_pattern.len();
            let matched = texts.matched(&example);
            texts.by_pattern.entry(matched).or_insert(place);
        }
        let real = texts.exact.len() + texts.by_pattern.len();
        Some((Classes::Texts(texts), real))
    }
}

impl<'a> Columns<'a> {
    /// The columns that conditions need. Tests that make no sense, and attributes whose values cannot be
    /// divided, get none.
    pub(super) fn new<'c>(
        vocabulary: &Vocabulary<'a>,
        conditions: impl Iterator<Item = &'c Condition>,
    ) -> Self {
        let mut drafts: BTreeMap<Key, (Draft, Test, Resolved<'a>)> = BTreeMap::new();
        for condition in conditions {
            condition.tests(&mut |test, _| {
                let Some(resolved) = vocabulary.of(test) else { return };
                for key in keys(test, &resolved.values) {
                    let new = || (Draft::default(), test.clone(), resolved.clone());
                    drafts.entry(key).or_insert_with(new).0.mention(test, &resolved.values);
                }
            });
        }
        let mut columns = Vec::new();
        for (key, (draft, test, resolved)) in drafts {
            if let Some((classes, real)) = draft.finish(&key.facet, &resolved.values) {
                let (values, optional) = (resolved.values, resolved.optional);
                let may_lack = !optional && (resolved.custom || &*key.namespace == "service");
                columns.push(Column { key, test, values, optional, may_lack, classes, real });
            }
        }
        let places = columns.iter().enumerate().map(|(place, column)| (column.key.clone(), place)).collect();
        Self { columns, places }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Column<'a>)> {
        self.columns.iter().enumerate()
    }

    pub(super) fn get(&self, place: usize) -> Option<&Column<'a>> {
        self.columns.get(place)
    }

    /// The columns that a test reads, each with the classes that pass; none when the test makes no sense. A
    /// test passes when all of them do.
    pub(super) fn accepted(&self, test: &Test) -> Option<Vec<(usize, Bits)>> {
        let values = |place: &usize| self.columns.get(*place).map(|column| &column.values);
        let plain = Key { namespace: test.namespace.clone(), name: test.name.clone(), facet: Facet::Value };
        // The side of a set or an instant is found by what the test names.
        let named = matches!(test.operator, Operator::Contains | Operator::Within);
        if named && !test.operands.iter().all(|one| matches!(one, Literal::Text(_))) {
            return None;
        }
        let sides: Vec<Key> = match test.operator {
            Operator::Contains => {
                test.operands.iter().map(|one| side(test, Facet::Member(one.to_string().into()))).collect()
            }
            Operator::Within => test
                .operands
                .iter()
                .take(1)
                .map(|one| side(test, Facet::Within(one.to_string().into())))
                .collect(),
            _ => vec![plain],
        };
        let mut found: Vec<(usize, Bits)> = Vec::new();
        for key in &sides {
            let place = *self.places.get(key)?;
            if !value::fits(test.operator, values(&place)?) {
                return None;
            }
            found.push((place, self.columns.get(place)?.accepted(test)?));
        }
        (!found.is_empty()).then_some(found)
    }
}

fn side(test: &Test, facet: Facet) -> Key {
    Key { namespace: test.namespace.clone(), name: test.name.clone(), facet }
}

/// The columns that a test is about: one for most, one for each member of a set.
fn keys(test: &Test, values: &Type<'_>) -> Vec<Key> {
    match (values, test.operator) {
        (Type::Set(_), Operator::Contains) => {
            test.operands.iter().map(|one| side(test, Facet::Member(one.to_string().into()))).collect()
        }
        (Type::Instant, Operator::Within) => test
            .operands
            .iter()
            .take(1)
            .map(|one| side(test, Facet::Within(one.to_string().into())))
            .collect(),
        _ => vec![side(test, Facet::Value)],
    }
}

impl Column<'_> {
    /// The class of an attribute that has no value.
    pub(super) fn absent(&self) -> usize {
        self.real
    }

    /// The class of a value about which no test can say anything.
    pub(super) fn unknown(&self) -> usize {
        self.real + 1
    }

    /// How many classes there are, with these two.
    pub(super) fn width(&self) -> usize {
        self.real + 2
    }

    /// The class of a value.
    pub(super) fn class_of(&self, value: &Value<'_>) -> usize {
        let class = match (&self.key.facet, &self.classes, value) {
            (_, _, Value::Absent) => return self.absent(),
            (Facet::Member(member), _, Value::Set(members)) => {
                Some(usize::from(members.contains(&&**member)))
            }
            (Facet::Member(_), ..) => None,
            // Whether the calendar is open is asked by whoever reads it.
            (Facet::Within(_) | Facet::Value, Classes::Yes, Value::Boolean(yes)) => Some(usize::from(*yes)),
            (_, Classes::Numbers(starts), Value::Number(number)) => {
                starts.partition_point(|start| start <= number).checked_sub(1)
            }
            (_, Classes::Places, Value::Number(place)) => usize::try_from(*place).ok(),
            (_, Classes::Words(words), Value::Text(text)) => words.get(*text).copied(),
            (_, Classes::Texts(texts), Value::Text(text)) => {
                let by_pattern = || texts.by_pattern.get(&texts.matched(text)).copied();
                texts.exact.get(*text).copied().or_else(by_pattern)
            }
            (_, Classes::Something, Value::Set(_) | Value::Something) => Some(0),
            _ => None,
        };
        class.filter(|class| *class < self.real).unwrap_or_else(|| self.unknown())
    }

    /// The classes that pass a test; none when the test makes no sense for some value. The class of values
    /// about which nothing can be said passes none.
    fn accepted(&self, test: &Test) -> Option<Bits> {
        let mut accepted = Bits::none(self.width());
        let all = |fits: &dyn Fn(usize) -> bool, accepted: &mut Bits| {
            (0..self.real).filter(|class| fits(*class)).for_each(|class| accepted.add(class));
        };
        match test.operator {
            Operator::Exists => {
                let Some(Literal::Boolean(expected)) = test.operands.first() else { return None };
                all(&|_| *expected, &mut accepted);
                if !expected {
                    accepted.add(self.absent());
                }
            }
            Operator::Contains | Operator::Within => all(&|class| class == 1, &mut accepted),
            Operator::Is | Operator::In => {
                self.equal(test)?.iter().for_each(|class| accepted.add(class));
            }
            Operator::NotIn => {
                let equal = self.equal(test)?;
                all(&|class| !equal.has(class), &mut accepted);
            }
            Operator::Min | Operator::Max | Operator::Above | Operator::Below => {
                let bound = value::number(test.operands.first()?, &self.values)?;
                let place = |class: usize| i64::try_from(class).unwrap_or(i64::MAX);
                let number = |class: usize| match &self.classes {
                    Classes::Numbers(starts) => starts.get(class).copied().unwrap_or(i64::MAX),
                    _ => place(class),
                };
                let fits = |class: usize| match test.operator {
                    Operator::Min => number(class) >= bound,
                    Operator::Max => number(class) <= bound,
                    Operator::Above => number(class) > bound,
                    _ => number(class) < bound,
                };
                all(&fits, &mut accepted);
            }
            Operator::Glob => self.matching(test, &mut accepted)?,
        }
        Some(accepted)
    }

    fn matching(&self, test: &Test, accepted: &mut Bits) -> Option<()> {
        let Some(Literal::Text(pattern)) = test.operands.first() else { return None };
        match (&self.classes, &self.values) {
            (Classes::Texts(texts), _) => {
                let bit = texts.patterns.iter().position(|known| known == pattern)?;
                for (exact, class) in &texts.exact {
                    if glob::matches(pattern, exact) {
                        accepted.add(*class);
                    }
                }
                for (patterns, class) in &texts.by_pattern {
                    if patterns >> bit & 1 == 1 {
                        accepted.add(*class);
                    }
                }
            }
            (Classes::Words(_) | Classes::Places, Type::Choice(words) | Type::Ordered(words)) => {
                for (class, word) in words.iter().enumerate() {
                    if glob::matches(pattern, word) {
                        accepted.add(class);
                    }
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// The classes that equal one of the literals of a test.
    fn equal(&self, test: &Test) -> Option<Bits> {
        let mut equal = Bits::none(self.width());
        for literal in &test.operands {
            match (&self.classes, literal) {
                (Classes::Yes, Literal::Boolean(yes)) => equal.add(usize::from(*yes)),
                // A word that is none of the type equals nothing.
                (Classes::Words(words), Literal::Text(word)) => {
                    words.get(word).into_iter().for_each(|class| equal.add(*class));
                }
                (Classes::Texts(texts), Literal::Text(word)) => equal.add(*texts.exact.get(word)?),
                (Classes::Numbers(starts), literal) => {
                    let number = value::number(literal, &self.values)?;
                    equal.add(starts.partition_point(|start| *start <= number).checked_sub(1)?);
                }
                (Classes::Places, literal) => {
                    equal.add(usize::try_from(value::number(literal, &self.values)?).ok()?);
                }
                _ => return None,
            }
        }
        Some(equal)
    }
}
