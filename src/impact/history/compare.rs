//! What two trees say differently, from the files that differ.

use std::{
    collections::{BTreeMap, HashMap, btree_map::Entry},
    sync::{Arc, Mutex},
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    files::{Changed, Layout, Trees},
    missing::{About, Missing},
    remembered,
};
use crate::{
    diag::{FileId, SourceFile, Span},
    impact::semantic::{
        Change, Content, Object, Side, Subject, What, compare_objects, same_written, written_value,
    },
    load::{
        decode, document, people,
        settings::{self, FILE},
        shape, text,
        tree::escape,
    },
    model::{Id, Kind, Origin, settings::Settings},
    source::{Cache, GitError, ObjectId},
};

/// What two trees say differently.
#[derive(Debug, Clone, Default)]
pub struct Difference {
    /// What changed, by subject.
    pub changes: Vec<Change>,
    /// Where what changed is written; of what is gone, where it was. The path and the line.
    pub places: BTreeMap<Subject, (String, u32)>,
    /// Files that cannot be read on a side, so that nobody knows what they hold.
    pub unread: Vec<(String, Side)>,
    /// Objects that make no sense on a side: what is said about them compares what was written.
    pub broken: Vec<(Subject, Side)>,
    /// What is not known because objects of the repository cannot be read.
    pub missing: Vec<Missing>,
}

/// Compares trees, and remembers the settings that it read.
#[derive(Debug)]
pub(super) struct Comparer<'r> {
    pub(super) trees: Trees<'r>,
    /// The folder of the rulebook in the repository: `desk/`, or nothing.
    below: String,
    cache: Option<&'r Cache>,
    settings: Mutex<HashMap<ObjectId, Arc<ReadSettings>>>,
}

/// Settings of a commit.
#[derive(Debug)]
struct ReadSettings {
    text: Arc<str>,
    settings: Settings,
    usable: bool,
}

/// One of the two sides.
#[derive(Debug, Clone)]
struct Version {
    root: ObjectId,
    settings: Arc<ReadSettings>,
    settings_id: ObjectId,
}

impl<'r> Comparer<'r> {
    pub(super) fn new(trees: Trees<'r>, below: &str, cache: Option<&'r Cache>) -> Self {
        Self { trees, below: below.to_owned(), cache, settings: Mutex::new(HashMap::new()) }
    }

    /// What changes from one tree of a commit to another; none is one without a file.
    pub(super) fn compare(
        &self,
        before: Option<ObjectId>,
        after: Option<ObjectId>,
    ) -> Result<Difference, GitError> {
        if before == after {
            return Ok(Difference::default());
        }
        if let Some(known) = remembered::recall(self.cache, before, after) {
            return Ok(known);
        }
        let found = self.compare_with(before, after, &BTreeMap::new())?;
        remembered::remember(self.cache, before, after, &found);
        Ok(found)
    }

    /// The same, with other contents for some files before the change.
    pub(super) fn compare_with(
        &self,
        before: Option<ObjectId>,
        after: Option<ObjectId>,
        instead: &BTreeMap<String, ObjectId>,
    ) -> Result<Difference, GitError> {
        let roots = (self.folder(before)?, self.folder(after)?);
        if roots.0 == roots.1 && instead.is_empty() {
            return Ok(Difference::default());
        }
        let (before, after) = (self.version(roots.0)?, self.version(roots.1)?);
        let mut work = Work::default();
        let files = self.files(before.as_ref(), after.as_ref())?;
        work.settings(before.as_ref(), after.as_ref());
        for Changed { path, before: old, after: new } in &files {
            let old = instead.get(path).copied().or(*old);
            let of_people = |side: Option<&Version>| {
                side.is_some_and(|side| Layout::of(&side.settings.settings).is_people(path))
            };
            let people = of_people(before.as_ref()) || of_people(after.as_ref());
            let read = if people {
                work.people(self, path, (before.as_ref(), old), (after.as_ref(), *new))
            } else {
                self.text(old).and_then(|old| Ok((old, self.text(*new)?))).map(|(old, new)| {
                    work.document(path, old, new);
                })
            };
            if let Err(error) = read {
                let about = About::File { path: path.clone(), people };
                work.missing.push(Missing::because(about, error)?);
            }
        }
        Ok(work.finish())
    }

