//! How a request leaves and its answer comes: every limit holds here, whoever makes the request.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use reqwest::{
    StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use tokio::{sync::Semaphore, time::timeout};

use super::{
    address::Address,
    answer::{Answer, concealed, said, shown},
    client::{Limits, Method},
    error::{Fault, HttpError},
    repeat,
    secret::Secret,
};

/// The difference of two clocks that is worth telling, in seconds. Less is the time that an answer takes.
const FAR: i64 = 5 * 60;

/// The way to one system, for a client of another library that has to keep to the same limits.
#[derive(Debug, Clone)]
pub struct Wire(pub(super) Arc<Line>);

impl Wire {
    /// Sends a request to a path below the address of the system, or to a whole address that lies below it. An empty
    /// answer is `null`, and any other one that is no JSON is an error.
    ///
    /// # Errors
    ///
    /// When it leads elsewhere, no answer came, or one that says that it did not work or is no JSON.
    pub async fn send(
        &self,
        method: Method,
        to: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<Answer, HttpError> {
        let line = &self.0;
        let Some(url) = line.address.inside(to) else {
            let to = Url::parse(to).map_or_else(|_| "an unknown place".to_owned(), |url| shown(&url));
            let fault = Fault::Elsewhere { to: self.conceal(&to) };
            return Err(HttpError::new(method.name(), line.address.as_str(), fault));
        };
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let reads = method == Method::Get;
        let mut answer = line.send(&Call { method, url, headers, body, reads }).await?;
        answer.json::<serde::de::IgnoredAny>()?;
        if answer.body.is_empty() {
            answer.body.extend_from_slice(b"null");
        }
        Ok(answer)
    }

    /// A text without the token in it.
    #[must_use]
    pub fn conceal(&self, text: &str) -> String {
        self.0.token.as_ref().map_or_else(|| text.to_owned(), |token| token.conceal(text))
    }
}

/// A request that is ready to leave.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
    /// Whether it can be sent again when the answer got lost.
    pub(super) reads: bool,
}

/// What all requests to one system share.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) address: Address,
    pub(super) token: Option<Secret>,
    pub(super) inner: reqwest::Client,
    pub(super) permits: Semaphore,
    pub(super) limits: Limits,
    pub(super) sent: AtomicUsize,
}

impl Line {
    /// Sends a request until there is an answer, or sending it again would be of no use or could do harm.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, HttpError> {
        let mut attempt = 1;
        loop {
            let permit = self.permits.acquire().await;
            self.sent.fetch_add(1, Ordering::Relaxed);
            let result = self.once(call).await;
            drop(permit);
            let error = match result {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let harmless = call.reads || !error.may_have_been_done();
            let wait = error.after().unwrap_or_default().max(repeat::back_off(attempt));
            if attempt >= repeat::ATTEMPTS || !harmless || !error.is_passing() || wait > self.limits.patience
            {
                return Err(error);
            }
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    async fn once(&self, call: &Call) -> Result<Answer, HttpError> {
        let name = call.method.name();
        let url = call.url.clone();
        let place = concealed(&shown(&url), self.token.as_ref());
        let failed = |fault| HttpError::new(name, &place, fault);
        let mut builder = self.inner.request(call.method.known(), url.clone());
        for (name, value) in &call.headers {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) else {
                return Err(failed(Fault::Setup { problem: format!("the header `{name}` cannot be sent") }));
            };
            builder = builder.header(name, value);
        }
        if let Some(body) = &call.body {
            if !call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                builder = builder.header(CONTENT_TYPE, "application/json");
            }
            builder = builder.body(body.clone());
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
            // Some systems, GitHub among them, say so of who asks too often.
            403 if header("x-ratelimit-remaining") == Some("0") || header("retry-after").is_some() => {
                let reset = header("x-ratelimit-reset").and_then(|reset| until(reset, Timestamp::now()));
                Fault::TooMany { after: after().or(reset) }
            }
            403 => Fault::Forbidden { said: said() },
            404 => Fault::NotFound,
            409 => Fault::Conflict { said: said() },
            412 => Fault::Changed,
            429 => Fault::TooMany { after: after() },
            300..=399 => {
                let to = header("location").and_then(|to| url.join(to).ok());
                let to = to.map_or_else(|| "an unknown place".to_owned(), |to| shown(&to));
                Fault::Moved { to: concealed(&to, self.token.as_ref()) }
            }
            status @ 500.. => Fault::Failed { status, said: said(), after: after() },
            status => Fault::Refused { status, said: said() },
        }
    }
}

/// The innermost cause of a failure: those around it only repeat that something failed.
pub(super) fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// How long it is until an instant that is written as seconds since 1970.
fn until(seconds: &str, now: Timestamp) -> Option<Duration> {
    let then = Timestamp::from_second(seconds.trim().parse().ok()?).ok()?;
    Some(Duration::try_from(then.duration_since(now)).unwrap_or_default())
}

/// How far the clock of the system is from ours, when that is far.
fn apart(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let theirs = repeat::instant(headers.get("date")?.to_str().ok()?)?;
    let seconds = theirs.duration_since(now).as_secs();
    (seconds.abs() >= FAR).then_some(seconds)
}
