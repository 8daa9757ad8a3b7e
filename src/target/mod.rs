//! The systems that a rulebook is applied to: one file or folder per sort of system, and one row in [`TARGETS`].
//!
//! A row says what the rulebook becomes there, and opens a [`Reader`] or a [`Writer`]. A plan is made with a reader
//! only, so that planning cannot write.

mod content;
mod folder;
mod github;
mod mark;
mod offered;
mod opening;
mod pen;
mod request_tracker;
mod scim;
mod servicenow;
mod static_folder;

pub use github::request_label;
pub use mark::owner;

use std::{
    io,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    model::{
        Id, Kind, Rulebook,
        settings::{self, TargetType},
    },
    plan::{Commit, Construct, Content, Desired, Key, Observed, Operation, Support},
    source::Directory,
};

/// A sort of system.
#[derive(Debug)]
pub struct Row {
    /// The sort.
    pub target_type: TargetType,
    /// What it is, in one line.
    pub about: &'static str,
    /// What it can do.
    pub capabilities: Capabilities,
    /// The page for its administrators, in Markdown.
    pub page: &'static str,
    /// What the rulebook becomes there.
    pub desired: fn(&Book<'_>) -> Result<Desired, TargetError>,
    /// What stands at the target for each kind, with the reason where that is not the kind itself.
    pub support: fn(Kind) -> (Support, &'static str),
    /// Opens it to be read.
    pub reader: fn(&Place<'_>) -> Result<Box<dyn Reader>, TargetError>,
    /// Opens it to be written.
    pub writer: fn(&Place<'_>) -> Result<Box<dyn Writer>, TargetError>,
    /// The documents that objects of the target stand for; none where an object holds only a part of one.
    pub document: Option<Document>,
    /// What writes the same as a project for other tools, with the name of its form; none when there is nothing like it.
    pub export: Option<(&'static str, Export)>,
}

/// The document that an object stands for, as it would be written, by the text that the object holds; none when it stands for
/// none.
pub type Document = fn(&Key, &str) -> Result<Option<Written>, TargetError>;

/// Writes what a target must hold as the files of a project.
pub type Export = fn(&Place<'_>, &Book<'_>, &Desired) -> Result<Vec<Exported>, TargetError>;

/// A file of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Its path below the folder of the project.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl Exported {
    fn new(path: &str, text: String) -> Self {
        Self { path: path.to_owned(), text }
    }
}

/// What a sort of system can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Capabilities {
    /// By what gitsm knows its objects there.
    pub key: &'static str,
    /// How they are changed.
    pub update: &'static str,
    /// What deleting does.
    pub delete: &'static str,
    /// What keeps a change of somebody else from being overwritten.
    pub lock: &'static str,
    /// Whether the target can try a change out by itself.
    pub simulate: bool,
    /// Whether an object can hold a remark about who made it.
    pub comment: bool,
}

/// A document that an object of a target stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub id: Id,
    /// Its fields, as a document writes them.
    pub fields: serde_json::Value,
}

/// Every sort of system that there is.
pub static TARGETS: &[Row] =
    &[static_folder::ROW, request_tracker::ROW, github::ROW, scim::ROW, servicenow::ROW];

/// The row of a sort of system; none when it is planned and not there yet.
#[must_use]
pub fn row(target_type: TargetType) -> Option<&'static Row> {
    TARGETS.iter().find(|row| row.target_type == target_type)
}

/// What can be opened where `gitsm.toml` says that it is.
trait Open: Sized + 'static {
    /// Opens it: nothing is sent yet.
    ///
    /// # Errors
    /// When what is said about it does not lead there.
    fn open(place: &Place<'_>) -> Result<Self, TargetError>;
}

/// Opens a target to be read.
fn reader<T: Open + Reader>(place: &Place<'_>) -> Result<Box<dyn Reader>, TargetError> {
    Ok(Box::new(T::open(place)?))
}

/// Opens a target to be written.
fn writer<T: Open + Writer>(place: &Place<'_>) -> Result<Box<dyn Writer>, TargetError> {
    Ok(Box::new(T::open(place)?))
}

/// What becomes of each kind of which there are objects.
fn constructs(of: fn(Kind) -> (Support, &'static str), rulebook: &Rulebook) -> Vec<Construct> {
    let kinds = Kind::ALL.into_iter().filter(|kind| rulebook.count(*kind) > 0);
    kinds
        .map(|kind| {
            let (support, reason) = of(kind);
            let construct = kind.name().to_owned();
            Construct { construct, support, reason: reason.to_owned(), objects: rulebook.count(kind) }
        })
        .collect()
}

/// The rulebook that a target must hold.
#[derive(Debug, Clone, Copy)]
pub struct Book<'a> {
    /// The rulebook.
    pub rulebook: &'a Rulebook,
    /// The commit that holds it; none for the files of a folder.
    pub commit: Option<&'a Commit>,
    /// What `gitsm.toml` says about the target.
    pub settings: &'a settings::Target,
    /// The day that counts as today: who can approve depends on it.
    pub today: Date,
    /// The instant that counts as now: which grants are in force depends on it.
    pub now: Timestamp,
}

/// Where a target is.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its name in `gitsm.toml`.
    pub name: &'a str,
    /// What `gitsm.toml` says about it.
    pub settings: &'a settings::Target,
    /// The folder of the repository.
    pub repository: &'a Path,
    /// The name of the project, of which that of the owner is made where the settings name none.
    pub project: &'a str,
}

