//! A folder that a target writes into, opened anew for each call: no link that somebody puts in the way is followed, and
//! what takes the place of a folder while an apply runs is noticed.

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{self, Write as _},
    path::{Component, Path, PathBuf},
};

use super::{Place, TargetError};
use crate::source::{
    Directory,
    directory::{Content, What},
};

/// Where gitsm keeps what it knows about a target. Web servers leave out what begins with a dot.
pub(super) const STATE: &str = ".gitsm";

/// The folder of a target, which need not be there.
#[derive(Debug)]
pub(super) struct Folder {
    /// The path as it was written.
    shown: String,
    /// What it lies in: the repository, or what stands before the last part of an absolute path.
    base: PathBuf,
    /// The same, opened, if it was there.
    opened: Option<Directory>,
    /// The parts of the path below it. None of them may be a link.
    parts: Vec<OsString>,
}

impl Folder {
    /// The folder at a path below the repository, or at an absolute one.
    ///
    /// # Errors
    /// When what it lies in cannot be opened.
    pub(super) fn new(shown: &str, repository: &Path) -> Result<Self, TargetError> {
        let written = Path::new(shown);
        let mut parts: Vec<OsString> = written
            .components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .map(|part| part.as_os_str().to_owned())
            .collect();
        let base = if written.is_absolute() {
            // Links above an absolute folder are those of the machine: on some, `/var` is one.
            parts = parts.pop().into_iter().collect();
            written.parent().unwrap_or(written).to_owned()
        } else {
            repository.to_owned()
        };
        let opened = match Directory::open(&base) {
            Ok(opened) => Some(opened),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(TargetError::failed(format!("cannot open `{}`", base.display()), error));
            }
        };
        Ok(Self { shown: shown.to_owned(), base, opened, parts })
    }

    /// The folder of a target that keeps files below the repository, by the path that `gitsm.toml` gives it.
    ///
    /// # Errors
    /// When it is not below the repository, or is one in which Git or gitsm keep what they know.
    pub(super) fn of_its_own(shown: &str, example: &str, place: &Place<'_>) -> Result<Self, TargetError> {
        let parts: Vec<Component<'_>> = Path::new(shown).components().collect();
        let normal = parts.iter().all(|part| matches!(part, Component::Normal(_)));
        let first = parts.first().map(|part| part.as_os_str().to_string_lossy().to_lowercase());
        let taken = matches!(first.as_deref(), Some(".git" | STATE));
        if parts.is_empty() || shown.chars().any(char::is_control) || !normal || taken {
            return Err(TargetError::refused(
                format!(
                    "the folder `{}` of the target `{}` is no folder of its own below the repository",
                    shown.escape_debug(),
                    place.name
                ),
                format!("name one there, such as `{example}`"),
            ));
        }
        Self::new(shown, place.repository)
    }

    /// The path as it was written.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Where it is, for messages and comparisons; nothing is opened by it.
    pub(super) fn path(&self) -> PathBuf {
        self.parts.iter().fold(self.base.clone(), |path, part| path.join(part))
    }

    /// The folder itself; none when it is not there and must not be made.
    ///
    /// # Errors
    /// When it cannot be opened or made, or is reached through a link.
    pub(super) fn top(&self, make: bool) -> Result<Option<Directory>, TargetError> {
        self.below("", make)
    }

    /// Where gitsm keeps what it knows about the target, for messages.
    pub(super) fn state_folder(&self) -> PathBuf {
        self.path().join(STATE)
    }

    /// What gitsm knows about the target; none when it is not there and must not be made.
    ///
    /// # Errors
    /// As [`Folder::top`].
    pub(super) fn state(&self, make: bool) -> Result<Option<Directory>, TargetError> {
        self.below(STATE, make)
    }

    /// A folder below it, by its parts with `/` between them.
    ///
    /// # Errors
    /// As [`Folder::top`].
    pub(super) fn below(&self, below: &str, make: bool) -> Result<Option<Directory>, TargetError> {
        let base;
        let base = match &self.opened {
            Some(opened) => opened,
            None => match self.base(make)? {
                Some(opened) => {
                    base = opened;
                    &base
                }
                None => return Ok(None),
            },
        };
        let mut current: Option<Directory> = None;
        let below = below.split('/').filter(|part| !part.is_empty());
        let parts: Vec<&OsStr> =
            self.parts.iter().map(OsString::as_os_str).chain(below.map(OsStr::new)).collect();
        for (index, part) in parts.iter().enumerate() {
            let from = current.as_ref().unwrap_or(base);
            let next = if make { from.make_folder(part) } else { from.folder(part) };
            current = match next {
                Ok(next) => Some(next),
                Err(error) if !make && error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => {
                    let path = self.name(parts.get(..=index).unwrap_or_default());
                    return Err(match from.what(part) {
                        Ok(Some(What::Link | What::Special)) => is_a_link(&path),
                        Ok(Some(What::File)) => file_for_folder(&path),
                        _ => TargetError::failed(
                            format!("cannot {} `{path}`", if make { "make" } else { "read" }),
                            error,
                        ),
                    });
                }
            };
        }
        Ok(current)
    }

    /// What a file holds, by its path below the folder; none when it is not there.
    ///
    /// # Errors
    /// When it cannot be read, is no file, or has more bytes than `most`.
    pub(super) fn read(&self, below: &str, most: u64) -> Result<Option<Vec<u8>>, TargetError> {
        let (folder, name) = split(below);
        let Some(directory) = self.below(folder, false)? else { return Ok(None) };
        match directory.read(name, most).map_err(|error| self.failed("read", below, error))? {
            None => Ok(None),
            Some(Content::Bytes(bytes)) => Ok(Some(bytes)),
            Some(Content::NotAFile) => Err(self.refused(below, "is no file")),
            Some(Content::TooLarge(_)) => Err(self.refused(below, "is too large to be gitsm's")),
        }
    }

    /// Replaces a file as a whole: whoever reads it meanwhile reads the old one or the new one. It is made beside, where
    /// nobody looks for anything, so that one that is half written is never found.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn replace(&self, below: &str, bytes: &[u8]) -> Result<(), TargetError> {
        let (folder, name) = split(below);
        let failed = |error| self.failed("write", below, error);
        let missing = || failed(io::Error::from(io::ErrorKind::NotFound));
        let directory = self.below(folder, true)?.ok_or_else(missing)?;
        let state = self.state(true)?.ok_or_else(missing)?;
        let write = || {
            let (mut file, new) = state.fresh("new")?;
            file.write_all(bytes)?;
            file.sync_all()?;
            state.rename(&new, &directory, name)?;
            directory.sync()
        };
        write().map_err(failed)
    }

    /// Removes a file. One that is not there is removed.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(super) fn remove(&self, below: &str) -> Result<(), TargetError> {
        let (folder, name) = split(below);
        match self.below(folder, false)? {
            Some(directory) => directory.remove(name).map_err(|error| self.failed("remove", below, error)),
            None => Ok(()),
        }
    }

    /// A file in it that must not be touched.
    pub(super) fn refused(&self, below: &str, problem: &str) -> TargetError {
        TargetError::refused(format!("`{}/{below}` {problem}", self.shown), "remove it, then plan again")
    }

    /// A file or folder in it with which something did not work.
    pub(super) fn failed(&self, what: &str, below: &str, error: io::Error) -> TargetError {
        TargetError::failed(format!("cannot {what} `{}/{below}`", self.shown), error)
    }

    fn base(&self, make: bool) -> Result<Option<Directory>, TargetError> {
        let opened = if make {
            fs::create_dir_all(&self.base).and_then(|()| Directory::open(&self.base))
        } else {
            Directory::open(&self.base)
        };
        match opened {
            Ok(opened) => Ok(Some(opened)),
            Err(error) if !make && error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(TargetError::failed(format!("cannot open `{}`", self.base.display()), error)),
        }
    }

    /// How so many parts of a path are shown: as far as the folder itself as it was written.
    fn name(&self, parts: &[&OsStr]) -> String {
        let join = |parts: &[&OsStr]| {
            let parts: Vec<_> = parts.iter().map(|part| part.to_string_lossy()).collect();
            parts.join("/")
        };
        match parts.get(self.parts.len()..) {
            Some([]) => self.shown.clone(),
            Some(below) => format!("{}/{}", self.shown.trim_end_matches('/'), join(below)),
            None => join(parts),
        }
    }
}

/// The folder of a path, and the name in it.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// A link in the place of something that gitsm reads or writes.
pub(super) fn is_a_link(path: &str) -> TargetError {
    TargetError::Link { path: path.to_owned() }
}

/// A file in the place of a folder.
pub(super) fn file_for_folder(path: &str) -> TargetError {
    TargetError::refused(
        format!("`{path}` is a file, and a folder has to be there"),
        "move it away, then plan again",
    )
}

/// A folder in the place of a file.
pub(super) fn folder_for_file(path: &str) -> TargetError {
    TargetError::refused(
        format!("`{path}` is a folder, and a file has to be there"),
        "move it away, then plan again",
    )
}
