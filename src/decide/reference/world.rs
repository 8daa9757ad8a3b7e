//! Small repositories, kept as the objects that they are written as, so that these can be moved and left out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    load,
    model::{Rulebook, request::Request},
    source::{Found, Sort, Source, SourceError},
};

/// A repository with what is asked in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct World {
    /// What `gitsm.toml` says.
    pub(crate) settings: String,
    /// The lines of each object.
    pub(crate) objects: Vec<Vec<String>>,
    /// Requests, and when they are made.
    pub(crate) requests: Vec<(Value, Timestamp)>,
}

struct Files(BTreeMap<String, String>);

impl Source for Files {
    fn list(&self, folder: &str) -> Result<Option<Vec<Found>>, SourceError> {
        let below = self.0.iter().filter(|(path, _)| path.starts_with(&format!("{folder}/")));
        let found = below.map(|(path, text)| Found {
            path: path.clone(),
            sort: Sort::File,
            length: text.len() as u64,
        });
        Ok(Some(found.collect()))
    }
    fn read(&self, path: &str, _: u64) -> Result<Option<Vec<u8>>, SourceError> {
        Ok(self.0.get(path).map(|text| text.clone().into_bytes()))
    }
    fn describe(&self) -> String {
        "a drawn repository".to_owned()
    }
}

impl World {
    /// The repository, read as one file; what is wrong with it when anything is.
    pub(crate) fn book(&self) -> Result<Rulebook, String> {
        self.spread(1)
    }

    /// The repository, read as so many files.
    pub(crate) fn spread(&self, files: usize) -> Result<Rulebook, String> {
        let mut written = BTreeMap::from([("gitsm.toml".to_owned(), self.settings.clone())]);
        for (index, object) in self.objects.iter().enumerate() {
            let folder = if index % 2 == 0 { "catalog" } else { "policies" };
            let path = if files == 1 {
                "catalog/a.toml".to_owned()
            } else {
                format!("{folder}/{}.toml", index % files)
            };
            let text = written.entry(path).or_default();
            *text += &object.join("\n");
            *text += "\n\n";
        }
        let loaded = load::load(&Files(written)).map_err(|error| error.to_string())?;
        if loaded.found.is_empty() { Ok(loaded.rulebook) } else { Err(format!("{:#?}", loaded.found)) }
    }

    /// The requests, with their instants.
    pub(crate) fn asked(&self) -> Vec<(Request, Timestamp)> {
        let read =
            |(request, now): &(Value, Timestamp)| (serde_json::from_value(request.clone()).unwrap(), *now);
        self.requests.iter().map(read).collect()
    }

    /// The repository as a reader would want to see it.
    pub(crate) fn text(&self) -> String {
        self.objects.iter().map(|object| object.join("\n") + "\n\n").collect()
    }

    /// The least of it for which something still happens.
    pub(crate) fn least(mut self, happens: &dyn Fn(&Self) -> bool) -> Self {
        loop {
            let before = self.clone();
            self.drop_objects(happens);
            for length in [8, 4, 2, 1] {
                self.drop_lines(length, happens);
            }
            self.drop_fields(happens);
            if self == before {
                return self;
            }
        }
    }

    fn drop_objects(&mut self, happens: &dyn Fn(&Self) -> bool) {
        for index in (0..self.objects.len()).rev() {
            let mut less = self.clone();
            less.objects.remove(index);
            if happens(&less) {
                *self = less;
            }
        }
    }

    fn drop_lines(&mut self, length: usize, happens: &dyn Fn(&Self) -> bool) {
        for object in 0..self.objects.len() {
            let mut line = 1;
            while line + length <= self.objects[object].len() {
                let mut less = self.clone();
                less.objects[object].drain(line..line + length);
                if happens(&less) {
                    *self = less;
                } else {
                    line += 1;
                }
            }
        }
    }

    fn drop_fields(&mut self, happens: &dyn Fn(&Self) -> bool) {
        for request in 0..self.requests.len() {
            let names: Vec<String> = self.requests[request].0.as_object().unwrap().keys().cloned().collect();
            for name in names.iter().filter(|name| *name != "requester") {
                let mut less = self.clone();
                less.requests[request].0.as_object_mut().unwrap().remove(name);
                if happens(&less) {
                    *self = less;
                }
            }
        }
    }
}
