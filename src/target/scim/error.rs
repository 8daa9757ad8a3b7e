//! What can go wrong with a SCIM service.

use crate::{
    http::HttpError,
    target::{TargetError, pen::ObjectError},
};

/// A SCIM service that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum ScimError {
    /// No answer, or one that says that it did not work.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Something else answers there.
    #[error(
        "{url} does not say what it can do, so it is no SCIM service: write the url that `/Users` and `/Groups` follow"
    )]
    Not {
        /// What was asked.
        url: String,
    },
    /// A list does not hold what it says.
    #[error(
        "the list of {collection} cannot be relied on, so nobody knows what there is: {problem}; give the token the right \
         to see all of them, or tell who runs the service"
    )]
    Lies {
        /// What was listed.
        collection: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The list changed while it was read.
    #[error("the list of {collection} changed while it was read: run the command again")]
    Moving {
        /// What was listed.
        collection: String,
    },
    /// Several objects stand for the same.
    #[error("`{key}` is at the target more than once, as {what} {ids}: {help}")]
    Ambiguous {
        /// The object of the rulebook.
        key: String,
        /// What they are.
        what: &'static str,
        /// Their ids, in words.
        ids: String,
        /// What to do.
        help: String,
    },
    /// Something is wrong with one object.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// Members have no user.
    #[error(
        "`{key}` cannot have {members} as members, who have no user at the target; everything else of it was written"
    )]
    NoUser {
        /// The group.
        key: String,
        /// The members, in words.
        members: String,
    },
}

impl From<ScimError> for TargetError {
    fn from(error: ScimError) -> Self {
        match error {
            ScimError::Ambiguous { .. } => {
                let text = error.to_string();
                let (message, help) = text.split_once(": ").unwrap_or((&text, "remove all but one of them"));
                Self::refused(message, help)
            }
            ScimError::Object(error) => error.into(),
            _ => Self::System(error.to_string()),
        }
    }
}
