//! What a change touches: objects and files, and what it does to decisions and promises.
//!
//! Where something cannot be compared it is taken to do everything: it loosens, and touches everybody.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::ledger::{Ledger, Proposer};
use crate::{
    impact::{
        Impact,
        commitments::{Commitments, Topic},
        decisions::{Decisions, Direction, Touched},
        semantic::{Change, Subject, What},
    },
    load::Loaded,
    model::{
        EntitlementRef, Kind, Origin, Principal, Rulebook,
        governance::Effect,
        person::Person,
        service::Risk,
        workflow::{OnTimeout, Workflow},
    },
};

/// An object or the settings, with the files that hold it before and after.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TouchedObject {
    /// What it is.
    pub subject: Subject,
    /// The files that it was and is written in.
    pub paths: BTreeSet<String>,
}

/// What a change touches.
#[derive(Debug, Clone, Default)]
pub struct Touch {
    /// The objects that say something else.
    pub objects: Vec<TouchedObject>,
    /// The files that hold something else, by their paths from the top of the repository's folder; those outside of it
    /// have `../` or nothing before them as Git has them.
    pub files: BTreeSet<String>,
    /// Whether control is loosened, or it cannot be shown that it is not.
    pub loosens: bool,
    /// Whether control is tightened.
    pub tightens: bool,
    /// Whether promises move.
    pub commits: bool,
    /// How many people of the directory it touches; none when that is not known.
    pub people: Option<usize>,
    /// The services that it touches; none when that is not known.
    pub services: Option<BTreeSet<String>>,
    /// The highest risk of the entitlements that it touches; none when there are none.
    pub risk: Option<Risk>,
    /// What decides about changes of this repository: the rules, whom they name, the settings, and what checks changes.
    pub governs: BTreeSet<String>,
    /// The grants, campaigns and sheets of reviewers about which the ledger says more than follows by itself.
    pub ledger: BTreeSet<String>,
    /// What could not be compared, in words.
    pub unknown: Vec<String>,
}

/// Files that decide what is checked when somebody proposes a change, or who is asked.
const GOVERNING: [&str; 8] = [
    ".github/",
    ".ci/",
    ".gitsm/",
    ".gitattributes",
    ".gitmodules",
    "allowed_signers",
    ".allowed_signers",
    "CODEOWNERS",
];

/// Both sides of a change, and what is known about it.
pub struct Sides<'i> {
    /// The rulebook before.
    pub before: &'i Loaded,
    /// The rulebook after.
    pub after: &'i Loaded,
    /// The objects and fields.
    pub impact: &'i Impact,
    /// The decisions; none when they cannot be compared.
    pub decisions: Option<&'i Decisions>,
    /// The promises; none when they cannot be compared.
    pub commitments: Option<&'i Commitments>,
    /// The files that differ, as Git has them, without what stands before the folder of the rulebook.
    pub files: BTreeSet<String>,
    /// Who proposes the change.
    pub proposer: &'i Proposer,
    /// Whether a commit was a part of what the change goes into already.
    pub was_merged: &'i dyn Fn(&str) -> bool,
    /// The instant that is asked about.
    pub now: Timestamp,
}

