//! Cases that change in the same way, told once.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::view::{CaseView, Counts};
use crate::{
    impact::{
        commitments::HoursChange,
        decisions::{Case, Cause, Decisions, Direction, Granted, Move, Names, Outcome, Touched},
        fingerprint,
    },
    model::{EntitlementRef, Id},
    report::summary::plural,
};

/// How many changes of one cause are told in words.
const MOST_OF_ONE_CAUSE: usize = 6;

/// Cases that change in the same way.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a field of the JSON, which readers look for by its name"
)]
pub struct ThemeView {
    /// A name that stays the same as long as its cases do; acknowledging it acknowledges them.
    pub fingerprint: String,
    /// Which way it goes: `loosens`, `incomparable`, `tightens` or `neutral`.
    pub direction: &'static str,
    /// Whether somebody acknowledged it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub acknowledged: bool,
    /// Whether it leaves requests that nobody can approve, all of them or those of some people.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub nobody: bool,
    /// The request type, where it is about what the type itself decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_type: Option<String>,
    /// The request types, where it is about several of them: those that count in the same hours, or what people can ask for
    /// who come or leave.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_types: Vec<String>,
    /// Whether it is about requests of the type for any access.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub any_access: bool,
    /// Whether those about whom something else is known ask for others.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub asking: bool,
    /// Whether the people because of whom it is so come or leave: `comes` or `leaves`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<&'static str>,
    /// The people about whom something else is known, or who come or leave, where that is why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    /// Why, in words, where it is because of other hours.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
    /// How many of its cases go which way.
    pub counts: Counts,
    /// What changes, in words.
    pub changes: Vec<String>,
    /// What is asked for.
    pub entitlements: Vec<String>,
    /// How many people and accounts of the directory could make such requests.
    pub people: usize,
    /// All of them by name, where that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// How many grants are held by them now.
    pub grants: usize,
    /// Those of them that stand in the ledger, by name, where that was asked for. What comes with a role does not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grant_names: Vec<String>,
    /// The places of the cases among all cases; the one that touches most people first.
    pub cases: Vec<usize>,
}

impl ThemeView {
    /// Whether a gate lets it through only when somebody says so.
    #[must_use]
    pub fn is_gated(&self) -> bool {
        [Direction::Loosens, Direction::Incomparable].iter().any(|way| way.name() == self.direction)
    }
}

impl ThemeView {
    /// What it is about: access, or a request type with and without access.
    #[must_use]
    pub fn subjects(&self) -> Vec<String> {
        let request_type =
            self.request_type.iter().chain(&self.request_types).map(|id| format!("request-type:{id}"));
        let any = self.any_access.then(|| "any access".to_owned());
        request_type.chain(any).chain(self.entitlements.iter().cloned()).collect()
    }

    /// What changes, as it is told to people: of one cause that changes much, some of it.
    pub(super) fn told(&self) -> Vec<String> {
        let most = if self.because.is_empty() { usize::MAX } else { MOST_OF_ONE_CAUSE };
        let mut told: Vec<String> = self.changes.iter().take(most).cloned().collect();
        let more = self.changes.len().saturating_sub(told.len());
        if more > 0 {
            told.push(format!("and {} besides", plural(more, "change")));
        }
        told
    }

    /// Why, where it is because of people.
    pub(super) fn because(&self, people: &str) -> String {
        let others = if self.asking { " when they ask for others" } else { "" };
        let one = self.about.len() == 1;
        match (self.presence, one) {
            (Some("comes"), true) => format!("there is one person more: {people}"),
            (Some("comes"), false) => format!("there are {} people more: {people}", self.about.len()),
            (Some(_), true) => format!("one person is not here any more: {people}"),
            (Some(_), false) => format!("{} people are not here any more: {people}", self.about.len()),
            (None, _) => format!("something else is known about {people}{others}"),
        }
    }
}

/// Whether only the hours differ in which people have time to answer.
fn differs_in_hours(case: &Case) -> bool {
    let timeless = |granted: &Granted| {
        let mut same = granted.clone();
        for time in same.panels.iter_mut().filter_map(|panel| panel.time.as_mut()) {
            time.hours = None;
        }
        // The stages before those that escalate are named with their hours.
        for panel in &mut same.panels {
            panel.after.clear();
        }
        same.panels.sort();
        same
    };
    let orderless =
        |granted: &Granted| granted.panels.iter().map(|panel| panel.time.clone()).collect::<BTreeSet<_>>();
    match (&case.before.0, &case.after.0) {
        (Outcome::Granted(before), Outcome::Granted(after)) => {
            orderless(before) != orderless(after) && timeless(before) == timeless(after)
        }
        _ => false,
    }
}

/// Names everybody whom changes touch, and every grant.
pub(super) fn name(themes: &mut [ThemeView], cases: &[Case], names: &Names) {
    for theme in themes {
        let own: Vec<&Case> = theme.cases.iter().filter_map(|place| cases.get(*place)).collect();
        let (people, grants) = names.touched(&own);
        theme.names = people.into_iter().map(ToString::to_string).collect();
        theme.grant_names = grants.into_iter().map(ToString::to_string).collect();
    }
}

