//! What a change does to the ledger of access.
//!
//! A ledger is written by whoever opens a pull request, so nothing that it says proves itself. What gives more to anybody is
//! decided once more, with the rulebook that the change goes into: when that approves the same for the one who asks, nobody
//! has to agree. Everything else that gives more, lasts longer or takes evidence away loosens control.

use jiff::{SignedDuration, Timestamp};

use super::{
    contributors::Contributors,
    facts::Facts,
    identity::{Directory, is_program},
};
use crate::{
    decide::engine::Engine,
    ledger::{
        campaign::is_done,
        lifecycle::is_given_by_bundle,
        record::{Pending, digest_of},
        rederive::Again,
        standing::ends,
    },
    model::{
        EntitlementRef, Entry, Ref, Rulebook,
        grant::{Grant, GrantState, GrantVerdict},
        review::{Review, ReviewDecision},
        scenario::Verdict,
    },
    source::Commit,
};

/// How long before a pull request is opened its request may have been decided.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// Who proposes a change, and when.
#[derive(Debug, Clone, Default)]
pub struct Proposer {
    /// Who opened the pull request, when that is somebody of the directory that the change goes into.
    pub person: Option<String>,
    /// Whether a program opened it, and no person had a hand in it.
    pub program: bool,
    /// When it was opened; none when nothing was recorded.
    pub opened: Option<Timestamp>,
}

impl Proposer {
    /// Who proposes some commits, by the directory of a rulebook.
    #[must_use]
    pub fn of(rulebook: &Rulebook, commits: &[Commit], facts: Option<&Facts>) -> Self {
        let Some(facts) = facts else { return Self::default() };
        let made_by = Contributors::of(&Directory::new(rulebook), commits, Some(facts));
        let by = &facts.pull_request.opened_by;
        Self {
            program: is_program(by) && made_by.people.is_empty(),
            person: made_by.opener.filter(|_| !is_program(by)),
            opened: Some(facts.pull_request.opened_at.0),
        }
    }

    /// Whether the proposer is the one who asked for something.
    fn asked(&self, requester: &str) -> bool {
        self.person.as_deref() == Some(requester) || self.program
    }
}

/// The ledger on both sides of a change.
pub(super) struct Ledger<'l> {
    /// The rulebook before, which decides.
    engine: Engine<'l>,
    /// What was asked for before and is not decided yet.
    pending: Pending<'l>,
    /// The rulebook after.
    after: &'l Rulebook,
    /// Who proposes the change.
    proposer: &'l Proposer,
    /// Whether a commit was merged before.
    was_merged: &'l dyn Fn(&str) -> bool,
    /// The instant that is asked about.
    now: Timestamp,
}

