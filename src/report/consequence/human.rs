//! What a change does to decisions, for a person at a terminal.

use std::fmt::Write as _;

use super::{
    themes::ThemeView,
    view::{CaseView, Counts, UnknownView, View},
    words::count,
};
use crate::{
    load::words::in_a_row,
    model::request::Request,
    report::{paint::Paint, plain, summary::thousands},
};

/// How many entitlements or people are named before the rest is counted.
const MOST: usize = 4;
/// How many people and grants are named, where that was asked for, before the rest is counted.
const MOST_NAMES: usize = 500;
/// How many changes are shown before the rest is counted.
const MOST_THEMES: usize = 40;

/// The consequences for a person at a terminal, in lines of at most `width` columns.
#[must_use]
pub fn human(view: &View, paint: Paint, width: usize) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", paint.heading("decisions"));
    if view.is_empty() {
        let _ = writeln!(out, "  every request {} is decided as before", all(view));
        return out;
    }
    if !view.unknown.is_empty() {
        let _ = writeln!(out, "  {} {}", paint.bad("INCOMPLETE:"), covered(view));
    }
    let _ = writeln!(out, "  {}{}", summary(view), in_all(view));
    for theme in view.themes.iter().take(MOST_THEMES) {
        out.push('\n');
        self::theme(theme, view, paint, width, &mut out);
    }
    let cut = view.themes.len().saturating_sub(MOST_THEMES);
    if cut > 0 {
        let more = count(cut, "more change", "more changes");
        let _ = writeln!(out, "\n  and {more}: `--format json` has all of them");
    }
    for unknown in &view.unknown {
        let _ = writeln!(
            out,
            "\n  {} {}: {}",
            paint.bad("not compared:"),
            plain::line(&requests(unknown, &|name| name.to_owned())),
            unknown.why
        );
    }
    for unseen in &view.unseen {
        let _ = writeln!(
            out,
            "\n  {} {}, which {} read",
            paint.open("look at this:"),
            plain::line(&unseen.what),
            plain::line(&names(&unseen.rules))
        );
        let _ = writeln!(
            out,
            "    {} {}",
            paint.faint("id     "),
            acknowledged(&unseen.fingerprint, unseen.acknowledged)
        );
    }
    for eased in &view.eased {
        let label = paint.open(&format!("{}:", eased.direction));
        let (subject, change) = (plain::line(&eased.subject), plain::line(&eased.change));
        let _ = writeln!(out, "\n  {label} `{subject}`: {change}");
        let _ = writeln!(
            out,
            "    {} {}",
            paint.faint("id     "),
            acknowledged(&eased.fingerprint, eased.acknowledged)
        );
    }
    out
}

/// Everything that was compared, in words: `for 12 entitlements and of 3 types`.
pub(super) fn all(view: &View) -> String {
    let access = count(view.compared, "entitlement", "entitlements");
    if view.request_types == 0 {
        return format!("for {access}");
    }
    format!("for {access} and of {}", count(view.request_types, "request type", "request types"))
}

/// What was compared where not everything was.
pub(super) fn covered(view: &View) -> String {
    fn distinct<'n>(names: impl Iterator<Item = &'n String>) -> usize {
        names.collect::<std::collections::BTreeSet<_>>().len()
    }
    let access = distinct(view.unknown.iter().flat_map(|unknown| &unknown.entitlements));
    let types = distinct(view.unknown.iter().flat_map(|unknown| &unknown.request_types));
    let of = |unknown: usize, all: usize, what: &str| {
        format!("{} of {} {what}", thousands(all.saturating_sub(unknown)), thousands(all))
    };
    let mut said = of(access, view.compared, "entitlements");
    if view.request_types > 0 {
        let _ = write!(said, " and {}", of(types, view.request_types, "request types"));
    }
    format!("{said} were compared; nothing is known about the others, so that they may have become looser")
}

/// The requests that could not be compared, in words.
pub(super) fn requests(unknown: &UnknownView, name: &dyn Fn(&str) -> String) -> String {
    let named = |all: &[String]| names(&all.iter().map(|one| name(one)).collect::<Vec<_>>());
    let mut parts = Vec::new();
    if !unknown.entitlements.is_empty() {
        parts.push(format!("requests for {}", named(&unknown.entitlements)));
    }
    if !unknown.request_types.is_empty() {
        parts.push(format!("requests of the types {}", named(&unknown.request_types)));
    }
    in_a_row(&parts, "and")
}

