//! Arguments that several commands share.

use std::{
    io,
    path::{Component, Path, PathBuf},
    sync::OnceLock,
};

use anyhow::anyhow;
use clap::Args;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    output::Output,
    revision::{self, Read},
    terminal::plain,
};
use crate::{
    lint,
    load::{self, LoadError, Loaded, settings::FILE},
    model::quantity::is_leap_second,
    report::revision::At,
    source::{Source, WorkTree},
};

/// Which repository, and on which day.
#[derive(Debug, Clone, Args)]
#[allow(clippy::struct_field_names, reason = "fields are called as their flags are")]
pub(super) struct Repository {
    /// The folder of the repository, which holds `gitsm.toml`.
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".")]
    pub(super) repository: PathBuf,
    /// The instant that counts as now, for dates that pass: `2026-01-01` or `2026-01-01T09:00:00Z`.
    #[arg(long, value_name = "INSTANT", env = "GITSM_NOW", value_parser = instant)]
    pub(super) now: Option<Timestamp>,
    /// Read the rulebook as a commit holds it, and not the files of the folder: `main`, `v1.2`, `HEAD~3`.
    #[arg(long, value_name = "REVISION")]
    pub(super) at: Option<String>,
    /// The commit, once it was read.
    #[arg(skip)]
    read: OnceLock<Read>,
}

impl Repository {
    /// The repository in a folder.
    pub(super) const fn new(folder: PathBuf, now: Option<Timestamp>, at: Option<String>) -> Self {
        Self { repository: folder, now, at, read: OnceLock::new() }
    }

    /// Reads the repository and runs every lint.
    ///
    /// # Errors
    /// When there is no repository or it cannot be read to its end.
    pub(super) fn load(&self) -> anyhow::Result<Loaded> {
        let mut loaded = self.load_only()?;
        let today = self.today(&loaded);
        lint::run(&mut loaded, today);
        Ok(loaded)
    }

    /// Reads the repository, or the commit of it that was asked for, and runs no lint.
    ///
    /// # Errors
    /// When there is no repository or it cannot be read to its end.
    pub(super) fn load_only(&self) -> anyhow::Result<Loaded> {
        let Some(revision) = &self.at else { return load_only(&WorkTree::new(&self.repository)) };
        let (loaded, read) = revision::load(&self.repository, revision)?;
        self.read.get_or_init(|| read);
        Ok(loaded)
    }

    /// The commit that was read; none for the files of the folder.
    #[must_use]
    pub(super) fn at(&self) -> Option<At> {
        self.read.get().map(|read| read.at.clone())
    }

    /// Says which commit was read.
    ///
    /// # Errors
    /// When the result before it cannot be written.
    pub(super) fn say(&self, output: &mut Output) -> io::Result<()> {
        let Some(read) = self.read.get() else { return Ok(()) };
        output.talk(&format!("the rulebook of {}", read.at.line()))?;
        read.remarks.iter().try_for_each(|remark| output.talk(remark))
    }

    /// The same, from another source.
    ///
    /// # Errors
    /// When there is no repository or it cannot be read to its end.
    pub(super) fn load_from(&self, source: &dyn Source) -> anyhow::Result<Loaded> {
        let mut loaded = load_only(source)?;
        let today = self.today(&loaded);
        lint::run(&mut loaded, today);
        Ok(loaded)
    }

    /// What stands before paths of the repository for somebody in the folder that the command runs in.
    #[must_use]
    pub(super) fn prefix(&self) -> String {
        if let Some(read) = self.read.get() {
            return read.prefix.clone();
        }
        folder_prefix(&self.repository)
    }

    /// The day that counts as today, in the zone of the project.
    pub(super) fn today(&self, loaded: &Loaded) -> Date {
        self.day(loaded, None)
    }

