//! What becomes of the ledger when somebody joins, moves or leaves: grants that begin, end, end earlier, and are asked for
//! once more.
//!
//! What comes with a job is written as a grant that names the bundle, so that it is known what it came with when the job
//! changes. Doing it again gives nothing new: what somebody holds is not given once more, what ends does not end again, and
//! what was asked anew is not asked a second time.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};

use super::{
    ending::Ending,
    record::{About, NotRecorded, Pending, record, request_of, seal, with_pending},
    standing::{Standing, ends, has_left, standing},
};
use crate::{
    decide::{
        access::decide,
        decision::{Decision, Denial},
        engine::Engine,
        lifecycle::{self, Given, Transferred},
        undecidable::Undecidable,
    },
    model::{
        Duration, EntitlementRef, Entry, Id, Ref, Rulebook,
        bundle::Bundle,
        grant::{EndReason, Grant, GrantState, GrantVerdict},
        person::Person,
        request::Request,
        scenario::Verdict,
    },
};

/// What happens to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// They come, or come back.
    Joiner,
    /// Their job is another one.
    Mover,
    /// They leave, or have left.
    Leaver,
}

impl Event {
    /// A short name that never changes, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Joiner => "joiner",
            Self::Mover => "mover",
            Self::Leaver => "leaver",
        }
    }
}

/// What becomes of the ledger because of one person.
#[derive(Debug)]
pub struct Change<'a> {
    /// Who.
    pub person: &'a Entry<Person>,
    /// What happens.
    pub event: Event,
    /// The grants that are new.
    pub new: Vec<Grant>,
    /// Who is asked first about what people have to agree to.
    pub asked: BTreeSet<Id>,
    /// What is not given although it comes with the job, and what is not kept.
    pub refused: Vec<Refused>,
    /// The grants that end.
    pub endings: Vec<Ending<'a>>,
    /// The grants that end earlier than they said.
    pub shorter: Vec<Shorter<'a>>,
    /// What somebody else has to take over.
    pub transferred: Vec<Transferred<'a>>,
}

/// Something that the rules do not give.
#[derive(Debug)]
pub struct Refused {
    /// What: `bundle:sales`, or `salesforce/sales-standard`.
    pub what: String,
    /// Why not.
    pub why: Why,
}

/// Why something is not given.
#[derive(Debug)]
pub enum Why {
    /// The request makes no sense, or is denied.
    Denied {
        /// What is wrong with the request.
        problems: Vec<String>,
        /// Why it is denied.
        denials: Vec<Denial>,
    },
    /// It cannot be written down.
    NotRecorded(NotRecorded),
}

/// A grant that ends earlier than it said.
#[derive(Debug)]
pub struct Shorter<'a> {
    /// The grant.
    pub grant: &'a Entry<Grant>,
    /// The new last day.
    pub end: Date,
    /// Why.
    pub why: Earlier,
}

/// Why a grant ends earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// It came with a job that is no longer theirs.
    OldJob,
    /// People have to agree to it anew.
    AskedAnew,
    /// It would be denied in the new job.
    Denied,
    /// Its holder leaves.
    LastDay,
}

impl Earlier {
    /// A short name that never changes, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OldJob => "old-job",
            Self::AskedAnew => "asked-anew",
            Self::Denied => "denied",
            Self::LastDay => "last-day",
        }
    }
}

impl<'a> Change<'a> {
    fn of(person: &'a Entry<Person>, event: Event) -> Self {
        Self {
            person,
            event,
            new: Vec::new(),
            asked: BTreeSet::new(),
            refused: Vec::new(),
            endings: Vec::new(),
            shorter: Vec::new(),
            transferred: Vec::new(),
        }
    }

    /// Whether the ledger says all of it already.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.new.is_empty() && self.endings.is_empty() && self.shorter.is_empty()
    }
}

/// Who decides, by which rules, and when.
#[derive(Debug, Clone, Copy)]
pub struct When<'w> {
    /// The commit of the policy that decides.
    pub policy_commit: Option<&'w str>,
    /// The instant.
    pub now: Timestamp,
}

impl When<'_> {
    fn about(&self, renews: Option<Id>) -> About {
        About { number: None, policy_commit: self.policy_commit.map(str::to_owned), renews }
    }
}

