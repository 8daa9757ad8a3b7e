//! What two rulebooks decide otherwise.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::tally::{Because, Told};
use crate::{
    decide::{
        decision::{Decision, Item},
        stages::Asking,
    },
    model::{
        Duration, Entry, Ref,
        automation::Automation,
        person::Person,
        scenario::Verdict,
        service::{Provision, Removal},
        team::Team,
        workflow::{Evidence, OnTimeout},
    },
    simulate::replay::flipped::{Flipped, merge},
};

/// More people of a stage are counted.
const MOST_NAMES: usize = 8;

/// Decisions under two rulebooks, held against each other.
#[derive(Debug, Clone, Default)]
pub struct Flips {
    /// Requests that both decide alike.
    pub same: u64,
    /// The others, by what differs.
    pub changes: BTreeMap<Change, Flipped<Flip>>,
}

/// What differs between two decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// The verdict: before, after.
    Verdict(Verdict, Verdict),
    /// Who has to agree.
    People,
    /// What has to be brought.
    Evidence,
    /// What exactly is given, or how it is given and taken away.
    Provisioning,
    /// When the access ends.
    End,
}

/// A request that two rulebooks decide otherwise.
#[derive(Debug, Clone)]
pub struct Flip {
    /// The row, from 1.
    pub row: u64,
    /// The line on which it starts.
    pub line: u64,
    /// The name of the request.
    pub id: Option<String>,
    /// What was decided.
    pub before: Because,
    /// What is decided now.
    pub after: Because,
    /// What it comes to before and after, in what differs: who has to agree, what has to be brought, what is given or
    /// when it ends. Nothing where the verdicts differ.
    pub outcomes: [Vec<String>; 2],
}

impl Flips {
    /// Compares two decisions about one request.
    pub(super) fn add(&mut self, told: &Told<'_>, before: &Decision<'_>, after: &Decision<'_>) {
        let Some(change) = change(before, after) else {
            self.same += 1;
            return;
        };
        self.changes.entry(change).or_default().add(|| Flip {
            row: told.row,
            line: told.line,
            id: told.past.id.clone(),
            before: Because::of(before),
            after: Because::of(after),
            outcomes: [before, after].map(|decision| change.outcome(decision)),
        });
    }

    /// Adds everything of another, which comes after this one.
    pub(super) fn merge(&mut self, other: Self) {
        self.same += other.same;
        merge(&mut self.changes, other.changes);
    }

    /// How many requests are decided otherwise.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.changes.values().map(|changed| changed.count).sum()
    }

    /// How many requests are approved without anybody being asked that were not before.
    #[must_use]
    pub fn new_auto_approvals(&self) -> u64 {
        let newly = |change: &Change| matches!(change, Change::Verdict(_, Verdict::Approved));
        self.changes.iter().filter(|(change, _)| newly(change)).map(|(_, changed)| changed.count).sum()
    }
}

impl Change {
    /// What a decision comes to in this, each in words.
    fn outcome(self, decision: &Decision<'_>) -> Vec<String> {
        match self {
            Self::Verdict(..) => Vec::new(),
            Self::People => decision.stages.iter().map(asked).collect(),
            Self::Evidence => evidence(decision).iter().map(ToString::to_string).collect(),
            Self::Provisioning => decision.items.iter().map(provisioned).collect(),
            Self::End => decision.items.iter().map(ends).collect(),
        }
    }
}

/// The first thing that differs; none when two decisions come to the same.
fn change(before: &Decision<'_>, after: &Decision<'_>) -> Option<Change> {
    if before.verdict != after.verdict {
        return Some(Change::Verdict(before.verdict, after.verdict));
    }
    if matches!(after.verdict, Verdict::Denied | Verdict::Invalid) {
        return None;
    }
    if people(before) != people(after) {
        return Some(Change::People);
    }
    if evidence(before) != evidence(after) {
        return Some(Change::Evidence);
    }
    if provisioning(before) != provisioning(after) {
        return Some(Change::Provisioning);
    }
    let ends = |decision: &Decision<'_>| decision.items.iter().map(|item| item.expires).collect::<Vec<_>>();
    (ends(before) != ends(after)).then_some(Change::End)
}

/// A stage as it binds: what it is called does not matter.
#[derive(PartialEq, Eq)]
struct Bound<'d> {
    needed: usize,
    /// Who can act in time, later, and where nobody else can.
    people: [Vec<&'d str>; 3],
    /// Whether nobody of it acts in another stage of its workflow.
    distinct: bool,
    due: Option<Timestamp>,
    /// Whether it is denied, or stays open, when its time is up.
    denies: bool,
}

