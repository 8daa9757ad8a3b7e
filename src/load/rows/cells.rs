//! The values of a row, by the columns that somebody wants to read.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::de::{self, DeserializeSeed, Deserializer as _, MapAccess, SeqAccess, Visitor};

use super::{ColumnError, Content, MOST_BYTES, Row, Rows};

/// The columns that are read, each of which has a place.
#[derive(Debug)]
pub struct Wanted {
    names: Vec<String>,
    /// Of CSV: where each column stands, and how many columns there are.
    places: Option<(Vec<usize>, usize)>,
    /// Of JSON: the place of each path, such as `request.requester`.
    paths: HashMap<String, usize>,
    /// Of JSON: which of them some row had.
    seen: Vec<AtomicBool>,
    /// Of JSON: the fields of the first row.
    first: OnceLock<Vec<String>>,
}

/// The value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<'r> {
    /// A text, or a number as it was written.
    Text(Cow<'r, str>),
    /// A list of texts.
    List(Vec<String>),
}

/// The values of a row, by the places of the columns.
pub type Cells<'r> = Vec<Option<Cell<'r>>>;

impl Wanted {
    /// Looks columns up. Those of JSON Lines are known only once every row was read.
    ///
    /// # Errors
    /// When CSV has no such column, or several.
    pub fn find(rows: &Rows, names: Vec<String>) -> Result<Self, ColumnError> {
        let mut places = Vec::new();
        for name in &names {
            let Some(columns) = rows.columns() else { continue };
            let mut all = columns.iter().enumerate().filter(|(_, known)| *known == name);
            let Some((place, _)) = all.next() else {
                return Err(ColumnError::Missing { column: name.clone(), columns: columns.to_vec() });
            };
            let more = all.count();
            if more > 0 {
                return Err(ColumnError::Ambiguous { column: name.clone(), count: more + 1 });
            }
            places.push(place);
        }
        let paths = names.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect();
        let places = rows.columns().map(|columns| (places, columns.len()));
        let seen = names.iter().map(|_| AtomicBool::new(places.is_some())).collect();
        Ok(Self { names, places, paths, seen, first: OnceLock::new() })
    }

    /// The names, in the order of their places.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// A column that no row had.
    ///
    /// # Errors
    /// When there is one.
    pub fn all_seen(&self) -> Result<(), ColumnError> {
        let unseen = self.names.iter().zip(&self.seen).find(|(_, seen)| !seen.load(Ordering::Relaxed));
        unseen.map_or(Ok(()), |(name, _)| {
            let columns = self.first.get().cloned().unwrap_or_default();
            Err(ColumnError::Missing { column: name.clone(), columns })
        })
    }

    /// The values of a row.
    ///
    /// # Errors
    /// Why the row cannot be read, for people.
    pub fn cells<'r>(&self, row: &'r Row) -> Result<Cells<'r>, String> {
        match (&row.content, &self.places) {
            (Content::Record(record), Some((places, width))) => {
                if record.len() != *width {
                    return Err(wrong_width(row, record.len(), *width));
                }
                places
                    .iter()
                    .zip(&self.names)
                    .map(|(place, name)| {
                        let bytes = record.get(*place).unwrap_or_default();
                        let text =
                            std::str::from_utf8(bytes).map_err(|_| format!("`{name}` is not UTF-8"))?;
                        let text = text.trim();
                        Ok((!text.is_empty()).then_some(Cell::Text(Cow::Borrowed(text))))
                    })
                    .collect()
            }
            (Content::Line(line), _) => self.of_json(line),
            (Content::Record(_) | Content::TooLong, _) => {
                Err(format!("it has more than the {MOST_BYTES} bytes that a row may have"))
            }
        }
    }

    fn of_json<'r>(&self, line: &'r [u8]) -> Result<Cells<'r>, String> {
        let text = std::str::from_utf8(line)
            .map_err(|error| format!("byte {} is not UTF-8", error.valid_up_to().saturating_add(1)))?;
        if !text.trim_ascii_start().starts_with('{') {
            return Err("it is not an object: write `{…}` on each line".to_owned());
        }
        self.first.get_or_init(|| {
            let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text);
            object.map(|object| object.into_iter().map(|(name, _)| name).collect()).unwrap_or_default()
        });
        let mut cells: Cells<'r> = vec![None; self.names.len()];
        let mut reader = serde_json::Deserializer::from_str(text);
        let object = Object { wanted: self, prefix: "", cells: &mut cells };
        let read = reader.deserialize_map(object).and_then(|()| reader.end());
        read.map_err(|error| {
            let words = error.to_string();
            if error.is_data() {
                // What is written here itself says where.
                words.split(" at line 1 ").next().unwrap_or_default().to_owned()
            } else {
                format!("it is not JSON: {}", words.replace(" at line 1 column", " at byte"))
            }
        })?;
        Ok(cells)
    }

    /// Whether a path leads to something that is wanted.
    fn leads(&self, path: &str) -> bool {
        self.names.iter().any(|name| name.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
    }
}

