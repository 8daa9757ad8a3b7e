//! The folder: reading all of it, and writing one file at a time so that nobody ever sees half of one.

use std::{
    collections::{BTreeMap, BTreeSet},
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
    source::{
        Directory, digest,
        directory::{Content, Entry, What},
    },
    target::{
        Open, Place, Reader, Step, TargetError, Writer,
        folder::{self, STATE, file_for_folder, folder_for_file, is_a_link},
    },
};

/// The most bytes of a file that is looked at.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The folder of a target.
#[derive(Debug)]
pub(super) struct Folder {
    root: folder::Folder,
    /// The folders whose lists of files changed and are not known to be on the disk yet.
    touched: BTreeSet<String>,
}

/// What a file holds.
enum Held {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// It is there and nobody can say what it holds: why, in words that differ from every digest.
    Unread(String),
}

impl Held {
    fn digest(&self) -> String {
        match self {
            Self::Bytes(bytes) => digest(bytes),
            Self::Unread(why) => why.clone(),
        }
    }
}

impl Open for Folder {
    /// The folder, which need not be there yet. It must not lead out of the place where it was reviewed to be.
    fn open(place: &Place<'_>) -> Result<Self, TargetError> {
        let shown = place.settings.folder.clone().unwrap_or_else(|| FOLDER.to_owned());
        let written = Path::new(&shown);
        let refuse = |problem: &str| {
            TargetError::refused(
                format!("the folder `{}` of the target `{}` {problem}", shown.escape_debug(), place.name),
                "name a folder below the repository that holds nothing else, such as `public`",
            )
        };
        let parts: Vec<Component<'_>> =
            written.components().filter(|part| *part != Component::CurDir).collect();
        if parts.is_empty() {
            return Err(refuse("is the repository itself"));
        }
        if shown.chars().any(char::is_control) {
            return Err(refuse("has a character in its name that cannot be shown"));
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
        if !parts.iter().any(|part| matches!(part, Component::Normal(_))) {
            return Err(refuse("is no folder of its own"));
        }
        let root = folder::Folder::new(&shown, place.repository)?;
        let behind_a_link = |error: TargetError| match error {
            TargetError::Link { .. } => refuse("is a link or lies behind one, so it can be anywhere"),
            other => other,
        };
        if let Some(top) = root.top(false).map_err(behind_a_link)? {
            let what = |name: &str| {
                top.what(name).map_err(|error| TargetError::failed(format!("cannot read `{shown}`"), error))
            };
            if what(STATE)? == Some(What::Link) {
                return Err(refuse("holds a link in the place of `.gitsm`"));
            }
            if what(crate::load::settings::FILE)? == Some(What::File) {
                return Err(refuse("is itself a gitsm repository"));
            }
        }
        Ok(Self { root, touched: BTreeSet::new() })
    }
}

impl Folder {
    /// A path below the folder, as it is shown.
    fn name(&self, below: &str) -> String {
        if below.is_empty() {
            self.root.shown().to_owned()
        } else {
            format!("{}/{below}", self.root.shown().trim_end_matches('/'))
        }
    }

    fn failed(&self, what: &str, below: &str, error: io::Error) -> TargetError {
        TargetError::failed(format!("cannot {what} `{}`", self.name(below)), error)
    }

    /// What a folder holds, with the folder; nothing when it is not there.
    fn list(&self, below: &str) -> Result<Option<(Directory, Vec<Entry>)>, TargetError> {
        let Some(directory) = self.root.below(below, false)? else { return Ok(None) };
        let entries = directory.entries().map_err(|error| self.failed("read", below, error))?;
        Ok(Some((directory, entries)))
    }

    /// What a file of a folder holds; none when it is not there.
    fn held(&self, directory: &Directory, path: &str) -> Result<Option<Held>, TargetError> {
        match directory.read(split(path).1, MAX_BYTES) {
            Ok(None) => Ok(None),
            Ok(Some(Content::Bytes(bytes))) => Ok(Some(Held::Bytes(bytes))),
            Ok(Some(Content::TooLarge(bytes))) => Ok(Some(Held::Unread(format!("{bytes} bytes")))),
            Ok(Some(Content::NotAFile)) => match directory.what(split(path).1) {
                Ok(Some(What::Folder)) => Err(folder_for_file(&self.name(path))),
                _ => Err(is_a_link(&self.name(path))),
            },
            // It may be somebody else's. When it is gitsm's own, it can be replaced all the same.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Ok(Some(Held::Unread("not readable".to_owned())))
            }
            Err(error) => Err(self.failed("read", path, error)),
        }
    }

    fn look(
        &self,
        directory: &Directory,
        key: &Key,
        path: &str,
        desired: &Desired,
    ) -> Result<Found, TargetError> {
        let held = self
            .held(directory, path)?
            .ok_or_else(|| self.failed("read", path, io::Error::from(io::ErrorKind::NotFound)))?;
        let digest = held.digest();
        let as_wanted = desired.objects.get(key).is_some_and(|wanted| wanted.content.digest() == digest);
        let referred_by = match &*key.kind {
            INDEX if &*key.id == EVERYTHING => Vec::new(),
            INDEX | SCHEMA => vec![Key::new(INDEX, EVERYTHING)],
            kind => vec![Key::new(INDEX, kind), Key::new(INDEX, EVERYTHING)],
        };
        Ok(Found {
            name: path.to_owned(),
            digest,
            content: match held {
                Held::Bytes(bytes) if !as_wanted => String::from_utf8(bytes).ok(),
                _ => None,
            },
            derived: matches!(&*key.kind, INDEX | SCHEMA),
            marked: false,
            referred_by,
        })
    }

