//! What is counted about decisions. Parts of a file can be counted apart and put together in their order.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::{
    gist::{Asked, Gist},
    row::Past,
};
use crate::{
    decide::decision::{Decision, Denial},
    model::{Id, Selector, replay_map::Recorded, scenario::Verdict},
    simulate::replay::{EXAMPLES, Spread},
};

/// The name of the reason of what cannot be decided.
const UNDECIDABLE: &str = "undecidable";

/// What is counted.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Requests that were decided about.
    pub decided: u64,
    /// Those whose rows do not say when they were made.
    pub undated: u64,
    /// When the first and the last of the others were made.
    pub period: Option<(Timestamp, Timestamp)>,
    /// How many, by verdict and by what was decided at the time.
    pub verdicts: BTreeMap<(Verdict, Option<Recorded>), u64>,
    /// Decisions that contradict what was decided at the time.
    pub differences: BTreeMap<Difference, Examples>,
    /// Why requests are denied, by the names of the reasons; one request can have several.
    pub denials: BTreeMap<&'static str, u64>,
    /// Requests about which the rulebook cannot decide.
    pub undecidable: Examples,
    /// How many, by service and verdict.
    pub services: BTreeMap<Id, Counts>,
    /// What rules did.
    pub rules: HashMap<Selector, RuleUse>,
    /// The stages that are asked, by `workflow/stage`.
    pub stages: BTreeMap<String, StageLoad>,
    /// The people who are asked.
    pub approvers: HashMap<Id, ApproverLoad>,
    /// How long it can take until everybody agreed, when every stage takes all of its time.
    pub latency: Spread,
    /// Requests that wait for a stage without a limit.
    pub unlimited: u64,
}

/// How many requests, by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Approved by rule.
    pub approved: u64,
    /// People are asked.
    pub needs_approval: u64,
    /// Denied.
    pub denied: u64,
    /// No request that makes sense.
    pub invalid: u64,
}

impl Counts {
    pub(super) fn add(&mut self, verdict: Verdict, count: u64) {
        *match verdict {
            Verdict::Approved => &mut self.approved,
            Verdict::NeedsApproval => &mut self.needs_approval,
            Verdict::Denied => &mut self.denied,
            Verdict::Invalid => &mut self.invalid,
        } += count;
    }

    fn merge(&mut self, other: Self) {
        self.approved += other.approved;
        self.needs_approval += other.needs_approval;
        self.denied += other.denied;
        self.invalid += other.invalid;
    }

    /// All of them.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.approved + self.needs_approval + self.denied + self.invalid
    }
}

/// A way in which a decision contradicts what was decided at the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// Approved by rule, and people had denied it.
    WrongApproval,
    /// Denied, and it had been approved.
    WrongDenial,
}

/// How many, and the first of them.
#[derive(Debug, Clone, Default)]
pub struct Examples {
    /// How many.
    pub count: u64,
    /// The first.
    pub first: Vec<Witness>,
}

impl Examples {
    pub(super) fn add(&mut self, witness: impl FnOnce() -> Witness) {
        self.count += 1;
        if self.first.len() < EXAMPLES {
            self.first.push(witness());
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.first.extend(other.first);
        self.first.truncate(EXAMPLES);
    }
}

/// A row, and what is decided about it.
#[derive(Debug, Clone)]
pub struct Witness {
    /// The row, from 1.
    pub row: u64,
    /// The line on which it starts.
    pub line: u64,
    /// The name of the request.
    pub id: Option<String>,
    /// What is decided.
    pub because: Because,
}

/// A decision, as short as it can be said.
#[derive(Debug, Clone)]
pub struct Because {
    /// The verdict.
    pub verdict: Verdict,
    /// The rules that decided.
    pub rules: Vec<Selector>,
    /// Why it was denied.
    pub denials: Vec<Denial>,
    /// Why it makes no sense.
    pub problems: Vec<String>,
}

impl Because {
    pub(super) fn of(decision: &Decision<'_>) -> Self {
        Self {
            verdict: decision.verdict,
            rules: decision.rules().into_iter().cloned().collect(),
            denials: decision.denials.clone(),
            problems: decision.problems.iter().map(ToString::to_string).collect(),
        }
    }
}

/// What a rule did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleUse {
    /// Requests for which its condition was looked at.
    pub considered: u64,
    /// Those for which it held.
    pub matched: u64,
    /// Those of them for which an exception waived it.
    pub waived: u64,
    /// Those in whose decision it had a part, by what was decided about them.
    pub decided: Counts,
}

