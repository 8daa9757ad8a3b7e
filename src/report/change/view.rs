//! A decision about a change as data: what programs read, and what the words are made of.

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

use super::words;
use crate::{
    decide::change::{ChangeDecision, ChangeDenial, Deadline as Decided},
    diag::Sources,
    model::{Instant, Location, change::ChangeVerdict},
    report::{
        decision::view::{Bring, Reason, Rule, Stage, not_offered, of_stage, rule, stage},
        lines::Lines,
    },
};

/// What is decided about a change, and why.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct View {
    /// What is decided: `authorised`, `needs-approval`, `denied` or `invalid`.
    pub verdict: ChangeVerdict,
    /// When it was asked for.
    pub at: Instant,
    /// Why it is denied or makes no sense.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// What is worth knowing about what is changed: `service-not-offered` when its service is not in use yet, or not any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Reason>,
    /// The type of change.
    #[serde(rename = "type")]
    pub change_type: &'static str,
    /// When it begins.
    pub start: Instant,
    /// The first instant after it.
    pub end: Instant,
    /// The service that is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The item that is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration_item: Option<String>,
    /// The model that it follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How risky it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<&'static str>,
    /// The rule that says so; none when no rule matched, which is the highest risk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_rule: Option<String>,
    /// Who is asked, in this order.
    pub stages: Vec<Stage>,
    /// When it begins, where the time of a stage ends later than that: who agrees after it agrees too late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agree_before: Option<Instant>,
    /// How it lies to the maintenance window; none when its model has no window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// The freezes that it overlaps.
    pub freezes: Vec<Freeze>,
    /// How early it has to be asked for, and when it can begin at the earliest because of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_time: Option<Deadline>,
    /// What has to be brought.
    pub obligations: Vec<Bring>,
    /// Other changes that get in the way.
    pub conflicts: Vec<Conflict>,
    /// By when somebody has looked back on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Deadline>,
    /// The models of its type and the risk rules that were looked at.
    pub trace: Vec<Rule>,
    /// The zone in which local times are written for people.
    #[serde(skip)]
    pub zone: TimeZone,
}

/// How a change lies to its maintenance window.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Window {
    /// The calendar of the window.
    pub calendar: String,
    /// Whether the whole change lies in it.
    pub inside: bool,
    /// The first instant of the change that lies outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outside: Option<Instant>,
    /// Where the model names it.
    pub place: String,
}

/// A freeze that a change overlaps.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Freeze {
    /// The name that people know it by.
    pub name: String,
    /// Its first instant.
    pub from: Instant,
    /// The first instant after it.
    pub until: Instant,
    /// The workflow that may authorise a change in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// Where it was written.
    pub place: String,
}

/// An instant that a model sets by a duration.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Deadline {
    /// The duration.
    pub within: String,
    /// The calendar whose business days are counted; none around the clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// The instant; null when the calendar never opens for so long.
    pub instant: Option<Instant>,
    /// Where the duration was written.
    pub place: String,
}

/// Another change that gets in the way.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Conflict {
    /// Its number.
    pub id: String,
    /// What the two have in common: `same-item`, `depends-on`, `needed-by` or `same-service`.
    pub kind: &'static str,
    /// The item or service.
    pub with: String,
    /// The first instant at which both happen.
    pub start: Instant,
    /// The first instant after that.
    pub end: Instant,
}

