//! `gitsm replay incidents`.

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;

use super::{against::Against, input::Input, jobs};
use crate::{
    cli::{answer::Format, decidable, exit::Exit, output::Output, repository::Repository},
    model::Id,
    report::{
        json,
        replay::{
            incidents::{Asked, Report, render},
            shared::{ReadFrom, Threshold as Shown},
        },
    },
    simulate::replay::{
        Limit, Threshold,
        incidents::{Options, Outcome, Plan, replay},
    },
};

/// Arguments of `gitsm replay incidents`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm replay incidents events.csv.gz --map incidents.map.toml
  gitsm replay incidents tickets.csv --sla incidents --column id=Number --column opened=Opened \\
      --column resolved=Resolved --column priority=Priority
  gitsm replay incidents events.jsonl --sla incidents --max-breaches 5%
  gitsm replay incidents events.jsonl --sla incidents --against-at main --max-new-breaches 0

A row is something that happened to a ticket, and the rows of one ticket stand together:
  {\"id\":\"T-1\",\"at\":\"2026-03-02T09:00:00Z\",\"priority\":\"p2\",\"state\":\"new\"}
  {\"id\":\"T-1\",\"at\":\"2026-03-02T10:00:00Z\",\"state\":\"awaiting-requester\"}
  {\"id\":\"T-1\",\"at\":\"2026-03-02T15:00:00Z\",\"state\":\"resolved\"}

Fields: id, at, opened, resolved, state, priority, sla, service, done, recorded. A ticket may also be
one row, with `opened` and `resolved`. What `recorded` says, `met` or `breached`, is shown beside
what is worked out.

A target is breached when more business time has passed than was promised. The clocks count for the
terms that held last; those that other terms took the place of do not count.

exit status: 0 every row was used and every limit is kept; 1 a limit is crossed, rows were rejected,
or no row told of a ticket; 2 could not run")]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The SLA of tickets whose rows name neither an SLA nor a service.
    #[arg(long, value_name = "ID", value_parser = id)]
    sla: Option<Id>,
    /// The most clocks whose targets may have been missed: a number, or a share of those that stopped.
    #[arg(long, value_name = "LIMIT")]
    max_breaches: Option<Limit>,
    /// The most targets that may be missed and are not by the other rulebook: a number, or a share of those whose clocks stopped.
    #[arg(long, value_name = "LIMIT")]
    max_new_breaches: Option<Limit>,
    /// The most tickets about which the two rulebooks may differ: a number, or a share of all.
    #[arg(long, value_name = "LIMIT")]
    max_flips: Option<Limit>,
    #[command(flatten)]
    against: Against,
    #[command(flatten)]
    repository: Repository,
    /// How many threads work; the result is the same [default: one for each processor].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// How the result is written; `gitsm schema output/replay-incidents` prints the schema of the JSON.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

fn id(text: &str) -> Result<Id, String> {
    Id::new(text).ok_or_else(|| "write the id of an SLA, such as `incidents`".to_owned())
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
    for (limit, flag) in
        [(arguments.max_new_breaches, "--max-new-breaches"), (arguments.max_flips, "--max-flips")]
    {
        if limit.is_some() && !arguments.against.is_named() {
            bail!("`{flag}` needs another rulebook: add `--against FOLDER` or `--against-at REVISION`");
        }
    }
    let against = match arguments.against.load(&arguments.repository, output)? {
        Ok(against) => against,
        Err(exit) => return Ok(exit),
    };
    let input = &arguments.input;
    let cannot = || format!("{} cannot be replayed", input.name());
    let mut opened = input.open(output)?;
    let sla = arguments.sla.as_ref();
    let plan = Plan::new(&opened.rows, opened.map.as_ref(), input.columns(), &loaded.rulebook, sla);
    let plan = plan.with_context(cannot)?;
    let now = arguments.repository.now.unwrap_or_else(Timestamp::now);
    let named = opened.map.is_some() || !input.columns().is_empty();
    let options = Options { now, jobs: jobs(arguments.jobs), named };
    let mut watch = input.watch(&opened)?;
    let before = against.as_ref().map(|other| &other.loaded.rulebook);
    let outcome = replay(&mut opened.rows, &plan, (&loaded.rulebook, before), options, &mut watch);
    watch.finish()?;
    let outcome = outcome.with_context(cannot)?;
    let all = outcome.tally.all();
    let limit = arguments.max_breaches;
    let finished = (all.finished > 0).then_some(all.finished);
    let mut thresholds: Vec<Threshold> = limit
        .into_iter()
        .map(|limit| Threshold::most("--max-breaches", limit, all.breached, finished))
        .collect();
    if let Some(flips) = &outcome.flips {
        let tickets = (outcome.tally.tickets > 0).then_some(outcome.tally.tickets);
        let of = |flag, limit: Option<Limit>, count, all| {
            limit.map(|limit| Threshold::most(flag, limit, count, all))
        };
        let newly = arguments.max_new_breaches;
        thresholds.extend(of("--max-new-breaches", newly, flips.new_breaches(), finished));
        thresholds.extend(of("--max-flips", arguments.max_flips, flips.count, tickets));
    }
    let exit = exit(&outcome, &thresholds, input.allow_rejects);
    output.promise(exit);
    let report = Report::new(
        &outcome,
        Asked {
            columns: ReadFrom::all(plan.read_from()),
            allowed: input.allow_rejects,
            now,
            at: arguments.repository.at(),
            against: against.map(|other| other.name),
            says_states: plan.says_states(),
            thresholds: thresholds.iter().map(Shown::new).collect(),
        },
    );
    match arguments.format {
        Format::Human => output.result(&render(&report, output.style()))?,
        Format::Json => output.result(&json::write(&report)?)?,
    }
    output.finish()?;
    let told = (outcome.rows, outcome.tally.tickets, "ticket");
    for reason in input.complaints(told, outcome.rejects.count(), &thresholds) {
        output.talk(&reason)?;
    }
    Ok(exit)
}

/// How the command ends.
fn exit(outcome: &Outcome, thresholds: &[Threshold], allowed: u64) -> Exit {
    let crossed = thresholds.iter().any(|threshold| threshold.crossed);
    if crossed || outcome.rejects.count() > allowed || outcome.tally.tickets == 0 {
        Exit::Findings
    } else {
        Exit::Success
    }
}
