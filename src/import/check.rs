//! One record: from its columns to values, and the object that they make checked as the loader would.

use std::{collections::HashMap, fmt::Write as _, ops::Range};

use csv::StringRecord;

use super::{
    Subject,
    existing::{Existing, Key},
    fields::FieldSort,
    map::{Mapped, Plan},
    report::{Problem, Trouble},
    text::{email_to_id, fold, percent, slug, without_html},
    value::{Value, key},
};
use crate::{
    diag::FileId,
    load::{codes, document},
    model::{Id, import_map::Transform},
};

/// What became of a record.
#[derive(Debug)]
pub(super) struct Row {
    /// Where the record starts in the export.
    pub record: csv::Position,
    /// The object; none when no id could be made.
    pub key: Option<Key>,
    /// The text that the id was made of.
    pub raw: String,
    /// The values by field of the plan. Kept only for objects that are there already.
    pub values: Vec<(usize, Value)>,
    /// The object as TOML without its header. Made only for new objects.
    pub body: String,
    /// What could not be mapped.
    pub troubles: Vec<Trouble>,
    /// Which of the columns that nothing is read from hold something.
    pub unmapped: Vec<usize>,
}

impl Row {
    /// Whether the record as such cannot be used.
    pub(super) fn is_lost(&self) -> bool {
        self.troubles.iter().any(|trouble| trouble.problem.loses_record())
    }
}

/// What records are checked against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Desk<'a> {
    pub plan: &'a Plan,
    pub subject: Subject,
    pub existing: &'a Existing,
    /// Ids with a number.
    pub numbered: &'a Numbered,
}

/// Ids with a number by the text that they are made of, for each service that entitlements belong to, and for
/// none.
pub(super) type Numbered = HashMap<Option<Id>, HashMap<String, Id>>;

