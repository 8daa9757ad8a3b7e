//! The files of a folder on disk.

use std::{
    collections::HashSet,
    fs, io,
    path::{Component, Path, PathBuf},
    sync::{Arc, RwLock},
};

use walkdir::WalkDir;

use super::{Found, Sort, Source, SourceError, read_bounded};

/// A folder on disk. Links are reported, never followed: a rulebook ends at its own files.
#[derive(Debug, Clone)]
pub struct WorkTree {
    root: PathBuf,
    /// Folders that were looked at and are no links. Thousands of files lie in a few folders, and this is made
    /// anew for each reading of a repository.
    folders: Arc<RwLock<HashSet<PathBuf>>>,
}

impl WorkTree {
    /// The folder at this path.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), folders: Arc::default() }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path below the root, or an error for one that leads out of it.
    fn below(&self, path: &str) -> Result<PathBuf, SourceError> {
        let inside =
            Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if inside { Ok(self.root.join(path)) } else { Err(SourceError::Outside { path: path.to_owned() }) }
    }

    /// Whether there is such a folder below the root, and nothing on the way to it is a link.
    fn is_folder(&self, folder: &Path) -> Result<bool, SourceError> {
        let known =
            |folders: &RwLock<HashSet<PathBuf>>| folders.read().is_ok_and(|folders| folders.contains(folder));
        if known(&self.folders) {
            return Ok(true);
        }
        let mut walked = self.root.clone();
        for part in folder.components() {
            walked.push(part);
            match fs::symlink_metadata(&walked) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(unreadable(&walked, error)),
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => {
                    let path = walked.strip_prefix(&self.root).unwrap_or(&walked).display().to_string();
                    return Err(SourceError::NotAFile { path });
                }
            }
        }
        if let Ok(mut folders) = self.folders.write() {
            folders.insert(folder.to_owned());
        }
        Ok(true)
    }
}

impl Source for WorkTree {
    fn list(&self, folder: &str) -> Result<Option<Vec<Found>>, SourceError> {
        let start = self.below(folder)?;
        match fs::symlink_metadata(&start) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(unreadable(&start, source)),
            Ok(metadata) if metadata.is_symlink() => {
                return Ok(Some(vec![Found { path: folder.to_owned(), sort: Sort::Link, length: 0 }]));
            }
            Ok(_) => {}
        }
        let mut found = Vec::new();
        for entry in WalkDir::new(&start).follow_links(false).sort_by_file_name() {
            let entry = entry.map_err(|error| {
                let path = error.path().unwrap_or(&start).to_owned();
                // The walker names the path as well, and once is enough.
                let source = error.into_io_error().unwrap_or_else(|| io::Error::other("a circle of links"));
                unreadable(&path, source)
            })?;
            let kind = entry.file_type();
            if kind.is_dir() {
                continue;
            }
            let sort = if kind.is_file() {
                Sort::File
            } else if kind.is_symlink() {
                Sort::Link
            } else {
                Sort::Special
            };
            let length = entry.metadata().map_or(0, |metadata| metadata.len());
            match relative(&self.root, entry.path()) {
                Ok(path) => found.push(Found { path, sort, length }),
                // A picture or a note is nobody's business, whatever it is called.
                Err(_) if sort == Sort::File && !looks_like_a_document(entry.path()) => {}
                Err(path) => found.push(Found { path, sort: Sort::Nameless, length }),
            }
        }
        found.sort();
        Ok(Some(found))
    }

    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        let full = self.below(path)?;
        // Every part of the path is looked at: a folder can be a link as well as a file.
        let folder = Path::new(path).parent().unwrap_or_else(|| Path::new(""));
        if !self.is_folder(folder)? {
            return Ok(None);
        }
        match read_bounded(&full, limit) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(SourceError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            // The path below the repository is the same on every machine.
            Err(SourceError::NotAFile { .. }) => Err(SourceError::NotAFile { path: path.to_owned() }),
            Err(SourceError::TooLarge { limit, .. }) => {
                Err(SourceError::TooLarge { path: path.to_owned(), limit })
            }
            Err(SourceError::Read { path, source }) => Err(unreadable(&path, source)),
            Err(error) => Err(error),
        }
    }

    fn describe(&self) -> String {
        self.root.display().to_string()
    }
}

/// A path that cannot be read, as somebody writes it who is in the folder that it lies in.
fn unreadable(path: &Path, source: io::Error) -> SourceError {
    SourceError::Read { path: path.strip_prefix(".").unwrap_or(path).to_owned(), source }
}

/// Whether leaving a file out could leave out an object: it has the ending of documents somewhere in its name.
fn looks_like_a_document(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.to_ascii_lowercase().contains(".toml")
}

/// The path of a file below the root; as an error, what can be shown of one that is not UTF-8.
fn relative(root: &Path, path: &Path) -> Result<String, String> {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Option<Vec<&str>> = below
        .components()
        .filter(|part| !matches!(part, Component::CurDir))
        .map(|part| part.as_os_str().to_str())
        .collect();
    parts.map(|parts| parts.join("/")).ok_or_else(|| below.to_string_lossy().into_owned())
}
