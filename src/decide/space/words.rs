//! Some classes of an attribute in the words of somebody who reads a change.

use super::atoms::{Class, Facet, Variable};
use crate::{
    decide::{glob::Shape, vocabulary::Type},
    load::words::in_a_row,
};

/// What the value of one attribute is, among those that matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Words {
    /// The attribute, such as `subject.department`.
    pub attribute: String,
    /// What is said about it, such as ``is `finance` or `legal` ``.
    pub said: String,
}

impl Variable<'_> {
    /// Some of the classes in words. `accepted` says of each class whether it is one of them.
    pub(super) fn words(&self, accepted: &[bool]) -> Words {
        let attribute = format!("{}.{}", self.key.namespace, self.key.name);
        Words { attribute, said: self.say(accepted) }
    }

    fn say(&self, accepted: &[bool]) -> String {
        match &self.key.facet {
            Facet::Member(member) => {
                return self.side(
                    accepted,
                    &format!("contains `{member}`"),
                    &format!("does not contain `{member}`"),
                );
            }
            Facet::Within(calendar) => {
                return self.side(
                    accepted,
                    &format!("is within `{calendar}`"),
                    &format!("is not within `{calendar}`"),
                );
            }
            Facet::Value => {}
        }
        let chosen: Vec<&Class> =
            self.classes.iter().zip(accepted).filter(|(_, yes)| **yes).map(|(class, _)| class).collect();
        let left: Vec<&Class> =
            self.classes.iter().zip(accepted).filter(|(_, yes)| !**yes).map(|(class, _)| class).collect();
        if let [Class::Absent] = *chosen {
            return "is absent".to_owned();
        }
        if let [Class::Absent] = *left {
            return "is there".to_owned();
        }
        if chosen.iter().chain(&left).any(|class| matches!(class, Class::Numbers(..))) {
            return self.numbers(&chosen);
        }
        // "not it" is shorter than everything else, and says that what nobody has thought of is in it.
        let any_other = |classes: &[&Class]| classes.iter().any(|class| self.is_any_other(class));
        let negated = any_other(&chosen) || (!any_other(&left) && left.len() < chosen.len());
        if negated && !left.is_empty() && !left.iter().any(|class| matches!(class, Class::Absent)) {
            let none_of = in_a_row(&left.iter().map(|class| self.name(class)).collect::<Vec<_>>(), "or");
            let absent = if self.classes.contains(&Class::Absent) { ", or absent" } else { "" };
            return format!("is not {none_of}{absent}");
        }
        if negated {
            let there: Vec<String> = left
                .iter()
                .filter(|class| !matches!(class, Class::Absent))
                .map(|class| self.name(class))
                .collect();
            return if there.is_empty() {
                "is there".to_owned()
            } else {
                format!("is there and not {}", in_a_row(&there, "or"))
            };
        }
        format!("is {}", in_a_row(&chosen.iter().map(|class| self.name(class)).collect::<Vec<_>>(), "or"))
    }

    fn side(&self, accepted: &[bool], yes: &str, no: &str) -> String {
        let is_in = |class: &Class| {
            self.classes.iter().zip(accepted).any(|(known, accepted)| *accepted && known == class)
        };
        let mut parts = Vec::new();
        if is_in(&Class::Boolean(true)) {
            parts.push(yes.to_owned());
        }
        if is_in(&Class::Boolean(false)) {
            parts.push(no.to_owned());
        }
        if is_in(&Class::Absent) {
            parts.push("is absent".to_owned());
        }
        in_a_row(&parts, "or")
    }

    /// Whether a class stands for all texts that nothing mentions.
    fn is_any_other(&self, class: &Class) -> bool {
        let open = matches!(self.values, Type::Text | Type::Id(_) | Type::Entitlement);
        match class {
            Class::Text(text) => open && !self.shapes.iter().any(|shape| shape.fits(text)),
            _ => false,
        }
    }

    fn name(&self, class: &Class) -> String {
        match class {
            Class::Absent => "absent".to_owned(),
            Class::Boolean(yes) => yes.to_string(),
            Class::Something => "there".to_owned(),
            Class::Numbers(least, greatest) => self.range(*least, *greatest),
            Class::Text(text) => {
                let open = matches!(self.values, Type::Text | Type::Id(_) | Type::Entitlement);
                if !open || self.shapes.contains(&Shape::Exactly(text.as_str().into())) {
                    return format!("`{text}`");
                }
                let patterns: Vec<String> = self
                    .shapes
                    .iter()
                    .filter(|shape| shape.fits(text))
                    .filter_map(|shape| match shape {
                        Shape::Pattern(pattern) => Some(format!("`{pattern}`")),
                        Shape::Exactly(_) => None,
                    })
                    .collect();
                if patterns.is_empty() {
                    "something else".to_owned()
                } else {
                    format!("another text like {}", in_a_row(&patterns, "and"))
                }
            }
        }
    }

    /// Numbers, those next to each other together.
    fn numbers(&self, chosen: &[&Class]) -> String {
        let mut ranges: Vec<(i64, i64)> = Vec::new();
        for class in chosen {
            if let Class::Numbers(least, greatest) = class {
                match ranges.last_mut() {
                    Some((_, last)) if last.checked_add(1) == Some(*least) => *last = *greatest,
                    _ => ranges.push((*least, *greatest)),
                }
            }
        }
        let mut parts: Vec<String> =
            ranges.into_iter().map(|(least, greatest)| self.range(least, greatest)).collect();
        if chosen.contains(&&Class::Absent) {
            parts.push("absent".to_owned());
        }
        format!("is {}", in_a_row(&parts, "or"))
    }

    fn range(&self, least: i64, greatest: i64) -> String {
        if let Type::Ordered(words) = &self.values {
            let word = |number: i64| {
                usize::try_from(number).ok().and_then(|place| words.get(place)).copied().unwrap_or_default()
            };
            let all: Vec<String> =
                (least..=greatest).take(words.len()).map(|number| format!("`{}`", word(number))).collect();
            return in_a_row(&all, "or");
        }
        let (lowest, highest) = match &self.values {
            Type::Integer { least, greatest } => (*least, *greatest),
            Type::Duration => (0, i64::MAX),
            _ => (i64::MIN, i64::MAX),
        };
        let text = |number: i64| self.number(number);
        if least == greatest {
            text(least)
        } else if least <= lowest && greatest >= highest {
            "any".to_owned()
        } else if greatest >= highest {
            // Above the greatest that something else holds for: what people wrote.
            match least.checked_sub(1) {
                Some(before) if self.reads_better(before, least) => format!("more than {}", text(before)),
                _ => format!("{} or more", text(least)),
            }
        } else if least <= lowest {
            match greatest.checked_add(1) {
                Some(after) if self.reads_better(after, greatest) => format!("less than {}", text(after)),
                _ => format!("at most {}", text(greatest)),
            }
        } else {
            let start = match least.checked_sub(1) {
                Some(before) if self.reads_better(before, least) => format!("more than {}", text(before)),
                _ => format!("at least {}", text(least)),
            };
            match greatest.checked_add(1) {
                Some(after) if self.reads_better(after, greatest) => {
                    format!("{start} and less than {}", text(after))
                }
                _ => format!("{start} and at most {}", text(greatest)),
            }
        }
    }

    /// Whether a length of time is rounder than the one next to it.
    fn reads_better(&self, one: i64, other: i64) -> bool {
        matches!(self.values, Type::Duration) && self.number(one).len() < self.number(other).len()
    }

    fn number(&self, number: i64) -> String {
        match &self.values {
            Type::Duration => format!("`{}`", crate::time::Duration::Elapsed { seconds: number }),
            Type::Date => jiff::civil::date(1970, 1, 1)
                .checked_add(jiff::Span::new().try_days(number).unwrap_or_default())
                .map_or_else(|_| number.to_string(), |date| format!("`{date}`")),
            Type::Instant => jiff::Timestamp::from_second(number)
                .map_or_else(|_| number.to_string(), |instant| format!("`{instant}`")),
            _ => number.to_string(),
        }
    }
}
