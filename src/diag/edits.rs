//! Fixes applied to texts.

use std::collections::{BTreeMap, BTreeSet};

use super::{Diagnostic, Edit, FileId, Safety, Sources};

/// Texts after fixes were applied.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The new texts of the files that changed.
    pub texts: BTreeMap<FileId, String>,
    /// How many fixes were applied.
    pub fixes: usize,
}

/// Applies the safe fixes of findings to the files that `may_edit` allows.
///
/// A fix is applied whole or not at all. Where two overlap the first one wins; the other may be applied when
/// the result has been looked at again.
pub fn apply_safe_fixes<'a>(
    found: impl Iterator<Item = &'a Diagnostic>,
    sources: &Sources,
    may_edit: impl Fn(FileId) -> bool,
) -> Edited {
    let mut chosen: BTreeSet<(FileId, u32, u32)> = BTreeSet::new();
    let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    let mut fixes = 0;
    for fix in found.filter_map(|one| one.fix.as_ref()).filter(|fix| fix.safety == Safety::Safe) {
        let possible = fix.edits.iter().all(|edit| {
            may_edit(edit.file)
                && sources.get(edit.file).is_some_and(|source| source.text.get(edit.span.range()).is_some())
                && is_free(&chosen, edit)
        });
        if !possible || fix.edits.is_empty() {
            continue;
        }
        fixes += 1;
        for edit in &fix.edits {
            chosen.insert((edit.file, edit.span.start, edit.span.end));
            edits.entry(edit.file).or_default().push(edit);
        }
    }
    let mut texts = BTreeMap::new();
    for (file, mut edits) in edits {
        let Some(source) = sources.get(file) else { continue };
        edits.sort_by_key(|edit| edit.span);
        let mut text = String::with_capacity(source.text.len());
        let mut at = 0;
        for edit in edits {
            let range = edit.span.range();
            text.push_str(source.text.get(at..range.start).unwrap_or_default());
            text.push_str(&edit.text);
            at = range.end;
        }
        text.push_str(source.text.get(at..).unwrap_or_default());
        if *text != *source.text {
            texts.insert(file, text);
        }
    }
    Edited { texts, fixes }
}

/// Whether nothing that was chosen touches the bytes of an edit. Edits may stand side by side, but two of
/// them never start at the same byte: their order would be a guess.
fn is_free(chosen: &BTreeSet<(FileId, u32, u32)>, edit: &Edit) -> bool {
    let (file, start, end) = (edit.file, edit.span.start, edit.span.end);
    let before = chosen.range(..=(file, start, u32::MAX)).next_back();
    let after = chosen.range((file, start, 0)..).next();
    before.is_none_or(|one| one.0 != file || (one.2 <= start && one.1 != start))
        && after.is_none_or(|one| one.0 != file || (one.1 >= end && one.1 != start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Level, Span, code};

    static CODE: Code = code!("GS1110", "quoted-date", Error, "for tests");

    fn edited(text: &str, fixes: &[(usize, usize, &str, Safety)]) -> (String, usize) {
        let mut sources = Sources::default();
        let file = sources.add("a.toml", text);
        let found: Vec<Diagnostic> = fixes
            .iter()
            .map(|(start, end, new, safety)| {
                Diagnostic::new(&CODE, file, Span::new(*start, *end), "m").replace_with("t", *new, *safety)
            })
            .collect();
        assert!(found.iter().all(|one| one.level == Level::Error));
        let edited = apply_safe_fixes(found.iter(), &sources, |_| true);
        (edited.texts.get(&file).cloned().unwrap_or_else(|| text.to_owned()), edited.fixes)
    }

    #[test]
    fn edits_side_by_side_are_applied_and_the_first_of_two_that_overlap() {
        use Safety::Safe;
        assert_eq!(
            edited("abcdef", &[(4, 5, "", Safe), (0, 1, "X", Safe), (1, 2, "YY", Safe)]),
            ("XYYcdf".into(), 3)
        );
        assert_eq!(edited("abcdef", &[(1, 4, "-", Safe), (3, 5, "+", Safe)]), ("a-ef".into(), 1));
        assert_eq!(edited("abcdef", &[(3, 5, "+", Safe), (1, 4, "-", Safe)]), ("abc+f".into(), 1));
        assert_eq!(edited("abcdef", &[(0, 6, "", Safe), (2, 3, "+", Safe)]), (String::new(), 1));
        assert_eq!(edited("abcdef", &[(2, 3, "+", Safe), (0, 6, "", Safe)]), ("ab+def".into(), 1));
        assert_eq!(edited("abc", &[(1, 1, "x", Safe), (1, 1, "y", Safe)]), ("axbc".into(), 1));
        assert_eq!(edited("abc", &[(1, 2, "x", Safe), (1, 1, "y", Safe)]), ("axc".into(), 1));
        assert_eq!(edited("abc", &[(3, 3, "!", Safe), (2, 3, "", Safe)]), ("ab!".into(), 2));
    }

    #[test]
    fn suggestions_and_places_that_cut_a_character_are_left_alone() {
        assert_eq!(edited("abc", &[(0, 1, "x", Safety::Suggestion)]), ("abc".into(), 0));
        assert_eq!(edited("é", &[(0, 1, "x", Safety::Safe)]), ("é".into(), 0));
        assert_eq!(edited("é", &[(0, 2, "x", Safety::Safe)]), ("x".into(), 1));
        assert_eq!(edited("a", &[(0, 9, "x", Safety::Safe)]), ("a".into(), 0));
    }

    #[test]
    fn a_file_that_may_not_be_edited_keeps_its_text() {
        let mut sources = Sources::default();
        let file = sources.add("a.toml", "a");
        let found = [Diagnostic::new(&CODE, file, Span::new(0, 1), "m").replace_with("t", "b", Safety::Safe)];
        assert_eq!(apply_safe_fixes(found.iter(), &sources, |_| false), Edited::default());
        assert_eq!(apply_safe_fixes(found.iter(), &sources, |_| true).fixes, 1);
    }
}