impl std::fmt::Debug for Sides<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sides").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Touch {
    /// What a change touches.
    #[must_use]
    pub fn of(sides: &Sides<'_>) -> Self {
        let mut touch = Self { files: sides.files.clone(), ..Self::default() };
        touch.people = Some(0);
        touch.services = Some(BTreeSet::new());
        for change in &sides.impact.semantic.changes {
            touch.object(sides, change);
        }
        if !sides.impact.is_whole() {
            touch.not_known("objects that cannot be read");
        }
        match sides.decisions {
            Some(decisions) => touch.decisions(sides, decisions),
            None => touch.not_known("decisions"),
        }
        match sides.commitments {
            Some(commitments) => touch.commitments(commitments),
            None => touch.not_known("promises"),
        }
        touch.ledger(sides);
        touch.governing(sides);
        touch
    }

    /// The same change, as if it touched only one of its objects or files.
    #[must_use]
    pub fn only(&self, item: &str) -> Self {
        let objects = self.objects.iter().filter(|object| object.subject.name() == item).cloned().collect();
        let files = self.files.iter().filter(|file| *file == item).cloned().collect();
        Self { objects, files, ..self.clone() }
    }

    /// Whether the change touches nothing that anybody could have to agree to.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.files.is_empty() && self.objects.is_empty()
    }

    /// Whether it has an effect that a rule names.
    #[must_use]
    pub const fn has(&self, effect: Effect) -> bool {
        match effect {
            Effect::Any => true,
            Effect::Loosens => self.loosens,
            Effect::Tightens => self.tightens,
            Effect::Commitment => self.commits,
        }
    }

    /// Notes that nobody knows something about it: it counts as doing everything.
    pub fn not_known(&mut self, what: &str) {
        self.everything();
        self.unknown.push(what.to_owned());
    }

    /// Notes that it can do anything.
    fn everything(&mut self) {
        self.loosens = true;
        self.tightens = true;
        self.commits = true;
        self.people = None;
        self.services = None;
        self.risk = Some(Risk::ALL.iter().copied().max().unwrap_or(Risk::Critical));
    }

    fn object(&mut self, sides: &Sides<'_>, change: &Change) {
        let path = |loaded: &Loaded, origin: Option<Origin>| {
            origin.map(|origin| loaded.sources.path(origin.file).to_owned())
        };
        let paths = [path(sides.before, change.before), path(sides.after, change.after)];
        self.objects.push(TouchedObject {
            subject: change.subject.clone(),
            paths: paths.into_iter().flatten().collect(),
        });
        if let Subject::Object(Kind::Service, id) = &change.subject {
            self.service(id);
            if let What::Renamed { from } = &change.what {
                self.service(from);
            }
            for loaded in [sides.before, sides.after] {
                let service = loaded.rulebook.services.get(id);
                let risks = service.into_iter().flat_map(|service| service.entitlement.values());
                self.risk = self.risk.max(risks.map(|entitlement| entitlement.risk).max());
            }
        }
    }

    fn service(&mut self, id: &str) {
        if let Some(services) = &mut self.services {
            services.insert(id.to_owned());
        }
    }

    fn decisions(&mut self, sides: &Sides<'_>, decisions: &Decisions) {
        for case in &decisions.cases {
            self.loosens |= matches!(case.direction, Direction::Loosens | Direction::Incomparable);
            self.tightens |= case.direction == Direction::Tightens;
            for reference in &case.entitlements {
                self.service(reference.service.as_str());
                for loaded in [sides.before, sides.after] {
                    let service = loaded.rulebook.services.get(reference.service.as_str());
                    let entitlement =
                        service.and_then(|service| service.entitlement.get(&reference.entitlement));
                    self.risk = self.risk.max(entitlement.map(|entitlement| entitlement.risk));
                }
            }
        }
        if let Some(people) = &mut self.people {
            *people += Touched::together(decisions.cases.iter().map(|case| &case.touched));
        }
        for eased in &decisions.eased {
            self.loosens |= eased.bond.direction().is_gated();
            if eased.subject.kind == Kind::Service {
                self.service(eased.subject.id.as_str());
            }
        }
        if !decisions.unknown.is_empty() {
            self.not_known("some decisions");
        }
        // What rules read by name is named to those who agree to it, and can do anything to those whom it is about.
        let mut named = BTreeSet::new();
        for unseen in &decisions.unseen {
            let Some(bounds) = &unseen.bounds else {
                self.everything();
                continue;
            };
            self.loosens = true;
            self.tightens = true;
            named.extend(bounds.people.iter());
            for entitlement in &bounds.entitlements {
                self.service(entitlement.service.as_str());
                let rulebooks = [&sides.before.rulebook, &sides.after.rulebook];
                self.risk = self.risk.max(Some(risk(rulebooks, entitlement)));
            }
        }
        if let Some(people) = &mut self.people {
            *people += named.len();
        }
    }

    /// What becomes of the ledger of access.
    fn ledger(&mut self, sides: &Sides<'_>) {
        let rulebooks = [&sides.before.rulebook, &sides.after.rulebook];
        let ledger = Ledger::new(rulebooks, sides.proposer, sides.was_merged, sides.now);
        let [before, after] = rulebooks;
        let mut people = BTreeSet::new();
        for change in &sides.impact.semantic.changes {
            let Subject::Object(kind @ (Kind::Grant | Kind::Review), id) = &change.subject else { continue };
            let was = match &change.what {
                What::Renamed { from } => from,
                _ => id,
            };
            let (old, new) = (before.grants.get(was), after.grants.get(id));
            let is_harmless = ledger.as_ref().is_some_and(|ledger| match kind {
                Kind::Review => ledger.is_answered(before.reviews.get(was), after.reviews.get(id)),
                _ => ledger.is_harmless(old, new),
            });
            if is_harmless {
                continue;
            }
            self.loosens = true;
            self.ledger.insert(change.subject.name());
            for grant in [old, new].into_iter().flatten() {
                people.insert(grant.beneficiary.as_str());
                self.service(grant.entitlement.service.as_str());
                self.risk = self.risk.max(Some(risk(rulebooks, &grant.entitlement)));
            }
        }
        if let Some(known) = &mut self.people {
            *known += people.len();
        }
    }

    fn commitments(&mut self, commitments: &Commitments) {
        for case in &commitments.cases {
            let governs = case.subjects.iter().any(|subject| subject.kind == Kind::Governance);
            match case.topic {
                // Rules about changes govern, which is more; other checks are no promises, and less of them loosens.
                Topic::Control => self.loosens |= !governs && case.direction.is_gated(),
                _ => self.commits = true,
            }
        }
        for subject in commitments.cases.iter().flat_map(|case| &case.subjects) {
            if subject.kind == Kind::Service {
                self.service(subject.id.as_str());
            }
        }
        if !commitments.unknown.is_empty() {
            self.not_known("some promises");
        }
    }

    /// What decides about changes of this repository.
    fn governing(&mut self, sides: &Sides<'_>) {
        let named: BTreeSet<(Kind, String)> =
            [sides.before, sides.after].into_iter().flat_map(|loaded| governing(&loaded.rulebook)).collect();
        for object in &self.objects {
            let governs = match &object.subject {
                Subject::Settings | Subject::Object(Kind::Governance, _) => true,
                Subject::Object(Kind::Person, id) if is_another_identity(sides, id) => true,
                Subject::Object(kind, id) => {
                    named.contains(&(*kind, id.clone())) || named.contains(&(*kind, EVERY.to_owned()))
                }
            };
            if governs {
                self.governs.insert(object.subject.name());
            }
        }
        for file in &self.files {
            let name = file.rsplit('/').next().unwrap_or(file);
            let path = file.trim_start_matches("../");
            if GOVERNING.iter().any(|known| match known.strip_suffix('/') {
                Some(_) => path.starts_with(known) || path.contains(&format!("/{known}")),
                None => name == *known,
            }) {
                self.governs.insert(file.clone());
            }
        }
        // What rules about rules become is never compared: it may let anything through later.
        self.loosens |= !self.governs.is_empty();
    }
}

