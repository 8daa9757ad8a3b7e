//! What somebody most likely meant who wrote a value in another way than it is written here.
//!
//! What is offered is read again by the type that it is for, so nothing is suggested that would be wrong again.

use serde_json::Value;
use unicode_security::skeleton;

use super::suggest::nearest;
use crate::{
    model::{Id, Kind, LocalDate, Money, Percent, Principal, Role, id::ID_PATTERN},
    time::{Duration, Weekdays, Window},
};

/// An example of [`Principal`].
const PRINCIPAL: &str = "person:ana.silva";

/// An example of [`LocalDate`].
const DATE: &str = "2026-05-01";

/// A way of writing a text. A schema that has `example` among its examples is written so.
struct Form {
    example: &'static str,
    /// The text as it is written in this form.
    meant: fn(&str) -> Option<String>,
    /// Whether it stands in quotes.
    quoted: bool,
}

static FORMS: &[Form] = &[
    Form { example: "1h30m", meant: duration, quoted: true },
    Form { example: "40%", meant: percent, quoted: true },
    Form { example: "49.90 USD", meant: money, quoted: true },
    Form { example: DATE, meant: date, quoted: false },
    Form { example: "09:00-17:00", meant: window, quoted: true },
    Form { example: PRINCIPAL, meant: principal, quoted: true },
];

/// What to write, as TOML, instead of a text that a schema refuses.
pub(super) fn instead_of_text(schema: &Value, written: &str) -> Option<String> {
    let meant = match form(schema) {
        Some(form) => {
            let meant = (form.meant)(written).filter(|meant| meant != written)?;
            return Some(form.write(&meant));
        }
        None if is_id(schema) => id(written)?,
        None => return None,
    };
    Some(quoted(&meant))
}

/// What to write, as TOML, instead of a value of another type than the `expected` one.
pub(super) fn instead_of_type(schema: &Value, expected: &str, written: &Value) -> Option<String> {
    match (expected, written) {
        ("boolean", Value::String(text)) => truth(text).map(|truth| truth.to_string()),
        ("integer", Value::String(text)) => text.trim().parse::<i64>().ok().map(|number| number.to_string()),
        ("array", Value::String(text)) => Some(format!("[{}]", quoted(text))),
        ("string", Value::Array(items)) => match items.as_slice() {
            [Value::String(only)] => Some(quoted(only)),
            _ => None,
        },
        ("string", Value::Number(number)) => {
            let form = form(schema).filter(|form| matches!(form.example, "40%" | DATE))?;
            (form.meant)(&number.to_string()).map(|text| form.write(&text))
        }
        _ => None,
    }
}

/// A condition on one attribute in place of a word with a sign before it: the operator, and the value.
pub(super) fn comparison(written: &str) -> Option<(&'static str, &str)> {
    let signs = [("<=", "max"), (">=", "min"), ("<", "below"), (">", "above"), ("≤", "max"), ("≥", "min")];
    signs.iter().find_map(|(sign, operator)| Some((*operator, written.strip_prefix(sign)?.trim())))
}

/// Whether a word says yes or no.
pub(super) fn truth(word: &str) -> Option<bool> {
    match word.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "on" => Some(true),
        "false" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

/// A text as TOML.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// Whether a schema is that of an id.
pub(super) fn is_id(schema: &Value) -> bool {
    schema.get("pattern").is_some_and(|pattern| *pattern == ID_PATTERN)
}

/// Whether a schema is that of somebody who can act.
pub(super) fn is_principal(schema: &Value) -> bool {
    form(schema).is_some_and(|form| form.example == PRINCIPAL)
}

/// Whether a schema is that of an entitlement of a service.
pub(super) fn is_entitlement(schema: &Value) -> bool {
    let examples = schema.get("examples").and_then(Value::as_array);
    examples.is_some_and(|examples| examples.iter().any(|example| example == "salesforce/sales-standard"))
}

/// The operator of a condition that has another name elsewhere.
pub(super) fn operator(written: &str) -> Option<&'static str> {
    Some(match written.to_ascii_lowercase().replace('_', "-").as_str() {
        "lte" | "le" | "at-most" | "maximum" | "up-to" | "<=" => "max",
        "gte" | "ge" | "at-least" | "minimum" | ">=" => "min",
        "gt" | "more-than" | "greater-than" | "greater" | "over" | ">" => "above",
        "lt" | "less-than" | "less" | "under" | "<" => "below",
        "eq" | "equals" | "equal" | "==" | "=" => "is",
        "ne" | "neq" | "not" | "is-not" | "not-equals" | "none-of" | "!=" => "not-in",
        "one-of" | "any-of" | "any" => "in",
        "like" | "matches" | "match" | "pattern" | "regex" | "wildcard" => "glob",
        "includes" | "include" | "has" | "all-of" => "contains",
        "present" | "defined" | "set" => "exists",
        _ => return None,
    })
}

