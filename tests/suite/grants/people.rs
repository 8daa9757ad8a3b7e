//! `gitsm request joiner`, `mover`, `leaver` and `lifecycle`: what happens to people becomes grants, once.

use serde_json::Value;

use super::support::{NOW, at_path, codes_in};
use crate::{git::support::Git, support::Run};

/// What comes with a department, and what is asked for.
pub const MORE: &str = r#"
[service.list]
name = "Lists"
description = "Lists of addresses."
owner = "team:desk"
tier = "standard"
lifecycle = "active"
support-team = "desk"
category = "software"
review-date = 2030-01-01

[service.list.entitlement.it]
name = "IT"
risk = "low"
groups = ["list-it"]
provision = { method = "manual", team = "desk" }
remove = { method = "manual", team = "desk" }

[service.list.entitlement.sales]
name = "Sales"
risk = "low"
groups = ["list-sales"]
provision = { method = "manual", team = "desk" }
remove = { method = "manual", team = "desk" }

[service.list.entitlement.both]
name = "Both"
risk = "low"
groups = ["list-both"]
provision = { method = "manual", team = "desk" }
remove = { method = "manual", team = "desk" }

[service.list.entitlement.archive]
name = "Archive"
risk = "low"
groups = ["list-archive"]
provision = { method = "manual", team = "desk" }
remove = { method = "manual", team = "desk" }

[access.list]
name = "Lists"
owner = "team:security"
applies-to.service = "list"
review-date = 2030-01-01

[[access.list.rule]]
id = "archive"
when.entitlement.id = "list/archive"
when.subject.department = "sales"
decision.workflow = "manager"

[[access.list.rule]]
id = "others"
decision = "auto-approve"

[bundle.it]
name = "IT"
owner = "team:desk"
when.subject.department = "it"
entitlements = ["list/it", "list/both"]
review-date = 2030-01-01

[bundle.sales]
name = "Sales"
owner = "team:desk"
when.subject.department = "sales"
entitlements = ["list/sales", "list/both"]
review-date = 2030-01-01
"#;

const EVA: &str = "[person.eva]\nname = \"Eva Schulz\"\ndepartment = \"sales\"\ntitle = \"Account manager\"\n\
                   location = \"de-berlin\"\nmanager = \"ana\"\n";
const PEOPLE: &str = "catalog/organisation.toml";

/// The small repository with bundles, committed.
pub fn with_bundles() -> Git {
    let git = Git::base();
    git.write("catalog/more.toml", MORE);
    git.commit("Bundles");
    git
}

fn run(status: i32, line: &str, git: &Git) -> Run {
    at(status, NOW, line, git)
}

fn at(status: i32, now: &str, line: &str, git: &Git) -> Run {
    let run = at_path(now, line, git.path());
    assert_eq!(run.status, status, "{line}\n{}\n{}", run.stdout, run.stderr);
    run
}

fn json(status: i32, line: &str, git: &Git) -> Value {
    let run = run(status, &format!("{line} --format json"), git);
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"))
}

/// The names in a list, by a field.
fn names<'j>(list: &'j Value, field: &str) -> Vec<&'j str> {
    list.as_array().unwrap().iter().map(|one| one[field].as_str().unwrap()).collect()
}

/// The files of grants, in order.
fn files(git: &Git) -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(git.path().join("policies/grants")) else { return Vec::new() };
    let mut found: Vec<String> =
        folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    found
}

fn grant(git: &Git, id: &str) -> String {
    git.read(&format!("policies/grants/{id}.toml"))
}

/// Changes a field of somebody.
fn person(git: &Git, id: &str, from: &str, to: &str) {
    let text = git.read(PEOPLE);
    let header = format!("[person.{id}]\n");
    let start = text.find(&header).unwrap() + header.len();
    let end = text[start..].find("\n[").map_or(text.len(), |end| start + end);
    let own = &text[start..end];
    assert!(own.contains(from), "{own}");
    git.write(PEOPLE, format!("{}{}{}", &text[..start], own.replacen(from, to, 1), &text[end..]));
}

/// A repository in which something of each sort happened to people since the commit before.
pub fn happened() -> Git {
    let git = with_bundles();
    run(0, "request joiner ben", &git);
    run(0, "request joiner dan", &git);
    run(0, "request access list/archive --for dan --duration 90d", &git);
    git.commit("Before");
    person(&git, "dan", "department = \"it\"", "department = \"sales\"");
    person(&git, "ben", "department", "end = 2026-11-19\ndepartment");
    git.write("catalog/eva.toml", EVA);
    git.edit(
        "catalog/more.toml",
        "id = \"others\"\n",
        "id = \"eva\"\nwhen.subject.title = \"Account manager\"\ndecision = \"deny\"\n\n[[access.list.rule]]\nid = \"others\"\n",
    );
    git.commit("What the personnel system says");
    git
}

