//! `gitsm request lifecycle`.

use clap::Args;

use super::{
    commit::policy_commit,
    event::{Act, Happening},
    since::{Since, has_same_job, with_people},
};
use crate::{
    cli::{decidable, exit::Exit, output::Output},
    decide::engine::Engine,
    ledger::{
        lifecycle::{Change, When, joins, leaves, moves},
        standing::has_left,
    },
    model::{Entry, person::Person, person::PersonStatus},
};

/// The most people whose access usually changes at once.
const MOST: usize = 50;

/// Arguments of `gitsm request lifecycle`.
#[derive(Debug, Args)]
#[command(after_help = "\
everybody who came, moved or left since a commit, by the directory of both: for each of them what `gitsm request joiner`,
`mover` and `leaver` do. Whoever has left and still holds something is one of them, whenever that was. With
`--pull-request` each has a pull request of their own, so that nobody waits for somebody else. Doing it again changes
nothing, so name a commit that is rather too old than too new

examples:
  gitsm request lifecycle --since HEAD~1 --dry-run
  gitsm request lifecycle --since \"$BEFORE\" --pull-request --forge example/rulebook

exit status: 0 it is written, or was before; 1 something that comes with a job is denied, or the rulebook has errors;
2 could not run; 4 refused: more people than is usual")]
pub(super) struct Arguments {
    /// The commit with which the directory is compared: `main~3`, `v1.2`.
    #[arg(long, value_name = "REVISION")]
    since: String,
    /// Write nothing when the access of more people would change: an export of the personnel system can be wrong.
    #[arg(long, value_name = "NUMBER", default_value_t = MOST)]
    most: usize,
    #[command(flatten)]
    act: Act,
}

/// What happened to somebody.
enum Came<'a> {
    /// They came, or came back when they were there before.
    Joined(&'a Entry<Person>, bool),
    /// They have another job.
    Moved(&'a Entry<Person>),
    /// They have left, or have a last day; whether that is new.
    Left(&'a Entry<Person>, bool),
}

/// Carries out what happened to everybody since a commit.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let act = &arguments.act;
    let loaded = match decidable::load(&act.repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let rulebook = &loaded.rulebook;
    let after = Engine::new(rulebook)?;
    let since = Since::read(&act.repository.repository, &arguments.since)?;
    let now = act.now();
    let today = after.date(now);
    let mut came = Vec::new();
    for is in &rulebook.people {
        let was = since.person(is.id.as_str());
        let had_left = was.is_some_and(|was| has_left(was, today));
        let was_here = was.is_some_and(|was| !had_left && was.status != PersonStatus::Joining);
        let is_new = was.is_none_or(|was| was.end != is.end || was.status != is.status);
        if has_left(is, today) {
            came.push(Came::Left(is, was.is_some() && !had_left));
            continue;
        }
        if !was_here {
            came.push(Came::Joined(is, had_left));
        } else if was.is_some_and(|was| !has_same_job(was, is)) {
            came.push(Came::Moved(is));
        }
        if is.end.is_some() {
            came.push(Came::Left(is, is_new && was.is_some()));
        }
    }
    let moved = came.iter().filter_map(|one| match one {
        Came::Moved(is) => Some((is.id.to_string(), since.person(is.id.as_str())?.value.clone())),
        _ => None,
    });
    let before = with_people(rulebook, moved);
    let engine = Engine::new(&before)?;
    let commit = policy_commit(&act.repository, &loaded)?;
    let when = When { policy_commit: commit.as_deref(), now };
    let mut changes: Vec<Change<'_>> = Vec::new();
    for one in came {
        match one {
            Came::Joined(is, had_left) => {
                let earlier =
                    |grant: &Entry<_>| had_left && since.rulebook.grants.get(grant.id.as_str()).is_some();
                changes.push(joins(&after, is, &earlier, when)?);
            }
            Came::Moved(is) => {
                let Some(was) = before.people.get(is.id.as_str()) else { continue };
                let is_new = |grant: &_| since.is_decided_since(is, grant);
                changes.push(moves(&engine, &after, (was, is), &is_new, when)?);
            }
            Came::Left(is, is_new) => {
                let Ok(mut change) = leaves(&after, is, when)? else { continue };
                // What ends because they came back or moved does not end a second time.
                for other in changes.iter().filter(|other| other.person.id == is.id) {
                    change.shorter.retain(|one| {
                        let ends = other.endings.iter().map(|ending| &ending.grant.id);
                        let mut touched = ends.chain(other.shorter.iter().map(|shorter| &shorter.grant.id));
                        touched.all(|id| *id != one.grant.id)
                    });
                }
                if is_new || !change.is_done() {
                    changes.push(change);
                }
            }
        }
    }
    let since = Some(since.at.clone());
    let most = Some(arguments.most);
    act.carry_out(output, &loaded, &after, &Happening { changes, since, commit: commit.clone(), most })
}
