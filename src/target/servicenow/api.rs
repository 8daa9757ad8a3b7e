//! The Table API, as far as it is needed.
//!
//! What a client must know, and the manual says in passing or not at all:
//!
//! - The limit of a page is applied before the access rules: a page can hold fewer rows than there are, or none, and only
//!   `X-Total-Count` says so.
//! - An unknown column in a query is dropped, and the query then matches everything; in a body it is ignored. Rows are
//!   compared with what was asked, and every write is read back.
//! - There is no version of a row that a write could be bound to.
//! - Values are text: `true`, `100`, `1970-01-01 04:00:00`. References are `sys_id`s when links are left out.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::error::NowError;
use crate::http::{Answer, Client, Fault, Method, Request};

/// The most rows of one page.
const PAGE: usize = 1000;
/// The most rows of one table: more are a mistake.
const MOST_ROWS: usize = 1_000_000;
/// The most values of one query: the address of a request has its limits.
const TOGETHER: usize = 50;

/// The interface of one instance.
#[derive(Debug)]
pub(super) struct Api<'a> {
    pub(super) client: &'a Client,
}

/// What of a table is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Only<'a> {
    /// Every row.
    All,
    /// Rows of which a column has this value.
    Is(&'a str, &'a str),
    /// Rows of which a column is one of these values, which hold neither commas nor `^`.
    Among(&'a str, &'a [String]),
}

impl Only<'_> {
    fn column(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::Is(column, _) | Self::Among(column, _) => Some(column),
        }
    }

    fn query(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Is(column, value) => format!("{column}={value}^"),
            Self::Among(column, values) => format!("{column}IN{}^", values.join(",")),
        }
    }

    /// Whether a row is one of those that were asked for.
    fn holds(&self, row: &Value) -> bool {
        match self {
            Self::All => true,
            Self::Is(column, value) => text(row, column) == *value,
            Self::Among(column, values) => {
                let held = text(row, column).to_lowercase();
                values.iter().any(|value| value.to_lowercase() == held)
            }
        }
    }
}

impl Api<'_> {
    /// Every row of a table, or those of which a column has some values, with these columns.
    pub(super) fn list(&self, table: &str, fields: &[&str], only: Only<'_>) -> Result<Vec<Value>, NowError> {
        let mut fields = fields.to_vec();
        fields.extend(only.column());
        let path = ["api", "now", "table", table];
        let mut rows: Vec<Value> = Vec::new();
        let mut ids = BTreeSet::new();
        let mut known = None;
        let moving = || NowError::Moving { table: table.to_owned() };
        let mut offset = 0;
        while offset < MOST_ROWS {
            let request = Request::new(Method::Get, &path)
                .query("sysparm_query", format!("{}ORDERBYsys_id", only.query()))
                .query("sysparm_fields", fields.join(","))
                .query("sysparm_limit", PAGE.to_string())
                .query("sysparm_offset", offset.to_string())
                .query("sysparm_exclude_reference_link", "true")
                .query("sysparm_display_value", "false");
            let answer = self.client.send(&request)?;
            let mut value: Value = answer.json()?;
            let total = answer.header("x-total-count").and_then(|total| total.trim().parse::<usize>().ok());
            let Some(Value::Array(came)) = value.get_mut("result").map(Value::take) else {
                return Err(NowError::Not { url: place(&answer) });
            };
            let total = total.ok_or_else(|| NowError::Uncounted { table: table.to_owned() })?;
            if known.replace(total).is_some_and(|before| before != total) {
                return Err(moving());
            }
            for row in came {
                if !only.holds(&row) {
                    let column = only.column().unwrap_or_default().to_owned();
                    return Err(NowError::Unasked { table: table.to_owned(), column });
                }
                if !ids.insert(text(&row, "sys_id")) {
                    return Err(moving());
                }
                rows.push(row);
            }
            offset += PAGE;
            if offset >= total {
                if rows.len() == total {
                    return Ok(rows);
                }
                return Err(NowError::Hidden { table: table.to_owned(), came: rows.len(), total });
            }
        }
        Err(moving())
    }

    /// The rows of which a column is one of so many values that they are asked for in parts.
    pub(super) fn among(
        &self,
        table: &str,
        fields: &[&str],
        column: &str,
        values: &[String],
    ) -> Result<Vec<Value>, NowError> {
        let parts: Vec<&[String]> = values.chunks(TOGETHER).collect();
        let lists = self.client.each(&parts, |part| self.list(table, fields, Only::Among(column, part)));
        let mut rows = Vec::new();
        for list in lists {
            rows.extend(list?);
        }
        Ok(rows)
    }

    /// A row; none when it is not there.
    pub(super) fn row(&self, table: &str, id: &str, fields: &[&str]) -> Result<Option<Value>, NowError> {
        let path = ["api", "now", "table", table, id];
        let request = Request::new(Method::Get, &path)
            .query("sysparm_fields", fields.join(","))
            .query("sysparm_exclude_reference_link", "true")
            .query("sysparm_display_value", "false");
        match self.client.send(&request) {
            Ok(answer) => result(&answer).map(Some),
            Err(error) if error.fault() == &Fault::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Creates a row, and gives its `sys_id`.
    pub(super) fn create(&self, table: &str, body: Map<String, Value>) -> Result<String, NowError> {
        let path = ["api", "now", "table", table];
        let answer = self.client.send(&Request::new(Method::Post, &path).body(Value::Object(body)))?;
        let id = text(&result(&answer)?, "sys_id");
        if is_id(&id) {
            return Ok(id);
        }
        let problem = "it names no `sys_id` of what was created".to_owned();
        Err(answer.error(Fault::Unexpected { problem }).into())
    }

    /// Changes some columns of a row.
    pub(super) fn update(&self, table: &str, id: &str, body: Map<String, Value>) -> Result<(), NowError> {
        let path = ["api", "now", "table", table, id];
        self.client.send(&Request::new(Method::Patch, &path).body(Value::Object(body)))?;
        Ok(())
    }

    /// Deletes a row. What is gone already is no error.
    pub(super) fn delete(&self, table: &str, id: &str) -> Result<(), NowError> {
        let path = ["api", "now", "table", table, id];
        match self.client.send(&Request::new(Method::Delete, &path)) {
            Ok(_) => Ok(()),
            Err(error) if error.fault() == &Fault::NotFound => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn result(answer: &Answer) -> Result<Value, NowError> {
    let mut value: Value = answer.json()?;
    match value.get_mut("result").map(Value::take) {
        Some(row @ Value::Object(_)) => Ok(row),
        _ => Err(NowError::Not { url: place(answer) }),
    }
}

fn place(answer: &Answer) -> String {
    answer.error(Fault::NotFound).place().to_owned()
}

/// A column of a row as text; of a reference with a link its `sys_id`.
pub(super) fn text(row: &Value, column: &str) -> String {
    match row.get(column) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(truth)) => truth.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Object(reference)) => {
            reference.get("value").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}

/// Whether a text is a `sys_id`.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
