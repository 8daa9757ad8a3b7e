//! What can go wrong with a GitHub.

use crate::{
    forge::github::ForgeError,
    target::{TargetError, pen::ObjectError},
};

/// A GitHub that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum HubError {
    /// No answer, one that says that it did not work, or a list that is not whole.
    #[error(transparent)]
    Forge(#[from] ForgeError),
    /// Two objects stand for the same.
    #[error(
        "`{key}` is at the target twice, as {sort} `{first}` and `{second}`: remove the one that is not meant, or remove \
         `{marker}` from its description"
    )]
    Ambiguous {
        /// The object of the rulebook.
        key: String,
        /// What both are.
        sort: &'static str,
        /// The name of one.
        first: String,
        /// The name of the other.
        second: String,
        /// The mark that both carry.
        marker: String,
    },
    /// Something is wrong with one object.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// Only who may change a ruleset sees all of it.
    #[error(
        "the token does not see who may go around the ruleset of the repository, so nobody knows what it is worth: give it \
         the right to administer the repository"
    )]
    Unseen,
}

impl From<ForgeError> for TargetError {
    fn from(error: ForgeError) -> Self {
        Self::System(error.to_string())
    }
}

impl From<HubError> for TargetError {
    fn from(error: HubError) -> Self {
        match error {
            HubError::Ambiguous { .. } => {
                let text = error.to_string();
                let (message, help) = text.split_once(": ").unwrap_or((&text, "remove one of them"));
                Self::refused(message, help)
            }
            HubError::Object(error) => error.into(),
            _ => Self::System(error.to_string()),
        }
    }
}
