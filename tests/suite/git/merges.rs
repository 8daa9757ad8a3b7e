//! What a merge did by itself, told by field and of what was asked about alone.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    diff::desk,
    history::{branched, log, merge, merge_notes, short},
    naive::Numbers,
    support::Git,
};
use crate::support::gitsm;

const DESK: &str = "catalog/desk.toml";
const MERGE: &str = "Merge pull request #9 from desk/feature";

/// The fields of the notes: `dropped access/night name`.
fn fields(entry: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let notes = entry["merge"].as_array().into_iter().flatten();
    let of = |note: &Value| {
        let paths = note["fields"].as_array().into_iter().flatten().map(|field| text(&field["path"]));
        let paths: Vec<String> = paths.collect();
        format!("{} {} {}", text(&note["did"]), text(&note["object"]), paths.join(" ")).trim_end().to_owned()
    };
    notes.map(of).collect()
}

/// A merge of the branch that says whatever is written, where both sides may have changed the same.
fn decided(git: &Git, edit: impl Fn(&Git)) {
    git.git(&["merge", "--quiet", "--no-ff", "--no-commit", "--strategy", "ours", "feature"]);
    edit(git);
    git.git(&["add", "--all"]);
    git.git(&["commit", "--quiet", "--message", MERGE]);
}

#[test]
fn a_merge_is_listed_under_the_rules_that_it_changed_alone() {
    let git = branched();
    merge(&git, |git| git.edit(DESK, "[\"it\", \"sales\"]", "[\"it\"]"));
    let first = |what: &str| short(&log(&git, &[what]).1)[0].clone();
    assert_eq!(first("access/night/first"), "Night: added access/night");
    assert_eq!(first("access/night/third"), "Night: added access/night");
    assert_eq!(
        first("access/night/second"),
        format!("{MERGE}: changed access/night rule.second.when.subject.department")
    );
    assert_eq!(merge_notes(&log(&git, &["access/night/second"]).1[0]), ["made access/night"]);
    assert_eq!(merge_notes(&log(&git, &["access/night"]).1[0]), ["made access/night"]);
    // The side that is shown with its own commits says its part there, and the merge says what it did itself.
    let all = log(&git, &["access/night", "--all-parents"]).1;
    assert_eq!(
        short(&all)[0],
        format!("{MERGE}: changed access/night rule.second.when.subject.department"),
        "the title came with the side"
    );
    let human = gitsm(&["log", "-n", "1"], git.path()).stdout;
    let made = "    ! the merge itself changed `access/night` (rule.second.when.subject.department): neither of its parents has it so\n";
    assert!(human.contains(made), "{human}");
}

#[test]
fn what_a_side_has_so_is_not_called_new() {
    // The merge goes back to what the merged side still says.
    let git = branched();
    git.edit(DESK, "max-duration = \"90d\"", "max-duration = \"180d\"");
    git.commit("Longer");
    merge(&git, |git| git.edit(DESK, "max-duration = \"180d\"", "max-duration = \"90d\""));
    let (_, entries) = log(&git, &[]);
    assert_eq!(fields(&entries[0]), ["undone access/night rule.first.max-duration"]);
    let human = gitsm(&["log", "-n", "1"], git.path()).stdout;
    let undone = "    ! the merge took back what had changed in `access/night` (rule.first.max-duration) where it went into\n";
    assert!(human.contains(undone), "{human}");
    assert!(!human.contains("neither"), "{human}");
    // Its nearest neighbours: what it says is on no side, or on the side that it went into.
    let git = branched();
    git.edit(DESK, "max-duration = \"90d\"", "max-duration = \"180d\"");
    git.commit("Longer");
    merge(&git, |git| git.edit(DESK, "max-duration = \"180d\"", "max-duration = \"91d\""));
    assert_eq!(fields(&log(&git, &[]).1[0]), ["made access/night rule.first.max-duration"]);
    let git = branched();
    git.edit(DESK, "max-duration = \"90d\"", "max-duration = \"180d\"");
    git.commit("Longer");
    merge(&git, |_| {});
    assert_eq!(fields(&log(&git, &[]).1[0]), Vec::<String>::new());
}

