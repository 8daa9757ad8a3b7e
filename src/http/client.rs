//! The client.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use reqwest::{
    Url,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue},
};
use serde_json::Value;
use tokio::{runtime::Runtime, sync::Semaphore};

use super::{
    address::Address,
    answer::{Answer, concealed, shown},
    error::{Fault, HttpError},
    secret::Secret,
    wire::{Call, Line, Wire, reason},
};

/// How much a client waits for, reads and does at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a connection, with its TLS.
    pub connect: Duration,
    /// For the first line of an answer, once connected.
    pub headers: Duration,
    /// For the rest of an answer.
    pub body: Duration,
    /// The largest answer, in bytes.
    pub most: usize,
    /// Requests at the same time.
    pub at_once: NonZeroUsize,
    /// The longest wait that a system may ask for before it is asked again.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            headers: Duration::from_mins(1),
            body: Duration::from_mins(1),
            most: 64_000_000,
            at_once: NonZeroUsize::MIN.saturating_add(3),
            patience: Duration::from_mins(1),
        }
    }
}

/// A method of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or searches.
    Post,
    /// Replaces.
    Put,
    /// Changes a part.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub(super) const fn known(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
            Self::Delete => reqwest::Method::DELETE,
        }
    }
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    method: Method,
    path: &'a [&'a str],
    query: Vec<(&'a str, String)>,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
    reads: bool,
}

impl<'a> Request<'a> {
    /// A request below the address of the system. Each segment of the path is written as it is.
    #[must_use]
    pub fn new(method: Method, path: &'a [&'a str]) -> Self {
        let reads = method == Method::Get;
        Self { method, path, query: Vec::new(), headers: Vec::new(), body: None, reads }
    }

    /// With a value in the query.
    #[must_use]
    pub fn query(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With a body of JSON.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Only reads, whatever its method: can be sent again when the answer got lost.
    #[must_use]
    pub fn reads(mut self) -> Self {
        self.reads = true;
        self
    }
}

/// A client of one system. It can be used by several threads at once.
#[derive(Debug)]
pub struct Client {
    line: Arc<Line>,
    runtime: Runtime,
}

impl Client {
    /// A client for the system at an address. `authorization` is the scheme and the token: `("Bearer", token)`.
    ///
    /// # Errors
    ///
    /// When no connections can be made from here at all.
    pub fn new(
        address: Address,
        authorization: Option<(&str, Secret)>,
        limits: Limits,
    ) -> Result<Self, HttpError> {
        let setup =
            |problem: String| HttpError::new("connecting to", address.as_str(), Fault::Setup { problem });
        // Done before by another client: then it stays as it is.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        let mut token = None;
        if let Some((scheme, secret)) = authorization {
            let mut value = HeaderValue::from_str(&format!("{scheme} {}", secret.reveal()))
                .map_err(|_| setup("the token cannot be sent".to_owned()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
            token = Some(secret);
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("gitsm/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(limits.connect)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .pool_idle_timeout(Duration::from_secs(5));
        if address.is_local() {
            builder = builder.no_proxy();
        }
        let inner = builder.build().map_err(|error| setup(reason(&error)))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("http")
            .enable_all()
            .build()
            .map_err(|error| setup(error.to_string()))?;
        let permits = Semaphore::new(limits.at_once.get());
        let line = Line { address, token, inner, permits, limits, sent: AtomicUsize::new(0) };
        Ok(Self { line: Arc::new(line), runtime })
    }

    /// How many requests were sent, with those that were sent again.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.line.sent.load(Ordering::Relaxed)
    }

    /// Sends a request and waits for its answer. What only reads is sent again when that can help; a write only when
    /// it is certain that it did nothing.
    ///
    /// # Errors
    ///
    /// When no answer came, or one that says that it did not work.
    pub fn send(&self, request: &Request<'_>) -> Result<Answer, HttpError> {
        let url = self.line.address.below(request.path);
        self.send_to(&url, request)
    }

    /// Sends a request to the next page that the last answer names.
    ///
    /// # Errors
    ///
    /// As [`Client::send`], and when the page lies on another server.
    pub fn follow(&self, last: &Answer, next: &str, request: &Request<'_>) -> Result<Answer, HttpError> {
        let Some(url) = self.line.address.following(&last.url, next) else {
            let to = last.url.join(next).map_or_else(|_| "nowhere".to_owned(), |url| shown(&url));
            let to = concealed(&to, self.line.token.as_ref());
            return Err(last.error(Fault::Elsewhere { to }));
        };
        self.send_to(&url, request)
    }

    fn send_to(&self, url: &Url, request: &Request<'_>) -> Result<Answer, HttpError> {
        let headers = request.headers.iter();
        let call = Call {
            method: request.method,
            url: with_query(url.clone(), &request.query),
            headers: headers.map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            body: request.body.as_ref().map(|body| body.to_string().into_bytes()),
            reads: request.reads,
        };
        self.wait(self.line.send(&call))
    }

    /// The same way to the system, with the same limits, for a client of another library.
    #[must_use]
    pub fn wire(&self) -> Wire {
        Wire(Arc::clone(&self.line))
    }

    /// Waits for something that is sent over [`Client::wire`].
    pub fn wait<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    /// Does the same for each item, as many at once as the limits allow, and gives the results in the order of the
    /// items.
    pub fn each<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let results: Mutex<Vec<Option<R>>> = Mutex::new(items.iter().map(|_| None).collect());
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..self.line.limits.at_once.get().min(items.len()) {
                scope.spawn(|| {
                    while let Some((index, item)) =
                        Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
                    {
                        let result = work(item);
                        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                        if let Some(place) = results.get_mut(index) {
                            *place = Some(result);
                        }
                    }
                });
            }
        });
        results.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect()
    }
}

fn with_query(mut url: Url, query: &[(&str, String)]) -> Url {
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query.iter().map(|(name, value)| (*name, value.as_str())));
    }
    url
}
