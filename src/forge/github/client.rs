//! The client.

use std::collections::BTreeSet;

use http_body_util::{BodyExt as _, Full};
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder, Page};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::error::ForgeError;
use crate::http::{Address, Client, HttpError, Limits, Method, Secret, Wire};

/// Where GitHub itself is reached.
pub const API: &str = "https://api.github.com";
/// The version of the interface that is spoken.
const VERSION: (&str, &str) = ("x-github-api-version", "2022-11-28");
/// The most entries of a page that GitHub gives.
const PAGE: usize = 100;
/// The most pages that are read.
const MOST_PAGES: usize = 1_000;

/// A client of one GitHub. It can be used by several threads at once.
///
/// It follows no redirect, repeats no write of which nobody knows what became, waits a bounded time for a bounded answer,
/// sends the token to nobody else, and takes no list for whole that is not.
#[derive(Debug)]
pub struct GitHub {
    client: Client,
    octocrab: Octocrab,
    address: Address,
    most_pages: usize,
}

impl GitHub {
    /// A client for the GitHub at an address. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// When no connections can be made from here at all.
    pub fn new(address: Address, token: Option<Secret>, limits: Limits) -> Result<Self, ForgeError> {
        let client = Client::new(address.clone(), token.map(|token| ("Bearer", token)), limits)?;
        let wire = client.wire();
        let service = tower::service_fn(move |request| pass(wire.clone(), request));
        // Its queue runs where the client does.
        let octocrab = client.wait(async {
            OctocrabBuilder::new_empty().with_service(service).with_auth(AuthState::None).build()
        });
        let Ok(octocrab) = octocrab;
        Ok(Self { client, octocrab, address, most_pages: MOST_PAGES })
    }

    /// With another number of pages after which a list has no end.
    #[cfg(test)]
    pub(super) fn with_pages(mut self, most_pages: usize) -> Self {
        self.most_pages = most_pages;
        self
    }

