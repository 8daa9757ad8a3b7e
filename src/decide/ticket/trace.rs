//! What the clocks of a ticket did at each step, and which line of the SLA says so.

use jiff::Timestamp;

use super::{ANSWERED, Terms, Ticket};
use crate::model::{
    Location,
    sla::{Reopen, Sla, TargetKind, TicketState},
};

/// One thing that happened.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// When.
    pub at: Timestamp,
    /// The terms that held.
    pub terms: Terms<'a>,
    /// What happened.
    pub what: Happening,
}

/// What happened to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// It was opened.
    Opened(Effect),
    /// Its terms changed; the clocks so far are cancelled.
    Terms {
        /// Whether the ticket is stopped, so that nothing is attached until it is reopened.
        stopped: bool,
    },
    /// It came into a state.
    State {
        /// The state.
        state: TicketState,
        /// What that does to the clocks.
        effect: Effect,
        /// Whether it is the first state that shows that somebody has responded.
        answers: bool,
    },
    /// A target was reached.
    Done(TargetKind),
}

/// What a state does to the clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing that was not so before.
    Nothing,
    /// They start.
    Starts,
    /// They stand still.
    Pauses,
    /// They go on.
    Resumes,
    /// They stop.
    Stops,
    /// They go on, or new ones start.
    Reopens(Reopen),
}

impl Step<'_> {
    /// The line of the SLA that makes it so.
    #[must_use]
    pub fn place(&self) -> Location {
        let sla = self.terms.sla;
        match self.what {
            Happening::Terms { .. } => sla.at(format!("/target/{}", self.terms.priority)),
            Happening::Opened(effect) | Happening::State { effect, .. } => match effect {
                Effect::Starts => sla.at("/start-in"),
                Effect::Pauses | Effect::Resumes => sla.at("/pause-in"),
                Effect::Stops => sla.at("/stop-in"),
                Effect::Reopens(_) => sla.at("/reopen"),
                Effect::Nothing => sla.at(""),
            },
            Happening::Done(kind) => sla.at(format!("/target/{}/{kind}", self.terms.priority)),
        }
    }
}

/// How far the clocks of a ticket are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Waiting,
    Running,
    Paused,
    Stopped,
}

/// What the clocks did up to an instant, step by step.
#[must_use]
pub fn trace<'a>(ticket: &Ticket<'a>, now: Timestamp) -> Vec<Step<'a>> {
    let mut terms = ticket.terms;
    let mut state = TicketState::New;
    let (mut started, mut answered) = (false, false);
    let effect = enter(&terms.sla.value, state, Standing::Waiting, &mut started);
    let mut steps = vec![Step { at: ticket.opened, terms, what: Happening::Opened(effect) }];
    for event in ticket.until(now) {
        let at = event.at;
        if let Some(changed) = event.terms.filter(|changed| *changed != terms) {
            terms = changed;
            let entered = event.state.unwrap_or(state);
            let stopped = terms.sla.value.stop_in.contains(&entered);
            started = started || starts(&terms.sla.value, state);
            steps.push(Step { at, terms, what: Happening::Terms { stopped } });
        }
        if let Some(entered) = event.state.filter(|entered| *entered != state) {
            let sla = &terms.sla.value;
            let before = standing(sla, state, started);
            state = entered;
            let effect = enter(sla, state, before, &mut started);
            answered &= effect != Effect::Reopens(Reopen::NewCycle);
            let answers = !answered && ANSWERED.contains(&state);
            answered |= answers;
            steps.push(Step { at, terms, what: Happening::State { state, effect, answers } });
        }
        if let Some(kind) = event.done {
            answered |= kind == TargetKind::Respond;
            steps.push(Step { at, terms, what: Happening::Done(kind) });
        }
    }
    steps
}

fn starts(sla: &Sla, state: TicketState) -> bool {
    sla.start_in.contains(&state) && !sla.stop_in.contains(&state)
}

fn standing(sla: &Sla, state: TicketState, started: bool) -> Standing {
    if sla.stop_in.contains(&state) {
        Standing::Stopped
    } else if !started {
        Standing::Waiting
    } else if sla.pause_in.contains(&state) {
        Standing::Paused
    } else {
        Standing::Running
    }
}

fn enter(sla: &Sla, state: TicketState, before: Standing, started: &mut bool) -> Effect {
    *started = *started || starts(sla, state);
    match (before, standing(sla, state, *started)) {
        (Standing::Stopped, Standing::Stopped) => Effect::Nothing,
        (Standing::Stopped, _) => Effect::Reopens(sla.reopen),
        (_, Standing::Stopped) => Effect::Stops,
        (Standing::Waiting, Standing::Running) => Effect::Starts,
        (Standing::Waiting | Standing::Running, Standing::Paused) => Effect::Pauses,
        (Standing::Paused, Standing::Running) => Effect::Resumes,
        _ => Effect::Nothing,
    }
}
