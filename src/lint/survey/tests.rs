//! The survey beside asking for every pair of a person and an entitlement.

use std::{collections::BTreeSet, fmt::Write};

use jiff::{Timestamp, civil::date};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{sections::Sections, survey};
use crate::{
    decide::{
        access::decide, decision::Denial, engine::Engine, person::is_able, policy::offers, testing::rulebook,
    },
    lint::access::Analysis,
    model::{Rulebook, request::Request},
};

const PEOPLE: usize = 6;

/// Pairs of a person and an entitlement.
type Pairs = BTreeSet<(String, String)>;

/// Asks for everything for everybody, in all ways that the drawn rules can tell apart, and collects for whom
/// nobody could agree. What the text of the rules does not mention is left out.
fn pair_by_pair(rulebook: &Rulebook, text: &str) -> Pairs {
    let engine = Engine::new(rulebook).unwrap();
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let mut found = Pairs::new();
    // Software asks nothing for itself.
    for person in rulebook.people.iter().filter(|person| person.employment.is_human()) {
        for offer in offers(rulebook) {
            let entitlement = offer.reference().to_string();
            let stuck = requests(person.id.as_str(), &entitlement, text).into_iter().any(|request| {
                let decision = decide(&engine, &request, now, None);
                decision.denials.iter().any(|denial| matches!(denial, Denial::NoApprover { .. }))
            });
            if stuck {
                found.insert((person.id.to_string(), entitlement));
            }
        }
    }
    found
}

fn requests(person: &str, entitlement: &str, text: &str) -> Vec<Request> {
    let mut all = vec![serde_json::json!({ "requester": person, "entitlements": [entitlement] })];
    for (field, values) in [
        ("duration", vec!["1d".into(), "10d".into()]),
        ("emergency", vec![true.into()]),
        ("justification", vec!["work".into()]),
        ("environment", vec!["production".into(), "test".into()]),
    ] {
        let values: Vec<serde_json::Value> = values;
        let mentioned = field == "duration" || text.contains(&format!("request.{field}"));
        for request in all.clone().into_iter().filter(|_| mentioned) {
            for value in &values {
                let mut with = request.clone();
                with[field] = value.clone();
                all.push(with);
            }
        }
    }
    all.into_iter().map(|request| serde_json::from_value(request).unwrap()).collect()
}

/// The same by classes.
fn by_classes(rulebook: &Rulebook) -> Pairs {
    let today = date(2026, 11, 20);
    let analysis = Analysis::new(rulebook, today);
    let mut unsure = Vec::new();
    let sections = Sections::new(&analysis, &|person| is_able(person, today), &mut unsure);
    assert!(unsure.is_empty(), "{unsure:?}");
    let mut pairs = Pairs::new();
    sections.stuck(&sections.answers(), &mut |found| {
        assert!(!found.short.is_empty());
        for class in found.classes.iter().map(|number| &sections.classes.all[*number as usize]) {
            for person in &class.people {
                let id = sections.people.entry(*person).unwrap().id.to_string();
                pairs.extend(found.offers.iter().map(|offer| (id.clone(), offer.reference().to_string())));
            }
        }
    });
    pairs
}

/// Those without whom somebody cannot have something, with how many people that are at most.
fn alone(rulebook: &Rulebook) -> Vec<(String, usize)> {
    let found = survey(rulebook, date(2026, 11, 20));
    found.soles.iter().map(|sole| (sole.person.id.to_string(), sole.people)).collect()
}

const CONDITIONS: &[&str] = &[
    "",
    "",
    "when.subject.department = \"it\"",
    "when.not.subject.department = \"it\"",
    "when.subject.id = [\"u0\", \"u3\"]",
    "when.subject.manager = \"u1\"",
    "when.subject.teams.contains = \"t0\"",
    "when.requester.employment = \"contractor\"",
    "when.requester.is-beneficiary = false",
    "when.requester.is-manager = true",
    "when.subject.level.min = 2",
    "when.request.duration.max = \"7d\"",
    "when.request.duration.exists = false",
    "when.request.emergency = true",
    "when.request.justification.exists = true",
    "when.request.type.exists = true",
    "when.request.environment = \"production\"",
    "when.entitlement.risk.min = \"medium\"",
    "when.entitlement.id = \"mail/a\"",
    "when.grants.entitlements.contains = \"wiki/a\"",
    "when.any = [{ subject.department = \"it\" }, { request.duration.max = \"7d\" }]",
];
const DECISIONS: &[&str] = &[
    "\"auto-approve\"",
    "\"deny\"",
    "{ workflow = \"w0\" }",
    "{ workflow = \"w1\" }",
    "{ workflow = \"w2\" }",
];
const APPROVERS: &[&str] = &[
    "role:manager",
    "role:manager",
    "role:manager-2",
    "role:service-owner",
    "role:entitlement-owner",
    "role:category-owner",
    "role:team-lead",
    "team:t0",
    "team:t1",
    "person:u0",
    "person:u1",
];

