//! Comparisons of small rulebooks.

mod bundles;
mod colleagues;
mod drawn;
mod order;
mod types;
mod words;

use super::*;
use crate::decide::testing::rulebook;

const BASE: &str = r#"
person.ana = { name = "Ana", department = "it" }
person.ben = { name = "Ben", department = "sales", manager = "ana" }
person.cleo = { name = "Cleo", department = "legal", manager = "ana" }
team.desk = { name = "Desk", members = ["ana", "ben"] }
service.mail = { name = "Mail", lifecycle = "active", owner = "person:ana", entitlement.read = { name = "Read", risk = "low" }, entitlement.admin = { name = "Admin", risk = "high", max-duration = "90d" } }
workflow.one = { name = "One", stage = [{ id = "a", approvers = ["team:desk"] }] }
"#;

fn at() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn cases(before: &str, after: &str) -> Vec<Case> {
    let (before, after) = (rulebook(&format!("{BASE}{before}")), rulebook(&format!("{BASE}{after}")));
    let found = compare(&before, &after, at(), Budget::default()).unwrap();
    assert_eq!(found.unknown, []);
    found.cases
}

fn policy(rules: &str) -> String {
    format!("[access.mail]\napplies-to.service = \"mail\"\nrule = [{rules}]\n")
}

