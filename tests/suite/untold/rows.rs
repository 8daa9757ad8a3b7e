//! Kinds of change, each with what is said about it and its nearest neighbour.

use super::books::{
    ACCOUNT, ADM, ANN, APART, APPROVED, BASE, BUNDLE, Book, CLEARANCE, DENIED, HELD, HOURS, INCIDENTS, MODEL,
    MORE_HOURS, Row, SOME_HOURS, TOLD, TYPE, book, guarded, near, reads, row,
};

/// What rules read behind a name.
pub(super) fn behind_names() -> Vec<Row> {
    let within = "request.instant.within = \"hours\"";
    let other_hours = |rules: &str| {
        let old = book(&[BASE, HOURS, rules]);
        let new = old.with(SOME_HOURS, MORE_HOURS);
        (old, new)
    };
    let (rule, rule_new) = other_hours(&reads(within));
    let (guard, guard_new) = other_hours(&[APPROVED, &guarded(within)].concat());
    let (kind, kind_new) =
        other_hours(&[TYPE, "available-when.request.instant.within = \"hours\"\n"].concat());
    let says = "is within `hours`, and was not before";
    let (far, far_new) = (
        &rule,
        rule.with("name = \"hours\"\n", "name = \"hours\"\nholidays = { 2041-12-27 = \"Far away\" }\n"),
    );
    let supported = book(&[BASE, HOURS, &reads("request.outside-hours = false")])
        .with("support-team=\"desk\"\n", "support-team=\"desk\"\nsupport-hours=\"hours\"\n");
    let peers = book(&[BASE, &reads("peers.share.min = 50")]);
    let ends = book(&[BASE, &reads("subject.end.exists = false")]);
    let renamed = |row| near(row, "name = \"hours\"", "name = \"the hours\"");
    vec![
        renamed(row(
            "hours in years that are not looked at",
            far,
            &far_new,
            "the hours of the calendar `hours` are others",
        )),
        renamed(row("hours that a rule reads", &rule, &rule_new, says)),
        renamed(row("hours that a guardrail reads", &guard_new, &guard, "is not within `hours` any more")),
        renamed(row("hours that a request type reads", &kind, &kind_new, says)),
        row(
            "hours of support",
            &supported,
            &supported.with(SOME_HOURS, MORE_HOURS),
            "the hours of support of some services are others",
        ),
        row(
            "who is alike",
            &peers,
            &peers.declare("[decision]\npeers-by = [\"department\"]\n"),
            "people have other colleagues",
        ),
        row(
            "where dates are meant",
            &ends,
            &ends.set("time-zone = \"UTC\"", "time-zone = \"Asia/Tokyo\""),
            "dates are meant in another time zone",
        ),
    ]
}

/// Requests that name a service and ask for no access.
pub(super) fn named_services() -> Vec<Row> {
    let says = "requests that name `mail` and ask for no access may be decided otherwise";
    let open = book(&[BASE, APPROVED, TYPE]);
    let guard = "[guardrail.g]\ndescription = \"not for mail\"\nowner = \"team:desk\"\napplies-to.service = \"mail\"\nwhen.request.emergency = true\nrequire = [\"ticket\"]\n";
    let owned = open.with("approvers=[\"team:desk\"]", "approvers=[\"role:service-owner\"]");
    let tiers = open.and("available-when.service.lifecycle = \"active\"\n");
    vec![
        near(
            row("a guardrail of a service", &open.and(guard), &open, says),
            "field.why.label = \"Why?\"",
            "field.why.label = \"Why is it?\"",
        ),
        row(
            "who answers for a service",
            &owned,
            &owned.with(
                "[service.mail]\nname=\"Mail\"\nowner=\"person:boss\"",
                "[service.mail]\nname=\"Mail\"\nowner=\"person:oli\"",
            ),
            says,
        ),
        row(
            "a service that a request type reads",
            &tiers.with("lifecycle=\"active\"", "lifecycle=\"deprecated\""),
            &tiers,
            says,
        ),
    ]
}

