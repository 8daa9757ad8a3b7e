//! Applying a plan that was reviewed: under the lock everything is looked at again, and nothing is done when anything is
//! otherwise than it was.

use std::io;

use jiff::SignedDuration;

use super::{
    evidence::{self, Counts, Deed},
    fault,
    journal::{Entry, Journal},
    lock::{Holder, Lock, LockError},
    run::{Done, Results, run},
    state::{State, StateError, about, save},
};
use crate::{
    model::Instant,
    plan::{
        Desired, Key, Ledger, Observed, Operation, Plan, Verdict, compare,
        file::Refusal,
        ledger::{Progress, Used},
    },
    source::Directory,
    target::{Reader, TargetError, Writer},
};

/// By how much the clock of the machine on which a plan was made may be ahead.
const SKEW: SignedDuration = SignedDuration::from_secs(120);

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
    /// What the clock says.
    pub now: Instant,
    /// For how many hours after it was made a plan can be applied at most, whatever it says itself.
    pub longest: u16,
    /// What tells this repository from others of the same name; none where nobody knows.
    pub owner: Option<&'a str>,
    /// Whether a target that belongs to another repository is taken over.
    pub take_over: bool,
    /// A holder of the lock on another machine that somebody made sure has ended.
    pub gone: Option<&'a str>,
    /// What is written down for whoever asks later, if anything is.
    pub evidence: Option<&'a Deed>,
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
    /// The plan that would be made now is refused.
    #[error("nothing was applied, because the plan would be refused now")]
    Guarded(Vec<Refusal>),
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
            Self::Refused { .. } | Self::Guarded(_) | Self::Differs(_) => true,
            Self::Lock(error) => !matches!(error, LockError::Failed { .. }),
            Self::Target(error) => error.is_refusal(),
            Self::State(error) => error.is_refusal(),
            Self::Memory { .. } => false,
        }
    }
}

/// What has to be done to get a plan that can be applied.
pub const PLAN_AGAIN: &str = "plan again with `gitsm plan`, and have that plan reviewed";

/// From when on a plan is not applied any more: as it says, but never later than so many hours after it was made.
#[must_use]
pub fn end(plan: &Plan, longest: u16) -> Instant {
    let most = plan.created.0.checked_add(SignedDuration::from_hours(longest.into()));
    most.map_or(plan.expires, |most| plan.expires.min(Instant(most)))
}

/// What can be said about a plan before anything else is looked at. It says itself when it was made and when it expires, so
/// neither is taken on trust: it cannot come from the future, and lives no longer than `longest` hours.
///
/// # Errors
/// When it was refused when it was made, has expired, or was not made yet.
pub fn check(plan: &Plan, now: Instant, longest: u16) -> Result<(), ApplyError> {
    if plan.verdict == Verdict::Refused {
        return Err(ApplyError::refused("the plan was refused when it was made", PLAN_AGAIN));
    }
    if plan.created.0.duration_since(now.0) > SKEW {
        return Err(ApplyError::refused(
            format!("the plan says that it was made at {}, and it is {now}", plan.created),
            format!("look at the clocks of both machines, then {PLAN_AGAIN}"),
        ));
    }
    let end = end(plan, longest);
    if now >= end {
        return Err(ApplyError::refused(format!("the plan expired at {end}"), PLAN_AGAIN));
    }
    Ok(())
}

/// A lock, and the folder in which is written down what is done under it.
struct Hold {
    folder: Directory,
    lock: Lock,
}

impl Session<'_> {
    /// Takes the lock, and makes the folder that it lies in.
    fn hold(&self, remarks: &mut Vec<String>) -> Result<Hold, ApplyError> {
        let shown = self.reader.state_folder().display().to_string();
        let folder = self.reader.state(true)?.ok_or_else(|| {
            let gone = io::Error::from(io::ErrorKind::NotFound);
            TargetError::failed(format!("cannot make `{shown}`"), gone)
        })?;
        let lock = Lock::take(&folder, &shown, &Holder::this(self.now), self.gone)?;
        if let Some(before) = &lock.left_behind {
            remarks.push(format!("an earlier apply ended in the middle ({before}); what it did is counted"));
        }
        Ok(Hold { folder, lock })
    }

    /// What is remembered, which must be about this target: what was looked at before the lock was taken can be another
    /// one's by now.
    fn state(&self) -> Result<State, ApplyError> {
        let state = State::load(self.reader)?;
        state.is_about(&self.reviewed.target.target_type, self.reader)?;
        Ok(state)
    }

    fn memory(&self, source: io::Error) -> ApplyError {
        ApplyError::Memory { folder: self.reader.state_folder().display().to_string(), source }
    }

    /// Notes whose the target is, and forgets objects that are neither wanted nor there: what comes back under such a name
    /// is somebody else's.
    fn tidy(&self, ledger: &mut Ledger, observed: &Observed) {
        // Where nobody knows, what was known before stays, unless it was another one's.
        if self.owner.is_some() || self.take_over {
            ledger.owner = self.owner.map(ToOwned::to_owned);
        }
        ledger.repository.clone_from(&self.reviewed.repository);
        ledger.target = Some(about(&self.reviewed.target.target_type, self.reader));
        let known = |key: &Key| self.desired.objects.contains_key(key) || observed.objects.contains_key(key);
        ledger.objects.retain(|key, _| known(key));
    }

    /// Where there is nothing to do at the target there can be something to write down. When there is not, nothing is
    /// written at all.
    fn settle(&self, remarks: &mut Vec<String>) -> Result<(), ApplyError> {
        let tidied = || -> Result<(State, Ledger), ApplyError> {
            let state = self.state()?;
            let observed = self.reader.observe(self.desired)?;
            let mut ledger = state.settled(&observed);
            self.tidy(&mut ledger, &observed);
            Ok((state, ledger))
        };
        let needless = |(state, ledger): &(State, Ledger)| {
            state.repository().is_none() || (!state.is_interrupted() && ledger == state.written())
        };
        if needless(&tidied()?) {
            return Ok(());
        }
        let hold = self.hold(remarks)?;
        // Under the lock it is looked at again.
        let (_, ledger) = tidied()?;
        let noted = save(&hold.folder, &ledger)
            .and_then(|()| Journal::begin(&hold.folder, &self.reviewed.checksum, self.now))
            .and_then(|mut journal| journal.add(&[Entry::End { at: self.now }], true));
        noted.map_err(|error| self.memory(error))
    }
}

