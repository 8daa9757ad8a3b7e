//! A change of the repository, judged: what both rulebooks are, what changes, and what comes of it.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context as _, bail};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::plans::Plans;
use crate::{
    cli::{output::Output, revision::fetched, terminal::plain},
    decide::engine::Engine,
    diag::{Diagnostic, Level},
    gate::{self, Proposed, Proposer, Sides, Touch, Verdict, facts::Facts},
    impact::{
        Impact, commitments, decisions,
        decisions::Budget,
        grants::{self, GrantChange},
    },
    lint,
    load::{self, Completeness, LoadError, Loaded, settings::FILE},
    model::{Kind, Rulebook},
    report::{
        self, MOST_FOR_PEOPLE, Selection, commitment, consequence,
        gate::{Input, Report, Scenarios},
        human,
        impact::{Consequences, Grants, GrantsView, Promises, View, view},
        revision::At,
    },
    simulate::scenario,
    source::{Commit, Merged, ObjectId, Repository, Revision, is_commit_id},
};

/// How many findings of the changed rulebook are shown.
const MOST_FINDINGS: usize = 10;
/// The most commits that a pull request may have. Whoever reviews it has to look at each.
const MOST_COMMITS: usize = 10_000;

/// A change that was judged.
pub(super) struct Judged {
    /// Whether it may be merged.
    pub(super) verdict: Verdict,
    /// All that is said about it.
    pub(super) report: Report,
    /// What stands before the paths of the rulebook that it goes into.
    pub(super) before: String,
    /// What stands before the paths of the changed rulebook.
    pub(super) after: String,
    /// The errors of the changed rulebook, as they are shown.
    pub(super) findings: Option<String>,
    /// What has to be known about the repository.
    pub(super) remarks: Vec<String>,
    /// Both rulebooks: the one that it goes into, and the changed one; none where they cannot be relied upon.
    pub(super) rulebooks: Option<[Rulebook; 2]>,
    /// Whether grants change, and nothing else.
    pub(super) only_grants: bool,
}

/// A rulebook of one of the two sides.
struct Side {
    at: At,
    loaded: Loaded,
    prefix: String,
}

impl Side {
    /// The rulebook of a tree that is called as a commit. What is not there is empty.
    fn read(
        repository: &Repository,
        (commit, name): (&Commit, &str),
        tree: ObjectId,
        lints: fn(&mut Loaded, Date),
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let source = Revision::of_tree(repository, commit.clone(), tree, repository.below())?;
        let at = At::new(name, commit);
        let prefix = source.prefix.clone();
        let loaded = match load::load(&source) {
            Ok(mut loaded) => {
                let zone = loaded.rulebook.settings.project.time_zone.resolve().unwrap_or(TimeZone::UTC);
                lints(&mut loaded, now.to_zoned(zone).date());
                loaded
            }
            Err(LoadError::NotARepository { .. }) => Loaded::default(),
            Err(error @ LoadError::Source(_)) => {
                return Err(anyhow::Error::new(error)
                    .context(format!("the rulebook of {} cannot be read", plain(&at.line()))));
            }
        };
        Ok(Self { at, loaded, prefix })
    }

    fn errors(&self) -> usize {
        self.loaded.found.iter().filter(|one| one.level == Level::Error).count()
    }

    /// Whether it can be relied upon: every object of it can be read, and it makes sense.
    fn is_sound(&self) -> bool {
        let stands = |found: &Diagnostic| found.code.fixed && found.level == Level::Error;
        !self.loaded.sources.is_empty()
            && self.loaded.completeness == Completeness::Whole
            && !self.loaded.found.iter().any(stands)
    }
}

