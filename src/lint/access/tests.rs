//! Logic that the examples of the pages are too small to show.

use std::fmt::Write;

use jiff::civil::date;
use proptest::prelude::*;

use super::{Analysis, LINTS};
use crate::{
    decide::testing::rulebook,
    lint::{Context, Finding},
};

/// What one lint finds in a text.
fn findings(code: &str, text: &str) -> Vec<Finding> {
    let rulebook = rulebook(text);
    let lint = LINTS.iter().find(|lint| lint.code.id == code).unwrap();
    let analysis = Analysis::new(&rulebook, date(2026, 11, 20));
    let mut context = Context::new(&analysis, lint.code);
    (lint.check)(&mut context);
    context.into_findings()
}

pub(super) fn messages(code: &str, text: &str) -> Vec<String> {
    findings(code, text).into_iter().map(|finding| finding.message).collect()
}

const SERVICES: &str = r#"
category.software = { name = "Software", function = "it" }
service.mail = { name = "Mail", category = "software", lifecycle = "active", entitlement.user = { name = "User", risk = "low" }, entitlement.admin = { name = "Admin", risk = "critical" } }
service.wiki = { name = "Wiki", category = "software", lifecycle = "active", entitlement.editor = { name = "Editor", risk = "low" } }
workflow.one = { name = "One", stage = [{ id = "a", approvers = ["role:manager"] }] }
workflow.two = { name = "Two", stage = [{ id = "a", approvers = ["role:manager"] }, { id = "b", approvers = ["role:service-owner"] }] }
workflow.same = { name = "Same", distinct = false, stage = [{ id = "a", approvers = ["role:manager"] }, { id = "b", approvers = ["role:service-owner"] }] }
"#;

fn with_services(text: &str) -> String {
    format!("{SERVICES}\n{text}")
}

#[test]
fn several_rules_together_cover_a_rule_and_are_named() {
    let text = |bound: &str| {
        with_services(&format!(
            r#"
access.mail = {{ applies-to.service = "mail", rule = [
{{ id = "short", when.request.duration.max = "7d", decision = "deny" }}, {{ id = "long", when.request.duration.above = "{bound}", decision = "deny" }}, {{ id = "endless", when.request.duration.exists = false, decision = "deny" }}, {{ id = "rest", decision.workflow = "two" }}] }}
"#
        ))
    };
    let covered = findings("GS4020", &text("7d").replace("= [\n", "= ["));
    assert_eq!(covered.len(), 1, "{covered:?}");
    assert_eq!(covered[0].message, "the rule `rest` is never reached");
    assert!(
        covered[0].primary.1.starts_with("`short`, `long`, `endless` decide"),
        "{:?}",
        covered[0].primary.1
    );
    // One second between them is enough.
    assert_eq!(messages("GS4020", &text("604801s").replace("= [\n", "= [")), Vec::<String>::new());
}

