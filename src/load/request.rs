//! Requests, incidents and changes in files of their own.

use serde::de::DeserializeOwned;

use super::{decode, document};
use crate::diag::{FileId, SourceFile};

/// A file that is not a request.
#[derive(Debug, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct RequestError {
    /// What is wrong.
    message: String,
    /// The line, counted from one.
    line: u32,
    /// The column, counted from one.
    column: u32,
}

/// Reads a request, an incident or a change from TOML.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, RequestError> {
    let source = SourceFile::new("request", text);
    let error = |message: String, offset: u32| {
        let at = source.line_column(offset);
        RequestError { message, line: at.line, column: at.column }
    };
    let mut found = Vec::new();
    let root = document::parse(FileId(0), text, &mut found);
    if let Some(first) = found.first() {
        return Err(error(first.message.clone(), first.primary.span.start));
    }
    let Some(root) = root else { return Err(error("this is not TOML".to_owned(), 0)) };
    match decode::decode_file(&root) {
        Ok((request, _)) => Ok(request),
        Err(problem) => Err(error(problem.message, problem.span.map_or(0, |span| span.start))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::request::DatedRequest;

    #[test]
    fn a_request_is_read_or_said_where_it_is_wrong() {
        let text =
            "now = 2026-11-23T09:00:00Z\n[request]\nrequester = \"ana\"\nentitlements = [\"mail/admin\"]\n";
        let dated = read::<DatedRequest>(text).unwrap();
        assert_eq!(dated.request.requester.as_str(), "ana");
        assert_eq!(dated.now.unwrap().to_string(), "2026-11-23T09:00:00Z");
        for (wrong, at) in [
            ("[request]\nrequester = 7\n", (2, 13)),
            ("[request]\nrequester = \"ana\"\nduration = \"-3d\"\n", (3, 12)),
            ("[request\n", (1, 9)),
        ] {
            let error = read::<DatedRequest>(wrong).unwrap_err();
            assert_eq!((error.line, error.column), at, "{error}");
        }
    }
}
