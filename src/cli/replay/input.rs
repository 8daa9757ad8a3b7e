//! The file that is replayed: how it is written, how its columns are read, and where its bad rows go.

use std::{
    fs::File,
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

use super::progress::Progress;
use crate::{
    cli::output::Output,
    load::{
        replay_map::{self, MapError},
        rows::{Rejected, Row, Rows, Sort},
    },
    model::replay_map::ReplayMap,
    report::{Report, human, summary::plural},
    simulate::replay::{Observer, Reject, Threshold},
    source,
};

/// The most bytes of a map.
const MOST_BYTES: u64 = 1 << 20;

/// What every replay takes.
#[derive(Debug, Args)]
pub(super) struct Input {
    /// The rows: CSV whose first line names the columns, or JSON Lines; `-` for standard input. What gzip or
    /// Zstandard packed is unpacked.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How the rows are written [default: what the name ends with: `.csv`, `.tsv`, `.jsonl`, `.ndjson`].
    #[arg(long = "input-format", value_enum, value_name = "FORMAT")]
    written_as: Option<InputFormat>,
    /// A map from columns to fields, in TOML; its schema is schemas/replay-map.schema.json.
    #[arg(long, value_name = "MAP")]
    map: Option<PathBuf>,
    /// Read a field from a column, in place of what the map says. Without a map, fields are also read from columns of
    /// their own name.
    #[arg(long = "column", value_name = "FIELD=COLUMN", value_parser = field_and_column)]
    columns: Vec<(String, String)>,
    /// What separates the columns, instead of what the map says: a character, or `tab`.
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// Write rows that cannot be used into this file, each with the reason.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// How many rows that cannot be used are no finding.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(super) allow_rejects: u64,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum InputFormat {
    /// Columns.
    Csv,
    /// An object on each line.
    JsonLines,
}

fn field_and_column(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, column)) if !field.trim().is_empty() && !column.trim().is_empty() => {
            Ok((field.trim().to_owned(), column.trim().to_owned()))
        }
        _ => Err("write the field, `=` and the column: `requester=Requested for`".to_owned()),
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" | b"\t" => Ok(b'\t'),
        [byte] if byte.is_ascii_graphic() && *byte != b'"' || *byte == b' ' => Ok(*byte),
        _ => Err("write one character, such as `;`, or `tab`".to_owned()),
    }
}

/// A file that is open.
pub(super) struct Opened {
    pub(super) rows: Rows,
    pub(super) map: Option<ReplayMap>,
    sort: Sort,
    delimiter: u8,
}

impl Input {
    /// The name of the file in messages.
    pub(super) fn name(&self) -> String {
        if self.is_standard_input() {
            "standard input".to_owned()
        } else {
            format!("`{}`", self.file.display())
        }
    }

    /// The columns that flags name, by field.
    pub(super) fn columns(&self) -> &[(String, String)] {
        &self.columns
    }

    fn is_standard_input(&self) -> bool {
        self.file == Path::new("-")
    }

    /// Opens the file and reads the map.
    pub(super) fn open(&self, output: &mut Output) -> anyhow::Result<Opened> {
        let map = self.map.as_deref().map(|path| read_map(path, output)).transpose()?;
        let (sort, by_name) = self.sort()?;
        let by_map = map.as_ref().and_then(|map| map.delimiter.as_deref()).map(delimiter);
        let by_map = by_map.transpose().map_err(|why| anyhow::anyhow!("`delimiter` of the map: {why}"))?;
        let delimiter = self.delimiter.or(by_map).unwrap_or(by_name);
        let stream = if self.is_standard_input() {
            source::unpacked(io::stdin()).context("standard input cannot be read")?
        } else {
            source::stream(&self.file)?
        };
        let rows = Rows::new(stream, sort, delimiter);
        let rows = rows.with_context(|| format!("{} cannot be replayed", self.name()))?;
        Ok(Opened { rows, map, sort, delimiter })
    }

