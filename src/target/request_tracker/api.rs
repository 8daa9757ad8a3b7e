//! REST 2.0 of Request Tracker, as far as it is needed.
//!
//! What it does not say in its manual, and a client must know:
//!
//! - A `PUT` is answered with 200 whatever became of it, and with messages in the language of the user. Only reading
//!   again tells whether anything changed.
//! - Lists leave out what is disabled, and everything that the token may not see: then they have no total, or one that
//!   counts more than came.
//! - Numbers and truth come back as text. Lists hold watchers, members and values as empty text: only the object itself
//!   has them.
//! - Names in paths are looked up in another way than in searches; ids are not.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::error::RtError;
use crate::http::{Answer, Client, Fault, Method, Request};

/// The most objects of one page that Request Tracker gives.
const PAGE: usize = 100;
/// The most pages that are read: a million objects are a mistake.
const MOST_PAGES: usize = 10_000;

/// The interface of one Request Tracker.
#[derive(Debug)]
pub(super) struct Api<'a> {
    pub(super) client: &'a Client,
}

/// An object, with its version.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) value: Value,
    pub(super) version: Option<String>,
}

impl Api<'_> {
    /// Its version, such as `5.0.3`.
    pub(super) fn version(&self) -> Result<String, RtError> {
        let answer = self.client.send(&Request::new(Method::Get, &["REST", "2.0", "rt"]))?;
        let value: Value = answer.json()?;
        text(&value, "Version").ok_or_else(|| RtError::Not { url: answer_place(&answer) })
    }

    /// Every object of a collection, disabled ones too, with these fields.
    pub(super) fn list(
        &self,
        collection: &str,
        fields: &[&str],
        filter: (&str, &str, &str),
    ) -> Result<Vec<Value>, RtError> {
        let (field, operator, value) = filter;
        let filter = json!([{ "field": field, "operator": operator, "value": value }]);
        let path = ["REST", "2.0", collection];
        let mut items: Vec<Value> = Vec::new();
        let mut ids = std::collections::BTreeSet::new();
        for page in 1..=MOST_PAGES {
            let request = Request::new(Method::Post, &path)
                .query("fields", fields.join(","))
                .query("find_disabled_rows", "1")
                .query("per_page", PAGE.to_string())
                .query("page", page.to_string())
                .query("orderby", "id")
                .body(filter.clone())
                .reads();
            let answer = self.client.send(&request)?;
            let mut value: Value = answer.json()?;
            let unexpected = |problem: &str| answer.error(Fault::Unexpected { problem: problem.to_owned() });
            let hidden = || RtError::Hidden { collection: collection.to_owned() };
            // There is no total when the token may not see all of them.
            let total = value.get("total").and_then(number).ok_or_else(hidden)?;
            let Some(Value::Array(found)) = value.get_mut("items").map(Value::take) else {
                return Err(unexpected("a list has no items").into());
            };
            let came = found.len();
            let moving = || RtError::Moving { collection: collection.to_owned() };
            for item in found {
                let id = text(&item, "id").ok_or_else(|| unexpected("an object of a list has no id"))?;
                // Something was created or deleted while the pages were read.
                if !ids.insert(id) {
                    return Err(moving());
                }
                items.push(item);
            }
            match items.len().cmp(&total) {
                Ordering::Greater => return Err(moving()),
                // After a page that is full there could be another one, whatever the total says.
                Ordering::Equal if came < PAGE => return Ok(items),
                Ordering::Less if came < PAGE => return Err(hidden()),
                Ordering::Equal | Ordering::Less => {}
            }
        }
        Err(RtError::Moving { collection: collection.to_owned() })
    }

    /// An object by its id, or by its name where names are unique; none when it is not there.
    pub(super) fn item(&self, sort: &str, id: &str) -> Result<Option<Item>, RtError> {
        match self.client.send(&Request::new(Method::Get, &["REST", "2.0", sort, id])) {
            Ok(answer) => {
                let version = answer.version().map(str::to_owned);
                Ok(Some(Item { value: answer.json()?, version }))
            }
            Err(error) if error.fault() == &Fault::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Creates an object and gives its id.
    pub(super) fn create(&self, path: &[&str], body: Map<String, Value>) -> Result<String, RtError> {
        let answer = self.client.send(&Request::new(Method::Post, &rest(path)).body(Value::Object(body)))?;
        let value: Value = answer.json()?;
        // For a user, `id` is the name; the location ends with the number.
        let location =
            answer.header("location").and_then(|place| place.rsplit('/').next()).map(str::to_owned);
        location.or_else(|| text(&value, "id")).ok_or_else(|| {
            let problem = "it names no id of what was created".to_owned();
            answer.error(Fault::Unexpected { problem }).into()
        })
    }

    /// Changes an object that nobody changed since the version was read. What the answer says is only good for an
    /// error: the caller reads again.
    pub(super) fn update(
        &self,
        path: &[&str],
        version: Option<&str>,
        body: Value,
    ) -> Result<String, RtError> {
        let path = rest(path);
        let mut request = Request::new(Method::Put, &path).body(body);
        if let Some(version) = version {
            request = request.header("if-match", version);
        }
        let answer = self.client.send(&request)?;
        let said: Value = answer.json().unwrap_or_default();
        let messages = said.as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(answer.quote(&messages.collect::<Vec<_>>().join("; ")))
    }

    /// Deletes something, which for most objects means to disable it. What is gone already is no error.
    pub(super) fn delete(&self, path: &[&str]) -> Result<(), RtError> {
        match self.client.send(&Request::new(Method::Delete, &rest(path))) {
            Ok(_) => Ok(()),
            Err(error) if error.fault() == &Fault::NotFound => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The values of a custom field: their ids and names, in their order.
    pub(super) fn values(&self, field: &str) -> Result<Vec<(String, String)>, RtError> {
        let path = ["REST", "2.0", "customfield", field, "values"];
        let hidden = || RtError::Hidden { collection: format!("values of the custom field {field}") };
        let mut values = Vec::new();
        for page in 1..=MOST_PAGES {
            let request = Request::new(Method::Get, &path)
                .query("per_page", PAGE.to_string())
                .query("page", page.to_string());
            let answer = self.client.send(&request)?;
            let value: Value = answer.json()?;
            let unexpected = |problem: &str| answer.error(Fault::Unexpected { problem: problem.to_owned() });
            let total = value.get("total").and_then(number).ok_or_else(hidden)?;
            let items = value.get("items").and_then(Value::as_array);
            let items = items.ok_or_else(|| unexpected("a list has no items"))?;
            for item in items {
                let named = text(item, "id").zip(text(item, "name"));
                values.push(named.ok_or_else(|| unexpected("a value of a list has no id or no name"))?);
            }
            match values.len().cmp(&total) {
                Ordering::Equal => return Ok(values),
                Ordering::Less if !items.is_empty() => {}
                _ => return Err(hidden()),
            }
        }
        Err(hidden())
    }
}

fn rest<'p>(path: &[&'p str]) -> Vec<&'p str> {
    ["REST", "2.0"].into_iter().chain(path.iter().copied()).collect()
}

