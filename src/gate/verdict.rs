//! The verdict about a change, and every reason for it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    contributors::{Contributors, Part},
    facts::{Facts, PullRequestState},
    gaps::{Recorded, gaps},
    identity::{Directory, Unknown},
    panel::{self, Asked, Panel},
    rules,
    touch::Touch,
};
use crate::{
    decide::approval::outcome::State,
    model::{Instant, Rulebook},
    source::Commit,
};

/// Whether a change may be merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It may.
    Pass,
    /// It may not, at least not yet: somebody has to agree, or said no.
    Refused,
    /// Nobody knows: something that has to be known was not recorded.
    Indeterminate,
    /// It may not: the rulebook would be wrong.
    Fail,
}

impl Verdict {
    /// The word that programs read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Refused => "refused",
            Self::Indeterminate => "indeterminate",
            Self::Fail => "fail",
        }
    }
}

/// Which of the two rulebooks says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// The one that the change goes into.
    Base,
    /// The changed one.
    Head,
}

/// Why a change may not be merged, or why nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The changed rulebook has errors.
    Errors(usize),
    /// Scenarios of the changed rulebook fail.
    Scenarios(Vec<String>),
    /// The change does not fit what was merged meanwhile.
    Conflicts(Vec<String>),
    /// Something that has to be known is not.
    Gap(Gap),
    /// What a target would get goes beyond what its guards let through, or must not reach it.
    Plan {
        /// The target, by its name in `gitsm.toml`.
        target: String,
        /// What is refused.
        why: Vec<String>,
    },
    /// Its author says that it is not ready.
    Draft,
    /// It is not open.
    NotOpen(PullRequestState),
    /// It loosens control, and no rule says who has to agree to that.
    Ungoverned,
    /// Somebody has to agree still.
    Waiting(Which),
    /// Somebody who was asked said no.
    Rejected(Which),
    /// The time of a stage is up.
    TimedOut(Which),
    /// Nobody can agree.
    NobodyCanAgree(Which),
    /// It brings the first rules about changes, and too few of those whom they ask can agree by the directory that it goes
    /// into.
    FirstRules,
}

/// Something that has to be known and is not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// Nothing was recorded about the pull request.
    NoFacts,
    /// The rulebook that the change goes into has errors, or there is none.
    Base,
    /// A list was not read to its end.
    Unread(&'static str),
    /// The commit that the facts are about is another one.
    OtherHead {
        /// The commit of the facts.
        facts: String,
        /// The commit that is judged.
        judged: String,
    },
    /// The facts are about another base.
    OtherBase {
        /// The commit of the facts.
        facts: String,
        /// The commit that is judged.
        judged: String,
    },
    /// It goes into another branch than the one whose rulebook is in force: what may be merged there may not be here.
    OtherBranch {
        /// The branch that it goes into.
        branch: String,
        /// The branch whose rulebook is in force.
        default: String,
    },
    /// The commit that it goes into is none that the branch was at, here or as it was fetched.
    NotOfBranch {
        /// The commit.
        commit: String,
        /// The branch.
        branch: String,
    },
    /// The facts are about another repository than the one that this is a clone of.
    OtherRepository {
        /// The repository of the facts.
        facts: String,
        /// The one of the clone.
        origin: String,
    },
    /// The facts were recorded long ago: what was said since is not in them.
    Old(Instant),
    /// The last push left the branch elsewhere.
    OtherPush(String),
    /// Nothing says when the branch was moved.
    NoPush,
    /// The forge lists other commits than the branch has.
    OtherCommits,
    /// Nobody knows who made a part of the change.
    Somebody(Unknown, Part),
    /// Somebody objects, and nobody knows which of several people it is.
    Objection(Unknown),
    /// Something could not be compared, so that nobody knows what the change does.
    Uncompared(String),
    /// A target could not be planned, so that nobody knows what it would get.
    Plan {
        /// The target, by its name in `gitsm.toml`.
        target: String,
        /// Why not.
        why: String,
    },
    /// It cannot be said who has to agree.
    Undecidable(Which, String),
    /// The instants do not go together: something is later than the facts, or they than the instant that is asked about.
    Clock(String),
}

/// What is wrong with what a target would get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unplanned {
    /// Nothing of it may be done, for these reasons.
    Refused(Vec<String>),
    /// It was asked about and could not be planned.
    Failed(String),
}

