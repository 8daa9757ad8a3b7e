//! Places in the rulebook: objects and fields, whose bytes are looked up only when somebody wants to see them.

use super::{Document, Entry, Kind, Origin, Reference};
use crate::diag::{FileId, Place, Span};

/// A place in the rulebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A field of an object, as a JSON pointer below the file; the origin stands in where it is not found.
    Field {
        /// The object.
        origin: Origin,
        /// `/kind/id/field/…`.
        pointer: String,
        /// Whether the key is meant rather than the value.
        key: bool,
    },
    /// Bytes of a file.
    Bytes(FileId, Span),
    /// What stands in or before some bytes of a file; they stand in where it is not found.
    Near(FileId, Span, Near),
}

/// What is meant in or before a value that the model carries the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Near {
    /// The entry of a list, by its index.
    Entry(usize),
    /// The key that gives the value.
    Key,
}

impl Location {
    /// A field of an object of any kind.
    #[must_use]
    pub fn field(kind: Kind, id: &str, origin: Origin, pointer: &str) -> Self {
        // Decisions name many places: one allocation, and of the right size.
        let whole = ["/", kind.name(), "/", id, pointer].concat();
        Self::Field { origin, pointer: whole, key: false }
    }

    /// The same place, meaning the key rather than the value.
    #[must_use]
    pub fn key(self) -> Self {
        match self {
            Self::Field { origin, pointer, .. } => Self::Field { origin, pointer, key: true },
            bytes @ (Self::Bytes(..) | Self::Near(..)) => bytes,
        }
    }

    /// The settings, which the loader reads first.
    #[must_use]
    pub fn settings() -> Self {
        Self::Bytes(FileId(0), Span::default())
    }

    /// Where a reference stands.
    #[must_use]
    pub fn of(reference: &Reference) -> Self {
        Self::Bytes(reference.origin.file, reference.origin.span)
    }

    /// A place inside an object that the model carries itself, such as a test of a condition.
    #[must_use]
    pub fn place(origin: Origin, place: Place) -> Self {
        Self::Bytes(origin.file, place.0)
    }

    /// Something in or before such a place.
    #[must_use]
    pub fn near(origin: Origin, place: Place, near: Near) -> Self {
        Self::Near(origin.file, place.0, near)
    }
}

impl<T: Document> Entry<T> {
    /// Where a field of the object stands: a JSON pointer such as `/stage/0/approvers`, or the empty string
    /// for the object itself. What is missing is shown as the table in which it is missing.
    #[must_use]
    pub fn at(&self, pointer: impl AsRef<str>) -> Location {
        if pointer.as_ref().is_empty() {
            return Location::Bytes(self.origin.file, self.origin.span);
        }
        Location::field(T::KIND, self.id.as_str(), self.origin, pointer.as_ref())
    }
}
