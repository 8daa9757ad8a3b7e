//! What the gate says about a change itself: whether the rulebook stays right, what applies, and what comes of merging.

use serde_json::json;

use super::support::{Proposal, REVIEWED, loosen, tighten};
use crate::git::support::Git;

#[test]
fn what_only_tightens_needs_nobody_where_no_rule_asks() {
    let said = Proposal::new(tighten).check();
    said.is("pass", &[]);
    assert_eq!(said.json["touches"]["tightens"], true);
    assert_eq!(said.json["by-base"]["rules"], json!([]));
}

#[test]
fn a_rulebook_that_would_be_wrong_is_not_merged_whoever_agrees() {
    let wrong = Proposal::new(|git| {
        git.edit("catalog/services.toml", "lifecycle = \"active\"", "lifecycle = \"alive\"");
    });
    let said = wrong.reviewed("ben-at-work", "approved", REVIEWED).check();
    assert_eq!((said.run.status, said.json["verdict"].as_str().unwrap()), (1, "fail"));
    assert!(said.run.stderr.contains("catalog/services.toml:"), "{}", said.run.stderr);
    assert!(said.reasons().contains(&"errors"));
}

#[test]
fn a_scenario_that_fails_stops_a_change() {
    let scenario = |verdict: &'static str| {
        move |git: &Git| {
            git.write(
                "policies/scenarios.toml",
                format!(
                    "[scenario.mailbox]\ndescription = \"a mailbox\"\nnow = 2026-11-20T12:00:00Z\nrequest.requester = \"dan\"\n\
                     request.entitlements = [\"mail/user\"]\nrequest.duration = \"30d\"\nexpect.verdict = \"{verdict}\"\n"
                ),
            );
        }
    };
    let failing = Proposal::new(scenario("denied")).check();
    failing.is("fail", &["scenarios"]);
    assert_eq!(failing.json["scenarios"]["failed"], json!(["mailbox"]));
    let passing = Proposal::new(scenario("approved")).check();
    passing.is("pass", &[]);
    assert_eq!(passing.json["scenarios"]["passed"], 1);
}

/// What else is in a bundle decides whether somebody is given any of it.
#[test]
fn what_a_bundle_gives_once_less_is_in_it_needs_people() {
    let prepare = |git: &Git| {
        git.edit(
            "policies/access.toml",
            "[[access.mail.rule]]\nid = \"everybody\"",
            "[[access.mail.rule]]\nid = \"reports\"\nwhen.entitlement.id = \"mail/reports\"\ndecision = \"auto-approve\"\n\
             require = [\"justification\"]\n\n[[access.mail.rule]]\nid = \"everybody\"",
        );
        git.edit(
            "catalog/services.toml",
            "[service.mail.entitlement.admin]\n",
            "[service.mail.entitlement.reports]\nname = \"Reports\"\nrisk = \"low\"\nlicence-tier = \"basic\"\nrole = \"reports\"\n\
             groups = [\"mail-reports\"]\nprovision = { method = \"manual\", team = \"desk\" }\n\
             remove = { method = \"manual\", team = \"desk\" }\n\n[service.mail.entitlement.admin]\n",
        );
        git.write(
            "catalog/bundle.toml",
            "[bundle.sales]\nname = \"Sales\"\nowner = \"team:security\"\nwhen.subject.department = \"sales\"\n\
             entitlements = [\"mail/user\", \"mail/reports\"]\n",
        );
    };
    let edit =
        |from: &'static str, to: &'static str| move |git: &Git| git.edit("catalog/bundle.toml", from, to);
    let less = Proposal::after(prepare, edit(", \"mail/reports\"", "")).check();
    less.is("refused", &["waiting", "waiting"]);
    assert_eq!(less.json["touches"]["loosens"], true);
    Proposal::after(prepare, edit("name = \"Sales\"", "name = \"The sales team\"")).check().is("pass", &[]);
}

/// Moves the branch that a proposal goes into.
fn meanwhile(mut proposal: Proposal, change: impl FnOnce(&Git)) -> Proposal {
    proposal.git.git(&["switch", "--quiet", "main"]);
    change(&proposal.git);
    proposal.base = proposal.git.commit_by("cleo@example.com", "Meanwhile");
    proposal.facts["pull-request"]["base"]["commit"] = json!(proposal.base);
    proposal
}

