//! The map of ids: which row of the instance stands for which object of the rulebook.
//!
//! Most tables have no column for the id that another system gives, and those that have one (`correlation_id`, `source`)
//! have it for integrations that write into it. So every object is known by its `sys_id`, which never changes, and the map
//! says which it is. gitsm chooses the `sys_id` from the owner and the id of the object, so that it is known before the row is
//! made, is the same on every instance and in an exported project, the same on two branches, and another one for another
//! rulebook. Where the instance gives another one, or a row is taken over, the map holds that.
//!
//! Each object has a file of its own, `ids/group/network`, that is committed with the rulebook: files of two branches are
//! merged by every tool there is, and only two rows for one object are a conflict.

use std::collections::BTreeMap;

use super::api::is_id;
use crate::{
    plan::Key,
    source::{
        Directory, digest,
        directory::{Content, Entry, What},
    },
    target::{TargetError, folder::Folder, mark::Owner},
};

/// The folder of the map.
const IDS: &str = "ids";
/// The most bytes of a file of it.
const MOST_BYTES: u64 = 4096;
/// How deep ids can be: `ids/sla/gold/p1/resolve`.
const MOST_DEPTH: usize = 6;

/// The map.
#[derive(Debug, Default)]
pub(super) struct Ids {
    owner: Owner,
    ids: BTreeMap<Key, String>,
}

impl Ids {
    /// Reads the map.
    ///
    /// # Errors
    /// When a file of it cannot be read or names no `sys_id`, or when two objects have the same one.
    pub(super) fn read(root: &Folder, owner: Owner) -> Result<Self, TargetError> {
        let mut map = Self { owner, ..Self::default() };
        if let Some(folder) = root.below(IDS, false)? {
            map.read_below(root, &folder, "", 0)?;
        }
        let mut seen: BTreeMap<&str, &Key> = BTreeMap::new();
        for (key, id) in &map.ids {
            if let Some(other) = seen.insert(id, key) {
                return Err(TargetError::refused(
                    format!("`{other}` and `{key}` have the same `sys_id` in `{}/{IDS}`", root.shown()),
                    "remove the file of the one that it does not stand for",
                ));
            }
        }
        Ok(map)
    }

    fn read_below(
        &mut self,
        root: &Folder,
        folder: &Directory,
        below: &str,
        depth: usize,
    ) -> Result<(), TargetError> {
        let shown = |below: &str| format!("{}/{IDS}/{below}", root.shown());
        let failed =
            |below: &str, error| TargetError::failed(format!("cannot read `{}`", shown(below)), error);
        for Entry { name, what } in folder.entries().map_err(|error| failed(below, error))? {
            let name = name.to_string_lossy();
            let path = if below.is_empty() { name.to_string() } else { format!("{below}/{name}") };
            match what {
                What::Folder if depth < MOST_DEPTH => {
                    let inner = folder.folder(&*name).map_err(|error| failed(&path, error))?;
                    self.read_below(root, &inner, &path, depth + 1)?;
                }
                What::File => {
                    let bytes = match folder.read(&*name, MOST_BYTES).map_err(|error| failed(&path, error))? {
                        Some(Content::Bytes(bytes)) => bytes,
                        _ => Vec::new(),
                    };
                    let text = String::from_utf8_lossy(&bytes);
                    match (Key::parse(&path), text.trim()) {
                        (Some(key), id) if is_id(id) => {
                            self.ids.insert(key, id.to_owned());
                        }
                        _ => {
                            return Err(TargetError::refused(
                                format!("`{}` does not hold one `sys_id`", shown(&path)),
                                "write the one of the row that stands for the object, or remove the file",
                            ));
                        }
                    }
                }
                What::Folder | What::Link | What::Special => {
                    return Err(TargetError::refused(
                        format!("`{}` is no file of the map of ids", shown(&path)),
                        "remove it, then plan again",
                    ));
                }
            }
        }
        Ok(())
    }

