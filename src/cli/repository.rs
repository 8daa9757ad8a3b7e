//! Arguments that several commands share.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    lint,
    load::{self, LoadError, Loaded},
    source::WorkTree,
};

/// Which repository, and on which day.
#[derive(Debug, Clone, Args)]
pub struct Repository {
    /// The folder of the repository, which holds `gitsm.toml`.
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".")]
    pub repository: PathBuf,
    /// The instant that counts as now, for dates that pass.
    #[arg(long, value_name = "INSTANT", env = "GITSM_NOW")]
    pub now: Option<Timestamp>,
}

impl Repository {
    /// Reads the repository and runs every lint.
    ///
    /// # Errors
    /// When there is no repository or it cannot be read to its end.
    pub fn load(&self) -> anyhow::Result<Loaded> {
        let source = WorkTree::new(&self.repository);
        let mut loaded = match load::load(&source) {
            Ok(loaded) => loaded,
            Err(error @ LoadError::NotARepository { .. }) => {
                return Err(error).context("this is not a gitsm repository: run `gitsm init` to make one");
            }
            Err(error) => return Err(error).context("the repository cannot be read"),
        };
        let today = self.today(&loaded);
        lint::run(&mut loaded, today);
        Ok(loaded)
    }

    /// The day that counts as today, in the zone of the project.
    fn today(&self, loaded: &Loaded) -> Date {
        let zone = loaded.rulebook.settings.project.time_zone.resolve().unwrap_or(TimeZone::UTC);
        self.now.unwrap_or_else(Timestamp::now).to_zoned(zone).date()
    }
}
