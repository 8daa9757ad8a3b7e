//! Objects and fields that differ, wherever and in whatever order they are written.
//!
//! Two objects are equal when they mean the same: when their types are equal but for the order of lists that are sets. Where
//! they are not, the fields are compared as they were written, so that a person finds them, without those that mean the same
//! in another way of writing.

mod content;
mod fields;
mod objects;
mod ordered;
mod written;

pub use content::{Content, is_set};
pub use fields::compare as compare_fields;
pub use objects::{Object, compare as compare_objects};
pub use written::{read as read_written, same as same_written, value as written_value};

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    diag::Sources,
    load::{Completeness, Loaded, settings::FILE},
    model::{Kind, Origin, Rulebook},
};

/// The semantic difference between two versions of a rulebook.
#[derive(Debug, Default)]
pub struct Semantic {
    /// What changed: the settings first, then the objects by kind and id.
    pub changes: Vec<Change>,
    /// What could not be compared.
    pub uncompared: Vec<Uncompared>,
}

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Subject {
    /// `gitsm.toml`.
    Settings,
    /// An object.
    Object(Kind, String),
}

impl Subject {
    /// The kind, or nothing for the settings.
    #[must_use]
    pub const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Settings => None,
            Self::Object(kind, _) => Some(*kind),
        }
    }

    /// How it is called: `service/mail`, or `gitsm.toml`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Settings => FILE.to_owned(),
            Self::Object(kind, id) => format!("{}/{id}", kind.name()),
        }
    }

    /// Where its fields lie in a file, as the beginning of a JSON pointer.
    #[must_use]
    pub fn pointer(&self) -> String {
        match self {
            Self::Settings => String::new(),
            Self::Object(kind, id) => format!("/{}/{id}", kind.name()),
        }
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.name()
    }
}

impl TryFrom<String> for Subject {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match name.split_once('/') {
            None if name == FILE => Ok(Self::Settings),
            Some((kind, id)) => match Kind::from_name(kind) {
                Some(kind) => Ok(Self::Object(kind, id.to_owned())),
                None => Err(name),
            },
            None => Err(name),
        }
    }
}

/// Something that is not what it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What changed, under the id that it has afterwards, or had if it is gone.
    pub subject: Subject,
    /// How.
    pub what: What,
    /// Where it was written before.
    #[serde(skip)]
    pub before: Option<Origin>,
    /// Where it is written afterwards.
    #[serde(skip)]
    pub after: Option<Origin>,
}

/// How an object changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has another id and is otherwise the same.
    Renamed {
        /// The id that it had.
        from: String,
    },
    /// Fields of it changed.
    Changed(Vec<Edit>),
}

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// The keys that lead to it; parts with an id, such as rules, are named by it.
    pub path: Vec<String>,
    /// Where it was before, as a JSON pointer below the object.
    pub before: String,
    /// Where it is afterwards, as a JSON pointer below the object.
    pub after: String,
    /// What changed.
    pub what: EditKind,
}

/// How a field changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum EditKind {
    /// It has another value, or one where there was none, or none where there was one.
    Value {
        /// The value before.
        before: Option<Value>,
        /// The value afterwards.
        after: Option<Value>,
        /// Which of how many parts it is, from 1, where the order of parts decides.
        position: Option<(usize, usize)>,
    },
    /// Entries were added to a list in which only their presence matters, or taken from it.
    Entries {
        /// What was added.
        added: Vec<Value>,
        /// What was taken away.
        removed: Vec<Value>,
    },
    /// A part has another id and is otherwise the same.
    Renamed {
        /// The id that it had.
        from: String,
    },
    /// The parts that there are before and afterwards come in another order.
    Order {
        /// The ids before.
        before: Vec<String>,
        /// The ids afterwards.
        after: Vec<String>,
        /// The fewest ids whose move explains the difference.
        moved: Vec<String>,
    },
}

impl Edit {
    /// The path as it is written in TOML: `rule.sales-standard.when.subject.department`.
    #[must_use]
    pub fn path(&self) -> String {
        path(&self.path)
    }

    /// A name for the edit of an object that is the same wherever and whenever it is made.
    #[must_use]
    pub fn fingerprint(&self, subject: &Subject) -> String {
        let texts = |values: &[Value]| values.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        let (what, before, after) = match &self.what {
            EditKind::Value { before, after, .. } => ("value", text(before), text(after)),
            EditKind::Entries { added, removed } => ("entries", texts(removed), texts(added)),
            EditKind::Renamed { from } => ("renamed", from.clone(), String::new()),
            EditKind::Order { before, after, .. } => ("order", before.join("\n"), after.join("\n")),
        };
        super::fingerprint(&["edit", what, &subject.name(), &self.path(), &before, &after])
    }
}

