//! Folders of systems that open files below an open folder.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io,
    os::{
        fd::OwnedFd,
        unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    },
    path::Path,
};

use rustix::fs::{self, AtFlags, Dir, FileType, Mode, OFlags};

use super::{Entry, Identity, What};

/// What a new folder and a new file may be used for, as far as the mask of the process leaves it.
const FOLDER: Mode = Mode::from_raw_mode(0o777);
const FILE: Mode = Mode::from_raw_mode(0o666);

#[derive(Debug)]
pub(super) struct Folder(OwnedFd);

impl Folder {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?))
    }

    pub(super) fn folder(&self, name: &OsStr) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self(fs::openat(&self.0, name, flags, Mode::empty())?))
    }

    pub(super) fn make_folder(&self, name: &OsStr) -> io::Result<()> {
        Ok(fs::mkdirat(&self.0, name, FOLDER)?)
    }

    pub(super) fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if matches!(name, b"." | b"..") {
                continue;
            }
            let name = OsString::from(OsStr::from_bytes(name));
            let what = match entry.file_type() {
                // Not every file system says.
                FileType::Unknown => match self.what(&name)? {
                    Some(what) => what,
                    None => continue,
                },
                known => what(known),
            };
            entries.push(Entry { name, what });
        }
        Ok(entries)
    }

    pub(super) fn what(&self, name: &OsStr) -> io::Result<Option<What>> {
        match fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some(what(FileType::from_raw_mode(found.st_mode)))),
            Err(error) => none_when_missing(error),
        }
    }

    pub(super) fn open_file(&self, name: &OsStr) -> io::Result<File> {
        self.opened(name, OFlags::RDONLY)
    }

    pub(super) fn open_or_make_file(&self, name: &OsStr) -> io::Result<File> {
        self.opened(name, OFlags::RDWR | OFlags::CREATE)
    }

    pub(super) fn new_file(&self, name: &OsStr) -> io::Result<File> {
        self.opened(name, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)
    }

    /// Without waiting for whoever may write into a pipe.
    fn opened(&self, name: &OsStr, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(fs::openat(&self.0, name, flags, FILE)?.into())
    }

    pub(super) fn rename(&self, from: &OsStr, to: &Self, name: &OsStr) -> io::Result<()> {
        Ok(fs::renameat(&self.0, from, &to.0, name)?)
    }

    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    pub(super) fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        Ok(fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        match fs::fsync(&self.0) {
            // A system that cannot do this for a folder keeps its list safe by itself.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::BADF) => Ok(()),
            other => Ok(other?),
        }
    }

    pub(super) fn identity(&self, name: &OsStr) -> io::Result<Option<Identity>> {
        match fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            #[allow(clippy::unnecessary_cast, clippy::cast_sign_loss, reason = "systems have other types")]
            Ok(found) => Ok(Some(Identity(found.st_dev as u64, found.st_ino as u64))),
            Err(error) => none_when_missing(error),
        }
    }
}

pub(super) fn identity(file: &File) -> io::Result<Identity> {
    let metadata = file.metadata()?;
    Ok(Identity(metadata.dev(), metadata.ino()))
}

fn none_when_missing<T>(error: rustix::io::Errno) -> io::Result<Option<T>> {
    if error == rustix::io::Errno::NOENT { Ok(None) } else { Err(error.into()) }
}

fn what(of: FileType) -> What {
    match of {
        FileType::Directory => What::Folder,
        FileType::RegularFile => What::File,
        FileType::Symlink => What::Link,
        _ => What::Special,
    }
}
