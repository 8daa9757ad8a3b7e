//! Answers about time, for people: the answer first, then what it rests on.

use super::answer::{
    Agreement, CalendarUsed, ClockShown, DueAnswer, DueShown, ElapsedAnswer, Moment, Never, PauseShown,
    State, StatusAnswer,
};
use crate::{
    cli::terminal::{self, Paint, fit, lines, plain, push},
    report::summary::plural,
};

/// When something is due.
pub(super) fn due(answer: &DueAnswer, styles: Paint) -> String {
    let mut text = String::new();
    let day = answer.calendar.business_day_seconds;
    if let [one] = answer.due.as_slice() {
        let what = one.target.map(|target| format!("{target} within ")).unwrap_or_default();
        let within = business(one.business_seconds, day);
        push(&mut text, format_args!("{}\n", styles.heading(&due_line(&one.due))));
        push(&mut text, format_args!("{what}{within}\n\n"));
    } else {
        let mut table = terminal::table(&["target", "due", "within"]);
        for one in &answer.due {
            table.add_row([
                one.target.unwrap_or_default().to_owned(),
                one.due.shown().to_owned(),
                business(one.business_seconds, day),
            ]);
        }
        text.push_str(&lines(table, 0, styles));
        text.push('\n');
    }
    let mut facts = Facts::new(styles);
    facts.add("start", &answer.start.shown);
    facts.pauses(&answer.pauses);
    if let Some(agreement) = &answer.agreement {
        facts.agreement(agreement);
    }
    for one in &answer.due {
        if let (Some(target), Some(place)) = (one.target, &one.place) {
            facts.add("target", &format!("{target} within {}: {place}", one.within));
        }
    }
    facts.calendar(&answer.calendar);
    text + &facts.text
}

/// How much business time has passed.
pub(super) fn elapsed(answer: &ElapsedAnswer, styles: Paint) -> String {
    let day = answer.calendar.business_day_seconds;
    let mut text = String::new();
    push(&mut text, format_args!("{}\n\n", styles.heading(&business(answer.business_seconds, day))));
    let mut facts = Facts::new(styles);
    facts.add("start", &answer.start.shown);
    let side = if answer.wall_seconds < 0 { "earlier" } else { "later" };
    let wall = hours(answer.wall_seconds.saturating_abs());
    facts.add("end", &format!("{}, {wall} {side} on the wall", answer.end.shown));
    facts.pauses(&answer.pauses);
    facts.calendar(&answer.calendar);
    text + &facts.text
}

/// Where the clocks of a ticket stand.
pub(super) fn status(answer: &StatusAnswer, styles: Paint) -> String {
    let mut text = String::new();
    push(&mut text, format_args!("{}\n\n", styles.heading(&headline(answer))));
    if !answer.clocks.is_empty() {
        let mut table = terminal::table(&["target", "state", "due", "used", "left"]);
        for clock in &answer.clocks {
            let paused = if clock.paused { ", paused" } else { "" };
            table.add_row([
                name_of(clock, answer),
                format!("{}{paused}", clock.state.words()),
                clock.due.shown().to_owned(),
                hours(clock.elapsed_seconds),
                hours(clock.remaining_seconds),
            ]);
        }
        fit(&mut table, 0, &[1, 2, 3, 4]);
        text.push_str(&lines(table, 0, styles));
        text.push('\n');
    }
    text.push_str(&thresholds(answer, styles));
    if !answer.trace.is_empty() {
        push(&mut text, format_args!("{}\n", styles.heading("what happened")));
        for step in &answer.trace {
            push(&mut text, format_args!("  {}  {}", step.at.shown, plain(&step.what)));
            push(&mut text, format_args!(" {}\n", styles.faint(&format!("({})", step.place))));
        }
        text.push('\n');
    }
    let mut facts = Facts::new(styles);
    facts.add("read at", &answer.read_at.shown);
    if let Some(first) = answer.clocks.first() {
        facts.add("start", &first.start.shown);
        facts.pauses(&first.pauses);
    }
    facts.agreement(&answer.agreement);
    for clock in answer.clocks.iter().filter(|clock| clock.round == 1) {
        facts.add("target", &format!("{} within {}: {}", name_of(clock, answer), clock.within, clock.place));
    }
    for calendar in &answer.calendars {
        facts.calendar(calendar);
    }
    if answer.later_events > 0 {
        let events = plural(answer.later_events, "event");
        facts.add("later", &format!("{events} after that instant, which this does not look at"));
    }
    text + &facts.text
}

/// The verdict, with the clock that makes it.
fn headline(answer: &StatusAnswer) -> String {
    let Some(verdict) = answer.verdict else {
        return "no clock runs: the ticket was in none of the states that start one".to_owned();
    };
    let of_verdict = answer.clocks.iter().filter(|clock| clock.state == verdict);
    let Some(clock) = of_verdict.min_by_key(|clock| clock.remaining_seconds) else {
        return verdict.words().to_owned();
    };
    let target = name_of(clock, answer);
    let left = hours(clock.remaining_seconds.abs());
    match (verdict, &clock.due) {
        (State::Breached, _) => format!("breached: {target} is over by {left}"),
        (State::Met | State::Cancelled, _) => "met: every target".to_owned(),
        (State::OnTrack | State::AtRisk, due) => {
            let paused = if clock.paused { ", paused" } else { "" };
            format!("{}{paused}: {target} has {left} left, due {}", verdict.words(), due.shown())
        }
    }
}

