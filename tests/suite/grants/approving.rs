//! `gitsm grants approve`: votes are worth something only for what they were given for.

use gitsm::{ledger::record::digest_of, load, source::WorkTree};

use super::support::{NOW, at_path, codes_in};
use crate::{git::support::Git, support::Run};

const ID: &str = "dan-mail-admin-20261120";
const ADMIN: &str = "policies/grants/dan-mail-admin-20261120.toml";
const ASK: &str = "request access mail/admin --for dan --duration 10d --reason the_server_moves";
const LATER: &str = "2026-11-20T14:00:00Z";

/// A repository in which Dan has asked for administration, all of it committed.
fn asked() -> Git {
    let git = Git::base();
    run(0, NOW, ASK, &git);
    git.commit("Asked");
    git
}

fn run(status: i32, now: &str, line: &str, git: &Git) -> Run {
    let run = at_path(now, line, git.path());
    assert_eq!(run.status, status, "{line}\n{}\n{}", run.stdout, run.stderr);
    run
}

/// The digest that stands in a grant.
fn digest(git: &Git, path: &str) -> String {
    let text = git.read(path);
    let line = text.lines().find_map(|line| line.strip_prefix("decision.digest = ")).expect("a digest");
    line.trim_matches('"').to_owned()
}

/// A vote that names what it is for.
fn vote(git: &Git, by: &str, minute: u32, decision: &str) -> String {
    let digest = digest(git, ADMIN);
    format!(
        "{{\"event\":\"vote\",\"grant\":\"{ID}\",\"digest\":\"{digest}\",\"at\":\"2026-11-20T13:{minute:02}:00Z\",\
         \"by\":\"{by}\",\"decision\":\"{decision}\"}}\n"
    )
}

fn agree(git: &Git, people: &[&str]) {
    let votes: Vec<String> = (0..).zip(people).map(|(minute, by)| vote(git, by, minute, "approve")).collect();
    git.write("votes.jsonl", votes.concat());
}

fn count(status: i32, more: &str, git: &Git) -> Run {
    run(status, LATER, &format!("grants approve {ID} --votes votes.jsonl{more}"), git)
}

/// Writes the digest of a grant anew, as somebody does who changed it by hand.
fn reseal(git: &Git) {
    let loaded = load::load(&WorkTree::new(git.path())).unwrap();
    let old = digest(git, ADMIN);
    let new = digest_of(&loaded.rulebook.grants.get(ID).unwrap().value);
    git.edit(ADMIN, &old, &new);
}

#[test]
fn what_people_have_to_agree_to_gives_nothing_before_they_did() {
    let git = asked();
    let asked = git.read(ADMIN);
    assert!(asked.contains("state = \"requested\""), "{asked}");
    assert!(
        asked.contains(
            "{ stage = \"manager-and-security/manager\", need = 1 },\n    { stage = \"manager-and-security/security\", need = 1 },"
        ),
        "{asked}"
    );
    assert_eq!(codes_in(NOW, git.path()), Vec::<String>::new());
    let list = run(0, NOW, "grants list", &git).stdout;
    assert!(list.contains("waits for people to agree") && !list.contains("gives"), "{list}");
    // One of two, then one and the holder, then both, then a no.
    for people in [&["ana"][..], &["ana", "dan"]] {
        agree(&git, people);
        count(3, "", &git);
        assert_eq!(git.read(ADMIN), asked, "nothing is written while somebody is missing");
    }
    agree(&git, &["ana", "ben"]);
    count(0, " --dry-run", &git);
    assert_eq!(git.read(ADMIN), asked);
    count(0, "", &git);
    let text = git.read(ADMIN);
    for line in ["state = \"active\"", "decision.verdict = \"approved\"", "by = \"ana\"", "by = \"ben\""] {
        assert!(text.contains(line), "`{line}` in\n{text}");
    }
    assert_eq!(codes_in(LATER, git.path()), Vec::<String>::new(), "{text}");
    assert!(run(0, LATER, "grants list", &git).stdout.contains("1 in force"));
    count(2, "", &git);
    // A no ends it.
    git.write(ADMIN, &asked);
    git.write("votes.jsonl", vote(&git, "ana", 0, "approve") + &vote(&git, "ben", 1, "reject"));
    count(1, "", &git);
    let text = git.read(ADMIN);
    assert!(text.contains("state = \"ended\"") && text.contains("ended.why = \"rejected\""), "{text}");
}

