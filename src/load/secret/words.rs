//! Secrets in what is said about a document.
//!
//! A finding names what was written, and what was written can be a secret in the wrong place. The excerpt below it conceals
//! it; so do its words.

use super::{in_text, is_token_letter};
use crate::diag::Diagnostic;

/// What stands in the place of a secret.
const CONCEALED: &str = "***";

/// The shortest text in which anything is looked for.
const SHORTEST: usize = 10;

/// Takes what looks like a secret out of the words of findings.
pub fn conceal(found: &mut [Diagnostic]) {
    for one in found {
        let labels = one.related.iter_mut().map(|label| &mut label.text);
        let titles = one.fix.iter_mut().map(|fix| &mut fix.title);
        let words = [&mut one.message, &mut one.primary.text].into_iter().chain(labels).chain(titles);
        for text in words.chain(&mut one.notes).chain(&mut one.help) {
            if let Some(open) = concealed(text) {
                *text = open;
            }
        }
    }
}

/// A text without the secrets in it; `None` where it has none.
fn concealed(text: &str) -> Option<String> {
    if text.len() < SHORTEST
        || in_text(text).is_none() && !text.split('`').any(|part| in_text(part).is_some())
    {
        return None;
    }
    let mut open = String::with_capacity(text.len());
    // What was written stands between two of these marks; the rest are our own words.
    for (place, part) in text.split('`').enumerate() {
        if place > 0 {
            open.push('`');
        }
        if place % 2 == 0 || in_text(part).is_none() {
            open.push_str(part);
            continue;
        }
        let without_tokens = tokens_concealed(part);
        open.push_str(if in_text(&without_tokens).is_none() { &without_tokens } else { CONCEALED });
    }
    // Something else than a name in marks: rather too little is said than too much.
    if in_text(&open).is_some() {
        open = tokens_concealed(&open);
    }
    Some(open)
}

/// The same with a mark in place of each word that is a token.
fn tokens_concealed(text: &str) -> String {
    let mut open = String::with_capacity(text.len());
    let is_part = |letter: char| is_token_letter(letter) || letter == '.';
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !is_part(letter)).unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        // The name of a field or kind before a point stays.
        match word.split_once('.').filter(|(_, last)| in_text(last).is_some()) {
            Some((first, _)) if in_text(word).is_some() && in_text(first).is_none() => {
                open.push_str(first);
                open.push('.');
                open.push_str(CONCEALED);
            }
            _ if in_text(word).is_some() => open.push_str(CONCEALED),
            _ => open.push_str(word),
        }
        let next = after.find(is_part).unwrap_or(after.len());
        let (between, after) = after.split_at_checked(next).unwrap_or((after, ""));
        open.push_str(between);
        rest = after;
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_concealed_and_our_own_words_stay() {
        let token = format!("ghp_{}", "a1B2".repeat(10));
        for (text, wanted) in [
            (format!("there is no person `{token}`"), "there is no person `***`"),
            (format!("define it as `[person.{token}]`"), "define it as `[person.***]`"),
            (format!("`lead` and {token}"), "`lead` and ***"),
            ("there is no tier `password: Summer2026!`".to_owned(), "there is no tier `***`"),
        ] {
            assert_eq!(concealed(&text).as_deref(), Some(wanted));
        }
        for text in ["there is no person `ana`", "the team `desk` holds a password or token"] {
            assert_eq!(concealed(text), None, "{text}");
        }
    }
}
