//! `gitsm grants list`.

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::unclear_bundles;
use crate::{
    cli::{
        answer::Format,
        decidable,
        exit::Exit,
        output::Output,
        repository::Repository,
        simulate::{entitlement, reference},
    },
    decide::engine::Engine,
    ledger::{
        holdings::in_force,
        standing::{Standing, standing},
    },
    model::{EntitlementRef, Instant, Ref, person::Person},
    report::{self, grants::list::Report, json},
};

/// Arguments of `gitsm grants list`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm grants list                                 what is in force, waits, or has to be ended
  gitsm grants list --person ana.silva --all        everything that somebody has and had
  gitsm grants list --standing over --format json

exit status: 0 listed, 1 the rulebook has errors, 2 could not run")]
pub(super) struct Arguments {
    /// Only what somebody has.
    #[arg(long, value_name = "PERSON", value_parser = reference::<Person>)]
    person: Option<Ref<Person>>,
    /// Only grants of an entitlement, as `service/entitlement`.
    #[arg(long, value_name = "ENTITLEMENT", value_parser = entitlement)]
    entitlement: Option<EntitlementRef>,
    /// Only grants that stand so.
    #[arg(long, value_enum)]
    standing: Option<Where>,
    /// Those that have ended as well.
    #[arg(long, conflicts_with = "standing")]
    all: bool,
    #[command(flatten)]
    repository: Repository,
    /// How the list is written; `gitsm schema output/grants-list` prints the schema of the JSON.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Where a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Where {
    /// People have to agree first.
    Requested,
    /// It begins later.
    Later,
    /// It gives what it says.
    InForce,
    /// It is over and has to be ended.
    Over,
    /// It has ended.
    Ended,
}

/// Lists grants.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = match decidable::load(&arguments.repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let engine = Engine::new(&loaded.rulebook)?;
    let now = arguments.repository.now.unwrap_or_else(Timestamp::now);
    let wanted = |standing: Standing| match (arguments.standing, standing) {
        (None, Standing::Ended) => arguments.all,
        (None, _)
        | (Some(Where::Requested), Standing::Requested)
        | (Some(Where::Later), Standing::Later)
        | (Some(Where::InForce), Standing::InForce)
        | (Some(Where::Over), Standing::Over(_))
        | (Some(Where::Ended), Standing::Ended) => true,
        (Some(_), _) => false,
    };
    let grants: Vec<_> = loaded
        .rulebook
        .grants
        .iter()
        .filter(|grant| arguments.person.as_ref().is_none_or(|person| grant.beneficiary == *person))
        .filter(|grant| arguments.entitlement.as_ref().is_none_or(|one| grant.value.entitlement == *one))
        .map(|grant| (grant, standing(&engine, grant, now)))
        .filter(|(_, standing)| wanted(*standing))
        .collect();
    let holders: BTreeSet<&str> = grants.iter().map(|(grant, _)| grant.beneficiary.as_str()).collect();
    let holdings = in_force(&engine, now, |person| holders.contains(person));
    for one in holdings.undecided() {
        output.talk(&unclear_bundles(one.person, &one.why))?;
    }
    let prefix = arguments.repository.prefix();
    let report = Report::new(
        &engine,
        &holdings,
        &grants,
        (&loaded.sources, &prefix),
        (arguments.repository.at(), Instant(now)),
    );
    match arguments.format {
        Format::Human => output.result(&report::grants::list::render(&report, output.style()))?,
        Format::Json => output.result(&json::write(&report)?)?,
    }
    output.finish()?;
    Ok(Exit::Success)
}
