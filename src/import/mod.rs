//! Exports of other systems turned into TOML documents.
//!
//! A map says which column fills which field. What was in the repository stays: only the fields that the
//! map fills are changed, only where they differ, and nothing is ever deleted. What cannot be mapped is
//! counted and reported, never guessed.

mod check;
mod compose;
mod existing;
mod fields;
mod map;
mod report;
mod rows;
mod run;
pub(crate) mod text;
mod value;

pub use report::{Example, Gone, Problem, ProblemGroup, Report, Unmapped, Updated, Written};
pub use run::{File, Imported, Request, import};

use std::path::PathBuf;

use crate::{
    diag::{Diagnostic, Sources},
    source::SourceError,
};

/// What is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Services.
    Service,
    /// People.
    Person,
    /// Teams.
    Team,
    /// Entitlements, each into the service that it belongs to.
    Entitlement,
    /// Metrics, such as the service standards that an organisation publishes.
    Metric,
}

impl Subject {
    /// The word for one of them.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Person => "person",
            Self::Team => "team",
            Self::Entitlement => "entitlement",
            Self::Metric => "metric",
        }
    }

    /// The word for one of them, with its article: `a service`, `an entitlement`.
    #[must_use]
    pub const fn with_article(self) -> &'static str {
        match self {
            Self::Service => "a service",
            Self::Person => "a person",
            Self::Team => "a team",
            Self::Entitlement => "an entitlement",
            Self::Metric => "a metric",
        }
    }

    /// The word for several of them, which is also the name of the file that they go to by default.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Service => "services",
            Self::Person => "people",
            Self::Team => "teams",
            Self::Entitlement => "entitlements",
            Self::Metric => "metrics",
        }
    }
}

/// Why nothing could be imported. Nothing is written then.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The map is wrong or does not fit.
    #[error("the import map cannot be used")]
    Map {
        /// What is wrong.
        found: Vec<Diagnostic>,
        /// The text of the map, to point into.
        sources: Box<Sources>,
    },
    /// A file cannot be read.
    #[error("`{}` cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that was named is not one that can be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The export is not CSV that can be read to its end.
    #[error("{message}")]
    Export {
        /// What is wrong, and where.
        message: String,
    },
    /// The repository holds documents that cannot be read, so nobody knows what is there already.
    #[error(
        "`{path}` cannot be read as TOML, so it is not known what is there already: run `gitsm validate`"
    )]
    Repository {
        /// The first such document.
        path: String,
    },
    /// The output file is not a place for documents.
    #[error("{message}")]
    Output {
        /// Why.
        message: String,
    },
}
