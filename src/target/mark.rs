//! The mark by which an object at a system is known, whatever it is called: `[gitsm example:group/network]`, at the end of what
//! describes it.
//!
//! It names the owner, so that two rulebooks that share a system know which objects are whose. Marks of before owners were
//! named have none: `[gitsm group/network]`. What carries one counts as one's own, and gets a whole mark when it is written.

use super::{Book, Place};
use crate::{model::settings, plan::Key, source::digest};

/// The most letters of the name of an owner: at some systems a mark has a hundred in all.
const LONGEST: usize = 12;
/// So many letters of a digest tell names apart that were cut.
const TOLD: usize = 4;

/// Whose objects are: a short name of the rulebook.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Owner(String);

/// Whose an object is, by what it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    /// It says nothing that can be understood.
    Nobodys,
    /// One's own, and what it stands for.
    Own(Key),
    /// That of another rulebook, by the name of its owner.
    Others(String),
}

/// The name by which the objects of a rulebook are told from those of others at a target: `owner` of the target, or else the
/// name of the project, as far as it fits.
#[must_use]
pub fn owner(target: &settings::Target, project: &str) -> String {
    if let Some(owner) = &target.owner {
        return owner.clone();
    }
    let words = project.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    // What has no letters that every system keeps, or too many of them, is told apart by a digest.
    if project.is_ascii() && !name.is_empty() && name.len() <= LONGEST {
        return name;
    }
    let told: String = digest(project.as_bytes()).chars().take(TOLD).collect();
    let start: String = name.chars().take(LONGEST - TOLD - 1).collect();
    let start = start.trim_end_matches('-');
    if start.is_empty() { told } else { format!("{start}-{told}") }
}

impl Book<'_> {
    /// Whose the objects are that the rulebook becomes.
    pub(super) fn owner(&self) -> Owner {
        Owner(owner(self.settings, &self.rulebook.settings.project.name))
    }
}

impl Place<'_> {
    /// Whose the objects are that gitsm makes there.
    pub(super) fn owner(&self) -> Owner {
        Owner(owner(self.settings, self.project))
    }
}

impl Owner {
    /// An owner of this name.
    #[cfg(test)]
    pub(super) fn of(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// Its name.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// What an object is called among those of all owners: `example:group/network`.
    pub(super) fn name(&self, key: &Key) -> String {
        format!("{}:{key}", self.0)
    }

    /// The mark of an object.
    pub(super) fn mark(&self, key: &Key) -> String {
        in_brackets(&self.name(key))
    }

    /// Whose an object is that has this name, with or without an owner.
    pub(super) fn whose(&self, name: &str) -> Whose {
        let Some((kind, id)) = name.split_once('/') else { return Whose::Nobodys };
        let (owner, kind) = match kind.split_once(':') {
            Some((owner, kind)) => (Some(owner), kind),
            None => (None, kind),
        };
        if kind.is_empty() || id.is_empty() || owner.is_some_and(str::is_empty) {
            return Whose::Nobodys;
        }
        match owner {
            Some(owner) if owner != self.0 => Whose::Others(owner.to_owned()),
            _ => Whose::Own(Key::new(kind, id)),
        }
    }

    /// Whose an object is that is described so.
    pub(super) fn whose_described(&self, text: &str) -> Whose {
        unmarked(text).1.map_or(Whose::Nobodys, |name| self.whose(name))
    }

    /// The mark that a description carries, when it is that of an object of one's own; else nothing.
    pub(super) fn mark_of(&self, key: &Key, text: &str) -> String {
        match unmarked(text).1 {
            Some(name) if self.whose(name) == Whose::Own(key.clone()) => in_brackets(name),
            _ => String::new(),
        }
    }
}

fn in_brackets(name: &str) -> String {
    format!("[gitsm {name}]")
}

/// A description with the mark at its end. It must have been [`fitting`].
pub(super) fn marked(text: &str, mark: &str) -> String {
    if text.is_empty() { mark.to_owned() } else { format!("{text} {mark}") }
}

/// A description without its mark, and the name in the mark.
pub(super) fn unmarked(text: &str) -> (&str, Option<&str>) {
    let none = (text.trim_end(), None);
    let Some(inner) = text.trim_end().strip_suffix(']') else { return none };
    let Some((before, name)) = inner.rsplit_once("[gitsm ") else { return none };
    // An owner of no name is one that nobody knows.
    match Owner::default().whose(name) {
        Whose::Nobodys => none,
        Whose::Own(_) | Whose::Others(_) => (before.trim_end(), Some(name)),
    }
}

/// What an object of another owner is called among those that are shown and never touched.
pub(super) fn of_others(name: &str, owner: &str) -> String {
    format!("{name} (of `{owner}`)")
}

/// How a system counts what a description may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// Bytes of UTF-8.
    Bytes(usize),
    /// Units of UTF-16, as JavaScript and Java count.
    Units(usize),
}

impl Room {
    fn most(self) -> usize {
        let (Self::Bytes(most) | Self::Units(most)) = self;
        most
    }

