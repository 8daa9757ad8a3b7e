//! Joiners, movers and leavers, for people and for programs.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Style,
    decision::{human::local, words},
    lines::Lines,
    paint::Paint,
    plain,
    summary::plural,
};
use crate::{
    decide::{
        ledger::HeldBy,
        lifecycle::{Given, Lifecycle, Transferred},
        policy::offer,
    },
    diag::Sources,
    model::{EntitlementRef, Instant, Rulebook, scenario::Verdict},
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
    /// The zone in which local times are written for people.
    #[serde(skip)]
    pub zone: TimeZone,
}

/// A bundle that somebody is given.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BundleView {
    /// The bundle.
    pub bundle: String,
    /// What is decided about it as a whole.
    pub verdict: Verdict,
    /// Why it is denied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// The stages that are asked, as `workflow/stage`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<String>,
    /// What is in it.
    pub items: Vec<ItemView>,
}

/// Something in a bundle.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ItemView {
    /// The entitlement.
    pub entitlement: String,
    /// What is decided about it.
    pub verdict: Verdict,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Instant>,
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
            given: found.given.iter().map(bundle).collect(),
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
                })
                .collect(),
            transferred: taken_over(&found.transferred, sources, prefix),
            zone: zone.clone(),
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

fn bundle(given: &Given<'_>) -> BundleView {
    let decision = &given.decision;
    let mut reasons: Vec<String> = decision.problems.iter().map(ToString::to_string).collect();
    reasons.extend(decision.denials.iter().map(words::denial));
    BundleView {
        bundle: given.bundle.id.to_string(),
        verdict: decision.verdict,
        reasons,
        stages: decision.stages.iter().map(crate::decide::stages::Asking::name).collect(),
        items: decision
            .items
            .iter()
            .map(|item| ItemView {
                entitlement: item.offer.reference().to_string(),
                verdict: item.verdict,
                expires: item.expires.map(Instant),
            })
            .collect(),
    }
}

/// Writes what changes, for people.
#[must_use]
pub fn render(view: &View, style: Style) -> String {
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
        let verdict = words::verdict(given.verdict);
        let _ = writeln!(out, "  {}  {verdict}", paint.name(&format!("bundle:{}", given.bundle)));
        for reason in &given.reasons {
            let _ = writeln!(out, "     {}", plain::line(reason));
        }
        if !given.stages.is_empty() {
            let _ = writeln!(out, "     {}", paint.faint(&format!("asks {}", given.stages.join(", "))));
        }
        for item in &given.items {
            let end = item.expires.map(|end| format!(" until {}", local(end.0, &view.zone)));
            let _ = writeln!(
                out,
                "     {}  {}{}",
                item.entitlement,
                words::verdict(item.verdict),
                end.unwrap_or_default()
            );
        }
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
    if !view.reviewed.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("keeps, if somebody still agrees"));
    }
    for reviewed in &view.reviewed {
        let _ = writeln!(
            out,
            "  {}  would be {} today  {}",
            reviewed.entitlement,
            match reviewed.verdict {
                Verdict::NeedsApproval => "asked about",
                other => words::verdict(other),
            },
            paint.faint(&reviewed.held_by)
        );
    }
    push_taken_over(&mut out, &view.transferred, paint);
    out
}
