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