#[test]
fn a_grant_that_was_asked_for_a_shorter_time_meanwhile_does_not_begin_with_the_longer_one() {
    let git = asked();
    let asked = git.read(ADMIN);
    let amendment = |changed: &str, duration: &str| {
        let digest = digest(&git, ADMIN);
        format!(
            "{{\"event\":\"amendment\",\"grant\":\"{ID}\",\"digest\":\"{digest}\",\"at\":\"2026-11-20T12:30:00Z\",\
             \"by\":\"dan\",\"changed\":[\"{changed}\"],\"duration\":\"{duration}\"}}\n"
        )
    };
    let votes = vote(&git, "ana", 0, "approve") + &vote(&git, "ben", 1, "approve");
    git.write("votes.jsonl", amendment("shorter-duration", "2d") + &votes);
    let refused = count(2, "", &git);
    assert!(refused.stderr.contains("made shorter while it was decided"), "{refused:?}");
    assert_eq!(git.read(ADMIN), asked);
    git.write("votes.jsonl", votes);
    count(0, "", &git);
}

#[test]
fn whoever_cancels_a_request_it_gives_nothing() {
    let git = asked();
    let cancellation =
        "{\"event\":\"cancellation\",\"at\":\"2026-11-20T12:30:00Z\",\"by\":\"somebody-new\"}\n";
    let votes = vote(&git, "ana", 0, "approve") + &vote(&git, "ben", 1, "approve");
    git.write("votes.jsonl", cancellation.to_owned() + &votes);
    count(1, "", &git);
    assert!(git.read(ADMIN).contains("state = \"ended\""), "{}", git.read(ADMIN));
}

#[test]
fn a_grant_that_was_changed_is_not_voted_on() {
    let git = asked();
    let asked = git.read(ADMIN);
    agree(&git, &["ana", "ben"]);
    let until = asked.lines().find(|line| line.starts_with("until")).unwrap().to_owned() + "\n";
    let digest = asked.lines().find(|line| line.starts_with("decision.digest")).unwrap().to_owned() + "\n";
    let changes: [(&str, &str, &str); 5] = [
        ("end = 2026-11-30\n", "end = 2026-12-19\n", "end"),
        (&until, "", "until"),
        ("[\"mail-admins\"]", "[\"mail-admins\", \"domain-admins\"]", "provisioned.groups"),
        ("asked.at = 2026-11-20T12:00:00Z", "asked.at = 2026-11-20T11:00:00Z", "until"),
        ("asked.duration = \"10d\"", "asked.duration = \"20d\"", "end"),
    ];
    for (from, to, field) in changes {
        git.write(ADMIN, &asked);
        git.edit(ADMIN, from, to);
        let refused = count(2, "", &git);
        assert!(refused.stderr.contains("was changed after it was decided"), "{to}: {}", refused.stderr);
        // Without the digest nobody can tell, and with one that was made anew the rules can.
        let edited = git.read(ADMIN);
        git.write(ADMIN, edited.replace(&digest, ""));
        let refused = count(2, "", &git);
        assert!(refused.stderr.contains("has no `decision.digest`"), "{to}: {}", refused.stderr);
        git.write(ADMIN, edited);
        reseal(&git);
        agree(&git, &["ana", "ben"]);
        let refused = count(2, "", &git);
        assert!(refused.stderr.contains(&format!("gives another `{field}`")), "{to}: {}", refused.stderr);
        assert!(git.read(ADMIN).contains("state = \"requested\""));
    }
    git.write(ADMIN, &asked);
    agree(&git, &["ana", "ben"]);
    count(0, "", &git);
}

#[test]
fn votes_for_something_else_do_not_count() {
    let git = asked();
    let asked = git.read(ADMIN);
    agree(&git, &["ana", "ben"]);
    let votes = git.read("votes.jsonl");
    let other = "0".repeat(40);
    for (from, to, why) in [
        (format!("\"grant\":\"{ID}\","), String::new(), "does not say what it is about"),
        (
            format!("\"grant\":\"{ID}\","),
            "\"grant\":\"ben-mail-admin-20261120\",".to_owned(),
            "is about the grant `ben",
        ),
        (format!("\"digest\":\"{}\",", digest(&git, ADMIN)), String::new(), "does not say as what"),
        (digest(&git, ADMIN), other, "about something else than what stands there now"),
    ] {
        git.write("votes.jsonl", votes.replace(&from, &to));
        let waiting = count(3, "", &git);
        assert!(waiting.stderr.contains(why), "{why}: {}", waiting.stderr);
        assert_eq!(git.read(ADMIN), asked);
    }
    // A no counts without a name, and not when it is about something else.
    let no = vote(&git, "ben", 1, "reject");
    let about_other = no.replace(&format!("\"grant\":\"{ID}\""), "\"grant\":\"ben-mail-admin-20261120\"");
    git.write("votes.jsonl", about_other + &votes);
    count(0, " --dry-run", &git);
    git.write("votes.jsonl", no.replace(&format!("\"grant\":\"{ID}\","), "") + &votes);
    count(1, " --dry-run", &git);
    git.write("votes.jsonl", votes);
    count(0, "", &git);
}

