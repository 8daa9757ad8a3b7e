//! Whoever moves keeps what the new role would be given, and is asked about again as they asked.

use super::{edit, world};
use crate::support::{Repository, gitsm};

fn mover(repository: &Repository, set: &[&str]) -> String {
    let mut arguments = vec!["simulate", "mover", "cleo", "--now", "2026-11-23T09:00:00Z"];
    arguments.extend(set.iter().flat_map(|field| ["--set", *field]));
    let run = gitsm(&arguments, repository.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    run.stdout
}

#[test]
fn what_comes_with_both_roles_is_decided_again() {
    let repository = world();
    repository.write(
        "policies/bundles.toml",
        "[bundle.staff]\nname = \"Staff\"\nwhen.subject.employment = [\"employee\", \"contractor\"]\nentitlements = \
         [\"mail/user\"]\n[access.mail-user]\napplies-to.entitlement = \"mail/user\"\n[[access.mail-user.rule]]\nid = \
         \"all\"\ndecision = \"auto-approve\"\nmax-duration = \"90d\"\n[guardrail.guests]\ndescription = \"not for \
         contractors\"\napplies-to.entitlement = \"mail/user\"\nwhen.subject.employment = \"contractor\"\ndeny = \
         true\n",
    );
    let out = mover(&repository, &["employment=contractor", "end=2027-01-01"]);
    let denied =
        "would not get today\n  mail/user  bundle:staff\n     guardrail:guests: not for contractors\n";
    assert!(out.contains(denied), "{out}");
    let out = mover(&repository, &["title=Lead"]);
    assert!(!out.contains("mail/user"), "{out}");
}

#[test]
fn what_was_granted_is_asked_for_as_it_was() {
    let repository = world();
    edit(
        &repository,
        "policies/policy.toml",
        "applies-to.entitlement = \"pay/create\"\n[[access.pay-create.rule]]\nid = \"all\"\ndecision.workflow = \"two\"",
        "applies-to.entitlement = \"pay/create\"\n[[access.pay-create.rule]]\nid = \"all\"\n\
         when.request.duration.max = \"60d\"\ndecision = \"auto-approve\"\nrequire = [\"training\"]",
    );
    let grant = |asked: &str| {
        repository.write(
            "policies/grants/cleo.toml",
            format!(
                "[grant.cleo]\nbeneficiary = \"cleo\"\nentitlement = \"pay/create\"\nstart = 2026-11-01\nend = \
                 2026-12-11\njustification = \"payments\"\nasked.at = 2026-11-01T08:00:00Z\n{asked}\n"
            ),
        );
        mover(&repository, &["title=Lead"])
    };
    let out = grant("asked.duration = \"40d\"\nasked.evidence = [\"training\"]");
    assert!(out.contains("pay/create  would be approved today"), "{out}");
    let out = grant("asked.duration = \"40d\"");
    let denied =
        "would not get today\n  pay/create  grant:cleo\n     training is missing: bring it and ask again\n";
    assert!(out.contains(denied), "{out}");
    // It is asked about for the time that is left.
    let out = grant("asked.duration = \"61d\"\nasked.evidence = [\"training\"]");
    assert!(out.contains("pay/create  would be approved today"), "{out}");
}
