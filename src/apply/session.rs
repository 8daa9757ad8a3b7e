//! Applying a plan that was reviewed: under the lock everything is looked at again, and nothing is done when anything is
//! otherwise than it was.

use std::{fs, io};

use super::{
    fault,
    journal::{Entry, Journal},
    lock::{Holder, Lock, LockError},
    run::{Done, Results, run},
    state::{State, StateError},
};
use crate::{
    model::Instant,
    plan::{
        Desired, Key, Ledger, Observed, Operation, Plan, Verdict, compare,
        ledger::{Progress, Used},
    },
    target::{Reader, TargetError, Writer},
};

/// What applying needs.
pub struct Session<'a> {
    /// The plan that was reviewed.
    pub reviewed: &'a Plan,
    /// What the target must hold.
    pub desired: &'a Desired,
    /// Makes the plan anew.
    pub replan: &'a dyn Fn(&Observed, &Ledger) -> Plan,
    /// The target, to be read.
    pub reader: &'a dyn Reader,
    /// Opens the target to be written. Nothing is opened before everything was compared.
    pub writer: &'a dyn Fn() -> Result<Box<dyn Writer>, TargetError>,
    /// The instant that counts as now.
    pub now: Instant,
    /// A holder of the lock on another machine that somebody made sure has ended.
    pub gone: Option<&'a str>,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Applied {
    /// What came of each operation that was come to.
    pub results: Results,
    /// Operations that had been done by an earlier run of the same plan.
    pub done_before: usize,
    /// What has to be known about how it went.
    pub remarks: Vec<String>,
}

/// Why nothing was done, or not all that should be.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The plan must not be applied.
    #[error("nothing was applied: {message}: {help}")]
    Refused {
        /// Why.
        message: String,
        /// What to do.
        help: String,
    },
    /// The target is not as it was when the plan was made.
    #[error("nothing was applied, because the plan does not hold any more")]
    Differs(Vec<String>),
    /// The lock is not to be had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The target cannot be read or written.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// What is known about the target cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// What is known about the target cannot be written.
    #[error("what was done cannot be written down in `{folder}`")]
    Memory {
        /// The folder.
        folder: String,
        /// Why.
        source: io::Error,
    },
}

impl ApplyError {
    fn refused(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Refused { message: message.into(), help: help.into() }
    }

    /// Whether it was decided that nothing may be done, rather than not possible.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::Differs(_) => true,
            Self::Lock(error) => !matches!(error, LockError::Failed { .. }),
            Self::Target(error) => matches!(error, TargetError::Refused { .. }),
            Self::State(error) => !matches!(error, StateError::Source(_)),
            Self::Memory { .. } => false,
        }
    }
}

/// What has to be done to get a plan that can be applied.
pub const PLAN_AGAIN: &str = "plan again with `gitsm plan`, and have that plan reviewed";

/// What can be said about a plan before anything else is looked at.
///
/// # Errors
/// When it was refused when it was made, or has expired.
pub fn check(plan: &Plan, now: Instant) -> Result<(), ApplyError> {
    if plan.verdict == Verdict::Refused {
        return Err(ApplyError::refused("the plan was refused when it was made", PLAN_AGAIN));
    }
    if now >= plan.expires {
        return Err(ApplyError::refused(format!("the plan expired at {}", plan.expires), PLAN_AGAIN));
    }
    Ok(())
}

