//! Whose agreement counts: each review that must not count, beside the nearest one that does.

use serde_json::{Value, json};

use super::support::{Proposal, REVIEWED, account, loosen};

/// When somebody looks at it once more.
const LATER: &str = "2026-11-19T11:00:00Z";

/// What somebody did who made a part of a proposal.
type Made = fn(Proposal) -> Proposal;

#[test]
fn a_change_that_loosens_needs_somebody_who_did_not_make_it() {
    let waiting = Proposal::loosens().check();
    waiting.is("refused", &["waiting", "waiting"]);
    let stage = &waiting.json["by-base"]["stages"][0];
    assert_eq!(stage["can-agree"], json!(["ben", "cleo", "dan"]), "{stage}");
    assert_eq!(stage["because"], json!(["governance:rulebook/control"]));
    let agreed = Proposal::loosens().reviewed("ben-at-work", "approved", REVIEWED).check();
    agreed.is("pass", &[]);
    assert_eq!(agreed.agreed(), ["ben"]);
}

#[test]
fn nobody_approves_what_they_made() {
    // Whoever is named in each of these parts is Ben, who would be asked otherwise.
    let parts: [(&str, Made); 4] = [
        ("opened", |one| one.with(|facts| facts["pull-request"]["opened-by"] = account("ben-at-work"))),
        ("pushed", |one| one.with(|facts| facts["pushes"]["entries"][0]["by"] = account("ben-at-work"))),
        ("wrote", |one| one.with(|facts| facts["commits"]["entries"][0]["author"] = account("ben-at-work"))),
        ("committed", |one| {
            one.with(|facts| facts["commits"]["entries"][0]["committer"] = account("ben-at-work"))
        }),
    ];
    for (part, made) in parts {
        let said = made(Proposal::loosens()).reviewed("ben-at-work", "approved", REVIEWED).check();
        said.is("refused", &["waiting", "waiting"]);
        assert_eq!(said.not_counted(), [(1, "own-change")], "{part}");
        let other = made(Proposal::loosens()).reviewed("cleo-at-work", "approved", REVIEWED).check();
        other.is("pass", &[]);
    }
}

#[test]
fn what_a_commit_says_keeps_its_author_from_approving() {
    for (address, message) in [
        ("BEN@example.com", "Another address of Ben's"),
        ("ben@home.example.com", "A third one"),
        ("1011+ben-at-work@users.noreply.github.com", "The address that the forge makes"),
        ("ana@example.com", "With help\n\nCo-Authored-By: somebody <ben@example.com>"),
    ] {
        let mut proposal = Proposal::new(|git| {
            loosen(git);
            git.commit_by(address, message);
        });
        let first = proposal.git.git(&["rev-parse", "HEAD~1"]);
        let entries = proposal.facts["commits"]["entries"].as_array_mut().unwrap();
        entries.push(json!({ "commit": first }));
        let said = proposal.reviewed("ben-at-work", "approved", REVIEWED).check();
        said.is("refused", &["waiting", "waiting"]);
        assert_eq!(said.not_counted(), [(1, "own-change")], "{message}");
    }
}

#[test]
fn a_push_voids_what_was_approved_before_it() {
    for (at, code) in [("2026-11-19T08:59:59Z", "before-push"), ("2026-11-19T09:00:00Z", "before-push")] {
        let said = Proposal::loosens().reviewed("ben-at-work", "approved", at).check();
        said.is("refused", &["waiting", "waiting"]);
        assert_eq!(said.not_counted(), [(1, code)]);
    }
    Proposal::loosens().reviewed("ben-at-work", "approved", "2026-11-19T09:00:01Z").check().is("pass", &[]);
    // A review that was made to name the last commit afterwards, and one that never did.
    let mut other = Proposal::loosens();
    let base = other.base.clone();
    other.review(&account("ben-at-work"), "approved", REVIEWED, &base);
    let said = other.check();
    said.is("refused", &["waiting", "waiting"]);
    assert_eq!(said.not_counted(), [(1, "other-commit")]);
}

