//! What follows from an incident, for people and for programs.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Style,
    decision::{
        human::{local, names, push_reasons, push_rule, push_rules},
        view::{Reason, Rule, Somebody, not_offered, rule, somebody},
    },
    lines::Lines,
    paint::Paint,
    plain,
};
use crate::{
    decide::incident::IncidentDecision,
    diag::Sources,
    model::{Instant, Location},
};

/// Somebody who is on call and cannot be reached.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Absent {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// Why they cannot be reached.
    pub why: &'static str,
}

/// What follows from an incident.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct View {
    /// When it was reported.
    pub at: Instant,
    /// How urgent it is.
    pub priority: String,
    /// The matrix that says so.
    pub matrix: String,
    /// The service that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What is worth knowing about what was reported: `service-not-offered` when its service is not in use yet, or not any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Reason>,
    /// The tier of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The team whose it is.
    pub team: String,
    /// Who of the team is on call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_call: Option<Somebody>,
    /// Whose turn it is to be on call, and who cannot be reached: then nobody is on call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absent>,
    /// The queue in the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// The rule that routed it; none when the default did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routed_by: Option<String>,
    /// The SLA that is attached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sla: Option<String>,
    /// The clocks that start.
    pub clocks: Vec<Clock>,
    /// The definitions by which it is a major incident.
    pub major: Vec<Major>,
    /// Who is told when, if nothing happens.
    pub timeline: Vec<Alarm>,
    /// What an hour of it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_per_hour: Option<String>,
    /// The rules that were looked at.
    pub trace: Vec<Rule>,
    /// The zone in which local times are written for people.
    #[serde(skip)]
    pub zone: TimeZone,
}

/// A clock that starts.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Clock {
    /// What it measures.
    pub target: &'static str,
    /// How long it may take.
    pub within: String,
    /// When the target is used up.
    pub due: Option<Instant>,
    /// When it counts as at risk.
    pub at_risk: Vec<Share>,
    /// Where the target was written.
    pub place: String,
}

/// A share of a target.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Share {
    /// The share.
    pub share: String,
    /// When it is used up.
    pub at: Option<Instant>,
}

/// Why it is major, and what follows.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Major {
    /// The definition.
    pub definition: String,
    /// Who leads.
    pub commander: Vec<Somebody>,
    /// Who else is called.
    pub responders: Vec<Somebody>,
    /// Where people are told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// How often people are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_every: Option<String>,
    /// Whether there must be a problem record.
    pub problem_record: bool,
    /// Whether changes must be linked.
    pub change_link: bool,
    /// How long after its end it is looked back on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_within: Option<String>,
}

/// Somebody is told.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Alarm {
    /// When.
    pub at: Instant,
    /// The step, as `escalation/step`.
    pub step: String,
    /// What it reacts to.
    pub trigger: &'static str,
    /// Whether it goes to more skill or more authority.
    pub kind: &'static str,
    /// Who is told.
    pub people: Vec<Somebody>,
    /// How often it is repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat_every: Option<String>,
    /// Where the step was written.
    pub place: String,
}

impl View {
    /// What follows from an incident, with everything that it names looked up.
    #[must_use]
    pub fn new(decision: &IncidentDecision<'_>, sources: &Sources, prefix: &str, zone: &TimeZone) -> Self {
        let lifecycle = decision.service.map(|service| service.at("/lifecycle"));
        let mut locations: Vec<&Location> = lifecycle.iter().collect();
        locations.extend(decision.trace.iter().map(|considered| &considered.at));
        locations.extend(decision.clocks.iter().map(|clock| &clock.at));
        locations.extend(decision.timeline.iter().map(|alarm| &alarm.place));
        let lines = Lines::of(locations, sources, prefix);
        let clocks = decision.clocks.iter().map(|clock| Clock {
            target: clock.target,
            within: clock.written.clone(),
            due: clock.due.map(Instant),
            at_risk: clock
                .at_risk
                .iter()
                .map(|(share, at)| Share { share: share.to_string(), at: at.map(Instant) })
                .collect(),
            place: lines.line(&clock.at),
        });
        let timeline = decision.timeline.iter().map(|alarm| Alarm {
            at: Instant(alarm.at),
            step: format!("{}/{}", alarm.escalation.id, alarm.step.id),
            trigger: alarm.step.trigger.name(),
            kind: alarm.step.kind.name(),
            people: alarm.people.iter().map(|person| somebody(person)).collect(),
            repeat_every: alarm.step.repeat_every.map(|every| every.to_string()),
            place: lines.line(&alarm.place),
        });
        let trace = decision.trace.iter().map(|considered| rule(considered, &lines));
        Self {
            at: Instant(decision.instant),
            priority: decision.priority.to_string(),
            matrix: decision.matrix.id.to_string(),
            service: decision.service.map(|service| service.id.to_string()),
            remarks: decision.service.and_then(|service| not_offered(service, &lines)).into_iter().collect(),
            tier: decision.tier.map(|tier| tier.id.to_string()),
            team: decision.routed.team.id.to_string(),
            on_call: decision.routed.on_call.map(somebody),
            absent: decision.routed.absent.map(|(person, why)| {
                let Somebody { id, name } = somebody(person);
                Absent { id, name, why: why.words() }
            }),
            queue: decision.routed.queue.map(str::to_owned),
            routed_by: decision.routed.rule.as_ref().map(ToString::to_string),
            sla: decision.sla.map(|sla| sla.id.to_string()),
            clocks: clocks.collect(),
            major: decision.major.iter().map(major).collect(),
            timeline: timeline.collect(),
            cost_per_hour: decision.cost_per_hour.map(ToString::to_string),
            trace: trace.collect(),
            zone: zone.clone(),
        }
    }
}

