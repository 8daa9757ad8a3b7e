//! Syntax errors in words that somebody understands who has never written TOML, and once for each mistake.
//!
//! Of several errors on one line the first is kept, and of those after a list that is never closed none, up to the next
//! heading.

use toml::de::Error;
use toml_parser::{Source, lexer::TokenKind};

use super::{
    codes,
    recovery::Mistakes,
    repeated::{self, Repeated},
    secret, slips,
};
use crate::diag::{Diagnostic, FileId, Safety, Span};

/// After so many syntax errors the rest of a file is noise.
const MOST: usize = 50;

/// Adds the findings about the errors of a parser.
pub(super) fn report(file: FileId, text: &str, errors: &[Error], found: &mut Vec<Diagnostic>) {
    if errors.is_empty() {
        return;
    }
    let Mistakes { all, unclosed } = Mistakes::find(text, errors);
    let repeated = Repeated::find(text);
    let mut last_line = None;
    let (mut line, mut counted) = (0, 0);
    // Whether the heading above was there before: of a table that was copied, every key stands there twice.
    let mut is_copy = false;
    let mut number = 0;
    for (message, at) in all {
        if unclosed.iter().any(|(open, end)| (open.start as usize + 1..*end).contains(&at.start)) {
            continue;
        }
        let between = text.get(counted..at.start).unwrap_or_default();
        line += between.matches('\n').count();
        counted = at.start;
        is_copy &= !between.contains("\n[");
        if last_line == Some(line) {
            continue;
        }
        last_line = Some(line);
        if let Some(span) = conflict(text, at.start) {
            // Nothing in such a file is as anybody wrote it.
            let help = "keep one of the two sides and remove the lines that Git wrote between them";
            found.push(
                new(file, span, "a merge conflict was left in the file").label("it starts here").help(help),
            );
            return;
        }
        let is_repeated = message.starts_with("duplicate key");
        if is_copy && is_repeated {
            continue;
        }
        number += 1;
        if number > MOST {
            break;
        }
        let before = text.get(..at.start).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
        is_copy |= is_repeated && before.trim_start().starts_with('[');
        found.push(explain(file, text, &message, at, &repeated));
    }
    for (open, _) in unclosed {
        let (what, close) = match text.get(open.range()) {
            Some("{") => ("the table that starts here is never closed", "write `}` after its last value"),
            _ => ("the list that starts here is never closed", "write `]` after its last entry"),
        };
        found.push(new(file, open, what).label("opened here").help(close));
    }
}

/// The mark of a conflict on the line of an offset.
fn conflict(text: &str, at: usize) -> Option<Span> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(start..)?;
    let marked = ["<<<<<<< ", "======="].iter().any(|mark| line.starts_with(mark));
    marked.then(|| Span::new(start, start + 7))
}

fn new(file: FileId, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&codes::SYNTAX, file, span, message)
}

