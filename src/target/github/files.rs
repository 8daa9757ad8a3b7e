//! Files of the repository: forms and code owners, in a folder from which they go in by a pull request.

use serde_json::{Value, json};

use super::{desired::OWNERS, forms, owners, sort::Sort};
use crate::{
    model::{Id, settings::TargetType},
    plan::Key,
    source::{digest, directory::Entry},
    target::{TargetError, folder::Folder, opening::Opening},
};

/// The folder of a target that names none.
const FOLDER: &str = TargetType::Github.folder();
/// Where GitHub looks for forms, and how those that are written here begin and end.
const FORMS: &str = ".github/ISSUE_TEMPLATE";
const PREFIX: &str = "gitsm-";
const SUFFIX: &str = ".yml";
/// Where GitHub looks for code owners.
const CODEOWNERS: &str = ".github/CODEOWNERS";
/// The most bytes of a file that is read: GitHub reads no more of code owners.
const MAX_BYTES: u64 = 3 * 1024 * 1024;

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

    /// The path of an object below the folder; none when its id cannot be a part of one.
    fn below(key: &Key) -> Option<String> {
        match Sort::of_kind(&key.kind)? {
            Sort::Form => Id::new(&key.id).map(|id| format!("{FORMS}/{PREFIX}{id}{SUFFIX}")),
            Sort::Owners if &*key.id == OWNERS => Some(CODEOWNERS.to_owned()),
            _ => None,
        }
    }

    /// What an object is called: its path.
    pub(super) fn name(&self, key: &Key) -> String {
        format!("{}/{}", self.root.shown(), Self::below(key).unwrap_or_default())
    }

    /// Every object that is there, and the forms of others.
    pub(super) fn list(&self) -> Result<(Vec<Key>, Vec<String>), TargetError> {
        let (mut keys, mut others) = (Vec::new(), Vec::new());
        let owners = Key::new(Sort::Owners.kind(), OWNERS);
        if self.read(&owners)?.is_some() {
            keys.push(owners);
        }
        let Some(directory) = self.root.below(FORMS, false)? else { return Ok((keys, others)) };
        for Entry { name, .. } in
            directory.entries().map_err(|error| self.root.failed("read", FORMS, error))?
        {
            let name = name.to_string_lossy();
            let id = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX)).and_then(Id::new);
            match id {
                Some(id) => keys.push(Key::new(Sort::Form.kind(), id.as_str())),
                None => others.push(format!("{}/{FORMS}/{name}", self.root.shown())),
            }
        }
        keys.sort();
        Ok((keys, others))
    }

    /// What a file says; of one that somebody changed only that it is another one.
    pub(super) fn read(&self, key: &Key) -> Result<Option<Value>, TargetError> {
        let Some(below) = Self::below(key) else { return Ok(None) };
        let Some(bytes) = self.root.read(&below, MAX_BYTES)? else { return Ok(None) };
        let text = String::from_utf8_lossy(&bytes);
        let value =
            if key.kind == Sort::Form.kind().into() { forms::read(&text) } else { owners::read(&text) };
        Ok(Some(value.unwrap_or_else(|| json!({ "changed": digest(&bytes) }))))
    }

    /// Replaces a file as a whole: whoever reads it meanwhile reads the old one or the new one.
    pub(super) fn write(&self, key: &Key, content: &Value) -> Result<(), TargetError> {
        let Some(below) = Self::below(key) else {
            return Err(self.root.refused(&key.id, "is no path of a file"));
        };
        let text = if key.kind == Sort::Form.kind().into() {
            forms::render(content)
        } else {
            owners::render(content)
        };
        self.root.replace(&below, text.as_bytes())
    }

    /// Removes a file. One that is not there is removed.
    pub(super) fn remove(&self, key: &Key) -> Result<(), TargetError> {
        match Self::below(key) {
            Some(below) => self.root.remove(&below),
            None => Ok(()),
        }
    }
}
