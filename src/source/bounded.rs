//! Files that are read to their end, but never further than they may go.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use super::SourceError;

/// Opens a file that somebody named, wherever it lies.
///
/// # Errors
/// When it is not there or cannot be opened, or is a link, a folder, a pipe or a device: what has no end of its
/// own, or would be another file than the one that was named, is never opened.
pub fn open(path: &Path) -> Result<File, SourceError> {
    open_sized(path).map(|(file, _)| file)
}

/// A file and how many bytes it had when it was opened.
fn open_sized(path: &Path) -> Result<(File, u64), SourceError> {
    let failed = |source| SourceError::Read { path: path.to_owned(), source };
    let not_a_file = || SourceError::NotAFile { path: path.display().to_string() };
    // Looked at before it is opened: opening a pipe waits for somebody who writes into it.
    if !fs::symlink_metadata(path).map_err(failed)?.is_file() {
        return Err(not_a_file());
    }
    let file = File::open(path).map_err(failed)?;
    // And once more, in case something else was put there in between.
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_file() { Ok((file, metadata.len())) } else { Err(not_a_file()) }
}

/// The bytes of a file that somebody named, wherever it lies; at most `limit` of them.
///
/// # Errors
/// As [`open`], and when the file is larger or cannot be read.
pub fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, SourceError> {
    let (file, length) = open_sized(path)?;
    match take(file, length, limit) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(SourceError::TooLarge { path: path.display().to_string(), limit }),
        Err(source) => Err(SourceError::Read { path: path.to_owned(), source }),
    }
}

/// Everything that can be read, or nothing when that is more than `limit` bytes. About `length` are expected.
pub(super) fn take(from: impl Read, length: u64, limit: u64) -> io::Result<Option<Vec<u8>>> {
    // One more, so that the end is seen without growing.
    let expected = usize::try_from(length.min(limit)).unwrap_or_default().saturating_add(1);
    let mut bytes = Vec::with_capacity(expected);
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(if bytes.len() as u64 > limit { None } else { Some(bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_bytes_as_allowed_are_read_and_one_more_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "four").unwrap();
        assert_eq!(read_bounded(&path, 4).unwrap(), b"four");
        assert!(matches!(read_bounded(&path, 3), Err(SourceError::TooLarge { limit: 3, .. })));
        assert!(matches!(read_bounded(folder.path(), 4), Err(SourceError::NotAFile { .. })));
        let missing = read_bounded(&folder.path().join("missing"), 4);
        assert!(matches!(missing, Err(SourceError::Read { .. })), "{missing:?}");
    }

    #[test]
    #[cfg(unix)]
    fn links_and_devices_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        fs::write(folder.path().join("file"), "text").unwrap();
        std::os::unix::fs::symlink(folder.path().join("file"), &link).unwrap();
        for path in [link.as_path(), Path::new("/dev/zero")] {
            let read = read_bounded(path, 100);
            assert!(matches!(read, Err(SourceError::NotAFile { .. })), "{read:?}");
        }
    }
}