    /// What a file held in a tree of a commit.
    pub(super) fn file_of(&self, tree: ObjectId, path: &str) -> Result<Option<ObjectId>, GitError> {
        self.trees.file(Some(tree), &format!("{}{path}", self.below))
    }

    /// Whether a document can be read.
    pub(super) fn is_readable(&self, id: ObjectId) -> Result<bool, GitError> {
        Ok(matches!(self.text(Some(id))?, Text::Read(text) if parse(&text).is_some()))
    }

    fn folder(&self, tree: Option<ObjectId>) -> Result<Option<ObjectId>, GitError> {
        let Some(tree) = tree else { return Ok(None) };
        let found = self.trees.find(tree, &self.below)?;
        Ok(found.filter(|(mode, _)| *mode == crate::source::Mode::Folder).map(|(_, id)| id))
    }

    /// A side with its settings; none when it has no rulebook.
    fn version(&self, root: Option<ObjectId>) -> Result<Option<Version>, GitError> {
        let Some(root) = root else { return Ok(None) };
        let Some(id) = self.trees.file(Some(root), FILE)? else { return Ok(None) };
        if let Some(settings) = self.settings.lock().ok().and_then(|known| known.get(&id).cloned()) {
            return Ok(Some(Version { root, settings, settings_id: id }));
        }
        let mut read = ReadSettings { text: "".into(), settings: Settings::default(), usable: false };
        if let Text::Read(text) = self.text(Some(id))? {
            let found = settings::read(FileId(0), &text, &mut Vec::new());
            read = ReadSettings { text, settings: found.settings, usable: found.usable };
        }
        let settings = Arc::new(read);
        if let Ok(mut known) = self.settings.lock() {
            known.insert(id, Arc::clone(&settings));
        }
        Ok(Some(Version { root, settings, settings_id: id }))
    }

    /// The files that differ.
    fn files(&self, before: Option<&Version>, after: Option<&Version>) -> Result<Vec<Changed>, GitError> {
        // Settings that cannot be read say nothing about where files lie; those of the other side may.
        let layout = |side: &Version, other: Option<&Version>| {
            let other = other.filter(|other| !side.settings.usable && other.settings.usable);
            Layout::of(&other.unwrap_or(side).settings.settings)
        };
        if let (Some(one), Some(other)) = (before, after) {
            let (old, new) = (layout(one, after), layout(other, before));
            let (first, second) = (&one.settings.settings, &other.settings.settings);
            if old == new && first.people == second.people && first.attribute == second.attribute {
                return self.trees.changed(one.root, other.root, &old);
            }
        }
        let all = |side: Option<&Version>, other: Option<&Version>| match side {
            Some(side) => self.trees.all(side.root, &layout(side, other)),
            None => Ok(BTreeMap::new()),
        };
        let (old, new) = (all(before, after)?, all(after, before)?);
        let wanted = |path: &str| {
            let people = |side: Option<&Version>| {
                side.is_some_and(|side| Layout::of(&side.settings.settings).is_people(path))
            };
            people(before) || people(after)
        };
        let mut paths: Vec<&String> = old.keys().chain(new.keys()).collect();
        paths.sort();
        paths.dedup();
        let changed = paths.into_iter().filter_map(|path| {
            let (before, after) = (old.get(path).copied(), new.get(path).copied());
            // The same record can say something else with other settings.
            (before != after || wanted(path)).then(|| Changed { path: path.clone(), before, after })
        });
        Ok(changed.collect())
    }

    /// The text of a file.
    fn text(&self, id: Option<ObjectId>) -> Result<Text, GitError> {
        let Some(id) = id else { return Ok(Text::Absent) };
        let Some(bytes) = self.trees.objects().blob(id, text::MAX_BYTES)? else {
            return Ok(Text::Unreadable);
        };
        let mut found = Vec::new();
        let text = text::read(FileId(0), bytes, &mut found);
        Ok(if found.is_empty() { Text::Read(text) } else { Text::Unreadable })
    }
}

