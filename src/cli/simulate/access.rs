//! `gitsm simulate access`.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::{Common, batch, read};
use crate::{
    cli::{exit::Exit, output::Output},
    model::{
        Duration, EntitlementRef, Id, Ref,
        bundle::Bundle,
        person::Person,
        request::{DatedRequest, Request},
        service::Environment,
        workflow::Evidence,
    },
};

/// Arguments of `gitsm simulate access`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm simulate access ana.silva salesforce/sales-standard --duration 90d
  gitsm simulate access svc-loader data-warehouse/engineer --requester hiro.matsuda --ticket CHG-1
  gitsm simulate access --request request.toml
  gitsm simulate access --batch requests.jsonl > decisions.jsonl

exit status: 0 decided, whatever the verdict; 1 the request makes no sense or the rulebook cannot decide; 2 could not run")]
pub(in crate::cli) struct Arguments {
    /// Who it is for.
    #[arg(value_name = "PERSON", value_parser = reference::<Person>, required_unless_present_any = ["request", "batch"])]
    beneficiary: Option<Ref<Person>>,
    /// What is asked for, as `service/entitlement`.
    #[arg(value_name = "ENTITLEMENT", value_parser = entitlement)]
    entitlements: Vec<EntitlementRef>,
    /// A bundle that is asked for.
    #[arg(long, value_name = "ID", value_parser = reference::<Bundle>)]
    bundle: Option<Ref<Bundle>>,
    /// Who asks, when that is somebody else.
    #[arg(long, value_name = "PERSON", value_parser = reference::<Person>)]
    requester: Option<Ref<Person>>,
    /// How long it is asked for, such as `90d`. Without it, without end.
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    duration: Option<Duration>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    justification: Option<String>,
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
    /// Mark it as an emergency.
    #[arg(long)]
    emergency: bool,
    /// Read the request from a file, TOML or JSON, or from standard input as JSON: `-`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["beneficiary", "bundle", "requester", "duration", "justification", "ticket", "project", "environment", "evidence", "emergency", "batch"])]
    request: Option<PathBuf>,
    /// Read requests as JSON Lines from a file or standard input, `-`, and write a decision for each line.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["beneficiary", "bundle", "requester", "duration", "justification", "ticket", "project", "environment", "evidence", "emergency", "request"])]
    batch: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

/// Decides about a request.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    if let Some(path) = &arguments.batch {
        return batch::run(&arguments.common, path, output);
    }
    let dated = match &arguments.request {
        Some(path) => read(path)?,
        None => arguments.written()?,
    };
    arguments.common.decide(&dated, output)
}

impl Arguments {
    /// The request that the flags say.
    fn written(&self) -> anyhow::Result<DatedRequest> {
        let Some(beneficiary) = self.beneficiary.clone() else { bail!("nobody is named") };
        let requester = self.requester.clone().unwrap_or_else(|| beneficiary.clone());
        let request = Request {
            beneficiary: (requester != beneficiary).then_some(beneficiary),
            entitlements: self.entitlements.clone(),
            bundle: self.bundle.clone(),
            duration: self.duration,
            environment: self.environment,
            justification: self.justification.clone(),
            ticket: self.ticket.clone(),
            project: self.project.clone(),
            evidence: self.evidence.clone(),
            emergency: self.emergency,
            ..Request::of(requester)
        };
        Ok(DatedRequest { id: None, now: None, policy_commit: None, request })
    }
}

/// An id on the command line.
pub(in crate::cli) fn reference<T: crate::model::Document>(text: &str) -> Result<Ref<T>, String> {
    let id = Id::new(text).map(Ref::new);
    id.ok_or_else(|| "ids have lower-case letters, digits, dots, dashes and underscores".to_owned())
}

/// An entitlement on the command line.
pub(in crate::cli) fn entitlement(text: &str) -> Result<EntitlementRef, String> {
    EntitlementRef::parse(text).ok_or_else(|| "write `service/entitlement`".to_owned())
}

/// An environment on the command line.
pub(in crate::cli) fn environment(text: &str) -> Result<Environment, String> {
    let known = Environment::ALL.iter().find(|known| known.name() == text).copied();
    known.ok_or_else(|| format!("write one of {}", Environment::NAMES.join(", ")))
}

/// Evidence on the command line.
pub(in crate::cli) fn evidence(text: &str) -> Result<Evidence, String> {
    let known = Evidence::ALL.iter().find(|known| known.name() == text).copied();
    known.ok_or_else(|| format!("write one of {}", Evidence::NAMES.join(", ")))
}
