//! The import map, checked against the kind and against the heading of the export.

use std::{collections::BTreeSet, sync::Arc};

use csv::StringRecord;

use super::{
    ImportError, Subject,
    fields::{Field, FieldSort, Fields},
    value::{Value, check_format},
};
use crate::{
    diag::{Diagnostic, FileId, Safety, Sources, Span},
    load::{codes, decode, document, shape, suggest::nearest, text, tree, words::list},
    model::import_map::{Collisions, Constant, FieldSource, ImportMap},
};

/// A field with where it comes from.
#[derive(Debug)]
pub(super) struct Mapped {
    /// The name in the map.
    pub name: String,
    /// The field; of the id and the service only the sort means something.
    pub field: Field,
    /// Where it comes from.
    pub source: FieldSource,
    /// The index of the column.
    pub column: Option<usize>,
    /// The value of every object.
    pub constant: Option<Value>,
    span: Span,
}

/// A map that can be used.
#[derive(Debug)]
pub(super) struct Plan {
    /// What separates the columns.
    pub delimiter: u8,
    /// Words that stand for a missing value.
    pub missing: Vec<String>,
    /// Where ids come from.
    pub id: Mapped,
    /// Where the service of an entitlement comes from.
    pub service: Option<Mapped>,
    /// All other fields, in the order of their type.
    pub fields: Vec<Mapped>,
    /// The heading.
    pub heading: Vec<String>,
    /// The columns that nothing is read from.
    pub unmapped: Vec<usize>,
}

/// A map whose columns are not looked up yet.
#[derive(Debug)]
pub(super) struct Draft {
    sources: Sources,
    found: Vec<Diagnostic>,
    subject: Subject,
    delimiter: u8,
    map: ImportMap,
    id: Option<Mapped>,
    service: Option<Mapped>,
    fields: Vec<Mapped>,
}

const FILE: FileId = FileId(0);

impl Draft {
    /// Reads a map. What the kind alone shows to be wrong is kept until the columns are looked up.
    pub(super) fn read(
        path: &str,
        bytes: Vec<u8>,
        subject: Subject,
        delimiter: Option<u8>,
    ) -> Result<Self, ImportError> {
        let mut sources = Sources::default();
        let mut found = Vec::new();
        let text = text::read(FILE, bytes, &mut found);
        sources.add(path, text.clone());
        let parsed = if found.is_empty() { document::parse(FILE, &text, &mut found) } else { None };
        let root = match parsed {
            Some(root) if found.is_empty() => root,
            _ => return Err(ImportError::Map { found, sources: Box::new(sources) }),
        };
        if !shape::import_map_checker().check_file(FILE, &root, &mut found) {
            return Err(ImportError::Map { found, sources: Box::new(sources) });
        }
        let map = match decode::decode_file::<ImportMap>(&root) {
            Ok((map, _)) => map,
            Err(error) => {
                found.push(document::undecodable(FILE, error, Span::default()));
                return Err(ImportError::Map { found, sources: Box::new(sources) });
            }
        };
        let mut draft = Self {
            sources,
            found,
            subject,
            delimiter: delimiter.unwrap_or(b','),
            map,
            id: None,
            service: None,
            fields: Vec::new(),
        };
        draft.read_delimiter(&root, delimiter);
        draft.read_fields(&root);
        Ok(draft)
    }

    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    fn read_delimiter(&mut self, root: &tree::Table<'_>, given: Option<u8>) {
        let Some(delimiter) = &self.map.delimiter else { return };
        match delimiter.as_bytes() {
            [b'"' | b'\n' | b'\r'] => {}
            [byte] if byte.is_ascii() => {
                self.delimiter = given.unwrap_or(*byte);
                return;
            }
            _ => {}
        }
        let span = tree::locate(root, "/delimiter").value;
        self.found.push(
            Diagnostic::new(&codes::IMPORT_MAP, FILE, span, format!("`{delimiter}` cannot separate columns"))
                .label("not a delimiter")
                .help("write a single character such as `,`, `;` or `\\t`"),
        );
    }

