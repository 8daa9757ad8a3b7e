//! What a change does to decisions, for a person at a terminal.

use std::fmt::Write as _;

use super::{
    view::{CaseView, View},
    words::count,
};
use crate::{
    model::request::Request,
    report::{paint::Paint, plain},
};

/// How many entitlements of a case are named before the rest is counted.
const MOST: usize = 4;
/// How many cases are shown before the rest is counted.
const MOST_CASES: usize = 50;

/// The consequences for a person at a terminal, in lines of at most `width` columns.
#[must_use]
pub fn human(view: &View, paint: Paint, width: usize) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", paint.heading("decisions"));
    if view.cases.is_empty() && view.unknown.is_empty() {
        let _ = writeln!(
            out,
            "  every request for {} is decided as before",
            count(view.compared, "entitlement", "entitlements")
        );
        return out;
    }
    let _ = writeln!(out, "  {}", summary(view));
    for case in view.cases.iter().take(MOST_CASES) {
        out.push('\n');
        self::case(case, paint, width, &mut out);
    }
    let cut = view.cases.len().saturating_sub(MOST_CASES);
    if cut > 0 {
        let _ =
            writeln!(out, "\n  and {} more: `--format json` has all of them", count(cut, "case", "cases"));
    }
    for unknown in &view.unknown {
        let _ = writeln!(
            out,
            "\n  {} requests for {}: {}",
            paint.bad("not compared:"),
            names(&unknown.entitlements),
            unknown.why
        );
    }
    out
}

/// How many cases go which way, in words.
pub(super) fn summary(view: &View) -> String {
    let counts = &view.counts;
    let mut parts = Vec::new();
    for (number, one, many) in [
        (counts.loosens, "case loosens", "cases loosen"),
        (counts.incomparable, "cannot be shown to be as strict", "cannot be shown to be as strict"),
        (counts.tightens, "tightens", "tighten"),
        (counts.neutral, "stays as strict", "stay as strict"),
    ] {
        if number > 0 {
            parts.push(count(number, one, many));
        }
    }
    if parts.is_empty() { "nothing that could be compared differs".to_owned() } else { parts.join(", ") }
}

/// Some entitlements, and how many more there are.
pub(super) fn names(entitlements: &[String]) -> String {
    let mut said: Vec<String> = entitlements.iter().take(MOST).cloned().collect();
    let more = entitlements.len().saturating_sub(MOST);
    if more > 0 {
        said.push(format!("{more} more"));
    }
    super::words::list(&said, "and")
}

fn case(case: &CaseView, paint: Paint, width: usize, out: &mut String) {
    let way = match case.direction {
        "loosens" => paint.bad(case.direction),
        "incomparable" => paint.open(case.direction),
        "tightens" => paint.good(case.direction),
        _ => paint.heading(case.direction),
    };
    let title = names(&case.entitlements);
    let _ =
        writeln!(out, "  {way}  {}  {}", paint.name(&plain::line(&title)), paint.faint(&case.fingerprint));
    let mut field = |name: &str, text: &str| {
        let label = format!("    {name:<8}");
        let indent = " ".repeat(label.len());
        let wrapped = plain::wrap(&plain::line(text), width.saturating_sub(label.len()).max(30));
        let _ = writeln!(out, "{}{}", paint.faint(&label), wrapped.replace('\n', &format!("\n{indent}")));
    };
    for (place, all) in case.requests.iter().enumerate() {
        let said = if all.is_empty() { "every request".to_owned() } else { all.join(", ") };
        field(if place == 0 { "when" } else { "or" }, &said);
    }
    if case.more {
        field("or", "other requests that are not described here");
    }
    for change in &case.changes {
        field("change", change);
    }
    field("before", &with_rules(&case.before.summary, &case.before.rules));
    field("after", &with_rules(&case.after.summary, &case.after.rules));
    field("touches", &touches(case));
    if let Some(witness) = &case.witness {
        field("try", &command(&witness.request));
    }
}

/// The command that decides about a request.
pub(super) fn command(request: &Request) -> String {
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
        // Quotes are not escaped: such a text is written by hand.
        let text = text.as_ref().map(|text| text.replace('\'', "\u{2019}"));
        words.extend(text.map(|text| format!("--{flag} '{text}'")));
    }
    words.extend(request.evidence.iter().map(|evidence| format!("--evidence {}", evidence.name())));
    words.extend(request.emergency.then(|| "--emergency".to_owned()));
    words.join(" ")
}

/// An outcome with the rules that decide it.
pub(super) fn with_rules(summary: &str, rules: &[String]) -> String {
    if rules.is_empty() {
        format!("{summary} (no rule)")
    } else {
        format!("{summary} ({})", rules.join(", "))
    }
}

/// Whom a case touches, in words.
pub(super) fn touches(case: &CaseView) -> String {
    const FEW: usize = 5;
    if case.people == 0 {
        return "nobody in the directory today".to_owned();
    }
    let mut said = count(case.people, "person or account", "people and accounts");
    if case.people <= FEW {
        said += &format!(": {}", case.names.join(", "));
    }
    if case.grants > 0 {
        said += &format!("; {} now", count(case.grants, "grant is held", "grants are held"));
    }
    said
}
