//! What the repository has already.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use toml::de::{DeTable, DeValue};

use super::{ImportError, Subject, value::key};
use crate::{
    load::{Completeness, Loaded, is_document, settings},
    model::Id,
};

/// The object that a record is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    /// The service of an entitlement.
    pub service: Option<Id>,
    /// The id.
    pub id: Id,
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.service {
            Some(service) => write!(formatter, "{service}/{}", self.id),
            None => fmt::Display::fmt(&self.id, formatter),
        }
    }
}

impl Key {
    /// The keys that lead to the object.
    pub(super) fn path(&self, subject: Subject) -> Vec<&str> {
        match &self.service {
            Some(service) => vec!["service", service.as_str(), "entitlement", self.id.as_str()],
            None => vec![subject.name(), self.id.as_str()],
        }
    }

    /// The line that opens the table of the object.
    pub(super) fn header(&self, subject: Subject) -> String {
        format!("[{}]\n", self.path(subject).into_iter().map(key).collect::<Vec<_>>().join("."))
    }
}

/// What the repository has already.
#[derive(Debug, Default)]
pub(super) struct Existing {
    /// The documents, by path.
    pub documents: BTreeMap<String, Arc<str>>,
    /// The objects of what is imported, with the path of their document.
    pub objects: BTreeMap<Key, String>,
    /// The services, with the path of their document. Only known when entitlements are imported.
    services: BTreeMap<String, String>,
    /// The people of CSV directories.
    pub listed_people: BTreeSet<String>,
}

impl Existing {
    /// Looks through a repository that was read.
    pub(super) fn find(loaded: &Loaded, subject: Subject) -> Result<Self, ImportError> {
        if loaded.completeness == Completeness::Unreadable {
            let path = loaded.found.first().map(|finding| loaded.sources.path(finding.primary.file));
            return Err(ImportError::Repository { path: path.unwrap_or(settings::FILE).to_owned() });
        }
        let mut existing = Self::default();
        for (_, source) in loaded.sources.iter() {
            let of_objects = is_document(&source.path) && &*source.path != settings::FILE;
            if of_objects && !source.text.is_empty() {
                existing.documents.insert(source.path.to_string(), Arc::clone(&source.text));
            }
        }
        let documents = existing.documents.clone();
        for (path, text) in &documents {
            existing.collect(path, text, subject);
        }
        if subject == Subject::Person {
            for person in &loaded.rulebook.people {
                if !is_document(loaded.sources.path(person.origin.file)) {
                    existing.listed_people.insert(person.id.to_string());
                }
            }
        }
        Ok(existing)
    }

    fn collect(&mut self, path: &str, text: &str, subject: Subject) {
        let (root, _) = DeTable::parse_recoverable(text);
        let of_kind = if subject == Subject::Entitlement { "service" } else { subject.name() };
        for (id, object) in below(root.get_ref(), of_kind) {
            let Some(id) = Id::new(id) else { continue };
            if subject != Subject::Entitlement {
                self.objects.entry(Key { service: None, id }).or_insert_with(|| path.to_owned());
                continue;
            }
            self.services.entry(id.to_string()).or_insert_with(|| path.to_owned());
            let DeValue::Table(service) = object else { continue };
            for (entitlement, _) in below(service, "entitlement") {
                let Some(entitlement) = Id::new(entitlement) else { continue };
                let key = Key { service: Some(id.clone()), id: entitlement };
                self.objects.entry(key).or_insert_with(|| path.to_owned());
            }
        }
    }

    pub(super) fn holds(&self, key: &Key) -> bool {
        self.objects.contains_key(key)
    }

    pub(super) fn has_service(&self, id: &str) -> bool {
        self.services.contains_key(id)
    }

    /// The document that a service stands in.
    pub(super) fn service_file(&self, id: &str) -> Option<&str> {
        self.services.get(id).map(String::as_str)
    }
}

fn below<'a>(table: &'a DeTable<'_>, name: &str) -> impl Iterator<Item = (&'a str, &'a DeValue<'a>)> {
    let inner = match table.get(name).map(toml::Spanned::get_ref) {
        Some(DeValue::Table(inner)) => Some(inner),
        _ => None,
    };
    inner.into_iter().flatten().map(|(key, value)| (key.get_ref().as_ref(), value.get_ref()))
}
