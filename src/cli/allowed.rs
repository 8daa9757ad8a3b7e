//! What somebody allows a plan to do beside what the settings say. It is said where the plan is made and again where it is
//! applied: a plan is a file, and cannot allow itself anything.

use std::{fmt, str::FromStr};

use anyhow::bail;
use clap::Args;

use super::terminal::plain;
use crate::{
    load::suggest::nearest,
    model::{
        Percent,
        settings::{KindLimits, Limits, TargetType},
    },
    plan::Key,
};

/// What is allowed.
#[derive(Debug, Args)]
pub(super) struct Allowed {
    /// Take over objects that gitsm did not make, even where they differ: `service/mail`, or `service/*`.
    #[arg(long, value_name = "OBJECT", value_parser = pattern)]
    pub(super) adopt: Vec<String>,
    /// Take over a target that belongs to another repository, with everything that it made there.
    #[arg(long)]
    pub(super) take_over: bool,
    #[command(flatten)]
    limits: LimitArguments,
}

/// Limits that hold for one plan, instead of those of the target.
#[derive(Debug, Args)]
#[allow(clippy::struct_field_names, reason = "fields are called as their flags are")]
struct LimitArguments {
    /// Delete up to this many objects of a kind, or of the one that is named: `service=5`.
    #[arg(long, value_name = "[KIND=]NUMBER", help_heading = "Limits")]
    max_deletes: Vec<Most<u32>>,
    /// Delete up to this share of the objects of a kind, or of the one that is named.
    #[arg(long, value_name = "[KIND=]PERCENT", help_heading = "Limits")]
    max_delete_share: Vec<Most<Percent>>,
    /// Update up to this many objects of a kind, or of the one that is named.
    #[arg(long, value_name = "[KIND=]NUMBER", help_heading = "Limits")]
    max_updates: Vec<Most<u32>>,
    /// Update up to this share of the objects of a kind, or of the one that is named.
    #[arg(long, value_name = "[KIND=]PERCENT", help_heading = "Limits")]
    max_update_share: Vec<Most<Percent>>,
}

/// A limit of all kinds, or of one.
#[derive(Debug, Clone)]
struct Most<T> {
    kind: Option<String>,
    most: T,
}

impl<T: FromStr<Err: fmt::Display>> FromStr for Most<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, most) = match text.split_once('=') {
            Some((kind, most)) => (Some(kind.to_owned()), most),
            None => (None, text),
        };
        Ok(Self { kind, most: most.parse().map_err(|error: T::Err| error.to_string())? })
    }
}

impl Allowed {
    /// The limits that hold: those of the settings, and over them what is said here. A limit of all kinds leaves those that
    /// the settings have for one of them.
    ///
    /// # Errors
    /// When a kind is named that targets of this sort do not have.
    pub(super) fn limits(&self, limits: &Limits, sort: TargetType) -> anyhow::Result<Limits> {
        let LimitArguments { max_deletes, max_delete_share, max_updates, max_update_share } = &self.limits;
        let mut limits = limits.clone();
        let numbers = [("--max-deletes", max_deletes), ("--max-updates", max_updates)];
        let shares = [("--max-delete-share", max_delete_share), ("--max-update-share", max_update_share)];
        let named = numbers.iter().flat_map(|(flag, all)| all.iter().map(move |one| (flag, &one.kind)));
        let named =
            named.chain(shares.iter().flat_map(|(flag, all)| all.iter().map(move |one| (flag, &one.kind))));
        for (flag, kind) in named {
            if let Some(kind) = kind {
                known(flag, kind, sort)?;
            }
        }
        for most in max_deletes {
            *place(&mut limits, most, |all| &mut all.deletes, |own| &mut own.deletes) = most.most;
        }
        for most in max_updates {
            *place(&mut limits, most, |all| &mut all.updates, |own| &mut own.updates) = most.most;
        }
        for most in max_delete_share {
            *place(&mut limits, most, |all| &mut all.delete_share, |own| &mut own.delete_share) = most.most;
        }
        for most in max_update_share {
            *place(&mut limits, most, |all| &mut all.update_share, |own| &mut own.update_share) = most.most;
        }
        Ok(limits)
    }
}

/// Where a limit is kept: that of all kinds, or that of one.
fn place<'a, T: Copy>(
    limits: &'a mut Limits,
    most: &Most<T>,
    all: fn(&mut Limits) -> &mut T,
    own: fn(&mut KindLimits) -> &mut Option<T>,
) -> &'a mut T {
    match &most.kind {
        None => all(limits),
        Some(kind) => own(limits.kind.entry(kind.clone()).or_default()).get_or_insert(most.most),
    }
}

fn known(flag: &str, kind: &str, sort: TargetType) -> anyhow::Result<()> {
    let Some(kinds) = sort.kinds() else { return Ok(()) };
    if kinds.contains(&kind) {
        return Ok(());
    }
    let shown = plain(kind);
    match nearest(kind, kinds.iter().copied()) {
        Some(near) => bail!("`{flag} {shown}=…`: the target has no kind `{shown}`: did you mean `{near}`?"),
        None => bail!("`{flag} {shown}=…`: the target has no kind `{shown}`: it has {}", kinds.join(", ")),
    }
}

fn pattern(text: &str) -> Result<String, String> {
    match Key::parse(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("write `kind/id`, or `kind/*` for all of a kind".to_owned()),
    }
}
