use jiff::Timestamp;
use proptest::prelude::*;

use super::{ANSWERED, Effect, End, Event, Happening, HistoryError, Terms, Ticket, TicketClock, trace};
use crate::{
    diag::Span,
    model::{
        Entry, Id, Origin, Priority,
        sla::{Reopen, Sla, TargetKind, TicketState},
    },
};

fn sla(id: &str, more: &serde_json::Value) -> Entry<Sla> {
    let mut value = serde_json::json!({
        "name": id, "calendar": "always", "pause-in": ["awaiting-requester"],
        "target": { "p1": { "respond": "30m", "resolve": "4h" }, "p2": { "respond": "1h", "resolve": "8h" } },
    });
    let fields = value.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    let value = serde_json::from_value(value).unwrap();
    Entry { id: Id::new(id).unwrap(), value, origin: Origin { span: Span::default(), ..Origin::default() } }
}

fn priority(name: &str) -> Priority {
    Priority(Id::new(name).unwrap())
}

/// Minutes after an instant.
fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_704_704_400 + minute * 60).unwrap()
}

fn minute(at: Timestamp) -> i64 {
    (at.as_second() - 1_704_704_400) / 60
}

fn state(minute: i64, state: TicketState) -> Event<'static> {
    Event { at: at(minute), terms: None, state: Some(state), done: None }
}

fn done(minute: i64, done: TargetKind) -> Event<'static> {
    Event { at: at(minute), terms: None, state: None, done: Some(done) }
}

fn terms<'a>(minute: i64, sla: &'a Entry<Sla>, priority: &'a Priority) -> Event<'a> {
    Event { at: at(minute), terms: Some(Terms { sla, priority }), state: None, done: None }
}

/// A clock as one line: target, priority, cycle and round, where it starts, its pauses, and how it ended.
fn line(clock: &TicketClock<'_>) -> String {
    let round = match (clock.cycle, clock.round) {
        (1, 1) => String::new(),
        (cycle, round) => format!(" {cycle}.{round}"),
    };
    let pauses = clock.pauses.iter().map(|(from, to)| {
        format!(" paused {}-{}", minute(*from), to.map_or(String::new(), |to| minute(to).to_string()))
    });
    let pauses: Vec<String> = pauses.collect();
    let start = minute(clock.start);
    let text = format!("{} {}{round} from {start}{}", clock.target, clock.terms.priority, pauses.concat());
    match clock.end {
        End::Open => text,
        End::Stopped(at) => format!("{text} stopped {}", minute(at)),
        End::Cancelled(at) => format!("{text} cancelled {}", minute(at)),
    }
}

/// The clocks of a ticket that is opened at minute 0 with `p2`, read at minute 1000.
fn clocks(sla: &Entry<Sla>, events: Vec<Event<'_>>) -> Vec<String> {
    let p2 = priority("p2");
    let events = events.into_iter().map(|event| Event { terms: event.terms, ..event }).collect();
    let ticket = Ticket::new(at(0), Terms { sla, priority: &p2 }, events).unwrap();
    ticket.clocks(at(1_000)).iter().map(line).collect()
}

use TicketState::{AwaitingRequester, Cancelled, Closed, InProgress, New, Resolved};

#[test]
fn an_answer_ends_one_clock_and_a_solution_the_other() {
    let plain = sla("plain", &serde_json::json!({}));
    assert_eq!(clocks(&plain, vec![]), ["respond p2 from 0", "resolve p2 from 0"]);
    let events =
        vec![state(10, InProgress), state(20, AwaitingRequester), state(50, InProgress), state(90, Resolved)];
    let expected = ["respond p2 from 0 stopped 10", "resolve p2 from 0 paused 20-50 stopped 90"];
    assert_eq!(clocks(&plain, events), expected);
    // What is said counts as much as a state; what was withdrawn was never answered.
    assert_eq!(clocks(&plain, vec![done(5, TargetKind::Respond)])[0], "respond p2 from 0 stopped 5");
    assert_eq!(clocks(&plain, vec![state(5, TicketState::Assigned)])[0], "respond p2 from 0");
    let withdrawn = ["respond p2 from 0 stopped 7", "resolve p2 from 0 stopped 7"];
    assert_eq!(clocks(&plain, vec![state(7, Cancelled)]), withdrawn);
}

