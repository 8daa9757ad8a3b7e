//! The two versions that are compared.

use std::path::Path;

use anyhow::{anyhow, bail};
use jiff::civil::Date;

use super::Arguments;
use crate::{
    cli::{
        repository::{folder_prefix, load_only},
        revision::unresolved,
        terminal::plain,
    },
    lint,
    load::{self, LoadError, Loaded, settings::FILE},
    report::{self, revision::At},
    source::{Commit, GitError, Repository, Revision, Source, Staged, WorkTree},
};

/// Looks for what is wrong with a rulebook.
type Lints = fn(&mut Loaded, Date);
/// Of what was, only that is looked for with which nothing can be decided: the rest is most of the work, and was said.
const BEFORE: Lints = lint::run_fixed;
/// Of what will be, everything is.
const AFTER: Lints = lint::run;

/// A version of a rulebook.
pub(super) struct Side {
    /// What was asked for.
    name: String,
    /// The commit, when it is one.
    at: Option<At>,
    /// What was read; nothing when there is no rulebook.
    pub(super) loaded: Loaded,
    /// What stands before its paths.
    pub(super) prefix: String,
}

impl Side {
    /// What is said about it.
    pub(super) fn view(&self) -> report::impact::Side {
        report::impact::Side::new(&self.name, self.at.clone(), &self.loaded)
    }

    fn exists(&self) -> bool {
        !self.loaded.sources.is_empty()
    }
}

/// Reads the two versions that the arguments name, and what has to be known about their repository.
pub(super) fn read(arguments: &Arguments) -> anyhow::Result<(Side, Side, Vec<String>)> {
    if let [one, other] = arguments.what.as_slice() {
        if arguments.staged {
            bail!("`--staged` compares a revision with the index, and two folders were named");
        }
        return Ok((folder(arguments, one, BEFORE)?, folder(arguments, other, AFTER)?, Vec::new()));
    }
    let repository = Repository::open(&arguments.repository)?;
    let what = arguments.what.first().map_or("", String::as_str);
    let range = |separator: &str| {
        let (one, other) = what.split_once(separator)?;
        let or_head = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
        Some((or_head(one), or_head(other)))
    };
    let resolve = |name: &str| repository.resolve(name).map_err(|error| hinted(arguments, name, error));
    let (before, after) = if let Some((one, other)) = range("...").or_else(|| range("..")) {
        if arguments.staged {
            bail!("`--staged` compares a revision with the index, and `{}` names both sides", plain(what));
        }
        let after = resolve(&other)?;
        if what.contains("...") {
            let base = repository.merge_base(&one, &other).map_err(unresolved)?;
            let name = format!("the merge base of {one} and {other}");
            (
                revision(arguments, &repository, (&name, base), BEFORE)?,
                revision(arguments, &repository, (&other, after), AFTER)?,
            )
        } else {
            let before = resolve(&one)?;
            (
                revision(arguments, &repository, (&one, before), BEFORE)?,
                revision(arguments, &repository, (&other, after), AFTER)?,
            )
        }
    } else {
        let before = match (what, repository.head()) {
            ("", Ok(None)) => nothing("nothing, since there is no commit yet"),
            ("", head) => {
                let commit = head?.ok_or_else(|| anyhow!("there is no commit"))?;
                revision(arguments, &repository, ("HEAD", commit), BEFORE)?
            }
            (name, _) => revision(arguments, &repository, (name, resolve(name)?), BEFORE)?,
        };
        let after = if arguments.staged {
            side(arguments, "the index", &Staged::new(&repository)?, AFTER)?
        } else {
            work_tree(arguments, &arguments.repository, "the work tree", AFTER)?
        };
        (before, after)
    };
    if !before.exists() && !after.exists() {
        bail!("there is no `{}{FILE}` on either side, so there is nothing to compare", repository.below());
    }
    Ok((before, after, repository.remarks()))
}

/// A revision that was not found; a folder may have been meant.
fn hinted(arguments: &Arguments, name: &str, error: GitError) -> anyhow::Error {
    if matches!(error, GitError::Unknown { .. }) && arguments.repository.join(name).join(FILE).is_file() {
        let name = plain(name);
        return anyhow!(
            "`{name}` is a folder and no revision: two folders are compared by `gitsm diff {name} OTHER`"
        );
    }
    unresolved(error)
}

/// A folder that somebody named.
fn folder(arguments: &Arguments, name: &str, lints: Lints) -> anyhow::Result<Side> {
    let path = Path::new(name);
    if !path.is_dir() {
        let name = plain(name);
        bail!(
            "`{name}` is no folder: two folders are compared by `gitsm diff OLD NEW`, two revisions by `gitsm diff OLD..NEW`"
        );
    }
    work_tree(arguments, path, name, lints)
}

fn work_tree(arguments: &Arguments, folder: &Path, name: &str, lints: Lints) -> anyhow::Result<Side> {
    let loaded = linted(arguments, load_only(&WorkTree::new(folder))?, lints);
    Ok(Side { name: name.to_owned(), at: None, loaded, prefix: folder_prefix(folder) })
}

fn revision(
    arguments: &Arguments,
    repository: &Repository,
    (name, commit): (&str, Commit),
    lints: Lints,
) -> anyhow::Result<Side> {
    let at = At::new(name, &commit);
    let source = Revision::new(repository, commit, repository.below())?;
    let mut side = side(arguments, name, &source, lints)?;
    side.prefix.clone_from(&source.prefix);
    side.at = Some(at);
    Ok(side)
}

/// A side that need not have a rulebook: what it has not is new on the other.
fn side(arguments: &Arguments, name: &str, source: &dyn Source, lints: Lints) -> anyhow::Result<Side> {
    let loaded = match load::load(source) {
        Ok(loaded) => linted(arguments, loaded, lints),
        Err(LoadError::NotARepository { .. }) => return Ok(nothing(name)),
        Err(error @ LoadError::Source(_)) => {
            return Err(anyhow::Error::new(error).context(format!("{} cannot be read", plain(name))));
        }
    };
    Ok(Side { name: name.to_owned(), at: None, loaded, prefix: String::new() })
}

fn nothing(name: &str) -> Side {
    Side { name: name.to_owned(), at: None, loaded: Loaded::default(), prefix: String::new() }
}

fn linted(arguments: &Arguments, mut loaded: Loaded, lints: Lints) -> Loaded {
    let today = arguments.repository().today(&loaded);
    lints(&mut loaded, today);
    loaded
}
