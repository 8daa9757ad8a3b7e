//! `gitsm apply`.

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
};

use anyhow::{Context as _, anyhow, bail};
use clap::Args;

use super::{
    answer::Format,
    exit::Exit,
    output::Output,
    planning::{self, Planning, Which},
    repository::Repository,
    terminal::plain,
};
use crate::{
    apply::{self, ApplyError, Session, session::check},
    model::settings::Limits,
    plan::{
        Action, Plan,
        file::{MAX_BYTES, ReadError},
    },
    report::{self, applied, json},
    source::read_bounded,
};

/// Arguments of `gitsm apply`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm apply plan.json            do what the plan says
  gitsm apply plan.json --at main  the same, if it is a plan of the commit that `main` is now

exit status: 0 everything was done, 1 the rulebook has errors, 2 could not run, 4 refused and nothing done,
5 done in part: run the same command again")]
pub(super) struct Arguments {
    /// The plan that `gitsm plan --out` wrote.
    plan: PathBuf,
    #[command(flatten)]
    repository: Repository,
    /// Say that the process on another machine that left the lock behind has ended: `HOST:PROCESS`.
    #[arg(long, value_name = "HOLDER")]
    break_lock: Option<String>,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Applies a plan.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let shown = plain(&arguments.plan.to_string_lossy());
    let bytes = read_bounded(&arguments.plan, MAX_BYTES).context("the plan cannot be read")?;
    let text = String::from_utf8(bytes).map_err(|_| anyhow!("`{shown}` is not a plan: it is not UTF-8"))?;
    let plan = match Plan::read(&text) {
        Ok(plan) => plan,
        Err(ReadError::NotAPlan(error)) => {
            bail!("`{shown}` cannot be applied: {}", ReadError::NotAPlan(error))
        }
        Err(error) => {
            output.promise(Exit::Refused);
            output.talk(&format!("refused: nothing was applied: `{shown}` cannot be applied: {error}"))?;
            return Ok(Exit::Refused);
        }
    };
    let now = planning::now(&arguments.repository);
    if let Err(error) = check(&plan, now) {
        return planning::refused(error, output);
    }
    // The rulebook is read as the plan names it, or as the flag does: that these are the same is compared later.
    let named = plan.commit.as_ref().map(|commit| commit.id.clone());
    let at = arguments.repository.at.clone().or(named);
    let repository = Repository::new(arguments.repository.repository.clone(), arguments.repository.now, at);
    let loaded = match planning::load(&repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let own = &loaded.rulebook.settings.project.name;
    if plan.repository != *own {
        let differs = vec![format!("the repository was `{}` and is `{own}`", plan.repository)];
        return planning::refused(ApplyError::Differs(differs), output);
    }
    let which = Which {
        target: plan.target.name.clone(),
        folder: plan.target.place_was_named.then(|| plan.target.place.clone()),
    };
    let chosen = planning::choose(&loaded.rulebook, &which)?;
    let mut planning = Planning::new(&repository, &loaded, &chosen);
    // What is protected has no flag, so that no reviewed plan protects anything else than the settings do.
    let protect = std::mem::take(&mut planning.limits.protect);
    planning.limits = Limits { protect, ..plan.limits.clone() };
    let adopted = plan.operations.iter().filter(|operation| operation.action == Action::Adopt);
    planning.adopt = adopted.map(|operation| operation.object.to_string()).collect();
    if let (Some(commit), Some(reviewed)) = (&mut planning.commit, &plan.commit)
        && commit.id == reviewed.id
    {
        commit.clone_from(reviewed);
    }
    let outcome = apply_to(&planning, &plan, arguments.break_lock.as_deref(), now);
    let done = match outcome {
        Ok(done) => done,
        Err(error) => return planning::refused(error, output),
    };
    let view = applied::view(&plan, &done);
    let exit = if view.is_whole() { Exit::Success } else { Exit::Partial };
    output.promise(exit);
    let text = match arguments.format {
        Format::Human => report::applied::human(&view, output.style()),
        Format::Json => json::write(&view)?,
    };
    output.result(&text)?;
    output.finish()?;
    for remark in &done.remarks {
        output.talk(remark)?;
    }
    if exit == Exit::Partial {
        output.talk("not everything was done: mend what is named above, then run the same command again")?;
    }
    Ok(exit)
}

fn apply_to(
    planning: &Planning<'_>,
    plan: &Plan,
    gone: Option<&str>,
    now: crate::model::Instant,
) -> Result<apply::Applied, ApplyError> {
    let reader = planning.reader()?;
    let desired = planning.desired()?;
    planning.look_for_owner(&*reader)?;
    let session = Session {
        reviewed: plan,
        desired: &desired,
        replan: &|observed, ledger| {
            planning.plan(&*reader, &desired, (observed, ledger), plan.created, plan.expires)
        },
        reader: &*reader,
        writer: &|| planning.writer(),
        now,
        gone,
    };
    let is_terminal = io::stderr().is_terminal();
    let done = apply::apply(&session, &mut |number, of| {
        // Now and then is often enough for the eye.
        if is_terminal && number.is_multiple_of(50) {
            let _ = write!(io::stderr(), "\r{number} of {of}\u{1b}[K");
        }
    });
    if is_terminal {
        let _ = write!(io::stderr(), "\r\u{1b}[K");
    }
    done
}
