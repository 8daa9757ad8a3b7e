//! What the gate says, in words.

use super::view::{NotCountedView, ReasonView};
use crate::{
    decide::{approval::outcome::State, principals::Exclusion},
    gate::{
        Gap, Gate, NotCounted, Part, Reason, Refused, Unknown, Verdict, Which, Why, facts::PullRequestState,
    },
    report::{approval, summary::plural},
};

/// The verdict in a few words.
pub(super) fn headline(gate: &Gate) -> String {
    let asked =
        |panel: &Option<crate::gate::Panel>| panel.as_ref().is_some_and(|panel| panel.state.is_some());
    match gate.verdict {
        Verdict::Pass if asked(&gate.base) || asked(&gate.head) => {
            "it may be merged: everybody agreed who has to".to_owned()
        }
        Verdict::Pass => "it may be merged: nobody has to agree".to_owned(),
        Verdict::Refused => {
            let all = |wanted: fn(&Reason) -> bool| gate.reasons.iter().all(wanted);
            if all(|reason| matches!(reason, Reason::Waiting(_))) {
                "it may not be merged yet: somebody has to agree".to_owned()
            } else {
                "it may not be merged".to_owned()
            }
        }
        Verdict::Indeterminate => "nobody can say whether it may be merged".to_owned(),
        Verdict::Fail => "it may not be merged: the rulebook would be wrong".to_owned(),
    }
}

/// Which rulebook says something.
const fn which(which: Which) -> &'static str {
    match which {
        Which::Base => "by the rulebook that it goes into",
        Which::Head => "by the changed rulebook",
    }
}

/// A reason, with what to do about it.
pub(super) fn reason(reason: &Reason) -> ReasonView {
    let (code, message, help): (&'static str, String, String) = match reason {
        Reason::Errors(0) => (
            "no-rulebook",
            "the change leaves no rulebook that can be read".to_owned(),
            "`gitsm validate` says what is wrong".to_owned(),
        ),
        Reason::Errors(count) => (
            "errors",
            format!("the changed rulebook has {}", plural(*count, "error")),
            "`gitsm validate` says what to write".to_owned(),
        ),
        Reason::Scenarios(failed) => (
            "scenarios",
            format!("{} not passed: {}", of(failed.len()), listed(failed)),
            "`gitsm test` says what was expected, and what came of it".to_owned(),
        ),
        Reason::Conflicts(paths) => (
            "conflicts",
            format!("both sides changed {}", listed(paths)),
            "merge the branch that it goes into, and solve the conflict there".to_owned(),
        ),
        Reason::Plan { target, why } => (
            "plan-refused",
            format!("what `{target}` would get is refused: {}", why.join("; ")),
            format!(
                "change less at once, or raise `target.{target}.limits` in gitsm.toml in a change of its own; \
                 `gitsm plan --target {target}` shows all of it"
            ),
        ),
        Reason::Draft => (
            "draft",
            "its author says that it is not ready".to_owned(),
            "mark it as ready for review".to_owned(),
        ),
        Reason::NotOpen(state) => (
            "not-open",
            match state {
                PullRequestState::Merged => "it was merged already".to_owned(),
                PullRequestState::Closed | PullRequestState::Open => "it was closed".to_owned(),
            },
            "open it again, or a new one".to_owned(),
        ),
        Reason::Ungoverned => (
            "ungoverned",
            "it loosens control, and no governance rule says who has to agree to that".to_owned(),
            "add a rule for it to a `[governance.…]`, in a change of its own".to_owned(),
        ),
        Reason::Waiting(side) => (
            "waiting",
            format!("somebody has to agree still, {}", which(*side)),
            "ask one of those who can agree".to_owned(),
        ),
        Reason::Rejected(side) => (
            "rejected",
            format!("somebody who was asked said no, {}", which(*side)),
            "change it so that they agree: it counts until they review it again, or somebody dismisses it who has no part in it"
                .to_owned(),
        ),
        Reason::TimedOut(side) => (
            "timed-out",
            format!("the time to agree is up, {}", which(*side)),
            "push it again: everybody is asked anew then".to_owned(),
        ),
        Reason::NobodyCanAgree(side) => (
            "nobody-can-agree",
            format!("not enough people can agree who did not make it, {}", which(*side)),
            "let somebody else propose it, or name more approvers in a change of its own".to_owned(),
        ),
        Reason::FirstRules => (
            "first-rules",
            "it brings the first rules about changes, and they ask too few people who can agree by the directory that it \
             goes into and did not make it"
                .to_owned(),
            "let them ask people who are there with their `accounts.github`: whoever comes with the change agrees to nothing \
             in it. Where there is nobody else yet, whoever owns the repository adds them past this gate, before it"
                .to_owned(),
        ),
        Reason::Gap(gap) => return gapped(reason, gap),
    };
    ReasonView { verdict: reason.verdict().name(), code, message, help }
}

