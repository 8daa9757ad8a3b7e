//! The rulebook that another one is held against.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::{decidable, exit::Exit, output::Output, repository::Repository},
    load::Loaded,
};

/// Which rulebook that is.
#[derive(Debug, Args)]
pub(super) struct Against {
    /// Hold the rulebook against the one in this folder: what it says otherwise, with the first rows that show it.
    #[arg(long, value_name = "FOLDER")]
    against: Option<PathBuf>,
    /// Hold the rulebook against a commit: of this repository, or of the one in the folder of `--against`.
    #[arg(long, value_name = "REVISION")]
    against_at: Option<String>,
}

/// The other rulebook, and what it is called.
pub(super) struct Other {
    pub(super) loaded: Loaded,
    pub(super) name: String,
}

impl Against {
    /// Whether another rulebook was named.
    pub(super) const fn is_named(&self) -> bool {
        self.against.is_some() || self.against_at.is_some()
    }

    /// Reads the other rulebook, if one was named. Where it has errors, says so and hands back how the command ends.
    pub(super) fn load(
        &self,
        own: &Repository,
        output: &mut Output,
    ) -> anyhow::Result<Result<Option<Other>, Exit>> {
        if !self.is_named() {
            return Ok(Ok(None));
        }
        let folder = self.against.clone().unwrap_or_else(|| own.repository.clone());
        let other = Repository::new(folder, own.now, self.against_at.clone());
        let loaded = match decidable::load(&other, output)? {
            Ok(loaded) => loaded,
            Err(exit) => return Ok(Err(exit)),
        };
        let folder = other.repository.display();
        let name = other.at().map_or_else(|| format!("the folder {folder}"), |at| at.line());
        Ok(Ok(Some(Other { loaded, name })))
    }
}
