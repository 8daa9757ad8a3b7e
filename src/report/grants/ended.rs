//! What ends, and what is really taken away.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    ledger::{campaign::Due, ending::Ended},
    model::{Instant, LocalDate},
    report::{Style, impact::markdown::details, paint::Paint, plain, summary::plural},
};

/// The version of the JSON that is printed.
pub const FORMAT_VERSION: u32 = 1;

/// What `gitsm grants expire` and `revoke` print with `--format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm grants expire` and `gitsm grants revoke` with `--format json`")]
pub struct Report {
    /// The version of this format.
    pub format_version: u32,
    /// The instant at which they end.
    pub at: Instant,
    /// Whether anything was written.
    pub written: bool,
    /// The grants that end.
    pub ended: Vec<View>,
    /// The grants that end earlier than they said.
    pub shortened: Vec<Shortened>,
    /// The grants that nobody decided about, in campaigns that leave this to their owner.
    pub waiting: Vec<Waiting>,
    /// The campaigns that are over, and from which nothing follows any more.
    pub settled: Vec<String>,
    /// The files that change.
    pub files: Vec<String>,
}

/// A grant that ends, and what comes of it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct View {
    /// The id.
    pub grant: String,
    /// Who has it.
    pub beneficiary: String,
    /// What they have, as `service/entitlement`.
    pub entitlement: String,
    /// Why it ends.
    pub why: &'static str,
    /// The campaign in which it was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<String>,
    /// What its holder has no more.
    pub takes: Vec<String>,
    /// What its holder keeps all the same.
    pub keeps: Vec<Kept>,
}

/// Something that somebody keeps.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Kept {
    /// What it is.
    pub what: String,
    /// What gives it.
    pub by: Vec<String>,
}

/// A grant that ends earlier than it said.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Shortened {
    /// The id.
    pub grant: String,
    /// The new last day.
    pub end: LocalDate,
    /// The campaign in which it was looked at.
    pub review: String,
}

/// A grant that somebody has to decide about.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Waiting {
    /// The id.
    pub grant: String,
    /// The campaign.
    pub review: String,
}

/// For the text of a pull request: nothing of it becomes more than text.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let shown = render(report, Style { colour: false, width: 100 });
    let ends = plural(report.ended.len(), "grant");
    let shorter = plural(report.shortened.len(), "grant");
    let details = details("what ends, and what its holder keeps all the same", &shown, 0);
    format!(
        "{ends} that are over, and {shorter} with an earlier end. What nothing else gives is taken away when this is merged \
         and applied.\n{details}"
    )
}

/// The same for access that somebody takes away, with why.
#[must_use]
pub fn revoked(report: &Report, reason: &str) -> String {
    let shown = render(report, Style { colour: false, width: 100 });
    let shown = format!("why: {}\n\n{shown}", plain::line(reason));
    let details = details("what ends, why, and what its holder keeps all the same", &shown, 0);
    let ends = plural(report.ended.len(), "grant");
    format!("{ends} taken away. What nothing else gives is gone once this is merged and applied.\n{details}")
}

impl View {
    /// What is said about a grant that ends.
    #[must_use]
    pub fn of(one: &Ended<'_>) -> Self {
        Self {
            grant: one.ending.grant.id.to_string(),
            beneficiary: one.ending.grant.beneficiary.to_string(),
            entitlement: one.ending.grant.entitlement.to_string(),
            why: one.ending.why.name(),
            review: one.ending.review.as_ref().map(ToString::to_string),
            takes: one.takes.iter().map(ToString::to_string).collect(),
            keeps: one
                .keeps
                .iter()
                .map(|(given, by)| Kept {
                    what: given.to_string(),
                    by: by.iter().map(ToString::to_string).collect(),
                })
                .collect(),
        }
    }
}

impl Report {
    /// What is said about grants that end.
    #[must_use]
    pub fn new(at: Instant, written: bool, ended: &[Ended<'_>], due: &Due<'_>, files: Vec<String>) -> Self {
        let ended = ended.iter().map(View::of);
        let shortened = due.shorter.iter().map(|(grant, end, review)| Shortened {
            grant: grant.id.to_string(),
            end: *end,
            review: review.to_string(),
        });
        let waiting = due
            .waiting
            .iter()
            .map(|(grant, review)| Waiting { grant: grant.id.to_string(), review: review.to_string() });
        Self {
            format_version: FORMAT_VERSION,
            at,
            written,
            ended: ended.collect(),
            shortened: shortened.collect(),
            waiting: waiting.collect(),
            settled: due.done.iter().map(|campaign| campaign.id.to_string()).collect(),
            files,
        }
    }
}

/// Why a grant ends, in words.
fn because(why: &str, review: Option<&str>) -> String {
    let review = review.map(|review| format!(" in review:{review}")).unwrap_or_default();
    match why {
        "expired" => "its last day has passed".to_owned(),
        "holder-left" => "its holder has left".to_owned(),
        "not-needed" => format!("it is not needed{review}"),
        "not-answered" => format!("nobody said that it is needed{review}"),
        "rejected" => "those who were asked did not agree".to_owned(),
        _ => "it is taken away".to_owned(),
    }
}

/// Writes a grant that ends, and what comes of it, for people.
pub(super) fn push_ended(out: &mut String, one: &View, paint: Paint) {
    let _ = writeln!(
        out,
        "  {}  {}  {}",
        paint.name(&format!("grant:{}", one.grant)),
        plain::line(&format!("{} of {}", one.entitlement, one.beneficiary)),
        because(one.why, one.review.as_deref())
    );
    if one.takes.is_empty() {
        let _ = writeln!(out, "     takes nothing away");
    } else {
        let _ = writeln!(out, "     takes {}", paint.bad(&plain::line(&one.takes.join(", "))));
    }
    for kept in &one.keeps {
        let _ = writeln!(out, "     keeps {}, by {}", plain::line(&kept.what), kept.by.join(", "));
    }
}

/// Writes what ends, for people.
#[must_use]
pub fn render(report: &Report, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    if !report.ended.is_empty() {
        let _ = writeln!(out, "{}", paint.heading(if report.written { "ended" } else { "ends" }));
    }
    for one in &report.ended {
        push_ended(&mut out, one, paint);
    }
    if !report.shortened.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("ends earlier"));
    }
    for one in &report.shortened {
        let name = paint.name(&format!("grant:{}", one.grant));
        let _ = writeln!(out, "  {name}  last day {}, by review:{}", one.end, one.review);
    }
    if !report.waiting.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("waits for the owner of the campaign"));
    }
    for one in &report.waiting {
        let name = paint.name(&format!("grant:{}", one.grant));
        let _ = writeln!(out, "  {name}  nobody decided in review:{}", one.review);
    }
    if !report.settled.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("settled: nothing follows from it any more"));
    }
    for one in &report.settled {
        let _ = writeln!(out, "  {}", paint.name(&format!("review:{one}")));
    }
    let changes = report.ended.len() + report.shortened.len() + report.settled.len();
    if changes == 0 {
        out.push_str("nothing is over\n");
    } else {
        let verb = if report.written { "written" } else { "would be written" };
        let _ =
            writeln!(out, "\n{} {verb} to {}", plural(changes, "change"), plural(report.files.len(), "file"));
    }
    out
}
