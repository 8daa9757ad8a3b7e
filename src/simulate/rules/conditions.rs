//! Every condition that the schemas know, and where it stands in a document.

use crate::model::{AnyDocument, Id, Kind, Selector, condition::Condition};

/// A field that holds a condition.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The kind of document.
    pub kind: Kind,
    /// The field, as a path in which `*` is any of a list: `rule/*/when`.
    pub field: &'static str,
    /// The condition in a document, of one of its parts where there are several.
    find: Find,
}

/// Finds a condition in a document, to change it.
type Find = for<'d> fn(&'d mut AnyDocument, Option<&Id>) -> Option<&'d mut Condition>;

/// Every field that holds a condition. A test compares them with the schemas.
pub const CONDITIONS: [Row; 9] = [
    Row {
        kind: Kind::Access,
        field: "rule/*/when",
        find: |document, part| match document {
            AnyDocument::Access(policy) => {
                policy.rule.iter_mut().find(|rule| Some(&rule.id) == part).map(|rule| &mut *rule.when)
            }
            _ => None,
        },
    },
    Row {
        kind: Kind::Guardrail,
        field: "when",
        find: |document, _| match document {
            AnyDocument::Guardrail(guardrail) => Some(&mut *guardrail.when),
            _ => None,
        },
    },
    Row {
        kind: Kind::RequestType,
        field: "available-when",
        find: |document, _| match document {
            AnyDocument::RequestType(request_type) => request_type.available_when.as_deref_mut(),
            _ => None,
        },
    },
    Row {
        kind: Kind::Workflow,
        field: "stage/*/approvers-when",
        find: |document, part| match document {
            AnyDocument::Workflow(workflow) => {
                let stage = workflow.stage.iter_mut().find(|stage| Some(&stage.id) == part)?;
                stage.approvers_when.as_deref_mut()
            }
            _ => None,
        },
    },
    Row {
        kind: Kind::Bundle,
        field: "when",
        find: |document, _| match document {
            AnyDocument::Bundle(bundle) => Some(&mut *bundle.when),
            _ => None,
        },
    },
    Row {
        kind: Kind::ChangeModel,
        field: "when",
        find: |document, _| match document {
            // A model without a condition is for every change of its type.
            AnyDocument::ChangeModel(model) => Some(&mut **model.when.get_or_insert_default()),
            _ => None,
        },
    },
    Row {
        kind: Kind::ChangeModel,
        field: "risk/*/when",
        find: |document, part| match document {
            AnyDocument::ChangeModel(model) => {
                model.risk.iter_mut().find(|rule| Some(&rule.id) == part).map(|rule| &mut *rule.when)
            }
            _ => None,
        },
    },
    Row {
        kind: Kind::MajorIncident,
        field: "when",
        find: |document, _| match document {
            AnyDocument::MajorIncident(definition) => Some(&mut *definition.when),
            _ => None,
        },
    },
    Row {
        kind: Kind::Routing,
        field: "rule/*/when",
        find: |document, part| match document {
            AnyDocument::Routing(routing) => {
                routing.rule.iter_mut().find(|rule| Some(&rule.id) == part).map(|rule| &mut *rule.when)
            }
            _ => None,
        },
    },
];

/// The condition of a rule in its document, to change it; none where nothing is written.
#[must_use]
pub fn condition<'d>(document: &'d mut AnyDocument, rule: &Selector) -> Option<&'d mut Condition> {
    let is_of_part = rule.part.is_some();
    let row = CONDITIONS.iter().find(|row| row.kind == rule.kind && row.field.contains('*') == is_of_part)?;
    (row.find)(document, rule.part.as_ref())
}
