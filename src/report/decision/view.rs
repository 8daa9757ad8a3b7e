//! A decision as data: what programs read, and what the words are made of.

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    delivery::{self, Delivery},
    effect::{Effect, Limit, effect, limit},
    words,
};
use crate::{
    decide::{
        condition::Because,
        decision::{Considered, Decision, Item, Outcome},
        principals::Exclusion,
        service_level,
        stages::Asking,
    },
    diag::Sources,
    model::{
        Duration, Entry, Instant, LocalDate, Location, Ref,
        access::Mode,
        automation::Automation,
        person::Person,
        scenario::Verdict,
        service::{Lifecycle, Method, Service},
        team::Team,
        workflow::OnTimeout,
    },
    report::lines::Lines,
};

/// What is decided about a request, and why.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct View {
    /// What is decided: `approved`, `needs-approval`, `denied` or `invalid`.
    pub verdict: Verdict,
    /// The instant of the request.
    pub at: Instant,
    /// When access begins, where that is later: on the first day of the beneficiary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<Instant>,
    /// Who it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beneficiary: Option<Somebody>,
    /// The entitlements that are asked for.
    pub asks_for: Vec<String>,
    /// Why it is denied or makes no sense, in the order of the evaluation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// The rules that decided, in the order of the evaluation.
    pub rules: Vec<String>,
    /// Who is asked, in this order.
    pub stages: Vec<Stage>,
    /// What the requester must bring.
    pub obligations: Vec<Bring>,
    /// What is decided about each thing that is asked for.
    pub items: Vec<Asked>,
    /// How it is delivered, for a request by type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// The exceptions that waived a rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Waiver>,
    /// The rules about the request as a whole that were considered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<Rule>,
    /// The zone in which local times are written for people.
    #[serde(skip)]
    pub zone: TimeZone,
}

/// Somebody of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Somebody {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
}

/// Why a request is denied or makes no sense.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Reason {
    /// A short name that never changes.
    pub kind: &'static str,
    /// What it is, in words.
    pub text: String,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The entitlement that it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Who is named and cannot act.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<Excluded>,
}

impl Reason {
    /// A reason that is about everything that is asked for.
    pub(in crate::report) fn new(kind: &'static str, text: impl Into<String>, place: Option<String>) -> Self {
        Self { kind, text: text.into(), place, about: None, excluded: Vec::new() }
    }
}

/// That nobody can have a service: not yet, or not any more.
pub(in crate::report) fn not_offered(service: &Entry<Service>, lines: &Lines<'_>) -> Option<Reason> {
    let lifecycle = service_level::not_offered(service)?;
    let id = &service.id;
    let text = match lifecycle {
        Lifecycle::Retired => format!("the service `{id}` is retired: it was switched off"),
        _ => format!("the service `{id}` is {lifecycle}: it is not in use yet"),
    };
    let place = Some(lines.line(&service.at("/lifecycle")));
    Some(Reason::new("service-not-offered", text, place))
}

/// A stage with the people who can act in it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Stage {
    /// The stage, as `workflow/stage`.
    pub stage: String,
    /// The name that people know it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many have to agree.
    pub needed: usize,
    /// Who can.
    pub approvers: Vec<Somebody>,
    /// Who can as well once the time is up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub escalation: Vec<Somebody>,
    /// Who is named and cannot.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<Excluded>,
    /// Whether people stand in because too few of those who are named can act.
    pub fallback: bool,
    /// How long they have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Until when they have time, if every stage before this one takes all of its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Instant>,
    /// What happens when the time is up: `deny`, `escalate` or `wait`.
    pub on_timeout: &'static str,
    /// The rules that ask for it.
    pub because: Vec<String>,
    /// What it is asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    /// Where the stage was written.
    pub place: String,
}

/// Somebody who is named and cannot act.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Excluded {
    /// The id.
    pub person: String,
    /// Why.
    pub why: &'static str,
}

/// What the requester must bring.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Bring {
    /// What it is.
    pub evidence: &'static str,
    /// Whether it was brought.
    pub met: bool,
    /// What demands it.
    pub because: Vec<String>,
}

/// What is decided about one thing that is asked for.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Asked {
    /// The entitlement, as `service/entitlement`.
    pub entitlement: String,
    /// What people call it.
    pub name: String,
    /// How much harm can be done with it.
    pub risk: &'static str,
    /// What is decided about it alone.
    pub verdict: Verdict,
    /// The rule that decided; none when the default did, or a guardrail before any rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Instant>,
    /// What limits it, the tightest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// The grants that give it to them already.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<HeldAlready>,
    /// What exactly is given.
    pub provisions: Provisions,
    /// Every rule that was considered, in the order of the evaluation.
    pub trace: Vec<Rule>,
}

