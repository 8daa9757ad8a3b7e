//! Changes of grants that stand in files already.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::{Context as _, anyhow};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    cli::{output::Output, propose::File, terminal::plain, write},
    ledger::{ending::Ending, record::digest_of, text},
    load::Loaded,
    model::{
        Document, Entry, Id, LocalDate,
        grant::{EndReason, Grant},
        review::Review,
    },
    report::unified::unified,
};

/// Changes by the file that they are in.
#[derive(Debug, Default)]
pub(in crate::cli) struct Edits {
    files: BTreeMap<String, (Arc<str>, Changes)>,
}

/// What changes about each grant and campaign of a file.
type Changes = Vec<(&'static str, Id, text::Fields)>;

impl Edits {
    /// Adds a change of a grant, or of a campaign.
    pub(in crate::cli) fn add<T: Document>(
        &mut self,
        loaded: &Loaded,
        object: &Entry<T>,
        fields: text::Fields,
    ) -> anyhow::Result<()> {
        let (kind, id) = (T::KIND.name(), &object.id);
        let source = loaded.sources.get(object.origin.file);
        let source = source.ok_or_else(|| anyhow!("nobody knows where the {kind} `{id}` is written"))?;
        let slot = self.files.entry(source.path.to_string());
        slot.or_insert_with(|| (Arc::clone(&source.text), Vec::new())).1.push((kind, id.clone(), fields));
        Ok(())
    }

    /// Adds that nothing follows from a campaign any more.
    pub(super) fn settle(
        &mut self,
        loaded: &Loaded,
        campaign: &Entry<Review>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        self.add(loaded, campaign, vec![(vec!["settled"], Some(Value::String(now.to_string())))])
    }

    /// Adds the end of a grant.
    pub(in crate::cli) fn end(
        &mut self,
        loaded: &Loaded,
        ending: &Ending<'_>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let state = if ending.why == EndReason::Revoked { "revoked" } else { "ended" };
        let text = |value: String| Some(Value::String(value));
        let mut fields: text::Fields = vec![
            (vec!["state"], Some(json!(state))),
            (vec!["ended", "at"], text(now.to_string())),
            (vec!["ended", "why"], Some(json!(ending.why.name()))),
        ];
        if let Some(by) = &ending.by {
            fields.push((vec!["ended", "by"], text(by.to_string())));
        }
        if let Some(review) = &ending.review {
            fields.push((vec!["ended", "review"], text(review.to_string())));
        }
        if let Some(reason) = &ending.reason {
            fields.push((vec!["ended", "reason"], text(reason.clone())));
        }
        self.add(loaded, ending.grant, fields)
    }

    /// Adds an earlier last day of a grant.
    pub(in crate::cli) fn shorten(
        &mut self,
        loaded: &Loaded,
        grant: &Entry<Grant>,
        end: LocalDate,
    ) -> anyhow::Result<()> {
        let mut fields: text::Fields =
            vec![(vec!["end"], Some(Value::String(end.to_string()))), (vec!["until"], None)];
        let mut shorter = grant.value.clone();
        shorter.end = Some(end);
        shorter.until = None;
        if shorter.decision.as_ref().is_some_and(|decision| decision.digest.is_some()) {
            fields.push((vec!["decision", "digest"], Some(Value::String(digest_of(&shorter)))));
        }
        self.add(loaded, grant, fields)
    }

    /// The files that change.
    pub(in crate::cli) fn paths(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    /// The new texts, each with its path and the text that was read.
    fn texts(&self) -> anyhow::Result<Vec<(&str, &str, String)>> {
        let mut texts = Vec::new();
        for (path, (before, changes)) in &self.files {
            let changes: Vec<(&str, &Id, text::Fields)> =
                changes.iter().map(|(kind, id, fields)| (*kind, id, fields.clone())).collect();
            texts.push((path.as_str(), &**before, text::edit(path, before, &changes)?));
        }
        Ok(texts)
    }

    /// The files as they were read and as they will be.
    ///
    /// # Errors
    /// When a text cannot be changed.
    pub(in crate::cli) fn files(&self) -> anyhow::Result<Vec<File>> {
        let texts = self.texts()?.into_iter().map(|(path, before, after)| File {
            path: path.to_owned(),
            before: Some(before.to_owned()),
            after,
        });
        Ok(texts.collect())
    }

    /// Shows what would be written.
    pub(in crate::cli) fn show(&self, output: &mut Output) -> anyhow::Result<()> {
        for (path, before, after) in self.texts()? {
            output.result(&unified(path, before, &after, output.colour()))?;
        }
        Ok(())
    }

    /// Writes every file, or none when one of them was changed by somebody else in the meantime.
    pub(in crate::cli) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let texts = self.texts()?;
        for (path, before, _) in &texts {
            write::unchanged(folder, path, Some(before))?;
        }
        for (path, _, after) in &texts {
            write::replace(&folder.join(path), after.as_bytes())
                .with_context(|| format!("cannot write `{}`", plain(path)))?;
        }
        Ok(())
    }
}
