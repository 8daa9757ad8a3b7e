//! Directories of people in CSV files.

mod columns;

use std::{str::FromStr, sync::Arc};

use csv::{ByteRecord, ReaderBuilder};

use self::columns::Columns;
use super::{codes, text, words::list};
use crate::{
    diag::{Diagnostic, FileId, Span},
    model::{
        Duration, Id, Kind, LocalDate, Origin, Principal, Ref, Reference, Target,
        condition::Literal,
        person::{Employment, Person, PersonStatus},
        settings::{AttributeType, CustomAttribute, PeopleFile, PersonField, Settings},
    },
};

/// The most bytes of a people file: far more than 200,000 records.
pub const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// What a people file gave.
#[derive(Debug, Default)]
pub struct People {
    /// The text, to point into.
    pub text: Arc<str>,
    /// The people, with where their records stand.
    pub people: Vec<(Id, Person, Span)>,
    /// The references in the records.
    pub references: Vec<Reference>,
    /// Ids of records that are there and cannot be used.
    pub broken: Vec<String>,
    /// What can be read of the references in these records.
    pub broken_references: Vec<Reference>,
    /// Whether there are people in the file of whom nobody knows who they are.
    pub incomplete: bool,
    /// What is wrong.
    pub found: Vec<Diagnostic>,
}

/// Reads a people file.
#[must_use]
pub fn read(file: FileId, bytes: Vec<u8>, settings: &Settings, people_file: &PeopleFile) -> People {
    let mut people = People { incomplete: true, ..People::default() };
    // Spreadsheets write a byte order mark; in a CSV file nobody reads it as part of a name.
    let bytes = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => rest.to_vec(),
        None => bytes,
    };
    let text = text::read(file, bytes, &mut people.found);
    people.text = Arc::clone(&text);
    if !people.found.is_empty() {
        return people;
    }
    let delimiter = people_file.delimiter.as_bytes().first().copied().unwrap_or(b',');
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = ByteRecord::new();
    let heading = if let Ok(true) = reader.read_byte_record(&mut record) {
        record.clone()
    } else {
        people.found.push(
            Diagnostic::new(&codes::PEOPLE_FILE, file, Span::default(), "the people file is empty")
                .help("the first line must name the columns"),
        );
        return people;
    };
    let Some(columns) = Columns::find(file, &text, &heading, settings, people_file, &mut people.found) else {
        return people;
    };
    let mut rows = Rows {
        file,
        text: &text,
        delimiter,
        columns: &columns,
        width: heading.len(),
        settings: people_file,
        lost: false,
    };
    let mut last = 0;
    loop {
        let start = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        match reader.read_byte_record(&mut record) {
            Ok(false) => {
                people.incomplete = rows.lost;
                if let Some(quote) = open_quote(&text, last, delimiter) {
                    people.incomplete = true;
                    let span = Span::new(quote, quote + 1);
                    people.found.push(
                        Diagnostic::new(&codes::PEOPLE_FILE, file, span, "a quote is never closed")
                            .label("everything after it was read as one field")
                            .help("close it, or write a quote inside a field twice"),
                    );
                }
                if people.people.is_empty() && people.found.is_empty() {
                    people.incomplete = true;
                    people.found.push(
                        Diagnostic::new(
                            &codes::PEOPLE_FILE,
                            file,
                            Span::default(),
                            "the people file names nobody",
                        )
                        .help(
                            "an export that failed looks like this; remove it from gitsm.toml if it is meant",
                        ),
                    );
                }
                break;
            }
            Ok(true) => {
                let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
                rows.read(&record, trimmed(&text, start, end), &mut people);
                last = start;
            }
            Err(error) => {
                let diagnostic =
                    Diagnostic::new(&codes::PEOPLE_FILE, file, Span::new(start, start), error.to_string());
                people.found.push(diagnostic);
                break;
            }
        }
    }
    people
}

/// Where a quote stands that is still open at the end of the record that starts at `start`.
fn open_quote(text: &str, start: usize, delimiter: u8) -> Option<usize> {
    let (mut open, mut field_starts) = (None, true);
    for (offset, byte) in text.bytes().enumerate().skip(start) {
        match (byte, open) {
            (b'"', Some(_)) => open = None,
            // A quote right after a closed one is a quote inside the field, which is open again.
            (b'"', None) if field_starts || text.as_bytes().get(offset.wrapping_sub(1)) == Some(&b'"') => {
                open = Some(offset);
            }
            _ => {}
        }
        field_starts = open.is_none() && (byte == delimiter || byte == b'\n' || byte == b'\r');
    }
    open
}

/// The span of a record without the line ends around it.
fn trimmed(text: &str, start: usize, end: usize) -> Span {
    let raw = text.get(start..end).unwrap_or_default();
    let lead = raw.len() - raw.trim_start_matches(['\r', '\n']).len();
    Span::new(start + lead, start + raw.trim_end_matches(['\r', '\n']).len())
}

