//! The TOML tree: where things stand in it, and what is wrong with it whatever it means.

use std::{borrow::Cow, cmp::Ordering, collections::HashMap};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use unicode_normalization::UnicodeNormalization;

use super::{
    codes,
    text::{MAX_MISTAKES, too_many_mistakes},
};
use crate::diag::{Diagnostic, FileId, Outline, Span};
pub use crate::diag::{Located, unescape};

/// The most keys of a document.
pub const MAX_KEYS: usize = 100_000;

/// A parsed file.
pub type Table<'a> = DeTable<'a>;

/// A key as the parser gives it.
pub type Key<'a> = Spanned<Cow<'a, str>>;

/// Finds a JSON pointer in a tree. What is missing is given as the table in which it is missing.
#[must_use]
pub fn locate(root: &Table<'_>, pointer: &str) -> Located {
    let mut at = Located { key: None, value: Span::default(), exact: true };
    let mut tables: Option<&Table<'_>> = Some(root);
    let mut value: Option<&DeValue<'_>> = None;
    for segment in pointer.split('/').skip(1) {
        let segment = unescape(segment);
        let next = if let Some(table) = tables {
            table.get_key_value(segment.as_ref()).map(|(key, value)| (Some(key.span()), value))
        } else if let Some(DeValue::Array(array)) = value {
            segment.parse::<usize>().ok().and_then(|index| array.get(index)).map(|item| (None, item))
        } else {
            None
        };
        let Some((key, found)) = next else {
            at.exact = false;
            return at;
        };
        at = Located { key: key.map(Span::from), value: found.span().into(), exact: true };
        value = Some(found.get_ref());
        tables = match found.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        };
    }
    at
}

/// Where everything in a tree stands, for more than one look.
#[must_use]
pub fn outline(root: &Table<'_>) -> Outline {
    Outline::table(root.iter().map(|(key, value)| {
        let name = key.get_ref().as_ref().into();
        (name, key.span().into(), value.span().into(), inside(value.get_ref()))
    }))
}

// The parser bounds the depth of a tree, and with it the depth of this recursion.
fn inside(value: &DeValue<'_>) -> Outline {
    match value {
        DeValue::Table(table) => outline(table),
        DeValue::Array(array) => {
            Outline::array(array.iter().map(|item| (item.span().into(), inside(item.get_ref()))))
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => Outline::default(),
    }
}

/// A part of a JSON pointer.
#[must_use]
pub fn escape(segment: &str) -> Cow<'_, str> {
    if segment.contains(['~', '/']) {
        Cow::Owned(segment.replace('~', "~0").replace('/', "~1"))
    } else {
        Cow::Borrowed(segment)
    }
}

/// Looks at every key and number of a tree: numbers that do not fit, keys that look the same, too many keys.
pub fn check(file: FileId, root: &Table<'_>, found: &mut Vec<Diagnostic>) {
    let mut walk = Walk { file, keys: 0, found };
    walk.table(root);
    if walk.keys > MAX_KEYS {
        let keys = walk.keys;
        found.push(
            Diagnostic::new(
                &codes::TOO_LARGE,
                file,
                Span::default(),
                format!("a file of {keys} keys is too large"),
            )
            .help(format!("a file may have {MAX_KEYS} keys: spread the objects over several files")),
        );
    }
}

struct Walk<'f> {
    file: FileId,
    keys: usize,
    found: &'f mut Vec<Diagnostic>,
}

