//! Changes of the living example that promise less or check less, one field each: every one of them is told, and stops a
//! gate, and the other way round it does not.

use crate::commitments::{Edit, commitments, diff, opposite, repository, ways};

const OLAS: &str = "policies/service-levels/olas.toml";
const SUPPLIERS: &str = "policies/service-levels/suppliers.toml";
const ESCALATIONS: &str = "policies/incidents/escalations.toml";
const CHANNELS: &str = "catalog/channels.toml";
const AGENTS: &str = "policies/governance/ai.toml";
const GOVERNANCE: &str = "policies/governance/repository.toml";
/// What weakens a promise, and what is told of it.
const WEAKER: &[(&str, &[Edit], &str)] = &[
    (
        "a team takes a minute longer",
        &[(OLAS, "target.p1.resolve = \"15m\"", "target.p1.resolve = \"16m\"")],
        "targets slower",
    ),
    ("a contract ends", &[(SUPPLIERS, "end = 2027-12-31", "end = 2026-12-02")], "terms weaker"),
    (
        "a supplier promises less",
        &[(SUPPLIERS, "availability = \"99.999%\"", "availability = \"90%\"")],
        "terms weaker",
    ),
    (
        "whoever is on call answers later",
        &[(
            "catalog/teams/it-operations.toml",
            "on-call.acknowledge-within = \"5m\"",
            "on-call.acknowledge-within = \"4h\"",
        )],
        "on-call weaker",
    ),
    (
        "the hotline is open in office hours only",
        &[(CHANNELS, "calendar = \"always\"", "calendar = \"office-berlin\"")],
        "terms weaker",
    ),
    ("the hotline takes nothing in", &[(CHANNELS, "intake = true", "intake = false")], "terms weaker"),
    (
        "who was paged at once is paged with the second notice only",
        &[
            (ESCALATIONS, "channels = [\"it-alerts\", \"pager\"]\n", "channels = [\"it-alerts\"]\n"),
            (
                ESCALATIONS,
                "id = \"heads-of-it\"\n",
                "id = \"again\"\nat = \"70%\"\nto = [\"on-call:it-operations\", \"role:service-owner\"]\nkind = \"functional\"\nchannels = [\"pager\"]\n\n[[escalation.mission-critical.step]]\nid = \"heads-of-it\"\n",
            ),
        ],
        "escalation later",
    ),
    (
        "an agent may approve",
        &[(AGENTS, "    \"approve, deny or grant anything\",\n", "")],
        "controls loosens",
    ),
    (
        "a change is standard after one time",
        &[("policies/changes/standard.toml", "proven = 34", "proven = 1")],
        "change-policy loosens",
    ),
    (
        "fewer agree to what loosens",
        &[(
            GOVERNANCE,
            "effect = \"loosens\"\nworkflow = \"repository-loosening\"",
            "effect = \"loosens\"\nworkflow = \"repository-change\"",
        )],
        "controls mixed",
    ),
];

#[test]
fn whatever_promises_or_checks_less_is_told_and_stops_a_gate() {
    let mut wrong = Vec::new();
    for (name, edits, way) in WEAKER {
        let repository = repository(edits);
        let folder = repository.path();
        let view = commitments(folder, ["before", "after"]);
        if !ways(&view).contains(*way) {
            wrong.push(format!("{name}: {:?} and not {way}", ways(&view)));
        }
        if diff(folder, ["before", "after"], &["--fail-on", "loosens"]).status != 1 {
            wrong.push(format!("{name}: nothing stops it"));
        }
        let back = ways(&commitments(folder, ["after", "before"]));
        if !back.contains(&opposite(way)) {
            wrong.push(format!("{name}, taken back: {back:?} and not {}", opposite(way)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_says_the_same_in_other_words_promises_the_same() {
    let same: &[Edit] = &[
        (OLAS, "name = \"Service desk: triage\"", "name = \"Service desk, triage\""),
        (CHANNELS, "name = \"Service desk hotline\"", "name = \"The hotline\""),
        (GOVERNANCE, "description = \"who can move money\"", "description = \"who moves money\""),
    ];
    let repository = repository(same);
    let view = commitments(repository.path(), ["before", "after"]);
    assert_eq!(ways(&view), std::collections::BTreeSet::new());
    assert_eq!(view["unknown"].as_array().map(Vec::len).unwrap_or_default(), 0, "{view:#}");
}
