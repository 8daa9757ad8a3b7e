//! The ruleset of the repository, which the emulator lacks: a small stand-in keeps it, and GitHub's own description says
//! whether the requests are right.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};

use super::{
    super::proxy::Proxy,
    Server, apply, drift,
    faults::{described, is_right},
    is_settled, plan, repository, script, settle,
};
use crate::support::Repository;

/// The rulesets that there are, by their position: their number is one more.
type Kept = Arc<Mutex<Vec<Option<Value>>>>;

/// What GitHub would answer to a request about rulesets; none when it is about something else.
fn answer(kept: &Kept, line: &str, body: &str) -> Option<String> {
    let (method, path) = line.split_once(' ')?;
    let rest = path.strip_prefix("/repos/example/service-desk/rulesets")?;
    let rest = rest.split('?').next()?.trim_start_matches('/');
    let mut kept = kept.lock().unwrap();
    let place = rest.parse::<usize>().ok().map(|number| number - 1);
    // GitHub adds fields of its own to what it was told.
    let filled = |index: usize, mut value: Value| {
        value["id"] = json!(index + 1);
        value["node_id"] = json!(format!("R{index}"));
        for rule in value["rules"].as_array_mut().unwrap() {
            if rule["type"] == "pull_request" {
                rule["parameters"]["allowed_merge_methods"] = json!(["merge", "squash", "rebase"]);
            }
        }
        value
    };
    let body = || serde_json::from_str::<Value>(body).unwrap();
    let (status, value) = match (method, place) {
        ("GET", None) => {
            let brief = |ruleset: &Value| json!({ "id": ruleset["id"], "name": ruleset["name"] });
            ("200 OK", kept.iter().flatten().map(brief).collect())
        }
        ("POST", None) => {
            let made = filled(kept.len(), body());
            kept.push(Some(made.clone()));
            ("201 Created", made)
        }
        (_, Some(index)) if kept.get(index).is_none_or(Option::is_none) => {
            ("404 Not Found", json!({ "message": "Not Found" }))
        }
        ("GET", Some(index)) => ("200 OK", kept[index].clone().unwrap()),
        ("PUT", Some(index)) => {
            kept[index] = Some(filled(index, body()));
            ("200 OK", kept[index].clone().unwrap())
        }
        ("DELETE", Some(index)) => {
            kept[index] = None;
            ("204 No Content", Value::Null)
        }
        _ => ("405 No", Value::Null),
    };
    let text = if value.is_null() { String::new() } else { value.to_string() };
    let length = text.len();
    Some(format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{text}"
    ))
}

fn with_rulesets(server: &Server, kept: &Kept) -> (Proxy, Repository) {
    let kept = Arc::clone(kept);
    let upstream = server.url.trim_start_matches("http://");
    let proxy = Proxy::with(upstream, move |line, body| answer(&kept, line, body));
    let repository = for_proxy(&proxy);
    (proxy, repository)
}

fn for_proxy(proxy: &Proxy) -> Repository {
    let repository = repository(&format!("http://127.0.0.1:{}", proxy.port));
    let settings = repository.read("gitsm.toml");
    repository.write("gitsm.toml", settings + "options.ruleset = true\n");
    repository
}

