//! `gitsm replay requests`.

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;

use super::input::Input;
use crate::{
    cli::{answer::Format, decidable, exit::Exit, output::Output, repository::Repository},
    model::scenario::Verdict,
    report::{
        json,
        replay::{
            requests::{Asked, Report, render},
            shared::{ReadFrom, Threshold as Shown},
        },
        summary::plural,
    },
    simulate::replay::{
        Limit, Threshold,
        requests::{Difference, Options, Outcome, Plan, replay},
    },
};

/// Arguments of `gitsm replay requests`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm replay requests requests.csv
  gitsm replay requests export.csv.gz --map requests.map.toml --rejects rejected.csv
  gitsm replay requests requests.jsonl --max-wrong-approvals 2% --min-automatic 30%
  gitsm replay requests requests.csv --against ../main --max-new-auto-approvals 0

A line of JSON is what `gitsm simulate access --batch` reads, with `outcome` beside it when it is known:
  {\"id\":\"R-1\",\"now\":\"2026-03-02T09:00:00Z\",\"outcome\":\"approved\",
   \"request\":{\"requester\":\"ana.silva\",\"entitlements\":[\"crm/user\"],\"duration\":\"90d\"}}

Fields: id, now, requester, beneficiary, entitlements, bundle, type, service, duration, environment,
justification, ticket, project, evidence, emergency, form.NAME, outcome. The outcome is `approved`,
`auto-approved` or `denied`.

What rules learn from earlier requests (`peers.approved`, `peers.denied`) is the outcome of earlier rows; where a
row has none, what the rulebook decided about it.

exit status: 0 decided about every row and every limit is kept; 1 a limit is crossed, rows were rejected, no row told
of a request, or the rulebook could not decide; 2 could not run")]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    limits: Limits,
    /// How many lines of each list are shown; 0 for all.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    top: usize,
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
    let rulebook = &loaded.rulebook;
    let input = &arguments.input;
    let mut opened = input.open(output)?;
    let plan = Plan::new(&opened.rows, opened.map.as_ref(), input.columns(), rulebook);
    let plan = plan.with_context(|| format!("{} cannot be replayed", input.name()))?;
    let now = arguments.repository.now.unwrap_or_else(Timestamp::now);
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = arguments.jobs.map_or_else(processors, usize::from);
    let options = Options { now, jobs, warm_up: arguments.warm_up };
    let mut watch = input.watch(&opened)?;
    let outcome = replay(&mut opened.rows, &plan, (rulebook, None), options, &mut watch);
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
            against: None,
            thresholds: thresholds.iter().map(Shown::new).collect(),
        },
    );
    match arguments.format {
        Format::Human => output.result(&render(&report, arguments.top, output.style()))?,
        Format::Json => output.result(&json::write(&report)?)?,
    }
    output.finish()?;
    for reason in complaints(&outcome, &thresholds, input) {
        output.talk(&reason)?;
    }
    Ok(exit)
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

/// Why the command does not end with 0.
fn complaints(outcome: &Outcome, thresholds: &[Threshold], input: &Input) -> Vec<String> {
    let mut all = Vec::new();
    let count = |count: u64, word: &str| plural(usize::try_from(count).unwrap_or(usize::MAX), word);
    if outcome.rows == 0 {
        all.push(format!("{} holds no rows, so nothing was replayed", input.name()));
    } else if outcome.tally.decided == 0 {
        all.push("no row told of a request, so nothing was replayed".to_owned());
    }
    let rejected = outcome.rejects.count();
    if rejected > input.allow_rejects {
        all.push(format!(
            "{} rejected: mend them, or allow so many with `--allow-rejects {rejected}`",
            count(rejected, "row")
        ));
    }
    let undecidable = outcome.tally.undecidable.count;
    if undecidable > 0 {
        all.push(format!("the rulebook cannot decide about {}", count(undecidable, "request")));
    }
    for threshold in thresholds.iter().filter(|threshold| threshold.crossed) {
        all.push(match threshold.of {
            Some(of) => {
                format!("{} {} is crossed: {} of {of}", threshold.flag, threshold.limit, threshold.count)
            }
            None => format!(
                "{} {} cannot be checked: no row says what it is about",
                threshold.flag, threshold.limit
            ),
        });
    }
    all
}
