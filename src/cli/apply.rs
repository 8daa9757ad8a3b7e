//! `gitsm apply`.

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;

use super::{
    allowed::Allowed,
    answer::Format,
    entrusted,
    exit::Exit,
    output::Output,
    owner::{self, Owner},
    planning::{self, Planning, Which},
    repository::Repository,
    terminal::plain,
};
use crate::{
    apply::{
        self, ApplyError, Session, clock,
        evidence::Deed,
        session::{PLAN_AGAIN, check},
    },
    plan::{Commit, Plan, file::MAX_BYTES},
    report::{self, applied, json},
    source::{GitError, Repository as GitRepository, read_bounded},
    target::TargetError,
};

/// Arguments of `gitsm apply`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm apply plan.json            do what the plan says
  gitsm apply plan.json --at main  the same, if it is a plan of the commit that `main` is now
  gitsm apply plan.json --max-deletes 20
                                   the same, if the plan was made with that limit: a plan cannot raise its own

Whether the plan has expired is for the clock of this machine to say; `--now` is the day of the rulebook.

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
    /// Apply the plan only if this is its checksum: that of the one that was reviewed.
    #[arg(long, value_name = "CHECKSUM")]
    checksum: Option<String>,
    /// The folder of a `static` target, when the plan was made for another one than that in gitsm.toml.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<String>,
    #[command(flatten)]
    allowed: Allowed,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Applies a plan.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let shown = plain(&arguments.plan.to_string_lossy());
    let bytes = read_bounded(&arguments.plan, MAX_BYTES).context("the plan cannot be read")?;
    let read = String::from_utf8(bytes)
        .map_err(|_| "it is not a plan of gitsm: it is not UTF-8".to_owned())
        .and_then(|text| Plan::read(&text).map_err(|error| error.to_string()));
    let plan = match read {
        Ok(plan) => plan,
        // Whatever became of it, what was reviewed is not what is there.
        Err(problem) => {
            output.promise(Exit::Refused);
            output.talk(&format!("refused: nothing was applied: `{shown}` cannot be applied: {problem}"))?;
            return Ok(Exit::Refused);
        }
    };
    if let Err(error) = is_meant(&plan, arguments) {
        return planning::refused(error, output);
    }
    let now = clock::now();
    if let Err(error) = check(&plan, now, u16::MAX) {
        return planning::refused(error, output);
    }
    if let Some(commit) = plan.commit.as_ref().filter(|_| arguments.repository.at.is_none())
        && let Err(error) = is_here(commit, &arguments.repository.repository)
    {
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
    let which = Which { target: plan.target.name.clone(), folder: arguments.folder.clone() };
    let chosen = match entrusted::choose(&repository, &loaded, &which)? {
        Ok(chosen) => chosen,
        Err(error) => return planning::refused(error, output),
    };
    let mut planning = Planning::new(&repository, &loaded, &chosen);
    // Limits, protections and what may be taken over come from here alone: a plan that somebody edited could allow itself
    // anything.
    planning.allow(&arguments.allowed)?;
    if let (Some(commit), Some(reviewed)) = (&mut planning.commit, &plan.commit)
        && commit.id == reviewed.id
    {
        commit.revision.clone_from(&reviewed.revision);
    }
    let outcome = apply_to(&planning, &plan, arguments.break_lock.as_deref(), now, None);
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
    // It is done, whether or not somebody hears of it: how it went is how the command ends.
    if let Err(error) = output.result(&text).and_then(|()| output.finish())
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        super::complain(
            &anyhow::Error::new(error)
                .context(format!("the result cannot be written, but the plan was applied: {}", view.done())),
        );
        return Ok(exit);
    }
    for remark in &done.remarks {
        output.talk(remark)?;
    }
    if exit == Exit::Partial {
        output.talk("not everything was done: mend what is named above, then run the same command again")?;
    }
    Ok(exit)
}

/// Makes sure that the plan is the one that is meant, and is for no other place than somebody said.
fn is_meant(plan: &Plan, arguments: &Arguments) -> Result<(), ApplyError> {
    let refused = |message: String, help: String| Err(ApplyError::Refused { message, help });
    if let Some(reviewed) = arguments.checksum.as_ref().filter(|reviewed| **reviewed != plan.checksum) {
        return refused(
            format!("the checksum of the plan is `{}`, and not `{reviewed}`", plan.checksum),
            PLAN_AGAIN.to_owned(),
        );
    }
    let place = &plan.target.place;
    if plan.target.place_was_named && arguments.folder.is_none() {
        return refused(
            format!("the plan is for the folder `{place}`, which somebody named when it was made"),
            format!("when that is meant, say so here as well with `--folder {place}`"),
        );
    }
    Ok(())
}

/// Makes sure that the commit of a plan is one of this repository.
fn is_here(commit: &Commit, folder: &Path) -> Result<(), ApplyError> {
    let refused = |message: &str| {
        Err(ApplyError::Refused {
        message: format!("the plan is for the commit {}, {message}", plain(&commit.id)),
        help: "apply it in the repository that it was made for; when it is this one, `git fetch` gets the commit"
            .to_owned(),
    })
    };
    match GitRepository::open(folder).and_then(|repository| repository.resolve(&commit.id)) {
        Err(GitError::NoRepository { .. }) => refused("and there is no Git repository here"),
        Err(GitError::Unknown { .. } | GitError::Missing { .. }) => {
            refused("which this repository does not have")
        }
        // What else is wrong is said when it is read.
        _ => Ok(()),
    }
}

/// Applies a plan, and writes down for whoever asks later what is done.
///
/// # Errors
/// When nothing may be done.
pub(super) fn apply_to(
    planning: &Planning<'_>,
    plan: &Plan,
    gone: Option<&str>,
    now: crate::model::Instant,
    evidence: Option<&Deed>,
) -> Result<apply::Applied, ApplyError> {
    // Before anything is asked, and before the token is fetched: what the plan names is what is read from here on.
    let differences = planning.binds(plan);
    if !differences.is_empty() {
        return Err(ApplyError::Differs(differences));
    }
    let reader = planning.reader()?;
    let desired = planning.desired()?;
    planning.look_for_owner(&*reader)?;
    let owner = match owner::of(planning.repository, planning.commit.as_ref(), &*reader)? {
        Owner::Known(owner) => Some(owner),
        Owner::Nobody => None,
        // What is applied now would be anybody's afterwards who gives a repository the same name.
        Owner::Unknown(help) => {
            let why = "nobody can say which repository this is, so nobody could tell whose the target is";
            return Err(TargetError::refused(why, help).into());
        }
    };
    let session = Session {
        reviewed: plan,
        desired: &desired,
        replan: &|observed, ledger| {
            planning.plan(&*reader, &desired, (observed, ledger), plan.created, plan.expires)
        },
        reader: &*reader,
        writer: &|| planning.writer(),
        now,
        longest: planning.limits.plan_hours,
        owner: owner.as_deref(),
        take_over: planning.take_over,
        gone,
        evidence,
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