/// A grant that gives somebody already what is asked for.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct HeldAlready {
    /// The grant.
    pub grant: String,
    /// Its last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<LocalDate>,
}

/// What is given, how, and how it is taken away.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Provisions {
    /// The licence that it uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence_tier: Option<String>,
    /// The role in the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// How it is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<CarriedOut>,
    /// How it is taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed: Option<CarriedOut>,
}

/// How access is given or taken away.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CarriedOut {
    /// `automatic` or `manual`.
    pub method: &'static str,
    /// The automation that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automation: Option<String>,
    /// The team that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// How long it may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// The same in words.
    pub text: String,
}

/// An exception that waived a rule.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Waiver {
    /// The exception.
    pub exception: String,
    /// The rule.
    pub rule: String,
    /// The last day on which it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Where it was written.
    pub place: String,
}

/// A rule that was considered.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Rule {
    /// The rule.
    pub rule: String,
    /// Where it was written.
    pub place: String,
    /// What came of it: `matched`, `not-matched` or `waived`.
    pub outcome: &'static str,
    /// Whether it decides: `enforce`, or only says what it would do: `warn`, `record`.
    pub mode: &'static str,
    /// What it does.
    pub effects: Vec<Effect>,
    /// The tests that made it match or not.
    pub because: Vec<Test>,
}

/// A test that decided whether a rule matched.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Test {
    /// The attribute.
    pub attribute: String,
    /// What it had to be, in words.
    pub wanted: String,
    /// What it was; null when it was absent.
    pub actual: Option<String>,
    /// Whether the test passed.
    pub passed: bool,
    /// Where it was written.
    pub place: String,
}

impl View {
    /// The decision with everything that it names looked up. `prefix` stands before every path.
    #[must_use]
    pub fn new(decision: &Decision<'_>, sources: &Sources, prefix: &str, zone: &TimeZone) -> Self {
        let mut locations: Vec<Location> = Vec::new();
        for considered in decision.considered() {
            locations.push(considered.at.clone());
        }
        let caps = decision.items.iter().flat_map(|item| &item.caps);
        locations.extend(caps.filter_map(|cap| cap.at.clone()));
        locations.extend(decision.stages.iter().map(of_stage));
        locations.extend(decision.denials.iter().filter_map(words::denial_place));
        let clocks = decision.delivery.iter().flat_map(|delivery| &delivery.due);
        locations.extend(clocks.map(|(_, clock)| clock.at.clone()));
        let lines = Lines::of(&locations, sources, prefix);
        let mut reasons: Vec<Reason> = decision
            .problems
            .iter()
            .map(|problem| Reason::new("invalid-request", problem.to_string(), None))
            .collect();
        let several = decision.asks_for.len() > 1;
        reasons.extend(decision.denials.iter().map(|denial| {
            let about = denial.about().map(words::entitlement);
            let of = about.as_ref().filter(|_| several).map(|of| format!("`{of}`: ")).unwrap_or_default();
            Reason {
                kind: denial.name(),
                text: format!("{of}{}", words::denial(denial)),
                place: words::denial_place(denial).map(|at| lines.line(&at)),
                about,
                excluded: excluded(denial.excluded().iter().map(|(person, why)| (person.as_str(), *why))),
            }
        }));
        let waived = decision.considered().filter_map(|considered| match considered.outcome {
            Outcome::Waived(exception) => Some(Waiver {
                exception: exception.id.to_string(),
                rule: considered.rule.to_string(),
                expires: exception.expires.map(|date| date.to_string()),
                place: lines.line(&exception.at("")),
            }),
            Outcome::Matched | Outcome::NotMatched => None,
        });
        Self {
            verdict: decision.verdict,
            at: Instant(decision.instant),
            starts: decision.starts.map(Instant),
            beneficiary: decision.beneficiary.map(somebody),
            asks_for: decision.asks_for.iter().map(ToString::to_string).collect(),
            reasons,
            rules: decision.rules().into_iter().map(ToString::to_string).collect(),
            stages: decision.stages.iter().map(|asking| stage(asking, &lines)).collect(),
            obligations: decision
                .obligations
                .iter()
                .map(|obligation| Bring {
                    evidence: obligation.evidence.name(),
                    met: obligation.met,
                    because: obligation.because.iter().map(ToString::to_string).collect(),
                })
                .collect(),
            items: decision.items.iter().map(|item| asked(item, &lines)).collect(),
            delivery: decision.delivery.as_ref().map(|delivery| delivery::view(delivery, &lines)),
            exceptions: waived.collect(),
            trace: decision.trace.iter().map(|considered| rule(considered, &lines)).collect(),
            zone: zone.clone(),
        }
    }
}

