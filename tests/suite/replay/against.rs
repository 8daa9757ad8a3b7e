//! Two rulebooks, held against each other by what they decide.

use std::process::Command;

use serde_json::{Value, json};

use super::{NOW, REQUESTS, report, requests};
use crate::support::{Repository, copy, gitsm, root};

/// The small repository, another one in which a text is replaced, and requests.
fn two(from: &str, to: &str) -> Repository {
    let repository = Repository::base();
    copy(&root().join("tests/base"), &repository.path().join("before"));
    let policies = repository.read("before/policies/access.toml");
    assert!(policies.contains(from), "{from}");
    repository.write("before/policies/access.toml", policies.replacen(from, to, 1));
    repository.write("requests.csv", REQUESTS);
    repository
}

/// What differs, with how many and the rows.
fn changes(report: &Value) -> Vec<(String, u64, Vec<u64>)> {
    let changes = report["against"]["changes"].as_array().unwrap().iter();
    changes
        .map(|change| {
            let verdict = |key: &str| change[key].as_str().unwrap_or_default().to_owned();
            let what =
                format!("{} {} {}", change["what"].as_str().unwrap(), verdict("before"), verdict("after"));
            let rows = change["first"].as_array().unwrap().iter().map(|flip| flip["row"].as_u64().unwrap());
            (what.trim_end().to_owned(), change["count"].as_u64().unwrap(), rows.collect())
        })
        .collect()
}

#[test]
fn every_flip_is_counted_and_has_a_witness() {
    for (from, to, flips, newly) in [
        // Everybody was asked about what is approved by rule now.
        (
            "decision = \"auto-approve\"",
            "decision.workflow = \"manager\"",
            vec![("verdict needs-approval approved", 2, vec![1, 2])],
            2,
        ),
        (
            "decision = \"auto-approve\"",
            "decision = \"deny\"",
            vec![("verdict denied approved", 2, vec![1, 2])],
            2,
        ),
        // Sales got what only IT gets now.
        (
            "when.subject.department = \"it\"",
            "when.subject.department = [\"it\", \"sales\"]",
            vec![("verdict needs-approval denied", 2, vec![4, 5])],
            0,
        ),
        // The same verdicts by way of other people, other evidence, or for another time.
        (
            "decision.workflow = \"manager-and-security\"",
            "decision.workflow = \"manager\"",
            vec![("people", 2, vec![3, 6])],
            0,
        ),
        ("require = [\"justification\"]\n", "", vec![("evidence", 2, vec![3, 6])], 0),
        ("max-duration = \"30d\"", "max-duration = \"10d\"", vec![("end", 2, vec![3, 6])], 0),
        ("name = \"Mail\"", "name = \"Post\"", vec![], 0),
    ] {
        let repository = two(from, to);
        let (found, status) = report(&repository, &["requests.csv", "--against", "before"]);
        assert_eq!(status, 0, "{from}");
        let flips: Vec<(String, u64, Vec<u64>)> =
            flips.into_iter().map(|(what, count, rows)| (what.to_owned(), count, rows)).collect();
        assert_eq!(changes(&found), flips, "{from} -> {to}");
        let count: u64 = flips.iter().map(|(_, count, _)| count).sum();
        let against = &found["against"];
        assert_eq!((&against["flips"], &against["same"]), (&json!(count), &json!(6 - count)));
        assert_eq!(against["new-auto-approvals"], newly, "{from}");
        for (flag, most) in [("--max-new-auto-approvals", newly), ("--max-flips", count)] {
            let limited = |most: u64| {
                requests(&repository, &["requests.csv", "--against", "before", flag, &most.to_string()])
            };
            assert_eq!(limited(most).status, 0, "{flag} {most}");
            if most > 0 {
                let run = limited(most - 1);
                assert_eq!(run.status, 1, "{flag} {most}");
                assert!(
                    run.stderr.contains(&format!("{flag} {} is crossed: {most} of 6", most - 1)),
                    "{}",
                    run.stderr
                );
            }
        }
    }
}

/// Two rulebooks with the same rules, of which the first gives something otherwise.
fn given_otherwise(from: &str, to: &str) -> Repository {
    let repository = two("name = \"Mail\"", "name = \"Mail\"");
    let services = repository.read("before/catalog/services.toml");
    assert!(services.contains(from), "{from}");
    repository.write("before/catalog/services.toml", services.replacen(from, to, 1));
    repository
}

