//! Which of two outcomes is stricter, as far as it can be shown.
//!
//! One outcome is at least as strict as another if every set of votes and evidence that satisfies it satisfies
//! the other as well, and it grants no longer and nothing else. What cannot be shown is not claimed: such a
//! change is incomparable, and gates treat it as one that loosens.

use std::collections::BTreeSet;

use super::meaning::{Approver, Granted, Needed, Outcome, Panel, Silence, Time};

/// Which way a change goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Something is granted that was not, or to more, with fewer people asked, or for longer.
    Loosens,
    /// It cannot be shown that it is at least as strict as before.
    Incomparable,
    /// The other way round: whatever is granted now was granted before.
    Tightens,
    /// The same votes and evidence lead to the same access; only something else about it changes, such as how
    /// long people have to answer.
    Neutral,
}

impl Direction {
    /// In a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loosens => "loosens",
            Self::Incomparable => "incomparable",
            Self::Tightens => "tightens",
            Self::Neutral => "neutral",
        }
    }

    /// Whether a gate lets it through only when somebody says so.
    #[must_use]
    pub const fn is_gated(self) -> bool {
        matches!(self, Self::Loosens | Self::Incomparable)
    }
}

/// Which way it goes from one outcome to another.
#[must_use]
pub fn direction(before: &Outcome, after: &Outcome) -> Direction {
    match (is_as_strict(after, before), is_as_strict(before, after)) {
        (true, true) => Direction::Neutral,
        (true, false) => Direction::Tightens,
        (false, true) => Direction::Loosens,
        (false, false) => Direction::Incomparable,
    }
}

/// Whether it can be shown that one outcome is at least as strict as another.
#[must_use]
pub fn is_as_strict(one: &Outcome, other: &Outcome) -> bool {
    match (one, other) {
        (Outcome::Denied | Outcome::Nobody, _) => true,
        (Outcome::Granted(_), Outcome::Denied | Outcome::Nobody) => false,
        (Outcome::Granted(one), Outcome::Granted(other)) => {
            one.gives == other.gives
                && grants_no_longer(one, other)
                && evidence(one).is_superset(&evidence(other))
                && one.answers.is_superset(&other.answers)
                && panels_imply(&one.panels, &other.panels)
        }
    }
}

fn evidence(granted: &Granted) -> BTreeSet<crate::model::workflow::Evidence> {
    granted.panels.iter().flat_map(|panel| &panel.evidence).chain(&granted.evidence).copied().collect()
}

/// Whether one grants no longer than the other, whatever duration is asked for, or none.
fn grants_no_longer(one: &Granted, other: &Granted) -> bool {
    let within = |limit: Option<i64>, other: Option<i64>| match (limit, other) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(limit), Some(other)) => limit <= other,
    };
    let until = match (one.until, other.until) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(one), Some(other)) => one <= other,
    };
    // A request without a duration is denied where an end is needed and nothing gives one.
    let denies_endless =
        |granted: &Granted| granted.needs_end && granted.longest.is_none() && granted.until.is_none();
    within(one.longest, other.longest) && until && (!denies_endless(other) || denies_endless(one))
}

/// Whether whoever satisfies the one panels has satisfied the others too.
fn panels_imply(one: &[Panel], other: &[Panel]) -> bool {
    if other.iter().any(|panel| panel.distinct) {
        // People who count once each: every panel of the one helps at most one panel of the other, and several
        // may help it together.
        let missing: Vec<u32> = other.iter().map(least_needed).collect();
        return one.iter().all(|panel| panel.distinct)
            && assign(one, other, &mut vec![false; one.len()], 0, missing.as_slice());
    }
    other.iter().all(|wanted| one.iter().any(|panel| helps(panel, wanted) && needs_no_less(panel, wanted)))
}

/// How many votes show that a panel is satisfied, when they come from panels inside it.
fn least_needed(panel: &Panel) -> u32 {
    let most = u32::try_from(widest(panel)).unwrap_or(u32::MAX);
    match panel.needed {
        Needed::Count(count) => count,
        Needed::All => most,
        Needed::Share(share) => share_of(share, most),
    }
}

/// The most people who can be in a panel at one time before it escalates.
fn widest(panel: &Panel) -> usize {
    panel.approvers.len().max(panel.fallback.len())
}

fn share_of(parts_per_million: u32, of: u32) -> u32 {
    let share = (u64::from(parts_per_million) * u64::from(of)).div_ceil(1_000_000);
    u32::try_from(share).unwrap_or(u32::MAX).max(1)
}

/// Finds panels that satisfy the panels of the other from `index` on, each used once. A handful of stages at
/// most, so trying all is quick; beyond that nothing is claimed.
fn assign(one: &[Panel], other: &[Panel], used: &mut Vec<bool>, index: usize, missing: &[u32]) -> bool {
    const MOST: usize = 10;
    let Some(wanted) = other.get(index) else { return true };
    if one.len() > MOST || other.len() > MOST {
        return false;
    }
    let needed = missing.get(index).copied().unwrap_or(u32::MAX);
    satisfy(one, other, used, (index, wanted), 0, needed, missing)
}