    fn read_fields(&mut self, root: &tree::Table<'_>) {
        let fields = Fields::of(self.subject);
        let sources: Vec<(String, FieldSource)> =
            self.map.fields.iter().map(|(name, source)| (name.clone(), source.clone())).collect();
        for (name, source) in sources {
            let pointer = format!("/fields/{}", tree::escape(&name));
            let at = tree::locate(root, &pointer);
            let span = at.key.unwrap_or(at.value);
            let identifies = name == "id" || (name == "service" && self.subject == Subject::Entitlement);
            let field = if identifies {
                Field { path: Arc::new([name.clone()]), order: Vec::new(), sort: FieldSort::Text }
            } else {
                match fields.find(&name) {
                    Ok(field) => field,
                    Err(none) => {
                        self.found.push(no_field(&name, self.subject, span, &none));
                        continue;
                    }
                }
            };
            let check =
                Check { name: &name, span, identifies, field: &field, source: &source, root, pointer };
            let before = self.found.len();
            check.run(&mut self.found);
            if self.found.len() > before {
                continue;
            }
            let constant =
                source.value.as_ref().and_then(|constant| read_constant(constant, field.sort).ok());
            let span = tree::locate(root, &format!("/fields/{}/column", tree::escape(&name))).value;
            let mapped = Mapped { name: name.clone(), field, source, column: None, constant, span };
            match name.as_str() {
                "id" => self.id = Some(mapped),
                "service" if identifies => self.service = Some(mapped),
                _ => self.fields.push(mapped),
            }
        }
        self.fields.sort_by(|one, other| {
            (&one.field.order, &one.field.path).cmp(&(&other.field.order, &other.field.path))
        });
        let mut needed = vec!["id"];
        if self.subject == Subject::Entitlement {
            needed.push("service");
        }
        for name in needed {
            if !self.map.fields.contains_key(name) {
                let span = tree::locate(root, "/fields").value;
                let help = format!("write `{name} = {{ column = \"…\" }}`");
                self.found.push(
                    Diagnostic::new(&codes::MISSING_KEY, FILE, span, format!("`{name}` is missing"))
                        .label(format!("needs `{name}`"))
                        .help(help),
                );
            }
        }
    }

    /// Looks the columns up in the heading.
    pub(super) fn bind(mut self, heading: &StringRecord) -> Result<Plan, ImportError> {
        let heading: Vec<String> = heading.iter().map(|name| name.trim().to_owned()).collect();
        let mut used = vec![false; heading.len()];
        // When the delimiter or the heading is wrong nothing is found, which is said once.
        let names =
            |mapped: &Mapped| mapped.source.column.as_ref().is_some_and(|name| heading.contains(name));
        let mut all = self.id.iter().chain(&self.service).chain(&self.fields);
        let another = !all.clone().any(names)
            && all.clone().filter(|mapped| mapped.source.column.is_some()).count() > 1;
        let first = all.find(|mapped| mapped.source.column.is_some()).map(|mapped| mapped.span);
        if let Some(first) = first.filter(|_| another) {
            self.found.push(no_column_at_all(first, &heading));
        }
        let mut missing: BTreeSet<String> = BTreeSet::new();
        let everything = self.id.iter_mut().chain(&mut self.service).chain(&mut self.fields);
        for mapped in everything {
            let Some(wanted) = &mapped.source.column else { continue };
            let mut places = heading.iter().zip(0usize..).filter(|(name, _)| *name == wanted);
            match (places.next(), places.next()) {
                (Some((_, index)), None) => {
                    mapped.column = Some(index);
                    if let Some(used) = used.get_mut(index) {
                        *used = true;
                    }
                }
                (Some(_), Some(_)) => self.found.push(
                    Diagnostic::new(
                        &codes::IMPORT_MAP,
                        FILE,
                        mapped.span,
                        format!("the export has several columns `{wanted}`"),
                    )
                    .label("which one is meant cannot be told")
                    .help("rename one of them in the export"),
                ),
                // Several fields may be read from one column.
                (None, _) if another || !missing.insert(wanted.clone()) => {}
                (None, _) => self.found.push(no_column(wanted, mapped.span, &heading)),
            }
        }
        let complete = self.subject != Subject::Entitlement || self.service.is_some();
        match self.id {
            Some(id) if self.found.is_empty() && complete => {
                let ignored = |name: &String| self.map.ignore.contains(name);
                let unmapped = heading
                    .iter()
                    .zip(used)
                    .enumerate()
                    .filter(|(_, (name, used))| !used && !ignored(name))
                    .map(|(index, _)| index)
                    .collect();
                Ok(Plan {
                    delimiter: self.delimiter,
                    missing: self.map.missing,
                    id,
                    service: self.service,
                    fields: self.fields,
                    heading,
                    unmapped,
                })
            }
            _ => {
                self.found.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
                Err(ImportError::Map { found: self.found, sources: Box::new(self.sources) })
            }
        }
    }
}

/// Checks one field of the map.
struct Check<'a> {
    name: &'a str,
    span: Span,
    identifies: bool,
    field: &'a Field,
    source: &'a FieldSource,
    root: &'a tree::Table<'a>,
    pointer: String,
}

