//! A folder that was opened, and below which nothing is reached through a link.
//!
//! The system looks a path up anew for each call, so a folder that was looked at can be a link by the time something is
//! written below it. Here each folder is opened from the one above it without following a link, and files are named below
//! what was opened: what somebody puts in the place of a folder meanwhile is noticed, and never written through.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io,
    path::Path,
};

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "other.rs")]
mod system;

use super::bounded;

/// How many names are tried for a new file beside those that somebody left there.
const MOST_NAMES: usize = 64;

/// A folder that was opened.
#[derive(Debug)]
pub struct Directory(system::Folder);

/// Something in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name, which need not be Unicode.
    pub name: OsString,
    /// What it is.
    pub what: What,
}

/// What something in a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A file with bytes.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, which is never followed.
    Link,
    /// A pipe, a device or something else that is not read.
    Special,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// All of its bytes.
    Bytes(Vec<u8>),
    /// It has more bytes than were asked for: so many.
    TooLarge(u64),
    /// It is a link, a folder or a device.
    NotAFile,
}

/// What tells a file from every other one on this machine while it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity(u64, u64);

impl Directory {
    /// Opens a folder that somebody named. Links that lead to it are followed: they are those of the machine.
    ///
    /// # Errors
    /// When it is no folder or cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        system::Folder::open(path).map(Self)
    }

    /// Opens a folder in this one; a link is not followed.
    ///
    /// # Errors
    /// When it is not there, no folder, or cannot be opened.
    pub fn folder(&self, name: impl AsRef<OsStr>) -> io::Result<Self> {
        self.0.folder(name.as_ref()).map(Self)
    }

    /// Opens a folder in this one, and makes it when it is not there.
    ///
    /// # Errors
    /// When it cannot be made or opened, or something else is there.
    pub fn make_folder(&self, name: impl AsRef<OsStr>) -> io::Result<Self> {
        match self.0.make_folder(name.as_ref()) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => self.folder(name),
        }
    }

    /// What is in the folder, by name.
    ///
    /// # Errors
    /// When it cannot be read to its end.
    pub fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = self.0.entries()?;
        entries.sort();
        Ok(entries)
    }

    /// What something in the folder is; none when it is not there.
    ///
    /// # Errors
    /// When nobody can say.
    pub fn what(&self, name: impl AsRef<OsStr>) -> io::Result<Option<What>> {
        self.0.what(name.as_ref())
    }

    /// What a file holds, if that is at most `limit` bytes; none when it is not there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, name: impl AsRef<OsStr>, limit: u64) -> io::Result<Option<Content>> {
        let name = name.as_ref();
        // Looked at first, because opening a device can do something.
        match self.what(name)? {
            None => return Ok(None),
            Some(What::File) => {}
            Some(_) => return Ok(Some(Content::NotAFile)),
        }
        let file = match self.0.open_file(name) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Ok(Some(Content::NotAFile));
        }
        let bytes = bounded::take(&file, metadata.len(), limit)?;
        Ok(Some(bytes.map_or(Content::TooLarge(metadata.len()), Content::Bytes)))
    }

    /// Opens a file to read it.
    ///
    /// # Errors
    /// When it is not there or cannot be opened, or is a link, a folder or a device.
    pub fn open_to_read(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        let name = name.as_ref();
        self.must_be_a_file(name)?;
        self.0.open_file(name)
    }

    /// Opens a file to read and write it, and makes it when it is not there.
    ///
    /// # Errors
    /// When it cannot be opened, or is a link, a folder or a device.
    pub fn open_file(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        let name = name.as_ref();
        self.must_be_a_file(name)?;
        self.0.open_or_make_file(name)
    }

    /// Opening a device can do something, and opening a pipe waits for somebody who writes into it.
    fn must_be_a_file(&self, name: &OsStr) -> io::Result<()> {
        match self.what(name)? {
            None | Some(What::File) => Ok(()),
            Some(_) => Err(io::Error::other("it is a link, a folder or a device")),
        }
    }

    /// Makes a new file that takes the place of another one once it is full, and says how it is called. What an earlier
    /// run left there is removed; what cannot be, such as a folder, is left alone, and another name is taken.
    ///
    /// # Errors
    /// When none can be made.
    pub fn fresh(&self, name: &str) -> io::Result<(File, String)> {
        let mut failure = io::Error::from(io::ErrorKind::AlreadyExists);
        for number in 0..MOST_NAMES {
            let name = if number == 0 { name.to_owned() } else { format!("{name}-{number}") };
            if self.what(&name)? == Some(What::Folder) {
                continue;
            }
            self.remove(&name)?;
            match self.0.new_file(OsStr::new(&name)) {
                Ok(file) => return Ok((file, name)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => failure = error,
                Err(error) => return Err(error),
            }
        }
        Err(failure)
    }

    /// Makes a file that must not be there yet.
    ///
    /// # Errors
    /// When it is there, or cannot be made.
    pub fn new_file(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        self.0.new_file(name.as_ref())
    }

    /// Puts a file in the place of another one, in this folder or another.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn rename(&self, from: impl AsRef<OsStr>, to: &Self, name: impl AsRef<OsStr>) -> io::Result<()> {
        self.0.rename(from.as_ref(), &to.0, name.as_ref())
    }

    /// Removes a file or a link. One that is not there is removed.
    ///
    /// # Errors
    /// When it cannot be removed, or is a folder.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        match self.0.remove(name.as_ref()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Removes a folder in which there is nothing.
    ///
    /// # Errors
    /// When it is not empty, or cannot be removed.
    pub fn remove_folder(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        self.0.remove_folder(name.as_ref())
    }

    /// Makes sure that the list of what is in the folder is on the disk.
    ///
    /// # Errors
    /// When nobody can say.
    pub fn sync(&self) -> io::Result<()> {
        self.0.sync()
    }

    /// What tells the file with a name from every other one; none when it is not there.
    ///
    /// # Errors
    /// When nobody can say.
    pub fn identity(&self, name: impl AsRef<OsStr>) -> io::Result<Option<Identity>> {
        self.0.identity(name.as_ref())
    }
}