/// Who has to agree, until when, and what happens otherwise.
fn people<'d>(decision: &'d Decision<'_>) -> Vec<Bound<'d>> {
    let bound = |asking: &'d Asking<'_>| Bound {
        needed: asking.needed,
        people: [&asking.approvers, &asking.escalation, &asking.standby].map(|people| ids(people)),
        distinct: asking.workflow.value.distinct,
        due: asking.due,
        denies: matches!(asking.stage.on_timeout, Some(OnTimeout::Deny)),
    };
    decision.stages.iter().map(bound).collect()
}

fn ids<'d>(people: &[&'d Entry<Person>]) -> Vec<&'d str> {
    people.iter().map(|person| person.id.as_str()).collect()
}

/// Who has to agree in a stage.
fn asked(asking: &Asking<'_>) -> String {
    let (approvers, later) = (names(&asking.approvers), names(&asking.escalation));
    let of = if asking.approvers.len() == 1 { String::new() } else { format!("{} of ", asking.needed) };
    let later = if asking.escalation.is_empty() { later } else { format!(", later {later} as well") };
    let due = asking.due.map(|due| format!(", until {due}")).unwrap_or_default();
    let denied = if matches!(asking.stage.on_timeout, Some(OnTimeout::Deny)) { ", else denied" } else { "" };
    let once = if asking.workflow.value.distinct { ", nobody twice" } else { "" };
    format!("{}: {of}{approvers}{later}{due}{denied}{once}", asking.name())
}

/// People by their ids; many are counted.
fn names(people: &[&Entry<Person>]) -> String {
    let mut names = ids(people);
    let more = names.len().saturating_sub(MOST_NAMES);
    names.truncate(MOST_NAMES);
    let text = names.join(", ");
    if more > 0 { format!("{text} and {more} more") } else { text }
}

fn evidence(decision: &Decision<'_>) -> Vec<Evidence> {
    decision.obligations.iter().map(|obligation| obligation.evidence).collect()
}

/// What exactly is given, and how it is given and taken away.
type Provisioned<'d> =
    (Option<&'d str>, Option<&'d str>, Vec<&'d str>, Option<&'d Provision>, Option<&'d Removal>);

fn provisioning<'d>(decision: &'d Decision<'_>) -> Vec<Provisioned<'d>> {
    let of = |item: &'d Item<'_>| {
        let given = item.offer.entitlement;
        // The groups of somebody have no order.
        let mut groups: Vec<&str> = given.groups.iter().map(String::as_str).collect();
        groups.sort_unstable();
        let (licence, role) = (given.licence_tier.as_deref(), given.role.as_deref());
        (licence, role, groups, given.provision.as_ref(), given.remove.as_ref())
    };
    decision.items.iter().map(of).collect()
}

/// What an item gives, and how.
fn provisioned(item: &Item<'_>) -> String {
    let given = item.offer.entitlement;
    let mut parts = Vec::new();
    parts.extend(given.role.as_ref().map(|role| format!("role {role}")));
    parts.extend(given.licence_tier.as_ref().map(|licence| format!("licence {licence}")));
    if !given.groups.is_empty() {
        parts.push(format!("groups {}", given.groups.join(" and ")));
    }
    parts.extend(given.provision.as_ref().map(|how| {
        let by = carried_out(how.automation.as_ref(), how.team.as_ref(), how.within);
        format!("given {}{by}", how.method)
    }));
    parts.extend(given.remove.as_ref().map(|how| {
        let by = carried_out(how.automation.as_ref(), how.team.as_ref(), how.within);
        let verified = if how.verify { "" } else { " without a look whether it is gone" };
        format!("removed {}{by}{verified}", how.method)
    }));
    format!("{}: {}", item.offer.reference(), parts.join(", "))
}

fn carried_out(
    automation: Option<&Ref<Automation>>,
    team: Option<&Ref<Team>>,
    within: Option<Duration>,
) -> String {
    let automation = automation.map(|automation| format!(" by automation:{automation}"));
    let by = automation.or_else(|| team.map(|team| format!(" by team:{team}"))).unwrap_or_default();
    let within = within.map(|within| format!(" within {within}")).unwrap_or_default();
    format!("{by}{within}")
}

/// When the access to an item ends.
fn ends(item: &Item<'_>) -> String {
    let of = item.offer.reference();
    item.expires.map_or_else(|| format!("{of} without end"), |end| format!("{of} until {end}"))
}
