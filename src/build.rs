//! Names the program by what it is made of, so that nothing is read that another build of it remembered.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks with cargo")]

use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hasher as _},
    path::{Path, PathBuf},
};

fn main() {
    let mut files = BTreeSet::new();
    for place in ["Cargo.lock", "Cargo.toml", "src"] {
        println!("cargo::rerun-if-changed={place}");
        gather(Path::new(place), &mut files);
    }
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(file.to_string_lossy().as_bytes());
        hasher.write(&fs::read(&file).unwrap_or_default());
    }
    println!("cargo::rustc-env=GITSM_BUILD={:016x}", hasher.finish());
}

/// The files at a path and below it.
fn gather(path: &Path, files: &mut BTreeSet<PathBuf>) {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| gather(&entry.path(), files)),
        Err(_) => drop(files.insert(path.to_owned())),
    }
}
