//! One apply at a time for each target.
//!
//! The lock is one of the operating system on a file, so that it ends with the process that holds it, however that ends.
//! The file says who holds it. What a process left behind that was killed on this machine is proven dead and taken over,
//! which is said. What another machine left behind may still be held there, where this one cannot see it: it is taken
//! over only by somebody who names it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::model::Instant;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Holder {
    /// The machine.
    pub host: String,
    /// The number of the process there.
    pub process: u32,
    /// Since when.
    pub since: Instant,
}

impl Holder {
    /// This process.
    #[must_use]
    pub fn this(now: Instant) -> Self {
        Self { host: host(), process: std::process::id(), since: now }
    }

    /// The name by which somebody says that the holder is gone: `host:process`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.host, self.process)
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "process {} on `{}` since {}", self.process, self.host, self.since)
    }
}

/// A lock that is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody holds it.
    #[error("the target is being applied to by {0}: wait for it to end, then plan again")]
    Held(String),
    /// Somebody on another machine left it behind, or holds it there.
    #[error(
        "the lock of the target was left behind by {0}: make sure that it has ended, then say so with `--break-lock {name}`",
        name = .0.name()
    )]
    Elsewhere(Box<Holder>),
    /// It cannot be had at all.
    #[error("the lock `{path}` cannot be taken")]
    Failed {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
}

/// A lock that is held until it is dropped or its process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    /// Who was killed while holding it.
    pub left_behind: Option<Holder>,
}

impl Lock {
    /// Takes the lock. `gone` is the name of a holder on another machine that somebody made sure has ended.
    ///
    /// # Errors
    /// When it is held, or might be.
    pub fn take(path: &Path, holder: &Holder, gone: Option<&str>) -> Result<Self, LockError> {
        let failed = |source| LockError::Failed { path: path.display().to_string(), source };
        if fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(failed(io::Error::other("it is a link or a folder")));
        }
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        let locked = file.try_lock();
        let mut text = String::new();
        (&file).take(4_096).read_to_string(&mut text).map_err(failed)?;
        let before: Option<Holder> = serde_json::from_str(&text).ok();
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let who = before.map_or_else(|| "another process".to_owned(), |holder| holder.to_string());
                return Err(LockError::Held(who));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        if let Some(before) = &before
            && before.host != holder.host
            && gone != Some(before.name().as_str())
        {
            return Err(LockError::Elsewhere(Box::new(before.clone())));
        }
        let mut lock = Self { file, left_behind: before };
        lock.note(&serde_json::to_string(holder).unwrap_or_default()).map_err(failed)?;
        Ok(lock)
    }

    fn note(&mut self, text: &str) -> io::Result<()> {
        self.file.rewind()?;
        self.file.set_len(0)?;
        self.file.write_all(text.as_bytes())?;
        self.file.sync_data()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // When this cannot be written, the next one takes it for the lock of a process that was killed, and says so.
        let _ = self.note("");
    }
}

/// The name of this machine.
fn host() -> String {
    let named = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named =
        named.or_else(|| std::env::var("COMPUTERNAME").ok()).or_else(|| std::env::var("HOSTNAME").ok());
    let name: String =
        named.unwrap_or_default().trim().chars().filter(|letter| !letter.is_control()).collect();
    if name.is_empty() { "this machine".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(host: &str, process: u32) -> Holder {
        Holder { host: host.to_owned(), process, since: "2026-01-01T00:00:00Z".parse().unwrap() }
    }

    #[test]
    fn a_lock_is_had_once_and_again_when_it_was_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = Lock::take(&path, &holder("here", 1), None).unwrap();
        let error = Lock::take(&path, &holder("here", 2), None).unwrap_err().to_string();
        assert!(error.contains("process 1 on `here` since 2026-01-01T00:00:00Z"), "{error}");
        drop(lock);
        let lock = Lock::take(&path, &holder("elsewhere", 2), None).unwrap();
        assert_eq!(lock.left_behind, None);
    }

    #[test]
    fn what_was_left_behind_is_taken_over_here_and_only_by_name_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let killed = |by: &Holder| fs::write(&path, serde_json::to_string(by).unwrap()).unwrap();
        killed(&holder("here", 1));
        let lock = Lock::take(&path, &holder("here", 2), None).unwrap();
        assert_eq!(lock.left_behind, Some(holder("here", 1)));
        drop(lock);
        killed(&holder("there", 1));
        for gone in [None, Some("there:2"), Some("here:1"), Some("")] {
            let error = Lock::take(&path, &holder("here", 2), gone).unwrap_err();
            assert!(matches!(&error, LockError::Elsewhere(by) if **by == holder("there", 1)), "{error}");
            assert!(error.to_string().contains("`--break-lock there:1`"), "{error}");
        }
        Lock::take(&path, &holder("here", 2), Some("there:1")).unwrap();
    }

    #[test]
    fn what_is_no_file_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Lock::take(folder.path(), &holder("here", 1), None), Err(LockError::Failed { .. })));
    }
}
