//! Who is asked: the stages of all workflows that a request goes through, with the people who can act now.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    approvers::needed,
    condition::holds_for,
    decision::{Denial, Step},
    engine::Engine,
    hands::Hands,
    matching::satisfy,
    policy::Offer,
    principals::{self, Excluded, Exclusion, Subject, unable},
    undecidable::Undecidable,
};
use crate::{
    model::{
        Duration, Entry, Id, Kind, Location, Selector,
        person::Person,
        service::Service,
        workflow::{Evidence, OnTimeout, Stage, Workflow},
    },
    time::{Due, Pauses, due},
};

/// What people are asked about: a request or a change.
#[derive(Debug, Clone, Copy)]
pub struct Matter<'m, 'a> {
    /// Who asks.
    pub requester: &'a Entry<Person>,
    /// Who it is for; whose manager is meant.
    pub beneficiary: &'a Entry<Person>,
    /// The service that it is about, where a demand is about nothing in particular.
    pub service: Option<&'a Entry<Service>>,
    /// When they are asked.
    pub instant: Timestamp,
    /// Who is responsible for the change; none for a request.
    pub change_owner: Option<&'a Entry<Person>>,
    /// Who carries the change out; nobody for a request.
    pub implementers: &'m [&'a Entry<Person>],
}

/// A workflow that has to be gone through, and what asks for it.
#[derive(Debug, Clone)]
pub struct Demand<'a> {
    /// The workflow.
    pub workflow: &'a Entry<Workflow>,
    /// The rule that asks for it; none when the default of the project does.
    pub because: Option<Selector>,
    /// What it is asked about; none for a request that asks for no access.
    pub about: Option<Offer<'a>>,
    /// The step of the evaluation that asks for it.
    pub step: Step,
}

/// A stage with the people who can act in it.
#[derive(Debug, Clone)]
pub struct Asking<'a> {
    /// The workflow.
    pub workflow: &'a Entry<Workflow>,
    /// The place of the stage in it.
    pub index: usize,
    /// The stage.
    pub stage: &'a Stage,
    /// The rules that ask for it.
    pub because: Vec<Selector>,
    /// What it is asked about; nothing when it is asked about the request as a whole.
    pub about: Vec<Selector>,
    /// Who can approve, in the order of their ids.
    pub approvers: Vec<&'a Entry<Person>>,
    /// Who can approve as well once the time is up.
    pub escalation: Vec<&'a Entry<Person>>,
    /// Who is named and cannot act.
    pub excluded: Vec<Excluded<'a>>,
    /// Who of them is only away: whoever stands in for them can approve.
    pub away: Vec<&'a Entry<Person>>,
    /// How many of them have to.
    pub needed: usize,
    /// Whether people stand in because too few of those who are named can act.
    pub fallback: bool,
    /// Who stands in once nobody else can act any more, where nobody has to yet.
    pub standby: Vec<&'a Entry<Person>>,
    /// Until when they have time, if every stage before this one takes all of its time.
    pub due: Option<Timestamp>,
}

impl<'a> Asking<'a> {
    /// The name of the stage: `workflow/stage`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.workflow.id, self.stage.id)
    }

    /// What the stage demands, and its selector.
    pub fn required(&self) -> impl Iterator<Item = (Evidence, Selector)> {
        let selector = Selector {
            kind: Kind::Workflow,
            id: self.workflow.id.clone(),
            part: Some(self.stage.id.clone()),
        };
        self.stage.require.iter().map(move |evidence| (*evidence, selector.clone()))
    }

    /// Everybody who can act before or after the time is up, whoever has several records once.
    fn pool(&self, hands: &Hands<'a>) -> BTreeSet<&'a str> {
        let people = self.approvers.iter().chain(&self.escalation);
        people.map(|person| hands.of(person.id.as_str())).collect()
    }

    /// Whether two stages ask the same people about the same things, now and later.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        let ids = |asking: &Self| -> Vec<&'a str> {
            asking.standby.iter().map(|person| person.id.as_str()).collect()
        };
        let away =
            |asking: &Self| -> Vec<&'a str> { asking.away.iter().map(|person| person.id.as_str()).collect() };
        self.is_same(other)
            && ids(self) == ids(other)
            && away(self) == away(other)
            && self.about == other.about
            && self.fallback == other.fallback
    }

    /// Whether two stages ask the same people the same thing.
    fn is_same(&self, other: &Self) -> bool {
        let ids =
            |people: &[&'a Entry<Person>]| people.iter().map(|person| person.id.as_str()).collect::<Vec<_>>();
        self.workflow.id == other.workflow.id
            && self.index == other.index
            && self.needed == other.needed
            && ids(&self.approvers) == ids(&other.approvers)
            && ids(&self.escalation) == ids(&other.escalation)
    }
}

