//! The repository at GitHub, and who speaks there.

use anyhow::{anyhow, bail};
use clap::Args;
use serde::Deserialize;

use super::terminal::plain;
use crate::{
    forge::github::{API, GitHub},
    http::{Address, Limits, Secret},
};

/// The variables that hold the token, the first of which is taken that is set.
const TOKENS: [&str; 2] = ["GITSM_GITHUB_TOKEN", "GITHUB_TOKEN"];
/// Who GitHub Actions speak as: their token may not ask who it is.
const ACTIONS: &str = "github-actions[bot]";

/// The repository at GitHub, for commands that read a pull request.
#[derive(Debug, Clone, Args)]
pub(super) struct There {
    /// The repository there: `owner/name`.
    #[arg(long, value_name = "OWNER/NAME", env = "GITHUB_REPOSITORY")]
    pub(super) at: Option<String>,
    /// Where the interface of GitHub is [default: that of github.com].
    #[arg(long, value_name = "URL", env = "GITHUB_API_URL")]
    pub(super) api: Option<String>,
}

/// The repository at GitHub, for commands whose `--at` is a revision.
#[derive(Debug, Clone, Args)]
pub(super) struct Forge {
    /// The repository at GitHub: `owner/name`. The token is read from `GITSM_GITHUB_TOKEN` or `GITHUB_TOKEN`.
    #[arg(long, value_name = "OWNER/NAME", env = "GITHUB_REPOSITORY", help_heading = "GitHub")]
    forge: Option<String>,
    /// Where the interface of GitHub is [default: that of github.com].
    #[arg(long, value_name = "URL", env = "GITHUB_API_URL", help_heading = "GitHub")]
    api: Option<String>,
}

/// A repository at GitHub that can be reached.
pub(super) struct Hub {
    /// The client.
    pub(super) github: GitHub,
    /// The name of the server.
    pub(super) host: String,
    owner: String,
    name: String,
}

impl There {
    /// Makes a client. Nothing is sent yet.
    ///
    /// # Errors
    /// When the repository was not named, or the token cannot be had.
    pub(super) fn connect(&self) -> anyhow::Result<Hub> {
        Hub::new(self.at.as_deref(), self.api.as_deref(), "--at")
    }
}

impl Forge {
    /// Makes a client. Nothing is sent yet.
    ///
    /// # Errors
    /// When the repository was not named, or the token cannot be had.
    pub(super) fn connect(&self) -> anyhow::Result<Hub> {
        Hub::new(self.forge.as_deref(), self.api.as_deref(), "--forge")
    }
}

/// Who a token speaks as.
#[derive(Debug, Deserialize)]
struct Myself {
    login: String,
}

impl Hub {
    fn new(repository: Option<&str>, api: Option<&str>, flag: &str) -> anyhow::Result<Self> {
        let repository = repository.ok_or_else(|| {
            anyhow!("name the repository at GitHub: `{flag} owner/name`, or `GITHUB_REPOSITORY`")
        })?;
        let parts = repository.split_once('/').filter(|(owner, name)| is_name(owner) && is_name(name));
        let Some((owner, name)) = parts else {
            bail!("`{}` is no repository: write `owner/name`", plain(repository));
        };
        let api = api.unwrap_or(API);
        let address = Address::parse(api)?;
        let host = host(api);
        let token =
            TOKENS.iter().find(|variable| std::env::var_os(variable).is_some_and(|value| !value.is_empty()));
        let token = token.map(|variable| Secret::from_environment(variable)).transpose()?;
        let github = GitHub::new(address, token, Limits::default())?;
        Ok(Self { github, host, owner: owner.to_owned(), name: name.to_owned() })
    }

    /// Whose repository it is, and its name.
    pub(super) fn repository(&self) -> (&str, &str) {
        (&self.owner, &self.name)
    }

    /// The name of the repository as it is written: `owner/name`.
    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// The account that the token belongs to.
    ///
    /// # Errors
    /// When nobody can say.
    pub(super) fn login(&self) -> anyhow::Result<String> {
        match self.github.get::<Myself>(&["user"]) {
            Ok(myself) => Ok(myself.login),
            Err(error) if matches!(error.status(), Some(403 | 404)) => Ok(ACTIONS.to_owned()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The page of the run that this is, when GitHub Actions run it.
#[must_use]
pub(super) fn run_page() -> Option<String> {
    let set = |variable| std::env::var(variable).ok().filter(|value| !value.is_empty());
    let (server, repository) = (set("GITHUB_SERVER_URL")?, set("GITHUB_REPOSITORY")?);
    let page = format!("{server}/{repository}/actions/runs/{}", set("GITHUB_RUN_ID")?);
    // What is set by anybody else is no page.
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
    (page.starts_with("https://") && page.bytes().all(usual)).then_some(page)
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
