//! `gitsm schema`.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::{
    exit::Exit,
    output::Output,
    terminal::{self, Styles},
};
use crate::{
    load::suggest::nearest,
    model::{Group, Kind, schema},
};

/// Arguments of `gitsm schema`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm schema                      list the kinds
  gitsm schema service              the schema of files that hold services
  gitsm schema any                  the schema of files that hold anything
  gitsm schema --out schemas        write every schema into a folder

A file names its schema in its first line, and the editor then completes and checks it:
  #:schema ../schemas/gitsm.schema.json")]
pub(super) struct Arguments {
    /// A kind, `any` for files that hold any kind, or `settings` for gitsm.toml. Without it, the kinds are
    /// listed.
    #[arg(value_name = "KIND", conflicts_with = "out")]
    kind: Option<String>,
    /// Write every schema into this folder, which is made when it is not there.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Names that stand for something else than a kind.
const OTHERS: [&str; 3] = ["any", "all", "settings"];

/// Prints or writes schemas.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    if let Some(folder) = &arguments.out {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
        let schemas = schema::all();
        for (name, schema) in &schemas {
            let path = folder.join(name);
            fs::write(&path, schema::text(schema))
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        output.talk(&format!("{} schemas written to `{}`", schemas.len(), folder.display()))?;
        return Ok(Exit::Success);
    }
    match &arguments.kind {
        Some(name) => output.result(&schema::text(&find(name)?))?,
        None => output.result(&list(Styles::new(output.colour())))?,
    }
    output.finish()?;
    Ok(Exit::Success)
}

fn find(name: &str) -> anyhow::Result<serde_json::Value> {
    Ok(match name {
        "any" | "all" => schema::documents(&Kind::ALL),
        "settings" => schema::settings(),
        _ => match Kind::from_name(name) {
            Some(kind) => schema::documents(&[kind]),
            None => bail!(unknown_kind(name)),
        },
    })
}

/// What to say to a name that is no kind.
pub(super) fn unknown_kind(name: &str) -> String {
    let shown = terminal::plain(name);
    match nearest(name, Kind::ALL.map(Kind::name).into_iter().chain(OTHERS)) {
        Some(near) => format!("there is no kind `{shown}`: did you mean `{near}`?"),
        None => format!("there is no kind `{shown}`: `gitsm schema` lists the kinds"),
    }
}

fn list(styles: Styles) -> String {
    let mut text = String::new();
    for group in Group::ALL {
        text.push_str(&styles.heading(group.title()));
        text.push('\n');
        let mut table = terminal::table(&[]);
        for kind in Kind::ALL.into_iter().filter(|kind| kind.group() == group) {
            table.add_row([format!("{:<18}", kind.name()), kind.summary().to_owned()]);
        }
        terminal::keep_whole(&mut table, 0);
        text.push_str(&terminal::lines(table, 2, styles));
        text.push('\n');
    }
    text.push_str("`gitsm schema KIND` prints one; `any` is every kind, `settings` is gitsm.toml\n");
    text
}
