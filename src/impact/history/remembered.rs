//! Differences of trees that were worked out before.
//!
//! What two trees say differently follows from the two trees alone, so it stays the same whatever happens to the
//! repository. What could not be read is not remembered: it may be readable another time.

use serde::{Deserialize, Serialize};

use super::Difference;
use crate::{
    impact::semantic::{Change, Side, Subject},
    source::{Cache, ObjectId},
};

/// A difference as it is written down.
#[derive(Serialize, Deserialize)]
struct Written {
    changes: Vec<Change>,
    places: Vec<(Subject, String, u32)>,
    broken: Vec<(Subject, Side)>,
}

/// The difference of two trees, if it is remembered.
pub(super) fn recall(
    cache: Option<&Cache>,
    before: Option<ObjectId>,
    after: Option<ObjectId>,
) -> Option<Difference> {
    let written: Written = serde_json::from_slice(cache?.recall((before, after?))?).ok()?;
    let places = written.places.into_iter().map(|(subject, path, line)| (subject, (path, line)));
    Some(Difference {
        changes: written.changes,
        places: places.collect(),
        unread: Vec::new(),
        broken: written.broken,
        missing: Vec::new(),
    })
}

/// Remembers the difference of two trees.
pub(super) fn remember(
    cache: Option<&Cache>,
    before: Option<ObjectId>,
    after: Option<ObjectId>,
    difference: &Difference,
) {
    let whole = difference.unread.is_empty() && difference.missing.is_empty();
    let (Some(cache), Some(after), true) = (cache, after, whole) else { return };
    let places =
        difference.places.iter().map(|(subject, (path, line))| (subject.clone(), path.clone(), *line));
    let written = Written {
        changes: difference.changes.clone(),
        places: places.collect(),
        broken: difference.broken.clone(),
    };
    if let Ok(bytes) = serde_json::to_vec(&written) {
        cache.remember((before, after), &bytes);
    }
}
