//! A case: something that changes in the same way for some services, request types or change models.

use std::cmp::Ordering;

use jiff::{Timestamp, tz::TimeZone};

use super::{
    called::Called, conditions::Described, fields::Field, hours::HoursChange, rotas::Rota, routes::Routed,
};
use crate::{
    impact::fingerprint,
    model::{
        Duration, Id, Percent, Principal, Priority, Selector,
        escalation::Trigger,
        service::Risk,
        sla::{Reopen, TargetKind, TicketState},
    },
    time::{Feasibility, Instance, Shift},
};

/// Something that changes in the same way for several.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// What it is about.
    pub topic: Topic,
    /// Which way it goes.
    pub direction: Direction,
    /// For which services, request types, agreements or change models.
    pub subjects: Vec<Selector>,
    /// What changes.
    pub changes: Vec<Change>,
    /// Why, where it is not written in the same place.
    pub because: Vec<Because>,
    /// The tickets that show it most.
    pub examples: Vec<Example>,
    /// A name that stays the same as long as the case does, wherever it is written.
    pub fingerprint: String,
}

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// By when something is done.
    Target,
    /// Which time counts, and what is promised besides targets.
    Terms,
    /// Whether the agreements below an SLA can keep it.
    Chain,
    /// Who is told when.
    Escalation,
    /// Who of a team is on call.
    OnCall,
    /// How urgent an incident is.
    Priority,
    /// Which team gets an incident.
    Routing,
    /// When an incident is major, and what follows.
    MajorIncident,
    /// Which changes may be carried out, and who agrees to them.
    ChangePolicy,
    /// What keeps people and programs in check besides decisions.
    Control,
}

/// Which way a promise goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// It promises less: later, or nothing any more.
    Weaker,
    /// It promises less to some and more to others, or it cannot be shown which.
    Mixed,
    /// It promises more.
    Stronger,
    /// Something else changes about it.
    Neutral,
}

impl Direction {
    /// Whether a gate lets it through only when somebody says so.
    #[must_use]
    pub const fn is_gated(self) -> bool {
        matches!(self, Self::Weaker | Self::Mixed)
    }

    /// The direction of several together.
    #[must_use]
    pub fn together(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().fold(Self::Neutral, |one, other| match (one, other) {
            (Self::Neutral, other) => other,
            (one, Self::Neutral) => one,
            (one, other) if one == other => one,
            _ => Self::Mixed,
        })
    }

    /// Which way it goes when it is due at other instants.
    #[must_use]
    pub const fn of(shift: &Shift) -> Self {
        match (shift.earlier, shift.later) {
            (None, None) => Self::Neutral,
            (Some(_), None) => Self::Stronger,
            (None, Some(_)) => Self::Weaker,
            (Some(_), Some(_)) => Self::Mixed,
        }
    }

    /// Which way more of something goes that strengthens a promise.
    pub(super) fn of_more<T: Ord>(before: &T, after: &T) -> Self {
        match after.cmp(before) {
            Ordering::Less => Self::Weaker,
            Ordering::Equal => Self::Neutral,
            Ordering::Greater => Self::Stronger,
        }
    }

    /// The other way round.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Weaker => Self::Stronger,
            Self::Stronger => Self::Weaker,
            other => other,
        }
    }
}