/// Whether a schema is that of a date.
pub(super) fn is_date(schema: &Value) -> bool {
    form(schema).is_some_and(|form| form.example == DATE)
}

/// The key that was meant in a table whose keys follow a pattern: `mon` in place of `Monday`, `p1` of `P1`.
pub(super) fn key(schema: &Value, written: &str) -> Option<String> {
    let patterns = schema.get("patternProperties")?.as_object()?;
    let lower = written.trim().to_lowercase();
    let meant = if patterns.keys().any(|pattern| pattern.starts_with("^(mon|")) {
        let days = lower.replace([' ', '_'], "-").replace("-to-", "-").replace('–', "-");
        days.split('-')
            .filter_map(|day| day.get(..3))
            .collect::<Vec<_>>()
            .join("-")
            .parse::<Weekdays>()
            .ok()?
            .to_string()
    } else if patterns.contains_key(ID_PATTERN) {
        Id::new(&lower.replace(char::is_whitespace, "-"))?.to_string()
    } else {
        return None;
    };
    (meant != written).then_some(meant)
}

fn form(schema: &Value) -> Option<&'static Form> {
    let examples = schema.get("examples")?.as_array()?;
    FORMS.iter().find(|form| examples.iter().any(|example| example == form.example))
}

impl Form {
    fn write(&self, text: &str) -> String {
        if self.quoted { quoted(text) } else { text.to_owned() }
    }
}

/// A text with each foreign letter as the plain one that it looks like. Plain letters stay: an `m` also looks like `rn`.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            plain.push(character);
        } else {
            plain.extend(skeleton(character.encode_utf8(&mut [0; 4])));
        }
    }
    plain
}

/// Why a text is not understood: it holds a letter that only looks like a plain one, where nothing else of it is foreign.
pub(super) fn why_not(text: &str) -> String {
    let first = text.chars().find(|character| !character.is_ascii());
    match first.filter(|first| first.is_alphanumeric() && plain(text).is_ascii()) {
        Some(stranger) => format!("U+{:04X} is another letter than it seems", stranger as u32),
        None => "not understood".to_owned(),
    }
}

/// `team:desk` in place of `desk`, and `my-team` in place of `My Team`.
fn id(written: &str) -> Option<String> {
    if let Some((kind, id)) = written.split_once([':', '/']) {
        return (Kind::from_name(kind).is_some() && Id::new(id).is_some()).then(|| id.to_owned());
    }
    let plain = plain(written.trim()).to_lowercase().replace(char::is_whitespace, "-");
    Id::new(&plain).filter(|id| id.as_str() != written).map(|id| id.to_string())
}

/// What stands before the id of somebody who can act.
const PREFIXES: [&str; 4] = ["team", "person", "on-call", "role"];

/// The prefix in other words, or with another sign after it.
fn principal(written: &str) -> Option<String> {
    let written = plain(written);
    let (prefix, id) = written.split_once([':', '/'])?;
    let prefix = match prefix.trim().to_lowercase().as_str() {
        "group" => "team".to_owned(),
        "user" | "people" => "person".to_owned(),
        "oncall" | "on_call" => "on-call".to_owned(),
        other => {
            let one = other.strip_suffix('s').unwrap_or(other);
            nearest(one, PREFIXES).unwrap_or(one).to_owned()
        }
    };
    if prefix == "role"
        && let Some(role) = nearest(id.trim(), Role::NAMES)
    {
        return Some(format!("role:{role}"));
    }
    let meant = format!("{prefix}:{}", id.trim().to_lowercase().replace([' ', '_'], "-"));
    Principal::parse(&meant).map(|_| meant)
}

fn percent(written: &str) -> Option<String> {
    let number = written.trim().to_lowercase().replace(',', ".");
    let number = ["percent", "pct", "%"].iter().find_map(|unit| number.strip_suffix(unit)).unwrap_or(&number);
    format!("{}%", number.trim()).parse::<Percent>().ok().map(|percent| percent.to_string())
}

fn money(written: &str) -> Option<String> {
    let signs = [('€', "EUR"), ('$', "USD"), ('£', "GBP")];
    let sign = signs.iter().find(|(sign, _)| written.contains(*sign)).map(|(_, code)| *code);
    let word: String = written.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_uppercase();
    let code = sign.unwrap_or(&word);
    let number: String =
        written.chars().filter(|character| character.is_ascii_digit() || ".,".contains(*character)).collect();
    // A comma before three digits separates thousands; before two it is a point.
    let number = match number.rsplit_once(',') {
        Some((whole, cents)) if cents.len() <= 2 => format!("{}.{cents}", whole.replace(['.', ','], "")),
        _ => number.replace(',', ""),
    };
    format!("{number} {code}").parse::<Money>().ok().map(|money| money.to_string())
}