/// What somebody is given who joins. What they held in an earlier time here ends, and does not come back: `earlier` knows
/// it, besides what began before their first day.
///
/// # Errors
/// When the condition of a bundle makes no sense.
pub fn joins<'a>(
    engine: &Engine<'a>,
    person: &'a Entry<Person>,
    earlier: &dyn Fn(&Entry<Grant>) -> bool,
    when: When<'_>,
) -> Result<Change<'a>, Undecidable> {
    let mut change = Change::of(person, Event::Joiner);
    let mut held = BTreeSet::new();
    for grant in open(engine, person) {
        let before = person.start.is_some_and(|first| grant.start < first);
        if before || earlier(grant) {
            change.endings.push(Ending {
                grant,
                why: EndReason::HolderLeft,
                by: None,
                review: None,
                reason: Some("from an earlier time here".to_owned()),
            });
        } else if !matches!(standing(engine, grant, when.now), Standing::Over(_)) {
            held.insert(&grant.entitlement);
        }
    }
    for given in &lifecycle::joiner(engine, person, when.now)?.given {
        give(engine, &mut change, given, &mut held, when);
    }
    Ok(change)
}

/// What becomes of what somebody holds who moves. `before` knows them as they were, and everything else as it is; `is_new`
/// knows grants that were decided about them as they are.
///
/// # Errors
/// When the condition of a bundle makes no sense.
pub fn moves<'a>(
    before: &Engine<'a>,
    after: &Engine<'a>,
    (was, is): (&'a Entry<Person>, &'a Entry<Person>),
    is_new: &dyn Fn(&Entry<Grant>) -> bool,
    when: When<'_>,
) -> Result<Change<'a>, Undecidable> {
    let mut change = Change::of(is, Event::Mover);
    let theirs = lifecycle::bundles(after, is)?;
    let comes_with_job = |entitlement: &EntitlementRef| {
        theirs.iter().any(|bundle| bundle.value.entitlements.contains(entitlement))
    };
    let last = last_day(after, when.now);
    let last = is.end.map_or(last, |end| last.min(end.0));
    let mut held = BTreeSet::new();
    for grant in open(after, is) {
        let stands = standing(after, grant, when.now);
        if matches!(stands, Standing::Over(_)) {
            continue;
        }
        if comes_with_job(&grant.entitlement) || stands == Standing::Requested {
            held.insert(&grant.entitlement);
            continue;
        }
        let why = if is_birthright(grant) {
            Some(Earlier::OldJob)
        } else if is_new(grant) {
            None
        } else {
            anew(after, &mut change, grant, when)
        };
        let later = after.end_of(last).is_none_or(|until| ends(after, grant).is_none_or(|own| own > until));
        if let Some(why) = why.filter(|_| later) {
            change.shorter.push(Shorter { grant, end: last.max(grant.start.0), why });
        }
    }
    // What ends already is not said once more.
    let ending: BTreeSet<String> =
        change.shorter.iter().map(|one| one.grant.entitlement.to_string()).collect();
    change.refused.retain(|one| ending.contains(&one.what));
    for given in &lifecycle::mover(before, after, (was, is), when.now)?.given {
        give(after, &mut change, given, &mut held, when);
    }
    Ok(change)
}

/// Why nobody leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StillHere;

/// What is taken from somebody who leaves or has left, and what others take over.
///
/// # Errors
/// When the condition of a bundle makes no sense.
pub fn leaves<'a>(
    engine: &Engine<'a>,
    person: &'a Entry<Person>,
    when: When<'_>,
) -> Result<Result<Change<'a>, StillHere>, Undecidable> {
    let mut change = Change::of(person, Event::Leaver);
    if has_left(person, engine.date(when.now)) {
        change.endings = open(engine, person)
            .map(|grant| Ending { grant, why: EndReason::HolderLeft, by: None, review: None, reason: None })
            .collect();
    } else if let Some(last) = person.end {
        let until = engine.end_of(last.0);
        for grant in open(engine, person).filter(|grant| grant.state == GrantState::Active) {
            let later = until.is_none_or(|until| ends(engine, grant).is_none_or(|own| own > until));
            if later && grant.start <= last {
                change.shorter.push(Shorter { grant, end: last.0, why: Earlier::LastDay });
            }
        }
    } else {
        return Ok(Err(StillHere));
    }
    change.transferred = lifecycle::leaver(engine, person, when.now)?.transferred;
    Ok(Ok(change))
}

