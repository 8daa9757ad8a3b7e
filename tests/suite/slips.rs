//! What somebody writes who is new to it, and what they are told to write instead.

use serde_json::Value;

use crate::support::{Repository, gitsm};

const SERVICE: &str = "[service.wiki]\nname = \"Wiki\"\ndescription = \"Pages.\"\nowner = \"team:desk\"\ntier = \"standard\"\n\
                       lifecycle = \"active\"\nsupport-team = \"desk\"\ncategory = \"software\"\nreview-date = 2030-01-01\n";
const ACCESS: &str = "[access.other]\nowner = \"team:desk\"\napplies-to.category = \"software\"\nreview-date = 2030-01-01\n\
                      [[access.other.rule]]\nid = \"a\"\ndecision = \"deny\"\n";
const TEAM: &str = "[team.wiki]\nname = \"Wiki\"\nmembers = [\"ana\", \"ben\"]\nlead = \"ana\"\nmailbox = \"wiki@example.com\"\n";
const TIER: &str =
    "[tier.low]\nname = \"Low\"\nrank = 3\ndowntime-cost = \"1 EUR\"\navailability = \"90%\"\n";
const CALENDAR: &str =
    "[calendar.c]\nname = \"C\"\ntime-zone = \"Europe/Berlin\"\nweekly.mon-fri = [\"09:00-17:00\"]\n";
const WORKFLOW: &str = "[workflow.w]\nname = \"W\"\nowner = \"team:desk\"\n[[workflow.w.stage]]\nid = \"a\"\n\
                        approvers = [\"team:desk\"]\nneed = 1\nwithin = \"2d\"\non-timeout = \"deny\"\n";
const RIGHT: &str = "[service.wiki.entitlement.user]\nname = \"U\"\nrisk = \"low\"\nprivileged = false\n";

fn findings(text: &str) -> Vec<Value> {
    let repository = Repository::base();
    repository.write("catalog/a.toml", text);
    let run = gitsm(&["validate", "--format", "json", "--now", "2026-11-20T12:00:00Z"], repository.path());
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    report["findings"].as_array().unwrap().clone()
}

/// The finding about what was written, and its help.
fn about(text: &str, slip: &str) -> (Value, String) {
    let found = findings(text);
    let [one] = found.as_slice() else { panic!("{slip}: one mistake is one finding\n{found:#?}") };
    let help = one["help"].as_str().unwrap_or_else(|| panic!("{slip}: {one:#}")).to_owned();
    (one.clone(), help)
}

