//! Who is told when, if a ticket stays as it is: earlier, later, not any more, or newly.
//!
//! Steps are compared by what they come to. Whoever several steps tell is told by the first of them. A team or role
//! stands for itself as long as it is the same people; where it is others, those who come or go are told by name. Who
//! is on call is known only then.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    Because, Case, Change, Commitments, Direction, HoursChange, Moment, Told, Topic, Unknown, Way,
    case::Both,
    escalated::{listing, with_escalation_only},
    levels::{Subjects, urgency},
    side::Side,
    times::{Chains, Step, Times},
};
use crate::{
    decide::{
        principals::{self, Subject, unable},
        timeline::is_for,
        undecidable::Undecidable,
    },
    model::{
        Duration, Entry, Id, Kind, Principal, Priority, Ref, Selector,
        escalation::{Escalation, EscalationStep, Trigger},
        service::Service,
        sla::{Sla, TargetKind},
    },
};

/// What is known of somebody who is told.
#[derive(Debug, Default)]
struct Notice<'a> {
    moments: BTreeSet<Moment>,
    chains: Chains<'a>,
    channels: BTreeSet<Id>,
    repeat: Option<Duration>,
    /// Each notice for itself: who is told twice may be told the second time in another way.
    ways: BTreeSet<Way>,
    by_channel: BTreeMap<Id, Chains<'a>>,
}

/// Notices by who is told and what has to be the case.
type Notices<'a> = BTreeMap<(Principal, Trigger), Notice<'a>>;

/// What tickets are about, on one side.
struct Scene<'a> {
    service: Option<&'a Entry<Service>>,
    sla: Option<&'a Entry<Sla>>,
    escalations: Vec<&'a Entry<Escalation>>,
}

/// People by principal and service, so that each is looked up once.
type People = RefCell<BTreeMap<(Principal, Option<Id>), BTreeSet<Id>>>;

/// What makes changes for several priorities and subjects one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    direction: Direction,
    majors: Vec<Id>,
    who: Principal,
    trigger: Trigger,
    before: Vec<Moment>,
    after: Vec<Moment>,
    channels: [Vec<Id>; 2],
    repeats: [Option<String>; 2],
    ways: [Vec<Way>; 2],
    hours: Vec<HoursChange>,
}

/// Adds who is told at another time.
pub(super) fn compare<'a>(times: &Times<'_, 'a>, subjects: &Subjects<'a>, found: &mut Commitments) {
    let known = [People::default(), People::default()];
    let majors = majors(times);
    let subjects = &with_escalation_only(times, subjects);
    let mut alike: BTreeMap<Alike, BTreeMap<&Selector, Vec<Told>>> = BTreeMap::new();
    for subject in subjects.keys() {
        for majors in &majors {
            match of_subject(times, &known, subject, subjects, majors) {
                Ok(all) => {
                    for (key, told) in all {
                        alike.entry(key).or_default().entry(subject).or_default().push(told);
                    }
                }
                Err(why) => {
                    let why = why.to_string();
                    match found.unknown.iter_mut().find(|unknown| unknown.why == why) {
                        Some(unknown) if unknown.subjects.contains(subject) => {}
                        Some(unknown) => unknown.subjects.push(subject.clone()),
                        None => found.unknown.push(Unknown { subjects: vec![subject.clone()], why }),
                    }
                }
            }
        }
    }
    found.cases.extend(cases(alike));
}

