//! What the parts of an approval are called.

use crate::decide::{
    approval::outcome::{Lapse, State, Why},
    principals::Exclusion,
};

/// A state, as people say it.
pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Approved => "approved",
        State::Rejected => "rejected",
        State::TimedOut => "timed out",
        State::Cancelled => "cancelled",
        State::NoApprover => "nobody can approve it",
        State::Denied => "denied",
        State::Lapsed => "over",
        State::Replaced => "not decided: it is another request",
    }
}

/// Why a request is over.
pub(super) const fn lapse(lapse: Lapse) -> &'static str {
    match lapse {
        Lapse::HolderLeft => "who it is for has left",
        Lapse::AccessOver => "the access that was asked for would have ended: ask again",
    }
}

/// What is to be done about a request that was made another one.
pub(super) const ANOTHER: &str =
    "it was made another request, which the rules were not asked about: ask anew";

/// Why an event is worth nothing.
pub(in crate::report) fn why(why: Why, state: State) -> String {
    let text = match why {
        Why::InTheFuture => "it happens later than the instant that is asked about",
        Why::BeforeRequest => "the request had not been made yet",
        Why::AfterDecision => return format!("the request was {} before", ended(state)),
        Why::UnknownPerson => "nobody in the directory has that id",
        Why::Excluded(Exclusion::Requester) => "they ask for it themselves",
        Why::Excluded(Exclusion::Beneficiary) => "they would get it themselves",
        Why::Excluded(Exclusion::Owner) => "they answer for the account that it is about",
        Why::Excluded(Exclusion::ChangeOwner) => "they are responsible for the change",
        Why::Excluded(Exclusion::Implementer) => "they carry the change out",
        Why::Excluded(Exclusion::Inactive) => "they were inactive or had left on that day",
        Why::Excluded(Exclusion::OnLeave) => "they are on leave",
        Why::Excluded(Exclusion::NotStarted) => "they had not started yet on that day",
        Why::Excluded(Exclusion::NotHuman) => "it is software, not a person",
        Why::Excluded(Exclusion::Newcomer) => "they could agree only because of what is agreed to",
        Why::Excluded(Exclusion::Again) => "another record of theirs is asked, and counts for them",
        Why::Amender => "they widened the request, and so ask for it themselves",
        Why::DelegatorExcluded(Exclusion::Requester) => "who they act for asks for it themselves",
        Why::DelegatorExcluded(Exclusion::Beneficiary) => "who they act for would get it themselves",
        Why::DelegatorExcluded(Exclusion::Owner) => {
            "who they act for answers for the account that it is about"
        }
        Why::DelegatorExcluded(_) => "who they act for could not act on that day either",
        Why::DelegatorAmender => "who they act for widened the request",
        Why::NotNamed => "no stage asks them: a delegate says `on-behalf-of`",
        Why::NotAskedYet => "they are asked only when the time of a stage is up or nobody else can act",
        Why::NotStoodInFor => {
            "nobody stood in for who they act for when the stage opened, and it needs a share of those who were here"
        }
        Why::UnknownStage => "there is no stage of that name in this request",
        Why::OtherStage => "the stage that it names does not ask them",
        Why::NoDelegation => "nobody asked them to act for that person",
        Why::DelegationNotInForce => "the delegation was not in force at that time",
        Why::DelegateOfDelegate => "a delegate cannot pass a delegation on",
        Why::DelegatorVoted => "who they act for has spoken themselves",
        Why::Duplicate => "they approved already",
        Why::BeforeAmendment => "the request was widened at that time or after it",
        Why::Withdrawn => "it was taken back",
        Why::NothingToWithdraw => "there was no approval to take back",
        Why::CountedElsewhere => "one person counts for one stage, and they count for another",
        Why::NotNeeded => "enough others have approved",
        Why::EmptyDelegation => "the delegation covers no time, or is one to the same person",
        Why::UnsignedDelegation => {
            "it does not say who wrote it down and when: write `by`, who is stood in for, and `at`"
        }
        Why::NotTheirs => "they neither ask for it, nor is it for them",
    };
    text.to_owned()
}

fn ended(state: State) -> &'static str {
    match state {
        State::Pending | State::Approved => "approved",
        State::Rejected => "rejected",
        State::TimedOut => "out of time",
        State::Cancelled => "cancelled",
        State::NoApprover => "denied for want of an approver",
        State::Denied => "denied",
        State::Lapsed => "over",
        State::Replaced => "made another request",
    }
}
