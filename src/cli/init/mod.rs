//! `gitsm init`.

use std::{
    borrow::Cow,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

use super::{
    exit::Exit,
    output::Output,
    terminal::{Paint, plain, push},
    write,
};
use crate::{model::schema, report::plain::is_unsafe};

/// Arguments of `gitsm init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing is ever overwritten: when a file is in the way, all that are in the way are named and nothing is \
written.

examples:
  gitsm init                      in the current folder
  gitsm init rulebook             in a new folder
  gitsm init rulebook --name \"Example Ltd\"")]
pub(super) struct Arguments {
    /// The folder, which is made when it is not there.
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// The name of the organisation or of the rulebook. Without it, the name of the folder.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The instant that counts as now: review dates are set a year later.
    #[arg(long, value_name = "INSTANT", env = "GITSM_NOW", value_parser = super::repository::instant)]
    now: Option<Timestamp>,
}

/// The files as they are shipped; `{{ … }}` is filled in, save in the workflow, where GitHub fills it in.
static TEMPLATES: &[(&str, &str)] = &[
    ("gitsm.toml", include_str!("gitsm.toml")),
    ("catalog/organisation.toml", include_str!("organisation.toml")),
    ("catalog/services.toml", include_str!("services.toml")),
    ("policies/access.toml", include_str!("access.toml")),
    ("policies/governance.toml", include_str!("governance.toml")),
    ("policies/incidents.toml", include_str!("incidents.toml")),
    ("policies/scenarios.toml", include_str!("scenarios.toml")),
    ("policies/service-levels.toml", include_str!("service-levels.toml")),
    (README, include_str!("README.md")),
];

/// A file that is copied as it is from the repository of gitsm itself, which uses it in the same place.
macro_rules! copied {
    ($path:literal) => {
        ($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)))
    };
}

/// The files that are copied as they are.
static COPIES: &[(&str, &str)] = &[
    copied!(".taplo.toml"),
    copied!(".github/actions/gitsm/action.yml"),
    copied!(".github/workflows/gitsm.yml"),
    copied!(".github/workflows/gitsm-gate.yml"),
    copied!(".github/workflows/gitsm-apply.yml"),
    copied!(".github/workflows/gitsm-schedule.yml"),
    copied!(".github/workflows/gitsm-requests.yml"),
];

/// Most repositories have one already; then a line is suggested instead.
const README: &str = "README.md";

/// Writes a small repository.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let folder = &arguments.folder;
    let name = match &arguments.name {
        Some(name) => name.trim().to_owned(),
        None => folder_name(folder),
    };
    if name.is_empty() {
        bail!("an empty name is no name for a rulebook: write another one with `--name`");
    }
    if let Some(hidden) = name.chars().find(|character| is_unsafe(*character)) {
        bail!(
            "`{}` is no name for a rulebook, because U+{:04X} cannot be seen: write another one with `--name`",
            plain(&name),
            u32::from(hidden)
        );
    }
    let today = arguments.now.unwrap_or_else(Timestamp::now).to_zoned(TimeZone::UTC).date();
    let mut files = files(&name, today)?;
    let has_readme = fs::symlink_metadata(folder.join(README)).is_ok();
    if has_readme {
        files.retain(|(path, _)| path != README);
    }
    let in_the_way: Vec<&str> =
        files.iter().map(|(path, _)| path.as_str()).filter(|path| is_in_the_way(folder, path)).collect();
    if !in_the_way.is_empty() {
        output.talk(&format!(
            "error: nothing was written, because these are in the way:\n  {}\nmove them, or choose another folder: `gitsm init FOLDER`",
            in_the_way.join("\n  ")
        ))?;
        return Ok(Exit::CouldNotRun);
    }
    write_all(folder, &files)?;
    for (path, _) in &files {
        output.result(&format!("{path}\n"))?;
    }
    output.finish()?;
    output.talk_rendered(&next_steps(folder, has_readme, Paint::new(output.colour())))?;
    Ok(Exit::Success)
}

/// Every file with its text.
fn files(name: &str, today: Date) -> anyhow::Result<Vec<(String, String)>> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let values = context! {
        name => toml::Value::String(name.to_owned()).to_string(),
        title => markdown(name),
        today => today.to_string(),
        year => today.year(),
        next_year => today.checked_add(1.year()).context("the calendar ends before the first review")?.to_string(),
    };
    let mut files = Vec::new();
    for (path, template) in TEMPLATES {
        // The engine drops the new line at the end of a template.
        let text = environment.render_str(template, &values)?;
        files.push(((*path).to_owned(), text.trim_end().to_owned() + "\n"));
    }
    files.extend(COPIES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    files.extend(
        schema::all()
            .into_iter()
            .filter(|(name, _)| name == schema::ANY_FILE || name == schema::SETTINGS_FILE)
            .map(|(name, schema)| (format!("schemas/{name}"), schema::text(&schema))),
    );
    files.sort();
    Ok(files)
}

