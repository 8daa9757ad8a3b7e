//! The sorts of objects that are managed, and how Request Tracker calls what belongs to them.

/// A sort of object at Request Tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    User,
    Group,
    TeamQueue,
    RequestQueue,
    Field,
    Class,
    Article,
}

/// What a sort is called, and where it is found.
#[derive(Debug)]
pub(super) struct About {
    /// The kind of its objects in plans.
    pub(super) kind: &'static str,
    /// Its path at REST, and that of the list of all.
    pub(super) path: &'static str,
    pub(super) list: &'static str,
    /// The field that carries the mark.
    pub(super) mark: &'static str,
    /// The fields that are text and are managed. The one that carries the mark is held without it.
    pub(super) fields: &'static [&'static str],
    /// The list of names that is managed: members, watchers or values.
    pub(super) names: Option<&'static str>,
    /// Whether a name stands for one object, so that an object without a mark is known by it.
    pub(super) named: bool,
}

impl Sort {
    pub(super) const ALL: [Self; 7] = [
        Self::User,
        Self::Group,
        Self::TeamQueue,
        Self::RequestQueue,
        Self::Field,
        Self::Class,
        Self::Article,
    ];

    pub(super) fn of_kind(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.about().kind == kind)
    }

    pub(super) const fn about(self) -> &'static About {
        const QUEUE: About = About {
            kind: "team-queue",
            path: "queue",
            list: "queues",
            mark: "Description",
            fields: &["Name", "Description", "CorrespondAddress", "SLADisabled"],
            names: Some("AdminCc"),
            named: true,
        };
        match self {
            Self::User => &About {
                kind: "user",
                path: "user",
                list: "users",
                mark: "Comments",
                fields: &["Name", "EmailAddress", "RealName", "Privileged"],
                names: None,
                named: true,
            },
            Self::Group => &About {
                kind: "group",
                path: "group",
                list: "groups",
                mark: "Description",
                fields: &["Name", "Description"],
                names: Some("Members"),
                named: true,
            },
            Self::TeamQueue => &QUEUE,
            Self::RequestQueue => &About { kind: "request-queue", ..QUEUE },
            Self::Field => &About {
                kind: "field",
                path: "customfield",
                list: "customfields",
                mark: "Description",
                fields: &["Name", "Description", "Type", "MaxValues", "Pattern", "LookupType"],
                names: Some("Values"),
                named: false,
            },
            Self::Class => &About {
                kind: "class",
                path: "class",
                list: "classes",
                mark: "Description",
                fields: &["Name", "Description"],
                names: None,
                named: true,
            },
            Self::Article => &About {
                kind: "article",
                path: "article",
                list: "articles",
                mark: "Summary",
                fields: &["Name", "Summary"],
                names: None,
                named: false,
            },
        }
    }
}

/// The mark by which an object is known, whatever it is called: `[gitsm group/network]`.
pub(super) fn mark(kind: &str, id: &str) -> String {
    format!("[gitsm {kind}/{id}]")
}

/// The most bytes of a description that Request Tracker keeps.
const LONGEST: usize = 255;

/// A description with the mark at its end. It must have been [`fitting`].
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

/// A description in one line that fits beside its mark.
pub(super) fn fitting(text: &str, mark: &str) -> String {
    let line = one_line(text);
    let most = LONGEST.saturating_sub(mark.len() + 1);
    if line.len() <= most {
        return line;
    }
    let mut cut = String::new();
    for letter in line.chars() {
        if cut.len() + letter.len_utf8() + '…'.len_utf8() > most {
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
    fn a_mark_is_found_again() {
        let mark = mark("group", "network");
        assert_eq!(
            unmarked(&marked("Lines [and] more", &mark)),
            ("Lines [and] more", Some(("group", "network")))
        );
        assert_eq!(unmarked(&marked("", &mark)), ("", Some(("group", "network"))));
        for text in ["", "Lines", "Lines [gitsm ]", "[gitsm group]", "[gitsm /x]", "[gitsm group/x] and more"]
        {
            assert_eq!(unmarked(text), (text, None), "{text}");
        }
    }

    #[test]
    fn long_descriptions_are_cut_between_letters_so_that_the_mark_stays_whole() {
        let mark = mark("field", "request/name");
        for text in ["ü".repeat(400), "a ".repeat(400), "日本".repeat(200)] {
            let fitted = fitting(&text, &mark);
            let whole = marked(&fitted, &mark);
            assert!(whole.len() <= LONGEST && whole.len() > LONGEST - 8, "{}", whole.len());
            assert_eq!(unmarked(&whole).0, fitted);
            assert_eq!(fitting(&fitted, &mark), fitted);
        }
        assert_eq!(fitting("two\n lines ", &mark), "two lines");
    }
}
