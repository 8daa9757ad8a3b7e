//! What nobody has to think of: drift in one issue, access that is over in one pull request, requests from issues.

use serde_json::{Value, json};

use super::{
    fake::{Fake, State},
    forge::TOKEN,
};
use crate::{
    git::support::Git,
    support::{Run, command, run},
};

/// A clone that is at the tip of the branch in force.
fn there(git: &Git) -> Fake {
    Fake::new(State { base: git.head(), login: Some("gatekeeper".to_owned()), ..State::default() })
}

pub fn gitsm(git: &Git, github: &Fake, now: &str, arguments: &[&str]) -> Run {
    let url = github.url();
    let all = [arguments, &["--now", now, "--forge", "example/rulebook", "--api", url.as_str()]].concat();
    let mut command = command(&all, git.path());
    command.env("GITHUB_TOKEN", TOKEN);
    let run = run(command);
    assert!(!format!("{run:?}").contains(TOKEN), "the token is shown");
    run
}

const NOW: &str = "2026-11-20T12:00:00Z";

#[test]
fn drift_is_one_issue_that_is_opened_updated_and_closed() {
    let git = Git::base();
    let publish = || {
        assert_eq!(crate::targets::plan(git.path(), &[]).status, 0);
        assert_eq!(crate::targets::apply(git.path(), &[]).status, 0);
    };
    publish();
    let github = there(&git);
    // Somebody else's issue that begins as ours does.
    let planted = json!({ "number": 7, "id": 7, "state": "open", "title": "x", "labels": [],
                          "body": "<!-- gitsm:drift static -->\nall is well", "user": { "login": "mallory", "id": 9 } });
    github.state.lock().unwrap().issues.push(planted.clone());
    let drift = || gitsm(&git, &github, NOW, &["drift", "--target", "static", "--post"]);
    let issues = || github.state.lock().unwrap().issues.clone();
    let run = drift();
    assert_eq!((run.status, issues().len()), (0, 1), "{run:?}");
    let mail = git.read("public/v1/service/mail.json");
    git.write("public/v1/service/mail.json", mail.replace("Mailboxes", "Spam"));
    let run = drift();
    assert_eq!(run.status, 3, "{run:?}");
    let opened = issues()[1].clone();
    let body = opened["body"].as_str().unwrap();
    assert!(body.starts_with("<!-- gitsm:drift static -->\n"), "{body}");
    assert!(body.contains("1 object changed by somebody else") && body.contains("service/mail"), "{body}");
    // The same drift another day is the same issue.
    let written = github.state.lock().unwrap().written.len();
    let run = gitsm(&git, &github, "2026-11-23T12:00:00Z", &["drift", "--target", "static", "--post"]);
    assert!(run.stderr.contains("says so already"), "{}", run.stderr);
    assert_eq!(github.state.lock().unwrap().written.len(), written);
    std::fs::remove_file(git.path().join("public/v1/tier/standard.json")).unwrap();
    assert_eq!(drift().status, 3);
    assert!(issues()[1]["body"].as_str().unwrap().contains("2 objects changed by somebody else"));
    publish();
    let run = drift();
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!((issues().len(), &issues()[1]["state"]), (2, &json!("closed")));
    assert!(github.state.lock().unwrap().comments[0]["body"].as_str().unwrap().contains("no drift any more"));
    assert_eq!(issues()[0], planted);
    // Drift that nobody was told of is an error.
    git.write("public/v1/service/mail.json", "{}");
    github.state.lock().unwrap().broken = Some(("/issues", 403));
    let run = drift();
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
}

#[test]
fn reviews_that_are_due_are_one_issue() {
    let git = Git::base();
    let github = there(&git);
    let remind = |now: &str| gitsm(&git, &github, now, &["validate", "--only", "GS6001", "--post"]);
    let issues = || github.state.lock().unwrap().issues.clone();
    let run = remind(NOW);
    assert_eq!((run.status, issues().len()), (0, 0), "{run:?}");
    let run = remind("2032-01-01T00:00:00Z");
    assert_eq!(run.status, 0, "warnings are no failure: {run:?}");
    let body = issues()[0]["body"].as_str().unwrap().to_owned();
    assert!(body.starts_with("<!-- gitsm:validate GS6001 -->\n") && body.contains("GS6001, line"), "{body}");
    assert!(remind("2032-01-01T00:00:00Z").stderr.contains("says so already"));
    assert!(remind(NOW).stderr.contains("is closed"));
    assert_eq!((issues().len(), &issues()[0]["state"]), (1, &json!("closed")));
}

