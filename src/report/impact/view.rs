//! The difference between two versions of a rulebook, as data.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Grants, value::concealed};
use crate::{
    diag::{Level, Sources},
    impact::{
        Impact,
        semantic::{self, Change, Edit, EditKind, Subject, Uncompared, What, Why},
    },
    load::{Completeness, Loaded, places::Places},
    model::{Location, Origin},
    report::{commitment, consequence, plain, position, revision::At},
};

/// The version of the JSON that is printed.
pub const FORMAT_VERSION: u32 = 1;

/// What `gitsm diff --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm diff --format json`")]
pub struct Report {
    /// The version of this format.
    pub format_version: u32,
    /// The version before the change.
    pub before: Side,
    /// The version after it.
    pub after: Side,
    /// The difference.
    #[serde(flatten)]
    pub view: View,
    /// What requests are decided otherwise.
    pub decisions: Consequences,
    /// What is promised otherwise.
    pub commitments: Promises,
    /// What it does to the ledger of access.
    pub grants: Grants,
}

/// What requests are decided otherwise, or why nobody can say.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Consequences {
    /// What differs.
    Compared(consequence::View),
    /// Why the decisions of the two versions cannot be compared. Nothing is known about them.
    NotCompared(String),
}

impl Consequences {
    /// Whether everything was compared.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Compared(view) => view.unknown.is_empty(),
            Self::NotCompared(_) => false,
        }
    }
}

/// What is promised otherwise, or why nobody can say.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Promises {
    /// What differs.
    Compared(commitment::View),
    /// Why the promises of the two versions cannot be compared. Nothing is known about them.
    NotCompared(String),
}

impl Promises {
    /// Whether everything was compared, or somebody acknowledged that it was not.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Compared(view) => view.unknown.iter().all(|unknown| unknown.acknowledged),
            Self::NotCompared(_) => false,
        }
    }
}

/// One of the two versions.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Side {
    /// What was read: a revision, `the work tree`, `the index` or a folder.
    pub name: String,
    /// The commit that was read; absent for files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<At>,
    /// Whether there is a rulebook at all.
    pub exists: bool,
    /// Whether every object of it could be read.
    pub complete: bool,
    /// How many errors it has.
    pub errors: usize,
    /// How many warnings it has.
    pub warnings: usize,
}

impl Side {
    /// What is said about a side.
    #[must_use]
    pub fn new(name: &str, rulebook: Option<At>, loaded: &Loaded) -> Self {
        let count = |level: Level| loaded.found.iter().filter(|one| one.level == level).count();
        Self {
            name: plain::line(name).into_owned(),
            rulebook,
            exists: !loaded.sources.is_empty(),
            complete: loaded.completeness == Completeness::Whole,
            errors: count(Level::Error),
            warnings: count(Level::Warning),
        }
    }

    /// The side in a few words.
    #[must_use]
    pub fn line(&self) -> String {
        match &self.rulebook {
            Some(at) if self.exists => plain::line(&at.line()).into_owned(),
            Some(at) => format!("{}, without a rulebook", plain::line(&at.line())),
            None => self.name.clone(),
        }
    }
}

/// The difference between two versions.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct View {
    /// How much changed, with what is not listed.
    pub summary: Summary,
    /// What changed: the settings first, then objects by kind and id.
    pub changes: Vec<ChangeView>,
    /// What could not be compared, and is not taken for equal.
    pub uncompared: Vec<UncomparedView>,
}

/// How much changed.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Summary {
    /// Whether everything could be compared.
    pub complete: bool,
    /// How many objects are new.
    pub added: usize,
    /// How many are gone.
    pub removed: usize,
    /// How many have another id and are otherwise the same.
    pub renamed: usize,
    /// How many have changed fields.
    pub changed: usize,
    /// How many fields changed in them.
    pub fields: usize,
    /// How many objects are not listed because there are too many.
    pub objects_not_listed: usize,
    /// How many fields of listed objects are not listed.
    pub fields_not_listed: usize,
    /// How many objects that could not be compared are not listed.
    pub uncompared_not_listed: usize,
}