fn explain(
    file: FileId,
    text: &str,
    message: &str,
    at: std::ops::Range<usize>,
    repeated: &Repeated<'_>,
) -> Diagnostic {
    if message.starts_with("duplicate key") || message.starts_with("cannot extend") {
        return repeated::diagnostic(file, text, message, at.into(), repeated);
    }
    if let Some(diagnostic) = about_value(file, text, message, &at) {
        return diagnostic;
    }
    let span = if message.contains("carriage return") {
        // The parser points behind it.
        text.get(..at.start)
            .and_then(|before| before.rfind('\r'))
            .map_or(at.into(), |at| Span::new(at, at + 1))
    } else if is_too_deep(message) && at.is_empty() {
        deepest_key(text).unwrap_or_else(|| visible(text, at))
    } else {
        visible(text, at)
    };
    let line =
        || text.get(..span.start as usize).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    let has = |start: &str| message.starts_with(start);
    let colon =
        text.get(span.range()) == Some(":") || text.get(span.range()).is_some_and(|key| key.ends_with(':'));
    let (what, help) = if has("invalid unquoted key") && colon {
        ("a colon stands where an equals sign must", "write `key = value`")
    } else if has("missing value") || has("key with no value") {
        if line().trim_start().is_empty() || line().contains('=') {
            ("a key has no value", "write `key = value`; a text stands in quotes")
        } else {
            (
                "this is neither a key with its value nor a heading",
                "write `key = value`; the name of a table stands in `[…]`, a remark after `#`",
            )
        }
    } else if has("extra `=`") {
        ("there are two equals signs", "write one `=` between a key and its value")
    } else if has("unquoted keys cannot be empty") {
        ("a key is missing here", "write letters, digits, `-` or `_`, for example `name`")
    } else if has("invalid unquoted key") {
        (
            "a character that a key cannot have",
            "write `key = value`; a key has letters from a to z, digits, `-` and `_`, and any other one stands in quotes; a remark starts with `#`",
        )
    } else if has("invalid key-value pair") || has("missing table open") {
        ("this is no key", "write `key = value`, or the name of a table as `[kind.id]`")
    } else if has("unclosed table") || has("unclosed array table") || has("invalid table") {
        (
            "the heading of a table is not closed",
            "write the heading as `[kind.id]`, or `[[…]]` for an entry of a list, alone on its line",
        )
    } else if has("unexpected key or value") {
        (
            "something follows the value",
            "write each key on a line of its own; a value with spaces, commas or other signs stands in quotes",
        )
    } else if has("unexpected content") || has("invalid inline table element") {
        ("something stands where nothing can", "write each key with its value on a line of its own")
    } else if has("missing comma") || has("extra assignment") || has("missing assignment") {
        ("a comma is missing", "write `,` between two entries, and texts in quotes")
    } else if has("extra comma") {
        ("there is a comma too many", "write one `,` between two entries")
    } else if has("unexpected `=` in array") {
        (
            "a list has entries and no keys",
            "write `{ key = value }` for a table in a list, or close the list before",
        )
    } else if has("missing key for inline table element") {
        ("a key is missing in the table", "write `{ key = value, other = value }`")
    } else if has("missing inline table opening") || has("missing array opening") {
        ("a bracket is closed that was never opened", "remove it, or write the other half before")
    } else if has("keys cannot be multi-line") {
        ("a key cannot stand in three quotes", "write one quote on each side of it, or none")
    } else if is_too_deep(message) {
        ("tables and lists are nested too deeply", "write what is inside under a heading of its own")
    } else if has("carriage return") {
        ("a carriage return without a line feed", "save the file with the line ends of Unix or of Windows")
    } else if has("invalid comment character") {
        ("a control character in a remark", "remove it")
    } else if is_number_escape(text, span) {
        (
            "an escape that is no character",
            "write the number of a character, four digits after `\\u` or eight after `\\U`; D800 to DFFF are none",
        )
    } else if has("missing escaped value") || has("too few unicode") || has("invalid value") {
        (
            "a backslash that means nothing",
            "write `\\\\` for a backslash, or the text in single quotes, where a backslash is just that",
        )
    } else if has("invalid basic string") || has("invalid multi-line basic string") {
        ("a character that a text cannot hold", "write its escape, such as `\\t` or `\\u0007`")
    } else if has("invalid literal string") || has("invalid multi-line literal string") {
        (
            "a character that a text in single quotes cannot hold",
            "write the text in double quotes, with an escape such as `\\u0007`",
        )
    } else {
        ("this is not TOML", "write `key = value`; a text stands in quotes, the name of a table in `[…]`")
    };
    new(file, span, what).label("here").help(help)
}

fn is_too_deep(message: &str) -> bool {
    message.starts_with("cannot recurse further") || message.starts_with("recursion limit")
}

/// The key with the most dots, of which the parser does not say where it stands.
fn deepest_key(text: &str) -> Option<Span> {
    let (mut most, mut deepest): (usize, Option<Span>) = (0, None);
    let (mut dots, mut start) = (0, None);
    for token in Source::new(text).lex() {
        let span = Span::new(token.span().start(), token.span().end());
        match token.kind() {
            TokenKind::Dot => dots += 1,
            TokenKind::Atom | TokenKind::BasicString | TokenKind::LiteralString => {
                let start = *start.get_or_insert(span.start);
                if dots > most {
                    (most, deepest) = (dots, Some(Span { start, end: span.end }));
                }
            }
            _ => (dots, start) = (0, None),
        }
    }
    deepest
}