/// How many people all changes touch together, where there are several.
pub(super) fn in_all(view: &View) -> String {
    if view.themes.len() < 2 {
        return String::new();
    }
    match view.people {
        0 => "; together they touch nobody in the directory today".to_owned(),
        people => {
            format!("; together they touch {}", count(people, "person or account", "people and accounts"))
        }
    }
}

/// How many changes go which way, in words.
pub(in crate::report) fn summary(view: &View) -> String {
    let number = |way: &str| view.themes.iter().filter(|theme| theme.direction == way).count();
    let mut parts = Vec::new();
    for (way, one, many) in [
        ("loosens", "change loosens", "changes loosen"),
        ("incomparable", "cannot be shown to be as strict", "cannot be shown to be as strict"),
        ("tightens", "tightens", "tighten"),
        ("neutral", "is as strict as before", "are as strict as before"),
    ] {
        if number(way) > 0 {
            parts.push(count(number(way), one, many));
        }
    }
    if parts.is_empty() { "nothing that could be compared differs".to_owned() } else { parts.join(", ") }
}

/// Some names, and how many more there are.
pub(super) fn names(all: &[String]) -> String {
    let mut said: Vec<String> = all.iter().take(MOST).cloned().collect();
    match all.len().saturating_sub(MOST) {
        0 => {}
        // One more name is as short as saying that there is one.
        1 => said.extend(all.last().cloned()),
        more => said.push(format!("{more} more")),
    }
    in_a_row(&said, "and")
}

/// Names in a row, and how many more there are.
pub(super) fn some(names: &[String], most: usize) -> String {
    let mut said = names.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > most {
        let _ = write!(said, " and {} more", thousands(names.len() - most));
    }
    said
}

fn theme(theme: &ThemeView, view: &View, paint: Paint, width: usize, out: &mut String) {
    let way = match theme.direction {
        "loosens" => paint.bad(theme.direction),
        "incomparable" => paint.open(theme.direction),
        "tightens" => paint.good(theme.direction),
        _ => paint.heading(theme.direction),
    };
    let title = names(&theme.subjects());
    let _ = writeln!(out, "  {way}  {}", paint.name(&plain::line(&title)));
    let mut field = |name: &str, text: &str| {
        let label = format!("    {name:<8}");
        let indent = " ".repeat(label.len());
        let wrapped = plain::wrap(&plain::line(text), width.saturating_sub(label.len()).max(30));
        let _ = writeln!(out, "{}{}", paint.faint(&label), wrapped.replace('\n', &format!("\n{indent}")));
    };
    if !theme.about.is_empty() {
        field("because", &theme.because(&names(&theme.about)));
    }
    for because in &theme.because {
        field("because", because);
    }
    for change in theme.told() {
        field("change", &change);
    }
    let example = theme.cases.first().and_then(|place| view.cases.get(*place));
    let Some(example) = example else { return };
    let (others, first) =
        (theme.cases.len().saturating_sub(1), if theme.cases.len() > 1 { "such as" } else { "when" });
    if others > 0 {
        field("cases", &format!("{}, of which this touches most", ways(theme)));
    }
    for (label, said) in when(example, first) {
        field(label, &said);
    }
    let [before, after] = [&example.before, &example.after].map(|one| with_rules(&one.summary, &one.rules));
    if before == after {
        field("both", &before);
    } else {
        field("before", &before);
        field("after", &after);
    }
    field("touches", &touches(theme, example));
    if !theme.names.is_empty() {
        field("who", &some(&theme.names, MOST_NAMES));
    }
    if !theme.grant_names.is_empty() {
        field("grants", &some(&theme.grant_names, MOST_NAMES));
    }
    if let Some(witness) = &example.witness {
        field("try", &command(&witness.request));
    }
    field("id", &acknowledged(&theme.fingerprint, theme.acknowledged));
}

/// How many cases there are, and how many of them go which way where they do not all go the same.
pub(super) fn ways(theme: &ThemeView) -> String {
    let Counts { loosens, incomparable, tightens, neutral } = theme.counts;
    let all = [
        (loosens, "loosens", "loosen"),
        (incomparable, "cannot be shown to be as strict", "cannot be shown to be as strict"),
        (tightens, "tightens", "tighten"),
        (neutral, "does neither", "do neither"),
    ];
    let parts: Vec<String> = all
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| count(number, one, many))
        .collect();
    let number = thousands(theme.cases.len());
    if parts.len() < 2 { number } else { format!("{number} ({})", parts.join(", ")) }
}

