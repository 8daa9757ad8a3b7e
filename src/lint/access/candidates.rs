//! Rules of which is asked whether they are reached, and what was found about them, to be said again of policies
//! with the same rules.

use std::collections::HashMap;

use super::effective::Listed;
use crate::model::{Entry, access::Access};

/// A rule of which is asked whether any request reaches it.
pub(super) struct Candidate<'a> {
    /// The rule.
    pub(super) listed: Listed<'a>,
    /// The rules that decide what it is for, in lists in which it is not reached.
    pub(super) by: Vec<Listed<'a>>,
    /// Whether some request reaches it.
    pub(super) reached: bool,
    /// Whether it matches nothing at all, which is another finding.
    pub(super) empty: bool,
}

impl<'a> Candidate<'a> {
    /// Notes a rule that decides some of what it is for.
    pub(super) fn cover(&mut self, by: Listed<'a>) {
        let same = |other: &Listed<'_>| other.policy.id == by.policy.id && other.index == by.index;
        if !self.by.iter().any(same) {
            self.by.push(by);
        }
    }
}

/// What was found about a candidate, for other policies with the same rules.
pub(super) struct Answer {
    /// The place of each policy in the list, with the place of the rule in it.
    by: Vec<(usize, usize)>,
    reached: bool,
    empty: bool,
}

/// The sorts of the policies of a list, the place of the policy of the candidates in it, and the candidates with
/// whether they were reached before.
type Question = (Vec<Option<u32>>, usize, Vec<(usize, bool)>);

/// What was found about candidates in lists of policies that name no ids.
#[derive(Default)]
pub(super) struct Lists {
    pub(super) known: HashMap<Question, Vec<Answer>>,
    /// Whether the rules of a policy name ids.
    pub(super) naming: HashMap<Option<u32>, bool>,
}

pub(super) fn answers(candidates: &[Candidate<'_>], policies: &[&Entry<Access>]) -> Vec<Answer> {
    let place = |listed: &Listed<'_>| {
        let policy = policies.iter().position(|policy| policy.id == listed.policy.id)?;
        Some((policy, listed.index))
    };
    let answer = |candidate: &Candidate<'_>| Answer {
        by: candidate.by.iter().filter_map(place).collect(),
        reached: candidate.reached,
        empty: candidate.empty,
    };
    candidates.iter().map(answer).collect()
}

/// Says of candidates what was found about those at the same places of policies with the same rules.
pub(super) fn repeat<'a>(
    answers: &[Answer],
    policies: &[&'a Entry<Access>],
    candidates: &mut [Candidate<'a>],
) {
    for (candidate, answer) in candidates.iter_mut().zip(answers) {
        candidate.reached = answer.reached;
        candidate.empty = answer.empty;
        for (policy, index) in &answer.by {
            let Some(policy) = policies.get(*policy).copied() else { continue };
            let Some(rule) = policy.value.rule.get(*index) else { continue };
            candidate.cover(Listed { policy, index: *index, rule });
        }
    }
}
