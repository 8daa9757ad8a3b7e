//! The set of requests of a case, in a few words.

use std::cmp::Ordering;

use super::{
    meaning::Outcome,
    moved::Move,
    people::Touched,
    strictness::{Direction, direction},
    witness::Witness,
};
use crate::{
    decide::space::{Set, Space, Unsure, Words},
    impact::fingerprint,
    model::{EntitlementRef, Id, Selector},
};

/// How many descriptions a case has at most.
const MOST: usize = 6;

/// Some requests that are decided alike before, and alike after, a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Why.
    pub cause: Cause,
    /// Which way it goes.
    pub direction: Direction,
    /// What is asked for.
    pub entitlements: Vec<EntitlementRef>,
    /// The request type, where it is about what the type itself decides; without entitlements about requests of it
    /// that ask for no access, or for any.
    pub request_type: Option<Id>,
    /// Whether it is about requests of the type for any access.
    pub any_access: bool,
    /// How it was decided, with the rules that did.
    pub before: (Outcome, Vec<Selector>),
    /// How it would be.
    pub after: (Outcome, Vec<Selector>),
    /// Which requests these are.
    pub who: Told,
    /// Whom it touches today.
    pub touched: Touched,
    /// A request that shows it; none where nobody can make one today.
    pub witness: Option<Witness>,
    /// For whose requests nobody is left who can approve, and somebody was, or they were denied.
    pub stuck: Vec<Id>,
    /// A name that stays the same as long as the case does, wherever rules are written.
    pub fingerprint: String,
}

/// Which requests, in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// The requests for which all words of one of these hold. One without any words is about all requests.
    pub any: Vec<Vec<Words>>,
    /// Whether there are more that are not described.
    pub more: bool,
    /// A name of exactly these requests, with those that are not described.
    exact: String,
}

impl Told {
    /// Every request.
    pub(super) fn everything() -> Self {
        Self { any: vec![Vec::new()], more: false, exact: "everything".to_owned() }
    }

    /// Those of them for which this holds as well, which no attribute of the set says; `exactly` says all of it.
    pub(super) fn that(mut self, words: &Words, exactly: &str) -> Self {
        self.exact =
            fingerprint(&[self.exact.as_str(), words.attribute.as_str(), words.said.as_str(), exactly]);
        for all in &mut self.any {
            all.push(words.clone());
        }
        self
    }

    /// A name of exactly these requests.
    pub(in crate::impact) fn exact(&self) -> &str {
        &self.exact
    }
}

/// Why some requests are decided otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The rules are others, or the people, workflows and entitlements that they name.
    Rules,
    /// Something else is known about these people.
    People(Vec<Id>),
    /// Something else is known about these people, who ask for somebody else.
    Requesters(Vec<Id>),
    /// It comes, or came, with a role, without anybody's asking.
    Birthright,
    /// These people come or leave.
    Presence(Move, Vec<Id>),
    /// It comes, or came, with the role of these people, about whom something else is known, who come or who leave.
    Roles(Move, Vec<Id>),
    /// A calendar that rules read has other hours, which are these in words.
    Hours(Id, Vec<String>),
}

impl Cause {
    /// The people because of whom it is so.
    #[must_use]
    pub fn people(&self) -> &[Id] {
        match self {
            Self::People(people)
            | Self::Requesters(people)
            | Self::Presence(_, people)
            | Self::Roles(_, people) => people,
            Self::Rules | Self::Birthright | Self::Hours(..) => &[],
        }
    }

    /// Whether they come or leave.
    #[must_use]
    pub const fn way(&self) -> Move {
        match self {
            Self::Presence(way, _) | Self::Roles(way, _) => *way,
            Self::Rules | Self::People(_) | Self::Requesters(_) | Self::Birthright | Self::Hours(..) => {
                Move::Stays
            }
        }
    }

    /// Whether it is about what comes with a role.
    #[must_use]
    pub const fn is_birthright(&self) -> bool {
        matches!(self, Self::Birthright | Self::Roles(..))
    }
}

impl Case {
    pub(super) fn new(
        cause: Cause,
        entitlements: Vec<EntitlementRef>,
        [before, after]: [Outcome; 2],
        [rules_before, rules_after]: [Vec<Selector>; 2],
        who: Told,
    ) -> Self {
        let mut new = Self {
            cause,
            direction: direction(&before, &after),
            entitlements,
            request_type: None,
            any_access: false,
            before: (before, rules_before),
            after: (after, rules_after),
            who,
            touched: Touched::default(),
            witness: None,
            stuck: Vec::new(),
            fingerprint: String::new(),
        };
        new.fingerprint = new.name();
        new
    }

