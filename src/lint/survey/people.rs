//! The people who can ask, in classes: those of one class are decided about alike, and the same others can
//! approve for them.

use std::collections::{BTreeSet, HashMap};

use jiff::{Timestamp, civil::Date};

use crate::{
    decide::{
        asked,
        engine::Engine,
        known,
        person::Directory,
        space::{BUDGET, Key, Space},
        value::Value,
        vocabulary::{Type, Vocabulary},
    },
    lint::governance::exception::waives_on,
    model::{
        Entry,
        access::Mode,
        condition::{Condition, Test},
        exception::Exception,
        person::{Person, PersonStatus},
    },
};

/// The place of a manager whom somebody does not have, or who cannot act.
pub(super) const NOBODY: u32 = u32::MAX;

/// Everybody, by their place in the order of their ids.
pub(super) struct People<'a> {
    entries: Vec<&'a Entry<Person>>,
    places: HashMap<&'a str, u32>,
    able: Vec<bool>,
    managers: Vec<u32>,
    /// The place that stands for each: that of the first record of the same person.
    firsts: Vec<u32>,
}

impl<'a> People<'a> {
    /// The people of a directory; `able` says who of them can act.
    pub(super) fn new(directory: &Directory<'a>, able: &dyn Fn(&Person) -> bool) -> Self {
        let entries: Vec<&'a Entry<Person>> = directory.vocabulary().rulebook().people.iter().collect();
        let places: HashMap<&str, u32> = (0..).zip(&entries).map(|(at, one)| (one.id.as_str(), at)).collect();
        let manager = |person: &&Entry<Person>| {
            let manager = person.value.manager.as_ref().and_then(|id| places.get(id.as_str()));
            manager.copied().unwrap_or(NOBODY)
        };
        let managers = entries.iter().map(manager).collect();
        let able = entries.iter().map(|person| able(person)).collect();
        let hands = directory.hands();
        let first = |(place, person): (u32, &&Entry<Person>)| {
            places.get(hands.of(person.id.as_str())).copied().unwrap_or(place)
        };
        let firsts = (0..).zip(&entries).map(first).collect();
        Self { entries, places, able, managers, firsts }
    }

    /// The place of the first record of the same person: people approve, not records.
    pub(super) fn first(&self, place: u32) -> u32 {
        self.firsts.get(place as usize).copied().unwrap_or(place)
    }

    /// The place of somebody.
    pub(super) fn place(&self, id: &str) -> Option<u32> {
        self.places.get(id).copied()
    }

    /// Who is at a place.
    pub(super) fn entry(&self, place: u32) -> Option<&'a Entry<Person>> {
        self.entries.get(place as usize).copied()
    }

    /// Everybody, with their places.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &'a Entry<Person>)> {
        (0..).zip(self.entries.iter().copied())
    }

    /// Whether somebody can act.
    pub(super) fn is_able(&self, place: u32) -> bool {
        self.able.get(place as usize).copied().unwrap_or_default()
    }

    /// Who can act so many levels above somebody.
    fn above(&self, place: u32, levels: u8) -> u32 {
        let manager = |at: u32| self.managers.get(at as usize).copied().unwrap_or(NOBODY);
        let at = (0..levels).fold(place, |at, _| manager(at));
        if self.first(at) != self.first(place) && self.is_able(at) { self.first(at) } else { NOBODY }
    }
}

/// What rules can tell about somebody. People about whom they can tell the same are of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    /// The class of each variable of a [`Sorter`]; none where nobody can say.
    classes: Vec<Option<u32>>,
    /// Whether their last day is known: access ends with it.
    pub(super) leaves: bool,
    /// The exceptions that hold for them, by their place in [`Kinds::exceptions`].
    pub(super) exceptions: Vec<u32>,
}

/// The kinds of people, and what tells them apart.
pub(super) struct Kinds<'a> {
    pub(super) all: Vec<Kind>,
    /// The exceptions in force.
    pub(super) exceptions: Vec<&'a Entry<Exception>>,
    sorter: Sorter<'a>,
    /// The kind of everybody who can ask.
    of: Vec<(u32, u32)>,
}