/// Finds the mistake in a value: a text without quotes, one that is not closed, a number or date that is none.
fn about_value(file: FileId, text: &str, message: &str, at: &std::ops::Range<usize>) -> Option<Diagnostic> {
    const ABOUT_VALUES: &[&str] = &[
        "string values must be quoted",
        "invalid boolean",
        "invalid float",
        "invalid integer",
        "invalid hexadecimal",
        "invalid octal",
        "invalid binary",
        "invalid date",
        "invalid time",
        "invalid offset",
        "unexpected leading zero",
        "unexpected sign",
        "redundant",
        "radix must be lowercase",
        "integers with a radix",
        "`_` may only go",
    ];
    if let Some(span) = unclosed_text(text, message, at.start) {
        let three =
            text.get(span.range()).is_some_and(|text| text.starts_with("\"\"\"") || text.starts_with("'''"));
        let help = if three {
            "write the three quotes again where it ends"
        } else {
            "write the quote again where it ends; a text over several lines stands in `\"\"\"`"
        };
        return Some(
            new(file, span, "a text is not closed").label("its quote is missing at the end").help(help),
        );
    }
    if !ABOUT_VALUES.iter().any(|start| message.starts_with(start)) {
        return None;
    }
    let span = value_around(text, at.start);
    let written = text.get(span.range()).unwrap_or_default();
    if written.is_empty() {
        let what = new(file, visible(text, at.clone()), "a key has no value");
        return Some(what.label("nothing stands here").help("write `key = value`; a text stands in quotes"));
    }
    if is_secret(text, span, written) {
        // Whatever is wrong with it, it is not repeated.
        let what = new(file, span, "a text stands without quotes").label("not understood");
        return Some(what.help("write it in quotes, but a secret somewhere else than in a document"));
    }
    if written.contains('=') {
        return Some(two_keys(file, text, span));
    }
    if let Some(truth) = slips::truth(written) {
        let what = new(file, span, format!("`{written}` is no value of TOML")).label("here");
        return Some(offer(what, &truth.to_string()));
    }
    if ["null", "nil", "none", "undefined", "~"].iter().any(|word| written.eq_ignore_ascii_case(word)) {
        let what = new(file, span, format!("`{written}` is no value of TOML"));
        return Some(what.label("nothing").help("leave the key out: what is not there has no value"));
    }
    let typographic = |character: char| "“”„‘’‚«»".contains(character);
    if written.starts_with(typographic) {
        let what = new(file, span, "the quotes are typographic").label("not the quotes of TOML");
        return Some(offer(what, &slips::quoted(written.trim_matches(typographic))));
    }
    let mut parts = written.split('-');
    let is_date = written.len() == 10
        && written.starts_with(|first: char| first.is_ascii_digit())
        && parts.clone().count() == 3
        && parts.all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if is_date {
        let what = new(file, span, format!("there is no date `{written}`")).label("not in the calendar");
        return Some(what.help("write year-month-day, such as `2026-05-01`"));
    }
    if let Some(date) = slips::date(written).filter(|_| !written.contains([':', 'T'])) {
        let what = new(file, span, format!("the date `{written}` is not written as it should be"));
        return Some(offer(what.label("not understood"), &date));
    }
    if written.starts_with(|first: char| first.is_ascii_digit())
        && written.contains('T')
        && written.contains(':')
    {
        let what = new(file, span, format!("there is no instant `{written}`")).label("not understood");
        return Some(what.help("write the date, the time and the offset, such as `2026-05-01T09:00:00Z`"));
    }
    let is_number = written.bytes().all(|byte| byte.is_ascii_digit() || b"+-._xXoObB".contains(&byte));
    if is_number && written.bytes().any(|byte| byte.is_ascii_digit()) {
        let what = new(file, span, format!("`{written}` is no number")).label("not understood");
        return Some(what.help(
            "write digits without zeros before them, such as `10`; what is not a number stands in quotes",
        ));
    }
    let meant = slips::duration(written).unwrap_or_else(|| written.to_owned());
    let what = new(file, span, "a text stands without quotes").label("not understood");
    let quoted = slips::quoted(&meant);
    Some(what.help(format!("write `{quoted}`")).replace_with(
        format!("write `{quoted}`"),
        quoted,
        Safety::Suggestion,
    ))
}

