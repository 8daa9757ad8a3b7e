//! What is offered: services, tiers, categories, request types, articles.

use super::Lint;

mod article;
mod automation;
pub(super) mod category;
mod configuration_item;
mod form;
mod names;
mod owner;
mod repeated;
mod request_type;
mod retirement;
mod secrets;
mod service;
mod strings;
mod tier;
mod unused;

pub(super) use self::secrets::in_remarks;
pub use secrets::SECRET;

/// The lints of this family, in the order of their codes.
pub(super) static LINTS: &[Lint] = &[
    Lint { code: &service::OWNER, needs_everything: false, check: service::owner },
    Lint { code: &service::TIER, needs_everything: false, check: service::tier },
    Lint { code: &service::LIFECYCLE, needs_everything: false, check: service::lifecycle },
    Lint { code: &service::SLA, needs_everything: false, check: service::sla },
    Lint { code: &service::SUPPORT, needs_everything: false, check: service::support },
    Lint { code: &owner::ONE_PERSON, needs_everything: false, check: owner::one_person },
    Lint { code: &owner::CANNOT_ACT, needs_everything: false, check: owner::cannot_act },
    Lint { code: &service::CYCLE, needs_everything: false, check: service::cycle },
    Lint { code: &service::LESS_CRITICAL, needs_everything: false, check: service::less_critical },
    Lint { code: &service::AVAILABILITY, needs_everything: false, check: service::availability },
    Lint { code: &retirement::NO_SUCCESSOR, needs_everything: false, check: retirement::no_successor },
    Lint { code: &retirement::RETIRED_IN_USE, needs_everything: false, check: retirement::retired_in_use },
    Lint {
        code: &retirement::DEPRECATED_OFFERED,
        needs_everything: false,
        check: retirement::deprecated_offered,
    },
    Lint { code: &retirement::DATE_PASSED, needs_everything: false, check: retirement::date_passed },
    Lint { code: &retirement::REPLACEMENT, needs_everything: false, check: retirement::replacement },
    Lint { code: &tier::RANK, needs_everything: false, check: tier::rank },
    Lint { code: &tier::SLA, needs_everything: false, check: tier::sla },
    Lint { code: &tier::COST, needs_everything: false, check: tier::cost },
    Lint { code: &tier::COSTLIER, needs_everything: false, check: tier::costlier },
    Lint { code: &tier::CURRENCIES, needs_everything: false, check: tier::currencies },
    Lint { code: &request_type::OWNER, needs_everything: false, check: request_type::owner },
    Lint { code: &request_type::APPROVAL, needs_everything: false, check: request_type::approval },
    Lint { code: &request_type::SLA, needs_everything: false, check: request_type::sla },
    Lint { code: &request_type::MIXED_RISK, needs_everything: false, check: request_type::mixed_risk },
    Lint { code: &request_type::SELF_SERVICE, needs_everything: false, check: request_type::self_service },
    Lint { code: &request_type::AUTOMATIC, needs_everything: false, check: request_type::automatic },
    Lint { code: &request_type::STEP, needs_everything: false, check: request_type::step },
    Lint { code: &form::TOO_LONG, needs_everything: false, check: form::too_long },
    Lint { code: &form::NO_OPTIONS, needs_everything: false, check: form::no_options },
    Lint { code: &form::STRAY_OPTIONS, needs_everything: false, check: form::stray_options },
    Lint { code: &form::SAME_OPTION, needs_everything: false, check: form::same_option },
    Lint { code: &form::SAME_ATTRIBUTE, needs_everything: false, check: form::same_attribute },
    Lint { code: &request_type::OTHER_SERVICE, needs_everything: false, check: request_type::other_service },
    Lint { code: &request_type::HIDDEN, needs_everything: false, check: request_type::hidden },
    Lint { code: &category::CYCLE, needs_everything: false, check: category::cycle },
    Lint { code: &category::OWNER, needs_everything: false, check: category::owner },
    Lint { code: &names::SAME_NAME, needs_everything: false, check: names::same_name },
    Lint { code: &names::SAME_ENTITLEMENT, needs_everything: false, check: names::same_entitlement },
    Lint { code: &unused::UNUSED, needs_everything: true, check: unused::unused },
    Lint { code: &repeated::REPEATED, needs_everything: false, check: repeated::repeated },
    Lint { code: &automation::OWNER, needs_everything: false, check: automation::owner },
    Lint { code: &automation::CONDITIONS, needs_everything: false, check: automation::conditions },
    Lint { code: &automation::LOG, needs_everything: false, check: automation::log },
    Lint { code: &automation::GUARDRAILS, needs_everything: false, check: automation::guardrails },
    Lint { code: &configuration_item::OWNER, needs_everything: false, check: configuration_item::owner },
    Lint { code: &configuration_item::STALE, needs_everything: false, check: configuration_item::stale },
    Lint { code: &configuration_item::CYCLE, needs_everything: false, check: configuration_item::cycle },
    Lint { code: &article::OWNER, needs_everything: false, check: article::owner },
    Lint { code: &article::REVIEW_DATE, needs_everything: false, check: article::review_date },
    Lint { code: &article::COVERS_NOTHING, needs_everything: true, check: article::covers_nothing },
    Lint { code: &secrets::SECRET, needs_everything: false, check: secrets::secret },
];