/// What is known about people, what they hold, and what is asked of them.
pub(super) fn people_and_forms() -> Vec<Row> {
    let base = book(&[BASE, APPROVED]);
    let apart = book(&[BASE, APPROVED, APART]);
    let holds = "grants.entitlements.contains = \"mail/box\"";
    let granted = book(&[BASE, &reads(holds)]);
    let refused = book(&[BASE, APPROVED, &guarded(holds)]);
    let typed = book(&[BASE, APPROVED, TYPE]);
    let cleared = book(&[BASE, BUNDLE])
        .declare(CLEARANCE)
        .with("when.subject.department = \"sales\"", "when.subject.clearance.min = \"some\"")
        .with(ANN, &format!("{ANN}attributes.clearance=\"some\"\n"));
    let mixed = typed
        .and("available-when.any = [{ subject.department = \"it\" }, { entitlement.risk = \"high\" }]\n");
    let account = base.and(ACCOUNT);
    let both = typed
        .and("[workflow.v]\nname=\"V\"\nowner=\"team:desk\"\n[[workflow.v.stage]]\nid=\"s\"\napprovers=[\"team:desk\"]\n")
        .with("decision = \"auto-approve\"", "decision = { workflow = \"v\" }");
    let people = "something else is known about ann";
    let colleagues = book(&[BASE, &reads("peers.share.min = 50")]);
    let ahead = HELD.replace("2026-01-01", "2027-01-01");
    vec![
        row("what is kept apart", &apart.and(HELD), &apart, people),
        row("what a rule reads of grants", &granted, &granted.and(HELD), people),
        row("what a guardrail reads of grants", &refused.and(HELD), &refused, people),
        row("what colleagues hold", &colleagues, &colleagues.and(HELD), "people hold other access"),
        row("what is kept apart one day", &apart.and(&ahead), &apart, "people hold other access"),
        row(
            "a question of a form",
            &typed.and("field.why.required = true\n"),
            &typed,
            "`why` is not asked for any more, or need not be answered",
        ),
        near(
            row(
                "what a question can be answered with",
                &typed,
                &typed.with(
                    "field.why.type = \"text\"",
                    "field.why.type = \"choice\"\nfield.why.options = [\"a\", \"b\"]",
                ),
                "questions of forms are others",
            ),
            "field.why.label = \"Why?\"",
            "field.why.label = \"Why is it?\"",
        ),
        row(
            "whom a request type asks",
            &typed,
            &typed.with("workflow = \"w\"\n", ""),
            "nobody is asked any more",
        ),
        row(
            "whom a request type and access ask",
            &both,
            &both.with(
                "owner = \"team:desk\"\nrisk = \"low\"\nlifecycle = \"active\"\nworkflow = \"w\"",
                "owner = \"team:desk\"\nrisk = \"low\"\nlifecycle = \"active\"\nworkflow = \"v\"",
            ),
            "stages are asked once for a request type",
        ),
        row(
            "an order of words",
            &cleared,
            &cleared.set("[\"none\", \"some\", \"all\"]", "[\"some\", \"none\", \"all\"]"),
            "attributes are declared otherwise",
        ),
        row(
            "who answers for an account",
            &account,
            &account.with("owner = \"person:ann\"", "owner = \"person:oli\""),
            "who answers for an account",
        ),
        row(
            "until when an approver is here",
            &base.with("[person.bob]\n", "[person.bob]\nend=2027-01-31\n"),
            &base.with("[person.bob]\n", "[person.bob]\nend=2027-12-31\n"),
            "it changed who is here, until when",
        ),
        row(
            "whom a request type for some access is offered to",
            &mixed,
            &mixed.with(
                "[person.oli]\nname=\"Oli\"\nemail=\"o@e.com\"\ndepartment=\"ops\"",
                "[person.oli]\nname=\"Oli\"\nemail=\"o@e.com\"\ndepartment=\"it\"",
            ),
            "something else is known about people",
        ),
    ]
}

