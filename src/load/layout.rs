//! The layout of documents: one way to write them, so that a diff shows what changed and nothing else.
//!
//! The formatter is Taplo's, which also formats in editors; the options are the ones of `.taplo.toml`.

use taplo::formatter::{self, Options};
use toml_parser::{Source, lexer::TokenKind};

use super::{codes, document};
use crate::diag::{Code, Diagnostic, FileId};

/// The columns after which an array is written on several lines.
pub const COLUMN_WIDTH: usize = 110;
/// What one level of arrays is set in by.
pub const INDENT: &str = "    ";

/// Why a text was not laid out.
#[derive(Debug)]
pub enum LayoutError {
    /// It is not a document that can be read; findings say where.
    Syntax(Vec<Diagnostic>),
    /// The formatter would have changed more than the layout. The text is left alone.
    Changed,
}

/// The options of the formatter, all of them: a newer formatter with other defaults changes nothing here.
fn options(crlf: bool) -> Options {
    Options {
        align_entries: false,
        align_comments: true,
        align_single_comments: true,
        allowed_blank_lines: 1,
        array_auto_collapse: false,
        array_auto_expand: true,
        array_trailing_comma: true,
        column_width: COLUMN_WIDTH,
        compact_arrays: true,
        compact_entries: false,
        compact_inline_tables: false,
        crlf,
        indent_entries: false,
        indent_string: INDENT.to_owned(),
        indent_tables: false,
        inline_table_expand: true,
        reorder_arrays: false,
        reorder_inline_tables: false,
        reorder_keys: false,
        trailing_newline: true,
    }
}

/// Lays a text out. Comments stay, keys stay in their order, and the document says what it said before.
///
/// # Errors
/// When the text is not TOML, or the result would say something else.
pub fn layout(file: FileId, text: &str) -> Result<String, LayoutError> {
    let mut found = Vec::new();
    let parsed = document::parse(file, text, &mut found).is_some();
    // Values that make no sense are no reason to leave the layout alone; syntax that others read
    // differently is.
    let is_syntax = |code: &Code| *code == codes::SYNTAX || *code == codes::TOML_1_1;
    found.retain(|diagnostic| !parsed || is_syntax(diagnostic.code));
    if !parsed || !found.is_empty() {
        return Err(LayoutError::Syntax(found));
    }
    if text.is_empty() {
        return Ok(String::new());
    }
    let crlf = text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n"));
    // What the formatter gives is not always what it gives for that: it is repeated until nothing moves.
    let spaced = space_before_equals(text);
    if !taplo::parser::parse(&spaced).errors.is_empty() {
        return Err(LayoutError::Changed);
    }
    let mut laid_out = formatter::format(&spaced, options(crlf));
    for _ in 0..MAX_ROUNDS {
        let again = formatter::format(&laid_out, options(crlf));
        if again == laid_out {
            return if same(text, &laid_out) { Ok(laid_out) } else { Err(LayoutError::Changed) };
        }
        laid_out = again;
    }
    Err(LayoutError::Changed)
}

/// The formatter's own parser takes `2026-12-25=` for a broken date and leaves its surroundings as they
/// are; with a space before the sign it sees the key.
fn space_before_equals(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 64);
    let mut before = TokenKind::Newline;
    for token in Source::new(text).lex() {
        if token.kind() == TokenKind::Equals && before != TokenKind::Whitespace {
            spaced.push(' ');
        }
        spaced.push_str(text.get(token.span().start()..token.span().end()).unwrap_or_default());
        before = token.kind();
    }
    spaced
}

/// After so many rounds a text is taken for one that never settles.
const MAX_ROUNDS: usize = 8;

/// Whether two texts say the same: the same keys in the same order with the same values, and the same
/// comments.
fn same(before: &str, after: &str) -> bool {
    let parse = |text: &str| text.parse::<toml::Table>().ok();
    match (parse(before), parse(after)) {
        (Some(one), Some(other)) => same_tables(&one, &other) && comments(before) == comments(after),
        _ => false,
    }
}

fn same_tables(one: &toml::Table, other: &toml::Table) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|((key, value), (other_key, other_value))| {
            key == other_key && same_values(value, other_value)
        })
}

