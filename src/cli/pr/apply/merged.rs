//! Whether a commit may be applied: it was merged, and the branch in force was at it.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::{
    apply::evidence::PullRequest,
    cli::{
        hub::{Hub, There},
        pr::forge::CONTEXT,
        repository::Repository,
        revision::unresolved,
        terminal::plain,
    },
    forge::github::{merged, post},
    report::{
        merged::{BranchView, FORMAT_VERSION, Report, TargetView},
        revision::At,
    },
    source::{self, Commit, GitError},
};

/// What is looked for.
pub(super) struct Look<'a> {
    /// The folder of the repository.
    pub(super) folder: &'a Path,
    /// The commit.
    pub(super) commit: &'a str,
    /// The branch in force, when no forge is asked.
    pub(super) branch: Option<&'a str>,
    /// The forge.
    pub(super) there: &'a There,
    /// The pull request, when somebody named it.
    pub(super) number: Option<u64>,
    /// The account that records for the gate, when somebody named it.
    pub(super) gate: Option<&'a str>,
    /// Whether something is to be written there.
    pub(super) post: bool,
}

/// A commit that may be applied.
pub(super) struct Merged {
    /// The commit.
    pub(super) commit: Commit,
    /// What was asked for.
    revision: String,
    /// The branch that it is on.
    pub(super) branch: BranchView,
    /// The pull request that it merged; none when no forge was asked.
    pub(super) pull: Option<PullRequest>,
    /// The forge.
    pub(super) hub: Option<Hub>,
    /// The repository.
    pub(super) git: source::Repository,
    /// The account that records for the gate.
    pub(super) gate: String,
    /// What was said about the last commit of the pull request, the last first.
    pub(super) told: Vec<post::Told>,
}

/// A result, or why nothing may be applied.
type Or<T> = Result<T, String>;

impl Look<'_> {
    /// The forge, unless somebody says what the branch is.
    fn hub(&self) -> anyhow::Result<Option<Hub>> {
        let asked = self.branch.is_none() && self.there.at.is_some();
        asked.then(|| self.there.connect()).transpose()
    }
}

impl Merged {
    /// What has to be known about what the gate said.
    pub(super) fn gate_words(&self) -> Option<String> {
        let pull = self.pull.as_ref()?;
        let said = match pull.gate.as_deref() {
            Some("success") => return None,
            Some(other) => format!("said `{other}`"),
            None => "said nothing".to_owned(),
        };
        Some(format!(
            "the gate {said} last about the last commit of the pull request {}, and it was merged all the same",
            pull.number
        ))
    }

    /// Looks at a commit.
    ///
    /// # Errors
    /// When something cannot be read. That the commit may not be applied is a result.
    pub(super) fn look(look: &Look<'_>) -> anyhow::Result<Or<Self>> {
        let git = source::Repository::open(look.folder)?;
        let commit = git.resolve(look.commit).map_err(unresolved)?;
        let hub = look.hub()?;
        let branch = match (&hub, look.branch) {
            (Some(hub), _) => {
                let found = merged::in_force(&hub.github, hub.repository())
                    .context("the branch in force cannot be read")?;
                BranchView { name: found.name, tip: found.tip, protected: Some(found.protected) }
            }
            (None, Some(branch)) => {
                let tip = git.resolve(branch).map_err(unresolved)?.id.to_string();
                BranchView { name: branch.to_owned(), tip, protected: None }
            }
            (None, None) => bail!(
                "name the branch in force with `--branch main`, or the repository at GitHub with `--at owner/name`"
            ),
        };
        if hub.is_none() && (look.post || look.number.is_some()) {
            bail!("name the repository at GitHub: `--at owner/name`, or `GITHUB_REPOSITORY`");
        }
        let id = commit.id.to_string();
        let tip = git.resolve(&branch.tip).map_err(|error| fetched(&branch, error))?;
        if !git.was_at(tip.id, commit.id)? {
            return Ok(Err(format!(
                "the branch `{}` never was at the commit {id}: only what was merged is applied",
                branch.name
            )));
        }
        let mut this = Self {
            revision: look.commit.to_owned(),
            commit,
            branch,
            pull: None,
            hub: None,
            git,
            gate: String::new(),
            told: Vec::new(),
        };
        let Some(hub) = hub else { return Ok(Ok(this)) };
        let hints: Vec<u64> = look.number.into_iter().chain(this.commit.pull_request()).collect();
        let at = (id.as_str(), this.branch.name.as_str());
        let found = merged::merged_as(&hub.github, hub.repository(), at, &hints)
            .with_context(|| format!("nobody can say which pull request was merged as {id}"))?;
        let found = match found.as_slice() {
            [found] if look.number.is_none_or(|number| number == found.number) => found.clone(),
            [] => return Ok(Err(format!("no pull request into `{}` was merged as {id}", this.branch.name))),
            [found] => {
                return Ok(Err(format!(
                    "the pull request {} was merged as {id}, and no other",
                    found.number
                )));
            }
            several => {
                return Ok(Err(format!("{} pull requests were merged as {id}", several.len())));
            }
        };
        this.gate = match look.gate {
            Some(gate) => gate.to_owned(),
            None => hub.login()?,
        };
        this.told = post::told(&hub.github, hub.repository(), &found.head)
            .context("what was said about the last commit of the pull request cannot be read")?;
        let verdict = this.told.iter().find(|told| told.context == CONTEXT && told.by() == Some(&this.gate));
        this.pull = Some(PullRequest {
            forge: hub.host.clone(),
            repository: hub.full_name(),
            number: found.number,
            head: found.head,
            gate: verdict.map(|told| told.state.clone()),
        });
        this.hub = Some(hub);
        Ok(Ok(this))
    }

    /// What is said about it.
    pub(super) fn report(&self, repository: &Repository, targets: Vec<TargetView>) -> Report {
        let commit = repository.at().unwrap_or_else(|| At::new(&self.revision, &self.commit));
        Report {
            format_version: FORMAT_VERSION,
            commit,
            branch: self.branch.clone(),
            pull_request: self.pull.clone(),
            targets,
        }
    }
}

/// The tip of a branch that is not in the clone has to be fetched.
fn fetched(branch: &BranchView, error: GitError) -> anyhow::Error {
    match error {
        GitError::Unknown { .. } | GitError::Missing { .. } => anyhow::anyhow!(
            "the branch `{}` is at {}, which is not in this clone: `git fetch origin` gets it",
            plain(&branch.name),
            plain(&branch.tip)
        ),
        other => unresolved(other),
    }
}
