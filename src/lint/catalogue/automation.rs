//! Automations: what a machine may do alone must be known beforehand and written down afterwards.

use crate::{
    diag::{Code, code},
    lint::{
        Context,
        common::{blank, lacking},
    },
    model::automation::Automation,
};

/// An automation nobody answers for.
pub(super) static OWNER: Code =
    code!("GS2061", "automation-without-owner", Warning, "nobody answers for an automation");
/// An automation without an edge.
pub(super) static CONDITIONS: Code = code!(
    "GS2062",
    "automation-without-conditions",
    Warning,
    "an automation does not say when it starts or when it is done"
);
/// An automation without a trace.
pub(super) static LOG: Code = code!(
    "GS2063",
    "automation-without-log",
    Warning,
    "an automation does not say where it writes down what it did"
);
/// An automation without limits.
pub(super) static GUARDRAILS: Code = code!(
    "GS2064",
    "automation-without-guardrails",
    Warning,
    "an automation does not say what it must never do"
);

pub(super) fn owner(context: &mut Context<'_>) {
    lacking(
        context,
        "owner",
        |automation: &Automation| automation.owner.is_none(),
        |automation| format!("the automation `{}` has no owner", automation.id),
        "name the team that answers for it: `owner = \"team:…\"`",
    );
}

pub(super) fn conditions(context: &mut Context<'_>) {
    lacking(
        context,
        "starts-when",
        |automation: &Automation| blank(automation.starts_when.as_ref()),
        |automation| format!("the automation `{}` does not say when it starts", automation.id),
        "say what must be the case: `starts-when = \"the request is approved\"`",
    );
    lacking(
        context,
        "done-when",
        |automation: &Automation| blank(automation.done_when.as_ref()),
        |automation| format!("the automation `{}` does not say when it is done", automation.id),
        "say how success is seen: `done-when = \"the person is a member of the group\"`",
    );
}

pub(super) fn log(context: &mut Context<'_>) {
    lacking(
        context,
        "log",
        |automation: &Automation| blank(automation.log.as_ref()),
        |automation| format!("the automation `{}` leaves no trace", automation.id),
        "say where its log is found: `log = \"…\"`",
    );
}

pub(super) fn guardrails(context: &mut Context<'_>) {
    lacking(
        context,
        "guardrails",
        |automation: &Automation| automation.guardrails.iter().all(|text| text.trim().is_empty()),
        |automation| format!("the automation `{}` has no guardrail", automation.id),
        "say what it must never do: `guardrails = [\"never …\"]`",
    );
}