pub(super) fn date(written: &str) -> Option<String> {
    // What stands after a date is the time of day.
    let day = written.split(['T', 't']).next()?.trim();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => (*year, *month, *day),
        // Which of the two is the day is known only with points, or when one is no month.
        [day, month, year] if year.len() == 4 && written.contains('.') => (*year, *month, *day),
        [one, other, year] if year.len() == 4 => match (one.parse::<u8>(), other.parse::<u8>()) {
            (Ok(13..), Ok(1..=12)) => (*year, *other, *one),
            (Ok(1..=12), Ok(13..)) => (*year, *one, *other),
            _ => return None,
        },
        [all] if all.len() == 8 => (all.get(..4)?, all.get(4..6)?, all.get(6..)?),
        _ => return None,
    };
    let all_digits = digits(year) && digits(month) && digits(day);
    let meant = format!("{year}-{month:0>2}-{day:0>2}");
    (all_digits && meant.parse::<LocalDate>().is_ok()).then_some(meant)
}

fn window(written: &str) -> Option<String> {
    let plain = written.to_lowercase().replace(['–', '—'], "-").replace(" to ", "-").replace(' ', "");
    let (start, end) = plain.split_once('-')?;
    let window = format!("{}-{}", clock(start)?, clock(end)?).parse::<Window>().ok()?;
    Some(window.to_string())
}

/// `09:00` in place of `9`, `9:00`, `9.00`, `9am`.
fn clock(written: &str) -> Option<String> {
    let (time, afternoon) = match (written.strip_suffix("am"), written.strip_suffix("pm")) {
        (Some(time), _) => (time, Some(false)),
        (_, Some(time)) => (time, Some(true)),
        _ => (written, None),
    };
    let (hour, rest) = time.split_once([':', '.']).unwrap_or((time, "00"));
    let hour: u8 = hour.parse().ok()?;
    let hour = match afternoon {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(true) => hour % 12 + 12,
        Some(false) => hour % 12,
        None => hour,
    };
    Some(format!("{hour:02}:{rest}"))
}

