//! Writing files so that a crash leaves the old one or the new one, never half of one.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use anyhow::bail;

use crate::source::{Directory, Source as _, WorkTree, directory::What};

/// Replaces a file by way of a temporary one beside it. Permissions stay.
///
/// # Errors
/// When there is no such file, or something cannot be written; the old file is then still there.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let permissions = fs::metadata(path)?.permissions();
    put_with(path, bytes, Some(permissions))
}

/// Writes a file, which is replaced when it is there, and made with the folders that it lies in when not.
///
/// # Errors
/// When something cannot be written; an old file is then still there.
pub(super) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) => put_with(path, bytes, Some(metadata.permissions())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            put_with(path, bytes, None)
        }
        Err(error) => Err(error),
    }
}

/// Writes a file that must not be there yet.
///
/// # Errors
/// When it is there or cannot be written; then nothing of it is left behind.
pub(super) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let result = fill(file, bytes, None);
    if result.is_err() {
        let _ = fs::remove_file(path);
    }
    result
}

/// Writes a file that must not be there yet at a path below a folder, with the folders that it lies in. No link is
/// followed on the way.
///
/// # Errors
/// When it is there, a link is in the way, or it cannot be written; then nothing of it is left behind.
pub(super) fn create_below(root: &Path, path: &str, bytes: &[u8]) -> io::Result<()> {
    let mut folder = Directory::open(root)?;
    let (below, name) = path.rsplit_once('/').unwrap_or(("", path));
    for part in below.split('/').filter(|part| !part.is_empty()) {
        folder = match folder.make_folder(part) {
            Ok(next) => next,
            Err(_) if matches!(folder.what(part), Ok(Some(What::Link))) => {
                return Err(io::Error::other(format!("`{part}` is a link, so it can lead anywhere")));
            }
            Err(error) => return Err(error),
        };
    }
    let result = fill(folder.new_file(name)?, bytes, None).and_then(|()| folder.sync());
    if result.is_err() {
        // The failure is what is reported.
        let _ = folder.remove(name);
    }
    result
}

/// Makes sure that nobody changed a file of a repository since it was read: that it holds exactly this text and
/// can be reached without a link, or, when it was not there, that it is still not there or empty.
///
/// # Errors
/// When it was changed. A file that is not UTF-8 counts as changed: its text was made readable when it was read.
pub(super) fn unchanged(root: &Path, path: &str, before: Option<&str>) -> anyhow::Result<()> {
    if is_as_read(root, path, before) {
        return Ok(());
    }
    bail!("`{path}` was changed while it was looked at, so nothing was written: run the command again")
}

/// Whether a file is as it was read.
#[must_use]
pub(super) fn is_as_read(root: &Path, path: &str, before: Option<&str>) -> bool {
    let text = before.unwrap_or_default();
    match WorkTree::new(root).read(path, text.len() as u64) {
        Ok(Some(bytes)) => bytes == text.as_bytes(),
        Ok(None) => before.is_none(),
        Err(_) => false,
    }
}

fn put_with(path: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".gitsm-{}", std::process::id()));
    let temporary = path.with_file_name(hidden);
    // Made anew, never opened: what is there under this name may belong to somebody else.
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if permissions.is_some() {
        // Until it has the permissions of the old file, nobody else reads what is in it.
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let file = options.open(&temporary)?;
    let result = fill(file, bytes, permissions).and_then(|()| fs::rename(&temporary, path));
    if result.is_err() {
        // The failure is what is reported; a file that is left over does no harm.
        let _ = fs::remove_file(&temporary);
    }
    result
}

fn fill(mut file: File, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_writing_keeps_its_promise_and_leaves_no_other_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.toml");
        assert_eq!(replace(&path, b"1").unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(create(&path, b"1").unwrap_err().kind(), io::ErrorKind::NotFound, "no folder is made");
        put(&path, b"1").unwrap();
        put(&path, b"2").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"2");
        replace(&path, b"3").unwrap();
        assert_eq!(create(&path, b"4").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"3");
        create(&path.with_file_name("c.toml"), b"5").unwrap();
        let mut names: Vec<_> =
            fs::read_dir(folder.path().join("a")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["b.toml", "c.toml"]);
        // A folder is in the way.
        assert!(put(&folder.path().join("a"), b"6").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_somebody_changed_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let is = |before| is_as_read(folder.path(), "a", before);
        assert!(is(None) && !is(Some("")) && !is(Some("1")), "not there");
        fs::write(folder.path().join("a"), "").unwrap();
        assert!(is(None) && is(Some("")) && !is(Some("1")), "empty");
        fs::write(folder.path().join("a"), "1").unwrap();
        assert!(is(Some("1")) && !is(None) && !is(Some("2")) && !is(Some("12")) && !is(Some("")));
        fs::write(folder.path().join("a"), b"\xff").unwrap();
        assert!(!is(Some("\u{fffd}")), "not UTF-8");
        assert!(unchanged(folder.path(), "a", Some("1")).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn permissions_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "1").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        put(&path, b"2").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