#[test]
fn a_pause_that_lasts_is_open_and_one_state_after_the_other_is_one_pause() {
    let both = sla("both", &serde_json::json!({ "pause-in": ["awaiting-requester", "awaiting-supplier"] }));
    let events = vec![state(20, AwaitingRequester), state(30, TicketState::AwaitingSupplier)];
    assert_eq!(clocks(&both, events)[1], "resolve p2 from 0 paused 20-");
    let events = vec![state(20, AwaitingRequester), state(30, TicketState::AwaitingSupplier), state(40, New)];
    assert_eq!(clocks(&both, events)[1], "resolve p2 from 0 paused 20-40");
}

#[test]
fn a_state_that_both_pauses_and_stops_stops() {
    let both = sla("both", &serde_json::json!({ "pause-in": ["resolved"] }));
    assert_eq!(clocks(&both, vec![state(9, Resolved)])[1], "resolve p2 from 0 stopped 9");
}

#[test]
fn a_clock_starts_where_the_sla_says() {
    let late = sla("late", &serde_json::json!({ "start-in": ["assigned"] }));
    assert_eq!(clocks(&late, vec![state(5, InProgress)]), Vec::<String>::new());
    let events = vec![state(5, TicketState::Assigned), state(8, InProgress)];
    assert_eq!(clocks(&late, events), ["respond p2 from 5 stopped 8", "resolve p2 from 5"]);
}

#[test]
fn reopening_is_what_the_sla_says() {
    let history = || vec![state(10, InProgress), state(60, Resolved), state(80, InProgress)];
    let again = || [history(), vec![state(100, Closed)]].concat();
    for (mode, open, finished) in [
        ("accumulate", "resolve p2 from 0 paused 60-80", "resolve p2 from 0 paused 60-80 stopped 100"),
        ("run-through", "resolve p2 from 0", "resolve p2 from 0 stopped 100"),
    ] {
        let sla = sla(mode, &serde_json::json!({ "reopen": mode }));
        assert_eq!(clocks(&sla, history()), ["respond p2 from 0 stopped 10", open], "{mode}");
        assert_eq!(clocks(&sla, again()), ["respond p2 from 0 stopped 10", finished], "{mode}");
    }
    let cycles = sla("cycles", &serde_json::json!({ "reopen": "new-cycle" }));
    let expected = [
        "respond p2 from 0 stopped 10",
        "resolve p2 from 0 stopped 60",
        "respond p2 2.1 from 80 stopped 80",
        "resolve p2 2.1 from 80 stopped 100",
    ];
    assert_eq!(clocks(&cycles, again()), expected);
    // From resolved to closed is not a reopening.
    let closed = [history(), vec![state(90, Resolved), state(95, Closed)]].concat();
    assert_eq!(clocks(&cycles, closed)[3], "resolve p2 2.1 from 80 stopped 90");
}

#[test]
fn other_terms_cancel_the_clocks_and_attach_new_ones() {
    let p1 = priority("p1");
    for (start, pause, respond, resolve) in [
        (false, false, Some("respond p1 from 40"), "resolve p1 from 40"),
        (true, false, Some("respond p1 from 0"), "resolve p1 from 0"),
        (true, true, Some("respond p1 from 0 paused 10-30"), "resolve p1 from 0 paused 10-30"),
    ] {
        let settings = serde_json::json!({ "retroactive-start": start, "retroactive-pause": pause, "pause-in": ["assigned"] });
        let sla = sla("s", &settings);
        let events = vec![state(10, TicketState::Assigned), state(30, New), terms(40, &sla, &p1)];
        let found = clocks(&sla, events);
        assert_eq!(found[0], "respond p2 from 0 paused 10-30 cancelled 40");
        assert_eq!(found[1], "resolve p2 from 0 paused 10-30 cancelled 40");
        assert_eq!(found.get(2).map(String::as_str), respond);
        assert_eq!(found[3], resolve, "{start} {pause}");
    }
}

