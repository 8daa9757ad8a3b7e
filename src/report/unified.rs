//! What a fix changes, as a unified diff.

use similar::TextDiff;

use super::plain;

/// The difference between two versions of a file, as `git apply` reads it.
///
/// Tabs and line breaks stay as they are, so that the text can be applied; other characters that must not be
/// shown are escaped.
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
    let diff = TextDiff::from_lines(before, after);
    let text = diff.unified_diff().context_radius(3).header(old, new).to_string();
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        let (content, end) = match content.strip_suffix('\r') {
            Some(content) => (content, "\r\n"),
            None => (content, "\n"),
        };
        let colours = match content.chars().next() {
            _ if !colour => None,
            Some('+') => Some(("\u{1b}[32m", "\u{1b}[0m")),
            Some('-') => Some(("\u{1b}[31m", "\u{1b}[0m")),
            Some('@') => Some(("\u{1b}[36m", "\u{1b}[0m")),
            _ => None,
        };
        let (on, off) = colours.unwrap_or_default();
        out.push_str(on);
        for character in content.chars() {
            if character == '\t' {
                out.push(character);
            } else {
                plain::push(&mut out, character);
            }
        }
        out.push_str(off);
        out.push_str(end);
    }
    out
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
    }
}
