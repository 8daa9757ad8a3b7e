//! Input that is wrong on purpose: each gives the finding that names it, at the right bytes, with exit 1,
//! no panic, in bounded time, and its nearest valid neighbour passes.

use std::time::{Duration, Instant};

use crate::support::{Repository, Run, gitsm};

/// A file that is good as it stands, to put something wrong into.
const GOOD: &str = "[team.wiki]\nname = \"Wiki\"\nmembers = [\"ana\", \"ben\"]\nlead = \"ana\"\nmailbox = \"wiki@example.com\"\n";

fn validate(repository: &Repository) -> Run {
    let start = Instant::now();
    let run = gitsm(&["validate", "--format", "json", "--now", "2026-11-20T12:00:00Z"], repository.path());
    assert!(start.elapsed() < Duration::from_secs(20), "the time is bounded");
    assert!(matches!(run.status, 0 | 1), "{run:?}");
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    run
}

/// The codes of a run with the text at each span, checked against the bytes of the file.
fn findings(repository: &Repository) -> Vec<(String, String)> {
    let run = validate(repository);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(run.status == 1, findings.iter().any(|finding| finding["level"] == "error"));
    findings
        .iter()
        .map(|finding| {
            let place = &finding["place"];
            let path = repository.path().join(place["file"].as_str().unwrap());
            let bytes = if path.is_symlink() { Vec::new() } else { std::fs::read(path).unwrap_or_default() };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let number = |key: &str| usize::try_from(place[key].as_u64().unwrap()).unwrap();
            let slice = text.get(number("start")..number("end")).unwrap_or_default();
            let before = text.get(..number("start")).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            assert_eq!((number("line"), number("column")), (line, column), "{finding}");
            (finding["code"].as_str().unwrap().to_owned(), slice.to_owned())
        })
        .collect()
}

fn over_base(text: impl AsRef<[u8]>) -> Vec<(String, String)> {
    let repository = Repository::base();
    repository.write("catalog/example.toml", text);
    findings(&repository)
}

#[track_caller]
fn expect(text: impl AsRef<[u8]>, wanted: &[(&str, &str)]) {
    let found = over_base(text);
    let found: Vec<(&str, &str)> = found.iter().map(|(code, text)| (code.as_str(), text.as_str())).collect();
    assert_eq!(found, wanted);
}

#[test]
fn a_good_file_passes() {
    expect(GOOD, &[]);
    expect("", &[]);
    expect(" \n\t\n# nothing\n", &[]);
    expect(GOOD.replace('\n', "\r\n"), &[]);
}

#[test]
fn bytes_that_other_tools_read_differently_are_refused_by_name() {
    expect(format!("\u{feff}{GOOD}"), &[("GS1002", "\u{feff}")]);
    expect([GOOD.as_bytes(), b"# \xff\n"].concat(), &[("GS1001", "\u{fffd}")]);
    expect([b"[team.\"a\xc3\"]\n".as_slice(), GOOD.as_bytes()].concat(), &[("GS1001", "\u{fffd}")]);
    expect(GOOD.replace("Wiki", "Wi\u{202e}ki"), &[("GS1003", "\u{202e}")]);
    expect(format!("# a\u{200b}b\n{GOOD}"), &[("GS1003", "\u{200b}")]);
    expect(GOOD.replace("Wiki", "Wiki\u{e0041}"), &[("GS1003", "\u{e0041}")]);
    expect(GOOD.replace("Wiki", "Wiki \\u200D"), &[]);
    expect(GOOD.replace("Wiki", "Wikí 日本"), &[]);
}

