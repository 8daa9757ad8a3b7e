//! A test of a policy fails when it should.

use super::world;
use crate::support::gitsm;

#[test]
fn no_rule_is_expected_where_the_list_is_empty() {
    let repository = world();
    let run = |entitlement: &str, verdict: &str, rules: &str| {
        repository.write(
            "policies/scenarios.toml",
            format!(
                "[scenario.one]\ndescription = \"one\"\nnow = 2026-11-23T09:00:00Z\nrequest = {{ requester = \
                 \"rita\", entitlements = [\"{entitlement}\"], duration = \"10d\" }}\nexpect = {{ verdict = \
                 \"{verdict}\"{rules} }}\n"
            ),
        );
        gitsm(&["test", "--now", "2026-11-23T09:00:00Z"], repository.path())
    };
    let failed = run("mail/admin", "needs-approval", ", rules = []");
    assert_eq!(failed.status, 1, "{}", failed.stdout);
    assert!(failed.stdout.contains("access:mail-admin/all"), "{}", failed.stdout);
    assert_eq!(run("mail/admin", "needs-approval", "").status, 0);
    assert_eq!(run("mail/admin", "needs-approval", ", rules = [\"access:mail-admin/all\"]").status, 0);
    // Nothing decides about a mailbox but the default.
    assert_eq!(run("mail/user", "denied", ", rules = []").status, 0);
}
