//! `gitsm pr merge`.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use jiff::Timestamp;

use super::{
    forge::{Reached, Which},
    judged::Judged,
};
use crate::{
    cli::{exit::Exit, output::Output, repository::instant, terminal::plain},
    decide::{access::decide, decision::Decision, engine::Engine, lifecycle::birthright},
    forge::github::{
        issue::close_number,
        merge::{MergeOutcome, before, merge},
    },
    gate::{
        Verdict,
        facts::{AccountKind, Facts, PullRequestState},
    },
    impact::decisions::Budget,
    ledger::{lifecycle::is_birthright, record::request_of},
    model::{
        Entry, Ref, Rulebook,
        grant::{Grant, GrantState},
        scenario,
        settings::MergeMethod,
    },
    report::{decision::words, impact::markdown::details},
};

/// The branches that are gitsm's own.
const OWN: &str = "gitsm/";

/// Arguments of `gitsm pr merge`.
#[derive(Debug, Args)]
#[command(after_help = "\
only a pull request is merged that this token's account opened, made and pushed, on a branch below `gitsm/`, that changes
grants alone, and of which the gate says that it may be merged; and only when gitsm.toml, as it is where the change goes,
says how: `merge = \"squash\"` below `[pull-requests]`. It is merged as the commit that was looked at, onto the commit by whose
rulebook it was judged: when that branch moves meanwhile it is refused, and judged anew by the next run. What people have to
agree to waits for them; what the rules deny is closed with the reason. Every other pull request is left alone

examples:
  gitsm pr merge --pull-request 12 --at example/rulebook
  gitsm pr merge --of-commit \"$HEAD\" --at example/rulebook

exit status: 0 merged, or left alone; 1 closed, because the rules deny it, or the rulebook would be wrong; 2 could not run;
4 refused, by the gate or by GitHub; 6 nobody can say whether it may be merged")]
pub(super) struct Arguments {
    /// The folder of the repository, which holds `gitsm.toml`.
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".")]
    repository: PathBuf,
    #[command(flatten)]
    which: Which,
    /// The instant that counts as now [default: when the facts were recorded].
    #[arg(long, value_name = "INSTANT", env = "GITSM_NOW", value_parser = instant)]
    now: Option<Timestamp>,
}

/// Merges or closes a pull request of gitsm's own.
///
/// # Errors
/// When it could not run, or nobody knows what became of it.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let reached = arguments.which.reach(false)?;
    let reached = reached.ok_or_else(|| {
        anyhow!("name the pull request: `--pull-request 12`, or `--of-commit` its last commit")
    })?;
    let facts = reached.record()?;
    let alone = |output: &mut Output, why: &str| {
        output.talk(&format!("the pull request {} is left alone: {why}", reached.number))?;
        Ok(Exit::Success)
    };
    if let Some(why) = not_ours(&facts, &reached.hub.login()?, &reached.hub.full_name()) {
        return alone(output, &why);
    }
    let now = arguments.now.unwrap_or(facts.recorded_at.0);
    let commits = (&facts.pull_request.base.commit, &facts.pull_request.head.commit);
    let (base, head) = (commits.0.as_str(), commits.1.as_str());
    let budget = Budget::default();
    let judged = Judged::new(&arguments.repository, (base, head), Some(&facts), now, budget, false)?;
    let Some([before, after]) = &judged.rulebooks else { return refused(&judged, output) };
    let Some(method) = before.settings.pull_requests.merge else {
        return alone(output, "gitsm.toml does not say that it is merged: `[pull-requests]` has no `merge`");
    };
    if !judged.only_grants {
        return alone(output, "it changes something else than grants");
    }
    let new: Vec<&Entry<Grant>> = after.grants.iter().filter(|grant| is_new(before, grant)).collect();
    let engine = Engine::new(before)?;
    let denied: Vec<String> = new.iter().filter_map(|grant| denied(&engine, grant, now)).collect();
    if !denied.is_empty() {
        return close(&reached, &denied, output);
    }
    if let Some(waits) = new.iter().find(|grant| grant.state == GrantState::Requested) {
        return alone(output, &format!("people have to agree to `{}` first", waits.id));
    }
    if judged.verdict != Verdict::Pass {
        return refused(&judged, output);
    }
    // GitHub holds on to the last commit of the change alone. Where it goes, and what is said about it, is looked at again
    // now: what was decided by one rulebook is not merged into another.
    if let Some(why) = changed_since(&facts, &reached.record()?) {
        output.promise(Exit::Refused);
        output.talk(&format!("the pull request {} is not merged: {why}", reached.number))?;
        return Ok(Exit::Refused);
    }
    let (github, repository) = (&reached.hub.github, reached.hub.repository());
    let (exit, said) = match merge(github, repository, reached.number, (head, method.name()))? {
        MergeOutcome::Merged(commit) => {
            let steps = if method == MergeMethod::Rebase { facts.commits.entries.len() } else { 1 };
            merged_onto(&reached, &commit, base, steps)?;
            (Exit::Success, format!("is merged as {}", plain(&commit)))
        }
        MergeOutcome::Moved => (
            Exit::Refused,
            format!("is not merged: {head} is not its last commit any more, and nothing else was looked at"),
        ),
        MergeOutcome::Refused(why) => (Exit::Refused, format!("is not merged: {}", plain(&why))),
    };
    output.promise(exit);
    output.talk(&format!("the pull request {} {said}", reached.number))?;
    Ok(exit)
}

