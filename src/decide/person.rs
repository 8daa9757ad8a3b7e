//! Whether a condition holds for a person of the directory.

use std::{collections::HashMap, sync::OnceLock};

use jiff::civil::Date;

use super::{
    hands::Hands,
    value::{self, Value},
    vocabulary::{Type, Vocabulary},
};
use crate::model::{
    Entry, Ref, Rulebook,
    condition::{Condition, Literal},
    person::{Person, PersonStatus},
};

/// The people of a rulebook with the teams that they are members of.
#[derive(Debug)]
pub struct Directory<'a> {
    vocabulary: Vocabulary<'a>,
    teams: HashMap<&'a str, Vec<&'a str>>,
    today: Date,
    /// Which records are of one person, once somebody asked.
    hands: OnceLock<Hands<'a>>,
}

impl<'a> Directory<'a> {
    /// The directory of a rulebook, as it is on `today`.
    #[must_use]
    pub fn new(rulebook: &'a Rulebook, today: Date) -> Self {
        let mut teams: HashMap<&str, Vec<&str>> = HashMap::new();
        for team in &rulebook.teams {
            // Nobody asks for the teams of somebody who does not exist.
            let exists = |member: &&Ref<Person>| rulebook.people.get(member.as_str()).is_some();
            for member in team.value.members.iter().filter(exists) {
                teams.entry(member.as_str()).or_default().push(team.id.as_str());
            }
        }
        Self { vocabulary: Vocabulary::new(rulebook), teams, today, hands: OnceLock::new() }
    }

    /// Which records are of one and the same person.
    pub fn hands(&self) -> &Hands<'a> {
        self.hands.get_or_init(|| Hands::new(self.vocabulary.rulebook()))
    }

    /// The attributes that there are.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary<'a> {
        &self.vocabulary
    }

    /// The day on which the directory is looked at.
    #[must_use]
    pub fn today(&self) -> Date {
        self.today
    }

    /// Everybody who can act: people, not software, who work here now.
    pub fn able(&self) -> impl Iterator<Item = &'a Entry<Person>> {
        let today = self.today;
        self.vocabulary.rulebook().people.iter().filter(move |person| is_able(person, today))
    }

    /// Everybody who can be given access: people and software that work here or soon will.
    pub fn present(&self) -> impl Iterator<Item = &'a Entry<Person>> {
        self.present_on(self.today)
    }

    /// The same on another day.
    pub fn present_on(&self, today: Date) -> impl Iterator<Item = &'a Entry<Person>> {
        let has_left = move |person: &Person| person.end.is_some_and(|end| end.0 < today);
        let people = self.vocabulary.rulebook().people.iter();
        people.filter(move |person| person.status != PersonStatus::Inactive && !has_left(person))
    }

    /// Whether a condition over one person (`subject.…`) holds. `None` when it cannot be said because a test
    /// makes no sense; it is not guessed from the rest of the condition.
    #[must_use]
    pub fn holds(&self, condition: &Condition, person: &Entry<Person>) -> Option<bool> {
        match condition {
            Condition::All(parts) => {
                let each: Option<Vec<bool>> = parts.iter().map(|part| self.holds(part, person)).collect();
                Some(each?.into_iter().all(|holds| holds))
            }
            Condition::Any(parts) => {
                let each: Option<Vec<bool>> = parts.iter().map(|part| self.holds(part, person)).collect();
                Some(each?.into_iter().any(|holds| holds))
            }
            Condition::Not(part) => self.holds(part, person).map(|holds| !holds),
            Condition::Test(test) => {
                let known = matches!(&*test.namespace, "subject" | "requester");
                let resolved = self.vocabulary.of(test).filter(|_| known)?;
                if !value::fits(test.operator, &resolved.values) {
                    return None;
                }
                let value = self.value(person, &test.name, &resolved.values);
                value::passes(test, &resolved.values, &value)
            }
        }
    }

    /// The value of an attribute of a person, by the name that follows `subject.`.
    #[must_use]
    pub fn value<'p>(&'p self, person: &'p Entry<Person>, name: &str, values: &Type<'_>) -> Value<'p> {
        let text =
            |text: Option<&'p str>| text.filter(|text| !text.is_empty()).map_or(Value::Absent, Value::Text);
        let date = |date: Option<crate::model::LocalDate>| {
            date.map_or(Value::Absent, |date| Value::Number(value::days(date)))
        };
        match name {
            "id" => Value::Text(person.id.as_str()),
            "department" => text(person.department.as_deref()),
            "title" => text(person.title.as_deref()),
            "location" => text(person.location.as_deref()),
            "employment" => Value::Text(person.employment.name()),
            "status" => Value::Text(person.status.name()),
            "manager" => text(person.manager.as_ref().map(crate::model::Ref::as_str)),
            "tenant" => text(person.tenant.as_ref().map(crate::model::Ref::as_str)),
            "teams" => Value::Set(self.teams.get(person.id.as_str()).cloned().unwrap_or_default()),
            "start" => date(person.start),
            "end" => date(person.end),
            _ => person.attributes.get(name).map_or(Value::Absent, |literal| match literal {
                Literal::Boolean(value) => Value::Boolean(*value),
                Literal::Text(written) if matches!(values, Type::Text | Type::Choice(_)) => {
                    text(Some(written))
                }
                other => value::number(other, values).map_or(Value::Something, Value::Number),
            }),
        }
    }
}

