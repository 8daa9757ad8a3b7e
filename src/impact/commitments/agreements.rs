//! What the agreements below SLAs promise: OLAs of teams and contracts of suppliers. Whether an SLA can be kept with them is
//! told besides; somebody waits longer for a team or a supplier either way.

use std::collections::BTreeMap;

use super::{
    Because, Case, Change, Commitments, Direction, HoursChange, Topic, Unknown,
    fields::{Field, sorted},
    levels::{Promised, Sort, targets},
    side::Side,
    times::Times,
};
use crate::model::{
    Entry, Kind, LocalDate, Percent, Selector,
    sla::{Ola, SupplierContract},
};

/// An agreement.
#[derive(Debug, Clone, Copy)]
struct Agreement<'a> {
    promised: Promised<'a>,
    availability: Option<Percent>,
    /// The first and the last day.
    days: [Option<LocalDate>; 2],
}

impl<'a> Agreement<'a> {
    fn of_team(ola: &'a Entry<Ola>) -> Self {
        let promised = Promised { calendar: ola.calendar.as_str(), target: &ola.value.target };
        Self { promised, availability: None, days: [None; 2] }
    }

    fn of_supplier(contract: &'a Entry<SupplierContract>) -> Self {
        Self {
            promised: Promised { calendar: contract.calendar.as_str(), target: &contract.value.target },
            availability: contract.availability,
            days: [contract.start, contract.end],
        }
    }
}

/// The agreements of a rulebook.
fn agreements<'a>(side: &Side<'a>) -> BTreeMap<Selector, Agreement<'a>> {
    let rulebook = side.rulebook();
    let selector = |kind, id: &crate::model::Id| Selector { kind, id: id.clone(), part: None };
    let teams = rulebook.olas.iter().map(|ola| (selector(Kind::Ola, &ola.id), Agreement::of_team(ola)));
    let suppliers = rulebook.supplier_contracts.iter();
    let suppliers = suppliers
        .map(|contract| (selector(Kind::SupplierContract, &contract.id), Agreement::of_supplier(contract)));
    teams.chain(suppliers).collect()
}

/// Adds the agreements that promise something else, are new, or are not there any more.
pub(super) fn compare(times: &Times<'_, '_>, found: &mut Commitments) {
    let [old, new] = times.sides.each_ref().map(agreements);
    let mut all: Vec<&Selector> = old.keys().chain(new.keys()).collect();
    all.sort();
    all.dedup();
    for subject in all {
        let exists = |direction, is| {
            Case::new(Topic::Terms, direction, vec![subject.clone()], vec![Change::Exists(is)], Vec::new())
        };
        match (old.get(subject), new.get(subject)) {
            (Some(was), Some(is)) => of_both(times, subject, [was, is], found),
            (Some(_), None) => found.cases.push(exists(Direction::Weaker, false)),
            (None, Some(_)) => found.cases.push(exists(Direction::Stronger, true)),
            (None, None) => {}
        }
    }
}

fn of_both<'a>(
    times: &Times<'_, 'a>,
    subject: &Selector,
    both: [&Agreement<'a>; 2],
    found: &mut Commitments,
) {
    let [was, is] = both;
    let calendars = both.map(|agreement| agreement.promised.calendar);
    match targets(times, both.map(|agreement| Some(agreement.promised))) {
        Ok(moved) => {
            let same = times.have_the_same_hours(calendars);
            let hours = || (!same).then(|| HoursChange::of(times.sides, calendars)).flatten();
            for (sort, changes) in moved {
                let (direction, because) = match sort {
                    Sort::Gone => (Direction::Weaker, None),
                    Sort::New => (Direction::Stronger, None),
                    Sort::Moved(way) => (way, hours().map(Because::Hours)),
                };
                let because = because.into_iter().collect();
                found.cases.push(Case::new(
                    Topic::Target,
                    direction,
                    vec![subject.clone()],
                    changes,
                    because,
                ));
            }
        }
        Err(why) => {
            found.unknown.push(Unknown { subjects: vec![subject.clone()], why: why.to_string() });
        }
    }
    let [[started, ended], [starts, ends]] = both.map(|agreement| agreement.days);
    let fields = [
        Field::more("available at least", was.availability.as_ref(), is.availability.as_ref()),
        // From its beginning a contract holds; without one it always did.
        Field::until("holds from", started, starts).map(|(way, field)| (way.opposite(), field)),
        Field::until("holds until", ended, ends),
    ];
    let changes = fields.into_iter().flatten().map(|(way, field)| (way, Change::Field(field)));
    for (direction, changes) in sorted(changes.collect()) {
        found.cases.push(Case::new(Topic::Terms, direction, vec![subject.clone()], changes, Vec::new()));
    }
}