    fn of(self, letter: char) -> usize {
        match self {
            Self::Bytes(_) => letter.len_utf8(),
            Self::Units(_) => letter.len_utf16(),
        }
    }
}

/// A description in one line that fits beside its mark.
pub(super) fn fitting(text: &str, mark: &str, room: Room) -> String {
    // A mark has one byte and one unit for each letter.
    cut(text, room, room.most().saturating_sub(mark.len() + 1))
}

/// A name in one line that fits, with something behind it.
pub(super) fn fitting_name(name: &str, behind: &str, room: Room) -> String {
    let room_behind: usize = behind.chars().map(|letter| room.of(letter)).sum();
    format!("{}{behind}", cut(name, room, room.most().saturating_sub(room_behind)))
}

/// A text in one line of at most so much: cut between two letters, and shown as cut.
fn cut(text: &str, room: Room, most: usize) -> String {
    let line = one_line(text);
    if line.chars().map(|letter| room.of(letter)).sum::<usize>() <= most {
        return line;
    }
    let (mut cut, mut length) = (String::new(), room.of('…'));
    if length > most {
        return cut;
    }
    for letter in line.chars() {
        length += room.of(letter);
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
    use crate::model::settings::{Target, TargetType};

    fn of(name: &str) -> Owner {
        Owner::of(name)
    }

    #[test]
    fn a_mark_is_found_again_and_nothing_else_is_taken_for_one() {
        let key = Key::new("team", "network");
        let mark = of("here").mark(&key);
        assert_eq!(mark, "[gitsm here:team/network]");
        assert_eq!(unmarked(&marked("Lines [and] x", &mark)), ("Lines [and] x", Some("here:team/network")));
        assert_eq!(unmarked(&marked("", &mark)), ("", Some("here:team/network")));
        for text in [
            "",
            "Lines",
            "Lines [gitsm ]",
            "[gitsm team]",
            "[gitsm /x]",
            "[gitsm :team/x]",
            "[gitsm here:/x]",
            "[gitsm team/x] and more",
        ] {
            assert_eq!(unmarked(text), (text, None), "{text}");
            assert_eq!(of("here").whose_described(text), Whose::Nobodys, "{text}");
        }
    }

    #[test]
    fn what_is_ones_own_is_told_from_what_is_another_ones() {
        let (here, key) = (of("here"), Key::new("group", "CN=a:b, OU=c/d"));
        assert_eq!(here.whose(&here.name(&key)), Whose::Own(key.clone()));
        assert_eq!(here.whose("group/CN=a:b, OU=c/d"), Whose::Own(key.clone()), "one without an owner");
        assert_eq!(here.whose(&of("there").name(&key)), Whose::Others("there".to_owned()));
        for (text, carried) in [
            ("x [gitsm here:group/a]", "[gitsm here:group/a]"),
            ("x [gitsm group/a]", "[gitsm group/a]"),
            ("x [gitsm there:group/a]", ""),
            ("x [gitsm here:group/b]", ""),
        ] {
            assert_eq!(here.mark_of(&Key::new("group", "a"), text), carried, "{text}");
        }
    }

    #[test]
    fn an_owner_is_short_stays_the_same_and_is_another_one_for_another_name() {
        let mut target = Target::new(TargetType::Github);
        for (project, name) in [
            ("Example", "example"),
            ("Service desk", "service-desk"),
            ("  A/B  ", "a-b"),
            ("Service desks", "service-cbdf"),
            ("Müller", "m-ller-2dad"),
            ("日本", "865e"),
        ] {
            assert_eq!(owner(&target, project), name, "{project}");
        }
        assert_ne!(owner(&target, "Government of Canada"), owner(&target, "Government of Chad"));
        target.owner = Some("mine".to_owned());
        assert_eq!(owner(&target, "Example"), "mine");
    }

    #[test]
    fn what_is_long_is_cut_between_letters_so_that_the_mark_stays_whole() {
        let mark = of("here").mark(&Key::new("field", "request/name"));
        let texts = ["ü".repeat(400), "a ".repeat(400), "日本".repeat(200), "🦀".repeat(300)];
        for text in &texts {
            for room in [Room::Bytes(255), Room::Units(255), Room::Units(100)] {
                let fitted = fitting(text, &mark, room);
                let whole = marked(&fitted, &mark);
                let length: usize = whole.chars().map(|letter| room.of(letter)).sum();
                assert!(length <= room.most() && length > room.most() - 8, "{room:?}: {length}");
                assert_eq!(unmarked(&whole).0, fitted);
                assert_eq!(fitting(&fitted, &mark, room), fitted);
            }
        }
        assert_eq!(fitting("two\n lines ", &mark, Room::Bytes(255)), "two lines");
        // The longest mark that there is fits where there is least room, and then nothing else does.
        let longest = of(&"o".repeat(LONGEST)).mark(&Key::new("request-label", &"i".repeat(64)));
        let whole = marked(&fitting("Something", &longest, Room::Units(100)), &longest);
        assert_eq!((whole.len(), whole), (99, longest));
    }
}