#[test]
fn what_is_given_otherwise_is_a_flip() {
    for (from, to, before, after) in [
        ("role = \"user\"", "role = \"guest\"", "role guest", "role user"),
        ("licence-tier = \"basic\"", "licence-tier = \"full\"", "licence full", "licence basic"),
        ("[\"mail-users\"]", "[\"mail-guests\"]", "groups mail-guests", "groups mail-users"),
        (
            "remove = { method = \"manual\", team = \"desk\" }",
            "remove = { method = \"manual\", team = \"security\", within = \"1d\" }",
            "removed manual by team:security within 1d",
            "removed manual by team:desk",
        ),
    ] {
        let repository = given_otherwise(from, to);
        let (found, _) = report(&repository, &["requests.csv", "--against", "before"]);
        assert_eq!(changes(&found), [("provisioning".to_owned(), 2, vec![1, 2])], "{from}");
        let first = &found["against"]["changes"][0]["first"][0];
        for (side, words) in [("before", before), ("after", after)] {
            let outcome = first[side]["outcome"][0].as_str().unwrap();
            assert!(outcome.starts_with("mail/user: ") && outcome.contains(words), "{outcome}");
        }
        let shown = requests(&repository, &["requests.csv", "--against", "before"]).stdout;
        assert!(shown.contains("something else is given, or in another way"), "{shown}");
        assert!(shown.contains(before) && shown.contains(after), "{shown}");
    }
    let repository = given_otherwise("description = \"Mailboxes and calendars.\"", "description = \"Mail.\"");
    let (found, _) = report(&repository, &["requests.csv", "--against", "before"]);
    assert_eq!(changes(&found), [], "other words for people are the same access");
}

#[test]
fn the_same_people_who_have_other_time_or_whose_silence_means_something_else_are_a_flip() {
    // In the second stage of what administrators are asked for; and, the nearest neighbour, only its name.
    let stage =
        "approvers = [\"team:security\"]\nwithin = \"1bd\"\ncalendar = \"office\"\non-timeout = \"deny\"\n";
    for (to, flips) in [
        (stage.replacen("1bd", "9bd", 1), true),
        (stage.replacen("on-timeout = \"deny\"\n", "", 1), true),
        (format!("name = \"First\"\n{stage}"), false),
    ] {
        let repository = two(stage, &to);
        let (found, _) = report(&repository, &["requests.csv", "--against", "before"]);
        let people = changes(&found).into_iter().any(|(what, count, _)| what == "people" && count > 0);
        assert_eq!((people, found["against"]["changes"] == json!([])), (flips, !flips), "{to}: {found:#}");
    }
}

#[test]
fn a_witness_shows_what_both_come_to() {
    for (from, to, before, after) in [
        (
            "decision.workflow = \"manager-and-security\"",
            "decision.workflow = \"manager\"",
            "manager/manager: ",
            "manager-and-security/security: 1 of ",
        ),
        ("max-duration = \"30d\"", "max-duration = \"10d\"", "mail/admin until ", "mail/admin until "),
        ("require = [\"justification\"]\n", "", "", "justification"),
    ] {
        let repository = two(from, to);
        let (found, _) = report(&repository, &["requests.csv", "--against", "before"]);
        let first = &found["against"]["changes"][0]["first"][0];
        let outcome = |side: &str| {
            let all: Vec<&str> = first[side]["outcome"]
                .as_array()
                .map(|all| all.iter().map(|one| one.as_str().unwrap()).collect())
                .unwrap_or_default();
            all.join("; ")
        };
        assert_ne!(outcome("before"), outcome("after"), "{first:#}");
        assert!(outcome("before").contains(before) && outcome("after").contains(after), "{first:#}");
        let shown = requests(&repository, &["requests.csv", "--against", "before"]).stdout;
        assert!(shown.contains(&outcome("after")), "{shown}");
    }
}

#[test]
fn what_only_one_of_them_knows_is_a_flip_and_no_rejected_row() {
    let repository = two("name = \"Mail\"", "name = \"Post\"");
    let services = repository.read("before/catalog/services.toml");
    let without = services.replace("[service.mail.entitlement.user]", "[service.mail.entitlement.basic]");
    repository.write("before/catalog/services.toml", without.replace("\"mail/user\"", "\"mail/basic\""));
    let (found, status) = report(&repository, &["requests.csv", "--against", "before"]);
    assert_eq!((status, &found["rejects"]["count"]), (0, &json!(0)), "{found:#}");
    assert_eq!(changes(&found), [("verdict invalid approved".to_owned(), 2, vec![1, 2])]);
    assert_eq!(found["against"]["new-auto-approvals"], 2);
    let reason = "`entitlements`: there is no entitlement `mail/user`";
    assert_eq!(found["against"]["changes"][0]["first"][0]["before"]["reasons"], json!([reason]));
}

