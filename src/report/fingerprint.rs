//! A name for a finding that stays the same while lines move.

use std::{collections::HashMap, path::Path};

use super::{Report, conceal};
use crate::diag::Diagnostic;

/// How far before a finding its table is looked for, in bytes.
const REACH: usize = 64 * 1024;

/// The fingerprints of findings, in their order: 16 hexadecimal digits, a colon and the number of the
/// finding among those that are the same otherwise.
///
/// They are made from the code, the path, the heading of the table that the finding stands in, and the
/// text at its place; not from numbers of lines, nor from the message, whose words may get better. Nothing is made
/// from a secret: somebody who has the fingerprint could try passwords against it.
#[must_use]
pub fn fingerprints(report: &Report<'_>) -> Vec<String> {
    let mut seen: HashMap<u64, u32> = HashMap::new();
    report
        .shown
        .iter()
        .map(|diagnostic| {
            let hash = hash(diagnostic, report);
            let number = seen.entry(hash).or_default();
            *number += 1;
            format!("{hash:016x}:{number}")
        })
        .collect()
}

fn hash(diagnostic: &Diagnostic, report: &Report<'_>) -> u64 {
    let (mut path, mut heading, mut text) = ("", "", "");
    let file = diagnostic.primary.file;
    if let Some(source) = report.sources.get(file) {
        path = &source.path;
        if !conceal::touches(report.concealed(file), diagnostic.primary.span) {
            text = source.slice(diagnostic.primary.span);
        }
        if Path::new(path).extension().is_some_and(|extension| extension == "toml") {
            heading = self::heading(&source.text, diagnostic.primary.span.start as usize);
        }
    }
    fnv1a([diagnostic.code.id, path, heading, text])
}

/// The line of the nearest table heading before an offset, or nothing.
fn heading(text: &str, offset: usize) -> &str {
    let offset = text.floor_char_boundary(offset);
    let from = text.floor_char_boundary(offset.saturating_sub(REACH));
    let before = text.get(from..offset).unwrap_or_default();
    let start = match before.rfind("\n[") {
        Some(index) => from + index + 1,
        None if from == 0 && text.starts_with('[') => 0,
        None => return "",
    };
    text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim_end()
}

/// FNV-1a over parts with a mark between them: fixed for ever, unlike the hash of the standard library.
fn fnv1a(parts: [&str; 4]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heading_is_that_of_the_table_around_the_place() {
        let text = "a = 1\n[b.c]\nd = [\n  2,\n]\n[[e]] # é\nf = 3\n";
        assert_eq!(heading(text, 0), "");
        assert_eq!(heading(text, 9), "[b.c]");
        assert_eq!(heading(text, 17), "[b.c]");
        assert_eq!(heading(text, text.len()), "[[e]] # é");
        assert_eq!(heading("[b]\r\na = 1\n", 6), "[b]");
        assert_eq!(heading("", 9_999), "");
    }

    #[test]
    fn the_hash_never_changes() {
        assert_ne!(fnv1a(["a", "", "", ""]), fnv1a(["", "a", "", ""]));
        assert_eq!(format!("{:016x}", fnv1a(["GS1102", "a.toml", "[a]", "b"])), "fd0731a7b7c43ee3");
    }
}
