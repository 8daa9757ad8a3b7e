//! Why a request is decided as it is: every rule that was considered, and the tests that made it match or not.

use super::{
    Classifier, Interned, NotCovered, RuleId,
    bits::Bits,
    classify::{Applied, End},
    columns::Columns,
    offers,
};
use crate::model::{
    access::Mode,
    condition::{Condition, Test},
};

/// A condition with the classes that pass each test.
#[derive(Debug)]
pub(super) enum Meaning<'a> {
    All(Box<[Meaning<'a>]>),
    Any(Box<[Meaning<'a>]>),
    Not(Box<Meaning<'a>>),
    /// A test of one column, with the classes that pass.
    Test(&'a Test, usize, Bits),
    /// A test of several columns, each with the classes that pass.
    Tests(&'a Test, Box<[(usize, Bits)]>),
}

/// What was considered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A guardrail, by its place among all of the rulebook.
    Guardrail(u32),
    /// A rule of an access policy.
    Rule(RuleId),
}

/// What came of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// It matched.
    Matched,
    /// It did not.
    NotMatched,
    /// It matched and is waived by an exception in force.
    Waived,
}

/// A rule that was considered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Considered {
    /// The rule.
    pub subject: Subject,
    /// What came of it.
    pub came: Came,
    /// Whether it decides, or only says what it would do.
    pub mode: Mode,
    first: u32,
    end: u32,
}

/// The rules that were considered, in the order of the evaluation. Can be used again for the next request.
#[derive(Debug, Default)]
pub struct Reasons<'a> {
    considered: Vec<Considered>,
    tests: Vec<(&'a Test, bool)>,
    /// The class of each column.
    classes: Vec<usize>,
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl<'a> Reasons<'a> {
    /// The rules that were considered.
    #[must_use]
    pub fn considered(&self) -> &[Considered] {
        &self.considered
    }

    /// The tests that made a rule match or not, each with whether it passed: for one that matches every test that it
    /// needs, for one that does not the first that stood in the way.
    #[must_use]
    pub fn tests(&self, considered: &Considered) -> &[(&'a Test, bool)] {
        self.tests.get(considered.first as usize..considered.end as usize).unwrap_or_default()
    }

    /// Notes what came of a rule; whether it matched and is enforced.
    fn note(
        &mut self,
        subject: Subject,
        meaning: &Meaning<'a>,
        mode: Mode,
        waived: impl FnOnce() -> Result<bool, NotCovered>,
    ) -> Result<bool, NotCovered> {
        let first = small(self.tests.len());
        let came = if !examine(meaning, &self.classes, &mut self.tests) {
            Came::NotMatched
        } else if waived()? {
            Came::Waived
        } else {
            Came::Matched
        };
        self.considered.push(Considered { subject, came, mode, first, end: small(self.tests.len()) });
        Ok(came == Came::Matched && mode == Mode::Enforce)
    }
}

impl<'a> Meaning<'a> {
    /// The meaning of a condition; none when a test makes no sense.
    pub(super) fn new(columns: &Columns<'_>, condition: &'a Condition) -> Option<Self> {
        let each =
            |parts: &'a [Condition]| parts.iter().map(|part| Self::new(columns, part)).collect::<Option<_>>();
        Some(match condition {
            Condition::All(parts) => Self::All(each(parts)?),
            Condition::Any(parts) => Self::Any(each(parts)?),
            Condition::Not(part) => Self::Not(Box::new(Self::new(columns, part)?)),
            Condition::Test(test) => {
                let mut accepted = columns.accepted(test)?;
                match accepted.pop() {
                    Some((column, classes)) if accepted.is_empty() => Self::Test(test, column, classes),
                    last => {
                        accepted.extend(last);
                        Self::Tests(test, accepted.into())
                    }
                }
            }
        })
    }
}

fn has(classes: &[usize], column: usize, accepted: &Bits) -> bool {
    classes.get(column).is_some_and(|class| accepted.has(*class))
}

fn holds(meaning: &Meaning<'_>, classes: &[usize]) -> bool {
    match meaning {
        Meaning::Test(_, column, accepted) => has(classes, *column, accepted),
        Meaning::Tests(_, all) => all.iter().all(|(column, accepted)| has(classes, *column, accepted)),
        Meaning::Not(part) => !holds(part, classes),
        Meaning::All(parts) => parts.iter().all(|part| holds(part, classes)),
        Meaning::Any(parts) => parts.iter().any(|part| holds(part, classes)),
    }
}

/// Adds the tests that decide about a condition and says whether it holds.
fn examine<'a>(meaning: &Meaning<'a>, classes: &[usize], tests: &mut Vec<(&'a Test, bool)>) -> bool {
    let (parts, decisive) = match meaning {
        Meaning::Test(test, ..) | Meaning::Tests(test, _) => {
            let passed = holds(meaning, classes);
            tests.push((test, passed));
            return passed;
        }
        Meaning::Not(part) => return !examine(part, classes, tests),
        Meaning::All(parts) => (parts, false),
        Meaning::Any(parts) => (parts, true),
    };
    // One part may decide alone; what the parts before it say does not matter then.
    if let Some(part) = parts.iter().find(|part| holds(part, classes) == decisive) {
        return examine(part, classes, tests);
    }
    for part in parts {
        examine(part, classes, tests);
    }
    !decisive
}

impl<'a> Classifier<'_, 'a> {
    /// Every guardrail and rule that was considered, as the full engine lists them for the one entitlement that is asked
    /// for. What `reasons` held before is replaced.
    ///
    /// # Errors
    /// When only the full engine can say, also because an attribute that must have a value has none.
    pub fn reasons(&self, interned: &Interned, reasons: &mut Reasons<'a>) -> Result<(), NotCovered> {
        let offer = self.offer(interned.offer).ok_or(NotCovered::Request)?;
        reasons.considered.clear();
        reasons.tests.clear();
        reasons.classes.clear();
        reasons.classes.resize(self.reads.len(), usize::MAX);
        let asked = offer.columns.iter().map(|(place, _)| *place).zip(interned.classes.iter().copied());
        for (place, class) in offer.fixed.iter().copied().chain(asked) {
            // A class that some row calls undecidable is one that is absent and must not be.
            let column = self.columns.get(place).ok_or(NotCovered::Value)?;
            if class == column.absent() && column.may_lack {
                return Err(NotCovered::Value);
            }
            if let Some(slot) = reasons.classes.get_mut(place) {
                *slot = class;
            }
        }
        let waived = |applied: &Applied<'a>| self.waives(interned, offer, applied);
        let mut ended = false;
        for place in &offer.guardrails {
            let (applied, subject) = (self.guardrails.get(*place), Subject::Guardrail(small(*place)));
            let applied = applied.ok_or(NotCovered::Value)?;
            let meaning = applied.meaning.as_ref().ok_or(NotCovered::Value)?;
            ended |= reasons.note(subject, meaning, applied.mode, || waived(applied))? && applied.denies;
        }
        if ended {
            return Ok(());
        }
        if offer.without_order {
            return Err(NotCovered::Value);
        }
        for rules in &offer.policies {
            for (place, (_, applied, _)) in
                rules.clone().zip(self.rules.get(rules.clone()).unwrap_or_default())
            {
                let rule = RuleId(small(place));
                let meaning = applied.meaning.as_ref().ok_or(NotCovered::Value)?;
                if reasons.note(Subject::Rule(rule), meaning, applied.mode, || waived(applied))? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn waives(
        &self,
        interned: &Interned,
        offer: &offers::Known<'a>,
        applied: &Applied<'a>,
    ) -> Result<bool, NotCovered> {
        self.is_waived(interned, offer, &applied.waivers).map_err(|end| match end {
            End::Ask(why) => why,
            End::Denied | End::Rule(_) => NotCovered::Value,
        })
    }
}