#[test]
fn the_other_rulebook_may_be_a_commit() {
    let repository = two("decision = \"auto-approve\"", "decision.workflow = \"manager\"");
    let now = repository.read("policies/access.toml");
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args([
            "-c",
            "user.name=Ana",
            "-c",
            "user.email=ana@example.com",
            "-c",
            "commit.gpgsign=false",
        ]);
        let done = command.args(arguments).current_dir(repository.path()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    repository.write("policies/access.toml", repository.read("before/policies/access.toml"));
    std::fs::remove_dir_all(repository.path().join("before")).unwrap();
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "Everybody is asked"]);
    repository.write("policies/access.toml", now);
    let (found, status) = report(&repository, &["requests.csv", "--against-at", "main"]);
    assert_eq!(status, 0, "{found:#}");
    assert_eq!(changes(&found), [("verdict needs-approval approved".to_owned(), 2, vec![1, 2])]);
    assert!(found["against"]["rulebook"].as_str().unwrap().contains("Everybody is asked"), "{found:#}");
    let shown = requests(&repository, &["requests.csv", "--against-at", "main"]);
    assert!(shown.stdout.contains("needs approval → approved by rule  2"), "{}", shown.stdout);
}

#[test]
fn limits_about_another_rulebook_need_one() {
    let repository = two("name = \"Mail\"", "name = \"Post\"");
    for flag in ["--max-new-auto-approvals", "--max-flips"] {
        let run = requests(&repository, &["requests.csv", flag, "0"]);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains("needs another rulebook"), "{}", run.stderr);
        assert_eq!(requests(&repository, &["requests.csv", "--against", "before", flag, "0"]).status, 0);
    }
    let run = gitsm(
        &["replay", "requests", "requests.csv", "--against", "nowhere", "--now", NOW],
        repository.path(),
    );
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("there is no folder `nowhere`"), "{}", run.stderr);
    // A broken rulebook decides nothing, on either side.
    repository.write("before/catalog/broken.toml", "[team.night]\nnmae = \"Night\"\n");
    let run = requests(&repository, &["requests.csv", "--against", "before"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{run:#?}");
}

const TICKETS: &str = "id,priority,opened,resolved\n\
    T-1,p1,2026-03-02T08:00:00Z,2026-03-02T11:00:00Z\n\
    T-2,p1,2026-03-02T08:00:00Z,2026-03-02T10:00:00Z\n";

fn of(command: &str, repository: &Repository, arguments: &[&str]) -> (i32, Value) {
    let all = [&["replay", command, "--now", NOW, "--format", "json"], arguments].concat();
    let run = gitsm(&all, repository.path());
    let report = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:#?}"));
    (run.status, report)
}

#[test]
fn tickets_that_two_rulebooks_see_otherwise_are_counted_with_a_witness() {
    let repository = Repository::base();
    copy(&root().join("tests/base"), &repository.path().join("before"));
    repository.write("tickets.csv", TICKETS);
    let asked = ["tickets.csv", "--sla", "standard", "--against", "before"];
    let (status, found) = of("incidents", &repository, &asked);
    let against = &found["against"];
    assert_eq!((status, &against["same"], &against["flips"]), (0, &json!(2), &json!(0)), "{found:#}");
    assert_eq!(against["changes"], json!([]));
    // Four hours before, two now: one ticket took three.
    let promised = repository.read("catalog/service-levels.toml");
    let sooner = promised.replacen("resolve = \"4h\"", "resolve = \"2h\"", 1);
    repository.write("catalog/service-levels.toml", &sooner);
    let (status, found) = of("incidents", &repository, &asked);
    let against = &found["against"];
    assert_eq!((status, &against["same"], &against["new-breaches"]), (0, &json!(1), &json!(1)), "{found:#}");
    let changes = against["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{found:#}");
    let change = &changes[0];
    assert_eq!([&change["target"], &change["before"], &change["after"]], ["resolve", "met", "breached"]);
    let took = |hours: i64| json!({ "seconds": 3 * 3_600, "target-seconds": hours * 3_600 });
    let flip = json!({ "row": 1, "line": 2, "ticket": "T-1", "before": took(4), "after": took(2) });
    assert_eq!(change["first"], json!([flip]));
    for (limit, most, status) in [
        ("--max-new-breaches", "0", 1),
        ("--max-new-breaches", "1", 0),
        ("--max-flips", "0", 1),
        ("--max-flips", "50%", 0),
    ] {
        let limited = [&asked[..], &[limit, most]].concat();
        assert_eq!(of("incidents", &repository, &limited).0, status, "{limit} {most}");
    }
    let human = gitsm(&[&["replay", "incidents", "--now", NOW], &asked[..]].concat(), repository.path());
    assert!(human.stdout.contains("resolve: met → breached  1"), "{}", human.stdout);
    assert!(human.stdout.contains("row 1 T-1  3 h of 4 h → 3 h of 2 h business time"), "{}", human.stdout);
    // The other way round it is kept now: no new breach.
    repository.write("before/catalog/service-levels.toml", &sooner);
    repository.write("catalog/service-levels.toml", &promised);
    let (_, found) = of("incidents", &repository, &asked);
    assert_eq!((&found["against"]["flips"], &found["against"]["new-breaches"]), (&json!(1), &json!(0)));
    // What the other one has no word for cannot be worked out there, and is no mistake of the file.
    let other = promised
        .replace("[sla.standard]", "[sla.other]")
        .replace("[sla.standard.target]", "[sla.other.target]");
    repository.write("before/catalog/service-levels.toml", other);
    let services =
        repository.read("before/catalog/services.toml").replace("sla = \"standard\"", "sla = \"other\"");
    repository.write("before/catalog/services.toml", services);
    let (status, found) = of("incidents", &repository, &asked);
    assert_eq!((status, &found["rejects"]["count"]), (0, &json!(0)), "{found:#}");
    assert_eq!(found["against"]["changes"][0]["before"], "unknown");
}

#[test]
fn limits_of_tickets_and_people_need_another_rulebook() {
    let repository = Repository::base();
    repository.write("tickets.csv", TICKETS);
    for (command, limit) in
        [("incidents", "--max-new-breaches"), ("incidents", "--max-flips"), ("people", "--max-flips")]
    {
        let run = gitsm(&["replay", command, "tickets.csv", limit, "0"], repository.path());
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains(&format!("`{limit}` needs another rulebook")), "{}", run.stderr);
    }
}

#[test]
fn what_bundles_of_two_rulebooks_give_otherwise_is_counted_with_a_witness() {
    let repository = Repository::base();
    copy(&root().join("tests/base"), &repository.path().join("before"));
    let bundle = |department: &str| {
        format!(
            "[bundle.{department}]\nname = \"Staff\"\nentitlements = [\"mail/user\"]\nwhen.subject.department = \
             \"{department}\"\n"
        )
    };
    repository
        .write("people.csv", "who,what,dept\nann,join,it\nbea,join,sales\nann,change,sales\nbea,leave,\n");
    repository.write(
        "map.toml",
        "[fields]\nperson = { column = \"who\" }\naction = { column = \"what\" }\n\
         [subject]\ndepartment = { column = \"dept\" }\n",
    );
    let asked = ["people.csv", "--map", "map.toml", "--against", "before"];
    repository.write("catalog/bundles.toml", bundle("it"));
    repository.write("before/catalog/bundles.toml", bundle("it"));
    let (status, found) = of("people", &repository, &asked);
    assert_eq!((status, &found["against"]["flips"]), (0, &json!(0)), "{found:#}");
    // What the file says nothing about is not said.
    assert!(found.get("memberships").is_none() && found.get("out-of-order").is_none(), "{found:#}");
    repository.write("before/catalog/bundles.toml", bundle("sales"));
    let (_, found) = of("people", &repository, &asked);
    let against = &found["against"];
    assert_eq!((&against["same"], &against["flips"]), (&json!(0), &json!(4)), "{found:#}");
    let what: Vec<String> = against["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let rows: Vec<u64> =
                one["first"].as_array().unwrap().iter().map(|event| event["row"].as_u64().unwrap()).collect();
            format!("{} {} {rows:?}", one["what"].as_str().unwrap(), one["by"].as_str().unwrap())
        })
        .collect();
    // Ann gets it now and got it later; she loses it now, and Bea lost it when she left.
    assert_eq!(what, ["taken before [4]", "taken now [3]", "given before [2, 3]", "given now [1]"]);
    assert_eq!(against["newly-given"], 1);
    for (most, status) in [("3", 1), ("4", 0)] {
        assert_eq!(of("people", &repository, &[&asked[..], &["--max-flips", most]].concat()).0, status);
    }
    let human = gitsm(&[&["replay", "people", "--now", NOW], &asked[..]].concat(), repository.path());
    assert!(human.stdout.contains("mail/user is given, and was not"), "{}", human.stdout);
    assert!(human.stdout.contains("at the end 1 people\n"), "{}", human.stdout);
}
