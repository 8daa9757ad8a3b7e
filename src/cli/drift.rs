//! `gitsm drift`.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    answer::Format,
    entrusted,
    exit::Exit,
    hub::Forge,
    output::Output,
    planning::{self, Planning, Under, Which},
    repository::Repository,
};
use crate::{
    apply::ApplyError,
    forge::github::issue::{self, Issue},
    plan::{Cause, Key, Operation, Plan, Unmanaged, file::Target},
    report::{self, json},
};

/// Arguments of `gitsm drift`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm drift --target site --at main   what differs from the rulebook of the commit, and by whose doing
  gitsm drift --target site --at main --post --forge example/rulebook
                                        the same, and says so in one issue

exit status: 0 no drift, 1 the rulebook has errors, 2 could not run, 3 drift, 4 refused")]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    repository: Repository,
    /// Say it in one issue at GitHub: a new one, or the open one, which is closed when nothing differs any more.
    #[arg(long, help_heading = "GitHub")]
    post: bool,
    #[command(flatten)]
    forge: Forge,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// What `gitsm drift --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm drift --format json`")]
pub(super) struct Report<'a> {
    /// The version of this format.
    format_version: u32,
    /// The target.
    target: &'a Target,
    /// The commit that was applied last; absent when files of a folder were, or nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    applied_commit: Option<&'a str>,
    /// What somebody else changed at the target since it was applied, as what would set it right.
    changed_outside: Vec<&'a Operation>,
    /// What the rulebook says otherwise than what was applied.
    not_applied_yet: Vec<&'a Operation>,
    /// What is at the target and not gitsm's own.
    unmanaged: &'a [Unmanaged],
    /// What carries the mark of something that the rulebook does not have, and of which nothing is remembered here.
    #[serde(skip_serializing_if = "<[Key]>::is_empty")]
    abandoned: &'a [Key],
}

/// Says what differs, and by whose doing.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = match planning::load(&arguments.repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let chosen = match entrusted::choose(&arguments.repository, &loaded, &arguments.which)? {
        Ok(chosen) => chosen,
        Err(error) => return planning::refused(error, output),
    };
    let planning = Planning::new(&arguments.repository, &loaded, &chosen);
    let now = planning::now(&arguments.repository);
    let made = || -> Result<(Plan, Option<String>, Under), ApplyError> {
        let reader = planning.reader()?;
        let desired = planning.desired()?;
        let seen = planning.look(&*reader, &desired)?;
        let plan = planning.plan(&*reader, &desired, (&seen.observed, &seen.ledger), now, now);
        Ok((plan, seen.ledger.commit, seen.under))
    };
    let (plan, commit, under) = match made() {
        Ok(made) => made,
        Err(error) => return planning::refused(error, output),
    };
    let exit = if plan.is_empty() && plan.abandoned.is_empty() { Exit::Success } else { Exit::Changes };
    output.promise(exit);
    // Said there before it is said here: drift that nobody was told of is an error.
    let posted = arguments.post.then(|| post(&arguments.forge, &plan, commit.as_deref())).transpose()?;
    let text = match arguments.format {
        Format::Human => report::plan::drift(&plan, output.style()),
        Format::Json => json::write(&report(&plan, commit.as_deref()))?,
    };
    output.result(&text)?;
    output.finish()?;
    if let Some(words) = under.words() {
        output.talk(&words)?;
    }
    if let Some(posted) = &posted {
        output.talk(posted)?;
    }
    Ok(exit)
}

/// Says it in the one issue about the target.
fn post(forge: &Forge, plan: &Plan, commit: Option<&str>) -> anyhow::Result<String> {
    let hub = forge.connect()?;
    let login = hub.login()?;
    let marker = report::plan::issue::marker(plan);
    let by = (login.as_str(), marker.as_str());
    let done = if plan.is_empty() {
        let remark = "The target holds what the rulebook says: there is no drift any more.";
        issue::close(&hub.github, hub.repository(), by, remark)?
    } else {
        let body = report::plan::issue::body(plan, commit);
        let issue = Issue { title: &report::plan::issue::title(plan), body: &body };
        issue::keep(&hub.github, hub.repository(), by, &issue)?
    };
    Ok(done.words())
}

fn report<'a>(plan: &'a Plan, applied_commit: Option<&'a str>) -> Report<'a> {
    let of = |not: Cause| plan.operations.iter().filter(|operation| operation.cause != not).collect();
    Report {
        format_version: 1,
        target: &plan.target,
        applied_commit,
        changed_outside: of(Cause::NotAppliedYet),
        not_applied_yet: of(Cause::ChangedOutside),
        unmanaged: &plan.unmanaged,
        abandoned: &plan.abandoned,
    }
}
