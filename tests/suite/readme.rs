//! What the README shows is what happens.

use std::fs;

use crate::support::{Repository, gitsm, root};

/// The body of the `number`-th fenced block with this word behind the fence.
fn block(readme: &str, word: &str, number: usize) -> String {
    let fence = format!("```{word}\n");
    let start = readme.match_indices(&fence).nth(number).unwrap().0 + fence.len();
    let body = &readme[start..];
    body[..body.find("```").unwrap()].to_owned()
}

#[test]
fn the_first_example_gives_the_finding_that_is_shown() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let repository = Repository::base();
    repository.write("policies/access/sales.toml", block(&readme, "toml", 0));
    repository.write(
        "policies/workflows.toml",
        "[workflow.manager-then-owner]\nname = \"Manager, then owner\"\nowner = \"team:desk\"\n\
         stage = [{ id = \"manager\", approvers = [\"role:manager\"], fallback = [\"team:security\"], within = \"2d\", on-timeout = \"deny\" }]\n",
    );
    repository.write("catalog/salesforce.toml", "[service.salesforce]\nname = \"Salesforce\"\n");
    let run = gitsm(&["validate", "--only", "GS1201"], repository.path());
    let shown = block(&readme, "console", 0);
    let (command, output) = shown.split_once('\n').unwrap();
    assert_eq!(command, "$ gitsm validate");
    assert_eq!(run.stdout.trim_end(), output.trim_end());
}

#[test]
fn the_files_and_codes_that_it_names_exist() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let links = readme.split("](").skip(1).map(|rest| &rest[..rest.find(')').unwrap()]);
    let mut count = 0;
    for link in links.filter(|link| !link.starts_with("http")) {
        assert!(root().join(link).exists(), "{link}");
        count += 1;
    }
    assert!(count > 4, "the links were found");
    for (at, _) in readme.match_indices("GS") {
        let code = &readme[at..at + 6];
        assert!(gitsm::lint::codes().any(|known| known.id == code), "{code}");
    }
}

#[test]
fn the_clock_gives_the_answer_that_is_shown() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let shown = readme.split("```console\n$ gitsm clock ").nth(1).unwrap();
    let (line, rest) = shown.split_once('\n').unwrap();
    let arguments: Vec<&str> = ["clock"].into_iter().chain(line.split(' ')).collect();
    let run = gitsm(&arguments, &root());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(run.stdout, rest[..rest.find("```").unwrap()]);
}

#[test]
fn the_scenarios_are_as_many_as_it_says() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let said = readme.split("the living example has ").nth(1).unwrap();
    let said: String = said.chars().take_while(char::is_ascii_digit).collect();
    let run = gitsm(&["test", "--now", "2026-11-20", "--format", "junit"], &root());
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(run.stdout.matches("<testcase ").count().to_string(), said);
}
