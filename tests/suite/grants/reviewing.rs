//! `gitsm grants approve` with the reviews of the pull request that asks: each that must not count, beside those that do.

use serde_json::{Value, json};

use super::support::{NOW, at_path, codes_in};
use crate::{
    git::support::Git,
    pull_requests::support::{account, directory},
    support::Run,
};

const ID: &str = "dan-mail-admin-20261120";
const ADMIN: &str = "policies/grants/dan-mail-admin-20261120.toml";
const ASK: &str = "request access mail/admin --for dan --duration 10d --reason the_server_moves";
const PUSHED: &str = "2026-11-20T12:10:00Z";
const LATER: &str = "2026-11-20T15:00:00Z";

/// A pull request by which Dan asks for administration, and what was recorded about it.
pub struct Asked {
    pub git: Git,
    pub facts: Value,
}

/// What is done to what was recorded.
type Change = fn(&mut Value);

/// What was recorded about some commits of Dan's.
pub fn recorded(base: &str, commits: &[&str]) -> Value {
    let dan = account("dan-at-work");
    let head = commits.last().unwrap();
    let whole = |entries: Value| json!({ "complete": true, "entries": entries });
    let made = |commit: &&str| json!({ "commit": commit, "author": dan, "committer": dan });
    json!({
        "format-version": 1,
        "recorded-at": LATER,
        "forge": "forge.example.com",
        "repository": { "id": 7, "name": "example/rulebook", "default-branch": "main" },
        "pull-request": {
            "number": 12, "state": "open", "opened-by": dan, "opened-at": "2026-11-20T12:11:00Z",
            "base": { "branch": "main", "commit": base },
            "head": { "branch": "asks", "commit": head }
        },
        "commits": whole(commits.iter().map(made).collect()),
        "pushes": whole(json!([{ "by": dan, "at": PUSHED, "commit": head }])),
        "reviews": whole(json!([]))
    })
}

impl Asked {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// The same, with something else in it.
    fn with(change: impl FnOnce(&Git)) -> Self {
        Self::after(|_| {}, change)
    }

    /// The same, where the repository is another one before.
    pub fn after(prepare: impl FnOnce(&Git), change: impl FnOnce(&Git)) -> Self {
        let git = directory();
        prepare(&git);
        let base = git.commit_by("ana@example.com", "Before");
        git.git(&["switch", "--quiet", "--create", "asks"]);
        let run = at_path(NOW, ASK, git.path());
        assert_eq!(run.status, 0, "{run:?}");
        change(&git);
        let head = git.commit_by("dan@example.com", "Asked");
        Self { facts: recorded(&base, &[&head]), git }
    }

    /// Adds a review of the last commit.
    pub fn reviewed(mut self, login: &str, state: &str, minute: u32) -> Self {
        let head = self.facts["pull-request"]["head"]["commit"].clone();
        let reviews = self.facts["reviews"]["entries"].as_array_mut().unwrap();
        let id = reviews.len() + 1;
        let at = format!("2026-11-20T13:{minute:02}:00Z");
        reviews.push(json!({ "id": id, "by": account(login), "state": state, "commit": head, "at": at }));
        self
    }

    /// As somebody who asked and two who agreed to it.
    pub fn agreed() -> Self {
        Self::new().agree()
    }

    /// As two who agree to it.
    pub fn agree(self) -> Self {
        self.reviewed("ana-at-work", "approved", 0).reviewed("ben-at-work", "approved", 1)
    }

    #[track_caller]
    pub fn count(&self, status: i32, says: &str) -> Run {
        self.count_with(status, says, "")
    }

    /// Counts the reviews, which must end so and say so, and write nothing unless everybody agreed.
    #[track_caller]
    fn count_with(&self, status: i32, says: &str, more: &str) -> Run {
        self.git.write(".git/facts.json", self.facts.to_string());
        let before = self.git.read(ADMIN);
        let line = format!("grants approve {ID} --facts .git/facts.json{more}");
        let run = at_path(LATER, &line, self.git.path());
        assert_eq!(run.status, status, "{says}: {run:?}");
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains(says), "`{says}` in {said}");
        let after = self.git.read(ADMIN);
        assert_eq!(after.contains("state = \"active\""), status == 0, "{after}");
        assert!(status < 2 || before == after, "{after}");
        run
    }
}

