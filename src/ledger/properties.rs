//! The ledger held against a slow reading of the same rules, on drawn ledgers with much overlap.

use std::{collections::BTreeSet, fmt::Write as _};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use proptest::prelude::*;

use super::{
    campaign::due,
    ending::{Ending, end},
    holdings::in_force,
};
use crate::{
    decide::{engine::Engine, testing::rulebook},
    model::{
        Rulebook,
        grant::{EndReason, GrantState, Provided},
    },
};

const NOW: &str = "2026-06-15T12:00:00Z";

/// Two people of sales, one of whom may leave, and two entitlements that share a group and a licence.
const BOOK: &str = r#"
[person.ana]
name = "Ana"
department = "sales"

[person.ben]
name = "Ben"
department = "it"
status = "STATUS"

[team.both]
name = "Both"
members = ["ana", "ben"]

[service.crm]
name = "CRM"
lifecycle = "active"
entitlement.user = { name = "User", risk = "low", licence-tier = "basic", role = "user", groups = ["crm", "everybody"] }
entitlement.admin = { name = "Admin", risk = "high", licence-tier = "basic", role = "admin", groups = ["crm", "crm-admins"] }

[bundle.sales]
name = "Sales"
when.subject.department = "sales"
entitlements = ["crm/user"]

[access.crm]
applies-to.entitlement = "crm/user"
[[access.crm.rule]]
id = "sales"
when.subject.department = "sales"
decision = "auto-approve"

[review.half-year]
name = "Half a year"
reviewer = "team:both"
entitlements = ["crm/admin"]
opens = 2026-06-01
closes = CLOSES
"#;

/// A grant as it is drawn: whose, of what, first day, how many days, state, its own groups, and what a campaign said.
type Drawn = (bool, bool, i8, Option<i8>, u8, bool, u8);

fn book(grants: &[Drawn], gone: bool, closed: bool) -> Rulebook {
    let mut text = BOOK
        .replace("STATUS", if gone { "inactive" } else { "active" })
        .replace("CLOSES", if closed { "2026-06-10" } else { "2026-06-20" });
    for (index, (ana, user, _, _, _, _, said)) in grants.iter().enumerate() {
        let word = ["keep", "revoke", "undecided"].get(usize::from(*said)).copied();
        if let Some(word) = word.filter(|_| !user) {
            let by = if *ana { "ben" } else { "ana" };
            let _ = text.write_fmt(format_args!(
                "\n[[review.half-year.decision]]\ngrant = \"g{index}\"\ndecision = \"{word}\"\nby = \"{by}\"\nat = 2026-06-05T09:00:00Z\n"
            ));
        }
    }
    for (index, (ana, user, start, days, state, own, _)) in grants.iter().enumerate() {
        let first = day().checked_add(jiff::Span::new().days(i64::from(*start))).unwrap();
        let _ = text.write_fmt(format_args!(
            "\n[grant.g{index}]\nbeneficiary = \"{}\"\nentitlement = \"crm/{}\"\nstart = {first}\nstate = \"{}\"\n",
            if *ana { "ana" } else { "ben" },
            if *user { "user" } else { "admin" },
            ["active", "active", "active", "requested", "ended", "revoked"][usize::from(*state)],
        ));
        if let Some(days) = days {
            let last = first.checked_add(jiff::Span::new().days(i64::from(*days))).unwrap();
            let _ = text.write_fmt(format_args!("end = {last}\n"));
        }
        if *own {
            text.push_str("provisioned.groups = \"crm, old-group\"\n");
        }
    }
    rulebook(&text)
}

fn day() -> Date {
    NOW.parse::<Timestamp>().unwrap().to_zoned(TimeZone::UTC).date()
}

/// Whether a grant is in force, read off as plainly as can be.
fn gives(book: &Rulebook, id: &str) -> bool {
    let grant = book.grants.get(id).unwrap();
    let holder = book.people.get(grant.beneficiary.as_str()).unwrap();
    let today = day();
    grant.state == GrantState::Active
        && holder.status == crate::model::person::PersonStatus::Active
        && grant.start.0 <= today
        && grant.end.is_none_or(|end| end.0 >= today)
}

/// The groups that somebody is to be in, read off as plainly as can be.
fn groups(book: &Rulebook, person: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for grant in book.grants.iter().filter(|grant| grant.beneficiary.as_str() == person) {
        if !gives(book, grant.id.as_str()) {
            continue;
        }
        let own = grant.provisioned.values().next();
        let admin = grant.entitlement.entitlement.as_str() == "admin";
        let words = match own {
            Some(Provided::One(own)) => own.clone(),
            Some(Provided::Several(own)) => own.join(", "),
            None if admin => "crm, crm-admins".to_owned(),
            None => "crm, everybody".to_owned(),
        };
        found.extend(words.split(", ").map(str::to_owned));
    }
    if person == "ana" {
        found.extend(["crm".to_owned(), "everybody".to_owned()]);
    }
    found
}

