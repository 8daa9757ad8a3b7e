//! Every format, over the same findings: a snapshot of each, what it must never let through, and what another
//! program reads from it.

#![allow(clippy::string_slice, clippy::print_stdout, reason = "a test may panic and talk")]

use std::collections::BTreeMap;

use gitsm::{
    diag::{Diagnostic, Edit, FileId, Fix, Level, Safety, Span},
    load::{Completeness, Loaded, codes},
    report::{FORMATS, Report, Selection, Style, json, markdown},
};
use serde_json::Value;

use crate::{golden::Folder, support::root};

/// Text that tries to do something to a terminal, a log, a page or a parser.
const NASTY: &str = "\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\r\u{202e}\u{200b}\u{e0041}\0 @org/admins #1 `</code>` \
                     <img src=x> | ]]> ::error::x %0A {{7*7}} \"' & www.example.com\n# heading";

fn span_of(text: &str, part: &str) -> Span {
    let start = text.find(part).unwrap();
    Span::new(start, start + part.len())
}

/// Findings of every shape.
fn loaded() -> Loaded {
    let mut loaded = Loaded { completeness: Completeness::Broken, ..Loaded::default() };
    let settings = loaded.sources.add("gitsm.toml", "[project]\nname = \"Example\"\n");
    let plain_text = "# é\r\n[service.mail]\r\nnmae = \"Mail\"\r\nstarts = \"2026-01-01\"\r\n\tlist = [\r\n\t  1,\r\n\t]\r\n";
    let plain = loaded.sources.add("catalog/mail.toml", plain_text);
    let far_text = format!("[team.a]\nname = \"A\"\n{}[team.a]\nname = \"B\"\n", "# line\n".repeat(90));
    let far = loaded.sources.add("catalog/far.toml", far_text.as_str());
    let long_text = format!("a = [\"{}\", \"KEY\", \"{}\"]\n", "x".repeat(3_000), "y".repeat(3_000));
    let long = loaded.sources.add("catalog/long line.toml", long_text.as_str());
    let nasty_path = "catalog/a|b,@org:`c`\u{1b}[2J<b>%é\u{202e}.toml";
    let nasty_text = format!("a = \"{NASTY}\" # \u{9b}end\n");
    let nasty = loaded.sources.add(nasty_path, nasty_text.as_str());
    let unread = loaded.sources.add("catalog/x.toml.bak", "");
    let mut found = vec![
        Diagnostic::new(
            &codes::MISSING_ROOT,
            settings,
            Span::default(),
            "the root folder `policies` does not exist",
        )
        .help("create it"),
        Diagnostic::new(
            &codes::UNKNOWN_KEY,
            plain,
            span_of(plain_text, "nmae"),
            "there is no key `nmae` here",
        )
        .label("unknown key")
        .note("keys are written in kebab-case")
        .help("did you mean `name`?")
        .replace_with("write `name`", "name", Safety::Suggestion),
        Diagnostic::new(
            &codes::QUOTED_DATE,
            plain,
            span_of(plain_text, "\"2026-01-01\""),
            "a date is not a string",
        )
        .label("a string, not a date")
        .help("remove the quotes")
        .replace_with("remove the quotes", "2026-01-01", Safety::Safe),
        Diagnostic::new(
            &codes::WRONG_TYPE,
            plain,
            span_of(plain_text, "[\r\n\t  1,\r\n\t]"),
            "a list is not a text",
        )
        .label("a list over several lines"),
        Diagnostic::new(
            &codes::SYNTAX,
            plain,
            Span::new(plain_text.len(), plain_text.len()),
            "the file ends too early",
        ),
        Diagnostic::new(
            &codes::DUPLICATE_ID,
            far,
            Span::new(far_text.rfind('[').unwrap(), far_text.rfind(']').unwrap() + 1),
            "the team `a` is defined twice",
        )
        .label("the second definition")
        .related(far, Span::new(0, 8), "the first definition")
        .related(plain, span_of(plain_text, "[service.mail]"), "a place in another file")
        .help("give one of them another id"),
        Diagnostic::new(&codes::NOT_A_CHOICE, long, span_of(&long_text, "\"KEY\""), "there is no such word")
            .label("here"),
        Diagnostic::new(
            &codes::WRONG_FORMAT,
            nasty,
            span_of(&nasty_text, "www."),
            format!("the value `{NASTY}` is wrong"),
        )
        .label(NASTY)
        .related(plain, Span::new(0, 1), NASTY)
        .note(NASTY)
        .help(NASTY)
        .replace_with(NASTY, NASTY, Safety::Suggestion),
        Diagnostic::new(
            &codes::NOT_READ,
            unread,
            Span::default(),
            "`x.toml.bak` looks like a document and is not read",
        ),
    ];
    found[3].level = Level::Warning;
    found[8].level = Level::Note;
    found[5].fix = Some(Fix {
        title: "rename both".to_owned(),
        safety: Safety::Suggestion,
        edits: vec![
            Edit { file: far, span: Span::new(6, 7), text: "b".to_owned() },
            Edit { file: plain, span: Span::new(0, 0), text: "# new\n".to_owned() },
        ],
    });
    loaded.found = found;
    loaded
}