/// Which way cases go together that have one cause.
fn together(counts: Counts) -> Direction {
    match counts {
        Counts { incomparable: 0, tightens: 0, loosens: 0, .. } => Direction::Neutral,
        Counts { incomparable: 0, loosens: 0, .. } => Direction::Tightens,
        Counts { incomparable: 0, tightens: 0, .. } => Direction::Loosens,
        _ => Direction::Incomparable,
    }
}

/// How many cases go which way.
fn counts<'c>(cases: impl Iterator<Item = &'c Case>) -> Counts {
    let mut counts = Counts::default();
    for case in cases {
        match case.direction {
            Direction::Loosens => counts.loosens += 1,
            Direction::Incomparable => counts.incomparable += 1,
            Direction::Tightens => counts.tightens += 1,
            Direction::Neutral => counts.neutral += 1,
        }
    }
    counts
}

/// What makes several cases one change.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Alike<'c> {
    direction: Option<Direction>,
    cause: &'c Cause,
    typed: bool,
    request_type: Option<&'c Id>,
    any_access: bool,
    changes: Option<&'c [String]>,
    by_hours: bool,
}

/// Puts cases together that change in the same way, or because of the same hours.
pub(super) fn themes(decisions: &Decisions, views: &[CaseView]) -> Vec<ThemeView> {
    let cases = &decisions.cases;
    let mut grouped: BTreeMap<Alike<'_>, Vec<usize>> = BTreeMap::new();
    for (place, (case, view)) in cases.iter().zip(views).enumerate() {
        let (cause, request_type) = (&case.cause, case.request_type.as_ref());
        let whole = Alike {
            direction: Some(case.direction),
            cause,
            typed: false,
            request_type: None,
            any_access: false,
            changes: Some(view.changes.as_slice()),
            by_hours: false,
        };
        let alike = if differs_in_hours(case) || matches!(cause, Cause::Hours(..)) {
            // Another calendar is one change, however many request types count in its hours, and whichever way each goes.
            Alike { direction: None, changes: None, by_hours: true, ..whole }
        } else if matches!(cause, Cause::Presence(..)) {
            // Whoever comes or leaves does so for all of them.
            Alike { typed: request_type.is_some(), ..whole }
        } else {
            Alike { request_type, any_access: case.any_access, ..whole }
        };
        grouped.entry(alike).or_default().push(place);
    }
    let mut themes: Vec<(Direction, ThemeView)> = Vec::new();
    for (alike, mut places) in grouped {
        let Alike { direction, cause, request_type, any_access, changes, by_hours, .. } = alike;
        let of = |place: &usize| cases.get(*place);
        let counts = counts(places.iter().filter_map(of));
        let direction = direction.unwrap_or_else(|| together(counts));
        let because = match cause {
            Cause::Hours(_, said) => said.clone(),
            _ if by_hours => decisions.hours.iter().flat_map(HoursChange::words).collect(),
            _ => Vec::new(),
        };
        places.sort_by_key(|place| std::cmp::Reverse(of(place).map_or(0, |case| case.touched.people)));
        let entitlements: BTreeSet<&EntitlementRef> =
            places.iter().filter_map(of).flat_map(|case| &case.entitlements).collect();
        let people = Touched::together(places.iter().filter_map(of).map(|case| &case.touched));
        let about: Vec<String> = cause.people().iter().map(ToString::to_string).collect();
        let mut names: Vec<&str> = places
            .iter()
            .filter_map(|place| views.get(*place))
            .map(|view| view.fingerprint.as_str())
            .collect();
        names.sort_unstable();
        let fingerprint = match names.as_slice() {
            [only] => (*only).to_owned(),
            several => fingerprint(several),
        };
        let types: BTreeSet<String> = places
            .iter()
            .filter_map(of)
            .filter(|_| request_type.is_none())
            .filter_map(|case| case.request_type.as_ref().map(ToString::to_string))
            .collect();
        let mut said: Vec<String> = changes.map(<[String]>::to_vec).unwrap_or_default();
        for change in places.iter().filter_map(|place| views.get(*place)).flat_map(|view| &view.changes) {
            if !said.contains(change) {
                said.push(change.clone());
            }
        }
        let theme = ThemeView {
            fingerprint,
            acknowledged: false,
            nobody: places
                .iter()
                .filter_map(of)
                .any(|case| case.after.0 == Outcome::Nobody || !case.stuck.is_empty()),
            direction: direction.name(),
            request_type: request_type.map(ToString::to_string),
            any_access: any_access
                || (request_type.is_none() && places.iter().filter_map(of).any(|case| case.any_access)),
            asking: matches!(cause, Cause::Requesters(_)),
            presence: match cause.way() {
                Move::Stays => None,
                Move::Comes => Some("comes"),
                Move::Leaves => Some("leaves"),
            },
            about,
            because,
            counts,
            changes: said,
            request_types: types.into_iter().collect(),
            entitlements: entitlements.into_iter().map(ToString::to_string).collect(),
            people,
            names: Vec::new(),
            grant_names: Vec::new(),
            grants: places.iter().filter_map(of).map(|case| case.touched.grants).sum(),
            cases: places,
        };
        themes.push((direction, theme));
    }
    themes.sort_by_key(|(direction, theme)| (*direction, std::cmp::Reverse(theme.people)));
    themes.into_iter().map(|(_, theme)| theme).collect()
}
