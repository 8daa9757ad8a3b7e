//! The fields of a kind and their types, read from its schema: the one source of truth.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Subject;
use crate::{
    load::suggest::nearest,
    model::{Kind, schema},
};

/// A field that a map can fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// The keys that lead to it.
    pub path: Arc<[String]>,
    /// The place of each key among its siblings, which puts fields in the order of their type.
    pub order: Vec<usize>,
    /// What its values are.
    pub sort: FieldSort,
}

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldSort {
    /// A string, whatever it must look like.
    Text,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// A date, written without quotes.
    Date,
    /// A point in time, written without quotes.
    Instant,
    /// A list of strings.
    List,
}

/// A name that is no field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoField {
    /// A field with a similar name.
    pub near: Option<String>,
    /// The fields there are.
    pub known: Vec<String>,
    /// Whether the name is that of a table, whose keys are the fields.
    pub is_table: bool,
}

/// The fields of what is imported.
#[derive(Debug)]
pub(super) struct Fields {
    root: Json,
    object: Json,
    subject: Subject,
}

impl Fields {
    pub(super) fn of(subject: Subject) -> Self {
        let kind = match subject {
            Subject::Service | Subject::Entitlement => Kind::Service,
            Subject::Person => Kind::Person,
            Subject::Team => Kind::Team,
            Subject::Metric => Kind::Metric,
        };
        let root = schema::object(kind);
        let object = match subject {
            Subject::Entitlement => {
                let entitlements = root.pointer("/properties/entitlement").unwrap_or(&Json::Null);
                inner(&root, entitlements).cloned().unwrap_or_default()
            }
            _ => root.clone(),
        };
        Self { root, object, subject }
    }

    /// The field with this name, whose parts are separated by dots.
    pub(super) fn find(&self, name: &str) -> Result<Field, NoField> {
        let mut path = Vec::new();
        let mut order = Vec::new();
        let mut at = &self.object;
        let mut rest = name;
        while !rest.is_empty() {
            let (key, below) = rest.split_once('.').unwrap_or((rest, ""));
            let hidden = self.subject == Subject::Service && path.is_empty() && key == "entitlement";
            let (index, next) = match property(at, key) {
                Some(found) if !hidden => found,
                _ => (0, inner(&self.root, at).ok_or_else(|| self.none(name, false))?),
            };
            path.push(key.to_owned());
            order.push(index);
            at = self.resolve(next);
            rest = below;
        }
        match sort(&self.root, at) {
            Some(sort) => Ok(Field { path: path.into(), order, sort }),
            None => Err(self.none(name, !path.is_empty())),
        }
    }

    fn none(&self, name: &str, is_table: bool) -> NoField {
        let mut known = Vec::new();
        self.collect(&self.object, "", &mut known);
        let near = if is_table {
            known.iter().find(|field| field.starts_with(&format!("{name}."))).cloned()
        } else {
            nearest(name, known.iter().map(String::as_str)).map(str::to_owned)
        };
        NoField { near, known, is_table }
    }

    fn collect(&self, at: &Json, prefix: &str, known: &mut Vec<String>) {
        for (key, schema) in at.get("properties").and_then(Json::as_object).into_iter().flatten() {
            if self.subject == Subject::Service && prefix.is_empty() && key == "entitlement" {
                continue;
            }
            let schema = self.resolve(schema);
            let name = format!("{prefix}{key}");
            if sort(&self.root, schema).is_some() {
                known.push(name);
            } else if prefix.is_empty() {
                self.collect(schema, &format!("{name}."), known);
            }
        }
    }

    fn resolve<'a>(&'a self, schema: &'a Json) -> &'a Json {
        resolve(&self.root, schema)
    }
}

