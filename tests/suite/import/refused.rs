//! Maps, exports and places that an import refuses, and then writes nothing.

use super::{HEADING, MAP, import, repository};
use crate::support::gitsm;

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
fn a_column_that_is_not_there_is_one_finding() {
    let map = "[fields]\nid.column = \"Number\"\nname.column = \"Title\"\ndescription.column = \"Title\"\n\
               \"data.classification\" = { column = \"Data\" }\n";
    for (heading, expected, count) in [
        ("Number,Titel,Data\n", "the export has no column `Title`", 1),
        ("Number,Name,Kind\n", "the export has no column `Title`", 2),
        ("Export of services\nNumber,Title,Data\n", "the export has none of the columns of the map", 1),
        ("Nr,Name,Kind\n", "the export has none of the columns of the map", 1),
    ] {
        let repository = repository(map, heading);
        let run = import(&repository, "service", &[]);
        assert_eq!(run.status, 2, "{run:#?}");
        assert_eq!(run.stderr.matches("error[").count(), count, "{}", run.stderr);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn permissions_of_a_document_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let repository = repository(MAP, format!("{HEADING}1,Mail,new,Desk,A,1/2/2028,,\n"));
    repository.write("catalog/mail.toml", "[service.svc-1]\nname = \"Post\"\n");
    let path = repository.path().join("catalog/mail.toml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(import(&repository, "service", &[]).status, 0);
    assert!(repository.read("catalog/mail.toml").contains("\"Mail\""));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}

#[cfg(unix)]
#[test]
fn what_appeared_where_a_new_document_goes_is_not_overwritten() {
    let repository = repository(MAP, format!("{HEADING}1,Mail,new,Desk,A,1/2/2028,,\n"));
    // A link is never read, so nobody knows what is behind it.
    repository.write("elsewhere.txt", "mine\n");
    let link = repository.path().join("catalog/services.toml");
    std::os::unix::fs::symlink("../elsewhere.txt", &link).unwrap();
    let run = import(&repository, "service", &[]);
    assert_eq!(run.status, 2, "{run:#?}");
    assert!(link.is_symlink());
    assert_eq!(repository.read("elsewhere.txt"), "mine\n");
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
#[cfg(unix)]
fn maps_and_exports_without_an_end_or_behind_a_link_are_refused() {
    let repository = repository(MAP, format!("{HEADING}1,Mail,,,A,,,\n"));
    for name in ["map", "export"] {
        std::os::unix::fs::symlink(
            repository.path().join(if name == "map" { "map.toml" } else { "export.csv" }),
            repository.path().join(format!("{name}.link")),
        )
        .unwrap();
    }
    let run = |export: &str, map: &str| {
        let arguments = ["import", "csv", export, "--kind", "service", "--map", map];
        let run = gitsm(&arguments, repository.path());
        (run.status, run.stderr.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    for path in ["/dev/zero", "map.link", "catalog"] {
        let (status, talk) = run("export.csv", path);
        assert_eq!(status, 2, "{path}: {talk}");
        assert!(talk.contains(&format!("`{path}` is a link or a device, not a file")), "{talk}");
    }
    for path in ["/dev/zero", "export.link", "catalog"] {
        let (status, talk) = run(path, "map.toml");
        assert_eq!(status, 2, "{path}: {talk}");
        assert!(talk.contains(&format!("`{path}` is a link or a device, not a file")), "{talk}");
    }
    let large = "# a comment\n".repeat(400_000);
    repository.write("large.toml", large);
    let (status, talk) = run("export.csv", "large.toml");
    assert_eq!(status, 2, "{talk}");
    assert!(talk.contains("`large.toml` has more than the 4194304 bytes"), "{talk}");
    assert!(!repository.path().join("catalog/services.toml").exists());
    let (status, talk) = run("export.csv", "map.toml");
    assert_eq!(status, 0, "{talk}");
}
