//! The folder: reading all of it, and writing one file at a time so that nobody ever sees half of one.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Component, Path, PathBuf},
};

use rayon::prelude::*;

use super::{
    FOLDER,
    names::{self, EVERYTHING, INDEX, SCHEMA, VERSION},
};
use crate::{
    plan::{Desired, Found, Key, Observed, Unmanaged},
    source::{SourceError, digest, read_bounded},
    target::{Place, Reader, Step, TargetError, Writer},
};

/// Where gitsm keeps what it knows about the folder. Web servers leave out what begins with a dot.
const STATE: &str = ".gitsm";
/// The most bytes of a file that is looked at.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The folder of a target.
#[derive(Debug)]
pub(super) struct Folder {
    /// The path as it was written.
    shown: String,
    path: PathBuf,
    /// The folders whose lists of files changed and are not known to be on the disk yet.
    touched: BTreeSet<PathBuf>,
}

impl Folder {
    /// The folder, which need not be there yet.
    ///
    /// # Errors
    /// When it leads out of the place where it was reviewed to be.
    pub(super) fn open(place: &Place<'_>) -> Result<Self, TargetError> {
        let shown = place.settings.folder.clone().unwrap_or_else(|| FOLDER.to_owned());
        let written = Path::new(&shown);
        let refuse = |problem: &str| {
            TargetError::refused(
                format!("the folder `{shown}` of the target `{}` {problem}", place.name),
                "name a folder below the repository that holds nothing else, such as `public`",
            )
        };
        let parts: Vec<Component<'_>> =
            written.components().filter(|part| *part != Component::CurDir).collect();
        if parts.is_empty() || shown.contains('\0') {
            return Err(refuse("is the repository itself"));
        }
        let own = |part: &Component<'_>| {
            let name = part.as_os_str().to_string_lossy().to_lowercase();
            matches!(name.as_str(), ".git" | ".gitsm")
        };
        if parts.iter().any(own) {
            return Err(refuse("lies in what Git or gitsm keeps for itself"));
        }
        if parts.contains(&Component::ParentDir) {
            return Err(refuse("leads upwards with `..`"));
        }
        let mut path = if written.is_absolute() { PathBuf::new() } else { place.repository.to_owned() };
        for part in &parts {
            path.push(part);
            // Links above an absolute folder are those of the machine: on some, `/var` is one.
            let checked = !written.is_absolute() || Some(part) == parts.last();
            if checked && is_link(&path)? {
                return Err(refuse("is a link or lies behind one, so it can be anywhere"));
            }
        }
        if is_link(&path.join(STATE))? {
            return Err(refuse("holds a link in the place of `.gitsm`"));
        }
        if path.join(crate::load::settings::FILE).is_file() {
            return Err(refuse("is itself a gitsm repository"));
        }
        Ok(Self { shown, path, touched: BTreeSet::new() })
    }

    fn failed(&self, what: &str, below: &str, error: io::Error) -> TargetError {
        let path = if below.is_empty() { self.shown.clone() } else { format!("{}/{below}", self.shown) };
        TargetError::failed(format!("cannot {what} `{path}`"), error)
    }

    /// What a folder holds, by name; nothing when it is not there.
    fn list(&self, below: &str) -> Result<Vec<(String, fs::FileType)>, TargetError> {
        let failed = |error| self.failed("read", below, error);
        let entries = match fs::read_dir(self.path.join(below)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            found.push((name, entry.file_type().map_err(failed)?));
        }
        found.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(found)
    }

    /// A link in the place of something that gitsm reads or writes.
    fn is_a_link(&self, path: &str) -> TargetError {
        TargetError::refused(
            format!(
                "`{}/{path}` is a link or a device, so what is written there can land anywhere",
                self.shown
            ),
            "remove it, then plan again",
        )
    }

    fn look(&self, key: &Key, path: &str, desired: &Desired) -> Result<Found, TargetError> {
        let bytes = self
            .read(path)?
            .ok_or_else(|| self.failed("read", path, io::Error::from(io::ErrorKind::NotFound)))?;
        let digest = digest(&bytes);
        let as_wanted = desired.objects.get(key).is_some_and(|wanted| wanted.content.digest() == digest);
        let referred_by = match &*key.kind {
            INDEX if &*key.id == EVERYTHING => Vec::new(),
            INDEX | SCHEMA => vec![Key::new(INDEX, EVERYTHING)],
            kind => vec![Key::new(INDEX, kind), Key::new(INDEX, EVERYTHING)],
        };
        Ok(Found {
            name: path.to_owned(),
            digest,
            content: if as_wanted { None } else { String::from_utf8(bytes).ok() },
            derived: matches!(&*key.kind, INDEX | SCHEMA),
            marked: false,
            referred_by,
        })
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TargetError> {
        match read_bounded(&self.path.join(path), MAX_BYTES) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(SourceError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(SourceError::Read { source, .. }) => Err(self.failed("read", path, source)),
            Err(SourceError::TooLarge { .. }) => Err(TargetError::refused(
                format!("`{}/{path}` is far larger than anything that gitsm writes", self.shown),
                "look at what it is, and remove it",
            )),
            Err(_) => Err(self.is_a_link(path)),
        }
    }

    /// Makes the folders that a file lies in. None of them may be a link.
    fn make_folders(&self, path: &str) -> Result<PathBuf, TargetError> {
        let mut folder = self.path.clone();
        fs::create_dir_all(&folder).map_err(|error| self.failed("make", "", error))?;
        let mut below = String::new();
        let parts: Vec<&str> = path.split('/').collect();
        for part in parts.iter().take(parts.len().saturating_sub(1)) {
            folder.push(part);
            below.push_str(part);
            match fs::create_dir(&folder) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    if is_link(&folder)? {
                        return Err(self.is_a_link(&below));
                    }
                }
                Err(error) => return Err(self.failed("make", &below, error)),
            }
            below.push('/');
        }
        Ok(folder)
    }

    /// Replaces a file: the new one is written and on the disk before it takes the place of the old one.
    fn replace(&mut self, path: &str, text: &str) -> Result<(), TargetError> {
        let folder = self.make_folders(path)?;
        let state = self.state_folder();
        fs::create_dir_all(&state).map_err(|error| self.failed("make", STATE, error))?;
        let new = state.join("new");
        let fill = || {
            // Left over from a run that was killed, or put there by somebody: never written into.
            match fs::remove_file(&new) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).open(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, self.path.join(path))
        };
        let filled = fill();
        if filled.is_err() {
            // The failure is what is reported; what is left over is removed by the next run.
            let _ = fs::remove_file(&new);
        }
        filled.map_err(|error| self.failed("write", path, error))?;
        self.touched.insert(folder);
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<(), TargetError> {
        let full = self.path.join(path);
        match fs::remove_file(&full) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(self.failed("remove", path, error));
            }
            _ => {}
        }
        if let Some(folder) = full.parent() {
            // A kind that is gone leaves no empty folder. One that still holds something stays.
            let is_top = folder == self.path;
            if is_top || fs::remove_dir(folder).is_err() {
                self.touched.insert(folder.to_owned());
            } else {
                self.touched.remove(folder);
            }
        }
        Ok(())
    }
}

