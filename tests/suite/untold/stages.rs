//! Who is asked, in which order, and for whose requests nobody is.

use super::books::{BASE, Book, CLEARANCE, HELD, Row, book, near, reads, row};

/// The words of a clearance, and one more.
const WORDS: &str = "values = [\"none\", \"some\", \"all\"]";
const MORE: &str = "values = [\"none\", \"some\", \"all\", \"more\"]";

const ASKED: &str = r#"
[access.a]
name = "A"
owner = "team:desk"
applies-to = "everything"
[[access.a.rule]]
id = "r"
decision = { workflow = "w" }
"#;

const EVE: &str = r#"
[person.eve]
name="Eve"
email="eve@e.com"
department="ops"
title="x"
start=2026-12-02
"#;

const DESK: &str = "members=[\"boss\",\"bob\"]";
const STAGE: &str = "[[workflow.w.stage]]\nid=\"s\"\napprovers=[\"team:desk\"]\n";

/// The workflow with these stages.
pub(super) fn stages(stages: &str) -> Book {
    book(&[BASE, ASKED]).with(STAGE, stages)
}

/// Who may approve one day and cannot today.
pub(super) fn away() -> Vec<Row> {
    let joins = book(&[BASE, ASKED, EVE]);
    let on_leave = joins.with("start=2026-12-02", "status=\"on-leave\"");
    let named =
        |book: &Book| book.with("approvers=[\"team:desk\"]", "approvers=[\"team:desk\",\"person:eve\"]");
    let member = |book: &Book| book.with(DESK, "members=[\"boss\",\"bob\",\"eve\"]");
    let instead = |book: &Book| {
        book.with("approvers=[\"team:desk\"]", "approvers=[\"team:desk\"]\nfallback=[\"person:eve\"]")
    };
    let later = |book: &Book, who: &str| {
        let escalates = format!("approvers=[\"team:desk\"]\nwithin=\"1d\"\non-timeout={{escalate=[{who}]}}");
        book.with("approvers=[\"team:desk\"]", &escalates)
    };
    let managed = stages("[[workflow.w.stage]]\nid=\"s\"\napprovers=[\"role:manager\",\"person:oli\"]\n")
        .and(EVE)
        .and(&EVE.replace("eve", "eva").replace("Eve", "Eva"))
        .with("manager=\"boss\"", "manager=\"eva\"");
    let says = "`eve` (not today) can approve as well, once here";
    // Whoever left does not come back by themselves.
    let gone = ("members=[\"boss\",\"bob\",\"eve\"]", "members=[\"boss\",\"bob\",\"eve\",\"ivy\"]");
    let ivy =
        EVE.replace("eve", "ivy").replace("Eve", "Ivy").replace("start=2026-12-02", "status=\"inactive\"");
    vec![
        row("a member who has not begun", &joins, &member(&joins), says),
        near(
            row(
                "a member on leave, next to one who left",
                &on_leave.and(&ivy),
                &member(&on_leave.and(&ivy)),
                says,
            ),
            gone.0,
            gone.1,
        ),
        row("an approver who has not begun", &joins, &named(&joins), says),
        row("somebody who stands in one day", &joins, &instead(&joins), "`eve` (not today) can stand in"),
        row(
            "somebody asked later one day",
            &later(&joins, "\"person:oli\""),
            &later(&joins, "\"person:oli\",\"person:eve\""),
            "`eve` (not today) can approve as well when the time is up",
        ),
        row(
            "another manager who is away",
            &managed,
            &managed.with("manager=\"eva\"", "manager=\"eve\""),
            says,
        ),
    ]
}

/// Who is asked after whom, where that matters.
pub(super) fn ordered() -> Vec<Row> {
    let desk =
        |need: &str| format!("[[workflow.w.stage]]\nid=\"s\"\napprovers=[\"team:desk\"]\nneed={need}\n");
    let oli = |time: &str| format!("[[workflow.w.stage]]\nid=\"t\"\napprovers=[\"person:oli\"]\n{time}");
    let timed = oli("within=\"1d\"\non-timeout=\"deny\"\n");
    let first = stages(&[timed.clone(), desk("1")].concat());
    let last = stages(&[desk("1"), timed.clone()].concat());
    let harder = stages(&[desk("2"), timed].concat());
    vec![
        row(
            "a stage with little time is asked last",
            &first,
            &last,
            "begins once the stages before it agreed, and not at once",
        ),
        row(
            "the stage before it needs more",
            &last,
            &harder,
            "other stages have to agree before the time to answer begins",
        ),
    ]
}

