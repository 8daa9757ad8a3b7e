//! Objects that are moved, reordered and renamed files: nothing of it is a change.

use std::{collections::BTreeMap, fs};

use toml::{Table, Value};

use crate::support::{Repository, gitsm, root};

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}

/// The living example with its objects in other files, in another order, with their keys in another order.
fn shuffled(seed: u64) -> Repository {
    let repository = Repository::empty();
    let mut numbers = Numbers(seed);
    let mut objects: Vec<(String, String, Value)> = Vec::new();
    for folder in ["catalog", "policies"] {
        for entry in walkdir::WalkDir::new(root().join(folder)).sort_by_file_name() {
            let path = entry.unwrap().into_path();
            if path.extension().is_none_or(|extension| extension != "toml") {
                continue;
            }
            let table: Table = fs::read_to_string(&path).unwrap().parse().unwrap();
            for (kind, of_kind) in table {
                let Value::Table(of_kind) = of_kind else { panic!("{kind}") };
                objects.extend(of_kind.into_iter().map(|(id, object)| (kind.clone(), id, object)));
            }
        }
    }
    assert!(objects.len() > 400);
    numbers.shuffle(&mut objects);
    let mut files: BTreeMap<usize, Table> = BTreeMap::new();
    for (kind, id, object) in objects {
        let file = files.entry(numbers.below(40)).or_default();
        let of_kind = file.entry(kind).or_insert_with(|| Value::Table(Table::new())).as_table_mut().unwrap();
        of_kind.insert(id, reordered(object, &mut numbers));
    }
    for (number, table) in files {
        let folder = if number % 2 == 0 { "catalog/deep/deeper" } else { "policies" };
        repository.write(&format!("{folder}/file-{number}.toml"), toml::to_string(&table).unwrap());
    }
    let people = fs::read_to_string(root().join("catalog/people.csv")).unwrap();
    let (heading, rows) = people.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    numbers.shuffle(&mut rows);
    repository.write("catalog/people.csv", format!("{heading}\n{}\n", rows.join("\n")));
    fs::copy(root().join("gitsm.toml"), repository.path().join("gitsm.toml")).unwrap();
    repository
}

/// A value with the keys of its tables in another order. Lists stay: the order of some decides.
fn reordered(value: Value, numbers: &mut Numbers) -> Value {
    match value {
        Value::Table(table) => {
            let mut entries: Vec<(String, Value)> = table.into_iter().collect();
            numbers.shuffle(&mut entries);
            let entries = entries.into_iter().map(|(key, value)| (key, reordered(value, numbers)));
            Value::Table(entries.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| reordered(item, numbers)).collect()),
        other => other,
    }
}

#[test]
fn where_and_in_which_order_the_living_example_is_written_changes_nothing() {
    for seed in 0..6 {
        let repository = shuffled(seed);
        let other = repository.path().to_str().unwrap();
        let arguments = ["diff", ".", other, "--detailed-exitcode", "--now", "2026-11-20T12:00:00Z"];
        let run = gitsm(&arguments, &root());
        assert_eq!(
            (run.status, run.stdout.lines().next()),
            (0, Some("nothing changed")),
            "{seed}: {}",
            run.stdout
        );
        // One field of one object is found wherever it went.
        let files = walkdir::WalkDir::new(repository.path().join("policies"));
        let path = files
            .into_iter()
            .map(|entry| entry.unwrap().into_path())
            .find(|path| fs::read_to_string(path).is_ok_and(|text| text.contains("max-duration = \"30d\"")));
        let path = path.unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replacen("max-duration = \"30d\"", "max-duration = \"31d\"", 1)).unwrap();
        let run = gitsm(&arguments, &root());
        assert_eq!(
            (run.status, run.stdout.lines().next()),
            (3, Some("1 object changed in 1 field")),
            "{seed}"
        );
        assert!(run.stdout.contains("      \"30d\" → \"31d\"\n"), "{}", run.stdout);
    }
}