/// Puts together what changes for the same subjects in the same direction.
fn cases(alike: BTreeMap<Alike, BTreeMap<&Selector, Vec<Told>>>) -> Vec<Case> {
    type Sets = (Direction, Vec<Id>, Vec<Selector>, Vec<HoursChange>);
    let mut grouped: BTreeMap<Sets, Vec<Change>> = BTreeMap::new();
    for (key, by_subject) in alike {
        // The same for the same priorities of several subjects is told once.
        let mut sets: BTreeMap<Vec<Priority>, (Vec<Selector>, Option<Told>)> = BTreeMap::new();
        for (subject, all) in by_subject {
            let priorities = all.iter().flat_map(|told| told.priorities.clone()).collect();
            let (subjects, first) = sets.entry(priorities).or_default();
            subjects.push(subject.clone());
            if first.is_none() {
                *first = all.into_iter().next();
            }
        }
        for (priorities, (subjects, told)) in sets {
            let Some(told) = told else { continue };
            let change = Change::Told(Told { priorities, ..told });
            let sets = (key.direction, key.majors.clone(), subjects, key.hours.clone());
            grouped.entry(sets).or_default().push(change);
        }
    }
    let case = |((direction, _, subjects, hours), changes): (Sets, Vec<Change>)| {
        let because = hours.into_iter().map(Because::Hours).collect();
        Case::new(Topic::Escalation, direction, subjects, changes, because)
    };
    grouped.into_iter().map(case).collect()
}

/// The definitions of major incidents by their escalations, and none for tickets that are not major.
fn majors<'a>(times: &Times<'_, 'a>) -> Vec<Vec<&'a Id>> {
    let [old, new] = times.sides;
    let ids: BTreeSet<&Id> = times
        .sides
        .iter()
        .flat_map(|side| side.rulebook().major_incidents.iter().map(|one| &one.id))
        .collect();
    let mut grouped: BTreeMap<[Option<&Id>; 2], Vec<&'a Id>> = BTreeMap::new();
    for id in ids {
        let escalations = [old, new].map(|side| {
            let major = side.rulebook().major_incidents.get(id.as_str())?;
            major.value.escalation.as_ref().map(Ref::id)
        });
        if escalations != [None, None] {
            grouped.entry(escalations).or_default().push(id);
        }
    }
    std::iter::once(Vec::new()).chain(grouped.into_values()).collect()
}

fn of_subject<'a>(
    times: &Times<'_, 'a>,
    known: &[People; 2],
    subject: &Selector,
    subjects: &Subjects<'a>,
    majors: &[&Id],
) -> Result<Vec<(Alike, Told)>, Undecidable> {
    let holds = subjects.get(subject).copied().unwrap_or_default();
    // A request is no incident.
    let major = majors.first().copied();
    if major.is_some() && subject.kind != Kind::Service {
        return Ok(Vec::new());
    }
    let [old, new] = times.sides;
    let [before, after] = holds.map(|holds| holds.map(|holds| holds.sla));
    let scenes = [scene(old, subject, before, major)?, scene(new, subject, after, major)?];
    let mut priorities: BTreeSet<Priority> = BTreeSet::new();
    for side in times.sides {
        priorities.extend(side.rulebook().settings.project.priorities.iter().cloned().map(Priority));
    }
    let mut priorities: Vec<Priority> = priorities.into_iter().collect();
    priorities.sort_by_key(|priority| urgency(times, priority));
    let mut found = Vec::new();
    for priority in &priorities {
        let [one, other] = &scenes;
        let steps = [steps(old, one, priority)?, steps(new, other, priority)?];
        let notices = notices(times, known, &scenes, &steps)?;
        let [mut was, mut is] = notices;
        let keys: BTreeSet<(Principal, Trigger)> = was.keys().chain(is.keys()).cloned().collect();
        for key in keys {
            let (before, after) = (was.remove(&key).unwrap_or_default(), is.remove(&key).unwrap_or_default());
            found.extend(told(times, (majors, priority), key, before, after)?);
        }
    }
    Ok(found)
}

