//! Who is asked to agree to what gitsm proposes, and `gitsm pr merge`: what the rules give merges by itself, as it was looked
//! at, and what they deny is closed.

use serde_json::{Value, json};

use super::{
    fake::{Fake, State},
    forge::{github, pr},
    people::made_by_program,
    schedule::gitsm,
    support::Proposal,
};
use crate::{git::support::Git, grants::people::MORE};

const NOW: &str = "2026-11-20T12:00:00Z";
const OPENED: &str = "2026-11-19T08:30:00Z";

/// A clone at the tip of the branch in force, in which these people have an account.
fn with_accounts(people: &[(&str, &str)]) -> (Git, Fake) {
    let git = Git::base();
    for (id, name) in people {
        let line = format!("name = \"{name}\"\n");
        let account = format!("{line}accounts = {{ github = \"{id}-at-work\" }}\n");
        git.edit("catalog/organisation.toml", &line, &account);
    }
    git.commit("Accounts");
    let state = State { base: git.head(), login: Some("gatekeeper".to_owned()), ..State::default() };
    (git, Fake::new(state))
}

/// The accounts that were asked to review the first pull request.
fn asked(github: &Fake) -> Vec<String> {
    let state = github.state.lock().unwrap();
    let asked = state.pulls[0]["requested"].as_array().cloned().unwrap_or_default();
    asked.iter().map(|one| one["login"].as_str().unwrap().to_owned()).collect()
}

fn body(github: &Fake) -> String {
    github.state.lock().unwrap().pulls[0]["body"].as_str().unwrap().to_owned()
}

const ADMIN: [&str; 9] =
    ["request", "access", "mail/admin", "--for", "dan", "--duration", "10d", "--reason", "server"];

#[test]
fn those_who_can_agree_are_asked_once_and_who_has_no_account_is_named() {
    let ask = [&ADMIN[..], &["--pull-request"]].concat();
    let (git, github) = with_accounts(&[("ana", "Ana Silva"), ("ben", "Ben Okoro")]);
    assert_eq!(gitsm(&git, &github, NOW, &ask).status, 0);
    // The first stage is the manager; the others are asked once she agreed.
    assert_eq!(asked(&github), ["ana-at-work"]);
    assert!(!body(&github).contains("accounts.github"), "{}", body(&github));
    let again = gitsm(&git, &github, "2026-11-20T13:00:00Z", &ask);
    assert!(again.stderr.contains("proposes so already"), "{}", again.stderr);
    assert_eq!(asked(&github), ["ana-at-work"]);
    let (git, github) = with_accounts(&[]);
    assert_eq!(gitsm(&git, &github, NOW, &ask).status, 0);
    assert_eq!(asked(&github), Vec::<String>::new());
    assert!(body(&github).contains("so tell them: `ana`"), "{}", body(&github));
    // What nobody has to agree to asks nobody.
    let (git, github) = with_accounts(&[("ana", "Ana Silva")]);
    let user = ["request", "access", "mail/user", "--for", "cleo", "--duration", "30d", "--pull-request"];
    assert_eq!(gitsm(&git, &github, NOW, &user).status, 0);
    let state = github.state.lock().unwrap();
    assert!(!state.written.iter().any(|one| one.contains("requested_reviewers")), "{:?}", state.written);
}

#[test]
fn whom_github_lets_nobody_ask_does_not_keep_the_others_from_being_asked() {
    let all = [("ben", "Ben Okoro"), ("cleo", "Cleo Martin"), ("dan", "Dan Kim")];
    let prepare = || {
        let (git, github) = with_accounts(&all);
        git.edit(
            "policies/access.toml",
            "decision.workflow = \"manager-and-security\"",
            "decision.workflow = \"rulebook-change\"",
        );
        github.state.lock().unwrap().base = git.commit("Security");
        (git, github)
    };
    let ask = [&ADMIN[..], &["--pull-request"]].concat();
    let (git, github) = prepare();
    assert_eq!(gitsm(&git, &github, NOW, &ask).status, 0);
    assert_eq!(asked(&github), ["ben-at-work", "cleo-at-work"], "dan asks");
    let (git, github) = prepare();
    github.state.lock().unwrap().outsiders = vec!["ben-at-work".to_owned()];
    let run = gitsm(&git, &github, NOW, &ask);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stderr.contains("GitHub lets nobody ask `ben-at-work`"), "{}", run.stderr);
    assert_eq!(asked(&github), ["cleo-at-work"]);
    // An answer that nobody understands is an error.
    let (git, github) = prepare();
    github.state.lock().unwrap().broken = Some(("/requested_reviewers", 500));
    assert_eq!(gitsm(&git, &github, NOW, &ask).status, 2);
}

