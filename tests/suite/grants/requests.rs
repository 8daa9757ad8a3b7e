//! `gitsm request access`: what is granted is written, and nothing else.

use std::process::Stdio;

use super::support::{NOW, at, codes, edit, ends, files};
use crate::support::{Repository, command, gitsm, run};

const MAILBOX: &str = "policies/grants/cleo-mail-user-20261120.toml";
const ADMIN: &str = "policies/grants/dan-mail-admin-20261120.toml";
const ASK: &str = "request access mail/admin --for dan --duration 10d --reason the_server_moves";

#[test]
fn what_a_rule_approves_is_written_as_a_grant_that_holds() {
    let repository = Repository::base();
    let asked = ends(0, "request access mail/user --for cleo --duration 30d --ticket REQ-7", &repository);
    assert!(asked.stdout.contains("grant:cleo-mail-user-20261120"), "{}", asked.stdout);
    let text = repository.read(MAILBOX);
    for line in [
        "[grant.cleo-mail-user-20261120]",
        "beneficiary = \"cleo\"",
        "entitlement = \"mail/user\"",
        "start = 2026-11-20",
        "end = 2026-12-20",
        "until = 2026-12-20T12:00:00Z",
        "request = \"REQ-7\"",
        "asked.at = 2026-11-20T12:00:00Z",
        "asked.duration = \"30d\"",
        "decision.verdict = \"auto-approved\"",
        "decision.rules = [\"access:mail/everybody\"]",
        "provisioned.groups = [\"mail-users\"]",
        "provisioned.licence-tier = \"basic\"",
        "provisioned.role = \"user\"",
    ] {
        assert!(text.lines().any(|one| one == line), "`{line}` in\n{text}");
    }
    assert!(!text.contains("state"), "it is active, which is not written");
    assert_eq!(codes(NOW, &repository), Vec::<String>::new());
    let laid_out = gitsm(&["fmt", "--check"], repository.path());
    assert_eq!(laid_out.status, 0, "{}\n{}", laid_out.stdout, laid_out.stderr);
    // Once more is none while it lasts.
    ends(1, "request access mail/user --for cleo --duration 30d", &repository);
    assert_eq!(files(&repository), ["cleo-mail-user-20261120.toml"]);
    assert_eq!(repository.read(MAILBOX), text);
}

#[test]
fn what_is_denied_unknown_or_only_tried_is_not_written() {
    let repository = Repository::base();
    for line in [
        "request access mail/admin --for cleo --duration 10d --reason because",
        "request access mail/nothing --for cleo --duration 10d",
        "request access mail/user --for nobody --duration 10d",
        "request access mail/user --for cleo --duration 0d",
        "request access mail/user --for cleo --by nobody --duration 10d",
    ] {
        let run = ends(1, line, &repository);
        assert!(run.stderr.contains("nothing is written"), "{line}: {}", run.stderr);
    }
    let tried = ends(0, "request access mail/user --for cleo --duration 10d --dry-run", &repository);
    assert!(tried.stdout.contains("+[grant.cleo-mail-user-20261120]"), "{}", tried.stdout);
    assert_eq!(files(&repository), Vec::<String>::new());
    // The neighbour that passes.
    ends(0, "request access mail/user --for cleo --duration 10d", &repository);
    assert_eq!(files(&repository), ["cleo-mail-user-20261120.toml"]);
}

#[test]
fn somebody_who_has_left_gets_nothing() {
    let repository = Repository::base();
    edit(&repository, "catalog/organisation.toml", "[person.cleo]\n", "[person.cleo]\nend = 2026-11-19\n");
    let denied = ends(1, "request access mail/user --for cleo --duration 10d", &repository);
    assert!(denied.stdout.contains("denied"), "{}", denied.stdout);
    edit(&repository, "catalog/organisation.toml", "end = 2026-11-19\n", "end = 2026-11-25\n");
    ends(0, "request access mail/user --for cleo --duration 10d", &repository);
    // Not longer than they are here.
    assert!(repository.read(MAILBOX).contains("\nend = 2026-11-25\n"), "{}", repository.read(MAILBOX));
    assert!(!repository.read(MAILBOX).contains("until"));
}

