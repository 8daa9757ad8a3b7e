//! `gitsm log` and `gitsm blame`.

mod decisions;

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use clap::Args;
use jiff::Timestamp;

use super::{
    answer::Format, exit::Exit, output::Output, repository::instant, revision::unresolved,
    schema::unknown_kind, terminal::plain,
};
use crate::{
    impact::{
        history::{Blame, Following, Parents, Walk, Wanted, blame as attribute, called_now},
        semantic::content_of,
    },
    load::{self, Loaded, settings::FILE, suggest::nearest},
    model::Kind,
    report::{
        history::{BlameReport, LogEntry, MergeView, human},
        json,
        revision::At,
    },
    source::{Cache, Commit, GitError, ObjectId, Repository, Revision},
};
use decisions::Decisions;

/// Arguments of `gitsm log`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm log                                    what every commit changed in meaning
  gitsm log access                             the history of every access policy
  gitsm log access/salesforce                  of one, by its name or one that it had before
  gitsm log access/salesforce/sales-standard   of one rule of it
  gitsm log --since v1.2 --format json         since a release, one line of JSON for each commit
  gitsm log --decisions -n 10                  whether each of ten loosened or tightened

exit status: 0 walked to the beginning; 2 could not run; 6 not everything is known")]
pub(super) struct LogArguments {
    /// A kind, an object, or a part of one; `gitsm.toml` for the settings. Without it, everything.
    #[arg(value_name = "KIND[/ID[/PART]]")]
    what: Option<String>,
    #[command(flatten)]
    place: Place,
    /// End before this commit; with all parents, show nothing that leads to it.
    #[arg(long, value_name = "REVISION")]
    since: Option<String>,
    /// Show at most this many commits that changed something.
    #[arg(long, short = 'n', value_name = "NUMBER")]
    max_commits: Option<usize>,
    /// Follow all parents, and show what a merge brought with the commits that made it; without this the first parent of each
    /// commit is followed, and a merge is shown with what it brought.
    #[arg(long)]
    all_parents: bool,
    /// Say of each commit that is shown whether it loosened or tightened what is decided. Each takes as long as `gitsm diff`;
    /// `--max-commits` says how many there are at most.
    #[arg(long)]
    decisions: bool,
    /// The instant as of which decisions are compared: `2026-01-01` or `2026-01-01T09:00:00Z`.
    #[arg(long, value_name = "INSTANT", env = "GITSM_NOW", value_parser = instant)]
    now: Option<Timestamp>,
    /// How the result is written: JSON has one line for each commit.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Arguments of `gitsm blame`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm blame access/salesforce                  who gave each field its present meaning, and when
  gitsm blame access/salesforce/sales-standard   of one rule
  gitsm blame workflow/board --at v1.2           of what was in force then

exit status: 0 every field has its commit; 2 could not run; 6 not everything of the history can be read")]
pub(super) struct BlameArguments {
    /// The object, or a part of it.
    #[arg(value_name = "KIND/ID[/PART]")]
    what: String,
    #[command(flatten)]
    place: Place,
    /// Follow all parents, and name the commit that a merge brought and not the merge.
    #[arg(long)]
    all_parents: bool,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Where the history begins.
#[derive(Debug, Args)]
struct Place {
    /// The folder of the repository, which holds `gitsm.toml`.
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".")]
    repository: PathBuf,
    /// The newest commit that is looked at.
    #[arg(long, value_name = "REVISION", default_value = "HEAD")]
    at: String,
    /// Work everything out anew, and neither read nor write what is remembered in the cache folder of the user.
    #[arg(long)]
    no_cache: bool,
}

impl Place {
    /// What is remembered about the repository.
    fn cache(&self, repository: &Repository) -> Option<Cache> {
        (!self.no_cache).then(|| repository.cache())?
    }
}