impl Change {
    /// A name for the change of a whole object that is the same wherever and whenever it is made; of what was changed in
    /// fields each edit has its own.
    #[must_use]
    pub fn fingerprint(&self) -> Option<String> {
        let (what, more) = match &self.what {
            What::Added => ("added", ""),
            What::Removed => ("removed", ""),
            What::Renamed { from } => ("renamed", from.as_str()),
            What::Changed(_) => return None,
        };
        Some(super::fingerprint(&["object", what, &self.subject.name(), more]))
    }
}

/// Keys as they are written in TOML, with dots between them.
#[must_use]
pub fn path(keys: &[String]) -> String {
    let bare = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let parts = keys.iter().map(|part| if bare(part) { part.clone() } else { format!("{part:?}") });
    parts.collect::<Vec<_>>().join(".")
}

/// Something that could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uncompared {
    /// The object; none for everything in files that cannot be read.
    pub subject: Option<Subject>,
    /// Which of the two versions is the reason.
    pub side: Side,
    /// Why.
    pub why: Why,
}

/// One of two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Side {
    /// The one before the change.
    Before,
    /// The one after it.
    After,
}

/// Why something could not be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Some files cannot be read, so nobody knows what they hold.
    Unreadable,
    /// The object is there and makes no sense.
    Broken,
    /// It is in no file that can be read, but may be in one that cannot.
    Hidden,
}

/// Compares two versions of a rulebook.
#[must_use]
pub fn compare(before: &Loaded, after: &Loaded) -> Semantic {
    let mut semantic = Semantic::default();
    for (side, loaded) in [(Side::Before, before), (Side::After, after)] {
        if loaded.completeness == Completeness::Unreadable {
            semantic.uncompared.push(Uncompared { subject: None, side, why: Why::Unreadable });
        }
    }
    let mut contents = Contents { before: Texts::new(before), after: Texts::new(after) };
    settings(before, after, &mut contents, &mut semantic);
    for kind in Kind::ALL {
        objects_of(kind, before, after, &mut contents, &mut semantic);
    }
    semantic.uncompared.sort();
    semantic.uncompared.dedup();
    semantic
}

/// What an object says, as it was written and as it is understood; none when there is no such object.
#[must_use]
pub fn content_of(loaded: &Loaded, kind: Kind, id: &str) -> Option<Content> {
    loaded.rulebook.origin(kind, id)?;
    Some(Texts::new(loaded).object(loaded, kind, id))
}

/// Both sides, to look up what was written.
struct Contents<'l> {
    before: Texts<'l>,
    after: Texts<'l>,
}

/// The settings, unless there is no rulebook on a side.
fn settings(before: &Loaded, after: &Loaded, contents: &mut Contents<'_>, semantic: &mut Semantic) {
    let there = |loaded: &Loaded| !loaded.sources.is_empty();
    let origin = |loaded: &Loaded| Origin { file: loaded.settings_file, ..Origin::default() };
    let change = |what, before: Option<&Loaded>, after: Option<&Loaded>| Change {
        subject: Subject::Settings,
        what,
        before: before.map(origin),
        after: after.map(origin),
    };
    match (there(before), there(after)) {
        (false, true) => semantic.changes.push(change(What::Added, None, Some(after))),
        (true, false) => semantic.changes.push(change(What::Removed, Some(before), None)),
        (true, true) if before.rulebook.settings != after.rulebook.settings => {
            let one = contents.before.settings(before);
            let other = contents.after.settings(after);
            let edits = fields::compare(&one, &other);
            if !edits.is_empty() {
                semantic.changes.push(change(What::Changed(edits), Some(before), Some(after)));
            }
        }
        _ => {}
    }
}

