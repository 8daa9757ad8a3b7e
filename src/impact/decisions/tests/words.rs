//! Words that have an order, of which the two sides know other ones: every request of drawn pairs, one by one.

use super::super::*;
use super::{BASE, at, cases, policy};
use crate::{
    decide::{
        reference::{compare::seeds, draw::Draw},
        testing::rulebook,
        value::Value,
    },
    model::settings::{AttributeType, CustomAttribute, Namespace},
};

const WORDS: [&str; 5] = ["a", "b", "c", "d", "e"];
const DEPARTMENTS: [&str; 3] = ["it", "sales", "legal"];

/// A rulebook whose people have a grade, one of these words.
fn graded(text: &str, words: &[&str]) -> Rulebook {
    let mut book = rulebook(&format!("{BASE}{text}"));
    let grade = CustomAttribute {
        attribute_type: AttributeType::Ordered,
        description: None,
        values: words.iter().map(|word| (*word).to_owned()).collect(),
        optional: true,
    };
    let own = book.settings.attribute.entry(Namespace::Subject).or_default();
    own.insert(Id::new("grade").unwrap(), grade);
    book
}

fn compared(before: (&str, &[&str]), after: (&str, &[&str])) -> Vec<Case> {
    let (old, new) = (graded(before.0, before.1), graded(after.0, after.1));
    let found = compare(&old, &new, at(), Budget::default()).unwrap();
    assert_eq!(found.unknown, []);
    found.cases
}

/// A test of a grade, as it is written and as it is meant.
#[derive(Debug, Clone)]
struct Grade {
    operator: &'static str,
    words: Vec<&'static str>,
    negated: bool,
}