#[test]
fn what_was_most_likely_meant_is_offered_and_right() {
    let service_with_right = format!("{SERVICE}{RIGHT}");
    for (document, right, slip, help) in [
        // Somebody.
        (SERVICE, "\"team:desk\"", "\"desk\"", "did you mean `team:desk`?"),
        (SERVICE, "\"team:desk\"", "\"@desk\"", "did you mean `team:desk`?"),
        (SERVICE, "\"team:desk\"", "\"Service desk\"", "did you mean `team:desk`?"),
        (SERVICE, "\"team:desk\"", "\"desk@example.com\"", "did you mean `team:desk`?"),
        (SERVICE, "\"team:desk\"", "\"group:desk\"", "did you mean `team:desk`?"),
        (SERVICE, "\"team:desk\"", "\"team/desk\"", "did you mean `team:desk`?"),
        (SERVICE, "\"team:desk\"", "[\"team:desk\"]", "did you mean `team:desk`?"),
        (WORKFLOW, "\"team:desk\"]", "\"manager\"]", "did you mean `role:manager`?"),
        // References.
        (SERVICE, "= \"desk\"", "= \"team:desk\"", "did you mean `desk`?"),
        (SERVICE, "= \"desk\"", "= \"Service Desk\"", "did you mean `desk`?"),
        (SERVICE, "= \"desk\"", "= [\"desk\"]", "did you mean `desk`?"),
        (TEAM, "lead = \"ana\"", "lead = \"Ana Silva\"", "did you mean `ana`?"),
        (TEAM, "lead = \"ana\"", "lead = \"ana@example.com\"", "did you mean `ana`?"),
        (TEAM, "[\"ana\", \"ben\"]", "[\"person:ana\", \"ben\"]", "did you mean `ana`?"),
        (TEAM, "[\"ana\", \"ben\"]", "\"ana\"", "did you mean `[\"ana\"]`?"),
        // Decisions and conditions.
        (ACCESS, "= \"deny\"", "= \"manager\"", "did you mean `decision.workflow = \"manager\"`?"),
        (ACCESS, "decision = \"deny\"", "workflow = \"manager\"", "did you mean `decision.workflow`?"),
        (ACCESS, "= \"deny\"", "= \"auto\"", "did you mean `auto-approve`?"),
        (ACCESS, "decision", "max-duration = \"180 days\"\ndecision", "did you mean `180d`?"),
        (ACCESS, "decision", "require = \"justification\"\ndecision", "did you mean `[\"justification\"]`?"),
        (ACCESS, "decision", "when.department = \"it\"\ndecision", "did you mean `subject.department`?"),
        // Values.
        (
            &service_with_right,
            "privileged = false",
            "privileged = \"no\"",
            "did you mean `false` without quotes?",
        ),
        (&service_with_right, "\"low\"", "\"Low\"", "did you mean `low`?"),
        (SERVICE, "2030-01-01", "\"01.02.2030\"", "did you mean `2030-02-01` without quotes?"),
        (SERVICE, "2030-01-01", "20300201", "did you mean `2030-02-01` without quotes?"),
        (WORKFLOW, "\"2d\"", "\"2 days\"", "did you mean `2d`?"),
        (WORKFLOW, "= 1", "= \"1\"", "did you mean `1` without quotes?"),
        (TIER, "= 3", "= \"3\"", "did you mean `3` without quotes?"),
        (TIER, "\"1 EUR\"", "\"€1,000\"", "did you mean `1000 EUR`?"),
        (TIER, "\"90%\"", "\"99,5 %\"", "did you mean `99.5%`?"),
        (TIER, "\"90%\"", "90", "did you mean `90%`?"),
        (CALENDAR, "[\"09:00-17:00\"]", "[\"9am - 5pm\"]", "did you mean `09:00-17:00`?"),
        (CALENDAR, "weekly.mon-fri", "weekly.Monday-Friday", "did you mean `mon-fri`?"),
        (CALENDAR, "weekly.mon-fri", "weekly.monday", "did you mean `mon`?"),
    ] {
        assert!(document.contains(right), "{right} is in\n{document}");
        let text = document.replacen(right, slip, 1);
        let (one, said) = about(&text, slip);
        assert_eq!(said, help, "{slip}\n{one:#}");
        // What is offered passes.
        let mut mended = text.clone();
        let edits = one["fix"]["edits"].as_array().unwrap_or_else(|| panic!("{slip}\n{one:#}"));
        for edit in edits {
            let offset = |key: &str| usize::try_from(edit["place"][key].as_u64().unwrap()).unwrap();
            mended.replace_range(offset("start")..offset("end"), edit["text"].as_str().unwrap());
        }
        let shape = ["GS10", "GS11", "GS12"];
        let left = findings(&mended);
        let wrong =
            |one: &&Value| shape.iter().any(|family| one["code"].as_str().unwrap().starts_with(family));
        assert_eq!(left.iter().find(wrong), None, "{slip} becomes\n{mended}");
        assert_eq!(one["fix"]["safety"], "suggestion", "{slip}: it is a guess");
    }
}

