//! A branch that gets a commit of some files. Neither the index nor a work tree is touched, and no hook or filter runs.

use git2::{Branch, BranchType, FileMode, Signature, Time, build::TreeUpdateBuilder};

use super::{Commit, GitError, ObjectId, Repository, plain};

/// A commit that is proposed on a branch.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'p> {
    /// The branch, without `refs/heads/`.
    pub branch: &'p str,
    /// The commit that it comes after.
    pub onto: &'p Commit,
    /// The message.
    pub message: &'p str,
    /// The files, by their paths from the top of the repository.
    pub files: &'p [(String, String)],
    /// When it is made, in seconds since 1970.
    pub seconds: i64,
}

impl Repository {
    /// The commit that a branch of this repository is at; none when there is no such branch.
    ///
    /// # Errors
    /// When no branch can be called so, or its commit cannot be read.
    pub fn at_branch(&self, branch: &str) -> Result<Option<Commit>, GitError> {
        if !Branch::name_is_valid(branch).unwrap_or(false) {
            return Err(GitError::BranchName { branch: branch.to_owned() });
        }
        let Ok(found) = self.git.find_branch(branch, BranchType::Local) else { return Ok(None) };
        let id = found.get().target();
        id.map(|id| self.commit(ObjectId(id))).transpose()
    }

    /// The commits that a branch is at, here and as it was last fetched from `origin`; none when neither is there.
    ///
    /// # Errors
    /// When no branch can be called so, or a commit cannot be read.
    pub fn tips(&self, branch: &str) -> Result<Vec<Commit>, GitError> {
        let mut tips: Vec<Commit> = self.at_branch(branch)?.into_iter().collect();
        if let Ok(fetched) = self.git.find_branch(&format!("origin/{branch}"), BranchType::Remote)
            && let Some(id) = fetched.get().target()
        {
            tips.push(self.commit(ObjectId(id))?);
        }
        Ok(tips)
    }

    /// The repository that this is a clone of, `owner/name`, by the address of `origin`; none where that says no such thing.
    #[must_use]
    pub fn cloned_from(&self) -> Option<String> {
        let origin = self.git.find_remote("origin").ok()?;
        owner_and_name(origin.url().ok()?)
    }

    /// Makes a commit and lets a branch be at it that was at `was`, or was not there.
    ///
    /// # Errors
    /// When nobody says who commits, the branch is checked out or was moved meanwhile, or something cannot be written.
    pub fn put_branch(&self, was: Option<&Commit>, proposal: &Proposal<'_>) -> Result<ObjectId, GitError> {
        let branch = proposal.branch;
        let failed =
            |error: &git2::Error| GitError::NotWritten { branch: branch.to_owned(), message: plain(error) };
        if self.is_checked_out(branch) {
            return Err(GitError::CheckedOut { branch: branch.to_owned() });
        }
        let who = self.git.signature().map_err(|_| GitError::NoCommitter)?;
        let (Ok(name), Ok(email)) = (who.name(), who.email()) else { return Err(GitError::NoCommitter) };
        let time = Time::new(proposal.seconds, 0);
        let who = Signature::new(name, email, &time).map_err(|_| GitError::NoCommitter)?;
        let write = || -> Result<ObjectId, git2::Error> {
            let onto = self.git.find_commit(proposal.onto.id.0)?;
            let mut entries = TreeUpdateBuilder::new();
            for (path, text) in proposal.files {
                entries.upsert(path.as_str(), self.git.blob(text.as_bytes())?, FileMode::Blob);
            }
            let tree = entries.create_updated(&self.git, &onto.tree()?)?;
            let tree = self.git.find_tree(tree)?;
            let commit = self.git.commit(None, &who, &who, proposal.message, &tree, &[&onto])?;
            let reference = format!("refs/heads/{branch}");
            // Only where it is still where it was looked at.
            match was {
                None => self.git.reference(&reference, commit, false, "gitsm")?,
                Some(was) => self.git.reference_matching(&reference, commit, true, was.id.0, "gitsm")?,
            };
            Ok(ObjectId(commit))
        };
        write().map_err(|error| failed(&error))
    }

    /// Whether a branch is checked out here, or in a work tree beside this one.
    fn is_checked_out(&self, branch: &str) -> bool {
        let common = self.git.commondir();
        let beside = std::fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
        let heads = beside.map(|entry| entry.path().join("HEAD")).chain([common.join("HEAD")]);
        let wanted = format!("ref: refs/heads/{branch}");
        heads
            .into_iter()
            .any(|head| std::fs::read_to_string(head).is_ok_and(|text| text.trim_end() == wanted))
    }
}

/// The repository at the end of an address: `https://host/owner/name.git` or `git@host:owner/name`.
fn owner_and_name(address: &str) -> Option<String> {
    let path = match address.split_once("://") {
        Some(("file", _)) => return None,
        Some((_, rest)) => rest.split_once('/')?.1,
        // Without a colon before the first slash it is a folder.
        None => address.split_once(':').filter(|(host, _)| host.len() > 1 && !host.contains('/'))?.1,
    };
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let mut parts = path.rsplit('/');
    let (name, owner) = (parts.next()?, parts.next()?);
    (!name.is_empty() && !owner.is_empty()).then(|| format!("{owner}/{name}"))
}
