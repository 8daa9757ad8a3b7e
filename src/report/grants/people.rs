//! What becomes of the ledger because somebody joins, moves or leaves.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::ended::{self, push_ended};
use crate::{
    diag::Sources,
    ledger::{
        ending::Ended,
        lifecycle::{Change, Refused, Shorter, Why},
    },
    model::{
        Id, Instant, LocalDate,
        grant::{Grant, GrantState, GrantVerdict},
    },
    report::{
        Style,
        decision::words,
        impact::markdown::details,
        lifecycle::{TransferredView, push_taken_over, taken_over},
        paint::Paint,
        plain,
        revision::At,
        summary::plural,
    },
};

/// The version of the JSON that is printed.
pub const FORMAT_VERSION: u32 = 1;

/// What `gitsm request joiner`, `mover`, `leaver` and `lifecycle` print with `--format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(
    title = "The output of `gitsm request joiner`, `mover`, `leaver` and `lifecycle` with `--format json`"
)]
pub struct Report {
    /// The version of this format.
    pub format_version: u32,
    /// The commit that was read, with `--at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<At>,
    /// The commit whose directory says how people were before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<At>,
    /// The instant at which it is decided.
    pub at: Instant,
    /// Whether anything was written.
    pub written: bool,
    /// Each person of whom there is something to say, in the order of the ids.
    pub people: Vec<View>,
    /// How many people came, moved or left and need nothing: the ledger says all of it.
    pub done: usize,
}

/// What becomes of the ledger because of one person.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct View {
    /// Who.
    pub person: String,
    /// What happens: `joiner`, `mover` or `leaver`.
    pub event: &'static str,
    /// The grants that are new.
    pub grants: Vec<New>,
    /// What the rules do not give.
    pub refused: Vec<NotGiven>,
    /// The grants that end.
    pub ended: Vec<ended::View>,
    /// The grants that end earlier than they said.
    pub shortened: Vec<Shortened>,
    /// What somebody else has to take over. It is left to people.
    pub transferred: Vec<TransferredView>,
    /// The files that are new or change.
    pub files: Vec<String>,
    /// What became of it as a pull request or branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<String>,
}

/// A grant that is new.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct New {
    /// The id.
    pub grant: String,
    /// The file, below the repository.
    pub path: String,
    /// What it gives, as `service/entitlement`.
    pub entitlement: String,
    /// `active`, or `requested` when people have to agree first.
    pub state: GrantState,
    /// What was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<GrantVerdict>,
    /// The bundle that it comes with and the rules that decided.
    pub rules: Vec<String>,
    /// The stages in which people have to agree, as `workflow/stage`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<String>,
    /// The last day; without it, it has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<LocalDate>,
    /// The grant that it goes on from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renews: Option<String>,
}

/// Something that the rules do not give.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NotGiven {
    /// What: `bundle:…` or `service/entitlement`.
    pub what: String,
    /// Why not.
    pub reasons: Vec<String>,
}

/// A grant that ends earlier than it said.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shortened {
    /// The id.
    pub grant: String,
    /// What it gives, as `service/entitlement`.
    pub entitlement: String,
    /// The new last day.
    pub end: LocalDate,
    /// Why: `old-job`, `asked-anew`, `denied` or `last-day`.
    pub why: &'static str,
}

