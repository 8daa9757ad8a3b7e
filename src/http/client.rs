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

use jiff::Timestamp;
use reqwest::{
    StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use tokio::{runtime::Runtime, sync::Semaphore, time::timeout};

use super::{
    address::Address,
    answer::{Answer, said, shown},
    error::{Fault, HttpError},
    repeat,
    secret::Secret,
};

/// The difference of two clocks that is worth telling, in seconds. Less is the time that an answer takes.
const FAR: i64 = 5 * 60;

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
    const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    const fn known(self) -> reqwest::Method {
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
    address: Address,
    token: Option<Secret>,
    inner: reqwest::Client,
    runtime: Runtime,
    permits: Arc<Semaphore>,
    limits: Limits,
    sent: AtomicUsize,
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
        let permits = Arc::new(Semaphore::new(limits.at_once.get()));
        Ok(Self { address, token, inner, runtime, permits, limits, sent: AtomicUsize::new(0) })
    }

    /// How many requests were sent, with those that were sent again.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Sends a request and waits for its answer. What only reads is sent again when that can help; a write only when
    /// it is certain that it did nothing.
    ///
    /// # Errors
    ///
    /// When no answer came, or one that says that it did not work.
    pub fn send(&self, request: &Request<'_>) -> Result<Answer, HttpError> {
        let url = self.address.below(request.path);
        self.send_to(&url, request)
    }

    /// Sends a request to the next page that the last answer names.
    ///
    /// # Errors
    ///
    /// As [`Client::send`], and when the page lies on another server.
    pub fn follow(&self, last: &Answer, next: &str, request: &Request<'_>) -> Result<Answer, HttpError> {
        let Some(url) = self.address.following(&last.url, next) else {
            let to = last.url.join(next).map_or_else(|_| "nowhere".to_owned(), |url| shown(&url));
            return Err(last.error(Fault::Elsewhere { to }));
        };
        self.send_to(&url, request)
    }

    fn send_to(&self, url: &Url, request: &Request<'_>) -> Result<Answer, HttpError> {
        self.runtime.block_on(async {
            let mut attempt = 1;
            loop {
                let permit = self.permits.acquire().await;
                self.sent.fetch_add(1, Ordering::Relaxed);
                let result = self.once(url.clone(), request).await;
                drop(permit);
                let error = match result {
                    Ok(answer) => return Ok(answer),
                    Err(error) => error,
                };
                let harmless = request.reads || !error.may_have_been_done();
                let wait = error.after().unwrap_or_default().max(repeat::back_off(attempt));
                if attempt >= repeat::ATTEMPTS
                    || !harmless
                    || !error.is_passing()
                    || wait > self.limits.patience
                {
                    return Err(error);
                }
                tokio::time::sleep(wait).await;
                attempt += 1;
            }
        })
    }

    async fn once(&self, url: Url, request: &Request<'_>) -> Result<Answer, HttpError> {
        let name = request.method.name();
        let place = shown(&url);
        let failed = |fault| HttpError::new(name, &place, fault);
        let mut builder = self.inner.request(request.method.known(), with_query(url.clone(), &request.query));
        for (name, value) in &request.headers {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::from_str(value)) else {
                return Err(failed(Fault::Setup { problem: format!("the header `{name}` cannot be sent") }));
            };
            builder = builder.header(name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        // The time for the connection is limited on its own.
        let within = self.limits.headers + self.limits.connect;
        let response = match timeout(within, builder.send()).await {
            Err(_) => return Err(failed(Fault::Slow { awaited: "the answer", within })),
            Ok(Err(error)) => return Err(failed(self.unsent(&error))),
            Ok(Ok(response)) => response,
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let body = match timeout(self.limits.body, self.read(response)).await {
            Err(_) => {
                let awaited = "the rest of the answer";
                return Err(failed(Fault::Slow { awaited, within: self.limits.body }));
            }
            Ok(Err(fault)) => return Err(failed(fault)),
            Ok(Ok(body)) => body,
        };
        if status.is_success() {
            let token = self.token.clone();
            return Ok(Answer { method: name.to_owned(), url, status, headers, body, token });
        }
        let clock = apart(&headers, Timestamp::now());
        Err(failed(self.fault(status, &headers, &body, &url)).with_clock(clock))
    }

    /// What a failure before any answer is.
    fn unsent(&self, error: &reqwest::Error) -> Fault {
        let reason = reason(error);
        if error.is_connect() && error.is_timeout() {
            return Fault::Unreachable {
                reason: format!("no connection within {} s", self.limits.connect.as_secs()),
            };
        }
        if error.is_connect() {
            let tls = ["certificate", "tls", "handshake", "invalid peer", "corrupt message"];
            let lower = reason.to_lowercase();
            if tls.iter().any(|word| lower.contains(word)) {
                return Fault::Tls { reason };
            }
            return Fault::Unreachable { reason };
        }
        if error.is_builder() {
            return Fault::Setup { problem: reason };
        }
        Fault::Cut { reason }
    }

    /// The whole body, unless it is too large.
    async fn read(&self, mut response: reqwest::Response) -> Result<Vec<u8>, Fault> {
        let most = self.limits.most;
        if response.content_length().is_some_and(|length| length > most as u64) {
            return Err(Fault::TooLarge { most });
        }
        let mut body = Vec::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| Fault::Cut { reason: reason(&error) })?
        {
            if body.len() + chunk.len() > most {
                return Err(Fault::TooLarge { most });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// What an answer means that says that it did not work.
    fn fault(&self, status: StatusCode, headers: &HeaderMap, body: &[u8], url: &Url) -> Fault {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let said = || said(body, self.token.as_ref());
        let after = || header("retry-after").and_then(|value| repeat::retry_after(value, Timestamp::now()));
        match status.as_u16() {
            401 => Fault::Unauthorized,
            403 => Fault::Forbidden { said: said() },
            404 => Fault::NotFound,
            409 => Fault::Conflict { said: said() },
            412 => Fault::Changed,
            429 => Fault::TooMany { after: after() },
            300..=399 => {
                let to = header("location").and_then(|to| url.join(to).ok());
                Fault::Moved { to: to.map_or_else(|| "an unknown place".to_owned(), |to| shown(&to)) }
            }
            status @ 500.. => Fault::Failed { status, said: said(), after: after() },
            status => Fault::Refused { status, said: said() },
        }
    }

    /// Does the same for each item, as many at once as the limits allow, and gives the results in the order of the
    /// items.
    pub fn each<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let results: Mutex<Vec<Option<R>>> = Mutex::new(items.iter().map(|_| None).collect());
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..self.limits.at_once.get().min(items.len()) {
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

/// The innermost cause of a failure: those around it only repeat that something failed.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// How far the clock of the system is from ours, when that is far.
fn apart(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let theirs = repeat::instant(headers.get("date")?.to_str().ok()?)?;
    let seconds = theirs.duration_since(now).as_secs();
    (seconds.abs() >= FAR).then_some(seconds)
}