#[test]
fn reviews_of_the_pull_request_that_asks_are_votes() {
    let one = Asked::new().reviewed("ana-at-work", "approved", 0);
    one.count(3, "gives nothing yet");
    let both = one.reviewed("ben-at-work", "approved", 1);
    let run = both.count(0, "is active");
    assert!(run.stdout.contains("review 2"), "{}", run.stdout);
    let text = both.git.read(ADMIN);
    for by in ["by = \"ana\", at = 2026-11-20T13:00:00Z", "by = \"ben\", at = 2026-11-20T13:01:00Z"] {
        assert!(text.contains(by), "`{by}` in\n{text}");
    }
    assert_eq!(codes_in(LATER, both.git.path()), Vec::<String>::new(), "{text}");
    let no = Asked::new().reviewed("ana-at-work", "changes-requested", 0);
    no.count(3, "`ana`, who is asked, wants it changed");
}

#[test]
fn a_review_that_must_not_count_lets_nothing_begin() {
    fn review(facts: &mut Value) -> &mut Value {
        &mut facts["reviews"]["entries"][1]
    }
    let changes: [(&str, Change); 10] = [
        ("the branch was moved at 2026-11-20T13:30:00Z, after it", |facts| {
            facts["pushes"]["entries"][0]["at"] = json!("2026-11-20T13:30:00Z");
        }),
        ("it is one of the commit", |facts| {
            review(facts)["commit"] = facts["pull-request"]["base"]["commit"].clone();
        }),
        ("nobody knows of which commit it is", |facts| {
            review(facts).as_object_mut().unwrap().remove("commit");
        }),
        ("it was dismissed", |facts| {
            review(facts)["state"] = json!("dismissed");
            review(facts)["dismissed"] = json!({ "was": "approved" });
        }),
        ("nobody in the directory has the account `stranger`", |facts| {
            review(facts)["by"] = account("stranger");
        }),
        ("it is from a program", |facts| review(facts)["by"]["kind"] = json!("bot")),
        ("they opened the pull request", |facts| {
            facts["pull-request"]["opened-by"] = account("ben-at-work");
        }),
        ("they pushed to its branch", |facts| facts["pushes"]["entries"][0]["by"] = account("ben-at-work")),
        ("they wrote a commit of it", |facts| {
            facts["commits"]["entries"][0]["author"] = account("ben-at-work");
        }),
        ("they opened the pull request", |facts| review(facts)["by"] = account("dan-at-work")),
    ];
    for (says, change) in changes {
        let mut asked = Asked::agreed();
        change(&mut asked.facts);
        asked.count(3, says);
    }
    // One person with two accounts is one person, and who only comments agrees to nothing.
    let same = Asked::new().reviewed("ben-at-work", "approved", 0).reviewed("BEN-at-work", "approved", 1);
    same.count(3, "they reviewed it again later");
    Asked::new().reviewed("ana-at-work", "approved", 0).reviewed("ben-at-work", "commented", 1).count(3, "");
    // An approval that was dismissed brings no earlier one back.
    let mut dismissed = Asked::agreed().reviewed("ben-at-work", "dismissed", 2);
    dismissed.facts["reviews"]["entries"][2]["dismissed"] = json!({ "was": "approved" });
    dismissed.count(3, "it was dismissed");
    Asked::agreed().count(0, "is active");
}

#[test]
fn nobody_comes_in_by_the_pull_request_that_asks() {
    let joined = |git: &Git| {
        let eve = "[person.eve]\nname = \"Eve Novak\"\nemail = \"eve@example.com\"\ndepartment = \"it\"\n\
                   title = \"Engineer\"\nlocation = \"de-berlin\"\nmanager = \"ana\"\n\
                   accounts = { github = \"eve\" }\n\n[person.cleo]";
        git.edit("catalog/organisation.toml", "[person.cleo]", eve);
        let team = "[\"ben\", \"cleo\", \"dan\"]";
        git.edit("catalog/organisation.toml", team, "[\"ben\", \"cleo\", \"dan\", \"eve\"]");
    };
    let asked = Asked::with(joined).reviewed("ana-at-work", "approved", 0).reviewed("eve", "approved", 1);
    asked.count(3, "nobody in the directory has the account `eve`");
    // And nobody takes over the account of somebody who is asked.
    let taken = Asked::with(|git| git.edit("catalog/organisation.toml", "\"ben-at-work\"", "\"mallory\""));
    let taken = taken.reviewed("ana-at-work", "approved", 0).reviewed("mallory", "approved", 1);
    taken.count(3, "nobody in the directory has the account `mallory`");
}