fn rendered(name: &str, colour: bool) -> String {
    let loaded = loaded();
    let report = Report::new(&loaded, &Selection::default(), String::new());
    (gitsm::report::format(name).unwrap().render)(&report, Style { colour, width: 80 }).unwrap()
}

/// Whether a character could do something to what it is shown on. Written down again here, so that the test
/// does not believe what it tests.
fn is_dangerous(character: char) -> bool {
    let code = u32::from(character);
    let ranges = [
        0x00..=0x09,
        0x0b..=0x1f,
        0x7f..=0x9f,
        0xad..=0xad,
        0x61c..=0x61c,
        0x200b..=0x200f,
        0x2028..=0x202e,
        0x2060..=0x206f,
        0xfeff..=0xfeff,
        0xe0000..=0xe01ef,
    ];
    ranges.iter().any(|range| range.contains(&code))
}

#[test]
fn each_format_has_a_snapshot() {
    let mut kept = Folder::new("tests/snapshots/formats", ".txt");
    for format in FORMATS {
        let text = rendered(format.name, false);
        let mut stable = text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
        // The pages of the codes are not what is looked at here.
        for code in gitsm::lint::codes() {
            stable = stable.replace(&serde_json::to_string(code.page).unwrap(), "\"[PAGE]\"");
        }
        kept.check(format.name, &stable);
        assert_eq!(text, rendered(format.name, false), "{} is the same every time", format.name);
    }
    kept.finish();
}

#[test]
fn nothing_dangerous_comes_through_any_format() {
    assert!(NASTY.chars().filter(|character| is_dangerous(*character)).count() > 8);
    for format in FORMATS {
        let text = rendered(format.name, false);
        let through: Vec<char> = text.chars().filter(|character| is_dangerous(*character)).collect();
        assert!(through.is_empty(), "{}: {through:?}", format.name);
        // Colours are the only thing that may be added, and only to the format for people.
        let coloured = rendered(format.name, true);
        let mut rest = String::new();
        let mut parts = coloured.split("\u{1b}[");
        rest.push_str(parts.next().unwrap());
        for part in parts {
            let (numbers, after) = part.split_once('m').unwrap();
            assert!(
                numbers.chars().all(|character| character.is_ascii_digit() || character == ';'),
                "{numbers:?}"
            );
            rest.push_str(after);
        }
        assert_eq!(rest.trim_end(), text.trim_end(), "{}", format.name);
        assert_eq!(coloured != text, format.name == "human");
    }
}

#[test]
fn json_says_the_same_as_the_findings_and_follows_its_schema() {
    let loaded = loaded();
    let report: Value = serde_json::from_str(&rendered("json", false)).unwrap();
    assert_valid(&root().join("schemas/output/validate.schema.json"), &report);
    assert_eq!(report["format-version"], json::FORMAT_VERSION);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), loaded.found.len());
    for (finding, diagnostic) in findings.iter().zip(&loaded.found) {
        assert_eq!(finding["code"], diagnostic.code.id);
        assert_eq!(finding["message"], diagnostic.message.as_str(), "nothing is lost by escaping");
        assert_eq!(finding["place"]["file"], loaded.sources.path(diagnostic.primary.file));
        assert_eq!(finding["place"]["start"], diagnostic.primary.span.start);
    }
    let summary = &report["summary"];
    assert_eq!(summary["errors"], 7);
    assert_eq!(summary["warnings"], 1);
    assert_eq!(summary["notes"], 1);
    assert_eq!(summary["files"], 6);
    assert_eq!(summary["mendable"], 1);
    assert_eq!(summary["complete"], false);
}

