//! Exported projects: what is written, and what the compiler of the vendor says to it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{Fake, KNOWLEDGE, gitsm, id, repository, settle};
use crate::support::{Repository, copy, root};

const SCRIPT: &str = "tests/servers/servicenow.sh";

/// Whether the SDK is there; where everything must be there, it is an error when it is not.
#[allow(clippy::print_stderr, reason = "who runs the tests must see that one of them did nothing")]
fn is_installed() -> bool {
    let is_there = root().join("target/servers/servicenow/installed").exists();
    if !is_there {
        assert!(std::env::var_os("GITSM_COMPLETE").is_none(), "the SDK of ServiceNow is not installed");
        eprintln!("skipped: the SDK of ServiceNow is not installed (`{SCRIPT} install`)");
    }
    is_there
}

fn script(action: &str, folder: &Path) -> (bool, String) {
    let mut command = Command::new("bash");
    command.arg(root().join(SCRIPT)).arg(action).arg(folder);
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

fn export(repository: &Repository) -> PathBuf {
    let run = gitsm(repository, &["plan", "--target", "now", "--export", "fluent", "--out", "project"]);
    assert_eq!(run.status, 0, "{run:?}");
    repository.path().join("project")
}

/// The tables and ids of the rows that a compiled project has.
fn compiled(project: &Path) -> BTreeSet<(String, String)> {
    let files = fs::read_dir(project.join("dist/app/update")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names
        .map(|name| {
            let (table, id) = name.strip_suffix(".xml").unwrap().rsplit_once('_').unwrap();
            (table.to_owned(), id.to_owned())
        })
        .collect()
}

/// The tables and ids that `keys.ts` has.
fn keys(project: &Path) -> BTreeSet<(String, String)> {
    let text = fs::read_to_string(project.join("src/fluent/generated/keys.ts")).unwrap();
    let told: Vec<&str> = text.lines().map(str::trim).collect();
    let pairs = told.iter().zip(told.iter().skip(1));
    let word = |line: &str, name: &str| {
        Some(line.strip_prefix(name)?.trim().strip_prefix('\'')?.strip_suffix('\'')?.to_owned())
    };
    pairs.filter_map(|(table, id)| Some((word(table, "table:")?, word(id, "id:")?))).collect()
}

/// Compiles a project: no error and no warning, and every row has the id that it was given.
fn is_right(project: &Path) -> BTreeSet<(String, String)> {
    let given = keys(project);
    let (done, said) = script("build", project);
    assert!(done && said.contains("Build completed successfully"), "{said}");
    assert!(!said.contains("ERROR") && !said.contains("WARN"), "{said}");
    assert_eq!(keys(project), given, "the compiler gave other ids");
    let rows = compiled(project);
    assert_eq!(rows, given);
    rows
}

#[test]
fn a_row_of_every_sort_compiles_and_has_the_id_of_the_map() {
    if !is_installed() {
        return;
    }
    let fake = Fake::start();
    // Ids that gitsm did not choose: only the map knows them.
    fake.state().honours = false;
    let repository = repository(&fake.address());
    settle(&repository);
    let project = export(&repository);
    let rows = is_right(&project);
    for (table, key) in [
        ("sys_user_group", "group/desk"),
        ("sc_cat_item", "item/list"),
        ("item_option_new", "variable/list/kind"),
        ("contract_sla", "sla/standard/p1/resolve"),
        ("kb_knowledge", "article/mail-setup"),
    ] {
        assert!(rows.contains(&(table.to_owned(), id(&repository, key))), "{key}");
    }
    let tables: BTreeSet<&str> = rows.iter().map(|(table, _)| table.as_str()).collect();
    assert_eq!(tables.len(), 17, "{tables:?}");
    let sla = format!("dist/app/update/contract_sla_{}.xml", id(&repository, "sla/standard/p1/resolve"));
    let sla = fs::read_to_string(project.join(sla)).unwrap();
    assert!(sla.contains("<duration>1970-01-01 04:00:00</duration>"), "{sla}");
    // What the stand-in takes is what the SDK says.
    let (done, columns) = script("columns", &project);
    assert!(done);
    let known = fs::read_to_string(root().join("tests/servers/servicenow/columns.json")).unwrap();
    assert!(columns == known, "columns.json is not what `{SCRIPT} columns` prints");
    // A word, a column and a reference that are none are errors: the compiler looks at what is written.
    let groups = project.join("src/fluent/groups.now.ts");
    let mut wrong = fs::read_to_string(&groups).unwrap();
    let mistakes = [
        ("email: 'desk@example.com'", "mail: 'desk@example.com'", "'mail' does not exist"),
        ("email: 'security@example.com'", "email: 5", "5"),
        ("parent: group_desk", "parent: group_dusk", "group_dusk"),
    ];
    for (from, to, _) in mistakes {
        assert!(wrong.contains(from), "{from}");
        wrong = wrong.replacen(from, to, 1);
    }
    let slas = project.join("src/fluent/slas.now.ts");
    let right = fs::read_to_string(&slas).unwrap();
    fs::write(&slas, right.replacen("target: 'resolution'", "target: 'someday'", 1)).unwrap();
    fs::write(&groups, wrong).unwrap();
    let (done, said) = script("build", &project);
    assert!(!done, "{said}");
    for words in mistakes.map(|(_, _, words)| words).into_iter().chain(["\"someday\""]) {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn the_living_example_compiles() {
    if !is_installed() {
        return;
    }
    let repository = Repository::empty();
    for folder in ["catalog", "policies"] {
        fs::create_dir_all(repository.path().join(folder)).unwrap();
        copy(&root().join(folder), &repository.path().join(folder));
    }
    let settings = fs::read_to_string(root().join("gitsm.toml")).unwrap();
    let target = format!(
        "\n[target.now]\ntype = \"servicenow\"\nurl = \"https://example.service-now.com\"\n\
         token-variable = \"NOW_TOKEN\"\noptions.knowledge-base = \"{KNOWLEDGE}\"\noptions.scope = \"x_freight_itsm\"\n"
    );
    repository.write("gitsm.toml", settings + &target);
    let rows = is_right(&export(&repository));
    assert!(rows.len() > 1000, "{}", rows.len());
}

#[test]
fn a_folder_with_something_else_is_left_alone_and_an_earlier_export_is_replaced() {
    let repository = repository("127.0.0.1:9");
    let project = export(&repository);
    let config = fs::read_to_string(project.join("now.config.json")).unwrap();
    assert!(
        config.contains("\"name\": \"Example\"") && config.contains("\"scope\": \"x_gitsm_rulebook\""),
        "{config}"
    );
    let before = fs::read_to_string(project.join("src/fluent/groups.now.ts")).unwrap();
    assert!(before.contains("Now.ref('sys_user', { email: 'ana@example.com' })"), "{before}");
    fs::create_dir_all(project.join("node_modules")).unwrap();
    export(&repository);
    assert_eq!(fs::read_to_string(project.join("src/fluent/groups.now.ts")).unwrap(), before);
    // Without a knowledge base there are no articles, and their file goes.
    assert!(project.join("src/fluent/articles.now.ts").exists());
    let settings = repository.read("gitsm.toml");
    let line = format!("options.knowledge-base = \"{KNOWLEDGE}\"\n");
    repository.write("gitsm.toml", settings.replace(&line, ""));
    export(&repository);
    assert!(!project.join("src/fluent/articles.now.ts").exists());
    assert!(project.join("node_modules").exists());
    let export = |folder: &str, more: &[&str]| {
        let arguments = ["plan", "--target", "now", "--export", "fluent", "--out", folder];
        gitsm(&repository, &[&arguments, more].concat())
    };
    let run = export("catalog", &[]);
    assert!(run.status == 2 && run.stderr.contains("something else is there"), "{run:?}");
    let run = export("project", &["--detailed-exitcode"]);
    assert_eq!(run.status, 2, "{run:?}");
    let run = gitsm(&repository, &["plan", "--target", "now", "--export", "fluent"]);
    assert!(run.status == 2 && run.stderr.contains("--out"), "{run:?}");
    let run = gitsm(&repository, &["plan", "--target", "static", "--export", "fluent", "--out", "other"]);
    assert!(run.status == 2 && run.stderr.contains("has no `--export fluent`"), "{run:?}");
    for (scope, status) in [("x_acme_desk", 0), ("acme", 4), ("x_acme_service_desk", 4), ("x_Acme", 4)] {
        repository.write("gitsm.toml", format!("{settings}options.scope = \"{scope}\"\n"));
        assert_eq!(export("project", &[]).status, status, "{scope}");
    }
}
