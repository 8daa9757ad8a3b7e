//! Plans as data: what is written into a file, reviewed, and read back before it is applied.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Construct, Key, Unmanaged};
use crate::{
    model::{Instant, settings::Limits},
    source::digest,
};

/// The version of the plan's format. A newer one is refused.
pub const FORMAT_VERSION: u32 = 1;

/// The most bytes that a plan may have.
pub const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The most things without a manager that a plan lists.
pub const MOST_UNMANAGED: usize = 1_000;

/// What would be done at a target so that it holds what the rulebook says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "A plan: the output of `gitsm plan --format json`, and what `gitsm apply` reads")]
pub struct Plan {
    /// The version of this format.
    pub format_version: u32,
    /// The version of gitsm that made it.
    pub tool: String,
    /// The repository, by `project.name`.
    pub repository: String,
    /// The commit whose rulebook it is; absent for the files of a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// The target.
    pub target: Target,
    /// When it was made.
    pub created: Instant,
    /// From when on it is not applied any more.
    pub expires: Instant,
    /// What it was made from.
    pub made_from: MadeFrom,
    /// How much it may change.
    pub limits: Limits,
    /// How much it changes.
    pub summary: Summary,
    /// Whether it may be applied.
    pub verdict: Verdict,
    /// Why it may not be applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
    /// What becomes of each part of the rulebook at the target.
    pub constructs: Vec<Construct>,
    /// What is done, in this order.
    pub operations: Vec<Operation>,
    /// What is at the target and not gitsm's own. It is not touched.
    pub unmanaged: Vec<Unmanaged>,
    /// Objects that carry the mark of something that the rulebook does not have, and of which nothing is remembered here. They
    /// are not touched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub abandoned: Vec<Key>,
    /// The digest of everything else in the plan.
    pub checksum: String,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Commit {
    /// The name of the commit: 40 hexadecimal digits.
    pub id: String,
    /// What was asked for, such as `main`.
    pub revision: String,
    /// The first line of its message.
    pub subject: String,
}

/// A target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Target {
    /// Its name in `gitsm.toml`.
    pub name: String,
    /// What sort of system it is.
    #[serde(rename = "type")]
    pub target_type: String,
    /// Where it is: a folder or an address.
    pub place: String,
    /// Whether the place was named on the command line, and not in `gitsm.toml`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub place_was_named: bool,
}

/// Digests of what a plan was made from. When one of them differs, it is another plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MadeFrom {
    /// Of the settings of the target.
    pub configuration: String,
    /// Of what the target must hold.
    pub desired: String,
    /// Of what the target holds.
    pub observed: String,
}

/// How much a plan changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Summary {
    /// All objects together.
    pub total: Counts,
    /// By kind, in the order of their names. Kinds of which there are none are left out. Members of groups are counted here
    /// like objects of a kind of their own, where the target has it; they are not among all objects.
    pub kinds: Vec<KindCounts>,
    /// How many things at the target are not gitsm's own.
    pub unmanaged: usize,
}

/// How many objects of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KindCounts {
    /// The kind, as the target knows it.
    pub kind: String,
    /// How many.
    pub counts: Counts,
}

/// How many objects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Counts {
    /// Objects that are made.
    pub create: usize,
    /// Objects that are changed.
    pub update: usize,
    /// Objects that are deleted.
    pub delete: usize,
    /// Objects that are there as they must be, and become gitsm's own.
    pub adopt: usize,
    /// Objects that stay as they are.
    pub unchanged: usize,
}

impl Counts {
    /// Counts one more object, of which this is done; none for one that stays.
    pub(super) const fn add(&mut self, action: Option<Action>) {
        match action {
            None => self.unchanged += 1,
            Some(Action::Create) => self.create += 1,
            Some(Action::Update) => self.update += 1,
            Some(Action::Adopt) => self.adopt += 1,
            Some(Action::Delete) => self.delete += 1,
        }
    }

    /// How many objects something is done with.
    #[must_use]
    pub const fn changes(&self) -> usize {
        self.create + self.update + self.delete + self.adopt
    }
}

/// Whether a plan may be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// There is nothing to do.
    Unchanged,
    /// It may be applied.
    Ready,
    /// It may not be applied.
    Refused,
}