#[test]
fn sarif_follows_its_schema_and_says_the_same_as_the_findings() {
    let loaded = loaded();
    let log: Value = serde_json::from_str(&rendered("sarif", false)).unwrap();
    assert_valid(&root().join("tests/data/sarif-part.schema.json"), &log);
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), loaded.found.len());
    let mut fingerprints = Vec::new();
    for (result, diagnostic) in results.iter().zip(&loaded.found) {
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], diagnostic.code.id);
        assert_eq!(result["ruleId"], diagnostic.code.id);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        let source = loaded.sources.get(diagnostic.primary.file).unwrap();
        assert_eq!(region["startLine"], source.line_column(diagnostic.primary.span.start).line);
        assert!(result["message"]["text"].as_str().unwrap().starts_with(&diagnostic.message));
        assert_eq!(result["relatedLocations"].as_array().map_or(0, Vec::len), diagnostic.related.len());
        assert_eq!(result["fixes"].is_array(), diagnostic.fix.is_some());
        fingerprints.push(result["partialFingerprints"]["gitsm/v1"].as_str().unwrap());
    }
    let number = fingerprints.len();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), number, "each finding has its own fingerprint");
    let uri = results[7]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
    assert_eq!(uri, "catalog/a%7Cb%2C%40org%3A%60c%60%1B%5B2J%3Cb%3E%25%C3%A9%E2%80%AE.toml");
    let mut broken = log.clone();
    broken["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0.into();
    assert!(!is_valid(&root().join("tests/data/sarif-part.schema.json"), &broken), "the schema can say no");
}

#[test]
#[ignore = "needs the schema of OASIS: GITSM_SARIF_SCHEMA=<file> cargo test --test suite -- --ignored sarif"]
fn sarif_follows_the_schema_that_is_published() {
    let path = std::env::var_os("GITSM_SARIF_SCHEMA").map(std::path::PathBuf::from);
    let path = path.unwrap_or_else(|| panic!("set GITSM_SARIF_SCHEMA to the file of the schema"));
    let log: Value = serde_json::from_str(&rendered("sarif", false)).unwrap();
    assert_valid(&path, &log);
    // What the part that is kept here refuses need not be wrong, but what it lets through is right.
    let kept = std::fs::read_to_string(root().join("tests/data/sarif-part.schema.json")).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    let whole: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    for (name, part) in kept["$defs"].as_object().unwrap() {
        let definition = &whole["definitions"][name];
        for property in part["properties"].as_object().unwrap().keys() {
            assert!(definition["properties"].get(property).is_some(), "{name} has no `{property}`");
        }
        for required in definition["required"].as_array().into_iter().flatten() {
            assert!(part["required"].as_array().unwrap().contains(required), "{name} needs {required}");
        }
    }
}

#[test]
fn fingerprints_survive_moved_lines_and_tell_equal_places_apart() {
    let fingerprints = |texts: &[&str], part: &str| {
        let mut loaded = Loaded::default();
        for (index, text) in texts.iter().enumerate() {
            let file = loaded.sources.add(format!("{index}.toml"), *text);
            for (start, part) in text.match_indices(part) {
                let span = Span::new(start, start + part.len());
                loaded.found.push(Diagnostic::new(&codes::UNKNOWN_KEY, file, span, format!("at {start}")));
            }
        }
        let report = Report::new(&loaded, &Selection::default(), String::new());
        gitsm::report::fingerprint::fingerprints(&report)
    };
    let before = fingerprints(&["[a]\nx = 1\n[b]\nx = 1\nx = 2\n"], "x");
    assert_eq!(before.len(), 3);
    assert_eq!(before, fingerprints(&["# new\n\n[a]\ny = 2\nx = 1\n\n[b]\nx = 7\n\nx = 2\n"], "x"));
    assert_ne!(before[0], before[1], "another table");
    assert_ne!(before[1], before[2], "the second in its table");
    assert_eq!(
        before,
        fingerprints(&["[b]\nx = 1\nx = 2\n[a]\nx = 1\n"], "x")
            .into_iter()
            .cycle()
            .skip(2)
            .take(3)
            .collect::<Vec<_>>()
    );
    assert_ne!(before[0], fingerprints(&["", "[a]\nx = 1\n"], "x")[0], "another file");
}

