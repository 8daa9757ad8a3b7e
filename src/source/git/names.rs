//! From what somebody writes to a commit.

use git2::{ErrorCode, ObjectType};

use super::{
    Commit, GitError, ObjectId, Repository,
    revision::unread,
    store::{Loose, Unread},
};

/// How many commits are named that a short name can mean.
const CANDIDATES: usize = 5;

impl Repository {
    /// The commit that a revision names, as `git rev-parse` reads it: a branch, a tag, `HEAD`, the beginning of a name,
    /// with any number of `~2` and `^2` behind it.
    ///
    /// Parents are those that the commits themselves name.
    ///
    /// # Errors
    /// When there is no such commit, or several can be meant.
    pub fn resolve(&self, revision: &str) -> Result<Commit, GitError> {
        let grammar = |problem| GitError::Grammar { revision: revision.to_owned(), problem };
        let end = revision.find(['~', '^']).unwrap_or(revision.len());
        let (base, mut steps) = revision.split_at(end);
        if base.is_empty() {
            return Err(grammar(
                "names no commit: write a branch, a tag, `HEAD` or the beginning of a commit",
            ));
        }
        if base.contains(':') {
            return Err(grammar("names a file or searches messages: write a branch, a tag or a commit"));
        }
        let mut commit = self.base(base, revision)?;
        while !steps.is_empty() {
            if let Some(rest) = ["^{commit}", "^{}"].iter().find_map(|peel| steps.strip_prefix(peel)) {
                steps = rest;
                continue;
            }
            let tilde = steps.starts_with('~');
            let rest = steps.get(1..).unwrap_or_default();
            let digits = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
            let (count, after) = rest.split_at(digits);
            if !after.is_empty() && !after.starts_with(['~', '^']) {
                return Err(grammar("ends in something else than `~2`, `^2` or `^{commit}`"));
            }
            let count: usize = if count.is_empty() { Ok(1) } else { count.parse() }
                .map_err(|_| grammar("has a number that is too large"))?;
            let over = |id| GitError::BeforeHistory { revision: revision.to_owned(), id };
            if tilde {
                for _ in 0..count {
                    commit = self.commit(*commit.parents.first().ok_or_else(|| over(commit.id))?)?;
                }
            } else if let Some(parent) = count.checked_sub(1) {
                commit = self.commit(*commit.parents.get(parent).ok_or_else(|| over(commit.id))?)?;
            }
            steps = after;
        }
        Ok(commit)
    }

