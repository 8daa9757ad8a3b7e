//! Joiners, movers and leavers, for people and for programs.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Style,
    decision::{
        self,
        human::{local, push_bring, push_reasons, push_rules, push_stage},
        words,
    },
    lines::Lines,
    paint::Paint,
    plain,
    summary::plural,
};
use crate::{
    decide::{
        ledger::HeldBy,
        lifecycle::{Lifecycle, Reviewed, Transferred},
        policy::offer,
    },
    diag::Sources,
    model::{EntitlementRef, Rulebook, scenario::Verdict},
};

/// What changes for somebody who joins, moves or leaves.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct View {
    /// Who.
    pub person: String,
    /// What happens: `joiner`, `mover` or `leaver`.
    pub event: &'static str,
    /// What they are given, by the bundle that it comes with.
    pub given: Vec<BundleView>,
    /// What is taken away.
    pub removed: Vec<RemovedView>,
    /// What they keep, and what would be decided about it if they asked for it now.
    pub reviewed: Vec<ReviewedView>,
    /// What somebody else has to take over.
    pub transferred: Vec<TransferredView>,
}

/// A bundle that somebody is given.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BundleView {
    /// The bundle.
    pub bundle: String,
    /// What is decided about it, as if they asked for it.
    #[serde(flatten)]
    pub decision: decision::View,
}

/// Something that is taken away.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct RemovedView {
    /// The entitlement.
    pub entitlement: String,
    /// Why they held it: `grant:…` or `bundle:…`.
    pub held_by: String,
    /// Who takes it away: `automatic` or `manual`; none where nobody wrote it down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'static str>,
}

/// Something that they keep.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ReviewedView {
    /// The entitlement.
    pub entitlement: String,
    /// Why they hold it.
    pub held_by: String,
    /// What would be decided about it if they asked for it now.
    pub verdict: Verdict,
    /// Why it would be denied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// Something that somebody else has to take over.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TransferredView {
    /// The object that names them.
    pub object: String,
    /// The field.
    pub field: String,
    /// Where it was written.
    pub place: String,
}

fn held_by(held: HeldBy<'_>) -> String {
    match held {
        HeldBy::Grant(grant) => format!("grant:{}", grant.id),
        HeldBy::Bundle(bundle) => format!("bundle:{}", bundle.id),
    }
}

