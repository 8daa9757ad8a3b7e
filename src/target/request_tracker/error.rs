//! What can go wrong with a Request Tracker.

use crate::{
    http::HttpError,
    target::{TargetError, pen::ObjectError},
};

/// A Request Tracker that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum RtError {
    /// No answer, or one that says that it did not work.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Something else answers there.
    #[error("{url} is no Request Tracker: write the url of its start page")]
    Not {
        /// What was asked.
        url: String,
    },
    /// The token does not see everything.
    #[error(
        "the token does not see all {collection}, so nobody knows what there is: give its user the rights that the \
         page about the target lists"
    )]
    Hidden {
        /// What was listed.
        collection: String,
    },
    /// The list changed while it was read.
    #[error("the list of {collection} changed while it was read: run the command again")]
    Moving {
        /// What was listed.
        collection: String,
    },
    /// An object of a list is not there when it is asked for.
    #[error(
        "{sort} {id} is in a list and not there when it is asked for, so nobody knows what there is: run the command again; \
         when it stays so, look at the rights of the user of the token"
    )]
    Gone {
        /// What it is.
        sort: &'static str,
        /// Its id.
        id: String,
    },
    /// Two objects stand for the same.
    #[error(
        "`{key}` is at the target twice, as {sort} {first} and {second}: disable the one that is not meant, or remove \
         `{marker}` from its description"
    )]
    Ambiguous {
        /// The object of the rulebook.
        key: String,
        /// What both are.
        sort: &'static str,
        /// The id of one.
        first: String,
        /// The id of the other.
        second: String,
        /// The mark that both carry.
        marker: String,
    },
    /// Something is wrong with one object.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// Something that is needed is not there.
    #[error("`{key}` needs {what}, which is not at the target")]
    Missing {
        /// The object.
        key: String,
        /// What it needs, in words.
        what: String,
    },
}

impl From<HttpError> for TargetError {
    fn from(error: HttpError) -> Self {
        Self::System(error.to_string())
    }
}

impl From<RtError> for TargetError {
    fn from(error: RtError) -> Self {
        match error {
            RtError::Ambiguous { .. } => {
                let text = error.to_string();
                let (message, help) = text.split_once(": ").unwrap_or((&text, "disable one of them"));
                Self::refused(message, help)
            }
            RtError::Object(error) => error.into(),
            _ => Self::System(error.to_string()),
        }
    }
}
