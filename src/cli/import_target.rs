//! `gitsm import target`.

use std::{
    io,
    path::{Component, Path},
};

use anyhow::bail;
use clap::Args;

use super::{
    entrusted,
    exit::Exit,
    output::Output,
    planning::{self, Planning, Which},
    repository::Repository,
    terminal::plain,
    write,
};
use crate::{
    apply::{ApplyError, import},
    load::is_document,
    plan::Desired,
    report::{summary::plural, unified::created},
};

/// Arguments of `gitsm import target`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    repository: Repository,
    /// Where the documents go, below the repository; the file must not be there yet [default: a file of the first root].
    #[arg(long, value_name = "PATH")]
    out: Option<String>,
    /// Show what would be written, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Turns what a target holds into documents.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    // A rulebook without an object is where imports begin, so it need not be sound.
    let loaded = arguments.repository.load_only()?;
    let chosen = match entrusted::choose(&arguments.repository, &loaded, &arguments.which)? {
        Ok(chosen) => chosen,
        Err(error) => return planning::refused(error, output),
    };
    let planning = Planning::new(&arguments.repository, &loaded, &chosen);
    let read = || -> Result<import::Imported, ApplyError> {
        let reader = planning.reader()?;
        planning.look_for_owner(&*reader)?;
        let observed = reader.observe(&Desired::default())?;
        // What the target must hold, as far as the rulebook can say: not all of an object need reach it.
        let desired = planning.desired().unwrap_or_default();
        Ok(import::documents(chosen.row, &observed, &loaded.rulebook, &desired)?)
    };
    let imported = match read() {
        Ok(imported) => imported,
        Err(error) => return planning::refused(error, output),
    };
    let whole = imported.differing.is_empty() && imported.unreadable.is_empty();
    let exit = if whole { Exit::Success } else { Exit::Findings };
    output.promise(exit);
    let first = loaded.rulebook.settings.project.roots.first().map_or("catalog", String::as_str);
    let path = match &arguments.out {
        Some(path) => path.clone(),
        None => format!("{}/imported-{}.toml", first.trim_end_matches('/'), chosen.name),
    };
    if !imported.taken.is_empty() {
        let below = |root: &String| path.starts_with(&format!("{}/", root.trim_end_matches('/')));
        let is_plain = Path::new(&path).components().all(|part| matches!(part, Component::Normal(_)));
        let in_a_root = loaded.rulebook.settings.project.roots.iter().any(below) && is_plain;
        if !is_document(&path) || !in_a_root {
            bail!(
                "`{}` is no place for documents: write a path below a root, such as `{first}/imported.toml`",
                plain(&path)
            );
        }
        if arguments.dry_run {
            output.result(&created(&path, &imported.text, output.colour()))?;
        } else {
            let root = &arguments.repository.repository;
            match write::create_below(root, &path, imported.text.as_bytes()) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    bail!("`{}` is there already: name another file with `--out`", plain(&path));
                }
                Err(error) => {
                    return Err(anyhow::Error::new(error).context(format!("cannot write `{}`", plain(&path))));
                }
            }
        }
    }
    output.finish()?;
    let verb = if arguments.dry_run { "would be written" } else { "written" };
    let path = plain(&path);
    match imported.taken.len() {
        0 => output.talk("the target holds nothing that the rulebook does not have")?,
        number => output.talk(&format!("{} {verb} to `{path}`", plural(number, "object")))?,
    }
    if imported.same > 0 {
        output.talk(&format!("{} are as the rulebook says", plural(imported.same, "object")))?;
    }
    for key in &imported.differing {
        output.talk(&format!("`{key}` differs from the rulebook and was left: `gitsm drift` says how"))?;
    }
    for key in &imported.unreadable {
        output.talk(&format!("`{key}` is no document as it is, and was left out"))?;
    }
    Ok(exit)
}
