//! Rebuilds eight years of the teams of an open-source project as a gitsm repository with a commit for each change.
//!
//! It reads a CSV file of events (`committed_at_utc,commit,team,role,action,person`, which may be compressed) and writes
//! what `git fast-import` reads:
//!
//! ```sh
//! git init history && cd history
//! cargo run --release --example rust_team_history -- events.csv.gz | git fast-import --quiet
//! gitsm log team/infra
//! ```
//!
//! The first commit has every person, and every team without anybody in it. Each role of a team is a team of its own:
//! `infra`, `infra.leads`, `infra.alumni`. An event that changes nothing is a commit that changes nothing.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "an example may stop at the first failure, and says how many commits it wrote"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::Path,
};

/// The roles of an event, with what is put behind the name of the team.
const ROLES: [(&str, &str); 3] = [("member", ""), ("lead", ".leads"), ("alumnus", ".alumni")];

/// Somebody who joins or leaves a role of a team.
struct Event {
    seconds: i64,
    team: String,
    role: String,
    joins: bool,
    person: String,
}

fn main() -> io::Result<()> {
    let path = env::args().nth(1).expect("the first argument is the file of events");
    let events = read(&path);
    let mut out = BufWriter::new(io::stdout().lock());
    let teams: BTreeSet<&str> = events.iter().map(|event| event.team.as_str()).collect();
    let people: BTreeSet<&str> = events.iter().map(|event| event.person.as_str()).collect();
    let mut members: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    let mut files = vec![(
        "gitsm.toml".to_owned(),
        "[project]\nname = \"Teams\"\nroots = [\"catalog\"]\n\n[[people]]\nfile = \"catalog/people.csv\"\n"
            .to_owned(),
    )];
    let rows: String = people.iter().fold(String::new(), |mut rows, person| {
        let _ = writeln!(rows, "{person},{person}");
        rows
    });
    files.push(("catalog/people.csv".to_owned(), format!("id,name\n{rows}")));
    files.extend(teams.iter().map(|team| document(team, &members)));
    let first = events.first().map_or(0, |event| event.seconds);
    commit(&mut out, first, "Every team, and nobody in one", &files)?;
    for event in &events {
        let Event { seconds, team, role, joins, person } = event;
        let of_role = members.entry((team, role)).or_default();
        if *joins {
            of_role.insert(person)
        } else {
            of_role.remove(person.as_str())
        };
        let message = format!(
            "{} {person} {} {team} as {role}",
            if *joins { "Add" } else { "Remove" },
            if *joins { "to" } else { "from" }
        );
        commit(&mut out, *seconds, &message, &[document(team, &members)])?;
    }
    out.flush()?;
    eprintln!("{} commits", events.len() + 1);
    Ok(())
}

/// The events, in the order of the file.
fn read(path: &str) -> Vec<Event> {
    let file = File::open(path).expect("the file of events can be opened");
    let is_compressed = Path::new(path).extension().is_some_and(|extension| extension == "gz");
    let input: Box<dyn Read> =
        if is_compressed { Box::new(flate2::read::GzDecoder::new(file)) } else { Box::new(file) };
    let mut reader = csv::Reader::from_reader(input);
    let records = reader.records().map(|record| record.expect("the file of events is CSV"));
    records
        .map(|record| {
            let field = |at: usize| record.get(at).expect("an event has six fields").to_owned();
            let instant: jiff::Timestamp = field(0).parse().expect("an event begins with its instant");
            Event {
                seconds: instant.as_second(),
                team: field(2).replace('/', "."),
                role: field(3),
                joins: field(4) == "add",
                person: field(5),
            }
        })
        .collect()
}

/// The file of a team.
fn document(team: &str, members: &BTreeMap<(&str, &str), BTreeSet<&str>>) -> (String, String) {
    let mut text = String::new();
    for (role, suffix) in ROLES {
        let people = members.get(&(team, role));
        let lines: String = people.into_iter().flatten().fold(String::new(), |mut lines, person| {
            let _ = writeln!(lines, "    {person:?},");
            lines
        });
        let gap = if text.is_empty() { "" } else { "\n" };
        let list = if lines.is_empty() { "[]".to_owned() } else { format!("[\n{lines}]") };
        let _ =
            write!(text, "{gap}[team.\"{team}{suffix}\"]\nname = \"{team} ({role})\"\nmembers = {list}\n");
    }
    (format!("catalog/teams/{team}.toml"), text)
}

fn commit(out: &mut impl Write, seconds: i64, message: &str, files: &[(String, String)]) -> io::Result<()> {
    writeln!(out, "commit refs/heads/main\ncommitter Team Desk <desk@example.com> {seconds} +0000")?;
    writeln!(out, "data {}\n{message}", message.len())?;
    for (path, text) in files {
        writeln!(out, "M 100644 inline {path}\ndata {}\n{text}", text.len())?;
    }
    writeln!(out)
}
