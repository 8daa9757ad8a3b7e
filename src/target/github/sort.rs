//! The sorts of objects that are managed, and how GitHub calls what belongs to them.

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

/// The most characters of the name and of the description of a label, and of the description of a team.
const LABEL_NAME: usize = 50;
pub(super) const LABEL_DESCRIPTION: usize = 100;
pub(super) const TEAM_DESCRIPTION: usize = 255;

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

/// The mark by which an object is known, whatever it is called: `[gitsm team/network]`.
pub(super) fn mark(kind: &str, id: &str) -> String {
    format!("[gitsm {kind}/{id}]")
}

/// A description with the mark at its end.
pub(super) fn marked(text: &str, mark: &str) -> String {
    if text.is_empty() { mark.to_owned() } else { format!("{text} {mark}") }
}

/// A description without its mark, and what the mark says: the kind and the id.
pub(super) fn unmarked(text: &str) -> (&str, Option<(&str, &str)>) {
    let none = (text.trim_end(), None);
    let Some(inner) = text.trim_end().strip_suffix(']') else { return none };
    let Some((before, name)) = inner.rsplit_once("[gitsm ") else { return none };
    match name.split_once('/') {
        Some((kind, id)) if !kind.is_empty() && !id.is_empty() => (before.trim_end(), Some((kind, id))),
        _ => none,
    }
}

/// A description in one line that fits beside its mark into so many characters, counted as UTF-16 counts them.
pub(super) fn fitting(text: &str, mark: &str, longest: usize) -> String {
    let line = one_line(text);
    let most = longest.saturating_sub(mark.len() + 1);
    if line.encode_utf16().count() <= most {
        return line;
    }
    let (mut cut, mut length) = (String::new(), 1);
    for letter in line.chars() {
        length += letter.len_utf16();
        if length > most {
            break;
        }
        cut.push(letter);
    }
    format!("{}…", cut.trim_end())
}

/// A text in one line, with single spaces.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_again_and_nothing_else_is_taken_for_one() {
        let mark = mark("team", "network");
        assert_eq!(unmarked(&marked("Lines [x]", &mark)), ("Lines [x]", Some(("team", "network"))));
        assert_eq!(unmarked(&marked("", &mark)), ("", Some(("team", "network"))));
        for text in ["", "Lines", "[gitsm team]", "[gitsm /x]", "[gitsm team/x] and more"] {
            assert_eq!(unmarked(text), (text, None), "{text}");
        }
    }

    #[test]
    fn what_is_long_is_cut_so_that_it_fits_and_stays_different() {
        let (one, two) = (label_name("request", &"a".repeat(64)), label_name("request", &"a".repeat(63)));
        assert_eq!((one.len(), two.len()), (LABEL_NAME, LABEL_NAME));
        assert_ne!(one, two);
        assert_eq!(label_name("service", "mail"), "service:mail");
        let mark = mark("priority-label", "p1");
        for text in ["ü".repeat(200), "a ".repeat(100), "🦀".repeat(90)] {
            let fitted = fitting(&text, &mark, LABEL_DESCRIPTION);
            let length = marked(&fitted, &mark).encode_utf16().count();
            assert!((LABEL_DESCRIPTION - 3..=LABEL_DESCRIPTION).contains(&length), "{length}");
            assert_eq!(fitting(&fitted, &mark, LABEL_DESCRIPTION), fitted);
        }
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
