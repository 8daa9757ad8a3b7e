//! Outcomes, and what differs between two, in words.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    impact::decisions::{
        Approver, Bond, Case, Granted, Needed, Outcome, Panel, Silence, Unseen, What, missing,
    },
    load::words::in_a_row,
    model::{Duration, Id, access::Mode, workflow::Evidence},
    report::summary::thousands,
};

/// How many people are named before the rest is counted.
const MOST: usize = 4;

/// An outcome in words.
pub(super) fn outcome(outcome: &Outcome) -> String {
    let granted = match outcome {
        Outcome::Denied => return "denied".to_owned(),
        Outcome::Nobody => return "denied, since nobody can approve".to_owned(),
        Outcome::Granted(granted) => granted,
    };
    let mut said = if granted.panels.is_empty() {
        "approved without asking anybody".to_owned()
    } else {
        format!("asks {}", panels_in_words(&granted.panels))
    };
    if let Some(longest) = granted.longest {
        let _ = write!(said, ", for at most {}", duration(longest));
    }
    if let Some(until) = granted.until {
        let _ = write!(said, ", until {until} at the latest");
    }
    if !granted.evidence.is_empty() {
        let _ = write!(said, ", with {}", evidence(&granted.evidence));
    }
    if !granted.answers.is_empty() {
        let _ = write!(said, ", once {} answered", are(&granted.answers));
    }
    said
}

/// Some fields of a form, and whether it is one.
fn are(fields: &BTreeSet<Id>) -> String {
    let named: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
    format!("{} {}", in_a_row(&named, "and"), if named.len() == 1 { "is" } else { "are" })
}

/// What changed behind a name, and whom it can be about.
pub(super) fn unseen_of(unseen: &Unseen) -> String {
    let said = self::unseen(&unseen.what);
    match &unseen.bounds {
        Some(bounds) => format!(
            "{said}, which matters to {} who {} for {}",
            count(bounds.people.len(), "person or account", "people and accounts"),
            if bounds.people.len() == 1 { "asks" } else { "ask" },
            count(bounds.entitlements.len(), "entitlement", "entitlements")
        ),
        None => said,
    }
}

/// What changed behind a name that rules read.
fn unseen(what: &What) -> String {
    match what {
        What::Calendar(id) => format!("the hours of the calendar `{id}` are others"),
        What::SupportHours => "the hours of support of some services are others".to_owned(),
        What::Peers => "people have other colleagues".to_owned(),
        What::NamedServices(services) => {
            let named: Vec<String> = services.iter().map(|id| format!("`{id}`")).collect();
            format!("requests that name {} and ask for no access may be decided otherwise", few(&named, "or"))
        }
        What::Zone => "dates are meant in another time zone".to_owned(),
        What::Attributes => "attributes are declared otherwise".to_owned(),
        What::Grants => "people hold other access".to_owned(),
        What::Exceptions => "exceptions that begin on a later day are others".to_owned(),
        What::Forms => "questions of forms are others".to_owned(),
        What::Merged => {
            "stages are asked once for a request type and the access that comes with it".to_owned()
        }
        What::Presence => "it changed who is here, until when, who answers for an account, or what is known of somebody's other record"
            .to_owned(),
        What::Offered => "something else is known about people".to_owned(),
        What::Roles => "what comes with these bundles cannot be said for everybody".to_owned(),
        What::Directory(people) => {
            let people =
                count(*people, "person or account comes or leaves", "people and accounts come or leave");
            format!("{people}, who are too different to tell one by one")
        }
    }
}

/// What binds access less than before.
pub(super) fn eased(bond: &Bond) -> String {
    match bond {
        Bond::Owner(before, Some(after)) => format!("`{after}` answers for it instead of `{before}`"),
        Bond::Owner(before, None) => format!("nobody answers for it any more, which `{before}` did"),
        Bond::Risk(before, after) => format!("its risk is said to be {after} instead of {before}"),
        Bond::Privileged => "it is not said to give administrative power any more".to_owned(),
        Bond::Longest(before, Some(after)) => format!("it lasts at most {after} instead of {before}"),
        Bond::Longest(before, None) => format!("it has no longest time any more, which was {before}"),
        Bond::Recertify(before, Some(after)) => {
            format!("somebody looks at who has it every {after} instead of every {before}")
        }
        Bond::Recertify(before, None) => {
            format!("nobody looks at who has it any more, which was every {before}")
        }
        Bond::Mode(Mode::Record) => "it decides nothing any more, and is only written down".to_owned(),
        Bond::Mode(Mode::Warn | Mode::Enforce) => "it decides nothing any more, and only warns".to_owned(),
    }
}

