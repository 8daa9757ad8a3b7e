//! `gitsm plan`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

use super::{
    allowed::Allowed,
    entrusted,
    exit::Exit,
    export,
    output::Output,
    planning::{self, Planning, Under, Which},
    repository::Repository,
    terminal::plain,
    write,
};
use crate::{
    apply::ApplyError,
    plan::{Plan, Support, Verdict, file::ReadError},
    report::{self, json},
};

/// Arguments of `gitsm plan`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm plan --target static                      what would be published into `public`
  gitsm plan --target site --at main --out plan.json
                                                  a plan of a commit, to review and apply
  gitsm plan --target site --format markdown      for a comment on a pull request
  gitsm plan --target prod --export fluent --out project
                                                  the same rows as a project for the SDK of ServiceNow

exit status: 0 a plan, 1 the rulebook has errors, 2 could not run, 3 changes with --detailed-exitcode, 4 refused")]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    repository: Repository,
    /// Write the plan into this file, for `gitsm apply`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Instead of a plan, write what the target must hold as a project for another tool into the folder of `--out`; the
    /// target is not looked at.
    #[arg(long, value_enum, value_name = "FORM", requires = "out",
        conflicts_with_all = ["valid_for", "detailed_exitcode", "fail_on", "adopt", "take_over"])]
    export: Option<export::Form>,
    /// For how many hours the plan can be applied [default: 24, or fewer where the settings say so].
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u16).range(1..=720))]
    valid_for: Option<u16>,
    /// End with 3 when there is something to do.
    #[arg(long)]
    detailed_exitcode: bool,
    /// End with 1 when a part of the rulebook is lost at the target, or not quite the same there.
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    allowed: Allowed,
    /// How the plan is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// How a plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Human,
    /// For a comment on a pull request.
    Markdown,
    /// As JSON; `gitsm schema output/plan` prints its schema.
    Json,
}

/// What the command fails on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A part of the rulebook does not reach the target.
    Lost,
    /// A part of the rulebook is lost, or something stands for it that is not quite the same.
    Emulated,
}

/// Plans.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    if let Some(path) = &arguments.out {
        forget(path)?;
    }
    let loaded = match planning::load(&arguments.repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let chosen = match entrusted::choose(&arguments.repository, &loaded, &arguments.which)? {
        Ok(chosen) => chosen,
        Err(error) => return planning::refused(error, output),
    };
    let mut planning = Planning::new(&arguments.repository, &loaded, &chosen);
    if let (Some(form), Some(folder)) = (arguments.export, &arguments.out) {
        return export::run(&planning, form, folder, output);
    }
    planning.allow(&arguments.allowed)?;
    let created = planning::now(&arguments.repository);
    let expires = planning::later(created, hours(arguments.valid_for, &planning)?)?;
    let made = || -> Result<(Plan, Under), ApplyError> {
        let reader = planning.reader()?;
        let desired = planning.desired()?;
        let seen = planning.look(&*reader, &desired)?;
        let plan = planning.plan(&*reader, &desired, (&seen.observed, &seen.ledger), created, expires);
        Ok((plan, seen.under))
    };
    let (plan, under) = match made() {
        Ok(made) => made,
        Err(error) => return planning::refused(error, output),
    };
    let exit = exit(&plan, arguments);
    output.promise(exit);
    let written = !matches!(exit, Exit::Refused | Exit::Findings);
    if let (Some(path), true) = (&arguments.out, written) {
        replaceable(path)?;
        write::put(path, json::write(&plan)?.as_bytes())
            .with_context(|| format!("cannot write the plan to `{}`", path.display()))?;
    }
    let text = match arguments.format {
        Format::Human => report::plan::human(&plan, output.style()),
        Format::Markdown => report::plan::markdown(&plan),
        Format::Json => json::write(&plan)?,
    };
    output.result(&text)?;
    output.finish()?;
    if let Some(words) = under.words() {
        output.talk(&words)?;
    }
    match (&arguments.out, plan.verdict) {
        (Some(_), Verdict::Refused) => output.talk("no plan was written: it is refused")?,
        (Some(_), _) if !written => {
            output.talk("no plan was written: what `--fail-on` names does not reach the target as it is")?;
        }
        (Some(path), Verdict::Ready) => {
            output.talk(&format!("`gitsm apply {}` does what it says", path.display()))?;
        }
        _ => {}
    }
    Ok(exit)
}

/// For how many hours a plan can be applied.
fn hours(said: Option<u16>, planning: &Planning<'_>) -> anyhow::Result<u16> {
    /// Where nobody says anything.
    const USUAL: u16 = 24;
    let most = planning.limits.plan_hours;
    match said {
        Some(hours) if hours > most => bail!(
            "`--valid-for {hours}` is longer than the {most} hours that a plan for this target can be applied: write fewer, or raise `target.{}.limits.plan-hours` in gitsm.toml",
            planning.chosen.name
        ),
        Some(hours) => Ok(hours),
        None => Ok(USUAL.min(most)),
    }
}

fn exit(plan: &Plan, arguments: &Arguments) -> Exit {
    let worst = match arguments.fail_on {
        None => None,
        Some(FailOn::Lost) => Some(Support::Lost),
        Some(FailOn::Emulated) => Some(Support::Emulated),
    };
    let fails = worst.is_some_and(|worst| plan.constructs.iter().any(|construct| construct.support >= worst));
    match plan.verdict {
        Verdict::Refused => Exit::Refused,
        _ if fails => Exit::Findings,
        Verdict::Ready if arguments.detailed_exitcode => Exit::Changes,
        _ => Exit::Success,
    }
}

/// Removes the plan that is where the new one will be: whatever becomes of the new one, nobody applies the old one in its
/// place.
fn forget(path: &Path) -> anyhow::Result<()> {
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    if is_file
        && matches!(Plan::read(&fs::read_to_string(path).unwrap_or_default()), Ok(_) | Err(ReadError::Edited))
    {
        fs::remove_file(path)
            .with_context(|| format!("cannot remove the older plan `{}`", plain(&path.to_string_lossy())))?;
    }
    Ok(())
}

/// Makes sure that a plan may be written here: where nothing is yet, or in the place of another plan.
fn replaceable(path: &Path) -> anyhow::Result<()> {
    let shown = plain(&path.to_string_lossy());
    let Ok(metadata) = fs::symlink_metadata(path) else { return Ok(()) };
    if metadata.is_file() {
        let text = fs::read_to_string(path).unwrap_or_default();
        if text.trim().is_empty() || matches!(Plan::read(&text), Ok(_) | Err(ReadError::Edited)) {
            return Ok(());
        }
    }
    bail!("`{shown}` is there already and is no plan, so it is not replaced: write the plan somewhere else")
}