fn bot() -> Value {
    json!({ "login": "example-app[bot]", "id": 99, "type": "Bot" })
}

/// What is done to a state.
type Change = fn(&mut State);

/// GitHub with a pull request that the program of the token opened.
fn there(proposal: &Proposal) -> Fake {
    let fake = github(proposal);
    {
        let mut state = fake.state.lock().unwrap();
        state.login = Some("example-app[bot]".to_owned());
        state.pull["user"] = bot();
        state.pull["head"]["ref"] = json!("gitsm/joiner-cleo");
        state.reviews.clear();
        for part in ["author", "committer"] {
            state.commits[0][part] = bot();
        }
        state.activity.as_mut().unwrap()[0]["actor"] = bot();
    }
    fake
}

const SQUASH: &str = "\n[pull-requests]\nmerge = \"squash\"\n";

fn prepare(settings: &'static str) -> impl FnOnce(&Git) {
    move |git| {
        git.write("catalog/more.toml", MORE);
        git.write("gitsm.toml", format!("{}{settings}", git.read("gitsm.toml")));
    }
}

fn join(git: &Git) {
    let run = git.gitsm(&["request", "joiner", "cleo", "--now", OPENED]);
    assert_eq!(run.status, 0, "{run:?}");
}

#[track_caller]
fn ends(proposal: &Proposal, github: &Fake, status: i32, says: &str) {
    let run = pr(proposal, github, &["merge"]);
    assert_eq!(run.status, status, "{run:?}");
    assert!(run.stderr.contains(says), "`{says}` in {}", run.stderr);
}

fn merged(github: &Fake) -> bool {
    github.state.lock().unwrap().pull["merged"] == true
}

#[test]
fn what_the_rules_give_merges_by_itself_as_it_was_looked_at() {
    let proposal = made_by_program(prepare(SQUASH), join);
    let github = there(&proposal);
    ends(&proposal, &github, 0, "is merged as 9999");
    assert!(merged(&github));
    let asked = {
        let state = github.state.lock().unwrap();
        state.exchanges.iter().find(|one| one.method == "PUT").unwrap().body.clone()
    };
    assert_eq!(asked, json!({ "sha": proposal.head, "merge_method": "squash" }));
    ends(&proposal, &github, 0, "is left alone: it is not open");
    // Somebody pushed meanwhile, and GitHub does not want to.
    let github = there(&proposal);
    github.state.lock().unwrap().broken = Some(("/merge", 409));
    ends(&proposal, &github, 4, "is not its last commit any more");
    let github = there(&proposal);
    github.state.lock().unwrap().unmergeable = Some("Required status check \"gitsm\" is expected.");
    ends(&proposal, &github, 4, "Required status check");
    assert!(!merged(&github));
}

/// GitHub merges whatever commit it is told, into whatever the branch is at then.
#[test]
fn what_was_judged_by_one_rulebook_is_not_merged_into_another() {
    let proposal = made_by_program(prepare(SQUASH), join);
    let changes: [(&str, Change); 4] = [
        ("it goes into `main` at 1111111111111111111111111111111111111111 by now", |state| {
            state.base = "1".repeat(40);
        }),
        ("it was pushed to, reviewed or changed while it was looked at", |state| {
            state.reviews.push(super::forge::review(1, "ben-at-work", "CHANGES_REQUESTED", &state.base));
        }),
        ("it was pushed to, reviewed or changed while it was looked at", |state| {
            state.pull["draft"] = json!(true);
            state.pull["updated_at"] = json!("2026-11-19T11:30:00Z");
        }),
        ("it was pushed to, reviewed or changed while it was looked at", |state| {
            state.activity.as_mut().unwrap()[0]["actor"] = super::forge::user("ana-at-work");
        }),
    ];
    for (says, change) in changes {
        let github = there(&proposal);
        github.state.lock().unwrap().meanwhile = Some(change);
        ends(&proposal, &github, 4, says);
        assert!(!merged(&github), "{says}");
    }
    // Somebody is faster than the last look: it is merged, and nobody is told that all is well.
    let github = there(&proposal);
    github.state.lock().unwrap().faster = Some("1".repeat(40));
    let comes_after = format!("comes after {} and not after {}", "1".repeat(40), proposal.base);
    ends(&proposal, &github, 2, &comes_after);
    let github = there(&proposal);
    ends(&proposal, &github, 0, "is merged as 9999");
}