/// Finds the people of every stage and whether enough different ones can act.
///
/// # Errors
/// When it cannot be said who can act.
pub fn resolve<'a>(
    engine: &Engine<'a>,
    matter: &Matter<'_, 'a>,
    mut demands: Vec<Demand<'a>>,
) -> Result<(Vec<Asking<'a>>, Option<Denial>), Undecidable> {
    // What is asked because of the request comes first, what somebody else wants to see as well comes last.
    demands.sort_by_key(|demand| match demand.step {
        Step::RequestType => 0,
        Step::Policies
        | Step::Routing
        | Step::MajorIncident
        | Step::ChangeModel
        | Step::Risk
        | Step::Governance => 1,
        Step::Duties => 2,
        Step::Guardrails => 3,
    });
    let mut stages: Vec<Asking<'a>> = Vec::new();
    for demand in &demands {
        if demand.workflow.stage.is_empty() && demand.step != Step::RequestType {
            let nobody = Denial::NoApprover {
                stages: vec![demand.workflow.id.to_string()],
                needed: 1,
                people: 0,
                excluded: Vec::new(),
                about: demand.about.as_ref().map(super::access::of_offer),
                at: demand.workflow.at(""),
            };
            return Ok((Vec::new(), Some(nobody)));
        }
        let subject = Subject {
            beneficiary: Some(matter.beneficiary),
            offer: demand.about,
            service: demand.about.map(|offer| offer.service).or(matter.service),
            instant: matter.instant,
            change_owner: matter.change_owner,
        };
        for (index, stage) in demand.workflow.value.stage.iter().enumerate() {
            let asking = ask(engine, matter, demand, &subject, index, stage)?;
            match stages.iter_mut().find(|known| known.is_same(&asking)) {
                Some(known) => {
                    known.because.extend(asking.because);
                    known.because.dedup();
                    // What is asked about the request as a whole is asked about everything in it.
                    if known.about.is_empty() || asking.about.is_empty() {
                        known.about.clear();
                    } else {
                        known.about.extend(asking.about);
                        known.about.dedup();
                    }
                    // Whoever stands in later does so for everything that the stage is about.
                    known.standby.retain(|one| asking.standby.iter().any(|other| other.id == one.id));
                    known.away.retain(|one| asking.away.iter().any(|other| other.id == one.id));
                }
                None => stages.push(asking),
            }
        }
    }
    let short = too_few(engine, &stages);
    deadlines(engine, matter.instant, &mut stages)?;
    Ok((stages, short))
}

