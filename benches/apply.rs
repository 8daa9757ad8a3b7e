//! How long it takes to apply a plan to a system that answers each call after 20 ms: groups of a SCIM service, from nothing,
//! planned again, and applied without a change. Calls are counted: none more than needed, and no time besides theirs.
//!
//! Run with `cargo bench --bench apply`, or `cargo bench --bench apply -- 5000` for that many objects, which takes six minutes.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a benchmark prints its table and may stop at the first failure"
)]

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use gitsm::{
    apply::{Session, State, apply},
    load,
    model::{
        Rulebook,
        settings::{Target, TargetType},
    },
    plan::{self, Bound, Desired, Ledger, Observed, Plan, Verdict},
    source::WorkTree,
    target::{Book, Place, Reader, Row, row},
};
use serde_json::{Value, json};

const NOW: &str = "2026-11-20T12:00:00Z";
/// How long the service takes for an answer.
const LATENCY: Duration = Duration::from_millis(20);
/// How many calls gitsm has under way at most when it reads. Writes come one after the other, since each is read back.
const AT_ONCE: u32 = 4;
/// How much longer than its calls anything may take.
const MOST: f64 = 1.2;
/// How many objects of a list the service gives at once.
const PAGE: usize = 200;

/// What the service holds, and how often it was called.
#[derive(Default)]
struct Held {
    groups: BTreeMap<usize, Value>,
    reads: u32,
    writes: u32,
}

/// Answers calls of a SCIM service, as far as groups need it.
fn answer(held: &Mutex<Held>, method: &str, path: &str, body: &[u8]) -> (u16, Value) {
    let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
    if method == "GET" {
        held.reads += 1;
    } else {
        held.writes += 1;
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let asked = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let list = |total: usize, found: Vec<&Value>| json!({ "totalResults": total, "Resources": found });
    match (method, path.trim_start_matches('/').split('/').collect::<Vec<_>>().as_slice()) {
        ("GET", ["ServiceProviderConfig"]) => {
            (200, json!({ "patch": { "supported": true }, "filter": { "supported": true } }))
        }
        ("GET", ["Users"]) => (200, list(0, Vec::new())),
        // Nobody else makes a group while this runs: what is looked for is what is not there yet.
        ("GET", ["Groups"]) if asked("filter").is_some() => (200, list(0, Vec::new())),
        ("GET", ["Groups"]) => {
            let start: usize = asked("startIndex").unwrap().parse().unwrap();
            (200, list(held.groups.len(), held.groups.values().skip(start - 1).take(PAGE).collect()))
        }
        ("GET", ["Groups", id]) => (200, held.groups[&id.parse::<usize>().unwrap()].clone()),
        ("POST", ["Groups"]) => {
            let id = held.groups.len() + 1;
            let mut group: Value = serde_json::from_slice(body).unwrap();
            group["id"] = json!(id.to_string());
            held.groups.insert(id, group.clone());
            (201, group)
        }
        _ => panic!("{method} {path}"),
    }
}

fn serve(mut stream: TcpStream, service: &Mutex<Held>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut first = String::new();
        reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let mut words = first.split(' ');
        let (status, answer) = answer(service, words.next()?, words.next()?, &body);
        thread::sleep(LATENCY);
        let answer = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/scim+json\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        stream.write_all((head + &answer).as_bytes()).ok()?;
    }
}

/// A service on this machine, and where it is.
fn service() -> (Arc<Mutex<Held>>, String) {
    let held = Arc::new(Mutex::new(Held::default()));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let known = Arc::clone(&held);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let known = Arc::clone(&known);
            thread::spawn(move || serve(stream.unwrap(), &known));
        }
    });
    (held, url)
}

fn write(folder: &Path, entitlements: usize) {
    fs::create_dir_all(folder.join("catalog")).unwrap();
    fs::write(folder.join("gitsm.toml"), "[project]\nname = \"Bench\"\n").unwrap();
    let mut text = "[team.desk]\nname = \"Desk\"\nmembers = [\"ana\"]\nlead = \"ana\"\n\n[person.ana]\nname = \"Ana\"\n\n\
                    [service.mail]\nname = \"Mail\"\ndescription = \"Mailboxes.\"\nlifecycle = \"active\"\n\
                    owner = \"team:desk\"\nsupport-team = \"desk\"\n"
        .to_owned();
    for number in 0..entitlements {
        let _ = write!(
            text,
            "\n[service.mail.entitlement.e{number:05}]\nname = \"Entitlement {number}\"\nrisk = \"low\"\n"
        );
    }
    fs::write(folder.join("catalog/services.toml"), text).unwrap();
}

struct Bench<'a> {
    row: &'static Row,
    place: Place<'a>,
    rulebook: &'a Rulebook,
    held: &'a Mutex<Held>,
}

