//! What a change does to the ledger of access, as data and in words.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    impact::grants::{Effect, GrantChange, Term},
    report::{markdown::prose, paint::Paint, plain, summary::thousands},
};

/// How many grants are told in words before the rest is counted.
const MOST: usize = 40;

/// What a change does to the ledger, or why nobody can say.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Grants {
    /// What differs.
    Compared(GrantsView),
    /// Why the ledgers of the two versions cannot be compared. Nothing is known about them.
    NotCompared(String),
}

/// What a change does to the ledger of access.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct GrantsView {
    /// How many grants there are of each sort.
    pub counts: GrantCounts,
    /// The grants: those that give more first.
    pub grants: Vec<GrantView>,
    /// How many more there are that are not listed.
    pub not_listed: usize,
}

/// How many grants do what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct GrantCounts {
    /// Somebody gets access.
    pub gives: usize,
    /// Somebody has it for longer.
    pub longer: usize,
    /// It begins on another day, or something else was set up.
    pub otherwise: usize,
    /// Somebody asks for access, and has nothing by it yet.
    pub asked: usize,
    /// Somebody has it no more.
    pub ends: usize,
    /// Somebody has it for a shorter time.
    pub shorter: usize,
    /// What is written down is another, and nobody has more or less by it.
    pub noted: usize,
}

/// A grant that differs.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct GrantView {
    /// What becomes of the access: `gives`, `longer`, `otherwise`, `asked`, `ends`, `shorter` or `noted`.
    pub effect: &'static str,
    /// The person or account that has the access, or had it.
    pub beneficiary: String,
    /// What they have, or had.
    pub entitlement: String,
    /// The grant.
    pub grant: String,
    /// From when until when before the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<TermView>,
    /// From when until when after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<TermView>,
}

/// From when until when a grant says that it gives something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct TermView {
    /// The first day.
    pub from: String,
    /// The last day, or the instant; absent without an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl GrantsView {
    /// What is said about some grants, of which at most `most` are listed.
    #[must_use]
    pub fn new(changes: &[GrantChange], most: usize) -> Self {
        let count = |effect: Effect| changes.iter().filter(|change| change.effect == effect).count();
        let term = |term: &Option<Term>| {
            term.as_ref().map(|term| TermView { from: term.from.clone(), until: term.until.clone() })
        };
        let view = |change: &GrantChange| GrantView {
            effect: change.effect.name(),
            beneficiary: change.beneficiary.to_string(),
            entitlement: change.entitlement.to_string(),
            grant: change.grant.to_string(),
            before: term(&change.before),
            after: term(&change.after),
        };
        let most = if most == 0 { usize::MAX } else { most };
        Self {
            counts: GrantCounts {
                gives: count(Effect::Gives),
                longer: count(Effect::Longer),
                otherwise: count(Effect::Otherwise),
                asked: count(Effect::Asked),
                ends: count(Effect::Ends),
                shorter: count(Effect::Shorter),
                noted: count(Effect::Noted),
            },
            grants: changes.iter().take(most).map(view).collect(),
            not_listed: changes.len().saturating_sub(most),
        }
    }

    /// Whether nothing about the ledger differs.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.grants.is_empty() && self.not_listed == 0
    }

    /// How many grants do what, in words.
    pub(super) fn summary(&self) -> String {
        let GrantCounts { gives, longer, otherwise, asked, ends, shorter, noted } = self.counts;
        let said = [
            (gives, "gives access", "give access"),
            (longer, "lasts longer", "last longer"),
            (otherwise, "is another", "are others"),
            (asked, "is asked for", "are asked for"),
            (ends, "ends", "end"),
            (shorter, "lasts shorter", "last shorter"),
            (noted, "is written otherwise", "are written otherwise"),
        ];
        let said = said.iter().filter(|(count, ..)| *count > 0);
        let parts: Vec<String> = said
            .map(|(count, one, many)| {
                format!("{} {}", thousands(*count), if *count == 1 { one } else { many })
            })
            .collect();
        let grants =
            if parts.first().is_some_and(|first| first.starts_with("1 ")) { "grant" } else { "grants" };
        parts.join(", ").replacen(' ', &format!(" {grants} "), 1)
    }

    /// How many are not told when at most `most` are.
    fn left(&self, most: usize) -> usize {
        self.not_listed + self.grants.len().saturating_sub(most)
    }
}

