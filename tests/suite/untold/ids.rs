//! Whatever a gate stops has an id, and an id stands for one change and for no wider one.

use serde_json::Value;

use super::books::{
    APPROVED, BASE, Book, HOURS, INCIDENTS, MODEL, NOW, TYPE, book, guarded, json, reads, versions,
};
use crate::support::{Repository, Run, gitsm};

/// The ids of everything that is told or named.
pub(super) fn ids(report: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let [decisions, promises] =
        ["decisions", "commitments"].map(|section| report[section]["compared"].clone());
    for (section, list) in [
        (&decisions, "themes"),
        (&decisions, "unseen"),
        (&decisions, "eased"),
        (&promises, "cases"),
        (&promises, "groups"),
        (&promises, "unknown"),
    ] {
        let all = section[list].as_array().into_iter().flatten();
        found.extend(all.map(|one| one["fingerprint"].as_str().unwrap().to_owned()));
    }
    found.sort();
    found
}

/// What the gate says when these ids are acknowledged.
pub(super) fn gate(folder: &Repository, ids: &[String]) -> Run {
    let mut arguments = vec!["diff", "old", "new", "--fail-on", "any", "--now", NOW];
    for id in ids {
        arguments.extend(["--acknowledge", id]);
    }
    gitsm(&arguments, folder.path())
}

/// A rule for whoever is one of twelve kinds of people, and one more.
fn for_thirteen(last: &str) -> String {
    let pair = |name: &str| {
        format!("{{ all = [{{ subject.department = \"{name}\" }}, {{ subject.title = \"{name}\" }}] }}")
    };
    let mut pairs: Vec<String> = (0..12).map(|number| pair(&format!("z{number}"))).collect();
    pairs.push(last.to_owned());
    format!(
        "[access.a]\nname = \"A\"\nowner = \"team:desk\"\napplies-to = \"everything\"\n[[access.a.rule]]\nid = \"r\"\nwhen.any = [{}]\ndecision = \"auto-approve\"\n",
        pairs.join(", ")
    )
}

/// A change, and a wider one of the same sort.
struct Pair {
    name: &'static str,
    old: Book,
    new: Book,
    wider: Book,
}

fn wider(name: &'static str, old: &Book, new: &Book, wider: &Book) -> Pair {
    Pair { name, old: old.clone(), new: new.clone(), wider: wider.clone() }
}

fn rules() -> Vec<Pair> {
    let none = book(&[BASE]);
    let nobody = "{ all = [{ subject.department = \"aaa\" }, { subject.title = \"aaa\" }] }";
    let somebody = "{ all = [{ subject.department = \"sales\" }, { subject.title = \"x\" }] }";
    let routed = |last: &str| {
        let pair = |number: usize| {
            format!(
                "{{ all = [{{ incident.category = \"network\" }}, {{ incident.affected-users.min = {number} }}, {{ incident.affected-users.max = {number} }}] }}"
            )
        };
        let mut pairs: Vec<String> = (0..12).map(|number| pair(number * 10 + 5)).collect();
        pairs.extend((!last.is_empty()).then(|| last.to_owned()));
        let all = format!(
            "when.any = [{}]\nteam = \"desk\"\n[[routing.r.rule]]\nid = \"network\"\n",
            pairs.join(", ")
        );
        book(&[BASE, INCIDENTS]).with("id = \"network\"\n", &format!("id = \"some\"\n{all}"))
    };
    let more = "{ all = [{ incident.category = \"network\" }, { incident.affected-users.min = 500 }] }";
    vec![
        wider(
            "whom a rule is about",
            &none,
            &book(&[BASE, &for_thirteen(nobody)]),
            &book(&[BASE, &for_thirteen(somebody)]),
        ),
        wider("which incidents a rule is about", &book(&[BASE, INCIDENTS]), &routed(""), &routed(more)),
    ]
}