struct Rows<'a> {
    file: FileId,
    text: &'a str,
    delimiter: u8,
    columns: &'a Columns<'a>,
    width: usize,
    settings: &'a PeopleFile,
    /// Whether the person of a record could not be made out.
    lost: bool,
}

/// A field that cannot be used: its column and what is wrong.
struct Wrong {
    column: usize,
    message: String,
    help: String,
}

impl Rows<'_> {
    fn read(&mut self, record: &ByteRecord, span: Span, people: &mut People) {
        if record.len() != self.width {
            self.lost = true;
            people.found.push(
                Diagnostic::new(
                    &codes::PEOPLE_RECORD,
                    self.file,
                    span,
                    format!("the record has {} columns instead of {}", record.len(), self.width),
                )
                .label("this record")
                .help("put fields that hold the separator in double quotes"),
            );
            return;
        }
        let mut person = Person::named(String::new());
        let (id, wrong) = match self.control_character(span) {
            Some(wrong) => (None, vec![wrong]),
            None => self.person(record, &mut person),
        };
        match id {
            Some(id) if wrong.is_empty() => {
                self.note_references(&id, &person, span, &mut people.references);
                people.people.push((id, person, span));
            }
            known => {
                for wrong in wrong {
                    let field = self.field_span(span, wrong.column);
                    people.found.push(
                        Diagnostic::new(&codes::PEOPLE_RECORD, self.file, field, wrong.message)
                            .label("in this record")
                            .help(wrong.help),
                    );
                }
                let id = self.columns.fields.iter().find(|(field, _)| *field == PersonField::Id);
                let id = id.and_then(|(_, column)| record.get(*column)).unwrap_or_default();
                let id = String::from_utf8_lossy(id).trim().to_ascii_lowercase();
                self.lost |= Id::new(&id).is_none();
                people.broken.push(id);
                if let Some(id) = known {
                    self.note_references(&id, &person, span, &mut people.broken_references);
                }
            }
        }
    }

    /// A character that a document could not hold either, and that a terminal would obey.
    fn control_character(&self, record: Span) -> Option<Wrong> {
        let raw = self.text.get(record.range()).unwrap_or_default();
        let is_one = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r');
        let (offset, byte) = raw.bytes().enumerate().find(|(_, byte)| is_one(byte))?;
        let at = record.start as usize + offset;
        let columns = 0..self.width;
        let column =
            columns.into_iter().find(|column| self.field_span(record, *column).range().contains(&at));
        Some(Wrong {
            column: column.unwrap_or_default(),
            message: format!("the record holds the control character U+{byte:04X}"),
            help: "remove it where the file comes from".to_owned(),
        })
    }

    /// Reads the fields of a record: its id, and everything that is wrong with it.
    fn person(&self, record: &ByteRecord, person: &mut Person) -> (Option<Id>, Vec<Wrong>) {
        let (mut id, mut wrong) = (None, Vec::new());
        let written = |column: usize| {
            std::str::from_utf8(record.get(column).unwrap_or_default()).unwrap_or_default().trim()
        };
        for (field, column) in &self.columns.fields {
            let words = self.settings.values.get(field);
            let written = written(*column);
            let value = words.and_then(|words| words.get(written)).map_or(written, String::as_str);
            wrong.extend(fill(&mut id, person, *field, value, *column).err());
        }
        for (name, column) in &self.columns.accounts {
            if !written(*column).is_empty() {
                person.accounts.insert((*name).clone(), written(*column).to_owned());
            }
        }
        for (name, attribute, column) in &self.columns.attributes {
            let written = written(*column);
            if written.is_empty() {
                continue;
            }
            match literal(written, attribute, *column) {
                Ok(value) => drop(person.attributes.insert((*name).clone(), value)),
                Err(refused) => wrong.push(refused),
            }
        }
        (id, wrong)
    }

    fn note_references(&self, id: &Id, person: &Person, record: Span, references: &mut Vec<Reference>) {
        let mut note = |field: PersonField, kind: Kind, to: &Id| {
            let column =
                self.columns.fields.iter().find(|(known, _)| *known == field).map_or(0, |(_, at)| *at);
            references.push(Reference {
                from: Some((Kind::Person, id.clone())),
                field: format!("/{}", field.name()).into(),
                origin: Origin { file: self.file, span: self.field_span(record, column) },
                to: Target::Object { kind, id: to.as_str().into(), part: None },
            });
        };
        if let Some(manager) = &person.manager {
            note(PersonField::Manager, Kind::Person, manager.id());
        }
        if let Some(tenant) = &person.tenant {
            note(PersonField::Tenant, Kind::Tenant, tenant.id());
        }
        match &person.owner {
            Some(Principal::Person(to)) => note(PersonField::Owner, Kind::Person, to),
            Some(Principal::Team(to) | Principal::OnCall(to)) => note(PersonField::Owner, Kind::Team, to),
            Some(Principal::Role(_)) | None => {}
        }
    }

    /// The bytes of a column inside a record.
    fn field_span(&self, record: Span, column: usize) -> Span {
        columns::field_span(self.text, self.delimiter, record, column)
    }
}

