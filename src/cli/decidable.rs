//! A repository that something is decided with: nothing is decided while it has errors.

use jiff::Timestamp;

use super::{exit::Exit, output::Output, repository::Repository};
use crate::{
    diag::Level,
    lint,
    load::{Completeness, Loaded},
    report::{Report, Selection, human},
};

/// How many findings are shown before the rest is counted.
const MOST: usize = 10;

/// Reads a repository. Where it has errors today, says so and hands back how the command ends.
///
/// # Errors
/// When it cannot be read.
pub(super) fn load(repository: &Repository, output: &mut Output) -> anyhow::Result<Result<Loaded, Exit>> {
    load_for(repository, None, output)
}

/// The same, for what was asked at an instant: errors are those of that day. What nobody can approve any more since
/// somebody left was not wrong when it was asked for.
///
/// # Errors
/// When it cannot be read.
pub(super) fn load_for(
    repository: &Repository,
    asked: Option<Timestamp>,
    output: &mut Output,
) -> anyhow::Result<Result<Loaded, Exit>> {
    let mut loaded = repository.load_only()?;
    repository.say(output)?;
    let day = repository.day(&loaded, asked);
    lint::run_fixed(&mut loaded, day);
    sound(repository, loaded, "decided", output)
}

/// Hands a rulebook back when it has no error. Otherwise says what is wrong, and that nothing is done with it: it is not
/// `decided`, for example.
///
/// # Errors
/// When something cannot be written.
pub(super) fn sound(
    repository: &Repository,
    mut loaded: Loaded,
    done: &str,
    output: &mut Output,
) -> anyhow::Result<Result<Loaded, Exit>> {
    if is_sound(&loaded) {
        return Ok(Ok(loaded));
    }
    loaded.found.retain(|one| one.level == Level::Error);
    let selection = Selection { only: Vec::new(), most: MOST };
    let report = Report::new(&loaded, &selection, repository.prefix());
    output.promise(Exit::Findings);
    output.talk_rendered(human::render(&report, Output::talk_style())?.trim_end())?;
    let counts = report.summary.counts();
    output.talk(&format!(
        "nothing is {done}: the rulebook has {counts}; `gitsm validate` says what to write"
    ))?;
    Ok(Err(Exit::Findings))
}

/// Whether a rulebook has no error.
pub(super) fn is_sound(loaded: &Loaded) -> bool {
    loaded.completeness == Completeness::Whole && !loaded.found.iter().any(|one| one.level == Level::Error)
}