impl View {
    /// The decision with everything that it names looked up. `prefix` stands before every path.
    #[must_use]
    pub fn new(decision: &ChangeDecision<'_>, sources: &Sources, prefix: &str, zone: &TimeZone) -> Self {
        let mut locations: Vec<Location> = Vec::new();
        locations.extend(decision.trace.iter().map(|considered| considered.at.clone()));
        locations.extend(decision.stages.iter().map(of_stage));
        locations.extend(decision.window.iter().map(|window| window.at.clone()));
        locations.extend(decision.freezes.iter().map(|frozen| frozen.at.clone()));
        locations.extend(decision.lead.iter().chain(&decision.review).map(|deadline| deadline.at.clone()));
        locations.extend(decision.denials.iter().filter_map(place));
        locations.extend(decision.service.map(|service| service.at("/lifecycle")));
        let lines = Lines::of(&locations, sources, prefix);
        let problems = decision.problems.iter();
        let mut reasons: Vec<Reason> =
            problems.map(|problem| Reason::new("invalid-change", problem.to_string(), None)).collect();
        reasons.extend(decision.denials.iter().map(|denial| {
            let place = place(denial).map(|at| lines.line(&at));
            Reason::new(denial.name(), words::denial(denial, zone), place)
        }));
        let assessed = decision.assessed.as_ref();
        let window = decision.window.as_ref().map(|window| Window {
            calendar: window.calendar.id.to_string(),
            inside: window.outside.is_none(),
            outside: window.outside.map(Instant),
            place: lines.line(&window.at),
        });
        let freezes = decision.freezes.iter().map(|frozen| Freeze {
            name: frozen.freeze.name.clone(),
            from: frozen.freeze.from,
            until: frozen.freeze.until,
            authority: frozen.freeze.authority.as_ref().map(ToString::to_string),
            place: lines.line(&frozen.at),
        });
        let obligations = decision.obligations.iter().map(|obligation| Bring {
            evidence: obligation.what.name(),
            met: obligation.met,
            because: obligation.because.iter().map(ToString::to_string).collect(),
        });
        let conflicts = decision.conflicts.iter().map(|conflict| Conflict {
            id: conflict.id.clone(),
            kind: conflict.kind.name(),
            with: conflict.with.clone(),
            start: Instant(conflict.start),
            end: Instant(conflict.end),
        });
        let trace = decision.trace.iter().map(|considered| rule(considered, &lines));
        Self {
            verdict: decision.verdict,
            at: Instant(decision.instant),
            reasons,
            remarks: decision.service.and_then(|service| not_offered(service, &lines)).into_iter().collect(),
            change_type: decision.change_type.name(),
            start: Instant(decision.start),
            end: Instant(decision.end),
            service: decision.service.map(|service| service.id.to_string()),
            configuration_item: decision.item.map(|item| item.id.to_string()),
            model: decision.model.map(|model| model.id.to_string()),
            risk: assessed.map(|assessed| assessed.risk.name()),
            risk_rule: assessed.and_then(|assessed| assessed.rule.as_ref()).map(ToString::to_string),
            agree_before: agree_before(decision),
            stages: decision.stages.iter().map(|asking| stage(asking, &lines)).collect(),
            window,
            freezes: freezes.collect(),
            lead_time: decision.lead.as_ref().map(|lead| deadline(lead, &lines)),
            obligations: obligations.collect(),
            conflicts: conflicts.collect(),
            review: decision.review.as_ref().map(|review| deadline(review, &lines)),
            trace: trace.collect(),
            zone: zone.clone(),
        }
    }
}

/// When a change begins that people have to agree to, and of which the time of a stage ends only after that.
fn agree_before(decision: &ChangeDecision<'_>) -> Option<Instant> {
    let waits = decision.verdict == ChangeVerdict::NeedsApproval && decision.start > decision.instant;
    let late = decision.stages.iter().any(|stage| stage.due.is_none_or(|due| due > decision.start));
    (waits && late).then_some(Instant(decision.start))
}

fn deadline(decided: &Decided<'_>, lines: &Lines<'_>) -> Deadline {
    Deadline {
        within: decided.within.to_string(),
        calendar: decided.calendar.map(str::to_owned),
        instant: decided.instant.map(Instant),
        place: lines.line(&decided.at),
    }
}

/// Where the reason of a denial was written, when the rest does not say so.
fn place(denial: &ChangeDenial) -> Option<Location> {
    match denial {
        ChangeDenial::Undecidable(why) => why.place().cloned(),
        _ => None,
    }
}
