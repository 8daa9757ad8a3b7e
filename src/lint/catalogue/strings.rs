//! Visits every text of a document with the field it stands in, without building the document as JSON.

use std::fmt::Write;

use serde::ser::{self, Serialize, Serializer};

use crate::load::tree::escape;

/// Calls `visit` with the pointer, the nearest key and the text of every string that `value` holds.
///
/// Quantities, dates and references to several kinds write themselves in shapes of their own; nobody can
/// hide anything else in them, so they are passed over.
///
/// The pointers of values that refuse to be written are handed back; all others are visited nevertheless.
#[must_use]
pub(super) fn each(value: &impl Serialize, visit: &mut dyn FnMut(&str, &str, &str)) -> Vec<String> {
    let mut walk = Walk { pointer: String::new(), key: (0, 0), visit, unread: Vec::new() };
    if value.serialize(&mut walk).is_err() {
        walk.unread.push(String::new());
    }
    walk.unread
}

struct Walk<'v> {
    pointer: String,
    /// Where in the pointer the nearest key stands.
    key: (usize, usize),
    visit: &'v mut dyn FnMut(&str, &str, &str),
    /// The values that refused to be written.
    unread: Vec<String>,
}

type Done = Result<(), std::fmt::Error>;

impl Walk<'_> {
    fn below<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) {
        let (length, before) = (self.pointer.len(), self.key);
        self.pointer.push('/');
        let start = self.pointer.len();
        self.pointer.push_str(&escape(key));
        self.key = (start, self.pointer.len());
        self.read(value);
        self.pointer.truncate(length);
        self.key = before;
    }

    fn item<T: Serialize + ?Sized>(&mut self, index: usize, value: &T) {
        let length = self.pointer.len();
        self.pointer.push('/');
        // Writing into a string cannot fail.
        let _ = write!(self.pointer, "{index}");
        self.read(value);
        self.pointer.truncate(length);
    }

    /// Reads a value; one that refuses does not keep its neighbours from being read.
    fn read<T: Serialize + ?Sized>(&mut self, value: &T) {
        if value.serialize(&mut *self).is_err() {
            self.unread.push(self.pointer.clone());
        }
    }
}

macro_rules! nothing {
    ($($name:ident($type:ty)),+) => {$(
        fn $name(self, _: $type) -> Done {
            Ok(())
        }
    )+};
}

impl<'w, 'v> Serializer for &'w mut Walk<'v> {
    type Ok = ();
    type Error = std::fmt::Error;
    type SerializeSeq = Items<'w, 'v>;
    type SerializeTuple = Items<'w, 'v>;
    type SerializeTupleStruct = Items<'w, 'v>;
    type SerializeTupleVariant = Items<'w, 'v>;
    type SerializeMap = Fields<'w, 'v>;
    type SerializeStruct = Fields<'w, 'v>;
    type SerializeStructVariant = Fields<'w, 'v>;

    nothing!(
        serialize_bool(bool),
        serialize_i8(i8),
        serialize_i16(i16),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_u8(u8),
        serialize_u16(u16),
        serialize_u32(u32),
        serialize_u64(u64),
        serialize_f32(f32),
        serialize_f64(f64),
        serialize_char(char),
        serialize_bytes(&[u8]),
        serialize_unit_struct(&'static str)
    );

    fn serialize_str(self, text: &str) -> Done {
        let key = self.pointer.get(self.key.0..self.key.1).unwrap_or_default();
        (self.visit)(&self.pointer, key, text);
        Ok(())
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, _: &T) -> Done {
        Ok(())
    }

    fn serialize_none(self) -> Done {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Done {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        self.below(variant, value);
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'w, 'v>, std::fmt::Error> {
        Ok(Items { walk: self, index: 0 })
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'w, 'v>, std::fmt::Error> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'w, 'v>, std::fmt::Error> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Items<'w, 'v>, std::fmt::Error> {
        self.serialize_seq(None)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'w, 'v>, std::fmt::Error> {
        Ok(Fields { walk: self, key: String::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'w, 'v>, std::fmt::Error> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Fields<'w, 'v>, std::fmt::Error> {
        self.serialize_map(None)
    }
}

/// The items of a list.
struct Items<'w, 'v> {
    walk: &'w mut Walk<'v>,
    index: usize,
}

impl Items<'_, '_> {
    fn next<T: Serialize + ?Sized>(&mut self, value: &T) {
        let index = self.index;
        self.index += 1;
        self.walk.item(index, value);
    }
}

macro_rules! items {
    ($($trait:ident::$method:ident),+) => {$(
        impl ser::$trait for Items<'_, '_> {
            type Ok = ();
            type Error = std::fmt::Error;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
                self.next(value);
                Ok(())
            }
            fn end(self) -> Done {
                Ok(())
            }
        }
    )+};
}
items!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

/// The fields of a table.
struct Fields<'w, 'v> {
    walk: &'w mut Walk<'v>,
    key: String,
}

impl ser::SerializeMap for Fields<'_, '_> {
    type Ok = ();
    type Error = std::fmt::Error;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.key.clear();
        // Keys are ids, words and dates, all of which JSON writes as strings.
        if let Ok(serde_json::Value::String(text)) = serde_json::to_value(key) {
            self.key = text;
        }
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        let key = std::mem::take(&mut self.key);
        self.walk.below(&key, value);
        Ok(())
    }
    fn end(self) -> Done {
        Ok(())
    }
}

macro_rules! fields {
    ($($trait:ident),+) => {$(
        impl ser::$trait for Fields<'_, '_> {
            type Ok = ();
            type Error = std::fmt::Error;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Done {
                self.walk.below(key, value);
                Ok(())
            }
            fn end(self) -> Done {
                Ok(())
            }
        }
    )+};
}
fields!(SerializeStruct, SerializeStructVariant);

/// A value that refuses to be written.
#[cfg(test)]
pub(super) struct Refusing;

#[cfg(test)]
impl Serialize for Refusing {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(ser::Error::custom("no"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusing, each};

    #[test]
    fn a_value_that_refuses_does_not_hide_its_neighbours() {
        let mut seen = Vec::new();
        let value = (Refusing, "text");
        let unread = each(&value, &mut |pointer, _, text| seen.push(format!("{pointer} {text}")));
        assert_eq!((seen, unread), (vec!["/1 text".to_owned()], vec!["/0".to_owned()]));
    }

    #[test]
    fn every_text_is_visited_at_its_pointer_with_its_nearest_key() {
        let value =
            serde_json::json!({ "a": "one", "b": [{ "c/d": "two" }, "three", 4, true, null], "e": {} });
        let mut seen = Vec::new();
        let unread = each(&value, &mut |pointer, key, text| {
            seen.push(format!("{pointer} {key} {text}"));
        });
        assert_eq!(unread, Vec::<String>::new());
        assert_eq!(seen, ["/a a one", "/b/0/c~1d c~1d two", "/b/1 b three"]);
    }
}