#[test]
fn control_characters_and_broken_syntax_are_syntax_errors() {
    for (bad, at) in [
        (GOOD.replace("Wiki", "Wi\0ki"), "\0"),
        (format!("# \0\n{GOOD}"), "\0"),
        (GOOD.replace("\"Wiki\"\n", "\"Wiki\"\r"), "\r"),
    ] {
        let found = over_base(&bad);
        assert!(found.iter().all(|(code, _)| code == "GS1006"), "{found:?}");
        assert!(found.iter().any(|(_, text)| text.contains(at)), "{found:?}");
    }
    for bad in [
        "[team.wiki]\nname = \"\"\"\nnever closed",
        "[team.wiki]\nname = \"a\"\nname = \"b\"\n",
        "[team.wiki]\n[team.wiki]\n",
        "team.wiki.name = \"a\"\n[team.wiki]\n",
        "[team.wiki]\nstart = 2023-02-30\n",
        "[team.wiki]\nstart = 2024-01-01T00:00:00+99:99\n",
        "[team.wiki",
    ] {
        let found = over_base(bad);
        assert!(!found.is_empty() && found.iter().all(|(code, _)| code == "GS1006"), "{bad}: {found:?}");
    }
}

#[test]
fn every_syntax_error_of_every_file_is_reported_in_one_run() {
    let repository = Repository::base();
    repository.write("catalog/a.toml", "x = \n\ny = [1\n\n[z\n");
    repository.write("policies/b.toml", "= 1\n");
    let found = findings(&repository);
    assert!(found.len() >= 3 && found.iter().all(|(code, _)| code == "GS1006"), "{found:?}");
}

#[test]
fn toml_1_1_is_named() {
    for (bad, at) in [
        ("capacity = { hours-per-week = 80, }", ","),
        ("capacity = { hours-per-week = 80\n }", "\n"),
        ("description = \"\\e[31m\"", "\\e"),
        ("description = \"\\x41\"", "\\x"),
    ] {
        expect(format!("{GOOD}{bad}\n"), &[("GS1007", at)]);
    }
    expect(format!("{GOOD}capacity = {{ hours-per-week = 80 }}\ndescription = \"\\u0041\"\n"), &[]);
}

#[test]
fn keys_and_ids_that_look_the_same_are_told_apart() {
    let matrix = |second: &str| {
        format!(
            "[priority-matrix.other]\nname = \"Other\"\nowner = \"team:desk\"\nrows = [\"é\"]\ncolumns = [\"a\"]\n\
             cell.\"é\" = {{ a = \"p1\" }}\ncell.\"{second}\" = {{ a = \"p1\" }}\n"
        )
    };
    let found = over_base(matrix("e\u{301}"));
    assert!(found.iter().any(|(code, text)| code == "GS1008" && text == "\"e\u{301}\""), "{found:?}");
    for (id, plain) in [("аdmin", "admin"), ("ａdmin", "admin"), ("adm\u{0131}n", "admin")] {
        let found = over_base(GOOD.replace("[team.wiki]", &format!("[team.\"{id}\"]")));
        assert_eq!(found, [("GS1009".to_owned(), format!("\"{id}\""))], "{plain}");
    }
    let found = over_base(GOOD.replace("[team.wiki]", "[team.Wiki]"));
    assert_eq!(found, [("GS1108".to_owned(), "Wiki".to_owned())]);
    let found = over_base(GOOD.replace("[team.wiki]", "[team.\"wiki1٣\"]"));
    assert!(matches!(found[0].0.as_str(), "GS1108" | "GS1009"), "{found:?}");
    let long = "a".repeat(65);
    assert_eq!(over_base(GOOD.replace("wiki]", &format!("{long}]")))[0].0, "GS1108");
    assert_eq!(over_base(GOOD.replace("wiki]", &format!("{}]", "a".repeat(64)))), []);
}

#[test]
fn numbers_that_are_not_whole_or_do_not_fit_are_refused() {
    for number in ["1.0", "nan", "inf", "-inf", "1e400", "-0.0", "99999999999999999999"] {
        let found = over_base(format!("{GOOD}capacity.hours-per-week = {number}\n"));
        assert_eq!(found, [("GS1109".to_owned(), number.to_owned())]);
    }
    for (number, code) in
        [("0", "GS1105"), ("-1", "GS1105"), ("300000000000", "GS1105"), ("\"80\"", "GS1103")]
    {
        let found = over_base(format!("{GOOD}capacity.hours-per-week = {number}\n"));
        assert_eq!(found, [(code.to_owned(), number.to_owned())]);
    }
    expect(format!("{GOOD}capacity.hours-per-week = 0x50\n"), &[]);
}

