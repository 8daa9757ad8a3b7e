//! Where the keys and values of a document stand, without what they say.

use std::{borrow::Cow, collections::HashMap};

use super::Span;

/// Where a pointer leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    /// The key, when the value has one of its own.
    pub key: Option<Span>,
    /// The value; of a table its header.
    pub value: Span,
    /// Whether the whole pointer exists. When not, the deepest part that does is given.
    pub exact: bool,
}

/// The keys and items of a document, or of a part of one, with where they stand.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    inside: Inside,
}

/// What is inside something.
#[derive(Debug, Clone, Default)]
enum Inside {
    #[default]
    Nothing,
    Keys(HashMap<Box<str>, (Span, Span, Outline)>),
    Items(Vec<(Span, Outline)>),
}

impl Outline {
    /// A table: each key with where it stands, where its value stands, and what is inside that.
    pub fn table(entries: impl IntoIterator<Item = (Box<str>, Span, Span, Self)>) -> Self {
        let keys = entries.into_iter().map(|(key, at, value, inside)| (key, (at, value, inside)));
        Self { inside: Inside::Keys(keys.collect()) }
    }

    /// An array: where each item stands, and what is inside it.
    pub fn array(items: impl IntoIterator<Item = (Span, Self)>) -> Self {
        Self { inside: Inside::Items(items.into_iter().collect()) }
    }

    /// Finds a JSON pointer. What is missing is given as the table in which it is missing.
    #[must_use]
    pub fn locate(&self, pointer: &str) -> Located {
        let mut at = Located { key: None, value: Span::default(), exact: true };
        let mut here = self;
        for segment in pointer.split('/').skip(1) {
            let segment = unescape(segment);
            let next = match &here.inside {
                Inside::Keys(keys) => {
                    keys.get(segment.as_ref()).map(|(key, value, inside)| (Some(*key), *value, inside))
                }
                Inside::Items(items) => {
                    let item = segment.parse::<usize>().ok().and_then(|index| items.get(index));
                    item.map(|(value, inside)| (None, *value, inside))
                }
                Inside::Nothing => None,
            };
            let Some((key, value, inside)) = next else {
                at.exact = false;
                return at;
            };
            at = Located { key, value, exact: true };
            here = inside;
        }
        at
    }
}

/// A part of a JSON pointer as it was before it was escaped.
#[must_use]
pub fn unescape(segment: &str) -> Cow<'_, str> {
    if segment.contains('~') {
        Cow::Owned(segment.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(segment)
    }
}