impl<'l> Ledger<'l> {
    /// The ledger of two rulebooks; none when the one before cannot decide anything.
    pub(super) fn new(
        [before, after]: [&'l Rulebook; 2],
        proposer: &'l Proposer,
        was_merged: &'l dyn Fn(&str) -> bool,
        now: Timestamp,
    ) -> Option<Self> {
        let engine = Engine::new(before).ok()?;
        Some(Self { engine, pending: Pending::new(before), after, proposer, was_merged, now })
    }

    /// Whether nobody has to agree to what becomes of a grant.
    pub(super) fn is_harmless(&self, before: Option<&Entry<Grant>>, after: Option<&Entry<Grant>>) -> bool {
        match (before, after) {
            (None, None) => false,
            // Whoever ended access once is told by the ledger alone. What gave nothing yet is no evidence.
            (Some(before), None) => before.state == GrantState::Requested,
            (None, Some(after)) => after.state == GrantState::Requested || self.is_by_rule(after),
            (Some(before), Some(after)) => {
                self.gives_no_more(before, after)
                    || (before.state == GrantState::Requested && self.is_by_rule(after))
            }
        }
    }

    /// Whether a grant gives what it gave, or less, and says of it what it said.
    fn gives_no_more(&self, before: &Entry<Grant>, after: &Entry<Grant>) -> bool {
        if before.state == GrantState::Requested && after.state == GrantState::Requested {
            return true;
        }
        let ended = |state| matches!(state, GrantState::Ended | GrantState::Removed | GrantState::Revoked);
        let mut same = after.value.clone();
        if ended(after.state) && !ended(before.state) {
            same.state = before.state;
            same.ended.clone_from(&before.ended);
        }
        // A shorter time, for which the digest is another one.
        let last = |grant: &Grant| ends(&self.engine, grant).unwrap_or(Timestamp::MAX);
        if last(after) <= last(before) {
            same.end = before.end;
            same.until = before.until;
            if let (Some(own), Some(other)) = (&mut same.decision, &before.decision)
                && other.digest.is_some()
                && own.digest.as_deref() == Some(digest_of(after).as_str())
            {
                own.digest.clone_from(&other.digest);
            }
        }
        self.without_own_look(&mut same, before);
        same == before.value
    }

    /// Takes out what the proposer found who looked at access in an emergency.
    fn without_own_look(&self, grant: &mut Grant, before: &Grant) {
        let (Some(own), Some(other)) = (&mut grant.emergency, &before.emergency) else { return };
        let Some(look) = own.reviewed.as_ref().filter(|_| other.reviewed.is_none()) else { return };
        let by = look.by.as_str();
        let asked = grant.requester.as_ref().map_or(grant.beneficiary.as_str(), |one| one.as_str());
        let is_involved = by == grant.beneficiary.as_str() || by == asked;
        if self.proposer.person.as_deref() == Some(by) && !is_involved && look.at.0 <= self.now {
            own.reviewed = None;
        }
    }

    /// Whether the rulebook before the change gives the same to the one who asks, without asking anybody.
    fn is_by_rule(&self, grant: &Entry<Grant>) -> bool {
        let (Some(asked), Some(kept)) = (&grant.asked, &grant.decision) else { return false };
        let requester = grant.requester.as_ref().unwrap_or(&grant.beneficiary);
        let opened = self.proposer.opened.unwrap_or(self.now);
        let in_time = asked.at.0 <= self.now && asked.at.0 >= opened.saturating_sub(AHEAD).unwrap_or(opened);
        let known = kept.policy_commit.as_deref().is_some_and(|commit| (self.was_merged)(commit));
        let by_rule = matches!(kept.verdict, GrantVerdict::AutoApproved | GrantVerdict::Birthright);
        if grant.state != GrantState::Active
            || !by_rule
            || !in_time
            || !known
            || !self.proposer.asked(requester.as_str())
        {
            return false;
        }
        if kept.verdict == GrantVerdict::Birthright {
            return is_given_by_bundle(&self.engine, grant);
        }
        let Ok(again) = Again::decide(&self.engine, grant, self.beside(grant)) else { return false };
        again.decision.verdict == Verdict::Approved
            && again.gives(&self.engine, grant).is_ok_and(|same| same == grant.value)
    }

    /// What else the holder of a grant asked for, or gets by the same change.
    fn beside(&self, grant: &Entry<Grant>) -> Vec<&EntitlementRef> {
        let holder = grant.beneficiary.as_str();
        let before = self.engine.rulebook();
        let others = self.after.grants.iter().filter(|other| {
            other.id != grant.id
                && other.value.beneficiary.as_str() == holder
                && before.grants.get(other.id.as_str()).is_none_or(|known| known.value != other.value)
                && matches!(other.state, GrantState::Active | GrantState::Requested)
        });
        self.pending.of(holder).chain(others.map(|other| &other.value.entitlement)).collect()
    }

    /// Whether nothing follows any more from a campaign that is said to be settled, by the ledger after the change.
    fn is_done(&self, campaign: &Entry<Review>) -> bool {
        let Some(campaign) = self.after.reviews.get(campaign.id.as_str()) else { return false };
        campaign.settled.is_some_and(|settled| settled.0 <= self.now)
            && Engine::new(self.after).is_ok_and(|engine| is_done(&engine, campaign, self.now))
    }

    /// Whether nobody has to agree to what becomes of a campaign, or of the sheet of a reviewer: it is new, or the proposer
    /// answers.
    pub(super) fn is_answered(&self, before: Option<&Entry<Review>>, after: Option<&Entry<Review>>) -> bool {
        let Some(after) = after else { return false };
        let known: &[ReviewDecision] = before.map(|before| before.decision.as_slice()).unwrap_or_default();
        if let Some(before) = before {
            let mut same = after.value.clone();
            same.decision.clone_from(&before.decision);
            if before.settled.is_none() && self.is_done(after) {
                same.settled = None;
            }
            if same != before.value {
                return false;
            }
        }
        let is_own = |decision: &ReviewDecision| {
            let by = decision.by.as_ref().map(Ref::as_str);
            let open = known.iter().find(|other| other.grant == decision.grant);
            // What is answered stands; what is open is answered by the one who says so, or stays open.
            match (open.is_none_or(|open| open.at.is_none()), decision.at) {
                (true, Some(at)) => by.is_some() && by == self.proposer.person.as_deref() && at.0 <= self.now,
                (true, None) => true,
                (false, _) => false,
            }
        };
        let gone = known.iter().filter(|decision| !after.decision.contains(decision));
        let mut gone = gone.filter(|decision| decision.at.is_some());
        let mut new = after.decision.iter().filter(|decision| !known.contains(decision));
        gone.next().is_none() && new.all(is_own)
    }
}
