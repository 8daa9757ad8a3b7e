//! How people were at an earlier commit, beside how they are.

use std::{cell::RefCell, collections::BTreeMap, path::Path};

use anyhow::bail;

use crate::{
    cli::{revision, terminal::plain},
    load::{Completeness, Loaded},
    model::{Entry, Rulebook, grant::Grant, person::Person},
    report::revision::At,
};

/// The directory and the ledger of an earlier commit.
pub(super) struct Since<'f> {
    /// The commit.
    pub(super) at: At,
    /// What it holds.
    pub(super) rulebook: Rulebook,
    folder: &'f Path,
    read: RefCell<BTreeMap<String, Option<Rulebook>>>,
}

impl<'f> Since<'f> {
    /// Reads an earlier commit.
    ///
    /// # Errors
    /// When it is not there, or cannot be read whole: whoever is not read would seem to have come since.
    pub(super) fn read(folder: &'f Path, revision: &str) -> anyhow::Result<Self> {
        let (loaded, read) = revision::load(folder, revision)?;
        if loaded.completeness != Completeness::Whole {
            bail!(
                "not all of the rulebook of {} can be read, so nobody knows who came since: name another commit",
                plain(&read.at.line())
            );
        }
        Ok(Self { at: read.at, rulebook: loaded.rulebook, folder, read: RefCell::default() })
    }

    /// Somebody as they were.
    pub(super) fn person(&self, id: &str) -> Option<&Entry<Person>> {
        self.rulebook.people.get(id)
    }

    /// Whether a grant was decided after that about somebody as they are now.
    pub(super) fn is_decided_since(&self, person: &Entry<Person>, grant: &Entry<Grant>) -> bool {
        if self.rulebook.grants.get(grant.id.as_str()).is_some() {
            return false;
        }
        let commit = grant.decision.as_ref().and_then(|decision| decision.policy_commit.clone());
        let Some(commit) = commit else { return false };
        let mut read = self.read.borrow_mut();
        let then = read.entry(commit).or_insert_with_key(|commit| {
            let loaded: Loaded = revision::load(self.folder, commit).ok()?.0;
            (loaded.completeness == Completeness::Whole).then_some(loaded.rulebook)
        });
        let then = then.as_ref().and_then(|rulebook| rulebook.people.get(person.id.as_str()));
        then.is_some_and(|then| has_same_job(then, person))
    }
}

/// The rulebook with some people as they were.
pub(super) fn with_people(
    rulebook: &Rulebook,
    people: impl IntoIterator<Item = (String, Person)>,
) -> Rulebook {
    let mut changed = rulebook.clone();
    for (id, person) in people {
        if let Some(entry) = changed.people.get_mut(&id) {
            entry.value = person;
        }
    }
    changed
}

/// Whether everything is the same about somebody that says what they may have: not their name, address and accounts, nor
/// when they came and go.
pub(super) fn has_same_job(one: &Person, other: &Person) -> bool {
    job(one) == job(other)
}

fn job(person: &Person) -> Person {
    Person {
        department: person.department.clone(),
        title: person.title.clone(),
        location: person.location.clone(),
        manager: person.manager.clone(),
        employment: person.employment,
        owner: person.owner.clone(),
        tenant: person.tenant.clone(),
        attributes: person.attributes.clone(),
        ..Person::named(String::new())
    }
}
