//! Changes taken apart, so that it shows which of them are about the same thing.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::impact::semantic::{Change, Edit, EditKind, Subject, What};

/// A change of one thing: of an object, a field of it or an entry of a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Atom {
    /// The object is new, gone or called otherwise.
    Whole(What),
    /// A field changed; of a list in which only the presence of an entry matters, one entry.
    Field(Box<Edit>),
}

impl Atom {
    /// Whether two changes of an object are about the same thing.
    pub(super) fn touches(&self, other: &Self) -> bool {
        match (self, other) {
            // Another name is no other content.
            (Self::Whole(What::Renamed { .. }), Self::Field(_))
            | (Self::Field(_), Self::Whole(What::Renamed { .. })) => false,
            (Self::Whole(_), _) | (_, Self::Whole(_)) => true,
            (Self::Field(one), Self::Field(other)) => touches(one, other),
        }
    }
}

/// Whether two edits are about the same thing.
fn touches(one: &Edit, other: &Edit) -> bool {
    use EditKind::{Entries, Order, Renamed, Value};
    let holds = |outer: &Edit, inner: &Edit| inner.path.starts_with(&outer.path);
    match (&one.what, &other.what) {
        (Value { .. }, Value { .. }) => holds(one, other) || holds(other, one),
        (Entries { added, removed }, Entries { added: more, removed: less }) => {
            let entries = |added: &[serde_json::Value], removed: &[serde_json::Value]| {
                added.iter().chain(removed).cloned().collect::<Vec<_>>()
            };
            one.path == other.path && {
                let known = entries(more, less);
                entries(added, removed).iter().any(|entry| known.contains(entry))
            }
        }
        (Value { .. }, Entries { .. } | Order { .. } | Renamed { .. }) => holds(one, other),
        (Entries { .. } | Order { .. } | Renamed { .. }, Value { .. }) => holds(other, one),
        (Order { .. }, Order { .. }) | (Renamed { .. }, Renamed { .. }) => one.path == other.path,
        _ => false,
    }
}

/// The changes of each object, taken apart. Objects are called as `names` says.
pub(super) fn atoms(changes: &[Change], names: &BTreeMap<Subject, Subject>) -> BTreeMap<Subject, Vec<Atom>> {
    let mut found: BTreeMap<Subject, Vec<Atom>> = BTreeMap::new();
    for change in changes {
        let name = names.get(&change.subject).unwrap_or(&change.subject);
        let atoms = match &change.what {
            What::Changed(edits) => edits.iter().flat_map(apart).map(Box::new).map(Atom::Field).collect(),
            What::Renamed { from } => {
                // Under the name that it had, it is gone.
                if let Subject::Object(kind, _) = change.subject {
                    let old = Subject::Object(kind, from.clone());
                    found.entry(old).or_default().push(Atom::Whole(What::Removed));
                }
                vec![Atom::Whole(change.what.clone())]
            }
            what => vec![Atom::Whole(what.clone())],
        };
        found.entry(name.clone()).or_default().extend(atoms);
    }
    found
}

/// An edit, with one entry each where it is one of a list without an order.
fn apart(edit: &Edit) -> Vec<Edit> {
    let EditKind::Entries { added, removed } = &edit.what else { return vec![edit.clone()] };
    let one = |added: &[Value], removed: &[Value]| Edit {
        what: EditKind::Entries { added: added.to_vec(), removed: removed.to_vec() },
        ..edit.clone()
    };
    let added = added.iter().map(|entry| one(std::slice::from_ref(entry), &[]));
    added.chain(removed.iter().map(|entry| one(&[], std::slice::from_ref(entry)))).collect()
}

/// What was taken apart, put together again.
pub(super) fn changes(subject: &Subject, atoms: Vec<Atom>) -> Vec<Change> {
    let (mut edits, mut whole): (Vec<Edit>, Vec<What>) = (Vec::new(), Vec::new());
    for atom in atoms {
        match atom {
            Atom::Whole(what) => whole.push(what),
            Atom::Field(edit) => match (edits.last_mut(), &edit.what) {
                (
                    Some(Edit { path, what: EditKind::Entries { added, removed }, .. }),
                    EditKind::Entries { added: more, removed: less },
                ) if *path == edit.path => {
                    added.extend(more.iter().cloned());
                    removed.extend(less.iter().cloned());
                }
                _ => edits.push(*edit),
            },
        }
    }
    // What is new or gone as a whole has no fields besides.
    let what = whole.pop().unwrap_or(What::Changed(edits));
    vec![Change { subject: subject.clone(), what, before: None, after: None }]
}

/// A change without the edits that are not about any of some others; none when nothing is left. Where nobody knows what is
/// about what, all of it stays.
pub(super) fn within(change: Change, others: &[&Change], open: bool) -> Option<Change> {
    if open {
        return Some(change);
    }
    let of = |change: &Change| {
        let mut atoms = atoms(std::slice::from_ref(change), &BTreeMap::new());
        atoms.remove(&change.subject).unwrap_or_default()
    };
    let about = others.iter().filter(|other| other.subject == change.subject);
    let known: Vec<Atom> = about.flat_map(|other| of(other)).collect();
    let mut own = of(&change);
    own.retain(|atom| known.iter().any(|other| other.touches(atom)));
    if own.is_empty() { None } else { changes(&change.subject, own).pop() }
}
