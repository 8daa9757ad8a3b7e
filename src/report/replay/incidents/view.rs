//! What a replay of tickets found, as data.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    model::replay_map::Kept,
    report::{
        replay::shared::{FORMAT_VERSION, ReadFrom, Rejects, Threshold},
        revision::At,
    },
    simulate::replay::{
        Spread,
        incidents::{Group, Key, Outcome},
    },
};

/// What `gitsm replay incidents --format json` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm replay incidents --format json`")]
pub struct Report {
    /// The version of this format.
    pub format_version: u32,
    /// The commit that holds the rulebook; missing for the files of the folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<At>,
    /// How many rows were read.
    pub rows: u64,
    /// How many tickets were worked out.
    pub tickets: u64,
    /// The columns that were read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ReadFrom>,
    /// The rows that could not be used, and tickets, by their first rows.
    pub rejects: Rejects,
    /// When the first ticket was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// When the last ticket was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// When clocks were read that did not stop.
    pub as_of: String,
    /// Tickets whose rows are not in the order of their instants; they were put in order.
    pub out_of_order: u64,
    /// Tickets of which something is said to have happened before they were opened; it counts as their opening.
    pub before_opening: u64,
    /// Tickets about which nothing was promised.
    pub nothing_promised: u64,
    /// All clocks together.
    pub all: Figures,
    /// Clocks by what they measure.
    pub targets: Vec<OfTarget>,
    /// Tickets by whether the target to solve them was kept, beside what the file says; missing when it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Recorded>,
    /// What the other rulebook says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// The limits that were set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<Threshold>,
}

/// Two rulebooks, held against each other by what they say about the same tickets.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Against {
    /// The other rulebook.
    pub rulebook: String,
    /// Tickets about which both say the same.
    pub same: u64,
    /// Tickets about which they do not.
    pub flips: u64,
    /// Targets that are not kept and are by the other rulebook, or are not promised there.
    pub new_breaches: u64,
    /// Targets by what becomes of them.
    pub changes: Vec<Changed>,
}

/// Targets of which the two say otherwise what became of them.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Changed {
    /// The target: `respond`, `update`, `workaround` or `resolve`.
    pub target: &'static str,
    /// What the other rulebook says: `met`, `breached`, `open`, `open-breached`, `not-promised`, or `unknown` where the ticket
    /// cannot be worked out.
    pub before: &'static str,
    /// What this one says.
    pub after: &'static str,
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Vec<Flip>,
}

/// A target of which the two say otherwise what became of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Flip {
    /// The first row of the ticket, from 1.
    pub row: u64,
    /// The line on which it starts.
    pub line: u64,
    /// The ticket.
    pub ticket: String,
    /// How long it took by the other rulebook; missing where nothing is promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Took>,
    /// How long it took by this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Took>,
}

/// Business time.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Took {
    /// How much of it passed.
    pub seconds: i64,
    /// How much of it might have passed.
    pub target_seconds: i64,
}

/// Clocks that measure the same.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct OfTarget {
    /// The tier of the service, where the rows name one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The SLA.
    pub sla: String,
    /// The priority.
    pub priority: String,
    /// The target: `respond`, `update`, `workaround` or `resolve`.
    pub target: String,
    /// How they fared.
    #[serde(flatten)]
    pub figures: Figures,
    /// The first whose targets were not kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
}

/// How clocks fared. Those that were cancelled, because the priority or the SLA changed, do not count.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Figures {
    /// Clocks that stopped.
    pub finished: u64,
    /// Those of them whose target was not kept.
    pub breached: u64,
    /// Those of them whose target would not have been kept if the clock never stood still; missing when no column says in which
    /// state tickets were, so that nobody knows of pauses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breached_without_pauses: Option<u64>,
    /// Clocks that have not stopped.
    pub open: u64,
    /// Those of them whose target is used up already.
    pub open_breached: u64,
    /// Half of those that stopped took no more business minutes, without pauses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median: Option<i64>,
    /// Nine of ten took no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ninety: Option<i64>,
}

/// A target that was not kept.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Example {
    /// The first row of the ticket, from 1.
    pub row: u64,
    /// The line on which it starts.
    pub line: u64,
    /// The ticket.
    pub ticket: String,
    /// How much business time it took.
    pub seconds: i64,
    /// How much it might have taken.
    pub target_seconds: i64,
}

