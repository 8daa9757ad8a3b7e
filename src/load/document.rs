//! One file: syntax, then shape, then typed objects.

use std::sync::Arc;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use unicode_normalization::UnicodeNormalization as _;

use super::{codes, decode, guess::Guess, shape, slips, suggest::nearest, syntax, text, toml_1_0, tree};
use crate::{
    diag::{Diagnostic, FileId, Safety, Span},
    model::{AnyDocument, Id, Kind},
};

/// What a file gave.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The text, to point into.
    pub text: Arc<str>,
    /// Objects that can be used.
    pub objects: Vec<Object>,
    /// Objects that are there and cannot be used: references to them are not dangling.
    pub broken: Vec<(Kind, String)>,
    /// Whether the syntax is wrong, so that nobody knows what the file holds.
    pub unreadable: bool,
    /// What is wrong.
    pub found: Vec<Diagnostic>,
    /// Texts among it that may name something in another way than they should.
    pub guesses: Vec<Guess>,
}

/// An object of a file.
#[derive(Debug)]
pub struct Object {
    /// The id.
    pub id: Id,
    /// What was written.
    pub document: AnyDocument,
    /// The key that gives the id.
    pub span: Span,
    /// The references in it.
    pub references: Vec<decode::Seen>,
}

/// Parses a text whose bytes are fine. `None` when its syntax is wrong.
pub fn parse<'t>(file: FileId, text: &'t str, found: &mut Vec<Diagnostic>) -> Option<DeTable<'t>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        syntax::report(file, text, &errors, found);
        return None;
    }
    toml_1_0::check(file, text, found);
    tree::check(file, root.get_ref(), found);
    Some(root.into_inner())
}

/// With so many lines that hold characters which cannot be seen, nothing else is looked for.
const MOST_INVISIBLE: usize = 100;

/// Adds the mistakes of syntax in a text that holds characters which cannot be seen, on other lines than these.
pub(super) fn syntax_beside(file: FileId, text: &str, found: &mut Vec<Diagnostic>) {
    // With very many of them the file is no document.
    let is_too_much = found.len() > MOST_INVISIBLE;
    if is_too_much || found.iter().any(|finding| finding.code != &codes::INVISIBLE_CHARACTER) {
        return;
    }
    let mut syntax = Vec::new();
    parse(file, text, &mut syntax);
    let line = |span: Span| {
        text.get(..span.start as usize)
            .map_or(0, |before| before.bytes().filter(|byte| *byte == b'\n').count())
    };
    let known: Vec<usize> = found.iter().map(|finding| line(finding.primary.span)).collect();
    syntax.retain(|finding| !known.contains(&line(finding.primary.span)));
    found.append(&mut syntax);
}

/// Reads a file.
#[must_use]
pub fn read(file: FileId, bytes: Vec<u8>) -> Parsed {
    let mut parsed = Parsed::default();
    let text = text::read(file, bytes, &mut parsed.found);
    parsed.text = Arc::clone(&text);
    if !parsed.found.is_empty() {
        parsed.unreadable = true;
        syntax_beside(file, &text, &mut parsed.found);
        return parsed;
    }
    let Some(root) = parse(file, &text, &mut parsed.found) else {
        parsed.unreadable = true;
        return parsed;
    };
    if parsed.found.iter().any(|finding| finding.code == &codes::TOO_LARGE) {
        parsed.unreadable = true;
        return parsed;
    }
    let numbers: Vec<Span> = parsed.found.iter().map(|finding| finding.primary.span).collect();
    for (key, objects) in &root {
        let Some(kind) = Kind::from_name(key.get_ref()) else {
            // The objects are there under a name that nobody knows: references to them are not dangling.
            match (
                nearest(key.get_ref(), Kind::ALL.map(Kind::name)).and_then(Kind::from_name),
                objects.get_ref(),
            ) {
                (Some(kind), DeValue::Table(table)) => {
                    parsed.broken.extend(table.keys().map(|id| (kind, id.get_ref().to_string())));
                }
                _ => parsed.unreadable = true,
            }
            parsed.found.push(unknown_kind(file, key));
            continue;
        };
        let DeValue::Table(table) = objects.get_ref() else {
            parsed.found.push(not_a_table(file, kind, objects.span().into(), None, false));
            continue;
        };
        for (id, value) in table {
            read_object(file, &root, kind, id, value, &mut parsed);
        }
    }
    drop_echoes(&mut parsed.found, &numbers);
    parsed
}

/// A value that was already found to be no number is not worth a second finding about its type. `first` are the
/// places of the findings that came first.
pub(super) fn drop_echoes(found: &mut Vec<Diagnostic>, first: &[Span]) {
    let mut index = 0;
    found.retain(|finding| {
        index += 1;
        index <= first.len() || !first.contains(&finding.primary.span)
    });
}

