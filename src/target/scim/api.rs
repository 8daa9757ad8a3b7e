//! SCIM 2.0 (RFC 7643 and 7644), as far as it is needed.
//!
//! What differs between services, and a client must know:
//!
//! - A list need not hold members, and gives as many items as the service likes. Only its total says whether all came.
//! - Groups can have the same name and the same external id; only names of users are unique.
//! - `PATCH` may be missing, answer with or without what was changed, and take members away in one way and not in
//!   another. A `PUT` replaces everything.
//! - Versions are optional, and stand in a header, in the object, or in both.

use serde_json::{Value, json};

use super::error::ScimError;
use crate::http::{Answer, Client, Fault, Method, Request};

/// The most objects of one page that are asked for. Services may give less.
const PAGE: usize = 200;
/// The most objects of a list that are read: more are a mistake.
const MOST: usize = 1_000_000;
/// How SCIM calls its JSON.
const SORT: &str = "application/scim+json";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The interface of one service.
#[derive(Debug)]
pub(super) struct Api<'a> {
    pub(super) client: &'a Client,
}

/// What a service says that it can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct About {
    pub(super) patch: bool,
    pub(super) filter: bool,
}

/// An object, with its version.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) value: Value,
    pub(super) version: Option<String>,
}

impl Api<'_> {
    /// What the service can do.
    pub(super) fn about(&self) -> Result<About, ScimError> {
        let not = |place: &str| ScimError::Not { url: place.to_owned() };
        let answer = match self.send(Request::new(Method::Get, &["ServiceProviderConfig"])) {
            Err(ScimError::Http(error)) if error.fault() == &Fault::NotFound => {
                return Err(not(error.place()));
            }
            other => other?,
        };
        let value: Value = answer.json()?;
        let can = |what: &str| value.get(what)?.get("supported")?.as_bool();
        match (can("patch"), can("filter")) {
            (Some(patch), Some(filter)) => Ok(About { patch, filter }),
            _ => Err(not(answer.error(Fault::NotFound).place())),
        }
    }

    /// Every object of a collection, with these fields and its id, or only those that a filter lets through.
    pub(super) fn list(
        &self,
        collection: &str,
        fields: &[&str],
        filter: Option<&str>,
    ) -> Result<Vec<Value>, ScimError> {
        let lies = |problem: String| ScimError::Lies { collection: collection.to_owned(), problem };
        let moving = || ScimError::Moving { collection: collection.to_owned() };
        let mut items: Vec<Value> = Vec::new();
        let mut ids = std::collections::BTreeSet::new();
        let mut total = None;
        loop {
            let start = items.len() + 1;
            let path = [collection];
            let mut request = Request::new(Method::Get, &path)
                .query("startIndex", start.to_string())
                .query("count", PAGE.to_string())
                .query("attributes", fields.join(","));
            if let Some(filter) = filter {
                request = request.query("filter", filter);
            }
            let mut value: Value = self.send(request)?.json()?;
            let number = |field: &str| value.get(field).and_then(Value::as_u64);
            let now = number("totalResults").and_then(|total| usize::try_from(total).ok());
            let now = now.ok_or_else(|| lies("it does not say how many there are".to_owned()))?;
            if now > MOST {
                return Err(lies(format!("it says that there are {now}")));
            }
            if number("startIndex").is_some_and(|index| index != start as u64) {
                return Err(lies(format!("it was asked from number {start} on, and gives another part")));
            }
            if total.replace(now).is_some_and(|before| before != now) {
                return Err(moving());
            }
            let found = match value.get_mut("Resources").map(Value::take) {
                Some(Value::Array(found)) => found,
                None | Some(Value::Null) => Vec::new(),
                Some(_) => return Err(lies("what it holds is no list".to_owned())),
            };
            if found.is_empty() && items.len() < now {
                return Err(lies(format!("it says that there are {now}, and gives {}", items.len())));
            }
            for item in found {
                let id = text(&item, "id").ok_or_else(|| lies("something in it has no id".to_owned()))?;
                // Something was created or deleted while the pages were read, or the same page came again.
                if !ids.insert(id) {
                    return Err(moving());
                }
                items.push(item);
            }
            if items.len() > now {
                return Err(lies(format!("it says that there are {now}, and gives {}", items.len())));
            }
            if items.len() == now {
                return Ok(items);
            }
        }
    }

    /// An object by its id; none when it is not there.
    pub(super) fn item(&self, collection: &str, id: &str) -> Result<Option<Item>, ScimError> {
        let answer = match self.client.send(&asking(Request::new(Method::Get, &[collection, id]))) {
            Ok(answer) => answer,
            Err(error) if error.fault() == &Fault::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let value: Value = answer.json()?;
        if text(&value, "id").as_deref() != Some(id) {
            let problem = "it is another object than the one that was asked for".to_owned();
            return Err(answer.error(Fault::Unexpected { problem }).into());
        }
        let version = version(&answer, &value);
        Ok(Some(Item { id: id.to_owned(), value, version }))
    }

    /// Creates an object.
    pub(super) fn create(&self, collection: &str, body: Value) -> Result<Item, ScimError> {
        let answer = self.send(Request::new(Method::Post, &[collection]).body(body))?;
        let value: Value = answer.json()?;
        let location = || answer.header("location")?.rsplit('/').next().map(str::to_owned);
        let Some(id) = text(&value, "id").or_else(location) else {
            let problem = "it names no id of what was created".to_owned();
            return Err(answer.error(Fault::Unexpected { problem }).into());
        };
        let version = version(&answer, &value);
        Ok(Item { id, value, version })
    }

    /// Changes parts of an object that nobody changed since the version was read, and gives its version since, where the
    /// service tells.
    pub(super) fn patch(
        &self,
        path: [&str; 2],
        version: Option<&str>,
        operations: &[Value],
    ) -> Result<Option<String>, ScimError> {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        self.write(Request::new(Method::Patch, &path).body(body), version)
    }

    /// Replaces an object that nobody changed since the version was read.
    pub(super) fn replace(
        &self,
        path: [&str; 2],
        version: Option<&str>,
        body: Value,
    ) -> Result<(), ScimError> {
        self.write(Request::new(Method::Put, &path).body(body), version).map(|_| ())
    }

    /// Deletes an object that nobody changed since the version was read. What is gone already is no error.
    pub(super) fn delete(&self, path: [&str; 2], version: Option<&str>) -> Result<(), ScimError> {
        match self.write(Request::new(Method::Delete, &path), version) {
            Err(ScimError::Http(error)) if error.fault() == &Fault::NotFound => Ok(()),
            other => other.map(|_| ()),
        }
    }

    fn write(&self, request: Request<'_>, at: Option<&str>) -> Result<Option<String>, ScimError> {
        let request = match at {
            Some(at) => request.header("if-match", at),
            None => request,
        };
        let answer = self.send(request)?;
        let value: Value = answer.json()?;
        Ok(version(&answer, &value))
    }

    fn send(&self, request: Request<'_>) -> Result<Answer, ScimError> {
        Ok(self.client.send(&asking(request))?)
    }
}

/// A request in the sort of JSON that SCIM has. Services have to know it, and need not know another.
fn asking(request: Request<'_>) -> Request<'_> {
    request.header("accept", SORT).header("content-type", SORT)
}

/// The filter that lets through what holds a text in a field.
pub(super) fn equal(field: &str, value: &str) -> String {
    format!("{field} eq {}", Value::from(value))
}

fn version(answer: &Answer, value: &Value) -> Option<String> {
    let inside = || text(value.get("meta")?, "version");
    answer.version().map(str::to_owned).or_else(inside)
}

/// A field that is text.
pub(super) fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field)?.as_str().map(str::to_owned)
}
