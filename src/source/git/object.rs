//! Commits and trees from their bytes.
//!
//! Where two programs could read an object differently it is refused: a reviewer who looks at it with one of them
//! would agree to something else than what the other one decides by.

use std::{fmt, str};

/// The name of an object: the SHA-1 of what it holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub(in crate::source) git2::Oid);

impl ObjectId {
    /// The first twelve digits, which tell commits of any usual repository apart.
    #[must_use]
    pub fn short(&self) -> String {
        self.0.to_string().chars().take(12).collect()
    }

    /// From the 40 digits of a name.
    pub(super) fn from_hex(digits: &[u8]) -> Option<Self> {
        let digits = str::from_utf8(digits).ok().filter(|digits| digits.len() == 40)?;
        if digits.bytes().any(|digit| digit.is_ascii_uppercase()) {
            return None;
        }
        git2::Oid::from_str(digits).ok().map(Self)
    }
}

/// The SHA-1 of some bytes, as 40 hexadecimal digits. Bytes that were made to have the SHA-1 of others are noticed and
/// have another one here.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    let id = git2::Oid::hash_object(git2::ObjectType::Blob, bytes);
    id.map_or_else(|_| format!("{:040}", bytes.len()), |id| id.to_string())
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What an entry of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A file, executable or not.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A commit of another repository.
    Submodule,
    /// A mode that Git does not write.
    Odd(u32),
}

impl Mode {
    /// The mode from its bits, as an index holds them.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        match bits {
            0o100_644 | 0o100_755 => Self::File,
            0o40_000 => Self::Folder,
            0o120_000 => Self::Link,
            0o160_000 => Self::Submodule,
            other => Self::Odd(other),
        }
    }

    /// The mode from its octal digits. Git writes no leading zero.
    fn from_digits(digits: &[u8]) -> Option<Self> {
        let digits = str::from_utf8(digits).ok()?;
        let bits = u32::from_str_radix(digits, 8).ok().filter(|_| !digits.starts_with('+'))?;
        Some(if digits.starts_with('0') { Self::Odd(bits) } else { Self::from_bits(bits) })
    }
}

/// An entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// The name, in whatever bytes it was written.
    pub name: Box<[u8]>,
    /// What it is.
    pub mode: Mode,
    /// What it holds.
    pub id: ObjectId,
}

/// The entries of a tree, in Git's order.
///
/// # Errors
/// In words, when an entry is damaged, has a name that leads somewhere else, or stands twice or in the wrong place.
pub(super) fn tree(bytes: &[u8]) -> Result<Vec<TreeEntry>, String> {
    let mut entries: Vec<TreeEntry> = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let entry = || {
            let space = rest.iter().position(|byte| *byte == b' ')?;
            let (mode, after) = (rest.get(..space)?, rest.get(space + 1..)?);
            let end = after.iter().position(|byte| *byte == 0)?;
            let (name, after) = (after.get(..end)?, after.get(end + 1..)?);
            let id = git2::Oid::from_bytes(after.get(..20)?).ok()?;
            Some((Mode::from_digits(mode)?, name, ObjectId(id), after.get(20..)?))
        };
        let Some((mode, name, id, after)) = entry() else { return Err("ends in the middle".to_owned()) };
        rest = after;
        let shown = || String::from_utf8_lossy(name).escape_debug().to_string();
        if is_misleading(name) {
            return Err(format!("has an entry called `{}`", shown()));
        }
        // In the right order, only what begins with a name can stand between two of it: a file and a folder.
        let mut before =
            entries.iter().rev().map(|entry| &entry.name).take_while(|other| other.starts_with(name));
        if before.any(|other| **other == *name) {
            return Err(format!("has two entries called `{}`", shown()));
        }
        let new = TreeEntry { name: name.into(), mode, id };
        if entries.last().is_some_and(|last| sort_key(last).ge(sort_key(&new))) {
            return Err(format!("has `{}` in the wrong place", shown()));
        }
        entries.push(new);
    }
    Ok(entries)
}

/// Git sorts folders as if their names ended with a slash.
fn sort_key(entry: &TreeEntry) -> impl Iterator<Item = u8> {
    let slash = (entry.mode == Mode::Folder).then_some(b'/');
    entry.name.iter().copied().chain(slash)
}

/// Names that are no names of files below their folder.
fn is_misleading(name: &[u8]) -> bool {
    matches!(name, b"" | b"." | b"..") || name.contains(&b'/') || name.eq_ignore_ascii_case(b".git")
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub id: ObjectId,
    /// What the repository held.
    pub tree: ObjectId,
    /// The commits before it; the first one is what a merge went into.
    pub parents: Vec<ObjectId>,
    /// Who wrote the change, by their own account.
    pub author: Signed,
    /// Who made the commit, by their own account.
    pub committer: Signed,
    /// Whether there is a signature, which nobody has verified here.
    pub signature: Signature,
    /// What was said about it.
    pub message: String,
}

/// A name with a date, as somebody's Git was set up to write them: nothing about it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Seconds since 1970; none when what was written is no date.
    pub seconds: Option<i64>,
}

