//! Reading past the first mistake.
//!
//! A value that cannot be read is left out and the object is read again, so that every mistake of it is known, and every
//! reference whatever else is wrong.

use std::collections::BTreeMap;

use toml::{Spanned, de::DeValue};

use super::{DecodeError, Notes, Reader, Seen};
use crate::diag::Span;

/// So many mistakes of one object are looked for.
const MOST_MISTAKES: usize = 100;

/// So many values are read before the rest of an object with mistakes is not looked at any more.
const MOST_VALUES: usize = 1_000_000;

/// What could be read of an object.
#[derive(Debug)]
pub struct Forgiven<T> {
    /// The object, when nothing is wrong with it.
    pub document: Option<T>,
    /// Every reference in it whose value can be read.
    pub references: Vec<Seen>,
    /// What is wrong, without what only follows from something else that is.
    pub mistakes: Vec<DecodeError>,
}

/// Reads an object to its end, whatever is wrong with it.
pub fn decode_all<T>(
    value: &Spanned<DeValue<'_>>,
    read: impl for<'a> Fn(Reader<'a>) -> Result<T, DecodeError>,
) -> Forgiven<T> {
    let mut notes = Notes::default();
    let mut known: BTreeMap<(Span, Box<str>), Seen> = BTreeMap::new();
    let mut mistakes: Vec<DecodeError> = Vec::new();
    loop {
        let result = read(Reader { value: value.get_ref(), span: value.span().into(), notes: &notes });
        let seen = notes.seen.take();
        let error = match result {
            Ok(document) if mistakes.is_empty() && notes.left_out.is_empty() => {
                return Forgiven { document: Some(document), references: seen, mistakes };
            }
            Ok(_) => None,
            Err(error) => Some(error),
        };
        known.extend(seen.into_iter().map(|one| ((one.span, one.field.clone()), one)));
        let Some(error) = error else { break };
        let mut pointer = error.pointer.clone().unwrap_or_default();
        // That a table lacks what was left out of it is no second mistake.
        let follows = notes.left_out.iter().any(|known| is_inside(known, &pointer));
        if !follows {
            mistakes.push(error);
        }
        while notes.left_out.contains(&pointer) {
            pointer = pointer.rsplit_once('/').map_or("", |(above, _)| above).into();
        }
        let enough = mistakes.len() >= MOST_MISTAKES || notes.values.get() >= MOST_VALUES;
        if pointer.is_empty() || enough {
            break;
        }
        notes.left_out.insert(pointer);
    }
    // What cannot be read refers to nothing.
    let refused: Vec<Span> = mistakes.iter().filter_map(|mistake| mistake.span).collect();
    let references = known.into_values().filter(|one| !refused.contains(&one.span)).collect();
    Forgiven { document: None, references, mistakes }
}

/// Whether a value is another one or lies in it.
fn is_inside(pointer: &str, other: &str) -> bool {
    pointer.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