#[test]
fn a_joiner_gets_grants_that_name_the_bundle_the_rules_and_the_commit_once() {
    let git = with_bundles();
    let head = git.head();
    let joined = run(0, "request joiner cleo", &git);
    assert!(joined.stdout.contains("cleo joins") && joined.stdout.contains("by bundle:sales"), "{joined:?}");
    let both = ["cleo-list-both-20261120.toml", "cleo-list-sales-20261120.toml"];
    assert_eq!(files(&git), both);
    let text = grant(&git, "cleo-list-sales-20261120");
    for line in [
        "beneficiary = \"cleo\"",
        "start = 2026-11-20",
        "asked.at = 2026-11-20T12:00:00Z",
        "decision.verdict = \"birthright\"",
        "decision.rules = [\"bundle:sales\", \"access:list/others\"]",
        &format!("decision.policy-commit = \"{head}\""),
        "provisioned.groups = [\"list-sales\"]",
    ] {
        assert!(text.lines().any(|one| one == line), "`{line}` in\n{text}");
    }
    assert!(!text.contains("\nend") && text.contains("decision.digest"), "{text}");
    assert_eq!(codes_in(NOW, git.path()), Vec::<String>::new());
    assert_eq!(crate::support::gitsm(&["fmt", "--check"], git.path()).status, 0);
    for _ in 0..2 {
        let again = run(0, "request joiner cleo", &git);
        assert!(again.stdout.contains("the ledger says all of it already"), "{}", again.stdout);
        assert_eq!(files(&git), both);
        git.commit("Joined");
    }
}

#[test]
fn nobody_joins_whom_nobody_knows_who_has_left_or_who_has_no_first_day() {
    let git = with_bundles();
    let unknown = run(2, "request joiner cleoo", &git);
    assert!(unknown.stderr.contains("did you mean `cleo`?"), "{}", unknown.stderr);
    person(&git, "cleo", "department", "status = \"inactive\"\ndepartment");
    let left = run(2, "request joiner cleo", &git);
    assert!(left.stderr.contains("`cleo` has left"), "{}", left.stderr);
    person(&git, "cleo", "status = \"inactive\"", "status = \"joining\"");
    let never = run(1, "request joiner cleo", &git);
    assert!(never.stdout.contains("is not given\n  bundle:sales\n"), "{}", never.stdout);
    assert_eq!(files(&git), Vec::<String>::new());
    // The neighbour that passes: from the first day on, and not before.
    person(&git, "cleo", "status = \"joining\"", "status = \"joining\"\nstart = 2026-12-01");
    run(0, "request joiner cleo", &git);
    assert!(grant(&git, "cleo-list-both-20261120").contains("\nstart = 2026-12-01\n"));
    assert_eq!(codes_in(NOW, git.path()), Vec::<String>::new());
}

#[test]
fn what_is_denied_in_a_bundle_is_not_given_and_what_people_agree_to_is_asked_for() {
    let git = with_bundles();
    git.edit("catalog/more.toml", "id = \"others\"\n", "id = \"nobody\"\nwhen.entitlement.id = \"list/both\"\ndecision = \"deny\"\n\n[[access.list.rule]]\nid = \"others\"\n");
    let denied = json(1, "request joiner cleo", &git);
    assert_eq!(names(&denied["people"][0]["refused"], "what"), ["bundle:sales"]);
    assert_eq!(files(&git), Vec::<String>::new());
    git.edit("catalog/more.toml", "decision = \"deny\"", "decision.workflow = \"manager\"");
    git.commit("Asked");
    let asked = json(0, "request joiner cleo", &git);
    let people = &asked["people"][0]["grants"];
    assert_eq!(names(people, "state"), ["active", "requested"], "{asked:#}");
    assert_eq!(people[1]["stages"], serde_json::json!(["manager/manager"]));
    assert_eq!(codes_in(NOW, git.path()), ["GS4067"]);
    git.commit("Joined");
    // It is decided like any other request.
    let text = grant(&git, "cleo-list-both-20261120");
    let digest = text.lines().find_map(|line| line.strip_prefix("decision.digest = ")).unwrap();
    let vote = format!(
        "{{\"event\":\"vote\",\"grant\":\"cleo-list-both-20261120\",\"digest\":{digest},\"at\":\"2026-11-20T13:00:00Z\",\"by\":\"ana\",\"decision\":\"approve\"}}\n"
    );
    git.write("votes.jsonl", vote);
    at(0, "2026-11-20T14:00:00Z", "grants approve cleo-list-both-20261120 --votes votes.jsonl", &git);
    let approved = grant(&git, "cleo-list-both-20261120");
    assert!(approved.contains("decision.verdict = \"approved\""), "{approved}");
}

