//! What comes with a bundle because of what else is in it.

use super::books::{BASE, Book, Row, book, near, row};

/// A policy with a rule about one thing, and everything else approved.
const RULES: &str = r#"
[access.a]
name = "A"
owner = "team:desk"
applies-to = "everything"
[[access.a.rule]]
id = "adm"
when.entitlement.id = "mail/adm"
DECIDES
[[access.a.rule]]
id = "r"
decision = "auto-approve"
"#;

const BOTH: &str = "entitlements = [\"mail/box\", \"mail/adm\"]";
const ONE: &str = "entitlements = [\"mail/box\"]";

const BUNDLE: &str = r#"
[bundle.sales]
name = "S"
owner = "team:desk"
when.subject.department = "sales"
THINGS
"#;

const BROUGHT: &str = "decision = \"auto-approve\"\nrequire = [\"justification\"]";
const DENIES: &str = "decision = \"deny\"";
const ASKS: &str = "decision.workflow = \"w\"";
const ASKS_MANAGER: &str = "decision.workflow = \"m\"";

const MANAGER: &str = r#"
[workflow.m]
name="M"
owner="team:desk"
[[workflow.m.stage]]
id="s"
approvers=["role:manager"]
"#;

fn of(things: &str, decides: &str) -> Book {
    let rules = RULES.replace("DECIDES", decides);
    book(&[BASE, MANAGER, &rules, &BUNDLE.replace("THINGS", things)])
}

/// What is given once nothing in a bundle is denied.
pub(super) fn given() -> Vec<Row> {
    let says = "comes with the role, without asking";
    let renamed = |row| near(row, "[bundle.sales]\nname = \"S\"", "[bundle.sales]\nname = \"Sales\"");
    // Sales has somebody without a manager.
    let alone = |things| {
        of(things, ASKS_MANAGER)
            .with("title=\"x\"\nmanager=\"boss\"\n[person.bob]", "title=\"x\"\n[person.bob]")
    };
    vec![
        renamed(row("what nobody could bring is in it no more", &of(BOTH, BROUGHT), &of(ONE, BROUGHT), says)),
        renamed(row("what is denied is in it no more", &of(BOTH, DENIES), &of(ONE, DENIES), says)),
        renamed(row("people are asked about the rest of it", &of(BOTH, BROUGHT), &of(BOTH, ASKS), says)),
        renamed(row("somebody whom nobody could be asked about", &alone(BOTH), &alone(ONE), says)),
    ]
}

/// What is taken once something in a bundle is denied, and what stays.
pub(super) fn kept() -> Vec<(&'static str, Book, Book, &'static str)> {
    let says = "does not come with the role any more";
    vec![
        ("what nobody can bring comes into a bundle", of(ONE, BROUGHT), of(BOTH, BROUGHT), says),
        ("what is denied comes into a bundle", of(ONE, DENIES), of(BOTH, DENIES), says),
        (
            "what people are asked about comes into a bundle",
            of(ONE, ASKS),
            of(BOTH, ASKS),
            "is decided as before",
        ),
        (
            "what people are asked about is in it no more",
            of(BOTH, ASKS_MANAGER),
            of(ONE, ASKS_MANAGER),
            "is decided as before",
        ),
    ]
}
