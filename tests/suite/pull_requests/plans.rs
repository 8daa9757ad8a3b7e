//! What targets would get when a change is merged: what must not reach them stops it, and so does what nobody knows.

use serde_json::{Value, json};

use super::support::{Proposal, REVIEWED, tighten};
use crate::{
    git::support::Git,
    support::{command, run},
    targets::{categories, publish},
};

#[test]
fn a_plan_that_the_guards_of_a_target_refuse_stops_a_change() {
    let site = |limits: &'static str| {
        move |git: &Git| {
            let settings = git.read("gitsm.toml");
            git.write("gitsm.toml", format!("{settings}\n[target.static]\ntype = \"static\"\n{limits}\n"));
            git.write(".gitignore", "/public\n/plan.json\n");
            git.write("catalog/extra.toml", categories(12));
        }
    };
    let fewer = |left: usize| {
        move |git: &Git| {
            publish(git.path());
            git.write("catalog/extra.toml", categories(left));
        }
    };
    for (limits, left, refused) in [
        ("limits.deletes = 1", 10, Some("it would delete 2 objects of kind `category`, and the limit is 1")),
        ("limits.deletes = 2", 10, None),
        (
            "limits.protect = [\"category/extra-11\"]",
            11,
            Some("it would delete `category/extra-11`, which is protected"),
        ),
        ("limits.protect = [\"category/extra-10\"]", 11, None),
    ] {
        let proposal = Proposal::after(site(limits), fewer(left));
        let said = proposal.check();
        let Some(why) = refused else {
            said.is("pass", &[]);
            continue;
        };
        said.is("refused", &["plan-refused"]);
        let reason = &said.json["reasons"][0];
        let message = format!("what `static` would get is refused: {why}");
        assert_eq!((&reason["verdict"], &reason["message"]), (&json!("refused"), &json!(message)));
        assert_eq!(said.json["plans"][0]["plan"]["verdict"], "refused");
        assert!(proposal.shown("human").stdout.contains(&message));
        let comment = proposal.shown("markdown").stdout;
        assert!(comment.contains("would get is refused"), "{comment}");
        // Whoever agrees.
        proposal.reviewed("ben-at-work", "approved", REVIEWED).check().is("refused", &["plan-refused"]);
    }
}

#[test]
fn a_target_that_is_asked_and_does_not_answer_leaves_nobody_knowing() {
    let desk = "\n[target.desk]\ntype = \"request-tracker\"\nurl = \"http://127.0.0.1:9\"\ntoken-variable = \"RT_TOKEN\"\n";
    let add = |git: &Git| {
        let settings = git.read("gitsm.toml");
        git.write("gitsm.toml", format!("{settings}{desk}"));
    };
    let proposal = Proposal::after(add, tighten);
    let check = |token: Option<&str>| {
        let arguments =
            ["pr", "check", "--base", "main", "--format", "json", "--now", "2026-11-20T12:00:00Z"];
        let mut command = command(&arguments, proposal.git.path());
        command.env_remove("RT_TOKEN");
        if let Some(token) = token {
            command.env("RT_TOKEN", token);
        }
        let run = run(command);
        let json: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
        (run.status, json["reasons"].clone())
    };
    let (status, reasons) = check(Some("secret-token"));
    assert_eq!((status, reasons[0]["code"].as_str()), (6, Some("not-planned")), "{reasons:#}");
    assert!(reasons[0]["message"].as_str().unwrap().contains("`desk`"), "{reasons:#}");
    // Without its token it is not asked.
    for token in [None, Some("")] {
        assert_eq!(check(token), (0, json!([])));
    }
    // What was recorded is judged without asking anybody.
    proposal.check().is("pass", &[]);
}
