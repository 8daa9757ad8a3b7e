//! What is otherwise than expected, in words.

use jiff::Timestamp;

use crate::{
    decide::{stages::Asking, undecidable::Undecidable},
    load::tree,
    model::{Instant, Ref, expectation::Expectation, person::Person},
};

/// Something that was expected and is otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field of the scenario, as a JSON pointer below it.
    pub field: String,
    /// What was expected, in words.
    pub expected: String,
    /// What is there, in words.
    pub got: String,
}

/// The differences that were found so far, in the order of the fields.
#[derive(Debug, Default)]
pub(super) struct Differences(Vec<Difference>);

impl Differences {
    /// Everything that was found.
    pub(super) fn into_all(self) -> Vec<Difference> {
        self.0
    }

    /// Notes a field of the scenario that is otherwise.
    pub(super) fn differ(&mut self, field: &str, expected: String, got: String) {
        if expected != got {
            let field = if field.is_empty() { String::new() } else { format!("/{field}") };
            self.0.push(Difference { field, expected, got });
        }
    }

    /// Compares a field of `expect`, if it is written.
    pub(super) fn compare(&mut self, field: &str, expected: Option<String>, got: impl FnOnce() -> String) {
        if let Some(expected) = expected {
            self.differ(&format!("expect/{field}"), expected, got());
        }
    }

    /// Compares an instant, if it is written.
    pub(super) fn instant(&mut self, field: &str, expected: Option<Instant>, got: Option<Timestamp>) {
        self.compare(field, expected.map(|instant| instant.to_string()), || said(got));
    }

    /// Compares a list in its order, if it is written.
    pub(super) fn list(&mut self, field: &str, expected: Option<&Vec<String>>, got: &[String]) {
        self.compare(field, expected.map(list), || list(got));
    }

    /// Compares a list of which the order says nothing, if it is written.
    pub(super) fn set(&mut self, field: &str, expected: Option<Vec<String>>, got: Vec<String>) {
        let sorted = |mut texts: Vec<String>| {
            texts.sort_unstable();
            texts.dedup();
            list(&texts)
        };
        self.compare(field, expected.map(sorted), || sorted(got));
    }

    /// Compares the rules: each that is expected has to be among those that decided, and none where none is expected.
    pub(super) fn rules(&mut self, expected: &Expectation, decided: &[String]) {
        let Some(expected) = &expected.rules else { return };
        if expected.is_empty() {
            self.differ("expect/rules", list(expected), list(decided));
        }
        for (index, rule) in expected.iter().enumerate() {
            if !decided.contains(rule) {
                self.differ(&format!("expect/rules/{index}"), rule.clone(), list(decided));
            }
        }
    }

    /// Compares the stages that are asked and who can approve them.
    pub(super) fn stages(&mut self, expected: &Expectation, asked: &[Asking<'_>]) {
        let stages: Vec<String> = asked.iter().map(Asking::name).collect();
        self.list("stages", expected.stages.as_ref(), &stages);
        for (stage, people) in &expected.approvers {
            let asked = asked.iter().filter(|asking| asking.name() == *stage);
            // Two stages of one name ask different people about different things.
            let each: Vec<String> = asked
                .map(|asking| people_of(asking.approvers.iter().map(|person| person.id.to_string())))
                .collect();
            let got = if each.is_empty() { "the stage is not asked".to_owned() } else { each.join(" / ") };
            let field = format!("expect/approvers/{}", tree::escape(stage));
            self.differ(&field, people_of(people.iter().map(Ref::<Person>::to_string)), got);
        }
    }

    /// What was decided; what cannot be decided is otherwise than anybody could expect.
    pub(super) fn taken<T>(&mut self, decided: Result<T, Undecidable>) -> Option<T> {
        match decided {
            Ok(decided) => Some(decided),
            Err(why) => {
                self.differ("expect", "something that can be decided".to_owned(), why.to_string());
                None
            }
        }
    }
}

/// People by their ids, each once, in order.
pub(super) fn people_of(ids: impl Iterator<Item = String>) -> String {
    let mut ids: Vec<String> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    list(&ids)
}

/// An instant in words.
fn said(instant: Option<Timestamp>) -> String {
    instant.map_or_else(|| "never".to_owned(), |instant| Instant(instant).to_string())
}

/// Texts in words.
pub(super) fn list<'s>(texts: impl IntoIterator<Item = &'s String>) -> String {
    let texts: Vec<&str> = texts.into_iter().map(String::as_str).collect();
    if texts.is_empty() { "none".to_owned() } else { texts.join(", ") }
}
