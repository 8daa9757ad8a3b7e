//! What can go wrong with an instance of `ServiceNow`.

use crate::{
    http::HttpError,
    target::{TargetError, pen::ObjectError},
};

/// An instance that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum NowError {
    /// No answer, or one that says that it did not work.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// What is known about the target cannot be read or written.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// Something else answers there.
    #[error(
        "{url} answers without a result, so it is no Table API: write the url of the instance, such as `https://example.service-now.com`"
    )]
    Not {
        /// What was asked.
        url: String,
    },
    /// The token does not see everything.
    #[error(
        "the token does not see all rows of `{table}`: {came} of {total} came, so nobody knows what there is; give its \
         user the rights that the page about the target lists"
    )]
    Hidden {
        /// What was listed.
        table: String,
        /// How many rows came.
        came: usize,
        /// How many there are.
        total: usize,
    },
    /// The answer does not say how many rows there are.
    #[error(
        "the answer does not say how many rows `{table}` has (`X-Total-Count`), so nobody knows whether all of them came: \
         does something between here and the instance remove it?"
    )]
    Uncounted {
        /// What was listed.
        table: String,
    },
    /// The list changed while it was read.
    #[error("the rows of `{table}` changed while they were read: run the command again")]
    Moving {
        /// What was listed.
        table: String,
    },
    /// Rows came that were not asked for: the instance drops conditions on columns that it does not know.
    #[error(
        "rows of `{table}` came that were not asked for, so the instance does not know the column `{column}`: the version \
         must be one that is supported, and the token must see the column"
    )]
    Unasked {
        /// What was listed.
        table: String,
        /// What was asked for.
        column: String,
    },
    /// Two rows stand for the same.
    #[error(
        "`{key}` is at the target twice, as the rows {first} and {second} of `{table}`: rename or deactivate the one that \
         is not meant"
    )]
    Ambiguous {
        /// The object of the rulebook.
        key: String,
        /// The table.
        table: &'static str,
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// Two users, departments or roles are called the same.
    #[error("`{called}` stands for more than one row of `{table}`: keep one of them active")]
    Several {
        /// What they are called.
        called: String,
        /// The table.
        table: String,
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

impl From<NowError> for TargetError {
    fn from(error: NowError) -> Self {
        match error {
            NowError::Target(error) => error,
            NowError::Ambiguous { .. } | NowError::Several { .. } => {
                let text = error.to_string();
                let (message, help) = text.split_once(": ").unwrap_or((&text, "rename one of them"));
                Self::refused(message, help)
            }
            NowError::Object(error) => error.into(),
            _ => Self::System(error.to_string()),
        }
    }
}
