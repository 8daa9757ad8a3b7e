//! The engines of gitsm on the workload: the classifier, the full engine, and a walk from rule to rule.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use gitsm::{
    decide::{
        access::decide,
        classifier::{Classifier, Outcome, Reasons},
        engine::Engine,
    },
    load,
    model::{EntitlementRef, Id, Ref, Rulebook, request::Request, scenario},
    source::{Found, Sort, Source, SourceError},
};
use jiff::Timestamp;

use crate::workload::{Answer, Asked, Value, Verdict, Workload, naive};

struct Files(Vec<String>);

impl Source for Files {
    fn list(&self, folder: &str) -> Result<Option<Vec<Found>>, SourceError> {
        let found = self.0.iter().enumerate().map(|(index, text)| Found {
            path: format!("catalog/{index}.toml"),
            sort: Sort::File,
            length: text.len() as u64,
        });
        Ok((folder == "catalog").then(|| found.collect()))
    }
    fn read(&self, path: &str, _: u64) -> Result<Option<Vec<u8>>, SourceError> {
        if path == "gitsm.toml" {
            return Ok(Some(Workload::SETTINGS.into()));
        }
        let index =
            path.strip_prefix("catalog/").and_then(|name| name.strip_suffix(".toml")?.parse::<usize>().ok());
        Ok(index.and_then(|index| self.0.get(index)).map(|text| text.as_bytes().to_vec()))
    }
    fn describe(&self) -> String {
        "a benchmark".to_owned()
    }
}

fn rulebook(workload: &Workload) -> Rulebook {
    let loaded = load::load(&Files(workload.documents())).unwrap();
    assert!(loaded.found.is_empty(), "{:#?}", loaded.found.first());
    loaded.rulebook
}

fn request(asked: &Asked) -> Request {
    let person = |id: &str| Ref::new(Id::new(id).unwrap());
    let Value::Text(entitlement) = &asked.values[0] else { unreachable!() };
    Request {
        beneficiary: Some(person(&asked.beneficiary)),
        entitlements: vec![EntitlementRef::parse(entitlement).unwrap()],
        duration: Some(format!("{}d", asked.days).parse().unwrap()),
        emergency: asked.values[10] == Value::Yes(true),
        ..Request::of(person(&asked.requester))
    }
}

fn verdict(verdict: scenario::Verdict) -> Verdict {
    match verdict {
        scenario::Verdict::Approved => Verdict::Approved,
        scenario::Verdict::NeedsApproval => Verdict::NeedsApproval,
        scenario::Verdict::Denied => Verdict::Denied,
        scenario::Verdict::Invalid => panic!("the requests are valid"),
    }
}

/// The place of a rule, from its id: `r17`.
fn place(selector: &gitsm::model::Selector) -> usize {
    selector.part.as_ref().unwrap().as_str()[1..].parse().unwrap()
}

/// One row of the table.
pub struct Row {
    pub name: &'static str,
    pub rules: usize,
    pub requests: usize,
    pub nanoseconds: f64,
    pub note: String,
}

/// What one decision takes, in nanoseconds: the best of some rounds over all requests, which is the one that other work
/// on the machine disturbed least.
pub fn time<T>(requests: &[T], rounds: usize, mut decide: impl FnMut(&T)) -> f64 {
    let rounds = (0..rounds).map(|_| {
        let begin = Instant::now();
        requests.iter().for_each(&mut decide);
        begin.elapsed().as_nanos() as f64 / requests.len() as f64
    });
    rounds.fold(f64::INFINITY, f64::min)
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.0} ms", duration.as_secs_f64() * 1e3)
}

/// What the engines of gitsm take, and what all have to answer.
pub fn measure(workload: &Workload) -> (Vec<Row>, Vec<Answer>) {
    let rules = workload.rules.len();
    let expected: Vec<Answer> =
        workload.requests.iter().map(|asked| naive(&workload.rules, &asked.values)).collect();
    let book = rulebook(workload);
    let engine = Engine::new(&book).unwrap();
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let requests: Vec<Request> = workload.requests.iter().map(request).collect();
    let begin = Instant::now();
    let classifier = Classifier::new(&engine);
    let built = begin.elapsed();
    let answer = |outcome: Outcome| {
        let rule = outcome.rule.map(|rule| place(classifier.rule(rule).unwrap()));
        (verdict(outcome.verdict), rule)
    };
    let interned: Vec<_> =
        requests.iter().map(|request| classifier.intern(request, now, None).unwrap()).collect();
    for ((interned, request), expected) in interned.iter().zip(&requests).zip(&expected) {
        assert_eq!(answer(classifier.classify(interned).unwrap()), *expected, "{request:?}");
    }
    for (request, expected) in requests.iter().zip(&expected).take(2_000) {
        let decision = decide(&engine, request, now, None);
        let rule = decision.items[0].rule.as_ref().map(place);
        assert_eq!((verdict(decision.verdict), rule), *expected, "{request:?}");
    }
    let mut rows = Vec::new();
    let mut row = |name, requests, nanoseconds, note| {
        rows.push(Row { name, rules, requests, nanoseconds, note });
    };
    let note = format!(
        "{} rows, {:.1} MiB, made in {}",
        classifier.rows(),
        classifier.table_bytes() as f64 / f64::from(1 << 20),
        milliseconds(built)
    );
    let fast = time(&interned, 15, |interned| {
        let _ = black_box(classifier.classify(black_box(interned)));
    });
    row("gitsm, interned", interned.len(), fast, note);
    let whole = time(&requests, 7, |request| {
        let _ = black_box(classifier.verdict(black_box(request), now, None));
    });
    row("gitsm, from the request", requests.len(), whole, String::new());
    let mut reasons = Reasons::default();
    let explained = time(&interned[..interned.len().min(20_000_000 / rules)], 5, |interned| {
        classifier.reasons(black_box(interned), &mut reasons).unwrap();
        black_box(&mut reasons);
    });
    let note = "each rule considered, and the tests that decided".to_owned();
    row("gitsm, with reasons", interned.len().min(20_000_000 / rules), explained, note);
    let some = &requests[..requests.len().min(2_000_000 / rules)];
    let full = time(some, 5, |request| {
        black_box(decide(&engine, black_box(request), now, None));
    });
    let note = "with places, values, people and limits".to_owned();
    row("gitsm, full engine", some.len(), full, note);
    let some = &workload.requests[..requests.len().min(20_000_000 / rules)];
    let walk = time(some, 5, |asked| {
        black_box(naive(&workload.rules, black_box(&asked.values)));
    });
    let deciding: Vec<usize> = expected.iter().filter_map(|(_, rule)| *rule).collect();
    let mean = deciding.iter().sum::<usize>() / deciding.len().max(1);
    let share = 100 * (expected.len() - deciding.len()) / expected.len();
    row(
        "a walk over the rules",
        some.len(),
        walk,
        format!("rule {mean} decides on average, none for {share} %"),
    );
    (rows, expected)
}

/// Prints rows of the table, each beside the fastest time.
pub fn print(rows: &[Row], fastest: f64) {
    for row in rows {
        println!(
            "{:>6}  {:<28} {:>12.3} {:>11.0}x {:>9}  {}",
            row.rules,
            row.name,
            row.nanoseconds / 1e3,
            row.nanoseconds / fastest,
            row.requests,
            row.note
        );
    }
}

/// Prints what stands above the table.
pub fn head() {
    println!(
        "{:>6}  {:<28} {:>12} {:>12} {:>9}  note",
        "rules", "engine", "us/decision", "against", "requests"
    );
}