#[test]
fn what_stays_is_no_change() {
    let rules = policy(r#"{ id = "a", when.subject.department = "it", decision = "auto-approve" }"#);
    assert_eq!(cases(&rules, &rules), []);
}

#[test]
fn a_widened_department_loosens() {
    let before = policy(r#"{ id = "a", when.subject.department = "it", decision = "auto-approve" }"#);
    let after =
        policy(r#"{ id = "a", when.subject.department = ["it", "legal"], decision = "auto-approve" }"#);
    let found = cases(&before, &after);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|case| case.direction == Direction::Loosens));
    assert!(found.iter().all(|case| case.touched.people == 1));
}

/// Changes and how many cases of each way they make.
#[test]
fn changes_go_the_way_that_they_should() {
    const ASK: &str = r#"decision = { workflow = "one" }"#;
    let rule = |rest: &str| policy(&format!("{{ id = \"a\", {rest} }}"));
    let auto = rule(r#"decision = "auto-approve""#);
    let ask = rule(ASK);
    let guardrail = "[guardrail.g]\ndescription = \"d\"\nwhen.subject.department = \"it\"\ndeny = true\n";
    let capped = |longest: &str| rule(&format!("{ASK}, max-duration = \"{longest}\""));
    let needs = |evidence: &str| rule(&format!("{ASK}, require = [{evidence}]"));
    let two = "[workflow.two]\nname = \"Two\"\nstage = [{ id = \"a\", approvers = [\"team:desk\", \"person:cleo\"] }]\n";
    let of_two = format!("{two}{}", rule(r#"decision = { workflow = "two" }"#));
    for (name, before, after, expected) in [
        ("asking people instead of nobody", auto.clone(), ask.clone(), Some(Direction::Tightens)),
        ("a guardrail less", format!("{ask}{guardrail}"), ask.clone(), Some(Direction::Loosens)),
        ("the same guardrail where all is denied", guardrail.to_owned(), String::new(), None),
        ("a shorter time", capped("30d"), capped("20d"), Some(Direction::Tightens)),
        ("a longer time than the entitlement has", capped("100d"), ask.clone(), Some(Direction::Loosens)),
        ("more evidence", needs(""), needs("\"ticket\""), Some(Direction::Tightens)),
        ("other evidence", needs("\"project\""), needs("\"ticket\""), Some(Direction::Incomparable)),
        ("somebody who can approve as well", format!("{two}{ask}"), of_two, Some(Direction::Loosens)),
        (
            "a rule that is only recorded",
            ask.clone(),
            format!(
                "{}{ask}",
                policy("")
                    .replace("mail]", "other]\norder = 1")
                    .replace("rule = []", "rule = [{ id = \"r\", decision = \"deny\", mode = \"record\" }]")
                    .replace("applies-to.service = \"mail\"", "applies-to.entitlement = \"mail/read\"")
            ),
            None,
        ),
    ] {
        let found = cases(&before, &after);
        let ways: BTreeSet<Direction> = found.iter().map(|case| case.direction).collect();
        assert_eq!(ways, expected.into_iter().collect(), "{name}: {found:#?}");
        let back: BTreeSet<Direction> = cases(&after, &before).iter().map(|case| case.direction).collect();
        let opposite = expected.map(|way| match way {
            Direction::Loosens => Direction::Tightens,
            Direction::Tightens => Direction::Loosens,
            other => other,
        });
        assert_eq!(back, opposite.into_iter().collect(), "{name}, the other way round");
    }
}

#[test]
fn somebody_in_another_department_with_another_manager_is_decided_about_otherwise() {
    let rules = policy(r#"{ id = "a", when.subject.department = "it", decision = { workflow = "boss" } }"#)
        + "[workflow.boss]\nname = \"Boss\"\nstage = [{ id = \"a\", approvers = [\"role:manager\"] }]\n";
    let with = |cleo: &str| {
        let base = BASE.replace(
            r#"person.cleo = { name = "Cleo", department = "legal", manager = "ana" }"#,
            &format!("person.cleo = {{ name = \"Cleo\", {cleo} }}"),
        );
        rulebook(&format!("{base}{rules}"))
    };
    let legal = with(r#"department = "legal", manager = "ana""#);
    let it = with(r#"department = "it", manager = "ana""#);
    let other = with(r#"department = "it", manager = "ben""#);
    let ways = |before: &Rulebook, after: &Rulebook| -> Vec<(Direction, Cause)> {
        // Both entitlements, which end differently.
        let found = compare(before, after, at(), Budget::default()).unwrap();
        assert_eq!(found.unknown, []);
        let ways: BTreeSet<_> = found.cases.into_iter().map(|case| (case.direction, case.cause)).collect();
        ways.into_iter().collect()
    };
    let cleo = || Cause::People(vec![crate::model::Id::new("cleo").unwrap()]);
    assert_eq!(ways(&legal, &legal), []);
    assert_eq!(ways(&legal, &it), [(Direction::Loosens, cleo())]);
    assert_eq!(ways(&it, &legal), [(Direction::Tightens, cleo())]);
    // The same rules ask somebody else.
    assert_eq!(ways(&it, &other), [(Direction::Incomparable, cleo())]);
}

#[test]
fn somebody_about_whom_something_else_is_known_asks_for_others_as_well() {
    let asks = policy(r#"{ id = "a", when.requester.department = "it", decision = "auto-approve" }"#);
    let manages = policy(r#"{ id = "a", when.requester.is-manager = true, decision = "auto-approve" }"#);
    let told = |rules: &str, was: &str, is: &str| -> Vec<(Direction, Cause, String)> {
        let book = |cleo: &str| {
            let base = BASE.replace(
                r#"person.cleo = { name = "Cleo", department = "legal", manager = "ana" }"#,
                &format!("person.cleo = {{ name = \"Cleo\", {cleo} }}"),
            );
            rulebook(&format!("{base}{rules}"))
        };
        let found = compare(&book(was), &book(is), at(), Budget::default()).unwrap();
        assert_eq!(found.unknown, []);
        let said = |case: Case| {
            let words: Vec<String> = case
                .who
                .any
                .iter()
                .flatten()
                .map(|words| format!("{} {}", words.attribute, words.said))
                .collect();
            (case.direction, case.cause, words.join(", "))
        };
        let all: BTreeSet<_> = found.cases.into_iter().map(said).collect();
        all.into_iter().collect()
    };
    let cleo = vec![crate::model::Id::new("cleo").unwrap()];
    let (legal, it) = (r#"department = "legal", manager = "ana""#, r#"department = "it", manager = "ana""#);
    assert_eq!(
        told(&asks, legal, it),
        [
            (Direction::Loosens, Cause::People(cleo.clone()), "requester.is-beneficiary is true".to_owned()),
            (Direction::Loosens, Cause::Requesters(cleo.clone()), String::new()),
        ]
    );
    // Nobody's department is read where only the manager may ask.
    assert_eq!(told(&manages, legal, it), []);
    let other = r#"department = "legal", manager = "ben""#;
    assert_eq!(
        told(&manages, legal, other),
        [
            (Direction::Loosens, Cause::People(cleo.clone()), "requester.id is `ben`".to_owned()),
            (Direction::Tightens, Cause::People(cleo), "requester.id is `ana`".to_owned()),
        ]
    );
}

#[test]
fn a_bundle_that_more_get_loosens() {
    let bundle = |departments: &str| {
        format!(
            "[bundle.b]\nname = \"B\"\nwhen.subject.department = [{departments}]\nentitlements = [\"mail/read\"]\n"
        )
    };
    let both = |rule: &str| {
        let of = |departments: &str| bundle(departments) + &policy(rule);
        cases(&of("\"it\""), &of("\"it\", \"legal\""))
    };
    let found = both(r#"{ id = "a", decision = "auto-approve" }"#);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].direction, &found[0].cause), (Direction::Loosens, &Cause::Birthright));
    assert_eq!(found[0].touched.people, 1);
    // What nobody approves comes with no bundle, and what has to be said is not said.
    assert_eq!(cases(&bundle("\"it\""), &bundle("\"it\", \"legal\"")), []);
    for rule in [
        r#"{ id = "a", require = ["justification"], decision = "auto-approve" }"#,
        r#"{ id = "a", when.request.duration.max = "9d", decision = "auto-approve" }"#,
        r#"{ id = "a", when.requester.is-beneficiary = false, decision = "auto-approve" }"#,
    ] {
        assert_eq!(both(rule), [], "{rule}");
    }
    // Another rule gives something else, although the bundle is as it was.
    let of = |decision: &str| {
        bundle("\"legal\"") + &policy(&format!("{{ id = \"a\", decision = \"{decision}\" }}"))
    };
    let causes = |before: &str, after: &str| {
        let found = cases(&of(before), &of(after));
        let found = found.iter().filter(|case| case.cause == Cause::Birthright);
        found.map(|case| (case.direction, case.touched.people)).collect::<Vec<_>>()
    };
    assert_eq!(causes("deny", "auto-approve"), [(Direction::Loosens, 1)]);
    assert_eq!(causes("auto-approve", "deny"), [(Direction::Tightens, 1)]);
}

#[test]
fn the_hours_of_a_calendar_that_a_condition_reads_are_told() {
    let calendar = |hours: &str| {
        format!("[calendar.c]\nname = \"C\"\ntime-zone = \"UTC\"\nweekly.mon-fri = [\"{hours}\"]\n")
            + &policy(r#"{ id = "a", when.request.instant.within = "c", decision = "auto-approve" }"#)
    };
    let books = |before: &str, after: &str| {
        let book = |text: &str| rulebook(&format!("{BASE}{}", calendar(text)));
        compare(&book(before), &book(after), at(), Budget::default()).unwrap()
    };
    let ways = |before: &str, after: &str| {
        let found = books(before, after);
        assert_eq!(found.unseen, []);
        found.cases.iter().map(|case| case.direction).collect::<BTreeSet<_>>()
    };
    assert_eq!(ways("09:00-17:00", "09:00-17:00"), BTreeSet::new());
    assert_eq!(ways("09:00-17:00", "09:00-18:00"), BTreeSet::from([Direction::Loosens]));
    assert_eq!(ways("09:00-18:00", "09:00-17:00"), BTreeSet::from([Direction::Tightens]));
}

#[test]
fn a_blown_budget_says_what_is_not_known() {
    let before = rulebook(&format!("{BASE}{}", policy(r#"{ id = "a", decision = "auto-approve" }"#)));
    let after = rulebook(BASE);
    let tight = compare(&before, &after, at(), Budget { nodes: 0, states: 0 }).unwrap();
    let known = compare(&before, &after, at(), Budget::default()).unwrap();
    assert!(known.is_whole() && !known.cases.is_empty());
    // Where nothing has to be looked at nothing is unknown.
    assert_eq!(tight.is_whole(), tight.cases == known.cases, "{tight:#?}");
    let asks = policy(r#"{ id = "a", when.subject.department = "it", decision = "auto-approve" }"#);
    let after = rulebook(&format!("{BASE}{asks}"));
    let tight = compare(&before, &after, at(), Budget { nodes: 0, states: 0 }).unwrap();
    assert!(!tight.is_whole() && tight.cases.is_empty(), "{tight:#?}");
    assert_eq!(tight.unknown[0].entitlements.len(), 2);
}
