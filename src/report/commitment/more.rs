//! Who is told when, and which chains of agreements hold, in words.

use super::words::{both, local};
use crate::{
    impact::commitments::{CellTarget, Change, Link, Moment, Told, Way},
    load::words::in_a_row,
    model::{Duration, Id, Principal, Priority, Role, Selector, escalation::Trigger},
    time::Feasibility,
};

/// Who is told at another time, in words.
pub(super) fn told(told: &Told) -> String {
    let priorities: Vec<String> = told.priorities.iter().map(ToString::to_string).collect();
    let priorities = in_a_row(&priorities, "and");
    let majors: Vec<String> = told.majors.iter().map(|id| format!("`{id}`")).collect();
    let scope = if majors.is_empty() {
        priorities
    } else {
        format!("{priorities}, major by {}", in_a_row(&majors, "or"))
    };
    let who = who(&told.who);
    let when = |moments: &[Moment]| {
        let moments: Vec<String> = moments.iter().map(|moment| self::moment(moment, told.trigger)).collect();
        in_a_row(&moments, "or")
    };
    let condition = match told.trigger {
        Trigger::Open | Trigger::Breached => "",
        Trigger::Unacknowledged => " where nobody has acknowledged it",
        Trigger::Reassigned => " where it went from team to team",
    };
    let mut parts = Vec::new();
    match (told.before.as_slice(), told.after.as_slice()) {
        ([], after) => parts.push(format!("{who} is told {}, and was not before", when(after))),
        (before, []) => parts.push(format!("{who} is not told any more, which was {}", when(before))),
        (before, after) if before != after => {
            parts.push(format!("{who} is told {} instead of {}", when(after), when(before)));
        }
        (_, after) if told.shift.earlier.is_some() || told.shift.later.is_some() => {
            let by = [("later", told.shift.later), ("earlier", told.shift.earlier)];
            let by = by.into_iter().filter_map(|(word, moved)| {
                let most = moved?.most;
                let (before, after) = (most.before?, most.after?);
                let seconds = (after.as_second() - before.as_second()).abs();
                Some(format!("up to {} {word}", Duration::Elapsed { seconds }))
            });
            let by: Vec<String> = by.collect();
            let by = if by.is_empty() { "at another time".to_owned() } else { by.join(" or ") };
            parts.push(format!("{who} is told {} as before, which is {by}", when(after)));
        }
        _ => {}
    }
    if !told.channels.new.is_empty() || !told.channels.gone.is_empty() {
        let list = |ids: &[crate::model::Id]| {
            in_a_row(&ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>(), "and")
        };
        parts.push(both(
            &told.channels,
            |ids| format!("{who} is also told by {}", list(ids)),
            |ids| format!("{who} is not told by {} any more", list(ids)),
        ));
    }
    match told.repeats {
        [before, after] if before == after => {}
        [before, Some(after)] => {
            let instead = before.map(|before| format!(" instead of every {before}")).unwrap_or_default();
            parts.push(format!("{who} is told again every {after}{instead}"));
        }
        [_, None] => parts.push(format!("{who} is not told again and again any more")),
    }
    let way = |way: &Way| {
        let by: Vec<String> = way.channels.iter().map(|id| format!("`{id}`")).collect();
        let by = if by.is_empty() { String::new() } else { format!(" by {}", in_a_row(&by, "and")) };
        let again = way.repeat.as_ref().map(|every| format!(", again every {every}")).unwrap_or_default();
        format!("{}{by}{again}", moment(&way.moment, told.trigger))
    };
    let list = |ways: &[Way]| in_a_row(&ways.iter().map(way).collect::<Vec<_>>(), "and");
    if !told.ways.is_empty() {
        parts.push(both(
            &told.ways,
            |ways| format!("of several notices {who} gets, {} is new", list(ways)),
            |ways| format!("of several notices {who} gets, {} is gone", list(ways)),
        ));
    }
    format!("{scope}: {}{condition}", parts.join("; "))
}