fn people() -> impl Strategy<Value = String> {
    let person = (
        option::of(select(vec!["it", "sales"])),
        option::of(0..PEOPLE),
        select(vec!["active", "active", "active", "on-leave", "inactive", "joining"]),
        select(vec!["employee", "employee", "contractor", "service-account"]),
        select(vec![
            "",
            "",
            "",
            "end = 2026-11-19",
            "end = 2026-11-20",
            "end = 2027-01-01",
            "start = 2026-11-21",
        ]),
        option::of(1u8..4),
    );
    vec(person, PEOPLE).prop_map(|people| {
        let mut text = String::new();
        for (number, (department, manager, status, employment, dates, level)) in people.iter().enumerate() {
            let _ =
                writeln!(text, "[person.u{number}]\nname = \"U\"\nemployment = \"{employment}\"\n{dates}");
            let _ = writeln!(text, "status = \"{status}\"");
            if let Some(department) = department {
                let _ = writeln!(text, "department = \"{department}\"");
            }
            if let Some(manager) = manager {
                let _ = writeln!(text, "manager = \"u{manager}\"");
            }
            if let Some(level) = level {
                let _ = writeln!(text, "attributes.level = {level}");
            }
        }
        text
    })
}

fn quoted(words: &[impl std::fmt::Display]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

fn teams() -> impl Strategy<Value = String> {
    vec((vec(0..PEOPLE, 0..4), option::of(0..PEOPLE)), 2).prop_map(|teams| {
        let mut text = String::new();
        for (number, (mut members, lead)) in teams.into_iter().enumerate() {
            members.sort_unstable();
            members.dedup();
            let members: Vec<String> = members.iter().map(|member| format!("u{member}")).collect();
            let _ = writeln!(text, "[team.t{number}]\nname = \"T\"\nmembers = [{}]", quoted(&members));
            if let Some(lead) = lead {
                let _ = writeln!(text, "lead = \"u{lead}\"");
            }
        }
        text
    })
}

fn owner() -> impl Strategy<Value = Option<&'static str>> {
    option::of(select(vec!["person:u0", "person:u1", "person:u2", "team:t0", "team:t1", "role:manager"]))
}

fn services() -> impl Strategy<Value = String> {
    let entitlement = (select(vec!["low", "medium", "high"]), owner(), option::of(0u8..1), any::<bool>());
    (owner(), vec((owner(), option::of(0u8..2), vec(entitlement, 2)), 2)).prop_map(|(category, services)| {
        let mut text = "[category.c]\nname = \"C\"\nfunction = \"it\"\n".to_owned();
        let own = |text: &mut String, owner: Option<&str>| {
            let _ = owner.map_or(Ok(()), |owner| writeln!(text, "owner = \"{owner}\""));
        };
        own(&mut text, category);
        for (service, (owner, team, entitlements)) in ["mail", "wiki"].iter().zip(&services) {
            let _ =
                writeln!(text, "[service.{service}]\nname = \"S\"\ncategory = \"c\"\nlifecycle = \"active\"");
            own(&mut text, *owner);
            let _ = team.map_or(Ok(()), |team| writeln!(text, "support-team = \"t{team}\""));
            for (id, (risk, owner, ends, production)) in ["a", "b"].iter().zip(entitlements) {
                let _ =
                    writeln!(text, "[service.{service}.entitlement.{id}]\nname = \"E\"\nrisk = \"{risk}\"");
                own(&mut text, *owner);
                let _ = ends.map_or(Ok(()), |_| writeln!(text, "max-duration = \"90d\""));
                let environment = if *production { "production" } else { "test" };
                let _ = writeln!(text, "environment = \"{environment}\"");
            }
        }
        text
    })
}

fn workflows(escalates: bool) -> impl Strategy<Value = String> {
    let approvers = || vec(select(APPROVERS), 1..3);
    let stage = (
        approvers(),
        any::<bool>(),
        select(vec!["1", "1", "2", "\"all\"", "\"50%\""]),
        option::of(approvers()),
        option::of(approvers()),
    );
    vec((vec(stage, 1..3), any::<bool>()), 3).prop_map(move |workflows| {
        let mut text = String::new();
        for (number, (stages, distinct)) in workflows.iter().enumerate() {
            let _ = writeln!(text, "[workflow.w{number}]\nname = \"W\"\ndistinct = {distinct}");
            for (place, (approvers, by_condition, need, fallback, escalate)) in stages.iter().enumerate() {
                let _ = writeln!(text, "[[workflow.w{number}.stage]]\nid = \"s{place}\"\nneed = {need}");
                let _ = writeln!(text, "approvers = [{}]\nwithin = \"2d\"", quoted(approvers));
                if *by_condition {
                    let _ = writeln!(text, "approvers-when.subject.department = \"sales\"");
                }
                if let Some(fallback) = fallback {
                    let _ = writeln!(text, "fallback = [{}]", quoted(fallback));
                }
                if let Some(escalate) = escalate.as_ref().filter(|_| escalates) {
                    let _ = writeln!(text, "on-timeout.escalate = [{}]", quoted(escalate));
                }
            }
        }
        text
    })
}

