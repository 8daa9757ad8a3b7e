//! `gitsm replay requests`.

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;

use super::{
    against::Against,
    input::{Input, counted},
    jobs,
};
use crate::{
    cli::{answer::Format, decidable, exit::Exit, output::Output, repository::Repository},
    model::scenario::Verdict,
    report::{
        json,
        replay::{
            requests::{Asked, Report, render},
            shared::{ReadFrom, Threshold as Shown},
        },
    },
    simulate::replay::{
        Limit, Threshold,
        requests::{Difference, Flips, Options, Outcome, Plan, replay},
    },
};

/// Arguments of `gitsm replay requests`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm replay requests requests.csv
  gitsm replay requests export.csv.gz --map requests.map.toml --rejects rejected.csv
  gitsm replay requests requests.csv --against-at main --max-new-auto-approvals 0
  gitsm replay requests requests.jsonl --max-wrong-approvals 2% --min-automatic 30%

A line of JSON is what `gitsm simulate access --batch` reads, with `outcome` when it is known:
  {\"id\":\"R-1\",\"now\":\"2026-03-02T09:00:00Z\",\"outcome\":\"approved\",
   \"request\":{\"requester\":\"ana.silva\",\"entitlements\":[\"crm/user\"],\"duration\":\"90d\"}}

Fields: id, now, requester, beneficiary, entitlements, bundle, type, service, duration, environment,
justification, ticket, project, evidence, emergency, form.NAME, outcome. The outcome is `approved`,
`auto-approved` or `denied`.

What rules learn from earlier requests (`peers.approved`, `peers.denied`) is the outcome of earlier
rows; where a row has none, what the rulebook decided about it.

exit status: 0 every row was decided about and every limit is kept; 1 a limit is crossed, rows were
rejected, no row told of a request, or the rulebook could not decide; 2 could not run")]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    limits: Limits,
    /// How many lines of each list are shown; 0 for all.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    top: usize,
    #[command(flatten)]
    against: Against,
    #[command(flatten)]
    repository: Repository,
    /// Learn from so many rows at the beginning without counting what is decided about them: a policy that was chosen
    /// by looking at them is then tried on the others.
    #[arg(long, value_name = "ROWS", default_value_t = 0)]
    warm_up: u64,
    /// How many threads decide; the result is the same [default: one for each processor].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// How the result is written; `gitsm schema output/replay-requests` prints the schema of the JSON.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Limits that make the command end with 1 when they are crossed.
#[derive(Debug, Args)]
struct Limits {
    /// The fewest requests that must be approved by rule: a number, or a share such as `30%`.
    #[arg(long, value_name = "LIMIT")]
    min_automatic: Option<Limit>,
    /// The most requests that may be approved by rule and had been denied: a number, or a share of those that are
    /// approved by rule and of which the outcome is known.
    #[arg(long, value_name = "LIMIT")]
    max_wrong_approvals: Option<Limit>,
    /// The most requests that may be denied and had been approved: a number, or a share of those that are denied and
    /// of which the outcome is known.
    #[arg(long, value_name = "LIMIT")]
    max_wrong_denials: Option<Limit>,
    /// The most requests that may be approved by rule and are not by the other rulebook: a number, or a share of all.
    #[arg(long, value_name = "LIMIT")]
    max_new_auto_approvals: Option<Limit>,
    /// The most requests that may be decided otherwise than by the other rulebook: a number, or a share of all.
    #[arg(long, value_name = "LIMIT")]
    max_flips: Option<Limit>,
}

/// Replays.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = match decidable::load(&arguments.repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    arguments.has_other()?;
    let against = match arguments.against.load(&arguments.repository, output)? {
        Ok(against) => against,
        Err(exit) => return Ok(exit),
    };
    let rulebook = &loaded.rulebook;
    let input = &arguments.input;
    let mut opened = input.open(output)?;
    let plan = Plan::new(&opened.rows, opened.map.as_ref(), input.columns(), rulebook);
    let plan = plan.with_context(|| format!("{} cannot be replayed", input.name()))?;
    let now = arguments.repository.now.unwrap_or_else(Timestamp::now);
    let options = Options { now, jobs: jobs(arguments.jobs), warm_up: arguments.warm_up };
    let before = against.as_ref().map(|other| &other.loaded.rulebook);
    let mut watch = input.watch(&opened)?;
    let outcome = replay(&mut opened.rows, &plan, (rulebook, before), options, &mut watch);
    watch.finish()?;
    let outcome = outcome.with_context(|| format!("{} cannot be replayed", input.name()))?;
    let thresholds = arguments.limits.held_against(&outcome);
    let exit = exit(&outcome, &thresholds, input.allow_rejects);
    output.promise(exit);
    let prefix = arguments.repository.prefix();
    let report = Report::new(
        &outcome,
        Asked {
            columns: ReadFrom::all(plan.read_from()),
            allowed: input.allow_rejects,
            now,
            rulebook: (rulebook, &loaded.sources, &prefix),
            at: arguments.repository.at(),
            against: against.as_ref().map(|other| other.name.clone()),
            thresholds: thresholds.iter().map(Shown::new).collect(),
        },
    );
    match arguments.format {
        Format::Human => output.result(&render(&report, arguments.top, output.style()))?,
        Format::Json => output.result(&json::write(&report)?)?,
    }
    output.finish()?;
    let told = (outcome.rows, outcome.tally.decided + outcome.learned, "request");
    for reason in input.complaints(told, outcome.rejects.count(), &thresholds) {
        output.talk(&reason)?;
    }
    let undecidable = outcome.tally.undecidable.count;
    if undecidable > 0 {
        output.talk(&format!("the rulebook cannot decide about {}", counted(undecidable, "request")))?;
    }
    Ok(exit)
}

