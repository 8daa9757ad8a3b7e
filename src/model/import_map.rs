//! Import maps: how the columns of an export become the fields of objects.

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, SeqAccess, Visitor},
};

use super::choice::choice;

/// How the columns of an export become the fields of objects. `gitsm import csv` reads it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Import map", example = serde_json::json!({
    "delimiter": ";", "missing": ["?", "N/A"], "ignore": ["Row number"],
    "fields": {
        "id": { "column": "Number", "prefix": "svc-" }, "name": { "column": "Service name" },
        "lifecycle": { "value": "active" },
        "tier": { "column": "Class", "values": { "A": "gold" }, "default": "silver" }
    }
}))]
pub struct ImportMap {
    /// What separates the columns, when it is not a comma: `";"`, or `"\t"` for a tab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1))]
    pub delimiter: Option<String>,
    /// Words that stand for a missing value in any column. An empty value is always missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Columns that are left out on purpose, so that they are not reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// Where each field comes from. A field inside a table is written with a dot and in quotes:
    /// `"data.classification" = { column = "Class" }`.
    pub fields: IndexMap<String, FieldSource>,
}

/// Where a field comes from: a column, or the same value for every object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FieldSource {
    /// The heading of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The value of every object, instead of a column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Constant>,
    /// Words of the export and what they mean here: `{ "A" = "gold", "B" = "silver" }`. A word that is not
    /// listed is reported, unless there is a `default`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub values: IndexMap<String, String>,
    /// What to write when the value is missing or has no translation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What the text is turned into before the prefix is put in front of it.
    #[serde(default = "no_transform")]
    pub transform: Transform,
    /// What is put in front of the value, such as `team:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// What separates the entries of a list inside the column; without it the whole text is one entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub separator: Option<String>,
    /// How dates are written in the export, in the notation of strftime: `%d/%m/%Y`. Without it, `2026-05-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"\S"))]
    pub format: Option<String>,
    /// Further words that stand for a missing value in this column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Whether the text is HTML, whose tags are taken out and whose character references are resolved.
    #[serde(default)]
    pub html: bool,
    /// Whether line breaks in the text stay; otherwise they become spaces.
    #[serde(default)]
    pub keep_lines: bool,
    /// What happens when two different values give the same id. Only for `id`.
    #[serde(default = "report_collisions")]
    pub collisions: Collisions,
}

const fn no_transform() -> Transform {
    Transform::None
}

const fn report_collisions() -> Collisions {
    Collisions::Report
}

choice! {
    /// What a text is turned into.
    pub enum Transform {
        /// It stays as it is.
        None = "none",
        /// An id: lower case, without accents, with dashes between the words.
        Id = "id",
        /// The id of the part of an e-mail address before the `@`.
        EmailToId = "email-to-id",
        /// The same in lower case.
        LowerCase = "lower-case",
        /// A share of one as a percentage: `0.9` becomes `90%`.
        Percent = "percent",
    }
}

choice! {
    /// What happens when two different values give the same id.
    pub enum Collisions {
        /// The later record is left out and reported.
        Report = "report",
        /// In the order of the values, the second gets `-2`, the third `-3`.
        Number = "number",
    }
}

/// A value that every object gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Constant {
    /// A single value; numbers, `true`, `false` and dates are read from their text.
    One(String),
    /// A list.
    List(Vec<String>),
}

struct ConstantVisitor;

impl<'de> Visitor<'de> for ConstantVisitor {
    type Value = Constant;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a string, a number, true or false, or a list of strings")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Constant, E> {
        Ok(Constant::One(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Constant, E> {
        Ok(Constant::One(number.to_string()))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Constant, E> {
        Ok(Constant::One(value.to_string()))
    }

    // The loader hands over dates, which TOML writes without quotes, as bytes.
    fn visit_bytes<E: de::Error>(self, date: &[u8]) -> Result<Constant, E> {
        Ok(Constant::One(String::from_utf8_lossy(date).into_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Constant, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<String>()? {
            list.push(item);
        }
        Ok(Constant::List(list))
    }
}

impl<'de> Deserialize<'de> for Constant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ConstantVisitor)
    }
}

impl JsonSchema for Constant {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Constant".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer", "boolean", "array"],
            "items": { "type": "string" },
            "description": "The value of every object.",
        })
    }
}
