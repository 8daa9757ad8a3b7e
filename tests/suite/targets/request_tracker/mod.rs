//! The target `request-tracker`, against a real Request Tracker that the tests install and start.

mod real_data;
mod shared;

use std::{
    process::{Command, Stdio},
    sync::atomic::Ordering,
};

use gitsm::http::{Address, Client, Limits, Method, Request, Secret};
use serde_json::{Value, json};

use super::{
    CLOCK, NOW,
    proxy::{Fault, Proxy},
    shared::members_are_limited,
};
use crate::support::{Repository, Run, command, root, run};

const SCRIPT: &str = "tests/servers/request-tracker.sh";

/// A Request Tracker that runs as long as its test.
struct Server {
    folder: tempfile::TempDir,
    url: String,
    token: String,
}

impl Server {
    /// Starts one; none where it is not installed, unless everything must be there.
    #[allow(clippy::print_stderr, reason = "who runs the tests must see that one of them did nothing")]
    fn start() -> Option<Self> {
        if !std::path::Path::new("/usr/share/request-tracker5/libexec/rt-server").exists() {
            assert!(std::env::var_os("GITSM_COMPLETE").is_none(), "Request Tracker is not installed");
            eprintln!("skipped: Request Tracker is not installed");
            return None;
        }
        let mut server =
            Self { folder: tempfile::tempdir().unwrap(), url: String::new(), token: String::new() };
        server.url = server.script("start", &[]).trim().to_owned();
        server.token = std::fs::read_to_string(server.folder.path().join("token")).unwrap();
        Some(server)
    }