#[test]
fn a_target_that_was_reached_before_gets_a_new_clock_only_in_retrospect() {
    let p1 = priority("p1");
    let history = |sla| vec![state(10, InProgress), terms(40, sla, &p1)];
    let plain = sla("plain", &serde_json::json!({}));
    assert_eq!(clocks(&plain, history(&plain))[2..], ["resolve p1 from 40"]);
    let retroactive = sla("retroactive", &serde_json::json!({ "retroactive-start": true }));
    let expected = ["respond p1 from 0 stopped 10", "resolve p1 from 0"];
    assert_eq!(clocks(&retroactive, history(&retroactive))[2..], expected);
}

#[test]
fn terms_that_change_while_it_is_resolved_wait_for_the_reopening() {
    let p1 = priority("p1");
    let plain = sla("plain", &serde_json::json!({}));
    let before = vec![state(10, InProgress), state(60, Resolved), terms(70, &plain, &p1)];
    let expected = ["respond p2 from 0 stopped 10", "resolve p2 from 0 stopped 60"];
    assert_eq!(clocks(&plain, before.clone()), expected);
    let reopened = [before, vec![state(80, InProgress)]].concat();
    assert_eq!(clocks(&plain, reopened)[2..], ["resolve p1 from 80"]);
}

#[test]
fn terms_at_one_instant_are_one_change_and_the_same_terms_are_none() {
    let (p1, p2) = (priority("p1"), priority("p2"));
    let (one, other) = (sla("one", &serde_json::json!({})), sla("other", &serde_json::json!({})));
    let events = vec![terms(40, &one, &p1), terms(40, &other, &p1)];
    assert_eq!(clocks(&one, events).len(), 4);
    let events = vec![terms(40, &one, &p1), terms(40, &one, &p2), terms(50, &one, &p2)];
    assert_eq!(clocks(&one, events), ["respond p2 from 0", "resolve p2 from 0"]);
    let nothing = priority("p4");
    let events = vec![terms(40, &one, &nothing)];
    assert_eq!(clocks(&one, events).len(), 2, "nothing is promised at p4");
}

#[test]
fn news_starts_the_clock_of_updates_again() {
    let target = serde_json::json!({ "target": { "p1": { "update": "30m" }, "p2": { "update": "1h" } } });
    let news = sla("news", &target);
    let p1 = priority("p1");
    let events = vec![done(20, TargetKind::Update), done(50, TargetKind::Update), state(60, Resolved)];
    let expected = [
        "update p2 from 0 stopped 20",
        "update p2 1.2 from 20 stopped 50",
        "update p2 1.3 from 50 stopped 60",
    ];
    assert_eq!(clocks(&news, events), expected);
    let events = vec![done(20, TargetKind::Update), terms(30, &news, &p1), done(50, TargetKind::Update)];
    let expected =
        ["update p2 from 0 stopped 20", "update p2 1.2 from 20 cancelled 30", "update p1 from 30 stopped 50"];
    assert_eq!(clocks(&news, events.clone())[..3], expected);
    let mut retroactive = target;
    retroactive["retroactive-start"] = true.into();
    let news = sla("news", &retroactive);
    let events = vec![done(20, TargetKind::Update), terms(30, &news, &p1), done(50, TargetKind::Update)];
    assert_eq!(clocks(&news, events)[2..], ["update p1 from 20 stopped 50", "update p1 1.2 from 50"]);
}

