//! From bytes to text: what other tools would read differently is refused here, by name.

use std::sync::Arc;

use super::codes;
use crate::diag::{Diagnostic, FileId, Safety, Span};

/// The most bytes of a document.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// The most bytes of a line of a document.
pub const MAX_LINE: usize = 64 * 1024;

/// The most mistakes of one sort that are looked for in a document: beyond them it is no document.
pub const MAX_MISTAKES: usize = 10_000;

/// The finding about a document that holds so many mistakes that the rest of it is not looked at.
#[must_use]
pub(super) fn too_many_mistakes(file: FileId, span: Span) -> Diagnostic {
    Diagnostic::new(
        &codes::TOO_LARGE,
        file,
        span,
        format!("there are more than {MAX_MISTAKES} mistakes in this file"),
    )
    .label("from here on nothing is looked at")
    .help("mend what is found so far, and look again")
}

/// Reads bytes as text; what is wrong is added to `found`. The text is there even when it is wrong, so
/// that findings can point into it.
pub fn read(file: FileId, bytes: Vec<u8>, found: &mut Vec<Diagnostic>) -> Arc<str> {
    let text: Arc<str> = match String::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(error) => {
            let start = error.utf8_error().valid_up_to();
            let text: Arc<str> = String::from_utf8_lossy(error.as_bytes()).into();
            let length = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            found.push(
                Diagnostic::new(
                    &codes::NOT_UTF8,
                    file,
                    Span::new(start, start + length),
                    "the file is not valid UTF-8",
                )
                .label("the first byte that is not")
                .help("save the file as UTF-8"),
            );
            text
        }
    };
    check(file, &text, found);
    text
}

fn check(file: FileId, text: &str, found: &mut Vec<Diagnostic>) {
    if text.starts_with('\u{feff}') {
        found.push(
            Diagnostic::new(
                &codes::BYTE_ORDER_MARK,
                file,
                Span::new(0, 3),
                "the file starts with a byte order mark",
            )
            .label("these three bytes cannot be seen")
            .help("save the file as UTF-8 without a byte order mark")
            .replace_with("remove the byte order mark", "", Safety::Safe),
        );
    }
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        if line.len() > MAX_LINE {
            found.push(
                Diagnostic::new(
                    &codes::TOO_LARGE,
                    file,
                    Span::new(line_start, line_start),
                    format!("a line of {} bytes is too long", line.len()),
                )
                .label("this line")
                .help(format!("a line may have {MAX_LINE} bytes: write a list over several lines")),
            );
        }
        line_start += line.len();
    }
    // All of the characters looked for are outside ASCII, and most files have nothing but ASCII.
    if text.is_ascii() {
        return;
    }
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let rest = text.get(start..).unwrap_or_default();
    let suspects = rest.char_indices().filter(|(_, character)| is_invisible(*character));
    // One finding for each line is enough to mend it.
    let mut last_line_end = 0;
    for (offset, character) in suspects {
        let offset = start + offset;
        if offset < last_line_end {
            continue;
        }
        last_line_end =
            text.get(offset..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| offset + length);
        found.push(
            Diagnostic::new(
                &codes::INVISIBLE_CHARACTER,
                file,
                Span::new(offset, offset + character.len_utf8()),
                format!("the character U+{:04X} ({}) is not allowed", character as u32, describe(character)),
            )
            .label("it stands here and cannot be seen")
            .help("remove it; in a string that needs it, write its escape, such as `\\u200D`"),
        );
    }
}

/// Whether a character can hide something: it reverses the order of text, takes no space, or is not
/// printed at all.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{0080}'..='\u{009f}'      // control characters of Latin-1
        | '\u{00ad}'                 // soft hyphen
        | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'    // zero width and direction marks
        | '\u{2028}'..='\u{202e}'    // line separators and embedding
        | '\u{2060}'..='\u{206f}'    // joiners, invisible operators, isolates
        | '\u{2800}'                 // a sign of Braille without a dot
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fe00}'..='\u{fe0e}'    // variants of the sign before; U+FE0F is part of many an emoji
        | '\u{fff0}'..='\u{fffb}'    // interlinear annotation
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'  // tags, and more variants
    ) || is_no_character(character)
}

/// Whether a number is none of a character, and never will be.
const fn is_no_character(character: char) -> bool {
    matches!(character, '\u{fdd0}'..='\u{fdef}') || character as u32 & 0xfffe == 0xfffe
}

const fn describe(character: char) -> &'static str {
    match character {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}' => {
            "changes the direction of text"
        }
        '\u{e0000}'..='\u{e007f}' => "a tag character, never shown",
        '\u{0080}'..='\u{009f}' => "a control character",
        '\u{2028}' | '\u{2029}' => "a line separator that editors do not show",
        '\u{e0100}'..='\u{e01ef}' | '\u{fe00}'..='\u{fe0e}' => "a variant of the sign before it",
        '\u{2800}' => "a sign without a mark",
        _ if is_no_character(character) => "no character at all",
        _ => "takes no space",
    }
}
