//! Whom it matters to that somebody has other colleagues.

use super::super::*;
use super::at;
use crate::decide::testing::rulebook;

const PEOPLE: &str = r#"
person.ana = { name = "Ana", department = "it", title = "dev" }
person.bob = { name = "Bob", department = "it", title = "dev" }
person.cyd = { name = "Cyd", department = "it", title = "dev" }
person.dan = { name = "Dan", department = "sales", title = "rep" }
service.mail = { name = "Mail", lifecycle = "active", entitlement.read = { name = "Read", risk = "low" }, entitlement.admin = { name = "Admin", risk = "high" } }
grant.one = { beneficiary = "bob", entitlement = "mail/read", start = 2026-01-01 }
"#;

fn named(rule: &str, edits: &[(&str, &str)]) -> Vec<Unseen> {
    let text = format!(
        "{PEOPLE}[access.mail]\napplies-to.service = \"mail\"\nrule = [{{ id = \"a\", {rule}, decision = \"auto-approve\" }}]\n"
    );
    let mut after = text.clone();
    for (from, to) in edits {
        assert!(after.contains(from), "{from}");
        after = after.replace(from, to);
    }
    let found = compare(&rulebook(&text), &rulebook(&after), at(), Budget::default()).unwrap();
    assert_eq!(found.unknown, []);
    found.unseen.into_iter().filter(|unseen| unseen.what == What::Peers).collect()
}

const DAN: (&str, &str) = ("department = \"sales\", title = \"rep\"", "department = \"it\", title = \"dev\"");

#[test]
fn a_move_matters_to_those_for_whom_a_share_goes_across_what_a_rule_asks_for() {
    // Bob has it: for Ana and Cyd one of two colleagues, and one of three with Dan.
    let found = named("when.peers.share.min = 50", &[DAN]);
    assert_eq!(found.len(), 1);
    let bounds = found[0].bounds.as_ref().unwrap();
    let people: Vec<&str> = bounds.people.iter().map(Id::as_str).collect();
    let entitlements: Vec<String> = bounds.entitlements.iter().map(ToString::to_string).collect();
    assert_eq!((people, entitlements), (vec!["ana", "cyd"], vec!["mail/read".to_owned()]));
    for (name, rule, moves) in [
        ("nobody moves", "when.peers.share.min = 50", &[][..]),
        ("it is asked for more than that", "when.peers.share.min = 60", &[DAN]),
        ("for what nobody has", "when.entitlement.id = \"mail/admin\", when.peers.share.min = 50", &[DAN]),
        ("nobody asks for colleagues", "when.subject.department = \"it\"", &[DAN]),
        ("another name", "when.peers.share.min = 50", &[("name = \"Dan\"", "name = \"Daniel\"")]),
    ] {
        assert_eq!(named(rule, moves), [], "{name}");
    }
    // Where it is asked for less than that, only Dan himself comes to have such colleagues.
    let found = named("when.peers.share.min = 30", &[DAN]);
    assert_eq!(found[0].bounds.as_ref().unwrap().people.iter().map(Id::as_str).collect::<Vec<_>>(), ["dan"]);
    // How many were denied before is written down nowhere: nobody knows that it is the same.
    let found = named("when.peers.denied.max = 1", &[DAN]);
    assert_eq!(found[0].bounds.as_ref().unwrap().people.len(), 4, "{found:?}");
}