/// Says which commits changed what the rulebook says.
pub(super) fn log(arguments: &LogArguments, output: &mut Output) -> anyhow::Result<Exit> {
    let mut wanted = arguments.what.as_deref().map_or(Ok(Wanted::All), wanted)?;
    let repository = Repository::open(&arguments.place.repository)?;
    let from = repository.resolve(&arguments.place.at).map_err(unresolved)?;
    let since = arguments.since.as_deref().map(|since| repository.resolve(since)).transpose();
    let since: Option<ObjectId> = since.map_err(unresolved)?.map(|commit| commit.id);
    let objects = repository.objects()?;
    let cache = arguments.place.cache(&repository);
    let parents = if arguments.all_parents { Parents::All { since } } else { Parents::First };
    let mut walk = Walk::new(&repository, &objects, (from.id, parents), cache.as_ref())?;
    let now = name_now(&repository, &from, &wanted, || {
        Walk::new(&repository, &objects, (from.id, parents), cache.as_ref())
    })?;
    if let (Wanted::Object { kind, id, .. }, Some(now)) = (&mut wanted, now) {
        output.talk(&format!("`{0}/{1}` is called `{0}/{2}` now", kind.name(), plain(id), plain(&now)))?;
        *id = now;
    }
    let everything = wanted == Wanted::All;
    let mut following = Following::new(from.id, wanted);
    // Only for the branch at the head is it known which one it should have gone into, and only along first parents it matters.
    let at_head =
        !arguments.all_parents && repository.head().ok().flatten().is_some_and(|head| head.id == from.id);
    let upstream = if at_head { repository.upstream() } else { Vec::new() };
    let mut decisions = arguments.decisions.then(|| Decisions::new(&repository, arguments.now));
    let most = arguments.max_commits.unwrap_or(usize::MAX);
    let (mut shown, mut exit, mut reached) =
        (0_usize, Exit::Success, since.is_none() || arguments.all_parents);
    while shown < most {
        let Some(step) = walk.step()? else { break };
        if Some(step.commit.id) == since {
            reached = true;
            break;
        }
        let found = following.select(&walk, &step)?;
        let mut entry = LogEntry::new(&step, &found);
        let others = step.commit.parents.iter().skip(1);
        let taken_in = others.filter_map(|parent| upstream.iter().find(|(_, tip)| tip == parent));
        entry.merge.extend(taken_in.map(|(branch, _)| MergeView::swapped(branch)));
        if step.cut_off || !entry.missing.is_empty() {
            exit = Exit::Indeterminate;
        }
        let notable = !entry.merge.is_empty() || (everything && !entry.unread.is_empty());
        let known = !entry.cut_off && entry.missing.is_empty();
        if entry.changes.is_empty() && !notable && known {
            continue;
        }
        if let Some(decisions) = &mut decisions {
            let decided = decisions.of(&step);
            if !decided.is_whole() {
                exit = Exit::Indeterminate;
            }
            entry.decisions = Some(decided);
        }
        shown += 1;
        output.promise(exit);
        match arguments.format {
            Format::Human => output.result(&human::log(&entry, output.style()))?,
            Format::Json => output.result(&json::write_line(&entry)?)?,
        }
    }
    output.finish()?;
    drop(walk);
    if let Some(cache) = cache {
        cache.save();
    }
    if let (false, Some(since)) = (reached || shown >= most, &arguments.since) {
        bail!(
            "`{}` is not in the history along first parents: everything before it was shown as well",
            plain(since)
        );
    }
    if shown == 0 {
        match &arguments.what {
            Some(what) => output.talk(&nothing(&repository, &from, what)?)?,
            None => output.talk("no commit says anything about a rulebook")?,
        }
    }
    for remark in repository.remarks() {
        output.talk(&remark)?;
    }
    Ok(exit)
}

/// What an object is called now that is asked about by a name that it had before.
fn name_now<'r>(
    repository: &Repository,
    from: &Commit,
    wanted: &Wanted,
    walk: impl FnOnce() -> Result<Walk<'r>, GitError>,
) -> anyhow::Result<Option<String>> {
    let Wanted::Object { kind, id, .. } = wanted else { return Ok(None) };
    // Where nobody knows what there is, nobody knows that it is called otherwise.
    let Ok(loaded) = rulebook(repository, from) else { return Ok(None) };
    if loaded.rulebook.origin(*kind, id).is_some() {
        return Ok(None);
    }
    Ok(called_now(&mut walk()?, *kind, id)?)
}

