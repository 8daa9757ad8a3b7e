//! A project for the SDK of the vendor that holds the same rows: its compiler checks columns, words and references against
//! its own types, and makes an update set of them.
//!
//! Items with their variables and SLA definitions are written with what the SDK has for them, everything else as records
//! of their tables. `src/fluent/generated/keys.ts` gives every row the `sys_id` that the map of ids gives it.

mod items;
mod keys;
mod text;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde_json::{Value, json};

use super::{
    desired::{SCOPE, option, references},
    ids::Ids,
    instance,
    lookups::table_of,
    sort::{Part, Retire, Sort, Takes, USERS},
};
use crate::{
    model::condition::Literal,
    plan::{Desired, Key},
    target::{Book, Exported, Place, TargetError, content::value_of},
};
use keys::Keys;
use text::{length, quoted};

/// The scope of a project that names none.
const USUAL_SCOPE: &str = "x_gitsm_rulebook";
/// The most characters of a scope.
const LONGEST_SCOPE: usize = 18;
/// The version of the SDK that the project is made for.
const SDK: &str = "4.9.0";

/// The files of the project.
pub(super) fn export(
    place: &Place<'_>,
    book: &Book<'_>,
    desired: &Desired,
) -> Result<Vec<Exported>, TargetError> {
    let ids = Ids::read(&instance::folder(place)?, place.owner())?;
    let project = Project::new(&ids, desired);
    let name = &book.rulebook.settings.project.name;
    let config = json!({
        "scope": scope(book)?,
        "scopeId": ids.chosen(&format!("project {name}")),
        "name": name,
    });
    let package = json!({
        "name": "gitsm-export",
        "version": "1.0.0",
        "private": true,
        "scripts": { "build": "now-sdk build" },
        "devDependencies": { "@servicenow/sdk": SDK },
    });
    let mut files = vec![
        Exported::new("now.config.json", format!("{config:#}\n")),
        Exported::new("package.json", format!("{package:#}\n")),
    ];
    let mut keys = Keys::default();
    for sort in Sort::ALL.into_iter().filter(|sort| *sort != Sort::Variable) {
        if let Some(text) = project.file(sort, &mut keys) {
            files.push(Exported::new(&format!("src/fluent/{}.now.ts", file_name(sort)), text));
        }
    }
    files.push(Exported::new("src/fluent/generated/keys.ts", keys.render(&ids)));
    Ok(files)
}

fn scope(book: &Book<'_>) -> Result<String, TargetError> {
    match option(book.settings, SCOPE) {
        None => Ok(USUAL_SCOPE.to_owned()),
        Some(Literal::Text(scope))
            if scope.starts_with("x_")
                && scope.len() <= LONGEST_SCOPE
                && scope.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')) =>
        {
            Ok(scope.to_string())
        }
        Some(other) => Err(TargetError::refused(
            format!("`options.scope` is `{}`, which is no scope", other.to_string().escape_debug()),
            format!(
                "write `x_`, the prefix of the vendor and a name, in all at most {LONGEST_SCOPE} characters"
            ),
        )),
    }
}

/// The file of a sort.
const fn file_name(sort: Sort) -> &'static str {
    match sort {
        Sort::Group => "groups",
        Sort::Category => "categories",
        Sort::Criteria => "criteria",
        Sort::Schedule => "schedules",
        Sort::Sla => "slas",
        Sort::Service => "services",
        Sort::Offering => "offerings",
        Sort::Item | Sort::Variable => "items",
        Sort::Article => "articles",
    }
}

/// What is written down.
struct Project<'a> {
    ids: &'a Ids,
    contents: BTreeMap<&'a Key, Value>,
    /// What the constant of each object is called.
    constants: BTreeMap<&'a Key, String>,
}

impl<'a> Project<'a> {
    fn new(ids: &'a Ids, desired: &'a Desired) -> Self {
        let contents: BTreeMap<&Key, Value> =
            desired.objects.iter().map(|(key, wanted)| (key, value_of(&wanted.content))).collect();
        let mut taken = BTreeSet::new();
        let constants = contents.keys().map(|key| {
            let plain = text::identifier(&format!("{}_{}", key.kind, key.id));
            let mut name = plain.clone();
            let mut number = 2;
            while !taken.insert(name.clone()) {
                name = format!("{plain}_{number}");
                number += 1;
            }
            (*key, name)
        });
        let constants = constants.collect();
        Self { ids, contents, constants }
    }

