//! What nobody can know while something cannot be read: whether an object exists that another one names.

use std::collections::{BTreeMap, HashMap};

use crate::{
    diag::{Diagnostic, FileId},
    model::Kind,
};

/// A text that is longer may hold anything.
const LONGEST: usize = 16 * 1024 * 1024;

/// What may exist although it was not read.
#[derive(Debug, Default)]
pub(super) struct Doubt {
    /// A place of which nobody knows what is there, so that any object may be.
    everything: Option<FileId>,
    /// The same for people.
    people: Option<FileId>,
    /// Whether it is not known which priorities there are.
    pub(super) priorities: bool,
    /// What may be an id in a file that cannot be read, and the file.
    ids: HashMap<Box<str>, FileId>,
    /// The same in people files.
    people_ids: HashMap<Box<str>, FileId>,
    /// How many references were not looked at because of each file.
    silent: BTreeMap<FileId, usize>,
}

impl Doubt {
    /// Any object may stand in a file.
    pub(super) fn everything(&mut self, file: FileId) {
        self.everything.get_or_insert(file);
    }

    /// Anybody may stand in a file.
    pub(super) fn people(&mut self, file: FileId) {
        self.people.get_or_insert(file);
    }

    /// An object may stand in a document of which there is only the text: one whose id it holds where a key can be.
    pub(super) fn document(&mut self, file: FileId, text: &str) {
        if text.is_empty() || text.len() > LONGEST {
            return self.everything(file);
        }
        for line in text.lines().map(str::trim_start) {
            let keys = line.rsplit_once('=').map_or(line, |(keys, _)| keys);
            if !keys.starts_with(['"', '\'', '#']) || keys.len() < line.len() {
                self.ids.extend(ids(keys).map(|id| (id.into(), file)));
            }
        }
    }

    /// Somebody may stand in a people file of which there is only the text.
    pub(super) fn people_file(&mut self, file: FileId, text: &str) {
        if text.is_empty() || text.len() > LONGEST {
            return self.people(file);
        }
        let text = text.to_ascii_lowercase();
        self.people_ids.extend(ids(&text).map(|id| (id.into(), file)));
    }

    /// Whether an object may exist that was not found. Each question is counted.
    pub(super) fn may_exist(&mut self, kind: Kind, id: &str) -> bool {
        let person = |file: Option<FileId>| file.filter(|_| kind == Kind::Person);
        let file = self
            .everything
            .or_else(|| person(self.people))
            .or_else(|| self.ids.get(id).copied())
            .or_else(|| person(self.people_ids.get(id).copied()));
        if let Some(file) = file {
            *self.silent.entry(file).or_default() += 1;
        }
        file.is_some()
    }

    /// Says in the finding about each file how much was not looked at because of it.
    pub(super) fn say(self, found: &mut [Diagnostic]) {
        for (file, number) in self.silent {
            let Some(about) = found.iter_mut().find(|one| one.primary.file == file) else { continue };
            let (references, are) = match number {
                1 => ("1 reference".to_owned(), "is"),
                more => (format!("{more} references"), "are"),
            };
            about.notes.push(format!(
                "{references} may name something that cannot be read because of this, and {are} not looked at"
            ));
        }
    }
}

/// Everything in a text that may be an id.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let words = text.split(move |letter| !is_part(letter)).filter(|word| !word.is_empty());
    // A dot is part of an id, or stands between two of them.
    words.flat_map(|word| std::iter::once(word).chain(word.split('.').filter(move |part| *part != word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_where_a_key_can_be_may_exist_and_nothing_else() {
        let mut doubt = Doubt::default();
        let text = "[team.ops\nlead = \"ana\"\n[person.\"maya.lindqvist\"]\nteam.desk = { x = \"y\" }\n\"team\".quoted = 1\n";
        doubt.document(FileId(7), text);
        for id in ["ops", "maya.lindqvist", "desk", "quoted"] {
            assert!(doubt.may_exist(Kind::Team, id), "{id}");
        }
        for id in ["ana", "y", "op"] {
            assert!(!doubt.may_exist(Kind::Team, id), "{id}");
        }
        assert_eq!(doubt.silent.get(&FileId(7)), Some(&4));
    }

    #[test]
    fn a_people_file_holds_people_only_and_in_any_case() {
        let mut doubt = Doubt::default();
        doubt.people_file(FileId(3), "Login;Name\nE10;Maya\n");
        assert!(doubt.may_exist(Kind::Person, "e10"));
        assert!(!doubt.may_exist(Kind::Team, "e10"));
        doubt.people(FileId(3));
        assert!(doubt.may_exist(Kind::Person, "anybody"));
        assert!(!doubt.may_exist(Kind::Team, "anybody"));
    }
}
