//! Names of files that every system can hold, and back.

use crate::plan::Key;

/// The version of the interface, and the folder that holds it.
pub(super) const VERSION: &str = "v1";

/// The kind of the indexes.
pub(super) const INDEX: &str = "index";
/// The kind of the schemas.
pub(super) const SCHEMA: &str = "schema";
/// The id of the index of everything.
pub(super) const EVERYTHING: &str = "everything";

/// What Windows takes for a device, whatever stands behind the first dot.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The path of an object below the folder.
#[must_use]
pub(super) fn path(key: &Key) -> String {
    match &*key.kind {
        INDEX if &*key.id == EVERYTHING => "index.json".to_owned(),
        INDEX => format!("{VERSION}/{}/index.json", key.id),
        SCHEMA => format!("{VERSION}/schema/{}.schema.json", key.id),
        kind => format!("{VERSION}/{kind}/{}.json", stem(&key.id)),
    }
}

/// The object that a path belongs to; none when no object has it.
#[must_use]
pub(super) fn key(path: &str) -> Option<Key> {
    if path == "index.json" {
        return Some(Key::new(INDEX, EVERYTHING));
    }
    let (kind, name) = path.strip_prefix(VERSION)?.strip_prefix('/')?.split_once('/')?;
    let key = if let (SCHEMA, Some(id)) = (kind, name.strip_suffix(".schema.json")) {
        Key::new(SCHEMA, id)
    } else if name == "index.json" {
        Key::new(INDEX, kind)
    } else {
        Key::new(kind, &name.strip_suffix(".json")?.replacen('=', "", 1))
    };
    // Only what is written so is ours: another way to write it would be another file, and no id has a folder in it.
    (!key.id.is_empty() && !key.id.contains('/') && self::path(&key) == path).then_some(key)
}

/// The name of a file without its ending. Ids are in lower case, have no other signs than `.`, `_` and `-`, and start
/// with a letter or digit, so that only devices of Windows and the index have to be kept apart: by `=`, which no id has.
fn stem(id: &str) -> String {
    let (first, rest) = id.split_at(id.find('.').unwrap_or(id.len()));
    let port = first.strip_prefix("com").or_else(|| first.strip_prefix("lpt"));
    let is_port = port.is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']));
    if DEVICES.contains(&first) || is_port || id == INDEX { format!("{first}={rest}") } else { id.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn devices_and_the_index_have_other_names() {
        for (kind, id, expected) in [
            ("service", "mail", "v1/service/mail.json"),
            ("service", "con", "v1/service/con=.json"),
            ("service", "con.sole", "v1/service/con=.sole.json"),
            ("service", "console", "v1/service/console.json"),
            ("service", "com1", "v1/service/com1=.json"),
            ("service", "com", "v1/service/com.json"),
            ("service", "com10", "v1/service/com10.json"),
            ("service", "lpt9.x", "v1/service/lpt9=.x.json"),
            ("service", "index", "v1/service/index=.json"),
            ("service", "index.a", "v1/service/index.a.json"),
            ("index", "service", "v1/service/index.json"),
            ("index", "everything", "index.json"),
            ("schema", "service", "v1/schema/service.schema.json"),
        ] {
            let made = Key::new(kind, id);
            assert_eq!(path(&made), expected);
            assert_eq!(key(expected), Some(made));
        }
    }

    #[test]
    fn what_is_written_otherwise_is_no_object() {
        for path in [
            "",
            "v1",
            "v1/service",
            "v1/service/",
            "v1/service/.json",
            "v1/service/con.json",
            "v1/service/a=.json",
            "v1/service/a.txt",
            "v2/service/a.json",
            "v1/service/x/a.json",
            "service/a.json",
            "v1/service/index==.json",
        ] {
            assert_eq!(key(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_two_objects_share_a_file(one in "[a-z0-9][a-z0-9._-]{0,63}", other in "[a-z0-9][a-z0-9._-]{0,63}") {
            let of = |id: &str| path(&Key::new("service", id));
            prop_assert_eq!(key(&of(&one)), Some(Key::new("service", &one)));
            prop_assert_eq!(of(&one).to_lowercase() == of(&other).to_lowercase(), one == other);
            prop_assert!(of(&one).rsplit('/').next().unwrap().len() <= 70);
        }
    }
}
