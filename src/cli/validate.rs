//! `gitsm validate`.

use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};

use super::{exit::Exit, hub::Forge, mend, output::Output, repository::Repository};
use crate::{
    diag::Level,
    forge::github::issue::{self, Issue},
    load::Loaded,
    report::{self, FORMATS, Format, Report, Selection, Summary, plain, summary::plural, unified::unified},
    source::Stamp,
};

/// Arguments of `gitsm validate`.
#[derive(Debug, Args)]
#[command(after_help = "examples:
  gitsm validate                    say everything that is wrong
  gitsm validate --diff             show what --fix would change
  gitsm validate --fix              mend what can be mended without a question
  gitsm validate --format github    annotate a pull request in GitHub Actions
  gitsm validate --only GS6001,GS6002 --post --forge example/rulebook
                                    remind of reviews in one issue, which is closed when none is due

exit status: 0 nothing to mend, 1 findings, 2 could not run")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Arguments {
    #[command(flatten)]
    repository: Repository,
    /// How findings are written.
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format_parser())]
    format: &'static Format,
    /// Fail on warnings as well.
    #[arg(long)]
    deny_warnings: bool,
    /// Show only findings whose code starts so, for example `GS1102` or `GS20`.
    #[arg(long, value_name = "CODE", num_args = 1.., value_delimiter = ',', value_parser = code_parser)]
    only: Vec<String>,
    /// Write at most this many findings, the worst of them, and count the others; 0 for no limit [default: 200
    /// for people, 50000 for programs].
    #[arg(long, value_name = "NUMBER")]
    max_findings: Option<usize>,
    /// Mend what can be mended without changing what the rulebook means, then say what is left.
    #[arg(long, conflicts_with = "at")]
    fix: bool,
    /// Show what `--fix` would change, and write nothing.
    #[arg(long, conflicts_with_all = ["format", "at"])]
    diff: bool,
    /// Run again whenever a file changes, until ctrl-c.
    #[arg(long, conflicts_with_all = ["fix", "diff", "at"])]
    watch: bool,
    /// Say it in one issue at GitHub: a new one, or the open one about the same codes, which is closed when nothing is found.
    #[arg(long, conflicts_with_all = ["fix", "diff", "watch"], help_heading = "GitHub")]
    post: bool,
    #[command(flatten)]
    forge: Forge,
}

/// The formats, from their registry.
fn format_parser() -> impl TypedValueParser<Value = &'static Format> {
    let values = FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(values).try_map(|name| report::format(&name).ok_or("there is no such format"))
}

/// The beginning of a code that exists: a filter that can match nothing would look like a clean repository.
fn code_parser(text: &str) -> Result<String, String> {
    let start = text.to_ascii_uppercase();
    if !start.is_empty() && crate::lint::codes().any(|code| code.id.starts_with(&start)) {
        Ok(start)
    } else {
        Err("no code starts so; codes look like GS1102".to_owned())
    }
}

/// Says everything that is wrong.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    if arguments.watch {
        return watch(arguments, output);
    }
    if arguments.diff {
        return diff(arguments, output);
    }
    if arguments.fix {
        let mended = mend::mend(&arguments.repository, &arguments.selection())?;
        mend::write(&arguments.repository, &mended.changes)?;
        if mended.fixes > 0 {
            let files = plural(mended.changes.len(), "file");
            output.talk(&format!("mended {} in {files}", plural(mended.fixes, "finding")))?;
        }
        return show(arguments, &mended.loaded, output);
    }
    let loaded = arguments.repository.load()?;
    let shown = show(arguments, &loaded, output);
    // The process ends now, and giving back every small piece of a large rulebook takes a while.
    std::mem::forget(loaded);
    shown
}

