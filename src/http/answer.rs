//! What a system answered.

use reqwest::{StatusCode, Url, header::HeaderMap};
use serde::de::DeserializeOwned;

use super::{
    error::{Fault, HttpError},
    secret::Secret,
};

/// The most characters of an answer that an error repeats.
const SAID: usize = 200;

/// An answer that says that it worked.
#[derive(Debug, Clone)]
pub struct Answer {
    pub(super) method: String,
    pub(super) url: Url,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) token: Option<Secret>,
}

impl Answer {
    /// The status of HTTP.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// A header, when it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The version of what was read, for a write that must not overwrite somebody else's.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.header("etag")
    }

    /// The body as it came.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON.
    ///
    /// # Errors
    ///
    /// When it is none, or has another shape. An empty body is `null`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, HttpError> {
        let body: &[u8] = if self.body.is_empty() { b"null" } else { &self.body };
        serde_json::from_slice(body).map_err(|error| {
            let fault = if error.is_data() {
                Fault::Unexpected { problem: concealed(&error.to_string(), self.token.as_ref()) }
            } else {
                Fault::NotJson { what: self.what() }
            };
            self.error(fault)
        })
    }

    /// An error about this answer.
    #[must_use]
    pub fn error(&self, fault: Fault) -> HttpError {
        HttpError::new(&self.method, &concealed(&shown(&self.url), self.token.as_ref()), fault)
    }

    /// The beginning of something that the answer says, as it may be shown: on one line, and without the token.
    #[must_use]
    pub fn quote(&self, text: &str) -> String {
        line(text, self.token.as_ref())
    }

    /// What the body is, in words.
    fn what(&self) -> String {
        let sort = self.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
        let start = self.body.trim_ascii_start().get(..1);
        if sort == "text/html" || (start == Some(b"<") && sort != "application/json") {
            return "a web page".to_owned();
        }
        if start == Some(b"{") || start == Some(b"[") {
            return "cut or broken text".to_owned();
        }
        "something else".to_owned()
    }
}

/// An address as it may be shown: without its query.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Never there for a base that was accepted; a redirect may hold them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

/// The beginning of what an error says. Web pages say nothing that helps.
pub(super) fn said(body: &[u8], token: Option<&Secret>) -> String {
    let text = String::from_utf8_lossy(body);
    let text = message(&text).unwrap_or_else(|| text.into_owned());
    if text.trim_start().starts_with('<') {
        return String::new();
    }
    line(&text, token).trim_matches(['"', '.', ' ']).to_owned()
}

/// The beginning of a text, on one line, without the token and without characters that would do something to a terminal.
fn line(text: &str, token: Option<&Secret>) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").chars().filter(|letter| !letter.is_control()).collect();
    // When nothing stands between its letters any more, and before anything is cut off, so that no part of it stays.
    concealed(&line, token).chars().take(SAID).collect()
}

/// A text without the token in it.
pub(super) fn concealed(text: &str, token: Option<&Secret>) -> String {
    token.map_or_else(|| text.to_owned(), |token| token.conceal(text))
}

/// The message in an answer of JSON: the first text under a name that means it, or the first of a list.
fn message(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let first = value.get(0).unwrap_or(&value);
    let named = ["message", "detail", "error", "title"].iter().find_map(|name| first.get(name));
    named.unwrap_or(first).as_str().map(str::to_owned)
}