#[test]
fn programs_and_strangers_never_count() {
    let mut bot = Proposal::loosens();
    let head = bot.head.clone();
    let as_bot = json!({ "login": "ben-at-work", "id": 1, "kind": "bot" });
    bot.review(&as_bot, "approved", REVIEWED, &head);
    let said = bot.check();
    said.is("refused", &["waiting", "waiting"]);
    assert_eq!(said.not_counted(), [(1, "program")]);
    let stranger = Proposal::loosens().reviewed("stranger", "approved", REVIEWED).check();
    stranger.is("refused", &["waiting", "waiting"]);
    assert_eq!(stranger.not_counted(), [(1, "unknown-account")]);
    // Somebody of the directory whom nobody asked.
    let asked_nobody = Proposal::loosens()
        .with(|facts| facts["pull-request"]["opened-by"] = account("dan-at-work"))
        .with(|facts| {
            facts["commits"]["entries"][0] = json!({ "commit": facts["commits"]["entries"][0]["commit"] });
        });
    let said = asked_nobody.reviewed("ana-at-work", "approved", REVIEWED).check();
    assert_eq!(said.not_counted(), [(1, "own-change")]);
}

#[test]
fn an_account_that_was_given_up_and_taken_by_somebody_else_does_not_count() {
    let numbered = |number: &'static str| {
        Proposal::after(
            move |git| {
                let from = "github = \"ben-at-work\"";
                git.edit("catalog/organisation.toml", from, &format!("{from}, github-id = \"{number}\""));
            },
            loosen,
        )
        .reviewed("ben-at-work", "approved", REVIEWED)
        .check()
    };
    let said = numbered("4");
    said.is("refused", &["waiting", "waiting"]);
    assert_eq!(said.not_counted(), [(1, "unknown-account")]);
    numbered("1011").is("pass", &[]);
}

#[test]
fn people_are_counted_and_not_accounts() {
    let two = |first: &str, second: &str| {
        Proposal::after(
            |git| {
                git.edit("policies/governance.toml", "id = \"security\"\n", "id = \"security\"\nneed = 2\n");
                // A second account of Ben's, under a record of its own that Ben answers for.
                git.edit(
                    "catalog/organisation.toml",
                    "[person.cleo]",
                    "[person.ben-robot]\nname = \"Ben's robot\"\nemployment = \"service-account\"\n\
                     purpose = \"Builds\"\nowner = \"person:ben\"\naccounts = { github = \"ben-robot\" }\n\n[person.cleo]",
                );
            },
            loosen,
        )
        .reviewed(first, "approved", REVIEWED)
        .reviewed(second, "approved", REVIEWED)
        .check()
    };
    let same = two("ben-at-work", "BEN-at-work");
    same.is("refused", &["waiting", "waiting"]);
    assert_eq!((same.agreed(), same.not_counted()), (vec!["ben"], vec![(1, "later-review")]));
    let robot = two("ben-at-work", "ben-robot");
    robot.is("refused", &["waiting", "waiting"]);
    assert_eq!((robot.agreed(), robot.not_counted()), (vec!["ben"], vec![(2, "not-a-person")]));
    two("ben-at-work", "cleo-at-work").is("pass", &[]);
}

#[test]
fn two_records_of_one_person_with_an_account_each_are_one_person() {
    let two = |address: &'static str| {
        Proposal::after(
            move |git| {
                git.edit("policies/governance.toml", "id = \"security\"\n", "id = \"security\"\nneed = 2\n");
                let second = format!(
                    "[person.ben-extern]\nname = \"Ben Okoro\"\nemail = \"{address}\"\ndepartment = \"it\"\n\
                     title = \"Engineer\"\nlocation = \"de-berlin\"\nmanager = \"ana\"\n\
                     accounts = {{ github = \"ben-at-home\" }}\n\n[person.cleo]"
                );
                git.edit("catalog/organisation.toml", "[person.cleo]", &second);
                let team = "[\"ben\", \"cleo\", \"dan\"]";
                git.edit("catalog/organisation.toml", team, "[\"ben\", \"cleo\", \"dan\", \"ben-extern\"]");
            },
            loosen,
        )
        .reviewed("ben-at-work", "approved", REVIEWED)
        .reviewed("ben-at-home", "approved", LATER)
        .check()
    };
    let same = two("ben@example.com");
    same.is("refused", &["waiting", "waiting"]);
    assert_eq!(same.agreed().len(), 1, "{:?}", same.agreed());
    two("other.ben@example.com").is("pass", &[]);
}