fn wrong_width(row: &Row, found: usize, width: usize) -> String {
    let columns = |count: usize| if count == 1 { "1 column".to_owned() } else { format!("{count} columns") };
    let found = columns(found);
    if row.last_line > row.line {
        let (first, last) = (row.line, row.last_line);
        format!(
            "it has {found} instead of {width} and runs from line {first} to line {last}: is a quote not closed?"
        )
    } else {
        format!("it has {found} instead of {width}: put fields that hold the separator in double quotes")
    }
}

/// Reads an object, or one inside another.
struct Object<'w, 'c, 'r> {
    wanted: &'w Wanted,
    prefix: &'w str,
    cells: &'c mut Cells<'r>,
}

impl<'r> Visitor<'r> for Object<'_, '_, 'r> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'r>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(key)) = map.next_key::<Text<'r>>()? {
            let path =
                if self.prefix.is_empty() { key } else { Cow::Owned(format!("{}.{key}", self.prefix)) };
            let place = self.wanted.paths.get(&*path).copied();
            let value =
                Value { wanted: self.wanted, path: &path, is_wanted: place.is_some(), cells: self.cells };
            let cell = map.next_value_seed(value)?;
            let Some(place) = place else { continue };
            if let Some(seen) = self.wanted.seen.get(place) {
                seen.store(true, Ordering::Relaxed);
            }
            if let Some(slot) = self.cells.get_mut(place) {
                if slot.is_some() {
                    return Err(de::Error::custom(format_args!("`{path}` stands in it twice")));
                }
                *slot = cell;
            }
        }
        Ok(())
    }
}

/// Reads a value that is wanted, or inside which something is.
struct Value<'w, 'c, 'r> {
    wanted: &'w Wanted,
    path: &'w str,
    is_wanted: bool,
    cells: &'c mut Cells<'r>,
}

impl<'r> DeserializeSeed<'r> for Value<'_, '_, 'r> {
    type Value = Option<Cell<'r>>;

    fn deserialize<D: de::Deserializer<'r>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.is_wanted || self.wanted.leads(self.path) {
            deserializer.deserialize_any(self)
        } else {
            deserializer.deserialize_ignored_any(de::IgnoredAny).map(|_| None)
        }
    }
}

impl<'r> Value<'_, '_, 'r> {
    fn text(text: Cow<'r, str>) -> Option<Cell<'r>> {
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        (!text.is_empty()).then_some(Cell::Text(text))
    }

    fn written(text: &impl ToString) -> Cell<'r> {
        Cell::Text(Cow::Owned(text.to_string()))
    }
}

impl<'r> Visitor<'r> for Value<'_, '_, 'r> {
    type Value = Option<Cell<'r>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a text, a number, true, false or a list of texts in `{}`", self.path)
    }
    fn visit_borrowed_str<E>(self, text: &'r str) -> Result<Self::Value, E> {
        Ok(Self::text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Self::text(Cow::Owned(text.to_owned())))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Self::written(&value)))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Self::written(&number)))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Self::written(&number)))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Self::written(&number)))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_seq<A: SeqAccess<'r>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Item(item)) = items.next_element::<Item>()? {
            list.push(item);
        }
        Ok((!list.is_empty()).then_some(Cell::List(list)))
    }
    fn visit_map<A: MapAccess<'r>>(self, map: A) -> Result<Self::Value, A::Error> {
        if self.is_wanted {
            return Err(de::Error::custom(format_args!(
                "`{}` is an object: name a field of it, such as `{}.name`",
                self.path, self.path
            )));
        }
        Object { wanted: self.wanted, prefix: self.path, cells: self.cells }.visit_map(map)?;
        Ok(None)
    }
}

/// A key, borrowed where it can be.
struct Text<'r>(Cow<'r, str>);

impl<'r> de::Deserialize<'r> for Text<'r> {
    fn deserialize<D: de::Deserializer<'r>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowed;
        impl<'r> Visitor<'r> for Borrowed {
            type Value = Text<'r>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'r str) -> Result<Text<'r>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'r>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrowed)
    }
}

/// An entry of a list.
struct Item(String);

impl<'r> de::Deserialize<'r> for Item {
    fn deserialize<D: de::Deserializer<'r>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            serde_json::Value::Number(number) => Ok(Self(number.to_string())),
            serde_json::Value::Bool(value) => Ok(Self(value.to_string())),
            _ => Err(de::Error::custom("a list holds something that is no text")),
        }
    }
}
