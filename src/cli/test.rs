//! `gitsm test`.

use anyhow::bail;
use clap::{Args, ValueEnum};

use super::{decidable, exit::Exit, output::Output, repository::Repository};
use crate::{
    decide::engine::Engine,
    load::{Loaded, places::Places, suggest::nearest},
    model::{Entry, Location, scenario},
    report::{
        decision::View,
        json, plain, position,
        scenarios::{Difference, Report, Scenario, headline, junit, render},
    },
    simulate::scenario::{Outcome, run as run_scenarios},
};

/// Arguments of `gitsm test`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm test                     run every scenario
  gitsm test payments            run those whose id contains `payments`
  gitsm test --format junit      for a CI server

exit status: 0 all passed, 1 some failed, 2 could not run, for example because no scenario has that name")]
pub(super) struct Arguments {
    /// Run only scenarios whose id contains one of these.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    repository: Repository,
    /// List the scenarios that passed, too.
    #[arg(long)]
    all: bool,
    /// How the outcomes are written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// How the outcomes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: the scenarios that failed.
    Human,
    /// As JSON.
    Json,
    /// For CI servers.
    Junit,
}

/// The version of the JSON that is printed.
const FORMAT_VERSION: u32 = 1;

/// Runs the scenarios.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = match decidable::load(&arguments.repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let engine = Engine::new(&loaded.rulebook)?;
    let wanted = |scenario: &Entry<scenario::Scenario>| {
        arguments.names.is_empty()
            || arguments.names.iter().any(|name| scenario.id.as_str().contains(name.as_str()))
    };
    for name in &arguments.names {
        let ids: Vec<&str> = loaded.rulebook.scenarios.ids().collect();
        if !ids.iter().any(|id| id.contains(name.as_str())) {
            let help = nearest(name, ids).map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
            bail!("no scenario has a name with `{name}` in it{help}");
        }
    }
    let outcomes = run_scenarios(&engine, &wanted);
    if outcomes.is_empty() {
        // Nothing tested is not everything fine.
        bail!("there are no scenarios: write one, `gitsm schema scenario` says how");
    }
    let report = report(&outcomes, &loaded, &arguments.repository.prefix(), &engine);
    let exit = if report.failed > 0 { Exit::Findings } else { Exit::Success };
    output.promise(exit);
    match arguments.format {
        Format::Human => output.result(&render(&report, arguments.all, output.style()))?,
        Format::Json => output.result(&json::write(&report)?)?,
        Format::Junit => output.result(&junit(&report))?,
    }
    output.finish()?;
    output.talk(&headline(&report))?;
    Ok(exit)
}

/// The outcomes with their places looked up.
fn report(outcomes: &[Outcome<'_>], loaded: &Loaded, prefix: &str, engine: &Engine<'_>) -> Report {
    let field = |outcome: &Outcome<'_>, field: &str| outcome.scenario.at(field);
    let locations: Vec<Location> = outcomes
        .iter()
        .flat_map(|outcome| {
            let differences = outcome.differences.iter();
            differences.map(|one| field(outcome, &one.field)).chain([field(outcome, "")])
        })
        .collect();
    let places = Places::find(&locations, &loaded.sources);
    let line = |location: &Location| {
        let (file, span) = places.of(location);
        let line = position(&loaded.sources, file, span).start.line;
        plain::line(&format!("{prefix}{}:{line}", loaded.sources.path(file))).into_owned()
    };
    let scenarios: Vec<Scenario> = outcomes
        .iter()
        .map(|outcome| Scenario {
            id: outcome.scenario.id.to_string(),
            description: outcome.scenario.description.clone(),
            place: line(&field(outcome, "")),
            passed: outcome.passed(),
            differences: outcome
                .differences
                .iter()
                .map(|one| Difference {
                    field: one.field.trim_start_matches('/').replace('/', ".").replace("~1", "/"),
                    expected: one.expected.clone(),
                    got: one.got.clone(),
                    place: line(&field(outcome, &one.field)),
                })
                .collect(),
            decision: (!outcome.passed())
                .then(|| View::new(&outcome.decision, &loaded.sources, prefix, engine.zone())),
        })
        .collect();
    let passed = scenarios.iter().filter(|scenario| scenario.passed).count();
    Report { format_version: FORMAT_VERSION, passed, failed: scenarios.len() - passed, scenarios }
}