fn same_values(one: &toml::Value, other: &toml::Value) -> bool {
    match (one, other) {
        (toml::Value::Table(one), toml::Value::Table(other)) => same_tables(one, other),
        (toml::Value::Array(one), toml::Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_values(one, other))
        }
        // Not a number is not equal to itself, and still the same text.
        (toml::Value::Float(one), toml::Value::Float(other)) => one.to_bits() == other.to_bits(),
        _ => one == other,
    }
}

fn comments(text: &str) -> Vec<&str> {
    Source::new(text)
        .lex()
        .filter(|token| token.kind() == TokenKind::Comment)
        .map(|token| text.get(token.span().start()..token.span().end()).unwrap_or_default().trim_end())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(text: &str) -> String {
        layout(FileId(0), text).unwrap()
    }

    #[test]
    fn editors_have_the_same_options() {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/.taplo.toml"));
        let config: toml::Table = text.parse().unwrap();
        let written = config["formatting"].as_table().unwrap();
        let mut theirs = Options::default();
        let values = written.iter().map(|(key, value)| {
            (key.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        });
        theirs.update_from_str(values).unwrap();
        assert_eq!(theirs, options(false));
        // Every option is written down, so that another default of an editor changes nothing.
        let all = format!("{:?}", Options::default()).matches(": ").count();
        assert_eq!(written.len(), all);
    }

    #[test]
    fn spaces_move_and_nothing_else() {
        assert_eq!(
            laid_out("a=1\n  b =  [ 1,2 ]  # why\n\n\n\n\n\nc = {x=1}"),
            "a = 1\nb = [1, 2] # why\n\nc = { x = 1 }\n"
        );
    }

    #[test]
    fn keys_that_look_like_dates_are_keys() {
        let text = "[calendar.x.holidays]\n2026-01-01=\"New = Year\"\n\n\n\n  2026-12-25=\"Christmas\"\n";
        let wanted = "[calendar.x.holidays]\n2026-01-01 = \"New = Year\"\n\n2026-12-25 = \"Christmas\"\n";
        assert_eq!(laid_out(text), wanted);
    }

    #[test]
    fn the_order_of_keys_is_the_writer_s() {
        assert_eq!(laid_out("b = 1\na = 2\n"), "b = 1\na = 2\n");
        assert_eq!(laid_out("[t.b]\nx = 1\n[t.a]\ny = 2\n"), "[t.b]\nx = 1\n[t.a]\ny = 2\n");
    }

    #[test]
    fn arrays_on_several_lines_stay_so_and_long_ones_become_so() {
        let several = "step = [\n    { id = \"a\" },\n    { id = \"b\" },\n]\n";
        assert_eq!(laid_out(several), several);
        let long = format!("a = [{}]\n", ["\"some words\""; 12].join(", "));
        assert!(laid_out(&long).starts_with("a = [\n    \"some words\",\n"), "{}", laid_out(&long));
    }

    #[test]
    fn line_endings_are_kept() {
        assert_eq!(laid_out("a=1\r\nb=2\r\n"), "a = 1\r\nb = 2\r\n");
        assert_eq!(laid_out("a=1\nb=2"), "a = 1\nb = 2\n");
    }

    #[test]
    fn what_is_not_toml_is_refused() {
        for text in ["a = ", "[a\n", "a = 1\na = 2\n", "a = {\nb = 1 }\n"] {
            match layout(FileId(0), text) {
                Err(LayoutError::Syntax(found)) => assert!(!found.is_empty(), "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_change_of_meaning_is_seen() {
        assert!(same("a = 1 # x\n", "a   = 1\n# x\n"));
        assert!(same("a = nan\n", "a=nan\n"));
        for (one, other) in [
            ("a = 1\n", "a = 2\n"),
            ("a = 1 # x\n", "a = 1\n"),
            ("a = 1\nb = 2\n", "b = 2\na = 1\n"),
            ("a = [1, 2]\n", "a = [2, 1]\n"),
            ("a = 2026-01-01\n", "a = \"2026-01-01\"\n"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }
}
