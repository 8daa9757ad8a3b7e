//! Who may have what, and who agrees to it.
//!
//! Numbers: 4001 conditions, 4020 access policies, 4040 workflows, 4060 entitlements, 4080 guardrails and
//! separation of duties, 4093 bundles, 4097 forms.

mod analysis;
mod apart;
mod attributes;
mod bundles;
mod candidates;
mod directory;
mod durations;
pub(in crate::lint) mod effective;
mod entitlements;
mod escapes;
mod forms;
mod groups;
mod guardrails;
mod logic;
mod operands;
mod policies;
mod quorum;
mod rules;
mod sites;
mod sod;
pub(in crate::lint) mod tenants;
#[cfg(test)]
mod tests;
mod unclear;
mod workflows;

pub(super) use self::{
    analysis::{Analysis, Considered},
    entitlements::approvals,
    logic::NOT_ANALYSED,
    policies::is_given_unasked,
    unclear::is_too_complicated,
};
use super::{Lint, Location};
use crate::model::Origin;

macro_rules! lint {
    ($code:expr, $check:expr) => {
        Lint { code: &$code, needs_everything: false, check: $check }
    };
    ($code:expr, $check:expr, everything) => {
        Lint { code: &$code, needs_everything: true, check: $check }
    };
}

/// The lints of this family, in the order of their codes.
pub(super) static LINTS: &[Lint] = &[
    lint!(attributes::UNKNOWN, attributes::unknown, everything),
    lint!(attributes::UNFIT_OPERATOR, attributes::unfit_operator),
    lint!(attributes::UNFIT_VALUE, attributes::unfit_value),
    lint!(operands::UNKNOWN_WORD, operands::unknown_word),
    lint!(operands::UNKNOWN_OBJECT, operands::unknown_object, everything),
    lint!(operands::NOBODY_HAS, operands::nobody_has, everything),
    lint!(operands::NO_WILDCARD, operands::no_wildcard),
    lint!(operands::PATTERN_FOR_NOTHING, operands::pattern_for_nothing, everything),
    lint!(operands::REPEATED, operands::repeated),
    lint!(logic::NEVER, logic::never, everything),
    lint!(logic::ALWAYS, logic::always),
    lint!(logic::ABSENT, logic::absent),
    lint!(logic::NOT_ANALYSED, logic::not_analysed),
    lint!(attributes::DECLARATION, attributes::declaration),
    lint!(escapes::WITHOUT_END, escapes::without_end),
    lint!(escapes::ABSENT, escapes::absent),
    lint!(rules::UNREACHABLE, rules::unreachable, everything),
    lint!(rules::REDUNDANT, rules::redundant),
    lint!(policies::BLANKET, policies::blanket),
    lint!(policies::NO_ORDER, policies::no_order),
    lint!(policies::ABOUT_NOTHING, policies::about_nothing, everything),
    lint!(policies::NEVER_GRANTED, policies::never_granted, everything),
    lint!(policies::IDLE_CAP, policies::idle_cap, everything),
    lint!(policies::DEMANDING_DENIAL, policies::demanding_denial),
    lint!(policies::TOO_MANY, policies::too_many),
    lint!(policies::NO_RULES, policies::no_rules),
    lint!(rules::BYPASSED, rules::bypassed),
    lint!(workflows::NO_STAGES, workflows::no_stages),
    lint!(workflows::NO_APPROVERS, workflows::no_approvers),
    lint!(quorum::NOBODY, quorum::nobody, everything),
    lint!(quorum::OUT_OF_REACH, quorum::out_of_reach, everything),
    lint!(quorum::SINGLE, quorum::single, everything),
    lint!(quorum::TOO_FEW, quorum::too_few, everything),
    lint!(workflows::WAITS, workflows::waits),
    lint!(workflows::NO_LIMIT, workflows::no_limit),
    lint!(quorum::ESCALATES_TO_SAME, quorum::escalates_to_same, everything),
    lint!(workflows::NO_CALENDAR, workflows::no_calendar),
    lint!(directory::STUCK, directory::stuck, everything),
    lint!(workflows::TOO_MANY, workflows::too_many),
    lint!(workflows::NOT_DISTINCT, workflows::not_distinct),
    lint!(workflows::OWN_APPROVER, workflows::own_approver),
    lint!(workflows::TWICE, workflows::twice),
    lint!(workflows::AUTOMATIC, workflows::automatic),
    lint!(workflows::ANYBODY, workflows::anybody, everything),
    lint!(directory::POWERFUL_SOLE, directory::powerful_sole, everything),
    lint!(directory::SOLE, directory::sole, everything),
    lint!(entitlements::NO_END, entitlements::no_end),
    lint!(entitlements::NO_RECERTIFICATION, entitlements::no_recertification),
    lint!(entitlements::GRANTS_NOTHING, entitlements::grants_nothing),
    lint!(entitlements::NO_PROVISIONING, entitlements::no_provisioning),
    lint!(entitlements::NO_REMOVAL, entitlements::no_removal),
    lint!(entitlements::NO_MEANS, entitlements::no_means),
    lint!(entitlements::TOO_LITTLE_APPROVAL, entitlements::too_little_approval, everything),
    lint!(entitlements::NEEDLESS_APPROVAL, entitlements::needless_approval, everything),
    lint!(entitlements::ENDS_EARLY, entitlements::ends_early),
    lint!(entitlements::NO_WAY_IN, entitlements::no_way_in, everything),
    lint!(durations::FOR_YEARS, durations::for_years),
    lint!(entitlements::UNVERIFIED, entitlements::unverified),
    lint!(durations::NO_LENGTH, durations::no_length),
    lint!(groups::AT_LOWER_RISK, groups::at_lower_risk, everything),
    lint!(guardrails::NO_EFFECT, guardrails::no_effect),
    lint!(guardrails::DENIES_AND_MORE, guardrails::denies_and_more),
    lint!(guardrails::NOT_ENFORCED, guardrails::not_enforced),
    lint!(sod::ONE_SIDE, sod::one_side),
    lint!(sod::BOTH_SIDES, sod::both_sides),
    lint!(sod::IN_BUNDLE, sod::in_bundle),
    lint!(sod::BETWEEN_BUNDLES, sod::between_bundles, everything),
    lint!(sod::HELD, sod::held, everything),
    lint!(groups::WAY_ROUND, groups::way_round, everything),
    lint!(sod::HELD_BY_LEAVE, sod::held_by_leave, everything),
    lint!(bundles::TOO_RISKY, bundles::too_risky),
    lint!(bundles::FOR_NOBODY, bundles::for_nobody, everything),
    lint!(bundles::FOR_EVERYBODY, bundles::for_everybody, everything),
    lint!(bundles::EXPIRES, bundles::expires),
    lint!(forms::NOT_ASKED, forms::not_asked, everything),
    lint!(forms::NO_EVIDENCE, forms::no_evidence),
    lint!(forms::WRONG_FIELD, forms::wrong_field),
];

/// The first value that a list holds twice.
fn repeated<T: PartialEq>(values: &[T]) -> Option<&T> {
    values
        .iter()
        .enumerate()
        .find(|(index, value)| values.iter().take(*index).any(|other| other == *value))
        .map(|(_, value)| value)
}

/// A place in `gitsm.toml`, which is always the first file that is read.
fn in_settings(pointer: &str) -> Location {
    Location::Field { origin: Origin::default(), pointer: pointer.to_owned(), key: false }
}
