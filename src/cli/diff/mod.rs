//! `gitsm diff`.

pub(super) mod consequences;
mod sides;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::{
    exit::Exit,
    output::Output,
    repository::{Repository, instant},
    terminal::plain,
};
use crate::{
    diag::Level,
    impact::{Impact, decisions::Budget},
    report::{
        self, MOST, MOST_FOR_PEOPLE, Selection, human,
        impact::{Consequences, Promises, Report, View, view::FORMAT_VERSION},
        json,
        summary::plural,
    },
};
use sides::Side;

/// How many findings of a side are shown before the rest is counted.
const MOST_FINDINGS: usize = 10;

/// Arguments of `gitsm diff`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm diff                        the last commit against the files of the folder
  gitsm diff --staged               the last commit against what the next one would hold
  gitsm diff main                   a branch against the files of the folder
  gitsm diff main...feature         what a branch changes, from where it left the other
  gitsm diff v1..v2                 two revisions
  gitsm diff old-folder new-folder  two folders
  gitsm diff main...HEAD --format markdown > comment.md
  gitsm diff main...HEAD --fail-on loosens --acknowledge 6535a6c19fa5295d

exit status: 0 compared; 1 a change that --fail-on names; 2 could not run; 3 with --detailed-exitcode, when something changed; 6 not
everything could be compared")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Arguments {
    /// What is compared: `BASE` with the files of the folder, `BASE..HEAD`, `BASE...HEAD` from their merge base, or
    /// two folders. Without it, the last commit with the files of the folder.
    #[arg(value_name = "REVISION|FOLDER", num_args = 0..=2)]
    what: Vec<String>,
    /// The folder of the repository, which holds `gitsm.toml`.
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".")]
    repository: PathBuf,
    /// The instant that counts as now, for dates that pass: `2026-01-01` or `2026-01-01T09:00:00Z`.
    #[arg(long, value_name = "INSTANT", env = "GITSM_NOW", value_parser = instant)]
    now: Option<Timestamp>,
    /// Compare with the index, which the next commit is made of, and not with the files of the folder.
    #[arg(long)]
    staged: bool,
    /// Show the lines that differ, below what they mean.
    #[arg(long)]
    text: bool,
    /// Name everybody whom a change of decisions touches, and every grant of theirs.
    #[arg(long)]
    names: bool,
    /// List at most this many objects, fields and grants and count the others; 0 for no limit [default: 200 for people,
    /// 50000 for programs].
    #[arg(long, value_name = "NUMBER")]
    max_changes: Option<usize>,
    /// Give up on comparing decisions after so many steps: what is not compared is named then, and may have changed.
    #[arg(long, value_name = "NUMBER", default_value_t = Budget::default().states)]
    max_steps: usize,
    /// End with 1 when decisions or commitments change so: `loosens` is what loosens or cannot be shown to be as strict,
    /// and what is promised less or later to anybody; `undecidable` what nobody can approve any more; `any` every
    /// change of a decision or commitment. Can be given several times.
    #[arg(long, value_name = "CHANGE", value_enum)]
    fail_on: Vec<FailOn>,
    /// A change of decisions or commitments that is meant, by its id. Can be given several times.
    #[arg(long, value_name = "ID")]
    acknowledge: Vec<String>,
    /// End with 3 when something changed.
    #[arg(long)]
    detailed_exitcode: bool,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// A change of decisions or commitments that a gate stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// What loosens or weakens a promise, or cannot be shown to do neither.
    Loosens,
    /// What nobody can approve any more.
    Undecidable,
    /// Every change of a decision or commitment.
    Any,
}

/// How a difference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// For a comment on a pull request.
    Markdown,
    /// As JSON; `gitsm schema output/diff` is its schema.
    Json,
    /// Annotations of GitHub Actions.
    Github,
}

