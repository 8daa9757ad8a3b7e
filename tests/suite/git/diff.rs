//! What changes between two versions of a rulebook.

use std::fs;

use serde_json::Value;

use super::support::Git;
use crate::support::{Repository, Run, gitsm, root};

const DESK: &str = "catalog/desk.toml";

/// A repository of a few objects, committed.
pub fn desk() -> Git {
    let git = Git::base();
    git.write(
        DESK,
        r#"[team.night]
name = "Night"
members = ["ana", "ben"]
lead = "ana"

[access.night]
name = "Night access"
owner = "team:night"
applies-to.service = "pager"

[[access.night.rule]]
id = "first"
when.subject.department = "it"
decision = "auto-approve"
max-duration = "90d"

[[access.night.rule]]
id = "second"
when.subject.department = ["it", "sales"]
decision = "deny"

[[access.night.rule]]
id = "third"
decision = "deny"

[service.pager]
name = "Pager"
owner = "team:night"
tier = "standard"
lifecycle = "active"
"#,
    );
    git.commit("Night");
    git
}

fn diff(git: &Git, arguments: &[&str]) -> (Run, Value) {
    let run = git.gitsm(&[&["diff", "--format", "json"], arguments].concat());
    let value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {}", run.stderr));
    (run, value)
}

/// The changes in short: `changed team/night members`.
fn short(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let changes = report["changes"].as_array().unwrap().iter();
    changes
        .flat_map(|change| {
            let what = format!("{} {}", text(&change["change"]), text(&change["object"]));
            match change["fields"].as_array() {
                Some(fields) => {
                    fields.iter().map(|field| format!("{what} {}", text(&field["path"]))).collect()
                }
                None => vec![what],
            }
        })
        .collect()
}