/// An id, and whether somebody acknowledged what has it.
fn acknowledged(fingerprint: &str, acknowledged: bool) -> String {
    format!("{fingerprint}{}", if acknowledged { " (acknowledged)" } else { "" })
}

/// Which requests a case is about, each with its label.
pub(super) fn when<'l>(case: &CaseView, first: &'l str) -> Vec<(&'l str, String)> {
    let said = |all: &Vec<String>| if all.is_empty() { "every request".to_owned() } else { all.join(", ") };
    let mut lines: Vec<(&str, String)> = case
        .requests
        .iter()
        .enumerate()
        .map(|(place, all)| (if place == 0 { first } else { "or" }, said(all)))
        .collect();
    if case.more {
        lines.push(("or", "other requests that are not described here".to_owned()));
    }
    lines
}

/// An outcome with the rules that decide it.
pub(super) fn with_rules(summary: &str, rules: &[String]) -> String {
    if rules.is_empty() {
        format!("{summary} (no rule)")
    } else {
        format!("{summary} ({})", rules.join(", "))
    }
}

/// Whom a change touches, in words.
pub(super) fn touches(theme: &ThemeView, example: &CaseView) -> String {
    const FEW: usize = 5;
    if theme.people == 0 {
        return "nobody in the directory today".to_owned();
    }
    let mut said = count(theme.people, "person or account", "people and accounts");
    if theme.names.is_empty() && theme.people <= FEW && theme.people == example.names.len() {
        let _ = write!(said, ": {}", example.names.join(", "));
    }
    if theme.grants > 0 {
        let _ = write!(said, "; {} now", count(theme.grants, "grant is held", "grants are held"));
    }
    said
}

/// The command that decides about a request.
pub(super) fn command(request: &Request) -> String {
    if let Some(request_type) = &request.request_type {
        return typed_command(request, request_type.as_str());
    }
    let beneficiary = request.beneficiary.as_ref().unwrap_or(&request.requester);
    let mut words = vec!["gitsm simulate access".to_owned(), beneficiary.to_string()];
    words.extend(request.entitlements.iter().map(ToString::to_string));
    if request.beneficiary.is_some() {
        words.push(format!("--requester {}", request.requester));
    }
    words.extend(request.duration.map(|duration| format!("--duration {duration}")));
    words.extend(request.environment.map(|environment| format!("--environment {}", environment.name())));
    for (flag, text) in [
        ("justification", &request.justification),
        ("ticket", &request.ticket),
        ("project", &request.project),
    ] {
        // A quote would end the text; one that looks like it does not.
        let text = text.as_ref().map(|text| text.replace('\'', "\u{2019}"));
        words.extend(text.map(|text| format!("--{flag} '{text}'")));
    }
    words.extend(request.evidence.iter().map(|evidence| format!("--evidence {}", evidence.name())));
    words.extend(request.emergency.then(|| "--emergency".to_owned()));
    words.join(" ")
}

/// The command that decides about a request of a type. What has no flag of its own is said in a file.
fn typed_command(request: &Request, request_type: &str) -> String {
    let only_flags = request.justification.is_none()
        && request.ticket.is_none()
        && request.project.is_none()
        && request.environment.is_none()
        && request.evidence.is_empty()
        && !request.emergency;
    if !only_flags {
        let json = serde_json::json!({ "request": request }).to_string().replace('\'', "\u{2019}");
        return format!("echo '{json}' | gitsm simulate request --request -");
    }
    let mut words =
        vec!["gitsm simulate request".to_owned(), request.requester.to_string(), request_type.to_owned()];
    for (field, answer) in &request.form {
        words.push(format!("--field '{field}={}'", answer.to_string().replace('\'', "\u{2019}")));
    }
    words.extend(request.beneficiary.iter().map(|person| format!("--for {person}")));
    words.extend(request.entitlements.iter().map(|access| format!("--entitlement {access}")));
    words.extend(request.duration.map(|duration| format!("--duration {duration}")));
    words.join(" ")
}
