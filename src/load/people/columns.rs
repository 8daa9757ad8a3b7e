//! Which columns of a people file are read, and those that look as if they should be.

use std::collections::BTreeMap;

use csv::ByteRecord;

use crate::{
    diag::{Diagnostic, FileId, Span},
    load::{codes, suggest::nearest, words::list},
    model::{
        Id,
        settings::{CustomAttribute, Namespace, PeopleFile, PersonField, Settings},
    },
};

/// Which column fills which field.
pub(super) struct Columns<'s> {
    pub(super) fields: Vec<(PersonField, usize)>,
    pub(super) attributes: Vec<(&'s Id, &'s CustomAttribute, usize)>,
    pub(super) accounts: Vec<(&'s Id, usize)>,
}

impl<'s> Columns<'s> {
    pub(super) fn find(
        file: FileId,
        text: &str,
        heading: &ByteRecord,
        settings: &'s Settings,
        people_file: &'s PeopleFile,
        found: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let names: Vec<String> =
            heading.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        let heading_span = Span::new(0, text.lines().next().map_or(0, str::len));
        let missing = |column: &str, wanted: &str| {
            let diagnostic = Diagnostic::new(
                &codes::PEOPLE_FILE,
                file,
                heading_span,
                format!("there is no column `{column}`, which should hold the {wanted}"),
            )
            .label("the heading");
            match nearest(column, names.iter().map(String::as_str)) {
                Some(near) => diagnostic.help(format!("did you mean the column `{near}`?")),
                None => {
                    diagnostic.help(format!("the columns are {}", list(names.iter().map(String::as_str))))
                }
            }
        };
        if let Some(separator) = other_separator(&names, people_file) {
            found.push(
                Diagnostic::new(
                    &codes::PEOPLE_FILE,
                    file,
                    heading_span,
                    format!("the columns are separated by `{separator}`"),
                )
                .label("the heading")
                .help(format!("write `delimiter = {separator:?}` for this file in gitsm.toml")),
            );
            return None;
        }
        let before = found.len();
        let mut fields = Vec::new();
        for field in PersonField::ALL {
            let written = people_file.columns.get(field);
            let wanted = written.map_or(field.name(), String::as_str);
            match names.iter().position(|name| name == wanted) {
                Some(index) => fields.push((*field, index)),
                None if written.is_some() || matches!(field, PersonField::Id | PersonField::Name) => {
                    found.push(missing(wanted, field.name()));
                }
                None => {}
            }
        }
        let none = BTreeMap::new();
        let declared = settings.attribute.get(&Namespace::Subject).unwrap_or(&none);
        let mut attributes = Vec::new();
        for (id, column) in &people_file.attributes {
            let attribute = settings.attribute.get(&Namespace::Subject).and_then(|known| known.get(id));
            match (names.iter().position(|name| name == column), attribute) {
                (Some(index), Some(attribute)) => attributes.push((id, attribute, index)),
                (None, _) => found.push(missing(column, id.as_str())),
                (_, None) => found.push(
                    Diagnostic::new(
                        &codes::PEOPLE_FILE,
                        file,
                        heading_span,
                        format!("the attribute `{id}` of the people file is not declared"),
                    )
                    .label("read from this heading")
                    .help(match nearest(id.as_str(), declared.keys().map(Id::as_str)) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("declare it as `[attribute.subject.{id}]` in gitsm.toml"),
                    }),
                ),
            }
        }
        let mut accounts = Vec::new();
        for (name, column) in &people_file.accounts {
            match names.iter().position(|name| name == column) {
                Some(index) => accounts.push((name, index)),
                None => found.push(missing(column, name.as_str())),
            }
        }
        let columns = Self { fields, attributes, accounts };
        for (index, name) in names.iter().enumerate() {
            let at = || column_span(text, heading_span, index, people_file);
            let first = names.iter().position(|known| known == name).filter(|first| *first < index);
            if first.is_some_and(|first| columns.reads(first)) {
                found.push(twice(file, at(), name));
            } else if let Some(field) = misspelt(name, people_file)
                && first.is_none()
                && !columns.reads(index)
                && !columns.fields.iter().any(|(known, _)| *known == field)
            {
                found.push(like_a_field(file, at(), name, field));
            }
        }
        (found.len() == before).then_some(columns)
    }

    /// Whether something is read from a column.
    fn reads(&self, index: usize) -> bool {
        let of_fields = self.fields.iter().map(|(_, at)| *at);
        let of_attributes = self.attributes.iter().map(|(_, _, at)| *at);
        let of_accounts = self.accounts.iter().map(|(_, at)| *at);
        of_fields.chain(of_attributes).chain(of_accounts).any(|at| at == index)
    }
}

/// The separator that a heading seems to use, when it is not the one that was said.
fn other_separator(names: &[String], people_file: &PeopleFile) -> Option<char> {
    let [only] = names else { return None };
    [';', '\t', '|', ',']
        .into_iter()
        .find(|one| only.contains(*one) && !people_file.delimiter.starts_with(*one))
}

/// The field whose name a heading nearly is: but for capitals and signs, or for one letter.
fn misspelt(name: &str, people_file: &PeopleFile) -> Option<PersonField> {
    let letters = |text: &str| -> String {
        text.chars().filter(|one| one.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let name = letters(name);
    let is_near = |field: &&PersonField| {
        let wanted = letters(field.name());
        name == wanted || (wanted.len() > 3 && strsim::damerau_levenshtein(&name, &wanted) == 1)
    };
    let not_wanted = people_file.ignored.iter().any(|ignored| letters(ignored) == name);
    PersonField::ALL.iter().find(is_near).copied().filter(|_| !not_wanted)
}

fn twice(file: FileId, at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&codes::PEOPLE_FILE, file, at, format!("there are two columns `{}`", name.escape_debug()))
        .label("the second one")
        .help("give one of them another name: which of the two counts, nobody knows")
}

fn like_a_field(file: FileId, at: Span, name: &str, field: PersonField) -> Diagnostic {
    let (name, field) = (name.escape_debug(), field.name());
    Diagnostic::new(
        &codes::PEOPLE_FILE,
        file,
        at,
        format!("the column `{name}` is not read, and its name is nearly `{field}`"),
    )
    .label(format!("did you mean `{field}`?"))
    .help(format!(
        "rename it, write `columns.{field} = \"{name}\"` for this file in gitsm.toml, or `ignored = [\"{name}\"]`"
    ))
}

/// Where the name of a column stands in the heading.
fn column_span(text: &str, heading: Span, column: usize, people_file: &PeopleFile) -> Span {
    let delimiter = people_file.delimiter.as_bytes().first().copied().unwrap_or(b',');
    field_span(text, delimiter, heading, column)
}

/// The bytes of a column inside a record.
pub(super) fn field_span(text: &str, delimiter: u8, record: Span, column: usize) -> Span {
    let raw = text.get(record.range()).unwrap_or_default();
    let (mut start, mut quoted, mut at) = (0, false, 0);
    for (offset, byte) in raw.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            _ if byte == delimiter && !quoted => {
                if at == column {
                    return Span::new(record.start as usize + start, record.start as usize + offset);
                }
                at += 1;
                start = offset + 1;
            }
            _ => {}
        }
    }
    if at == column { Span::new(record.start as usize + start, record.end as usize) } else { record }
}