pub(super) fn who(who: &Principal) -> String {
    match who {
        Principal::Person(id) => format!("`{id}`"),
        Principal::Team(id) => format!("the team `{id}`"),
        Principal::OnCall(id) => format!("whoever of `{id}` is on call"),
        Principal::Role(Role::ManagerLevel(level)) => format!("the manager {level} levels up"),
        Principal::Role(role) => format!("the {}", role.to_string().replace('-', " ")),
    }
}

fn moment(moment: &Moment, trigger: Trigger) -> String {
    match (moment, trigger) {
        (Moment::Share(share, target), _) => format!("at {share} of the time for `{target}`"),
        (Moment::After(after, calendar), Trigger::Breached) => {
            format!("{after} after the target is missed (hours of `{calendar}`)")
        }
        (Moment::After(after, calendar), Trigger::Reassigned) => {
            format!("{after} after it was handed on (hours of `{calendar}`)")
        }
        (Moment::After(after, calendar), _) => format!("after {after} (hours of `{calendar}`)"),
        (Moment::AtOnce, Trigger::Breached) => "when the target is missed".to_owned(),
        (Moment::AtOnce, _) => "at once".to_owned(),
    }
}

/// Everything else that changes, in words.
pub(super) fn other(change: &Change) -> Vec<String> {
    let cases = |cases: &[String]| match cases {
        [always] if always == "always" => String::new(),
        cases => format!(" when {}", cases.join("; or ")),
    };
    match change {
        Change::Cell { impact, urgency, before, after, targets } => {
            cell((impact, urgency), (before, after), targets)
        }
        Change::Exists(true) => vec!["it is new".to_owned()],
        Change::Exists(false) => vec!["it is gone".to_owned()],
        Change::NoLonger(what, when) => vec![format!("{what} no longer{}", cases(when))],
        Change::Newly(what, when) => vec![format!("{what} as well{}", cases(when))],
        Change::Field(field) if field.before == field.after => {
            let said = field.after.as_deref().unwrap_or_default();
            vec![format!("{}: {said}, which are others", field.what)]
        }
        Change::Field(field) => {
            let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
            vec![format!("{}: {} instead of {}", field.what, said(&field.after), said(&field.before))]
        }
        Change::Risk { before, after, when } => {
            vec![format!("the risk is {after} instead of {before}{}", cases(when))]
        }
        Change::Authority { risk, before, after } => {
            let risk = risk.map(|risk| format!("{risk} risk: ")).unwrap_or_default();
            vec![match (before, after) {
                (Some(before), Some(after)) if before == after => format!("{risk}others agree in `{after}`"),
                (Some(before), Some(after)) => format!("{risk}`{after}` is asked instead of `{before}`"),
                (None, Some(after)) => format!("{risk}`{after}` can agree, and nobody could before"),
                (Some(before), None) => format!("{risk}nobody can agree any more, and `{before}` could"),
                (None, None) => format!("{risk}nobody can agree"),
            }]
        }
        Change::Window { opened, closed, zone } => {
            let at = |instant| format!("{} ({})", local(instant, zone), zone.iana_name().unwrap_or("UTC"));
            let opened =
                opened.map(|instant| format!("the window is open now, for example from {}", at(instant)));
            let closed =
                closed.map(|instant| format!("the window is closed now, for example from {}", at(instant)));
            opened.into_iter().chain(closed).collect()
        }
        Change::Freeze { name, before, after, authority, confirmed } => {
            freeze(name, [before, after], authority, confirmed)
        }
        Change::Target { .. }
        | Change::Term(_)
        | Change::Chain { .. }
        | Change::Told(_)
        | Change::Called(_)
        | Change::OnCall(_)
        | Change::Routed(_) => Vec::new(),
    }
}

