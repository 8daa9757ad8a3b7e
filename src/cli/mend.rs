//! Fixes written to files: every change is made in memory first, looked at again, and then written at once.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context;

use super::{
    repository::Repository,
    write::{is_as_read, replace, unchanged},
};
use crate::{
    diag::apply_safe_fixes,
    load::Loaded,
    report::Selection,
    source::{Overlay, WorkTree},
};

/// How often fixes are applied to the result of fixes.
const ROUNDS: usize = 10;

/// A repository as it would be with every safe fix applied.
pub(super) struct Mended {
    /// What is left to say about it.
    pub(super) loaded: Loaded,
    /// The files that change, by path.
    pub(super) changes: BTreeMap<String, Change>,
    /// How many findings were mended.
    pub(super) fixes: usize,
}

/// A file that changes.
pub(super) struct Change {
    /// The text on disk.
    pub(super) before: Arc<str>,
    /// The new text.
    pub(super) after: String,
}

/// Applies the safe fixes that are wanted, in memory.
///
/// # Errors
/// When the repository cannot be read.
pub(super) fn mend(repository: &Repository, selection: &Selection) -> anyhow::Result<Mended> {
    let mut source = Overlay::new(WorkTree::new(&repository.repository));
    let mut mended = Mended { loaded: repository.load_from(&source)?, changes: BTreeMap::new(), fixes: 0 };
    for _ in 0..ROUNDS {
        let sources = &mended.loaded.sources;
        let wanted = mended.loaded.found.iter().filter(|one| selection.wants(one));
        let edited = apply_safe_fixes(wanted, sources, |file| {
            sources.get(file).is_some_and(|source| {
                mended.changes.contains_key(&*source.path)
                    || is_as_read(&repository.repository, &source.path, Some(&source.text))
            })
        });
        if edited.texts.is_empty() {
            break;
        }
        mended.fixes += edited.fixes;
        for (file, text) in edited.texts {
            let Some(before) = sources.get(file) else { continue };
            let path = before.path.to_string();
            source.texts.insert(path.clone(), text.clone());
            mended
                .changes
                .entry(path)
                .and_modify(|change| change.after.clone_from(&text))
                .or_insert_with(|| Change { before: Arc::clone(&before.text), after: text });
        }
        mended.loaded = repository.load_from(&source)?;
    }
    Ok(mended)
}

/// Writes the changes. Each file is replaced whole; none is written when one of them was changed by somebody
/// else in the meantime.
///
/// # Errors
/// When a file cannot be written or was changed.
pub(super) fn write(repository: &Repository, changes: &BTreeMap<String, Change>) -> anyhow::Result<()> {
    for (path, change) in changes {
        unchanged(&repository.repository, path, Some(&change.before))?;
    }
    for (path, change) in changes {
        replace(&repository.repository.join(path), change.after.as_bytes())
            .with_context(|| format!("cannot write `{path}`"))?;
    }
    Ok(())
}
