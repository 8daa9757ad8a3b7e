//! The target `github`, against an emulator that the tests install and start.

mod faults;
mod ruleset;
mod shared;

use std::{
    process::{Command, Stdio},
    sync::atomic::Ordering,
};

use gitsm::{
    forge::github::GitHub,
    http::{Address, Limits, Secret},
};
use serde_json::{Value, json};

use super::{CLOCK, NOW, moved, proxy::Proxy, shared::members_are_limited};
use crate::support::{Repository, Run, command, root, run};

const SCRIPT: &str = "tests/servers/github.sh";
/// The token of the emulator; nothing may ever show it.
const TOKEN: &str = "canary-github-5d1e7a";
const LABELS: [&str; 4] = ["repos", "example", "service-desk", "labels"];
const TEAMS: [&str; 3] = ["orgs", "example", "teams"];

/// An emulator that runs as long as its test.
struct Server {
    folder: tempfile::TempDir,
    url: String,
}

impl Server {
    /// Starts one, with three people in its organisation; none where it is not installed, unless everything must be there.
    #[allow(clippy::print_stderr, reason = "who runs the tests must see that one of them did nothing")]
    fn start() -> Option<Self> {
        if !root().join("target/servers/github/installed").exists() {
            assert!(std::env::var_os("GITSM_COMPLETE").is_none(), "the emulator of GitHub is not installed");
            eprintln!("skipped: the emulator of GitHub is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let url = script("start", folder.path()).trim().to_owned();
        let server = Self { folder, url };
        let github = server.github();
        github.post::<Value>(&TEAMS, &json!({ "name": "Members" })).unwrap();
        for login in ["root", "ana", "ben", "eve"] {
            let path = [&TEAMS[..], &["members", "memberships", login]].concat();
            github.put::<Value>(&path, &json!({ "role": "member" })).unwrap();
        }
        Some(server)
    }

    /// Somebody else who is there.
    fn github(&self) -> GitHub {
        client(&self.url)
    }

    fn label(&self, name: &str) -> Option<Value> {
        self.github().find(&[&LABELS[..], &[name]].concat()).unwrap()
    }

    fn team(&self, slug: &str) -> Option<Value> {
        self.github().find(&[&TEAMS[..], &[slug]].concat()).unwrap()
    }

    fn members(&self, slug: &str) -> Vec<String> {
        let users: Vec<Value> = self.github().all(&[&TEAMS[..], &[slug, "members"]].concat(), &[]).unwrap();
        users.iter().map(|user| user["login"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        script("stop", self.folder.path());
    }
}

fn script(action: &str, folder: &std::path::Path) -> String {
    let mut command = Command::new("bash");
    command.arg(root().join(SCRIPT)).arg(action).arg(folder);
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{action}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn client(url: &str) -> GitHub {
    let token = Secret::of(TOKEN, "the test").unwrap();
    GitHub::new(Address::parse(url).unwrap(), Some(token), Limits::default()).unwrap()
}

fn gitsm(repository: &Repository, arguments: &[&str]) -> Run {
    let mut command = command(arguments, repository.path());
    command.env("GITHUB_TOKEN", TOKEN).env(CLOCK, NOW);
    let run = run(command);
    assert!(!format!("{run:?}").contains("canary"), "{arguments:?} shows the token");
    run
}

fn plan(repository: &Repository, more: &[&str]) -> Run {
    let arguments = ["plan", "--target", "forge", "--now", NOW, "--out", "plan.json"];
    gitsm(repository, &[&arguments, more].concat())
}

fn apply(repository: &Repository) -> Run {
    gitsm(repository, &["apply", "plan.json", "--now", NOW])
}

/// Plans and applies, and makes sure that nothing is left to do.
fn settle(repository: &Repository) -> String {
    let planned = plan(repository, &[]);
    assert_eq!(planned.status, 0, "{planned:?}");
    let applied = apply(repository);
    assert_eq!(applied.status, 0, "{applied:?}");
    is_settled(repository);
    planned.stdout
}

fn is_settled(repository: &Repository) {
    let run = plan(repository, &["--detailed-exitcode"]);
    assert_eq!(run.status, 0, "{run:?}");
}

fn drift(repository: &Repository) -> Run {
    gitsm(repository, &["drift", "--target", "forge", "--now", NOW])
}

/// The small repository with accounts of people, and a target at this address.
fn repository(url: &str) -> Repository {
    let repository = Repository::base();
    let settings = repository.read("gitsm.toml");
    repository.write("gitsm.toml", settings + &target(url));
    let mut people = repository.read("catalog/organisation.toml");
    for (person, account) in [("ana", "Ana"), ("ben", "ben"), ("dan", "dan")] {
        let heading = format!("[person.{person}]\n");
        people = people.replace(&heading, &format!("{heading}accounts.github = \"{account}\"\n"));
    }
    repository.write("catalog/organisation.toml", people);
    repository
}

fn target(url: &str) -> String {
    format!(
        "\n[target.forge]\ntype = \"github\"\nrepository = \"example/service-desk\"\nurl = \"{url}\"\n\
         token-variable = \"GITHUB_TOKEN\"\n"
    )
}

#[test]
fn an_emulated_github_is_filled_changed_drifts_and_is_repaired() {
    let Some(server) = Server::start() else { return };
    let repository = repository(&server.url);
    created(&server, &repository);
    nothing_is_written_twice(&server, &repository);
    members_are_limited(&|more| plan(&repository, more), &repository);
    changed(&server, &repository);
    drifted(&server, &repository);
    ambiguous(&server, &repository);
    refused(&server);
}

/// From nothing; what is there afterwards is what GitHub itself says.
fn created(server: &Server, repository: &Repository) {
    // Somebody made something before, which is in the way until it is taken over.
    let mine = json!({ "name": "service:mail", "color": "ffffff", "description": "mine" });
    server.github().post::<Value>(&LABELS, &mine).unwrap();
    server
        .github()
        .post::<Value>(&LABELS, &json!({ "name": "good first issue", "color": "ffffff" }))
        .unwrap();
    let run = plan(repository, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("service-label/mail"), "{run:?}");
    assert_eq!(server.label("service:mail").unwrap()["description"], "mine");
    let adopt = ["--adopt", "service-label/mail"];
    let run = plan(repository, &adopt);
    assert_eq!(run.status, 0, "{run:?}");
    let run = gitsm(repository, &[&["apply", "plan.json", "--now", NOW], &adopt[..]].concat());
    assert_eq!(run.status, 0, "{run:?}");
    is_settled(repository);
    let label = server.label("service:mail").unwrap();
    assert_eq!(label["description"], "Mailboxes and calendars. [gitsm example:service-label/mail]");
    assert_eq!(label["color"], "1d76db");
    assert_eq!(
        server.label("priority:p1").unwrap()["description"],
        "The most urgent. [gitsm example:priority-label/p1]"
    );
    let team = server.team("desk").unwrap();
    assert_eq!((&team["name"], &team["privacy"]), (&json!("desk"), &json!("closed")));
    assert_eq!(team["description"], "Service desk [gitsm example:team/desk]");
    // Dan is not in the organisation, and Cleo has no account.
    assert_eq!(server.members("desk"), ["ana", "ben"]);
    assert_eq!(server.members("security"), ["ben"]);
    assert_eq!(
        repository.read("github/.github/ISSUE_TEMPLATE/gitsm-mailbox.yml"),
        "# Written by gitsm from the request type of the same name: what is changed here is overwritten.\n\
         name: \"Mailbox\"\n\
         description: \"Mailbox\"\n\
         labels:\n  - \"request:mailbox\"\n  - \"service:mail\"\n\
         body:\n  -\n    type: \"textarea\"\n    id: \"reason\"\n    attributes:\n      label: \"Why do you need it?\"\n    \
         validations:\n      required: true\n  -\n    type: \"input\"\n    id: \"duration\"\n    attributes:\n      \
         label: \"For how long?\"\n      placeholder: \"30d\"\n    validations:\n      required: true\n"
    );
    let owners = repository.read("github/.github/CODEOWNERS");
    assert_eq!(owners.lines().last(), Some("* @example/security"), "{owners}");
    // What is not the target's own is told and stays, and so is what is lost.
    let run = plan(repository, &["--format", "json"]);
    let plan: Value = serde_json::from_str(&run.stdout).unwrap();
    let unmanaged: Vec<&str> =
        plan["unmanaged"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(unmanaged, ["label good first issue", "team Members"]);
    let lost: Vec<(&str, u64)> = plan["constructs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["construct"] == "team.members")
        .map(|one| {
            (one["reason"].as_str().unwrap().split(':').next().unwrap(), one["objects"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(
        lost,
        [("they have no account", 1), ("they are not in the organisation, and nobody is invited", 1)]
    );
}

/// A second plan and its apply send no write at all.
fn nothing_is_written_twice(server: &Server, repository: &Repository) {
    let proxy = Proxy::new(server.url.trim_start_matches("http://"));
    let settings = repository.read("gitsm.toml");
    let (own, through) = (server.url.trim_end_matches('/'), format!("http://127.0.0.1:{}", proxy.port));
    repository.write("gitsm.toml", settings.replace(own, &through));
    moved(repository, "github", own, &through);
    let planned = plan(repository, &[]);
    assert_eq!(planned.status, 0, "{planned:?}");
    let applied = apply(repository);
    assert_eq!(applied.status, 0, "{applied:?}");
    assert_eq!(proxy.writes.load(Ordering::SeqCst), 0);
    repository.write("gitsm.toml", settings);
    moved(repository, "github", &through, own);
}

/// A second commit renames, moves and removes, and a third one takes it back.
fn changed(server: &Server, repository: &Repository) {
    let services = repository.read("catalog/services.toml");
    let organisation = repository.read("catalog/organisation.toml");
    let id = server.team("desk").unwrap()["id"].clone();
    let without = services.split("[request-type.mailbox]").next().unwrap();
    repository.write("catalog/services.toml", without.replace("Mailboxes and calendars.", "Post. 日本"));
    let changed = organisation
        .replace("name = \"Service desk\"", "name = \"Help desk\"")
        .replace("members = [\"ana\", \"ben\", \"dan\"]", "members = [\"ana\", \"dan\"]");
    repository.write("catalog/organisation.toml", changed);
    settle(repository);
    assert_eq!(
        server.label("service:mail").unwrap()["description"],
        "Post. 日本 [gitsm example:service-label/mail]"
    );
    assert_eq!(server.label("request:mailbox"), None);
    assert!(!repository.path().join("github/.github/ISSUE_TEMPLATE/gitsm-mailbox.yml").exists());
    let team = server.team("desk").unwrap();
    assert_eq!((&team["id"], &team["description"]), (&id, &json!("Help desk [gitsm example:team/desk]")));
    assert_eq!(server.members("desk"), ["ana"]);
    repository.write("catalog/services.toml", &services);
    repository.write("catalog/organisation.toml", &organisation);
    settle(repository);
    assert_eq!(server.members("desk"), ["ana", "ben"]);
    assert!(server.label("request:mailbox").is_some());
}

/// Somebody changes things by hand.
fn drifted(server: &Server, repository: &Repository) {
    let github = server.github();
    let path = |name: &'static str| [&LABELS[..], &[name]].concat();
    github.patch::<Value>(&path("service:mail"), &json!({ "new_name": "Post", "color": "000000" })).unwrap();
    github.delete(&path("priority:p2")).unwrap();
    let member =
        |team: &'static str, login: &'static str| [&TEAMS[..], &[team, "memberships", login]].concat();
    github.put::<Value>(&member("desk", "eve"), &json!({ "role": "maintainer" })).unwrap();
    github.delete(&member("desk", "ben")).unwrap();
    github.delete(&[&TEAMS[..], &["security"]].concat()).unwrap();
    let form = "github/.github/ISSUE_TEMPLATE/gitsm-mailbox.yml";
    repository.write(form, repository.read(form).replace("For how long?", "How long?"));
    repository.write("github/.github/CODEOWNERS", "* @eve\n");
    let run = drift(repository);
    assert_eq!(run.status, 3, "{run:?}");
    for object in [
        "service-label/mail",
        "priority-label/p2",
        "team/desk",
        "team/security",
        "issue-form/mailbox",
        "code-owners/repository",
    ] {
        assert!(run.stdout.contains(object), "{object}: {}", run.stdout);
    }
    assert!(run.stdout.contains("How long?"), "the form is compared by its fields: {}", run.stdout);
    settle(repository);
    assert_eq!(server.label("Post"), None, "it is the same label");
    assert_eq!(server.label("service:mail").unwrap()["color"], "1d76db");
    assert_eq!(server.members("desk"), ["ana", "ben"]);
    assert_eq!(server.members("security"), ["ben"]);
    let run = drift(repository);
    assert_eq!(run.status, 0, "{run:?}");
}

/// Two objects with one mark are a mistake that nobody guesses about.
fn ambiguous(server: &Server, repository: &Repository) {
    let copy = json!({ "name": "copy", "description": "a copy [gitsm example:team/desk]" });
    server.github().post::<Value>(&TEAMS, &copy).unwrap();
    let run = plan(repository, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("`team/desk` is at the target twice, as team `desk` and `copy`"), "{run:?}");
    // A mark of another sort of object is none.
    let path = [&TEAMS[..], &["copy"]].concat();
    let other = json!({ "description": "a copy [gitsm service-label/mail]" });
    server.github().patch::<Value>(&path, &other).unwrap();
    is_settled(repository);
    server.github().delete(&path).unwrap();
}

/// Wrong tokens, names and answers say what to do, and nothing is planned.
fn refused(server: &Server) {
    let planned = |settings: &str| {
        let repository = repository(&server.url);
        let text = repository.read("gitsm.toml");
        repository.write("gitsm.toml", text.replace("repository = \"example/service-desk\"", settings));
        plan(&repository, &[])
    };
    let run = planned("repository = \"example/other\"");
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("(404)") && run.stderr.contains("the token may not see it"), "{run:?}");
    let run = planned("repository = \"root/own\"");
    assert_eq!(run.status, 4, "{run:?}");
    assert!(
        run.stderr.contains("is no organisation") && run.stderr.contains("options.teams = false"),
        "{run:?}"
    );
    let run = planned("repository = \"root/own\"\noptions.teams = false");
    assert_eq!(run.status, 0, "{run:?}");
    assert!(!run.stdout.contains("team/desk"), "{run:?}");
    let run = planned("repository = \"example/service-desk\"\noptions.team = false");
    assert!(run.status == 4 && run.stderr.contains("an option `team`"), "{run:?}");
    let repository = repository(&server.url);
    let arguments = ["plan", "--target", "forge", "--now", NOW];
    let none = run_without_token(&repository, &arguments);
    assert!(none.stderr.contains("`GITHUB_TOKEN` is not set"), "{none:?}");
    for (status, words) in [
        ("401 Unauthorized", "does not know the token (401)"),
        ("403 Forbidden", "the token may not do this (403)"),
        ("404 Not Found", "GitHub also says so"),
        ("500 Oops", "the system failed (500)"),
        ("302 Found", "sends elsewhere"),
    ] {
        let proxy = Proxy::new(server.url.trim_start_matches("http://"));
        let repository = self::repository(&format!("http://127.0.0.1:{}", proxy.port));
        proxy.refuse(status);
        let run = plan(&repository, &[]);
        assert_eq!(run.status, 2, "{run:?}");
        assert!(run.stderr.contains(words), "{status}: {}", run.stderr);
        assert!(!repository.path().join("plan.json").exists(), "{status}");
    }
}

fn run_without_token(repository: &Repository, arguments: &[&str]) -> Run {
    run(command(arguments, repository.path()))
}

#[test]
fn settings_that_lead_nowhere_are_findings() {
    let with = |lines: &str| {
        let repository = Repository::base();
        let settings = repository.read("gitsm.toml");
        repository.write("gitsm.toml", format!("{settings}\n[target.forge]\ntype = \"github\"\n{lines}\n"));
        run(command(&["validate"], repository.path()))
    };
    for (lines, words) in [
        ("", "does not say which repository is meant"),
        ("repository = \"service-desk\"", "service-desk"),
        ("repository = \"https://github.com/example/service-desk\"", "https://github.com"),
        (
            "repository = \"example/service-desk\"\nurl = \"http://github.example.com\"",
            "would send the token",
        ),
        (
            "repository = \"example/service-desk\"\ntoken-variable = \"T\"\ntoken-command = [\"gh\"]",
            "has two places for its token",
        ),
    ] {
        let run = with(lines);
        assert_eq!(run.status, 1, "{lines}: {run:?}");
        assert!(run.stdout.contains(words), "{lines}: {}", run.stdout);
    }
    for lines in [
        "repository = \"example/service-desk\"\ntoken-variable = \"T\"",
        "repository = \"example/.github\"\nurl = \"https://github.example.com/api/v3\"",
    ] {
        let run = with(lines);
        assert_eq!(run.status, 0, "{lines}: {run:?}");
    }
}

#[test]
fn accounts_that_are_none_or_are_shared_are_refused() {
    let planned = |ana: &str, ben: &str| {
        let repository = repository("http://127.0.0.1:9");
        let people = repository.read("catalog/organisation.toml");
        let people = people.replace("\"Ana\"", &format!("\"{ana}\""));
        repository.write(
            "catalog/organisation.toml",
            people.replace("github = \"ben\"", &format!("github = \"{ben}\"")),
        );
        plan(&repository, &[])
    };
    let run = planned("@ana", "ben");
    assert!(run.status == 4 && run.stderr.contains("`accounts.github` of `ana` is no name"), "{run:?}");
    let run = planned("Ben", "ben");
    assert!(run.status == 4 && run.stderr.contains("`ana` and `ben` have the same account"), "{run:?}");
    // Their nearest neighbour gets as far as the system, where nobody answers.
    let run = planned("ana", "ben");
    assert!(run.status == 2 && run.stderr.contains("nobody answers there"), "{run:?}");
}
