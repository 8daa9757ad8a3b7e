//! The two sides of a plan: what a target must hold, and what it holds.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Construct, Content, Key};

/// What a target must hold.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    /// The objects.
    pub objects: BTreeMap<Key, Wanted>,
    /// What becomes of each part of the rulebook.
    pub constructs: Vec<Construct>,
}

/// An object that a target must hold.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What people call it.
    pub name: Option<String>,
    /// What it must hold.
    pub content: Content,
    /// What must be there before it: objects, or with `kind/*` all objects of a kind.
    pub needs: Vec<Key>,
    /// Whether it only repeats what others say, such as an index. Limits do not count it.
    pub derived: bool,
}

/// What a target holds.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// The objects that have a name that gitsm gives.
    pub objects: BTreeMap<Key, Found>,
    /// Everything else.
    pub unmanaged: Vec<Unmanaged>,
    /// The objects that are wanted and whose place belongs to another owner, by its name. They are never touched or taken over.
    pub taken: BTreeMap<Key, String>,
    /// What of the rulebook does not fit what is there, beside what never does.
    pub constructs: Vec<Construct>,
}

/// An object that a target holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What the target calls it.
    pub name: String,
    /// The digest of what it holds.
    pub digest: String,
    /// What it holds; none when it is known to hold what it must, or cannot be read as text.
    pub content: Option<String>,
    /// Whether it only repeats what others say.
    pub derived: bool,
    /// Whether it carries a mark that gitsm alone gives, so that it is gitsm's own even where nothing else says so.
    pub marked: bool,
    /// What must be updated before it may be deleted, because it refers to it.
    pub referred_by: Vec<Key>,
}

/// Something at a target that gitsm did not make. It is shown and never touched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Unmanaged {
    /// What the target calls it.
    pub name: String,
}