impl Reader for Folder {
    fn place(&self) -> String {
        self.shown.clone()
    }

    fn state_folder(&self) -> PathBuf {
        self.path.join(STATE)
    }

    fn observe(&self, desired: &Desired) -> Result<Observed, TargetError> {
        let mut observed = Observed::default();
        let mut ours: Vec<(Key, String)> = Vec::new();
        let mut waiting = vec![String::new()];
        while let Some(below) = waiting.pop() {
            for (name, sort) in self.list(&below)? {
                if below.is_empty() && (name == STATE || name == ".git") {
                    continue;
                }
                let path = format!("{below}{name}");
                // The folder of the version, and in it one of each kind. Deeper ones are not ours.
                let is_level = path == VERSION || below == format!("{VERSION}/");
                let key = names::key(&path);
                if sort.is_dir() && is_level {
                    waiting.push(format!("{path}/"));
                } else if let (Some(key), true) = (key.clone(), sort.is_file()) {
                    ours.push((key, path));
                } else if !sort.is_dir() && (key.is_some() || (is_level && sort.is_symlink())) {
                    return Err(self.is_a_link(&path));
                } else {
                    let end = if sort.is_dir() { "/" } else { "" };
                    observed.unmanaged.push(Unmanaged { name: format!("{path}{end}") });
                }
            }
        }
        let found: Result<Vec<(Key, Found)>, TargetError> = ours
            .into_par_iter()
            .map(|(key, path)| Ok((key.clone(), self.look(&key, &path, desired)?)))
            .collect();
        observed.objects = found?.into_iter().collect();
        Ok(observed)
    }
}

impl Writer for Folder {
    fn write(&mut self, step: &Step<'_>) -> Result<(), TargetError> {
        let operation = step.operation;
        let path = names::path(&operation.object);
        let now = self.read(&path)?.map(|bytes| digest(&bytes));
        if now == operation.after {
            return Ok(());
        }
        if now != operation.before {
            return Err(TargetError::refused(
                format!("`{}/{path}` was changed while the plan was applied", self.shown),
                "plan again, and look at what changed",
            ));
        }
        match step.content {
            Some(content) => self.replace(&path, content.text()),
            None => self.remove(&path),
        }
    }

    fn read_back(&mut self, key: &Key) -> Result<Option<String>, TargetError> {
        Ok(self.read(&names::path(key))?.map(|bytes| digest(&bytes)))
    }

    fn finish(&mut self) -> Result<(), TargetError> {
        for folder in std::mem::take(&mut self.touched) {
            // A system that cannot open a folder keeps its list of files safe by itself.
            if let Ok(folder) = File::open(folder) {
                folder.sync_all().map_err(|error| self.failed("write", "", error))?;
            }
        }
        Ok(())
    }
}

/// Whether there is a link at a path.
fn is_link(path: &Path) -> Result<bool, TargetError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(metadata.is_symlink()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(TargetError::failed(format!("cannot look at `{}`", path.display()), error)),
    }
}
