//! `gitsm replay`.

mod against;
mod incidents;
mod memory;
mod packed;
mod people;
mod real_data;
mod refused;
mod requests;

use serde_json::Value;

use crate::support::{Repository, Run, gitsm};

/// The instant that counts as now, unless a test says another one.
const NOW: &str = "2026-11-20T12:00:00Z";

/// Replays requests of a file.
fn requests(repository: &Repository, arguments: &[&str]) -> Run {
    gitsm(&[&["replay", "requests", "--now", NOW], arguments].concat(), repository.path())
}

/// The report of a replay as JSON, and how it ended.
fn report(repository: &Repository, arguments: &[&str]) -> (Value, i32) {
    let run = requests(repository, &[arguments, &["--format", "json"]].concat());
    let report = serde_json::from_str(&run.stdout);
    (report.unwrap_or_else(|error| panic!("{error}: {run:#?}")), run.status)
}

/// Requests of the small repository with each verdict, and what was decided at the time.
pub const REQUESTS: &str = "\
id,requester,entitlements,duration,justification,now,outcome
R-1,dan,mail/user,,,2026-03-02T09:00:00Z,approved
R-2,cleo,mail/user,,,2026-03-02T09:30:00Z,denied
R-3,dan,mail/admin,30d,the server moves,2026-03-02T10:00:00Z,approved
R-4,cleo,mail/admin,30d,I would like to,2026-03-02T11:00:00Z,approved
R-5,cleo,mail/admin,30d,I insist,2026-03-03T11:00:00Z,denied
R-6,ben,mail/admin,30d,on call,2026-03-06T15:00:00Z,
";

/// What happened to people, with something of each part of a report about it.
pub const PEOPLE: &str = "\
person,at,action,team,role
ana,2026-01-05T09:00:00Z,add,desk,lead
ben,2026-01-05T09:00:00Z,add,desk,
ben,2026-02-02T09:00:00Z,add,security,
cleo,2026-02-02T09:00:00Z,join,,
eve,2026-02-03T09:00:00Z,add,desk,
eve,2026-03-02T09:00:00Z,remove,desk,
eve,2026-03-02T09:00:00Z,add,desk,former
nobody,2026-03-02T09:00:00Z,leave,,
";
