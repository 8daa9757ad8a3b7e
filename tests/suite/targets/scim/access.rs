//! From a request to the end of what it gave: asked for, agreed to, merged, given at a real service, over, taken away, and
//! the end of it seen there.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::{super::proxy::Proxy, NOW, Server, Service, id, repository, target, with_users};
use crate::{
    git::support::Git,
    grants::reviewing::recorded,
    pull_requests::support::{account, directory},
    support::Repository,
};

const ADMIN: &str = "entitlement/mail/admin";

/// Runs a command that must succeed.
fn done(service: &Service, git: &Git, now: &str, arguments: &[&str]) -> String {
    let run = service.gitsm(git.path(), now, arguments);
    assert_eq!(run.status, 0, "{arguments:?}: {run:?}");
    run.stdout
}

/// Commits on a branch, and merges that.
fn merge(git: &Git, branch: &str) {
    git.git(&["switch", "--quiet", "--create", branch]);
    git.commit(branch);
    git.git(&["switch", "--quiet", "main"]);
    git.git(&["merge", "--quiet", "--no-ff", "--no-edit", branch]);
}

/// What a plan of the main branch would do, by object; the plan is in `plan.json`.
fn planned(service: &Service, git: &Git, now: &str) -> Vec<(String, String, Vec<String>)> {
    let arguments =
        ["plan", "--target", "directory", "--at", "main", "--out", "plan.json", "--format", "json"];
    let plan: Value = serde_json::from_str(&done(service, git, now, &arguments)).unwrap();
    let operations = plan["operations"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    operations
        .map(|one| {
            let changes = one["changes"].as_array().into_iter().flatten();
            let changes = changes.map(|change| {
                let sign = if change["after"].is_null() { '-' } else { '+' };
                format!("{sign}{}", change["field"].as_str().unwrap())
            });
            (text(&one["object"]), text(&one["action"]), changes.collect())
        })
        .collect()
}

fn members(object: &str, sign: char) -> (String, String, Vec<String>) {
    (object.to_owned(), "update".to_owned(), vec![format!("{sign}members.account/dan")])
}

#[test]
fn access_is_asked_for_agreed_to_given_over_taken_away_and_seen_to_be_gone() {
    let Some(server) = Server::start() else { return };
    let service = server.service("chain");
    // A service that says that it took somebody away, and did not, once.
    let (upstream, lying) = (server.service("chain"), std::sync::Arc::new(AtomicBool::new(false)));
    let lies = std::sync::Arc::clone(&lying);
    let proxy = Proxy::with(server.upstream(), move |line, body| {
        let lie = line.starts_with("PATCH") && body.contains("\"remove\"") && lies.load(Ordering::SeqCst);
        lie.then(|| "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_owned())
    });
    drop(upstream);
    let git = Git::base();
    git.write(
        "gitsm.toml",
        git.read("gitsm.toml") + &target(&service.through(proxy.port)) + "options.users = true\n",
    );
    git.write(".gitignore", "scim/\nplan.json\nvotes.jsonl\n");
    git.commit("A target");
    assert_eq!(planned(&service, &git, NOW).len(), 4 + 4, "users and groups");
    done(&service, &git, NOW, &["apply", "plan.json"]);

    // Asked for, on a branch that is merged: it waits for people, and gives nothing.
    let ask = [
        "request",
        "access",
        "mail/admin",
        "--for",
        "dan",
        "--duration",
        "10d",
        "--reason",
        "the server moves",
    ];
    done(&service, &git, NOW, &ask);
    merge(&git, "access/dan-mail-admin");
    assert_eq!(planned(&service, &git, NOW), []);
    assert_eq!(service.members(ADMIN), [""; 0]);

    // Agreed to, and merged.
    let asked = git.read("policies/grants/dan-mail-admin-20261120.toml");
    let digest = asked.lines().find_map(|line| line.strip_prefix("decision.digest = ")).unwrap();
    let vote = |by: &str| {
        format!(
            r#"{{"event":"vote","grant":"dan-mail-admin-20261120","digest":{digest},"at":"2026-11-20T13:00:00Z","by":"{by}","decision":"approve"}}"#
        )
    };
    git.write("votes.jsonl", format!("{}\n{}\n", vote("ana"), vote("ben")));
    let agreed = "2026-11-20T14:00:00Z";
    done(&service, &git, agreed, &["grants", "approve", "dan-mail-admin-20261120", "--votes", "votes.jsonl"]);
    assert_eq!(planned(&service, &git, agreed), [], "what is not merged gives nothing");
    merge(&git, "access/dan-mail-admin-approved");

    // Given.
    assert_eq!(planned(&service, &git, agreed), [members(ADMIN, '+'), members("group/mail-admins", '+')]);
    done(&service, &git, agreed, &["apply", "plan.json"]);
    assert_eq!(service.members(ADMIN), ["dan"]);
    assert_eq!(service.members("group/mail-admins"), ["dan"]);

    // To its last second, and over: no ledger has to be changed for that.
    assert_eq!(planned(&service, &git, "2026-11-30T11:59:59Z"), []);
    let over = "2026-11-30T12:00:01Z";
    let gone = [members(ADMIN, '-'), members("group/mail-admins", '-')];
    assert_eq!(planned(&service, &git, over), gone);

    // The service says that it is gone, and it is not: that is seen, and is no success.
    lying.store(true, Ordering::SeqCst);
    let claimed = service.gitsm(git.path(), over, &["apply", "plan.json"]);
    assert_eq!(claimed.status, 5, "{claimed:?}");
    assert!(
        format!("{claimed:?}").contains("`members` did not become what was asked"),
        "it says which part is not gone: {claimed:?}"
    );
    assert_eq!(service.members(ADMIN), ["dan"]);
    lying.store(false, Ordering::SeqCst);

    // Taken away, and seen to be gone: by the service itself, by drift, and in the journal.
    assert_eq!(planned(&service, &git, over), gone);
    done(&service, &git, over, &["apply", "plan.json"]);
    for group in [ADMIN, "group/mail-admins"] {
        assert_eq!(service.members(group), [""; 0], "{group}");
    }
    done(&service, &git, over, &["drift", "--target", "directory", "--at", "main"]);
    let journal = git.read("scim/.gitsm/journal.jsonl");
    let about = |line: &&str| line.contains(&format!("\"object\":\"{ADMIN}\""));
    let intent: Value = serde_json::from_str(journal.lines().find(about).unwrap()).unwrap();
    let result = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut result = result.filter(|line| line["event"] == "result" && line["key"] == intent["key"]);
    assert_eq!(result.next().unwrap()["outcome"], "done");

    // The ledger says so as well, and nothing changes by that.
    done(&service, &git, over, &["grants", "expire"]);
    assert!(git.read("policies/grants/dan-mail-admin-20261120.toml").contains("ended.why = \"expired\""));
    merge(&git, "ledger/expired");
    assert_eq!(planned(&service, &git, over), []);
}

#[test]
fn access_that_reviews_of_its_pull_request_agreed_to_is_given() {
    let Some(server) = Server::start() else { return };
    let service = server.service("reviewed");
    let git = directory();
    git.write("gitsm.toml", git.read("gitsm.toml") + &target(&service.url) + "options.users = true\n");
    git.write(".gitignore", "scim/\nplan.json\n");
    let base = git.commit_by("ana@example.com", "A target");
    planned(&service, &git, NOW);
    done(&service, &git, NOW, &["apply", "plan.json"]);
    git.git(&["switch", "--quiet", "--create", "asks"]);
    let ask =
        ["request", "access", "mail/admin", "--for", "dan", "--duration", "10d", "--reason", "it moves"];
    done(&service, &git, NOW, &ask);
    let head = git.commit_by("dan@example.com", "Asked");
    let mut facts = recorded(&base, &[&head]);
    let review = |id: u32, by: &str| json!({ "id": id, "by": account(by), "state": "approved", "commit": head, "at": "2026-11-20T13:00:00Z" });
    let agreed = "2026-11-20T15:00:00Z";
    let approve = ["grants", "approve", "dan-mail-admin-20261120", "--facts", ".git/facts.json"];
    // Who asks agrees to nothing, and one of two is not enough.
    for (reviews, status) in [
        (json!([review(1, "ana-at-work"), review(2, "dan-at-work")]), 3),
        (json!([review(1, "ana-at-work"), review(2, "ben-at-work")]), 0),
    ] {
        facts["reviews"]["entries"] = reviews;
        git.write(".git/facts.json", facts.to_string());
        let run = service.gitsm(git.path(), agreed, &approve);
        assert_eq!(run.status, status, "{run:?}");
    }
    git.commit("Agreed");
    assert_eq!(planned(&service, &git, agreed), [], "what is not merged gives nothing");
    git.git(&["switch", "--quiet", "main"]);
    git.git(&["merge", "--quiet", "--no-ff", "--no-edit", "asks"]);
    assert_eq!(planned(&service, &git, agreed), [members(ADMIN, '+'), members("group/mail-admins", '+')]);
    done(&service, &git, agreed, &["apply", "plan.json"]);
    assert_eq!(service.members(ADMIN), ["dan"]);
}

#[test]
fn the_end_of_a_grant_takes_exactly_what_nothing_else_gives() {
    let Some(server) = Server::start() else { return };
    let service = server.service("counted");
    let repository = with_users(&service.url);
    // Two more ways to the same group, and one grant that begins later.
    let services = repository.read("catalog/services.toml");
    let archive = "[service.mail.entitlement.archive]\nname = \"Archive\"\nrisk = \"low\"\ngroups = [\"mail-users\", \
                   \"archive-readers\"]\nprovision = { method = \"manual\", team = \"desk\" }\nremove = { method = \
                   \"manual\", team = \"desk\" }\n\n[request-type.mailbox]";
    repository.write("catalog/services.toml", services.replace("[request-type.mailbox]", archive));
    let grant = |id: &str, entitlement: &str, start: &str, end: &str| {
        format!(
            "\n[grant.{id}]\nbeneficiary = \"cleo\"\nentitlement = \"mail/{entitlement}\"\nstart = {start}\nend = \
             {end}\nrequest = \"REQ-2\"\ndecision = {{ verdict = \"auto-approved\", rules = [\"access:mail/everybody\"] }}\n"
        )
    };
    let more = repository.read("policies/more.toml")
        + &grant("cleo-archive", "archive", "2026-11-01", "2026-11-25")
        + &grant("cleo-later", "archive", "2026-12-05", "2026-12-20");
    repository.write("policies/more.toml", &more);
    service.settle(repository.path());
    let has = |group: &str| service.members(group).contains(&"cleo".to_owned());
    let holds = |now: &str| {
        service.settle_at(repository.path(), now);
        // The ledger is tidied in its own time: nothing changes by that.
        let run = service.gitsm(repository.path(), now, &["grants", "expire"]);
        assert_eq!(run.status, 0, "{run:?}");
        let run = service.plan_at(repository.path(), now, &["--detailed-exitcode"]);
        assert_eq!(run.status, 0, "{run:?}");
        ["entitlement/mail/user", "entitlement/mail/archive", "group/mail-users", "group/archive-readers"]
            .map(has)
    };
    assert_eq!(holds(NOW), [true, true, true, true]);
    // The archive is over; the group is kept by the mailbox.
    assert_eq!(holds("2026-11-26T12:00:00Z"), [true, false, true, false]);
    // It begins again on its day, and not before.
    assert_eq!(holds("2026-12-04T12:00:00Z"), [true, false, true, false]);
    assert_eq!(holds("2026-12-05T12:00:00Z"), [true, true, true, true]);
    // The mailbox is taken away while the archive keeps the group.
    let run = service.gitsm(
        repository.path(),
        "2026-12-06T12:00:00Z",
        &["grants", "revoke", "cleo-mail", "--by", "ana", "--reason", "not needed"],
    );
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(holds("2026-12-06T12:00:00Z"), [false, true, true, true]);
    assert_eq!(holds("2026-12-21T12:00:00Z"), [false, false, false, false]);
    // Somebody who moves into IT has it by the bundle, and loses it with that.
    let people = repository.read("catalog/organisation.toml");
    repository
        .write("catalog/organisation.toml", people.replace("department = \"sales\"", "department = \"it\""));
    assert_eq!(holds("2026-12-21T12:00:00Z"), [true, false, true, false]);
    assert!(has("bundle/staff"));
    repository.write("catalog/organisation.toml", people);
    assert_eq!(holds("2026-12-21T12:00:00Z"), [false, false, false, false]);
    assert!(!has("bundle/staff"));
}

#[test]
fn people_without_a_user_are_told_and_get_what_they_hold_once_they_have_one() {
    let Some(server) = Server::start() else { return };
    let service = server.service("found");
    let repository = repository(&service.url, "");
    let lost = |repository: &Repository| {
        let run = service.plan(repository.path(), &["--format", "json"]);
        assert_eq!(run.status, 0, "{run:?}");
        let plan: Value = serde_json::from_str(&run.stdout).unwrap();
        let constructs = plan["constructs"].as_array().unwrap().iter();
        let mut lost = constructs.filter(|one| one["construct"] == "grant.beneficiary");
        let lost = lost.next().map(|one| (one["support"].clone(), one["objects"].as_u64().unwrap()));
        lost.map(|(support, number)| (support.as_str().unwrap().to_owned(), number))
    };
    service.make_user(json!({ "userName": "Ana@example.com" }));
    // Known by an address that is not their first.
    let emails = json!([{ "value": "b@example.com", "primary": true }, { "value": "Ben@Example.com" }]);
    service.make_user(json!({ "userName": "bokoro", "emails": emails }));
    assert_eq!(lost(&repository), Some(("lost".to_owned(), 2)));
    let refused = service.plan(repository.path(), &["--fail-on", "lost"]);
    assert_ne!(refused.status, 0, "{refused:?}");
    service.settle(repository.path());
    assert_eq!(service.members("entitlement/mail/user"), ["Ana", "bokoro"]);
    assert_eq!(service.all("Users").len(), 2, "nobody makes users");
    // They come, one of them disabled: that is no matter of gitsm.
    service.make_user(json!({ "userName": "cleo@example.com" }));
    service.make_user(json!({ "userName": "dan@example.com", "active": false }));
    assert_eq!(lost(&repository), None);
    service.settle(repository.path());
    assert_eq!(service.members("entitlement/mail/user"), ["Ana", "bokoro", "cleo", "dan"]);
    // Somebody else writes Cleo's address into their profile: her user has that name, which counts.
    let emails = json!([{ "value": "cleo@example.com" }]);
    let eve = service.make_user(json!({ "userName": "eve", "emails": emails }));
    service.is_settled(repository.path());
    // Ben is known by his address only, which two have now.
    service.change(
        "Users",
        &eve,
        json!({ "op": "replace", "path": "emails", "value": [{ "value": "ben@example.com" }] }),
    );
    let run = service.plan(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("`user:ben@example.com` is at the target more than once"), "{}", run.stderr);
    assert!(run.stderr.contains("accounts.scim"), "{}", run.stderr);
    // Said which one is meant.
    let people = repository.read("catalog/organisation.toml");
    let people = people.replace("[person.ben]\n", "[person.ben]\naccounts.scim = \"BOkoro\"\n");
    repository.write("catalog/organisation.toml", people);
    service.settle(repository.path());
    assert_eq!(service.members("entitlement/mail/user"), ["Ana", "bokoro", "cleo", "dan"]);
    // What ends is taken away from whoever has it, whatever they are called.
    service.settle_at(repository.path(), "2027-01-01T12:00:00Z");
    assert_eq!(service.members("entitlement/mail/user"), ["Ana", "bokoro", "dan"]);
    assert!(!id(&service.group("entitlement/mail/user")).is_empty());
}
