//! One apply at a time for each target.
//!
//! The lock is one of the operating system on a file, so that it ends with the process that holds it, however that ends.
//! The file says who holds it. What a process left behind that was killed on this machine is proven dead and taken over,
//! which is said. What another machine left behind may still be held there, where this one cannot see it: it is taken
//! over only by somebody who names it. A file that is removed under the process that holds it lets the next one in, so the
//! holder looks before each write whether the file that it holds is still the one that others find.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    thread,
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    model::Instant,
    source::{Directory, directory::Identity},
    target::Reader,
};

/// The file.
const FILE: &str = "lock";
/// How often it is tried to take a lock, and how long it is waited in between: whoever plans looks at it for a moment.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);
/// The most bytes of it that are read.
const MAX_BYTES: u64 = 4_096;

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
    /// Nobody can say who holds it.
    #[error(
        "the lock `{0}` does not say who holds it: make sure that nobody is applying to the target, then remove the file"
    )]
    Unreadable(String),
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
    /// Takes the lock in a folder, which is shown as `shown`. `gone` is the name of a holder on another machine that somebody
    /// made sure has ended.
    ///
    /// # Errors
    /// When it is held, or might be.
    pub fn take(
        folder: &Directory,
        shown: &str,
        holder: &Holder,
        gone: Option<&str>,
    ) -> Result<Self, LockError> {
        let path = format!("{shown}/{FILE}");
        let failed = |source| LockError::Failed { path: path.clone(), source };
        let mut who = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                thread::sleep(PAUSE);
            }
            let file = folder.open_file(FILE).map_err(failed)?;
            let locked = file.try_lock();
            let said = read(&file).map_err(failed)?;
            match locked {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    who = name_of(&said);
                    continue;
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            // Somebody may have removed the file between opening and locking it.
            if !is_the_one(folder, &file).map_err(failed)? {
                "somebody who keeps removing it".clone_into(&mut who);
                continue;
            }
            let before = match said {
                Said::Nothing => None,
                Said::Holder(before) => Some(before),
                Said::Unreadable => return Err(LockError::Unreadable(path)),
            };
            if let Some(before) = &before
                && before.host != holder.host
                && gone != Some(before.name().as_str())
            {
                return Err(LockError::Elsewhere(Box::new(before.clone())));
            }
            let mut lock = Self { file, left_behind: before };
            lock.note(&serde_json::to_string(holder).unwrap_or_default()).map_err(failed)?;
            return Ok(lock);
        }
        Err(LockError::Held(who))
    }

    /// Makes sure that the lock is still the one that others find.
    ///
    /// # Errors
    /// When it was removed or replaced, or nobody can say.
    pub fn still(&self, reader: &dyn Reader) -> io::Result<()> {
        let lost = |why: &str| {
            io::Error::other(format!(
                "the lock of the target was taken away{why}, so nothing more was written: make sure that nobody else applies to it"
            ))
        };
        match reader.state(false) {
            Ok(Some(folder)) if is_the_one(&folder, &self.file)? => Ok(()),
            Ok(_) => Err(lost("")),
            Err(error) => Err(lost(&format!(" ({error})"))),
        }
    }

    /// Who holds the lock of a target at this moment, in words; none when nobody does, as far as this machine can see.
    #[must_use]
    pub fn holder(folder: &Directory) -> Option<String> {
        let file = folder.open_to_read(FILE).ok()?;
        let said = read(&file).ok()?;
        if matches!(said, Said::Nothing) {
            return None;
        }
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| name_of(&said))
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

/// What a lock says about who holds it.
enum Said {
    Nothing,
    Holder(Holder),
    Unreadable,
}

fn read(file: &File) -> io::Result<Said> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(if bytes.is_empty() {
        Said::Nothing
    } else {
        serde_json::from_slice(&bytes).map_or(Said::Unreadable, Said::Holder)
    })
}

fn name_of(said: &Said) -> String {
    match said {
        Said::Holder(holder) => holder.to_string(),
        Said::Nothing | Said::Unreadable => "another process".to_owned(),
    }
}

/// Whether a lock that is open is the one in its folder.
fn is_the_one(folder: &Directory, file: &File) -> io::Result<bool> {
    Ok(folder.identity(FILE)? == Some(Identity::of(file)?))
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
        let folder = Directory::open(folder.path()).unwrap();
        let take = |by: &Holder| Lock::take(&folder, "public", by, None);
        assert_eq!(Lock::holder(&folder), None);
        let lock = take(&holder("here", 1)).unwrap();
        assert!(Lock::holder(&folder).unwrap().contains("process 1"));
        let error = take(&holder("here", 2)).unwrap_err().to_string();
        assert!(error.contains("process 1 on `here` since 2026-01-01T00:00:00Z"), "{error}");
        drop(lock);
        assert_eq!(Lock::holder(&folder), None);
        let lock = take(&holder("elsewhere", 2)).unwrap();
        assert_eq!(lock.left_behind, None);
    }

    #[test]
    fn what_was_left_behind_is_taken_over_here_and_only_by_name_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let directory = Directory::open(folder.path()).unwrap();
        let killed = |by: &Holder| fs::write(&path, serde_json::to_string(by).unwrap()).unwrap();
        killed(&holder("here", 1));
        let lock = Lock::take(&directory, "public", &holder("here", 2), None).unwrap();
        assert_eq!(lock.left_behind, Some(holder("here", 1)));
        drop(lock);
        killed(&holder("there", 1));
        for gone in [None, Some("there:2"), Some("here:1"), Some("")] {
            let error = Lock::take(&directory, "public", &holder("here", 2), gone).unwrap_err();
            assert!(matches!(&error, LockError::Elsewhere(by) if **by == holder("there", 1)), "{error}");
            assert!(error.to_string().contains("`--break-lock there:1`"), "{error}");
        }
        Lock::take(&directory, "public", &holder("here", 2), Some("there:1")).unwrap();
    }

    #[test]
    fn what_is_no_file_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(FILE)).unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        let taken = Lock::take(&directory, "public", &holder("here", 1), None);
        assert!(matches!(taken, Err(LockError::Failed { .. })));
    }
}