/// What differs between two outcomes, in words: as little as tells them apart.
pub(super) fn changes(case: &Case) -> Vec<String> {
    match (&case.before.0, &case.after.0) {
        (Outcome::Denied, _) if case.cause.is_birthright() => {
            vec!["comes with the role, without asking".to_owned()]
        }
        (_, Outcome::Denied) if case.cause.is_birthright() => {
            vec!["does not come with the role any more".to_owned()]
        }
        (_, Outcome::Nobody) => vec!["there is nobody who can approve".to_owned()],
        (Outcome::Denied | Outcome::Nobody, Outcome::Granted(after)) if after.panels.is_empty() => {
            vec!["is granted without asking anybody".to_owned()]
        }
        (Outcome::Nobody, Outcome::Granted(_)) => vec!["there is somebody who can approve".to_owned()],
        (Outcome::Denied, Outcome::Granted(_)) => {
            std::iter::once("can be asked for".to_owned()).chain(nobody_for(case)).collect()
        }
        (Outcome::Granted(_), Outcome::Denied) => vec!["is not granted any more".to_owned()],
        (Outcome::Nobody, Outcome::Denied) => vec!["is denied by a rule".to_owned()],
        (Outcome::Denied, Outcome::Denied) => Vec::new(),
        (Outcome::Granted(before), Outcome::Granted(after)) => {
            let mut said = panels(&before.panels, &after.panels);
            said.extend(nobody_for(case));
            said.extend(time(before, after));
            said.extend(evidence_changes(&before.evidence, &after.evidence));
            said.extend(answer_changes(&before.answers, &after.answers));
            if before.gives != after.gives {
                said.push("gives something else".to_owned());
            }
            said
        }
    }
}

/// The people for whose requests nobody is left who can approve.
fn nobody_for(case: &Case) -> Option<String> {
    let named: Vec<String> = case.stuck.iter().map(|id| format!("`{id}`")).collect();
    (!named.is_empty()).then(|| format!("there is nobody who can approve for {}", few(&named, "and")))
}