impl<'a> Kinds<'a> {
    /// Sorts everybody who can ask something for themselves by what conditions can tell about them.
    pub(super) fn new(
        directory: &Directory<'a>,
        people: &People<'a>,
        mut sorter: Sorter<'a>,
        engine: Option<&Engine<'a>>,
    ) -> Self {
        let today = directory.today();
        let rulebook = directory.vocabulary().rulebook();
        let exceptions: Vec<_> =
            rulebook.exceptions.iter().filter(|exception| waives_on(rulebook, exception, today)).collect();
        let reads_grants = sorter.keys.iter().any(|key| &*key.namespace == "grants");
        let clock = engine.filter(|_| reads_grants).and_then(|one| Some((one, one.start_of(today)?)));
        let mut known: HashMap<Kind, u32> = HashMap::new();
        let mut all = Vec::new();
        let mut of = Vec::new();
        for (place, person) in people.iter().filter(|(_, person)| can_ask(person, today)) {
            let kind = Kind {
                classes: sorter.classes(directory, person, clock),
                leaves: person.end.is_some(),
                exceptions: holding_for(&exceptions, person),
            };
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            let number = *known.entry(kind).or_insert_with_key(|kind| {
                all.push(kind.clone());
                next
            });
            of.push((place, number));
        }
        Self { all, exceptions, sorter, of }
    }

    /// How many people can ask.
    pub(super) fn people(&self) -> usize {
        self.of.len()
    }

    /// The classes of a space that each class of a variable here lies in; none when this one has no such variable.
    pub(super) fn translated(&self, key: &Key, into: &Space<'_>, variable: usize) -> Option<Column> {
        let place = self.sorter.keys.iter().position(|known| known == key)?;
        let classes = self.sorter.samples(place).map(|value| into.class_of(variable, &value?)).collect();
        Some(Column { place, classes })
    }
}

/// What the classes of a variable come to in another space.
pub(super) struct Column {
    place: usize,
    classes: Vec<Option<u32>>,
}

impl Column {
    /// The class of people of a kind.
    pub(super) fn of(&self, kind: &Kind) -> Option<u32> {
        let class = kind.classes.get(self.place).copied().flatten()?;
        self.classes.get(class as usize).copied().flatten()
    }
}

/// Whether somebody can ask something for themselves: a human being who has not left, and who has started or
/// has a first day.
fn can_ask(person: &Person, today: Date) -> bool {
    let here = match person.status {
        PersonStatus::Inactive => false,
        PersonStatus::Joining => person.start.is_some(),
        PersonStatus::Active | PersonStatus::OnLeave => true,
    };
    here && person.employment.is_human() && person.end.is_none_or(|end| end.0 >= today)
}

/// The exceptions that hold for what somebody asks.
fn holding_for(exceptions: &[&Entry<Exception>], person: &Entry<Person>) -> Vec<u32> {
    let holds = |exception: &Entry<Exception>| {
        let named = exception.people.iter().any(|one| *one.id() == person.id);
        // Nobody agrees to an exception for themselves.
        let by_themselves = exception.approved_by.as_ref().is_some_and(|by| *by.id() == person.id);
        (exception.people.is_empty() || named) && !by_themselves
    };
    (0..).zip(exceptions).filter(|(_, one)| holds(one)).map(|(place, _)| place).collect()
}

/// What conditions can tell about people.
pub(super) struct Sorter<'a> {
    /// What is looked at.
    keys: Vec<Key>,
    /// The classes that all conditions tell apart together; none when these are too complicated together, and
    /// then every value is a class of its own.
    space: Option<Space<'a>>,
    values: Vec<Vec<Word>>,
    /// The class of each value that was looked up before: most people share theirs with others.
    known: HashMap<(usize, Word), Option<u32>>,
}

/// A value that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Word {
    Absent,
    Text(String),
    Number(i64),
    Boolean(bool),
    Something,
}