fn major(major: &crate::decide::incident::Major<'_>) -> Major {
    let definition = &major.definition.value;
    Major {
        definition: major.definition.id.to_string(),
        commander: major.commander.iter().map(|person| somebody(person)).collect(),
        responders: major.responders.iter().map(|person| somebody(person)).collect(),
        channels: definition.channels.iter().map(ToString::to_string).collect(),
        update_every: definition.update_every.map(|every| every.to_string()),
        problem_record: definition.problem_record,
        change_link: definition.change_link,
        review_within: definition.review_within.map(|within| within.to_string()),
    }
}

/// Writes what follows from an incident. With `whole_trace`, the rules that did not match are written too.
#[must_use]
pub fn render(view: &View, whole_trace: bool, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    let of = view.service.as_deref().map(|service| format!(" for {service}")).unwrap_or_default();
    let is_major = if view.major.is_empty() { String::new() } else { format!(", {}", paint.bad("major")) };
    let _ = writeln!(out, "{}{is_major}: {}{of}", paint.open(&view.priority), paint.name(&view.team));
    push_reasons(&mut out, &view.remarks, paint);
    if let Some(absent) = &view.absent {
        let name = plain::line(&absent.name);
        let _ = writeln!(out, "  on call: {}, {name} {}", paint.bad("nobody"), absent.why);
    }
    let _ = match (&view.on_call, &view.queue) {
        (Some(person), _) => writeln!(out, "  on call: {}", plain::line(&person.name)),
        (None, Some(queue)) => writeln!(out, "  queue: {}", plain::line(queue)),
        (None, None) => Ok(()),
    };
    push_clocks(&mut out, view, paint);
    for major in &view.major {
        push_major(&mut out, major, paint);
    }
    push_not_major(&mut out, view, paint);
    if !view.timeline.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("who is told, if nothing happens"));
        for alarm in &view.timeline {
            let again = alarm
                .repeat_every
                .as_deref()
                .map(|every| format!(", again every {every}"))
                .unwrap_or_default();
            let _ = writeln!(
                out,
                "  {}  {}{again}  {}",
                local(alarm.at.0, &view.zone),
                names(&alarm.people, paint),
                paint.faint(&format!("{}, {}  {}", alarm.step, alarm.trigger, alarm.place))
            );
        }
    }
    push_trace(&mut out, view, whole_trace, paint);
    out
}

fn push_clocks(out: &mut String, view: &View, paint: Paint) {
    let Some(sla) = &view.sla else {
        let _ = writeln!(out, "  {}", paint.faint("no SLA is attached, so nothing is due"));
        return;
    };
    let _ = writeln!(out, "\n{}  {}", paint.heading("by when"), paint.faint(&format!("sla:{sla}")));
    if view.clocks.is_empty() {
        let _ = writeln!(out, "  nothing is promised at {}", view.priority);
    }
    for clock in &view.clocks {
        let due = clock.due.map_or("never".to_owned(), |due| local(due.0, &view.zone));
        let _ = writeln!(
            out,
            "  {:<10} {due}  {}",
            clock.target,
            paint.faint(&format!("within {}  {}", clock.within, clock.place))
        );
    }
    if let Some(cost) = &view.cost_per_hour {
        let _ = writeln!(out, "  an hour of downtime costs {cost}");
    }
}

fn push_major(out: &mut String, major: &Major, paint: Paint) {
    let _ = writeln!(
        out,
        "\n{}  {}",
        paint.heading("major incident"),
        paint.faint(&format!("major-incident:{}", major.definition))
    );
    let _ = writeln!(out, "  led by {}", names(&major.commander, paint));
    if !major.responders.is_empty() {
        let _ = writeln!(out, "  called: {}", names(&major.responders, paint));
    }
    if let Some(every) = &major.update_every {
        let channels = if major.channels.is_empty() {
            String::new()
        } else {
            format!(" on {}", major.channels.join(", "))
        };
        let _ = writeln!(out, "  people are told every {every}{channels}");
    }
    if major.problem_record {
        let _ = writeln!(out, "  a problem record is needed");
    }
    if major.change_link {
        let _ = writeln!(out, "  the changes that caused or mended it are linked");
    }
    if let Some(within) = &major.review_within {
        let _ = writeln!(out, "  looked back on within {within} of its end");
    }
}

/// Writes why it is no major incident, which is as good a reason to look closely as any.
fn push_not_major(out: &mut String, view: &View, paint: Paint) {
    let mut definitions = view.trace.iter().filter(|rule| is_definition(rule)).peekable();
    if !view.major.is_empty() || definitions.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.heading("not a major incident"));
    for definition in definitions {
        push_rule(out, definition, paint);
    }
}

/// Whether a rule says what a major incident is.
fn is_definition(rule: &Rule) -> bool {
    rule.rule.starts_with("major-incident:")
}

fn push_trace(out: &mut String, view: &View, whole: bool, paint: Paint) {
    let _ = writeln!(out, "\n{}", paint.heading("why"));
    let _ = writeln!(
        out,
        "  {}  gives {}",
        paint.name(&format!("priority-matrix:{}", view.matrix)),
        view.priority
    );
    push_reasons(out, &view.remarks, paint);
    // Why it is no major incident is said above.
    let told = |rule: &&Rule| view.major.is_empty() && is_definition(rule);
    let rules: Vec<Rule> = view.trace.iter().filter(|rule| !told(rule)).cloned().collect();
    push_rules(out, &rules, whole, paint);
    if view.routed_by.is_none() {
        let _ = writeln!(out, "  no rule of the routing matches: the default team gets it");
    }
}