fn rules() -> impl Strategy<Value = String> {
    let rule = (select(CONDITIONS), select(DECISIONS), option::of(select(vec!["5d", "90d"])));
    let policy = vec(rule, 1..4);
    let effect = select(vec![
        "deny = true",
        "require-approval = \"w0\"",
        "require-approval = \"w1\"",
        "max-duration = \"30d\"",
    ]);
    let exception = option::of((select(vec!["guardrail:g0", "access:p0", "access:p0/r0"]), any::<bool>()));
    (vec(policy, 2), vec((select(CONDITIONS), effect), 0..3), exception).prop_map(
        |(policies, guardrails, exception)| {
            let mut text = String::new();
            for (number, rules) in policies.iter().enumerate() {
                let scope = ["{ service = \"mail\" }", "\"everything\""][number];
                let _ = writeln!(text, "[access.p{number}]\napplies-to = {scope}");
                for (index, (when, decision, cap)) in rules.iter().enumerate() {
                    let _ = writeln!(text, "[[access.p{number}.rule]]\nid = \"r{index}\"\n{when}");
                    let _ = writeln!(text, "decision = {decision}");
                    let _ = cap.map_or(Ok(()), |cap| writeln!(text, "max-duration = \"{cap}\""));
                }
            }
            for (number, (when, effect)) in guardrails.iter().enumerate() {
                let _ = writeln!(text, "[guardrail.g{number}]\ndescription = \"g\"\n{when}\n{effect}");
            }
            if let Some((rule, named)) = exception {
                let _ =
                    writeln!(text, "[exception.e]\nrule = \"{rule}\"\nreason = \"r\"\nexpires = 2027-01-01");
                let _ = writeln!(text, "approved-by = \"u0\"");
                let _ = if named { writeln!(text, "people = [\"u1\", \"u2\"]") } else { Ok(()) };
            }
            text
        },
    )
}

const GRANT: &str = "[grant.one]\nbeneficiary = \"u2\"\nentitlement = \"wiki/a\"\nstart = 2026-01-01\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// For everybody and everything, what is found by classes is what is found by asking.
    #[test]
    fn classes_find_what_asking_for_every_pair_finds(
        people in people(),
        teams in teams(),
        services in services(),
        workflows in workflows(true),
        rules in rules(),
    ) {
        let text = format!("{people}\n{teams}\n{services}\n{workflows}\n{rules}");
        let book = rulebook(&text);
        prop_assert_eq!(by_classes(&book), pair_by_pair(&book, &text), "{}", text);
    }

    /// Once somebody is away without whom people cannot have something, these people cannot have it.
    #[test]
    fn while_somebody_is_away_whom_everything_hangs_on_it_is_stuck(
        people in people(),
        teams in teams(),
        services in services(),
        workflows in workflows(false),
        rules in rules(),
    ) {
        let text = format!("{people}\n{teams}\n{services}\n{workflows}\n{rules}");
        let book = rulebook(&text);
        for (person, count) in alone(&book) {
            let mut away = rulebook(&text);
            away.people.get_mut(&person).unwrap().value.status = crate::model::person::PersonStatus::OnLeave;
            let stuck = pair_by_pair(&away, &text);
            let most = offers(&book)
                .map(|offer| offer.reference().to_string())
                .map(|offer| stuck.iter().filter(|(_, entitlement)| *entitlement == offer).count())
                .max();
            prop_assert!(most >= Some(count), "{person} {count} {most:?}\n{text}");
        }
    }
}

#[test]
fn what_somebody_holds_decides_who_is_asked() {
    let text = |held: &str| {
        format!(
            r#"
[person.u0]
name = "U"
[person.u2]
name = "U"
[category.c]
name = "C"
function = "it"
[service.wiki]
name = "W"
category = "c"
lifecycle = "active"
entitlement.a = {{ name = "A", risk = "low" }}
entitlement.b = {{ name = "B", risk = "low" }}
[workflow.w]
name = "W"
stage = [{{ id = "s", approvers = ["role:manager"] }}]
[access.p]
applies-to = "everything"
rule = [{{ id = "r", when.grants.entitlements.contains = "wiki/a", decision.workflow = "w" }}]
{held}"#
        )
    };
    let holding = rulebook(&text(GRANT));
    assert_eq!(by_classes(&holding), pair_by_pair(&holding, ""));
    assert_eq!(by_classes(&holding).len(), 2, "the holder cannot have either of them");
    let without = rulebook(&text(""));
    assert_eq!(by_classes(&without), Pairs::new());
}
