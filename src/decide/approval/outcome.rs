//! How far a request has come, and what every vote was worth.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    decide::{decision::Decision, principals::Exclusion, stages::Asking},
    model::{Entry, person::Person, workflow::Evidence},
};

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// People are asked, or evidence is waited for.
    Pending,
    /// Everybody who is needed agreed, and everything that is demanded was brought.
    Approved,
    /// Somebody who was asked said no.
    Rejected,
    /// The time of a stage was up.
    TimedOut,
    /// The request was taken back.
    Cancelled,
    /// Nobody can act, or too few can.
    NoApprover,
    /// The rules deny it, or it makes no sense: nobody is asked.
    Denied,
    /// It is over: its access would have ended, or who it is for has left.
    Lapsed,
    /// It was made another request, which the rules were not asked about.
    Replaced,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Approved,
        Self::Rejected,
        Self::TimedOut,
        Self::Cancelled,
        Self::NoApprover,
        Self::Denied,
        Self::Lapsed,
        Self::Replaced,
    ];

    /// A short name that never changes, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::TimedOut => "timed-out",
            Self::Cancelled => "cancelled",
            Self::NoApprover => "no-approver",
            Self::Denied => "denied",
            Self::Lapsed => "lapsed",
            Self::Replaced => "replaced",
        }
    }
}

/// How far a request has come at an instant.
#[derive(Debug, Clone)]
pub struct Status<'d, 'a> {
    /// Where it stands.
    pub state: State,
    /// Since when. A pending one: since it was made, or last widened.
    pub since: Timestamp,
    /// Why it is over, if it is.
    pub lapse: Option<Lapse>,
    /// The event that decided it: the rejection, the cancellation or the amendment that made another request of it.
    /// Elsewhere it is not one event alone.
    pub decided_by: Option<usize>,
    /// The stage that it ended in, or waits in; none after the last one.
    pub stage: Option<usize>,
    /// The stages, in order.
    pub stages: Vec<StageStatus<'d, 'a>>,
    /// What has to be brought still, by the request as a whole or by a stage.
    pub missing: Vec<Evidence>,
    /// The events that are worth nothing, in the order of time.
    pub not_counted: Vec<NotCounted>,
    /// The withdrawals that took an approval back.
    pub withdrawals: Vec<usize>,
    /// What is decided about it since it is asked for another time.
    pub amended: Option<Arc<Decision<'a>>>,
}

/// Why a request is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lapse {
    /// Who it is for has left.
    HolderLeft,
    /// The access would have ended.
    AccessOver,
}

impl Lapse {
    /// A short name that never changes, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HolderLeft => "holder-left",
            Self::AccessOver => "access-over",
        }
    }
}

/// How far a stage has come.
#[derive(Debug, Clone)]
pub struct StageStatus<'d, 'a> {
    /// The stage, and who is asked.
    pub asking: &'d Asking<'a>,
    /// When those before it were satisfied; none before that.
    pub opened: Option<Timestamp>,
    /// The last instant at which its people are in time.
    pub due: Option<Timestamp>,
    /// When it was satisfied.
    pub satisfied: Option<Timestamp>,
    /// How many approvals it needs.
    pub needed: usize,
    /// The approvals that count for it, in the order of time.
    pub counted: Vec<Counted<'a>>,
    /// Who can approve it still.
    pub can_act: Vec<&'a Entry<Person>>,
    /// Who can on behalf of one of them, until when.
    pub delegates: Vec<Delegate<'a>>,
    /// When more people were asked because its time was up.
    pub escalated: Option<Timestamp>,
    /// Whether people stand in because nobody who is named could act.
    pub stand_in: bool,
    /// What has to be brought before it is satisfied.
    pub missing: Vec<Evidence>,
}

impl StageStatus<'_, '_> {
    /// How many approvals are missing.
    #[must_use]
    pub fn still_needed(&self) -> usize {
        self.needed.saturating_sub(self.counted.len())
    }
}

/// Somebody who can approve a stage on behalf of somebody else.
#[derive(Debug, Clone, Copy)]
pub struct Delegate<'a> {
    /// Who stands in.
    pub person: &'a Entry<Person>,
    /// Who is stood in for.
    pub delegator: &'a Entry<Person>,
    /// The first instant after it.
    pub until: Timestamp,
}

