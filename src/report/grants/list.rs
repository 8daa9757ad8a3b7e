//! Who holds what, until when and why.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    decide::engine::Engine,
    diag::Sources,
    ledger::{
        given,
        holdings::{Giver, Holdings},
        standing::{Standing, ends},
    },
    model::{Entry, Instant, LocalDate, grant::Grant},
    report::{
        Style, decision::human::local, lines::Lines, paint::Paint, plain, revision::At, summary::plural,
    },
};

/// The version of the JSON that is printed.
pub const FORMAT_VERSION: u32 = 1;

/// What `gitsm grants list --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm grants list --format json`")]
pub struct Report {
    /// The version of this format.
    pub format_version: u32,
    /// The commit that was read, with `--at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<At>,
    /// The instant that the list is of.
    pub at: Instant,
    /// The grants, in the order of their ids.
    pub grants: Vec<View>,
    /// The zone in which local times are written for people.
    #[serde(skip)]
    pub zone: TimeZone,
}

/// A grant, and what it gives.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct View {
    /// The id.
    pub grant: String,
    /// Who has it.
    pub beneficiary: String,
    /// What they have, as `service/entitlement`.
    pub entitlement: String,
    /// Where it stands: `requested`, `later`, `in-force`, `over` when it has to be ended, or `ended`.
    pub standing: &'static str,
    /// Why it is over or ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<&'static str>,
    /// The first day.
    pub start: LocalDate,
    /// When it ends, or would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<Instant>,
    /// What was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<&'static str>,
    /// The rules that decided.
    pub rules: Vec<String>,
    /// What it gives, while it is in force.
    pub gives: Vec<Gives>,
    /// Where it was written.
    pub place: String,
}

/// Something that a grant gives.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Gives {
    /// What it is.
    pub what: String,
    /// What else gives it: it is kept when the grant ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_by: Vec<String>,
}

impl Report {
    /// The list of some grants.
    #[must_use]
    pub fn new(
        engine: &Engine<'_>,
        holdings: &Holdings<'_>,
        grants: &[(&Entry<Grant>, Standing)],
        (sources, prefix): (&Sources, &str),
        (rulebook, at): (Option<At>, Instant),
    ) -> Self {
        let places: Vec<_> = grants.iter().map(|(grant, _)| grant.at("")).collect();
        let lines = Lines::of(&places, sources, prefix);
        let views = grants.iter().zip(&places).map(|((grant, standing), place)| {
            let decision = grant.decision.as_ref();
            let person = grant.beneficiary.as_str();
            let mut gives = Vec::new();
            if *standing == Standing::InForce {
                for one in given::of_grant(engine.rulebook(), &grant.value) {
                    let others = holdings.givers(person, &one).filter(|by| *by != Giver::Grant(&grant.id));
                    let also_by = others.map(|by| by.to_string()).collect();
                    gives.push(Gives { what: one.to_string(), also_by });
                }
            }
            View {
                grant: grant.id.to_string(),
                beneficiary: person.to_owned(),
                entitlement: grant.entitlement.to_string(),
                standing: standing.name(),
                because: match standing {
                    Standing::Over(why) => Some(why.name()),
                    _ => grant.ended.as_ref().map(|ended| ended.why.name()),
                },
                start: grant.start,
                ends: ends(engine, grant).map(Instant),
                verdict: decision.map(|decision| decision.verdict.name()),
                rules: decision.map(|decision| decision.rules.clone()).unwrap_or_default(),
                gives,
                place: lines.line(place),
            }
        });
        Self {
            format_version: FORMAT_VERSION,
            rulebook,
            at,
            grants: views.collect(),
            zone: engine.zone().clone(),
        }
    }
}

/// Writes the list, for people: by holder.
#[must_use]
pub fn render(report: &Report, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    let mut grants: Vec<&View> = report.grants.iter().collect();
    grants.sort_by(|one, other| {
        (&one.beneficiary, &one.entitlement).cmp(&(&other.beneficiary, &other.entitlement))
    });
    let mut holder = "";
    for grant in &grants {
        if grant.beneficiary != holder {
            if !holder.is_empty() {
                out.push('\n');
            }
            holder = &grant.beneficiary;
            let _ = writeln!(out, "{}", paint.heading(&plain::line(holder)));
        }
        let end = grant.ends.map(|end| local(end.0, &report.zone));
        let stands = match (grant.standing, grant.because, end) {
            ("in-force", _, Some(end)) => paint.good(&format!("until {end}")),
            ("in-force", _, None) => paint.good("without end"),
            ("requested", ..) => paint.open("waits for people to agree"),
            ("later", ..) => paint.open(&format!("from {}", grant.start)),
            ("over", Some("holder-left"), _) => paint.bad("is over: its holder has left"),
            ("over", _, Some(end)) => paint.bad(&format!("is over since {end}")),
            ("over", ..) => paint.bad("is over"),
            (_, Some(why), _) => paint.faint(&format!("ended: {why}")),
            _ => paint.faint("ended"),
        };
        let _ = writeln!(out, "  {}  {stands}", paint.name(&grant.entitlement));
        let verdict = grant.verdict.unwrap_or("nobody wrote down who decided");
        let by =
            if grant.rules.is_empty() { String::new() } else { format!(" by {}", grant.rules.join(", ")) };
        let _ = writeln!(out, "     grant:{}, {verdict}{by}  {}", grant.grant, paint.faint(&grant.place));
        let alone: Vec<&str> =
            grant.gives.iter().filter(|one| one.also_by.is_empty()).map(|one| one.what.as_str()).collect();
        if !alone.is_empty() {
            let _ = writeln!(out, "     gives {}", plain::line(&alone.join(", ")));
        }
        for one in grant.gives.iter().filter(|one| !one.also_by.is_empty()) {
            let _ = writeln!(
                out,
                "     gives {}, and so does {}",
                plain::line(&one.what),
                one.also_by.join(", ")
            );
        }
    }
    if grants.is_empty() {
        out.push_str("no grants\n");
    } else {
        let of = |name: &str| grants.iter().filter(|grant| grant.standing == name).count();
        let counts = [
            ("in-force", "in force"),
            ("later", "later"),
            ("requested", "requested"),
            ("over", "over and to be ended"),
            ("ended", "ended"),
        ];
        let counts: Vec<String> = counts
            .into_iter()
            .filter(|(name, _)| of(name) > 0)
            .map(|(name, words)| format!("{} {words}", of(name)))
            .collect();
        let _ = writeln!(out, "\n{}: {}", plural(grants.len(), "grant"), counts.join(", "));
    }
    out
}
