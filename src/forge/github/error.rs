//! What can go wrong between here and GitHub.

use crate::http::{Fault, HttpError};

/// GitHub that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// No answer, or one that says that it did not work.
    #[error(transparent)]
    Http(HttpError),
    /// Nothing there, or nothing that the token may see: GitHub does not tell them apart.
    #[error("{0} GitHub also says so when the token may not see it")]
    Hidden(HttpError),
    /// A page came twice, or an entry on two pages.
    #[error("the list {list} changed while it was read: run the command again")]
    Moving {
        /// What was listed.
        list: String,
    },
    /// There were fewer entries or pages than the list itself said.
    #[error(
        "the list {list} says that it has {said} {unit}, and {came} came, so nobody knows what there is: run the \
         command again, and look at what the token may see"
    )]
    Short {
        /// What was listed.
        list: String,
        /// How many there are.
        said: u64,
        /// How many came.
        came: u64,
        /// What is counted: pages, or entries.
        unit: &'static str,
    },
    /// GitHub gave up looking.
    #[error("GitHub had no time to look for all of the list {list}: run the command again")]
    Incomplete {
        /// What was listed.
        list: String,
    },
    /// More pages than anything has.
    #[error("the list {list} has no end after {pages} pages: is the url that of GitHub?")]
    Endless {
        /// What was listed.
        list: String,
        /// How many pages were read.
        pages: usize,
    },
}

impl ForgeError {
    /// What went wrong with a request; none when it was more than one.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Http(error) | Self::Hidden(error) => Some(error.fault()),
            _ => None,
        }
    }

    /// The status that GitHub answered with, when it was one that says that it did not work.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.fault()? {
            Fault::Unauthorized => Some(401),
            Fault::Forbidden { .. } => Some(403),
            Fault::NotFound => Some(404),
            Fault::Conflict { .. } => Some(409),
            Fault::Changed => Some(412),
            Fault::TooMany { .. } => Some(429),
            Fault::Refused { status, .. } | Fault::Failed { status, .. } => Some(*status),
            _ => None,
        }
    }
}

impl From<HttpError> for ForgeError {
    fn from(error: HttpError) -> Self {
        match error.fault() {
            Fault::NotFound => Self::Hidden(error),
            _ => Self::Http(error),
        }
    }
}
