//! Syntax that our parser reads and TOML 1.0 does not have.
//!
//! The parser reads TOML 1.1. Editors and most other tools read 1.0, so a file that needs 1.1 would be
//! fine here and red there, or worse, be read differently. It is refused by name.

use toml_parser::{Source, lexer::TokenKind};

use super::{
    codes,
    text::{MAX_MISTAKES, too_many_mistakes},
};
use crate::diag::{Diagnostic, FileId, Safety, Span};

/// Finds what TOML 1.0 does not have in a text that the parser accepted.
pub fn check(file: FileId, text: &str, found: &mut Vec<Diagnostic>) {
    // Only these can begin something that 1.0 lacks; most files hold neither.
    let suspicious =
        text.contains('{') || text.contains("\\e") || text.contains("\\x") || has_short_time(text);
    if !suspicious {
        return;
    }
    let mut open: Vec<TokenKind> = Vec::new();
    let mut comma: Option<Span> = None;
    let mut newline_reported = false;
    for token in Source::new(text).lex() {
        let span = Span::new(token.span().start(), token.span().end());
        let in_inline_table = open.last() == Some(&TokenKind::LeftCurlyBracket);
        let written = text.get(span.range()).unwrap_or_default();
        match token.kind() {
            kind @ (TokenKind::LeftCurlyBracket | TokenKind::LeftSquareBracket) => {
                open.push(kind);
                newline_reported = false;
            }
            TokenKind::RightCurlyBracket => {
                if let (true, Some(comma)) = (in_inline_table, comma) {
                    report(
                        found,
                        file,
                        comma,
                        "a comma after the last key of an inline table",
                        "remove the comma",
                    );
                    if let Some(last) = found.pop() {
                        found.push(last.replace_with("remove the comma", "", Safety::Safe));
                    }
                }
                open.pop();
            }
            TokenKind::RightSquareBracket => {
                open.pop();
            }
            TokenKind::Newline if in_inline_table && !newline_reported => {
                newline_reported = true;
                report(
                    found,
                    file,
                    span,
                    "a new line inside an inline table",
                    "write the table on one line, as dotted keys, or under a header of its own",
                );
            }
            TokenKind::BasicString | TokenKind::MlBasicString => {
                for (at, instead) in escapes(written) {
                    if found.len() >= MAX_MISTAKES {
                        let start = span.start as usize + at;
                        found.push(too_many_mistakes(file, Span::new(start, start + 2)));
                        return;
                    }
                    let start = span.start as usize + at;
                    let end = start + 2;
                    let (what, help, title) = match instead {
                        ESCAPE => (
                            "the escape `\\e`",
                            "write `\\u001b` for the character that starts a control sequence",
                            "write `\\u001b`",
                        ),
                        _ => ("the escape `\\x`", "write `\\u00` before the two digits", "write `\\u00`"),
                    };
                    report(found, file, Span::new(start, end), what, help);
                    // The same character in the other spelling.
                    if let Some(last) = found.pop() {
                        found.push(last.replace_with(title, instead, Safety::Safe));
                    }
                }
            }
            TokenKind::Atom if is_short_time(written) => {
                report(
                    found,
                    file,
                    span,
                    "a time without seconds",
                    "write the seconds as well, such as `09:30:00`",
                );
            }
            _ => {}
        }
        match token.kind() {
            TokenKind::Comma => comma = Some(span),
            TokenKind::Whitespace | TokenKind::Newline | TokenKind::Comment => {}
            _ => comma = None,
        }
    }
}

fn report(found: &mut Vec<Diagnostic>, file: FileId, span: Span, what: &str, help: &str) {
    found.push(
        Diagnostic::new(&codes::TOML_1_1, file, span, format!("{what} is syntax of TOML 1.1"))
            .label("TOML 1.0 does not have this")
            .help(help),
    );
}

/// What TOML 1.0 has in place of `\e`.
const ESCAPE: &str = "\\u001b";

/// Where a basic string holds `\e` or `\x`, and what to write instead.
fn escapes(written: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    let mut bytes = written.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'\\' {
            match bytes.next() {
                Some((_, b'e')) => found.push((at, ESCAPE)),
                Some((_, b'x')) => found.push((at, "\\u00")),
                _ => {}
            }
        }
    }
    found
}

/// Whether a text holds two digits, a colon and two digits outside quotes, roughly.
fn has_short_time(text: &str) -> bool {
    text.as_bytes().windows(5).any(is_time)
}

fn is_time(bytes: &[u8]) -> bool {
    matches!(bytes, [a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
}

/// Whether a bare value is `hh:mm`, or ends in a time without seconds.
fn is_short_time(atom: &str) -> bool {
    let bytes = atom.as_bytes();
    let time = bytes
        .iter()
        .position(|byte| matches!(byte, b'T' | b't'))
        .map_or(bytes, |at| bytes.get(at.saturating_add(1)..).unwrap_or_default());
    let Some((head, rest)) = time.split_at_checked(5) else { return false };
    is_time(head) && !rest.starts_with(b":")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        check(FileId(0), text, &mut found);
        found.into_iter().map(|diagnostic| diagnostic.message).collect()
    }

    #[test]
    fn each_difference_is_named_and_its_neighbour_passes() {
        for (bad, good) in [
            ("a = {b = 1,\n c = 2}", "a = {b = 1, c = 2}"),
            ("a = {b = 1,}", "a = {b = 1}"),
            ("a = \"\\e[0m\"", "a = \"\\\\e[0m\""),
            ("a = \"\\x41\"", "a = \"\\u0041\""),
            ("a = 07:32", "a = 07:32:00"),
            ("a = 2026-05-01T07:32Z", "a = 2026-05-01T07:32:00Z"),
        ] {
            assert_eq!(messages(bad).len(), 1, "{bad}: {:?}", messages(bad));
            assert_eq!(messages(good), Vec::<String>::new(), "{good}");
        }
    }

    #[test]
    fn lists_may_run_over_lines_even_inside_an_inline_table() {
        assert_eq!(messages("a = {b = [\n 1,\n 2,\n]}"), Vec::<String>::new());
        assert_eq!(messages("a = [\"07:32-09:00\", \"{\"]\n# {\n"), Vec::<String>::new());
    }
}
