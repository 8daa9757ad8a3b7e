//! The status of an approval as data.

use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;

use super::words;
use crate::{
    decide::approval::outcome::{NotCounted, StageStatus, State, Status},
    load::events::Events,
    model::{Duration, Instant, Objects, approval::Event, person::Person, workflow::OnTimeout},
    report::decision::{
        self,
        effect::Limit,
        view::{Reason, Somebody},
    },
};

/// How far an approval has come.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct View {
    /// Where it stands: `pending`, `approved`, `rejected`, `timed-out`, `cancelled`, `no-approver`, `denied`, `lapsed` or
    /// `replaced`.
    pub state: &'static str,
    /// Since when. A pending one: since it was made, or last widened.
    pub since: Instant,
    /// The instant that is asked about.
    pub now: Instant,
    /// When the request was made.
    pub made: Instant,
    /// The commit of the rulebook that the request is pinned to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_commit: Option<PolicyCommit>,
    /// Who it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beneficiary: Option<Somebody>,
    /// What is asked for.
    pub asks_for: Vec<String>,
    /// Why the rules deny it, why it is over, or that it was made another request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// The rejection, the cancellation or the amendment that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Happened>,
    /// The stage that it waits in, or ended in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// What has to be brought still.
    pub missing: Vec<&'static str>,
    /// What is given, once it is approved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Given>,
    /// How many events there were.
    pub events: usize,
    /// The events that are worth nothing, in the order of time, and why.
    pub not_counted: Vec<Ignored>,
    /// The withdrawals that took an approval back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withdrawals: Vec<Happened>,
    /// What the events are counted in: `line`, `event` in an array, or `review` of a pull request.
    #[serde(skip)]
    pub(super) unit: &'static str,
    #[serde(skip)]
    pub(super) of: State,
    #[serde(skip)]
    pub(super) zone: TimeZone,
}

/// The commit of the rulebook that a request is pinned to.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PolicyCommit {
    /// The commit, as it was given.
    pub given: String,
    /// Whether the rulebook that was read is the one of that commit: it is, unless `--at` asks for another.
    pub compared: bool,
}

/// Access that is given.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Given {
    /// The entitlement, as `service/entitlement`.
    pub entitlement: String,
    /// How long it lasts from when the request was made, such as `30d`; none without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasts: Option<String>,
    /// When it ends; none without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<Instant>,
    /// What limits it, the tightest first, by what is asked for now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
}

/// Somebody who can act on behalf of somebody else.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct StandIn {
    /// Who stands in.
    pub person: Somebody,
    /// Who is stood in for.
    pub on_behalf_of: Somebody,
    /// The first instant after it.
    pub until: Instant,
}

/// A stage.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Stage {
    /// The stage, as `workflow/stage`.
    pub stage: String,
    /// The name that people know it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How far it is: `waiting` for those before it, `open` or `satisfied`.
    pub state: &'static str,
    /// When those before it were satisfied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened: Option<Instant>,
    /// The last instant at which its people are in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Instant>,
    /// When it was satisfied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub satisfied: Option<Instant>,
    /// When more people were asked because the time was up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalated: Option<Instant>,
    /// What happens when the time is up: `deny`, `escalate` or `wait`.
    pub on_timeout: &'static str,
    /// Whether people stand in because too few of those who are named can act.
    pub fallback: bool,
    /// How many approvals it needs.
    pub needed: usize,
    /// How many are missing.
    pub still_needed: usize,
    /// The approvals that count for it.
    pub approved_by: Vec<Approval>,
    /// Who can approve it still.
    pub can_act: Vec<Somebody>,
    /// Who can approve it on behalf of one of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delegates: Vec<StandIn>,
    /// What has to be brought before it is satisfied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<&'static str>,
}

/// An approval that counts.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Approval {
    /// Who is named in the stage.
    pub person: Somebody,
    /// Who acted on their behalf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegate: Option<Somebody>,
    /// When.
    pub at: Instant,
    /// The line of the event.
    pub line: u64,
}

/// An event and where it stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Happened {
    /// The line of the event; in an array, its place, counted from one.
    pub line: u64,
    /// What happened, in words.
    pub what: String,
    /// When; none for a delegation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

/// An event that is worth nothing.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Ignored {
    /// The event.
    #[serde(flatten)]
    pub event: Happened,
    /// Why: a short name that never changes.
    pub why: &'static str,
    /// Why, in words.
    pub text: String,
}

