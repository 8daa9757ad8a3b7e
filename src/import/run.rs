//! The import itself: read, compare, compose, report.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    ImportError, Report, Subject,
    check::{Desk, Numbered, Row, make_id},
    compose::{self, Change, New, Outcome},
    existing::{Existing, Key},
    map::{Draft, Plan},
    report::{Gone, Problem, Trouble, Troubles, Unmapped, Updated, Written},
    rows::Export,
};
use crate::{
    diag::FileId,
    load::{Loaded, is_document, layout, text},
    model::{Id, import_map::Collisions, schema},
    source::read_bounded,
};

/// What to import.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The export.
    pub export: &'a Path,
    /// The map.
    pub map: &'a Path,
    /// What its records are.
    pub subject: Subject,
    /// What separates its columns, when the map does not say or is wrong.
    pub delimiter: Option<u8>,
    /// Where new objects go, below the repository; without it, a file of the first root.
    pub out: Option<&'a str>,
    /// Whether a path exists below the repository, for the schema that new documents name.
    pub has_schemas: bool,
}

/// What an import gives. Nothing has been written.
#[derive(Debug)]
pub struct Imported {
    /// What it did, and what it could not map.
    pub report: Report,
    /// The new texts by path below the repository, with what stood there before.
    pub files: Vec<File>,
}

/// A document that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The path below the repository.
    pub path: String,
    /// What stands there now; none when the file is new.
    pub before: Option<String>,
    /// What must stand there.
    pub after: String,
}

/// Imports an export into a repository.
///
/// # Errors
/// When the map, the export or the repository cannot be used; then nothing may be written.
pub fn import(loaded: &Loaded, request: &Request<'_>) -> Result<Imported, ImportError> {
    let subject = request.subject;
    let out = output_path(loaded, request)?;
    let bytes = read_bounded(request.map, text::MAX_BYTES)?;
    let draft = Draft::read(&request.map.display().to_string(), bytes, subject, request.delimiter)?;
    let mut export = Export::open(request.export, draft.delimiter())?;
    let plan = draft.bind(&export.heading()?)?;
    let existing = Existing::find(loaded, subject)?;
    let numbered = if plan.id.source.collisions == Collisions::Number {
        number(&plan, subject, &existing, request.export)?
    } else {
        Numbered::new()
    };
    let desk = Desk { plan: &plan, subject, existing: &existing, numbered: &numbered };
    let mut harvest = Harvest::default();
    loop {
        let records = export.batch()?;
        if records.is_empty() {
            break;
        }
        let rows: Vec<Row> = records.par_iter().map(|record| desk.row(record)).collect();
        for row in rows {
            harvest.take(row, &desk);
        }
    }
    let mut files = Files { existing: &existing, subject, changed: BTreeMap::new() };
    let updates = std::mem::take(&mut harvest.updates);
    files.update(updates, &mut harvest)?;
    let mut new = std::mem::take(&mut harvest.new);
    new.sort_by(|one, other| one.key.cmp(&other.key));
    harvest.created = new.len() as u64;
    if subject == Subject::Entitlement {
        files.insert_entitlements(new, &mut harvest);
    } else {
        files.insert(new, &out, request.has_schemas);
    }
    let gone = gone(&existing, subject, &plan, &harvest.seen, &out);
    let files = files.finish()?;
    let written =
        files.iter().map(|file| Written { path: file.path.clone(), new: file.before.is_none() }).collect();
    let unmapped = harvest.unmapped.iter().map(|(index, values)| Unmapped {
        column: match plan.heading.get(*index) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => format!("column {}", index + 1),
        },
        values: *values,
    });
    let report = Report {
        subject,
        export: request.export.display().to_string(),
        records: harvest.records,
        created: harvest.created,
        unchanged: harvest.unchanged,
        left_out: harvest.left_out,
        gone,
        unmapped: unmapped.collect(),
        problems: harvest.troubles.groups(|trouble| export.place(&trouble.record, trouble.column)),
        updated: harvest.updated,
        files: written,
    };
    Ok(Imported { report, files })
}