/// Reads one field of a person.
fn fill(
    id: &mut Option<Id>,
    person: &mut Person,
    field: PersonField,
    value: &str,
    column: usize,
) -> Result<(), Wrong> {
    let wrong = |message: String, help: &str| Wrong { column, message, help: help.to_owned() };
    if value.is_empty() {
        return match field {
            PersonField::Id | PersonField::Name => {
                Err(wrong(format!("the {} is empty", field.name()), "every person has an id and a name"))
            }
            _ => Ok(()),
        };
    }
    let text = || Some(value.to_owned());
    match field {
        PersonField::Id => *id = Some(read_id(value, column)?),
        PersonField::Name => value.clone_into(&mut person.name),
        PersonField::Email => person.email = text(),
        PersonField::Department => person.department = text(),
        PersonField::Title => person.title = text(),
        PersonField::Location => person.location = text(),
        PersonField::Purpose => person.purpose = text(),
        PersonField::Manager => person.manager = Some(Ref::new(read_id(value, column)?)),
        PersonField::Tenant => person.tenant = Some(Ref::new(read_id(value, column)?)),
        PersonField::Employment => {
            person.employment = word(value, Employment::NAMES, Employment::ALL, field, column)?;
        }
        PersonField::Status => {
            person.status = word(value, PersonStatus::NAMES, PersonStatus::ALL, field, column)?;
        }
        PersonField::Start => person.start = Some(parse(value, column)?),
        PersonField::End => person.end = Some(parse(value, column)?),
        PersonField::LastRotated => person.last_rotated = Some(parse(value, column)?),
        PersonField::Rotation => person.rotation = Some(parse::<Duration>(value, column)?),
        PersonField::Owner => {
            let owner = Principal::parse(value)
                .ok_or_else(|| wrong(format!("`{value}` names nobody"), "write `team:…` or `person:…`"))?;
            person.owner = Some(owner);
        }
    }
    Ok(())
}

/// Ids are read in lower case: personnel systems write `E1042`, and two people never differ by case only.
fn read_id(value: &str, column: usize) -> Result<Id, Wrong> {
    Id::new(&value.to_ascii_lowercase()).ok_or_else(|| Wrong {
        column,
        message: format!("`{value}` is not an id"),
        help: "use letters, digits, dots, dashes and underscores, at most 64".to_owned(),
    })
}

fn parse<T: FromStr<Err: std::fmt::Display>>(value: &str, column: usize) -> Result<T, Wrong> {
    value.parse().map_err(|error: T::Err| Wrong {
        column,
        message: error.to_string(),
        help: "mend the record, or leave the field empty".to_owned(),
    })
}

fn word<T: Copy>(
    value: &str,
    names: &[&str],
    all: &[T],
    field: PersonField,
    column: usize,
) -> Result<T, Wrong> {
    let found = names.iter().zip(all).find(|(name, _)| **name == value).map(|(_, word)| *word);
    found.ok_or_else(|| Wrong {
        column,
        message: format!("the {} cannot be `{value}`", field.name()),
        help: format!(
            "it is one of {}; `values.{}` of the people file in gitsm.toml can translate other words",
            list(names.iter().copied()),
            field.name()
        ),
    })
}

/// A value of an attribute of one's own, in the type that was declared.
///
/// # Errors
/// What is wrong with it, and what it can be.
pub fn attribute_value(written: &str, attribute: &CustomAttribute) -> Result<Literal, String> {
    literal(written, attribute, 0).map_err(|wrong| format!("{}: {}", wrong.message, wrong.help))
}

fn literal(written: &str, attribute: &CustomAttribute, column: usize) -> Result<Literal, Wrong> {
    let wrong = |message: String, help: String| Wrong { column, message, help };
    match attribute.attribute_type {
        AttributeType::Text => Ok(Literal::Text(written.into())),
        AttributeType::Integer => written
            .parse()
            .map(Literal::Integer)
            .map_err(|_| wrong(format!("`{written}` is not a whole number"), "write digits only".to_owned())),
        AttributeType::Boolean => match written {
            "true" | "yes" | "1" => Ok(Literal::Boolean(true)),
            "false" | "no" | "0" => Ok(Literal::Boolean(false)),
            _ => {
                Err(wrong(format!("`{written}` is not true or false"), "write `true` or `false`".to_owned()))
            }
        },
        AttributeType::Date => {
            parse::<LocalDate>(written, column).map(|date| Literal::Date(date.to_string().into()))
        }
        AttributeType::Duration => {
            parse::<Duration>(written, column).map(|duration| Literal::Text(duration.to_string().into()))
        }
        AttributeType::Choice | AttributeType::Ordered => {
            if attribute.values.iter().any(|known| known == written) {
                return Ok(Literal::Text(written.into()));
            }
            let help = format!("it is one of {}", list(attribute.values.iter().map(String::as_str)));
            Err(wrong(format!("`{written}` is not one of the declared values"), help))
        }
    }
}