#[test]
fn what_happens_later_is_not_looked_at() {
    let plain = sla("plain", &serde_json::json!({}));
    let p2 = priority("p2");
    let events = vec![state(10, InProgress), state(60, Resolved)];
    let ticket = Ticket::new(at(0), Terms { sla: &plain, priority: &p2 }, events).unwrap();
    let lines: Vec<String> = ticket.clocks(at(59)).iter().map(line).collect();
    assert_eq!(lines, ["respond p2 from 0 stopped 10", "resolve p2 from 0"]);
    assert_eq!((ticket.later_than(at(59)), ticket.later_than(at(60))), (1, 0));
}

#[test]
fn a_history_runs_forwards() {
    let plain = sla("plain", &serde_json::json!({}));
    let p2 = priority("p2");
    let ticket = |events| Ticket::new(at(10), Terms { sla: &plain, priority: &p2 }, events).map(|_| ());
    assert_eq!(ticket(vec![state(10, InProgress), state(10, Resolved)]), Ok(()));
    let early = HistoryError::BeforeOpening { number: 1, at: at(9), opened: at(10) };
    assert_eq!(ticket(vec![state(9, InProgress)]), Err(early));
    let order = HistoryError::Order { number: 2, at: at(11), before: at(12) };
    assert_eq!(ticket(vec![state(12, InProgress), state(11, Resolved)]), Err(order));
}

#[test]
fn the_trace_says_what_each_step_does() {
    let plain = sla("plain", &serde_json::json!({}));
    let (p1, p2) = (priority("p1"), priority("p2"));
    let events = vec![
        state(10, InProgress),
        state(20, AwaitingRequester),
        state(30, InProgress),
        state(40, Resolved),
        state(45, Closed),
        terms(50, &plain, &p1),
        state(60, InProgress),
    ];
    let ticket = Ticket::new(at(0), Terms { sla: &plain, priority: &p2 }, events).unwrap();
    let steps: Vec<Happening> = trace(&ticket, at(100)).iter().map(|step| step.what).collect();
    let into = |state, effect| Happening::State { state, effect, answers: false };
    let expected = [
        Happening::Opened(Effect::Starts),
        Happening::State { state: InProgress, effect: Effect::Nothing, answers: true },
        into(AwaitingRequester, Effect::Pauses),
        into(InProgress, Effect::Resumes),
        into(Resolved, Effect::Stops),
        into(Closed, Effect::Nothing),
        Happening::Terms { stopped: true },
        into(InProgress, Effect::Reopens(Reopen::Accumulate)),
    ];
    assert_eq!(steps, expected);
}

/// Minute by minute: the seconds that the clock of `resolve` shows that was attached last, and whether it has
/// stopped; none when there is no such clock.
fn slow(sla: &Sla, events: &[(i64, Option<TicketState>, Option<usize>)], now: i64) -> Option<(i64, bool)> {
    let state_at = |minute: i64| {
        let before = events.iter().filter(|(at, ..)| *at <= minute);
        before.filter_map(|(_, state, _)| *state).next_back().unwrap_or(TicketState::New)
    };
    let stopped = |minute: i64| sla.stop_in.contains(&state_at(minute));
    let started = (0..=now).find(|minute| sla.start_in.contains(&state_at(*minute)) && !stopped(*minute))?;
    // Where the last terms were attached: the ticket must run then.
    let mut held = 1;
    let mut attached = 0;
    let mut clock = (started <= now).then_some(started);
    let (mut waiting, mut origin) = (false, started);
    for minute in 0..=now {
        let reopened = minute > 0 && stopped(minute - 1) && !stopped(minute);
        let begins = |origin: i64| if sla.retroactive_start { origin } else { origin.max(minute) };
        if reopened && minute > started && sla.reopen == Reopen::NewCycle {
            (origin, attached, clock, waiting) = (minute, minute, Some(minute), false);
        }
        let changed =
            events.iter().filter(|(at, ..)| *at == minute).filter_map(|(.., terms)| *terms).next_back();
        if let Some(terms) = changed.filter(|terms| *terms != held) {
            held = terms;
            waiting = true;
        }
        if waiting && !stopped(minute) {
            (attached, clock, waiting) = (minute, Some(begins(origin)), false);
        }
    }
    let start = clock.filter(|start| *start <= now)?;
    // A clock that other terms would have replaced, had the ticket run, has stopped.
    let last_stop = (start..=now).rev().take_while(|minute| stopped(*minute)).last();
    let end = last_stop.unwrap_or(now);
    let counts = |minute: i64| {
        let state = state_at(minute);
        let paused = sla.pause_in.contains(&state) && !stopped(minute)
            || sla.reopen == Reopen::Accumulate && stopped(minute);
        !(paused && (minute >= attached || sla.retroactive_pause))
    };
    let counted = (start..end).filter(|minute| counts(*minute)).count();
    Some((i64::try_from(counted).unwrap(), last_stop.is_some()))
}

