//! Folders of systems that open files by their whole path. Links are looked for before each call, which is as much as can
//! be done there without the system's own calls; making links is not for everybody on them.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::{Entry, Identity, What};

#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if fs::metadata(path)?.is_dir() {
            // Links that lead to it are followed here once, and none later.
            Ok(Self(fs::canonicalize(path)?))
        } else {
            Err(io::Error::from(io::ErrorKind::NotADirectory))
        }
    }

    pub(super) fn folder(&self, name: &OsStr) -> io::Result<Self> {
        let path = self.still()?.join(name);
        if fs::symlink_metadata(&path)?.is_dir() {
            Ok(Self(path))
        } else {
            Err(io::Error::from(io::ErrorKind::NotADirectory))
        }
    }

    /// The path, if it is still that of a folder and not of a link.
    fn still(&self) -> io::Result<&Path> {
        if fs::symlink_metadata(&self.0)?.is_dir() {
            Ok(&self.0)
        } else {
            Err(io::Error::from(io::ErrorKind::NotADirectory))
        }
    }

    pub(super) fn make_folder(&self, name: &OsStr) -> io::Result<()> {
        fs::create_dir(self.still()?.join(name))
    }

    pub(super) fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(self.still()?)? {
            let entry = entry?;
            entries.push(Entry { name: entry.file_name(), what: what(entry.file_type()?) });
        }
        Ok(entries)
    }

    pub(super) fn what(&self, name: &OsStr) -> io::Result<Option<What>> {
        match fs::symlink_metadata(self.still()?.join(name)) {
            Ok(found) => Ok(Some(what(found.file_type()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn open_file(&self, name: &OsStr) -> io::Result<File> {
        File::open(self.still()?.join(name))
    }

    pub(super) fn open_or_make_file(&self, name: &OsStr) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).open(self.still()?.join(name))
    }

    pub(super) fn new_file(&self, name: &OsStr) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(self.still()?.join(name))
    }

    pub(super) fn rename(&self, from: &OsStr, to: &Self, name: &OsStr) -> io::Result<()> {
        fs::rename(self.still()?.join(from), to.still()?.join(name))
    }

    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.still()?.join(name))
    }

    pub(super) fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_dir(self.still()?.join(name))
    }

    /// A system that cannot open a folder keeps its list safe by itself.
    #[allow(clippy::unnecessary_wraps, reason = "other systems can fail here")]
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// All that is known here is whether there is a file.
    pub(super) fn identity(&self, name: &OsStr) -> io::Result<Option<Identity>> {
        Ok(self.what(name)?.map(|_| Identity(0, 0)))
    }
}

#[allow(clippy::unnecessary_wraps, reason = "other systems can fail here")]
pub(super) fn identity(_: &File) -> io::Result<Identity> {
    Ok(Identity(0, 0))
}

fn what(of: fs::FileType) -> What {
    if of.is_dir() {
        What::Folder
    } else if of.is_symlink() {
        What::Link
    } else if of.is_file() {
        What::File
    } else {
        What::Special
    }
}
