//! Rows that the rulebook names and does not manage: users, departments and roles. They are found by what they are called,
//! and written `user:ana@example.com`, `department:it`, `role:itil`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    api::{Api, text},
    error::NowError,
    sort::{DEPARTMENTS, ROLES, USERS},
};

/// What was looked up.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// By what it is called; none when there is no such row.
    found: BTreeMap<String, Option<String>>,
    /// What rows are called, by table and `sys_id`.
    called: BTreeMap<(&'static str, String), String>,
}

/// The table of a name, and the word before it.
const TABLES: [(&str, &str); 3] = [("user", USERS), ("department", DEPARTMENTS), ("role", ROLES)];

/// The name of a row of one of the tables.
pub(super) fn named(table: &str, name: &str) -> String {
    let word = TABLES.iter().find(|(_, known)| *known == table).map_or("row", |(word, _)| *word);
    format!("{word}:{}", name.trim().to_lowercase())
}

/// The table of a name.
pub(super) fn table_of(named: &str) -> Option<(&'static str, &str)> {
    let (word, name) = named.split_once(':')?;
    TABLES.iter().find(|(known, _)| *known == word).map(|(_, table)| (*table, name))
}

/// The columns that are read of a table, and those by which its rows are called, the best first.
fn columns(table: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match table {
        USERS => (&["sys_id", "email", "user_name", "active"], &["email", "user_name"]),
        DEPARTMENTS => (&["sys_id", "id", "name"], &["id", "name"]),
        _ => (&["sys_id", "name"], &["name"]),
    }
}

impl Lookups {
    /// Looks up names that were not looked up yet.
    ///
    /// # Errors
    /// When one of them stands for several rows, or nobody can say.
    pub(super) fn fetch(
        &mut self,
        api: &Api<'_>,
        names: impl IntoIterator<Item = String>,
    ) -> Result<(), NowError> {
        let mut wanted: BTreeMap<(&'static str, &'static str), BTreeSet<String>> = BTreeMap::new();
        for called in names {
            let Some((table, name)) = table_of(&called) else { continue };
            if self.found.contains_key(&called) {
                continue;
            }
            let (_, by) = columns(table);
            let cannot = |letter: char| matches!(letter, ',' | '^') || letter.is_control();
            if !name.is_empty() && !name.contains(cannot) {
                // An address is one, and nothing else: somebody may be called like the address of another.
                let by =
                    by.iter().filter(|column| table != USERS || name.contains('@') == (**column == "email"));
                for column in by {
                    wanted.entry((table, column)).or_default().insert(name.to_owned());
                }
            }
            self.found.insert(called, None);
        }
        for ((table, column), names) in wanted {
            let names: Vec<String> = names.into_iter().collect();
            for row in api.among(table, columns(table).0, column, &names)? {
                if table == USERS && text(&row, "active") != "true" {
                    continue;
                }
                let (called, id) = (named(table, &text(&row, column)), text(&row, "sys_id"));
                if let Some(Some(other)) = self.found.get(&called).filter(|other| other.as_ref() != Some(&id))
                {
                    return Err(NowError::Several { called, table: format!("{table}, {other} and {id}") });
                }
                self.called.insert((table, id.clone()), called.clone());
                self.found.insert(called, Some(id));
            }
        }
        Ok(())
    }

    /// Finds out what rows are called that nobody named.
    ///
    /// # Errors
    /// When nobody can say.
    pub(super) fn identify(
        &mut self,
        api: &Api<'_>,
        table: &'static str,
        ids: BTreeSet<String>,
    ) -> Result<(), NowError> {
        let ids: Vec<String> =
            ids.into_iter().filter(|id| !self.called.contains_key(&(table, id.clone()))).collect();
        let (read, by) = columns(table);
        for row in api.among(table, read, "sys_id", &ids)? {
            let name = by.iter().map(|column| text(&row, column)).find(|name| !name.trim().is_empty());
            let id = text(&row, "sys_id");
            let called = named(table, &name.unwrap_or_else(|| id.clone()));
            self.called.insert((table, id), called);
        }
        Ok(())
    }

    /// The row that is called so.
    pub(super) fn id(&self, called: &str) -> Option<&str> {
        self.found.get(called)?.as_deref()
    }

    /// What a row is called.
    pub(super) fn called(&self, table: &'static str, id: &str) -> Option<&str> {
        self.called.get(&(table, id.to_owned())).map(String::as_str)
    }

    /// Names that were looked up, and stand for no row.
    pub(super) fn is_missing(&self, called: &str) -> bool {
        self.found.get(called).is_some_and(Option::is_none)
    }
}

/// Every name of users, departments and roles in a content.
pub(super) fn names_in(content: &Value) -> Vec<String> {
    fn walk(value: &Value, names: &mut Vec<String>) {
        match value {
            Value::String(text) if table_of(text).is_some() => names.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| walk(item, names)),
            _ => {}
        }
    }
    let mut names = Vec::new();
    // Rows of parts hold no names but as their only value.
    content.as_object().into_iter().flatten().for_each(|(_, value)| walk(value, &mut names));
    names
}
