//! The report of an import: for people, and for programs.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::json::FORMAT_VERSION;
use crate::{
    import::{Problem, ProblemGroup, Report},
    load::text::is_invisible,
};

/// How many objects or fields are named in a line before the rest is only counted.
const NAMED: usize = 10;

/// The report as lines for people, without a line end after the last. `dry` tells that nothing was written.
#[must_use]
pub fn human(report: &Report, dry: bool) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let mut line = |line: String| {
        let _ = writeln!(text, "{}", visible(&line));
    };
    let plural = report.subject.plural();
    line(format!("{}: {} as {plural}", report.export, count(report.records, "record", "records")));
    line(format!(
        "  {} created, {} updated, {} unchanged, {} left out",
        report.created,
        report.updated.len(),
        report.unchanged,
        report.left_out
    ));
    for file in &report.files {
        let verb = match (dry, file.new) {
            (false, true) => "wrote",
            (false, false) => "changed",
            (true, true) => "would write",
            (true, false) => "would change",
        };
        line(format!("  {verb} `{}`", file.path));
    }
    if !report.unmapped.is_empty() {
        line(
            "columns that nothing is read from (list them as `ignore` in the map to leave them out):"
                .to_owned(),
        );
        for column in &report.unmapped {
            line(format!("  `{}`: {}", column.column, count(column.values, "value", "values")));
        }
    }
    for group in &report.problems {
        line(format!("{}:", title(group)));
        for example in &group.examples {
            let value =
                if example.value.is_empty() { String::new() } else { format!(" `{}`", example.value) };
            line(format!("  line {}, column {}:{value} {}", example.line, example.column, example.message));
        }
        let shown = group.examples.len() as u64;
        if group.count > shown {
            line(format!("  and {} more", group.count - shown));
        }
    }
    if !report.gone.is_empty() {
        let named: Vec<String> =
            report.gone.iter().take(NAMED).map(|gone| format!("`{}`", gone.id)).collect();
        let more = report.gone.len() - named.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let number = count(report.gone.len() as u64, "object is", "objects are");
        let stay = if report.gone.len() == 1 { "stays" } else { "stay" };
        line(format!("{number} no longer in the export and {stay}: {}{more}", named.join(", ")));
    }
    text.truncate(text.trim_end_matches('\n').len());
    text
}

fn title(group: &ProblemGroup) -> String {
    let records = count(group.count, "record", "records");
    let values = count(group.count, "value", "values");
    match (group.problem, &group.field) {
        (Problem::Ragged, _) => format!("{records} with more or fewer columns than the heading, left out"),
        (Problem::NoId, Some(field)) => format!("{records} without `{field}`, left out"),
        (Problem::NoId, None) => format!("{records} without an id, left out"),
        (Problem::DuplicateId, _) => format!("{records} with the id of an earlier one, left out"),
        (Problem::Collision, _) => format!(
            "{records} whose id is the same as that of another value, left out (`collisions = \"number\"` numbers them)"
        ),
        (Problem::NoService, _) => format!("{records} of services that are not in the repository, left out"),
        (Problem::InPeopleFile, _) => format!("{records} of people who are in a people file, left out"),
        (Problem::NoPlace, _) => format!("{records} whose object cannot be added to, left out"),
        (Problem::Incomplete, _) => format!("{records} that would make an incomplete object, left out"),
        (Problem::NoTranslation, field) => {
            format!("{values} of `{}` without a translation", named(field.as_ref()))
        }
        (Problem::Invalid, field) => {
            format!("{values} of `{}` that cannot be used, left out", named(field.as_ref()))
        }
    }
}

fn named(field: Option<&String>) -> &str {
    field.map(String::as_str).unwrap_or_default()
}

