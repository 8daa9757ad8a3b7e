//! Which records of the directory are of one and the same person.
//!
//! People are counted, not accounts: whoever has a second record, for their work as an administrator for example, neither
//! approves with it what they ask for with the other, nor counts twice. Two records are of one person when they have the
//! same e-mail address or the same account, written in large letters or small.

use std::collections::HashMap;

use crate::model::{Rulebook, person::Person};

/// The records of a directory by whose they are.
#[derive(Debug, Default, Clone)]
pub struct Hands<'a> {
    /// The first record of whoever has several, by each of them. Most people have one.
    first: HashMap<&'a str, &'a str>,
}

/// What only one person has: the address that mail reaches them at, and each account with the system that it is in.
fn marks(person: &Person) -> impl Iterator<Item = (&str, String)> {
    let folded = |text: &str| text.trim().to_lowercase();
    let email = person.email.iter().map(move |email| ("", folded(email)));
    let accounts = person.accounts.iter().flat_map(move |(system, account)| {
        // An account that is an address belongs to whoever is reached there.
        let address = account.contains('@').then(|| ("", folded(account)));
        address.into_iter().chain([(system.as_str(), folded(account))])
    });
    email.chain(accounts).filter(|(_, mark)| !mark.is_empty())
}

/// Whether two records show by themselves that they are of one person.
#[must_use]
pub fn are_one(one: &Person, other: &Person) -> bool {
    let of_one: Vec<_> = marks(one).collect();
    marks(other).any(|mark| of_one.contains(&mark))
}

impl<'a> Hands<'a> {
    /// The records of a rulebook, those of people who left as well.
    #[must_use]
    pub fn new(rulebook: &'a Rulebook) -> Self {
        let people: Vec<_> = rulebook.people.iter().collect();
        let mut first: Vec<usize> = (0..people.len()).collect();
        let mut seen: HashMap<(&str, String), usize> = HashMap::new();
        for (place, person) in people.iter().enumerate() {
            for mark in marks(person) {
                let known = *seen.entry(mark).or_insert(place);
                let (one, other) = (root(&first, known), root(&first, place));
                if let Some(slot) = first.get_mut(one.max(other)) {
                    *slot = one.min(other);
                }
            }
        }
        let mut found = HashMap::new();
        for (place, person) in people.iter().enumerate() {
            let root = root(&first, place);
            if root != place
                && let Some(original) = people.get(root)
            {
                found.insert(person.id.as_str(), original.id.as_str());
                found.insert(original.id.as_str(), original.id.as_str());
            }
        }
        Self { first: found }
    }

    /// The record that stands for whoever a record is of: the first of theirs, by its id.
    #[must_use]
    pub fn of<'s>(&self, id: &'s str) -> &'s str
    where
        'a: 's,
    {
        self.first.get(id).copied().unwrap_or(id)
    }

    /// Whether two records are of one person.
    #[must_use]
    pub fn same(&self, one: &str, other: &str) -> bool {
        self.first.get(one).copied().unwrap_or(one) == self.first.get(other).copied().unwrap_or(other)
    }

    /// Whether somebody has several records.
    #[must_use]
    pub fn has_several(&self, id: &str) -> bool {
        self.first.contains_key(id)
    }

    /// Every other record of whoever a record is of.
    pub fn others<'s>(&'s self, id: &'s str) -> impl Iterator<Item = &'a str> + 's {
        let own = self.first.get(id).copied();
        let same = self.first.iter().filter(move |(record, first)| own == Some(**first) && **record != id);
        same.map(|(record, _)| *record)
    }
}

fn root(first: &[usize], mut at: usize) -> usize {
    while let Some(next) = first.get(at).copied().filter(|next| *next != at) {
        at = next;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::rulebook;

    #[test]
    fn records_are_of_one_person_by_address_or_account_and_through_others() {
        let book = rulebook(
            "[person]\na = { name = \"A\", email = \"Rita@example.com\" }\n\
             b = { name = \"B\", email = \"rita@EXAMPLE.com\", accounts.github = \"rv\" }\n\
             c = { name = \"C\", accounts.github = \"RV\" }\n\
             d = { name = \"D\", accounts.gitlab = \"rv\" }\n\
             e = { name = \"E\", accounts.mail = \"rita@example.com\" }\n\
             f = { name = \"F\", email = \"f@example.com\" }\n",
        );
        let hands = Hands::new(&book);
        for id in ["a", "b", "c", "e"] {
            assert_eq!(hands.of(id), "a", "{id}");
        }
        // The same name in another system is another account.
        for id in ["d", "f"] {
            assert_eq!((hands.of(id), hands.has_several(id)), (id, false));
        }
        let mut others: Vec<&str> = hands.others("b").collect();
        others.sort_unstable();
        assert_eq!(others, ["a", "c", "e"]);
        assert!(hands.same("c", "e") && !hands.same("c", "d") && hands.same("f", "f"));
        let record = |id: &str| &book.people.get(id).unwrap().value;
        assert!(are_one(record("a"), record("b")) && !are_one(record("a"), record("c")));
    }
}