#[test]
fn only_the_people_count_whom_the_rules_named_then() {
    let git = asked();
    // Somebody new in the team, not committed; the neighbour is somebody who was in it.
    git.edit(
        "catalog/organisation.toml",
        "members = [\"ben\", \"cleo\", \"dan\"]",
        "members = [\"ben\", \"cleo\", \"dan\", \"eve\"]",
    );
    let people = git.read("catalog/organisation.toml");
    let eve = "\n[person.eve]\nname = \"Eve\"\nemail = \"eve@example.com\"\ndepartment = \"it\"\ntitle = \"Engineer\"\n\
               location = \"de-berlin\"\nmanager = \"ana\"\n";
    git.write("catalog/organisation.toml", people + eve);
    agree(&git, &["ana", "eve"]);
    count(3, "", &git);
    git.commit("Eve");
    count(3, "", &git);
    agree(&git, &["ana", "ben"]);
    count(0, " --dry-run", &git);
    // Who has left since does not count any more.
    git.edit("catalog/organisation.toml", "[person.ben]\n", "[person.ben]\nend = 2026-11-19\n");
    let waiting = count(3, "", &git);
    assert!(waiting.stderr.contains("`ben` cannot decide anything"), "{}", waiting.stderr);
    agree(&git, &["ana", "cleo"]);
    count(0, "", &git);
}

#[test]
fn rules_that_changed_since_ask_the_people_of_then() {
    let git = asked();
    git.edit(
        "policies/access.toml",
        "decision.workflow = \"manager-and-security\"",
        "decision.workflow = \"manager\"",
    );
    git.commit("Looser");
    agree(&git, &["ana"]);
    count(3, "", &git);
    agree(&git, &["ana", "ben"]);
    count(0, " --dry-run", &git);
    // What the rules deny by now does not begin.
    git.edit("policies/access.toml", "decision.workflow = \"manager\"", "decision = \"deny\"");
    let refused = count(2, "", &git);
    assert!(
        refused.stderr.contains("the rules of today deny it: access:mail/administrators"),
        "{}",
        refused.stderr
    );
}

#[test]
fn only_rules_of_this_branch_decide() {
    let git = asked();
    let asked = git.read(ADMIN);
    let commit = asked.lines().find_map(|line| line.strip_prefix("decision.policy-commit = ")).unwrap();
    let commit = commit.trim_matches('"').to_owned();
    git.git(&["checkout", "--quiet", "-b", "other"]);
    let text = git
        .read("policies/access.toml")
        .replace("approvers = [\"team:security\"]", "approvers = [\"person:cleo\"]");
    git.write(
        "policies/access.toml",
        text.replace("approvers = [\"role:manager\"]", "approvers = [\"person:ben\"]"),
    );
    let other = git.commit("Other");
    git.git(&["checkout", "--quiet", "main"]);
    agree(&git, &["ben", "cleo"]);
    let refused = count(2, " --at other", &git);
    assert!(refused.stderr.contains("`--at other` is another one"), "{}", refused.stderr);
    git.edit(ADMIN, &commit, &other);
    reseal(&git);
    agree(&git, &["ben", "cleo"]);
    for more in ["", " --at other"] {
        let refused = count(2, more, &git);
        assert!(refused.stderr.contains("never were those of this branch"), "{}", refused.stderr);
    }
    // A merge of it that keeps the rules as they are does not make them rules of this branch.
    git.commit("Claimed");
    git.git(&["merge", "--quiet", "--strategy=ours", "--message", "Merge", "other"]);
    let refused = count(2, "", &git);
    assert!(refused.stderr.contains("never were those of this branch"), "{}", refused.stderr);
    // A branch that is called like the commit is not the commit.
    git.write(ADMIN, asked.replace(&commit, &commit[..12]));
    reseal(&git);
    agree(&git, &["ana", "ben"]);
    git.git(&["branch", &commit[..12], "other"]);
    count(2, "", &git);
    git.git(&["branch", "--quiet", "-D", &commit[..12]]);
    git.write(ADMIN, asked);
    agree(&git, &["ana", "ben"]);
    count(0, &format!(" --at {commit}"), &git);
}

