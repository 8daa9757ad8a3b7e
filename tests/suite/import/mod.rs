//! `gitsm import csv`: exports with the traps of real ones.

mod large;
mod metrics;
mod refused;

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
fn entitlements_of_each_service_are_numbered_on_their_own() {
    let map = "[fields]\nservice.column = \"App\"\nid = { column = \"Role\", collisions = \"number\" }\n\
               name.column = \"Role\"\nrisk.value = \"low\"\n";
    let export = "App,Role\nMail,Admin\nMail,admin\nCRM,admin\ncrm,User\n";
    let repository = repository(map, export);
    repository
        .write("catalog/apps.toml", "[service.mail]\nname = \"Mail\"\n\n[service.crm]\nname = \"CRM\"\n");
    let run = import(&repository, "entitlement", &["--format", "json"]);
    assert_eq!((run.status, problems(&report(&run))), (0, vec![]), "{run:#?}");
    let table: toml::Table = repository.read("catalog/apps.toml").parse().unwrap();
    let ids = |service: &str| -> Vec<(String, String)> {
        let entitlements = table["service"][service]["entitlement"].as_table().unwrap().iter();
        entitlements.map(|(id, one)| (id.clone(), one["name"].as_str().unwrap().to_owned())).collect()
    };
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect()
    };
    assert_eq!(ids("mail"), pairs(&[("admin", "Admin"), ("admin-2", "admin")]));
    assert_eq!(ids("crm"), pairs(&[("admin", "admin"), ("user", "User")]));
}

#[test]
fn a_dry_run_shows_the_change_as_every_command_does() {
    let export = format!("{HEADING}1,Mail,new,Desk,A,1/2/2028,,\n2,Pho\u{202e}ne,b,Desk,B,,,\n");
    let repository = repository(MAP, export);
    repository.write("catalog/mail.toml", "[service.svc-1]\nname = \"Mail\"\ndescription = \"old\"\n");
    let plain = import(&repository, "service", &["--dry-run"]).stdout;
    assert!(plain.contains("--- a/catalog/mail.toml\n+++ b/catalog/mail.toml\n@@ "), "{plain}");
    assert!(plain.contains("-description = \"old\"\n+description = \"new\"\n"), "{plain}");
    assert!(plain.contains("--- /dev/null\n+++ b/catalog/services.toml\n@@ -0,0 "), "{plain}");
    assert!(!plain.contains('\u{202e}'), "{plain}");
    let coloured = import(&repository, "service", &["--dry-run", "--color", "always"]).stdout;
    assert!(coloured.contains("\u{1b}[32m+description = \"new\"\u{1b}[0m\n"), "{coloured}");
    assert!(!repository.path().join("catalog/services.toml").exists());
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
