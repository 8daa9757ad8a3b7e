//! From the TOML tree to typed documents, noting every reference on the way.
//!
//! A deserialiser of our own, because it must know where each value stands, see every reference go by,
//! and tell a date from a string.

mod forgiving;
mod notes;

use std::borrow::Cow;

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor},
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

pub use forgiving::{Forgiven, decode_all};
use notes::{Notes, Segment};

use super::tree::Key;
use crate::{
    diag::Span,
    model::{
        Target, condition,
        quantity::{DATE, INSTANT},
    },
};

/// A reference that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The field, as a JSON pointer below the object.
    pub field: Box<str>,
    /// Where it stands.
    pub span: Span,
    /// What it names.
    pub to: Target,
}

/// Why a value cannot be read as what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// What is wrong.
    pub message: String,
    /// Where, once that is known.
    pub span: Option<Span>,
    /// Which value it is, as a JSON pointer below the object, once that is known.
    pub pointer: Option<Box<str>>,
    /// Whether a date was written in quotes.
    pub quoted_date: bool,
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}
impl std::error::Error for DecodeError {}
impl de::Error for DecodeError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), span: None, pointer: None, quoted_date: false }
    }
}

impl DecodeError {
    /// Notes where the innermost value stands that is being read.
    fn at(mut self, span: Span, notes: &Notes) -> Self {
        self.span.get_or_insert(span);
        self.pointer.get_or_insert_with(|| notes.pointer());
        self
    }
}

/// Reads an object and hands back the references in it.
///
/// # Errors
/// The first value that cannot be read.
pub fn decode<T>(
    value: &Spanned<DeValue<'_>>,
    read: impl for<'a> FnOnce(Reader<'a>) -> Result<T, DecodeError>,
) -> Result<(T, Vec<Seen>), DecodeError> {
    let notes = Notes::default();
    let document = read(Reader { value: value.get_ref(), span: value.span().into(), notes: &notes })?;
    Ok((document, notes.seen.into_inner()))
}

/// Reads the whole of a file as one value.
///
/// # Errors
/// The first value that cannot be read.
pub fn decode_file<T: de::DeserializeOwned>(root: &DeTable<'_>) -> Result<(T, Vec<Seen>), DecodeError> {
    let notes = Notes::default();
    let document = T::deserialize(TableReader { table: root, span: Span::default(), notes: &notes })?;
    Ok((document, notes.seen.into_inner()))
}

/// Reads one value of the tree.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    value: &'a DeValue<'a>,
    span: Span,
    notes: &'a Notes,
}

impl<'a> Reader<'a> {
    fn wrong(self, expected: &dyn de::Expected) -> DecodeError {
        let found = match self.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a number",
            DeValue::Float(_) => "a number that is not whole",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time without quotes",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        de::Error::custom(format_args!("expected {expected}, found {found}"))
    }

    fn text<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            DeValue::String(text) => visitor.visit_str(text),
            _ => Err(self.wrong(&visitor)),
        }
    }

    fn any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            DeValue::String(text) => visitor.visit_str(text),
            DeValue::Boolean(value) => visitor.visit_bool(*value),
            DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(number) => visitor.visit_i64(number),
                Err(_) => Err(self.wrong(&visitor)),
            },
            // No other value arrives as bytes, so a visitor can tell a date from a string.
            DeValue::Datetime(datetime) => visitor.visit_bytes(datetime.to_string().as_bytes()),
            DeValue::Float(_) => Err(self.wrong(&visitor)),
            DeValue::Array(array) => {
                visitor.visit_seq(Elements { items: array.iter(), index: 0, notes: self.notes })
            }
            DeValue::Table(table) => TableReader { table, span: self.span, notes: self.notes }.map(visitor),
        }
    }
}

impl<'a> Deserializer<'a> for Reader<'a> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.any(visitor).map_err(|error| error.at(self.span, self.notes))
    }

    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.text(visitor).map_err(|error| error.at(self.span, self.notes))
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let at = |error: DecodeError| error.at(self.span, self.notes);
        if name == DATE || name == INSTANT {
            return match self.value {
                DeValue::Datetime(datetime) => visitor.visit_str(&datetime.to_string()).map_err(at),
                DeValue::String(text) => {
                    // Reads the text all the same, so that nonsense is called nonsense.
                    visitor.visit_str::<DecodeError>(text).map_err(at)?;
                    let message = format!("the date `{text}` is written in quotes");
                    let pointer = Some(self.notes.pointer());
                    Err(DecodeError { message, span: Some(self.span), pointer, quoted_date: true })
                }
                _ => Err(at(self.wrong(&visitor))),
            };
        }
        if let DeValue::String(text) = self.value {
            self.notes.see(name, text, self.span);
        }
        visitor.visit_newtype_struct(self).map_err(at)
    }

    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        if name == condition::PLACED {
            return visitor
                .visit_seq(Placed { span: self.span, read: self, step: 0 })
                .map_err(|error| error.at(self.span, self.notes));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let result = match self.value {
            DeValue::String(text) => visitor.visit_enum(text.as_ref().into_deserializer()),
            DeValue::Table(table) => match table.iter().next() {
                Some((key, value)) if table.len() == 1 => {
                    visitor.visit_enum(Variant { key, value, notes: self.notes })
                }
                _ => Err(de::Error::custom("expected a word, or a table with a single key")),
            },
            _ => Err(self.wrong(&visitor)),
        };
        result.map_err(|error| error.at(self.span, self.notes))
    }

    serde::forward_to_deserialize_any! {
        <W: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple
        map struct identifier ignored_any
    }
}

