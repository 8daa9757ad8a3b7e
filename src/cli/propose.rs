//! Files that go in by a pull request or wait on a branch: what `--pull-request` and `--branch` do, for every command that has
//! them.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;

use super::{hub::Forge, repository::Repository, terminal::plain};
use crate::{
    forge::{
        github::{
            merged::{Branch, in_force},
            propose::{self, Change, Proposed},
        },
        proposal::{is_ours, message},
    },
    model::Rulebook,
    source::{self, Commit, Revision, Source as _, digest},
};

/// Where files go.
#[derive(Debug, Clone, Args)]
pub(super) struct Propose {
    /// Write nothing here, and propose it at GitHub: on a branch, with a pull request. One that is open already is brought
    /// up to date, and never doubled.
    #[arg(long, help_heading = "GitHub")]
    pub(super) pull_request: bool,
    /// Write nothing to the folder, and commit it on a branch of the repository here, below `gitsm/`. The index and what is
    /// checked out stay as they are.
    #[arg(long, conflicts_with = "pull_request")]
    pub(super) branch: bool,
    #[command(flatten)]
    forge: Forge,
}

/// A file as it was read, and as it will be.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// The path below the folder of the rulebook.
    pub(super) path: String,
    /// What it holds; none when it is new.
    pub(super) before: Option<String>,
    /// What it will hold.
    pub(super) after: String,
}

/// What is proposed.
pub(super) struct Proposal<'a> {
    /// The branch, below `gitsm/`.
    pub(super) branch: &'a str,
    /// The title.
    pub(super) title: &'a str,
    /// The text.
    pub(super) body: &'a str,
    /// What is the same when the same is proposed, however often.
    pub(super) key: &'a str,
    /// The files; with none there is nothing to propose.
    pub(super) files: &'a [File],
    /// Who is asked to agree.
    pub(super) reviewers: &'a Reviewers,
    /// What is said about one that is open while there is nothing to propose any more.
    pub(super) over: &'a str,
}

/// The most accounts that GitHub lets somebody ask for a review.
const MOST_REVIEWERS: usize = 15;

/// Who is asked to review a pull request: those who can agree, by their accounts.
#[derive(Debug, Clone, Default)]
pub(super) struct Reviewers {
    /// Their accounts at GitHub.
    logins: Vec<String>,
    /// Those who have none in the directory.
    without: Vec<String>,
    /// How many more there are than can be asked.
    more: usize,
}

impl Reviewers {
    /// The accounts of people, each once and in order.
    pub(super) fn of<'p>(rulebook: &Rulebook, people: impl IntoIterator<Item = &'p str>) -> Self {
        let mut found = Self::default();
        let people: BTreeSet<&str> = people.into_iter().collect();
        for person in people {
            let accounts = rulebook.people.get(person).map(|person| &person.accounts);
            let login = accounts.and_then(|all| all.iter().find(|(name, _)| name.as_str() == "github"));
            match login.map(|(_, login)| login.trim()).filter(|login| is_login(login)) {
                None => found.without.push(person.to_owned()),
                Some(_) if found.logins.len() >= MOST_REVIEWERS => found.more += 1,
                Some(login) => found.logins.push(login.to_owned()),
            }
        }
        found
    }

    /// For the text of a pull request. Those who are asked are told by GitHub; the others are named.
    fn text(&self) -> String {
        let mut text = String::new();
        if !self.without.is_empty() {
            // Writing into a string does not fail.
            let _ = writeln!(
                text,
                "\nWho can agree as well and has no `accounts.github` in the directory, so tell them: `{}`",
                self.without.join("`, `")
            );
        }
        if self.more > 0 {
            let _ = writeln!(text, "\n{} more can agree than GitHub lets anybody ask.", self.more);
        }
        text
    }
}

