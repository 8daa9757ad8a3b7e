//! Markdown for a terminal: the small part of it that explain pages use.

use super::terminal::{Paint, WIDTH, plain, push};

/// Renders a page: headings stand out, code is set in, paragraphs and lists are wrapped.
#[must_use]
pub(super) fn render(page: &str, styles: Paint) -> String {
    let mut text = String::new();
    let mut paragraph = Paragraph::default();
    let mut fenced = false;
    for line in page.lines() {
        if let Some(info) = line.strip_prefix("```") {
            paragraph.end(&mut text, styles);
            fenced = !fenced;
            if let Some(title) = title(info).filter(|_| fenced) {
                push(&mut text, format_args!("  {}\n", styles.faint(&title)));
            }
        } else if fenced {
            let code = code_line(line, styles);
            text.push_str(if code.is_empty() { "" } else { "    " });
            text.push_str(&code);
            text.push('\n');
        } else if let Some(heading) = line.strip_prefix('#') {
            paragraph.end(&mut text, styles);
            let heading = plain(heading.trim_start_matches('#').trim());
            let rule = "=".repeat(heading.chars().count());
            let is_title = line.starts_with("# ");
            text.push_str(&styles.heading(&heading));
            text.push('\n');
            if is_title {
                text.push_str(&styles.faint(&rule));
                text.push('\n');
            }
        } else if line.trim().is_empty() {
            paragraph.end(&mut text, styles);
            text.push('\n');
        } else if line.starts_with("- ") || line.starts_with("* ") {
            paragraph.end(&mut text, styles);
            paragraph.start(line.get(2..).unwrap_or_default(), "- ", "  ");
        } else if line.starts_with('|') {
            paragraph.end(&mut text, styles);
            text.push_str(&plain(line));
            text.push('\n');
        } else {
            paragraph.add(line);
        }
    }
    paragraph.end(&mut text, styles);
    text
}

/// What stands above an example: the fence says whether it is bad or good, and in which file it is.
fn title(info: &str) -> Option<String> {
    let mut words = info.split_whitespace().skip(1);
    let quality = words.next()?;
    let file = words.find(|word| word.contains('.'));
    Some(match file {
        Some(file) => format!("{quality}, in {file}:"),
        None => format!("{quality}:"),
    })
}

fn code_line(line: &str, styles: Paint) -> String {
    let line = plain(line);
    if line.trim_start().starts_with('#') { styles.faint(&line) } else { line }
}

/// Words that are wrapped together.
#[derive(Debug, Default)]
struct Paragraph {
    words: Vec<String>,
    first: &'static str,
    others: &'static str,
}

impl Paragraph {
    fn start(&mut self, line: &str, first: &'static str, others: &'static str) {
        self.first = first;
        self.others = others;
        self.add(line);
    }

    fn add(&mut self, line: &str) {
        self.words.extend(line.split_whitespace().map(plain));
    }

    fn end(&mut self, text: &mut String, styles: Paint) {
        let mut indent = self.first;
        let mut line = String::new();
        for word in self.words.drain(..) {
            let width = indent.len() + line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && width > WIDTH.into() {
                text.push_str(indent);
                text.push_str(&inline(&line, styles));
                text.push('\n');
                line.clear();
                indent = self.others;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
        if !line.is_empty() {
            text.push_str(indent);
            text.push_str(&inline(&line, styles));
            text.push('\n');
        }
        self.first = "";
        self.others = "";
    }
}

/// Marks code between backticks; the backticks stay, so that it can be told apart without colour.
fn inline(line: &str, styles: Paint) -> String {
    let plain = line.replace("**", "");
    let mut text = String::new();
    for (index, part) in plain.split('`').enumerate() {
        if index > 0 {
            text.push('`');
        }
        text.push_str(&if index % 2 == 1 { styles.name(part) } else { part.to_owned() });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# GS0001: a-name\n\nSome words with `code` in them that are long enough to reach past the end of a line.\n\n- one\n  more\n- two\n\n## How\n\n```toml bad 2 gitsm.toml\n# note\na = 1\n\nb = 2\n```\n";

    #[test]
    fn pages_are_wrapped_and_code_is_set_in() {
        let text = render(PAGE, Paint::new(false));
        let expected = "GS0001: a-name\n==============\n\nSome words with `code` in them that are long enough to reach past the end of a\nline.\n\n- one more\n- two\n\nHow\n\n  bad, in gitsm.toml:\n    # note\n    a = 1\n\n    b = 2\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let coloured = render(PAGE, Paint::new(true));
        assert!(coloured.contains('\u{1b}'));
        let stripped = anstream::adapter::strip_str(&coloured).to_string();
        assert_eq!(stripped, render(PAGE, Paint::new(false)));
    }

    #[test]
    fn nothing_raw_reaches_the_terminal() {
        let text = render("# a\u{1b}[31m\n\nb\u{202e}c\n\n```\n\u{7}\n```\n", Paint::new(false));
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{text:?}");
    }
}