/// Gives the start, the end and the value.
struct Placed<R> {
    span: Span,
    read: R,
    step: u8,
}

impl<'a, R: Deserializer<'a, Error = DecodeError> + Copy> SeqAccess<'a> for Placed<R> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        self.step += 1;
        match self.step {
            1 => seed.deserialize(self.span.start.into_deserializer()).map(Some),
            2 => seed.deserialize(self.span.end.into_deserializer()).map(Some),
            3 => seed.deserialize(self.read).map(Some),
            _ => Ok(None),
        }
    }
}

struct Elements<'a> {
    items: std::slice::Iter<'a, Spanned<DeValue<'a>>>,
    index: usize,
    notes: &'a Notes,
}

impl<'a> SeqAccess<'a> for Elements<'a> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let (item, index) = loop {
            let Some(item) = self.items.next() else { return Ok(None) };
            let index = self.index;
            self.index += 1;
            if !self.notes.leaves_out(|| Segment::Index(index)) {
                break (item, index);
            }
        };
        let reader = Reader { value: item.get_ref(), span: item.span().into(), notes: self.notes };
        self.notes.within(Segment::Index(index), || read_at(reader, seed)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// Reads a table.
#[derive(Debug, Clone, Copy)]
pub struct TableReader<'a> {
    table: &'a DeTable<'a>,
    span: Span,
    notes: &'a Notes,
}

impl<'a> TableReader<'a> {
    fn map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_map(Members { entries: self.table.iter(), pending: None, notes: self.notes })
    }
}

impl<'a> Deserializer<'a> for TableReader<'a> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.map(visitor).map_err(|error| error.at(self.span, self.notes))
    }

    serde::forward_to_deserialize_any! {
        <W: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Reads a value. What is only wrong once it was read, such as an id that is none, is wrong here.
fn read_at<'a, T: DeserializeSeed<'a>>(reader: Reader<'a>, seed: T) -> Result<T::Value, DecodeError> {
    seed.deserialize(reader).map_err(|error| error.at(reader.span, reader.notes))
}

fn key_of(key: &Key<'_>) -> Segment {
    Segment::Key(key.get_ref().to_string())
}

struct Members<'a> {
    entries: toml::map::Iter<'a, Key<'a>, Spanned<DeValue<'a>>>,
    pending: Option<(&'a Key<'a>, &'a Spanned<DeValue<'a>>)>,
    notes: &'a Notes,
}

impl<'a> MapAccess<'a> for Members<'a> {
    type Error = DecodeError;

    fn next_key_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        self.pending = loop {
            match self.entries.next() {
                Some((key, _)) if self.notes.leaves_out(|| key_of(key)) => {}
                next => break next,
            }
        };
        let Some((key, _)) = self.pending else { return Ok(None) };
        let span: Span = key.span().into();
        let reader = KeyReader { key: key.get_ref(), span, notes: self.notes };
        let read = seed.deserialize(reader);
        read.map(Some).map_err(|error| self.notes.within(key_of(key), || error.at(span, self.notes)))
    }

    fn next_value_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<T::Value, DecodeError> {
        let Some((key, value)) = self.pending.take() else {
            return Err(de::Error::custom("a value was read before its key"));
        };
        let reader = Reader { value: value.get_ref(), span: value.span().into(), notes: self.notes };
        self.notes.within(key_of(key), || read_at(reader, seed))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// Reads a key; dates and priorities can be keys.
#[derive(Debug, Clone, Copy)]
struct KeyReader<'a> {
    key: &'a Cow<'a, str>,
    span: Span,
    notes: &'a Notes,
}

impl<'a> Deserializer<'a> for KeyReader<'a> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_str(self.key)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.notes.within(Segment::Key(self.key.to_string()), || self.notes.see(name, self.key, self.span));
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_enum(self.key.as_ref().into_deserializer())
    }

    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        if name == condition::PLACED {
            return visitor.visit_seq(Placed { span: self.span, read: self, step: 0 });
        }
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        <W: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple map struct identifier ignored_any
    }
}

/// A table with a single key, read as a variant with a value.
struct Variant<'a> {
    key: &'a Key<'a>,
    value: &'a Spanned<DeValue<'a>>,
    notes: &'a Notes,
}

impl<'a> EnumAccess<'a> for Variant<'a> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<(T::Value, Self), DecodeError> {
        let span: Span = self.key.span().into();
        let name = seed
            .deserialize(KeyReader { key: self.key.get_ref(), span, notes: self.notes })
            .map_err(|error| error.at(span, self.notes))?;
        Ok((name, self))
    }
}

impl<'a> Variant<'a> {
    fn reader(&self) -> Reader<'a> {
        Reader { value: self.value.get_ref(), span: self.value.span().into(), notes: self.notes }
    }
}

impl<'a> VariantAccess<'a> for Variant<'a> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        let error: DecodeError = de::Error::custom("this word takes no value");
        Err(error.at(self.value.span().into(), self.notes))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, DecodeError> {
        let reader = self.reader();
        self.notes.within(key_of(self.key), || read_at(reader, seed))
    }

    fn tuple_variant<V: Visitor<'a>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.reader().deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'a>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.reader().deserialize_any(visitor)
    }
}