fn hours() -> Vec<Pair> {
    let own = |hours: &str| format!("overrides.2026-12-13 = [\"{hours}\"]\n");
    let within = book(&[BASE, HOURS, &reads("request.instant.within = \"hours\"")]);
    let week = |hours: &str| within.with("weekly.mon-fri = [\"09:00-17:00\"]", hours);
    let calendar = "name = \"hours\"\n";
    let with = |book: &Book, hours: &str| book.with(calendar, &format!("{calendar}{}", own(hours)));
    let counted = book(&[BASE, HOURS]).with("calendar=\"cal\"", "calendar=\"hours\"");
    let window = book(&[BASE, HOURS, MODEL])
        .with("type = \"normal\"\n", "type = \"normal\"\nmaintenance-window = \"hours\"\n");
    let guard = book(&[BASE, HOURS, APPROVED, &guarded("request.outside-hours = true")])
        .with("support-team=\"desk\"\n", "support-team=\"desk\"\nsupport-hours=\"hours\"\n");
    vec![
        wider(
            "hours that a rule reads",
            &within,
            &week("weekly.mon-fri = [\"09:00-17:01\"]"),
            &week("weekly.mon-sun = [\"00:00-24:00\"]"),
        ),
        wider(
            "hours of a date that a rule reads",
            &within,
            &with(&within, "09:00-09:01"),
            &with(&within, "09:00-16:00"),
        ),
        wider(
            "hours in which clocks run",
            &counted,
            &with(&counted, "09:00-09:01"),
            &with(&counted, "09:00-16:00"),
        ),
        wider(
            "hours of a window",
            &with(&window, "00:00-08:00"),
            &with(&window, "00:00-08:01"),
            &with(&window, "00:00-24:00"),
        ),
        wider("hours of support", &guard, &with(&guard, "09:00-09:01"), &with(&guard, "09:00-16:00")),
    ]
}

fn named() -> Vec<Pair> {
    let owned =
        book(&[BASE, APPROVED, TYPE]).with("approvers=[\"team:desk\"]", "approvers=[\"role:service-owner\"]");
    let to = |who: &str| {
        owned.with(
            "[service.mail]\nname=\"Mail\"\nowner=\"person:boss\"",
            &format!("[service.mail]\nname=\"Mail\"\nowner=\"person:{who}\""),
        )
    };
    let ends = book(&[BASE, &reads("subject.end.exists = false")]);
    let zone = |zone: &str| ends.set("time-zone = \"UTC\"", &format!("time-zone = \"{zone}\""));
    let peers = book(&[BASE, &reads("peers.share.min = 50")]);
    let by = |names: &str| peers.declare(&format!("[decision]\npeers-by = [{names}]\n"));
    let typed = book(&[BASE, APPROVED, TYPE]);
    let asks = |values: &str| {
        typed.with(
            "field.why.type = \"text\"",
            &format!("field.why.type = \"choice\"\nfield.why.options = [{values}]"),
        )
    };
    vec![
        wider("who answers for a service", &owned, &to("oli"), &to("bob")),
        wider("where dates are meant", &ends, &zone("Asia/Tokyo"), &zone("Pacific/Honolulu")),
        wider("who is alike", &peers, &by("\"department\""), &by("\"title\"")),
        wider("questions of forms", &typed, &asks("\"a\", \"b\""), &asks("\"a\", \"b\", \"c\"")),
    ]
}

#[test]
fn an_acknowledged_change_passes_and_a_wider_one_does_not() {
    let mut wrong = Vec::new();
    for row in [rules(), hours(), named()].into_iter().flatten() {
        let (folder, report) = json(&row.old, &row.new);
        let ids = ids(&report);
        let run = gate(&folder, &ids);
        if ids.is_empty() || run.status != 0 {
            wrong.push(format!("{}: acknowledged, and yet {}{}", row.name, run.stdout, run.stderr));
        }
        let run = gate(&versions(&row.old, &row.wider), &ids);
        if run.status != 1 {
            wrong.push(format!("{}, wider: {} {}{}", row.name, run.status, run.stdout, run.stderr));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_id_stays_when_files_are_moved_and_something_else_changes() {
    let unrelated = "[team.other]\nname=\"Other\"\nmembers=[\"oli\"]\nlead=\"oli\"\n";
    for row in [rules(), hours(), named()].into_iter().flatten() {
        let (_, report) = json(&row.old, &row.new);
        let first = ids(&report);
        // Both versions have a team more, and the new one is in another file, below that.
        let folder = versions(&row.old.and(unrelated), &row.new.and(unrelated));
        std::fs::remove_file(folder.path().join("new/catalog/all.toml")).unwrap();
        let text = format!("# moved\n\n{unrelated}{}", row.new.text);
        folder.write("new/catalog/elsewhere/moved.toml", text);
        let run = gitsm(&["diff", "old", "new", "--format", "json", "--now", NOW], folder.path());
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(ids(&report), first, "{}: {report:#}", row.name);
    }
}

#[test]
fn hours_that_differ_are_said() {
    for row in hours() {
        let run = gate(&versions(&row.old, &row.wider), &[]);
        let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let hours = ["00:00-24:00", "09:00-16:00"];
        assert!(
            row.name == "hours of support" || hours.iter().any(|hours| said.contains(hours)),
            "{}: {said}",
            row.name
        );
    }
}