/// One thing that changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A target of a priority: what is promised, and how that moves what is due.
    Target {
        /// The priority.
        priority: Priority,
        /// What has to be done by then.
        target: TargetKind,
        /// How long it could take; none where nothing was promised.
        before: Option<Duration>,
        /// How long it can take; none where nothing is promised.
        after: Option<Duration>,
        /// How the instants move at which it is due, where something is promised on both sides.
        shift: Shift,
    },
    /// Something that holds for every target of an SLA.
    Term(Term),
    /// The agreements below a target keep it on one side only.
    Chain {
        /// The SLA after the change.
        sla: Id,
        /// The priority.
        priority: Priority,
        /// What has to be done.
        target: TargetKind,
        /// What it rested on.
        before: Vec<Link>,
        /// What it rests on.
        after: Vec<Link>,
        /// Whether that keeps it now.
        held: bool,
        /// What comes of the work where it is not kept, on the side on which it is not.
        worst: Option<Feasibility>,
        /// The zone of the SLA.
        zone: TimeZone,
    },
    /// Somebody is told at another time, or in another way.
    Told(Told),
    /// The same words stand for others.
    Called(Called),
    /// Somebody else of a team is on call.
    OnCall(Rota),
    /// Incidents go to another team.
    Routed(Routed),
    /// A combination of impact and urgency gets another priority.
    Cell {
        /// The impact.
        impact: String,
        /// The urgency.
        urgency: String,
        /// The priority before; none where it had none.
        before: Option<Priority>,
        /// The priority after.
        after: Option<Priority>,
        /// What that does to targets.
        targets: Vec<CellTarget>,
    },
    /// A definition or model is there, or not any more.
    Exists(bool),
    /// Something does not hold any more in these cases, in words.
    NoLonger(&'static str, Described),
    /// Something holds in these cases, in words, and did not before.
    Newly(&'static str, Described),
    /// A field that says by itself which way it goes.
    Field(Field),
    /// Changes that get another risk.
    Risk {
        /// The risk before.
        before: Risk,
        /// The risk after.
        after: Risk,
        /// Which changes, in words: those for which one of these holds.
        when: Described,
    },
    /// Who agrees to changes of a risk.
    Authority {
        /// The risk.
        risk: Option<Risk>,
        /// The workflow before; nobody could agree without one.
        before: Option<String>,
        /// The workflow after.
        after: Option<String>,
    },
    /// A maintenance window.
    Window {
        /// The first instant that lies in it now and did not before.
        opened: Option<Timestamp>,
        /// The first instant that lay in it and does not any more.
        closed: Option<Timestamp>,
        /// The zone of the window.
        zone: TimeZone,
    },
    /// A period in which no change is carried out.
    Freeze {
        /// Its name.
        name: String,
        /// When it was.
        before: Option<String>,
        /// When it is.
        after: Option<String>,
        /// Who may agree to a change in it all the same, before and after.
        authority: [Option<String>; 2],
        /// The last day on which its dates were confirmed, before and after.
        confirmed: [Option<String>; 2],
    },
}

/// A target of an SLA at the priorities that a combination had and has.
#[derive(Debug, Clone, PartialEq)]
pub struct CellTarget {
    /// The SLA.
    pub sla: Id,
    /// What has to be done.
    pub target: TargetKind,
    /// How long it could take.
    pub before: Option<Duration>,
    /// How long it can take.
    pub after: Option<Duration>,
    /// How that moves what is due.
    pub shift: Shift,
}

/// An agreement below an SLA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Which.
    pub agreement: Selector,
    /// How long it may take.
    pub within: Duration,
    /// The hours in which that counts.
    pub calendar: String,
}

/// Somebody who is told at another time, or in another way.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The definitions of a major incident, where it is about those.
    pub majors: Vec<Id>,
    /// The priorities for which it is so, the most urgent first.
    pub priorities: Vec<Priority>,
    /// Who.
    pub who: Principal,
    /// What has to be the case.
    pub trigger: Trigger,
    /// When they were told: whichever of these comes first. None when they were not.
    pub before: Vec<Moment>,
    /// When they are told.
    pub after: Vec<Moment>,
    /// How that moves the instants at which they are told, for the first of the priorities.
    pub shift: Shift,
    /// The channels by which they are told that only one side has, where they are told on both.
    pub channels: Both<Id>,
    /// How often they are told again before and after.
    pub repeats: [Option<Duration>; 2],
    /// The single notices that only one side has, where there are several.
    pub ways: Both<Way>,
}

/// One notice of several to the same people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// When.
    pub moment: Moment,
    /// By which channels.
    pub channels: Vec<Id>,
    /// How often it is told again.
    pub repeat: Option<String>,
}

/// When somebody is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// When this share of a target is used up.
    Share(Percent, TargetKind),
    /// So long after it began, or after it was missed or handed on, in the hours of a calendar.
    After(String, Id),
    /// At once.
    AtOnce,
}

/// Something that holds for every target of an SLA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// States of a ticket in which the clock stands still.
    Pause(Both<TicketState>),
    /// States that start the clock.
    Start(Both<TicketState>),
    /// States that stop it.
    Stop(Both<TicketState>),
    /// What a reopened ticket does to it.
    Reopen([Reopen; 2]),
    /// Whether a clock that is attached later counts from the opening.
    RetroactiveStart(bool),
    /// Whether it takes over the pauses so far.
    RetroactivePause(bool),
    /// The shares of the target at which people are warned.
    AtRisk(Both<Percent>),
    /// How many tickets must meet their targets.
    Attainment([Option<Percent>; 2]),
}

