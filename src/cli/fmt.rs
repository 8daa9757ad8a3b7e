//! `gitsm fmt`.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::Args;
use rayon::prelude::*;

use super::{
    exit::Exit,
    output::Output,
    repository::{folder_prefix, not_a_repository},
    terminal::plain,
    write,
};
use crate::{
    diag::{Diagnostic, FileId, Sources},
    load::{
        self,
        layout::{self, LayoutError},
        settings, text,
    },
    report::{Report, human, plain::line, unified::unified},
    source::{Found, Sort, Source as _, WorkTree},
};

/// Arguments of `gitsm fmt`.
#[derive(Debug, Args)]
#[command(after_help = "\
Comments stay, keys stay in their order, and what a document says is compared before it is written.
Files with syntax errors, links and whatever else is no file are reported and left alone.

PATH is looked for below the folder that the command runs in, and then below the repository.

examples:
  gitsm fmt                    lay out every document
  gitsm fmt catalog/crm.toml   lay out one
  gitsm fmt --check            say which are not laid out, for CI
  gitsm fmt - < in > out       lay out standard input, for editors

exit status: 0 laid out, 1 not laid out or not TOML, 2 something could not be read or written")]
pub(super) struct Arguments {
    /// Documents or folders of the repository, or `-` for standard input. Without any, all documents.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The folder of the repository, which holds `gitsm.toml`.
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".")]
    repository: PathBuf,
    /// Write nothing: list the files that would change, and fail when there are any.
    #[arg(long)]
    check: bool,
    /// Write nothing: show what would change, and fail when anything would.
    #[arg(long)]
    diff: bool,
}

/// What became of a file.
enum Outcome {
    Unchanged(String),
    LaidOut { before: String, after: String },
    Unreadable { text: String, found: Vec<Diagnostic> },
    Refused(String),
}

/// Lays documents out.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    if arguments.paths.iter().any(|path| path == Path::new("-")) {
        if arguments.paths.len() > 1 {
            bail!("`-` is standard input and stands alone");
        }
        return standard_input(arguments, output);
    }
    let tree = WorkTree::new(&arguments.repository);
    let files = documents(&tree, &arguments.paths)?;
    let outcomes: Vec<Outcome> = files.par_iter().map(|file| lay_out(&tree, file)).collect();
    let prefix = folder_prefix(&arguments.repository);
    let (mut changed, mut failed) = (0_usize, 0_usize);
    let writes = !arguments.check && !arguments.diff;
    let settled = |outcome: &Outcome| {
        matches!(outcome, Outcome::Unchanged(_)) || (writes && matches!(outcome, Outcome::LaidOut { .. }))
    };
    let exit = if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Refused(_))) {
        // What was asked for could not be done, which is worse than that something was found.
        Exit::CouldNotRun
    } else if outcomes.iter().all(settled) {
        Exit::Success
    } else {
        Exit::Findings
    };
    output.promise(exit);
    for (Found { path: file, .. }, outcome) in files.iter().zip(outcomes) {
        let shown = line(&format!("{prefix}{file}")).into_owned();
        match outcome {
            Outcome::Unchanged(_) => {}
            Outcome::LaidOut { before, after } => {
                changed += 1;
                if writes {
                    write::replace(&tree.root().join(file), after.as_bytes())
                        .with_context(|| format!("cannot write `{shown}`"))?;
                }
                if arguments.diff {
                    output.result(&unified(file, &before, &after, output.colour()))?;
                } else {
                    output.result(&format!("{shown}\n"))?;
                }
            }
            Outcome::Unreadable { text, found } => {
                failed += 1;
                report(&format!("{prefix}{file}"), &text, &found, output)?;
            }
            Outcome::Refused(why) => {
                failed += 1;
                output.talk(&format!("error: {shown}: {why}"))?;
            }
        }
    }
    output.finish()?;
    output.talk(&summary(files.len(), changed, failed, writes))?;
    Ok(exit)
}

fn summary(files: usize, changed: usize, failed: usize, writes: bool) -> String {
    let count = |number: usize| if number == 1 { "1 file".to_owned() } else { format!("{number} files") };
    let verb = if writes { "laid out" } else { "would change" };
    let failed = if failed == 0 { String::new() } else { format!(", {} left alone", count(failed)) };
    format!("{} of {} {verb}{failed}", changed, count(files))
}

fn standard_input(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let mut bytes = Vec::new();
    let limit = text::MAX_BYTES + 1;
    std::io::stdin().lock().take(limit).read_to_end(&mut bytes).context("cannot read standard input")?;
    if bytes.len() as u64 > text::MAX_BYTES {
        bail!("standard input is larger than a document may be");
    }
    let writes = !arguments.check && !arguments.diff;
    match lay_out_bytes(bytes) {
        Outcome::Unchanged(text) => {
            if writes {
                output.result(&text)?;
                output.finish()?;
            }
            Ok(Exit::Success)
        }
        Outcome::LaidOut { before, after } => {
            if arguments.diff {
                output.result(&unified("-", &before, &after, output.colour()))?;
            } else if writes {
                output.result(&after)?;
            }
            output.finish()?;
            Ok(if writes { Exit::Success } else { Exit::Findings })
        }
        Outcome::Unreadable { text, found } => {
            report("-", &text, &found, output)?;
            Ok(Exit::Findings)
        }
        Outcome::Refused(why) => {
            output.talk(&format!("standard input: {why}"))?;
            Ok(Exit::CouldNotRun)
        }
    }
}

