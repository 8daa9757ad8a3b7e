//! From bytes to a rulebook: text, syntax, shape, types, references.
//!
//! Every stage says everything that it finds, in all files; a stage whose input is not sound is left out
//! rather than let it report what follows from an earlier mistake.

pub mod codes;
pub mod decode;
pub mod document;
mod doubt;
pub mod events;
pub mod guess;
pub mod json;
pub mod layout;
mod parts;
pub mod people;
pub mod places;
pub mod reference;
mod recovery;
mod repeated;
pub mod replay_map;
pub mod secret;
pub mod request;
pub mod rows;
pub mod settings;
pub mod shape;
pub mod slips;
pub mod suggest;
mod syntax;
pub mod text;
pub mod toml_1_0;
pub mod tree;
pub mod words;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use rayon::prelude::*;

use doubt::Doubt;
use guess::Guess;

use crate::{
    diag::{Diagnostic, FileId, Sources, Span},
    model::{
        AnyDocument, Id, Kind, Origin, Reference, Rulebook,
        settings::{Project, Settings},
    },
    source::{Found, Sort, Source, SourceError},
};

/// A repository that was read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The texts.
    pub sources: Sources,
    /// What they say; where something is wrong, what could be read of it.
    pub rulebook: Rulebook,
    /// What is wrong.
    pub found: Vec<Diagnostic>,
    /// How much could be read.
    pub completeness: Completeness,
    /// Objects that are there and cannot be used.
    pub broken: BTreeSet<(Kind, String)>,
    /// The file that holds the settings.
    pub settings_file: FileId,
    /// Whether the settings could not be used, so that nothing else means what it says.
    pub without_settings: bool,
    /// How many findings were counted and not kept, by code: with so many, nobody reads them one by one.
    pub not_kept: BTreeMap<&'static str, usize>,
    /// The files with such findings.
    pub files_not_kept: BTreeSet<FileId>,
}

/// How much of a repository could be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Completeness {
    /// Every object.
    #[default]
    Whole,
    /// Some objects cannot be used, but it is known that they are there.
    Broken,
    /// Some files cannot be read, so nobody knows what they hold.
    Unreadable,
}

/// A repository that cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is no settings file.
    #[error("there is no `{}` in {place}", settings::FILE)]
    NotARepository {
        /// Where it was looked for.
        place: String,
    },
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// Reads a repository.
///
/// # Errors
/// When there is no `gitsm.toml`, or the source cannot be read to its end.
pub fn load(source: &dyn Source) -> Result<Loaded, LoadError> {
    let Some(bytes) = source.read(settings::FILE, text::MAX_BYTES)? else {
        return Err(LoadError::NotARepository { place: source.describe() });
    };
    let mut loaded = Loaded::default();
    let mut text_findings = Vec::new();
    let settings_text = text::read(FileId(0), bytes, &mut text_findings);
    loaded.settings_file = loaded.sources.add(settings::FILE, settings_text.clone());
    let read_settings = if text_findings.is_empty() {
        settings::read(loaded.settings_file, &settings_text, &mut loaded.found)
    } else {
        document::syntax_beside(loaded.settings_file, &settings_text, &mut text_findings);
        settings::recover(loaded.settings_file, &settings_text)
    };
    loaded.found.append(&mut text_findings);
    if !read_settings.usable {
        loaded.without_settings = true;
        loaded.completeness = Completeness::Unreadable;
    }
    loaded.rulebook.settings = read_settings.settings;
    let mut unread = Unread { doubt: read_settings.doubt, ..Unread::default() };
    let guesses = read_documents(source, &mut loaded, &mut unread)?;
    read_people(source, &mut loaded, &mut unread)?;
    guess::suggest(&loaded.rulebook, &guesses, &mut loaded.found);
    let Unread { broken, references, mut doubt } = unread;
    refuse_nothing(&mut loaded, &broken);
    let origin = |span| Origin { file: loaded.settings_file, span };
    loaded.rulebook.references.extend(read_settings.references.into_iter().map(|seen| Reference {
        from: None,
        field: seen.field,
        origin: origin(seen.span),
        to: seen.to,
    }));
    if loaded.completeness < Completeness::Unreadable && !broken.is_empty() {
        loaded.completeness = Completeness::Broken;
    }
    let left_out = reference::check(&loaded.rulebook, &references, &broken, &mut doubt, &mut loaded.found);
    if left_out.number > 0 {
        loaded.not_kept.insert(codes::DANGLING_REFERENCE.id, left_out.number);
        loaded.files_not_kept = left_out.files;
    }
    doubt.say(&mut loaded.found);
    loaded.broken = broken;
    secret::words::conceal(&mut loaded.found);
    loaded.found.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
    Ok(loaded)
}

