//! Values on their way from a text to TOML.

use std::fmt::Write as _;

use jiff::{Timestamp, civil::Date};
use toml::de::DeValue;

use super::fields::FieldSort;
use crate::load::text::is_invisible;

/// A value that is ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A string.
    Text(String),
    /// A number, `true`, `false`, a date or an instant, as TOML writes it.
    Bare(String),
    /// A list of strings.
    List(Vec<String>),
}

impl Value {
    /// Reads a text as a value of a field. Lists are made elsewhere.
    pub(super) fn read(text: &str, sort: FieldSort, format: Option<&str>) -> Result<Self, String> {
        match sort {
            FieldSort::Text => Ok(Self::Text(text.to_owned())),
            FieldSort::List => Ok(Self::List(vec![text.to_owned()])),
            FieldSort::Integer => match text.parse::<i64>() {
                Ok(number) => Ok(Self::Bare(number.to_string())),
                Err(_) => Err("not a whole number".to_owned()),
            },
            FieldSort::Boolean => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "y" | "1" => Ok(Self::Bare("true".to_owned())),
                "false" | "no" | "n" | "0" => Ok(Self::Bare("false".to_owned())),
                _ => Err("neither true nor false".to_owned()),
            },
            FieldSort::Date => read_date(text, format),
            FieldSort::Instant => match text.parse::<Timestamp>() {
                Ok(instant) => Ok(Self::Bare(instant.to_string())),
                Err(_) => Err("not an instant such as 2026-05-01T09:00:00Z".to_owned()),
            },
        }
    }

    /// Whether a document says the same, however it writes it.
    pub(super) fn is(&self, there: &DeValue<'_>) -> bool {
        match (self, there) {
            (Self::Text(text), DeValue::String(there)) => text == there,
            (Self::Bare(text), DeValue::Integer(there)) => i64::from_str_radix(there.as_str(), there.radix())
                .is_ok_and(|there| there.to_string() == *text),
            (Self::Bare(text), DeValue::Boolean(there)) => there.to_string() == *text,
            (Self::Bare(text), DeValue::Datetime(there)) => there.to_string() == *text,
            (Self::List(items), DeValue::Array(there)) => {
                items.len() == there.len()
                    && items.iter().zip(there.iter()).all(
                        |(item, there)| matches!(there.get_ref(), DeValue::String(there) if item == there),
                    )
            }
            _ => false,
        }
    }

    /// The value as TOML, on one line.
    pub(super) fn render(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Bare(text) => text.clone(),
            Self::List(items) => {
                format!("[{}]", items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn read_date(text: &str, format: Option<&str>) -> Result<Value, String> {
    let date = match format {
        Some(format) => {
            Date::strptime(format, text).map_err(|_| format!("not a date in the format `{format}`"))?
        }
        None if text.len() == 10 => {
            text.parse::<Date>().map_err(|_| "not a date such as 2026-05-01".to_owned())?
        }
        None => {
            return Err("not a date such as 2026-05-01; `format` can say how dates are written".to_owned());
        }
    };
    Ok(Value::Bare(date.to_string()))
}

/// Whether dates can be read in this format at all.
pub(super) fn check_format(format: &str) -> Result<(), String> {
    // A day, month and year that no other part of a date can be mistaken for.
    let sample = jiff::civil::date(2031, 12, 28);
    let written =
        jiff::fmt::strtime::format(format, sample.at(0, 0, 0, 0)).map_err(|error| error.to_string())?;
    match Date::strptime(format, &written) {
        Ok(date) if date == sample => Ok(()),
        Ok(_) => Err("it leaves out a part of the date".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A text as a basic string of TOML. What nobody can see is written as its escape.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ if character.is_control() || is_invisible(character) => {
                // Writing to a string cannot fail.
                let _ = match u32::from(character) {
                    code @ ..=0xffff => write!(quoted, "\\u{code:04X}"),
                    code => write!(quoted, "\\U{code:08X}"),
                };
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// A key of TOML, in quotes where it needs them.
pub(super) fn key(text: &str) -> String {
    let bare = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare { text.to_owned() } else { quoted(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_back_as_they_were() {
        for text in [
            "plain",
            "a \"b\" \\ c",
            "=cmd|' /C calc'!A0",
            "x\u{0}\u{7f}\u{85}y",
            "zero\u{200b}width",
            "\u{e0041}",
            "a\nb\tc\r",
            "é漢",
        ] {
            let document = format!("a = {}", quoted(text));
            let table: toml::Table = document.parse().unwrap();
            assert_eq!(table["a"].as_str(), Some(text));
            assert!(!document.chars().any(|character| is_invisible(character) || character.is_control()));
        }
    }

    #[test]
    fn keys_are_quoted_where_toml_needs_it() {
        assert_eq!(key("gc-1_a"), "gc-1_a");
        assert_eq!(key("ana.silva"), "\"ana.silva\"");
        assert_eq!(key(""), "\"\"");
    }

    #[test]
    fn dates_are_read_in_the_stated_format_only() {
        let read = |text, format| Value::read(text, FieldSort::Date, format);
        let date = |text: &str| Ok(Value::Bare(text.to_owned()));
        assert_eq!(read("29/2/2016", Some("%d/%m/%Y")), date("2016-02-29"));
        assert_eq!(read("29/2/2016 01:16", Some("%d/%m/%Y %H:%M")), date("2016-02-29"));
        assert_eq!(read("2016-02-29", None), date("2016-02-29"));
        assert!(read("02/29/2016", Some("%d/%m/%Y")).is_err());
        assert!(read("29/2/2016", None).is_err());
        assert!(read("30/2/2016", Some("%d/%m/%Y")).is_err());
        assert!(read("2016-02-29T00:00:00Z", None).is_err());
    }

    #[test]
    fn formats_that_lose_a_part_of_the_date_are_refused() {
        for format in ["%d/%m/%Y", "%m/%d/%y", "%d %b %Y", "%Y-%m-%d %H:%M"] {
            assert_eq!(check_format(format), Ok(()), "{format}");
        }
        for format in ["%d/%m", "%Q", "dd/mm/yyyy", ""] {
            assert!(check_format(format).is_err(), "{format}");
        }
    }

    #[test]
    fn numbers_and_truth_values_are_bare() {
        assert_eq!(Value::read("040", FieldSort::Integer, None), Ok(Value::Bare("40".to_owned())));
        assert!(Value::read("4.5", FieldSort::Integer, None).is_err());
        assert_eq!(Value::read("Y", FieldSort::Boolean, None), Ok(Value::Bare("true".to_owned())));
        assert!(Value::read("maybe", FieldSort::Boolean, None).is_err());
    }
}
