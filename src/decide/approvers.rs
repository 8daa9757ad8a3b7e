//! Who can act in a stage of an approval, as far as it is known without a request.

use std::collections::BTreeSet;

use super::person::{Directory, is_able};
use crate::model::{
    Entry, Principal, Ref, Role,
    person::Person,
    workflow::{Need, Stage},
};

/// Who can act: people who are known, and roles that each request resolves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Eligible<'a> {
    /// People who work here now.
    pub people: BTreeSet<&'a str>,
    /// Roles; each request gives them to somebody or nobody.
    pub roles: BTreeSet<Role>,
}

impl<'a> Eligible<'a> {
    /// These and others.
    #[must_use]
    pub fn with(&self, others: &Self) -> Self {
        let people: BTreeSet<&'a str> = self.people.union(&others.people).copied().collect();
        Self { people, roles: self.roles.union(&others.roles).copied().collect() }
    }

    /// The same, with one record of each person: people approve, not records, and whoever has several counts once.
    #[must_use]
    pub fn once(mut self, directory: &Directory<'a>) -> Self {
        let hands = directory.hands();
        self.people = self.people.into_iter().map(|id| hands.of(id)).collect();
        self
    }

    /// Whether nobody can act whatever the request is.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.people.is_empty() && self.roles.is_empty()
    }

    /// The most people who can act on one request. A role counts as one; a role of a team may be more, so
    /// the count is only used where no owner or category role is in it, see [`Self::is_bounded`].
    #[must_use]
    pub fn most(&self) -> usize {
        self.people.len() + self.roles.iter().filter(|role| **role != Role::Requester).count()
    }

    /// Whether [`Self::most`] really is the most: owners can be teams.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        let single = |role: &Role| {
            matches!(role, Role::Manager | Role::ManagerLevel(_) | Role::TeamLead | Role::Requester)
        };
        self.roles.iter().all(single)
    }
}

/// The people behind principals, where they are known without a request.
pub fn eligible<'a, 'p>(
    directory: &Directory<'a>,
    principals: impl IntoIterator<Item = &'p Principal>,
) -> Eligible<'a> {
    let rulebook = directory.vocabulary().rulebook();
    let mut found = Eligible::default();
    let able = |id: &str| rulebook.people.get(id).filter(|person| is_able(person, directory.today()));
    let mut add = |people: &mut dyn Iterator<Item = &Ref<Person>>| {
        let known = people.filter_map(|person| able(person.as_str()));
        found.people.extend(known.map(|person| person.id.as_str()));
    };
    let mut roles = BTreeSet::new();
    for principal in principals {
        match principal {
            Principal::Person(id) => add(&mut std::iter::once(&Ref::new(id.clone()))),
            Principal::Team(id) => {
                if let Some(team) = rulebook.teams.get(id.as_str()) {
                    add(&mut team.value.members.iter());
                }
            }
            Principal::OnCall(id) => {
                let team = rulebook.teams.get(id.as_str());
                if let Some(on_call) = team.and_then(|team| team.value.on_call.as_ref()) {
                    add(&mut on_call.rotation.iter());
                }
            }
            Principal::Role(role) => {
                roles.insert(*role);
            }
        }
    }
    found.roles = roles;
    found
}

/// Who can act in a stage: its approvers and the people that its condition finds. `None` when the
/// condition makes no sense.
#[must_use]
pub fn of_stage<'a>(directory: &Directory<'a>, stage: &Stage) -> Option<Eligible<'a>> {
    let mut found = eligible(directory, &stage.approvers);
    if let Some(condition) = &stage.approvers_when {
        for person in directory.able() {
            if directory.holds(condition, person)? {
                found.people.insert(person.id.as_str());
            }
        }
    }
    Some(found)
}

/// How many of so many people are needed, at least one.
#[must_use]
pub fn needed(need: Need, of: usize) -> usize {
    match need {
        Need::Count(count) => usize::try_from(count).unwrap_or(usize::MAX).max(1),
        Need::All => of.max(1),
        Need::Share(share) => {
            let parts = u64::from(share.parts_per_million()).saturating_mul(of as u64).div_ceil(1_000_000);
            usize::try_from(parts).unwrap_or(usize::MAX).max(1)
        }
    }
}

/// The manager of a person so many levels up, when there is one who can act.
#[must_use]
pub fn manager<'a>(
    directory: &Directory<'a>,
    person: &Entry<Person>,
    levels: u8,
) -> Option<&'a Entry<Person>> {
    let people = &directory.vocabulary().rulebook().people;
    let mut at = people.get(person.manager.as_ref()?.as_str())?;
    for _ in 1..levels {
        at = people.get(at.manager.as_ref()?.as_str())?;
    }
    (is_able(at, directory.today()) && at.id != person.id).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_up_and_never_nothing() {
        let share = |text: &str| Need::Share(text.parse().unwrap());
        for (need, of, expected) in [
            (share("40%"), 3, 2),
            (share("33%"), 7, 3),
            (share("25%"), 10, 3),
            (share("50%"), 2, 1),
            (share("0%"), 5, 1),
            (Need::All, 4, 4),
            (Need::All, 0, 1),
            (Need::Count(2), 9, 2),
        ] {
            assert_eq!(needed(need, of), expected, "{need} of {of}");
        }
    }
}
