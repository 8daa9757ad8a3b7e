//! What a change does to promises, as data with words.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    groups::{self, GroupView},
    reach, words,
};
use crate::{
    impact::commitments::{Case, Change, Commitments, Direction, Example},
    model::incident::Incident,
};

/// What a change does to promises.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct View {
    /// The first date of the period in which tickets start that were compared.
    pub from: String,
    /// The last date of it.
    pub to: String,
    /// How many cases go which way.
    pub counts: Counts,
    /// How many services and request types were compared.
    pub compared: usize,
    /// The cases, those that weaken a promise first.
    pub cases: Vec<CaseView>,
    /// The cases of one cause, which people are told as one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupView>,
    /// What could not be compared. Nothing is known about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<UnknownView>,
}

impl View {
    /// Notes which cases somebody acknowledged, by their fingerprints. Says which fingerprints fit nothing.
    pub fn acknowledge<'f>(&mut self, fingerprints: &'f [String]) -> Vec<&'f str> {
        let mut unused: Vec<&str> = fingerprints.iter().map(String::as_str).collect();
        for case in &mut self.cases {
            case.acknowledged = fingerprints.contains(&case.fingerprint);
            unused.retain(|name| *name != case.fingerprint);
        }
        for unknown in &mut self.unknown {
            unknown.acknowledged = fingerprints.contains(&unknown.fingerprint);
            unused.retain(|name| *name != unknown.fingerprint);
        }
        for group in &mut self.groups {
            let named = fingerprints.contains(&group.fingerprint);
            unused.retain(|name| *name != group.fingerprint);
            group.acknowledged = true;
            for place in &group.cases {
                let Some(case) = self.cases.get_mut(*place) else { continue };
                case.acknowledged |= named;
                group.acknowledged &= case.acknowledged;
            }
        }
        unused
    }

    /// What is told: each case, and those of one cause as one.
    #[must_use]
    pub fn told(&self) -> Vec<CaseView> {
        groups::told(self)
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.cases.is_empty() && self.unknown.is_empty()
    }
}

/// How many cases go which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Less is promised: later, or nothing any more.
    pub weaker: usize,
    /// Less is promised to some and more to others, or it cannot be shown which.
    pub mixed: usize,
    /// More is promised.
    pub stronger: usize,
    /// Something else changes.
    pub neutral: usize,
}

/// Something that changes in the same way for several.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CaseView {
    /// A name that stays the same as long as the case does; acknowledging it acknowledges the case.
    pub fingerprint: String,
    /// What it is about.
    pub topic: &'static str,
    /// Which way it goes, in a word of the topic: `slower`, `faster`,
    /// `mixed`, `lost`, `new`, `later`, `earlier`, `infeasible`, `feasible`, `loosens`, `tightens` and so on.
    pub direction: &'static str,
    /// Whether a gate lets it through only when somebody says so: a promise is weaker, or it cannot be shown that it
    /// is not.
    pub loosens: bool,
    /// Whether somebody acknowledged it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub acknowledged: bool,
    /// For which services, request types and other objects.
    pub subjects: Vec<String>,
    /// What changes, in words.
    pub changes: Vec<String>,
    /// The targets that change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetView>,
    /// Why, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
    /// When a ticket has to start to be touched, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The tickets that show it most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<ExampleView>,
    /// The incidents that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<TicketView>,
    #[serde(skip)]
    way: Direction,
}

impl CaseView {
    /// Which way it goes.
    #[must_use]
    pub const fn way(&self) -> Direction {
        self.way
    }
}

/// A target that changes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct TargetView {
    /// The priority.
    pub priority: String,
    /// What has to be done: `respond`, `update`, `workaround` or `resolve`.
    pub target: &'static str,
    /// How long it could take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// How long it can take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How many seconds of the period are starts from which it is due earlier.
    pub earlier_starts: i64,
    /// How many seconds of the period are starts from which it is due later.
    pub later_starts: i64,
}