#[test]
fn everything_ends_that_somebody_holds_who_has_left_and_what_others_take_over_is_named() {
    let git = with_bundles();
    run(0, "request joiner dan", &git);
    run(0, "request access mail/admin --for dan --duration 10d --reason server", &git);
    git.commit("Dan");
    let still = run(2, "request leaver dan", &git);
    assert!(still.stderr.contains("`dan` has not left"), "{}", still.stderr);
    let unknown = run(2, "request leaver dann", &git);
    assert!(unknown.stderr.contains("did you mean `dan`?"), "{}", unknown.stderr);
    // A last day to come.
    person(&git, "dan", "department", "end = 2026-11-25\ndepartment");
    let leaves = json(0, "request leaver dan", &git);
    assert_eq!(names(&leaves["people"][0]["shortened"], "why"), ["last-day", "last-day"], "{leaves:#}");
    assert!(grant(&git, "dan-list-it-20261120").contains("\nend = 2026-11-25\n"));
    assert!(grant(&git, "dan-mail-admin-20261120").contains("state = \"requested\""));
    assert_eq!(codes_in(NOW, git.path()), Vec::<String>::new());
    let taken: Vec<&str> = names(&leaves["people"][0]["transferred"], "object");
    assert!(taken.contains(&"team:desk") && taken.contains(&"team:security"), "{taken:?}");
    let again = run(0, "request leaver dan", &git);
    assert!(again.stdout.contains("the ledger says all of it already"), "{}", again.stdout);
    git.commit("Leaves");
    // It has passed.
    let line = "request leaver dan --format json";
    let left = at(0, "2026-11-27T12:00:00Z", line, &git);
    let left: Value = serde_json::from_str(&left.stdout).unwrap();
    assert_eq!(left["people"][0]["ended"].as_array().unwrap().len(), 3, "{left:#}");
    for id in ["dan-list-it-20261120", "dan-list-both-20261120", "dan-mail-admin-20261120"] {
        let text = grant(&git, id);
        assert!(text.contains("state = \"ended\"") && text.contains("ended.why = \"holder-left\""), "{text}");
    }
    let again = at(0, "2026-11-27T12:00:00Z", line, &git);
    let again: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(again["written"], false, "{again:#}");
}

#[test]
fn a_mover_gets_the_new_job_keeps_the_old_one_for_a_while_and_asks_for_the_rest_anew() {
    let git = with_bundles();
    run(0, "request joiner dan", &git);
    run(0, "request access list/archive --for dan --duration 90d", &git);
    git.commit("Dan");
    person(&git, "dan", "department = \"it\"", "department = \"sales\"");
    let policy = git.commit("Dan moves");
    let line = "request mover dan --since HEAD~1";
    let moves = json(0, line, &git);
    let dan = &moves["people"][0];
    assert_eq!(names(&dan["grants"], "entitlement"), ["list/archive", "list/sales"], "{moves:#}");
    assert_eq!(names(&dan["grants"], "state"), ["requested", "active"]);
    assert_eq!(dan["grants"][0]["renews"], "dan-list-archive-20261120");
    assert_eq!(names(&dan["shortened"], "grant"), ["dan-list-archive-20261120", "dan-list-it-20261120"]);
    assert_eq!(names(&dan["shortened"], "why"), ["asked-anew", "old-job"]);
    // A fortnight later.
    assert!(grant(&git, "dan-list-it-20261120").contains("\nend = 2026-12-04\n"));
    assert!(!grant(&git, "dan-list-both-20261120").contains("\nend"), "it comes with both");
    let anew = grant(&git, "dan-list-archive-20261120-2");
    assert!(anew.contains(&format!("policy-commit = \"{policy}\"")), "{anew}");
    assert!(anew.contains("\nend = 2027-02-18\n"), "no longer than before: {anew}");
    assert_eq!(codes_in(NOW, git.path()), Vec::<String>::new());
    git.commit("Moved");
    let before = files(&git);
    for day in [NOW, "2026-11-23T12:00:00Z"] {
        let again = at(0, day, "request mover dan --since HEAD~2", &git);
        assert!(again.stdout.contains("the ledger says all of it already"), "{}", again.stdout);
        assert_eq!(files(&git), before);
    }
    // What was renewed is asked for once, and neither of the two lasts longer than the other.
    let git = with_bundles();
    run(0, "request access list/archive --for dan --duration 30d", &git);
    run(0, "grants renew dan-list-archive-20261120 --duration 90d", &git);
    git.commit("Dan");
    person(&git, "dan", "department = \"it\"", "department = \"sales\"");
    git.commit("Dan moves");
    let moves = json(0, line, &git);
    let dan = &moves["people"][0];
    let both = ["dan-list-archive-20261120", "dan-list-archive-20261120-2"];
    assert_eq!(names(&dan["shortened"], "grant"), both, "{moves:#}");
    assert_eq!(names(&dan["grants"], "state"), ["requested", "active", "active"]);
    git.commit("Moved");
    let again = json(0, "request mover dan --since HEAD~2", &git);
    assert_eq!(again["people"][0]["files"], serde_json::json!([]), "{again:#}");
    // What is denied in the new job ends as well, and how long it stays is for the rulebook to say.
    let git = with_bundles();
    let settings = git.read("gitsm.toml");
    git.write("gitsm.toml", format!("{settings}\n[grants]\nafter-move = \"0d\"\n"));
    git.edit("catalog/more.toml", "decision.workflow = \"manager\"", "decision = \"deny\"");
    git.commit("At once");
    run(0, "request access list/archive --for dan --duration 90d", &git);
    git.commit("Dan");
    person(&git, "dan", "department = \"it\"", "department = \"sales\"");
    git.commit("Dan moves");
    let moves = json(1, line, &git);
    assert_eq!(names(&moves["people"][0]["shortened"], "why"), ["denied"], "{moves:#}");
    assert!(grant(&git, "dan-list-archive-20261120").contains("\nend = 2026-11-20\n"));
}