impl Judged {
    /// Judges what a commit changes that is to be merged into another. With `ask`, the systems that are its targets are asked
    /// what they hold.
    ///
    /// # Errors
    /// When a commit is not there or cannot be read.
    pub(super) fn new(
        folder: &Path,
        (base, head): (&str, &str),
        facts: Option<&Facts>,
        now: Timestamp,
        budget: Budget,
        ask: bool,
    ) -> anyhow::Result<Self> {
        let repository = Repository::open(folder)?;
        let resolve = |name: &str| repository.resolve(name).map_err(|error| fetched(name, error));
        let (into, head_commit) = (resolve(base)?, resolve(head)?);
        let objects = repository.objects()?;
        let commits = objects.beyond(head_commit.id, into.id)?;
        if commits.len() > MOST_COMMITS {
            bail!(
                "the change has {} commits, and nobody can look at more than {MOST_COMMITS}",
                commits.len()
            );
        }
        let (tree, conflicts, unclear) = match repository.merged(&into, &head_commit)? {
            Merged::Tree(tree) => (tree, Vec::new(), false),
            Merged::Conflicts(paths) => (head_commit.tree, paths, false),
            Merged::Unclear => (head_commit.tree, Vec::new(), true),
        };
        let before = Side::read(&repository, (&into, base), into.tree, lint::run_fixed, now)?;
        let after = Side::read(&repository, (&head_commit, head), tree, lint::run, now)?;
        if before.loaded.sources.is_empty() && after.loaded.sources.is_empty() {
            bail!(
                "neither commit holds a `{}{FILE}`, so there is no rulebook to judge by",
                repository.below()
            );
        }
        let files = objects.changed(into.tree, tree).context("the trees of the two commits")?;
        let compared = Compared::new(&before, &after, now, budget);
        let proposer = Proposer::of(&before.loaded.rulebook, &commits, facts);
        let was_merged = |commit: &str| {
            is_commit_id(commit)
                && repository.resolve(commit).is_ok_and(|commit| {
                    let bases = repository.merge_bases(into.id, commit.id);
                    bases.is_ok_and(|bases| bases.contains(&commit.id))
                })
        };
        let mut touch = Touch::of(&Sides {
            before: &before.loaded,
            after: &after.loaded,
            impact: &compared.impact,
            decisions: compared.decisions.as_ref().ok(),
            commitments: compared.commitments.as_ref().ok(),
            files: below(files, repository.below()),
            proposer: &proposer,
            was_merged: &was_merged,
            now,
        });
        if unclear {
            touch.not_known("what comes of merging it: the two commits have several merge bases, or none");
        }
        let scenarios = scenarios(&after)?;
        let plans = Plans {
            folder,
            before: &before.loaded,
            after: after.is_sound().then_some(&after.loaded),
            at: &after.at,
            now,
            ask,
        };
        let (plans, unplanned) = plans.make();
        let gate = gate::judge(&Proposed {
            base: before.is_sound().then_some(&before.loaded.rulebook),
            head: after.is_sound().then_some(&after.loaded.rulebook),
            commits: &commits,
            base_commit: into.id.to_string(),
            head_commit: head_commit.id.to_string(),
            touch: &touch,
            facts,
            errors: after.errors(),
            failed: scenarios.iter().flat_map(|one| one.failed.clone()).collect(),
            conflicts,
            unplanned,
            now,
        });
        let report = Report::new(Input {
            gate: &gate,
            touch: &touch,
            facts,
            base: before.at.clone(),
            head: after.at.clone(),
            merged: tree != head_commit.tree,
            now,
            scenarios,
            plans,
            difference: compared.report(&before, &after),
        });
        let findings = (after.errors() > 0).then(|| findings(&after)).transpose()?;
        let only_grants = only_grants(&touch);
        let sound = before.is_sound() && after.is_sound();
        Ok(Self {
            verdict: gate.verdict,
            report,
            before: before.prefix,
            after: after.prefix,
            findings,
            remarks: repository.remarks(),
            only_grants,
            rulebooks: sound.then_some([before.loaded.rulebook, after.loaded.rulebook]),
        })
    }
}

/// Whether a change is one of grants, and of no file that holds none of them.
fn only_grants(touch: &Touch) -> bool {
    let paths: BTreeSet<&String> = touch.objects.iter().flat_map(|object| &object.paths).collect();
    !touch.objects.is_empty()
        && touch.objects.iter().all(|object| object.subject.kind() == Some(Kind::Grant))
        && touch.files.iter().all(|file| paths.contains(file))
}

