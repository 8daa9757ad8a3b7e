//! What comes with a role and people must still agree to is not held by anybody yet.

use serde_json::json;

use super::{edit, simulate, world};
use crate::support::{Repository, gitsm};

/// Everybody has a mailbox with their job, and whoever has a mailbox approves payments. `access` decides about mailboxes.
fn with(access: &str) -> Repository {
    let repository = world();
    edit(
        &repository,
        "policies/policy.toml",
        "decision = \"auto-approve\"",
        "when.grants.entitlements.contains = \"mail/user\"\ndecision = \"auto-approve\"",
    );
    repository.write(
        "policies/bundles.toml",
        format!(
            "[bundle.staff]\nname = \"Staff\"\nwhen.subject.employment = \"employee\"\nentitlements = [\"mail/user\"]\n\n\
             [access.mail-user]\napplies-to.entitlement = \"mail/user\"\n[[access.mail-user.rule]]\nid = \"all\"\n{access}\n"
        ),
    );
    repository
}

fn verdict(repository: &Repository) -> (serde_json::Value, serde_json::Value) {
    let (_, decision) = simulate(repository, &["cleo", "pay/approve", "--duration", "5d"]);
    (decision["verdict"].clone(), decision["reasons"][0]["kind"].clone())
}

#[test]
fn what_people_must_agree_to_gives_nothing_else() {
    let repository = with("decision.workflow = \"two\"");
    assert_eq!(verdict(&repository), (json!("denied"), json!("no-rule-matched")));
    let run = gitsm(&["simulate", "joiner", "cleo", "--now", "2026-11-23T09:00:00Z"], repository.path());
    assert!(run.stdout.contains("needs approval"), "{}", run.stdout);
    // Nobody has to agree, so it is theirs.
    let repository = with("decision = \"auto-approve\"\nmax-duration = \"90d\"");
    assert_eq!(verdict(&repository), (json!("approved"), json!(null)));
    // A guardrail denies it after all.
    repository.write(
        "policies/guardrail.toml",
        "[guardrail.none]\ndescription = \"no mail\"\napplies-to.entitlement = \"mail/user\"\ndeny = true\n",
    );
    assert_eq!(verdict(&repository), (json!("denied"), json!("no-rule-matched")));
}

#[test]
fn what_is_granted_is_held_whatever_the_bundle_gives() {
    let repository = with("decision.workflow = \"two\"");
    repository.write(
        "policies/grants/cleo.toml",
        "[grant.cleo]\nbeneficiary = \"cleo\"\nentitlement = \"mail/user\"\nstart = 2026-11-01\nend = 2026-12-31\n\
         justification = \"mail\"\n",
    );
    assert_eq!(verdict(&repository).0, json!("approved"));
    // The other way around: whoever has no mailbox.
    let repository = with("decision.workflow = \"two\"");
    edit(
        &repository,
        "policies/policy.toml",
        "when.grants.entitlements.contains",
        "when.not.grants.entitlements.contains",
    );
    assert_eq!(verdict(&repository).0, json!("approved"));
}

#[test]
fn nobody_knows_what_two_bundles_give_that_depend_on_each_other() {
    let repository = with(
        "when.not.grants.entitlements.contains = \"pay/create\"\ndecision = \"auto-approve\"\nmax-duration = \"90d\"",
    );
    assert_eq!(verdict(&repository).0, json!("approved"));
    repository.write(
        "policies/more.toml",
        "[bundle.payers]\nname = \"Payers\"\nwhen.subject.id = \"cleo\"\nentitlements = [\"pay/create\"]\n",
    );
    let (exit, decision) = simulate(&repository, &["cleo", "pay/approve", "--duration", "5d"]);
    assert_eq!((exit, &decision["verdict"]), (1, &json!("denied")));
}
