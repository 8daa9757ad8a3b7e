//! Rulebooks for tests, written as documents.

use crate::{
    load,
    model::Rulebook,
    source::{Found, Sort, Source, SourceError},
};

struct Text<'a>(&'a str);

const SETTINGS: &str =
    "[project]\nname = \"Test\"\n[attribute.subject.level]\ntype = \"integer\"\noptional = true\n";

impl Source for Text<'_> {
    fn list(&self, folder: &str) -> Result<Option<Vec<Found>>, SourceError> {
        let found =
            Found { path: "catalog/a.toml".to_owned(), sort: Sort::File, length: self.0.len() as u64 };
        Ok((folder == "catalog").then(|| vec![found]))
    }
    fn read(&self, path: &str, _: u64) -> Result<Option<Vec<u8>>, SourceError> {
        Ok(match path {
            "gitsm.toml" => Some(SETTINGS.into()),
            "catalog/a.toml" => Some(self.0.into()),
            _ => None,
        })
    }
    fn describe(&self) -> String {
        "a test".to_owned()
    }
}

/// The rulebook that a text says. References may lead nowhere; anything else that is wrong fails the test.
pub(crate) fn rulebook(text: &str) -> Rulebook {
    let loaded = load::load(&Text(text)).unwrap();
    let wrong: Vec<_> =
        loaded.found.iter().filter(|found| found.code.id != load::codes::DANGLING_REFERENCE.id).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    loaded.rulebook
}
