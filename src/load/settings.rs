//! `gitsm.toml`.

mod recovered;
mod targets;

use std::path::{Component, Path};

use toml::de::{DeTable, DeValue};

use super::{
    codes, decode, document,
    doubt::Doubt,
    shape,
    suggest::{nearest, nearest_zone},
};
use crate::{
    diag::{Diagnostic, FileId, Safety, Span},
    http::{Address, Fault},
    model::{
        currency::is_currency,
        settings::{FORMAT, Settings, Target, TargetType},
    },
    time::Zone,
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
    /// What may exist and is not known, because of what cannot be used.
    pub(super) doubt: Doubt,
}

/// Reads what it can of a text whose bytes are not fine.
pub(super) fn recover(file: FileId, text: &str) -> Read {
    recovered::recover_text(file, text)
}

/// Reads the settings from a text whose bytes are fine.
pub fn read(file: FileId, text: &str, found: &mut Vec<Diagnostic>) -> Read {
    let Some(root) = document::parse(file, text, found) else { return recovered::recover_text(file, text) };
    if let Some((format, at)) = newer_format(&root) {
        // What else seems wrong may be right in that format.
        found.push(newer(file, at, &format));
        let mut read = Read::default();
        read.doubt.everything(file);
        read.doubt.priorities = true;
        return read;
    }
    let numbers: Vec<Span> = found.iter().map(|finding| finding.primary.span).collect();
    if !shape::settings_checker().check_file(file, &root, found) {
        document::drop_echoes(found, &numbers);
        return recovered::recover(file, &root);
    }
    match decode::decode_file::<Settings>(&root) {
        Ok((settings, references)) => {
            let before = found.len();
            let zone = &settings.project.time_zone;
            if zone.resolve().is_none() {
                let at = super::tree::locate(&root, "/project/time-zone").value;
                found.push(unknown_zone(file, at, zone));
            }
            check_paths(file, &root, &settings, found);
            let usable = found.len() == before;
            if usable {
                Read { settings, usable, references, doubt: Doubt::default() }
            } else {
                recovered::recover(file, &root)
            }
        }
        Err(error) => {
            found.push(document::undecodable(file, error, Span::default()));
            recovered::recover(file, &root)
        }
    }
}

/// Whether a path is one below the repository.
fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty()
        && !path.contains('\0')
        && parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// Whether a text can separate columns.
fn separates(delimiter: &str) -> bool {
    matches!(delimiter.as_bytes(), [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | 0))
}

/// Paths that lead out of the repository, and separators that are none.
fn check_paths(file: FileId, root: &toml::de::DeTable<'_>, settings: &Settings, found: &mut Vec<Diagnostic>) {
    let mut complain = |pointer: String, message: String, help: &str| {
        let at = super::tree::locate(root, &pointer).value;
        found.push(Diagnostic::new(&codes::UNUSABLE, file, at, message).label("cannot be used").help(help));
    };
    if let Some(currency) = settings.project.currency.as_deref()
        && !currency.as_bytes().try_into().is_ok_and(is_currency)
    {
        complain(
            "/project/currency".to_owned(),
            format!("there is no currency `{currency}`"),
            "write three letters of ISO 4217, such as `EUR`",
        );
    }
    for (index, folder) in settings.project.roots.iter().enumerate() {
        if !is_inside(folder) {
            let message = format!("`{}` is not a folder of the repository", folder.escape_debug());
            complain(
                format!("/project/roots/{index}"),
                message,
                "write a path below the repository, such as `catalog`",
            );
        }
    }
    for (index, people) in settings.people.iter().enumerate() {
        if !is_inside(&people.file) {
            let message = format!("`{}` is not a file of the repository", people.file.escape_debug());
            complain(
                format!("/people/{index}/file"),
                message,
                "write a path below the repository, such as `catalog/people.csv`",
            );
        }
        if !separates(&people.delimiter) {
            let message = format!("`{}` cannot separate columns", people.delimiter.escape_debug());
            complain(format!("/people/{index}/delimiter"), message, "write one ASCII character, such as `;`");
        }
    }
    for (name, target) in &settings.target {
        let found = unreachable(name.as_str(), target);
        let found = found.into_iter().chain(targets::useless(name, target));
        for (field, message, help) in found.chain(targets::shared(name, settings)) {
            complain(format!("/target/{name}{field}"), message, &help);
        }
    }
    let mut priorities = std::collections::BTreeSet::new();
    for (index, priority) in settings.project.priorities.iter().enumerate() {
        if !priorities.insert(priority) {
            complain(
                format!("/project/priorities/{index}"),
                format!("the priority `{priority}` stands here twice"),
                "remove one of them",
            );
        }
    }
}

