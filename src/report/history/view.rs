//! Commits with what they changed, as data.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Decided;
use crate::{
    impact::{
        history::{About, Attribution, Deed, MergeNote, Missing, PLACE, Selected, Step},
        semantic::{Change, Side, What},
    },
    report::{
        impact::{
            value::concealed,
            view::{EditView, edit},
        },
        plain,
        revision::{At, instant},
    },
    source::{Commit, Signature, Signed},
};

/// The version of the JSON that is printed.
pub const FORMAT_VERSION: u32 = 1;

/// A line that `gitsm log --format json` prints: a commit that changed what the rulebook says.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "A line of the output of `gitsm log --format json`")]
pub struct LogEntry {
    /// The version of this format.
    pub format_version: u32,
    /// The commit.
    #[serde(flatten)]
    pub commit: CommitView,
    /// What it says otherwise than its first parent.
    pub changes: Vec<HistoryChange>,
    /// What a merge did by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merge: Vec<MergeView>,
    /// Files and objects that cannot be read, before it or after it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
    /// What is not known because objects of the repository cannot be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingView>,
    /// Whether the clone ends here, so that nobody knows what the commit changed.
    pub cut_off: bool,
    /// What it decides otherwise than its first parent, where that was asked for. It is about all of the commit, whatever
    /// object was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decisions: Option<Decided>,
}

/// A commit.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CommitView {
    /// Its name.
    pub commit: String,
    /// The commits before it; the first one is what a merge went into.
    pub parents: Vec<String>,
    /// Who wrote the change, by their own account.
    pub author: SignedView,
    /// Who made the commit, by their own account.
    pub committer: SignedView,
    /// Whether it carries a signature: `none`, `openpgp`, `ssh`, `x509` or `odd`. None is verified here.
    pub signature: &'static str,
    /// The first line of its message.
    pub subject: String,
    /// The number of the pull request that its message names, which anybody can write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u64>,
}

/// A name with a date, of which nothing is proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct SignedView {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The instant; absent when what was written is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// An object that a commit changed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct HistoryChange {
    /// The object: `service/mail`, or `gitsm.toml` for the settings.
    pub object: String,
    /// How it changed: `added`, `removed`, `renamed` or `changed`.
    pub change: &'static str,
    /// The id that it had, where it was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// A name for the change of the whole object that survives rebases and moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Where it is written, or was, if it is gone: `catalog/teams.toml:12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The fields that changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<EditView>,
}

/// Something that a merge did by itself.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct MergeView {
    /// `made`: neither parent has it so; `dropped`: the merged side had changed it, and that was left out; `undone`: the side
    /// that it went into had changed it, and that was taken back; `resolved`: both sides had changed it, and somebody decided;
    /// `not-repeated`: nobody knows what the merge should be; `swapped`: it took in the branch that it should have gone into,
    /// whose history is not followed along first parents.
    pub did: &'static str,
    /// The object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// How it changed: `added`, `removed`, `renamed` or `changed`. Of what is `dropped` or `resolved` it is what the merged side
    /// had changed, otherwise what the merge did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<&'static str>,
    /// The id that it had, where it was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<EditView>,
    /// The branch that was taken in: `origin/main`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
}

/// Something of a commit that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct MissingView {
    /// What is not known: `commit` for everything that it changed, `file` for what it changed in a file, `merge` for what it did
    /// by itself.
    pub about: &'static str,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Why, and what gets it.
    pub why: String,
}

/// Something that cannot be read.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Unread {
    /// The file, or the object.
    pub what: String,
    /// Whether it is an object that makes no sense, of which what was written is compared, and not a file of which nobody
    /// knows what it holds.
    pub object: bool,
    /// On which side of the commit: `before` or `after`.
    pub side: &'static str,
}

/// What `gitsm blame --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm blame --format json`")]
pub struct BlameReport {
    /// The version of this format.
    pub format_version: u32,
    /// The commit whose rulebook is in force.
    pub rulebook: At,
    /// The object.
    pub object: String,
    /// Its fields, in the order of their paths.
    pub fields: Vec<BlameField>,
    /// The commits that gave them their meaning, the newest first.
    pub commits: Vec<CommitView>,
}

/// A field with the commit that gave it its present meaning.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct BlameField {
    /// The path below the object.
    pub path: String,
    /// What it says.
    pub value: Value,
    /// Whether it is one entry of a list in which only the presence of an entry matters.
    pub entry: bool,
    /// Whether it is not a field, but the place of a part among the others, from 1.
    pub place: bool,
    /// The commit; absent when the clone does not go back far enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

impl CommitView {
    /// What is said about a commit.
    #[must_use]
    pub fn new(commit: &Commit) -> Self {
        Self {
            commit: commit.id.to_string(),
            parents: commit.parents.iter().map(ToString::to_string).collect(),
            author: signed(&commit.author),
            committer: signed(&commit.committer),
            signature: match commit.signature {
                Signature::Unsigned => "none",
                Signature::OpenPgp => "openpgp",
                Signature::Ssh => "ssh",
                Signature::X509 => "x509",
                Signature::Odd => "odd",
            },
            subject: commit.subject().to_owned(),
            pull_request: commit.pull_request(),
        }
    }