/// What changed about a pull request since it was judged, and what to do.
fn changed_since(judged: &Facts, now: &Facts) -> Option<String> {
    let (then, there) = (&judged.pull_request.base, &now.pull_request.base);
    if then != there {
        return Some(format!(
            "it goes into `{}` at {} by now, and was judged by the rulebook of `{}` at {}: run `gitsm pr merge` again, in a \
             clone that has that commit",
            plain(&there.branch),
            there.commit,
            plain(&then.branch),
            then.commit
        ));
    }
    let same = Facts { recorded_at: judged.recorded_at, ..now.clone() };
    (same != *judged).then(|| {
        "it was pushed to, reviewed or changed while it was looked at: run `gitsm pr merge` again".to_owned()
    })
}

/// Looks whether a pull request was merged onto the commit by whose rulebook it was judged.
///
/// # Errors
/// When somebody was faster, or nobody can say: what was merged then was not looked at.
fn merged_onto(reached: &Reached, merged: &str, base: &str, steps: usize) -> anyhow::Result<()> {
    let number = reached.number;
    let found = before(&reached.hub.github, reached.hub.repository(), merged, steps);
    let found = found.with_context(|| {
        format!("the pull request {number} is merged as {}, and nobody knows onto what", plain(merged))
    })?;
    if found.as_deref() != Some(base) {
        let found = found.unwrap_or_else(|| "nothing".to_owned());
        bail!(
            "the pull request {number} is merged as {}, which comes after {} and not after {base}, by whose rulebook it was \
             judged: look at it with `gitsm pr check --base {1} --head {0}`, and revert it if that does not pass",
            plain(merged),
            plain(&found)
        );
    }
    Ok(())
}

/// Says that the gate does not let it through.
fn refused(judged: &Judged, output: &mut Output) -> anyhow::Result<Exit> {
    let exit = match judged.verdict {
        Verdict::Fail => Exit::Findings,
        Verdict::Indeterminate => Exit::Indeterminate,
        Verdict::Pass | Verdict::Refused => Exit::Refused,
    };
    output.promise(exit);
    output.talk(&format!("not merged: {}", judged.report.headline))?;
    Ok(exit)
}