    /// How the rows are written, and what usually separates their columns.
    fn sort(&self) -> anyhow::Result<(Sort, u8)> {
        let name = self.file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let name = [".gz", ".zst"].iter().find_map(|packed| name.strip_suffix(packed)).unwrap_or(&name);
        let ends = |ending: &str| name.ends_with(ending);
        let tab = if ends(".tsv") { b'\t' } else { b',' };
        Ok(match self.written_as {
            Some(InputFormat::Csv) => (Sort::Csv, tab),
            Some(InputFormat::JsonLines) => (Sort::JsonLines, b','),
            None if ends(".csv") || ends(".tsv") => (Sort::Csv, tab),
            None if [".jsonl", ".ndjson", ".json"].into_iter().any(ends) => (Sort::JsonLines, b','),
            None => bail!(
                "the name of {} does not say how its rows are written: add `--input-format csv` or `--input-format json-lines`",
                self.name()
            ),
        })
    }

    /// Why a command does not end with 0: how many rows were read, how many things they told of and what these are,
    /// how many rows were rejected, and the limits.
    pub(super) fn complaints(
        &self,
        (rows, found, what): (u64, u64, &str),
        rejected: u64,
        thresholds: &[Threshold],
    ) -> Vec<String> {
        let mut all = Vec::new();
        if rows == 0 {
            all.push(format!("{} holds no rows, so nothing was replayed", self.name()));
        } else if found == 0 {
            all.push(format!("no row told of a {what}, so nothing was replayed"));
        }
        if rejected > self.allow_rejects {
            let rows = counted(rejected, "row");
            all.push(format!(
                "{rows} rejected: mend them, or allow so many with `--allow-rejects {rejected}`"
            ));
        }
        for threshold in thresholds.iter().filter(|threshold| threshold.crossed) {
            let (flag, limit) = (threshold.flag, threshold.limit);
            all.push(match threshold.of {
                Some(of) => format!("{flag} {limit} is crossed: {} of {of}", threshold.count),
                None => format!("{flag} {limit} cannot be checked: no row says what it is about"),
            });
        }
        all
    }

    /// What sees the rows of a file go by.
    pub(super) fn watch(&self, opened: &Opened) -> anyhow::Result<Watch> {
        let rejects = self.rejects.as_deref().map(|path| {
            let same = || Some(path.canonicalize().ok()? == self.file.canonicalize().ok()?);
            if same() == Some(true) {
                bail!("`--rejects` names the file that is replayed: name another one");
            }
            let file = File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?;
            let columns = opened.rows.columns().unwrap_or_default();
            let rejected = Rejected::new(BufWriter::new(file), opened.sort, columns, opened.delimiter);
            rejected.with_context(|| format!("cannot write `{}`", path.display()))
        });
        Ok(Watch { rejects: rejects.transpose()?, progress: Progress::new() })
    }
}

fn read_map(path: &Path, output: &mut Output) -> anyhow::Result<ReplayMap> {
    let bytes = source::read_bounded(path, MOST_BYTES)?;
    let read = replay_map::read(&path.display().to_string(), bytes);
    if let Err(MapError { found, sources }) = &read {
        let report = Report::about(found, sources);
        for diagnostic in found {
            let text = human::diagnostic(diagnostic, &report, Output::talk_style());
            output.talk_rendered(&format!("{text}\n"))?;
        }
    }
    Ok(read?)
}

/// So many of something, in words.
pub(super) fn counted(count: u64, word: &str) -> String {
    plural(usize::try_from(count).unwrap_or(usize::MAX), word)
}

/// What sees rows go by: it writes bad ones down, and says how far the replay has come.
pub(super) struct Watch {
    rejects: Option<Rejected<BufWriter<File>>>,
    progress: Progress,
}

impl Observer for Watch {
    fn rejected(&mut self, row: &Row, reject: &Reject) -> io::Result<()> {
        self.rejects.as_mut().map_or(Ok(()), |rejects| rejects.write(row, &reject.why))
    }

    fn read(&mut self, rows: u64) {
        self.progress.show(rows);
    }
}

impl Watch {
    /// Makes sure that rejected rows are written, and clears what was said meanwhile.
    pub(super) fn finish(&mut self) -> anyhow::Result<()> {
        self.progress.clear();
        let finished = self.rejects.as_mut().map_or(Ok(()), Rejected::finish);
        finished.context("rejected rows cannot be written down")
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.progress.clear();
    }
}