fn ask<'a>(
    engine: &Engine<'a>,
    matter: &Matter<'_, 'a>,
    demand: &Demand<'a>,
    subject: &Subject<'a>,
    index: usize,
    stage: &'a Stage,
) -> Result<Asking<'a>, Undecidable> {
    let mut named = principals::people(engine, subject, &stage.approvers)?;
    if let Some(condition) = &stage.approvers_when {
        let today = engine.date(matter.instant);
        for person in engine.rulebook().people.iter().filter(|person| unable(person, today).is_none()) {
            if holds_for(engine, condition, demand.workflow.origin, person)? {
                named.push(person);
            }
        }
        named.sort_by(|one, other| one.id.cmp(&other.id));
        named.dedup_by(|one, other| one.id == other.id);
    }
    let (approvers, excluded) = able(engine, matter, named);
    let escalation = match &stage.on_timeout {
        Some(OnTimeout::Escalate(to)) => able(engine, matter, principals::people(engine, subject, to)?).0,
        Some(OnTimeout::Deny) | None => Vec::new(),
    };
    let mut asking = Asking {
        workflow: demand.workflow,
        index,
        stage,
        because: demand.because.iter().cloned().collect(),
        about: demand.about.iter().map(super::access::of_offer).collect(),
        needed: needed(stage.need, approvers.len()),
        escalation,
        away: away(engine, &excluded, &approvers),
        excluded,
        approvers,
        fallback: false,
        standby: Vec::new(),
        due: None,
    };
    let stand_ins = principals::people(engine, subject, &stage.fallback);
    if asking.approvers.is_empty() && !stage.fallback.is_empty() {
        let (approvers, excluded) = able(engine, matter, stand_ins?);
        asking.needed = needed(stage.need, approvers.len());
        asking.approvers = approvers;
        asking.excluded.extend(excluded);
        asking.fallback = true;
    } else {
        // Nobody needs them today, so what is wrong with them denies nothing today either.
        asking.standby = able(engine, matter, stand_ins.unwrap_or_default()).0;
    }
    // Whoever is asked already is not added later: stages that differ only in that are one.
    let Asking { approvers, escalation, .. } = &mut asking;
    let hands = engine.hands();
    escalation
        .retain(|person| !approvers.iter().any(|known| hands.same(known.id.as_str(), person.id.as_str())));
    Ok(asking)
}

/// Those who are kept out only because they are away, and under no other record are here.
fn away<'a>(
    engine: &Engine<'a>,
    excluded: &[Excluded<'a>],
    approvers: &[&'a Entry<Person>],
) -> Vec<&'a Entry<Person>> {
    let (people, hands) = (&engine.rulebook().people, engine.hands());
    let mut found: Vec<&'a Entry<Person>> = Vec::new();
    for one in excluded.iter().filter(|one| one.why == Exclusion::OnLeave) {
        let is = |other: &&Entry<Person>| hands.same(other.id.as_str(), one.person);
        if !approvers.iter().chain(&found).any(is) {
            found.extend(people.get(one.person));
        }
    }
    found
}

/// Divides people into those who can act on a request and those who cannot.
fn able<'a>(
    engine: &Engine<'a>,
    matter: &Matter<'_, 'a>,
    people: Vec<&'a Entry<Person>>,
) -> (Vec<&'a Entry<Person>>, Vec<Excluded<'a>>) {
    let today = engine.date(matter.instant);
    let mut excluded = Vec::new();
    let mut approvers = Vec::new();
    let (rulebook, hands) = (engine.rulebook(), engine.hands());
    let accounts = [matter.requester, matter.beneficiary].into_iter().chain(matter.change_owner);
    let accounts = accounts.chain(matter.implementers.iter().copied());
    let owners: BTreeSet<&str> = accounts
        .flat_map(|account| principals::owners_of_account(rulebook, account))
        .map(|owner| hands.of(owner))
        .collect();
    for person in people {
        // People are kept out, not records: a second one of the same person asks for it as well.
        let own = hands.of(person.id.as_str());
        let is = |other: &Entry<Person>| hands.of(other.id.as_str()) == own;
        let known = |person: &&Entry<Person>| is(person);
        let why = if is(matter.requester) {
            Some(Exclusion::Requester)
        } else if is(matter.beneficiary) {
            Some(Exclusion::Beneficiary)
        } else if matter.change_owner.is_some_and(is) {
            Some(Exclusion::ChangeOwner)
        } else if matter.implementers.iter().any(known) {
            Some(Exclusion::Implementer)
        } else if owners.contains(own) {
            Some(Exclusion::Owner)
        } else {
            unable(person, today).or_else(|| approvers.iter().any(known).then_some(Exclusion::Again))
        };
        match why {
            Some(why) => excluded.push(Excluded { person: person.id.as_str(), why }),
            None => approvers.push(person),
        }
    }
    (approvers, excluded)
}

