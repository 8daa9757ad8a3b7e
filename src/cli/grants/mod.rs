//! `gitsm grants`.

mod approve;
pub(in crate::cli) mod edits;
mod expire;
mod list;
mod named;
mod pinned;
mod renew;
mod review;
mod reviews;
mod revoke;

use std::{collections::BTreeSet, io};

use anyhow::bail;
use clap::{Args, Subcommand};

use super::{answer::Format, exit::Exit, output::Output};
use crate::{
    decide::undecidable::Undecidable,
    ledger::ending::Ended,
    load::suggest::nearest,
    model::{Entry, Rulebook, grant::Grant},
    report::{
        grants::ended::{Report, render},
        json,
    },
};
use edits::Edits;

/// Arguments of `gitsm grants`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show who holds what, until when, why, and what else gives it.
    List(list::Arguments),
    /// Count the votes and reviews about a grant that was asked for, and let it begin once everybody agreed.
    Approve(approve::Arguments),
    /// End what is over: past its end, of somebody who has left, or not needed by a campaign.
    Expire(expire::Arguments),
    /// Ask for a grant once more before it ends. It is decided like any other request.
    Renew(renew::Arguments),
    /// Take access away now.
    Revoke(revoke::Arguments),
    /// Write the sheets of a campaign, one for each reviewer: keep, revoke or reduce.
    Review(review::Arguments),
}

/// Runs what the arguments name.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    match &arguments.what {
        What::List(arguments) => list::run(arguments, output),
        What::Approve(arguments) => approve::run(arguments, output),
        What::Expire(arguments) => expire::run(arguments, output),
        What::Renew(arguments) => renew::run(arguments, output),
        What::Revoke(arguments) => revoke::run(arguments, output),
        What::Review(arguments) => review::run(arguments, output),
    }
}

/// The grant with an id, or which might have been meant.
fn find<'a>(rulebook: &'a Rulebook, id: &str) -> anyhow::Result<&'a Entry<Grant>> {
    let Some(found) = rulebook.grants.get(id) else {
        let near = nearest(id, rulebook.grants.ids()).map(|near| format!(": did you mean `{near}`?"));
        bail!("there is no grant `{}`{}", super::terminal::plain(id), near.unwrap_or_default());
    };
    Ok(found)
}

/// Says what ended, with what would be written where it is only tried, and what became of a proposal.
fn tell(
    report: &Report,
    format: Format,
    shown: Option<&Edits>,
    proposed: Option<&str>,
    output: &mut Output,
) -> anyhow::Result<()> {
    match format {
        Format::Human => {
            output.result(&render(report, output.style()))?;
            if let Some(edits) = shown {
                output.result("\n")?;
                edits.show(output)?;
            }
        }
        Format::Json => output.result(&json::write(report)?)?,
    }
    output.finish()?;
    proposed.into_iter().try_for_each(|proposed| output.talk(proposed))?;
    Ok(())
}

/// Says of whom nobody knows what comes with their bundles: what a grant gave is taken from them all the same.
fn unclear(ended: &[Ended<'_>], output: &mut Output) -> io::Result<()> {
    let mut told = BTreeSet::new();
    for one in ended {
        let holder = one.ending.grant.beneficiary.as_str();
        if let Some(why) = one.unclear.as_ref().filter(|_| told.insert(holder)) {
            output.talk(&unclear_bundles(holder, why))?;
        }
    }
    Ok(())
}

fn unclear_bundles(person: &str, why: &Undecidable) -> String {
    format!("nobody can say what comes with the bundles of `{person}`, and nothing of it counts: {why}")
}