    /// The day of an instant, in the zone of the project; without one, that which counts as today.
    pub(super) fn day(&self, loaded: &Loaded, instant: Option<Timestamp>) -> Date {
        let zone = loaded.rulebook.settings.project.time_zone.resolve().unwrap_or(TimeZone::UTC);
        instant.or(self.now).unwrap_or_else(Timestamp::now).to_zoned(zone).date()
    }
}

/// What stands before paths below a folder for somebody in the folder that the command runs in: `folder/`, or
/// nothing for the folder itself and for one that has no path below it, since an absolute path differs from
/// machine to machine.
#[must_use]
pub(super) fn folder_prefix(folder: &Path) -> String {
    let mut prefix = String::new();
    for part in folder.components() {
        match (part, part.as_os_str().to_str()) {
            (Component::CurDir, _) => {}
            (Component::Normal(_), Some(name)) => {
                prefix.push_str(name);
                prefix.push('/');
            }
            _ => return String::new(),
        }
    }
    prefix
}

/// Reads a repository and runs no lint.
///
/// # Errors
/// When there is no repository or it cannot be read to its end.
pub(super) fn load_only(source: &dyn Source) -> anyhow::Result<Loaded> {
    load::load(source).map_err(|error| match error {
        LoadError::NotARepository { place } => anyhow!("{}", not_a_repository(Path::new(&place))),
        LoadError::Source(_) if Path::new(&source.describe()).is_file() => {
            anyhow!("{}", not_a_repository(Path::new(&source.describe())))
        }
        LoadError::Source(_) => anyhow::Error::new(error).context("the repository cannot be read"),
    })
}

/// Why a folder is no repository, and what to do: often it lies in one.
pub(super) fn not_a_repository(folder: &Path) -> String {
    let shown = plain(&folder.to_string_lossy());
    let this = if shown == "." { "this folder".to_owned() } else { format!("the folder `{shown}`") };
    let full = match folder.canonicalize() {
        Ok(full) if full.is_dir() => full,
        Ok(_) => return format!("`{shown}` is not a folder: `-C` takes the one that holds `{FILE}`"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return format!("there is no folder `{shown}`");
        }
        Err(error) => return format!("the folder `{shown}` cannot be looked at: {error}"),
    };
    if let Some(steps) = full.ancestors().skip(1).position(|above| above.join(FILE).is_file()) {
        let above = plain(&above(folder, steps + 1).to_string_lossy());
        return format!("{this} lies in a gitsm repository: run the command with `-C {above}`");
    }
    let init = if shown == "." { "gitsm init".to_owned() } else { format!("gitsm init {shown}") };
    format!("{this} is not a gitsm repository, because it holds no `{FILE}`: `{init}` makes one")
}

/// The folder so many steps above another one, as somebody writes it who is in the folder that the command runs
/// in.
fn above(folder: &Path, steps: usize) -> PathBuf {
    let mut path = folder.to_owned();
    for _ in 0..steps {
        let named = matches!(path.components().next_back(), Some(Component::Normal(_)));
        if named {
            path.pop();
        } else {
            path = if path == Path::new(".") { PathBuf::from("..") } else { path.join("..") };
        }
    }
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

/// An instant, or the first one of a day in UTC.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    if is_leap_second(text) {
        return Err("a leap second is no time of day: write seconds from 0 to 59".to_owned());
    }
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    text.parse().ok().or_else(day).ok_or_else(|| {
        "write `2026-01-01` or `2026-01-01T09:00:00Z`, and nothing after `9999-12-30T22:00:00Z`".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_above_is_written_as_seen_from_here() {
        for (folder, steps, expected) in [
            (".", 1, ".."),
            (".", 2, "../.."),
            ("a", 1, "."),
            ("a/b", 1, "a"),
            ("a/b", 2, "."),
            ("a", 2, ".."),
            ("..", 1, "../.."),
            ("/a/b", 1, "/a"),
        ] {
            assert_eq!(above(Path::new(folder), steps), Path::new(expected), "{folder} {steps}");
        }
    }
}