#[test]
fn nobody_moves_who_was_not_there_or_is_as_before() {
    let git = with_bundles();
    git.write("catalog/eva.toml", EVA);
    git.commit("Eva");
    let new = run(2, "request mover eva --since HEAD~1", &git);
    assert!(new.stderr.contains("`gitsm request joiner eva`"), "{}", new.stderr);
    let same = run(0, "request mover dan --since HEAD~1", &git);
    assert!(same.stderr.contains("has the same job as at"), "{}", same.stderr);
    for (line, says) in [
        ("request mover dann --since HEAD~1", "did you mean `dan`?"),
        ("request mover dan --since nowhere", "there is no revision `nowhere`"),
        ("request mover dan", "--since"),
    ] {
        let wrong = run(2, line, &git);
        assert!(wrong.stderr.contains(says), "{}", wrong.stderr);
    }
    assert_eq!(files(&git), Vec::<String>::new());
}

#[test]
fn everybody_who_came_moved_or_left_since_a_commit_is_carried_out_once() {
    let git = with_bundles();
    run(0, "request joiner ben", &git);
    run(0, "request joiner dan", &git);
    git.commit("Before");
    git.write("catalog/eva.toml", EVA);
    person(&git, "dan", "department = \"it\"", "department = \"sales\"");
    person(&git, "ben", "department", "end = 2026-11-19\ndepartment");
    git.commit("What the personnel system says");
    let line = "request lifecycle --since HEAD~1";
    let most = run(4, &format!("{line} --most 2"), &git);
    assert!(most.stderr.contains("the access of 3 people would change"), "{}", most.stderr);
    let before = files(&git);
    let tried = run(0, &format!("{line} --dry-run"), &git);
    assert!(tried.stdout.contains("+[grant.eva-list-sales-20261120]"), "{}", tried.stdout);
    assert_eq!(files(&git), before);
    let all = json(0, line, &git);
    assert_eq!(names(&all["people"], "person"), ["ben", "dan", "eva"], "{all:#}");
    assert_eq!(names(&all["people"], "event"), ["leaver", "mover", "joiner"]);
    git.commit("Carried out");
    let again = json(0, "request lifecycle --since HEAD~2", &git);
    assert_eq!((&again["written"], &again["done"]), (&false.into(), &3.into()), "{again:#}");
    // Whoever comes back gets what everybody gets, and nothing of what they had asked for.
    person(&git, "dan", "department", "status = \"inactive\"\ndepartment");
    run(0, "request access mail/user --for cleo --duration 90d", &git);
    person(&git, "cleo", "department", "status = \"inactive\"\ndepartment");
    git.commit("Gone");
    person(&git, "cleo", "status = \"inactive\"\n", "");
    git.commit("Back");
    let back = json(0, "request lifecycle --since HEAD~1", &git);
    let cleo = back["people"].as_array().unwrap().iter().find(|one| one["person"] == "cleo").unwrap();
    assert_eq!(names(&cleo["ended"], "grant"), ["cleo-mail-user-20261120"], "{back:#}");
    assert_eq!(names(&cleo["grants"], "entitlement"), ["list/sales", "list/both"]);
    let unreadable = run(2, "request lifecycle --since nowhere", &git);
    assert!(unreadable.stderr.contains("there is no revision"), "{}", unreadable.stderr);
}