/// Tickets by whether the target to solve them was kept, beside what the file says.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Recorded {
    /// Kept, and the file says so.
    pub met_and_met: u64,
    /// Kept, and the file says that it was not.
    pub met_and_recorded_breached: u64,
    /// Not kept, and the file says that it was.
    pub breached_and_recorded_met: u64,
    /// Not kept, and the file says so.
    pub breached_and_breached: u64,
}

/// What was asked for.
#[derive(Debug)]
pub struct Asked {
    /// The columns that were read.
    pub columns: Vec<ReadFrom>,
    /// How many rows may be rejected.
    pub allowed: u64,
    /// When clocks were read that did not stop.
    pub now: Timestamp,
    /// The commit that holds the rulebook.
    pub at: Option<At>,
    /// The name of the other rulebook.
    pub against: Option<String>,
    /// Whether a column says in which state tickets were.
    pub says_states: bool,
    /// The limits that were set.
    pub thresholds: Vec<Threshold>,
}

impl Report {
    /// The report of a replay.
    #[must_use]
    pub fn new(outcome: &Outcome, asked: Asked) -> Self {
        let tally = &outcome.tally;
        let says_states = asked.says_states;
        Self {
            format_version: FORMAT_VERSION,
            rulebook: asked.at,
            rows: outcome.rows,
            tickets: tally.tickets,
            columns: asked.columns,
            rejects: Rejects::new(&outcome.rejects, asked.allowed),
            first: tally.period.map(|(first, _)| first.to_string()),
            last: tally.period.map(|(_, last)| last.to_string()),
            as_of: asked.now.to_string(),
            out_of_order: tally.remarks.out_of_order,
            before_opening: tally.remarks.before_opening,
            nothing_promised: tally.remarks.nothing_promised,
            all: figures(&tally.all(), says_states),
            targets: tally.groups.iter().map(|(key, group)| target(key, group, says_states)).collect(),
            recorded: recorded(outcome),
            against: against(outcome, asked.against),
            thresholds: asked.thresholds,
        }
    }
}

fn against(outcome: &Outcome, rulebook: Option<String>) -> Option<Against> {
    let flips = outcome.flips.as_ref()?;
    let took =
        |took: Option<(i64, i64)>| took.map(|(seconds, target_seconds)| Took { seconds, target_seconds });
    let changes = flips.changes.iter().map(|(change, changed)| Changed {
        target: change.target.name(),
        before: change.before.name(),
        after: change.after.name(),
        count: changed.count,
        first: changed
            .first
            .iter()
            .map(|flip| Flip {
                row: flip.row,
                line: flip.line,
                ticket: flip.ticket.clone(),
                before: took(flip.before),
                after: took(flip.after),
            })
            .collect(),
    });
    Some(Against {
        rulebook: rulebook.unwrap_or_default(),
        same: flips.same,
        flips: flips.count,
        new_breaches: flips.new_breaches(),
        changes: changes.collect(),
    })
}

fn figures(group: &Group, says_states: bool) -> Figures {
    let took: &Spread = &group.took;
    Figures {
        finished: group.finished,
        breached: group.breached,
        breached_without_pauses: says_states.then_some(group.breached_without_pauses),
        open: group.open,
        open_breached: group.open_breached,
        median: took.within(50),
        ninety: took.within(90),
    }
}

fn target(key: &Key, group: &Group, says_states: bool) -> OfTarget {
    let examples = group.first.0.iter().map(|breach| Example {
        row: breach.row,
        line: breach.line,
        ticket: breach.ticket.clone(),
        seconds: breach.seconds,
        target_seconds: breach.most,
    });
    OfTarget {
        tier: key.tier.as_ref().map(ToString::to_string),
        sla: key.sla.to_string(),
        priority: key.priority.to_string(),
        target: key.target.name().to_owned(),
        figures: figures(group, says_states),
        examples: examples.collect(),
    }
}

fn recorded(outcome: &Outcome) -> Option<Recorded> {
    let all = &outcome.tally.recorded;
    let of = |kept, recorded| all.get(&(kept, recorded)).copied().unwrap_or_default();
    (!all.is_empty()).then(|| Recorded {
        met_and_met: of(Kept::Met, Kept::Met),
        met_and_recorded_breached: of(Kept::Met, Kept::Breached),
        breached_and_recorded_met: of(Kept::Breached, Kept::Met),
        breached_and_breached: of(Kept::Breached, Kept::Breached),
    })
}