/// What only one side has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Both<T> {
    /// What there was and is not any more.
    pub gone: Vec<T>,
    /// What is new.
    pub new: Vec<T>,
}

impl<T: PartialEq + Clone> Both<T> {
    /// What only one of two lists has.
    pub(super) fn of(before: &[T], after: &[T]) -> Self {
        let without = |one: &[T], other: &[T]| -> Vec<T> {
            one.iter().filter(|item| !other.contains(item)).cloned().collect()
        };
        Self { gone: without(before, after), new: without(after, before) }
    }

    /// Whether both lists hold the same.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.new.is_empty()
    }

    /// Which way it goes, when each of them strengthens the promise.
    pub(super) const fn direction(&self) -> Direction {
        match (self.gone.is_empty(), self.new.is_empty()) {
            (true, true) => Direction::Neutral,
            (true, false) => Direction::Stronger,
            (false, true) => Direction::Weaker,
            (false, false) => Direction::Mixed,
        }
    }
}

/// Why something changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// Another SLA holds, or none.
    Agreement {
        /// The one before.
        before: Option<Source>,
        /// The one after.
        after: Option<Source>,
    },
    /// Time counts in other hours.
    Hours(HoursChange),
}

/// An SLA and what names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The SLA.
    pub sla: Id,
    /// The tier that names it; none where services name it themselves.
    pub tier: Option<Id>,
}

/// A ticket that shows a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The service or request type that it is about.
    pub subject: Selector,
    /// Its priority.
    pub priority: Priority,
    /// What has to be done.
    pub target: TargetKind,
    /// The SLAs before and after.
    pub slas: [Id; 2],
    /// The zone in which its clock runs now.
    pub zone: TimeZone,
    /// Where it starts, and when it is due.
    pub instance: Instance,
}

impl Case {
    pub(super) fn new(
        topic: Topic,
        direction: Direction,
        subjects: Vec<Selector>,
        changes: Vec<Change>,
        because: Vec<Because>,
    ) -> Self {
        let mut new = Self {
            topic,
            direction,
            subjects,
            changes,
            because,
            examples: Vec::new(),
            fingerprint: String::new(),
        };
        new.fingerprint = new.name();
        new
    }

    /// What the case is, without where it is written and without the period and the examples.
    fn name(&self) -> String {
        let said = |part: &dyn std::fmt::Debug| format!("{part:?}");
        let changes: Vec<Change> = self.changes.iter().map(Change::without_instants).collect();
        let parts = [
            said(&self.topic),
            said(&self.direction),
            said(&self.subjects),
            said(&changes),
            said(&self.because),
        ];
        fingerprint(&parts.each_ref().map(String::as_str))
    }

    /// The order of a report: what weakens a promise first, and of that what touches most.
    pub(super) fn order(one: &Self, other: &Self) -> Ordering {
        let key = |case: &Self| {
            (case.direction, case.topic, std::cmp::Reverse(case.subjects.len()), case.subjects.clone())
        };
        key(one).cmp(&key(other)).then_with(|| one.fingerprint.cmp(&other.fingerprint))
    }
}

impl Change {
    fn without_instants(&self) -> Self {
        let mut same = self.clone();
        match &mut same {
            Self::Target { shift, .. } => *shift = Shift::default(),
            Self::Chain { worst, .. } => *worst = None,
            Self::Told(told) => told.shift = Shift::default(),
            Self::OnCall(rota) => {
                (rota.first, rota.before, rota.after) = (Timestamp::UNIX_EPOCH, None, None);
                (rota.seconds, rota.of) = (0, 0);
            }
            Self::Routed(routed) => routed.ticket = None,
            Self::Cell { targets, .. } => {
                for target in targets {
                    target.shift = Shift::default();
                }
            }
            // The first of such instants moves with the period.
            Self::Window { opened, closed, .. } => {
                for instant in [opened, closed] {
                    *instant = instant.map(|_| Timestamp::UNIX_EPOCH);
                }
            }
            _ => {}
        }
        same
    }
}
