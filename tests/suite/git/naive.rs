//! The history held against a walk that compares whole neighbouring trees.

use serde_json::Value;

use super::support::Git;
use crate::support::gitsm;

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
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
                    text.replace("team-", &format!("team-{number}-")),
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

#[test]
fn the_history_agrees_with_whole_trees_compared() {
    for seed in 0..3 {
        let git = Git::empty();
        let mut numbers = Numbers(seed);
        git.write("gitsm.toml", "[project]\nname = \"Teams\"\nroots = [\"catalog\"]\n\n[[people]]\nfile = \"catalog/people.csv\"\n");
        git.write(
            "catalog/people.csv",
            "id,name,department\nana,Ana,it\nben,Ben,it\ncleo,Cleo,it\ndan,Dan,it\n",
        );
        git.write("more/extra.toml", "[team.extra]\nname = \"Extra\"\n");
        git.commit("First");
        for number in 0..25 {
            change(&git, &mut numbers, number);
            git.commit(&format!("Change {number}"));
        }
        let run = gitsm(&["log", "--format", "json"], git.path());
        assert_eq!(run.status, 0, "{}", run.stderr);
        let entries: Vec<Value> =
            run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(entries.len() > 12, "{seed}: {} commits changed something", entries.len());
        let commits = git.git(&["rev-list", "HEAD"]);
        let commits: Vec<&str> = commits.lines().collect();
        for pair in commits.windows(2) {
            let range = format!("{}..{}", pair[1], pair[0]);
            let run = gitsm(&["diff", &range, "--format", "json", "--now", "2026-11-20"], git.path());
            assert_eq!(run.status, 0, "{range}: {}", run.stderr);
            let whole: Value = serde_json::from_str(&run.stdout).unwrap();
            let entry = entries.iter().find(|entry| entry["commit"] == pair[0]);
            let found = entry.map(|entry| facts(&entry["changes"])).unwrap_or_default();
            assert_eq!(found, facts(&whole["changes"]), "{seed}: {range}");
        }
    }
}
