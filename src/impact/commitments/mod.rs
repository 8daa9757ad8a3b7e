//! What a change of the rulebook does to promises: what becomes faster or slower, for which services, priorities and
//! hours; who is told later; which chains of agreements do not hold any more; and which changes may be carried out.
//!
//! Promises are compared by what they come to, never by the numbers that are written: for every second of a period at
//! which a ticket can start, by when something is due before the change and after it. The period holds every year of
//! which a calendar names dates. What cannot be compared is listed and never taken for equal.

mod agreements;
mod behind;
mod called;
mod case;
mod chains;
mod changes;
mod channels;
mod conditions;
mod controls;
mod escalated;
mod escalations;
mod fields;
mod hours;
mod levels;
mod majors;
mod priorities;
mod rotas;
mod routes;
mod side;
mod terms;
mod ticket;
mod tiers;
mod times;
mod untold;

use jiff::{Timestamp, tz::TimeZone};

pub use self::{
    called::Called,
    case::{
        Because, Both, Case, CellTarget, Change, Direction, Example, Link, Moment, Source, Term, Told, Topic,
        Way,
    },
    conditions::Described,
    fields::Field,
    hours::HoursChange,
    rotas::Rota,
    routes::{About, Route, Routed},
};
use self::{side::Side, times::Times};
use crate::{
    decide::{engine::Engine, undecidable::Undecidable},
    impact::{differing::differing, fingerprint},
    model::{Kind, Rulebook, Selector},
    time::Starts,
};

/// What a change does to promises.
#[derive(Debug)]
pub struct Commitments {
    /// The starts that were compared.
    pub starts: Starts,
    /// The zone in which the dates of the period are meant.
    pub zone: TimeZone,
    /// The cases, those that weaken a promise first.
    pub cases: Vec<Case>,
    /// How many services and request types were compared, of both rulebooks together.
    pub compared: usize,
    /// What could not be compared, and why. Nothing is known about these: they are not unchanged.
    pub unknown: Vec<Unknown>,
    /// A name of everything that differs and that promises can follow from; empty where everything was compared.
    differing: String,
}

impl Commitments {
    /// A name for something that could not be compared. Whatever else changes that promises can follow from, it is
    /// another name: nobody knows what of that it is about.
    #[must_use]
    pub fn id_of(&self, unknown: &Unknown) -> String {
        let subjects: Vec<String> = unknown.subjects.iter().map(ToString::to_string).collect();
        fingerprint(&["not compared", &subjects.join(" "), &unknown.why, &self.differing])
    }
}

/// The kinds of objects that promises do not follow from.
const APART: &[Kind] = &[
    Kind::Access,
    Kind::Guardrail,
    Kind::Sod,
    Kind::Bundle,
    Kind::Exception,
    Kind::Grant,
    Kind::Review,
    Kind::Scenario,
];

fn all_that_differs(before: &Rulebook, after: &Rulebook) -> String {
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| !APART.contains(kind)).collect();
    let settings = |rulebook: &Rulebook| format!("{:?}", serde_json::to_string(&rulebook.settings));
    let other = before.settings != after.settings;
    let settings = if other { [settings(before), settings(after)] } else { Default::default() };
    let [was, is] = &settings;
    fingerprint(&[was, is, &differing(before, after, &kinds)])
}

/// Something that could not be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// What.
    pub subjects: Vec<Selector>,
    /// Why not.
    pub why: String,
}

/// Compares what two rulebooks promise, as of an instant.
///
/// # Errors
/// When one of them cannot decide anything: its time zone does not exist.
pub fn compare(before: &Rulebook, after: &Rulebook, instant: Timestamp) -> Result<Commitments, Undecidable> {
    let sides = [Side::new(Engine::new(before)?, instant), Side::new(Engine::new(after)?, instant)];
    let starts = times::period(&sides, instant)?;
    let times = Times::new(&sides, starts);
    let [_, new] = &sides;
    let zone = new.engine.zone().clone();
    let mut found = Commitments {
        starts,
        zone,
        cases: Vec::new(),
        compared: 0,
        unknown: Vec::new(),
        differing: String::new(),
    };
    let subjects = levels::subjects(&times);
    let groups = levels::groups(&subjects);
    found.compared = subjects.len();
    levels::compare(&times, &groups, &mut found);
    chains::compare(&times, &groups, &mut found);
    agreements::compare(&times, &mut found);
    tiers::compare(&times, &mut found);
    channels::compare(&times, &mut found);
    escalations::compare(&times, &subjects, &mut found);
    called::compare(&times, &mut found);
    rotas::compare(&times, &mut found);
    routes::compare(&times, &mut found);
    priorities::compare(&times, &groups, &mut found);
    majors::compare(&times, &mut found);
    changes::compare(&times, &mut found);
    controls::compare(&times, &mut found);
    hours::beyond(&times, &mut found);
    untold::compare(&times, &mut found);
    found.cases.sort_by(Case::order);
    if !found.unknown.is_empty() {
        found.differing = all_that_differs(before, after);
    }
    Ok(found)
}