#[test]
fn a_file_of_nothing_but_mistakes_is_not_listed_to_its_end() {
    let document =
        |value: &str| format!("{GOOD}description = [\n{}]\n", format!("{value},\n").repeat(10_500));
    for (value, code, mistake) in [("1.5", "GS1109", "1.5"), ("\"\\e\"", "GS1007", "\\e")] {
        let found = over_base(document(value));
        let Some((last, listed)) = found.split_last() else { panic!("nothing was found") };
        assert_eq!((last.0.as_str(), last.1.as_str()), ("GS1005", mistake));
        assert_eq!(listed.len(), 10_000);
        assert!(listed.iter().all(|(found, text)| found == code && text == mistake));
    }
}

#[test]
fn a_name_that_says_nothing_is_no_name() {
    for name in ["", " ", "   ", "\\t", "\u{a0}"] {
        expect(GOOD.replace("\"Wiki\"", &format!("\"{name}\"")), &[("GS1105", &format!("\"{name}\""))]);
    }
    expect(GOOD.replace("\"Wiki\"", "\" W \""), &[]);
    let repository = Repository::base();
    repository.write("gitsm.toml", "[project]\nname = \"  \"\ntime-zone = \"UTC\"\n");
    assert_eq!(findings(&repository), [("GS1105".to_owned(), "\"  \"".to_owned())]);
}

#[test]
fn dates_are_dates() {
    let article = |date: &str| {
        format!(
            "[article.wiki]\ntitle = \"Wiki\"\nowner = \"team:desk\"\nreview-date = {date}\ncovers = [\"service:mail\"]\n"
        )
    };
    expect(article("2030-01-01"), &[]);
    expect(article("\"2030-01-01\""), &[("GS1110", "\"2030-01-01\"")]);
    expect(article("\"soon\""), &[("GS1104", "\"soon\"")]);
    for wrong in ["2030-01-01T00:00:00Z", "2030-01-01T00:00:00", "09:00:00", "0000-01-01T00:00:00Z"] {
        let found = over_base(article(wrong));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(matches!(found[0].0.as_str(), "GS1104" | "GS1111"), "{found:?}");
        assert_eq!(found[0].1, wrong);
    }
}

#[test]
fn misspelt_keys_and_tables_never_mean_nothing_is_required() {
    let access = |rule: &str| {
        format!(
            "[access.other]\nowner = \"team:desk\"\napplies-to.category = \"software\"\nreview-date = 2030-01-01\n{rule}"
        )
    };
    let found = over_base(access("[[access.other.rules]]\nid = \"a\"\ndecision = \"deny\"\n"));
    assert!(found.iter().any(|(code, text)| code == "GS1102" && text == "rules"), "{found:?}");
    let found =
        over_base(access("[[access.other.rule]]\nid = \"a\"\ndecision = \"deny\"\nrequire_aproval = true\n"));
    assert_eq!(found, [("GS1102".to_owned(), "require_aproval".to_owned())]);
}

#[test]
fn deep_nesting_is_bounded() {
    for depth in [200, 100_000] {
        for bad in [
            format!("a = {}1{}", "[".repeat(depth), "]".repeat(depth)),
            format!("a = {}1{}", "{a=".repeat(depth), "}".repeat(depth)),
            format!("{}a = 1", "a.".repeat(depth)),
            format!("[{}a]", "a.".repeat(depth)),
        ] {
            let found = over_base(&bad);
            assert!(
                found.iter().any(|(code, _)| matches!(code.as_str(), "GS1005" | "GS1006")),
                "{depth}: {found:?}"
            );
        }
    }
}

#[test]
fn every_format_shows_long_lines_in_bounded_time() {
    let repository = Repository::base();
    for line in ["{a=".repeat(20_000), "a=".repeat(30_000), format!("# {}", "password=".repeat(7_000))] {
        repository.write("catalog/example.toml", format!("{GOOD}function =\n{line}\n"));
        for format in gitsm::report::FORMATS {
            let start = Instant::now();
            let run = gitsm(&["validate", "--format", format.name], repository.path());
            assert_eq!(run.status, 1, "{run:?}");
            assert!(start.elapsed() < Duration::from_secs(10), "{}: the time is bounded", format.name);
        }
    }
}