/// Why a target cannot be reached as it is written: the field, what is wrong with it, and what to write.
fn unreachable(name: &str, target: &Target) -> Vec<(String, String, String)> {
    let mut found = unknown_kinds(name, target);
    match target.url.as_deref().map(Address::parse) {
        Some(Err(error)) => {
            let problem = match error.fault() {
                Fault::Address { problem } => problem.as_str(),
                _ => "cannot be used: write the address of the system",
            };
            let (problem, help) = problem.split_once(": ").unwrap_or((problem, "write another one"));
            found.push((
                "/url".to_owned(),
                format!("the url of the target `{name}` {problem}"),
                help.to_owned(),
            ));
        }
        None => {
            let url = match target.target_type {
                TargetType::RequestTracker => "https://rt.example.com",
                TargetType::ServiceNow => "https://example.service-now.com",
                TargetType::Scim => "https://id.example.com/scim/v2",
                _ => "",
            };
            if !url.is_empty() {
                found.push(without_url(name, url));
            }
        }
        Some(Ok(_)) => {}
    }
    if target.target_type == TargetType::Github && target.repository.is_none() {
        let message = format!("the target `{name}` does not say which repository is meant");
        let help = "write `repository = \"example/service-desk\"`, the owner and the name".to_owned();
        found.push(("/type".to_owned(), message, help));
    }
    if target.token_variable.is_some() && target.token_command.is_some() {
        let message = format!("the target `{name}` has two places for its token");
        found.push((
            "/token-command".to_owned(),
            message,
            "keep `token-variable` or `token-command`".to_owned(),
        ));
    }
    found
}

fn without_url(name: &str, example: &str) -> (String, String, String) {
    let message = format!("the target `{name}` does not say where the system is");
    ("/type".to_owned(), message, format!("write `url = \"{example}\"`"))
}

/// Limits and protections of kinds of objects that targets of this sort do not have: they would never hold.
fn unknown_kinds(name: &str, target: &Target) -> Vec<(String, String, String)> {
    let Some(kinds) = target.target_type.kinds() else { return Vec::new() };
    let protected = target.limits.protect.iter().enumerate().filter_map(|(index, pattern)| {
        let (kind, _) = pattern.split_once('/')?;
        Some((format!("/limits/protect/{index}"), kind))
    });
    let limited = target
        .limits
        .kind
        .keys()
        .map(|kind| (format!("/limits/kind/{}", super::tree::escape(kind)), kind.as_str()));
    protected
        .chain(limited)
        .filter(|(_, kind)| !kinds.contains(kind))
        .map(|(field, kind)| {
            let message =
                format!("the target `{name}` has no kind `{}` that could have limits", kind.escape_debug());
            let help = match nearest(kind, kinds.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of {}", kinds.join(", ")),
            };
            (field, message, help)
        })
        .collect()
}

fn unknown_zone(file: FileId, span: Span, zone: &Zone) -> Diagnostic {
    let diagnostic = Diagnostic::new(&codes::UNUSABLE, file, span, format!("there is no time zone `{zone}`"))
        .label("unknown zone");
    match nearest_zone(zone.as_str(), Zone::names().iter().map(String::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).replace_with(
            format!("write `{near}`"),
            format!("\"{near}\""),
            Safety::Suggestion,
        ),
        None => diagnostic.help("write the name of a zone of the IANA database, such as `Europe/Berlin`"),
    }
}

/// The format in which the settings are written, when it is newer than this program.
fn newer_format(root: &DeTable<'_>) -> Option<(String, Span)> {
    let DeValue::Table(project) = root.get("project")?.get_ref() else { return None };
    let format = project.get("format")?;
    let DeValue::Integer(written) = format.get_ref() else { return None };
    let digits = written.as_str().trim_start_matches('+');
    let is_newer = match i64::from_str_radix(digits, written.radix()) {
        Ok(number) => number > i64::from(FORMAT),
        Err(_) => !digits.starts_with('-'),
    };
    is_newer.then(|| (digits.to_owned(), format.span().into()))
}

fn newer(file: FileId, span: Span, format: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::UNKNOWN_FORMAT,
        file,
        span,
        format!("the repository is written in format {format}"),
    )
    .label(format!("this program reads formats up to {FORMAT}"))
    .help("use a newer gitsm")
}
