//! Why something cannot be decided. It is never taken for an answer.

use super::vocabulary::Type;
use crate::{
    model::{Id, Kind, Location, calendar::CompileError, condition::Test},
    time::Zone,
};

/// Why something cannot be decided. The rulebook is wrong there, and `gitsm validate` says what to write.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Undecidable {
    /// A condition tests an attribute that does not exist.
    #[error("a condition tests `{attribute}`, and there is no such attribute")]
    UnknownAttribute {
        /// The attribute.
        attribute: String,
        /// The test.
        at: Location,
    },
    /// A condition compares an attribute in a way that has no meaning for it.
    #[error("a condition tests `{attribute}` with `{operator}`, which has no meaning for {values}")]
    Meaningless {
        /// The attribute.
        attribute: String,
        /// The operator.
        operator: &'static str,
        /// What the values of the attribute are.
        values: String,
        /// The test.
        at: Location,
    },
    /// An attribute has no value where it must have one.
    #[error("`{attribute}` is not known: {why}")]
    Unknown {
        /// The attribute.
        attribute: String,
        /// Why.
        why: String,
        /// The test that reads it.
        at: Location,
    },
    /// Two policies about the same thing, of which nobody knows which is read first.
    #[error("the policies `{one}` and `{other}` are about the same, and no `order` says which is read first")]
    Order {
        /// One policy.
        one: Id,
        /// The other.
        other: Id,
        /// One of them.
        at: Location,
    },
    /// Two models for one change, of which nobody knows which it follows.
    #[error("the change models `{one}` and `{other}` are both for it, and nothing says which it follows")]
    ChangeModels {
        /// One model.
        one: Id,
        /// The other.
        other: Id,
        /// One of them.
        at: Location,
    },
    /// Something that is referred to does not exist.
    #[error("there is no {} `{id}`", kind.name())]
    Missing {
        /// What was expected.
        kind: Kind,
        /// The id.
        id: String,
        /// Where it is referred to.
        at: Location,
    },
    /// A calendar that nobody can count on.
    #[error("the calendar `{id}` cannot be counted on: {why}")]
    Calendar {
        /// The calendar.
        id: Id,
        /// Why.
        why: CompileError,
        /// The calendar.
        at: Location,
    },
    /// Two durations that have no order between them, such as business days without a calendar.
    #[error("the duration `{duration}` counts business days, and no calendar says how long these are")]
    BusinessDays {
        /// The duration.
        duration: String,
        /// Where it stands.
        at: Location,
    },
    /// The project's time zone does not exist.
    #[error("there is no time zone `{0}`")]
    Zone(Zone),
    /// A date that no clock can show.
    #[error("the instant lies beyond the year 9999")]
    OutOfTime,
}

impl Undecidable {
    /// A test of an attribute whose values do not have that operator.
    pub(super) fn meaningless(test: &Test, values: &Type<'_>, at: Location) -> Self {
        Self::Meaningless {
            attribute: test.attribute(),
            operator: test.operator.name(),
            values: values.name(),
            at,
        }
    }

    /// The place that has to change, where there is one.
    #[must_use]
    pub fn place(&self) -> Option<&Location> {
        match self {
            Self::UnknownAttribute { at, .. }
            | Self::Meaningless { at, .. }
            | Self::Unknown { at, .. }
            | Self::Order { at, .. }
            | Self::ChangeModels { at, .. }
            | Self::Missing { at, .. }
            | Self::Calendar { at, .. }
            | Self::BusinessDays { at, .. } => Some(at),
            Self::Zone(_) | Self::OutOfTime => None,
        }
    }
}