#[test]
fn rules_of_a_more_specific_policy_cover_those_of_a_less_specific_one_only_where_they_apply() {
    let everything = |when: &str| {
        with_services(&format!(
            r#"
access.mail = {{ applies-to.service = "mail", rule = [{{ id = "all", decision.workflow = "two" }}] }}
access.everything = {{ applies-to = "everything", rule = [{{ id = "mail", {when}decision = "deny" }}] }}
"#
        ))
    };
    let found = messages("GS4020", &everything("when.service.id = \"mail\", "));
    assert_eq!(found, ["the rule `mail` is never reached"]);
    assert_eq!(messages("GS4020", &everything("")), Vec::<String>::new(), "the wiki still reaches it");
    let found = messages("GS4020", &everything("when.service.id = [\"mail\", \"wiki\"], "));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_rule_that_is_only_tried_out_covers_nothing() {
    let text = |mode: &str| {
        with_services(&format!(
            "access.mail = {{ applies-to.service = \"mail\", rule = [{{ id = \"all\", decision = \"deny\", mode = \"{mode}\" }}, {{ id = \"rest\", decision.workflow = \"two\" }}] }}"
        ))
    };
    assert_eq!(messages("GS4020", &text("warn")), Vec::<String>::new());
    assert_eq!(messages("GS4020", &text("enforce")).len(), 1);
}

#[test]
fn a_guardrail_that_is_waived_today_is_not_counted() {
    let text = |waiver: &str| {
        with_services(&format!(
            r#"
access.mail = {{ applies-to.entitlement = "mail/admin", rule = [{{ id = "it", when.subject.department = "it", decision = "auto-approve" }}] }}
guardrail.g = {{ description = "d", require-approval = "two" }}
exception.e = {{ rule = "guardrail:g", {waiver} }}
"#
        ))
    };
    for (waiver, found) in [
        ("people = [\"ana\"]", 1),
        ("entitlements = [\"mail/admin\"]", 1),
        ("from = 2026-11-20, expires = 2026-11-20", 1),
        ("entitlements = [\"mail/user\"]", 0),
        ("from = 2026-11-21", 0),
        ("expires = 2026-11-19", 0),
    ] {
        assert_eq!(messages("GS4066", &text(waiver)).len(), found, "{waiver}");
    }
    let other = text("people = [\"ana\"]").replace("guardrail:g\"", "guardrail:other\"");
    assert_eq!(messages("GS4066", &other), Vec::<String>::new());
}

#[test]
fn all_or_a_share_of_the_approvers_is_counted_without_who_asks() {
    let text = |stage: &str| {
        with_services(&format!(
            r#"
person.ana = {{ name = "Ana" }}
person.ben = {{ name = "Ben" }}
person.cleo = {{ name = "Cleo" }}
workflow.w = {{ name = "W", stage = [{{ id = "a", {stage} }}] }}
access.mail = {{ applies-to.entitlement = "mail/admin", rule = [{{ id = "it", decision.workflow = "w" }}] }}
"#
        ))
    };
    let (two, three) = (r#"["person:ana", "person:ben"]"#, r#"["person:ana", "person:ben", "person:cleo"]"#);
    let roles = r#"["role:manager", "role:service-owner", "person:ana"]"#;
    for (approvers, need, found) in [
        (two, r#""all""#, 1),
        (three, r#""all""#, 0),
        (three, r#""50%""#, 1),
        (three, r#""51%""#, 0),
        // One person may be all of these.
        (roles, r#""all""#, 1),
        (roles, "2", 0),
    ] {
        let stage = format!("approvers = {approvers}, need = {need}");
        assert_eq!(messages("GS4066", &text(&stage)).len(), found, "{stage}");
    }
}

#[test]
fn privileged_access_needs_somebody_whatever_its_risk() {
    let text = |entitlement: &str, rule: &str| {
        format!(
            "service.wiki = {{ name = \"Wiki\", entitlement.root = {{ name = \"Root\", {entitlement} }} }}\nworkflow.one = {{ name = \"One\", stage = [{{ id = \"a\", approvers = [\"role:manager\"] }}] }}\naccess.wiki = {{ applies-to.service = \"wiki\", rule = [{{ id = \"r\", {rule} }}] }}"
        )
    };
    let automatic = "decision = \"auto-approve\"";
    for (entitlement, rule, little, never_looked_at) in [
        ("risk = \"low\", privileged = true", automatic, 1, 1),
        ("risk = \"medium\", privileged = true, recertify = \"90d\"", automatic, 1, 0),
        ("risk = \"low\", privileged = true", "decision.workflow = \"one\"", 0, 1),
        ("risk = \"low\"", automatic, 0, 0),
    ] {
        let text = text(entitlement, rule);
        assert_eq!(messages("GS4066", &text).len(), little, "{text}");
        assert_eq!(messages("GS4061", &text).len(), never_looked_at, "{text}");
        assert_eq!(messages("GS4022", &text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_blanket_approval_is_one_finding() {
    let text = |risk: &str, policy: &str, more: &str| {
        format!(
            "service.wiki = {{ name = \"Wiki\", entitlement.editor = {{ name = \"Editor\", risk = \"{risk}\" }} }}\nworkflow.one = {{ name = \"One\", stage = [{{ id = \"a\", approvers = [\"role:manager\"] }}] }}\naccess.wiki = {{ {policy}, decision = \"auto-approve\" }}] }}\n{more}"
        )
    };
    let always = "applies-to.service = \"wiki\", rule = [{ id = \"r\"";
    let own_service = "applies-to.service = \"wiki\", rule = [{ id = \"r\", when.service.id = \"wiki\"";
    let by_risk =
        "applies-to.service = \"wiki\", rule = [{ id = \"r\", when.entitlement.risk.max = \"medium\"";
    let asks = "guardrail.g = { description = \"d\", require-approval = \"one\" }";
    let asks_some =
        "guardrail.g = { description = \"d\", when.subject.department = \"it\", require-approval = \"one\" }";
    for (risk, policy, more, blanket, little) in [
        ("medium", always, "", 1, 0),
        ("medium", own_service, "", 1, 0),
        ("medium", by_risk, "", 0, 0),
        ("medium", always, asks, 0, 0),
        ("medium", always, asks_some, 1, 0),
        ("low", always, "", 0, 0),
        ("high", always, "", 0, 1),
        ("high", own_service, "", 0, 1),
        ("high", always, asks, 0, 0),
    ] {
        let text = text(risk, policy, more);
        assert_eq!(messages("GS4022", &text).len(), blanket, "{text}");
        assert_eq!(messages("GS4066", &text).len(), little, "{text}");
    }
}

#[test]
fn approvals_that_guardrails_add_are_counted() {
    let text = |decision: &str, guardrail: &str| {
        with_services(&format!(
            "access.mail = {{ applies-to.entitlement = \"mail/admin\", rule = [{{ id = \"it\", when.subject.department = \"it\", {decision} }}] }}\n{guardrail}"
        ))
    };
    let guardrail = |when: &str, workflow: &str| {
        format!("guardrail.g = {{ description = \"d\", {when}require-approval = \"{workflow}\" }}")
    };
    for (decision, guardrail, found) in [
        ("decision = \"auto-approve\"", String::new(), 1),
        ("decision.workflow = \"one\"", String::new(), 1),
        ("decision.workflow = \"two\"", String::new(), 0),
        // One person may approve both stages, so two stages are one person.
        ("decision.workflow = \"same\"", String::new(), 1),
        ("decision = \"auto-approve\"", guardrail("", "two"), 0),
        ("decision = \"auto-approve\"", guardrail("", "one"), 1),
        ("decision.workflow = \"one\"", guardrail("", "one"), 0),
        ("decision.workflow = \"one\"", guardrail("when.entitlement.risk = \"critical\", ", "one"), 0),
        ("decision.workflow = \"one\"", guardrail("when.entitlement.risk = \"high\", ", "one"), 1),
        ("decision.workflow = \"one\"", guardrail("when.subject.department = \"it\", ", "one"), 0),
        ("decision.workflow = \"one\"", guardrail("when.request.emergency = true, ", "one"), 1),
        ("decision = \"deny\"", String::new(), 0),
    ] {
        let text = text(decision, &guardrail);
        assert_eq!(messages("GS4066", &text).len(), found, "{text}");
    }
}

#[test]
fn an_entitlement_that_a_guardrail_always_denies_is_never_granted() {
    let text = |when: &str| {
        with_services(&format!(
            "access.all = {{ applies-to = \"everything\", rule = [{{ id = \"all\", decision.workflow = \"two\" }}] }}\nguardrail.g = {{ description = \"d\", deny = true, {when} }}"
        ))
    };
    let found = messages("GS4025", &text("when.service.id = \"wiki\""));
    assert_eq!(found, ["`wiki/editor` can be asked for and is always denied"]);
    assert_eq!(messages("GS4025", &text("when.request.emergency = true")), Vec::<String>::new());
}

#[test]
fn a_negation_is_fine_where_absence_does_not_pass() {
    for (when, found) in [
        (r#"when.not.subject.location = "x""#, 1),
        (r#"when.not.subject.location.not-in = ["x"]"#, 1),
        (r#"when = { not.subject.location = "x", subject.location.exists = true }"#, 0),
        (r#"when = { not.subject.location = "x", subject.location.glob = "d*" }"#, 0),
        (r#"when.subject.location.not-in = ["x"]"#, 0),
        (r#"when.not.not.subject.location = "x""#, 0),
        (r#"when.not.subject.employment = "agent""#, 0),
        (
            r#"when.any = [{ not.subject.location = "x", subject.location.exists = true }, { subject.employment = "agent" }]"#,
            0,
        ),
        (r#"when.any = [{ not.subject.location = "x" }, { subject.employment = "agent" }]"#, 1),
    ] {
        let text = format!("bundle.b = {{ name = \"B\", entitlements = [\"a/b\"], {when} }}");
        assert_eq!(messages("GS4012", &text).len(), found, "{when}");
    }
}

#[test]
fn an_exception_in_force_excuses_a_conflict() {
    let text = |exception: &str| {
        format!(
            r#"
person.ana = {{ name = "Ana", department = "it" }}
person.boss = {{ name = "Boss", department = "sales" }}
bundle.a = {{ name = "A", when.subject.department = "it", entitlements = ["mail/user"] }}
bundle.b = {{ name = "B", when.subject.department = "it", entitlements = ["wiki/editor"] }}
sod.s = {{ description = "d", entitlements = ["mail/user", "wiki/editor"], risk = "low", decision = "deny" }}
{exception}"#
        )
    };
    assert_eq!(messages("GS4088", &text("")).len(), 1);
    let exception =
        |rest: &str| text(&format!("exception.e = {{ rule = \"sod:s\", approved-by = \"boss\", {rest} }}"));
    assert_eq!(messages("GS4088", &exception("expires = 2026-11-20")).len(), 0, "the last day counts");
    assert_eq!(messages("GS4088", &exception("expires = 2026-11-19")).len(), 1);
    assert_eq!(messages("GS4088", &exception("from = 2026-11-21, expires = 2026-12-01")).len(), 1);
    assert_eq!(messages("GS4088", &exception("people = [\"ben\"], expires = 2026-12-01")).len(), 1);
    assert_eq!(messages("GS4088", &exception("reason = \"no end\"")).len(), 1);
}

#[test]
fn grants_conflict_only_on_days_in_common() {
    let text = |start: &str| {
        format!(
            r#"
grant.g = {{ beneficiary = "ana", entitlement = "mail/user", start = 2026-01-01, end = 2026-12-31 }}
grant.h = {{ beneficiary = "ana", entitlement = "wiki/editor", start = {start} }}
sod.s = {{ description = "d", entitlements = ["mail/user"], against = ["wiki/editor"], risk = "low", decision = "deny" }}
"#
        )
    };
    assert_eq!(messages("GS4089", &text("2026-12-31")).len(), 1);
    assert_eq!(messages("GS4089", &text("2027-01-01")).len(), 0);
}

/// A rule over a small world: departments (absent, it, sales, hr), durations and a flag.
fn rules() -> impl Strategy<Value = Vec<(Option<&'static str>, Option<u8>, Option<bool>)>> {
    let department = proptest::option::of(proptest::sample::select(vec!["it", "sales"]));
    let duration = proptest::option::of(0u8..3);
    let flag = proptest::option::of(any::<bool>());
    proptest::collection::vec((department, duration, flag), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A rule is reported exactly when no request of a small world that holds every case reaches it.
    #[test]
    fn unreachable_rules_are_exactly_those_that_no_request_reaches(rules in rules()) {
        let mut text = "[access.a]\napplies-to = \"everything\"\n".to_owned();
        for (index, (department, duration, flag)) in rules.iter().enumerate() {
            let _ = writeln!(text, "[[access.a.rule]]\nid = \"r{index}\"\ndecision = \"deny\"");
            if let Some(department) = department {
                let _ = writeln!(text, "when.subject.department = \"{department}\"");
            }
            if let Some(days) = duration {
                let _ = writeln!(text, "when.request.duration.max = \"{days}d\"");
            }
            if let Some(flag) = flag {
                let _ = writeln!(text, "when.request.emergency = {flag}");
            }
        }
        let mut reached = vec![false; rules.len()];
        for department in [None, Some("it"), Some("sales"), Some("hr")] {
            for duration in [None, Some(0u8), Some(1), Some(2), Some(3)] {
                for flag in [false, true] {
                    let first = rules.iter().position(|(wanted, most, emergency)| {
                        wanted.is_none_or(|wanted| department == Some(wanted))
                            && most.is_none_or(|most| duration.is_some_and(|days| days <= most))
                            && emergency.is_none_or(|emergency| emergency == flag)
                    });
                    if let Some(first) = first {
                        reached[first] = true;
                    }
                }
            }
        }
        let expected: Vec<String> = reached
            .iter()
            .enumerate()
            .filter(|(_, reached)| !**reached)
            .map(|(index, _)| format!("the rule `r{index}` is never reached"))
            .collect();
        prop_assert_eq!(messages("GS4020", &text), expected, "{}", text);
    }
}

/// Everything that the lints of the family say under one code.
fn said(code: &str, text: &str) -> std::collections::BTreeSet<String> {
    let each = LINTS.iter().flat_map(|lint| findings(lint.code.id, text));
    each.filter(|finding| finding.code.id == code).map(|finding| finding.message).collect()
}

#[test]
fn rules_that_are_too_complicated_together_are_never_passed_over_in_silence() {
    let rule = |letter: &str, rest: &str| {
        format!(
            r#"{{ id = "{letter}", when.subject.title.glob = "*{letter}{rest}", decision = "auto-approve" }}"#
        )
    };
    let policy = |id: &str, scope: &str, rules: &[String]| {
        format!("access.{id} = {{ applies-to.{scope}, rule = [{}] }}\n", rules.join(", "))
    };
    let (a, b, many) = (rule("a", "???????????"), rule("b", "???????????"), rule("c", "??????????????????"));
    let admin = r#"entitlement = "mail/admin""#;
    let together = "the rules of the access policy `one` cannot be analysed together: the patterns on one attribute are too many";
    let weak = ["the rule `a` grants `mail/admin` without asking anybody".to_owned()];

    // One rule can be analysed, and is found to ask nobody.
    let one = with_services(&policy("one", admin, std::slice::from_ref(&a)));
    assert_eq!(Vec::from_iter(said("GS4066", &one)), weak);
    assert!(said("GS4013", &one).is_empty());

    // Two cannot: one finding says so, whichever lints gave up.
    let two = with_services(&policy("one", admin, &[a.clone(), b.clone()]));
    assert_eq!(Vec::from_iter(said("GS4013", &two)), [together]);
    for code in ["GS4020", "GS4021", "GS4030", "GS4066"] {
        assert_eq!(messages(code, &two), [together], "{code}");
    }

    // In two policies, the more specific one stands for both.
    let split = policy("one", admin, std::slice::from_ref(&a))
        + &policy("all", r#"service = "mail""#, std::slice::from_ref(&b));
    let found = findings("GS4066", &with_services(&split));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].message.starts_with("the rules of the access policy `one` and less specific ones cannot be"),
        "{found:?}"
    );
    assert_eq!(found[0].related.len(), 1);

    // A single rule that is too complicated is found at its condition and nowhere else.
    let alone = policy("one", admin, &[many]);
    let said = said("GS4013", &with_services(&alone));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said.iter().all(|message| message.starts_with("the condition of the rule `c`")), "{said:?}");

    // Guardrails count as well.
    let guarded = policy("one", admin, &[a])
        + r#"guardrail.g = { description = "d", when.subject.title.glob = "*b???????????", deny = true }"#;
    let found = messages("GS4066", &with_services(&guarded));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("`one` and guardrails cannot be analysed"), "{found:?}");
}

#[test]
fn guardrails_together_bring_a_decision_to_enough_approvals() {
    let text = |second: &str| {
        with_services(&format!(
            r#"
workflow.other = {{ name = "Other", stage = [{{ id = "a", approvers = ["role:service-owner"] }}] }}
access.mail = {{ applies-to.entitlement = "mail/admin", rule = [{{ id = "it", when.subject.department = "it", decision = "auto-approve" }}] }}
guardrail.one = {{ description = "d", require-approval = "one" }}
guardrail.two = {{ description = "d", {second} }}
"#
        ))
    };
    assert_eq!(messages("GS4066", &text("require-approval = \"other\"")), Vec::<String>::new());
    // The same workflow is passed once, and some requests are asked about by one of them only.
    assert_eq!(messages("GS4066", &text("require-approval = \"one\"")).len(), 1);
    let some = "require-approval = \"other\", when.subject.location = \"lyon\"";
    assert_eq!(messages("GS4066", &text(some)).len(), 1);
    assert_eq!(messages("GS4066", &text("max-duration = \"1d\"")).len(), 1);
}

#[test]
fn what_decides_once_a_rule_is_waived_needs_enough_approval_as_well() {
    let text = |exception: &str| {
        with_services(&format!(
            r#"
access.mail = {{ applies-to.entitlement = "mail/admin", rule = [{{ id = "stop", decision = "deny" }}, {{ id = "it", decision = "auto-approve" }}] }}
exception.e = {{ {exception} }}
"#
        ))
    };
    let waived = messages("GS4066", &text("rule = \"access:mail/stop\", expires = 2026-12-31"));
    assert_eq!(waived, ["the rule `it` grants `mail/admin` without asking anybody"]);
    for other in [
        "rule = \"access:mail/it\", expires = 2026-12-31",
        "rule = \"access:mail/stop\", expires = 2026-11-19",
        "rule = \"access:mail/stop\", entitlements = [\"mail/user\"]",
    ] {
        assert_eq!(messages("GS4066", &text(other)), Vec::<String>::new(), "{other}");
    }
}