#[test]
fn policy_and_what_checks_it_changed_together_are_judged_by_the_rules_of_before() {
    let takes_over = |git: &crate::git::support::Git| {
        let text = git.read("policies/governance.toml");
        git.write("policies/governance.toml", text.replace("team:security", "person:ana"));
        git.write(".github/workflows/gitsm.yml", "name: nothing\n");
        git.write("CODEOWNERS", "* @ana-at-work\n");
        loosen(git);
    };
    let said = Proposal::new(takes_over).reviewed("ana-at-work", "approved", REVIEWED).check();
    let governs = said.json["touches"]["governs"].as_array().unwrap();
    for item in ["CODEOWNERS", ".github/workflows/gitsm.yml"] {
        assert!(governs.iter().any(|one| one == item), "{governs:?}");
    }
    assert_eq!(said.run.status, 4, "{:?}", said.reasons());
    assert_eq!(said.not_counted(), [(1, "own-change")]);
    // Whom the rules of before ask is not enough either: whoever is asked by the change as well could not agree to it.
    let ben = Proposal::new(takes_over).reviewed("ben-at-work", "approved", REVIEWED).check();
    assert_eq!((ben.run.status, ben.json["by-base"]["state"].as_str()), (4, Some("approved")));
    // The nearest one that leaves it to those who are asked before passes with them.
    let nearest = Proposal::new(|git| {
        git.write(".github/workflows/gitsm.yml", "name: nothing\n");
        git.write("CODEOWNERS", "* @ana-at-work\n");
        loosen(git);
    });
    nearest.reviewed("ben-at-work", "approved", REVIEWED).check().is("pass", &[]);
}

#[test]
fn whoever_answers_for_a_program_does_not_approve_what_it_made() {
    let by_robot = |owner: &'static str| {
        Proposal::after(
            move |git| {
                let robot = format!(
                    "[person.robot]\nname = \"Robot\"\nemployment = \"service-account\"\npurpose = \"Builds\"\n\
                     owner = \"person:{owner}\"\naccounts = {{ github = \"robot\" }}\n\n[person.cleo]"
                );
                git.edit("catalog/organisation.toml", "[person.cleo]", &robot);
            },
            loosen,
        )
        .with(|facts| facts["pull-request"]["opened-by"] = account("robot"))
        .reviewed("ben-at-work", "approved", REVIEWED)
        .check()
    };
    let said = by_robot("ben");
    said.is("refused", &["waiting", "waiting"]);
    assert_eq!(said.not_counted(), [(1, "own-change")]);
    by_robot("ana").is("pass", &[]);
}

#[test]
fn the_last_word_of_somebody_counts_and_a_dismissed_one_brings_no_earlier_one_back() {
    let said = |words: &[(&str, &str)]| {
        let proposal = words
            .iter()
            .fold(Proposal::loosens(), |proposal, (state, at)| proposal.reviewed("ben-at-work", state, at));
        proposal.check()
    };
    said(&[("changes-requested", REVIEWED)]).is("refused", &["rejected", "rejected"]);
    said(&[("changes-requested", REVIEWED), ("approved", LATER)]).is("pass", &[]);
    said(&[("approved", REVIEWED), ("changes-requested", LATER)]).is("refused", &["rejected", "rejected"]);
    said(&[("approved", REVIEWED), ("commented", LATER)]).is("pass", &[]);
    let dismissed = |was: Value| {
        let proposal = Proposal::loosens().reviewed("ben-at-work", "approved", REVIEWED);
        let proposal = proposal.reviewed("ben-at-work", "dismissed", LATER);
        proposal.with(|facts| facts["reviews"]["entries"][1]["dismissed"] = was).check()
    };
    // Of what nobody knows what it was it may be that it objected.
    said(&[("approved", REVIEWED), ("dismissed", LATER)]).is("refused", &["rejected", "rejected"]);
    dismissed(json!({ "was": "changes-requested" })).is("refused", &["rejected", "rejected"]);
    let dismissed = dismissed(json!({ "was": "approved" }));
    dismissed.is("refused", &["waiting", "waiting"]);
    assert_eq!(dismissed.not_counted(), [(1, "later-review"), (2, "dismissed")]);
    // An objection stays, whatever is pushed after it.
    said(&[("changes-requested", "2026-11-19T08:59:30Z")]).is("refused", &["rejected", "rejected"]);
    // Enough agreed before it, and it stops the change all the same: nothing is merged yet.
    let late = Proposal::loosens()
        .reviewed("cleo-at-work", "approved", REVIEWED)
        .reviewed("ben-at-work", "changes-requested", LATER)
        .check();
    late.is("refused", &["rejected", "rejected"]);
    assert_eq!((late.agreed(), late.not_counted()), (vec!["cleo"], Vec::new()));
    // The objection of somebody whom nobody asks ends nothing.
    let stranger = Proposal::loosens().reviewed("stranger", "changes-requested", REVIEWED);
    stranger.reviewed("ben-at-work", "approved", LATER).check().is("pass", &[]);
}