const LEDGER: &str = "[grant.old]\nbeneficiary = \"ben\"\nentitlement = \"mail/admin\"\nstart = 2026-10-25\n\
                      end = 2026-11-19\ndecision.verdict = \"approved\"\n\n[grant.new]\nbeneficiary = \"ben\"\n\
                      entitlement = \"mail/admin\"\nstart = 2026-11-15\nend = 2026-12-10\ndecision.verdict = \"approved\"\n";

fn with_ledger() -> Git {
    let git = Git::base();
    git.write("policies/ledger.toml", LEDGER);
    git.commit("Ledger");
    git
}

#[test]
fn access_that_is_over_is_one_pull_request() {
    let git = with_ledger();
    let github = there(&git);
    let expire = |now: &str| gitsm(&git, &github, now, &["grants", "expire", "--pull-request"]);
    let run = expire(NOW);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stderr.contains("the pull request 200 is new"), "{}", run.stderr);
    assert_eq!(git.read("policies/ledger.toml"), LEDGER, "nothing is written here");
    {
        let state = github.state.lock().unwrap();
        assert_eq!(state.pulls[0]["head"]["ref"], "gitsm/grants-expire");
        assert_eq!(state.pulls[0]["base"]["ref"], "main");
        let tree = &state.trees[0];
        assert_eq!(
            (&tree["base_tree"], &tree["tree"][0]["path"]),
            (&json!("tree-of-base"), &json!("policies/ledger.toml"))
        );
        let text = tree["tree"][0]["content"].as_str().unwrap();
        assert_eq!(text.matches("state = \"ended\"").count(), 1, "{text}");
        assert_eq!(state.made[0]["parents"], json!([{ "sha": state.base }]));
        assert_eq!(state.branches["gitsm/grants-expire"], state.made[0]["sha"].as_str().unwrap());
    }
    // The next day the same is over: nobody's approval is lost, and nothing is doubled.
    let run = expire("2026-11-21T12:00:00Z");
    assert!(run.stderr.contains("proposes so already"), "{run:?}");
    // Later more is.
    let run = expire("2026-12-12T12:00:00Z");
    assert!(run.stderr.contains("the pull request 200 proposes so now"), "{run:?}");
    {
        let state = github.state.lock().unwrap();
        assert_eq!((state.pulls.len(), state.made.len()), (1, 2));
        let text = state.trees[1]["tree"][0]["content"].as_str().unwrap();
        assert_eq!(text.matches("state = \"ended\"").count(), 2, "{text}");
    }
    // Nothing is over any more.
    git.write("policies/ledger.toml", "");
    github.state.lock().unwrap().base = git.commit("Without");
    let run = expire(NOW);
    assert!(run.stderr.contains("the pull request 200 is closed"), "{run:?}");
    assert_eq!(github.state.lock().unwrap().pulls[0]["state"], "closed");
    let run = expire(NOW);
    assert!(run.stderr.contains("nothing to propose"), "{run:?}");
}

#[test]
fn what_others_did_and_what_is_not_the_branch_in_force_is_left_alone() {
    let git = with_ledger();
    let github = there(&git);
    let expire = || gitsm(&git, &github, NOW, &["grants", "expire", "--pull-request"]);
    // A change that is not committed.
    git.write("policies/ledger.toml", format!("# Mine.\n{LEDGER}"));
    let run = expire();
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("is not as the branch `main` holds it"), "{}", run.stderr);
    // A commit that is not the tip.
    let tip = git.head();
    git.commit("Mine");
    let run = expire();
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("is not the one of the branch `main`"), "{}", run.stderr);
    git.git(&["reset", "--quiet", "--hard", &tip]);
    assert_eq!(expire().status, 0);
    // Somebody committed to the branch.
    {
        let mut state = github.state.lock().unwrap();
        let sha = "1".repeat(40);
        let parent = state.made[0]["sha"].clone();
        state.made.push(
            json!({ "sha": sha, "message": "More", "tree": { "sha": "t" }, "parents": [{ "sha": parent }] }),
        );
        state.branches.insert("gitsm/grants-expire".to_owned(), sha);
    }
    let run = expire();
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("somebody else committed to the branch"), "{}", run.stderr);
}

