//! `gitsm replay people`.

use anyhow::{Context as _, bail};
use clap::Args;

use super::{against::Against, input::Input};
use crate::{
    cli::{answer::Format, decidable, exit::Exit, output::Output, repository::Repository},
    report::{
        json,
        replay::{
            people::{Asked, Report, render},
            shared::{ReadFrom, Threshold as Shown},
        },
    },
    simulate::replay::{
        Limit, Threshold,
        people::{Options, Plan, replay},
    },
};

/// Arguments of `gitsm replay people`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm replay people changes.csv --map people.map.toml
  gitsm replay people memberships.csv.gz --column at=committed_at --max-differences 0
  gitsm replay people changes.csv --against-at main --max-flips 0

A row is something that happened to somebody, in the order of the file:
  {\"person\":\"ana\",\"at\":\"2026-03-02T09:00:00Z\",\"action\":\"add\",\"team\":\"network\"}
  {\"person\":\"ben\",\"at\":\"2026-03-02T09:00:00Z\",\"action\":\"leave\"}

Fields: person, at, action, team, role; and what they are like from then on, under `[subject]` of a
map. The action is `join`, `change` or `leave`, or for a team `add` or `remove`. The role is `member`,
`lead`, or `former` for those who are in a team no more and are still listed there.

Somebody is here who joined or is in a team: whoever comes is a joiner, whoever is gone after it a
leaver, and all others are movers.

exit status: 0 every row was used and every limit is kept; 1 a limit is crossed, rows were rejected,
or there are none; 2 could not run")]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The most memberships that may differ between the end of the events and the teams of the rulebook.
    #[arg(long, value_name = "LIMIT")]
    max_differences: Option<Limit>,
    /// The most events by which the bundles of the two rulebooks may give or take something else: a number, or a share of all.
    #[arg(long, value_name = "LIMIT")]
    max_flips: Option<Limit>,
    #[command(flatten)]
    against: Against,
    /// How many lines of each list are shown; 0 for all.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    top: usize,
    #[command(flatten)]
    repository: Repository,
    /// How the result is written; `gitsm schema output/replay-people` prints the schema of the JSON.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
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
    if arguments.max_flips.is_some() && !arguments.against.is_named() {
        bail!("`--max-flips` needs another rulebook: add `--against FOLDER` or `--against-at REVISION`");
    }
    let against = match arguments.against.load(&arguments.repository, output)? {
        Ok(against) => against,
        Err(exit) => return Ok(exit),
    };
    let input = &arguments.input;
    let cannot = || format!("{} cannot be replayed", input.name());
    let mut opened = input.open(output)?;
    let plan = Plan::new(&opened.rows, opened.map.as_ref(), input.columns(), &loaded.rulebook);
    let plan = plan.with_context(cannot)?;
    let named = opened.map.is_some() || !input.columns().is_empty();
    let mut watch = input.watch(&opened)?;
    let rulebooks = (&loaded.rulebook, against.as_ref().map(|other| &other.loaded.rulebook));
    let outcome = replay(&mut opened.rows, &plan, rulebooks, Options { named }, &mut watch);
    watch.finish()?;
    let outcome = outcome.with_context(cannot)?;
    let tally = &outcome.tally;
    let of = tally.has_teams.then_some(tally.memberships);
    let limit = arguments.max_differences.into_iter();
    let mut thresholds: Vec<Threshold> =
        limit.map(|limit| Threshold::most("--max-differences", limit, tally.differences(), of)).collect();
    let rejected = outcome.rejects.count();
    let used = outcome.rows - rejected;
    if let Some((flips, limit)) = outcome.flips.as_ref().zip(arguments.max_flips) {
        let events = (used > 0).then_some(used);
        thresholds.push(Threshold::most("--max-flips", limit, flips.count, events));
    }
    let crossed = thresholds.iter().any(|threshold| threshold.crossed);
    let exit =
        if crossed || rejected > input.allow_rejects || used == 0 { Exit::Findings } else { Exit::Success };
    output.promise(exit);
    let report = Report::new(
        &outcome,
        Asked {
            columns: ReadFrom::all(plan.read_from()),
            allowed: input.allow_rejects,
            at: arguments.repository.at(),
            against: against.map(|other| other.name),
            thresholds: thresholds.iter().map(Shown::new).collect(),
        },
    );
    match arguments.format {
        Format::Human => output.result(&render(&report, arguments.top, output.style()))?,
        Format::Json => output.result(&json::write(&report)?)?,
    }
    output.finish()?;
    for reason in input.complaints((outcome.rows, used, "change"), rejected, &thresholds) {
        output.talk(&reason)?;
    }
    Ok(exit)
}