fn objects_of(
    kind: Kind,
    before: &Loaded,
    after: &Loaded,
    contents: &mut Contents<'_>,
    semantic: &mut Semantic,
) {
    let broken = |loaded: &Loaded, id: &str| loaded.broken.contains(&(kind, id.to_owned()));
    let there = |loaded: &Loaded, id: &str| loaded.rulebook.origin(kind, id).is_some();
    let hides = |loaded: &Loaded| loaded.completeness == Completeness::Unreadable;
    let mut ids: BTreeSet<&str> = before.rulebook.ids(kind).into_iter().collect();
    ids.extend(after.rulebook.ids(kind));
    let all_broken = before.broken.iter().chain(&after.broken).filter(|(of, _)| *of == kind);
    ids.extend(all_broken.map(|(_, id)| id.as_str()));
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for id in ids {
        let mut uncompared = |side, why| {
            let subject = Some(Subject::Object(kind, id.to_owned()));
            semantic.uncompared.push(Uncompared { subject, side, why });
        };
        if broken(before, id) {
            uncompared(Side::Before, Why::Broken);
        }
        if broken(after, id) {
            uncompared(Side::After, Why::Broken);
        }
        if broken(before, id) || broken(after, id) {
            continue;
        }
        match (there(before, id), there(after, id)) {
            (true, true) => {
                if !before.rulebook.same(kind, id, &after.rulebook, id) {
                    changed(kind, id, (before, after), contents, semantic);
                }
            }
            (true, false) if hides(after) => uncompared(Side::After, Why::Hidden),
            (false, true) if hides(before) => uncompared(Side::Before, Why::Hidden),
            (true, false) => gone.push(id),
            (false, true) => new.push(id),
            (false, false) => {}
        }
    }
    let renamed = renamed(kind, &gone, &new, before, after);
    let mut push = |id: &str, what, before: Option<Origin>, after: Option<Origin>| {
        semantic.changes.push(Change { subject: Subject::Object(kind, id.to_owned()), what, before, after });
    };
    let from = |id: &str| before.rulebook.origin(kind, id);
    let to = |id: &str| after.rulebook.origin(kind, id);
    for id in &new {
        match renamed.get(id) {
            Some(old) => push(id, What::Renamed { from: (*old).to_owned() }, from(old), to(id)),
            None => push(id, What::Added, None, to(id)),
        }
    }
    let old: BTreeSet<&str> = renamed.values().copied().collect();
    for id in gone.iter().filter(|id| !old.contains(*id)) {
        push(id, What::Removed, from(id), None);
    }
    let start = semantic.changes.partition_point(|change| change.subject.kind() < Some(kind));
    if let Some(of_kind) = semantic.changes.get_mut(start..) {
        of_kind.sort_by(|one, other| one.subject.cmp(&other.subject));
    }
}

/// The ids of objects that are new, with the ids under which the same was known before. Where several are the same, nobody
/// knows which became which.
fn renamed<'i>(
    kind: Kind,
    gone: &[&'i str],
    new: &[&'i str],
    before: &Loaded,
    after: &Loaded,
) -> BTreeMap<&'i str, &'i str> {
    let meaning = |rulebook: &Rulebook, id: &str| {
        let value = rulebook.json(kind, id).ok().flatten()?;
        Some(content::canonical(value).to_string())
    };
    let pairs = |ids: &[&'i str], loaded: &Loaded| {
        ids.iter().map(|id| (*id, meaning(&loaded.rulebook, id))).collect::<Vec<_>>()
    };
    if gone.is_empty() || new.is_empty() {
        return BTreeMap::new();
    }
    objects::pair(&pairs(gone, before), &pairs(new, after))
}

fn changed(
    kind: Kind,
    id: &str,
    (before, after): (&Loaded, &Loaded),
    contents: &mut Contents<'_>,
    semantic: &mut Semantic,
) {
    let one = contents.before.object(before, kind, id);
    let other = contents.after.object(after, kind, id);
    let edits = fields::compare(&one, &other);
    if edits.is_empty() {
        return;
    }
    semantic.changes.push(Change {
        subject: Subject::Object(kind, id.to_owned()),
        what: What::Changed(edits),
        before: before.rulebook.origin(kind, id),
        after: after.rulebook.origin(kind, id),
    });
}

/// The files of a side, parsed when somebody asks for what an object in them was written as.
struct Texts<'l> {
    sources: &'l Sources,
    trees: BTreeMap<crate::diag::FileId, Value>,
}

impl<'l> Texts<'l> {
    const fn new(loaded: &'l Loaded) -> Self {
        Self { sources: &loaded.sources, trees: BTreeMap::new() }
    }

    fn object(&mut self, loaded: &Loaded, kind: Kind, id: &str) -> Content {
        let meaning = loaded.rulebook.json(kind, id).ok().flatten();
        let origin = loaded.rulebook.origin(kind, id).unwrap_or_default();
        let tree = self.tree(origin.file);
        let written = tree.and_then(|tree| tree.get(kind.name())?.get(id).cloned());
        Content::new(written, meaning)
    }

    fn settings(&mut self, loaded: &Loaded) -> Content {
        let meaning = serde_json::to_value(&loaded.rulebook.settings).ok();
        let written = self.tree(loaded.settings_file).cloned();
        Content::new(written, meaning)
    }

    fn tree(&mut self, file: crate::diag::FileId) -> Option<&Value> {
        let source = self.sources.get(file).filter(|source| source.path.ends_with(".toml"))?;
        Some(self.trees.entry(file).or_insert_with(|| written::read(&source.text)))
    }
}