/// An object that changed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ChangeView {
    /// The object: `service/mail`, or `gitsm.toml` for the settings.
    pub object: String,
    /// The kind; absent for the settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// How it changed: `added`, `removed`, `renamed` or `changed`.
    pub change: &'static str,
    /// The id that it had, where it was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// A name for the change of the whole object that survives rebases, moves and other edits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Where it was written before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Place>,
    /// Where it is written afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Place>,
    /// The fields that changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<EditView>,
}

/// A place in a file of one of the two versions.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Place {
    /// The path below the repository.
    pub file: String,
    /// The first line, from 1.
    pub line: u32,
    /// The first column, from 1, in Unicode characters.
    pub column: u32,
    /// The last line.
    pub end_line: u32,
    /// The column after the last character.
    pub end_column: u32,
}

/// A field that changed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct EditView {
    /// The path below the object: `rule.sales-standard.when.subject.department`.
    pub path: String,
    /// How it changed: `value`, `entries`, `renamed` or `order`.
    pub change: &'static str,
    /// The value before, of a `value`; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The value afterwards, of a `value`; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// Which part of how many it is, from 1, where the order of parts decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// What was added, of `entries`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<Value>,
    /// What was taken away, of `entries`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Value>,
    /// The id before, of `renamed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The ids in their order before, of `order`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order_before: Vec<String>,
    /// The ids in their order afterwards, of `order`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order_after: Vec<String>,
    /// The fewest ids whose move explains the difference, of `order`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<String>,
    /// Where it was written before; where it was not, the table that lacked it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_place: Option<Place>,
    /// Where it is written afterwards; where it is not, the table that lacks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_place: Option<Place>,
    /// A name for the change that survives rebases, moves and other edits.
    pub fingerprint: String,
}

/// A place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Position {
    /// Which one, from 1.
    pub number: usize,
    /// Of how many.
    pub of: usize,
}

/// What could not be compared.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct UncomparedView {
    /// The object; absent for everything in files that cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The version that is the reason: `before` or `after`.
    pub side: &'static str,
    /// Why: `unreadable` (files cannot be read), `broken` (the object makes no sense) or `hidden` (it may be in a file that
    /// cannot be read).
    pub why: &'static str,
}

impl View {
    /// The difference, of which at most `most` objects and fields are listed; 0 for all.
    #[must_use]
    pub fn new(impact: &Impact, before: &Loaded, after: &Loaded, most: usize) -> Self {
        let semantic = &impact.semantic;
        let most = if most == 0 { usize::MAX } else { most };
        let mut summary = Summary { complete: impact.is_whole(), ..Summary::default() };
        let mut listed: Vec<(&Change, &[Edit])> = Vec::new();
        let mut lines = 0_usize;
        for change in &semantic.changes {
            let edits: &[Edit] = match &change.what {
                What::Changed(edits) => edits,
                _ => &[],
            };
            match change.what {
                What::Added => summary.added += 1,
                What::Removed => summary.removed += 1,
                What::Renamed { .. } => summary.renamed += 1,
                What::Changed(_) => summary.changed += 1,
            }
            summary.fields += edits.len();
            if lines >= most {
                summary.objects_not_listed += 1;
                continue;
            }
            let room = most.saturating_sub(lines.saturating_add(1)).max(1).min(edits.len());
            summary.fields_not_listed += edits.len() - room;
            lines += 1 + room;
            listed.push((change, edits.get(..room).unwrap_or_default()));
        }
        let places = [Located::new(&listed, before, false), Located::new(&listed, after, true)];
        let changes = listed.iter().map(|(change, edits)| view(change, edits, &places)).collect();
        let uncompared: Vec<UncomparedView> = semantic.uncompared.iter().take(most).map(uncompared).collect();
        summary.uncompared_not_listed = semantic.uncompared.len() - uncompared.len();
        Self { summary, changes, uncompared }
    }

    /// Whether nothing differs, as far as could be compared.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        let Summary { added, removed, renamed, changed, .. } = self.summary;
        added + removed + renamed + changed == 0
    }
}

/// The places of one side.
struct Located<'l> {
    places: Places,
    sources: &'l Sources,
    after: bool,
}

