//! Files of the repository: forms and code owners, in a folder from which they go in by a pull request.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Component, Path, PathBuf},
};

use serde_json::{Value, json};

use super::{desired::OWNERS, forms, owners, sort::Sort};
use crate::{
    model::Id,
    plan::Key,
    source::{digest, read_bounded},
    target::{Place, TargetError},
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
    path: PathBuf,
    shown: String,
}

impl Files {
    /// The folder, which need not be there yet.
    pub(super) fn open(place: &Place<'_>) -> Result<Self, TargetError> {
        let shown = place.settings.folder.clone().unwrap_or_else(|| FOLDER.to_owned());
        let parts: Vec<Component<'_>> = Path::new(&shown).components().collect();
        let normal = parts.iter().all(|part| matches!(part, Component::Normal(_)));
        let first = parts.first().map(|part| part.as_os_str().to_string_lossy().to_lowercase());
        let own = matches!(first.as_deref(), Some(".git" | ".gitsm"));
        if parts.is_empty() || shown.contains('\0') || !normal || own {
            return Err(TargetError::refused(
                format!(
                    "the folder `{shown}` of the target `{}` is no folder of its own below the repository",
                    place.name
                ),
                "name one there, such as `github`",
            ));
        }
        Ok(Self { path: place.repository.join(&shown), shown })
    }

    /// Where gitsm keeps what it knows about the target.
    pub(super) fn state(&self) -> PathBuf {
        self.path.join(".gitsm")
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
        format!("{}/{}", self.shown, Self::below(key).unwrap_or_default())
    }

    /// Every object that is there, and the forms of others.
    pub(super) fn list(&self) -> Result<(Vec<Key>, Vec<String>), TargetError> {
        let (mut keys, mut others) = (Vec::new(), Vec::new());
        let owners = Key::new(Sort::Owners.kind(), OWNERS);
        if self.read(&owners)?.is_some() {
            keys.push(owners);
        }
        let entries = match fs::read_dir(self.path.join(FORMS)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((keys, others)),
            Err(error) => return Err(self.failed("read", FORMS, error)),
        };
        for entry in entries {
            let name = entry.map_err(|error| self.failed("read", FORMS, error))?.file_name();
            let name = name.to_string_lossy();
            let id = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX)).and_then(Id::new);
            match id {
                Some(id) => keys.push(Key::new(Sort::Form.kind(), id.as_str())),
                None => others.push(format!("{}/{FORMS}/{name}", self.shown)),
            }
        }
        keys.sort();
        Ok((keys, others))
    }

    /// What a file says; of one that somebody changed only that it is another one.
    pub(super) fn read(&self, key: &Key) -> Result<Option<Value>, TargetError> {
        let Some(below) = Self::below(key) else { return Ok(None) };
        let path = self.path.join(&below);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Err(self.refused(&below, "is no file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("read", &below, error)),
        }
        let bytes = read_bounded(&path, MAX_BYTES)
            .map_err(|error| self.refused(&below, &format!("cannot be read: {error}")))?;
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
        let path = self.path.join(&below);
        let failed = |error| self.failed("write", &below, error);
        let folder = path.parent().unwrap_or(&self.path);
        self.make(folder)?;
        let beside = self.state().join("new");
        self.make(&self.state())?;
        let write = || {
            // Left over from a run that was killed, or put there by somebody: never written into.
            match fs::remove_file(&beside) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = File::create_new(&beside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(failed)
    }

    /// Makes a folder below the repository. None of those above it may be a link.
    fn make(&self, folder: &Path) -> Result<(), TargetError> {
        let made = fs::create_dir_all(folder);
        let root = self.path.ancestors().nth(Path::new(&self.shown).components().count());
        for part in folder.ancestors().take_while(|part| Some(*part) != root) {
            if fs::symlink_metadata(part).is_ok_and(|metadata| metadata.is_symlink()) {
                let shown = part.strip_prefix(&self.path).unwrap_or(part).display().to_string();
                return Err(self.refused(&shown, "is a link, so what is written there can land anywhere"));
            }
        }
        made.map_err(|error| self.failed("make", &folder.display().to_string(), error))
    }

    /// Removes a file. One that is not there is removed.
    pub(super) fn remove(&self, key: &Key) -> Result<(), TargetError> {
        let Some(below) = Self::below(key) else { return Ok(()) };
        match fs::remove_file(self.path.join(&below)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.failed("remove", &below, error))
            }
            _ => Ok(()),
        }
    }

    fn refused(&self, below: &str, problem: &str) -> TargetError {
        TargetError::refused(format!("`{}/{below}` {problem}", self.shown), "remove it, then plan again")
    }

    fn failed(&self, what: &str, below: &str, error: io::Error) -> TargetError {
        TargetError::failed(format!("cannot {what} `{}/{below}`", self.shown), error)
    }
}
