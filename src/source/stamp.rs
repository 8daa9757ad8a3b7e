//! Noticing that a file of a work tree changes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

use walkdir::{DirEntry, WalkDir};

/// How long to wait between two looks at the files.
const PAUSE: Duration = Duration::from_millis(500);

/// When each file of a repository was written, and how long it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Stamp(BTreeMap<PathBuf, (Option<SystemTime>, u64)>);

impl Stamp {
    /// Looks at the files that can belong to a rulebook. What cannot be looked at counts as not there.
    #[must_use]
    pub fn take(root: &Path) -> Self {
        // What lies below a root counts, whatever its folder is called; only Git's own is none of them.
        let visible = |entry: &DirEntry| entry.depth() != 1 || entry.file_name() != ".git";
        let files = WalkDir::new(root).into_iter().filter_entry(visible).flatten().filter(|entry| {
            let name = entry.file_name().to_string_lossy();
            !entry.file_type().is_dir() && (name.contains(".toml") || name.ends_with(".csv"))
        });
        Self(
            files
                .filter_map(|entry| {
                    let metadata = fs::symlink_metadata(entry.path()).ok()?;
                    Some((entry.into_path(), (metadata.modified().ok(), metadata.len())))
                })
                .collect(),
        )
    }

    /// Waits until something differs.
    pub fn wait(&self, root: &Path) {
        while *self == Self::take(root) {
            thread::sleep(PAUSE);
        }
    }
}