impl Identity {
    /// That of a file that is open.
    ///
    /// # Errors
    /// When nobody can say.
    pub fn of(file: &File) -> io::Result<Self> {
        system::identity(file)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use super::*;

    #[test]
    fn files_are_made_read_replaced_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let top = Directory::open(folder.path()).unwrap();
        let below = top.make_folder("a").unwrap();
        top.make_folder("a").unwrap();
        let (mut file, name) = below.fresh("new").unwrap();
        file.write_all(b"four").unwrap();
        below.rename(&name, &top, "b").unwrap();
        assert_eq!(top.read("b", 4).unwrap(), Some(Content::Bytes(b"four".to_vec())));
        assert_eq!(top.read("b", 3).unwrap(), Some(Content::TooLarge(4)));
        assert_eq!(top.read("a", 3).unwrap(), Some(Content::NotAFile));
        assert_eq!(top.read("c", 3).unwrap(), None);
        let names: Vec<_> =
            top.entries().unwrap().into_iter().map(|entry| (entry.name, entry.what)).collect();
        assert_eq!(names, [("a".into(), What::Folder), ("b".into(), What::File)]);
        assert!(top.new_file("b").is_err() && top.remove("a").is_err());
        top.remove("b").unwrap();
        top.remove("b").unwrap();
        below.sync().unwrap();
        top.remove_folder("a").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_cannot_be_removed_is_left_and_another_name_taken() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("new/somebody's")).unwrap();
        fs::write(folder.path().join("new-1"), "left over").unwrap();
        let top = Directory::open(folder.path()).unwrap();
        assert_eq!(top.fresh("new").unwrap().1, "new-1");
        assert!(folder.path().join("new/somebody's").is_dir());
    }

    #[test]
    fn a_file_is_itself_until_another_takes_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let top = Directory::open(folder.path()).unwrap();
        let file = top.open_file("a").unwrap();
        let own = Some(Identity::of(&file).unwrap());
        assert_eq!(top.identity("a").unwrap(), own);
        top.remove("a").unwrap();
        assert_eq!(top.identity("a").unwrap(), None);
    }

    #[test]
    #[cfg(unix)]
    fn no_link_is_followed_and_one_that_is_put_in_the_way_changes_nothing() {
        use std::os::unix::fs::symlink;
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(outside.path().join("precious"), "precious").unwrap();
        let top = Directory::open(folder.path()).unwrap();
        let below = top.make_folder("a").unwrap();
        fs::rename(folder.path().join("a"), folder.path().join("moved")).unwrap();
        symlink(outside.path(), folder.path().join("a")).unwrap();
        // What was opened is still what it was.
        drop(below.new_file("file").unwrap());
        assert!(folder.path().join("moved/file").is_file());
        assert!(top.folder("a").is_err() && top.make_folder("a").is_err());
        symlink(outside.path().join("precious"), folder.path().join("link")).unwrap();
        assert_eq!(top.read("link", 100).unwrap(), Some(Content::NotAFile));
        assert!(top.open_file("link").is_err() && top.new_file("link").is_err());
        drop(top.fresh("link").unwrap());
        assert_eq!(fs::read_to_string(outside.path().join("precious")).unwrap(), "precious");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    }
}
