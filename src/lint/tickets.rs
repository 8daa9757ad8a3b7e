//! What holds for every ticket or change before a rule about it is read.

use std::collections::BTreeSet;

use crate::{
    diag::Place,
    model::{
        Priority, Rulebook,
        change_model::{ChangeModel, ChangeType},
        condition::{Condition, Literal, Operator, Test},
        priority_matrix::PriorityMatrix,
        routing::{Routing, TicketKind},
        service::Environment,
    },
};

/// A test that nobody wrote.
fn is(namespace: &str, name: &str, value: &str) -> Condition {
    Condition::Test(Test {
        namespace: namespace.into(),
        name: name.into(),
        operator: Operator::Is,
        operands: vec![Literal::Text(value.into())],
        key: Place::default(),
        place: Place::default(),
    })
}

/// What holds for every change of a type.
pub(super) fn changes_of_type(change_type: ChangeType) -> Condition {
    is("change", "type", change_type.name())
}

/// What holds for every change of an environment.
pub(super) fn changes_in(environment: Environment) -> Condition {
    is("change", "environment", environment.name())
}

/// What holds for every change that follows a model: it is of that type and fits the condition.
pub(super) fn changes_of(model: &ChangeModel) -> Condition {
    let when = model.when.iter().map(|when| Condition::clone(when));
    Condition::All(std::iter::once(changes_of_type(model.change_type)).chain(when).collect())
}

/// What holds for every ticket whose priority comes from one of some matrices: nothing in particular when
/// there is none, or one has no priority for a combination, which is a finding of its own.
fn priorities_of(matrices: &[&PriorityMatrix]) -> Condition {
    let mut cells = Vec::new();
    for matrix in matrices {
        let along = |axis: &str, value: &str| {
            matches!(axis, "impact" | "urgency").then(|| is("incident", axis, value))
        };
        for row in &matrix.rows {
            for column in &matrix.columns {
                let Some(priority) = matrix.priority(row, column).map(Priority::as_str) else {
                    return Condition::All(Vec::new());
                };
                let axes = along(&matrix.row_axis, row).into_iter().chain(along(&matrix.column_axis, column));
                cells.push(Condition::All(axes.chain([is("incident", "priority", priority)]).collect()));
            }
        }
    }
    if cells.is_empty() { Condition::All(cells) } else { Condition::Any(cells) }
}

fn matrix_of<'a>(rulebook: &'a Rulebook, routing: &Routing) -> Option<&'a PriorityMatrix> {
    Some(&rulebook.priority_matrices.get(routing.priority_matrix.as_ref()?.as_str())?.value)
}

/// What holds for every ticket that a routing is about.
pub(super) fn tickets_of(rulebook: &Rulebook, routing: &Routing) -> Condition {
    priorities_of(matrix_of(rulebook, routing).as_slice())
}

/// What holds for every incident: its priority comes from the matrix of a routing of incidents.
pub(super) fn incidents(rulebook: &Rulebook) -> Condition {
    let routings = rulebook.routings.iter().filter(|routing| routing.tickets == TicketKind::Incident);
    let matrices: Option<Vec<&PriorityMatrix>> =
        routings.map(|routing| matrix_of(rulebook, routing)).collect();
    priorities_of(&matrices.unwrap_or_default())
}

/// The words that the priority matrices have for an impact or urgency; empty for any other attribute.
pub(super) fn words_of_matrices<'a>(rulebook: &'a Rulebook, test: &Test) -> BTreeSet<&'a str> {
    let name = &*test.name;
    let mut words = BTreeSet::new();
    if &*test.namespace != "incident" || !matches!(name, "impact" | "urgency") {
        return words;
    }
    for matrix in &rulebook.priority_matrices {
        // An axis with another name may well stand for the same.
        let other = matrix.row_axis != name && matrix.column_axis != name;
        if other || matrix.row_axis == name {
            words.extend(matrix.value.rows.iter().map(String::as_str));
        }
        if other || matrix.column_axis == name {
            words.extend(matrix.value.columns.iter().map(String::as_str));
        }
    }
    words
}

/// Whether the matrices can have a say in a condition: it tests what they speak about, in their words. One
/// that is in no matrix is a finding of its own.
pub(super) fn is_about_priority(rulebook: &Rulebook, condition: &Condition) -> bool {
    let (mut about, mut known) = (false, true);
    condition.tests(&mut |test, _| {
        let name = matches!(&*test.name, "impact" | "urgency" | "priority");
        about |= &*test.namespace == "incident" && name;
        let words = words_of_matrices(rulebook, test);
        let is_known = |literal: &Literal| matches!(literal, Literal::Text(word) if words.contains(&**word));
        let open = words.is_empty() || matches!(test.operator, Operator::Glob | Operator::Exists);
        known &= open || test.operands.iter().all(is_known);
    });
    about && known
}