#[test]
fn hours_end_at_an_instant() {
    let repository = Repository::base();
    ends(0, "request access mail/user --for cleo --duration 4h", &repository);
    let text = repository.read(MAILBOX);
    assert!(text.contains("end = 2026-11-20\nuntil = 2026-11-20T16:00:00Z\n"), "{text}");
    let held = |now: &str| at(now, "grants list --person cleo", &repository).stdout;
    assert!(held("2026-11-20T15:59:59Z").contains("1 in force"));
    assert!(held("2026-11-20T16:00:00Z").contains("1 over"));
}

#[test]
fn a_grant_names_the_commit_of_the_policy_that_decided() {
    let git = crate::git::support::Git::base();
    let ask = |project: &str| {
        let ask = ["request", "access", "mail/user", "--for", "cleo", "--duration", "30d", "--now", NOW];
        gitsm(&[&ask[..], &["--project", project]].concat(), git.path())
    };
    let head = git.git(&["rev-parse", "HEAD"]).trim().to_owned();
    for (file, project) in [(MAILBOX, "one"), ("policies/grants/cleo-mail-user-20261120-2.toml", "two")] {
        let asked = ask(project);
        assert_eq!(asked.status, 0, "{asked:?}");
        // What was asked for before, and is not committed yet, is no policy.
        assert!(
            git.read(file).contains(&format!("decision.policy-commit = \"{head}\"")),
            "{}",
            git.read(file)
        );
    }
    git.edit("policies/access.toml", "max-duration = \"30d\"", "max-duration = \"20d\"");
    let asked = ask("three");
    assert!(asked.stderr.contains("names no commit of the policy"), "{}", asked.stderr);
    assert!(!git.read("policies/grants/cleo-mail-user-20261120-3.toml").contains("policy-commit"));
}

/// A policy in the folder of grants is a policy: the commit that lacks it has not decided.
#[test]
fn a_policy_among_the_grants_is_no_grant() {
    let git = crate::git::support::Git::base();
    let ask = [
        "request",
        "access",
        "mail/admin",
        "--for",
        "dan",
        "--duration",
        "10d",
        "--reason",
        "x",
        "--now",
        NOW,
    ];
    git.write(
        "policies/grants/other.toml",
        "[access.other]\nname = \"Other\"\nowner = \"team:security\"\napplies-to.entitlement = \"mail/admin\"\n\
         review-date = 2030-01-01\nrule = [{ id = \"all\", decision = \"auto-approve\" }]\n",
    );
    let asked = gitsm(&ask, git.path());
    assert_eq!(asked.status, 0, "{asked:?}");
    assert!(asked.stderr.contains("names no commit of the policy"), "{}", asked.stderr);
    assert!(!git.read(ADMIN).contains("policy-commit"), "{}", git.read(ADMIN));
    std::fs::remove_file(git.path().join("policies/grants/other.toml")).unwrap();
    // The nearest neighbour: nothing but a grant.
    let asked = gitsm(&[&ask[..], &["--project", "other"]].concat(), git.path());
    assert_eq!(asked.status, 0, "{asked:?}");
    let text = git.read("policies/grants/dan-mail-admin-20261120-2.toml");
    assert!(text.contains("policy-commit"), "{text}");
}

#[test]
fn nobody_says_by_which_rules_or_when_they_asked() {
    let repository = Repository::base();
    let line = |more: &str| {
        format!(
            "{{\"id\":\"A\"{more},\"request\":{{\"requester\":\"cleo\",\"entitlements\":[\"mail/user\"],\"duration\":\"10d\"}}}}\n"
        )
    };
    for (more, field) in [
        (",\"policy-commit\":\"deadbeefdeadbeef\"", "policy-commit"),
        (",\"now\":\"2019-01-01T00:00:00Z\"", "now"),
    ] {
        repository.write("requests.jsonl", line(more));
        let asked = ends(1, "request access --requests requests.jsonl", &repository);
        assert!(asked.stdout.contains(&format!("A: refused: take `{field}` out")), "{}", asked.stdout);
        assert_eq!(files(&repository), Vec::<String>::new());
    }
    repository.write("requests.jsonl", line(""));
    ends(0, "request access --requests requests.jsonl", &repository);
    assert_eq!(files(&repository).len(), 1);
}

