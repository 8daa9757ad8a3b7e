//! How far approvals have come: cases from files, the command, and what it does with bad input.

mod cases;
mod command;

/// The people and the service of the cases. `rita` asks; `gus` leaves on the second day.
const WORLD: &str = r#"
[person]
ana = { name = "Ana Silva" }
ben = { name = "Ben Okoro" }
cleo = { name = "Cleo Martin" }
dan = { name = "Dan Kim" }
eve = { name = "Eve Berg" }
fay = { name = "Fay Lund", title = "Auditor" }
gus = { name = "Gus Roth", end = 2026-03-03 }
old = { name = "Otto Last", status = "inactive" }
rita = { name = "Rita Vale", manager = "ana" }
robot = { name = "Robot", employment = "service-account", owner = "person:ana" }

[team]
red = { name = "Red", members = ["ana", "ben"] }
blue = { name = "Blue", members = ["cleo", "dan"] }
nobody = { name = "Nobody", members = ["old"] }

[calendar.office]
name = "Office"
time-zone = "UTC"
weekly.mon-fri = ["09:00-17:00"]

[service.mail]
name = "Mail"
owner = "person:ana"
tier = "standard"
lifecycle = "active"

[tier.standard]
name = "Standard"
rank = 1

[service.mail.entitlement.shared]
name = "Shared mailbox"
description = "a mailbox of several people"
risk = "low"
max-duration = "90d"
"#;

const SETTINGS: &str = "[project]\nname = \"Cases\"\n";

/// When requests are made: a Monday at midnight.
const MADE: &str = "2026-03-02T00:00:00Z";

/// The rule and the workflow that decide.
fn policy(when: &str, decision: &str, require: &str, distinct: bool, stages: &str) -> String {
    format!(
        "[access.mail]\napplies-to.service = \"mail\"\n[[access.mail.rule]]\nid = \"ask\"\n{when}\n\
         decision = {decision}\n{require}\n[workflow.ask]\nname = \"Ask\"\ndistinct = {distinct}\n\
         [[workflow.ask.stage]]\n{stages}\n"
    )
}

/// The instant so many hours after the request, `9h`.
fn instant(hours: &str) -> String {
    let hours: i64 = hours.strip_suffix('h').unwrap_or_else(|| panic!("`{hours}`")).parse().unwrap();
    let made: jiff::Timestamp = MADE.parse().unwrap();
    (made + jiff::SignedDuration::from_hours(hours)).to_string()
}
