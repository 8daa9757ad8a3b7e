//! Incidents, changes, routing and escalation.

mod authorities;
mod change_control;
mod changes;
mod escalations;
mod major_incidents;
mod matrix;
mod on_call;
mod ordered;
mod routings;
mod shared;

use super::{Context, Lint};
use crate::diag::Code;

/// A lint that looks at what is there.
const fn lint(code: &'static Code, check: fn(&mut Context<'_>)) -> Lint {
    Lint { code, needs_everything: false, check }
}

/// A lint that concludes from something not being there.
const fn lint_of_absence(code: &'static Code, check: fn(&mut Context<'_>)) -> Lint {
    Lint { code, needs_everything: true, check }
}

/// The lints of this family, in the order of their codes.
pub(super) static LINTS: &[Lint] = &[
    lint(&matrix::MATRIX_INCOMPLETE, matrix::matrix_incomplete),
    lint(&matrix::MATRIX_UNKNOWN_CELL, matrix::matrix_unknown_cell),
    lint(&matrix::MATRIX_DUPLICATE, matrix::matrix_duplicate),
    lint(&matrix::MATRIX_NOT_MONOTONE, matrix::matrix_not_monotone),
    lint_of_absence(&matrix::UNUSED_PRIORITY, matrix::unused_priority),
    lint_of_absence(&major_incidents::NO_MAJOR_INCIDENT, major_incidents::no_major_incident),
    lint(
        &major_incidents::MAJOR_INCIDENT_WITHOUT_CONSEQUENCE,
        major_incidents::major_incident_without_consequence,
    ),
    lint_of_absence(&major_incidents::COMMANDER_UNREACHABLE, major_incidents::commander_unreachable),
    lint(&escalations::STEP_TIME, escalations::step_time),
    lint(&escalations::STEP_ORDER, escalations::step_order),
    lint(&escalations::LAST_STEP, escalations::last_step),
    lint_of_absence(&escalations::STEP_TO_NOBODY, escalations::step_to_nobody),
    lint(&escalations::REPEAT_ZERO, escalations::repeat_zero),
    lint_of_absence(&escalations::NO_ESCALATION, escalations::no_escalation),
    lint_of_absence(&on_call::ON_CALL_GAP, on_call::on_call_gap),
    lint(&routings::ROUTING_WITHOUT_DEFAULT, routings::routing_without_default),
    lint(&routings::RULE_DESTINATION, routings::rule_destination),
    lint_of_absence(&routings::ROUTING_TO_NOBODY, routings::routing_to_nobody),
    lint(&routings::UNREACHABLE_RULE, routings::unreachable_rule),
    lint(&routings::TWO_ROUTINGS, routings::two_routings),
    lint_of_absence(&changes::CHANGE_TYPE_WITHOUT_MODEL, changes::change_type_without_model),
    lint(&changes::CHANGE_WITHOUT_RISK, changes::change_without_risk),
    lint(&changes::RISK_WITHOUT_AUTHORITY, changes::risk_without_authority),
    lint(&changes::AUTHORITY_OF_STANDARD, changes::authority_of_standard),
    lint(&changes::STANDARD_NOT_PROVEN, changes::standard_not_proven),
    lint(&changes::STANDARD_NOT_LOW_RISK, changes::standard_not_low_risk),
    lint(&changes::EVERYTHING_TO_ONE_BOARD, changes::everything_to_one_board),
    lint(&changes::TWO_CHANGE_MODELS, changes::two_change_models),
    lint(&change_control::PRODUCTION_WITHOUT_CARE, change_control::production_without_care),
    lint(&change_control::EMPTY_FREEZE, change_control::empty_freeze),
    lint(&change_control::OVERLAPPING_FREEZES, change_control::overlapping_freezes),
    lint(&change_control::PAST_FREEZE, change_control::past_freeze),
    lint(&change_control::CHANGE_STATES, change_control::change_states),
    lint(&change_control::EMERGENCY_WITHOUT_REVIEW, change_control::emergency_without_review),
    lint(&change_control::LEAD_TIME, change_control::lead_time),
    lint(&changes::STANDARD_FOR_EVERYTHING, changes::standard_for_everything),
    lint(&authorities::PROCESS_WITHOUT_OWNER, authorities::process_without_owner),
    lint(&authorities::OWN_AUTHORITY, authorities::own_authority),
    lint_of_absence(&authorities::WEAKER_AUTHORITY, authorities::weaker_authority),
];
