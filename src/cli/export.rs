//! `gitsm plan --export`: what a target must hold as a project for another tool.

use std::{fs, io, io::Write as _, path::Path};

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::{
    exit::Exit,
    output::Output,
    planning::{self, Planning},
    terminal::plain,
};
use crate::{
    source::{Directory, directory::Content},
    target::Exported,
};

/// The file that says which files of a folder an earlier export wrote.
const MANIFEST: &str = "gitsm-export.json";
/// The most bytes of it.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The form of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// Files in Fluent, for the SDK and the compiler of a `servicenow` target.
    Fluent,
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::Fluent => "fluent",
        }
    }
}

/// What an export wrote.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    form: String,
    files: Vec<String>,
}

/// Writes the project of a target into a folder. The target itself is not looked at.
pub(super) fn run(
    planning: &Planning<'_>,
    form: Form,
    folder: &Path,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let files = match planning.export(form.name()) {
        Ok(Some(files)) => files,
        Ok(None) => bail!(
            "`{}` is of the sort `{}`, which has no `--export {}`",
            plain(&planning.chosen.name),
            planning.chosen.settings.target_type,
            form.name()
        ),
        Err(error) => return planning::refused(error.into(), output),
    };
    let shown = plain(&folder.to_string_lossy());
    put(folder, form, &files).with_context(|| format!("cannot write the project to `{shown}`"))?;
    output.talk(&format!("`{shown}` holds {} files", files.len()))?;
    Ok(Exit::Success)
}

fn put(folder: &Path, form: Form, files: &[Exported]) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let top = Directory::open(folder)?;
    let before = match top.read(MANIFEST, MOST_BYTES)? {
        Some(Content::Bytes(bytes)) => serde_json::from_slice::<Manifest>(&bytes).with_context(|| {
            format!("`{MANIFEST}` there is not one of gitsm: write the project somewhere else")
        })?,
        Some(_) => bail!("`{MANIFEST}` there is no file: write the project somewhere else"),
        None if top.entries()?.is_empty() => Manifest::default(),
        None => bail!("something else is there: name a folder that is empty, or holds an earlier export"),
    };
    // Said first, so that what is written is known as gitsm's own whatever happens.
    let mut all: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    all.extend(before.files.iter().cloned());
    all.sort();
    all.dedup();
    manifest(&top, form, all)?;
    for file in files {
        let (below, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let folder = folder_at(&top, below)?;
        replace(folder.as_ref().unwrap_or(&top), name, file.text.as_bytes())?;
    }
    let current: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    for gone in before.files.iter().filter(|path| !current.contains(path) && is_below(path)) {
        let (below, name) = gone.rsplit_once('/').unwrap_or(("", gone));
        let folder = folder_at(&top, below)?;
        folder.as_ref().unwrap_or(&top).remove(name)?;
    }
    manifest(&top, form, current)
}

/// Whether a path leads to something in the folder.
fn is_below(path: &str) -> bool {
    path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn manifest(top: &Directory, form: Form, files: Vec<String>) -> anyhow::Result<()> {
    let manifest = Manifest { form: form.name().to_owned(), files };
    let mut text = serde_json::to_string_pretty(&manifest)?;
    text.push('\n');
    Ok(replace(top, MANIFEST, text.as_bytes())?)
}

/// A folder below another one, made when it is not there; none for that one itself. No link is followed.
fn folder_at(top: &Directory, below: &str) -> io::Result<Option<Directory>> {
    let mut folder: Option<Directory> = None;
    for part in below.split('/').filter(|part| !part.is_empty()) {
        folder = Some(folder.as_ref().unwrap_or(top).make_folder(part)?);
    }
    Ok(folder)
}

fn replace(folder: &Directory, name: &str, bytes: &[u8]) -> io::Result<()> {
    let (mut file, new) = folder.fresh(".gitsm-new")?;
    file.write_all(bytes)?;
    file.sync_all()?;
    folder.rename(&new, folder, name)
}