/// `4h` in place of `4 hours`, `90m` of `1.5h`, `1h30m` of `PT1H30M`, `1bd` of `1 business day`.
#[must_use]
pub fn duration(written: &str) -> Option<String> {
    let lower = written.trim().to_lowercase().replace(" and ", " ");
    let lower = ["business", "working", "work"].iter().fold(lower, |text, word| {
        text.replace(&format!("{word} "), "b").replace(&format!("{word}-"), "b").replace(word, "b")
    });
    let iso = lower.strip_prefix("pt").or_else(|| lower.strip_prefix('p').filter(|rest| !rest.contains('m')));
    let mut rest = iso.unwrap_or(&lower);
    let (mut seconds, mut business_days, mut same_units) = (0_u64, 0_u64, String::new());
    while !rest.is_empty() {
        let unit_at =
            rest.find(|character: char| !character.is_ascii_digit() && !".,".contains(character))?;
        let (number, after) = rest.split_at_checked(unit_at)?;
        let after = after.trim_start();
        let next = after.find(|character: char| !character.is_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(next)?;
        rest = after.trim_start_matches([' ', ',', 't']);
        let (whole, tenths) = number.split_once(['.', ',']).unwrap_or((number, "0"));
        let tenths: u64 = (tenths.len() == 1).then(|| tenths.parse().ok())??;
        let amount = whole.parse::<u64>().ok()?.checked_mul(10)?.checked_add(tenths)?;
        if matches!(unit, "bd" | "bday" | "bdays") {
            business_days = business_days.checked_add(amount)?;
        } else {
            seconds = seconds.checked_add(amount.checked_mul(length(unit)?)?)?;
        }
        same_units.push_str(number);
        same_units.extend(unit.chars().next());
    }
    let exact = |tenths: u64| tenths.is_multiple_of(10).then_some(tenths / 10);
    let meant = match (exact(seconds)?, exact(business_days)?) {
        (0, 0) => return None,
        // `7d` stays `7d`, though `1w` is shorter.
        (wanted, 0) if is_length(&same_units, wanted) => same_units,
        (seconds, 0) => Duration::Elapsed { seconds: i64::try_from(seconds).ok()? }.to_string(),
        (0, days) => format!("{days}bd"),
        _ => return None,
    };
    meant.parse::<Duration>().ok().map(|_| meant)
}

/// Whether a text is a duration of so many seconds.
fn is_length(text: &str, wanted: u64) -> bool {
    let same = |seconds: i64| u64::try_from(seconds) == Ok(wanted);
    matches!(text.parse(), Ok(Duration::Elapsed { seconds }) if same(seconds))
}

/// The seconds of a unit.
fn length(unit: &str) -> Option<u64> {
    Some(match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        "w" | "wk" | "wks" | "week" | "weeks" => 7 * 86_400,
        // A month has no length; thirty days are what people mean by it when they ask for access.
        "mo" | "month" | "months" => 30 * 86_400,
        "y" | "yr" | "year" | "years" => 365 * 86_400,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::schema;

    #[test]
    fn each_form_is_one_of_a_schema() {
        let schemas = Kind::ALL.map(|kind| schema::object(kind).to_string()).join("\n");
        for form in FORMS {
            assert!(schemas.contains(&format!("\"{}\"", form.example)), "{}", form.example);
        }
    }

    #[test]
    fn what_was_meant_is_written_in_its_form() {
        let check = |meant: fn(&str) -> Option<String>, cases: &[(&str, Option<&str>)]| {
            for (written, expected) in cases {
                assert_eq!(meant(written).as_deref(), *expected, "{written}");
            }
        };
        check(
            duration,
            &[
                ("4 hours", Some("4h")),
                ("30 min", Some("30m")),
                ("90 minutes", Some("90m")),
                ("1.5h", Some("90m")),
                ("1H", Some("1h")),
                ("2BD", Some("2bd")),
                ("1 business day", Some("1bd")),
                ("3 working days", Some("3bd")),
                ("2 workdays", Some("2bd")),
                ("1 day, 2 hours", Some("1d2h")),
                ("1 hour and 30 minutes", Some("1h30m")),
                ("PT4H30M", Some("4h30m")),
                ("P14D", Some("14d")),
                ("7 days", Some("7d")),
                ("6 months", Some("180d")),
                ("P1M", None),
                ("1 day 1 business day", None),
                ("1.5bd", None),
                ("quarterly", None),
                ("4", None),
                ("-4h", None),
                ("", None),
                ("99999999999999999999h", None),
            ],
        );
        check(
            percent,
            &[("75", Some("75%")), ("99,5%", Some("99.5%")), ("99.5 %", Some("99.5%")), ("120", None)],
        );
        check(
            money,
            &[
                ("€1000", Some("1000 EUR")),
                ("1,000 EUR", Some("1000 EUR")),
                ("EUR 49,90", Some("49.90 EUR")),
                ("1.000,50 €", Some("1000.50 EUR")),
                ("1000", None),
                ("many", None),
            ],
        );
        check(
            date,
            &[
                ("2030/2/1", Some("2030-02-01")),
                ("01.02.2030", Some("2030-02-01")),
                ("31/12/2030", Some("2030-12-31")),
                ("12/31/2030", Some("2030-12-31")),
                ("20300201", Some("2030-02-01")),
                ("2030-01-01T00:00:00Z", Some("2030-01-01")),
                ("01/02/2030", None),
                ("2030-02-30", None),
                ("June 2030", None),
            ],
        );
        check(
            window,
            &[
                ("9-17", Some("09:00-17:00")),
                ("9:00 – 17:30", Some("09:00-17:30")),
                ("9am to 5pm", Some("09:00-17:00")),
                ("12am-12pm", Some("00:00-12:00")),
                ("9-25", None),
                ("office hours", None),
            ],
        );
        check(
            principal,
            &[
                ("Team:desk", Some("team:desk")),
                ("group:Service Desk", Some("team:service-desk")),
                ("teams/desk", Some("team:desk")),
                ("role:boss", None),
                ("desk", None),
            ],
        );
        check(
            id,
            &[
                ("team:desk", Some("desk")),
                ("Service desk", Some("service-desk")),
                ("x:desk", None),
                ("desk", None),
            ],
        );
    }

    #[test]
    fn another_type_is_written_as_the_right_one_when_nothing_is_lost() {
        let check = |expected, written: Value| instead_of_type(&Value::Null, expected, &written);
        assert_eq!(check("boolean", "Yes".into()).as_deref(), Some("true"));
        assert_eq!(check("boolean", "maybe".into()), None);
        assert_eq!(check("integer", "80".into()).as_deref(), Some("80"));
        assert_eq!(check("integer", "many".into()), None);
        assert_eq!(check("array", "a\"b".into()).as_deref(), Some("['a\"b']"));
        assert_eq!(check("string", vec!["a"].into()).as_deref(), Some("\"a\""));
        assert_eq!(check("string", vec!["a", "b"].into()), None);
    }
}