fn read_object(
    file: FileId,
    root: &DeTable<'_>,
    kind: Kind,
    key: &tree::Key<'_>,
    value: &Spanned<DeValue<'_>>,
    parsed: &mut Parsed,
) {
    let name = key.get_ref();
    let Some(id) = Id::new(name) else {
        parsed.found.push(not_an_id(file, kind, key));
        parsed.broken.push((kind, name.to_string()));
        return;
    };
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        let is_field = shape::checker(kind).has_key(name);
        parsed.found.push(not_a_table(file, kind, value.span().into(), Some(name), is_field));
        parsed.broken.push((kind, name.to_string()));
        return;
    }
    let pointer = format!("/{}/{}", kind.name(), tree::escape(name));
    let before = parsed.found.len();
    let fits =
        shape::checker(kind).check(file, root, &pointer, value, &mut parsed.found, &mut parsed.guesses);
    if !fits {
        debug_assert!(parsed.found.len() > before, "an object of the wrong shape gives a finding");
        parsed.broken.push((kind, name.to_string()));
        return;
    }
    match decode::decode(value, |reader| kind.decode(reader)) {
        Ok((document, references)) => {
            parsed.objects.push(Object { id, document, span: key.span().into(), references });
        }
        Err(error) => {
            parsed.found.push(undecodable(file, error, key.span().into()));
            parsed.broken.push((kind, name.to_string()));
        }
    }
}

/// A value that has the right shape and still makes no sense.
#[must_use]
pub fn undecodable(file: FileId, error: decode::DecodeError, fallback: Span) -> Diagnostic {
    let span = error.span.unwrap_or(fallback);
    if error.quoted_date {
        let bare = error.message.split('`').nth(1).unwrap_or_default().to_owned();
        return Diagnostic::new(&codes::QUOTED_DATE, file, span, error.message)
            .label("a string, not a date")
            .help("remove the quotes")
            .replace_with("remove the quotes", bare, Safety::Safe);
    }
    Diagnostic::new(&codes::UNUSABLE, file, span, error.message).label("cannot be used")
}

fn unknown_kind(file: FileId, key: &tree::Key<'_>) -> Diagnostic {
    let name = key.get_ref();
    let diagnostic = Diagnostic::new(
        &codes::UNKNOWN_KIND,
        file,
        key.span().into(),
        format!("there is no kind of object called `{name}`"),
    )
    .label("unknown kind");
    match nearest(name, Kind::ALL.map(Kind::name)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).replace_with(
            format!("write `{near}`"),
            near,
            Safety::Suggestion,
        ),
        None => diagnostic.help("an object is a table `[kind.id]`; `gitsm schema` lists the kinds"),
    }
}

/// `is_field` says that the name is that of a field, so that it is the id that was forgotten.
fn not_a_table(file: FileId, kind: Kind, span: Span, id: Option<&str>, is_field: bool) -> Diagnostic {
    let kind = kind.name();
    let message = match id {
        Some(id) => format!("the {kind} `{id}` is not a table"),
        None => format!("`{kind}` must hold tables with an id"),
    };
    Diagnostic::new(&codes::NOT_AN_OBJECT, file, span, message).label("not an object").help(match id {
        Some(key) if is_field => format!("`{key}` is a key of one {kind}: write it below `[{kind}.some-id]`"),
        id => format!("write `[{kind}.{}]` and its keys below it", id.unwrap_or("some-id")),
    })
}

fn not_an_id(file: FileId, kind: Kind, key: &tree::Key<'_>) -> Diagnostic {
    let name = key.get_ref();
    let span = key.span().into();
    let stranger = name.chars().find(|character| !character.is_ascii());
    // What only looks different is another way to write the same letter: of a wide `１` that is `1`, and not `l`.
    let narrow: String = name.nfkc().collect::<String>().to_lowercase();
    let plain: String = if narrow.is_ascii() { narrow } else { slips::plain(name).to_lowercase() };
    if let (Some(stranger), Some(id)) = (stranger, Id::new(&plain)) {
        return Diagnostic::new(
            &codes::LOOK_ALIKE,
            file,
            span,
            format!("`{name}` looks like `{id}` but holds U+{:04X}", stranger as u32),
        )
        .label("another character than it seems")
        .help("ids have only the letters a to z, digits, dots, dashes and underscores")
        .replace_with(format!("write `{id}`"), id.to_string(), Safety::Suggestion);
    }
    let diagnostic =
        Diagnostic::new(&codes::NOT_AN_ID, file, span, format!("`{name}` is not an id for a {}", kind.name()))
            .label("not an id")
            .help("use lower-case letters, digits, dots, dashes and underscores, at most 64, the first a letter or digit");
    let lower = name.to_lowercase().replace(' ', "-");
    match Id::new(&lower) {
        Some(id) => diagnostic.replace_with(format!("write `{id}`"), id.to_string(), Safety::Suggestion),
        None => diagnostic,
    }
}
