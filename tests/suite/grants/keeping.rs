//! `gitsm grants list`, `expire`, `renew` and `revoke`.

use super::support::{NOW, at, codes, edit, ends, files};
use crate::support::Repository;

/// Ben has had administration twice, once until yesterday, and Cleo the mailbox that comes with her department as well.
const LEDGER: &str = r#"# The ledger, as somebody keeps it.
[grant.old]
beneficiary = "ben"
entitlement = "mail/admin"       # for the move
start = 2026-10-25
end = 2026-11-19
decision.verdict = "approved"

[grant.new]
beneficiary = "ben"
entitlement = "mail/admin"
start = 2026-11-15
end = 2026-12-10
decision = { verdict = "approved" }

[grant.mailbox]
beneficiary = "cleo"
entitlement = "mail/user"
start = 2026-11-01
end = 2026-11-10
provisioned.groups = "mail-users, mail-lyon"
"#;

const BUNDLE: &str = r#"
[bundle.sales]
name = "Sales"
owner = "team:desk"
when.subject.department = "sales"
entitlements = ["mail/user"]
review-date = 2030-01-01
"#;

fn repository() -> Repository {
    let repository = Repository::base();
    repository.write("policies/ledger.toml", LEDGER);
    repository.write("policies/bundles.toml", BUNDLE);
    repository
}

#[test]
fn the_list_says_who_holds_what_and_what_else_gives_it() {
    let repository = repository();
    let list = ends(0, "grants list", &repository).stdout;
    for part in [
        "is over since Fri 2026-11-20",
        "until Fri 2026-12-11",
        "grant:new, approved",
        "3 grants: 1 in force, 2 over",
    ] {
        assert!(list.contains(part), "`{part}` in\n{list}");
    }
    let json = ends(0, "grants list --person ben --format json", &repository).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let standing: Vec<_> =
        json["grants"].as_array().unwrap().iter().map(|one| one["standing"].as_str().unwrap()).collect();
    assert_eq!(standing, ["in-force", "over"]);
    let only = ends(0, "grants list --standing over --entitlement mail/user", &repository).stdout;
    assert!(only.contains("1 grant: 1 over"), "{only}");
}

#[test]
fn what_is_over_is_closed_where_it_stands_and_takes_only_what_nothing_else_gives() {
    let repository = repository();
    let tried = ends(0, "grants expire --dry-run", &repository);
    assert_eq!(repository.read("policies/ledger.toml"), LEDGER);
    assert!(tried.stdout.contains("+state = \"ended\""), "{}", tried.stdout);
    let expired = ends(3, "grants expire --detailed-exitcode", &repository).stdout;
    for part in [
        "grant:old  mail/admin of ben  its last day has passed\n     takes nothing away",
        "keeps group mail-admins, by grant:new",
        "takes group mail-lyon\n",
        "keeps group mail-users, by bundle:sales",
    ] {
        assert!(expired.contains(part), "`{part}` in\n{expired}");
    }
    let text = repository.read("policies/ledger.toml");
    assert!(text.starts_with("# The ledger, as somebody keeps it.\n[grant.old]\n"), "{text}");
    assert!(text.contains("entitlement = \"mail/admin\"       # for the move\n"), "{text}");
    assert_eq!(text.matches("state = \"ended\"").count(), 2, "{text}");
    assert_eq!(text.matches("ended.why = \"expired\"").count(), 2, "{text}");
    // Once more changes nothing.
    let again = ends(0, "grants expire --detailed-exitcode", &repository);
    assert_eq!(again.stdout, "nothing is over\n");
    assert_eq!(repository.read("policies/ledger.toml"), text);
    assert!(codes(NOW, &repository).is_empty(), "{:?}", codes(NOW, &repository));
}

#[test]
fn whoever_leaves_loses_everything() {
    let repository = repository();
    edit(&repository, "catalog/organisation.toml", "[person.cleo]\n", "[person.cleo]\nend = 2026-11-05\n");
    let expired = ends(0, "grants expire", &repository).stdout;
    assert!(expired.contains("mail/user of cleo  its holder has left"), "{expired}");
    assert!(expired.contains("takes access mail/user, group mail-lyon, group mail-users"), "{expired}");
    assert!(repository.read("policies/ledger.toml").contains("ended.why = \"holder-left\""));
}

#[test]
fn access_is_taken_away_with_a_reason() {
    let repository = repository();
    ends(2, "grants revoke new --reason _", &repository);
    ends(2, "grants revoke nwe --reason moved", &repository);
    ends(2, "grants revoke new --reason moved --by nobody", &repository);
    assert_eq!(repository.read("policies/ledger.toml"), LEDGER);
    let revoked = ends(0, "grants revoke new --reason moved --by ana", &repository).stdout;
    // The other grant is over, whatever the ledger says, so nothing keeps it.
    assert!(
        revoked.contains(
            "takes access mail/admin, licence basic of mail, role admin of mail, group mail-admins"
        ),
        "{revoked}"
    );
    let text = repository.read("policies/ledger.toml");
    for line in ["state = \"revoked\"", "ended.reason = \"moved\"", "ended.by = \"ana\""] {
        assert!(text.contains(line), "`{line}` in\n{text}");
    }
    let again = ends(0, "grants revoke new --reason again", &repository);
    assert!(again.stderr.contains("has ended already"), "{}", again.stderr);
    assert_eq!(repository.read("policies/ledger.toml"), text);
}

