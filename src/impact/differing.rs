//! A name of everything that two rulebooks say otherwise about objects of some kinds: for what is only named, and not
//! told as cases, so that whoever acknowledges it acknowledges what was there and what is there now, and nothing else.

use std::collections::BTreeSet;

use super::fingerprint;
use crate::model::{Kind, Rulebook};

/// The name. It does not depend on where anything is written, nor on what both say.
pub(super) fn differing(old: &Rulebook, new: &Rulebook, kinds: &[Kind]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for kind in kinds {
        let ids: BTreeSet<&str> = old.ids(*kind).into_iter().chain(new.ids(*kind)).collect();
        for id in ids.into_iter().filter(|id| !old.same(*kind, id, new, id)) {
            // What has no words in JSON differs all the same.
            let said = |rulebook: &Rulebook| format!("{:?}", rulebook.json(*kind, id));
            parts.push(format!("{kind:?} {id} {} {}", said(old), said(new)));
        }
    }
    fingerprint(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}
