//! The lines that differ, for those who want to see them, with the words that differ in them.

use std::{borrow::Cow, collections::BTreeMap, fmt::Write as _};

use similar::{ChangeTag, TextDiff};

use crate::{
    diag::Sources,
    report::{conceal::Lines, plain, summary::plural, unified},
};

/// The most lines that are written before the rest is counted.
const MOST: usize = 5_000;
/// The longest text of which the words are compared.
const LONG: usize = 200_000;

/// The files of two versions whose texts differ, as a unified difference. A file that was only moved is named.
#[must_use]
pub fn render(before: &Sources, after: &Sources, colour: bool) -> String {
    let texts = |sources: &Sources| -> BTreeMap<String, String> {
        sources.iter().map(|(_, file)| (file.path.to_string(), file.text.to_string())).collect()
    };
    let (before, after) = (texts(before), texts(after));
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort();
    paths.dedup();
    let gone: BTreeMap<&str, &String> = before
        .iter()
        .filter(|(path, _)| !after.contains_key(*path))
        .map(|(path, text)| (text.as_str(), path))
        .collect();
    let mut out = String::new();
    let (mut lines, mut left) = (0, 0);
    for path in &paths {
        let (old, new) = (before.get(*path), after.get(*path));
        if old == new {
            continue;
        }
        if let (None, Some(from)) = (old, new.and_then(|text| gone.get(text.as_str()))) {
            let _ = writeln!(out, "{} moved to {}", plain::line(from), plain::line(path));
            continue;
        }
        if new.is_none() && is_moved(path, &before, &after) {
            continue;
        }
        if lines >= MOST {
            left += 1;
            continue;
        }
        let text = file(path, old.map(String::as_str), new.map(String::as_str), colour);
        lines += text.lines().count();
        out.push_str(&text);
    }
    if left > 0 {
        let _ = writeln!(out, "… and {} changed", plural(left, "more file"));
    }
    out
}

/// Whether the text of a file that is gone is in a file that is new.
fn is_moved(path: &str, before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> bool {
    let text = before.get(path);
    after.iter().any(|(other, new)| Some(new) == text && !before.contains_key(other))
}

/// The difference of one file.
fn file(path: &str, before: Option<&str>, after: Option<&str>, colour: bool) -> String {
    let (old, new) = (before.unwrap_or_default(), after.unwrap_or_default());
    if !colour || old.len() + new.len() > LONG {
        return match (before, after) {
            (None, Some(after)) => unified::created(path, after, colour),
            _ => unified::unified(path, old, new, colour),
        };
    }
    let (old_lines, new_lines) = (Lines::of(path, old), Lines::of(path, new));
    let diff = TextDiff::from_lines(old, new);
    let path = plain::line(path);
    let mut out = format!("--- a/{path}\n+++ b/{path}\n");
    let mut hides = false;
    for group in diff.grouped_ops(3) {
        let header = group.first().zip(group.last()).map(|(first, last)| {
            let (old, new) = (first.old_range().start, first.new_range().start);
            let lengths = (last.old_range().end - old, last.new_range().end - new);
            format!("@@ -{},{} +{},{} @@", old + 1, lengths.0, new + 1, lengths.1)
        });
        let _ = writeln!(out, "\u{1b}[36m{}\u{1b}[0m", header.unwrap_or_default());
        for op in &group {
            for change in diff.iter_inline_changes(op) {
                let shown = match change.tag() {
                    ChangeTag::Delete => old_lines.get(change.old_index()),
                    ChangeTag::Insert | ChangeTag::Equal => new_lines.get(change.new_index()),
                };
                hides |= shown.is_some();
                match shown {
                    Some(shown) => {
                        push_line(&mut out, change.tag(), std::iter::once((false, Cow::Borrowed(shown))));
                    }
                    None => push_line(&mut out, change.tag(), change.iter_strings_lossy()),
                }
            }
        }
    }
    if hides {
        out.insert_str(0, unified::HIDES);
    }
    out
}

/// Writes a line with the words that differ underlined.
fn push_line<'t>(out: &mut String, tag: ChangeTag, parts: impl Iterator<Item = (bool, Cow<'t, str>)>) {
    let (sign, on) = match tag {
        ChangeTag::Delete => ('-', "\u{1b}[31m"),
        ChangeTag::Insert => ('+', "\u{1b}[32m"),
        ChangeTag::Equal => (' ', ""),
    };
    out.push_str(on);
    out.push(sign);
    for (differs, text) in parts {
        let text = text.trim_end_matches(['\n', '\r']);
        let underline = differs && !text.is_empty();
        out.push_str(if underline { "\u{1b}[4m" } else { "" });
        for character in text.chars() {
            if character == '\t' {
                out.push(character);
            } else {
                plain::push(out, character);
            }
        }
        out.push_str(if underline { "\u{1b}[24m" } else { "" });
    }
    out.push_str(if on.is_empty() { "\n" } else { "\u{1b}[0m\n" });
}
