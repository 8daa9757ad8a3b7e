//! People, teams and tenants.

use super::Lint;

mod accounts;
mod attributes;
mod dates;
pub(super) mod days;
pub(super) mod identity;
mod machine;
mod person;
mod rota;
mod team;
mod tenant;

/// The lints of this family, in the order of their codes.
pub(super) static LINTS: &[Lint] = &[
    Lint { code: &person::MANAGER_CYCLE, needs_everything: false, check: person::manager_cycle },
    Lint { code: &person::NO_MANAGER, needs_everything: true, check: person::no_manager },
    Lint { code: &person::MANAGER_LEFT, needs_everything: false, check: person::manager_left },
    Lint { code: &person::SAME_EMAIL, needs_everything: false, check: person::same_email },
    Lint { code: &machine::OWNER, needs_everything: false, check: machine::owner },
    Lint { code: &machine::PURPOSE, needs_everything: false, check: machine::purpose },
    Lint { code: &machine::NO_END, needs_everything: false, check: machine::no_end },
    Lint { code: &machine::ROTATION, needs_everything: false, check: machine::rotation },
    Lint { code: &dates::CONTRACTOR, needs_everything: false, check: dates::contractor },
    Lint { code: &dates::BACKWARDS, needs_everything: false, check: dates::backwards },
    Lint { code: &dates::STATUS, needs_everything: false, check: dates::status },
    Lint { code: &attributes::UNDECLARED, needs_everything: false, check: attributes::undeclared },
    Lint { code: &attributes::WRONG_TYPE, needs_everything: false, check: attributes::wrong_type },
    Lint { code: &attributes::MISSING, needs_everything: false, check: attributes::missing },
    Lint { code: &accounts::SHARED, needs_everything: false, check: accounts::shared },
    Lint { code: &team::EMPTY, needs_everything: false, check: team::empty },
    Lint { code: &team::LEAD, needs_everything: false, check: team::lead },
    Lint { code: &team::LEAD_LEFT, needs_everything: false, check: team::lead_left },
    Lint { code: &team::MEMBER_LEFT, needs_everything: false, check: team::member_left },
    Lint { code: &team::MEMBER_TWICE, needs_everything: false, check: team::member_twice },
    Lint { code: &team::CYCLE, needs_everything: false, check: team::cycle },
    Lint { code: &team::MAILBOX, needs_everything: false, check: team::mailbox },
    Lint { code: &rota::STRANGER, needs_everything: false, check: rota::stranger },
    Lint { code: &rota::NOBODY, needs_everything: false, check: rota::nobody },
    Lint { code: &tenant::CROSSING, needs_everything: false, check: tenant::crossing },
];
