//! Codes: the stable names of everything that gitsm can find.

use serde::{Deserialize, Serialize};

/// A rule that a finding can name.
///
/// A code is never reused for another rule; the registry tests hold the list.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The stable id, for example `GS2001`.
    pub id: &'static str,
    /// The same in words, for example `service-without-owner`.
    pub name: &'static str,
    /// The level unless `gitsm.toml` says otherwise.
    pub level: Level,
    /// Whether `gitsm.toml` may change the level. Findings without which a decision could be wrong are
    /// fixed: silencing them would make the tool guess.
    pub fixed: bool,
    /// What is wrong, in one line.
    pub summary: &'static str,
    /// The page that `gitsm explain` prints, in Markdown.
    pub page: &'static str,
}

/// How serious a finding is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Do not report the finding at all.
    Off,
    /// Worth knowing; never fails a run.
    Note,
    /// Should be looked at; fails a run only with `--deny-warnings`.
    Warning,
    /// Must be mended; fails the run.
    Error,
}

impl Level {
    /// The word shown to people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Declares a code whose page is `src/diag/explain/<id>.md`.
///
/// `fixed` in front of the level marks a finding whose level cannot be changed.
macro_rules! code {
    ($id:literal, $name:literal, fixed $level:ident, $summary:literal) => {
        $crate::diag::code!(@ $id, $name, $level, true, $summary)
    };
    ($id:literal, $name:literal, $level:ident, $summary:literal) => {
        $crate::diag::code!(@ $id, $name, $level, false, $summary)
    };
    (@ $id:literal, $name:literal, $level:ident, $fixed:literal, $summary:literal) => {
        $crate::diag::Code {
            id: $id,
            name: $name,
            level: $crate::diag::Level::$level,
            fixed: $fixed,
            summary: $summary,
            page: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/diag/explain/", $id, ".md")),
        }
    };
}
pub(crate) use code;
