//! Arguments that several commands share.

use std::path::{Component, Path, PathBuf};

use clap::Args;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    lint,
    load::{self, LoadError, Loaded, settings},
    source::{Source, WorkTree},
};

/// Which repository, and on which day.
#[derive(Debug, Clone, Args)]
pub(super) struct Repository {
    /// The folder of the repository, which holds `gitsm.toml`.
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".")]
    pub(super) repository: PathBuf,
    /// The instant that counts as now, for dates that pass: `2026-01-01` or `2026-01-01T09:00:00Z`.
    #[arg(long, value_name = "INSTANT", env = "GITSM_NOW", value_parser = instant)]
    pub(super) now: Option<Timestamp>,
}

impl Repository {
    /// Reads the repository and runs every lint.
    ///
    /// # Errors
    /// When there is no repository or it cannot be read to its end.
    pub(super) fn load(&self) -> anyhow::Result<Loaded> {
        self.load_from(&WorkTree::new(&self.repository))
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
        folder_prefix(&self.repository)
    }

    /// The day that counts as today, in the zone of the project.
    fn today(&self, loaded: &Loaded) -> Date {
        let zone = loaded.rulebook.settings.project.time_zone.resolve().unwrap_or(TimeZone::UTC);
        self.now.unwrap_or_else(Timestamp::now).to_zoned(zone).date()
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
    load::load(source).map_err(|error| {
        let context = match &error {
            LoadError::NotARepository { place } => advice(Path::new(place)),
            LoadError::Source(_) => "the repository cannot be read".to_owned(),
        };
        anyhow::Error::new(error).context(context)
    })
}

/// What to do when a folder is no repository: often it is one that lies in a repository.
fn advice(folder: &Path) -> String {
    let Ok(folder) = folder.canonicalize() else { return "there is no such folder".to_owned() };
    let above = folder.ancestors().skip(1).position(|above| above.join(settings::FILE).is_file());
    match above {
        Some(steps) => {
            let path = vec![".."; steps + 1].join("/");
            format!("this folder lies in a gitsm repository: run the command with `-C {path}`")
        }
        None => "this is not a gitsm repository: run `gitsm init` to make one".to_owned(),
    }
}

/// An instant, or the first one of a day in UTC.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    text.parse().ok().or_else(day).ok_or_else(|| "write `2026-01-01` or `2026-01-01T09:00:00Z`".to_owned())
}
