//! Inputs that are refused, each beside the nearest one that passes.

use crate::{
    explain::examples,
    support::{Repository, command, gitsm, run},
};

const NOW: &str = "2026-11-20T12:00:00Z";

/// What is found, as `path:line:column code`.
fn places(repository: &Repository) -> Vec<String> {
    let run = gitsm(&["validate", "--format", "concise", "--now", NOW], repository.path());
    let place = |line: &str| {
        let (at, rest) = line.split_once(": ")?;
        Some(format!("{at} {}", rest.split_once('[')?.1.get(..6)?))
    };
    // That nothing uses an object does not matter here.
    let found: Vec<String> =
        run.stdout.lines().filter_map(place).filter(|one| !one.ends_with("GS2055")).collect();
    let is_error = run.stdout.contains(": error[");
    assert_eq!(run.status, i32::from(is_error), "{}", run.stdout);
    found
}

/// What is found in the small repository with more files.
fn with(files: &[(&str, &str)]) -> Vec<String> {
    let repository = Repository::base();
    for (path, text) in files {
        repository.write(path, text);
    }
    places(&repository)
}

/// The same with one more document.
fn with_document(text: &str) -> Vec<String> {
    with(&[("catalog/x.toml", text)])
}

/// The report for people about the small repository with one more document.
fn report(text: &str, format: &str) -> String {
    let repository = Repository::base();
    repository.write("catalog/x.toml", text);
    gitsm(&["validate", "--format", format, "--now", NOW], repository.path()).stdout
}

const NOTHING: [&str; 0] = [];

const RULE: &str = r#"[access.admin]
name = "Administrators"
owner = "team:security"
applies-to.entitlement = "mail/admin"
review-date = 2030-01-01

[[access.admin.rule]]
id = "engineers"
decision.workflow = "manager-and-security"
max-duration = "30d"
"#;

#[test]
fn what_is_wrong_with_a_condition_is_marked_itself() {
    for (condition, place) in [
        ("when.subject.departmnt = \"it\"", "11:14 GS4001"),
        ("when.request.duration.max = \"-1d\"", "11:29 GS4003"),
        ("when.request.duration = { min = \"1d\", max = \"-1d\" }", "11:45 GS4003"),
        ("when.request.instant.within = \"nowhere\"", "11:31 GS4005"),
        ("when.subject.start.min = \"soon\"", "11:26 GS4003"),
        ("when.subject.location.glob = \"de-berlin\"", "11:30 GS4007"),
        ("when.any = [{ subject.title = \"x\" }, { subject.departmnt = \"it\" }]", "11:48 GS4001"),
    ] {
        let found = with_document(&format!("{RULE}{condition}\n"));
        assert!(found.contains(&format!("catalog/x.toml:{place}")), "{condition}: {found:?}");
    }
    assert_eq!(with_document(&format!("{RULE}when.subject.department = \"it\"\n")), NOTHING);
}

#[test]
fn a_root_and_a_people_file_that_are_not_there_are_marked_where_they_are_written() {
    let repository = Repository::base();
    let settings = repository.read("gitsm.toml");
    repository.write("gitsm.toml", format!("{settings}roots = [\"catalog\", \"policies\", \"nope\"]\n"));
    assert_eq!(places(&repository), ["gitsm.toml:10:33 GS1303"]);
    repository.write("gitsm.toml", format!("{settings}[[people]]\nfile = \"catalog/nofile.csv\"\n"));
    assert_eq!(places(&repository), ["gitsm.toml:11:8 GS1304"]);
    repository.write("gitsm.toml", format!("{settings}roots = [\"catalog\", \"policies\"]\n"));
    assert_eq!(places(&repository), NOTHING);
}

#[test]
fn a_key_that_is_nested_too_deeply_is_marked() {
    let deep = "a.".repeat(200);
    assert_eq!(with_document(&format!("# hi\n\n{deep}a=1\n")), ["catalog/x.toml:3:1 GS1006"]);
    assert_eq!(with_document(&format!("# hi\n\n[{deep}a]\n")), ["catalog/x.toml:3:2 GS1006"]);
}

