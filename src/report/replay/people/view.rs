//! What a replay of joiners, movers and leavers found, as data.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    report::{
        replay::shared::{FORMAT_VERSION, ReadFrom, Rejects, Threshold},
        revision::At,
    },
    simulate::replay::people::{self as simulated, Outcome},
};

/// What `gitsm replay people --format json` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm replay people --format json`")]
pub struct Report {
    /// The version of this format.
    pub format_version: u32,
    /// The commit that holds the rulebook; missing for the files of the folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<At>,
    /// How many rows were read.
    pub rows: u64,
    /// The columns that were read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ReadFrom>,
    /// The rows that could not be used.
    pub rejects: Rejects,
    /// When the first event was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// When the last event was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// Rows that say an earlier instant than one before them. Rows count in the order of the file. Missing when none says when
    /// it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_order: Option<u64>,
    /// All events.
    pub events: Counts,
    /// Events by year.
    pub years: Vec<Year>,
    /// People who are there at the end.
    pub people: u64,
    /// Memberships of teams at the end; missing when no event is about a team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memberships: Option<u64>,
    /// What bundles would have given and taken.
    pub bundles: Vec<BundleUse>,
    /// The end, held against the teams of the rulebook; missing when no event is about a team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teams: Option<Teams>,
    /// What the bundles of the other rulebook give and take otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// The limits that were set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<Threshold>,
}

/// Two rulebooks, held against each other by what their bundles give and take.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Against {
    /// The other rulebook.
    pub rulebook: String,
    /// Events by which both give and take the same.
    pub same: u64,
    /// Events by which they do not.
    pub flips: u64,
    /// How often something is given that is not by the other one.
    pub newly_given: u64,
    /// What only one of them gives or takes.
    pub changes: Vec<Changed>,
}

/// Something that only one rulebook gives or takes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Changed {
    /// What.
    pub entitlement: String,
    /// Whether it is `given` or `taken`.
    pub what: &'static str,
    /// Whether this rulebook does it (`now`) or the other (`before`).
    pub by: &'static str,
    /// How often.
    pub count: u64,
    /// The first events.
    pub first: Vec<Event>,
}

/// Something that happened to somebody.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Event {
    /// The row, from 1.
    pub row: u64,
    /// The line on which it starts.
    pub line: u64,
    /// Who.
    pub person: String,
}

/// How many events.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Somebody came who was not there.
    pub joiners: u64,
    /// Something changed for somebody who stayed.
    pub movers: u64,
    /// Somebody went.
    pub leavers: u64,
    /// Something changed for somebody who was not there and is not.
    pub others: u64,
}

/// Events of a year.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct Year {
    /// The year, in UTC.
    pub year: i16,
    /// How many.
    #[serde(flatten)]
    pub events: Counts,
}

/// What a bundle would have done.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BundleUse {
    /// The bundle.
    pub bundle: String,
    /// How often it was given.
    pub given: u64,
    /// How often it was taken.
    pub taken: u64,
    /// Who has it at the end.
    pub held: u64,
}

/// The end, held against the teams of the rulebook.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Teams {
    /// Memberships that differ.
    pub differences: u64,
    /// Those that the rulebook does not hold.
    pub only_in_events: Vec<Membership>,
    /// Those that the events do not end in.
    pub only_in_rulebook: Vec<Membership>,
}

/// Somebody in a team.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Membership {
    /// The team.
    pub team: String,
    /// Who.
    pub person: String,
}

/// What was asked for.
#[derive(Debug)]
pub struct Asked {
    /// The columns that were read.
    pub columns: Vec<ReadFrom>,
    /// How many rows may be rejected.
    pub allowed: u64,
    /// The commit that holds the rulebook.
    pub at: Option<At>,
    /// The name of the other rulebook.
    pub against: Option<String>,
    /// The limits that were set.
    pub thresholds: Vec<Threshold>,
}

impl From<simulated::Counts> for Counts {
    fn from(counts: simulated::Counts) -> Self {
        Self {
            joiners: counts.joiners,
            movers: counts.movers,
            leavers: counts.leavers,
            others: counts.others,
        }
    }
}

impl Report {
    /// The report of a replay.
    #[must_use]
    pub fn new(outcome: &Outcome, asked: Asked) -> Self {
        let tally = &outcome.tally;
        let memberships = |all: &[simulated::Membership]| -> Vec<Membership> {
            all.iter()
                .map(|one| Membership { team: one.team.to_string(), person: one.person.to_string() })
                .collect()
        };
        let bundles = tally.bundles.iter().map(|(bundle, used)| BundleUse {
            bundle: bundle.to_string(),
            given: used.given,
            taken: used.taken,
            held: used.held,
        });
        Self {
            format_version: FORMAT_VERSION,
            rulebook: asked.at,
            rows: outcome.rows,
            columns: asked.columns,
            rejects: Rejects::new(&outcome.rejects, asked.allowed),
            first: tally.period.map(|(first, _)| first.to_string()),
            last: tally.period.map(|(_, last)| last.to_string()),
            out_of_order: tally.period.map(|_| tally.out_of_order),
            events: tally.all.into(),
            years: tally
                .years
                .iter()
                .map(|(year, counts)| Year { year: *year, events: (*counts).into() })
                .collect(),
            people: tally.people,
            memberships: tally.has_teams.then_some(tally.memberships),
            bundles: bundles.collect(),
            teams: tally.has_teams.then(|| Teams {
                differences: tally.differences(),
                only_in_events: memberships(&tally.only_in_events),
                only_in_rulebook: memberships(&tally.only_in_rulebook),
            }),
            against: against(outcome, asked.against),
            thresholds: asked.thresholds,
        }
    }
}

fn against(outcome: &Outcome, rulebook: Option<String>) -> Option<Against> {
    let flips = outcome.flips.as_ref()?;
    let event = |(row, line, person): &(u64, u64, crate::model::Id)| Event {
        row: *row,
        line: *line,
        person: person.to_string(),
    };
    let changes = flips.changes.iter().map(|(change, changed)| Changed {
        entitlement: change.entitlement.to_string(),
        what: if change.given { "given" } else { "taken" },
        by: if change.now { "now" } else { "before" },
        count: changed.count,
        first: changed.first.iter().map(event).collect(),
    });
    Some(Against {
        rulebook: rulebook.unwrap_or_default(),
        same: flips.same,
        flips: flips.count,
        newly_given: flips.newly_given(),
        changes: changes.collect(),
    })
}
