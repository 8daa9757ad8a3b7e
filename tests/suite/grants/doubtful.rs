//! `gitsm grants approve` with reviews that look as if they were of somebody who is asked, or as if nobody objected.

use serde_json::json;

use super::reviewing::Asked;
use crate::{git::support::Git, pull_requests::support::account};

/// Gives the account of Ben to somebody else.
fn take_over(git: &Git) {
    git.edit("catalog/organisation.toml", "\"ben-at-work\"", "\"mallory\"");
}

/// A second record of Cleo.
fn second_record(git: &Git) {
    git.write(
        "catalog/second.toml",
        "[person.cleo-root]\nname = \"Cleo Martin\"\ndepartment = \"it\"\nlocation = \"de-berlin\"\nmanager = \"ana\"\n\
         accounts = { github = \"cleo-root\", home = \"cleo@home.example.com\" }\n",
    );
}

#[test]
fn a_directory_that_never_was_that_of_the_branch_says_nothing() {
    let mut taken = Asked::agreed();
    taken.git.git(&["switch", "--quiet", "--create", "never", "main"]);
    take_over(&taken.git);
    let never = taken.git.commit_by("mallory@example.com", "Never merged");
    taken.git.git(&["switch", "--quiet", "asks"]);
    let before = taken.facts["pull-request"]["base"]["commit"].clone();
    taken.facts["pull-request"]["base"]["commit"] = json!(never);
    taken.facts["reviews"]["entries"][1]["by"] = account("mallory");
    taken.count(6, "`git fetch origin main`");
    taken.facts["pull-request"]["base"]["commit"] = before;
    taken.count(3, "nobody in the directory has the account `mallory`");
    // The branch as it was fetched is as good as the one here, and without either nobody knows.
    let fetched = Asked::agreed();
    fetched.git.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    fetched.git.git(&["branch", "--quiet", "-D", "main"]);
    fetched.count(0, "is active");
    let unknown = Asked::agreed();
    unknown.git.git(&["branch", "--quiet", "-D", "main"]);
    unknown.count(6, "`git fetch origin main`");
}

#[test]
fn an_account_that_is_not_theirs_any_more_agrees_to_nothing() {
    let taken = Asked::agreed();
    take_over(&taken.git);
    taken.count(3, "the account `ben-at-work` is not that of `ben` by the directory of today");
    // Objecting needs no account of today.
    let objected = Asked::agreed().reviewed("ben-at-work", "changes-requested", 5);
    take_over(&objected.git);
    objected.count(3, "wants it changed");
}

#[test]
fn facts_of_another_repository_say_nothing() {
    for (url, status, says) in [
        ("https://forge.example.com/example/other.git", 6, "`example/other`"),
        ("git@forge.example.com:Example/Rulebook.git", 0, "is active"),
        ("ssh://git@forge.example.com:2222/example/rulebook/", 0, "is active"),
        ("/somewhere/else", 0, "is active"),
    ] {
        let asked = Asked::agreed();
        asked.git.git(&["remote", "add", "origin", url]);
        asked.count(status, says);
    }
}

#[test]
fn an_objection_is_not_lost_by_a_second_record_or_by_who_dismisses_it() {
    let with_both = || Asked::after(second_record, |_| {}).agree();
    with_both().count(0, "is active");
    with_both().reviewed("cleo-root", "changes-requested", 5).count(3, "wants it changed");
    // What they say last counts, whichever account they say it with.
    let again = with_both().reviewed("cleo-root", "changes-requested", 5);
    again.reviewed("cleo-at-work", "approved", 6).count(0, "is active");
    let first = with_both().reviewed("cleo-at-work", "approved", 5);
    first.reviewed("cleo-root", "changes-requested", 6).count(3, "wants it changed");

    let dismissed = |was: &str, by: &str| {
        let mut asked = Asked::agreed().reviewed("cleo-at-work", "dismissed", 5);
        let reviews = asked.facts["reviews"]["entries"].as_array_mut().unwrap();
        reviews[2]["dismissed"] = json!({ "was": was, "by": account(by) });
        asked
    };
    dismissed("changes-requested", "ana-at-work").count(0, "is active");
    dismissed("changes-requested", "cleo-at-work").count(0, "is active");
    dismissed("approved", "dan-at-work").count(0, "is active");
    for by in ["dan-at-work", "stranger", "a-program[bot]"] {
        dismissed("changes-requested", by).count(3, "wants it changed");
    }
    // Where nobody knows what it was, or who dismissed it, it stays.
    Asked::agreed().reviewed("cleo-at-work", "dismissed", 5).count(3, "wants it changed");
    let mut nobody = dismissed("changes-requested", "ana-at-work");
    nobody.facts["reviews"]["entries"][2]["dismissed"].as_object_mut().unwrap().remove("by");
    nobody.count(3, "wants it changed");
}

#[test]
fn reviews_that_were_recorded_long_ago_do_not_count() {
    let mut asked = Asked::agreed();
    asked.facts["recorded-at"] = json!("2026-11-20T13:59:59Z");
    asked.count(6, "more than an hour");
    asked.count(6, "`gitsm pr facts`");
    asked.facts["recorded-at"] = json!("2026-11-20T14:00:00Z");
    asked.count(0, "as they were recorded at 2026-11-20T14:00:00Z");
}

#[test]
fn a_draft_lets_nothing_begin() {
    let mut asked = Asked::agreed();
    asked.facts["pull-request"]["draft"] = json!(true);
    asked.count(4, "mark it as ready for review");
    asked.facts["pull-request"]["draft"] = json!(false);
    asked.count(0, "is active");
}

#[test]
fn an_objection_before_the_last_approval_ends_nothing() {
    let first = Asked::new().reviewed("cleo-at-work", "changes-requested", 0);
    first.count(3, "`cleo`, who is asked, wants it changed");
    let agreed = first.agree();
    agreed.count(3, "`cleo`, who is asked, wants it changed");
    agreed.reviewed("cleo-at-work", "approved", 9).count(0, "is active");
    // So does one of somebody whose approval is needed.
    let needed = Asked::new().reviewed("ana-at-work", "changes-requested", 0).agree();
    needed.count(0, "is active");
}
