//! What is not known is never agreement: each gap, beside the nearest facts without it.

use serde_json::{Value, json};

use super::support::{Proposal, REVIEWED, account, loosen, tighten};

/// Something that is missing from facts, or does not fit; it is given the name of another commit.
type Gap = fn(&mut Value, &str);

/// A proposal that passes with these facts.
fn agreed() -> Proposal {
    Proposal::loosens().reviewed("ben-at-work", "approved", REVIEWED)
}

#[test]
fn a_gap_in_the_facts_is_no_agreement() {
    agreed().check().is("pass", &[]);
    let other = "0123456789012345678901234567890123456789";
    let gaps: [(&str, Gap); 13] = [
        ("unread", |facts, _| facts["reviews"]["complete"] = json!(false)),
        ("unread", |facts, _| facts["pushes"]["complete"] = json!(false)),
        ("unread", |facts, _| facts["commits"]["complete"] = json!(false)),
        ("unread", |facts, _| facts["reviews"]["total"] = json!(2)),
        ("unread", |facts, _| facts["pushes"]["total"] = json!(0)),
        ("no-push", |facts, _| facts["pushes"]["entries"] = json!([])),
        ("other-push", |facts, other| facts["pushes"]["entries"][0]["commit"] = json!(other)),
        ("other-push", |facts, other| {
            // At the same instant, so that nobody knows which of the two was the last.
            let mut second = facts["pushes"]["entries"][0].clone();
            second["commit"] = json!(other);
            facts["pushes"]["entries"].as_array_mut().unwrap().push(second);
        }),
        ("other-commits", |facts, _| facts["commits"]["entries"] = json!([])),
        ("other-commits", |facts, other| {
            let more = json!({ "commit": other });
            facts["commits"]["entries"].as_array_mut().unwrap().push(more);
        }),
        ("other-branch", |facts, _| facts["pull-request"]["base"]["branch"] = json!("release")),
        ("clock", |facts, _| facts["reviews"]["entries"][0]["at"] = json!("2026-11-20T11:00:01Z")),
        ("clock", |facts, _| facts["recorded-at"] = json!("2026-11-19T08:59:30Z")),
    ];
    for (code, gap) in gaps {
        let said = agreed().with(|facts| gap(facts, other)).check();
        said.is("indeterminate", &[code]);
    }
    // Lists that say how many entries they have, and have them.
    let whole = |facts: &mut Value| {
        facts["reviews"]["total"] = json!(1);
        facts["pushes"]["total"] = json!(1);
    };
    agreed().with(whole).check().is("pass", &[]);
}

#[test]
fn facts_about_another_commit_say_nothing_about_this_one() {
    let proposal = agreed();
    let facts = proposal.facts.to_string();
    proposal.git.write(".git/facts.json", &facts);
    for (flags, code) in
        [(["--head", proposal.base.as_str()], "other-head"), (["--base", "HEAD~2"], "other-base")]
    {
        let mut all = vec!["pr", "check", "--facts", ".git/facts.json", "--format", "json"];
        all.extend(flags);
        let run = proposal.git.gitsm(&all);
        let json: Value = serde_json::from_str(&run.stdout).unwrap();
        let codes: Vec<&str> =
            json["reasons"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        // Also where nobody would have to agree: the verdict is about the pull request that the facts are about.
        assert!(codes.contains(&code), "{codes:?}");
        assert_eq!(run.status, 6, "{codes:?}");
    }
}

#[test]
fn whoever_is_not_known_could_be_anybody() {
    let strangers: [fn(&mut Value); 4] = [
        |facts| facts["pull-request"]["opened-by"] = account("stranger"),
        |facts| facts["pushes"]["entries"][0]["by"] = account("stranger"),
        |facts| facts["commits"]["entries"][0]["author"] = account("stranger"),
        |facts| facts["commits"]["entries"][0]["committer"] = account("a-program[bot]"),
    ];
    for stranger in strangers {
        agreed().with(stranger).check().is("indeterminate", &["unknown-contributor"]);
    }
    // The forge commits what somebody merges there, and nobody else writes in its name.
    let forge = |facts: &mut Value| facts["commits"]["entries"][0]["committer"] = account("web-flow");
    agreed().with(forge).check().is("pass", &[]);
    let wrote = |facts: &mut Value| facts["commits"]["entries"][0]["author"] = account("web-flow");
    agreed().with(wrote).check().is("indeterminate", &["unknown-contributor"]);
    // A co-author whom nobody knows.
    let mut helped = Proposal::new(|git| {
        loosen(git);
        git.commit_by("ana@example.com", "With help\n\nCo-authored-by: Who <who@elsewhere.example>");
    });
    let first = helped.git.git(&["rev-parse", "HEAD~1"]);
    helped.facts["commits"]["entries"].as_array_mut().unwrap().push(json!({ "commit": first }));
    let said = helped.reviewed("ben-at-work", "approved", REVIEWED).check();
    said.is("indeterminate", &["unknown-contributor"]);
    let message = said.json["reasons"][0]["message"].as_str().unwrap();
    assert!(message.contains("`who@elsewhere.example`"), "{message}");
}

#[test]
fn without_facts_nothing_is_known_about_agreement() {
    Proposal::loosens().check_offline().is("indeterminate", &["no-facts", "waiting", "waiting"]);
    Proposal::new(tighten).check_offline().is("pass", &[]);
}

#[test]
fn a_base_that_cannot_be_relied_upon_decides_nothing() {
    let broken = |git: &crate::git::support::Git| git.write("catalog/broken.toml", "[team.odd]\nname = 7\n");
    let proposal = Proposal::after(broken, |git| git.write("catalog/broken.toml", "# mended\n"));
    let said = proposal.reviewed("ben-at-work", "approved", REVIEWED).check();
    assert_eq!(said.run.status, 6, "{:?}", said.reasons());
    assert!(said.reasons().contains(&"base"), "{:?}", said.reasons());
}

#[test]
fn facts_that_cannot_be_read_are_said_to_be_so() {
    let proposal = Proposal::loosens();
    let head = proposal.head.clone();
    let whole = proposal.facts.to_string();
    for (facts, says) in [
        ("", "does not hold the facts of a pull request"),
        ("{}", "missing field `format-version`"),
        (&whole.replace("\"format-version\":1", "\"format-version\":2"), "version 2 of the format"),
        (&whole.replace("\"reviews\":{", "\"reviews\":{\"pages\":3,"), "unknown field `pages`"),
        (&whole.replace("\"forge\":", "\"forge\":\"a\",\"forge\":"), "duplicate field `forge`"),
        (&whole.replace(&head, "main"), "`main` is not the 40 hexadecimal digits of a commit"),
        (&whole.replace(&head, &"0".repeat(40)), "is not in this clone"),
    ] {
        proposal.git.write(".git/facts.json", facts);
        let run = proposal.git.gitsm(&["pr", "check", "--facts", ".git/facts.json"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
    proposal.git.write(".git/facts.json", &whole);
    assert_eq!(proposal.git.gitsm(&["pr", "check", "--facts", ".git/facts.json"]).status, 4);
}