/// Where new objects go.
fn output_path(loaded: &Loaded, request: &Request<'_>) -> Result<String, ImportError> {
    let roots = &loaded.rulebook.settings.project.roots;
    let wrong = |message: String| Err(ImportError::Output { message });
    let Some(out) = request.out else {
        let root = roots.first().map_or("catalog", |root| root.trim_end_matches('/'));
        return Ok(format!("{root}/{}.toml", request.subject.plural()));
    };
    if request.subject == Subject::Entitlement {
        return wrong("entitlements are written beside their service: leave out `--out`".to_owned());
    }
    let out = out.strip_prefix("./").unwrap_or(out);
    let plain = out.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    if !plain || out.contains('\\') {
        return wrong(format!(
            "`{out}` is not a path below the repository: write for example `catalog/services.toml`"
        ));
    }
    let below = roots
        .iter()
        .any(|root| out.strip_prefix(root.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/')));
    if !below || !is_document(out) {
        let roots = roots.iter().map(|root| format!("`{root}`")).collect::<Vec<_>>().join(" or ");
        return wrong(format!(
            "`{out}` would not be read as a document: choose a `.toml` file below {roots}"
        ));
    }
    Ok(out.to_owned())
}

/// Ids for texts that would give the same one: in the order of the texts, the second gets `-2`. Entitlements are
/// numbered in each service on their own.
fn number(plan: &Plan, subject: Subject, existing: &Existing, path: &Path) -> Result<Numbered, ImportError> {
    let mut export = Export::open(path, plan.delimiter)?;
    export.heading()?;
    let none = Numbered::new();
    let desk = Desk { plan, subject, existing, numbered: &none };
    let mut services: BTreeMap<Option<Id>, BTreeMap<Id, BTreeSet<String>>> = BTreeMap::new();
    loop {
        let records = export.batch()?;
        if records.is_empty() {
            break;
        }
        for record in records.iter().filter(|record| record.len() == plan.heading.len()) {
            let raw = desk.raw_id(&plan.id, record);
            if let Some(id) = make_id(&plan.id, &raw) {
                let service = desk.service_id(record);
                services.entry(service).or_default().entry(id).or_default().insert(raw);
            }
        }
    }
    let mut numbered = Numbered::new();
    for (service, texts) in services {
        let mut taken: BTreeSet<String> = texts.keys().map(ToString::to_string).collect();
        for (id, texts) in texts.into_iter().filter(|(_, texts)| texts.len() > 1) {
            for text in texts.into_iter().skip(1) {
                if let Some(id) = next_free(id.as_str(), &mut taken) {
                    numbered.entry(service.clone()).or_default().insert(text, id);
                }
            }
        }
    }
    Ok(numbered)
}

/// The id with the lowest number that is free, which is then taken.
fn next_free(id: &str, taken: &mut BTreeSet<String>) -> Option<Id> {
    (2_u64..).find_map(|count| {
        let end = format!("-{count}");
        let start = id.get(..id.len().min(64 - end.len())).unwrap_or(id);
        let made = format!("{start}{end}");
        taken.insert(made.clone()).then(|| Id::new(&made))
    })?
}

/// What the records gave.
#[derive(Debug, Default)]
struct Harvest {
    records: u64,
    created: u64,
    unchanged: u64,
    left_out: u64,
    seen: HashMap<Key, (String, csv::Position)>,
    unmapped: BTreeMap<usize, u64>,
    troubles: Troubles,
    new: Vec<New>,
    updates: BTreeMap<String, Vec<(Key, Vec<Change>, csv::Position)>>,
    updated: Vec<Updated>,
}

impl Harvest {
    fn take(&mut self, mut row: Row, desk: &Desk<'_>) {
        self.records += 1;
        for index in &row.unmapped {
            *self.unmapped.entry(*index).or_default() += 1;
        }
        let Some(key) = row.key.take() else {
            self.lose(row.troubles);
            return;
        };
        let id_column = desk.plan.id.column.unwrap_or(0);
        let mut trouble = |problem, message: String| {
            row.troubles.push(Trouble {
                problem,
                field: None,
                record: row.record.clone(),
                column: id_column,
                value: row.raw.clone(),
                message,
            });
        };
        if let Some((first, place)) = self.seen.get(&key) {
            let line = place.line();
            if *first == row.raw {
                trouble(
                    Problem::DuplicateId,
                    format!("`{key}` is there already, in the record near line {line}"),
                );
            } else {
                trouble(Problem::Collision, format!("gives `{key}`, as `{first}` near line {line} does"));
            }
        } else {
            if desk.existing.listed_people.contains(key.id.as_str()) && desk.subject == Subject::Person {
                trouble(Problem::InPeopleFile, "is in a people file of `gitsm.toml`".to_owned());
            }
            self.seen.insert(key.clone(), (std::mem::take(&mut row.raw), row.record.clone()));
        }
        if row.is_lost() {
            self.lose(row.troubles);
            return;
        }
        for trouble in row.troubles {
            self.troubles.add(trouble);
        }
        if let Some(path) = desk.existing.objects.get(&key) {
            let changes = row.values.into_iter().filter_map(|(index, value)| {
                Some(Change { path: Arc::clone(&desk.plan.fields.get(index)?.field.path), value })
            });
            self.updates.entry(path.clone()).or_default().push((key, changes.collect(), row.record));
        } else {
            let text = format!("{}{}", key.header(desk.subject), row.body);
            self.new.push(New { key, text });
        }
    }

    fn lose(&mut self, troubles: Vec<Trouble>) {
        self.left_out += 1;
        for trouble in troubles {
            self.troubles.add(trouble);
        }
    }

    fn no_place(&mut self, key: &Key, record: csv::Position, field: Option<String>, message: &str) {
        self.troubles.add(Trouble {
            problem: Problem::NoPlace,
            field,
            record,
            column: 0,
            value: key.to_string(),
            message: message.to_owned(),
        });
    }
}

/// The documents that change.
struct Files<'a> {
    existing: &'a Existing,
    subject: Subject,
    changed: BTreeMap<String, String>,
}

impl Files<'_> {
    fn text(&self, path: &str) -> Option<String> {
        let changed = self.changed.get(path).cloned();
        changed.or_else(|| self.existing.documents.get(path).map(ToString::to_string))
    }

    fn update(
        &mut self,
        updates: BTreeMap<String, Vec<(Key, Vec<Change>, csv::Position)>>,
        harvest: &mut Harvest,
    ) -> Result<(), ImportError> {
        for (path, objects) in updates {
            let Some(text) = self.text(&path) else { continue };
            let (places, objects): (Vec<_>, Vec<_>) =
                objects.into_iter().map(|(key, changes, place)| (place, (key, changes))).unzip();
            let (after, outcomes) = compose::update(&path, &text, self.subject, &objects)?;
            for (((key, _), place), outcome) in objects.iter().zip(places).zip(outcomes) {
                match outcome {
                    Outcome::Same => harvest.unchanged += 1,
                    Outcome::Changed(fields) => {
                        harvest.updated.push(Updated { id: key.to_string(), file: path.clone(), fields });
                    }
                    Outcome::NoPlace(field) => {
                        harvest.left_out += 1;
                        let message = "the object is not written as a table that can be added to";
                        harvest.no_place(key, place, Some(field), message);
                    }
                }
            }
            if after != text {
                self.changed.insert(path, after);
            }
        }
        harvest.updated.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(())
    }

    /// Puts new objects into the output file, and into further ones when that is full.
    fn insert(&mut self, mut new: Vec<New>, out: &str, has_schemas: bool) {
        format_long(&mut new);
        let mut rest = new.into_iter().peekable();
        for number in 1.. {
            if rest.peek().is_none() {
                break;
            }
            let path = numbered_path(out, number);
            let text = self
                .text(&path)
                .unwrap_or_else(|| if has_schemas { schema_header(&path) } else { String::new() });
            let (mut bytes, mut keys) = (text.len(), compose::keys(&text));
            let mut here = Vec::new();
            while let Some(object) = rest.peek() {
                bytes += object.text.len() + 1;
                keys += object.most_keys();
                if bytes > compose::BYTES || keys > compose::KEYS {
                    break;
                }
                here.extend(rest.next());
            }
            if !here.is_empty() {
                // Only entitlements can be without a place.
                let after = compose::insert(&text, self.subject, &here).unwrap_or(text);
                self.changed.insert(path, after);
            }
        }
    }

    fn insert_entitlements(&mut self, mut new: Vec<New>, harvest: &mut Harvest) {
        format_long(&mut new);
        let mut by_service: BTreeMap<Id, Vec<New>> = BTreeMap::new();
        for object in new {
            if let Some(service) = object.key.service.clone() {
                by_service.entry(service).or_default().push(object);
            }
        }
        for (service, new) in by_service {
            let path = self.existing.service_file(service.as_str()).unwrap_or_default().to_owned();
            let text = self.text(&path).unwrap_or_default();
            if let Some(after) = compose::insert(&text, self.subject, &new) {
                self.changed.insert(path, after);
                continue;
            }
            harvest.created -= new.len() as u64;
            harvest.left_out += new.len() as u64;
            for object in new {
                let place = harvest.seen.get(&object.key).map(|(_, place)| place.clone());
                let message = format!("the service is not written as a table `[service.{service}]`");
                harvest.no_place(&object.key, place.unwrap_or_else(csv::Position::new), None, &message);
            }
        }
    }

    fn finish(self) -> Result<Vec<File>, ImportError> {
        let mut files = Vec::new();
        for (path, mut after) in self.changed {
            let before = self.existing.documents.get(&path).map(ToString::to_string);
            // A document that somebody formats otherwise stays so.
            if before.as_ref().is_some_and(|before| laid_out(before).as_ref() == Some(before)) {
                after = laid_out(&after).unwrap_or(after);
            }
            compose::verify(&path, &after)?;
            files.push(File { path, before, after });
        }
        Ok(files)
    }
}

