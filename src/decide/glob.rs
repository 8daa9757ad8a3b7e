//! Patterns over text: `*` stands for any text, `?` for one character; everything else for itself.
//!
//! Besides matching, this finds the classes into which patterns divide all texts: two texts are in one
//! class when the same patterns match them. The patterns are run side by side as one automaton over the
//! characters that they mention and one more that stands for every other.

use std::collections::{BTreeSet, HashSet, VecDeque};

/// Whether a text matches a pattern.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let mut states = start(&pattern);
    for character in text.chars() {
        states = step(&pattern, &states, character);
    }
    states.last().copied().unwrap_or_default()
}

/// Whether a pattern has a wildcard at all.
#[must_use]
pub fn has_wildcard(pattern: &str) -> bool {
    pattern.contains(['*', '?'])
}

/// What a text is compared with: a pattern, or exactly one text, in which `*` is just a star.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// This text and no other.
    Exactly(Box<str>),
    /// What matches this pattern.
    Pattern(Box<str>),
}

impl Shape {
    /// Whether a text is of this shape.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        match self {
            Self::Exactly(only) => &**only == text,
            Self::Pattern(pattern) => matches(pattern, text),
        }
    }
}

/// The most states of the automaton before the analysis gives up, which takes some milliseconds.
const MAX_STATES: usize = 20_000;

/// A shortest text of each class into which `shapes` divide all texts that are not empty.
///
/// Two texts of a class fit the same shapes; each class is given once, and together they are everything.
/// `None` when the shapes are too many to say.
#[must_use]
pub fn classes(shapes: &BTreeSet<Shape>) -> Option<Vec<String>> {
    if shapes.iter().all(|shape| matches!(shape, Shape::Exactly(_))) {
        return Some(exact_classes(shapes));
    }
    let programs = Programs::new(shapes);
    let first = programs.start();
    let mut seen: HashSet<Box<[u64]>> = HashSet::new();
    let mut queue = VecDeque::from([(first, String::new())]);
    let mut found: HashSet<Box<[u64]>> = HashSet::new();
    let mut texts = Vec::new();
    while let Some((states, text)) = queue.pop_front() {
        for (character, moves) in &programs.moves {
            let next = programs.step(&states, moves);
            if seen.contains(&next) {
                continue;
            }
            if seen.len() == MAX_STATES {
                return None;
            }
            seen.insert(next.clone());
            let mut longer = text.clone();
            longer.push(*character);
            if found.insert(programs.fits(&next)) {
                texts.push(longer.clone());
            }
            queue.push_back((next, longer));
        }
    }
    Some(texts)
}

fn exact_classes(shapes: &BTreeSet<Shape>) -> Vec<String> {
    let mut texts: Vec<String> = shapes
        .iter()
        .filter_map(|shape| match shape {
            Shape::Exactly(text) if !text.is_empty() => Some(text.to_string()),
            _ => None,
        })
        .collect();
    let mut other = "other".to_owned();
    while texts.contains(&other) {
        other.push('-');
    }
    texts.push(other);
    texts
}

/// A character that no shape mentions, which stands for all of those.
fn stranger(alphabet: &BTreeSet<char>) -> char {
    let letters = ('a'..='z').chain('0'..='9').chain('\u{a1}'..='\u{d7ff}');
    letters.into_iter().find(|character| !alphabet.contains(character)).unwrap_or('\u{e000}')
}

/// Shapes that are run side by side. Each is a row of steps, and every place in a row at which matching can stand is a bit;
/// the rows stand one after the other, so that one shift moves all of them.
struct Programs {
    /// For each character that matters, the bits from which it leads one further.
    moves: Vec<(char, Box<[u64]>)>,
    /// The bits at stars, which any character leaves where they are and which may stand for nothing.
    stars: Box<[u64]>,
    /// The first bits.
    first: Box<[u64]>,
    /// The last bits: those of shapes that fit.
    last: Box<[u64]>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Any,
    One,
    Just(char),
}

impl Programs {
    fn new(shapes: &BTreeSet<Shape>) -> Self {
        let rows: Vec<Vec<Step>> = shapes
            .iter()
            .map(|shape| match shape {
                Shape::Exactly(text) => text.chars().map(Step::Just).collect(),
                Shape::Pattern(pattern) => {
                    let mut steps = steps(pattern.chars());
                    // Two stars are one, so that none leads to another.
                    steps.dedup_by(|one, other| *one == Step::Any && *other == Step::Any);
                    steps
                }
            })
            .collect();
        let mut alphabet: BTreeSet<char> = rows
            .iter()
            .flatten()
            .filter_map(|step| match step {
                Step::Just(character) => Some(*character),
                Step::Any | Step::One => None,
            })
            .collect();
        alphabet.insert(stranger(&alphabet));
        // The step at each bit; none at the last one of a row.
        let bits: Vec<Option<Step>> =
            rows.iter().flat_map(|row| row.iter().copied().map(Some).chain([None])).collect();
        let of = |holds: &dyn Fn(usize) -> bool| -> Box<[u64]> {
            let mut words = vec![0_u64; bits.len().div_ceil(64)];
            for bit in (0..bits.len()).filter(|bit| holds(*bit)) {
                if let Some(word) = words.get_mut(bit / 64) {
                    *word |= 1 << (bit % 64);
                }
            }
            words.into()
        };
        let step = |bit: usize| bits.get(bit).copied().flatten();
        let leads = |character: char| {
            of(&|bit| step(bit).is_some_and(|step| step == Step::One || step == Step::Just(character)))
        };
        Self {
            moves: alphabet.iter().map(|character| (*character, leads(*character))).collect(),
            stars: of(&|bit| step(bit) == Some(Step::Any)),
            first: of(&|bit| bit == 0 || step(bit - 1).is_none()),
            last: of(&|bit| step(bit).is_none()),
        }
    }