#[test]
fn github_commands_parse_back() {
    let loaded = loaded();
    let text = rendered("github", false);
    assert_eq!(text.lines().count(), loaded.found.len(), "a finding cannot add a command");
    for (line, diagnostic) in text.lines().zip(&loaded.found) {
        let (command, rest) = line.strip_prefix("::").unwrap().split_once(' ').unwrap();
        let level =
            BTreeMap::from([(Level::Error, "error"), (Level::Warning, "warning"), (Level::Note, "notice")]);
        assert_eq!(command, level[&diagnostic.level]);
        let (properties, message) = rest.split_once("::").unwrap();
        let unescape = |text: &str| {
            let text = text.replace("%3A", ":").replace("%2C", ",").replace("%0D", "\r");
            text.replace("%0A", "\n").replace("%25", "%")
        };
        let properties: BTreeMap<&str, String> = properties
            .split(',')
            .map(|property| property.split_once('=').unwrap())
            .map(|(name, value)| (name, unescape(value)))
            .collect();
        assert_eq!(properties["title"], diagnostic.code.id);
        let several_lines = properties["line"] != properties["endLine"];
        assert_eq!(properties.contains_key("col"), !several_lines);
        assert_eq!(properties.contains_key("endColumn"), !several_lines);
        let first_line = unescape(message);
        let safe = gitsm::report::plain::line(&diagnostic.message);
        assert_eq!(first_line.lines().next().unwrap(), safe);
    }
    assert!(text.contains("file=catalog/a|b%2C@org%3A`c`\\u{1b}[2J<b>%25é\\u{202e}.toml,"), "{text}");
}

#[test]
fn concise_lines_parse_back() {
    let loaded = loaded();
    let text = rendered("concise", false);
    assert_eq!(text.lines().count(), loaded.found.len());
    for (line, diagnostic) in text.lines().zip(&loaded.found) {
        let path = gitsm::report::plain::line(loaded.sources.path(diagnostic.primary.file)).into_owned();
        let rest = line.strip_prefix(&format!("{path}:")).unwrap();
        let mut parts = rest.splitn(3, ':');
        let source = loaded.sources.get(diagnostic.primary.file).unwrap();
        let start = source.line_column(diagnostic.primary.span.start);
        assert_eq!(parts.next().unwrap(), start.line.to_string());
        assert_eq!(parts.next().unwrap(), start.column.to_string());
        let level = diagnostic.level.name();
        assert!(parts.next().unwrap().starts_with(&format!(" {level}[{}]: ", diagnostic.code.id)));
    }
}

/// An XML element as the test reads it: no more than `JUnit` needs.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
    text: String,
}

fn unescape(text: &str) -> String {
    for (index, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;"];
        assert!(known.iter().any(|entity| text[index..].starts_with(entity)), "{text}");
    }
    assert!(!text.contains('<'), "{text}");
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&amp;", "&")
}

fn xml(text: &str) -> Element {
    let text = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    let mut open = vec![Element::default()];
    for part in text.split('<').skip(1) {
        let (tag, after) = part.split_once('>').unwrap();
        if let Some(name) = tag.strip_prefix('/') {
            let element = open.pop().unwrap();
            assert_eq!(element.name, name);
            open.last_mut().unwrap().children.push(element);
        } else {
            let (tag, alone) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
            let mut element = Element { name: name.to_owned(), ..Element::default() };
            while !rest.is_empty() {
                let (name, after) = rest.split_once("=\"").unwrap();
                let (value, after) = after.split_once('"').unwrap();
                element.attributes.insert(name.trim().to_owned(), unescape(value));
                rest = after;
            }
            if alone { open.last_mut().unwrap().children.push(element) } else { open.push(element) }
        }
        open.last_mut().unwrap().text.push_str(&unescape(after));
    }
    assert_eq!(open.len(), 1, "every element is closed");
    open.pop().unwrap().children.pop().unwrap()
}

