//! What may have changed for changes without its being told: it is named as not compared.

use super::{Commitments, Unknown, side::Side, times::Times};
use crate::{
    impact::decisions::{Redeclared, panels},
    model::{Kind, Ref, Selector, change_model::ChangeModel, workflow::Workflow},
};

/// Names the change models of which not everything could be compared.
pub(super) fn compare(times: &Times<'_, '_>, found: &mut Commitments) {
    let [old, new] = times.sides;
    let other = Redeclared::of(old.rulebook(), new.rulebook());
    let (mut declared, mut asked) = (Vec::new(), Vec::new());
    for model in &new.rulebook().change_models {
        let selector = || Selector { kind: Kind::ChangeModel, id: model.id.clone(), part: None };
        let by_risk = model.value.risk.iter().map(|rule| &*rule.when);
        if by_risk.chain(model.value.when.as_deref()).any(|when| other.are_read(when)) {
            declared.push(selector());
        }
        if workflows(&model.value).any(|workflow| asks_others(times.sides, workflow)) {
            asked.push(selector());
        }
    }
    let mut add = |subjects: Vec<Selector>, why: &str| {
        if !subjects.is_empty() {
            found.unknown.push(Unknown { subjects, why: why.to_owned() });
        }
    };
    add(declared, "attributes are declared otherwise, which conditions may read");
    add(asked, "whoever answers for some services is somebody else, or is asked otherwise");
}

/// The workflows that authorise changes.
fn workflows(model: &ChangeModel) -> impl Iterator<Item = &Ref<Workflow>> {
    model.authority.values().chain(model.freeze.iter().filter_map(|freeze| freeze.authority.as_ref()))
}

/// Whether a workflow asks others for changes of some service, and not for all changes alike, which is told.
fn asks_others(sides: &[Side<'_>; 2], workflow: &Ref<Workflow>) -> bool {
    let [old, new] = sides;
    let asked = |side: &Side<'_>, service: Option<&str>| {
        let rulebook = side.rulebook();
        let service: Option<&_> = service.and_then(|id| rulebook.services.get(id));
        let workflow = rulebook.workflows.get(workflow.as_str())?;
        Some(panels(&side.engine, workflow, None, service, side.instant))
    };
    if asked(old, None) != asked(new, None) {
        return false;
    }
    let services = new.rulebook().services.iter().map(|service| service.id.as_str());
    let mut both = services.filter(|id| old.rulebook().services.get(id).is_some());
    both.any(|id| asked(old, Some(id)) != asked(new, Some(id)))
}
