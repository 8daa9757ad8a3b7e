//! Secrets in documents and settings. Git never forgets them.

use rayon::prelude::*;
use serde::Serialize;
use toml_parser::{Source, lexer::TokenKind};

use super::strings;
use crate::{
    diag::{Code, FileId, SourceFile, Sources, Span, code},
    lint::{Context, Location},
    load::secret::{in_text, in_value},
    model::{Document, Entry, Kind, Objects, Origin, Visitor},
};

/// A secret.
pub static SECRET: Code =
    code!("GS2091", "secret-in-document", Error, "a password, key or token is written into a document");

/// A secret, where it stands, and what holds it.
struct Found {
    place: Location,
    message: String,
}

/// Looks into the objects of every kind.
#[derive(Default)]
struct Search {
    found: Vec<Found>,
}

impl Visitor for Search {
    fn objects<T: Document + Serialize>(&mut self, objects: &Objects<T>) {
        // Directories are long and hold names and dates; only what people write about accounts is looked at.
        if T::KIND != Kind::Person {
            self.found.append(&mut look(objects, |_| true));
        }
    }
}

pub(super) fn secret(context: &mut Context<'_>) {
    let mut search = Search::default();
    context.rulebook.visit(&mut search);
    let mut found = search.found;
    found.append(&mut look(&context.rulebook.people, |person| !person.employment.is_human()));
    // The settings are the first file that is read, and their fields start at its root.
    let settings = |pointer: &str| Location::Field {
        origin: Origin::default(),
        pointer: pointer.to_owned(),
        key: false,
    };
    found.extend(in_texts(&context.rulebook.settings, "gitsm.toml", settings));
    for Found { place, message } in found {
        context
            .report(place, message)
            .label("everybody who can read the repository can use it, now and later")
            .help("change the secret where it is used, then write here where it is kept");
    }
}

