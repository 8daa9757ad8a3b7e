//! `gitsm grants renew`.

use anyhow::bail;
use clap::Args;

use super::find;
use crate::{
    cli::{exit::Exit, output::Output, request::settle::Settle, simulate::reference},
    decide::engine::Engine,
    ledger::{
        record::{About, request_of},
        standing::{Standing, standing},
    },
    model::{Duration, Ref, grant::GrantState, person::Person},
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
    /// The ticket that is named [default: as the last time].
    #[arg(long, value_name = "NUMBER")]
    ticket: Option<String>,
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
        let mut request = request_of(&grant.value);
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
