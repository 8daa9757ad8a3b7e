//! The sorts of targets, and what each can do.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Style, paint::Paint};
use crate::{
    model::Kind,
    plan::{Construct, Support},
    target::{Capabilities, Row, TARGETS},
};

/// The version of the JSON that is printed.
const FORMAT_VERSION: u32 = 1;

/// The sorts of targets.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm targets --format json`")]
pub struct View {
    /// The version of this format.
    format_version: u32,
    /// The sorts.
    targets: Vec<Sort>,
}

/// A sort of target.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct Sort {
    /// What it is called in gitsm.toml.
    #[serde(rename = "type")]
    target_type: &'static str,
    /// What it is.
    about: &'static str,
    /// What it can do.
    capabilities: Capabilities,
    /// What becomes of each kind; `objects` counts nothing here.
    kinds: Vec<Construct>,
    /// The page for its administrators, in Markdown, when one sort was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'static str>,
}

/// All sorts, or one with its page.
#[must_use]
pub fn view(only: Option<&Row>) -> View {
    let wanted = TARGETS.iter().filter(|row| only.is_none_or(|only| only.target_type == row.target_type));
    let targets = wanted.map(|row| Sort {
        target_type: row.target_type.name(),
        about: row.about,
        capabilities: row.capabilities,
        kinds: Kind::ALL
            .into_iter()
            .map(|kind| {
                let (support, reason) = (row.support)(kind);
                Construct {
                    construct: kind.name().to_owned(),
                    support,
                    reason: reason.to_owned(),
                    objects: 0,
                }
            })
            .collect(),
        page: only.map(|only| only.page),
    });
    View { format_version: FORMAT_VERSION, targets: targets.collect() }
}

/// All sorts, for people.
#[must_use]
pub fn human(style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut text = String::new();
    for row in TARGETS {
        let _ = writeln!(text, "{}  {}", paint.heading(row.target_type.name()), row.about);
        let capabilities = &row.capabilities;
        let yes = |can: bool| if can { "yes" } else { "no" };
        for (name, value) in [
            ("objects are known by", capabilities.key),
            ("updating", capabilities.update),
            ("deleting", capabilities.delete),
            ("changes of others", capabilities.lock),
            ("tries changes out itself", yes(capabilities.simulate)),
            ("remarks on objects", yes(capabilities.comment)),
        ] {
            let _ = writeln!(text, "  {:<26}{value}", format!("{name}:"));
        }
        for support in [Support::Exact, Support::Emulated, Support::Lost] {
            let kinds: Vec<&str> = Kind::ALL
                .into_iter()
                .filter(|kind| (row.support)(*kind).0 == support)
                .map(Kind::name)
                .collect();
            if !kinds.is_empty() {
                let label = format!("{}:", support.name());
                let list = super::plain::wrap(&kinds.join(", "), 72);
                let list = list.replace('\n', &format!("\n{:28}", ""));
                let _ = writeln!(text, "  {label:<26}{list}");
            }
        }
        text.push('\n');
    }
    let _ = writeln!(text, "`gitsm targets NAME` says what an administrator has to know about one");
    text
}