/// Commits of another branch have never decided anything here.
#[test]
fn the_rules_of_another_branch_give_nothing() {
    let git = crate::git::support::Git::base();
    git.git(&["checkout", "--quiet", "-b", "other"]);
    git.edit(
        "policies/access.toml",
        "decision.workflow = \"manager-and-security\"",
        "decision = \"auto-approve\"",
    );
    git.commit("Other");
    git.git(&["checkout", "--quiet", "main"]);
    let ask = |revision: &str| {
        let line = [
            "request",
            "access",
            "mail/admin",
            "--for",
            "dan",
            "--duration",
            "10d",
            "--reason",
            "x",
            "--now",
            NOW,
        ];
        gitsm(&[&line[..], &["--at", revision]].concat(), git.path())
    };
    let asked = ask("other");
    assert_eq!(asked.status, 2, "{asked:?}");
    assert!(asked.stderr.contains("never were those of this branch"), "{}", asked.stderr);
    assert!(!git.path().join(ADMIN).exists());
    assert_eq!(ask("main").status, 0);
    assert!(git.read(ADMIN).contains("state = \"requested\""));
}

#[test]
fn an_emergency_is_looked_at_afterwards() {
    let repository = Repository::base();
    edit(
        &repository,
        "policies/access.toml",
        "[[access.mail.rule]]\nid = \"administrators\"",
        "[[access.mail.rule]]\nid = \"emergency\"\nwhen.subject.department = \"it\"\nwhen.request.emergency = true\n\
         decision = \"auto-approve\"\nmax-duration = \"8h\"\nrequire = [\"justification\"]\n\n\
         [[access.mail.rule]]\nid = \"administrators\"",
    );
    ends(0, &format!("{ASK} --emergency"), &repository);
    let text = repository.read(ADMIN);
    assert!(text.contains("emergency.review-by = 2026-11-25"), "{text}");
    assert!(
        text.contains(
            "emergency.skipped = [\"manager-and-security/manager\", \"manager-and-security/security\"]"
        ),
        "{text}"
    );
    assert!(text.contains("until = 2026-11-20T20:00:00Z"), "{text}");
    let ledger = |now: &str| -> Vec<String> {
        codes(now, &repository).into_iter().filter(|code| code.starts_with("GS60")).collect()
    };
    assert_eq!(ledger(NOW), Vec::<String>::new());
    assert_eq!(ledger("2026-11-25T12:00:00Z"), ["GS6066"], "until then somebody can look at it");
    assert_eq!(ledger("2026-11-26T12:00:00Z"), ["GS6066", "GS6076"]);
    let reviewed = |by: &str| {
        repository.write(
            ADMIN,
            format!("{text}emergency.reviewed = {{ by = \"{by}\", at = 2026-11-24T09:00:00Z, found = \"justified\" }}\n"),
        );
    };
    reviewed("dan");
    assert_eq!(ledger("2026-11-26T12:00:00Z"), ["GS6066", "GS6076"], "not by who had it");
    reviewed("ana");
    assert_eq!(ledger("2026-11-26T12:00:00Z"), ["GS6066"]);
    let said = |by: &str, at: &str, rest: &str| {
        repository.write(
            ADMIN,
            format!("{text}emergency.reviewed = {{ by = \"{by}\", at = {at}, found = {rest} }}\n"),
        );
        ledger("2026-11-26T12:00:00Z")
    };
    let justified = "\"justified\"";
    // Before anybody had it, and after today; the nearest neighbours.
    assert_eq!(said("ana", "2019-01-01T00:00:00Z", justified), ["GS6066", "GS6076"]);
    assert_eq!(said("ana", "2026-11-20T11:59:59Z", justified), ["GS6066", "GS6076"]);
    assert_eq!(said("ana", "2026-11-20T12:00:00Z", justified), ["GS6066"]);
    assert_eq!(said("ana", "2026-11-27T12:00:00Z", justified), ["GS6066", "GS6076"]);
    // Software answers for nothing.
    let people = repository.read("catalog/organisation.toml");
    repository.write(
        "catalog/organisation.toml",
        format!("{people}\n[person.robot]\nname = \"Robot\"\nemployment = \"service-account\"\nowner = \"person:ana\"\n"),
    );
    assert_eq!(said("robot", "2026-11-24T09:00:00Z", justified), ["GS6066", "GS6076"]);
    // Where there was none, something follows.
    assert_eq!(said("ana", "2026-11-24T09:00:00Z", "\"not-justified\""), ["GS6066", "GS6076"]);
    let noted = said("ana", "2026-11-24T09:00:00Z", "\"not-justified\", note = \"talked with dan\"");
    assert_eq!(noted, ["GS6066", "GS6076"], "it is still active");
    let given = repository.read(ADMIN);
    repository.write(ADMIN, given.replace("emergency.review-by", "state = \"ended\"\nemergency.review-by"));
    assert_eq!(ledger("2026-11-26T12:00:00Z"), Vec::<String>::new());
}