#[test]
fn huge_files_lines_and_numbers_of_keys_are_bounded() {
    let large = format!("{GOOD}# {}\n", "x".repeat(63 * 1024));
    expect(&large, &[]);
    expect(format!("{GOOD}# {}\n", "x".repeat(65 * 1024)), &[("GS1005", "")]);
    expect(format!("{GOOD}{}", "#\n".repeat(3 * 1024 * 1024)), &[("GS1005", "")]);
    let keys: String = (0..200_000).map(|number| format!("k{number}=1\n")).collect();
    let found = over_base(format!("{GOOD}[x]\n{keys}"));
    assert!(found.iter().any(|(code, _)| code == "GS1005"), "{:?}", &found[..found.len().min(5)]);
}

#[cfg(unix)]
#[test]
fn links_are_refused_and_never_followed() {
    let repository = Repository::base();
    repository.write("elsewhere.toml", GOOD);
    std::os::unix::fs::symlink("../elsewhere.toml", repository.path().join("catalog/link.toml")).unwrap();
    assert_eq!(findings(&repository), [("GS1004".to_owned(), String::new())]);

    let repository = Repository::base();
    std::os::unix::fs::symlink("/dev/zero", repository.path().join("catalog/zero.toml")).unwrap();
    assert_eq!(findings(&repository), [("GS1004".to_owned(), String::new())]);

    // A folder behind a link would silently be left out, and so would a root.
    let repository = Repository::base();
    repository.write("elsewhere/wiki.toml", GOOD);
    std::os::unix::fs::symlink("../elsewhere", repository.path().join("catalog/more")).unwrap();
    assert_eq!(findings(&repository), [("GS1004".to_owned(), String::new())]);
    std::fs::remove_file(repository.path().join("catalog/more")).unwrap();
    std::fs::rename(repository.path().join("policies"), repository.path().join("elsewhere/policies"))
        .unwrap();
    std::os::unix::fs::symlink("elsewhere/policies", repository.path().join("policies")).unwrap();
    assert_eq!(findings(&repository), [("GS1004".to_owned(), String::new())]);

    // The settings and the directory of people are files as well.
    let repository = Repository::base();
    let settings = repository.read("gitsm.toml");
    repository.write("gitsm.toml", format!("{settings}[[people]]\nfile = \"catalog/people.csv\"\n"));
    std::os::unix::fs::symlink("/dev/zero", repository.path().join("catalog/people.csv")).unwrap();
    let found = findings(&repository);
    assert!(found.iter().any(|(code, _)| code == "GS1304"), "{found:?}");
    std::fs::rename(repository.path().join("gitsm.toml"), repository.path().join("real.toml")).unwrap();
    std::os::unix::fs::symlink("real.toml", repository.path().join("gitsm.toml")).unwrap();
    let run = gitsm(&["validate"], repository.path());
    assert_eq!(run.status, 2, "{run:?}");
}

#[test]
fn files_that_look_like_documents_and_paths_that_look_the_same_are_reported() {
    for name in ["catalog/access.toml.bak", "catalog/Access.TOML"] {
        let repository = Repository::base();
        repository.write(name, GOOD);
        assert_eq!(findings(&repository)[0].0, "GS1011", "{name}");
    }
    let repository = Repository::base();
    repository.write("catalog/Wiki.toml", GOOD);
    repository.write("catalog/wiki.toml", "");
    // A file system that does not tell the names apart has only one of them.
    let both = std::fs::read_dir(repository.path().join("catalog")).unwrap().count() == 5;
    assert_eq!(findings(&repository).iter().filter(|(code, _)| code == "GS1010").count(), usize::from(both));
}