impl Grade {
    fn draw(draw: &mut Draw, own: &[&'static str]) -> Self {
        let operator = draw.pick(&["is", "in", "not-in", "min", "max", "above", "below", "exists", "glob"]);
        let words = match operator {
            "in" | "not-in" => vec![draw.pick(own), draw.pick(own)],
            "glob" => vec![draw.pick(&["a*", "d*", "*e"])],
            _ => vec![draw.pick(own)],
        };
        Self { operator, words, negated: draw.chance(25) }
    }

    fn written(&self) -> String {
        let first = self.words[0];
        let key = if self.negated { "when.not.subject.grade" } else { "when.subject.grade" };
        match self.operator {
            "is" => format!("{key} = \"{first}\""),
            "in" | "not-in" => format!("{key}.{} = {:?}", self.operator, self.words),
            "exists" => format!("{key}.exists = true"),
            operator => format!("{key}.{operator} = \"{first}\""),
        }
    }

    /// Whether somebody with this grade passes, on a side that knows these words in this order.
    fn passes(&self, own: &[&str], grade: Option<&str>) -> bool {
        let place = |word: &str| own.iter().position(|known| *known == word);
        let passes = grade.is_some_and(|grade| {
            let (here, there) = (place(grade), place(self.words[0]));
            // What the side does not know is neither more nor less than anything.
            let than = |fits: fn(usize, usize) -> bool| {
                here.zip(there).is_some_and(|(here, there)| fits(here, there))
            };
            match self.operator {
                "is" | "in" => self.words.contains(&grade),
                "not-in" => !self.words.contains(&grade),
                "min" => than(|here, there| here >= there),
                "max" => than(|here, there| here <= there),
                "above" => than(|here, there| here > there),
                "below" => than(|here, there| here < there),
                "exists" => true,
                _ => match self.words[0].strip_suffix('*') {
                    Some(start) => grade.starts_with(start),
                    None => grade.ends_with(self.words[0].trim_start_matches('*')),
                },
            }
        });
        passes != self.negated
    }
}

/// A rule: which departments and grades it is about, and what it decides.
#[derive(Debug, Clone)]
struct Drawn {
    department: Option<&'static str>,
    grade: Option<Grade>,
    decision: &'static str,
}

impl Drawn {
    fn draw(draw: &mut Draw, own: &[&'static str]) -> Self {
        Self {
            department: draw.chance(50).then(|| draw.pick(&DEPARTMENTS[..2])),
            grade: draw.chance(85).then(|| Grade::draw(draw, own)),
            decision: draw.pick(&["\"auto-approve\"", "\"deny\"", "{ workflow = \"one\" }"]),
        }
    }

    fn written(&self, place: usize) -> String {
        let department = self.department.map(|one| format!("when.subject.department = \"{one}\", "));
        let grade = self.grade.as_ref().map(|grade| format!("{}, ", grade.written()));
        let when = format!("{}{}", department.unwrap_or_default(), grade.unwrap_or_default());
        format!("{{ id = \"r{place}\", {when}decision = {} }}", self.decision)
    }
}

/// What the first rule that matches decides.
fn plain(rules: &[Drawn], own: &[&str], department: &str, grade: Option<&str>) -> &'static str {
    let matches = |rule: &&Drawn| {
        rule.department.is_none_or(|one| one == department)
            && rule.grade.as_ref().is_none_or(|one| one.passes(own, grade))
    };
    rules.iter().find(matches).map_or("\"deny\"", |rule| rule.decision)
}

#[test]
fn every_grade_that_either_side_knows_is_compared_exactly() {
    let (mut seen, mut unlike) = (0, 0);
    for seed in seeds(400) {
        let mut draw = Draw::new(seed);
        let words = |draw: &mut Draw| {
            let mut all = WORDS.to_vec();
            for end in (1..all.len()).rev().filter(|_| draw.chance(40)).collect::<Vec<_>>() {
                all.swap(end, draw.below(end + 1));
            }
            all.truncate(2 + draw.below(4));
            all
        };
        let (old_words, new_words) = (words(&mut draw), words(&mut draw));
        let rules = |draw: &mut Draw, own: &[&'static str]| -> Vec<Drawn> {
            (0..=draw.below(4)).map(|_| Drawn::draw(draw, own)).collect()
        };
        let old_rules = rules(&mut draw, &old_words);
        // Often the same rules, where the other side knows all words that they name.
        let same = draw.chance(60)
            && old_rules.iter().filter_map(|rule| rule.grade.as_ref()).all(|grade| {
                grade.operator == "glob" || grade.words.iter().all(|word| new_words.contains(word))
            });
        let new_rules = if same { old_rules.clone() } else { rules(&mut draw, &new_words) };
        let text = |rules: &[Drawn]| {
            let all: Vec<String> =
                rules.iter().enumerate().map(|(place, rule)| rule.written(place)).collect();
            policy(&all.join(", "))
        };
        let (old, new) = (graded(&text(&old_rules), &old_words), graded(&text(&new_rules), &new_words));
        let sides =
            [Side::new(Engine::new(&old).unwrap(), at()), Side::new(Engine::new(&new).unwrap(), at())];
        let mut comparison = Comparison::new(&sides, Budget::default());
        let regions = comparison.regions();
        assert_eq!(regions.unknown, [], "seed {seed}");
        let said = || format!("seed {seed}: {old_words:?} {old_rules:#?}\n{new_words:?} {new_rules:#?}");
        for department in DEPARTMENTS {
            for grade in [None].into_iter().chain(WORDS.map(Some)) {
                if grade.is_some_and(|grade| !old_words.contains(&grade) && !new_words.contains(&grade)) {
                    continue;
                }
                let was = plain(&old_rules, &old_words, department, grade);
                let is = plain(&new_rules, &new_words, department, grade);
                seen += 1;
                unlike += usize::from(was != is);
                let own = regions.differing.iter().find(|one| one.entitlement.to_string() == "mail/read");
                let Some(own) = own.filter(|own| !own.changes.is_empty()) else {
                    assert_eq!(was, is, "{department} {grade:?} {}", said());
                    continue;
                };
                let space = regions.space.as_ref().unwrap();
                let class = |variable: usize, name: &str| -> Option<u32> {
                    match (name, grade) {
                        ("department", _) => space.class_of(variable, &Value::Text(department)),
                        (_, None) => space.class_of(variable, &Value::Absent),
                        (_, Some(grade)) => [(&new_words, &sides[1]), (&old_words, &sides[0])]
                            .into_iter()
                            .find_map(|(words, side)| {
                                let place = words.iter().position(|word| *word == grade)?;
                                let place = Value::Number(i64::try_from(place).unwrap());
                                space.class_in(side.engine.vocabulary(), variable, &place)
                            }),
                    }
                };
                let known: Vec<Option<u32>> =
                    space.variables().enumerate().map(|(variable, key)| class(variable, &key.name)).collect();
                assert!(known.iter().all(Option::is_some), "{department} {grade:?} {}", said());
                let inside: Vec<_> =
                    own.changes.iter().filter(|(_, set)| space.is_possible(*set, &known)).collect();
                assert_eq!(
                    inside.len(),
                    usize::from(was != is),
                    "{department} {grade:?} {was} {is} {}",
                    said()
                );
            }
        }
    }
    assert!(seen > 2_000 && unlike > 500, "{seen} {unlike}");
}

#[test]
fn a_word_that_is_appended_makes_only_those_differ_who_have_it() {
    let rules = policy(r#"{ id = "a", when.subject.grade.min = "b", decision = "auto-approve" }"#);
    let words = ["a", "b", "c"];
    assert_eq!(compared((&rules, &words), (&rules, &words)), []);
    let found = compared((&rules, &words), (&rules, &["a", "b", "c", "d"]));
    assert_eq!(found.len(), 2, "both entitlements: {found:#?}");
    for case in &found {
        assert_eq!(case.direction, Direction::Loosens);
        let said: Vec<String> = case
            .who
            .any
            .iter()
            .flatten()
            .map(|words| format!("{} {}", words.attribute, words.said))
            .collect();
        assert_eq!(said, ["subject.grade is `d`"]);
    }
    // Where it is no more than anything that is asked for, nobody gets more.
    let below = policy(r#"{ id = "a", when.subject.grade.max = "b", decision = "auto-approve" }"#);
    assert_eq!(compared((&below, &words), (&below, &["a", "b", "c", "d"])), []);
    // Another order moves those in between.
    let found = compared((&rules, &words), (&rules, &["b", "a", "c"]));
    assert!(found.iter().all(|case| case.direction == Direction::Loosens), "{found:#?}");
    assert_eq!(found.first().unwrap().who.any.first().unwrap().first().unwrap().said, "is `a`");
    // What nobody reads makes no difference.
    let other = policy(r#"{ id = "a", when.subject.department = "it", decision = "auto-approve" }"#);
    assert_eq!(compared((&other, &words), (&other, &["c", "b"])), []);
    assert_eq!(cases(&other, &other), []);
}