#[test]
fn a_side_that_is_left_out_is_told_by_field() {
    let git = branched();
    git.git(&["checkout", "--quiet", "feature"]);
    git.edit(DESK, "members = [\"ana\", \"ben\"]", "members = [\"ana\", \"ben\", \"dan\"]");
    git.write("catalog/dawn.toml", "[team.dawn]\nname = \"Dawn\"\nmembers = [\"ana\"]\n");
    git.commit("More");
    git.git(&["checkout", "--quiet", "main"]);
    git.git(&["merge", "--quiet", "--no-ff", "--strategy", "ours", "--message", "Ours", "feature"]);
    let (_, entries) = log(&git, &[]);
    assert_eq!(short(&entries)[0], "Ours: ");
    assert_eq!(
        fields(&entries[0]),
        ["dropped team/dawn", "dropped team/night members", "dropped access/night name"]
    );
    let human = gitsm(&["log", "-n", "1"], git.path()).stdout;
    for lines in [
        "    ! the merge left out what the merged side had changed in `team/dawn`:\n        added team/dawn\n",
        "`team/night`:\n        members\n          + \"dan\"\n",
        "`access/night`:\n        name\n          \"Night access\" → \"Late access\"\n",
    ] {
        assert!(human.contains(lines), "{human}");
    }
    assert_eq!(short(&log(&git, &["access/night/first"]).1)[0], "Night: added access/night");
}

#[test]
fn what_both_sides_changed_is_told_as_decided() {
    let both = || {
        let git = branched();
        git.edit(DESK, "name = \"Night access\"", "name = \"Access by night\"");
        git.commit("Another title");
        git
    };
    for title in ["Access by night", "Late access", "Any access", "Night access"] {
        let git = both();
        decided(&git, |git| git.edit(DESK, "Access by night", title));
        let found = fields(&log(&git, &[]).1[0]);
        assert_eq!(found, ["resolved access/night name"], "{title}");
    }
    // Entries that each side added meet in one list without a word.
    let git = branched();
    git.git(&["checkout", "--quiet", "feature"]);
    git.edit(DESK, "members = [\"ana\", \"ben\"]", "members = [\"dan\", \"ana\", \"ben\"]");
    git.commit("Dan");
    git.git(&["checkout", "--quiet", "main"]);
    git.edit(DESK, "members = [\"ana\", \"ben\"]", "members = [\"ana\", \"ben\", \"eva\"]");
    git.commit("Eva");
    decided(&git, |git| {
        git.edit(DESK, "\"ben\", \"eva\"]", "\"ben\", \"eva\", \"dan\"]");
        git.edit(DESK, "\"Night access\"", "\"Late access\"");
    });
    assert_eq!(fields(&log(&git, &[]).1[0]), Vec::<String>::new());
}

#[test]
fn a_name_that_a_side_gave_is_followed_where_the_other_changed_a_field() {
    let renamed = |git: &Git| {
        let text = git.read(DESK);
        git.write(
            DESK,
            text.replace("[access.night]", "[access.late]").replace("access.night.rule", "access.late.rule"),
        );
    };
    let git = desk();
    git.git(&["checkout", "--quiet", "-b", "feature"]);
    renamed(&git);
    git.commit("Another name");
    git.git(&["checkout", "--quiet", "main"]);
    git.edit(DESK, "max-duration = \"90d\"", "max-duration = \"180d\"");
    git.commit("Longer");
    merge(&git, |_| {});
    assert_eq!(fields(&log(&git, &[]).1[0]), Vec::<String>::new());
    // The other way round.
    let git = desk();
    git.git(&["checkout", "--quiet", "-b", "feature"]);
    git.edit(DESK, "max-duration = \"90d\"", "max-duration = \"180d\"");
    git.commit("Longer");
    git.git(&["checkout", "--quiet", "main"]);
    renamed(&git);
    git.commit("Another name");
    merge(&git, |_| {});
    assert_eq!(fields(&log(&git, &[]).1[0]), Vec::<String>::new());
    let git = desk();
    git.git(&["checkout", "--quiet", "-b", "feature"]);
    git.edit(DESK, "max-duration = \"90d\"", "max-duration = \"180d\"");
    git.commit("Longer");
    git.git(&["checkout", "--quiet", "main"]);
    renamed(&git);
    git.commit("Another name");
    merge(&git, |git| git.edit(DESK, "max-duration = \"180d\"", "max-duration = \"90d\""));
    assert_eq!(fields(&log(&git, &[]).1[0]), ["resolved access/late rule.first.max-duration"]);
    assert_eq!(merge_notes(&log(&git, &["access/late/first"]).1[0]), ["resolved access/late"]);
    assert_eq!(merge_notes(&log(&git, &["access/late/second"]).1[0]), Vec::<String>::new());
}

#[test]
fn a_name_is_found_under_what_it_was_called_before() {
    let git = super::history::history();
    assert_eq!(
        short(&log(&git, &["access/night"]).1),
        [
            "A better title: changed access/late name",
            "A better name for the policy: renamed access/late",
            "A better name for the rule: changed access/night rule.helpers",
            "Longer (#7): changed access/night rule.first.max-duration",
            "Night: added access/night",
        ]
    );
    assert_eq!(
        short(&log(&git, &["access/late/first"]).1),
        [
            "A better name for the policy: renamed access/late",
            "A better name for the rule: changed access/night rule.helpers",
            "Longer (#7): changed access/night rule.first.max-duration",
            "Night: added access/night",
        ]
    );
    // Something else can be called so since.
    git.write("catalog/other.toml", "[access.night]\nname = \"Other\"\nowner = \"team:night\"\napplies-to.service = \"pager\"\nafter = \"access:late\"\n\n[[access.night.rule]]\nid = \"only\"\ndecision = \"deny\"\n");
    git.commit("Another night");
    let found = short(&log(&git, &["access/night"]).1);
    assert_eq!(
        found[..2],
        ["Another night: added access/night", "A better name for the policy: renamed access/late"]
    );
}