/// What a view is made of.
#[derive(Debug, Clone, Copy)]
pub struct Input<'i, 'a> {
    /// How far it has come.
    pub status: &'i Status<'i, 'a>,
    /// What was decided about the request.
    pub decision: &'i decision::View,
    /// What happened.
    pub events: &'i Events,
    /// The commit that the request is pinned to, and whether it was read.
    pub policy_commit: Option<(&'i str, bool)>,
    /// The instant that is asked about.
    pub now: Timestamp,
    /// Everybody who can be named.
    pub people: &'a Objects<Person>,
}

impl View {
    /// The status with everything that it names looked up.
    #[must_use]
    pub fn new(input: &Input<'_, '_>) -> Self {
        let Input { status, decision, events, .. } = *input;
        let happened = |event: usize| happened(events, event);
        Self {
            state: status.state.name(),
            since: Instant(status.since),
            now: Instant(input.now),
            made: decision.at,
            policy_commit: input
                .policy_commit
                .map(|(given, compared)| PolicyCommit { given: given.to_owned(), compared }),
            beneficiary: decision.beneficiary.clone(),
            asks_for: decision.asks_for.clone(),
            reasons: reasons(status, decision),
            decided_by: status.decided_by.map(happened),
            stage: status.stage.and_then(|stage| Some(status.stages.get(stage)?.asking.name())),
            stages: status.stages.iter().map(|stage| view_of(stage, input)).collect(),
            missing: status.missing.iter().map(|evidence| evidence.name()).collect(),
            given: given(status, decision),
            events: events.events.len(),
            not_counted: status
                .not_counted
                .iter()
                .map(|NotCounted { event, why }| Ignored {
                    event: happened(*event),
                    why: why.name(),
                    text: words::why(*why, status.state),
                })
                .collect(),
            withdrawals: status.withdrawals.iter().map(|event| happened(*event)).collect(),
            unit: events.unit.name(),
            of: status.state,
            zone: decision.zone.clone(),
        }
    }
}

/// What is given once everybody agreed, for as long as it is asked for now.
fn given(status: &Status<'_, '_>, decision: &decision::View) -> Vec<Given> {
    let items = decision.items.iter().filter(|_| status.state == State::Approved);
    items
        .map(|item| Given {
            entitlement: item.entitlement.clone(),
            lasts: item.expires.map(|end| {
                let seconds = end.0.as_second().saturating_sub(decision.at.0.as_second());
                Duration::Elapsed { seconds }.to_string()
            }),
            ends: item.expires,
            limits: item.limits.clone(),
        })
        .collect()
}

/// Why the rules deny it, or what became of it since.
fn reasons(status: &Status<'_, '_>, decision: &decision::View) -> Vec<Reason> {
    let mut found = decision.reasons.clone();
    let lapse = status.lapse.map(|lapse| (lapse.name(), words::lapse(lapse)));
    let another = (status.state == State::Replaced).then_some(("another-request", words::ANOTHER));
    found.extend(lapse.into_iter().chain(another).map(|(kind, text)| Reason::new(kind, text, None)));
    found
}

fn view_of(stage: &StageStatus<'_, '_>, input: &Input<'_, '_>) -> Stage {
    let named = |id: &str| {
        let name = input.people.get(id).map_or_else(|| id.to_owned(), |person| person.name.clone());
        Somebody { id: id.to_owned(), name }
    };
    let at = |event: usize| input.events.events.get(event).and_then(Event::at);
    let approved_by = stage.counted.iter().filter_map(|counted| {
        Some(Approval {
            person: named(counted.person),
            delegate: counted.delegate.map(named),
            at: at(counted.event)?,
            line: line(input.events, counted.event),
        })
    });
    let progress = match (stage.satisfied, stage.opened) {
        (Some(_), _) => "satisfied",
        (None, Some(_)) => "open",
        (None, None) => "waiting",
    };
    Stage {
        stage: stage.asking.name(),
        name: stage.asking.stage.name.clone(),
        state: progress,
        opened: stage.opened.map(Instant),
        due: stage.due.map(Instant),
        satisfied: stage.satisfied.map(Instant),
        escalated: stage.escalated.map(Instant),
        on_timeout: match stage.asking.stage.on_timeout {
            Some(OnTimeout::Deny) => "deny",
            Some(OnTimeout::Escalate(_)) => "escalate",
            None => "wait",
        },
        fallback: stage.stand_in,
        needed: stage.needed,
        still_needed: stage.still_needed(),
        approved_by: approved_by.collect(),
        can_act: stage.can_act.iter().map(|person| named(person.id.as_str())).collect(),
        delegates: stage
            .delegates
            .iter()
            .map(|delegate| StandIn {
                person: named(delegate.person.id.as_str()),
                on_behalf_of: named(delegate.delegator.id.as_str()),
                until: Instant(delegate.until),
            })
            .collect(),
        missing: stage.missing.iter().map(|evidence| evidence.name()).collect(),
    }
}

fn line(events: &Events, event: usize) -> u64 {
    events.lines.get(event).copied().unwrap_or(0)
}

fn happened(events: &Events, event: usize) -> Happened {
    let by = |who: Option<&crate::model::Id>| who.map(|who| format!(" by {who}")).unwrap_or_default();
    let what = match events.events.get(event) {
        Some(Event::Vote(vote)) => vote.to_string(),
        Some(Event::Delegation(delegation)) => {
            format!("delegation from {} to {}", delegation.from, delegation.to)
        }
        Some(Event::Amendment(amendment)) => format!("amendment by {}", amendment.by),
        Some(Event::Evidence(brought)) => format!("{} brought by {}", brought.evidence, brought.by),
        Some(Event::Cancellation(cancellation)) => format!("cancellation{}", by(cancellation.by.as_ref())),
        None => String::new(),
    };
    Happened { line: line(events, event), what, at: events.events.get(event).and_then(Event::at) }
}
