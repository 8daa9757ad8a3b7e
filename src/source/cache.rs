//! What was worked out before, in the cache folder of the user, so that it need not be worked out again.
//!
//! A cache never changes an answer, and can be deleted at any time. It lies with the user and not in the repository, which
//! somebody else may have made. A file that somebody else owns or can write is not looked at. What was remembered is held
//! against a digest of itself, of what it is about and of the program that remembered it; what does not fit is worked out
//! anew. Where nothing can be written, nothing is remembered.

use std::{
    collections::HashMap,
    env,
    fs::{self, File},
    io::{self, Write as _},
    ops::Range,
    path::{Path, PathBuf},
    sync::Mutex,
};

use super::{ObjectId, digest};

/// The beginning of a file. A file of another build of this program is not read.
const HEAD: &str = concat!("gitsm cache 1 ", env!("GITSM_BUILD"), "\n");
/// The most bytes of a file. What would be more is not remembered.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// The most bytes of one thing that is remembered.
const MOST_OF_ONE: usize = 1024 * 1024;
/// How much has to be new for a file to be written: below that it is worked out as quickly.
const WORTH_WRITING: usize = 64;
/// The bytes of the length before each thing.
const LENGTH: usize = 4;
/// The bytes of what a thing is about: the names of two objects.
const KEY: usize = 40;
/// The bytes of the digest behind a thing.
const CHECK: usize = 40;

/// What a remembered thing is about: two objects of Git, the first of which may be none.
pub type About = (Option<ObjectId>, ObjectId);

type Key = [u8; KEY];

/// What was worked out before.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    bytes: Vec<u8>,
    /// Where each thing with its key lies in the bytes.
    places: HashMap<Key, Range<usize>>,
    new: Mutex<New>,
}

/// What was worked out now.
#[derive(Debug, Default)]
struct New {
    count: usize,
    bytes: Vec<u8>,
}

impl Cache {
    /// Opens what is remembered under a name that can be the name of a file; none when there is no cache folder, or it is
    /// not one of this user alone.
    #[must_use]
    pub fn open(name: &str) -> Option<Self> {
        let folder = folder()?;
        make(&folder).ok()?;
        Self::open_in(&folder, name)
    }

    fn open_in(folder: &Path, name: &str) -> Option<Self> {
        if !is_own(folder, folder) {
            return None;
        }
        let path = folder.join(name);
        let bytes = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Ok(metadata) if metadata.is_file() && metadata.len() <= MOST_BYTES as u64 => {
                if !is_own(&path, folder) {
                    return None;
                }
                fs::read(&path).ok()?
            }
            _ => return None,
        };
        let bytes = if bytes.starts_with(HEAD.as_bytes()) { bytes } else { HEAD.as_bytes().to_vec() };
        let places = places(&bytes);
        Some(Self { path, bytes, places, new: Mutex::default() })
    }

    /// What is remembered about something; none when nothing is, or it is not what was remembered.
    #[must_use]
    pub fn recall(&self, about: About) -> Option<&[u8]> {
        let place = self.places.get(&key(about))?.clone();
        let (body, check) = self.bytes.get(place)?.split_last_chunk::<CHECK>()?;
        (checked(body).as_bytes() == check).then(|| body.get(LENGTH + KEY..))?
    }

    /// Remembers something, once [`Self::save`] is called.
    pub fn remember(&self, about: About, thing: &[u8]) {
        let Some(length) = u32::try_from(thing.len()).ok().filter(|_| thing.len() <= MOST_OF_ONE) else {
            return;
        };
        let body = [&length.to_le_bytes()[..], &key(about), thing].concat();
        let check = checked(&body);
        let Ok(mut new) = self.new.lock() else { return };
        if self.bytes.len() + new.bytes.len() + body.len() + CHECK <= MOST_BYTES {
            new.bytes.extend_from_slice(&body);
            new.bytes.extend_from_slice(check.as_bytes());
            new.count += 1;
        }
    }

    /// Writes down what is new, if it is worth it, in the place of the old file or not at all. That nothing can be written
    /// is no failure: it is worked out again.
    pub fn save(self) {
        let Ok(new) = self.new.into_inner() else { return };
        if new.count >= WORTH_WRITING {
            let _ = replace(&self.path, &[self.bytes.as_slice(), &new.bytes]);
        }
    }
}

/// The digest of a thing with its length and its key, as this program makes it.
fn checked(body: &[u8]) -> String {
    digest(&[HEAD.as_bytes(), body].concat())
}

fn key((before, after): About) -> Key {
    let mut key = [0; KEY];
    let (one, other) = key.split_at_mut(KEY / 2);
    // The name of no object is that of none: twenty zero bytes.
    if let Some(before) = before {
        one.copy_from_slice(before.0.as_bytes());
    }
    other.copy_from_slice(after.0.as_bytes());
    key
}

