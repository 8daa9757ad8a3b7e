//! The reviews of the pull request that asks for a grant, as votes about it.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::{SignedDuration, Timestamp};

use crate::{
    cli::{
        decidable::is_sound, hub::Forge, pinning, pr::facts, repository::Repository,
        request::commit::in_history_of, revision::fetched, terminal::plain,
    },
    forge::github::pull_request,
    gate::{
        Ballot, Gap, Refused, Reviewed, ballot,
        facts::{Facts, PullRequestState},
    },
    ledger::rederive::sealed,
    lint,
    load::events::{Events, Unit},
    model::{
        Id, Ref, Rulebook,
        approval::{Choice, Event, GrantEvent},
        grant::GrantState,
    },
    source::{self, Commit},
};

use super::named::Asked;

/// The most merges that are looked through for the one that brought a pull request.
const MOST_MERGES: usize = 1_000;
/// For how long what was recorded counts. Whoever objects meanwhile is not in it.
const MOST_AGE: SignedDuration = SignedDuration::from_hours(1);

/// Which pull request asks for a grant.
#[derive(Debug, Args)]
pub(super) struct Reviews {
    /// Count the reviews of the pull request that asks for it, by what `gitsm pr facts` recorded about it.
    #[arg(long, value_name = "FILE", conflicts_with = "pull_request")]
    facts: Option<PathBuf>,
    /// Count the reviews of the pull request with this number at GitHub, which asks for it.
    #[arg(long, value_name = "NUMBER", help_heading = "GitHub")]
    pull_request: Option<u64>,
    #[command(flatten)]
    forge: Forge,
}

/// What reviews come to.
pub(super) struct Counted {
    /// The votes that agree, each of which names the grant.
    pub(super) votes: Vec<GrantEvent>,
    /// The number of the review behind each.
    pub(super) numbers: Vec<u64>,
    /// Who wants it changed, with the number of the review. It ends nothing: they can say otherwise there.
    pub(super) objections: Vec<(Id, u64)>,
    /// The reviews that count for nothing.
    pub(super) refused: Vec<Refused>,
}

impl Reviews {
    /// What is known about the pull request; none where none was named.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn record(&self) -> anyhow::Result<Option<Facts>> {
        if let Some(path) = &self.facts {
            return facts::read(path).map(Some);
        }
        let Some(number) = self.pull_request else { return Ok(None) };
        let hub = self.forge.connect()?;
        pull_request::record(&hub.github, &hub.host, hub.repository(), number)
            .with_context(|| format!("the facts of the pull request {number} cannot be recorded"))
            .map(Some)
    }
}

/// Counts the reviews of a pull request as votes about the grant that it asks for.
///
/// # Errors
/// When it asks for something else, or a commit of it is not there.
pub(super) fn count(
    repository: &Repository,
    asked: &Asked<'_>,
    facts: &Facts,
    present: &Rulebook,
    now: Timestamp,
) -> anyhow::Result<Result<Counted, Vec<Gap>>> {
    let (id, number) = (&asked.grant.id, facts.pull_request.number);
    if facts.pull_request.state == PullRequestState::Closed {
        bail!("the pull request {number} was closed and not merged: what it asked for is not voted on there");
    }
    let git = source::Repository::open(&repository.repository)?;
    let resolve = |name: &str| git.resolve(name).map_err(|error| fetched(name, error));
    let base = resolve(&facts.pull_request.base.commit)?;
    let head = resolve(&facts.pull_request.head.commit)?;
    // Whoever agreed looked at that commit: what it asks for has to be what stands here.
    let asks = |commit: &Commit| -> anyhow::Result<Option<bool>> {
        let (_, proposed) = pinning::read(repository, commit)?;
        let there = proposed.rulebook.grants.get(id.as_str());
        let there = there.filter(|there| there.state == GrantState::Requested);
        Ok(there.map(|there| sealed(&there.value).is_ok_and(|(_, _, digest)| digest == asked.digest)))
    };
    let Some(same) = asks(&head)? else {
        bail!(
            "the pull request {number} does not ask for the grant `{id}`: its last commit {head} holds none that is requested",
            head = head.id.short()
        );
    };
    if !same {
        bail!(
            "the pull request {number} asks for something else under the name of the grant `{id}` than what stands here"
        );
    }
    // And what it asks for has to be new in it: what was asked for before is not what they looked at.
    let before = before(&git, &head, &base)?;
    let forks = git.merge_bases(before.id, head.id)?;
    let objects = git.objects()?;
    if forks.is_empty() {
        bail!("the pull request {number} has nothing in common with the branch that it goes into");
    }
    for fork in forks {
        if asks(&objects.commit(fork)?)? == Some(true) {
            bail!(
                "the pull request {number} does not ask for the grant `{id}`: it was asked for before, and who reviewed \
                 something else did not agree to it"
            );
        }
    }
    let (pinned, mut into) = pinning::read(repository, &base)?;
    let today = pinned.today(&into);
    lint::run_fixed(&mut into, today);
    if !is_sound(&into) {
        return Ok(Err(vec![Gap::Base]));
    }
    let foreign = elsewhere(&git, facts, &base, &into.rulebook)?;
    if !foreign.is_empty() {
        return Ok(Err(foreign));
    }
    // Rules that came with the pull request itself could ask anybody.
    let named = asked.grant.decision.as_ref().and_then(|decision| decision.policy_commit.as_deref());
    let named = named.unwrap_or_default();
    let rules = pinning::commit(&git, &format!("the grant `{id}`"), named)?;
    if !in_history_of(&git, &base, &rules, &into.rulebook)? {
        bail!(
            "the grant `{id}` names the commit {}, whose rules never were those of `{}`, into which the pull request {number} \
             goes: ask again from there",
            plain(named),
            plain(&facts.pull_request.base.branch)
        );
    }
    let commits = objects.beyond(head.id, before.id)?;
    let grant = asked.grant;
    let interested: Vec<&str> = grant.requester.iter().chain([&grant.beneficiary]).map(Ref::as_str).collect();
    let reviewed =
        Reviewed { base: &into.rulebook, present, interested: &interested, commits: &commits, facts, now };
    let is_old = now.duration_since(facts.recorded_at.0) > MOST_AGE;
    let old = is_old.then_some(Gap::Old(facts.recorded_at));
    Ok(match (ballot(&reviewed), old) {
        (Ok(ballot), None) => Ok(counted(asked, ballot)),
        (Ok(_), Some(old)) => Err(vec![old]),
        (Err(gaps), old) => Err(old.into_iter().chain(gaps).collect()),
    })
}