impl<'l> Located<'l> {
    fn new(listed: &[(&Change, &[Edit])], loaded: &'l Loaded, after: bool) -> Self {
        let fields = listed
            .iter()
            .flat_map(|(change, edits)| edits.iter().filter_map(move |edit| field(change, edit, after)));
        let locations: Vec<Location> = fields.collect();
        Self { places: Places::find(&locations, &loaded.sources), sources: &loaded.sources, after }
    }

    fn object(&self, change: &Change) -> Option<Place> {
        let origin = if self.after { change.after } else { change.before }?;
        Some(self.place(&Location::Bytes(origin.file, origin.span)))
    }

    fn field(&self, change: &Change, edit: &Edit) -> Option<Place> {
        field(change, edit, self.after).map(|location| self.place(&location))
    }

    fn place(&self, location: &Location) -> Place {
        let (file, span) = self.places.of(location);
        let position = position(self.sources, file, span);
        Place {
            file: self.sources.path(file).to_owned(),
            line: position.start.line,
            column: position.start.column,
            end_line: position.end.line,
            end_column: position.end.column,
        }
    }
}

/// Where a field lies on a side.
fn field(change: &Change, edit: &Edit, after: bool) -> Option<Location> {
    let (origin, pointer) = if after { (change.after, &edit.after) } else { (change.before, &edit.before) };
    let origin: Origin = origin?;
    let pointer = format!("{}{pointer}", change.subject.pointer());
    Some(Location::Field { origin, pointer, key: false })
}

fn view(change: &Change, edits: &[Edit], [before, after]: &[Located<'_>; 2]) -> ChangeView {
    let (name, from) = match &change.what {
        What::Added => ("added", None),
        What::Removed => ("removed", None),
        What::Renamed { from } => ("renamed", Some(from.clone())),
        What::Changed(_) => ("changed", None),
    };
    ChangeView {
        object: change.subject.name(),
        kind: change.subject.kind().map(crate::model::Kind::name),
        change: name,
        from,
        fingerprint: change.fingerprint(),
        before: before.object(change),
        after: after.object(change),
        fields: edits
            .iter()
            .map(|one| {
                let mut field = edit(&change.subject, one);
                field.before_place = before.field(change, one);
                field.after_place = after.field(change, one);
                field
            })
            .collect(),
    }
}

/// A field that changed, without its places.
#[must_use]
pub fn edit(subject: &Subject, edit: &Edit) -> EditView {
    let key = edit.path.last().map(String::as_str).unwrap_or_default();
    let mut view = EditView {
        path: edit.path(),
        change: "value",
        before: None,
        after: None,
        position: None,
        added: Vec::new(),
        removed: Vec::new(),
        from: None,
        order_before: Vec::new(),
        order_after: Vec::new(),
        moved: Vec::new(),
        before_place: None,
        after_place: None,
        fingerprint: edit.fingerprint(subject),
    };
    let all = |values: &[Value]| values.iter().map(|value| concealed(key, value)).collect();
    match &edit.what {
        EditKind::Value { before, after, position } => {
            view.before = before.as_ref().map(|value| concealed(key, value));
            view.after = after.as_ref().map(|value| concealed(key, value));
            view.position = position.map(|(number, of)| Position { number, of });
        }
        EditKind::Entries { added, removed } => {
            view.change = "entries";
            view.added = all(added);
            view.removed = all(removed);
        }
        EditKind::Renamed { from } => {
            view.change = "renamed";
            view.from = Some(from.clone());
        }
        EditKind::Order { before, after, moved } => {
            view.change = "order";
            view.order_before.clone_from(before);
            view.order_after.clone_from(after);
            view.moved.clone_from(moved);
        }
    }
    view
}

fn uncompared(one: &Uncompared) -> UncomparedView {
    UncomparedView {
        object: one.subject.as_ref().map(Subject::name),
        side: match one.side {
            semantic::Side::Before => "before",
            semantic::Side::After => "after",
        },
        why: match one.why {
            Why::Unreadable => "unreadable",
            Why::Broken => "broken",
            Why::Hidden => "hidden",
        },
    }
}
