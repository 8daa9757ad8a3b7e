//! A request that two rulebooks decide differently, looked for among the people and entitlements of today.

use jiff::{Timestamp, civil::date, tz::TimeZone};

use crate::{
    decide::{
        access::decide, asked, condition::Known, decision::Decision, engine::Engine, facts::Facts,
        scopes::offers_about,
    },
    model::{
        Duration, EntitlementRef, Entry, Instant, Kind, Origin, Ref, Rulebook, Selector,
        access::AppliesTo,
        condition::Condition,
        person::Person,
        request::{DatedRequest, Request},
        workflow::Evidence,
    },
};

/// The most requests that are tried.
const MOST: usize = 6_000;

/// A request that `changed` decides otherwise than `rulebook`, where the two differ in one rule.
///
/// It is looked for, not proven: that none is found does not mean that there is none.
#[must_use]
pub(super) fn find(rulebook: &Rulebook, changed: &Rulebook, rule: &Selector) -> Option<DatedRequest> {
    let everything = AppliesTo::Everything;
    let scope = match rule.kind {
        Kind::Access => &rulebook.access.get(rule.id.as_str())?.value.applies_to,
        Kind::Guardrail => {
            rulebook.guardrails.get(rule.id.as_str())?.value.applies_to.as_ref().unwrap_or(&everything)
        }
        _ => return None,
    };
    let (before, after) = (Engine::new(rulebook).ok()?, Engine::new(changed).ok()?);
    let entitlements: Vec<EntitlementRef> = offers_about(rulebook, scope)
        .filter(|offer| offer.entitlement.requestable)
        .map(|offer| offer.reference())
        .collect();
    let mut people: Vec<&Entry<Person>> = rulebook.people.iter().collect();
    // Those who are like many others come late: whoever is special decides a condition.
    people.sort_by_key(|person| {
        let same = |other: &&Entry<Person>| {
            other.department == person.department && other.employment == person.employment
        };
        rulebook.people.iter().filter(same).count()
    });
    let mut tried = 0;
    let conditions = (condition(rulebook, rule)?, condition(changed, rule)?);
    for now in instants(rulebook) {
        for duration in ["30d", "4h", "100d", "200d", "400d"] {
            for person in &people {
                for entitlement in &entitlements {
                    tried += 1;
                    if tried > MOST {
                        return None;
                    }
                    let request = request(person, entitlement, duration);
                    if !matches_differ(&before, &request, now, conditions) {
                        continue;
                    }
                    let one = decide(&before, &request, now, None);
                    let other = decide(&after, &request, now, None);
                    if differ(&one, &other) {
                        return Some(DatedRequest {
                            id: None,
                            now: Some(Instant(now)),
                            policy_commit: None,
                            request,
                        });
                    }
                }
            }
        }
    }
    None
}

/// The condition of a rule, and where it stands.
fn condition<'a>(rulebook: &'a Rulebook, rule: &Selector) -> Option<(&'a Condition, Origin)> {
    match rule.kind {
        Kind::Access => {
            let policy = rulebook.access.get(rule.id.as_str())?;
            let found = policy.value.rule.iter().find(|known| Some(&known.id) == rule.part.as_ref())?;
            Some((&found.when, policy.origin))
        }
        Kind::Guardrail => {
            let guardrail = rulebook.guardrails.get(rule.id.as_str())?;
            Some((&guardrail.value.when, guardrail.origin))
        }
        _ => None,
    }
}

/// Whether a request is meant by one of two conditions and not by the other. Most are not, and this is far
/// faster than two decisions.
fn matches_differ(
    engine: &Engine<'_>,
    request: &Request,
    now: Timestamp,
    (one, other): ((&Condition, Origin), (&Condition, Origin)),
) -> bool {
    let Ok(Ok(asked)) = asked::resolve(engine, request, now) else { return false };
    asked.offers.iter().any(|offer| {
        let facts = Facts::new(engine, &asked, Some(*offer), None);
        facts.holds(one.0, one.1) != facts.holds(other.0, other.1)
    })
}

fn differ(one: &Decision<'_>, other: &Decision<'_>) -> bool {
    let stages = |decision: &Decision<'_>| {
        decision.stages.iter().map(crate::decide::stages::Asking::name).collect::<Vec<_>>()
    };
    one.verdict != other.verdict || one.rules() != other.rules() || stages(one) != stages(other)
}

/// A working day and a night: fixed, so that the same rulebook gives the same witness.
fn instants(rulebook: &Rulebook) -> Vec<Timestamp> {
    let zone = rulebook.settings.project.time_zone.resolve().unwrap_or(TimeZone::UTC);
    let latest = rulebook.scenarios.iter().map(|scenario| scenario.now.0).max();
    let day = latest.map_or(date(2026, 11, 23), |latest| latest.to_zoned(zone.clone()).date());
    let at = |hour| day.at(hour, 0, 0, 0).to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp());
    [at(10), at(23)].into_iter().flatten().collect()
}

fn request(person: &Entry<Person>, entitlement: &EntitlementRef, duration: &str) -> Request {
    Request {
        entitlements: vec![entitlement.clone()],
        duration: duration.parse::<Duration>().ok(),
        justification: Some("a reason".to_owned()),
        ticket: Some("REQ-1".to_owned()),
        project: Some("project".to_owned()),
        evidence: vec![Evidence::Training, Evidence::Agreement, Evidence::Mfa],
        ..Request::of(Ref::new(person.id.clone()))
    }
}
