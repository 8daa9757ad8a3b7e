//! Priority matrices: total, monotone, and in known words.

use std::collections::BTreeSet;

use crate::{
    diag::{Code, Safety, code},
    lint::Context,
    load::{suggest::nearest, tree::escape, words::list},
    model::{Rulebook, priority_matrix::PriorityMatrix},
};

/// A combination without a priority.
pub(super) static MATRIX_INCOMPLETE: Code =
    code!("GS5001", "matrix-incomplete", Error, "a priority matrix has no priority for a combination");
/// A cell of a row or column that does not exist.
pub(super) static MATRIX_UNKNOWN_CELL: Code = code!(
    "GS5002",
    "matrix-unknown-cell",
    Error,
    "a cell of a priority matrix is in a row or column that does not exist"
);
/// A row or column twice.
pub(super) static MATRIX_DUPLICATE: Code =
    code!("GS5003", "matrix-duplicate", Error, "a priority matrix names a row, a column or an axis twice");
/// A worse case with a less urgent priority.
pub(super) static MATRIX_NOT_MONOTONE: Code =
    code!("GS5004", "matrix-not-monotone", Error, "a worse impact or urgency gives a less urgent priority");
/// A priority that no ticket gets.
pub(super) static UNUSED_PRIORITY: Code =
    code!("GS5005", "unused-priority", Note, "no cell of any priority matrix gives a priority");

pub(super) fn matrix_incomplete(context: &mut Context<'_>) {
    for matrix in &context.rulebook.priority_matrices {
        // A misspelt row lacks its cells; the spelling is the finding.
        if !unknown_cells(matrix).is_empty() {
            continue;
        }
        let rows = matrix.rows.iter();
        let missing: Vec<(&str, &str)> = rows
            .flat_map(|row| matrix.columns.iter().map(move |column| (row.as_str(), column.as_str())))
            .filter(|(row, column)| matrix.priority(row, column).is_none())
            .collect();
        let Some((row, column)) = missing.first() else { continue };
        let texts: Vec<String> = missing.iter().map(|(row, column)| format!("{row}.{column}")).collect();
        context
            .report(
                matrix.at("/cell"),
                format!(
                    "the priority matrix `{}` has no priority for {}",
                    matrix.id,
                    list(texts.iter().map(String::as_str))
                ),
            )
            .note(format!(
                "a ticket with the {} `{row}` and the {} `{column}` would have no priority and no clock",
                matrix.row_axis, matrix.column_axis
            ))
            .help(format!("add `cell.{row}.{column} = \"…\"`"));
    }
}

/// A row or column of a cell that the matrix does not list.
struct Unknown<'a> {
    pointer: String,
    what: &'static str,
    written: &'a str,
    /// The rows or columns that may have been meant: those without a cell here.
    open: Vec<&'a str>,
}

fn unknown_cells(matrix: &PriorityMatrix) -> Vec<Unknown<'_>> {
    let mut unknown = Vec::new();
    for (row, cells) in &matrix.cell {
        let pointer = format!("/cell/{}", escape(row));
        if !matrix.rows.contains(row) {
            let open = matrix.rows.iter().filter(|known| !matrix.cell.contains_key(*known));
            let open = open.map(String::as_str).collect();
            unknown.push(Unknown { pointer, what: "row", written: row, open });
            continue;
        }
        for column in cells.keys().filter(|column| !matrix.columns.contains(column)) {
            let open = matrix.columns.iter().filter(|known| !cells.contains_key(*known));
            let open = open.map(String::as_str).collect();
            let pointer = format!("{pointer}/{}", escape(column));
            unknown.push(Unknown { pointer, what: "column", written: column, open });
        }
    }
    unknown
}

pub(super) fn matrix_unknown_cell(context: &mut Context<'_>) {
    for matrix in &context.rulebook.priority_matrices {
        for Unknown { pointer, what, written, open } in unknown_cells(matrix) {
            let finding = context
                .report(
                    matrix.at(pointer).key(),
                    format!("the priority matrix `{}` has no {what} `{written}`", matrix.id),
                )
                .related(matrix.at(format!("/{what}s")), format!("the {what}s"));
            match nearest(written, open) {
                Some(near) => {
                    finding.help(format!("did you mean `{near}`?")).replace_with(
                        format!("write `{near}`"),
                        key(near),
                        Safety::Suggestion,
                    );
                }
                None => {
                    finding.help(format!("add it to `{what}s`, or remove the cell"));
                }
            }
        }
    }
}