fn freeze(
    name: &str,
    [before, after]: [&Option<String>; 2],
    authority: &[Option<String>; 2],
    confirmed: &[Option<String>; 2],
) -> Vec<String> {
    let ([by, now], [was, is]) = (authority, confirmed);
    let who = |authority: &Option<String>| match authority {
        Some(workflow) => format!("`{workflow}` can agree to changes in it"),
        None => "nobody can agree to changes in it".to_owned(),
    };
    let mut lines = match (before, after) {
        (None, Some(after)) => vec![format!("a new freeze, {name}: {after}; {}", who(now))],
        (Some(before), None) => vec![format!("a freeze is gone, {name}: {before}")],
        (Some(before), Some(after)) if before != after => {
            vec![format!("the freeze {name} is {after} instead of {before}")]
        }
        _ => Vec::new(),
    };
    if before.is_some() && after.is_some() && was != is {
        let on =
            |day: &Option<String>| day.as_ref().map_or_else(|| "never".to_owned(), |day| format!("on {day}"));
        lines.push(format!(
            "the dates of the freeze {name} were confirmed with the business {}, and not {}",
            on(is),
            on(was)
        ));
    }
    if before.is_some() && after.is_some() && (by != now || lines.is_empty()) {
        lines.push(format!("in the freeze {name}, {} now", who(now)));
    }
    lines
}

fn cell(
    (impact, urgency): (&str, &str),
    (before, after): (&Option<Priority>, &Option<Priority>),
    targets: &[CellTarget],
) -> Vec<String> {
    let said = |priority: &Option<Priority>| {
        priority.as_ref().map_or_else(|| "no priority".to_owned(), ToString::to_string)
    };
    let mut lines =
        vec![format!("impact {impact}, urgency {urgency}: {} instead of {}", said(after), said(before))];
    let mut by_sla: Vec<(&Id, Vec<String>)> = Vec::new();
    for target in targets {
        let within = |duration: Option<Duration>| {
            duration.map_or_else(|| "nothing".to_owned(), |duration| duration.to_string())
        };
        let text =
            format!("`{}` {} instead of {}", target.target, within(target.after), within(target.before));
        match by_sla.iter_mut().find(|(sla, _)| *sla == &target.sla) {
            Some((_, texts)) => texts.push(text),
            None => by_sla.push((&target.sla, vec![text])),
        }
    }
    lines.extend(by_sla.into_iter().map(|(sla, texts)| format!("`{sla}`: {}", texts.join(", "))));
    lines
}

/// Whether a chain of agreements keeps a target, in words.
pub(super) fn chain(change: &Change) -> Vec<String> {
    let Change::Chain { sla, priority, target, before, after, held, worst, zone } = change else {
        return Vec::new();
    };
    let promise = format!("`{target}` of `{sla}`");
    let case = match worst {
        Some(Feasibility::Measured { breach: Some(case), .. }) => format!(
            "work that starts {} ends {} and is due {}, {} over ({})",
            local(case.start, zone),
            local(case.completion, zone),
            local(case.due, zone),
            Duration::Elapsed { seconds: case.overrun_seconds },
            zone.iana_name().unwrap_or("UTC"),
        ),
        Some(Feasibility::NeverDone { start }) => {
            format!("work that starts {} never ends", local(*start, zone))
        }
        _ => String::new(),
    };
    let first = match (held, case.is_empty()) {
        (true, false) => format!("{priority}: {promise} can be kept now; before, {case}"),
        (true, true) => format!("{priority}: {promise} rests on agreements that keep it"),
        (false, false) if after.is_empty() => {
            format!(
                "{priority}: nothing says any more how long the work below {promise} takes; before, {case}"
            )
        }
        (false, false) => format!("{priority}: {promise} cannot be kept any more: {case}"),
        (false, true) => format!("{priority}: nothing shows any more that {promise} can be kept"),
    };
    let mut lines = vec![first];
    if before != after {
        let chain = |links: &[Link]| {
            let told: Vec<String> = links.iter().map(link).collect();
            in_a_row(&told, "then")
        };
        lines.push(format!("{priority}: it rests on {} instead of {}", chain(after), chain(before)));
    }
    lines
}

fn link(link: &Link) -> String {
    let Selector { kind, id, .. } = &link.agreement;
    format!("`{}:{id}` ({} of `{}`)", kind.name(), link.within, link.calendar)
}
