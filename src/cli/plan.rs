//! `gitsm plan`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

use super::{
    exit::Exit,
    output::Output,
    planning::{self, Planning, Which},
    repository::Repository,
    terminal::plain,
    write,
};
use crate::{
    apply::ApplyError,
    model::{Percent, settings::Limits},
    plan::{Key, Plan, Support, Verdict, file::ReadError},
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

exit status: 0 a plan, 1 the rulebook has errors, 2 could not run, 3 changes with --detailed-exitcode, 4 refused")]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    repository: Repository,
    /// Write the plan into this file, for `gitsm apply`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// For how many hours the plan can be applied.
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=720))]
    valid_for: u16,
    /// End with 3 when there is something to do.
    #[arg(long)]
    detailed_exitcode: bool,
    /// End with 1 when a part of the rulebook is lost at the target, or not quite the same there.
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    /// Take over objects that gitsm did not make, even where they differ: `service/mail`, or `service/*`.
    #[arg(long, value_name = "OBJECT", value_parser = pattern)]
    adopt: Vec<String>,
    #[command(flatten)]
    limits: LimitArguments,
    /// How the plan is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Limits that hold for one plan, instead of those of the target.
#[derive(Debug, Args)]
#[allow(clippy::struct_field_names, reason = "fields are called as their flags are")]
struct LimitArguments {
    /// Delete up to this many objects of a kind.
    #[arg(long, value_name = "NUMBER", help_heading = "Limits")]
    max_deletes: Option<u32>,
    /// Delete up to this share of the objects of a kind.
    #[arg(long, value_name = "PERCENT", help_heading = "Limits")]
    max_delete_share: Option<Percent>,
    /// Update up to this many objects of a kind.
    #[arg(long, value_name = "NUMBER", help_heading = "Limits")]
    max_updates: Option<u32>,
    /// Update up to this share of the objects of a kind.
    #[arg(long, value_name = "PERCENT", help_heading = "Limits")]
    max_update_share: Option<Percent>,
}

impl LimitArguments {
    fn over(&self, limits: Limits) -> Limits {
        Limits {
            deletes: self.max_deletes.unwrap_or(limits.deletes),
            delete_share: self.max_delete_share.unwrap_or(limits.delete_share),
            updates: self.max_updates.unwrap_or(limits.updates),
            update_share: self.max_update_share.unwrap_or(limits.update_share),
            protect: limits.protect,
        }
    }
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

fn pattern(text: &str) -> Result<String, String> {
    match Key::parse(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("write `kind/id`, or `kind/*` for all of a kind".to_owned()),
    }
}

/// Plans.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = match planning::load(&arguments.repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let chosen = planning::choose(&loaded.rulebook, &arguments.which)?;
    let mut planning = Planning::new(&arguments.repository, &loaded, &chosen);
    planning.limits = arguments.limits.over(planning.limits);
    planning.adopt.clone_from(&arguments.adopt);
    let created = planning::now(&arguments.repository);
    let expires = planning::later(created, arguments.valid_for)?;
    let made = || -> Result<(Plan, bool), ApplyError> {
        let reader = planning.reader()?;
        let desired = planning.desired()?;
        let seen = planning.look(&*reader, &desired)?;
        let plan = planning.plan(&*reader, &desired, (&seen.observed, &seen.ledger), created, expires);
        Ok((plan, seen.interrupted))
    };
    let (plan, interrupted) = match made() {
        Ok(made) => made,
        Err(error) => return planning::refused(error, output),
    };
    let exit = exit(&plan, arguments);
    output.promise(exit);
    if let (Some(path), true) = (&arguments.out, plan.verdict != Verdict::Refused) {
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
    if interrupted {
        output.talk("the last apply ended in the middle; what it did is counted")?;
    }
    match (&arguments.out, plan.verdict) {
        (Some(_), Verdict::Refused) => output.talk("no plan was written: it is refused")?,
        (Some(path), Verdict::Ready) => {
            output.talk(&format!("`gitsm apply {}` does what it says", path.display()))?;
        }
        _ => {}
    }
    Ok(exit)
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
