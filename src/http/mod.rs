//! HTTP to the systems that the rulebook is applied to.
//!
//! One small client for every one of them: it waits a bounded time for a bounded answer, sends the token to nobody
//! else, repeats only what cannot do harm twice, and says of every failure what to do next. Callers wait for it like
//! for a file; what it runs on is seen by nobody above.

mod address;
mod answer;
mod client;
mod error;
mod repeat;
mod secret;
#[cfg(test)]
pub(crate) mod tests;
mod wire;

pub use address::Address;
pub use answer::Answer;
pub use client::{Client, Limits, Method, Request};
pub use error::{Fault, HttpError};
pub use secret::{Secret, SecretError};
pub use wire::Wire;