fn answer_place(answer: &Answer) -> String {
    answer.error(Fault::NotFound).place().to_owned()
}

/// A field as text: texts as they are, numbers and truth as Request Tracker writes them elsewhere.
pub(super) fn text(value: &Value, field: &str) -> Option<String> {
    plain(value.get(field)?)
}

/// Sets a field of an object.
pub(super) fn set(object: &mut Value, field: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}

/// A value as text.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(u8::from(*truth).to_string()),
        _ => None,
    }
}

fn number(value: &Value) -> Option<usize> {
    plain(value)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{
        Address, Secret,
        tests::{
            CANARY, limits,
            server::{Server, json},
        },
    };

    /// What comes of asking a server that answers so.
    fn asked<T>(answers: &[&str], ask: impl Fn(&Api<'_>) -> Result<T, RtError>) -> Result<T, String> {
        let answers: Vec<String> = answers.iter().map(|answer| json(answer)).collect();
        let server = Server::answering(&answers);
        let token = Secret::of(CANARY, "the test").unwrap();
        let client = Client::new(Address::parse(&server.url()).unwrap(), Some(("token", token)), limits());
        ask(&Api { client: &client.unwrap() }).map_err(|error| error.to_string())
    }

    #[test]
    fn values_of_which_some_are_hidden_are_none() {
        let one = r#"{"total": 2, "items": [{"id": 1, "name": "a"}]}"#;
        let other = r#"{"total": "2", "items": [{"id": "2", "name": "b"}]}"#;
        let values = |answers: &[&str]| asked(answers, |api| api.values("7"));
        assert_eq!(values(&[one, other]).unwrap().len(), 2);
        assert_eq!(values(&[r#"{"total": 0, "items": []}"#]), Ok(Vec::new()));
        for (answers, words) in [
            (&[r#"{"items": []}"#][..], "does not see all values of the custom field 7"),
            (&[one, r#"{"total": 2, "items": []}"#], "does not see all values"),
            (&[r#"{"total": 0, "items": [{"id": 1, "name": "a"}]}"#], "does not see all values"),
            (&[r#"{"total": 1, "items": [{"name": "a"}]}"#], "no id or no name"),
            (&[r#"{"total": 0}"#], "has no items"),
        ] {
            let said = values(answers).unwrap_err();
            assert!(said.contains(words), "{answers:?}: {said}");
        }
    }

    #[test]
    fn what_is_said_to_a_write_is_short_and_without_the_token() {
        let said = |words: &str| {
            let answer = serde_json::to_string(&["Changed", words]).unwrap();
            asked(&[&answer], |api| api.update(&["queue", "1"], None, json!({}))).unwrap()
        };
        assert_eq!(said("it"), "Changed; it");
        assert_eq!(said(&format!("by {CANARY}\u{1b}[2J")), "Changed; by [secret][2J");
        assert_eq!(said(&CANARY.replace('-', "\u{7}-")), "Changed; [secret]");
        assert!(said(&"long ".repeat(100)).chars().count() <= 200);
    }
}
