//! Exit statuses.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It ran, and there is nothing to report.
    Success,
    /// It ran, and found something.
    Findings,
    /// It could not run: bad flags, an unreadable repository.
    CouldNotRun,
    /// It ran, and what it was asked about is not settled yet.
    Pending,
    /// It ran, and something changed, which was asked about.
    Changes,
    /// It refused to do what it was asked for: a limit, a lock, or something that is not as it was.
    Refused,
    /// It ran, and not everything could be done.
    Partial,
    /// It ran, and does not know everything that it was asked about.
    Indeterminate,
    /// It was interrupted.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees. clap ends with 2 as well when the flags are wrong.
    #[must_use]
    pub const fn status(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Findings => 1,
            Self::CouldNotRun => 2,
            Self::Pending | Self::Changes => 3,
            Self::Refused => 4,
            Self::Partial => 5,
            Self::Indeterminate => 6,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}
