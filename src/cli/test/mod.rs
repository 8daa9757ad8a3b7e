//! `gitsm test`.

mod measure;

use anyhow::bail;
use clap::{Args, ValueEnum};

use crate::{
    cli::{decidable, exit::Exit, output::Output, repository::Repository},
    decide::{self, engine::Engine},
    load::{Loaded, suggest::nearest},
    model::{
        Entry, Location,
        person::Person,
        scenario::{self, Case, CaseKind},
    },
    report::{
        self, change, decision, incident, json, lifecycle,
        lines::Lines,
        scenarios::{Difference, Report, Scenario, View, headline, junit, render},
    },
    simulate::{
        self,
        scenario::{Decided, Outcome, run as run_scenarios},
    },
};

/// Arguments of `gitsm test`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm test                     run every scenario
  gitsm test payments            run those whose id contains `payments`
  gitsm test --format junit      for a CI server
  gitsm test --coverage          which rules no scenario reaches
  gitsm test --mutate            which rules could be changed without a scenario failing

exit status: 0 all passed, 1 some failed, or with --mutate a change went unnoticed, 2 could not run, for example because no scenario has that name")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(in crate::cli) struct Arguments {
    /// Run only scenarios whose id contains one of these.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    repository: Repository,
    /// Say which rules, bundles, stages, exceptions and entitlements no scenario reaches.
    #[arg(long)]
    coverage: bool,
    /// Invert and drop each condition in turn, leave out each stage, freeze, exception and member of a separation of duties, and
    /// say which changes no scenario notices.
    #[arg(long, conflicts_with = "names")]
    mutate: bool,
    /// With --mutate: look for a request that would notice the change, and write it as a scenario.
    #[arg(long, requires = "mutate")]
    suggest: bool,
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
pub(in crate::cli) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
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
    let prefix = arguments.repository.prefix();
    let mut report = report(&outcomes, &loaded, &prefix, &engine);
    report.rulebook = arguments.repository.at();
    if arguments.coverage {
        let found = simulate::coverage::coverage(&engine, &outcomes);
        report.coverage = Some(measure::coverage(&found, &loaded, &prefix));
    }
    if arguments.mutate {
        let found = simulate::mutation::mutate(&loaded.rulebook, &engine, arguments.suggest);
        report.mutation = Some(measure::mutation(&found, &loaded, &prefix));
    }
    let unnoticed = report.mutation.as_ref().is_some_and(|mutation| !mutation.survivors.is_empty());
    let exit = if report.failed > 0 || unnoticed { Exit::Findings } else { Exit::Success };
    output.promise(exit);
    match arguments.format {
        Format::Human => {
            let style = output.style();
            output.result(&render(&report, arguments.all, style))?;
            if let Some(coverage) = &report.coverage {
                output.result(&report::coverage::coverage(coverage, style))?;
            }
            if let Some(mutation) = &report.mutation {
                output.result(&report::coverage::mutation(mutation, style))?;
            }
        }
        Format::Json => output.result(&json::write(&report)?)?,
        Format::Junit => output.result(&junit(&report))?,
    }
    output.finish()?;
    output.talk(&headline(&report))?;
    Ok(exit)
}

/// What is decided about somebody who moves, once more: the rulebook in which they have the new job is not kept.
fn moved(
    outcome: &Outcome<'_>,
    person: &Entry<Person>,
    (loaded, prefix): (&Loaded, &str),
    engine: &Engine<'_>,
) -> Option<View> {
    let cases = outcome.scenario.value.cases();
    let Some(Case::Mover(mover)) = cases.first() else { return None };
    let then = simulate::scenario::moved(&loaded.rulebook, mover)?;
    let (before, after) = (Engine::new(&loaded.rulebook).ok()?, Engine::new(&then).ok()?);
    let is = then.people.get(person.id.as_str())?;
    let was = loaded.rulebook.people.get(person.id.as_str())?;
    let changes = decide::lifecycle::mover(&before, &after, (was, is), outcome.scenario.now.0).ok()?;
    let who = (person.id.as_str(), CaseKind::Mover.name());
    let places = (&loaded.sources, prefix);
    let view = lifecycle::View::new(who, &changes, &then, places, engine.zone());
    Some(View::Lifecycle(Box::new(view)))
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
    let lines = Lines::of(&locations, &loaded.sources, prefix);
    let line = |location: &Location| lines.line(location);
    let (sources, zone) = (&loaded.sources, engine.zone());
    let view = |outcome: &Outcome<'_>| {
        let view = match outcome.decided.as_ref()? {
            Decided::Request(decision) => {
                View::Request(Box::new(decision::View::new(decision, sources, prefix, zone)))
            }
            Decided::Incident(decision) => {
                View::Incident(Box::new(incident::View::new(decision, sources, prefix, zone)))
            }
            Decided::Change(decision) => {
                View::Change(Box::new(change::View::new(decision, sources, prefix, zone)))
            }
            Decided::Moved(person, _) => moved(outcome, person, (loaded, prefix), engine)?,
            Decided::Lifecycle(person, changes) => {
                let who = (person.id.as_str(), outcome.kind().map_or("", CaseKind::name));
                let places = (sources, prefix);
                View::Lifecycle(Box::new(lifecycle::View::new(who, changes, &loaded.rulebook, places, zone)))
            }
        };
        Some(view)
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
            of: outcome.kind(),
            decision: (!outcome.passed()).then(|| view(outcome)).flatten(),
        })
        .collect();
    let passed = scenarios.iter().filter(|scenario| scenario.passed).count();
    let failed = scenarios.len() - passed;
    Report {
        format_version: FORMAT_VERSION,
        rulebook: None,
        passed,
        failed,
        scenarios,
        coverage: None,
        mutation: None,
    }
}