/// What differs between two rulebooks.
struct Compared {
    impact: Impact,
    decisions: Result<decisions::Decisions, String>,
    commitments: Result<commitments::Commitments, String>,
    grants: Result<Vec<GrantChange>, String>,
}

impl Compared {
    fn new(before: &Side, after: &Side, now: Timestamp, budget: Budget) -> Self {
        let impact = Impact::of(&before.loaded, &after.loaded);
        // A side without a rulebook decides nothing; a side with errors nobody knows what.
        let usable = |side: &Side| side.is_sound() || side.loaded.sources.is_empty();
        let broken = match (usable(before), usable(after)) {
            (true, true) => None,
            (false, _) => Some("the rulebook before the change has errors".to_owned()),
            (_, false) => Some("the rulebook after the change has errors".to_owned()),
        };
        let (old, new) = (&before.loaded.rulebook, &after.loaded.rulebook);
        let (decisions, commitments, grants) = match broken {
            Some(why) => (Err(why.clone()), Err(why.clone()), Err(why)),
            None => (
                decisions::compare(old, new, now, budget).map_err(|why| why.to_string()),
                commitments::compare(old, new, now).map_err(|why| why.to_string()),
                grants::compare(old, new, now).map_err(|why| why.to_string()),
            ),
        };
        Self { impact, decisions, commitments, grants }
    }

    fn report(&self, before: &Side, after: &Side) -> report::impact::Report {
        let side =
            |side: &Side| report::impact::Side::new(&side.at.revision, Some(side.at.clone()), &side.loaded);
        report::impact::Report {
            format_version: view::FORMAT_VERSION,
            before: side(before),
            after: side(after),
            view: View::new(&self.impact, &before.loaded, &after.loaded, MOST_FOR_PEOPLE),
            decisions: match &self.decisions {
                Ok(found) => Consequences::Compared(consequence::view(found)),
                Err(why) => Consequences::NotCompared(why.clone()),
            },
            commitments: match &self.commitments {
                Ok(found) => Promises::Compared(commitment::view(found)),
                Err(why) => Promises::NotCompared(why.clone()),
            },
            grants: match &self.grants {
                Ok(found) => Grants::Compared(GrantsView::new(found, MOST_FOR_PEOPLE)),
                Err(why) => Grants::NotCompared(why.clone()),
            },
        }
    }
}

/// The scenarios of the changed rulebook; none when nothing can be decided with it.
fn scenarios(after: &Side) -> anyhow::Result<Option<Scenarios>> {
    if !after.is_sound() {
        return Ok(None);
    }
    let engine = Engine::new(&after.loaded.rulebook)?;
    let outcomes = scenario::run(&engine, &|_| true);
    let failed: Vec<String> = outcomes
        .iter()
        .filter(|outcome| !outcome.passed())
        .map(|outcome| outcome.scenario.id.to_string())
        .collect();
    Ok(Some(Scenarios { passed: outcomes.len() - failed.len(), failed }))
}

/// The errors of a side, as they are shown.
fn findings(side: &Side) -> anyhow::Result<String> {
    let selection = Selection { only: Vec::new(), most: MOST_FINDINGS };
    let report = report::Report::errors(&side.loaded, &selection, side.prefix.clone());
    Ok(human::render(&report, Output::talk_style())?.trim_end().to_owned())
}

/// Paths as they are seen from the folder of the rulebook. What lies outside of it keeps its path from the top, with as
/// many `../` before it as lead there.
fn below(files: BTreeSet<String>, folder: &str) -> BTreeSet<String> {
    let up = "../".repeat(folder.matches('/').count());
    let seen = |path: String| match path.strip_prefix(folder) {
        Some(rest) => rest.to_owned(),
        None => format!("{up}{path}"),
    };
    files.into_iter().map(seen).collect()
}