    /// The commit at the head; none when the branch has no commit yet.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn head(&self) -> Result<Option<Commit>, GitError> {
        match self.resolve("HEAD") {
            Ok(commit) => Ok(Some(commit)),
            Err(GitError::Unborn { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The first commit of the history of a commit, or of the head where none is named, going back by the first parent each
    /// time; none when there is no commit yet.
    ///
    /// # Errors
    /// When there is no such commit, or its history cannot be read to its beginning.
    pub fn first(&self, of: Option<&str>) -> Result<Option<ObjectId>, GitError> {
        let start = match of {
            Some(commit) => Some(self.resolve(commit)?),
            None => self.head()?,
        };
        let Some(mut commit) = start else { return Ok(None) };
        let objects = self.objects()?;
        while let Some(parent) = commit.parents.first() {
            commit = objects.commit(*parent)?;
        }
        Ok(Some(commit.id))
    }

    /// Whether a branch that is at `tip` was at a commit before, or still is: going back by the first parent each time, as
    /// the branch came to where it is. What was merged into it was never where the branch was.
    ///
    /// # Errors
    /// When the history cannot be read as far as that.
    pub fn was_at(&self, tip: ObjectId, commit: ObjectId) -> Result<bool, GitError> {
        let objects = self.objects()?;
        let mut next = Some(tip);
        while let Some(id) = next {
            if id == commit {
                return Ok(true);
            }
            next = objects.commit(id)?.parents.first().copied();
        }
        Ok(false)
    }

    /// The branches of other repositories that are called as the one at the head, as far as they were fetched. None when the
    /// head is at no branch.
    #[must_use]
    pub fn upstream(&self) -> Vec<(String, ObjectId)> {
        let Some(own) = self.branch() else { return Vec::new() };
        let Ok(references) = self.git.references() else { return Vec::new() };
        let tips = references.flatten().filter_map(|reference| {
            let short = reference.name().ok()?.strip_prefix("refs/remotes/")?.to_owned();
            let (_, branch) = short.split_once('/')?;
            (branch == own).then_some(())?;
            Some((short, ObjectId(reference.target()?)))
        });
        tips.collect()
    }

    /// The branch at the head; none when it is at a commit.
    fn branch(&self) -> Option<String> {
        let head = self.git.find_reference("HEAD").ok()?;
        let branch = head.symbolic_target().ok()??.to_owned();
        Some(branch.strip_prefix("refs/heads/").unwrap_or(&branch).to_owned())
    }

    /// The commit that both revisions have and that is the newest such.
    ///
    /// # Errors
    /// When there is none, or several are.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<Commit, GitError> {
        let bases = self.merge_bases(self.resolve(one)?.id, self.resolve(other)?.id)?;
        let names = || (one.to_owned(), other.to_owned());
        match bases.as_slice() {
            [base] => self.commit(*base),
            [] => {
                let ((one, other), shallow) = (names(), self.is_shallow());
                Err(GitError::NoMergeBase { one, other, shallow })
            }
            [first, ..] => {
                let (one, other) = names();
                Err(GitError::ManyMergeBases { one, other, count: bases.len(), first: *first })
            }
        }
    }

    /// What a name without steps names.
    fn base(&self, name: &str, revision: &str) -> Result<Commit, GitError> {
        let exists = |full: String| self.git.find_reference(&full).is_ok().then_some(full);
        let named: Vec<String> = [format!("refs/heads/{name}"), format!("refs/tags/{name}")]
            .into_iter()
            .filter_map(exists)
            .collect();
        if named.len() > 1 {
            let candidates = named.iter().map(|name| format!("`{name}`")).collect();
            return Err(GitError::Ambiguous { revision: name.to_owned(), candidates });
        }
        let id = if let Some(id) = self.named(name) {
            id
        } else {
            // `main@{1}` and `v1-2-g1a2b3c4`: here libgit2 reads objects by itself, whichever they are.
            if let Some(id) = Some(&self.loose).filter(|_| name.contains(['@', '-'])).and_then(Loose::cut_off)
            {
                return Err(unread(ObjectId(id), "object", self.missing, &Unread::CutOff));
            }
            match self.git.revparse_single(name) {
                Ok(object) => object.id(),
                Err(error) => return Err(self.unresolved(name, revision, &error)),
            }
        };
        self.peel(name, id)
    }

    /// The object that a reference or a name of an object stands for. Objects are not looked into: libgit2 refuses commits
    /// with a date that is none.
    fn named(&self, name: &str) -> Option<git2::Oid> {
        let name = if name == "@" { "HEAD" } else { name };
        let reference = self.git.resolve_reference_from_short_name(name).and_then(|found| found.resolve());
        if let Some(id) = reference.ok().and_then(|found| found.target()) {
            return Some(id);
        }
        if !(4..=40).contains(&name.len()) || !name.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let short = git2::Oid::from_str(name).ok()?;
        self.git.odb().ok()?.exists_prefix(short, name.len()).ok()
    }

    /// The commit that an object is or that a tag is about.
    fn peel(&self, name: &str, mut id: git2::Oid) -> Result<Commit, GitError> {
        let store = self.store()?;
        // Tags of tags are few; a circle of them cannot be made.
        loop {
            let object = store.read(id).map_err(|why| unread(ObjectId(id), "commit", self.missing, &why))?;
            let not_a_commit = |kind| GitError::NotACommit { revision: name.to_owned(), kind };
            match object.kind() {
                ObjectType::Commit => return self.commit(ObjectId(id)),
                ObjectType::Tag => {
                    let line = object.data().split(|byte| *byte == b'\n').next().unwrap_or_default();
                    let target = line.strip_prefix(b"object ").and_then(|hex| std::str::from_utf8(hex).ok());
                    id = target
                        .and_then(|hex| git2::Oid::from_str(hex).ok())
                        .ok_or_else(|| not_a_commit("tag of nothing"))?;
                }
                ObjectType::Blob => return Err(not_a_commit("file")),
                other => return Err(not_a_commit(other.str())),
            }
        }
    }

    fn unresolved(&self, name: &str, revision: &str, error: &git2::Error) -> GitError {
        let hexadecimal = name.len() >= 4 && name.bytes().all(|digit| digit.is_ascii_hexdigit());
        if error.code() == ErrorCode::Ambiguous && hexadecimal {
            return GitError::Ambiguous { revision: name.to_owned(), candidates: self.beginning(name) };
        }
        // A name that names an object which is not there.
        let named = self.git.resolve_reference_from_short_name(name).and_then(|found| found.resolve());
        let target = named.ok().and_then(|found| found.target());
        let whole = || (name.len() == 40 && hexadecimal).then(|| git2::Oid::from_str(name).ok()).flatten();
        if let Some(id) = target.or_else(whole) {
            return match error.code() {
                ErrorCode::NotFound => self.missing(id),
                _ => GitError::Damaged { kind: "commit", id: ObjectId(id), problem: super::plain(error) },
            };
        }
        let head = name == "HEAD" || name == "@";
        if let Some(branch) = head.then(|| self.branch()).flatten() {
            return GitError::Unborn { branch };
        }
        match error.code() {
            ErrorCode::InvalidSpec => GitError::Grammar {
                revision: revision.to_owned(),
                problem: "is not written as a revision: write a branch, a tag, `HEAD` or the beginning of a commit",
            },
            ErrorCode::NotFound => GitError::Unknown {
                revision: name.to_owned(),
                names: self.names(),
                shallow: self.is_shallow(),
            },
            _ => self.other(error),
        }
    }

    fn missing(&self, id: git2::Oid) -> GitError {
        GitError::Missing { kind: "commit", id: ObjectId(id), help: self.missing }
    }

    /// The objects whose names begin with these digits.
    fn beginning(&self, digits: &str) -> Vec<String> {
        let digits = digits.to_lowercase();
        let Ok(store) = self.store() else { return Vec::new() };
        let mut found = Vec::new();
        // What cannot be walked to its end is named as far as it was.
        let _ = store.as_they_are().foreach(|id| {
            if id.to_string().starts_with(&digits) {
                found.push(ObjectId(*id));
            }
            true
        });
        found.sort();
        found.dedup();
        let more = found.len().saturating_sub(CANDIDATES);
        let mut named: Vec<String> =
            found.into_iter().take(CANDIDATES).map(|id| self.described(id)).collect();
        if more > 0 {
            named.push(format!("{more} others"));
        }
        named
    }

    /// `the commit 1a2b3c4d5e6f (Subject)`.
    fn described(&self, id: ObjectId) -> String {
        match self.commit(id) {
            Ok(commit) => {
                let subject: String = commit.subject().chars().take(50).collect();
                format!("the commit {} ({subject})", id.short())
            }
            Err(_) => format!("the object {}", id.short()),
        }
    }

    /// The names of branches and tags, as somebody writes them.
    fn names(&self) -> Vec<String> {
        let Ok(references) = self.git.references() else { return Vec::new() };
        let mut names: Vec<String> = references
            .flatten()
            .filter_map(|reference| {
                let name = reference.name().ok()?.to_owned();
                let short = ["refs/heads/", "refs/tags/", "refs/remotes/"]
                    .iter()
                    .find_map(|start| name.strip_prefix(start))?;
                Some(short.to_owned())
            })
            .chain(["HEAD".to_owned()])
            .collect();
        names.sort();
        names
    }
}
