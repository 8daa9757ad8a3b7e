//! Which bundles are somebody's, given what they were like and in which teams they were.

use crate::{
    decide::{
        person::Directory,
        policy::given,
        value::{self, Value},
    },
    model::{Entry, Id, Rulebook, bundle::Bundle, condition::Condition, person::Person},
};

/// The bundles of somebody, by their ids; none when the condition of one makes no sense.
pub(super) fn of<'a>(
    directory: &Directory<'_>,
    rulebook: &'a Rulebook,
    person: &Entry<Person>,
    teams: &[&str],
) -> Option<Vec<&'a Id>> {
    let mut found = Vec::new();
    for bundle in &rulebook.bundles {
        if holds(directory, bundle, person, teams)? {
            found.push(&bundle.id);
        }
    }
    Some(found)
}

/// Whether a bundle is theirs. The directory knows the teams of today, so that they are put into the condition.
fn holds(
    directory: &Directory<'_>,
    bundle: &Entry<Bundle>,
    person: &Entry<Person>,
    teams: &[&str],
) -> Option<bool> {
    let condition: &Condition = &bundle.value.when;
    let known = |test: &crate::model::condition::Test| {
        if &*test.name != "teams" || !matches!(&*test.namespace, "subject" | "requester") {
            return None;
        }
        let resolved = directory.vocabulary().of(test)?;
        value::passes(test, &resolved.values, &Value::Set(teams.to_vec()))
    };
    directory.holds(&given(condition, &known), person)
}