    /// The first twelve digits of the name.
    #[must_use]
    pub fn short(&self) -> &str {
        self.commit.get(..12).unwrap_or(&self.commit)
    }
}

fn signed(signed: &Signed) -> SignedView {
    SignedView {
        name: signed.name.clone(),
        email: signed.email.clone(),
        date: signed.seconds.and_then(instant),
    }
}

impl LogEntry {
    /// A commit with what of it is asked about.
    #[must_use]
    pub fn new(step: &Step, selected: &Selected) -> Self {
        let side = |side: Side| match side {
            Side::Before => "before",
            Side::After => "after",
        };
        let difference = &step.difference;
        let files = difference.unread.iter().map(|(path, at)| Unread {
            what: path.clone(),
            object: false,
            side: side(*at),
        });
        let objects = difference.broken.iter().filter(|(subject, _)| selected.wants(subject));
        let objects =
            objects.map(|(subject, at)| Unread { what: subject.name(), object: true, side: side(*at) });
        let merge = selected.merge.iter().flat_map(MergeView::all);
        let mut missing: Vec<MissingView> = Vec::new();
        for one in &selected.missing {
            let view = MissingView::new(one);
            if !missing.contains(&view) {
                missing.push(view);
            }
        }
        Self {
            format_version: FORMAT_VERSION,
            commit: CommitView::new(&step.commit),
            changes: selected.changes.iter().map(|one| change(one, step)).collect(),
            merge: merge.collect(),
            unread: files.chain(objects).collect(),
            missing,
            cut_off: step.cut_off,
            decisions: None,
        }
    }
}

impl MissingView {
    fn new(missing: &Missing) -> Self {
        let (about, file) = match &missing.about {
            About::Commit => ("commit", None),
            About::File { path, .. } => ("file", Some(path.clone())),
            About::Merge => ("merge", None),
        };
        Self { about, file, why: missing.why.clone() }
    }
}

impl MergeView {
    /// A merge that took in the branch that it should have gone into.
    #[must_use]
    pub fn swapped(branch: &str) -> Self {
        Self { branch: Some(branch.to_owned()), ..Self::of("swapped") }
    }

    /// What a merge did by itself, object by object.
    fn all(note: &MergeNote) -> Vec<Self> {
        let did = match note.did {
            Deed::Made => "made",
            Deed::Dropped => "dropped",
            Deed::Undone => "undone",
            Deed::Resolved => "resolved",
            Deed::NotRepeated => return vec![Self::of("not-repeated")],
        };
        let about = note.about.iter().map(|change| {
            let (how, from, fields) = how(change);
            Self { object: Some(change.subject.name()), change: Some(how), from, fields, ..Self::of(did) }
        });
        about.collect()
    }

    const fn of(did: &'static str) -> Self {
        Self { did, object: None, change: None, from: None, fields: Vec::new(), branch: None }
    }
}

/// How an object changed, the id that it had and the fields.
fn how(change: &Change) -> (&'static str, Option<String>, Vec<EditView>) {
    match &change.what {
        What::Added => ("added", None, Vec::new()),
        What::Removed => ("removed", None, Vec::new()),
        What::Renamed { from } => ("renamed", Some(from.clone()), Vec::new()),
        What::Changed(edits) => {
            ("changed", None, edits.iter().map(|one| edit(&change.subject, one)).collect())
        }
    }
}

fn change(change: &Change, step: &Step) -> HistoryChange {
    let (name, from, fields) = how(change);
    let place = step.difference.places.get(&change.subject);
    HistoryChange {
        object: change.subject.name(),
        change: name,
        from,
        fingerprint: change.fingerprint(),
        place: place.map(|(path, line)| plain::line(&format!("{path}:{line}")).into_owned()),
        fields,
    }
}

impl BlameReport {
    /// The fields of an object with their commits.
    #[must_use]
    pub fn new(rulebook: At, object: &str, found: &[Attribution]) -> Self {
        let mut commits: Vec<CommitView> = Vec::new();
        let fields = found
            .iter()
            .map(|one| {
                if let Some(commit) = &one.commit {
                    let id = commit.id.to_string();
                    if !commits.iter().any(|known| known.commit == id) {
                        commits.push(CommitView::new(commit));
                    }
                }
                let place = one.leaf.path.last().is_some_and(|key| key == PLACE);
                let keys = one.leaf.path.get(..one.leaf.path.len() - usize::from(place)).unwrap_or_default();
                let key = keys.last().map(String::as_str).unwrap_or_default();
                BlameField {
                    path: crate::impact::semantic::path(keys),
                    value: concealed(key, &one.leaf.value),
                    entry: one.leaf.entry,
                    place,
                    commit: one.commit.as_ref().map(|commit| commit.id.to_string()),
                }
            })
            .collect();
        Self { format_version: FORMAT_VERSION, rulebook, object: object.to_owned(), fields, commits }
    }

    /// Whether every field has its commit.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.fields.iter().all(|field| field.commit.is_some())
    }
}
