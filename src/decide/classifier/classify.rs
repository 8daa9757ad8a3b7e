//! From the numbers of a request to its verdict.

use std::ops::ControlFlow;

use jiff::Timestamp;

use super::{
    Classifier, Interned, NotCovered,
    approvers::{Asker, Enough, enough},
    bits_of, offers, people,
    reasons::Meaning,
    table::Action,
    waivers::{Case, Waived, Waiver, waived},
};
use crate::{
    decide::{access::decide, asked::MaybeHistory},
    model::{
        Entry, Selector, access::Mode, guardrail::Guardrail, request::Request, scenario::Verdict,
        workflow::Evidence,
    },
};

/// A rule of an access policy, for the classifier that named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub(super) u32);

/// What is decided about a request for one entitlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict; never invalid.
    pub verdict: Verdict,
    /// The rule of an access policy that decided about the entitlement, even if something else denies it; none
    /// when the default did, or when nothing had to be decided any more.
    pub rule: Option<RuleId>,
}

/// What is decided about a request, by whichever engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    /// The verdict.
    pub verdict: Verdict,
    /// The rules of access policies that decided, one for each entitlement that one decided about.
    pub rules: Vec<Selector>,
}

/// What a guardrail or a rule does besides deciding.
#[derive(Debug)]
pub(super) struct Applied<'a> {
    pub(super) denies: bool,
    pub(super) asks: Asks,
    /// The evidence that is demanded.
    pub(super) required: u8,
    /// Whether it limits the time.
    pub(super) ends: bool,
    /// Whether only the full engine knows what it comes to.
    pub(super) ask: bool,
    /// Whether it decides, or only says what it would do.
    pub(super) mode: Mode,
    /// When it matches; none when that makes no sense.
    pub(super) meaning: Option<Meaning<'a>>,
    pub(super) waivers: Box<[Waiver<'a>]>,
}

/// Who is asked because of a guardrail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    Nobody,
    /// The people of a workflow; none when it does not exist.
    Workflow(Option<u32>),
}

/// What decides, when nothing else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decides {
    Approve,
    Deny,
    /// A workflow; none when it does not exist.
    Workflow(Option<u32>),
}

/// The most workflows of one request.
const MOST_WORKFLOWS: usize = 8;

/// What is collected on the way.
struct Tally {
    workflows: [u32; MOST_WORKFLOWS],
    count: usize,
    required: u8,
    ends: bool,
    /// The last that was looked at: a rule can have several rows.
    last: Option<Action>,
}

/// Where the rows end.
pub(super) enum End {
    /// A guardrail denies, or nothing can be decided.
    Denied,
    Rule(u32),
    Ask(NotCovered),
}

impl Tally {
    fn ask(&mut self, workflow: Option<u32>) -> Result<(), End> {
        // What does not exist cannot be asked, and nothing can be decided.
        let workflow = workflow.ok_or(End::Denied)?;
        if !self.workflows.iter().take(self.count).any(|known| *known == workflow) {
            *self.workflows.get_mut(self.count).ok_or(End::Ask(NotCovered::Approvers))? = workflow;
            self.count += 1;
        }
        Ok(())
    }
}