/// A change that somebody proposes.
#[derive(Debug)]
pub struct Proposed<'p> {
    /// The rulebook that it goes into; none when it cannot be relied upon.
    pub base: Option<&'p Rulebook>,
    /// The changed rulebook; none when it has errors.
    pub head: Option<&'p Rulebook>,
    /// The commits that it adds.
    pub commits: &'p [Commit],
    /// The commit that it goes into, in hexadecimal digits.
    pub base_commit: String,
    /// The last of its commits.
    pub head_commit: String,
    /// What it touches.
    pub touch: &'p Touch,
    /// What was recorded about the pull request.
    pub facts: Option<&'p Facts>,
    /// How many errors the changed rulebook has.
    pub errors: usize,
    /// The scenarios that fail.
    pub failed: Vec<String>,
    /// Files that both sides changed.
    pub conflicts: Vec<String>,
    /// The targets, by their names, that would get what they must not, or of which nobody knows. Those that are not asked
    /// before the change is merged are not among them.
    pub unplanned: Vec<(String, Unplanned)>,
    /// The instant that is asked about.
    pub now: Timestamp,
}

/// What comes of a proposed change.
#[derive(Debug)]
pub struct Gate {
    /// Whether it may be merged.
    pub verdict: Verdict,
    /// Why not; nothing when it may.
    pub reasons: Vec<Reason>,
    /// Whether what the changed rulebook says counts as well.
    pub both_count: bool,
    /// What the rulebook says that it goes into.
    pub base: Option<Panel>,
    /// What the changed rulebook says.
    pub head: Option<Panel>,
    /// Whoever made it, by both directories.
    pub made_by: Contributors,
}

/// Judges a change.
#[must_use]
pub fn judge(proposed: &Proposed<'_>) -> Gate {
    let mut reasons = BTreeSet::new();
    let own = |rulebook: Option<&Rulebook>| {
        rulebook.map(|rulebook| Contributors::of(&Directory::new(rulebook), proposed.commits, proposed.facts))
    };
    let (of_base, of_head) = (own(proposed.base), own(proposed.head));
    let made_by = together(of_base.as_ref(), of_head.as_ref());
    recorded(proposed, &made_by, &mut reasons);
    // Where there were no rules so far, those that are proposed are the ones that count. Who agrees to them is somebody whom
    // the change does not make up: of the directory that it goes into, under the accounts that they have there.
    let has_rules = |rulebook: &Rulebook| !rulebook.governances.is_empty();
    let brings_rules = proposed.head.is_some_and(has_rules);
    let first = proposed.base.filter(|base| brings_rules && !has_rules(base));
    let asked = Asked {
        touch: proposed.touch,
        facts: proposed.facts,
        made_by: &made_by,
        known_by: first,
        now: proposed.now,
    };
    let mut side = |which: Which, rulebook: Option<&Rulebook>, own: Option<Contributors>, counts: bool| {
        let (rulebook, own) = (rulebook?, own?);
        match panel::judge(rulebook, own, &asked) {
            Ok(panel) => {
                if counts {
                    reasons.extend(match agreement(which, &panel) {
                        Some(Reason::NobodyCanAgree(_)) if first.is_some() => Some(Reason::FirstRules),
                        reason => reason,
                    });
                }
                Some(panel)
            }
            Err(why) => {
                if counts {
                    reasons.insert(Reason::Gap(Gap::Undecidable(which, why.to_string())));
                }
                None
            }
        }
    };
    let both_count = proposed.touch.loosens;
    let base = side(Which::Base, proposed.base, of_base, true);
    let head = side(Which::Head, proposed.head, of_head, both_count);
    let asks = |panel: &Option<Panel>| panel.as_ref().is_some_and(|panel| !panel.rules.is_empty());
    let first_rules = first.is_some() && asks(&head);
    // A rule about a file beside them says nothing about the rules about rules: each of these needs one of its own.
    let uncovered = |rulebook: &Rulebook| {
        let about = |item: &String| rules::applying(rulebook, &proposed.touch.only(item));
        proposed.touch.governs.iter().any(|item| about(item).is_ok_and(|rules| rules.is_empty()))
    };
    let ungoverned = if first_rules {
        proposed.head.is_some_and(uncovered)
    } else {
        !asks(&base) || proposed.base.is_some_and(uncovered)
    };
    if proposed.touch.loosens && base.is_some() && ungoverned {
        reasons.insert(Reason::Ungoverned);
    }
    let somebody_has_to_agree = asks(&base) || (both_count && asks(&head));
    reasons.retain(|reason| somebody_has_to_agree || !reason.is_about_agreement());
    let reasons: Vec<Reason> = reasons.into_iter().collect();
    let verdict = reasons.iter().map(Reason::verdict).max().unwrap_or(Verdict::Pass);
    Gate { verdict, reasons, both_count, base, head, made_by }
}