#[test]
fn a_renewal_is_decided_like_a_request() {
    let repository = repository();
    let over = ends(2, "grants renew old --duration 10d --reason more", &repository);
    assert!(over.stderr.contains("is over: ask again"), "{}", over.stderr);
    // Longer than the rules give is cut.
    ends(0, "grants renew new --duration 90d --reason more", &repository);
    let text = repository.read("policies/grants/ben-mail-admin-20261120.toml");
    for line in ["renews = \"new\"", "end = 2026-12-20", "state = \"requested\"", "asked.duration = \"90d\""]
    {
        assert!(text.contains(line), "`{line}` in\n{text}");
    }
    let twice = ends(2, "grants renew new --duration 10d --reason more", &repository);
    assert!(twice.stderr.contains("is renewed already"), "{}", twice.stderr);
    std::fs::remove_file(repository.path().join("policies/grants/ben-mail-admin-20261120.toml")).unwrap();
    // What is denied now is not renewed.
    edit(
        &repository,
        "policies/access.toml",
        "decision.workflow = \"manager-and-security\"",
        "decision = \"deny\"",
    );
    let denied = at(NOW, "grants renew new --duration 10d --reason more", &repository);
    assert_eq!(denied.status, 1, "{denied:?}");
    assert_eq!(files(&repository), Vec::<String>::new());
}

/// Groups of a directory have commas in their names.
#[test]
fn a_group_with_commas_is_one_group() {
    let repository = Repository::base();
    edit(&repository, "catalog/services.toml", "[\"mail-users\"]", "[\"cn=mail,ou=groups,dc=x\"]");
    ends(0, "request access mail/user --for dan --duration 10d", &repository);
    let path = "policies/grants/dan-mail-user-20261120.toml";
    let text = repository.read(path);
    assert!(text.contains("provisioned.groups = [\"cn=mail,ou=groups,dc=x\"]"), "{text}");
    assert_eq!(codes(NOW, &repository), Vec::<String>::new());
    let takes = || {
        let expired = at("2027-01-01T12:00:00Z", "grants expire --dry-run", &repository);
        assert_eq!(expired.status, 0, "{expired:?}");
        expired.stdout.lines().find(|line| line.contains("takes")).unwrap().trim().to_owned()
    };
    let one =
        "takes access mail/user, licence basic of mail, role user of mail, group cn=mail,ou=groups,dc=x";
    assert_eq!(takes(), one);
    // As it was written before: what the entitlement gives exactly is known, and otherwise commas stand between names.
    repository.write(path, text.replace("[\"cn=mail,ou=groups,dc=x\"]", "\"cn=mail,ou=groups,dc=x\""));
    assert_eq!(takes(), one);
    repository.write(path, text.replace("[\"cn=mail,ou=groups,dc=x\"]", "\"one, two\""));
    assert!(takes().ends_with("group one, group two"), "{}", takes());
}

/// What was brought the last time was brought for that.
#[test]
fn a_renewal_brings_nothing_by_itself() {
    let repository = repository();
    edit(
        &repository,
        "policies/access.toml",
        "require = [\"justification\"]",
        "require = [\"justification\", \"ticket\", \"mfa\"]",
    );
    edit(
        &repository,
        "policies/access.toml",
        "decision.workflow = \"manager-and-security\"",
        "decision = \"auto-approve\"",
    );
    let ask = "request access mail/admin --for dan --duration 10d --reason x --number form_7";
    ends(1, ask, &repository);
    ends(0, &format!("{ask} --ticket T-1 --evidence mfa"), &repository);
    let renew = "grants renew dan-mail-admin-20261120 --reason more";
    for more in ["", " --ticket T-2", " --evidence mfa"] {
        let denied = ends(1, &format!("{renew}{more}"), &repository);
        assert!(denied.stdout.contains("denied"), "{}", denied.stdout);
    }
    ends(0, &format!("{renew} --ticket T-2 --evidence mfa"), &repository);
    let text = repository.read("policies/grants/dan-mail-admin-20261120-2.toml");
    for line in
        ["asked.ticket = \"T-2\"", "asked.evidence = [\"mfa\"]", "renews = \"dan-mail-admin-20261120\""]
    {
        assert!(text.contains(line), "`{line}` in\n{text}");
    }
}

#[test]
fn a_grant_that_was_changed_by_hand_is_noticed() {
    let repository = Repository::base();
    ends(0, "request access mail/user --for cleo --duration 30d", &repository);
    let path = "policies/grants/cleo-mail-user-20261120.toml";
    let text = repository.read(path);
    let only = |code: &str| codes(NOW, &repository).iter().any(|found| found == code);
    assert!(!only("GS6075"));
    for (from, to) in [
        ("entitlement = \"mail/user\"", "entitlement = \"mail/admin\""),
        ("end = 2026-12-20", "end = 2026-12-19"),
        ("beneficiary = \"cleo\"", "beneficiary = \"dan\""),
        ("[\"mail-users\"]", "[\"mail-users\", \"mail-admins\"]"),
        ("asked.duration = \"30d\"", "asked.duration = \"31d\""),
    ] {
        assert_eq!(text.matches(from).count(), 1, "{from}\n{text}");
        repository.write(path, text.replace(from, to));
        assert!(only("GS6075"), "{to}: {:?}", codes(NOW, &repository));
    }
    // Comments, order and layout say nothing, and neither does what the commands write.
    repository.write(path, format!("# mine\n{}", text.replace(" = ", "  =  ")));
    assert!(!only("GS6075"));
    ends(0, "grants revoke cleo-mail-user-20261120 --reason moved", &repository);
    assert!(!only("GS6075"));
}
