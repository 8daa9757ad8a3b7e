//! The sorts of objects that are managed, and how GitHub calls what belongs to them.

use crate::target::mark::Room;

/// A sort of object at GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    ServiceLabel,
    RequestLabel,
    PriorityLabel,
    Team,
    /// A file with an issue form.
    Form,
    /// The file of code owners.
    Owners,
    /// The ruleset of the repository.
    Ruleset,
}

impl Sort {
    pub(super) const ALL: [Self; 7] = [
        Self::ServiceLabel,
        Self::RequestLabel,
        Self::PriorityLabel,
        Self::Team,
        Self::Form,
        Self::Owners,
        Self::Ruleset,
    ];

    pub(super) fn of_kind(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.kind() == kind)
    }

    /// The kind of its objects in plans.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::ServiceLabel => "service-label",
            Self::RequestLabel => "request-label",
            Self::PriorityLabel => "priority-label",
            Self::Team => "team",
            Self::Form => "issue-form",
            Self::Owners => "code-owners",
            Self::Ruleset => "ruleset",
        }
    }

    pub(super) const fn is_label(self) -> bool {
        matches!(self, Self::ServiceLabel | Self::RequestLabel | Self::PriorityLabel)
    }

    /// Whether its objects are in lists, where a mark tells them apart.
    pub(super) const fn is_listed(self) -> bool {
        self.is_label() || matches!(self, Self::Team)
    }

    pub(super) const fn is_file(self) -> bool {
        matches!(self, Self::Form | Self::Owners)
    }
}

/// The most characters of the name of a label.
const LABEL_NAME: usize = 50;
/// What the description of a label may hold.
pub(super) const LABEL_DESCRIPTION: Room = Room::Units(100);
/// What the description of a team may hold.
pub(super) const TEAM_DESCRIPTION: Room = Room::Units(255);

/// The name of a label: `service:mail`. Ids that are too long are cut, with something of their own at the end.
pub(super) fn label_name(prefix: &str, id: &str) -> String {
    let name = format!("{prefix}:{id}");
    if name.len() <= LABEL_NAME {
        return name;
    }
    let digest = crate::source::digest(id.as_bytes());
    let end: String = digest.chars().take(8).collect();
    let start: String = name.chars().take(LABEL_NAME - end.len() - 1).collect();
    format!("{start}~{end}")
}

/// What GitHub makes of the name of a team in addresses and mentions.
pub(super) fn slug(id: &str) -> String {
    let parts = id.split(|letter: char| !letter.is_ascii_alphanumeric());
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

/// Whether a text can be the name of an account.
pub(super) fn is_login(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && !text.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_long_are_cut_so_that_they_fit_and_stay_different() {
        let (one, two) = (label_name("request", &"a".repeat(64)), label_name("request", &"a".repeat(63)));
        assert_eq!((one.len(), two.len()), (LABEL_NAME, LABEL_NAME));
        assert_ne!(one, two);
        assert_eq!(label_name("service", "mail"), "service:mail");
    }

    #[test]
    fn accounts_have_the_letters_that_accounts_have() {
        for login in ["ana", "Ana-Silva", "a_b", "x1"] {
            assert!(is_login(login), "{login}");
        }
        for other in ["", "a b", "@ana", "-a", "a/b", "ana.silva", "ü"] {
            assert!(!is_login(other), "{other}");
        }
        assert_eq!(slug("it.service_desk-1"), "it-service-desk-1");
    }
}