/// What holds on one side for tickets about something.
fn scene<'a>(
    side: &Side<'a>,
    subject: &Selector,
    sla: Option<&'a Entry<Sla>>,
    major: Option<&Id>,
) -> Result<Scene<'a>, Undecidable> {
    let rulebook = side.rulebook();
    let service = if subject.kind == Kind::Service {
        rulebook.services.get(subject.id.as_str())
    } else {
        let request = rulebook.request_types.get(subject.id.as_str());
        let service = request.and_then(|request| request.value.service.as_ref());
        service.and_then(|service| rulebook.services.get(service.as_str()))
    };
    let tier =
        service.filter(|_| subject.kind == Kind::Service).and_then(|service| service.value.tier.as_ref());
    let named: Vec<_> = if let Some(major) = major {
        let major = rulebook.major_incidents.get(major.as_str());
        major.and_then(|major| major.value.escalation.as_ref()).into_iter().collect()
    } else {
        let of_tier = tier.and_then(|tier| rulebook.tiers.get(tier.as_str()));
        let of_tier = of_tier.and_then(|tier| tier.value.escalation.as_ref());
        let of_sla = sla.and_then(|sla| sla.value.escalation.as_ref());
        of_sla.into_iter().chain(of_tier).collect()
    };
    let mut escalations: Vec<&'a Entry<Escalation>> = Vec::new();
    for reference in named {
        let missing = || Undecidable::Missing {
            kind: Kind::Escalation,
            id: reference.to_string(),
            at: crate::model::Location::settings(),
        };
        let entry = rulebook.escalations.get(reference.as_str()).ok_or_else(missing)?;
        if !escalations.iter().any(|known| known.id == entry.id) {
            escalations.push(entry);
        }
    }
    if let (Some(service), Kind::Service, None) = (service, subject.kind, major) {
        for entry in listing(side, &service.id, tier.map(Ref::id)) {
            if !escalations.iter().any(|known| known.id == entry.id) {
                escalations.push(entry);
            }
        }
    }
    Ok(Scene { service, sla, escalations })
}

/// A step of an escalation with the steps of time after which it comes.
struct Due<'a> {
    step: &'a EscalationStep,
    moment: Moment,
    chain: Vec<Step<'a>>,
}

fn steps<'a>(side: &Side<'a>, scene: &Scene<'a>, priority: &Priority) -> Result<Vec<Due<'a>>, Undecidable> {
    let service = scene.service.map(|service| &service.id);
    let tier = scene.service.and_then(|service| service.value.tier.as_ref()).map(Ref::id);
    let mut found = Vec::new();
    for escalation in &scene.escalations {
        if !is_for(&escalation.value, Some(priority), service, tier) {
            continue;
        }
        for step in &escalation.value.step {
            if let Some((moment, chain)) = due(side, scene.sla, escalation, step, priority)? {
                found.push(Due { step, moment, chain });
            }
        }
    }
    Ok(found)
}

/// When a step comes; none when it waits for a target that there is not.
fn due<'a>(
    side: &Side<'a>,
    sla: Option<&'a Entry<Sla>>,
    escalation: &'a Entry<Escalation>,
    step: &EscalationStep,
    priority: &Priority,
) -> Result<Option<(Moment, Vec<Step<'a>>)>, Undecidable> {
    // Whether somebody has answered is what the response target is about.
    let wanted =
        if step.trigger == Trigger::Unacknowledged { TargetKind::Respond } else { TargetKind::Resolve };
    let clock = sla.and_then(|sla| {
        let within = sla.value.target.get(priority)?.of(wanted)?;
        Some((sla.value.calendar.as_str(), within))
    });
    let mut chain = Vec::new();
    if let Some(share) = step.at {
        let Some((calendar, within)) = clock else { return Ok(None) };
        let seconds = share.of_rounded_up(side.seconds(within, calendar)?);
        return Ok(Some((Moment::Share(share, wanted), vec![Step { calendar, seconds }])));
    }
    if step.trigger == Trigger::Breached {
        let Some((calendar, within)) = clock else { return Ok(None) };
        chain.push(Step { calendar, seconds: side.seconds(within, calendar)? });
    }
    let Some(after) = step.after else {
        let waits = step.trigger == Trigger::Breached;
        return Ok(waits.then_some((Moment::AtOnce, chain)));
    };
    let calendar = &escalation.value.calendar;
    chain.push(Step { calendar: calendar.as_str(), seconds: side.seconds(after, calendar.as_str())? });
    Ok(Some((Moment::After(after.to_string(), calendar.id().clone()), chain)))
}

