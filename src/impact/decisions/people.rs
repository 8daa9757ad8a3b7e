//! Whom a case touches today, and a request that shows it.
//!
//! Of many people a case is about some. What is known about people is looked up one attribute at a time, and only
//! for attributes that matter; the first few leave so few people that the rest is quick.

use std::{
    cell::{OnceCell, RefCell},
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use super::{
    facts::of_somebody,
    meaning::Outcome,
    side::Side,
    stuck::stuck,
    witness::{Wanted, Witness, witness},
};
use crate::{
    decide::{
        birthright,
        classifier::bits::Bits,
        ledger::Held,
        space::{Set, Space},
    },
    model::{EntitlementRef, Entry, Id, person::Person},
};

/// How many people are tried for a request that shows a case.
const TRIES: usize = 12;
/// How many people who are alike are tried.
const TRIES_OF_ALIKE: usize = 3;
/// How many people are named.
const MOST_NAMES: usize = 20;

/// The class of one variable that each of many people belongs to.
type Column = Rc<[Option<u32>]>;

/// Whom a case touches today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// How many people and accounts could make such a request.
    pub people: usize,
    /// The ids of some of them.
    pub some: Vec<Id>,
    /// How many of them hold one of the entitlements now.
    pub grants: usize,
    /// Who they are, by their places in the new rulebook.
    who: Bits,
}

impl Default for Touched {
    fn default() -> Self {
        Self { people: 0, some: Vec::new(), grants: 0, who: Bits::none(0) }
    }
}

impl Touched {
    /// Some people of a rulebook, in order, of whom so many hold what it is about.
    pub(super) fn these<'p>(
        all: usize,
        places: impl Iterator<Item = (usize, &'p Id)>,
        grants: usize,
    ) -> Self {
        let mut touched = Self { who: Bits::none(all), grants, ..Self::default() };
        for (place, id) in places {
            touched.people += 1;
            touched.who.add(place);
            if touched.some.len() < MOST_NAMES {
                touched.some.push(id.clone());
            }
        }
        touched
    }

    /// Who they are, by their places in the new rulebook.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.who.iter()
    }

    /// How many people several cases touch together.
    pub fn together<'t>(all: impl IntoIterator<Item = &'t Self>) -> usize {
        let mut all = all.into_iter();
        let Some(first) = all.next() else { return 0 };
        let mut together = first.who.clone();
        for one in all {
            together.join(&one.who);
        }
        together.iter().count()
    }
}

/// The people of the new rulebook, looked at as far as cases ask for it.
pub(super) struct People<'s, 'a> {
    sides: &'s [Side<'a>; 2],
    all: usize,
    /// Those who can be given access, with their places in the rulebook.
    present: Vec<(usize, &'a Entry<Person>)>,
    /// The class of each of them, by variable.
    columns: RefCell<HashMap<usize, Column>>,
    /// What each of them holds.
    held: OnceCell<Vec<Vec<Held<'a>>>>,
    /// What comes with what each of them is, as far as that was asked.
    given: RefCell<HashMap<usize, Vec<&'a EntitlementRef>>>,
    /// How often an entitlement was granted to each of them.
    holders: RefCell<HashMap<EntitlementRef, Rc<[usize]>>>,
    /// Who was granted what, by places among those who are present.
    granted: OnceCell<HashMap<&'a EntitlementRef, Vec<usize>>>,
}

