//! History for people: each commit with who made it, and what it means.

use std::fmt::Write as _;

use super::{
    Decided,
    view::{BlameReport, CommitView, LogEntry, MergeView, SignedView},
};
use crate::report::{
    Style,
    impact::{
        human::{push_fields, push_heading},
        value::inline,
    },
    paint::Paint,
    plain,
    summary::plural,
};

/// The most objects of one commit that are written before the rest is counted.
const MOST: usize = 50;

/// Writes a commit with what it changed.
#[must_use]
pub fn log(entry: &LogEntry, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    let commit = &entry.commit;
    // Writing into a string does not fail.
    let _ = write!(out, "{} {}", paint.open(&format!("commit {}", commit.short())), date(&commit.author));
    let _ = write!(out, "  {}", person(&commit.author));
    let same = |one: &SignedView, other: &SignedView| {
        (&one.name, &one.email, date(one)) == (&other.name, &other.email, date(other))
    };
    if !same(&commit.committer, &commit.author) {
        let _ = write!(
            out,
            ", committed {}by {}",
            on(&commit.committer, &commit.author),
            person(&commit.committer)
        );
    }
    if let Some(number) = commit.pull_request {
        let _ = write!(out, "  {}", paint.name(&format!("#{number}")));
    }
    let signature = match commit.signature {
        "none" => "not signed",
        "openpgp" => "signed by OpenPGP, not verified",
        "ssh" => "signed by SSH, not verified",
        "x509" => "signed by X.509, not verified",
        _ => "signed in an odd way",
    };
    let _ = writeln!(out, "  {}", paint.faint(signature));
    let _ = writeln!(out, "    {}", paint.heading(&plain::short(&commit.subject)));
    push_decisions(&mut out, entry.decisions.as_ref(), paint);
    for change in entry.changes.iter().take(MOST) {
        out.push_str("    ");
        let place = change.place.as_deref().unwrap_or_default();
        push_heading(&mut out, (change.change, &change.object, change.from.as_deref()), place, paint);
        push_fields(&mut out, &change.fields, "        ", paint);
    }
    if entry.changes.len() > MOST {
        let _ = writeln!(out, "    … and {} changed", plural(entry.changes.len() - MOST, "more object"));
    }
    for note in &entry.merge {
        push_note(&mut out, note, paint);
    }
    for one in &entry.unread {
        let what = plain::line(&one.what);
        let side = if one.side == "before" { "before it" } else { "since it" };
        let text = if one.object {
            format!("? `{what}` makes no sense {side}: what was written is compared")
        } else {
            format!("? `{what}` cannot be read {side}")
        };
        let _ = writeln!(out, "    {}", paint.bad(&text));
    }
    for one in &entry.missing {
        let why = plain::line(&one.why);
        let text = match (one.about, &one.file) {
            (_, Some(file)) => format!("? what it changed in `{}` is not known: {why}", plain::line(file)),
            ("merge", _) => format!("? what the merge did by itself is not known: {why}"),
            _ if entry.cut_off => format!("? the clone ends here, and what came before is not known: {why}"),
            _ => format!("? what it changed is not known: {why}"),
        };
        let _ = writeln!(out, "    {}", paint.bad(&text));
    }
    out.push('\n');
    out
}

/// What a merge did by itself. Fields that are not there now, and so not among what changed, are written with it.
fn push_note(out: &mut String, note: &MergeView, paint: Paint) {
    let name = note.object.as_deref().or(note.branch.as_deref());
    let object = name.map(plain::line).unwrap_or_default();
    let paths: Vec<_> = note.fields.iter().map(|field| plain::line(&field.path)).collect();
    let fields = if paths.is_empty() { String::new() } else { format!(" ({})", paths.join(", ")) };
    let text = match note.did {
        "made" => format!("! the merge itself changed `{object}`{fields}: neither of its parents has it so"),
        "undone" => format!("! the merge took back what had changed in `{object}`{fields} where it went into"),
        "dropped" => format!("! the merge left out what the merged side had changed in `{object}`:"),
        "resolved" => format!("! both sides had changed `{object}`, and the merge decided; the merged side said:"),
        "swapped" => format!(
            "! the merge took `{object}` in and did not go into it: what came before there is not followed along first parents"
        ),
        _ => "! nobody knows what the merge should be: it has several merge bases, none, more than two sides, or something of it cannot be read"
            .to_owned(),
    };
    let _ = writeln!(out, "    {}", paint.bad(&text));
    if matches!(note.did, "dropped" | "resolved") {
        if let (Some(change), Some(object)) =
            (note.change.filter(|change| *change != "changed"), &note.object)
        {
            let from = note.from.as_deref().map(|from| format!(" was called `{}`", plain::line(from)));
            let _ = writeln!(out, "        {change} {}{}", plain::line(object), from.unwrap_or_default());
        }
        push_fields(out, &note.fields, "        ", paint);
    }
}

