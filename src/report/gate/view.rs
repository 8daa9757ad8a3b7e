//! What the gate says, as data with words.

use schemars::JsonSchema;
use serde::Serialize;

use super::{plans::PlanView, words};
use crate::{
    gate::{Gate, Panel, Part, Touch, Verdict, facts::Facts},
    report::{impact, revision::At},
};

/// The version of the JSON that is printed.
pub const FORMAT_VERSION: u32 = 1;

/// What `gitsm pr check --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm pr check --format json`")]
pub struct Report {
    /// The version of this format.
    pub format_version: u32,
    /// Whether it may be merged: `pass`, `refused`, `indeterminate` or `fail`.
    pub verdict: &'static str,
    /// The verdict in a few words.
    pub headline: String,
    /// Why not; nothing when it may.
    pub reasons: Vec<ReasonView>,
    /// The pull request, when facts about it were recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<PullRequestView>,
    /// The commit that it goes into, whose rulebook decides.
    pub base: At,
    /// The last commit of it.
    pub head: At,
    /// Whether the two had to be merged to see what would come of it.
    pub merged: bool,
    /// The instant that counts as now.
    pub now: String,
    /// What it touches.
    pub touches: TouchView,
    /// Whoever made a part of it, and so does not approve it.
    pub made_by: Vec<MadeByView>,
    /// What the rulebook says that it goes into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_base: Option<PanelView>,
    /// What the changed rulebook would say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_head: Option<PanelView>,
    /// Whether both have to be satisfied.
    pub both_count: bool,
    /// The scenarios of the changed rulebook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenarios: Option<Scenarios>,
    /// What each target would get.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<PlanView>,
    /// What changes.
    pub difference: impact::Report,
}

/// How many scenarios passed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Scenarios {
    /// How many passed.
    pub passed: usize,
    /// The ids of those that failed.
    pub failed: Vec<String>,
}

/// Why a change may not be merged.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ReasonView {
    /// What it makes of the change: `refused`, `indeterminate` or `fail`.
    pub verdict: &'static str,
    /// A short name that never changes.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// A pull request.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PullRequestView {
    /// The server.
    pub forge: String,
    /// The repository there.
    pub repository: String,
    /// Its number.
    pub number: u64,
    /// When the facts were recorded.
    pub recorded_at: String,
}

/// What a change touches.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct TouchView {
    /// Whether control is loosened, or it cannot be shown that it is not.
    pub loosens: bool,
    /// Whether control is tightened.
    pub tightens: bool,
    /// Whether promises move.
    pub commitments: bool,
    /// How many people; absent when that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<usize>,
    /// Which services; absent when that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services: Option<Vec<String>>,
    /// The highest risk of the access that it touches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<&'static str>,
    /// Objects and files that decide about changes of the repository itself.
    pub governs: Vec<String>,
    /// Grants, campaigns and sheets of reviewers that say more than follows by itself from the rulebook that the change goes
    /// into and from who proposes it: people have to agree to them.
    pub ledger: Vec<String>,
    /// How many objects.
    pub objects: usize,
    /// How many files.
    pub files: usize,
}

/// Somebody who made a part of a change.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct MadeByView {
    /// Who.
    pub person: String,
    /// What they did.
    pub did: Vec<&'static str>,
}

/// What a rulebook says about a change.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PanelView {
    /// How far the agreement has come: `approved`, `pending`, `rejected`, `timed-out` or `no-approver`; absent when nobody
    /// has to agree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// The rules that apply.
    pub rules: Vec<RuleView>,
    /// Who has to agree, in this order.
    pub stages: Vec<StageView>,
    /// The reviews that count for nothing.
    pub not_counted: Vec<NotCountedView>,
}

/// A rule that applies.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct RuleView {
    /// The rule: `governance:repository/loosening`.
    pub rule: String,
    /// Why it exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The workflow that it asks for.
    pub workflow: String,
}

/// A stage.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct StageView {
    /// `workflow/stage`.
    pub stage: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The rules that ask for it.
    pub because: Vec<String>,
    /// How many have to agree.
    pub needed: usize,
    /// Who agreed.
    pub agreed: Vec<AgreedView>,
    /// Who can agree still.
    pub can_agree: Vec<String>,
    /// Who is named and cannot agree.
    pub excluded: Vec<ExcludedView>,
    /// Until when there is time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
}