    /// The digest of what a file holds now; none when it is not there.
    fn digest(&self, path: &str) -> Result<Option<String>, TargetError> {
        let Some(directory) = self.root.below(split(path).0, false)? else { return Ok(None) };
        Ok(self.held(&directory, path)?.map(|held| held.digest()))
    }

    /// A folder that is made when it is not there.
    fn made(&self, below: &str) -> Result<Directory, TargetError> {
        let missing = || self.failed("make", below, io::Error::from(io::ErrorKind::NotFound));
        self.root.below(below, true)?.ok_or_else(missing)
    }

    /// Replaces a file: the new one is written and on the disk before it takes the place of the old one.
    fn replace(&mut self, path: &str, text: &str) -> Result<(), TargetError> {
        let (below, name) = split(path);
        let directory = self.made(below)?;
        let state = self.made(STATE)?;
        let (mut file, new) = state.fresh("new").map_err(|error| self.failed("write", path, error))?;
        let mut write = || {
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            state.rename(&new, &directory, name)
        };
        let written = write();
        if written.is_err() {
            // The failure is what is reported; what is left over is removed by the next run.
            let _ = state.remove(&new);
        }
        written.map_err(|error| self.failed("write", path, error))?;
        self.touched.insert(below.to_owned());
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<(), TargetError> {
        let (below, name) = split(path);
        let Some(directory) = self.root.below(below, false)? else { return Ok(()) };
        directory.remove(name).map_err(|error| self.failed("remove", path, error))?;
        self.touched.insert(below.to_owned());
        // A kind that is gone leaves no empty folder. One that still holds something stays.
        let (above, last) = split(below);
        if !below.is_empty()
            && let Some(parent) = self.root.below(above, false)?
            && parent.remove_folder(last).is_ok()
        {
            self.touched.remove(below);
            self.touched.insert(above.to_owned());
        }
        Ok(())
    }
}

/// The folder of a path, and what it is called there.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

impl Reader for Folder {
    fn place(&self) -> String {
        self.root.shown().to_owned()
    }

    fn system(&self) -> Option<String> {
        None
    }

    fn state_folder(&self) -> PathBuf {
        self.root.state_folder()
    }

    fn state(&self, make: bool) -> Result<Option<Directory>, TargetError> {
        self.root.state(make)
    }

    fn observe(&self, desired: &Desired) -> Result<Observed, TargetError> {
        let mut observed = Observed::default();
        let paths: Vec<String> = desired.objects.keys().map(names::path).collect();
        let needed: BTreeSet<&str> = paths.iter().map(|path| split(path).0).chain([VERSION]).collect();
        let mut directories: BTreeMap<String, Directory> = BTreeMap::new();
        let mut ours: Vec<(Key, String)> = Vec::new();
        let mut waiting = vec![String::new()];
        while let Some(below) = waiting.pop() {
            let Some((directory, entries)) = self.list(&below)? else { continue };
            for Entry { name, what } in entries {
                let end = if what == What::Folder { "/" } else { "" };
                let prefix = if below.is_empty() { String::new() } else { format!("{below}/") };
                let path = format!("{prefix}{}", name.to_string_lossy());
                let somebodys = || Unmanaged { name: format!("{path}{end}") };
                // What is no Unicode has no name that gitsm gives.
                let Some(name) = name.to_str() else {
                    observed.unmanaged.push(somebodys());
                    continue;
                };
                if below.is_empty() && (name == STATE || name == ".git") {
                    continue;
                }
                // The folder of the version, and in it one of each kind. Deeper ones are not ours.
                let is_level = path == VERSION || below == VERSION;
                let key = names::key(&path);
                match (what, key) {
                    (What::Folder, _) if is_level => waiting.push(path),
                    (What::File, Some(key)) => ours.push((key, path)),
                    (What::Folder, Some(key)) if desired.objects.contains_key(&key) => {
                        return Err(folder_for_file(&self.name(&path)));
                    }
                    (What::File, None) if is_level && needed.contains(path.as_str()) => {
                        return Err(file_for_folder(&self.name(&path)));
                    }
                    (What::Link | What::Special, _) if is_level => return Err(is_a_link(&self.name(&path))),
                    (What::Link | What::Special, Some(_)) => return Err(is_a_link(&self.name(&path))),
                    _ => observed.unmanaged.push(somebodys()),
                }
            }
            directories.insert(below, directory);
        }
        let found: Result<Vec<(Key, Found)>, TargetError> = ours
            .into_par_iter()
            .filter_map(|(key, path)| Some((directories.get(split(&path).0)?, key, path)))
            .map(|(directory, key, path)| {
                let found = self.look(directory, &key, &path, desired)?;
                Ok((key, found))
            })
            .collect();
        observed.objects = found?.into_iter().collect();
        Ok(observed)
    }
}

impl Writer for Folder {
    fn write(&mut self, step: &Step<'_>) -> Result<Option<String>, TargetError> {
        let operation = step.operation;
        let path = names::path(&operation.object);
        let now = self.digest(&path)?;
        if now == operation.after {
            return Ok(now);
        }
        if now != operation.before {
            return Err(TargetError::refused(
                format!("`{}` was changed while the plan was applied", self.name(&path)),
                "plan again, and look at what changed",
            ));
        }
        match step.content {
            Some(content) => self.replace(&path, content.text())?,
            None => self.remove(&path)?,
        }
        self.digest(&path)
    }

    fn read_back(&mut self, step: &Step<'_>) -> Result<Option<String>, TargetError> {
        self.digest(&names::path(&step.operation.object))
    }

    fn finish(&mut self) -> Result<(), TargetError> {
        for below in std::mem::take(&mut self.touched) {
            if let Some(directory) = self.root.below(&below, false)? {
                directory.sync().map_err(|error| self.failed("write", &below, error))?;
            }
        }
        Ok(())
    }
}