impl Word {
    fn new(value: &Value<'_>) -> Self {
        match value {
            Value::Absent => Self::Absent,
            Value::Text(text) => Self::Text((*text).to_owned()),
            Value::Number(number) => Self::Number(*number),
            Value::Boolean(yes) => Self::Boolean(*yes),
            _ => Self::Something,
        }
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Absent => Value::Absent,
            Self::Text(text) => Value::Text(text),
            Self::Number(number) => Value::Number(*number),
            Self::Boolean(yes) => Value::Boolean(*yes),
            Self::Something => Value::Something,
        }
    }
}

impl<'a> Sorter<'a> {
    /// Sorts by what rules and guardrails ask about people.
    pub(super) fn new(vocabulary: &Vocabulary<'a>) -> Self {
        let rulebook = vocabulary.rulebook();
        let rules = rulebook.access.iter().flat_map(|policy| &policy.value.rule);
        let rules = rules.filter(|rule| rule.mode == Mode::Enforce).map(|rule| &*rule.when);
        let guardrails = rulebook.guardrails.iter().filter(|one| one.mode == Mode::Enforce);
        let conditions: Vec<_> = rules.chain(guardrails.map(|guardrail| &*guardrail.value.when)).collect();
        let all = conditions.iter().map(|condition| (vocabulary, *condition));
        let space = Space::of_several(all, &is_about_people, BUDGET).ok();
        let keys: Vec<Key> = if let Some(space) = &space {
            space.variables().cloned().collect()
        } else {
            let mut keys = BTreeSet::new();
            for condition in conditions {
                condition.tests(&mut |test, _| {
                    let alone = Condition::Test(test.clone());
                    let space = Space::of_several([(vocabulary, &alone)], &is_about_people, BUDGET);
                    keys.extend(space.iter().flat_map(Space::variables).cloned());
                });
            }
            keys.into_iter().collect()
        };
        let values = vec![Vec::new(); keys.len()];
        Self { keys, space, values, known: HashMap::new() }
    }

    fn class(&mut self, variable: usize, value: &Value<'_>) -> Option<u32> {
        let word = Word::new(value);
        if let Some(known) = self.known.get(&(variable, word.clone())) {
            return *known;
        }
        let class = match &self.space {
            Some(space) => space.class_of(variable, value),
            None => self.values.get_mut(variable).and_then(|values| {
                values.push(word.clone());
                u32::try_from(values.len() - 1).ok()
            }),
        };
        self.known.insert((variable, word), class);
        class
    }

    /// A value of each class of a variable.
    fn samples(&self, variable: usize) -> Box<dyn Iterator<Item = Option<Value<'_>>> + '_> {
        match &self.space {
            Some(space) => {
                let width = u32::try_from(space.width(variable)).unwrap_or(u32::MAX);
                Box::new((0..width).map(move |class| space.sample(variable, class)))
            }
            None => Box::new(self.values.get(variable).into_iter().flatten().map(|word| Some(word.value()))),
        }
    }