    /// How many requests were sent, with those that were sent again.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.client.sent()
    }

    /// Does the same for each item, as many at once as the limits allow, and gives the results in the order of the items.
    pub fn each<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        self.client.each(items, work)
    }

    /// Something by its path. Each segment is written as it is.
    ///
    /// # Errors
    ///
    /// When it is not there, or no answer came that can be used.
    pub fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, ForgeError> {
        let route = self.address.path(path);
        self.wait("GET", &route, self.octocrab.get(&route, None::<&()>))
    }

    /// Something by its path; none when it is not there, or the token may not see it.
    ///
    /// # Errors
    ///
    /// When no answer came that can be used.
    pub fn find<T: DeserializeOwned>(&self, path: &[&str]) -> Result<Option<T>, ForgeError> {
        match self.get(path) {
            Ok(found) => Ok(Some(found)),
            Err(ForgeError::Hidden(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every entry of a list, page by page. What is not known to be whole is an error.
    ///
    /// # Errors
    ///
    /// When a page lies elsewhere or did not come, an entry came twice, there are fewer than the list says, or it has no
    /// end.
    pub fn all<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Vec<T>, ForgeError> {
        let list = self.address.path(path);
        let size = PAGE.to_string();
        let query: Vec<(&str, &str)> = query.iter().copied().chain([("per_page", size.as_str())]).collect();
        let mut page: Page<Value> = self.wait("GET", &list, self.octocrab.get(&list, Some(&query)))?;
        let mut items: Vec<T> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut visited = BTreeSet::new();
        let (mut pages, mut said_pages) = (1_usize, None);
        let mut said_items = None;
        loop {
            if page.incomplete_results == Some(true) {
                return Err(ForgeError::Incomplete { list });
            }
            said_pages = page.number_of_pages().map(u64::from).max(said_pages);
            said_items = page.total_count.max(said_items);
            for item in page.take_items() {
                if !seen.insert(identity(&item)) {
                    return Err(ForgeError::Moving { list });
                }
                let item =
                    serde_json::from_value(item).map_err(|error| self.unexpected("GET", &list, &error))?;
                items.push(item);
            }
            let Some(next) = page.next.take() else { break };
            if !visited.insert(next.to_string()) {
                return Err(ForgeError::Moving { list });
            }
            if pages >= self.most_pages {
                return Err(ForgeError::Endless { list, pages });
            }
            page = self.wait("GET", &list, self.octocrab.get(next.to_string(), None::<&()>))?;
            pages += 1;
        }
        let short = |said, came, unit| ForgeError::Short { list: list.clone(), said, came, unit };
        if let Some(said) = said_pages.filter(|said| *said != pages as u64) {
            return Err(short(said, pages as u64, "pages"));
        }
        if let Some(said) = said_items.filter(|said| *said != items.len() as u64) {
            return Err(short(said, items.len() as u64, "entries"));
        }
        Ok(items)
    }

    /// Creates something.
    ///
    /// # Errors
    ///
    /// When it was refused, or nobody knows whether it was done.
    pub fn post<T: DeserializeOwned>(&self, path: &[&str], body: &impl Serialize) -> Result<T, ForgeError> {
        let route = self.address.path(path);
        self.wait("POST", &route, self.octocrab.post(&route, Some(body)))
    }

    /// Replaces something, or puts it in its place.
    ///
    /// # Errors
    ///
    /// As [`GitHub::post`].
    pub fn put<T: DeserializeOwned>(&self, path: &[&str], body: &impl Serialize) -> Result<T, ForgeError> {
        let route = self.address.path(path);
        self.wait("PUT", &route, self.octocrab.put(&route, Some(body)))
    }

    /// Changes a part of something.
    ///
    /// # Errors
    ///
    /// As [`GitHub::post`].
    pub fn patch<T: DeserializeOwned>(&self, path: &[&str], body: &impl Serialize) -> Result<T, ForgeError> {
        let route = self.address.path(path);
        self.wait("PATCH", &route, self.octocrab.patch(&route, Some(body)))
    }

    /// Deletes something. What is gone already is no error.
    ///
    /// # Errors
    ///
    /// As [`GitHub::post`].
    pub fn delete(&self, path: &[&str]) -> Result<(), ForgeError> {
        let route = self.address.path(path);
        match self.wait::<Value>("DELETE", &route, self.octocrab.delete(&route, None::<&()>)) {
            Ok(_) | Err(ForgeError::Hidden(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn wait<T>(
        &self,
        method: &str,
        route: &str,
        work: impl Future<Output = octocrab::Result<T>>,
    ) -> Result<T, ForgeError> {
        self.client.wait(work).map_err(|error| match error {
            octocrab::Error::Service { source, .. } => match source.downcast::<HttpError>() {
                Ok(error) => (*error).into(),
                Err(other) => self.unexpected(method, route, &other),
            },
            octocrab::Error::Json { source, .. } => self.unexpected(method, route, &source),
            octocrab::Error::Serde { source, .. } => self.unexpected(method, route, &source),
            octocrab::Error::Other { source, .. } => self.unexpected(method, route, &source),
            // Its own texts hold a trace of the stack.
            _ => self.unexpected(method, route, &"it cannot be read"),
        })
    }

    fn unexpected(&self, method: &str, route: &str, problem: &dyn std::fmt::Display) -> ForgeError {
        let place = format!("{}{route}", self.address.as_str().trim_end_matches('/'));
        let problem = self.client.wire().conceal(&problem.to_string());
        HttpError::unexpected(method, &place, problem).into()
    }
}

/// What tells the entries of a list apart.
fn identity(item: &Value) -> String {
    let named = ["node_id", "id", "name", "filename", "sha"].iter().find_map(|name| item.get(name));
    named.unwrap_or(item).to_string()
}

/// Sends a request of octocrab's.
async fn pass(
    wire: Wire,
    request: http::Request<OctoBody>,
) -> Result<http::Response<Full<bytes::Bytes>>, octocrab_service::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let method = match parts.method {
        http::Method::GET => Method::Get,
        http::Method::POST => Method::Post,
        http::Method::PUT => Method::Put,
        http::Method::PATCH => Method::Patch,
        http::Method::DELETE => Method::Delete,
        _ => return Err("a request of a sort that is not sent".into()),
    };
    let body = Some(body.to_vec()).filter(|body| !body.is_empty());
    let answer = wire.send(method, &parts.uri.to_string(), &[VERSION], body).await?;
    let mut response = http::Response::builder().status(answer.status());
    if let Some(link) = answer.header("link") {
        response = response.header("link", link);
    }
    Ok(response.body(Full::from(answer.body().to_vec()))?)
}

/// What octocrab takes for the errors of its connection.
mod octocrab_service {
    pub(super) type Error = Box<dyn std::error::Error + Send + Sync>;
}
