//! What can be used of settings in which something is wrong: where the documents and the people are, and which priorities
//! there are. With that, the rest of a repository is looked at all the same.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Read, is_inside, separates};
use crate::{
    diag::FileId,
    load::{decode, doubt::Doubt},
    model::{
        Id,
        settings::{CustomAttribute, Namespace, PeopleFile, Settings},
    },
};

/// Reads what it can of settings that are TOML.
pub(super) fn recover(file: FileId, root: &DeTable<'_>) -> Read {
    let (mut settings, mut doubt) = (Settings::default(), Doubt::default());
    let project = match root.get("project").map(Spanned::get_ref) {
        Some(DeValue::Table(project)) => Some(project),
        Some(_) => {
            doubt.everything(file);
            None
        }
        None => None,
    };
    let of_project = |key: &str| project.and_then(|project| project.get(key));
    match of_project("roots").map(read::<Vec<String>>) {
        Some(Some(roots)) if roots.iter().all(|root| is_inside(root)) => settings.project.roots = roots,
        Some(_) => doubt.everything(file),
        None => {}
    }
    match of_project("priorities").map(read::<Vec<Id>>) {
        Some(Some(priorities)) if is_sound(&priorities) => settings.project.priorities = priorities,
        // Instead of one that is missing or stands there twice another one was meant.
        Some(_) => doubt.priorities = true,
        None => {}
    }
    let attributes = root.get("attribute").map(read::<Attributes>);
    // Columns may be those of attributes.
    let are_known = !matches!(attributes, Some(None));
    settings.attribute = attributes.flatten().unwrap_or_default();
    match root.get("people").map(read::<Vec<PeopleFile>>) {
        Some(Some(people)) if are_known && people.iter().all(is_usable) => settings.people = people,
        Some(_) => doubt.people(file),
        None => {}
    }
    Read { settings, doubt, ..Read::default() }
}

/// Reads what it can of settings that are no TOML. What cannot be made out may be anything.
pub(super) fn recover_text(file: FileId, text: &str) -> Read {
    let (root, _) = DeTable::parse_recoverable(text);
    let mut read = recover(file, root.get_ref());
    // Of a list that is not read to its end nobody knows what else it holds.
    if text.contains("roots") {
        read.doubt.everything(file);
    }
    if text.contains("people") {
        read.settings.people.clear();
        read.doubt.people(file);
    }
    read.doubt.priorities |= text.contains("priorities");
    read
}

type Attributes = std::collections::BTreeMap<Namespace, std::collections::BTreeMap<Id, CustomAttribute>>;

fn read<T: serde::de::DeserializeOwned>(value: &Spanned<DeValue<'_>>) -> Option<T> {
    decode::decode(value, |reader| T::deserialize(reader)).ok().map(|(value, _)| value)
}

fn is_sound(priorities: &[Id]) -> bool {
    let different: std::collections::BTreeSet<&str> = priorities.iter().map(Id::as_str).collect();
    !priorities.is_empty() && different.len() == priorities.len()
}

fn is_usable(people: &PeopleFile) -> bool {
    is_inside(&people.file) && separates(&people.delimiter)
}