    fn start(&self) -> Box<[u64]> {
        let mut states = self.first.clone();
        self.skip_stars(&mut states);
        states
    }

    fn step(&self, states: &[u64], moves: &[u64]) -> Box<[u64]> {
        let mut carry = 0;
        let words = states.iter().zip(moves).zip(&self.stars).map(|((state, moves), stars)| {
            let further = state & moves;
            let next = further << 1 | carry | state & stars;
            carry = further >> 63;
            next
        });
        let mut next: Box<[u64]> = words.collect();
        self.skip_stars(&mut next);
        next
    }

    fn skip_stars(&self, states: &mut [u64]) {
        let mut carry = 0;
        for (state, stars) in states.iter_mut().zip(&self.stars) {
            let moved = *state & stars;
            *state |= moved << 1 | carry;
            carry = moved >> 63;
        }
    }

    fn fits(&self, states: &[u64]) -> Box<[u64]> {
        states.iter().zip(&self.last).map(|(state, last)| state & last).collect()
    }
}

fn steps(pattern: impl Iterator<Item = char>) -> Vec<Step> {
    let step = |character| match character {
        '*' => Step::Any,
        '?' => Step::One,
        other => Step::Just(other),
    };
    pattern.map(step).collect()
}

fn start(pattern: &[char]) -> Vec<bool> {
    begin(&steps(pattern.iter().copied()))
}

fn step(pattern: &[char], states: &[bool], character: char) -> Vec<bool> {
    advance(&steps(pattern.iter().copied()), states, character)
}

/// The places in a row of steps at which matching can stand before the first character.
fn begin(steps: &[Step]) -> Vec<bool> {
    let mut states = vec![false; steps.len() + 1];
    if let Some(first) = states.first_mut() {
        *first = true;
    }
    skip_stars(steps, &mut states);
    states
}

fn advance(steps: &[Step], states: &[bool], character: char) -> Vec<bool> {
    let mut next = vec![false; steps.len() + 1];
    for (index, step) in steps.iter().enumerate() {
        if !states.get(index).copied().unwrap_or_default() {
            continue;
        }
        let to = match step {
            Step::Any => index,
            Step::One => index + 1,
            Step::Just(expected) if *expected == character => index + 1,
            Step::Just(_) => continue,
        };
        if let Some(state) = next.get_mut(to) {
            *state = true;
        }
    }
    skip_stars(steps, &mut next);
    next
}

/// A star may stand for nothing.
fn skip_stars(steps: &[Step], states: &mut [bool]) {
    for (index, step) in steps.iter().enumerate() {
        let here = states.get(index).copied().unwrap_or_default();
        if here
            && *step == Step::Any
            && let Some(state) = states.get_mut(index + 1)
        {
            *state = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_stand_for_any_text_and_question_marks_for_one_character() {
        for (pattern, text, expected) in [
            ("cn-*", "cn-beijing", true),
            ("cn-*", "cn-", true),
            ("cn-*", "cn", false),
            ("*-lead", "team-lead", true),
            ("*-lead", "team-leader", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a?c", "aéc", true),
            ("**", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "aXbYbZc", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_star_in_an_exact_text_is_just_a_star() {
        let shapes = BTreeSet::from([Shape::Exactly("*".into()), Shape::Pattern("x*".into())]);
        let texts = classes(&shapes).unwrap();
        assert_eq!(texts.len(), 3, "{texts:?}");
    }

    proptest! {
        /// Every short text over the alphabet fits the same shapes as exactly one of the texts given.
        #[test]
        fn classes_are_complete_and_distinct(
            exact in proptest::collection::btree_set("[abc]{1,3}", 0..3),
            patterns in proptest::collection::btree_set("[ab*?]{1,4}", 0..3),
        ) {
            let shapes: BTreeSet<Shape> = exact
                .iter()
                .map(|text| Shape::Exactly(text.as_str().into()))
                .chain(patterns.iter().map(|text| Shape::Pattern(text.as_str().into())))
                .collect();
            let texts = classes(&shapes).unwrap();
            let fits = |text: &str| shapes.iter().map(|shape| shape.fits(text)).collect::<Vec<_>>();
            let mut all = vec![String::new()];
            for _ in 0..4 {
                let longer: Vec<String> =
                    all.iter().flat_map(|text| "abcd".chars().map(move |c| format!("{text}{c}"))).collect();
                all.extend(longer);
            }
            for text in all.iter().filter(|text| !text.is_empty()) {
                let same = texts.iter().filter(|known| fits(known) == fits(text)).count();
                prop_assert_eq!(same, 1, "{} in {:?}", text, texts);
            }
        }
    }
}