    fn classes(
        &mut self,
        directory: &Directory<'a>,
        person: &'a Entry<Person>,
        clock: Option<(&Engine<'a>, Timestamp)>,
    ) -> Vec<Option<u32>> {
        let held = clock.and_then(|(engine, now)| Some((asked::held(engine, person).ok()?, now)));
        let keys = std::mem::take(&mut self.keys);
        let mut values: HashMap<&str, Value<'_>> = HashMap::new();
        let mut classes = Vec::with_capacity(keys.len());
        for (variable, key) in keys.iter().enumerate() {
            let value = if &*key.namespace == "grants" {
                held.as_ref().and_then(|(held, now)| known::of_grants(held, *now, key))
            } else {
                let name: &str = &key.name;
                let value = values.entry(name).or_insert_with(|| {
                    let resolved = directory.vocabulary().resolve("subject", name);
                    let values = resolved.map_or(Type::Opaque, |found| found.values);
                    directory.value(person, name, &values)
                });
                known::side(&key.facet, value)
            };
            classes.push(value.and_then(|value| self.class(variable, &value)));
        }
        drop(values);
        self.keys = keys;
        classes
    }
}

fn is_about_people(test: &Test) -> bool {
    match &*test.namespace {
        "requester" => !matches!(&*test.name, "is-beneficiary" | "is-manager"),
        namespace => matches!(namespace, "subject" | "grants"),
    }
}

/// People of one kind with the same managers who can act. Whoever can approve anything is a class of their
/// own, since they cannot approve for themselves.
pub(super) struct Class {
    /// What rules can tell about them.
    pub(super) kind: u32,
    /// Who can act above them, by the place of the level in [`Classes::levels`].
    pub(super) managers: Box<[u32]>,
    /// Who it is, when it is somebody who can approve something; otherwise nobody.
    pub(super) own: u32,
    /// Which of their managers are missing or the same, see [`Classes::patterns`].
    pub(super) pattern: u32,
    /// Who they are.
    pub(super) people: Vec<u32>,
}

/// The classes of the people who can ask.
pub(super) struct Classes {
    pub(super) all: Vec<Class>,
    /// The levels of managers that are ever asked, in order.
    pub(super) levels: Vec<u8>,
    /// Managers as they are for people who have nothing to do with an approval: places that nobody has.
    pub(super) patterns: Vec<Box<[u32]>>,
    by_own: HashMap<u32, Vec<u32>>,
    by_manager: HashMap<u32, Vec<u32>>,
}

impl Classes {
    /// Divides everybody who can ask. `approves` says who can approve something in their own name.
    pub(super) fn new(
        people: &People<'_>,
        kinds: &Kinds<'_>,
        levels: Vec<u8>,
        approves: &dyn Fn(u32) -> bool,
    ) -> Self {
        let mut classes = Self {
            all: Vec::new(),
            levels,
            patterns: Vec::new(),
            by_own: HashMap::new(),
            by_manager: HashMap::new(),
        };
        let mut places: HashMap<(u32, Box<[u32]>, u32), usize> = HashMap::new();
        let mut patterns: HashMap<Box<[u32]>, u32> = HashMap::new();
        for (person, kind) in &kinds.of {
            let managers: Box<[u32]> =
                classes.levels.iter().map(|level| people.above(*person, *level)).collect();
            let first = people.first(*person);
            let own = if approves(first) { first } else { NOBODY };
            let place = *places.entry((*kind, managers.clone(), own)).or_insert(classes.all.len());
            if let Some(known) = classes.all.get_mut(place) {
                known.people.push(*person);
                continue;
            }
            let next = u32::try_from(patterns.len()).unwrap_or(u32::MAX);
            let pattern = *patterns.entry(pattern(&managers)).or_insert_with_key(|pattern| {
                classes.patterns.push(pattern.clone());
                next
            });
            let number = u32::try_from(place).unwrap_or(u32::MAX);
            if own != NOBODY {
                classes.by_own.entry(own).or_default().push(number);
            }
            for manager in managers.iter().filter(|manager| **manager != NOBODY) {
                let known = classes.by_manager.entry(*manager).or_default();
                if known.last() != Some(&number) {
                    known.push(number);
                }
            }
            classes.all.push(Class { kind: *kind, managers, own, pattern, people: vec![*person] });
        }
        classes
    }

    /// The classes that are not like any other for some approvers: themselves, and those whom they manage.
    pub(super) fn near(&self, approvers: &[u32]) -> Vec<u32> {
        let of = |approver: &u32| {
            let managed = self.by_manager.get(approver).into_iter().flatten();
            let own = self.by_own.get(approver).into_iter().flatten();
            own.chain(managed).copied().collect::<Vec<_>>()
        };
        let mut near: Vec<u32> = approvers.iter().flat_map(of).collect();
        near.sort_unstable();
        near.dedup();
        near
    }
}

/// Which managers are missing or the same, as places that nobody has.
fn pattern(managers: &[u32]) -> Box<[u32]> {
    let mut seen: Vec<u32> = Vec::new();
    let place = |manager: &u32| {
        if *manager == NOBODY {
            return NOBODY;
        }
        let at = seen.iter().position(|known| known == manager).unwrap_or_else(|| {
            seen.push(*manager);
            seen.len() - 1
        });
        NOBODY - 1 - u32::try_from(at).unwrap_or_default()
    };
    managers.iter().map(place).collect()
}
