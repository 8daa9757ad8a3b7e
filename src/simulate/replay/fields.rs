//! From the cells of a row to the values of fields, as a map says it.

use std::borrow::Cow;

use indexmap::IndexMap;

use super::{Reject, instants::shown};
use crate::{
    import::text::{email_to_id, percent, slug},
    load::{
        rows::{Cell, Cells},
        suggest::nearest,
        words::list,
    },
    model::{
        import_map::{Constant, Transform},
        replay_map::{ReplayField, ReplayMap},
    },
};

/// A map that names what there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapProblem {
    /// A field that does not exist.
    #[error("there is no field `{field}`{}", field_help(field, known))]
    Field {
        /// What was written.
        field: String,
        /// The fields that there are.
        known: Vec<String>,
    },
    /// A field that says neither a column nor a value, or both.
    #[error("`{0}` needs a `column`, or a `value`, and not both")]
    Source(String),
    /// A field without which nothing can be replayed.
    #[error("nothing says `{field}`: {help}")]
    Needed {
        /// The field.
        field: &'static str,
        /// What to write.
        help: &'static str,
    },
    /// Instants that cannot be read.
    #[error("`instants = \"{format}\"` cannot be read: {why}")]
    Instants {
        /// The format.
        format: String,
        /// Why.
        why: String,
    },
    /// Something that the rulebook does not hold.
    #[error("{0}")]
    Rulebook(String),
}

fn field_help(field: &str, known: &[String]) -> String {
    let known = || known.iter().map(String::as_str);
    match nearest(field, known()) {
        Some(near) => format!(": did you mean `{near}`?"),
        None => format!(": the fields are {}", list(known())),
    }
}

/// Where fields come from, with the columns that are read.
#[derive(Debug, Default)]
pub struct Mapping {
    columns: Vec<String>,
    missing: Vec<String>,
    fields: Vec<(String, Source)>,
}

/// Where a field comes from.
#[derive(Debug, Clone)]
struct Source {
    place: Option<usize>,
    field: ReplayField,
}

impl Mapping {
    /// The fields of a map. `columns` of the command line count in place of what the map says; without a map, fields
    /// are read from columns of their own name, as far as `own` has them.
    ///
    /// # Errors
    /// When a field does not exist or says nothing.
    pub fn new(
        map: Option<&ReplayMap>,
        columns: &[(String, String)],
        own: &[String],
        known: &dyn Fn(&str) -> bool,
        names: &[&str],
    ) -> Result<Self, MapProblem> {
        let by_column =
            |column: &str| ReplayField { column: Some(column.to_owned()), ..ReplayField::default() };
        let mut fields: IndexMap<String, ReplayField> = match map {
            Some(map) => map.fields.clone(),
            None => {
                own.iter().filter(|name| known(name)).map(|name| (name.clone(), by_column(name))).collect()
            }
        };
        fields.extend(columns.iter().map(|(name, column)| (name.clone(), by_column(column))));
        let mut mapping = Self::default();
        mapping.missing.extend(map.into_iter().flat_map(|map| map.missing.iter().cloned()));
        for name in fields.keys() {
            if !known(name) {
                let known = names.iter().map(ToString::to_string).collect();
                return Err(MapProblem::Field { field: name.clone(), known });
            }
        }
        mapping.extend("", fields.iter())?;
        Ok(mapping)
    }

    /// Adds further fields, under names of their own.
    ///
    /// # Errors
    /// When a field says nothing.
    pub fn extend<'f>(
        &mut self,
        prefix: &str,
        fields: impl Iterator<Item = (&'f String, &'f ReplayField)>,
    ) -> Result<(), MapProblem> {
        for (name, field) in fields {
            let name = format!("{prefix}{name}");
            if field.column.is_some() == field.value.is_some() {
                return Err(MapProblem::Source(name));
            }
            self.add(&name, field.clone());
        }
        Ok(())
    }

    fn add(&mut self, name: &str, field: ReplayField) {
        let place = field.column.as_ref().map(|column| {
            self.columns.iter().position(|known| known == column).unwrap_or_else(|| {
                self.columns.push(column.clone());
                self.columns.len() - 1
            })
        });
        self.fields.push((name.to_owned(), Source { place, field }));
    }

    /// The columns that are read, each once.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Each field with the column that it is read from, for people.
    pub fn read_from(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter_map(|(name, source)| Some((name.as_str(), source.field.column.as_deref()?)))
    }

    /// The field with this name, if anything says it.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Field<'_>> {
        let (name, source) = self.fields.iter().find(|(known, _)| known == name)?;
        Some(Field { name, source, missing: &self.missing })
    }

    /// The fields whose names start with a prefix, with the rest of their names.
    pub fn below<'m>(&'m self, prefix: &'m str) -> impl Iterator<Item = (&'m str, Field<'m>)> {
        self.fields.iter().filter_map(move |(name, source)| {
            Some((name.strip_prefix(prefix)?, Field { name, source, missing: &self.missing }))
        })
    }
}