/// Says which commit gave each field of an object its present meaning.
pub(super) fn blame(arguments: &BlameArguments, output: &mut Output) -> anyhow::Result<Exit> {
    let wanted = wanted(&arguments.what)?;
    let Wanted::Object { kind, id, part } = &wanted else {
        bail!(
            "`{}` is not an object: write its kind and its id, such as `access/mail`",
            plain(&arguments.what)
        );
    };
    let repository = Repository::open(&arguments.place.repository)?;
    let from = repository.resolve(&arguments.place.at).map_err(unresolved)?;
    let loaded = rulebook(&repository, &from)?;
    let Some(content) = content_of(&loaded, *kind, id) else {
        bail!("{}", unknown(&loaded, *kind, id));
    };
    let objects = repository.objects()?;
    let cache = arguments.place.cache(&repository);
    let parents = if arguments.all_parents { Parents::All { since: None } } else { Parents::First };
    let mut walk = Walk::new(&repository, &objects, (from.id, parents), cache.as_ref())?;
    // Of a part, too, everything is walked: the object may have been made with it.
    let Blame { fields: mut found, unknown: unread } = attribute(&mut walk, from.id, (*kind, id), &content)?;
    drop(walk);
    if let Some(cache) = cache {
        cache.save();
    }
    if let Some(part) = part {
        found.retain(|one| one.leaf.path.get(1).is_some_and(|id| id == part));
        if found.is_empty() {
            bail!("`{}/{}` has no part `{}`", kind.name(), plain(id), plain(part));
        }
    }
    let at = At::new(&arguments.place.at, &from);
    let said = format!("the rulebook of {}", at.line());
    let report = BlameReport::new(at, &format!("{}/{id}", kind.name()), &found);
    let exit = if report.is_whole() { Exit::Success } else { Exit::Indeterminate };
    output.promise(exit);
    match arguments.format {
        Format::Human => output.result(&human::blame(&report, output.style()))?,
        Format::Json => output.result(&json::write(&report)?)?,
    }
    output.finish()?;
    output.talk(&said)?;
    for (commit, why) in unread {
        output.talk(&format!(
            "what the commit {} changed is not known: {}",
            commit.id.short(),
            plain(&why)
        ))?;
    }
    for remark in repository.remarks() {
        output.talk(&remark)?;
    }
    Ok(exit)
}

/// What the history is asked about.
fn wanted(what: &str) -> anyhow::Result<Wanted> {
    if matches!(what, FILE | "settings") {
        return Ok(Wanted::Settings);
    }
    let mut parts = what.splitn(3, '/');
    let name = parts.next().unwrap_or_default();
    let Some(kind) = Kind::from_name(name).or_else(|| Kind::from_name(name.strip_suffix('s')?)) else {
        bail!(unknown_kind(name));
    };
    let filled = |part: Option<&str>| part.filter(|part| !part.is_empty()).map(str::to_owned);
    Ok(match filled(parts.next()) {
        None => Wanted::Kind(kind),
        Some(id) => Wanted::Object { kind, id, part: filled(parts.next()) },
    })
}

/// The rulebook of a commit.
fn rulebook(repository: &Repository, commit: &Commit) -> anyhow::Result<Loaded> {
    let source = Revision::new(repository, commit.clone(), repository.below())?;
    load::load(&source).map_err(|error| match error {
        load::LoadError::NotARepository { .. } => {
            anyhow!("the commit {} holds no `{}{FILE}`", commit.id.short(), repository.below())
        }
        load::LoadError::Source(_) => anyhow::Error::new(error),
    })
}

/// What to say when no commit changed what was asked about.
fn nothing(repository: &Repository, from: &Commit, what: &str) -> anyhow::Result<String> {
    let shown = plain(what);
    if let Wanted::Object { kind, id, part: None } = wanted(what)? {
        let loaded = rulebook(repository, from)?;
        if loaded.rulebook.origin(kind, &id).is_none() {
            return Ok(unknown(&loaded, kind, &id));
        }
    }
    Ok(format!("no commit changed what `{shown}` says"))
}

fn unknown(loaded: &Loaded, kind: Kind, id: &str) -> String {
    let (name, shown) = (kind.name(), plain(id));
    match nearest(id, loaded.rulebook.ids(kind)) {
        Some(near) => format!("there is no {name} `{shown}`: did you mean `{name}/{near}`?"),
        None => format!("there is no {name} `{shown}`: `gitsm show {name}` lists what there is"),
    }
}