/// An approval that counts.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct AgreedView {
    /// Who.
    pub person: String,
    /// The number of the review.
    pub review: u64,
}

/// Somebody who is named and cannot agree.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ExcludedView {
    /// Who.
    pub person: String,
    /// Why.
    pub why: String,
}

/// A review that counts for nothing.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct NotCountedView {
    /// The number of the review.
    pub review: u64,
    /// Who gave it: a person, or an account that belongs to nobody.
    pub by: String,
    /// A short name for why, which never changes.
    pub code: &'static str,
    /// Why.
    pub why: String,
}

/// What is put into a report.
#[derive(Debug)]
pub struct Input<'i> {
    /// What the gate says.
    pub gate: &'i Gate,
    /// What the change touches.
    pub touch: &'i Touch,
    /// What was recorded.
    pub facts: Option<&'i Facts>,
    /// The commit that it goes into.
    pub base: At,
    /// The last commit of it.
    pub head: At,
    /// Whether the two had to be merged.
    pub merged: bool,
    /// The instant that counts as now.
    pub now: jiff::Timestamp,
    /// The scenarios.
    pub scenarios: Option<Scenarios>,
    /// What each target would get.
    pub plans: Vec<PlanView>,
    /// What changes.
    pub difference: impact::Report,
}

impl Report {
    /// The report.
    #[must_use]
    pub fn new(input: Input<'_>) -> Self {
        let Input { gate, touch, facts, .. } = input;
        let panel = |panel: &Option<Panel>| panel.as_ref().map(PanelView::new);
        Self {
            format_version: FORMAT_VERSION,
            verdict: gate.verdict.name(),
            headline: words::headline(gate),
            reasons: gate.reasons.iter().map(words::reason).collect(),
            pull_request: facts.map(|facts| PullRequestView {
                forge: facts.forge.clone(),
                repository: facts.repository.name.clone(),
                number: facts.pull_request.number,
                recorded_at: facts.recorded_at.to_string(),
            }),
            base: input.base,
            head: input.head,
            merged: input.merged,
            now: input.now.to_string(),
            touches: TouchView {
                loosens: touch.loosens,
                tightens: touch.tightens,
                commitments: touch.commits,
                people: touch.people,
                services: touch.services.as_ref().map(|services| services.iter().cloned().collect()),
                risk: touch.risk.map(crate::model::service::Risk::name),
                governs: touch.governs.iter().cloned().collect(),
                ledger: touch.ledger.iter().cloned().collect(),
                objects: touch.objects.len(),
                files: touch.files.len(),
            },
            made_by: gate
                .made_by
                .people
                .iter()
                .map(|(person, parts)| MadeByView {
                    person: person.clone(),
                    did: parts.iter().copied().map(Part::words).collect(),
                })
                .collect(),
            by_base: panel(&gate.base),
            by_head: panel(&gate.head),
            both_count: gate.both_count,
            scenarios: input.scenarios,
            plans: input.plans,
            difference: input.difference,
        }
    }

    /// Whether it may be merged.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.verdict == Verdict::Pass.name()
    }
}

impl PanelView {
    fn new(panel: &Panel) -> Self {
        let mut not_counted: Vec<NotCountedView> = panel.refused.iter().map(words::refused).collect();
        not_counted.extend(panel.not_counted.iter().map(|one| words::not_counted(one, panel.state)));
        not_counted.sort_by_key(|one| one.review);
        Self {
            state: panel.state.map(crate::decide::approval::outcome::State::name),
            rules: panel
                .rules
                .iter()
                .map(|one| RuleView {
                    rule: one.rule.to_string(),
                    why: one.description.clone(),
                    workflow: one.workflow.to_string(),
                })
                .collect(),
            stages: panel
                .stages
                .iter()
                .map(|stage| StageView {
                    stage: stage.name.clone(),
                    title: stage.title.clone(),
                    because: stage.because.iter().map(ToString::to_string).collect(),
                    needed: stage.needed,
                    agreed: stage
                        .counted
                        .iter()
                        .map(|(person, review)| AgreedView { person: person.clone(), review: *review })
                        .collect(),
                    can_agree: stage.can_act.clone(),
                    excluded: stage
                        .excluded
                        .iter()
                        .map(|(person, why)| ExcludedView {
                            person: person.clone(),
                            why: words::excluded(*why).to_owned(),
                        })
                        .collect(),
                    due: stage.due.map(|due| due.to_string()),
                })
                .collect(),
            not_counted,
        }
    }
}