/// What is there and cannot be used.
#[derive(Debug, Default)]
struct Unread {
    /// Objects.
    broken: BTreeSet<(Kind, String)>,
    /// What they refer to.
    references: Vec<Reference>,
    /// What else may be there.
    doubt: Doubt,
}

/// The files below the roots of a repository.
#[derive(Debug, Default)]
pub struct Listing {
    /// Everything that was found, in order.
    pub files: Vec<Found>,
    /// The roots that do not exist and should, with their places in the list.
    pub missing: Vec<(usize, String)>,
}

/// Lists what lies below the roots.
///
/// Of the two default roots one may be missing; a root that somebody wrote down may not.
///
/// # Errors
/// When a folder cannot be read to its end.
pub fn list(source: &dyn Source, settings: &Settings) -> Result<Listing, SourceError> {
    let roots = &settings.project.roots;
    let mut listing = Listing::default();
    for (index, root) in roots.iter().enumerate() {
        match source.list(root.trim_end_matches('/'))? {
            Some(found) => listing.files.extend(found),
            None => listing.missing.push((index, root.clone())),
        }
    }
    if *roots == Project::default().roots && listing.missing.len() < roots.len() {
        listing.missing.clear();
    }
    listing.files.sort();
    listing.files.dedup();
    Ok(listing)
}

/// A repository that says nothing would mean that everything is denied and every target is emptied.
fn refuse_nothing(loaded: &mut Loaded, broken: &BTreeSet<(Kind, String)>) {
    let nothing = loaded.completeness == Completeness::Whole
        && broken.is_empty()
        && Kind::ALL.into_iter().all(|kind| loaded.rulebook.count(kind) == 0);
    if nothing {
        loaded.found.push(
            Diagnostic::new(
                &codes::NOTHING_FOUND,
                loaded.settings_file,
                Span::default(),
                "there is not a single object in the repository",
            )
            .help("write objects as tables `[kind.id]` into `*.toml` files below the roots; `gitsm init` makes an example"),
        );
    }
}

/// Where a value of the settings stands, which were read without a mistake.
fn in_settings(loaded: &Loaded, pointer: &str) -> Span {
    let text = loaded.sources.get(loaded.settings_file).map_or("", |file| &file.text);
    let located = toml::de::DeTable::parse(text).map(|root| tree::locate(root.get_ref(), pointer));
    // A value that is not written has no place of its own.
    located.ok().filter(|located| located.exact).map_or_else(Span::default, |located| located.value)
}