/// Applies a plan.
///
/// # Errors
/// When nothing may be done. Once something is done, failures are among the results.
pub fn apply(session: &Session<'_>, watch: &mut dyn FnMut(usize, usize)) -> Result<Applied, ApplyError> {
    let reviewed = session.reviewed;
    check(reviewed, session.now)?;
    let folder = session.reader.state_folder();
    let shown = folder.display().to_string();
    let memory = |source| ApplyError::Memory { folder: shown.clone(), source };
    let mut remarks = Vec::new();
    // A plan without an operation leaves no trace, not even of a lock.
    let lock = if reviewed.is_empty() {
        None
    } else {
        fs::create_dir_all(&folder)
            .map_err(|error| TargetError::failed(format!("cannot make `{shown}`"), error))?;
        let holder = Holder::this(session.now);
        let lock = Lock::take(&folder.join("lock"), &holder, session.gone)?;
        if let Some(before) = &lock.left_behind {
            remarks.push(format!("an earlier apply ended in the middle ({before}); what it did is counted"));
        }
        Some(lock)
    };
    let state = State::load(&folder)?;
    let observed = session.reader.observe(session.desired)?;
    let mut ledger = state.settled(&observed);
    let begun = ledger.progress(&reviewed.checksum);
    if begun == Some(Progress::Done) {
        return Err(ApplyError::refused(
            "the plan was applied before, and a plan is applied once",
            PLAN_AGAIN,
        ));
    }
    let now = (session.replan)(&observed, &ledger);
    let done = |operation: &Operation| is_done(&observed, &ledger, operation);
    let differences =
        compare::differences(reviewed, &now, begun.is_some().then_some(&done as &dyn Fn(&Operation) -> bool));
    if !differences.is_empty() {
        return Err(ApplyError::Differs(differences));
    }
    if now.verdict == Verdict::Refused {
        return Err(ApplyError::refused("the limits refuse the plan now", PLAN_AGAIN));
    }
    let Some(_lock) = lock else { return Ok(Applied { remarks, ..Applied::default() }) };
    let done_before = reviewed.operations.len() - now.operations.len();
    if done_before > 0 {
        remarks.push(format!("the plan was begun before: {done_before} of its operations were done then"));
    }
    let mut writer = (session.writer)()?;
    ledger.repository.clone_from(&reviewed.repository);
    let used = |ledger: &mut Ledger, progress| {
        let used = Used { checksum: reviewed.checksum.clone(), expires: reviewed.expires, progress };
        ledger.note(used, session.now);
        state.save(ledger)
    };
    fault::point("before-state");
    used(&mut ledger, Progress::Begun).map_err(memory)?;
    fault::point("begun");
    let mut journal =
        Journal::begin(&state.journal_path(), &reviewed.checksum, session.now).map_err(memory)?;
    fault::point("opened");
    // What is left of the plan, under the checksum that was reviewed.
    let left = Plan { checksum: reviewed.checksum.clone(), ..now };
    let mut results = run(&left, session.desired, &mut *writer, &mut journal, &mut ledger, watch);
    let whole = results.stopped.is_none() && results.done.values().all(|done| *done == Done::Done);
    fault::point("finished");
    if let Err(error) = writer.finish() {
        results.stopped = Some(io::Error::other(error));
        return Ok(Applied { results, done_before, remarks });
    }
    if whole {
        ledger.commit = reviewed.commit.as_ref().map(|commit| commit.id.clone());
        forget(&mut ledger, session.desired, &observed);
    }
    let progress = if whole { Progress::Done } else { Progress::Begun };
    let noted = used(&mut ledger, progress).and_then(|()| {
        fault::point("after-state");
        journal.add(&[Entry::End { at: session.now }], true)
    });
    if let Err(error) = noted {
        results.stopped.get_or_insert(error);
    }
    Ok(Applied { results, done_before, remarks })
}

/// Whether an operation that is not planned any more was done, rather than made needless by somebody else.
fn is_done(observed: &Observed, ledger: &Ledger, operation: &Operation) -> bool {
    let holds = observed.objects.get(&operation.object).map(|found| found.digest.as_str());
    let last = ledger.objects.get(&operation.object).map(String::as_str);
    holds == operation.after.as_deref() && last == operation.after.as_deref()
}

/// Forgets objects that are neither wanted nor there.
fn forget(ledger: &mut Ledger, desired: &Desired, observed: &Observed) {
    let known = |key: &Key| desired.objects.contains_key(key) || observed.objects.contains_key(key);
    ledger.objects.retain(|key, _| known(key));
}
