//! Replay maps in files.

use super::{decode, document, shape, text};
use crate::{
    diag::{Diagnostic, FileId, Sources, Span},
    model::replay_map::ReplayMap,
};

/// A map that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the replay map cannot be used")]
pub struct MapError {
    /// What is wrong.
    pub found: Vec<Diagnostic>,
    /// The text of the map, to point into.
    pub sources: Box<Sources>,
}

/// Reads a map. `path` is its name in messages.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(path: &str, bytes: Vec<u8>) -> Result<ReplayMap, MapError> {
    const FILE: FileId = FileId(0);
    let mut sources = Sources::default();
    let mut found = Vec::new();
    let text = text::read(FILE, bytes, &mut found);
    sources.add(path, text.clone());
    let parsed = if found.is_empty() { document::parse(FILE, &text, &mut found) } else { None };
    if let Some(root) = parsed.filter(|_| found.is_empty())
        && shape::replay_map_checker().check_file(FILE, &root, &mut found)
    {
        match decode::decode_file::<ReplayMap>(&root) {
            Ok((map, _)) => return Ok(map),
            Err(error) => found.push(document::undecodable(FILE, error, Span::default())),
        }
    }
    Err(MapError { found, sources: Box::new(sources) })
}