#[test]
fn no_mistake_of_syntax_hides_another() {
    let rest = "name = yes\n[team.b]\nname = \"B\"\nlead = 05\n[team.c]\nlead = \n";
    for first in ["name: \"A\"", "r", "a b = 1", "x = [1, 2", "x = { a = 1"] {
        let found = with_document(&format!("[team.a]\n{first}\n{rest}"));
        // What stands behind an open bracket is part of it up to the next heading.
        let open = first.starts_with("x = ");
        let wanted: Vec<&str> =
            ["2:", "3:", "6:", "8:"].into_iter().filter(|line| !open || *line != "3:").collect();
        let lines: Vec<&str> = found.iter().map(|one| &one["catalog/x.toml:".len()..][..2]).collect();
        assert_eq!(lines, wanted, "{first}: {found:?}");
    }
    // Nor does a character that cannot be seen.
    let found = with_document("[team.a]\nname = \"A\u{200b}\"\nlead = 05\n");
    assert_eq!(found, ["catalog/x.toml:2:10 GS1003", "catalog/x.toml:3:8 GS1006"]);
}

#[test]
fn what_is_wrong_with_objects_is_found_beside_a_file_that_cannot_be_read() {
    let slow = "[sla.slow]\nname = \"Slow\"\nowner = \"team:desk\"\ncalendar = \"office\"\npause-in = []\nat-risk = [\"75%\"]\n\
        review-date = 2030-01-01\ntarget.p1 = { respond = \"4h\", resolve = \"1h\" }\n";
    let alone = with(&[("catalog/slow.toml", slow)]);
    let broken =
        with(&[("catalog/slow.toml", slow), ("catalog/broken.toml", "[team.broken\nname = \"A\"\n")]);
    let of = |found: &[String], path: &str, code: &str| {
        found.iter().filter(|one| one.starts_with(path) && one.ends_with(code)).count()
    };
    assert_eq!(of(&alone, "catalog/slow.toml", "GS3020"), 1, "{alone:?}");
    assert_eq!(of(&broken, "catalog/slow.toml", "GS3020"), 1, "{broken:?}");
    assert_eq!(of(&broken, "catalog/broken.toml", "GS1006"), 1, "{broken:?}");
    // Nothing is concluded from what may stand in the file.
    let holds = with(&[("catalog/broken.toml", "[team.broken\nname = \"A\"\n")]);
    assert_eq!((holds.len(), of(&holds, "catalog/broken.toml", "GS1006")), (1, 1), "{holds:?}");
}

#[test]
fn a_document_with_a_dot_before_its_name_is_not_passed_over() {
    let guard = "[guardrail.no-power]\ndescription = \"x\"\nowner = \"team:security\"\nwhen.entitlement.privileged = true\ndeny = true\n";
    assert_eq!(with(&[("policies/.guard.toml", guard)]), ["policies/.guard.toml:1:1 GS1011"]);
    assert!(!with(&[("policies/guard.toml", guard)]).iter().any(|one| one.ends_with("GS1011")));
    // What editors keep beside a document is none.
    assert_eq!(with(&[("policies/.guard.toml.swp", "x")]), NOTHING);
}

#[test]
fn a_secret_is_in_no_word_of_a_report() {
    let token = format!("glpat-{}", "a1b2c3".repeat(4));
    for format in ["human", "concise", "json", "sarif", "github", "junit", "markdown"] {
        let text = report(&format!("[team.a]\nname = \"A\"\nlead = \"{token}\"\n"), format);
        let shown = text.replace("&#42;", "*");
        assert!(text.contains("GS1201") && shown.contains("***"), "{format}: {text}");
        assert!(!text.contains(&token), "{format}: {text}");
    }
    let text = report("[team.a]\nname = \"A\"\nlead = \"anna\"\n", "concise");
    assert!(text.contains("`anna`"), "{text}");
}

#[test]
fn a_secret_in_a_remark_is_found_and_not_shown() {
    let token = format!("ghp_{}", "a1B2".repeat(9));
    for secret in [token.as_str(), "password=Sup3rS3cret!X9"] {
        let document = format!(
            "# why\n\n# {secret}\n[team.a] # a team\nname = \"# no remark\"\nmailbox = \"a@example.com\"\nmembers = [\"ben\", \"dan\"]\nlead = \"ben\"\n"
        );
        assert_eq!(with_document(&document), ["catalog/x.toml:3:1 GS2091"], "{secret}");
        let text = report(&document, "human");
        assert!(text.contains("***") && !text.contains(secret), "{text}");
        // In a text it is one, and no remark.
        let quoted = document.replace(&format!("# {secret}\n"), "").replace("no remark", secret);
        assert_eq!(with_document(&quoted), ["catalog/x.toml:4:8 GS2091"], "{secret}");
    }
    let harmless = "# password: required\n# ghp_short\n";
    assert_eq!(with_document(harmless), NOTHING);
}

