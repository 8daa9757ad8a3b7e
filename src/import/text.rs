//! Texts made fit: ids, folded lines, HTML taken out.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::model::{Id, Percent};

/// The id that a text gives, always the same one: lower case, accents gone, every run of anything that is
/// not a letter, a digit or a dot turned into a dash, cut after 64 characters. `None` when nothing is left.
pub(crate) fn slug(text: &str) -> Option<Id> {
    let mut slug = String::with_capacity(text.len());
    let letters = text.nfkd().filter(|character| !is_combining_mark(*character)).flat_map(char::to_lowercase);
    for character in letters {
        match character {
            'a'..='z' | '0'..='9' | '.' => slug.push(character),
            'ß' => slug.push_str("ss"),
            'æ' => slug.push_str("ae"),
            'œ' => slug.push_str("oe"),
            'ø' => slug.push('o'),
            'đ' | 'ð' => slug.push('d'),
            'ł' => slug.push('l'),
            'þ' => slug.push_str("th"),
            '\'' | '\u{2019}' => {}
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    // Only ASCII was put in, so every place is the start of a character.
    let slug = slug.trim_start_matches(['-', '.']);
    let slug = slug.get(..64).unwrap_or(slug).trim_end_matches(['-', '.']);
    Id::new(slug)
}

/// The id of the part of an e-mail address before the `@`.
pub(crate) fn email_to_id(text: &str) -> Option<Id> {
    let (local, domain) = text.split_once('@')?;
    if local.is_empty() || domain.is_empty() || domain.contains('@') {
        return None;
    }
    slug(local)
}

/// A share of one, such as `0.9`, written with digits and a point and exact to a millionth.
pub(crate) fn percent(text: &str) -> Option<Percent> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let decimals = decimals.trim_end_matches('0');
    if whole.is_empty() || !digits(whole) || !digits(decimals) || decimals.len() > 6 || text.ends_with('.') {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let parts: u32 = format!("{decimals:0<6}").parse().ok()?;
    Percent::from_parts_per_million(whole.checked_mul(1_000_000)?.checked_add(parts)?)
}

/// A text without line breaks and doubled spaces, or with its line breaks as `\n`.
pub(super) fn fold(text: &str, keep_lines: bool) -> Cow<'_, str> {
    if keep_lines {
        if !text.contains('\r') {
            return Cow::Borrowed(text.trim());
        }
        return Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned());
    }
    let text = text.trim();
    let plain = |character: char| character == ' ' || !(character.is_whitespace() || character.is_control());
    if text.chars().all(plain) && !text.contains("  ") {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The text of a piece of HTML: tags become spaces or line breaks, references to characters are resolved.
pub(super) fn without_html(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at_checked(start).unwrap_or((rest, ""));
        plain.push_str(before);
        let length = if from.starts_with('<') { tag(from, &mut plain) } else { reference(from, &mut plain) };
        rest = from.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

/// Takes a tag out, when there is one; gives how many bytes were used.
fn tag(text: &str, plain: &mut String) -> usize {
    let name = text.get(1..).unwrap_or_default().trim_start_matches('/');
    let is_tag = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '!');
    let Some(end) = text.find('>').filter(|_| is_tag) else {
        plain.push('<');
        return 1;
    };
    let name =
        name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
    let breaks = ["br", "p", "div", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "h5", "h6"];
    if breaks.contains(&name.as_str()) {
        plain.push('\n');
    }
    end + 1
}

/// Resolves a reference to a character, when there is one; gives how many bytes were used.
fn reference(text: &str, plain: &mut String) -> usize {
    let end = text.bytes().take(12).position(|byte| byte == b';');
    let name = end.and_then(|end| text.get(1..end)).unwrap_or_default();
    let numeric = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let character = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => match (name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")), name.strip_prefix('#')) {
            (Some(digits), _) => numeric(digits, 16),
            (None, Some(digits)) => numeric(digits, 10),
            (None, None) => None,
        },
    };
    if let Some(character) = character {
        plain.push(character);
        name.len() + 2
    } else {
        plain.push('&');
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_exactly_or_not_at_all() {
        let read = |text| percent(text).map(|share| share.to_string());
        for (text, share) in [
            ("0", "0%"),
            ("1", "100%"),
            ("1.000", "100%"),
            ("0.9", "90%"),
            ("0.123456", "12.3456%"),
            ("00.5", "50%"),
        ] {
            assert_eq!(read(text).as_deref(), Some(share), "{text}");
        }
        for text in [
            "",
            ".",
            ".9",
            "1.",
            "1.1",
            "1.000001",
            "0.1234567",
            "-0.5",
            "+0.5",
            "5e-1",
            "0,9",
            "90",
            "٠.٥",
            "4295",
            "9999999999",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn ids_are_made_the_same_way_every_time() {
        let id = |text: &str| slug(text).map(|id| id.to_string());
        assert_eq!(id("Service Desk").as_deref(), Some("service-desk"));
        assert_eq!(id("  SRV_0305/4 (old) ").as_deref(), Some("srv-0305-4-old"));
        assert_eq!(id("Crème brûlée & Straße").as_deref(), Some("creme-brulee-strasse"));
        assert_eq!(id("O'Brien's").as_deref(), Some("obriens"));
        assert_eq!(id("Ana.Silva").as_deref(), Some("ana.silva"));
        assert_eq!(id("..-x-..").as_deref(), Some("x"));
        assert_eq!(id("漢字"), None);
        assert_eq!(id(""), None);
        assert_eq!(id(&"ab ".repeat(40)).map(|id| id.len()), Some(64));
    }

    #[test]
    fn addresses_give_ids() {
        let id = |text: &str| email_to_id(text).map(|id| id.to_string());
        assert_eq!(id("Ana.Silva@example.com").as_deref(), Some("ana.silva"));
        assert_eq!(id("ana"), None);
        assert_eq!(id("@example.com"), None);
        assert_eq!(id("a@b@c"), None);
    }

    #[test]
    fn line_breaks_become_spaces_unless_they_are_kept() {
        assert_eq!(fold(" a\r\nb\n\n  c ", false), "a b c");
        assert_eq!(fold(" a\r\nb ", true), "a\nb");
        assert_eq!(fold("a b", false), "a b");
        assert_eq!(fold("a\u{a0}\u{2003}b", false), "a b");
    }

    #[test]
    fn html_is_taken_out_and_comparisons_stay() {
        let text = |html: &str| fold(&without_html(html), false).into_owned();
        assert_eq!(text("<p>One &amp; <b>two</b><br/>three</p>"), "One & two three");
        assert_eq!(text("5 < 6 &euro; 7 & 8"), "5 < 6 &euro; 7 & 8");
        assert_eq!(text("&#233;&#xE9;&#99999999;"), "éé&#99999999;");
        assert_eq!(text("<unclosed"), "<unclosed");
        assert_eq!(text("&lt;b&gt;"), "<b>");
    }
}
