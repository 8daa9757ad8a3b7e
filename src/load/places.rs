//! From objects and fields to bytes. A file is parsed again only when somebody wants to see something in it.

use std::collections::BTreeMap;

use rayon::prelude::*;
use toml::de::{DeTable, DeValue};

use super::tree;
use crate::{
    diag::{FileId, Sources, Span},
    model::{Location, location::Near},
};

/// So few files are looked at sooner than other threads have woken up.
const FEW: usize = 8;

/// Where some locations stand.
#[derive(Debug, Default)]
pub struct Places {
    fields: BTreeMap<(FileId, String), tree::Located>,
    near: BTreeMap<(FileId, Span, Near), Span>,
}

impl Places {
    /// Looks the locations up, each file once.
    #[must_use]
    pub fn find<'a>(locations: impl IntoIterator<Item = &'a Location>, sources: &Sources) -> Self {
        let mut wanted: BTreeMap<FileId, Vec<&str>> = BTreeMap::new();
        let mut near = BTreeMap::new();
        for location in locations {
            match location {
                Location::Field { origin, pointer, .. } => {
                    wanted.entry(origin.file).or_default().push(pointer);
                }
                Location::Near(file, span, what) => {
                    let text = sources.get(*file).map_or("", |source| &source.text);
                    near.insert((*file, *span, *what), nearby(text, *span, *what).unwrap_or(*span));
                }
                Location::Bytes(..) => {}
            }
        }
        let look_up = |(file, pointers): (FileId, Vec<&str>)| look_up(sources, file, &pointers);
        if wanted.len() < FEW {
            return Self { fields: wanted.into_iter().flat_map(look_up).collect(), near };
        }
        Self { fields: wanted.into_par_iter().flat_map_iter(look_up).collect(), near }
    }

    /// The file and bytes of a location that was looked up. What is missing in the file is given as the
    /// object in which it is missing.
    #[must_use]
    pub fn of(&self, location: &Location) -> (FileId, Span) {
        match location {
            Location::Bytes(file, span) => (*file, *span),
            Location::Near(file, span, what) => {
                (*file, self.near.get(&(*file, *span, *what)).copied().unwrap_or(*span))
            }
            Location::Field { origin, pointer, key } => {
                let span = match self.fields.get(&(origin.file, pointer.clone())) {
                    Some(located) if *key => located.key.unwrap_or(located.value),
                    Some(located) if located.value != Span::default() => located.value,
                    _ => origin.span,
                };
                (origin.file, span)
            }
        }
    }
}

/// Finds the entry of a list, or the key before a value.
fn nearby(text: &str, span: Span, what: Near) -> Option<Span> {
    let (before, value) = (text.get(..span.start as usize)?, text.get(span.range())?);
    match what {
        Near::Entry(index) => {
            let item = DeValue::parse(value).ok()?;
            let entry: Span = item.get_ref().as_array()?.get(index)?.span().into();
            Some(Span { start: span.start + entry.start, end: span.start + entry.end })
        }
        Near::Key => {
            let key = before.trim_end().strip_suffix('=')?.trim_end();
            let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
            let start = key.trim_end_matches(is_part).len();
            (start < key.len()).then(|| Span::new(start, key.len()))
        }
    }
}

fn look_up(sources: &Sources, file: FileId, pointers: &[&str]) -> Vec<((FileId, String), tree::Located)> {
    let Some(source) = sources.get(file) else { return Vec::new() };
    // Objects from CSV files have no tree; their record stands in for every field.
    if !source.path.ends_with(".toml") {
        return Vec::new();
    }
    let named = |pointer: &&str| (file, (*pointer).to_owned());
    let outline = |text: &str| tree::outline(DeTable::parse_recoverable(text).0.get_ref());
    if let Some(outline) = source.outline(outline) {
        return pointers.iter().map(|pointer| (named(pointer), outline.locate(pointer))).collect();
    }
    let (root, _) = DeTable::parse_recoverable(&source.text);
    pointers.iter().map(|pointer| (named(pointer), tree::locate(root.get_ref(), pointer))).collect()
}
