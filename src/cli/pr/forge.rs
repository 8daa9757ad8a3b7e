//! Which pull request at which server, and how it is reached.

use anyhow::{Context as _, anyhow, bail};
use clap::Args;

use crate::{
    cli::terminal::plain,
    forge::github::{
        API, GitHub,
        post::{self, Standing},
        pull_request,
    },
    gate::facts::Facts,
    http::{Address, Limits, Secret},
    source::is_commit_id,
};

/// What the state of a commit is called. A rule of the branch names it as required.
pub(super) const CONTEXT: &str = "gitsm";

/// The variables that hold the token, the first of which is taken that is set.
const TOKENS: [&str; 2] = ["GITSM_GITHUB_TOKEN", "GITHUB_TOKEN"];

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
    /// The repository there: `owner/name`.
    #[arg(long, value_name = "OWNER/NAME", env = "GITHUB_REPOSITORY")]
    at: Option<String>,
    /// Where the interface of GitHub is [default: that of github.com].
    #[arg(long, value_name = "URL", env = "GITHUB_API_URL")]
    api: Option<String>,
}

/// A pull request that can be reached.
pub(super) struct Reached {
    /// The client.
    pub(super) github: GitHub,
    /// Whose repository it is.
    pub(super) owner: String,
    /// The name of the repository.
    pub(super) name: String,
    /// The number.
    pub(super) number: u64,
    /// The name of the server.
    host: String,
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
        let repository = self.at.as_deref().ok_or_else(|| {
            anyhow!("name the repository of the pull request: `--at owner/name`, or `GITHUB_REPOSITORY`")
        })?;
        let parts = repository.split_once('/').filter(|(owner, name)| is_name(owner) && is_name(name));
        let Some((owner, name)) = parts else {
            bail!("`{}` is no repository: write `owner/name`", plain(repository));
        };
        let api = self.api.as_deref().unwrap_or(API);
        let address = Address::parse(api)?;
        let host = host(api);
        let token =
            TOKENS.iter().find(|variable| std::env::var_os(variable).is_some_and(|value| !value.is_empty()));
        let token = token.map(|variable| Secret::from_environment(variable)).transpose()?;
        let github = GitHub::new(address, token, Limits::default())?;
        let number = match (self.pull_request, &self.of_commit) {
            (Some(number), _) => number,
            (None, Some(commit)) => {
                // What was said before must not stand while it is looked at, nor when that fails.
                if announce {
                    let state = (CONTEXT, Standing::Pending);
                    post::status(&github, (owner, name), commit, state, "it is being looked at")?;
                }
                of_commit(&github, (owner, name), commit)?
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(Reached { github, owner: owner.to_owned(), name: name.to_owned(), number, host }))
    }
}

impl Reached {
    /// Whose repository it is, and its name.
    pub(super) fn repository(&self) -> (&str, &str) {
        (&self.owner, &self.name)
    }

    /// Records what is known about it.
    ///
    /// # Errors
    /// When not everything can be read.
    pub(super) fn record(&self) -> anyhow::Result<Facts> {
        pull_request::record(&self.github, &self.host, self.repository(), self.number)
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

/// Whether a text can be the name of an owner or a repository.
fn is_name(text: &str) -> bool {
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !text.is_empty() && text != "." && text != ".." && text.bytes().all(usual)
}

/// The name of the server that an interface belongs to.
fn host(api: &str) -> String {
    let rest = api.split_once("://").map_or(api, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or(rest);
    host.strip_prefix("api.").unwrap_or(host).to_owned()
}
