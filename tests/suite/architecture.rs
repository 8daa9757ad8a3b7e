//! The shape of the house: layers import downwards only, files stay readable.

use std::{fs, path::PathBuf};

use crate::support::root;

/// The modules of the crate, each of which may import only from those before it.
const LAYERS: &[&str] = &[
    "diag", "time", "model", "source", "http", "load", "decide", "ledger", "lint", "import", "simulate",
    "impact", "plan", "gate", "target", "apply", "report", "cli",
];

/// The most lines of a source file.
const MOST_LINES: usize = 500;

/// Crates that only some modules may use, so that what they do stays in one place.
const AT_HOME: &[(&str, &[&str])] = &[
    ("walkdir", &["source"]),
    ("git2", &["source"]),
    ("jsonschema", &["load"]),
    ("annotate_snippets", &["report"]),
    ("clap", &["cli", "main.rs"]),
    ("anyhow", &["cli", "main.rs"]),
    ("csv", &["load", "import"]),
    ("taplo", &["load"]),
    ("reqwest", &["http"]),
    ("rustls", &["http"]),
    ("tokio", &["http"]),
    (
        "jiff",
        &[
            "time", "model", "http", "load", "decide", "ledger", "lint", "import", "simulate", "impact",
            "plan", "gate", "target", "apply", "report", "cli",
        ],
    ),
];

fn sources() -> Vec<(PathBuf, String)> {
    let sources = below("src");
    assert!(sources.len() > 50, "the sources were found");
    sources
}

/// The Rust files below a folder of the package, by their path below that folder.
fn below(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = root().join(folder);
    let files = walkdir::WalkDir::new(&folder).sort_by_file_name();
    let files = files.into_iter().filter_entry(|entry| entry.file_name() != "target");
    files
        .map(Result::unwrap)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"))
        .map(|entry| {
            let path = entry.path().strip_prefix(&folder).unwrap().to_owned();
            (path, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

fn module(path: &std::path::Path) -> String {
    path.components().next().unwrap().as_os_str().to_str().unwrap().to_owned()
}

/// The modules that a text names as `crate::module`, on their own or in a list.
fn imports(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let standalone =
            !text[..at].ends_with(|before: char| before.is_alphanumeric() || "_:$".contains(before));
        let rest = &text[at + "crate::".len()..];
        if !standalone {
            continue;
        }
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            for (offset, character) in list.char_indices() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    _ if start && character.is_alphabetic() => {
                        found.push(word(&list[offset..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            found.push(word(rest));
        }
    }
    found
}

fn word(text: &str) -> &str {
    text.split(|character: char| !character.is_alphanumeric() && character != '_').next().unwrap()
}

#[test]
fn imports_are_read_as_they_are_written() {
    let text = "use crate::{\n    diag::{Code, code},\n    model::Kind,\n};\nlet x = crate::time::Zone; my_crate::load::x";
    assert_eq!(imports(text), ["diag", "model", "time"]);
}

#[test]
fn every_module_has_its_layer_and_imports_only_from_lower_ones() {
    let mut wrong = Vec::new();
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let declared: Vec<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let known: Vec<&str> = LAYERS.iter().copied().filter(|layer| declared.contains(layer)).collect();
    assert_eq!(declared, known, "lib.rs lists the layers from the lowest to the highest");
    for (path, text) in sources() {
        let module = module(&path);
        let Some(own) = LAYERS.iter().position(|layer| *layer == module) else { continue };
        for import in imports(&text) {
            match LAYERS.iter().position(|layer| *layer == import) {
                Some(other) if other <= own => {}
                Some(_) => wrong.push(format!("{} imports {import}, which lies above it", path.display())),
                None => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_are_used_where_they_are_at_home() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module(&path);
        if path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        for (name, homes) in AT_HOME {
            let used = [format!("use {name}::"), format!("{name}::")];
            if used.iter().any(|used| text.contains(used.as_str())) && !homes.contains(&module.as_str()) {
                wrong.push(format!("{} uses {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_readable() {
    let mut long = Vec::new();
    for folder in ["src", "tests", "benches", "fuzz"] {
        let files = below(folder);
        assert!(!files.is_empty(), "the files of {folder} were found");
        for (path, text) in files {
            let lines = text.lines().count();
            if lines > MOST_LINES {
                long.push(format!("{folder}/{} has {lines} lines", path.display()));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}