    /// The objects that the map knows.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.ids.keys()
    }

    /// Whether the map knows an object.
    pub(super) fn has(&self, key: &Key) -> bool {
        self.ids.contains_key(key)
    }

    /// The `sys_id` of an object: that of the map, else the one that gitsm would choose.
    pub(super) fn id(&self, key: &Key) -> String {
        self.ids.get(key).cloned().unwrap_or_else(|| self.chosen(&key.to_string()))
    }

    /// The `sys_id` that gitsm chooses for something of this owner: always the same.
    pub(super) fn chosen(&self, called: &str) -> String {
        let mut id = digest(format!("gitsm servicenow {}:{called}", self.owner.as_str()).as_bytes());
        id.truncate(32);
        id
    }

    /// Notes the `sys_id` of an object; it is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn note(&mut self, root: &Folder, key: &Key, id: &str) -> Result<(), TargetError> {
        if self.ids.get(key).is_some_and(|known| known == id) {
            return Ok(());
        }
        root.replace(&place(key), format!("{id}\n").as_bytes())?;
        self.ids.insert(key.clone(), id.to_owned());
        Ok(())
    }

    /// Forgets an object whose row is gone for good.
    ///
    /// # Errors
    /// When its file cannot be removed.
    pub(super) fn forget(&mut self, root: &Folder, key: &Key) -> Result<(), TargetError> {
        root.remove(&place(key))?;
        self.ids.remove(key);
        Ok(())
    }
}

/// The file of an object.
fn place(key: &Key) -> String {
    format!("{IDS}/{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(at: &std::path::Path) -> Folder {
        Folder::new("servicenow", at).unwrap()
    }

    #[test]
    fn an_id_is_the_same_every_time_and_of_the_right_shape() {
        let of = |owner: &str, called: &str| Ids { owner: Owner::of(owner), ..Ids::default() }.chosen(called);
        assert_eq!(of("here", "group/network"), of("here", "group/network"));
        assert_ne!(of("here", "group/network"), of("here", "group/desk"));
        assert_ne!(of("here", "group/network"), of("there", "group/network"));
        assert!(is_id(&of("here", "group/network")));
        assert!(!is_id("") && !is_id(&"g".repeat(32)) && !is_id(&"a".repeat(33)));
    }

    #[test]
    fn what_was_noted_is_read_again_and_can_be_forgotten() {
        let at = tempfile::tempdir().unwrap();
        let root = folder(at.path());
        let (group, sla) = (Key::new("group", "network"), Key::new("sla", "gold/p1/resolve"));
        let mut ids = Ids::read(&root, Owner::default()).unwrap();
        let id = "a".repeat(32);
        ids.note(&root, &group, &id).unwrap();
        let chosen = ids.chosen("sla");
        ids.note(&root, &sla, &chosen).unwrap();
        let mut ids = Ids::read(&root, Owner::default()).unwrap();
        assert_eq!(ids.keys().collect::<Vec<_>>(), [&group, &sla]);
        assert_eq!((ids.id(&group), ids.id(&sla)), (id, chosen));
        ids.forget(&root, &group).unwrap();
        assert_eq!(ids.id(&group), ids.chosen("group/network"));
        assert_eq!(Ids::read(&root, Owner::default()).unwrap().keys().collect::<Vec<_>>(), [&sla]);
    }

    #[test]
    fn a_map_that_says_two_things_is_refused() {
        let at = tempfile::tempdir().unwrap();
        let root = folder(at.path());
        let mut ids = Ids::default();
        let id = "a".repeat(32);
        ids.note(&root, &Key::new("group", "one"), &id).unwrap();
        ids.note(&root, &Key::new("group", "two"), &id).unwrap();
        let error = Ids::read(&root, Owner::default()).unwrap_err().to_string();
        assert!(error.contains("`group/one` and `group/two` have the same `sys_id`"), "{error}");
        let file = at.path().join("servicenow/ids/group/two");
        std::fs::write(&file, format!("<<<<<<< HEAD\n{id}\n=======\n{id}\n>>>>>>> other\n")).unwrap();
        let error = Ids::read(&root, Owner::default()).unwrap_err().to_string();
        assert!(error.contains("servicenow/ids/group/two` does not hold one `sys_id`"), "{error}");
        std::fs::write(&file, ids.chosen("x")).unwrap();
        Ids::read(&root, Owner::default()).unwrap();
    }
}
