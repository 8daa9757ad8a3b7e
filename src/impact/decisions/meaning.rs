//! What a decision comes to, so that decisions of two rulebooks can be compared: not the names of workflows, but
//! the people who can agree, the evidence, how long, and what is given.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::{
    decide::matching::satisfy,
    impact::fingerprint,
    model::{
        Id,
        workflow::{Evidence, Need},
    },
};

/// Somebody who can approve.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Approver {
    /// A person who can act now.
    Person(Id),
    /// A person who is named and cannot act today: who is away, or has not begun yet.
    Away(Id),
    /// The manager of whoever it is for, so many levels up.
    Manager(u8),
    /// Whoever of a team is on call.
    OnCall {
        /// The team.
        team: Id,
        /// The rota with its calendar, as data: another rota is another answer.
        rota: String,
    },
}

impl Approver {
    /// Whether they can act now, as far as that is known.
    #[must_use]
    pub const fn is_able(&self) -> bool {
        !matches!(self, Self::Away(_))
    }
}

/// How many have to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Needed {
    /// So many.
    Count(u32),
    /// All of them.
    All,
    /// So many in a million, rounded up, at least one.
    Share(u32),
}

impl From<Need> for Needed {
    fn from(need: Need) -> Self {
        match need {
            Need::Count(count) => Self::Count(count.max(1)),
            Need::All => Self::All,
            Need::Share(share) => Self::Share(share.parts_per_million()),
        }
    }
}

/// How long a stage has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    /// The duration, as written.
    pub within: String,
    /// The same in seconds of business time.
    pub seconds: i64,
    /// The hours in which it runs; none for all hours.
    pub hours: Option<Hours>,
}

/// The hours of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hours {
    /// The zone, the hours of each weekday and of dates with others, as data.
    pub open: String,
    /// The days that are closed besides.
    pub closed: BTreeSet<Date>,
}

impl Hours {
    /// Whether it is surely open whenever other hours are.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        self.open == other.open && self.closed.is_subset(&other.closed)
    }
}

/// What happens when the time of a stage is up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Silence {
    /// Nothing.
    Waits,
    /// The request is denied.
    Denies,
    /// These may approve as well.
    Escalates(BTreeSet<Approver>),
}

/// Some people, of whom so many have to agree: a stage of a workflow once its people are known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Panel {
    /// Who can approve.
    pub approvers: BTreeSet<Approver>,
    /// How many of them have to.
    pub needed: Needed,
    /// Who approves where none of them can.
    pub fallback: BTreeSet<Approver>,
    /// How long they have; none without a limit.
    pub time: Option<Time>,
    /// What happens then.
    pub silence: Silence,
    /// What the requester must bring before.
    pub evidence: BTreeSet<Evidence>,
    /// Whether nobody counts here who counts elsewhere in the same request.
    pub distinct: bool,
    /// Where something happens when its time is up: names of the stages that have to agree before that time begins.
    /// Elsewhere it does not matter when a stage is asked.
    pub after: BTreeSet<String>,
}

/// What comes of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It is not granted, whoever agrees.
    Denied,
    /// It would be granted if people agreed, and there is nobody who can.
    Nobody,
    /// It is granted once these conditions are met.
    Granted(Granted),
}

/// How something is granted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Granted {
    /// Who has to agree; nobody for what is approved automatically. Sorted.
    pub panels: Vec<Panel>,
    /// The longest time, in seconds; none without a limit.
    pub longest: Option<i64>,
    /// The last day on which it can be held; none without one.
    pub until: Option<Date>,
    /// What the requester must bring.
    pub evidence: BTreeSet<Evidence>,
    /// Whether it is only given with an end: what is of more than low risk.
    pub needs_end: bool,
    /// What is given, as data: role, licence, groups, how it is provided and taken away.
    pub gives: String,
    /// The fields of a form that must be answered.
    pub answers: BTreeSet<Id>,
}

impl Granted {
    /// Granted without any condition.
    pub(in crate::impact) const fn freely() -> Self {
        Self {
            panels: Vec::new(),
            longest: None,
            until: None,
            evidence: BTreeSet::new(),
            needs_end: false,
            gives: String::new(),
            answers: BTreeSet::new(),
        }
    }
}

/// What a line of the rules decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Ruling {
    /// Not granted.
    Deny,
    /// Granted without asking.
    Approve,
    /// Granted once people agree.
    Ask,
    /// Nothing: the next line is read.
    Nothing,
}

/// What a line of the rules does to a request, before it is put together with the others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Effect {
    /// What it decides.
    pub ruling: Ruling,
    /// Who it asks, each with the workflow and place of the stage: a workflow that is asked for twice is gone
    /// through once.
    pub panels: Vec<(Id, usize, Panel)>,
    /// The longest time that it gives, in seconds.
    pub longest: Option<i64>,
    /// The last day until which it gives anything.
    pub until: Option<Date>,
    /// What it demands.
    pub evidence: BTreeSet<Evidence>,
    /// What it says about what is given; none unless it is what is asked for itself.
    pub own: Option<(bool, String)>,
    /// The fields of a form that it demands to be answered.
    pub answers: BTreeSet<Id>,
}

impl Effect {
    /// An effect that does nothing but decide.
    #[must_use]
    pub(super) const fn of(ruling: Ruling) -> Self {
        Self {
            ruling,
            panels: Vec::new(),
            longest: None,
            until: None,
            evidence: BTreeSet::new(),
            own: None,
            answers: BTreeSet::new(),
        }
    }
}

