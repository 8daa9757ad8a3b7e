//! What a fix changes, as a unified diff.

use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::{conceal::Lines, plain};

/// Stands before a difference in which something is not shown.
pub(super) const HIDES: &str = "secrets are shown as ***, so this difference cannot be applied\n";

/// The difference between two versions of a file, as `git apply` reads it.
///
/// Tabs and line breaks stay as they are, so that the text can be applied; other characters that must not be
/// shown are escaped. Secrets are not shown, and the first line says so.
#[must_use]
pub fn unified(path: &str, before: &str, after: &str, colour: bool) -> String {
    let path = plain::line(path);
    difference(&format!("a/{path}"), &format!("b/{path}"), before, after, colour)
}

/// The same for a file that is not there yet.
#[must_use]
pub fn created(path: &str, after: &str, colour: bool) -> String {
    difference("/dev/null", &format!("b/{}", plain::line(path)), "", after, colour)
}

fn difference(old: &str, new: &str, before: &str, after: &str, colour: bool) -> String {
    let (old_lines, new_lines) = (Lines::of(old, before), Lines::of(new, after));
    let diff = TextDiff::from_lines(before, after);
    let mut out = String::new();
    let mut hides = false;
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        if out.is_empty() {
            push(&mut out, '-', &format!("--- {old}"), "\n", colour);
            push(&mut out, '+', &format!("+++ {new}"), "\n", colour);
        }
        push(&mut out, '@', &hunk.header().to_string(), "\n", colour);
        for change in hunk.iter_changes() {
            let (mark, shown) = match change.tag() {
                ChangeTag::Delete => ('-', old_lines.get(change.old_index())),
                ChangeTag::Insert => ('+', new_lines.get(change.new_index())),
                ChangeTag::Equal => (' ', new_lines.get(change.new_index())),
            };
            hides |= shown.is_some();
            let written = change.value().trim_end_matches('\n');
            let end = if written.ends_with('\r') { "\r\n" } else { "\n" };
            let line = shown.unwrap_or(written).trim_end_matches('\r');
            push(&mut out, mark, &format!("{mark}{line}"), end, colour);
            if change.missing_newline() {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    if hides {
        out.insert_str(0, HIDES);
    }
    out
}

/// Writes a line in the colour of its mark.
fn push(out: &mut String, mark: char, line: &str, end: &str, colour: bool) {
    let (on, off) = match mark {
        _ if !colour => ("", ""),
        '+' => ("\u{1b}[32m", "\u{1b}[0m"),
        '-' => ("\u{1b}[31m", "\u{1b}[0m"),
        '@' => ("\u{1b}[36m", "\u{1b}[0m"),
        _ => ("", ""),
    };
    out.push_str(on);
    for character in line.chars() {
        if character == '\t' {
            out.push(character);
        } else {
            plain::push(out, character);
        }
    }
    let _ = write!(out, "{off}{end}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_with_its_neighbours() {
        let before = "a = 1\r\n\tb = \"2\"\nc\u{1b} = 3\n";
        let after = before.replace("\"2\"", "2");
        let expected =
            "--- a/x.toml\n+++ b/x.toml\n@@ -1,3 +1,3 @@\n a = 1\r\n-\tb = \"2\"\n+\tb = 2\n c\\u{1b} = 3\n";
        assert_eq!(unified("x.toml", before, &after, false), expected);
        assert!(unified("x.toml", before, &after, true).contains("\u{1b}[32m+\tb = 2\u{1b}[0m\n"));
        assert_eq!(unified("x.toml", before, before, false), "");
        assert_eq!(
            created("x.toml", "a\u{1b}\n", false),
            "--- /dev/null\n+++ b/x.toml\n@@ -0,0 +1 @@\n+a\\u{1b}\n"
        );
        let unended = "--- a/x.toml\n+++ b/x.toml\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n";
        assert_eq!(unified("x.toml", "a", "b", false), unended);
    }

    #[test]
    fn a_secret_is_in_no_line_and_that_is_said() {
        let before = "[a]\npassword = \"hunter\" # of ours\nb = 1\nkey = \"\"\"\n-----BEGIN PRIVATE KEY-----\nMIIEvQ\n\"\"\"\n";
        let shown = "--- a/x.toml\n+++ b/x.toml\n@@ -1,6 +1,6 @@\n [a]\n password = \"***\" # of ours\n-b = 1\n+b = 2\n \
                     key = \"\"\"\n ***\n ***\n";
        let expected = format!("{HIDES}{shown}");
        assert_eq!(unified("x.toml", before, &before.replace("b = 1", "b = 2"), false), expected);
        // That it changed is shown, and not to what.
        let changed = unified("x.toml", before, &before.replace("hunter", "killer"), false);
        assert!(
            changed.contains("-password = \"***\" # of ours\n+password = \"***\" # of ours\n"),
            "{changed}"
        );
        let people = unified("people.csv", "id,note\nana,\n", "id,note\nana,token=abcd1234\n", false);
        assert_eq!(
            people,
            format!("{HIDES}--- a/people.csv\n+++ b/people.csv\n@@ -1,2 +1,2 @@\n id,note\n-ana,\n+***\n")
        );
    }
}