impl Arguments {
    /// Whether there is another rulebook where a limit needs one.
    fn has_other(&self) -> anyhow::Result<()> {
        let limits = &self.limits;
        for (limit, flag) in
            [(limits.max_new_auto_approvals, "--max-new-auto-approvals"), (limits.max_flips, "--max-flips")]
        {
            if limit.is_some() && !self.against.is_named() {
                bail!("`{flag}` needs another rulebook: add `--against FOLDER` or `--against-at REVISION`");
            }
        }
        Ok(())
    }
}

impl Limits {
    fn held_against(&self, outcome: &Outcome) -> Vec<Threshold> {
        let tally = &outcome.tally;
        let counts = tally.counts();
        let known = (tally.recorded() > 0).then_some(());
        let decided = |wanted: Verdict| {
            let of = tally.verdicts.iter();
            of.filter(|((verdict, recorded), _)| *verdict == wanted && recorded.is_some())
                .map(|(_, count)| count)
                .sum::<u64>()
        };
        let mut all = Vec::new();
        if let Some(limit) = self.min_automatic {
            let of = (tally.decided > 0).then_some(tally.decided);
            all.push(Threshold::least("--min-automatic", limit, counts.approved, of));
        }
        if let Some(limit) = self.max_wrong_approvals {
            let count = tally.difference(Difference::WrongApproval);
            let of = known.map(|()| decided(Verdict::Approved));
            all.push(Threshold::most("--max-wrong-approvals", limit, count, of));
        }
        if let Some(limit) = self.max_wrong_denials {
            let count = tally.difference(Difference::WrongDenial);
            let of = known.map(|()| decided(Verdict::Denied));
            all.push(Threshold::most("--max-wrong-denials", limit, count, of));
        }
        let compared = outcome.flips.as_ref().filter(|_| tally.decided > 0);
        let of = compared.map(|_| tally.decided);
        if let Some(limit) = self.max_new_auto_approvals {
            let count = compared.map_or(0, Flips::new_auto_approvals);
            all.push(Threshold::most("--max-new-auto-approvals", limit, count, of));
        }
        if let Some(limit) = self.max_flips {
            all.push(Threshold::most("--max-flips", limit, compared.map_or(0, Flips::count), of));
        }
        all
    }
}

/// How the command ends.
fn exit(outcome: &Outcome, thresholds: &[Threshold], allowed: u64) -> Exit {
    let crossed = thresholds.iter().any(|threshold| threshold.crossed);
    let tally = &outcome.tally;
    let rejected = outcome.rejects.count() > allowed;
    if crossed || rejected || tally.decided == 0 || tally.undecidable.count > 0 {
        Exit::Findings
    } else {
        Exit::Success
    }
}