fn panels(before: &[Panel], after: &[Panel]) -> Vec<String> {
    if before == after {
        return Vec::new();
    }
    if after.is_empty() {
        return vec!["nobody is asked any more".to_owned()];
    }
    if before.is_empty() {
        return vec![format!("is not automatic any more: asks {}", panels_in_words(after))];
    }
    let gone: Vec<&Panel> = before.iter().filter(|panel| !after.contains(panel)).collect();
    let new: Vec<&Panel> = after.iter().filter(|panel| !before.contains(panel)).collect();
    let (mut said, mut left) = (Vec::new(), new);
    for gone in gone {
        // The one that has most people of it is what became of it.
        let shared = |new: &Panel| gone.approvers.intersection(&new.approvers).count();
        // The same people with another time are the same stage.
        let timeless = |panel: &Panel| Panel { time: None, after: BTreeSet::new(), ..panel.clone() };
        let same = left.iter().enumerate().find(|(_, new)| timeless(new) == timeless(gone));
        let best =
            left.iter().enumerate().max_by_key(|(_, new)| shared(new)).filter(|(_, new)| shared(new) > 0);
        match same.or(best).map(|(place, _)| place) {
            Some(place) => said.extend(within_panel(gone, left.remove(place))),
            None if left.len() == 1 => {
                said.extend(left.pop().map(|new| within_panel(gone, new)).unwrap_or_default());
            }
            None => said.push(format!("no longer asks {}", panel(gone))),
        }
    }
    said.extend(left.into_iter().map(|new| format!("also asks {}", panel(new))));
    if said.is_empty() {
        said.push("asks some people another number of times".to_owned());
    }
    let mut once: Vec<String> = Vec::new();
    for one in said {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

fn within_panel(before: &Panel, after: &Panel) -> Vec<String> {
    let mut said = Vec::new();
    let shared = before.approvers.intersection(&after.approvers).next().is_some();
    if !shared && before.approvers != after.approvers {
        said.push(format!("asks {} instead of {}", panel(after), panel(before)));
    } else {
        let lost = missing(&before.approvers, &after.approvers);
        let gained = missing(&after.approvers, &before.approvers);
        if !lost.is_empty() {
            said.push(format!("{} can no longer approve", people(lost.into_iter(), "and")));
        }
        let (able, away): (Vec<&Approver>, Vec<&Approver>) =
            gained.into_iter().partition(|one| one.is_able());
        if !able.is_empty() {
            said.push(format!("{} can approve as well", people(able.into_iter(), "and")));
        }
        if !away.is_empty() {
            said.push(format!("{} can approve as well, once here", people(away.into_iter(), "and")));
        }
        if before.needed != after.needed {
            said.push(format!("needs {} instead of {}", needed(after.needed), needed(before.needed)));
        }
    }
    if before.fallback != after.fallback {
        said.push(match (before.fallback.is_empty(), after.fallback.is_empty()) {
            (true, _) => format!("{} can stand in", people(after.fallback.iter(), "and")),
            (_, true) => "nobody stands in any more".to_owned(),
            _ => format!(
                "{} can stand in instead of {}",
                people(after.fallback.iter(), "and"),
                people(before.fallback.iter(), "and")
            ),
        });
    }
    if before.silence != after.silence {
        said.push(match &after.silence {
            Silence::Waits => "nothing happens any more when the time is up".to_owned(),
            Silence::Denies => "is denied when the time is up".to_owned(),
            Silence::Escalates(later) => {
                format!("{} can approve as well when the time is up", people(later.iter(), "and"))
            }
        });
    }
    if before.time != after.time {
        said.push(match (&before.time, &after.time) {
            (Some(before), Some(after)) if before.within == after.within => {
                format!("the {} run in other hours", after.within)
            }
            (Some(before), Some(after)) => {
                format!("there are {} to answer instead of {}", after.within, before.within)
            }
            (None, Some(after)) => format!("there are {} to answer", after.within),
            (_, None) => "there is no limit to the time to answer any more".to_owned(),
        });
    }
    if before.after != after.after {
        said.push(
            match (before.after.is_empty(), after.after.is_empty()) {
                (true, _) => "the time to answer begins once the stages before it agreed, and not at once",
                (_, true) => "the time to answer begins at once, and not once the stages before it agreed",
                _ => "other stages have to agree before the time to answer begins",
            }
            .to_owned(),
        );
    }
    said.extend(evidence_changes(&before.evidence, &after.evidence));
    if before.distinct != after.distinct {
        said.push(if after.distinct {
            "whoever approves here does not count elsewhere in the request".to_owned()
        } else {
            "whoever approves here may count elsewhere in the request as well".to_owned()
        });
    }
    said
}

fn time(before: &Granted, after: &Granted) -> Vec<String> {
    let mut said = Vec::new();
    if before.longest != after.longest {
        said.push(match (before.longest, after.longest) {
            (Some(before), Some(after)) => {
                format!("lasts at most {} instead of {}", duration(after), duration(before))
            }
            (None, Some(after)) => format!("lasts at most {}", duration(after)),
            (_, None) => "has no longest time any more".to_owned(),
        });
    }
    if before.until != after.until {
        said.push(match after.until {
            Some(until) => format!("ends on {until} at the latest"),
            None => "has no last day any more".to_owned(),
        });
    }
    if before.needs_end != after.needs_end {
        said.push(
            if after.needs_end { "is only given with an end" } else { "can be given without an end" }
                .to_owned(),
        );
    }
    said
}

fn evidence_changes(before: &BTreeSet<Evidence>, after: &BTreeSet<Evidence>) -> Vec<String> {
    let gone: BTreeSet<Evidence> = before.difference(after).copied().collect();
    let new: BTreeSet<Evidence> = after.difference(before).copied().collect();
    let mut said = Vec::new();
    if !gone.is_empty() {
        said.push(format!("no longer needs {}", evidence(&gone)));
    }
    if !new.is_empty() {
        said.push(format!("needs {}", evidence(&new)));
    }
    said
}

fn answer_changes(before: &BTreeSet<Id>, after: &BTreeSet<Id>) -> Vec<String> {
    let gone: BTreeSet<Id> = before.difference(after).cloned().collect();
    let new: BTreeSet<Id> = after.difference(before).cloned().collect();
    let mut said = Vec::new();
    if !gone.is_empty() {
        said.push(format!("{} not asked for any more, or need not be answered", are(&gone)));
    }
    if !new.is_empty() {
        said.push(format!("{} to be answered", are(&new)));
    }
    said
}

fn evidence(evidence: &BTreeSet<Evidence>) -> String {
    let words = evidence.iter().map(|one| {
        match one {
            Evidence::Justification => "a justification",
            Evidence::Ticket => "a ticket",
            Evidence::Training => "a training",
            Evidence::Project => "a project",
            Evidence::Agreement => "an agreement",
            Evidence::Mfa => "a second factor",
        }
        .to_owned()
    });
    in_a_row(&words.collect::<Vec<_>>(), "and")
}

/// Several panels: each of them has to agree.
fn panels_in_words(panels: &[Panel]) -> String {
    let mut said = String::new();
    for panel in as_asked(panels) {
        if !said.is_empty() {
            said.push_str(if panel.after.is_empty() { "; and " } else { "; then " });
        }
        said.push_str(&self::panel(panel));
    }
    said
}

/// Stages in the order in which they are asked, as far as that matters.
pub(super) fn as_asked(panels: &[Panel]) -> Vec<&Panel> {
    let mut all: Vec<&Panel> = panels.iter().collect();
    all.sort_by_key(|panel| (panel.after.len(), !panel.is_timed()));
    all
}

/// A panel in words: `2 of ana, ben and cleo`.
fn panel(panel: &Panel) -> String {
    // Who is away today asks for no words where somebody is not.
    let able: Vec<&Approver> = panel.approvers.iter().filter(|one| one.is_able()).collect();
    if able.is_empty() {
        let able: Vec<&Approver> = panel.fallback.iter().filter(|one| one.is_able()).collect();
        return format!("those who stand in ({})", people(able.into_iter(), "or"));
    }
    match panel.needed {
        _ if able.len() == 1 => people(able.into_iter(), "or"),
        Needed::Count(1) => people(able.into_iter(), "or"),
        needed => format!("{} of {}", self::needed(needed), people(able.into_iter(), "and")),
    }
}

/// How many, in words.
pub(super) fn needed(needed: Needed) -> String {
    match needed {
        Needed::Count(count) => count.to_string(),
        Needed::All => "all".to_owned(),
        Needed::Share(parts) => {
            let (whole, rest) = (parts / 10_000, parts % 10_000);
            let rest = if rest == 0 {
                String::new()
            } else {
                format!(".{rest:04}").trim_end_matches('0').to_owned()
            };
            format!("{whole}{rest}%")
        }
    }
}

fn people<'p>(people: impl ExactSizeIterator<Item = &'p Approver>, last: &str) -> String {
    few(&people.map(approver).collect::<Vec<_>>(), last)
}

/// The first of some names, and how many others there are.
fn few(all: &[String], last: &str) -> String {
    match all.get(..MOST) {
        Some(first) if all.len() > MOST + 1 => {
            format!("{} {last} {} others", first.join(", "), all.len() - MOST)
        }
        _ => in_a_row(all, last),
    }
}

fn approver(approver: &Approver) -> String {
    match approver {
        Approver::Person(id) => format!("`{id}`"),
        Approver::Away(id) => format!("`{id}` (not today)"),
        Approver::Manager(1) => "the manager".to_owned(),
        Approver::Manager(2) => "the manager's manager".to_owned(),
        Approver::Manager(levels) => format!("the manager {levels} levels up"),
        Approver::OnCall { team, .. } => format!("whoever of `{team}` is on call"),
    }
}

/// An approver as data names them.
pub(super) fn approver_plain(approver: &Approver) -> String {
    match approver {
        Approver::Person(id) | Approver::Away(id) => format!("person:{id}"),
        Approver::Manager(1) => "role:manager".to_owned(),
        Approver::Manager(levels) => format!("role:manager-{levels}"),
        Approver::OnCall { team, .. } => format!("on-call:{team}"),
    }
}

fn duration(seconds: i64) -> String {
    Duration::Elapsed { seconds }.to_string()
}

/// A number of things: `1 grant is held`, `2,000 grants are held`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}
