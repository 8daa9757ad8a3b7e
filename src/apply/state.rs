//! What gitsm remembers about a target: the ledger, and the journal of a run that nobody has settled.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::journal::{self, Entry, JournalError, Outcome};
use crate::{
    plan::{
        Action, Key, Ledger, Observed,
        ledger::{About, FORMAT_VERSION},
    },
    source::{Directory, SourceError, directory::Content},
    target::{Reader, TargetError},
};

/// The most bytes of a ledger or a journal.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// The file in which it is remembered what is gitsm's own.
const LEDGER: &str = "state.json";

/// What is remembered about a target.
#[derive(Debug)]
pub struct State {
    ledger: Ledger,
    journal: Vec<Entry>,
}

/// What cannot be remembered.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be read.
    #[error("what is known about the target cannot be read")]
    Source(#[from] SourceError),
    /// The folder that holds it cannot be opened.
    #[error(transparent)]
    Target(#[from] TargetError),
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

impl StateError {
    /// Whether it was decided not to rely on it, rather than not possible to read it.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Source(_) => false,
            Self::Target(error) => error.is_refusal(),
            Self::Damaged { .. } | Self::Newer { .. } => true,
        }
    }
}

impl State {
    /// Reads what is remembered about a target.
    ///
    /// # Errors
    /// When it is there and cannot be relied on: then nobody knows what is gitsm's own.
    pub fn load(reader: &dyn Reader) -> Result<Self, StateError> {
        let nothing = || Ledger { format_version: FORMAT_VERSION, ..Ledger::default() };
        let Some(folder) = reader.state(false)? else {
            return Ok(Self { ledger: nothing(), journal: Vec::new() });
        };
        let shown = reader.state_folder();
        let path = shown.join(LEDGER);
        let ledger = match bytes(&folder, LEDGER, &path)? {
            Some(bytes) => {
                let ledger: Ledger = serde_json::from_slice(&bytes).map_err(|error| StateError::Damaged {
                    path: path.clone(),
                    problem: error.to_string(),
                })?;
                if ledger.format_version != FORMAT_VERSION {
                    return Err(StateError::Newer { path });
                }
                ledger
            }
            None => nothing(),
        };
        let journal = journal::read(&folder, &shown).map_err(|error| match error {
            JournalError::Source(error) => StateError::Source(error),
            JournalError::Damaged { path, line } => {
                StateError::Damaged { path, problem: format!("line {line} is no entry of a journal") }
            }
        })?;
        Ok(Self { ledger, journal })
    }

    /// What was written down, without what the journal adds.
    #[must_use]
    pub const fn written(&self) -> &Ledger {
        &self.ledger
    }

    /// The repository that the target belongs to; none before the first apply.
    #[must_use]
    pub fn repository(&self) -> Option<&str> {
        Some(self.ledger.repository.as_str()).filter(|name| !name.is_empty())
    }

    /// What tells that repository from others of the same name; none where nobody knew.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.ledger.owner.as_deref()
    }

    /// Makes sure that what is remembered is about this target. The objects of another one have the same names and are
    /// somebody else's.
    ///
    /// # Errors
    /// When it is about another target, or nobody can say.
    pub fn is_about(&self, target_type: &str, reader: &dyn Reader) -> Result<(), TargetError> {
        // Nothing was applied yet.
        if self.repository().is_none() {
            return Ok(());
        }
        let this = about(target_type, reader);
        let shown = reader.state_folder().join(LEDGER).display().to_string();
        let words = |about: &About| match &about.place {
            Some(place) => format!("`{place}` ({})", about.target_type),
            None => format!("a target of the sort `{}`", about.target_type),
        };
        match &self.ledger.target {
            Some(other) if *other == this => Ok(()),
            Some(other) => {
                let mut help = "give this target another `folder`".to_owned();
                if let (true, Some(place)) = (other.target_type == this.target_type, &this.place) {
                    help = format!(
                        "{help}; when it is the same system at another address, write `{place}` as its place into \
                         `{shown}`"
                    );
                }
                Err(TargetError::refused(
                    format!("this folder remembers {}, and the target is {}", words(other), words(&this)),
                    help,
                ))
            }
            None => Err(TargetError::refused(
                format!("`{shown}` does not say which target it is about"),
                format!(
                    "when it is {}, write `\"target\": {}` into it",
                    words(&this),
                    serde_json::to_string(&this).unwrap_or_default()
                ),
            )),
        }
    }

    /// Whether the last run did not come to its end.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        !self.journal.is_empty() && !self.is_ended()
    }

    fn is_ended(&self) -> bool {
        matches!(self.journal.last(), Some(Entry::End { .. }))
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
                // At the end of a run it was written down. What was forgotten since then stays forgotten.
                Some(Outcome::Done) if self.is_ended() => continue,
                Some(Outcome::Done) => true,
                Some(Outcome::Skipped) => false,
                // An answer can get lost: what failed may have been done all the same.
                Some(Outcome::Failed) | None => holds == after.as_deref(),
            };
            if done {
                settle(&mut ledger, object, *action, after.as_deref());
            }
        }
        ledger
    }
}

/// What a ledger says about the target of a reader.
#[must_use]
pub fn about(target_type: &str, reader: &dyn Reader) -> About {
    About { target_type: target_type.to_owned(), place: reader.system() }
}

/// Writes into its folder what is known now; it is on the disk when this returns.
///
/// # Errors
/// When it cannot be written. What was known before is then still there.
pub fn save(folder: &Directory, ledger: &Ledger) -> io::Result<()> {
    let (mut file, new) = folder.fresh("state.new")?;
    let mut text = serde_json::to_vec_pretty(ledger)?;
    text.push(b'\n');
    file.write_all(&text)?;
    file.sync_all()?;
    folder.rename(&new, folder, LEDGER)?;
    folder.sync()
}

/// What a file of the folder holds; none when it is not there.
pub(super) fn bytes(folder: &Directory, name: &str, path: &Path) -> Result<Option<Vec<u8>>, SourceError> {
    match folder.read(name, MAX_BYTES) {
        Ok(None) => Ok(None),
        Ok(Some(Content::Bytes(bytes))) => Ok(Some(bytes)),
        Ok(Some(Content::TooLarge(_))) => {
            Err(SourceError::TooLarge { path: path.display().to_string(), limit: MAX_BYTES })
        }
        Ok(Some(Content::NotAFile)) => Err(SourceError::NotAFile { path: path.display().to_string() }),
        Err(source) => Err(SourceError::Read { path: path.to_owned(), source }),
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