/// How much a stage is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StageLoad {
    /// Requests that wait for it.
    pub asked: u64,
    /// Approvals that are needed, all together.
    pub needed: u64,
    /// Requests for which people stand in.
    pub fallback: u64,
}

/// How much somebody is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ApproverLoad {
    /// Requests for which they can act.
    pub asked: u64,
    /// Requests that wait for them alone in some stage.
    pub alone: u64,
    /// Approvals to be expected of them when all who can act in a stage take turns, in millionths.
    pub share: u64,
}

/// A row of which a request is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'p> {
    pub(super) row: u64,
    pub(super) line: u64,
    pub(super) past: &'p Past,
}

impl Told<'_> {
    pub(super) fn witness(&self, decision: &Decision<'_>) -> Witness {
        let because = Because::of(decision);
        Witness { row: self.row, line: self.line, id: self.past.id.clone(), because }
    }
}

impl Tally {
    /// Counts a decision.
    pub(super) fn add(&mut self, told: &Told<'_>, decision: &Decision<'_>) {
        let gist = Gist::of(decision);
        let dues = decision.stages.iter().map(|asking| asking.due);
        let until = dues.collect::<Option<Vec<_>>>().map(|dues| dues.into_iter().max());
        let latency =
            until.map(|until| until.map_or(0, |until| until.as_second() - decision.instant.as_second()));
        self.add_row(told, decision.verdict, latency, || told.witness(decision));
        self.add_many(&gist, 1);
        if gist.denials.contains(&UNDECIDABLE) {
            self.undecidable.add(|| told.witness(decision));
        }
    }

    /// Counts what differs from one request to the next, even where the same is decided. `latency` is how long it can
    /// take until everybody agreed, in seconds; none when a stage has no limit.
    pub(super) fn add_row(
        &mut self,
        told: &Told<'_>,
        verdict: Verdict,
        latency: Option<i64>,
        witness: impl FnOnce() -> Witness,
    ) {
        self.decided += 1;
        match told.past.at {
            None => self.undated += 1,
            Some(at) => self.add_period((at, at)),
        }
        *self.verdicts.entry((verdict, told.past.recorded)).or_default() += 1;
        let difference = match (verdict, told.past.recorded) {
            (Verdict::Approved, Some(Recorded::Denied)) => Some(Difference::WrongApproval),
            (Verdict::Denied | Verdict::Invalid, Some(Recorded::Approved | Recorded::AutoApproved)) => {
                Some(Difference::WrongDenial)
            }
            _ => None,
        };
        if let Some(difference) = difference {
            self.differences.entry(difference).or_default().add(witness);
        }
        if verdict == Verdict::NeedsApproval {
            match latency {
                Some(seconds) => self.latency.add(seconds),
                None => self.unlimited += 1,
            }
        }
    }

    /// Counts what is the same for so many requests.
    pub(super) fn add_many(&mut self, gist: &Gist<'_>, count: u64) {
        for name in &gist.denials {
            *self.denials.entry(name).or_default() += count;
        }
        for service in &gist.services {
            if !self.services.contains_key(service.as_str()) {
                self.services.insert(service.clone(), Counts::default());
            }
            if let Some(counts) = self.services.get_mut(service.as_str()) {
                counts.add(gist.verdict, count);
            }
        }
        for (rule, used) in &gist.rules {
            if !self.rules.contains_key(rule) {
                self.rules.insert(rule.clone(), RuleUse::default());
            }
            if let Some(before) = self.rules.get_mut(rule) {
                before.merge(used.times(count));
            }
        }
        if gist.verdict == Verdict::NeedsApproval {
            self.add_stages(&gist.stages, count);
        }
    }