fn gapped(reason: &Reason, gap: &Gap) -> ReasonView {
    let again = "record the facts again".to_owned();
    let (code, message, help) = match gap {
        Gap::NoFacts => (
            "no-facts",
            "somebody has to agree, and nothing is known about who opened it, pushed to it and reviewed it"
                .to_owned(),
            "name the facts that were recorded: `--facts facts.json`".to_owned(),
        ),
        Gap::Base => (
            "base",
            "the rulebook that it goes into has errors, or there is none, so nobody knows who has to agree"
                .to_owned(),
            "`gitsm validate --at` the commit that it goes into says what is wrong; mend that first"
                .to_owned(),
        ),
        Gap::Unread(list) => ("unread", format!("not all {list} were read"), again),
        Gap::OtherHead { facts, judged } => (
            "other-head",
            format!("the facts are about the commit {}, and this is {}", short(facts), short(judged)),
            again,
        ),
        Gap::OtherBase { facts, judged } => (
            "other-base",
            format!("by the facts it goes into the commit {}, and this is {}", short(facts), short(judged)),
            again,
        ),
        Gap::OtherBranch { branch, default } => (
            "other-branch",
            format!("it goes into `{branch}`, and the rulebook in force is that of `{default}`"),
            format!("let it go into `{default}`"),
        ),
        Gap::NotOfBranch { commit, branch } => (
            "not-of-branch",
            format!("`{branch}` never was at the commit {}, into which it goes by the facts", short(commit)),
            format!(
                "`git fetch origin {branch}` gets the branch as it is by now; where that does not help, record the facts \
                 again: what was never merged says nothing about who people are"
            ),
        ),
        Gap::OtherRepository { facts, origin } => (
            "other-repository",
            format!("the facts are about the repository `{facts}`, and this is a clone of `{origin}`"),
            "record the facts of the pull request of this repository, or `git remote set-url origin` when it was renamed"
                .to_owned(),
        ),
        Gap::Old(at) => (
            "old-facts",
            format!("the facts were recorded at {at}, more than an hour ago, and nobody knows what was said since"),
            "record them again with `gitsm pr facts`, or name the pull request with `--pull-request`".to_owned(),
        ),
        Gap::OtherPush(commit) => (
            "other-push",
            format!("the last push left the branch at {}, which is not what is looked at", short(commit)),
            again,
        ),
        Gap::NoPush => (
            "no-push",
            "nothing says when its branch was last moved, so nobody knows which approvals came after that"
                .to_owned(),
            again,
        ),
        Gap::OtherCommits => (
            "other-commits",
            "the forge lists other commits than the branch has".to_owned(),
            "fetch the branch, and record the facts again".to_owned(),
        ),
        Gap::Somebody(unknown, part) => (
            "unknown-contributor",
            format!("somebody {}, and nobody knows who: {}", did(*part), nobody(unknown)),
            help_for(unknown),
        ),
        Gap::Objection(unknown) => {
            ("unknown-objector", format!("nobody knows who objects: {}", nobody(unknown)), help_for(unknown))
        }
        Gap::Uncompared(what) => (
            "not-compared",
            format!("not everything could be compared: {what}"),
            "`gitsm diff` says what and why; `--max-steps` lets it try for longer".to_owned(),
        ),
        Gap::Plan { target, why } => (
            "not-planned",
            format!("nobody knows what `{target}` would get: {why}"),
            format!(
                "`gitsm plan --target {target}` says whether it can be reached and read; check again then"
            ),
        ),
        Gap::Undecidable(side, why) => (
            "undecidable",
            format!("it cannot be said who has to agree, {}: {why}", which(*side)),
            "`gitsm validate` says what to write".to_owned(),
        ),
        Gap::Clock(what) => {
            ("clock", what.clone(), "give a later `--now`, or record the facts again".to_owned())
        }
    };
    ReasonView { verdict: reason.verdict().name(), code, message, help }
}