/// Applies a plan.
///
/// # Errors
/// When nothing may be done. Once something is done, failures are among the results.
pub fn apply(session: &Session<'_>, watch: &mut dyn FnMut(usize, usize)) -> Result<Applied, ApplyError> {
    let reviewed = session.reviewed;
    check(reviewed, session.now, session.longest)?;
    let mut remarks = Vec::new();
    // A plan without an operation leaves no trace, not even of a lock.
    let hold = if reviewed.is_empty() { None } else { Some(session.hold(&mut remarks)?) };
    let state = session.state()?;
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
        return Err(ApplyError::Guarded(now.refusals));
    }
    let Some(Hold { folder, lock }) = hold else {
        session.settle(&mut remarks)?;
        return Ok(Applied { remarks, ..Applied::default() });
    };
    let done_before = reviewed.operations.len() - now.operations.len();
    if done_before > 0 {
        remarks.push(format!("the plan was begun before: {done_before} of its operations were done then"));
    }
    let mut writer = (session.writer)()?;
    session.tidy(&mut ledger, &observed);
    let used = |ledger: &mut Ledger, progress| {
        let expires = end(reviewed, session.longest);
        ledger.note(Used { checksum: reviewed.checksum.clone(), expires, progress }, session.now);
        save(&folder, ledger)
    };
    fault::point("before-state");
    used(&mut ledger, Progress::Begun).map_err(|error| session.memory(error))?;
    fault::point("begun");
    let mut journal =
        Journal::begin(&folder, &reviewed.checksum, session.now).map_err(|error| session.memory(error))?;
    fault::point("opened");
    if let Some(deed) = session.evidence {
        evidence::begin(&folder, deed, session.now).map_err(|error| session.memory(error))?;
    }
    // What is left of the plan, under the checksum that was reviewed.
    let left = Plan { checksum: reviewed.checksum.clone(), ..now };
    let still = || lock.still(session.reader);
    let mut results = run(&left, session.desired, &mut *writer, &mut journal, &mut ledger, &still, watch);
    let whole = results.stopped.is_none() && results.done.values().all(|done| *done == Done::Done);
    fault::point("finished");
    // Somebody else may be at it by now: what they write down is not written over.
    let ended = writer.finish().map_err(io::Error::other).and_then(|()| still());
    if let Err(error) = ended {
        results.stopped.get_or_insert(error);
        return Ok(Applied { results, done_before, remarks });
    }
    if whole {
        ledger.commit = reviewed.commit.as_ref().map(|commit| commit.id.clone());
    }
    let progress = if whole { Progress::Done } else { Progress::Begun };
    let noted = used(&mut ledger, progress).and_then(|()| {
        fault::point("after-state");
        journal.add(&[Entry::End { at: session.now }], true)
    });
    if let Err(error) = noted {
        results.stopped.get_or_insert(error);
    }
    if let Some(deed) = session.evidence {
        let counts = Counts::of(reviewed, &results, done_before);
        if let Err(error) = evidence::end(&folder, deed, session.now, counts, results.stopped.as_ref()) {
            results.stopped.get_or_insert(error);
        }
    }
    Ok(Applied { results, done_before, remarks })
}

/// Whether an operation that is not planned any more was done, rather than made needless by somebody else.
fn is_done(observed: &Observed, ledger: &Ledger, operation: &Operation) -> bool {
    let holds = observed.objects.get(&operation.object).map(|found| found.digest.as_str());
    let last = ledger.objects.get(&operation.object).map(String::as_str);
    holds == operation.after.as_deref() && last == operation.after.as_deref()
}