/// A name on one line of Markdown, where it means nothing but itself.
fn markdown(name: &str) -> String {
    let mut text = String::new();
    for character in plain(name).chars() {
        if character.is_ascii_punctuation() && !matches!(character, '.' | ',' | '-' | '\'' | '&') {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

fn folder_name(folder: &Path) -> String {
    let full = fs::canonicalize(folder).or_else(|_| std::path::absolute(folder));
    let name = full.ok().and_then(|full| Some(full.file_name()?.to_string_lossy().into_owned()));
    name.unwrap_or_else(|| "rulebook".to_owned())
}

/// Whether a file cannot be written because something is there already, or because a folder that it lies
/// in is not a folder.
fn is_in_the_way(folder: &Path, path: &str) -> bool {
    let parents = Path::new(path).ancestors().skip(1).map(|parent| folder.join(parent));
    let blocked = parents.into_iter().any(|parent| fs::symlink_metadata(&parent).is_ok() && !parent.is_dir());
    blocked || fs::symlink_metadata(folder.join(path)).is_ok()
}

/// Writes all files, or none: what was written before a failure is taken away again.
fn write_all(folder: &Path, files: &[(String, String)]) -> anyhow::Result<()> {
    let mut written = Written::default();
    let result = files.iter().try_for_each(|(path, text)| {
        let path = folder.join(path);
        written.write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))
    });
    if result.is_err() {
        written.take_away();
    }
    result
}

/// What was made so far, in order.
#[derive(Debug, Default)]
struct Written {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Written {
    fn write(&mut self, path: &Path, text: &str) -> io::Result<()> {
        let mut missing: Vec<&Path> = path
            .ancestors()
            .skip(1)
            .take_while(|parent| !parent.as_os_str().is_empty() && !parent.exists())
            .collect();
        missing.reverse();
        for folder in missing {
            fs::create_dir(folder)?;
            self.folders.push(folder.to_owned());
        }
        // Made anew, never opened: a file that appeared since it was looked for is not overwritten.
        write::create(path, text.as_bytes())?;
        self.files.push(path.to_owned());
        Ok(())
    }

    /// The first failure is what is reported; what cannot be taken away stays.
    fn take_away(&self) {
        for file in self.files.iter().rev() {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A name as a shell reads it: in quotes, unless nothing in it means anything there.
fn for_a_shell(name: &str) -> Cow<'_, str> {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./".contains(letter);
    // A dash at the beginning would be a flag.
    if name.chars().all(is_plain) && !name.starts_with('-') {
        return Cow::Borrowed(name);
    }
    let dash = if name.starts_with('-') { "./" } else { "" };
    Cow::Owned(format!("'{dash}{}'", name.replace('\'', r"'\''")))
}

fn next_steps(folder: &Path, has_readme: bool, styles: Paint) -> String {
    let folder = plain(&folder.to_string_lossy());
    let go = if folder == "." { String::new() } else { format!("cd {} && ", for_a_shell(&folder)) };
    let mut steps = vec![
        (format!("{go}gitsm validate"), "says everything that is wrong: nothing yet"),
        ("gitsm test".to_owned(), "runs its scenarios: does each request get the right decision?"),
        ("gitsm show service/mail".to_owned(), "shows what the example says"),
        ("gitsm schema".to_owned(), "lists the kinds of objects that you can write"),
    ];
    if has_readme {
        steps.push(("README.md".to_owned(), "is yours: add the line \"checked with `gitsm validate`\""));
    }
    let width = steps.iter().map(|(command, _)| command.chars().count()).max().unwrap_or_default();
    let mut text = format!("\n{}\n", styles.heading("next"));
    for (command, what) in steps {
        push(&mut text, format_args!("  {}  {what}\n", styles.name(&format!("{command:<width$}"))));
    }
    text.push_str(
        "\nPut your people, teams and services in place of the examples, file by file. For the check of\n",
    );
    text.push_str("pull requests, and for all that follows, set what .github/workflows/gitsm.yml names.");
    text
}
