//! `gitsm grants approve`.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{edits::Edits, find};
use crate::{
    cli::{
        approvals, decidable,
        exit::Exit,
        output::Output,
        repository::Repository,
        request::settle::{whole_seconds, with_pending},
    },
    decide::{
        access::decide,
        approval::{
            self,
            outcome::{State, Status},
        },
        engine::Engine,
    },
    ledger::{ending::Ending, record::request_of, text::Fields},
    model::{
        approval::Event,
        grant::{EndReason, GrantState},
        scenario::Verdict,
    },
    report::{
        approval::{Input, View, render},
        decision,
    },
};

/// Arguments of `gitsm grants approve`.
#[derive(Debug, Args)]
#[command(after_help = "\
the votes are what `gitsm approvals status` reads. The request is decided once more as of the instant at which it
was made, and the same people have to be asked: when the rules have changed since, `--at` names the commit that
the grant is pinned to

examples:
  gitsm grants approve ana.silva-erp-period-close-20261120 --votes votes.jsonl
  gitsm grants approve ana.silva-erp-period-close-20261120 --votes votes.jsonl --at 4f0c2a9

exit status: 0 everybody agreed, and it is active now; 1 they did not and will not; 2 could not run; 3 not yet")]
pub(super) struct Arguments {
    /// The grant that was asked for.
    #[arg(value_name = "GRANT")]
    grant: String,
    /// What happened since: JSON Lines or a JSON array, or standard input: `-`.
    #[arg(long, value_name = "FILE")]
    votes: PathBuf,
    #[command(flatten)]
    repository: Repository,
    /// Say what would be written, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Counts the votes about a grant, and lets it begin.
///
/// # Errors
/// When it could not run; then nothing is written.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let repository = &arguments.repository;
    let events = approvals::read(&arguments.votes)?;
    let policy = match decidable::load(repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    // The grant stands in the folder, whichever commit decides.
    let ledger = Repository::new(repository.repository.clone(), repository.now, None).load_only()?;
    let grant = find(&ledger.rulebook, &arguments.grant)?;
    let id = &grant.id;
    if grant.state != GrantState::Requested {
        bail!("the grant `{id}` is {}, and only one that is requested is voted on", grant.state);
    }
    let (Some(asked), Some(kept)) = (&grant.asked, &grant.decision) else {
        bail!("the grant `{id}` does not say when it was asked for and what was decided");
    };
    let now = whole_seconds(repository.now.unwrap_or_else(Timestamp::now));
    if now < asked.at.0 {
        bail!("the grant `{id}` was asked for at {}, which is after {now}", asked.at);
    }
    let engine = Engine::new(&policy.rulebook)?;
    let request = with_pending(&engine, request_of(&grant.value));
    let decision = decide(&engine, &request, asked.at.0, None);
    let stages: Vec<(String, usize)> =
        decision.stages.iter().map(|stage| (stage.name(), stage.needed)).collect();
    let pinned: Vec<(String, usize)> =
        kept.stages.iter().map(|stage| (stage.stage.clone(), stage.need as usize)).collect();
    if decision.verdict != Verdict::NeedsApproval || stages != pinned {
        let at = kept.policy_commit.as_deref().unwrap_or("the commit that decided");
        bail!("the rules would ask others about the grant `{id}` now: count with `--at {at}`, or ask again");
    }
    let status = approval::status(&engine, &decision, &request, &events.events, now)?;
    let exit = match status.state {
        State::Approved => Exit::Success,
        State::Pending => Exit::Pending,
        _ => Exit::Findings,
    };
    output.promise(exit);
    let mut edits = Edits::default();
    match status.state {
        State::Approved => {
            let votes = votes(&status, &events.events)?;
            let fields: Fields = vec![
                (vec!["state"], Some(json!("active"))),
                (vec!["decision", "verdict"], Some(json!("approved"))),
                (vec!["approval"], Some(Value::Array(votes))),
            ];
            edits.add(&ledger, grant, fields)?;
        }
        State::Pending => {}
        other => {
            let ending = Ending {
                grant,
                why: EndReason::Rejected,
                by: None,
                review: None,
                reason: Some(other.name().to_owned()),
            };
            edits.end(&ledger, &ending, now)?;
        }
    }
    if !arguments.dry_run {
        edits.write(&repository.repository)?;
    }
    let prefix = repository.prefix();
    let view = View::new(&Input {
        status: &status,
        decision: &decision::View::new(&decision, &policy.sources, &prefix, engine.zone()),
        events: &events,
        policy_commit: kept.policy_commit.as_deref(),
        now,
        people: &policy.rulebook.people,
    });
    output.result(&render(&view, output.style()))?;
    if arguments.dry_run {
        edits.show(output)?;
    }
    output.finish()?;
    let verb = if arguments.dry_run { "would be" } else { "is" };
    match status.state {
        State::Approved => output.talk(&format!("the grant `{id}` {verb} active"))?,
        State::Pending => output.talk(&format!("the grant `{id}` gives nothing yet"))?,
        _ => output.talk(&format!("the grant `{id}` {verb} ended"))?,
    }
    Ok(exit)
}

/// The approvals that count, as a grant keeps them.
fn votes(status: &Status<'_, '_>, events: &[Event]) -> anyhow::Result<Vec<Value>> {
    let mut votes = Vec::new();
    for stage in &status.stages {
        for counted in stage.counted.iter().take(stage.needed) {
            let at = events.get(counted.event).and_then(Event::at);
            let Some(at) = at else { bail!("nobody knows when `{}` agreed", counted.person) };
            let stage = stage.asking.stage.id.to_string();
            votes.push(match counted.delegate {
                Some(by) => {
                    json!({ "stage": stage, "by": by, "on-behalf-of": counted.person, "at": at.to_string() })
                }
                None => json!({ "stage": stage, "by": counted.person, "at": at.to_string() }),
            });
        }
    }
    Ok(votes)
}