/// The risk of an entitlement; the highest when nobody knows it.
fn risk(rulebooks: [&Rulebook; 2], reference: &EntitlementRef) -> Risk {
    let known = rulebooks.into_iter().filter_map(|rulebook| {
        let service = rulebook.services.get(reference.service.as_str())?;
        Some(service.entitlement.get(&reference.entitlement)?.risk)
    });
    known.max().or_else(|| Risk::ALL.iter().copied().max()).unwrap_or(Risk::Critical)
}

/// Whether an account or address belongs to somebody else: people are told apart by these, so that one person could agree to
/// their own change as two. Whoever comes or goes without any changes nothing about that.
fn is_another_identity(sides: &Sides<'_>, id: &str) -> bool {
    let of = |loaded: &Loaded| {
        let person = loaded.rulebook.people.get(id).map(|person| person.value.clone());
        let Person { email, accounts, owner, employment, .. } =
            person.unwrap_or_else(|| Person::named(String::new()));
        let is_anybody = email.is_some() || !accounts.is_empty() || owner.is_some();
        is_anybody.then_some((email, accounts, owner, employment))
    };
    of(sides.before) != of(sides.after)
}

/// Stands for every object of a kind.
const EVERY: &str = "*";

/// The workflows that governance names, whom these name, and the members of their teams: whose account somebody has
/// decides who approves next time.
fn governing(rulebook: &Rulebook) -> BTreeSet<(Kind, String)> {
    let mut found = BTreeSet::new();
    let rules = rulebook.governances.iter().flat_map(|governance| &governance.rule);
    for rule in rules {
        found.insert((Kind::Workflow, rule.workflow.to_string()));
        // Which services a rule is about hangs on where their tiers stand.
        found.extend(rule.tier.iter().map(|_| (Kind::Tier, EVERY.to_owned())));
        if let Some(workflow) = rulebook.workflows.get(rule.workflow.as_str()) {
            found.extend(named(workflow));
        }
    }
    let teams: Vec<String> =
        found.iter().filter(|(kind, _)| *kind == Kind::Team).map(|(_, id)| id.clone()).collect();
    for team in teams.iter().filter_map(|id| rulebook.teams.get(id)) {
        let on_call = team.on_call.iter().flat_map(|rota| &rota.rotation);
        found.extend(team.members.iter().chain(on_call).map(|member| (Kind::Person, member.to_string())));
    }
    found
}

/// Whom a workflow names.
fn named(workflow: &Workflow) -> impl Iterator<Item = (Kind, String)> {
    let stages = workflow.stage.iter();
    let principals = stages.flat_map(|stage| {
        let later: &[Principal] = match &stage.on_timeout {
            Some(OnTimeout::Escalate(to)) => to,
            Some(OnTimeout::Deny) | None => &[],
        };
        stage.approvers.iter().chain(later).chain(&stage.fallback)
    });
    let calendars = workflow.stage.iter().filter_map(|stage| stage.calendar.as_ref());
    principals
        .flat_map(|principal| match principal {
            Principal::Person(id) => vec![(Kind::Person, id.to_string())],
            Principal::Team(id) | Principal::OnCall(id) => vec![(Kind::Team, id.to_string())],
            // Who has a role is written with everybody and everything that it can be about.
            Principal::Role(_) => every(&[Kind::Person, Kind::Team, Kind::Service, Kind::Category]),
        })
        .chain(calendars.map(|calendar| (Kind::Calendar, calendar.to_string())))
        // Whoever a condition finds can be anybody, and it can ask about teams.
        .chain(if workflow.stage.iter().any(|stage| stage.approvers_when.is_some()) {
            every(&[Kind::Person, Kind::Team])
        } else {
            Vec::new()
        })
}

/// Everything of some kinds.
fn every(kinds: &[Kind]) -> Vec<(Kind, String)> {
    kinds.iter().map(|kind| (*kind, EVERY.to_owned())).collect()
}