fn people(csv: &str) -> Vec<String> {
    let settings = Repository::base().read("gitsm.toml");
    let settings = format!("{settings}\n[[people]]\nfile = \"catalog/p.csv\"\nignored = [\"Titles\"]\n");
    let mut found = with(&[("gitsm.toml", settings.as_str()), ("catalog/p.csv", csv)]);
    found.retain(|one| one.starts_with("catalog/p.csv"));
    found.iter().map(|one| one["catalog/p.csv:".len()..].to_owned()).collect()
}

#[test]
fn headings_of_people_that_stand_twice_or_are_misspelt_are_refused() {
    assert_eq!(people("id,name,name,manager,manager\nz1,Zed,Zod,ana,ben\n"), ["1:9 GS1304", "1:22 GS1304"]);
    let misspelt = people("id,name,manger,departmnt,statuss\nz1,Zed,ana,it,inactive\n");
    assert_eq!(misspelt, ["1:9 GS1304", "1:16 GS1304", "1:26 GS1304"]);
    assert_eq!(people("id,name,Manager\nz1,Zed,ana\n"), ["1:9 GS1304"]);
    // Columns of another sort are nobody's business, and those that are not wanted or stand beside the real one neither.
    let fine =
        "id,name,manager,email,email2,Titles,Cost centre,Cost centre\nz1,Zed,ana,z@example.com,z,x,1,2\n";
    assert_eq!(people(fine), NOTHING);
}

#[test]
fn control_characters_in_people_files_are_refused() {
    assert_eq!(people("id,name,email\nz1,Z\u{1b}]0;pwn\u{7},z@example.com\n"), ["2:4 GS1305"]);
    assert_eq!(people("id,name,email\nz1,Z\0,z@example.com\n"), ["2:4 GS1305"]);
    assert_eq!(people("id,name,email,manager\nz1,\"Z\ted\",z@example.com,ana\n"), NOTHING);
}

#[test]
fn dates_that_other_programs_refuse_are_refused() {
    let scenario = |now: &str| {
        let found = with_document(&format!(
            "[article.a]\ntitle = \"A\"\nowner = \"team:desk\"\ncovers = [\"service:mail\"]\naudience = \"support\"\nreview-date = {now}\n"
        ));
        found.into_iter().filter(|one| one.ends_with("GS1104")).collect::<Vec<_>>()
    };
    assert_eq!(scenario("0000-01-01"), ["catalog/x.toml:6:15 GS1104"]);
    assert_eq!(scenario("2026-12-31T23:59:60Z"), ["catalog/x.toml:6:15 GS1104"]);
    assert_eq!(scenario("2030-01-01"), NOTHING);
}

#[test]
fn characters_that_cannot_be_seen_are_refused() {
    for character in ['\u{e0100}', '\u{fffe}', '\u{2800}', '\u{fdd0}', '\u{fe00}'] {
        let found = with_document(&format!("[team.a]\nname = \"A{character}\"\n"));
        assert_eq!(found, ["catalog/x.toml:2:10 GS1003"], "{character:?}");
    }
    let found = with_document("[team.a]\nname = \"⚠\u{fe0f} Ä 香\"\n");
    assert!(!found.iter().any(|one| one.ends_with("GS1003")), "{found:?}");
}

#[test]
fn a_currency_is_one_that_there_is() {
    let tier = |cost: &str| {
        with_document(&format!(
            "[tier.low]\nname = \"Low\"\nrank = 3\nsla = \"standard\"\ndowntime-cost = \"{cost}\"\n"
        ))
    };
    let without_use = |mut found: Vec<String>| {
        found.retain(|one| one.ends_with("GS1111") || one.ends_with("GS2025") || one.ends_with("GS2024"));
        found
    };
    assert_eq!(without_use(tier("10 QQQ")), ["catalog/x.toml:5:17 GS1111"]);
    assert_eq!(without_use(tier("10 USD")), ["catalog/x.toml:5:17 GS2025"]);
    assert_eq!(without_use(tier("9000 EUR")), ["catalog/x.toml:3:8 GS2024"]);
    assert_eq!(without_use(tier("10 EUR")), NOTHING);
    let settings = Repository::base().read("gitsm.toml");
    let settings = settings.replace("\"EUR\"", "\"QQQ\"");
    assert_eq!(with(&[("gitsm.toml", settings.as_str())]), ["gitsm.toml:9:12 GS1111"]);
}