impl<'a> Classifier<'_, 'a> {
    /// The verdict and the rule that decided. Nothing is allocated, but for what is found out about an
    /// entitlement, a workflow or a person when it is first asked for.
    ///
    /// # Errors
    /// When only the full engine can decide.
    pub fn classify(&self, interned: &Interned) -> Result<Outcome, NotCovered> {
        let offer = self.offer(interned.offer).ok_or(NotCovered::Request)?;
        let mut tally = Tally {
            workflows: [0; MOST_WORKFLOWS],
            count: 0,
            required: 0,
            ends: offer.ends || interned.ends,
            last: None,
        };
        let end = self.table.visit(&offer.mask, &interned.offsets, |action| {
            if tally.last == Some(action) {
                return ControlFlow::Continue(());
            }
            tally.last = Some(action);
            match self.at_row(interned, offer, action, &mut tally) {
                Ok(None) => ControlFlow::Continue(()),
                Ok(Some(end)) | Err(end) => ControlFlow::Break(end),
            }
        });
        let denied = |rule: Option<u32>| Ok(Outcome { verdict: Verdict::Denied, rule: rule.map(RuleId) });
        let (rule, decides) = match end {
            Some(End::Ask(why)) => return Err(why),
            Some(End::Denied) => return denied(None),
            None if offer.without_order => return denied(None),
            None => (None, self.default),
            Some(End::Rule(place)) => {
                let (_, applied, decides) = self.rules.get(place as usize).ok_or(NotCovered::Value)?;
                if applied.ask {
                    return Err(NotCovered::Time);
                }
                tally.required |= applied.required;
                tally.ends |= applied.ends;
                (Some(place), *decides)
            }
        };
        match decides {
            Decides::Approve => {}
            Decides::Deny => return denied(rule),
            Decides::Workflow(workflow) => match tally.ask(workflow) {
                Ok(()) => {}
                Err(End::Ask(why)) => return Err(why),
                // The item is not decided about when its workflow does not exist.
                Err(_) => return denied(None),
            },
        }
        if interned.refused || offer.refused {
            return denied(rule);
        }
        if interned.apart {
            return Err(NotCovered::Duties);
        }
        if !tally.ends && offer.needs_end {
            return denied(rule);
        }
        let verdict = self.ask_people(interned, offer, &tally)?;
        Ok(Outcome { verdict, rule: rule.map(RuleId) })
    }

    /// What a row that accepts comes to; none when the next one is looked at.
    fn at_row(
        &self,
        interned: &Interned,
        offer: &offers::Known<'a>,
        action: Action,
        tally: &mut Tally,
    ) -> Result<Option<End>, End> {
        let applied = match action {
            Action::Undecidable => return Ok(Some(End::Denied)),
            Action::Ask => return Ok(Some(End::Ask(NotCovered::Value))),
            Action::Rule(place) => {
                let rule = self.rules.get(place as usize).map(|(_, applied, _)| applied);
                let applied = rule.ok_or(End::Ask(NotCovered::Value))?;
                if !self.is_waived(interned, offer, &applied.waivers)? {
                    return Ok(Some(End::Rule(place)));
                }
                tally.ends = true;
                return Ok(None);
            }
            Action::Guardrail(place) => {
                self.guardrails.get(place as usize).ok_or(End::Ask(NotCovered::Value))?
            }
        };
        if self.is_waived(interned, offer, &applied.waivers)? {
            // Access that an exception made possible ends with it.
            tally.ends = true;
            return Ok(None);
        }
        if applied.denies {
            return Ok(Some(End::Denied));
        }
        if applied.ask {
            return Ok(Some(End::Ask(NotCovered::Time)));
        }
        if let Asks::Workflow(workflow) = applied.asks {
            tally.ask(workflow)?;
        }
        tally.required |= applied.required;
        tally.ends |= applied.ends;
        Ok(None)
    }

    /// Whether an exception in force waives a rule.
    pub(super) fn is_waived(
        &self,
        interned: &Interned,
        offer: &offers::Known<'a>,
        waivers: &[Waiver<'_>],
    ) -> Result<bool, End> {
        if waivers.is_empty() {
            return Ok(false);
        }
        let ask = || End::Ask(NotCovered::Time);
        let own = [interned.requester, interned.beneficiary];
        let (requester, beneficiary) = self.owners(interned).ok_or_else(ask)?;
        let case = Case {
            today: interned.today,
            beneficiary: interned.beneficiary,
            entitlement: &offer.reference,
            own: [&own, requester, beneficiary],
        };
        match waived(waivers, &case) {
            Waived::No => Ok(false),
            Waived::Yes => Ok(true),
            Waived::Ask => Err(ask()),
        }
    }

    /// Who answers for the requester and for the beneficiary.
    fn owners(&self, interned: &Interned) -> Option<(&[u32], &[u32])> {
        let of = |place: u32| -> Option<&people::Known<'a>> {
            self.people.known(self.engine, &self.columns, &self.slots, place)
        };
        Some((&of(interned.requester)?.owners, &of(interned.beneficiary)?.owners))
    }

    /// Approved when nobody is asked and nothing is missing, otherwise whether those who are asked exist.
    fn ask_people(
        &self,
        interned: &Interned,
        offer: &offers::Known<'a>,
        tally: &Tally,
    ) -> Result<Verdict, NotCovered> {
        let workflows = tally.workflows.get(..tally.count).unwrap_or_default();
        if workflows.is_empty() {
            let training = if offer.training { bits_of(&[Evidence::Training]) } else { 0 };
            let missing = (tally.required | training) & !interned.brings;
            return Ok(if missing == 0 { Verdict::Approved } else { Verdict::Denied });
        }
        let (entry, _) = self.offers.get(interned.offer as usize).ok_or(NotCovered::Request)?;
        let own = [interned.requester, interned.beneficiary];
        let (requester, beneficiary) = self.owners(interned).ok_or(NotCovered::Request)?;
        let asker = Asker {
            today: interned.today,
            beneficiary: interned.beneficiary,
            own: [&own, requester, beneficiary],
        };
        let steps = workflows.iter().map(|workflow| {
            let slot = offer.workflows.get(*workflow as usize)?;
            let steps = || self.workflows.steps(self.engine, &self.people, entry, *workflow);
            slot.get_or_init(steps).as_ref()
        });
        match enough(&self.people, steps, &asker) {
            Enough::Yes => Ok(Verdict::NeedsApproval),
            Enough::No => Ok(Verdict::Denied),
            Enough::Ask => Err(NotCovered::Approvers),
        }
    }

    /// The rule that an outcome names.
    #[must_use]
    pub fn rule(&self, rule: RuleId) -> Option<&Selector> {
        self.rules.get(rule.0 as usize).map(|(selector, ..)| selector)
    }

    /// The guardrails that match a request and are enforced, waived or not, in their order.
    #[must_use]
    pub fn guardrails(&self, interned: &Interned) -> Vec<&'a Entry<Guardrail>> {
        let mut found: Vec<u32> = Vec::new();
        let Some(offer) = self.offer(interned.offer) else { return Vec::new() };
        self.table.visit(&offer.mask, &interned.offsets, |action| match action {
            Action::Guardrail(place) => {
                if found.last() != Some(&place) {
                    found.push(place);
                }
                ControlFlow::Continue(())
            }
            Action::Undecidable | Action::Ask => ControlFlow::Continue(()),
            Action::Rule(_) => ControlFlow::Break(()),
        });
        let all: Vec<&'a Entry<Guardrail>> = self.engine.rulebook().guardrails.iter().collect();
        found.into_iter().filter_map(|place| all.get(place as usize).copied()).collect()
    }

    /// The verdict and the rules that decided, by the full engine where this says nothing.
    #[must_use]
    pub fn decide(&self, request: &Request, instant: Timestamp, history: MaybeHistory<'_>) -> Short {
        if let Ok(outcome) = self.verdict(request, instant, history) {
            let rule = outcome.rule.and_then(|rule| self.rule(rule));
            return Short { verdict: outcome.verdict, rules: rule.into_iter().cloned().collect() };
        }
        let decision = decide(self.engine, request, instant, history);
        let rules = decision.items.iter().filter_map(|item| item.rule.clone()).collect();
        Short { verdict: decision.verdict, rules }
    }
}
