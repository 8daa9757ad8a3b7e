//! Knowledge articles.

use std::collections::BTreeSet;

use crate::{
    diag::{Code, code},
    lint::Context,
    model::{
        Entry, Kind, Target,
        article::{Article, ArticleState},
    },
};

/// An article nobody keeps right.
pub(super) static OWNER: Code =
    code!("GS2081", "article-without-owner", Warning, "nobody keeps a published article right");
/// An article that is never looked at again.
pub(super) static REVIEW_DATE: Code = code!(
    "GS2082",
    "article-without-review-date",
    Warning,
    "nobody is due to look at a published article again"
);
/// An article about nothing.
pub(super) static COVERS_NOTHING: Code = code!(
    "GS2083",
    "article-about-nothing",
    Note,
    "a published article covers nothing and nothing refers to it"
);

fn published<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a Entry<Article>> + use<'a> {
    context.rulebook.articles.iter().filter(|article| article.state == ArticleState::Published)
}

pub(super) fn owner(context: &mut Context<'_>) {
    for article in published(context) {
        if article.owner.is_none() {
            context
                .report(article.at("/owner"), format!("the article `{}` has no owner", article.id))
                .label("no `owner`")
                .help("name the team that keeps it right: `owner = \"team:…\"`");
        }
    }
}

pub(super) fn review_date(context: &mut Context<'_>) {
    for article in published(context) {
        if article.review_date.is_none() {
            context
                .report(
                    article.at("/review-date"),
                    format!("the article `{}` has no review date", article.id),
                )
                .label("no `review-date`")
                .help("write the day on which somebody looks at it next: `review-date = 2027-06-30`");
        }
    }
}

pub(super) fn covers_nothing(context: &mut Context<'_>) {
    let named: BTreeSet<&str> = context
        .rulebook
        .references
        .iter()
        .filter_map(|reference| match &reference.to {
            Target::Object { kind: Kind::Article, id, .. } => Some(&**id),
            _ => None,
        })
        .collect();
    for article in published(context) {
        if article.covers.is_empty() && !named.contains(article.id.as_str()) {
            context
                .report(
                    article.at("/covers"),
                    format!("the article `{}` is about nothing in the catalogue", article.id),
                )
                .label("no `covers`")
                .help("say what it helps with: `covers = [\"service:…\"]`, so that it is shown there");
        }
    }
}