impl Desk<'_> {
    /// Reads a record.
    pub(super) fn row(&self, record: &StringRecord) -> Row {
        let position = record.position().cloned().unwrap_or_else(csv::Position::new);
        let mut row = Row {
            record: position,
            key: None,
            raw: String::new(),
            values: Vec::new(),
            body: String::new(),
            troubles: Vec::new(),
            unmapped: Vec::new(),
        };
        if record.len() != self.plan.heading.len() {
            let count = record.len();
            let found = if count == 1 { "1 column".to_owned() } else { format!("{count} columns") };
            let message = format!("has {found} instead of {}", self.plan.heading.len());
            row.trouble(Problem::Ragged, None, record.get(0).unwrap_or_default(), message);
            return row;
        }
        row.unmapped =
            self.plan.unmapped.iter().copied().filter(|index| self.holds(record, *index)).collect();
        self.identify(record, &mut row);
        let Some(object) = row.key.clone() else { return row };
        for (index, mapped) in self.plan.fields.iter().enumerate() {
            if let Some(constant) = &mapped.constant {
                row.values.push((index, constant.clone()));
                continue;
            }
            let raw = mapped.column.and_then(|column| record.get(column)).unwrap_or_default();
            if let Some(value) = self.convert(mapped, raw, &mut row) {
                row.values.push((index, value));
            }
        }
        let exists = self.existing.holds(&object);
        self.validate(&object, exists, record, &mut row);
        if exists {
            row.body = String::new();
        } else {
            row.values = Vec::new();
        }
        row
    }

    fn holds(&self, record: &StringRecord, index: usize) -> bool {
        let text = record.get(index).unwrap_or_default().trim();
        !text.is_empty() && !self.plan.missing.iter().any(|word| word == text)
    }

    fn is_missing(&self, mapped: &Mapped, text: &str) -> bool {
        let means = |words: &[String]| words.iter().any(|word| word == text);
        text.is_empty() || means(&self.plan.missing) || means(&mapped.source.missing)
    }

    /// The text of an id, without what says that it is missing.
    pub(super) fn raw_id(&self, mapped: &Mapped, record: &StringRecord) -> String {
        if let Some(Value::Text(text)) = &mapped.constant {
            return text.clone();
        }
        let raw = mapped.column.and_then(|column| record.get(column)).unwrap_or_default();
        let text = fold(raw, false);
        if self.is_missing(mapped, &text) {
            return String::new();
        }
        mapped.source.values.get(text.as_ref()).cloned().unwrap_or_else(|| text.into_owned())
    }

    /// The service of an entitlement, when an id can be made for it.
    pub(super) fn service_id(&self, record: &StringRecord) -> Option<Id> {
        let service = self.plan.service.as_ref()?;
        make_id(service, &self.raw_id(service, record))
    }

    fn identify(&self, record: &StringRecord, row: &mut Row) {
        row.raw = self.raw_id(&self.plan.id, record);
        let numbered =
            (!self.numbered.is_empty()).then(|| self.numbered.get(&self.service_id(record))).flatten();
        let mut id = numbered.and_then(|numbered| numbered.get(&row.raw)).cloned();
        if id.is_none() {
            id = make_id(&self.plan.id, &row.raw);
        }
        let Some(id) = id else {
            let (raw, message) = (row.raw.clone(), no_id(&row.raw));
            row.trouble(Problem::NoId, Some(&self.plan.id), &raw, message);
            return;
        };
        let Some(service) = &self.plan.service else {
            row.key = Some(Key { service: None, id });
            return;
        };
        let raw = self.raw_id(service, record);
        match make_id(service, &raw) {
            Some(service_id) => {
                let known = self.existing.has_service(service_id.as_str());
                row.key = Some(Key { service: Some(service_id.clone()), id });
                if !known {
                    let message = format!("there is no service `{service_id}`");
                    row.trouble(Problem::NoService, Some(service), &raw, message);
                }
            }
            None => row.trouble(Problem::NoId, Some(service), &raw, no_id(&raw)),
        }
    }

    fn convert(&self, mapped: &Mapped, raw: &str, row: &mut Row) -> Option<Value> {
        let source = &mapped.source;
        let plain = if source.html { without_html(raw) } else { String::new() };
        let text = fold(if source.html { &plain } else { raw }, source.keep_lines);
        let default = || {
            let default = source.default.as_deref()?;
            Value::read(default, mapped.field.sort, None).ok()
        };
        if self.is_missing(mapped, &text) {
            return default();
        }
        if mapped.field.sort == FieldSort::List {
            let separator = source.separator.as_deref().unwrap_or("\n");
            let mut items: Vec<String> = Vec::new();
            for item in text.split(separator).map(str::trim) {
                if self.is_missing(mapped, item) {
                    continue;
                }
                match one(mapped, item, row) {
                    Some(item) if !items.contains(&item) => items.push(item),
                    _ => {}
                }
            }
            return if items.is_empty() { default() } else { Some(Value::List(items)) };
        }
        let translated = !source.values.is_empty();
        let one = one(mapped, &text, row)?;
        // What the map itself says is written as TOML writes it, not as the export does.
        let format = source.format.as_deref().filter(|_| !translated);
        match Value::read(&one, mapped.field.sort, format) {
            Ok(value) => Some(value),
            Err(problem) => {
                row.trouble(Problem::Invalid, Some(mapped), &text, problem);
                None
            }
        }
    }

    /// Checks the object as the loader would, and takes out the values that it objects to.
    fn validate(&self, object: &Key, exists: bool, record: &StringRecord, row: &mut Row) {
        let mut lead = String::new();
        if let Some(service) = &object.service {
            lead = format!("[service.{}]\nname = \"-\"\n", key(service.as_str()));
        }
        lead.push_str(&object.header(self.subject));
        // Each turn takes out a value or is the last.
        for _ in 0..=row.values.len() {
            let (body, places) = self.body(&row.values);
            let parsed = document::read(FileId(0), format!("{lead}{body}").into_bytes());
            row.body = body;
            let mut bad: Vec<(usize, String)> = Vec::new();
            let mut incomplete: Vec<String> = Vec::new();
            for finding in &parsed.found {
                let start = finding.primary.span.range().start.checked_sub(lead.len());
                let place = start.and_then(|start| places.iter().position(|place| place.contains(&start)));
                match place {
                    Some(place) => bad.push((place, finding.message.clone())),
                    // What an object that is there lacks is not for the import to say.
                    None if exists && finding.code.id == codes::MISSING_KEY.id => {}
                    None => incomplete.push(finding.message.clone()),
                }
            }
            if bad.is_empty() {
                if !incomplete.is_empty() {
                    let message = incomplete.join(", ");
                    row.trouble(Problem::Incomplete, None, &object.to_string(), message);
                }
                return;
            }
            bad.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
            bad.dedup_by_key(|(place, _)| *place);
            for (place, message) in bad {
                if place >= row.values.len() {
                    continue;
                }
                let (index, _) = row.values.remove(place);
                let mapped = self.plan.fields.get(index);
                let raw = mapped.and_then(|mapped| mapped.column).and_then(|column| record.get(column));
                row.trouble(Problem::Invalid, mapped, raw.unwrap_or_default(), message);
            }
        }
    }

    /// The keys of an object, each on a line, and where each stands.
    fn body(&self, values: &[(usize, Value)]) -> (String, Vec<Range<usize>>) {
        let mut body = String::new();
        let mut places = Vec::with_capacity(values.len());
        for (index, value) in values {
            let start = body.len();
            let path = self.plan.fields.get(*index).map(|mapped| &*mapped.field.path).unwrap_or_default();
            let name = path.iter().map(|part| key(part)).collect::<Vec<_>>().join(".");
            // Writing to a string cannot fail.
            let _ = writeln!(body, "{name} = {}", value.render());
            places.push(start..body.len());
        }
        (body, places)
    }
}

