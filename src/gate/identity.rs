//! Who an account or an address belongs to.
//!
//! People are counted, not accounts: whoever has two of them is one person. An account that belongs to nobody in the
//! directory is nobody, and what it did is done by nobody knows whom.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Account, AccountKind};
use crate::{
    decide::hands::Hands,
    model::{Entry, Id, Rulebook, person::Person},
};

/// The name under which the directory holds accounts of the forge: `accounts.github`.
pub(super) const LOGIN: &str = "github";
/// The name under which the directory holds the number that an account keeps: `accounts.github-id`.
pub(super) const NUMBER: &str = "github-id";
/// The part of an address that the forge makes for an account that shows none.
const NO_REPLY: &str = "@users.noreply.github.com";
/// What the forge itself commits as.
const FORGE_ADDRESS: &str = "noreply@github.com";

/// Who accounts and addresses belong to, by a directory.
#[derive(Debug)]
pub struct Directory<'a> {
    logins: BTreeMap<String, BTreeSet<&'a str>>,
    addresses: BTreeMap<String, BTreeSet<&'a str>>,
    hands: Hands<'a>,
    rulebook: &'a Rulebook,
}

/// Who something belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who<'a> {
    /// Somebody in the directory.
    Person(&'a str),
    /// The forge itself, which merges when somebody presses a button.
    Forge,
    /// Nobody, or nobody knows whom.
    Nobody(Unknown),
}

/// Why nobody knows who something belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// An account that nobody in the directory has.
    Account(String),
    /// An account that belonged to somebody, under a number that is not theirs.
    Number {
        /// The name of the account.
        login: String,
        /// Whose it would be.
        person: Id,
    },
    /// An address that nobody in the directory has.
    Address(String),
    /// Several people have it.
    Several {
        /// The account or address.
        what: String,
        /// The people.
        people: Vec<String>,
    },
}

impl<'a> Directory<'a> {
    /// The directory of a rulebook.
    #[must_use]
    pub fn new(rulebook: &'a Rulebook) -> Self {
        let (logins, addresses) = (BTreeMap::new(), BTreeMap::new());
        let mut directory = Self { logins, addresses, hands: Hands::new(rulebook), rulebook };
        for person in &rulebook.people {
            let id = person.id.as_str();
            let mut address = |address: &str| {
                directory.addresses.entry(address.trim().to_lowercase()).or_default().insert(id);
            };
            person.email.iter().for_each(|email| address(email));
            for (name, account) in &person.accounts {
                if account.contains('@') {
                    address(account);
                } else if name.as_str() == LOGIN {
                    directory.logins.entry(account.trim().to_lowercase()).or_default().insert(id);
                }
            }
        }
        directory
    }

    /// The rulebook that holds it.
    #[must_use]
    pub const fn rulebook(&self) -> &'a Rulebook {
        self.rulebook
    }

    /// Somebody of the directory.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<&'a Entry<Person>> {
        self.rulebook.people.get(id)
    }

    /// Which of its records are of one person.
    #[must_use]
    pub const fn hands(&self) -> &Hands<'a> {
        &self.hands
    }

    /// Who an account belongs to.
    #[must_use]
    pub fn account(&self, account: &Account) -> Who<'a> {
        self.login(&account.login, Some(account.id))
    }

    fn login(&self, login: &str, number: Option<u64>) -> Who<'a> {
        let person = match one(self.logins.get(&login.to_lowercase()), login) {
            Ok(Some(person)) => person,
            Ok(None) => return Who::Nobody(Unknown::Account(login.to_owned())),
            Err(several) => return Who::Nobody(several),
        };
        // A name that was given up can be taken by anybody; the number cannot.
        let known = self.rulebook.people.get(person).and_then(|person| {
            let numbers = person.accounts.iter().find(|(name, _)| name.as_str() == NUMBER);
            numbers.map(|(_, number)| (person.id.clone(), number.trim().to_owned()))
        });
        match (known, number) {
            (Some((person, known)), Some(number)) if known != number.to_string() => {
                Who::Nobody(Unknown::Number { login: login.to_owned(), person })
            }
            _ => Who::Person(person),
        }
    }

    /// Who an address belongs to, as somebody's Git was set up to write it.
    #[must_use]
    pub fn address(&self, address: &str) -> Who<'a> {
        let address = address.trim().to_lowercase();
        if let Some(name) = address.strip_suffix(NO_REPLY) {
            let (number, login) = match name.split_once('+') {
                Some((number, login)) => (number.parse().ok(), login),
                None => (None, name),
            };
            return self.login(login, number);
        }
        match one(self.addresses.get(&address), &address) {
            Ok(Some(person)) => Who::Person(person),
            Ok(None) if address == FORGE_ADDRESS => Who::Forge,
            Ok(None) => Who::Nobody(Unknown::Address(address)),
            Err(several) => Who::Nobody(several),
        }
    }
}

/// The one person that something belongs to, if it is one.
fn one<'a>(people: Option<&BTreeSet<&'a str>>, what: &str) -> Result<Option<&'a str>, Unknown> {
    let Some(people) = people else { return Ok(None) };
    let mut all = people.iter();
    match (all.next(), all.next()) {
        (Some(person), None) => Ok(Some(person)),
        (None, _) => Ok(None),
        _ => Err(Unknown::Several {
            what: what.to_owned(),
            people: people.iter().map(|person| (*person).to_owned()).collect(),
        }),
    }
}

/// Whether an account is used by a program, by what the forge says or by its name.
#[must_use]
pub(super) fn is_program(account: &Account) -> bool {
    account.kind == AccountKind::Bot || account.login.to_lowercase().ends_with("[bot]")
}
