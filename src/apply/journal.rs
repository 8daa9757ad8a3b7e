//! What was about to be done at a target, and what came of it: one JSON object on each line, on the disk before anything
//! is done.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    model::Instant,
    plan::{Action, Key, Operation},
    source::{Directory, SourceError, digest},
};

/// The file.
const FILE: &str = "journal.jsonl";

/// A line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Entry {
    /// A plan is begun.
    Begin {
        /// Its checksum.
        plan: String,
        /// When.
        at: Instant,
    },
    /// Something is about to be done.
    Intent {
        /// The same for the same operation of the same plan.
        key: String,
        /// The object.
        object: Key,
        /// What is done.
        action: Action,
        /// The digest that the object will have; absent when it is deleted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
    },
    /// What came of it.
    Result {
        /// The key of the intent.
        key: String,
        /// How it ended.
        outcome: Outcome,
        /// Why it ended so, when it was not done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The plan is over.
    End {
        /// When.
        at: Instant,
    },
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done, and read back.
    Done,
    /// It was not done.
    Failed,
    /// It was not tried, because something that it needs was not done.
    Skipped,
}

/// A journal that cannot be relied on.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be read.
    #[error("the journal cannot be read")]
    Source(#[from] SourceError),
    /// A line of it is no entry.
    #[error("line {line} of the journal `{}` is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    file: File,
}

impl Journal {
    /// Begins a journal. The one of the run before is gone then: what it says must have been settled.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(folder: &Directory, plan: &str, at: Instant) -> io::Result<Self> {
        let (mut file, new) = folder.fresh("journal.new")?;
        file.write_all(&line(&Entry::Begin { plan: plan.to_owned(), at })?)?;
        file.sync_all()?;
        folder.rename(&new, folder, FILE)?;
        Ok(Self { file })
    }

    /// Adds lines. They are on the disk when this returns only with `synced`.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn add(&mut self, entries: &[Entry], synced: bool) -> io::Result<()> {
        let mut bytes = Vec::new();
        for entry in entries {
            bytes.append(&mut line(entry)?);
        }
        self.file.write_all(&bytes)?;
        if synced { self.file.sync_data() } else { Ok(()) }
    }
}

fn line(entry: &Entry) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(entry)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads the journal of a folder, which is shown as `shown`; nothing when there is none. A last line without its end was
/// never on the disk before anything was done, so it is left out.
///
/// # Errors
/// When it cannot be read, or a line of it is damaged.
pub fn read(folder: &Directory, shown: &Path) -> Result<Vec<Entry>, JournalError> {
    let path = shown.join(FILE);
    let Some(bytes) = super::state::bytes(folder, FILE, &path)? else { return Ok(Vec::new()) };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let lines = bytes.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n');
    let lines = lines.enumerate().filter(|(_, line)| !line.is_empty());
    lines
        .map(|(number, line)| {
            serde_json::from_slice(line)
                .map_err(|_| JournalError::Damaged { path: path.clone(), line: number + 1 })
        })
        .collect()
}

/// The key of an operation of a plan: the same however often it is tried.
#[must_use]
pub fn idempotency_key(plan: &str, operation: &Operation) -> String {
    let text = format!("{plan} {} {}", operation.object, operation.action.name());
    digest(text.as_bytes()).chars().take(24).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn entries() -> Vec<Entry> {
        let intent = |key: &str| Entry::Intent {
            key: key.to_owned(),
            object: Key::new("service", key),
            action: Action::Create,
            after: Some("1".to_owned()),
        };
        let result =
            Entry::Result { key: "a".to_owned(), outcome: Outcome::Failed, reason: Some("no".to_owned()) };
        vec![intent("a"), intent("b"), result, Entry::End { at: "2026-01-01T00:00:00Z".parse().unwrap() }]
    }

    #[test]
    fn what_was_written_is_read_and_a_cut_line_was_never_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let directory = Directory::open(folder.path()).unwrap();
        let read = || super::read(&directory, folder.path());
        assert_eq!(read().unwrap(), Vec::new());
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut journal = Journal::begin(&directory, "plan", at).unwrap();
        journal.add(&entries(), true).unwrap();
        let all = read().unwrap();
        assert_eq!(all[1..], entries());
        let bytes = fs::read(&path).unwrap();
        for cut in 0..bytes.len() {
            fs::write(&path, &bytes[..cut]).unwrap();
            let lines = bytes[..cut].split(|byte| *byte == b'\n').count() - 1;
            assert_eq!(read().unwrap(), all[..lines], "cut after {cut} bytes");
        }
        // In the middle it is damage.
        let text = String::from_utf8(bytes).unwrap().replacen("\"intent\"", "\"inten\"", 1);
        fs::write(&path, text).unwrap();
        assert!(matches!(read(), Err(JournalError::Damaged { line: 2, .. })));
        Journal::begin(&directory, "plan", at).unwrap();
        assert_eq!(read().unwrap().len(), 1);
    }
}
