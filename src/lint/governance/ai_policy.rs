//! Policies for AI agents: wherever one acts, it is known what it may do and who takes over.

use std::collections::BTreeSet;

use crate::{
    diag::{Code, code},
    lint::{Context, organisation::identity::has_left},
    model::{Kind, Rulebook, Target, person::Employment},
};

/// An agent without rules.
pub(super) static AGENT: Code =
    code!("GS6051", "agent-without-policy", Warning, "no AI policy says what an agent may do");
/// Rules with gaps.
pub(super) static INCOMPLETE: Code = code!(
    "GS6052",
    "ai-policy-incomplete",
    Warning,
    "an AI policy leaves open who answers, which data is seen, how long it is kept or who takes over"
);
/// Rules for somebody else.
pub(super) static NOT_AN_AGENT: Code = code!(
    "GS6053",
    "ai-policy-for-no-agent",
    Warning,
    "an AI policy is for an identity that is not an agent"
);
/// An automation that decides for itself.
pub(super) static AUTOMATION: Code = code!(
    "GS6054",
    "automation-without-ai-policy",
    Warning,
    "an automation runs as an agent and follows no AI policy for it"
);

fn is_agent(rulebook: &Rulebook, id: &str) -> bool {
    rulebook.people.get(id).is_some_and(|person| person.employment == Employment::Agent)
}

pub(super) fn agent(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    let covered: BTreeSet<&str> =
        rulebook.ai_policies.iter().flat_map(|policy| &policy.agents).map(|agent| agent.as_str()).collect();
    // Agents that only run inside automations are reported with these.
    let in_automations: BTreeSet<&str> = rulebook
        .automations
        .iter()
        .filter_map(|automation| Some(automation.runs_as.as_ref()?.as_str()))
        .collect();
    for person in &rulebook.people {
        let id = person.id.as_str();
        let acts = person.employment == Employment::Agent && !has_left(person, today);
        if acts && !covered.contains(id) && !in_automations.contains(id) {
            context
                .report(person.at("/employment"), format!("no AI policy is for the agent `{id}`"))
                .label("decides for itself")
                .help(format!("write `[ai-policy.…]` with `agents = [\"{id}\"]`"));
        }
    }
}

pub(super) fn incomplete(context: &mut Context<'_>) {
    for policy in &context.rulebook.ai_policies {
        let parts = [
            ("owner", policy.owner.is_none(), "who answers for it"),
            ("data", policy.data.is_none(), "which data the agents may see"),
            ("hand-off", policy.hand_off.is_none(), "who takes over"),
            ("retention", policy.retention.is_none(), "how long prompts and answers are kept"),
            ("redact", policy.redact.is_empty(), "what is blacked out before they see it"),
        ];
        let missing = parts.iter().filter(|(_, lacks, _)| *lacks);
        let fields: Vec<String> = missing.clone().map(|(field, _, _)| format!("`{field}`")).collect();
        let Some((first, ..)) = missing.clone().next() else { continue };
        let open: Vec<&str> = missing.map(|(_, _, meaning)| *meaning).collect();
        context
            .report(
                policy.at(format!("/{first}")),
                format!("the AI policy `{}` does not say {}", policy.id, open.join(", ")),
            )
            .label(format!("no {}", fields.join(", ")))
            .help(format!("write {}", fields.join(", ")));
    }
}

pub(super) fn not_an_agent(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for policy in &rulebook.ai_policies {
        for (index, agent) in policy.agents.iter().enumerate() {
            let Some(person) = rulebook.people.get(agent.as_str()) else { continue };
            if person.employment != Employment::Agent {
                context
                    .report(
                        policy.at(format!("/agents/{index}")),
                        format!("the AI policy `{}` is for `{agent}`, who is not an agent", policy.id),
                    )
                    .label(format!("employment `{}`", person.employment))
                    .related(person.at("/employment"), "said here")
                    .help("name an agent, or write `employment = \"agent\"` for it");
            }
        }
    }
}

pub(super) fn automation(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for automation in &rulebook.automations {
        let Some(agent) = automation.runs_as.as_ref().filter(|id| is_agent(rulebook, id.as_str())) else {
            continue;
        };
        let policy =
            automation.ai_policy.as_ref().and_then(|policy| rulebook.ai_policies.get(policy.as_str()));
        if policy.is_some_and(|policy| policy.agents.contains(agent)) {
            continue;
        }
        let finding = context.report(
            automation.at(if policy.is_some() { "/ai-policy" } else { "/runs-as" }),
            format!(
                "the automation `{}` runs as the agent `{agent}` without an AI policy for it",
                automation.id
            ),
        );
        match policy {
            Some(policy) => finding
                .label("not for this agent")
                .related(policy.at("/agents"), "the agents that it is for")
                .help(format!("add `{agent}` to the agents of `{}`", policy.id)),
            None => finding.label("decides for itself").help("write `ai-policy = \"…\"`"),
        };
        if let Some(reference) = rulebook.references.iter().find(|reference| {
            reference.from.as_ref().is_some_and(|(kind, _)| *kind == Kind::AiPolicy)
                && matches!(&reference.to, Target::Object { kind: Kind::Person, id, .. } if **id == *agent.as_str())
        }) {
            finding.related(crate::lint::Location::of(reference), "this policy is for the agent");
        }
    }
}