#[test]
fn what_counts_is_what_comes_of_merging() {
    // Each of the two is harmless by itself: one moves a service to another owner, the other removes that team.
    let team = "[team.night]\nname = \"Night\"\nmembers = [\"ben\"]\nlead = \"ben\"\nmailbox = \"night@example.com\"\n\
                function = \"it\"\nsupport-level = \"l2\"\n";
    let prepared = |git: &Git| git.write("catalog/night.toml", team);
    let owned = |git: &Git| {
        git.edit(
            "catalog/services.toml",
            "owner = \"team:security\"\nlicence-tier",
            "owner = \"team:night\"\nlicence-tier",
        );
    };
    let proposal = Proposal::after(prepared, owned);
    let before = proposal.git.git(&["count-objects"]);
    let together =
        meanwhile(proposal, |git| std::fs::remove_file(git.path().join("catalog/night.toml")).unwrap());
    let said = together.check();
    assert_eq!((said.run.status, said.json["merged"].as_bool()), (1, Some(true)), "{:?}", said.reasons());
    assert!(said.run.stderr.contains("team"), "{}", said.run.stderr);
    // Merging is done in memory: what was written are the two commits of the test.
    let after = together.git.git(&["count-objects"]);
    assert_ne!(before, after, "the test committed");
    let again = together.check();
    assert_eq!(again.json["verdict"], said.json["verdict"]);
    assert_eq!(together.git.git(&["count-objects"]), after);
    let apart = meanwhile(Proposal::after(prepared, owned), |git| git.write("docs/notes.md", "notes\n"));
    assert_ne!(apart.check().run.status, 1);
}

#[test]
fn a_conflict_is_said_and_not_solved() {
    let longer =
        |git: &Git| git.edit("catalog/services.toml", "max-duration = \"30d\"", "max-duration = \"60d\"");
    let proposal = meanwhile(Proposal::new(longer), tighten);
    let said = proposal.reviewed("ben-at-work", "approved", REVIEWED).check();
    said.is("fail", &["conflicts"]);
    let message = said.json["reasons"][0]["message"].as_str().unwrap();
    assert_eq!(message, "both sides changed `catalog/services.toml`");
}

#[test]
fn rules_apply_by_kind_path_effect_risk_and_people() {
    let rule = |text: &'static str| {
        move |git: &Git| {
            let governance = git.read("policies/governance.toml");
            git.write(
                "policies/governance.toml",
                format!("{governance}\n[[governance.rulebook.rule]]\nid = \"more\"\n{text}\nworkflow = \"rulebook-change\"\n"),
            );
        }
    };
    let applies = |text: &'static str, change: fn(&Git)| {
        let said = Proposal::after(rule(text), change).check();
        let rules = said.json["by-base"]["rules"].as_array().unwrap().clone();
        rules.iter().any(|rule| rule["rule"] == "governance:rulebook/more")
    };
    let move_file: fn(&Git) = |git| {
        let text = git.read("catalog/services.toml");
        std::fs::remove_file(git.path().join("catalog/services.toml")).unwrap();
        git.write("catalog/moved.toml", text.replace("max-duration = \"30d\"", "max-duration = \"10d\""));
    };
    for (text, change, expected) in [
        ("kinds = [\"service\"]", tighten as fn(&Git), true),
        ("kinds = [\"workflow\"]", tighten, false),
        ("paths = [\"catalog/*.toml\"]", tighten, true),
        ("paths = [\"catalog/*/*.toml\"]", tighten, false),
        ("kinds = [\"service\"]\npaths = [\"policies/**\"]", tighten, false),
        // An object that moves is looked at where it was and where it is.
        ("kinds = [\"service\"]\npaths = [\"catalog/services.toml\"]", move_file, true),
        ("kinds = [\"service\"]\npaths = [\"catalog/moved.toml\"]", move_file, true),
        ("effect = \"tightens\"", tighten, true),
        ("effect = \"tightens\"", loosen, false),
        ("effect = \"loosens\"", tighten, false),
        ("effect = \"commitment\"", tighten, false),
        ("risk-min = \"high\"", tighten, true),
        ("risk-min = \"critical\"", tighten, false),
        ("people-min = 1", tighten, true),
        ("people-min = 100", tighten, false),
        ("tier = \"standard\"", tighten, true),
        ("effect = \"any\"", tighten, true),
    ] {
        assert_eq!(applies(text, change), expected, "{text}");
    }
}

#[test]
fn a_change_that_loosens_and_that_no_rule_is_about_is_refused() {
    let elsewhere = |git: &Git| {
        git.edit("policies/governance.toml", "effect = \"loosens\"", "effect = \"commitment\"");
    };
    Proposal::after(elsewhere, loosen).check().is("refused", &["ungoverned"]);
    Proposal::after(elsewhere, tighten).check().is("pass", &[]);
}

#[test]
fn the_first_rules_are_judged_by_themselves() {
    let rules = std::cell::RefCell::new(String::new());
    let without = |git: &Git| {
        *rules.borrow_mut() = git.read("policies/governance.toml");
        std::fs::remove_file(git.path().join("policies/governance.toml")).unwrap();
    };
    let add = |git: &Git| git.write("policies/governance.toml", rules.borrow().as_str());
    let said = Proposal::after(without, add).check();
    said.is("refused", &["waiting"]);
    Proposal::after(without, add).reviewed("ben-at-work", "approved", REVIEWED).check().is("pass", &[]);
    Proposal::after(without, loosen).check().is("refused", &["ungoverned"]);
    // Rules that say nothing about themselves leave it to everybody what becomes of them.
    let weak = |git: &Git| {
        add(git);
        git.edit("policies/governance.toml", "effect = \"loosens\"", "kinds = [\"service\", \"access\"]");
        tighten(git);
    };
    let weak = Proposal::after(without, weak).reviewed("ben-at-work", "approved", REVIEWED);
    weak.check().is("refused", &["ungoverned"]);
}