const fn did(part: Part) -> &'static str {
    part.words()
}

/// Who is not known.
fn nobody(unknown: &Unknown) -> String {
    match unknown {
        Unknown::Account(login) => format!("nobody in the directory has the account `{login}`"),
        Unknown::Number { login, person } => {
            format!("the account `{login}` has another number than that of `{person}`")
        }
        Unknown::Address(address) => format!("nobody in the directory has the address `{address}`"),
        Unknown::Several { what, people } => format!("`{what}` belongs to {}", listed(people)),
    }
}

fn help_for(unknown: &Unknown) -> String {
    match unknown {
        Unknown::Account(_) => {
            "add it to the `accounts` of the person in a change of its own: `github = \"…\"`; a program is a person \
             with `employment = \"service-account\"` and an `owner`"
                .to_owned()
        }
        Unknown::Address(_) => {
            "add it to the `accounts` of the person in a change of its own, under any name: `git = \"…\"`".to_owned()
        }
        Unknown::Number { .. } => {
            "an account of that name belongs to somebody else now: mend `accounts.github` or `accounts.github-id`"
                .to_owned()
        }
        Unknown::Several { .. } => "let it belong to one person in the directory".to_owned(),
    }
}

/// Why a review counts for nothing.
pub(super) fn refused(refused: &Refused) -> NotCountedView {
    let why = match &refused.why {
        Why::Program => "it is from a program".to_owned(),
        Why::Nobody(unknown) => nobody(unknown),
        Why::Contributor(parts) => {
            let did: Vec<&str> = parts.iter().copied().map(Part::words).collect();
            format!("they {}", did.join(" and "))
        }
        Why::BeforePush(at) => format!("the branch was moved at {at}, after it"),
        Why::OtherCommit(Some(commit)) => format!("it is one of the commit {}", short(commit)),
        Why::OtherCommit(None) => "nobody knows of which commit it is".to_owned(),
        Why::Dismissed => "it was dismissed".to_owned(),
        Why::Later => "they reviewed it again later".to_owned(),
        Why::NotToday(person) => {
            format!("the account `{}` is not that of `{person}` by the directory of today", refused.login)
        }
        Why::Newcomer => "they could not agree to anything in the directory that it goes into".to_owned(),
        Why::InTheFuture => "it was given later than the instant that is asked about".to_owned(),
    };
    let by = refused.person.clone().unwrap_or_else(|| refused.login.clone());
    NotCountedView { review: refused.review, by, code: refused.why.name(), why }
}

/// Why a review of somebody who may agree is worth nothing.
pub(super) fn not_counted(one: &NotCounted, state: Option<State>) -> NotCountedView {
    let why = match one.why {
        crate::decide::approval::outcome::Why::NotNamed => "no stage asks them".to_owned(),
        why => approval::words::why(why, state.unwrap_or(State::Pending)),
    };
    NotCountedView { review: one.review, by: one.person.clone(), code: one.why.name(), why }
}

/// Why somebody who is named cannot agree.
pub(super) const fn excluded(why: Exclusion) -> &'static str {
    match why {
        Exclusion::Requester | Exclusion::Beneficiary => "proposes it",
        Exclusion::Implementer => "made a part of it",
        Exclusion::Owner => "answers for an account that made a part of it",
        Exclusion::Newcomer => "is nobody who could agree in the directory that it goes into",
        other => other.words(),
    }
}

fn of(count: usize) -> String {
    if count == 1 { "1 scenario has".to_owned() } else { format!("{count} scenarios have") }
}

fn short(commit: &str) -> String {
    let digits: String = commit.chars().take(12).collect();
    format!("`{digits}`")
}

/// Some names, of many the first.
fn listed(names: &[String]) -> String {
    const MOST: usize = 5;
    let mut shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    if names.len() > MOST {
        shown.push(format!("{} more", names.len() - MOST));
    }
    match shown.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
