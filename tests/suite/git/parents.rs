//! Histories with merges: along first parents, and along all of them.

use std::collections::BTreeSet;

use gitsm::source::{ObjectId, Repository};

use super::{
    diff::desk,
    history::{log, merge, merge_notes, short},
    naive::Numbers,
    support::Git,
};

const DESK: &str = "catalog/desk.toml";

/// A branch with another name for the policy, beside a main branch with another time for it.
fn branched() -> Git {
    let git = desk();
    git.git(&["checkout", "--quiet", "-b", "feature"]);
    let text = git.read(DESK);
    git.write(
        DESK,
        text.replace("[access.night]", "[access.late]").replace("access.night.rule", "access.late.rule"),
    );
    git.commit("Another name");
    git.git(&["checkout", "--quiet", "main"]);
    git.edit(DESK, "max-duration = \"90d\"", "max-duration = \"180d\"");
    git.commit("Longer");
    git
}

#[test]
fn what_a_merge_brought_is_shown_with_the_commits_that_made_it() {
    let git = branched();
    merge(&git, |_| {});
    let all = |arguments: &[&str]| {
        let (run, entries) = log(&git, &[&["--all-parents"], arguments].concat());
        assert_eq!(run.status, 0, "{}", run.stderr);
        short(&entries)
    };
    let named = "Another name: renamed access/late";
    let longer = "Longer: changed access/night rule.first.max-duration";
    let night = "Night: added access/night";
    assert_eq!(all(&["access/late"]), [named, longer, night], "under the name that it had on each side");
    assert_eq!(all(&[])[..2], [named, longer]);
    assert_eq!(all(&["--since", "main^1"]), [named], "what leads to it is left out on every side");
    assert_eq!(all(&["--since", "main^2"]), [longer]);
    let first = short(&log(&git, &["access/late"]).1);
    assert_eq!(
        first,
        ["Merge pull request #9 from desk/feature: renamed access/late", longer, night],
        "along first parents the merge is what brought it"
    );
}

#[test]
fn what_a_merge_did_itself_is_shown_either_way() {
    let git = branched();
    merge(&git, |git| git.edit(DESK, "lead = \"ana\"", "lead = \"ben\""));
    let (_, entries) = log(&git, &["--all-parents"]);
    assert_eq!(short(&entries)[0], "Merge pull request #9 from desk/feature: changed team/night lead");
    assert_eq!(merge_notes(&entries[0]), ["made team/night"]);
    assert_eq!(log(&git, &[]).1[0]["changes"].as_array().unwrap().len(), 2);
}

#[test]
fn a_merge_the_other_way_round_hides_nothing() {
    let git = branched();
    let main = git.head();
    // The branch takes main in, and becomes main.
    git.git(&["checkout", "--quiet", "feature"]);
    git.git(&["merge", "--quiet", "--no-ff", "--message", "Merge main", "main"]);
    git.git(&["branch", "--force", "main", "feature"]);
    let (_, entries) = log(&git, &["--at", "main"]);
    assert_eq!(
        short(&entries)[..2],
        ["Merge main: changed access/late rule.first.max-duration", "Another name: renamed access/late"]
    );
    assert_eq!(entries[0]["parents"][1], main.as_str(), "what was main is the second parent now");
    // As long as somebody knows where the branch was, it is named.
    git.git(&["update-ref", "refs/remotes/origin/main", &main]);
    git.git(&["checkout", "--quiet", "main"]);
    let (_, entries) = log(&git, &[]);
    assert_eq!(merge_notes(&entries[0]).last().unwrap(), "swapped ");
    let human = crate::support::gitsm(&["log", "-n", "1"], git.path()).stdout;
    assert!(human.contains("    ! the merge took `origin/main` in and did not go into it: "), "{human}");
    git.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    assert!(!merge_notes(&log(&git, &[]).1[0]).contains(&"swapped ".to_owned()));
    let (_, entries) = log(&git, &["--at", "main", "--all-parents"]);
    assert!(entries.iter().any(|entry| entry["commit"] == main.as_str()));
}

/// Commits with one parent or two among those before them, with any dates.
fn random_commits(git: &Git, numbers: &mut Numbers, count: usize) -> Vec<(String, Vec<usize>)> {
    let tree = git.git(&["write-tree"]);
    let mut commits: Vec<(String, Vec<usize>)> = Vec::new();
    for number in 0..count {
        let parents: BTreeSet<usize> = match number {
            0 => BTreeSet::new(),
            _ => (0..=numbers.below(2)).map(|_| number - 1 - numbers.below(number.min(5))).collect(),
        };
        let parents: Vec<usize> = parents.into_iter().collect();
        let date = ["5", "-7", "99999999999999999999", "1790000000", "4102444800"][numbers.below(5)];
        let who = format!("Ana Lima <ana.lima@example.com> {date} +0000");
        let lines: String = parents.iter().map(|parent| format!("parent {}\n", commits[*parent].0)).collect();
        let text = format!("tree {tree}\n{lines}author {who}\ncommitter {who}\n\n{number}\n");
        commits.push((git.object("commit", text.as_bytes()), parents));
    }
    commits
}

#[test]
fn merge_bases_are_those_of_the_naive_search_whatever_the_dates_say() {
    for seed in 0..3 {
        let git = Git::empty();
        let commits = random_commits(&git, &mut Numbers(seed), 24);
        let mut before: Vec<BTreeSet<usize>> = Vec::new();
        for (number, (_, parents)) in commits.iter().enumerate() {
            let mut own = BTreeSet::from([number]);
            own.extend(parents.iter().flat_map(|parent| before[*parent].iter().copied()));
            before.push(own);
        }
        let repository = Repository::open(git.path()).unwrap();
        let ids: Vec<ObjectId> = commits.iter().map(|(id, _)| repository.resolve(id).unwrap().id).collect();
        let mut several = 0;
        for one in 0..commits.len() {
            for other in 0..=one {
                let both: BTreeSet<usize> = before[one].intersection(&before[other]).copied().collect();
                let newest = both
                    .iter()
                    .filter(|base| !both.iter().any(|newer| newer != *base && before[*newer].contains(base)));
                let mut expected: Vec<ObjectId> = newest.map(|base| ids[*base]).collect();
                expected.sort();
                several += usize::from(expected.len() > 1);
                assert_eq!(
                    repository.merge_bases(ids[one], ids[other]).unwrap(),
                    expected,
                    "{seed}: {one} and {other}"
                );
            }
        }
        assert!(several > 0, "{seed}: there are criss-cross merges");
    }
}