#[test]
fn where_nothing_can_be_offered_the_help_says_how_to_write_it() {
    for (document, right, slip, help) in [
        (SERVICE, "\"team:desk\"", "\"nobody\"", "For example `team:network`, `person:ana.silva`"),
        (ACCESS, "= \"deny\"", "= \"nobody\"", "or write `decision.workflow = …`"),
        (WORKFLOW, "= \"deny\"", "= \"escalate\"", "write `on-timeout.escalate = …`"),
        (
            ACCESS,
            "decision",
            "when.entitlement.risk = \"<= medium\"\ndecision",
            "write `risk.max = \"medium\"`",
        ),
        (SERVICE, "2030-01-01", "\"June 2030\"", "For example `2026-05-01`"),
        (ACCESS, "decision", "when.request.duration.max = \"6 months\"\ndecision", "did you mean `180d`?"),
        (WORKFLOW, "\"2d\"", "2", "for example `30m`, `4h`"),
        (TIER, "\"1 EUR\"", "1000", "for example `1200 EUR`"),
    ] {
        let text = document.replacen(right, slip, 1);
        let (one, said) = about(&text, slip);
        assert!(said.contains(help), "{slip}\n{one:#}");
        assert_eq!(one["fix"], Value::Null, "{slip}\n{one:#}");
    }
}

#[test]
fn two_that_could_be_meant_are_both_named() {
    let text = format!(
        "{}[team.ana]\nname = \"Ana's team\"\nmembers = [\"ana\"]\n",
        SERVICE.replacen("team:desk", "ana", 1)
    );
    let found = findings(&text);
    let one = found.iter().find(|one| one["code"] == "GS1104").unwrap();
    assert_eq!(one["help"], "did you mean `team:ana` or `person:ana`?");
    assert_eq!(one["fix"], Value::Null);
}

#[test]
fn a_text_of_the_wrong_form_is_told_its_form() {
    for (line, help) in [
        ("sla = \"99%\"", "Write an id: lower-case letters, digits, dots, dashes and underscores"),
        ("availability = \"very\"", "For example `40%`, `99.95%`"),
    ] {
        let repository = Repository::base();
        repository.write("catalog/a.toml", format!("[service.wiki]\n{line}\n"));
        let run = gitsm(&["validate", "--format", "json", "--only", "GS1104"], repository.path());
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let said = report["findings"][0]["help"].as_str().unwrap_or_default();
        assert!(said.ends_with(help), "{line}: {report:#}");
    }
}

/// What is found, with the help, and what is left once what is offered is written.
fn mended(text: &str) -> (Vec<(String, String)>, Vec<String>) {
    let found = findings(text);
    let shown = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let said = found.iter().map(|one| (shown(one, "code"), shown(one, "help"))).collect();
    let mut text = text.to_owned();
    for one in found.iter().rev() {
        for edit in one["fix"]["edits"].as_array().into_iter().flatten() {
            let offset = |key: &str| usize::try_from(edit["place"][key].as_u64().unwrap()).unwrap();
            text.replace_range(offset("start")..offset("end"), edit["text"].as_str().unwrap());
        }
    }
    let left = findings(&text);
    let shape = left.iter().map(|one| shown(one, "code")).filter(|code| code < &"GS1300".to_owned());
    (said, shape.collect())
}

#[test]
fn a_heading_with_the_wrong_brackets_is_told_the_right_ones() {
    for (text, help) in [
        (ACCESS.replace("[[access.other.rule]]", "[access.other.rule]"), "write `[[access.other.rule]]`"),
        (ACCESS.replace("[[access.other.rule]]", "[access.other.rules]"), "write `[[access.other.rule]]`"),
        (ACCESS.replace("[[access.other.rule]]", "[[access.other.rules]]"), "did you mean `rule`?"),
        (WORKFLOW.replace("[[workflow.w.stage]]", "[workflow.w.stage]"), "write `[[workflow.w.stage]]`"),
        (
            format!(
                "{SERVICE}{}",
                RIGHT.replace("[service.wiki.entitlement.user]", "[[service.wiki.entitlement.user]]")
            ),
            "write `[service.wiki.entitlement.user]`",
        ),
    ] {
        let (said, left) = mended(&text);
        let [(_, one)] = said.as_slice() else { panic!("{text}\n{said:?}") };
        assert!(one.starts_with(help), "{text}\n{one}");
        assert_eq!(left, Vec::<String>::new(), "{text}");
    }
    // What has more keys to move is only told.
    for (text, help) in [
        (
            format!("{SERVICE}[[service.wiki.entitlement]]\nid = \"user\"\nname = \"U\"\n"),
            "write `[service.wiki.entitlement.user]`: it is a table",
        ),
        (
            SERVICE.replace("[service.wiki]", "[[service]]\nid = \"wiki\""),
            "write `[service.wiki]` and its keys below it",
        ),
    ] {
        let (said, _) = mended(&text);
        let [(_, one)] = said.as_slice() else { panic!("{text}\n{said:?}") };
        assert_eq!(one, help, "{text}");
    }
}

