//! What somebody writes into the ledger by hand, and what is said about it.

use gitsm::{ledger::record::digest_of, load, source::WorkTree};

use super::support::{codes, edit, run};
use crate::support::Repository;

const NOW: &str = "2026-11-20T12:00:00Z";
const PEOPLE: &str = r#"
[person.gone]
name = "Gone"
email = "gone@example.com"
department = "it"
title = "Engineer"
location = "de-berlin"
manager = "ana"
end = 2020-01-31

[person.robot]
name = "Robot"
employment = "service-account"
owner = "person:ben"
"#;

/// The codes of a ledger, of those that begin with `GS60` and a few more digits.
fn found(grant: &str) -> Vec<String> {
    let repository = Repository::base();
    repository.write("catalog/more.toml", PEOPLE);
    repository.write("policies/ledger.toml", grant);
    let mut found = codes(NOW, &repository);
    found.retain(|code| code.starts_with("GS606") || code.starts_with("GS607") || code.starts_with("GS608"));
    found.dedup();
    found
}

fn of(holder: &str, what: &str) -> String {
    format!(
        "[grant.g]\nbeneficiary = \"{holder}\"\nentitlement = \"{what}\"\nstart = 2026-11-10\nend = 2026-12-09\n"
    )
}

const STAGES: &str = "decision.verdict = \"approved\"\ndecision.rules = [\"access:mail/administrators\"]\n\
    decision.stages = [{ stage = \"manager-and-security/manager\", need = 1 }, { stage = \"manager-and-security/security\", need = 1 }]\n";

#[test]
fn approvals_of_those_who_could_not() {
    let agreed = |first: &str, second: &str| {
        found(&format!(
            "{}{STAGES}approval = [{{ stage = \"manager\", {first} }}, {{ stage = \"security\", {second} }}]\n",
            of("dan", "mail/admin")
        ))
    };
    let ana = "by = \"ana\", at = 2026-11-09T10:00:00Z";
    let ben = "by = \"ben\", at = 2026-11-09T11:00:00Z";
    assert_eq!(agreed(ana, ben), Vec::<String>::new());
    for (name, second, code) in [
        ("who has left", "by = \"gone\", at = 2026-11-09T11:00:00Z", "GS6079"),
        ("software", "by = \"robot\", at = 2026-11-09T11:00:00Z", "GS6079"),
        (
            "a delegate of who has left",
            "by = \"ben\", on-behalf-of = \"gone\", at = 2026-11-09T11:00:00Z",
            "GS6079",
        ),
        ("on a day to come", "by = \"ben\", at = 2032-11-09T11:00:00Z", "GS6079"),
        ("one person in two stages", ana, "GS6067"),
        (
            "one delegate in two stages",
            "by = \"ana\", on-behalf-of = \"ben\", at = 2026-11-09T11:00:00Z",
            "GS6067",
        ),
    ] {
        assert_eq!(agreed(ana, second), [code], "{name}");
    }
    // While they were here they could.
    assert_eq!(agreed(ana, "by = \"gone\", at = 2020-01-31T11:00:00Z"), Vec::<String>::new());
}

#[test]
fn one_delegate_is_one_person() {
    let two = "decision.verdict = \"approved\"\ndecision.stages = [{ stage = \"manager-and-security/security\", need = 2 }]\n";
    let agreed = |second: &str| {
        found(&format!(
            "{}{two}approval = [{{ stage = \"security\", by = \"ana\", on-behalf-of = \"ben\", at = 2026-11-09T10:00:00Z }}, \
             {{ stage = \"security\", by = \"{second}\", on-behalf-of = \"cleo\", at = 2026-11-09T11:00:00Z }}]\n",
            of("dan", "mail/admin")
        ))
    };
    assert_eq!(agreed("ana"), ["GS6067"]);
    assert_eq!(agreed("cleo"), Vec::<String>::new());
}

#[test]
fn whoever_answers_for_an_account_does_not_approve_what_it_gets() {
    let agreed = |by: &str| {
        found(&format!(
            "{}decision.verdict = \"approved\"\napproval = [{{ stage = \"manager\", by = \"{by}\", at = 2026-11-09T10:00:00Z }}]\n",
            of("robot", "mail/user")
        ))
    };
    assert_eq!(agreed("ben"), ["GS6065"]);
    assert_eq!(agreed("ana"), Vec::<String>::new());
}

