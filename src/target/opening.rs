//! What `gitsm.toml` says about a system, looked at before anything is sent there.

use super::{Place, TargetError, folder::Folder};
use crate::{http::Secret, model::condition::Literal};

/// The settings of a target that is being opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening<'a> {
    /// The target.
    pub(super) place: &'a Place<'a>,
    /// What the system is called in messages.
    pub(super) system: &'static str,
}

impl Opening<'_> {
    /// A refusal that names the target.
    pub(super) fn refused(&self, problem: &str, help: &str) -> TargetError {
        TargetError::refused(format!("the target `{}` {problem}", self.place.name), help)
    }

    /// The address of the system.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn url(&self, example: &str) -> Result<&str, TargetError> {
        self.place.settings.url.as_deref().ok_or_else(|| {
            self.refused("does not say where the system is", &format!("write `url = \"{example}\"`"))
        })
    }

    /// Makes sure that there are no other options than these: one that is written in another way would do nothing.
    ///
    /// # Errors
    /// When there is another one.
    pub(super) fn options(&self, known: &[&str]) -> Result<(), TargetError> {
        let options = &self.place.settings.options;
        let Some(other) = options.keys().find(|option| !known.contains(&option.as_str())) else {
            return Ok(());
        };
        let known: Vec<String> = known.iter().map(|option| format!("`options.{option}`")).collect();
        let help = match known.split_last() {
            None => "remove it: there are none".to_owned(),
            Some((one, [])) => format!("remove it: there is {one}"),
            Some((last, others)) => format!("remove it: there are {} and {last}", others.join(", ")),
        };
        Err(self.refused(&format!("has an option `{other}` that {} has no use for", self.system), &help))
    }

    /// Makes sure that options that are true or false are no texts: `"false"` would count as something else than what is
    /// written.
    ///
    /// # Errors
    /// When one of these options is neither true nor false.
    pub(super) fn flags(&self, names: &[&str]) -> Result<(), TargetError> {
        let options = self.place.settings.options.iter();
        let mut flags = options.filter(|(option, _)| names.contains(&option.as_str()));
        match flags.find(|(_, value)| !matches!(value, Literal::Boolean(_))) {
            None => Ok(()),
            Some((option, _)) => Err(self.refused(
                &format!("has an option `{option}` that is neither true nor false"),
                &format!("write `options.{option} = true` or `options.{option} = false`, without quotes"),
            )),
        }
    }

    /// The token, which is never a part of the settings.
    ///
    /// # Errors
    /// When the settings do not name one place for it, or it is not there.
    pub(super) fn token(&self, example: &str) -> Result<Secret, TargetError> {
        let settings = self.place.settings;
        match (&settings.token_variable, &settings.token_command) {
            (Some(variable), None) => Secret::from_environment(variable),
            (None, Some(command)) => Secret::from_command(command),
            _ => {
                let help = format!(
                    "write `token-variable = \"{example}\"`, or `token-command` with a program and its arguments"
                );
                return Err(self.refused("does not say in one way where its token is", &help));
            }
        }
        .map_err(|error| self.refused("has no token", &error.to_string()))
    }

    /// The folder below the repository for what gitsm knows about the target, and for files that belong to it.
    ///
    /// # Errors
    /// When it is no folder of its own below the repository, or cannot be opened.
    pub(super) fn folder(&self, usual: &str) -> Result<Folder, TargetError> {
        let shown = self.place.settings.folder.as_deref().unwrap_or(usual);
        Folder::of_its_own(shown, usual, self.place)
    }
}