#[test]
fn nobody_becomes_an_approver_by_the_change_itself() {
    let eve = "[person.eve]\nname = \"Eve Novak\"\nemail = \"eve@example.com\"\ndepartment = \"it\"\n\
               title = \"Engineer\"\nlocation = \"de-berlin\"\nmanager = \"ana\"\n\
               accounts = { github = \"eve\" }\n\n[person.cleo]";
    let join = move |git: &crate::git::support::Git| {
        git.edit("catalog/organisation.toml", "[person.cleo]", eve);
        git.edit(
            "catalog/organisation.toml",
            "[\"ben\", \"cleo\", \"dan\"]",
            "[\"ben\", \"cleo\", \"dan\", \"eve\"]",
        );
    };
    let added = Proposal::new(|git| {
        join(git);
        loosen(git);
    });
    let said = added.reviewed("eve", "approved", REVIEWED).check();
    said.is("refused", &["waiting"]);
    assert_eq!(said.not_counted(), [(1, "unknown-account")]);
    assert_eq!(said.json["both-count"], true);
    assert_eq!(said.json["by-head"]["state"], "approved", "the changed rulebook would let her");
    let before = Proposal::after(join, loosen);
    before.reviewed("eve", "approved", REVIEWED).check().is("pass", &[]);
}

#[test]
fn rules_about_rules_are_those_of_the_base_and_those_of_the_change() {
    // The change asks nobody any more.
    let lowered = Proposal::new(|git| {
        git.edit("policies/governance.toml", "effect = \"loosens\"", "effect = \"commitment\"");
    });
    let said = lowered.check();
    assert_eq!(said.json["touches"]["governs"], json!(["governance/rulebook"]));
    said.is("refused", &["waiting"]);
    assert!(said.json["by-head"]["state"].is_null(), "{}", said.json["by-head"]);
    // The change asks somebody else: both have to agree.
    let others = || {
        Proposal::new(|git| {
            git.edit(
                "policies/governance.toml",
                "approvers = [\"team:security\"]",
                "approvers = [\"person:cleo\"]",
            );
        })
    };
    let ben = others().reviewed("ben-at-work", "approved", REVIEWED).check();
    ben.is("refused", &["waiting"]);
    assert_eq!(ben.json["by-base"]["state"], "approved");
    assert_eq!(ben.json["by-head"]["state"], "pending");
    others().reviewed("cleo-at-work", "approved", REVIEWED).check().is("pass", &[]);
}

#[test]
fn what_checks_changes_is_governed_like_the_rules() {
    for path in [".github/workflows/check.yml", "docs/CODEOWNERS", ".gitattributes", "keys/allowed_signers"] {
        let said = Proposal::new(|git| git.write(path, "# another one\n")).check();
        assert_eq!(said.json["touches"]["governs"], json!([path]));
        said.is("refused", &["waiting", "waiting"]);
    }
    let said = Proposal::new(|git| git.write("docs/notes.md", "# another one\n")).check();
    assert_eq!(said.json["touches"]["governs"], json!([]));
    said.is("pass", &[]);
    let settings =
        Proposal::new(|git| git.edit("gitsm.toml", "currency = \"EUR\"", "currency = \"USD\"")).check();
    assert_eq!(settings.json["touches"]["governs"], json!(["gitsm.toml"]));
    // Whose account somebody has decides who approves next time.
    let account = Proposal::new(|git| {
        git.edit("catalog/organisation.toml", "\"ben-at-work\"", "\"mallory\"");
    });
    let said = account.check();
    assert_eq!(said.json["touches"]["governs"], json!(["person/ben"]));
    said.is("refused", &["waiting", "waiting"]);
}

