//! The files that the next commit would hold.

use std::{collections::BTreeMap, ops::Bound};

use super::{
    GitError, Mode, ObjectId, Repository,
    revision::{blob, sort},
    store::Store,
};
use crate::source::{Found, Source, SourceError};

/// The files of the index, below a folder of the repository.
pub struct Staged<'r> {
    store: Store<'r>,
    missing: &'static str,
    entries: BTreeMap<String, (Mode, ObjectId)>,
}

impl std::fmt::Debug for Staged<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Staged").field("files", &self.entries.len()).finish_non_exhaustive()
    }
}

impl<'r> Staged<'r> {
    /// The files of the index below the folder that the repository was opened for.
    ///
    /// # Errors
    /// When it cannot be read, or a merge is not finished.
    pub fn new(repository: &'r Repository) -> Result<Self, SourceError> {
        let index = repository.git.index().map_err(|error| repository.other(&error))?;
        let mut entries = BTreeMap::new();
        for entry in index.iter() {
            let Some(below) = entry.path.strip_prefix(repository.below.as_bytes()) else { continue };
            let shown = || String::from_utf8_lossy(&entry.path).into_owned();
            let path = match std::str::from_utf8(below) {
                Ok(path) => path.to_owned(),
                Err(_) => return Err(SourceError::NotUnicode { path: shown().into() }),
            };
            // The two bits that say which side of a conflict an entry is of.
            if (entry.flags >> 12) & 3 != 0 {
                return Err(GitError::Conflict { path: shown() }.into());
            }
            entries.insert(path, (Mode::from_bits(entry.mode), ObjectId(entry.id)));
        }
        Ok(Self { store: repository.store()?, missing: repository.missing, entries })
    }
}

impl Source for Staged<'_> {
    fn list(&self, folder: &str) -> Result<Option<Vec<Found>>, SourceError> {
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        let exact = parts.join("/");
        parts.push("");
        let start = parts.join("/");
        let found = |path: &str, mode, id: ObjectId| {
            let length = self.store.length(id.0).map_or(0, |length| length as u64);
            Found { path: path.to_owned(), sort: sort(mode), length }
        };
        if let Some((mode, id)) = self.entries.get(&exact) {
            return Ok(Some(vec![found(&exact, *mode, *id)]));
        }
        let from = (Bound::Included(start.clone()), Bound::Unbounded);
        let below = self.entries.range(from).take_while(|(path, _)| path.starts_with(&start));
        let listed: Vec<Found> = below.map(|(path, (mode, id))| found(path, *mode, *id)).collect();
        Ok((!listed.is_empty()).then_some(listed))
    }

    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        match self.entries.get(&parts.join("/")) {
            None => Ok(None),
            Some((Mode::File, id)) => match blob(&self.store, *id, limit, self.missing)? {
                Some(bytes) => Ok(Some(bytes)),
                None => Err(SourceError::TooLarge { path: path.to_owned(), limit }),
            },
            Some(_) => Err(SourceError::NotAFile { path: path.to_owned() }),
        }
    }

    fn describe(&self) -> String {
        "the index".to_owned()
    }
}
