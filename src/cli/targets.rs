//! `gitsm targets`.

use anyhow::bail;
use clap::{Args, ValueEnum};

use super::{
    exit::Exit,
    output::Output,
    page,
    terminal::{Paint, plain},
};
use crate::{
    report::{json, targets},
    target::{Row, TARGETS},
};

/// Arguments of `gitsm targets`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm targets          the sorts of targets, and what each can do
  gitsm targets static   rights, what is managed, what is not and why, how to try it")]
pub(super) struct Arguments {
    /// A sort of target. Without it, all are listed.
    #[arg(value_name = "SORT")]
    sort: Option<String>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Human,
    /// The page of one sort as it is kept.
    Markdown,
    /// As JSON; `gitsm schema output/targets` prints its schema.
    Json,
}

/// Lists the sorts of targets, or prints the page of one.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let row = arguments.sort.as_deref().map(find).transpose()?;
    let text = match (arguments.format, row) {
        (Format::Json, row) => json::write(&targets::view(row))?,
        (Format::Human, None) => targets::human(output.style()),
        (Format::Human, Some(row)) => page::render(row.page, Paint::new(output.colour())),
        (Format::Markdown, Some(row)) => row.page.to_owned(),
        (Format::Markdown, None) => bail!("`--format markdown` prints the page of one sort: name it"),
    };
    output.result(&text)?;
    output.finish()?;
    Ok(Exit::Success)
}

fn find(name: &str) -> anyhow::Result<&'static Row> {
    let Some(row) = TARGETS.iter().find(|row| row.target_type.name() == name) else {
        let names: Vec<String> = TARGETS.iter().map(|row| format!("`{}`", row.target_type)).collect();
        bail!("there is no sort of target `{}`: there is {}", plain(name), names.join(", "))
    };
    Ok(row)
}