#[test]
fn junit_is_well_formed_and_its_counts_are_right() {
    let loaded = loaded();
    let suites = xml(&rendered("junit", false));
    assert_eq!(suites.name, "testsuites");
    assert_eq!(suites.children.len(), loaded.sources.len(), "a suite for each file, clean ones too");
    let (mut tests, mut failures) = (0, 0);
    let mut messages = Vec::new();
    for suite in &suites.children {
        assert_eq!(suite.name, "testsuite");
        assert_eq!(suite.attributes["tests"], suite.children.len().to_string());
        let failed =
            suite.children.iter().flat_map(|case| &case.children).filter(|child| child.name == "failure");
        let failed: Vec<&Element> = failed.collect();
        assert_eq!(suite.attributes["failures"], failed.len().to_string());
        messages.extend(failed.iter().map(|failure| failure.attributes["message"].clone()));
        tests += suite.children.len();
        failures += failed.len();
        for case in &suite.children {
            assert_eq!(case.name, "testcase");
            assert!(
                case.children.iter().all(|child| ["failure", "system-out"].contains(&child.name.as_str()))
            );
        }
    }
    assert_eq!(suites.attributes["tests"], tests.to_string());
    assert_eq!(suites.attributes["failures"], failures.to_string());
    let errors = loaded.found.iter().filter(|one| one.level == Level::Error);
    let expected: Vec<String> =
        errors.map(|one| gitsm::report::plain::line(&one.message).into_owned()).collect();
    assert_eq!(messages, expected);
}

#[test]
fn markdown_stays_within_its_limit_and_counts_what_was_cut() {
    let mut loaded = Loaded::default();
    let text = "é = 1\n".repeat(2_000);
    let file = loaded.sources.add("catalog/many.toml", text.as_str());
    for line in 0..2_000 {
        let start = line * 7;
        let span = Span::new(start, start + 2);
        let message = format!("there is no key `{}` 👍 here", "é".repeat(line % 50));
        loaded.found.push(Diagnostic::new(&codes::UNKNOWN_KEY, file, span, message));
    }
    for most in [0, 100] {
        let selection = Selection { most, ..Selection::default() };
        let report = Report::new(&loaded, &selection, String::new());
        let style = Style { colour: false, width: 80 };
        let text = (gitsm::report::format("markdown").unwrap().render)(&report, style).unwrap();
        assert!(text.len() <= markdown::MOST_BYTES, "{} bytes", text.len());
        let listed = text.lines().filter(|line| line.starts_with("- **error** GS1102")).count();
        let last = text.trim_end().lines().last().unwrap();
        let cut: usize = last
            .strip_prefix("… and ")
            .and_then(|rest| rest.strip_suffix(" more findings"))
            .unwrap_or_else(|| panic!("{last}"))
            .replace(',', "")
            .parse()
            .unwrap();
        assert_eq!(listed + cut, 2_000);
        assert!(listed >= 100);
        assert!(text.contains("2,000 errors in 1 of 1 file"), "{text}");
    }
}

#[test]
fn the_file_that_comes_first_may_be_named_by_nobody() {
    // A finding about a file that is not among the sources must not bring a format down.
    let mut loaded = Loaded::default();
    loaded.found.push(Diagnostic::new(&codes::SYNTAX, FileId(7), Span::new(3, 9), "m").related(
        FileId(9),
        Span::new(1, 2),
        "r",
    ));
    for format in FORMATS {
        let report = Report::new(&loaded, &Selection::default(), String::new());
        let text = (format.render)(&report, Style { colour: false, width: 40 }).unwrap();
        // A suite of JUnit is a file, and there is none.
        assert_eq!(text.contains("GS1006"), format.name != "junit", "{}", format.name);
    }
}

fn validator(schema: &std::path::Path) -> jsonschema::Validator {
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    // The schema of SARIF has a pattern that is not a regular expression, with a bracket too many, for a
    // property that the output does not have.
    for definition in ["run", "toolComponent"] {
        if let Some(language) = schema.pointer_mut(&format!("/definitions/{definition}/properties/language"))
        {
            language.as_object_mut().unwrap().remove("pattern").unwrap();
        }
    }
    jsonschema::validator_for(&schema).unwrap()
}

fn is_valid(schema: &std::path::Path, value: &Value) -> bool {
    validator(schema).is_valid(value)
}

fn assert_valid(schema: &std::path::Path, value: &Value) {
    let errors: Vec<String> = validator(schema)
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}