/// What something took: the time, the calls that read and those that write.
struct Took {
    time: Duration,
    reads: u32,
    writes: u32,
}

impl Took {
    /// How often longer than calls of which so many are under way at once.
    fn times(&self, at_once: u32) -> f64 {
        let calls = LATENCY * (self.reads + self.writes) / at_once;
        self.time.as_secs_f64() / calls.as_secs_f64()
    }
}

impl Bench<'_> {
    fn timed<T>(&self, work: impl FnOnce() -> T) -> (T, Took) {
        let calls = || {
            let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            (held.reads, held.writes)
        };
        let (before, start) = (calls(), Instant::now());
        let made = work();
        let (time, after) = (start.elapsed(), calls());
        (made, Took { time, reads: after.0 - before.0, writes: after.1 - before.1 })
    }

    fn build(&self, reader: &dyn Reader, desired: &Desired, observed: &Observed, ledger: &Ledger) -> Plan {
        let bound = Bound {
            repository: "Bench",
            commit: None,
            target: plan::file::Target {
                name: "directory".to_owned(),
                target_type: "scim".to_owned(),
                place: reader.place(),
                place_was_named: false,
            },
            configuration: String::new(),
            limits: self.place.settings.limits.clone(),
            adopt: &[],
            created: NOW.parse().unwrap(),
            expires: "2026-11-21T12:00:00Z".parse().unwrap(),
        };
        plan::build(desired, observed, ledger, bound)
    }

    fn plan(&self) -> (Plan, Desired) {
        let reader = (self.row.reader)(&self.place).unwrap();
        let book = Book {
            rulebook: self.rulebook,
            commit: None,
            settings: self.place.settings,
            today: "2026-11-20".parse().unwrap(),
            now: NOW.parse().unwrap(),
        };
        let desired = (self.row.desired)(&book).unwrap();
        let observed = reader.observe(&desired).unwrap();
        let ledger = State::load(&*reader).unwrap().settled(&observed);
        (self.build(&*reader, &desired, &observed, &ledger), desired)
    }

    fn apply(&self, plan: &Plan, desired: &Desired) -> usize {
        let reader = (self.row.reader)(&self.place).unwrap();
        let session = Session {
            reviewed: plan,
            desired,
            replan: &|observed, ledger| self.build(&*reader, desired, observed, ledger),
            reader: &*reader,
            writer: &|| (self.row.writer)(&self.place),
            now: NOW.parse().unwrap(),
            longest: 24,
            owner: None,
            take_over: false,
            gone: None,
            evidence: None,
        };
        let applied = apply(&session, &mut |_, _| {}).unwrap();
        assert!(applied.results.stopped.is_none());
        applied.results.done.len()
    }
}

fn main() {
    let asked: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![100, 500] } else { asked };
    println!(
        "| objects | apply, calls | time | of their latency | plan again, calls | time | of their latency | writes again |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for objects in sizes {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), objects);
        let loaded = load::load(&WorkTree::new(folder.path())).unwrap();
        let (held, url) = service();
        let mut settings = Target::new(TargetType::Scim);
        settings.url = Some(url);
        settings.token_command = Some(vec!["echo".to_owned(), "token".to_owned()]);
        let bench = Bench {
            row: row(TargetType::Scim).unwrap(),
            place: Place {
                name: "directory",
                settings: &settings,
                repository: folder.path(),
                project: "Bench",
            },
            rulebook: &loaded.rulebook,
            held: &held,
        };
        let (first, desired) = bench.plan();
        assert_eq!((first.verdict, desired.objects.len()), (Verdict::Ready, objects));
        let (done, applying) = bench.timed(|| bench.apply(&first, &desired));
        assert_eq!(done, objects);
        // Each is looked for, made and read back; before it everything is listed for the plan that is made anew, and for
        // whoever writes.
        let count = u32::try_from(objects).unwrap();
        assert_eq!((applying.reads, applying.writes), (2 * 3 + 2 * count, count));
        let ((again, desired), planning) = bench.timed(|| bench.plan());
        assert_eq!((again.verdict, planning.writes), (Verdict::Unchanged, 0));
        let (_, reapplying) = bench.timed(|| bench.apply(&again, &desired));
        assert_eq!(reapplying.writes, 0);
        let (apply, plan) = (applying.times(1), planning.times(AT_ONCE));
        println!(
            "| {objects} | {} | {:.1?} | {apply:.2} | {} | {:.1?} | {plan:.2} | {} |",
            applying.reads + applying.writes,
            applying.time,
            planning.reads,
            planning.time,
            reapplying.writes
        );
        assert!(apply <= MOST && plan <= MOST, "{apply} {plan}");
    }
}