impl<'s, 'a> People<'s, 'a> {
    pub(super) fn new(sides: &'s [Side<'a>; 2]) -> Self {
        let [_, side] = sides;
        let people = &side.engine.rulebook().people;
        // Both are in the order of ids.
        let mut places = people.iter().enumerate();
        let here = side.engine.directory().present_on(side.today());
        let present = here.filter_map(|person| places.find(|(_, other)| other.id == person.id)).collect();
        Self {
            sides,
            all: people.len(),
            present,
            columns: RefCell::default(),
            held: OnceCell::new(),
            given: RefCell::default(),
            holders: RefCell::default(),
            granted: OnceCell::new(),
        }
    }

    /// Who could make a request in a set, and who of them holds one of the entitlements.
    pub(super) fn touched(&self, space: &Space<'a>, set: Set, entitlements: &[EntitlementRef]) -> Touched {
        let (who, _) = self.possible(space, set);
        let grants = entitlements
            .iter()
            .map(|entitlement| {
                let holders = self.holders(entitlement);
                let granted = who.iter().filter_map(|place| holders.get(*place)).sum::<usize>();
                granted + self.with_a_role(&who, entitlement)
            })
            .sum();
        let people = who.iter().filter_map(|place| self.present.get(*place));
        Touched::these(self.all, people.map(|(place, person)| (*place, &person.id)), grants)
    }

    /// For whose requests in a set nobody is left who can approve.
    pub(super) fn stuck(&self, space: &Space<'a>, set: Set, outcomes: [&Outcome; 2]) -> Vec<Id> {
        let [_, after] = outcomes;
        // Nobody is looked for where nobody is asked.
        if !matches!(after, Outcome::Granted(granted) if !granted.panels.is_empty()) {
            return Vec::new();
        }
        let (who, _) = self.possible(space, set);
        let people = who.iter().filter_map(|place| self.present.get(*place)).map(|(_, person)| *person);
        stuck(self.sides, outcomes, people)
    }

    /// Those for whom a request may lie in a set, and the variables by which that was found out.
    fn possible(&self, space: &Space<'a>, set: Set) -> (Vec<usize>, Vec<(usize, Column)>) {
        let mut who: Vec<usize> = (0..self.present.len()).collect();
        let mut columns = Vec::new();
        for variable in space.matters(set) {
            if !space.variables().nth(variable).is_some_and(of_somebody) {
                continue;
            }
            let column = self.column(space, variable);
            // Whether there is anything at all for a class, whatever else is known.
            let mut fits: HashMap<Option<u32>, bool> = HashMap::new();
            who.retain(|place| {
                let class = column.get(*place).copied().flatten();
                *fits.entry(class).or_insert_with(|| {
                    let mut known = vec![None; variable + 1];
                    if let Some(slot) = known.get_mut(variable) {
                        *slot = class;
                    }
                    space.is_possible(set, &known)
                })
            });
            columns.push((variable, column));
        }
        if columns.len() > 1 {
            // What is possible for each attribute alone need not be possible for all of them.
            let mut fits: HashMap<Vec<Option<u32>>, bool> = HashMap::new();
            who.retain(|place| {
                let classes = classes(&columns, *place);
                if let Some(known) = fits.get(&classes) {
                    return *known;
                }
                let possible = space.is_possible(set, &spread(&columns, &classes));
                fits.insert(classes, possible);
                possible
            });
        }
        (who, columns)
    }

    /// The class of a variable that each of them belongs to.
    fn column(&self, space: &Space<'a>, variable: usize) -> Column {
        if let Some(known) = self.columns.borrow().get(&variable) {
            return Rc::clone(known);
        }
        let [_, side] = self.sides;
        let nothing = Vec::new();
        let mut classes = super::facts::Classes::new(side, space, variable);
        let needs_held = classes.is_about_grants();
        let column: Column = self
            .present
            .iter()
            .enumerate()
            .map(|(place, (_, person))| {
                let held = if needs_held { self.held().get(place).unwrap_or(&nothing) } else { &nothing };
                classes.of(person, held)
            })
            .collect();
        self.columns.borrow_mut().insert(variable, Rc::clone(&column));
        column
    }

    /// What each of them holds. Where it cannot be said, they are counted as holding what is written down.
    fn held(&self) -> &[Vec<Held<'a>>] {
        let [_, side] = self.sides;
        let held = |person: &'a Entry<Person>| {
            crate::decide::asked::held(&side.engine, person)
                .unwrap_or_else(|_| side.engine.ledger().of(person.id.as_str()).to_vec())
        };
        self.held.get_or_init(|| self.present.iter().map(|(_, person)| held(person)).collect())
    }

    /// How often some of them have an entitlement by what they are: what a decision about their bundles gives at once.
    fn with_a_role(&self, who: &[usize], entitlement: &EntitlementRef) -> usize {
        let [_, side] = self.sides;
        let bundles = &side.engine.rulebook().bundles;
        if !bundles.iter().any(|bundle| bundle.value.entitlements.contains(entitlement)) {
            return 0;
        }
        let mut given = self.given.borrow_mut();
        let mut count = 0;
        for place in who {
            let Some((_, person)) = self.present.get(*place) else { continue };
            let own = given.entry(*place).or_insert_with(|| {
                // Of whom nobody can say it, they hold nothing by it.
                let own = birthright::of_person(&side.engine, person, side.instant).unwrap_or_default();
                own.into_iter().flat_map(|own| own.given).collect()
            });
            count += own.iter().filter(|one| **one == entitlement).count();
        }
        count
    }

    /// How often an entitlement was granted to each of them.
    fn holders(&self, entitlement: &EntitlementRef) -> Rc<[usize]> {
        if let Some(known) = self.holders.borrow().get(entitlement) {
            return Rc::clone(known);
        }
        let [_, side] = self.sides;
        let mut counts = vec![0; self.present.len()];
        let granted = self.granted.get_or_init(|| {
            let mut granted: HashMap<&'a EntitlementRef, Vec<usize>> = HashMap::new();
            for (place, (_, person)) in self.present.iter().enumerate() {
                let now = side.engine.ledger().of(person.id.as_str()).iter();
                for held in now.filter(|held| held.is_at(side.instant)) {
                    granted.entry(held.entitlement).or_default().push(place);
                }
            }
            granted
        });
        for place in granted.get(entitlement).into_iter().flatten() {
            if let Some(count) = counts.get_mut(*place) {
                *count += 1;
            }
        }
        let counts: Rc<[usize]> = counts.into();
        self.holders.borrow_mut().insert(entitlement.clone(), Rc::clone(&counts));
        counts
    }

    /// A request for one person that is decided as the case says, by both rulebooks.
    pub(super) fn witness_of(
        &self,
        space: &mut Space<'a>,
        set: Set,
        wanted: Wanted<'_>,
        person: &'a Entry<Person>,
        outcomes: [&Outcome; 2],
    ) -> Option<Witness> {
        let [_, side] = self.sides;
        let held = side.engine.ledger().of(person.id.as_str());
        witness(self.sides, space, set, wanted, (person, held), outcomes)
    }

    /// A request of somebody real that is decided as the case says, by both rulebooks.
    pub(super) fn witness(
        &self,
        space: &mut Space<'a>,
        set: Set,
        wanted: Wanted<'_>,
        outcomes: [&Outcome; 2],
    ) -> Option<Witness> {
        let [_, side] = self.sides;
        let (who, columns) = self.possible(space, set);
        let mut alike: BTreeMap<Vec<Option<u32>>, usize> = BTreeMap::new();
        let mut left = TRIES;
        for place in who {
            let tried = alike.entry(classes(&columns, place)).or_default();
            *tried += 1;
            if *tried > TRIES_OF_ALIKE {
                continue;
            }
            left = left.checked_sub(1)?;
            let (_, person) = self.present.get(place)?;
            let held = crate::decide::asked::held(&side.engine, person)
                .unwrap_or_else(|_| side.engine.ledger().of(person.id.as_str()).to_vec());
            let found = witness(self.sides, space, set, wanted, (*person, &held), outcomes);
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

/// The classes that somebody belongs to.
fn classes(columns: &[(usize, Column)], place: usize) -> Vec<Option<u32>> {
    columns.iter().map(|(_, column)| column.get(place).copied().flatten()).collect()
}

/// The same by variable.
fn spread(columns: &[(usize, Column)], classes: &[Option<u32>]) -> Vec<Option<u32>> {
    let most = columns.iter().map(|(variable, _)| variable + 1).max().unwrap_or_default();
    let mut known = vec![None; most];
    for ((variable, _), class) in columns.iter().zip(classes) {
        if let Some(slot) = known.get_mut(*variable) {
            *slot = *class;
        }
    }
    known
}
