//! The history held against a walk that compares whole neighbouring trees.

use std::collections::BTreeMap;

use serde_json::Value;

use super::support::Git;
use crate::support::gitsm;

/// Numbers that look random and are the same each time.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// One change of a rulebook of teams: of an object, a file, the people or the settings.
fn change(git: &Git, numbers: &mut Numbers, number: usize) {
    let file = |numbers: &mut Numbers| format!("catalog/teams-{}.toml", numbers.below(3));
    let members = |numbers: &mut Numbers| {
        let all = ["ana", "ben", "cleo", "dan"];
        let from = numbers.below(4);
        all.iter()
            .cycle()
            .skip(from)
            .take(numbers.below(4))
            .map(|id| format!("\"{id}\""))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let team = |numbers: &mut Numbers, number: usize| {
        format!("[team.team-{number}]\nname = \"Team {number}\"\nmembers = [{}]\n\n", members(numbers))
    };
    match numbers.below(8) {
        // A file anew, with some teams.
        0 | 1 => {
            let path = file(numbers);
            let first = path.bytes().nth_back(5).unwrap() as usize * 10;
            let teams: Vec<usize> = (0..5).filter(|_| numbers.below(3) > 0).collect();
            let text: String = teams.into_iter().map(|number| team(numbers, first + number)).collect();
            git.write(&path, format!("# {number}\n{text}"));
        }
        // A file under another name.
        2 => {
            let path = file(numbers);
            if git.path().join(&path).exists() {
                let text = git.read(&path);
                std::fs::remove_file(git.path().join(&path)).unwrap();
                git.write(
                    &format!("catalog/deep/moved-{number}.toml"),
                    text.replace("[team.", &format!("[team.moved-{number}-")),
                );
            }
        }
        // An object with another id.
        3 => {
            let path = file(numbers);
            if git.path().join(&path).exists() {
                git.write(
                    &path,
                    git.read(&path).replacen("[team.team-", &format!("[team.renamed-{number}-"), 1),
                );
            }
        }
        4 => git.write(
            "catalog/people.csv",
            format!(
                "id,name,department\nana,Ana,it\nben,Ben,{}\ncleo,Cleo,it\ndan,Dan {},it\n",
                ["it", "sales"][numbers.below(2)],
                numbers.below(3)
            ),
        ),
        5 => {
            let roots = ["[\"catalog\"]", "[\"catalog\", \"more\"]"][numbers.below(2)];
            let text = format!(
                "[project]\nname = \"Teams {}\"\nroots = {roots}\n\n[[people]]\nfile = \"catalog/people.csv\"\n",
                numbers.below(2)
            );
            git.write("gitsm.toml", text);
        }
        6 => git.write("more/extra.toml", format!("[team.extra]\nname = \"Extra {}\"\n", numbers.below(3))),
        _ => {
            let path = file(numbers);
            if git.path().join(&path).exists() {
                git.write(&path, git.read(&path).replace("members", "\nmembers  "));
            }
        }
    }
}

/// What a change says, without where.
fn facts(changes: &Value) -> Vec<String> {
    let strip = |field: &Value| {
        let mut field = field.clone();
        for place in ["before-place", "after-place"] {
            field.as_object_mut().unwrap().shift_remove(place);
        }
        field.to_string()
    };
    let changes = changes.as_array().unwrap().iter();
    changes
        .map(|change| {
            let fields: Vec<String> = change["fields"].as_array().into_iter().flatten().map(strip).collect();
            format!(
                "{} {} {} {} {fields:?}",
                change["change"], change["object"], change["from"], change["fingerprint"]
            )
        })
        .collect()
}

/// A history of changes. Where branches are wanted, some of them are made beside each other and merged, with the files of the
/// one side or the other.
fn history(seed: u64, count: usize, branches: bool) -> Git {
    let git = Git::empty();
    let mut numbers = Numbers(seed);
    git.write(
        "gitsm.toml",
        "[project]\nname = \"Teams\"\nroots = [\"catalog\"]\n\n[[people]]\nfile = \"catalog/people.csv\"\n",
    );
    git.write("catalog/people.csv", "id,name,department\nana,Ana,it\nben,Ben,it\ncleo,Cleo,it\ndan,Dan,it\n");
    git.write("more/extra.toml", "[team.extra]\nname = \"Extra\"\n");
    git.commit("First");
    let mut number = 0;
    while number < count {
        let aside = branches && numbers.below(3) == 0;
        if aside {
            git.git(&["checkout", "--quiet", "-B", "side"]);
        }
        for _ in 0..=numbers.below(2) {
            change(&git, &mut numbers, number);
            git.commit(&format!("Change {number}"));
            number += 1;
        }
        if aside {
            git.git(&["checkout", "--quiet", "main"]);
            change(&git, &mut numbers, number);
            git.commit(&format!("Change {number}"));
            number += 1;
            git.git(&["merge", "--quiet", "--no-ff", "--no-commit", "--strategy", "ours", "side"]);
            if numbers.below(2) == 0 {
                git.git(&["checkout", "--quiet", "side", "--", "catalog"]);
            }
            git.git(&["commit", "--quiet", "--message", "Merge"]);
        }
    }
    git
}

/// What whole trees say differently, as `gitsm diff` tells it.
fn whole(git: &Git, before: &str, after: &str) -> Vec<String> {
    let range = format!("{before}..{after}");
    let run = gitsm(&["diff", &range, "--format", "json", "--now", "2026-11-20"], git.path());
    assert_eq!(run.status, 0, "{range}: {}", run.stderr);
    let whole: Value = serde_json::from_str(&run.stdout).unwrap();
    facts(&whole["changes"])
}

fn entries(git: &Git, arguments: &[&str]) -> Vec<Value> {
    let run = gitsm(&[&["log", "--format", "json"], arguments].concat(), git.path());
    assert_eq!(run.status, 0, "{}", run.stderr);
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The commits of `git rev-list`, each with its parents.
fn commits(git: &Git, arguments: &[&str]) -> Vec<Vec<String>> {
    let listed = git.git(&[&["rev-list", "--parents"], arguments, &["HEAD"]].concat());
    listed.lines().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
}

#[test]
fn the_history_agrees_with_whole_trees_compared() {
    for (seed, branches) in [(0, false), (1, false), (2, true)] {
        let git = history(seed, 20, branches);
        let entries = entries(&git, &[]);
        assert!(entries.len() > 8, "{seed}: {} commits changed something", entries.len());
        for commit in commits(&git, &["--first-parent"]).iter().filter(|commit| commit.len() > 1) {
            let entry = entries.iter().find(|entry| entry["commit"] == commit[0].as_str());
            let found = entry.map(|entry| facts(&entry["changes"])).unwrap_or_default();
            assert_eq!(found, whole(&git, &commit[1], &commit[0]), "{seed}: {commit:?}");
        }
    }
}

#[test]
fn the_history_of_all_parents_agrees_with_whole_trees_compared() {
    let git = history(5, 14, true);
    let entries = entries(&git, &["--all-parents"]);
    let commits = commits(&git, &[]);
    assert!(commits.iter().any(|commit| commit.len() > 2), "there are merges");
    let place = |id: &str| entries.iter().position(|entry| entry["commit"] == id);
    for commit in &commits {
        let found = place(&commit[0]);
        for parent in commit.iter().skip(1).filter_map(|parent| place(parent)) {
            assert!(found.is_none_or(|found| found < parent), "no commit comes before one that it leads to");
        }
        if let [id, parent] = commit.as_slice() {
            let found = found.map(|at| facts(&entries[at]["changes"])).unwrap_or_default();
            assert_eq!(found, whole(&git, parent, id), "{commit:?}");
        }
    }
}

/// What a team says: its name and its members, each with the commit that said so first and ever since.
type Said = BTreeMap<String, String>;

/// The teams of a commit, by a naive reading of its files.
fn teams(git: &Git, commit: &str) -> BTreeMap<String, Vec<String>> {
    let show = |path: &str| git.git(&["show", &format!("{commit}:{path}")]);
    let settings: toml::Table = show("gitsm.toml").parse().unwrap();
    let roots = settings["project"]["roots"].as_array().unwrap();
    let mut teams = BTreeMap::new();
    for root in roots.iter().map(|root| root.as_str().unwrap()) {
        for path in git.git(&["ls-tree", "-r", "--name-only", commit, "--", root]).lines() {
            if std::path::Path::new(path).extension().is_none_or(|end| end != "toml") {
                continue;
            }
            let file: toml::Table = show(path).parse().unwrap();
            for (id, team) in file.get("team").and_then(toml::Value::as_table).into_iter().flatten() {
                let mut said = vec![format!("name {}", team["name"].as_str().unwrap())];
                if let Some(members) = team.get("members").and_then(toml::Value::as_array) {
                    said.extend(members.iter().map(|member| format!("members {}", member.as_str().unwrap())));
                    said.extend(members.is_empty().then(|| "members".to_owned()));
                }
                said.sort();
                teams.entry(id.clone()).or_insert(said);
            }
        }
    }
    teams
}

/// Folds the commits from the oldest to the newest.
fn fold(git: &Git) -> BTreeMap<String, Said> {
    let mut state: BTreeMap<String, Said> = BTreeMap::new();
    for commit in commits(git, &["--first-parent", "--reverse"]) {
        let now = teams(git, &commit[0]);
        let before: BTreeMap<&String, Vec<&String>> =
            state.iter().map(|(id, said)| (id, said.keys().collect())).collect();
        let gone = |said: &Vec<String>| -> Vec<&String> {
            let same = |id: &String| before[id] == said.iter().collect::<Vec<_>>();
            state.keys().filter(|id| !now.contains_key(*id) && same(id)).collect()
        };
        let new = |said: &Vec<String>| {
            now.iter().filter(|(id, other)| !state.contains_key(*id) && *other == said).count()
        };
        let next = now.iter().map(|(id, said)| {
            // One that is new and says what one that is gone said, and no other, is that one.
            let from = match (state.get(id), gone(said).as_slice()) {
                (Some(own), _) => Some(own),
                (None, [one]) if new(said) == 1 => state.get(*one),
                (None, _) => None,
            };
            let since = |line: &String| from.and_then(|from| from.get(line)).unwrap_or(&commit[0]).clone();
            (id.clone(), said.iter().map(|line| (line.clone(), since(line))).collect())
        });
        state = next.collect();
    }
    state
}

#[test]
fn blame_agrees_with_a_fold_over_all_commits() {
    for (seed, branches) in [(3, false), (4, true)] {
        let git = history(seed, 20, branches);
        let state = fold(&git);
        let (all, mut known) = (commits(&git, &[]), BTreeMap::new());
        assert!(!state.is_empty(), "{seed}");
        for (id, said) in &state {
            let run = gitsm(&["blame", &format!("team/{id}"), "--format", "json"], git.path());
            assert_eq!(run.status, 0, "{seed} {id}: {}", run.stderr);
            let report: Value = serde_json::from_str(&run.stdout).unwrap();
            let line = |field: &Value| {
                let path = field["path"].as_str().unwrap();
                let text = field["value"].as_str().map(|value| format!("{path} {value}"));
                (text.unwrap_or_else(|| path.to_owned()), field["commit"].as_str().unwrap().to_owned())
            };
            let found: Said = report["fields"].as_array().unwrap().iter().map(line).collect();
            assert_eq!(&found, said, "{seed}: team/{id}");
            if branches {
                let run =
                    gitsm(&["blame", &format!("team/{id}"), "--format", "json", "--all-parents"], git.path());
                let report: Value = serde_json::from_str(&run.stdout).unwrap();
                let found: Said = report["fields"].as_array().unwrap().iter().map(line).collect();
                assert!(found.keys().eq(said.keys()), "{id}");
                for (line, commit) in found {
                    let parents = all.iter().find(|known| known[0] == commit).unwrap();
                    let says = |commit: &String| {
                        known
                            .entry(commit.clone())
                            .or_insert_with(|| teams(&git, commit))
                            .get(id)
                            .is_some_and(|said| said.contains(&line))
                    };
                    let says: Vec<bool> = parents.iter().map(says).collect();
                    assert!(
                        says.iter().skip(1).all(|before| !before),
                        "{seed}: team/{id} {line} at {commit}"
                    );
                }
            }
        }
    }
}
