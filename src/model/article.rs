//! Knowledge articles.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LocalDate, Parts, Principal, Selector, choice::choice};

/// A knowledge article: what it covers, who keeps it right, and when it is looked at next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Article", example = serde_json::json!({
    "title": "How to reset your password", "owner": "team:service-desk", "review-date": "2027-06-30",
    "covers": ["request-type:password-reset"], "url": "https://kb.example.com/password"
}))]
pub struct Article {
    /// The title.
    #[schemars(regex(pattern = r"\S"))]
    pub title: String,
    /// What it says, in one or two sentences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Who keeps it right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// The next day on which somebody looks at whether it is still right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_date: Option<LocalDate>,
    /// What it is about: services, request types, categories and so on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<Selector>,
    /// Where it is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who it is written for.
    #[serde(default)]
    pub audience: ArticleAudience,
    /// Where it is in its life.
    #[serde(default)]
    pub state: ArticleState,
    /// Whether it describes a known error and its workaround.
    #[serde(default)]
    pub known_error: bool,
}

choice! {
    /// Who an article is written for.
    pub enum ArticleAudience default Everybody {
        /// Everybody.
        Everybody = "everybody",
        /// People who support others.
        Support = "support",
    }
}

choice! {
    /// Where an article is in its life.
    pub enum ArticleState default Published {
        /// Being written.
        Draft = "draft",
        /// Can be read.
        Published = "published",
        /// No longer right.
        Retired = "retired",
    }
}

impl Parts for Article {}
