//! Whom the gate takes a move to matter to, where rules read what colleagues hold.

use serde_json::json;

use super::support::Proposal;
use crate::git::support::Git;

const PEOPLE: &str = "catalog/organisation.toml";

/// A rule that reads how many colleagues hold something, and one of two engineers who does.
fn read_by_a_rule(git: &Git, share: u32) {
    git.edit(
        "policies/access.toml",
        "[[access.mail.rule]]\nid = \"administrators\"",
        &format!(
            "[[access.mail.rule]]\nid = \"usual\"\nwhen.peers.share.min = {share}\ndecision.workflow = \"manager\"\nmax-duration = \"30d\"\n\n[[access.mail.rule]]\nid = \"administrators\""
        ),
    );
    git.write(
        "policies/held.toml",
        "[grant.held]\nbeneficiary = \"ben\"\nentitlement = \"mail/admin\"\nstart = 2026-11-01\nend = 2026-11-30\n",
    );
}

/// The one who holds it gets another title.
fn moves(git: &Git) {
    let engineer = "title = \"Engineer\"\nlocation = \"de-berlin\"\nmanager = \"ana\"\n\n[person.cleo]";
    git.edit(PEOPLE, engineer, &engineer.replace("Engineer", "Architect"));
}

#[test]
fn a_move_counts_for_those_to_whom_it_matters_and_not_for_everybody() {
    let said = Proposal::after(|git| read_by_a_rule(git, 50), moves).check();
    let touches = &said.json["touches"];
    assert_eq!(
        (&touches["people"], &touches["services"], &touches["risk"]),
        (&json!(1), &json!(["mail"]), &json!("high")),
        "{touches:#}"
    );
    assert_eq!((&touches["loosens"], &touches["tightens"]), (&json!(true), &json!(true)), "{touches:#}");
    let unseen = &said.json["difference"]["decisions"]["compared"]["unseen"][0]["what"];
    assert_eq!(
        *unseen,
        json!(
            "people have other colleagues, which matters to 1 person or account who asks for 1 entitlement"
        )
    );
    // Its nearest neighbours: nobody moves, or nobody of them holds it.
    let said =
        Proposal::after(|git| read_by_a_rule(git, 50), |git| git.edit(PEOPLE, "Ana Silva", "Ana da Silva"))
            .check();
    assert_eq!(
        (&said.json["touches"]["people"], &said.json["touches"]["loosens"]),
        (&json!(0), &json!(false))
    );
    let said = Proposal::after(
        |git| {
            read_by_a_rule(git, 50);
            git.write("policies/held.toml", "# nobody\n");
        },
        moves,
    )
    .check();
    let compared = &said.json["difference"]["decisions"]["compared"];
    assert_eq!((&said.json["touches"]["people"], compared.get("unseen")), (&json!(0), None));
}
