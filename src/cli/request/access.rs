//! `gitsm request access`.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;

use super::{batch, settle::Settle};
use crate::{
    cli::{
        exit::Exit,
        output::Output,
        simulate::{entitlement, environment, evidence, reference},
    },
    ledger::record::About,
    model::{
        Duration, EntitlementRef, Ref, person::Person, request::Request, service::Environment,
        workflow::Evidence,
    },
};

/// Arguments of `gitsm request access`.
#[derive(Debug, Args)]
#[command(after_help = "\
the decision is that of `gitsm simulate access`; each thing that is given becomes a grant in a file of its own,
in the folder that `[grants]` of gitsm.toml names. What people have to agree to is written as requested, and
gives nothing until `gitsm grants approve` has counted their votes. What is denied is not written

examples:
  gitsm request access salesforce/sales-standard --for ana.silva --duration 90d --reason \"Covers Lyon in May\"
  gitsm request access erp/period-close --for ana.silva --by eva.schulz --duration 30d --reason \"…\" --dry-run
  gitsm request access --requests requests.jsonl

exit status: 0 a grant was written, or would be; 1 denied, or the request makes no sense; 2 could not run")]
pub(super) struct Arguments {
    /// What is asked for, as `service/entitlement`.
    #[arg(value_name = "ENTITLEMENT", value_parser = entitlement, required_unless_present = "requests")]
    entitlements: Vec<EntitlementRef>,
    /// Who it is for.
    #[arg(long = "for", value_name = "PERSON", value_parser = reference::<Person>, required_unless_present = "requests")]
    beneficiary: Option<Ref<Person>>,
    /// Who asks, when that is somebody else.
    #[arg(long = "by", value_name = "PERSON", value_parser = reference::<Person>)]
    requester: Option<Ref<Person>>,
    /// How long it is asked for, such as `90d`. Without it, without end.
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    duration: Option<Duration>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The ticket that is named.
    #[arg(long, value_name = "NUMBER")]
    ticket: Option<String>,
    /// The project that is named.
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// The environment that it is asked for.
    #[arg(long, value_name = "ENVIRONMENT", value_parser = environment)]
    environment: Option<Environment>,
    /// What the requester brings besides: `training`, `agreement`, `mfa`.
    #[arg(long, value_name = "EVIDENCE", value_delimiter = ',', value_parser = evidence)]
    evidence: Vec<Evidence>,
    /// Mark it as an emergency. Somebody has to look at it afterwards.
    #[arg(long)]
    emergency: bool,
    /// Read many requests as JSON Lines from a file or standard input, `-`. Grants are written to a few files together.
    /// They are decided now, or at `--now`, by the rules that are read: lines that say otherwise are refused.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["entitlements", "beneficiary", "requester", "duration", "reason", "ticket", "project", "environment", "evidence", "emergency", "number"])]
    requests: Option<PathBuf>,
    /// The number under which the request is kept [default: the ticket].
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    #[command(flatten)]
    settle: Settle,
}

/// Asks for access.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    if let Some(path) = &arguments.requests {
        return batch::run(&arguments.settle, path, output);
    }
    let beneficiary = arguments.beneficiary.clone().ok_or_else(|| anyhow!("nobody is named"))?;
    let requester = arguments.requester.clone().unwrap_or_else(|| beneficiary.clone());
    let request = Request {
        beneficiary: (requester != beneficiary).then_some(beneficiary),
        entitlements: arguments.entitlements.clone(),
        duration: arguments.duration,
        environment: arguments.environment,
        justification: arguments.reason.clone(),
        ticket: arguments.ticket.clone(),
        project: arguments.project.clone(),
        evidence: arguments.evidence.clone(),
        emergency: arguments.emergency,
        ..Request::of(requester)
    };
    let about = About { number: arguments.number.clone(), ..About::default() };
    arguments.settle.settle(output, |_| Ok(Ok((request, about))))
}