/// Says what changes between two versions of a rulebook.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let (before, after, remarks) = sides::read(arguments)?;
    let impact = Impact::of(&before.loaded, &after.loaded);
    let most = arguments.max_changes.unwrap_or(match arguments.format {
        Format::Human | Format::Markdown => MOST_FOR_PEOPLE,
        Format::Json | Format::Github => MOST,
    });
    let view = View::new(&impact, &before.loaded, &after.loaded, most);
    let budget = Budget { nodes: arguments.max_steps, states: arguments.max_steps };
    let mut decisions =
        consequences::decisions(&before.loaded, &after.loaded, arguments.now, (budget, arguments.names));
    let mut commitments = consequences::promises(&before.loaded, &after.loaded, arguments.now);
    let mut unused = Vec::new();
    if let Consequences::Compared(view) = &mut decisions {
        unused = view.acknowledge(&arguments.acknowledge);
    }
    if let Promises::Compared(view) = &mut commitments {
        let fits_nothing = view.acknowledge(&arguments.acknowledge);
        unused.retain(|name| fits_nothing.contains(name));
    }
    let stopped = consequences::stopped(&decisions, &arguments.fail_on);
    let weakened = consequences::weakened(&commitments, &arguments.fail_on);
    let exit = if stopped + weakened > 0 {
        Exit::Findings
    } else if !impact.is_whole() || !decisions.is_whole() || !commitments.is_whole() {
        Exit::Indeterminate
    } else if arguments.detailed_exitcode && !view.is_empty() {
        Exit::Changes
    } else {
        Exit::Success
    };
    output.promise(exit);
    let report = Report {
        format_version: FORMAT_VERSION,
        before: before.view(),
        after: after.view(),
        view,
        decisions,
        commitments,
        grants: consequences::grants(&before.loaded, &after.loaded, arguments.now, most),
    };
    let text = |colour| report::impact::text::render(&before.loaded.sources, &after.loaded.sources, colour);
    match arguments.format {
        Format::Human => {
            let style = output.style();
            output.result(&report::impact::human::render(&report, &before.prefix, &after.prefix, style))?;
            if arguments.text {
                output.result(&format!("\n{}", text(style.colour)))?;
            }
        }
        Format::Markdown => {
            let comment = report::impact::markdown::render(&report);
            output.result(&comment)?;
            if arguments.text {
                let lines = text(false);
                output.result(&report::impact::markdown::details(
                    "The lines that differ",
                    &lines,
                    comment.len(),
                ))?;
            }
        }
        Format::Json => output.result(&json::write(&report)?)?,
        Format::Github => output.result(&report::impact::github::render(&report, &after.prefix))?,
    }
    output.finish()?;
    for side in [&before, &after] {
        findings(side, output)?;
    }
    for name in unused {
        output.talk(&format!("no change of a decision or commitment has the id `{}`", plain(name)))?;
    }
    for (stopped, what) in [(stopped, "decisions"), (weakened, "commitments")] {
        if stopped > 0 {
            let changes = plural(stopped, "change");
            output.talk(&format!("{changes} of {what} must be acknowledged: `--acknowledge ID`"))?;
        }
    }
    for remark in remarks {
        output.talk(&remark)?;
    }
    Ok(exit)
}

/// Shows the errors of a side.
fn findings(side: &Side, output: &mut Output) -> anyhow::Result<()> {
    let mut errors = side.loaded.found.iter().filter(|one| one.level == Level::Error).peekable();
    if errors.peek().is_none() {
        return Ok(());
    }
    let selection = Selection { only: Vec::new(), most: MOST_FINDINGS };
    let report = report::Report::errors(&side.loaded, &selection, side.prefix.clone());
    output.talk_rendered(human::render(&report, Output::talk_style())?.trim_end())?;
    output.talk(&format!("the rulebook of {} has {}", side.view().line(), report.summary.counts()))?;
    Ok(())
}

impl Arguments {
    /// The repository, to read files and dates of it.
    fn repository(&self) -> Repository {
        Repository::new(self.repository.clone(), self.now, None)
    }
}
