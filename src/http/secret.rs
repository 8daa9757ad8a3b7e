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

    /// A text without the secret in it: systems repeat in their errors what they were sent. Of a text that holds it in
    /// another way of writing, as addresses or JSON do, nothing is left.
    #[must_use]
    pub fn conceal(&self, text: &str) -> String {
        let text = text.replace(&self.0, HIDDEN);
        let is_in = |other: &str| other.contains(&self.0);
        if is_in(&from_address(&text)) || is_in(&from_json(&text)) { HIDDEN.to_owned() } else { text }
    }
}

/// A text with `%41` read as addresses mean it.
fn from_address(text: &str) -> String {
    read_as(text, '%', |rest| {
        let byte = u8::from_str_radix(rest.get(..2)?, 16).ok()?;
        Some((char::from(byte), 2))
    })
}

/// A text with `\/` and `\u0041` read as JSON means it.
fn from_json(text: &str) -> String {
    read_as(text, '\\', |rest| match rest.strip_prefix('u') {
        Some(digits) => Some((char::from_u32(u32::from_str_radix(digits.get(..4)?, 16).ok()?)?, 5)),
        None => rest.chars().next().filter(char::is_ascii_punctuation).map(|letter| (letter, 1)),
    })
}

/// A text in which `read` says what stands for what follows a sign: the letter, and how many bytes mean it.
fn read_as(text: &str, sign: char, read: impl Fn(&str) -> Option<(char, usize)>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(sign) {
        out.push_str(before);
        rest = if let Some((letter, length)) = read(after) {
            out.push(letter);
            after.get(length..).unwrap_or_default()
        } else {
            out.push(sign);
            after
        };
    }
    out.push_str(rest);
    out
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
