//! `gitsm simulate request`.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::bail;
use clap::Args;

use super::{
    Common,
    access::{entitlement, reference},
    batch, read,
};
use crate::{
    cli::{exit::Exit, output::Output},
    model::{
        Duration, EntitlementRef, Id, Ref, Rulebook,
        condition::Literal,
        person::Person,
        request::{DatedRequest, Request},
        request_type::{FieldType, RequestType},
    },
};

/// Arguments of `gitsm simulate request`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm simulate request ana.silva password-reset
  gitsm simulate request ana.silva second-factor-reset --for ashwin.hegde --field reason=lost
  gitsm simulate request ana.silva new-software --field product=Draw --field users=4
  gitsm simulate request --request request.toml

exit status: 0 decided, whatever the verdict; 1 the request makes no sense or the rulebook cannot decide; 2 could not run")]
pub(in crate::cli) struct Arguments {
    /// Who asks.
    #[arg(value_name = "PERSON", value_parser = reference::<Person>, required_unless_present_any = ["request", "batch"])]
    requester: Option<Ref<Person>>,
    /// The request type that is filled in.
    #[arg(value_name = "TYPE", value_parser = reference::<RequestType>, required_unless_present_any = ["request", "batch"])]
    request_type: Option<Ref<RequestType>>,
    /// An answer in the form: `--field users=4`.
    #[arg(long = "field", value_name = "FIELD=ANSWER", value_parser = answer)]
    fields: Vec<(Id, Literal)>,
    /// Who it is for, when that is somebody else.
    #[arg(long = "for", value_name = "PERSON", value_parser = reference::<Person>)]
    beneficiary: Option<Ref<Person>>,
    /// Access that is asked for with it, as `service/entitlement`.
    #[arg(long = "entitlement", value_name = "ENTITLEMENT", value_parser = entitlement)]
    entitlements: Vec<EntitlementRef>,
    /// How long it is asked for, such as `90d`.
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    duration: Option<Duration>,
    /// Read the request from a file, TOML or JSON, or from standard input as JSON: `-`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["requester", "fields", "beneficiary", "entitlements", "duration", "batch"])]
    request: Option<PathBuf>,
    /// Read requests as JSON Lines from a file or standard input, `-`, and write a decision for each line.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["requester", "fields", "beneficiary", "entitlements", "duration", "request"])]
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
    if let Some(path) = &arguments.request {
        return arguments.common.decide(&read(path)?, output);
    }
    let dated = arguments.written()?;
    let asked = dated.now.map(|now| now.0);
    arguments.common.decide_with((None, asked), output, |rulebook| typed(rulebook, dated))
}

/// The answers as the form means them: on the command line, `12` is a number only where one is asked for.
fn typed(rulebook: &Rulebook, mut dated: DatedRequest) -> DatedRequest {
    let named = dated.request.request_type.as_ref().map(Ref::as_str);
    let Some(request_type) = named.and_then(|id| rulebook.request_types.get(id)) else { return dated };
    for (id, answer) in &mut dated.request.form {
        let Some(field) = request_type.field.get(id.as_str()) else { continue };
        let text = answer.to_string();
        let typed = match field.field_type {
            FieldType::Number => text.parse().ok().map(Literal::Integer),
            FieldType::Boolean => text.parse().ok().map(Literal::Boolean),
            _ => None,
        };
        // What is no number stays as it is, and the form says so.
        *answer = typed.unwrap_or_else(|| Literal::Text(text.into()));
    }
    dated
}

impl Arguments {
    /// The request that the flags say.
    fn written(&self) -> anyhow::Result<DatedRequest> {
        let Some(requester) = self.requester.clone() else { bail!("nobody is named") };
        let mut form = BTreeMap::new();
        for (field, answer) in &self.fields {
            if form.insert(field.clone(), answer.clone()).is_some() {
                bail!("the field `{field}` is answered twice");
            }
        }
        let request = Request {
            beneficiary: self.beneficiary.clone().filter(|beneficiary| *beneficiary != requester),
            entitlements: self.entitlements.clone(),
            request_type: self.request_type.clone(),
            duration: self.duration,
            form,
            ..Request::of(requester)
        };
        Ok(DatedRequest { id: None, now: None, policy_commit: None, request })
    }
}

/// An answer on the command line.
fn answer(text: &str) -> Result<(Id, Literal), String> {
    let (field, answer) = text.split_once('=').ok_or("write `field=answer`")?;
    let field =
        Id::new(field).ok_or("a field has lower-case letters, digits, dots, dashes and underscores")?;
    Ok((field, Literal::Text(answer.into())))
}