#[test]
fn rules_and_decisions_that_there_are_not() {
    let auto = |rules: &str| {
        found(&format!(
            "{}decision.verdict = \"auto-approved\"\ndecision.rules = [\"{rules}\"]\n",
            of("cleo", "mail/user")
        ))
    };
    assert_eq!(auto("access:mail/everybody"), Vec::<String>::new());
    for unknown in ["access:mail/nobody", "access:male/everybody", "nonsense"] {
        assert_eq!(auto(unknown), ["GS6078"], "{unknown}");
    }
    assert_eq!(found(&of("cleo", "mail/user")), ["GS6080"]);
    assert_eq!(found(&format!("{}state = \"ended\"\n", of("cleo", "mail/user"))), Vec::<String>::new());
    // What was there before is no more than what would be given today, and neither is what is said to come with a job.
    for verdict in ["imported", "birthright", "approved"] {
        let grant =
            |holder: &str| found(&format!("{}decision.verdict = \"{verdict}\"\n", of(holder, "mail/admin")));
        assert_eq!(grant("cleo"), ["GS6070"], "{verdict}");
        assert_eq!(grant("dan"), Vec::<String>::new(), "{verdict}");
    }
}

#[test]
fn days_that_cannot_be() {
    let repository = Repository::base();
    let path = "policies/grants/cleo-mail-user-20261120.toml";
    super::support::ends(0, "request access mail/user --for cleo --duration 30d", &repository);
    let asked = repository.read(path);
    let digest = asked.lines().find_map(|line| line.strip_prefix("decision.digest = ")).unwrap().to_owned();
    // As somebody changes it who makes the digest anew.
    let changed = |from: &str, to: &str| {
        repository.write(path, &asked);
        edit(&repository, path, from, to);
        let loaded = load::load(&WorkTree::new(repository.path())).unwrap();
        let new = digest_of(&loaded.rulebook.grants.get("cleo-mail-user-20261120").unwrap().value);
        edit(&repository, path, &digest, &format!("\"{new}\""));
        codes(NOW, &repository)
    };
    assert_eq!(
        changed("asked.at = 2026-11-20T12:00:00Z", "asked.at = 2026-11-20T11:00:00Z"),
        Vec::<String>::new()
    );
    assert_eq!(changed("asked.at = 2026-11-20T12:00:00Z", "asked.at = 2031-11-20T12:00:00Z"), ["GS6067"]);
    assert_eq!(changed("start = 2026-11-20", "start = 2015-11-20"), ["GS6067", "GS6070"]);
    let commit = |name: &str| {
        changed("decision.verdict", &format!("decision.policy-commit = \"{name}\"\ndecision.verdict"))
    };
    assert_eq!(commit("0000000"), ["GS6067"]);
    assert_eq!(commit("0a00000"), Vec::<String>::new());
    // What says what was asked for says what was decided.
    repository.write(path, asked.replace(&format!("decision.digest = {digest}\n"), ""));
    assert_eq!(codes(NOW, &repository), ["GS6075"]);
    repository.write(path, &asked);
    assert_eq!(codes(NOW, &repository), Vec::<String>::new());
}

#[test]
fn an_end_that_nobody_lives_to_see_is_none() {
    let until = |end: &str| {
        let grant = of("dan", "mail/admin").replace("end = 2026-12-09", &format!("end = {end}"));
        found(&format!("{grant}decision.verdict = \"imported\"\n")).contains(&"GS6063".to_owned())
    };
    for end in ["9999-12-31", "9999-12-30", "2076-11-11"] {
        assert!(until(end), "{end}");
    }
    for end in ["2026-12-09", "2076-11-10"] {
        assert!(!until(end), "{end}");
    }
}

