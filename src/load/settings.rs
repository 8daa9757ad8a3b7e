//! `gitsm.toml`.

use super::{codes, decode, document, shape};
use crate::{
    diag::{Diagnostic, FileId, Span},
    model::settings::{FORMAT, Settings},
};

/// The name of the settings file at the root of a repository.
pub const FILE: &str = "gitsm.toml";

/// What reading the settings gave.
#[derive(Debug, Default)]
pub struct Read {
    /// The settings; defaults where they cannot be used.
    pub settings: Settings,
    /// Whether they could be used.
    pub usable: bool,
    /// References to objects, without the object that refers.
    pub references: Vec<decode::Seen>,
}

/// Reads the settings from a text whose bytes are fine.
pub fn read(file: FileId, text: &str, found: &mut Vec<Diagnostic>) -> Read {
    let Some(root) = document::parse(file, text, found) else { return Read::default() };
    if !shape::settings_checker().check_file(file, &root, found) {
        return Read::default();
    }
    match decode::decode_file::<Settings>(&root) {
        Ok((settings, references)) => {
            if settings.project.format > FORMAT {
                let at = super::tree::locate(&root, "/project/format").value;
                found.push(newer(file, at, settings.project.format));
                return Read::default();
            }
            Read { settings, usable: true, references }
        }
        Err(error) => {
            found.push(document::undecodable(file, error, Span::default()));
            Read::default()
        }
    }
}

fn newer(file: FileId, span: Span, format: u32) -> Diagnostic {
    Diagnostic::new(
        &codes::UNKNOWN_FORMAT,
        file,
        span,
        format!("the repository is written in format {format}"),
    )
    .label(format!("this program reads formats up to {FORMAT}"))
    .help("use a newer gitsm")
}
