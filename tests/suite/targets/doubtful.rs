//! Request Trackers whose answers do not fit together, and systems that repeat the token.

use serde_json::{Value, json};

use super::{
    CLOCK, NOW,
    stand_in::{Answered, Asked, StandIn, missing, ok},
};
use crate::support::{Repository, Run, command, run};

/// With characters that JSON and addresses write in more than one way.
const TOKEN: &str = "1-14-canary/5d1e7a";

fn plan(url: &str) -> Run {
    let repository = Repository::base();
    let settings = repository.read("gitsm.toml");
    let target = format!(
        "\n[target.desk]\ntype = \"request-tracker\"\nurl = \"{url}\"\ntoken-variable = \"RT_TOKEN\"\n"
    );
    repository.write("gitsm.toml", settings + &target);
    let mut command = command(&["plan", "--target", "desk", "--now", NOW], repository.path());
    command.env("RT_TOKEN", TOKEN).env(CLOCK, NOW);
    run(command)
}

/// A Request Tracker with these groups, by page, of which it says that there are so many; each can be asked for when
/// `shown`.
fn tracker(pages: Vec<Vec<Value>>, total: Value, shown: bool) -> StandIn {
    StandIn::new(move |asked: &Asked| -> Answered {
        let path = asked.path.split('?').next().unwrap();
        match (asked.method.as_str(), path.trim_start_matches("/REST/2.0/")) {
            ("GET", "rt") => ok(&json!({ "Version": "5.0.3" })),
            ("POST", "groups") => {
                let page = asked.path.split("&page=").nth(1).unwrap().split('&').next().unwrap();
                let page: usize = page.parse().unwrap();
                let items = pages.get(page - 1).cloned().unwrap_or_default();
                ok(&json!({ "total": total, "items": items }))
            }
            ("POST", _) => ok(&json!({ "total": 0, "items": [] })),
            ("GET", path) if path.starts_with("group/") && shown => {
                let id = path.trim_start_matches("group/");
                let all = pages.iter().flatten();
                all.into_iter().find(|group| group["id"] == id).map_or_else(missing, ok)
            }
            _ => missing(),
        }
    })
}

fn group(number: usize, description: &str) -> Value {
    json!({ "id": number.to_string(), "Name": format!("Group {number}"), "Description": description, "Disabled": "0" })
}

#[test]
fn what_was_listed_and_is_not_there_is_not_made_again() {
    let own = vec![group(7, "desk [gitsm group/desk]")];
    let hidden = tracker(vec![own.clone()], json!(1), false);
    let run = plan(&hidden.url);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("group 7 is in a list and not there"), "{run:?}");
    let shown = tracker(vec![own], json!(1), true);
    let run = plan(&shown.url);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(!run.stdout.contains("+ group/desk"), "{run:?}");
}

#[test]
fn a_list_and_its_total_must_fit_together() {
    let groups = |from: usize, to: usize| (from..to).map(|number| group(number, "")).collect::<Vec<_>>();
    let mut nameless = groups(0, 2);
    nameless[0].as_object_mut().unwrap().remove("id");
    for (pages, total, words) in [
        (vec![groups(0, 2)], json!(1), "changed while it was read"),
        (vec![groups(0, 2)], json!(3), "the token does not see all groups"),
        (vec![groups(0, 2)], Value::Null, "the token does not see all groups"),
        (vec![groups(0, 100), groups(100, 101)], json!(100), "changed while it was read"),
        (vec![groups(0, 100), groups(99, 100)], json!(100), "changed while it was read"),
        (vec![groups(0, 50), groups(50, 60)], json!(60), "the token does not see all groups"),
        (vec![nameless], json!(2), "an object of a list has no id"),
        (vec![groups(0, 2)], json!(2), ""),
        (vec![groups(0, 2)], json!("2"), ""),
        (vec![groups(0, 100)], json!(100), ""),
        (vec![groups(0, 100), groups(100, 101)], json!(101), ""),
        (vec![Vec::new()], json!(0), ""),
    ] {
        let case = format!("{:?} of {total}", pages.iter().map(Vec::len).collect::<Vec<_>>());
        let server = tracker(pages, total, true);
        let run = plan(&server.url);
        assert_eq!(run.status, if words.is_empty() { 0 } else { 2 }, "{case}: {run:?}");
        assert!(run.stderr.contains(words), "{case}: {run:?}");
    }
}

#[test]
fn no_answer_brings_the_token_to_light() {
    let coded: String = TOKEN.chars().map(|letter| format!("\\u{:04x}", u32::from(letter))).collect();
    let in_address: String = TOKEN.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let said = |words: &str| ("400 Bad".to_owned(), format!("{{\"message\": \"no {words}\"}}"));
    let moved = |to: &str| (format!("302 Found\r\nlocation: {to}"), String::new());
    let answers: [(Answered, &str); 12] = [
        (said(&TOKEN.replace('/', "\\/")), "no [secret]"),
        (said(&coded), "no [secret]"),
        (said(TOKEN), "no [secret]"),
        (said(&TOKEN.replace('/', "\\u0007/")), "no [secret]"),
        (said("token"), "no token"),
        (("400 Bad".to_owned(), format!("{{\"message\": \"cut {coded}")), "[secret]"),
        (("500 Oops".to_owned(), TOKEN.replace('/', "\\/")), "[secret]"),
        (("400 Bad".to_owned(), format!("{}{TOKEN}", "x".repeat(190))), "xxx"),
        (moved(&format!("/login/{TOKEN}")), "[secret]"),
        (moved(&format!("https://elsewhere.example.com/{in_address}")), "[secret]"),
        (moved("/login"), "/login"),
        (moved("https://elsewhere.example.com/a%20b"), "a%20b"),
    ];
    for (number, (answer, words)) in answers.into_iter().enumerate() {
        let server = StandIn::new(move |_| answer.clone());
        let run = plan(&server.url);
        assert_eq!(run.status, 2, "{number}: {run:?}");
        for part in [TOKEN, "canary", "5d1e7a", &coded, &in_address] {
            assert!(!run.stderr.contains(part), "{number} shows `{part}`: {run:?}");
        }
        assert!(run.stderr.contains(words), "{number}: {run:?}");
    }
}

#[test]
fn an_address_with_a_secret_behind_it_is_not_shown() {
    for (url, is_found) in [
        ("https://rt.example.com/?token=hunter2", true),
        ("https://rt.example.com/#hunter2", true),
        ("https://hunter2@rt.example.com/", true),
        ("https://rt.example.com/rt", false),
    ] {
        let repository = Repository::base();
        let settings = repository.read("gitsm.toml");
        let target = format!("\n[target.desk]\ntype = \"request-tracker\"\nurl = \"{url}\"\n");
        repository.write("gitsm.toml", settings + &target);
        for arguments in [&["validate"][..], &["plan", "--target", "desk"], &["validate", "--format", "json"]]
        {
            let run = run(command(arguments, repository.path()));
            assert!(!format!("{run:?}").contains("hunter2"), "{url}: {run:?}");
            assert_eq!(format!("{run:?}").contains("GS1111"), is_found, "{url}: {run:?}");
        }
    }
}
