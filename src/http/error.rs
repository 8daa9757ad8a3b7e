//! What can go wrong between here and a system, and what to do about it.

use std::{fmt, time::Duration};

/// A request that got no answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpError {
    /// The method of the request.
    method: String,
    /// Where it went, without its query.
    url: String,
    /// What went wrong.
    fault: Box<Fault>,
    /// How far the clock of the system is from that of this machine, in seconds, when that is far.
    clock: Option<i64>,
}

/// What went wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The address cannot be used.
    Address {
        /// What is wrong with it.
        problem: String,
    },
    /// Nobody was reached. Nothing was sent.
    Unreachable {
        /// What the network says.
        reason: String,
    },
    /// The system could not show that it is who it should be. Nothing was sent.
    Tls {
        /// What is wrong.
        reason: String,
    },
    /// No answer came in time; a write may have been done.
    Slow {
        /// What was waited for.
        awaited: &'static str,
        /// How long.
        within: Duration,
    },
    /// The connection ended before the answer did; a write may have been done.
    Cut {
        /// What the network says.
        reason: String,
    },
    /// The answer is larger than anything that a system has to say.
    TooLarge {
        /// The most bytes that are read.
        most: usize,
    },
    /// The system sends elsewhere.
    Moved {
        /// Where to, without its query.
        to: String,
    },
    /// The next page lies on another server.
    Elsewhere {
        /// Where it lies, without its query.
        to: String,
    },
    /// The answer is not what the interface answers.
    NotJson {
        /// What it is instead, in words.
        what: String,
    },
    /// JSON of another shape.
    Unexpected {
        /// What is wrong with it.
        problem: String,
    },
    /// 401: the token is wrong.
    Unauthorized,
    /// 403: the token is right, and may not do this.
    Forbidden {
        /// What the system says.
        said: String,
    },
    /// 404.
    NotFound,
    /// 409: something like it is there, or it changed.
    Conflict {
        /// What the system says.
        said: String,
    },
    /// 412: somebody changed it since it was read.
    Changed,
    /// 429: too many requests.
    TooMany {
        /// How long the system wants to be left alone.
        after: Option<Duration>,
    },
    /// Another 4xx: the system does not want this.
    Refused {
        /// The status.
        status: u16,
        /// What the system says.
        said: String,
    },
    /// 5xx: the system failed.
    Failed {
        /// The status.
        status: u16,
        /// What the system says.
        said: String,
        /// How long the system wants to be left alone.
        after: Option<Duration>,
    },
    /// The client cannot be made.
    Setup {
        /// What is wrong.
        problem: String,
    },
}

impl HttpError {
    pub(super) fn new(method: &str, url: &str, fault: Fault) -> Self {
        Self { method: method.to_owned(), url: url.to_owned(), fault: Box::new(fault), clock: None }
    }

    /// An answer of JSON that has another shape than it should.
    #[must_use]
    pub fn unexpected(method: &str, place: &str, problem: String) -> Self {
        Self::new(method, place, Fault::Unexpected { problem })
    }

    pub(super) fn with_clock(mut self, clock: Option<i64>) -> Self {
        self.clock = clock;
        self
    }

    /// Where the request went, without its query.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.url
    }

    /// What went wrong.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// Whether the system can have done what was asked although no answer says so. Only reading again tells.
    #[must_use]
    pub fn may_have_been_done(&self) -> bool {
        matches!(
            *self.fault,
            Fault::Slow { .. }
                | Fault::Cut { .. }
                | Fault::TooLarge { .. }
                | Fault::NotJson { .. }
                | Fault::Unexpected { .. }
                | Fault::Failed { .. }
        )
    }

    /// Whether waiting can help. What is already known to have done nothing can be asked again whatever it is.
    pub(super) fn is_passing(&self) -> bool {
        match *self.fault {
            Fault::Unreachable { .. } | Fault::Slow { .. } | Fault::Cut { .. } | Fault::TooMany { .. } => {
                true
            }
            Fault::Failed { status, .. } => matches!(status, 500 | 502..=504),
            _ => false,
        }
    }

    /// How long the system wants to be left alone, when it says so.
    pub(super) fn after(&self) -> Option<Duration> {
        match *self.fault {
            Fault::TooMany { after } | Fault::Failed { after, .. } => after,
            _ => None,
        }
    }
}

impl std::error::Error for HttpError {}

impl fmt::Display for HttpError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}: {}", self.method, self.url, self.fault)?;
        if let Some(seconds) = self.clock {
            let direction = if seconds < 0 { "behind" } else { "ahead of" };
            let minutes = seconds.unsigned_abs() / 60;
            write!(
                formatter,
                "; the clock of the system is {minutes} minutes {direction} that of this machine: one of them is wrong"
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    #[rustfmt::skip]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let out = formatter;
        match self {
            Self::Address { problem } => write!(out, "the address {problem}"),
            Self::Unreachable { reason } => write!(out, "nobody answers there ({reason}): is the url right, does the system run, and may this machine reach it?"),
            Self::Tls { reason } => write!(out, "no safe connection ({reason}): the system needs a certificate for this name from an authority that this machine trusts; one of your own can be named by the environment variable `SSL_CERT_FILE`"),
            Self::Slow { awaited, within } => write!(out, "{awaited} did not come within {}: run the command again when the system is less busy", length(*within)),
            Self::Cut { reason } => write!(out, "the connection ended before the whole answer was there ({reason}): run the command again"),
            Self::TooLarge { most } => write!(out, "the answer is larger than {} MB, which no answer of this interface is: is the url right?", most / 1_000_000),
            Self::Moved { to } => write!(out, "the system sends elsewhere, to {to}, and the token is not taken there: write the url that is meant"),
            Self::Elsewhere { to } => write!(out, "the next page lies elsewhere, at {to}, and the token is not taken there: the url must be the one that the system itself uses"),
            Self::NotJson { what } => write!(out, "the answer is {what} and not JSON: is the url that of the interface, and does something in between ask people to log in?"),
            Self::Unexpected { problem } => write!(out, "the answer is not as it should be: {problem}; is the version of the system one that is supported?"),
            Self::Unauthorized => write!(out, "the system does not know the token (401): make a new one, and put it where the target says that it is"),
            Self::Forbidden { said } => write!(out, "the token may not do this (403){}: give its user the rights that the page about the target lists", quoted(said)),
            Self::NotFound => write!(out, "there is nothing there (404): is the url right, or has it been deleted meanwhile?"),
            Self::Conflict { said } => write!(out, "the system says that this is in conflict with what is there (409){}: plan again", quoted(said)),
            Self::Changed => write!(out, "somebody else changed it meanwhile (412), and nothing was written: plan again"),
            Self::TooMany { after } => write!(out, "the system got too many requests{}: run the command again later", wanted(*after)),
            Self::Refused { status, said } => write!(out, "the system refuses this ({status}){}", quoted(said)),
            Self::Failed { status, said, after } => write!(out, "the system failed ({status}){}{}: its own log says why", quoted(said), wanted(*after)),
            Self::Setup { problem } => write!(out, "no connection can be made from here: {problem}"),
        }
    }
}

fn quoted(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(", with the words \"{said}\"") }
}

fn wanted(after: Option<Duration>) -> String {
    after.map_or_else(String::new, |after| format!(", and wants to be left alone for {}", length(after)))
}

fn length(duration: Duration) -> String {
    if duration.as_secs() == 0 {
        return format!("{} ms", duration.as_millis());
    }
    format!("{} s", duration.as_secs())
}
