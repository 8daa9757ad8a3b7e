//! Requests for services: what request types themselves decide, held against the engine.

use super::super::*;
use super::cases;
use crate::model::{Id, Ref};

const TYPE: &str = "[request-type.laptop]\nname = \"Laptop\"\nevent = \"provision\"\n";

#[test]
fn request_types_go_the_way_that_they_should() {
    use Direction::{Incomparable, Loosens, Tightens};
    let with = |rest: &str| format!("{TYPE}workflow = \"one\"\n{rest}");
    let none = "[workflow.none]\nname = \"None\"\nautomatic = true\nstage = []\n";
    let asked = |required: bool| {
        with(&format!(
            "field.why.label = \"Why\"\nfield.why.type = \"text\"\nfield.why.required = {required}\n"
        ))
    };
    let guard = "[guardrail.g]\ndescription = \"d\"\nwhen.request.type = \"laptop\"\nwhen.subject.department = \"it\"\ndeny = true\n";
    for (name, before, after, expected) in [
        ("the same", with(""), with(""), &[][..]),
        ("other words", with(""), with("").replace("\"Laptop\"", "\"A laptop\""), &[]),
        (
            "nobody is asked",
            format!("{none}{}", with("")),
            format!("{none}{}", with("").replace("\"one\"", "\"none\"")),
            &[Loosens],
        ),
        // Without a workflow it is decided by default, and access is not asked about besides.
        ("no workflow", with(""), TYPE.to_owned(), &[Loosens, Tightens]),
        ("only some may ask", with(""), with("available-when.subject.department = \"it\"\n"), &[Tightens]),
        ("it is gone", with(""), with("lifecycle = \"retired\"\n"), &[Tightens]),
        ("a question that must be answered", asked(false), asked(true), &[Tightens]),
        ("a guardrail", with(""), format!("{}{guard}", with("")), &[Tightens]),
        (
            "other work",
            with("step = [{ id = \"a\", name = \"A\" }]\n"),
            with("step = [{ id = \"a\", name = \"B\" }]\n"),
            &[Incomparable],
        ),
        (
            "more access",
            with("entitlements = [\"mail/read\"]\n"),
            with("entitlements = [\"mail/read\", \"mail/admin\"]\n"),
            &[Loosens, Tightens],
        ),
        (
            "less access",
            with("entitlements = [\"mail/admin\", \"mail/read\"]\n"),
            with("entitlements = [\"mail/admin\"]\n"),
            &[Loosens, Tightens],
        ),
    ] {
        let found = cases(&before, &after);
        assert!(found.iter().all(|case| case.request_type == Id::new("laptop")), "{name}: {found:#?}");
        let ways: BTreeSet<Direction> = found.iter().map(|case| case.direction).collect();
        assert_eq!(ways, expected.iter().copied().collect(), "{name}: {found:#?}");
    }
}

#[test]
fn a_request_shows_what_a_type_decides_otherwise() {
    let with = |workflow: &str| {
        format!(
            "{TYPE}workflow = \"{workflow}\"\nfield.why.label = \"Why\"\nfield.why.type = \"text\"\nfield.why.required = true\n[workflow.none]\nname = \"None\"\nautomatic = true\nstage = []\n"
        )
    };
    let found = cases(&with("one"), &with("none"));
    let whole = found.iter().find(|case| case.entitlements.is_empty()).unwrap();
    let witness = whole.witness.as_ref().unwrap();
    assert_eq!(witness.request.request_type, Some(Ref::new(Id::new("laptop").unwrap())));
    assert_eq!(witness.request.form.len(), 1);
    assert_ne!(witness.before, witness.after);
}