/// Whoever one of two directories knows to have made a change. Those are unknown whom the base does not know: the change
/// does not say who made it.
fn together(base: Option<&Contributors>, head: Option<&Contributors>) -> Contributors {
    let mut all = Contributors::default();
    for one in [base, head].into_iter().flatten() {
        for (person, parts) in &one.people {
            all.people.entry(person.clone()).or_default().extend(parts);
        }
    }
    if let Some(first) = base.or(head) {
        all.unknown.clone_from(&first.unknown);
        all.opener.clone_from(&first.opener);
    }
    all
}

/// What is wrong before anybody is asked, and what is not known.
fn recorded(proposed: &Proposed<'_>, made_by: &Contributors, reasons: &mut BTreeSet<Reason>) {
    if proposed.errors > 0 || proposed.head.is_none() {
        reasons.insert(Reason::Errors(proposed.errors));
    }
    if !proposed.failed.is_empty() {
        reasons.insert(Reason::Scenarios(proposed.failed.clone()));
    }
    if !proposed.conflicts.is_empty() {
        reasons.insert(Reason::Conflicts(proposed.conflicts.clone()));
    }
    for (target, unplanned) in &proposed.unplanned {
        let target = target.clone();
        reasons.insert(match unplanned {
            Unplanned::Refused(why) => Reason::Plan { target, why: why.clone() },
            Unplanned::Failed(why) => Reason::Gap(Gap::Plan { target, why: why.clone() }),
        });
    }
    let mut gap = |gap: Gap| {
        reasons.insert(Reason::Gap(gap));
    };
    if proposed.base.is_none() {
        gap(Gap::Base);
    }
    for unknown in &proposed.touch.unknown {
        gap(Gap::Uncompared(unknown.clone()));
    }
    for (unknown, part) in &made_by.unknown {
        gap(Gap::Somebody(unknown.clone(), *part));
    }
    let Some(facts) = proposed.facts else {
        gap(Gap::NoFacts);
        return;
    };
    let asked = Recorded {
        facts,
        base: proposed.base,
        interested: &[],
        commits: proposed.commits,
        base_commit: &proposed.base_commit,
        head_commit: &proposed.head_commit,
        now: proposed.now,
    };
    gaps(&asked).into_iter().for_each(&mut gap);
    let pull_request = &facts.pull_request;
    if pull_request.draft {
        reasons.insert(Reason::Draft);
    }
    if pull_request.state != PullRequestState::Open {
        reasons.insert(Reason::NotOpen(pull_request.state));
    }
}

/// What is missing for a side to agree.
fn agreement(which: Which, panel: &Panel) -> Option<Reason> {
    Some(match panel.state? {
        State::Approved => return None,
        State::Pending => Reason::Waiting(which),
        State::Rejected | State::Cancelled => Reason::Rejected(which),
        State::TimedOut => Reason::TimedOut(which),
        State::NoApprover | State::Denied | State::Lapsed | State::Replaced => Reason::NobodyCanAgree(which),
    })
}

impl Reason {
    /// Whether it only matters where somebody has to agree: who made a change, and who looked at it.
    const fn is_about_agreement(&self) -> bool {
        match self {
            Self::Gap(gap) => !matches!(
                gap,
                Gap::Base
                    | Gap::OtherBranch { .. }
                    | Gap::OtherHead { .. }
                    | Gap::OtherBase { .. }
                    | Gap::Uncompared(_)
                    | Gap::Plan { .. }
                    | Gap::Undecidable(..)
            ),
            _ => false,
        }
    }

    /// What the reason makes of a change.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Errors(_) | Self::Scenarios(_) | Self::Conflicts(_) => Verdict::Fail,
            Self::Gap(_) => Verdict::Indeterminate,
            Self::Plan { .. }
            | Self::Draft
            | Self::NotOpen(_)
            | Self::Ungoverned
            | Self::Waiting(_)
            | Self::Rejected(_)
            | Self::TimedOut(_)
            | Self::NobodyCanAgree(_)
            | Self::FirstRules => Verdict::Refused,
        }
    }
}