/// A field that something says.
#[derive(Debug, Clone, Copy)]
pub struct Field<'m> {
    name: &'m str,
    source: &'m Source,
    missing: &'m [String],
}

impl<'m> Field<'m> {
    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'m str {
        self.name
    }

    /// The value in a row, if there is one.
    ///
    /// # Errors
    /// When it has no translation, or a list stands where one value is wanted.
    pub fn text<'v>(&self, cells: &'v Cells<'_>) -> Result<Option<Cow<'v, str>>, Reject>
    where
        'm: 'v,
    {
        match self.cell(cells) {
            Some(Cell::List(_)) => Err(Reject::value(self.name, "a list stands where one value is wanted")),
            Some(Cell::Text(text)) => self.meant(Some(text)),
            None => match &self.source.field.value {
                Some(Constant::One(text)) => Ok(Some(Cow::Borrowed(text))),
                Some(Constant::List(_)) => {
                    Err(Reject::value(self.name, "a list stands where one value is wanted"))
                }
                None => self.meant(None),
            },
        }
    }

    /// The values in a row.
    ///
    /// # Errors
    /// When one of them has no translation.
    pub fn list<'v>(&self, cells: &'v Cells<'_>) -> Result<Vec<Cow<'v, str>>, Reject>
    where
        'm: 'v,
    {
        let mut found = Vec::new();
        match (self.cell(cells), &self.source.field.value) {
            (Some(Cell::List(items)), _) => {
                for item in items {
                    found.extend(self.meant(Some(item))?);
                }
            }
            (Some(Cell::Text(text)), _) => {
                let parts: Box<dyn Iterator<Item = &str>> = match &self.source.field.separator {
                    Some(separator) => Box::new(text.split(separator.as_str())),
                    None => Box::new(text.split([',', ';'])),
                };
                for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
                    found.extend(self.meant(Some(part))?);
                }
            }
            (None, Some(Constant::List(items))) => {
                found.extend(items.iter().map(|item| Cow::Borrowed(item.as_str())));
            }
            (None, Some(Constant::One(text))) => found.push(Cow::Borrowed(text.as_str())),
            (None, None) => found.extend(self.meant(None)?),
        }
        Ok(found)
    }

    fn cell<'v>(&self, cells: &'v Cells<'_>) -> Option<&'v Cell<'v>>
    where
        'm: 'v,
    {
        cells.get(self.source.place?)?.as_ref()
    }

    /// What a text of the export means.
    fn meant<'v>(&self, text: Option<&'v str>) -> Result<Option<Cow<'v, str>>, Reject>
    where
        'm: 'v,
    {
        let field = &self.source.field;
        let is_missing =
            |text: &str| self.missing.iter().chain(&field.missing).any(|missing| missing == text);
        let default = || field.default.as_deref().map(Cow::Borrowed);
        let Some(text) = text.filter(|text| !is_missing(text)) else { return Ok(default()) };
        let mut meant = if field.values.is_empty() {
            Cow::Borrowed(text)
        } else {
            match (field.values.get(text), default()) {
                (Some(value), _) => Cow::Borrowed(value.as_str()),
                (None, Some(default)) => return Ok(Some(default)),
                (None, None) => {
                    let why = format!("the map gives no meaning to `{}`", shown(text));
                    return Err(Reject::value(self.name, why));
                }
            }
        };
        let no_id = || Reject::value(self.name, format!("`{}` gives no id", shown(text)));
        meant = match field.transform {
            None | Some(Transform::None) => meant,
            Some(Transform::LowerCase) => Cow::Owned(meant.to_lowercase()),
            Some(Transform::Percent) => {
                let no_share = || Reject::value(self.name, format!("`{}` is no share of one", shown(text)));
                Cow::Owned(percent(&meant).ok_or_else(no_share)?.to_string())
            }
            Some(Transform::Id) => Cow::Owned(slug(&meant).ok_or_else(no_id)?.to_string()),
            Some(Transform::EmailToId) => Cow::Owned(email_to_id(&meant).ok_or_else(no_id)?.to_string()),
        };
        Ok(Some(match &field.prefix {
            Some(prefix) => Cow::Owned(format!("{prefix}{meant}")),
            None => meant,
        }))
    }
}
