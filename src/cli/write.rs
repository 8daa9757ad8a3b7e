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
/// When something cannot be written; the old file is then still there.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".gitsm-{}", std::process::id()));
    let temporary = path.with_file_name(hidden);
    let result = write_new(&temporary, bytes, fs::metadata(path)?.permissions())
        .and_then(|()| fs::rename(&temporary, path));
    if result.is_err() {
        // The failure is what is reported; a file that is left over does no harm.
        let _ = fs::remove_file(&temporary);
    }
    result
}

fn write_new(path: &Path, bytes: &[u8], permissions: fs::Permissions) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.set_permissions(permissions)?;
    file.sync_all()
}