/// Who is told on each side.
fn notices<'a>(
    times: &Times<'_, 'a>,
    known: &[People; 2],
    scenes: &[Scene<'a>; 2],
    steps: &[Vec<Due<'a>>; 2],
) -> Result<[Notices<'a>; 2], Undecidable> {
    let ([old, new], [of_old, of_new], [one, other]) = (times.sides, known, scenes);
    let named: BTreeSet<&Principal> = steps.iter().flatten().flat_map(|due| &due.step.to).collect();
    let mut notices = [Notices::new(), Notices::new()];
    let mut groups: Vec<(&Principal, [BTreeSet<Id>; 2])> = Vec::new();
    for principal in named {
        let people =
            [people(old, of_old, one.service, principal)?, people(new, of_new, other.service, principal)?];
        groups.push((principal, people));
    }
    // Whoever comes or goes is looked at with everything that tells them.
    let moved: BTreeSet<Id> =
        groups.iter().flat_map(|(_, [was, is])| was.symmetric_difference(is).cloned()).collect();
    for ((notices, steps), side) in notices.iter_mut().zip(steps).zip([0, 1]) {
        for due in steps {
            for (principal, people) in groups.iter().filter(|(principal, _)| due.step.to.contains(principal))
            {
                let [was, is] = people;
                if was.is_empty() && is.is_empty() || was.intersection(is).next().is_some() {
                    add(notices, (*principal).clone(), due);
                }
                for person in people.get(side).into_iter().flatten().filter(|person| moved.contains(*person))
                {
                    add(notices, Principal::Person(person.clone()), due);
                }
            }
        }
    }
    Ok(notices)
}

fn add<'a>(notices: &mut Notices<'a>, who: Principal, due: &Due<'a>) {
    let notice = notices.entry((who, due.step.trigger)).or_default();
    notice.moments.insert(due.moment.clone());
    if !notice.chains.contains(&due.chain) {
        notice.chains.push(due.chain.clone());
    }
    let channels: BTreeSet<Id> = due.step.channels.iter().map(|channel| channel.id().clone()).collect();
    for channel in &channels {
        let chains = notice.by_channel.entry(channel.clone()).or_default();
        if !chains.contains(&due.chain) {
            chains.push(due.chain.clone());
            chains.sort();
        }
    }
    notice.ways.insert(Way {
        moment: due.moment.clone(),
        channels: channels.iter().cloned().collect(),
        repeat: due.step.repeat_every.map(|every| every.to_string()),
    });
    notice.channels.extend(channels);
    notice.repeat = due.step.repeat_every.or(notice.repeat);
}

/// The notices that only one side has, and which way they go: by each channel when it is used first, and else by whether
/// notices come or go. Nothing where both sides tell once: what differs then is told by itself.
fn several<'a>(
    times: &Times<'_, 'a>,
    before: &Notice<'a>,
    after: &Notice<'a>,
) -> Result<(Both<Way>, Direction), Undecidable> {
    let list = |ways: &BTreeSet<Way>| ways.iter().cloned().collect::<Vec<_>>();
    let none = Both { gone: Vec::new(), new: Vec::new() };
    if before.ways.is_empty() || after.ways.is_empty() || before.ways.len().max(after.ways.len()) < 2 {
        return Ok((none, Direction::Neutral));
    }
    let ways = Both::of(&list(&before.ways), &list(&after.ways));
    if ways.is_empty() {
        return Ok((none, Direction::Neutral));
    }
    let mut directions = Vec::new();
    for (channel, chains) in &before.by_channel {
        if let Some(now) = after.by_channel.get(channel) {
            directions.push(Direction::of(&times.shift([chains.clone(), now.clone()])?));
        }
    }
    let by_channel = Direction::together(directions);
    let direction = if by_channel == Direction::Neutral { ways.direction() } else { by_channel };
    Ok((ways, direction))
}