    /// The objects of a sort, each after those that it refers to.
    fn ordered(&self, sort: Sort) -> Vec<&'a Key> {
        let kind = sort.about().kind;
        let keys: Vec<&Key> = self.contents.keys().copied().filter(|key| &*key.kind == kind).collect();
        let mut placed: BTreeSet<&Key> = BTreeSet::new();
        let mut order = Vec::new();
        for key in keys {
            // Parents of parents, as long as there are any that were not placed.
            let mut chain = vec![key];
            while let Some(next) = chain.last().and_then(|last| {
                let content = self.contents.get(last)?;
                let needs = references(sort, content).into_iter().filter(|need| &*need.kind == kind);
                let needs = needs.filter_map(|need| self.contents.get_key_value(&need).map(|(key, _)| *key));
                needs.into_iter().find(|need| !placed.contains(need) && !chain.contains(need))
            }) {
                chain.push(next);
            }
            while let Some(key) = chain.pop() {
                if placed.insert(key) {
                    order.push(key);
                }
            }
        }
        order
    }

    /// The file of a sort; none when there is nothing in it.
    fn file(&self, sort: Sort, keys: &mut Keys) -> Option<String> {
        let order = self.ordered(sort);
        if order.is_empty() {
            return None;
        }
        let mut body = String::new();
        let mut used: BTreeMap<Sort, BTreeSet<&str>> = BTreeMap::new();
        let mut functions: BTreeSet<&'static str> = BTreeSet::new();
        for key in order {
            let Some(content) = self.contents.get(key) else { continue };
            keys.explicit(&key.to_string(), sort.about().table, &self.ids.id(key));
            for other in references(sort, content).iter().filter(|other| other.kind != key.kind) {
                let known = self.constants.get_key_value(other).zip(Sort::of_kind(&other.kind));
                if let Some(((_, constant), sort)) = known {
                    used.entry(sort).or_default().insert(constant);
                }
            }
            match sort {
                Sort::Item => self.item(key, content, keys, &mut functions, &mut body),
                Sort::Sla => {
                    functions.insert("Sla");
                    self.sla(key, content, &mut body);
                }
                _ => {
                    functions.insert("Record");
                    self.record(sort, key, content, keys, &mut body);
                }
            }
        }
        let functions: Vec<&str> = functions.into_iter().collect();
        let mut text = format!(
            "// Written by gitsm: what is changed here is overwritten.\nimport '@servicenow/sdk/global'\n\
             import {{ {} }} from '@servicenow/sdk/core'\n",
            functions.join(", ")
        );
        for (sort, constants) in used {
            let constants: Vec<&str> = constants.into_iter().collect();
            let _ = writeln!(text, "import {{ {} }} from './{}.now'", constants.join(", "), file_name(sort));
        }
        text.push_str(&body);
        Some(text)
    }

    /// A row of a table, with those that belong to it.
    fn record(&self, sort: Sort, key: &Key, content: &Value, keys: &mut Keys, out: &mut String) {
        let about = sort.about();
        let mut data = Vec::new();
        for column in about.columns {
            if let Some(value) = self.value(column.takes, content.get(column.name)) {
                data.push(format!("{}: {value}", column.name));
            }
        }
        match about.retire {
            Retire::Set { column, live: "true", .. } => data.push(format!("{column}: true")),
            Retire::Set { column: column @ "operational_status", live, .. } => {
                data.push(format!("{column}: {live}"));
            }
            Retire::Set { column, live, .. } => data.push(format!("{column}: {}", quoted(live))),
            Retire::Delete => {}
        }
        if sort == Sort::Schedule {
            // Mandatory for the calendars that a schedule extends, and without a meaning for schedules.
            data.extend(["label", "calendar_name", "plural_label"].map(|column| format!("{column}: ''")));
        }
        let constant = self.constants.get(key).map(String::as_str).unwrap_or_default();
        let _ = writeln!(out, "\nexport const {constant} = Record({{");
        let _ = writeln!(out, "    $id: Now.ID[{}],", quoted(&key.to_string()));
        let _ = writeln!(out, "    table: '{}',\n    data: {{", about.table);
        for line in data {
            let _ = writeln!(out, "        {line},");
        }
        out.push_str("    },\n})\n");
        if let Some(part) = about.part {
            self.rows(key, constant, part, content, keys, out);
        }
    }

    /// The rows that belong to an object.
    fn rows(&self, key: &Key, of: &str, part: &Part, content: &Value, keys: &mut Keys, out: &mut String) {
        for item in content.get(part.field).and_then(Value::as_array).into_iter().flatten() {
            let id = text::part_key(key, item);
            keys.explicit(&id, part.table, &self.ids.chosen(&id));
            let columns = part.columns.iter().filter_map(|column| {
                let value = if item.is_string() { Some(item) } else { item.get(column.name) };
                self.value(column.takes, value).map(|value| format!("{}: {value}", column.name))
            });
            let columns: Vec<String> = columns.collect();
            let _ = write!(
                out,
                "Record({{\n    $id: Now.ID[{}],\n    table: '{}',\n    data: {{ {}: {of}, {} }},\n}})\n",
                quoted(&id),
                part.table,
                part.of,
                columns.join(", ")
            );
        }
    }

    /// A value as the SDK takes it; none for what is empty.
    fn value(&self, takes: Takes, value: Option<&Value>) -> Option<String> {
        match (takes, value?) {
            (Takes::List(_), Value::Array(names)) if !names.is_empty() => {
                let names = names.iter().filter_map(Value::as_str).map(|name| self.refer(name));
                Some(format!("[{}]", names.collect::<Vec<_>>().join(", ")))
            }
            (_, Value::String(text)) if text.is_empty() => None,
            (Takes::Reference(_), Value::String(name)) => Some(self.refer(name)),
            (Takes::Truth | Takes::Number, Value::String(text)) => Some(text.clone()),
            (Takes::Duration, Value::String(text)) => Some(format!("Duration({})", length(text))),
            (_, Value::String(text)) => Some(quoted(text)),
            _ => None,
        }
    }

    /// A reference: to a row of this project by its constant, to users and their like by what they are called, to anything
    /// else by its `sys_id`.
    fn refer(&self, name: &str) -> String {
        if let Some((table, name)) = table_of(name) {
            let column = match table {
                USERS if name.contains('@') => "email",
                USERS => "user_name",
                super::sort::DEPARTMENTS => "id",
                _ => "name",
            };
            return format!("Now.ref('{table}', {{ {column}: {} }})", quoted(name));
        }
        let constant = Key::parse(name).and_then(|key| self.constants.get(&key));
        constant.cloned().unwrap_or_else(|| quoted(name))
    }
}