/// A ticket that shows a change.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ExampleView {
    /// The priority.
    pub priority: String,
    /// What has to be done.
    pub target: &'static str,
    /// Where its clock starts.
    pub start: String,
    /// When it was due; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// When it is due; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The same in words.
    pub says: String,
    /// The command that shows when it was due, on the version before the change.
    pub command_before: String,
    /// The command that shows when it is due, on the version after it.
    pub command_after: String,
}

/// An incident that goes to another team.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct TicketView {
    /// The incident, as `incident` of a file for `gitsm simulate incident --incident`.
    pub incident: Incident,
    /// Where it went; absent for nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Where it goes; absent for nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The command that shows both, on each version.
    pub command: String,
}

/// Something that could not be compared.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct UnknownView {
    /// A name that stays the same as long as nothing else changes that promises follow from; acknowledging it takes the
    /// change as it is.
    pub fingerprint: String,
    /// Whether somebody acknowledged it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub acknowledged: bool,
    /// What.
    pub subjects: Vec<String>,
    /// Why not.
    pub why: String,
}

/// What a change does to promises, as data with words.
#[must_use]
pub fn view(commitments: &Commitments) -> View {
    let count = |way: Direction| commitments.cases.iter().filter(|case| case.direction == way).count();
    let starts = commitments.starts;
    let date = |instant: jiff::Timestamp| instant.to_zoned(commitments.zone.clone()).date().to_string();
    let cases: Vec<CaseView> = commitments.cases.iter().map(|case| self::case(case, commitments)).collect();
    View {
        from: date(starts.from),
        to: date(starts.to - jiff::SignedDuration::from_secs(1)),
        counts: Counts {
            weaker: count(Direction::Weaker),
            mixed: count(Direction::Mixed),
            stronger: count(Direction::Stronger),
            neutral: count(Direction::Neutral),
        },
        compared: commitments.compared,
        groups: groups::groups(&commitments.cases, &cases),
        cases,
        unknown: commitments
            .unknown
            .iter()
            .map(|unknown| UnknownView {
                fingerprint: commitments.id_of(unknown),
                acknowledged: false,
                subjects: unknown.subjects.iter().map(ToString::to_string).collect(),
                why: unknown.why.clone(),
            })
            .collect(),
    }
}

fn case(case: &Case, commitments: &Commitments) -> CaseView {
    CaseView {
        fingerprint: case.fingerprint.clone(),
        topic: words::topic(case.topic),
        direction: words::direction(case),
        loosens: case.direction.is_gated(),
        acknowledged: false,
        subjects: if case.subjects.is_empty() {
            vec!["settings:grants".to_owned()]
        } else {
            case.subjects.iter().map(ToString::to_string).collect()
        },
        changes: words::changes(case),
        targets: case.changes.iter().filter_map(target).collect(),
        because: case.because.iter().flat_map(words::because).collect(),
        when: words::when(case, commitments.starts),
        examples: case.examples.iter().map(example).collect(),
        tickets: case.changes.iter().filter_map(ticket).collect(),
        way: case.direction,
    }
}

fn target(change: &Change) -> Option<TargetView> {
    let Change::Target { priority, target, before, after, shift } = change else { return None };
    Some(TargetView {
        priority: priority.to_string(),
        target: target.name(),
        before: before.map(|before| before.to_string()),
        after: after.map(|after| after.to_string()),
        earlier_starts: shift.earlier.map_or(0, |moved| moved.starts),
        later_starts: shift.later.map_or(0, |moved| moved.starts),
    })
}

fn ticket(change: &Change) -> Option<TicketView> {
    let Change::Routed(routed) = change else { return None };
    let incident = routed.ticket.clone()?;
    Some(TicketView {
        before: reach::team(&routed.before),
        after: reach::team(&routed.after),
        command: reach::command(&incident),
        incident,
    })
}

fn example(example: &Example) -> ExampleView {
    let [before, after] = words::commands(example);
    ExampleView {
        priority: example.priority.to_string(),
        target: example.target.name(),
        start: example.instance.start.to_string(),
        before: example.instance.before.map(|instant| instant.to_string()),
        after: example.instance.after.map(|instant| instant.to_string()),
        says: words::example(example),
        command_before: before,
        command_after: after,
    }
}
