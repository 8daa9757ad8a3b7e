//! Joiners, movers and leavers of the past.

use serde_json::{Value, json};

use super::{NOW, PEOPLE};
use crate::support::{Repository, Run, gitsm};

fn replay(repository: &Repository, arguments: &[&str]) -> Run {
    gitsm(&[&["replay", "people", "--now", NOW], arguments].concat(), repository.path())
}

fn report(repository: &Repository, arguments: &[&str]) -> (Value, i32) {
    let run = replay(repository, &[arguments, &["--format", "json"]].concat());
    let report = serde_json::from_str(&run.stdout);
    (report.unwrap_or_else(|error| panic!("{error}: {run:#?}")), run.status)
}

fn with(text: &str) -> Repository {
    let repository = Repository::base();
    repository.write("people.csv", text);
    repository
}

fn counts(joiners: u64, movers: u64, leavers: u64, others: u64) -> Value {
    json!({ "joiners": joiners, "movers": movers, "leavers": leavers, "others": others })
}

#[test]
fn joiners_movers_and_leavers_are_told_by_who_was_here_and_who_is() {
    let repository = with(PEOPLE);
    let (found, status) = report(&repository, &["people.csv", "--allow-rejects", "1"]);
    assert_eq!((status, &found["rows"]), (0, &json!(8)), "{found:#}");
    // Ana, Ben, Cleo and Eve came, Ben moved, Eve went; that she is listed as a former member changes nothing.
    assert_eq!(found["events"], counts(4, 1, 1, 1));
    assert_eq!((&found["people"], &found["memberships"]), (&json!(3), &json!(3)));
    assert_eq!(found["rejects"]["first"][0]["reason"], "`nobody` is not here");
    // The rulebook has Dan in both teams and Cleo in security; Ben and Ana are where the events end.
    let teams = &found["teams"];
    assert_eq!((&teams["differences"], &teams["only-in-events"]), (&json!(3), &json!([])));
    assert_eq!(teams["only-in-rulebook"][0], json!({ "team": "desk", "person": "dan" }));
    let run = replay(&repository, &["people.csv", "--allow-rejects", "1"]);
    crate::golden::check_file("tests/snapshots/replay/people.txt", &run.stdout);
    for (most, status) in [("3", 0), ("2", 1)] {
        let limited = ["people.csv", "--allow-rejects", "1", "--max-differences", most];
        assert_eq!(replay(&repository, &limited).status, status);
    }
}

#[test]
fn events_that_end_in_the_teams_of_the_rulebook_say_so() {
    let good = "person,action,team\nana,add,desk\nben,add,desk\ndan,add,desk\n\
                ben,add,security\ncleo,add,security\ndan,add,security\n";
    let run = replay(&with(good), &["people.csv", "--max-differences", "0"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("the events end in exactly these teams"), "{}", run.stdout);
    let run =
        replay(&with(&good.replace("cleo,add,security\n", "")), &["people.csv", "--max-differences", "0"]);
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("cleo in team:security"), "{}", run.stdout);
}

#[test]
fn bundles_give_and_take_as_people_and_their_teams_change() {
    let repository = with(
        "who,what,team,dept\nana,join,,sales\nana,change,,it\nana,add,desk,\nana,remove,desk,\nana,change,,sales\nana,leave,,\n",
    );
    let bundles = "[bundle.it]\nname = \"IT\"\nentitlements = [\"mail/user\"]\nwhen.subject.department = \"it\"\n\n\
                   [bundle.desk]\nname = \"Desk\"\nentitlements = [\"mail/user\"]\nwhen.subject.teams.contains = \"desk\"\n";
    repository.write("catalog/bundles.toml", bundles);
    repository.write(
        "map.toml",
        "[fields]\nperson = { column = \"who\" }\naction = { column = \"what\" }\nteam = { column = \"team\" }\n\
         [subject]\ndepartment = { column = \"dept\" }\n",
    );
    let (found, status) = report(&repository, &["people.csv", "--map", "map.toml"]);
    assert_eq!((status, &found["events"]), (0, &counts(1, 4, 1, 0)), "{found:#}");
    let of = |bundle: &str| json!({ "bundle": bundle, "given": 1, "taken": 1, "held": 0 });
    assert_eq!(found["bundles"], json!([of("desk"), of("it")]));
    // Somebody who stays in IT keeps what comes with it.
    let text = repository.read("people.csv");
    repository.write("people.csv", text.replace("ana,change,,sales\nana,leave,,\n", ""));
    let (found, _) = report(&repository, &["people.csv", "--map", "map.toml"]);
    assert_eq!(found["bundles"][1], json!({ "bundle": "it", "given": 1, "taken": 0, "held": 1 }));
}

#[test]
fn what_cannot_have_happened_is_rejected_and_changes_nothing() {
    let heading = "person,at,action,team,role\n";
    let good = "ana,2026-01-05T09:00:00Z,add,desk,\n";
    for (bad, words) in [
        ("ana,2026-01-06T09:00:00Z,add,desk,\n", "`ana` is member of `desk` already"),
        ("ana,2026-01-06T09:00:00Z,remove,security,\n", "`ana` is not member of `security`"),
        ("ana,2026-01-06T09:00:00Z,remove,desk,lead\n", "`ana` is not lead of `desk`"),
        ("ben,2026-01-06T09:00:00Z,change,,\n", "`ben` is not here"),
        ("ben,2026-01-06T09:00:00Z,add,,\n", "`team` is not said"),
        ("ben,2026-01-06T09:00:00Z,leave,desk,\n", "`leave` is about no team"),
        ("ben,2026-01-06T09:00:00Z,addd,desk,\n", "did you mean `add`?"),
        ("ben,yesterday,add,desk,\n", "`at`: `yesterday` is not an instant"),
        ("B e n,2026-01-06T09:00:00Z,add,desk,\n", "`person`: `B e n` is not an id"),
        ("ben,2026-01-06T09:00:00Z\n", "it has 2 columns instead of 5"),
    ] {
        let run = replay(&with(&[heading, good, bad].concat()), &["people.csv"]);
        assert_eq!(run.status, 1, "{bad}");
        assert!(
            run.stdout.contains("row 2, line 3: ") && run.stdout.contains(words),
            "{words}: {}",
            run.stdout
        );
        assert!(run.stdout.starts_with("1 events"), "{}", run.stdout);
    }
    let next = "ana,2026-01-06T09:00:00Z,add,security,\n";
    assert_eq!(replay(&with(&[heading, good, next].concat()), &["people.csv"]).status, 0);
    let run = replay(&with(heading), &["people.csv"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("holds no rows"), "{}", run.stderr);
    let run = replay(&with("person,team\nana,desk\n"), &["people.csv"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("nothing says `action`"), "{}", run.stderr);
}