#[test]
fn an_objection_is_silenced_by_nothing_that_the_proposer_writes_nor_by_time() {
    // After the time of the stage was up.
    let late = Proposal::loosens()
        .with(|facts| facts["recorded-at"] = json!("2026-11-26T09:00:00Z"))
        .reviewed("ben-at-work", "approved", REVIEWED)
        .reviewed("dan-at-work", "changes-requested", "2026-11-25T09:00:00Z");
    late.git.write(".git/facts.json", late.facts.to_string());
    let arguments = ["pr", "check", "--facts", ".git/facts.json", "--now", "2026-11-26T10:00:00Z"];
    let run = late.git.gitsm(&arguments);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("somebody who was asked said no"), "{}", run.stdout);
    // By a commit that names whoever objects as a co-author.
    let mut named = Proposal::new(|git| {
        loosen(git);
        git.commit_by("ana@example.com", "With help\n\nCo-authored-by: Dan <dan@example.com>");
    });
    let first = named.git.git(&["rev-parse", "HEAD~1"]);
    named.facts["commits"]["entries"].as_array_mut().unwrap().push(json!({ "commit": first }));
    let named = named.reviewed("dan-at-work", "changes-requested", REVIEWED);
    let said = named.reviewed("ben-at-work", "approved", LATER).check();
    said.is("refused", &["rejected", "rejected"]);
}

#[test]
fn each_of_the_rules_about_rules_needs_a_rule_that_is_about_it() {
    let weak = |git: &crate::git::support::Git| {
        git.edit(
            "policies/governance.toml",
            "effect = \"loosens\"",
            "kinds = [\"access\"]\neffect = \"loosens\"",
        );
        let text = git.read("policies/governance.toml");
        let rule =
            "\n[[governance.rulebook.rule]]\nid = \"notes\"\npaths = [\"*.md\"]\nworkflow = \"notes\"\n";
        let workflow = "\n[workflow.notes]\nname = \"Notes\"\nowner = \"team:desk\"\n\n[[workflow.notes.stage]]\nid = \"cleo\"\napprovers = [\"person:cleo\"]\n";
        git.write("policies/governance.toml", format!("{text}{rule}{workflow}"));
    };
    let takes_over = |git: &crate::git::support::Git| {
        git.edit(
            "policies/governance.toml",
            "approvers = [\"team:security\"]",
            "approvers = [\"person:dan\"]",
        );
        git.write("x.md", "notes\n");
    };
    let said = Proposal::after(weak, takes_over).reviewed("cleo-at-work", "approved", REVIEWED).check();
    said.is("refused", &["ungoverned"]);
    let notes = Proposal::after(weak, |git| git.write("x.md", "notes\n"));
    notes.reviewed("cleo-at-work", "approved", REVIEWED).check().is("pass", &[]);
}

#[test]
fn who_has_a_role_that_governance_asks_is_governed() {
    let by_role = |git: &crate::git::support::Git| {
        git.edit(
            "policies/governance.toml",
            "approvers = [\"team:security\"]",
            "approvers = [\"role:manager\"]",
        );
    };
    let manager = |git: &crate::git::support::Git| {
        git.edit(
            "catalog/organisation.toml",
            "title = \"Account manager\"\nlocation = \"fr-lyon\"\nmanager = \"ana\"",
            "title = \"Account manager\"\nlocation = \"fr-lyon\"\nmanager = \"dan\"",
        );
    };
    let said = Proposal::after(by_role, manager).check();
    assert_eq!(said.json["touches"]["governs"], json!(["person/cleo"]));
    assert_eq!(said.run.status, 4, "{:?}", said.reasons());
}

#[test]
fn an_objection_of_somebody_who_is_on_leave_is_heard() {
    let proposal = |person: &'static str| {
        let from =
            format!("accounts = {{ github = \"{person}-at-work\", home = \"{person}@home.example.com\" }}\n");
        let away = move |git: &crate::git::support::Git| {
            git.edit("catalog/organisation.toml", &from, &format!("{from}status = \"on-leave\"\n"));
        };
        Proposal::after(away, loosen).reviewed("ben-at-work", "approved", LATER)
    };
    proposal("dan").check().is("pass", &[]);
    let said = proposal("dan").reviewed("dan-at-work", "changes-requested", REVIEWED).check();
    said.is("refused", &["rejected", "rejected"]);
}
