//! Lints: what is wrong with a rulebook whose documents are fine one by one.
//!
//! A lint is a code and a function. The function looks at the whole rulebook and reports findings by
//! object and field; where these stand is looked up afterwards, only for what was found.

mod access;
mod catalogue;
pub mod coverage;
mod common;
mod finding;
mod first_match;
mod governance;
mod graph;
mod levels;
mod locate;
mod operations;
mod organisation;
mod service_levels;
pub mod survey;
mod tickets;

pub use crate::model::Location;
pub use catalogue::SECRET;
pub use finding::{Context, Finding};
pub use levels::{UNKNOWN_LEVEL, UNUSED_ALLOWANCE};

use jiff::civil::Date;
use rayon::prelude::*;

use self::access::Analysis;
use crate::{
    diag::{Code, Diagnostic, Level},
    load::{Completeness, Loaded, secret},
};

/// A rule about a whole rulebook.
#[derive(Debug, Clone, Copy)]
pub struct Lint {
    /// The code of its findings.
    pub code: &'static Code,
    /// Whether it concludes from something not being there. Such a lint is left out when an object could
    /// not be read.
    pub needs_everything: bool,
    /// Looks at the rulebook and reports what is wrong.
    pub check: fn(&mut Context<'_>),
}

/// The families of lints, in the order of their codes.
static FAMILIES: &[&[Lint]] = &[
    catalogue::LINTS,      // GS20xx
    organisation::LINTS,   // GS21xx
    service_levels::LINTS, // GS30xx
    access::LINTS,         // GS40xx
    operations::LINTS,     // GS50xx
    governance::LINTS,     // GS60xx
];

/// Every lint, in the order of the codes.
pub fn lints() -> impl Iterator<Item = &'static Lint> {
    FAMILIES.iter().copied().flatten()
}

/// The findings about allowances and levels themselves.
pub static ABOUT_LEVELS: &[&Code] = &[&UNUSED_ALLOWANCE, &UNKNOWN_LEVEL];

/// Runs every lint whose input is sound, on `today`, and applies the levels of the settings.
///
/// The findings are added to those of loading, in the order of files and places.
pub fn run(loaded: &mut Loaded, today: Date) {
    run_some(loaded, today, &|_| true);
}

/// Runs only the lints without which a decision could be wrong: those whose level nobody can change.
///
/// Nothing may be decided with a rulebook in which one of them finds something.
pub fn run_fixed(loaded: &mut Loaded, today: Date) {
    run_some(loaded, today, &|lint| lint.code.fixed && lint.code.level == Level::Error);
}

fn run_some(loaded: &mut Loaded, today: Date, wanted: &(dyn Fn(&Lint) -> bool + Sync)) {
    // What an object says by itself is right or wrong whatever the files hold that cannot be read.
    if loaded.without_settings {
        return;
    }
    let whole = loaded.completeness == Completeness::Whole;
    let analysis = Analysis::new(&loaded.rulebook, today);
    let settings = &loaded.rulebook.settings.lints;
    let findings: Vec<Finding> = FAMILIES
        .par_iter()
        .flat_map(|family| family.par_iter())
        .filter(|lint| wanted(lint))
        .filter(|lint| (whole || !lint.needs_everything) && !levels::is_off(settings, lint.code))
        .flat_map_iter(|lint| {
            let mut context = Context::new(&analysis, lint.code);
            context.sources = Some(&loaded.sources);
            (lint.check)(&mut context);
            if lint.code == &SECRET {
                catalogue::in_remarks(&mut context, &loaded.sources);
            }
            context.into_findings()
        })
        .collect();
    let mut found: Vec<Diagnostic> = locate::locate(&findings, &loaded.sources);
    secret::words::conceal(&mut found);
    levels::apply(loaded, &mut found, whole);
    loaded.found.append(&mut found);
    loaded.found.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
    loaded.found.dedup();
}

/// Every code that a finding can have, in order.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    let mut codes: Vec<&'static Code> = crate::load::codes::ALL.to_vec();
    codes.extend(ABOUT_LEVELS);
    codes.extend(lints().map(|lint| lint.code));
    codes.into_iter()
}
