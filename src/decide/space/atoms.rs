//! The classes into which tests divide the values of an attribute.

use std::collections::{BTreeSet, HashMap};

use super::Unsure;
use crate::{
    decide::{
        glob::{self, Shape},
        value::{self, Value},
        vocabulary::{Member, Resolved, Type},
    },
    model::condition::{Literal, Operator, Test},
};

/// What a variable of a space is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The first part of the attribute's name.
    pub namespace: Box<str>,
    /// The rest of it.
    pub name: Box<str>,
    /// Which side of the attribute.
    pub facet: Facet,
}

/// A side of an attribute that varies on its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// Its value.
    Value,
    /// Whether the set has this member.
    Member(Box<str>),
    /// Whether the point in time lies in the open hours of this calendar.
    Within(Box<str>),
}

/// A class of values that no test tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Class {
    Absent,
    Boolean(bool),
    /// A text that stands for every text of the same shapes.
    Text(String),
    /// Numbers between two, both included; the place of one word for words that have an order.
    Numbers(i64, i64),
    /// A value that cannot be compared.
    Something,
}

/// A variable while tests are still being collected.
pub(super) struct Draft<'a> {
    pub(super) values: Type<'a>,
    optional: bool,
    shapes: BTreeSet<Shape>,
    /// The least numbers of intervals.
    cuts: BTreeSet<i64>,
    /// Whether rulebooks know other words that have an order, or know them in another order.
    pub(super) divided: bool,
}

/// An attribute, or a side of one, with its classes of values.
#[derive(Debug)]
pub(super) struct Variable<'a> {
    pub(super) key: Key,
    pub(super) values: Type<'a>,
    pub(super) classes: Vec<Class>,
    pub(super) shapes: BTreeSet<Shape>,
    /// Where the class of each text that is mentioned exactly stands.
    texts: HashMap<Box<str>, usize>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(resolved: &Resolved<'a>) -> Self {
        Self {
            values: resolved.values.clone(),
            optional: resolved.optional,
            shapes: BTreeSet::new(),
            cuts: BTreeSet::new(),
            divided: false,
        }
    }

    /// Takes in the values that the attribute has in another rulebook. Whether they are of the same sort.
    pub(super) fn widen(&mut self, resolved: &Resolved<'a>) -> bool {
        self.optional |= resolved.optional;
        match (&mut self.values, &resolved.values) {
            (Type::Choice(words), Type::Choice(more))
            | (Type::Set(Member::Word(words)), Type::Set(Member::Word(more))) => {
                for word in more {
                    if !words.contains(word) {
                        words.push(word);
                    }
                }
                true
            }
            (Type::Ordered(words), Type::Ordered(more)) => {
                self.divided |= words != more;
                for (place, word) in more.iter().enumerate() {
                    if words.contains(word) {
                        continue;
                    }
                    // Behind the one that it comes behind.
                    let before = place.checked_sub(1).and_then(|before| more.get(before));
                    let before = words.iter().position(|known| Some(known) == before);
                    words.insert(before.map_or(0, |before| before + 1), word);
                }
                true
            }
            (
                Type::Integer { least, greatest },
                Type::Integer { least: other_least, greatest: other_greatest },
            ) => {
                *least = (*least).min(*other_least);
                *greatest = (*greatest).max(*other_greatest);
                true
            }
            (one, other) => one == other,
        }
    }

    /// Takes in the words that the attribute has in another rulebook, if it has words there as well.
    pub(super) fn widen_words(&mut self, resolved: Option<Resolved<'a>>) {
        let Some(resolved) = resolved else { return };
        if matches!(
            (&self.values, &resolved.values),
            (Type::Choice(_), Type::Choice(_)) | (Type::Ordered(_), Type::Ordered(_))
        ) {
            self.widen(&resolved);
        }
    }

    /// Notes what a test compares with.
    pub(super) fn mention(&mut self, test: &Test) {
        for literal in &test.operands {
            if let Literal::Text(text) = literal {
                self.shapes.insert(match test.operator {
                    Operator::Glob => Shape::Pattern(text.clone()),
                    _ => Shape::Exactly(text.clone()),
                });
            }
            if let Some(number) = value::number(literal, &self.values) {
                let after = number.saturating_add(1);
                match test.operator {
                    Operator::Min | Operator::Below => self.cuts.insert(number),
                    Operator::Max | Operator::Above => self.cuts.insert(after),
                    _ => self.cuts.insert(number) | self.cuts.insert(after),
                };
            }
        }
    }

    pub(super) fn finish(self, key: Key) -> Result<Variable<'a>, Unsure> {
        let mut classes = Vec::new();
        if self.optional {
            classes.push(Class::Absent);
        }
        let side = key.facet != Facet::Value;
        match &self.values {
            _ if side => classes.extend([Class::Boolean(false), Class::Boolean(true)]),
            Type::Boolean => classes.extend([Class::Boolean(false), Class::Boolean(true)]),
            Type::Choice(words) => classes.extend(words.iter().map(|word| Class::Text((*word).to_owned()))),
            Type::Ordered(words) => {
                classes.extend((0..).zip(words).map(|(place, _)| Class::Numbers(place, place)));
            }
            Type::Integer { least, greatest } => classes.extend(intervals(&self.cuts, *least, *greatest)),
            Type::Duration => classes.extend(intervals(&self.cuts, 0, i64::MAX)),
            Type::Date | Type::Instant => classes.extend(intervals(&self.cuts, i64::MIN, i64::MAX)),
            Type::Text | Type::Id(_) | Type::Entitlement => {
                let texts = glob::classes(&self.shapes).ok_or(Unsure::Patterns)?;
                classes.extend(texts.into_iter().map(Class::Text));
            }
            Type::Set(_) | Type::Opaque => classes.push(Class::Something),
        }
        let keep = matches!(self.values, Type::Text | Type::Id(_) | Type::Entitlement);
        let shapes = if keep { self.shapes } else { BTreeSet::new() };
        let texts = classes.iter().enumerate().filter_map(|(place, class)| match class {
            Class::Text(text) if keep => Some((text.as_str().into(), place)),
            _ => None,
        });
        let texts = texts.collect();
        Ok(Variable { key, values: self.values, classes, shapes, texts })
    }
}

