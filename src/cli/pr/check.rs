//! `gitsm pr check`.

use std::{fmt::Write as _, path::PathBuf};

use anyhow::{anyhow, bail};
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::{
    facts,
    forge::{CONTEXT, PLAN_CONTEXT, Reached, Which},
    judged::Judged,
};
use crate::{
    cli::{exit::Exit, hub::run_page, output::Output, repository::instant},
    forge::github::post::{self, Posted, Standing},
    gate::Verdict,
    impact::decisions::Budget,
    plan,
    report::{self, json},
};

/// Arguments of `gitsm pr check`.
#[derive(Debug, Args)]
#[command(after_help = "\
everything is judged with the rulebook of the commit that the change goes into; what the changed rulebook
would say is shown beside it, and counts as well when the change loosens control. What each target would get
is shown as well; a system is asked only with a token that is there, and only when the change does not say
itself where it is

examples:
  gitsm pr check --base main                       who would have to agree to the last commit of this branch
  gitsm pr check --facts facts.json                a pull request, by what was recorded about it
  gitsm pr check --facts facts.json --format markdown > comment.md
  gitsm pr check --pull-request 12 --at example/rulebook --post

exit status: 0 it may be merged; 1 it may not: the rulebook would be wrong; 2 could not run; 4 refused: somebody
has to agree, or said no, or what a target would get goes beyond its limits; 6 nobody can say: something that has
to be known was not recorded, or a target that was asked does not answer")]
pub(super) struct Arguments {
    /// The folder of the repository, which holds `gitsm.toml`.
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".")]
    repository: PathBuf,
    /// The commit that the change goes into [default: the one of the facts].
    #[arg(long, value_name = "REVISION", required_unless_present_any = ["facts", "pull_request", "of_commit"])]
    base: Option<String>,
    /// The last commit of the change [default: the one of the facts, or `HEAD`].
    #[arg(long, value_name = "REVISION")]
    head: Option<String>,
    /// What was recorded about the pull request: who opened it, pushed to it and reviewed it. JSON, of which `gitsm schema
    /// facts` prints the schema; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pull_request", "of_commit"])]
    facts: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
    /// Say the verdict on the pull request: as its one comment, and as the state of its last commit.
    #[arg(long, conflicts_with_all = ["facts", "head"])]
    post: bool,
    /// The instant that counts as now [default: when the facts were recorded, or now].
    #[arg(long, value_name = "INSTANT", env = "GITSM_NOW", value_parser = instant)]
    now: Option<Timestamp>,
    /// Give up on comparing decisions after so many steps: what is not compared is named then, and nobody can say whether
    /// the change may be merged.
    #[arg(long, value_name = "NUMBER", default_value_t = Budget::default().states)]
    max_steps: usize,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// How a verdict is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// For the comment on the pull request.
    Markdown,
    /// As JSON; `gitsm schema output/pr-check` prints its schema.
    Json,
    /// Annotations of GitHub Actions.
    Github,
}

/// Says whether a change may be merged.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let reached = arguments.which.reach(arguments.post)?;
    if arguments.post && reached.is_none() {
        bail!("`--post` says the verdict on a pull request: name it with `--pull-request` or `--of-commit`");
    }
    let facts = match &reached {
        Some(reached) => Some(reached.record()?),
        None => arguments.facts.as_deref().map(facts::read).transpose()?,
    };
    let recorded = facts.as_ref().map(|facts| &facts.pull_request);
    let base = arguments.base.clone().or_else(|| recorded.map(|one| one.base.commit.clone()));
    let head = arguments.head.clone().or_else(|| recorded.map(|one| one.head.commit.clone()));
    let base = base.ok_or_else(|| anyhow!("name the commit that the change goes into: `--base main`"))?;
    let now = arguments.now.or_else(|| facts.as_ref().map(|facts| facts.recorded_at.0));
    let judged = Judged::new(
        &arguments.repository,
        (&base, head.as_deref().unwrap_or("HEAD")),
        facts.as_ref(),
        now.unwrap_or_else(Timestamp::now),
        Budget { nodes: arguments.max_steps, states: arguments.max_steps },
        arguments.facts.is_none(),
    )?;
    let report = &judged.report;
    let exit = match judged.verdict {
        Verdict::Pass => Exit::Success,
        Verdict::Refused => Exit::Refused,
        Verdict::Indeterminate => Exit::Indeterminate,
        Verdict::Fail => Exit::Findings,
    };
    output.promise(exit);
    // Said there before it is said here: a verdict that nobody was told is an error, whatever it is.
    let posted = match reached.filter(|_| arguments.post) {
        Some(reached) => Some(post(&reached, &judged)?),
        None => None,
    };
    match arguments.format {
        Format::Human => {
            let style = output.style();
            output.result(&report::gate::render(report, (&judged.before, &judged.after), style))?;
        }
        Format::Markdown => output.result(&report::gate::markdown::render(report))?,
        Format::Json => output.result(&json::write(report)?)?,
        Format::Github => output.result(&report::gate::github(report, &judged.after))?,
    }
    output.finish()?;
    if let Some(findings) = &judged.findings {
        output.talk_rendered(findings)?;
    }
    for remark in judged.remarks.iter().chain(&posted) {
        output.talk(remark)?;
    }
    Ok(exit)
}

/// Says the verdict on the pull request. The state of the commit comes last: once it is there, somebody may merge.
fn post(reached: &Reached, judged: &Judged) -> anyhow::Result<String> {
    let (github, repository) = (&reached.hub.github, reached.hub.repository());
    let login = reached.hub.login()?;
    let mut comment = report::gate::markdown::render(&judged.report);
    if let Some(page) = run_page() {
        // Writing into a string does not fail.
        let _ = writeln!(comment, "\nAll of it is kept with [the run that said so]({page}).");
    }
    let by = (login.as_str(), report::gate::markdown::MARKER);
    let done = post::comment(github, repository, reached.number, by, &comment)?;
    let standing = match judged.verdict {
        Verdict::Pass => Standing::Success,
        Verdict::Refused => Standing::Pending,
        Verdict::Fail => Standing::Failure,
        Verdict::Indeterminate => Standing::Error,
    };
    let commit = &judged.report.head.commit;
    // What was shown is what is applied later, and nothing else: it is written down for that.
    for plan in &judged.report.plans {
        if let (Some(effect), Some(made)) = (&plan.effect, &plan.plan) {
            let refused = made.verdict == plan::Verdict::Refused;
            let standing = if refused { Standing::Failure } else { Standing::Success };
            let (context, words) = (format!("{PLAN_CONTEXT}{}", plan.target), plan.line());
            let words = format!("plan {effect}: {words}");
            post::status(github, repository, commit, (&context, standing), &words)?;
        }
    }
    post::status(github, repository, commit, (CONTEXT, standing), &judged.report.headline)?;
    Ok(match done {
        Posted::Created(id) => format!("the comment {id} is new on the pull request"),
        Posted::Updated(id) => format!("the comment {id} on the pull request says so now"),
        Posted::Unchanged(id) => format!("the comment {id} on the pull request says so already"),
    })
}
