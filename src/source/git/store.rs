//! Objects, read one at a time.
//!
//! libgit2 waits forever for the rest of an object whose own file was cut off, so that file is looked at first. What lies in
//! packs is read as it is: there the end of each object is known.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

use flate2::{Decompress, FlushDecompress, Status};
use git2::{Odb, OdbObject, Oid};

/// How many bytes are decompressed at a time.
const STEP: usize = 16 * 1_024;
/// The longest header is `commit`, a space, twenty digits and a zero.
const LONGEST_HEADER: usize = 32;
/// Objects are borrowed from a repository that borrows from another one, and so on, as often as in Git.
const MOST_BORROWED: usize = 5;

/// What reads objects.
pub(super) struct Store<'r> {
    objects: Odb<'r>,
    loose: &'r Loose,
}

/// Why an object was not read.
#[derive(Debug)]
pub(super) enum Unread {
    /// Its own file ends before it does.
    CutOff,
    /// What libgit2 says.
    Other(git2::Error),
}

impl From<git2::Error> for Unread {
    fn from(error: git2::Error) -> Self {
        Self::Other(error)
    }
}

impl<'r> Store<'r> {
    pub(super) const fn new(objects: Odb<'r>, loose: &'r Loose) -> Self {
        Self { objects, loose }
    }

    /// Reads an object.
    pub(super) fn read(&self, id: Oid) -> Result<OdbObject<'_>, Unread> {
        self.whole(id)?;
        Ok(self.objects.read(id)?)
    }

    /// How long an object is. It is not read.
    pub(super) fn length(&self, id: Oid) -> Result<usize, git2::Error> {
        self.objects.read_header(id).map(|(length, _)| length)
    }

    /// Looks whether an object ends where it says, if it has a file of its own.
    pub(super) fn whole(&self, id: Oid) -> Result<(), Unread> {
        if self.loose.is_cut_off(id) { Err(Unread::CutOff) } else { Ok(()) }
    }

    /// The objects as libgit2 has them, for what reads none of them.
    pub(super) const fn as_they_are(&self) -> &Odb<'r> {
        &self.objects
    }
}

/// The files of objects that are in no pack.
#[derive(Debug)]
pub(super) struct Loose {
    folders: Vec<Folder>,
}

/// A folder of objects.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    /// The folders in it that hold files of objects, by the first byte of their names. Mostly there is none: all is packed.
    first: BTreeSet<u8>,
}

impl Loose {
    /// Those of a folder of objects and of those that it borrows from.
    pub(super) fn new(objects: &Path) -> Self {
        let mut folders = Vec::new();
        let mut next = vec![(objects.to_owned(), 0)];
        while let Some((path, borrowed)) = next.pop() {
            if borrowed < MOST_BORROWED {
                let from = borrowed_from(&path).into_iter();
                next.extend(from.map(|line| (path.join(line), borrowed + 1)));
            }
            let names = std::fs::read_dir(&path).into_iter().flatten().flatten();
            let first = names.filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                u8::from_str_radix(&name, 16).ok().filter(|_| name.len() == 2)
            });
            let first = first.collect();
            folders.push(Folder { path, first });
        }
        Self { folders }
    }

    /// An object whose own file ends before it does; none when there is none.
    pub(super) fn cut_off(&self) -> Option<Oid> {
        self.folders.iter().find_map(|folder| {
            folder.first.iter().find_map(|byte| {
                let first = format!("{byte:02x}");
                let files = std::fs::read_dir(folder.path.join(&first)).into_iter().flatten().flatten();
                files.into_iter().find_map(|file| {
                    let rest = file.file_name().into_string().ok()?;
                    let id = Oid::from_str(&format!("{first}{rest}")).ok().filter(|_| rest.len() == 38)?;
                    File::open(file.path()).is_ok_and(|file| !ends(file)).then_some(id)
                })
            })
        })
    }

    /// Whether an object has a file of its own that ends before it does. A file that holds anything else that is wrong is
    /// left to libgit2, which says so.
    fn is_cut_off(&self, id: Oid) -> bool {
        let Some(byte) = id.as_bytes().first() else { return false };
        let mut folders = self.folders.iter().filter(|folder| folder.first.contains(byte)).peekable();
        if folders.peek().is_none() {
            return false;
        }
        let name = id.to_string();
        let (first, rest) = name.split_at(2);
        folders.any(|folder| match File::open(folder.path.join(first).join(rest)) {
            Ok(file) => !ends(file),
            Err(_) => false,
        })
    }
}

/// The folders that a folder of objects borrows from, as it names them.
pub(super) fn borrowed_from(objects: &Path) -> Vec<String> {
    let listed = std::fs::read(objects.join("info/alternates")).unwrap_or_default();
    let lines = String::from_utf8_lossy(&listed).into_owned();
    let named = |line: &&str| !line.is_empty() && !line.starts_with('#');
    lines.lines().filter(named).map(str::to_owned).collect()
}

/// Whether the file of an object holds as much as its header says. Only a little of it is in memory at a time, and no more is
/// decompressed than the header says and one step.
fn ends(mut file: impl Read) -> bool {
    let mut stream = Decompress::new(true);
    let (mut packed, mut plain) = (vec![0; STEP], vec![0; STEP]);
    let (mut from, mut to) = (0, 0);
    let mut header = Vec::new();
    let mut wanted = None;
    loop {
        if from == to {
            from = 0;
            to = match file.read(&mut packed) {
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return false,
            };
        }
        let (read, written) = (stream.total_in(), stream.total_out());
        let input = packed.get(from..to).unwrap_or_default();
        let is_last = input.is_empty();
        let Ok(status) = stream.decompress(input, &mut plain, FlushDecompress::None) else { return true };
        let count = |now: u64, before: u64| usize::try_from(now.saturating_sub(before)).unwrap_or(usize::MAX);
        from = from.saturating_add(count(stream.total_in(), read)).min(to);
        let written = count(stream.total_out(), written);
        if wanted.is_none() && header.len() < LONGEST_HEADER {
            header.extend(plain.iter().take(written.min(LONGEST_HEADER)));
            wanted = whole_length(&header);
        }
        match status {
            Status::StreamEnd => return wanted.is_none_or(|wanted| stream.total_out() >= wanted),
            // More than it says, or no header at all: libgit2 says so.
            _ if wanted.map_or(header.len() >= LONGEST_HEADER, |wanted| stream.total_out() > wanted) => {
                return true;
            }
            Status::BufError | Status::Ok if is_last && written == 0 => return false,
            Status::BufError | Status::Ok => {}
        }
    }
}

/// How many bytes an object has with its header, which ends with a zero: `blob 12`; none when that is not written.
fn whole_length(header: &[u8]) -> Option<u64> {
    let end = header.iter().position(|byte| *byte == 0)?;
    let written = std::str::from_utf8(header.get(..end)?).ok()?;
    let (_, length) = written.split_once(' ')?;
    length.parse::<u64>().ok()?.checked_add(u64::try_from(end).ok()?)?.checked_add(1)
}
