//! Where a system is reached.

use std::net::IpAddr;

use reqwest::Url;

use super::error::{Fault, HttpError};

/// The address of a system: where every request goes, and no request leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    base: Url,
}

impl Address {
    /// Reads the `url` of a target.
    ///
    /// # Errors
    ///
    /// When it is no address of a web server, holds a password, a query or a fragment, or would send the token in the
    /// clear to another machine.
    pub fn parse(text: &str) -> Result<Self, HttpError> {
        let refused = |problem: &str| {
            // A password in it must not be shown, and neither must what stands behind `?` or `#`.
            let shown = if text.contains(['@', '?', '#']) { "…" } else { text };
            HttpError::new("reading", shown, Fault::Address { problem: problem.to_owned() })
        };
        let mut base = Url::parse(text)
            .map_err(|_| refused("is no address: write one such as `https://rt.example.com`"))?;
        if !base.username().is_empty() || base.password().is_some() {
            return Err(refused("holds a name or password: name where the token comes from instead"));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(refused("must end with its path: leave out what follows `?` or `#`"));
        }
        match base.scheme() {
            "https" => {}
            "http" if is_this_machine(&base) => {}
            "http" => {
                return Err(refused(
                    "would send the token readable for everybody on the way: write `https://`",
                ));
            }
            _ => return Err(refused("is not the address of a web server: write `https://` and its name")),
        }
        if !base.path().ends_with('/') {
            let path = format!("{}/", base.path());
            base.set_path(&path);
        }
        Ok(Self { base })
    }

    /// The address of something below, from path segments that are written as they are: a `/`, `?` or `..` in one of
    /// them leads nowhere else.
    #[must_use]
    pub(super) fn below(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty();
            // A segment of dots alone would climb.
            path.extend(segments.iter().filter(|segment| !matches!(**segment, "." | ".." | "")));
        }
        url
    }

    /// The address of the next page that a system names, when it lies on the same server and below the same path.
    pub(super) fn following(&self, from: &Url, next: &str) -> Option<Url> {
        let url = from.join(next).ok()?;
        let inside = url.origin() == self.base.origin()
            && url.path().starts_with(self.base.path())
            && url.username().is_empty()
            && url.password().is_none();
        inside.then_some(url)
    }

    /// The path of something below, as [`Address::below`] writes it, from the address on.
    #[must_use]
    pub fn path(&self, segments: &[&str]) -> String {
        let url = self.below(segments);
        let below = url.path().get(self.base.path().len()..).unwrap_or_default();
        format!("/{below}")
    }

    /// The address that a path below it stands for, or a whole address that lies below it.
    pub(super) fn inside(&self, to: &str) -> Option<Url> {
        match to.strip_prefix('/') {
            Some(path) => self.following(&self.base, path),
            None => self.following(&self.base, to),
        }
    }

    /// Whether the system runs on this machine.
    pub(super) fn is_local(&self) -> bool {
        is_this_machine(&self.base)
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.base.as_str()
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == "localhost"
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
