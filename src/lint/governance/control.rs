//! Controls: a framework and its version, an id that exists in it, and something that shows the control works.

use super::{
    crosswalk::successor,
    framework::{Version, current_version, example, has_shape, version as standing},
};
use crate::{
    diag::{Code, code},
    lint::Context,
    model::{Entry, control::Control},
};

/// A version that is not in force.
pub(super) static VERSION: Code = code!(
    "GS6021",
    "framework-version",
    Warning,
    "a control is of a version of its framework that is replaced or not known"
);
/// An id of an earlier version.
pub(super) static RETIRED: Code = code!(
    "GS6022",
    "retired-control",
    Warning,
    "the id of a control is of an earlier version of its framework"
);
/// Not an id of the framework.
pub(super) static SHAPE: Code = code!(
    "GS6023",
    "no-such-control",
    Warning,
    "the id of a control is not written like those of its framework"
);
/// A control on paper.
pub(super) static EVIDENCE: Code =
    code!("GS6024", "control-without-evidence", Warning, "nothing shows that a control works");

fn current<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a Entry<Control>> + use<'a> {
    let controls = context.rulebook.controls.iter();
    controls.filter(|control| standing(control.framework, &control.version) == Version::Current)
}

pub(super) fn version(context: &mut Context<'_>) {
    for control in &context.rulebook.controls {
        let (framework, written) = (control.framework, &control.version);
        let newest = current_version(framework);
        let label = match standing(framework, written) {
            Version::Current => continue,
            Version::Superseded => format!("replaced by {newest}"),
            Version::Unknown => "not a version that is known".to_owned(),
        };
        let finding = context
            .report(control.at("/version"), format!("`{}` is of {framework} {written}", control.control));
        finding.label(label);
        match successor(framework, &control.control) {
            Some(now) => finding.help(format!("in {newest} it {now}")),
            None => {
                finding.help(format!("map it to {framework} {newest}, and write the id that it has there"))
            }
        };
    }
}

pub(super) fn retired(context: &mut Context<'_>) {
    for control in current(context).filter(|control| !has_shape(control.framework, &control.control)) {
        let Some(now) = successor(control.framework, &control.control) else { continue };
        context
            .report(
                control.at("/control"),
                format!("{} {} has no `{}`", control.framework, control.version, control.control),
            )
            .label("an id of an earlier version")
            .related(control.at("/version"), "the version")
            .help(format!("now it {now}"));
    }
}

pub(super) fn shape(context: &mut Context<'_>) {
    for control in current(context).filter(|control| !has_shape(control.framework, &control.control)) {
        let (framework, id) = (control.framework, &control.control);
        if successor(framework, id).is_none() {
            context
                .report(
                    control.at("/control"),
                    format!("`{id}` is not a control of {framework} {}", control.version),
                )
                .label("not such an id")
                .help(format!("write it as its publisher does, for example `{}`", example(framework)));
        }
    }
}

pub(super) fn evidence(context: &mut Context<'_>) {
    for control in &context.rulebook.controls {
        let elsewhere = control.evidence.as_ref().is_some_and(|evidence| !evidence.trim().is_empty());
        if control.rules.is_empty() && !elsewhere {
            context
                .report(control.at("/rules"), format!("nothing shows that the control `{}` works", control.id))
                .label("neither `rules` nor `evidence`")
                .help("name the objects that put it into practice, `rules = [\"guardrail:…\"]`, or where the evidence is");
        }
    }
}