#[test]
fn an_id_is_unique_across_files_and_both_places_are_shown() {
    let repository = Repository::base();
    repository.write("catalog/a.toml", GOOD);
    repository.write("policies/z.toml", GOOD);
    let run = validate(&repository);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let finding = &report["findings"][0];
    assert_eq!(finding["code"], "GS1202");
    assert_eq!(finding["place"]["file"], "policies/z.toml");
    assert_eq!(finding["related"][0]["file"], "catalog/a.toml");
}

#[test]
fn references_are_left_alone_when_nobody_knows_what_a_file_holds() {
    let repository = Repository::base();
    repository.write("catalog/broken.toml", "[person.eve\n");
    repository.write("catalog/example.toml", GOOD.replace("ben", "eve"));
    let found = findings(&repository);
    assert!(found.iter().all(|(code, _)| code == "GS1006"), "{found:?}");
    // Neither is one of a kind that is misspelt, or one in a root that is not there.
    repository.write("catalog/broken.toml", "[persn.eve]\nname = \"Eve\"\n");
    assert_eq!(findings(&repository), [("GS1107".to_owned(), "persn".to_owned())]);
    // An object that is there but broken is not a dangling reference either.
    repository.write("catalog/broken.toml", "[person.eve]\nname = 3\n");
    assert_eq!(findings(&repository), [("GS1103".to_owned(), "3".to_owned())]);
}

#[test]
fn a_people_file_says_which_record_and_field_is_wrong() {
    let settings = "[project]\nname = \"Example\"\ntime-zone = \"Europe/Berlin\"\npriorities = [\"p1\", \"p2\", \"p3\"]\n\
                    currency = \"EUR\"\n[[people]]\nfile = \"catalog/people.csv\"\ncolumns.id = \"Employee ID\"\n\
                    columns.name = \"Name\"\ncolumns.employment = \"Type\"\ncolumns.manager = \"Boss\"\n\
                    values.employment = { FTE = \"employee\" }\n";
    let with = |csv: &str| {
        let repository = Repository::base();
        repository.write("gitsm.toml", settings);
        repository.write("catalog/people.csv", csv);
        findings(&repository)
    };
    let text = |found: &[(String, String)]| -> Vec<String> {
        found.iter().map(|(code, text)| format!("{code} {text}")).collect()
    };
    let heading = "Employee ID,Name,Type,Boss\n";
    assert_eq!(text(&with(&format!("{heading}E1,\"Silva, Eva\",FTE,ana\n"))), Vec::<String>::new());
    assert_eq!(text(&with(&format!("\u{feff}{heading}E1,Eva,FTE,ana\r\n"))), Vec::<String>::new());
    assert_eq!(text(&with(&format!("{heading}E1,Eva,freelance,ana\n"))), ["GS1305 freelance"]);
    assert_eq!(text(&with(&format!("{heading}E1,\"Eva, M\",FTE,nobody\n"))), ["GS1201 nobody"]);
    assert_eq!(text(&with(&format!("{heading}E1,Eva,FTE\n"))), ["GS1305 E1,Eva,FTE"]);
    assert_eq!(text(&with(&format!("{heading},Eva,FTE,ana\n"))), ["GS1305 "]);
    assert_eq!(text(&with(heading)), ["GS1304 "]);
    assert_eq!(
        text(&with("Employee ID;Name;Type;Boss\nE1;Eva;FTE;ana\n")),
        ["GS1304 Employee ID;Name;Type;Boss"]
    );
    let open = format!("{heading}E1,Eva,FTE,\"ana\nE2,Ben,FTE,ana\n");
    assert!(text(&with(&open)).contains(&"GS1304 \"".to_owned()), "{:?}", with(&open));
    assert_eq!(text(&with(&format!("{heading}E1,\"Eva \"\"M\"\"\",FTE,\"ana\"\n"))), Vec::<String>::new());
    // Whoever was lost may be the manager of somebody: nothing is said about references then.
    let ragged = format!("{heading}E1,Eva,FTE\nE2,Ben,FTE,E1\n");
    assert_eq!(text(&with(&ragged)), ["GS1305 E1,Eva,FTE"]);
    let wrong = format!("{heading}E1,Eva,freelance,ana\nE2,Ben,FTE,E1\n");
    assert_eq!(text(&with(&wrong)), ["GS1305 freelance"]);
    assert_eq!(text(&with("Employee,Name,Type,Boss\nE1,Eva,FTE,ana\n")), ["GS1304 Employee,Name,Type,Boss"]);
    assert_eq!(text(&with(&format!("{heading}ana,Ana,FTE,\n"))), ["GS1202 ana,Ana,FTE,"]);
}