impl View {
    /// What is said about a person, with the id and file of each new grant.
    #[must_use]
    pub fn new(
        change: &Change<'_>,
        new: &[(String, Id, Grant)],
        ended: &[Ended<'_>],
        files: Vec<String>,
        (sources, prefix): (&Sources, &str),
    ) -> Self {
        Self {
            person: change.person.id.to_string(),
            event: change.event.name(),
            grants: new.iter().map(|(path, id, grant)| New::of(path, id, grant)).collect(),
            refused: change.refused.iter().map(NotGiven::of).collect(),
            ended: ended.iter().map(ended::View::of).collect(),
            shortened: change.shorter.iter().map(Shortened::of).collect(),
            transferred: taken_over(&change.transferred, sources, prefix),
            files,
            proposed: None,
        }
    }

    /// Whether the ledger changes, or something is not given.
    #[must_use]
    pub const fn says_something(&self) -> bool {
        !self.files.is_empty() || !self.refused.is_empty()
    }
}

impl New {
    fn of(path: &str, id: &Id, grant: &Grant) -> Self {
        let decision = grant.decision.as_ref();
        Self {
            grant: id.to_string(),
            path: path.to_owned(),
            entitlement: grant.entitlement.to_string(),
            state: grant.state,
            verdict: decision.map(|decision| decision.verdict),
            rules: decision.map(|decision| decision.rules.clone()).unwrap_or_default(),
            stages: decision
                .map(|decision| decision.stages.iter().map(|one| one.stage.clone()).collect())
                .unwrap_or_default(),
            end: grant.end,
            renews: grant.renews.as_ref().map(ToString::to_string),
        }
    }
}

impl NotGiven {
    fn of(refused: &Refused) -> Self {
        let reasons = match &refused.why {
            Why::Denied { problems, denials } => {
                problems.iter().cloned().chain(denials.iter().map(words::denial)).collect()
            }
            Why::NotRecorded(why) => vec![why.to_string()],
        };
        Self { what: refused.what.clone(), reasons }
    }
}

impl Shortened {
    fn of(shorter: &Shorter<'_>) -> Self {
        Self {
            grant: shorter.grant.id.to_string(),
            entitlement: shorter.grant.entitlement.to_string(),
            end: LocalDate(shorter.end),
            why: shorter.why.name(),
        }
    }
}

/// For the text of a pull request: nothing of it becomes more than text.
#[must_use]
pub fn markdown(view: &View) -> String {
    let shown = render_one(view, Style { colour: false, width: 100 });
    let mut text = String::from("What the rules decide because the directory says so.\n");
    if !view.transferred.is_empty() {
        // Writing into a string does not fail.
        let _ = writeln!(
            text,
            "\nSomebody else has to take over {}: this changes nothing about it.",
            plural(view.transferred.len(), "place")
        );
    }
    let before = text.len();
    text.push_str(&details("what begins, what ends, and what others take over", &shown, before));
    text
}

/// Writes what becomes of the ledger, for people.
#[must_use]
pub fn render(report: &Report, style: Style) -> String {
    let mut out = String::new();
    for view in &report.people {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&render_one(view, style));
    }
    if report.people.is_empty() {
        out.push_str("there is nothing to do: the ledger says what follows from the directory\n");
    }
    out
}

fn render_one(view: &View, style: Style) -> String {
    let paint = Paint::new(style.colour);
    let mut out = String::new();
    let what = match view.event {
        "joiner" => "joins",
        "mover" => "moves",
        _ => "leaves",
    };
    let _ = writeln!(out, "{} {what}", paint.name(&view.person));
    let (asked, given): (Vec<&New>, Vec<&New>) =
        view.grants.iter().partition(|one| one.state == GrantState::Requested);
    if !given.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("is given"));
    }
    for one in given {
        let end = one.end.map(|end| format!(" until {end}")).unwrap_or_default();
        let by = one.rules.first().map(String::as_str).unwrap_or_default();
        push_grant(&mut out, (&one.grant, &one.entitlement), &format!("by {by}{end}"), paint);
    }
    if !asked.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("is asked for, and people have to agree"));
    }
    for one in asked {
        let anew = one.renews.as_ref().map(|old| format!(", in the place of grant:{old}"));
        let words = format!("asks {}{}", one.stages.join(", "), anew.unwrap_or_default());
        push_grant(&mut out, (&one.grant, &one.entitlement), &words, paint);
    }
    if !view.refused.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("is not given"));
    }
    for one in &view.refused {
        let _ = writeln!(out, "  {}", paint.name(&one.what));
        for reason in &one.reasons {
            let _ = writeln!(out, "     {}", plain::line(reason));
        }
    }
    if !view.ended.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("ends"));
    }
    for one in &view.ended {
        push_ended(&mut out, one, paint);
    }
    if !view.shortened.is_empty() {
        let _ = writeln!(out, "\n{}", paint.heading("ends earlier"));
    }
    for one in &view.shortened {
        let words = format!("last day {}: {}", one.end, earlier(one.why));
        push_grant(&mut out, (&one.grant, &one.entitlement), &words, paint);
    }
    push_taken_over(&mut out, &view.transferred, paint);
    if !view.says_something() {
        out.push_str("\nthe ledger says all of it already\n");
    }
    out
}

fn push_grant(out: &mut String, (id, entitlement): (&str, &str), words: &str, paint: Paint) {
    let name = paint.name(&format!("grant:{id}"));
    let _ = writeln!(out, "  {name}  {entitlement}  {}", paint.faint(&plain::line(words)));
}

/// Why a grant ends earlier, in words.
fn earlier(why: &str) -> &'static str {
    match why {
        "old-job" => "it came with the old job",
        "asked-anew" => "somebody has to agree to it anew",
        "last-day" => "its holder leaves",
        _ => "it would be denied in the new job",
    }
}
