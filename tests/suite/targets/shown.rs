//! What people read: kept as snapshots in `tests/snapshots/plan`.

use std::fs;

use super::{NOW, apply, plan, publish, repository};
use crate::{golden::Folder, support::gitsm};

#[test]
fn plans_drift_and_what_came_of_them_read_well() {
    let repository = repository();
    let mut kept = Folder::new("tests/snapshots/plan", ".txt");
    let shown = |arguments: &[&str]| {
        let run = gitsm(&[arguments, &["--target", "static", "--now", NOW]].concat(), repository.path());
        run.stdout + &run.stderr
    };
    kept.check("first", &shown(&["plan"]));
    publish(repository.path());
    kept.check("nothing", &shown(&["plan"]));
    let services = repository.read("catalog/services.toml");
    let changed = services.replacen("Mailboxes and calendars.", "Mailboxes.", 1).replacen(
        "tier = \"standard\"",
        "tier = \"standard\"\nretire-on = 2029-12-31",
        1,
    );
    repository.write("catalog/services.toml", changed);
    repository.write("public/portal.html", "<h1>Portal</h1>");
    let desk = repository.read("public/v1/team/desk.json");
    repository.write("public/v1/team/desk.json", desk.replacen("\"name\": \"", "\"name\": \"Not the ", 1));
    fs::remove_file(repository.path().join("public/v1/tier/standard.json")).unwrap();
    kept.check("changes", &shown(&["plan"]));
    kept.check("drift", &shown(&["drift"]));
    let run = plan(repository.path(), &["--format", "markdown"]);
    kept.check("markdown", &run.stdout);
    let run = apply(repository.path(), &[]);
    kept.check("applied", &(run.stdout + &run.stderr));
    repository.write(
        "gitsm.toml",
        repository.read("gitsm.toml") + "\n[target.static]\ntype = \"static\"\nlimits.updates = 0\n",
    );
    repository.write("catalog/services.toml", services);
    kept.check("refused", &shown(&["plan", "--format", "markdown"]));
    kept.check("refused-human", &shown(&["plan"]));
    kept.finish();
}

#[test]
fn what_comes_from_a_document_cannot_speak_to_the_terminal_or_break_out_of_a_comment() {
    let repository = repository();
    publish(repository.path());
    let services = repository.read("catalog/services.toml");
    let hostile = "</details> @org/admins `x` | \\u001B]0;title\\u0007";
    repository.write("catalog/services.toml", services.replacen("Mailboxes and calendars.", hostile, 1));
    for format in ["human", "markdown", "json"] {
        let run = plan(repository.path(), &["--format", format]);
        if run.status == 1 {
            // The rulebook itself is refused for such a text, which is as good.
            return;
        }
        assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains('\u{7}'), "{}", run.stdout);
        if format == "markdown" {
            assert!(!run.stdout.contains("</details> @org"), "{}", run.stdout);
        }
    }
}