/// Whether a commit carries a signature. It is not verified: that needs keys that somebody trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// There is none.
    Unsigned,
    /// One of `OpenPGP`.
    OpenPgp,
    /// One of SSH.
    Ssh,
    /// One of X.509.
    X509,
    /// Several, or one in a form that is not known.
    Odd,
}

impl Commit {
    /// The first line of the message.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim()
    }

    /// The number of the pull request that the message names. Anybody can write one: it is a hint.
    #[must_use]
    pub fn pull_request(&self) -> Option<u64> {
        let subject = self.subject();
        let digits = |text: &str| {
            let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
            text.get(..end)?.parse().ok()
        };
        if let Some(rest) = subject.strip_prefix("Merge pull request #") {
            return digits(rest);
        }
        if let Some(inner) = subject.strip_suffix(')').and_then(|text| text.rsplit_once("(#")) {
            return inner.1.parse().ok();
        }
        let last = self.message.lines().rev().find_map(|line| line.strip_prefix("See merge request "))?;
        digits(last.rsplit_once('!')?.1)
    }
}

/// Reads a commit.
///
/// # Errors
/// In words, when a field is missing, stands twice or in another place than Git puts it.
pub(super) fn commit(id: ObjectId, bytes: &[u8]) -> Result<Commit, String> {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    let head = end.map_or(bytes, |end| bytes.get(..=end).unwrap_or_default());
    let body = end.and_then(|end| bytes.get(end + 2..)).unwrap_or_default();
    if head.contains(&0) {
        return Err("has a zero byte in its header".to_owned());
    }
    let mut fields: Vec<(&[u8], Vec<u8>)> = Vec::new();
    for line in head.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        if let Some(more) = line.strip_prefix(b" ") {
            let Some((_, value)) = fields.last_mut() else { return Err("begins in the middle".to_owned()) };
            value.push(b'\n');
            value.extend_from_slice(more);
            continue;
        }
        let space = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
        let (name, value) = line.split_at(space);
        fields.push((name, value.get(1..).unwrap_or_default().to_vec()));
    }
    let order = |name: &[u8]| match name {
        b"tree" => 0,
        b"parent" => 1,
        b"author" => 2,
        b"committer" => 3,
        _ => 4,
    };
    if !fields.is_sorted_by_key(|(name, _)| order(name)) {
        return Err("has its fields in the wrong order".to_owned());
    }
    let all = |wanted: &'static [u8]| fields.iter().filter(move |(name, _)| *name == wanted);
    let one = |wanted: &'static [u8]| {
        let shown = String::from_utf8_lossy(wanted).into_owned();
        let mut values = all(wanted).map(|(_, value)| value.as_slice());
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value),
            (None, _) => Err(format!("has no {shown}")),
            (Some(_), Some(_)) => Err(format!("has two fields `{shown}`")),
        }
    };
    let name = |value: &[u8]| ObjectId::from_hex(value).ok_or_else(|| "names no object".to_owned());
    let encoding = all(b"encoding").next().map(|(_, value)| value.as_slice());
    Ok(Commit {
        id,
        tree: name(one(b"tree")?)?,
        parents: all(b"parent").map(|(_, value)| name(value)).collect::<Result<_, _>>()?,
        author: signed(one(b"author")?, encoding),
        committer: signed(one(b"committer")?, encoding),
        signature: signature(fields.iter().map(|(name, value)| (*name, value.as_slice()))),
        message: decode(body, encoding),
    })
}

/// `Ana Lima <ana@example.com> 1700000000 +0100`.
fn signed(value: &[u8], encoding: Option<&[u8]>) -> Signed {
    let text = decode(value, encoding);
    let (who, rest) = text.rsplit_once('>').unwrap_or((text.as_str(), ""));
    let (name, email) = who.split_once('<').unwrap_or((who, ""));
    let seconds = rest.trim().split(' ').next().and_then(|seconds| seconds.parse().ok());
    Signed { name: name.trim().to_owned(), email: email.to_owned(), seconds }
}

/// The signature among the fields. One that holds several, or has a name of another kind of repository, is verified
/// differently by different programs.
fn signature<'f>(fields: impl Iterator<Item = (&'f [u8], &'f [u8])>) -> Signature {
    let mut found = fields.filter(|(name, _)| name.starts_with(b"gpgsig"));
    match (found.next(), found.next()) {
        (None, _) => Signature::Unsigned,
        (Some((b"gpgsig", value)), None) if begins_once(value) => match value {
            value if value.starts_with(b"-----BEGIN PGP ") => Signature::OpenPgp,
            value if value.starts_with(b"-----BEGIN SSH ") => Signature::Ssh,
            value if value.starts_with(b"-----BEGIN SIGNED MESSAGE") => Signature::X509,
            _ => Signature::Odd,
        },
        _ => Signature::Odd,
    }
}

fn begins_once(value: &[u8]) -> bool {
    value.windows(11).filter(|part| *part == b"-----BEGIN ").count() == 1
}