/// What becomes of one grant, in words, with its names in backticks.
pub(super) fn line(view: &GrantView) -> String {
    let (who, what, grant) = (&view.beneficiary, &view.entitlement, &view.grant);
    let until = |term: Option<&TermView>| match term.and_then(|term| term.until.as_deref()) {
        Some(until) => format!("until {until}"),
        None => "without end".to_owned(),
    };
    let span = |term: Option<&TermView>| {
        let from = term.map(|term| term.from.as_str()).unwrap_or_default();
        format!("from {from} {}", until(term))
    };
    let (before, after) = (view.before.as_ref(), view.after.as_ref());
    let said = match view.effect {
        "gives" => format!("`{who}` gets `{what}` {}", span(after)),
        "longer" => format!("`{who}` has `{what}` {} instead of {}", until(after), until(before)),
        "shorter" => format!("`{who}` has `{what}` only {} instead of {}", until(after), until(before)),
        "otherwise" if before != after => {
            format!("`{who}` has `{what}` {} instead of {}", span(after), span(before))
        }
        "otherwise" => format!("`{who}` has `{what}` with other things set up, {}", until(after)),
        "asked" => format!("`{who}` asks for `{what}` {}, and has nothing by it yet", span(after)),
        "ends" => format!("`{who}` has `{what}` no more, which was {}", until(before)),
        _ if after.is_none() => {
            format!("it is not written any more that `{who}` had `{what}` {}", span(before))
        }
        _ => format!("`{who}` has neither more nor less of `{what}` than before"),
    };
    format!("{said} (grant `{grant}`)")
}

const fn sign(view: &GrantView) -> &'static str {
    match view.effect.as_bytes() {
        b"gives" | b"longer" => "+",
        b"ends" | b"shorter" => "-",
        _ => "~",
    }
}

/// The ledger for a person at a terminal; nothing where nothing differs.
pub(super) fn human(grants: &Grants, paint: Paint) -> String {
    let mut out = String::new();
    let view = match grants {
        Grants::Compared(view) if view.is_empty() => return out,
        Grants::Compared(view) => view,
        Grants::NotCompared(why) => {
            // Writing into a string does not fail.
            let _ = writeln!(out, "\n{} {}", paint.bad("the grants are not compared:"), plain::line(why));
            return out;
        }
    };
    let _ = writeln!(out, "\n{}\n  {}", paint.heading("grants"), view.summary());
    for grant in view.grants.iter().take(MOST) {
        let sign = match sign(grant) {
            "+" => paint.bad("+"),
            "-" => paint.good("-"),
            other => paint.open(other),
        };
        let _ = writeln!(out, "  {sign} {}", plain::line(&line(grant)));
    }
    if view.left(MOST) > 0 {
        let _ = writeln!(out, "  and {} more", thousands(view.left(MOST)));
    }
    out
}

/// The ledger for the comment of a pull request, within so many bytes; nothing where nothing differs.
pub(super) fn markdown(grants: &Grants, bytes: usize) -> String {
    let mut out = String::new();
    let view = match grants {
        Grants::Compared(view) if view.is_empty() => return out,
        Grants::Compared(view) => view,
        Grants::NotCompared(why) => {
            let _ = writeln!(out, "\n**The grants are not compared:** {}.", prose(why));
            return out;
        }
    };
    let _ = writeln!(out, "\n### Grants\n\n{}.\n", view.summary());
    let mut told = 0;
    for grant in view.grants.iter().take(MOST) {
        let line = format!("- {}\n", prose(&line(grant)));
        if out.len() + line.len() > bytes {
            break;
        }
        out.push_str(&line);
        told += 1;
    }
    if view.left(told) > 0 {
        let _ = writeln!(out, "- and {} more", thousands(view.left(told)));
    }
    out
}
