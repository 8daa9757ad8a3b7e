//! `gitsm import csv`: exports with the traps of real ones.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{Repository, Run, gitsm};

const MAP: &str = r#"missing = ["?", "N/A"]

[fields]
id = { column = "Number", prefix = "svc-" }
name = { column = "Service name" }
description = { column = "Description", html = true }
owner = { column = "Team", transform = "id", prefix = "team:" }
lifecycle = { value = "active" }
tier = { column = "Class", values = { A = "gold", B = "silver" } }
review-date = { column = "Review", format = "%d/%m/%Y" }
stakeholders = { column = "Contacts", separator = ";", transform = "email-to-id", prefix = "person:" }
"data.classification" = { column = "Data", transform = "lower-case" }
"#;

const HEADING: &str = "Number,Service name,Description,Team,Class,Review,Contacts,Data\n";

/// A repository without an object, with a map and an export.
fn repository(map: &str, export: impl AsRef<[u8]>) -> Repository {
    let repository =
        Repository::with(&[("gitsm.toml", "[project]\nname = \"Example\"\n"), ("map.toml", map)]);
    repository.write("catalog/note.txt", "");
    repository.write("export.csv", export);
    repository
}

fn import(repository: &Repository, kind: &str, more: &[&str]) -> Run {
    let mut arguments = vec!["import", "csv", "export.csv", "--kind", kind, "--map", "map.toml"];
    arguments.extend(more);
    gitsm(&arguments, repository.path())
}

fn report(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run:#?}"))
}

fn problems(report: &Value) -> Vec<(String, String, u64)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let problems = report["problems"].as_array().unwrap();
    problems
        .iter()
        .map(|one| (text(&one["problem"]), text(&one["field"]), one["count"].as_u64().unwrap()))
        .collect()
}

fn expect(problem: &str, field: &str, count: u64) -> (String, String, u64) {
    (problem.to_owned(), field.to_owned(), count)
}

