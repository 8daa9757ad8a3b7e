//! What binds access besides the decisions about it, and binds it less after a change: who answers for it, how risky it is
//! said to be, how long it lasts at most, how often somebody looks at who has it, and whether a rule decides at all.
//!
//! No request shows it today, so that it is in no case. It decides all the same who is asked one day, which rules about
//! changes apply, and what is looked at.

use std::collections::HashMap;

use super::{
    cases::Case,
    meaning::{Granted, Outcome},
    side::Side,
    strictness::Direction,
};
use crate::{
    decide::{
        policy::{self, Offer},
        principals::{Subject, owner},
    },
    impact::fingerprint,
    model::{
        Duration, EntitlementRef, Id, Kind, Principal, Role, Rulebook, Selector, access::Mode, service::Risk,
    },
};

/// Something that binds access less than it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eased {
    /// The entitlement, as `service:id/entitlement`, or the rule.
    pub subject: Selector,
    /// What binds it less.
    pub bond: Bond,
}

impl Eased {
    /// A name that stays the same as long as what bound it and what binds it does.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&["eased", &self.subject.to_string(), &format!("{:?}", self.bond)])
    }
}

/// What binds access, before a change and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bond {
    /// Who answers for it, and agrees where its owner is asked; nobody now when the second is none.
    Owner(Principal, Option<Principal>),
    /// How much harm can be done with it.
    Risk(Risk, Risk),
    /// It was said to give administrative power, and is not any more.
    Privileged,
    /// The longest time that it is given for; without limit now when the second is none.
    Longest(Duration, Option<Duration>),
    /// How often somebody looks at who has it; never now when the second is none.
    Recertify(Duration, Option<Duration>),
    /// It decided, and only does this now.
    Mode(Mode),
}

impl Bond {
    /// Which way it goes: who answers for something now may be more careful, and nobody can show it.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        match self {
            Self::Owner(_, Some(_)) => Direction::Incomparable,
            _ => Direction::Loosens,
        }
    }
}

/// What binds access less, of what is in both rulebooks and is told in no case.
pub(super) fn eased(sides: &[Side<'_>; 2], cases: &[Case]) -> Vec<Eased> {
    let [old, new] = sides.each_ref().map(|side| side.engine.rulebook());
    let mut found = Vec::new();
    for before in policy::offers(old) {
        let reference = before.reference();
        let Some(after) = policy::offer(new, &reference) else { continue };
        let bonds = bonds(sides, &before, &after);
        let told = |bond: &Bond| matches!(bond, Bond::Longest(..)) && is_time_told(cases, &reference);
        let part = Some(before.id.clone());
        let subject = Selector { kind: Kind::Service, id: before.service.id.clone(), part };
        found.extend(
            bonds.into_iter().filter(|bond| !told(bond)).map(|bond| Eased { subject: subject.clone(), bond }),
        );
    }
    let rules = |rulebook| modes(rulebook);
    let after: HashMap<Selector, Mode> = rules(new).into_iter().collect();
    for (subject, _) in rules(old).into_iter().filter(|(_, mode)| *mode == Mode::Enforce) {
        let mode = after.get(&subject).copied();
        let is_told = || cases.iter().any(|case| case.before.1.contains(&subject));
        if let Some(mode) = mode.filter(|mode| *mode != Mode::Enforce)
            && !is_told()
        {
            found.push(Eased { subject, bond: Bond::Mode(mode) });
        }
    }
    found
}

/// What binds an entitlement less than before.
fn bonds<'a>(sides: &[Side<'a>; 2], before: &Offer<'a>, after: &Offer<'a>) -> Vec<Bond> {
    let [old, new] = sides;
    let mut found = Vec::new();
    if let Some(was) = answers_for(old, before) {
        let is = answers_for(new, after);
        if Some(&was) != is.as_ref() {
            found.push(Bond::Owner(was, is));
        }
    }
    let (before, after) = (before.entitlement, after.entitlement);
    if after.risk < before.risk {
        found.push(Bond::Risk(before.risk, after.risk));
    }
    if before.privileged && !after.privileged {
        found.push(Bond::Privileged);
    }
    found.extend(
        longer(before.max_duration, after.max_duration).map(|(before, after)| Bond::Longest(before, after)),
    );
    found.extend(
        longer(before.recertify, after.recertify).map(|(before, after)| Bond::Recertify(before, after)),
    );
    found
}

/// Who answers for an entitlement: its owner, or else that of its service.
fn answers_for<'a>(side: &Side<'a>, offer: &Offer<'a>) -> Option<Principal> {
    let subject = Subject {
        beneficiary: None,
        offer: Some(*offer),
        service: Some(offer.service),
        instant: side.instant,
        change_owner: None,
    };
    owner(side.engine.rulebook(), &subject, Role::EntitlementOwner).cloned()
}

/// A time that is longer than before, or cannot be shown not to be: business days and hours have no order.
fn longer(before: Option<Duration>, after: Option<Duration>) -> Option<(Duration, Option<Duration>)> {
    let before = before?;
    let is_longer = match (before, after) {
        (Duration::Elapsed { seconds: before }, Some(Duration::Elapsed { seconds: after })) => after > before,
        (Duration::BusinessDays { days: before }, Some(Duration::BusinessDays { days: after })) => {
            after > before
        }
        // Without any it is longer than every one.
        _ => true,
    };
    is_longer.then_some((before, after))
}

/// Whether a case tells that something is given for another time.
fn is_time_told(cases: &[Case], entitlement: &EntitlementRef) -> bool {
    cases.iter().any(|case| {
        let longest = |outcome: &Outcome| match outcome {
            Outcome::Granted(Granted { longest, .. }) => Some(*longest),
            Outcome::Denied | Outcome::Nobody => None,
        };
        let times = (longest(&case.before.0), longest(&case.after.0));
        case.entitlements.contains(entitlement)
            && matches!(times, (Some(before), Some(after)) if before != after)
    })
}

/// Every rule about access that can be tried out before it decides, and whether it does.
fn modes(rulebook: &Rulebook) -> Vec<(Selector, Mode)> {
    let whole = |kind: Kind, id: &Id| Selector { kind, id: id.clone(), part: None };
    let guardrails = rulebook.guardrails.iter().map(|one| (whole(Kind::Guardrail, &one.id), one.mode));
    let duties = rulebook.sods.iter().map(|one| (whole(Kind::Sod, &one.id), one.mode));
    let rules = rulebook.access.iter().flat_map(|policy| {
        policy.value.rule.iter().map(|rule| {
            let part = Some(rule.id.clone());
            (Selector { kind: Kind::Access, id: policy.id.clone(), part }, rule.mode)
        })
    });
    guardrails.chain(duties).chain(rules).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_longer_unless_it_can_be_shown_not_to_be() {
        let days = |days: i64| Some(Duration::Elapsed { seconds: days * 86_400 });
        let business = |days| Some(Duration::BusinessDays { days });
        for (before, after, is_longer) in [
            (days(30), days(31), true),
            (days(30), days(30), false),
            (days(30), days(29), false),
            (days(30), None, true),
            (None, days(30), false),
            (None, None, false),
            (business(5), business(6), true),
            (business(5), business(5), false),
            (business(5), days(1), true),
            (days(30), business(1), true),
        ] {
            assert_eq!(longer(before, after).is_some(), is_longer, "{before:?} {after:?}");
        }
    }
}
