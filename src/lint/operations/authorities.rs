//! Who answers for a process of operations, and whether a change authority is somebody else and strong enough.

use crate::{
    diag::{Code, code},
    lint::{Context, access::approvals, common::lacking},
    model::{
        Document, Principal, Role,
        change_model::{ChangeModel, ChangeType},
        escalation::Escalation,
        major_incident::MajorIncident,
        routing::Routing,
        workflow::OnTimeout,
    },
};

/// A process that nobody answers for.
pub(super) static PROCESS_WITHOUT_OWNER: Code = code!(
    "GS5066",
    "process-without-owner",
    Warning,
    "nobody answers for how incidents or changes are handled"
);
/// Whoever is responsible for a change authorises it.
pub(super) static OWN_AUTHORITY: Code = code!(
    "GS5067",
    "change-owner-as-authority",
    Error,
    "whoever is responsible for a change may authorise it"
);
/// More risk, fewer people.
pub(super) static WEAKER_AUTHORITY: Code = code!(
    "GS5068",
    "weaker-authority",
    Warning,
    "a change of a higher risk is authorised by fewer people than one of a lower risk"
);

/// A process of operations, which somebody answers for.
trait Process: Document {
    /// Who answers for it.
    fn owner(&self) -> Option<&Principal>;
}

macro_rules! processes {
    ($( $kind:ty ),+) => {
        $( impl Process for $kind {
            fn owner(&self) -> Option<&Principal> {
                self.owner.as_ref()
            }
        } )+

        pub(super) fn process_without_owner(context: &mut Context<'_>) {
            $( without_owner::<$kind>(context); )+
        }
    };
}

processes!(MajorIncident, Escalation, Routing, ChangeModel);

fn without_owner<T: Process>(context: &mut Context<'_>) {
    lacking(
        context,
        "owner",
        |process: &T| process.owner().is_none(),
        |process| format!("nobody answers for the {} `{}`", T::KIND.name().replace('-', " "), process.id),
        "name the team that answers for it: `owner = \"team:…\"`",
    );
}

pub(super) fn own_authority(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let is_own = |who: &Principal| *who == Principal::Role(Role::ChangeOwner);
    for model in &rulebook.change_models {
        let freezes = model.freeze.iter().enumerate().filter_map(|(index, freeze)| {
            Some((format!("/freeze/{index}/authority"), freeze.authority.as_ref()?))
        });
        let authority =
            model.authority.iter().map(|(risk, workflow)| (format!("/authority/{risk}"), workflow));
        for (place, reference) in authority.chain(freezes) {
            let Some(workflow) = rulebook.workflows.get(reference.as_str()) else { continue };
            let stage = workflow.stage.iter().position(|stage| {
                let escalated = match &stage.on_timeout {
                    Some(OnTimeout::Escalate(to)) => to.as_slice(),
                    Some(OnTimeout::Deny) | None => &[],
                };
                stage.approvers.iter().chain(&stage.fallback).chain(escalated).any(is_own)
            });
            let Some(stage) = stage else { continue };
            context
                .report(
                    model.at(place),
                    format!("whoever is responsible for a change of `{}` may authorise it", model.id),
                )
                .label("one person proposes and agrees")
                .related(workflow.at(format!("/stage/{stage}")), "asks `role:change-owner`")
                .help("let somebody else authorise, such as a colleague or a board");
        }
    }
}

pub(super) fn weaker_authority(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let directory = context.analysis.directory();
    for model in rulebook.change_models.iter().filter(|model| model.change_type != ChangeType::Standard) {
        let authorities: Vec<_> = model
            .authority
            .iter()
            .filter_map(|(risk, reference)| {
                let workflow = rulebook.workflows.get(reference.as_str())?;
                // A workflow that asks nobody is a finding of its own.
                (!workflow.stage.is_empty()).then(|| (risk, workflow, approvals(directory, workflow)))
            })
            .collect();
        for ((low, before, many), (high, after, few)) in authorities.iter().zip(authorities.iter().skip(1)) {
            if few >= many {
                continue;
            }
            context
                .report(
                    model.at(format!("/authority/{high}")),
                    format!(
                        "a change of `{}` is authorised by {few} of `{}` when its risk is {high}, and by {many} of `{}` when it is {low}",
                        model.id, after.id, before.id
                    ),
                )
                .label("fewer people for more risk")
                .related(model.at(format!("/authority/{low}")), "more people for less risk")
                .help("swap the two, or ask more people about the higher risk");
        }
    }
}
