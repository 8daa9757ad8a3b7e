//! Everything that is wrong, at once: no mistake hides another one that does not follow from it.

use serde_json::Value;

use crate::support::{Repository, gitsm};

/// The findings of the base repository with one more document.
fn findings(text: &str) -> Vec<Value> {
    let repository = Repository::base();
    repository.write("catalog/a.toml", text);
    of(&repository)
}

fn of(repository: &Repository) -> Vec<Value> {
    let run = gitsm(&["validate", "--format", "json", "--now", "2026-11-20T12:00:00Z"], repository.path());
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    report["findings"].as_array().unwrap().clone()
}

/// The code of each finding, and the text that it points to.
fn pointed(found: &[Value], text: &str) -> Vec<String> {
    let at = |place: &Value, end: &str| usize::try_from(place[end].as_u64().unwrap()).unwrap();
    let shown = |one: &Value| {
        let place = &one["place"];
        let pointed = text.get(at(place, "start")..at(place, "end")).unwrap_or_default();
        format!("{} {pointed}", one["code"].as_str().unwrap())
    };
    found.iter().map(shown).collect()
}

const TEAM: &str = "[team.wiki]\nname = \"Wiki\"\nmembers = [\"ana\", \"nobody\"]\nlead = \"ana\"\nmailbox = \"w@example.com\"\n";

#[test]
fn whatever_else_is_wrong_with_an_object_its_references_are_looked_at() {
    assert_eq!(pointed(&findings(TEAM), TEAM), ["GS1201 \"nobody\""]);
    for (right, slip, finding) in [
        ("name = \"Wiki\"", "name = 3", "GS1103 3"),
        ("name = \"Wiki\"\n", "", "GS1101 [team.wiki]"),
        ("lead = \"ana\"", "laed = \"ana\"", "GS1102 laed"),
        ("lead = \"ana\"", "lead = \"Ana Silva\"", "GS1104 \"Ana Silva\""),
        ("name = \"Wiki\"", "name = \"Wiki\"\nfunction = \"fun\"", "GS1106 \"fun\""),
        ("name = \"Wiki\"", "name = \"Wiki\"\nparent = \"Fax Line!\"", "GS1104 \"Fax Line!\""),
        ("[team.wiki]", "[team.Wiki]", "GS1108 Wiki"),
        ("[team.wiki]", "[taem.wiki]", "GS1107 taem"),
        ("mailbox =", "capacity = 1.5\nmailbox =", "GS1109 1.5"),
    ] {
        let text = TEAM.replacen(right, slip, 1);
        let mut found = pointed(&findings(&text), &text);
        found.retain(|one| one != "GS1201 \"nobody\"");
        assert_eq!(found, [finding], "{text}");
        assert!(pointed(&findings(&text), &text).contains(&"GS1201 \"nobody\"".to_owned()), "{text}");
        // Who exists is no finding.
        let good = text.replacen("nobody", "ben", 1);
        assert_eq!(pointed(&findings(&good), &good), [finding], "{good}");
    }
}

#[test]
fn mistakes_in_the_settings_hide_nothing_that_does_not_depend_on_them() {
    for (right, slip) in [
        ("[project]", "[project]\nnmae = 1"),
        ("[project]", "[project\n"),
        ("\"Europe/Berlin\"", "\"Europe/Berln\""),
        ("\"Europe/Berlin\"", "3"),
        ("\"EUR\"", "\"EURO\""),
    ] {
        let repository = Repository::base();
        repository.write("catalog/a.toml", TEAM);
        let settings = repository.read("gitsm.toml").replacen(right, slip, 1);
        repository.write("gitsm.toml", settings);
        let found = of(&repository);
        let codes: Vec<&str> = found.iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert_eq!(codes.len(), 2, "{slip}: {codes:?}");
        assert_eq!(codes.get(1), Some(&"GS1201"), "{slip}: {codes:?}");
    }
}