/// Whether a text can be the name of an account.
fn is_login(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 100
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

impl Propose {
    /// Whether files go elsewhere, and nothing is written to the work tree.
    pub(super) const fn elsewhere(&self) -> bool {
        self.pull_request || self.branch
    }

    /// The repository at GitHub.
    ///
    /// # Errors
    /// When it was not named, or the token cannot be had.
    pub(super) fn connect(&self) -> anyhow::Result<super::hub::Hub> {
        self.forge.connect()
    }

    /// Proposes something, and says what became of it.
    ///
    /// # Errors
    /// When the files here are not those of the branch in force, or it was not written there.
    pub(super) fn propose(&self, repository: &Repository, proposal: &Proposal<'_>) -> anyhow::Result<String> {
        if self.branch { commit(repository, proposal) } else { self.ask(repository, proposal) }
    }

    /// Proposes something at GitHub.
    fn ask(&self, repository: &Repository, proposal: &Proposal<'_>) -> anyhow::Result<String> {
        let hub = self.connect()?;
        let into = in_force(&hub.github, hub.repository()).context("the branch in force cannot be read")?;
        let branch = format!("gitsm/{}", proposal.branch);
        let mut not_asked = Vec::new();
        let done = if proposal.files.is_empty() {
            propose::withdraw(&hub.github, hub.repository(), (&branch, &into.name), proposal.over)?
        } else {
            let files = at_the_tip(repository, &into, proposal.files)?;
            // On other files it is another change.
            let key = files_key(proposal);
            let change = Change {
                key: &key,
                branch: &branch,
                into: &into,
                title: proposal.title,
                body: &format!("{}{}", proposal.body, proposal.reviewers.text()),
                files: &files,
                reviewers: &proposal.reviewers.logins,
            };
            let done = propose::propose(&hub.github, hub.repository(), &change)?;
            not_asked = done.not_asked;
            done.proposed
        };
        let mut said = match done {
            Proposed::Opened(number) => format!("the pull request {number} is new: `{branch}`"),
            Proposed::Updated(number) => format!("the pull request {number} proposes so now: `{branch}`"),
            Proposed::Unchanged(number) => {
                format!("the pull request {number} proposes so already: `{branch}`")
            }
            Proposed::Closed(number) => format!("the pull request {number} is closed: {}", proposal.over),
            Proposed::None => "there is nothing to propose, and no pull request that does".to_owned(),
        };
        if !not_asked.is_empty() {
            // Writing into a string does not fail.
            let _ = write!(said, "; GitHub lets nobody ask `{}` to review it", not_asked.join("`, `"));
        }
        Ok(said)
    }
}

/// What is the same when the same is proposed on the same files.
fn files_key(proposal: &Proposal<'_>) -> String {
    let mut all = proposal.key.to_owned();
    for file in proposal.files {
        // A file that is new is named after the day, and fits whatever else there is.
        let Some(before) = &file.before else { continue };
        // Writing into a string does not fail.
        let _ = write!(all, "\n{} {}", file.path, digest(before.as_bytes()));
    }
    digest(all.as_bytes())
}

/// Commits a proposal on a branch here, and says what became of it.
fn commit(repository: &Repository, proposal: &Proposal<'_>) -> anyhow::Result<String> {
    if proposal.files.is_empty() {
        return Ok("there is nothing to propose".to_owned());
    }
    let folder: &Path = &repository.repository;
    let git = source::Repository::open(folder)?;
    let branch = format!("gitsm/{}", proposal.branch);
    let onto = match repository.at() {
        Some(at) => Some(git.resolve(&at.commit)?),
        None => git.head()?,
    };
    let Some(onto) = onto else { bail!("there is no commit yet that a branch could begin at: commit first") };
    let files = as_committed(&git, onto.clone(), proposal.files, "the last commit")?;
    let message = message(proposal.title, &files_key(proposal));
    let was = git.at_branch(&branch)?;
    if let Some(was) = &was {
        if !is_ours(&was.message, was.parents.len()) {
            bail!(
                "somebody else committed to the branch `{}`, so it is left alone: merge what is there, or delete it",
                plain(&branch)
            );
        }
        if was.message.trim_end() == message {
            return Ok(format!("the branch `{branch}` holds that already, in {}", was.id.short()));
        }
    }
    let seconds = repository.now.unwrap_or_else(Timestamp::now).as_second();
    let new = source::Proposal { branch: &branch, onto: &onto, message: &message, files: &files, seconds };
    let made = git.put_branch(was.as_ref(), &new)?;
    let verb = if was.is_some() { "holds that now" } else { "is new" };
    Ok(format!("the branch `{branch}` {verb}: {} comes after {}", made.short(), onto.id.short()))
}

/// The files with their paths from the top of the repository. What was read here must be what the branch in force holds: on
/// anything else nobody can build.
fn at_the_tip(
    repository: &Repository,
    into: &Branch,
    files: &[File],
) -> anyhow::Result<Vec<(String, String)>> {
    let folder: &Path = &repository.repository;
    let git = source::Repository::open(folder)?;
    let Ok(tip) = git.resolve(&into.tip) else {
        bail!(
            "the branch `{}` is at {}, which is not in this clone: `git fetch origin` gets it",
            plain(&into.name),
            plain(&into.tip)
        );
    };
    let read = match repository.at() {
        Some(at) => at.commit,
        None => git.head()?.map(|head| head.id.to_string()).unwrap_or_default(),
    };
    if read != tip.id.to_string() {
        bail!(
            "the rulebook that was read is not the one of the branch `{}`, which is at {}: `git switch --detach {}` gets \
             there",
            plain(&into.name),
            tip.id,
            tip.id
        );
    }
    as_committed(&git, tip, files, &format!("the branch `{}`", plain(&into.name)))
}

/// The files with their paths from the top of the repository, which must be as a commit holds them.
fn as_committed(
    git: &source::Repository,
    commit: Commit,
    files: &[File],
    called: &str,
) -> anyhow::Result<Vec<(String, String)>> {
    /// The most bytes of a file that is compared.
    const MOST: u64 = 64 << 20;
    let revision = Revision::new(git, commit, git.below())?;
    let mut found = Vec::new();
    for file in files {
        let there = revision.read(&file.path, MOST)?;
        if there.as_deref() != file.before.as_deref().map(str::as_bytes) {
            bail!("`{}` is not as {called} holds it: commit or undo the change first", plain(&file.path));
        }
        found.push((format!("{}{}", git.below(), file.path), file.after.clone()));
    }
    Ok(found)
}