fn read_documents(
    source: &dyn Source,
    loaded: &mut Loaded,
    unread: &mut Unread,
) -> Result<Vec<(FileId, Guess)>, LoadError> {
    let Listing { files, missing } = list(source, &loaded.rulebook.settings)?;
    for (index, root) in missing {
        loaded.completeness = Completeness::Unreadable;
        unread.doubt.everything(loaded.settings_file);
        let at = in_settings(loaded, &format!("/project/roots/{index}"));
        loaded.found.push(
            Diagnostic::new(
                &codes::MISSING_ROOT,
                loaded.settings_file,
                at,
                format!("the root folder `{root}` does not exist"),
            )
            .label("not there")
            .help("create it, or list the folders that hold documents as `project.roots` in gitsm.toml"),
        );
    }
    let first = u32::try_from(loaded.sources.len()).unwrap_or(u32::MAX);
    let documents: Vec<(FileId, &Found)> =
        (first..).map(FileId).zip(files.iter().filter(|file| is_read(file))).collect();
    let parsed: Vec<Result<document::Parsed, SourceError>> =
        documents.par_iter().map(|(id, file)| read_file(source, *id, file)).collect();
    let (mut objects, mut guesses) = (Vec::new(), Vec::new());
    for ((id, file), parsed) in documents.iter().zip(parsed) {
        let mut parsed = parsed?;
        if parsed.unreadable {
            loaded.completeness = Completeness::Unreadable;
            unread.doubt.document(*id, &parsed.text);
        }
        let id = loaded.sources.add(file.path.as_str(), parsed.text);
        loaded.found.append(&mut parsed.found);
        unread.broken.extend(parsed.broken);
        unread.references.extend(parsed.references.into_iter().map(|(kind, from, seen)| Reference {
            from: Id::new(&from).map(|from| (kind, from)),
            field: seen.field,
            origin: Origin { file: id, span: seen.span },
            to: seen.to,
        }));
        guesses.extend(parsed.guesses.into_iter().map(|guess| (id, guess)));
        objects.extend(parsed.objects.into_iter().map(|object| (id, object)));
    }
    odd_files(&files, &documents, loaded);
    for (file, object) in objects {
        let origin = Origin { file, span: object.span };
        let kind = object.document.kind();
        let id = object.id.clone();
        if let Err(first) = loaded.rulebook.insert(object.id, object.document, origin) {
            loaded.found.push(duplicate(kind, id.as_str(), origin, first));
            continue;
        }
        loaded.rulebook.references.extend(object.references.into_iter().map(|seen| Reference {
            from: Some((kind, id.clone())),
            field: seen.field,
            origin: Origin { file, span: seen.span },
            to: seen.to,
        }));
    }
    Ok(guesses)
}

/// Whether a path below a root is that of a document.
#[must_use]
pub fn is_document(path: &str) -> bool {
    // In lower case only: on Linux `A.TOML` is another file than `A.toml`, and GS1011 reports it.
    path.rsplit('/')
        .next()
        .and_then(|name| name.strip_suffix(".toml"))
        .is_some_and(|stem| !stem.starts_with('.'))
}

/// Documents are read, and links are refused whatever they are called: behind one could be a folder of
/// documents that would silently be left out.
fn is_read(file: &Found) -> bool {
    let folder_elsewhere = matches!(file.sort, Sort::Link | Sort::Submodule | Sort::Nameless);
    // A root can be the repository itself, where the settings are.
    (is_document(&file.path) && file.path != settings::FILE) || folder_elsewhere
}

fn read_file(source: &dyn Source, id: FileId, file: &Found) -> Result<document::Parsed, SourceError> {
    let refuse = |code, message: String, help: &str| {
        let mut parsed = document::Parsed { unreadable: true, ..document::Parsed::default() };
        parsed.found.push(Diagnostic::new(code, id, Span::default(), message).help(help));
        Ok(parsed)
    };
    match file.sort {
        Sort::Link => refuse(
            &codes::NOT_A_FILE,
            format!("`{}` is a symbolic link", file.path),
            "put the file or folder itself here: links could lead out of what was reviewed",
        ),
        Sort::Submodule => refuse(
            &codes::NOT_A_FILE,
            format!("`{}` is a submodule", file.path),
            "put the folder itself here: the files of another repository are not part of this commit",
        ),
        Sort::Special => {
            refuse(&codes::NOT_A_FILE, "the document is a pipe or device".to_owned(), "put a file here")
        }
        Sort::Nameless => refuse(
            &codes::UNREADABLE,
            "the name of the file is not UTF-8".to_owned(),
            "rename it: other machines and programs read such a name as another one, or not at all",
        ),
        Sort::File if file.length > text::MAX_BYTES => refuse(
            &codes::TOO_LARGE,
            format!("a file of {} bytes is too large", file.length),
            "a document may have 4 MiB: spread the objects over several files",
        ),
        Sort::File => match source.read(&file.path, text::MAX_BYTES) {
            Ok(Some(bytes)) => Ok(document::read(id, bytes)),
            Ok(None) => refuse(
                &codes::UNREADABLE,
                "the file went away while it was read".to_owned(),
                "run the command again",
            ),
            Err(SourceError::Read { source, .. }) => refuse(
                &codes::UNREADABLE,
                format!("the file cannot be read: {source}"),
                "look at the permissions of the file",
            ),
            Err(other) => Err(other),
        },
    }
}