#[test]
fn settings_that_may_name_other_documents_or_people_leave_open_what_exists() {
    for (added, silent) in [
        ("roots = [\"catalog\", 3]\n", true),
        ("[[people]]\nfile = \"people.csv\"\ncolumn.id = \"id\"\n", true),
        // What is wrong with something else leaves nothing open.
        ("[decision]\ndefault = \"perhaps\"\n", false),
    ] {
        let repository = Repository::base();
        repository.write("catalog/a.toml", TEAM);
        let settings = format!("{}{added}", repository.read("gitsm.toml"));
        repository.write("gitsm.toml", settings);
        let found = of(&repository);
        let dangling = found.iter().any(|one| one["code"] == "GS1201");
        assert_eq!(dangling, !silent, "{added}: {found:#?}");
        let noted = found.iter().any(|one| one["notes"].to_string().contains("1 reference may name"));
        assert_eq!(noted, silent, "{added}: {found:#?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_leaves_open_only_what_may_stand_in_it() {
    let repository = Repository::base();
    let text = TEAM.replacen("\"nobody\"", "\"nobody\", \"zoe\"", 1);
    repository.write("catalog/a.toml", &text);
    repository.write("catalog/b.toml", "[person.zoe\nname = \"Zoe\"\n");
    let found = of(&repository);
    let codes: Vec<&str> = found.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["GS1201", "GS1006"], "{found:#?}");
    let note = "1 reference may name something that cannot be read because of this, and is not looked at";
    assert_eq!(found[1]["notes"][0], note);
    // Once it can be read, nothing is open.
    repository.write("catalog/b.toml", "[person.zoe]\nname = \"Zoe\"\n");
    let found = of(&repository);
    assert!(found.iter().any(|one| one["code"] == "GS1201"), "{found:#?}");
    assert!(
        !found
            .iter()
            .any(|one| one["message"].as_str().unwrap().contains("`zoe`") && one["code"] == "GS1201")
    );
}

#[test]
fn every_entry_of_a_list_that_cannot_be_used_is_a_finding() {
    let text = "[calendar.c]\nname = \"C\"\ntime-zone = \"UTC\"\nweekly.mon-fri = [\"09:00-17:00\"]\n\
                [calendar.c.holidays]\n2026-02-30 = \"a\"\n2026-02-31 = \"b\"\n2026-12-24 = \"c\"\n2026-13-01 = \"d\"\n\
                [calendar.c.overrides]\n2027-02-30 = [\"09:00-10:00\"]\n2027-01-04 = [\"09:00-10:00\"]\n";
    let found = findings(text);
    let keys = ["GS1111 2026-02-30", "GS1111 2026-02-31", "GS1111 2026-13-01", "GS1111 2027-02-30"];
    assert_eq!(pointed(&found, text), keys);
}

#[test]
fn what_is_wrong_with_a_date_is_told_beside_what_is_wrong_with_the_shape() {
    let text = "[calendar.c]\nname = 4\ntime-zone = \"UTC\"\nweekly.mon-fri = [\"09:00-17:00\"]\n\
                [calendar.c.holidays]\n2026-02-30 = \"a\"\n2026-12-24 = \"c\"\n";
    assert_eq!(pointed(&findings(text), text), ["GS1103 4", "GS1111 2026-02-30"]);
}

#[test]
fn a_mistake_in_each_of_ten_thousand_entries_is_cut_and_takes_no_time() {
    let days: String = (0..10_000).map(|day| format!("2026-02-30{day:06} = \"a\"\n")).collect();
    let text = format!("[calendar.c]\nname = \"C\"\ntime-zone = \"UTC\"\n[calendar.c.holidays]\n{days}");
    let started = std::time::Instant::now();
    let found = findings(&text);
    assert!(!found.is_empty() && started.elapsed().as_secs() < 60);
}

#[test]
fn every_field_of_a_record_that_cannot_be_used_is_a_finding() {
    let repository = Repository::base();
    let people = "[[people]]\nfile = \"people.csv\"\ncolumns.employment = \"employment\"\ncolumns.status = \"status\"\n";
    let settings = format!("{}{people}", repository.read("gitsm.toml"));
    repository.write("gitsm.toml", settings);
    let records = "id,name,manager,employment,status\nzed,Zed,no one,foo,bar\nyan,,nobody,employee,active\n";
    repository.write("people.csv", records);
    let found = pointed(&of(&repository), records);
    assert_eq!(found, ["GS1305 no one", "GS1305 foo", "GS1305 bar", "GS1305 ", "GS1201 nobody"]);
}

#[test]
fn findings_point_to_the_token_and_to_its_neighbour() {
    let rules = "[access.other]\nowner = \"team:desk\"\napplies-to.category = \"software\"\nreview-date = 2030-01-01\n\
                 [[access.other.rule]]\nid = \"one\"\ndecision = \"deny\"\nwhen.subject.department = [\"it\", \"sales\", \"it\"]\n\
                 [[access.other.rule]]\nid = \"one\"\ndecision = \"deny\"\n";
    let found = findings(rules);
    let one = found.iter().find(|one| one["code"] == "GS1204").unwrap();
    assert_eq!(pointed(std::slice::from_ref(one), rules), ["GS1204 \"one\""]);
    assert_eq!((&one["place"]["line"], &one["related"][0]["line"]), (&10.into(), &6.into()), "{one:#}");
    let twice = found.iter().find(|one| one["code"] == "GS4009").unwrap();
    assert_eq!(pointed(std::slice::from_ref(twice), rules), ["GS4009 \"it\""]);
    assert_eq!(twice["place"]["column"], 43, "the second one: {twice:#}");

    let text = rules.replacen("\"sales\", \"it\"]", "\"nowhere\"]", 1);
    let found = findings(&text);
    let nobody = found.iter().find(|one| one["code"] == "GS4006").unwrap();
    assert_eq!(pointed(std::slice::from_ref(nobody), &text), ["GS4006 \"nowhere\""]);

    let text = rules.replacen(
        "subject.department = [\"it\", \"sales\", \"it\"]",
        "subject.department.max = \"it\"",
        1,
    );
    let found = findings(&text);
    let operator = found.iter().find(|one| one["code"] == "GS4002").unwrap_or_else(|| panic!("{found:#?}"));
    assert_eq!(pointed(std::slice::from_ref(operator), &text), ["GS4002 max"]);

    let text = "[team.wiki]\nname = \"Wiki\"\r[team.other]\n";
    assert_eq!(pointed(&findings(text), text), ["GS1006 \r"]);
}

#[test]
fn one_mistake_is_one_finding_where_people_do_not_exist() {
    let lead =
        TEAM.replacen("\"ana\", \"nobody\"", "\"ana\"", 1).replacen("lead = \"ana\"", "lead = \"anna\"", 1);
    assert_eq!(pointed(&findings(&lead), &lead), ["GS1201 \"anna\""]);
    let member = TEAM.replacen("\"ana\", \"nobody\"", "\"anna\"", 1);
    assert_eq!(pointed(&findings(&member), &member), ["GS1201 \"anna\""]);
    // A lead who exists and is no member is something else.
    let other = TEAM.replacen("\"ana\", \"nobody\"", "\"ben\"", 1);
    assert_eq!(pointed(&findings(&other), &other), ["GS2122 \"ana\""]);
}

#[cfg(unix)]
#[test]
fn a_file_whose_name_is_not_utf_8_is_a_finding_and_hides_no_other() {
    use std::os::unix::ffi::OsStrExt as _;

    let repository = Repository::base();
    repository.write("catalog/a.toml", TEAM.replacen("name = \"Wiki\"", "name = 3", 1));
    let name = std::ffi::OsStr::from_bytes(b"x\xff.toml");
    std::fs::write(repository.path().join("catalog").join(name), "[team.x]\n").unwrap();
    let picture = std::ffi::OsStr::from_bytes(b"x\xff.png");
    std::fs::write(repository.path().join("catalog").join(picture), "").unwrap();
    let run = gitsm(&["validate", "--format", "json"], repository.path());
    assert_eq!(run.status, 1, "{}", run.stderr);
    let found = of(&repository);
    let codes: Vec<&str> = found.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["GS1103", "GS1012"], "{found:#?}");
    assert_eq!(found[1]["message"], "the name of the file is not UTF-8");
}

