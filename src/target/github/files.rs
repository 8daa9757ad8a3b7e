//! Files of the repository: forms and code owners, in a folder from which they go in by a pull request.

use std::{
    io::{self, Write as _},
    path::{Component, Path, PathBuf},
};

use serde_json::{Value, json};

use super::{desired::OWNERS, forms, owners, sort::Sort};
use crate::{
    model::Id,
    plan::Key,
    source::{
        Directory, digest,
        directory::{Content, Entry},
    },
    target::{
        Place, TargetError,
        folder::{Folder, STATE},
    },
};

/// The folder of a target that names none.
const FOLDER: &str = "github";
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
    root: Folder,
}

impl Files {
    /// The folder, which need not be there yet.
    pub(super) fn open(place: &Place<'_>) -> Result<Self, TargetError> {
        let shown = place.settings.folder.clone().unwrap_or_else(|| FOLDER.to_owned());
        let parts: Vec<Component<'_>> = Path::new(&shown).components().collect();
        let normal = parts.iter().all(|part| matches!(part, Component::Normal(_)));
        let first = parts.first().map(|part| part.as_os_str().to_string_lossy().to_lowercase());
        let own = matches!(first.as_deref(), Some(".git" | ".gitsm"));
        if parts.is_empty() || shown.chars().any(char::is_control) || !normal || own {
            return Err(TargetError::refused(
                format!(
                    "the folder `{}` of the target `{}` is no folder of its own below the repository",
                    shown.escape_debug(),
                    place.name
                ),
                "name one there, such as `github`",
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
        for Entry { name, .. } in directory.entries().map_err(|error| self.failed("read", FORMS, error))? {
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
        let (folder, name) = split(&below);
        let Some(directory) = self.root.below(folder, false)? else { return Ok(None) };
        let read = directory.read(name, MAX_BYTES).map_err(|error| self.failed("read", &below, error))?;
        let bytes = match read {
            None => return Ok(None),
            Some(Content::Bytes(bytes)) => bytes,
            Some(Content::NotAFile) => return Err(self.refused(&below, "is no file")),
            Some(Content::TooLarge(_)) => return Err(self.refused(&below, "is too large to be gitsm's")),
        };
        let text = String::from_utf8_lossy(&bytes);
        let value =
            if key.kind == Sort::Form.kind().into() { forms::read(&text) } else { owners::read(&text) };
        Ok(Some(value.unwrap_or_else(|| json!({ "changed": digest(&bytes) }))))
    }

    /// Replaces a file as a whole: whoever reads it meanwhile reads the old one or the new one.
    pub(super) fn write(&self, key: &Key, content: &Value) -> Result<(), TargetError> {
        let Some(below) = Self::below(key) else {
            return Err(self.refused(&key.id, "is no path of a file"));
        };
        let text = if key.kind == Sort::Form.kind().into() {
            forms::render(content)
        } else {
            owners::render(content)
        };
        let (folder, name) = split(&below);
        let failed = |error| self.failed("write", &below, error);
        let missing = || failed(io::Error::from(io::ErrorKind::NotFound));
        let directory = self.root.below(folder, true)?.ok_or_else(missing)?;
        // Made beside, where GitHub looks for nothing: a form that is half written is never one.
        let state = self.root.state(true)?.ok_or_else(missing)?;
        let write = || {
            let (mut file, new) = state.fresh("new")?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            state.rename(&new, &directory, name)?;
            directory.sync()
        };
        write().map_err(failed)
    }

    /// Removes a file. One that is not there is removed.
    pub(super) fn remove(&self, key: &Key) -> Result<(), TargetError> {
        let Some(below) = Self::below(key) else { return Ok(()) };
        let (folder, name) = split(&below);
        match self.root.below(folder, false)? {
            Some(directory) => directory.remove(name).map_err(|error| self.failed("remove", &below, error)),
            None => Ok(()),
        }
    }

    fn refused(&self, below: &str, problem: &str) -> TargetError {
        TargetError::refused(
            format!("`{}/{below}` {problem}", self.root.shown()),
            "remove it, then plan again",
        )
    }

    fn failed(&self, what: &str, below: &str, error: io::Error) -> TargetError {
        TargetError::failed(format!("cannot {what} `{}/{below}`", self.root.shown()), error)
    }
}

/// The folder of a path, and the name in it.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
