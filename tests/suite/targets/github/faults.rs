//! What goes wrong on the way to GitHub, and what GitHub says to the requests themselves.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::Stdio,
    sync::atomic::Ordering,
};

use serde_json::{Value, json};

use super::{
    super::{
        CLOCK, NOW,
        proxy::{Fault, Proxy},
    },
    LABELS, Server, TEAMS, TOKEN, apply, changed, is_settled, plan, repository, script, settle,
};
use crate::support::command;

/// The marks that stand at GitHub twice.
fn twice(server: &Server) -> Vec<String> {
    let labels: Vec<Value> = server.github().all(&LABELS, &[]).unwrap();
    let teams: Vec<Value> = server.github().all(&TEAMS, &[]).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let all = labels.iter().chain(&teams);
    let marks = all.filter_map(|item| item["description"].as_str()?.split("[gitsm").nth(1));
    marks.filter(|mark| !seen.insert((*mark).to_owned())).map(str::to_owned).collect()
}

#[test]
fn whatever_goes_wrong_on_the_way_the_same_commands_again_end_well() {
    // How many writes a whole apply is.
    let Some(server) = Server::start() else { return };
    let through = |server: &Server| {
        let proxy = Proxy::new(server.url.trim_start_matches("http://"));
        let repository = repository(&format!("http://127.0.0.1:{}", proxy.port));
        (proxy, repository)
    };
    let (proxy, first) = through(&server);
    settle(&first);
    let writes = proxy.writes.load(Ordering::SeqCst);
    // 5 labels, 2 teams and 3 members: no write more than is needed.
    assert_eq!(writes, 10);
    for fault in
        [Fault::LostReply, Fault::Status("500 Oops"), Fault::Truncated, Fault::Status("403 Forbidden")]
    {
        for at in [1, 6, writes] {
            let server = Server::start().unwrap();
            let (proxy, repository) = through(&server);
            let planned = plan(&repository, &[]);
            assert_eq!(planned.status, 0, "{planned:?}");
            proxy.fail(at, fault);
            let run = apply(&repository);
            assert!(matches!(run.status, 0 | 5), "{fault:?} at {at}: {run:?}");
            assert!(proxy.failed.load(Ordering::SeqCst), "{fault:?} at {at} happened");
            settle(&repository);
            assert_eq!(twice(&server), Vec::<String>::new(), "{fault:?} at {at}");
            assert_eq!(server.members("desk"), ["ana", "ben"], "{fault:?} at {at}");
        }
    }
}

#[test]
fn a_killed_apply_goes_on_and_makes_nothing_twice() {
    for point in ["intended:1", "written:2", "noted:6", "written:8", "finished:1"] {
        let Some(server) = Server::start() else { return };
        let repository = repository(&server.url);
        assert_eq!(plan(&repository, &[]).status, 0);
        let mut child = command(&["apply", "plan.json", "--now", NOW], repository.path())
            .env("GITHUB_TOKEN", TOKEN)
            .env(CLOCK, NOW)
            .env("GITSM_STOP_AT", point)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == format!("stopped at {point}")), "it comes to {point}");
        child.kill().unwrap();
        child.wait().unwrap();
        let run = apply(&repository);
        assert_eq!(run.status, 0, "{point}: {run:?}");
        is_settled(&repository);
        assert_eq!(twice(&server), Vec::<String>::new(), "{point}");
    }
}

/// What GitHub's own description of its interface says to a request: the first line and the violations.
pub fn described(url: &str, line: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    let length = body.len();
    let sort = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
    write!(
        stream,
        "{line} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer x\r\naccept: application/json\r\n{sort}\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let head = answer.split("\r\n\r\n").next().unwrap();
    let told = head.lines().filter(|line| line.starts_with("HTTP/") || line.starts_with("sl-violations"));
    told.collect::<Vec<_>>().join(" ")
}

/// Whether a request is as it should be. The examples that it would be answered with are not always what the description
/// itself asks of answers, which is no matter of the request.
pub fn is_right(said: &str) -> bool {
    let about_answer =
        said.contains("\"location\":[\"response\"") && !said.contains("\"location\":[\"request\"");
    said.starts_with("HTTP/1.1 2") || about_answer
}

#[test]
fn every_request_is_one_that_github_describes() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::new(server.url.trim_start_matches("http://"));
    let repository = repository(&format!("http://127.0.0.1:{}", proxy.port));
    settle(&repository);
    changed(&server, &repository);
    let folder = tempfile::tempdir().unwrap();
    let url = script("check", folder.path()).trim().to_owned();
    let came = proxy.came.lock().unwrap().clone();
    let mut methods = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for (line, body) in &came {
        methods.insert(line.split(' ').next().unwrap());
        let said = described(&url, line, body);
        if !is_right(&said) {
            wrong.push(format!("{line} {body}: {said}"));
        }
    }
    let without_name = described(&url, "POST /repos/example/service-desk/labels", "{\"color\": \"ffffff\"}");
    script("stop", folder.path());
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(methods, ["DELETE", "GET", "PATCH", "POST", "PUT"].into());
    assert!(without_name.contains("required property 'name'"), "{without_name}");
}

#[test]
fn what_changes_while_a_plan_is_applied_is_not_overwritten() {
    let Some(server) = Server::start() else { return };
    let repository = repository(&server.url);
    settle(&repository);
    let services = repository.read("catalog/services.toml");
    repository.write("catalog/services.toml", services.replace("Mailboxes and calendars.", "Post."));
    assert_eq!(plan(&repository, &[]).status, 0);
    let path = [&LABELS[..], &["service:mail"]].concat();
    server.github().patch::<Value>(&path, &json!({ "color": "000000" })).unwrap();
    let run = apply(&repository);
    assert_eq!(run.status, 4, "{run:?}");
    assert_eq!(server.label("service:mail").unwrap()["color"], "000000");
    settle(&repository);
}
