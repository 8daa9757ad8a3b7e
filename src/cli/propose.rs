//! Files that go in by a pull request: what `--pull-request` does, for every command that has it.

use std::{fmt::Write as _, path::Path};

use anyhow::{Context as _, bail};
use clap::Args;

use super::{hub::Forge, repository::Repository, terminal::plain};
use crate::{
    forge::github::{
        merged::{Branch, in_force},
        propose::{self, Change, Proposed},
    },
    source::{self, Revision, Source as _, digest},
};

/// Where files go.
#[derive(Debug, Clone, Args)]
pub(super) struct Propose {
    /// Write nothing here, and propose it at GitHub: on a branch, with a pull request. One that is open already is brought
    /// up to date, and never doubled.
    #[arg(long, help_heading = "GitHub")]
    pub(super) pull_request: bool,
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
    /// What is said about one that is open while there is nothing to propose any more.
    pub(super) over: &'a str,
}

impl Propose {
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
        let hub = self.connect()?;
        let into = in_force(&hub.github, hub.repository()).context("the branch in force cannot be read")?;
        let branch = format!("gitsm/{}", proposal.branch);
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
                body: proposal.body,
                files: &files,
            };
            propose::propose(&hub.github, hub.repository(), &change)?
        };
        Ok(match done {
            Proposed::Opened(number) => format!("the pull request {number} is new: `{branch}`"),
            Proposed::Updated(number) => format!("the pull request {number} proposes so now: `{branch}`"),
            Proposed::Unchanged(number) => {
                format!("the pull request {number} proposes so already: `{branch}`")
            }
            Proposed::Closed(number) => format!("the pull request {number} is closed: {}", proposal.over),
            Proposed::None => "there is nothing to propose, and no pull request that does".to_owned(),
        })
    }
}

/// What is the same when the same is proposed on the same files.
fn files_key(proposal: &Proposal<'_>) -> String {
    let mut all = proposal.key.to_owned();
    for file in proposal.files {
        let before = file.before.as_deref().map(|text| digest(text.as_bytes())).unwrap_or_default();
        // Writing into a string does not fail.
        let _ = write!(all, "\n{} {before}", file.path);
    }
    digest(all.as_bytes())
}

/// The files with their paths from the top of the repository. What was read here must be what the branch in force holds: on
/// anything else nobody can build.
fn at_the_tip(
    repository: &Repository,
    into: &Branch,
    files: &[File],
) -> anyhow::Result<Vec<(String, String)>> {
    /// The most bytes of a file that is compared.
    const MOST: u64 = 64 << 20;
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
    let revision = Revision::new(&git, tip, git.below())?;
    let mut found = Vec::new();
    for file in files {
        let there = revision.read(&file.path, MOST)?;
        if there.as_deref() != file.before.as_deref().map(str::as_bytes) {
            bail!(
                "`{}` is not as the branch `{}` holds it: commit or undo the change first",
                plain(&file.path),
                plain(&into.name)
            );
        }
        found.push((format!("{}{}", git.below(), file.path), file.after.clone()));
    }
    Ok(found)
}
