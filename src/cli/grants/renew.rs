//! `gitsm grants renew`.

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;

use super::find;
use crate::{
    cli::{
        exit::Exit,
        output::Output,
        request::settle::Settle,
        simulate::{evidence, reference},
    },
    decide::engine::Engine,
    ledger::{
        campaign,
        record::{About, request_of},
        standing::{Standing, standing},
    },
    model::{
        Duration, Entry, Ref,
        grant::{Grant, GrantState},
        person::Person,
        workflow::Evidence,
    },
};

/// Arguments of `gitsm grants renew`.
#[derive(Debug, Args)]
#[command(after_help = "\
the same is asked for once more, from now on, and the rules of today decide: what is denied now is not renewed, and
nothing lasts longer than a new request would. The grant that is renewed stays until it ends

examples:
  gitsm grants renew req-20417 --duration 90d --reason \"Still covers Lyon\"

exit status: 0 a grant was written, or would be; 1 denied; 2 could not run")]
pub(super) struct Arguments {
    /// The grant that goes on.
    #[arg(value_name = "GRANT")]
    grant: String,
    /// How long it is asked for, from now on [default: as long as the last time].
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    duration: Option<Duration>,
    /// Why [default: as the last time].
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The ticket that is named. That of the last time is not brought once more.
    #[arg(long, value_name = "NUMBER")]
    ticket: Option<String>,
    /// What the requester brings besides: `training`, `agreement`, `mfa`. What was brought the last time is not.
    #[arg(long, value_name = "EVIDENCE", value_delimiter = ',', value_parser = evidence)]
    evidence: Vec<Evidence>,
    /// Who asks, when that is not the holder.
    #[arg(long = "by", value_name = "PERSON", value_parser = reference::<Person>)]
    requester: Option<Ref<Person>>,
    #[command(flatten)]
    settle: Settle,
}

/// Asks for a grant once more.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    arguments.settle.settle(output, |loaded| {
        let rulebook = &loaded.rulebook;
        let grant = find(rulebook, &arguments.grant)?;
        let engine = Engine::new(rulebook)?;
        match standing(&engine, grant, arguments.settle.now()) {
            Standing::InForce => {}
            Standing::Requested => bail!("the grant `{}` is not decided yet", grant.id),
            Standing::Later => bail!("the grant `{}` has not begun yet", grant.id),
            Standing::Over(_) | Standing::Ended => {
                bail!("the grant `{}` is over: ask again with `gitsm request access`", grant.id)
            }
        }
        let again = rulebook.grants.iter().find(|other| {
            other.renews.as_ref().is_some_and(|renewed| *renewed.id() == grant.id)
                && matches!(other.state, GrantState::Requested | GrantState::Active)
        });
        if let Some(again) = again {
            bail!("the grant `{}` is renewed already, by `{}`", grant.id, again.id);
        }
        ends_by_campaign(&engine, grant, arguments.settle.now())?;
        let mut request = request_of(&grant.value);
        // What was brought the last time was brought for that.
        request.ticket = None;
        request.evidence.clone_from(&arguments.evidence);
        // An emergency is one once.
        request.emergency = false;
        if let Some(requester) = &arguments.requester {
            request.beneficiary = (*requester != grant.beneficiary).then(|| grant.beneficiary.clone());
            request.requester = requester.clone();
        }
        request.duration = arguments.duration.or(request.duration).or_else(|| {
            let days = grant.start.0.until(grant.end?.0).ok()?.get_days();
            Some(Duration::Elapsed { seconds: (i64::from(days) + 1) * 86_400 })
        });
        if let Some(reason) = &arguments.reason {
            request.justification = Some(reason.clone());
        }
        if let Some(ticket) = &arguments.ticket {
            request.ticket = Some(ticket.clone());
        }
        let about = About { renews: Some(grant.id.clone()), ..About::default() };
        Ok(Ok((request, about)))
    })
}

/// Refuses to renew what a campaign ends or shortens, whether or not the ledger says so already.
fn ends_by_campaign(engine: &Engine<'_>, grant: &Entry<Grant>, now: Timestamp) -> anyhow::Result<()> {
    let due = campaign::due(engine, now);
    let id = &grant.id;
    if let Some(ending) = due.endings.iter().find(|ending| ending.grant.id == *id) {
        let review = ending.review.as_ref().map(|review| format!(" by the review `{review}`"));
        bail!(
            "the grant `{id}` ends{}: run `gitsm grants expire`, and ask again with `gitsm request access`",
            review.unwrap_or_default()
        );
    }
    if let Some((_, end, review)) = due.shorter.iter().find(|(shorter, ..)| shorter.id == *id) {
        bail!("the grant `{id}` ends on {end} by the review `{review}`: run `gitsm grants expire` first");
    }
    Ok(())
}
