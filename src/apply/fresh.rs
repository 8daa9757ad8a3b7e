//! Files beside those that they become.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

/// Makes a new file in the place of whatever an earlier run, or somebody else, left there. A link is taken away and never
/// followed: what it leads to is not gitsm's.
///
/// # Errors
/// When it cannot be made, or what is there is a folder.
pub(super) fn fresh(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_link_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (link, precious) = (folder.path().join("new"), folder.path().join("precious"));
        fs::write(&precious, "precious").unwrap();
        std::os::unix::fs::symlink(&precious, &link).unwrap();
        drop(fresh(&link).unwrap());
        assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
        assert!(fs::symlink_metadata(&link).unwrap().is_file());
    }
}
