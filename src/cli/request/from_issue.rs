//! `gitsm request from-issue`.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow, bail};
use clap::Args;

use super::{issue::Asked, settle::Settle};
use crate::{
    cli::{exit::Exit, output::Output, simulate::reference, terminal::plain},
    ledger::{issue, record::About},
    load::{Loaded, suggest::nearest},
    model::{
        Id, Ref, Rulebook, condition::Literal, person::Person, request::Request, request_type::RequestType,
    },
};

/// What a form says, by the ids of its questions.
type Answers = BTreeMap<Id, Literal>;

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
  gitsm request from-issue --issue 1042 --forge example/rulebook --pull-request --post

exit status: 0 a grant was written, or would be; 1 denied, or the form is not as it must be; 2 could not run")]
pub(super) struct Arguments {
    /// The body of the issue, in Markdown, or standard input: `-`.
    #[arg(value_name = "FILE", required_unless_present = "issue")]
    file: Option<PathBuf>,
    /// The request type whose form was filled in.
    #[arg(long = "type", value_name = "TYPE", value_parser = reference::<RequestType>, required_unless_present = "issue")]
    request_type: Option<Ref<RequestType>>,
    /// Who asks: whoever opened the issue, never whom its text names.
    #[arg(long = "by", value_name = "PERSON", value_parser = reference::<Person>, required_unless_present = "issue")]
    requester: Option<Ref<Person>>,
    /// Who it is for, when that is somebody else.
    #[arg(long = "for", value_name = "PERSON", value_parser = reference::<Person>)]
    beneficiary: Option<Ref<Person>>,
    /// The number of the issue.
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// Read the issue with this number at GitHub: its body, who opened it, and by its label which form it is.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["file", "request_type", "requester", "number"], help_heading = "GitHub")]
    issue: Option<u64>,
    /// Answer on the issue, and close it when what it asks for is denied.
    #[arg(long, requires = "issue", help_heading = "GitHub")]
    post: bool,
    #[command(flatten)]
    settle: Settle,
}

/// Asks for what the body of an issue says.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let asked = match arguments.issue {
        Some(number) => Some(Asked::read(arguments.settle.propose.connect()?, number)?),
        None => None,
    };
    let (name, body) = match (&asked, &arguments.file) {
        (Some(asked), _) => (format!("issue {}", arguments.issue.unwrap_or_default()), asked.body.clone()),
        (None, Some(file)) => (plain(&file.to_string_lossy()), read(file)?),
        (None, None) => bail!("no file and no issue is named"),
    };
    let request = |loaded: &Loaded| {
        let rulebook = &loaded.rulebook;
        let refused = |why: String| Ok(Err((Exit::Findings, vec![why, "nothing is decided".to_owned()])));
        let (kind, requester) = match &asked {
            Some(asked) => match (asked.request_type(rulebook), asked.requester(rulebook)) {
                (Ok(kind), Ok(requester)) => (kind, requester),
                (Err(why), _) | (_, Err(why)) => return refused(format!("{name}: {why}")),
            },
            None => (
                arguments.request_type.clone().ok_or_else(|| anyhow!("no request type is named"))?,
                arguments.requester.clone().ok_or_else(|| anyhow!("nobody is named who asks"))?,
            ),
        };
        let form = match form(rulebook, &kind, &body)? {
            Ok(form) => form,
            Err(problems) => {
                let mut lines: Vec<String> =
                    problems.iter().map(|problem| format!("{name}: {problem}")).collect();
                lines.push("nothing is decided: the body of the issue is not the form".to_owned());
                return Ok(Err((Exit::Findings, lines)));
            }
        };
        let beneficiary = arguments.beneficiary.as_ref().unwrap_or(&requester);
        let known = rulebook.request_types.get(kind.as_str());
        let others = known.map(|known| issue::somebody_else(&known.value, &form, beneficiary.as_str()));
        let others = others.unwrap_or_default();
        if !others.is_empty() {
            let mut lines: Vec<String> = others.iter().map(|problem| format!("{name}: {problem}")).collect();
            lines.push("nothing is decided: the form names somebody else".to_owned());
            return Ok(Err((Exit::Findings, lines)));
        }
        let request = Request {
            beneficiary: arguments.beneficiary.clone().filter(|beneficiary| *beneficiary != requester),
            request_type: Some(kind),
            form,
            ..Request::of(requester)
        };
        let number = arguments.issue.map(|number| number.to_string()).or_else(|| arguments.number.clone());
        Ok(Ok((request, About { number, ..About::default() })))
    };
    arguments.settle.settle_and_tell(output, request, |settled| match &asked {
        Some(asked) if arguments.post => asked.answer(settled),
        _ => Ok(()),
    })
}

/// What a body answers to the questions of a form, or what is wrong with it.
fn form(
    rulebook: &Rulebook,
    kind: &Ref<RequestType>,
    body: &str,
) -> anyhow::Result<Result<Answers, Vec<String>>> {
    let types = &rulebook.request_types;
    let wanted = kind.as_str();
    let Some(request_type) = types.get(wanted) else {
        let near = nearest(wanted, types.ids()).map(|near| format!(": did you mean `{near}`?"));
        bail!("there is no request type `{wanted}`{}", near.unwrap_or_default());
    };
    let labels = || request_type.value.field.values().map(|field| field.label.as_str());
    let near = |label: &str| nearest(label, labels()).map(str::to_owned);
    let answers = issue::answers(request_type, body, near);
    Ok(answers.map_err(|problems| problems.iter().map(ToString::to_string).collect()))
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
