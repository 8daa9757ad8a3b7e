//! `gitsm grants review`: a sheet for each reviewer, and what follows from it.

use super::support::{NOW, at, codes, edit, ends, files};
use crate::support::Repository;

const LEDGER: &str = r#"
[grant.ben-admin]
beneficiary = "ben"
entitlement = "mail/admin"
start = 2026-11-10
end = 2026-12-05

[grant.dan-admin]
beneficiary = "dan"
entitlement = "mail/admin"
start = 2026-11-10
end = 2026-12-05

[grant.cleo-admin]
beneficiary = "cleo"
entitlement = "mail/admin"
start = 2026-11-10
end = 2026-12-05

[review.mail]
name = "Mail administration"
owner = "team:security"
reviewer = "team:security"
entitlements = ["mail/admin"]
opens = 2026-11-16
closes = 2026-11-27
"#;

fn repository() -> Repository {
    let repository = Repository::base();
    repository.write("policies/ledger.toml", LEDGER);
    repository
}

#[test]
fn each_reviewer_gets_a_sheet_and_nobody_their_own_access() {
    let repository = repository();
    let asked = ends(0, "grants review mail", &repository).stdout;
    assert!(asked.contains("3 grants written, 0 in a sheet already"), "{asked}");
    let mut seen = Vec::new();
    for file in files(&repository) {
        let text = repository.read(&format!("policies/grants/{file}"));
        let reviewer = file.strip_prefix("reviews/mail-").unwrap().strip_suffix(".toml").unwrap();
        assert!(!text.contains(&format!("grant = \"{reviewer}-admin\"")), "{text}");
        seen.extend(
            ["ben", "cleo", "dan"].into_iter().filter(|one| text.contains(&format!("\"{one}-admin\""))),
        );
    }
    seen.sort_unstable();
    assert_eq!(seen, ["ben", "cleo", "dan"]);
    assert!(
        !codes(NOW, &repository).iter().any(|code| code.starts_with("GS607")),
        "{:?}",
        codes(NOW, &repository)
    );
    // Once more adds nothing; a new grant is added to a sheet that is there.
    let before: Vec<String> =
        files(&repository).iter().map(|file| repository.read(&format!("policies/grants/{file}"))).collect();
    let again = ends(0, "grants review mail", &repository).stdout;
    assert!(again.contains("0 grants would be written, 3 in a sheet already"), "{again}");
    let after: Vec<String> =
        files(&repository).iter().map(|file| repository.read(&format!("policies/grants/{file}"))).collect();
    assert_eq!(before, after);
    let late = at("2026-11-28T12:00:00Z", "grants review mail", &repository);
    assert_eq!(late.status, 2, "{late:?}");
    ends(2, "grants review mial", &repository);
}

#[test]
fn what_only_its_holder_could_look_at_is_named() {
    let repository = repository();
    edit(
        &repository,
        "policies/ledger.toml",
        "owner = \"team:security\"\nreviewer = \"team:security\"",
        "reviewer = \"person:ben\"",
    );
    let asked = ends(1, "grants review mail", &repository).stdout;
    assert!(asked.contains("grant:ben-admin  nobody can look at it"), "{asked}");
    assert_eq!(files(&repository), ["reviews/mail-ben.toml"]);
}