#[test]
fn nobody_whom_a_change_brings_agrees_to_its_first_rules() {
    let rules = std::cell::RefCell::new(String::new());
    let robot = "[person.robot]\nname = \"Robot\"\nemployment = \"service-account\"\npurpose = \"Builds\"\n\
                 owner = \"person:ben\"\naccounts = { github = \"robot\" }\n\n[person.cleo]";
    let without = |git: &Git| {
        *rules.borrow_mut() = git.read("policies/governance.toml");
        std::fs::remove_file(git.path().join("policies/governance.toml")).unwrap();
        git.edit("catalog/organisation.toml", "[person.cleo]", robot);
    };
    let members = "[\"ben\", \"cleo\", \"dan\"]";
    let first = |from: &'static str, to: &'static str, who: &'static str| {
        let add = |git: &Git| {
            git.write("policies/governance.toml", rules.borrow().as_str());
            git.edit("catalog/organisation.toml", from, to);
            git.edit(
                "catalog/organisation.toml",
                members,
                &members.replace("\"cleo\"", &format!("\"cleo\", {who}")),
            );
        };
        Proposal::after(without, add)
    };
    let second = "[person.ana-too]\nname = \"Ana Silva\"\nemail = \"ana-too@example.com\"\ndepartment = \"it\"\n\
                  title = \"Engineer\"\nlocation = \"de-berlin\"\nmanager = \"ana\"\n\
                  accounts = { github = \"ana-too\" }\n\n[person.cleo]";
    let human = "employment = \"service-account\"\npurpose = \"Builds\"\nowner = \"person:ben\"\n";
    for (name, proposal, account, code) in [
        // A person who comes with it: it may be the one who proposes it.
        ("comes", first("[person.cleo]", second, "\"ana-too\""), "ana-too", "unknown-account"),
        // Another account of somebody who is there.
        ("account", first("\"ben-at-work\"", "\"ana-too\"", "\"ana\""), "ana-too", "unknown-account"),
        // A program that becomes a person.
        ("robot", first(human, "manager = \"ana\"\n", "\"robot\""), "robot", "newcomer"),
    ] {
        let said = proposal.reviewed(account, "approved", REVIEWED).check();
        said.is("refused", &["waiting"]);
        let not_counted = said.json["by-head"]["not-counted"][0]["code"].as_str();
        assert_eq!(not_counted, Some(code), "{name}: {}", said.json["by-head"]);
    }
    // Whoever was there before agrees to the same.
    let same = first("[person.cleo]", second, "\"ana-too\"");
    same.reviewed("ben-at-work", "approved", REVIEWED).check().is("pass", &[]);
    // Rules that ask nobody else than whom the change brings.
    let only = |approvers: &'static str| {
        let add = |git: &Git| {
            let asks = format!("approvers = [{approvers}]");
            let all = rules.borrow().replace("approvers = [\"team:security\"]", &asks);
            git.write("policies/governance.toml", all);
            git.edit("catalog/organisation.toml", "[person.cleo]", second);
        };
        Proposal::after(without, add).reviewed("ana-too", "approved", REVIEWED).check()
    };
    let said = only("\"person:ana-too\"");
    said.is("refused", &["first-rules"]);
    let stage = &said.json["by-head"]["stages"][0];
    assert_eq!((&stage["can-agree"], &stage["excluded"][0]["person"]), (&json!([]), &json!("ana-too")));
    only("\"person:ana-too\", \"person:ben\"").is("refused", &["waiting"]);
}

#[test]
fn what_is_not_ready_or_not_open_is_not_merged() {
    let agreed = || Proposal::loosens().reviewed("ben-at-work", "approved", REVIEWED);
    let draft = agreed().with(|facts| facts["pull-request"]["draft"] = json!(true)).check();
    draft.is("refused", &["draft"]);
    for state in ["closed", "merged"] {
        let said = agreed().with(|facts| facts["pull-request"]["state"] = json!(state)).check();
        said.is("refused", &["not-open"]);
    }
}

#[test]
fn silence_ends_a_request_that_says_so() {
    // Two business days after the last push.
    let late = Proposal::loosens().with(|facts| facts["recorded-at"] = json!("2026-11-27T11:00:00Z"));
    late.git.write(".git/facts.json", late.facts.to_string());
    let run = late.git.gitsm(&[
        "pr",
        "check",
        "--facts",
        ".git/facts.json",
        "--format",
        "json",
        "--now",
        "2026-11-27T12:00:00Z",
    ]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("\"timed-out\""), "{}", run.stdout);
}

#[test]
fn nothing_changed_is_nothing_to_agree_to() {
    let said = Proposal::new(|_| {}).check();
    said.is("pass", &[]);
    assert_eq!((&said.json["touches"]["objects"], &said.json["touches"]["files"]), (&json!(0), &json!(0)));
}
