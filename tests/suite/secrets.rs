//! A secret that stands in a document is never repeated by what gitsm writes about the document: the report is
//! read by others, and stays in logs after the secret was taken out.

use crate::support::{Repository, gitsm};

/// Made up, and unlike every word of gitsm.
const SECRET: &str = "Zq7-violet-Anvil-93";

/// Documents that hold the secret, with the code of the finding that shows its line.
fn documents() -> Vec<(&'static str, String, &'static str)> {
    let article = |summary: &str| {
        format!(
            "[article.import]\ntitle = \"Import\"\nsummary = {summary}\nowner = \"team:desk\"\n\
             review-date = 2027-06-30\ncovers = [\"service:mail\"]\n"
        )
    };
    let settings = "[project]\nname = \"Example\"\ntime-zone = \"Europe/Berlin\"\npriorities = [\"p1\", \"p2\", \"p3\"]\n\
                    currency = \"EUR\"\n";
    let target = "[target.desk]\ntype = \"request-tracker\"\nurl = \"https://desk.example.com\"\n";
    vec![
        ("catalog/a.toml", article(&format!("\"log in with password: {SECRET}\"")), "GS2091"),
        ("catalog/a.toml", article(&format!("'''\nlog in\nwith token={SECRET}\nquickly'''")), "GS2091"),
        // Written so that only the value holds the secret, and not the text of the file.
        ("catalog/a.toml", article(&format!("\"log in with p\\u0061ssword: {SECRET}\"")), "GS2091"),
        ("gitsm.toml", format!("{settings}{target}options.password = \"{SECRET}\"\n"), "GS2091"),
        (
            "gitsm.toml",
            format!("{settings}{target}options = {{ a = 1, password = \"{SECRET}\" }}\n"),
            "GS2091",
        ),
        // Shown for another reason.
        ("catalog/a.toml", article(&format!("\"words\" # the password: {SECRET}\nowner = 3")), "GS1006"),
        ("gitsm.toml", format!("{settings}[target.desk]\npassword = \"{SECRET}\"\n"), "GS1102"),
        (
            "catalog/a.toml",
            article("\"words\"").replace("2027-06-30", &format!("\"token={SECRET}\"")),
            "GS1104",
        ),
        ("catalog/a.toml", format!("[service.wiki]\nlifecycle = \"token={SECRET}\"\n"), "GS1106"),
    ]
}

#[test]
fn no_format_repeats_a_secret() {
    for (path, text, code) in documents() {
        let repository = Repository::base();
        repository.write(path, &text);
        for format in gitsm::report::FORMATS {
            for colour in ["never", "always"] {
                let arguments = ["validate", "--now", "2026-11-20T12:00:00Z", "--color", colour, "--format"];
                let run = gitsm(&[&arguments[..], &[format.name]].concat(), repository.path());
                let shown = format!("{}{}", run.stdout, run.stderr);
                assert_eq!(run.status, 1, "{run:?}");
                assert!(shown.contains(code), "{}: {code} is found in\n{text}\n{shown}", format.name);
                for part in [SECRET, "violet", "Anvil"] {
                    assert!(!shown.contains(part), "{} repeats the secret of\n{text}\n{shown}", format.name);
                }
            }
        }
    }
}

#[test]
fn the_place_of_a_secret_is_shown_without_it() {
    let repository = Repository::base();
    let (path, text, _) = documents().swap_remove(0);
    repository.write(path, &text);
    let arguments = ["validate", "--now", "2026-11-20T12:00:00Z"];
    let shown = gitsm(&arguments, repository.path()).stdout;
    assert!(shown.contains("summary = \"***\"\n"), "{shown}");
    assert!(shown.contains("catalog/a.toml:3:11"), "{shown}");
    // Its neighbour is shown as it stands.
    repository.write(
        path,
        text.replace(&format!("password: {SECRET}"), "your password and stay").replace("2027-", "2020-"),
    );
    let shown = gitsm(&arguments, repository.path()).stdout;
    assert!(!shown.contains("***"), "{shown}");
}

#[test]
fn a_fingerprint_does_not_tell_whether_a_guess_is_right() {
    let fingerprint = |secret: &str| {
        let repository = Repository::base();
        let (path, text, _) = documents().swap_remove(0);
        repository.write(path, text.replace(SECRET, secret));
        let run =
            gitsm(&["validate", "--format", "sarif", "--now", "2026-11-20T12:00:00Z"], repository.path());
        let log: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        assert_eq!(results[0]["ruleId"], "GS2091");
        results[0]["partialFingerprints"].clone()
    };
    assert_eq!(fingerprint(SECRET), fingerprint("Summer2026!"));
}

#[test]
fn what_would_change_and_what_is_shown_hold_no_secret_and_say_so() {
    let repository = Repository::base();
    let article = format!(
        "[article.import]\ntitle = \"Import\"\nsummary=\"log in with password: {SECRET}\"\nowner = \"team:desk\"\n\
         review-date = \"2027-06-30\"\ncovers = [\"service:mail\"]\n"
    );
    let masked = "\"***\"";
    let said = "secrets are shown as ***";
    for arguments in
        [&["validate", "--diff"][..], &["fmt", "--diff"], &["show", "article/import"], &["show", "article"]]
    {
        for colour in ["never", "always"] {
            // Only a sound document is shown; what is to be mended is the date.
            let is_show = arguments.first() == Some(&"show");
            let date = if is_show { "2027-06-30" } else { "\"2027-06-30\"" };
            repository.write("catalog/a.toml", article.replace("\"2027-06-30\"", date));
            let formats: &[&[&str]] = if is_show { &[&[], &["--format", "json"]] } else { &[&[]] };
            for format in formats {
                let run = gitsm(&[arguments, &["--color", colour], format].concat(), repository.path());
                let shown = format!("{}{}", run.stdout, run.stderr);
                assert!(!shown.contains("Anvil"), "{arguments:?}: {shown}");
                assert!(shown.contains(said), "{arguments:?}: {shown}");
                assert!(is_show || shown.contains(masked), "{arguments:?}: {shown}");
                // Its neighbour is shown as it stands, and nothing is said.
                repository.write(
                    "catalog/a.toml",
                    article
                        .replace(&format!("password: {SECRET}"), "your password and stay")
                        .replace("\"2027-06-30\"", date),
                );
                let run = gitsm(&[arguments, &["--color", colour], format].concat(), repository.path());
                let shown = format!("{}{}", run.stdout, run.stderr);
                assert!(!shown.contains("***"), "{arguments:?}: {shown}");
                repository.write("catalog/a.toml", article.replace("\"2027-06-30\"", date));
            }
        }
    }
}