#[test]
fn what_is_not_gitsms_own_is_left_alone() {
    let proposal = made_by_program(prepare(SQUASH), join);
    let person = || super::forge::user("ana-at-work");
    let changes: [(&str, Change); 6] = [
        ("does not begin with `gitsm/`", |state| state.pull["head"]["ref"] = json!("joiner-cleo")),
        ("`ana-at-work` opened it", |state| state.pull["user"] = super::forge::user("ana-at-work")),
        ("`example-app[bot]` opened it", |state| state.login = Some("other-app[bot]".to_owned())),
        ("`ana-at-work` had a hand in it", |state| {
            state.activity.as_mut().unwrap()[0]["actor"] = super::forge::user("ana-at-work");
        }),
        ("`ana-at-work` had a hand in it", |state| {
            state.commits[0]["author"] = super::forge::user("ana-at-work");
        }),
        ("nobody knows who made a part of it", |state| state.commits[0]["author"] = Value::Null),
    ];
    assert_eq!(person()["type"], "User");
    for (says, change) in changes {
        let github = there(&proposal);
        change(&mut github.state.lock().unwrap());
        ends(&proposal, &github, 0, says);
        assert!(!merged(&github), "{says}");
    }
    // What GitHub commits itself is committed by it.
    let github = there(&proposal);
    github.state.lock().unwrap().commits[0]["committer"] = super::forge::user("web-flow");
    ends(&proposal, &github, 0, "is merged as");
}

#[test]
fn what_the_project_does_not_allow_or_people_decide_is_left_alone() {
    let silent = made_by_program(prepare(""), join);
    let more = made_by_program(prepare(SQUASH), |git| {
        join(git);
        git.write("notes.md", "More.\n");
    });
    let policy = made_by_program(prepare(SQUASH), |git| {
        join(git);
        git.edit("policies/access.toml", "name = \"Mail\"", "name = \"Post\"");
    });
    let waits = made_by_program(prepare(SQUASH), |git| {
        assert_eq!(git.gitsm(&[&ADMIN[..], &["--now", OPENED]].concat()).status, 0);
    });
    for (proposal, says) in [
        (silent, "has no `merge`"),
        (more, "something else than grants"),
        (policy, "something else than grants"),
        (waits, "people have to agree to `dan-mail-admin-20261119` first"),
    ] {
        let github = there(&proposal);
        ends(&proposal, &github, 0, says);
        assert!(!merged(&github), "{says}");
    }
    // The setting that is proposed does not count, and neither does a grant that somebody changed.
    let file = "policies/grants/cleo-list-sales-20261119.toml";
    let by_hand = made_by_program(prepare(SQUASH), |git| {
        join(git);
        git.edit(file, "provisioned.groups = [\"list-sales\"]", "provisioned.groups = [\"list-it\"]");
    });
    let github = there(&by_hand);
    let run = pr(&by_hand, &github, &["merge"]);
    assert_ne!(run.status, 0, "{run:?}");
    assert!(!merged(&github));
}

#[test]
fn what_the_rules_deny_is_closed_with_the_reason() {
    let deny = |git: &Git| {
        git.edit(
            "catalog/more.toml",
            "id = \"others\"\n",
            "id = \"nobody\"\nwhen.entitlement.id = \"list/sales\"\ndecision = \"deny\"\n\n[[access.list.rule]]\nid = \"others\"\n",
        );
    };
    let proposal = made_by_program(
        |git| {
            prepare(SQUASH)(git);
            deny(git);
        },
        |git| {
            let denies = git.read("catalog/more.toml");
            git.write("catalog/more.toml", MORE);
            join(git);
            git.write("catalog/more.toml", denies);
        },
    );
    let github = there(&proposal);
    ends(&proposal, &github, 1, "is closed");
    {
        let state = github.state.lock().unwrap();
        assert_eq!((&state.pull["state"], &state.pull["merged"]), (&json!("closed"), &json!(false)));
        let comment = state.comments[0]["body"].as_str().unwrap();
        assert!(comment.contains("the rules deny this now") && comment.contains("list/sales"), "{comment}");
    }
    // The nearest one that is none of gitsm's own stays open.
    let github = there(&proposal);
    github.state.lock().unwrap().pull["user"] = super::forge::user("ana-at-work");
    ends(&proposal, &github, 0, "is left alone");
    assert_eq!(github.state.lock().unwrap().pull["state"], "open");
}
