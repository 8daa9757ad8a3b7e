//! Files of configuration: what the interface cannot write, for the administrator to put in its place.

use std::{
    io::{self, Write as _},
    path::{Component, Path, PathBuf},
};

use serde_json::{Value, json};

use super::levels;
use crate::{
    source::{Directory, directory::Content},
    target::{
        Place, TargetError,
        folder::{Folder, STATE},
    },
};

/// The folder of a target that names none.
pub(super) const FOLDER: &str = "request-tracker";
/// The file, as Request Tracker looks for it, and the folder that it lies in.
const FILE: &str = "RT_SiteConfig.d/50-gitsm.pm";
const BELOW: &str = "RT_SiteConfig.d";
const NAME: &str = "50-gitsm.pm";
/// The most bytes of a file that is read.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The folder of files.
#[derive(Debug)]
pub(super) struct Files {
    root: Folder,
}

impl Files {
    /// The folder, which need not be there yet.
    pub(super) fn open(place: &Place<'_>) -> Result<Self, TargetError> {
        let shown = place.settings.folder.clone().unwrap_or_else(|| FOLDER.to_owned());
        let mut parts = Path::new(&shown).components();
        if shown.is_empty()
            || shown.chars().any(char::is_control)
            || !parts.all(|part| matches!(part, Component::Normal(_)))
        {
            return Err(TargetError::refused(
                format!(
                    "the folder `{}` of the target `{}` does not lie below the repository",
                    shown.escape_debug(),
                    place.name
                ),
                "name a folder of its own there, such as `request-tracker`",
            ));
        }
        Ok(Self { root: Folder::new(&shown, place.repository)? })
    }

    /// Where gitsm keeps what it knows about the target.
    pub(super) fn state_folder(&self) -> PathBuf {
        self.root.path().join(STATE)
    }

    /// The same, opened.
    pub(super) fn state(&self, make: bool) -> Result<Option<Directory>, TargetError> {
        self.root.state(make)
    }

    /// What the configuration says; something that nothing is the same as when somebody changed it.
    pub(super) fn read(&self) -> Result<Option<Value>, TargetError> {
        let refused = |problem: &str, help: &str| {
            Err(TargetError::refused(format!("`{}/{FILE}` {problem}", self.root.shown()), help.to_owned()))
        };
        let Some(directory) = self.root.below(BELOW, false)? else { return Ok(None) };
        let bytes = match directory.read(NAME, MAX_BYTES).map_err(|error| self.failed("read", error))? {
            None => return Ok(None),
            Some(Content::Bytes(bytes)) => bytes,
            Some(Content::NotAFile) => return refused("is no file", "remove it, then plan again"),
            Some(Content::TooLarge(_)) => {
                return refused("is too large to be gitsm's", "move it away, then plan again");
            }
        };
        let text = String::from_utf8_lossy(&bytes);
        Ok(Some(levels::read(&text).unwrap_or_else(|| json!({ "changed": crate::source::digest(&bytes) }))))
    }

    /// Replaces the file as a whole: whoever reads it meanwhile reads the old one or the new one.
    pub(super) fn write(&self, content: &Value) -> Result<(), TargetError> {
        let failed = |error| self.failed("write", error);
        let missing = || failed(io::Error::from(io::ErrorKind::NotFound));
        let directory = self.root.below(BELOW, true)?.ok_or_else(missing)?;
        let write = || {
            let (mut file, new) = directory.fresh("50-gitsm.pm.new")?;
            file.write_all(levels::render(content).as_bytes())?;
            file.sync_all()?;
            directory.rename(&new, &directory, NAME)?;
            directory.sync()
        };
        write().map_err(failed)
    }

    /// Removes the file. One that is not there is removed.
    pub(super) fn remove(&self) -> Result<(), TargetError> {
        match self.root.below(BELOW, false)? {
            Some(directory) => directory.remove(NAME).map_err(|error| self.failed("remove", error)),
            None => Ok(()),
        }
    }

    fn failed(&self, what: &str, error: io::Error) -> TargetError {
        TargetError::failed(format!("cannot {what} `{}/{FILE}`", self.root.shown()), error)
    }
}