/// The groups that the ledger says.
fn said(book: &Rulebook, person: &str) -> BTreeSet<String> {
    let engine = Engine::new(book).unwrap();
    let holdings = in_force(&engine, NOW.parse().unwrap(), |_| true);
    let groups = holdings.of_person(person).filter_map(|(given, givers)| {
        assert!(!givers.is_empty(), "everything is given by something");
        given.to_string().strip_prefix("group ").map(str::to_owned)
    });
    groups.collect()
}

fn drawn() -> impl Strategy<Value = (Vec<Drawn>, bool, bool)> {
    let grant = (
        any::<bool>(),
        any::<bool>(),
        -20_i8..5,
        prop::option::of(0_i8..30),
        0_u8..6,
        prop::bool::weighted(0.3),
        0_u8..4,
    );
    (prop::collection::vec(grant, 1..6), any::<bool>(), any::<bool>())
}

/// The rulebook once some grants have ended.
fn without(book: &Rulebook, ended: impl Iterator<Item = String>) -> Rulebook {
    let mut after = book.clone();
    for id in ended {
        after.grants.get_mut(&id).unwrap().value.state = GrantState::Ended;
    }
    after
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn nobody_holds_a_group_that_nothing_in_force_gives((grants, gone, closed) in drawn()) {
        let book = book(&grants, gone, closed);
        for person in ["ana", "ben"] {
            prop_assert_eq!(said(&book, person), groups(&book, person));
        }
    }

    #[test]
    fn ending_a_grant_takes_exactly_what_nothing_else_gives((grants, gone, closed) in drawn(), which in 0_usize..6) {
        let book = book(&grants, gone, closed);
        let id = format!("g{}", which % grants.len());
        let grant = book.grants.get(&id).unwrap();
        let was = gives(&book, &id);
        let engine = Engine::new(&book).unwrap();
        let ending = Ending { grant, why: EndReason::Revoked, by: None, review: None, reason: None };
        let ended = end(&engine, vec![ending], NOW.parse().unwrap());
        let ended = ended.first().unwrap();
        let person = grant.beneficiary.as_str();
        let after = groups(&without(&book, std::iter::once(id.clone())), person);
        let name = |given: &super::given::Given| given.to_string().strip_prefix("group ").map(str::to_owned);
        for taken in ended.takes.iter().filter_map(name) {
            prop_assert!(!after.contains(&taken), "{} is taken and still given", taken);
        }
        for (kept, by) in &ended.keeps {
            prop_assert!(!by.is_empty());
            if let Some(kept) = name(kept) {
                prop_assert!(after.contains(&kept), "{} is kept by nothing", kept);
            }
        }
        if was {
            let before = groups(&book, person);
            let taken: BTreeSet<String> = ended.takes.iter().filter_map(name).collect();
            prop_assert_eq!(before.difference(&after).cloned().collect::<BTreeSet<_>>(), taken);
        }
        // Nobody else loses anything by it.
        let other = if person == "ana" { "ben" } else { "ana" };
        prop_assert_eq!(groups(&without(&book, std::iter::once(id)), other), groups(&book, other));
    }

    #[test]
    fn what_is_over_ends_once_and_nothing_that_is_held_goes_without_a_reason((grants, gone, closed) in drawn()) {
        let book = book(&grants, gone, closed);
        let engine = Engine::new(&book).unwrap();
        let now = NOW.parse().unwrap();
        let first = due(&engine, now);
        let ids: Vec<String> = first.endings.iter().map(|ending| ending.grant.id.to_string()).collect();
        let after = without(&book, ids.iter().cloned());
        let again = due(&Engine::new(&after).unwrap(), now);
        prop_assert!(again.endings.is_empty(), "{:?} ended and more is over", ids);
        for (index, (ana, user, .., said)) in grants.iter().enumerate() {
            let id = format!("g{index}");
            let active = book.grants.get(&id).unwrap().state == GrantState::Active;
            let begun = book.grants.get(&id).unwrap().start.to_string().as_str() <= (if closed { "2026-06-10" } else { "2026-06-20" });
            // Who has left answers nothing that counts, and it is Ben who is asked about what Ana has.
            let counts = !(*ana && gone);
            let by_campaign = !user && begun && (counts && *said == 1 || closed && !(counts && *said == 0));
            let left = !ana && gone;
            let past = book.grants.get(&id).unwrap().end.is_some_and(|end| end.0 < day());
            prop_assert_eq!(ids.contains(&id), active && (by_campaign || left || past), "{}", id);
        }
    }
}
