//! Writing files so that a crash leaves the old one or the new one, never half of one.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

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

fn put_with(path: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".gitsm-{}", std::process::id()));
    let temporary = path.with_file_name(hidden);
    // Made anew, never opened: what is there under this name may belong to somebody else.
    let file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
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