/// An approval that counts for a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted<'a> {
    /// The event.
    pub event: usize,
    /// Who is named in the stage.
    pub person: &'a str,
    /// Who acted on their behalf, when it was not they.
    pub delegate: Option<&'a str>,
}

/// An event that is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotCounted {
    /// The event.
    pub event: usize,
    /// Why.
    pub why: Why,
}

/// Why an event is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It happens after the instant that is asked about.
    InTheFuture,
    /// The request had not been made.
    BeforeRequest,
    /// The request had been decided.
    AfterDecision,
    /// Nobody in the directory has that id.
    UnknownPerson,
    /// They cannot act on this request, or not on that day.
    Excluded(Exclusion),
    /// They widened the request, and so ask for it themselves.
    Amender,
    /// Who they act for cannot act on this request, or not on that day.
    DelegatorExcluded(Exclusion),
    /// Who they act for widened the request.
    DelegatorAmender,
    /// No stage names them.
    NotNamed,
    /// They are asked only once the time of a stage is up, and it was not.
    NotAskedYet,
    /// Who they act for was away when a stage opened that needs a share of those who were here, and nobody stood in then.
    NotStoodInFor,
    /// There is no stage of that name.
    UnknownStage,
    /// The named stage does not ask them.
    OtherStage,
    /// Nobody asked them to act on behalf of that person.
    NoDelegation,
    /// They were asked to act on behalf of that person at another time.
    DelegationNotInForce,
    /// They are the delegate of a delegate.
    DelegateOfDelegate,
    /// Who they act for has spoken themselves.
    DelegatorVoted,
    /// They approved already.
    Duplicate,
    /// The request was widened afterwards.
    BeforeAmendment,
    /// It was taken back afterwards, or at the same instant.
    Withdrawn,
    /// There was nothing to take back.
    NothingToWithdraw,
    /// It could only count where the same person counts already.
    CountedElsewhere,
    /// Enough others count already.
    NotNeeded,
    /// A delegation that covers no time, or that of somebody to themselves.
    EmptyDelegation,
    /// A delegation that does not say who wrote it down and when.
    UnsignedDelegation,
    /// Somebody brings or changes what only those can whose request it is.
    NotTheirs,
}

impl Why {
    /// A short name that never changes, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InTheFuture => "in-the-future",
            Self::BeforeRequest => "before-request",
            Self::AfterDecision => "after-decision",
            Self::UnknownPerson => "unknown-person",
            Self::Excluded(Exclusion::Requester) => "own-request",
            Self::Excluded(Exclusion::Beneficiary) => "own-benefit",
            Self::Excluded(Exclusion::ChangeOwner | Exclusion::Implementer) => "own-change",
            Self::Excluded(Exclusion::Owner) => "own-account",
            Self::Excluded(Exclusion::Again) => "other-record",
            Self::Excluded(Exclusion::NotHuman) => "not-a-person",
            Self::Excluded(_) => "inactive",
            Self::Amender => "own-amendment",
            Self::DelegatorExcluded(_) | Self::DelegatorAmender => "delegator-excluded",
            Self::NotNamed => "not-named",
            Self::NotAskedYet => "not-asked-yet",
            Self::NotStoodInFor => "not-stood-in-for",
            Self::UnknownStage => "unknown-stage",
            Self::OtherStage => "other-stage",
            Self::NoDelegation => "no-delegation",
            Self::DelegationNotInForce => "delegation-not-in-force",
            Self::DelegateOfDelegate => "delegate-of-delegate",
            Self::DelegatorVoted => "delegator-voted",
            Self::Duplicate => "duplicate",
            Self::BeforeAmendment => "before-amendment",
            Self::Withdrawn => "withdrawn",
            Self::NothingToWithdraw => "nothing-to-withdraw",
            Self::CountedElsewhere => "counted-elsewhere",
            Self::NotNeeded => "not-needed",
            Self::EmptyDelegation => "empty-delegation",
            Self::UnsignedDelegation => "unsigned-delegation",
            Self::NotTheirs => "not-theirs",
        }
    }
}