/// Why a pull request is not one that a program opened and made with this token's account, and nobody else had a hand in.
fn not_ours(facts: &Facts, login: &str, repository: &str) -> Option<String> {
    let pull_request = &facts.pull_request;
    let opener = &pull_request.opened_by;
    let own = |one: &str| one.eq_ignore_ascii_case(login);
    if pull_request.state != PullRequestState::Open {
        return Some("it is not open".to_owned());
    }
    if !facts.repository.name.eq_ignore_ascii_case(repository) {
        return Some("it is one of another repository".to_owned());
    }
    if !pull_request.head.branch.starts_with(OWN) {
        return Some(format!("its branch does not begin with `{OWN}`"));
    }
    if opener.kind != AccountKind::Bot || !own(&opener.login) {
        return Some(format!(
            "`{}` opened it, and not the program that this token is of",
            plain(&opener.login)
        ));
    }
    let pushers = facts.pushes.entries.iter().map(|push| Some(&push.by));
    // What GitHub signs it commits itself.
    let forge = |login: &str| login == "web-flow";
    let authors = facts.commits.entries.iter().map(|commit| commit.author.as_ref());
    let committers = facts
        .commits
        .entries
        .iter()
        .map(|commit| commit.committer.as_ref())
        .filter(|one| !one.is_some_and(|one| forge(&one.login)));
    let other = pushers.chain(authors).chain(committers).find(|one| !one.is_some_and(|one| own(&one.login)));
    other.map(|one| match one {
        Some(one) => format!("`{}` had a hand in it", plain(&one.login)),
        None => "nobody knows who made a part of it".to_owned(),
    })
}

/// Whether a grant is new, or gives something that it did not.
fn is_new(before: &Rulebook, grant: &Entry<Grant>) -> bool {
    let waits_or_gives = matches!(grant.state, GrantState::Active | GrantState::Requested);
    waits_or_gives && before.grants.get(grant.id.as_str()).is_none_or(|known| known.state != grant.state)
}

/// What the rules of today deny of a grant, with the reasons.
fn denied(engine: &Engine<'_>, grant: &Entry<Grant>, now: Timestamp) -> Option<String> {
    let say = |decision: &Decision<'_>| {
        let is_denied = matches!(decision.verdict, scenario::Verdict::Denied | scenario::Verdict::Invalid);
        let problems = decision.problems.iter().map(ToString::to_string);
        let reasons: Vec<String> = problems.chain(decision.denials.iter().map(words::denial)).collect();
        is_denied.then(|| format!("{} of {}: {}", grant.entitlement, grant.beneficiary, reasons.join("; ")))
    };
    if is_birthright(grant) {
        let rules = grant.decision.as_ref().map(|decision| decision.rules.as_slice()).unwrap_or_default();
        let bundle = rules.first().and_then(|rule| rule.strip_prefix("bundle:"));
        let bundle = bundle.and_then(|id| engine.rulebook().bundles.get(id));
        let person = engine.rulebook().people.get(grant.beneficiary.as_str());
        let (Some(bundle), Some(person)) = (bundle, person) else {
            return Some(format!("{} of {}: no bundle gives it", grant.entitlement, grant.beneficiary));
        };
        return say(&decide(engine, &birthright(person, bundle), now, None));
    }
    let mut request = request_of(grant);
    if let Some(asked) = &grant.asked {
        request.request_type = asked.request_type.clone().map(Ref::new);
        request.form.clone_from(&asked.form);
    }
    say(&decide(engine, &request, now, None))
}

/// Closes a pull request with the reasons for which it is denied.
fn close(reached: &Reached, denied: &[String], output: &mut Output) -> anyhow::Result<Exit> {
    let mut text = "**gitsm: the rules deny this now, so it is closed.**\n".to_owned();
    text.push_str(&details("why", &denied.join("\n"), text.len()));
    close_number(&reached.hub.github, reached.hub.repository(), reached.number, &text, "not_planned")?;
    output.promise(Exit::Findings);
    for one in denied {
        output.talk(&format!("denied: {}", plain(one)))?;
    }
    output.talk(&format!("the pull request {} is closed", reached.number))?;
    Ok(Exit::Findings)
}
