//! Texts that are kept in files: compared, or written anew with `GITSM_BLESS=1`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::support::root;

/// A folder of kept texts. Every file in it must be one that a test gives.
pub struct Folder {
    path: PathBuf,
    extension: &'static str,
    seen: BTreeSet<String>,
    differing: Vec<String>,
}

impl Folder {
    /// The folder at this path below the package, of which files with this ending belong to the test.
    pub fn new(path: &str, extension: &'static str) -> Self {
        Self { path: root().join(path), extension, seen: BTreeSet::new(), differing: Vec::new() }
    }

    /// Compares a text with the file that keeps it.
    pub fn check(&mut self, name: &str, text: &str) {
        let name = format!("{name}{}", self.extension);
        let path = self.path.join(&name);
        if std::env::var_os("GITSM_BLESS").is_some() {
            fs::create_dir_all(&self.path).unwrap();
            fs::write(&path, text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        if kept != text {
            self.differing.push(format!("{name}:\n{}", difference(&kept, text)));
        }
        self.seen.insert(name);
    }

    /// Fails when a text differed, or when the folder holds a file that no test gives.
    pub fn finish(self) {
        let files = fs::read_dir(&self.path).unwrap().map(|entry| entry.unwrap());
        let extra: Vec<String> = files
            .filter(|entry| entry.file_type().unwrap().is_file())
            .map(|entry| entry.file_name().into_string().unwrap())
            .filter(|name| name.ends_with(self.extension) && !self.seen.contains(name))
            .collect();
        assert!(
            self.differing.is_empty(),
            "run with GITSM_BLESS=1 to accept:\n{}",
            self.differing.join("\n")
        );
        assert_eq!(extra, Vec::<String>::new(), "files in {} that nothing gives", self.path.display());
    }
}

/// Compares one text with the file that keeps it.
pub fn check_file(path: &str, text: &str) {
    let path: &Path = path.as_ref();
    let name = path.file_name().unwrap().to_str().unwrap();
    let mut folder = Folder::new(path.parent().unwrap().to_str().unwrap(), "");
    folder.check(name, text);
    assert!(
        folder.differing.is_empty(),
        "run with GITSM_BLESS=1 to accept:\n{}",
        folder.differing.join("\n")
    );
}

fn difference(kept: &str, text: &str) -> String {
    similar::TextDiff::from_lines(kept, text).unified_diff().context_radius(2).to_string()
}