    /// The same about what a request type itself decides.
    pub(super) fn of_type(mut self, request_type: Option<Id>, any_access: bool) -> Self {
        self.request_type = request_type;
        self.any_access = any_access;
        self.fingerprint = self.name();
        self
    }

    pub(super) fn touching(mut self, touched: Touched, witness: Option<Witness>) -> Self {
        self.touched = touched;
        self.witness = witness;
        self
    }

    pub(super) fn stuck_for(mut self, stuck: Vec<Id>) -> Self {
        self.stuck = stuck;
        self
    }

    /// What the case is, without where anything is written and without today's people.
    fn name(&self) -> String {
        let said = |part: &dyn std::fmt::Debug| format!("{part:?}");
        let mut parts = vec![
            said(&self.cause),
            said(&self.entitlements),
            said(&self.before.0),
            said(&self.after.0),
            self.who.exact.clone(),
        ];
        parts.extend(self.request_type.as_ref().map(ToString::to_string));
        parts.extend(self.any_access.then(|| "any access".to_owned()));
        fingerprint(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The order of a report: what loosens first, and of that what touches most.
    pub(super) fn order(one: &Self, other: &Self) -> Ordering {
        let key =
            |case: &Self| (case.direction, std::cmp::Reverse(case.touched.people), case.entitlements.clone());
        key(one).cmp(&key(other)).then_with(|| one.fingerprint.cmp(&other.fingerprint))
    }
}

/// Describes a set in a few words.
pub(in crate::impact) fn tell(space: &mut Space<'_>, set: Set) -> Told {
    let mut told = Told { exact: space.exact(set), ..Told::default() };
    let mut rest = set;
    while !rest.is_empty() {
        if told.any.len() == MOST {
            told.more = true;
            break;
        }
        let Ok((words, left)) = cube(space, set, rest) else {
            told.more = true;
            break;
        };
        told.any.push(words);
        rest = left;
    }
    told
}

/// How far from the person an attribute is: what is farthest is left out of a description first.
fn distance(namespace: &str) -> usize {
    ["subject", "request", "requester", "grants", "peers"]
        .iter()
        .position(|known| *known == namespace)
        .unwrap_or(usize::MAX)
}

/// One description of a part of a set that holds some of `rest`, as wide as it can be, and what is left.
fn cube(space: &mut Space<'_>, set: Set, rest: Set) -> Result<(Vec<Words>, Set), Unsure> {
    let point = space.point(rest).ok_or(Unsure::Budget)?;
    let mut chosen: Vec<(usize, Vec<bool>)> = Vec::new();
    for variable in space.matters(set) {
        let class = point.classes().get(variable).copied().unwrap_or_default();
        let accepted = (0..space.width(variable)).map(|one| one == class as usize).collect();
        chosen.push((variable, accepted));
    }
    let ranks: Vec<usize> = space.variables().map(|key| distance(&key.namespace)).collect();
    chosen.sort_by_key(|(variable, _)| (ranks.get(*variable).copied().unwrap_or_default(), *variable));
    let outside = space.not(set)?;
    for place in (0..chosen.len()).rev() {
        let others = product(
            space,
            chosen.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, one)| one),
        )?;
        // What is around this variable and not in the set: classes that lead there cannot be taken in.
        let beyond = space.and(others, outside)?;
        if beyond.is_empty() {
            chosen.remove(place);
            continue;
        }
        let Some((variable, accepted)) = chosen.get_mut(place) else { continue };
        for (accepted, leads_there) in accepted.iter_mut().zip(space.possible_classes(beyond, *variable)) {
            *accepted |= !leads_there;
        }
    }
    let whole = product(space, chosen.iter())?;
    // What narrows it down most is said first.
    let share = |accepted: &[bool]| {
        accepted.iter().filter(|accepted| **accepted).count() * 1_000 / accepted.len().max(1)
    };
    chosen.sort_by_key(|(variable, accepted)| (share(accepted), *variable));
    let left = space.minus(rest, whole)?;
    let words = chosen.iter().filter_map(|(variable, accepted)| space.words(*variable, accepted)).collect();
    Ok((words, left))
}

fn product<'c>(
    space: &mut Space<'_>,
    chosen: impl Iterator<Item = &'c (usize, Vec<bool>)>,
) -> Result<Set, Unsure> {
    let mut all = Set::EVERYTHING;
    for (variable, accepted) in chosen {
        let one = space.choose(*variable, accepted)?;
        all = space.and(all, one)?;
    }
    Ok(all)
}