/// Whether a grant says that it comes with a job.
#[must_use]
pub fn is_birthright(grant: &Grant) -> bool {
    grant.decision.as_ref().is_some_and(|decision| decision.verdict == GrantVerdict::Birthright)
}

/// The grants of somebody that give something or are asked for, as the ledger calls them.
fn open<'a>(engine: &Engine<'a>, person: &Entry<Person>) -> impl Iterator<Item = &'a Entry<Grant>> {
    let id = person.id.clone();
    engine.rulebook().grants.iter().filter(move |grant| {
        grant.value.beneficiary.as_str() == id.as_str()
            && matches!(grant.state, GrantState::Active | GrantState::Requested)
    })
}

/// Whether a grant was asked for once more, whatever came of it.
fn is_renewed(rulebook: &Rulebook, grant: &Entry<Grant>) -> bool {
    rulebook.grants.iter().any(|other| other.renews.as_ref().is_some_and(|old| *old.id() == grant.id))
}

/// The last day of what somebody keeps for a while after a move.
fn last_day(engine: &Engine<'_>, now: Timestamp) -> Date {
    let today = engine.date(now);
    let seconds = engine.rulebook().settings.grants.after_move.seconds(86_400);
    let days = seconds.div_euclid(86_400);
    today.checked_add(jiff::Span::new().try_days(days).unwrap_or_default()).unwrap_or(today)
}

/// Gives what comes with a bundle and is not held, as far as the rules do.
fn give<'a>(
    engine: &Engine<'a>,
    change: &mut Change<'a>,
    given: &Given<'a>,
    held: &mut BTreeSet<&'a EntitlementRef>,
    when: When<'_>,
) {
    let bundle = given.bundle;
    let person = change.person;
    let entitlements = &bundle.value.entitlements;
    if entitlements.iter().all(|entitlement| held.contains(entitlement)) {
        return;
    }
    let what = format!("bundle:{}", bundle.id);
    if !matches!(given.decision.verdict, Verdict::Approved | Verdict::NeedsApproval) {
        change.refused.push(Refused { what, why: denied(&given.decision) });
        return;
    }
    let grants = match of_bundle(engine, person, bundle, &given.decision, when.policy_commit) {
        Ok(grants) => grants,
        Err(why) => {
            change.refused.push(Refused { what, why: Why::NotRecorded(why) });
            return;
        }
    };
    for grant in grants {
        let Some(entitlement) = entitlements.iter().find(|one| **one == grant.entitlement) else { continue };
        if !held.insert(entitlement) {
            continue;
        }
        if is_birthright(&grant) {
            change.new.push(grant);
            continue;
        }
        // Whoever agrees decides about this one thing: it is asked for by itself, as it is decided about later.
        let request =
            Request { entitlements: vec![entitlement.clone()], ..Request::of(Ref::new(person.id.clone())) };
        ask(engine, change, request, &when.about(None), when.now);
    }
}

/// Asks for something by itself, and says whether people have to agree or nobody has to.
fn ask(
    engine: &Engine<'_>,
    change: &mut Change<'_>,
    request: Request,
    about: &About,
    now: Timestamp,
) -> Verdict {
    let request = beside_others(engine, request);
    let decision = decide(engine, &request, now, None);
    let what = request.entitlements.first().map(ToString::to_string).unwrap_or_default();
    if !matches!(decision.verdict, Verdict::Approved | Verdict::NeedsApproval) {
        change.refused.push(Refused { what, why: denied(&decision) });
        return decision.verdict;
    }
    match record(engine, &request, &decision, about) {
        Ok(grants) => {
            change.new.extend(grants);
            let first = decision.stages.first().into_iter().flat_map(|stage| &stage.approvers);
            change.asked.extend(first.map(|person| person.id.clone()));
            decision.verdict
        }
        Err(why) => {
            change.refused.push(Refused { what, why: Why::NotRecorded(why) });
            Verdict::Denied
        }
    }
}