#[test]
fn a_scope_has_one_key() {
    let policy =
        |scope: &str| report(&RULE.replace("applies-to.entitlement = \"mail/admin\"", scope), "concise");
    let both = policy("applies-to = { service = \"mail\", entitlement = \"mail/admin\" }");
    assert!(both.contains("4:14: error[GS1111]: `applies-to` can have only one of"), "{both}");
    assert!(!both.contains("GS1102"), "{both}");
    let one = policy("applies-to = { entitlement = \"mail/admin\" }");
    assert!(!one.contains("error["), "{one}");
}

#[test]
fn what_is_too_little_names_the_least() {
    let stage = |need: &str| {
        let text = format!(
            "[workflow.w]\nname = \"W\"\nowner = \"team:desk\"\nstage = [{{ id = \"a\", approvers = [\"team:desk\"], need = {need} }}]\n"
        );
        report(&text, "human")
    };
    let none = stage("0");
    assert!(none.contains("`need` is too small: it must be at least 1"), "{none}");
    let share = stage("\"150%\"");
    assert!(share.contains("`40%`"), "{share}");
    let settings = Repository::base().read("gitsm.toml");
    let settings = settings.replace("[project]\n", "[project]\nformat = 99999999999\n");
    assert_eq!(with(&[("gitsm.toml", settings.as_str())]), ["gitsm.toml:6:10 GS1301"]);
}

#[test]
fn a_folder_of_a_target_lies_in_the_repository() {
    let settings = Repository::base().read("gitsm.toml");
    let target = |folder: &str| {
        let settings = format!("{settings}\n[target.x]\ntype = \"static\"\nfolder = \"{folder}\"\n");
        with(&[("gitsm.toml", settings.as_str())])
    };
    for folder in ["../../etc", "/", ".", ".git/hooks"] {
        assert_eq!(target(folder), ["gitsm.toml:13:10 GS1111"], "{folder}");
    }
    assert_eq!(target("public"), NOTHING);
}

#[test]
fn a_variable_that_is_empty_is_not_set() {
    let repository = Repository::base();
    let status = |now: &str| {
        let mut command = command(&["validate"], repository.path());
        command.env("GITSM_NOW", now);
        run(command).status
    };
    assert_eq!((status(""), status(NOW), status("soon")), (0, 0, 2));
}

#[test]
fn the_next_steps_can_be_pasted_into_a_shell() {
    let repository = Repository::empty();
    let steps = |folder: &str| {
        let run = gitsm(&["init", folder], repository.path());
        run.stdout + &run.stderr
    };
    let (with_space, plain) = (steps("my rulebook"), steps("rulebook"));
    assert!(with_space.contains("cd 'my rulebook' && gitsm validate"), "{with_space}");
    assert!(plain.contains("cd rulebook && gitsm validate"), "{plain}");
}

#[test]
fn nothing_is_decided_where_one_tenant_reaches_what_belongs_to_another() {
    let page = include_str!("../../src/diag/explain/GS2141.md");
    for ((number, bad), files) in examples(page) {
        let repository = Repository::base();
        for (path, text) in files {
            repository.write(&path, text);
        }
        let run = gitsm(&["simulate", "access", "ben", "mail/user", "--now", NOW], repository.path());
        assert_eq!(run.status, i32::from(bad), "{number} {bad}: {run:?}");
        assert_eq!(run.stderr.contains("GS2141"), bad, "{number}: {run:?}");
    }
}

#[test]
fn a_rulebook_without_any_access_policy_is_warned_about() {
    let repository = Repository::base();
    let text = repository.read("policies/access.toml");
    let (workflows, _) = text.split_once("[access.mail]").unwrap();
    repository.write("policies/access.toml", workflows);
    let found = places(&repository);
    assert_eq!(found.iter().filter(|one| one.ends_with("GS4025")).count(), 2, "{found:?}");
    let run = gitsm(&["validate", "--deny-warnings", "--now", NOW], repository.path());
    assert_eq!(run.status, 1, "{run:?}");
}