/// Whether an identity can approve: a human being who works here on `today`, the first and the last day
/// included. Nobody else is ever counted.
#[must_use]
pub fn is_able(person: &Person, today: Date) -> bool {
    person.status == PersonStatus::Active
        && person.employment.is_human()
        && person.start.is_none_or(|start| start.0 <= today)
        && person.end.is_none_or(|end| end.0 >= today)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::decide::testing::rulebook;

    const PEOPLE: &str = r#"
person.ana = { name = "Ana", department = "it", title = "Lead", start = 2024-05-01, attributes = { level = 7 } }
person.ben = { name = "Ben", department = "sales", manager = "ana", status = "on-leave" }
person.robot = { name = "Robot", employment = "service-account", owner = "team:desk" }
person.cleo = { name = "Cleo", status = "inactive" }
team.desk = { name = "Desk", members = ["ana", "robot"] }
team.net = { name = "Network", members = ["ana"] }
"#;

    /// The people for whom a condition holds, written as the condition of a bundle.
    fn holds_for(condition: &str) -> Option<Vec<String>> {
        let text = format!("{PEOPLE}\n[bundle.b]\nname = \"B\"\nentitlements = [\"a/b\"]\n{condition}");
        let rulebook = rulebook(&text);
        let directory = Directory::new(&rulebook, date(2026, 11, 20));
        let bundle = rulebook.bundles.get("b").unwrap();
        let mut found = Vec::new();
        for person in &rulebook.people {
            if directory.holds(&bundle.when, person)? {
                found.push(person.id.to_string());
            }
        }
        Some(found)
    }

    #[test]
    fn conditions_hold_for_the_right_people() {
        for (condition, expected) in [
            (r#"when.subject.department = "it""#, &["ana"][..]),
            (r#"when.subject.department = ["it", "sales"]"#, &["ana", "ben"]),
            (r#"when.subject.department.not-in = ["it"]"#, &["ben"]),
            (r#"when.not.subject.department = "it""#, &["ben", "cleo", "robot"]),
            (r"when.subject.department.exists = false", &["cleo", "robot"]),
            (r#"when.subject.department.glob = "s*""#, &["ben"]),
            (r#"when.subject.teams.contains = "desk""#, &["ana", "robot"]),
            (r#"when.subject.teams.contains = ["desk", "net"]"#, &["ana"]),
            (r#"when.subject.employment = "service-account""#, &["robot"]),
            (r#"when.subject.manager = "ana""#, &["ben"]),
            (r#"when.subject.start.min = "2024-05-01""#, &["ana"]),
            (r#"when.subject.start.above = "2024-05-01""#, &[]),
            (r"when.subject.level.min = 7", &["ana"]),
            (r"when.subject.level.below = 7", &[]),
            (r#"when.any = [{ subject.level = 7 }, { subject.manager = "ana" }]"#, &["ana", "ben"]),
        ] {
            assert_eq!(holds_for(condition).unwrap(), expected, "{condition}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_not_guessed() {
        for condition in [
            r"when.subject.shoe-size = 44",
            r#"when.subject.department.min = "it""#,
            // Even where the rest would decide it.
            r"when.any = [{ subject.shoe-size = 44 }, { subject.id.exists = true }]",
        ] {
            assert_eq!(holds_for(condition), None, "{condition}");
        }
    }

    #[test]
    fn only_active_people_are_able_and_those_on_leave_are_present() {
        let rulebook = rulebook(PEOPLE);
        let directory = Directory::new(&rulebook, date(2026, 11, 20));
        let able: Vec<&str> = directory.able().map(|person| person.id.as_str()).collect();
        assert_eq!(able, ["ana"]);
        let present: Vec<&str> = directory.present().map(|person| person.id.as_str()).collect();
        assert_eq!(present, ["ana", "ben", "robot"]);
    }

    #[test]
    fn nobody_acts_before_the_first_or_after_the_last_day() {
        let rulebook = rulebook(
            r#"
person.left = { name = "Left", end = 2026-11-19 }
person.leaving = { name = "Leaving", end = 2026-11-20 }
person.starting = { name = "Starting", start = 2026-11-20 }
person.tomorrow = { name = "Tomorrow", start = 2026-11-21 }
"#,
        );
        let directory = Directory::new(&rulebook, date(2026, 11, 20));
        let able: Vec<&str> = directory.able().map(|person| person.id.as_str()).collect();
        assert_eq!(able, ["leaving", "starting"]);
        let present: Vec<&str> = directory.present().map(|person| person.id.as_str()).collect();
        assert_eq!(present, ["leaving", "starting", "tomorrow"]);
    }
}
