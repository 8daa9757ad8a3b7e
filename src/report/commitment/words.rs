//! Promises, and what differs between two, in words.

use jiff::{Timestamp, tz::TimeZone};

use super::{more, reach};
use crate::{
    impact::commitments::{Because, Both, Case, Change, Direction, Example, Source, Term, Topic},
    load::words::in_a_row,
    model::{Duration, Kind, Percent, sla::Reopen},
    report::summary::plural,
    time::{Shift, Starts},
};

/// The longest stretch of starts that is told from when to when, in seconds: four weeks.
const LONG: i64 = 28 * 86_400;

/// What a case is about.
pub(super) const fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Target => "targets",
        Topic::Terms => "terms",
        Topic::Chain => "chains",
        Topic::Escalation => "escalation",
        Topic::OnCall => "on-call",
        Topic::Routing => "routing",
        Topic::Priority => "priority",
        Topic::MajorIncident => "major-incidents",
        Topic::ChangePolicy => "change-policy",
        Topic::Control => "controls",
    }
}

/// Which way a case goes, in a word of its topic.
pub(super) fn direction(case: &Case) -> &'static str {
    let all = |is: fn(&Change) -> bool| !case.changes.is_empty() && case.changes.iter().all(is);
    if all(|change| matches!(change, Change::Target { after: None, .. })) {
        return "lost";
    }
    if all(|change| matches!(change, Change::Target { before: None, .. })) {
        return "new";
    }
    if all(|change| matches!(change, Change::Told(told) if told.after.is_empty())) {
        return "no longer";
    }
    if all(|change| matches!(change, Change::Told(told) if told.before.is_empty())) {
        return "newly";
    }
    if all(|change| matches!(change, Change::Called(_))) {
        return match case.direction {
            Direction::Weaker => "fewer",
            Direction::Stronger => "more",
            Direction::Mixed | Direction::Neutral => "others",
        };
    }
    match (case.topic, case.direction) {
        (Topic::Target | Topic::Priority, Direction::Weaker) => "slower",
        (Topic::Target | Topic::Priority, Direction::Stronger) => "faster",
        (Topic::Chain, Direction::Weaker) => "infeasible",
        (Topic::Chain, Direction::Stronger) => "feasible",
        (Topic::Escalation, Direction::Weaker) => "later",
        (Topic::Escalation, Direction::Stronger) => "earlier",
        (Topic::ChangePolicy | Topic::Control, Direction::Weaker) => "loosens",
        (Topic::ChangePolicy | Topic::Control, Direction::Stronger) => "tightens",
        (Topic::OnCall, Direction::Mixed) => "others",
        (Topic::Routing, Direction::Mixed) => "elsewhere",
        (_, Direction::Weaker) => "weaker",
        (_, Direction::Stronger) => "stronger",
        (_, Direction::Mixed) => "mixed",
        (_, Direction::Neutral) => "neutral",
    }
}

/// What changes, one line for each.
pub(super) fn changes(case: &Case) -> Vec<String> {
    let mut lines = Vec::new();
    // Targets that say what they said are told together: only their hours are others.
    let mut hours: Vec<(String, Vec<String>)> = Vec::new();
    for change in &case.changes {
        match change {
            Change::Target { priority, target, before, after, .. } => match (before, after) {
                (Some(before), Some(after)) if before != after => {
                    lines.push(format!("{priority}: `{target}` within {after} instead of {before}"));
                }
                (Some(_), Some(_)) => {
                    let priority = priority.to_string();
                    match hours.iter_mut().find(|(known, _)| *known == priority) {
                        Some((_, targets)) => targets.push(format!("`{target}`")),
                        None => hours.push((priority, vec![format!("`{target}`")])),
                    }
                }
                (Some(before), None) => {
                    lines.push(format!(
                        "{priority}: nothing is promised any more for `{target}`, which was {before}"
                    ));
                }
                (None, Some(after)) => {
                    lines.push(format!("{priority}: `{target}` within {after}, which is new"));
                }
                (None, None) => {}
            },
            Change::Term(term) => lines.push(self::term(term)),
            Change::Told(told) => lines.push(more::told(told)),
            Change::Called(called) => lines.push(reach::called(called)),
            Change::OnCall(rota) => lines.extend(reach::on_call(rota)),
            Change::Routed(routed) => lines.push(reach::routed(routed)),
            Change::Chain { .. } => lines.extend(more::chain(change)),
            other => lines.extend(more::other(other)),
        }
    }
    let mut alike: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for (priority, targets) in hours {
        match alike.iter_mut().find(|(_, known)| *known == targets) {
            Some((priorities, _)) => priorities.push(priority),
            None => alike.push((vec![priority], targets)),
        }
    }
    for (priorities, targets) in alike {
        let (priorities, targets) = (in_a_row(&priorities, "and"), in_a_row(&targets, "and"));
        lines.push(format!("{priorities}: as much time for {targets}, counted in other hours"));
    }
    lines
}