#[test]
fn a_field_is_shown_with_both_values_and_both_places() {
    let git = desk();
    git.edit(DESK, "max-duration = \"90d\"", "\n\nmax-duration = \"180d\" # longer");
    let (run, report) = diff(&git, &[]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(short(&report), ["changed access/night rule.first.max-duration"]);
    let field = &report["changes"][0]["fields"][0];
    assert_eq!((&field["before"], &field["after"]), (&"90d".into(), &"180d".into()));
    assert_eq!(field["before-place"]["line"], 15);
    assert_eq!(field["after-place"]["line"], 17);
    assert_eq!(field["after-place"]["file"], DESK);
    let human = git.gitsm(&["diff"]).stdout;
    let expected = format!(
        "1 object changed in 1 field\nfrom commit {} (2026-09-23, Night) to the work tree\n\n\
         decisions\n  every request for 2 entitlements and of 1 request type is decided as before\n\n\
         commitments\n  what is promised about 3 services and request types is as before\n\nobjects\n\
         ~ access/night  {DESK}:6\n    rule.first.max-duration  :17\n      \"90d\" → \"180d\"\n",
        &git.head()[..12]
    );
    assert_eq!(human, expected);
    assert_eq!(git.gitsm(&["diff", "--detailed-exitcode"]).status, 3);
}

#[test]
fn what_means_the_same_is_no_change_however_it_is_written() {
    for (from, to) in [
        ("members = [\"ana\", \"ben\"]", "members = [\n  \"ben\", # first\n  \"ana\",\n]"),
        ("when.subject.department = [\"it\", \"sales\"]", "when.subject.department = [\"sales\", \"it\"]"),
        ("max-duration = \"90d\"", "max-duration = \"2160h\""),
        ("decision = \"auto-approve\"", "decision = \"auto-approve\"\nmode = \"enforce\""),
        ("when.subject.department = \"it\"", "when = { subject = { department = [\"it\"] } }"),
        ("[team.night]", "[team.\"night\"]"),
    ] {
        let git = desk();
        git.edit(DESK, from, to);
        let (run, report) = diff(&git, &["--detailed-exitcode"]);
        assert_eq!((run.status, short(&report)), (0, vec![]), "{to}");
    }
}

#[test]
fn what_means_something_else_is_a_change_of_the_field_that_says_it() {
    for (from, to, expected) in [
        ("lead = \"ana\"", "lead = \"ben\"", "changed team/night lead"),
        ("lead = \"ana\"\n", "", "changed team/night lead"),
        ("members = [\"ana\", \"ben\"]", "members = [\"ana\", \"dan\"]", "changed team/night members"),
        (
            "when.subject.department = \"it\"",
            "when.not.subject.department = \"it\"",
            "changed access/night rule.first.when.not",
        ),
        ("id = \"first\"", "id = \"1st\"", "changed access/night rule.1st"),
        ("[team.night]", "[team.evening]", "renamed team/evening"),
        (
            "max-duration = \"90d\"",
            "max-duration = \"90d\"\nmode = \"record\"",
            "changed access/night rule.first.mode",
        ),
    ] {
        let git = desk();
        git.edit(DESK, from, to);
        let (_, report) = diff(&git, &[]);
        assert!(short(&report).contains(&expected.to_owned()), "{to}: {:?}", short(&report));
    }
}

#[test]
fn two_rules_that_change_places_are_a_change_of_their_order() {
    let git = desk();
    let text = git.read(DESK);
    let parts: Vec<&str> = text.split("[[access.night.rule]]").collect();
    git.write(DESK, [parts[0], parts[2], parts[1], parts[3]].join("[[access.night.rule]]"));
    let (_, report) = diff(&git, &[]);
    assert_eq!(short(&report), ["changed access/night rule"]);
    let field = &report["changes"][0]["fields"][0];
    assert_eq!(field["change"], "order");
    assert_eq!(field["order-before"], serde_json::json!(["first", "second", "third"]));
    assert_eq!(field["order-after"], serde_json::json!(["second", "first", "third"]));
    let human = git.gitsm(&["diff"]).stdout;
    assert!(human.contains("      `second` moved before `first`\n"), "{human}");
    // A rule that is new between others says where it stands.
    git.write(
        DESK,
        text.replacen(
            "[[access.night.rule]]",
            "[[access.night.rule]]\nid = \"zero\"\ndecision = \"deny\"\n\n[[access.night.rule]]",
            1,
        ),
    );
    let human = git.gitsm(&["diff"]).stdout;
    assert!(human.contains("    rule.zero  1 of 4  "), "{human}");
    assert!(!human.contains("moved"), "{human}");
}

#[test]
fn nothing_changes_between_a_revision_and_itself_and_sides_can_be_swapped() {
    let git = desk();
    git.edit(DESK, "members = [\"ana\", \"ben\"]", "members = [\"ana\", \"dan\"]");
    git.edit(DESK, "name = \"Night\"", "name = \"Late\"");
    git.write("catalog/more.toml", "[team.dawn]\nname = \"Dawn\"\n");
    git.commit("Late");
    for same in ["HEAD..HEAD", "HEAD...HEAD", "main..HEAD", "HEAD~1...HEAD~1"] {
        let (run, report) = diff(&git, &[same, "--detailed-exitcode"]);
        assert_eq!((run.status, short(&report)), (0, vec![]), "{same}");
    }
    let (_, there) = diff(&git, &["HEAD~1..HEAD"]);
    let (_, back) = diff(&git, &["HEAD..HEAD~1"]);
    assert_eq!(short(&there), ["added team/dawn", "changed team/night members", "changed team/night name"]);
    assert_eq!(short(&back), ["removed team/dawn", "changed team/night members", "changed team/night name"]);
    for (one, other) in there["changes"].as_array().unwrap().iter().zip(back["changes"].as_array().unwrap()) {
        assert_eq!((&one["before"], &one["after"]), (&other["after"], &other["before"]));
        for (one, other) in one["fields"]
            .as_array()
            .into_iter()
            .flatten()
            .zip(other["fields"].as_array().into_iter().flatten())
        {
            assert_eq!((&one["before"], &one["after"]), (&other["after"], &other["before"]));
            assert_eq!((&one["added"], &one["removed"]), (&other["removed"], &other["added"]));
            assert_eq!(
                (&one["before-place"], &one["after-place"]),
                (&other["after-place"], &other["before-place"])
            );
        }
    }
}

#[test]
fn fingerprints_survive_moves_and_other_edits_and_nothing_else() {
    let prints = |git: &Git| -> Vec<String> {
        let (_, report) = diff(git, &["HEAD~1..HEAD"]);
        let changes = report["changes"].as_array().unwrap().clone();
        let fields =
            changes.iter().flat_map(|change| change["fields"].as_array().cloned().unwrap_or_default());
        let all = changes.iter().cloned().chain(fields);
        all.filter_map(|one| one["fingerprint"].as_str().map(str::to_owned)).collect()
    };
    let git = desk();
    git.edit(DESK, "max-duration = \"90d\"", "max-duration = \"180d\"");
    git.commit("Longer");
    let first = prints(&git);
    assert_eq!(first.len(), 1);
    let other = desk();
    other.write(
        "catalog/moved.toml",
        format!(
            "# moved\n\n{}",
            other.read(DESK).replace("90d", "180d").replace("Night access", "Access by night")
        ),
    );
    fs::remove_file(other.path().join(DESK)).unwrap();
    other.commit("Longer, and elsewhere");
    let second = prints(&other);
    assert_eq!(second.len(), 2);
    assert!(second.contains(&first[0]), "{first:?} {second:?}");
    let longer = desk();
    longer.edit(DESK, "max-duration = \"90d\"", "max-duration = \"181d\"");
    longer.commit("Another length");
    assert!(!prints(&longer).contains(&first[0]));
}

#[test]
fn sides_are_named_as_for_git() {
    let git = desk();
    git.git(&["checkout", "--quiet", "-b", "feature"]);
    git.edit(DESK, "name = \"Night\"", "name = \"Late\"");
    git.commit("Late");
    git.git(&["checkout", "--quiet", "main"]);
    git.edit(DESK, "lead = \"ana\"", "lead = \"ben\"");
    git.commit("Lead");
    let of = |arguments: &[&str]| short(&diff(&git, arguments).1);
    assert_eq!(of(&["main..feature"]), ["changed team/night lead", "changed team/night name"]);
    assert_eq!(of(&["main...feature"]), ["changed team/night name"]);
    assert_eq!(of(&["feature...main"]), ["changed team/night lead"]);
    assert_eq!(of(&["...feature"]), ["changed team/night name"]);
    assert_eq!(of(&["feature.."]), ["changed team/night lead", "changed team/night name"]);
    assert_eq!(of(&["HEAD~1"]), ["changed team/night lead"]);
    assert_eq!(of(&[]), Vec::<String>::new());
    // The index and the files.
    git.edit(DESK, "lead = \"ben\"", "lead = \"dan\"");
    git.git(&["add", "--all"]);
    git.edit(DESK, "\"ana\", \"ben\"", "\"ana\"");
    assert_eq!(of(&["--staged"]), ["changed team/night lead"]);
    assert_eq!(of(&["--staged", "HEAD~1"]), ["changed team/night lead"]);
    assert_eq!(of(&[]), ["changed team/night lead", "changed team/night members"]);
    // Two folders, without Git.
    let (one, other) = (Repository::base(), Repository::base());
    other.write("catalog/more.toml", "[team.dawn]\nname = \"Dawn\"\n");
    let folders = [one.path().to_str().unwrap(), other.path().to_str().unwrap()];
    let run = gitsm(&["diff", folders[0], folders[1], "--now", "2026-11-20"], &root());
    assert!(run.stdout.starts_with("1 object added\n"), "{}", run.stdout);
    for (arguments, expected) in [
        (&["main..mian"][..], "there is no revision `mian`: did you mean `main`?"),
        (&["main", "feature"], "`main` is no folder: two folders are compared by `gitsm diff OLD NEW`"),
        (&["--staged", "main..feature"], "`main..feature` names both sides"),
        (&["main..unrelated"], "there is no revision `unrelated`"),
        (&["main...orphan"], "have no common history"),
    ] {
        if arguments[0].ends_with("orphan") {
            let tree = git.git(&["rev-parse", "main^{tree}"]);
            git.git(&["branch", "orphan", &git.commit_of(&tree)]);
        }
        let run = git.gitsm(&[&["diff"], arguments].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(expected), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn several_merge_bases_are_named_rather_than_one_of_them_taken() {
    let git = desk();
    let tree = git.git(&["rev-parse", "HEAD^{tree}"]);
    let commit = |parents: &[&str], message: &str| {
        let mut words = vec!["commit-tree", tree.as_str(), "-m", message];
        words.extend(parents.iter().flat_map(|parent| ["-p", parent]));
        git.git(&words)
    };
    let head = git.head();
    let (a, b) = (commit(&[&head], "a"), commit(&[&head], "b"));
    let (one, other) = (commit(&[&a, &b], "one"), commit(&[&b, &a], "other"));
    let run = git.gitsm(&["diff", &format!("{one}...{other}")]);
    assert!(
        run.status == 2 && run.stderr.contains("have 2 merge bases: write the one that is meant"),
        "{}",
        run.stderr
    );
}

#[test]
fn without_a_rulebook_before_everything_is_new() {
    let git = Git::empty();
    git.write("README.md", "Nothing yet.");
    crate::support::copy(&root().join("tests/base"), git.path());
    // No commit at all.
    let (run, report) = diff(&git, &[]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let all = short(&report);
    assert!(all.len() > 20 && all.iter().all(|one| one.starts_with("added ")), "{all:?}");
    assert_eq!(all[0], "added gitsm.toml");
    assert_eq!(report["before"]["exists"], false);
    git.git(&["add", "README.md"]);
    git.git(&["commit", "--quiet", "-m", "Readme"]);
    let (_, report) = diff(&git, &[]);
    assert_eq!(short(&report), all);
    assert!(
        git.gitsm(&["diff"]).stdout.contains(", Readme), without a rulebook to the work tree"),
        "{}",
        git.gitsm(&["diff"]).stdout
    );
    // Neither side has one.
    git.git(&["commit", "--quiet", "--allow-empty", "-m", "More"]);
    let run = git.gitsm(&["diff", "HEAD~1..HEAD"]);
    let expected = "error: there is no `gitsm.toml` on either side, so there is nothing to compare\n";
    assert_eq!((run.status, run.stderr.as_str()), (2, expected));
    // And all of it can go away again.
    git.commit("Base");
    git.git(&["rm", "--quiet", "-r", "gitsm.toml", "catalog", "policies"]);
    git.commit("Away");
    let (_, report) = diff(&git, &["HEAD~1..HEAD"]);
    assert_eq!(short(&report), all.iter().map(|one| one.replace("added", "removed")).collect::<Vec<_>>());
}

#[test]
fn what_cannot_be_compared_is_never_equal() {
    // An object that makes no sense, on either side.
    let git = desk();
    git.edit(DESK, "lead = \"ana\"", "lead = 7");
    let run = git.gitsm(&["diff"]);
    assert_eq!(run.status, 6, "{}", run.stdout);
    assert!(run.stdout.starts_with("no object changed, as far as could be compared\n"), "{}", run.stdout);
    assert!(run.stdout.contains("\n  ? `team/night` is wrong after the change\n"), "{}", run.stdout);
    assert!(run.stderr.contains("error[") && run.stderr.contains("catalog/desk.toml:4:8"), "{}", run.stderr);
    git.commit("Broken");
    git.write("catalog/more.toml", "[team.dawn]\nname = \"Dawn\"\n");
    git.edit(DESK, "lead = 7", "lead = \"ana\"");
    let (run, report) = diff(&git, &[]);
    assert_eq!(run.status, 6);
    assert_eq!(short(&report), ["added team/dawn"]);
    assert_eq!(report["summary"]["complete"], false);
    assert_eq!(report["uncompared"][0]["object"], "team/night");
    assert_eq!(report["uncompared"][0]["side"], "before");
    // A file that cannot be read may hold what is missing.
    git.commit("Mended");
    git.write(DESK, "[team.night\n");
    let (run, report) = diff(&git, &[]);
    assert_eq!((run.status, short(&report)), (6, vec![]));
    let why: Vec<&str> =
        report["uncompared"].as_array().unwrap().iter().map(|one| one["why"].as_str().unwrap()).collect();
    assert_eq!(why, ["unreadable", "hidden", "hidden", "hidden"]);
    // Both sides broken.
    git.commit("Broken again");
    git.write("catalog/more.toml", "[team.dawn]\nname = \"Dusk\"\n");
    let (run, report) = diff(&git, &[]);
    assert_eq!(run.status, 6);
    assert_eq!(short(&report), ["changed team/dawn name"]);
    assert_eq!(report["before"]["complete"], false);
    // The neighbour: a warning is no reason to know less.
    let git = desk();
    git.edit(DESK, "lead = \"ana\"", "lead = \"dan\"");
    assert_eq!(diff(&git, &[]).0.status, 0);
}

#[test]
fn settings_and_people_of_a_csv_file_are_compared() {
    let git = Git::empty();
    git.write("gitsm.toml", "[project]\nname = \"Desk\"\n\n[[people]]\nfile = \"catalog/people.csv\"\n");
    git.write("catalog/people.csv", "id,name,department\nana,Ana,it\nben,Ben,it\ncleo,Cleo,sales\n");
    git.commit("People");
    git.write("catalog/people.csv", "id,name,department\ncleo,Cleo,it\nben,Ben,it\ndan,Dan,it\n");
    git.edit("gitsm.toml", "name = \"Desk\"", "name = \"Desk\"\npriorities = [\"p1\", \"p2\"]");
    let (run, report) = diff(&git, &[]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(
        short(&report),
        [
            "changed gitsm.toml project.priorities",
            "removed person/ana",
            "changed person/cleo department",
            "added person/dan"
        ]
    );
    assert_eq!(report["changes"][2]["after"]["line"], 2);
}

#[test]
fn nothing_of_the_rulebook_becomes_more_than_text() {
    let git = desk();
    git.edit(
        DESK,
        "name = \"Night\"",
        "name = \"\\u001b[31m</code><img src=x> @org/admins fixes #1 | `x` ::error::\\n::set-output\"",
    );
    for format in ["human", "markdown", "github", "json"] {
        let text = git.gitsm(&["diff", "--format", format, "--text"]).stdout;
        assert!(!text.contains('\u{1b}'), "{format}: {text}");
        assert!(text.contains("org"), "{format}");
        if format == "markdown" {
            for raw in ["<img", "@org", "#1", "`x`"] {
                assert!(!text.replace("&#", "").contains(raw), "{raw}: {text}");
            }
        }
        if format == "github" {
            assert!(text.lines().all(|line| line.starts_with("::notice ")), "{text}");
        }
    }
    // The message of a commit neither.
    git.commit("<img src=x> \u{1b}[31m @org");
    let text = git.gitsm(&["diff", "HEAD..HEAD", "--format", "markdown"]).stdout;
    assert!(!text.contains("<img") && !text.contains('\u{1b}') && !text.contains("@org"), "{text}");
}

#[test]
fn a_secret_that_is_taken_away_is_not_shown_once_more() {
    let git = desk();
    let key = format!("AKIA{}", "Q3EXAMPLE7ZXCVBN");
    git.edit(DESK, "name = \"Night\"", &format!("name = \"{key}\""));
    git.commit("Secret");
    git.edit(DESK, &key, "Night");
    for format in ["human", "markdown", "github", "json"] {
        let run = git.gitsm(&["diff", "--format", format, "--text"]);
        let concealed = run.stdout.contains("***") || run.stdout.contains("&#42;&#42;&#42;");
        assert!(concealed, "{format}: {}", run.stdout);
        assert!(!run.stdout.contains(&key) && !run.stderr.contains(&key), "{format}");
    }
}

#[test]
fn long_lists_are_cut_and_counted() {
    let git = Git::base();
    let many: String =
        (0..300).map(|number| format!("[team.team-{number}]\nname = \"Team {number}\"\n\n")).collect();
    git.write("catalog/many.toml", many);
    let human = git.gitsm(&["diff"]).stdout;
    assert!(human.starts_with("300 objects added\n"), "{human}");
    assert!(human.ends_with("… and 100 more objects changed; `--max-changes 0` lists all\n"), "{human}");
    let markdown = git.gitsm(&["diff", "--format", "markdown", "--max-changes", "0", "--text"]).stdout;
    assert!(markdown.len() < 65_536 && markdown.contains("team-299"), "{}", markdown.len());
    let (_, report) = diff(&git, &["--max-changes", "5"]);
    assert_eq!(report["changes"].as_array().unwrap().len(), 5);
    assert_eq!(report["summary"]["objects-not-listed"], 295);
    assert_eq!(report["summary"]["added"], 300);
}

#[test]
fn the_lines_that_differ_are_shown_to_those_who_ask() {
    let git = desk();
    git.edit(DESK, "max-duration = \"90d\"", "max-duration = \"180d\"");
    fs::rename(git.path().join("catalog/services.toml"), git.path().join("catalog/offers.toml")).unwrap();
    let run = git.gitsm(&["diff", "--text"]);
    assert!(run.stdout.contains("\ncatalog/services.toml moved to catalog/offers.toml\n"), "{}", run.stdout);
    assert!(run.stdout.contains("\n-max-duration = \"90d\"\n+max-duration = \"180d\"\n"), "{}", run.stdout);
    assert!(!run.stdout.contains("-[service"), "{}", run.stdout);
    let run = git.gitsm(&["diff", "--text", "--color", "always"]);
    assert!(run.stdout.contains("\u{1b}[4m180d"), "{}", run.stdout);
    assert!(!git.gitsm(&["diff"]).stdout.contains("-max-duration"));
}
