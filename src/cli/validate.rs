//! `gitsm validate`.

use clap::{Args, ValueEnum};

use super::{exit::Exit, output::Output, repository::Repository};
use crate::{
    diag::Level,
    report::{human, json},
};

/// Arguments of `gitsm validate`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    repository: Repository,
    /// How findings are written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Fail on warnings as well.
    #[arg(long)]
    deny_warnings: bool,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With the lines that they are about.
    Human,
    /// As JSON, with a published schema.
    Json,
}

/// Says everything that is wrong.
pub fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = arguments.repository.load()?;
    match arguments.format {
        Format::Human => {
            for diagnostic in &loaded.found {
                let text = human::diagnostic(diagnostic, &loaded.sources, output.colour());
                output.result(&text)?;
                output.result("\n\n")?;
            }
        }
        Format::Json => {
            let report = json::report(&loaded.found, &loaded.sources);
            output.result(&serde_json::to_string_pretty(&report)?)?;
            output.result("\n")?;
        }
    }
    output.finish()?;
    let worst = loaded.found.iter().map(|diagnostic| diagnostic.level).max();
    let fails = match worst {
        Some(Level::Error) => true,
        Some(Level::Warning) => arguments.deny_warnings,
        _ => false,
    };
    Ok(if fails { Exit::Findings } else { Exit::Success })
}
