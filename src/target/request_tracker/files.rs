//! Files of configuration: what the interface cannot write, for the administrator to put in its place.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Component, Path, PathBuf},
};

use serde_json::{Value, json};

use super::levels;
use crate::{
    source::read_bounded,
    target::{Place, TargetError},
};

/// The folder of a target that names none.
pub(super) const FOLDER: &str = "request-tracker";
/// The file, as Request Tracker looks for it.
const FILE: &str = "RT_SiteConfig.d/50-gitsm.pm";
/// The most bytes of a file that is read.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The folder of files.
#[derive(Debug)]
pub(super) struct Files {
    path: PathBuf,
    shown: String,
}

impl Files {
    /// The folder, which need not be there yet.
    pub(super) fn open(place: &Place<'_>) -> Result<Self, TargetError> {
        let shown = place.settings.folder.clone().unwrap_or_else(|| FOLDER.to_owned());
        let mut parts = Path::new(&shown).components();
        if shown.is_empty() || shown.contains('\0') || !parts.all(|part| matches!(part, Component::Normal(_)))
        {
            return Err(TargetError::refused(
                format!(
                    "the folder `{shown}` of the target `{}` does not lie below the repository",
                    place.name
                ),
                "name a folder of its own there, such as `request-tracker`",
            ));
        }
        Ok(Self { path: place.repository.join(&shown), shown })
    }

    /// Where gitsm keeps what it knows about the target.
    pub(super) fn state(&self) -> PathBuf {
        self.path.join(".gitsm")
    }

    /// What the configuration says; something that nothing is the same as when somebody changed it.
    pub(super) fn read(&self) -> Result<Option<Value>, TargetError> {
        let path = self.path.join(FILE);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => {
                return Err(TargetError::refused(
                    format!("`{}/{FILE}` is no file", self.shown),
                    "remove it, then plan again",
                ));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("read", error)),
        }
        let bytes = read_bounded(&path, MAX_BYTES).map_err(|error| {
            TargetError::refused(
                format!("`{}/{FILE}` cannot be read: {error}", self.shown),
                "look at what is there",
            )
        })?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(Some(levels::read(&text).unwrap_or_else(|| json!({ "changed": crate::source::digest(&bytes) }))))
    }

    /// Replaces the file as a whole: whoever reads it meanwhile reads the old one or the new one.
    pub(super) fn write(&self, content: &Value) -> Result<(), TargetError> {
        let path = self.path.join(FILE);
        let failed = |error| self.failed("write", error);
        let folder = path.parent().unwrap_or(&self.path);
        fs::create_dir_all(folder).map_err(failed)?;
        let beside = path.with_extension("pm.new");
        let write = || {
            let mut file = File::create(&beside)?;
            file.write_all(levels::render(content).as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(failed)
    }

    /// Removes the file. One that is not there is removed.
    pub(super) fn remove(&self) -> Result<(), TargetError> {
        match fs::remove_file(self.path.join(FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed("remove", error)),
            _ => Ok(()),
        }
    }

    fn failed(&self, what: &str, error: io::Error) -> TargetError {
        TargetError::failed(format!("cannot {what} `{}/{FILE}`", self.shown), error)
    }
}
