//! `gitsm request from-issue`.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::Args;

use super::settle::Settle;
use crate::{
    cli::{exit::Exit, output::Output, simulate::reference, terminal::plain},
    ledger::{issue, record::About},
    load::suggest::nearest,
    model::{Ref, person::Person, request::Request, request_type::RequestType},
};

/// The most bytes of the body of an issue.
const MOST_BYTES: u64 = 1 << 20;

/// Arguments of `gitsm request from-issue`.
#[derive(Debug, Args)]
#[command(after_help = "\
the body is what an issue form leaves: each question of the request type as a heading, the answer below it
  ### Which access?

  salesforce/sales-standard

  ### For how long?

  90d

examples:
  gitsm request from-issue body.md --type application-access --by ana.silva --number 1042
  gitsm request from-issue - --type application-access --by ana.silva --dry-run < body.md

exit status: 0 a grant was written, or would be; 1 denied, or the form is not as it must be; 2 could not run")]
pub(super) struct Arguments {
    /// The body of the issue, in Markdown, or standard input: `-`.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The request type whose form was filled in.
    #[arg(long = "type", value_name = "TYPE", value_parser = reference::<RequestType>)]
    request_type: Ref<RequestType>,
    /// Who asks: whoever opened the issue, never whom its text names.
    #[arg(long = "by", value_name = "PERSON", value_parser = reference::<Person>)]
    requester: Ref<Person>,
    /// Who it is for, when that is somebody else.
    #[arg(long = "for", value_name = "PERSON", value_parser = reference::<Person>)]
    beneficiary: Option<Ref<Person>>,
    /// The number of the issue.
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    #[command(flatten)]
    settle: Settle,
}

/// Asks for what the body of an issue says.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let body = read(&arguments.file)?;
    let name = plain(&arguments.file.to_string_lossy());
    arguments.settle.settle(output, |loaded| {
        let types = &loaded.rulebook.request_types;
        let wanted = arguments.request_type.as_str();
        let Some(request_type) = types.get(wanted) else {
            let near = nearest(wanted, types.ids()).map(|near| format!(": did you mean `{near}`?"));
            bail!("there is no request type `{wanted}`{}", near.unwrap_or_default());
        };
        let labels = || request_type.value.field.values().map(|field| field.label.as_str());
        let near = |label: &str| nearest(label, labels()).map(str::to_owned);
        let form = match issue::answers(request_type, &body, near) {
            Ok(form) => form,
            Err(problems) => {
                let mut lines: Vec<String> =
                    problems.iter().map(|problem| format!("{name}: {problem}")).collect();
                lines.push("nothing is decided: the body of the issue is not the form".to_owned());
                return Ok(Err((Exit::Findings, lines)));
            }
        };
        let requester = arguments.requester.clone();
        let beneficiary = arguments.beneficiary.as_ref().unwrap_or(&requester);
        let others = issue::somebody_else(&request_type.value, &form, beneficiary.as_str());
        if !others.is_empty() {
            let mut lines: Vec<String> = others.iter().map(|problem| format!("{name}: {problem}")).collect();
            lines.push("nothing is decided: the form names somebody else".to_owned());
            return Ok(Err((Exit::Findings, lines)));
        }
        let request = Request {
            beneficiary: arguments.beneficiary.clone().filter(|beneficiary| *beneficiary != requester),
            request_type: Some(arguments.request_type.clone()),
            form,
            ..Request::of(requester)
        };
        Ok(Ok((request, About { number: arguments.number.clone(), ..About::default() })))
    })
}

fn read(path: &Path) -> anyhow::Result<String> {
    let name = plain(&path.to_string_lossy());
    let mut text = String::new();
    let length = if path == Path::new("-") {
        std::io::stdin().take(MOST_BYTES + 1).read_to_string(&mut text)
    } else {
        let file = File::open(path).with_context(|| format!("cannot read `{name}`"))?;
        file.take(MOST_BYTES + 1).read_to_string(&mut text)
    };
    let length = length.with_context(|| format!("cannot read `{name}`"))?;
    if length as u64 > MOST_BYTES {
        bail!("`{name}` has more than the {MOST_BYTES} bytes that it may have");
    }
    Ok(text)
}