/// Two grants, each given while the other was not there yet.
#[test]
fn what_nobody_may_hold_together_is_an_error_unless_an_exception_names_it() {
    let both = format!(
        "{}decision.verdict = \"approved\"\n{}decision.verdict = \"approved\"\n",
        of("dan", "mail/admin"),
        of("dan", "mail/user").replace("grant.g", "grant.h")
    );
    let sod = |decision: &str| {
        format!(
            "[sod.mail]\ndescription = \"d\"\nowner = \"team:security\"\nentitlements = [\"mail/user\"]\n\
             against = [\"mail/admin\"]\nrisk = \"high\"\n{decision}\n"
        )
    };
    let exception = "[exception.e]\nrule = \"sod:mail\"\npeople = [\"dan\"]\nexpires = 2026-12-31\nowner = \"team:security\"\n\
                     approved-by = \"ana\"\nreason = \"r\"\ncompensating-control = \"c\"\n";
    let errors = |text: &str| {
        let repository = Repository::base();
        repository.write("policies/ledger.toml", text);
        let run = crate::support::gitsm(&["validate", "--format", "json", "--now", NOW], repository.path());
        let held =
            codes(NOW, &repository).into_iter().filter(|code| code.starts_with("GS408") || code == "GS4091");
        (run.status, held.collect::<Vec<_>>())
    };
    let deny = sod("decision = \"deny\"");
    assert_eq!(errors(&format!("{both}{deny}")), (1, vec!["GS4089".to_owned()]));
    assert_eq!(
        errors(&format!("{both}{}", sod("decision.workflow = \"manager\""))),
        (0, vec!["GS4091".to_owned()])
    );
    assert_eq!(errors(&format!("{both}{deny}{exception}")), (0, vec![]));
}

/// Requests are not let through by such an exception either.
#[test]
fn an_exception_that_nobody_else_agreed_to_lets_nobody_hold_both() {
    let grants = |requester: &str| {
        format!(
            "{}decision.verdict = \"approved\"\n{requester}{}decision.verdict = \"approved\"\n",
            of("dan", "mail/admin"),
            of("dan", "mail/user").replace("grant.g", "grant.h")
        )
    };
    let sod = "[sod.mail]\ndescription = \"d\"\nowner = \"team:security\"\nentitlements = [\"mail/user\"]\n\
               against = [\"mail/admin\"]\nrisk = \"high\"\ndecision = \"deny\"\n\
               [person.robot]\nname = \"Robot\"\nemployment = \"service-account\"\npurpose = \"Builds\"\n\
               owner = \"person:dan\"\n";
    let held = |requester: &str, exception: &str| {
        let exception = format!(
            "[exception.e]\nrule = \"sod:mail\"\nexpires = 2026-12-31\nowner = \"team:security\"\nreason = \"r\"\n\
             compensating-control = \"c\"\n{exception}"
        );
        let repository = Repository::base();
        repository.write("policies/ledger.toml", format!("{}{sod}{exception}", grants(requester)));
        let holds = codes(NOW, &repository).contains(&"GS4089".to_owned());
        std::fs::remove_file(repository.path().join("policies/ledger.toml")).unwrap();
        // Dan has one of the two and asks for the other: the same exception, and the same answer.
        let other = of("dan", "mail/admin") + "decision.verdict = \"approved\"\n";
        repository.write("policies/ledger.toml", format!("{other}{sod}{exception}"));
        let by = if requester.is_empty() { "dan" } else { "ana" };
        let line = format!("simulate access dan mail/user --requester {by} --duration 5d --format json");
        let said = run(&line, &repository).stdout;
        let decided: serde_json::Value = serde_json::from_str(&said).unwrap_or_default();
        let reasons = decided["reasons"].as_array().cloned().unwrap_or_default();
        // Where the exception is an error by itself, nothing is decided.
        let denied = said.is_empty() || reasons.iter().any(|reason| reason["kind"] == "separation-of-duties");
        assert_eq!(holds, denied, "{exception}: {reasons:#?}");
        holds
    };
    let people = "people = [\"dan\"]\n";
    let by = |who: &str| format!("{people}approved-by = \"{who}\"\n");
    let asked = "requester = \"ana\"\n";
    let only = |what: &str| format!("{}entitlements = [{what}]\n", by("ben"));
    for (name, requester, exception, fires) in [
        ("agreed to by somebody else", "", by("ben"), false),
        ("agreed to by nobody", "", people.to_owned(), true),
        ("agreed to by the holder", "", by("dan"), true),
        ("agreed to by software", "", by("robot"), true),
        ("agreed to by the one who asked", asked, by("ana"), true),
        ("agreed to by another than the one who asked", asked, by("ben"), false),
        ("for everybody, by the holder", "", "approved-by = \"dan\"\n".to_owned(), true),
        ("for both", "", only("\"mail/user\", \"mail/admin\""), false),
        ("for one of the two", "", only("\"mail/user\""), true),
    ] {
        assert_eq!(held(requester, &exception), fires, "{name}");
    }
}