fn term(term: &Term) -> String {
    let names = |names: Vec<String>| in_a_row(&names, "and");
    let quoted = |name: &dyn std::fmt::Display| format!("`{name}`");
    match term {
        Term::Pause(states) => both(
            states,
            |states| {
                format!(
                    "the clock also stands still in {}",
                    names(states.iter().map(|one| quoted(one)).collect())
                )
            },
            |states| format!("the clock runs in {}", names(states.iter().map(|one| quoted(one)).collect())),
        ),
        Term::Start(states) => both(
            states,
            |states| {
                format!("the clock also starts in {}", names(states.iter().map(|one| quoted(one)).collect()))
            },
            |states| {
                format!(
                    "the clock does not start any more in {}",
                    names(states.iter().map(|one| quoted(one)).collect())
                )
            },
        ),
        Term::Stop(states) => both(
            states,
            |states| {
                format!("the clock also stops in {}", names(states.iter().map(|one| quoted(one)).collect()))
            },
            |states| {
                format!(
                    "the clock does not stop any more in {}",
                    names(states.iter().map(|one| quoted(one)).collect())
                )
            },
        ),
        Term::Reopen([before, after]) => {
            format!("when a ticket is reopened, {} (and not: {})", reopened(*after), reopened(*before))
        }
        Term::RetroactiveStart(true) => {
            "a clock that is attached later counts from the opening of the ticket".to_owned()
        }
        Term::RetroactiveStart(false) => {
            "a clock that is attached later counts only from then on, and not from the opening of the ticket"
                .to_owned()
        }
        Term::RetroactivePause(true) => {
            "a clock that is attached later takes over the pauses before it".to_owned()
        }
        Term::RetroactivePause(false) => {
            "a clock that is attached later does not take over the pauses before it any more".to_owned()
        }
        Term::AtRisk(shares) => both(
            shares,
            |shares| format!("people are warned at {} of the time", names(percents(shares))),
            |shares| format!("nobody is warned any more at {} of the time", names(percents(shares))),
        ),
        Term::Attainment([before, after]) => match (before, after) {
            (Some(before), Some(after)) => {
                format!("{after} of the tickets have to meet their targets instead of {before}")
            }
            (None, Some(after)) => format!("{after} of the tickets have to meet their targets"),
            (_, None) => "nothing says any more how many tickets have to meet their targets".to_owned(),
        },
    }
}

fn percents(shares: &[Percent]) -> Vec<String> {
    shares.iter().map(ToString::to_string).collect()
}

pub(super) fn both<T>(both: &Both<T>, new: impl Fn(&[T]) -> String, gone: impl Fn(&[T]) -> String) -> String {
    match (both.new.is_empty(), both.gone.is_empty()) {
        (false, false) => format!("{}; {}", new(&both.new), gone(&both.gone)),
        (false, true) => new(&both.new),
        (true, _) => gone(&both.gone),
    }
}

const fn reopened(reopen: Reopen) -> &'static str {
    match reopen {
        Reopen::Accumulate => "the time in between counts as a pause",
        Reopen::NewCycle => "a new clock starts from zero",
        Reopen::RunThrough => "the clock has run on all the time",
    }
}

/// Why something changes, one line for each.
pub(super) fn because(because: &Because) -> Vec<String> {
    match because {
        Because::Agreement { before, after } => vec![match (before, after) {
            (Some(before), Some(after)) => format!("{} holds instead of {}", source(after), source(before)),
            (Some(before), None) => {
                format!("{} does not hold any more, and no other SLA does", source(before))
            }
            (None, Some(after)) => format!("{} holds, where no SLA did", source(after)),
            (None, None) => "no SLA holds".to_owned(),
        }],
        Because::Hours(hours) => hours.words(),
    }
}

fn source(source: &Source) -> String {
    match &source.tier {
        Some(tier) => format!("the SLA `{}` of the tier `{tier}`", source.sla),
        None => format!("the SLA `{}`", source.sla),
    }
}