#[test]
fn half_a_million_references_to_nothing_are_counted_and_cut() {
    let repository = Repository::base();
    let members: String = (0..60_000).map(|number| format!("\"p{number}\",\n")).collect();
    repository.write("catalog/a.toml", TEAM.replacen("\"nobody\"", &members, 1));
    let run = gitsm(&["validate", "--format", "concise", "--only", "GS1201"], repository.path());
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("60,000 errors"), "{}", run.stderr);
    assert!(run.stderr.contains("59,800 findings not shown (59,800 GS1201)"), "{}", run.stderr);
    assert!(run.stderr.contains("--max-findings 0 shows more"), "{}", run.stderr);
}

#[test]
fn a_long_chain_of_calendars_takes_no_time() {
    let calendar = |number: usize| {
        let from =
            if number == 0 { String::new() } else { format!("holidays-from = [\"c{}\"]\n", number - 1) };
        format!(
            "[calendar.c{number}]\nname = \"C\"\ntime-zone = \"UTC\"\nweekly.mon-fri = [\"09:00-17:00\"]\n{from}"
        )
    };
    let started = std::time::Instant::now();
    let found = findings(&(0..600).map(calendar).collect::<String>());
    assert!(found.iter().all(|one| one["code"] == "GS2055"), "{:#?}", found.first());
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