#[test]
fn what_was_decided_takes_effect_and_silence_ends_access() {
    let repository = repository();
    let sheet = |reviewer: &str, grant: &str, words: &str| {
        format!(
            "[review.mail-{reviewer}]\nname = \"Mail: {reviewer}\"\nof = \"mail\"\nreviewer = \"person:{reviewer}\"\n\
             opens = 2026-11-16\ncloses = 2026-11-27\n\n[[review.mail-{reviewer}.decision]]\ngrant = \"{grant}\"\n{words}\n"
        )
    };
    let signed = |decision: &str, by: &str| {
        format!("decision = \"{decision}\"\nby = \"{by}\"\nat = 2026-11-18T09:00:00Z")
    };
    let ends_at = |now: &str| {
        let json = at(now, "grants expire --dry-run --format json", &repository).stdout;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let list = |key: &str| -> Vec<String> {
            json[key]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["grant"].as_str().unwrap().to_owned())
                .collect()
        };
        (list("ended"), list("shortened"))
    };
    let strings = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    let all = strings(&["ben-admin", "cleo-admin", "dan-admin"]);
    // While it runs, silence is nothing; afterwards it is a no.
    assert_eq!(ends_at(NOW), (strings(&[]), strings(&[])));
    assert_eq!(ends_at("2026-11-27T12:00:00Z"), (strings(&[]), strings(&[])));
    assert_eq!(ends_at("2026-11-28T12:00:00Z"), (all.clone(), strings(&[])));
    for (name, words, now, ended, shortened) in [
        ("kept", signed("keep", "dan"), "2026-11-28T12:00:00Z", vec!["cleo-admin", "dan-admin"], vec![]),
        ("a no at once", signed("revoke", "dan"), NOW, vec!["ben-admin"], vec![]),
        (
            "shorter at once",
            format!("{}\nuntil = 2026-11-25", signed("reduce", "dan")),
            NOW,
            vec![],
            vec!["ben-admin"],
        ),
        (
            "not signed",
            "decision = \"keep\"\nby = \"dan\"".to_owned(),
            "2026-11-28T12:00:00Z",
            vec!["ben-admin", "cleo-admin", "dan-admin"],
            vec![],
        ),
        (
            "by somebody else",
            signed("keep", "cleo"),
            "2026-11-28T12:00:00Z",
            vec!["ben-admin", "cleo-admin", "dan-admin"],
            vec![],
        ),
        (
            "undecided",
            signed("undecided", "dan"),
            "2026-11-28T12:00:00Z",
            vec!["ben-admin", "cleo-admin", "dan-admin"],
            vec![],
        ),
    ] {
        repository.write("policies/sheet.toml", sheet("dan", "ben-admin", &words));
        let found = ends_at(now);
        assert_eq!(found, (strings(&ended), strings(&shortened)), "{name}");
        let incomplete = codes(now, &repository).contains(&"GS6074".to_owned());
        assert_eq!(incomplete, ["not signed", "by somebody else"].contains(&name), "{name}");
    }
    // Nobody keeps their own.
    repository.write("policies/sheet.toml", sheet("ben", "ben-admin", &signed("keep", "ben")));
    assert_eq!(ends_at("2026-11-28T12:00:00Z"), (all, strings(&[])));
    // What is shorter is written, and once more changes nothing.
    repository.write(
        "policies/sheet.toml",
        sheet("dan", "ben-admin", &format!("{}\nuntil = 2026-11-25", signed("reduce", "dan"))),
    );
    ends(3, "grants expire --detailed-exitcode", &repository);
    assert!(
        repository
            .read("policies/ledger.toml")
            .contains("entitlement = \"mail/admin\"\nstart = 2026-11-10\nend = 2026-11-25\n")
    );
    ends(0, "grants expire --detailed-exitcode", &repository);
}

/// What ends with the campaign when this is the whole answer to it, and whether somebody is told that it does not count.
fn ends_with(answer: &str, now: &str, more: &str) -> (Vec<String>, bool) {
    let repository = repository();
    repository.write("catalog/more.toml", MORE);
    edit(&repository, "policies/ledger.toml", "beneficiary = \"ben\"", "beneficiary = \"robot\"");
    edit(
        &repository,
        "policies/ledger.toml",
        "closes = 2026-11-27\n",
        &format!("closes = 2026-11-27\n{more}"),
    );
    repository.write("policies/sheet.toml", answer);
    let expired = at(now, "grants expire --dry-run --format json", &repository);
    let json: serde_json::Value =
        serde_json::from_str(&expired.stdout).unwrap_or_else(|_| panic!("{expired:?}"));
    let ended = json["ended"].as_array().unwrap().iter().map(|one| one["grant"].as_str().unwrap().to_owned());
    let told =
        codes(now, &repository).iter().any(|code| ["GS6072", "GS6074", "GS6077"].contains(&code.as_str()));
    (ended.collect(), told)
}