#[test]
fn many_requests_are_decided_one_after_the_other_and_kept_together() {
    let repository = Repository::base();
    let line = |id: &str, person: &str, what: &str| {
        format!(
            "{{\"id\":\"{id}\",\"now\":\"{NOW}\",\"request\":{{\"requester\":\"{person}\",\"entitlements\":[\"{what}\"],\"duration\":\"10d\",\"justification\":\"x\"}}}}\n"
        )
    };
    repository.write(
        "requests.jsonl",
        [line("A", "cleo", "mail/user"), line("B", "cleo", "mail/admin"), line("C", "dan", "mail/admin")]
            .concat(),
    );
    let asked = ends(1, "request access --requests requests.jsonl", &repository);
    assert!(asked.stdout.starts_with("B: denied: "), "{}", asked.stdout);
    assert!(asked.stderr.contains("2 grants written to 1 file"), "{}", asked.stderr);
    assert_eq!(files(&repository).len(), 1);
    assert_eq!(codes(NOW, &repository), Vec::<String>::new());
    // The same from standard input, as JSON, with a line that is none.
    let mut command = command(
        &["request", "access", "--requests", "-", "--dry-run", "--format", "json", "--now", NOW],
        repository.path(),
    );
    command.stdin(Stdio::from(std::fs::File::open(repository.path().join("requests.jsonl")).unwrap()));
    let again = run(command);
    let verdicts: Vec<String> = again
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["verdict"].to_string())
        .collect();
    // What is held already is not given twice.
    assert_eq!(verdicts, ["\"invalid\"", "\"denied\"", "\"needs-approval\""]);
}

#[test]
fn a_folder_outside_the_roots_is_no_place_for_grants() {
    let repository = Repository::base();
    let settings = repository.read("gitsm.toml");
    for (folder, fits) in [("elsewhere", false), ("policies/../../x", false), ("catalog/access", true)] {
        repository.write("gitsm.toml", format!("{settings}\n[grants]\nfolder = \"{folder}\"\n"));
        let status = if fits { 0 } else { 2 };
        ends(status, "request access mail/user --for cleo --duration 10d", &repository);
    }
    assert!(repository.path().join("catalog/access/cleo-mail-user-20261120.toml").is_file());
}

/// Whoever revokes the one of two grants of the same thinks that the access is gone, and it is not.
#[test]
fn what_is_held_by_a_request_already_is_not_given_twice() {
    const ASK: &str = "request access mail/user --for cleo --duration 10d";
    let repository = Repository::base();
    ends(0, ASK, &repository);
    let refused = ends(1, ASK, &repository);
    let said = "nothing is written: `cleo` holds `mail/user` by the grant `cleo-mail-user-20261120` at that time already: make \
                it longer with `gitsm grants renew cleo-mail-user-20261120`, or end it first with `gitsm grants revoke \
                cleo-mail-user-20261120`\n";
    assert!(refused.stderr.ends_with(said), "{}", refused.stderr);
    assert_eq!(files(&repository), ["cleo-mail-user-20261120.toml"]);
    // Of many requests as well, and the others are decided.
    repository.write(
        "requests.jsonl",
        "{\"id\":\"R-1\",\"request\":{\"requester\":\"cleo\",\"entitlements\":[\"mail/user\"],\"duration\":\"10d\"}}\n\
         {\"id\":\"R-2\",\"request\":{\"requester\":\"dan\",\"entitlements\":[\"mail/user\"],\"duration\":\"10d\"}}\n",
    );
    let many = ends(1, "request access --requests requests.jsonl --dry-run", &repository);
    assert!(many.stdout.contains("R-1: not a valid request: `cleo` holds `mail/user`"), "{}", many.stdout);
    assert!(many.stderr.contains("1 grant would be written"), "{}", many.stderr);
    // For another project it is another matter.
    ends(0, &format!("{ASK} --project moon --dry-run"), &repository);
    // A renewal is meant to overlap.
    ends(0, "grants renew cleo-mail-user-20261120 --dry-run", &repository);
    // What has ended or was revoked is no more.
    let later = at("2026-12-01T12:00:00Z", &format!("{ASK} --dry-run"), &repository);
    assert_eq!(later.status, 0, "{later:?}");
    ends(0, "grants revoke cleo-mail-user-20261120 --by ana --reason x", &repository);
    ends(0, ASK, &repository);
}
