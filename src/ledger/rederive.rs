//! Whether a grant is what the rules gave: its request is decided once more, and the grant made anew.

use serde_json::Value;

use super::record::{About, NotRecorded, as_decided, digest_of, record, request_of, with_pending};
use crate::{
    decide::{access::decide, decision::Decision, engine::Engine},
    model::{
        EntitlementRef, Entry, Ref, Rulebook,
        grant::{Grant, GrantDecision, GrantRequest, GrantState},
        request::Request,
    },
};

/// Why nobody can say what was decided about a grant, or that it is something else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAsDecided {
    /// It does not say what was asked for, or what was decided.
    #[error("it does not say when it was asked for and what was decided: ask again")]
    NothingAsked,
    /// Nothing ties the votes to what was decided.
    #[error(
        "it has no `decision.digest`: whoever agreed would not have agreed to anything in particular; ask again"
    )]
    NoDigest,
    /// It was changed.
    #[error(
        "it was changed after it was decided, `decision.digest` is of something else: put back what was decided, or ask again"
    )]
    OtherDigest,
    /// The same request gives something else.
    #[error("the same request gives another `{field}` under the rules that it names: ask again")]
    Differs {
        /// The field of the grant.
        field: String,
    },
    /// The same request gives nothing that can be written down.
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
}

/// What a grant keeps about its request: what was asked for, what was decided, and the digest of both.
///
/// # Errors
/// When something is missing, or the digest is one of something else.
pub fn sealed(grant: &Grant) -> Result<(&GrantRequest, &GrantDecision, &str), NotAsDecided> {
    let (Some(asked), Some(decision)) = (&grant.asked, &grant.decision) else {
        return Err(NotAsDecided::NothingAsked);
    };
    let digest = decision.digest.as_deref().ok_or(NotAsDecided::NoDigest)?;
    if digest != digest_of(grant) {
        return Err(NotAsDecided::OtherDigest);
    }
    Ok((asked, decision, digest))
}

/// The request that a grant keeps, with what else its holder had asked for by then.
#[must_use]
pub fn request_then(rulebook: &Rulebook, grant: &Entry<Grant>) -> Request {
    let mut request = request_of(&grant.value);
    if let Some(asked) = &grant.asked {
        request.request_type = asked.request_type.clone().map(Ref::new);
        request.form.clone_from(&asked.form);
    }
    with_pending(request, pending_then(rulebook, grant))
}

/// What the holder of a grant had asked for by then, and what is not decided yet. Who asked later is decided later.
fn pending_then<'a>(
    rulebook: &'a Rulebook,
    grant: &'a Entry<Grant>,
) -> impl Iterator<Item = &'a EntitlementRef> {
    let then = grant.asked.as_ref().map(|asked| asked.at);
    let others = rulebook.grants.iter().filter(move |other| {
        let earlier = match (&other.asked, then) {
            (Some(other), Some(then)) => other.at <= then,
            _ => true,
        };
        other.state == GrantState::Requested
            && other.id != grant.id
            && other.value.beneficiary == grant.value.beneficiary
            && earlier
    });
    others.map(|other| &other.value.entitlement)
}

/// The request of a grant, decided once more.
#[derive(Debug)]
pub struct Again<'a> {
    /// The request, as far as the grant keeps it.
    pub request: Request,
    /// What is decided about it.
    pub decision: Decision<'a>,
}

impl<'a> Again<'a> {
    /// Decides about the request of a grant once more, as of the instant at which it was made. It is kept apart from what
    /// its holder had asked for by then, and from what they get `beside` it.
    ///
    /// # Errors
    /// When the grant does not say when that was.
    pub fn decide<'e>(
        engine: &Engine<'a>,
        grant: &Entry<Grant>,
        beside: impl IntoIterator<Item = &'e EntitlementRef>,
    ) -> Result<Self, NotAsDecided> {
        let asked = grant.asked.as_ref().ok_or(NotAsDecided::NothingAsked)?;
        let request = with_pending(request_then(engine.rulebook(), grant), beside);
        let decision = decide(engine, &request, asked.at.0, None);
        Ok(Self { request, decision })
    }

    /// What the decision gives of what a grant is about, as it is on the first day.
    ///
    /// # Errors
    /// When it gives nothing, or something else.
    pub fn gives(&self, engine: &Engine<'_>, grant: &Grant) -> Result<Grant, NotAsDecided> {
        let about = About {
            number: grant.request.clone(),
            policy_commit: grant.decision.as_ref().and_then(|decision| decision.policy_commit.clone()),
            renews: grant.renews.as_ref().map(|renewed| renewed.id().clone()),
        };
        let made = record(engine, &self.request, &self.decision, &about)?;
        let made = made.into_iter().find(|made| made.entitlement == grant.entitlement);
        made.ok_or_else(|| NotAsDecided::Differs { field: "entitlement".to_owned() })
    }

    /// Looks whether the decision gives exactly what a grant says, whatever happened to it later.
    ///
    /// # Errors
    /// When it gives nothing, or something else.
    pub fn is_as_decided(&self, engine: &Engine<'_>, grant: &Grant) -> Result<(), NotAsDecided> {
        let made = self.gives(engine, grant)?;
        match first_difference(&as_decided(&made), &as_decided(grant)) {
            Some(field) => Err(NotAsDecided::Differs { field }),
            None => Ok(()),
        }
    }
}

/// The first field in which two grants differ.
fn first_difference(one: &Grant, other: &Grant) -> Option<String> {
    let json = |grant: &Grant| serde_json::to_value(grant).ok();
    match (json(one), json(other)) {
        (Some(one), Some(other)) => difference(&one, &other, ""),
        _ => Some("grant".to_owned()),
    }
}

fn difference(one: &Value, other: &Value, at: &str) -> Option<String> {
    match (one, other) {
        _ if one == other => None,
        (Value::Object(one), Value::Object(other)) => {
            let mut keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
            keys.find_map(|key| {
                let place = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                match (one.get(key), other.get(key)) {
                    (Some(one), Some(other)) => difference(one, other, &place),
                    _ => Some(place),
                }
            })
        }
        _ => Some(at.to_owned()),
    }
}
