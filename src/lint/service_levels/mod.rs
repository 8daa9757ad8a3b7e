//! Calendars, SLAs and the agreements below them.

mod calendars;
mod chains;
mod clock_changes;
mod clocks;
mod contracts;
mod dates;
mod requests;
pub(in crate::lint) mod shared;
mod targets;
mod tiers;

use super::{Context, Lint};
use crate::diag::Code;

/// A lint that looks at what is there.
const fn lint(code: &'static Code, check: fn(&mut Context<'_>)) -> Lint {
    Lint { code, needs_everything: false, check }
}

/// The lints of this family, in the order of their codes.
pub(super) static LINTS: &[Lint] = &[
    lint(&calendars::UNKNOWN_ZONE, calendars::unknown_zone),
    lint(&calendars::WEEKDAY_TWICE, calendars::weekday_twice),
    lint(&calendars::OVERLAPPING_WINDOWS, calendars::overlapping_windows),
    lint(&calendars::UNORDERED_WINDOWS, calendars::unordered_windows),
    Lint { code: &calendars::NEVER_OPEN, needs_everything: true, check: calendars::never_open },
    lint(&dates::HOLIDAY_AND_OVERRIDE, dates::holiday_and_override),
    lint(&dates::USELESS_OVERRIDE, dates::useless_override),
    lint(&dates::USELESS_HOLIDAY, dates::useless_holiday),
    lint(&dates::STALE_HOLIDAYS, dates::stale_holidays),
    lint(&dates::HOLIDAY_CYCLE, dates::holiday_cycle),
    lint(&clock_changes::CLOCK_CHANGE, clock_changes::clock_change),
    lint(&targets::PRIORITY_WITHOUT_TARGET, targets::priority_without_target),
    lint(&targets::INCOMPLETE_TARGET, targets::incomplete_target),
    lint(&targets::ZERO_TARGET, targets::zero_target),
    lint(&targets::LATE_RESPONSE, targets::late_response),
    lint(&targets::LATE_MILESTONE, targets::late_milestone),
    lint(&targets::PRIORITY_INVERSION, targets::priority_inversion),
    lint(&clocks::AT_RISK_RANGE, clocks::at_risk_range),
    lint(&clocks::AT_RISK_ORDER, clocks::at_risk_order),
    lint(&clocks::NO_AT_RISK, clocks::no_at_risk),
    lint(&clocks::VANITY_TARGET, clocks::vanity_target),
    lint(&clocks::CLOCK_NEVER_STARTS, clocks::clock_never_starts),
    lint(&clocks::PAUSE_NEVER_HAPPENS, clocks::pause_never_happens),
    lint(&clocks::CLOCK_NEVER_STOPS, clocks::clock_never_stops),
    lint(&clocks::RETROACTIVE_PAUSE, clocks::retroactive_pause),
    lint(&chains::NOT_AN_AGREEMENT, chains::not_an_agreement),
    lint(&chains::INFEASIBLE, chains::infeasible),
    lint(&chains::UNSUPPORTED_PRIORITY, chains::unsupported_priority),
    lint(&chains::SUPPLIER_HOURS, chains::supplier_hours),
    lint(&chains::OLA_WITH_ITSELF, chains::ola_with_itself),
    lint(&contracts::CONTRACT_PERIOD, contracts::contract_period),
    lint(&contracts::CONTRACT_NOT_IN_FORCE, contracts::contract_not_in_force),
    lint(&contracts::CONTRACT_ENDING, contracts::contract_ending),
    lint(&contracts::AVAILABILITY, contracts::availability_of_suppliers),
    lint(&tiers::TIER_INVERSION, tiers::tier_inversion),
    lint(&tiers::LOOSER_THAN_TIER, tiers::looser_than_tier),
    lint(&requests::REQUEST_TOO_SLOW, requests::request_too_slow),
];
