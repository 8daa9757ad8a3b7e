//! Ownership, evidence, review and the repository itself.

use super::Lint;

mod ai_policy;
mod control;
mod crosswalk;
mod emergency;
pub(super) mod exception;
mod exception_use;
mod framework;
mod grant;
mod ledger;
mod metric;
mod repository;
mod review;
mod review_dates;
mod scenario;
mod votes;

/// The lints of this family, in the order of their codes.
pub(super) static LINTS: &[Lint] = &[
    Lint { code: &review_dates::OVERDUE, needs_everything: false, check: review_dates::overdue },
    Lint { code: &review_dates::SOON, needs_everything: false, check: review_dates::soon },
    Lint { code: &exception::APPROVAL, needs_everything: false, check: exception::approval },
    Lint { code: &exception::OWNER_APPROVAL, needs_everything: false, check: exception::owner_approval },
    Lint { code: &exception::TOO_LONG, needs_everything: false, check: exception::too_long },
    Lint { code: &exception::OWNER, needs_everything: false, check: exception::owner },
    Lint { code: &exception::REASON, needs_everything: false, check: exception::reason },
    Lint { code: &exception::EXPIRY, needs_everything: false, check: exception::expiry },
    Lint { code: &exception::INSTEAD, needs_everything: false, check: exception::instead },
    Lint { code: &exception::EXPIRED, needs_everything: false, check: exception::expired },
    Lint { code: &exception::BACKWARDS, needs_everything: false, check: exception::backwards },
    Lint { code: &exception::OWN_APPROVAL, needs_everything: false, check: exception::own_approval },
    Lint { code: &exception::NOT_A_RULE, needs_everything: false, check: exception::not_a_rule },
    Lint {
        code: &exception_use::WITHOUT_EFFECT,
        needs_everything: false,
        check: exception_use::without_effect,
    },
    Lint { code: &exception::OWNER_BENEFITS, needs_everything: false, check: exception::owner_benefits },
    Lint { code: &control::VERSION, needs_everything: false, check: control::version },
    Lint { code: &control::RETIRED, needs_everything: false, check: control::retired },
    Lint { code: &control::SHAPE, needs_everything: false, check: control::shape },
    Lint { code: &control::EVIDENCE, needs_everything: false, check: control::evidence },
    Lint { code: &repository::ABSENT, needs_everything: true, check: repository::absent },
    Lint { code: &repository::KIND, needs_everything: false, check: repository::kind },
    Lint { code: &repository::PATH, needs_everything: false, check: repository::path },
    Lint { code: &repository::NEVER, needs_everything: true, check: repository::never },
    Lint { code: &repository::ITSELF, needs_everything: true, check: repository::itself },
    Lint { code: &repository::NO_FILE, needs_everything: true, check: repository::no_file },
    Lint { code: &metric::DECIDES, needs_everything: false, check: metric::decides },
    Lint { code: &metric::TARGET, needs_everything: false, check: metric::target },
    Lint { code: &ai_policy::AGENT, needs_everything: true, check: ai_policy::agent },
    Lint { code: &ai_policy::INCOMPLETE, needs_everything: false, check: ai_policy::incomplete },
    Lint { code: &ai_policy::NOT_AN_AGENT, needs_everything: false, check: ai_policy::not_an_agent },
    Lint { code: &ai_policy::AUTOMATION, needs_everything: true, check: ai_policy::automation },
    Lint { code: &grant::BACKWARDS, needs_everything: false, check: grant::backwards },
    Lint { code: &grant::HOLDER_LEFT, needs_everything: false, check: grant::holder_left },
    Lint { code: &grant::NO_END, needs_everything: false, check: grant::no_end },
    Lint { code: &grant::TOO_LONG, needs_everything: false, check: grant::too_long },
    Lint { code: &grant::OWN_APPROVAL, needs_everything: false, check: grant::own_approval },
    Lint { code: &grant::NOT_REMOVED, needs_everything: false, check: grant::not_removed },
    Lint { code: &ledger::APART, needs_everything: false, check: ledger::apart },
    Lint { code: &ledger::RETIRED, needs_everything: false, check: ledger::retired },
    Lint { code: &ledger::STALE, needs_everything: false, check: ledger::stale },
    Lint { code: &ledger::TOO_BROAD, needs_everything: true, check: ledger::too_broad },
    Lint { code: &review::BACKWARDS, needs_everything: false, check: review::backwards },
    Lint { code: &review::OWN_GRANT, needs_everything: false, check: review::own_grant },
    Lint { code: &review::UNDECIDED, needs_everything: true, check: review::undecided },
    Lint { code: &review::INCOMPLETE, needs_everything: false, check: review::incomplete },
    Lint { code: &ledger::BY_HAND, needs_everything: false, check: ledger::by_hand },
    Lint { code: &emergency::NOT_REVIEWED, needs_everything: false, check: emergency::not_reviewed },
    Lint { code: &review::NOT_COUNTED, needs_everything: true, check: review::not_counted },
    Lint { code: &ledger::UNKNOWN_RULE, needs_everything: true, check: ledger::unknown_rule },
    Lint { code: &votes::NO_APPROVAL, needs_everything: false, check: votes::no_approval },
    Lint { code: &ledger::NO_DECISION, needs_everything: false, check: ledger::no_decision },
    Lint { code: &scenario::RULE, needs_everything: true, check: scenario::rule },
    Lint { code: &scenario::STAGE, needs_everything: true, check: scenario::stage },
    Lint { code: &scenario::ONE_THING, needs_everything: false, check: scenario::one_thing },
    Lint { code: &scenario::NOTHING_EXPECTED, needs_everything: false, check: scenario::nothing_expected },
    Lint { code: &scenario::MISPLACED, needs_everything: false, check: scenario::misplaced },
    Lint { code: &scenario::STEP, needs_everything: true, check: scenario::step },
];