const MORE: &str = r#"
[person.robot]
name = "Robot"
employment = "service-account"
owner = "person:ben"

[person.robot-2]
name = "Another robot"
employment = "service-account"
owner = "person:ben"

[person.gone]
name = "Gone"
email = "gone@example.com"
department = "it"
title = "Engineer"
location = "de-berlin"
manager = "ana"
status = "inactive"

[team.reviewers]
name = "Reviewers"
members = ["ben", "cleo", "gone"]
lead = "ben"
mailbox = "reviewers@example.com"
function = "security"
support-level = "l2"
"#;

fn sheet_of(reviewer: &str, days: &str, at: &str) -> String {
    format!(
        "[review.mail-x]\nname = \"x\"\nof = \"mail\"\nreviewer = \"person:{reviewer}\"\n{days}\n\n\
         [[review.mail-x.decision]]\ngrant = \"ben-admin\"\ndecision = \"keep\"\nby = \"{reviewer}\"\nat = {at}\n"
    )
}

/// The grant that the sheet is about is that of an account of Ben's.
#[test]
fn only_those_count_whom_the_campaign_asks_while_it_is_open() {
    let days = "opens = 2026-11-16\ncloses = 2026-11-27";
    let at = "2026-11-18T09:00:00Z";
    let later = "2026-11-30T12:00:00Z";
    let kept = |(ended, told): (Vec<String>, bool)| (!ended.contains(&"ben-admin".to_owned()), told);
    for (name, answer, expected) in [
        ("asked", sheet_of("dan", days, at), (true, false)),
        ("on the last day", sheet_of("dan", days, "2026-11-27T22:00:00Z"), (true, false)),
        ("on the first day", sheet_of("dan", days, "2026-11-15T23:00:00Z"), (true, false)),
        ("not asked", sheet_of("ana", days, at), (false, true)),
        ("the owner of the account", sheet_of("ben", days, at), (false, true)),
        ("the account", sheet_of("robot", days, at), (false, true)),
        ("another account of its owner", sheet_of("robot-2", days, at), (false, true)),
        ("nobody who is here", sheet_of("gone", days, at), (false, true)),
        ("too late", sheet_of("dan", days, "2026-11-29T09:00:00Z"), (false, true)),
        ("too early", sheet_of("dan", days, "2026-11-15T09:00:00Z"), (false, true)),
        ("to come", sheet_of("dan", days, "2033-11-18T09:00:00Z"), (false, true)),
        (
            "days of its own",
            sheet_of("dan", "opens = 2026-11-16\ncloses = 2032-11-27", at),
            (false, true),
        ),
        (
            "no sheet and not asked",
            "[[review.mail.decision]]\ngrant = \"ben-admin\"\ndecision = \"keep\"\nby = \"ana\"\nat = 2026-11-18T09:00:00Z\n".to_owned(),
            (false, true),
        ),
    ] {
        let found = if name.starts_with("no sheet") {
            // Written into the campaign itself.
            kept(ends_with("", later, &format!("\n{answer}")))
        } else {
            kept(ends_with(&answer, later, ""))
        };
        assert_eq!(found, expected, "{name}");
    }
    let own = "\n[[review.mail.decision]]\ngrant = \"ben-admin\"\ndecision = \"keep\"\nby = \"dan\"\nat = 2026-11-18T09:00:00Z\n";
    assert_eq!(kept(ends_with("", later, own)), (true, false), "no sheet");
    // Who has it may say that it is not needed, and others may not.
    let no = |by: &str| sheet_of(by, days, at).replace("\"keep\"", "\"revoke\"");
    assert_eq!(ends_with(&no("ben"), NOW, "").0, ["ben-admin"]);
    assert_eq!(ends_with(&no("ana"), NOW, "").0, Vec::<String>::new());
    // What is left to the owner is answered by the owner, after its last day as well.
    let left = "no-decision = \"escalate\"\n";
    let late = sheet_of("dan", days, "2026-11-29T09:00:00Z");
    assert_eq!(kept(ends_with(&late, later, left)), (true, false));
    assert_eq!(ends_with(&late.replace("\"keep\"", "\"revoke\""), later, left).0, ["ben-admin"]);
}

