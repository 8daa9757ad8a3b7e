//! `gitsm validate` through the real binary.

#![allow(clippy::string_slice, clippy::print_stdout, reason = "a test may panic and talk")]

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Read},
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    golden::Folder,
    support::{Repository, Run, command, copy, gitsm, root, run},
};

const NOW: &[&str] = &["validate", "--now", "2026-11-20T12:00:00Z"];

fn validate(repository: &Repository, more: &[&str]) -> Run {
    gitsm(&[NOW, more].concat(), repository.path())
}

/// The base repository with the files of `tests/golden/<name>` laid over it.
fn golden(name: &str) -> Repository {
    let repository = Repository::base();
    copy(&root().join("tests/golden").join(name), repository.path());
    repository
}

fn findings(repository: &Repository) -> Vec<Value> {
    let run = validate(repository, &["--format", "json", "--max-findings", "0"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    report["findings"].as_array().unwrap().clone()
}

/// Line and column of a byte, counted in the plainest way there is.
fn line_column(text: &str, offset: usize) -> (u64, u64) {
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    (line as u64, column as u64)
}

/// The documents of a repository, and its settings.
fn documents(repository: &Repository) -> Vec<std::path::PathBuf> {
    let files = walkdir::WalkDir::new(repository.path()).into_iter().map(|entry| entry.unwrap().into_path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect()
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

/// The text at each place, after every line and column has been compared with its byte.
fn check_places(repository: &Repository, findings: &[Value]) -> Vec<String> {
    let check = |place: &Value| {
        let text = fs::read_to_string(repository.path().join(place["file"].as_str().unwrap())).unwrap();
        let (start, end) = (number(&place["start"]), number(&place["end"]));
        let at = |line: &str, column: &str| (place[line].as_u64().unwrap(), place[column].as_u64().unwrap());
        assert_eq!(at("line", "column"), line_column(&text, start), "{place}");
        assert_eq!(at("end-line", "end-column"), line_column(&text, end), "{place}");
        text[start..end].to_owned()
    };
    findings
        .iter()
        .map(|finding| {
            for place in finding["related"].as_array().into_iter().flatten() {
                check(place);
            }
            for edit in finding["fix"]["edits"].as_array().into_iter().flatten() {
                check(&edit["place"]);
            }
            check(&finding["place"])
        })
        .collect()
}

fn table(repository: &Repository) -> String {
    let findings = findings(repository);
    let mut table = String::new();
    for (finding, text) in findings.iter().zip(check_places(repository, &findings)) {
        let place = &finding["place"];
        writeln!(
            table,
            "{}:{}:{} {} {} {text:?}\n    {}",
            place["file"].as_str().unwrap(),
            place["line"],
            place["column"],
            finding["level"].as_str().unwrap(),
            finding["code"].as_str().unwrap(),
            finding["message"].as_str().unwrap()
        )
        .unwrap();
    }
    table
}

#[test]
fn golden_repositories() {
    let mut kept = Folder::new("tests/snapshots/validate", ".txt");
    for entry in fs::read_dir(root().join("tests/golden")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let repository = golden(&name);
        kept.check(&format!("{name}.places"), &table(&repository));
        let run = validate(&repository, &[]);
        kept.check(&format!("{name}.human"), &run.stdout);
        let files = format!(" of {} files", documents(&repository).len());
        assert!(run.stderr.contains(&files), "{run:?}");
        kept.check(&format!("{name}.talk"), &run.stderr.replace(&files, " of [FILES]"));
        assert_eq!(run.status, 1, "{run:?}");
    }
    kept.finish();
}

#[test]
fn places_are_where_a_person_would_point() {
    // Said here by hand, so that a snapshot of something wrong is not taken for the truth.
    let repository = golden("broken");
    let findings = findings(&repository);
    let texts = check_places(&repository, &findings);
    let found: Vec<(&str, u64, u64, &str)> = findings
        .iter()
        .zip(&texts)
        .map(|(finding, text)| {
            let place = &finding["place"];
            let number = |key: &str| place[key].as_u64().unwrap();
            (finding["code"].as_str().unwrap(), number("line"), number("column"), text.as_str())
        })
        .collect();
    for expected in
        [("GS1102", 3, 1, "nmae"), ("GS1107", 9, 2, "sevice"), ("GS1110", 18, 15, "\"2027-01-31\"")]
    {
        assert!(found.contains(&expected), "{expected:?} is not in {found:#?}");
    }
}

#[test]
fn lines_and_columns_count_characters_in_files_of_every_sort() {
    for text in [
        "[team.a]\r\nnmae = \"A\"\r\n",
        "# é日本👍\n\t[team.é]\nname = \"A\"\n",
        "\u{feff}[team.a]\nname = \"\u{200b}\"",
        "[team.a]\n\"n\u{301}ame\" = 1\n[team.b]\nx = \"\"\"\né\n\"\"\"\ny = [\n 1, # 👍\n 'z' ]",
    ] {
        let repository = Repository::base();
        repository.write("catalog/x.toml", text);
        let findings = findings(&repository);
        assert!(!findings.is_empty(), "{text:?}");
        check_places(&repository, &findings);
    }
}

#[test]
fn a_clean_repository() {
    let repository = Repository::base();
    let run = validate(&repository, &[]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{run:?}");
    let is_object = |line: &&str| {
        let inner = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        inner.is_some_and(|inner| !inner.starts_with('[') && inner.matches('.').count() == 1)
    };
    let files = documents(&repository);
    let objects: usize = files
        .iter()
        .filter(|path| !path.ends_with("gitsm.toml"))
        .map(|path| fs::read_to_string(path).unwrap().lines().filter(is_object).count())
        .sum();
    assert!(objects > 10);
    assert_eq!(run.stderr, format!("ok: {objects} objects in {} files\n", files.len()));
}

#[test]
fn exit_statuses() {
    let clean = Repository::base();
    let broken = golden("broken");
    assert_eq!(validate(&clean, &[]).status, 0);
    assert_eq!(validate(&broken, &[]).status, 1);
    let empty = Repository::empty();
    let run = validate(&empty, &[]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    assert!(
        run.stderr.starts_with(
            "error: this folder is not a gitsm repository, because it holds no `gitsm.toml`: `gitsm init`"
        ),
        "{run:?}"
    );
    for wrong in [
        &["--format", "yaml"][..],
        &["--frmat", "json"],
        &["--max-findings", "-1"],
        &["--only", "XY12"],
        &["--only", ""],
        &["--diff", "--format", "json"],
        &["--watch", "--fix"],
        &["--now", "yesterday"],
    ] {
        let run = validate(&broken, wrong);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{wrong:?}: {run:?}");
    }
}

#[test]
fn warnings_fail_only_when_they_are_denied() {
    let repository = Repository::base();
    let settings = repository.read("gitsm.toml");
    repository.write(
        "gitsm.toml",
        settings + "\n[[lints.allow]]\ncode = \"GS1310\"\npath = \"no/**\"\nreason = \"test\"\n",
    );
    let run = validate(&repository, &["--format", "concise"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains(": warning[GS1310]: "), "{run:?}");
    assert!(run.stderr.starts_with("1 warning in 1 of "), "{run:?}");
    assert_eq!(validate(&repository, &["--deny-warnings"]).status, 1);
}

#[test]
fn only_some_codes() {
    let repository = golden("broken");
    let all = findings(&repository);
    let run = validate(&repository, &["--format", "json", "--only", "GS1102,gs1107"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let codes: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["GS1102", "GS1107"], "{run:?}");
    assert_eq!(number(&report["summary"]["left-out"]), all.len() - 2);
    let expected = format!("only GS1102, GS1107 shown; {} other findings left out\n", all.len() - 2);
    assert!(run.stderr.contains(&expected), "{run:?}");
    // Nothing of that sort was found, but the lints did not even run.
    let none = validate(&repository, &["--only", "GS40"]);
    assert_eq!((none.status, none.stdout.as_str()), (1, ""), "{none:?}");
    assert!(
        none.stderr.starts_with("nothing was found, but not everything could be looked at\n"),
        "{none:?}"
    );
    let clean = validate(&Repository::base(), &["--only", "GS40"]);
    assert_eq!((clean.status, clean.stdout.as_str()), (0, ""), "{clean:?}");
    assert!(clean.stderr.starts_with("nothing of GS40 was found in "), "{clean:?}");
}

#[test]
fn the_result_goes_to_one_stream_and_the_talk_to_the_other() {
    let repository = golden("broken");
    for format in gitsm::report::FORMATS {
        let run = validate(&repository, &["--format", format.name]);
        assert!(run.stdout.contains("GS1102"), "{}: {run:?}", format.name);
        assert!(!run.stderr.contains("GS1102"), "{}: {run:?}", format.name);
        assert!(run.stderr.contains(" files; 1 can be mended with --fix\n"), "{}: {run:?}", format.name);
        assert!(run.stdout.ends_with('\n'), "{}", format.name);
    }
}

#[test]
fn paths_can_be_followed_from_where_the_command_runs() {
    let folder = Repository::empty();
    let repository = golden("broken");
    copy(repository.path(), &folder.path().join("rules/one"));
    for (format, path) in [
        ("concise", "rules/one/catalog/mistakes.toml:3:1: "),
        ("human", "--> rules/one/catalog/mistakes.toml:3:1"),
        ("github", "::error file=rules/one/catalog/mistakes.toml,line=3,"),
        ("sarif", "\"uri\": \"rules/one/catalog/mistakes.toml\""),
        ("json", "\"file\": \"catalog/mistakes.toml\""),
    ] {
        let run = gitsm(&[NOW, &["-C", "./rules/one", "--format", format]].concat(), folder.path());
        assert!(run.stdout.contains(path), "{format}: {}", run.stdout);
        // A path of this machine has no place in a result.
        let absolute = folder.path().join("rules/one");
        let run =
            gitsm(&[NOW, &["-C", absolute.to_str().unwrap(), "--format", format]].concat(), folder.path());
        assert!(run.stdout.contains("catalog/mistakes.toml"), "{format}");
        assert!(!run.stdout.contains(folder.path().to_str().unwrap()), "{format}: {}", run.stdout);
    }
}

#[test]
fn a_reader_that_has_seen_enough_does_not_change_how_it_ends() {
    let repository = many(10_000);
    for format in ["human", "json"] {
        let mut command =
            command(&[NOW, &["--format", format, "--max-findings", "0"]].concat(), repository.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        let mut talk = String::new();
        child.stderr.take().unwrap().read_to_string(&mut talk).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1), "{format}: {talk}");
        assert!(!talk.contains("panic"), "{talk}");
    }
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let repository = golden("broken");
    let mut command = command(&[NOW, &["--format", "json"]].concat(), repository.path());
    command.stdout(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let run = run(command);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("No space left"), "{run:?}");
}

#[test]
fn nobody_listening_to_the_talk_does_not_change_the_exit_status() {
    let repository = golden("broken");
    let mut command = command(NOW, repository.path());
    command.stderr(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    assert_eq!(run(command).status, 1);
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    let repository = golden("broken");
    assert!(!validate(&repository, &[]).stdout.contains('\u{1b}'));
    assert!(validate(&repository, &["--color", "always"]).stdout.contains("\u{1b}["));
    assert!(!validate(&repository, &["--color", "never"]).stdout.contains('\u{1b}'));
    for (name, value, coloured) in
        [("NO_COLOR", "1", false), ("CLICOLOR_FORCE", "1", true), ("TERM", "xterm", false)]
    {
        let mut command = command(NOW, repository.path());
        command.env(name, value);
        assert_eq!(run(command).stdout.contains('\u{1b}'), coloured, "{name}");
    }
    let json = validate(&repository, &["--color", "always", "--format", "json"]).stdout;
    assert!(!json.contains('\u{1b}'));
}

#[test]
fn the_same_bytes_every_time_and_everywhere() {
    let repository = golden("broken");
    for format in gitsm::report::FORMATS {
        let arguments = [NOW, &["--format", format.name]].concat();
        let first = gitsm(&arguments, repository.path());
        for turn in 0..10 {
            let mut command = command(&arguments, repository.path());
            if turn % 2 == 1 {
                command.env("TZ", "Pacific/Kiritimati").env("LANG", "tr_TR.UTF-8").env("LC_ALL", "C");
            }
            let again = run(command);
            assert_eq!(
                (again.stdout, again.stderr),
                (first.stdout.clone(), first.stderr.clone()),
                "{}",
                format.name
            );
        }
    }
}

/// A repository with this many findings in one file.
fn many(number: usize) -> Repository {
    let repository = Repository::base();
    let mut text = String::new();
    for index in 0..number {
        write!(text, "[team.t{index}]\nname = \"Team é {index}\"\nnmae = {index}\n\n").unwrap();
    }
    repository.write("catalog/many.toml", text);
    repository
}

#[test]
fn ten_thousand_findings_are_counted_and_not_poured_out() {
    let repository = many(10_000);
    for (format, shown) in [
        ("human", 200),
        ("concise", 200),
        ("markdown", 200),
        ("json", 10_000),
        ("github", 10_000),
        ("junit", 10_000),
    ] {
        let start = Instant::now();
        let run = validate(&repository, &["--format", format]);
        let time = start.elapsed();
        let marker = match format {
            "human" => "error[GS1102]",
            "concise" => ": error[GS1102]",
            "markdown" => "- **error** GS1102",
            "json" => "\"code\": \"GS1102\"",
            "github" => "title=GS1102",
            _ => "<failure type=\"GS1102\"",
        };
        assert_eq!(run.stdout.matches(marker).count(), shown, "{format}");
        assert!(run.stderr.starts_with("10,000 errors in 1 of "), "{format}: {}", run.stderr);
        let cut = "9,800 findings not shown (9,800 GS1102); --max-findings 0 shows all\n";
        assert_eq!(run.stderr.contains(cut), shown == 200, "{format}: {}", run.stderr);
        // Far above what it takes, also without optimisation on a busy machine; quadratic work takes minutes.
        assert!(time < Duration::from_secs(20), "{format} took {time:?}");
    }
    let none = validate(&repository, &["--format", "concise", "--max-findings", "1"]);
    assert_eq!(none.stdout.lines().count(), 1);
    let all = validate(&repository, &["--format", "concise", "--max-findings", "0"]);
    assert_eq!(all.stdout.lines().count(), 10_000);
    let json = validate(&repository, &["--format", "json", "--max-findings", "3"]);
    let report: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(report["summary"]["errors"], 10_000);
    assert_eq!(report["summary"]["cut"], serde_json::json!({ "GS1102": 9_997 }));
}

#[test]
fn a_very_long_line_is_cut_to_the_width() {
    let repository = Repository::base();
    let text = format!("[team.a]\nname = \"A\"\nmembers = [{}, \"nobody\"]\n", "\"ana\", ".repeat(2_000));
    repository.write("catalog/long.toml", text.replace(", , ", ", "));
    for (columns, most) in [("80", 80), ("120", 120), ("", 100), ("nonsense", 100), ("1", 40)] {
        let mut command = command(&[NOW, &["--only", "GS1201"]].concat(), repository.path());
        command.env("COLUMNS", columns);
        let run = run(command);
        assert!(run.stdout.contains("\"nobody\""), "the place is still seen: {}", run.stdout);
        let longest =
            run.stdout.lines().filter(|line| line.contains(" | ")).map(|line| line.chars().count()).max();
        // The number of the line stands before the text that is cut to the width.
        assert!(longest.unwrap() <= most + 8, "{columns:?}: {longest:?}\n{}", run.stdout);
    }
}

#[test]
fn help_names_every_format() {
    let repository = Repository::empty();
    let run = gitsm(&["validate", "--help"], repository.path());
    assert_eq!(run.status, 0);
    for format in gitsm::report::FORMATS {
        assert!(run.stdout.contains(&format!("- {}:", format.name)), "{}", format.name);
    }
}

/// A process that ends with the test, however the test ends.
struct Watching(std::process::Child);

impl Drop for Watching {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn watching_shows_the_findings_again_after_a_change() {
    let repository = golden("broken");
    let mut command = command(&[NOW, &["--watch", "--format", "concise"]].concat(), repository.path());
    let mut child = Watching(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
    let talk = BufReader::new(child.0.stderr.take().unwrap());
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || talk.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let wait_for = |start: &str| {
        let mut said = Vec::new();
        loop {
            match receiver.recv_timeout(Duration::from_secs(20)) {
                Ok(line) if line.starts_with(start) => break,
                Ok(line) => said.push(line),
                Err(error) => panic!("`{start}` was never said: {error}, but {said:?}"),
            }
        }
    };
    wait_for("5 errors");
    wait_for("watching for changes");
    fs::remove_file(repository.path().join("catalog/again.toml")).unwrap();
    fs::remove_file(repository.path().join("catalog/mistakes.toml")).unwrap();
    wait_for("ok: ");
    wait_for("watching for changes");
    fs::remove_file(repository.path().join("gitsm.toml")).unwrap();
    wait_for("error: this folder is not a gitsm repository");
    // A signal ends it at once. Not the one of ctrl-c: a test that runs in the background inherits that it is
    // ignored.
    let ended =
        std::process::Command::new("kill").args(["-TERM", &child.0.id().to_string()]).status().unwrap();
    assert!(ended.success());
    let status = child.0.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(15), "{status:?}");
}