#[test]
fn nothing_at_all_is_never_fine() {
    let repository = Repository::with(&[("gitsm.toml", "[project]\nname = \"Example\"\n")]);
    let codes = |repository: &Repository| -> Vec<String> {
        findings(repository).into_iter().map(|(code, _)| code).collect()
    };
    assert_eq!(codes(&repository), ["GS1303", "GS1303"]);
    repository.write("catalog/empty.toml", "");
    assert_eq!(codes(&repository), ["GS1302"]);
    // People alone are something.
    repository.write("gitsm.toml", "[project]\nname = \"Example\"\n[[people]]\nfile = \"people.csv\"\n");
    repository.write("people.csv", "id,name\neve,Eve\n");
    assert!(!codes(&repository).contains(&"GS1302".to_owned()));
    let nowhere = Repository::empty();
    let run = gitsm(&["validate"], nowhere.path());
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("gitsm init"), "{}", run.stderr);
    let run = gitsm(&["validate", "-C", "does/not/exist"], nowhere.path());
    assert_eq!(run.status, 2);
}

#[test]
fn settings_that_make_no_sense_are_refused_at_their_place() {
    for (wrong, at) in [
        ("time-zone = \"Europe/Nowhere\"\n", "GS1111 \"Europe/Nowhere\""),
        ("format = 1.5\n", "GS1109 1.5"),
        ("format = 2\n", "GS1301 2"),
        ("priorities = []\n", "GS1105 []"),
        ("zone = \"UTC\"\n", "GS1102 zone"),
        ("priorities = [\"p1\", \"p2\", \"p1\"]\n", "GS1111 \"p1\""),
        ("roots = [\"catalog\", \"../elsewhere\"]\n", "GS1111 \"../elsewhere\""),
        ("roots = [\"/etc\"]\n", "GS1111 \"/etc\""),
        ("roots = [\"\"]\n", "GS1111 \"\""),
        ("[[people]]\nfile = \"../people.csv\"\n", "GS1111 \"../people.csv\""),
        ("[[people]]\nfile = \"people.csv\"\ndelimiter = \"§\"\n", "GS1111 \"§\""),
    ] {
        let repository = Repository::base();
        repository.write("gitsm.toml", format!("[project]\nname = \"Example\"\n{wrong}"));
        let found: Vec<String> =
            findings(&repository).iter().map(|(code, text)| format!("{code} {text}")).collect();
        assert_eq!(found, [at]);
    }
}

#[test]
fn the_repository_itself_can_be_a_root() {
    let repository = Repository::base();
    let settings = repository.read("gitsm.toml").replace("[project]\n", "[project]\nroots = [\".\"]\n");
    repository.write("gitsm.toml", settings);
    assert_eq!(findings(&repository), []);
}

#[test]
fn a_stage_never_needs_nobody() {
    let workflow = |need: &str| {
        let access = Repository::base().read("policies/access.toml");
        let changed = access.replacen(
            "approvers = [\"role:manager\"]\n",
            &format!("approvers = [\"role:manager\"]\nneed = {need}\n"),
            1,
        );
        assert_ne!(access, changed);
        let repository = Repository::base();
        repository.write("policies/access.toml", changed);
        findings(&repository)
    };
    for none in ["0", "\"0%\"", "\"0.0%\"", "\"0.00001%\""] {
        let found = workflow(none);
        assert!(found.len() == 1 && found[0].1 == none, "{none}: {found:?}");
    }
    assert_eq!(workflow("\"1%\""), []);
    assert_eq!(workflow("1"), []);
}