#[test]
fn what_a_campaign_ends_is_not_renewed() {
    let repository = repository();
    let renew = "grants renew ben-admin --duration 10d --reason more";
    let later = "2026-11-28T12:00:00Z";
    let refused = at(later, renew, &repository);
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(refused.stderr.contains("ends by the review `mail`"), "{}", refused.stderr);
    let days = "opens = 2026-11-16\ncloses = 2026-11-27";
    let sheet = sheet_of("dan", days, "2026-11-18T09:00:00Z");
    for decision in ["decision = \"revoke\"", "decision = \"reduce\"\nuntil = 2026-11-29"] {
        repository.write("policies/sheet.toml", sheet.replace("decision = \"keep\"", decision));
        let refused = at(later, renew, &repository);
        assert_eq!(refused.status, 2, "{refused:?}");
    }
    assert_eq!(files(&repository), Vec::<String>::new());
    repository.write("policies/sheet.toml", &sheet);
    let renewed = at(later, renew, &repository);
    assert_eq!(renewed.status, 0, "{renewed:?}");
}

#[test]
fn what_a_campaign_came_to_stays_whatever_becomes_of_those_who_decided() {
    let repository = repository();
    let later = "2026-11-28T12:00:00Z";
    let answer = |by: &str, grant: &str| {
        format!(
            "\n[[review.mail.decision]]\ngrant = \"{grant}\"\ndecision = \"keep\"\nby = \"{by}\"\nat = 2026-11-18T09:00:00Z\n"
        )
    };
    let answers =
        [answer("dan", "ben-admin"), answer("dan", "cleo-admin"), answer("ben", "dan-admin")].concat();
    repository.write("policies/ledger.toml", format!("{LEDGER}{answers}"));
    let ended = || {
        let run = at(later, "grants expire --dry-run --format json", &repository);
        let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
        let told = codes(later, &repository).iter().any(|code| ["GS6073", "GS6077"].contains(&code.as_str()));
        (json["ended"].as_array().unwrap().len(), json["settled"].clone(), told)
    };
    // While it is open it is not settled.
    ends(0, "grants expire --detailed-exitcode", &repository);
    assert_eq!(ended(), (0, serde_json::json!(["mail"]), false));
    let expired = at(later, "grants expire --detailed-exitcode", &repository);
    assert_eq!(expired.status, 3, "{expired:?}");
    assert!(
        expired.stdout.contains("settled: nothing follows from it any more\n  review:mail"),
        "{}",
        expired.stdout
    );
    let mark = "settled = 2026-11-28T12:00:00Z\n";
    assert!(repository.read("policies/ledger.toml").contains(mark));
    assert_eq!(at(later, "grants expire --detailed-exitcode", &repository).status, 0);
    // Dan is not asked any more by the directory of today.
    edit(&repository, "catalog/organisation.toml", "[\"ben\", \"cleo\", \"dan\"]", "[\"ben\", \"cleo\"]");
    assert_eq!(ended(), (0, serde_json::json!([]), false));
    // A mark from before it was over says nothing, and neither does none.
    edit(&repository, "policies/ledger.toml", mark, "settled = 2026-11-27T12:00:00Z\n");
    assert_eq!(ended(), (2, serde_json::json!(["mail"]), true));
    edit(&repository, "policies/ledger.toml", "settled = 2026-11-27T12:00:00Z\n", "");
    assert_eq!(ended(), (2, serde_json::json!(["mail"]), true));
    // What is left to its owner is not settled before they have decided.
    edit(
        &repository,
        "policies/ledger.toml",
        "closes = 2026-11-27\n",
        "closes = 2026-11-27\nno-decision = \"escalate\"\n",
    );
    assert_eq!(ended(), (0, serde_json::json!([]), true));
}