/// Why a plan may not be applied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Refusal {
    /// What stands in its way.
    pub message: String,
    /// What to do next.
    pub help: String,
}

/// Something that is done with an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Operation {
    /// The object.
    pub object: Key,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is done.
    pub action: Action,
    /// Why it has to be done.
    pub cause: Cause,
    /// The digest of what the object holds; absent when it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The digest of what it will hold; absent when it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The fields that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// How many more fields change than are listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub changes_not_listed: usize,
    /// The objects of this plan that have to be done before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Key>,
    /// Whether the object only repeats what others say, such as an index. Limits do not count it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub derived: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// What is done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is there and not gitsm's own; it becomes that, and is changed where it differs.
    Adopt,
    /// It is deleted.
    Delete,
}

/// Why something has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The rulebook says something else than what was applied last.
    NotAppliedYet,
    /// Somebody else changed the target since then.
    ChangedOutside,
    /// Both.
    Both,
}

/// A field that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FieldChange {
    /// The field, with dots between the names that lead to it.
    pub field: String,
    /// What it holds; absent when it is not there. Long values are cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it will hold; absent when it will not be there. Long values are cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A text that is no plan which can be applied.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not a plan at all.
    #[error("it is not a plan of gitsm: {0}")]
    NotAPlan(serde_json::Error),
    /// It was made by a newer program.
    #[error(
        "it is written in format {0}, and this gitsm reads format {FORMAT_VERSION}: apply it with the gitsm that made it"
    )]
    OtherFormat(u64),
    /// It is not as it was made.
    #[error("it was edited after it was made (its checksum does not fit): make it anew with `gitsm plan`")]
    Edited,
}

impl Plan {
    /// The plan with its checksum.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.checksum = self.digest();
        self
    }

    /// The digest of everything but the checksum.
    fn digest(&self) -> String {
        let open = Self { checksum: String::new(), ..self.clone() };
        // A plan is made of texts and numbers, which all have their JSON.
        digest(serde_json::to_string(&open).unwrap_or_default().as_bytes())
    }

    /// The digest of what it does: the same for the same operations at the same target with the same settings, whichever
    /// commit asks for them and whenever they are planned. What only repeats what others say, such as an index that names
    /// the commit, is left out.
    #[must_use]
    pub fn effect(&self) -> String {
        let Target { name, target_type, place, place_was_named: _ } = &self.target;
        let all = (&self.repository, name, target_type, place, &self.made_from.configuration, self.deeds());
        // It is made of texts, which all have their JSON.
        digest(serde_json::to_string(&all).unwrap_or_default().as_bytes())
    }

    /// A digest of each operation of which [`Plan::effect`] is one of all, in their order.
    #[must_use]
    pub fn deeds(&self) -> Vec<String> {
        /// An operation, without the words about it.
        #[derive(Serialize)]
        struct Deed<'a>(&'a Key, Action, Option<&'a str>, Option<&'a str>);
        self.operations
            .iter()
            .filter(|operation| !operation.derived)
            .map(|one| Deed(&one.object, one.action, one.before.as_deref(), one.after.as_deref()))
            .map(|deed| digest(serde_json::to_string(&deed).unwrap_or_default().as_bytes()))
            .collect()
    }

    /// Reads a plan back. What it says must be what was written, to the last field.
    ///
    /// # Errors
    /// When it is no plan, one of a newer program, or one that somebody edited.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        /// The part that every version has.
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case")]
        struct Version {
            format_version: u64,
        }
        let version: Version = serde_json::from_str(text).map_err(ReadError::NotAPlan)?;
        if version.format_version != u64::from(FORMAT_VERSION) {
            return Err(ReadError::OtherFormat(version.format_version));
        }
        let plan: Self = serde_json::from_str(text).map_err(ReadError::NotAPlan)?;
        if plan.checksum == plan.digest() { Ok(plan) } else { Err(ReadError::Edited) }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// What is done with an object.
    #[must_use]
    pub fn operation(&self, object: &Key) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.object == *object)
    }
}

impl Action {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Adopt => "adopt",
            Self::Delete => "delete",
        }
    }
}