#[test]
fn the_ruleset_is_made_kept_and_removed_with_the_governance() {
    let Some(server) = Server::start() else { return };
    let kept = Kept::default();
    kept.lock()
        .unwrap()
        .push(Some(json!({ "id": 1, "name": "gitsm theirs: changes of the rulebook", "rules": [] })));
    let (proxy, repository) = with_rulesets(&server, &kept);
    settle(&repository);
    let made = kept.lock().unwrap()[1].clone().unwrap();
    assert_eq!((&made["enforcement"], &made["bypass_actors"]), (&json!("active"), &json!([])));
    assert_eq!(made["rules"][2]["parameters"]["require_code_owner_review"], true);
    assert_eq!(made["name"], "gitsm example: changes of the rulebook");
    // What an older gitsm made has no owner in its name, and gets one.
    kept.lock().unwrap()[1].as_mut().unwrap()["name"] = json!("gitsm: changes of the rulebook");
    settle(&repository);
    assert_eq!(kept.lock().unwrap()[1].as_ref().unwrap()["name"], made["name"]);
    // Somebody lets himself around it.
    kept.lock().unwrap()[1].as_mut().unwrap()["bypass_actors"] =
        json!([{ "actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always" }]);
    let run = drift(&repository);
    assert!(run.status == 3 && run.stdout.contains("bypass_actors"), "{run:?}");
    settle(&repository);
    assert_eq!(kept.lock().unwrap()[1].as_ref().unwrap()["bypass_actors"], json!([]));
    // A token that does not see it cannot say that all is well.
    kept.lock().unwrap()[1].as_mut().unwrap().as_object_mut().unwrap().remove("bypass_actors");
    let run = plan(&repository, &[]);
    assert!(run.status == 2 && run.stderr.contains("who may go around the ruleset"), "{run:?}");
    kept.lock().unwrap()[1] = None;
    settle(&repository);
    assert!(kept.lock().unwrap()[2].is_some(), "what disappeared is made anew");
    // Two of them.
    let copy = kept.lock().unwrap()[2].clone().map(|mut copy| {
        copy["id"] = json!(4);
        copy["node_id"] = json!("R3");
        copy
    });
    kept.lock().unwrap().push(copy);
    let run = plan(&repository, &[]);
    assert!(
        run.status == 4 && run.stderr.contains("is at the target twice, as ruleset `3` and `4`"),
        "{run:?}"
    );
    kept.lock().unwrap()[3] = None;
    is_settled(&repository);
    // Nobody has to agree any more.
    let governance = repository.read("policies/governance.toml");
    let without = governance.split("[governance.rulebook]").next().unwrap();
    repository.write("policies/governance.toml", without);
    settle(&repository);
    let left: Vec<Value> = kept.lock().unwrap().iter().flatten().cloned().collect();
    assert_eq!(left, [json!({ "id": 1, "name": "gitsm theirs: changes of the rulebook", "rules": [] })]);
    // Every request about it was one that GitHub describes.
    let folder = tempfile::tempdir().unwrap();
    let url = script("check", folder.path()).trim().to_owned();
    let came = proxy.came.lock().unwrap().clone();
    let came = came.iter().filter(|(line, _)| line.contains("/rulesets"));
    let said: Vec<String> = came
        .map(|(line, body)| (described(&url, line, body), line, body))
        .filter(|(said, ..)| !is_right(said))
        .map(|(said, line, body)| format!("{line} {body}: {said}"))
        .collect();
    let disabled = r#"{"name": "x", "enforcement": "sometimes"}"#;
    let wrong = described(&url, "POST /repos/example/service-desk/rulesets", disabled);
    script("stop", folder.path());
    assert_eq!(said, Vec::<String>::new());
    assert!(wrong.contains("422"), "{wrong}");
}

#[test]
fn a_lost_answer_makes_no_second_ruleset() {
    let Some(server) = Server::start() else { return };
    let (kept, lost) = (Kept::default(), AtomicBool::new(false));
    let inner = Arc::clone(&kept);
    let upstream = server.url.trim_start_matches("http://");
    let proxy = Proxy::with(upstream, move |line, body| {
        let answer = answer(&inner, line, body)?;
        let loses = line.starts_with("POST") && !lost.swap(true, Ordering::SeqCst);
        Some(if loses { String::new() } else { answer })
    });
    let repository = for_proxy(&proxy);
    assert_eq!(plan(&repository, &[]).status, 0);
    let run = apply(&repository);
    assert_eq!(run.status, 0, "it was done, as reading it back tells: {run:?}");
    is_settled(&repository);
    assert_eq!(kept.lock().unwrap().len(), 1);
}
