//! Files of configuration: what the interface cannot write, for the administrator to put in its place.

use serde_json::{Value, json};

use super::levels;
use crate::{
    model::settings::TargetType,
    target::{TargetError, folder::Folder, opening::Opening},
};

/// The folder of a target that names none.
pub(super) const FOLDER: &str = TargetType::RequestTracker.folder();
/// The file, where Request Tracker looks for it.
const FILE: &str = "RT_SiteConfig.d/50-gitsm.pm";
/// The most bytes of a file that is read.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The folder of files.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) root: Folder,
}

impl Files {
    /// The folder, which need not be there yet.
    pub(super) fn open(opening: Opening<'_>) -> Result<Self, TargetError> {
        Ok(Self { root: opening.folder(FOLDER)? })
    }

    /// What the configuration says; something that nothing is the same as when somebody changed it.
    pub(super) fn read(&self) -> Result<Option<Value>, TargetError> {
        let Some(bytes) = self.root.read(FILE, MAX_BYTES)? else { return Ok(None) };
        let text = String::from_utf8_lossy(&bytes);
        Ok(Some(levels::read(&text).unwrap_or_else(|| json!({ "changed": crate::source::digest(&bytes) }))))
    }

    /// Replaces the file as a whole: whoever reads it meanwhile reads the old one or the new one.
    pub(super) fn write(&self, content: &Value) -> Result<(), TargetError> {
        self.root.replace(FILE, levels::render(content).as_bytes())
    }

    /// Removes the file. One that is not there is removed.
    pub(super) fn remove(&self) -> Result<(), TargetError> {
        self.root.remove(FILE)
    }
}
