//! Questions with the history of a ticket.

use jiff::Timestamp;

use super::{
    answer::{Moment, StatusAnswer, StepShown},
    book::{Book, Found, word},
    problem::Problem,
    question::{self, Status, instant},
    work::{agreement, read, target_kind, used, verdict},
};
use crate::{
    decide::ticket::{self, Effect, Event, Happening, Step, Terms, Ticket},
    model::sla::{Reopen, TargetKind, TicketState},
};

/// Answers where the clocks of a ticket with a history stand.
pub(super) fn status(
    book: &Book<'_>,
    question: &Status,
    found: &Found<'_>,
    events: &[question::Event],
    now: Timestamp,
) -> Result<StatusAnswer, Problem> {
    for (given, field) in [(question.stop.is_some(), "stop"), (!question.pause.is_empty(), "pause")] {
        if given {
            let why = "the states of the history say it";
            return Err(Problem::Conflict { field, other: "events", why });
        }
    }
    let events = read_events(book, found.terms, events)?;
    let opened = match (&question.start, events.first()) {
        (Some(text), _) => instant(text, "start")?,
        (None, Some(event)) => event.at,
        (None, None) => {
            let instead = "a history without events does not say when the ticket was opened";
            return Err(Problem::Missing { field: "start", instead });
        }
    };
    if now < opened {
        return Err(Problem::Backwards { field: "now", start: opened, end: now });
    }
    let ticket = Ticket::new(opened, found.terms, events)?;
    let mut clocks = ticket.clocks(now);
    if let Some(name) = &question.target {
        let kind = target_kind(name)?;
        clocks.retain(|clock| clock.target == kind);
    }
    let first = book.hours_of(found.terms.sla)?;
    let hours = clocks.iter().map(|clock| book.hours_of(clock.terms.sla)).collect::<Result<Vec<_>, _>>()?;
    let clocks = clocks.iter().map(|clock| read(book, clock, now)).collect::<Result<Vec<_>, _>>()?;
    let zone = first.clock.zone();
    let trace = ticket::trace(&ticket, now).into_iter().map(|step| StepShown {
        at: Moment::new(step.at, zone),
        what: words(&step),
        place: book.place(&step.place()),
    });
    Ok(StatusAnswer {
        verdict: verdict(&clocks),
        read_at: first.moment(now),
        later_events: ticket.later_than(now),
        clocks,
        trace: trace.collect(),
        calendars: used(book, hours.into_iter().chain([first])),
        agreement: agreement(book, found),
    })
}

fn read_events<'b>(
    book: &'b Book<'_>,
    mut terms: Terms<'b>,
    events: &[question::Event],
) -> Result<Vec<Event<'b>>, Problem> {
    let mut all = Vec::with_capacity(events.len());
    for (event, number) in events.iter().zip(1..) {
        let read = read_event(book, terms, event);
        let read = read.map_err(|problem| Problem::Event { number, problem: Box::new(problem) })?;
        if read.state.is_none() && read.terms.is_none() && read.done.is_none() {
            return Err(Problem::EmptyEvent { number });
        }
        terms = read.terms.unwrap_or(terms);
        all.push(read);
    }
    Ok(all)
}

fn read_event<'b>(
    book: &'b Book<'_>,
    terms: Terms<'b>,
    event: &question::Event,
) -> Result<Event<'b>, Problem> {
    let at = instant(&event.at, "at")?;
    let sla = event.sla.as_deref().map(|id| book.sla(id)).transpose()?;
    let priority = event.priority.as_deref().map(|text| book.priority(text)).transpose()?;
    let changed = sla.is_some() || priority.is_some();
    let terms = Terms { sla: sla.unwrap_or(terms.sla), priority: priority.unwrap_or(terms.priority) };
    let state = event.state.as_deref().map(|text| {
        let state = TicketState::ALL.iter().copied().find(|state| state.name() == text);
        state.ok_or_else(|| word("state", "state of a ticket", text, TicketState::NAMES.iter().copied()))
    });
    let done = event.done.as_deref().map(|text| match text {
        "respond" => Ok(TargetKind::Respond),
        "update" => Ok(TargetKind::Update),
        "workaround" => Ok(TargetKind::Workaround),
        // That it is solved is a state, and a state can be left again.
        _ => Err(word("done", "target that an event can reach", text, ["respond", "update", "workaround"])),
    });
    Ok(Event { at, terms: changed.then_some(terms), state: state.transpose()?, done: done.transpose()? })
}

/// What happened in a step, and what it did to the clocks.
fn words(step: &Step<'_>) -> String {
    let terms = step.terms;
    let sla = &terms.sla.value;
    let attached = |stopped: bool| match (terms.targets().is_some(), stopped) {
        (false, _) => "nothing is promised at that priority".to_owned(),
        (true, true) => "clocks are attached when the ticket is reopened".to_owned(),
        (true, false) => {
            let start = if sla.retroactive_start { "from where the ticket started" } else { "from here on" };
            let pauses = match (sla.retroactive_start, sla.retroactive_pause) {
                (false, _) => "",
                (true, true) => ", with the pauses so far",
                (true, false) => ", without the pauses so far",
            };
            format!("the clocks so far are cancelled, new ones count {start}{pauses}")
        }
    };
    match step.what {
        Happening::Opened(effect) => format!("opened at {}: {}", terms.priority, effect_words(effect)),
        Happening::Terms { stopped } => {
            format!("sla/{} at {}: {}", terms.sla.id, terms.priority, attached(stopped))
        }
        Happening::State { state, effect: Effect::Nothing, answers: true } => {
            format!("{state}: `respond` is reached, the other clocks run on")
        }
        Happening::State { state, effect, answers } => {
            let responded = if answers { "`respond` is reached, " } else { "" };
            format!("{state}: {responded}{}", effect_words(effect))
        }
        Happening::Done(TargetKind::Update) => {
            "news for the requester: the clock of `update` starts again".to_owned()
        }
        Happening::Done(kind) => format!("`{kind}` is reached"),
    }
}

const fn effect_words(effect: Effect) -> &'static str {
    match effect {
        Effect::Nothing => "nothing changes for the clocks",
        Effect::Starts => "the clocks start",
        Effect::Pauses => "the clocks stand still",
        Effect::Resumes => "the clocks go on",
        Effect::Stops => "the clocks stop",
        Effect::Reopens(Reopen::Accumulate) => {
            "reopened, the clocks go on and the time in between is a pause"
        }
        Effect::Reopens(Reopen::NewCycle) => "reopened, new clocks start from zero",
        Effect::Reopens(Reopen::RunThrough) => "reopened, the clocks ran on all the time",
    }
}