/// What all lines that apply to a request come to together. The last word is that of the one that decides.
#[must_use]
pub(super) fn together<'e>(effects: impl IntoIterator<Item = &'e Effect>) -> Outcome {
    let mut granted = Granted::freely();
    // Those of the line that decides are asked first, and those of what is added after them.
    let mut first: Vec<&(Id, usize, Panel)> = Vec::new();
    let mut added: Vec<&(Id, usize, Panel)> = Vec::new();
    let mut decided = false;
    for effect in effects {
        match effect.ruling {
            Ruling::Deny => return Outcome::Denied,
            Ruling::Approve | Ruling::Ask => {
                decided = true;
                first.extend(&effect.panels);
            }
            Ruling::Nothing => added.extend(&effect.panels),
        }
        granted.longest = least(granted.longest, effect.longest);
        granted.until = least(granted.until, effect.until);
        granted.evidence.extend(&effect.evidence);
        granted.answers.extend(effect.answers.iter().cloned());
        if let Some((needs_end, gives)) = &effect.own {
            granted.needs_end = *needs_end;
            granted.gives.clone_from(gives);
        }
    }
    added.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
    let mut asked: Vec<&(Id, usize, Panel)> = Vec::new();
    for one in first.into_iter().chain(added) {
        if !asked.contains(&one) {
            asked.push(one);
        }
    }
    granted.panels = asked.into_iter().map(|(_, _, panel)| panel.clone()).collect();
    // One panel that keeps people apart does so for all, and for whatever else a request asks for as well.
    if granted.panels.iter().any(|panel| panel.distinct) {
        granted.panels.iter_mut().for_each(|panel| panel.distinct = true);
    }
    in_order(&mut granted.panels);
    granted.panels.sort();
    if !decided {
        return Outcome::Denied;
    }
    // Whatever gives an end gives it to those as well who ask for none.
    granted.needs_end &= granted.longest.is_none() && granted.until.is_none();
    if granted.panels.iter().any(Panel::is_nobody) || are_too_few(&granted.panels) {
        return Outcome::Nobody;
    }
    Outcome::Granted(granted)
}

/// Notes of stages that are asked one after the other, for those at the end of whose time something happens, which ones
/// have to agree before that time begins.
pub(in crate::impact) fn in_order(panels: &mut [Panel]) {
    let mut before = BTreeSet::new();
    for panel in panels {
        panel.after = if panel.is_timed() { before.clone() } else { BTreeSet::new() };
        // When it has agreed follows from its votes, and from when others may vote as well.
        let name = if matches!(panel.silence, Silence::Escalates(_)) {
            format!("{panel:?}")
        } else {
            let after = BTreeSet::new();
            format!("{:?}", Panel { time: None, silence: Silence::Waits, after, ..panel.clone() })
        };
        before.insert(fingerprint(&[&name]));
    }
}

/// Whether there are never enough different people for all panels, whoever asks: each role is one person at
/// most, and whoever stands in or is asked later is counted as well.
fn are_too_few(panels: &[Panel]) -> bool {
    let mut names: BTreeMap<&Approver, String> = BTreeMap::new();
    for panel in panels {
        for one in panel.everybody() {
            let number = names.len().to_string();
            names.entry(one).or_insert(number);
        }
    }
    let is_apart = panels.iter().any(|panel| panel.distinct);
    let mut apart = Vec::new();
    for panel in panels {
        let able = panel.everybody().filter(|one| one.is_able());
        let pool: BTreeSet<&str> = able.filter_map(|one| names.get(one)).map(String::as_str).collect();
        let needed = match panel.needed {
            Needed::Count(count) => usize::try_from(count).unwrap_or(usize::MAX),
            Needed::All | Needed::Share(_) => 1,
        };
        if is_apart {
            apart.push((needed, pool));
        } else if pool.len() < needed {
            return true;
        }
    }
    satisfy(&apart).is_err()
}

/// The smaller one, where none is without a limit.
fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

impl Panel {
    /// Whether nobody can ever approve.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        !self.approvers.iter().chain(&self.fallback).any(Approver::is_able)
    }

    /// Whether something happens when its time is up.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        self.time.is_some() && self.silence != Silence::Waits
    }

    /// Everybody who can approve at some time.
    pub(super) fn everybody(&self) -> impl Iterator<Item = &Approver> {
        let later = match &self.silence {
            Silence::Escalates(later) => Some(later),
            Silence::Waits | Silence::Denies => None,
        };
        self.approvers.iter().chain(&self.fallback).chain(later.into_iter().flatten())
    }
}

impl Effect {
    /// The same for somebody whose managers are known.
    pub(super) fn personal(&self, manager: &impl Fn(u8) -> Option<Approver>) -> Self {
        let known = |people: &BTreeSet<Approver>| {
            people
                .iter()
                .filter_map(|one| match one {
                    Approver::Manager(level) => manager(*level),
                    other => Some(other.clone()),
                })
                .collect()
        };
        let mut effect = self.clone();
        for (_, _, panel) in &mut effect.panels {
            panel.approvers = known(&panel.approvers);
            panel.fallback = known(&panel.fallback);
            if let Silence::Escalates(later) = &mut panel.silence {
                *later = known(later);
            }
        }
        effect
    }

    /// Whether it asks somebody's managers.
    pub(super) fn asks_managers(&self) -> bool {
        let is_manager = |one: &Approver| matches!(one, Approver::Manager(_));
        self.panels.iter().any(|(_, _, panel)| {
            let later = match &panel.silence {
                Silence::Escalates(later) => later.iter().any(is_manager),
                Silence::Waits | Silence::Denies => false,
            };
            later || panel.approvers.iter().chain(&panel.fallback).any(is_manager)
        })
    }
}