#[test]
fn what_was_not_recorded_is_no_agreement() {
    let changes: [(&str, Change); 12] = [
        ("not all reviews were read", |facts| facts["reviews"]["complete"] = json!(false)),
        ("not all reviews were read", |facts| facts["reviews"]["total"] = json!(3)),
        ("not all reviews were read", |facts| facts["reviews"]["total"] = json!(1)),
        ("not all pushes were read", |facts| facts["pushes"]["complete"] = json!(false)),
        ("not all commits were read", |facts| facts["commits"]["total"] = json!(2)),
        ("nothing says when its branch was last moved", |facts| facts["pushes"]["entries"] = json!([])),
        ("the last push", |facts| {
            facts["pushes"]["entries"][0]["commit"] = facts["pull-request"]["base"]["commit"].clone();
        }),
        ("the forge lists other commits", |facts| facts["commits"]["entries"] = json!([])),
        ("nobody in the directory has the account `stranger`", |facts| {
            facts["pull-request"]["opened-by"] = account("stranger");
        }),
        ("`release`", |facts| facts["pull-request"]["base"]["branch"] = json!("release")),
        ("which is later", |facts| facts["recorded-at"] = json!("2026-11-20T15:00:01Z")),
        ("after the facts were recorded", |facts| facts["recorded-at"] = json!("2026-11-20T13:00:30Z")),
    ];
    for (says, change) in changes {
        let mut asked = Asked::agreed();
        change(&mut asked.facts);
        asked.count(6, says);
        asked.count(6, "nobody can say which reviews count");
    }
    Asked::agreed().count(0, "is active");
}

#[test]
fn a_pull_request_that_asks_for_something_else_is_not_counted() {
    let mut closed = Asked::agreed();
    closed.facts["pull-request"]["state"] = json!("closed");
    closed.count(2, "was closed and not merged");
    // The grant here is another one than the one that was looked at, whatever it is called.
    let other = Asked::agreed();
    other.git.git(&["rm", "--quiet", ADMIN]);
    let longer = ASK.replace("10d", "20d");
    assert_eq!(at_path(NOW, &longer, other.git.path()).status, 0);
    other.count(2, "asks for something else under the name of the grant");
    let mut base = Asked::agreed();
    base.facts["pull-request"]["head"]["commit"] = base.facts["pull-request"]["base"]["commit"].clone();
    base.count(2, "holds none that is requested");
    let mut away = Asked::agreed();
    away.facts["pull-request"]["head"]["commit"] = json!("1".repeat(40));
    away.count(2, "is not in this clone: `git fetch origin");
    Asked::agreed().count(0, "is active");
}

/// What was asked for before stands in every commit that comes after it.
#[test]
fn who_reviews_something_else_agrees_to_nothing_that_was_asked_for_before() {
    let mut asked = Asked::agreed();
    asked.git.git(&["switch", "--quiet", "main"]);
    asked.git.git(&["merge", "--quiet", "--no-ff", "--message", "Merge", "asks"]);
    let base = asked.git.head();
    asked.git.git(&["switch", "--quiet", "--create", "other"]);
    asked.git.write("notes.md", "A word.\n");
    let head = asked.git.commit_by("dan@example.com", "A word");
    let asks = asked.facts.clone();
    asked.facts["pull-request"]["base"]["commit"] = json!(base);
    for pointer in ["/pull-request/head/commit", "/commits/entries/0/commit", "/pushes/entries/0/commit"] {
        *asked.facts.pointer_mut(pointer).unwrap() = json!(head);
    }
    for review in asked.facts["reviews"]["entries"].as_array_mut().unwrap() {
        review["commit"] = json!(head);
    }
    asked.count(2, "it was asked for before");
    // The one that asked for it still counts.
    asked.facts = asks;
    asked.facts["pull-request"]["state"] = json!("merged");
    asked.facts["pull-request"]["base"]["commit"] = json!(base);
    asked.count(0, "is active");
}