impl Check<'_> {
    fn run(&self, found: &mut Vec<Diagnostic>) {
        let Self { name, source, field, .. } = self;
        match (&source.column, &source.value) {
            (None, None) => found.push(self.wrong(
                "",
                format!("`{name}` comes from nowhere"),
                "write `column = \"…\"`, or `value = …` for the same value everywhere",
            )),
            (Some(_), Some(_)) => found.push(self.wrong(
                "/value",
                format!("`{name}` comes from a column and from a value"),
                "keep one of them; what is written when a column is empty is the `default`",
            )),
            (None, Some(_)) if *name == "id" => found.push(self.wrong(
                "/value",
                "every object would get the same id".to_owned(),
                "write `column = \"…\"`",
            )),
            (None, Some(constant)) => {
                if let Some(option) = self.option_of_columns() {
                    found.push(self.wrong(
                        &format!("/{option}"),
                        format!("`{option}` means nothing beside `value`"),
                        "remove it, or read the field from a column",
                    ));
                } else if let Err(problem) = read_constant(constant, field.sort) {
                    found.push(self.wrong(
                        "/value",
                        format!("the value is {problem}"),
                        "write another value",
                    ));
                }
            }
            (Some(_), None) => {}
        }
        if source.separator.is_some() && field.sort != FieldSort::List {
            found.push(self.wrong(
                "/separator",
                format!("`{name}` is not a list"),
                "remove the separator; only lists are split",
            ));
        }
        match &source.format {
            Some(_) if field.sort != FieldSort::Date => found.push(self.wrong(
                "/format",
                format!("`{name}` is not a date"),
                "remove the format; only dates have one",
            )),
            Some(format) => {
                if let Err(problem) = check_format(format) {
                    found.push(self.wrong(
                        "/format",
                        format!("`{format}` is not a format of dates: {problem}"),
                        "write for example `%d/%m/%Y` for 29/02/2016 or `%m/%d/%y` for 02/29/16",
                    ));
                }
            }
            None => {}
        }
        if source.collisions != Collisions::Report && *name != "id" {
            found.push(self.wrong(
                "/collisions",
                "only ids can collide".to_owned(),
                "remove it, or write it beside the column of `id`",
            ));
        }
        match &source.default {
            Some(_) if self.identifies => found.push(self.wrong(
                "/default",
                "several objects would get the same id".to_owned(),
                "remove the default; records without an id are reported",
            )),
            Some(default) => {
                if let Err(problem) = Value::read(default, field.sort, None) {
                    found.push(self.wrong(
                        "/default",
                        format!("the default is {problem}"),
                        "write another one",
                    ));
                }
            }
            None => {}
        }
    }

    fn option_of_columns(&self) -> Option<&'static str> {
        let source = self.source;
        let options = [
            ("values", !source.values.is_empty()),
            ("default", source.default.is_some()),
            ("separator", source.separator.is_some()),
            ("format", source.format.is_some()),
            ("missing", !source.missing.is_empty()),
            ("html", source.html),
        ];
        options.into_iter().find(|(_, there)| *there).map(|(name, _)| name)
    }

    fn wrong(&self, below: &str, message: String, help: &str) -> Diagnostic {
        let located = tree::locate(self.root, &format!("{}{below}", self.pointer));
        let span = if below.is_empty() || !located.exact { self.span } else { located.value };
        Diagnostic::new(&codes::IMPORT_MAP, FILE, span, message).label("here").help(help)
    }
}

fn read_constant(constant: &Constant, sort: FieldSort) -> Result<Value, String> {
    match (constant, sort) {
        (Constant::List(items), FieldSort::List) => Ok(Value::List(items.clone())),
        (Constant::List(_), _) => Err("a list, and the field is not".to_owned()),
        (Constant::One(text), _) => Value::read(text, sort, None),
    }
}

fn no_field(name: &str, subject: Subject, span: Span, none: &super::fields::NoField) -> Diagnostic {
    let message = match (subject, name) {
        (Subject::Service, "entitlement") => {
            "entitlements are imported on their own, with `--kind entitlement`".to_owned()
        }
        _ if none.is_table => format!("`{name}` is a table, not a single value"),
        _ => format!("{} has no field `{name}`", subject.with_article()),
    };
    let diagnostic = Diagnostic::new(&codes::UNKNOWN_KEY, FILE, span, message).label("no such field");
    match &none.near {
        Some(near) if none.is_table => diagnostic.help(format!("write its fields one by one: `\"{near}\"`")),
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).replace_with(
            format!("write `{near}`"),
            super::value::key(near),
            Safety::Suggestion,
        ),
        None => diagnostic.help(format!("the fields are {}", list(none.known.iter().map(String::as_str)))),
    }
}

/// The map and the export have nothing to do with each other.
fn no_column_at_all(span: Span, heading: &[String]) -> Diagnostic {
    let message = "the export has none of the columns of the map";
    let diagnostic =
        Diagnostic::new(&codes::IMPORT_MAP, FILE, span, message).label("this one and every other is missing");
    match heading {
        [only] => diagnostic.help(format!(
            "the heading is a single column `{only}`: perhaps something else separates the columns (`--delimiter`)"
        )),
        _ => diagnostic.help(format!(
            "the first line of the export must name the columns; it has {}",
            list(heading.iter().map(String::as_str))
        )),
    }
}

fn no_column(wanted: &str, span: Span, heading: &[String]) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(&codes::IMPORT_MAP, FILE, span, format!("the export has no column `{wanted}`"))
            .label("no such column");
    let names = || heading.iter().map(String::as_str);
    match (nearest(wanted, names()), heading) {
        (Some(near), _) => diagnostic.help(format!("did you mean `{near}`?")).replace_with(
            format!("write `{near}`"),
            super::value::quoted(near),
            Safety::Suggestion,
        ),
        (None, [only]) => diagnostic.help(format!(
            "the heading is a single column `{only}`: perhaps something else separates the columns (`--delimiter`)"
        )),
        (None, _) => diagnostic.help(format!("the columns are {}", list(names()))),
    }
}
