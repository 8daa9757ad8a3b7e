//! Who made a change: whoever opened the pull request, wrote or committed a part of it, is named as a co-author, or
//! moved its branch. None of them approves it.
//!
//! What a commit says about its author is written by whoever makes it. It can keep somebody from approving and never lets
//! anybody approve; and where nobody knows who it names, nobody knows whether they approve their own change.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    facts::{Account, Facts},
    identity::{Directory, Unknown, Who},
};
use crate::{decide::principals::owners_of_account, source::Commit};

/// What somebody had to do with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Opened the pull request.
    Opener,
    /// Wrote a commit.
    Author,
    /// Committed what somebody wrote.
    Committer,
    /// Is named as a co-author.
    CoAuthor,
    /// Moved the branch.
    Pusher,
    /// Answers for an account that is used by a program and had one of the other parts.
    Owner,
}

impl Part {
    /// Whether the forge knows it. What commits say is written by whoever makes them: it keeps people from approving, and
    /// never brings others in to approve in their place.
    #[must_use]
    pub const fn is_known(self) -> bool {
        matches!(self, Self::Opener | Self::Pusher)
    }

    /// What somebody did, in words that follow their name.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Opener => "opened the pull request",
            Self::Author => "wrote a commit of it",
            Self::Committer => "committed a part of it",
            Self::CoAuthor => "is named as a co-author",
            Self::Pusher => "pushed to its branch",
            Self::Owner => "answers for an account that made a part of it",
        }
    }
}

/// Who made a change.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Contributors {
    /// The people, by their ids, with all that they did.
    pub people: BTreeMap<String, BTreeSet<Part>>,
    /// Those of whom nobody knows who they are.
    pub unknown: BTreeSet<(Unknown, Part)>,
    /// Who opened the pull request, when that is known.
    pub opener: Option<String>,
}

impl Contributors {
    /// The contributors by a directory.
    #[must_use]
    pub fn of(directory: &Directory<'_>, commits: &[Commit], facts: Option<&Facts>) -> Self {
        let mut found = Self::default();
        for commit in commits {
            found.note(directory, directory.address(&commit.author.email), Part::Author);
            found.note(directory, directory.address(&commit.committer.email), Part::Committer);
            for address in co_authors(&commit.message) {
                found.note(directory, directory.address(address), Part::CoAuthor);
            }
        }
        let Some(facts) = facts else { return found };
        let account = |account: &Account| directory.account(account);
        let opener = account(&facts.pull_request.opened_by);
        if let Who::Person(person) = &opener {
            found.opener = Some((*person).to_owned());
        }
        found.note(directory, opener, Part::Opener);
        for push in &facts.pushes.entries {
            found.note(directory, account(&push.by), Part::Pusher);
        }
        for commit in &facts.commits.entries {
            // The forge commits what somebody merges there, and says so by an account of its own that has no person.
            let is_forge = |account: &&Account| account.login == "web-flow";
            for (one, part) in [(&commit.author, Part::Author), (&commit.committer, Part::Committer)] {
                if let Some(one) = one.as_ref().filter(|one| !(is_forge(one) && part == Part::Committer)) {
                    found.note(directory, account(one), part);
                }
            }
        }
        found
    }

    /// Notes what somebody did, under every record that they have.
    fn add(&mut self, directory: &Directory<'_>, id: &str, part: Part) {
        for record in std::iter::once(id).chain(directory.hands().others(id)) {
            self.people.entry(record.to_owned()).or_default().insert(part);
        }
    }

    fn note(&mut self, directory: &Directory<'_>, who: Who<'_>, part: Part) {
        match who {
            Who::Person(id) => {
                self.add(directory, id, part);
                // Whoever answers for a program acts through it.
                for owner in directory.owners(id) {
                    self.add(directory, owner, Part::Owner);
                }
            }
            // The forge commits for whoever pressed a button, who is known as the author.
            Who::Forge if part == Part::Committer => {}
            Who::Forge => {
                self.unknown.insert((Unknown::Address("noreply@github.com".to_owned()), part));
            }
            Who::Nobody(unknown) => {
                self.unknown.insert((unknown, part));
            }
        }
    }
}

impl<'a> Directory<'a> {
    /// Who answers for somebody, if that is a program.
    fn owners(&self, id: &str) -> Vec<&'a str> {
        self.person(id).map(|person| owners_of_account(self.rulebook(), person)).unwrap_or_default()
    }
}

/// The addresses of those whom a message names as co-authors.
fn co_authors(message: &str) -> impl Iterator<Item = &str> {
    message.lines().filter_map(|line| {
        let (name, value) = line.trim().split_once(':')?;
        if !name.trim().eq_ignore_ascii_case("co-authored-by") {
            return None;
        }
        let address = value.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>'));
        Some(address.map_or(value.trim(), |(address, _)| address.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn co_authors_are_found_however_their_lines_are_written() {
        let message = "Widen\n\nco-authored-BY: Ana Silva <ana@example.com>\n  Co-authored-by :ben@example.com\n\
                       Reviewed-by: Eve <eve@example.com>\nCo-authored-by: odd <a> <dan@example.com> more";
        assert_eq!(
            co_authors(message).collect::<Vec<_>>(),
            ["ana@example.com", "ben@example.com", "dan@example.com"]
        );
        assert_eq!(co_authors("no trailer").count(), 0);
    }
}
