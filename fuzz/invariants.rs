//! What must hold for every input of the loader. Shared by the fuzz target and the test that replays its
//! corpus.

use gitsm::{
    diag::{Diagnostic, FileId, Sources},
    load::{document, people, settings},
    model::settings::{PeopleFile, PersonField, Settings},
};

/// Reads the bytes as a document, as settings and as a people file.
pub fn check(bytes: &[u8]) {
    let parsed = document::read(FileId(0), bytes.to_vec());
    places_exist(&parsed.text, &parsed.found);
    assert!(!parsed.unreadable || !parsed.found.is_empty(), "a file that cannot be read gives a finding");
    assert!(
        parsed.broken.is_empty() || !parsed.found.is_empty(),
        "an object that cannot be used gives a finding"
    );
    for object in &parsed.objects {
        assert!(parsed.text.get(object.span.range()).is_some(), "the id of an object has a place");
    }
    let mut found = Vec::new();
    if let Ok(text) = std::str::from_utf8(bytes) {
        let read = settings::read(FileId(0), text, &mut found);
        assert!(read.usable || !found.is_empty(), "settings that cannot be used give a finding");
        places_exist(text, &found);
    }
    let people_file = PeopleFile {
        ignored: Vec::new(),
        file: "people.csv".to_owned(),
        columns: [(PersonField::Id, "id".to_owned())].into(),
        attributes: std::collections::BTreeMap::new(),
        accounts: std::collections::BTreeMap::new(),
        values: std::collections::BTreeMap::new(),
        delimiter: ",".to_owned(),
    };
    let people = people::read(FileId(0), bytes.to_vec(), &Settings::default(), &people_file);
    places_exist(&people.text, &people.found);
}

fn places_exist(text: &str, found: &[Diagnostic]) {
    let mut sources = Sources::default();
    let file = sources.add("input.toml", text);
    for diagnostic in found {
        let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.related);
        for label in labels {
            assert!(text.get(label.span.range()).is_some(), "{diagnostic:?} points into the text");
        }
        assert!(!diagnostic.message.is_empty() && !diagnostic.message.contains('\n'), "{diagnostic:?}");
        for edit in diagnostic.fix.iter().flat_map(|fix| &fix.edits) {
            assert!(text.get(edit.span.range()).is_some(), "{diagnostic:?} edits the text");
        }
    }
    // A few are enough: the formats see findings one by one.
    let few = found.get(..found.len().min(20)).unwrap_or_default();
    let report = gitsm::report::Report::about(few, &sources);
    for format in gitsm::report::FORMATS {
        let rendered = (format.render)(&report, gitsm::report::Style { colour: false, width: 80 }).unwrap();
        assert!(few.iter().all(|one| rendered.contains(one.code.id)), "{} names every code", format.name);
        let harmful = |character: char| character != '\n' && gitsm::report::plain::is_unsafe(character);
        assert!(!rendered.contains(harmful), "{} lets a character through", format.name);
    }
    let _ = sources.get(file);
}