/// Which way the decisions go, when that was asked for.
fn push_decisions(out: &mut String, decided: Option<&Decided>, paint: Paint) {
    let said = match decided {
        None => return,
        Some(Decided::NotCompared(why)) => {
            paint.bad(&format!("? the decisions cannot be compared: {}", plain::line(why)))
        }
        Some(Decided::Compared(found)) => {
            let summary = plain::line(&found.summary);
            let summary = match found.direction {
                "loosens" => paint.bad(&summary),
                "incomparable" => paint.open(&summary),
                "tightens" => paint.good(&summary),
                _ => summary.into_owned(),
            };
            format!("decisions: {summary}")
        }
    };
    let _ = writeln!(out, "    {said}");
}

/// Writes the fields of an object, each behind the commit that gave it its meaning.
#[must_use]
pub fn blame(report: &BlameReport, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let known = |id: &str| report.commits.iter().find(|commit| commit.commit == id);
    let names: Vec<String> = report
        .fields
        .iter()
        .map(|field| field.commit.as_deref().and_then(known).map_or_else(String::new, who))
        .collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let mut out = String::new();
    for (field, name) in report.fields.iter().zip(&names) {
        let commit = field.commit.as_deref().and_then(|commit| commit.get(..12)).unwrap_or("????????????");
        let date = field
            .commit
            .as_deref()
            .and_then(known)
            .map_or_else(|| "          ".to_owned(), |commit| date(&commit.author));
        let key = field.path.rsplit('.').next().unwrap_or_default();
        let value = inline(key, &field.value);
        let said = match (field.place, field.entry) {
            (true, _) => format!("{} is number {value}", plain::line(&field.path)),
            (_, true) => format!("{} has {value}", plain::line(&field.path)),
            _ => format!("{} = {value}", plain::line(&field.path)),
        };
        let _ = writeln!(out, "{} {} {name:width$}  {said}", paint.open(commit), paint.faint(&date));
    }
    if !report.commits.is_empty() {
        out.push('\n');
    }
    for commit in &report.commits {
        let number = commit.pull_request.map(|number| format!("  #{number}")).unwrap_or_default();
        let subject = plain::short(&commit.subject);
        let _ = writeln!(
            out,
            "{} {} {}{number}  {subject}",
            paint.open(commit.short()),
            date(&commit.author),
            who(commit)
        );
    }
    out
}

fn who(commit: &CommitView) -> String {
    let name: String = plain::line(&commit.author.name).chars().take(24).collect();
    if name.is_empty() { "nobody".to_owned() } else { name }
}

fn date(signed: &SignedView) -> String {
    signed.date.as_deref().and_then(|date| date.get(..10)).unwrap_or("no date   ").to_owned()
}

/// The day of a committer, when it is another one than that of the author.
fn on(committer: &SignedView, author: &SignedView) -> String {
    let (one, other) = (date(committer), date(author));
    if one == other { String::new() } else { format!("{one} ") }
}

fn person(signed: &SignedView) -> String {
    let (name, email) = (plain::short(&signed.name), plain::short(&signed.email));
    match (name.is_empty(), email.is_empty()) {
        (true, true) => "nobody".to_owned(),
        (false, true) => name.into_owned(),
        (true, false) => format!("<{email}>"),
        (false, false) => format!("{name} <{email}>"),
    }
}