/// Whether everybody counts for one stage of a request only: one workflow that says so is enough. What another one
/// allows must not undo that the two are answered by different people.
#[must_use]
pub fn are_apart(stages: &[Asking<'_>]) -> bool {
    stages.iter().any(|asking| asking.workflow.distinct)
}

/// Why the stages cannot be satisfied: one has nobody, or some have too few people between them.
///
/// Those who stand in are for a stage in which nobody can act at all. They never replace somebody who can.
fn too_few<'a>(engine: &Engine<'a>, stages: &[Asking<'a>]) -> Option<Denial> {
    let denial = |places: &[usize], needed: usize, people: usize| {
        let short: Vec<&Asking<'a>> = places.iter().filter_map(|place| stages.get(*place)).collect();
        let mut excluded: Vec<(Id, Exclusion)> = Vec::new();
        for one in short.iter().flat_map(|asking| &asking.excluded) {
            if let Some(id) = Id::new(one.person)
                && !excluded.iter().any(|(known, _)| *known == id)
            {
                excluded.push((id, one.why));
            }
        }
        let mut about: Vec<&Selector> = short.iter().flat_map(|asking| &asking.about).collect();
        about.dedup();
        Denial::NoApprover {
            stages: short.iter().map(|asking| asking.name()).collect(),
            needed,
            people,
            excluded,
            about: if let [only] = about[..] { Some(only.clone()) } else { None },
            at: short.first().map_or_else(Location::settings, |asking| {
                asking.workflow.at(format!("/stage/{}", asking.index))
            }),
        }
    };
    let is_apart = are_apart(stages);
    let mut apart = Vec::new();
    for (place, asking) in stages.iter().enumerate() {
        let pool = asking.pool(engine.hands());
        // Silence must not be what brings the first approver.
        if asking.approvers.is_empty() {
            return Some(denial(&[place], asking.needed, 0));
        }
        if is_apart {
            apart.push((asking.needed, pool));
        } else if pool.len() < asking.needed {
            return Some(denial(&[place], asking.needed, pool.len()));
        }
    }
    let short = satisfy(&apart).err()?;
    Some(denial(&short.stages, short.needed, short.people.len()))
}

/// Until when each stage has time, when every one before it takes all of its own.
fn deadlines(engine: &Engine<'_>, opened: Timestamp, stages: &mut [Asking<'_>]) -> Result<(), Undecidable> {
    let mut start = Some(opened);
    for asking in stages {
        let Some(from) = start else { break };
        asking.due = deadline(engine, asking.workflow, asking.index, asking.stage, from)?;
        start = asking.due;
    }
    Ok(())
}

/// When the time of a stage is up that opens at an instant; none when it has no limit.
///
/// # Errors
/// When its calendar does not exist, or it counts business days without one.
pub fn deadline(
    engine: &Engine<'_>,
    workflow: &Entry<Workflow>,
    index: usize,
    stage: &Stage,
    opened: Timestamp,
) -> Result<Option<Timestamp>, Undecidable> {
    let Some(within) = stage.within else { return Ok(None) };
    let calendars = engine.calendars();
    let calendar = match &stage.calendar {
        Some(id) => calendars.get(id.as_str(), || workflow.at(format!("/stage/{index}/calendar")))?,
        None if matches!(within, Duration::BusinessDays { .. }) => {
            let at = workflow.at(format!("/stage/{index}/within"));
            return Err(Undecidable::BusinessDays { duration: within.to_string(), at });
        }
        None => calendars.always(),
    };
    let seconds = within.seconds(calendar.business_day_seconds());
    Ok(match due(calendar, opened, seconds, Pauses::NONE) {
        Due::At(instant) => Some(instant),
        Due::Never(_) => None,
    })
}