/// Writes the findings, and says how many there are.
fn show(arguments: &Arguments, loaded: &Loaded, output: &mut Output) -> anyhow::Result<Exit> {
    let mut report = Report::new(loaded, &arguments.selection(), arguments.repository.prefix());
    report.rulebook = arguments.repository.at();
    let exit = arguments.exit(&report.summary);
    output.promise(exit);
    let posted = arguments.post.then(|| post(arguments, loaded)).transpose()?;
    let style = output.style();
    output.result(&(arguments.format.render)(&report, style)?)?;
    output.finish()?;
    arguments.repository.say(output)?;
    output.talk(&report.summary.headline())?;
    for remark in report.summary.remarks().into_iter().chain(posted) {
        output.talk(&remark)?;
    }
    Ok(exit)
}

/// Says what is found in the one issue about it, and what became of that.
fn post(arguments: &Arguments, loaded: &Loaded) -> anyhow::Result<String> {
    let most = report::MOST_FOR_PEOPLE;
    let selection = Selection { only: arguments.only.clone(), most };
    // Places are those in the repository, wherever the command runs.
    let report = Report::new(loaded, &selection, String::new());
    let hub = arguments.forge.connect()?;
    let login = hub.login()?;
    let marker = format!("<!-- gitsm:validate {} -->", arguments.only.join(" "));
    let by = (login.as_str(), marker.as_str());
    let done = if report.shown.is_empty() && report.summary.complete {
        let remark = "Nothing of this is found any more.";
        issue::close(&hub.github, hub.repository(), by, remark)?
    } else {
        let text = report::markdown::render(&report, Output::talk_style())?;
        let body = format!("{marker}\n{text}");
        let issue = Issue { title: "The rulebook has to be looked at", body: &body };
        issue::keep(&hub.github, hub.repository(), by, &issue)?
    };
    Ok(done.words())
}

/// Shows what fixing would change.
fn diff(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let mended = mend::mend(&arguments.repository, &arguments.selection())?;
    let report = Report::new(&mended.loaded, &arguments.selection(), String::new());
    let exit = if mended.changes.is_empty() { arguments.exit(&report.summary) } else { Exit::Findings };
    output.promise(exit);
    for (path, change) in &mended.changes {
        output.result(&unified(path, &change.before, &change.after, output.colour()))?;
    }
    output.finish()?;
    let left = if report.summary.worst().is_some() { report.summary.counts() } else { "nothing".to_owned() };
    let files = plural(mended.changes.len(), "file");
    output
        .talk(&format!("--fix would mend {} in {files} and leave {left}", plural(mended.fixes, "finding")))?;
    for remark in report.summary.remarks() {
        output.talk(&remark)?;
    }
    Ok(exit)
}

/// Shows the findings again whenever a file changes. It ends when the process is interrupted: nothing is
/// written, so there is nothing to put in order, and the shell reports 130.
fn watch(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    // What is no repository at all is not waited for: nobody could tell it from one without a change.
    let mut started = false;
    loop {
        // The files are looked at before they are read: what changes while they are read is seen next time.
        let stamp = Stamp::take(&arguments.repository.repository);
        output.clear()?;
        match arguments.repository.load() {
            Ok(loaded) => {
                started = true;
                show(arguments, &loaded, output)?;
            }
            Err(error) if !started => return Err(error),
            Err(error) => output.talk(&plain::line(&format!("error: {error:#}")))?,
        }
        output.talk("watching for changes, ctrl-c ends")?;
        stamp.wait(&arguments.repository.repository);
    }
}

impl Arguments {
    fn selection(&self) -> Selection {
        Selection { only: self.only.clone(), most: self.max_findings.unwrap_or(self.format.most) }
    }

    fn exit(&self, summary: &Summary) -> Exit {
        let fails = match summary.worst() {
            Some(Level::Error) => true,
            Some(Level::Warning) => self.deny_warnings,
            // Checks that could not run have found nothing because nobody looked.
            _ => !summary.complete,
        };
        if fails { Exit::Findings } else { Exit::Success }
    }
}