/// A name as a TOML key.
fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.is_empty() && name.bytes().all(bare) { name.to_owned() } else { format!("{name:?}") }
}

pub(super) fn matrix_duplicate(context: &mut Context<'_>) {
    for matrix in &context.rulebook.priority_matrices {
        for (what, names) in [("row", &matrix.rows), ("column", &matrix.columns)] {
            let mut seen = BTreeSet::new();
            for (index, name) in names.iter().enumerate().filter(|(_, name)| !seen.insert(name.as_str())) {
                context
                    .report(
                        matrix.at(format!("/{what}s/{index}")),
                        format!("the priority matrix `{}` names the {what} `{name}` twice", matrix.id),
                    )
                    .help("remove one, or give it the name that was meant");
            }
        }
        if matrix.row_axis == matrix.column_axis {
            context
                .report(
                    matrix.at("/column-axis"),
                    format!(
                        "rows and columns of the priority matrix `{}` are both the {}",
                        matrix.id, matrix.row_axis
                    ),
                )
                .related(matrix.at("/row-axis"), "the same")
                .help("name what each stands for: `row-axis = \"impact\"` and `column-axis = \"urgency\"`");
        }
    }
}

/// The place of a priority in the order of urgency, 0 the most urgent.
fn urgency(rulebook: &Rulebook, priority: &str) -> Option<usize> {
    rulebook.settings.project.priorities.iter().position(|known| known.as_str() == priority)
}

pub(super) fn matrix_not_monotone(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for matrix in &rulebook.priority_matrices {
        let rows = matrix.rows.iter().zip(matrix.rows.iter().skip(1));
        let steps = rows.flat_map(|(worse, better)| {
            matrix.columns.iter().map(move |column| ((worse, column), (better, column), &matrix.row_axis))
        });
        let columns = matrix.columns.iter().zip(matrix.columns.iter().skip(1));
        let across = columns.flat_map(|(worse, better)| {
            matrix.rows.iter().map(move |row| ((row, worse), (row, better), &matrix.column_axis))
        });
        for (worse, better, axis) in steps.chain(across) {
            let (Some(less), Some(more)) =
                (matrix.priority(worse.0, worse.1), matrix.priority(better.0, better.1))
            else {
                continue;
            };
            let (Some(of_worse), Some(of_better)) =
                (urgency(rulebook, less.as_str()), urgency(rulebook, more.as_str()))
            else {
                continue;
            };
            if of_worse <= of_better {
                continue;
            }
            let at = |cell: (&String, &String)| format!("/cell/{}/{}", escape(cell.0), escape(cell.1));
            let name = |cell: (&String, &String)| format!("`{}.{}`", cell.0, cell.1);
            context
                .report(
                    matrix.at(at(worse)),
                    format!(
                        "{} is `{less}`, less urgent than the `{more}` of {}, although its {axis} is worse",
                        name(worse),
                        name(better)
                    ),
                )
                .related(matrix.at(at(better)), format!("`{more}`"))
                .help(format!(
                    "give {} at least `{more}`, or order the rows and columns from the worst on",
                    name(worse)
                ));
        }
    }
}

pub(super) fn unused_priority(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let Some(matrix) = rulebook.priority_matrices.iter().next() else { return };
    let given: BTreeSet<&str> = rulebook
        .priority_matrices
        .iter()
        .flat_map(|matrix| matrix.value.cell.values().flat_map(|cells| cells.values()))
        .map(crate::model::Priority::as_str)
        .collect();
    let priorities = rulebook.settings.project.priorities.iter().map(crate::model::Id::as_str);
    let unused: Vec<&str> = priorities.filter(|priority| !given.contains(priority)).collect();
    if unused.is_empty() {
        return;
    }
    context
        .report(matrix.at("/cell"), format!("no cell gives the priority {}", list(unused.iter().copied())))
        .note("its targets are never used, unless somebody sets it by hand")
        .help("give it to a cell, or take it out of `project.priorities`");
}