/// The target of a clock, with what tells it from others of the same target.
fn name_of(clock: &ClockShown, answer: &StatusAnswer) -> String {
    let mut name = clock.target.to_owned();
    let agreement = &answer.agreement;
    if (&clock.sla, &clock.priority) != (&agreement.sla, &agreement.priority) {
        push(&mut name, format_args!(" {}", clock.priority));
    }
    if clock.sla != agreement.sla {
        push(&mut name, format_args!(" of {}", clock.sla));
    }
    if clock.cycle > 1 {
        push(&mut name, format_args!(" cycle {}", clock.cycle));
    }
    if clock.round > 1 {
        push(&mut name, format_args!(" #{}", clock.round));
    }
    name
}

/// When clocks that still run become at risk.
fn thresholds(answer: &StatusAnswer, styles: Paint) -> String {
    let mut table = terminal::table(&["at risk", "share", "from", ""]);
    let open = [State::OnTrack, State::AtRisk];
    let running = answer.clocks.iter().filter(|clock| open.contains(&clock.state));
    for (clock, threshold) in
        running.flat_map(|clock| clock.at_risk.iter().map(move |threshold| (clock, threshold)))
    {
        table.add_row([
            name_of(clock, answer),
            threshold.share.clone(),
            threshold.due.shown().to_owned(),
            if threshold.reached { "reached" } else { "" }.to_owned(),
        ]);
    }
    if table.is_empty() {
        return String::new();
    }
    fit(&mut table, 0, &[1, 2, 3]);
    lines(table, 0, styles) + "\n"
}

fn due_line(due: &DueShown) -> String {
    match due {
        DueShown::At(moment) => format!("due {}", moment.shown),
        DueShown::Never(Never::Paused) => "not due while paused".to_owned(),
        DueShown::Never(Never::NoBusinessTime) => {
            "never due: the calendar has too little business time".to_owned()
        }
    }
}

/// What an answer rests on, a line each.
struct Facts {
    text: String,
    styles: Paint,
}

impl Facts {
    const fn new(styles: Paint) -> Self {
        Self { text: String::new(), styles }
    }

    fn add(&mut self, label: &str, what: &str) {
        let label = self.styles.faint(&format!("{label:<10}"));
        push(&mut self.text, format_args!("{label}  {}\n", plain(what)));
    }

    fn pauses(&mut self, pauses: &[PauseShown]) {
        for pause in pauses {
            let to = |to: &Moment| format!("to {}", to.shown);
            let end = pause.to.as_ref().map_or("on, and it lasts".to_owned(), to);
            self.add("paused", &format!("from {} {end}", pause.from.shown));
        }
    }

    fn agreement(&mut self, agreement: &Agreement) {
        let Agreement { sla, name, priority, place, .. } = agreement;
        let through = agreement.through.as_ref().map(|through| format!(", of {through}")).unwrap_or_default();
        self.add("promised", &format!("sla/{sla} `{name}` at {priority}{through}: {place}"));
    }

    fn calendar(&mut self, calendar: &CalendarUsed) {
        let CalendarUsed { id, name, time_zone, place, .. } = calendar;
        self.add("calendar", &format!("calendar/{id} `{name}`, {time_zone}: {place}"));
    }
}

/// Business time in hours, and in business days of so many seconds; these say nothing where a day is never closed.
fn business(seconds: i64, day: i64) -> String {
    if !(1..86_400).contains(&day) {
        return hours(seconds);
    }
    // Hundredths, rounded; only the text is rounded, the hours before it are exact.
    let hundredths = (i128::from(seconds) * 200 + i128::from(day)) / (2 * i128::from(day));
    let (whole, part) = (hundredths / 100, hundredths % 100);
    let part = format!("{part:02}");
    let part = part.trim_end_matches('0');
    let point = if part.is_empty() { "" } else { "." };
    let plural = if whole == 1 && part.is_empty() { "" } else { "s" };
    format!("{} ({whole}{point}{part} business day{plural})", hours(seconds))
}

/// Seconds as hours, minutes and seconds: `16h`, `1h30m`, `45s`.
fn hours(seconds: i64) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.unsigned_abs();
    let mut text = sign.to_owned();
    for (amount, unit) in [(seconds / 3_600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')] {
        if amount > 0 {
            push(&mut text, format_args!("{amount}{unit}"));
        }
    }
    if seconds == 0 { "0m".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::{business, hours};

    #[test]
    fn business_time_is_exact_in_hours_and_rounded_in_days() {
        assert_eq!(business(28_800, 28_800), "8h (1 business day)");
        assert_eq!(business(57_600, 28_800), "16h (2 business days)");
        assert_eq!(business(12_600, 28_800), "3h30m (0.44 business days)");
        assert_eq!([business(3_600, 0), business(3_600, 86_400)], ["1h", "1h"]);
        assert_eq!(business(3_600, 86_399), "1h (0.04 business days)");
        assert_eq!(business(0, 28_800), "0m (0 business days)");
    }

    #[test]
    fn hours_have_a_sign_and_no_empty_parts() {
        let shown = [0, 45, 60, 3_600, 5_400, -5_400, 3_601].map(hours);
        assert_eq!(shown, ["0m", "45s", "1m", "1h", "1h30m", "-1h30m", "1h1s"]);
    }
}