/// Where the things in a file lie. A wrong length makes wrong places, whose digests do not fit.
fn places(bytes: &[u8]) -> HashMap<Key, Range<usize>> {
    let mut places = HashMap::new();
    let mut at = HEAD.len();
    loop {
        let head = bytes.get(at..at + LENGTH + KEY).and_then(|head| head.split_first_chunk::<LENGTH>());
        let Some((length, key)) = head else { return places };
        let end = at + LENGTH + KEY + u32::from_le_bytes(*length) as usize + CHECK;
        let (Ok(key), true) = (Key::try_from(key), end <= bytes.len()) else { return places };
        places.insert(key, at..end);
        at = end;
    }
}

/// The folder of gitsm in the cache folder of the user.
fn folder() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    Some(caches.join("gitsm"))
}

/// Makes a folder that nobody else can look into, and those that it lies in.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Whether something is of this user, and nobody else can write it. Whose process this is, a new file in the folder tells.
#[cfg(unix)]
fn is_own(path: &Path, folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let own = || {
        let path = beside(&folder.join("owner"));
        let user = File::create_new(&path)?.metadata().map(|metadata| metadata.uid());
        fs::remove_file(&path)?;
        user
    };
    let metadata = fs::symlink_metadata(path);
    metadata
        .is_ok_and(|metadata| metadata.mode() & 0o022 == 0 && own().is_ok_and(|user| user == metadata.uid()))
}

/// Elsewhere the cache folder of a user is theirs alone.
#[cfg(not(unix))]
fn is_own(_: &Path, _: &Path) -> bool {
    true
}

/// A name beside a file that no other process uses.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}", std::process::id()))
}

/// Replaces a file by way of another one beside it, so that nobody reads half of it.
fn replace(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let temporary = beside(path);
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    let written = parts.iter().try_for_each(|part| file.write_all(part));
    let result = written.and_then(|()| fs::rename(&temporary, path));
    if result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(number: u8) -> About {
        let id = |byte| ObjectId(git2::Oid::from_bytes(&[byte; 20]).unwrap());
        (number.is_multiple_of(2).then(|| id(number)), id(number))
    }

    fn thing(number: u8) -> Vec<u8> {
        vec![number; usize::from(number)]
    }

    fn open(folder: &Path) -> Cache {
        Cache::open_in(folder, "test").unwrap()
    }

    /// A cache of things that are worth writing.
    fn written() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let cache = open(folder.path());
        (1..=64).for_each(|number| cache.remember(about(number), &thing(number)));
        cache.save();
        folder
    }

    #[test]
    fn what_is_remembered_comes_back_when_it_was_worth_it() {
        let folder = written();
        let cache = open(folder.path());
        for number in 1..=64 {
            assert_eq!(cache.recall(about(number)), Some(thing(number).as_slice()), "{number}");
        }
        assert_eq!(cache.recall(about(65)), None);
        cache.remember(about(65), b"few");
        cache.save();
        assert_eq!(open(folder.path()).recall(about(65)), None, "not enough was new");
        let cache = open(folder.path());
        (65..=128).for_each(|number| cache.remember(about(number), &thing(number)));
        cache.remember(about(200), &vec![0; MOST_OF_ONE + 1]);
        cache.save();
        let cache = open(folder.path());
        assert!((1..=128).all(|number| cache.recall(about(number)) == Some(thing(number).as_slice())));
        assert_eq!(cache.recall(about(200)), None, "too large");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn no_flipped_bit_and_no_missing_end_makes_another_answer() {
        let folder = written();
        let path = folder.path().join("test");
        let good = fs::read(&path).unwrap();
        let check = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            let cache = open(folder.path());
            let known = (1..=64).filter_map(|number| Some((number, cache.recall(about(number))?)));
            let known: Vec<u8> = known
                .map(|(number, bytes)| {
                    assert_eq!(bytes, thing(number));
                    number
                })
                .collect();
            known.len()
        };
        assert_eq!(check(&good), 64);
        for at in (0..400).chain((400..good.len()).step_by(29)) {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << (at % 8);
            assert!(check(&bytes) < 64, "{at}");
        }
        for length in (0..good.len()).step_by(61) {
            assert!(check(&good[..length]) < 64, "{length}");
        }
        // One in the place of another: a thing belongs to what it is about.
        let first = HEAD.len()..HEAD.len() + LENGTH + KEY + 1 + CHECK;
        let mut bytes = good[..first.end].to_vec();
        bytes[HEAD.len() + LENGTH + KEY / 2..][..KEY / 2].fill(2);
        assert_eq!(check(&bytes), 0);
    }

    #[cfg(unix)]
    #[test]
    fn what_others_can_write_is_not_looked_at() {
        use std::os::unix::fs::PermissionsExt;
        let folder = written();
        let path = folder.path().join("test");
        let opens = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
            Cache::open_in(folder.path(), "test").is_some()
        };
        assert!(!opens(&path, 0o620) && !opens(&path, 0o602) && opens(&path, 0o644));
        assert!(!opens(folder.path(), 0o770) && opens(folder.path(), 0o755));
    }
}
