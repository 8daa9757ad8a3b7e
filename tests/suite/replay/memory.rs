//! Decisions that were made before are the decisions that would be made anew.

use std::{
    collections::BTreeMap,
    fmt::{Debug, Write as _},
    io::{self, Cursor},
};

use gitsm::{
    load::{
        load,
        rows::{Row, Rows, Sort},
    },
    model::{Entry, Id, LocalDate, Origin, Rulebook, access::Mode, exception::Exception},
    simulate::replay::{
        Observer, Reject,
        requests::{Options, Outcome, Plan, replay},
    },
    source::WorkTree,
};

use crate::support::root;

struct Nobody;

impl Observer for Nobody {
    fn rejected(&mut self, _: &Row, _: &Reject) -> io::Result<()> {
        Ok(())
    }
    fn read(&mut self, _: u64) {}
}

fn date(text: &str) -> LocalDate {
    text.parse().unwrap()
}

/// The living example without exceptions and trials, in which people come and go in the days of the requests.
fn rulebook() -> Rulebook {
    let mut rulebook = load(&WorkTree::new(root())).unwrap().rulebook;
    rulebook.exceptions = gitsm::model::Objects::default();
    let ids: Vec<String> = rulebook.access.ids().map(str::to_owned).collect();
    for id in ids {
        for rule in &mut rulebook.access.get_mut(&id).unwrap().value.rule {
            rule.mode = Mode::Enforce;
        }
    }
    let ids: Vec<String> = rulebook.guardrails.ids().map(str::to_owned).collect();
    for id in ids {
        rulebook.guardrails.get_mut(&id).unwrap().value.mode = Mode::Enforce;
    }
    let ids: Vec<String> = rulebook.sods.ids().map(str::to_owned).collect();
    for id in ids {
        rulebook.sods.get_mut(&id).unwrap().value.mode = Mode::Enforce;
    }
    let ids: Vec<String> = rulebook.people.ids().map(str::to_owned).collect();
    for (index, id) in ids.iter().enumerate() {
        let person = &mut rulebook.people.get_mut(id).unwrap().value;
        match index % 7 {
            2 => person.start = Some(date("2026-11-24")),
            4 => person.end = Some(date("2026-11-24")),
            5 => (person.start, person.end) = (Some(date("2026-11-23")), Some(date("2026-11-25"))),
            _ => {}
        }
    }
    rulebook
}

/// The same with an exception that ended long ago, so that nothing is kept and all is decided anew.
fn forgetful(mut rulebook: Rulebook) -> Rulebook {
    let value = serde_json::json!({ "rule": "guardrail:none", "expires": "1980-01-01" });
    let value: Exception = serde_json::from_value(value).unwrap();
    let entry = Entry { id: Id::new("none").unwrap(), value, origin: Origin::default() };
    rulebook.exceptions.insert(entry).unwrap();
    rulebook
}

/// Requests of many people for everything, as CSV.
fn requests(rulebook: &Rulebook) -> String {
    let mut text =
        String::from("id,requester,beneficiary,entitlements,duration,justification,evidence,now,outcome\n");
    let people: Vec<&str> = rulebook.people.ids().collect();
    let offers: Vec<String> =
        gitsm::decide::policy::offers(rulebook).map(|offer| offer.reference().to_string()).collect();
    let mut number = 0_usize;
    for (place, offer) in offers.iter().enumerate() {
        for (index, person) in people.iter().enumerate() {
            if (index + place) % 3 > 0 {
                continue;
            }
            for day in ["22", "23", "24", "25", "26"] {
                number += 1;
                let beneficiary =
                    if number.is_multiple_of(4) { people[(index * 7 + 3) % people.len()] } else { "" };
                let duration = ["", "30d", "400d"][number % 3];
                let why = if number % 5 < 3 { "because" } else { "" };
                let evidence = if number.is_multiple_of(2) { "training;mfa;agreement" } else { "" };
                let hour = 3 + number % 19;
                let outcome = ["approved", "denied", ""][number % 3];
                writeln!(
                    text,
                    "R-{number},{person},{beneficiary},{offer},{duration},{why},{evidence},2026-11-{day}T{hour:02}:00:00Z,{outcome}"
                )
                .unwrap();
            }
        }
    }
    text
}

fn replayed(rulebook: &Rulebook, text: &str, jobs: usize) -> Outcome {
    let mut rows = Rows::new(Cursor::new(text.to_owned().into_bytes()), Sort::Csv, b',').unwrap();
    let plan = Plan::new(&rows, None, &[], rulebook).unwrap();
    let options = Options { now: "2026-11-20T12:00:00Z".parse().unwrap(), jobs, warm_up: 10 };
    replay(&mut rows, &plan, (rulebook, None), options, &mut Nobody).unwrap()
}

/// Everything that was counted, in an order that is always the same.
fn counted(outcome: &Outcome) -> Vec<String> {
    fn said(value: impl Debug) -> String {
        format!("{value:?}")
    }
    let tally = &outcome.tally;
    vec![
        said((outcome.rows, outcome.learned, &outcome.rejects)),
        said((tally.decided, tally.undated, tally.period, &tally.verdicts)),
        said(&tally.differences),
        said(&tally.denials),
        said(&tally.undecidable),
        said(&tally.services),
        said(tally.rules.iter().collect::<BTreeMap<_, _>>()),
        said(&tally.stages),
        said(tally.approvers.iter().collect::<BTreeMap<_, _>>()),
        said((&tally.latency, tally.unlimited)),
    ]
}

#[test]
fn what_is_remembered_is_what_would_be_decided() {
    let remembers = rulebook();
    let text = requests(&remembers);
    let rows = text.lines().count();
    assert!(rows > 20_000, "{rows}");
    let expected = replayed(&forgetful(remembers.clone()), &text, 2);
    let counts = expected.tally.counts();
    assert!(counts.approved > 300 && counts.needs_approval > 1_000 && counts.denied > 1_000, "{counts:?}");
    // The same people are asked on some days and not on others.
    let expected = counted(&expected);
    for jobs in [1, 3] {
        for (found, expected) in counted(&replayed(&remembers, &text, jobs)).iter().zip(&expected) {
            assert_eq!(found, expected, "{jobs} threads");
        }
    }
}
