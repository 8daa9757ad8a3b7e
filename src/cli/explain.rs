//! `gitsm explain`.

use anyhow::bail;
use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    exit::Exit,
    output::Output,
    page,
    terminal::{self, Paint},
};
use crate::{
    diag::{Code, Level},
    lint,
    load::suggest::{nearest, nearest_code},
    model::Kind,
    report::json,
};

/// Arguments of `gitsm explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm explain                     list every code
  gitsm explain GS1201              what the code means, with a bad and a good example
  gitsm explain dangling-reference  the same by name")]
pub(super) struct Arguments {
    /// Codes, such as `GS1201`, or their names, such as `dangling-reference`. Without any, all are listed.
    #[arg(value_name = "CODE")]
    codes: Vec<String>,
    /// How pages are written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// How pages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Human,
    /// As it is kept.
    Markdown,
    /// As JSON, with the page as Markdown.
    Json,
}

/// What `gitsm explain --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm explain --format json`")]
pub(super) struct Report {
    /// The version of this format.
    format_version: u32,
    /// The codes that were asked for, or all.
    codes: Vec<Explained>,
}

/// One code.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct Explained {
    /// The code.
    code: &'static str,
    /// The same in words.
    name: &'static str,
    /// How serious its findings are, unless gitsm.toml says otherwise.
    level: Level,
    /// Whether gitsm.toml may change the level.
    fixed: bool,
    /// What is wrong, in one line.
    summary: &'static str,
    /// The whole page, as Markdown.
    page: &'static str,
}

/// Prints pages, or the list of all codes.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let all: Vec<&'static Code> = lint::codes().collect();
    let wanted = arguments.codes.iter().map(|name| find(name, &all)).collect::<anyhow::Result<Vec<_>>>()?;
    let styles = Paint::new(output.colour());
    match arguments.format {
        Format::Json => {
            let shown = if wanted.is_empty() { &all } else { &wanted };
            let codes = shown.iter().map(|code| explained(code)).collect();
            let report = Report { format_version: 1, codes };
            output.result(&json::write(&report)?)?;
        }
        Format::Human if wanted.is_empty() => output.result(&list(&all, styles))?,
        Format::Markdown if wanted.is_empty() => output.result(&markdown_list(&all))?,
        Format::Human | Format::Markdown => {
            for (index, code) in wanted.iter().enumerate() {
                if index > 0 {
                    output.result("\n")?;
                }
                match arguments.format {
                    Format::Markdown => output.result(code.page)?,
                    _ => output.result(&page::render(code.page, styles))?,
                }
            }
        }
    }
    output.finish()?;
    Ok(Exit::Success)
}

const fn explained(code: &'static Code) -> Explained {
    Explained {
        code: code.id,
        name: code.name,
        level: code.level,
        fixed: code.fixed,
        summary: code.summary,
        page: code.page,
    }
}

/// The code with this id, however it is spelled, or with this name.
fn find(written: &str, all: &[&'static Code]) -> anyhow::Result<&'static Code> {
    let found = all.iter().find(|code| {
        code.id.eq_ignore_ascii_case(written)
            || code.id.strip_prefix("GS").is_some_and(|digits| digits == written)
            || code.name.eq_ignore_ascii_case(written)
    });
    if let Some(code) = found {
        return Ok(code);
    }
    let shown = terminal::plain(written);
    if let Some(kind) = Kind::from_name(written) {
        bail!("`{shown}` is a kind, not a code: `gitsm schema {}` tells what it holds", kind.name());
    }
    let near = nearest_code(&written.to_uppercase(), all.iter().map(|code| code.id))
        .or_else(|| nearest(written, all.iter().map(|code| code.name)));
    match near {
        Some(near) => bail!("there is no code `{shown}`: did you mean `{near}`?"),
        None => bail!("there is no code `{shown}`: `gitsm explain` lists them"),
    }
}

/// The id with the fewest digits that differ, of which the first ones count most: they name the family.
fn list(codes: &[&Code], styles: Paint) -> String {
    let mut table = terminal::table(&["code", "level", "summary"]);
    for code in codes {
        table.add_row([code.id, code.level.name(), code.summary]);
    }
    terminal::keep_whole(&mut table, 0);
    terminal::keep_whole(&mut table, 1);
    terminal::lines(table, 0, styles)
}

fn markdown_list(codes: &[&Code]) -> String {
    use std::fmt::Write as _;
    let mut text = "| code | name | level | summary |\n|---|---|---|---|\n".to_owned();
    for code in codes {
        let summary = code.summary.replace('|', "\\|");
        // Writing into a string cannot fail.
        let _ = writeln!(text, "| {} | {} | {} | {summary} |", code.id, code.name, code.level.name());
    }
    text
}
