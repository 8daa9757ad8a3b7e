//! The `static` target: the rulebook as JSON files in a folder, ready for any web server.

mod files;
mod left_out;
mod names;
mod people;
mod publish;
mod resolve;
mod schemas;
mod support;

use serde_json::Value;

use super::{Capabilities, Row, TargetError, Written, reader, writer};
use crate::{
    model::{Id, Kind, settings::TargetType},
    plan::Key,
};

/// The folder of a target that names none.
const FOLDER: &str = TargetType::Static.folder();

/// What is known about the target.
pub(super) const ROW: Row = Row {
    target_type: TargetType::Static,
    about: "a folder of JSON files for any web server",
    capabilities: Capabilities {
        key: "the path of the file",
        update: "the file is replaced as a whole",
        delete: "the file is removed",
        lock: "a file that changed since the plan is not overwritten",
        simulate: false,
        comment: false,
    },
    page: include_str!("page.md"),
    desired: publish::desired,
    support: support::of,
    reader: reader::<files::Folder>,
    writer: writer::<files::Folder>,
    document: Some(document),
    export: None,
};

/// The document that a file stands for: what was written, without what follows from it.
fn document(key: &Key, text: &str) -> Result<Option<Written>, TargetError> {
    let Some(kind) = Kind::from_name(&key.kind) else { return Ok(None) };
    let broken = |problem: &str| {
        TargetError::refused(
            format!("the file of `{key}` cannot be taken over: {problem}"),
            "mend or remove the file, then try again",
        )
    };
    let mut value: Value = serde_json::from_str(text).map_err(|error| broken(&error.to_string()))?;
    let fields = value.get_mut("fields").map(Value::take).ok_or_else(|| broken("it has no `fields`"))?;
    if !fields.is_object() {
        return Err(broken("its `fields` are no table"));
    }
    let id = Id::new(&key.id).ok_or_else(|| broken("its name is no id"))?;
    Ok(Some(Written { kind, id, fields }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_that_can_have_limits_are_those_that_are_published() {
        let published = Kind::ALL.into_iter().filter(|kind| support::is_published(*kind)).map(Kind::name);
        let mut kinds: Vec<&str> =
            published.chain([publish::APPROVERS, names::INDEX, names::SCHEMA]).collect();
        kinds.sort_unstable();
        assert_eq!(TargetType::Static.kinds(), Some(kinds.as_slice()));
    }
}