/// What binds access besides the decisions about it.
pub(super) fn bound() -> Vec<Row> {
    let base = book(&[BASE, APPROVED]);
    let field = |what: &str| base.with("name=\"Adm\"\n", &format!("name=\"Adm\"\n{what}\n"));
    let renamed = |row| near(row, "name=\"Adm\"", "name=\"Administration\"");
    let often = field("recertify = \"90d\"");
    let owned = field("owner = \"person:boss\"");
    vec![
        renamed(row("how often somebody looks", &often, &base, "nobody looks at who has it any more")),
        renamed(row(
            "how much harm it can do",
            &base.with("name=\"Adm\"\nrisk=\"low\"", "name=\"Adm\"\nrisk=\"critical\""),
            &base.with("name=\"Adm\"\nrisk=\"low\"", "name=\"Adm\"\nrisk=\"high\""),
            "its risk is said to be high instead of critical",
        )),
        renamed(row(
            "who answers for access",
            &owned,
            &owned.with("owner = \"person:boss\"", "owner = \"person:oli\""),
            "`person:oli` answers for it instead of `person:boss`",
        )),
    ]
}

/// Who agrees to changes.
pub(super) fn changes() -> Vec<Row> {
    let model = book(&[BASE, MODEL]);
    let by_role = model.with("approvers=[\"team:desk\"]", "approvers=[\"role:service-owner\"]");
    let asked = |book: &Book| {
        book.with(
            "[service.mail]\nname=\"Mail\"\nowner=\"person:boss\"",
            "[service.mail]\nname=\"Mail\"\nowner=\"person:oli\"",
        )
    };
    let says = "whoever answers for some services is somebody else";
    let sized = model
        .declare("[attribute.change.size]\ntype = \"ordered\"\noptional = true\nvalues = [\"small\", \"large\"]\ndescription = \"how large\"\n")
        .and("[[change-model.normal.risk]]\nid = \"large\"\nwhen.change.size.min = \"large\"\nrisk = \"high\"\n");
    let only_freeze = by_role
        .with("authority.low = \"w\"\nauthority.medium = \"w\"\nauthority.high = \"w\"\nauthority.critical = \"w\"\n", "")
        .with("until = 2026-12-27T00:00:00Z\n", "until = 2026-12-27T00:00:00Z\nauthority = \"w\"\n");
    vec![
        row("the authority of a role", &by_role, &asked(&by_role), says),
        row("the authority of a role in a freeze", &only_freeze, &asked(&only_freeze), says),
        row(
            "attributes of changes",
            &sized,
            &sized.set("values = [\"small\", \"large\"]", "values = [\"large\", \"small\"]"),
            "attributes are declared otherwise, which conditions may read",
        ),
        row(
            "a freeze that was confirmed, and is not",
            &model.with(
                "until = 2026-12-27T00:00:00Z\n",
                "until = 2026-12-27T00:00:00Z\nconfirmed-on = 2026-11-01\n",
            ),
            &model,
            "the dates of the freeze Freeze were confirmed with the business never, and not on 2026-11-01",
        ),
        row(
            "how soon an emergency is looked at",
            &model,
            &model.declare("[grants]\nemergency-review = \"30d\"\n"),
            "access of an emergency is looked at within",
        ),
        row(
            "one of two freezes of one name",
            &model,
            &model.with(
                "from = 2027-03-25T00:00:00Z\nuntil = 2027-03-30T00:00:00Z\n",
                "from = 2027-03-28T00:00:00Z\nuntil = 2027-03-30T00:00:00Z\n",
            ),
            "Freeze",
        ),
    ]
}

