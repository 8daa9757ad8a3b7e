//! `gitsm grants revoke`.

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;

use super::{edits::Edits, find, tell, unclear};
use crate::{
    cli::{
        answer::Format,
        decidable,
        exit::Exit,
        output::Output,
        propose::{Proposal, Propose, Reviewers},
        repository::Repository,
        request::settle::whole_seconds,
        simulate::reference,
    },
    decide::engine::Engine,
    ledger::{
        campaign::Due,
        ending::{self, Ending},
        standing::{Standing, standing},
    },
    model::{Instant, Ref, grant::EndReason, person::Person},
    report::grants::ended::{Report, revoked},
    source::digest,
};

/// Arguments of `gitsm grants revoke`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm grants revoke req-20417 --reason \"Moved to purchasing\" --by eva.schulz
  gitsm grants revoke req-20417 --reason \"Moved to purchasing\" --pull-request --forge example/rulebook

exit status: 0 it has ended; 1 the rulebook has errors; 2 could not run")]
pub(super) struct Arguments {
    /// The grants that end.
    #[arg(value_name = "GRANT", required = true)]
    grants: Vec<String>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who takes it away.
    #[arg(long, value_name = "PERSON", value_parser = reference::<Person>)]
    by: Option<Ref<Person>>,
    #[command(flatten)]
    repository: Repository,
    /// Say what would be written, and write nothing.
    #[arg(long)]
    #[arg(conflicts_with_all = ["pull_request", "branch"])]
    dry_run: bool,
    #[command(flatten)]
    propose: Propose,
    /// How the result is written; `gitsm schema output/grants-ended` prints the schema of the JSON.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Takes access away.
///
/// # Errors
/// When it could not run; then nothing is written.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let repository = &arguments.repository;
    if arguments.reason.trim().is_empty() {
        bail!("say why with `--reason`: whoever had the access is told, and auditors read it");
    }
    let loaded = match decidable::load(repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let rulebook = &loaded.rulebook;
    if let Some(by) = arguments.by.as_ref().filter(|by| rulebook.people.get(by.as_str()).is_none()) {
        bail!("there is no person `{by}`");
    }
    let engine = Engine::new(rulebook)?;
    let now = whole_seconds(repository.now.unwrap_or_else(Timestamp::now));
    let mut endings = Vec::new();
    for id in &arguments.grants {
        let grant = find(rulebook, id)?;
        if standing(&engine, grant, now) == Standing::Ended {
            output.talk(&format!("the grant `{id}` has ended already"))?;
            continue;
        }
        endings.push(Ending {
            grant,
            why: EndReason::Revoked,
            by: arguments.by.clone(),
            review: None,
            reason: Some(arguments.reason.clone()),
        });
    }
    let ended = ending::end(&engine, endings, now);
    unclear(&ended, output)?;
    let mut edits = Edits::default();
    for one in &ended {
        edits.end(&loaded, &one.ending, now)?;
    }
    let elsewhere = arguments.propose.elsewhere();
    let written = !ended.is_empty() && !arguments.dry_run && !elsewhere;
    if written {
        edits.write(&repository.repository)?;
    }
    let report = Report::new(Instant(now), written, &ended, &Due::default(), edits.paths());
    let proposed = if elsewhere && !ended.is_empty() {
        let names = arguments.grants.join(", ");
        let mark: String = digest(names.as_bytes()).chars().take(10).collect();
        let first = arguments.grants.first().map_or("", String::as_str);
        let branch =
            if arguments.grants.len() == 1 { format!("revoke-{first}") } else { format!("revoke-{mark}") };
        let proposal = Proposal {
            branch: &branch,
            title: &format!("Take access away: {names}"),
            body: &revoked(&report, &arguments.reason),
            key: &format!("{names} {} {:?}", arguments.reason, arguments.by),
            files: &edits.files()?,
            reviewers: &Reviewers::default(),
            over: "it has ended already",
        };
        Some(arguments.propose.propose(repository, &proposal)?)
    } else {
        None
    };
    let shown = (arguments.dry_run && !ended.is_empty()).then_some(&edits);
    tell(&report, arguments.format, shown, proposed.as_deref(), output)?;
    Ok(Exit::Success)
}
