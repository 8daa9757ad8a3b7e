//! Replays the corpus of the fuzz target, so that what it once found stays found.

use std::fs;

use crate::support::root;

#[path = "../../fuzz/invariants.rs"]
mod invariants;

#[test]
fn the_corpus_holds() {
    let mut count = 0;
    for entry in fs::read_dir(root().join("fuzz/corpus/loader")).unwrap() {
        invariants::check(&fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count >= 20, "the corpus is there: {count}");
}

#[test]
fn the_base_repository_cut_anywhere_holds() {
    for file in ["catalog/services.toml", "policies/access.toml"] {
        let text = fs::read_to_string(root().join("tests/base").join(file)).unwrap();
        for cut in (0..text.len()).step_by(97) {
            invariants::check(&text.as_bytes()[..cut]);
            let mut torn = text.clone().into_bytes();
            torn[cut] |= 0x80;
            invariants::check(&torn);
            torn[cut] = b'"';
            invariants::check(&torn);
        }
    }
}
