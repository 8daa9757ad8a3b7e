//! The mark by which an object at a system is known, whatever it is called: `[gitsm group/network]`, at the end of what
//! describes it.

/// The mark of an object.
pub(super) fn mark(kind: &str, id: &str) -> String {
    format!("[gitsm {kind}/{id}]")
}

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

/// A description in one line that fits beside its mark: cut between two letters, and shown as cut.
pub(super) fn fitting(text: &str, mark: &str, room: Room) -> String {
    let line = one_line(text);
    // A mark has one byte and one unit for each letter.
    let most = room.most().saturating_sub(mark.len() + 1);
    if line.chars().map(|letter| room.of(letter)).sum::<usize>() <= most {
        return line;
    }
    let (mut cut, mut length) = (String::new(), room.of('…'));
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

    #[test]
    fn a_mark_is_found_again_and_nothing_else_is_taken_for_one() {
        let mark = mark("team", "network");
        assert_eq!(unmarked(&marked("Lines [and] x", &mark)), ("Lines [and] x", Some(("team", "network"))));
        assert_eq!(unmarked(&marked("", &mark)), ("", Some(("team", "network"))));
        for text in ["", "Lines", "Lines [gitsm ]", "[gitsm team]", "[gitsm /x]", "[gitsm team/x] and more"] {
            assert_eq!(unmarked(text), (text, None), "{text}");
        }
    }

    #[test]
    fn what_is_long_is_cut_between_letters_so_that_the_mark_stays_whole() {
        let mark = mark("field", "request/name");
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
    }
}