#[test]
fn several_merge_bases_matter_to_what_differs_alone() {
    let git = branched();
    // Each side takes the other in, so that both are merge bases of what comes then.
    let (main, feature) = (git.git(&["rev-parse", "main"]), git.git(&["rev-parse", "feature"]));
    git.git(&["merge", "--quiet", "--no-ff", "--message", "One", &feature]);
    git.git(&["checkout", "--quiet", "feature"]);
    git.git(&["merge", "--quiet", "--no-ff", "--message", "Other", &main]);
    git.edit(DESK, "max-duration = \"90d\"", "max-duration = \"180d\"");
    git.commit("Longer");
    git.git(&["checkout", "--quiet", "main"]);
    git.git(&["merge", "--quiet", "--no-ff", "--message", "Both", "feature"]);
    let notes = |what: &[&str]| merge_notes(&log(&git, what).1[0]);
    assert_eq!(notes(&[]), ["not-repeated "]);
    assert_eq!(notes(&["access/night/first"]), ["not-repeated "]);
    assert_eq!(short(&log(&git, &["access/night/second"]).1)[0], "Night: added access/night");
}

/// A team as one of the sides says it: a lead and members.
type Team = (usize, BTreeSet<usize>);

#[test]
fn what_merges_did_agrees_with_each_field_held_against_three_commits() {
    let git = Git::base();
    let mut numbers = Numbers(11);
    let who = ["ana", "ben", "cleo"];
    let tree = |team: &Team| {
        let members: Vec<String> = team.1.iter().map(|at| format!("\"{}\"", who[*at])).collect();
        let text = format!(
            "[team.night]\nname = \"Night\"\nlead = \"{}\"\nmembers = [{}]\n",
            who[team.0],
            members.join(", ")
        );
        git.write(DESK, text);
        git.git(&["add", "--all"]);
        git.git(&["write-tree"])
    };
    let mut seen = BTreeSet::new();
    for case in 0..60 {
        let mut team = || -> Team { (numbers.below(3), (0..3).filter(|_| numbers.below(2) == 0).collect()) };
        let teams = [team(), team(), team(), team()];
        let trees: Vec<String> = teams.iter().map(tree).collect();
        let commit = |tree: &str, parents: &[&str], message: &str| {
            let parents: Vec<&str> = parents.iter().flat_map(|parent| ["-p", parent]).collect();
            git.git(&[&["commit-tree", tree], &parents[..], &["-m", message]].concat())
        };
        let base = commit(&trees[0], &[], "Base");
        let one = commit(&trees[1], &[&base], "One");
        let other = commit(&trees[2], &[&base], "Other");
        let merged = commit(&trees[3], &[&one, &other], "Merge");
        // Each thing that can be said, as the four say it.
        let mut expected: BTreeSet<String> = BTreeSet::new();
        let mut hold = |path: &str, [base, one, other, merged]: [usize; 4]| {
            let did = match (merged == one, merged == other, base == one, base == other) {
                // As on both sides, or on the one that had changed it alone.
                (true, true, ..) | (false, true, true, false) | (true, false, false, true) => return,
                (_, _, false, false) => "resolved",
                (false, true, false, true) => "undone",
                (true, false, true, false) => "dropped",
                (false, false, ..) | (_, _, true, true) => "made",
            };
            expected.insert(format!("{did} team/night {path}"));
        };
        hold("lead", [0, 1, 2, 3].map(|at| teams[at].0));
        for member in 0..3 {
            hold("members", [0, 1, 2, 3].map(|at| usize::from(teams[at].1.contains(&member))));
        }
        let (_, entries) = log(&git, &["--at", &merged, "-n", "1"]);
        let top = entries.first().filter(|entry| entry["commit"] == merged.as_str());
        let found: BTreeSet<String> = top
            .map(fields)
            .unwrap_or_default()
            .iter()
            .flat_map(|note| {
                let words: Vec<&str> = note.split(' ').collect();
                words[2..].iter().map(|path| format!("{} {} {path}", words[0], words[1])).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(found, expected, "{case}: {teams:?}");
        seen.extend(expected.iter().map(|note| note.split(' ').next().unwrap().to_owned()));
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
}
