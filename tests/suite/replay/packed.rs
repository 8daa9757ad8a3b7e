//! Files that are packed, and files that were cut off.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::{NOW, REQUESTS, requests};
use crate::support::{Repository, command, run};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

#[test]
fn what_is_packed_gives_the_same_whatever_it_is_called() {
    let repository = Repository::base();
    repository.write("plain.csv", REQUESTS);
    let expected = requests(&repository, &["plain.csv"]);
    assert_eq!(expected.status, 0);
    for (name, bytes) in [
        ("requests.csv.gz", gzip(REQUESTS.as_bytes())),
        ("requests.csv.zst", zstandard(REQUESTS.as_bytes())),
        // Named as if it were not packed.
        ("renamed.csv", gzip(REQUESTS.as_bytes())),
    ] {
        repository.write(name, bytes);
        let run = requests(&repository, &[name]);
        assert_eq!((run.status, run.stdout), (0, expected.stdout.clone()), "{name}: {}", run.stderr);
    }
}

#[test]
fn standard_input_is_read_packed_or_not() {
    let repository = Repository::base();
    repository.write("plain.csv", REQUESTS);
    let expected = requests(&repository, &["plain.csv"]).stdout;
    for bytes in [REQUESTS.as_bytes().to_vec(), zstandard(REQUESTS.as_bytes())] {
        repository.write("input", bytes);
        let arguments = ["replay", "requests", "-", "--input-format", "csv", "--now", NOW];
        let mut command = command(&arguments, repository.path());
        command.stdin(std::fs::File::open(repository.path().join("input")).unwrap());
        let run = run(command);
        assert_eq!((run.status, &run.stdout), (0, &expected), "{}", run.stderr);
    }
    let run = requests(&repository, &["-"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("add `--input-format csv`"), "{}", run.stderr);
}

#[test]
fn a_file_that_was_cut_off_is_refused_and_nothing_of_it_is_counted() {
    let repository = Repository::base();
    for (name, bytes, packing) in [
        ("cut.csv.gz", gzip(REQUESTS.as_bytes()), "gzip"),
        ("cut.csv.zst", zstandard(REQUESTS.as_bytes()), "Zstandard"),
    ] {
        for length in [bytes.len() / 2, bytes.len() - 1] {
            repository.write(name, &bytes[..length]);
            let run = requests(&repository, &[name]);
            assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:#?}");
            let words =
                format!("the {packing} data ends in the middle: the file was cut off, so copy it again");
            assert!(run.stderr.contains(&words), "{}", run.stderr);
        }
        repository.write(name, &bytes);
        assert_eq!(requests(&repository, &[name]).status, 0);
    }
}

#[test]
fn what_follows_gzip_must_be_gzip() {
    let repository = Repository::base();
    let (first, rest) = REQUESTS.split_at(REQUESTS.find('\n').unwrap() + 1);
    let members = [gzip(first.as_bytes()), gzip(rest.as_bytes())];
    repository.write("plain.csv", REQUESTS);
    let expected = requests(&repository, &["plain.csv"]).stdout;
    repository.write("members.gz", members.concat());
    let run = requests(&repository, &["members.gz", "--input-format", "csv"]);
    assert_eq!((run.status, run.stdout), (0, expected), "{}", run.stderr);
    let whole = gzip(REQUESTS.as_bytes());
    for more in [&b"ana,mail/user\n"[..], b"\0\0\0\0", b"x"] {
        repository.write("more.csv.gz", [&whole, more].concat());
        let run = requests(&repository, &["more.csv.gz"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:#?}");
        let words = format!("the gzip data ends with byte {}, and what follows it is no gzip", whole.len());
        assert!(run.stderr.contains(&words), "{}", run.stderr);
    }
}