impl View {
    /// What changes, with everything that it names looked up.
    #[must_use]
    pub fn new(
        (person, event): (&str, &'static str),
        found: &Lifecycle<'_>,
        rulebook: &Rulebook,
        (sources, prefix): (&Sources, &str),
        zone: &TimeZone,
    ) -> Self {
        let method = |entitlement: &EntitlementRef| {
            let remove = offer(rulebook, entitlement)?.entitlement.remove.as_ref()?;
            Some(remove.method.name())
        };
        Self {
            person: person.to_owned(),
            event,
            given: found
                .given
                .iter()
                .map(|given| BundleView {
                    bundle: given.bundle.id.to_string(),
                    decision: decision::View::new(&given.decision, sources, prefix, zone),
                })
                .collect(),
            removed: found
                .removed
                .iter()
                .map(|one| RemovedView {
                    entitlement: one.entitlement.to_string(),
                    held_by: held_by(one.held_by),
                    method: method(one.entitlement),
                })
                .collect(),
            reviewed: found
                .reviewed
                .iter()
                .map(|one| ReviewedView {
                    entitlement: one.entitlement.to_string(),
                    held_by: held_by(one.held_by),
                    verdict: one.verdict,
                    reasons: reasons(one),
                })
                .collect(),
            transferred: taken_over(&found.transferred, sources, prefix),
        }
    }
}

/// What somebody else has to take over, with its places.
pub(super) fn taken_over(
    transferred: &[Transferred<'_>],
    sources: &Sources,
    prefix: &str,
) -> Vec<TransferredView> {
    let lines = Lines::of(transferred.iter().map(|one| &one.at), sources, prefix);
    transferred
        .iter()
        .map(|one| TransferredView {
            object: one
                .object
                .map_or_else(|| "gitsm.toml".to_owned(), |(kind, id)| format!("{}:{id}", kind.name())),
            field: one.field.trim_start_matches('/').replace('/', "."),
            place: lines.line(&one.at),
        })
        .collect()
}

/// Writes what somebody else has to take over, for people.
pub(super) fn push_taken_over(out: &mut String, transferred: &[TransferredView], paint: Paint) {
    if !transferred.is_empty() {
        let count = plural(transferred.len(), "place");
        let _ = writeln!(out, "\n{}  {}", paint.heading("somebody else takes over"), paint.faint(&count));
    }
    for one in transferred {
        let _ = writeln!(out, "  {}  {}  {}", paint.name(&one.object), one.field, paint.faint(&one.place));
    }
}

/// Why somebody would not get what they keep.
fn reasons(reviewed: &Reviewed<'_>) -> Vec<String> {
    let problems = reviewed.problems.iter().map(ToString::to_string);
    problems.chain(reviewed.denials.iter().map(words::denial)).collect()
}

/// Writes what is decided about a bundle: who has to agree until when, what is missing, and what is in it.
fn push_given(out: &mut String, given: &BundleView, whole_trace: bool, paint: Paint) {
    let decision = &given.decision;
    let verdict = words::verdict(decision.verdict);
    let _ = writeln!(out, "  {}  {verdict}", paint.name(&format!("bundle:{}", given.bundle)));
    let mut inner = String::new();
    push_reasons(&mut inner, &decision.reasons, paint);
    for (index, stage) in decision.stages.iter().enumerate() {
        push_stage(&mut inner, index + 1, stage, &decision.zone, paint);
    }
    if decision.verdict != Verdict::Denied {
        for bring in &decision.obligations {
            push_bring(&mut inner, bring, paint);
        }
    }
    for item in &decision.items {
        let end = item.expires.map(|end| format!(" until {}", local(end.0, &decision.zone)));
        let verdict = words::verdict(item.verdict);
        let _ = writeln!(inner, "  {}  {verdict}{}", item.entitlement, end.unwrap_or_default());
        if whole_trace {
            push_rules(&mut inner, &item.trace, true, paint);
        }
    }
    if whole_trace {
        push_rules(&mut inner, &decision.trace, true, paint);
    }
    for line in inner.lines() {
        let _ = writeln!(out, "   {line}");
    }
}

/// Writes what they keep and what would be decided about it today.
fn push_reviewed(out: &mut String, reviewed: &[ReviewedView], paint: Paint) {
    let is_denied = |one: &&ReviewedView| matches!(one.verdict, Verdict::Denied | Verdict::Invalid);
    let (denied, kept): (Vec<_>, Vec<_>) = reviewed.iter().partition(is_denied);
    if !kept.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("keeps, if somebody still agrees"));
    }
    for one in kept {
        let today = if one.verdict == Verdict::Approved { "approved" } else { "asked about" };
        let _ = writeln!(out, "  {}  would be {today} today  {}", one.entitlement, paint.faint(&one.held_by));
    }
    if !denied.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("holds still, and would not get today"));
    }
    for one in denied {
        let _ = writeln!(out, "  {}  {}", one.entitlement, paint.faint(&one.held_by));
        for reason in &one.reasons {
            let _ = writeln!(out, "     {}", plain::line(reason));
        }
    }
}

/// Writes what changes, for people. With `whole_trace`, the rules that were considered are written too.
#[must_use]
pub fn render(view: &View, whole_trace: bool, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    let what = match view.event {
        "joiner" => "joins",
        "mover" => "moves",
        _ => "leaves",
    };
    let _ = writeln!(out, "{} {what}", paint.name(&view.person));
    if view.event != "leaver" {
        let _ = writeln!(out, "\n{}", paint.heading("is given"));
        if view.given.is_empty() {
            let _ = writeln!(out, "  nothing: no bundle is theirs that was not before");
        }
    }
    for given in &view.given {
        push_given(&mut out, given, whole_trace, paint);
    }
    if view.event != "joiner" {
        let _ = writeln!(out, "\n{}", paint.heading("loses"));
        if view.removed.is_empty() {
            let _ = writeln!(out, "  nothing");
        }
    }
    for removed in &view.removed {
        let how = match removed.method {
            Some(method) => format!("{method} removal"),
            None => "nobody wrote down how it is removed".to_owned(),
        };
        let _ = writeln!(
            out,
            "  {}  {}",
            removed.entitlement,
            paint.faint(&format!("{}, {how}", removed.held_by))
        );
    }
    push_reviewed(&mut out, &view.reviewed, paint);
    push_taken_over(&mut out, &view.transferred, paint);
    out
}