/// A request that was made on a branch, after another one, names a commit of that branch. Its rules are those of main.
#[test]
fn a_request_of_a_branch_that_was_merged_is_counted() {
    let git = Git::base();
    git.git(&["checkout", "--quiet", "-b", "requests"]);
    run(0, NOW, "request access mail/user --for cleo --duration 10d", &git);
    git.commit("One");
    run(0, NOW, ASK, &git);
    git.commit("Two");
    git.git(&["checkout", "--quiet", "main"]);
    git.commit("Meanwhile");
    git.git(&["merge", "--quiet", "--no-ff", "--message", "Merge", "requests"]);
    agree(&git, &["ana", "ben"]);
    count(0, "", &git);
}

#[test]
fn a_grant_that_names_no_commit_is_not_voted_on() {
    let git = asked();
    let asked = git.read(ADMIN);
    let line = asked.lines().find(|line| line.starts_with("decision.policy-commit")).unwrap();
    git.write(ADMIN, asked.replace(&format!("{line}\n"), ""));
    reseal(&git);
    agree(&git, &["ana", "ben"]);
    let refused = count(2, "", &git);
    assert!(refused.stderr.contains("names no commit of the policy"), "{}", refused.stderr);
}

#[test]
fn nobody_gives_away_the_say_of_somebody_else() {
    let git = asked();
    let delegation = |more: &str| {
        format!(
            "{{\"event\":\"delegation\",\"from\":\"ana\",\"to\":\"cleo\",\"starts\":\"2026-11-20T00:00:00Z\",\
             \"ends\":\"2026-11-27T00:00:00Z\"{more}}}\n"
        )
    };
    let votes = vote(&git, "cleo", 0, "approve")
        .replace("\"by\":\"cleo\"", "\"by\":\"cleo\",\"on-behalf-of\":\"ana\"")
        + &vote(&git, "ben", 1, "approve");
    for more in [
        "",
        ",\"by\":\"ana\"",
        ",\"at\":\"2026-11-20T08:00:00Z\"",
        ",\"by\":\"cleo\",\"at\":\"2026-11-20T08:00:00Z\"",
    ] {
        git.write("votes.jsonl", delegation(more) + &votes);
        let waiting = count(3, "", &git);
        assert!(
            waiting.stderr.contains("a delegation has to say that `ana` wrote it down"),
            "{}",
            waiting.stderr
        );
    }
    git.write("votes.jsonl", delegation(",\"by\":\"ana\",\"at\":\"2026-11-20T08:00:00Z\"") + &votes);
    count(0, "", &git);
    let text = git.read(ADMIN);
    assert!(text.contains("by = \"cleo\", on-behalf-of = \"ana\""), "{text}");
}

/// Each was asked for while the other was not there yet.
#[test]
fn what_does_not_go_together_does_not_come_together() {
    let git = Git::base();
    let apart = "[sod.mail]\ndescription = \"whoever administers mail has no mailbox\"\nowner = \"team:security\"\n\
                 entitlements = [\"mail/user\"]\nagainst = [\"mail/admin\"]\nrisk = \"high\"\ndecision = \"deny\"\n";
    git.write("policies/apart.toml", apart);
    git.commit("Apart");
    let mailbox = "policies/grants/dan-mail-user-20261120.toml";
    run(0, NOW, "request access mail/user --for dan --duration 10d", &git);
    let text = git.read(mailbox);
    std::fs::remove_file(git.path().join(mailbox)).unwrap();
    run(0, NOW, ASK, &git);
    let asked = git.read(ADMIN);
    let commit = asked.lines().find_map(|line| line.strip_prefix("decision.policy-commit = ")).unwrap();
    let commit = commit.trim_matches('"').to_owned();
    git.write(mailbox, text);
    git.commit("Both");
    agree(&git, &["ana", "ben"]);
    for more in [String::new(), format!(" --at {commit}")] {
        let refused = count(2, &more, &git);
        assert!(refused.stderr.contains("sod:mail"), "{}", refused.stderr);
    }
    assert_eq!(git.read(ADMIN), asked);
    std::fs::remove_file(git.path().join(mailbox)).unwrap();
    count(0, "", &git);
}