/// A request with what else its beneficiary asked for and what is not decided yet.
fn beside_others(engine: &Engine<'_>, request: Request) -> Request {
    let holder = request.beneficiary.as_ref().unwrap_or(&request.requester).clone();
    with_pending(request, Pending::new(engine.rulebook()).of(holder.as_str()))
}

/// Looks at what somebody holds by a request as if they asked for it in their new job, for the time that is left: why it
/// ends earlier, or nothing when the rules give it to them anyway. What people have to agree to is asked for, once.
fn anew<'a>(
    engine: &Engine<'a>,
    change: &mut Change<'a>,
    grant: &'a Entry<Grant>,
    when: When<'_>,
) -> Option<Earlier> {
    let mut request = request_of(grant);
    if let Some(asked) = &grant.asked {
        request.request_type = asked.request_type.clone().map(Ref::new);
        request.form.clone_from(&asked.form);
    }
    request.emergency = false;
    request.duration = ends(engine, grant).map(|end| {
        let left = end.duration_since(when.now).as_secs().max(1);
        Duration::Elapsed { seconds: left }
    });
    let decision = decide(engine, &beside_others(engine, request.clone()), when.now, None);
    match decision.verdict {
        Verdict::Approved => None,
        Verdict::NeedsApproval if is_renewed(engine.rulebook(), grant) => Some(Earlier::AskedAnew),
        Verdict::NeedsApproval => {
            let about = when.about(Some(grant.id.clone()));
            let asked = ask(engine, change, request, &about, when.now) == Verdict::NeedsApproval;
            Some(if asked { Earlier::AskedAnew } else { Earlier::Denied })
        }
        Verdict::Denied | Verdict::Invalid => {
            change.refused.push(Refused { what: grant.entitlement.to_string(), why: denied(&decision) });
            Some(Earlier::Denied)
        }
    }
}

fn denied(decision: &Decision<'_>) -> Why {
    Why::Denied {
        problems: decision.problems.iter().map(ToString::to_string).collect(),
        denials: decision.denials.clone(),
    }
}

/// The grants that keep what a bundle gives to somebody, in the order of the bundle. Those that nobody has to agree to say
/// that they come with the job, and by which bundle.
///
/// # Errors
/// When nothing is granted, or not for any time.
pub fn of_bundle(
    engine: &Engine<'_>,
    person: &Entry<Person>,
    bundle: &Entry<Bundle>,
    decision: &Decision<'_>,
    policy_commit: Option<&str>,
) -> Result<Vec<Grant>, NotRecorded> {
    let about = About { policy_commit: policy_commit.map(str::to_owned), ..About::default() };
    let mut grants = record(engine, &lifecycle::birthright(person, bundle), decision, &about)?;
    for grant in &mut grants {
        if let Some(kept) = grant.decision.as_mut().filter(|kept| kept.verdict == GrantVerdict::AutoApproved)
        {
            kept.verdict = GrantVerdict::Birthright;
            kept.rules.insert(0, format!("bundle:{}", bundle.id));
            seal(grant);
        }
    }
    Ok(grants)
}

/// Whether a grant is exactly what a bundle gives to its holder by some rules, as of the instant at which it was written.
#[must_use]
pub fn is_given_by_bundle(engine: &Engine<'_>, grant: &Entry<Grant>) -> bool {
    let (Some(asked), Some(kept)) = (&grant.asked, &grant.decision) else { return false };
    let rulebook = engine.rulebook();
    let bundle = kept.rules.first().and_then(|rule| rule.strip_prefix("bundle:"));
    let bundle = bundle.and_then(|id| rulebook.bundles.get(id));
    let (Some(bundle), Some(person)) = (bundle, rulebook.people.get(grant.beneficiary.as_str())) else {
        return false;
    };
    let theirs = lifecycle::bundles(engine, person);
    if !theirs.is_ok_and(|theirs| theirs.iter().any(|one| one.id == bundle.id)) {
        return false;
    }
    let decision = decide(engine, &lifecycle::birthright(person, bundle), asked.at.0, None);
    of_bundle(engine, person, bundle, &decision, kept.policy_commit.as_deref())
        .is_ok_and(|made| made.contains(&grant.value))
}