fn states() -> impl Strategy<Value = TicketState> {
    proptest::sample::select(TicketState::ALL)
}

fn settings() -> impl Strategy<Value = Sla> {
    let some = || proptest::sample::subsequence(TicketState::ALL.to_vec(), 1..4);
    let reopen = proptest::sample::select(Reopen::ALL);
    (some(), some(), some(), reopen, any::<bool>(), any::<bool>()).prop_map(
        |(start_in, pause_in, stop_in, reopen, retroactive_start, retroactive_pause)| {
            let stop_in = stop_in.into_iter().filter(|state| *state != TicketState::New).collect();
            let base = sla("s", &serde_json::json!({})).value;
            Sla { start_in, pause_in, stop_in, reopen, retroactive_start, retroactive_pause, ..base }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::time::cases(256)))]

    #[test]
    fn clocks_agree_with_counting_minutes(
        value in settings(),
        events in proptest::collection::vec((1..4_i64, proptest::option::of(states()), proptest::option::weighted(0.2, 1..3_usize)), 0..12),
        rest in 0..5_i64,
    ) {
        // Several events at one instant, and changes at the opening, have tests of their own.
        let mut now = 0;
        let events: Vec<_> = events
            .into_iter()
            .map(|(later, state, terms)| {
                now += later;
                (now, state, terms)
            })
            .collect();
        now += rest;
        let expected = slow(&value, &events, now);
        let entry = Entry { value, ..sla("s", &serde_json::json!({})) };
        let priorities = [priority("p1"), priority("p2")];
        let terms = |index: usize| Terms { sla: &entry, priority: &priorities[index] };
        let history = events.iter().map(|(minute, state, changed)| {
            Event { at: at(*minute), terms: changed.map(|index| terms(index - 1)), state: *state, done: None }
        });
        let ticket = Ticket::new(at(0), terms(0), history.collect()).unwrap();
        let clocks = ticket.clocks(at(now));
        let last = clocks.iter().rfind(|clock| clock.target == TargetKind::Resolve);
        let found = last.map(|clock| {
            let end = match clock.end {
                End::Open => now,
                End::Stopped(at) | End::Cancelled(at) => minute(at),
            };
            let pauses = crate::time::Pauses::new(clock.pauses.iter().copied()).unwrap();
            let counted = (minute(clock.start)..end).filter(|minute| !pauses.contains(at(*minute))).count();
            (i64::try_from(counted).unwrap(), matches!(clock.end, End::Stopped(_)))
        });
        prop_assert_eq!(found, expected);
        // Whoever answered did so in one of the states that say so.
        for clock in clocks.iter().filter(|clock| clock.target == TargetKind::Respond) {
            if let End::Stopped(stopped) = clock.end {
                let seen = events.iter().any(|(minute, state, _)| {
                    at(*minute) <= stopped
                        && state.is_some_and(|state| ANSWERED.contains(&state) || entry.value.stop_in.contains(&state))
                });
                prop_assert!(seen);
            }
        }
    }
}