/// Changes of who is asked that a gate for what loosens lets through, with what is said.
pub(super) fn let_through() -> Vec<(&'static str, Book, Book, &'static str)> {
    let desk =
        |need: &str| format!("[[workflow.w.stage]]\nid=\"s\"\napprovers=[\"team:desk\"]\nneed={need}\n");
    let oli = "[[workflow.w.stage]]\nid=\"t\"\napprovers=[\"person:oli\"]\n".to_owned();
    let waits = oli.clone() + "within=\"1d\"\n";
    let of = |one: &str, other: &str| stages(&[one, other].concat());
    let risky = book(&[BASE, ASKED])
        .with("name=\"Adm\"\nrisk=\"low\"", "name=\"Adm\"\nrisk=\"medium\"\nmax-duration=\"90d\"");
    vec![
        (
            "without a time the order does not matter",
            of(&oli, &desk("1")),
            of(&desk("1"), &oli),
            "is decided as before",
        ),
        (
            "nor where nothing happens then",
            of(&waits, &desk("1")),
            of(&desk("1"), &waits),
            "is decided as before",
        ),
        ("more votes without a time", of(&desk("1"), &oli), of(&desk("2"), &oli), "tightens"),
        (
            "dates that nobody has",
            book(&[BASE, ASKED]),
            book(&[BASE, ASKED]).set("time-zone = \"UTC\"", "time-zone = \"Asia/Tokyo\""),
            "is decided as before",
        ),
        (
            "a word above what is asked for",
            book(&[BASE, &reads("subject.clearance.max = \"some\"")]).declare(CLEARANCE),
            book(&[BASE, &reads("subject.clearance.max = \"some\"")]).declare(CLEARANCE).set(WORDS, MORE),
            "is decided as before",
        ),
        (
            "a colleague who moves without anybody's noticing",
            book(&[BASE, HELD, &reads("peers.share.min = 40")]),
            book(&[BASE, HELD, &reads("peers.share.min = 40")])
                .with("department=\"ops\"\ntitle=\"x\"", "department=\"sales\"\ntitle=\"y\""),
            "is decided as before",
        ),
        (
            "words of a service",
            risky.clone(),
            risky.with("name=\"Mail\"", "name=\"Letters\""),
            "is decided as before",
        ),
    ]
}

/// What changes about everybody because of some.
pub(super) fn others() -> Vec<Row> {
    // Of the two in sales one has a mailbox: of three it would be every second colleague.
    let peers = book(&[BASE, HELD, &reads("peers.share.min = 60")]);
    let later = peers.with("start = 2026-01-01", "start = 2026-12-20");
    let dated = book(&[BASE, ASKED]).with("name=\"Ann\"\n", "name=\"Ann\"\nend=2026-12-05\n");
    let twice = book(&[BASE, ASKED])
        .with("name=\"Ann\"\n", "name=\"Ann\"\naccounts.github=\"ann\"\n")
        .and("\n[person.ann-two]\nname=\"Ann\"\ndepartment=\"ops\"\ntitle=\"y\"\naccounts.github=\"ann\"\n");
    let cleared = book(&[BASE, &reads("subject.clearance.min = \"some\"")]).declare(CLEARANCE);
    vec![
        near(
            row(
                "a colleague who moves",
                &peers,
                &peers.with("department=\"ops\"\ntitle=\"x\"", "department=\"sales\"\ntitle=\"x\""),
                "people have other colleagues, which matters to 1 person or account who asks for 1 entitlement",
            ),
            "email=\"o@e.com\"",
            "email=\"oli@e.com\"",
        ),
        near(
            row(
                "a colleague who moves and what others will hold",
                &later,
                &later.with("department=\"ops\"\ntitle=\"x\"", "department=\"sales\"\ntitle=\"x\""),
                "people have other colleagues, which matters to 1 person or account who asks for 1 entitlement",
            ),
            "email=\"o@e.com\"",
            "email=\"oli@e.com\"",
        ),
        row("a word that is appended", &cleared, &cleared.set(WORDS, MORE), "subject.clearance is `more`"),
        row(
            "until when somebody is here",
            &dated,
            &dated.set("time-zone = \"UTC\"", "time-zone = \"Pacific/Honolulu\""),
            "dates are meant in another time zone, which person:ann read",
        ),
        row(
            "what somebody holds under another record",
            &twice.and(
                "\n[grant.second]\nbeneficiary=\"ann-two\"\nentitlement=\"mail/adm\"\nstart=2026-11-01\nend=2026-12-31\n\
                 justification=\"work\"\n",
            ),
            &twice,
            "what is known of somebody's other record, which person:ann read",
        ),
        row(
            "access without an end",
            &book(&[BASE, ASKED]).with("name=\"Adm\"\nrisk=\"low\"", "name=\"Adm\"\nrisk=\"medium\""),
            &book(&[BASE, ASKED]),
            "can be given without an end",
        ),
    ]
}