/// The documents of the repository that lie at or below `wanted`, in order.
fn documents(tree: &WorkTree, wanted: &[PathBuf]) -> anyhow::Result<Vec<Found>> {
    let Some(bytes) = tree.read(settings::FILE, text::MAX_BYTES)? else {
        bail!(not_a_repository(tree.root()));
    };
    let text = text::read(FileId(0), bytes, &mut Vec::new());
    let read = settings::read(FileId(0), &text, &mut Vec::new());
    if !read.usable {
        bail!(
            "`{}` has mistakes, so it is not known where the documents are: run `gitsm validate`",
            settings::FILE
        );
    }
    let roots = &read.settings.project.roots;
    let listing = load::list(tree, &read.settings)?;
    if !listing.missing.is_empty() {
        let missing: Vec<&str> = listing.missing.iter().map(|(_, root)| root.as_str()).collect();
        bail!("the root folder `{}` does not exist", missing.join("`, `"));
    }
    let mut files = vec![Found { path: settings::FILE.to_owned(), sort: Sort::File, length: 0 }];
    let documents = listing.files.into_iter().filter(|file| file.path != settings::FILE);
    files.extend(documents.filter(|file| load::is_document(&file.path) || file.sort == Sort::Link));
    files.sort();
    files.dedup();
    if wanted.is_empty() {
        return Ok(files);
    }
    let root = fs::canonicalize(tree.root())
        .with_context(|| format!("cannot find `{}`", plain(&tree.root().to_string_lossy())))?;
    let mut kept = Vec::new();
    for path in wanted {
        let Some(below) = below(&root, path) else {
            bail!("cannot find `{}` in this repository", plain(&path.to_string_lossy()));
        };
        let before = kept.len();
        kept.extend(files.iter().filter(|file| Path::new(&file.path).starts_with(&below)).cloned());
        if kept.len() == before {
            bail!(
                "`{}` holds no document of this repository: documents are gitsm.toml and `*.toml` below `{}`",
                plain(&path.to_string_lossy()),
                roots.join("`, `")
            );
        }
    }
    kept.sort();
    kept.dedup();
    Ok(kept)
}

/// A path as it is below the repository: seen from the folder that the command runs in, or else from the
/// repository. The last part may be a link, which is then meant itself and not what it leads to.
fn below(root: &Path, path: &Path) -> Option<PathBuf> {
    let resolve = |path: &Path| {
        let resolved = if path.is_symlink() {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?.join(path.file_name()?)
        } else {
            fs::canonicalize(path).ok()?
        };
        // What the repository lies in holds all of it.
        if root.starts_with(&resolved) {
            return Some(PathBuf::new());
        }
        resolved.strip_prefix(root).ok().map(Path::to_owned)
    };
    resolve(path).or_else(|| resolve(&root.join(path)))
}

fn lay_out(tree: &WorkTree, file: &Found) -> Outcome {
    match file.sort {
        Sort::File => {}
        Sort::Link => return Outcome::Refused("a symbolic link, which is never followed".to_owned()),
        Sort::Submodule => return Outcome::Refused("a submodule".to_owned()),
        Sort::Nameless => return Outcome::Refused("its name is not UTF-8".to_owned()),
        Sort::Special => return Outcome::Refused("a pipe or device".to_owned()),
    }
    match tree.read(&file.path, text::MAX_BYTES) {
        Ok(Some(bytes)) => lay_out_bytes(bytes),
        Ok(None) => Outcome::Refused("the file went away".to_owned()),
        Err(error) => Outcome::Refused(format!("{:#}", anyhow::Error::from(error))),
    }
}

fn lay_out_bytes(bytes: Vec<u8>) -> Outcome {
    let mut found = Vec::new();
    let text = text::read(FileId(0), bytes, &mut found).to_string();
    if !found.is_empty() {
        return Outcome::Unreadable { text, found };
    }
    match layout::layout(FileId(0), &text) {
        Ok(after) if after == text => Outcome::Unchanged(after),
        Ok(after) => Outcome::LaidOut { before: text, after },
        Err(LayoutError::Syntax(found)) => Outcome::Unreadable { text, found },
        Err(LayoutError::Changed) => {
            Outcome::Refused("laying it out would change what it says, so it is left alone".to_owned())
        }
    }
}

fn report(file: &str, text: &str, found: &[Diagnostic], output: &mut Output) -> anyhow::Result<()> {
    let mut sources = Sources::default();
    sources.add(file, text);
    // Nothing is mended here, so nothing is said of `--fix`.
    let mut found = found.to_vec();
    for one in &mut found {
        let title = one.fix.take().map(|fix| fix.title);
        one.help = one.help.take().or(title);
    }
    let text = human::render(&Report::about(&found, &sources), Output::talk_style())?;
    output.talk_rendered(text.trim_end())?;
    Ok(())
}