pub(in crate::report) fn somebody(person: &Entry<Person>) -> Somebody {
    Somebody { id: person.id.to_string(), name: person.name.clone() }
}

pub(in crate::report) fn of_stage(asking: &Asking<'_>) -> Location {
    asking.workflow.at(format!("/stage/{}", asking.index))
}

pub(in crate::report) fn stage(asking: &Asking<'_>, lines: &Lines<'_>) -> Stage {
    let people = |people: &[&Entry<Person>]| people.iter().map(|person| somebody(person)).collect();
    Stage {
        stage: asking.name(),
        name: asking.stage.name.clone(),
        needed: asking.needed,
        approvers: people(&asking.approvers),
        escalation: people(&asking.escalation),
        excluded: excluded(asking.excluded.iter().map(|one| (one.person, one.why))),
        fallback: asking.fallback,
        within: asking.stage.within.map(|within| match asking.stage.calendar {
            Some(_) => within.in_hours().to_string(),
            None => within.to_string(),
        }),
        due: asking.due.map(Instant),
        on_timeout: match &asking.stage.on_timeout {
            Some(OnTimeout::Deny) => "deny",
            Some(OnTimeout::Escalate(_)) => "escalate",
            None => "wait",
        },
        because: asking.because.iter().map(ToString::to_string).collect(),
        about: asking.about.iter().map(words::entitlement).collect(),
        place: lines.line(&of_stage(asking)),
    }
}

fn excluded<'p>(people: impl Iterator<Item = (&'p str, Exclusion)>) -> Vec<Excluded> {
    people.map(|(person, why)| Excluded { person: person.to_owned(), why: why.words() }).collect()
}

fn carried_out(
    method: Method,
    automation: Option<&Ref<Automation>>,
    team: Option<&Ref<Team>>,
    within: Option<Duration>,
) -> CarriedOut {
    let automation = automation.map(ToString::to_string);
    let team = team.map(ToString::to_string);
    let within = within.map(|within| within.to_string());
    let by = match (method, &automation, &team) {
        (Method::Automatic, Some(automation), _) => format!("automatically by `{automation}`"),
        (Method::Automatic, None, _) => "automatically".to_owned(),
        (Method::Manual, _, Some(team)) => format!("by the team `{team}`"),
        (Method::Manual, _, None) => "by hand".to_owned(),
    };
    let text = within.as_ref().map_or(by.clone(), |within| format!("{by} within {within}"));
    CarriedOut { method: method.name(), automation, team, within, text }
}

fn asked(item: &Item<'_>, lines: &Lines<'_>) -> Asked {
    let entitlement = item.offer.entitlement;
    Asked {
        entitlement: item.offer.reference().to_string(),
        name: format!("{}: {}", item.offer.service.name, entitlement.name),
        risk: entitlement.risk.name(),
        verdict: item.verdict,
        rule: item.rule.as_ref().map(ToString::to_string),
        expires: item.expires.map(Instant),
        limits: item.caps.iter().map(|cap| limit(cap, lines)).collect(),
        held: item
            .held
            .iter()
            .map(|grant| HeldAlready { grant: grant.id.to_string(), end: grant.end })
            .collect(),
        provisions: Provisions {
            licence_tier: entitlement.licence_tier.clone(),
            role: entitlement.role.clone(),
            groups: entitlement.groups.clone(),
            given: entitlement
                .provision
                .as_ref()
                .map(|how| carried_out(how.method, how.automation.as_ref(), how.team.as_ref(), how.within)),
            removed: entitlement
                .remove
                .as_ref()
                .map(|how| carried_out(how.method, how.automation.as_ref(), how.team.as_ref(), how.within)),
        },
        trace: item.trace.iter().map(|considered| rule(considered, lines)).collect(),
    }
}

pub(in crate::report) fn rule(considered: &Considered<'_>, lines: &Lines<'_>) -> Rule {
    Rule {
        rule: considered.rule.to_string(),
        place: lines.line(&considered.at),
        outcome: match considered.outcome {
            Outcome::Matched => "matched",
            Outcome::NotMatched => "not-matched",
            Outcome::Waived(_) => "waived",
        },
        mode: Mode::name(considered.mode),
        effects: considered.effects.iter().map(effect).collect(),
        because: considered.because.iter().map(|because| test(because, lines)).collect(),
    }
}

pub(in crate::report) fn test(because: &Because<'_>, lines: &Lines<'_>) -> Test {
    Test {
        attribute: because.test.attribute(),
        wanted: words::wanted(because.test),
        actual: because.actual.clone(),
        passed: because.passed,
        place: lines.line(&because.at),
    }
}