/// The people of a principal who can act, as of the comparison; nobody for who is on call, who is known only then.
fn people<'a>(
    side: &Side<'a>,
    known: &People,
    service: Option<&'a Entry<Service>>,
    principal: &Principal,
) -> Result<BTreeSet<Id>, Undecidable> {
    if matches!(principal, Principal::OnCall(_)) {
        return Ok(BTreeSet::new());
    }
    let key = (principal.clone(), service.map(|service| service.id.clone()));
    if let Some(people) = known.borrow().get(&key) {
        return Ok(people.clone());
    }
    let subject =
        Subject { beneficiary: None, offer: None, service, instant: side.instant, change_owner: None };
    let today = side.engine.date(side.instant);
    // A team that is new on the other side has nobody on this one.
    let found = match principals::people(&side.engine, &subject, std::slice::from_ref(principal)) {
        Ok(found) => found,
        Err(Undecidable::Missing { .. }) => Vec::new(),
        Err(why) => return Err(why),
    };
    let able = found.into_iter().filter(|person| unable(person, today).is_none());
    let people: BTreeSet<Id> = able.map(|person| person.id.clone()).collect();
    known.borrow_mut().insert(key, people.clone());
    Ok(people)
}

/// How it differs when somebody is told; nothing when it does not.
fn told<'a>(
    times: &Times<'_, 'a>,
    (majors, priority): (&[&Id], &Priority),
    (who, trigger): (Principal, Trigger),
    before: Notice<'a>,
    after: Notice<'a>,
) -> Result<Option<(Alike, Told)>, Undecidable> {
    let sort = |notice: &Notice<'a>| {
        let mut chains = notice.chains.clone();
        chains.sort();
        chains
    };
    let shift = times.shift([sort(&before), sort(&after)])?;
    let both = !before.chains.is_empty() && !after.chains.is_empty();
    let list = |channels: &BTreeSet<Id>| channels.iter().cloned().collect::<Vec<_>>();
    let channels = if both {
        Both::of(&list(&before.channels), &list(&after.channels))
    } else {
        Both { gone: Vec::new(), new: Vec::new() }
    };
    let repeats = if both { [before.repeat, after.repeat] } else { [None, None] };
    let repeated = match repeats {
        [one, other] if one == other => Direction::Neutral,
        [None, Some(_)] => Direction::Stronger,
        [Some(_), None] => Direction::Weaker,
        [Some(Duration::Elapsed { seconds: one }), Some(Duration::Elapsed { seconds: other })] => {
            Direction::of_more(&other, &one)
        }
        _ => Direction::Mixed,
    };
    let (single, several) = several(times, &before, &after)?;
    let directions = [Direction::of(&shift), channels.direction(), repeated, several];
    if directions.iter().all(|way| *way == Direction::Neutral) {
        return Ok(None);
    }
    let direction = Direction::together(directions);
    let hours = hours(times, &before, &after);
    let [was, is] = [before.moments, after.moments].map(|moments| moments.into_iter().collect::<Vec<_>>());
    let alike = Alike {
        direction,
        majors: majors.iter().map(|id| (*id).clone()).collect(),
        who: who.clone(),
        trigger,
        before: was.clone(),
        after: is.clone(),
        channels: [channels.gone.clone(), channels.new.clone()],
        repeats: repeats.map(|repeat| repeat.map(|repeat| repeat.to_string())),
        ways: [single.gone.clone(), single.new.clone()],
        hours,
    };
    let priorities = vec![priority.clone()];
    let told = Told {
        majors: alike.majors.clone(),
        priorities,
        who,
        trigger,
        before: was,
        after: is,
        shift,
        channels,
        repeats,
        ways: single,
    };
    Ok(Some((alike, told)))
}

/// The hours that differ, where people are told as it is written before.
fn hours<'a>(times: &Times<'_, 'a>, before: &Notice<'a>, after: &Notice<'a>) -> Vec<HoursChange> {
    if before.moments != after.moments {
        return Vec::new();
    }
    let calendars = |notice: &Notice<'a>| -> BTreeSet<&'a str> {
        notice.chains.iter().flatten().map(|step| step.calendar).collect()
    };
    let (was, is) = (calendars(before), calendars(after));
    let both = was.intersection(&is).filter(|calendar| !times.have_the_same_hours([**calendar, **calendar]));
    both.filter_map(|calendar| HoursChange::of(times.sides, [*calendar, *calendar])).collect()
}