#[test]
fn what_is_over_does_not_begin() {
    let git = asked();
    agree(&git, &["ana", "ben"]);
    let line = format!("grants approve {ID} --votes votes.jsonl");
    for now in ["2026-11-30T12:00:00Z", "2027-11-30T12:00:00Z"] {
        let refused = run(2, now, &line, &git);
        assert!(refused.stderr.contains("the time that it was asked for is over"), "{}", refused.stderr);
    }
    git.edit("catalog/organisation.toml", "[person.dan]\n", "[person.dan]\nend = 2026-11-20\n");
    let refused = run(2, "2026-11-21T12:00:00Z", &line, &git);
    assert!(refused.stderr.contains("`dan`, who it is for, has left"), "{}", refused.stderr);
    git.edit("catalog/organisation.toml", "end = 2026-11-20\n", "end = 2026-11-21\n");
    run(0, "2026-11-21T12:00:00Z", &line, &git);
}

/// What a form asked is part of what was decided.
#[test]
fn a_request_from_a_form_is_decided_as_one_again() {
    let git = Git::base();
    let body = "### Why do you need it?\n\nmore\n\n### For how long?\n\n10d\n";
    let form = "[request-type.access]\nname = \"Access\"\ncategory = \"software\"\nevent = \"provision\"\nowner = \"team:desk\"\n\
                workflow = \"manager\"\nsla = \"standard\"\nreview-date = 2030-01-01\n\
                field.entitlement = { label = \"Which access?\", type = \"entitlement\", required = true }\n\
                field.reason = { label = \"Why do you need it?\", type = \"long-text\", required = true, attribute = \"request.justification\" }\n\
                field.duration = { label = \"For how long?\", type = \"duration\", required = true, attribute = \"request.duration\" }\n\
                step = [{ id = \"grant\", name = \"Grant it\", team = \"desk\" }]\n";
    git.write("catalog/access.toml", form);
    git.commit("Form");
    git.write("body.md", format!("### Which access?\n\nmail/user\n\n{body}"));
    run(0, NOW, "request from-issue body.md --type access --by dan --number 12", &git);
    git.commit("Asked");
    let path = "policies/grants/dan-mail-user-20261120.toml";
    let asked = git.read(path);
    assert!(asked.contains("asked.type = \"access\"") && asked.contains("manager/manager"), "{asked}");
    let vote = |by: &str| {
        let digest = digest(&git, path);
        format!(
            "{{\"event\":\"vote\",\"grant\":\"dan-mail-user-20261120\",\"digest\":\"{digest}\",\"at\":\"2026-11-20T13:00:00Z\",\
             \"by\":\"{by}\",\"decision\":\"approve\"}}\n"
        )
    };
    let line = "grants approve dan-mail-user-20261120 --votes votes.jsonl";
    git.write("votes.jsonl", vote("ben"));
    run(3, LATER, line, &git);
    git.write("votes.jsonl", vote("ana"));
    // Without the form the rules give it at once, which is not what was decided.
    git.write(path, asked.replace("asked.type = \"access\"\n", ""));
    run(2, LATER, line, &git);
    git.write(path, asked);
    run(0, LATER, line, &git);
}

/// Who agreed first may leave before the others agree: the rules of then are read as they were then.
#[test]
fn whoever_agreed_first_can_have_left_since() {
    let git = Git::base();
    let people = "catalog/organisation.toml";
    git.edit(people, "title = \"Head of IT\"\n", "title = \"Head of IT\"\nend = 2026-11-21\n");
    git.edit("policies/access.toml", "fallback = [\"team:desk\"]\n", "");
    git.commit("Somebody leaves");
    run(0, NOW, ASK, &git);
    git.commit("Asked");
    let moved = git.read(people).replace("manager = \"ana\"", "manager = \"ben\"");
    git.write(people, moved.replacen("manager = \"ben\"", "manager = \"cleo\"", 1));
    git.commit("Somebody else leads");
    let line = format!("grants approve {ID} --votes votes.jsonl");
    agree(&git, &["ana"]);
    run(3, "2026-11-23T12:00:00Z", &line, &git);
    git.write(
        "votes.jsonl",
        [vote(&git, "ana", 0, "approve"), vote(&git, "ben", 0, "approve").replace("11-20T13", "11-23T11")]
            .concat(),
    );
    run(0, "2026-11-23T12:00:00Z", &line, &git);
}