/// A target to be read. It has no way to change anything.
pub trait Reader {
    /// Where it is, as it is shown: a folder or an address, without secrets.
    fn place(&self) -> String;

    /// The system that what gitsm knows is about: one at another place is another one. None where that lies in the target
    /// itself, and goes where it goes.
    fn system(&self) -> Option<String> {
        Some(self.place())
    }

    /// The folder in which gitsm keeps what it knows about the target, for messages.
    fn state_folder(&self) -> PathBuf;

    /// The same, opened without following a link; none when it is not there and must not be made.
    ///
    /// # Errors
    /// When it cannot be opened or made, or a link leads to it.
    fn state(&self, make: bool) -> Result<Option<Directory>, TargetError>;

    /// What the target holds. What is as desired may be left without its content.
    ///
    /// # Errors
    /// When not all of it can be read: a gap is never taken for "there is nothing".
    fn observe(&self, desired: &Desired) -> Result<Observed, TargetError>;
}

/// A target to be written. Only `apply` holds one.
pub trait Writer {
    /// Does one operation, and gives the digest of what the object holds since, as it was read from the target afterwards and
    /// never as it was asked for; none when it is not there.
    ///
    /// # Errors
    /// When it was refused, or nobody knows whether it was done: then it may have been done all the same, and whoever asked
    /// reads it back.
    fn write(&mut self, step: &Step<'_>) -> Result<Option<String>, TargetError>;

    /// The digest of what the object of an operation that failed holds now; none when it is not there.
    ///
    /// # Errors
    /// When that cannot be said.
    fn read_back(&mut self, step: &Step<'_>) -> Result<Option<String>, TargetError>;

    /// Makes sure that everything that was written stays, whatever happens to the machine.
    ///
    /// # Errors
    /// When that cannot be said.
    fn finish(&mut self) -> Result<(), TargetError> {
        Ok(())
    }
}

/// One operation for a writer.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// What the object must hold; none when it is deleted.
    pub content: Option<&'a Content>,
    /// The same for the same operation of the same plan, however often it is tried.
    pub idempotency_key: &'a str,
}

/// A target that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// It must not be touched as it is.
    #[error("{message}: {help}")]
    Refused {
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
    },
    /// A link, or a device, is in the place of something that gitsm reads or writes.
    #[error(
        "`{path}` is a link or a device, so what is written there can land anywhere: remove it, then plan again"
    )]
    Link {
        /// Where it is.
        path: String,
    },
    /// A system was not reached, or does not do what was asked: what happened, and what to do next.
    #[error("{0}")]
    System(String),
    /// It did not work.
    #[error("{what}: {hint}")]
    Failed {
        /// What did not work.
        what: String,
        /// What to look at.
        hint: &'static str,
        /// Why.
        source: io::Error,
    },
}

impl TargetError {
    /// Something that must not be touched.
    #[must_use]
    pub fn refused(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Refused { message: message.into(), help: help.into() }
    }

    /// Whether it was decided not to touch the target, rather than not possible.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Link { .. })
    }

    /// Something that did not work, with what usually helps.
    #[must_use]
    pub fn failed(what: impl Into<String>, source: io::Error) -> Self {
        let what = what.into();
        let hint = match source.kind() {
            io::ErrorKind::PermissionDenied if what.starts_with("cannot read") => {
                "give the user that runs gitsm the right to read it"
            }
            io::ErrorKind::PermissionDenied => "give the user that runs gitsm the right to write there",
            io::ErrorKind::ReadOnlyFilesystem => "the file system is mounted read-only",
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "the disk is full: make room, then plan and apply again"
            }
            io::ErrorKind::FileTooLarge => "the file would be larger than this user may write",
            io::ErrorKind::NotADirectory => "a file stands where a folder has to be",
            _ => "look at what is there, then try again",
        };
        Self::Failed { what, hint, source }
    }
}