/// Who is reached.
pub(super) fn reached() -> Vec<Row> {
    let incidents = book(&[BASE, INCIDENTS]);
    let told = |who: &str| {
        incidents
            .and(&TOLD.replace("WHO", who))
            .with("[sla.sl]\n", "[sla.sl]\nescalation=\"late\"\n")
            .with("team = \"net\"\n", "team = \"desk\"\n")
    };
    let on_call = told("on-call:net");
    let rota = ("on-call.rotation = [\"oli\", \"ann\"]", "on-call.rotation = [\"oli\", \"bob\"]");
    let members = ("members = [\"oli\", \"ann\"]", "members = [\"oli\"]");
    let tier = on_call
        .with("[sla.sl]\nescalation=\"late\"\n", "[sla.sl]\n")
        .with("sla=\"sl\"\n", "escalation=\"late\"\n")
        .with("[category.c]", "[tier.other]\nname=\"Other\"\nrank=3\ndowntime-cost=\"1 EUR\"\nsla=\"sl\"\navailability=\"99%\"\n[category.c]");
    let named = |row| near(row, "name = \"Net\"", "name = \"Network\"");
    vec![
        row(
            "whoever is on call instead of the team",
            &incidents,
            &incidents.with("to = \"support-team\"", "to = \"on-call\""),
            "to whoever of `desk` is on call instead of to the team `desk`",
        ),
        named(row(
            "who is on call when it is late",
            &on_call,
            &on_call.with(rota.0, rota.1),
            "is on call instead of",
        )),
        named(row(
            "the order of turns",
            &on_call,
            &on_call.with(rota.0, "on-call.rotation = [\"ann\", \"oli\"]"),
            "is on call instead of",
        )),
        named(row(
            "somebody on call who is away",
            &on_call,
            &on_call.with(ANN, &format!("{ANN}status=\"on-leave\"\n")),
            "nobody is on call instead of `ann`",
        )),
        named(row(
            "who is on call for incidents",
            &incidents,
            &incidents.with(rota.0, rota.1),
            "is on call instead of",
        )),
        named(row(
            "a team that is told when it is late",
            &told("team:net"),
            &told("team:net").with(members.0, members.1),
            "`ann` is not told any more",
        )),
        named(row(
            "who is told about services without an agreement",
            &tier,
            &tier.with("after = \"1h\"", "after = \"2h\""),
            "is told after 2h",
        )),
        named(row(
            "where a rule sends incidents",
            &incidents,
            &incidents.with("team = \"net\"", "team = \"desk\""),
            "incidents go to the team `desk` instead of to the team `net` when incident.category is `network`",
        )),
        named(row(
            "which incidents a rule sends",
            &incidents,
            &incidents.with("when.incident.category = \"network\"", "when.incident.category = \"c\""),
            "incidents go to the team `net`",
        )),
        named(row(
            "the support team of a service",
            &incidents,
            &incidents.with("support-team=\"desk\"", "support-team=\"net\""),
            "incidents go to the team `net` instead of to the team `desk`",
        )),
        named(row(
            "whatever no rule sends",
            &incidents,
            &incidents.with("default = \"desk\"", "default = \"net\""),
            "incidents about no service go to the team `net`",
        )),
    ]
}

/// Who comes and gets something.
pub(super) fn comers() -> Vec<Row> {
    let asked = |distinct: bool| {
        let workflow = format!("[workflow.w]\ndistinct = {distinct}\n");
        book(&[BASE, APPROVED])
            .with("[workflow.w]\n", &workflow)
            .with("decision = \"auto-approve\"", "decision = { workflow = \"w\" }")
    };
    let bundled = |rule: &str| book(&[BASE, rule, BUNDLE]).with(ADM, &format!("{ADM}requestable = false\n"));
    let eve = "[person.eve]\nname=\"Eve\"\nemail=\"eve@e.com\"\ndepartment=\"sales\"\ntitle=\"x\"\nmanager=\"boss\"\n";
    let base = book(&[BASE, APPROVED]);
    let given = book(&[BASE, APPROVED, BUNDLE]);
    let inactive = base.with(ANN, &format!("{ANN}status=\"inactive\"\n"));
    let ends = |day: &str| base.with("[person.oli]\n", &format!("[person.oli]\nend={day}\n"));
    vec![
        row("somebody is here again", &inactive, &base, "there is one person more: ann"),
        row("people count in several workflows", &asked(true), &asked(false), "may count elsewhere"),
        row(
            "what only a bundle gives",
            &bundled(DENIED),
            &bundled(APPROVED),
            "is granted without asking anybody",
        ),
        row("somebody who is approved at once", &base, &base.and(eve), "there is one person more: eve"),
        row(
            "somebody who gets something with the role",
            &given,
            &given.and(eve),
            "comes with the role, without asking",
        ),
        row(
            "somebody who gets a role",
            &given,
            &given.with("department=\"ops\"", "department=\"sales\""),
            "comes with the role, without asking",
        ),
        row("somebody who stays longer", &ends("2027-01-31"), &ends("2027-06-30"), "ends on 2027-06-30"),
    ]
}