#[test]
fn every_sort_of_field_arrives_in_the_order_of_the_type() {
    let export = format!(
        "{HEADING}20,Mail,<p>Mail &amp; calendar</p>,Service Desk,A,29/2/2028,ana.silva@example.com; ben@example.com,Internal\n\
         3,Phone,\"Two\nlines\",?,B,N/A,,\n"
    );
    let repository = repository(MAP, export);
    let run = import(&repository, "service", &[]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{run:#?}");
    assert_eq!(
        repository.read("catalog/services.toml"),
        r#"[service.svc-20]
name = "Mail"
description = "Mail & calendar"
owner = "team:service-desk"
tier = "gold"
lifecycle = "active"
stakeholders = ["person:ana.silva", "person:ben"]
review-date = 2028-02-29
data.classification = "internal"

[service.svc-3]
name = "Phone"
description = "Two lines"
tier = "silver"
lifecycle = "active"
"#
    );
    assert!(run.stderr.contains("2 created, 0 updated, 0 unchanged, 0 left out"), "{}", run.stderr);
    assert!(run.stderr.contains("wrote `catalog/services.toml`"), "{}", run.stderr);
}

#[test]
fn the_second_run_changes_nothing() {
    let export =
        format!("{HEADING}1,Mail,a,Desk,A,1/2/2028,x@example.com,Public\n2,Phone,b,Desk,B,1/2/2028,,\n");
    let repository = repository(MAP, export);
    assert_eq!(import(&repository, "service", &[]).status, 0);
    let before = repository.read("catalog/services.toml");
    let run = import(&repository, "service", &["--format", "json"]);
    let report = report(&run);
    assert_eq!(run.status, 0, "{run:#?}");
    assert_eq!(
        (&report["created"], &report["unchanged"], &report["files"]),
        (&json!(0), &json!(2), &json!([]))
    );
    assert_eq!(repository.read("catalog/services.toml"), before);
}

#[test]
fn what_was_there_stays_and_only_differences_are_written() {
    let export = format!("{HEADING}1,Mail,new,Desk,A,1/2/2028,,\n2,Phone,b,Desk,B,,,\n3,Wiki,c,Desk,B,,,\n");
    let repository = repository(MAP, export);
    repository.write(
        "catalog/mail.toml",
        "# About mail.\n\n[service.svc-3] # the wiki\nname   = 'Wiki' # odd spaces stay\ntier = \"silver\"\n\n\
         # The oldest service.\n[service.svc-1]\nsupport-team = \"desk\"\ndescription = \"old\" # to be reworded\n\
         name = \"Mail\"\n\n[service.svc-1.entitlement.user]\nname = \"User\"\nrisk = \"low\"\n",
    );
    let run = import(&repository, "service", &["--format", "json"]);
    assert_eq!(run.status, 0, "{run:#?}");
    assert_eq!(
        repository.read("catalog/mail.toml"),
        "# About mail.\n\n[service.svc-3] # the wiki\nname   = 'Wiki' # odd spaces stay\ntier = \"silver\"\n\
         description = \"c\"\nowner = \"team:desk\"\nlifecycle = \"active\"\n\n\
         # The oldest service.\n[service.svc-1]\nsupport-team = \"desk\"\ndescription = \"new\" # to be reworded\n\
         name = \"Mail\"\nowner = \"team:desk\"\ntier = \"gold\"\nlifecycle = \"active\"\nreview-date = 2028-02-01\n\n\
         [service.svc-1.entitlement.user]\nname = \"User\"\nrisk = \"low\"\n",
    );
    assert!(repository.read("catalog/services.toml").starts_with("[service.svc-2]\n"));
    let report = report(&run);
    assert_eq!(report["updated"][0]["id"], "svc-1");
    assert_eq!(report["updated"][0]["file"], "catalog/mail.toml");
    assert_eq!(
        report["updated"][0]["fields"],
        json!(["description", "owner", "tier", "lifecycle", "review-date"])
    );
    let again = import(&repository, "service", &["--dry-run"]);
    assert_eq!((again.status, again.stdout.as_str()), (0, ""), "{again:#?}");
}

#[test]
fn new_objects_go_between_sorted_ones_with_their_comments() {
    let export = format!("{HEADING}b,B,,,A,,,\nz,Z,,,A,,,\n");
    let repository = repository(MAP, export);
    let there = "#:schema ../schemas/gitsm.schema.json\n\n[service.svc-a]\nname = \"A\"\n\n\
                 # About c.\n[service.svc-c]\nname = \"C\"\n\n[team.desk]\nname = \"Desk\"\n";
    repository.write("catalog/services.toml", there);
    let run = import(&repository, "service", &[]);
    assert_eq!(run.status, 0, "{run:#?}");
    assert_eq!(
        repository.read("catalog/services.toml"),
        "#:schema ../schemas/gitsm.schema.json\n\n[service.svc-a]\nname = \"A\"\n\n\
         [service.svc-b]\nname = \"B\"\ntier = \"gold\"\nlifecycle = \"active\"\n\n\
         # About c.\n[service.svc-c]\nname = \"C\"\n\n[team.desk]\nname = \"Desk\"\n\n\
         [service.svc-z]\nname = \"Z\"\ntier = \"gold\"\nlifecycle = \"active\"\n",
    );
    assert!(
        run.stderr.contains("2 objects are no longer in the export and stay: `svc-a`, `svc-c`"),
        "{}",
        run.stderr
    );
}

#[test]
fn inline_and_dotted_objects_are_changed_in_their_own_form() {
    let export = format!("{HEADING}1,Mail,,,A,,,Public\n2,Phone,,,B,,,Public\n");
    let repository = repository(MAP, export);
    repository.write(
        "catalog/odd.toml",
        "service.svc-1.name = \"Mail\"\nservice.svc-2 = { name = \"Fax\", data = { classification = \"internal\" } } # old\n",
    );
    let run = import(&repository, "service", &["--format", "json"]);
    assert_eq!(run.status, 0, "{run:#?}");
    let text = repository.read("catalog/odd.toml");
    let table: toml::Table = text.parse().unwrap();
    assert_eq!(table["service"]["svc-1"]["tier"].as_str(), Some("gold"));
    assert_eq!(table["service"]["svc-1"]["data"]["classification"].as_str(), Some("public"));
    assert_eq!(table["service"]["svc-2"]["name"].as_str(), Some("Phone"));
    assert_eq!(table["service"]["svc-2"]["data"]["classification"].as_str(), Some("public"));
    assert!(text.ends_with("} # old\n"), "{text}");
    assert_eq!(import(&repository, "service", &["--dry-run"]).stdout, "");
}

#[test]
fn what_cannot_be_mapped_is_counted_with_its_place() {
    let mut export = b"\xef\xbb\xbf".to_vec();
    export.extend(
        format!(
            "{},Extra,,Unused\n\
             1,Mail,\"a\nb\",Desk,C,1/2/2028,,Secret,x,,\n\
             ,No id,,,A,,,,,y,\n\
             1,Again,,,A,,,,,,\n\
             4,Late,,,A,2/30/2028,nobody,,z,,\n\
             5,Short,,A\n\
             6,,,,A,,,,,,\n",
            HEADING.trim_end()
        )
        .replace('\n', "\r\n")
        .into_bytes(),
    );
    let repository = repository(MAP, export);
    let run = import(&repository, "service", &["--format", "json"]);
    assert_eq!(run.status, 1, "{run:#?}");
    let report = report(&run);
    assert_eq!(
        problems(&report),
        vec![
            expect("ragged-record", "", 1),
            expect("no-id", "id", 1),
            expect("duplicate-id", "", 1),
            expect("incomplete", "", 1),
            expect("no-translation", "tier", 1),
            expect("invalid", "data.classification", 1),
            expect("invalid", "review-date", 1),
            expect("invalid", "stakeholders", 1),
        ]
    );
    let place = |problem: usize| {
        let example = &report["problems"][problem]["examples"][0];
        (
            example["line"].as_u64().unwrap(),
            example["column"].as_u64().unwrap(),
            example["value"].as_str().unwrap(),
        )
    };
    assert_eq!(place(0), (7, 1, "5"));
    assert_eq!(place(1), (4, 1, ""));
    assert_eq!(place(2), (5, 1, "1"));
    assert_eq!(place(3), (8, 1, "svc-6"));
    assert_eq!(place(4), (3, 9, "C"));
    assert_eq!(place(5), (3, 21, "Secret"));
    assert_eq!(place(6), (6, 12, "2/30/2028"));
    assert_eq!(place(7), (6, 22, "nobody"));
    assert_eq!(
        report["unmapped-columns"],
        json!([
            { "column": "Extra", "values": 2 }, { "column": "column 10", "values": 1 },
        ])
    );
    assert_eq!(
        (&report["records"], &report["created"], &report["left-out"]),
        (&json!(6), &json!(2), &json!(4))
    );
    assert_eq!(
        repository.read("catalog/services.toml"),
        "[service.svc-1]\nname = \"Mail\"\ndescription = \"a b\"\nowner = \"team:desk\"\nlifecycle = \"active\"\n\
         review-date = 2028-02-01\n\n[service.svc-4]\nname = \"Late\"\ntier = \"gold\"\nlifecycle = \"active\"\n",
    );
    // The nearest valid neighbour: the same columns, ignored.
    let map = format!("ignore = [\"Extra\", \"\", \"Unused\"]\n{MAP}");
    repository.write("map.toml", map);
    repository.write("export.csv", format!("{},Extra,,Unused\n7,Fine,,,A,,,,x,y,z\n", HEADING.trim_end()));
    let run = import(&repository, "service", &[]);
    assert_eq!(run.status, 0, "{run:#?}");
}

#[test]
fn the_report_for_people_names_lines_and_hides_control_characters() {
    let repository = repository(MAP, format!("{HEADING}1,Mail,,,\x1b[31mred,,,\n"));
    let run = import(&repository, "service", &[]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("1 value of `tier` without a translation:"), "{}", run.stderr);
    assert!(run.stderr.contains("line 2, column 10: `\\u{001b}[31mred` no translation"), "{}", run.stderr);
    assert!(!run.stderr.contains('\x1b'));
    assert!(run.stderr.lines().count() > 3 && !run.stderr.contains("\\n"), "{}", run.stderr);
}

#[test]
fn text_from_data_is_never_structure() {
    let export = "id,name\na,\"=cmd|' /C calc'!A0\"\nb,\"x\"\"]\n[service.evil]\nname = \"\"y\"\nc,\u{202e}rtl\u{0}\n\"d.]\",'''\n";
    let repository = repository(
        "fields.id.column = \"id\"\nfields.name = { column = \"name\", keep-lines = true }\n",
        export,
    );
    let run = import(&repository, "service", &[]);
    assert_eq!(run.status, 0, "{run:#?}");
    let text = repository.read("catalog/services.toml");
    let table: toml::Table = text.parse().unwrap();
    let services = table["service"].as_table().unwrap();
    let names: Vec<(&str, &str)> =
        services.iter().map(|(id, value)| (id.as_str(), value["name"].as_str().unwrap())).collect();
    assert_eq!(
        names,
        [
            ("a", "=cmd|' /C calc'!A0"),
            ("b", "x\"]\n[service.evil]\nname = \"y"),
            ("c", "\u{202e}rtl\u{0}"),
            ("d", "'''"),
        ]
    );
    assert!(!text.contains('\u{202e}') && !text.contains('\u{0}'), "{text}");
    let run = gitsm(&["validate", "--format", "json"], repository.path());
    assert!(!run.stdout.contains("GS10"), "{}", run.stdout);
}

#[test]
fn ids_with_dots_are_quoted_and_people_come_by_address() {
    let map = "delimiter = \"\\t\"\n[fields]\nid = { column = \"Mail\", transform = \"email-to-id\" }\n\
               name = { column = \"Name\" }\nemail = { column = \"Mail\" }\n\
               manager = { column = \"Boss\", transform = \"email-to-id\" }\n\
               employment = { column = \"Type\", values = { FTE = \"employee\", CWK = \"contractor\" }, default = \"employee\" }\n\
               \"accounts.github\" = { column = \"GitHub\" }\n";
    let export = "Mail\tName\tBoss\tType\tGitHub\nAna.Silva@example.com\tAna \"Ace\" Silva\t\tFTE\tana\nben@example.com\tBen\tana.silva@example.com\tXXX\t\n";
    let repository = repository(map, export);
    let run = import(&repository, "person", &["--out", "catalog/hr/people.toml"]);
    assert_eq!(run.status, 0, "{run:#?}");
    assert_eq!(
        repository.read("catalog/hr/people.toml"),
        "[person.\"ana.silva\"]\nname = \"Ana \\\"Ace\\\" Silva\"\nemail = \"Ana.Silva@example.com\"\n\
         employment = \"employee\"\naccounts.github = \"ana\"\n\n[person.ben]\nname = \"Ben\"\n\
         email = \"ben@example.com\"\nmanager = \"ana.silva\"\nemployment = \"employee\"\n",
    );
    assert_eq!(gitsm(&["validate"], repository.path()).status, 0);
}

#[test]
fn people_of_a_people_file_are_left_to_it() {
    let map = "fields.id.column = \"id\"\nfields.name.column = \"name\"\n";
    let repository = repository(map, "id,name\nana,Ana\nben,Ben\n");
    repository.write("gitsm.toml", "[project]\nname = \"Example\"\n\n[[people]]\nfile = \"people.csv\"\n");
    repository.write("people.csv", "id,name\nana,Ana Silva\n");
    let run = import(&repository, "person", &["--format", "json"]);
    assert_eq!(run.status, 1, "{run:#?}");
    assert_eq!(problems(&report(&run)), vec![expect("in-people-file", "", 1)]);
    assert_eq!(repository.read("catalog/people.toml"), "[person.ben]\nname = \"Ben\"\n");
}

#[test]
fn collisions_are_reported_or_numbered() {
    let map =
        |more: &str| format!("fields.id = {{ column = \"name\"{more} }}\nfields.name.column = \"name\"\n");
    let export = "name\nHelp Desk\nhelp-desk\nHELP_DESK\nHelp Desk\nhelp-desk-2\n";
    let repository = repository(&map(""), export);
    let run = import(&repository, "team", &["--format", "json", "--dry-run"]);
    assert_eq!(problems(&report(&run)), vec![expect("duplicate-id", "", 1), expect("id-collision", "", 2)]);
    repository.write("map.toml", map(", collisions = \"number\""));
    let run = import(&repository, "team", &["--format", "json"]);
    assert_eq!(problems(&report(&run)), vec![expect("duplicate-id", "", 1)]);
    let table: toml::Table = repository.read("catalog/teams.toml").parse().unwrap();
    let teams: Vec<(&str, &str)> = table["team"]
        .as_table()
        .unwrap()
        .iter()
        .map(|(id, team)| (id.as_str(), team["name"].as_str().unwrap()))
        .collect();
    // In the order of the texts, whatever the order of the records.
    assert_eq!(
        teams,
        [
            ("help-desk", "HELP_DESK"),
            ("help-desk-2", "help-desk-2"),
            ("help-desk-3", "Help Desk"),
            ("help-desk-4", "help-desk")
        ]
    );
}

#[test]
fn entitlements_go_into_their_service() {
    let map = "[fields]\nservice = { column = \"App\" }\nid = { column = \"Role\" }\nname = { column = \"Role\" }\n\
               risk = { column = \"Risk\", transform = \"lower-case\" }\ngroups = { column = \"Groups\", separator = \"|\" }\n\
               privileged = { column = \"Admin\" }\n\"provision.method\" = { value = \"manual\" }\n";
    let export = "App,Role,Risk,Groups,Admin\nMail,User,Low,mail-users,no\nMail,Admin,High,a|b|a,yes\nCRM,User,Low,,no\nMail,Bad,Huge,,no\n";
    let repository = repository(map, export);
    repository.write(
        "catalog/apps.toml",
        "[service.mail]\nname = \"Mail\"\n\n[service.mail.entitlement.guest]\nname = \"Guest\"\nrisk = \"low\"\n\n\
         [service.mail.entitlement.old]\nname = \"Old\"\nrisk = \"low\"\n\n# Telephones.\n[service.phone]\nname = \"Phone\"\n",
    );
    let run = import(&repository, "entitlement", &["--format", "json"]);
    let report = report(&run);
    assert_eq!(run.status, 1, "{run:#?}");
    assert_eq!(
        problems(&report),
        vec![expect("no-service", "service", 1), expect("incomplete", "", 1), expect("invalid", "risk", 1)]
    );
    assert_eq!(
        repository.read("catalog/apps.toml"),
        "[service.mail]\nname = \"Mail\"\n\n\
         [service.mail.entitlement.admin]\nname = \"Admin\"\nrisk = \"high\"\nprivileged = true\ngroups = [\"a\", \"b\"]\nprovision.method = \"manual\"\n\n\
         [service.mail.entitlement.guest]\nname = \"Guest\"\nrisk = \"low\"\n\n\
         [service.mail.entitlement.old]\nname = \"Old\"\nrisk = \"low\"\n\n\
         [service.mail.entitlement.user]\nname = \"User\"\nrisk = \"low\"\nprivileged = false\ngroups = [\"mail-users\"]\nprovision.method = \"manual\"\n\n\
         # Telephones.\n[service.phone]\nname = \"Phone\"\n",
    );
    let gone: Vec<&str> =
        report["gone"].as_array().unwrap().iter().map(|gone| gone["id"].as_str().unwrap()).collect();
    assert_eq!(gone, ["mail/guest", "mail/old"]);
    let again = import(&repository, "entitlement", &["--dry-run"]);
    assert_eq!(again.stdout, "", "{again:#?}");
    let run = import(&repository, "entitlement", &["--out", "catalog/x.toml"]);
    assert_eq!(run.status, 2, "{run:#?}");
}

#[test]
fn a_map_that_does_not_fit_says_everything_at_once() {
    let map = "delimiter = \"€\"\n[fields]\nid = { column = \"Nummer\" }\nnmae = { column = \"Service name\" }\n\
               data = { value = \"x\" }\nowner = { column = \"Team\", value = \"team:x\" }\ntier = {}\n\
               lifecycle = { value = \"active\", default = \"x\" }\nreview-date = { column = \"Review\", format = \"%d/%m\" }\n\
               description = { column = \"Description\", separator = \";\" }\nreplacement = { value = [\"a\"] }\n\
               entitlement = { column = \"Data\" }\n";
    let repository = repository(map, HEADING);
    let run = import(&repository, "service", &[]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:#?}");
    for expected in [
        "`€` cannot separate columns",
        "the export has no column `Nummer`",
        "did you mean `Number`?",
        "a service has no field `nmae`",
        "did you mean `name`?",
        "`data` is a table, not a single value",
        "`owner` comes from a column and from a value",
        "`tier` comes from nowhere",
        "`default` means nothing beside `value`",
        "`%d/%m` is not a format of dates",
        "`description` is not a list",
        "the value is a list, and the field is not",
        "entitlements are imported on their own",
        "map.toml:3:",
    ] {
        assert!(run.stderr.contains(expected), "{expected}\n{}", run.stderr);
    }
    assert!(!repository.path().join("catalog/services.toml").exists());
}

#[test]
fn the_maps_of_the_explain_page_are_what_it_says() {
    let page = gitsm::load::codes::IMPORT_MAP.page;
    let maps: Vec<&str> =
        page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let [bad, good] = maps[..] else { panic!("{maps:?}") };
    let repository = repository(bad, "Number;Title;Next review\n1;Mail;24/12/2029\n");
    let run = import(&repository, "service", &[]);
    assert_eq!((run.status, run.stderr.matches("error[GS1306]").count()), (2, 3), "{run:#?}");
    repository.write("map.toml", good);
    let run = import(&repository, "service", &[]);
    assert_eq!(run.status, 0, "{run:#?}");
    assert!(repository.read("catalog/services.toml").ends_with("review-date = 2029-12-24\n"));
}

#[test]
fn exports_that_cannot_be_read_write_nothing() {
    let good = format!("{HEADING}1,Mail,,,A,,,\n");
    let cases: [(&[u8], &str); 8] = [
        (b"", "is empty"),
        (b"\xff\xfeN\0", "is UTF-16"),
        (b"PK\x03\x04rest", "is a workbook"),
        (b"\x1f\x8brest", "is compressed"),
        (b"Number,Service name,Description,Team,Class,Review,Contacts,Data\n1,Caf\xe9,,,A,,,\n", "is not UTF-8 near line 2"),
        (b"Number,Service name,Description,Team,Class,Review,Contacts,Data\n1,Mail,\"open,,A,,,\n2,Phone,,,A,,,\n", "has a quote in line 2 that is never closed"),
        (b"Number;Service name;Description;Team;Class;Review;Contacts;Data\n", "perhaps something else separates the columns"),
        (b"Number,Number,Service name,Description,Team,Class,Review,Contacts,Data\n", "several columns `Number`"),
    ];
    for (export, expected) in cases {
        let repository = repository(MAP, export);
        let run = import(&repository, "service", &[]);
        assert_eq!(run.status, 2, "{expected}: {run:#?}");
        // Long lines are wrapped.
        let words = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(expected), "{expected}\n{}", run.stderr);
        assert!(!repository.path().join("catalog/services.toml").exists(), "{expected}");
    }
    let repository = repository(MAP, good.replace(',', ";"));
    assert_eq!(import(&repository, "service", &["--delimiter", ";"]).status, 0);
    assert!(repository.path().join("catalog/services.toml").exists());
}

#[test]
fn output_files_must_be_documents_of_the_repository() {
    let repository = repository(MAP, format!("{HEADING}1,Mail,,,A,,,\n"));
    for out in [
        "services.toml",
        "catalog/services.txt",
        "catalog/../x.toml",
        "/tmp/x.toml",
        "catalog/.x.toml",
        "catalogue/x.toml",
    ] {
        let run = import(&repository, "service", &["--out", out]);
        assert_eq!(run.status, 2, "{out}: {run:#?}");
    }
    assert_eq!(import(&repository, "service", &["--out", "policies/x.toml"]).status, 0);
    repository.write("catalog/broken.toml", "[service.mail\n");
    let run = import(&repository, "service", &[]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("`catalog/broken.toml` cannot be read as TOML"), "{}", run.stderr);
}

#[test]
fn a_dry_run_shows_the_difference_and_writes_nothing() {
    let repository = repository(MAP, format!("{HEADING}1,Mail,,,A,,,\n"));
    repository.write(
        "catalog/a.toml",
        "[service.svc-1]\nname = \"Post\"\ntier = \"gold\"\nlifecycle = \"active\"\n",
    );
    let run = import(&repository, "service", &["--dry-run"]);
    assert_eq!(run.status, 0);
    assert_eq!(
        run.stdout,
        "--- a/catalog/a.toml\n+++ b/catalog/a.toml\n@@ -1,4 +1,4 @@\n [service.svc-1]\n-name = \"Post\"\n+name = \"Mail\"\n tier = \"gold\"\n lifecycle = \"active\"\n"
    );
    assert!(run.stderr.contains("would change `catalog/a.toml`"), "{}", run.stderr);
    assert!(repository.read("catalog/a.toml").contains("Post"));
}

#[test]
fn line_ends_and_schemas_of_the_repository_are_kept() {
    let repository = repository(MAP, format!("{HEADING}1,Mail,,,A,,,\n2,Phone,,,B,,,\n"));
    repository.write("schemas/gitsm.schema.json", "{}");
    repository.write("catalog/a.toml", "[service.svc-1]\r\nname = \"Post\"\r\n");
    assert_eq!(import(&repository, "service", &["--out", "catalog/it/services.toml"]).status, 0);
    assert_eq!(
        repository.read("catalog/a.toml"),
        "[service.svc-1]\r\nname = \"Mail\"\r\ntier = \"gold\"\r\nlifecycle = \"active\"\r\n"
    );
    assert_eq!(
        repository.read("catalog/it/services.toml"),
        "#:schema ../../schemas/gitsm.schema.json\n\n[service.svc-2]\nname = \"Phone\"\ntier = \"silver\"\nlifecycle = \"active\"\n"
    );
}

#[test]
fn a_large_export_is_spread_over_files_that_the_loader_reads() {
    let mut export = String::from(HEADING);
    for number in 0..12_000 {
        writeln!(export, "{number},Service {number},Words about it,Desk {},A,1/2/2030,,Public", number % 9)
            .unwrap();
    }
    let repository = repository(MAP, export);
    let run = import(&repository, "service", &["--format", "json"]);
    assert_eq!(run.status, 0, "{run:#?}");
    let report = report(&run);
    assert_eq!(report["created"], 12_000);
    let files = report["files"].as_array().unwrap();
    assert!(files.len() > 1, "{files:?}");
    let run = gitsm(&["validate", "--format", "json"], repository.path());
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let shapes = found["findings"].as_array().unwrap().iter();
    let shapes: Vec<&Value> = shapes
        .filter(|one| {
            one["code"].as_str().is_some_and(|code| code.starts_with("GS10") || code.starts_with("GS11"))
        })
        .collect();
    assert!(shapes.is_empty(), "{shapes:?}");
    let again = import(&repository, "service", &["--format", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&again.stdout).unwrap()["unchanged"], 12_000);
}

#[test]
fn a_directory_of_20000_people_loads_and_validates() {
    let repository = Repository::with(&[("gitsm.toml", DIRECTORY)]);
    repository.write(
        "catalog/teams.toml",
        "[team.desk]\nname = \"Desk\"\nmembers = [\"u7\", \"u8\"]\nlead = \"u7\"\n",
    );
    repository.write("people.csv", directory(20_000));
    let loaded = gitsm::load::load(&gitsm::source::WorkTree::new(repository.path())).unwrap();
    assert_eq!(loaded.rulebook.people.len(), 20_000);
    assert!(loaded.found.is_empty(), "{:?}", loaded.found.first());
    let person = loaded.rulebook.people.get("u19999").unwrap();
    assert_eq!(person.manager.as_ref().unwrap().as_str(), "u1999");
    let run = gitsm(&["validate", "--format", "json", "--now", "2026-11-20T12:00:00Z"], repository.path());
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let errors: Vec<&Value> =
        found["findings"].as_array().unwrap().iter().filter(|one| one["level"] == "error").collect();
    assert!(errors.is_empty(), "{:?}", errors.first());
}

const DIRECTORY: &str = r#"[project]
name = "Example"

[[people]]
file = "people.csv"
delimiter = ";"
columns.id = "Login"
columns.name = "Full name"
columns.email = "Mail"
columns.department = "Dept"
columns.title = "Job"
columns.location = "Site"
columns.manager = "Reports to"
columns.employment = "Type"
columns.status = "State"
columns.start = "Hired"
columns.end = "Leaves"
values.employment.FTE = "employee"
values.employment.CWK = "contractor"
values.status.A = "active"
"#;

/// An export of a made-up personnel system: a tree of people, ten under each manager.
fn directory(people: u32) -> String {
    let mut csv =
        String::from("Login;Full name;Mail;Dept;Job;Site;Reports to;Type;State;Hired;Leaves;Cost centre\r\n");
    for number in 0..people {
        let manager = if number == 0 { String::new() } else { format!("u{}", number / 10) };
        let (employment, leaves) = if number % 17 == 3 { ("CWK", "2031-03-31") } else { ("FTE", "") };
        let name = if number % 5 == 0 {
            format!("\"Family {number}; Given\"")
        } else {
            format!("Given Family {number}")
        };
        writeln!(
            csv,
            "u{number};{name};u{number}@example.com;d{};Job {};s{};{manager};{employment};A;2020-0{}-11;{leaves};{}\r",
            number % 40,
            number % 300,
            number % 25,
            number % 9 + 1,
            number % 90
        )
        .unwrap();
    }
    csv
}
