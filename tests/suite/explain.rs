//! The explain pages: every code has one, its bad example fires exactly that code, its good example nothing.
//!
//! An example is a fenced block ```` ```toml bad ```` or ```` ```toml good ````. It is laid over the
//! repository in `tests/base` as `catalog/example.toml`, or as the file that the fence names:
//! ```` ```toml bad gitsm.toml ````. A page may hold several pairs, told apart by a number:
//! ```` ```toml bad 2 ````. Findings are looked for on 2026-11-20.

use std::{collections::BTreeMap, fs, path::Path};

use crate::support::{Repository, gitsm};

/// The files of each example, by the number of its pair and whether it is bad.
pub type Example = BTreeMap<(u32, bool), Vec<(String, String)>>;

pub fn examples(page: &str) -> Example {
    let mut found = Example::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let words: Vec<&str> = info.split_whitespace().collect();
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let bad = match words.get(1) {
            Some(&"bad") => true,
            Some(&"good") => false,
            _ => continue,
        };
        let number = words.iter().find_map(|word| word.parse().ok()).unwrap_or(1);
        let file = words.iter().skip(2).find(|word| word.contains('.')).unwrap_or(&"catalog/example.toml");
        found.entry((number, bad)).or_default().push(((*file).to_owned(), body.join("\n") + "\n"));
    }
    found
}

fn findings(files: &[(String, String)]) -> Vec<(String, String)> {
    let repository = Repository::base();
    for (path, text) in files {
        repository.write(path, text);
    }
    let run = gitsm(&["validate", "--format", "json", "--now", "2026-11-20T12:00:00Z"], repository.path());
    let report: serde_json::Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("{error}\n{}\n{}", run.stdout, run.stderr));
    let findings = report["findings"].as_array().unwrap();
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings.iter().map(|finding| (text(finding, "code"), text(finding, "message"))).collect()
}

#[test]
fn the_base_repository_is_clean() {
    assert_eq!(findings(&[]), vec![]);
}

#[test]
fn each_bad_example_fires_exactly_its_code_and_each_good_one_is_silent() {
    let mut failures = Vec::new();
    for code in gitsm::lint::codes() {
        if only().is_some_and(|only| !code.id.starts_with(&only)) {
            continue;
        }
        let examples = examples(code.page);
        let heading = format!("# {}: {}\n", code.id, code.name);
        if !code.page.starts_with(&heading) {
            failures.push(format!("{}: the page does not start with `{}`", code.id, heading.trim()));
        }
        let has_pair = examples.contains_key(&(1, true)) && examples.contains_key(&(1, false));
        if !has_pair && !WITHOUT_EXAMPLE.contains(&code.id) {
            failures.push(format!("{}: the page lacks a bad or a good example", code.id));
        }
        for ((number, bad), files) in &examples {
            let mut found = findings(files);
            found.retain(|(found, _)| found == code.id || found != INCIDENTAL);
            let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
            let right = if *bad {
                !codes.is_empty() && codes.iter().all(|id| *id == code.id)
            } else {
                codes.is_empty()
            };
            if !right {
                let kind = if *bad { "bad" } else { "good" };
                failures.push(format!("{}: the {kind} example {number} gives {found:#?}", code.id));
            }
            if !bad && !examples.contains_key(&(*number, true)) {
                failures.push(format!("{}: the good example {number} has no bad neighbour", code.id));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Findings about bytes, links and nothing at all, which a page in Markdown cannot hold. `bad_input.rs` has a case for
/// each of them. Those about import maps (GS1306) are not found by `gitsm validate`; `import.rs` looks at them.
pub const WITHOUT_EXAMPLE: &[&str] =
    &["GS1001", "GS1002", "GS1003", "GS1004", "GS1005", "GS1012", "GS1302", "GS1306"];
/// An object that nothing uses is worth a note, and an example that shows just that object is right not to use it.
const INCIDENTAL: &str = "GS2055";

/// `GITSM_CODE=GS20` looks only at the codes that start so.
fn only() -> Option<String> {
    std::env::var("GITSM_CODE").ok()
}

#[test]
fn every_page_belongs_to_a_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diag/explain");
    let mut pages: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().replace(".md", ""))
        .collect();
    pages.sort();
    let mut codes: Vec<&str> = gitsm::lint::codes().map(|code| code.id).collect();
    let listed = codes.clone();
    codes.sort_unstable();
    assert_eq!(listed, codes, "the registries are in the order of the codes");
    codes.dedup();
    assert_eq!(listed, codes, "no code is used twice");
    assert_eq!(pages, codes);
}
