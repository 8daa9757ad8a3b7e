//! The comment: what it shows, how long it can get, and that nothing of the pull request's text becomes more than text.

use super::support::{Proposal, REVIEWED, loosen};
use crate::{git::support::Git, golden::Folder};

#[test]
fn verdicts_look_as_they_are_kept() {
    let mut kept = Folder::new("tests/pull_requests", ".txt");
    let cases = [
        ("waiting", Proposal::loosens()),
        ("agreed", Proposal::loosens().reviewed("ben-at-work", "approved", REVIEWED)),
        (
            "not-counted",
            Proposal::loosens()
                .reviewed("ana-at-work", "approved", REVIEWED)
                .reviewed("stranger", "approved", REVIEWED)
                .reviewed("cleo-at-work", "approved", "2026-11-19T08:00:00Z"),
        ),
        (
            "other-rules",
            Proposal::new(|git| {
                git.edit(
                    "policies/governance.toml",
                    "approvers = [\"team:security\"]",
                    "approvers = [\"person:cleo\"]",
                );
            }),
        ),
    ];
    for (name, proposal) in cases {
        for format in ["human", "markdown", "github"] {
            let shown = proposal.shown(format);
            let text =
                shown.stdout.replace(&proposal.head, "HEAD-COMMIT").replace(&proposal.base, "BASE-COMMIT");
            let text =
                text.replace(&proposal.head[..12], "HEAD-SHORT").replace(&proposal.base[..12], "BASE-SHORT");
            kept.check(&format!("{name}-{format}"), &text);
        }
    }
    kept.finish();
}

#[test]
fn a_comment_stays_within_its_bytes_however_much_changes() {
    for count in [1, 300, 10_000] {
        let many = Proposal::new(|git| {
            let mut text = String::new();
            for number in 0..count {
                text.push_str(&format!(
                    "[category.c{number}]\nname = \"Category {number}\"\nfunction = \"it\"\nowner = \"team:desk\"\n"
                ));
            }
            // Files have a limit of their own.
            for (place, part) in
                text.split_inclusive("owner = \"team:desk\"\n").collect::<Vec<_>>().chunks(2_000).enumerate()
            {
                git.write(&format!("catalog/many-{place}.toml"), part.concat());
            }
            loosen(git);
        });
        let comment = many.shown("markdown").stdout;
        assert!(comment.len() < 65_000, "{count}: {}", comment.len());
        assert!(
            comment.starts_with("<!-- gitsm:pr-check -->\n## ⏳ gitsm: it may not be merged yet"),
            "{count}"
        );
        assert!(
            comment.contains("mail/admin"),
            "{count}: what is decided otherwise comes before what is listed"
        );
        if count > 1_000 {
            assert!(comment.contains("more objects changed"), "what was cut is counted");
        }
    }
}

#[test]
fn nothing_of_the_change_becomes_more_than_text() {
    let attack = "x @org/admins fixes #1 [a](https://example.com) <img src=x> <!-- --> /merge";
    let hostile = |git: &Git| {
        loosen(git);
        let quoted = format!("{attack:?}");
        git.write(
            "catalog/hostile.toml",
            format!("[category.hostile]\nname = {quoted}\nfunction = \"it\"\nowner = \"team:desk\"\n"),
        );
        let governance = git.read("policies/governance.toml");
        git.write(
            "policies/governance.toml",
            governance.replace("id = \"security\"\n", &format!("id = \"security\"\nname = {quoted}\n")),
        );
    };
    let proposal = Proposal::new(hostile).with(|facts| {
        facts["pull-request"]["head"]["branch"] = serde_json::json!(attack);
    });
    let comment = proposal.reviewed("<!-- x --> @somebody", "approved", REVIEWED).shown("markdown").stdout;
    let mut rest = comment.replace("<!-- gitsm:pr-check -->", "");
    for ours in [
        "<code>",
        "</code>",
        "<del>",
        "</del>",
        "<ins>",
        "</ins>",
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "<pre>",
        "</pre>",
    ] {
        rest = rest.replace(ours, "");
    }
    assert!(comment.contains("admins"), "the text is shown");
    for mark in ["<", "](", "@", "://", "#1"] {
        let bad: Vec<&str> = rest
            .lines()
            .filter(|line| line.trim_start_matches('#').replace("&#", "").contains(mark))
            .collect();
        assert!(bad.is_empty(), "`{mark}` in {bad:?}");
    }
}
