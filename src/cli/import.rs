//! `gitsm import`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};

use super::{answer::Format, exit::Exit, import_target, output::Output, repository::load_only, write};
use crate::{
    import::{self, ImportError, Imported, Request, Subject},
    model::schema,
    report::{
        self, Report, human,
        unified::{created, unified},
    },
    source::WorkTree,
};

/// Arguments of `gitsm import`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    /// From an export in CSV.
    ///
    /// A map says which column fills which field; its schema is schemas/import-map.schema.json. Objects that
    /// are there already get only what the map fills and what differs; nothing is deleted.
    #[command(after_help = "\
examples:
  gitsm import csv export.csv --kind service --map services.map.toml --dry-run
  gitsm import csv hr.csv --kind person --map people.map.toml --delimiter ';'
  gitsm schema import-map        what a map can say

a small map:
  [fields]
  id = { column = \"Number\", prefix = \"svc-\" }
  name = { column = \"Title\" }
  owner = { value = \"team:service-desk\" }

exit status: 0 everything was mapped, 1 something was left out, 2 could not run")]
    Csv(Csv),
    /// From what a target holds.
    ///
    /// Objects that the rulebook does not have are written as documents; those that it has stay as they are written, and
    /// those that differ are named. Nothing is written to the target.
    #[command(after_help = "\
examples:
  gitsm import target --target site --dry-run   what would be written

exit status: 0 everything was taken over, 1 something differs and was left, 2 could not run, 4 refused")]
    Target(import_target::Arguments),
}

#[derive(Debug, Args)]
struct Csv {
    /// The export: CSV in UTF-8 whose first line names the columns.
    file: PathBuf,
    /// What the records are.
    #[arg(long, value_enum)]
    kind: Kind,
    /// The map from columns to fields, in TOML.
    #[arg(long, value_name = "MAP")]
    map: PathBuf,
    /// Where new objects go, below the repository [default: a file of the first root].
    #[arg(long, value_name = "PATH")]
    out: Option<String>,
    /// What separates the columns, instead of what the map says: a character, or `tab`.
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// Show what would change, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// How the report is written: for people to standard error, or as JSON to standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The folder of the repository, which holds `gitsm.toml`.
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".")]
    repository: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Services.
    Service,
    /// People.
    Person,
    /// Teams.
    Team,
    /// Entitlements, each into the service that it belongs to.
    Entitlement,
    /// Metrics, such as published service standards.
    Metric,
}

impl Kind {
    const fn subject(self) -> Subject {
        match self {
            Self::Service => Subject::Service,
            Self::Person => Subject::Person,
            Self::Team => Subject::Team,
            Self::Entitlement => Subject::Entitlement,
            Self::Metric => Subject::Metric,
        }
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" | b"\t" => Ok(b'\t'),
        [byte] if byte.is_ascii_graphic() && *byte != b'"' || *byte == b' ' => Ok(*byte),
        _ => Err("write one character, such as `;`, or `tab`".to_owned()),
    }
}

/// Imports.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let csv = match &arguments.from {
        From::Csv(csv) => csv,
        From::Target(target) => return import_target::run(target, output),
    };
    let loaded = load_only(&WorkTree::new(&csv.repository))?;
    let request = Request {
        export: &csv.file,
        map: &csv.map,
        subject: csv.kind.subject(),
        delimiter: csv.delimiter,
        out: csv.out.as_deref(),
        has_schemas: csv.repository.join("schemas").join(schema::ANY_FILE).is_file(),
    };
    let imported = match import::import(&loaded, &request) {
        Ok(imported) => imported,
        Err(ImportError::Map { found, sources }) => {
            let report = Report::about(&found, &sources);
            for diagnostic in &found {
                let text = human::diagnostic(diagnostic, &report, Output::talk_style());
                output.talk_rendered(&format!("{text}\n"))?;
            }
            return Err(ImportError::Map { found, sources }.into());
        }
        Err(error) => return Err(error.into()),
    };
    let exit = if imported.report.is_whole() { Exit::Success } else { Exit::Findings };
    output.promise(exit);
    if csv.dry_run {
        if csv.format == Format::Human {
            for file in &imported.files {
                let diff = match &file.before {
                    Some(before) => unified(&file.path, before, &file.after, output.colour()),
                    None => created(&file.path, &file.after, output.colour()),
                };
                output.result(&diff)?;
            }
        }
    } else {
        write_all(&imported, &csv.repository)?;
    }
    match csv.format {
        Format::Human => talk(output, &report::import::human(&imported.report, csv.dry_run))?,
        Format::Json => {
            let report = report::import::json(&imported.report, csv.dry_run);
            output.result(&report::json::write(&report)?)?;
        }
    }
    output.finish()?;
    Ok(exit)
}

/// Talks over several lines.
fn talk(output: &mut Output, text: &str) -> std::io::Result<()> {
    text.lines().try_for_each(|line| output.talk(line))
}

/// Writes every file, or none when one of them was changed by somebody else in the meantime.
fn write_all(imported: &Imported, repository: &Path) -> anyhow::Result<()> {
    imported
        .files
        .iter()
        .try_for_each(|file| write::unchanged(repository, &file.path, file.before.as_deref()))?;
    imported.files.iter().try_for_each(|file| {
        let path = repository.join(&file.path);
        write::put(&path, file.after.as_bytes()).with_context(|| format!("cannot write `{}`", file.path))
    })
}
