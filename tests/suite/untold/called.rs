//! Who is called: because of who reports it, and because it is major.

use super::books::{BASE, INCIDENTS, Row, TOLD, book, near, row};

const MAJOR: &str = r#"
[major-incident.big]
name = "Big"
owner = "team:desk"
when.service.tier = "top"
commander = "role:team-lead"
responders = ["team:net"]
[tier.top]
name = "Top"
rank = 1
downtime-cost = "9 EUR"
sla = "sl"
availability = "99.5%"
"#;

/// What a tier promises.
pub(super) fn promised() -> Vec<Row> {
    let times = "availability=\"99.5%\"\nrecovery-time=\"8h\"\nrecovery-point=\"1h\"\n";
    let base = book(&[BASE]).with("availability=\"99.5%\"\n", times);
    let other = |from, to| base.with(from, to);
    let named = |row| near(row, "name=\"Std\"", "name=\"Standard\"");
    vec![
        named(row(
            "less availability",
            &base,
            &other("99.5%", "99%"),
            "available at least: 99% instead of 99.5%",
        )),
        named(row(
            "later recovery",
            &base,
            &other("recovery-time=\"8h\"", "recovery-time=\"1d\""),
            "works again after a disaster within: 1d instead of 8h",
        )),
        named(row(
            "more data lost",
            &base,
            &other("recovery-point=\"1h\"", "recovery-point=\"4h\""),
            "data that can be lost in a disaster: 4h instead of 1h",
        )),
    ]
}

/// Who is called.
pub(super) fn called() -> Vec<Row> {
    let told = |who: &str| {
        book(&[BASE, INCIDENTS, &TOLD.replace("WHO", who)])
            .with("[sla.sl]\n", "[sla.sl]\nescalation=\"late\"\n")
    };
    let manager = told("role:manager");
    let reports = told("role:manager-2").with(
        "[person.boss]\nname=\"Boss\"\n",
        "[person.eve]\nname=\"Eve\"\nemail=\"e@example.com\"\ndepartment=\"it\"\ntitle=\"x\"\n\
         [person.boss]\nname=\"Boss\"\nmanager=\"eve\"\n",
    );
    let major = book(&[BASE, INCIDENTS, MAJOR]);
    let security = major.with("when.service.tier = \"top\"", "when.requester.department = \"ops\"");
    let named = |row| near(row, "name = \"Net\"", "name = \"Network\"");
    vec![
        named(row(
            "another manager",
            &manager,
            &manager.with("[person.ann]\nname=\"Ann\"\nemail=\"a@e.com\"\ndepartment=\"sales\"\ntitle=\"x\"\nmanager=\"boss\"", "[person.ann]\nname=\"Ann\"\nemail=\"a@e.com\"\ndepartment=\"sales\"\ntitle=\"x\"\nmanager=\"oli\""),
            "as the manager, `oli` is called instead of `boss` for tickets of `ann`",
        )),
        named(row(
            "a manager who is not here",
            &manager,
            &manager.with("[person.boss]\n", "[person.boss]\nstatus=\"on-leave\"\n"),
            "as the manager, nobody is called instead of `boss` for tickets of `ann`, `bob` and `oli`",
        )),
        named(row(
            "a manager further up",
            &reports,
            &reports.with("manager=\"eve\"\n", ""),
            "as the manager 2 levels up, nobody is called instead of `eve`",
        )),
        named(row(
            "a service of a tier that makes incidents major",
            &major.with("tier=\"std\"\n", "tier=\"top\"\n"),
            &major,
            "is major no longer id",
        )),
        named(row(
            "members of a team that a major incident calls",
            &major,
            &major.with("members = [\"oli\", \"ann\"]", "members = [\"oli\"]"),
            "as the team `net`, `oli` is called instead of `ann` and `oli`",
        )),
        named(row(
            "the lead of a team that a major incident calls",
            &major,
            &major.with("lead=\"boss\"\n", "lead=\"bob\"\n"),
            "as the team lead, `bob` is called instead of `boss` for incidents about `mail`",
        )),
        named(row(
            "what is known of those who report it",
            &security,
            &security.with("department=\"ops\"", "department=\"it\""),
            "something else is known about people, which its rules read",
        )),
    ]
}