/// Takes panels from `from` on until one panel has what it needs.
fn satisfy(
    one: &[Panel],
    other: &[Panel],
    used: &mut Vec<bool>,
    (index, wanted): (usize, &Panel),
    from: usize,
    needed: u32,
    missing: &[u32],
) -> bool {
    for (place, panel) in one.iter().enumerate().skip(from) {
        if used.get(place).copied().unwrap_or(true) || !helps(panel, wanted) {
            continue;
        }
        let left = if needs_no_less(panel, wanted) { 0 } else { needed.saturating_sub(sure_votes(panel)) };
        set(used, place, true);
        let done = if left == 0 {
            assign(one, other, used, index + 1, missing)
        } else {
            satisfy(one, other, used, (index, wanted), place + 1, left, missing)
        };
        if done {
            return true;
        }
        set(used, place, false);
    }
    false
}

fn set(used: &mut [bool], place: usize, value: bool) {
    if let Some(slot) = used.get_mut(place) {
        *slot = value;
    }
}

/// How many votes a satisfied panel certainly brings.
fn sure_votes(panel: &Panel) -> u32 {
    match panel.needed {
        Needed::Count(count) => count,
        Needed::All | Needed::Share(_) => 1,
    }
}

/// Whether a panel alone brings as many votes as another needs, whoever of them is excluded or away.
fn needs_no_less(panel: &Panel, wanted: &Panel) -> bool {
    let same = panel.approvers == wanted.approvers && panel.fallback == wanted.fallback;
    match (panel.needed, wanted.needed) {
        (Needed::All, Needed::All | Needed::Share(_)) => same,
        (Needed::Share(one), Needed::Share(other)) => same && one >= other,
        (Needed::All | Needed::Share(_), Needed::Count(count)) => count <= 1,
        (Needed::Share(_), Needed::All) => false,
        (Needed::Count(count), _) => count >= least_needed(wanted),
    }
}

/// Whether every vote that counts in a panel counts in another one too, at any time.
fn helps(panel: &Panel, wanted: &Panel) -> bool {
    all_count(&panel.approvers, &wanted.approvers)
        && stand_ins_help(panel, wanted)
        && escalation_helps(panel, wanted)
        && patience_helps(panel, wanted)
}

/// Whether whoever is one of some people is one of others as well. Whoever could act and is away acts later at most.
fn all_count(some: &BTreeSet<Approver>, others: &BTreeSet<Approver>) -> bool {
    let counts = |one: &Approver| match one {
        Approver::Away(id) => others.contains(one) || others.contains(&Approver::Person(id.clone())),
        _ => others.contains(one),
    };
    some.iter().all(counts)
}

/// Those who stand in count only where nobody else can act, so they must count there whoever that is.
fn stand_ins_help(panel: &Panel, wanted: &Panel) -> bool {
    let same = panel.approvers == wanted.approvers && panel.fallback.is_subset(&wanted.fallback);
    same || panel.fallback.is_subset(&wanted.approvers)
}

fn escalation_helps(panel: &Panel, wanted: &Panel) -> bool {
    let Silence::Escalates(later) = &panel.silence else { return true };
    let at_once = all_count(later, &wanted.approvers);
    let as_early = match &wanted.silence {
        Silence::Escalates(wanted_later) => {
            later.iter().all(|one| wanted_later.contains(one) || wanted.approvers.contains(one))
                && is_no_longer(wanted.time.as_ref(), panel.time.as_ref())
                && opens_alike(wanted, panel)
        }
        Silence::Waits | Silence::Denies => false,
    };
    at_once || as_early
}

/// A panel that waits longer than one that denies lets votes through which the other does not.
fn patience_helps(panel: &Panel, wanted: &Panel) -> bool {
    match (&panel.silence, &wanted.silence) {
        (Silence::Denies, Silence::Denies) => {
            is_no_longer(panel.time.as_ref(), wanted.time.as_ref()) && opens_alike(panel, wanted)
        }
        (_, Silence::Denies) => wanted.time.is_none(),
        _ => true,
    }
}

/// Whether the time of a panel begins when that of another does, whoever votes when: the same has to agree before. Where less
/// has to, the time begins earlier, and is up for somebody who is still counted elsewhere.
fn opens_alike(panel: &Panel, other: &Panel) -> bool {
    panel.after == other.after
}

/// Whether one time is surely up no later than another.
fn is_no_longer(one: Option<&Time>, other: Option<&Time>) -> bool {
    match (one, other) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(one), Some(other)) => {
            // Whoever works whenever others do, and at least as long, is done no later.
            let as_early = match (&one.hours, &other.hours) {
                (None, None) => true,
                (Some(hours), Some(others)) => hours.cover(others),
                (None, Some(_)) | (Some(_), None) => false,
            };
            as_early && one.seconds <= other.seconds
        }
    }
}

/// People in one set and not in another, for the words of a report.
#[must_use]
pub fn missing<'p>(from: &'p BTreeSet<Approver>, without: &'p BTreeSet<Approver>) -> Vec<&'p Approver> {
    from.difference(without).collect()
}