impl Row {
    fn trouble(&mut self, problem: Problem, mapped: Option<&Mapped>, value: &str, message: String) {
        self.troubles.push(Trouble {
            problem,
            field: mapped.map(|mapped| mapped.name.clone()),
            record: self.record.clone(),
            column: mapped.and_then(|mapped| mapped.column).unwrap_or(0),
            value: shortened(value),
            message,
        });
    }
}

/// Translates and transforms one text.
fn one(mapped: &Mapped, text: &str, row: &mut Row) -> Option<String> {
    let source = &mapped.source;
    let text = match source.values.get(text) {
        Some(translated) => translated.as_str(),
        None if source.values.is_empty() => text,
        None => {
            if source.default.is_none() {
                row.trouble(Problem::NoTranslation, Some(mapped), text, "no translation".to_owned());
            }
            return source.default.clone();
        }
    };
    let transformed = match source.transform {
        Transform::None => Ok(text.to_owned()),
        Transform::LowerCase => Ok(text.to_lowercase()),
        Transform::Id => slug(text).map(|id| id.to_string()).ok_or_else(|| no_id(text)),
        Transform::EmailToId => {
            email_to_id(text).map(|id| id.to_string()).ok_or_else(|| "not an e-mail address".to_owned())
        }
        Transform::Percent => percent(text).map(|share| share.to_string()).ok_or_else(no_share),
    };
    match transformed {
        Ok(transformed) => Some(format!("{}{transformed}", source.prefix.as_deref().unwrap_or_default())),
        Err(problem) => {
            row.trouble(Problem::Invalid, Some(mapped), text, problem);
            None
        }
    }
}

fn no_share() -> String {
    "not a share between 0 and 1 with at most six decimals".to_owned()
}

/// The id that a text gives with the prefix of its field.
pub(super) fn make_id(mapped: &Mapped, raw: &str) -> Option<Id> {
    if raw.is_empty() {
        return None;
    }
    let made = if mapped.source.transform == Transform::EmailToId { email_to_id(raw) } else { slug(raw) }?;
    match &mapped.source.prefix {
        Some(prefix) => slug(&format!("{prefix}{made}")),
        None => Some(made),
    }
}

fn no_id(raw: &str) -> String {
    if raw.is_empty() { "empty".to_owned() } else { "has no letter or digit to make an id of".to_owned() }
}

/// A value as it is shown: its beginning.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