fn count(number: u64, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// What stands in an export never reaches a terminal raw.
fn visible(line: &str) -> String {
    let hidden = |character: char| character.is_control() || is_invisible(character);
    if !line.chars().any(hidden) {
        return line.to_owned();
    }
    let mut visible = String::with_capacity(line.len());
    for character in line.chars() {
        if hidden(character) {
            let _ = write!(visible, "\\u{{{:04x}}}", u32::from(character));
        } else {
            visible.push(character);
        }
    }
    visible
}

/// What `gitsm import csv --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm import csv --format json`")]
pub struct ImportReport<'a> {
    /// The version of this format.
    pub format_version: u32,
    /// What was imported: `service`, `person`, `team` or `entitlement`.
    pub kind: &'a str,
    /// The export.
    pub export: &'a str,
    /// Records of the export, without its heading.
    pub records: u64,
    /// Records that became new objects.
    pub created: u64,
    /// Objects that were there and were changed.
    pub updated: Vec<UpdatedObject<'a>>,
    /// Objects that were there and are as the export says.
    pub unchanged: u64,
    /// Records that are not in the repository afterwards.
    pub left_out: u64,
    /// Objects that the export no longer names. They stay.
    pub gone: Vec<GoneObject<'a>>,
    /// Columns that nothing is read from although they hold something.
    pub unmapped_columns: Vec<UnmappedColumn<'a>>,
    /// What could not be mapped.
    pub problems: Vec<ImportProblem<'a>>,
    /// The files that changed, or would.
    pub files: Vec<ImportedFile<'a>>,
    /// Whether nothing was written because of `--dry-run`.
    pub dry_run: bool,
}

/// An object that was changed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct UpdatedObject<'a> {
    /// The id; of an entitlement with its service.
    pub id: &'a str,
    /// The file that holds it.
    pub file: &'a str,
    /// The fields that differ.
    pub fields: &'a [String],
}

/// An object that the export no longer names.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct GoneObject<'a> {
    /// The id; of an entitlement with its service.
    pub id: &'a str,
    /// The file that holds it.
    pub file: &'a str,
}

/// A column that nothing is read from.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct UnmappedColumn<'a> {
    /// The heading.
    pub column: &'a str,
    /// How many records hold something there.
    pub values: u64,
}

/// Values or records that could not be mapped for the same reason.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ImportProblem<'a> {
    /// Why, as a stable name.
    pub problem: &'a str,
    /// The field, when it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'a str>,
    /// How many there are.
    pub count: u64,
    /// Whether the whole record is left out rather than one value of it.
    pub loses_record: bool,
    /// The first of them.
    pub examples: Vec<ImportExample<'a>>,
}

/// A place in the export.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ImportExample<'a> {
    /// The line, from 1.
    pub line: u64,
    /// The column of the first character, from 1.
    pub column: u64,
    /// What stands there.
    pub value: &'a str,
    /// What is wrong with it.
    pub message: &'a str,
}

/// A file that changed, or would.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ImportedFile<'a> {
    /// The path below the repository.
    pub path: &'a str,
    /// Whether it is new.
    pub new: bool,
}

/// The report for programs.
#[must_use]
pub fn json(report: &Report, dry: bool) -> ImportReport<'_> {
    ImportReport {
        format_version: FORMAT_VERSION,
        kind: report.subject.name(),
        export: &report.export,
        records: report.records,
        created: report.created,
        updated: report
            .updated
            .iter()
            .map(|one| UpdatedObject { id: &one.id, file: &one.file, fields: &one.fields })
            .collect(),
        unchanged: report.unchanged,
        left_out: report.left_out,
        gone: report.gone.iter().map(|one| GoneObject { id: &one.id, file: &one.file }).collect(),
        unmapped_columns: report
            .unmapped
            .iter()
            .map(|one| UnmappedColumn { column: &one.column, values: one.values })
            .collect(),
        problems: report
            .problems
            .iter()
            .map(|group| ImportProblem {
                problem: group.problem.name(),
                field: group.field.as_deref(),
                count: group.count,
                loses_record: group.problem.loses_record(),
                examples: group
                    .examples
                    .iter()
                    .map(|one| ImportExample {
                        line: one.line,
                        column: one.column,
                        value: &one.value,
                        message: &one.message,
                    })
                    .collect(),
            })
            .collect(),
        files: report.files.iter().map(|one| ImportedFile { path: &one.path, new: one.new }).collect(),
        dry_run: dry,
    }
}
