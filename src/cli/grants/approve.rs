//! `gitsm grants approve`.

use std::{collections::BTreeSet, fmt::Display, path::PathBuf};

use anyhow::{anyhow, bail};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    edits::Edits,
    find, named, pinned,
    reviews::{self, Counted, Reviews},
};
use crate::{
    cli::{
        approvals, decidable, exit::Exit, output::Output, repository::Repository,
        request::settle::whole_seconds, terminal::plain,
    },
    decide::{
        access::decide,
        approval::{
            self,
            outcome::{State, Status},
        },
        decision::{Decision, Denial},
        engine::Engine,
    },
    gate::{Gap, Reason, can_object},
    ledger::{
        ending::Ending,
        rederive::{Again, request_then, sealed},
        standing::{ends, has_left},
        text::Fields,
    },
    load::Loaded,
    model::{
        Entry, Id,
        approval::{Change, Event},
        grant::{EndReason, Grant, GrantState},
        scenario::Verdict,
    },
    report::{
        self,
        approval::{Input, View, render},
        decision::{self, words},
    },
};

/// Arguments of `gitsm grants approve`.
#[derive(Debug, Args)]
#[command(after_help = "\
the votes are what `gitsm approvals status` reads, and each names the grant and the digest that stands in it as
`decision.digest`, so that nobody agrees to something else:
  {\"event\":\"vote\",\"grant\":\"…\",\"digest\":\"…\",\"at\":\"2026-11-21T10:00:00Z\",\"by\":\"ana\",\"decision\":\"approve\"}
approvals and evidence without them do not count, and neither does a delegation that does not say that whoever is
stood in for wrote it down (`by`), and when (`at`). The request is decided once more as of the instant at which it was
made, by the rulebook of the commit that the grant names, which must be one of this branch, and with what is held
today. It has to come to the same, and the rules of today must not deny it

reviews of the pull request that asks for it are votes as well, counted as `gitsm pr check` counts them: of people by the
accounts that they have in the directory that it goes into, of its last commit and after the last push, and of nobody who
opened it, made a part of it, or is a program. That commit has to ask for the same grant. Whoever asks for changes there
stops it until they say otherwise, before as after enough agreed, and ends nothing; who asks for it or gets it dismisses no
such review. What was recorded counts for an hour, and only of the repository
that this is a clone of; the commit that it goes into has to be one that its branch was at, here or as it was fetched from
`origin`, and an account agrees only for whom it belongs to in the directory of today as well

examples:
  gitsm grants approve ana.silva-erp-period-close-20261120 --votes votes.jsonl
  gitsm grants approve ana.silva-erp-period-close-20261120 --pull-request 12 --forge example/rulebook
  gitsm grants approve ana.silva-erp-period-close-20261120 --facts facts.json --votes votes.jsonl

exit status: 0 everybody agreed, and it is active now; 1 they did not and will not; 2 could not run; 3 not yet;
4 refused: the pull request is a draft; 6 nobody can say which reviews count")]
pub(super) struct Arguments {
    /// The grant that was asked for.
    #[arg(value_name = "GRANT")]
    grant: String,
    /// What happened since: JSON Lines or a JSON array, or standard input: `-`.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["facts", "pull_request"])]
    votes: Option<PathBuf>,
    #[command(flatten)]
    reviews: Reviews,
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
    let written = arguments.votes.as_deref().map(approvals::read).transpose()?;
    let facts = arguments.reviews.record()?;
    let now = whole_seconds(repository.now.unwrap_or_else(Timestamp::now));
    let Opened { ledger, policy, prefix } = match open(arguments, now, output)? {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    let grant = find(&ledger.rulebook, &arguments.grant)?;
    let id = &grant.id;
    let refuse = |why: &dyn Display| not_voted_on(grant, why);
    let (_, kept, digest) = sealed(&grant.value).map_err(|why| refuse(&why))?;
    let engine = Engine::new(&policy.rulebook)?;
    let again = Again::decide(&engine, grant, []).map_err(|why| refuse(&why))?;
    let decision = &again.decision;
    if decision.verdict != Verdict::NeedsApproval {
        let reasons = reasons(decision).join("; ");
        let why = if reasons.is_empty() { "they ask nobody about it" } else { reasons.as_str() };
        return Err(refuse(&format!("the rules that it names do not give it so: {why}")));
    }
    again.is_as_decided(&engine, &grant.value).map_err(|why| refuse(&why))?;
    let present = Engine::new(&ledger.rulebook)?;
    still_given(&present, grant, now).map_err(|why| refuse(&why))?;
    let asked = named::Asked { grant, digest };
    if facts.as_ref().is_some_and(|facts| facts.pull_request.draft) {
        return not_ready(id, output);
    }
    let recorded = facts.as_ref().map(|facts| facts.recorded_at);
    let counted = facts.map(|facts| reviews::count(repository, &asked, &facts, &ledger.rulebook, now));
    let counted = counted.transpose()?.transpose();
    let counted = match counted {
        Ok(counted) => counted,
        Err(gaps) => return nobody_knows(id, &gaps, output),
    };
    let (events, mut passed_over) =
        named::about(reviews::beside(written, counted.as_ref()), &asked, &present);
    passed_over.extend(counted.iter().flat_map(|counted| &counted.refused).map(report::gate::refused));
    let status = approval::status(&engine, decision, &again.request, &events.events, now)?;
    let (objectors, others) = objectors(&status, counted.as_ref(), [&engine, &present]);
    passed_over.extend(others);
    let is_stopped = status.state == State::Approved && !objectors.is_empty();
    let state = if is_stopped { State::Pending } else { status.state };
    let exit = match state {
        State::Approved => Exit::Success,
        State::Pending => Exit::Pending,
        _ => Exit::Findings,
    };
    if state == State::Approved && made_shorter(&status, &events.events) {
        return Err(refuse(
            &"it was made shorter while it was decided, and still says what was asked for first: ask anew with \
              `gitsm request access`, or end it with `gitsm grants revoke`",
        ));
    }
    output.promise(exit);
    let mut edits = Edits::default();
    match state {
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
            let reason = Some(other.name().to_owned());
            let ending = Ending { grant, why: EndReason::Rejected, by: None, review: None, reason };
            edits.end(&ledger, &ending, now)?;
        }
    }
    if !arguments.dry_run {
        edits.write(&repository.repository)?;
    }
    let view = View::new(&Input {
        status: &status,
        decision: &decision::View::new(decision, &policy.sources, &prefix, engine.zone()),
        events: &events,
        policy_commit: kept.policy_commit.as_deref().map(|commit| (commit, true)),
        now,
        people: &policy.rulebook.people,
    });
    output.result(&render(&view, output.style()))?;
    passed_over.iter().try_for_each(|line| output.talk(line))?;
    if let Some(recorded) = recorded {
        output.talk(&format!("the reviews count as they were recorded at {recorded}"))?;
    }
    if arguments.dry_run {
        edits.show(output)?;
    }
    output.finish()?;
    for objector in objectors.iter().filter(|_| state == State::Pending) {
        output.talk(&format!(
            "`{objector}`, who is asked, wants it changed on the pull request: it begins once they say otherwise there"
        ))?;
    }
    output.talk(&becomes(id, state, arguments.dry_run))?;
    Ok(exit)
}

/// What becomes of a grant.
fn becomes(id: &Id, state: State, dry_run: bool) -> String {
    let verb = if dry_run { "would be" } else { "is" };
    match state {
        State::Approved => format!("the grant `{id}` {verb} active"),
        State::Pending => format!("the grant `{id}` gives nothing yet"),
        _ => format!("the grant `{id}` {verb} ended"),
    }
}

/// Says that the pull request that asks is a draft, as whoever opened it says.
fn not_ready(id: &Id, output: &mut Output) -> anyhow::Result<Exit> {
    output.promise(Exit::Refused);
    output.talk(&report::gate::reason(&Reason::Draft))?;
    output.talk(&format!("reviews of a draft do not count, and the grant `{id}` gives nothing yet"))?;
    Ok(Exit::Refused)
}

/// Says what is missing, so that nobody knows who agreed.
fn nobody_knows(id: &Id, gaps: &[Gap], output: &mut Output) -> anyhow::Result<Exit> {
    output.promise(Exit::Indeterminate);
    for gap in gaps {
        output.talk(&plain(&report::gate::gap(gap)))?;
    }
    output.talk(&format!("nobody can say which reviews count, and the grant `{id}` gives nothing yet"))?;
    Ok(Exit::Indeterminate)
}

/// Who objects on the pull request of those who are asked, under any record of theirs, and a line about each of the others.
/// Nothing has begun yet, and whoever objects there can say otherwise: it stops what is asked for, and does not end it.
fn objectors(
    status: &Status<'_, '_>,
    counted: Option<&Counted>,
    directories: [&Engine<'_>; 2],
) -> (BTreeSet<Id>, Vec<String>) {
    let is_one = |one: &str, other: &str| directories.iter().any(|engine| engine.hands().same(one, other));
    let is_asked = |id: &Id| {
        let theirs = |record: &str| is_one(record, id.as_str());
        status.stages.iter().any(|stage| can_object(stage.asking, theirs))
    };
    let (mut objectors, mut others) = (BTreeSet::new(), Vec::new());
    for (by, review) in counted.iter().flat_map(|counted| &counted.objections) {
        if is_asked(by) {
            objectors.insert(by.clone());
        } else {
            others.push(format!("the review {review} by `{by}` does not count: no stage asks them"));
        }
    }
    (objectors, others)
}

/// What votes are counted with.
struct Opened {
    /// The files of the folder.
    ledger: Loaded,
    /// The rules that decided, with the ledger of the folder.
    policy: Loaded,
    /// What stands before paths of these rules.
    prefix: String,
}

/// Reads the ledger, and the rules that the grant names.
fn open(arguments: &Arguments, now: Timestamp, output: &mut Output) -> anyhow::Result<Result<Opened, Exit>> {
    let repository = &arguments.repository;
    // The grant stands in the folder, whichever commit decides.
    let folder = Repository::new(repository.repository.clone(), repository.now, None);
    let ledger = match decidable::load(&folder, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(Err(exit)),
    };
    let grant = find(&ledger.rulebook, &arguments.grant)?;
    let id = &grant.id;
    if grant.state != GrantState::Requested {
        bail!("the grant `{id}` is {}, and only one that is requested is voted on", grant.state);
    }
    let (asked, _, _) = sealed(&grant.value).map_err(|why| not_voted_on(grant, &why))?;
    if now < asked.at.0 {
        bail!("the grant `{id}` was asked for at {}, which is after {now}", asked.at);
    }
    Ok(match pinned::load(repository, grant, asked.at.0, &ledger, output)? {
        Ok((policy, prefix)) => Ok(Opened { ledger, policy, prefix }),
        Err(exit) => Err(exit),
    })
}

fn not_voted_on(grant: &Entry<Grant>, why: &dyn Display) -> anyhow::Error {
    anyhow!("the grant `{}` is not voted on: {why}", grant.id)
}

/// Why a decision gives nothing.
fn reasons(decision: &Decision<'_>) -> Vec<String> {
    decision
        .problems
        .iter()
        .map(ToString::to_string)
        .chain(decision.denials.iter().map(words::denial))
        .collect()
}

/// Looks whether what was asked for can begin: its time is not over, its holder is here, and the rules of today do not
/// deny it with what is held today. Who could agree today does not matter: others did.
fn still_given(engine: &Engine<'_>, grant: &Entry<Grant>, now: Timestamp) -> Result<(), String> {
    let holder = engine.rulebook().people.get(grant.beneficiary.as_str());
    if holder.is_none_or(|holder| has_left(holder, engine.date(now))) {
        return Err(format!("`{}`, who it is for, has left", grant.beneficiary));
    }
    if ends(engine, grant).is_some_and(|end| end <= now) {
        return Err("the time that it was asked for is over: ask again".to_owned());
    }
    let mut decision = decide(engine, &request_then(engine.rulebook(), grant), now, None);
    decision.denials.retain(|denial| !matches!(denial, Denial::NoApprover { .. }));
    let invalid = decision.verdict == Verdict::Invalid;
    if invalid || !decision.denials.is_empty() {
        return Err(format!("the rules of today deny it: {}", reasons(&decision).join("; ")));
    }
    Ok(())
}

/// Whether an amendment that counts asks for less time than the grant says.
fn made_shorter(status: &Status<'_, '_>, events: &[Event]) -> bool {
    let counts = |place: usize| !status.not_counted.iter().any(|one| one.event == place);
    let shortens = |event: &Event| match event {
        Event::Amendment(amendment) => amendment.changed.contains(&Change::ShorterDuration),
        _ => false,
    };
    events.iter().enumerate().any(|(place, event)| shortens(event) && counts(place))
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