#[test]
fn rules_that_come_with_the_pull_request_ask_nobody() {
    let with_rules = |change: &dyn Fn(&Git)| {
        let git = directory();
        let base = git.commit_by("ana@example.com", "Before");
        git.git(&["switch", "--quiet", "--create", "asks"]);
        change(&git);
        let rules = git.commit_by("dan@example.com", "Rules");
        assert_eq!(at_path(NOW, ASK, git.path()).status, 0);
        let head = git.commit_by("dan@example.com", "Asked");
        let asked = Asked { facts: recorded(&base, &[&rules, &head]), git };
        asked.reviewed("ana-at-work", "approved", 0).reviewed("ben-at-work", "approved", 1)
    };
    let looser = with_rules(&|git| {
        let rule = "decision.workflow = \"manager-and-security\"";
        git.edit("policies/access.toml", rule, "decision.workflow = \"manager\"");
    });
    looser.count(2, "whose rules never were those of `main`");
    // Merged, they are.
    let mut merged = looser;
    merged.git.git(&["switch", "--quiet", "main"]);
    merged.git.git(&["merge", "--quiet", "--ff-only", "asks~1"]);
    let base = merged.git.head();
    merged.git.git(&["switch", "--quiet", "asks"]);
    let head = merged.git.head();
    let reviews = merged.facts["reviews"].take();
    merged.facts = recorded(&base, &[&head]);
    merged.facts["reviews"] = reviews;
    merged.count(0, "is active");
}

#[test]
fn an_objection_on_the_pull_request_stops_what_enough_agreed_to() {
    let objected = Asked::agreed().reviewed("cleo-at-work", "changes-requested", 5);
    objected.count(3, "`cleo`, who is asked, wants it changed");
    let again = objected.reviewed("cleo-at-work", "approved", 6);
    again.count(0, "is active");
    // Whoever is asked nothing stops nothing.
    Asked::agreed().reviewed("stranger", "changes-requested", 5).count(0, "is active");
}

#[test]
fn what_was_merged_meanwhile_is_counted_by_what_was_recorded() {
    for how in [["merge", "--quiet", "--no-ff"], ["merge", "--quiet", "--squash"]] {
        let mut asked = Asked::agreed();
        asked.git.git(&["switch", "--quiet", "main"]);
        asked.git.commit("Meanwhile");
        if how[2] == "--squash" {
            asked.git.git(&[&how[..], &["asks"]].concat());
        } else {
            asked.git.git(&[&how[..], &["--message", "Merge", "asks"]].concat());
        }
        let base = asked.git.commit("Merged");
        asked.facts["pull-request"]["state"] = json!("merged");
        asked.facts["pull-request"]["base"]["commit"] = json!(base);
        asked.count(0, "is active");
    }
}

#[test]
fn reviews_count_beside_votes_that_were_written_down() {
    let asked = Asked::new().reviewed("ana-at-work", "approved", 0);
    let text = asked.git.read(ADMIN);
    let digest = text.lines().find_map(|line| line.strip_prefix("decision.digest = ")).unwrap();
    let vote = |by: &str, decision: &str| {
        format!(
            "{{\"event\":\"vote\",\"grant\":\"{ID}\",\"digest\":{digest},\"at\":\"2026-11-20T13:30:00Z\",\
             \"by\":\"{by}\",\"decision\":\"{decision}\"}}\n"
        )
    };
    asked.git.write(".git/votes.jsonl", vote("dan", "approve"));
    asked.count_with(3, "gives nothing yet", " --votes .git/votes.jsonl");
    asked.git.write(".git/votes.jsonl", vote("ben", "approve"));
    asked.count_with(0, "is active", " --votes .git/votes.jsonl");
    // A no that was written down ends it, whatever is said on the pull request.
    let agreed = Asked::agreed();
    agreed.git.write(".git/votes.jsonl", vote("ben", "reject").replace("13:30", "12:30"));
    agreed.count_with(1, "is ended", " --votes .git/votes.jsonl");
    // Nothing to count is no command.
    let run = at_path(LATER, &format!("grants approve {ID}"), agreed.git.path());
    assert_eq!(run.status, 2, "{run:?}");
}