/// A document whose syntax is right.
fn parse(text: &str) -> Option<DeTable<'_>> {
    document::parse(FileId(0), text, &mut Vec::new())
}

/// What was found so far.
#[derive(Debug, Default)]
struct Work {
    before: BTreeMap<Subject, Object>,
    after: BTreeMap<Subject, Object>,
    places: [BTreeMap<Subject, (String, u32)>; 2],
    unread: Vec<(String, Side)>,
    broken: Vec<(Subject, Side)>,
    missing: Vec<Missing>,
    whole: Vec<Change>,
}

/// The text of a file.
#[derive(Debug)]
enum Text {
    /// There is no such file.
    Absent,
    /// Its bytes are no text, or too many.
    Unreadable,
    /// What it holds.
    Read(Arc<str>),
}

impl Work {
    /// The objects of a document that are not written the same on both sides.
    fn document(&mut self, path: &str, before: Text, after: Text) {
        let texts = [before, after];
        let mut trees: [Option<DeTable<'_>>; 2] = [None, None];
        let mut unread = false;
        for ((text, tree), side) in texts.iter().zip(&mut trees).zip([Side::Before, Side::After]) {
            *tree = match text {
                Text::Absent => continue,
                Text::Unreadable => None,
                Text::Read(text) => parse(text),
            };
            if tree.is_none() {
                self.unread.push((path.to_owned(), side));
                unread = true;
            }
        }
        // What a file holds that cannot be read is not known, and not gone.
        if unread {
            return;
        }
        for (at, side) in [Side::Before, Side::After].into_iter().enumerate() {
            let (Some(tree), Some(Text::Read(text))) =
                (trees.get(at).and_then(Option::as_ref), texts.get(at))
            else {
                continue;
            };
            let other = trees.get(1 - at).and_then(Option::as_ref);
            let file = SourceFile::new(path, Arc::clone(text));
            for (key, objects) in tree {
                let (Some(kind), DeValue::Table(objects)) =
                    (Kind::from_name(key.get_ref()), objects.get_ref())
                else {
                    continue;
                };
                let others = other.and_then(|other| other.get(key.get_ref().as_ref()));
                let others = others.and_then(|others| match others.get_ref() {
                    DeValue::Table(table) => Some(table),
                    _ => None,
                });
                for (id, value) in objects {
                    let same = others.and_then(|others| others.get(id.get_ref().as_ref()));
                    if same.is_some_and(|same| same_written(same.get_ref(), value.get_ref())) {
                        continue;
                    }
                    let subject = Subject::Object(kind, id.get_ref().to_string());
                    let meaning = meaning(tree, kind, id.get_ref(), value);
                    if meaning.is_none() {
                        self.broken.push((subject.clone(), side));
                    }
                    let line = file.line_column(Span::from(id.span()).start).line;
                    let content = Content::new(Some(written_value(value.get_ref())), meaning);
                    self.insert(at, subject, content, (path.to_owned(), line));
                }
            }
        }
    }

    fn insert(&mut self, side: usize, subject: Subject, content: Content, place: (String, u32)) {
        let (objects, places) = match &mut self.places {
            [before, _] if side == 0 => (&mut self.before, before),
            [_, after] => (&mut self.after, after),
        };
        // As when everything is read: the first one stays.
        if let Entry::Vacant(slot) = objects.entry(subject.clone()) {
            places.insert(subject.clone(), place);
            slot.insert(Object { subject, content, origin: Origin::default() });
        }
    }

    fn settings(&mut self, before: Option<&Version>, after: Option<&Version>) {
        let change = |what| Change { subject: Subject::Settings, what, before: None, after: None };
        match (before, after) {
            (None, Some(_)) => self.whole.push(change(What::Added)),
            (Some(_), None) => self.whole.push(change(What::Removed)),
            (Some(one), Some(other)) if one.settings_id != other.settings_id => {
                for (version, side) in [(one, Side::Before), (other, Side::After)] {
                    if !version.settings.usable {
                        self.unread.push((FILE.to_owned(), side));
                    }
                }
                if !one.settings.usable || !other.settings.usable {
                    return;
                }
                for (at, version) in [one, other].into_iter().enumerate() {
                    let written = crate::impact::semantic::read_written(&version.settings.text);
                    let meaning = serde_json::to_value(&version.settings.settings).ok();
                    let content = Content::new(Some(written), meaning);
                    self.insert(at, Subject::Settings, content, (FILE.to_owned(), 1));
                }
            }
            _ => {}
        }
    }

    /// The people of a file that are not the same on both sides.
    fn people(
        &mut self,
        comparer: &Comparer<'_>,
        path: &str,
        before: (Option<&Version>, Option<ObjectId>),
        after: (Option<&Version>, Option<ObjectId>),
    ) -> Result<(), GitError> {
        let mut sides: [Option<BTreeMap<Id, (crate::model::person::Person, u32)>>; 2] = [None, None];
        for (((version, id), slot), side) in
            [before, after].into_iter().zip(&mut sides).zip([Side::Before, Side::After])
        {
            let (Some(version), Some(id)) = (version, id) else {
                *slot = Some(BTreeMap::new());
                continue;
            };
            let settings = &version.settings.settings;
            let Some(file) = settings.people.iter().find(|file| file.file == path) else {
                *slot = Some(BTreeMap::new());
                continue;
            };
            let bytes = comparer.trees.objects().blob(id, people::MAX_BYTES)?;
            let read = bytes.map(|bytes| people::read(FileId(0), bytes, settings, file));
            let Some(read) = read.filter(|read| !read.incomplete) else {
                self.unread.push((path.to_owned(), side));
                continue;
            };
            let source = SourceFile::new(path, Arc::clone(&read.text));
            let mut people = BTreeMap::new();
            for (id, person, span) in read.people {
                let line = source.line_column(span.start).line;
                people.entry(id).or_insert((person, line));
            }
            *slot = Some(people);
        }
        let [Some(old), Some(new)] = sides else { return Ok(()) };
        let content =
            |person: &crate::model::person::Person| Content::new(None, serde_json::to_value(person).ok());
        for (at, (own, other)) in [(&old, &new), (&new, &old)].into_iter().enumerate() {
            for (id, (person, line)) in own {
                if other.get(id).is_some_and(|(same, _)| same == person) {
                    continue;
                }
                let subject = Subject::Object(Kind::Person, id.to_string());
                self.insert(at, subject, content(person), (path.to_owned(), *line));
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Difference {
        let before: BTreeMap<&Subject, &Object> = self.before.iter().collect();
        let after: BTreeMap<&Subject, &Object> = self.after.iter().collect();
        let mut changes = self.whole;
        changes.extend(compare_objects(&before, &after));
        let [mut old, new] = self.places;
        old.extend(new);
        let places = changes
            .iter()
            .filter_map(|change| Some((change.subject.clone(), old.get(&change.subject)?.clone())))
            .collect();
        self.unread.sort();
        self.broken.retain(|(subject, _)| changes.iter().any(|change| change.subject == *subject));
        Difference { changes, places, unread: self.unread, broken: self.broken, missing: self.missing }
    }
}

/// What an object of a document means; none when it makes no sense.
fn meaning(
    root: &DeTable<'_>,
    kind: Kind,
    id: &str,
    value: &Spanned<DeValue<'_>>,
) -> Option<serde_json::Value> {
    Id::new(id)?;
    let pointer = format!("/{}/{}", kind.name(), escape(id));
    let fits = shape::checker(kind).check(FileId(0), root, &pointer, value, &mut Vec::new(), &mut Vec::new());
    if !fits {
        return None;
    }
    let (document, _) = decode::decode(value, |reader| kind.decode(reader)).ok()?;
    document.json().ok()
}