/// The settings of Taplo, which editors use, when a root is the repository itself.
const TAPLO: &str = ".taplo.toml";

/// Files that a person would take for documents and that are not read, and paths that some machines
/// cannot tell apart.
fn odd_files(files: &[Found], documents: &[(FileId, &Found)], loaded: &mut Loaded) {
    for file in files {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let lower = name.to_lowercase();
        // Editors keep what is not saved yet under names with a dot before and another ending behind.
        let of_an_editor =
            name.starts_with('.') && Path::new(&lower).extension().is_none_or(|ending| ending != "toml");
        let looks_like_one =
            lower.contains(".toml") && !of_an_editor && name != TAPLO && file.path != settings::FILE;
        if looks_like_one && !is_read(file) {
            let id = loaded.sources.add(file.path.as_str(), "");
            loaded.found.push(
                Diagnostic::new(
                    &codes::NOT_READ,
                    id,
                    Span::default(),
                    format!("`{name}` looks like a document and is not read"),
                )
                .help("name it `….toml`, with no dot before, to have it read, or move it out of the roots"),
            );
        }
    }
    let mut seen: HashMap<String, FileId> = HashMap::new();
    for (id, file) in documents {
        if let Some(first) = seen.insert(file.path.to_lowercase(), *id) {
            loaded.found.push(
                Diagnostic::new(
                    &codes::SAME_PATH,
                    *id,
                    Span::default(),
                    format!("the path `{}` differs from another only in upper and lower case", file.path),
                )
                .related(first, Span::default(), "the other one")
                .help("rename one of them: on some machines they are the same file"),
            );
        }
    }
}

fn read_people(source: &dyn Source, loaded: &mut Loaded, unread: &mut Unread) -> Result<(), LoadError> {
    let settings = loaded.rulebook.settings.clone();
    for (index, people_file) in settings.people.iter().enumerate() {
        let path = people_file.file.as_str();
        let read = match source.read(path, people::MAX_BYTES) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(format!("the people file `{path}` does not exist")),
            Err(error @ (SourceError::NotAFile { .. } | SourceError::TooLarge { .. })) => {
                Err(error.to_string())
            }
            Err(error) => return Err(error.into()),
        };
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(problem) => {
                let at = in_settings(loaded, &format!("/people/{index}/file"));
                let diagnostic = Diagnostic::new(&codes::PEOPLE_FILE, loaded.settings_file, at, problem);
                loaded.found.push(diagnostic.label("not there").help("look at `people.file` in gitsm.toml"));
                loaded.completeness = Completeness::Unreadable;
                unread.doubt.people(loaded.settings_file);
                continue;
            }
        };
        let id = FileId(u32::try_from(loaded.sources.len()).unwrap_or(u32::MAX));
        let mut read = people::read(id, bytes, &settings, people_file);
        if read.incomplete {
            loaded.completeness = Completeness::Unreadable;
            unread.doubt.people_file(id, &read.text);
        }
        loaded.sources.add(path, read.text);
        loaded.found.append(&mut read.found);
        unread.broken.extend(read.broken.into_iter().map(|id| (Kind::Person, id)));
        loaded.rulebook.references.append(&mut read.references);
        unread.references.append(&mut read.broken_references);
        for (person, value, span) in read.people {
            let origin = Origin { file: id, span };
            let name = person.to_string();
            if let Err(first) = loaded.rulebook.insert(person, AnyDocument::Person(Box::new(value)), origin) {
                loaded.found.push(duplicate(Kind::Person, &name, origin, first));
            }
        }
    }
    Ok(())
}

fn duplicate(kind: Kind, id: &str, again: Origin, first: Origin) -> Diagnostic {
    let kind = kind.name();
    Diagnostic::new(
        &codes::DUPLICATE_ID,
        again.file,
        again.span,
        format!("the {kind} `{id}` is defined twice"),
    )
    .label("the second definition")
    .related(first.file, first.span, "the first definition")
    .help("give one of them another id, or remove it")
}