fn resolve<'a>(root: &'a Json, schema: &'a Json) -> &'a Json {
    let target = schema.get("$ref").and_then(Json::as_str).and_then(|target| target.strip_prefix('#'));
    target.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

/// A named property and its place.
fn property<'a>(schema: &'a Json, key: &str) -> Option<(usize, &'a Json)> {
    let properties = schema.get("properties")?.as_object()?;
    properties
        .iter()
        .enumerate()
        .find(|(_, (name, _))| *name == key)
        .map(|(index, (_, value))| (index, value))
}

/// The schema of the values of a table whose keys are free.
fn inner<'a>(root: &'a Json, schema: &'a Json) -> Option<&'a Json> {
    let patterns = schema.get("patternProperties").and_then(Json::as_object);
    let value = patterns
        .and_then(|patterns| patterns.values().next())
        .or_else(|| schema.get("additionalProperties").filter(|value| value.is_object()))?;
    Some(resolve(root, value))
}

fn sort(root: &Json, schema: &Json) -> Option<FieldSort> {
    match schema.get("type") {
        Some(Json::String(name)) => match name.as_str() {
            "string" => Some(match schema.get("format").and_then(Json::as_str) {
                Some("date") => FieldSort::Date,
                Some("date-time") => FieldSort::Instant,
                _ => FieldSort::Text,
            }),
            "integer" => Some(FieldSort::Integer),
            "boolean" => Some(FieldSort::Boolean),
            "array" => {
                let item = resolve(root, schema.get("items")?);
                (sort(root, item)? == FieldSort::Text).then_some(FieldSort::List)
            }
            _ => None,
        },
        // Attributes of one's own can be of several types; the map reads them as text.
        Some(Json::Array(names)) => {
            names.iter().any(|name| name.as_str() == Some("string")).then_some(FieldSort::Text)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_types_of_the_schema() {
        let services = Fields::of(Subject::Service);
        let sort = |fields: &Fields, name: &str| fields.find(name).unwrap().sort;
        assert_eq!(sort(&services, "name"), FieldSort::Text);
        assert_eq!(sort(&services, "lifecycle"), FieldSort::Text);
        assert_eq!(sort(&services, "owner"), FieldSort::Text);
        assert_eq!(sort(&services, "review-date"), FieldSort::Date);
        assert_eq!(sort(&services, "depends-on"), FieldSort::List);
        assert_eq!(sort(&services, "data.personal-data"), FieldSort::Boolean);
        assert_eq!(sort(&services, "raci.incident.accountable"), FieldSort::Text);
        assert_eq!(sort(&Fields::of(Subject::Team), "capacity.hours-per-week"), FieldSort::Integer);
        assert_eq!(sort(&Fields::of(Subject::Person), "accounts.github"), FieldSort::Text);
        let entitlements = Fields::of(Subject::Entitlement);
        assert_eq!(sort(&entitlements, "provision.method"), FieldSort::Text);
        assert_eq!(sort(&entitlements, "privileged"), FieldSort::Boolean);
        assert_eq!(sort(&entitlements, "groups"), FieldSort::List);
    }

    #[test]
    fn names_that_are_no_field_get_a_suggestion() {
        let services = Fields::of(Subject::Service);
        assert_eq!(services.find("lifecycel").unwrap_err().near.as_deref(), Some("lifecycle"));
        assert_eq!(services.find("review_date").unwrap_err().near.as_deref(), Some("review-date"));
        assert_eq!(
            services.find("data.classificaton").unwrap_err().near.as_deref(),
            Some("data.classification")
        );
        let table = services.find("data").unwrap_err();
        assert!(table.is_table && table.near.as_deref() == Some("data.classification"), "{table:?}");
        assert!(services.find("entitlement.user.name").is_err());
        assert!(services.find("entitlement").is_err());
        assert!(services.find("").is_err());
    }

    #[test]
    fn fields_sort_in_the_order_of_their_type() {
        let services = Fields::of(Subject::Service);
        let order = |name: &str| services.find(name).unwrap().order;
        assert!(order("name") < order("description"));
        assert!(order("owner") < order("data.classification"));
        assert!(order("data.classification") < order("data.residency"));
    }
}