/// Only lists can be laid out in another way than they were made.
fn format_long(new: &mut [New]) {
    new.par_iter_mut().filter(|object| object.text.contains(" = [")).for_each(|object| {
        if let Some(text) = laid_out(&object.text) {
            object.text = text;
        }
    });
}

/// A text as `gitsm fmt` lays it out; none when that leaves it alone.
fn laid_out(text: &str) -> Option<String> {
    layout::layout(FileId(0), text).ok()
}

/// `catalog/services.toml`, `catalog/services-2.toml`, ….
fn numbered_path(out: &str, number: usize) -> String {
    match out.strip_suffix(".toml") {
        Some(stem) if number > 1 => format!("{stem}-{number}.toml"),
        _ => out.to_owned(),
    }
}

fn schema_header(path: &str) -> String {
    let up = "../".repeat(path.matches('/').count());
    format!("#:schema {up}schemas/{}\n", schema::ANY_FILE)
}

/// Objects that came from this export, as far as can be told, and that it no longer names: those in the
/// output files, those whose id has the prefix of the map, and other entitlements of the same services.
fn gone(
    existing: &Existing,
    subject: Subject,
    plan: &Plan,
    seen: &HashMap<Key, (String, csv::Position)>,
    out: &str,
) -> Vec<Gone> {
    let services: BTreeSet<&Id> = seen.keys().filter_map(|key| key.service.as_ref()).collect();
    let stem = out.strip_suffix(".toml").unwrap_or(out);
    let is_output = |path: &str| {
        let rest = path.strip_prefix(stem).and_then(|rest| rest.strip_suffix(".toml"));
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.strip_prefix('-').is_some_and(|number| number.parse::<u32>().is_ok())
        })
    };
    let prefix = plan.id.source.prefix.as_deref().unwrap_or_default();
    let ours = |key: &Key, path: &str| match (&key.service, subject) {
        (Some(service), _) => services.contains(service),
        (None, _) => is_output(path) || (!prefix.is_empty() && key.id.as_str().starts_with(prefix)),
    };
    let mut gone: Vec<Gone> = existing
        .objects
        .iter()
        .filter(|(key, path)| !seen.contains_key(*key) && ours(key, path))
        .map(|(key, path)| Gone { id: key.to_string(), file: path.clone() })
        .collect();
    gone.sort();
    gone
}