/// Why facts are not about this repository: it is a clone of another one, or the commit whose directory says who people are
/// never was one of the branch.
fn elsewhere(
    git: &source::Repository,
    facts: &Facts,
    base: &Commit,
    into: &Rulebook,
) -> anyhow::Result<Vec<Gap>> {
    let mut found = Vec::new();
    let named = &facts.repository.name;
    if let Some(origin) = git.cloned_from().filter(|origin| !origin.eq_ignore_ascii_case(named)) {
        found.push(Gap::OtherRepository { facts: named.clone(), origin });
    }
    let branch = &facts.pull_request.base.branch;
    if *branch != facts.repository.default_branch {
        // That is a gap of its own, and no fetching helps.
        return Ok(found);
    }
    let tips = git.tips(branch)?;
    let was_at = tips.iter().map(|tip| in_history_of(git, tip, base, into)).collect::<Vec<_>>();
    if !was_at.iter().any(|was_at| matches!(was_at, Ok(true))) {
        // Of a history that ends early nobody knows.
        was_at.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
        found.push(Gap::NotOfBranch { commit: base.id.to_string(), branch: branch.clone() });
    }
    Ok(found)
}

/// The reviews that agree, and those that object.
fn counted(asked: &Asked<'_>, ballot: Ballot) -> Counted {
    let (mut votes, mut numbers, mut objections) = (Vec::new(), Vec::new(), Vec::new());
    for (event, number) in ballot.events.into_iter().zip(ballot.reviews) {
        match event {
            Event::Vote(vote) if vote.decision == Choice::Reject => objections.push((vote.by, number)),
            event => {
                votes.push(about(asked, event));
                numbers.push(number);
            }
        }
    }
    Counted { votes, numbers, objections, refused: ballot.refused }
}

/// A vote that names what it is about.
fn about(asked: &Asked<'_>, event: Event) -> GrantEvent {
    GrantEvent { grant: Some(asked.grant.id.clone()), digest: Some(asked.digest.to_owned()), event }
}

/// What a branch was at before it had a commit: the same, where it does not have it.
fn before(git: &source::Repository, head: &Commit, base: &Commit) -> anyhow::Result<Commit> {
    let objects = git.objects()?;
    let mut before = base.clone();
    for _ in 0..MOST_MERGES {
        if !git.merge_bases(before.id, head.id)?.contains(&head.id) {
            return Ok(before);
        }
        let Some(parent) = before.parents.first() else { break };
        before = objects.commit(*parent)?;
    }
    bail!(
        "nobody knows what the commit {} was merged with: it is not one that a merge brought into {} lately",
        plain(&head.id.to_string()),
        plain(&base.id.to_string())
    )
}

/// The events of a file and the votes of reviews, and how each is named.
pub(super) fn beside(written: Option<Events<GrantEvent>>, counted: Option<&Counted>) -> Events<GrantEvent> {
    let Some(counted) = counted else { return written.unwrap_or_default() };
    let votes = counted.votes.iter().cloned();
    let Some(mut all) = written else {
        return Events { events: votes.collect(), lines: counted.numbers.clone(), unit: Unit::Review };
    };
    // Of two sources each event is named by its place, those of the file first.
    all.events.extend(votes);
    all.lines = (1..=all.events.len() as u64).collect();
    all.unit = Unit::Event;
    all
}
