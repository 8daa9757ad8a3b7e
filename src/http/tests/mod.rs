//! The client against a server that does everything wrong.

mod faults;
mod secrets;
pub(crate) mod server;
mod tls;

use std::{num::NonZeroUsize, time::Duration};

use super::{Address, Client, HttpError, Limits, Method, Request, Secret};

/// A token that nothing may ever show.
pub(crate) const CANARY: &str = "canary-7f3a9c";

/// Limits that a test can wait for.
pub(crate) fn limits() -> Limits {
    Limits {
        connect: Duration::from_millis(300),
        headers: Duration::from_millis(200),
        body: Duration::from_millis(300),
        most: 10_000,
        at_once: NonZeroUsize::new(3).unwrap(),
        patience: Duration::from_secs(2),
    }
}

fn client(url: &str) -> Client {
    let token = Secret::of(CANARY, "the test").unwrap();
    Client::new(Address::parse(url).unwrap(), Some(("token", token)), limits()).unwrap()
}

fn get(client: &Client) -> Result<serde_json::Value, HttpError> {
    client.send(&Request::new(Method::Get, &["things"]))?.json()
}

fn post(client: &Client) -> Result<serde_json::Value, HttpError> {
    client.send(&Request::new(Method::Post, &["things"]).body(serde_json::json!({ "name": "one" })))?.json()
}