/// When a ticket has to start to be touched.
pub(super) fn when(case: &Case, starts: Starts) -> Option<String> {
    let shifts: Vec<&Shift> = case
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::Target { shift, before: Some(_), after: Some(_), .. } => Some(shift),
            _ => None,
        })
        .collect();
    let zone = &case.examples.first()?.zone;
    let all = starts.to.as_second() - starts.from.as_second();
    let told = |word: &str, pick: fn(&Shift) -> Option<crate::time::Moved>| {
        let moved: Vec<_> = shifts.iter().filter_map(|shift| pick(shift)).collect();
        let first = moved.iter().map(|moved| moved.first).min()?;
        let last = moved.iter().map(|moved| moved.last).max()?;
        let most = moved.iter().map(|moved| moved.starts).max()?;
        let fewest = moved.iter().map(|moved| moved.starts).min()?;
        Some(if fewest == all {
            format!("{word}, whenever the ticket starts")
        } else if last.as_second() - first.as_second() <= LONG {
            format!("{word} for tickets that start from {} to {}", local(first, zone), local(last, zone))
        } else {
            format!("{word} from {} of all instants at which a ticket can start", share(most, all))
        })
    };
    let both = [told("later", |shift| shift.later), told("earlier", |shift| shift.earlier)];
    let said: Vec<String> = both.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// A share in whole percent, which is never said to be nothing or everything where it is not.
pub(super) fn share(part: i64, whole: i64) -> String {
    let percent = i128::from(part) * 100 / i128::from(whole.max(1));
    match percent {
        0 => "less than 1%".to_owned(),
        100.. => "all".to_owned(),
        percent => format!("{percent}%"),
    }
}

/// An example in words.
pub(super) fn example(example: &Example) -> String {
    let instance = example.instance;
    let due = |instant: Option<Timestamp>| {
        instant.map_or_else(|| "never".to_owned(), |instant| local(instant, &example.zone))
    };
    let by = match (instance.before, instance.after) {
        (Some(before), Some(after)) => {
            let seconds = after.as_second() - before.as_second();
            let by = Duration::Elapsed { seconds: seconds.abs() };
            format!(", {by} {}", if seconds < 0 { "earlier" } else { "later" })
        }
        _ => String::new(),
    };
    format!(
        "`{}` of a {} ticket that starts {} is due {} instead of {}{by} ({})",
        example.target,
        example.priority,
        local(instance.start, &example.zone),
        due(instance.after),
        due(instance.before),
        example.zone.iana_name().unwrap_or("UTC"),
    )
}

pub(super) fn local(instant: Timestamp, zone: &TimeZone) -> String {
    let zoned = instant.to_zoned(zone.clone());
    let format = if zoned.second() == 0 { "%a %Y-%m-%d %H:%M" } else { "%a %Y-%m-%d %H:%M:%S" };
    zoned.strftime(format).to_string()
}

/// The commands that show when an example was due, and when it is.
pub(super) fn commands(example: &Example) -> [String; 2] {
    example.slas.each_ref().map(|sla| {
        let about = if example.subject.kind == Kind::Service {
            format!("--service {}", example.subject.id)
        } else {
            format!("--sla {sla}")
        };
        format!(
            "gitsm clock due {about} --priority {} --target {} --start {}",
            example.priority, example.target, example.instance.start
        )
    })
}

/// Some objects, and how many more there are: `14 services: erp, mail and 12 more`.
pub(super) fn subjects(all: &[String], most: usize, name: impl Fn(&str) -> String) -> String {
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    for subject in all {
        let (kind, id) = subject.split_once(':').unwrap_or(("", subject));
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, ids)) => ids.push(id),
            None => kinds.push((kind, vec![id])),
        }
    }
    let told = kinds.into_iter().map(|(kind, ids)| {
        let more = ids.len().saturating_sub(most);
        // One more name is as short as saying that there is one.
        let shown = if more == 1 { ids.len() } else { most };
        let mut names: Vec<String> = ids.iter().take(shown).map(|id| name(id)).collect();
        if ids.len() > shown {
            names.push(format!("{} more", ids.len() - shown));
        }
        let words = match kind {
            "ola" | "sla" => kind.to_uppercase(),
            kind => kind.replace('-', " "),
        };
        match ids.as_slice() {
            [only] => format!("{words} {}", name(only)),
            several => format!("{}: {}", plural(several.len(), &words), in_a_row(&names, "and")),
        }
    });
    told.collect::<Vec<_>>().join("; ")
}