    fn add_period(&mut self, (first, last): (Timestamp, Timestamp)) {
        let period = self.period.get_or_insert((first, last));
        *period = (period.0.min(first), period.1.max(last));
    }

    fn add_stages(&mut self, stages: &[Asked<'_>], count: u64) {
        let mut counted: Vec<&Id> = Vec::new();
        for asked in stages {
            if !self.stages.contains_key(&asked.name) {
                self.stages.insert(asked.name.clone(), StageLoad::default());
            }
            if let Some(load) = self.stages.get_mut(&asked.name) {
                load.asked += count;
                load.needed += asked.needed * count;
                load.fallback += u64::from(asked.fallback) * count;
            }
            let people = asked.approvers.len() as u64;
            for person in &asked.approvers {
                if !self.approvers.contains_key(person) {
                    self.approvers.insert(person.clone(), ApproverLoad::default());
                }
                let Some(load) = self.approvers.get_mut(person) else { continue };
                // Somebody who can act in two stages is one of those who are asked, once.
                if !counted.contains(&person) {
                    counted.push(person);
                    load.asked += count;
                }
                load.alone += u64::from(people == 1) * count;
                load.share += (asked.needed * 1_000_000) / people.max(1) * count;
            }
        }
    }

    /// Adds everything of another, which comes after this one.
    pub(super) fn merge(&mut self, other: Self) {
        self.decided += other.decided;
        self.undated += other.undated;
        if let Some(period) = other.period {
            self.add_period(period);
        }
        for (key, count) in other.verdicts {
            *self.verdicts.entry(key).or_default() += count;
        }
        for (difference, examples) in other.differences {
            self.differences.entry(difference).or_default().merge(examples);
        }
        for (name, count) in other.denials {
            *self.denials.entry(name).or_default() += count;
        }
        self.undecidable.merge(other.undecidable);
        for (service, counts) in other.services {
            self.services.entry(service).or_default().merge(counts);
        }
        for (rule, used) in other.rules {
            self.rules.entry(rule).or_default().merge(used);
        }
        for (stage, load) in other.stages {
            let own = self.stages.entry(stage).or_default();
            own.asked += load.asked;
            own.needed += load.needed;
            own.fallback += load.fallback;
        }
        for (person, load) in other.approvers {
            let own = self.approvers.entry(person).or_default();
            own.asked += load.asked;
            own.alone += load.alone;
            own.share += load.share;
        }
        self.latency.merge(other.latency);
        self.unlimited += other.unlimited;
    }

    /// How many requests, by verdict.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for ((verdict, _), count) in &self.verdicts {
            counts.add(*verdict, *count);
        }
        counts
    }

    /// How many rows say what was decided at the time.
    #[must_use]
    pub fn recorded(&self) -> u64 {
        self.verdicts.iter().filter(|((_, recorded), _)| recorded.is_some()).map(|(_, count)| count).sum()
    }

    /// How many decisions contradict what was decided at the time.
    #[must_use]
    pub fn difference(&self, difference: Difference) -> u64 {
        self.differences.get(&difference).map_or(0, |examples| examples.count)
    }
}

impl RuleUse {
    fn merge(&mut self, other: Self) {
        self.considered += other.considered;
        self.matched += other.matched;
        self.waived += other.waived;
        self.decided.merge(other.decided);
    }

    /// The same for so many requests.
    const fn times(self, count: u64) -> Self {
        let Counts { approved, needs_approval, denied, invalid } = self.decided;
        Self {
            considered: self.considered * count,
            matched: self.matched * count,
            waived: self.waived * count,
            decided: Counts {
                approved: approved * count,
                needs_approval: needs_approval * count,
                denied: denied * count,
                invalid: invalid * count,
            },
        }
    }

    /// For one request: what happened for any of the things that it asks for.
    pub(super) fn stronger(&mut self, other: Self) {
        self.matched = self.matched.max(other.matched);
        self.waived = self.waived.max(other.waived);
        if other.decided.all() > 0 {
            self.decided = other.decided;
        }
    }
}
