//! Secrets: where they come from, and that they go nowhere but into a request.

use std::{
    fmt,
    io::Read as _,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// The longest secret, in bytes. Tokens are shorter; a longer one is a file that was given by mistake.
const LONGEST: usize = 8 * 1024;
/// How long a command may take to print a secret. A password manager may ask its owner first.
const PATIENCE: Duration = Duration::from_mins(1);
/// What stands where a secret was.
const HIDDEN: &str = "[secret]";

/// A text that nobody may read: it can be sent, and neither printed nor compared.
#[derive(Clone)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(HIDDEN)
    }
}

impl Secret {
    /// The secret in an environment variable.
    ///
    /// # Errors
    ///
    /// When it is not set, or holds something that cannot be sent.
    pub fn from_environment(variable: &str) -> Result<Self, SecretError> {
        let value =
            std::env::var_os(variable).ok_or_else(|| SecretError::Unset { variable: variable.to_owned() })?;
        Self::of(value.to_str().unwrap_or_default(), &format!("the environment variable `{variable}`"))
    }

    /// What a command prints: the program, then its arguments. No shell reads them.
    ///
    /// # Errors
    ///
    /// When the command cannot be started, fails, takes longer than a minute, or prints something that cannot be
    /// sent. What it printed is never part of the error.
    pub fn from_command(command: &[String]) -> Result<Self, SecretError> {
        let [program, arguments @ ..] = command else {
            return Err(SecretError::Command { program: String::new(), problem: "names no program".into() });
        };
        let failed =
            |problem: String| SecretError::Command { program: program.clone(), problem: problem.into() };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // A password manager says here what it waits for.
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| failed(format!("cannot be started: {error}")))?;
        let Some(output) = child.stdout.take() else {
            return Err(failed("has no output".to_owned()));
        };
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            let mut text = Vec::new();
            let read = output.take(LONGEST as u64 + 2).read_to_end(&mut text);
            // Nobody waits any more when it took too long.
            let _ = send.send(read.map(|_| text));
        });
        let printed = receive.recv_timeout(PATIENCE);
        if printed.is_err() {
            let _ = child.kill();
        }
        let status = child.wait().map_err(|error| failed(format!("cannot be waited for: {error}")))?;
        let printed = printed
            .map_err(|_| failed(format!("printed nothing within {} seconds", PATIENCE.as_secs())))?
            .map_err(|error| failed(format!("cannot be read: {error}")))?;
        if !status.success() {
            return Err(failed(format!("ended with {status}")));
        }
        let text = String::from_utf8(printed).unwrap_or_default();
        Self::of(text.trim_end_matches(['\n', '\r']), &format!("what the command `{program}` prints"))
    }

    /// A secret, from a place that has a name. It must be one word of printable ASCII characters.
    ///
    /// # Errors
    ///
    /// When it is empty, too long or cannot be sent.
    pub fn of(text: &str, place: &str) -> Result<Self, SecretError> {
        let unusable = |problem: &'static str| SecretError::Unusable { place: place.to_owned(), problem };
        if text.is_empty() {
            return Err(unusable("is empty, or no text"));
        }
        if text.len() > LONGEST {
            return Err(unusable("is too long to be a token"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(unusable("holds spaces, line ends or letters that no token has"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The secret itself, for the one place that sends it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// A text without the secret in it: systems repeat in their errors what they were sent.
    #[must_use]
    pub fn conceal(&self, text: &str) -> String {
        text.replace(&self.0, HIDDEN)
    }
}

/// A secret that cannot be had.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SecretError {
    /// The environment variable is not set.
    #[error("the environment variable `{variable}` is not set: put the token of the system there")]
    Unset {
        /// Its name.
        variable: String,
    },
    /// What is there cannot be sent.
    #[error("{place} {problem}: put the token there, and nothing else")]
    Unusable {
        /// Where it comes from, in words.
        place: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The command that prints it failed.
    #[error("the command `{program}` that prints the token {problem}")]
    Command {
        /// The program.
        program: String,
        /// What went wrong.
        problem: Box<str>,
    },
}