/// Text in the encoding that the commit names. Latin-1 is the one that old histories use; what is in none of the two
/// shows where it was.
fn decode(bytes: &[u8], encoding: Option<&[u8]>) -> String {
    let latin = |name: &[u8]| {
        [&b"ISO-8859-1"[..], b"latin1", b"ISO8859-1"].iter().any(|known| name.eq_ignore_ascii_case(known))
    };
    if encoding.is_some_and(latin) {
        return bytes.iter().map(|byte| char::from(*byte)).collect();
    }
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mode: &str, name: &[u8]) -> Vec<u8> {
        [mode.as_bytes(), b" ", name, &[0], &[7; 20]].concat()
    }

    #[test]
    fn a_tree_is_read_only_if_all_programs_read_it_the_same() {
        let good = [entry("100644", b"a.b"), entry("40000", b"a"), entry("100755", b"a0")].concat();
        let names: Vec<_> = tree(&good).unwrap().into_iter().map(|entry| entry.name.to_vec()).collect();
        assert_eq!(names, [b"a.b".to_vec(), b"a".to_vec(), b"a0".to_vec()]);
        for (bytes, expected) in [
            ([entry("100644", b"a"), entry("100644", b"a")].concat(), "has two entries called `a`"),
            (
                [entry("100644", b"a"), entry("100644", b"a.b"), entry("40000", b"a")].concat(),
                "has two entries called `a`",
            ),
            ([entry("100644", b"b"), entry("100644", b"a")].concat(), "has `a` in the wrong place"),
            (entry("100644", b".."), "has an entry called `..`"),
            (entry("40000", b".GIT"), "has an entry called `.GIT`"),
            (entry("100644", b"a/b"), "has an entry called `a/b`"),
            (entry("100644", b""), "has an entry called ``"),
            (good[..good.len() - 1].to_vec(), "ends in the middle"),
            (entry("rw", b"a"), "ends in the middle"),
        ] {
            assert_eq!(tree(&bytes).unwrap_err(), expected);
        }
    }

    #[test]
    fn a_mode_that_git_does_not_write_is_seen() {
        for (digits, mode) in [
            ("100644", Mode::File),
            ("40000", Mode::Folder),
            ("040000", Mode::Odd(0o40_000)),
            ("100664", Mode::Odd(0o100_664)),
        ] {
            assert_eq!(tree(&entry(digits, b"a")).unwrap()[0].mode, mode, "{digits}");
        }
    }

    fn read(text: &str) -> Result<Commit, String> {
        commit(ObjectId(git2::Oid::ZERO_SHA1), text.as_bytes())
    }

    const TREE: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";
    const WHO: &str = "author Ana <ana@example.com> 5 +0000\ncommitter Ben <ben@example.com> 6 -0100\n";

    #[test]
    fn a_commit_is_read_only_if_all_programs_read_it_the_same() {
        let good =
            read(&format!("{TREE}{WHO}gpgsig -----BEGIN SSH SIGNATURE-----\n abc\n\nSubject\n\nMore\n"));
        let good = good.unwrap();
        assert_eq!((good.author.name.as_str(), good.author.seconds), ("Ana", Some(5)));
        assert_eq!((good.committer.email.as_str(), good.committer.seconds), ("ben@example.com", Some(6)));
        assert_eq!((good.subject(), good.signature), ("Subject", Signature::Ssh));
        for (text, expected) in [
            (format!("{TREE}{TREE}{WHO}\nx"), "has two fields `tree`"),
            (format!("{WHO}\nx"), "has no tree"),
            (format!("{TREE}{WHO}{WHO}\nx"), "has its fields in the wrong order"),
            (format!("{TREE}parent 12\n{WHO}\nx"), "names no object"),
            (format!("{TREE}{WHO}x \0\n\nx"), "has a zero byte in its header"),
        ] {
            assert_eq!(read(&text).unwrap_err(), expected);
        }
    }

    #[test]
    fn odd_dates_names_and_encodings_are_read() {
        let who = "author  <> 99999999999999999999 +0000\ncommitter \u{1b} <x> nothing\n";
        let odd = read(&format!("{TREE}{who}\n")).unwrap();
        assert_eq!((odd.author.seconds, odd.committer.seconds, odd.subject()), (None, None, ""));
        let latin = [format!("{TREE}{WHO}encoding ISO-8859-1\n\n").as_bytes(), &[0xfc]].concat();
        assert_eq!(commit(ObjectId(git2::Oid::ZERO_SHA1), &latin).unwrap().message, "ü");
    }

    #[test]
    fn the_pull_request_is_the_one_that_the_message_names() {
        for (message, number) in [
            ("Merge pull request #12 from a/b\n\nTitle", Some(12)),
            ("Title (#7)", Some(7)),
            ("Title (#7) more", None),
            ("Title\n\nSee merge request group/project!9\n", Some(9)),
            ("fixes #3", None),
        ] {
            assert_eq!(read(&format!("{TREE}{WHO}\n{message}")).unwrap().pull_request(), number, "{message}");
        }
    }
}
