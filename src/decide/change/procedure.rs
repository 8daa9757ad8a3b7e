//! The procedures that standard changes are authorised for.

use super::{ChangeDenial, asked::Named};
use crate::{
    decide::engine::Engine,
    model::{
        Entry, Id, Ref,
        article::{Article, ArticleState},
        change_model::{ChangeModel, ChangeType},
    },
};

/// The models of standard changes that are for changes like one, and that it does not follow.
#[derive(Debug, Default)]
pub(super) struct NotFollowed {
    /// Each with the procedure that it is for, and the change follows another one or does not say which.
    other: Vec<(Id, Id)>,
    /// Each with its procedure, which nobody can follow.
    unpublished: Vec<(Id, Option<Id>)>,
}

impl NotFollowed {
    /// Whether a change follows the procedure of a model, which only a standard change has to; else the model is noted.
    pub(super) fn follows(
        &mut self,
        engine: &Engine<'_>,
        model: &Entry<ChangeModel>,
        named: &Named<'_, '_>,
    ) -> bool {
        if model.change_type != ChangeType::Standard {
            return true;
        }
        let own = model.procedure.as_ref();
        match own.filter(|own| is_published(engine, own)) {
            // A standard change was authorised once and for all because of what is written: without it nothing was.
            None => self.unpublished.push((model.id.clone(), own.map(|own| own.id().clone()))),
            Some(own) if named.change.procedure.as_ref() == Some(own) => return true,
            Some(own) => self.other.push((model.id.clone(), own.id().clone())),
        }
        false
    }

    /// Why no model is for a change.
    pub(super) fn denial(self, named: &Named<'_, '_>) -> ChangeDenial {
        if !self.other.is_empty() {
            let named = named.change.procedure.as_ref().map(|procedure| procedure.id().clone());
            ChangeDenial::OtherProcedure { named, models: self.other }
        } else if !self.unpublished.is_empty() {
            ChangeDenial::NoProcedure { models: self.unpublished }
        } else {
            ChangeDenial::NoModel(named.change.change_type)
        }
    }
}

/// Whether everybody can read a procedure: it is neither being written nor no longer right.
fn is_published(engine: &Engine<'_>, procedure: &Ref<Article>) -> bool {
    let article = engine.rulebook().articles.get(procedure.as_str());
    article.is_some_and(|article| article.state == ArticleState::Published)
}