#[test]
fn a_part_of_an_object_that_does_not_exist_is_told_the_one_with_nearly_its_id() {
    let right =
        RIGHT.replace("service.wiki.", "service.mial.").replace("entitlement.user", "entitlement.guest");
    for text in [right, "[[access.mial.rule]]\nid = \"a\"\ndecision = \"deny\"\n".to_owned()] {
        let found = findings(&text);
        let [one] = found.as_slice() else { panic!("{text}\n{found:#?}") };
        assert_eq!(
            (one["code"].as_str(), one["help"].as_str()),
            (Some("GS1101"), Some("did you mean `mail`?"))
        );
        assert_eq!(one["fix"]["edits"][0]["text"], "mail");
    }
    // One with its own heading lacks what it lacks.
    let own = findings("[service.mial]\nowner = \"team:desk\"\n");
    assert!(own.iter().any(|one| one["message"] == "the key `name` is missing"), "{own:#?}");
}

#[test]
fn operators_of_other_languages_and_entitlements_without_a_service_are_told() {
    for (line, help) in [
        ("when.entitlement.risk.lte = \"low\"", "did you mean `max`?"),
        ("when.entitlement.risk.maximum = \"low\"", "did you mean `max`?"),
        ("when.subject.department.like = \"s*\"", "did you mean `glob`?"),
        ("when.entitlement.risk.max = 3", "for example `\"low\"`, `\"medium\"`, `\"high\"`, `\"critical\"`"),
    ] {
        let (_, said) = about(&format!("{ACCESS}{line}\n"), line);
        assert_eq!(said, help, "{line}");
    }
    let bundle = "[bundle.b]\nname = \"B\"\nowner = \"team:desk\"\nwhen.subject.department = \"it\"\nentitlements = [\"user\"]\n";
    let (said, left) = mended(bundle);
    assert_eq!(said, [("GS1104".to_owned(), "did you mean `mail/user`?".to_owned())]);
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn ids_that_only_look_right_are_named_wherever_they_stand() {
    for (text, shown) in [
        (
            format!("{SERVICE}{}", RIGHT.replace("entitlement.user", "entitlement.\"\u{443}ser\"")),
            "`\u{443}ser` looks like `yser`",
        ),
        (
            format!("{SERVICE}{}", RIGHT.replace("entitlement.user", "entitlement.\"us\u{435}r\"")),
            "`us\u{435}r` looks like `user`",
        ),
    ] {
        let found = findings(&text);
        let [one] = found.as_slice() else { panic!("{text}\n{found:#?}") };
        assert_eq!(one["code"], "GS1009");
        assert!(one["message"].as_str().unwrap().starts_with(shown), "{one:#}");
    }
}

#[test]
fn a_team_in_place_of_a_person_is_told_how_to_say_so() {
    let (one, said) = about(&SERVICE.replacen("team:desk", "team:ana", 1), "team:ana");
    assert_eq!((one["code"].as_str(), said.as_str()), (Some("GS1203"), "did you mean `person:ana`?"));
    let (_, said) = about(&SERVICE.replacen("support-team = \"desk\"", "support-team = \"mail\"", 1), "mail");
    assert_eq!(said, "name a team, which is one of `desk`, `security`, or define `[team.mail]`");
}
