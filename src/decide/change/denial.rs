//! Why a change may not be carried out as it is asked for.

use jiff::Timestamp;

use super::Needed;
use crate::{
    decide::{decision::Denial, principals::Exclusion, undecidable::Undecidable},
    model::{Id, change_model::ChangeType, service::Risk},
};

/// Why a change may not be carried out like this.
#[derive(Debug, Clone, PartialEq)]
pub enum ChangeDenial {
    /// Somebody who asks for it, is responsible or carries it out cannot.
    Unable {
        /// Who.
        person: Id,
        /// Why.
        why: Exclusion,
    },
    /// No model is for it.
    NoModel(ChangeType),
    /// A standard change that does not follow the procedure for which it would be authorised.
    OtherProcedure {
        /// The procedure that it follows; none when it does not say it.
        named: Option<Id>,
        /// The models that are for it otherwise, each with the procedure that it is authorised for.
        models: Vec<(Id, Id)>,
    },
    /// A standard change that would be authorised for what nobody can follow: no procedure, or one that is not published.
    NoProcedure {
        /// The models that are for it otherwise, each with its procedure.
        models: Vec<(Id, Option<Id>)>,
    },
    /// A standard change that is not of low risk.
    StandardRisk(Risk),
    /// Nobody may authorise this risk.
    NoAuthority {
        /// The model.
        model: Id,
        /// The risk.
        risk: Risk,
    },
    /// It leaves the maintenance window.
    OutsideWindow {
        /// The calendar.
        calendar: Id,
        /// The first instant outside.
        from: Timestamp,
    },
    /// It falls into a freeze that nobody may authorise a change in.
    Frozen {
        /// The freeze.
        name: String,
        /// When it begins.
        from: Timestamp,
        /// When it is over.
        until: Timestamp,
    },
    /// It is asked for too late.
    TooLate {
        /// How early it has to be asked for.
        lead_time: crate::model::Duration,
        /// When it may begin at the earliest, if it ever may.
        earliest: Option<Timestamp>,
    },
    /// It can wait longer than an emergency does.
    CanWait {
        /// How soon an emergency change begins.
        within: crate::model::Duration,
        /// When it has to begin at the latest, if there is such an instant.
        latest: Option<Timestamp>,
    },
    /// It has begun, and only emergencies are authorised afterwards.
    Begun,
    /// Something has to be brought, and nobody is asked who could wait for it.
    Missing(Needed),
    /// Another change gets in the way, and nobody is asked who could weigh it.
    Conflict(String),
    /// Nobody can approve a stage.
    NoApprover(Denial),
    /// Something cannot be decided. Nothing is authorised on a guess.
    Undecidable(Undecidable),
}

impl ChangeDenial {
    /// A short name that never changes, for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unable { .. } => "unable",
            Self::NoModel(_) => "no-model",
            Self::OtherProcedure { .. } => "other-procedure",
            Self::NoProcedure { .. } => "no-procedure",
            Self::StandardRisk(_) => "standard-not-low-risk",
            Self::NoAuthority { .. } => "no-authority",
            Self::OutsideWindow { .. } => "outside-window",
            Self::Frozen { .. } => "frozen",
            Self::TooLate { .. } => "lead-time",
            Self::CanWait { .. } => "can-wait",
            Self::Begun => "begun",
            Self::Missing(_) => "missing",
            Self::Conflict(_) => "conflict",
            Self::NoApprover(_) => "no-approver",
            Self::Undecidable(_) => "undecidable",
        }
    }
}