/// Looks into the remarks of every document, which no object holds.
pub(in crate::lint) fn in_remarks(context: &mut Context<'_>, sources: &Sources) {
    let documents: Vec<(FileId, &SourceFile)> =
        sources.iter().filter(|(_, source)| source.path.ends_with(".toml")).collect();
    let found: Vec<(Location, &'static str)> = documents
        .into_par_iter()
        .flat_map_iter(|(file, source)| {
            remarks(&source.text).into_iter().map(move |(span, what)| (Location::Bytes(file, span), what))
        })
        .collect();
    for (place, what) in found {
        context
            .report(place, format!("a remark holds {what}"))
            .label("everybody who can read the repository can use it, now and later")
            .help("change the secret where it is used, then write here where it is kept");
    }
}

/// The remarks of a text that hold a secret, and what it is.
fn remarks(text: &str) -> Vec<(Span, &'static str)> {
    // What stands behind a `#` is nearly always a remark, so only where that holds something the text is taken apart.
    let suspect = |line: &str| line.split_once('#').is_some_and(|(_, remark)| in_text(remark).is_some());
    if !text.lines().any(suspect) {
        return Vec::new();
    }
    let spans = Source::new(text).lex().filter(|token| token.kind() == TokenKind::Comment);
    let spans = spans.map(|token| Span::new(token.span().start(), token.span().end()));
    spans.filter_map(|span| Some((span, in_text(text.get(span.range())?)?))).collect()
}

fn look<T: Document + Serialize>(objects: &Objects<T>, wanted: fn(&T) -> bool) -> Vec<Found> {
    let entries: Vec<&Entry<T>> = objects.iter().filter(|entry| wanted(&entry.value)).collect();
    let in_object = |entry: &Entry<T>| {
        in_texts(&entry.value, &format!("the {} `{}`", T::KIND.name(), entry.id), |pointer| entry.at(pointer))
    };
    entries.into_par_iter().flat_map_iter(in_object).collect()
}

/// The secrets in the texts of a value. A part of it that cannot be looked into is reported as if it held one.
fn in_texts(value: &impl Serialize, name: &str, place: impl Fn(&str) -> Location) -> Vec<Found> {
    let mut found = Vec::new();
    let unread = strings::each(value, &mut |pointer, key, text| {
        if let Some(what) = in_value(key, text).or_else(|| in_text(text)) {
            found.push(Found { place: place(pointer), message: format!("{name} holds {what}") });
        }
    });
    for pointer in unread {
        let message = format!("{name} cannot be searched for secrets here");
        found.push(Found { place: place(&pointer), message });
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{
        diag::FileId,
        load::document,
        model::{Rulebook, schema},
    };

    const PASSWORD: &str = "password: Summer2026!";

    /// The places of all strings of a value, as JSON pointers.
    fn texts(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::String(_) => found.push(at.to_owned()),
            Value::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| texts(item, &format!("{at}/{index}"), found));
            }
            Value::Object(fields) => {
                fields.iter().for_each(|(key, field)| texts(field, &format!("{at}/{key}"), found));
            }
            _ => {}
        }
    }

    /// A value as it is written in TOML, where dates have no quotes.
    fn as_toml(value: &Value) -> toml::Value {
        match value {
            Value::String(text) => match text.parse::<toml::value::Datetime>() {
                Ok(date) if text.len() >= 10 => date.into(),
                _ => text.as_str().into(),
            },
            Value::Array(items) => items.iter().map(as_toml).collect::<Vec<_>>().into(),
            Value::Object(fields) => {
                let fields = fields.iter().map(|(key, value)| (key.clone(), as_toml(value)));
                fields.collect::<toml::Table>().into()
            }
            other => toml::Value::try_from(other).unwrap(),
        }
    }

    /// The messages about an object, or nothing when it cannot be read.
    fn messages(kind: Kind, object: &Value) -> Option<(Rulebook, Vec<String>)> {
        let object = toml::Table::from_iter([("example".to_owned(), as_toml(object))]);
        let text = toml::Table::from_iter([(kind.name().to_owned(), object.into())]).to_string();
        let read = document::read(FileId(0), text.into_bytes()).objects.into_iter().next()?;
        let mut rulebook = Rulebook::default();
        rulebook.insert(read.id, read.document, Origin::default()).unwrap();
        let analysis = crate::lint::access::Analysis::new(&rulebook, jiff::civil::date(2026, 11, 20));
        let mut context = Context::new(&analysis, &SECRET);
        secret(&mut context);
        let messages = context.into_findings().into_iter().map(|finding| finding.message).collect();
        Some((rulebook, messages))
    }

    #[test]
    fn a_secret_is_found_in_every_text_of_every_kind() {
        for kind in Kind::ALL {
            let schema = schema::object(kind);
            let mut example = schema["examples"][0].clone();
            if kind == Kind::Person {
                example["employment"] = "service-account".into();
            }
            let (_, found) = messages(kind, &example).unwrap_or_else(|| panic!("{kind:?}: {example}"));
            assert_eq!(found, Vec::<String>::new(), "{kind:?}");
            // Every text of the example, and every text that could stand beside them.
            for key in schema["properties"].as_object().unwrap().keys() {
                let mut with_key = example.clone();
                with_key[key] = example.get(key).cloned().unwrap_or_else(|| PASSWORD.into());
                if messages(kind, &with_key).is_some() {
                    example = with_key;
                }
            }
            let mut places = Vec::new();
            texts(&example, "", &mut places);
            let mut seen = 0;
            for place in places {
                let mut object = example.clone();
                texts_to(&mut object, &place);
                let Some((rulebook, found)) = messages(kind, &object) else { continue };
                let json = rulebook.json(kind, "example").unwrap();
                if format!("{json:?}").contains(PASSWORD) {
                    seen += 1;
                    let expected = format!("the {} `example` holds a password or token", kind.name());
                    assert!(found.contains(&expected), "{}{place}: {found:?}", kind.name());
                }
            }
            assert!(seen > 0, "the example of {kind:?} has no text that could hold a secret: {example}");
        }
    }

    /// Writes the password at one place and harmless words at all others that hold it.
    fn texts_to(object: &mut Value, place: &str) {
        let mut places = Vec::new();
        texts(object, "", &mut places);
        for other in places {
            let text = object.pointer_mut(&other).unwrap();
            if other == place {
                *text = PASSWORD.into();
            } else if text == PASSWORD {
                *text = "words".into();
            }
        }
    }

    #[test]
    fn what_cannot_be_looked_into_is_reported() {
        let found = in_texts(&(strings::Refusing, PASSWORD), "x", |pointer| Location::Field {
            origin: Origin::default(),
            pointer: pointer.to_owned(),
            key: false,
        });
        let messages: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
        assert_eq!(messages, ["x holds a password or token", "x cannot be searched for secrets here"]);
    }
}