    fn script(&self, action: &str, more: &[&str]) -> String {
        let mut command = Command::new("bash");
        command.arg(root().join(SCRIPT)).arg(action).arg(self.folder.path()).args(more);
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{action}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Asks it itself, as somebody else would.
    fn rest(&self, method: Method, path: &[&str], body: Value) -> Value {
        let token = Secret::of(&self.token, "the test").unwrap();
        let client =
            Client::new(Address::parse(&self.url).unwrap(), Some(("token", token)), Limits::default())
                .unwrap();
        let path: Vec<&str> = ["REST", "2.0"].into_iter().chain(path.iter().copied()).collect();
        let request = Request::new(method, &path);
        let request = if body.is_null() { request } else { request.body(body) };
        client.send(&request).unwrap().json().unwrap()
    }

    fn get(&self, path: &[&str]) -> Value {
        self.rest(Method::Get, path, Value::Null)
    }

    fn gitsm(&self, repository: &Repository, arguments: &[&str]) -> Run {
        let mut command = command(arguments, repository.path());
        command.env("RT_TOKEN", &self.token).env(CLOCK, NOW);
        let run = run(command);
        assert!(!format!("{run:?}").contains(&self.token), "{arguments:?} shows the token");
        run
    }

    fn plan(&self, repository: &Repository, more: &[&str]) -> Run {
        let arguments = ["plan", "--target", "desk", "--now", NOW, "--out", "plan.json"];
        self.gitsm(repository, &[&arguments, more].concat())
    }

    fn apply(&self, repository: &Repository, more: &[&str]) -> Run {
        self.gitsm(repository, &[&["apply", "plan.json", "--now", NOW], more].concat())
    }

    /// Plans and applies, and makes sure that nothing is left to do.
    fn settle(&self, repository: &Repository) -> String {
        let planned = self.plan(repository, &[]);
        assert_eq!(planned.status, 0, "{planned:?}");
        let applied = self.apply(repository, &[]);
        assert_eq!(applied.status, 0, "{applied:?}");
        self.is_settled(repository);
        planned.stdout
    }

    fn is_settled(&self, repository: &Repository) {
        let run = self.plan(repository, &["--detailed-exitcode"]);
        assert_eq!(run.status, 0, "{run:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.script("stop", &[]);
    }
}

/// The small repository with more in its forms, articles, and a target at this address.
fn repository(url: &str) -> Repository {
    let repository = Repository::base();
    let settings = repository.read("gitsm.toml");
    repository.write("gitsm.toml", settings + &target(url) + "options.users = true\n");
    repository.write("catalog/more.toml", MORE);
    repository
}

fn target(url: &str) -> String {
    format!("\n[target.desk]\ntype = \"request-tracker\"\nurl = \"{url}\"\ntoken-variable = \"RT_TOKEN\"\n")
}

const MORE: &str = r#"
[request-type.laptop]
name = "Laptop"
description = "A new one, or another one."
category = "software"
event = "provision"
owner = "team:security"
workflow = "manager"
sla = "standard"
review-date = 2030-01-01
field.size = { label = "How large?", type = "choice", options = ["13\"", "15\"", "ü: other"], required = true }
field.count = { label = "How many?", type = "number" }
field.extras = { label = "With what?", type = "choices", options = ["dock", "screen"] }
field.from = { label = "From when on?", type = "date", help = "A working day." }

[request-type.claims]
name = "Tax credits for scientific research and for experimental development, for film production and for the services around it: claims that were not chosen for a review, with everything that is needed to look at them once more"
category = "software"
event = "information"
owner = "team:security"
workflow = "manager"
sla = "standard"
review-date = 2030-01-01

[article.first]
title = "First steps"
summary = "What to do \"first\", 日本."
owner = "team:desk"
review-date = 2030-01-01
covers = ["service:mail"]
url = "https://kb.example.com/first"
"#;

#[test]
fn a_real_request_tracker_is_filled_changed_drifts_and_is_repaired() {
    let Some(server) = Server::start() else { return };
    let repository = repository(&server.url);
    created(&server, &repository);
    members_are_limited(&|more| server.plan(&repository, more), &repository);
    changed(&server, &repository);
    drifted(&server, &repository);
    ambiguous(&server, &repository);
    due_dates_agree(&server, &repository);
    faults(&server);
    shared::two_rulebooks(&server);
    hidden(&server);
}

#[test]
fn settings_that_lead_nowhere_are_findings() {
    let with = |lines: &str| {
        let repository = Repository::base();
        let settings = repository.read("gitsm.toml");
        repository
            .write("gitsm.toml", format!("{settings}\n[target.desk]\ntype = \"request-tracker\"\n{lines}\n"));
        run(command(&["validate"], repository.path()))
    };
    for (lines, words) in [
        ("", "does not say where the system is"),
        ("url = \"rt.example.com\"", "is no address"),
        ("url = \"http://rt.example.com\"", "would send the token readable for everybody on the way"),
        ("url = \"https://root:hunter2@rt.example.com\"", "holds a name or password"),
        (
            "url = \"https://rt.example.com\"\ntoken-variable = \"T\"\ntoken-command = [\"pass\"]",
            "has two places for its token",
        ),
    ] {
        let run = with(lines);
        assert_eq!(run.status, 1, "{lines}: {run:?}");
        assert!(run.stdout.contains(words), "{lines}: {}", run.stdout);
    }
    for lines in [
        "url = \"https://rt.example.com\"\ntoken-variable = \"T\"",
        "url = \"https://example.com/rt\"\ntoken-command = [\"pass\", \"show\", \"rt\"]",
        "url = \"http://127.0.0.1:8080\"",
    ] {
        let run = with(lines);
        assert_eq!(run.status, 0, "{lines}: {run:?}");
    }
}

/// From nothing; what is there afterwards is what Request Tracker itself says.
fn created(server: &Server, repository: &Repository) {
    // Somebody made something before, which is in the way until it is taken over.
    server.rest(Method::Post, &["queue"], json!({ "Name": "Laptop", "Description": "mine" }));
    let run = server.plan(repository, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(
        run.stdout.contains("request-queue/laptop") || run.stderr.contains("request-queue/laptop"),
        "{run:?}"
    );
    let run = server.plan(repository, &["--adopt", "request-queue/laptop"]);
    assert_eq!(run.status, 0, "{run:?}");
    let run = server.apply(repository, &["--adopt", "request-queue/laptop"]);
    assert_eq!(run.status, 0, "{run:?}");
    server.is_settled(repository);
    let queue = server.get(&["queue", "Laptop"]);
    assert_eq!(queue["Description"], "A new one, or another one. [gitsm example:request-queue/laptop]");
    assert_eq!(queue["SLADisabled"], "0");
    // What is longer than a name may be is cut, where somebody sees it.
    let marked = json!([{ "field": "Description", "operator": "LIKE", "value": "request-queue/claims" }]);
    let claims = server.rest(Method::Post, &["queues"], marked)["items"][0]["id"].clone();
    let claims = server.get(&["queue", claims.as_str().unwrap()]);
    assert!(claims["Name"].as_str().unwrap().ends_with("that is needed to…"), "{claims}");
    let group = server.get(&["group", queue["AdminCc"][0]["id"].as_str().unwrap()]);
    assert_eq!(group["Name"], "Security");
    let mut members: Vec<&str> =
        group["Members"].as_array().unwrap().iter().map(|member| member["id"].as_str().unwrap()).collect();
    members.sort_unstable();
    assert_eq!(members, ["ben", "cleo", "dan"]);
    let fields = queue["TicketCustomFields"].as_array().unwrap();
    let fields: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
    assert_eq!(
        fields,
        ["How large?", "How many?", "With what?", "From when on?"],
        "in the order of the form"
    );
    let size = server.get(&["customfield", queue["TicketCustomFields"][0]["id"].as_str().unwrap()]);
    assert_eq!(size["Values"], json!(["13\"", "15\"", "ü: other"]));
    assert_eq!(size["Pattern"], "(?#Mandatory).");
    let article = server.get(&["article", "1"]);
    assert_eq!(article["Name"], "First steps");
    assert!(article["CustomFields"][0]["values"][0].as_str().unwrap().contains("Kept right by Service desk"));
    // What is not the target's own is told and stays.
    let run = server.plan(repository, &["--format", "json"]);
    let plan: Value = serde_json::from_str(&run.stdout).unwrap();
    let unmanaged: Vec<&str> =
        plan["unmanaged"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(unmanaged.contains(&"queue General"), "{unmanaged:?}");
    let emulated =
        plan["constructs"].as_array().unwrap().iter().find(|one| one["construct"] == "sla").unwrap();
    assert_eq!(emulated["support"], "emulated");
    let run = server.plan(repository, &["--fail-on", "lost"]);
    assert_ne!(run.status, 0, "workflows are lost: {run:?}");
}

/// A second commit renames, moves, removes and brings back.
fn changed(server: &Server, repository: &Repository) {
    let number = |name: &str| server.get(&["queue", name])["id"].clone();
    let before = number("Laptop");
    let more = repository.read("catalog/more.toml");
    let organisation = repository.read("catalog/organisation.toml");
    let renamed = more
        .replace("name = \"Laptop\"", "name = \"Portable computer\"")
        .replace("options = [\"13\\\"\", \"15\\\"\", \"ü: other\"]", "options = [\"17\\\"\", \"13\\\"\"]")
        .replace("type = \"date\", help = \"A working day.\"", "type = \"text\"")
        .replace("What to do \\\"first\\\", 日本.", "Something else.");
    let renamed: String = renamed
        .lines()
        .filter(|line| !line.starts_with("field.count"))
        .map(|line| format!("{line}\n"))
        .collect();
    repository.write("catalog/more.toml", renamed);
    repository.write(
        "catalog/organisation.toml",
        organisation.replace("members = [\"ben\", \"cleo\", \"dan\"]", "members = [\"ben\", \"dan\"]"),
    );
    server.settle(repository);
    assert_eq!(number("Portable computer"), before, "it is the same queue");
    // Back again: what was disabled is taken back into use, and nothing is there twice.
    repository.write("catalog/more.toml", &more);
    repository.write("catalog/organisation.toml", &organisation);
    server.settle(repository);
    let queue = server.get(&["queue", "Laptop"]);
    assert_eq!((&queue["id"], queue["TicketCustomFields"].as_array().unwrap().len()), (&before, 4));
}

/// Somebody changes things by hand.
fn drifted(server: &Server, repository: &Repository) {
    let queue = server.get(&["queue", "Laptop"]);
    let id = queue["id"].to_string();
    server.rest(Method::Put, &["queue", &id], json!({ "Description": "mine now", "AdminCc": ["root"] }));
    let group = server.get(&["queue", "Security"])["AdminCc"][0]["id"].as_str().unwrap().to_owned();
    let root = server.get(&["user", "root"])["id"].to_string();
    server.rest(Method::Put, &["group", &group, "members"], json!([root]));
    server.rest(Method::Delete, &["article", "1"], Value::Null);
    let size = queue["TicketCustomFields"][0]["id"].as_str().unwrap().to_owned();
    server.rest(Method::Post, &["customfield", &size, "value"], json!({ "Name": "99\"" }));
    let run = server.gitsm(repository, &["drift", "--target", "desk", "--now", NOW]);
    assert_eq!(run.status, 3, "{run:?}");
    for object in ["request-queue/laptop", "group/security", "article/first", "field/laptop/size"] {
        assert!(run.stdout.contains(object), "{object}: {}", run.stdout);
    }
    // The mark is gone with the description: the queue is known by its name, and by what was made before.
    server.settle(repository);
    let queue = server.get(&["queue", "Laptop"]);
    assert_eq!((queue["id"].to_string(), queue["AdminCc"].as_array().unwrap().len()), (id, 1));
    assert_eq!(server.get(&["group", &group])["Members"].as_array().unwrap().len(), 3);
    assert_eq!(server.get(&["article", "1"])["Disabled"], "0");
    let run = server.gitsm(repository, &["drift", "--target", "desk", "--now", NOW]);
    assert_eq!(run.status, 0, "{run:?}");
}

/// Two objects with one mark are a mistake that nobody guesses about.
fn ambiguous(server: &Server, repository: &Repository) {
    let copy = json!({ "Name": "Copy", "Description": "a copy [gitsm group/desk]" });
    let id = server.rest(Method::Post, &["group"], copy)["id"].as_str().unwrap().to_owned();
    let run = server.plan(repository, &[]);
    assert_ne!(run.status, 0, "{run:?}");
    assert!(run.stderr.contains("`group/desk` is at the target twice"), "{}", run.stderr);
    server.rest(Method::Delete, &["group", &id], Value::Null);
    server.is_settled(repository);
}

/// Wrong tokens and addresses say what to do.
fn hidden(server: &Server) {
    let repository = repository(&server.url);
    let with = |token: &str| {
        let mut command = command(&["plan", "--target", "desk", "--now", NOW], repository.path());
        command.env("RT_TOKEN", token);
        run(command)
    };
    let wrong = with("1-14-0123456789abcdef0123456789abcdef");
    assert_eq!(wrong.status, 2, "{wrong:?}");
    assert!(wrong.stderr.contains("does not know the token (401)"), "{}", wrong.stderr);
    let none = run(command(&["plan", "--target", "desk", "--now", NOW], repository.path()));
    assert!(none.stderr.contains("`RT_TOKEN` is not set"), "{}", none.stderr);
    // A user who sees only a part.
    let body = json!({ "Name": "blind", "Password": "blind-password", "Privileged": 1 });
    server.rest(Method::Post, &["user"], body);
    let token = server.script("token", &["blind"]);
    let blind = with(token.trim());
    assert_eq!(blind.status, 2, "{blind:?}");
    assert!(blind.stderr.contains("the token does not see all"), "{}", blind.stderr);
}

/// An instant at which the office is closed.
const STARTS_CLOSED: &str = "2026-07-04T22:00:00Z";

/// The configuration that is written makes Request Tracker count as gitsm does.
fn due_dates_agree(server: &Server, repository: &Repository) {
    let file = repository.path().join("request-tracker/RT_SiteConfig.d/50-gitsm.pm");
    server.script("configure", &[file.to_str().unwrap()]);
    let starts = [
        "2026-11-20T09:15:00Z",
        "2026-11-20T15:10:00Z",
        "2026-12-24T14:00:00Z",
        "2026-03-27T13:30:00Z",
        STARTS_CLOSED,
    ];
    for (priority, target, sort) in [
        ("p1", "respond", "Response"),
        ("p1", "resolve", "Resolve"),
        ("p2", "resolve", "Resolve"),
        ("p3", "resolve", "Resolve"),
    ] {
        let level = format!("standard {priority}");
        let theirs = server.script("due", &[&[level.as_str(), sort], &starts[..]].concat());
        let theirs: Vec<&str> = theirs.lines().collect();
        assert_eq!(theirs.len(), starts.len());
        // Whole days from before opening end at closing time, where Request Tracker goes on to the next opening.
        let whole_days = |start: &str| start == STARTS_CLOSED && priority != "p1";
        for (start, theirs) in starts.iter().zip(theirs).filter(|(start, _)| !whole_days(start)) {
            assert_eq!(due(repository, priority, target, start), theirs, "{priority} {target} from {start}");
        }
    }
    // A ticket in the queue of a request type gets its level, and the same due date.
    let ticket = json!({ "Queue": "Laptop", "Subject": "A ticket", "SLA": "standard p1" });
    let id = server.rest(Method::Post, &["ticket"], ticket)["id"].to_string();
    let ticket = server.get(&["ticket", id.trim_matches('"')]);
    assert_eq!(ticket["SLA"], "standard p1");
    let created = ticket["Created"].as_str().unwrap();
    // Nobody outside wrote it, so nobody waits for an answer: what counts is when it is solved.
    assert_eq!(ticket["Due"], due(repository, "p1", "resolve", created).as_str());
}

/// When a target is used up, as gitsm says.
fn due(repository: &Repository, priority: &str, target: &str, start: &str) -> String {
    let arguments = [
        "clock",
        "due",
        "--sla",
        "standard",
        "--priority",
        priority,
        "--target",
        target,
        "--start",
        start,
        "--format",
        "json",
    ];
    let run = run(command(&arguments, repository.path()));
    assert_eq!(run.status, 0, "{run:?}");
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    let due =
        answer["answer"]["due"][0]["due"]["at"]["instant"].as_str().unwrap_or_else(|| panic!("{answer}"));
    due.to_owned()
}

/// Whatever goes wrong on the way, the same commands again end well, and nothing is there twice.
fn faults(server: &Server) {
    let upstream = server.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    // How many writes a whole apply is.
    let proxy = Proxy::new(&upstream);
    let first = clean(server, &proxy);
    server.settle(&first);
    let writes = proxy.writes.load(Ordering::SeqCst);
    assert!(writes > 8, "{writes}");
    for (fault, at) in
        [(Fault::LostReply, 1), (Fault::Status("500 Oops"), writes / 3), (Fault::Truncated, writes * 2 / 3)]
    {
        let proxy = Proxy::new(&upstream);
        let repository = clean(server, &proxy);
        let planned = server.plan(&repository, &[]);
        assert_eq!(planned.status, 0, "{planned:?}");
        proxy.fail(at, fault);
        let run = server.apply(&repository, &[]);
        assert!(matches!(run.status, 0 | 5), "{fault:?} at {at}: {run:?}");
        assert!(proxy.failed.load(Ordering::SeqCst), "{fault:?} at {at} happened");
        server.settle(&repository);
        for (list, filter) in
            [("groups", "Domain"), ("queues", "Name"), ("customfields", "Name"), ("articles", "Name")]
        {
            assert_eq!(twice(server, list, filter), Vec::<String>::new(), "{fault:?} at {at}");
        }
    }
    // Nothing is written when reading fails.
    let proxy = Proxy::new(&upstream);
    let repository = clean(server, &proxy);
    proxy.refuse("503 Busy");
    let run = server.plan(&repository, &[]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("the system failed (503)"), "{}", run.stderr);
}

/// A fresh Request Tracker, and a small repository that reaches it through a proxy. Nobody has a user there.
fn clean(server: &Server, proxy: &Proxy) -> Repository {
    server.script("reset", &[]);
    let repository = Repository::base();
    let settings = repository.read("gitsm.toml");
    let url = format!("http://127.0.0.1:{}/", proxy.port);
    repository.write("gitsm.toml", settings + &target(&url));
    repository
}

/// The descriptions with a mark that stand there twice.
fn twice(server: &Server, list: &str, field: &str) -> Vec<String> {
    let filter = if field == "Domain" { ("Domain", "=", "UserDefined") } else { ("id", ">", "0") };
    let token = Secret::of(&server.token, "the test").unwrap();
    let client =
        Client::new(Address::parse(&server.url).unwrap(), Some(("token", token)), Limits::default()).unwrap();
    let path = ["REST", "2.0", list];
    let request = Request::new(Method::Post, &path)
        .query("fields", "Description,Summary")
        .query("per_page", "100")
        .body(json!([{ "field": filter.0, "operator": filter.1, "value": filter.2 }]));
    let found: Value = client.send(&request).unwrap().json().unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let items = found["items"].as_array().unwrap().iter();
    let marks = items.filter_map(|item| {
        ["Description", "Summary"].iter().find_map(|field| item[field].as_str()?.split("[gitsm").nth(1))
    });
    marks.filter(|mark| !seen.insert((*mark).to_owned())).map(str::to_owned).collect()
}
