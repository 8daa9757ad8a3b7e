//! Text from a repository, made safe to show.
//!
//! Control characters could move the cursor, change colours or write over what was printed before;
//! characters that reverse text or take no space make a line look like another. They are written as
//! escapes, so that a person sees that they are there.

use std::borrow::Cow;

use crate::load::text::is_invisible;

/// The most characters of a text that is written beside others.
pub const LONG: usize = 1_000;

/// Whether a character must not be written as it is.
#[must_use]
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || is_invisible(character)
        || matches!(character, '\u{e0100}'..='\u{e01ef}' | '\u{1d173}'..='\u{1d17a}')
}

/// The text on one line, with an escape such as `\u{1b}` for each character that must not be written.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push(&mut safe, character);
    }
    Cow::Owned(safe)
}

/// The same, cut to [`LONG`] characters.
#[must_use]
pub fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONG) {
        None => line(text),
        Some((end, _)) => Cow::Owned(format!("{}…", line(text.get(..end).unwrap_or_default()))),
    }
}

/// Breaks a line at spaces so that it fits into so many columns. A word that is longer stays whole.
#[must_use]
pub fn wrap(text: &str, width: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + 8);
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            wrapped.push('\n');
            column = 0;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

/// Adds a character, or its escape.
pub fn push(out: &mut String, character: char) {
    if is_unsafe(character) {
        out.extend(character.escape_default());
    } else {
        out.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped_and_what_can_be_seen_is_left_alone() {
        for text in ["", "a = 1", "naïve — “ü” 日本 👍🏽", "C:\\n"] {
            assert!(matches!(line(text), Cow::Borrowed(same) if same == text), "{text:?}");
        }
        assert_eq!(line("\u{1b}[2J"), "\\u{1b}[2J");
        assert_eq!(line("a\r\n\tb"), "a\\r\\n\\tb");
        assert_eq!(line("a\u{9b}b\u{7}"), "a\\u{9b}b\\u{7}");
        assert_eq!(line("a\u{202e}b\u{2028}\u{e0041}\u{e0100}"), "a\\u{202e}b\\u{2028}\\u{e0041}\\u{e0100}");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let fits = "é".repeat(LONG);
        assert_eq!(short(&fits), fits);
        assert_eq!(short(&format!("{fits}é")), format!("{fits}…"));
    }

    #[test]
    fn no_character_comes_through_that_is_not_safe() {
        for character in (0..=0x10_ffff).filter_map(char::from_u32) {
            let text = character.to_string();
            assert!(!line(&text).chars().any(is_unsafe), "{character:?}");
        }
    }
}
