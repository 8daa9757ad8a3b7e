//! Values as TypeScript writes them.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::Value;

use crate::{plan::Key, source::digest};

/// A text as a literal.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("'");
    for letter in text.chars() {
        match letter {
            '\'' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            // Ends of lines for TypeScript, and what a terminal would act on.
            letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('\'');
    out
}

/// A text as a part of a name.
pub(super) fn identifier(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

/// A length of time that is a date from the beginning of 1970.
pub(super) fn length(date: &str) -> String {
    let at: Option<Timestamp> = format!("{}Z", date.replace(' ', "T")).parse().ok();
    let seconds = at.map_or(0, Timestamp::as_second).max(0);
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let parts = [("days", days), ("hours", rest / 3600), ("minutes", rest / 60 % 60), ("seconds", rest % 60)];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(unit, number)| *number > 0 || *unit == "hours")
        .map(|(unit, number)| format!("{unit}: {number}"))
        .collect();
    format!("{{ {} }}", parts.join(", "))
}

/// The key of a row that belongs to an object: its value, or what tells its columns from others.
pub(super) fn part_key(key: &Key, item: &Value) -> String {
    if let Some(text) = item.as_str() {
        return format!("{key}#{text}");
    }
    let mut told = digest(item.to_string().as_bytes());
    told.truncate(12);
    format!("{key}#{told}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_in_their_quotes() {
        assert_eq!(quoted("it's `${x}`\n\\ ü"), r"'it\'s `${x}`\n\\ ü'");
        assert_eq!(quoted("\u{2028}\u{1b}"), r"'\u2028\u001b'");
        assert_eq!(identifier("sla/gold.p1-x"), "sla_gold_p1_x");
    }

    #[test]
    fn lengths_have_their_units() {
        assert_eq!(length("1970-01-01 04:00:00"), "{ hours: 4 }");
        assert_eq!(length("1970-01-02 06:30:15"), "{ days: 1, hours: 6, minutes: 30, seconds: 15 }");
        assert_eq!(length("1970-01-01 00:00:00"), "{ hours: 0 }");
    }
}
