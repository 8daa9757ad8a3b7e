//! What a replay of requests found, as data.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    diag::Sources,
    model::{Rulebook, scenario::Verdict},
    report::{
        replay::shared::{Named, ReadFrom, Rejects, Threshold},
        revision::At,
    },
    simulate::replay::requests as simulated,
};

/// What `gitsm replay requests --format json` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm replay requests --format json`")]
pub struct Report {
    /// The version of this format.
    pub format_version: u32,
    /// The commit that holds the rulebook; missing for the files of the folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<At>,
    /// How many rows were read.
    pub rows: u64,
    /// How many of them told of a request that was decided about.
    pub decided: u64,
    /// How many of the first were only learned from, by `--warm-up`.
    pub learned: u64,
    /// The columns that were read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ReadFrom>,
    /// The rows that could not be used.
    pub rejects: Rejects,
    /// When the requests were made.
    pub period: Period,
    /// What is decided.
    pub verdicts: Counts,
    /// What is decided, beside what was decided at the time; missing when no row says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Comparison>,
    /// What the other rulebook decides otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// Why requests are denied, the most frequent reason first. One request can have several.
    pub denials: Vec<Named>,
    /// Requests about which the rulebook cannot decide; they are denied.
    pub undecidable: Found,
    /// The services, the one with the most requests first.
    pub services: Vec<OfService>,
    /// Every rule of the rulebook in its order, and what it did.
    pub rules: Vec<OfRule>,
    /// The stages that are asked, the most asked first.
    pub stages: Vec<OfStage>,
    /// The people who are asked, the most asked first.
    pub approvers: Vec<Approver>,
    /// How long approval can take.
    pub latency: Latency,
    /// The limits that were set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<Threshold>,
}

/// When requests were made.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Period {
    /// The first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// The last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// How many rows do not say it; they are decided as of `as-of`.
    pub undated: u64,
    /// The instant that counts as now.
    pub as_of: String,
}

/// How many requests, by verdict.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Approved by rule, without asking anybody.
    pub approved: u64,
    /// People are asked.
    pub needs_approval: u64,
    /// Denied.
    pub denied: u64,
    /// Makes no sense under this rulebook; only where another one decides about it.
    pub invalid: u64,
}

/// What is decided, beside what was decided at the time.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// How many rows say what was decided.
    pub rows: u64,
    /// What is decided about requests that were approved.
    pub approved: Counts,
    /// Those of them that were approved without asking anybody.
    pub auto_approved: Counts,
    /// What is decided about requests that were denied.
    pub denied: Counts,
    /// Approved by rule, and had been denied.
    pub wrong_approvals: Found,
    /// Denied, and had been approved.
    pub wrong_denials: Found,
}

/// How many, and the first of them.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Found {
    /// How many.
    pub count: u64,
    /// The first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<Witness>,
}

/// A request of the file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Witness {
    /// The row, from 1.
    pub row: u64,
    /// The line on which it starts.
    pub line: u64,
    /// The name of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What is decided about it.
    #[serde(flatten)]
    pub decision: Short,
}

/// A decision, as short as it can be said.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Short {
    /// The verdict.
    pub verdict: Verdict,
    /// The rules that decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Why it is denied, or makes no sense.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// What it comes to in what another rulebook decides otherwise: who has to agree, what has to be brought, what is
    /// given and how, or when it ends. Nothing where the verdicts differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outcome: Vec<String>,
}

/// What another rulebook decides otherwise.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Against {
    /// The other rulebook.
    pub rulebook: String,
    /// What it decides.
    pub verdicts: Counts,
    /// How many requests both decide alike.
    pub same: u64,
    /// How many they decide otherwise.
    pub flips: u64,
    /// How many are approved now without asking anybody, and were not there.
    pub new_auto_approvals: u64,
    /// What differs, with the first requests for each.
    pub changes: Vec<Changed>,
}

/// Requests that are decided otherwise in the same way.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Changed {
    /// What differs: `verdict`, `people`, `evidence`, `provisioning` or `end`.
    pub what: String,
    /// The verdict of the other rulebook, where verdicts differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Verdict>,
    /// The verdict of this rulebook, where verdicts differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Verdict>,
    /// How many.
    pub count: u64,
    /// The first.
    pub first: Vec<Flip>,
}

/// A request that is decided otherwise.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Flip {
    /// The row, from 1.
    pub row: u64,
    /// The line on which it starts.
    pub line: u64,
    /// The name of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the other rulebook decides.
    pub before: Short,
    /// What this one decides.
    pub after: Short,
}

/// What is decided about a service.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OfService {
    /// The service.
    pub service: String,
    /// How many requests, by verdict.
    #[serde(flatten)]
    pub verdicts: Counts,
}

/// What a rule did.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct OfRule {
    /// The rule.
    pub rule: String,
    /// Where it is written.
    pub place: String,
    /// Requests for which its condition was looked at.
    pub considered: u64,
    /// Those for which it held.
    pub matched: u64,
    /// Those of them for which an exception waived it.
    pub waived: u64,
    /// Requests in whose decision it had a part, by what was decided about them.
    pub decided: Counts,
}

/// How much a stage is asked.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OfStage {
    /// The stage, as `workflow/stage`.
    pub stage: String,
    /// Requests that wait for it.
    pub asked: u64,
    /// Approvals that are needed, all together.
    pub needed: u64,
    /// Requests for which people stand in.
    pub fallback: u64,
}

/// How much somebody is asked.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Approver {
    /// Who.
    pub person: String,
    /// Requests for which they can act.
    pub asked: u64,
    /// Stages that wait for them alone.
    pub alone: u64,
    /// Approvals to be expected of them, in thousandths, when all who can act in a stage take turns.
    pub share: u64,
}

/// How long it can take until everybody agreed, when every stage takes all of its time, which counts in the hours of
/// its calendar. The figures are minutes on the wall.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Latency {
    /// Requests of which it is known.
    pub requests: u64,
    /// Half of them take no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median: Option<i64>,
    /// Nine of ten take no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ninety: Option<i64>,
    /// None takes longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<i64>,
    /// Requests that wait for a stage without a limit.
    pub unlimited: u64,
}

/// What was asked for.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The columns that were read.
    pub columns: Vec<ReadFrom>,
    /// How many rows may be rejected.
    pub allowed: u64,
    /// The instant that counts as now.
    pub now: Timestamp,
    /// The rulebook, with its texts and what stands before its paths.
    pub rulebook: (&'a Rulebook, &'a Sources, &'a str),
    /// The commit that holds it.
    pub at: Option<At>,
    /// The name of the other rulebook.
    pub against: Option<String>,
    /// The limits that were set.
    pub thresholds: Vec<Threshold>,
}

impl From<simulated::Counts> for Counts {
    fn from(counts: simulated::Counts) -> Self {
        Self {
            approved: counts.approved,
            needs_approval: counts.needs_approval,
            denied: counts.denied,
            invalid: counts.invalid,
        }
    }
}

impl Counts {
    /// All of them.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.approved + self.needs_approval + self.denied + self.invalid
    }

    /// Those of a verdict.
    #[must_use]
    pub const fn of(&self, verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Approved => self.approved,
            Verdict::NeedsApproval => self.needs_approval,
            Verdict::Denied => self.denied,
            Verdict::Invalid => self.invalid,
        }
    }
}
