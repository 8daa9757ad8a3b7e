//! What gitsm remembers about a target: the ledger, and the journal of a run that nobody has settled.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::journal::{self, Entry, JournalError, Outcome};
use crate::{
    plan::{Action, Key, Ledger, Observed, ledger::FORMAT_VERSION},
    source::{SourceError, read_bounded},
};

/// The most bytes of a ledger.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// The files in which it is remembered.
const LEDGER: &str = "state.json";
const JOURNAL: &str = "journal.jsonl";
const LOCK: &str = "lock";

/// What is remembered about a target.
#[derive(Debug, Clone)]
pub struct State {
    folder: PathBuf,
    ledger: Ledger,
    journal: Vec<Entry>,
}

/// What cannot be remembered.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be read.
    #[error("what is known about the target cannot be read")]
    Source(#[from] SourceError),
    /// It cannot be read as what it should be.
    #[error(
        "`{}` is damaged ({problem}): put back a copy of it, or move its folder away; files that are as they must be are then taken over, and nothing else is overwritten",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// It was written by a newer program.
    #[error("`{}` was written by a newer gitsm: use that one", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
    },
}

impl State {
    /// Reads what is remembered in a folder, which need not be there.
    ///
    /// # Errors
    /// When it is there and cannot be relied on: then nobody knows what is gitsm's own.
    pub fn load(folder: &Path) -> Result<Self, StateError> {
        let path = folder.join(LEDGER);
        let ledger = match read_bounded(&path, MAX_BYTES) {
            Ok(bytes) => {
                let ledger: Ledger = serde_json::from_slice(&bytes).map_err(|error| StateError::Damaged {
                    path: path.clone(),
                    problem: error.to_string(),
                })?;
                if ledger.format_version != FORMAT_VERSION {
                    return Err(StateError::Newer { path });
                }
                ledger
            }
            Err(SourceError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ledger { format_version: FORMAT_VERSION, ..Ledger::default() }
            }
            Err(error) => return Err(error.into()),
        };
        let journal = journal::read(&folder.join(JOURNAL)).map_err(|error| match error {
            JournalError::Source(error) => StateError::Source(error),
            JournalError::Damaged { path, line } => {
                StateError::Damaged { path, problem: format!("line {line} is no entry of a journal") }
            }
        })?;
        Ok(Self { folder: folder.to_owned(), ledger, journal })
    }

    /// The file that holds the lock.
    #[must_use]
    pub fn lock_path(&self) -> PathBuf {
        self.folder.join(LOCK)
    }

    /// The file that holds the journal.
    #[must_use]
    pub fn journal_path(&self) -> PathBuf {
        self.folder.join(JOURNAL)
    }

    /// The repository that the target belongs to; none before the first apply.
    #[must_use]
    pub fn repository(&self) -> Option<&str> {
        Some(self.ledger.repository.as_str()).filter(|name| !name.is_empty())
    }

    /// Whether the last run did not come to its end.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        !self.journal.is_empty() && !matches!(self.journal.last(), Some(Entry::End { .. }))
    }

    /// What is gitsm's own, with what the journal adds. Where nobody wrote down what came of an operation, what the target
    /// holds decides.
    #[must_use]
    pub fn settled(&self, observed: &Observed) -> Ledger {
        let mut ledger = self.ledger.clone();
        let results: BTreeMap<&str, Outcome> = self
            .journal
            .iter()
            .filter_map(|entry| match entry {
                Entry::Result { key, outcome, .. } => Some((key.as_str(), *outcome)),
                _ => None,
            })
            .collect();
        for entry in &self.journal {
            let Entry::Intent { key, object, action, after } = entry else { continue };
            let holds = observed.objects.get(object).map(|found| found.digest.as_str());
            let done = match results.get(key.as_str()) {
                Some(Outcome::Done) => true,
                Some(Outcome::Skipped) => false,
                // An answer can get lost: what failed may have been done all the same.
                Some(Outcome::Failed) | None => holds == after.as_deref(),
            };
            if done {
                settle(&mut ledger, object, *action, after.as_deref());
            }
        }
        // What is neither wanted nor there any more needs no memory: what is made under its name is made anew.
        ledger
    }

    /// Writes what is known now; it is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written. What was known before is then still there.
    pub fn save(&self, ledger: &Ledger) -> io::Result<()> {
        let new = self.folder.join("state.new");
        let mut file = super::fresh::fresh(&new)?;
        let mut text = serde_json::to_vec_pretty(ledger)?;
        text.push(b'\n');
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&new, self.folder.join(LEDGER))?;
        // A system that cannot open a folder keeps its list of files safe by itself.
        File::open(&self.folder).map_or(Ok(()), |folder| folder.sync_all())
    }
}

/// Notes that an operation was done.
pub(super) fn settle(ledger: &mut Ledger, object: &Key, action: Action, after: Option<&str>) {
    match (action, after) {
        (Action::Delete, _) | (_, None) => {
            ledger.objects.remove(object);
        }
        (_, Some(digest)) => {
            ledger.objects.insert(object.clone(), digest.to_owned());
        }
    }
}
