//! Which pull request, and how it is reached.

use anyhow::{Context as _, bail};
use clap::Args;

use crate::{
    cli::hub::{Hub, There},
    forge::github::{
        GitHub,
        post::{self, Standing},
        pull_request,
    },
    gate::facts::Facts,
    source::is_commit_id,
};

/// What the state of a commit is called. A rule of the branch names it as required.
pub(super) const CONTEXT: &str = "gitsm";
/// What the states of a commit are called that say what a target would get; the name of the target follows.
pub(super) const PLAN_CONTEXT: &str = "gitsm/plan/";

/// Which pull request at which server.
#[derive(Debug, Clone, Args)]
pub(super) struct Which {
    /// The number of the pull request at GitHub, which is asked about it. The token is read from `GITSM_GITHUB_TOKEN` or
    /// `GITHUB_TOKEN`.
    #[arg(long, value_name = "NUMBER")]
    pub(super) pull_request: Option<u64>,
    /// The open pull request there whose last commit this is, instead of its number.
    #[arg(long, value_name = "COMMIT", conflicts_with = "pull_request", value_parser = full_commit)]
    pub(super) of_commit: Option<String>,
    #[command(flatten)]
    there: There,
}

/// A pull request that can be reached.
pub(super) struct Reached {
    /// The repository.
    pub(super) hub: Hub,
    /// The number.
    pub(super) number: u64,
}

impl Which {
    /// Makes a client for the pull request; none when none was named. With `announce` a commit that was named is said to be
    /// looked at.
    ///
    /// # Errors
    /// When the repository was not named, or the token cannot be had.
    pub(super) fn reach(&self, announce: bool) -> anyhow::Result<Option<Reached>> {
        if self.pull_request.is_none() && self.of_commit.is_none() {
            return Ok(None);
        }
        let hub = self.there.connect()?;
        let number = match (self.pull_request, &self.of_commit) {
            (Some(number), _) => number,
            (None, Some(commit)) => {
                // What was said before must not stand while it is looked at, nor when that fails.
                if announce {
                    let state = (CONTEXT, Standing::Pending);
                    post::status(&hub.github, hub.repository(), commit, state, "it is being looked at")?;
                }
                of_commit(&hub.github, hub.repository(), commit)?
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(Reached { hub, number }))
    }
}

impl Reached {
    /// Records what is known about it.
    ///
    /// # Errors
    /// When not everything can be read.
    pub(super) fn record(&self) -> anyhow::Result<Facts> {
        pull_request::record(&self.hub.github, &self.hub.host, self.hub.repository(), self.number)
            .with_context(|| format!("the facts of the pull request {} cannot be recorded", self.number))
    }
}

/// The number of the one open pull request whose last commit this is.
fn of_commit(github: &GitHub, repository: (&str, &str), commit: &str) -> anyhow::Result<u64> {
    match pull_request::open_with_head(github, repository, commit)?.as_slice() {
        [number] => Ok(*number),
        [] => bail!("no open pull request has {commit} as its last commit"),
        several => bail!(
            "{} open pull requests have {commit} as their last commit: say which one with `--pull-request`",
            several.len()
        ),
    }
}

/// The full name of a commit.
fn full_commit(text: &str) -> Result<String, String> {
    if is_commit_id(text) {
        Ok(text.to_owned())
    } else {
        Err("write the 40 hexadecimal digits of a commit".to_owned())
    }
}