const TYPE: &str = "[request-type.access]\nname = \"Access\"\ncategory = \"software\"\nevent = \"provision\"\n\
    owner = \"team:desk\"\nworkflow = \"manager\"\nsla = \"standard\"\nreview-date = 2030-01-01\n\
    field.entitlement = { label = \"Which access?\", type = \"entitlement\", required = true }\n\
    field.duration = { label = \"For how long?\", type = \"duration\", attribute = \"request.duration\" }\n\
    step = [{ id = \"grant\", name = \"Grant it\", team = \"desk\" }]\n";

fn issue(login: &str, body: &str, labels: &[&str]) -> Value {
    let labels: Vec<Value> = labels.iter().map(|name| json!({ "name": name })).collect();
    json!({ "number": 42, "id": 42, "state": "open", "title": "Access", "body": body, "labels": labels,
            "user": { "login": login, "id": 1_012 } })
}

#[test]
fn a_request_becomes_a_pull_request_that_adds_one_grant() {
    let git = Git::base();
    let github = there(&git);
    let ask = ["request", "access", "mail/user", "--for", "cleo", "--duration", "30d", "--pull-request"];
    let run = gitsm(&git, &github, NOW, &ask);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(!git.path().join("policies/grants").exists(), "nothing is written here");
    {
        let state = github.state.lock().unwrap();
        assert_eq!(state.pulls[0]["title"], "Access for cleo: mail/user");
        assert_eq!(state.pulls[0]["head"]["ref"], "gitsm/request-cleo-mail-user-20261120");
        let files = state.trees[0]["tree"].as_array().unwrap();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0]["path"], "policies/grants/cleo-mail-user-20261120.toml");
    }
    let run = gitsm(&git, &github, "2026-11-20T13:00:00Z", &ask);
    assert!(run.stderr.contains("proposes so already"), "{run:?}");
}

#[test]
fn an_issue_is_decided_for_whoever_opened_it_and_answered_once() {
    let git = Git::base();
    git.edit(
        "catalog/organisation.toml",
        "name = \"Cleo Martin\"\n",
        "name = \"Cleo Martin\"\naccounts = { github = \"cleo-at-work\" }\n",
    );
    git.write("catalog/access.toml", TYPE);
    git.commit("Forms");
    let github = there(&git);
    let decide =
        || gitsm(&git, &github, NOW, &["request", "from-issue", "--issue", "42", "--pull-request", "--post"]);
    let put = |one: Value| github.state.lock().unwrap().issues = vec![one];
    let answer = || {
        let state = github.state.lock().unwrap();
        assert_eq!(state.comments.len(), 1, "{:?}", state.comments);
        state.comments[0]["body"].as_str().unwrap().to_owned()
    };
    let body = "### Which access?\r\n\r\nmail/user\r\n\r\n### For how long?\r\n\r\n30d\r\n";
    // Nobody in the directory, and no form.
    for (login, labels, says) in [
        ("stranger", &["request:access"][..], "belongs to nobody"),
        ("cleo-at-work", &["bug"][..], "has no label of a request type"),
    ] {
        put(issue(login, body, labels));
        let run = decide();
        assert_eq!(run.status, 1, "{run:?}");
        assert!(run.stderr.contains(says), "{}", run.stderr);
        assert!(answer().contains("this is no request yet"));
    }
    put(issue("cleo-at-work", "Please!", &["request:access"]));
    assert_eq!(decide().status, 1);
    assert!(github.state.lock().unwrap().pulls.is_empty());
    put(issue("cleo-at-work", body, &["request:access"]));
    let run = decide();
    assert_eq!(run.status, 0, "{run:?}");
    assert!(answer().contains("the pull request") && answer().contains("200"), "{}", answer());
    assert_eq!(github.state.lock().unwrap().issues[0]["state"], "open");
    // What is denied is closed with the reason.
    put(issue("cleo-at-work", &body.replace("mail/user", "mail/admin"), &["request:access"]));
    let run = decide();
    assert_eq!(run.status, 1, "{run:?}");
    assert!(answer().contains("the rules deny this"), "{}", answer());
    assert_eq!(github.state.lock().unwrap().issues[0]["state"], "closed");
    assert_eq!(github.state.lock().unwrap().pulls.len(), 1);
    let run = decide();
    assert_eq!(run.status, 2, "{run:?}");
}
