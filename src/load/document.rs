//! One file: syntax, then shape, then typed objects.

use std::{collections::BTreeSet, sync::Arc};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use unicode_normalization::UnicodeNormalization as _;

use super::{
    codes, decode,
    guess::{Guess, Wants},
    parts, shape, slips,
    suggest::nearest,
    syntax, text, toml_1_0, tree,
};
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
    /// The references in these objects that can be read.
    pub references: Vec<(Kind, Box<str>, decode::Seen)>,
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
        // Behind a bracket that is never closed nothing is what it seems.
        if !errors.iter().any(|error| error.message().starts_with("unclosed")) {
            beside(text, found, |also| toml_1_0::check(file, text, also));
        }
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
    beside(text, found, |also| {
        parse(file, text, also);
    });
}

/// Adds findings on other lines than those that something was found on already.
fn beside(text: &str, found: &mut Vec<Diagnostic>, look: impl FnOnce(&mut Vec<Diagnostic>)) {
    let mut also = Vec::new();
    look(&mut also);
    if also.is_empty() {
        return;
    }
    let ends: Vec<usize> = text.match_indices('\n').map(|(end, _)| end).collect();
    let line = |finding: &Diagnostic| ends.partition_point(|end| *end < finding.primary.span.start as usize);
    let known: BTreeSet<usize> = found.iter().map(line).collect();
    also.retain(|finding| !known.contains(&line(finding)));
    found.append(&mut also);
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
                    for (id, value) in table {
                        parsed.broken.push((kind, id.get_ref().to_string()));
                        refer(kind, id.get_ref(), value, &[], &mut parsed);
                    }
                }
                _ => parsed.unreadable = true,
            }
            parsed.found.push(unknown_kind(file, key));
            continue;
        };
        let DeValue::Table(table) = objects.get_ref() else {
            let first = objects.get_ref().get(0).and_then(|first| first.get_ref().get("id"));
            let id = first.and_then(|id| id.get_ref().as_str()).and_then(Id::new);
            parsed.found.push(not_a_table(file, kind, objects.span().into(), id.as_ref(), None));
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
        let diagnostic = not_an_id(file, kind, key);
        // Who refers to it may have written the id as it was meant.
        let meant = diagnostic.fix.iter().flat_map(|fix| &fix.edits).map(|edit| (kind, edit.text.clone()));
        parsed.broken.extend(meant);
        parsed.found.push(diagnostic);
        parsed.broken.push((kind, name.to_string()));
        refer(kind, name, value, &[], parsed);
        return;
    };
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        let is_field = shape::checker(kind).has_key(name);
        parsed.found.push(not_a_table(file, kind, value.span().into(), Some(&id), Some(is_field)));
        parsed.broken.push((kind, name.to_string()));
        return;
    }
    parts::check(file, kind, name, value.get_ref(), &mut parsed.found);
    let pointer = format!("/{}/{}", kind.name(), tree::escape(name));
    let before = parsed.found.len();
    let fits =
        shape::checker(kind).check(file, root, &pointer, value, &mut parsed.found, &mut parsed.guesses);
    if !fits {
        let is_told = parsed.found.len() > before.min(text::MAX_MISTAKES);
        debug_assert!(is_told, "an object of the wrong shape gives a finding");
        parsed.broken.push((kind, name.to_string()));
        let refused: Vec<Span> = parsed.found.iter().skip(before).map(|one| one.primary.span).collect();
        // An object that has no heading of its own, but tables below it, may be a part of one with another id.
        if Span::from(value.span()) == key.span().into() {
            let wants = Wants::Object(kind);
            parsed.guesses.push(Guess { span: key.span().into(), text: name.to_string(), wants });
        }
        let mistakes = refer(kind, name, value, &refused, parsed);
        let also = mistakes.into_iter().filter(|mistake| is_another(mistake, &refused));
        parsed.found.extend(also.map(|error| undecodable(file, error, key.span().into())));
        return;
    }
    if let Ok((document, references)) = decode::decode(value, |reader| kind.decode(reader)) {
        parsed.objects.push(Object { id, document, span: key.span().into(), references });
    } else {
        let mistakes = refer(kind, name, value, &[], parsed);
        let found = mistakes.into_iter().map(|error| undecodable(file, error, key.span().into()));
        parsed.found.extend(found);
        parsed.broken.push((kind, name.to_string()));
    }
}

/// Whether a mistake is none of those that the shape of an object was refused for.
fn is_another(mistake: &decode::DecodeError, refused: &[Span]) -> bool {
    /// What is said of shapes, which is known already.
    const OF_SHAPE: &[&str] = &["missing", "unknown", "expected", "invalid", "duplicate", "this word"];
    let Some(span) = mistake.span else { return false };
    let overlaps = |other: &Span| other.start <= span.end && span.start <= other.end;
    !refused.iter().any(overlaps) && !OF_SHAPE.iter().any(|start| mistake.message.starts_with(start))
}

/// Notes what an object refers to that cannot be used, and says what is wrong with it. What stands at a place that was
/// `refused` refers to nothing.
fn refer(
    kind: Kind,
    id: &str,
    value: &Spanned<DeValue<'_>>,
    refused: &[Span],
    parsed: &mut Parsed,
) -> Vec<decode::DecodeError> {
    let read = decode::decode_all(value, |reader| kind.decode(reader));
    let references = read.references.into_iter().filter(|one| !refused.contains(&one.span));
    parsed.references.extend(references.map(|one| (kind, id.into(), one)));
    read.mistakes
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

/// `is_field` says whether the name is that of a field, so that it is the id that was forgotten; none when there is no name.
fn not_a_table(file: FileId, kind: Kind, span: Span, id: Option<&Id>, is_field: Option<bool>) -> Diagnostic {
    let kind = kind.name();
    let message = match (id, is_field) {
        (Some(id), Some(_)) => format!("the {kind} `{id}` is not a table"),
        _ => format!("`{kind}` must hold tables with an id"),
    };
    Diagnostic::new(&codes::NOT_AN_OBJECT, file, span, message).label("not an object").help(match id {
        Some(key) if is_field == Some(true) => {
            format!("`{key}` is a key of one {kind}: write it below `[{kind}.some-id]`")
        }
        Some(id) if id.as_str().contains('.') => format!("write `[{kind}.\"{id}\"]` and its keys below it"),
        id => format!("write `[{kind}.{}]` and its keys below it", id.map_or("some-id", Id::as_str)),
    })
}

fn not_an_id(file: FileId, kind: Kind, key: &tree::Key<'_>) -> Diagnostic {
    let name = key.get_ref();
    let span = key.span().into();
    if let Some(diagnostic) = look_alike(file, name, span) {
        return diagnostic;
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

/// An id with a letter in it that only looks like a plain one.
pub(super) fn look_alike(file: FileId, name: &str, span: Span) -> Option<Diagnostic> {
    let stranger = name.chars().find(|character| !character.is_ascii())?;
    // What only looks different is another way to write the same letter: of a wide `１` that is `1`, and not `l`.
    let narrow: String = name.nfkc().collect::<String>().to_lowercase();
    let plain: String = if narrow.is_ascii() { narrow } else { slips::plain(name).to_lowercase() };
    let id = Id::new(&plain)?;
    let message = format!("`{name}` looks like `{id}` but holds U+{:04X}", stranger as u32);
    Some(
        Diagnostic::new(&codes::LOOK_ALIKE, file, span, message)
            .label("another character than it seems")
            .help("ids have only the letters a to z, digits, dots, dashes and underscores")
            .replace_with(format!("write `{id}`"), id.to_string(), Safety::Suggestion),
    )
}