/// Two keys with nothing between them: on a line, or in a table that stands on it.
fn two_keys(file: FileId, text: &str, span: Span) -> Diagnostic {
    let before = text.get(..span.start as usize).and_then(|before| before.rsplit('\n').next());
    let count = |bracket: char| before.map_or(0, |line| line.matches(bracket).count());
    if count('{') > count('}') {
        let what = new(file, span, "a comma is missing").label("between two keys of a table");
        return what.help("write `,` between them: `{ key = value, other = value }`");
    }
    let what = new(file, span, "two keys stand on one line").label("here");
    what.help("write each key on a line of its own")
}

/// Whether a place lies in `\u….`
fn is_number_escape(text: &str, at: Span) -> bool {
    let start = text.floor_char_boundary((at.start as usize).saturating_sub(2));
    let end = text.floor_char_boundary((at.start as usize).saturating_add(2));
    text.get(start..end).is_some_and(|near| near.contains("\\u") || near.contains("\\U"))
}

/// Whether a value looks like a secret or stands under the key of one.
fn is_secret(text: &str, value: Span, written: &str) -> bool {
    let before = text.get(..value.start as usize).unwrap_or_default().trim_end();
    let before = before.strip_suffix('=').unwrap_or_default().trim_end();
    let key = before.rsplit(|character: char| " \t\n.,{\"'".contains(character)).next().unwrap_or_default();
    secret::in_text(written).or_else(|| secret::in_value(key, written)).is_some()
}

fn offer(diagnostic: Diagnostic, meant: &str) -> Diagnostic {
    let help = format!("write `{meant}`");
    diagnostic.help(help.clone()).replace_with(help, meant, Safety::Suggestion)
}

/// The text that an error at `at` says is not closed, up to the end of its first line.
fn unclosed_text(text: &str, message: &str, at: usize) -> Option<Span> {
    let about_texts = ["invalid basic string", "invalid literal string", "invalid multi-line"];
    if !about_texts.iter().any(|start| message.starts_with(start)) {
        return None;
    }
    for token in Source::new(text).lex() {
        let quotes = match token.kind() {
            TokenKind::BasicString => "\"",
            TokenKind::LiteralString => "'",
            TokenKind::MlBasicString => "\"\"\"",
            TokenKind::MlLiteralString => "'''",
            _ => continue,
        };
        let span = Span::new(token.span().start(), token.span().end());
        if (span.start as usize..=span.end as usize).contains(&at) {
            let written = text.get(span.range()).unwrap_or_default();
            let closed = written.len() >= 2 * quotes.len() && written.ends_with(quotes);
            let first = written.lines().next().unwrap_or_default().trim_end();
            return (!closed).then(|| Span::new(token.span().start(), token.span().start() + first.len()));
        }
    }
    None
}

/// The whole of an unquoted value around an offset: up to a comma, a bracket, a remark or the end of the line.
fn value_around(text: &str, at: usize) -> Span {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let stop = |character: char| "=,[{".contains(character);
    let start =
        before.get(line..).and_then(|before| before.rfind(stop)).map_or(line, |index| line + index + 1);
    let rest = text.get(start..).unwrap_or_default();
    let end = rest.find(|character: char| ",]}#\n\r".contains(character)).unwrap_or(rest.len());
    let rest = rest.get(..end).unwrap_or_default();
    let start = start + (rest.len() - rest.trim_start().len());
    Span::new(start, start + rest.trim().len())
}

/// The parser gives some errors no width; a person is shown the character that it stumbled over.
fn visible(text: &str, range: std::ops::Range<usize>) -> Span {
    let next = text.get(range.start..).and_then(|rest| rest.chars().next());
    match next {
        Some(next) if range.is_empty() && next != '\n' => {
            Span::new(range.start, range.start + next.len_utf8())
        }
        _ => range.into(),
    }
}