/// The intervals between the cuts, without those outside the bounds.
fn intervals(cuts: &BTreeSet<i64>, least: i64, greatest: i64) -> Vec<Class> {
    let mut starts: Vec<i64> = vec![least];
    starts.extend(cuts.iter().copied().filter(|cut| *cut > least && *cut <= greatest));
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([greatest]);
    starts.iter().zip(ends).map(|(start, end)| Class::Numbers(*start, end)).collect()
}

impl Variable<'_> {
    /// How many classes there are.
    pub(super) fn width(&self) -> usize {
        self.classes.len()
    }

    /// Which classes pass a test; `None` when the test makes no sense.
    pub(super) fn accepted(&self, test: &Test) -> Option<Vec<bool>> {
        if let Some(accepted) = self.accepted_texts(test) {
            return Some(accepted);
        }
        self.classes.iter().map(|class| self.passes(class, test)).collect()
    }

    /// The same for a test of texts, each of which has a class of its own: found by looking it up rather than
    /// by comparing each with each. `None` when it is not such a test.
    fn accepted_texts(&self, test: &Test) -> Option<Vec<bool>> {
        if !matches!(test.operator, Operator::Is | Operator::In) || self.key.facet != Facet::Value {
            return None;
        }
        let mut accepted = vec![false; self.classes.len()];
        for literal in &test.operands {
            let Literal::Text(word) = literal else { return None };
            *accepted.get_mut(*self.texts.get(word)?)? = true;
        }
        Some(accepted)
    }

    fn passes(&self, class: &Class, test: &Test) -> Option<bool> {
        match (&self.key.facet, class) {
            (Facet::Value, _) => value::passes(test, &self.values, &sample(class)),
            // The test is about this member or calendar: that is how the variable was found.
            (Facet::Member(_) | Facet::Within(_), Class::Boolean(yes)) => Some(*yes),
            (Facet::Member(_) | Facet::Within(_), _) => Some(false),
        }
    }

    /// How much a test on this variable divides, in thousandths: the share of classes that do not pass.
    pub(super) fn weight(&self, test: &Test) -> usize {
        let Some(accepted) = self.accepted(test) else { return 0 };
        let refused = accepted.iter().filter(|accepted| !**accepted).count();
        refused * 1_000 / accepted.len().max(1)
    }

    /// The class that a value belongs to. For a member of a set or the hours of a calendar the value is a
    /// boolean.
    pub(super) fn class_of(&self, value: &Value<'_>) -> Option<u32> {
        let same = |class: &Class| match (class, value) {
            (Class::Absent, Value::Absent) | (Class::Something, Value::Something | Value::Set(_)) => true,
            (Class::Boolean(one), Value::Boolean(other)) => one == other,
            (Class::Text(one), Value::Text(other)) if matches!(self.values, Type::Choice(_)) => one == other,
            (Class::Text(one), Value::Text(other)) => {
                self.shapes.iter().all(|shape| shape.fits(one) == shape.fits(other))
            }
            (Class::Numbers(least, greatest), Value::Number(number)) => (least..=greatest).contains(&number),
            _ => false,
        };
        u32::try_from(self.classes.iter().position(same)?).ok()
    }

    /// The least and the greatest number of a class.
    pub(super) fn bounds(&self, class: u32) -> Option<(i64, i64)> {
        match self.classes.get(class as usize)? {
            Class::Numbers(least, greatest) => Some((*least, *greatest)),
            _ => None,
        }
    }

    /// A value that stands for a class.
    pub(super) fn sample(&self, class: u32) -> Option<Value<'_>> {
        self.classes.get(class as usize).map(sample)
    }

    /// A class in words, as `attribute = value`.
    pub(super) fn describe(&self, class: u32) -> Option<String> {
        let class = self.classes.get(class as usize)?;
        let attribute = format!("{}.{}", self.key.namespace, self.key.name);
        let is = |yes: bool, verb: &str, what: &str| {
            let not = if yes { "" } else { "not " };
            format!("{attribute} {not}{verb} {what}")
        };
        Some(match (&self.key.facet, class) {
            (Facet::Member(member), Class::Boolean(yes)) => is(*yes, "containing", member),
            (Facet::Within(calendar), Class::Boolean(yes)) => is(*yes, "within", calendar),
            (_, Class::Absent) => format!("{attribute} absent"),
            (_, Class::Boolean(yes)) => format!("{attribute} = {yes}"),
            (_, Class::Text(text)) => {
                let open = !matches!(self.values, Type::Choice(_));
                let exact = self.shapes.contains(&Shape::Exactly(text.as_str().into()));
                if open && !exact {
                    let any = self.shapes.iter().find(|shape| shape.fits(text));
                    match any {
                        Some(Shape::Pattern(pattern)) => format!("{attribute} like {pattern}"),
                        _ => format!("another {attribute}"),
                    }
                } else {
                    format!("{attribute} = {text}")
                }
            }
            (_, Class::Numbers(least, greatest)) => self.describe_numbers(&attribute, *least, *greatest),
            (_, Class::Something) => format!("{attribute} present"),
        })
    }

    fn describe_numbers(&self, attribute: &str, least: i64, greatest: i64) -> String {
        let text = |number: i64| match &self.values {
            Type::Ordered(words) => {
                let word = usize::try_from(number).ok().and_then(|place| words.get(place));
                word.map_or_else(|| number.to_string(), |word| (*word).to_owned())
            }
            Type::Duration if number >= 0 => crate::time::Duration::Elapsed { seconds: number }.to_string(),
            _ => number.to_string(),
        };
        if least == greatest {
            format!("{attribute} = {}", text(least))
        } else if greatest == i64::MAX && matches!(self.values, Type::Integer { .. } | Type::Duration) {
            format!("{attribute} of {} or more", text(least))
        } else if matches!(self.values, Type::Integer { .. } | Type::Duration) && least != i64::MIN {
            format!("{attribute} from {} to {}", text(least), text(greatest))
        } else {
            format!("some {attribute}")
        }
    }
}

fn sample(class: &Class) -> Value<'_> {
    match class {
        Class::Absent => Value::Absent,
        Class::Boolean(yes) => Value::Boolean(*yes),
        Class::Text(text) => Value::Text(text),
        Class::Numbers(least, _) => Value::Number(*least),
        Class::Something => Value::Something,
    }
}
