//! A source with changes that are not written yet.

use std::collections::BTreeMap;

use super::{Found, Source, SourceError};

/// Another source, some files of which have another text.
#[derive(Debug, Clone)]
pub struct Overlay<S> {
    below: S,
    /// The new texts, by path. Only files that are in the source below have one.
    pub texts: BTreeMap<String, String>,
}

impl<S> Overlay<S> {
    /// The source as it is.
    pub const fn new(below: S) -> Self {
        Self { below, texts: BTreeMap::new() }
    }
}

impl<S: Source> Source for Overlay<S> {
    fn list(&self, folder: &str) -> Result<Option<Vec<Found>>, SourceError> {
        let mut found = self.below.list(folder)?;
        for file in found.iter_mut().flatten() {
            if let Some(text) = self.texts.get(&file.path) {
                file.length = text.len() as u64;
            }
        }
        Ok(found)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        match self.texts.get(path) {
            Some(text) => Ok(Some(text.clone().into_bytes())),
            None => self.below.read(path, limit),
        }
    }

    fn describe(&self) -> String {
        self.below.describe()
    }
}
