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