impl Walk<'_> {
    // The parser bounds the depth of a tree, and with it the depth of this recursion.
    fn table(&mut self, table: &Table<'_>) {
        self.keys += table.len();
        if table.keys().any(|key| !key.get_ref().is_ascii()) {
            self.same_keys(table);
        }
        for value in table.values() {
            self.value(value);
        }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) {
        let complain = |found: &mut Vec<Diagnostic>, file, message: String, help: &str| {
            match found.len().cmp(&MAX_MISTAKES) {
                Ordering::Less => {}
                Ordering::Equal => return found.push(too_many_mistakes(file, value.span().into())),
                Ordering::Greater => return,
            }
            let finding = Diagnostic::new(&codes::NOT_WHOLE, file, value.span().into(), message);
            found.push(finding.label("not a whole number that fits").help(help));
        };
        match value.get_ref() {
            DeValue::Table(table) => self.table(table),
            DeValue::Array(array) => array.iter().for_each(|item| self.value(item)),
            DeValue::Float(float) => complain(
                self.found,
                self.file,
                format!("`{}` is not a whole number", float.as_str()),
                "write a whole number, a percentage such as \"99.5%\", or a duration such as \"90m\"",
            ),
            DeValue::Integer(integer) if i64::from_str_radix(integer.as_str(), integer.radix()).is_err() => {
                complain(
                    self.found,
                    self.file,
                    format!("`{}` is too large", integer.as_str()),
                    "numbers lie between -9223372036854775808 and 9223372036854775807",
                );
            }
            DeValue::Datetime(datetime) => self.datetime(&datetime.to_string(), value.span().into()),
            DeValue::String(_) | DeValue::Integer(_) | DeValue::Boolean(_) => {}
        }
    }

    /// Dates and times that our parser reads and others refuse.
    fn datetime(&mut self, written: &str, at: Span) {
        let what = if written.starts_with("0000-") {
            "there is no year 0"
        } else if written.contains(":60") {
            "a leap second is no time of day"
        } else {
            return;
        };
        match self.found.len().cmp(&MAX_MISTAKES) {
            Ordering::Less => {}
            Ordering::Equal => return self.found.push(too_many_mistakes(self.file, at)),
            Ordering::Greater => return,
        }
        self.found.push(
            Diagnostic::new(&codes::WRONG_FORMAT, self.file, at, what)
                .label("other programs refuse this")
                .help("write a date from the year 1 on, and seconds from 0 to 59"),
        );
    }

    fn same_keys(&mut self, table: &Table<'_>) {
        let mut seen: HashMap<String, Span> = HashMap::new();
        for key in table.keys() {
            let normal: String = key.get_ref().nfc().collect();
            if let Some(first) = seen.get(&normal) {
                self.found.push(
                    Diagnostic::new(
                        &codes::SAME_KEY,
                        self.file,
                        key.span().into(),
                        format!("the key `{normal}` stands here twice, in two Unicode spellings"),
                    )
                    .label("the second one")
                    .related(self.file, *first, "the first one")
                    .help("keep one of them"),
                );
                continue;
            }
            seen.insert(normal, key.span().into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_its_value_or_to_the_table_that_lacks_it() {
        let text = "[a.b]\nc = [1, {d = 2}]\n\"x/y\" = 3\n";
        let root = DeTable::parse(text).unwrap();
        let at = |pointer: &str| {
            let located = locate(root.get_ref(), pointer);
            (text.get(located.value.range()).unwrap(), located.exact)
        };
        assert_eq!(at("/a/b/c/0"), ("1", true));
        assert_eq!(at("/a/b/c/1/d"), ("2", true));
        assert_eq!(at("/a/b/x~1y"), ("3", true));
        assert_eq!(at("/a/b/missing"), ("[a.b]", false));
        assert_eq!(at("/a/b/c/9"), ("[1, {d = 2}]", false));
    }

    #[test]
    fn an_outline_leads_where_its_tree_does() {
        let text = "[a.b]\nc = [1, {d = 2}]\n\"x/y\" = 3\n[[a.list]]\nid = \"one\"\n[[a.list]]\n[a.\"\"]\n";
        let root = DeTable::parse(text).unwrap();
        let outline = outline(root.get_ref());
        let parts =
            ["", "/a", "/b", "/c", "/list", "/0", "/1", "/9", "/d", "/x~1y", "/x~0y", "/id", "/missing"];
        let mut exact = 0;
        for one in parts {
            for two in parts {
                for pointer in [format!("{one}{two}"), format!("/a{one}{two}"), format!("/a/b{one}{two}/")] {
                    let found = locate(root.get_ref(), &pointer);
                    assert_eq!(outline.locate(&pointer), found, "{pointer}");
                    exact += usize::from(found.exact);
                }
            }
        }
        assert!(exact > 10, "some of them exist");
    }
}
